"""One errand of the demonstration: its case, its two places, and the people who carry it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tongban.accounts.demo_counties import COUNTIES
from tongban.cases.words import ADVERSE
from tongban.demonstration import pacing
from tongban.demonstration.building import Built, DemonstrationFailed, tongban
from tongban.demonstration.papers import as_filed_by, file_for
from tongban.demonstration.people import Json, Person
from tongban.kernel.time.clock import OFFICIAL, official_day

# Which office of a demo county answers for a guide template: the login of its people, and the example form.
DATA = Path(__file__).parents[1] / "catalogue/data/guides"
LOGINS = {
    "human_resources": "hrss", "disabled_federation": "cdpf", "health": "health", "market_supervision": "market",
    "notary": "notary", "traffic_police": "traffic", "medical_insurance": "medical",
}  # fmt: skip


@dataclass(slots=True)
class Neighbourhood:
    """The nodes that run, and the clock they share."""

    folder: Path
    nodes: dict[str, Built]
    people: dict[tuple[str, str], Person] = field(default_factory=dict)
    offerings: dict[tuple[str, str], str] = field(default_factory=dict)  # codes found, by name and division
    pause: float = 0.0  # seconds that people take before an act

    def person(self, key: str, login: str, *, staff: bool = True, post: str = "desk") -> Person:
        """Return somebody of a county by login (without its prefix)."""
        node = self.nodes[key]
        if (key, login) not in self.people:
            self.people[key, login] = Person(
                node, f"{node.node.prefix}-{login}", staff=staff, post=post, pause=self.pause
            )
        return self.people[key, login]

    @contextmanager
    def cut_off(self, intake: Built, handling: Built) -> Iterator[None]:
        """Let nothing pass between two nodes meanwhile: the intake's administrator pauses its peer."""
        tongban(["peer", "pause", handling.fingerprint], intake)
        try:
            yield
        finally:
            tongban(["peer", "resume", handling.fingerprint], intake)

    def today(self) -> date:
        """Return the day on which the nodes' clock stands."""
        shift = float((self.folder / "clock").read_text(encoding="ascii"))
        return official_day(datetime.fromtimestamp(time.time() + shift, OFFICIAL))

    def advance_to(self, moment: str) -> None:
        """Move the clock of all nodes to a moment."""
        pacing.set_to(self.folder, datetime.fromisoformat(moment).timestamp() - time.time())


@dataclass(slots=True)
class Errand:
    """A case that is being carried."""

    place: Neighbourhood
    number: str = ""
    template: str = ""
    intake_key: str = "qingyang"
    handling_key: str = "jiashan"
    last: Json = field(default_factory=dict)
    filled: Json = field(default_factory=dict)  # what this applicant fills in otherwise than the example
    fitting: Callable[[str], Json] = (
        lambda _template: {}
    )  # and what the day and the places make of a template
    notes: list[str] = field(default_factory=list)  # what happened that the dossier's story does not tell
    verdict: int = 0  # what a verifier that knows this version's rules has to answer
    second: int = 0  # what the second verifier has to answer, which knows the rules of cases only

    @property
    def intake(self) -> Built:
        """The node where it was handed in."""
        return self.place.nodes[self.intake_key]

    @property
    def handling(self) -> Built:
        """The node of the authority that decides."""
        return self.place.nodes[self.handling_key]

    @property
    def clerk(self) -> Person:
        """The clerk at the intake's window."""
        return self.place.person(self.intake_key, "window", post="counter")

    @property
    def login(self) -> str:
        """The login of the department's people."""
        return LOGINS[_template(self.template)["role"]]

    @property
    def officer(self) -> Person:
        """An officer of the department that decides."""
        return self.place.person(self.handling_key, self.login)

    @property
    def supervisor(self) -> Person:
        """The supervisor at the intake's service centre."""
        return self.place.person(self.intake_key, "supervisor")

    @property
    def other_supervisor(self) -> Person:
        """The supervisor at the service centre of the authority's place."""
        return self.place.person(self.handling_key, "supervisor")

    @property
    def signer(self) -> Person:
        """Who signs agreements at the intake's service centre."""
        return self.place.person(self.intake_key, "signer")

    @property
    def other_signer(self) -> Person:
        """Who signs agreements at the service centre of the authority's place."""
        return self.place.person(self.handling_key, "signer")

    @property
    def archivist(self) -> Person:
        """The archivist at the intake's service centre."""
        return self.place.person(self.intake_key, "archive")

    @property
    def head(self) -> Person:
        """The head of that department."""
        return self.place.person(self.handling_key, f"{self.login}-head")

    def file(self, template: str, mode: str, by: Person | None = None) -> None:
        """Open a draft, fill in the form, hand in the materials, file."""
        by = by or self.clerk
        offering = self.fill_in(template, by)
        guide = by.get(f"/api/v1/offerings/{offering}")["guide"]
        for material in guide["materials"]:
            if material["required"] and not material["shared"]:
                name, data = file_for(material["accept"])
                by.send(
                    "POST", f"/api/v1/drafts/{self.number}/materials", data={"code": material["code"]},
                    files={"file": (name, data)},
                )  # fmt: skip
        by.send("POST", f"/api/v1/drafts/{self.number}/file", json={"mode": mode})

    def fill_in(self, template: str, by: Person) -> str:
        """Open a draft and fill in the form; return the code of the offering."""
        self.template = template
        offering = self.offering(by, self.handling.node.division)
        self.number = by.send("POST", "/api/v1/drafts", json={"offering": offering})["number"]
        example = {**_template(template)["example"], **self.fitting(template), **self.filled}
        if not by.staff:
            example = as_filed_by(_identity_number(by), example)
        by.send("PUT", f"/api/v1/drafts/{self.number}/form", json={"form": example})
        return offering

    def offering(self, by: Person, division: str) -> str:
        """Return the code of the template's offering in a division, as the neighbour's catalogue has it."""
        name = _template(self.template)["name"]
        if (name, division) in self.place.offerings:
            return self.place.offerings[name, division]
        for row in by.get("/api/v1/offerings", q=name, division=division)["offerings"]:
            if row["name"] == name:
                return self.place.offerings.setdefault((name, division), str(row["code"]))
        raise DemonstrationFailed(f"{by.at.node.title} 的事项库里没有 {division} 的《{name}》。")

    def submit_guide(self, template: str, sentence: str, **values: str) -> Person:
        """Let a department of the intake's place add a condition to a guide, and its head check and submit it; return the head."""
        self.template = template
        officer, head = (self.place.person(self.intake_key, self.login + who) for who in ("", "-head"))
        code = self.offering(officer, self.intake.node.division)
        self.number = officer.open("guide_filing", offering=code, **values)
        contents = f"/api/v1/matters/{self.number}/contents"
        guide = officer.get(f"{contents}/{officer.get(contents)[0]['digest']}")
        guide["conditions"].append(sentence)
        officer.do(self.number, "revise", guide=json.dumps(guide, ensure_ascii=False))
        head.do(self.number, "check")
        head.do(self.number, "submit")
        self.other_supervisor.wait_for_matter(self.number, "file")
        return head

    def take_in(self, template: str) -> None:
        """Take a case in at the window and check who the applicant is."""
        self.file(template, "PROXY_INTAKE")
        self.clerk.act(self.number, "receive")
        self.clerk.act(self.number, "check_identity", method="id_card")

    def push(self, template: str) -> None:
        """Take in, review the form, push; wait until it has arrived at the other node."""
        self.take_in(template)
        self.clerk.act(self.number, "pass_review")
        self.clerk.act(self.number, "forward")
        self.officer.wait_for_duty(self.number, "acknowledge")

    def review_first(self) -> None:
        """Give the first opinion that the guide asks for."""
        self._opine(_template(self.template)["review_steps"][:1])

    def review(self) -> None:
        """Give an opinion at every review step of the guide that has none yet."""
        done = len(self.officer.case(self.number)["state"]["facts"].get("handling", {}).get("reviewed", []))
        self._opine(_template(self.template)["review_steps"][done:])

    def _opine(self, steps: list[Any]) -> None:
        for step in steps:
            by = self.head if step["permission"] == "case.decide" else self.officer
            by.act(self.number, "review", step=step["code"], opinion="材料真实完整，符合条件。")

    def decide_and_deliver(self, outcome: str = "granted") -> None:
        """Review, decide, conclude, send; hand out and confirm at the window."""
        self.review()
        words = "准予。" if outcome == "granted" else "不予，理由与救济途径见决定书。"
        self.head.act(self.number, "decide", outcome=outcome, decision=words)
        self.conclude_and_deliver()

    def conclude_and_deliver(self) -> None:
        """Conclude, send the result, hand it out, confirm."""
        self.head.act(self.number, "conclude")
        self.head.act(self.number, "send_result", way="electronic", result="办理结果通知书一份")
        self.clerk.wait_for_duty(self.number, "hand_out")
        self.clerk.act(self.number, "hand_out", way="window")
        facts = self.clerk.case(self.number)["state"]["facts"]["handling"]
        served = {"service": "direct", "served_on": facts["result_sent_on"], "served": "本人当面签收"}
        self.clerk.act(self.number, "confirm_delivery", **(served if facts["outcome"] in ADVERSE else {}))
        self.rest()

    def rest(self) -> None:
        """Wait until nothing is on its way any more; what the intake then holds is the end of the story."""
        self.last = self.clerk.wait(
            self.number, lambda c: not any(d["kind"] == "deliver" for d in c["state"]["duties"].values())
        )


def _identity_number(applicant: Person) -> str:
    """Return the number that an applicant of the demo counties has proved."""
    county = COUNTIES[applicant.at.node.key]
    login = applicant.username.removeprefix(f"{county.letters}-")
    return next(number for known, _, number in county.applicants if known == login)


def _template(key: str) -> Any:
    return json.loads((DATA / f"{key}.json").read_text(encoding="utf-8"))

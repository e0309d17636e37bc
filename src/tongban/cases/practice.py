"""How cases are practised on this node: what law does by itself, what the system adds to an act, what is served online."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from tongban.accounts.access.actor import Actor
from tongban.cases import answer_code, commands, steps, tasks
from tongban.cases.models import Case
from tongban.cases.procedure import NAME
from tongban.cases.projection import columns_of
from tongban.cases.queries import guide_of
from tongban.cases.rules_1.guards import STAND_IN
from tongban.cases.words import ASKED, HELPED, SERVICES, TAKEN, Act, Mode, Role
from tongban.catalogue.models import Offering
from tongban.kernel import memo, vault
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal.fold import State
from tongban.materials import filing
from tongban.materials import queries as material_queries
from tongban.materials.practice import PracticeWithFiles
from tongban.procedures import register
from tongban.procedures.models import Matter
from tongban.procedures.practice import Made, Step, Watch
from tongban.procedures.rule import FILE

# What a clerk does with the applicant in front of them. The window is a name of a place, so it goes to the vault.
WINDOW = "window"
CODE = "code"  # how `PRESENCE` calls the answer code
AT_WINDOW = frozenset(
    {
        Act.RECEIVE,
        Act.CHECK_IDENTITY,
        Act.GIVE_NOTICE,
        Act.TELL,
        Act.REACHED,
        Act.HAND_OUT,
        Act.RETURN,
        Act.WITHDRAW,
    }
)


class LettersOf(Protocol):
    """What makes the letters of cases: above this layer, and entered as the app of letters starts."""

    def made_for(
        self, state: State, after: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Made:  # fmt: skip
        """Return the letter of an act, numbered and sealed; raises the refusal of what cannot be issued."""


class CasePractice(PracticeWithFiles):
    """The practice of cases."""

    model = Case
    letters: LettersOf

    def makes(self, act: str) -> Mapping[str, Any]:
        """Return the number of the letter, for an act that makes one."""
        rule = register.of(NAME).present.rules.get(act)
        return {"serial": STAND_IN} if rule and "serial" in rule.given else {}

    def make(
        self, state: State, after: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Made:  # fmt: skip
        """Return the letter of an act; raises as what makes letters does."""
        return self.letters.made_for(state, after, act, by, at, given, texts)

    def columns(self, state: State) -> dict[str, Any]:
        """Return what a case is found by."""
        return columns_of(state)

    def before(self, state: State, at: datetime) -> Case | None:
        """Record deemed acceptance that is due."""
        return commands.deem(state, at)

    def completed(self, state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
        """Return the papers that are pinned at receipt, and whom forwarding binds."""
        return commands.completed(state, act, at)

    def filled(
        self, state: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> tuple[dict[str, Any], Mapping[str, str]]:  # fmt: skip
        """
        Compare the answer code by which somebody at the window shows that they are the applicant; it goes nowhere else.

        Raises:
            AnswerCodeWrong: it is not the code of the case.
        """
        shown = texts.get(CODE, "")
        if by.machine and given.get("presence") not in (None, CODE):
            raise NotPermitted(
                f"接口密钥不能核对证件，办件 {state.subject} 未作任何更改。请改用答复码，或由窗口人员办理。"
            )
        if given.get("presence") == CODE and not answer_code.fits(state.subject, shown):
            raise answer_code.AnswerCodeWrong(
                f"答复码不对，办件 {state.subject} 未作任何更改。请申请人出示收件凭证、补正告知书或网上办件页面上的答复码。"
            )
        return dict(given), {label: text for label, text in texts.items() if label != CODE}

    def texts(self, act: str, by: Actor) -> Mapping[str, str]:
        """Return at which window (窗口) an act was done face to face, for whoever is on shift at one."""
        return {WINDOW: by.window} if by.window and act in AT_WINDOW else {}

    def content(self, number: str, act: str) -> Sequence[Mapping[str, Any]]:
        """Return the materials that came with an answer, and mark them as stated."""
        if act not in (Act.SUPPLEMENT, Act.ANSWER, Act.TAKE_ANSWER):
            return ()
        fresh = material_queries.references(number, unstated_only=True)
        filing.mark_stated(number=number, digests=[str(piece["digest"]) for piece in fresh])
        return fresh

    def title_of(self, matter: Matter, label: str) -> str:
        """Return what a piece of content is called: of a material, as the guide calls it."""
        guide = guide_of(matter)
        named = {f"{FILE}{one['code']}": str(one["name"]) for one in guide["materials"]} if guide else {}
        return {"form": "申请表", "letter": "文书", "material:result": "办理结果", **named}.get(
            label
        ) or matter.title_of_label(label)

    def done_how(self, given: Mapping[str, Any]) -> tuple[str, str]:
        """Return how a window made sure that the applicant asks, how a letter was served, or which other window took an answer."""
        # Whatever a neighbour wrote there, a page is shown.
        presence, taken_at = str(given.get("presence", "")), str(given.get("taken_at", ""))
        if presence:
            return (HELPED if "mode" in given else ASKED).get(presence, ""), ""
        if served := SERVICES.get(str(given.get("service", "")), ""):
            return f"{served}，{given.get('served_on', '')}", ""
        return (TAKEN, taken_at) if taken_at else ("", "")

    def open_content(self, number: str, label: str, digest: str) -> tuple[str, str, bytes]:
        """Return a material as the file that was handed in, a form as what was filled in, all else as text."""
        if label == "letter":
            return "文书.pdf", "application/pdf", vault.get(number, digest)
        if label in ("form", "statement"):
            return f"{label}.json", "application/json", vault.get(number, digest)
        return super().open_content(number, label, digest)

    def likely(self, state: State, act: str, role: str, terms: Any) -> dict[str, Any]:
        """Return the codes that an act would carry, as far as a rule looks at them. Pure."""
        if act == Act.FORWARD:
            return {"bind": {"term": state.term_of(Role.HANDLING) + 1}}
        if act == Act.REVIEW:
            steps, done = terms.guide["review_steps"], len(state.fact(Role.HANDLING, "reviewed", []))
            return {"step": steps[min(done, len(steps) - 1)]["code"]}
        rule = register.of(NAME).present.rules[act]
        if "asked" in rule.given:
            return {"asked": ["material:any"], **self.makes(act)}
        if act == Act.REACHED:
            return {"contact": "phone"}
        if act == Act.CONFIRM_DELIVERY:
            sent = state.fact(Role.HANDLING, "result_sent_on")
            return {"service": "direct", "served_on": sent} if sent else {}
        if act == Act.DECIDE:
            return {"outcome": "granted", **self.makes(act)}
        return {"presence": "id_card"} if "presence" in rule.allows else dict(self.makes(act))

    def arrived(self, matter: Matter, at: datetime) -> None:
        """Serve online whoever filed online."""
        if matter.facts.get("mode") == Mode.FULLY_ONLINE:
            tasks.serve_online(case=matter.number, at=at)

    @property
    def watches(self) -> Sequence[Watch]:
        """Deemed acceptance, what was not served online as it arrived, and requests that applicants took back."""
        return (tasks.deem_all, tasks.serve_online_all, tasks.note_kept_all)

    def next_steps(self, numbers: Collection[str]) -> dict[str, Step]:
        """Return the review step of the guide that comes next."""
        return steps.of_cases(numbers)

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Return the names of offerings by code."""
        return _names(frozenset(labels))


@memo.for_a_moment
def _names(codes: frozenset[str]) -> dict[str, str]:
    return dict(Offering.objects.filter(code__in=codes).values_list("code", "name"))

"""One lawful event of every act, each with the events before it: what judging is asked about, one changed member at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from tests.cases.dossiers import Story, disposed
from tests.forging import after
from tests.procedures.trying import answer_of
from tongban.accounts.access.actor import SYSTEM, Actor, ActorKind, Channel
from tongban.cases.procedure import NAME
from tongban.cases.terms import AGREEMENT, GUIDE, Terms
from tongban.cases.words import Act, Role
from tongban.kernel.journal import fold
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event, format_time
from tongban.kernel.journal.fold import State
from tongban.kernel.time.calendar import WorkingCalendar
from tongban.kernel.time.clock import official_day
from tongban.procedures import judging
from tongban.procedures.papers_named import Papers, one
from tongban.procedures.tables import APPEAL

INTAKE, HANDLING = Role.INTAKE, Role.HANDLING
APPLICANT = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant="A" * 26, assurance=3)
UNPUBLISHED = WorkingCalendar(())


@dataclass(frozen=True)
class Lawful:
    """An event that is lawful, and all events there were when it was written."""

    story: Story
    before: tuple[Event, ...]
    event: Event

    @property
    def known(self) -> Known:
        return Known.of(list(self.before))

    @property
    def state(self) -> State:
        return fold.fold(NAME, self.event.subject, self.before)

    @property
    def view(self) -> State:
        return judging.view_of(self.state, list(self.before), self.event)

    def terms_of(self, papers: Papers) -> Terms | None:
        held = self.story.papers
        try:
            return Terms(held[one(papers, GUIDE)["digest"]], held[one(papers, AGREEMENT)["digest"]])
        except (KeyError, TypeError):
            return None


def decided() -> Story:
    """Everything that happens to a case that is decided, extended, interrupted, urged and late."""
    story = Story()
    here, there = story.intake, story.handling
    story.file_and_forward()
    (duty,) = (
        name for name, duty in there.state(story.number).duties.items() if duty["kind"] == "acknowledge"
    )
    story.act(there, Act.LOOK, HANDLING, duties=[duty])
    story.act(there, Act.CLAIM, HANDLING, duties=[duty], staff=there.staff.staff)
    story.act(there, Act.HAND_OVER, HANDLING, duties=[duty], colleague="3" * 26)
    story.act(there, Act.RELIEVE, HANDLING, duties=[duty])
    story.act(there, Act.ACKNOWLEDGE, HANDLING)
    story.deliver(there, here)
    story.act(here, Act.URGE, INTAKE)
    story.deliver(here, there)
    story.act(there, Act.REPLY_URGING, HANDLING)
    story.act(there, Act.WRITE, HANDLING)
    story.act(there, Act.ACCEPT, HANDLING, calendar=UNPUBLISHED)
    dates = {"due": "2026-03-09", "calendar": "2026.1"}
    (duty,) = (name for name, duty in there.state(story.number).duties.items() if duty["kind"] == "review")
    story.act(there, Act.SET_DUE, HANDLING, by=SYSTEM, due={duty: dates, "decision": dates})
    story.act(there, Act.REVIEW, HANDLING, step="check")
    story.act(there, Act.SUSPEND, HANDLING, procedure="hearing")
    story.act(there, Act.RESUME, HANDLING)
    story.act(there, Act.EXTEND, HANDLING)
    story.at += timedelta(days=90)
    (duty,) = (name for name, duty in there.state(story.number).duties.items() if duty["kind"] == "decide")
    story.act(there, Act.ESCALATE, HANDLING, by=SYSTEM, about=duty)
    (watch,) = (
        name for name, duty in there.state(story.number).duties.items() if duty["kind"] == "supervise"
    )
    story.act(there, Act.SUPERVISE, HANDLING, **answer_of(watch, duty, official_day(story.at)))
    story.deliver(there, here)
    story.act(here, Act.REQUEST_WITHDRAWAL, INTAKE)
    story.act(there, Act.DECIDE, HANDLING, outcome="granted")
    story.deliver(here, there)
    story.act(there, Act.DENY_WITHDRAWAL, HANDLING)
    story.act(there, Act.CONCLUDE, HANDLING)
    story.act(there, Act.SEND_RESULT, HANDLING, way="post")
    story.deliver(there, here)
    story.hand_out()
    disposed(story, there, HANDLING)
    story.deliver(there, here)
    return story


def supplemented() -> Story:
    story = Story()
    story.file()
    story.act(story.intake, Act.RECEIVE, INTAKE, papers=story.pins)
    story.act(story.intake, Act.GIVE_NOTICE, INTAKE)
    story.act(story.intake, Act.SUPPLEMENT, INTAKE, by=APPLICANT)
    story.act(story.intake, Act.RETURN, INTAKE)
    return story


def voided() -> Story:
    story = Story()
    story.file()
    story.act(story.intake, Act.VOID, INTAKE)
    return story


def withdrawn() -> Story:
    story = Story()
    story.file()
    story.act(story.intake, Act.WITHDRAW, INTAKE, by=APPLICANT)
    return story


def refused() -> Story:
    story = Story()
    story.file_and_forward()
    story.act(story.handling, Act.ACKNOWLEDGE, HANDLING)
    story.act(story.handling, Act.ASK_CORRECTION, HANDLING)
    story.deliver(story.handling, story.intake)
    story.act(story.intake, Act.TELL, INTAKE)
    story.act(story.intake, Act.NOT_REACHED, INTAKE, by=SYSTEM, unreached="tell", cause="not_in_use")
    story.act(story.intake, Act.REACHED, INTAKE, contact="phone")
    taken = {"taken_by": story.handling.id, "taken_at": story.handling.org}
    story.act(story.intake, Act.TAKE_ANSWER, INTAKE, by=SYSTEM, **taken)
    story.act(story.intake, Act.REJECT_ANSWER, INTAKE)
    story.act(story.intake, Act.TAKE_ANSWER, INTAKE, by=SYSTEM, **taken)
    story.act(story.intake, Act.CONFIRM_ANSWER, INTAKE)
    story.deliver(story.intake, story.handling)
    story.act(story.handling, Act.REFUSE, HANDLING)
    return story


def answered() -> Story:
    story = Story()
    story.file_and_forward()
    story.act(story.handling, Act.ACKNOWLEDGE, HANDLING)
    story.act(story.handling, Act.ASK_CORRECTION, HANDLING)
    story.deliver(story.handling, story.intake)
    story.act(story.intake, Act.TELL, INTAKE)
    story.act(story.intake, Act.ANSWER, INTAKE, by=APPLICANT)
    story.act(story.intake, Act.REQUEST_WITHDRAWAL, INTAKE)
    story.act(story.intake, Act.KEEP, INTAKE, by=APPLICANT)
    story.deliver(story.intake, story.handling)
    story.act(story.handling, Act.NOTE_KEPT, HANDLING, by=SYSTEM)
    return story


def sent_back() -> Story:
    story = Story()
    story.file_and_forward()
    story.act(story.handling, Act.REDIRECT, HANDLING)
    (duty,) = story.handling.state(story.number).open_duties("drop_copy")
    story.at += timedelta(days=APPEAL + 1)
    story.act(story.handling, Act.DROP, HANDLING, by=SYSTEM, duty=duty)
    return story


def pressed() -> Story:
    story = Story()
    story.file_and_forward()
    there = story.handling
    (duty,) = there.state(story.number).open_duties("acknowledge")
    story.act(there, Act.PRESS, HANDLING, about=duty)
    return story


def withdrawal(answer: Act) -> Story:
    """A withdrawal that is asked for before the decision, and answered."""
    story = Story()
    story.file_and_forward()
    story.act(story.intake, Act.REQUEST_WITHDRAWAL, INTAKE)
    story.deliver(story.intake, story.handling)
    story.act(story.handling, answer, HANDLING)
    return story


def online() -> Story:
    story = Story()
    story.file("FULLY_ONLINE", by=APPLICANT)
    story.act(story.intake, Act.RECEIVE, INTAKE, by=SYSTEM, papers=story.pins)
    story.act(story.intake, Act.PASS_ONLINE, INTAKE, by=SYSTEM)
    return story


def deemed() -> Story:
    story = Story()
    story.file_and_forward()
    story.at += timedelta(days=10)
    story.act(story.handling, Act.DEEM_ACCEPTED, HANDLING, by=SYSTEM)
    return story


def parked(last: Act) -> Story:
    """An unlawful act of handling, parked by intake and struck: by a release, or by a settlement."""
    story = Story()
    story.file_and_forward()
    there = story.handling
    actor = {**there.held[-1].actor, "kind": "staff", "org": there.org, "staff": there.staff.staff}
    effects = {"phase": ["forwarded", "decided"]}
    there.held.append(
        after(there.held[-1], kind="decide", actor=actor, effects=effects, at=format_time(story.at))
    )
    wrong = there.held[-1]
    story.deliver(there, story.intake)
    named = {"chain": wrong.chain, "seq": wrong.seq, "hash": wrong.hash}
    given = {"reason": "not_allowed", "event": wrong.hash, "withhold": named}
    park = story.act(story.intake, Act.PARK, INTAKE, by=SYSTEM, **given)
    more = {"settlement": f"sm3:{7:064}"} if last == Act.SETTLE else {}
    story.act(story.intake, last, INTAKE, release={"park": park.hash, "struck": wrong.seq}, **more)
    return story


def redacted() -> Story:
    story = Story()
    first = story.file()
    story.act(story.intake, Act.REDACT, INTAKE, events=[first.hash], under="个人信息保护法 第四十七条")
    return story


def succeeded() -> Story:
    story = Story()
    story.file_and_forward()
    named = {"role": "handling", "term": 2, "from": story.handling.id, "node": f"sm3:{7:064}"}
    story.act(story.intake, Act.SUCCEED, INTAKE, succeed=named, under="原节点失火")
    return story


def stories() -> Iterator[Story]:
    yield decided()
    for course in (
        supplemented,
        voided,
        withdrawn,
        refused,
        answered,
        sent_back,
        pressed,
        online,
        deemed,
        redacted,
        succeeded,
    ):
        yield course()
    for answer in (Act.GRANT_WITHDRAWAL, Act.REFUSE_WITHDRAWAL):
        yield withdrawal(answer)
    yield parked(Act.RELEASE)
    yield parked(Act.SETTLE)


def _written(story: Story) -> list[Event]:
    """Return the events of a story in the order of writing."""
    every = {event.hash: event for node in story.nodes for event in node.held}
    empty = State(NAME, story.number)
    return sorted(
        fold.in_order(empty, every.values()), key=lambda event: (event.document["at"], event.role, event.seq)
    )


@cache
def lawful() -> dict[Act, Lawful]:
    """Return one lawful event of every act, made once."""
    found: dict[Act, Lawful] = {}
    for story in stories():
        written = _written(story)
        for index, event in enumerate(written):
            one_of = Lawful(story, tuple(written[:index]), event)
            if (
                Act(event.kind) not in found
                and judging.verdict(one_of.view, one_of.known, event, one_of.terms_of) is None
            ):
                found[Act(event.kind)] = one_of
    return found

"""Events within their bounds that no rule allows: adopted, receipted, parked, and without effect."""

from datetime import datetime, timedelta
from typing import Any

from .deception import Deception, Document, lie, send
from .deceptions_bounds import NOWHERE, bound, duty
from .liar import SYSTEM, Liar, Matter
from .liar_crypto import time_of
from .scene import Scene

UNKNOWN_RULES = {"version": 2_000_000, "digest": NOWHERE}
STAFF = {**SYSTEM, "kind": "staff", "staff": "0" * 26}


def arrived(liar: Liar, matter: Matter, **changes: Any) -> list[Any]:
    """Return the lawful event by which the liar has received what was sent to it, and put it into the matter."""
    sent = sorted(name for name, one in matter.state()["duties"].items() if one["to"] == matter.chain)
    if not sent:
        return []
    piece = liar.lawful(matter, "arrive", {"duties": sent}, **changes)
    matter.add([piece])
    return [piece]


def after_arriving(make: Any) -> Any:
    """Send what arrived first, so that the lie is judged by itself."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        before = matter.copy()
        first = arrived(liar, matter)
        pieces = [*first, *make(liar, scene, matter)]
        matter.pieces = before.pieces
        return pieces

    return made


def act(kind: str, given: Document | None = None, **changes: Any) -> Any:
    """Do a known act, right but for `changes`: of `actor`, `labels`, `given`, or of the envelope."""

    def one(liar: Liar, scene: Scene, matter: Matter) -> Any:
        row = liar.table(matter)["acts"][kind]
        actor = {**liar.actor(matter, row), **changes.get("actor", {})}
        labels = changes.get("labels", list(row["content"]))
        body = liar.body(given=given or {}, actor=actor, labels=labels)
        rest = {name: value for name, value in changes.items() if name not in ("actor", "labels")}
        return [liar.lawful(matter, kind, body=body, **rest)]

    return after_arriving(one)


def bare(kind: str, given: Document | None = None, **changes: Any) -> Any:
    """An act without the effects it would have: for what is judged before them."""
    return after_arriving(
        lambda liar, scene, matter: [liar.mint(matter, kind, body=liar.body(given=given or {}), **changes)]
    )


def by_staff(kind: str) -> Any:
    """An act by staff of the liar's, without what it carries and without effects."""

    def one(liar: Liar, scene: Scene, matter: Matter) -> Any:
        return [liar.mint(matter, kind, body=liar.body(actor=liar.actor(matter, {"staff": True})))]

    return after_arriving(one)


def _earlier(minutes: float) -> Any:
    """An event so much before what it has seen, and behind nothing of its own."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        at = datetime.fromisoformat(matter.last_of_others()["at"]) - timedelta(minutes=minutes)
        return liar.mint(matter, at=time_of(at))

    return made


def _backwards(liar: Liar, scene: Scene, matter: Matter) -> Any:
    one = liar.mint(matter, at=liar.now(minutes=1), effects={}, kind="zz_one")
    return _then(liar, matter, one, at=liar.now())


def _then(liar: Liar, matter: Matter, first: Any, **changes: Any) -> list[Any]:
    held = matter.copy()
    held.add([first])
    return [first, liar.mint(held, **changes)]


def _second(make: Any) -> Any:
    """A lawful first event, and behind it one that is not: only the second is to be parked."""

    def made(liar: Liar, scene: Scene, matter: Matter) -> Any:
        held = matter.copy()
        first = arrived(liar, held, epoch=make.get("epoch", liar.epoch))
        changes = {name: value(liar, held) for name, value in make.items() if name != "epoch"}
        return [*first, liar.mint(held, **({"epoch": 1} if "epoch" in make else {}), **changes)]

    return made


def _lower(liar: Liar, matter: Matter) -> Document:
    """Return what it has seen, one event less of the other side."""
    events = matter.chain_events(matter.other_chain())
    return {matter.other_chain(): [events[-2]["seq"], events[-2]["hash"]]}


def _wrong_papers(**changes: Any) -> Any:
    def one(liar: Liar, scene: Scene, matter: Matter) -> Any:
        papers = [dict(paper) for paper in matter.state()["roles"]["handling"]["papers"]]
        papers[0] |= changes
        return [liar.mint(matter, "acknowledge", body=liar.body(given={"papers": papers}))]

    return after_arriving(one)


def _rebinds(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Give the other side's role to a stranger, and change whose matter it is."""
    return liar.mint(
        matter,
        "forward",
        effects={"bind": [bound("intake", 2, scene.stranger.node)], "facts": {"applicant": "X" * 26}},
    )


def _rebinding_then_content(liar: Liar, scene: Scene) -> str:
    """Let the stranger ask for content after it was bound by what is parked."""
    matter = scene.matter("pushed", fresh=True).copy()
    outcome = send(liar, scene, matter, [_rebinds(liar, scene, matter)])
    if not outcome.startswith("adopted+parked"):
        return outcome
    piece = next(one for event in matter.events for one in event["content"])
    wanted = {"procedure": matter.procedure, "subject": matter.subject, "digest": piece["digest"], "index": 0}
    return scene.stranger.say(scene.stranger.message("tongban-content-request/2", **wanted)).code or "content"


def _grabs_all(liar: Liar, scene: Scene, matter: Matter) -> Any:
    """Conclude, grant, and say for oneself that nothing is parked."""
    return liar.mint(
        matter, "decide", body=liar.body(given={"outcome": "granted"}),
        effects={"facts": {"parked": "x", "outcome": "granted"}, "phase": [matter.state()["phase"], "concluded"], "pen": ""},
    )  # fmt: skip


def _effects(**more: Any) -> Any:
    return lambda right: {**right, **more}


def _opens_more(liar: Liar, scene: Scene, matter: Matter) -> Any:
    def more(right: Document) -> Document:
        opened = right.get("open", [])
        return {**right, "open": [*opened, duty(liar, matter, len(opened))]}

    return [liar.lawful(matter, "acknowledge", {}, effects=more)]


def deceptions() -> list[Deception]:
    klass, parked = "unlawful", "adopted+parked:"
    rows: list[tuple[str, str, Any, str]] = [
        ("an act nobody knows", "pushed", lambda liar, scene, matter: liar.mint(matter), "unknown_kind"),
        ("an act nobody knows, with every effect", "pushed", lambda liar, scene, matter: liar.mint(matter, effects={
            "phase": [matter.state()["phase"], "zz.phase"], "pen": "handling", "facts": {"zz": 1}, "open":
            [duty(liar, matter)]}), "unknown_kind"),
        ("a known act, by a table nobody holds", "pushed", lambda liar, scene, matter: liar.mint(matter, "acknowledge",
            rules=UNKNOWN_RULES, effects={"facts": {"zz": 1}}), "newer_rules"),
        ("a table of a known version and another digest", "pushed", lambda liar, scene, matter: liar.mint(matter,
            "acknowledge", rules={**matter.rules(), "digest": NOWHERE}, effects={"facts": {"zz": 1}}), "newer_rules"),
        ("papers nobody holds", "pushed", bare("acknowledge", {"papers": [{"kind": "guide", "id": "x", "version": 1,
            "digest": NOWHERE}]}), "unknown_terms"),
        ("papers under another name", "pushed", _wrong_papers(id="another"), "wrong_papers"),
        ("papers of another version", "pushed", _wrong_papers(version=99), "wrong_papers"),
        ("an act of the other role", "pushed", bare("receive"), "wrong_role"),
        ("a hand-out by the handling side", "accepted", bare("hand_out", {"way": "counter"}), "wrong_role"),
        ("an act of staff, by the system", "pushed", act("acknowledge", actor=SYSTEM), "wrong_actor"),
        ("an act of staff, by the applicant", "pushed", act("acknowledge", actor={**SYSTEM, "kind": "applicant",
            "applicant": "0" * 26}), "wrong_actor"),
        ("an act of staff of another organisation", "pushed", act("acknowledge", actor={"org": "91330000000000000X"}), "wrong_actor"),
        ("an act of staff, by a peer", "pushed", act("acknowledge", actor={**SYSTEM, "kind": "peer"}), "wrong_actor"),
        ("deemed acceptance, by staff", "pushed", by_staff("deem_accepted"), "wrong_actor"),
        ("more than the act carries", "pushed", act("acknowledge", {"zz": 1}), "wrong_given"),
        ("less than the act carries", "accepted", by_staff("review"), "not_allowed"),
        ("acceptance before it is acknowledged", "pushed", act("accept"), "not_allowed"),
        ("acknowledged twice", "accepted", act("acknowledge"), "not_allowed"),
        ("a decision without review", "accepted", act("decide", {"outcome": "granted"}), "not_allowed"),
        ("a decision neither granted nor denied", "accepted", act("decide", {"outcome": "maybe"}), "not_allowed"),
        ("an answer to a withdrawal nobody asked for", "accepted", act("grant_withdrawal"), "not_allowed"),
        ("a look at nothing", "accepted", act("look", {"duties": []}), "not_allowed"),
        ("a decision out of nothing, with all it wants", "pushed", _grabs_all, "wrong_actor"),
        ("the other side's role given to a stranger", "pushed", _rebinds, "wrong_role"),
        ("effects: papers that are none", "pushed", lambda liar, scene, matter: liar.mint(matter, effects={"facts": {"papers":
            [5, {"kind": "guide"}]}}), "unknown_kind"),
        ("effects: a fact too many", "pushed", act("acknowledge", effects=_effects(facts={"outcome": "granted"})), "other_effects"),
        ("effects: another phase", "pushed", act("acknowledge", effects=_effects(phase=["forwarded", "concluded"])), "other_effects"),
        ("effects: none", "pushed", act("acknowledge", effects=lambda right: {}), "other_effects"),
        ("effects: the pen kept for ever", "pushed", act("acknowledge", effects=_effects(pen="intake")), "other_effects"),
        ("effects: a duty too many", "pushed", after_arriving(_opens_more), "other_effects"),
        ("behind one that is parked already", "pushed", _backwards, "unknown_kind"),
        ("11 minutes before what it saw", "pushed", _earlier(11), "before_what_it_saw"),
        ("a year before what it saw", "pushed", _earlier(365 * 24 * 60), "before_what_it_saw"),
        ("20 minutes ahead", "pushed", lambda liar, scene, matter: liar.mint(matter, at=liar.now(minutes=20)), "at_in_future"),
        ("in 2090", "pushed", lambda liar, scene, matter: liar.mint(matter, at="2090-01-01T00:00:00.000Z"), "at_in_future"),
        ("in the last millisecond of 2999", "pushed", lambda liar, scene, matter: liar.mint(matter,
            at="2999-12-31T23:59:59.999Z"), "at_in_future"),
        ("an epoch lower than before", "pushed", _second({"epoch": 2}), "epoch_fell"),
        ("seen less than before", "pushed", _second({"seen": _lower}), "seen_went_back"),
        ("time backwards", "pushed", _second({"at": lambda liar, matter: liar.now(minutes=-30)}), "time_backwards"),
    ]  # fmt: skip
    found = [lie(name, klass, change, parked + reason, phase=phase) for name, phase, change, reason in rows]
    return [
        *found,
        Deception("a stranger asks for content by a binding that is parked", klass, _rebinding_then_content, "not_found",
                  trace=True, fresh="pushed"),
        lie("an honest arrival", "honest", after_arriving(lambda liar, scene, matter: []), "adopted", phase="pushed"),
        lie("an honest acknowledgement", "honest", act("acknowledge"), "adopted", phase="pushed"),
    ]  # fmt: skip

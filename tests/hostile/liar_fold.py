"""What a matter's events come to: the state, by the effects they record, and the view of one event."""

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]


def chain_of(event: Document) -> str:
    return f"{event['role']}/{event['term']}"


def fold(events: Iterable[Document]) -> Document:
    """Return the state after `events`, of which each must find here what it follows and has seen."""
    events = list(events)
    withheld = standing(events)
    state: Document = {
        "version": 0, "phase": "", "pen": "", "heads": {}, "roles": {}, "nodes": {}, "duties": {}, "clocks": {},
        "facts": {}, "withheld": {park: list(span) for park, span in withheld.items()}, "redacted": {},
    }  # fmt: skip
    for event in in_order(events):
        state["version"] += 1
        state["heads"][chain_of(event)] = [event["seq"], event["hash"], event["at"]]
        state["nodes"][chain_of(event)] = event["node"]
        if not _is_withheld(event, withheld, events):
            _apply(state, event)
    return state


def view(events: Iterable[Document], event: Document) -> Document:
    """Return the state that the writer of `event` acted on."""
    limits = {chain: place[0] for chain, place in event["seen"].items()}
    limits[chain_of(event)] = event["seq"] - 1
    return fold(one for one in events if one["seq"] <= limits.get(chain_of(one), 0))


def in_order(events: list[Document]) -> list[Document]:
    """Return the events so that each follows what it has seen."""
    left = sorted(events, key=lambda one: (one["at"], chain_of(one), one["seq"]))
    heads: dict[str, int] = {}
    found: list[Document] = []
    while left:
        for event in left:
            seen = all(heads.get(chain, 0) >= place[0] for chain, place in event["seen"].items())
            if seen and heads.get(chain_of(event), 0) == event["seq"] - 1:
                break
        else:
            raise ValueError("events are missing")
        left.remove(event)
        heads[chain_of(event)] = event["seq"]
        found.append(event)
    return found


def standing(events: list[Document]) -> dict[str, tuple[str, int, int | None, str]]:
    """Return the parks that stand: hash -> chain, first and last place without effect, and whose it is."""
    releases = sorted(
        (event for event in events if event["effects"].get("release")),
        key=lambda one: (one["term"], one["seq"]),
    )
    ends = {one["effects"]["release"]["park"]: one["effects"]["release"]["struck"] for one in releases}
    found = {}
    for event in events:
        place = event["effects"].get("withhold")
        if place and ends.get(event["hash"], 0) is not None:
            found[event["hash"]] = (place["chain"], place["seq"], ends.get(event["hash"]), event["role"])
    return found


def _is_withheld(event: Document, withheld: dict[str, Any], events: list[Document]) -> bool:
    if {"withhold", "release"} & set(event["effects"]):
        by_name = {park["effects"]["withhold"]["hash"] for park in events if park["hash"] in withheld}
        return event["hash"] in by_name
    return any(
        chain == chain_of(event) and first <= event["seq"] and (last is None or event["seq"] <= last)
        for chain, first, last, _ in withheld.values()
    )


def _apply(state: Document, event: Document) -> None:  # noqa: C901 - one line for each effect
    effects, duties = event["effects"], state["duties"]
    if "phase" in effects:
        state["phase"] = effects["phase"][1]
    state["pen"] = effects.get("pen", state["pen"])
    for binding in effects.get("bind", ()):
        state["roles"][binding["role"]] = {name: value for name, value in binding.items() if name != "role"}
    state["clocks"].update(effects.get("clocks", {}))
    state["facts"].setdefault(event["role"], {}).update(effects.get("facts", {}))
    if not state["facts"][event["role"]]:
        del state["facts"][event["role"]]
    for name in effects.get("close", ()):
        duties.pop(name, None)
    for duty in effects.get("open", ()):
        rest = {name: value for name, value in duty.items() if name != "id"}
        duties[duty["id"]] = {**rest, "since": event["at"], "first_opened": None, "claimed": None}
    for name, staff in effects.get("look", {}).items():
        if name in duties and duties[name]["first_opened"] is None:
            duties[name]["first_opened"] = [event["at"], staff]
    for name, staff in effects.get("claim", {}).items():
        if name in duties:
            duties[name]["claimed"] = staff
    for name, dates in effects.get("due", {}).items():
        for held in (duties, state["clocks"]):
            if name in held:
                held[name] = {**held[name], **dates}
    state["redacted"].update(effects.get("redact", {}))
    for name in [
        name for name, duty in duties.items() if duty["within"] and state["phase"] not in duty["within"]
    ]:
        del duties[name]
    for name in [name for name, duty in duties.items() if duty["about"] and duty["about"] not in duties]:
        del duties[name]

"""Brings filings to each point of their course by running the commands."""

import json
from typing import Any

from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.catalogue import queries as catalogue
from tongban.catalogue.filing import documents
from tongban.catalogue.filing.commands import open_filing
from tongban.catalogue.filing.words import Act
from tongban.procedures import commands
from tongban.procedures.models import Matter

TEMPLATE = "social-security-card"
OFFICE = "human_resources"
SENTENCE = "本人或代办人均可申请（演示修订）"


def drafter(world: World, node: str = "qingyang") -> Actor:
    return world[node].staff("officer", OFFICE)


def head(world: World, node: str = "qingyang") -> Actor:
    return world[node].staff("decider", OFFICE)


def centre(world: World, node: str = "qingyang") -> Actor:
    return world[node].staff("supervisor")


def revised(world: World, sentence: str = SENTENCE, **more: Any) -> str:
    """The guide in force, with one condition more, as somebody types it."""
    with world.on("qingyang"):
        body = catalogue.current_guide(world["qingyang"].offering(TEMPLATE)).body
    return documents.written({**body, "conditions": [*body["conditions"], sentence], **more})


def opened(world: World, text: str | None = None, **values: str) -> str:
    text = revised(world) if text is None else text
    given = {"offering": world["qingyang"].offering(TEMPLATE), "guide": text, **values}
    with world.on("qingyang"):
        return open_filing(given, drafter(world), world.at).number


def do(world: World, number: str, act: Act, by: Actor, node: str = "qingyang", **more: Any) -> Matter:
    with world.on(node):
        return commands.act(matter=number, act=act, by=by, at=world.at, **more)


def submitted(world: World, text: str | None = None, **values: str) -> str:
    number = opened(world, text, **values)
    do(world, number, Act.CHECK, head(world))
    do(world, number, Act.SUBMIT, head(world))
    world.settle()
    return number


def filed(world: World, text: str | None = None, node: str = "qingyang", **values: str) -> str:
    number = submitted(world, text, **values)
    do(world, number, Act.FILE, centre(world, node), node, given={"filing_number": "青备〔2026〕1号"})
    world.settle()
    return number


def published(world: World, text: str | None = None, **values: str) -> str:
    number = filed(world, text, **values)
    do(world, number, Act.PUBLISH, head(world))
    world.settle()
    return number


def on(world: World, number: str, node: str = "qingyang") -> Matter:
    with world.on(node):
        return Matter.objects.get(number=number)


def conditions(text: str) -> list[str]:
    found: list[str] = json.loads(text)["conditions"]
    return found

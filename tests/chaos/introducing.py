"""
`python -m tests.chaos.introducing show|add` on a node's home: cards by which the others reach it over lines of their own.

`show` reads {node: address} and prints {node: card}; `add` reads a list of cards and takes each in place of the one it has.
"""

import json
import sys
from dataclasses import replace
from typing import Any

from tongban.commandline.node import operator, prepare


def show(addresses: dict[str, str]) -> dict[str, Any]:
    from django.conf import settings

    from tongban.exchange import commands
    from tongban.kernel.time import clock

    cards, own = {}, settings.NODE
    for node, url in addresses.items():
        settings.NODE = replace(own, url=url)
        cards[node] = commands.card(clock.now())
    return cards


def add(cards: list[Any]) -> None:
    from tongban.exchange import commands
    from tongban.kernel.time import clock

    for card in cards:
        commands.add(card=card, fingerprint=card["node"], by=operator(), at=clock.now())


if __name__ == "__main__":
    prepare()
    json.dump({"show": show, "add": add}[sys.argv[1]](json.load(sys.stdin)), sys.stdout)

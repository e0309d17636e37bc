"""
What a demo node does on its own to get ready: `python -m tongban.demonstration.steps STEP`.

Each step reads a JSON document from standard input and prints one; `building` carries them between nodes, as
two administrators would carry cards and agreements.
"""

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tongban.commandline.node import operator, prepare

type Document = dict[str, Any]


def settle(told: Document) -> Document:
    """Load the county's offices, people, guides and seals; answer with card, own party, guides and accounts."""
    from django.conf import settings

    from tongban.accounts import demo
    from tongban.agreements import queries as agreements
    from tongban.catalogue import seed
    from tongban.catalogue.models import Guide
    from tongban.exchange import commands as exchange
    from tongban.kernel import identity
    from tongban.kernel.time import clock
    from tongban.letters import demo as letters
    from tongban.seals import demo as seals

    at, key = clock.now(), told["key"]
    accounts = demo.seed_county(key, at)
    letters.seed(key)
    seals.seal_county(at - timedelta(days=1))
    me = identity.fingerprint()
    county = {"division": settings.NODE.division, "node": me, "organisations": demo.offices_of(key)}
    seed.publish(county, at=at - timedelta(days=1), sign=identity.sign)
    own = Guide.objects.filter(offering__node=me).select_related("offering").order_by("id")
    return {
        "key": key,
        "node": me,
        "card": exchange.card(at),
        "party": agreements.own_party(),
        "guides": [guide.signed for guide in own],
        "accounts": [[a.username, a.password, a.what, a.is_staff] for a in accounts],
    }


def introduce(told: Document) -> Document:
    """Add the other nodes as peers, take their guides, and propose agreements to those named."""
    from tongban.accounts import demo
    from tongban.agreements import commands as agreements
    from tongban.agreements import documents
    from tongban.catalogue import commands as catalogue
    from tongban.exchange import commands as exchange
    from tongban.kernel import identity
    from tongban.kernel.time import clock

    at, by = clock.now(), operator()
    for other in told["others"]:
        exchange.add(card=other["card"], fingerprint=other["node"], by=by, at=at)
        demo.introduce_county(other["key"], node=other["node"], at=at)
        for guide in other["guides"]:
            catalogue.import_guide(signed_document=guide, chain=identity.chain_of(other["node"]), at=at)
    proposed = [
        agreements.propose(
            by=by, at=at, other=other["party"], powers=sorted(set(documents.POWERS) - {"decide"}),
            valid_from=date(at.year, 1, 1),
        ).document
        for other in told["others"]
        if other["key"] in told["propose_to"]
    ]  # fmt: skip
    return {"proposed": proposed}


def sign(told: Document) -> Document:
    """Countersign the agreements that others proposed."""
    from tongban.agreements import commands as agreements
    from tongban.kernel.time import clock

    at = clock.now()
    return {
        "signed": [
            agreements.countersign(by=operator(), at=at, document=d).document for d in told["proposed"]
        ]
    }


def take(told: Document) -> Document:
    """Import the agreements that both parties have signed."""
    from tongban.agreements import commands as agreements
    from tongban.kernel.time import clock

    taken = [agreements.import_signed(document=one, by=operator(), at=clock.now()) for one in told["signed"]]
    return {"taken": [row.digest for row in taken]}


STEPS: dict[str, Callable[[Document], Document]] = {
    "settle": settle, "introduce": introduce, "sign": sign, "take": take,
}  # fmt: skip


def main() -> None:
    """Run the step that the command line names."""
    prepare()
    json.dump(STEPS[sys.argv[1]](json.load(sys.stdin)), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()

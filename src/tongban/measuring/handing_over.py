"""
One case that is handed over, as its node sends it: `python -m tongban.measuring.handing_over`, within that node's home.

Another county takes it in for the one that is measured; what is printed is the very message that goes there.
"""

import sys

from tongban.commandline.node import prepare
from tongban.demonstration.counties import JIASHAN


def message() -> bytes:
    """Take a case in, forward it, seal it, and return the message by which the neighbour is to hear of it."""
    from tongban.accounts.access.actor import Channel
    from tongban.cases import commands
    from tongban.cases.words import Act, Mode
    from tongban.exchange import gateway, sending, worker
    from tongban.exchange.models import Peer
    from tongban.kernel.time import clock
    from tongban.measuring import cases

    told, clerk = cases.application(), cases.actor(cases.CLERK, Channel.COUNTER, JIASHAN)
    number = commands.submit(
        offering=told["offering"], mode=Mode(told["mode"]), form=told["form"], by=clerk, at=clock.now()
    ).number
    for act, given in (*cases.AT_THE_WINDOW, (Act.FORWARD, {})):
        commands.act(case=number, act=act, by=clerk, at=clock.now(), given=given)
    worker.seal(clock.now())
    sent: list[bytes] = []

    def keep(url: str, raw: bytes) -> bytes:
        sent.append(raw)
        raise gateway.Unreachable("kept")

    gateway.post = keep
    sending.send_to(Peer.objects.get(), clock.now())
    return sent[0]


if __name__ == "__main__":
    prepare()
    sys.stdout.buffer.write(message())

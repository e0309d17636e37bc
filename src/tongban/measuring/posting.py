"""The peers at work: each with a line of its own to the node, what it has still to send, and what was answered."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tongban.exchange.gateway import MESSAGES, SENDER
from tongban.kernel.time import clock
from tongban.measuring import load, peers
from tongban.measuring.load import BadAnswer, Run
from tongban.measuring.peers import Document, Peer, Sending
from tongban.procedures.models import Matter

PEERS = 8


@dataclass(slots=True)
class Lane:
    """A peer with what it has still to send, and what was answered."""

    peer: Peer
    template: Document
    waiting: list[Sending] = field(default_factory=list)
    sent: list[Sending] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)

    def requests(self, port: int) -> Iterator[bytes]:
        """Yield what waits, in order, as it goes over the line."""
        while self.waiting:
            sending = self.waiting.pop(0)
            self.sent.append(sending)
            head = (
                f"POST {MESSAGES} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
                f"{SENDER}: {self.peer.node}\r\nContent-Length: {len(sending.raw)}\r\n\r\n"
            )
            yield head.encode() + sending.raw


def lanes_with(message: bytes) -> list[Lane]:
    """Return lanes of new peers that send copies of a message."""
    template = peers.read_template(message)
    return [Lane(peer, template) for peer in peers.introduced(PEERS, clock.now())]


def prepare(lanes: Sequence[Lane], count: int) -> None:
    """Make `count` more messages for each lane."""
    for lane in lanes:
        others = [other.peer for other in lanes if other is not lane]
        lane.waiting += lane.peer.sendings(lane.template, count, others, clock.now())


def hand_over(port: int, lanes: Sequence[Lane], seconds: float) -> Run:
    """Let all peers send at once, for so long or until they have nothing more."""

    def keep(place: int, answer: bytes) -> None:
        lanes[place].answers.append(answer)

    return load.drive(port, [lane.requests(port) for lane in lanes], seconds, keep)


def bodies(lanes: Sequence[Lane]) -> list[list[bytes]]:
    """Return what each peer is about to send."""
    return [[sending.raw for sending in lane.waiting] for lane in lanes]


def answered(lanes: Sequence[Lane]) -> int:
    """Return how many bytes an answer has."""
    return round(statistics.median(len(answer) for lane in lanes for answer in lane.answers))


def check(lanes: Sequence[Lane]) -> None:
    """
    Ask whether all that was answered are receipts, and all that was sent was lawful to the node.

    Raises:
        BadAnswer: something is not.
    """
    for lane in lanes:
        for sending, answer in zip(lane.sent, lane.answers, strict=True):
            try:
                peers.check_receipt(answer, lane.peer, sending, clock.now())
            except (ValueError, KeyError, TypeError) as error:
                said = answer[:600].decode(errors="replace")
                raise BadAnswer(f"no receipt ({error}): {said}") from error
    if parked := Matter.objects.exclude(parked="").count():
        raise BadAnswer(f"{parked} of the cases were not lawful to the node")

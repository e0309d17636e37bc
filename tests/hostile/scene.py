"""
What a deception needs around it. Whoever runs the battery makes one `Scene` of real nodes.

The victim A is served and goes on working. The party J and the stranger E are nodes A has as active peers, whose
real processes do not run: from the first deception on the liars alone speak with their keys, and their books (tree,
seals) go on where the real nodes left off. `bystander` is any honest node that is served, with matters of its own
with A.
"""

from datetime import datetime
from typing import Any, Protocol

from .liar import Liar, Matter, Neighbour, Server

Document = dict[str, Any]

PHASES = {
    "pushed": "A filed and forwarded it to J, who has written nothing yet: the pen is J's, a delivery waits for it",
    "accepted": "J acknowledged and accepted it: the pen is J's, the clock `decision` runs, J has a duty",
    "done": "concluded and delivered: the pen is A's; both have written",
    "online": "as `pushed`, filed by an applicant (全程网办)",
}


class Scene(Protocol):
    """The stage. Every function may take some tens of milliseconds; none changes anything but where it says so."""

    victim: Neighbour  # A: fingerprint, url, key records, division
    party: Liar  # J, with the keys of a real node: role `handling` of the matters below
    stranger: Liar  # E, an active peer of A, party of nothing
    party_server: Server  # at the address A has of J
    bystander: Neighbour

    def witness(self) -> tuple[Liar, Matter]:
        """Return the bystander's honest voice, with its own keys, and a matter it has with A."""

    def now(self) -> datetime:
        """Return what A's clock says."""

    def matter(self, phase: str, *, fresh: bool = False) -> Matter:
        """
        Return a matter of `PHASES`, as J holds it and as A holds it.

        `fresh` is one that no deception has had. Without it the same one comes again and again, until `retire`.
        """

    def retire(self, subject: str) -> None:
        """Never hand out this matter again: A now holds something of a liar's in it."""

    def state(self, subject: str) -> Document:
        """Return A's state of the matter: `phase`, `pen`, `roles`, `duties`, `facts`, `heads`, as in its fold."""

    def parked(self, subject: str) -> dict[str, str]:
        """Return the parks of A's own that are open: hash of the event named -> reason."""

    def pieces(self, subject: str) -> list[Document]:
        """Return `{"event", "body"}` of every event A holds of the matter."""

    def statements(self, subject: str) -> list[Document]:
        """Return every statement of heads A keeps of the matter."""

    def forks(self) -> int:
        """Return how many events A keeps as evidence of forks."""

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each of A's tables that tell of others: events, statements, seals, key records,
        epochs, forks, papers, matters. What is refused may change none of them.
        """

    def peer_state(self, node: str) -> str:
        """Return `active`, `questioned`, `paused` or `removed`."""

    def reinstate(self, node: str) -> None:
        """Do what a human of A does to take a peer back that is in question. Changes A."""

    def pause(self, node: str) -> None:
        """Do what a human of A does to pause a peer. Changes A."""

    def contested(self, subject: str) -> bool:
        """Return whether a park stands unreleased in this matter, whoever's, or a fork is kept of it."""

    def nudge(self, subject: str) -> None:
        """Let a person of A do something lawful in this matter, so that A's worker has news for J. Changes A."""

    def bystander_moves(self, seconds: float) -> bool:
        """Let A do something in a matter with the bystander; whether that one signed for it in time. Changes A."""

    def signed_for(self, subject: str, node: str) -> Document:
        """Return the heads A believes the peer `node` has signed for."""

    def put_off(self, subject: str) -> bool:
        """Return whether A has tried in vain to send this matter to the party."""

    def known_keys(self, node: str) -> int:
        """Return how many key records of a node A holds."""

    # --- afterwards

    def subjects(self) -> list[str]:
        """Return every matter A holds."""

    def audit(self) -> int:
        """Return the exit code of A's audit of its journal: 0 where all holds."""

    def dossier(self, subject: str) -> int:
        """Export A's dossier of a matter and return the exit code of verifying it, trusting A's and J's roots."""

    def log_bytes(self) -> int:
        """Return the size of what A wrote to its log."""

    def memory_bytes(self) -> int:
        """Return the resident memory of A's processes together."""

    def content_held(self, subject: str, digest: str) -> bool:
        """Return whether A has the whole of a piece of content."""

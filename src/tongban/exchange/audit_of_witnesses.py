"""
Audit by others: the seals of ours that peers hold, against our own tree (docs/protocol.md §7).

The one thing that shows what was taken out whole, seals and all: whoever can change a node's database cannot change what
its neighbours keep.
"""

from collections.abc import Iterator
from datetime import datetime

from tongban.exchange import trust
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.crypto import signed
from tongban.kernel.journal import seals
from tongban.procedures.audit.discrepancies import Discrepancy, Report


def check(report: Report, at: datetime) -> Iterator[Discrepancy]:
    """Yield what peers hold of us that our own records deny; a peer that does not answer is counted, no fault."""
    own = identity.chain_of(identity.fingerprint())
    for peer in Peer.active():
        answer = trust.ask_for_seal(peer, at)
        if answer is None or "refused" in answer:
            report.unasked += 1
            continue
        report.count("peers asked")
        held = answer.get("seal")
        if held is None:
            continue
        try:
            seal = seals.check(held, own)
        except signed.BadSignature:
            continue  # not ours: the peer's word alone accuses nobody
        if seals.root_of_own(seal["epoch"], seal["size"]) != seal["root"]:
            yield Discrepancy(
                "Seal", f"{peer.name}（{peer.node[:16]}…）", "root",
                f"对方存有本节点第 {seal['epoch']} 纪元 {seal['size']} 条的封存声明，本节点的记录与它不符：有记录被删去或改写",
            )  # fmt: skip

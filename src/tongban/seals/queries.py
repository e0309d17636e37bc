"""Everything that is read of seals: whose they are, which one seals now, which will soon end."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import F

from tongban.accounts.access.actor import Actor
from tongban.seals import drawing, keys
from tongban.seals.models import Seal, SealAuthority, SealQuerySet
from tongban.seals.refusals import SealExpired, SealMissing, SealRevoked

WARNED_BEFORE: Final = timedelta(days=30)
TURN_TO = "请联系本机构的印章管理人员或本节点的系统管理员"


def seals_of(uscc: str, *, for_actor: Actor) -> SealQuerySet:
    """Return an organisation's seals that the actor may see, those in use first, the newest of the others next."""
    return _listed(Seal.objects.visible_to(for_actor).filter(organisation__uscc=uscc))


def seals(*, for_actor: Actor) -> SealQuerySet:
    """Return all seals that the actor may see, by organisation; those in use first."""
    return _listed(Seal.objects.visible_to(for_actor))


def about_to_expire(*, at: datetime, for_actor: Actor) -> SealQuerySet:
    """Return the seals in use whose certificate ends within 30 days or has ended, the next first."""
    return (
        Seal.objects.visible_to(for_actor)
        .filter(state=Seal.State.IN_USE, valid_to__lte=at + WARNED_BEFORE)
        .select_related("organisation")
        .order_by("valid_to", "pk")
    )


def usable(organisation: str, kind: str, at: datetime) -> Seal:
    """
    Return the seal with which the organisation (USCC) seals at `at`. It is not asked for its key: `signing.sign` does that.

    Raises:
        SealMissing: it has none. SealRevoked: it was revoked, and there is no new one.
        SealExpired: its certificate is not in force at `at`.
    """
    newest = (
        Seal.objects.of(organisation, kind).select_related("organisation").order_by(F("ended_at").desc(nulls_first=True), "-pk")
    ).first()  # fmt: skip
    title = dict(Seal.Kind.choices).get(kind, kind)
    if newest is None or newest.state == Seal.State.REPLACED:
        raise SealMissing(f"文书未盖章：本机构（{organisation}）没有在用的{title}。{TURN_TO}制作或导入。")
    name = newest.organisation.name
    if newest.state == Seal.State.REVOKED:
        raise SealRevoked(f"文书未盖章：{name} 的{title}已被吊销，还没有新的。{TURN_TO}制作或导入新的印章。")
    if not newest.is_valid(at):
        raise SealExpired(
            f"文书未盖章：{name} 的{title}不在有效期内（{newest.valid_from:%Y-%m-%d} 至 {newest.valid_to:%Y-%m-%d}）。{TURN_TO}更换。"
        )
    return newest


def picture_of(seal: Seal) -> bytes:
    """Return the picture of a seal as SVG, in true size; on a demo node it says so at its foot."""
    of = seal.organisation
    return drawing.picture(of.name, seal.kind, drawing.width_of(of.kind), settings.NODE.demo, seal.word)


def lacking_keys() -> list[Seal]:
    """Return the seals in use whose key file is not there."""
    in_use = Seal.objects.filter(state=Seal.State.IN_USE).select_related("organisation").order_by("pk")
    return [seal for seal in in_use if not keys.is_there(seal.fingerprint)]


def root() -> SealAuthority | None:
    """Return the node's authority, whose certificate readers trust; none before the first seal was made."""
    return SealAuthority.objects.filter(is_current=True).first()


def _listed(found: SealQuerySet) -> SealQuerySet:
    return found.select_related("organisation").order_by(
        "organisation__uscc", "kind", F("ended_at").desc(nulls_first=True), "-pk"
    )

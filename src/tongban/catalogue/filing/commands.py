"""What is done about filings besides their record: one is opened, a guide is published, its predecessor replaced, an offering withdrawn."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max

from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Organisation
from tongban.catalogue import commands as catalogue
from tongban.catalogue import guides, queries
from tongban.catalogue.filing import documents
from tongban.catalogue.filing.procedure import NAME
from tongban.catalogue.filing.words import Act, Phase, Role
from tongban.catalogue.models import Guide, Offering
from tongban.kernel import identity
from tongban.kernel.db import write
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import pseudonyms
from tongban.kernel.journal.fold import State
from tongban.procedures import commands, tasks
from tongban.procedures.models import Matter


def open_filing(values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
    """
    Draft a guide; `values` are offering, guide (a document as text; empty: the guide in force), centre (empty: this county's).

    Raises:
        NotFound: no guide to begin from. NotPermitted: the offering is another organisation's.
        GuideInvalid, InvalidInput: the document cannot stand, or a filing of this offering is under way.
        and what `procedures.commands.begin` raises.
    """
    code, text = (values.get(name, "").strip() for name in ("offering", "guide"))
    text = text or documents.written(queries.current_guide(code).body)
    document = documents.read(text, identity.fingerprint())
    code = code or str(document.get("offering", ""))
    _demand_own(code, by)
    documents.demand_sound(document, code, by.organisation)
    number = commands.new_number(at)
    with write():
        # Of two who begin at once the second waits here, and is told.
        known = Guide.objects.current().filter(offering__code=code).exists()
        list(Offering.objects.select_for_update().filter(code=code).values_list("pk"))
        _demand_none_under_way(code)
        return _begun(number, document, code, known, values, text, by, at)


def _begun(
    number: str, document: guides.Document, code: str, known: bool, values: Mapping[str, str], text: str, by: Actor,
    at: datetime,
) -> Matter:  # fmt: skip
    given = {
        "offering": code, "change": "revision" if known else "new", "centre": _centre(values.get("centre", "").strip()),
        "drafted": documents.digest(document), "staff": pseudonyms.of(number, by.staff),
    }  # fmt: skip
    return commands.begin(procedure=NAME, act=Act.DRAFT, by=by, at=at, given=given, texts={"guide": text}, number=number)  # fmt: skip


def bound_to(state: State) -> dict[str, Any]:
    """Return what submitting carries: the centre that was named when the guide was drafted."""
    said = state.fact(Role.DEPARTMENT, "centre")
    named = said if isinstance(said, dict) else {}  # another node may have written anything
    bind = {"node": named.get("node", ""), **dict.fromkeys(("org", "office"), named.get("org", ""))}
    return {"bind": {**bind, "papers": [], "term": state.term_of(Role.CENTRE) + 1}}


def as_published(state: State) -> dict[str, Any]:
    """Return what publishing carries: which version the draft becomes."""
    document = catalogue.as_next(documents.of(state))
    return {"version": document["version"], "digest": guides.digest(document)}


def demand_changed(state: State, by: Actor, at: datetime) -> None:
    """Ask whether what is checked differs from the guide in force; raises GuideUnchanged."""
    catalogue.demand_changed(documents.of(state))


def publish(state: State, by: Actor, at: datetime) -> None:
    """
    Publish the guide that was filed, take its offering into use if it had been withdrawn, and let the filing before be replaced.

    Raises:
        GuideInvalid: it is not what was filed.
        GuideMovedMeanwhile: another version was published since this was recorded; and what `publish_guide` raises.
    """
    document = documents.of(state)
    if documents.digest(document) != state.fact(Role.CENTRE, "filed"):
        raise guides.GuideInvalid(f"《{document['name']}》与备案的那一稿不同，未公布。请重新报送备案。")
    guide = catalogue.publish_guide(document=document, by=by, at=at, sign=identity.sign)
    if guide.digest != state.fact(Role.DEPARTMENT, "digest"):
        raise catalogue.GuideMovedMeanwhile(f"《{guide.offering.name}》刚有新版公布，未公布。请刷新后再试。")
    if guide.offering.state == Offering.State.WITHDRAWN:
        catalogue.set_offering_state(code=guide.offering.code, state=Offering.State.IN_USE, by=by, at=at)
    replace_all(at)


def cancel(state: State, by: Actor, at: datetime) -> None:
    """Withdraw the offering: nobody can apply any more, cases under way keep their guide; raises as `withdraw_offering`."""
    catalogue.withdraw_offering(code=state.fact(Role.DEPARTMENT, "offering"), by=by, at=at)


def replace_all(at: datetime) -> int:
    """Let every published filing be replaced that a newer guide has followed, filed or not; return how many were."""
    me = identity.fingerprint()
    mine = Guide.objects.current().filter(node=me).order_by()
    newest: dict[str, int] = dict(mine.values_list("offering__code").annotate(Max("version")))
    published = Matter.objects.filter(
        procedure=NAME, phase=Phase.PUBLISHED, parties__role=Role.DEPARTMENT, parties__node=me
    ).values_list("number", "label", f"state__facts__{Role.DEPARTMENT}__version")

    def replace(number: str) -> int:
        given = {"newer": newest[late[number]]}
        commands.system_act(matter=number, act=Act.REPLACE, role=Role.DEPARTMENT, at=at, given=given)
        return 1

    late = {number: code for number, code, version in published if newest.get(code, 0) > version}
    return sum(tasks.alone(replace, number) for number in late)


def _demand_own(code: str, by: Actor) -> None:
    known = Offering.objects.filter(code=code).first()
    if known is not None and known.organisation != by.organisation:
        raise NotPermitted(f"《{known.name}》不由您的机构实施，未起草。请由实施机构编制指南。")


def _demand_none_under_way(code: str) -> None:
    other = (
        Matter.objects.filter(procedure=NAME, label=code, live=True).exclude(phase=Phase.PUBLISHED).first()
    )
    if other is not None:
        raise InvalidInput(f"这个事项已有一份指南在办（{other.number}），未起草。请在那一份上修改。")


def _centre(uscc: str) -> dict[str, str]:
    if uscc in ("", settings.NODE.organisation):
        return {"node": identity.fingerprint(), "org": settings.NODE.organisation}
    centres = Organisation.objects.filter(kind=Organisation.Kind.SERVICE_CENTRE, is_active=True)
    found = centres.filter(uscc=uscc).first()
    if found is None:
        raise InvalidInput("没有这个政务服务中心，未起草。请核对统一社会信用代码，或空着报送本地中心。")
    return {"node": found.node or identity.fingerprint(), "org": found.uscc}

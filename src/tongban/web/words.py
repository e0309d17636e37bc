"""Words that pages show and the tables hold: their English is in the catalogue beside that of the pages."""

import json
from functools import cache

from tongban.accounts.people.models import Applicant
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.cases import finding
from tongban.cases.bases import OTHERWISE
from tongban.cases.case_lists import BOXES, DAYS, DUES, HOLDERS
from tongban.cases.words import (
    ANSWERED,
    ASKED,
    CONTACTS,
    PHASE_NAMES,
    PRESENCE,
    ROLE_NAMES,
    SERVICES,
    TAKEN,
    WITH_OUTCOME,
    Mode,
)
from tongban.catalogue.guides import PARTS
from tongban.catalogue.seed import ITEMS_FILE
from tongban.exchange.models import Peer
from tongban.known_procedures import PROCEDURES
from tongban.letters import sorts
from tongban.letters.queries import LETTERS
from tongban.notices import texts
from tongban.notices.models import Dispatch
from tongban.procedures.consultation import Ground
from tongban.procedures.disposal import GROUNDS
from tongban.supervision.models import LookAlarm
from tongban.web import designs

MODE_NAMES = {
    Mode.FULLY_ONLINE: "全程网办", Mode.PROXY_INTAKE: "异地代收代办", Mode.JOINT: "多地联办",
    Mode.DELEGATED: "授权本地办理",
}  # fmt: skip
ACTORS = ("申请人", "系统")  # who acts without a name
MATERIAL_FORMS = ("原件", "复印件", "电子", "原件及复印件")  # as guides may say it


@cache
def of_tables() -> frozenset[str]:
    """Return every word of the tables that the filter `word` may be given."""
    themes = {item["theme"] for item in json.loads(ITEMS_FILE.read_text(encoding="utf-8"))["items"]}
    tables = [(procedure, procedure.present) for procedure in PROCEDURES]
    rules = {
        word for _, table in tables for rule in table.rules.values() for word in (rule.title, rule.basis)
    }
    duties = {
        word for _, table in tables for duty in table.duties.values() for word in (duty.title, duty.basis)
    }
    clocks = {clock.title for _, table in tables for clock in table.clocks.values()}
    shown = [procedure for procedure in PROCEDURES if procedure.name not in designs.OF_THEIR_OWN]
    of_desks = {
        word
        for one in shown
        for words in (*one.codes.values(), one.labels, one.roles)
        for word in words.values()
    }
    titles = {one.title for one in PROCEDURES} | {word for one in PROCEDURES for word in one.phases.values()}
    letters = {rule.title for rule in LETTERS.values()} | sorts.titles()
    told = {one[part] for one in texts.table().values() for part in ("box", "next")}
    told |= {*texts.REASONS.values(), *Dispatch.Way.labels, *Dispatch.State.labels}
    posts = {post.title for post in STANDARD_POSTS.values()}
    lists = {*BOXES.values(), *DAYS.values(), *DUES.values(), *HOLDERS.values()}
    lists |= {*finding.WHYS.values(), *finding.TITLES.values()}
    chosen = {
        *lists,
        *GROUNDS.values(),
        *PRESENCE.values(),
        *CONTACTS.values(),
        *SERVICES.values(),
        *ASKED.values(),
        TAKEN,
        *ROLE_NAMES.values(),
    }
    return frozenset(
        {*PHASE_NAMES.values(), ANSWERED, *WITH_OUTCOME.values(), *MODE_NAMES.values(), *Peer.State.labels, *ACTORS}
        | {*PARTS.values(), *Applicant.Assurance.labels, *MATERIAL_FORMS, *LookAlarm.Kind.labels, *Ground.labels}
        | themes | told | chosen | rules | duties | clocks | titles | of_desks | posts | letters | set(OTHERWISE.values())
    )  # fmt: skip

"""Words that pages show and the tables hold: their English is in the catalogue beside that of the pages."""

import json
from functools import cache

from tongban.accounts.people import Applicant
from tongban.accounts.standard_posts import STANDARD_POSTS
from tongban.cases.bases import OTHERWISE
from tongban.cases.procedure import CASE, DUTIES, RULES
from tongban.cases.words import PHASE_NAMES, Mode
from tongban.catalogue.guides import PARTS
from tongban.catalogue.seed import ITEMS_FILE
from tongban.exchange.models import Peer
from tongban.letters.queries import LETTERS

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
    rules = {word for rule in RULES.values() for word in (rule.title, rule.basis)}
    duties = {word for duty in DUTIES.values() for word in (duty.title, duty.basis)}
    letters = {rule.title for rule in LETTERS.values()}
    posts = {post.title for post in STANDARD_POSTS.values()}
    return frozenset(
        {*PHASE_NAMES.values(), *MODE_NAMES.values(), *(clock.title for clock in CASE.present.clocks.values()), *Peer.State.labels, *ACTORS}
        | {*PARTS.values(), *Applicant.Assurance.labels, *MATERIAL_FORMS}
        | themes | rules | duties | posts | letters | set(OTHERWISE.values())
    )  # fmt: skip

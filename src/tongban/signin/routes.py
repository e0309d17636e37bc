"""
Every route of pages and API in one table: what is recorded of it, or why nothing is (`tests/web/test_looks.py` holds it to all there are).

A route is a page's name or an operation of the API. Of staff and machines every recorded one is written down; of
applicants, who look at what is their own, content and refusals.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from tongban.cases import finding
from tongban.kernel import accesses


class How(StrEnum):
    """How a route is recorded."""

    LOOK = "look"  # a list or a page: gathered
    CONTENT = "content"  # written before it is handed out
    ACT = "act"  # changes something: gathered
    ITSELF = "itself"  # the command writes its own row, of refusals too


@dataclass(frozen=True, slots=True)
class Route:
    """How a route is recorded, and what people call it."""

    how: How
    title: Any


_LISTS = _("查看列表或搜索")
_MATTER = _("打开办件")
_CONTENT = _("打开材料或文书")
_ACT = _("办理")
_DRAFT = _("打开或填写草稿")
_MANAGE = _("查看管理情况")
_WHO = _("查看访问记录")
_SIGN_IN = _("登录或退出")
_OWN = _("管理本人的登录")
COMMAND = _("运维命令")

_TABLE: dict[tuple[How, Any], str] = {
    (
        How.LOOK,
        _LISTS,
    ): "counter counter-book queue box case-list desk-list supervision supervision-parked archive list_cases list_matters list_duties "
    "list_mirrors list_drafts",
    (
        How.LOOK,
        _MATTER,
    ): "counter-case officer-case supervised-case desk-matter archive-file show_case show_timeline show_receipt "
    "list_contents show_matter tell_matter sign_for_matter list_matter_contents",
    (
        How.CONTENT,
        _CONTENT,
    ): "counter-letter counter-content officer-reveal officer-file officer-letter desk-print "
    "desk-content archive-content show_content show_matter_content my-case-content my-case-letter my-case-filing receipt "
    "my-case-proof draft-material consulted-case consulted-file",
    (How.ACT, _("调阅材料")): "supervision-consult",
    (How.CONTENT, _("导出案卷")): "dossier",
    (How.CONTENT, _("打印督办单")): "supervision-sheet",
    (How.CONTENT, _("导出办件清单")): "case-export counter-book-export supervision-export",
    (How.ITSELF, _("查找办件")): "find",
    (How.ACT, _("存常用筛选")): "saved-views",
    (How.ITSELF, _("更改手机号或账号")): "account-telephone account-login change_telephone change_login",
    (How.ITSELF, _("凭短信验证码查看办件")): "lookup-case lookup-letter",
    (How.ITSELF, _("取数据副本")): "account-copy copy_data",
    (How.ITSELF, _("注销账号")): "account-close close_account",
    (
        How.ACT,
        _ACT,
    ): "counter-act counter-materials officer-claim officer-act supervision-release supervision-press supervision-answer "
    "supervision-press-many "
    "claims-hand-over claims-relieve archive-act many case-write case-note "
    "desk-claim desk-act desk-open do_to_matter open_matter add_supplement remove_supplement send_answer submit_case",
    (
        How.ACT,
        _DRAFT,
    ): "counter-take counter-draft counter-thumbnail counter-discard uploads upload open_draft show_draft save_form "
    "add_material remove_material file_draft discard_draft",
    (
        How.LOOK,
        _MANAGE,
    ): "supervision-unattended supervision-windows peers journal list_peers list_agreements metrics",
    (How.LOOK, _WHO): "who-looked audit look-alarms list_looks",
    (How.ACT, _("处置异常查看")): "look-alarm-close",
    (
        How.ITSELF,
        _SIGN_IN,
    ): "sign-in sign_in_staff sign_in_applicant sign-in-back sign-in-post second sign_in_second password account-password "
    "sign-out sign_out shift hand-over",
    (How.ACT, _("重置他人的两步登录")): "resets",
    (
        How.ACT,
        _("管理人员、岗位和窗口"),
    ): "managers managers-new managers-person managers-grants managers-leaves managers-places managers-keys "
    "managers-import managers-template",
    (How.ACT, _("绑定单位认证身份")): "staff-identities",
    (How.ACT, _OWN): "account-sessions authenticators end_other_sessions end_session",
}
# Nothing of a matter, a list, a search, a person or administration is shown or changed there; or by whom it is theirs.
NOT_RECORDED: dict[str, str] = {
    **dict.fromkeys(
        (
            "home", "items", "item", "item-form", "item-example", "demo-sent", "display", "gallery", "help",
            "help-section", "helpers", "contract", "security", "api-root",
        ),
        "public, about nobody",
    ),
    **dict.fromkeys(("letter-check",), "whoever holds a letter is told that it was issued: nobody in particular asks"),
    **dict.fromkeys(
        ("list_offerings", "show_offering", "list_organisations", "list_windows", "explain_deadline"),
        "public, about nobody",
    ),
    **dict.fromkeys(("lookup", "look_up"), "whoever has a number and what proves it is told its phase: nobody in particular asks"),
    **dict.fromkeys(
        ("lookup-send", "lookup-code", "lookup-leave"), "a code is asked for, typed, or the look ended: the look itself is recorded"
    ),
    **dict.fromkeys(
        (
            "start", "draft", "draft-step", "draft-materials", "draft-material-remove", "draft-discard", "draft-confirm",
            "my-cases", "my-case", "my-case-act", "my-case-materials",
        ),
        "applicants' own pages; no staff come in",
    ),
    **dict.fromkeys(("matter", "box-open", "sign-in-with", "sign-out-with"), "leads on to a page that is recorded"),
    **dict.fromkeys(
        ("me", "current", "list_sessions", "signed-out", "account", "show_account", "show_closing"),
        "tells somebody who they are or were, and where",
    ),
    **dict.fromkeys(("healthz", "readyz"), "how the node is, of nobody"),
    **dict.fromkeys(("card", "messages"), "nodes: what was refused is written by the exchange"),
}  # fmt: skip
ROUTES: dict[str, Route] = {
    name: Route(how, title) for (how, title), names in _TABLE.items() for name in names.split()
}
# Words of the record that no route is called: whoever counts them counts no look at a page.
WORDS: dict[str, Any] = {
    accesses.SIGN_IN: _SIGN_IN,
    **{word: _(title) for word, title in finding.TITLES.items()},
}
_OF_AN_ACT = Route(How.ACT, _ACT)
_OF_THE_API = "do_"  # operations of acts, one for each row of the rule table


def of(name: str) -> Route | None:
    """Return how a route is recorded; nothing where it is not."""
    found = ROUTES.get(name)
    return _OF_AN_ACT if found is None and name.startswith(_OF_THE_API) else found


def title(name: str) -> Any:
    """Return what people call what was done; a command or a word of the program's own by its code."""
    found = of(name)
    if found is not None:
        return found.title
    return COMMAND if name.startswith("tongban ") else WORDS.get(name, name)

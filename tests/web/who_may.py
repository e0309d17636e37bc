"""Who may see and do what on the pages, as one table that can be checked without reading the pages."""

from typing import NamedTuple

from tests.api.test_matrix import roles_of
from tongban.accounts.demo_counties import COUNTIES
from tongban.cases.words import Act
from tongban.web.applicant.words import DONE
from tongban.web.counter.acts import OFFERED
from tongban.web.officer.forms import FORMS

type Person = tuple[str, str]  # node, login
type People = frozenset[Person]

# ------------------------------------------------------------------ people, by post and by place
EVERYBODY: People = frozenset(
    (node, role) for node in COUNTIES for role in roles_of(node) if role != "machine"
)
NOBODY: People = frozenset()


def those(*roles: str, at: str = "") -> People:
    return frozenset(one for one in EVERYBODY if one[1] in roles and at in ("", one[0]))


APPLICANTS = those("applicant1", "applicant2")
SIGNED_IN = EVERYBODY - those("nobody")
STAFF = SIGNED_IN - APPLICANTS
WINDOWS = those("window", "town")  # take in, and read what they take in
DEPARTMENTS = those("hrss", "hrss-head", "police")  # decide, and read what they decide
READERS = WINDOWS | DEPARTMENTS
WATCHERS = those("supervisor", "office")
CLAIMANTS = READERS | WATCHERS | those("lead")  # who take part in matters of some procedure
APPROVE = those("supervisor", "hrss-head")  # that content be destroyed
MANAGERS = those("accounts")
ARCHIVE = APPROVE | those("archive")
# The case was taken in by 青阳's window, for 青阳's first applicant, and is decided by 嘉善's 人社局.
OWNER = those("applicant1", at="qingyang")
INTAKE = those("window", at="qingyang")
HANDLING = those("hrss", "hrss-head", at="jiashan")
CASE = (
    INTAKE | HANDLING
    | those("supervisor", "office", at="qingyang")  # who watches the county
    | those("supervisor", "office", at="jiashan")
)  # fmt: skip
# Another case, of which none of these may learn: from the third county to 嘉善's 市场监管局.
OTHER_CASE = (
    those("window", "accounts", "archive", "supervisor", at="third")
    | those("accounts", "archive", "supervisor", "office", at="jiashan")
)  # fmt: skip
HELD_HERE = frozenset(one for one in EVERYBODY if one[0] != "third")


# ------------------------------------------------------------------ the table
class May(NamedTuple):
    """
    Who gets through. Nobody who has not signed in, unless the posts say so.

    posts: whom the page is for; others are refused with 403. place: whose case or draft it is; for others there is
    none, 404. power: who of these may do the act; others are refused with 403.
    """

    posts: People
    place: People = EVERYBODY
    power: People = EVERYBODY


class Row(NamedTuple):
    """One page: who may read it, who may send something to it; None: there is no such method."""

    get: May | None
    post: May | None = None


OWN_DRAFT = May(APPLICANTS, OWNER)
OWN_CASE = May(APPLICANTS, OWNER)
TAKING = May(WINDOWS, CASE)
READING = May(READERS, CASE)
WATCHING = May(WATCHERS, CASE)

PAGES: dict[str, Row] = {
    "home": Row(May(EVERYBODY)),
    "items": Row(May(EVERYBODY)),
    "item": Row(May(EVERYBODY)),
    "item-form": Row(May(EVERYBODY)),
    "item-example": Row(May(EVERYBODY)),
    "display": Row(May(EVERYBODY)),
    "gallery": Row(May(EVERYBODY)),
    "demo-sent": Row(May(EVERYBODY)),
    "help": Row(May(EVERYBODY)),
    "help-section": Row(May(EVERYBODY)),
    "helpers": Row(May(EVERYBODY)),
    "lookup": Row(May(EVERYBODY), May(EVERYBODY, HELD_HERE)),
    "lookup-send": Row(None, May(EVERYBODY)),
    "lookup-code": Row(May(EVERYBODY), May(EVERYBODY)),
    # Nobody here has opened a case by a code: test_visiting.py does.
    "lookup-case": Row(May(EVERYBODY, NOBODY)),
    "lookup-letter": Row(May(EVERYBODY, NOBODY)),
    "lookup-leave": Row(None, May(EVERYBODY)),
    "letter-check": Row(May(EVERYBODY)),
    "sign-in": Row(May(EVERYBODY), May(EVERYBODY)),
    "sign-out": Row(None, May(EVERYBODY)),
    # No identity provider is set up here, so there is none for anybody.
    "sign-in-with": Row(May(EVERYBODY, NOBODY)),
    "sign-in-back": Row(May(EVERYBODY, NOBODY)),
    # Nor does anybody come back from one and still have to choose a post.
    "sign-in-post": Row(May(EVERYBODY, NOBODY), May(EVERYBODY, NOBODY)),
    "signed-out": Row(May(EVERYBODY, NOBODY)),
    "sign-out-with": Row(May(EVERYBODY, NOBODY)),
    # what is told: everybody their own; a number in it leads where it always does
    "box": Row(May(SIGNED_IN), May(SIGNED_IN)),
    "box-open": Row(May(SIGNED_IN, CASE | OWNER)),
    "me": Row(May(SIGNED_IN)),
    "account": Row(May(APPLICANTS)),
    "account-telephone": Row(May(APPLICANTS), May(APPLICANTS)),
    "account-login": Row(May(APPLICANTS), May(APPLICANTS)),
    "account-copy": Row(May(APPLICANTS), May(APPLICANTS)),
    "account-close": Row(May(APPLICANTS), May(APPLICANTS)),
    "account-password": Row(May(SIGNED_IN), May(SIGNED_IN)),
    "account-sessions": Row(May(SIGNED_IN), May(SIGNED_IN)),
    "password": Row(May(STAFF), May(STAFF)),
    "second": Row(May(STAFF), May(STAFF)),
    "authenticators": Row(May(STAFF), May(STAFF)),
    "resets": Row(May(WATCHERS | those("accounts")), May(WATCHERS | those("accounts"))),
    "staff-identities": Row(May(those("accounts")), May(those("accounts"))),
    # the applicant's own
    "start": Row(May(APPLICANTS), May(APPLICANTS)),
    "draft": Row(OWN_DRAFT),
    "draft-step": Row(OWN_DRAFT, OWN_DRAFT),
    "draft-materials": Row(OWN_DRAFT, OWN_DRAFT),
    "draft-material": Row(OWN_DRAFT),
    "draft-material-remove": Row(None, OWN_DRAFT),
    "draft-confirm": Row(OWN_DRAFT, OWN_DRAFT),
    "draft-discard": Row(OWN_DRAFT, OWN_DRAFT),
    "my-cases": Row(May(APPLICANTS)),
    "my-case": Row(OWN_CASE),
    "receipt": Row(OWN_CASE),
    "my-case-proof": Row(OWN_CASE),
    "my-case-materials": Row(None, OWN_CASE),
    "my-case-content": Row(OWN_CASE),
    "my-case-filing": Row(OWN_CASE),
    "my-case-letter": Row(OWN_CASE),
    # the window's
    "counter": Row(May(WINDOWS)),
    "shift": Row(May(WINDOWS), May(WINDOWS)),
    "hand-over": Row(May(WINDOWS), May(WINDOWS)),
    "counter-book": Row(May(WINDOWS)),
    "counter-book-export": Row(May(WINDOWS)),
    "counter-take": Row(None, May(WINDOWS)),
    "counter-draft": Row(May(WINDOWS, INTAKE), May(WINDOWS, INTAKE)),
    "counter-thumbnail": Row(May(WINDOWS, INTAKE)),
    "counter-discard": Row(May(WINDOWS, INTAKE), May(WINDOWS, INTAKE)),
    "counter-case": Row(TAKING),
    "counter-materials": Row(None, TAKING),
    "counter-letter": Row(READING),
    "counter-content": Row(READING),
    # the department's
    "queue": Row(May(STAFF)),
    "officer-case": Row(READING),
    "officer-claim": Row(None, READING),
    "officer-reveal": Row(None, READING),
    "officer-file": Row(READING),
    "officer-letter": Row(READING),
    # lists of cases, and finding one: who takes in and who decides; who watches finds too, and lists nothing
    "find": Row(May(READERS | WATCHERS), May(READERS | WATCHERS)),
    "case-list": Row(May(READERS)),
    "case-export": Row(May(READERS)),
    "saved-views": Row(None, May(READERS)),
    # several cases at once: a case that somebody does not see is told as one that is not there
    "many": Row(None, May(READERS)),
    # what is said about a case: to the other place, to colleagues
    "case-write": Row(READING, READING),
    "case-note": Row(READING, READING),
    # where a number leads
    "matter": Row(May(SIGNED_IN, CASE | OWNER)),
    # what one has claimed: whose matter it is at all; who has claimed nothing finds nothing to hand over
    "claims-hand-over": Row(May(CLAIMANTS, CASE), May(CLAIMANTS, CASE)),
    "supervision-answer": Row(May(CLAIMANTS, CASE), May(CLAIMANTS, CASE)),
    "claims-relieve": Row(May(WATCHERS, CASE), May(WATCHERS, CASE)),
    # the archive's: nothing here has ended
    "archive": Row(May(ARCHIVE)),
    "archive-file": Row(May(ARCHIVE, NOBODY)),
    "archive-act": Row(None, May(ARCHIVE, NOBODY)),
    "archive-content": Row(May(ARCHIVE, NOBODY)),
    # the account manager's; the person is one of 嘉善's 人社局
    "managers": Row(May(MANAGERS), May(MANAGERS)),
    "managers-new": Row(May(MANAGERS), May(MANAGERS)),
    "managers-person": Row(
        May(MANAGERS, those("accounts", at="jiashan")), May(MANAGERS, those("accounts", at="jiashan"))
    ),
    "managers-grants": Row(May(MANAGERS), May(MANAGERS)),
    "managers-leaves": Row(May(MANAGERS), May(MANAGERS)),
    "managers-places": Row(May(MANAGERS), May(MANAGERS)),
    "managers-import": Row(May(MANAGERS), May(MANAGERS)),
    "managers-template": Row(May(MANAGERS)),
    "managers-keys": Row(May(MANAGERS), May(MANAGERS)),
    # who looked: whose case it is, and who watches over it; nobody here audits
    "who-looked": Row(May(APPLICANTS | WATCHERS, OWNER | CASE)),
    "audit": Row(May(NOBODY)),
    # the supervisor's
    "look-alarms": Row(May(WATCHERS)),
    # There is no alarm, so nobody finds one.
    "look-alarm-close": Row(None, May(WATCHERS, NOBODY)),
    "supervision": Row(May(WATCHERS)),
    "supervision-export": Row(May(WATCHERS)),
    "supervision-press-many": Row(None, May(WATCHERS)),
    "supervision-sheet": Row(None, May(WATCHERS)),
    "supervision-parked": Row(May(WATCHERS)),
    "supervision-unattended": Row(May(WATCHERS)),
    "supervision-windows": Row(May(WATCHERS)),
    "peers": Row(May(WATCHERS | those("lead"))),
    "journal": Row(May(WATCHERS), May(WATCHERS)),
    "supervised-case": Row(WATCHING),
    "supervision-release": Row(None, WATCHING),
    "supervision-press": Row(None, WATCHING),
    "dossier": Row(None, WATCHING),
    # Nobody here consults the case, so they are led to the page that asks why, and find no file; test_consulting.py does.
    "supervision-consult": Row(WATCHING, WATCHING),
    "consulted-case": Row(WATCHING),
    "consulted-file": Row(May(WATCHERS, NOBODY)),
}  # fmt: skip

# Pages that a session opens by a code, whoever has signed in: without one it is over.
BY_CODE = {"lookup-case", "lookup-letter"}

# Of those who may read the case: who prints which letter of it.
MAY_PRINT: dict[str, People] = {"receipt": INTAKE, "handover": READERS}
LETTER_PAGES = ("counter-letter", "officer-letter")

# No pages, but a protocol of its own; test_uploads.py tries it as everybody.
UPLOADS = {"uploads", "upload"}

# One page for each act: whoever may open the case finds the page, but only some do the act.
DECIDES = those("hrss-head", at="jiashan")
EXAMINES = those("hrss", at="jiashan")
WHO_ACTS: dict[Act, People] = {
    **dict.fromkeys(OFFERED, INTAKE),
    **dict.fromkeys(FORMS, EXAMINES),
    **dict.fromkeys((Act.DECIDE, Act.EXTEND, Act.SUSPEND, Act.RESUME), DECIDES),
    **dict.fromkeys((Act.CONCLUDE, Act.SEND_RESULT), HANDLING),
}
ACTS: dict[str, tuple[tuple[Act, ...], May | None, May]] = {
    "my-case-act": (tuple(DONE), None, OWN_CASE),
    "counter-act": (OFFERED, None, TAKING),
    "officer-act": (tuple(FORMS), READING, READING),
}

# What lists show of the two cases; whoever is not named sees neither.
BOTH = those("supervisor", "office", at="jiashan")
LISTED: dict[str, tuple[People, People]] = {  # page: who sees the case, who sees the other one
    "my-cases": (OWNER, NOBODY),
    "counter": (INTAKE, those("window", at="third")),
    "queue": (HANDLING, NOBODY),
    # Under way, and not waiting for one's own hand.
    "case-list": (INTAKE | those("hrss-head", at="jiashan"), those("window", at="third")),
    "supervision": (those("supervisor", "office", at="qingyang") | BOTH, BOTH | those("supervisor", at="third")),
}  # fmt: skip

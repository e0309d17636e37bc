"""The posts that most counties have, with the powers that fit them; a county may make its own."""

from dataclasses import dataclass, replace

from tongban.accounts.access.actor import Permission


@dataclass(frozen=True, slots=True)
class StandardPost:
    """A post as it is usually cut: title and powers."""

    title: str
    permissions: frozenset[str]
    supervises: bool = False  # watches over the whole division of its organisation


WINDOW = frozenset(
    {
        Permission.CASE_FILE,
        Permission.CASE_RECEIVE,
        Permission.CASE_IDENTITY,
        Permission.CASE_REVIEW_FORM,
        Permission.CASE_FORWARD,
        Permission.CASE_ANSWER,
        Permission.CASE_HAND_OUT,
        Permission.CASE_CONTENT,
    }
)
CATALOGUE = frozenset({Permission.CATALOGUE_PUBLISH, Permission.AGREEMENT_SIGN, Permission.PEERS_MANAGE})
# Who reviews does not decide (审查与决定分离); who posts the result need not be who decided it.
OFFICER = frozenset(
    {
        Permission.CASE_ACKNOWLEDGE,
        Permission.CASE_ACCEPT,
        Permission.CASE_REVIEW,
        Permission.CASE_CONCLUDE,
        Permission.CASE_CONTENT,
    }
)
DECIDER = frozenset(
    {
        Permission.CASE_DECIDE,
        Permission.CASE_CONCLUDE,
        Permission.CASE_CONTENT,
        Permission.ARCHIVE_APPROVE,
    }
)

# Who may destroy a file never does it alone: the archivist proposes, a head or the centre approves.
SUPERVISOR = frozenset({Permission.CASE_SUPERVISE, Permission.ARCHIVE_APPROVE})

# Who manages accounts neither decides cases nor supervises them, and who reads the records of access does neither (三权分立,
# GB/T 22239-2019).
STANDARD_POSTS: dict[str, StandardPost] = {
    "window": StandardPost("窗口人员", WINDOW),
    "officer": StandardPost("审批人员", OFFICER),
    "decider": StandardPost("负责人", DECIDER),
    "supervisor": StandardPost("督办专员", SUPERVISOR, supervises=True),
    "county-office": StandardPost("县政府办督查员", frozenset({Permission.CASE_SUPERVISE}), supervises=True),
    "catalogue": StandardPost("事项与协作管理员", CATALOGUE),
    "accounts": StandardPost("账号管理员", frozenset({Permission.ACCOUNTS_MANAGE}), supervises=True),
    "audit": StandardPost("审计管理员", frozenset({Permission.AUDIT_READ}), supervises=True),
    "archive": StandardPost("档案管理员", frozenset({Permission.ARCHIVE_DESTROY})),
}


def grant(post: str, *words: str) -> None:
    """Let a standard post carry more: what a procedure needs it for."""
    before = STANDARD_POSTS[post]
    STANDARD_POSTS[post] = replace(before, permissions=before.permissions | set(words))

"""Who acts: the answer that `signin` gives and every command takes as `by`."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ActorKind(StrEnum):
    """What sort of someone acts."""

    STAFF = "staff"
    APPLICANT = "applicant"
    SYSTEM = "system"
    PEER = "peer"
    # Has proved by a code that the telephone of one matter is theirs: looks, and never acts.
    VISITOR = "visitor"


class Channel(StrEnum):
    """Through what the act came in (申报来源)."""

    COUNTER = "counter"  # 窗口端
    WEB = "web"  # 电脑端
    MOBILE = "mobile"  # 移动端
    KIOSK = "kiosk"  # 自助端
    TV = "tv"  # 电视端
    DESK = "desk"  # an officer's or supervisor's desk
    API = "api"
    SYSTEM = "system"


class Permission(StrEnum):
    """One lawful power of a post. Posts carry sets of these; commands ask for one."""

    CASE_FILE = "case.file"  # register a case for an applicant who stands at the window
    CASE_RECEIVE = "case.receive"  # 收件
    CASE_IDENTITY = "case.identity"  # 身份核验
    CASE_REVIEW_FORM = "case.review_form"  # 形式审查、一次性告知、退件
    CASE_FORWARD = "case.forward"  # 推送
    CASE_ANSWER = "case.answer"  # 代申请人答复补正、催办、申请撤回
    CASE_HAND_OUT = "case.hand_out"  # 发放结果、确认送达
    CASE_ACKNOWLEDGE = "case.acknowledge"  # 签收、退回转办
    CASE_ACCEPT = "case.accept"  # 受理、不予受理、补正告知、答复撤回与催办
    CASE_REVIEW = "case.review"  # 审查
    CASE_DECIDE = "case.decide"  # 决定、延期、特别程序
    CASE_CONCLUDE = "case.conclude"  # 办结、寄出结果
    CASE_SUPERVISE = "case.supervise"  # 督办、处理挂起办件、导出案卷
    CASE_CONTENT = "case.content"  # read the forms and files of the organisation's cases
    CATALOGUE_PUBLISH = "catalogue.publish"
    AGREEMENT_SIGN = "agreement.sign"
    ACCOUNTS_MANAGE = "accounts.manage"
    PEERS_MANAGE = "peers.manage"
    ARCHIVE_DESTROY = "archive.destroy"  # 鉴定并提出销毁，撤回
    ARCHIVE_APPROVE = "archive.approve"  # 批准或不同意销毁
    AUDIT_READ = "audit.read"  # 查看、导出访问与管理记录


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Somebody who acts, already identified.

    `organisation` is a USCC ("" for applicants); `staff` and `applicant` are pseudonyms that
    may stand in an event. `assurance` is the identity level: 0 none, 1 account, 2 verified
    identity number, 3 face to face or face recognition.
    """

    kind: ActorKind
    channel: Channel
    organisation: str = ""
    post: str = ""
    staff: str = ""
    applicant: str = ""
    node: str = ""  # for peers: the node's fingerprint
    matter: str = ""  # for visitors: the one that they may look at
    assurance: int = 0
    permissions: frozenset[str] = field(default_factory=frozenset)
    # What the actor may see beyond the own organisation: division-code prefix of a supervisor.
    supervises: str = ""
    # Hall and window at which a clerk is on shift; "" for everybody else.
    window: str = ""
    machine: bool = False  # a program with a key, and nobody in person
    # What a machine's key may not do although its post may, and what of it was asked for.
    withheld: frozenset[str] = field(default_factory=frozenset)
    missed: set[str] = field(default_factory=set, compare=False, repr=False)

    def may(self, permission: str) -> bool:
        """Return whether the actor's post carries `permission`."""
        if permission in self.withheld:
            self.missed.add(permission)
        return permission in self.permissions


def actor_document(by: Actor) -> dict[str, Any]:
    """Return what an event says of the actor: codes and pseudonyms only."""
    return {
        "kind": str(by.kind), "org": by.organisation, "post": by.post, "staff": by.staff,
        "applicant": by.applicant, "channel": str(by.channel), "assurance": by.assurance,
    }  # fmt: skip


OPERATOR = "operator"  # who acts at the command line of a node; no pseudonym looks like this


def is_of_node(by: Actor) -> bool:
    """Return whether the node itself acts, or its operator at the command line: who is there before anybody has a post."""
    return by.kind is ActorKind.SYSTEM or by.staff == OPERATOR


SYSTEM = Actor(kind=ActorKind.SYSTEM, channel=Channel.SYSTEM, assurance=3)

"""
What a node writes into its own chain: the rule table of the procedure `node` (docs/protocol.md §19).

Pure. A kind about a row of a table carries the row's id and its mark (`kept`), so that an audit finds a row that
was changed, added or taken out by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tongban.kernel.crypto import digest

PROCEDURE = "node"
ROLE = "node"
TERM = 1
FORMAT = "tongban-node-rules/1"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry: how people call it, what it carries, and of which table's row it tells."""

    title: str
    given: tuple[str, ...] = ()
    table: str = ""

    @property
    def carries(self) -> tuple[str, ...]:
        """The members of `given`, exactly."""
        return ("row", "mark", *self.given) if self.table else self.given


_BLOCK = ("count", "first", "last", "digest")
KINDS: Mapping[str, Kind] = {
    "node_founded": Kind("建立节点链"),
    "peer_added": Kind("添加对方节点", ("node", "division", "organisation"), "Peer"),
    "peer_paused": Kind("暂停对方节点", ("node",), "Peer"),
    "peer_resumed": Kind("恢复对方节点", ("node",), "Peer"),
    "peer_removed": Kind("移除对方节点", ("node",), "Peer"),
    "peer_skipped": Kind("恢复时不再等待对方节点", ("node",), "Peer"),
    "peer_succeeded": Kind("节点接替", ("node", "successor"), "Peer"),
    "peer_questioned": Kind("对方节点存疑", ("node",), "Peer"),
    "agreement_kept": Kind("存入通办协议", ("agreement", "version", "state"), "Agreement"),
    "agreement_ended": Kind("终止通办协议", ("agreement", "version", "last_day"), "Agreement"),
    "post_made": Kind("设置岗位", ("organisation", "post"), "Post"),
    "person_added": Kind("添加人员", ("person",), "Person"),
    "person_closed": Kind("停用人员账号", ("person",), "Person"),
    "person_reopened": Kind("恢复人员账号", ("person",), "Person"),
    "password_given": Kind("交付密码", ("person",), "Person"),
    "password_changed": Kind("本人修改密码", ("person",), "Person"),
    "identity_bound": Kind("绑定单位认证身份", ("person",), "StaffIdentity"),
    "identity_confirmed": Kind("本人确认单位认证身份", ("person",), "StaffIdentity"),
    "identity_unbound": Kind("解除单位认证身份", ("person",), "StaffIdentity"),
    "second_added": Kind("登记第二因素", ("person",), "Authenticator"),
    "second_removed": Kind("删除第二因素", ("person",), "Authenticator"),
    "recovery_codes_made": Kind("生成恢复码", ("person",)),
    "recovery_code_used": Kind("使用恢复码", ("person",)),
    "second_reset_asked": Kind("申请重置第二因素", ("person",), "SecondReset"),
    "second_reset_confirmed": Kind("复核并重置第二因素", ("person",), "SecondReset"),
    "post_given": Kind("登记任职", ("person", "organisation", "post"), "Appointment"),
    "post_taken": Kind("免去任职", ("person", "organisation", "post"), "Appointment"),
    "grant_asked": Kind("提出授予岗位", ("person", "organisation", "post"), "Grant"),
    "grant_countersigned": Kind("复核并授予岗位", ("person", "organisation", "post"), "Grant"),
    "grant_declined": Kind("未同意或撤回授予岗位", ("person", "organisation", "post"), "Grant"),
    "leave_entered": Kind("登记请假", ("person",), "Leave"),
    "leave_substituted": Kind("指定替班", ("person",), "Leave"),
    "leave_cancelled": Kind("取消请假", ("person",), "Leave"),
    "machine_key_made": Kind("签发接口密钥", ("person", "organisation", "post"), "ApiKey"),
    "machine_key_revoked": Kind("吊销接口密钥", ("person",), "ApiKey"),
    "calendar_loaded": Kind("导入工作日历", ("year", "version"), "CalendarYear"),
    "node_key_changed": Kind("更换节点密钥", ("number",), "NodeKey"),
    "epoch_begun": Kind("从备份恢复，开始新纪元", ("epoch",)),
    "epoch_declared": Kind("声明恢复结果", ("epoch", "lost", "skipped"), "EpochRecord"),
    "dossier_exported": Kind("导出案卷", ("matter", "content"), "DossierExport"),
    "content_consulted": Kind("调阅材料", ("matter", "ground"), "Consultation"),
    "accesses": Kind("访问与管理记录入链", _BLOCK),
    "accesses_forgotten": Kind("清除期满的访问与管理记录", ("last",)),
    "seals_held": Kind("所持对方封存声明", ("held",)),
}  # fmt: skip
# Members of `given` that name somebody of ours by the node's code; an event says it by pseudonym.
PEOPLE = frozenset({"person"})

TABLE = digest.tagged(
    FORMAT,
    {
        "format": FORMAT, "procedure": PROCEDURE, "version": VERSION,
        "kinds": {name: sorted(kind.carries) for name, kind in KINDS.items()},
    },
)  # fmt: skip
RULES = {"version": VERSION, "digest": TABLE}

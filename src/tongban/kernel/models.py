"""Tables of the kernel: events, duties, statements, seals, keys, vault, calendar. Widths are those of `limits`."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tongban.kernel import limits
from tongban.kernel.crypto import digest

DIGEST = digest.LENGTH
NUMBER = 50  # the longest number (GB/T 39046: an..50)


class Event(models.Model):
    """One lawful act as it was written; `raw` is the truth, the columns are for finding it."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    procedure = models.CharField("程序", max_length=limits.ROLE)
    subject = models.CharField("编号", max_length=NUMBER)
    role = models.CharField("角色", max_length=limits.ROLE)
    term = models.PositiveSmallIntegerField("任期")
    seq = models.PositiveIntegerField("序号")
    epoch = models.PositiveIntegerField("纪元")
    kind = models.CharField("行为", max_length=limits.WORD)
    node = models.CharField("节点", max_length=DIGEST)
    at = models.DateTimeField("时间")
    hash = models.CharField("摘要", max_length=DIGEST, unique=True)
    raw = models.TextField("原文")
    body = models.TextField("附文", blank=True)  # empty once redacted; the envelope keeps its digest
    # PostgreSQL: the transaction that wrote the row, so that only surely committed rows are sealed and followed.
    xact = models.BigIntegerField("事务号", default=0)
    # Position in this node's sealed tree; empty until sealed, and for events of other nodes.
    leaf = models.PositiveBigIntegerField("封存序号", null=True)
    own = models.BooleanField("本节点所写")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("subject", "role", "term", "seq"), name="event_place_in_chain"),
        )
        indexes = (
            models.Index(fields=("id",), condition=Q(own=True, leaf=None), name="event_unsealed"),
            models.Index(fields=("leaf",), condition=Q(leaf__isnull=False), name="event_sealed"),
            # Empty on SQLite, where rows are numbered as they are committed (kernel.committed).
            models.Index(fields=("xact", "id"), condition=Q(xact__gt=0), name="event_committed"),
        )


class Duty(models.Model):
    """Who must do what by when. Projected from events; `name` is unique within its subject."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    procedure = models.CharField("程序", max_length=limits.ROLE)
    subject = models.CharField("编号", max_length=NUMBER)
    role = models.CharField("角色", max_length=limits.ROLE)
    name = models.CharField("责任号", max_length=limits.DUTY)
    about = models.CharField("所督责任号", max_length=limits.DUTY, blank=True)
    kind = models.CharField("责任", max_length=limits.WORD)
    organisation = models.CharField("责任机构", max_length=18, blank=True)  # empty: the applicant
    node = models.CharField("责任节点", max_length=DIGEST)
    addressee = models.CharField("送往节点", max_length=DIGEST, blank=True)  # of a `deliver` duty
    basis = models.CharField("依据", max_length=120)
    limit = models.CharField("时限", max_length=20, blank=True)  # such as "5 工作日"
    since = models.DateTimeField("起")
    due_on = models.DateField("期限", null=True)
    first_opened_at = models.DateTimeField("首次查看", null=True)
    first_opened_by = models.CharField("首次查看人", max_length=limits.PSEUDONYM, blank=True)
    claimed_by = models.CharField("认领人", max_length=limits.PSEUDONYM, blank=True)
    closed_at = models.DateTimeField("了结", null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subject", "name"), name="duty_name"),)
        indexes = (
            # Queues read open duties only, so they cost the same with any number of closed ones behind.
            models.Index(
                fields=("organisation", "due_on", "id"), condition=Q(closed_at=None), name="duty_open"
            ),
            models.Index(
                fields=("organisation", "kind", "due_on", "id"),
                condition=Q(closed_at=None),
                name="duty_open_kind",
            ),
            # What came last to an organisation: every poll of a queue asks, also where nothing has come for long.
            models.Index(fields=("organisation", "id"), condition=Q(closed_at=None), name="duty_open_newest"),
            models.Index(
                fields=("claimed_by", "due_on", "id"), condition=Q(closed_at=None), name="duty_claimed"
            ),
            models.Index(
                fields=("addressee",), condition=Q(closed_at=None, kind="deliver"), name="duty_deliver"
            ),
            models.Index(fields=("node", "due_on"), condition=Q(closed_at=None), name="duty_watch"),
            # Of any holder, as mirrors and supervision list them: those without a day come last, by number.
            models.Index(fields=("id",), condition=Q(closed_at=None, due_on=None), name="duty_undated"),
        )


class Statement(models.Model):
    """A signed statement of heads: `signer` holds these heads of the matter."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    subject = models.CharField("编号", max_length=NUMBER)
    signer = models.CharField("签署节点", max_length=DIGEST)
    raw = models.TextField("原文")
    hash = models.CharField("摘要", max_length=DIGEST, unique=True)

    class Meta:
        indexes = (models.Index(fields=("subject", "signer", "id"), name="statement_of_subject"),)


class Outstanding(models.Model):
    """What a peer still lacks of a matter: `acknowledged` are the heads it has signed for."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    procedure = models.CharField("程序", max_length=limits.ROLE)
    subject = models.CharField("编号", max_length=NUMBER)
    node = models.CharField("对方节点", max_length=DIGEST)
    acknowledged = models.JSONField("对方已签收", default=dict)
    lacking = models.BooleanField("有待送达", default=True)
    # Counts what was appended, so that a receipt for older heads cannot hide newer news.
    news = models.PositiveIntegerField("新增", default=0)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    next_at = models.DateTimeField("下次尝试")
    trouble = models.CharField("最近的困难", max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subject", "node"), name="outstanding_pair"),)
        indexes = (
            models.Index(fields=("next_at",), condition=Q(lacking=True), name="outstanding_due"),
            # Whole, as to SQLite a condition that says `lacking` is not one that says `lacking = 1`.
            models.Index(fields=("lacking", "node"), name="outstanding_lacking"),
            models.Index(fields=("trouble",), name="outstanding_troubled"),
        )


class Fork(models.Model):
    """An event that contradicts one we hold at the same place of the same chain; kept as evidence."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    subject = models.CharField("编号", max_length=NUMBER)
    chain = models.CharField("链", max_length=limits.CHAIN)
    seq = models.PositiveIntegerField("序号")
    hash = models.CharField("摘要", max_length=DIGEST, unique=True)
    raw = models.TextField("原文")
    body = models.TextField("附文", blank=True)
    # Where our own sealed tree holds it, if it is of ours and was put aside by a settlement.
    leaf = models.PositiveBigIntegerField("封存序号", null=True)
    sender = models.CharField("来自节点", max_length=DIGEST)
    at = models.DateTimeField("发现时间")


class SealNode(models.Model):
    """The hash of one complete subtree of this node's sealed tree."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    epoch = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=DIGEST)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("epoch", "level", "index"), name="seal_subtree"),)


class Seal(models.Model):
    """A signed root over all events a node had written: our own, and the latest of each peer."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    node = models.CharField("节点", max_length=DIGEST)
    epoch = models.PositiveIntegerField("纪元")
    size = models.PositiveBigIntegerField("事件数")
    raw = models.TextField("原文")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("node", "epoch", "size"), name="seal_of_node"),)


class Evidence(models.Model):
    """A signed document about a fork: a statement over a branch that is not in the chain, or a settlement."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()
    STATEMENT, SETTLEMENT = "statement", "settlement"

    subject = models.CharField("编号", max_length=NUMBER, db_index=True)
    kind = models.CharField("种类", max_length=12)
    raw = models.TextField("原文")
    hash = models.CharField("摘要", max_length=DIGEST, unique=True)


class SealedHead(models.Model):
    """Where a peer's seal holds the last event of its chain that it sent us; for dossiers."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    subject = models.CharField("编号", max_length=NUMBER)
    chain = models.CharField("链", max_length=limits.CHAIN)
    seq = models.PositiveIntegerField("序号")
    proof = models.JSONField("证明")
    seal = models.TextField("封存声明原文")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subject", "chain"), name="sealed_head_of_chain"),)


class ClockWitness(models.Model):
    """How far a peer's clock stood ahead of ours when we last heard it, in seconds."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    node = models.CharField("节点", max_length=DIGEST, unique=True)
    skew = models.IntegerField("时钟偏差（秒）")
    at = models.DateTimeField("测得于")


class SelfNode(models.Model):
    """What this node knows of itself; one row."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    fingerprint = models.CharField("节点指纹", max_length=DIGEST, unique=True)
    epoch = models.PositiveIntegerField("纪元", default=1)
    recovering = models.BooleanField("恢复中（只读）", default=False)
    restored_at = models.DateTimeField("恢复自备份于", null=True)
    # Number of the node's own chain (docs/protocol.md §19); empty until something is written there.
    journal = models.CharField("节点链编号", max_length=NUMBER, blank=True)


class NodeKey(models.Model):
    """One record of a node's key chain, ours or a peer's."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    node = models.CharField("节点", max_length=DIGEST)
    number = models.PositiveIntegerField("序号")
    raw = models.TextField("原文")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("node", "number"), name="node_key_number"),)


class EpochRecord(models.Model):
    """A node's signed account of a restore: what it had, what came back, what is lost."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    node = models.CharField("节点", max_length=DIGEST)
    epoch = models.PositiveIntegerField("纪元")
    raw = models.TextField("原文")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("node", "epoch"), name="epoch_of_node"),)


class Access(models.Model):
    """
    One look, one act, one refusal (访问与管理记录): who, when, from where, at what of this node, with what answer. Rows are only added.

    Nothing that was sent stands here: no path, no name, no value. Codes and keyed hashes; the address is sealed under the
    node's data key: it is personal information, and who has a backup must not learn it (docs/decisions/0026).
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})

    at = models.DateTimeField("时间", db_index=True)
    who = models.CharField("化名、密钥、节点或系统账号", max_length=DIGEST, blank=True)
    organisation = models.CharField("机构", max_length=18, blank=True)
    post = models.CharField("岗位", max_length=40, blank=True)
    kind = models.CharField(
        "何种身份", max_length=10, blank=True
    )  # a word of `kernel.accesses.Kind`; empty: nobody known
    channel = models.CharField("渠道", max_length=12, blank=True)
    address = models.BinaryField("网络地址（密文）", null=True)
    session = models.CharField("会话标记", max_length=16, blank=True)  # keyed hash of the session's key
    device = models.CharField("浏览器", max_length=60, blank=True)  # its family, where somebody signed in
    doing = models.CharField("所为", max_length=60)  # a route, a command, or a word of the program's own
    matter = models.CharField("编号", max_length=NUMBER, blank=True)
    content = models.CharField("内容摘要", max_length=DIGEST, blank=True)
    result = models.CharField("结果", max_length=limits.WORD)  # ok, failed, or the code of a refusal
    count = models.PositiveIntegerField(
        "次数", default=1
    )  # of refusals alike that were told together: at least

    class Meta:
        verbose_name = "访问与管理记录"
        indexes = (
            # Whole, as SQLite does not conclude from a number that is given that it is not empty.
            models.Index(fields=("matter", "id"), name="access_of_matter_newest"),
            models.Index(
                fields=("organisation", "at"),
                condition=Q(doing="sign_in", result="ok"),
                name="access_sign_in",
            ),
            models.Index(fields=("who", "id"), condition=Q(doing="sign_in"), name="access_sign_in_of"),
        )


class SubjectKey(models.Model):
    """The key of one matter's content, wrapped under the node's data key; empty once destroyed."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    subject = models.CharField("编号", max_length=NUMBER, primary_key=True)
    wrapped = models.BinaryField("封装密钥", null=True)
    destroyed_at = models.DateTimeField("销毁于", null=True)
    destroyed_under = models.CharField("销毁依据", max_length=120, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="subject_key_present_or_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at=None)
                | Q(wrapped=None, destroyed_at__isnull=False),
            ),
        )


class Content(models.Model):
    """One piece of content of a matter: sealed in the row when small, in the vault's folder when not."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    subject = models.CharField("编号", max_length=NUMBER)
    digest = models.CharField("加盐摘要", max_length=DIGEST)
    size = models.PositiveBigIntegerField("字节数")
    complete = models.BooleanField("已收齐", default=True)
    source = models.CharField("从哪个节点取", max_length=DIGEST, blank=True)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    chunks = models.PositiveIntegerField("已收分块", default=0)
    sealed = models.BinaryField("密文", null=True)
    next_at = models.DateTimeField("下次尝试", null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("subject", "digest"), name="content_digest"),)
        indexes = (models.Index(fields=("next_at",), condition=Q(complete=False), name="content_missing"),)


class CalendarYear(models.Model):
    """The official working days of one year, as loaded; the latest version counts."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    year = models.PositiveSmallIntegerField("年")
    version = models.PositiveSmallIntegerField("版本")
    data = models.JSONField("数据")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("year", "version"), name="calendar_year_version"),)

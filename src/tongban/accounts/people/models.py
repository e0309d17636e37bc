"""Posts and the people on them; applicants; keys for machines."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from tongban.accounts import identifiers, permissions
from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.accounts.access.reach import within_reach
from tongban.accounts.people import sealed
from tongban.accounts.places.models import Organisation
from tongban.kernel.journal import kept


class PostQuerySet(models.QuerySet["Post"]):
    """Posts are seen by their own organisation and by those who supervise it."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the posts of the organisations in the actor's reach."""
        return self.filter(within_reach(actor, "organisation__"))


class Post(models.Model):
    """A post (岗位) of an organisation. Permissions hang on the post, never on the person."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    code = models.SlugField("岗位代码", max_length=40)  # stands in events, so it never changes
    title = models.CharField("岗位名称", max_length=60)
    permissions = models.JSONField("权限", default=list)
    # Division-code prefix that the post watches over; empty: the own organisation only.
    supervises = models.CharField("监督区划", max_length=12, blank=True)
    is_active = models.BooleanField("在用", default=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位"
        constraints = (
            models.UniqueConstraint(fields=["organisation", "code"], name="post_code_once_per_organisation"),
        )

    def __str__(self) -> str:
        return self.title

    def powers(self) -> frozenset[str]:
        """Return the post's permissions, as far as this version knows them."""
        return powers_of(self.permissions)


def powers_of(listed: Iterable[str]) -> frozenset[str]:
    """Return the permissions of a post as it is stored; values that this version does not know give no power."""
    return frozenset(listed) & permissions.known()


class PersonQuerySet(models.QuerySet["Person"]):
    """Staff are seen by those who manage accounts where they work, and by themselves."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the people whose appointments lie in the actor's reach, or for whom a post there was proposed, and the actor."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        themselves = Q(pseudonym=actor.staff) if actor.staff else Q(pk__in=[])
        if not actor.may(Permission.ACCOUNTS_MANAGE):
            return self.filter(themselves)
        everybody = self.model._default_manager
        reached = [
            Q(pk__in=everybody.filter(within_reach(actor, f"{by}__post__organisation__")).values("pk"))
            for by in ("appointments", "grants")
        ]
        return self.filter(themselves | reached[0] | reached[1])


class Person(models.Model):
    """A member of staff (工作人员). Events name only the pseudonym."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"username", "name_sealed", "telephone_sealed"})

    username = models.CharField("用户名", max_length=60, unique=True)
    password = models.CharField("口令摘要", max_length=200)
    name_sealed = models.BinaryField("姓名（密文）")
    pseudonym = models.CharField("化名", max_length=12, unique=True)
    is_active = models.BooleanField("在用", default=True)
    # Somebody else has seen the password: it was handed out, on paper or over the telephone.
    must_change_password = models.BooleanField("须修改口令", default=False, db_default=False)
    # Nothing in rows of the first version, until their owners sign in.
    password_changed_at = models.DateTimeField("口令修改时间", null=True, blank=True)
    telephone_sealed = models.BinaryField("手机号（密文）", null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "工作人员"

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def name(self) -> str:
        """The person's name in clear (姓名)."""
        return sealed.open_(self.name_sealed)

    @property
    def telephone(self) -> str:
        """The mobile number by which colleagues reach them (手机); empty where nobody has named one."""
        return sealed.open_(self.telephone_sealed) if self.telephone_sealed else ""


class Appointment(models.Model):
    """Who holds which post, from when until when (任职)."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField("任职起")
    ends_at = models.DateTimeField("任职止", null=True, blank=True)

    class Meta:
        verbose_name = "任职"
        constraints = (
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=Q(ends_at__isnull=True),
                name="appointment_open_once_per_person_and_post",
            ),
            models.CheckConstraint(
                name="appointment_does_not_end_before_it_starts",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
            ),
        )


kept.keep(Post, "organisation_id", "code", "title", "permissions", "supervises", "is_active")
kept.keep(Person, "username", "password", "name_sealed", "pseudonym", "is_active", "must_change_password")
kept.keep(Appointment, "person_id", "post_id", "starts_at", "ends_at")


class ApplicantQuerySet(models.QuerySet["Applicant"]):
    """An applicant's account is seen by its owner alone; cases carry what the offices need."""

    def visible_to(self, actor: Actor) -> Self:
        """Return the actor's own account."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(pseudonym=actor.applicant) if actor.applicant else self.none()


class Applicant(models.Model):
    """
    The account of someone who applies (申请人): a person or an enterprise.

    Login and identity number are kept encrypted; beside each stands a keyed hash, by which alone they can
    be found. A stolen database without the node's data key gives away neither.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset(
        {
            "login_lookup",
            "login_sealed",
            "telephone_sealed",
            "name_sealed",
            "identity_lookup",
            "identity_sealed",
        }
    )

    class Kind(models.TextChoices):
        """Who may apply."""

        PERSON = "person", "自然人"
        ENTERPRISE = "enterprise", "企业和其他组织"

    class Assurance(models.IntegerChoices):
        """How surely we know who it is (认证等级)."""

        NONE = 0, "未登录"
        ACCOUNT = 1, "仅注册"
        VERIFIED = 2, "已核验证件号码"
        IN_PERSON = 3, "已当面核验"

    kind = models.CharField("类别", max_length=12, choices=Kind.choices, default=Kind.PERSON)
    login_lookup = models.CharField("登录名（检索值）", max_length=64, unique=True)
    login_sealed = models.BinaryField("登录名（密文）")
    telephone_sealed = models.BinaryField("手机号（密文）", null=True, blank=True)
    password = models.CharField("口令摘要", max_length=200)
    pseudonym = models.CharField("化名", max_length=12, unique=True)
    name_sealed = models.BinaryField("姓名或名称（密文）", null=True, blank=True)
    identity_lookup = models.CharField("证件号码（检索值）", max_length=64, blank=True)
    identity_sealed = models.BinaryField("证件号码（密文）", null=True, blank=True)
    assurance = models.SmallIntegerField("认证等级", choices=Assurance.choices, default=Assurance.ACCOUNT)
    registered_at = models.DateTimeField("注册时间")
    verified_at = models.DateTimeField("认证时间", null=True, blank=True)
    is_active = models.BooleanField("在用", default=True)
    closed_at = models.DateTimeField("注销时间", null=True, blank=True)

    objects = ApplicantQuerySet.as_manager()

    class Meta:
        verbose_name = "申请人账号"
        constraints = (
            models.UniqueConstraint(
                fields=["identity_lookup"],
                condition=~Q(identity_lookup=""),
                name="applicant_identity_once",
            ),
            models.CheckConstraint(
                name="applicant_verified_has_identity",
                condition=Q(assurance__lt=2)
                | (
                    Q(name_sealed__isnull=False)
                    & Q(identity_sealed__isnull=False)
                    & Q(verified_at__isnull=False)
                ),
            ),
            # Of a closed account nothing is left by which anybody could sign in or be known.
            models.CheckConstraint(
                name="applicant_closed_is_nobody",
                condition=Q(closed_at__isnull=True)
                | Q(
                    is_active=False,
                    password="",
                    identity_lookup="",
                    name_sealed__isnull=True,
                    identity_sealed__isnull=True,
                    telephone_sealed__isnull=True,
                ),
            ),
        )

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def login(self) -> str:
        """The login name in clear (登录名)."""
        return sealed.open_(self.login_sealed)

    @property
    def telephone(self) -> str:
        """The mobile number in clear (手机号): as given, else the one that serves as login name; empty where there is neither."""
        if self.telephone_sealed:
            return sealed.open_(self.telephone_sealed)
        return self.login if identifiers.is_valid(identifiers.mobile, self.login) else ""

    @property
    def name(self) -> str:
        """The verified name in clear (姓名或名称); empty while unverified."""
        return sealed.open_(self.name_sealed) if self.name_sealed else ""

    @property
    def identity_number(self) -> str:
        """The verified identity number or USCC in clear (证件号码); empty while unverified."""
        return sealed.open_(self.identity_sealed) if self.identity_sealed else ""

"""People on posts: adding, appointing, dismissing; and the record of who signed in."""

from datetime import datetime

from django.db import IntegrityError

from tongban.accounts import identifiers
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import SYSTEM, Actor, Channel, is_of_node
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.people import logins, opened, past_passwords, sealed, telling
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.accounts.people.pseudonyms import new_pseudonym
from tongban.accounts.permissions import at_odds, decide
from tongban.kernel import accesses, db
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted

LONGEST_USERNAME = 60
_OF_STAFF = (Channel.DESK, Channel.COUNTER)


class UsernameTaken(DomainError):
    """Somebody has this user name; nothing was changed."""

    code = "username_taken"


class WrongPassword(NotPermitted):
    """The password given as the present one is not; nothing was changed."""

    code = "wrong_password"


class PowersApart(DomainError):
    """One post or person would carry powers that must lie with different people (三权分立); nothing was changed."""

    code = "powers_apart"


class AlreadyAppointed(DomainError):
    """The person is on that post already; nothing was changed."""

    code = "already_appointed"


class SecondManagerNeeded(NotPermitted):
    """A post that decides is given by two: one manager proposes it, another countersigns."""

    code = "second_manager_needed"


def add_person(
    *, username: str, password: str, name: str, post: Post, by: Actor, at: datetime, handed_out: bool = False
) -> Person:
    """
    Add a member of staff (工作人员) and appoint them to their first `post`.

    With `handed_out` the password was made for them, and they have to change it before they do anything else.

    Raises:
        NotPermitted: `by` may not manage accounts of the post's organisation. SecondManagerNeeded: see `granting.add`.
        InvalidInput, PasswordTooWeak, UsernameTaken: see `new_account`.
    """
    ask_to_manage_organisation(by, post.organisation)
    _ask_for_two(post, by)
    with db.write():
        person = new_account(
            username=username, password=password, name=name, by=by, at=at, handed_out=handed_out
        )
        give_post(person=person, post=post, by=by, at=at)
    return person


def new_account(
    *, username: str, password: str, name: str, by: Actor, at: datetime, handed_out: bool = True
) -> Person:
    """
    Make the account of a member of staff who holds no post yet; the caller has asked who may.

    Raises:
        InvalidInput: user name or name is empty, or the user name too long. PasswordTooWeak: see `passwords.hashed`.
        UsernameTaken: the user name is in use on this node.
    """
    username = logins.plain(username)
    if not username or not name.strip():
        raise InvalidInput("人员未添加：账号和姓名均为必填。请补全后重试。")
    if len(username) > LONGEST_USERNAME:
        raise InvalidInput(f"人员未添加：账号过长，至多 {LONGEST_USERNAME} 个字符。请换一个账号。")
    encoded = passwords.hashed(password, login=username)
    try:
        with db.write():
            person = Person.objects.create(
                username=username,
                password=encoded,
                name_sealed=sealed.seal(name.strip()),
                pseudonym=new_pseudonym(),
                must_change_password=handed_out,
                password_changed_at=at,
            )
            telling.of_person("person_added", person, by=by, at=at)
    except IntegrityError:
        raise UsernameTaken("人员未添加：该账号已被使用。请换一个账号。") from None
    return person


def appoint(*, person: Person, post: Post, by: Actor, at: datetime) -> Appointment:
    """
    Appoint a person to a further post (任职), from `at` on.

    Raises:
        NotPermitted: `by` may not manage accounts of the post's organisation, or is the person: nobody
            hands a post to themselves.
        SecondManagerNeeded: the post decides (see `granting.give`).
        PowersApart: the person would read the record of access and do what stands in it.
        AlreadyAppointed: the person holds that post.
    """
    ask_to_manage_organisation(by, post.organisation)
    if by.staff == person.pseudonym:
        raise NotPermitted(f"任职未登记：不能为本人登记岗位“{post.title}”。请由另一位账号管理员办理。")
    _ask_for_two(post, by)
    return give_post(person=person, post=post, by=by, at=at)


def give_post(*, person: Person, post: Post, by: Actor, at: datetime) -> Appointment:
    """
    Give somebody a post; the caller has asked who may, and a second manager where that is needed.

    Raises:
        PowersApart, AlreadyAppointed: see `demand_fit`.
    """
    demand_fit(person, post)
    try:
        with db.write():
            appointment = Appointment.objects.create(person=person, post=post, starts_at=at)
            telling.of_appointment("post_given", appointment, by=by, at=at)
            return appointment
    except IntegrityError:
        raise AlreadyAppointed(f"任职未登记：该人员已在岗位“{post.title}”任职。") from None


def demand_fit(person: Person, post: Post) -> None:
    """Ask whether somebody may hold a post beside what they hold; raises PowersApart, AlreadyAppointed."""
    if person.appointments.filter(post=post, ends_at=None).exists():
        raise AlreadyAppointed(f"任职未登记：该人员已在岗位“{post.title}”任职。")
    held = person.appointments.filter(ends_at__isnull=True).values_list("post__permissions", flat=True)
    if others := at_odds({*post.permissions, *(word for words in held for word in words)}):
        raise PowersApart(
            f"任职未登记：查看访问记录的人不能同时有 {'、'.join(others)}。请由另一人担任“{post.title}”。"
        )


def set_telephone(*, person: Person, telephone: str, by: Actor, at: datetime) -> Person:
    """
    Keep the mobile number by which colleagues reach somebody; an empty one takes it away.

    Raises:
        NotPermitted: one of their posts, or the one proposed for them, is where `by` may not manage accounts.
        InvalidInput: it is no mobile number.
    """
    held = [
        one.post.organisation
        for one in person.appointments.filter(ends_at=None).select_related("post__organisation")
    ]
    held += [
        one.post.organisation for one in person.grants.filter(outcome="").select_related("post__organisation")
    ]
    if not held:
        raise NotPermitted("手机号未保存：此人没有在任岗位。请先登记其岗位。")
    for organisation in held:
        ask_to_manage_organisation(by, organisation)
    typed = telephone.strip()
    if typed and not identifiers.is_valid(identifiers.mobile, typed):
        raise InvalidInput("手机号未保存：请填写 11 位手机号。")
    person.telephone_sealed = sealed.seal(identifiers.mobile(typed)) if typed else None
    with db.write():
        person.save(update_fields=["telephone_sealed"])
    return person


def change_password(*, person: Person, old: str, new: str, by: Actor, at: datetime) -> Person:
    """
    Change one's own password; every session opened with the old one ends.

    Raises:
        NotPermitted: `by` is somebody else. WrongPassword: `old` is wrong.
        PasswordTooWeak: see `passwords.hashed`. PasswordUsedBefore: it is one of the last three.
    """
    if by.staff != person.pseudonym:
        raise NotPermitted("密码未修改：只能修改本人的密码。")
    if not passwords.matches(old, person.password):
        raise WrongPassword("密码未修改：原密码不正确。请重新输入。")
    past_passwords.ask_for_new(owner=person.pseudonym, present=person.password, new=new)
    encoded = passwords.hashed(new, login=person.username)
    with db.write():
        _set_password(person, encoded, handed_out=False, at=at)
        telling.of_person("password_changed", person, by=by, at=at)
    return person


def _ask_for_two(post: Post, by: Actor) -> None:
    # The first manager of a node has nobody beside them: what is done at the command line is done by one.
    if not is_of_node(by) and decide(post.powers()):
        raise SecondManagerNeeded(
            f"岗位未授予：“{post.title}”能作决定，须由另一位账号管理员复核后才生效。请在账号管理页面提出。"
        )


def _set_password(person: Person, encoded: str, *, handed_out: bool, at: datetime) -> None:
    past_passwords.keep(owner=person.pseudonym, encoded=person.password, at=at)
    person.password, person.must_change_password, person.password_changed_at = encoded, handed_out, at
    person.save(update_fields=["password", "must_change_password", "password_changed_at"])


def begin_age(*, person: Person, at: datetime) -> None:
    """Let the password of somebody grow old from now on, where nobody knows since when they have it."""
    if person.password_changed_at is None:
        person.password_changed_at = at
        with db.write():
            person.save(update_fields=["password_changed_at"])


def renew_hash(*, person: Person, password: str, at: datetime) -> None:
    """Hash the password that somebody has just signed in with anew, where that was done at another cost; nothing else changes."""
    if not passwords.is_outdated(person.password):
        return
    person.password = passwords.again(password)
    with db.write():
        person.save(update_fields=["password"])
        telling.of_person("password_changed", person, by=SYSTEM, at=at)


def reset_password(*, person: Person, new: str, by: Actor, at: datetime) -> Person:
    """
    Give a person who forgot theirs a new password; every session opened with the old one ends.

    They have to change it at the next sign-in: whoever resets it has seen it.

    Raises:
        NotPermitted: the account is closed, the person holds no post, or one of the posts is in an organisation
            that `by` may not manage.
        PasswordTooWeak: see `passwords.hashed`.
    """
    open_ones = list(person.appointments.filter(ends_at__isnull=True).select_related("post__organisation"))
    if not person.is_active or not open_ones:
        raise NotPermitted("密码未重置：该账号已停用或没有在任岗位。请先登记其岗位。")
    for appointment in open_ones:
        ask_to_manage_organisation(by, appointment.post.organisation)
    return give_password(person=person, new=new, by=by, at=at)


def give_password(*, person: Person, new: str, by: Actor, at: datetime) -> Person:
    """Set a password that the person has to change at the next sign-in; the caller has asked who may."""
    encoded = passwords.hashed(new, login=person.username)
    with db.write():
        _set_password(person, encoded, handed_out=True, at=at)
        telling.of_person("password_given", person, by=by, at=at)
        opened.end(owner=person.pseudonym)
    return person


def record_sign_in(
    *, organisation: str, pseudonym: str, channel: Channel, succeeded: bool, at: datetime, post: str = "",
    device: str = "", refused_as: str = "bad_credentials",
) -> None:  # fmt: skip
    """
    Write down an attempt to sign in for the organisation (USCC, "" for applicants); asks nobody.

    Names that nobody has are counted, not a row each: anybody can make them up.
    """
    kind = accesses.Kind.STAFF if organisation or channel in _OF_STAFF else accesses.Kind.APPLICANT
    accesses.note(
        accesses.row(
            at=at, doing=accesses.SIGN_IN, result=accesses.OK if succeeded else refused_as, who=pseudonym,
            organisation=organisation, post=post, kind=kind if pseudonym else "", channel=str(channel), device=device,
        )
    )  # fmt: skip

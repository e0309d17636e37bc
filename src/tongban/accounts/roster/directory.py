"""The people of an actor's reach as their manager looks at them: a page at a time, or found by name; each with posts, factors, leave."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db.models import Count, Q

from tongban.accounts import queries
from tongban.accounts.access.actor import Actor
from tongban.accounts.people import leaving, second
from tongban.accounts.people.authenticators import Authenticator
from tongban.accounts.people.grants import Grant
from tongban.accounts.people.leaves import Leave
from tongban.accounts.people.models import Appointment, Person, PersonQuerySet, Post
from tongban.accounts.people.shifts import Shift
from tongban.accounts.places.models import Organisation, OrganisationQuerySet
from tongban.kernel.models import Duty
from tongban.kernel.time.clock import official_day

PAGE: Final = 50
USED, CLOSED = "", "closed"  # which accounts are listed


@dataclass(slots=True)
class Row:
    """Somebody of the staff, with what a list says of them."""

    person: Person
    posts: list[Appointment] = field(default_factory=list)
    waiting: list[Grant] = field(default_factory=list)
    factors: int = 0
    is_demanded: bool = False  # one of their posts demands a second factor
    last_seen: datetime | None = None
    leave: Leave | None = None
    claimed: int = 0
    window: str = ""

    @property
    def lacks_factor(self) -> bool:
        """Whether they have to enrol a second factor and have not."""
        return self.is_demanded and not self.factors


def bureaux(by: Actor) -> OrganisationQuerySet:
    """Return this node's organisations in use in the actor's reach, by name."""
    here = Organisation.objects.visible_to(by).in_reach_of(by).filter(node="", is_active=True)
    return here.order_by("division_code", "name")


def neighbours(by: Actor) -> OrganisationQuerySet:
    """Return the organisations of other nodes that this one knows, by place and name."""
    return Organisation.objects.visible_to(by).exclude(node="").order_by("division_code", "name")


def posts(by: Actor) -> list[Post]:
    """Return the posts in use that the actor may give, bureau by bureau."""
    found = Post.objects.visible_to(by).filter(
        is_active=True, organisation__is_active=True, organisation__node=""
    )
    return list(
        found.select_related("organisation").order_by(
            "organisation__division_code", "organisation__name", "code"
        )
    )


def page(
    by: Actor, *, organisation: str, state: str, after: str, at: datetime
) -> tuple[list[Row], Person | None]:
    """
    Return a page of people by user name, of an organisation (USCC) or of all, after whoever has the code `after`.

    The second is after whom the next page begins; nobody where this is the last.
    """
    found = _people(by, organisation, state)
    last = Person.objects.visible_to(by).filter(pseudonym=after).first() if after else None
    if last is not None:
        found = found.filter(username__gt=last.username)
    people = list(found.order_by("username")[: PAGE + 1])
    rows = described(people[:PAGE], at)
    return rows, people[PAGE - 1] if len(people) > PAGE else None


def found(by: Actor, words: str, *, organisation: str, state: str, at: datetime) -> tuple[list[Row], bool]:
    """Return who has these words in name, user name or post, at most a page; and whether there are more."""
    # Names are encrypted, so every one in reach is opened; a node has thousands of staff, not millions.
    wanted = words.strip().lower()
    people = _people(by, organisation, state)
    by_post = set(
        Appointment.objects.filter(
            ends_at=None, person__in=people, post__title__icontains=wanted
        ).values_list("person_id", flat=True)
    )
    fitting = [
        one
        for one in people.order_by("username")
        if one.pk in by_post or wanted in one.username or wanted in one.name.lower()
    ]
    return described(fitting[:PAGE], at), len(fitting) > PAGE


def described(people: Collection[Person], at: datetime) -> list[Row]:
    """Return people with what a list says of them; a fixed number of questions, however many they are."""
    rows = {one.pk: Row(one) for one in people}
    held = Appointment.objects.filter(person__in=rows, ends_at=None).select_related("post__organisation")
    places: set[str] = set()
    for appointment in held.order_by("starts_at", "pk"):
        row = rows[appointment.person_id]
        row.posts.append(appointment)
        row.is_demanded |= second.is_demanded(appointment.post.powers())
        places.add(appointment.post.organisation.uscc)
    for grant in Grant.objects.waiting().filter(person__in=rows).select_related("post__organisation"):
        rows[grant.person_id].waiting.append(grant)
    counted = Authenticator.objects.filter(person__in=rows, removed_at=None).order_by()
    for pk, number in counted.values_list("person").annotate(number=Count("pk")):
        rows[pk].factors = number
    seen = queries.last_seen(Person.objects.filter(pk__in=rows), organisations=places)
    claimed = _claimed(people)
    away, today = leaving.away(official_day(at)), official_day(at)
    for pk, row in rows.items():
        row.last_seen, row.leave = seen.get(row.person.pseudonym), away.get(pk)
        row.claimed = claimed[row.person.pseudonym]
    sitting = Shift.objects.filter(person__in=rows, ended_at=None).select_related("window__hall")
    for shift in sitting:
        if official_day(shift.started_at) == today:
            rows[shift.person_id].window = str(shift.window)
    return list(rows.values())


def without_second(by: Actor) -> list[Person]:
    """Return whose posts demand a second factor that they have not enrolled, by user name."""
    lacking = _people(by, "", USED).exclude(
        pk__in=Authenticator.objects.filter(removed_at=None).values("person")
    )
    demanding: dict[int, bool] = defaultdict(bool)
    held = Appointment.objects.filter(person__in=lacking, ends_at=None, post__is_active=True)
    for appointment in held.select_related("post"):
        demanding[appointment.person_id] |= second.is_demanded(appointment.post.powers())
    return [one for one in lacking.order_by("username") if demanding[one.pk]]


def leaves_without_substitute(by: Actor, *, first: date, last: date) -> list[Leave]:
    """Return who is or will be away between two days and has nobody to stand in, or nobody any more, by when it begins."""
    rows = Leave.objects.visible_to(by).between(first, last).filter(person__is_active=True)
    lone = Q(substitute=None) | Q(substitute__is_active=False)
    return list(rows.filter(lone).select_related("person"))


def in_use(by: Actor) -> list[tuple[str, str]]:
    """Return user name and code of everybody in the actor's reach whose account is in use."""
    return list(_people(by, "", USED).values_list("username", "pseudonym"))


def _people(by: Actor, organisation: str, state: str) -> PersonQuerySet:
    people = Person.objects.visible_to(by).filter(is_active=state != CLOSED)
    if not organisation:
        return people
    open_ones = {} if state == CLOSED else {"ends_at": None}
    there = Appointment.objects.filter(post__organisation__uscc=organisation, **open_ones).values("person")
    proposed = Grant.objects.waiting().filter(post__organisation__uscc=organisation).order_by()
    return people.filter(Q(pk__in=there) | Q(pk__in=proposed.values("person")))


def _claimed(people: Iterable[Person]) -> Counter[str]:
    codes = [one.pseudonym for one in people]
    rows = Duty.objects.filter(closed_at=None, claimed_by__in=codes).order_by()
    return Counter(dict(rows.values_list("claimed_by").annotate(number=Count("pk"))))

"""What a roster names: organisations, halls, windows, posts and people, each with its place in the file."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Model

from tongban.accounts.people.models import Person, Post
from tongban.accounts.places.models import Hall, Organisation, Window


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the file and its place there, for people to find it."""

    place: str


@dataclass(frozen=True, slots=True)
class OrganisationEntry(Entry):
    """An organisation (机构); `node` is the fingerprint of the peer it sits on, "" for this node."""

    MODEL: ClassVar[type[Model]] = Organisation
    uscc: str
    name: str
    short_name: str
    division: str
    kind: str
    role: str = ""
    phone: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class HallEntry(Entry):
    """A hall (大厅) that `organisation` runs."""

    MODEL: ClassVar[type[Model]] = Hall
    organisation: str
    name: str
    address: str
    phone: str = ""
    open_hours: str = ""


@dataclass(frozen=True, slots=True)
class WindowEntry(Entry):
    """A window (窗口) in the hall named `hall` of `hall_of`; staffed by `organisation`, "" for the same."""

    MODEL: ClassVar[type[Model]] = Window
    hall_of: str
    hall: str
    label: str
    organisation: str = ""
    is_cross_province: bool = False


@dataclass(frozen=True, slots=True)
class PostEntry(Entry):
    """A post (岗位): a standard one by its key, or one of the county's own with title and permissions."""

    MODEL: ClassVar[type[Model]] = Post
    organisation: str
    post: str
    title: str = ""
    permissions: tuple[str, ...] = ()
    supervises: str = ""


@dataclass(frozen=True, slots=True)
class PersonEntry(Entry):
    """A person (人员) on one post; who holds several has several entries of one user name."""

    MODEL: ClassVar[type[Model]] = Person
    username: str
    name: str
    organisation: str
    post: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The whole file."""

    organisations: tuple[OrganisationEntry, ...]
    halls: tuple[HallEntry, ...]
    windows: tuple[WindowEntry, ...]
    posts: tuple[PostEntry, ...]
    people: tuple[PersonEntry, ...]

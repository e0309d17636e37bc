"""A small county to test with: made by the commands, with its own people."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from pytest_django.fixtures import Settings

from tongban.accounts import commands, queries
from tongban.accounts.access.actor import SYSTEM, Actor, Channel
from tongban.accounts.demo_counties import uscc_of
from tongban.accounts.models import Organisation, Person, Post
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.configuration.staff_providers import StaffProviderConfig

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 9:00 in Qingyang
ISSUER = "https://id.example.gov.cn"
PASSWORD = "long enough, and odd"


def an_organisation(role: str = "public_security", county: str = "qingyang") -> Organisation:
    division = {"qingyang": "341723", "jiashan": "330421"}[county]
    commands.load_divisions()
    return commands.register_organisation(
        uscc=uscc_of(county, role),
        name=f"{division} {role}",
        short_name=role,
        division=division,
        kind=Organisation.Kind.COMPETENT,
        role=role,
        by=SYSTEM,
        at=MONDAY,
    )


def a_post(organisation: Organisation, code: str = "officer") -> Post:
    standard = STANDARD_POSTS[code]
    return commands.add_post(
        organisation=organisation,
        code=code,
        title=standard.title,
        permissions=standard.permissions,
        supervises=organisation.division_code if standard.supervises else "",
        by=SYSTEM,
        at=MONDAY,
    )


def a_person(post: Post, username: str = "wang") -> Person:
    return commands.add_person(
        username=username, password=PASSWORD, name="王五", post=post, by=SYSTEM, at=MONDAY
    )


def acting(person: Person, post: Post) -> Actor:
    return queries.actor_for_person(person=person, post=post, channel=Channel.DESK, at=MONDAY)


def settle(role: str = "public_security", post: str = "officer", username: str = "wang") -> SimpleNamespace:
    """An organisation with one post and one person on it, and that person as an actor."""
    organisation = an_organisation(role)
    made = a_post(organisation, post)
    person = a_person(made, username)
    return SimpleNamespace(organisation=organisation, post=made, person=person, actor=acting(person, made))


def trust_a_provider(settings: Settings) -> None:
    """Let the node know one provider of identities for its staff."""
    config = StaffProviderConfig(
        key="office", name="县平台", issuer=ISSUER, client_id="n", secret_file=Path("none")
    )
    settings.NODE = replace(settings.NODE, staff_providers=(config,))

"""
Who of this node's staff stands behind a pseudonym: name and post, for colleagues and for the letters they issue.

Events, logs and what goes to other nodes name the pseudonym alone. Nothing here is for applicants' pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tongban.accounts.people.models import Appointment, Person
from tongban.accounts.people.traces import ApiKey


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff of this node, or a machine that acts for one of its posts."""

    name: str
    post: str

    def __str__(self) -> str:
        return f"{self.name}（{self.post}）" if self.post else self.name


def known(pseudonyms: Iterable[str]) -> dict[str, Colleague]:
    """Return those of this node's staff that are meant, by pseudonym; whoever works elsewhere is not among them."""
    wanted = set(pseudonyms) - {""}
    if not wanted:
        return {}
    held = Appointment.objects.filter(person__pseudonym__in=wanted).order_by("starts_at", "pk")
    posts = dict(held.values_list("person__pseudonym", "post__title"))  # the last one counts
    found = {
        person.pseudonym: Colleague(person.name, posts.get(person.pseudonym, ""))
        for person in Person.objects.filter(pseudonym__in=wanted)
    }
    machines = ApiKey.objects.filter(prefix__in=wanted - found.keys()).values_list("prefix", "post__title")
    return found | {prefix: Colleague(f"系统接口 {prefix}", post) for prefix, post in machines}

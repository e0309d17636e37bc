"""What a case hides: an applicant whose particulars are found nowhere else, and all that a refused request might change."""

from typing import Any

from tests import stories
from tests.looked import readings
from tests.world import World
from tongban.accounts.access.actor import Actor
from tongban.cases.models import Case
from tongban.catalogue import seed
from tongban.kernel.journal import numbers
from tongban.kernel.models import Event
from tongban.materials import commands as materials
from tongban.materials.models import Draft, Material
from tongban.procedures.models import Consultation, DossierExport

NAME, MOBILE, ADDRESS = "欧阳试探", "13800007731", "暗访路七十七弄"
IDNO = "341723199003070016"
SECRETS = (NAME, MOBILE, ADDRESS, IDNO)


def draft(
    world: World, by: Actor, *, intake: str = "qingyang", handling: str = "jiashan", files: bool = True
) -> str:
    """Open a draft for somebody whose particulars are SECRETS."""
    number = stories.draft(world, intake, handling, stories.PROXY, by, files=files)
    form = {**seed.example(stories.PROXY), "applicant_name": NAME, "applicant_mobile": MOBILE}
    form |= {
        "applicant_address": ADDRESS,
        "delivery_address": {"receiver": NAME, "mobile": MOBILE, "address": ADDRESS},
    }
    assert form["applicant_idno"] == IDNO
    with world.on(intake):
        materials.save_form(number=number, instance=form, by=by, at=world.at)
    return number


def shapes(number: str) -> list[str]:
    """Return a number as it is stored, in groups as people read it, and the end that pages keep in one line."""
    grouped = numbers.parse(number).display()
    return [number, grouped, grouped[21:]]


def state_of(world: World, node: str) -> tuple[Any, ...]:
    """Return all that a refused request might have changed on a node."""
    with world.on(node):
        return (
            sorted(Case.objects.values_list("number", "version")),
            sorted(Draft.objects.values_list("number", "form", "filed")),
            Event.objects.count(), Material.objects.count(), readings().count(), DossierExport.objects.count(),
            Consultation.objects.count(),
        )  # fmt: skip

"""An applicant of Qingyang, as the caller they are and as the row that is kept of them."""

import pytest

from tests.api import front
from tests.api.conftest import counties, settled
from tests.api.front import Caller
from tests.world import World
from tongban.accounts.models import Applicant

__all__ = ["counties", "settled"]


@pytest.fixture
def chen(counties: World) -> Caller:
    return front.applicant(counties, "qingyang", "chen")


def row(world: World) -> Applicant:
    with world.on("qingyang"):
        return Applicant.objects.order_by("pk")[0]

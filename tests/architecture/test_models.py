"""What every model and migration must keep."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

ROOT = Path(__file__).parents[2]
MODELS = [model for model in apps.get_models() if model.__module__.startswith("tongban.")]


def layer_of_each_app() -> dict[str, int]:
    """Return app → height of its layer, from the contract that import-linter keeps."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    from_below = enumerate(reversed(contract["layers"]))
    return {app.strip(): height for height, layer in from_below for app in layer.split("|")}


def app_of(model: type[Model]) -> str:
    return model.__module__.split(".")[1]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
class TestModel:
    def test_names_its_personal_fields(self, model: type[Model]) -> None:
        personal = getattr(model, "PERSONAL", None)
        assert isinstance(personal, frozenset), f"{model._meta.label}: PERSONAL must be a frozenset of fields"

        unknown = personal - {field.name for field in model._meta.get_fields()}
        assert not unknown, f"{model._meta.label}: PERSONAL names what is no field: {sorted(unknown)}"

    def test_points_down_the_layers(self, model: type[Model]) -> None:
        height = layer_of_each_app()
        for field in model._meta.get_fields():
            target = field.related_model
            if field.auto_created or not isinstance(target, type) or target not in MODELS:
                continue
            own, other = app_of(model), app_of(target)
            assert own == other or height[other] < height[own], f"{model._meta.label}.{field.name} points up"

    def test_orders_only_when_asked(self, model: type[Model]) -> None:
        assert not model._meta.ordering, f"{model._meta.label}: a query asks for its order"

"""A node of one's own for a test: home, vault, keys and identity in a throw-away folder."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tongban.kernel import identity

BIRTH = datetime(2026, 1, 5, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Node:
    """What a test may want to know of the node it runs on."""

    fingerprint: str
    home: Path

    @property
    def vault_files(self) -> list[Path]:
        """Every file in the vault, finished or not."""
        return sorted(path for path in (self.home / "vault").rglob("*") if path.is_file())


@pytest.fixture
def node(tmp_path: Path, settings: Settings, db: None) -> Node:
    """Make the settings those of a new node, and give it keys and an identity."""
    settings.NODE = replace(settings.NODE, home=tmp_path, keys=tmp_path / "keys")
    settings.VAULT_FOLDER = tmp_path / "vault"
    return Node(identity.create(BIRTH), tmp_path)

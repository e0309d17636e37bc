"""Personal data at rest."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from tongban.accounts.people import sealed
from tongban.configuration.config import ConfigError


class TestSeal:
    def test_opens_what_it_sealed(self) -> None:
        assert sealed.open_(sealed.seal("欧阳青")) == "欧阳青"

    def test_never_seals_twice_the_same(self) -> None:
        assert sealed.seal("a") != sealed.seal("a")

    def test_opens_what_postgresql_hands_out(self) -> None:
        assert sealed.open_(memoryview(sealed.seal("a"))) == "a"


class TestLookup:
    def test_finds_again_and_only_the_same(self) -> None:
        assert sealed.lookup("a") == sealed.lookup("a") != sealed.lookup("b")


class TestDataKey:
    def test_is_never_made_up(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError):
            sealed.data_key(replace(settings.NODE, keys=tmp_path))

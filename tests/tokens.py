"""A token as a node meets it: softhsm2 in a folder that is thrown away, with what operators do to a real one."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tongban.configuration.tokens import TokenConfig

MODULE: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL, PIN, SO_PIN = "qingyang", "271828", "31415926"


@dataclass(frozen=True)
class Drawer:
    """Where tokens lie; what is taken out of it is not there for any module."""

    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "softhsm2.conf"

    @property
    def plugged(self) -> Path:
        return self.folder / "tokens"

    def put_in(self, label: str = LABEL) -> None:
        """Plug a new token in, as its maker delivers it, with its name and PIN set."""
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", SO_PIN],
            env={"SOFTHSM2_CONF": str(self.configuration)}, check=True, capture_output=True,
        )  # fmt: skip

    def pull(self, to: str = "pulled") -> None:
        """Pull every token."""
        self.plugged.rename(self.folder / to)
        self.plugged.mkdir()

    def put_back(self, out_of: str = "pulled") -> None:
        """Plug in again what was pulled, in the place of what is there."""
        shutil.rmtree(self.plugged)
        (self.folder / out_of).rename(self.plugged)

    def place(self, keys: Path, *, label: str = LABEL, pin_file: Path | None = None) -> TokenConfig:
        """Return what a node with its keys in `keys` knows of the token."""
        return TokenConfig(module=MODULE, label=label, key="tongban-qy", folder=keys, pin_file=pin_file)


def drawer(folder: Path, patch: pytest.MonkeyPatch) -> Drawer:
    """Return a drawer with one token in it, for this process and those it starts; they are given the PIN."""
    made = Drawer(folder)
    made.plugged.mkdir(parents=True)
    made.configuration.write_text(
        f"directories.tokendir = {made.plugged}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    patch.setenv("SOFTHSM2_CONF", str(made.configuration))
    patch.setenv("TONGBAN_TOKEN_PIN", PIN)
    made.put_in()
    return made

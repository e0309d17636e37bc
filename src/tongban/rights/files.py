"""Files of a copy: each is opened when it is its turn, and all together stay below a bound."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tongban.kernel.errors import DomainError
from tongban.materials.container import tidy_name

MOST_BYTES: Final = 1024 * 1024 * 1024  # of files in one copy; beyond it they are named and not sent

Opened = tuple[str, str, bytes]  # name, media type, bytes


class CopyTooLarge(DomainError):
    """The files of a copy are too much together, so this one is only named."""

    code = "data_copy_too_large"


class Budget:
    """How much of the bound is left."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._left = most

    def take(self, size: int) -> None:
        """Take room for a file; raises CopyTooLarge where there is none."""
        if size > self._left:
            raise CopyTooLarge("副本的文件合计已达上限，这一份没有放入。请在办件页面单独下载。")
        self._left -= size


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is to come: what the document says of it, and how it is opened."""

    entry: dict[str, Any]
    number: int
    open_one: Callable[[], Opened]
    budget: Budget

    def open_(self) -> tuple[str, bytes]:
        """Return the name under which it is packed and its bytes; raises what says why it is not there."""
        name, media_type, data = self.open_one()
        self.budget.take(len(data))
        self.entry.update(name=name, media_type=media_type)
        # Two files may have one name.
        return f"{self.number:03}-{tidy_name(name)}", data

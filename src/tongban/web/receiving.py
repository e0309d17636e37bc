"""
Files of a form on their way in: in memory only.

Django would write what exceeds 2.5 MB to a temporary file, in clear, where a crash leaves it. The largest
file we take has 20 MB, so memory holds it; what is beyond the limits is not even kept, and says so to the
view that reads it, so that everything else that was typed is saved.
"""

import io
from typing import IO, Any, Final

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from tongban.materials.commands import DEFAULT_MAX_BYTES
from tongban.materials.inspection import FileTooLarge, size_words

FILE: Final = DEFAULT_MAX_BYTES
REQUEST: Final = 64 * 1024 * 1024  # all files of one form


class Overlarge(InMemoryUploadedFile):
    """A file that was not kept; reading it is refused."""

    def read(self, *args: Any) -> bytes:
        """Raise FileTooLarge: there is nothing to read."""
        raise FileTooLarge(
            f"文件未保存：一个文件不能超过 {size_words(FILE)}，一次上传合计不能超过 {size_words(REQUEST)}。"
            "请压缩、降低分辨率，或分几次上传。"
        )


class InMemory(FileUploadHandler):
    """Keeps the files of a request in memory, within the limits."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._total = 0
        self._file: IO[bytes] = io.BytesIO()
        self._over = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._file, self._over = io.BytesIO(), False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece; from the first that is too much, let go of the whole file."""
        self._total += len(raw_data)
        if self._over or start + len(raw_data) > FILE or self._total > REQUEST:
            self._over, self._file = True, io.BytesIO()
            return
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file, or one that refuses to be read."""
        kind = Overlarge if self._over else InMemoryUploadedFile
        self._file.seek(0)
        return kind(
            file=self._file, field_name=self.field_name, name=self.file_name, content_type=self.content_type,
            size=file_size, charset=self.charset, content_type_extra=self.content_type_extra,
        )  # fmt: skip

"""
Why a file is not taken. One module, because every check of a file raises them.

A check's sentence begins after the name of the material and ends with what to do next; it never holds
the file's name, which may be a person's.
"""

from tongban.kernel.errors import DomainError


class FileRefused(DomainError):
    """The file was not taken; nothing was stored."""

    code = "file_refused"
    status = 422


class FileDisguised(FileRefused):
    """The extension of the file says one type and its content another."""

    code = "file_disguised"


class FileTooLarge(FileRefused):
    """The file is larger than the guide allows for this material."""

    code = "file_too_large"
    status = 413


class FileTypeNotAccepted(FileRefused):
    """The guide does not take files of this type for this material."""

    code = "file_type_not_accepted"
    status = 415


class FileUnreadable(FileRefused):
    """The file is empty, damaged, encrypted or incomplete, so nobody could read it."""

    code = "file_unreadable"


class FileDangerous(FileRefused):
    """The file carries something that could act by itself or hide: a script, an attachment, a virus, a bomb."""

    code = "file_dangerous"


class FileUnchanged(FileRefused):
    """What was asked for anew is byte for byte what was handed in before, so nothing would be put right."""

    code = "file_unchanged"

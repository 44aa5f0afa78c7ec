"""Opening files that a stranger may have written: regular, small, text."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from peerlint.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

#: Largest file that is read, in bytes; and largest of those that peerlint writes: certificates and baselines.
MAX_BYTES = 2 * 1024 * 1024
MAX_OWN_BYTES = 64 << 20


def lexical(path: Path) -> Path:
    """The absolute path without `.` and `..`, told from the letters alone: the file system is not asked."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (Path.resolve follows links, Path.absolute keeps `..`)


class RealFolders:
    """Where folders really are. Those of one run stand in each other, so each link is followed once for all of them."""

    def __init__(self) -> None:
        self._known: dict[Path, Path] = {}

    def of(self, folder: Path) -> Path:
        """The real path of a folder. Raises OSError, RuntimeError or ValueError."""
        if folder not in self._known:
            is_plain = len(folder.parts) < _DEEPEST and ".." not in folder.parts and folder.parent != folder
            if _HAS_PLAIN_NAMES and is_plain and folder.is_absolute() and not folder.is_symlink():
                self._known[folder] = self.of(folder.parent) / folder.name
            else:
                self._known[folder] = folder.resolve()
        return self._known[folder]


#: Whether a folder that is no link has the name by which it is called: Windows has other names for one folder.
_HAS_PLAIN_NAMES = os.name == "posix"
#: Folders that are deeper are followed by themselves.
_DEEPEST = 100


def read_regular(path: Path, label: str, at_most: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file. Never waits on a FIFO, never reads a device, never more than the cap.

    Raises InputError, in which the file is called `label`.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    try:
        # Looked at before it is opened, since opening alone has effects on some devices; and again once it is open.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _not_regular(path, label)
        with os.fdopen(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _not_regular(path, label)
            # What is asked for is made room for: megabytes for each small file take longer than to read it.
            data = file.read(min(found.st_size, at_most) + 1)
            if len(data) > found.st_size:
                data += file.read(at_most + 1 - len(data))
    except FileNotFoundError:
        raise InputError("no such file", path=label, todo="check the path") from None
    except PermissionError:
        raise InputError("may not be read", path=label, todo="check the permissions") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"cannot be read: {reason}", path=label) from None
    return _small(data, label, at_most)


def _small(data: bytes, label: str, at_most: int = MAX_BYTES) -> bytes:
    if len(data) > at_most:
        raise InputError(f"is larger than {at_most >> 20} MB", path=label, todo="exclude it or split it")
    return data


def read_text(path: Path, label: str) -> bytes:
    """The bytes of a regular file that is text. Raises InputError."""
    return _text(read_regular(path, label), label)


def read_stream(stream: BinaryIO, label: str) -> bytes:
    """The bytes of an input that stands for a file, never more than of a file. Raises InputError unless it is text."""
    return _text(_small(stream.read(MAX_BYTES + 1), label), label)


def _text(data: bytes, label: str) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError("is UTF-16", path=label, todo="save it as UTF-8")
    if b"\0" in data:
        raise InputError("is a binary file (it holds a NUL byte)", path=label, todo="exclude it")
    return data


def _not_regular(path: Path, label: str) -> InputError:
    if path.is_dir():
        return InputError("is a folder, not a file", path=label, todo="name a file in it")
    return InputError("is not a regular file", path=label, todo="name a regular file")


def repository_of(folder: Path) -> Path | None:
    """The nearest folder with a `.git`, the folder itself or one above it; None where there is none."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)

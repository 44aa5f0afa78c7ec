"""Files of a run: in a folder, confined to it and to folders that were allowed, or in memory."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Protocol

from peerlint.patterns import regex
from peerlint.run.world import Cause, EffectFailure

#: Bytes of the largest file that is read.
MAX_FILE = 64 * 1024 * 1024
#: Most paths that one glob gives.
MAX_MATCHES = 10_000
_WILDCARD = regex(r"[*?\[]")


class Files(Protocol):
    """Text files by path; relative paths start at the folder that was entered last. All raise EffectFailure."""

    def read(self, path: str) -> str:
        """Text of a file."""

    def write(self, path: str, text: str, append: bool) -> None:
        """Write or append."""

    def delete(self, path: str) -> None:
        """Unlink; a missing file is no failure."""

    def exists(self, path: str, folder: bool) -> bool:
        """Whether a regular file (or a folder) is there."""

    def empty(self, path: str, folder: bool) -> bool:
        """Whether it is absent or has no content."""

    def matching(self, pattern: str) -> list[str]:
        """Paths that match a glob, sorted; with `/` at its end folders only."""

    def enter(self, path: str) -> None:
        """Later paths are relative to this folder."""

    def leave(self) -> None:
        """Back to the folder before."""

    @property
    def folder(self) -> str:
        """The folder that was entered last, for commands."""


def as_is(text: str) -> str:
    """The text as a part of a pattern in which nothing is a wildcard."""
    return glob.escape(text)


def _for_fnmatch(pattern: str) -> str:
    """`[^a]` of the shell is `[!a]` in Python."""
    return pattern.replace("[^", "[!")


def _denied(path: str) -> EffectFailure:
    return EffectFailure(
        Cause.FILE_DENIED, f'"{path}" lies outside the working directory; allow its folder with --allow-files'
    )


def _missing(path: str, what: str = "No such file or directory") -> EffectFailure:
    return EffectFailure(Cause.FILE_MISSING, f"{path}: {what}")


def _no_folder_name(path: str) -> None:
    """Raises where the path is the name of a folder: with a `/` at its end it never is that of a file."""
    if path.endswith("/"):
        raise _missing(path, "Not a directory")


class FolderFiles:
    """Files below `root`, and below the folders in `allowed`; what a symbolic link points to counts."""

    def __init__(self, root: Path, allowed: Iterable[Path] = ()) -> None:
        self._folders = [root.resolve()]
        self._allowed = [root.resolve(), *(path.resolve() for path in allowed)]

    @property
    def folder(self) -> str:
        """The folder that was entered last."""
        return str(self._folders[-1])

    def _place(self, path: str) -> Path:
        """The real path. Raises FILE_DENIED outside the allowed folders."""
        if not path or "\0" in path:
            raise _missing(path)
        try:
            place = (self._folders[-1] / path).resolve()
        except (OSError, RuntimeError):  # a loop of links
            raise _missing(path, "Too many levels of symbolic links") from None
        if not any(place.is_relative_to(folder) for folder in self._allowed):
            raise _denied(path)
        return place

    @contextmanager
    def _mapped(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _missing(path, os.strerror(error.errno or errno.EIO)) from None

    def read(self, path: str) -> str:
        """Text of a file; bytes that are no UTF-8 come back as they were when it is written."""
        place = self._place(path)
        _no_folder_name(path)
        with self._mapped(path):
            # A FIFO or a device would block or never end.
            if place.exists() and not place.is_file():
                raise _missing(path, "Is no regular file")
            if place.stat().st_size > MAX_FILE:
                raise EffectFailure(Cause.TOO_LARGE, f"{path}: larger than {MAX_FILE} bytes")
            return place.read_bytes().decode("utf-8", "surrogateescape")

    def write(self, path: str, text: str, append: bool) -> None:
        """Write or append; the folder must be there."""
        place = self._place(path)
        _no_folder_name(path)
        with self._mapped(path):
            if place.exists() and not place.is_file():
                raise _missing(path, "Is no regular file")
            with place.open("ab" if append else "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))

    def delete(self, path: str) -> None:
        """Unlink the path itself: a link, not what it points to, so it is the link that must lie inside."""
        parent, _, name = path.rpartition("/")
        place = self._place(parent or ("/" if path.startswith("/") else ".")) / name
        if name in ("", ".", ".."):
            raise _missing(path, "Is no regular file")
        with self._mapped(path):
            place.unlink(missing_ok=True)

    def exists(self, path: str, folder: bool) -> bool:
        """As `[ -f path ]` or `[ -d path ]`."""
        if not path or "\0" in path:
            return False
        place = self._place(path)
        return place.is_dir() if folder else place.is_file() and not path.endswith("/")

    def empty(self, path: str, folder: bool) -> bool:
        """As `[ ! -s path ]`; a folder is empty where it holds nothing."""
        if not self.exists(path, folder):
            return True
        place = self._place(path)
        with self._mapped(path):
            return not any(place.iterdir()) if folder else place.stat().st_size == 0

    def matching(self, pattern: str) -> list[str]:
        """As the shell expands it: `*` and `?` pass over dot files and stay within one folder."""
        if not pattern or "\0" in pattern:
            return []
        fixed = _WILDCARD.split(pattern, maxsplit=1)[0]
        self._place(fixed.rpartition("/")[0] or ("/" if pattern.startswith("/") else "."))
        found: list[str] = []
        # Path.glob would give dot files and take `**` for any depth, which the shell does not.
        for path in glob.iglob(_for_fnmatch(pattern), root_dir=self._folders[-1]):  # noqa: PTH207
            self._place(path)
            found.append(path)
            if len(found) > MAX_MATCHES:
                raise EffectFailure(Cause.TOO_LARGE, f"{pattern}: more than {MAX_MATCHES} files match")
        return sorted(found)

    def enter(self, path: str) -> None:
        """Enter a folder that is there."""
        place = self._place(path)
        if not place.is_dir():
            raise _missing(path)
        self._folders.append(place)

    def leave(self) -> None:
        """Back to the folder before."""
        self._folders.pop()


class MemoryFiles:
    """Files in a dictionary of path to text; a folder is there when a file lies below it, or when it was made.

    Folder names are those of a POSIX system, `/` is the root and where it starts.
    """

    def __init__(self, files: dict[str, str] | None = None, folders: Iterable[str] = ()) -> None:
        self._folders = ["/"]
        self.texts = {self._place(path): text for path, text in (files or {}).items()}
        self._made = {self._place(path) for path in folders} | {"/"}

    @property
    def folder(self) -> str:
        """The folder that was entered last."""
        return self._folders[-1]

    def _place(self, path: str) -> str:
        parts: list[str] = []
        for part in (PurePosixPath(self._folders[-1]) / path).parts[1:]:
            if part == "..":
                del parts[-1:]
            else:
                parts.append(part)
        return "/" + "/".join(parts)

    def _is_folder(self, place: str) -> bool:
        below = place.rstrip("/") + "/"
        return place in self._made or any(path.startswith(below) for path in (*self.texts, *self._made))

    def read(self, path: str) -> str:
        """Text of a file."""
        _no_folder_name(path)
        try:
            return self.texts[self._place(path)]
        except KeyError:
            raise _missing(path) from None

    def write(self, path: str, text: str, append: bool) -> None:
        """Write or append; the folder must be there."""
        place = self._place(path)
        _no_folder_name(path)
        if not path or self._is_folder(place) or not self._is_folder(place.rpartition("/")[0] or "/"):
            raise _missing(path)
        self.texts[place] = (self.texts.get(place, "") if append else "") + text

    def delete(self, path: str) -> None:
        """Unlink."""
        place = self._place(path)
        if not path or self._is_folder(place):
            raise _missing(path)
        self.texts.pop(place, None)

    def exists(self, path: str, folder: bool) -> bool:
        """Whether it is there."""
        place = self._place(path)
        return bool(path) and (self._is_folder(place) if folder else place in self.texts and not path.endswith("/"))

    def empty(self, path: str, folder: bool) -> bool:
        """Whether it is absent or has no content."""
        place = self._place(path)
        if folder:
            below = place.rstrip("/") + "/"
            return not any(other.startswith(below) for other in (*self.texts, *self._made))
        return path.endswith("/") or not self.texts.get(place)

    def matching(self, pattern: str) -> list[str]:
        """Files and folders by glob, relative to the folder that was entered last."""
        found = ["/" if pattern.startswith("/") else ""]
        parts = _for_fnmatch(pattern).strip("/").split("/")
        for depth, part in enumerate(parts):
            only_folders = depth < len(parts) - 1 or pattern.endswith("/")
            paths = [before + name for before in found for name in self._names(before, part)]
            found = [path for path in paths if self.exists(path, folder=True) or not only_folders]
            found = [f"{path}/" for path in found] if only_folders else found
        return sorted(found)

    def _names(self, folder: str, pattern: str) -> list[str]:
        """What lies directly in a folder and matches one part of a pattern."""
        if not _WILDCARD.search(pattern):
            there = self.exists(folder + pattern, folder=True) or self.exists(folder + pattern, folder=False)
            return [pattern] if there else []
        below = self._place(folder).rstrip("/") + "/"
        names = {
            path.removeprefix(below).split("/")[0] for path in (*self.texts, *self._made) if path.startswith(below)
        }
        return [name for name in names - {""} if fnmatchcase(name, pattern) and (name[0] != "." or pattern[0] == ".")]

    def enter(self, path: str) -> None:
        """Enter a folder that is there."""
        place = self._place(path)
        if not self._is_folder(place):
            raise _missing(path)
        self._folders.append(place)

    def leave(self) -> None:
        """Back to the folder before."""
        self._folders.pop()

"""The cache of findings: what was found in a file is found again where all that it hangs on is as it was.

That is its text, the config, and each question that the rules asked of the project, with its answer. All are asked
again before findings are believed. docs/decisions/0010-cache.md says what speaks for and against it.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import peerlint
from peerlint.cli.checker import FileCheck
from peerlint.config import Config
from peerlint.errors import InputError
from peerlint.kept import KeptFile, keep
from peerlint.lint.diagnostics import as_plain, from_plain
from peerlint.source.project import Project
from peerlint.source.project.asked import digest, would_answer
from peerlint.source.project.opening import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from peerlint.source.project.asked import Question

#: A file of the cache that has grown beyond this is begun anew.
_MOST_BYTES = 64_000_000
#: A folder that nothing new was found in for so many seconds is forgotten: 30 days.
_LONGEST = 30 * 24 * 3600
_SUFFIX = ".findings"


class Cache:
    """The findings of the files that were checked from one working directory.

    It lies in the user's own folder for caches, never in a project: what a pull request brings must not say what is
    found in it.
    """

    def __init__(self, folder: Path, own: Path) -> None:
        """`folder` is the working directory: by it files are called in messages. `own` is where the cache lies."""
        self._own = own
        self._names = (own, own.resolve())
        self._place = own / (digest([os.fspath(folder)])[:16].hex() + _SUFFIX)
        source = _source()
        mark = f"peerlint findings 1, {peerlint.__version__} {source}, {sys.version}, {folder}\n"
        #: Without a mark nothing is kept: neither where the source cannot be told, nor where the user has no home.
        is_usable = source is not None and own.is_absolute()
        self._mark = mark.encode("utf-8", "surrogateescape") if is_usable else None
        self._earlier = KeptFile(self._place if _is_private(own) else None, self._mark)
        #: What this run has found, for `kept.keep`.
        self.new: dict[tuple[str, int], Any] = {}
        self._of_configs: dict[Config, tuple[str, ...]] = {}
        self._is_inside: dict[Path, bool] = {}

    def state(self, project: Project, path: Path, text: str, config: Config) -> bytes | None:
        """A digest of what a file is and says, and its config; None where its project could have brought the cache."""
        root = project.root
        if root not in self._is_inside:
            self._is_inside[root] = any(name.is_relative_to(root) for name in self._names)
        if self._is_inside[root]:
            return None
        if config not in self._of_configs:
            try:
                self._of_configs[config] = tuple(_config_parts(config))
            except InputError:
                # Whoever reads the file for its sake says what is wrong.
                return None
        place = (str(path), project.relative(path), str(root), str(project.script_root))
        return digest((text, *place, *self._of_configs[config]))

    def get(self, label: str, state: bytes, project: Project) -> FileCheck | None:
        """What an earlier run found in a file, if all is as it was then."""
        kept = self._earlier.get(label)
        if kept is None:
            return None
        earlier, answers, is_linted, findings = kept
        if earlier != state or not would_answer(project, answers):
            return None
        return FileCheck(from_plain(findings), is_linted)

    def add(self, label: str, state: bytes, answers: Mapping[Question, bytes], found: FileCheck) -> None:
        """Note what was found in a file, and what its project answered meanwhile."""
        self.new[label, 0] = (state, answers, found.is_linted, as_plain(found.diagnostics))

    def keep(self) -> None:
        """Write down what this run has found; silently not where that cannot be."""
        if not self.new or self._mark is None:
            return
        with suppress(OSError):
            if not self._own.exists() and _may_be_made(self._own):
                self._own.mkdir(mode=0o700, parents=True)
            if not _is_private(self._own):
                return
            if not self._place.exists():
                _forget_old(self._own)
            keep(self._place, self._mark, self.new, at_most=_MOST_BYTES)
        self.new = {}


def _config_parts(config: Config) -> Iterable[str]:
    """All that a config says, with the rules and phrases of its own, in letters."""
    yield repr(config)
    for place in (*(file for folder in config.rules for file in sorted(folder.glob("*.yaml"))), *config.phrases):
        yield str(place)
        yield read_regular(place, str(place)).decode("utf-8", "surrogateescape")


def _may_be_made(folder: Path) -> bool:
    """Whether it would be ours: not root's in the home of somebody, after whose `sudo` the folder could not be used."""
    above = next(place for place in folder.parents if place.exists()).stat()
    return not hasattr(os, "geteuid") or above.st_uid == os.geteuid() or bool(above.st_mode & stat.S_ISVTX)


def _is_private(folder: Path) -> bool:
    """Whether a folder is one that only this user, and nobody else, writes into."""
    try:
        found = folder.stat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode) or not hasattr(os, "geteuid"):
        return stat.S_ISDIR(found.st_mode)
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _forget_old(folder: Path) -> None:
    for file in folder.glob(f"*{_SUFFIX}"):
        if file.stat().st_mtime < time.time() - _LONGEST:
            file.unlink(missing_ok=True)


def _source() -> str | None:
    """What changes with the code of peerlint: a version may be installed again, and a checkout is worked on.

    None where that cannot be told, as in an archive.
    """
    package = os.path.dirname(peerlint.__file__)  # noqa: PTH120
    try:
        if not os.path.exists(f"{package}/../pyproject.toml"):  # noqa: PTH110
            return _stamp(os.stat(peerlint.__file__))  # noqa: PTH116
        return digest(_stamps(package)).hex()
    except OSError:
        return None


def _stamps(folder: str) -> Iterator[str]:
    # In letters, not as Paths, and without sorting: a checkout has hundreds of files, and is listed the same each time.
    folders = []
    for entry in os.scandir(folder):
        if entry.name.endswith(".py"):
            yield entry.name
            yield _stamp(entry.stat())
        elif entry.is_dir() and entry.name != "__pycache__":
            folders.append(entry.path)
    for below in folders:
        yield from _stamps(below)


def _stamp(file: os.stat_result) -> str:
    return f"{file.st_size} {file.st_mtime_ns} {file.st_ino}"

"""Runs on the host, without a wall: what they share with this machine, and how one run is kept from the next.

The folders of a scene are its own. `/tmp` is not: the user's files are there, and those of every other proof. So a run
has the names to itself that its texts have there, one run of all proofs of a user at a time, and what it has made there
is deleted behind it. What was there before is never touched: the run does not begin.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from peerlint.errors import InputError
from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    Assignment,
    DoubleBracket,
    For,
    Literal,
    Redirection,
    Script,
    Simple,
    Word,
    walk,
)
from peerlint.prove.lab import LabFailure
from peerlint.records import dataclass

_TMP = Path("/tmp")
#: `/tmp` as the root of a path, the name behind it as far as it is written down, and what follows.
_NAMED = regex(r"(?<![\w.~})\]/])/tmp(?![\w.-])(?:/+([\w.-]*)(/?))?([\"']*[$`{*?\[\\])?")
_COMMENT = regex(r"^\s*#.*$", re.MULTILINE)


IN_SANDBOX = "prove it where there is a sandbox"


class NotOnHost(LabFailure):
    """A run that would meet what is on this machine, or change it; says what can be done."""


@dataclass(frozen=True, slots=True)
class TempName:
    """A name in `/tmp` that a text has: all of it, or (`open`) only how it begins."""

    start: str
    open: bool = False

    def is_of(self, name: str) -> bool:
        """Whether this may be the file that the text means."""
        return name.startswith(self.start) if self.open else name == self.start


def temp_names(texts: Iterable[str]) -> frozenset[TempName]:
    """The names that the texts have in `/tmp`. Raises NotOnHost where one may have any."""
    found = set()
    for text in texts:
        for match in _NAMED.finditer(_COMMENT.sub("", text)):
            start, below, more = match[1] or "", match[2], match[3]
            if not start.strip("."):
                raise NotOnHost(f"it works in /tmp itself, which on the host is everybody's: {IN_SANDBOX}")
            found.add(TempName(start, open=bool(more) and not below))
    return frozenset(found)


class Temporary:
    """The names of one original in `/tmp`."""

    def __init__(self, names: frozenset[TempName]) -> None:
        self._names = names

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While it lasts nobody else runs with names in `/tmp`. Raises NotOnHost where one of them is there already."""
        if not self._names:
            yield
            return
        with _locked():
            before = _there()
            taken = min((name for name in before if any(mine.is_of(name) for mine in self._names)), default=None)
            if taken is not None:
                raise NotOnHost(
                    f"{_TMP / taken} is there already, and on the host a proof would read and overwrite it: "
                    "move it away, and prove again"
                )
            try:
                yield
            finally:
                for name in _there() - before:
                    # `$FILE.new` is of the run that has `$FILE`.
                    if any(name.startswith(mine.start) for mine in self._names):
                        _delete(_TMP / name)


def _there() -> set[str]:
    return {path.name for path in _TMP.iterdir()}


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One at a time, over all proofs of this user; it waits for the others."""
    import fcntl

    path = _TMP / f"peerlint-host-{os.geteuid()}.lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise InputError(f"{path}: {os.strerror(error.errno or 0)}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# --- the rest of this machine ----------------------------------------------------------------------------------------

#: Folders of tools, which a program finds in the sandbox too, and devices that are the same everywhere.
_TOOL_FOLDERS = frozenset({"/bin", "/usr/bin"})
_DEVICES = frozenset({"null", "zero", "stdin", "stdout", "stderr", "tty", "fd"})
#: What only says a path, and what only looks: where nothing is there it sees the same as in the sandbox.
_SAY = frozenset({"echo", "printf", "nats", ":"})
_LOOK = frozenset(
    {
        *("[", "test", "cat", "head", "tail", "wc", "grep", "sed", "awk", "cut", "tr", "expr", "sort", "uniq", "ls"),
        *("source", ".", "jq", "stat", "find", "diff", "cmp", "basename", "dirname", "readlink", "realpath", "cd"),
    }
)


def check_paths(scripts: Iterable[Script], tools: Iterable[str], answered: Collection[str]) -> None:
    """Raises NotOnHost where a script names a place of this machine that it would not find in the sandbox.

    `tools` are those of the sandbox, `answered` commands that are never run.
    """
    known = frozenset(tools)
    for script in scripts:
        for node in walk(script.commands):
            for word in _words_of(node, answered):
                path = _path_of(word)
                if path is None or not _is_of_machine(path, known):
                    continue
                if _only_looks(node) and not path.exists():
                    continue
                raise NotOnHost(f"it names {path}, which is this machine's own: {IN_SANDBOX}")


def _words_of(node: object, answered: Collection[str]) -> Sequence[Word]:
    """The words of a node that may be paths."""
    if isinstance(node, Simple):
        return () if node.name in _SAY or node.name in answered else node.words
    if isinstance(node, DoubleBracket):
        return node.words
    if isinstance(node, For):
        return node.words or ()
    if isinstance(node, Redirection):
        return () if node.operator in ("<<", "<<-", "<<<", ">&", "<&") else (node.target,)
    if isinstance(node, Assignment):
        return (*((node.value,) if node.value else ()), *(node.elements or ()))
    return ()


def _only_looks(node: object) -> bool:
    if isinstance(node, Simple):
        return node.name in _LOOK
    return isinstance(node, DoubleBracket | For) or (isinstance(node, Redirection) and node.operator == "<")


def _path_of(word: Word) -> Path | None:
    """The absolute path with which a word begins, as far as it is written down."""
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Literal) or not first.text.startswith("/") or first.text.strip("/") == "":
        return None
    return Path(first.text)


def _is_of_machine(path: Path, tools: Collection[str]) -> bool:
    """Whether something of this machine is there, or would be made there."""
    names = path.parts[1:]
    if names[0] in ("tmp", "work") or not Path("/", names[0]).exists():
        return False
    if names[0] == "dev" and names[1:2] and names[1] in _DEVICES:
        return False
    return not (str(path.parent) in _TOOL_FOLDERS and path.name in tools)

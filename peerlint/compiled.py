"""What Python has compiled for this program while it ran, kept beside its byte code.

Python keeps the byte code of modules, but neither the regular expressions nor the texts that a program compiles while
it runs, and it compiles expressions in Python: for most files that took longer than what was done with them. What is
kept comes back only for the very text it was made of, in the very Python that made it; without it all is compiled anew.
docs/decisions/0011-kept-patterns.md says what speaks for and against it.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, TypeAlias

    #: Flags, codes, number of groups, groups by name and names by group: what `_sre.compile` asks for.
    _Parts: TypeAlias = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]

#: A file that has grown beyond this holds mostly what no version of today asks for, and is begun anew.
_MOST_BYTES = 4_000_000
#: Of a checksum, and of the length of the index.
_NUMBER_BYTES = 4
#: In place of the flags of an expression, for code.
_NO_EXPRESSION = -1

_earlier: _File | None = None
_new_expressions: dict[tuple[str, int], re.Pattern[str]] = {}
_new_code: dict[str, CodeType] = {}


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` makes."""
    flags = int(flags)
    kept = _of_earlier_runs().get(pattern, flags)
    if kept is not None:
        try:
            return _restored(pattern, kept)
        except Exception:
            pass  # Whatever is wrong with what was kept, the text is still there.
    made = _new_expressions[pattern, flags] = re.compile(pattern, flags)
    return made


def code(text: str) -> CodeType:
    """What `compile` makes of the text of a module."""
    kept: CodeType | None = _of_earlier_runs().get(text, _NO_EXPRESSION)
    if kept is not None:
        return kept
    made = _new_code[text] = compile(text, "<string>", "exec")
    return made


def keep() -> None:
    """Write down what this run has compiled; silently not, where Python would not write byte code either."""
    if not (_new_expressions or _new_code) or sys.dont_write_bytecode:
        return
    place, mark = _place(), _mark()
    if place is None or mark is None:
        return
    made: dict[int, bytes] = {}
    for text, new_code in _new_code.items():
        made[_number(text, _NO_EXPRESSION)] = _checkable((text, _NO_EXPRESSION, new_code))
    for (pattern, flags), new_expression in _new_expressions.items():
        parts = _parts(pattern, flags, new_expression)
        if parts is not None:
            made[_number(pattern, flags)] = _checkable((pattern, flags, parts))
    # Read anew, since another run may have written meanwhile.
    file = _File(place, mark)
    both = {**file.entries(), **made}
    file.close()
    _write(place, _as_file(mark, both if sum(map(len, both.values())) <= _MOST_BYTES else made))
    _new_code.clear()
    _new_expressions.clear()


class _File:
    """What earlier runs have kept: a mark, the length of the index, the index, and the entries.

    An entry holds a text, the flags and what was made of them. A run needs few of them and reads no others: the index
    has the place and the length of each, by the number of its text.
    """

    def __init__(self, place: Path | None, mark: bytes | None) -> None:
        self._file: int | None = None
        self._index: dict[int, tuple[int, int]] = {}
        if place is None or mark is None:
            return
        try:
            # It stays open: a run reads on in the file that it began with when another has put a new one in its place.
            self._file = os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except (OSError, ValueError):
            return
        head = self._bytes(0, len(mark) + _NUMBER_BYTES)
        if head.startswith(mark):
            length = int.from_bytes(head[len(mark) :], "big")
            self._start = len(head) + length
            self._index = _checked(self._bytes(len(head), length)) or {}

    def get(self, text: str, flags: int) -> Any:
        """What was made of the text; None where nothing is kept of it, or it is damaged."""
        if not self._index:
            return None
        start, length = self._index.get(_number(text, flags), (0, 0))
        entry = _checked(self._bytes(self._start + start, length)) if length else None
        return entry[2] if entry is not None and entry[:2] == (text, flags) else None

    def entries(self) -> dict[int, bytes]:
        """All entries as they are written, by the number of their text."""
        return {number: self._bytes(self._start + start, length) for number, (start, length) in self._index.items()}

    def close(self) -> None:
        """From here on nothing is found in it."""
        self._index = {}
        if self._file is not None:
            os.close(self._file)

    def _bytes(self, start: int, length: int) -> bytes:
        if self._file is None:
            return b""
        try:
            if hasattr(os, "pread"):
                # Processes that were forked share where they stand in the file.
                return os.pread(self._file, length, start)
            os.lseek(self._file, start, os.SEEK_SET)
            return os.read(self._file, length)
        except OSError:
            return b""


def _of_earlier_runs() -> _File:
    global _earlier
    if _earlier is None:
        _earlier = _File(_place(), _mark())
    return _earlier


def _place() -> Path | None:
    """The file, beside the byte code of this module, wherever Python has that; None where it has it nowhere."""
    beside = __spec__.cached if __spec__ is not None else None
    return Path(beside).with_suffix(".kept") if beside else None


def _mark() -> bytes | None:
    """What a file begins with that this very Python has written; None for one whose expressions are not known to us."""
    if sys.implementation.name != "cpython":
        return None
    from re import _constants  # type: ignore[attr-defined]

    python = f"{sys.version} {sys.implementation.cache_tag} {sys.byteorder}"
    return f"peerlint 1, {python}, expressions {_constants.MAGIC}\n".encode()


def _number(text: str, flags: int) -> int:
    """By this the index finds a text; two may have the same, and then one of them is not kept."""
    import zlib

    return zlib.crc32(text.encode("utf-8", "surrogatepass"), flags & 0xFFFFFFFF)


def _checkable(value: Any) -> bytes:
    """The value in the form of `marshal`, behind a checksum."""
    import marshal
    import zlib

    content = marshal.dumps(value)
    return zlib.crc32(content).to_bytes(_NUMBER_BYTES, "big") + content


def _checked(written: bytes) -> Any:
    """The value again; None where it is damaged, which must neither crash Python nor make another pattern."""
    import marshal
    import zlib

    content = written[_NUMBER_BYTES:]
    if not content or zlib.crc32(content).to_bytes(_NUMBER_BYTES, "big") != written[:_NUMBER_BYTES]:
        return None
    return marshal.loads(content)


def _as_file(mark: bytes, entries: dict[int, bytes]) -> bytes:
    index, start = {}, 0
    for number, entry in entries.items():
        index[number] = start, len(entry)
        start += len(entry)
    written = _checkable(index)
    return b"".join((mark, len(written).to_bytes(_NUMBER_BYTES, "big"), written, *entries.values()))


def _write(place: Path, written: bytes) -> None:
    """All or nothing: a run that reads meanwhile sees the old file or the new one."""
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(written)
        unfinished.replace(place)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def _parts(pattern: str, flags: int, made: re.Pattern[str]) -> _Parts | None:
    """What an expression can be made of without its text being read; None where that would not make the same."""
    from array import array
    from re import _compiler, _parser  # type: ignore[attr-defined]

    try:
        parsed = _parser.parse(pattern, flags)
        state = parsed.state
        numbers = {str(name): int(number) for name, number in state.groupdict.items()}
        names: list[str | None] = [None] * state.groups
        for name, number in numbers.items():
            names[number] = name
        codes = array("I", _compiler._code(parsed, flags)).tobytes()
        parts = (int(flags | state.flags), codes, int(state.groups) - 1, numbers, tuple(names))
        # Patterns are equal where their texts, flags and codes are.
        return parts if _restored(pattern, parts) == made else None
    except Exception:
        # A Python that has these inner parts otherwise: there nothing is kept.
        return None


def _restored(pattern: str, parts: _Parts) -> re.Pattern[str]:
    import _sre  # type: ignore[import-not-found]

    flags, codes, groups, numbers, names = parts
    made: re.Pattern[str] = _sre.compile(pattern, flags, memoryview(codes).cast("I").tolist(), groups, numbers, names)
    return made

"""What Python has compiled for this program while it ran, kept beside its byte code.

Python keeps the byte code of modules, but neither the regular expressions nor the texts that a program compiles while
it runs, and it compiles expressions in Python: for most files that took longer than what was done with them. What is
kept comes back only for the very text it was made of, in the very Python that made it; without it all is compiled anew.
docs/decisions/0011-kept-patterns.md says what speaks for and against it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from peerlint import kept
from peerlint.kept import KeptFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, TypeAlias

    #: Flags, codes, number of groups, groups by name and names by group: what `_sre.compile` asks for.
    _Parts: TypeAlias = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]

#: A file that has grown beyond this holds mostly what no version of today asks for, and is begun anew.
_MOST_BYTES = 4_000_000
#: In place of the flags of an expression, for code.
_NO_EXPRESSION = -1

_earlier: KeptFile | None = None
_new_expressions: dict[tuple[str, int], re.Pattern[str]] = {}
_new_code: dict[str, CodeType] = {}


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` makes."""
    flags = int(flags)
    parts = _of_earlier_runs().get(pattern, flags)
    if parts is not None:
        try:
            return _restored(pattern, parts)
        except Exception:
            pass  # Whatever is wrong with what was kept, the text is still there.
    made = _new_expressions[pattern, flags] = re.compile(pattern, flags)
    return made


def code(text: str) -> CodeType:
    """What `compile` makes of the text of a module."""
    earlier: CodeType | None = _of_earlier_runs().get(text, _NO_EXPRESSION)
    if earlier is not None:
        return earlier
    made = _new_code[text] = compile(text, "<string>", "exec")
    return made


def keep() -> None:
    """Write down what this run has compiled; silently not, where Python would not write byte code either."""
    if not (_new_expressions or _new_code) or sys.dont_write_bytecode:
        return
    place, mark = _place(), _mark()
    if place is None or mark is None:
        return
    made: dict[tuple[str, int], Any] = {(text, _NO_EXPRESSION): new for text, new in _new_code.items()}
    for (pattern, flags), new_expression in _new_expressions.items():
        parts = _parts(pattern, flags, new_expression)
        if parts is not None:
            made[pattern, flags] = parts
    kept.keep(place, mark, made, at_most=_MOST_BYTES)
    _new_code.clear()
    _new_expressions.clear()


def _of_earlier_runs() -> KeptFile:
    global _earlier
    if _earlier is None:
        _earlier = KeptFile(_place(), _mark())
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

"""What the variables of a bash text are compared with: a rewrite that asks for something else has to meet it, too."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Case, DoubleBracket, Glob, Literal, Parameter, Pipe, Simple, Word, walk
from peerlint.prove.samples import found_by_grep, sample

_NUMBERS = frozenset({"-eq", "-ne", "-gt", "-ge", "-lt", "-le"})


def compared_with(texts: Iterable[str]) -> dict[str, set[str]]:
    """By name in capitals (also `1` and `ARGUMENTS`): texts that make some test of the name come out otherwise."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for node in walk(parse_bash(text).commands):
            for name, value in _comparisons(node):
                found.setdefault(name.upper(), set()).add(value)
    return found


def _comparisons(node: object) -> Iterator[tuple[str, str]]:
    match node:
        case DoubleBracket(words=words):
            yield from _test(words)
        case Simple(name="[" | "test", words=words):
            yield from _test(words[1:])
        case Case(subject=subject, arms=arms):
            for pattern in (pattern for arm in arms for pattern in arm.patterns):
                for name in _names(subject):
                    yield from ((name, value) for value in _matching(pattern))
        case Pipe(commands=(Simple(name="echo" | "printf", words=printed), Simple(words=search), *_)):
            typed = [word.literal for word in search]
            line = found_by_grep(typed) if typed and (typed[0] or "").endswith("grep") else None
            for name in (name for word in printed[1:] for name in _names(word) if line):
                yield name, line or ""
                yield name, f"some {line} more"


def _test(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    for left, operator, right in zip(words, words[1:], words[2:], strict=False):
        sign = operator.literal
        for name, other in [(n, right) for n in _names(left)] + [(n, left) for n in _names(right)]:
            if sign in ("=", "==", "!="):
                yield from ((name, value) for value in _matching(other))
            elif sign == "=~":
                matching = sample("".join(part.text for part in other.parts if isinstance(part, Literal | Glob)))
                yield from [(name, matching)] if matching else []
            elif sign in _NUMBERS and (other.literal or "").isdecimal():
                yield from ((name, str(max(0, int(other.literal or "0") + by))) for by in (-1, 0, 1))


def _names(word: Word) -> list[str]:
    """The variable that a word is."""
    parts = [part for part in word.parts if not (isinstance(part, Literal) and not part.text)]
    return [part.name for part in parts if isinstance(part, Parameter)] if len(parts) == 1 else []


def _matching(word: Word) -> list[str]:
    """Texts that a literal or a pattern of the shell matches."""
    if not all(isinstance(part, Literal | Glob) for part in word.parts):
        return []
    pieces = [part.text if isinstance(part, Literal) else None for part in word.parts]
    if None not in pieces:
        return ["".join(piece for piece in pieces if piece)]
    signs = [part.text for part in word.parts if isinstance(part, Glob)]
    if any(sign.strip("*") for sign in signs):
        return []
    plain = "".join(piece for piece in pieces if piece)
    longer = "".join(piece if piece is not None else " some " for piece in pieces).strip()
    return list(dict.fromkeys(itertools.filterfalse(lambda text: not text, [plain, longer])))

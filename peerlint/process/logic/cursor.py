"""A cursor over one line, and the lexis of the language: names, flags, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from peerlint.compiled import expression
from peerlint.patterns import regex
from peerlint.process.model import Ref
from peerlint.records import dataclass, field

#: Words in capitals that are grammar, so never names.
RESERVED_NAMES = frozenset({"AND", "OR", "NOT", "AS", "IF", "ELSE"})
#: Words that a bare key or bucket may not be: they would read as grammar.
RESERVED_WORDS = frozenset(
    {
        "as", "bucket", "does", "equal", "exists", "file", "for", "from", "history", "in", "is", "keys", "of", "to",
    }
)  # fmt: skip

NAME = regex(r"(?!(?:AND|OR|NOT|AS|IF|ELSE)(?![A-Z0-9_]))[A-Z][A-Z0-9_]*(?![A-Za-z0-9_])")
FIELD = regex(r"[A-Za-z_][A-Za-z0-9_]*")
INTEGER = regex(r"-?[0-9]+(?![A-Za-z0-9_.])")
FLAG = regex(r"--?[A-Za-z][A-Za-z0-9_-]*")
BLOCK = regex(r"<([a-z][a-z0-9_]*)>")
STEP = regex(r"[0-9]+[a-z]?(?:\.[0-9]+[a-z]?)*(?![A-Za-z0-9_])")
WORD_CHARACTERS = regex(r"[A-Za-z0-9_./=-]+")

#: Parentheses and brackets inside each other; deeper text is refused, so that no input exhausts the stack.
MAX_NESTING = 40


class Mismatch(Exception):
    """The text at `at` (an index into the line) is not what the grammar wants there."""

    def __init__(self, message: str, at: int, code: str = "unknown-form") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.code = code


@lru_cache(maxsize=512)
def _literal(text: str) -> re.Pattern[str]:
    """A pattern for grammar words: any run of blanks for a blank, and no half words at either end."""
    body = r"[ \t]+".join(re.escape(part) for part in text.split(" "))
    return expression(body + (r"(?![A-Za-z0-9_])" if text[-1].isalnum() else ""))


@dataclass(slots=True)
class Cursor:
    """Position in one line. `blocks` gives the content of the tags that the line may name."""

    text: str
    at: int = 0
    blocks: Mapping[str, str] = field(default_factory=dict)
    depth: int = 0

    @property
    def done(self) -> bool:
        """Whether nothing but blanks is left."""
        return not self.text[self.at :].strip()

    @property
    def rest(self) -> str:
        """What is left."""
        return self.text[self.at :]

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take what the pattern matches right here."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def take(self, literal: str) -> bool:
        """Take these words if they stand here."""
        return self.match(_literal(literal)) is not None

    def sees(self, literal: str) -> bool:
        """Whether these words stand here."""
        return _literal(literal).match(self.text, self.at) is not None

    def expect(self, literal: str) -> None:
        """Take these words. Raises Mismatch where they do not stand here."""
        if not self.take(literal):
            raise self.mismatch(f'"{literal.strip()}" expected')

    def expect_end(self) -> None:
        """Raises Mismatch where something is left."""
        if not self.done:
            raise self.mismatch(f'"{shortened(self.rest.strip())}" is left over')

    def mismatch(self, message: str, code: str = "unknown-form") -> Mismatch:
        """A Mismatch at this place."""
        return Mismatch(message, self.at, code)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper. Raises Mismatch when that is too deep."""
        if self.depth >= MAX_NESTING:
            raise self.mismatch("nested too deeply")
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def name(self) -> str:
        """A NAME. Raises Mismatch."""
        found = self.match(NAME)
        if found is None:
            raise self.mismatch("a NAME in capitals expected")
        return found.group()

    def integer(self) -> int:
        """A decimal integer that is not negative. Raises Mismatch."""
        found = INTEGER.match(self.text, self.at)
        # Longer numbers mean nothing as counts, and int() refuses them from 4300 digits on.
        if found is None or found.group().startswith("-") or len(found.group()) > 18:
            raise self.mismatch("a number expected")
        self.at = found.end()
        return int(found.group())


def read_ref(cursor: Cursor) -> Ref:
    """`NAME`, `NAME.field`, `NAME.[OTHER]`. Raises Mismatch."""
    name = cursor.name()
    path: list[str | Ref] = []
    while cursor.text.startswith(".", cursor.at):
        cursor.at += 1
        if cursor.text.startswith("[", cursor.at):
            cursor.at += 1
            with cursor.nested():
                path.append(read_ref(cursor))
            cursor.expect("]")
            continue
        step = cursor.match(FIELD)
        if step is None:
            raise cursor.mismatch("a field name expected")
        path.append(step.group())
    return Ref(name, tuple(path))


def shortened(text: str, width: int = 60) -> str:
    """The text, cut for a message."""
    return text if len(text) <= width else text[: width - 1] + "…"

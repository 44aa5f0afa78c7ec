"""The variables that a file sets somewhere, and the texts that it sets them to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from peerlint.patterns import regex
from peerlint.process.phrases import variable_name
from peerlint.records import dataclass, field

_NAME = r"(?:\[[A-Z][A-Z0-9_]*\]|\{[a-z][a-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)"
_SET = regex(
    rf"^[ \t]*(?:[-*+][ \t]+)?(?:SET(?::[ \t]*|[ \t]+)(?:variable[ \t]+)?(?P<name>{_NAME})"
    r"(?:[ \t]*=[ \t]*|[ \t]+to[ \t]+)"
    r"|(?P<bare>[A-Za-z]\w*_\w+)[ \t]*=[ \t]*|(?P<defined>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+):[ \t]*"
    r"(?=(?:-?\d+|\"[^\"\r\n]*\"|true|false)[ \t]*$))(?P<value>[^=\r\n][^\r\n]*)",
    re.MULTILINE,
)
#: What begins with a letter, not with a boundary, is searched for fast.
_AS = regex(r"A(?<=\bA)S ([A-Z][A-Z0-9_]*)\b")
_INPUT = regex(r"INPUT: ([A-Z]\w*)")
_FROM = regex(r"^[ \t]*(?:[-*+][ \t]+)?([A-Z][A-Z0-9_]+):[ \t]*\{from ", re.MULTILINE)
_LITERAL = regex(r"\"([^\"\[\]]*)\"|'([^']*)'|`([^`]*)`|([A-Za-z0-9_][A-Za-z0-9_-]*)")
_EITHER = regex(r"(true|false|yes|no)(?:\s*(?:/|\||or)\s*(true|false|yes|no))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """Variables by name, each with the literal texts that it is set to; a value that is no literal adds none."""

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def declared_in(cls, text: str) -> Names:
        """What a text sets, in any of the ways that people write it."""
        values: dict[str, set[str]] = {}
        for found in _SET.finditer(text):
            values.setdefault(variable_name(found["name"] or found["bare"] or found["defined"]), set()).update(
                _literals(found["value"])
            )
        taken_over = _FROM.findall(text) if "{from " in text else []
        for name in (*_AS.findall(text), *_INPUT.findall(text), *taken_over):
            values.setdefault(name, set())
        return cls({name: frozenset(texts) for name, texts in values.items()})

    def holders_of(self, value: str) -> list[str]:
        """The variables that are set to this text somewhere."""
        return [name for name, texts in self.values.items() if value in texts]


def _literals(value: str) -> tuple[str, ...]:
    value = value.strip()
    either = _EITHER.fullmatch(value)
    if either is not None:
        return (either[1].lower(), either[2].lower())
    literal = _LITERAL.fullmatch(value)
    return () if literal is None else (next(text for text in literal.groups() if text is not None),)

"""The phrasebook: what people write as a condition, bound to a condition of the language.

A phrase is matched without case, and `_` counts as a blank. Slots stand for what differs: `{name}` a variable
(`has_spec`), `{word}` one that may be a single word, `{flag}`, `{value}`, `{text}`, `{number}`, `{list}`, `{path}`,
`{folder}` (ends in `/`), `{place}` (any path), `{tool}`. Users add phrases of their own; those bind only what the
phrases of the house leave unbound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import cached_property, lru_cache

from peerlint.compiled import expression
from peerlint.patterns import regex
from peerlint.process import phrase_table
from peerlint.records import dataclass, field, replace

_SLOT = regex(r"\{(name|word|flag|value|text|number|list|path|folder|place|tool)\}")
_QUOTED = r"\"[^\"]*\"|'[^']*'|`[^`]*`"
_SLOTS = {
    "name": r"`?(?:\[[A-Z][A-Z0-9_]*\]|\{[a-z][a-z0-9_]*\}|[A-Z][A-Z0-9_]+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+"
    r"|[a-z]+(?:[A-Z][a-z0-9]*)+)`?",
    "word": r"`?(?:\[[A-Z][A-Z0-9_]*\]|\{[a-z][a-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)`?",
    "flag": r"`?--[a-z][a-z0-9-]*`?",
    "value": rf"(?:{_QUOTED}|-?\d+|true|false)",
    "text": rf"(?:{_QUOTED})",
    "number": r"-?\d+",
    "list": rf"\[\s*(?:{_QUOTED}|[a-z0-9_-]+)(?:\s*,\s*(?:{_QUOTED}|[a-z0-9_-]+))*\s*\]",
    "path": r"[\"'`]?(?:[~./A-Za-z0-9_-]|\[[A-Z][A-Z0-9_]*\])*[A-Za-z0-9_\]-]\."
    r"(?:md|json|ya?ml|toml|txt|lock|sh|py|js|ts)[\"'`]?",
    "folder": r"[\"'`]?(?:[~./A-Za-z0-9_-]|\[[A-Z][A-Z0-9_]*\])*[A-Za-z0-9_\]-]/[\"'`]?",
    "place": r"[\"'`]?(?:[~./A-Za-z0-9_-]|\[[A-Z][A-Z0-9_]*\])*[A-Za-z0-9_\]-]/?[\"'`]?",
    "tool": r"(?:git|gh|nats|jq|npm|node|docker|python3?|pip|cargo|go|make)",
}
#: The names of the slots that a phrase may have.
SLOTS = tuple(_SLOTS)
_LIST_ITEM = regex(rf"{_QUOTED}|[A-Za-z0-9_-]+")


class Ending(Enum):
    """What a phrase without a subject of its own says about the directive above."""

    FAILS = "fails"
    SUCCEEDS = "succeeds"
    FOUND = "found"
    NOT_FOUND = "not found"
    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Source(Enum):
    """Who answers a condition that no predicate can."""

    USER = "user"
    JUDGEMENT = "judgement"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase with slots, and the condition that it means, in the language with the same slots.

    `origin` is the file and line of a phrase that a user has added, "" for one of the house.
    """

    phrase: str
    means: str
    origin: str = field(default="", compare=False)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the phrase matches: the slots are groups, in order."""
        return _pattern(self.phrase)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a text was found to mean: `condition` in the language, by which `phrase`."""

    condition: str
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A text that two phrases bind to different conditions."""

    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Phrasebook:
    """Phrases for conditions. Immutable; `extended` gives a larger one. `added` are the phrases of users."""

    predicates: tuple[Phrase, ...] = ()
    anaphora: tuple[tuple[str, Ending], ...] = ()
    asks: tuple[str, ...] = ()
    judgements: tuple[str, ...] = ()
    added: tuple[Phrase, ...] = ()

    @classmethod
    def default(cls) -> Phrasebook:
        """The phrasebook of the house."""
        return _DEFAULT

    def extended(self, phrases: Iterable[Phrase]) -> Phrasebook:
        """This phrasebook with more phrases of users; `user_phrasebook` says which may be added."""
        return replace(self, added=tuple(dict.fromkeys((*self.added, *phrases))))

    def bind(self, text: str) -> Bound | Ambiguous | None:
        """The condition that a text means, by the house or else by a user; a phrase without slots comes first."""
        text = _normal_text(text)
        bound = _bound(self.predicates, text)
        if bound is not None or self.ending(text) is not None or self.source(text) is not None:
            return bound
        return _bound(self.added, text)

    def ending(self, text: str) -> Ending | None:
        """What a text without a subject says about the directive above."""
        return self._endings.get(_normal(text))

    def source(self, text: str) -> Source | None:
        """Who answers a condition of this text, where the phrasebook knows."""
        normal = _normal(text)
        if any(_wildcard(phrase).fullmatch(normal) for phrase in self.asks):
            return Source.USER
        if any(_wildcard(phrase).fullmatch(normal) for phrase in self.judgements):
            return Source.JUDGEMENT
        return None

    @cached_property
    def _endings(self) -> dict[str, Ending]:
        return {_normal(phrase): ending for phrase, ending in self.anaphora}


def _bound(phrases: tuple[Phrase, ...], text: str) -> Bound | Ambiguous | None:
    found = [(phrase, condition) for phrase in phrases if (condition := _filled(phrase, text)) is not None]
    exact = [each for each in found if "{" not in each[0].phrase]
    found = exact or found
    if not found:
        return None
    if len({condition for _, condition in found}) > 1:
        return Ambiguous(tuple(phrase.phrase for phrase, _ in found))
    return Bound(found[0][1], found[0][0])


def _normal(phrase: str) -> str:
    return " ".join(phrase.replace("_", " ").lower().split())


def _normal_text(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=1024)
def _pattern(phrase: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for slot in _SLOT.finditer(phrase):
        parts += [_words(phrase[at : slot.start()]), f"({_SLOTS[slot[1]]})"]
        at = slot.end()
    return expression("".join((*parts, _words(phrase[at:]))))


def _words(text: str) -> str:
    """The words of a phrase without case; slots keep theirs."""
    escaped = re.escape(text).replace(r"\ ", r"[ _]")
    return f"(?i:{escaped})" if escaped else ""


@lru_cache(maxsize=256)
def _wildcard(phrase: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in _normal(phrase).split("*")))


def _filled(phrase: Phrase, text: str) -> str | None:
    """The meaning with the slots filled in, where the phrase matches the whole text."""
    found = phrase.pattern.fullmatch(text)
    if found is None:
        return None
    slots = _SLOT.findall(phrase.phrase)
    fillings = {slot: _written(slot, found[index + 1]) for index, slot in enumerate(slots)}
    return _SLOT.sub(lambda slot: fillings[slot[1]], phrase.means)


def _written(slot: str, text: str) -> str:
    """A slot's text as the language writes it."""
    if slot in {"name", "word"}:
        return variable_name(text)
    if slot in {"flag", "tool"}:
        return text.strip("`")
    if slot == "number":
        return text
    if slot == "list":
        return ", ".join(_quoted(item) for item in _LIST_ITEM.findall(text))
    return _quoted(text) if slot != "value" or not re.fullmatch(r"-?\d+", text) else text


def _quoted(text: str) -> str:
    inner = text[1:-1] if len(text) > 1 and text[0] in "\"'`" and text[-1] == text[0] else text
    return '"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '"'


def variable_name(written: str) -> str:
    """The name of a variable as the language writes it: `has_spec`, `{has_spec}`, `hasSpec` are HAS_SPEC."""
    name = written.strip("[]{}$`")
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").upper()
    return f"{name}_VALUE" if name in {"AND", "OR", "NOT", "AS", "IF", "ELSE"} else name


_DEFAULT = Phrasebook(
    tuple(Phrase(phrase, means) for phrase, means in phrase_table.PREDICATES),
    tuple((phrase, Ending(ending)) for ending, phrases in phrase_table.ANAPHORA.items() for phrase in phrases),
    phrase_table.ASKS,
    phrase_table.JUDGEMENTS,
)

"""What reading logic gives: statements, problems, and what each condition was bound to."""

from __future__ import annotations

from enum import Enum

from peerlint.process.model import Condition, Statement
from peerlint.process.phrases import Phrase
from peerlint.records import dataclass
from peerlint.source.text import Span


@dataclass(frozen=True, slots=True)
class LogicProblem:
    """A line that is not a form of the language, or stands where it may not.

    `code` is a short stable word; `nearest` the form that was probably meant, or None.
    """

    code: str
    message: str
    span: Span
    nearest: str | None = None


class BindingKind(Enum):
    """What a condition as written was bound to."""

    PREDICATE = "predicate"
    OUTCOME = "outcome"
    ASK = "ask"
    DECIDE = "decide"
    UNBOUND = "unbound"


@dataclass(frozen=True, slots=True)
class Binding:
    """A condition as written (`text` at `span`), the predicate that it means, and why it means that.

    `predicate` is None where nothing could be bound; `phrases` are those of the phrasebook that bound it.
    """

    span: Span
    text: str
    predicate: Condition | None
    kind: BindingKind
    why: str
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class LogicReading:
    """The statements of a piece of logic text, in order, with what is wrong in it. Spans are absolute."""

    statements: tuple[Statement, ...]
    problems: tuple[LogicProblem, ...] = ()
    bindings: tuple[Binding, ...] = ()

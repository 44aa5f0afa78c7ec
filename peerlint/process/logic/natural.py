"""Conditions as people write them: bound by the phrasebook, or by the directive above; never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from peerlint.process.logic.conditions import read_condition
from peerlint.process.logic.cursor import Cursor, Mismatch
from peerlint.process.logic.directives import THE_AGENT
from peerlint.process.logic.placement import misplaced_outcome, outcomes_of
from peerlint.process.logic.reading import BindingKind
from peerlint.process.model import (
    All,
    AnyOf,
    Ask,
    Condition,
    Decide,
    Delegate,
    Not,
    OneOf,
    Outcome,
    OutcomeIs,
    Ref,
    Statement,
    Text,
    UserAnswer,
)
from peerlint.process.phrases import Ambiguous, Ending, Phrasebook, Source

#: Lenient outcome words first: what people write says nothing of the cause.
_ENDINGS = {
    Ending.FAILS: ("_FAILS", "NOT_AVAILABLE", "NOT_RESPONDING"),
    Ending.SUCCEEDS: ("_SUCCEEDS", "_AVAILABLE", "SERVER_RESPONDING"),
    Ending.FOUND: ("_AVAILABLE", "ALREADY_EXISTS"),
    Ending.NOT_FOUND: ("NOT_AVAILABLE",),
    Ending.HOLDS: (),
    Ending.DOES_NOT_HOLD: (),
}
_YES = tuple(Text.of(answer) for answer in ("yes", "y", "Yes", "YES", "Y"))
_NO = tuple(Text.of(answer) for answer in ("no", "n", "No", "NO", "N"))
_POSITIVE = frozenset({Ending.SUCCEEDS, Ending.FOUND, Ending.HOLDS})
_CONNECTIVES = ((re.compile(r"\s+(?:AND|and|&&)\s+"), All), (re.compile(r"\s+(?:OR|or|\|\|)\s+"), AnyOf))
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_NEGATION = re.compile(r"(?:NOT|!)\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Understood:
    """A natural condition with what it was bound to, and why."""

    condition: Condition
    kind: BindingKind
    why: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition may refer to without naming it.

    `above` is the statement directly above, `directive` its first word, `subject` what a CHECK above asked.
    """

    above: Statement | None = None
    directive: str = ""
    subject: Condition | None = None


def understand(text: str, around: Surroundings, book: Phrasebook) -> Understood | str:
    """What the condition means, or why nothing could be bound."""
    whole = _bound(text, around, book)
    if isinstance(whole, Understood):
        return whole
    shorter = _REMARK.sub("", text)
    if shorter and shorter != text:
        without = understand(shorter, around, book)
        if isinstance(without, Understood):
            return without
    for pattern, make in _CONNECTIVES:
        parts = _split(text, pattern)
        if len(parts) > 1:
            joined = _joined(parts, make, around, book)
            if joined is not None:
                return joined
    negation = _NEGATION.match(text)
    if negation is not None:
        inner = _bound(text[negation.end() :], around, book)
        if isinstance(inner, Understood):
            return Understood(Not(inner.condition), inner.kind, f"not: {inner.why}")
    return whole


def _joined(
    parts: list[str], make: type[All] | type[AnyOf], around: Surroundings, book: Phrasebook
) -> Understood | None:
    """The parts joined, where each one is bound to a predicate or an outcome."""
    bound: list[Understood] = []
    for part in parts:
        # A connective of the other kind would need parentheses.
        if any(len(_split(part, pattern)) > 1 for pattern, _ in _CONNECTIVES):
            return None
        understood = _bound(part, around, book)
        if not isinstance(understood, Understood) or understood.kind is BindingKind.DECIDE:
            return None
        bound.append(understood)
    kind = next((each.kind for each in bound if each.kind is not BindingKind.PREDICATE), BindingKind.PREDICATE)
    return Understood(make(tuple(each.condition for each in bound)), kind, "; ".join(each.why for each in bound))


def _split(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The parts between connectives that stand outside quotes."""
    masked = _QUOTED.sub(lambda found: "\0" * len(found.group()), text)
    parts: list[str] = []
    at = 0
    for found in pattern.finditer(masked):
        parts.append(text[at : found.start()])
        at = found.end()
    return [*parts, text[at:]]


def _bound(text: str, around: Surroundings, book: Phrasebook) -> Understood | str:
    text = text.strip().strip("*").strip()
    canonical = _canonical(text)
    ending = book.ending(text)
    if canonical is not None and (ending is None or _fits(canonical, around)):
        return _checked(Understood(canonical, _kind(canonical), "a form of the language"), around)
    bound = book.bind(text)
    if isinstance(bound, Ambiguous):
        return "ambiguous: " + ", ".join(f'"{phrase}"' for phrase in bound.phrases)
    if bound is not None:
        condition = _canonical(bound.condition)
        if condition is None:
            return f'the phrase "{bound.phrase}" means "{bound.condition}", which is no condition'
        return _checked(Understood(condition, _kind(condition), f'phrase "{bound.phrase}"'), around)
    if ending is not None:
        return _ended(text, ending, around)
    source = book.source(text)
    if source is Source.USER:
        return Understood(UserAnswer(text), BindingKind.ASK, "the phrasebook leaves it to the user")
    if source is Source.JUDGEMENT:
        return Understood(Decide(text), BindingKind.DECIDE, "the phrasebook leaves it to judgement")
    return "no phrase binds it"


def _canonical(text: str) -> Condition | None:
    cursor = Cursor(text)
    try:
        condition = read_condition(cursor)
        cursor.expect_end()
    except Mismatch:
        return None
    return condition


def _kind(condition: Condition) -> BindingKind:
    if isinstance(condition, Decide):
        return BindingKind.DECIDE
    if isinstance(condition, UserAnswer):
        return BindingKind.ASK
    return BindingKind.OUTCOME if isinstance(condition, OutcomeIs) else BindingKind.PREDICATE


def _fits(condition: Condition, around: Surroundings) -> bool:
    return misplaced_outcome(condition, around.above, around.directive) is None


def _checked(understood: Understood, around: Surroundings) -> Understood | str:
    """Refuse outcome words that do not belong to the directive above."""
    return misplaced_outcome(understood.condition, around.above, around.directive) or understood


def _ended(text: str, ending: Ending, around: Surroundings) -> Understood | str:
    """A text without a subject: it speaks of the directive above."""
    outcome = _outcome(ending, around.above)
    if outcome is not None:
        return Understood(OutcomeIs(outcome), BindingKind.OUTCOME, f"the directive above: {around.directive}")
    if around.subject is not None:
        subject = around.subject
        condition = subject if ending in _POSITIVE else Not(subject)
        kind = BindingKind.DECIDE if isinstance(subject, Decide) else BindingKind.PREDICATE
        return Understood(condition, kind, f"what {around.directive} above asks")
    match around.above:
        case Ask(_, name) if ending in {Ending.HOLDS, Ending.DOES_NOT_HOLD}:
            answers = _YES if ending is Ending.HOLDS else _NO
            return Understood(OneOf(Ref(name), answers), BindingKind.PREDICATE, "the answer to the question above")
        case Delegate(subagent, request) if subagent == THE_AGENT and request is not None:
            question = f"{text}: {request.literal}" if request.literal else text
            return Understood(Decide(question), BindingKind.DECIDE, f"how the work above ended: {around.directive}")
    return "it has no subject, and the line above gives it none"


def _outcome(ending: Ending, above: Statement | None) -> Outcome | None:
    """The one outcome of the statement above that the ending can mean."""
    if isinstance(above, Delegate) and above.subagent == THE_AGENT:
        return None
    allowed = outcomes_of(above)
    for suffix in _ENDINGS[ending]:
        fitting = [
            outcome
            for outcome in allowed
            if outcome.name.endswith(suffix) and ("NOT" in outcome.name) == ("NOT" in suffix)
        ]
        if len(fitting) == 1:
            return fitting[0]
    return None

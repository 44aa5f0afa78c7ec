"""Conditions as people write them: bound by the phrasebook, or by the directive above; never guessed."""

from __future__ import annotations

import re

from peerlint.patterns import regex
from peerlint.process.logic.conditions import read_condition
from peerlint.process.logic.cursor import Cursor, Mismatch
from peerlint.process.logic.directives import THE_AGENT
from peerlint.process.logic.effect_lines import command_in
from peerlint.process.logic.names import Names
from peerlint.process.logic.placement import misplaced_outcome, outcomes_of
from peerlint.process.logic.reading import Binding, BindingKind
from peerlint.process.model import (
    All,
    AnyOf,
    Ask,
    Condition,
    Decide,
    Delegate,
    Equals,
    Not,
    OneOf,
    Outcome,
    OutcomeIs,
    Ref,
    Statement,
    Text,
    UserAnswer,
)
from peerlint.process.phrases import Ambiguous, Bound, Ending, Phrase, Phrasebook, Source, variable_name
from peerlint.records import dataclass, field, replace
from peerlint.source.text import Span

#: Lenient outcome words first: what people write says nothing of the cause.
_ENDINGS = {
    Ending.FAILS: ("_FAILS", "NOT_AVAILABLE", "NOT_RESPONDING"),
    Ending.SUCCEEDS: ("_SUCCEEDS", "_AVAILABLE", "SERVER_RESPONDING"),
    Ending.FOUND: ("_AVAILABLE", "ALREADY_EXISTS"),
    Ending.NOT_FOUND: ("NOT_AVAILABLE",),
    Ending.HOLDS: (),
    Ending.DOES_NOT_HOLD: (),
    Ending.ACCEPTED: (),
    Ending.REFUSED: (),
}
_YES = tuple(Text.of(answer) for answer in ("yes", "y", "Yes", "YES", "Y"))
_NO = tuple(Text.of(answer) for answer in ("no", "n", "No", "NO", "N"))
_ANSWERS = {Ending.HOLDS: _YES, Ending.ACCEPTED: _YES, Ending.DOES_NOT_HOLD: _NO, Ending.REFUSED: _NO}
_POSITIVE = frozenset({Ending.SUCCEEDS, Ending.FOUND, Ending.HOLDS})
_ENDED_WORK = frozenset(Ending) - {Ending.ACCEPTED, Ending.REFUSED}
_CONNECTIVES = ((regex(r"\s+(?:AND|and|&&)\s+"), All), (regex(r"\s+(?:OR|or|\|\|)\s+"), AnyOf))
_QUOTED = regex(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_REMARK = regex(r"\s*\([^()]*\)\s*$")
_NEGATION = regex(r"(?:NOT|!)\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Understood:
    """A natural condition with what it was bound to, why, and by which phrases."""

    condition: Condition
    kind: BindingKind
    why: str
    phrases: tuple[Phrase, ...] = ()

    def binding(self, text: str, span: Span) -> Binding:
        """The binding of the condition that is written as `text` at `span`."""
        return Binding(span, text, self.condition, self.kind, self.why, self.phrases)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a condition may refer to without naming it.

    `above` is the statement directly above, `directive` its first word, `subject` what a CHECK above asked, `names` the
    variables that the file sets.
    """

    above: Statement | None = None
    directive: str = ""
    subject: Condition | None = None
    names: Names = field(default_factory=Names)


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
            return replace(inner, condition=Not(inner.condition), why=f"not: {inner.why}")
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
    return Understood(
        make(tuple(each.condition for each in bound)),
        kind,
        "; ".join(each.why for each in bound),
        tuple(dict.fromkeys(phrase for each in bound for phrase in each.phrases)),
    )


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
        return _by_phrase(bound, text, around)
    reason = "no phrase binds it"
    if ending is not None:
        ended = _ended(text, ending, around)
        if isinstance(ended, Understood):
            return ended
        reason = ended
    own = (
        _of_a_variable(text, around.names)
        or _of_alternatives(text)
        or _of_a_menu(text, around.above)
        or _of_an_answer(text, around.above)
        or _of_a_command(text)
    )
    if own is not None:
        return own
    source = book.source(text)
    if source is Source.USER:
        return Understood(UserAnswer(text), BindingKind.ASK, "the phrasebook leaves it to the user")
    if source is Source.JUDGEMENT:
        return Understood(Decide(text), BindingKind.DECIDE, "the phrasebook leaves it to judgement")
    if _IDENTIFIER.fullmatch(text) and "_" in text:
        return _undeclared(text, around.names)
    return reason


def _by_phrase(bound: Bound, text: str, around: Surroundings) -> Understood | str:
    phrase = bound.phrase
    if phrase.origin and (own := _of_a_variable(text, around.names)) is not None:
        # What the file itself says of its variables comes before phrases that were added.
        return own
    condition = _canonical(bound.condition)
    if condition is None:
        return f'the phrase "{phrase.phrase}" means "{bound.condition}", which is no condition'
    why = f'phrase "{phrase.phrase}"' + (f" of {phrase.origin}" if phrase.origin else "")
    return _checked(Understood(condition, _kind(condition), why, (phrase,)), around)


_IDENTIFIER = regex(r"\[?[A-Za-z][A-Za-z0-9_]*\]?")
_COMPARED = regex(
    r"(?P<name>\[?[A-Za-z][A-Za-z0-9_]*\]?)\s*"
    r"(?P<verb>===?|=|!==?|is not|is|equals|does not equal)\s*(?P<value>[A-Za-z0-9_-]+)"
)
_BOOLEANS = (("true", "false"), ("yes", "no"))


def _of_a_variable(text: str, names: Names) -> Understood | None:
    """A variable that the file sets, asked for by itself, or compared with a text that it is set to."""
    if _IDENTIFIER.fullmatch(text):
        name = variable_name(text)
        values = names.values.get(name, frozenset())
        fitting = [pair for pair in _BOOLEANS if values and values <= set(pair)]
        if fitting:
            condition = Equals(Ref(name), Text.of(fitting[0][0]))
            return Understood(
                condition, BindingKind.PREDICATE, f"this file sets {name} to {' or '.join(sorted(values))}"
            )
    compared = _COMPARED.fullmatch(text)
    if compared is not None:
        name, value = variable_name(compared["name"]), compared["value"]
        if value in names.values.get(name, frozenset()):
            test: Condition = Equals(Ref(name), Text.of(value))
            negative = "!" in compared["verb"] or "not" in compared["verb"]
            why = f"this file sets {name} to {value}"
            return Understood(Not(test) if negative else test, BindingKind.PREDICATE, why)
    return None


_ALTERNATIVES = regex(
    r"(?P<name>`?\[?[A-Za-z_][A-Za-z0-9_]*\]?`?)\s+(?:is|equals)\s+(?P<no>neither|not either)?(?:either)?\s*"
    r"(?P<values>(?:\"[^\"]*\"|'[^']*')(?:\s*(?:,|\bn?or\b|,\s*or)\s*(?:\"[^\"]*\"|'[^']*'))+)"
)


def _of_alternatives(text: str) -> Understood | None:
    """`KIND is either "a" or "b"`."""
    found = _ALTERNATIVES.fullmatch(text)
    if found is None:
        return None
    values = tuple(Text.of(value[1:-1]) for value in _QUOTED.findall(found["values"]))
    test: Condition = OneOf(Ref(variable_name(found["name"])), values)
    return Understood(Not(test) if found["no"] else test, BindingKind.PREDICATE, "one of several texts")


_ANSWER = regex(
    r"(?:(?:the )?(?:user'?s? )?(?:answer|reply|response|choice) (?:is|equals|was) "
    r"|(?:the )?user (?:answers|replies|says|types|chooses|picks) )?"
    r"(?P<text>\"[^\"]+\"|'[^']+'|`[^`]+`)",
    re.IGNORECASE,
)


def _of_an_answer(text: str, above: Statement | None) -> Understood | None:
    """A text that the question directly above offers, or that the answer is said to be."""
    found = _ANSWER.fullmatch(text) if isinstance(above, Ask) else None
    if found is None or not isinstance(above, Ask):
        return None
    answer = found["text"][1:-1]
    if found["text"] == text and not re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", _question(above), re.IGNORECASE):
        return None
    why = "an answer to the question above"
    return Understood(Equals(Ref(above.name), Text.of(answer)), BindingKind.PREDICATE, why)


def _question(asked: Ask) -> str:
    return "".join(part if isinstance(part, str) else f"[{part.name}]" for part in asked.text.parts)


def _of_a_menu(text: str, above: Statement | None) -> Understood | None:
    """A letter that the question directly above offers."""
    if not (isinstance(above, Ask) and re.fullmatch(r"[A-Z0-9]", text)):
        return None
    if not re.search(rf"[\[(]{text}[\])]|\b{text}[).:=]", _question(above)):
        return None
    return Understood(Equals(Ref(above.name), Text.of(text)), BindingKind.PREDICATE, "a choice of the question above")


def _of_a_command(text: str) -> Understood | None:
    """A command line that stands for whether it succeeds."""
    code = command_in(text)
    condition = None if code is None else _canonical(f"`{code}` succeeds")
    return None if condition is None else Understood(condition, BindingKind.PREDICATE, "a command: whether it succeeds")


def _undeclared(text: str, names: Names) -> str:
    name = variable_name(text)
    if name not in names.values:
        return f"nothing in this file sets {text}"
    return f"{text} is set, but not to true or false only"


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
    if around.subject is not None and ending not in {Ending.ACCEPTED, Ending.REFUSED}:
        subject = around.subject
        condition = subject if ending in _POSITIVE else Not(subject)
        kind = BindingKind.DECIDE if isinstance(subject, Decide) else BindingKind.PREDICATE
        return Understood(condition, kind, f"what {around.directive} above asks")
    match around.above:
        case Ask(_, name) if ending in _ANSWERS:
            answers = _ANSWERS[ending]
            return Understood(OneOf(Ref(name), answers), BindingKind.PREDICATE, "the answer to the question above")
        case Delegate(subagent, request) if subagent == THE_AGENT and request is not None and ending in _ENDED_WORK:
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

"""Conditions of the IR: true, false, or an EffectFailure (the third value)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from peerlint.process.model import (
    All,
    AnyOf,
    CommandSucceeds,
    Compare,
    Condition,
    Constant,
    Decide,
    Equals,
    ExitCodeIs,
    FilesExist,
    HasPart,
    IsEmpty,
    IsJson,
    IsMissing,
    IsNumber,
    Matches,
    Not,
    Number,
    OneOf,
    Order,
    Outcome,
    OutcomeIs,
    Part,
    Passes,
    PathEmpty,
    PathExists,
    PathKind,
    Pipeline,
    Provided,
    ToolAvailable,
    UserAnswer,
    Value,
    walk,
)
from peerlint.records import dataclass
from peerlint.run import jsontext
from peerlint.run.events import AskEvent, DecideEvent, Event
from peerlint.run.values import Evaluator, bad_value, show, to_integer
from peerlint.run.world import Cause, EffectFailure

#: Strict words and the one cause that they look at (rule 7).
_STRICT: dict[Outcome, Cause] = {
    Outcome.BUCKET_EXISTS: Cause.BUCKET_MISSING,
    Outcome.BUCKET_DOES_NOT_EXIST: Cause.BUCKET_MISSING,
    Outcome.KEY_EXISTS: Cause.KEY_MISSING,
    Outcome.KEY_DOES_NOT_EXIST: Cause.KEY_MISSING,
    Outcome.KEY_ALREADY_EXISTS: Cause.KEY_EXISTS,
    Outcome.REVISION_CHANGED: Cause.REVISION_CHANGED,
}
#: Words that hold when the effect succeeded; all others hold when it failed.
_POSITIVE = frozenset(
    {
        Outcome.SERVER_RESPONDING,
        Outcome.BUCKET_EXISTS,
        Outcome.BUCKET_AVAILABLE,
        Outcome.KEY_EXISTS,
        Outcome.KEY_AVAILABLE,
        Outcome.FILE_AVAILABLE,
    }
    | {word for word in Outcome if word.value.endswith(" succeeds")}
)
_YES = frozenset({"y", "yes", "true", "ok", "approve", "approved"})
_NO = frozenset({"n", "no", "false", "", "reject", "rejected"})

#: Failures that ask for something from the caller: no arm of the process may look at them.
FOR_THE_CALLER = frozenset({Cause.UNANSWERED, Cause.NOT_ALLOWED, Cause.FILE_DENIED})


@dataclass(frozen=True, slots=True)
class EffectOutcome:
    """How an effect ended: `failure` is None where it succeeded."""

    failure: EffectFailure | None = None


def outcome_words(conditions: tuple[Condition, ...]) -> list[OutcomeIs | ExitCodeIs]:
    """The outcome words in the conditions of one chain."""
    return [node for node in walk(conditions) if isinstance(node, (OutcomeIs, ExitCodeIs))]


def looks_at(words: list[OutcomeIs | ExitCodeIs], failure: EffectFailure) -> bool:
    """Whether a chain with these outcome words handles the failure: a lenient word takes any, a strict one its own."""
    if failure.cause in FOR_THE_CALLER:
        return False
    return any(_looks(word, failure) for word in words)


def _looks(word: OutcomeIs | ExitCodeIs, failure: EffectFailure) -> bool:
    if isinstance(word, ExitCodeIs):
        return word.code == 0 or (failure.cause is Cause.EXIT and failure.code == word.code)
    strict = _STRICT.get(word.outcome)
    return strict is None or strict is failure.cause


class Conditions:
    """Evaluates conditions; people and commands that are asked are told to `emit`."""

    def __init__(self, evaluator: Evaluator, emit: Callable[[Event], None]) -> None:
        self._values = evaluator
        self._world = evaluator.world
        self._emit = emit

    def holds(self, condition: Condition, above: EffectOutcome | None = None) -> bool:
        """Whether the condition holds; `above` is how the effect right above ended. Raises EffectFailure."""
        match condition:
            case All(conditions=parts):
                return all(self.holds(part, above) for part in parts)
            case AnyOf(conditions=parts):
                return any(self.holds(part, above) for part in parts)
            case Not(condition=part):
                return not self.holds(part, above)
            case OutcomeIs(outcome=word):
                return _outcome_holds(word, above)
            case ExitCodeIs(code=code):
                return _exit_code(above) == code
            case Decide(question=question):
                return self._decide(question)
            case UserAnswer(question=question):
                return self._user_answer(question)
            case CommandSucceeds(command=command):
                return self._exit(command, "") == 0
            case Passes(value=value, command=command):
                return self._exit(command, (self._values.value(value) or "") + "\n") == 0
            case _:
                return self._simple(condition)

    def _simple(self, condition: Condition) -> bool:
        values, world = self._values, self._world
        match condition:
            case IsEmpty(value=value):
                return not values.value(value)
            case IsMissing(value=value):
                return values.value(value) is None
            case IsNumber(value=value):
                return to_integer(values.value(value)) is not None
            case IsJson(value=value):
                return jsontext.is_json(values.value(value) or "")
            case Equals(left=left, right=right):
                return self._equal(left, right)
            case OneOf(value=value, options=options):
                return any(self._equal(value, option) for option in options)
            case Compare(order=order, left=left, right=right):
                return _ordered(order, to_integer(values.value(left)), to_integer(values.value(right)))
            case HasPart(part=part, value=value, other=other):
                return _has_part(part, values.value(value) or "", values.value(other) or "")
            case Matches(value=value, pattern=pattern):
                return values.pattern(pattern, value)
            case PathExists(kind=kind, path=path):
                return world.file_exists(values.text(path), kind is PathKind.FOLDER)
            case PathEmpty(kind=kind, path=path):
                return world.file_empty(values.text(path), kind is PathKind.FOLDER)
            case FilesExist(pattern=pattern):
                return bool(values.files_matching(pattern))
            case ToolAvailable(name=name):
                return world.tool_available(name)
            case Provided(flag=flag):
                return values.arguments.provided(flag)
        raise AssertionError(f"no such condition: {condition!r}")

    def _equal(self, left: Value, right: Value) -> bool:
        text = self._values.value(left)
        if isinstance(right, Number):
            return to_integer(text) == right.value
        if isinstance(right, Constant) and right.value is None:
            return text is None
        return (text or "") == (self._values.value(right) or "")

    def _exit(self, command: Pipeline, stdin: str) -> int:
        try:
            return self._values.run(self._values.pipeline(command), stdin).code
        except EffectFailure as failure:
            # The shell gives 127 for a command that is not there, which is just another way to fail.
            if failure.cause is Cause.NOT_FOUND:
                return 127
            raise

    def _decide(self, question: str) -> bool:
        answer = self._world.decide(question)
        self._emit(DecideEvent(question, answer))
        return answer

    def _user_answer(self, question: str) -> bool:
        answer = self._world.ask(question)
        self._emit(AskEvent(question, answer))
        word = answer.strip().lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise bad_value(f'"{question}" wants yes or no, the answer is {show(answer)}')


def _nothing_above(word: str) -> NoReturn:
    raise bad_value(f'"{word}" has no effect right above it')


def _outcome_holds(word: Outcome, above: EffectOutcome | None) -> bool:
    if above is None:
        _nothing_above(word.value)
    if above.failure is None:
        return word in _POSITIVE
    if word in _POSITIVE:
        return False
    return _STRICT.get(word, above.failure.cause) is above.failure.cause


def _exit_code(above: EffectOutcome | None) -> int:
    if above is None:
        _nothing_above("exit code")
    return 0 if above.failure is None else above.failure.code


def _ordered(order: Order, left: int | None, right: int | None) -> bool:
    if left is None or right is None:
        return False
    match order:
        case Order.GREATER:
            return left > right
        case Order.AT_LEAST:
            return left >= right
        case Order.LESS:
            return left < right
        case Order.AT_MOST:
            return left <= right


def _has_part(part: Part, text: str, other: str) -> bool:
    match part:
        case Part.CONTAINS:
            return other in text
        case Part.STARTS:
            return text.startswith(other)
        case Part.ENDS:
            return text.endswith(other)

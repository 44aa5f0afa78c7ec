"""Conditions: reading."""

from __future__ import annotations

from collections.abc import Callable

from peerlint.patterns import regex
from peerlint.process.logic.command_lines import read_pipeline
from peerlint.process.logic.cursor import FLAG, Cursor, Mismatch
from peerlint.process.logic.texts import read_literal, read_string, read_verbatim
from peerlint.process.logic.values import read_value, read_values
from peerlint.process.model import (
    All,
    AnyOf,
    CommandSucceeds,
    Compare,
    Condition,
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
    OneOf,
    Order,
    Outcome,
    OutcomeIs,
    Part,
    Passes,
    PathEmpty,
    PathExists,
    PathKind,
    Provided,
    ToolAvailable,
    UserAnswer,
    Value,
)

#: Longest first, so that no word hides a longer one.
OUTCOME_WORDS = {outcome.value: outcome for outcome in sorted(Outcome, key=lambda each: -len(each.value))}
_TOOL = regex(r"[A-Za-z0-9_.+-]+")


def read_condition(cursor: Cursor) -> Condition:
    """A condition. Raises Mismatch."""
    with cursor.nested():
        tests = [_test(cursor)]
        word: str | None = None
        while (connective := _connective(cursor)) is not None:
            if word is not None and connective != word:
                raise cursor.mismatch("AND and OR do not mix without parentheses", "mixed-connectives")
            word = connective
            tests.append(_test(cursor))
        if word is None:
            return tests[0]
        return All(tuple(tests)) if word == "AND" else AnyOf(tuple(tests))


def _connective(cursor: Cursor) -> str | None:
    return next((word for word in ("AND", "OR") if cursor.take(f" {word} ")), None)


def _test(cursor: Cursor) -> Condition:
    if cursor.take("NOT ("):
        condition = read_condition(cursor)
        cursor.expect(")")
        return Not(condition)
    for reader in (_outcome, _probe, _judgement):
        before = cursor.at
        condition_or_none = reader(cursor)
        if condition_or_none is not None:
            return condition_or_none
        cursor.at = before
    return _parenthesised(cursor) if cursor.sees("(") else _value_test(cursor)


def _parenthesised(cursor: Cursor) -> Condition:
    """`(a OR b)`, or a test whose value begins with a parenthesis."""
    start = cursor.at
    try:
        return _value_test(cursor)
    except Mismatch as mismatch:
        value_mismatch = mismatch
    cursor.at = start
    cursor.expect("(")
    try:
        condition = read_condition(cursor)
        cursor.expect(")")
    except Mismatch as mismatch:
        # The reading that came further is the one that was meant.
        raise max(mismatch, value_mismatch, key=lambda each: each.at) from None
    return condition


# --- outcomes, probes, judgement -------------------------------------------------------------------------------------


def _outcome(cursor: Cursor) -> Condition | None:
    for word, outcome in OUTCOME_WORDS.items():
        if cursor.take(word):
            return OutcomeIs(outcome)
    if cursor.take("exit code is not "):
        return Not(ExitCodeIs(cursor.integer()))
    if cursor.take("exit code is "):
        return ExitCodeIs(cursor.integer())
    return None


def _probe(cursor: Cursor) -> Condition | None:
    for kind in PathKind:
        if cursor.sees(f'{kind.value} "'):
            cursor.expect(f"{kind.value} ")
            return _path_test(cursor, kind)
    if cursor.take("files matching "):
        pattern = read_string(cursor)
        return _either(cursor, {" exist": FilesExist(pattern), " do not exist": Not(FilesExist(pattern))})
    if cursor.take("tool "):
        return _tool_test(cursor)
    if cursor.sees("`"):
        command = CommandSucceeds(read_pipeline(cursor))
        return _either(cursor, {" succeeds": command, " fails": Not(command)})
    if cursor.take("neither "):
        return _two_flags(cursor, " nor ", lambda flag: Not(Provided(flag)))
    if cursor.take("both "):
        return _two_flags(cursor, " and ", Provided)
    if (flag := cursor.match(FLAG)) is not None:
        provided = Provided(flag.group())
        return _either(cursor, {" provided": provided, " not provided": Not(provided)})
    return None


def _path_test(cursor: Cursor, kind: PathKind) -> Condition:
    path = read_string(cursor)
    exists, empty = PathExists(kind, path), PathEmpty(kind, path)
    return _either(
        cursor,
        {" exists": exists, " does not exist": Not(exists), " is empty": empty, " is not empty": Not(empty)},
    )


def _tool_test(cursor: Cursor) -> Condition:
    found = cursor.match(_TOOL)
    if found is None:
        raise cursor.mismatch("the name of a tool expected")
    tool = ToolAvailable(found.group())
    return _either(cursor, {" is available": tool, " is not available": Not(tool)})


def _two_flags(cursor: Cursor, between: str, test: Callable[[str], Condition]) -> Condition:
    first = cursor.match(FLAG)
    if first is None:
        raise cursor.mismatch("a --flag expected")
    cursor.expect(between)
    second = cursor.match(FLAG)
    if second is None:
        raise cursor.mismatch("a --flag expected")
    cursor.expect(" provided")
    return All((test(first.group()), test(second.group())))


def _either(cursor: Cursor, readings: dict[str, Condition]) -> Condition:
    for words, condition in readings.items():
        if cursor.take(words):
            return condition
    raise cursor.mismatch("one of " + ", ".join(f'"{words.strip()}"' for words in readings) + " expected")


def _judgement(cursor: Cursor) -> Condition | None:
    if cursor.take("you judge that "):
        return Decide(read_literal(cursor))
    if cursor.take("the user confirms "):
        return UserAnswer(read_literal(cursor))
    return None


# --- tests of values -------------------------------------------------------------------------------------------------

_IS_PROPERTY: dict[str, Callable[[Value], Condition]] = {
    "empty": IsEmpty,
    "missing": IsMissing,
    "a number": IsNumber,
    "valid JSON": IsJson,
}
_PARTS = {
    " contains ": (Part.CONTAINS, True),
    " does not contain ": (Part.CONTAINS, False),
    " starts with ": (Part.STARTS, True),
    " does not start with ": (Part.STARTS, False),
    " ends with ": (Part.ENDS, True),
    " does not end with ": (Part.ENDS, False),
}


def _value_test(cursor: Cursor) -> Condition:
    value = read_value(cursor)
    if cursor.take(" is "):
        return _is_test(cursor, value)
    for words, (part, positive) in _PARTS.items():
        if cursor.take(words):
            test: Condition = HasPart(part, value, read_value(cursor))
            return test if positive else Not(test)
    if cursor.take(" matches "):
        return Matches(value, read_verbatim(cursor))
    if cursor.take(" does not match "):
        return Not(Matches(value, read_verbatim(cursor)))
    if cursor.take(" passes "):
        return Passes(value, read_pipeline(cursor))
    if cursor.take(" does not pass "):
        return Not(Passes(value, read_pipeline(cursor)))
    raise cursor.mismatch("a verb expected, such as is, contains or matches")


def _is_test(cursor: Cursor, value: Value) -> Condition:
    if cursor.take("one of "):
        return OneOf(value, read_values(cursor))
    if cursor.take("none of "):
        return Not(OneOf(value, read_values(cursor)))
    for order in Order:
        if cursor.take(f"{order.value} "):
            return Compare(order, value, read_value(cursor))
    negative = cursor.take("not ")
    test: Condition | None = None
    for words, make in _IS_PROPERTY.items():
        if cursor.take(words):
            test = make(value)
            break
    if test is None:
        test = Equals(value, read_value(cursor))
    return Not(test) if negative else test

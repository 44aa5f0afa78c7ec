"""Values, lists and conditions: rendering. Parentheses stand only where reading needs them."""

from __future__ import annotations

from peerlint.process.logic.command_lines import render_pipeline
from peerlint.process.logic.texts import render_ref, render_string, render_text, render_verbatim, render_word
from peerlint.process.model import (
    All,
    AnyOf,
    Arithmetic,
    AsJson,
    AsNumber,
    CommandSucceeds,
    Compare,
    Condition,
    Constant,
    CurrentTime,
    Decide,
    Equals,
    ExitCodeIs,
    FilesExist,
    FilesMatching,
    FirstCharacters,
    FlagValue,
    HasPart,
    IsEmpty,
    IsJson,
    IsMissing,
    IsNumber,
    JqFilter,
    KeysOf,
    Length,
    Listing,
    Matches,
    Not,
    Number,
    NumberOf,
    OneOf,
    OtherArgument,
    OutcomeIs,
    Part,
    PartsOf,
    Passes,
    PathEmpty,
    PathExists,
    Provided,
    Ref,
    Text,
    Through,
    ToolAvailable,
    UserAnswer,
    Value,
    Values,
)

_POSTFIX = (JqFilter, Through, AsJson, AsNumber)


def render_value(value: Value) -> str:
    """A value. Raises Unrenderable."""
    if isinstance(value, Arithmetic):
        return f" {value.operator} ".join(_parenthesised(operand, Arithmetic) for operand in value.operands)
    return _term(value)


def _parenthesised(value: Value, *kinds: type) -> str:
    return f"({render_value(value)})" if isinstance(value, kinds) else _term(value)


def _primary(value: Value) -> str:
    return _parenthesised(value, Arithmetic, *_POSTFIX)


def _operand(value: Value) -> str:
    """The value in front of a postfix, which binds from the left."""
    return _parenthesised(value, Arithmetic)


def _term(value: Value) -> str:
    match value:
        case Ref():
            return render_ref(value)
        case Text():
            return render_text(value)
        case Number(number):
            return str(number)
        case Constant(constant):
            return "null" if constant is None else str(constant).lower()
        case JqFilter(inner, program, flags):
            return f"{_operand(inner)} with jq {f'-{flags} ' if flags else ''}{render_verbatim(program)}"
        case Through(inner, command):
            return f"{_operand(inner)} through {render_pipeline(command)}"
        case AsJson(inner):
            return f"{_operand(inner)} as JSON"
        case AsNumber(inner):
            return f"{_operand(inner)} as number"
        case Arithmetic():
            return f"({render_value(value)})"
        case _:
            return _worded(value)


def _worded(value: Value) -> str:
    match value:
        case FlagValue(flag):
            return f"value of {flag}"
        case OtherArgument(flags):
            return f"first argument other than {', '.join(flags)}"
        case CurrentTime(form):
            return "current UTC time" if form is None else f"current UTC time as {render_string(Text.of(form))}"
        case Length(inner):
            return f"length of {_primary(inner)}"
        case FirstCharacters(count, inner):
            return f"first {count} characters of {_primary(inner)}"
        case NumberOf(Values((single,))):
            return f"number of {_primary(single)}"
        case NumberOf(Values() as values):
            return f"number of ({render_listing(values)})"
        case NumberOf(listing):
            return f"number of {render_listing(listing)}"
        case _:
            raise TypeError(f"no value: {value!r}")


def render_listing(listing: Listing) -> str:
    """A list. Raises Unrenderable."""
    match listing:
        case PartsOf(cut, value):
            return f"{cut.value} of {_primary(value)}"
        case FilesMatching(pattern):
            return f"files matching {render_string(pattern)}"
        case KeysOf(bucket):
            return f"keys of {render_word(bucket)}"
        case Values(values):
            return ", ".join(render_value(value) for value in values)


# --- conditions ------------------------------------------------------------------------------------------------------

_PART_VERBS = {
    Part.CONTAINS: ("contains", "does not contain"),
    Part.STARTS: ("starts with", "does not start with"),
    Part.ENDS: ("ends with", "does not end with"),
}


def render_condition(condition: Condition) -> str:
    """A condition. Raises Unrenderable."""
    if _flag_pair(condition) is None:
        if isinstance(condition, All):
            return " AND ".join(_test(each) for each in condition.conditions)
        if isinstance(condition, AnyOf):
            return " OR ".join(_test(each) for each in condition.conditions)
    return _test(condition)


def _test(condition: Condition) -> str:
    pair = _flag_pair(condition)
    if pair is not None:
        return pair
    if isinstance(condition, All | AnyOf):
        return f"({render_condition(condition)})"
    if isinstance(condition, Not):
        negative = _simple(condition.condition, negative=True)
        return negative or f"NOT ({render_condition(condition.condition)})"
    positive = _simple(condition, negative=False)
    if positive is None:
        raise TypeError(f"no condition: {condition!r}")
    return positive


def _flag_pair(condition: Condition) -> str | None:
    match condition:
        case All((Not(Provided(first)), Not(Provided(second)))):
            return f"neither {first} nor {second} provided"
        case All((Provided(first), Provided(second))):
            return f"both {first} and {second} provided"
        case _:
            return None


def _simple(condition: Condition, *, negative: bool) -> str | None:
    """A single test, or its negative form; None where it has no such form."""
    return _value_test(condition, negative=negative) or _probe(condition, negative=negative)


def _value_test(condition: Condition, *, negative: bool) -> str | None:
    verb = "is not" if negative else "is"
    match condition:
        case IsEmpty(value):
            return f"{render_value(value)} {verb} empty"
        case IsMissing(value):
            return f"{render_value(value)} {verb} missing"
        case IsNumber(value):
            return f"{render_value(value)} {verb} a number"
        case IsJson(value):
            return f"{render_value(value)} {verb} valid JSON"
        case Equals(left, right):
            return f"{render_value(left)} {verb} {render_value(right)}"
        case OneOf(value, options):
            words = "is none of" if negative else "is one of"
            return f"{render_value(value)} {words} {', '.join(render_value(option) for option in options)}"
        case HasPart(part, value, other):
            return f"{render_value(value)} {_PART_VERBS[part][negative]} {render_value(other)}"
        case Matches(value, pattern):
            words = "does not match" if negative else "matches"
            return f"{render_value(value)} {words} {render_verbatim(pattern)}"
        case Passes(value, command):
            words = "does not pass" if negative else "passes"
            return f"{render_value(value)} {words} {render_pipeline(command)}"
        case Compare(order, left, right) if not negative:
            return f"{render_value(left)} is {order.value} {render_value(right)}"
        case _:
            return None


def _probe(condition: Condition, *, negative: bool) -> str | None:
    verb = "is not" if negative else "is"
    match condition:
        case PathExists(kind, path):
            return f"{kind.value} {render_string(path)} {'does not exist' if negative else 'exists'}"
        case PathEmpty(kind, path):
            return f"{kind.value} {render_string(path)} {verb} empty"
        case FilesExist(pattern):
            return f"files matching {render_string(pattern)} {'do not exist' if negative else 'exist'}"
        case ToolAvailable(name):
            return f"tool {name} {verb} available"
        case CommandSucceeds(command):
            return f"{render_pipeline(command)} {'fails' if negative else 'succeeds'}"
        case Provided(flag):
            return f"{flag} {'not provided' if negative else 'provided'}"
        case ExitCodeIs(code):
            return f"exit code {verb} {code}"
        case OutcomeIs(outcome) if not negative:
            return outcome.value
        case Decide(question) if not negative:
            return f"you judge that {render_string(Text.of(question))}"
        case UserAnswer(question) if not negative:
            return f"the user confirms {render_string(Text.of(question))}"
        case _:
            return None

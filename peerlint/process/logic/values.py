"""Values and lists: reading."""

from __future__ import annotations

from peerlint.patterns import regex
from peerlint.process.logic.command_lines import read_pipeline
from peerlint.process.logic.cursor import FLAG, INTEGER, NAME, Cursor, Mismatch, read_ref
from peerlint.process.logic.texts import read_literal, read_string, read_text, read_verbatim, read_word
from peerlint.process.model import (
    Arithmetic,
    AsJson,
    AsNumber,
    Constant,
    CurrentTime,
    Cut,
    FilesMatching,
    FirstCharacters,
    FlagValue,
    JqFilter,
    KeysOf,
    Length,
    Listing,
    Number,
    NumberOf,
    OtherArgument,
    PartsOf,
    Ref,
    Text,
    Through,
    Value,
    Values,
)

_OPERATOR = regex(r"[ \t]+([-+*/%])(?=[ \t])")
_JQ_FLAGS = regex(r"-([rcsnSej]+)[ \t]+")
_OTHER_FLAG = regex(FLAG.pattern + r"=?(?![A-Za-z0-9_=-])")
_NEXT_FLAG = regex(r",[ \t]+(?=--?[A-Za-z])")
_CONSTANTS = {"true": Constant(True), "false": Constant(False), "null": Constant(None)}


def read_value(cursor: Cursor) -> Value:
    """A value. Raises Mismatch."""
    with cursor.nested():
        operands: list[Value] = [_term(cursor)]
        operator: str | None = None
        while (found := cursor.match(_OPERATOR)) is not None:
            if operator is not None and found[1] != operator:
                raise cursor.mismatch("mixed operators need parentheses", "mixed-operators")
            operator = found[1]
            cursor.take(" ")
            operands.append(_term(cursor))
        return operands[0] if operator is None else Arithmetic(operator, tuple(operands))


def _term(cursor: Cursor) -> Value:
    value = _primary(cursor)
    while True:
        if cursor.take(" with jq "):
            flags = cursor.match(_JQ_FLAGS)
            value = JqFilter(value, read_verbatim(cursor), flags[1] if flags else "")
        elif cursor.take(" through "):
            value = Through(value, read_pipeline(cursor))
        elif cursor.take(" as JSON"):
            value = AsJson(value)
        elif cursor.take(" as number"):
            value = AsNumber(value)
        else:
            return value


def _primary(cursor: Cursor) -> Value:
    if cursor.sees('"') or cursor.sees("<"):
        return read_text(cursor)
    if NAME.match(cursor.text, cursor.at):
        return read_ref(cursor)
    if cursor.sees("["):
        return _bracketed_name(cursor)
    if (number := INTEGER.match(cursor.text, cursor.at)) is not None:
        if len(number.group()) > 1000:
            raise cursor.mismatch("that number is too long")
        cursor.at = number.end()
        return Number(int(number.group()))
    for word, constant in _CONSTANTS.items():
        if cursor.take(word):
            return constant
    if cursor.take("("):
        value = read_value(cursor)
        cursor.expect(")")
        return value
    return _worded(cursor)


def _bracketed_name(cursor: Cursor) -> Ref:
    """`[NAME]` where a bare name belongs: people write it, nobody can mean anything else."""
    cursor.expect("[")
    ref = read_ref(cursor)
    cursor.expect("]")
    return ref


def _worded(cursor: Cursor) -> Value:
    """Values that begin with words of the language."""
    if cursor.take("value of "):
        return FlagValue(_flag(cursor))
    if cursor.take("first argument other than "):
        return OtherArgument(_other_flags(cursor))
    if cursor.take("current UTC time"):
        return CurrentTime(read_literal(cursor) if _takes_before_quote(cursor, " as ") else None)
    with cursor.nested():
        if cursor.take("length of "):
            return Length(_primary(cursor))
        if cursor.take("number of "):
            return NumberOf(_counted(cursor))
        if cursor.take("first "):
            count = cursor.integer()
            cursor.expect(" characters of ")
            return FirstCharacters(count, _primary(cursor))
    raise cursor.mismatch("a value expected")


def _takes_before_quote(cursor: Cursor, literal: str) -> bool:
    """Take these words if a quoted text follows."""
    before = cursor.at
    if cursor.take(literal) and cursor.sees('"'):
        return True
    cursor.at = before
    return False


def _flag(cursor: Cursor) -> str:
    found = cursor.match(FLAG)
    if found is None:
        raise cursor.mismatch("a --flag expected")
    return found.group()


def _other_flags(cursor: Cursor) -> tuple[str, ...]:
    flags: list[str] = []
    while True:
        found = cursor.match(_OTHER_FLAG)
        if found is None:
            raise cursor.mismatch("a --flag expected")
        flags.append(found.group())
        if cursor.match(_NEXT_FLAG) is None:
            return tuple(flags)


def _counted(cursor: Cursor) -> Listing:
    """The list behind `number of`: one with several values stands in parentheses."""
    if (worded := _worded_listing(cursor)) is not None:
        return worded
    if cursor.take("("):
        listing = read_listing(cursor)
        cursor.expect(")")
        return listing
    return Values((_primary(cursor),))


def read_listing(cursor: Cursor) -> Listing:
    """A list. Raises Mismatch."""
    return _worded_listing(cursor) or Values(read_values(cursor))


def read_values(cursor: Cursor) -> tuple[Value, ...]:
    """`a, b, c`. Raises Mismatch."""
    values = [read_value(cursor)]
    while cursor.take(", "):
        values.append(read_value(cursor))
    return tuple(values)


def _worded_listing(cursor: Cursor) -> Listing | None:
    for cut in Cut:
        if cursor.take(f"{cut.value} of "):
            with cursor.nested():
                return PartsOf(cut, _primary(cursor))
    if cursor.take("files matching "):
        return FilesMatching(read_string(cursor))
    if cursor.take("keys of "):
        return KeysOf(read_word(cursor))
    return None


def read_target(cursor: Cursor) -> Ref:
    """What SET sets: a name, or a field of its JSON. Raises Mismatch."""
    return _bracketed_name(cursor) if cursor.sees("[") else read_ref(cursor)


__all__ = ["Mismatch", "Text", "read_listing", "read_target", "read_value", "read_values"]

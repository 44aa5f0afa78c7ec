"""Integer arithmetic of bash as values."""

from __future__ import annotations

from collections.abc import Callable

from peerlint.patterns import regex
from peerlint.process.model import Arithmetic, Number, Value

_TOKEN = regex(r"\s*(?:(\d+)|\$?\{?([A-Za-z_]\w*|(?<=[${])\d+)\}?|([-+*/%()]))")


class _Misread(Exception):
    """Not plain integer arithmetic."""


def read_arithmetic(expression: str, variable: Callable[[str], Value]) -> Value | None:
    """The value of `a + b * 2` and its like, or None where more than `+ - * / %` and parentheses is used."""
    tokens: list[tuple[str, str]] = []
    position = 0
    expression = expression.strip()
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if not match:
            return None
        number, name, sign = match.groups()
        tokens.append(("number", number) if number else ("name", name) if name else ("sign", sign))
        position = match.end()
    try:
        value, rest = _sum(tokens, variable)
    except _Misread:
        return None
    return None if rest else value


_Tokens = list[tuple[str, str]]


def _chain(tokens: _Tokens, variable: Callable[[str], Value], signs: str, below: object) -> tuple[Value, _Tokens]:
    read = _product if below is _product else _atom
    left, tokens = read(tokens, variable)
    while tokens and tokens[0][0] == "sign" and tokens[0][1] in signs:
        sign = tokens[0][1]
        right, tokens = read(tokens[1:], variable)
        if isinstance(left, Arithmetic) and left.operator == sign:
            left = Arithmetic(sign, (*left.operands, right))
        else:
            left = Arithmetic(sign, (left, right))
    return left, tokens


def _sum(tokens: _Tokens, variable: Callable[[str], Value]) -> tuple[Value, _Tokens]:
    return _chain(tokens, variable, "+-", _product)


def _product(tokens: _Tokens, variable: Callable[[str], Value]) -> tuple[Value, _Tokens]:
    return _chain(tokens, variable, "*/%", _atom)


def _atom(tokens: _Tokens, variable: Callable[[str], Value]) -> tuple[Value, _Tokens]:
    if not tokens:
        raise _Misread
    (kind, text), rest = tokens[0], tokens[1:]
    if kind == "number":
        # A leading zero means octal to bash.
        if len(text) > 1 and text.startswith("0"):
            raise _Misread
        return Number(int(text)), rest
    if kind == "name":
        return variable(text), rest
    if text == "-" and rest and rest[0][0] == "number":
        return Number(-int(rest[0][1])), rest[1:]
    if text != "(":
        raise _Misread
    value, rest = _sum(rest, variable)
    if not rest or rest[0] != ("sign", ")"):
        raise _Misread
    return value, rest[1:]

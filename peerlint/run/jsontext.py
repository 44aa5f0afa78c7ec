"""JSON as text: number literals and key order are kept, and output looks as the jq tool prints it."""

from __future__ import annotations

import json
from typing import TypeAlias

from peerlint.patterns import regex


class Literal(str):
    """The text of a JSON number, kept as it was written."""

    __slots__ = ()


#: What `parse` gives: null, booleans, numbers as `Literal`, strings, lists and objects in the order of the text.
Json: TypeAlias = "bool | str | list[Json] | dict[str, Json] | None"

_INDEX = regex(r"-?[0-9]+")
_ESCAPED = regex(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON value")


def parse(text: str) -> Json:
    """The one JSON value that the text holds. Raises ValueError, also for texts that nest too deep."""
    try:
        value: Json = json.loads(text, parse_int=Literal, parse_float=Literal, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def is_json(text: str) -> bool:
    """Whether the text is one JSON value."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def quote(text: str) -> str:
    """The text as a JSON string with its quotes."""
    return '"' + escape(text) + '"'


def escape(text: str) -> str:
    """The text as it stands between the quotes of a JSON string."""
    return _ESCAPED.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), text)


def dump(value: Json, *, compact: bool = False, sort_keys: bool = False) -> str:
    """The value as jq prints it: two blanks a level, or on one line without blanks."""
    return "".join(_pieces(value, compact, sort_keys, "\n"))


def _pieces(value: Json, compact: bool, sort_keys: bool, line: str) -> list[str]:
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [value if isinstance(value, Literal) else quote(value)]
    opening, closing = ("[", "]") if isinstance(value, list) else ("{", "}")
    if not value:
        return [opening + closing]
    inner = line if compact else line + "  "
    pieces = [opening]
    if isinstance(value, list):
        members: list[tuple[str, Json]] = [("", item) for item in value]
    else:
        pairs = sorted(value.items()) if sort_keys else value.items()
        members = [(quote(key) + (":" if compact else ": "), item) for key, item in pairs]
    for number, (prefix, item) in enumerate(members):
        pieces.append(("," if number else "") + ("" if compact else inner) + prefix)
        pieces.extend(_pieces(item, compact, sort_keys, inner))
    pieces.append(("" if compact else line) + closing)
    return pieces


def as_text(value: Json) -> str | None:
    """The value as text: a string without quotes, null as missing, anything else as jq prints it."""
    if value is None:
        return None
    return str(value) if isinstance(value, str) else dump(value)


def field(value: Json, name: str) -> Json:
    """The field of an object, or the item of a list where the name is a whole number; null where there is none."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and _INDEX.fullmatch(name) and -len(value) <= int(name) < len(value):
        return value[int(name)]
    return None


def with_field(value: Json, path: list[str], new: Json) -> Json:
    """The value with `new` at the path. Null grows into objects, as in jq.

    Raises ValueError where the path leads through a text, a number or a boolean, or names no place of a list.
    """
    if not path:
        return new
    name, rest = path[0], path[1:]
    if value is None:
        return {name: with_field(None, rest, new)}
    if isinstance(value, dict):
        return {**value, name: with_field(value.get(name), rest, new)}
    if isinstance(value, list):
        if not _INDEX.fullmatch(name) or not -len(value) <= int(name) <= len(value):
            raise ValueError(f'a list of {len(value)} has no place "{name}"')
        place = int(name) + len(value) if int(name) < 0 else int(name)
        old = value[place] if place < len(value) else None
        return [*value[:place], with_field(old, rest, new), *value[place + 1 :]]
    raise ValueError(f'"{name}" is wanted of {dump(value)}, which is no object')

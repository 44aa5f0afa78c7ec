"""A text that an extended regular expression matches: the shortest that its first alternatives allow."""

from __future__ import annotations

import re
import string

from peerlint.run.ere import to_python

#: Tried where a class of characters asks for one, the plain ones first.
_CHARACTERS = string.ascii_lowercase + string.digits + string.ascii_uppercase + " " + string.punctuation
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(?:,\d*)?\}")
_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")


def sample(pattern: str) -> str | None:
    """A text that the pattern matches; None where none was found, or the pattern is none."""
    try:
        wanted = re.compile(to_python(pattern), re.ASCII)
        found, _ = _alternatives(pattern, 0)
    except (ValueError, RecursionError):
        return None
    return found if wanted.search(found) else None


def _alternatives(pattern: str, place: int) -> tuple[str, int]:
    """The first alternative as text, and where the group ends."""
    found, place = _sequence(pattern, place)
    while pattern[place : place + 1] == "|":
        _, place = _sequence(pattern, place + 1)
    return found, place


def _sequence(pattern: str, place: int) -> tuple[str, int]:
    text = ""
    while place < len(pattern) and pattern[place] not in "|)":
        atom, place = _atom(pattern, place)
        repeated = _QUANTIFIER.match(pattern, place)
        if repeated:
            place = repeated.end()
            least = int(repeated[1] or 0) if repeated[0][0] == "{" else int(repeated[0] == "+")
            atom *= min(least, 100)
        text += atom
    return text, place


def _atom(pattern: str, place: int) -> tuple[str, int]:
    character = pattern[place]
    if character == "(":
        inner, place = _alternatives(pattern, place + 1)
        return inner, place + 1
    if character == "[" and (bracket := _BRACKET.match(pattern, place)):
        allowed = re.compile(to_python(bracket[0]), re.ASCII)
        return next((one for one in _CHARACTERS if allowed.fullmatch(one)), ""), bracket.end()
    if character == "\\":
        escaped = pattern[place + 1 : place + 2]
        return {"w": "a", "s": " ", "b": "", "B": "", "<": "", ">": ""}.get(escaped, escaped), place + 2
    return {"^": "", "$": "", ".": "x"}.get(character, character), place + 1

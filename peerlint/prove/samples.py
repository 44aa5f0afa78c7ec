"""A text that an extended regular expression matches: the shortest that its first alternatives allow."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from peerlint.run.ere import to_python

#: Tried where a class of characters asks for one, the plain ones first.
_CHARACTERS = string.ascii_lowercase + string.digits + string.ascii_uppercase + " " + string.punctuation
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(?:,\d*)?\}")
_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")
#: What a backslash makes special in a basic expression, and takes from it in an extended one.
_TURNED = frozenset("(){}|+?")


def sample(pattern: str) -> str | None:
    """A text that the pattern matches; None where none was found, or the pattern is none."""
    try:
        wanted = re.compile(to_python(pattern), re.ASCII)
        found, _ = _alternatives(pattern, 0)
    except (ValueError, RecursionError):
        return None
    return found if wanted.search(found) else None


def found_by_grep(words: Sequence[str | None]) -> str | None:
    """A line that a call of `grep` finds, by its words; None where its pattern is not known."""
    pattern = pattern_of_grep(words)
    return None if pattern is None else sample(pattern)


def pattern_of_grep(words: Sequence[str | None]) -> str | None:
    """The pattern of a call of `grep` as an extended expression."""
    end = words.index("--") if "--" in words else len(words)
    options = [word for word in words[1:end] if word and word.startswith("-")]
    letters = {letter for option in options if not option.startswith("--") for letter in option[1:]}
    rest = [at for at, word in enumerate(words) if at and (at > end or not (word or "").startswith("-"))]
    before = [words[at - 1] or "" for at in rest]
    # The number behind -A, -B, -C and -m is no pattern.
    rest = [at for at, option in zip(rest, before, strict=True) if option not in _WITH_NUMBER]
    pattern = words[rest[0]] if rest else None
    if pattern is None:
        return None
    if words[0] == "fgrep" or "F" in letters:
        return re.sub(r"([.\[\]*^$\\+?(){}|])", r"\\\1", pattern)
    if "P" in letters:
        return pattern.replace("\\d", "[0-9]").replace("\\K", "")
    return pattern if words[0] == "egrep" or "E" in letters else extended(pattern)


_WITH_NUMBER = frozenset({"-A", "-B", "-C", "-m"})


def extended(pattern: str) -> str:
    """A basic regular expression (with the GNU additions) as an extended one."""
    found, place = "", 0
    while place < len(pattern):
        character = pattern[place]
        if character == "[" and (bracket := _BRACKET.match(pattern, place)):
            found, place = found + bracket[0], bracket.end()
        elif character == "\\" and pattern[place + 1 : place + 2] in _TURNED:
            found, place = found + pattern[place + 1 : place + 2], place + 2
        elif character == "\\":
            found, place = found + pattern[place : place + 2], place + 2
        else:
            found, place = found + ("\\" + character if character in _TURNED else character), place + 1
    return found


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

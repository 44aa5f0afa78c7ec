"""Texts that an extended regular expression matches: the shortest that its first alternatives allow, and others."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from peerlint.run.ere import to_python

#: Tried where a class of characters asks for one, the plain ones first.
_CHARACTERS = string.ascii_lowercase + string.digits + string.ascii_uppercase + " " + string.punctuation
_QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(?:,\d*)?\}")
_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")
#: What a backslash makes special in a basic expression, and takes from it in an extended one.
_TURNED = frozenset("(){}|+?")


#: Most texts that are made of one pattern.
_MOST = 8
#: Chooses one of so many ways.
_Pick: TypeAlias = Callable[[int], int]


def sample(pattern: str) -> str | None:
    """A text that the pattern matches; None where none was found, or the pattern is none."""
    return next(iter(samples(pattern)), None)


def samples(pattern: str) -> list[str]:
    """Texts that the pattern matches: the shortest, and one for each other alternative, repetition and class."""
    try:
        wanted = re.compile(to_python(pattern), re.ASCII)
        ways: list[int] = []
        made = [_alternatives(pattern, 0, _picking(ways))[0]]
        for place, count in enumerate(ways[:_MOST]):
            made += [_alternatives(pattern, 0, _picking([], {place: way}))[0] for way in range(1, count)]
    except (ValueError, RecursionError):
        return []
    return [text for text in dict.fromkeys(made) if wanted.search(text)][:_MOST]


def _picking(ways: list[int], other: Mapping[int, int] = MappingProxyType({})) -> _Pick:
    """Takes the first way everywhere but at the places of `other`, and notes in `ways` how many there were."""

    def pick(count: int) -> int:
        ways.append(count)
        return min(other.get(len(ways) - 1, 0), count - 1)

    return pick


def found_by_grep(words: Sequence[str | None]) -> str | None:
    """A line that a call of `grep` finds, by its words; None where its pattern is not known."""
    return next(iter(all_found_by_grep(words)), None)


def all_found_by_grep(words: Sequence[str | None]) -> list[str]:
    """Lines that a call of `grep` finds, one for each way that its pattern has."""
    pattern = pattern_of_grep(words)
    return [] if pattern is None else samples(pattern)


def all_found_by_editor(words: Sequence[str | None]) -> list[str]:
    """Texts that the patterns in a call of `sed` or `awk` match."""
    is_extended = words[0] == "awk" or any(word in ("-E", "-r", "-nE", "-En", "-rn", "-nr") for word in words)
    programs = [word for word in words[1:] if word and not word.startswith("-")][:1]
    found = [match[1] or match[3] for program in programs for match in _IN_EDITOR.finditer(program)]
    return [text for pattern in found for text in samples(pattern if is_extended else extended(pattern)) if text]


#: `/pattern/`, and that of `s|pattern|…|`.
_IN_EDITOR = re.compile(r"/((?:\\.|[^/\\\n])+)/|s([|#,])((?:\\.|(?!\2)[^\\\n])+)\2")


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


#: Behind this a star of a basic expression stands for itself: at the beginning of all, of a group, of an alternative.
_NOTHING_TO_REPEAT = re.compile(r"(?:^|(?<!\\)[(|])\^?$")


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
        elif character == "*" and _NOTHING_TO_REPEAT.search(found):
            found, place = found + "\\*", place + 1
        else:
            found, place = found + ("\\" + character if character in _TURNED else character), place + 1
    return found


def _alternatives(pattern: str, place: int, pick: _Pick) -> tuple[str, int]:
    """One of the alternatives as text, and where the group ends."""
    found, place = _sequence(pattern, place, pick)
    ways = [found]
    while pattern[place : place + 1] == "|":
        found, place = _sequence(pattern, place + 1, pick)
        ways.append(found)
    return ways[pick(len(ways)) if len(ways) > 1 else 0], place


def _sequence(pattern: str, place: int, pick: _Pick) -> tuple[str, int]:
    text = ""
    while place < len(pattern) and pattern[place] not in "|)":
        atom, place = _atom(pattern, place, pick)
        repeated = _QUANTIFIER.match(pattern, place)
        if repeated:
            place = repeated.end()
            least = int(repeated[1] or 0) if repeated[0][0] == "{" else int(repeated[0] == "+")
            # Once more than need be, where the pattern goes on to match.
            atom *= min(least, 100) + pick(2)
        text += atom
    return text, place


def _atom(pattern: str, place: int, pick: _Pick) -> tuple[str, int]:
    character = pattern[place]
    if character == "(":
        inner, place = _alternatives(pattern, place + 1, pick)
        return inner, place + 1
    if character == "[" and (bracket := _BRACKET.match(pattern, place)):
        allowed = re.compile(to_python(bracket[0]), re.ASCII)
        fitting = [one for one in _CHARACTERS if allowed.fullmatch(one)]
        return (fitting[-1 if pick(2) else 0] if fitting else ""), bracket.end()
    if character == "\\":
        escaped = pattern[place + 1 : place + 2]
        return {"w": "a", "s": " ", "b": "", "B": "", "<": "", ">": ""}.get(escaped, escaped), place + 2
    return {"^": "", "$": "", ".": "x"}.get(character, character), place + 1

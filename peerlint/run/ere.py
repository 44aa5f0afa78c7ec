"""POSIX extended regular expressions (with the GNU additions) as Python patterns."""

from __future__ import annotations

import re

_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
    "word": r"\w",
}
_GNU = {"<": r"\b(?=\w)", ">": r"\b(?<=\w)", "`": r"\A", "'": r"\Z"}
_KEPT = frozenset("bBwWsS")
_BOUND = re.compile(r"\{(\d{0,4})(,?)(\d{0,4})\}")
#: Largest count in braces, as in glibc.
_MOST = 32767


def to_python(pattern: str) -> str:
    """The Python pattern with the same matches in a line. Raises ValueError where it is no ERE."""
    pieces: list[str] = []
    place = 0
    at_start = True  # nothing stands here that a repetition could repeat
    while place < len(pattern):
        character = pattern[place]
        following = place + 1
        if character == "[":
            piece, following = _bracket(pattern, place)
        elif character == "\\":
            if following == len(pattern):
                raise ValueError("trailing backslash")
            piece, following = _escaped(pattern[following]), following + 1
        elif character in "*+?" and at_start:
            piece = "" if character == "*" else re.escape(character)
        elif character == "{":
            piece, following = ("\\{", following) if at_start else _bound(pattern, place)
        elif character in "*+?":
            piece = _repetition(pieces, character)
        elif character in "().|^$":
            piece = character
        else:
            piece = re.escape(character)
        pieces.append(piece)
        at_start = character in "(|^"
        place = following
    result = "".join(pieces)
    try:
        re.compile(result, re.ASCII)
    except (re.error, OverflowError) as error:
        raise ValueError(str(error)) from None
    return result


def _repetition(pieces: list[str], character: str) -> str:
    """A repetition; a second one repeats the first, where Python would read it as lazy or possessive."""
    if pieces and pieces[-1] in ("*", "+", "?"):
        pieces[-1] = character if pieces[-1] == character else "*"
        return ""
    if pieces and pieces[-1].startswith("{"):
        raise ValueError("a repetition behind braces")
    return character


def _escaped(character: str) -> str:
    if character in _GNU:
        return _GNU[character]
    if character in _KEPT or (character.isdigit() and character != "0"):
        return "\\" + character
    return re.escape(character)


def _bound(pattern: str, place: int) -> tuple[str, int]:
    found = _BOUND.match(pattern, place)
    if found is None or not (found[1] or found[3] or found[2]):
        return "\\{", place + 1
    if any(int(number or 0) > _MOST for number in (found[1], found[3])):
        raise ValueError("a count in braces is too large")
    return f"{{{found[1] or '0'}{found[2]}{found[3]}}}", found.end()


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    """A bracket expression; in it the backslash is an ordinary character, and `]` is one in the first place."""
    place = start + 1
    negated = pattern[place : place + 1] == "^"
    place += negated
    inner = ""
    first = True
    while True:
        if place >= len(pattern):
            raise ValueError("unmatched [")
        character = pattern[place]
        if character == "]" and not first:
            break
        first = False
        if pattern.startswith("[:", place):
            end = pattern.find(":]", place)
            name = pattern[place + 2 : end] if end > 0 else ""
            if name not in _CLASSES:
                raise ValueError(f"no character class [:{name}:]")
            inner += _CLASSES[name]
            place = end + 2
            continue
        # Two dashes side by side are to become something else in a later Python: of `--a` and `+--` the one that is no
        # sign of a range is written otherwise.
        is_itself = character == "-" and (not inner or (inner.endswith("-") and not inner.endswith("\\-")))
        inner += "\\" + character if character in "\\[]^&~|" or is_itself else character
        place += 1
    return f"[{'^' if negated else ''}{inner}]", place + 1

"""Placeholders in shell (`[NAME]`, `{name}`, `<name>`), masked so that the shell grammar does not stumble over them."""

from __future__ import annotations

import re

from peerlint.patterns import regex

#: Stand-ins are one character of the private use area per placeholder, repeated: the length stays, so do all offsets.
FIRST_STAND_IN = 0xE000
STAND_INS = 6400

#: Words in square brackets that are log labels, not placeholders.
_LABELS = (
    "ERROR|INFO|OK|WARN|WARNING|DEBUG|FAIL|FAILED|PASS|PASSED|SUCCESS|DONE|SKIP|SKIPPED|NOTE|TODO|FATAL|TRACE|STEP|YES"
    "|NO|CRITICAL|NOTICE|EXISTS|MISSING|CREATED|UPDATED"
)
_PLACEHOLDER = regex(
    rf"(?<![\w$\]])\[(?!(?:{_LABELS})\])[A-Z][A-Z0-9_]+\]"
    r"|(?<![\w$\]])\[[a-z]{3,}(?:-[a-z]{3,})+\]"
    # `%{http_code}` is a format of curl and rpm, `@{upstream}` and `^{commit}` name what git knows.
    r"|(?<![\w$\\}%])(?<!@(?=\{(?:u|upstream|push)\}))(?<!\^(?=\{(?:commit|tree|tag|object|blob)\}))"
    r"\{[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*\}"
    r"|(?<![<&\d\w)])<[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*>(?!>)"
)
#: Where nothing is masked: single quotes (jq and awk programs) and comments; double quotes are looked into.
_ZONES = regex(r"\\.|'[^']*'|(?<!\S)#[^\n]*|\"(?:\\.|[^\"\\])*\"", re.DOTALL)


def mask(text: str) -> tuple[str, dict[str, str]]:
    """The text with stand-ins, and what each stand-in character stands for."""
    meanings: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        if len(meanings) >= STAND_INS:
            return match.group()
        sign = chr(FIRST_STAND_IN + len(meanings))
        meanings[sign] = match.group()
        return sign * len(match.group())

    pieces: list[str] = []
    position = 0
    for zone in _ZONES.finditer(text):
        pieces.append(_PLACEHOLDER.sub(stand_in, text[position : zone.start()]))
        kept = zone.group()
        pieces.append(_PLACEHOLDER.sub(stand_in, kept) if kept.startswith('"') else kept)
        position = zone.end()
    pieces.append(_PLACEHOLDER.sub(stand_in, text[position:]))
    return "".join(pieces), meanings

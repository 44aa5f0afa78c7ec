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
    "|NO|CRITICAL|NOTICE|EXISTS|MISSING|CREATED|UPDATED|WIP|DRAFT"
)
#: Each begins with its bracket, for which a text is searched fast; what may not stand before it is looked for then.
_PLACEHOLDER = regex(
    rf"\[(?<![\w$\]]\[)(?!(?:{_LABELS})\])[A-Z][A-Z0-9_]+\]"
    r"|\[(?<![\w$\]]\[)[a-z]{3,}(?:-[a-z]{3,})+\]"
    # `%{http_code}` is a format of curl and rpm, `@{upstream}` and `^{commit}` name what git knows.
    r"|\{(?<![\w$\\}%]\{)(?:(?<!@\{)|(?!(?:u|upstream|push)\}))(?:(?<!\^\{)|(?!(?:commit|tree|tag|object|blob)\}))"
    r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*\}"
    r"|<(?<![<&\d\w)]<)[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*>(?!>)"
)
#: Where nothing is masked: single quotes (jq and awk programs) and comments; double quotes are looked into.
_ZONES = regex(r"\\.|'[^']*'|(?<!\S)#[^\n]*|\"(?:\\.|[^\"\\])*\"", re.DOTALL)


#: What shows text and nothing else: `cat << END`, and `echo` and `printf` of which nobody takes the output.
_MESSAGE = regex(
    r"(?<![^\s;&|{(])(?<!\$\()(?:echo|printf)"
    r"(?:[ \t]+(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s\"'<>|&;()`]+))+[ \t]*(?=;|&&|\|\||\}|\n|\Z|1?>&2)"
    r"|^[ \t]*cat[ \t]*<<-?[ \t]*([\"']?)(?P<end>\w+)\1[ \t]*(?:1?>&2)?[ \t]*\n.*?^[ \t]*(?P=end)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)


def mask(text: str) -> tuple[str, dict[str, str]]:
    """The text with stand-ins, and what each stand-in character stands for."""
    found = _placeholders(text)[:STAND_INS]
    pieces: list[str] = []
    meanings: dict[str, str] = {}
    position = 0
    for number, match in enumerate(found):
        sign = chr(FIRST_STAND_IN + number)
        meanings[sign] = match.group()
        pieces += (text[position : match.start()], sign * len(match.group()))
        position = match.end()
    return "".join((*pieces, text[position:])), meanings


def _placeholders(text: str) -> list[re.Match[str]]:
    """The placeholders of a text, in order.

    `<name>` that only messages have ("usage: deploy <service>") is text, since nobody needs it to run the commands; so
    is `[NAME]` where a message begins with it.
    """
    found: list[re.Match[str]] = []
    position = 0
    for zone in _ZONES.finditer(text):
        found += _PLACEHOLDER.finditer(text, position, zone.start())
        if zone.group().startswith('"'):
            found += _PLACEHOLDER.finditer(text, *zone.span())
        position = zone.end()
    found += _PLACEHOLDER.finditer(text, position)
    may_be_text = [match for match in found if _may_be_text(text, match)]
    if not may_be_text:
        return found
    messages = [message.span() for message in _MESSAGE.finditer(text)]
    shown = [m for m in may_be_text if any(start < m.start() and m.end() <= end for start, end in messages)]
    needed = {_name(match) for match in found if match not in shown}
    return [match for match in found if match not in shown or _name(match) in needed]


def _may_be_text(text: str, match: re.Match[str]) -> bool:
    begins_message = text[match.start() - 1 : match.start()] in ('"', "\n")
    return match.group().startswith("<") or (match.group().startswith("[") and begins_message)


def _name(match: re.Match[str]) -> str:
    return match.group()[1:-1].replace("-", "_").upper()

"""Placeholders in the calls of an original: what stands for them when the call is run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from peerlint.process.bash.masking import mask
from peerlint.records import dataclass


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`[NAME]`, `{name}` or `<name>` in a call, and the variable that stands for it."""

    text: str
    variable: str


def placeholders_of(call: str) -> list[Placeholder]:
    """The placeholders of a call, in order."""
    _, meanings = mask(call)
    return [Placeholder(text, re.sub(r"\W", "_", text.strip("[]{}<>")).upper()) for text in meanings.values()]


def fill_placeholders(call: str, scripts: Iterable[str] = ()) -> str:
    """The call with variables for its placeholders; `$ARGUMENTS` is the harness's own and stays.

    An argument of one of the `scripts` is one word, as whoever fills it in writes it; an empty one is none at all.
    """
    masked, meanings = mask(call)
    is_argument = _arguments_of(masked, scripts)

    def variable(match: re.Match[str]) -> str:
        name = re.sub(r"\W", "_", meanings[match[0][0]].strip("[]{}<>")).upper()
        return f'${{{name}:+"${{{name}}}"}}' if is_argument(match) else f"${{{name}}}"

    signs = "".join(map(re.escape, meanings))
    return re.sub(rf"([{signs}])\1*", variable, masked) if meanings else masked


def _arguments_of(masked: str, scripts: Iterable[str]) -> Callable[[re.Match[str]], bool]:
    """Whether a placeholder stands by itself, without quotes, in a line that does nothing but call a script."""
    names = "|".join(map(re.escape, scripts))
    line = re.compile(rf"[ \t]*(?:(?:bash|sh)[ \t]+)?[\"']?(?:{names})[\"']?(?=[ \t])[^\"'`$;|&<>()\n]*$", re.MULTILINE)
    calls = [match.span() for match in line.finditer(masked)] if names else []

    def is_argument(match: re.Match[str]) -> bool:
        alone = (
            not masked[match.start() - 1 : match.start()].strip() and not masked[match.end() : match.end() + 1].strip()
        )
        return alone and any(start < match.start() and match.end() <= end for start, end in calls)

    return is_argument

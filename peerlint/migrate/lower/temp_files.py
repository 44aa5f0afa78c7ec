"""Temp files as a script writes them: their names, and lines `NAME=value` in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from peerlint.migrate.lower.variables import names_changed, names_read
from peerlint.process.bash.tree import (
    Assignment,
    Command,
    CountingFor,
    For,
    Function,
    Loop,
    Simple,
    Substitution,
    Word,
    of_kind,
    walk,
)
from peerlint.process.model import Ref, Text


def is_mktemp(word: Word) -> bool:
    """Whether a word is the name of a new temp file: `$(mktemp)`."""
    part = word.parts[0] if len(word.parts) == 1 else None
    return (
        isinstance(part, Substitution)
        and len(part.commands) == 1
        and isinstance(part.commands[0], Simple)
        and part.commands[0].name == "mktemp"
        and "-d" not in [w.literal for w in part.commands[0].words]
    )


def stem(path: str) -> str:
    """The name of a file without its folder and its ending."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def not_written(path: Text) -> str:
    """Why what reads a temp file stays of which nothing is known."""
    return f"{path.literal or 'a temp file'} is read, but no earlier step that can be migrated writes it"


#: What is done again, or later than it stands.
_AGAIN = frozenset({For, Loop, Function, CountingFor})
#: No place: the variable may be set anywhere.
_ANYWHERE = 10**9


def steady_from(commands: Sequence[Command]) -> dict[str, int]:
    """For each variable of a script the offset behind which nothing sets it any more."""
    sourced = any(node.name in ("source", ".") for node in of_kind(commands, Simple))
    every, plain = Counter(names_changed(commands)), Counter[str]()
    # What is only read may be what a file of assignments gives that is sourced.
    found = {} if sourced else dict.fromkeys(names_read(commands), 0)
    for node in of_kind(commands, Assignment):
        plain[node.name] += 1
        found[node.name] = max(found.get(node.name, 0), node.span.end)
    again = (node for node in walk(commands) if type(node) in _AGAIN)
    repeated = {name for node in again for name in names_changed(node)}
    return found | {name: _ANYWHERE for name in every if every[name] != plain[name] or name in repeated}


def fields_of(text: Text) -> list[tuple[str, Text]] | None:
    """Lines `NAME=value` as pairs, or None where the text is anything else."""
    lines: list[list[str | Ref]] = [[]]
    for part in text.parts:
        if isinstance(part, Ref):
            lines[-1].append(part)
            continue
        first, *more = part.split("\n")
        lines[-1].append(first)
        lines.extend([[piece] for piece in more])
    found: list[tuple[str, Text]] = []
    for line in lines:
        content = Text.of(*line)
        if not content.parts:
            continue
        start = content.parts[0]
        match = re.match(r"(?:export )?([A-Za-z_]\w*)=", start) if isinstance(start, str) else None
        if match is None or not isinstance(start, str):
            return None
        rest = Text.of(start[match.end() :], *content.parts[1:])
        found.append((match[1], _unquoted(rest)))
    return found or None


def _unquoted(text: Text) -> Text:
    """The value of a line that is sourced later: without the quotes around it."""
    parts = list(text.parts)
    if len(parts) > 1 and parts[0] == parts[-1] == '"':
        return Text.of(*parts[1:-1])
    return text

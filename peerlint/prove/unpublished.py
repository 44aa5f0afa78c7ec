"""Scripts and programs that a step runs by their path and that are not published with its file.

They are answered like any other command: in the scene stands a script at their path that calls a tool of their name,
which records and answers. That they are there is an assumption of the proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Simple, Word, walk

_SHELLS = ("bash", "sh")
#: A path below the folder of the project, or below the home.
_PATH = re.compile(r"(?:~/|\./)?\.?\w[\w.-]*(?:/[\w.-]+)*")
_NAME = re.compile(r"[A-Za-z][\w.+-]*")


def unpublished(calls: Iterable[str], published: Iterable[str]) -> dict[str, str]:
    """The paths, and the name of the tool that answers for each; paths of which two share a name are left out."""
    known = set(published)
    words = [word for call in calls for node in walk(parse_bash(call).commands) if (word := _program(node)) is not None]
    paths = {
        word.literal for word in words if word.literal and word.literal not in known and _PATH.fullmatch(word.literal)
    }
    found = {path.removeprefix("./"): path.rpartition("/")[2] for path in sorted(paths) if ".." not in path.split("/")}
    names = list(found.values())
    return {path: name for path, name in found.items() if names.count(name) == 1 and _NAME.fullmatch(name)}


def _program(node: object) -> Word | None:
    """The word that names a program by its path: the command itself, or what a shell runs."""
    if not isinstance(node, Simple) or node.name is None:
        return None
    if node.name in _SHELLS:
        program = node.words[1] if len(node.words) > 1 else None
        # An option of the shell, or code that it is given.
        return None if program is None or (program.literal or "").startswith("-") else program
    return node.words[0] if "/" in node.name else None


def not_answered(call: str, answered: Mapping[str, str], published: Iterable[str]) -> str | None:
    """A script that a call runs or sources and that nobody can answer for; None where there is none."""
    known = {*published, *answered, *(f"./{path}" for path in answered)}
    for node in walk(parse_bash(call).commands):
        word = _program(node)
        if isinstance(node, Simple) and node.name in ("source", ".") and len(node.words) > 1:
            word = node.words[1]
        text = "" if word is None else call[word.span.start : word.span.end].strip("\"'")
        if re.search(r"\.(?:sh|bash)$", text) and text not in known:
            return text
    return None


def stand_in(name: str) -> str:
    """The script that stands at the path of a program that is not published."""
    return f'#!/bin/bash -p\nexec {name} "$@"\n'

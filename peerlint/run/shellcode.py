"""Shell that is just one command line: the only shell that a run takes, and only where it is answered or allowed."""

from __future__ import annotations

import shlex

from peerlint.patterns import regex
from peerlint.process.model import Argv, Commands, Do, Pipeline, Run, Shell, Text

#: What only a shell gives a meaning to. A tilde is left: it is part of how scripts are named.
_SHELL_ONLY = regex(r"[$`;&|<>(){}\[\]*?#!\n\\]")
_ASSIGNMENT = regex(r"[A-Za-z_][A-Za-z0-9_]*=")


def simple_command(code: str) -> list[str] | None:
    """The words of a line that holds one plain command; None where a shell would be needed to say what it does."""
    line = code.strip()
    if not line or _SHELL_ONLY.search(line):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return None if not words or _ASSIGNMENT.match(words[0]) else words


def as_effect(shell: Shell) -> Do | None:
    """The call as a RUN, where it is one plain command."""
    words = simple_command(shell.code)
    if words is None:
        return None
    argv = Argv(tuple(Text.of(word) for word in words))
    return Do(Run(Commands((Pipeline((argv,)),))), span=shell.span)

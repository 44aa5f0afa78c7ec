"""Names for what a script has without a name: they say where a text comes from, or what a number is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.scope import ir_name
from peerlint.patterns import regex
from peerlint.process.bash.tree import Command, Pipe, Simple
from peerlint.process.model import Arithmetic, Number, Ref, Value

#: Tools whose second word says what they do.
_WITH_VERBS = frozenset({"git", "gh", "npm", "pnpm", "yarn", "docker", "kubectl", "cargo", "go"})
#: Tools that run the program which their next word names.
_RUNNERS = frozenset({"bash", "sh", "python", "python3", "node", "npx", "deno", "bun", "ruby", "perl"})
#: Tools that only hand a text on: the one behind them says what it becomes.
_SPEAKERS = frozenset({"echo", "printf", "cat"})
_GREPS = frozenset({"grep", "egrep", "fgrep"})
#: `.meta.phase // empty`: a program of jq that takes one field.
_FIELD = regex(r"\.(?:\w+\.)*([A-Za-z_]\w*)(?:\s*//.*)?")
#: Short options that take a long text, by what it is.
_SHORT_OPTIONS = {"-m": "message", "-d": "data", "-b": "body", "-t": "title"}
_SIGNS = {"+": "PLUS", "-": "MINUS", "*": "TIMES"}


def output_name(commands: Sequence[Command]) -> str:
    """A name for the output of commands."""
    command = commands[0] if len(commands) == 1 else None
    stages = command.commands if isinstance(command, Pipe) else (command,)
    first, last = stages[0], stages[-1]
    if len(stages) > 1 and isinstance(last, Simple) and last.name == "jq":
        fields = [_FIELD.fullmatch(word.literal or "") for word in last.words[1:]]
        return next((ir_name(field[1]) for field in fields if field), "VALUE")
    if len(stages) > 1 and isinstance(first, Simple) and first.redirections and isinstance(last, Simple):
        # What the first command prints has a name of its own then.
        return "FIRST_LINES" if last.name == "head" else "MATCHES"
    if len(stages) > 1 and isinstance(first, Simple) and first.name in _SPEAKERS:
        first = last
    words = [word.literal or "" for word in first.words] if isinstance(first, Simple) else []
    if words:
        words[0] = words[0].rpartition("/")[2]
    if len(words) > 1 and words[0] in _RUNNERS and words[1][:1] != "-":
        words = [words[1].rpartition("/")[2].partition(".")[0].lower()]
    if not words or not re.fullmatch(r"[a-z][\w-]*", words[0]):
        return "OUTPUT"
    if words[0] == "date":
        return "NOW"
    if words[0] in _GREPS:
        return "MATCHES"
    has_verb = len(words) > 1 and words[0] in _WITH_VERBS and re.fullmatch(r"[a-z][a-z-]*", words[1])
    return ir_name(f"{words[0]}_{words[1] if has_verb else 'output'}")


def argument_name(option: str) -> str:
    """A name for a long text that a command takes behind an option."""
    word = _SHORT_OPTIONS.get(option, option.removeprefix("--") if option.startswith("--") else "")
    return ir_name(word) if re.fullmatch(r"[a-z][a-z-]*", word) else "TEXT"


def status_name(of: str | None) -> str:
    """A name for the exit code of what gives the name `of`."""
    return f"{of.removesuffix('_OUTPUT')}_STATUS" if of and of not in ("OUTPUT", "MATCHES") else "STATUS"


def number_name(value: Value) -> str:
    """A name for what is calculated."""
    match value:
        case Arithmetic(operator=sign, operands=(Ref(name=name, path=()), Number(number))) if sign in _SIGNS:
            return f"{name}_{_SIGNS[sign]}_{number}" if number >= 0 else "RESULT"
    return "RESULT"


def list_name(of: str) -> str:
    """A name for the list through which a loop goes with the name `of`."""
    if len(of) < 3 or not of.isalpha():
        return "LIST"
    if of.endswith("Y") and of[-2] not in "AEIOU":
        return f"{of[:-1]}IES"
    return f"{of}ES" if re.search(r"(?:S|X|Z|CH|SH)$", of) else f"{of}S"

"""What a command prints and how it ends, as far as its text alone tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.scope import Beyond, Scope, ScriptExit
from peerlint.patterns import regex
from peerlint.process.bash.tree import AndOr, Command, Glob, IfCommand, Literal, Pipe, Simple
from peerlint.process.model import (
    ForEach,
    If,
    InFolder,
    JqFilter,
    Pipeline,
    Ref,
    Repeat,
    Set,
    Statement,
    Stop,
    Text,
    Through,
    Value,
)
from peerlint.process.model import walk as model_walk
from peerlint.records import replace
from peerlint.source.text import Span

#: Filters that succeed whatever they read.
_ALWAYS = frozenset({"head", "tail", "sort", "uniq", "wc", "cut", "tr", "sed", "awk", "rev", "nl", "column"})
GREPS = frozenset({"grep", "egrep", "fgrep"})
#: Filters that do not care whether the last line ends in a newline.
BY_LINE = frozenset({*GREPS, "head", "tail", "sort", "uniq", "cut", "sed", "awk", "jq"})


def has_flag(command: Simple, letter: str) -> bool:
    """Whether a short flag is among the words, alone or with others: `-qc`."""
    return any(re.fullmatch(rf"-[a-zA-Z]*{letter}[a-zA-Z]*", word.literal or "") for word in command.words[1:])


def prints_nothing(command: Simple) -> bool:
    """Whether a command never prints: `grep -q`."""
    return command.name in GREPS and has_flag(command, "q")


def finds_nothing(command: Simple) -> bool:
    """Whether a command has printed nothing when it fails: grep that found no line."""
    return command.name in GREPS and not has_flag(command, "c")


def fails_in_silence(value: Value) -> bool:
    """Whether there is no text yet where a value fails: `grep -c` and `jq -e` have printed what they found."""
    if isinstance(value, JqFilter):
        return "e" not in value.flags
    if not isinstance(value, Through):
        return True
    words = [word.literal or "" for word in value.command.commands[-1].words if isinstance(word, Text)]
    return words[0] in GREPS and not any(re.fullmatch(r"-[a-zA-Z]*c[a-zA-Z]*|--count", word) for word in words[1:])


def never_fails(command: Command) -> bool:
    """Whether the last command of a pipeline is a filter that succeeds whatever it reads.

    What a variable puts into its words may make them others than it takes: `sed "s/a/$B/"` with a slash in B.
    """
    if not isinstance(command, Pipe) or not isinstance(last := command.commands[-1], Simple):
        return False
    is_known = all(word.literal is not None for word in last.words)
    return last.name in _ALWAYS and is_known and not _ends_by_itself(_words_text(last))


def refuse_hidden_failures(stages: Sequence[Simple], scope: Scope) -> None:
    """Raises Beyond where `pipefail` makes a failure count that the logic does not see: that of an earlier stage."""
    for at, stage in enumerate(stages[:-1] if scope.pipefail else ()):
        prints = stage.name in ("echo", "printf") or (stage.name == "cat" and has_here_text(stage))
        filters = stage.name in _ALWAYS and (at > 0 or has_here_text(stage)) and not _ends_by_itself(_words_text(stage))
        if not prints and not filters:
            raise Beyond(f"a failure of {stage.name} inside a pipeline under pipefail", stage.span, scope.source)


def has_here_text(command: Simple) -> bool:
    """Whether a command reads a here-document or a here-string."""
    return any(redirection.operator in ("<<", "<<<") for redirection in command.redirections)


def always_prints(pipeline: Pipeline) -> bool:
    """Whether a pipeline that is fed a text prints a line for each line, be it an empty one."""
    for argv in pipeline.commands:
        words = [word.literal if isinstance(word, Text) else None for word in argv.words]
        if not (words[0] in _EVERY_LINE and _keeps_every_line(" ".join(word or "" for word in words))):
            return False
    return True


#: Filters that print a line for each line; `sed` and `awk` where their program says so.
_EVERY_LINE = frozenset({"awk", "cut", "rev", "sed", "sort", "tr"})


def _keeps_every_line(command: str) -> bool:
    tool, _, given = command.partition(" ")
    if tool == "sed":
        return re.fullmatch(r"(?:-[rE] )*s(.)(?:(?!\1).)*\1(?:(?!\1).)*\1[gI]*", given) is not None
    if tool == "awk":
        return re.fullmatch(r"(?:-F ?\S+ )?\{ ?print[^;{}]*\}", given) is not None
    return not (tool == "tr" and ("\n" in given or "\\n" in given or "space:]" in given))


def filters_anything(pipeline: Pipeline) -> bool:
    """Whether a pipeline that is fed a text succeeds whatever that is."""
    words = [word.literal if isinstance(word, Text) else None for word in pipeline.commands[-1].words]
    tool, arguments = words[0], words[1:]
    plain = None not in words and not any(word and not word.startswith("-") for word in arguments)
    program = (
        tool in ("sed", "awk", "tr", "cut") and None not in words and not _ends_by_itself(" ".join(map(str, arguments)))
    )
    return tool in _ALWAYS and (plain or program)


def _ends_by_itself(program: str) -> bool:
    """Whether a program of awk or sed may end with a status of its own."""
    return re.search(r"\bexit\b|[qQ]\d", program) is not None


def _words_text(command: Simple) -> str:
    return " ".join(part.text for word in command.words for part in word.parts if isinstance(part, Literal))


#: Commands that print one name, one path, one number.
_PRINT_ONE = frozenset({"basename", "dirname", "nproc", "pwd", "readlink", "realpath", "wc", "whoami"})
_PRINT_ONE_OF_GIT = regex(r"git (?:branch --show-current|config|describe|merge-base|rev-parse|symbolic-ref)(?: |$)")
_ONE_LINE = regex(r"(?:head|tail) (?:-n ?)?-?1$")
_COUNT = regex(r"[ef]?grep (?:-[a-zA-Z]+ )*-[a-zA-Z]*c")
_END_OF_LINE = regex(r"[ef]?grep (?:-[a-zA-Z]+ )*-[a-zA-Z]*o[a-zA-Z]* (?:-[a-zA-Z]+ )*\S*\$$")


def prints_one(commands: Sequence[Command]) -> bool:
    """Whether what is printed is meant as one value: a line, a count, a name, the number at the end of a line."""
    last = commands[0] if len(commands) == 1 else None
    if isinstance(last, AndOr) and _falls_back(last):
        last = last.first
    if isinstance(last, Pipe):
        last = last.commands[-1]
    if not isinstance(last, Simple):
        return False
    line = " ".join("".join(getattr(part, "text", "_") for part in word.parts) for word in last.words)
    patterns = (_PRINT_ONE_OF_GIT, _ONE_LINE, _COUNT, _END_OF_LINE)
    return last.name in _PRINT_ONE or any(pattern.match(line) for pattern in patterns)


def prints_a_number(commands: Sequence[Command]) -> bool:
    """Whether there is always just a number: `… | wc -l`, `grep -c x file || echo 0`."""
    command = commands[0] if len(commands) == 1 else None
    if isinstance(command, Pipe) and isinstance(last := command.commands[-1], Simple):
        return last.name == "wc" and [word.literal for word in last.words[1:]] in (["-l"], ["-w"], ["-c"])
    if not isinstance(command, AndOr) or not _falls_back(command) or not isinstance(command.first, Simple):
        return False
    counts, fallback = command.first, command.rest[0][1]
    given = [word.literal for word in fallback.words[1:]] if isinstance(fallback, Simple) else []
    operands = [word for word in counts.words[1:] if not (word.literal or "").startswith("-")]
    one_file = len(operands) <= 2 and not any(isinstance(part, Glob) for word in operands for part in word.parts)
    plain = counts.name in GREPS and has_flag(counts, "c") and not has_flag(counts, "[rR]")
    return plain and one_file and given == ["0"]


def _falls_back(command: AndOr) -> bool:
    """`cmd || echo text`, `cmd || true`."""
    operator, last = command.rest[0]
    return len(command.rest) == 1 and operator == "||" and isinstance(last, Simple) and last.name in FALLBACKS


#: What is put in the place of the output of a command that fails.
FALLBACKS = frozenset({"echo", "printf", "true", ":"})


def ends_well(command: Command) -> bool:
    """Whether the status of a list is surely 0: its last command only prints."""
    if isinstance(command, AndOr):
        operator, last = command.rest[-1]
        return operator == "||" and ends_well(last)
    if isinstance(command, IfCommand):
        bodies = [arm.body for arm in command.arms] + ([command.otherwise] if command.otherwise else [])
        return all(body and ends_well(body[-1]) for body in bodies)
    return isinstance(command, Simple) and command.name in ("echo", "printf", "true", ":")


def without_newline(command: Simple) -> bool:
    """Whether `printf` or `echo -n` ends without a newline."""
    if command.name == "echo":
        return has_flag(replace(command, words=command.words[:2]), "n")
    form = command.words[1].parts[-1] if command.name == "printf" and len(command.words) > 1 else None
    return command.name == "printf" and not (isinstance(form, Literal) and form.text.endswith(("\\n", "\n")))


def refuse_exits(body: Sequence[Statement], span: Span, scope: Scope) -> None:
    """Raises Beyond where a function that is called in a shell of its own ends that shell."""
    if any(isinstance(node, ScriptExit) for node in model_walk(tuple(body))):
        raise Beyond("an exit of a function that ends a shell of its own only", span, scope.source)


def prints(statements: Sequence[Statement], name: str) -> tuple[int, int]:
    """How often statements bind `name`, at least and at most, over all ways through them."""
    least = most = 0
    for statement in statements:
        if isinstance(statement, If):
            bodies = [*(branch.body for branch in statement.branches), statement.otherwise or ()]
            counts = [prints(body, name) for body in bodies]
            least += min(count[0] for count in counts)
            most += max(count[1] for count in counts)
        elif isinstance(statement, (ForEach, Repeat)):
            most += 2 * prints(statement.body, name)[1]
        elif isinstance(statement, InFolder):
            inside = prints(statement.body, name)
            least, most = least + inside[0], most + inside[1]
        elif isinstance(statement, Set) and statement.target == Ref(name):
            least, most = least + 1, most + 1
        elif isinstance(statement, Stop):
            # An exit: what follows is not reached on this way.
            break
    return least, most

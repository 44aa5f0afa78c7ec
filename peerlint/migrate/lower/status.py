"""Binding `$?` to the command that it asks for: `cmd; if [ $? -ne 0 ]` is `if ! cmd`."""

from __future__ import annotations

import re

from peerlint.migrate.lower.variables import names_read
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    Arm,
    Assignment,
    Command,
    DoubleBracket,
    Group,
    IfCommand,
    Literal,
    Negated,
    Parameter,
    Pipe,
    Simple,
    Word,
    WordPart,
)
from peerlint.process.trees import with_parts
from peerlint.records import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The variable that takes an exit code which is more than a yes or no.
CODE = "EXIT_CODE"
_SAME = frozenset({"-eq", "=", "=="})
_OTHER = frozenset({"-ne", "!=", "-gt"})


def bind_status(commands: tuple[Command, ...], *, errexit: bool = False) -> tuple[Command, ...]:
    """The list with each test of `$?` (or of a variable that just took it) joined with the command before.

    Under `errexit` a command whose failure ends the script leaves nothing to test: behind it `$?` is 0.
    """
    done: list[Command] = []
    index = 0
    while index < len(commands):
        command = commands[index]
        errexit = _errexit_after(command, errexit)
        if errexit and _ends_the_script(command) and index + 1 < len(commands):
            known = _replaced(commands[index + 1], _ZERO) if _asks_first(commands[index + 1]) else commands[index + 1]
            done.append(command)
            commands = (*commands[: index + 1], known, *commands[index + 2 :])
            index += 1
            continue
        following = commands[index + 1] if index + 1 < len(commands) else None
        after = commands[index + 2] if index + 2 < len(commands) else None
        joined: Command | None = None
        if following is not None and _can_be_tested(command):
            joined = _join(command, following, "?")
            used = 2
            variable = _status_variable(following)
            if (
                joined is None
                and variable is not None
                and after is not None
                and not _mentions(commands[index + 3 :], variable)
            ):
                joined = _join(command, after, variable)
                used = 3
                if joined is not None and _mentions(_bodies(joined), variable):
                    joined = None
        if joined is None:
            done.append(command)
            index += 1
            if following is not None and isinstance(command, Simple) and _asks_for_code(following):
                status = Word((Parameter("?"),), command.span)
                done.append(Simple((Assignment(CODE, status, span=command.span),), span=command.span))
                commands = (*commands[:index], _with_code(following), *commands[index + 1 :])
        else:
            # The joined command may itself be followed by another test.
            done.append(joined)
            index += used
    return tuple(done)


_ZERO = Literal("0")


def _errexit_after(command: Command, errexit: bool) -> bool:
    """Whether failures end the script behind this command."""
    if isinstance(command, Simple) and command.name == "set":
        letters = [word.literal or "" for word in command.words[1:]]
        for at, word in enumerate(letters):
            if re.match(r"[-+]\w*e", word) or (word[1:].endswith("o") and letters[at + 1 : at + 2] == ["errexit"]):
                return word.startswith("-")
    return errexit


def _ends_the_script(command: Command) -> bool:
    """Whether it is one whose failure `set -e` does not pass over."""
    if isinstance(command, AndOr):
        return all(operator == "||" for operator, _ in command.rest)
    return isinstance(command, (Simple, Pipe, DoubleBracket, ArithmeticCommand))


def _asks_first(command: Command) -> bool:
    """Whether the first thing that a command does is to look at `$?`."""
    first: Command = command.first if isinstance(command, AndOr) else command
    if isinstance(first, IfCommand):
        return _mentions(first.arms[0].condition[:1], "?")
    return isinstance(first, (Simple, DoubleBracket)) and _mentions((first,), "?")


def kept_status(command: Command) -> str | None:
    """The variable of `RC=$?` where the test behind it could not be joined with the command before."""
    return _status_variable(command)


def status_taken(command: Command) -> tuple[Command, str] | None:
    """The command and the variable of `cmd || RC=$?`."""
    if not isinstance(command, AndOr) or len(command.rest) != 1 or command.rest[0][0] != "||":
        return None
    variable = _status_variable(command.rest[0][1])
    return None if variable is None else (command.first, variable)


def status_in_group(command: Command) -> tuple[Command, str, Group] | None:
    """The command, the variable and the group of `cmd || { RC=$?; … }`."""
    if not isinstance(command, AndOr) or len(command.rest) != 1 or command.rest[0][0] != "||":
        return None
    group = command.rest[0][1]
    variable = _status_variable(group.body[0]) if isinstance(group, Group) and group.body else None
    return None if variable is None or not isinstance(group, Group) else (command.first, variable, group)


def with_code_for(node: Any, variable: str) -> Any:
    """The node with CODE in place of what a variable holds."""
    if isinstance(node, Parameter) and node.name == variable:
        return replace(node, name=CODE)
    return with_parts(node, lambda part: with_code_for(part, variable))


def _can_be_tested(command: Command) -> bool:
    return (isinstance(command, Simple) and command.name not in ("set", "trap", "exit", "return")) or not isinstance(
        command, (Simple, IfCommand)
    )


def _join(command: Command, test: Command, variable: str) -> Command | None:
    if isinstance(test, IfCommand) and len(test.arms[0].condition) == 1:
        first = test.arms[0]
        succeeds = _asks(first.condition[0], variable)
        if succeeds is None:
            return None
        if any(_mentions(arm.condition, variable) for arm in test.arms[1:]):
            return None
        condition = command if succeeds else Negated(command, command.span)
        arm = Arm((condition,), first.body, first.span)
        return replace(test, arms=(arm, *test.arms[1:]))
    if isinstance(test, AndOr):
        succeeds = _asks(test.first, variable)
        if succeeds is None:
            return None
        return replace(test, first=command if succeeds else Negated(command, command.span))
    return None


def _asks(command: Command, variable: str) -> bool | None:
    """True for "is the status 0", False for "is it not", None for anything else."""
    if isinstance(command, Negated):
        inner = _asks(command.command, variable)
        return None if inner is None else not inner
    if isinstance(command, ArithmeticCommand):
        text = command.expression.replace(" ", "").replace("${", "").replace("}", "").replace("$", "")
        return {f"{variable}==0": True, f"{variable}!=0": False, f"{variable}>0": False}.get(text)
    if isinstance(command, DoubleBracket):
        words: tuple[Word, ...] = command.words
    elif isinstance(command, Simple) and command.name in ("[", "test") and not command.redirections:
        words = command.words[1:-1] if command.name == "[" else command.words[1:]
    else:
        return None
    if len(words) != 3 or words[2].literal != "0" or len(words[0].parts) != 1:
        return None
    left = words[0].parts[0]
    if not isinstance(left, Parameter) or left.name != variable or left.operator:
        return None
    operator = words[1].bare
    return True if operator in _SAME else False if operator in _OTHER else None


def _status_variable(command: Command) -> str | None:
    """The variable of `RC=$?`."""
    if not isinstance(command, Simple) or command.words or len(command.assignments) != 1:
        return None
    assignment = command.assignments[0]
    parts = assignment.value.parts if assignment.value else ()
    return assignment.name if len(parts) == 1 and isinstance(parts[0], Parameter) and parts[0].name == "?" else None


def _bodies(command: Command) -> tuple[Command, ...]:
    if isinstance(command, IfCommand):
        return tuple(c for arm in command.arms for c in arm.body) + (command.otherwise or ())
    return tuple(part for _, part in command.rest) if isinstance(command, AndOr) else ()


def _mentions(commands: tuple[Command, ...], variable: str) -> bool:
    return variable in names_read(commands)


def _asks_for_code(command: Command) -> bool:
    """Whether a command looks at `$?` beside other things than in `RC=$?`."""
    if _status_variable(command) is not None:
        return False
    first = command.arms[0].condition if isinstance(command, IfCommand) else (command,)
    return isinstance(command, (IfCommand, Simple)) and _mentions(first, "?")


def _with_code(command: Command) -> Command:
    """The command with the variable in place of `$?`, where that still speaks of the command before."""
    if isinstance(command, IfCommand):
        first = command.arms[0]
        condition = tuple(_replaced(part, Parameter(CODE, quoted=True)) for part in first.condition)
        return replace(command, arms=(replace(first, condition=condition), *command.arms[1:]))
    changed: Command = _replaced(command, Parameter(CODE, quoted=True))
    return changed


def _replaced(node: Any, new: WordPart) -> Any:
    """The node with `new` in place of `$?`."""
    if isinstance(node, Parameter) and node.name == "?":
        return new
    return with_parts(node, lambda part: _replaced(part, new))

"""`cd`: what it is joined to, and which commands stand behind one."""

from __future__ import annotations

from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.process.bash.tree import (
    AndOr,
    Command,
    For,
    Function,
    Group,
    Loop,
    Redirected,
    Simple,
    Subshell,
    Substitution,
    walk,
)

_MOVERS = frozenset({"cd", "pushd", "popd"})
MOVES_ALL = "cd changes the folder of all that follows"


def changes_folder(command: Command) -> bool:
    """Whether a command begins with `cd`."""
    first = command.first if isinstance(command, AndOr) else command
    return isinstance(first, Simple) and first.name == "cd"


def repeats(command: Command) -> bool:
    """Whether it is a loop, so that something follows all that stands in it."""
    inner = command.command if isinstance(command, Redirected) else command
    return isinstance(inner, (For, Loop))


def refuse_folder_change(command: Command, scope: Scope) -> None:
    """Raises Beyond where a `cd` in an arm, or behind `&&`, also changes the folder of what follows the command."""
    if scope.commands.isdisjoint(_MOVERS):
        return
    alone = [id(node) for node in walk(command) if isinstance(node, (Subshell, Function, Substitution))]
    for node in walk(command, leaving_out=alone):
        if isinstance(node, Simple) and node.name in _MOVERS:
            raise Beyond(MOVES_ALL, node.span, scope.source)


_Change = tuple[Simple, bool, tuple[Command, ...], tuple[Command, ...] | None]


def folder_change(command: Command) -> _Change:
    """The `cd`, whether its failure ends the script, what is joined to it by `&&`, and what is done without the folder.

    That is None where nobody asks. Raises Beyond.
    """
    if isinstance(command, Simple):
        return command, False, (), None
    assert isinstance(command, AndOr)
    assert isinstance(command.first, Simple)
    operators = [operator for operator, _ in command.rest]
    parts = [part for _, part in command.rest]
    rest = AndOr(parts[0], command.rest[1:], command.span) if len(parts) > 1 else parts[0]
    if "||" not in operators:
        return command.first, False, (rest,), None
    last = _last_of(parts[0])
    code = last.words[1].literal if isinstance(last, Simple) and last.name == "exit" and len(last.words) == 2 else None
    if operators == ["||"] and code not in (None, "0"):
        return command.first, True, (), None
    if operators[0] == "&&" and operators.index("||") == len(operators) - 1 and isinstance(parts[-1], Simple):
        return command.first, True, (rest,), (parts[-1],)
    raise Beyond("cd whose failure has a way of its own (||), behind which the script goes on", command.span)


def _last_of(command: Command) -> Command:
    return command.body[-1] if isinstance(command, Group) and command.body else command


def complaint_of(command: Command) -> Group | None:
    """What is done in `cd x || { echo "…"; exit 1; }` before the script ends; None where nothing is."""
    part = command.rest[0][1] if isinstance(command, AndOr) and command.rest[0][0] == "||" else None
    return part if isinstance(part, Group) and len(part.body) > 1 else None

"""`cd` as IN FOLDER: what it is joined to, and which commands stand behind one."""

from __future__ import annotations

import posixpath

from peerlint.migrate.lower.effects import MOVES_ALL
from peerlint.migrate.lower.kept_status import KeptStatuses
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.values import Out, simplest
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
from peerlint.process.model import Branch, Clauses, If, InFolder, Not, PathExists, PathKind, Ref, Set, Text

_MOVERS = frozenset({"cd", "pushd", "popd"})


class Folders(KeptStatuses):
    """Translates `cd`."""

    def in_folder(self, command: Command, rest: tuple[Command, ...], scope: Scope, out: Out, *, tail: bool) -> None:
        """Append what follows a `cd` in its shell, for all of which it holds. Raises Beyond."""
        change, guarded, more, otherwise = _folder_change(command)
        if scope.calls and not change.redirections and self._leads_nowhere(change, scope):
            out.extend(self.statements((*more, *rest), scope, tail=tail))
            return
        if not scope.in_subshell and (self.step.more_follows or scope.is_function):
            raise Beyond(MOVES_ALL, command.span, scope.source)
        said = [part for part in change.redirections if part.descriptor != 2 or part.target.literal != "/dev/null"]
        if len(change.words) != 2 or said or change.words[1].literal == "-":
            raise Beyond("cd with options, to the folder before (-), or without a folder", change.span, scope.source)
        if scope.captured and scope.in_subshell and more and otherwise is None and not rest:
            # `$(cd x && pwd)` is nothing where the folder is not there.
            otherwise = ()
        if otherwise is not None and rest:
            raise Beyond(MOVES_ALL, change.span, scope.source)
        ends = tail and not rest and bool(more)
        if not guarded and otherwise is None and not ends and not scope.errexit:
            self.repair(
                "unguarded-failure",
                change.span,
                "where the folder is not there the script goes on; the logic stops",
            )
        path = self._folder_of(change, scope, out)
        complaint = _complaint_of(command)
        if complaint is not None:
            body = tuple(self.statements(complaint.body, scope, tail=False))
            out.append(If((Branch(Not(PathExists(PathKind.FOLDER, path)), body, change.span),), None, change.span))
        body = tuple(self.statements((*more, *rest), scope, tail=tail))
        if not body and not scope.in_subshell:
            raise Beyond("cd with nothing behind it: it is for the calls that follow", change.span, scope.source)
        inside = InFolder(path, body, command.span)
        if otherwise is not None:
            without = tuple(self.statements(otherwise, scope, tail=tail))
            if scope.captured and not otherwise:
                without = (Set(Ref(scope.captured), Text(), span=change.span),)
            there = Branch(PathExists(PathKind.FOLDER, path), (inside,), change.span)
            out.append(If((there,), without or None, command.span))
        elif body:
            out.append(inside)

    def _leads_nowhere(self, change: Simple, scope: Scope) -> bool:
        """Whether `cd "$(dirname "$0")/.."` of a script in `scripts` goes to `scripts/..`."""
        scratch: Out = []
        try:
            path = self.text(change.words[1], scope, scratch).literal if len(change.words) == 2 else None
        except Beyond:
            return False
        return bool(path) and not scratch and posixpath.normpath(path or "") == "."

    def _folder_of(self, change: Simple, scope: Scope, out: Out) -> Text:
        """The folder of a `cd`, which stays where it is for the path ""."""
        path = self.text(change.words[1], scope, out, splits=True)
        if self.is_temporary(path):
            raise Beyond("work in the folder for temporary files", change.span, scope.source)
        if any(isinstance(part, str) or self.is_one_word(part) for part in path.parts):
            return path
        name = self.fresh("FOLDER")
        out.append(Set(Ref(name), simplest(path), Clauses(if_empty=Text.of(".")), change.span))
        return Text.of(Ref(name))


def changes_folder(command: Command) -> bool:
    """Whether a command begins with `cd`."""
    first = command.first if isinstance(command, AndOr) else command
    return isinstance(first, Simple) and first.name == "cd"


def refuse_folder_change(command: Command, scope: Scope, *, followed: bool) -> None:
    """Raises Beyond where a `cd` in an arm, or behind `&&`, also changes the folder of what follows.

    With `followed` that is the command behind; in a loop something follows all that stands in it.
    """
    inner = command.command if isinstance(command, Redirected) else command
    if scope.commands.isdisjoint(_MOVERS) or not (followed or isinstance(inner, (For, Loop))):
        return
    alone = [id(node) for node in walk(command) if isinstance(node, (Subshell, Function, Substitution))]
    for node in walk(command, leaving_out=alone):
        if isinstance(node, Simple) and node.name in _MOVERS:
            raise Beyond(MOVES_ALL, node.span, scope.source)


_Change = tuple[Simple, bool, tuple[Command, ...], tuple[Command, ...] | None]


def _folder_change(command: Command) -> _Change:
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


def _complaint_of(command: Command) -> Group | None:
    """What is done in `cd x || { echo "…"; exit 1; }` before the script ends; None where nothing is."""
    part = command.rest[0][1] if isinstance(command, AndOr) and command.rest[0][0] == "||" else None
    return part if isinstance(part, Group) and len(part.body) > 1 else None

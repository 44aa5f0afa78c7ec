"""Exit codes that a script keeps under a name: `cmd; RC=$?`, `RC=0; cmd || RC=$?`, `cmd || { RC=$?; … }`."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence

from peerlint.migrate.lower.conditions import Test
from peerlint.migrate.lower.loops import Loops
from peerlint.migrate.lower.names import last_binding
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.status import CODE, with_code_for
from peerlint.migrate.lower.values import Out
from peerlint.migrate.lower.variables import names_read
from peerlint.process.bash.tree import Command, Group
from peerlint.process.model import (
    Branch,
    Do,
    Equals,
    FileWrite,
    If,
    Not,
    Number,
    Ref,
    Run,
    Set,
    Statement,
    Text,
)
from peerlint.records import replace


class KeptStatuses(Loops):
    """Translates commands whose exit code gets a name, since it is more than a yes or no."""

    @abstractmethod
    def attempt(self, command: Command, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """Append a command; the test of its success where it can fail and somebody asks."""

    def keep_status(self, variable: str, command: Command, scope: Scope, out: Out) -> None:
        """`RC=$?` right behind a command. Raises Beyond."""
        # The output of the command may have gone to a file in between.
        at = len(out) - (2 if out and _writes_output(out[-1]) else 1)
        last = out[at] if at >= 0 else None
        if not isinstance(last, Do) or not isinstance(last.effect, Run) or scope.errexit:
            raise Beyond("an exit status that is used as a value", command.span, scope.source)
        name = scope.name_of(variable)
        self.step.numeric.add(name)
        out[at] = replace(last, clauses=replace(last.clauses, exit_code=name, ignoring_failure=True))

    def take_status(self, command: Command, variable: str, scope: Scope, out: Out) -> None:
        """`cmd || RC=$?`: RC keeps what it holds where the command succeeds, which is 0 as a rule. Raises Beyond."""
        name = scope.name_of(variable)
        before = len(out)
        is_zero = _holds_zero(name, out)
        scope = scope.same(errexit=False)
        self.attempt(command, scope, out, ignored=True)
        if is_zero:
            self.keep_status(variable, command, scope, out)
            if before and _is_zero(out[before - 1], name):
                del out[before - 1]
            return
        status = self.fresh(f"{name}_STATUS")
        self.keep_status(status, command, scope, out)
        failed = Not(Equals(Ref(status), Number(0)))
        self.step.numeric.add(name)
        out.append(If((Branch(failed, (Set(Ref(name), Ref(status), span=command.span),), command.span),), None))

    def handle_failure(self, command: Command, variable: str, group: Group, scope: Scope, out: Out) -> None:
        """`cmd || { RC=$?; … }`: the group is for a failure, whose code has a name of its own in it. Raises Beyond."""
        if "?" in names_read(group.body[1:]):
            raise Beyond("an exit status that is used as a value", group.span, scope.source)
        quiet = scope.same(errexit=False)
        self.attempt(command, quiet, out, ignored=True)
        self.keep_status(CODE, group, quiet, out)
        code = Ref(quiet.name_of(CODE))
        body: Out = []
        if not _only_there(variable, group, scope):
            body.append(Set(Ref(scope.name_of(variable)), code, span=group.body[0].span))
        failed = Not(Equals(code, Number(0)))
        for node in self.statements([with_code_for(part, variable) for part in group.body[1:]], scope, tail=False):
            # `exit $RC` asks again.
            again = isinstance(node, If) and node.otherwise is not None and node.branches[0].condition == failed
            body.extend(node.branches[0].body if isinstance(node, If) and again else (node,))
        out.append(If((Branch(failed, tuple(body), group.span),), None, group.span))

    @abstractmethod
    def statements(self, commands: Sequence[Command], scope: Scope, *, tail: bool) -> list[Statement]:
        """The commands in order; with `tail` the status of the last one is that of the script. Raises Beyond."""


def _only_there(variable: str, group: Group, scope: Scope) -> bool:
    """Whether the script names a variable in this group and nowhere else, and ends with its call."""
    mention = re.compile(rf"\b{re.escape(variable)}\b")
    everywhere, there = (len(mention.findall(text)) for text in (scope.source.text, scope.slice(group.span)))
    return bool(scope.calls) and everywhere == there


def _holds_zero(name: str, out: Out) -> bool:
    """Whether the last that was done to a name is to set it to 0."""
    last = last_binding(name, out)
    return last is not None and _is_zero(last, name)


def _is_zero(statement: Statement, name: str) -> bool:
    value = statement.value if isinstance(statement, Set) and statement.target == Ref(name) else None
    return value == Number(0) or (isinstance(value, Text) and value.literal == "0")


def _writes_output(statement: Statement) -> bool:
    """Whether it writes what the command above has printed."""
    effect = statement.effect if isinstance(statement, Do) else None
    return isinstance(effect, FileWrite) and effect.nothing_if_empty

"""Exit codes that a script keeps under a name: `cmd; RC=$?` and `RC=0; cmd || RC=$?`."""

from __future__ import annotations

from abc import abstractmethod

from peerlint.migrate.lower.conditions import Test
from peerlint.migrate.lower.loops import Loops
from peerlint.migrate.lower.names import last_binding
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.values import Out
from peerlint.process.bash.tree import Command
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

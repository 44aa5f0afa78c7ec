"""Exits of scripts and functions as structure: what follows an early exit moves into the arms that go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from peerlint.migrate.lower.scope import Beyond, ScriptExit
from peerlint.process.model import (
    Branch,
    ForEach,
    If,
    InFolder,
    Leave,
    Proceed,
    Repeat,
    Resume,
    Skip,
    Statement,
    Stop,
    walk,
)
from peerlint.records import replace

#: What stands in place of an exit; empty where the flow just goes on behind the script.
Ends = Callable[[ScriptExit], tuple[Statement, ...]]

#: How many statements may be said twice when an early exit would otherwise need a jump.
REPEATABLE = 3


def ends_here(statements: Sequence[Statement]) -> bool:
    """Whether the flow never reaches the end of these statements."""
    if not statements:
        return False
    last = statements[-1]
    if isinstance(last, (Stop, Proceed, Skip, Resume, Leave)):
        return True
    return (
        isinstance(last, If)
        and last.otherwise is not None
        and ends_here(last.otherwise)
        and all(ends_here(branch.body) for branch in last.branches)
    )


def settle(statements: Sequence[Statement], scope: int, ends: Ends) -> tuple[Statement, ...]:
    """The statements with the exits of `scope` replaced. Raises Beyond where that needs a jump."""
    done: list[Statement] = []
    for index, statement in enumerate(statements):
        if isinstance(statement, ScriptExit) and statement.scope == scope:
            done.extend(ends(statement))
            return tuple(done)
        if isinstance(statement, If):
            rest = tuple(statements[index + 1 :])
            if rest and _goes_on(statement, scope, ends):
                done.append(_with_rest(statement, rest, scope, ends))
                return tuple(done)
            done.append(_arms(statement, lambda body: settle(body, scope, ends)))
        elif isinstance(statement, (ForEach, Repeat, InFolder)):
            if _goes_on(statement, scope, ends):
                raise Beyond("an exit inside a loop that the caller survives", statement.span)
            done.append(replace(statement, body=settle(statement.body, scope, ends)))
        else:
            done.append(statement)
    return tuple(done)


def _goes_on(statement: Statement, scope: int, ends: Ends) -> bool:
    """Whether an exit inside must skip what follows, rather than end everything."""
    return any(
        isinstance(node, ScriptExit) and node.scope == scope and not ends_here(ends(node)) for node in walk(statement)
    )


def _arms(statement: If, change: Callable[[tuple[Statement, ...]], tuple[Statement, ...]]) -> If:
    branches = tuple(Branch(b.condition, change(b.body), b.span) for b in statement.branches)
    otherwise = None if statement.otherwise is None else change(statement.otherwise)
    return If(branches, otherwise, statement.span)


def _with_rest(statement: If, rest: tuple[Statement, ...], scope: int, ends: Ends) -> If:
    bodies = [*(branch.body for branch in statement.branches), statement.otherwise or ()]
    going_on = [body for body in bodies if not ends_here(body)]
    if len(going_on) > 1 and sum(1 for _ in walk(rest)) > REPEATABLE * 8:
        raise Beyond("an early exit whose continuation stands in several arms", statement.span)
    branches = tuple(
        Branch(b.condition, settle(b.body if ends_here(b.body) else (*b.body, *rest), scope, ends), b.span)
        for b in statement.branches
    )
    last = statement.otherwise or ()
    return If(branches, settle(last if ends_here(last) else (*last, *rest), scope, ends), statement.span)

"""What a step states beside the shell that it runs.

A proof runs the shell of an original and nothing else. What else the step states has to mean nothing there, or the same
on both sides; a step with more than that is neither proved nor migrated.
"""

from __future__ import annotations

from peerlint.process.build.exit_codes import ANY_FAILURE
from peerlint.process.model import (
    Condition,
    Delegate,
    ExitCodeIs,
    If,
    Input,
    Note,
    Opaque,
    Outcome,
    OutcomeIs,
    Proceed,
    Shell,
    Skip,
    Statement,
    Step,
    Stop,
    walk,
)
from peerlint.records import dataclass
from peerlint.source.text import Span

AMONG_LOGIC = "runs its command among logic: a person decides what the logic is"


@dataclass(frozen=True, slots=True)
class Beside:
    """A statement that the run of the original leaves out: where it stands, and why that cannot be."""

    span: Span
    reason: str


def left_out(step: Step) -> Beside | None:
    """The first thing that a step with shell states, and that is lost where only its shell is run.

    Notes, inputs and what exit codes mean are not lost. Delegations are compared by themselves (`delegated`).
    """
    if not runs_shell(step):
        return None
    for at, statement in enumerate(step.statements):
        if isinstance(statement, Shell | Note | Input | Delegate):
            continue
        inside = next((node for node in walk((statement,)) if isinstance(node, Shell)), None)
        if inside is not None:
            return Beside(inside.span, AMONG_LOGIC)
        if isinstance(statement, Opaque):
            return Beside(statement.span, f"is not understood: {statement.reason}")
        if isinstance(statement, Proceed) and statement.step is None and at == len(step.statements) - 1:
            continue
        unread = next((node for node in walk((statement,)) if isinstance(node, Opaque)), None)
        if unread is not None:
            return Beside(unread.span, f"is not understood: {unread.reason}")
        behind_call = at > 0 and isinstance(step.statements[at - 1], Shell)
        if behind_call and isinstance(statement, If) and _is_about_exits(statement, last=not _calls(step, at + 1)):
            continue
        return Beside(statement.span, "is logic beside a command, and the original can only be run without it")
    return None


def runs_shell(step: Step) -> bool:
    """Whether a step runs shell, wherever in it."""
    return any(isinstance(node, Shell) for node in walk(step.statements))


def delegated(step: Step) -> list[Delegate]:
    """What a step hands to subagents, in order: nothing of it runs in a proof, so that both sides must say the same."""
    return [node for node in walk(step.statements) if isinstance(node, Delegate)]


def exits_of(step: Step) -> dict[int, Stop | Proceed]:
    """What a step says about the exit codes of its calls: the reason of a stop, or the way on.

    To skip the step, or just to go on behind its last call, is to go on with the next step. What it says of failures of
    every kind stands at `ANY_FAILURE`.
    """
    exits: dict[int, Stop | Proceed] = {}
    for statement in step.statements:
        if not isinstance(statement, If):
            continue
        for branch in statement.branches:
            body = _without_notes(branch.body)
            flow = body[-1] if body else Skip(branch.span)
            code = _code_of(branch.condition)
            if code is not None and isinstance(flow, Stop | Proceed | Skip):
                exits[code] = Proceed(None, flow.span) if isinstance(flow, Skip) else flow
    return exits


def _code_of(condition: Condition) -> int | None:
    """The exit code that a condition asks for; None where it asks for something else."""
    if isinstance(condition, ExitCodeIs):
        return condition.code
    return ANY_FAILURE if condition == OutcomeIs(Outcome.COMMAND_FAILS) else None


def _without_notes(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return tuple(statement for statement in body if not isinstance(statement, Note))


def _calls(step: Step, start: int) -> bool:
    return any(isinstance(statement, Shell) for statement in step.statements[start:])


def _is_about_exits(chain: If, *, last: bool) -> bool:
    """Whether a chain behind a call says no more than what exit codes mean; `last` where no call follows it."""
    return not chain.otherwise and all(
        _code_of(branch.condition) is not None and _is_way_on(_without_notes(branch.body), last=last)
        for branch in chain.branches
    )


def _is_way_on(body: tuple[Statement, ...], *, last: bool) -> bool:
    return (len(body) == 1 and isinstance(body[0], Stop | Proceed | Skip)) or (not body and last)

"""Differences in which the original is wrong and the rewrite is not: a closed list, each a predicate over two traces.

A repair has a trigger, which the trace of the original shows, and says what the rewrite has to do inside of it.
Outside of all triggers equality is demanded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from peerlint.prove.scenario import Scenario
from peerlint.prove.shims.faults import Fault
from peerlint.prove.trace import STOPS, Action, Trace


@dataclass(frozen=True, slots=True)
class Repair:
    """`name`, what it is about, whether it is accepted without being named in the config, and the predicate."""

    name: str
    about: str
    by_default: bool
    holds: Callable[[Scenario, Trace, Trace], bool]


def _lost_update(scenario: Scenario, original: Trace, rewrite: Trace) -> bool:
    """The original reads a key twice before it updates it; something happens in between.

    Either somebody else writes, and the original overwrites that with its old value, or the second read fails. The
    rewrite, which reads once, must not update over the other's write.
    """
    for update in (action for action in original.actions if action.operation == "kv update"):
        reads = _reads_before(original, update)
        if len(reads) < 2:
            continue
        disturbed = any(_strikes(fault, update) for fault in scenario.faults)
        ours = [
            a
            for a in rewrite.actions
            if a.operation == "kv update" and (a.bucket, a.key) == (update.bucket, update.key)
        ]
        if disturbed and (all(not a.ok for a in ours) or _hits_repeated_read(scenario, update)):
            return rewrite.outcome == STOPS or _hits_repeated_read(scenario, update)
    return False


def _reads_before(trace: Trace, update: Action) -> list[Action]:
    place = trace.actions.index(update)
    return [
        action
        for action in trace.actions[:place]
        if action.operation == "kv get" and (action.bucket, action.key) == (update.bucket, update.key)
    ]


def _strikes(fault: Fault, update: Action) -> bool:
    return (fault.bucket, fault.key) == (update.bucket, update.key)


def _hits_repeated_read(scenario: Scenario, update: Action) -> bool:
    return any(_strikes(fault, update) and fault.operation == "kv get" and fault.nth > 1 for fault in scenario.faults)


def _shell_crash(scenario: Scenario, original: Trace, rewrite: Trace) -> bool:
    """Bash itself reported an error; the rewrite must stop, or do all that the original did and no more."""
    return original.crash is not None and (rewrite.outcome == STOPS or original.effects == rewrite.effects)


def _count_fallback(scenario: Scenario, original: Trace, rewrite: Trace) -> bool:
    """`grep -c … || echo 0` gives "0" twice where nothing matches, on which `[` or arithmetic stumble."""
    return original.crash is not None and "0\n0" in original.crash.replace("\\n", "\n")


REPAIRS = (
    Repair("lost-update", "value and revision come from two reads", True, _lost_update),
    Repair("count-fallback", "a count that fails counts twice", True, _count_fallback),
    Repair("shell-crash", "bash itself reports an error", True, _shell_crash),
)


def repair_of(scenario: Scenario, original: Trace, rewrite: Trace) -> Repair | None:
    """The first repair whose trigger these traces show."""
    return next((repair for repair in REPAIRS if repair.holds(scenario, original, rewrite)), None)

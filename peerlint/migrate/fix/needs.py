"""Which steps hand a variable on to which: what reads a name can only become logic with the step that sets it."""

from __future__ import annotations

from collections.abc import Mapping

from peerlint.migrate.lower import StepLowering
from peerlint.migrate.lower.names import names_set
from peerlint.process.bash import parse_bash
from peerlint.process.bash.facts import facts
from peerlint.process.build import Reading
from peerlint.process.model import Ref, Statement, walk

#: By number of a step: the earlier steps that it needs, each with a name that it takes from there.
Needs = Mapping[str, Mapping[str, str]]


def needs_of(reading: Reading, lowerings: Mapping[str, StepLowering]) -> Needs:
    """What each lowered step takes from the shell of earlier steps.

    A shell that stays sets its variables for nobody, and one that is migrated names them for all.
    """
    sets: dict[str, set[str]] = {}
    needs: dict[str, dict[str, str]] = {}
    for step in reading.steps:
        lowering = lowerings.get(step.number)
        if lowering is None or step.number in sets:
            continue
        if lowering.leftover is None:
            taken = _read_from_outside(lowering.statements)
            found = {earlier: min(names & taken) for earlier, names in sets.items() if names & taken}
            if found:
                needs[step.number] = found
            sets[step.number] = set(names_set(lowering.statements))
        else:
            codes = [call.statement.code for call in step.shell]
            sets[step.number] = {m.name.upper() for code in codes for m in facts(parse_bash(code)).variables_set}
    return needs


def _read_from_outside(statements: tuple[Statement, ...]) -> set[str]:
    read = {node.name for node in walk(statements) if isinstance(node, Ref)}
    return read - names_set(statements)

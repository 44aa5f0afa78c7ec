"""Arms that no scenario can take, each for a reason that is checked on the IR of the rewrite; the list is closed.

- A test for an empty name, where every step that comes before sets that name to a text with a literal part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peerlint.process.model import AnyOf, Condition, Do, If, IsEmpty, IsMissing, KvGet, Ref, Say, Set, Step, Text, walk
from peerlint.prove.trace import lines_of


def never_taken(step: Step, before: Sequence[Step]) -> dict[str, frozenset[str]]:
    """Labels of infeasible arms of the rewrite, with the literal lines that they would show."""
    found: dict[str, frozenset[str]] = {}
    for node in walk(step.statements):
        if not isinstance(node, If):
            continue
        for at, branch in enumerate(node.branches):
            if _never_holds(branch.condition, step, before):
                found[f"{node.span.start} arm {at}"] = frozenset(_lines(branch.body))
    return found


def _never_holds(condition: Condition, step: Step, before: Sequence[Step]) -> bool:
    match condition:
        case AnyOf(conditions=conditions):
            return all(_never_holds(inner, step, before) for inner in conditions)
        case IsEmpty(value=Ref(name=name, path=())) | IsMissing(value=Ref(name=name, path=())):
            return _never_empty(name, [*before, step])
        case IsEmpty(value=Text() as text):
            return any(isinstance(part, str) and part for part in text.parts)
    return False


def _never_empty(name: str, steps: Iterable[Step]) -> bool:
    """Whether all that sets the name sets a text with a literal part, and something before the last step does."""
    values = []
    for step in steps:
        for node in walk(step.statements):
            if isinstance(node, Set) and node.target == Ref(name):
                values.append(node.value)
            elif (
                isinstance(node, Do)
                and isinstance(node.effect, KvGet)
                and name in (node.effect.name, node.effect.revision)
            ):
                return False
    return bool(values) and all(
        isinstance(value, Text) and any(isinstance(part, str) and part for part in value.parts) for value in values
    )


def _lines(body: Iterable[object]) -> Iterable[str]:
    for statement in body:
        if isinstance(statement, Say) and statement.text.literal is not None:
            yield from lines_of(statement.text.literal)

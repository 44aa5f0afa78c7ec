"""Names that may be missing where they are used: bash takes "" there, the logic language stops."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.migrate.lower.comments import looks_above
from peerlint.migrate.lower.names import names_of_effect
from peerlint.migrate.lower.tidy import Body, rewritten
from peerlint.process.model import (
    Ask,
    Do,
    FlagValue,
    ForEach,
    If,
    InFolder,
    Input,
    IsEmpty,
    Leave,
    OtherArgument,
    Proceed,
    Ref,
    Repeat,
    Set,
    Statement,
    Stop,
    Text,
    walk,
)
from peerlint.records import replace


def with_empty_texts(statements: Body, known: Iterable[str]) -> Body:
    """The statements with `or "" if empty`, or a SET at their beginning, where a missing name would stop them.

    `known` are the names that earlier steps bind.
    """
    strict = {
        node.name
        for statement in walk(statements)
        if isinstance(statement, (Do, InFolder))
        for node in walk(statement.effect if isinstance(statement, Do) else statement.path)
        if isinstance(node, Ref)
    }

    def change(body: Body) -> Body:
        return tuple(_never_missing(statement) if _may_miss(statement, strict) else statement for statement in body)

    statements = rewritten(statements, change)
    unset: dict[str, None] = {}
    _bound_after(statements, set(known), unset, [])
    somewhere = {node.target.name for node in walk(statements) if isinstance(node, Set)}
    somewhere = somewhere.union(*(_bound_by(node) for node in walk(statements) if isinstance(node, Do)))
    for name in reversed(unset):
        if name in somewhere:
            at = _first_use(name, statements)
            statements = (*statements[:at], Set(Ref(name), Text()), *statements[at:])
    return statements


def _first_use(name: str, statements: Body) -> int:
    """The place of the first statement that has to do with a name, with the effect that it looks back at."""
    at = next(at for at, statement in enumerate(statements) if any(_is_about(node, name) for node in walk(statement)))
    while at and looks_above(statements[at]):
        at -= 1
    return at


def _is_about(node: object, name: str) -> bool:
    return (isinstance(node, Ref) and node.name == name) or (isinstance(node, Do) and name in _bound_by(node))


def _may_miss(statement: Statement, strict: set[str]) -> bool:
    if not isinstance(statement, Set) or statement.target.path or statement.target.name not in strict:
        return False
    value = statement.value
    missing = isinstance(value, (FlagValue, OtherArgument)) or (isinstance(value, Ref) and bool(value.path))
    return missing and statement.clauses.if_empty is None


def _never_missing(statement: Statement) -> Statement:
    assert isinstance(statement, Set)
    return replace(statement, clauses=replace(statement.clauses, if_empty=Text()))


def _bound_after(body: Body, bound: set[str], unset: dict[str, None], left: list[set[str]]) -> set[str] | None:
    """Names that are surely bound behind the statements, None where nothing gets there.

    Adds to `unset` what an effect uses and no way so far has surely bound, and to `left` what is bound where the loop
    around the statements is left.
    """
    for statement in body:
        if isinstance(statement, (Stop, Proceed)):
            return None
        if isinstance(statement, Leave):
            left.append(bound)
            return None
        if isinstance(statement, If):
            arms: list[set[str] | None] = []
            for branch in statement.branches:
                arms.append(_bound_after(branch.body, set(bound), unset, left))
                if isinstance(condition := branch.condition, IsEmpty) and isinstance(asked := condition.value, Ref):
                    # What is not empty is there.
                    bound = bound if asked.path else bound | {asked.name}
            arms.append(_bound_after(statement.otherwise or (), set(bound), unset, left))
            ways = [arm for arm in arms if arm is not None]
            if not ways:
                return None
            bound = set.intersection(*ways)
        elif isinstance(statement, InFolder):
            unset.update({name: None for name in _names(statement.path) if name not in bound})
            inside = _bound_after(statement.body, bound, unset, left)
            if inside is None:
                return None
            bound = inside
        elif isinstance(statement, ForEach):
            unset.update({name: None for name in _names(statement.listing) if name not in bound})
            _bound_after(statement.body, bound | {statement.name}, unset, [])
        elif isinstance(statement, Repeat):
            # The body runs once at least.
            ends: list[set[str]] = []
            last = _bound_after(statement.body, bound, unset, ends)
            ends += [] if last is None else [last]
            if not ends:
                return None
            bound = set.intersection(*ends)
        elif isinstance(statement, (Ask, Input, Set)):
            # A copy of a missing name is missing too.
            for copied in _copied(statement) if isinstance(statement, Set) else ():
                if copied.name not in bound:
                    unset[copied.name] = None
            bound = bound | {statement.target.name if isinstance(statement, Set) else statement.name}
        elif isinstance(statement, Do):
            unset.update({name: None for name in _names(statement.effect) if name not in bound})
            bound = bound | _bound_by(statement)
    return bound


def _copied(statement: Set) -> list[Ref]:
    """The names of which a SET may be a copy."""
    values = (statement.value, statement.clauses.if_empty)
    return [value for value in values if isinstance(value, Ref) and not value.path and value != statement.target]


def _names(node: object) -> list[str]:
    return [ref.name for ref in walk(node) if isinstance(ref, Ref)]


def _bound_by(statement: Do) -> set[str]:
    return {*names_of_effect(statement.effect), *filter(None, (statement.clauses.exit_code, statement.clauses.error))}

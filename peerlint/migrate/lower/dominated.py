"""Checks that have been made before: what ends the process where it holds cannot hold further down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from peerlint.migrate.lower.flow import ends_here
from peerlint.migrate.lower.names import bound_names
from peerlint.migrate.lower.tidy import Body
from peerlint.process.model import (
    Condition,
    Equals,
    ForEach,
    If,
    InFolder,
    IsEmpty,
    IsMissing,
    Not,
    OneOf,
    Ref,
    Repeat,
    Statement,
    Text,
    walk,
)


def without_repeated_checks(statements: Body) -> Body:
    """The statements without arms whose condition has just ended the flow, with the same values, where it held."""
    return _checked(statements, frozenset())


def _checked(body: Iterable[Statement], false: frozenset[Condition]) -> Body:
    """`false` are conditions that do not hold when the body begins."""
    made: list[Statement] = []
    for statement in body:
        if isinstance(statement, If):
            kept = tuple(branch for branch in statement.branches if branch.condition not in false)
            otherwise = None if statement.otherwise is None else _checked(statement.otherwise, false)
            if not kept:
                made.extend(otherwise or ())
            else:
                branches = tuple(replace(branch, body=_checked(branch.body, false)) for branch in kept)
                made.append(replace(statement, branches=branches, otherwise=otherwise))
            false = _still(false, statement)
            # Only the first arms are surely looked at, up to one that goes on.
            for branch in kept:
                if not ends_here(branch.body):
                    break
                if _asks_names_only(branch.condition):
                    false |= {branch.condition}
            continue
        if isinstance(statement, (ForEach, Repeat, InFolder)):
            # What a loop binds may change before its body begins again.
            statement = replace(statement, body=_checked(statement.body, _still(false, statement)))
        made.append(statement)
        false = _still(false, statement)
    return tuple(made)


def _still(false: frozenset[Condition], statement: Statement) -> frozenset[Condition]:
    """The conditions that a statement cannot change."""
    bound = set(bound_names((statement,)))
    return frozenset(
        condition
        for condition in false
        if not bound.intersection(node.name for node in walk(condition) if isinstance(node, Ref))
    )


def _asks_names_only(condition: Condition) -> bool:
    """Whether a condition speaks of nothing but names and texts, which only statements change."""
    plain = (IsEmpty, IsMissing, Equals, OneOf, Not, Ref, Text)
    return all(isinstance(node, plain) for node in walk(condition))

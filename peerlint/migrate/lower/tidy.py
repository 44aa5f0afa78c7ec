"""Passes over statements: reads joined, names put where they belong, nothing that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from peerlint.migrate.lower.result import RepairUse
from peerlint.process.model import (
    Branch,
    BucketInfo,
    Do,
    ForEach,
    If,
    InFolder,
    KvGet,
    KvUpdate,
    Not,
    OutcomeIs,
    Ref,
    Repeat,
    Set,
    Statement,
    Stop,
    Text,
    walk,
)

Body = tuple[Statement, ...]


def rewritten(statements: Sequence[Statement], change: Callable[[Body], Body]) -> Body:
    """Every list of statements changed, the innermost first."""
    done: list[Statement] = []
    for statement in statements:
        if isinstance(statement, If):
            branches = tuple(Branch(b.condition, rewritten(b.body, change), b.span) for b in statement.branches)
            otherwise = None if statement.otherwise is None else rewritten(statement.otherwise, change)
            statement = If(branches, otherwise, statement.span)
        elif isinstance(statement, (ForEach, Repeat, InFolder)):
            statement = replace(statement, body=rewritten(statement.body, change))
        done.append(statement)
    return change(tuple(done))


def with_histories(statements: Body, histories: dict[Text, str]) -> Body:
    """`CHECK: bucket` takes the history that was scraped from its text."""

    def change(body: Body) -> Body:
        made: list[Statement] = []
        for statement in body:
            if isinstance(statement, Do) and isinstance(statement.effect, BucketInfo):
                name = histories.get(statement.effect.bucket)
                made.append(replace(statement, effect=replace(statement.effect, history=name)) if name else statement)
            else:
                made.append(statement)
        return tuple(made)

    return rewritten(statements, change)


def join_reads(statements: Body) -> tuple[Body, tuple[RepairUse, ...]]:
    """A revision that is asked for after the value: one READ gives both (`lost-update`).

    Only where nothing between the two writes, and the value is what an UPDATE of that revision comes from.
    """
    repairs: list[RepairUse] = []
    revisions = {node.revision for node in walk(statements) if isinstance(node, KvUpdate)}

    def change(body: Body) -> Body:
        made = list(body)
        for index, later in enumerate(body):
            if not (isinstance(later, Do) and isinstance(later.effect, KvGet) and later.effect.revision in revisions):
                continue
            earlier = next(
                (
                    place
                    for place, statement in enumerate(made[:index])
                    if isinstance(statement, Do)
                    and isinstance(statement.effect, KvGet)
                    and (statement.effect.bucket, statement.effect.key) == (later.effect.bucket, later.effect.key)
                    and statement.effect.revision is None
                ),
                None,
            )
            if earlier is None or _writes(made[earlier + 1 : index]):
                continue
            first = made[earlier]
            assert isinstance(first, Do) and isinstance(first.effect, KvGet)
            made[earlier] = replace(first, effect=replace(first.effect, revision=later.effect.revision))
            made[index] = later
            repairs.append(
                RepairUse(
                    "lost-update",
                    later.span,
                    "value and revision come from one read; the script read twice and could overwrite a change between",
                )
            )
            made[index] = replace(later, effect=replace(later.effect, name=""))
        return tuple(s for s in made if not (isinstance(s, Do) and isinstance(s.effect, KvGet) and not s.effect.name))

    return rewritten(statements, change), tuple(repairs)


def _writes(statements: Sequence[Statement]) -> bool:
    return any(
        type(node).__name__ in ("KvPut", "KvCreate", "KvUpdate", "KvDelete", "KvPurge")
        for node in walk(tuple(statements))
    )


def tidied(statements: Body) -> Body:
    """Without copies of a name to itself, empty arms, arms that only do what happens anyway, and dead statements."""
    return rewritten(statements, _tidy)


def _tidy(body: Body) -> Body:
    made: list[Statement] = []
    for statement in body:
        if isinstance(statement, Set) and statement.value == statement.target:
            continue
        if isinstance(statement, Set) and made and _merges(made[-1], statement):
            continue
        if isinstance(statement, If):
            replaced = _tidy_if(statement, made)
            if replaced is None:
                continue
            statement = replaced
        made.append(statement)
        if isinstance(statement, Stop):
            break
    return tuple(made)


def _merges(before: Statement, statement: Set) -> bool:
    return False


def _tidy_if(statement: If, made: list[Statement]) -> If | None:
    """The IF without empty arms; None where nothing is left."""
    only_stop = len(statement.branches) == 1 and statement.branches[0].body == (Stop(),)
    if only_stop and isinstance(statement.branches[0].condition, OutcomeIs) and statement.otherwise is None:
        # An effect that fails stops anyway.
        return None
    branches = list(statement.branches)
    otherwise = statement.otherwise or None
    if len(branches) > 1 and not branches[-1].body and otherwise is None:
        branches.pop()
    if len(branches) == 1 and not branches[0].body:
        if otherwise is None:
            last = made[-1] if made else None
            if isinstance(last, Do) and isinstance(branches[0].condition, OutcomeIs):
                made[-1] = replace(last, clauses=replace(last.clauses, ignoring_failure=True))
            return None
        condition = branches[0].condition
        from peerlint.migrate.lower.conditions import negated

        opposite = negated(condition)
        assert not isinstance(opposite, bool)
        return If((Branch(opposite, otherwise, branches[0].span),), None, statement.span)
    if otherwise is not None and len(otherwise) == 1 and isinstance(inner := otherwise[0], If):
        if not any(isinstance(node, OutcomeIs) for branch in inner.branches for node in walk(branch.condition)):
            return If((*branches, *inner.branches), inner.otherwise, statement.span)
    return If(tuple(branches), otherwise, statement.span)


__all__ = ["Not", "Ref", "join_reads", "rewritten", "tidied", "with_histories"]

"""Passes over statements: reads joined, names put where they belong, nothing that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from operator import is_

from peerlint.migrate.lower.conditions import is_failure, is_failure_of_any_kind, negated
from peerlint.migrate.lower.result import RepairUse
from peerlint.process.logic import render_logic
from peerlint.process.logic.render_values import render_condition
from peerlint.process.model import (
    NO_CLAUSES,
    Branch,
    BucketInfo,
    Condition,
    Do,
    Equals,
    FilesMatching,
    ForEach,
    If,
    InFolder,
    KvCreate,
    KvDelete,
    KvGet,
    KvPurge,
    KvPut,
    KvUpdate,
    Leave,
    Not,
    Number,
    OutcomeIs,
    PathExists,
    PathKind,
    Ref,
    Repeat,
    Run,
    Set,
    Statement,
    Stop,
    Text,
    Values,
    walk,
)
from peerlint.records import replace

Body = tuple[Statement, ...]


def rewritten(statements: Sequence[Statement], change: Callable[[Body], Body]) -> Body:
    """Every list of statements changed, the innermost first; where nothing changes it is the same list as before."""
    before = tuple(statements)
    done = change(tuple([_inside(statement, change) for statement in before]))
    return before if are_same(before, done) else done


def _inside(statement: Statement, change: Callable[[Body], Body]) -> Statement:
    if isinstance(statement, If):
        branches = tuple([_arm(branch, rewritten(branch.body, change)) for branch in statement.branches])
        otherwise = None if statement.otherwise is None else rewritten(statement.otherwise, change)
        if otherwise is statement.otherwise and are_same(branches, statement.branches):
            return statement
        return If(branches, otherwise, statement.span)
    if isinstance(statement, (ForEach, Repeat, InFolder)):
        body = rewritten(statement.body, change)
        return statement if body is statement.body else replace(statement, body=body)
    return statement


def _arm(branch: Branch, body: Body) -> Branch:
    return branch if body is branch.body else Branch(branch.condition, body, branch.span)


def are_same(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether two lists hold the same objects: a pass that finds nothing to do costs the next one nothing."""
    return len(one) == len(other) and all(map(is_, one, other))


def with_histories(statements: Body, histories: dict[Text, str]) -> Body:
    """`CHECK: bucket` takes the history that was scraped from its text."""
    if not histories:
        return statements

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

    Only where no write stands between the two reads, and an UPDATE needs the revision.
    """
    wanted = {node.revision for node in walk(statements) if isinstance(node, KvUpdate)}
    if not wanted:
        return statements, ()
    joined: dict[int, tuple[str, str]] = {}
    order = {id(node): at for at, node in enumerate(walk(statements))}
    reads_of: dict[str, list[int]] = {}
    for node in walk(statements):
        if isinstance(node, Ref):
            reads_of.setdefault(node.name, []).append(order[id(node)])
    dropped: dict[int, Do] = {}

    def visit(body: Body, above: dict[tuple[Text, Text], Do]) -> None:
        reads = dict(above)
        for statement in body:
            if isinstance(statement, If):
                for arm in (*(branch.body for branch in statement.branches), statement.otherwise or ()):
                    visit(arm, reads)
            elif isinstance(statement, Do) and isinstance(effect := statement.effect, KvGet):
                earlier = reads.get((effect.bucket, effect.key))
                name = earlier.effect.name if earlier is not None and isinstance(earlier.effect, KvGet) else ""
                if name == effect.revision:
                    # The same name takes the value and then the revision: joined where nobody asks for the value.
                    between = range(order[id(earlier)], order[id(statement)])
                    name = "" if any(at in between for at in reads_of.get(name, ())) else effect.name
                if effect.revision in wanted and name and effect.revision is not None:
                    joined[id(earlier)] = (effect.revision, name)
                    dropped[id(statement)] = statement
                elif effect.revision is None:
                    reads[effect.bucket, effect.key] = statement
            if any(isinstance(node, _WRITES) for node in walk(statement)):
                reads.clear()

    def change(body: Body) -> Body:
        return tuple(_read_once(s, joined) for s in body if id(s) not in dropped)

    visit(statements, {})
    repairs = tuple(RepairUse("lost-update", second.span, _ONE_READ) for second in dropped.values())
    return rewritten(statements, change), repairs


_WRITES = (KvPut, KvCreate, KvUpdate, KvDelete, KvPurge)
_ONE_READ = "value and revision come from one read; the script read twice and could overwrite a change between"


def _read_once(statement: Statement, joined: dict[int, tuple[str, str]]) -> Statement:
    names = joined.get(id(statement))
    if names is None or not isinstance(statement, Do) or not isinstance(statement.effect, KvGet):
        return statement
    return replace(statement, effect=replace(statement.effect, revision=names[0], name=names[1]))


def tidied(statements: Body, *, times: int = 1) -> Body:
    """Without copies of a name to itself, empty arms, arms that only do what happens anyway, and dead statements.

    What is left out at one time may leave something to do for the next.
    """
    for _ in range(times):
        before, statements = statements, rewritten(statements, _tidy)
        if statements is before:
            break
    return statements


def _overwritten(made: Sequence[Statement], statement: Statement) -> int | None:
    """Which of the plain texts that end the statements is put into a name that takes another value next."""
    if not isinstance(statement, Set) or statement.target.path or statement.clauses != NO_CLAUSES:
        return None
    if statement.target in walk((statement.value,)):
        return None
    for at in reversed(range(len(made))):
        before = made[at]
        if not isinstance(before, Set) or not isinstance(before.value, Text) or before.value.literal is None:
            return None
        if before.clauses != NO_CLAUSES:
            return None
        if before.target == statement.target:
            return at
    return None


def _tidy(body: Body) -> Body:
    made: list[Statement] = []
    for statement in body:
        if isinstance(statement, Set) and statement.value == statement.target and statement.clauses == NO_CLAUSES:
            continue
        if isinstance(statement, If):
            replaced = _tidy_if(statement, made)
            if replaced is None:
                continue
            statement = replaced
            flat = _without_else(statement)
            if flat is not None:
                made += flat
                continue
        if isinstance(statement, ForEach) and (guarded := _without_sure_guard(statement)) is not statement.body:
            statement = replace(statement, body=guarded)
        if (needless := _overwritten(made, statement)) is not None:
            del made[needless]
        made.append(statement)
        if isinstance(statement, Stop):
            break
    return tuple(made)


def _without_else(statement: If) -> Body | None:
    """What an IF whose ELSE ends the step says with less depth; None where it would not."""
    if len(statement.branches) != 1 or not statement.otherwise or not isinstance(statement.otherwise[-1], Stop):
        return None
    branch = statement.branches[0]
    opposite = negated(branch.condition)
    if statement.otherwise == (Stop(),) and is_failure_of_any_kind(opposite):
        # An effect that fails stops anyway.
        return branch.body
    plain = not isinstance(opposite, bool) and not render_condition(opposite).startswith("NOT (")
    if plain and any(isinstance(inner, (If, ForEach, Repeat, InFolder)) for inner in branch.body):
        assert not isinstance(opposite, bool)
        return (If((Branch(opposite, statement.otherwise, branch.span),), None, statement.span), *branch.body)
    return None


def _without_sure_guard(loop: ForEach) -> tuple[Statement, ...]:
    """The body without an IF around it that asks whether there is a folder which `*/` has just found."""
    if not isinstance(loop.listing, FilesMatching) or len(loop.body) != 1:
        return loop.body
    ending = loop.listing.pattern.parts[-1:]
    if not ending or not isinstance(ending[0], str) or not ending[0].endswith("/"):
        return loop.body
    match loop.body[0]:
        case If(branches=(Branch(condition=PathExists(kind=PathKind.FOLDER, path=path), body=body),), otherwise=None):
            # A command could take away a folder whose turn is still to come.
            sure = path == Text.of(Ref(loop.name)) and not any(isinstance(node, Do) for node in walk(body))
            return body if sure else loop.body
    return loop.body


def with_status_on_top(statements: Body, names: AbstractSet[str]) -> Body:
    """Loops that keep the status of their last turn: a turn begins with success, where that says it more shortly.

    Each way through a turn sets such a name once, at its end.
    """
    if not names:
        return statements

    def change(body: Body) -> Body:
        made: list[Statement] = []
        for statement in body:
            if isinstance(statement, (ForEach, Repeat)):
                for name in names:
                    statement = _succeeding_at_first(statement, name)
                    listed = isinstance(statement, Repeat) or isinstance(statement.listing, Values)
                    if listed and made and made[-1] == _success(name) and _sets_always(statement.body, name):
                        made.pop()
            made.append(statement)
        return tuple(made)

    return rewritten(statements, change)


def _sets_always(body: Body, name: str) -> bool:
    return any(
        (isinstance(statement, (Do, Set)) and statement.clauses.exit_code == name) or statement == _success(name)
        for statement in body
    )


def _success(name: str) -> Set:
    return Set(Ref(name), Text.of("0"))


def _succeeding_at_first(loop: ForEach | Repeat, name: str) -> ForEach | Repeat:
    body = _without_success(loop.body, name)
    if body == loop.body:
        return loop
    direct = _with_code_as(body, name)
    changed = replace(loop, body=tidied(direct or (_success(name), *body)))
    shorter = render_logic((changed,)).count("\n") < render_logic((loop,)).count("\n")
    return changed if shorter else loop


def _shortest(body: Body, name: str) -> Body:
    without = _without_success(body, name)
    return _with_code_as(without, name) or without


def _with_code_as(body: Body, name: str) -> Body | None:
    """A body whose last question is only whether a command failed, with its exit code under the name; else None."""
    body = tidied(body)
    match body[-1:]:
        case (If(branches=(Branch(condition=condition, body=only),), otherwise=None),) if only == _failure(name):
            *before, last = body[:-1] or (None,)
        case _:
            return None
    if isinstance(last, Do) and isinstance(last.effect, Run) and is_failure_of_any_kind(condition):
        return (*before, replace(last, clauses=replace(last.clauses, exit_code=name, ignoring_failure=True)))
    for at, statement in enumerate(body[:-1]):
        code = statement.clauses.exit_code if isinstance(statement, (Do, Set)) else None
        asked = code is not None and condition == Not(Equals(Ref(code), Number(0)))
        if asked and isinstance(statement, (Do, Set)) and sum(node == Ref(code or "") for node in walk(body)) == 1:
            kept = replace(statement, clauses=replace(statement.clauses, exit_code=name))
            return (*body[:at], kept, *body[at + 1 : -1])
    return None


def _failure(name: str) -> Body:
    return (Set(Ref(name), Text.of("1")),)


def _without_success(body: Body, name: str) -> Body:
    """A body without the success at the end of each way through it; loops inside keep theirs."""
    end = len(body) - (1 if body and isinstance(body[-1], Leave) else 0)
    last = body[end - 1] if end else None
    if last == _success(name):
        return (*body[: end - 1], *body[end:])
    if isinstance(last, If):
        arms = tuple(replace(arm, body=_shortest(arm.body, name)) for arm in last.branches)
        otherwise = None if last.otherwise is None else _shortest(last.otherwise, name)
        return (*body[: end - 1], replace(last, branches=arms, otherwise=otherwise or None), *body[end:])
    if isinstance(last, InFolder):
        return (*body[: end - 1], replace(last, body=_without_success(last.body, name)), *body[end:])
    return body


def look_without_arms(condition: Condition, made: list[Statement]) -> None:
    """What an IF without arms leaves: nothing comes of the failure that it asked for, but it was looked at."""
    last = made[-1] if made else None
    if isinstance(last, (Do, Set)) and any(isinstance(node, OutcomeIs) for node in walk(condition)):
        made[-1] = replace(last, clauses=replace(last.clauses, ignoring_failure=True))


def _tidy_if(statement: If, made: list[Statement]) -> If | None:
    """The IF without empty arms; None where nothing is left."""
    only_stop = len(statement.branches) == 1 and statement.branches[0].body == (Stop(),)
    if only_stop and is_failure(statement.branches[0].condition) and statement.otherwise is None:
        # An effect that fails stops anyway.
        return None
    branches = list(statement.branches)
    otherwise = statement.otherwise or None
    if len(branches) > 1 and not branches[-1].body and otherwise is None:
        branches.pop()
    if len(branches) == 1 and not branches[0].body:
        if otherwise is None:
            look_without_arms(branches[0].condition, made)
            return None
        condition = branches[0].condition
        opposite = negated(condition)
        assert not isinstance(opposite, bool)
        return If((Branch(opposite, otherwise, branches[0].span),), None, statement.span)
    inner = otherwise[0] if otherwise is not None and len(otherwise) == 1 else None
    # Outcome words would be too far from their effect further down in a chain.
    if isinstance(inner, If) and not any(
        isinstance(node, OutcomeIs) for b in inner.branches for node in walk(b.condition)
    ):
        return If((*branches, *inner.branches), inner.otherwise, statement.span)
    if otherwise is statement.otherwise and len(branches) == len(statement.branches):
        return statement
    return If(tuple(branches), otherwise, statement.span)

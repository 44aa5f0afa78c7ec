"""What a failed effect leaves in its name: the shell has "", the logic has nothing, which must not be stored."""

from __future__ import annotations

from itertools import pairwise

from peerlint.migrate.lower.conditions import is_failure
from peerlint.migrate.lower.tidy import Body, rewritten
from peerlint.process.model import (
    NO_CLAUSES,
    Argv,
    Do,
    FilesExist,
    ForEach,
    If,
    InFolder,
    KvGet,
    OutcomeIs,
    PathEmpty,
    PathExists,
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

#: Where a name that is missing stops the process; elsewhere it counts as "".
_NEEDS_A_VALUE = (Do, Argv, InFolder, PathExists, PathEmpty, FilesExist)


def with_empty_values(statements: Body) -> Body:
    """READ says `or "" if it fails` where the way on after its failure uses the name in a key, command or value."""
    if not any(type(node) is KvGet for node in walk(statements)):
        return statements
    last_use: dict[str, int] = {}
    place: dict[int, int] = {}
    for at, node in enumerate(walk(statements)):
        place[id(node)] = at
        if isinstance(node, _NEEDS_A_VALUE):
            last_use |= {inner.name: at for inner in walk(node) if isinstance(inner, Ref)}
    last_use = _with_copied(statements, last_use)
    turns = {id(node) for loop in walk(statements) if isinstance(loop, (ForEach, Repeat)) for node in walk(loop.body)}

    def change(body: Body) -> Body:
        made = list(body)
        for at, (statement, chain) in enumerate(pairwise(body)):
            name = _bound_by(statement)
            if name not in last_use or not isinstance(chain, If) or not _goes_on_without(chain, name):
                continue
            assert isinstance(statement, Do)
            # In a loop what stands above comes again.
            if id(statement) in turns or last_use[name] > place[id(statement)]:
                made[at] = replace(statement, clauses=replace(NO_CLAUSES, if_fails=Text()))
        return tuple(made)

    return rewritten(statements, change)


def _with_copied(statements: Body, last_use: dict[str, int]) -> dict[str, int]:
    """With the names that are copied, as they are, to a name that is used there: a copy of nothing is nothing."""
    copies = [
        (node.value.name, node.target.name)
        for node in walk(statements)
        if isinstance(node, Set) and isinstance(node.value, Ref) and not node.value.path
    ]
    found = dict(last_use)
    for _ in copies:
        more = {name: found[target] for name, target in copies if found.get(target, -1) > found.get(name, -1)}
        if not more:
            break
        found |= more
    return found


def _bound_by(statement: Statement) -> str:
    """The name of a READ of a key whose failure is left to the chain below, else ""."""
    if isinstance(statement, Do) and isinstance(statement.effect, KvGet) and statement.clauses == NO_CLAUSES:
        return statement.effect.name
    return ""


def _goes_on_without(chain: If, name: str) -> bool:
    """Whether a failure leads on with nothing in `name`."""
    arms = [(branch.condition, branch.body) for branch in chain.branches]
    failing = [body for condition, body in arms if is_failure(condition)]
    if any(isinstance(condition, OutcomeIs) and not is_failure(condition) for condition, _ in arms):
        failing.append(chain.otherwise or ())
    return any(not body or not (_leaves(body) or _sets_first(body[0], name)) for body in failing)


def _leaves(body: Body) -> bool:
    return isinstance(body[-1], (Stop, Proceed))


def _sets_first(statement: Statement, name: str) -> bool:
    return isinstance(statement, Set) and statement.target == Ref(name)

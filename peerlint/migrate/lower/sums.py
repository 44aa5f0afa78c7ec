"""Sums that a script calculates again wherever it needs them: one name for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from peerlint.migrate.lower.names import bound_names, renamed
from peerlint.process.model import NO_CLAUSES, Arithmetic, ForEach, If, InFolder, Ref, Repeat, Set, Statement, walk
from peerlint.records import replace

Body = tuple[Statement, ...]


def join_sums(statements: Body, made_up: Iterable[str]) -> Body:
    """The same sum under one made-up name, and calculated only where a part of it may have changed."""
    if sum(isinstance(node, Set) and isinstance(node.value, Arithmetic) for node in walk(statements)) < 2:
        return statements
    sums = _Sums(frozenset(made_up), statements)
    instead = dict(sums.other_names(statements, {}))
    return sums.joined(renamed(statements, instead, {}), {})


class _Sums:
    """The sums of a step that have a made-up name, which is set in one place and read by the statement behind it."""

    def __init__(self, made_up: frozenset[str], statements: Body) -> None:
        bound = Counter(bound_names(statements))
        self._uses = Counter(node.name for node in walk(statements) if isinstance(node, Ref))
        self._names = {name for name in made_up if bound[name] == 1}

    def other_names(self, body: Body, first: dict[Arithmetic, str]) -> Iterator[tuple[str, str]]:
        """The names that are given up, each with the one of the `first` such sum."""
        for at, statement in enumerate(body):
            for inner in _lists_in(statement):
                yield from self.other_names(inner, first)
            value = self._sum_in(statement)
            if value is not None and isinstance(statement, Set):
                name = statement.target.name
                behind = next((n for n, each in enumerate(body) if n > at and self._sum_in(each) is None), len(body))
                read = Counter(n.name for n in walk(body[at : behind + 1]) if isinstance(n, Ref))
                if read[name] != self._uses[name]:
                    self._names.discard(name)
                elif first.setdefault(value, name) != name:
                    yield name, first[value]

    def joined(self, body: Body, above: Mapping[Arithmetic, str]) -> Body:
        """A list of statements where the sums `above` have been calculated."""
        known = dict(above)
        done: list[Statement] = []
        for statement in body:
            value = self._sum_in(statement)
            if value is not None and value in known:
                continue
            done.append(self._inside(statement, known))
            known = _without(known, statement)
            if value is not None and isinstance(statement, Set):
                known[value] = statement.target.name
        return tuple(done)

    def _sum_in(self, statement: Statement) -> Arithmetic | None:
        """The sum that a statement gives such a name."""
        is_plain = isinstance(statement, Set) and statement.clauses == NO_CLAUSES and not statement.target.path
        if not is_plain or not isinstance(statement, Set) or statement.target.name not in self._names:
            return None
        return statement.value if isinstance(statement.value, Arithmetic) else None

    def _inside(self, statement: Statement, known: Mapping[Arithmetic, str]) -> Statement:
        if isinstance(statement, If):
            branches = tuple(replace(each, body=self.joined(each.body, known)) for each in statement.branches)
            otherwise = None if statement.otherwise is None else self.joined(statement.otherwise, known)
            return replace(statement, branches=branches, otherwise=otherwise)
        if isinstance(statement, ForEach | Repeat | InFolder):
            # In the second turn of a loop its names may hold something else.
            return replace(statement, body=self.joined(statement.body, _without(known, statement)))
        return statement


def _lists_in(statement: Statement) -> Iterator[Body]:
    if isinstance(statement, If):
        yield from (each.body for each in statement.branches)
        yield statement.otherwise or ()
    elif isinstance(statement, ForEach | Repeat | InFolder):
        yield statement.body


def _without(known: Mapping[Arithmetic, str], statement: Statement) -> dict[Arithmetic, str]:
    """The sums of which a statement sets no part."""
    changed = bound_names((statement,))
    return {
        value: name
        for value, name in known.items()
        if not any(isinstance(part, Ref) and part.name in changed for part in walk(value))
    }

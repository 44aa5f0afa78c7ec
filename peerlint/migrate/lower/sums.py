"""Sums that a script calculates again wherever it needs them: one name for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from peerlint.migrate.lower.names import bound_names, renamed
from peerlint.process.model import NO_CLAUSES, Arithmetic, ForEach, If, InFolder, Ref, Repeat, Set, Statement, walk
from peerlint.records import replace

Body = tuple[Statement, ...]


def join_sums(statements: Body, made_up: Iterable[str]) -> Body:
    """Without a made-up name for a sum that a name above holds already: what read it reads that."""
    names = _Names(frozenset(made_up), bound_names(statements))
    return renamed(names.joined(statements, {}), names.instead, {})


class _Names:
    """The names that are given up, each with the one that stands instead of it."""

    def __init__(self, made_up: frozenset[str], bound: Counter[str]) -> None:
        self._made_up = made_up
        self._bound = bound
        self.instead: dict[str, str] = {}

    def joined(self, body: Sequence[Statement], above: Mapping[Arithmetic, str]) -> Body:
        """A list of statements where the sums `above` are known by a name."""
        known = dict(above)
        done: list[Statement] = []
        for statement in body:
            if not isinstance(statement, Set) or not self._is_plain_sum(statement):
                done.append(self._inside(statement, known))
                known = _without(known, (statement,))
                continue
            assert isinstance(statement.value, Arithmetic)
            if statement.value in known:
                self.instead[statement.target.name] = known[statement.value]
            else:
                known[statement.value] = statement.target.name
                done.append(statement)
        return tuple(done)

    def _is_plain_sum(self, statement: Set) -> bool:
        """Whether a name that the translation made up is set to a sum, here and nowhere else."""
        name = statement.target.name
        is_its_own = name in self._made_up and self._bound[name] == 1 and not statement.target.path
        return is_its_own and isinstance(statement.value, Arithmetic) and statement.clauses == NO_CLAUSES

    def _inside(self, statement: Statement, known: Mapping[Arithmetic, str]) -> Statement:
        if isinstance(statement, If):
            branches = tuple(replace(each, body=self.joined(each.body, known)) for each in statement.branches)
            otherwise = None if statement.otherwise is None else self.joined(statement.otherwise, known)
            return replace(statement, branches=branches, otherwise=otherwise)
        if isinstance(statement, ForEach | Repeat | InFolder):
            # In the second turn of a loop its names hold something else.
            return replace(statement, body=self.joined(statement.body, _without(known, (statement,))))
        return statement


def _without(known: Mapping[Arithmetic, str], statements: Sequence[Statement]) -> dict[Arithmetic, str]:
    """The sums of which no part is set by statements."""
    changed = bound_names(statements).keys()
    return {
        value: name
        for value, name in known.items()
        if name not in changed and not any(isinstance(part, Ref) and part.name in changed for part in walk(value))
    }

"""Conditions on names whose text is known there: what cannot happen is left out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from peerlint.migrate.lower.conditions import Test, joined, negated
from peerlint.migrate.lower.names import bound_names
from peerlint.migrate.lower.tidy import rewritten
from peerlint.process.model import (
    NO_CLAUSES,
    All,
    AnyOf,
    Branch,
    Condition,
    Equals,
    ForEach,
    If,
    InFolder,
    IsEmpty,
    Leave,
    Not,
    Number,
    OneOf,
    Ref,
    Repeat,
    Set,
    Statement,
    Stop,
    Text,
    Value,
    Verbatim,
    walk,
)
from peerlint.records import dataclass, field, replace

_Texts = dict[str, str]


def without_what_cannot_be(statements: Sequence[Statement], read_elsewhere: Collection[str]) -> tuple[Statement, ...]:
    """The statements without arms that no run takes, and without names that only their conditions asked for.

    Names that are `read_elsewhere`, behind the step, are kept.
    """
    folder = _Folder()
    folded = folder.body(statements, {})
    if not folder.asked:
        return tuple(statements)
    read = [node.name for node in walk(folded) if isinstance(node, Ref)]
    set_here = [node.target.name for node in walk(folded) if isinstance(node, Set)]
    programs = " ".join(node.text for node in walk(folded) if isinstance(node, Verbatim))
    done = {name for name in folder.asked if read.count(name) == set_here.count(name) and f"${name}" not in programs}
    done -= {*read_elsewhere}

    def is_needed(statement: Statement) -> bool:
        if not isinstance(statement, Set) or statement.clauses != NO_CLAUSES or statement.target.path:
            return True
        return not isinstance(statement.value, Text) or statement.target.name not in done

    return rewritten(folded, lambda body: tuple(statement for statement in body if is_needed(statement)))


@dataclass
class _Folder:
    """Goes through statements with the texts that names are known to hold; `asked` are names of conditions left out."""

    asked: set[str] = field(default_factory=set)

    def body(self, statements: Sequence[Statement], known: _Texts) -> tuple[Statement, ...]:
        """The statements; `known` is what holds before them, and then behind them."""
        made: list[Statement] = []
        for statement in statements:
            folded = self._statement(statement, known)
            made += folded
            if statement not in folded and folded and isinstance(folded[-1], Stop | Leave):
                # The arm that is always taken ends here.
                break
        return tuple(made)

    def _statement(self, statement: Statement, known: _Texts) -> tuple[Statement, ...]:
        match statement:
            case If():
                return self._if(statement, known)
            case ForEach() | Repeat():
                _forget(known, (statement,))
                return (replace(statement, body=self.body(statement.body, dict(known))),)
            case InFolder():
                return (replace(statement, body=self.body(statement.body, known)),)
        _forget(known, (statement,))
        if isinstance(statement, Set) and statement.clauses == NO_CLAUSES and not statement.target.path:
            text = _text(statement.value, known)
            if text is not None:
                known[statement.target.name] = text
        return (statement,)

    def _if(self, choice: If, known: _Texts) -> tuple[Statement, ...]:
        branches: list[Branch] = []
        otherwise = choice.otherwise
        for branch in choice.branches:
            test = self._folded(branch.condition, known)
            if test is False:
                continue
            if test is True:
                otherwise = branch.body
                break
            branches.append(Branch(test, self.body(branch.body, dict(known)), branch.span))
        if not branches:
            return self.body(otherwise or (), known)
        rest = None if otherwise is None else self.body(otherwise, dict(known))
        made = (If(tuple(branches), rest, choice.span),)
        _forget(known, made)
        return made

    def _folded(self, condition: Condition, known: _Texts) -> Test:
        """The condition without what is known; only what stands before all that has to be asked decides it."""
        match condition:
            case Not(inner):
                return negated(self._folded(inner, known))
            case All(parts) | AnyOf(parts):
                every = isinstance(condition, All)
                tests: list[Test] = []
                for part in parts:
                    test = self._folded(part, known)
                    if isinstance(test, bool) and test is not every:
                        if not tests:
                            return test
                        test = part
                    if test is not every:
                        tests.append(test)
                return joined(tests, every=every)
        found = _holds(condition, known)
        if found is not None:
            self.asked |= {node.name for node in walk(condition) if isinstance(node, Ref)}
        return condition if found is None else found


def _holds(condition: Condition, known: _Texts) -> bool | None:
    """Whether a condition on known texts holds; None where it asks for anything else."""
    match condition:
        case IsEmpty(Ref() as value):
            text = _text(value, known)
            return None if text is None else not text
        case Equals(Ref() as left, Number(number)):
            text = _text(left, known)
            return None if text is None else re.fullmatch(r"-?\d+", text) is not None and int(text) == number
        case Equals(Ref() as left, right):
            text, other = _text(left, known), _text(right, known)
            return None if text is None or other is None else text == other
        case OneOf(Ref() as value, options):
            text, others = _text(value, known), [_text(option, known) for option in options]
            return None if text is None or None in others else text in others
    return None


def _text(value: Value, known: _Texts) -> str | None:
    if isinstance(value, Ref):
        return None if value.path else known.get(value.name)
    return value.literal if isinstance(value, Text) else None


def _forget(known: _Texts, statements: Sequence[Statement]) -> None:
    for name in bound_names(statements) if known else ():
        known.pop(name, None)

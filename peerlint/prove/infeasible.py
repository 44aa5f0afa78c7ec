"""Arms of the rewrite that no scenario can take, each for a reason that is checked on its IR; the list is closed.

- The condition asks names alone, and all that is ever put into them decides it: a constant, or a text that is never
  empty because a part of it is literal.
- It was asked before, where it held the flow ended, and nothing has changed what it asks since; or an arm before it in
  the same chain asked the contrary.
- It is an outcome of an effect on a key that no server takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from peerlint.patterns import regex
from peerlint.process.model import (
    NO_CLAUSES,
    All,
    AnyOf,
    Ask,
    Check,
    CommandSucceeds,
    Condition,
    Cut,
    Decide,
    Delegate,
    Do,
    Equals,
    ForEach,
    If,
    InFolder,
    Input,
    IsEmpty,
    IsMissing,
    Leave,
    Not,
    Number,
    OneOf,
    Outcome,
    OutcomeIs,
    PartsOf,
    Passes,
    Proceed,
    Ref,
    Repeat,
    Resume,
    Say,
    Set,
    Skip,
    Statement,
    Step,
    Stop,
    Text,
    UserAnswer,
    Value,
    Values,
    walk,
)
from peerlint.prove.trace import lines_of
from peerlint.records import dataclass, field, replace
from peerlint.run.effects import names_of

_ENDS = (Stop, Proceed, Skip, Resume, Leave)
#: What may come out otherwise when it is asked again.
_FICKLE = (Decide, UserAnswer, CommandSucceeds, Passes)
_BAD_KEY = regex(r"[^-/_=.a-zA-Z0-9]")
_SUCCESS = {word for word in Outcome if word.value.endswith(" succeeds")} | {Outcome.KEY_EXISTS, Outcome.KEY_AVAILABLE}
_FAILURE = {word for word in Outcome if word.value.endswith(" fails")} | {Outcome.KEY_NOT_AVAILABLE}


def never_taken(step: Step, before: Sequence[Step]) -> dict[str, frozenset[str]]:
    """Labels of infeasible arms of the rewrite, with the literal lines that they would show."""
    look = _Look(_held([*before, step]))
    surely: frozenset[str] = frozenset()
    for other in before:
        surely |= _surely_set(other.statements)
    look.body(step.statements, _Known(frozenset(), surely))
    return look.dead


@dataclass(frozen=True, slots=True)
class _Held:
    """All that is ever put into a name: literal texts, and whether these are all; whether none is empty."""

    literals: frozenset[str] = frozenset()
    told: bool = True
    not_empty: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    """What holds at a place: conditions that are false, names that are surely set, and the effect right above."""

    false: frozenset[Condition]
    surely: frozenset[str]
    above: Do | None = None


@dataclass(slots=True)
class _Look:
    """One look through a step: `held` by name; `dead` gathers the arms."""

    held: dict[str, _Held]
    dead: dict[str, frozenset[str]] = field(default_factory=dict)

    def body(self, statements: Iterable[Statement], known: _Known) -> None:
        """Looks through statements, at whose beginning `known` holds."""
        for statement in statements:
            if isinstance(statement, If):
                false = self._chain(statement, known)
                known = _after(known, statement)
                known = replace(known, false=known.false | false)
                continue
            if isinstance(statement, ForEach | Repeat | InFolder):
                inner = _after(known, statement)
                named = {statement.name} if isinstance(statement, ForEach) else set()
                self.body(statement.body, replace(inner, surely=known.surely | named))
            known = _after(known, statement)

    def _chain(self, chain: If, known: _Known) -> frozenset[Condition]:
        """Looks at the arms of a chain; the conditions that are false behind it."""
        decided, ended = False, True
        here, behind = known.false, frozenset[Condition]()
        for at, branch in enumerate(chain.branches):
            truth = self._truth(branch.condition, replace(known, false=here))
            if decided or truth is False:
                self._bury(chain, at, branch.body)
                continue
            self.body(branch.body, replace(known, false=here, above=None))
            decided = truth is True
            if not any(isinstance(node, _FICKLE) for node in walk(branch.condition)):
                here |= {branch.condition}
                ended = ended and _ends(branch.body)
                if ended and _asks_names_only(branch.condition):
                    behind |= {branch.condition}
        if decided:
            self._bury(chain, len(chain.branches), chain.otherwise or ())
        elif chain.otherwise is not None:
            self.body(chain.otherwise, replace(known, false=here, above=None))
        return behind

    def _bury(self, chain: If, at: int, body: Iterable[Statement]) -> None:
        """An arm that is never taken, and all arms in it."""
        self.dead[f"{chain.span.start} arm {at}"] = frozenset(_lines(body))
        for node in walk(tuple(body)):
            if isinstance(node, If | Check | Repeat):
                count = len(node.branches) + 1 if isinstance(node, If) else 2
                self.dead |= {f"{node.span.start} arm {arm}": frozenset() for arm in range(count)}

    # --- whether a condition holds -----------------------------------------------------------------------------------

    def _truth(self, condition: Condition, known: _Known) -> bool | None:
        """Whether it holds in every scenario; None where that cannot be told."""
        if condition in known.false:
            return False
        match condition:
            case Not(condition=inner):
                truth = self._truth(inner, known)
                return None if truth is None else not truth
            case All(conditions=parts):
                return _all([self._truth(part, known) for part in parts])
            case AnyOf(conditions=parts):
                found = _all([_not(self._truth(part, known)) for part in parts])
                return _not(found)
            case OutcomeIs(outcome=word):
                return _outcome(word, known)
            case IsEmpty(value=value) | IsMissing(value=value):
                return self._empty(value, known)
            case Equals(left=left, right=right):
                return self._equal(left, (right,), known)
            case OneOf(value=value, options=options):
                return self._equal(value, options, known)
        return None

    def _empty(self, value: Value, known: _Known) -> bool | None:
        if isinstance(value, Text):
            if any(isinstance(part, str) and part for part in value.parts):
                return False
            return True if not value.parts else None
        if isinstance(value, Ref) and not value.path and value.name in known.surely:
            held = self.held.get(value.name)
            if held is not None and held.not_empty:
                return False
        return None

    def _equal(self, left: Value, options: Sequence[Value], known: _Known) -> bool | None:
        ours = self._possible(left, known)
        theirs = [self._possible(option, known) for option in options]
        if ours is None or any(other is None for other in theirs):
            return None
        every = frozenset[str]().union(*(other or () for other in theirs))
        if not ours & every:
            return False
        return True if len(ours) == 1 and any(other == ours for other in theirs) else None

    def _possible(self, value: Value, known: _Known) -> frozenset[str] | None:
        """All texts that a value can be; None where that cannot be told."""
        if isinstance(value, Text) and value.literal is not None:
            return frozenset({value.literal})
        if isinstance(value, Ref) and not value.path and value.name in known.surely:
            held = self.held.get(value.name)
            return held.literals if held is not None and held.told else None
        return None


def _outcome(word: Outcome, known: _Known) -> bool | None:
    """How the effect above ends, where that is sure: nothing takes a key with such characters."""
    effect = None if known.above is None else known.above.effect
    key = getattr(effect, "key", None)
    if isinstance(key, Text) and any(isinstance(part, str) and _BAD_KEY.search(part) for part in key.parts):
        return False if word in _SUCCESS else True if word in _FAILURE else None
    for one, other in ((_SUCCESS, _FAILURE), (_FAILURE, _SUCCESS)):
        if word in one and any(isinstance(c, OutcomeIs) and c.outcome in other for c in known.false):
            return True
    return None


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _all(parts: Sequence[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


# --- what statements change ------------------------------------------------------------------------------------------


def _after(known: _Known, statement: Statement) -> _Known:
    """What still holds behind a statement."""
    bound = set(_bound((statement,)))
    false = frozenset(
        condition
        for condition in known.false
        if _asks_names_only(condition) and not bound & {node.name for node in walk(condition) if isinstance(node, Ref)}
    )
    return _Known(false, known.surely | _surely_set((statement,)), statement if isinstance(statement, Do) else None)


def _bound(statements: Sequence[Statement]) -> Iterator[str]:
    for node in walk(tuple(statements)):
        match node:
            case Set(target=target):
                yield target.name
            case Ask(name=name) | Input(name=name) | ForEach(name=name):
                yield name
            case Delegate(name=str(name)):
                yield name
            case Do(effect=effect):
                yield from names_of(effect)
        if isinstance(node, Set | Do):
            yield from (name for name in (node.clauses.exit_code, node.clauses.error) if name)


def _surely_set(statements: Iterable[Statement]) -> frozenset[str]:
    """Names that are set to something on every way that comes to the end."""
    found: frozenset[str] = frozenset()
    for statement in statements:
        if isinstance(statement, Set) and not statement.target.path:
            found |= {statement.target.name}
        elif isinstance(statement, InFolder):
            found |= _surely_set(statement.body)
        elif isinstance(statement, If):
            bodies = [branch.body for branch in statement.branches] + [statement.otherwise or ()]
            if any(isinstance(node, _ENDS) and not isinstance(node, Stop) for node in walk(statement)):
                return found
            through = [_surely_set(body) for body in bodies if not _ends(body)]
            found |= frozenset.intersection(*through) if through else frozenset()
    return found


def _held(steps: Iterable[Step]) -> dict[str, _Held]:
    """What is put into names anywhere in the steps."""
    found: dict[str, _Held] = {}

    def put(name: str, text: str | None, not_empty: bool) -> None:
        """`text` is None where it is not literal."""
        old = found.get(name, _Held())
        literals = old.literals if text is None else old.literals | {text}
        found[name] = _Held(literals, old.told and text is not None, old.not_empty and not_empty)

    for step in steps:
        for node in walk(step.statements):
            match node:
                case Set(target=Ref(name=name, path=()), value=Text() as text, clauses=clauses) if (
                    clauses == NO_CLAUSES
                ):
                    put(name, text.literal, any(isinstance(part, str) and part for part in text.parts))
                case ForEach(name=name, listing=Values(values=values)):
                    for value in values:
                        literal = value.literal if isinstance(value, Text) else None
                        put(name, literal, bool(literal))
                case ForEach(name=name, listing=PartsOf(cut=Cut.LINES | Cut.WORDS)):
                    put(name, None, True)
                case Set() | Do() | Ask() | Input() | ForEach() | Delegate():
                    for name in _bound((replace(node, body=()) if isinstance(node, ForEach) else node,)):
                        put(name, None, False)
    return found


def _ends(body: Sequence[Statement]) -> bool:
    """Whether the flow never reaches the end of these statements."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, If) and last.otherwise is not None:
        return _ends(last.otherwise) and all(_ends(branch.body) for branch in last.branches)
    return isinstance(last, _ENDS)


def _asks_names_only(condition: Condition) -> bool:
    """Whether a condition speaks of nothing but names and texts, which only statements change."""
    plain = (IsEmpty, IsMissing, Equals, OneOf, Not, AnyOf, All, Ref, Text, Number)
    return all(isinstance(node, plain) for node in walk(condition))


def _lines(body: Iterable[Any]) -> Iterable[str]:
    for statement in body:
        if isinstance(statement, Say) and statement.text.literal is not None:
            yield from lines_of(statement.text.literal)

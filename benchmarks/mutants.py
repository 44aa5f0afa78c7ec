"""Logic made wrong on purpose: each mutant differs from the logic that it comes from in one place.

An operator takes a node of the IR and gives nodes to stand in its place. What only one text could show is left to the
sampling of whoever uses it: `mutants_of` gives all, in the order of the text.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from peerlint.process.model import (
    All,
    AnyOf,
    Argv,
    Branch,
    Clauses,
    Compare,
    Do,
    Equals,
    ExitCodeIs,
    FileDelete,
    FilePattern,
    FileRead,
    FileWrite,
    FirstCharacters,
    ForEach,
    HasPart,
    If,
    InFolder,
    IsEmpty,
    IsMissing,
    JqFilter,
    KvCreate,
    KvDelete,
    KvGet,
    KvPut,
    KvUpdate,
    Matches,
    Not,
    Note,
    Number,
    OneOf,
    Order,
    Outcome,
    OutcomeIs,
    Part,
    PathEmpty,
    PathExists,
    PathKind,
    Pipeline,
    Proceed,
    Ref,
    Repeat,
    Result,
    Say,
    Set,
    Statement,
    Stop,
    Text,
    Verbatim,
    walk,
)
from peerlint.records import dataclass, fields, is_dataclass, replace
from peerlint.source.text import Span

Statements: TypeAlias = "tuple[Statement, ...]"


@dataclass(frozen=True, slots=True)
class Mutant:
    """Statements with one place changed, and the operator that did it."""

    operator: str
    statements: Statements


@dataclass(frozen=True, slots=True)
class Site:
    """Where a node stands: what it is part of, and the names that the logic has."""

    part_of: str
    names: tuple[str, ...]


def mutants_of(statements: Statements) -> Iterator[Mutant]:
    """All mutants, in the order of the text."""
    names = dict.fromkeys(node.name for node in walk(statements) if isinstance(node, Ref) and not node.path)
    for operator, changed in _changed(statements, Site("statements", tuple(names))):
        yield Mutant(operator, changed)


def _changed(node: Any, site: Site) -> Iterator[tuple[str, Any]]:
    """The node with one place changed, each with the name of the operator."""
    for name, operator in _OPERATORS.items():
        for other in operator(node, site):
            yield name.format(part=site.part_of), other
    if isinstance(node, tuple):
        for at, item in enumerate(node):
            for name, other in _changed(item, site):
                yield name, (*node[:at], other, *node[at + 1 :])
    elif is_dataclass(type(node)) and not isinstance(node, Span):
        for field in fields(type(node)):
            value = getattr(node, field.name)
            if isinstance(value, tuple) or is_dataclass(type(value)):
                inside = replace(site, part_of=_part_of(node, field.name, site.part_of))
                for name, other in _changed(value, inside):
                    yield name, replace(node, **{field.name: other})


_STATED_PLACES = (KvGet, KvPut, KvCreate, KvUpdate, KvDelete)
_FILES = (FileRead, FileWrite, FileDelete, PathExists, PathEmpty, InFolder)
_COMPARED = (Equals, OneOf, HasPart, Matches, Compare)


def _part_of(node: Any, name: str, above: str) -> str:
    """What a field of a node is part of."""
    if isinstance(node, Say):
        return "message"
    if isinstance(node, _STATED_PLACES) and name in ("key", "bucket"):
        return "key"
    if isinstance(node, _FILES) and name == "path":
        return "path"
    if isinstance(node, Argv | FilePattern):
        return "command"
    if isinstance(node, _COMPARED):
        return "comparison"
    if isinstance(node, Clauses):
        return "fallback"
    if name == "value":
        return "value"
    return above


# --- conditions ------------------------------------------------------------------------------------------------------

_NEAR = {
    Order.GREATER: (Order.AT_LEAST, Order.LESS),
    Order.AT_LEAST: (Order.GREATER, Order.AT_MOST),
    Order.LESS: (Order.AT_MOST, Order.GREATER),
    Order.AT_MOST: (Order.LESS, Order.AT_LEAST),
}
_STRICT = {
    Outcome.KEY_DOES_NOT_EXIST: Outcome.KEY_NOT_AVAILABLE,
    Outcome.KEY_EXISTS: Outcome.KEY_AVAILABLE,
    Outcome.KEY_ALREADY_EXISTS: Outcome.CREATION_FAILS,
    Outcome.REVISION_CHANGED: Outcome.UPDATE_FAILS,
    Outcome.BUCKET_DOES_NOT_EXIST: Outcome.BUCKET_NOT_AVAILABLE,
    Outcome.BUCKET_EXISTS: Outcome.BUCKET_AVAILABLE,
}
_OTHER_WORD = _STRICT | {lenient: strict for strict, lenient in _STRICT.items()}


def _comparison(node: Any, site: Site) -> Iterator[Any]:
    match node:
        case Compare(order=order):
            yield from (replace(node, order=other) for other in _NEAR[order])
        case HasPart(part=part):
            yield from (replace(node, part=other) for other in Part if other is not part)
        case OutcomeIs(outcome=outcome) if outcome in _OTHER_WORD:
            yield OutcomeIs(_OTHER_WORD[outcome])
        case IsEmpty(value=value):
            yield IsMissing(value)
        case IsMissing(value=value):
            yield IsEmpty(value)
        case PathExists(kind=kind, path=path):
            yield PathEmpty(kind, path)
            yield PathExists(PathKind.FOLDER if kind is PathKind.FILE else PathKind.FILE, path)
        case Equals(left=left, right=Text() as right):
            yield HasPart(Part.CONTAINS, left, right)
        case OneOf(value=value, options=options) if len(options) > 1:
            yield from (replace(node, options=(*options[:at], *options[at + 1 :])) for at, option in enumerate(options))


def _negation(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Branch):
        inner = node.condition
        yield replace(node, condition=inner.condition if isinstance(inner, Not) else Not(inner))
    if isinstance(node, All | AnyOf):
        for at, inner in enumerate(node.conditions):
            other = inner.condition if isinstance(inner, Not) else Not(inner)
            yield replace(node, conditions=(*node.conditions[:at], other, *node.conditions[at + 1 :]))


def _and_or(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, All):
        yield AnyOf(node.conditions)
    if isinstance(node, AnyOf):
        yield All(node.conditions)


def _one_condition_less(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, All | AnyOf):
        for at in range(len(node.conditions)):
            rest = (*node.conditions[:at], *node.conditions[at + 1 :])
            yield rest[0] if len(rest) == 1 else replace(node, conditions=rest)


# --- statements ------------------------------------------------------------------------------------------------------


def _is_body(node: Any) -> bool:
    return isinstance(node, tuple) and bool(node) and all(isinstance(item, Statement) for item in node)


def _dropped(node: Any, site: Site) -> Iterator[Any]:
    if _is_body(node) and len(node) > 1:
        for at, item in enumerate(node):
            if not isinstance(item, Note | Result):
                yield (*node[:at], *node[at + 1 :])


def _swapped(node: Any, *, said: bool) -> Iterator[Any]:
    if _is_body(node):
        for at, (first, second) in enumerate(itertools.pairwise(node)):
            both = isinstance(first, Say) and isinstance(second, Say)
            if both is said and not isinstance(first, Note) and not isinstance(second, Note):
                yield (*node[:at], second, first, *node[at + 2 :])


def _swapped_messages(node: Any, site: Site) -> Iterator[Any]:
    return _swapped(node, said=True)


def _swapped_statements(node: Any, site: Site) -> Iterator[Any]:
    return _swapped(node, said=False)


def _out_of_if(node: Any, site: Site) -> Iterator[Any]:
    """The first statement of an arm before the IF, and the last behind it."""
    if not _is_body(node):
        return
    for at, item in enumerate(node):
        if isinstance(item, If):
            for place, branch in enumerate(item.branches):
                if len(branch.body) > 1:
                    for before, moved, rest in (
                        (True, branch.body[0], branch.body[1:]),
                        (False, branch.body[-1], branch.body[:-1]),
                    ):
                        branches = (*item.branches[:place], replace(branch, body=rest), *item.branches[place + 1 :])
                        less = replace(item, branches=branches)
                        yield (*node[:at], *((moved, less) if before else (less, moved)), *node[at + 1 :])


def _into_if(node: Any, site: Site) -> Iterator[Any]:
    """What stands behind an IF at the end of its last arm."""
    if not _is_body(node):
        return
    for at, (first, second) in enumerate(itertools.pairwise(node)):
        if isinstance(first, If) and not isinstance(second, Note):
            last = first.branches[-1]
            branches = (*first.branches[:-1], replace(last, body=(*last.body, second)))
            yield (*node[:at], replace(first, branches=branches), *node[at + 2 :])


def _flow(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Stop):
        yield Proceed()
        if node.reason is not None:
            yield Stop()
    if isinstance(node, Proceed):
        yield Stop()


def _arm_dropped(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, If):
        if node.otherwise is not None:
            yield replace(node, otherwise=None)
        if len(node.branches) > 1:
            for at in range(len(node.branches)):
                yield replace(node, branches=(*node.branches[:at], *node.branches[at + 1 :]))


def _arms_swapped(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, If):
        if node.otherwise is not None:
            last = node.branches[-1]
            branches = (*node.branches[:-1], replace(last, body=node.otherwise))
            yield replace(node, branches=branches, otherwise=last.body)
        for at, (first, second) in enumerate(zip(node.branches, node.branches[1:], strict=False)):
            pair = (replace(first, body=second.body), replace(second, body=first.body))
            yield replace(node, branches=(*node.branches[:at], *pair, *node.branches[at + 2 :]))


def _loop(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Repeat):
        yield from (replace(node, times=node.times + by) for by in (1, -1) if node.times + by > 0)
        if node.until is not None:
            yield replace(node, until=None)
    if isinstance(node, ForEach):
        yield If((Branch(Not(IsEmpty(Text.of("x"))), node.body),))


# --- values ----------------------------------------------------------------------------------------------------------


def _one_character(text: str) -> Iterator[str]:
    """The text with one character changed, one more, and one less."""
    at = next((at for at in range(len(text) // 2, len(text)) if text[at].isalnum()), None)
    if at is not None:
        other = "a" if text[at] in "zZ9" else chr(ord(text[at]) + 1)
        yield text[:at] + other + text[at + 1 :]
    yield text + "x"
    if len(text) > 1:
        yield text[:-1]


def _text(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Text):
        for at, part in enumerate(node.parts):
            if isinstance(part, str):
                for other in _one_character(part):
                    yield Text.of(*node.parts[:at], other, *node.parts[at + 1 :], block=node.block)


def _pattern(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Matches):
        pattern = node.pattern.text
        others = [*_one_character(pattern), pattern.removeprefix("^"), pattern.removesuffix("$"), f"^{pattern}"]
        yield from (replace(node, pattern=Verbatim(other)) for other in others if other != pattern)
    if isinstance(node, JqFilter):
        program = node.program.text
        for other in _one_character(program):
            yield replace(node, program=replace(node.program, text=other))
        for old, new in (("==", "!="), (" // ", " | "), ("length", "keys"), ("[0]", "[1]"), (" and ", " or ")):
            if old in program:
                yield replace(node, program=replace(node.program, text=program.replace(old, new, 1)))


def _number(node: Any, site: Site) -> Iterator[Any]:
    match node:
        case Number(value=value):
            yield from (Number(value + by) for by in (1, -1))
        case ExitCodeIs(code=code):
            yield ExitCodeIs(code + 1)
        case FirstCharacters(count=count):
            yield replace(node, count=count + 1)


def _variable(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Ref) and not node.path and node.name in site.names and len(site.names) > 1:
        at = site.names.index(node.name)
        yield Ref(site.names[(at + 1) % len(site.names)])


# --- effects ---------------------------------------------------------------------------------------------------------


def _words_split(node: Any, site: Site) -> Iterator[Any]:
    """A word with a blank in it without its quotes."""
    if isinstance(node, Argv):
        for at, word in enumerate(node.words):
            if isinstance(word, Text) and word.parts and isinstance(word.parts[0], str) and " " in word.parts[0]:
                first, _, rest = word.parts[0].partition(" ")
                pieces = (Text.of(first), Text.of(rest, *word.parts[1:]))
                yield Argv((*node.words[:at], *(piece for piece in pieces if piece.parts), *node.words[at + 1 :]))


def _option_dropped(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Argv):
        for at in range(1, len(node.words)):
            yield Argv((*node.words[:at], *node.words[at + 1 :]))


def _filter_dropped(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Pipeline) and len(node.commands) > 1:
        for at in range(len(node.commands)):
            yield Pipeline((*node.commands[:at], *node.commands[at + 1 :]))


_CLAUSES = (
    *("exit_code", "errors_included", "errors_hidden", "error", "output_hidden", "quietly"),
    *("if_fails", "if_empty", "ignoring_failure"),
)


def _clause(node: Any, site: Site) -> Iterator[Any]:
    if isinstance(node, Do | Set):
        none, clauses = Clauses(), node.clauses
        for name in _CLAUSES:
            if getattr(clauses, name) != getattr(none, name):
                yield replace(node, clauses=replace(clauses, **{name: getattr(none, name)}))
        if clauses.if_fails is not None and clauses.if_empty is None:
            yield replace(node, clauses=replace(clauses, if_fails=None, if_empty=clauses.if_fails))
        elif clauses.if_empty is not None and clauses.if_fails is None:
            yield replace(node, clauses=replace(clauses, if_fails=clauses.if_empty, if_empty=None))
        elif isinstance(node, Do) and not clauses.ignoring_failure and clauses.if_fails is None:
            yield replace(node, clauses=replace(clauses, ignoring_failure=True))


def _effect(node: Any, site: Site) -> Iterator[Any]:
    match node:
        case KvPut(bucket=bucket, key=key, value=value):
            yield KvCreate(bucket, key, value)
        case KvCreate(bucket=bucket, key=key, value=value) | KvUpdate(bucket=bucket, key=key, value=value):
            yield KvPut(bucket, key, value)
        case FileWrite(append=append):
            yield replace(node, append=not append)


_OPERATORS: dict[str, Callable[[Any, Site], Iterator[Any]]] = {
    "comparison changed": _comparison,
    "condition negated": _negation,
    "AND and OR swapped": _and_or,
    "condition dropped": _one_condition_less,
    "statement dropped": _dropped,
    "messages swapped": _swapped_messages,
    "statements swapped": _swapped_statements,
    "out of the IF": _out_of_if,
    "into the IF": _into_if,
    "STOP and PROCEED swapped": _flow,
    "arm dropped": _arm_dropped,
    "arms swapped": _arms_swapped,
    "loop changed": _loop,
    "character of a {part}": _text,
    "pattern or program changed": _pattern,
    "number by one": _number,
    "other variable": _variable,
    "quotes dropped": _words_split,
    "word of a command dropped": _option_dropped,
    "filter dropped": _filter_dropped,
    "clause changed": _clause,
    "effect changed": _effect,
}

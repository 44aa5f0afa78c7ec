"""Names that the translation made up: joined with the name that they are copied to, and without needless numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from peerlint.migrate.lower.tidy import rewritten
from peerlint.patterns import regex
from peerlint.process.model import (
    NO_CLAUSES,
    Ask,
    Do,
    Effect,
    ForEach,
    Input,
    KvUpdate,
    Ref,
    Run,
    Set,
    Statement,
    Verbatim,
    walk,
)
from peerlint.records import fields, is_dataclass, replace
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    _Node = TypeVar("_Node")

_NUMBERED = regex(r"(.+)_\d+$")
#: Fields of effects and statements that hold a name of the process.
_NAME_FIELDS = ("name", "revision", "history", "replicas", "exit_code", "error")
#: Those in which an effect binds one; an update asks for its revision.
_OF_EFFECTS = ("name", "revision", "history", "replicas")
#: The same for each class of effects met.
_binding: dict[type, tuple[str, ...]] = {}
#: Statements that bind the one name that they have, and all that bind some.
_NAMED = frozenset({Ask, Input, ForEach})
_BINDERS = _NAMED | {Set, Do}


def bound_names(statements: Sequence[Statement]) -> list[str]:
    """Names that statements bind, each as often as they do."""
    return [name for node in walk(tuple(statements)) if type(node) in _BINDERS for name in _bound_by(node)]


def _bound_by(node: Any) -> list[str]:
    """The names that one statement binds itself."""
    if type(node) in _NAMED:
        return [node.name]
    found = [node.target.name] if type(node) is Set else names_of_effect(node.effect)
    if node.clauses is not NO_CLAUSES:
        found += [name for name in (node.clauses.exit_code, node.clauses.error) if name]
    return found


def names_of_effect(effect: Effect) -> list[str]:
    """The names that an effect binds."""
    kind = type(effect)
    if kind not in _binding:
        _binding[kind] = tuple(name for name in _OF_EFFECTS if name in kind.__match_args__ and kind is not KvUpdate)
    return [name for field in _binding[kind] if isinstance(name := getattr(effect, field), str)]


def last_binding(name: str, statements: Sequence[Statement]) -> Statement | None:
    """The last statement of a list that binds a name."""
    return next((statement for statement in reversed(statements) if name in bound_names((statement,))), None)


def names_set(statements: Sequence[Statement]) -> frozenset[str]:
    """Names that statements set; what an INPUT asks for may just as well be handed on."""
    return frozenset(bound_names(tuple(statement for statement in statements if not isinstance(statement, Input))))


def join_copies(statements: tuple[Statement, ...], made_up: Iterable[str]) -> tuple[Statement, ...]:
    """`SET: X = MADE_UP`, where nothing else reads that name or sets X: what bound it binds X."""
    candidates = set(made_up)
    if not candidates:
        return statements
    bound = Counter(bound_names(statements))
    mentions = _uses(statements)
    renames: dict[str, str] = {}
    safe = _safe_copies(statements)
    # A Ref is counted where it is read and where a SET binds it.
    set_here = Counter(node.target.name for node in walk(statements) if isinstance(node, Set))
    for node in walk(statements):
        if isinstance(node, Set) and node.clauses == NO_CLAUSES and isinstance(node.value, Ref) and not node.value.path:
            copy, target = node.value.name, node.target.name
            only_here = bound[copy] == 1 and bound[target] == 1 and not node.target.path
            reads = mentions[copy] - set_here[copy]
            if copy in candidates and only_here and reads == 1 and id(node) in safe:
                renames[copy] = target
    if renames:
        statements = rewritten(renamed(statements, renames, {}), _without_copies_of_themselves)
    return _without_detours(statements, candidates - renames.keys())


def _without_copies_of_themselves(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return tuple(s for s in body if not (isinstance(s, Set) and s.value == s.target and s.clauses == NO_CLAUSES))


def _without_detours(statements: tuple[Statement, ...], made_up: AbstractSet[str]) -> tuple[Statement, ...]:
    """`RUN: … AS MADE_UP`, right behind it `SET: X = MADE_UP`, and nothing else reads that: the command binds X."""
    bound, mentions = Counter(bound_names(statements)), _uses(statements)
    programs = " ".join(node.text for node in walk(statements) if isinstance(node, Verbatim))

    def change(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        made: list[Statement] = []
        for statement in body:
            last = made[-1] if made else None
            run = last.effect if isinstance(last, Do) and isinstance(last.effect, Run) else None
            name = run.name if run is not None else None
            if isinstance(statement, Set) and isinstance(last, Do) and run is not None and name in made_up:
                assert name is not None
                plain = statement.clauses == NO_CLAUSES and not statement.target.path
                alone = bound[name] == mentions[name] == 1 and f"${name}" not in programs
                if plain and alone and statement.value == Ref(name):
                    made[-1] = replace(last, effect=replace(run, name=statement.target.name))
                    continue
            made.append(statement)
        return tuple(made)

    return rewritten(statements, change)


def _safe_copies(statements: tuple[Statement, ...]) -> set[int]:
    """Ids of the copies before which nothing uses their target: its only uses stand behind them, or the name that they
    copy is bound above in the same list, with no use between.
    """
    found: set[int] = set()
    all_uses = _uses(statements)

    def look(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        for at, copy in enumerate(body):
            if not isinstance(copy, Set) or not isinstance(copy.value, Ref):
                continue
            target = copy.target.name
            if _uses(body[at:])[target] == all_uses[target]:
                found.add(id(copy))
                continue
            for before in reversed(body[:at]):
                if copy.value.name in bound_names((before,)):
                    found.add(id(copy))
                    break
                if _uses((before,))[target]:
                    break
        return body

    rewritten(statements, look)
    return found


def _uses(statements: Sequence[Statement]) -> Counter[str]:
    """How often statements mention each name but to bind it by an effect."""
    return Counter(node.name for node in walk(tuple(statements)) if isinstance(node, Ref))


def without_unread(statements: tuple[Statement, ...], made_up: Iterable[str]) -> tuple[Statement, ...]:
    """Without a SET of a made-up name that nothing reads and whose failure nobody asks for."""
    names = set(made_up)
    # A SET counts its target among what is read, too.
    uses = _uses(statements)
    sets = Counter(node.target.name for node in walk(statements) if isinstance(node, Set))
    texts = [node.text for node in walk(statements) if isinstance(node, Verbatim)]

    def is_dead(statement: Statement) -> bool:
        if not isinstance(statement, Set) or statement.target.path or statement.target.name not in names:
            return False
        name, clauses = statement.target.name, statement.clauses
        handled = clauses.ignoring_failure or clauses.if_fails is not None
        asked = clauses.exit_code or clauses.error or sets[name] > 1 or any(f"${name}" in text for text in texts)
        return handled and not asked and uses[name] == 1

    if names.isdisjoint(uses):
        return statements
    return rewritten(statements, lambda body: tuple(s for s in body if not is_dead(s)))


def arguments_by_name(
    statements: tuple[Statement, ...], arguments: Mapping[str, str]
) -> tuple[tuple[Statement, ...], dict[str, str]]:
    """`SET: VERSION = ARGUMENT_1` of every run gives the argument its name; `arguments` with the names they have then.

    Only where nothing reads the name before, and nothing else sets it.
    """
    if not any(isinstance(each, Set) and getattr(each.value, "name", None) in arguments for each in statements):
        return statements, dict(arguments)
    bound = Counter(bound_names(statements))
    renames: dict[str, str] = {}
    read_before: set[str] = set()
    for before, node in pairwise((None, *statements)):
        read_before |= {inner.name for inner in walk(before) if isinstance(inner, Ref)}
        if not (isinstance(node, Set) and node.clauses == NO_CLAUSES and isinstance(node.value, Ref)):
            continue
        argument, name = node.value.name, node.target.name
        is_plain = not node.value.path and not node.target.path and bound[name] == 1 and bound[argument] == 0
        if argument in arguments and is_plain and argument not in renames and name not in read_before:
            renames[argument] = name
    if not renames:
        return statements, dict(arguments)
    kept = tuple(
        node
        for node in renamed(statements, renames, {})
        if not (isinstance(node, Set) and node.value == node.target and node.clauses == NO_CLAUSES)
    )
    return kept, {renames.get(name, name): text for name, text in arguments.items()}


def without_needless_numbers(
    statements: tuple[Statement, ...], made_up: Iterable[str], taken: Iterable[str]
) -> tuple[Statement, ...]:
    """`VALUE_2` is `VALUE`, and `<text_2>` is `<text>`, where nothing else has that name."""
    used = {*taken, *bound_names(statements), *(node.name for node in walk(statements) if isinstance(node, Ref))}
    names: dict[str, str] = {}
    for name in sorted(set(made_up) & used):
        match = _NUMBERED.match(name)
        if match and match[1] not in used and match[1] not in names.values():
            names[name] = match[1]
    blocks_used = list(dict.fromkeys(b for n in walk(statements) if isinstance(b := getattr(n, "block", None), str)))
    blocks: dict[str, str] = {}
    for block in blocks_used:
        base = match[1] if (match := _NUMBERED.match(block)) else block
        number = sum(1 for other in blocks.values() if other == base or other.startswith(f"{base}_"))
        blocks[block] = base if not number else f"{base}_{number + 1}"
    return renamed(statements, names, {block: name for block, name in blocks.items() if name != block})


def renamed(node: _Node, names: dict[str, str], blocks: dict[str, str]) -> _Node:
    """The node with names and blocks replaced."""
    changed: _Node = _renamed(node, names, blocks) if names or blocks else node
    return changed


def _renamed(node: Any, names: dict[str, str], blocks: dict[str, str]) -> Any:
    if isinstance(node, tuple):
        return tuple(_renamed(item, names, blocks) for item in node)
    if not is_dataclass(node) or isinstance(node, (Span, type)):
        return node
    changes: dict[str, Any] = {}
    for entry in fields(node):
        value = getattr(node, entry.name)
        if isinstance(value, str):
            new = value
            if entry.name in _NAME_FIELDS:
                new = names.get(value, value)
            elif entry.name == "block":
                new = blocks.get(value, value)
            elif isinstance(node, Verbatim) and entry.name == "text":
                new = re.sub(r"\$([A-Z][A-Z0-9_]*)", lambda m: f"${names.get(m[1], m[1])}", value)
        else:
            new = _renamed(value, names, blocks)
        if new is not value:
            changes[entry.name] = new
    if not changes:
        return node
    return replace(node, **changes)

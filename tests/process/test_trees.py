"""The ways through trees that are written to be fast go the same way as plain ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    Commands,
    Literal,
    Simple,
    Subshell,
    of_kind,
    remembering,
    shifted,
    walk,
)
from peerlint.process.logic import parse_logic
from peerlint.process.model import walk as walk_logic
from peerlint.process.trees import with_parts
from peerlint.source.text import NOWHERE, Span

SCRIPT = """
name="${1:-x}" other=(a "$b")
for each in "$@"; do (cd "$each" && ls | sort) || exit 1; done
case $name in a|b) echo "$((n + 1))" >"$file" ;; *) name+=y ;; esac
f() { local z=$(date); if [[ -n $z ]]; then echo; fi; }
"""
LOGIC = 'IF NAME is "x":\n  SET: OTHER = "a"\n  FOR EACH LINE in LINES:\n    DISPLAY: "<LINE>"\nELSE:\n  ERROR: "no"\n'


def _plain(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        for each in node:
            yield from _plain(each)
    elif dataclasses.is_dataclass(node) and not isinstance(node, Span | type):
        yield node
        for entry in dataclasses.fields(node):
            yield from _plain(getattr(node, entry.name))


def _same(found: Iterator[Any], wanted: Iterator[Any]) -> bool:
    return [id(node) for node in found] == [id(node) for node in wanted]


def test_all_nodes_come_in_the_order_of_the_text() -> None:
    commands = parse_bash(SCRIPT).commands
    assert len(list(walk(commands))) > 60
    assert _same(walk(commands), _plain(commands))
    assert _same(walk(tuple(commands)), _plain(commands))
    statements = tuple(parse_logic(LOGIC).statements)
    assert len(list(walk_logic(statements))) > 8
    assert _same(walk_logic(statements), _plain(statements))


@pytest.mark.parametrize("kind", [Assignment, Literal, Simple, Subshell, Commands])
def test_the_nodes_of_a_class_are_found_in_a_whole_text_and_in_a_part_of_it(kind: type) -> None:
    commands = parse_bash(SCRIPT).commands
    for tree in (commands, tuple(commands), commands[1]):
        assert _same(iter(of_kind(tree, kind)), (node for node in _plain(tree) if isinstance(node, kind)))


def test_what_is_left_out_is_left_out_with_all_below() -> None:
    commands = parse_bash(SCRIPT).commands
    shell = next(node for node in walk(commands) if isinstance(node, Subshell))
    below = {id(node) for node in _plain(shell)}
    assert _same(walk(commands, leaving_out=[id(shell)]), (n for n in _plain(commands) if id(n) not in below))


def test_no_nest_is_too_deep() -> None:
    node: Any = Simple()
    for _ in range(20_000):
        node = Subshell((node,))
    assert sum(1 for _ in walk(node)) == 20_001


def test_commands_remember_their_assignments() -> None:
    commands = remembering(tuple(parse_bash("a=1; b=2; if x; then a=3; fi").commands))
    assert isinstance(commands, Commands)
    assert remembering(commands) is commands
    assert [assignment.name for assignment in commands.assignments["a"]] == ["a", "a"]
    assert commands.assignments.keys() == {"a", "b"}
    assert _same(
        iter(commands.assignments["a"]), (n for n in walk(commands) if isinstance(n, Assignment) and n.name == "a")
    )


@pytest.mark.parametrize("by", [0, 7])
def test_a_moved_tree_is_equal_and_stands_elsewhere(by: int) -> None:
    commands = (*parse_bash(SCRIPT).commands, Simple(span=Span(9, 9)))
    moved = shifted(commands, by)
    assert moved == commands
    for before, after in zip(walk(commands), walk(moved), strict=True):
        span = getattr(before, "span", NOWHERE)
        assert getattr(after, "span", NOWHERE) == (span if span == NOWHERE else Span(span.start + by, span.end + by))


def test_a_node_is_made_anew_of_changed_parts() -> None:
    literal = Literal("a", quoted=True)
    assert with_parts(literal, lambda part: part * 2 if isinstance(part, str) else part) == Literal("aa", quoted=True)
    assert with_parts((1, 2), lambda part: part + 1) == (2, 3)
    assert with_parts("text", lambda part: part * 2) == "text"
    assert with_parts(Span(1, 2), lambda part: part + 1) == Span(1, 2)

"""Physical lines to a tree by indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_TAB_STOP = 4


@dataclass(slots=True, eq=False)
class LineNode:
    """A line with the deeper lines below it. `text` lacks indentation and trailing blanks.

    `start` and `end` are offsets of `text`; `indent` is in columns.
    """

    text: str
    start: int
    end: int
    indent: int
    children: list[LineNode] = field(default_factory=list)

    @property
    def last(self) -> LineNode:
        """The last line of the tree."""
        node = self
        while node.children:
            node = node.children[-1]
        return node


def line_tree(text: str, offset: int = 0) -> list[LineNode]:
    """The lines that are not blank, as a tree: a line belongs to the last line above that stands further left."""
    roots: list[LineNode] = []
    stack: list[LineNode] = []
    for node in _lines(text, offset):
        while stack and stack[-1].indent >= node.indent:
            stack.pop()
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)
    return roots


def _lines(text: str, offset: int) -> Iterator[LineNode]:
    at = 0
    while at < len(text):
        found = _LINE.match(text, at)
        assert found is not None  # every part of the pattern may be empty
        content = found[1].strip(" \t\v\f\ufeff")
        if content:
            start = at + found[1].index(content[0])
            yield LineNode(content, offset + start, offset + start + len(content), _columns(text[at:start]))
        at = found.end()


def _columns(blanks: str) -> int:
    columns = 0
    for character in blanks:
        columns += _TAB_STOP - columns % _TAB_STOP if character == "\t" else 1
    return columns

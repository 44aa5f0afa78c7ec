"""Physical lines to a tree by indentation."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.patterns import regex
from peerlint.records import dataclass, field

_LINE = regex(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_TAB_STOP = 4


@dataclass(slots=True, eq=False)
class LineNode:
    """A line with the deeper lines below it. `text` lacks indentation and trailing blanks.

    `start` and `end` are offsets of the line as written, which `source` is; `indent` is in columns.
    """

    text: str
    start: int
    end: int
    indent: int
    children: list[LineNode] = field(default_factory=list)
    source: str = ""

    @property
    def last(self) -> LineNode:
        """The last line of the tree."""
        node = self
        while node.children:
            node = node.children[-1]
        return node


def line_tree(text: str, offset: int = 0, *, joined: bool = False) -> list[LineNode]:
    """The lines that are not blank, as a tree: a line belongs to the last line above that stands further left.

    With `joined`, a quoted text that goes on for several lines is one line.
    """
    roots: list[LineNode] = []
    stack: list[LineNode] = []
    lines = _lines(text, offset)
    for node in _joined(lines) if joined else lines:
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
        if content.strip():
            start = at + found[1].index(content[0])
            yield LineNode(
                content, offset + start, offset + start + len(content), _columns(text[at:start]), [], content
            )
        at = found.end()


#: A directive whose quoted text does not end on its line.
_OPENS_TEXT = regex(r'(?:[-*+][ \t]+)?(?!NOTE:)[A-Z][A-Z_ \t]*(?::[ \t]*)?"[^"]*')
_MOST_JOINED = 200


def _joined(lines: Iterator[LineNode]) -> Iterator[LineNode]:
    """The lines, with a quoted text of several lines as one; a quote that nobody closes joins nothing."""
    pending = list(lines)
    at = 0
    while at < len(pending):
        node = pending[at]
        end = at
        if _OPENS_TEXT.fullmatch(node.text):
            end = next((i for i in range(at + 1, min(at + _MOST_JOINED, len(pending))) if '"' in pending[i].text), at)
        if end > at and pending[end].text.endswith('"') and pending[end].text.count('"') == 1:
            text = "\n".join(line.text for line in pending[at : end + 1])
            yield LineNode(text, node.start, pending[end].end, node.indent, [], text)
            at = end + 1
        else:
            yield node
            at += 1


def _columns(blanks: str) -> int:
    columns = 0
    for character in blanks:
        columns += _TAB_STOP - columns % _TAB_STOP if character == "\t" else 1
    return columns

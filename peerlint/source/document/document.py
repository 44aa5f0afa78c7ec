"""A file as a tree that grows when it is first looked at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from peerlint.source.document.nodes import Fence, FrontMatter, Node, StructureProblem
from peerlint.source.document.scan import Scan, front_matter, scan
from peerlint.source.document.tree import Grown, grow
from peerlint.source.text import SourceText, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    AnyNode = TypeVar("AnyNode", bound=Node)


class Document:
    """A parsed file.

    The tree is made when it is first asked for: most files of a project have nothing that any rule looks for, and of
    many only the front matter matters.
    """

    def __init__(self, source: SourceText) -> None:
        self.source = source

    @property
    def front_matter(self) -> FrontMatter | None:
        """The front matter, where there is one: the first root."""
        return self._beginning[0]

    @cached_property
    def _beginning(self) -> tuple[FrontMatter | None, StructureProblem | None]:
        return front_matter(self.source)

    @cached_property
    def _scanned(self) -> Scan:
        return scan(self.source, *self._beginning)

    @cached_property
    def _grown(self) -> Grown:
        return grow(self.source, self._scanned)

    @property
    def has_lone_tags(self) -> bool:
        """Whether a tag has no partner, told without the tree; where none is, no problem speaks of tags."""
        return self._scanned.has_lone_tags

    @property
    def roots(self) -> list[Node]:
        """The nodes that tile the text."""
        return self._grown.roots

    @property
    def problems(self) -> list[StructureProblem]:
        """What the tree could recover from but a reader could not."""
        return self._grown.problems

    @property
    def nodes(self) -> list[Node]:
        """All nodes in the order of the text, each before its children."""
        return self._grown.nodes

    @cached_property
    def _by_type(self) -> dict[type[Node], list[Node]]:
        by_type: dict[type[Node], list[Node]] = {}
        for node in self.nodes:
            by_type.setdefault(type(node), []).append(node)
        return by_type

    def nodes_of(self, kind: type[AnyNode]) -> list[AnyNode]:
        """The nodes of exactly this class, in the order of the text."""
        return self._by_type.get(kind, [])  # type: ignore[return-value]  # filed by their class

    def walk(self) -> Iterator[Node]:
        """All nodes in the order of the text."""
        return iter(self.nodes)

    def leaves(self) -> Iterator[Node]:
        """The nodes without children; their spans, concatenated, are the text."""
        return (node for node in self.walk() if not node.children)

    def text(self, span: Span) -> str:
        """The characters of a span."""
        return self.source.slice(span)

    def code_lines(self, fence: Fence) -> list[Span]:
        """The lines of a fence, with their line ends, without the indentation that the fence itself has."""
        text, index = self.source.text, self.source.lines
        spans = []
        start = fence.content.start
        row = index.position(start).row
        while start < fence.content.end:
            end = min(index.row_span(row).end, fence.content.end)
            begin, column = start, 0
            while begin < end and column < fence.indent and text[begin] in " \t":
                column += 4 - column % 4 if text[begin] == "\t" else 1
                begin += 1
            spans.append(Span(begin, end))
            start, row = end, row + 1
        return spans

    def code(self, fence: Fence) -> str:
        """The code of a fence without the indentation that the fence itself has."""
        return "".join(map(self.text, self.code_lines(fence)))

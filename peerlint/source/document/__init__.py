"""The lossless tree of an instruction file: Markdown and tags, freely interleaved.

`parse` is total: it never raises, never recurses to the depth of its input, and takes linear time. The spans of the
leaves, concatenated, are the text.
"""

from __future__ import annotations

from peerlint.source.document.document import Document
from peerlint.source.document.nodes import (
    SHORTEST_MARK,
    Attribute,
    Blank,
    Comment,
    ConditionLine,
    Directive,
    Element,
    Fence,
    FrontMatter,
    Heading,
    Line,
    ListItem,
    Node,
    NodeKind,
    Paragraph,
    Section,
    StructureProblem,
    Tag,
)
from peerlint.source.text import SourceText

__all__ = [
    "SHORTEST_MARK",
    "Attribute",
    "Blank",
    "Comment",
    "ConditionLine",
    "Directive",
    "Document",
    "Element",
    "Fence",
    "FrontMatter",
    "Heading",
    "Line",
    "ListItem",
    "Node",
    "NodeKind",
    "Paragraph",
    "Section",
    "StructureProblem",
    "Tag",
    "parse",
]


def parse(source: SourceText) -> Document:
    """The tree of a text, with the structure problems that reading recovered from."""
    return Document(source)

"""The node types of the lossless tree. Whole lines belong to one leaf, unless tags or comments divide the line."""

from __future__ import annotations

from enum import Enum

from peerlint.records import dataclass, field
from peerlint.source.text import NOWHERE, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


#: How many marks a fence has at least.
SHORTEST_MARK = 3


class NodeKind(Enum):
    """Kinds of nodes."""

    FRONT_MATTER = "front_matter"
    SECTION = "section"
    HEADING = "heading"
    ELEMENT = "element"
    TAG = "tag"
    FENCE = "fence"
    DIRECTIVE = "directive"
    CONDITION = "condition"
    LIST_ITEM = "list_item"
    PARAGRAPH = "paragraph"
    COMMENT = "comment"
    BLANK = "blank"


@dataclass(slots=True, eq=False)
class Node:
    """A piece of the text. `children` of an inner node tile its span; a leaf has none."""

    kind: ClassVar[NodeKind]
    span: Span
    children: list[Node] = field(default_factory=list)
    parent: Node | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class FrontMatter(Node):
    """The YAML between `---` lines at the very start; `content` is the span between the fences."""

    kind = NodeKind.FRONT_MATTER
    content: Span = NOWHERE


@dataclass(slots=True, eq=False)
class Heading(Node):
    """`### Title`: leaf."""

    kind = NodeKind.HEADING
    level: int = 1
    title: str = ""


@dataclass(slots=True, eq=False)
class Section(Node):
    """A heading (first child) and what stands below it, up to the next heading of its level or its parent's end."""

    kind = NodeKind.SECTION
    level: int = 1
    title: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name="value"` of a tag, with the span of the value without its quotes."""

    name: str
    value: str
    span: Span


@dataclass(slots=True, eq=False)
class Tag(Node):
    """`<name a="b">`, `</name>` or `<name/>`: leaf.

    Its span takes in the indentation (and list marker) before it where it begins the line, and the line end where it
    ends the line; `content` is the tag alone, from `<` to `>`.
    """

    kind = NodeKind.TAG
    name: str = ""
    closing: bool = False
    void: bool = False
    content: Span = NOWHERE
    indent: int = 0


@dataclass(slots=True, eq=False)
class Element(Node):
    """A tag with its content. The first child is the opening Tag, the last the closing one where there is one.

    `content` spans the children between the two: for an element of several lines it consists of whole lines.
    """

    kind = NodeKind.ELEMENT
    name: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)
    opening: Tag | None = None
    closing: Tag | None = None
    content: Span = NOWHERE


@dataclass(slots=True, eq=False)
class Fence(Node):
    """A fenced code block: leaf.

    `content` spans the lines between the fences (`Document.code` gives them without the fence's indentation, of
    `indent` columns); `language` is the first word of the info string in lower case, `info` all of it; `marker` is the
    opening run of backticks or tildes.
    """

    kind = NodeKind.FENCE
    language: str = ""
    info: str = ""
    marker: str = "```"
    content: Span = NOWHERE
    indent: int = 0
    closed: bool = True


@dataclass(slots=True, eq=False)
class Line(Node):
    """One line of text (with its line end), or the part of a line between tags: leaf.

    `text` lacks indentation, list marker and line end, and stands at `begin`; `indent` is the column where the line's
    marker or text begins; `marker` is the list marker, if any.
    """

    kind = NodeKind.PARAGRAPH
    text: str = ""
    indent: int = 0
    begin: int = 0
    marker: str = ""

    @property
    def end(self) -> int:
        """Where `text` ends."""
        return self.begin + len(self.text)

    @property
    def content(self) -> Span:
        """The span of `text`."""
        return Span(self.begin, self.end)


@dataclass(slots=True, eq=False)
class Directive(Line):
    """`WORD: payload` or a bare verb (`STOP execution`), also behind a list marker.

    `word` is upper case, `payload` the span of what follows the word and its colon.
    """

    kind = NodeKind.DIRECTIVE
    word: str = ""
    payload: Span = NOWHERE


@dataclass(slots=True, eq=False)
class ConditionLine(Line):
    """`IF …:`, `ELSE IF …:` (or ELIF), `ELSE:`, also behind a list marker.

    `word` is IF, ELSE IF or ELSE; `payload` the span of the condition, up to the colon that ends it where there is one.
    """

    kind = NodeKind.CONDITION
    word: str = ""
    payload: Span = NOWHERE


@dataclass(slots=True, eq=False)
class ListItem(Line):
    """`- text` or `1. text`; `text` is it without the marker."""

    kind = NodeKind.LIST_ITEM


@dataclass(slots=True, eq=False)
class Paragraph(Line):
    """A line of prose, code that stands bare, or anything else."""

    kind = NodeKind.PARAGRAPH


@dataclass(slots=True, eq=False)
class Comment(Node):
    """`<!-- … -->`: leaf."""

    kind = NodeKind.COMMENT
    content: Span = NOWHERE


@dataclass(slots=True, eq=False)
class Blank(Node):
    """A blank line: leaf."""

    kind = NodeKind.BLANK


@dataclass(frozen=True, slots=True)
class StructureProblem:
    """What the tree could recover from but a reader could not: `code` is a short stable word."""

    code: str
    message: str
    span: Span
    related: Span | None = None

"""From leaves and lines to the tree: sections and elements nest, what is unbalanced is mended and reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from peerlint.records import dataclass
from peerlint.source.document.lines import heading, line_node, underline_level
from peerlint.source.document.nodes import (
    Blank,
    Comment,
    Element,
    FrontMatter,
    Heading,
    Line,
    Node,
    Paragraph,
    Section,
    StructureProblem,
    Tag,
)
from peerlint.source.document.scan import CommentToken, Leaf, OpenLine, Scan, may_stay_open
from peerlint.source.document.tags import TagToken
from peerlint.source.text import SourceText, Span

#: How far a heading may be indented from its element.
MAX_HEADING_INDENT = 3

#: How many containers are looked through to mend an unclosed element. Keeps hostile input linear.
MAX_RECOVERY_DEPTH = 32


@dataclass(slots=True, eq=False)
class Grown:
    """A tree: `nodes` are all that the `roots` hold, in the order of the text."""

    roots: list[Node]
    nodes: list[Node]
    problems: list[StructureProblem]


def grow(source: SourceText, scanned: Scan) -> Grown:
    """The tree that consists of what was scanned."""
    grower = _Grower(source)
    first, *behind = scanned.leaves
    grower.leaves(first)
    for line, leaves, following in zip(scanned.lines, behind, (*scanned.lines[1:], None), strict=False):
        grower.open_line(line, leaves[0] if leaves else following)
        grower.leaves(leaves)
    grower.finish()
    problems = sorted(scanned.problems + grower.problems, key=lambda problem: problem.span)
    return Grown(grower.roots, grower.nodes, _without_consequences(problems))


def _without_consequences(problems: list[StructureProblem]) -> list[StructureProblem]:
    """The problems but for those that a nested fence may have caused.

    Behind it code and text have changed places, and closing tags that stand there are taken for code.
    """
    first = next((number for number, problem in enumerate(problems) if problem.code == "nested-fence"), None)
    if first is None:
        return problems
    return [problem for problem in problems[:first] if problem.code != "unclosed-tag"] + [problems[first]]


@dataclass(slots=True, eq=False)
class _Open:
    """A container that is not finished; `token` is the opening tag of an element."""

    node: Section | Element
    token: TagToken | None


class _Grower:
    def __init__(self, source: SourceText) -> None:
        self.text = source.text
        self.roots: list[Node] = []
        #: The innermost open container, None outside of all, and the nodes that it holds by now.
        self.container: Section | Element | None = None
        self.siblings = self.roots
        #: Every node, in the order in which they are added, which is that of the text.
        self.nodes: list[Node] = []
        self.problems: list[StructureProblem] = []
        #: Open sections and elements, outermost first.
        self.stack: list[_Open] = []
        self.base_indents: list[int] = []
        #: Elements that ended without a closing tag, by name, each with the place of its report.
        self.unclosed: dict[str, list[StructureProblem]] = {}

    # Leaves and lines

    def leaves(self, leaves: Sequence[Node]) -> None:
        """Add what are leaves whatever stands around them."""
        container = self.container
        for node in leaves:
            node.parent = container
        self.siblings += leaves
        self.nodes += leaves

    def open_line(self, line: OpenLine, following: Leaf | OpenLine | None) -> None:
        """Add a line of text, or its tags and comments with what stands between; `following` is what comes next."""
        parts = [part for part in line.parts if not _is_text(part)] if line.parts else []
        if not parts:
            self._text_line(line, following)
            return
        position = line.start
        begin = line.content
        for number, part in enumerate(parts):
            # Text in front of the part is a leaf; mere blanks belong to the part.
            if self.text[begin : part.start].strip(" \t"):
                marker = line.marker if number == 0 else ""
                self._add(line_node(self.text, Span(position, part.start), begin, part.start, line.column, marker))
                position = part.start
            rest_is_blank = number + 1 == len(parts) and not self.text[part.end : line.body_end].strip(" \t")
            end = line.end if rest_is_blank else part.end
            self._part(part, Span(position, end), line.column)
            position = end
            begin = part.end
            while begin < line.body_end and self.text[begin] in " \t":
                begin += 1
        if position < line.end:
            span = Span(position, line.end)
            self._add(line_node(self.text, span, begin, line.body_end, line.column, ""))

    def _text_line(self, line: OpenLine, following: Leaf | OpenLine | None) -> None:
        """Add a line without tags: a heading, or an underline that makes one of the line above it, or a leaf."""
        span = Span(line.start, line.end)
        may_be_heading = not line.marker and line.column <= MAX_HEADING_INDENT + self._base_indent()
        title = heading(self.text, line.content, line.body_end) if may_be_heading else None
        if title is not None and not self._is_shell_comment(title, line, following):
            self._heading(Heading(span, [], None, title[0], title[1]))
            return
        node = line_node(self.text, span, line.content, line.body_end, line.column, line.marker)
        level = underline_level(node.text) if may_be_heading else 0
        if level and (above := self._title_above()) is not None:
            self.siblings.pop()
            self.nodes.pop()
            self._heading(Heading(Span(above.span.start, line.end), level=level, title=above.text))
            return
        self._add(node)

    def _title_above(self) -> Paragraph | None:
        """The paragraph of one line right above, which an underline turns into a heading."""
        *_, before, last = (None, None, *self.siblings[-2:])
        stands_alone = before is None or isinstance(before, (Blank, Heading, FrontMatter))
        return last if isinstance(last, Paragraph) and stands_alone else None

    def _is_shell_comment(self, title: tuple[int, str], line: OpenLine, following: Leaf | OpenLine | None) -> bool:
        """Whether `# Read the state` in an element is a comment of bare shell: the next line goes on at once."""
        if title[0] != 1 or not self.base_indents:
            return False
        is_followed = isinstance(following, Line) or (isinstance(following, OpenLine) and not following.parts)
        return is_followed or line.column > self._base_indent()

    # Containers

    def _base_indent(self) -> int:
        return self.base_indents[-1] if self.base_indents else 0

    def _add(self, node: Node) -> None:
        node.parent = self.container
        self.siblings.append(node)
        self.nodes.append(node)

    def _push(self, node: Section | Element, token: TagToken | None = None) -> None:
        self._add(node)
        self.stack.append(_Open(node, token))
        self.container, self.siblings = node, node.children

    def _heading(self, node: Heading) -> None:
        """Begin a section; it ends those of its level or below, within the element it stands in.

        An element that is never closed does not keep a heading from ending the section around the element.
        """
        ends = None
        for depth, container in self._within_element():
            if isinstance(container.node, Section):
                if container.node.level < node.level:
                    break
                ends = depth
        if ends is not None:
            self._close_down_to(ends)
        self._push(Section(node.span, level=node.level, title=node.title))
        self._add(node)

    def _within_element(self) -> Iterator[tuple[int, _Open]]:
        """The open containers with their depth, from the innermost to the innermost element that will be closed."""
        floor = max(0, len(self.stack) - MAX_RECOVERY_DEPTH)
        for depth in range(len(self.stack) - 1, floor - 1, -1):
            container = self.stack[depth]
            if container.token is not None and container.token.partner is not None:
                return
            yield depth, container

    def _close_down_to(self, depth: int) -> None:
        while len(self.stack) > depth:
            node = self.stack.pop().node
            node.span = Span(node.span.start, node.children[-1].span.end)
            if isinstance(node, Element):
                self.base_indents.pop()
                end = node.closing.span.start if node.closing else node.span.end
                node.content = Span(node.children[0].span.end, end)
        self.container = self.stack[-1].node if self.stack else None
        self.siblings = self.container.children if self.container is not None else self.roots

    def finish(self) -> None:
        """End what is open at the end of the text."""
        self._close_down_to(0)
        for reports in self.unclosed.values():
            self.problems += reports

    # Tags

    def _part(self, part: TagToken | CommentToken, span: Span, column: int) -> None:
        if isinstance(part, CommentToken):
            self._add(Comment(span, content=Span(part.start + 4, part.end - 3)))
            return
        own = Span(part.start, part.end)
        tag = Tag(span, name=part.name, closing=part.closing, void=part.void, content=own, indent=column)
        if part.closing:
            self._close(part, tag)
        else:
            self._open(part, tag)

    def _open(self, token: TagToken, tag: Tag) -> None:
        self._close_unclosed_namesake(tag)
        element = Element(tag.span, name=tag.name, attributes=token.attributes, opening=tag)
        self._push(element, token)
        self.base_indents.append(tag.indent)
        self._add(tag)
        tag.void = tag.void or (token.partner is None and may_stay_open(token))
        if tag.void:
            self._close_down_to(len(self.stack) - 1)
        elif token.partner is None:
            problem = StructureProblem("unclosed-tag", f"<{tag.name}> is never closed", tag.content)
            self.unclosed.setdefault(tag.name, []).append(problem)

    def _close_unclosed_namesake(self, tag: Tag) -> None:
        """End an unclosed element of the same name, so that `<step>` after an unclosed `<step>` stands beside it."""
        if tag.name not in self.unclosed:
            return
        for depth, container in self._within_element():
            node = container.node
            if isinstance(node, Element) and node.name == tag.name and node.opening is not None:
                if node.opening.indent >= tag.indent:
                    self._close_down_to(depth)
                return

    def _close(self, token: TagToken, tag: Tag) -> None:
        if token.partner is None:
            self._add(tag)
            self._report_stray(tag)
            return
        depth = len(self.stack) - 1
        while self.stack[depth].token is not token.partner:
            depth -= 1
        self._close_down_to(depth + 1)
        element = self.stack[depth].node
        if isinstance(element, Element):
            element.closing = tag
        self._add(tag)
        self._close_down_to(depth)

    def _report_stray(self, tag: Tag) -> None:
        openings = self.unclosed.get(tag.name)
        if openings:
            opening = openings.pop().span
            message = f"</{tag.name}> stands outside the element in which <{tag.name}> was opened"
            self.problems.append(StructureProblem("misplaced-closing-tag", message, tag.content, opening))
        else:
            message = f"</{tag.name}> closes nothing"
            self.problems.append(StructureProblem("stray-closing-tag", message, tag.content))


def _is_text(part: TagToken | CommentToken) -> bool:
    """Whether what looks like an opening tag is text, since nothing closes it and the line reads on behind it."""
    return isinstance(part, TagToken) and part.weak and part.partner is None

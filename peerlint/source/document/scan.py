"""From text to leaves of the tree, and the lines between them of which only the tree tells what they are.

One pass, no look-back: tags are matched on a stack while the lines go by, since an unclosed fence ends with
its element.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from peerlint.patterns import regex
from peerlint.records import dataclass, field
from peerlint.source.document.lines import line_node
from peerlint.source.document.nodes import SHORTEST_MARK, Blank, Fence, FrontMatter, Line, StructureProblem
from peerlint.source.document.tags import (
    MAX_TAG_LINES,
    OPTIONAL_END,
    TagToken,
    code_spans,
    match_closing,
    match_opening,
)
from peerlint.source.text import SourceText, Span

#: Unclosed fences whose end is looked for; later ones run to the end of the text. Keeps hostile input linear.
MAX_UNCLOSED_FENCES = 16

_BLANKS, _BULLETS, _FENCE_MARKS, _UNDERLINES = frozenset(" \t"), frozenset("-*+"), frozenset("`~"), frozenset("=-")
#: With these begin most lines that are nothing but text: without indentation or marker, no fence, heading or underline.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ|<>")
_MARKER = regex(r"([-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_RULE = regex(r"([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_FENCE = regex(r"(`{3,})([^`\r\n]*)$|(~{3,})([^\r\n]*)$")
#: The language in what stands behind the marks of a fence.
_LANGUAGE = regex(r"\{?\.?([\w+#.-]*)")
#: The opening line of a fence with a language, as it may stand in an example of Markdown.
_NESTED = regex(r"(?:`{3,}|~{3,})[A-Za-z][\w+#-]*[ \t]*$")
_MENTION = regex(r"<([^\W\d][\w.:-]*)[^<>]*>")
_YAML_KEY = regex(r"[\w-]+:(?:\s|$)")
_FRONT_MATTER_BEGINS = regex(r"(\ufeff?---[ \t]*)(?:\r\n|\n|\r|\Z)")
_FRONT_MATTER_ENDS = regex(r"(\r\n|\n|\r)(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)")


@dataclass(slots=True, eq=False)
class CommentToken:
    """A comment, possibly of several lines, from `<` to `>`."""

    start: int
    end: int


@dataclass(slots=True, eq=False)
class OpenLine:
    """A line that may be a heading, underline one or hold tags (more than one where a tag or comment spans lines).

    `content` is where the text begins behind indentation and list marker, `body_end` where the line end begins,
    `column` that of the marker or else the text. `parts` are the tags and comments that may divide it, in order.
    """

    start: int
    end: int
    content: int
    body_end: int
    column: int
    marker: str
    parts: list[TagToken | CommentToken] = field(default_factory=list)


Leaf = FrontMatter | Blank | Fence | Line


@dataclass(slots=True, eq=False)
class Scan:
    """What a text consists of: leaves, then a line, leaves again, a line and so on to the last leaves, which tile it.

    `leaves` has one list more than there are `lines`; any of its lists may be empty.
    """

    leaves: list[list[Leaf]]
    lines: list[OpenLine]
    problems: list[StructureProblem]

    @property
    def has_lone_tags(self) -> bool:
        """Whether a tag that needs a partner has none."""
        parts = (part for line in self.lines for part in line.parts)
        return any(isinstance(p, TagToken) and p.partner is None and not p.void for p in parts)


def scan(source: SourceText, front: FrontMatter | None, problem: StructureProblem | None) -> Scan:
    """What a text consists of, of which `front_matter` has told how it begins."""
    scanner = _Scanner(source)
    if problem is not None:
        scanner.problems.append(problem)
    scanner.run(front)
    return Scan(scanner.between, scanner.lines, scanner.problems)


def front_matter(source: SourceText) -> tuple[FrontMatter | None, StructureProblem | None]:
    """The front matter, if the text begins with some; else the problem, if it begins as if it had some."""
    text = source.text
    opening = _FRONT_MATTER_BEGINS.match(text)
    if opening is None:
        return None, None
    closing = _FRONT_MATTER_ENDS.search(text, opening.end(1))
    if closing is not None:
        return FrontMatter(Span(0, closing.end()), content=Span(opening.end(), closing.end(1))), None
    if not _YAML_KEY.match(text, opening.end()):
        return None, None
    return None, StructureProblem("unclosed-front-matter", "front matter has no closing ---", Span(0, opening.end(1)))


def width(text: str, start: int, end: int, column: int = 0) -> int:
    """The column that is reached behind `text[start:end]`, with tab stops at multiples of four."""
    if "\t" not in text[start:end]:
        return column + end - start
    for character in text[start:end]:
        column += 4 - column % 4 if character == "\t" else 1
    return column


def _behind_blanks(text: str, start: int, end: int) -> int:
    """Where the blanks end that begin at `start`; there are few of them, if any."""
    while start < end and text[start] in _BLANKS:
        start += 1
    return start


def _body_ends(text: str, ends: list[int]) -> list[int]:
    """Where the line end of each row begins: all but the last have one, which is two characters where it is CRLF."""
    if "\r" in text:
        return [*(end - 1 - text.endswith("\r\n", 0, end) for end in ends[:-1]), ends[-1]]
    return [*[end - 1 for end in ends[:-1]], ends[-1]]


class _Scanner:
    def __init__(self, source: SourceText) -> None:
        self.text = source.text
        self.starts = source.lines.starts
        #: Where each row ends, behind its line end, and where its line end begins.
        self.ends = [*self.starts[1:], len(self.text)]
        self.body_ends = _body_ends(self.text, self.ends)
        self.lines: list[OpenLine] = []
        #: The leaves behind the last of the lines, and those behind each.
        self.leaves: list[Leaf] = []
        self.between = [self.leaves]
        #: The first `<` that stands behind what has been read; the end of the text where none does.
        self.bracket = -1
        self.problems: list[StructureProblem] = []
        self.open: list[TagToken] = []
        self.open_names: dict[str, int] = {}
        #: The place from which the next `</` was looked for, and where it is.
        self.closing_from, self.closing = 0, -1
        self.unclosed_fences = 0
        #: The row in the fence read last that looks like the opening of another one; 0 for none.
        self.nested_fence = 0
        #: The inline code still ahead in the line that ends at `code_end`.
        self.code: list[tuple[int, int]] = []
        self.code_end = -1
        self.comments_end = self.text.rfind("-->")
        #: Where the last comment of the line that ends at `comment_line_end` ends; -1 for none.
        self.line_comments_end = -1
        self.comment_line_end = -1

    def run(self, front: FrontMatter | None) -> None:
        row = 0
        if front is not None:
            self.leaves.append(front)
            row = bisect_left(self.starts, front.span.end)
        text, starts, body_ends = self.text, self.starts, self.body_ends
        # What ends in a line end has an empty row behind it.
        rows = len(starts) - (starts[-1] == len(text))
        if row == 0 and text.startswith("\ufeff"):
            row = self._line(0, 1)
        while row < rows:
            start = starts[row]
            # One character tells of most lines what patterns would say.
            if start == body_ends[row]:
                self.leaves.append(Blank(Span(start, self.ends[row]), [], None))
                row += 1
            elif text[start] in _PLAIN:
                row = self._text(row, start, 0, "")
            else:
                row = self._line(row, start)

    def _line(self, row: int, start: int) -> int:
        """Take what begins at a row, whose first character is at `start`; the row behind it."""
        text, body_end = self.text, self.body_ends[row]
        content, column = start, 0
        if text[start : start + 1] in _BLANKS:
            content = _behind_blanks(text, start, body_end)
            column = width(text, start, content)
        if content == body_end:
            self.leaves.append(Blank(Span(self.starts[row], self.ends[row]), [], None))
            return row + 1
        first = text[content]
        if first == "#":
            return self._open(row, content, column, "")
        inner, marker = content, ""
        if first in _BULLETS or first.isdecimal():
            marker, inner = self._marker(first, content, body_end)
            first = text[inner : inner + 1]
        if first in _FENCE_MARKS and (fence := _FENCE.match(text, inner, body_end)):
            return self._fence(row, fence, width(text, content, inner, column))
        if first in _UNDERLINES and not marker:
            return self._open(row, inner, column, "")
        return self._text(row, inner, column, marker)

    def _marker(self, first: str, start: int, end: int) -> tuple[str, int]:
        """The list marker that begins with a character, empty where none does, and where the text behind it begins."""
        text, behind = self.text, start + 2
        if behind < end and text[start + 1] == " " and first in _BULLETS and text[behind] not in (" ", "\t", first):
            return first, behind
        found = _MARKER.match(text, start, end)
        if found is None or _RULE.match(text, start, end):
            return "", start
        return found[1], found.end()

    def _text(self, row: int, content: int, column: int, marker: str) -> int:
        """Take a line of text that begins at `content`; the row behind what begins there."""
        if self._has_bracket(content, self.body_ends[row]):
            return self._open(row, content, column, marker)
        span = Span(self.starts[row], self.ends[row])
        self.leaves.append(line_node(self.text, span, content, self.body_ends[row], column, marker))
        return row + 1

    def _open(self, row: int, content: int, column: int, marker: str) -> int:
        """Take a line that the tree decides on; the row behind what begins there."""
        body_end = self.body_ends[row]
        line = OpenLine(self.starts[row], self.ends[row], content, body_end, column, marker)
        self.lines.append(line)
        self.leaves = []
        self.between.append(self.leaves)
        return self._tags(line, row) if self._has_bracket(content, body_end) else row + 1

    def _has_bracket(self, start: int, end: int) -> bool:
        """Whether a `<` stands between two places, which come in the order of the text."""
        if self.bracket < start:
            found = self.text.find("<", start)
            self.bracket = found if found >= 0 else len(self.text)
        return self.bracket < end

    # Fences

    def _fence(self, row: int, opening: re.Match[str], column: int) -> int:
        marker, info = (opening[1], opening[2]) if opening[1] else (opening[3], opening[4])
        last, closed = self._fence_end(row, marker, column)
        end = self.ends[last]
        content = Span(self.ends[row], self.starts[last] if closed else max(end, self.ends[row]))
        info = info.strip()
        language = _LANGUAGE.match(info)[1].lower()  # type: ignore[index]  # always matches
        span = Span(self.starts[row], end)
        self.leaves.append(Fence(span, [], None, language, info, marker, content, column, closed))
        if self.nested_fence and closed:
            self._report_nested(self.nested_fence, marker, Span(opening.start(), opening.end()))
        elif closed and len(marker) > SHORTEST_MARK:
            self._report_left_open(content, marker, Span(opening.start(), opening.end()))
        if not closed:
            self._report("unclosed-fence", f"fence {marker} is never closed", opening.start(), opening.end())
        return last + 1

    def _fence_end(self, opening: int, marker: str, column: int) -> tuple[int, bool]:
        """The last row of a fence, and whether that closes it.

        A fence that nothing closes ends before the end of its element, where it has one.
        """
        text = self.text
        element_end = None
        self.nested_fence = 0
        # Only rows with such marks or a closing tag decide anything.
        behind = self.ends[opening]
        mark, closing = text.find(marker, behind), self._closing_behind(behind)
        while mark >= 0 or closing >= 0:
            row = bisect_right(self.starts, mark if closing < 0 or 0 <= mark < closing else closing) - 1
            body_end, behind = self.body_ends[row], self.ends[row]
            if 0 <= mark < behind:
                mark = text.find(marker, behind)
            if 0 <= closing < behind:
                closing = self._closing_behind(behind) if element_end is None else -1
            content = _behind_blanks(text, self.starts[row], body_end)
            if text.startswith(marker, content) and content < body_end:
                closes = not text[content:body_end].rstrip(" \t").strip(marker[0])
                # What is indented further closes nothing, and neither does the end of a fence that opens there.
                if width(text, self.starts[row], content) > column + 3:
                    continue
                if closes:
                    return row, True
                if not self.nested_fence and _NESTED.match(text, content, body_end):
                    self.nested_fence = row
            elif element_end is None and text.startswith("</", content):
                tag = match_closing(text, content, body_end)
                if tag is not None and self.open_names.get(tag.name):
                    element_end = row
        self.unclosed_fences += 1
        if element_end is not None and self.unclosed_fences <= MAX_UNCLOSED_FENCES:
            return element_end - 1, False
        return len(self.starts) - 1, False

    def _closing_behind(self, at: int) -> int:
        """Where the next closing tag may begin, -1 where none does; looked for once, and not again by each fence."""
        if not self.closing_from <= at <= self.closing:
            found = self.text.find("</", at)
            self.closing_from, self.closing = at, found if found >= 0 else len(self.text)
        return self.closing if self.closing < len(self.text) else -1

    def _report_nested(self, row: int, marker: str, outer: Span) -> None:
        inner, end = self._body(row)
        length = len(marker)
        if self.text[inner + length : inner + length + 1] == marker[0]:
            return
        message = f"this fence does not open inside another of {length} marks; the outer one needs {length + 1}"
        self._report("nested-fence", message, inner, end, outer)

    def _report_left_open(self, content: Span, marker: str, outer: Span) -> None:
        """Report a shorter fence that is still open where the longer one around it ends: one mark too many ends it."""
        text = self.text
        last = text.rfind(marker[:SHORTEST_MARK], content.start, content.end)
        if last < 0:
            return
        inner, end = self._body(bisect_right(self.starts, last) - 1)
        # With marks of its own length it would have a mark too many to be meant as one inside.
        if _NESTED.match(text, inner, end) and not text.startswith(marker, inner):
            self._report("nested-fence", "this fence is still open where the one around it ends", inner, end, outer)

    def _body(self, row: int) -> tuple[int, int]:
        """Where the text of a row begins behind its indentation, and where it ends."""
        end = self.body_ends[row]
        return _behind_blanks(self.text, self.starts[row], end), end

    # Tags and comments

    def _tags(self, line: OpenLine, row: int) -> int:
        """Find the tags and comments of a line; the row behind it, since some of them span lines."""
        text = self.text
        position = line.content
        opened: dict[str, int] = {}
        while True:
            # Here a tag may open: at the start of the line, or right behind another tag.
            position = _behind_blanks(text, position, line.body_end)
            part = self._part(line, row, position)
            if part is None:
                position = self._closing_in_text(line, position, opened)
                if position < 0:
                    break
                continue
            position = part.end
            while self.ends[row] < position:
                row += 1
            line.end, line.body_end = self.ends[row], self.body_ends[row]
            line.parts.append(part)
            if isinstance(part, TagToken):
                behind = _behind_blanks(text, position, line.body_end)
                self._pair(part, opened, followed=behind < line.body_end)
        return row + 1

    def _part(self, line: OpenLine, row: int, position: int) -> TagToken | CommentToken | None:
        """The tag or comment at a place where one may begin; comments and opening tags may go on in later lines."""
        text = self.text
        if not text.startswith("<", position) or position >= line.body_end:
            return None
        if text.startswith("<!--", position):
            if position + 4 <= self.comments_end:
                return CommentToken(position, text.index("-->", position + 4) + 3)
            self._report("unclosed-comment", "comment is never closed", position, position + 4)
            return None
        if text.startswith("</", position):
            return match_closing(text, position, line.body_end)
        tag = match_opening(text, position, line.body_end)
        if tag is None and text.find(">", position, line.body_end) < 0:
            tag = match_opening(text, position, self._tag_limit(row))
        return tag

    def _tag_limit(self, row: int) -> int:
        """How far a tag that begins in a row may reach: not over a blank line."""
        last = row
        while last + 1 < min(row + MAX_TAG_LINES, len(self.starts)) and self._is_text(last + 1):
            last += 1
        return self.body_ends[last]

    def _is_text(self, row: int) -> bool:
        return self.text[self.starts[row] : self.body_ends[row]].strip(" \t") != ""

    def _closing_in_text(self, line: OpenLine, start: int, opened: dict[str, int]) -> int:
        """Look for the next closing tag or comment within text, from `start`; the place behind it, or -1.

        A closing tag counts if its element was opened in this line, or if it ends the line. One whose opening tag is
        mentioned in the same text does not: `wrap it in <plan> and </plan>`.
        """
        text, end = self.text, line.body_end
        position = text.find("<", start, end)
        if position < 0:
            return -1
        code = self._code_ahead(start, end)
        mentioned: dict[str, int] = {}
        while position >= 0:
            while code and code[-1][1] <= position:
                code.pop()
            if code and code[-1][0] <= position:
                position = text.find("<", code[-1][1], end)
                continue
            if text.startswith("<!--", position) and (close := self._comment_close(position + 4, end)) >= 0:
                line.parts.append(CommentToken(position, close + 3))
                return close + 3
            tag = match_closing(text, position, end)
            if tag is not None and mentioned.get(tag.name):
                mentioned[tag.name] -= 1
            elif tag is not None and self._closes_here(tag, opened, end):
                line.parts.append(tag)
                self._pair(tag, opened, followed=False)
                return tag.end
            elif tag is None and (mention := _MENTION.match(text, position, end)):
                mentioned[mention[1]] = mentioned.get(mention[1], 0) + 1
            position = text.find("<", position + 1, end)
        return -1

    def _comment_close(self, start: int, end: int) -> int:
        """Where `-->` stands in the rest of a line, or -1; a line without one is looked through once."""
        if self.comment_line_end != end:
            self.comment_line_end = end
            self.line_comments_end = self.text.rfind("-->", start, end)
        return self.text.find("-->", start, end) if start <= self.line_comments_end else -1

    def _code_ahead(self, start: int, end: int) -> list[tuple[int, int]]:
        """The inline code of the line that ends at `end`, last first; found once, then taken off as it is passed."""
        if self.code_end != end:
            self.code_end = end
            self.code = code_spans(self.text, start, end)
            self.code.reverse()
        return self.code

    def _closes_here(self, tag: TagToken, opened: dict[str, int], end: int) -> bool:
        if opened.get(tag.name):
            return True
        behind = _behind_blanks(self.text, tag.end, end)
        ends_line = behind == end or self.text.startswith("</", behind)
        return ends_line and bool(self.open_names.get(tag.name))

    def _pair(self, tag: TagToken, opened: dict[str, int], *, followed: bool) -> None:
        """Put an opening tag on the stack, or match a closing one with the stack."""
        if tag.void:
            return
        if not tag.closing:
            valued = any(attribute.value for attribute in tag.attributes.values())
            tag.weak = not valued and (followed or bool(tag.attributes))
            self.open.append(tag)
            self.open_names[tag.name] = self.open_names.get(tag.name, 0) + 1
            opened[tag.name] = opened.get(tag.name, 0) + 1
            return
        if not self.open_names.get(tag.name):
            tag.stray = True
            return
        while True:
            partner = self.open.pop()
            self.open_names[partner.name] -= 1
            if partner.name == tag.name:
                break
        partner.partner, tag.partner = tag, partner
        if opened.get(tag.name):
            opened[tag.name] -= 1

    def _report(self, code: str, message: str, start: int, end: int, related: Span | None = None) -> None:
        self.problems.append(StructureProblem(code, message, Span(start, end), related))


def may_stay_open(tag: TagToken) -> bool:
    """Whether an opening tag without a partner is no problem: HTML lets it out."""
    return OPTIONAL_END.fullmatch(tag.name) is not None

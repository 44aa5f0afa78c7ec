"""Which lines are code: our fences against those of a CommonMark parser, with a reason for each line that differs."""

from __future__ import annotations

from collections import Counter
from enum import Enum

from markdown_it import MarkdownIt

from peerlint.source.document import Document, Fence

_MARKDOWN = MarkdownIt("commonmark")


class Difference(Enum):
    """Why a line is code on one side only. All but the last are meant."""

    BEHIND_TAG = "a fence right behind a tag: CommonMark goes on with HTML up to the next blank line"
    DEEP = "a fence indented by four columns or more in a tag: CommonMark has no containers of tags"
    LEFT_ITEM = "a fence whose text leaves its list item: CommonMark ends it there, people read on to its closing line"
    ENDED_WITH_ELEMENT = "a fence never closed: ours ends with its element, that of CommonMark with the file"
    QUOTED = "code in a block quote, which our tree keeps as lines of prose"
    INDENTED = "code by indentation alone, which our tree keeps as lines of prose"
    OUT_OF_STEP = "behind one of the above: a closing line on one side opens a fence on the other"
    UNEXPLAINED = "none of these"


def differences(document: Document) -> Counter[Difference]:
    """The lines with text that are code on one side only, counted by reason."""
    source = document.source
    first = source.lines.position(document.front_matter.span.end).row if document.front_matter else 1
    body = source.text[source.lines.row_span(first).start :] if first > 1 else source.text
    ours = _our_fences(document)
    theirs, html = _their_code(body, first)
    found: Counter[Difference] = Counter()
    for row in sorted(ours.keys() ^ theirs.keys()):
        line = source.slice(source.lines.row_span(row))
        if not line.strip():
            continue
        if row in ours:
            reason = _only_ours(ours[row], row, theirs, html)
        else:
            reason = _only_theirs(theirs[row], line, ours, document)
        if reason is Difference.UNEXPLAINED and found:
            reason = Difference.OUT_OF_STEP
        found[reason] += 1
    return found


def code_rows(document: Document) -> int:
    """How many lines our tree holds for code."""
    return len(_our_fences(document))


def _our_fences(document: Document) -> dict[int, tuple[int, Fence]]:
    """Each row of code with the row where its fence opens."""
    rows: dict[int, tuple[int, Fence]] = {}
    index = document.source.lines
    for node in document.walk():
        if isinstance(node, Fence):
            start = index.position(node.span.start).row
            rows.update(dict.fromkeys(range(start, index.position(node.span.end - 1).row + 1), (start, node)))
    return rows


def _their_code(body: str, first: int) -> tuple[dict[int, tuple[int, str]], set[int]]:
    """Each row of code with the row where it begins and its kind; and the rows of HTML."""
    code: dict[int, tuple[int, str]] = {}
    html: set[int] = set()
    for token in _MARKDOWN.parse(body):
        if token.map is None:
            continue
        rows = range(first + token.map[0], first + token.map[1])
        if token.type in ("fence", "code_block"):
            code.update(dict.fromkeys(rows, (rows.start, token.type)))
        elif token.type == "html_block":
            html.update(rows)
    return code, html


def _only_ours(place: tuple[int, Fence], row: int, theirs: dict[int, tuple[int, str]], html: set[int]) -> Difference:
    opening, fence = place
    if opening in html:
        return Difference.BEHIND_TAG
    if fence.indent >= 4 and opening not in theirs:
        return Difference.DEEP
    if opening in theirs and theirs[opening][0] == opening and fence.indent:
        return Difference.LEFT_ITEM
    return Difference.UNEXPLAINED


def _only_theirs(
    place: tuple[int, str], line: str, ours: dict[int, tuple[int, Fence]], document: Document
) -> Difference:
    opening, kind = place
    if line.lstrip().startswith(">"):
        return Difference.QUOTED
    if kind == "code_block":
        return Difference.INDENTED
    if opening in ours and not ours[opening][1].closed and ours[opening][0] == opening:
        return Difference.ENDED_WITH_ELEMENT
    if opening in ours:
        return Difference.OUT_OF_STEP
    return Difference.UNEXPLAINED

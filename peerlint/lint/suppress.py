"""Comments that accept a finding: `<!-- peerlint: ignore[PL101] reason -->` and `ignore-file`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from peerlint.lint.diagnostics import Diagnostic
from peerlint.patterns import regex
from peerlint.records import dataclass, field
from peerlint.source.document import Comment, Document, Fence, Node
from peerlint.source.text import SourceText, Span

_COMMENT = regex(
    r"<!--\s*peerlint:\s*(?P<word>ignore-file|ignore)(?!-?\w)\s*(?:\[(?P<codes>[^\]]*)\])?\s*(?P<reason>.*?)\s*-->",
    re.DOTALL,
)
_ADDRESSED = regex(r"<!--\s*peerlint:\s*(?P<words>.*?)\s*-->", re.DOTALL)

#: Between a comment and the line that it speaks for there may be this many blank rows.
_MOST_BLANK_ROWS = 3


@dataclass(eq=False)
class Suppression:
    """One comment. `codes` is empty where it accepts every rule; `rows` are the rows that it speaks for.

    `rows` is None where it speaks for the whole file. `used` holds the codes that it has accepted.
    """

    span: Span
    codes: tuple[str, ...]
    rows: frozenset[int] | None
    reason: str
    used: set[str] = field(default_factory=set)

    def covers(self, diagnostic: Diagnostic, first_row: int) -> bool:
        """Whether the comment accepts the finding; remembers that it did."""
        if self.rows is not None and first_row not in self.rows:
            return False
        matching = [code for code in self.codes if code in (diagnostic.code, diagnostic.name)]
        if self.codes and not matching:
            return False
        self.used.update(matching or {"*"})
        return True

    @property
    def unused(self) -> tuple[str, ...]:
        """The codes that accepted nothing; `*` for a comment without codes that accepted nothing."""
        if not self.codes:
            return () if self.used else ("*",)
        return tuple(code for code in self.codes if code not in self.used)


def suppressions(document: Document) -> list[Suppression]:
    """The suppressions of a file, in the order of the text."""
    source = document.source
    if "peerlint:" not in source.text:
        return []
    comments = [(node, match) for node in document.nodes_of(Comment) if (match := _match(document, node))]
    own_rows = {row for node, _ in comments if _stands_alone(source, node) for row in _rows(source, node)}
    run_ends = _run_ends(own_rows)
    fences = {_rows(source, node)[0]: _rows(source, node) for node in document.nodes_of(Fence)}
    found = []
    for node, match in comments:
        codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
        rows: frozenset[int] | None = None
        if match["word"] == "ignore":
            below = _next_row(source, _rows(source, node)[-1], run_ends)
            # In a fence no comment can stand, so the one above it speaks for all of it.
            rows = frozenset((*_rows(source, node), below, *fences.get(below, ())))
        found.append(Suppression(node.span, codes, rows, match["reason"]))
    return found


def misunderstood(document: Document) -> list[tuple[Span, str]]:
    """Comments that speak to peerlint and say nothing that it knows, with their words; they suppress nothing."""
    if "peerlint:" not in document.source.text:
        return []
    found = []
    for node in document.nodes_of(Comment):
        addressed = _ADDRESSED.match(_written(document, node))
        if addressed is not None and _match(document, node) is None:
            found.append((node.span, addressed["words"]))
    return found


def suppression_text(codes: Iterable[str], reason: str, *, whole_file: bool = False) -> str:
    """The comment that accepts the findings of some rules."""
    return f"<!-- peerlint: {'ignore-file' if whole_file else 'ignore'}[{', '.join(codes)}] {reason} -->"


def _match(document: Document, node: Comment) -> re.Match[str] | None:
    match = _COMMENT.match(_written(document, node))
    # Empty brackets are a slip, and must not accept everything.
    return None if match is None or (match["codes"] is not None and not match["codes"].strip(" ,")) else match


def _written(document: Document, node: Comment) -> str:
    """The comment as it is written; the first one of a text may begin with the byte order mark."""
    return document.text(node.span).removeprefix("\ufeff").strip()


def _stands_alone(source: SourceText, node: Node) -> bool:
    row = source.lines.row_span(source.lines.position(node.span.start).row)
    return not source.text[row.start : node.span.start].strip()


def _rows(source: SourceText, node: Node) -> range:
    """The rows of a node; the line end that closes the last one is no row of its own."""
    position = source.lines.position
    return range(position(node.span.start).row, position(max(node.span.start, node.span.end - 1)).row + 1)


def _run_ends(rows: set[int]) -> dict[int, int]:
    """For each of the rows the last one of those that follow each other from there."""
    ends: dict[int, int] = {}
    for row in sorted(rows, reverse=True):
        ends[row] = ends.get(row + 1, row)
    return ends


def _next_row(source: SourceText, row: int, passed_over: dict[int, int]) -> int:
    """The row below the comment that it speaks for: the next that is neither blank nor another such comment."""
    blank = 0
    while row < source.lines.rows and blank < _MOST_BLANK_ROWS:
        row += 1
        if row in passed_over:
            row = passed_over[row]
            continue
        if source.slice(source.lines.row_span(row)).strip():
            return row
        blank += 1
    return row


class Suppressions:
    """The suppressions of a file, found by the row of a finding."""

    def __init__(self, comments: list[Suppression]) -> None:
        self._of_file = [comment for comment in comments if comment.rows is None]
        self._at: dict[int, list[Suppression]] = {}
        for comment in comments:
            for row in comment.rows or ():
                self._at.setdefault(row, []).append(comment)

    def accept(self, diagnostic: Diagnostic, first_row: int) -> bool:
        """Whether a comment accepts the finding; all that do remember it. None accepts what is said of itself."""
        others = (c for c in (*self._of_file, *self._at.get(first_row, ())) if c.span != diagnostic.span)
        return bool([comment for comment in others if comment.covers(diagnostic, first_row)])

"""Comments that accept a finding: `<!-- peerlint: ignore[PL101] reason -->` and `ignore-file`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from peerlint.lint.diagnostics import Diagnostic
from peerlint.source.document import Comment, Document
from peerlint.source.text import Span

_COMMENT = re.compile(
    r"<!--\s*peerlint:\s*(?P<word>ignore-file|ignore)\s*(?:\[(?P<codes>[^\]]*)\])?\s*(?P<reason>.*?)\s*-->", re.DOTALL
)


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
    found = []
    for node in document.walk():
        match = _COMMENT.match(document.text(node.span).strip()) if isinstance(node, Comment) else None
        if match is None:
            continue
        codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
        rows = None
        if match["word"] == "ignore":
            first = source.lines.position(node.span.start).row
            last = source.lines.position(max(node.span.start, node.span.end - 1)).row
            rows = frozenset(range(first, _next_row_with_text(document, last) + 1))
        found.append(Suppression(node.span, codes, rows, match["reason"]))
    return found


def _next_row_with_text(document: Document, row: int) -> int:
    """The row below the comment that it speaks for: the next that is not blank."""
    lines = document.source.lines
    for below in range(row + 1, min(row + 4, lines.rows + 1)):
        if document.source.slice(lines.row_span(below)).strip():
            return below
    return row

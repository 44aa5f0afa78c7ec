"""Text with positions: what every other layer points into and edits.

Offsets are code points from 0 into `SourceText.text`. Everything that needs another unit (lines, UTF-16, bytes)
goes through `LineIndex`, the only converter.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, pairwise

from peerlint.records import dataclass

TYPE_CHECKING = False


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range `[start, end)` of code point offsets."""

    start: int
    end: int

    if not TYPE_CHECKING:
        # A large run makes a million of them, and one that refused changes would take half as long again to make.
        # So here only type checkers refuse them.
        __setattr__, __delattr__ = object.__setattr__, object.__delattr__

        def __init__(self, start: int, end: int) -> None:
            if not 0 <= start <= end:
                raise ValueError(f"no span: {start}..{end}")
            self.start = start
            self.end = end

    def __len__(self) -> int:
        return self.end - self.start

    def contains(self, other: Span) -> bool:
        """Whether `other` lies inside (equal counts as inside)."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def shifted(self, by: int) -> Span:
        """The span moved by `by` code points."""
        return Span(self.start + by, self.end + by)


#: The span of IR that was made, not read.
NOWHERE = Span(0, 0)


class Places:
    """The characters of several spans, of which one can ask, however many they are, whether another shares some."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        # Spans that share characters are one here, so starts and ends are both in order.
        self._starts: list[int] = []
        self._ends: list[int] = []
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Adds the characters of a span."""
        first, behind = bisect_right(self._ends, span.start), bisect_left(self._starts, span.end)
        start, end = span.start, span.end
        if first < behind:
            start, end = min(start, self._starts[first]), max(end, self._ends[behind - 1])
        self._starts[first : max(first, behind)] = [start]
        self._ends[first : max(first, behind)] = [end]

    def overlap(self, span: Span) -> bool:
        """Whether one of the spans shares a character with this one."""
        at = bisect_left(self._starts, span.end) - 1
        return at >= 0 and self._ends[at] > span.start


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text as people count it: row from 1, column from 1 in code points."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `content`."""

    span: Span
    content: str


class EditConflict(ValueError):
    """Two edits touch the same characters."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits, applied right to left so that no offset shifts.

    Raises EditConflict when two edits overlap or insert at the same place.
    """
    ordered = sorted(edits, key=lambda edit: edit.span)
    for left, right in pairwise(ordered):
        if left.span.end > right.span.start or left.span == right.span:
            raise EditConflict(f"edits overlap at offset {right.span.start}")
    for edit in reversed(ordered):
        text = text[: edit.span.start] + edit.content + text[edit.span.end :]
    return text


def _starts_behind_feeds(text: str) -> list[int]:
    """Where lines begin in a text whose lines all end in a line feed."""
    lengths = [len(line) + 1 for line in text.split("\n")]
    return [0, *accumulate(lengths[:-1])]


def _starts(text: str) -> list[int]:
    """Where lines begin. Each end is looked for once from where it was last found, so that the whole is linear."""
    starts = [0]
    feed, carriage = text.find("\n"), text.find("\r")
    while feed >= 0 or carriage >= 0:
        alone = carriage >= 0 and (feed < 0 or carriage + 1 < feed)
        end = (carriage if alone else feed) + 1
        starts.append(end)
        if 0 <= feed < end:
            feed = text.find("\n", end)
        if 0 <= carriage < end:
            carriage = text.find("\r", end)
    return starts


class LineIndex:
    """Offsets to rows and columns and back. Lines end at LF, CRLF or a lone CR, as in CommonMark."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.starts = _starts(text) if "\r" in text else _starts_behind_feeds(text)

    def position(self, offset: int) -> Position:
        """Row and column of an offset (clamped to the text)."""
        offset = max(0, min(offset, len(self._text)))
        row = bisect_right(self.starts, offset)
        return Position(row, offset - self.starts[row - 1] + 1)

    def offset(self, position: Position) -> int:
        """Offset of a row and column; a column past the end of the text is clamped."""
        row = max(1, min(position.row, len(self.starts)))
        return min(self.starts[row - 1] + position.column - 1, len(self._text))

    def row_span(self, row: int) -> Span:
        """The span of a row with its line end."""
        end = self.starts[row] if row < len(self.starts) else len(self._text)
        return Span(self.starts[row - 1], end)

    @property
    def rows(self) -> int:
        """Number of rows; a text that ends in a line end has an empty last row."""
        return len(self.starts)

    def utf16_column(self, offset: int) -> int:
        """Column from 0 in UTF-16 code units, as LSP clients count by default."""
        return len(self._before(offset).encode("utf-16-le", "surrogatepass")) // 2

    def utf8_column(self, offset: int) -> int:
        """Column from 0 in bytes of the file: UTF-8, and one byte for each that is no UTF-8."""
        before = self._before(offset)
        try:
            return len(before.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            # A surrogate that stands for no byte: no file has one, but an editor may send it.
            return sum(1 if "\udc80" <= c <= "\udcff" else len(c.encode("utf-8", "surrogatepass")) for c in before)

    def _before(self, offset: int) -> str:
        position = self.position(offset)
        start = self.starts[position.row - 1]
        return self._text[start : start + position.column - 1]


@dataclass(frozen=True)
class SourceText:
    """A file as text: `path` is what messages call it (relative, with `/`), `text` every character of it.

    Bytes that are no UTF-8 are kept as surrogate escapes, so that `encode()` gives the file back byte for byte.
    """

    path: str
    text: str

    @classmethod
    def decode(cls, path: str, data: bytes) -> SourceText:
        """Text of a file's bytes; never fails."""
        return cls(path, data.decode("utf-8", "surrogateescape"))

    def encode(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode("utf-8", "surrogateescape")

    @cached_property
    def lines(self) -> LineIndex:
        """The line index, made once."""
        return LineIndex(self.text)

    def slice(self, span: Span) -> str:
        """The characters of a span."""
        return self.text[span.start : span.end]

    def edited(self, edits: Iterable[Edit]) -> SourceText:
        """A new text with the edits applied. Raises EditConflict."""
        return SourceText(self.path, apply_edits(self.text, edits))

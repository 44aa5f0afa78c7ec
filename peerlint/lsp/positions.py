"""Places in a text as a client of the protocol counts them."""

from __future__ import annotations

from lsprotocol import types

from peerlint.source.text import Position, SourceText, Span


class Places:
    """Converts between spans of a text and ranges in the unit that the client has asked for (UTF-16 by default)."""

    def __init__(self, source: SourceText, encoding: types.PositionEncodingKind | str) -> None:
        self._source = source
        self._encoding = types.PositionEncodingKind(encoding)

    def range(self, span: Span) -> types.Range:
        """The range of a span."""
        return types.Range(self._position(span.start), self._position(span.end))

    def span(self, place: types.Range) -> Span:
        """The span of a range; what lies outside of the text is clamped to it."""
        start = self._offset(place.start)
        return Span(start, max(start, self._offset(place.end)))

    def _position(self, offset: int) -> types.Position:
        lines = self._source.lines
        position = lines.position(offset)
        if self._encoding is types.PositionEncodingKind.Utf8:
            column = lines.utf8_column(offset)
        elif self._encoding is types.PositionEncodingKind.Utf16:
            column = lines.utf16_column(offset)
        else:
            column = position.column - 1
        return types.Position(position.row - 1, column)

    def _offset(self, position: types.Position) -> int:
        lines = self._source.lines
        if position.line >= lines.rows:
            return len(self._source.text)
        row = self._source.slice(lines.row_span(position.line + 1)).rstrip("\r\n")
        left, column = position.character, 0
        while column < len(row) and left > 0:
            left -= self._width(row[column])
            column += 1
        return lines.offset(Position(position.line + 1, column + 1))

    def _width(self, character: str) -> int:
        if self._encoding is types.PositionEncodingKind.Utf8:
            return len(character.encode("utf-8", "surrogatepass"))
        return 2 if self._encoding is types.PositionEncodingKind.Utf16 and character > "\uffff" else 1

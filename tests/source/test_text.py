"""Edits, and the units that places are counted in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.source.text import Edit, EditConflict, LineIndex, Places, Position, SourceText, Span, apply_edits


def test_units_of_a_column() -> None:
    index = LineIndex("é𝕏\udcffz\nab")
    assert [index.utf16_column(offset) for offset in range(5)] == [0, 1, 3, 4, 5]
    assert [index.utf8_column(offset) for offset in range(5)] == [0, 2, 6, 7, 8]
    assert (index.utf16_column(6), index.utf8_column(6)) == (1, 1)


def test_a_surrogate_that_stands_for_no_byte_still_has_a_column() -> None:
    assert LineIndex("\ud800\udc80x").utf8_column(2) == 4


def test_line_ends_are_lf_crlf_and_lone_cr() -> None:
    index = LineIndex("a\r\nb\rc\nd\r\r\n")
    assert index.starts == [0, 3, 5, 7, 9, 11]
    assert index.rows == 6
    assert index.row_span(2) == Span(3, 5)


def test_places_outside_are_clamped() -> None:
    index = LineIndex("ab\nc")
    assert index.position(99) == Position(2, 2)
    assert index.offset(Position(9, 9)) == 4
    assert index.offset(Position(0, 1)) == 0


def test_edits_are_applied_together() -> None:
    edits = [Edit(Span(4, 4), "!"), Edit(Span(0, 1), "A"), Edit(Span(1, 3), "")]
    assert apply_edits("abcd", edits) == "Ad!"
    assert SourceText("x.md", "abcd").edited(edits).text == "Ad!"


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(Span(0, 2), "x"), Edit(Span(1, 3), "y")],
        [Edit(Span(1, 1), "x"), Edit(Span(1, 1), "y")],
        [Edit(Span(0, 3), "x"), Edit(Span(1, 1), "y")],
    ],
)
def test_edits_that_touch_the_same_place_conflict(edits: list[Edit]) -> None:
    with pytest.raises(EditConflict):
        apply_edits("abcd", edits)


def test_a_span_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="no span"):
        Span(2, 1)


@given(st.lists(st.builds(lambda start, length: Span(start, start + length), st.integers(0, 30), st.integers(1, 6))))
def test_places_tell_whether_any_of_their_spans_overlaps(spans: list[Span]) -> None:
    places = Places()
    for number, span in enumerate(spans):
        assert places.overlap(span) == any(before.overlaps(span) for before in spans[:number])
        places.add(span)

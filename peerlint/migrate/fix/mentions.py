"""Temp files that a migration takes away, and that the file goes on to name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.process.build import Reading
from peerlint.source.document import Comment
from peerlint.source.text import Edit, Places, Span


def still_named(reading: Reading, edits: Sequence[Edit], path: str) -> int | None:
    """The row of the file where a path stands that would still be there with the edits made; None where none does.

    What the migrated steps say of it is reworded with them, and comments are for nobody who follows the file.
    """
    whole_path = re.compile(rf"(?<![\w./$-]){re.escape(path)}(?![\w/-]|\.\w)")
    unread = [node.span for node in reading.document.nodes_of(Comment)]
    gone = Places([*(edit.span for edit in edits), *unread])
    found = [Span(*match.span()) for match in whole_path.finditer(reading.document.source.text)]
    kept = [span.start for span in found if not gone.overlap(span)]
    written = [edit.span.start for edit in edits if path in edit.content and whole_path.search(edit.content)]
    places = [*kept, *written]
    return reading.document.source.lines.position(min(places)).row if places else None

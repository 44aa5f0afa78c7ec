"""Temp files that a migration takes away, and that the file, or another one of the project, goes on to name."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from peerlint.process.build import Reading
from peerlint.source.document import Comment
from peerlint.source.text import Edit, Places, Span


def still_named(reading: Reading, edits: Sequence[Edit], path: str) -> int | None:
    """The row of the file where a path stands that would still be there with the edits made; None where none does.

    What the migrated steps say of it is reworded with them, and comments are for nobody who follows the file.
    """
    whole_path = _whole(path)
    unread = [node.span for node in reading.document.nodes_of(Comment)]
    gone = Places([*(edit.span for edit in edits), *unread])
    found = [Span(*match.span()) for match in whole_path.finditer(reading.document.source.text)]
    kept = [span.start for span in found if not gone.overlap(span)]
    written = [edit.span.start for edit in edits if path in edit.content and whole_path.search(edit.content)]
    places = [*kept, *written]
    return reading.document.source.lines.position(min(places)).row if places else None


def used_elsewhere(reading: Reading, path: str, scripts: Collection[str]) -> tuple[str, int] | None:
    """The file of the project, with the row, that takes a temp file as the steps leave it; None where none does.

    What writes it itself, or runs one of the `scripts` that the file calls, has its own.
    """
    whole_path = _whole(path)
    for file in reading.elsewhere(path):
        found = whole_path.search(file.text)
        if found is None or file.path in scripts or any(names_script(file.text, script) for script in scripts):
            continue
        if not _is_written(path, file.text):
            return file.path, file.lines.position(found.start()).row
    return None


def names_script(text: str, path: str) -> bool:
    """Whether a text names a script, in whatever folder."""
    name = path.rsplit("/", 1)[-1]
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) is not None


#: What does not go on with another name behind a path.
_PATH_ENDS = r"(?![\w/-]|\.\w)"


def _is_written(path: str, text: str) -> bool:
    """Whether shell, or code in another language, writes a file anew, by its path or by a variable that holds it."""
    place = re.escape(path) + _PATH_ENDS
    variables = re.findall(rf"(\w+)[ \t]*=[ \t]*(?:Path\()?[\"']?{place}", text)
    names = "|".join([place, *(rf"\$?\{{?{name}\b" for name in variables)])
    quoted = rf"[\"']?(?:{names})"
    return bool(re.search(rf"(?<!>)>\|?[ \t]*{quoted}|\btee[ \t]+{quoted}|{quoted}[^\n]{{0,40}}(?:[\"']w|write)", text))


def _whole(path: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w./$-]){re.escape(path)}{_PATH_ENDS}")

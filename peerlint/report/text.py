"""For people: each finding with the line it stands in, carets, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from peerlint.lint.diagnostics import APPLICABILITY_MARKS, Applicability, Diagnostic, FileFindings, Severity
from peerlint.report import ReportSettings
from peerlint.report.concise import summary
from peerlint.report.escape import display_width, printable
from peerlint.source.text import SourceText

_SEVERITY_STYLE = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_BOLD, _DIM = "1", "2"
#: A line of source longer than this is cut around the place of the finding.
MAX_EXCERPT_COLUMNS = 160
#: Other places that are shown of one finding, and rows of notes that say the same.
MAX_RELATED = 8
MAX_ROWS = 12


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report; colour is added and never carries meaning.

    Notes stand behind the other findings of their file, without the lines of the file, and those of one rule as one.
    """
    paint = _paint if settings.color else _plain
    blocks = [block for file in findings for block in _blocks(file, paint)]
    return "".join(f"{block}\n\n" for block in blocks) + summary(findings, settings.known) + "\n"


def _blocks(file: FileFindings, paint: _Paint) -> Iterator[str]:
    notes: dict[str, list[Diagnostic]] = {}
    for diagnostic in file.diagnostics:
        if diagnostic.severity is Severity.NOTE:
            notes.setdefault(diagnostic.code, []).append(diagnostic)
        else:
            yield _block(file.source, diagnostic, paint)
    for alike in notes.values():
        yield _note(file.source, alike, paint)


def _block(source: SourceText, diagnostic: Diagnostic, paint: _Paint) -> str:
    gutter = " " * len(str(source.lines.position(diagnostic.span.start).row))
    notes = [paint(f"{gutter} = {printable(note)}", _DIM) for note in _advice(diagnostic)]
    return "\n".join([_head(source, diagnostic, paint), *_excerpt(source, diagnostic, paint), *notes])


def _note(source: SourceText, alike: Sequence[Diagnostic], paint: _Paint) -> str:
    """Notes of one rule in one file: the first, the lines of the others, and what to do."""
    first, *others = alike
    rows = list(dict.fromkeys(source.lines.position(note.span.start).row for note in others))
    lines = [_head(source, first, paint)]
    if rows:
        shown = ", ".join(map(str, rows[:MAX_ROWS])) + (", …" if len(rows) > MAX_ROWS else "")
        lines.append(f"  = and {len(others)} more like it, in line{'' if len(rows) == 1 else 's'} {shown}")
    lines += [f"  = {printable(note)}" for note in _advice(first)]
    return "\n".join([lines[0], *(paint(line, _DIM) for line in lines[1:])])


def _head(source: SourceText, diagnostic: Diagnostic, paint: _Paint) -> str:
    """Where, which rule, whether it can be fixed, what."""
    place = source.lines.position(diagnostic.span.start)
    where = paint(f"{printable(diagnostic.path)}:{place.row}:{place.column}:", _BOLD)
    code = paint(diagnostic.code, _SEVERITY_STYLE[diagnostic.severity])
    mark = APPLICABILITY_MARKS.get(diagnostic.fix.applicability, "") if diagnostic.fix else ""
    return " ".join(part for part in (where, code, mark, printable(diagnostic.message)) if part)


def _advice(diagnostic: Diagnostic) -> Iterator[str]:
    """What to do, why that is left to a person, and the other places."""
    if diagnostic.help:
        yield diagnostic.help
    if diagnostic.fix is not None and diagnostic.fix.applicability is Applicability.MANUAL:
        yield diagnostic.fix.message
    for related in diagnostic.related[:MAX_RELATED]:
        yield f"{related.path}:{related.position.row}:{related.position.column}: {related.message}"
    if len(diagnostic.related) > MAX_RELATED:
        yield f"{len(diagnostic.related) - MAX_RELATED} more places; --output-format json has them all"


def _excerpt(source: SourceText, diagnostic: Diagnostic, paint: _Paint) -> list[str]:
    """The line of the finding with carets below it, and the line above where that says something."""
    row = source.lines.position(diagnostic.span.start).row
    width = len(str(row))
    bar = paint(f"{' ' * width} |", _DIM)
    lines = [bar]
    above = _line(source, row - 1) if row > 1 else ""
    if above.strip() and len(above) <= MAX_EXCERPT_COLUMNS:
        lines.append(f"{paint(f'{row - 1:>{width}} |', _DIM)} {_shown(above)}")
    line = _line(source, row)
    start = source.lines.position(diagnostic.span.start).column - 1
    end = min(len(line), start + len(diagnostic.span))
    cut = max(0, start - MAX_EXCERPT_COLUMNS // 4) if len(line) > MAX_EXCERPT_COLUMNS else 0
    line, start, end = line[cut : cut + MAX_EXCERPT_COLUMNS], start - cut, min(end - cut, MAX_EXCERPT_COLUMNS)
    offset = display_width(_shown(line[:start]))
    carets = "^" * max(1, display_width(_shown(line[start:end].rstrip())))
    lines.append(f"{paint(f'{row:>{width}} |', _DIM)} {_shown(line)}")
    lines.append(f"{bar} {' ' * offset}{paint(carets, _SEVERITY_STYLE[diagnostic.severity])}")
    return lines


def _line(source: SourceText, row: int) -> str:
    return source.slice(source.lines.row_span(row)).rstrip("\r\n")


def _shown(text: str) -> str:
    """Tabs become blanks, so that carets stand below what they mean in every terminal."""
    return printable(text.replace("\t", "    "))


class _Paint:
    """Adds a colour, or not."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color else text


_paint, _plain = _Paint(True), _Paint(False)

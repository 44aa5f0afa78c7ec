"""One page for a browser: nothing is loaded, nothing runs, and text of files is text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from peerlint.lint.diagnostics import APPLICABILITY_MARKS, Diagnostic, FileFindings
from peerlint.report import ReportSettings, page_of
from peerlint.report.concise import summary
from peerlint.report.escape import printable, xml_text
from peerlint.source.text import SourceText

#: A line of source longer than this is cut.
MAX_LINE = 400

_STYLE = """
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
         color: #1c1c1c; background: #fff; }
  h1, h2 { line-height: 1.2; } h2 { font-size: 1.1rem; margin-top: 2.5rem; overflow-wrap: anywhere; }
  article { border-left: 4px solid #888; padding: 0 1rem; margin: 1.5rem 0; }
  article.error { border-color: #b3261e; } article.warning { border-color: #a05a00; }
  p { margin: .3rem 0; overflow-wrap: anywhere; } pre { overflow-x: auto; background: #f3f3f3; padding: .6rem; }
  mark { background: #ffe08a; color: inherit; } .help { color: #555; }
  @media (prefers-color-scheme: dark) {
    body { color: #e6e6e6; background: #161616; } pre { background: #242424; } .help { color: #aaa; }
    a { color: #8ab4f8; } mark { background: #5c4a00; } }
"""


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The page; its content security policy forbids everything but the style that stands in it."""
    body = "".join(line for file in findings if file.diagnostics for line in _file(file))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>peerlint</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>peerlint</h1>\n"
        f"<p>{_text(summary(findings, settings.known))}</p>\n{body}</main>\n</body>\n</html>\n"
    )


def _file(file: FileFindings) -> Iterator[str]:
    yield f"<h2>{_text(file.source.path)}</h2>\n"
    for diagnostic in file.diagnostics:
        yield _finding(file.source, diagnostic)


def _finding(source: SourceText, diagnostic: Diagnostic) -> str:
    place = source.lines.position(diagnostic.span.start)
    mark = APPLICABILITY_MARKS.get(diagnostic.fix.applicability, "") if diagnostic.fix else ""
    code = _text(diagnostic.code)
    if (page := page_of(diagnostic.code)) is not None:
        code = f'<a href="{_text(page)}">{code}</a>'
    related = "".join(
        f'<p class="help">{_text(r.path)}:{r.position.row}:{r.position.column}: {_text(r.message)}</p>\n'
        for r in diagnostic.related
    )
    help_text = f'<p class="help">{_text(diagnostic.help)}</p>\n' if diagnostic.help else ""
    return (
        f'<article class="{diagnostic.severity.word}">\n'
        f"<p><strong>{diagnostic.severity.word}</strong> {place.row}:{place.column} {code} {mark} "
        f"{_text(diagnostic.message)}</p>\n"
        f"<pre>{_excerpt(source, diagnostic)}</pre>\n{help_text}{related}</article>\n"
    )


def _excerpt(source: SourceText, diagnostic: Diagnostic) -> str:
    """The line of the finding with its place marked."""
    place = source.lines.position(diagnostic.span.start)
    line = source.slice(source.lines.row_span(place.row)).rstrip("\r\n")
    start = place.column - 1
    end = min(len(line), start + len(diagnostic.span))
    cut = max(0, start - MAX_LINE // 4) if len(line) > MAX_LINE else 0
    before, marked, after = line[cut:start], line[start:end], line[end : cut + MAX_LINE]
    return f"{place.row} | {_text(before)}<mark>{_text(marked[:MAX_LINE])}</mark>{_text(after)}"


def _text(text: str) -> str:
    return xml_text(printable(text.replace("\t", "    ")))

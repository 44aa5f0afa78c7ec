"""Reviewdog diagnostic format; columns count UTF-8 bytes from 1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from peerlint.lint.diagnostics import Diagnostic, FileFindings, Severity
from peerlint.report import ReportSettings, page_of
from peerlint.report.escape import encodable
from peerlint.source.text import SourceText, Span

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report as one object."""
    report = {
        "source": {"name": "peerlint", "url": "https://github.com/peerlint/peerlint"},
        "diagnostics": [_entry(file.source, diagnostic) for file in findings for diagnostic in file.diagnostics],
    }
    return json.dumps(report, indent=2) + "\n"


def _entry(source: SourceText, diagnostic: Diagnostic) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "message": encodable(diagnostic.message),
        "location": {"path": encodable(diagnostic.path), "range": _range(source, diagnostic.span)},
        "severity": _SEVERITIES[diagnostic.severity],
        "code": {"value": diagnostic.code},
    }
    if (page := page_of(diagnostic.code)) is not None:
        entry["code"]["url"] = page
    # Reviewdog offers each suggestion by itself, so only a fix of one edit can be told.
    if diagnostic.fix and len(diagnostic.fix.edits) == 1:
        edit = diagnostic.fix.edits[0]
        entry["suggestions"] = [{"range": _range(source, edit.span), "text": encodable(edit.content)}]
    return entry


def _range(source: SourceText, span: Span) -> dict[str, dict[str, int]]:
    return {"start": _place(source, span.start), "end": _place(source, span.end)}


def _place(source: SourceText, offset: int) -> dict[str, int]:
    return {"line": source.lines.position(offset).row, "column": source.lines.utf8_column(offset) + 1}

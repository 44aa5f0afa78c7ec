"""One JSON object per finding and line; the shape that `json_array` has in an array."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from peerlint.lint.diagnostics import Diagnostic, FileFindings, Fix
from peerlint.report import ReportSettings, page_of
from peerlint.report.escape import encodable
from peerlint.source.text import Position, SourceText


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report; rows and columns count from 1, columns in code points."""
    return "".join(json.dumps(entry) + "\n" for entry in entries(findings))


def entries(findings: Sequence[FileFindings]) -> Iterator[dict[str, Any]]:
    """The findings as plain data, in the order of the report."""
    for file in findings:
        for diagnostic in file.diagnostics:
            yield _entry(file.source, diagnostic)


def _entry(source: SourceText, diagnostic: Diagnostic) -> dict[str, Any]:
    position = source.lines.position
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.word,
        "confidence": diagnostic.confidence.value,
        "message": encodable(diagnostic.message),
        "filename": encodable(diagnostic.path),
        "location": _place(position(diagnostic.span.start)),
        "end_location": _place(position(diagnostic.span.end)),
        "url": page_of(diagnostic.code),
        "related": [
            {
                "filename": encodable(related.path),
                "location": _place(related.position),
                "message": encodable(related.message),
            }
            for related in diagnostic.related
        ],
        "fix": _fix(source, diagnostic.fix) if diagnostic.fix else None,
    }


def _fix(source: SourceText, fix: Fix) -> dict[str, Any]:
    position = source.lines.position
    return {
        "applicability": fix.applicability.value,
        "message": encodable(fix.message),
        "edits": [
            {
                "content": encodable(edit.content),
                "location": _place(position(edit.span.start)),
                "end_location": _place(position(edit.span.end)),
            }
            for edit in fix.edits
        ],
    }


def _place(position: Position) -> dict[str, int]:
    return {"row": position.row, "column": position.column}

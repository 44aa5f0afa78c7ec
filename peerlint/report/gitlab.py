"""GitLab code quality report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from peerlint.lint.diagnostics import Diagnostic, FileFindings, Severity
from peerlint.lint.fingerprint import fingerprint
from peerlint.report import ReportSettings
from peerlint.report.escape import encodable
from peerlint.source.text import SourceText

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report; `[]` where nothing was found."""
    seen: dict[str, int] = {}
    issues = [_issue(file.source, diagnostic, seen) for file in findings for diagnostic in file.diagnostics]
    return json.dumps(issues, indent=2) + "\n"


def _issue(source: SourceText, diagnostic: Diagnostic, seen: dict[str, int]) -> dict[str, Any]:
    start = source.lines.position(diagnostic.span.start)
    end = source.lines.position(diagnostic.span.end)
    return {
        # GitLab does not show check_name, so the code stands in the description too.
        "description": f"{diagnostic.code}: {encodable(diagnostic.message)}",
        "check_name": diagnostic.code,
        "fingerprint": fingerprint(source, diagnostic, seen),
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": encodable(diagnostic.path),
            "positions": {
                "begin": {"line": start.row, "column": start.column},
                "end": {"line": end.row, "column": end.column},
            },
        },
    }

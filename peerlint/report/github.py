"""GitHub workflow commands: annotations in a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.lint.diagnostics import Diagnostic, FileFindings, Severity
from peerlint.report import ReportSettings
from peerlint.report.escape import github_message, github_property
from peerlint.source.text import SourceText

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """One command a line; columns only where the finding stands in one row, as GitHub wants it."""
    return "".join(_command(file.source, diagnostic) for file in findings for diagnostic in file.diagnostics)


def _command(source: SourceText, diagnostic: Diagnostic) -> str:
    start = source.lines.position(diagnostic.span.start)
    end = source.lines.position(diagnostic.span.end)
    properties = {
        "title": f"peerlint ({diagnostic.code})",
        "file": diagnostic.path,
        "line": str(start.row),
        "endLine": str(end.row),
    }
    if start.row == end.row:
        properties |= {"col": str(start.column), "endColumn": str(end.column)}
    shown = ",".join(f"{name}={github_property(value)}" for name, value in properties.items())
    message = "\n".join(part for part in (diagnostic.message, diagnostic.help) if part)
    return f"::{_COMMANDS[diagnostic.severity]} {shown}::{diagnostic.code} {github_message(message)}\n"

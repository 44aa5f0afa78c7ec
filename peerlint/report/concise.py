"""One line per finding, `path:row:column: CODE message`, and the summary line."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.lint.diagnostics import APPLICABILITY_MARKS, Applicability, Diagnostic, FileFindings, Severity
from peerlint.report import ReportSettings
from peerlint.report.escape import printable
from peerlint.source.text import SourceText


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report; columns count code points from 1."""
    lines = [headline(file.source, diagnostic) for file in findings for diagnostic in file.diagnostics]
    return "".join(f"{line}\n" for line in [*lines, summary(findings, settings.known)])


def headline(source: SourceText, diagnostic: Diagnostic) -> str:
    """Where, which rule, whether it can be fixed, what."""
    place = source.lines.position(diagnostic.span.start)
    mark = APPLICABILITY_MARKS.get(diagnostic.fix.applicability, "") if diagnostic.fix else ""
    where = f"{printable(diagnostic.path)}:{place.row}:{place.column}"
    return " ".join(part for part in (f"{where}:", diagnostic.code, mark, printable(diagnostic.message)) if part)


def summary(findings: Sequence[FileFindings], known: int = 0) -> str:
    """How many problems in how many files, how many of them can be fixed, and how many more are known."""
    hidden = f" {_count(known, 'known problem')} {'is' if known == 1 else 'are'} not shown." if known else ""
    return _shown(findings) + hidden


def _shown(findings: Sequence[FileFindings]) -> str:
    diagnostics = [diagnostic for file in findings for diagnostic in file.diagnostics]
    checked = _count(len(findings), "file")
    if not diagnostics:
        return f"No problems in {checked}." if findings else "No instruction files found here; nothing was checked."
    kinds = [
        _count(sum(d.severity is severity for d in diagnostics), severity.word)
        for severity in sorted(Severity, reverse=True)
        if any(d.severity is severity for d in diagnostics)
    ]
    with_findings = sum(bool(file.diagnostics) for file in findings)
    found = f"Found {_count(len(diagnostics), 'problem')} in {with_findings} of {checked} ({', '.join(kinds)})."
    return found + _fixable(diagnostics)


def _fixable(diagnostics: Sequence[Diagnostic]) -> str:
    by_applicability = [d.fix.applicability for d in diagnostics if d.fix]
    safe = by_applicability.count(Applicability.SAFE)
    provable = by_applicability.count(Applicability.PROVABLE)
    unsafe = by_applicability.count(Applicability.UNSAFE)
    text = ""
    if safe + provable:
        text += f" {safe + provable} can be fixed with --fix"
        text += "; [p] is proved before it is written." if provable else "."
    if unsafe:
        more = f" {unsafe} more with --unsafe-fixes."
        text += more if safe + provable else f" {unsafe} can be fixed with --fix --unsafe-fixes."
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")

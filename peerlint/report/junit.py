"""JUnit XML: one suite per file, one failed case per finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from peerlint.lint.diagnostics import Diagnostic, FileFindings
from peerlint.report import ReportSettings
from peerlint.report.escape import xml_text
from peerlint.source.text import SourceText


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report; a file without findings is a suite of one case that passed: some readers refuse empty ones.

    For the same reason there is a suite also where no file was checked.
    """
    findings = findings or [FileFindings(SourceText("peerlint", ""))]
    failures = sum(len(file.diagnostics) for file in findings)
    tests = sum(max(1, len(file.diagnostics)) for file in findings)
    suites = "".join(_suite(file) for file in findings)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="peerlint" tests="{tests}" failures="{failures}" errors="0">\n{suites}</testsuites>\n'
    )


def _suite(file: FileFindings) -> str:
    name = xml_text(file.source.path)
    class_name = xml_text(str(PurePosixPath(file.source.path).with_suffix("")))
    cases = [_case(file.source, class_name, diagnostic) for diagnostic in file.diagnostics]
    if not cases:
        cases = [f'    <testcase name="peerlint" classname="{class_name}"/>\n']
    counts = f'tests="{len(cases)}" failures="{len(file.diagnostics)}" errors="0"'
    return f'  <testsuite name="{name}" {counts}>\n{"".join(cases)}  </testsuite>\n'


def _case(source: SourceText, class_name: str, diagnostic: Diagnostic) -> str:
    place = source.lines.position(diagnostic.span.start)
    where = f"line {place.row}, col {place.column}"
    message = xml_text(diagnostic.message)
    return (
        f'    <testcase name="{diagnostic.code} {where}" classname="{class_name}" line="{place.row}"'
        f' column="{place.column}">\n'
        f'      <failure message="{message}" type="{diagnostic.severity.word}">{where}, {message}</failure>\n'
        "    </testcase>\n"
    )

"""Reports: one pure `render(findings, settings) -> str` per output format, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from peerlint.lint.diagnostics import FileFindings
from peerlint.lint.rules import RULE_URL, Rule, all_rules
from peerlint.records import dataclass

#: Output format -> module that renders it.
FORMATS = {
    "text": "peerlint.report.text",
    "concise": "peerlint.report.concise",
    "json": "peerlint.report.json_array",
    "jsonl": "peerlint.report.json_lines",
    "github": "peerlint.report.github",
    "gitlab": "peerlint.report.gitlab",
    "sarif": "peerlint.report.sarif",
    "junit": "peerlint.report.junit",
    "rdjson": "peerlint.report.rdjson",
    "html": "peerlint.report.html",
}


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """What a report depends on besides the findings: colour, the rules that were run, and how many are left out."""

    color: bool = False
    rules: tuple[Rule, ...] = ()
    known: int = 0


def render(output_format: str, findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report as text, with its last newline; "" where there is nothing to say. KeyError for an unknown format."""
    module = import_module(FORMATS[output_format])
    text = module.render(findings, settings)
    assert isinstance(text, str)
    return text


def page_of(code: str) -> str | None:
    """The page about a rule; None for a rule of the user's own, which has none."""
    return RULE_URL.format(id=code) if code in all_rules() else None

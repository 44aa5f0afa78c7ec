"""All findings as one JSON array, in the shape that tools for ruff read."""

from __future__ import annotations

import json
from collections.abc import Sequence

from peerlint.lint.diagnostics import FileFindings
from peerlint.report import ReportSettings
from peerlint.report.json_lines import entries


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report; `[]` where nothing was found."""
    return json.dumps(list(entries(findings)), indent=2) + "\n"

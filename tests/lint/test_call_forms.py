"""Calls of scripts in the words that people use, against labels made by hand in fixtures/calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from peerlint.lint.engine import LintSettings, lint
from peerlint.lint.rules import all_rules
from peerlint.process.build import build
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

LABELLED = YAML(typ="safe").load((Path(__file__).parents[2] / "fixtures" / "calls" / "labelled.yaml").read_text())


@pytest.mark.parametrize("case", LABELLED, ids=[case["path"] for case in LABELLED])
def test_a_call_is_found_and_a_mention_is_not(case: dict[str, Any]) -> None:
    document = parse(SourceText(case["path"], case["text"]))
    reading = build(document, kind_of(case["path"], document))
    found = [d.message for d in lint(reading, LintSettings((all_rules()["PL101"],)))]
    wanted = "" if case.get("missed") else case.get("calls", "")

    assert len(found) == bool(wanted)
    assert all(wanted in message for message in found)

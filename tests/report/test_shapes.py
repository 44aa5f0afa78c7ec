"""The formats for machines against their shapes, and one place in all formats in the unit that each one counts in."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
from junitparser import JUnitXml

from peerlint.lint.diagnostics import Applicability, FileFindings, Fix, Related, Severity
from peerlint.lint.rules import all_rules, texts_of
from peerlint.report import FORMATS
from peerlint.source.text import Edit, Position, SourceText, Span
from tests.report.shapes import SHAPES, objects_in
from tests.report.test_formats import HOSTILE, found, report

MULTITOOL = os.environ.get("SARIF_MULTITOOL") or shutil.which("sarif-multitool") or shutil.which("Sarif.Multitool")


def every_kind() -> list[FileFindings]:
    """Findings of all kinds: severities, fixes, other places, steps, odd paths and texts, own rules, empty spans."""
    text = "\ufefffirst\r\n  😀 run.sh now\r\nlast run.sh\n"
    fixes = [Fix(kind, "mend", (Edit(Span(0, 3), "x\ud800"),)) for kind in Applicability if kind.value != "manual"]
    other = (Related("b ü.md", Position(3, 4), "set here"), Related("/opt/x.sh", Position(1, 1), "and here"))
    return [
        *(found(SourceText(f"a/{fix.applicability.value}.md", text), fix=fix, step="4b") for fix in fixes),
        *(found(SourceText(f"b/{s.word}.md", text), severity=s, related=other) for s in Severity),
        found(SourceText("c/by hand.md", text), fix=Fix(Applicability.MANUAL, "no"), help="do this"),
        found(SourceText("/elsewhere/d.md", text), span=Span(3, 20)),
        found(SourceText("e/100%.md", text), span=Span(0, 0), code="MY001", name="our-own"),
        found(SourceText("f/😀,:.md", text), message=HOSTILE, help=HOSTILE),
        FileFindings(SourceText("g/clean.md", "")),
    ]


@pytest.mark.parametrize("output_format", SHAPES)
@pytest.mark.parametrize("findings", [every_kind(), every_kind()[-1:], []], ids=["all", "clean", "no files"])
def test_a_report_has_its_shape_and_nothing_else(output_format: str, findings: list[FileFindings]) -> None:
    jsonschema.validate(json.loads(report(output_format, *findings)), SHAPES[output_format])


@pytest.mark.parametrize("output_format", SHAPES)
def test_the_shapes_refuse_what_is_missing_or_unknown(output_format: str) -> None:
    whole = json.loads(report(output_format, found()))
    shape = SHAPES[output_format]
    fits = jsonschema.validators.validator_for(shape)(shape).is_valid
    assert fits(whole)
    for place in objects_in(whole):
        kept = dict(place)
        for broken in ({**kept, "unknown": 1}, {}):
            place.clear()
            place.update(broken)
            assert not fits(whole), broken
        place.update(kept)


#: What stands before "run.sh" in its line: rows end in CRLF, the sign takes two UTF-16 units and four bytes.
PLACES = {"text": 5, "concise": 5, "json": 5, "jsonl": 5, "github": 5, "gitlab": 5, "sarif": 5, "junit": 5, "rdjson": 8}
COLUMN = {
    "text": r"a/peer\.md:2:(\d+):",
    "concise": r"a/peer\.md:2:(\d+):",
    "json": r'"location": \{\s*"row": 2,\s*"column": (\d+)',
    "jsonl": r'"location": \{"row": 2, "column": (\d+)',
    "github": r"line=2,endLine=2,col=(\d+),endColumn=11",
    "gitlab": r'"begin": \{\s*"line": 2,\s*"column": (\d+)',
    "sarif": r'"startLine": 2,\s*"startColumn": (\d+),\s*"endLine": 2,\s*"endColumn": 11',
    "junit": r'line="2" column="(\d+)"',
    "rdjson": r'"start": \{\s*"line": 2,\s*"column": (\d+)',
}


@pytest.mark.parametrize("output_format", sorted(set(FORMATS) - {"html"}))
def test_each_format_counts_columns_in_its_own_unit(output_format: str) -> None:
    shown = re.search(COLUMN[output_format], report(output_format, found()))

    assert shown is not None
    assert int(shown[1]) == PLACES[output_format]


def test_suggestions_of_reviewdog_count_bytes_too() -> None:
    source = SourceText("a.md", "😀 run.sh\r\n")
    fix = Fix(Applicability.SAFE, "mend", (Edit(Span(2, 8), "x"),))
    (entry,) = json.loads(report("rdjson", found(source, fix=fix)))["diagnostics"]

    assert entry["suggestions"] == [
        {"range": {"start": {"line": 1, "column": 6}, "end": {"line": 1, "column": 12}}, "text": "x"}
    ]


def test_junit_reads_back_with_each_case_once() -> None:
    files = every_kind()
    xml = JUnitXml.fromstring(report("junit", *files).encode())

    assert xml.failures == sum(len(file.diagnostics) for file in files)
    assert [suite.name for suite in xml][:2] == ["a/safe.md", "a/provable.md"]
    cases = [(case.classname, case.name) for suite in xml for case in suite]
    assert len(cases) == len(set(cases)) == xml.tests
    assert all(case.result[0].message for suite in xml for case in suite if not case.is_passed)


def test_junit_is_never_without_a_case() -> None:
    xml = JUnitXml.fromstring(report("junit").encode())

    assert [(suite.tests, suite.failures) for suite in xml] == [(1, 0)]


def test_github_commands_read_back() -> None:
    """Read as the runner does: properties up to the first `::`, each unescaped."""
    source = SourceText("a,b:c%.md", "😀 run.sh\r\n")
    line = report("github", found(source, message="100%, ::error::", help="a: b")).rstrip("\n")

    head, _, message = line.removeprefix("::").partition("::")
    command, _, properties = head.partition(" ")
    read = dict(each.partition("=")[::2] for each in properties.split(","))
    assert command == "error"
    assert _unescaped(read["file"]) == "a,b:c%.md"
    assert read["line"] == read["endLine"] == "1"
    assert _unescaped(message) == "PL101 100%, ::error::\na: b"
    assert "\n" not in message


def test_github_has_columns_only_within_one_line() -> None:
    line = report("github", found(span=Span(0, 12)))

    assert "col=" not in line
    assert "line=1,endLine=2" in line


def _unescaped(text: str) -> str:
    for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def test_sarif_names_the_family_of_every_rule_of_peerlint() -> None:
    assert {rule.id for rule in all_rules().values() if rule.family == "your own rules"} == set()


def test_sarif_carries_the_texts_of_the_rules() -> None:
    (run,) = json.loads(report("sarif", found()))["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}

    assert rules.keys() == all_rules().keys()
    for code, rule in rules.items():
        texts = texts_of(code)
        for text in (texts.why, texts.fix, texts.limits):
            assert text in rule["help"]["text"]
            assert text in rule["help"]["markdown"]
        assert not re.search(r"\{\w+\}", rule["help"]["text"])


@pytest.mark.skipif(MULTITOOL is None, reason="no sarif-multitool (npm install @microsoft/sarif-multitool)")
def test_the_official_validator_has_neither_error_nor_warning(tmp_path: Path) -> None:
    """It knows the schema and the demands of GitHub, and ends with 0 whatever it finds."""
    assert MULTITOOL is not None
    (tmp_path / "x.sarif").write_text(report("sarif", *every_kind()), encoding="utf-8")
    arguments = ["validate", "x.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"]
    subprocess.run(
        [MULTITOOL, *arguments, "--output", "out.sarif", "--log", "ForceOverwrite"],
        cwd=tmp_path,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        check=False,
        capture_output=True,
        timeout=120,
    )

    (run,) = json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8-sig"))["runs"]
    assert [result for result in run["results"] if result.get("level", "warning") != "note"] == []

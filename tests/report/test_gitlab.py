"""What GitLab asks of a code quality report, held against what the command writes.

The schema is written after the table of fields in GitLab's documentation ("Code Quality report format" on
docs.gitlab.com/ci/testing/code_quality): the file is one array without a byte order mark, each violation has these
fields, others are ignored, a path is relative and does not begin with `./`. Of violations with one fingerprint only the
first is shown. `tests/report/shapes.py` says beside it what we write of all that, and nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.test_check import run
from tests.report.shapes import Schema

PROJECT = Path(__file__).resolve().parents[2] / "fixtures" / "projects" / "peer-legacy"

TEXT: Schema = {"type": "string", "minLength": 1}
LINE: Schema = {"type": "integer", "minimum": 1}


def has(**fields: Schema) -> Schema:
    """An object with at least these fields."""
    return {"type": "object", "properties": fields, "required": list(fields)}


DOCUMENTED: Schema = {
    "type": "array",
    "items": has(
        description=TEXT,
        check_name=TEXT,
        fingerprint=TEXT,
        severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
        location=has(path={"type": "string", "pattern": r"^(?!\.{0,2}/)."})
        | {"anyOf": [has(lines=has(begin=LINE)), has(positions=has(begin=has(line=LINE)))]},
    ),
}


def fits(form: Any) -> bool:
    """Whether GitLab could read a document."""
    return bool(jsonschema.validators.validator_for(DOCUMENTED)(DOCUMENTED).is_valid(form))


def written(folder: Path, *options: str) -> list[dict[str, Any]]:
    """The report on a folder, as the command puts it into a file."""
    report = folder / "code-quality.json"
    options = ("--no-cache", "--exit-zero", "--output-format", "gitlab", "--output-file", str(report), *options)
    assert run("check", *options, ".") == 0
    data = report.read_bytes()
    assert data.startswith(b"["), "no byte order mark"
    form: list[dict[str, Any]] = json.loads(data)
    return form


def test_a_report_is_what_gitlab_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PROJECT, tmp_path, dirs_exist_ok=True)
    step = "## Step 1: Go\n\nRun `scripts/none.sh`.\n\nRun `scripts/none.sh`.\n"
    (tmp_path / ".claude" / "commands").mkdir(exist_ok=True)
    for name in ("go.md", "go on.md", "gö.md"):
        (tmp_path / ".claude" / "commands" / name).write_text(step)
    (tmp_path / ".claude" / "commands" / "home.md").write_text("## Step 1: Go\n\nRun `/home/ann/scripts/a.sh`.\n")
    monkeypatch.chdir(tmp_path)

    issues = written(tmp_path, "--preview", "--profile", "proved")

    jsonschema.validate(issues, DOCUMENTED)
    assert {issue["severity"] for issue in issues} == {"info", "minor", "major"}
    places = {(issue["location"]["path"], issue["location"]["positions"]["begin"]["line"]) for issue in issues}
    assert {(f".claude/commands/{name}", row) for name in ("go.md", "go on.md", "gö.md") for row in (3, 5)} <= places
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are UTF-8 here")
def test_names_that_are_no_utf_8_do_not_make_two_violations_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".claude" / "commands").mkdir(parents=True)
    for name in (b"\xfe.md", b"\xff.md", b"?.md"):
        (tmp_path / ".claude" / "commands" / os.fsdecode(name)).write_text("## Step 1: Go\n\nRun `scripts/none.sh`.\n")
    monkeypatch.chdir(tmp_path)

    issues = written(tmp_path, "--select", "PL101")

    jsonschema.validate(issues, DOCUMENTED)
    assert len(issues) == len({issue["fingerprint"] for issue in issues}) == 3


def test_a_report_on_nothing_is_an_empty_array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert written(tmp_path) == []


ISSUE: dict[str, Any] = {
    "description": "PL101: runs a.sh",
    "check_name": "PL101",
    "fingerprint": "0" * 32,
    "severity": "major",
    "location": {"path": "a.md", "positions": {"begin": {"line": 1}}},
}


@pytest.mark.parametrize("location", [ISSUE["location"], {"path": ".a/b.md", "lines": {"begin": 1}}])
def test_the_documented_schema_takes_either_kind_of_line(location: dict[str, Any]) -> None:
    assert fits([ISSUE | {"location": location}])


@pytest.mark.parametrize("name", ISSUE)
def test_the_documented_schema_misses_a_field(name: str) -> None:
    assert not fits([{key: value for key, value in ISSUE.items() if key != name}])


@pytest.mark.parametrize(
    "wrong",
    [
        {"severity": "error"},
        {"description": ""},
        {"location": {"path": "a.md"}},
        {"location": {"positions": {"begin": {"line": 1}}}},
        *({"location": ISSUE["location"] | {"path": path}} for path in ("", "/a.md", "./a.md", "../a.md")),
        {"location": {"path": "a.md", "positions": {"begin": {"line": 0}}}},
        {"location": {"path": "a.md", "lines": {"begin": "1"}}},
    ],
    ids=str,
)
def test_the_documented_schema_refuses_what_gitlab_would_not_take(wrong: dict[str, Any]) -> None:
    assert not fits([ISSUE | wrong])

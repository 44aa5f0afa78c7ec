"""Standard input, output and error that are closed or full, and reports and files for which there is no room."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import clean_environment

COMMAND = """\
## Step 1: Check

```bash
test -f plan.md || exit 1
```

## Step 2: Work

Do the work.
"""
FULL = Path("/dev/full")


@pytest.fixture
def command(project: Path) -> Path:
    """A command file with one finding."""
    path = project / ".claude/commands/x.md"
    path.parent.mkdir(parents=True)
    path.write_text(COMMAND, encoding="utf-8")
    return path


def _shell(words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", words.replace("peerlint", f"'{sys.executable}' -m peerlint")],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [".", "--diff .", "explain .claude/commands/x.md", "rule --all", "graph {file}"])
def test_a_full_disk_behind_standard_output_is_no_bug(command: Path, project: Path, words: str) -> None:
    words = words.replace("{file}", ".claude/commands/x.md")
    done = _shell(f"peerlint {words} > /dev/full", project)
    assert (done.returncode, done.stderr) == (
        2,
        "peerlint: cannot write: no space left on device; make room\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (". >&-", 1, ""),
        ("rule PL101 >&-", 0, ""),
        (". 2>&-", 1, ""),
        ("nothing 2>&-", 2, ""),
        ("- <&-", 2, "peerlint: -: standard input is closed; give a file, or a text on standard input\n"),
    ],
)
def test_closed_streams(command: Path, project: Path, words: str, code: int, complaint: str) -> None:
    done = _shell(f"peerlint {words}", project)
    assert (done.returncode, done.stderr) == (code, complaint)


def test_a_report_that_finds_no_room_leaves_the_old_one(command: Path, project: Path) -> None:
    (project / "report.json").write_text("old", encoding="utf-8")
    done = _shell("ulimit -f 0; peerlint --output-format json --output-file report.json .", project)
    assert done.returncode == 2
    assert done.stderr == "peerlint: report.json: cannot be written: file too large; it is as it was\n"
    assert (project / "report.json").read_text(encoding="utf-8") == "old"
    assert [path.name for path in project.iterdir() if path.name.endswith(".tmp")] == []


def test_init_that_finds_no_room_leaves_no_empty_config(project: Path) -> None:
    done = _shell("ulimit -f 0; peerlint init", project)
    assert done.returncode == 2
    assert done.stderr == "peerlint: .peerlint.yaml: cannot be written: file too large\n"
    assert not (project / ".peerlint.yaml").exists()


def test_an_output_file_that_is_no_regular_file_is_written_into(command: Path, project: Path) -> None:
    done = _shell("peerlint --output-format json --exit-zero --output-file /dev/stdout . | cat", project)
    assert done.returncode == 0
    assert [finding["code"] for finding in json.loads(done.stdout)] == ["PL301"]

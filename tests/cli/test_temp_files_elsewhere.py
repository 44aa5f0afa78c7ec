"""A temp file becomes a name of the logic only where nothing else in the project takes it as the steps leave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_check import run, write

FILE = ".agent-os/instructions/core/peer.md"
STEPS = """<process_flow>

<step number="1" name="choose">

Use the Bash tool to run `scripts/choose.sh`.

</step>

<step number="2" name="use">

```bash
MODE=$(cat /tmp/peer_mode.txt)
if [ "$MODE" = "fast" ]; then
  echo "Skip the checks"
fi
```

</step>

</process_flow>
"""
CHOOSE = (
    "#!/bin/bash\nif [ -f fast ]; then\n  echo fast > /tmp/peer_mode.txt\nelse\n  echo slow > /tmp/peer_mode.txt\nfi\n"
)


@pytest.fixture
def peer(project: Path) -> Path:
    """A file whose two steps share a temp file, which one of its scripts writes."""
    write(project, CHOOSE, ".agent-os/scripts/choose.sh")
    return write(project, STEPS, FILE)


def fix_of_call(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The fix that `check` has for the call of the script, in JSON."""
    capsys.readouterr()
    run(FILE, "--output-format", "json")
    fix: dict[str, Any]
    (fix,) = [found["fix"] for found in json.loads(capsys.readouterr().out) if found["code"] == "PL101"]
    return fix


def test_both_steps_can_be_migrated(peer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fix_of_call(capsys)["applicability"] == "provable"


@pytest.mark.parametrize(
    ("name", "text", "row"),
    [
        ("scripts/report.sh", 'echo "The mode is"\ncat /tmp/peer_mode.txt\n', 2),
        ("tools/report.py", 'from pathlib import Path\n\nprint(Path("/tmp/peer_mode.txt").read_text())\n', 3),
        (".claude/commands/report.md", "Tell the user what stands in /tmp/peer_mode.txt.\n", 1),
        ("scripts/log.sh", "date >> /tmp/peer_mode.txt\n", 1),
    ],
)
def test_the_steps_stay_where_another_file_uses_it(
    peer: Path, project: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, row: int
) -> None:
    write(project, text, name)
    fix = fix_of_call(capsys)
    assert fix["applicability"] == "manual"
    assert f"{name} (line {row}) uses /tmp/peer_mode.txt, which nothing would write any more" in fix["message"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "The mode stands in /tmp/peer_mode.txt.\n"),
        ("docs/modes.md", "The mode stands in /tmp/peer_mode.txt.\n"),
        (".claude/settings.json", '{"allow": ["Bash(cat /tmp/peer_mode.txt)"]}\n'),
        ("scripts/own.sh", "echo slow > /tmp/peer_mode.txt\ncat /tmp/peer_mode.txt\n"),
        ("scripts/own.sh", 'STATE="/tmp/peer_mode.txt"\necho slow >"$STATE"\ncat "$STATE"\n'),
        ("tools/own.py", 'with open("/tmp/peer_mode.txt", "w") as file:\n    file.write("slow")\n'),
        ("tests/test_choose.sh", ".agent-os/scripts/choose.sh\ngrep -q slow /tmp/peer_mode.txt\n"),
        ("scripts/other.sh", "cat /tmp/peer_mode.txt.old\n"),
    ],
)
def test_who_only_speaks_of_it_or_writes_it_first_needs_nobody(
    peer: Path, project: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    write(project, text, name)
    assert fix_of_call(capsys)["applicability"] == "provable"


def test_what_was_found_before_is_looked_at_again_when_such_a_file_comes(
    peer: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fix_of_call(capsys)["applicability"] == "provable"
    other = write(project, "cat /tmp/peer_mode.txt\n", "scripts/report.sh")
    assert fix_of_call(capsys)["applicability"] == "manual"
    other.unlink()
    assert fix_of_call(capsys)["applicability"] == "provable"

"""`peerlint explain`: how each line was understood, for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import peerlint

TEXT = """\
<step number="1" name="nats_check">

<validation_logic>
  CHECK: NATS server connectivity
  IF server not responding:
    ERROR: "NATS is away"
    STOP execution
  ELSE:
    PROCEED to next step
</validation_logic>

</step>

<step number="2" name="greeting">

```bash
echo "hello"
```

</step>
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / ".agent-os" / "instructions" / "peer.md"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_each_statement_is_shown_with_what_it_was_bound_to(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, cwd=tmp_path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == ".agent-os/instructions/peer.md: instruction, 2 steps"
    assert " 4  CHECK: NATS server connectivity" in lines
    assert any("server not responding" in line and "how the effect above ended" in line for line in lines)
    assert any(line.strip().startswith("= shell (fence), the agent is told to do it") for line in lines)


def test_json_names_span_kind_text_and_binding(file: Path, tmp_path: Path) -> None:
    found = json.loads(peerlint("explain", file, "--output-format", "json", cwd=tmp_path).out)
    assert (found["kind"], [step["number"] for step in found["steps"]]) == ("instruction", ["1", "2"])
    condition = next(s for s in found["steps"][0]["statements"] if s["kind"] == "if")
    assert condition["text"] == "IF server not responding:"
    assert condition["binding"]["kind"] == "outcome"
    assert condition["span"]["location"] == {"row": 5, "column": 3}
    assert condition["opaque"] is None


def test_a_step_is_shown_with_its_logic_after_the_passes(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, "--step", "2", cwd=tmp_path)
    assert 'DISPLAY: "hello"' in done.out
    assert "peerlint --fix can migrate it" in done.out


def test_an_unknown_step_is_one_clear_line(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, "--step", "9", cwd=tmp_path)
    assert done.code == 2
    assert "has no step 9" in done.complaint and "1, 2" in done.complaint


def test_text_of_the_file_cannot_move_the_cursor(file: Path, tmp_path: Path) -> None:
    file.write_text(TEXT.replace("hello", "\x1b[2Jhello\u202e"), encoding="utf-8")
    out = peerlint("explain", file, cwd=tmp_path).out
    assert "\x1b" not in out and "\u202e" not in out


def test_steps_of_one_number_are_all_shown_and_none_is_migrated(file: Path, tmp_path: Path) -> None:
    step = '<step number="1" name="{name}">\n\n```bash\necho "{name}"\n```\n\n</step>\n'
    file.write_text(step.format(name="first") + step.format(name="second"), encoding="utf-8")
    shown = peerlint("explain", file, "--step", "1", cwd=tmp_path).out
    assert "2 steps have the number 1, at lines 1 and 8: PROCEED to step 1 goes to the first" in shown
    assert shown.count("stays as it is: 2 steps have the number 1 (lines 1 and 8): give each its own") == 2
    assert "after pass" not in shown

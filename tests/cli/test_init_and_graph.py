"""`peerlint init` and `peerlint graph`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_check import INSTRUCTION, run, write

PROCESS = """<process_flow>
<step number="1" name="first">
<a_logic>
  CHECK: NATS server connectivity
  IF server not responding:
    STOP execution
  ELSE:
    PROCEED to step 3
</a_logic>
</step>
<step number="2" name="a]-->evil">
Do it.
</step>
<step number="3" name="last">
Do it.
</step>
</process_flow>
"""


def test_init_writes_config_that_can_be_read(project: Path) -> None:
    assert run("init") == 0
    assert "profile: coordination" in (project / ".peerlint.yaml").read_text()
    write(project, "Do it.\n")
    assert run(".") == 0


def test_every_example_in_it_is_config_that_can_be_read(project: Path) -> None:
    run("init")
    path = project / ".peerlint.yaml"
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(
            line.removeprefix("# ") if (line[2:].split(":")[0].islower() and "[" in line) or "{" in line else line
            for line in lines
        )
    )
    write(project, "Do it.\n")

    assert run(".") == 0


@pytest.mark.parametrize("name", [".peerlint.yaml", "pyproject.toml"])
def test_init_overwrites_nothing(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    text = "[tool.peerlint]\n" if name.endswith("toml") else "fail-on: error\n"
    write(project, text, name)

    assert run("init") == 2
    assert (project / name).read_text() == text
    assert "already" in capsys.readouterr().err


def test_a_graph_shows_steps_and_ways(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, PROCESS)

    assert run("graph", INSTRUCTION) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["flowchart TD", '  step1["1 first"]']
    assert {"  step1 -- STOP --> stopped", "  step1 -- goes to --> step3", "  step3 --> completed"} <= set(lines)


def test_names_of_steps_cannot_draw(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, PROCESS)

    run("graph", INSTRUCTION)
    assert '  step2["2 a#93;--#62;evil"]' in capsys.readouterr().out


def test_a_graph_as_dot(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, PROCESS)

    assert run("graph", INSTRUCTION, "--output-format", "dot") == 0
    out = capsys.readouterr().out
    assert '  step1 -> stopped [label="STOP"];' in out
    assert out.endswith("}\n")

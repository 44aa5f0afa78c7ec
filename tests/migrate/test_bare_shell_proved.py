"""PL102 and PL107 on the command line: shell and hybrids in all the places where they stand, mended by `--fix`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from peerlint.run.sandbox import sandbox_problem
from tests.command_line import peerlint

INSTRUCTION = ".agent-os/instructions/core/a.md"
READ = (
    "STATE=$(nats kv get agent-os-peer-state peer.current --raw)\n"
    "if [ $? -ne 0 ]; then\n"
    '  echo "Failed to read state"\n'
    "  exit 1\n"
    "fi\n"
)
COMMANDS = (
    'IF [ "$MODE" = "continue" ]; then\n'
    '  echo "going on"\n'
    '  nats kv put agent-os-peer-state peer.mode "$MODE"\n'
    "ELSE\n"
    '  DISPLAY: "new cycle"\n'
    "fi\n"
)
#: Where the lines stand, and what stays of it; the indentation is that of the tag's content.
PLACES = {
    "read_operation": ("<read_operation>\n{}</read_operation>\n", READ, "PL102"),
    "logic": ("<state_logic>\n{}</state_logic>\n", COMMANDS, "PL107"),
    "behind_prose": ("Find out where we are.\n\n<check_state>\n{}</check_state>\n", READ, "PL102"),
    "nested": ("<instructions>\n<read_state>\n{}</read_state>\n</instructions>\n", READ, "PL102"),
    "hybrid_without_logic_tag": ("<cycle_check>\n{}</cycle_check>\n", COMMANDS, "PL107"),
    "bare_in_the_step": ("{}", READ, "PL102"),
}


def document() -> str:
    """One step for each place."""
    steps = []
    for number, (name, (place, lines, _)) in enumerate(PLACES.items(), 1):
        inner = place.format("".join(f"  {line}\n" for line in lines.splitlines()))
        steps.append(f'<step number="{number}" name="{name}">\n\n### Step {number}\n\n{inner}\n</step>\n')
    return "# Peer\n\n<process_flow>\n\n" + "\n".join(steps) + "\n</process_flow>\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".peerlint.yaml").write_text("ignore: [PL309, PL705]\n")
    path = tmp_path / INSTRUCTION
    path.parent.mkdir(parents=True)
    path.write_text(document())
    return tmp_path


def test_each_place_is_found_and_marked_as_to_be_proved(project: Path) -> None:
    found = json.loads(peerlint("check", ".", "--output-format", "json", cwd=project).out)

    assert [(d["code"], d["fix"]["applicability"]) for d in found if d["code"] in ("PL102", "PL107")] == [
        (code, "provable") for _, _, code in PLACES.values()
    ]


@pytest.mark.skipif(sandbox_problem() is not None, reason=f"no sandbox: {sandbox_problem()}")
def test_each_place_is_proved_and_clean_afterwards(project: Path) -> None:
    fixed = peerlint("check", "--fix", ".", cwd=project)

    steps = [line for line in fixed.out.splitlines() if line.startswith("a.md")]
    assert [line.split()[4] for line in steps] == ["proved"] * len(PLACES), fixed.out
    assert fixed.out.endswith("No problems in 1 file.\n")
    text = (project / INSTRUCTION).read_text()
    assert "$(" not in text
    assert text.count("READ: peer.current from agent-os-peer-state AS STATE") == 4
    assert text.count('IF MODE is "continue":') == 2
    assert peerlint("prove", INSTRUCTION, "--check", cwd=project).code == 0


@pytest.mark.skipif(subprocess.run(["git", "--version"], check=False).returncode != 0, reason="needs git")
def test_the_patch_of_each_place_applies(project: Path) -> None:
    patch = peerlint("check", "--diff", ".", cwd=project).out

    subprocess.run(["git", "apply", "-"], cwd=project, input=patch, encoding="utf-8", check=True)
    assert peerlint("check", ".", cwd=project).code == 0

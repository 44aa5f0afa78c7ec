"""Scripts in the folders that the harness names: `${CLAUDE_PLUGIN_ROOT}/scripts/x.sh` is migrated and proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.run.sandbox import sandbox_problem
from tests.command_line import peerlint

SCRIPT = """#!/usr/bin/env bash
set -euo pipefail
if ! nats kv info deploys > /dev/null 2>&1; then
  echo "no bucket for $1" >&2
  exit 1
fi
echo "ready for $1"
"""
CALLS = (
    '${CLAUDE_PLUGIN_ROOT}/scripts/check.sh "prod"',
    'bash "$CLAUDE_PROJECT_DIR"/scripts/check.sh prod',
    "bash $HOME/.claude/scripts/check.sh prod",
    "${HOME}/.claude/scripts/check.sh prod",
    # Beside another command.
    'echo "checking"\n"${CLAUDE_PLUGIN_ROOT}/scripts/check.sh" prod',
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".peerlint.yaml").write_text("ignore: [PL309, PL705]\n")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/check.sh").write_text(SCRIPT)
    (tmp_path / "commands").mkdir()
    steps = [f"## Step {n}: Check {n}\n\n```bash\n{call}\n```\n" for n, call in enumerate(CALLS, 1)]
    steps.append(f"## Step {len(CALLS) + 1}: Say it\n\nRun `${{CLAUDE_PLUGIN_ROOT}}/scripts/check.sh prod`.\n")
    (tmp_path / "commands/deploy.md").write_text("---\ndescription: Deploy\n---\n\n# Deploy\n\n" + "\n".join(steps))
    return tmp_path


@pytest.mark.skipif(sandbox_problem() is not None, reason=f"no sandbox: {sandbox_problem()}")
def test_a_script_in_a_folder_of_the_harness_is_migrated(project: Path) -> None:
    fixed = peerlint("check", "--fix", ".", cwd=project)

    steps = [line for line in fixed.out.splitlines() if line.startswith("deploy.md")]
    assert [line.split("  ")[2].strip() for line in steps] == ["proved"] * (len(CALLS) + 1), fixed.out
    text = (project / "commands/deploy.md").read_text()
    assert "check.sh" not in text
    assert "CLAUDE_" not in text
    assert text.count('DISPLAY: "ready for prod"') == len(CALLS) + 1


@pytest.mark.skipif(sandbox_problem() is not None, reason=f"no sandbox: {sandbox_problem()}")
def test_what_else_is_read_from_such_a_folder_is_asked_for(project: Path) -> None:
    reads = 'NAME=$(cat "${CLAUDE_PLUGIN_ROOT}/name.txt") || exit 1\necho "this is $NAME"\n'
    (project / "scripts/check.sh").write_text(reads)
    fixed = peerlint("check", "--fix", "--step", "1", ".", cwd=project)

    assert "step 1 check_1  proved " in fixed.out, fixed.out
    text = (project / "commands/deploy.md").read_text()
    assert "INPUT: CLAUDE_PLUGIN_ROOT" in text
    assert 'cat "[CLAUDE_PLUGIN_ROOT]/name.txt"' in text


@pytest.mark.skipif(sandbox_problem() is not None, reason=f"no sandbox: {sandbox_problem()}")
def test_the_folder_of_a_plugin_is_not_that_of_the_project(project: Path) -> None:
    step = "# Deploy\n\n## Step 1: Name\n\n{}\n"
    file = project / "commands/deploy.md"
    old, new = project / "old.md", 'RUN: `cat name.txt` AS NAME, or "" if it fails\n  DISPLAY: "this is [NAME]"'
    shell = 'NAME=$(cat "${CLAUDE_PLUGIN_ROOT}/name.txt")\necho "this is $NAME"'
    old.write_text(step.format(f"```bash\n{shell}\n```"))
    file.write_text(step.format(f"<name_logic>\n  {new}\n</name_logic>"))
    assert "refuted" in peerlint("prove", file, "--against", old, cwd=project).out

    right = "INPUT: CLAUDE_PLUGIN_ROOT\n  " + new.replace("name.txt", '"[CLAUDE_PLUGIN_ROOT]/name.txt"')
    file.write_text(step.format(f"<name_logic>\n  {right}\n</name_logic>"))
    assert "proved" in peerlint("prove", file, "--against", old, cwd=project).out


OWN_FOLDER = """#!/bin/bash
DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$(dirname "$0")/.." || exit 1
npm ci || exit 1
if [ -f "$DIR/config.json" ]; then
  echo "configured"
fi
"""


@pytest.mark.skipif(sandbox_problem() is not None, reason=f"no sandbox: {sandbox_problem()}")
def test_a_script_that_works_in_the_folder_above_its_own_is_migrated(project: Path) -> None:
    (project / "scripts/check.sh").write_text(OWN_FOLDER)
    (project / "commands/deploy.md").write_text("## Step 1: Build\n\n```bash\n./scripts/check.sh\n```\n")
    fixed = peerlint("check", "--fix", ".", cwd=project)

    assert "step 1 build  proved " in fixed.out, fixed.out
    text = (project / "commands/deploy.md").read_text()
    assert "IN FOLDER" not in text
    assert 'IF file "scripts/config.json" exists:' in text

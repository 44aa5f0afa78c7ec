"""Instruction files in the styles that people write, with scripts as they have them: the patch that `--diff` gives.

`fixtures/styles/expected.diff` is what a person would want to merge; where a change of it is wanted, write it anew with
`peerlint --diff .` in a copy of `fixtures/styles/project` that is a git repository, and read it as a whole.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command_line import peerlint

STYLES = Path(__file__).parents[2] / "fixtures" / "styles"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    shutil.copytree(STYLES / "project", root)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def test_the_patch_is_the_one_that_a_person_has_read(project: Path) -> None:
    done = peerlint("--diff", ".", cwd=project)
    assert done.out == (STYLES / "expected.diff").read_text()


def test_the_patch_applies_and_leaves_nothing_to_migrate(project: Path) -> None:
    subprocess.run(["git", "-C", str(project), "apply", str(STYLES / "expected.diff")], check=True)
    assert b"\r\n" in (project / ".agent-os/instructions/core/nightly.md").read_bytes()
    again = peerlint("--diff", ".", cwd=project)
    assert again.out == ""
    assert again.complaint.startswith("peerlint: --fix would change nothing")

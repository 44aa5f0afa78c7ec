"""`make demo`, as a newcomer types it, from any folder."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import clean_environment

ROOT = Path(__file__).parent.parent
#: The steps that the demo must prove at least: everything but the delegations and the script that is beyond the tool.
PROVED_AT_LEAST = 8


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32" or shutil.which("bash") is None, reason="a proof needs bash")
def test_the_demo_proves_steps_and_leaves_nothing_behind(tmp_path: Path) -> None:
    temporary, elsewhere = tmp_path / "temporary", tmp_path / "elsewhere"
    temporary.mkdir()
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo"],
        cwd=elsewhere,
        env=clean_environment({"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = re.fullmatch(r"(\d+) of (\d+) steps proved", done.stdout.splitlines()[-1])
    assert last is not None
    proved, total = int(last[1]), int(last[2])
    assert PROVED_AT_LEAST <= proved <= total
    assert list(temporary.iterdir()) == []
    assert list(elsewhere.iterdir()) == []

"""A lab leaves nothing behind, also where it was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from peerlint.prove.lab import Lab
from peerlint.run.sandbox import ExecutionMode

_OPENS = """
import time
from peerlint.prove.lab import Lab
from peerlint.run.sandbox import ExecutionMode
with Lab(ExecutionMode.NEVER) as lab:
    print(lab.folder, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_lab_left_in_memory_goes_with_the_next_and_a_living_one_stays(lab: Lab) -> None:
    child = subprocess.Popen([sys.executable, "-c", _OPENS], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    left = Path(child.stdout.readline().strip())
    if left.parent != Path("/dev/shm"):
        child.kill()
        pytest.skip("labs are not in memory here")
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert left.is_dir()
    with Lab(ExecutionMode.NEVER) as other:
        assert not left.exists()
        assert other.folder.is_dir() and lab.folder.is_dir()
    assert not other.folder.exists()

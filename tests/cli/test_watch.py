"""`--watch`: looks again when a file has changed, until Ctrl-C."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check import CALLS_A_SCRIPT, write


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_it_looks_again_after_a_change(project: Path) -> None:
    path = write(project, "Do the work.\n")
    command = [sys.executable, "-m", "peerlint", ".", "--watch", "--output-format", "concise"]
    # Who runs the tests in the background may ignore Ctrl-C, and so would all that is started.
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True, preexec_fn=heed) as watching:
        assert watching.stdout is not None
        first = watching.stdout.readline()
        path.write_text(CALLS_A_SCRIPT)
        second = watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        watching.stdout.read()

    assert first == "No problems in 1 file.\n"
    assert "PL101" in second
    assert watching.returncode == 130

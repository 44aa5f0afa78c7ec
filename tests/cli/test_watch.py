"""`--watch`: looks again when a file has changed, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peerlint.cli.watch import INTERVAL, REST, watch
from tests.cli.test_check import CALLS_A_SCRIPT, write
from tests.command_line import heeds


@contextmanager
def watching(project: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "peerlint", ".", "--watch", "--output-format", "concise"]
    with subprocess.Popen(
        command,
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heeds(signal.SIGINT),
    ) as process:
        yield process
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        process.stdout.read()
    assert process.returncode == 130


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_it_looks_again_after_a_change(project: Path) -> None:
    path = write(project, "Do the work.\n")
    with watching(project) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "No problems in 1 file.\n"
        path.write_text(CALLS_A_SCRIPT)
        assert "PL101" in process.stdout.readline()


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_it_looks_again_after_a_change_of_the_config(project: Path) -> None:
    write(project, CALLS_A_SCRIPT)
    with watching(project) as process:
        assert process.stdout is not None
        assert "PL101" in process.stdout.readline()
        assert "Found 1 problem" in process.stdout.readline()
        (project / ".peerlint.yaml").write_text("ignroe: []\n")
        assert 'unknown key "ignroe"' in process.stdout.readline()
        (project / ".peerlint.yaml").write_text("ignore: [PL101]\n")
        assert process.stdout.readline() == "No problems in 1 file.\n"


@pytest.mark.parametrize(("takes", "rests"), [(0.001, INTERVAL), (0.2, REST * 0.2)])
def test_looking_takes_a_tenth_of_the_processor_at_most(
    monkeypatch: pytest.MonkeyPatch, takes: float, rests: float
) -> None:
    """With a clock that moves only while files are looked for."""
    clock = [0.0]
    slept: list[float] = []

    def files() -> list[Path]:
        clock[0] += takes
        return []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.process_time", lambda: clock[0])
    monkeypatch.setattr("time.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        watch(files, lambda: None)
    assert slept == pytest.approx([rests] * 3)

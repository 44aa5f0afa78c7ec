"""The real command line in a child process, as a user's shell would start it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

#: Variables that change what peerlint may do; a test sets those that it is about.
SWITCHES = ("CI", "PRE_COMMIT", "NATS_URL", "NATS_CONTEXT", "PEERLINT_NATS_SERVER", "GITHUB_ACTIONS")

#: Exit code of a run that ended by a bug in peerlint.
BUG = 3


@dataclass(frozen=True)
class Finished:
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on stderr; fails the test where there is more, less, or a traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, f"wanted one line on stderr, got: {self.err!r}"
        assert "Traceback" not in self.err
        return lines[0]


def heeds(number: int) -> Callable[[], object]:
    """For `preexec_fn`: who runs the tests in the background may ignore a signal, and so would all that is started."""
    return partial(signal.signal, number, signal.SIG_DFL)


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without the switches, with `extra` on top."""
    kept = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    return kept | {"PYTHONUTF8": "1", "NO_COLOR": "1"} | dict(extra or {})


def peerlint(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    seconds: float = 60,
) -> Finished:
    """Runs `peerlint ARGUMENTS` in `cwd`; a run longer than `seconds` fails the test, and so does a bug in peerlint."""
    done = subprocess.run(
        [sys.executable, "-m", "peerlint", *map(str, arguments)],
        cwd=cwd,
        env=clean_environment(env),
        input=stdin if stdin is not None else "",
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
    )
    assert done.returncode != BUG, done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)

"""Commands on the host: only those that were allowed, as argument lists, by their resolved absolute path."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence

from peerlint.run.world import Cause, Completed, EffectFailure

#: Bytes of output that are kept of one command.
MAX_OUTPUT = 16 * 1024 * 1024


class HostCommands:
    """Runs what is in `allowed` (names of commands); everything else is NOT_ALLOWED."""

    def __init__(self, allowed: Collection[str] = (), environment: Mapping[str, str] | None = None) -> None:
        self._allowed = frozenset(allowed)
        self._environment = dict(os.environ if environment is None else environment)

    def path_of(self, name: str) -> str | None:
        """The absolute path of a command, None where there is none."""
        found = shutil.which(name, path=self._environment.get("PATH", os.defpath))
        return None if found is None else os.path.realpath(found)

    def allows(self, name: str) -> bool:
        """Whether the command may run."""
        return name in self._allowed

    def run(self, argv: Sequence[str], stdin: str, folder: str, seconds: float | None) -> Completed:
        """Runs one command. Raises NOT_ALLOWED, NOT_FOUND or TIMEOUT."""
        name = argv[0] if argv else ""
        if not self.allows(name):
            raise EffectFailure(Cause.NOT_ALLOWED, f'the command "{name}" is not allowed; allow it with --allow {name}')
        # The shell finds a command by the name that it was given, so a link keeps its name as argv[0].
        path = shutil.which(name, path=self._environment.get("PATH", os.defpath))
        if path is None:
            raise EffectFailure(Cause.NOT_FOUND, f"{name}: command not found", 127)
        with subprocess.Popen(
            [name, *argv[1:]],
            executable=os.path.abspath(path),  # noqa: PTH100  # a link must stay a link: busybox decides by name
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=self._environment,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(stdin.encode("utf-8", "surrogateescape"), seconds)
            except subprocess.TimeoutExpired:
                _kill_group(process)
                raise EffectFailure(Cause.TIMEOUT, f"{name} took longer than {seconds:g} seconds", 124) from None
            except BaseException:  # Ctrl-C: nothing that was started outlives us
                _kill_group(process)
                raise
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Completed(code, _text(out), _text(err))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(data: bytes) -> str:
    return data[:MAX_OUTPUT].decode("utf-8", "surrogateescape")

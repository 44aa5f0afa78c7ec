"""Originals out of git, by `cat-file` alone: nothing of the repository runs, nothing is fetched, nobody is asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from peerlint.patterns import regex
from peerlint.source.project.opening import repository_of

_SAFE = regex(r"[\w./~^@{}-]+")
_SECONDS = 10


class History:
    """The git repository around a folder; without git or a repository nothing is found."""

    def __init__(self, folder: Path) -> None:
        self._git = shutil.which("git")
        self._root = repository_of(folder)

    def file_at(self, revision: str, path: Path) -> str | None:
        """Text of a file at a revision; None where there is none."""
        if self._root is None or revision.startswith("-") or not _SAFE.fullmatch(revision):
            return None
        try:
            name = path.resolve().relative_to(self._root.resolve()).as_posix()
        except ValueError:
            return None
        return self._blob(f"{revision}:{name}")

    def blob(self, identity: str) -> str | None:
        """Text of the blob with this id; None where the repository does not have it."""
        return self._blob(identity) if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", identity) else None

    def _blob(self, name: str) -> str | None:
        if self._git is None or self._root is None:
            return None
        quiet = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "protocol.allow=never"]
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", os.fspath(self._root)),
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }
        try:
            done = subprocess.run(
                [self._git, *quiet, "-C", os.fspath(self._root), "cat-file", "blob", name],
                capture_output=True,
                check=False,
                env=environment,
                stdin=subprocess.DEVNULL,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None

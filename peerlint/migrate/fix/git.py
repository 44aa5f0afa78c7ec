"""What git says about a file, asked without running anything that the repository configures.

Only `rev-parse` and `cat-file` are asked: they read objects. `git status` would run the repository's fsmonitor, and
`git diff` its text conversions.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from enum import Enum
from pathlib import Path

from peerlint.errors import InputError

#: Nothing of the repository runs, nothing is fetched, nobody is asked, and no configuration of the user is needed.
_QUIET = (
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.pager=cat"),
    *("-c", "protocol.allow=never", "-c", "credential.helper=", "-c", "core.sshCommand=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_SECONDS = 10


class Committed(Enum):
    """How a file stands to the last commit."""

    CLEAN = "as in the last commit"
    DIRTY = "has uncommitted changes"
    UNTRACKED = "is not committed"
    NO_GIT = "no git"


def committed(path: Path, content: bytes) -> Committed:
    """Whether the bytes of the file are those of HEAD. `NO_GIT` where there is no repository or no git."""
    git = shutil.which("git")
    folder = _repository(path)
    if git is None or folder is None:
        return Committed.NO_GIT
    name = path.resolve().relative_to(folder).as_posix()
    head = _ask(git, folder, "rev-parse", "--verify", "--quiet", f"HEAD:{name}")
    if head is None:
        return Committed.UNTRACKED
    blob = _ask(git, folder, "cat-file", "blob", head.decode("ascii", "replace").strip())
    if blob is None:
        return Committed.DIRTY
    same = blob == content or blob.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    return Committed.CLEAN if same else Committed.DIRTY


def content_at(path: Path, revision: str) -> bytes | None:
    """The bytes of a file at a revision; None where it was not there. Raises InputError where that cannot be told."""
    git = shutil.which("git")
    folder = _repository(path)
    if git is None or folder is None:
        raise InputError("there is no git repository" if git else "git is not installed", path=str(path))
    commit = _ask(git, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise InputError(f'git knows no revision "{revision}"', todo="give a branch, a tag or a commit")
    name = path.resolve().relative_to(folder).as_posix()
    return _ask(git, folder, "cat-file", "blob", f"{commit.decode('ascii', 'replace').strip()}:{name}")


def _repository(path: Path) -> Path | None:
    """The nearest folder above with a `.git`."""
    return next((folder for folder in path.resolve().parents if (folder / ".git").exists()), None)


def _ask(git: str, folder: Path, *arguments: str) -> bytes | None:
    """Output of a git command; None where it fails or takes too long."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.environ.get("HOME", os.fspath(folder)),
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ASKPASS": "false",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            [git, *_QUIET, "-C", os.fspath(folder), *arguments],
            capture_output=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

"""What git says about a file, asked without running anything that the repository configures.

Only `rev-parse`, `cat-file` and `ls-tree` are asked: they read objects. `git status` would run the repository's
fsmonitor, and `git diff` its text conversions.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from enum import Enum
from pathlib import Path, PurePosixPath

from peerlint.errors import InputError
from peerlint.source.project.opening import repository_of

#: Nothing of the repository runs, nothing is fetched, nobody is asked, and no configuration of the user is needed.
_QUIET = (
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.pager=cat"),
    *("-c", "protocol.allow=never", "-c", "credential.helper=", "-c", "core.sshCommand=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_SECONDS = 10
#: How many files that are gone are looked at, to find the one that a file was renamed from.
_MOST_RENAMED = 50


class Committed(Enum):
    """How a file stands to the last commit."""

    CLEAN = "as in the last commit"
    DIRTY = "has uncommitted changes"
    UNTRACKED = "is not committed"
    NO_GIT = "no git"


def committed(path: Path, content: bytes) -> Committed:
    """Whether the bytes of the file are those of HEAD. `NO_GIT` where there is no repository or no git."""
    git = shutil.which("git")
    folder = repository_of(path.resolve().parent)
    if git is None or folder is None:
        return Committed.NO_GIT
    name = path.resolve().relative_to(folder).as_posix()
    blob = _ask(git, folder, "cat-file", "blob", f"HEAD:{name}")
    if blob is None:
        # What the commit names and this clone does not have cannot be compared.
        is_named = _ask(git, folder, "rev-parse", "--verify", "--quiet", f"HEAD:{name}") is not None
        return Committed.DIRTY if is_named else Committed.UNTRACKED
    same = blob == content or blob.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    return Committed.CLEAN if same else Committed.DIRTY


def content_at(path: Path, revision: str) -> bytes | None:
    """The bytes of a file at a revision, where it had another name those of the file that it was renamed from.

    None where it was not there. Raises InputError where that cannot be told.
    """
    git = shutil.which("git")
    folder = repository_of(path.resolve().parent)
    if git is None or folder is None:
        raise InputError("there is no git repository" if git else "git is not installed", path=str(path))
    commit = _ask(git, folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise InputError(f'git knows no revision "{revision}"', todo="give a branch, a tag or a commit")
    identity = commit.decode("ascii", "replace").strip()
    name = path.resolve().relative_to(folder).as_posix()
    content = _ask(git, folder, "cat-file", "blob", f"{identity}:{name}")
    return content if content is not None else _renamed_from(git, folder, identity, path)


def _renamed_from(git: str, folder: Path, commit: str, path: Path) -> bytes | None:
    """The file of a commit that is gone now and has at least half of its lines in common with this one, the most so.

    `git diff` would tell, but it runs what the repository configures.
    """
    listed = _ask(git, folder, "ls-tree", "-r", "-z", "--name-only", commit) or b""
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name.endswith(os.fsencode(path.suffix))]
    gone = [name for name in names if name and not os.path.lexists(folder / name)]
    # A file is mostly moved or renamed, seldom both at once.
    here = PurePosixPath(path.resolve().relative_to(folder).as_posix())
    gone.sort(key=lambda name: (PurePosixPath(name).name != here.name, PurePosixPath(name).parent != here.parent))
    lines = _lines_of(path.read_bytes())
    best, most = None, 0.5
    for name in gone[:_MOST_RENAMED]:
        content = _ask(git, folder, "cat-file", "blob", f"{commit}:{name}")
        if content is not None and (alike := _likeness(lines, _lines_of(content))) >= most:
            best, most = content, alike
    return best


def _lines_of(content: bytes) -> Counter[bytes]:
    return Counter(line for line in map(bytes.strip, content.splitlines()) if line)


def _likeness(one: Counter[bytes], other: Counter[bytes]) -> float:
    """Of the shorter text, the share of lines that the other has, too."""
    shorter = min(one.total(), other.total())
    return (one & other).total() / shorter if shorter else 0.0


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

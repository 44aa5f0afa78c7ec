"""How a file stands to the last commit: what git could give back needs no copy."""

from __future__ import annotations

import shutil
from enum import Enum
from pathlib import Path

from peerlint.prove.history import ask_git, name_in
from peerlint.source.project.opening import repository_of


class Committed(Enum):
    """How a file stands to the last commit."""

    CLEAN = "as in the last commit"
    DIRTY = "has uncommitted changes"
    UNTRACKED = "is not committed"
    NO_GIT = "no git"


def committed(path: Path, content: bytes) -> Committed:
    """Whether the bytes of the file are those of HEAD. `NO_GIT` where there is no repository or no git."""
    folder = repository_of(path.resolve().parent)
    if folder is None or shutil.which("git") is None:
        return Committed.NO_GIT
    name = f"HEAD:{name_in(path, folder)}"
    blob = ask_git(folder, "cat-file", "blob", name)
    if blob is None:
        # What the commit names and this clone does not have cannot be compared.
        is_named = ask_git(folder, "rev-parse", "--verify", "--quiet", name) is not None
        return Committed.DIRTY if is_named else Committed.UNTRACKED
    same = blob == content or blob.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    return Committed.CLEAN if same else Committed.DIRTY

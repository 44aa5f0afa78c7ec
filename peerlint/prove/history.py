"""What git keeps of files, asked without running anything that the repository configures.

Only `rev-parse`, `cat-file` and `ls-tree` are asked: they read objects. `git status` would run the repository's
fsmonitor, and `git diff` its text conversions.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from peerlint.errors import InputError
from peerlint.patterns import regex
from peerlint.source.project.opening import repository_of

#: Nothing of the repository runs, nothing is fetched, nobody is asked, and no configuration of the user is needed.
_QUIET = (
    *("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.pager=cat"),
    *("-c", "protocol.allow=never", "-c", "credential.helper=", "-c", "core.sshCommand=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_SECONDS = 10
_SAFE = regex(r"[\w./~^@{}-]+")
#: How many files that are gone are looked at, to find the one that a file was renamed from.
_MOST_RENAMED = 50


def ask_git(folder: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """Output of a git command in a repository; None where there is no git, and where it fails or takes too long."""
    git = shutil.which("git")
    if git is None:
        return None
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
            input=given,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


class History:
    """The git repository around a folder; without git or a repository nothing is found."""

    def __init__(self, folder: Path) -> None:
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
        content = ask_git(self._root, "cat-file", "blob", name) if self._root is not None else None
        return None if content is None else content.decode("utf-8", "surrogateescape")


class Revision:
    """Files as they were at a revision of the repositories that they stand in.

    `files` are those that will be asked for: of them git tells at once which blob each of them was. Methods raise
    InputError where there is no git, no repository around a file, or no such revision of it.
    """

    def __init__(self, name: str, files: Iterable[Path] = ()) -> None:
        self._name = name
        self._files = tuple(files)
        self._folders: dict[Path, Path | None] = {}
        self._commits: dict[Path, str] = {}
        self._blobs: dict[Path, dict[str, str]] = {}

    def content(self, path: Path, now: bytes | None = None) -> bytes | None:
        """The bytes of a file, where it had another name those of the file that it was renamed from.

        None where it was not there. Whoever knows what its bytes are `now` need not wait for those that are the same.
        """
        folder = self._repository(path)
        commit, name = self._commit(folder), name_in(path, folder)
        if now is not None and self._is_blob(folder, name, now):
            return now
        content = ask_git(folder, "cat-file", "blob", f"{commit}:{name}")
        return content if content is not None else _renamed_from(folder, commit, path)

    def _is_blob(self, folder: Path, name: str, content: bytes) -> bool:
        if folder not in self._blobs:
            self._blobs[folder] = self._blobs_of(folder)
        blob = self._blobs[folder].get(name)
        return blob is not None and blob == _blob_id(content, len(blob))

    def _repository(self, path: Path) -> Path:
        place = path.resolve().parent
        if place not in self._folders:
            self._folders[place] = repository_of(place)
        folder = self._folders[place]
        if folder is None or shutil.which("git") is None:
            reason = "there is no git repository" if folder is None else "git is not installed"
            raise InputError(reason, path=str(path))
        return folder

    def _commit(self, folder: Path) -> str:
        if folder not in self._commits:
            wanted = f"{self._name}^{{commit}}"
            commit = ask_git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
            if commit is None:
                raise InputError(f'git knows no revision "{self._name}"', todo="give a branch, a tag or a commit")
            self._commits[folder] = commit.decode("ascii", "replace").strip()
        return self._commits[folder]

    def _blobs_of(self, folder: Path) -> dict[str, str]:
        """The ids of the files of a repository that were announced, by their name in it."""
        names = [name_in(path, folder) for path in self._files if self._is_within(path, folder)]
        names = [name for name in names if "\n" not in name]
        wanted = "".join(f"{self._commit(folder)}:{name}\n" for name in names)
        given = wanted.encode("utf-8", "surrogateescape")
        told = ask_git(folder, "cat-file", "--batch-check=%(objecttype) %(objectname)", given=given) or b""
        lines = told.decode("ascii", "replace").splitlines()
        kinds = (line.split(" ") for line in lines)
        return {name: words[1] for name, words in zip(names, kinds, strict=False) if words[0] == "blob"}

    def _is_within(self, path: Path, folder: Path) -> bool:
        try:
            return self._repository(path) == folder
        except InputError:
            return False


def name_in(path: Path, folder: Path) -> str:
    """What git calls a file of the repository in a folder."""
    return path.resolve().relative_to(folder).as_posix()


def _blob_id(content: bytes, length: int) -> str:
    """The id that git gives to a blob: one of 40 digits or, in newer repositories, of 64."""
    headed = b"blob %d\0" % len(content) + content
    return (hashlib.sha256 if length == 64 else hashlib.sha1)(headed, usedforsecurity=False).hexdigest()


def _renamed_from(folder: Path, commit: str, path: Path) -> bytes | None:
    """The file of a commit that is gone now and has at least half of its lines in common with this one, the most so.

    `git diff` would tell, but it runs what the repository configures.
    """
    listed = ask_git(folder, "ls-tree", "-r", "-z", "--name-only", commit) or b""
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name.endswith(os.fsencode(path.suffix))]
    gone = [name for name in names if name and not os.path.lexists(folder / name)]
    # A file is mostly moved or renamed, seldom both at once.
    here = PurePosixPath(name_in(path, folder))
    gone.sort(key=lambda name: (PurePosixPath(name).name != here.name, PurePosixPath(name).parent != here.parent))
    lines = _lines_of(path.read_bytes())
    best, most = None, 0.5
    for name in gone[:_MOST_RENAMED]:
        content = ask_git(folder, "cat-file", "blob", f"{commit}:{name}")
        if content is not None and (alike := _likeness(lines, _lines_of(content))) >= most:
            best, most = content, alike
    return best


def _lines_of(content: bytes) -> Counter[bytes]:
    return Counter(line for line in map(bytes.strip, content.splitlines()) if line)


def _likeness(one: Counter[bytes], other: Counter[bytes]) -> float:
    """Of the shorter text, the share of lines that the other has, too."""
    shorter = min(one.total(), other.total())
    return (one & other).total() / shorter if shorter else 0.0

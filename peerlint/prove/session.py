"""One bash in the sandbox that has run all that comes before a step; each scenario is a fork of it.

Its tools are the plain ones: what they complain about is in the merged stream.

What runs there is not trusted, and lives on between two scenarios. So nothing is written into a folder that it can
write to: it gets its files from a folder that it can only read, and puts its own folders back by itself. What it left
is read without following a link.
"""

from __future__ import annotations

import contextlib
import os
import select
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from peerlint.prove.lab import HOME, WORK, Lab
from peerlint.prove.scene import link_name
from peerlint.records import dataclass, field
from peerlint.run.sandbox import Limits, kill_group, looks

#: Where the program finds what it can only read, and where bash writes which lines it takes.
SCENE, TRACE = "/peerlint/scene", "/peerlint/trace"
#: The folders that a program can write to: as it sees them, and in the scene.
_OWN = {"work": WORK, "home": HOME, "tmp": "/tmp"}
_LARGEST = 1 << 20

_DRIVER = r"""exec {peerlint_ask}<>SCENE/ask {peerlint_tell}<>SCENE/tell
peerlint_serve() {
  builtin printf 'ready\n' >&$peerlint_tell
  while IFS= builtin read -r -u $peerlint_ask peerlint_word; do
    peerlint_code=0
    if [ "$peerlint_word" = restore ]; then
      /bin/find /work HOME /tmp -mindepth 1 -delete
      /bin/cp -a SCENE/left/work SCENE/left/tmp SCENE/left/home /
    else
      ( . SCENE/go.sh ) {peerlint_ask}>&- {peerlint_tell}>&- &
      builtin wait $! || peerlint_code=$?
    fi
    builtin printf '%s\n' "$peerlint_code" >&$peerlint_tell
  done
  builtin exit 0
}
"""
#: Runs files in this shell one after the other; where one says `exit 0`, the others go on in the exit trap.
_GO = r"""peerlint_files=(FILES); peerlint_at=0
peerlint_go() {
  while [ $peerlint_at -lt ${#peerlint_files[@]} ]; do
    peerlint_file=${peerlint_files[$peerlint_at]}; peerlint_at=$((peerlint_at + 1))
    if [ "$peerlint_file" = serve ]; then peerlint_serve; else . "$peerlint_file"; fi
    peerlint_code=$?; [ $peerlint_code -eq 0 ] || exit $peerlint_code
  done
}
trap 'peerlint_code=$?; [ $peerlint_code -ne 0 ] || peerlint_go' EXIT
peerlint_go
"""


def go_through(files: Sequence[str]) -> str:
    """Code that sources the files in one shell; `serve` stands for a function of that name."""
    return _GO.replace("FILES", shlex.join(files))


@dataclass(frozen=True, slots=True)
class Left:
    """What a fork left: its exit status (None: killed), what it said, which lines it took, and its files."""

    code: int | None
    said: str
    traced: str
    files: Mapping[str, str]


@dataclass(slots=True)
class Session:
    """A running session. `scene` is its folder; `before` and `files` are put there first: name -> text.

    `last_words` is what was said where the start failed.
    """

    lab: Lab
    scene: Path
    environment: Mapping[str, str]
    before: Mapping[str, str]
    files: Mapping[str, str]
    limits: Limits
    last_words: str = field(default="", init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _ask: int = field(default=-1, init=False)
    _tell: int = field(default=-1, init=False)
    _stream: int = field(default=-1, init=False)
    _traced: int = field(default=-1, init=False)
    _clean: dict[str, _Entry] = field(default_factory=dict, init=False)
    _restorable: bool = field(default=False, init=False)

    def start(self) -> bool:
        """Runs all that comes before; whether it came to its end without an error."""
        shutil.rmtree(self.scene, ignore_errors=True)
        for name in ("work", "home", "tmp", "trace", "given"):
            (self.scene / name).mkdir(parents=True)
        given = self.scene / "given"
        for name, text in self.files.items():
            path = self.scene / name
            (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                path.write_text(text, encoding="utf-8", errors="surrogateescape")
                path.chmod(0o755)
        for name, text in self.before.items():
            (given / name).write_text(text, encoding="utf-8", errors="surrogateescape")
        (given / "trace.sh").write_text(
            f"exec {{PEERLINT_TRACE}}>>{TRACE}/log; BASH_XTRACEFD=$PEERLINT_TRACE\n"
            "PS4='+\x1e${BASH_SOURCE-}\x1f${LINENO}\x1e '; set -x\n"
        )
        for name in ("ask", "tell"):
            os.mkfifo(given / name)
        self._ask = os.open(given / "ask", os.O_RDWR)
        self._tell = os.open(given / "tell", os.O_RDWR | os.O_NONBLOCK)
        driver = _DRIVER.replace("SCENE", SCENE).replace("HOME", HOME)
        job = self.lab.job(
            driver + go_through([*(f"{SCENE}/{name}" for name in self.before), "serve"]),
            self.scene,
            {**self.environment, "BASH_ENV": f"{SCENE}/trace.sh"},
            self.limits,
            writable={"/tmp": self.scene / "tmp", TRACE: self.scene / "trace"},
            readable={SCENE: given},
            tools=self.lab.toolbox.plain,
        )
        self._stream = os.open(job.stream, os.O_RDWR)
        self._traced = os.open(self.scene / "trace" / "log", os.O_RDWR | os.O_CREAT, 0o600)
        self._process = self.lab.start(job)
        if self._answer() != "ready":
            self.last_words = self.said()
            self.close()
            return False
        self._clean = self._all_files()
        return True

    def said(self) -> str:
        """The merged stream since the last fork began."""
        return _all_of(self._stream).decode("utf-8", "surrogateescape")

    def run(self, given: Mapping[str, str]) -> Left:
        """One fork: `given` are files that it can read, `go.sh` among them is what it runs."""
        self._restore()
        for name, text in given.items():
            (self.scene / "given" / name).write_text(text, encoding="utf-8", errors="surrogateescape")
        for handle in (self._stream, self._traced):
            os.ftruncate(handle, 0)
        os.write(self._ask, b"go\n")
        word = self._answer()
        code = int(word) if word.isdecimal() else None
        traced = _all_of(self._traced).decode("utf-8", "replace")
        found = self._all_files()
        said = self.said()
        if code is None or self._others():
            self.close()
        self._restorable = found != self._clean
        return Left(code, said, traced, _texts(found))

    @property
    def is_open(self) -> bool:
        """Whether another fork can be made."""
        return self._process is not None

    def close(self) -> None:
        """Kills all that runs in it."""
        process, self._process = self._process, None
        if process is not None:
            kill_group(process)
        for handle in (self._ask, self._tell, self._stream, self._traced):
            with contextlib.suppress(OSError):
                os.close(handle)
        self._ask = self._tell = self._stream = self._traced = -1

    # --- inside ------------------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        """Puts the files back as they were when all that comes before had run."""
        if not self._restorable:
            return
        left = self.scene / "given" / "left"
        if not left.exists():
            for name in ("work", "tmp", "home/user"):
                (left / name).mkdir(parents=True)
            for name, entry in self._clean.items():
                root, _, rest = name.partition("/")
                entry.put(left / ("home/user" if root == "home" else root) / rest)
        os.write(self._ask, b"restore\n")
        self._answer()
        self._restorable = False

    def _answer(self) -> str:
        """The next line that the program tells; "" where it has ended, or takes too long."""
        process = self._process
        assert process is not None
        poll = select.poll()
        poll.register(self._tell, select.POLLIN)
        handle = os.pidfd_open(process.pid)
        poll.register(handle, select.POLLIN)
        try:
            found = next(filter(None, (poll.poll(wait) for wait in looks(self.limits, process.pid))), [])
            ready = {fd for fd, _ in found}
        finally:
            os.close(handle)
        if self._tell not in ready:
            return ""
        return os.read(self._tell, 64).decode("ascii", "replace").partition("\n")[0]

    def _others(self) -> bool:
        """Whether processes are left that the fork has started: seen from outside, so that nobody can hide."""
        assert self._process is not None
        for _ in range(_LOOKS):
            if len(_below(self._process.pid)) == _OWN_PROCESSES:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def _all_files(self) -> dict[str, _Entry]:
        """What is in the writable folders, by place in the scene."""
        found: dict[str, _Entry] = {}
        start = len(str(self.scene)) + 1
        for name in _OWN:
            for folder, folders, files, handle in os.fwalk(f"{self.scene}/{name}"):
                for entry in (*folders, *files):
                    found[f"{folder[start:]}/{entry}"] = _entry(entry, handle)
        return found


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file, a folder, or (with `target`) a link; of anything else there is only the mode."""

    mode: int
    content: bytes = b""
    target: str | None = None

    def put(self, path: Path) -> None:
        """Makes it; the folder above is there."""
        if self.target is not None:
            path.symlink_to(self.target)
        elif stat.S_ISDIR(self.mode):
            path.mkdir()
        elif stat.S_ISREG(self.mode):
            path.write_bytes(self.content)
            path.chmod(stat.S_IMODE(self.mode))


def _entry(name: str, folder: int) -> _Entry:
    """What stands under a name in an open folder; nothing is followed."""
    try:
        form = os.lstat(name, dir_fd=folder)
        if stat.S_ISLNK(form.st_mode):
            return _Entry(form.st_mode, target=os.readlink(name, dir_fd=folder))
        if not stat.S_ISREG(form.st_mode):
            return _Entry(form.st_mode)
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return _Entry(0)
    try:
        return _Entry(form.st_mode, os.read(handle, _LARGEST) if stat.S_ISREG(os.fstat(handle).st_mode) else b"")
    finally:
        os.close(handle)


def _texts(found: Mapping[str, _Entry]) -> dict[str, str]:
    """The files of the working folder by relative path, those of the home as `~/…`; as `read_files` tells them."""
    texts: dict[str, str] = {}
    full = {name.rpartition("/")[0] for name in found}
    for name, entry in found.items():
        root, _, rest = name.partition("/")
        left = "~/" * (root == "home") + rest
        if root == "tmp":
            continue
        if entry.target is not None:
            texts[link_name(left, entry.target)] = ""
        elif stat.S_ISDIR(entry.mode) and name not in full:
            texts[f"{left}/"] = ""
        elif stat.S_ISREG(entry.mode):
            texts[left] = entry.content.decode("utf-8", "surrogateescape")
    return texts


#: Processes of a session that has nothing left to do: the keeper of the namespaces in it, and its bash.
_OWN_PROCESSES = 2
#: How often, and how far apart, one looks whether those that are about to end have ended.
_LOOKS, _LOOK_SECONDS = 5, 0.002


def _below(pid: int) -> list[int]:
    """All processes that a process has started, and theirs."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [child for word in words for child in (int(word), *_below(int(word)))]


def _all_of(handle: int) -> bytes:
    return os.pread(handle, os.fstat(handle).st_size, 0)

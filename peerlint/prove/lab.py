"""Where both sides of a proof run: one NATS server, one daemon that answers calls of tools, one runner."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from peerlint.errors import InputError
from peerlint.prove import shims
from peerlint.prove.scene import given_in
from peerlint.prove.shims.wire import SECONDS
from peerlint.prove.toolbox import Toolbox
from peerlint.records import dataclass, replace
from peerlint.run.filters import Filters
from peerlint.run.nats import NatsWorld
from peerlint.run.sandbox import ExecutionMode, Job, Limits, Runner, SandboxRunner, make_runner
from peerlint.run.server import EmbeddedServer

#: Labs that work at the same time where someone waits for a proof.
WORKERS = min(4, os.cpu_count() or 1)

#: Names that the lab gives to both sides, and no scenario varies.
GIVEN = frozenset(given_in("", ""))

#: The folders of a program in the sandbox.
HOME, WORK = "/home/user", "/work"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a program finds the lab: the folder of its tools, of the real ones, and of the pipes."""

    bin: str
    tools: str
    pipes: str


#: A file system in memory, and how much has to be free in it: each scenario makes and deletes files and buckets.
_MEMORY, _ENOUGH = Path("/dev/shm"), 256 << 20


def _in_memory() -> Path | None:
    """A folder in memory from which programs can run, where the system has one; None: where it has all temp files."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return None
    form = os.statvfs(_MEMORY)
    fits = form.f_bavail * form.f_frsize >= _ENOUGH and not form.f_flag & os.ST_NOEXEC
    return _MEMORY if fits else None


_PREFIX = "peerlint-lab-"
#: A folder without a lock that is older than this many seconds has lost its owner, and is not about to get one.
_ORPHANED = 60


def _mine(folder: Path) -> int:
    """Takes the lock that says that the owner of a folder lives; it goes with the process, however that ends."""
    import fcntl

    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def _clear_away(memory: Path) -> None:
    """Deletes what labs that were killed have left in memory."""
    for folder in memory.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            form = folder.lstat()
            if form.st_uid != os.geteuid() or not stat.S_ISDIR(form.st_mode):
                continue
            if (folder / "lock").exists():
                os.close(_mine(folder))
            elif time.time() - form.st_mtime < _ORPHANED:
                continue
            shutil.rmtree(folder, ignore_errors=True)


class LabFailure(Exception):
    """The lab itself broke down (the daemon ended, or said that an order failed)."""


class Turns:
    """Labs that several threads share: each of them is one thread's at a time."""

    #: How many scenarios were run in all of them.
    runs = 0

    def __init__(self, labs: int) -> None:
        self._free = set(range(labs))
        self._changed = threading.Condition()
        self._stopped = False

    @contextlib.contextmanager
    def one(self, at: int, *, only: bool = False) -> Iterator[int]:
        """Lab `at`, once it is free; another that is free by then, where not `only` that will do.

        Raises LabFailure where nobody shall begin any more.
        """
        with self._changed:
            while not self._stopped and not (at in self._free or (self._free and not only)):
                self._changed.wait()
            if self._stopped:
                raise LabFailure("the proof was stopped")
            mine = at if at in self._free else min(self._free)
            self._free.remove(mine)
        try:
            yield mine
        finally:
            with self._changed:
                self._free.add(mine)
                self._changed.notify_all()

    def count(self) -> None:
        """A scenario was run in one of them."""
        with self._changed:
            self.runs += 1

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """While it lasts nobody gets a lab, so that those who work come to an end."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._stopped = False


class Lab:
    """A context manager with a NATS server of its own. `mode` says where originals run; with NEVER only rewrites can.

    `workers` is how many labs may work at the same time; `runner` one that there is already; `filtered` a folder in
    which another lab keeps what jq has answered.

    Raises InputError on entry where there is no way to run anything, in one line.
    """

    def __init__(
        self, mode: ExecutionMode, *, workers: int = 1, runner: Runner | None = None, filtered: Path | None = None
    ) -> None:
        self.mode = mode
        self.runner = runner
        self._filtered = filtered
        self.workers = workers
        self.turns = Turns(workers)
        self._others: list[Lab] = []
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Lab:
        with contextlib.ExitStack() as stack:
            memory = _in_memory()
            made = tempfile.TemporaryDirectory(prefix=_PREFIX, dir=memory)
            self.folder = Path(stack.enter_context(made))
            if memory is not None:
                _clear_away(memory)
                stack.callback(os.close, _mine(self.folder))
            if self.mode is not ExecutionMode.NEVER and self.runner is None:
                self.runner = make_runner(self.mode, self.folder)
            self._server = stack.enter_context(EmbeddedServer(self.folder / "store", threads=1))
            self.world = NatsWorld(replace(self._server.target, timeout=SECONDS))
            stack.callback(self.world.close)
            self.filters = Filters()
            stack.callback(self.filters.close)
            self._pipes = self.folder / "pipes"
            self._pipes.mkdir()
            self.toolbox = Toolbox(self.folder, self.mode)
            if isinstance(self.runner, SandboxRunner):
                for name in ("tools", "pipes", "scene", "trace"):
                    (self.runner.root / "peerlint" / name).mkdir(parents=True, exist_ok=True)
            self.jq = shutil.which("jq")
            self._filtered = self._filtered or self.folder / "filtered"
            self._filtered.mkdir(exist_ok=True)
            self._start_daemon()
            stack.callback(self._stop_daemon)
            self._starter = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="lab-starter"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def and_others(self) -> list[Lab]:
        """This lab and those beside it: one for each worker, opened when they are first asked for."""
        while len(self._others) < self.workers - 1:
            self._others.append(self._stack.enter_context(Lab(self.mode, runner=self.runner, filtered=self._filtered)))
        return [self, *self._others]

    @property
    def places(self) -> Places:
        """Paths as the program of a job sees them."""
        if self.mode is ExecutionMode.SANDBOX:
            return Places("/peerlint/tools", "/bin", "/peerlint/pipes")
        return Places(str(self.toolbox.hushed), str(self.toolbox.real), str(self._pipes))

    def given(self, scene: Path) -> dict[str, str]:
        """The values of `GIVEN` for what runs in a scene."""
        if self.mode is ExecutionMode.SANDBOX:
            return given_in(HOME, WORK)
        return given_in(str(scene / "home"), str(scene / "work"))

    def names(self, scene: Path) -> dict[str, str]:
        """What to call the folders of a scene, so that two runs in other folders show the same."""
        if self.mode is ExecutionMode.SANDBOX:
            return {}
        inside = {scene / "home": HOME, scene / "work": WORK, scene / "tmp": "/tmp"}
        return {str(path): name for place, name in inside.items() for path in (place, place.resolve())}

    def side(self, folder: Path, name: str) -> Path:
        """The scene of one side in a folder. On the host both have the same, since its path is what they see."""
        return folder / ("scene" if self.mode is ExecutionMode.HOST else name)

    # --- the daemon --------------------------------------------------------------------------------------------------

    def _start_daemon(self) -> None:
        command = [sys.executable, "-P", "-m", "peerlint.prove.shims.daemon", str(self._pipes), str(self._filtered)]
        package = Path(shims.__file__).parents[3]
        self._daemon = subprocess.Popen(
            [*command, *([self.jq] if self.jq else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                "PYTHONPATH": str(package),
                "PATH": os.defpath,
                "PEERLINT_NATS_URL": self._server.urls[0],
                "PEERLINT_NATS_TOKEN": self._server.token,
            },
        )
        self._answer()

    def _stop_daemon(self) -> None:
        self._daemon.kill()
        self._daemon.wait()
        for stream in (self._daemon.stdin, self._daemon.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Sends one order to the daemon and gives its answer. Raises LabFailure."""
        assert self._daemon.stdin is not None
        try:
            self._daemon.stdin.write(json.dumps(order) + "\n")
            self._daemon.stdin.flush()
        except OSError as error:
            raise LabFailure(f"the daemon has ended: {error}") from None
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._daemon.stdout is not None
        line = self._daemon.stdout.readline()
        if not line:
            raise LabFailure("the daemon has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise LabFailure(str(answer["error"]))
        return answer

    # --- running -----------------------------------------------------------------------------------------------------

    def run(
        self,
        code: str,
        scene: Path,
        environment: Mapping[str, str],
        limits: Limits,
        writable: Mapping[str, Path] | None = None,
    ) -> tuple[int | None, str]:
        """Runs bash code in the folder `scene` (with `work` and `home` in it): exit status, and the merged stream."""
        ended = self._runner().run(self.job(code, scene, environment, limits, writable))
        if ended.code is None:
            self.order({"do": "relay"})
        return ended.code, (scene / "stream").read_bytes().decode("utf-8", "surrogateescape")

    def start(self, job: Job) -> subprocess.Popen[bytes]:
        """Starts a job that the caller ends, or the end of the lab.

        In a thread of the lab's own: a sandbox dies with the thread that has started it, and that of the caller may end
        before the job is needed no more.
        """
        return self._starter.submit(self._runner().start, job).result()

    def job(
        self,
        code: str,
        scene: Path,
        environment: Mapping[str, str],
        limits: Limits,
        writable: Mapping[str, Path] | None = None,
        readable: Mapping[str, Path] | None = None,
        *,
        tools: Path | None = None,
    ) -> Job:
        """Bash code as a job in `scene`, with the tools of the lab; `writable` and `readable` are bound as well.

        `tools` is a folder of the toolbox: the hushed one, where nothing else is said.
        """
        program, stream = scene / "program", scene / "stream"
        program.write_text(code, encoding="utf-8", errors="surrogateescape")
        stream.write_bytes(b"")
        places = self.places
        home, work = self.given(scene)["HOME"], self.given(scene)["PWD"]
        full = {
            # Characters are UTF-8; all else is as in C.UTF-8, but without eleven files that each tool opens.
            "LANG": "C",
            "LC_CTYPE": "C.UTF-8",
            "TZ": "UTC",
            **environment,
            "PATH": places.bin,
            **given_in(home, work),
            "XDG_CONFIG_HOME": f"{home}/.config",
            "PEERLINT_CALLS": places.pipes,
            "PEERLINT_TOOLS": places.tools,
        }
        return Job(
            program=program,
            folder=work,
            stream=stream,
            writable={work: scene / "work", home: scene / "home", **(writable or {})},
            readable={places.bin: tools or self.toolbox.hushed, places.pipes: self._pipes, **(readable or {})},
            environment=full,
            limits=limits,
        )

    def _runner(self) -> Runner:
        if self.runner is None:
            raise InputError("nothing may be executed here", todo="give --execute sandbox to allow it")
        return self.runner

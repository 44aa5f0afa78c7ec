"""The world in memory and the world on a real server agree on every operation, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import nats
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from peerlint.process.model import (
    Arithmetic,
    BucketInfo,
    Clauses,
    Do,
    KvCreate,
    KvDelete,
    KvGet,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    Number,
    Outcome,
    Ref,
    Set,
    Statement,
)
from peerlint.run.machine import Machine
from peerlint.run.memory import MemoryWorld
from peerlint.run.nats import NatsWorld
from peerlint.run.server import EmbeddedServer
from peerlint.run.targets import Target
from peerlint.run.world import BucketConfig, EffectFailure
from tests.run.build import do, outcome, process, say, text, when

BUCKETS = st.sampled_from(["state", "other", "missing", "bad name", ""])
KEYS = st.sampled_from(["a", "b.c", "a:b", ".a", "a.", "a..b", "", "a\n", "x/y=z_-"])
VALUES = st.one_of(
    st.sampled_from(["", "1", "ä\n", "x" * 40, "\udcff"]), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
REVISIONS = st.integers(0, 8)


def observed(call: Callable[[], object]) -> tuple[object, str | None]:
    """What a caller sees: the result, or the cause and the text of the failure."""
    try:
        return call(), None
    except EffectFailure as failure:
        return failure.cause, failure.message


class Agreement(RuleBasedStateMachine):
    """Does each operation in both worlds and compares what comes back."""

    real: NatsWorld

    def __init__(self) -> None:
        super().__init__()
        self.real.delete_all_buckets()
        self.memory = MemoryWorld()
        self.both(lambda world: world.bucket_add(BucketConfig("state", history=3)))

    def both(self, operation: Callable[[MemoryWorld | NatsWorld], object]) -> None:
        assert observed(lambda: operation(self.memory)) == observed(lambda: operation(self.real))

    @rule(
        name=BUCKETS,
        history=st.sampled_from([0, 1, 3, 64, 65]),
        replicas=st.sampled_from([0, 1, 3, 6]),
        size=st.sampled_from([-1, 8, 34, 64]),
    )
    def add(self, name: str, history: int, replicas: int, size: int) -> None:
        config = BucketConfig(name, history=history, replicas=replicas, max_value_size=size)
        self.both(lambda world: world.bucket_add(config))

    @rule(bucket=BUCKETS)
    def info(self, bucket: str) -> None:
        self.both(lambda world: world.bucket_info(bucket))

    @rule(bucket=BUCKETS, key=KEYS)
    def get(self, bucket: str, key: str) -> None:
        self.both(lambda world: world.kv_get(bucket, key))

    @rule(bucket=BUCKETS, key=KEYS, value=VALUES)
    def put(self, bucket: str, key: str, value: str) -> None:
        self.both(lambda world: world.kv_put(bucket, key, value))

    @rule(bucket=BUCKETS, key=KEYS, value=VALUES)
    def create(self, bucket: str, key: str, value: str) -> None:
        self.both(lambda world: world.kv_create(bucket, key, value))

    @rule(bucket=BUCKETS, key=KEYS, value=VALUES, revision=REVISIONS)
    def update(self, bucket: str, key: str, value: str, revision: int) -> None:
        self.both(lambda world: world.kv_update(bucket, key, value, revision))

    @rule(bucket=BUCKETS, key=KEYS)
    def delete(self, bucket: str, key: str) -> None:
        self.both(lambda world: world.kv_delete(bucket, key))

    @rule(bucket=BUCKETS, key=KEYS)
    def purge(self, bucket: str, key: str) -> None:
        self.both(lambda world: world.kv_purge(bucket, key))

    @rule(bucket=BUCKETS, key=KEYS)
    def history(self, bucket: str, key: str) -> None:
        self.both(lambda world: world.kv_history(bucket, key))

    @rule(subject=st.sampled_from(["a.b", "", "a..b", "a b", "a.*", "a.>"]))
    def message(self, subject: str) -> None:
        self.both(lambda world: world.publish(subject, "x"))
        self.both(lambda world: world.request(subject, "x", 1))

    @rule(bucket=st.sampled_from(["state", "missing"]), value=st.sampled_from(["", "1"]))
    def wait(self, bucket: str, value: str) -> None:
        self.both(lambda world: world.kv_wait(bucket, "a", value, 0.03))

    @invariant()
    def same_keys(self) -> None:
        self.both(lambda world: world.kv_keys("state"))


@pytest.fixture
def real(nats_server: EmbeddedServer) -> Iterator[NatsWorld]:
    world = NatsWorld(nats_server.target)
    yield world
    world.close()


def test_worlds_agree_on_every_operation(real: NatsWorld) -> None:
    class OnServer(Agreement):
        pass

    OnServer.real = real
    run_state_machine_as_test(
        OnServer,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_reading_a_bucket_leaves_no_consumer_on_the_server(real: NatsWorld, nats_server: EmbeddedServer) -> None:
    """The watcher of nats-py leaves one for minutes, and under load it told of an empty bucket that had keys."""
    real.delete_all_buckets()
    real.bucket_add(BucketConfig("state", history=3))
    for value in "1234":
        real.kv_put("state", "a", value)
    real.kv_delete("state", "b")

    assert real.kv_keys("state") == ["a"]
    assert [entry.value for entry in real.kv_history("state", "a")] == ["2", "3", "4"]
    assert asyncio.run(_consumers(nats_server.target, "KV_state")) == 0


async def _consumers(target: Target, stream: str) -> int:
    client = await nats.connect(target.servers[0], token=target.token)
    try:
        return (await client.jetstream().stream_info(stream)).state.consumer_count
    finally:
        await client.close()


def _looked_at(statement: Statement) -> list[Statement]:
    """An effect with a chain below it that is total."""
    return [statement, when(outcome(Outcome.COMMAND_FAILS), say("fails"), otherwise=[say("succeeds [V] [R]")])]


keys = st.sampled_from(["a", "b", "[V]", "bad key"]).map(text)
buckets = st.sampled_from(["state", "missing"]).map(text)
values = st.sampled_from([Ref("V"), text("x[R]"), text("1"), Ref("UNSET")])
effects = st.one_of(
    st.builds(KvGet, buckets, keys, st.just("V"), st.sampled_from([None, "R"])),
    st.builds(KvPut, buckets, keys, values),
    st.builds(KvCreate, buckets, keys, values),
    st.builds(KvUpdate, buckets, keys, values, st.just("R")),
    st.builds(KvDelete, buckets, keys),
    st.builds(KvPurge, buckets, keys),
    st.builds(KvKeys, buckets, st.just("V")),
    st.builds(BucketInfo, buckets, st.just("V")),
)
statements = st.one_of(
    effects.map(lambda effect: _looked_at(Do(effect))),
    effects.map(lambda effect: [do(effect)]),
    effects.map(lambda effect: [Do(effect, Clauses(if_fails=text("0")))]),
    st.just([Set(Ref("R"), Arithmetic("+", (Ref("R"), Number(1))), Clauses(if_fails=text("1")))]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(statements, min_size=1, max_size=8))
def test_a_process_does_the_same_in_both_worlds(real: NatsWorld, parts: list[list[Statement]]) -> None:
    real.delete_all_buckets()
    memory = MemoryWorld()
    walk = process(*(statement for part in parts for statement in part))
    told = []
    for world in (memory, real):
        world.bucket_add(BucketConfig("state", history=5))
        told.append([event.to_dict() for event in Machine(world, walk).run().events])
    assert told[0] == told[1]

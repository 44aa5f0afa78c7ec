"""What tests of many folders share: a real NATS server, with fresh state for each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from peerlint.run.nats import NatsWorld
from peerlint.run.server import EmbeddedServer
from peerlint.run.world import EffectFailure


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    """Tests fill a cache of their own: neither do they see what a person has checked, nor the other way round."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        yield


@pytest.fixture(scope="session")
def nats_session() -> Iterator[EmbeddedServer]:
    """One server for all tests of a worker."""
    with EmbeddedServer() as server:
        yield server


@pytest.fixture
def nats_server(nats_session: EmbeddedServer) -> EmbeddedServer:
    """A real server without any bucket."""
    world = NatsWorld(nats_session.target)
    try:
        world.delete_all_buckets()
    except EffectFailure as failure:  # pragma: no cover  # says why instead of failing in each test
        pytest.fail(failure.message)
    finally:
        world.close()
    return nats_session


@pytest.fixture
def nats_world(nats_server: EmbeddedServer) -> Iterator[NatsWorld]:
    """A world on the real server."""
    world = NatsWorld(nats_server.target)
    yield world
    world.close()

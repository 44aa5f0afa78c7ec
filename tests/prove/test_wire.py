"""The connection of the bundled `nats`: what it asks, in which order, and what it makes of what comes back."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from peerlint.prove.shims.wire import BadSubject, NoResponders, Reply, Request, TooLarge, Wire
from peerlint.run.server import EmbeddedServer


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with EmbeddedServer(threads=1) as server:
        opened = Wire(server.urls[0], server.token)
        config = {"name": "KV_b", "subjects": ["$KV.b.>"], "max_msg_size": -1}
        assert "error" not in json.loads(opened.request("$JS.API.STREAM.CREATE.KV_b", json.dumps(config).encode()))
        yield opened
        opened.close()


def test_writes_that_are_sent_together_keep_their_order(wire: Wire) -> None:
    replies = wire.request_all([Request("$KV.b.k", str(at).encode() * 500) for at in range(300)])
    sequences = [json.loads(reply.data)["seq"] for reply in replies]
    assert sequences == list(range(sequences[0], sequences[0] + 300))


def test_nobody_is_told_apart_from_an_empty_reply(wire: Wire) -> None:
    with pytest.raises(NoResponders):
        wire.request("nobody.listens")
    assert wire.request_all([Request("nobody.listens")]) == [Reply(b"", nobody=True)]


def test_nothing_is_sent_where_one_of_many_cannot_be(wire: Wire) -> None:
    before = json.loads(wire.request("$JS.API.STREAM.INFO.KV_b"))["state"]["last_seq"]
    with pytest.raises(BadSubject):
        wire.request_all([Request("$KV.b.k", b"x"), Request("$KV.b.a key\r\nPUB", b"x")])
    with pytest.raises(TooLarge):
        wire.request_all([Request("$KV.b.k", b"x"), Request("$KV.b.k", b"x" * (8 << 20))])
    assert json.loads(wire.request("$JS.API.STREAM.INFO.KV_b"))["state"]["last_seq"] == before


def test_a_wrong_token_is_refused_at_once() -> None:
    with EmbeddedServer(threads=1) as server, pytest.raises(ConnectionError, match=r"(?i)authorization"):
        Wire(server.urls[0], "another")


# --- a server that says what no real one says to order ---------------------------------------------------------------


def spoken_to(speak: Callable[[socket.socket], None]) -> Wire:
    """A connection to a server that greets, takes the greeting, and then does as told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listening.accept()
        with peer, listening:
            peer.sendall(b'INFO {"max_payload": 1000}\r\n')
            while b"PING\r\n" not in peer.recv(1 << 16):
                pass
            peer.sendall(b"PONG\r\n")
            speak(peer)

    threading.Thread(target=serve, daemon=True).start()
    return Wire(f"nats://127.0.0.1:{listening.getsockname()[1]}")


def test_a_question_whether_we_are_there_is_answered_while_nothing_is_asked() -> None:
    heard: list[bytes] = []
    asked, done = threading.Event(), threading.Event()

    def speak(peer: socket.socket) -> None:
        peer.sendall(b"PING\r\n")
        asked.set()
        heard.append(peer.recv(100))
        done.set()

    wire = spoken_to(speak)
    assert asked.wait(5)
    for _ in range(500):
        wire.look()
        if done.wait(0.01):
            break
    assert heard == [b"PONG\r\n"]


def test_a_reply_in_pieces_is_put_together() -> None:
    def speak(peer: socket.socket) -> None:
        inbox = peer.recv(1 << 16).split(b" ")[2]
        for piece in (b"MSG ", inbox, b" 1 1", b"0\r\n0123\r\n", b"6789\r", b"\n"):
            peer.sendall(piece)
            time.sleep(0.01)
        peer.recv(1)

    assert spoken_to(speak).request("a.subject") == b"0123\r\n6789"


def test_a_server_that_never_replies_is_a_time_out_and_one_that_ends_is_not() -> None:
    with pytest.raises(TimeoutError):
        spoken_to(lambda peer: time.sleep(2)).request("a.subject", seconds=0.1)
    with pytest.raises(ConnectionError, match=r"closed|reset"):
        spoken_to(lambda peer: None).request("a.subject", seconds=5)

"""A connection to one NATS server that asks and waits.

A proof asks the server some twenty times a scenario. The client library is made for many things at once, and each
request costs it ten times what the request is worth; here it is one write and one read, and several requests can be
under way together.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: A server that is away is told apart by the lab itself, so nobody has to wait this long but under load.
SECONDS = 60.0
_CHUNK = 1 << 16
#: Requests that are sent before the first reply is read: so few that neither side waits for the other to read.
_TOGETHER = 1 << 15
_STATUS = re.compile(rb"NATS/1\.0[ ]+(\d{3})")
_NO_RESPONDERS = 503
_BLANK = re.compile(r"\s")


class ServerError(Exception):
    """What the server says that it does not do. `description` is its own text."""

    def __init__(self, code: int, err_code: int, description: str) -> None:
        super().__init__(f"API error: code={code} err_code={err_code} description={description}")
        self.code = code
        self.err_code = err_code
        self.description = description


class NoResponders(Exception):
    """Nobody listens on the subject."""


class TooLarge(Exception):
    """More than the server takes at once."""


class BadSubject(Exception):
    """No subject: it is empty, or has blanks in it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message that wants a reply."""

    subject: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `nobody` says that no one was there to reply."""

    data: bytes = b""
    nobody: bool = False


class Wire:
    """Connects at once or raises OSError. `url` is `nats://host:port`."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        host, _, port = url.rpartition("://")[2].rpartition(":")
        self._socket = socket.create_connection((host.strip("[]"), int(port)), SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._inbox = f"_INBOX.{secrets.token_hex(8)}"
        self._asked = 0
        self._pongs = 0
        self._replies: dict[str, Reply] = {}
        info = json.loads(self._line().partition(b" ")[2])
        self._most = int(info["max_payload"])
        options: dict[str, Any] = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        options |= {"name": "peerlint-tools", "lang": "python", "version": "1", "protocol": 1}
        if token is not None:
            options["auth_token"] = token
        self._send(f"CONNECT {json.dumps(options)}\r\nSUB {self._inbox}.* 1\r\n".encode())
        self.flush()

    def fileno(self) -> int:
        """The socket, for who waits for more than one thing."""
        return self._socket.fileno()

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def request(
        self, subject: str, body: bytes = b"", headers: Mapping[str, str] | None = None, seconds: float = SECONDS
    ) -> bytes:
        """The reply. Raises NoResponders, TooLarge, BadSubject, TimeoutError, OSError."""
        reply = self.request_all([Request(subject, body, headers)], seconds)[0]
        if reply.nobody:
            raise NoResponders
        return reply.data

    def request_all(self, requests: Sequence[Request], seconds: float = SECONDS) -> list[Reply]:
        """The replies to all of them, which reach the server in this order."""
        numbers = [f"{self._inbox}.{self._asked + at}" for at in range(1, len(requests) + 1)]
        self._asked += len(requests)
        # All of them first, so that nothing is sent where one cannot be.
        frames = [self._frame(request, number) for request, number in zip(requests, numbers, strict=True)]
        found: list[Reply] = []
        start, size = 0, 0
        for end, frame in enumerate(frames, start=1):
            size += len(frame)
            if size >= _TOGETHER or end == len(frames):
                found += self._exchange(b"".join(frames[start:end]), numbers[start:end], seconds)
                start, size = end, 0
        return found

    def publish(self, subject: str, body: bytes) -> None:
        """Sends a message, and returns when the server has taken it."""
        self._send(self._frame(Request(subject, body), ""))
        self.flush()

    def flush(self) -> None:
        """Returns when the server has taken all that was sent."""
        wanted = self._pongs + 1
        self._send(b"PING\r\n")
        self._socket.settimeout(SECONDS)
        while self._pongs < wanted:
            self._take(self._line())

    def look(self) -> None:
        """Takes what the server says by itself, mostly whether we are still there; without waiting for it."""
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self._rest += self._received()
        # What has begun to come comes to its end.
        self._socket.settimeout(SECONDS)
        while b"\r\n" in self._rest:
            self._take(self._line())

    # --- frames ------------------------------------------------------------------------------------------------------

    def _frame(self, request: Request, inbox: str) -> bytes:
        if not request.subject or _BLANK.search(request.subject):
            raise BadSubject
        if len(request.body) > self._most:
            raise TooLarge
        to = f"{request.subject} {inbox} ".encode("utf-8", "surrogateescape")
        if not request.headers:
            return b"PUB %b%d\r\n%b\r\n" % (to, len(request.body), request.body)
        lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        head = f"NATS/1.0\r\n{lines}\r\n".encode()
        return b"HPUB %b%d %d\r\n%b%b\r\n" % (to, len(head), len(head) + len(request.body), head, request.body)

    def _exchange(self, frames: bytes, numbers: Sequence[str], seconds: float) -> list[Reply]:
        self._replies.clear()
        self._send(frames)
        until = time.monotonic() + seconds
        while not all(number in self._replies for number in numbers):
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            self._take(self._line())
        return [self._replies.pop(number) for number in numbers]

    def _take(self, line: bytes) -> None:
        """One thing that the server says."""
        words = line.split()
        match words[0].upper() if words else b"":
            case b"MSG":
                size = int(words[-1])
                self._replies[words[1].decode()] = Reply(self._body(size))
            case b"HMSG":
                head, size = int(words[-2]), int(words[-1])
                data = self._body(size)
                status = _STATUS.match(data)
                nobody = status is not None and int(status[1]) == _NO_RESPONDERS and size == head
                self._replies[words[1].decode()] = Reply(data[head:], nobody)
            case b"PING":
                self._send(b"PONG\r\n")
            case b"PONG":
                self._pongs += 1
            case b"-ERR":
                raise ConnectionError(line.decode("utf-8", "replace"))

    def _line(self) -> bytes:
        while b"\r\n" not in self._rest:
            self._rest += self._received()
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line

    def _body(self, size: int) -> bytes:
        pieces, have = [self._rest], len(self._rest)
        while have < size + 2:
            try:
                pieces.append(self._received())
            except TimeoutError:
                raise ConnectionError("nats: the server ends in the middle of a message") from None
            have += len(pieces[-1])
        whole = b"".join(pieces)
        self._rest = whole[size + 2 :]
        return whole[:size]

    def _received(self) -> bytes:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("nats: connection closed")
        return data

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(SECONDS)
        self._socket.sendall(data)

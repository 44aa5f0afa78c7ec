"""The buckets of a scenario: made before it, looked at after it; by plain requests, since they are so many."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .nats_tool import DELETED, NOT_FOUND, STORE_BUSY, NatsTool, answered, is_key, stream_config
from .wire import BadSubject, Reply, Request, ServerError, TooLarge

#: How often a bucket is made anew that the server fills with the messages of a deleted one (2.15.1: 73 of 3,621).
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class _Made:
    """A bucket as it was asked for, and what the server says of it as long as nobody has touched it."""

    wanted: Mapping[str, Any]
    created: str
    config: Mapping[str, Any]

    def still_new(self, wanted: Mapping[str, Any], info: Mapping[str, Any]) -> bool:
        """Whether the stream is the very one that was made, for the same wish, and has never held anything."""
        state = info["state"]
        return (
            (self.wanted, self.created, self.config) == (wanted, info["created"], info["config"])
            and state["last_seq"] == 0
            and not state.get("consumer_count")
        )


class Buckets:
    """All that is on the server of a lab. Whoever else writes to it is seen, since the server is asked each time."""

    def __init__(self, tool: NatsTool) -> None:
        self._tool = tool
        self._made: dict[str, _Made] = {}

    def prepare(self, wanted: Mapping[str, Mapping[str, Any]]) -> None:
        """Leaves these buckets, all of them empty and as if they had just been made, and nothing else."""
        self._tool.replicas.clear()
        names = {f"KV_{name}": name for name in wanted}
        kept, spent = set(), []
        for info in self._tool.streams():
            stream = info["config"]["name"]
            name = names.get(stream, "")
            known = self._made.get(name)
            if name and known is not None and known.still_new(wanted[name], info):
                self._tool.replicas[name] = wanted[name].get("replicas", 1)
                kept.add(name)
            else:
                spent.append(stream)
        missing = {name: bucket for name, bucket in wanted.items() if name not in kept}
        configs = [_config(name, bucket) for name, bucket in missing.items()]
        # One after the other, as the server takes them: first all that go, then all that come.
        replies = self._tool.ask_all(
            [
                *((f"STREAM.DELETE.{stream}", None) for stream in spent),
                *((f"STREAM.CREATE.{config['name']}", config) for config in configs),
            ]
        )
        for (name, bucket), reply in zip(missing.items(), replies[len(spent) :], strict=True):
            self._settle(name, bucket, reply)

    def make(self, name: str, bucket: Mapping[str, Any]) -> None:
        """A bucket of that configuration, empty, whatever was there before."""
        self._delete(f"KV_{name}")
        self._create(name, bucket)

    def drop(self, name: str) -> None:
        """Deletes a bucket, where there is one."""
        self._delete(f"KV_{name}")

    def write(self, bucket: str, key: str, value: str | None) -> None:
        """Puts a value, or deletes the key; what the tool or the server refuses is not done."""
        self.write_all([(bucket, key, value)])

    def write_all(self, writes: Sequence[tuple[str, str, str | None]]) -> None:
        """The same for many, in this order."""
        requests = [_request(*write) for write in writes if is_key(write[1])]
        with contextlib.suppress(TooLarge, BadSubject):
            self._tool.wire.request_all(requests)
            return
        for request in requests:
            with contextlib.suppress(TooLarge, BadSubject):
                self._tool.wire.request_all([request])

    def contents(self) -> dict[str, dict[str, str]]:
        """The keys of each bucket with their values, without those that are deleted."""
        found: dict[str, dict[str, str]] = {}
        filled = []
        for info in self._tool.buckets():
            bucket = str(info["config"]["name"]).removeprefix("KV_")
            found[bucket] = {}
            if info["state"]["messages"]:
                filled.append(bucket)
        for bucket, messages in self._tool.latest_of(filled).items():
            found[bucket] = dict(sorted((m.key, m.value) for m in messages if m.operation == "PUT"))
        return found

    # --- requests ----------------------------------------------------------------------------------------------------

    def _delete(self, stream: str) -> None:
        try:
            self._tool.ask(f"STREAM.DELETE.{stream}")
        except ServerError as error:
            if error.code != NOT_FOUND:
                raise

    def _settle(self, name: str, bucket: Mapping[str, Any], reply: Reply) -> None:
        """Keeps in mind what was made; makes it anew where the server was not ready, or has filled it."""
        try:
            info = answered(reply)
        except ServerError as error:
            if error.err_code != STORE_BUSY:
                raise
            self._create(name, bucket)
            return
        if info["state"]["last_seq"] == 0:
            self._remember(name, bucket, info)
        else:
            self._delete(f"KV_{name}")
            self._create(name, bucket)

    def _create(self, name: str, bucket: Mapping[str, Any]) -> None:
        for _ in range(_ATTEMPTS):
            info = self._tool.create(_config(name, bucket))
            if info["state"]["last_seq"] == 0:
                break
            self._delete(f"KV_{name}")
        else:
            raise TimeoutError(f"the server keeps the messages of a deleted bucket: {name}")
        self._remember(name, bucket, info)

    def _remember(self, name: str, bucket: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        self._made[name] = _Made(dict(bucket), info["created"], info["config"])
        self._tool.replicas[name] = bucket.get("replicas", 1)


def _config(name: str, bucket: Mapping[str, Any]) -> dict[str, Any]:
    return stream_config(name, history=bucket.get("history", 1), description=bucket.get("description") or None)


def _request(bucket: str, key: str, value: str | None) -> Request:
    subject = f"$KV.{bucket}.{key}"
    if value is None:
        return Request(subject, headers=DELETED)
    return Request(subject, value.encode("utf-8", "surrogateescape"))

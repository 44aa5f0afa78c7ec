"""The buckets of a scenario: made before it, looked at after it; by plain requests, since they are so many."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .nats_tool import DELETED, NOT_FOUND, NatsTool, Rejected, is_key, stream_config
from .wire import BadSubject, NoResponders, ServerError, TooLarge

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
        kept = set()
        for info in self._tool.streams():
            stream = info["config"]["name"]
            name = names.get(stream, "")
            known = self._made.get(name)
            if name and known is not None and known.still_new(wanted[name], info):
                self._tool.replicas[name] = wanted[name].get("replicas", 1)
                kept.add(name)
            else:
                self._delete(stream)
        for name, bucket in wanted.items():
            if name not in kept:
                self._create(name, bucket)

    def make(self, name: str, bucket: Mapping[str, Any]) -> None:
        """A bucket of that configuration, empty, whatever was there before."""
        self._delete(f"KV_{name}")
        self._create(name, bucket)

    def drop(self, name: str) -> None:
        """Deletes a bucket, where there is one."""
        self._delete(f"KV_{name}")

    def write(self, bucket: str, key: str, value: str | None) -> None:
        """Puts a value, or deletes the key; what the tool or the server refuses is not done."""
        if not is_key(key):
            return
        with contextlib.suppress(ServerError, Rejected, NoResponders, TooLarge, BadSubject):
            if value is None:
                self._tool.write(bucket, key, b"", DELETED)
            else:
                self._tool.write(bucket, key, value.encode("utf-8", "surrogateescape"))

    def contents(self) -> dict[str, dict[str, str]]:
        """The keys of each bucket with their values, without those that are deleted."""
        found: dict[str, dict[str, str]] = {}
        for info in self._tool.streams():
            stream = str(info["config"]["name"])
            if stream.startswith("KV_"):
                bucket = stream.removeprefix("KV_")
                messages = self._tool.latest(bucket) if info["state"]["messages"] else []
                values = sorted((m.key, m.value) for m in messages if m.operation == "PUT")
                found[bucket] = dict(values)
        return found

    # --- requests ----------------------------------------------------------------------------------------------------

    def _delete(self, stream: str) -> None:
        try:
            self._tool.ask(f"STREAM.DELETE.{stream}")
        except ServerError as error:
            if error.code != NOT_FOUND:
                raise

    def _create(self, name: str, bucket: Mapping[str, Any]) -> None:
        config = stream_config(name, history=bucket.get("history", 1), description=bucket.get("description") or None)
        for _ in range(_ATTEMPTS):
            info = self._tool.create(config)
            if info["state"]["last_seq"] == 0:
                break
            self._delete(f"KV_{name}")
        else:
            raise TimeoutError(f"the server keeps the messages of a deleted bucket: {name}")
        self._made[name] = _Made(dict(bucket), info["created"], info["config"])
        self._tool.replicas[name] = bucket.get("replicas", 1)

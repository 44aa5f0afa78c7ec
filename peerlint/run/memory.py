"""A world in memory with the semantics of a NATS server: revisions per bucket, history, delete markers, conflicts."""

from __future__ import annotations

from collections.abc import Callable

from peerlint.records import dataclass, field
from peerlint.run import kv
from peerlint.run.local import LocalWorld, Surroundings
from peerlint.run.world import BucketConfig, Cause, Entry, HistoryEntry

_PUT, _DELETE, _PURGE = "PUT", "DEL", "PURGE"
_MARKERS = frozenset({_DELETE, _PURGE})


@dataclass(slots=True)
class Bucket:
    """The revisions of each key, oldest first, markers included; `sequence` counts the writes of the bucket."""

    config: BucketConfig
    sequence: int = 0
    entries: dict[str, list[HistoryEntry]] = field(default_factory=dict)

    def latest(self, key: str) -> HistoryEntry | None:
        """The last write to the key, a marker too."""
        entries = self.entries.get(key)
        return entries[-1] if entries else None

    def append(self, key: str, value: str, operation: str) -> int:
        """One more revision; what exceeds the history goes."""
        self.sequence += 1
        kept = [] if operation == _PURGE else self.entries.get(key, [])
        self.entries[key] = [*kept, HistoryEntry(value, self.sequence, operation)][-self.config.history :]
        return self.sequence


class MemoryWorld(LocalWorld):
    """NATS in memory. Without `surroundings` files are in memory too, nothing may run and nobody answers.

    `responders` answer requests by subject, `published` collects what was published. Time to live is not modelled.
    """

    def __init__(
        self,
        surroundings: Surroundings | None = None,
        responders: dict[str, Callable[[str], str]] | None = None,
    ) -> None:
        super().__init__(surroundings)
        self.buckets: dict[str, Bucket] = {}
        self.responders = dict(responders or {})
        self.published: list[tuple[str, str]] = []

    def _bucket(self, name: str) -> Bucket:
        kv.check_bucket(name)
        bucket = self.buckets.get(name)
        if bucket is None:
            raise kv.failure(Cause.BUCKET_MISSING)
        return bucket

    def _open(self, operation: str, bucket: str, key: str) -> Bucket:
        self.surroundings.faults.meet(operation, bucket, key)
        found = self._bucket(bucket)
        kv.check_key(key)
        return found

    def server_check(self) -> None:
        """See `World`."""
        self.surroundings.faults.meet("server")

    def bucket_info(self, bucket: str) -> BucketConfig:
        """See `World`."""
        self.surroundings.faults.meet("info", bucket)
        return self._bucket(bucket).config

    def bucket_add(self, config: BucketConfig) -> None:
        """See `World`."""
        self.surroundings.faults.meet("add", config.name)
        kv.check_config(config)
        if config.replicas > 1:
            raise kv.no_cluster()
        there = self.buckets.get(config.name)
        if there is None:
            self.buckets[config.name] = Bucket(config)
        elif there.config != config:
            raise kv.bucket_differs(config.name)

    def kv_get(self, bucket: str, key: str) -> Entry:
        """See `World`."""
        latest = self._open("get", bucket, key).latest(key)
        if latest is None or latest.operation in _MARKERS:
            raise kv.failure(Cause.KEY_MISSING)
        return Entry(latest.value, latest.revision)

    def _fits(self, bucket: Bucket, data: bytes, header: str = "") -> None:
        """Raises TOO_LARGE. A server counts the header of a message too, so that a small limit forbids deletes."""
        size = len(data) + (len(f"NATS/1.0\r\n{header}\r\n\r\n") if header else 0)
        if 0 <= bucket.config.max_value_size < size:
            raise kv.value_too_large()

    def _conditional(self, bucket: Bucket, key: str, value: str, expected: int) -> int:
        """One more revision where the last one is `expected`, a marker counts."""
        self._fits(bucket, kv.to_bytes(value), f"Nats-Expected-Last-Subject-Sequence: {expected}")
        latest = bucket.latest(key)
        actual = 0 if latest is None else latest.revision
        if actual != expected:
            raise kv.wrong_revision(actual)
        return bucket.append(key, value, _PUT)

    def kv_put(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""
        found = self._open("put", bucket, key)
        self._fits(found, kv.to_bytes(value))
        return found.append(key, value, _PUT)

    def kv_create(self, bucket: str, key: str, value: str) -> int:
        """See `World`."""
        found = self._open("create", bucket, key)
        latest = found.latest(key)
        if latest is None:
            return self._conditional(found, key, value, 0)
        self._fits(found, kv.to_bytes(value), "Nats-Expected-Last-Subject-Sequence: 0")
        if latest.operation not in _MARKERS:
            raise kv.wrong_revision(latest.revision, key_exists=True)
        return self._conditional(found, key, value, latest.revision)

    def kv_update(self, bucket: str, key: str, value: str, revision: int) -> int:
        """See `World`."""
        return self._conditional(self._open("update", bucket, key), key, value, revision)

    def kv_delete(self, bucket: str, key: str) -> None:
        """See `World`."""
        found = self._open("delete", bucket, key)
        self._fits(found, b"", "KV-Operation: DEL")
        found.append(key, "", _DELETE)

    def kv_purge(self, bucket: str, key: str) -> None:
        """See `World`."""
        found = self._open("purge", bucket, key)
        self._fits(found, b"", "KV-Operation: PURGE\r\nNats-Rollup: sub")
        found.append(key, "", _PURGE)

    def kv_keys(self, bucket: str) -> list[str]:
        """See `World`."""
        self.surroundings.faults.meet("keys", bucket)
        found = self._bucket(bucket)
        return sorted(key for key, entries in found.entries.items() if entries[-1].operation == _PUT)

    def kv_history(self, bucket: str, key: str) -> list[HistoryEntry]:
        """See `World`."""
        entries = self._open("history", bucket, key).entries.get(key)
        if not entries:
            raise kv.failure(Cause.KEY_MISSING)
        return list(entries)

    def kv_wait(self, bucket: str, key: str, value: str, seconds: float) -> None:
        """See `World`: nobody else writes here, so the value is there or the wait is in vain."""
        latest = self._open("wait", bucket, key).latest(key)
        if latest is None or latest.operation in _MARKERS or latest.value != value:
            raise kv.failure(Cause.TIMEOUT)

    def publish(self, subject: str, value: str) -> None:
        """See `World`."""
        self.surroundings.faults.meet("publish", None, subject)
        kv.check_subject(subject)
        kv.to_bytes(value)
        self.published.append((subject, value))

    def request(self, subject: str, value: str, seconds: float) -> str:
        """See `World`."""
        self.surroundings.faults.meet("request", None, subject)
        kv.check_subject(subject)
        kv.to_bytes(value)
        responder = self.responders.get(subject)
        if responder is None:
            raise kv.failure(Cause.NO_RESPONDERS)
        return responder(value)

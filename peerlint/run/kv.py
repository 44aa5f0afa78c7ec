"""What every key-value store must agree on: names, limits, the error texts of the `nats` tool, and injected faults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from peerlint.patterns import regex
from peerlint.records import dataclass, field
from peerlint.run.world import BucketConfig, Cause, EffectFailure

_BUCKET = regex(r"[A-Za-z0-9_-]+")
_KEY = regex(r"[-/_=.A-Za-z0-9]+")

MAX_HISTORY = 64
MAX_REPLICAS = 5
#: Bytes of one message that a server takes by default.
MAX_PAYLOAD = 1_048_576

_TEXTS = {
    Cause.SERVER_AWAY: "nats: no servers available for connection",
    Cause.NO_JETSTREAM: "nats: no responders available for request",
    Cause.DENIED: "nats: Authorization Violation",
    Cause.TIMEOUT: "context deadline exceeded",
    Cause.BUCKET_MISSING: "nats: bucket not found",
    Cause.INVALID_BUCKET: "nats: invalid bucket name",
    Cause.KEY_MISSING: "nats: key not found",
    Cause.INVALID_KEY: "nats: invalid key",
    Cause.TOO_LARGE: "nats: maximum payload exceeded",
    Cause.NO_RESPONDERS: "nats: no responders available for request",
}


def failure(cause: Cause, text: str | None = None) -> EffectFailure:
    """A failure with the error text of the `nats` tool; `text` where it names more than the cause."""
    return EffectFailure(cause, f"nats: error: {_TEXTS.get(cause, cause.value) if text is None else text}")


def bucket_differs(name: str) -> EffectFailure:
    """The bucket is there with another configuration."""
    api = "nats: API error: code=400 err_code=10058 description=stream name already in use"
    return failure(Cause.BUCKET_DIFFERS, f"nats: bucket name already in use: {name}: {api}")


def no_cluster() -> EffectFailure:
    """More than one replica is wanted of a single server."""
    text = "nats: API error: code=500 err_code=10074 description=replicas > 1 not supported in non-clustered mode"
    return failure(Cause.INVALID_BUCKET, text)


def wrong_revision(latest: int, *, key_exists: bool = False) -> EffectFailure:
    """The revision is another one (`latest`; 0: there is no such key), or the key to create exists."""
    text = f"nats: nats: API error: code=400 err_code=10071 description=wrong last sequence: {latest}"
    if key_exists:
        return failure(Cause.KEY_EXISTS, f"{text}: key exists")
    return failure(Cause.REVISION_CHANGED, text)


def value_too_large() -> EffectFailure:
    """The value is larger than the bucket allows."""
    text = "nats: API error: code=400 err_code=10054 description=message size exceeds maximum allowed"
    return failure(Cause.TOO_LARGE, text)


def check_bucket(name: str) -> None:
    """Raises INVALID_BUCKET where no bucket can have that name."""
    if not _BUCKET.fullmatch(name):
        raise failure(Cause.INVALID_BUCKET)


def is_key(key: str) -> bool:
    """Whether clients take the key: no colon, no blank, no dot at an end, no two dots in a row."""
    return bool(_KEY.fullmatch(key)) and not key.startswith(".") and not key.endswith(".") and ".." not in key


def check_key(key: str) -> None:
    """Raises INVALID_KEY where no client takes the key."""
    if not is_key(key):
        raise failure(Cause.INVALID_KEY)


def check_subject(subject: str) -> None:
    """Raises BAD_VALUE where nothing can be published to the subject: empty parts, blanks, wildcards."""
    parts = subject.split(".")
    if any(not part or part in ("*", ">") or re.search(r"\s", part) for part in parts):
        raise failure(Cause.BAD_VALUE, "nats: invalid subject")


def check_config(config: BucketConfig) -> None:
    """Raises INVALID_BUCKET where the configuration is out of range, before any server is asked."""
    check_bucket(config.name)
    if config.history > MAX_HISTORY:
        raise failure(Cause.INVALID_BUCKET, f"history: must be less than or equal to {MAX_HISTORY}")
    if config.history < 1:
        raise failure(Cause.INVALID_BUCKET, "history: must be greater than or equal to 1")
    if not 1 <= config.replicas <= MAX_REPLICAS:
        raise failure(Cause.INVALID_BUCKET, f"replicas: must be between 1 and {MAX_REPLICAS}")
    if config.storage not in ("file", "memory"):
        raise failure(Cause.INVALID_BUCKET, f'storage: must be file or memory, not "{config.storage}"')


def to_bytes(value: str) -> bytes:
    """The bytes of a value; text that was no UTF-8 when it was read comes back byte for byte."""
    data = value.encode("utf-8", "surrogateescape")
    if len(data) > MAX_PAYLOAD:
        raise failure(Cause.TOO_LARGE)
    return data


@dataclass(frozen=True, slots=True)
class Fault:
    """An operation on NATS that fails with `cause`.

    `operation` is `server`, `info`, `add`, `get`, `put`, `create`, `update`, `delete`, `purge`, `keys`, `history`,
    `wait`, `publish` or `request`; None stands for any, and so does None for bucket and key. `nth` counts the
    operations that match, from 1; None fails them all.
    """

    cause: Cause
    operation: str | None = None
    bucket: str | None = None
    key: str | None = None
    nth: int | None = None

    def matches(self, operation: str, bucket: str | None, key: str | None) -> bool:
        """Whether the fault is about this operation."""
        return self.operation in (None, operation) and self.bucket in (None, bucket) and self.key in (None, key)


@dataclass(slots=True)
class Faults:
    """Injected faults; a world asks `meet` before each operation."""

    faults: tuple[Fault, ...] = ()
    _met: Counter[Fault] = field(default_factory=Counter)

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> Faults:
        """From any number of faults."""
        return cls(tuple(faults))

    def meet(self, operation: str, bucket: str | None = None, key: str | None = None) -> None:
        """Raises the fault that is due for this operation, if any."""
        due: Fault | None = None
        for fault in self.faults:
            if fault.matches(operation, bucket, key):
                self._met[fault] += 1
                if due is None and fault.nth in (None, self._met[fault]):
                    due = fault
        if due is not None:
            raise wrong_revision(0) if due.cause is Cause.REVISION_CHANGED else failure(due.cause)

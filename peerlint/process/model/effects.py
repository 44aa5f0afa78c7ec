"""Effects of the IR."""

from __future__ import annotations

from peerlint.records import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from peerlint.process.model.values import Commands, Text, Value


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """`CHECK: NATS server connectivity`: the commands of the block, `nats kv ls` without one."""

    command: Commands | None = None


@dataclass(frozen=True, slots=True)
class BucketInfo:
    """`CHECK: bucket b, history AS H, replicas AS R`."""

    bucket: Text
    history: str | None = None
    replicas: str | None = None


@dataclass(frozen=True, slots=True)
class BucketAdd:
    """`CREATE: bucket b, as in <block>`: the one `nats kv add` of the block; same configuration again is no failure."""

    bucket: Text
    command: Commands


@dataclass(frozen=True, slots=True)
class KvGet:
    """`READ: key from bucket AS NAME, revision AS REV`: one get."""

    bucket: Text
    key: Text
    name: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class KvPut:
    """`STORE: key in bucket = value`, unconditional."""

    bucket: Text
    key: Text
    value: Value


@dataclass(frozen=True, slots=True)
class KvCreate:
    """`CREATE: key in bucket = value`; fails where the key exists."""

    bucket: Text
    key: Text
    value: Value


@dataclass(frozen=True, slots=True)
class KvUpdate:
    """`UPDATE: key in bucket = value, if revision is still REV`; 0 means that the key must not exist."""

    bucket: Text
    key: Text
    value: Value
    revision: str


@dataclass(frozen=True, slots=True)
class KvDelete:
    """`DELETE: key from bucket`: a delete marker; a missing key is no failure."""

    bucket: Text
    key: Text


@dataclass(frozen=True, slots=True)
class KvPurge:
    """`PURGE: key from bucket`: removes the history too."""

    bucket: Text
    key: Text


@dataclass(frozen=True, slots=True)
class KvKeys:
    """`LIST: keys of bucket AS NAME`: sorted, one a line."""

    bucket: Text
    name: str


@dataclass(frozen=True, slots=True)
class KvHistory:
    """`LIST: history of KEY in BUCKET AS NAME`: a JSON array of {revision, operation, value}, oldest first."""

    bucket: Text
    key: Text
    name: str


@dataclass(frozen=True, slots=True)
class KvWait:
    """`WAIT: for KEY in BUCKET to equal VALUE, within …`: watches the key; bounded by the clause `within`."""

    bucket: Text
    key: Text
    value: Value


@dataclass(frozen=True, slots=True)
class Publish:
    """`PUBLISH: value to subject`."""

    subject: Text
    value: Value


@dataclass(frozen=True, slots=True)
class Request:
    """`REQUEST: value from subject AS NAME`: NATS request/reply."""

    subject: Text
    value: Value
    name: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """`READ: file "p" AS NAME`: the text without its last newlines."""

    path: Text
    name: str


@dataclass(frozen=True, slots=True)
class FileWrite:
    """`WRITE: file "p" = value`, or `APPEND:`; the value and a newline, with `or nothing if empty` nothing for ""."""

    path: Text
    value: Value
    append: bool = False
    nothing_if_empty: bool = False


@dataclass(frozen=True, slots=True)
class FileDelete:
    """`DELETE: file "p"`; a missing file is no failure."""

    path: Text


@dataclass(frozen=True, slots=True)
class Run:
    """``RUN: `cmd` with input V AS NAME``, or `ACTION: label, as in <block>` where `label` is set."""

    command: Commands
    label: str | None = None
    input: Value | None = None
    name: str | None = None


Effect: TypeAlias = (
    ServerCheck
    | BucketInfo
    | BucketAdd
    | KvGet
    | KvPut
    | KvCreate
    | KvUpdate
    | KvDelete
    | KvPurge
    | KvKeys
    | KvHistory
    | KvWait
    | Publish
    | Request
    | FileRead
    | FileWrite
    | FileDelete
    | Run
)

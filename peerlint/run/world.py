"""The world that a process acts on: every effect of the machine goes through `World`, never straight to the host.

Two implementations must agree: `memory.MemoryWorld` and `nats.NatsWorld` (a real server).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Protocol

from peerlint.records import dataclass


class Cause(Enum):
    """Why an effect failed."""

    SERVER_AWAY = "server away"
    NO_JETSTREAM = "JetStream is off"
    DENIED = "denied"
    TIMEOUT = "timed out"
    BUCKET_MISSING = "bucket not found"
    BUCKET_DIFFERS = "bucket exists with another configuration"
    INVALID_BUCKET = "invalid bucket name or configuration"
    KEY_MISSING = "key not found"
    KEY_EXISTS = "key exists"
    INVALID_KEY = "invalid key"
    REVISION_CHANGED = "revision has changed"
    TOO_LARGE = "value too large"
    NO_RESPONDERS = "no responders"
    FILE_MISSING = "no such file"
    FILE_DENIED = "file outside the allowed folders"
    NOT_ALLOWED = "command not allowed"
    NOT_FOUND = "command not found"
    EXIT = "exit status"
    BAD_VALUE = "bad value"
    FILTER = "filter failed"
    UNANSWERED = "unanswered"


class EffectFailure(Exception):
    """An effect failed. `message` is the tool's error text (one line), `code` its exit status where there is one."""

    def __init__(self, cause: Cause, message: str, code: int = 1, output: str = "") -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.code = code
        self.output = output


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a bucket with its revision."""

    value: str
    revision: int


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One revision of a key; `operation` is PUT, DEL or PURGE."""

    value: str
    revision: int
    operation: str


@dataclass(frozen=True, slots=True)
class BucketConfig:
    """Configuration of a bucket, as `nats kv add` takes it. Sizes in bytes (-1: no limit), ttl in seconds (0: none)."""

    name: str
    history: int = 1
    replicas: int = 1
    ttl: float = 0
    max_value_size: int = -1
    max_bucket_size: int = -1
    storage: str = "file"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command left: exit status, stdout and stderr as text."""

    code: int
    stdout: str
    stderr: str = ""


class World(Protocol):
    """State, files, commands and people. Every method raises EffectFailure on failure."""

    def server_check(self) -> None:
        """Ask the server for its buckets (`nats kv ls`)."""

    def bucket_info(self, bucket: str) -> BucketConfig:
        """Configuration of a bucket."""

    def bucket_add(self, config: BucketConfig) -> None:
        """Create a bucket; the same configuration again is no failure."""

    def kv_get(self, bucket: str, key: str) -> Entry:
        """Latest value and revision."""

    def kv_put(self, bucket: str, key: str, value: str) -> int:
        """Store; the new revision."""

    def kv_create(self, bucket: str, key: str, value: str) -> int:
        """Store where the key does not exist; the new revision."""

    def kv_update(self, bucket: str, key: str, value: str, revision: int) -> int:
        """Store where the latest revision is `revision` (0: no such key); the new revision."""

    def kv_delete(self, bucket: str, key: str) -> None:
        """Put a delete marker."""

    def kv_purge(self, bucket: str, key: str) -> None:
        """Remove the key with its history."""

    def kv_keys(self, bucket: str) -> list[str]:
        """Keys, sorted."""

    def kv_history(self, bucket: str, key: str) -> list[HistoryEntry]:
        """All kept revisions, oldest first."""

    def kv_wait(self, bucket: str, key: str, value: str, seconds: float) -> None:
        """Wait until the key has the value; TIMEOUT after that time."""

    def publish(self, subject: str, value: str) -> None:
        """Publish a message."""

    def request(self, subject: str, value: str, seconds: float) -> str:
        """Request and reply."""

    def file_read(self, path: str) -> str:
        """Text of a file."""

    def file_write(self, path: str, text: str, append: bool) -> None:
        """Write or append."""

    def file_delete(self, path: str) -> None:
        """Unlink; a missing file is no failure."""

    def file_exists(self, path: str, folder: bool) -> bool:
        """Whether a regular file (or a folder) is there."""

    def file_empty(self, path: str, folder: bool) -> bool:
        """Whether it is absent or has no content."""

    def files_matching(self, pattern: str) -> list[str]:
        """Paths that match a glob, sorted."""

    def run(self, pipeline: Sequence[Sequence[str]], stdin: str, seconds: float | None) -> Completed:
        """Run a pipeline of argument lists; a non-zero exit is no failure here, a forbidden command is."""

    def tool_available(self, name: str) -> bool:
        """Whether a command is there."""

    def jq(self, program: str, text: str, flags: str, arguments: Mapping[str, str]) -> str:
        """Output of a jq program, as the jq tool prints it, without trailing newlines."""

    def matches(self, pattern: str, text: str) -> bool:
        """Whether the extended regular expression matches in a line of the text."""

    def current_time(self, form: str) -> str:
        """UTC time by a strftime format."""

    def enter_folder(self, path: str) -> None:
        """Later files and commands are relative to this folder, until `leave_folder`."""

    def leave_folder(self) -> None:
        """Back to the folder before."""

    def pause(self, seconds: float) -> None:
        """Wait between two tries."""

    def delegate(self, subagent: str, request: str) -> str:
        """Reply of a subagent."""

    def ask(self, question: str) -> str:
        """Reply of the user."""

    def decide(self, question: str) -> bool:
        """Judgement of the agent or of a person."""

    def fill_in(self, name: str, question: str | None) -> str:
        """Value of an INPUT."""

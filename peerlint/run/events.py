"""What a run tells about itself, in order: the lines of `run --output-format json`."""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar

from peerlint.records import dataclass, fields
from peerlint.source.text import Span


class Verdict(Enum):
    """How a condition came out."""

    TRUE = "true"
    FALSE = "false"
    FAILED = "failed"


class MessageKind(Enum):
    """Who speaks: the four directives of the author, the output of a command, or the error text of a tool."""

    DISPLAY = "DISPLAY"
    WARN = "WARN"
    ERROR = "ERROR"
    PROVIDE = "PROVIDE"
    OUTPUT = "OUTPUT"
    TOOL = "TOOL"


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; `event` is the word in the JSON form."""

    event: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; what is None is left out, spans are `[start, end]`."""
        form: dict[str, Any] = {"event": self.event}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                form[item.name] = _plain(value)
        return form


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Span):
        return [value.start, value.end]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class StepEvent(Event):
    """A step begins."""

    event = "step"
    step: str
    name: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class CheckEvent(Event):
    """A server or a bucket was looked at. `history` and `replicas` are those of the bucket."""

    event = "check"
    subject: str
    bucket: str | None = None
    history: int | None = None
    replicas: int | None = None
    cause: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class ConditionEvent(Event):
    """An arm was tried. `span` is that of the statement with the arms, `arm` counts them from 0.

    The arm whose verdict is `true` is the one taken. The number after the last condition is the ELSE, also where none
    is written. For REPEAT … until and CHECK, arm 0 is the condition that holds, arm 1 that it does not.
    """

    event = "condition"
    span: Span
    arm: int
    verdict: Verdict
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class MessageEvent(Event):
    """Something is shown to the user."""

    event = "message"
    kind: MessageKind
    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class KvEvent(Event):
    """One operation on NATS. `expected` is the revision that an update wants, `revision` the one that it got."""

    event = "kv"
    operation: str
    bucket: str | None = None
    key: str | None = None
    value: str | None = None
    expected: int | None = None
    revision: int | None = None
    cause: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class CommandEvent(Event):
    """A pipeline was run: its argument lists, what it was fed with, how it ended."""

    event = "command"
    pipeline: tuple[tuple[str, ...], ...]
    stdin: str
    exit: int | None = None
    stdout: str | None = None
    stderr: str | None = None
    cause: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class FileEvent(Event):
    """A file was read, written, appended to or deleted."""

    event = "file"
    operation: str
    path: str
    text: str | None = None
    cause: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class SetEvent(Event):
    """A name got a value; without `value` it became missing."""

    event = "set"
    name: str
    value: str | None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class DelegateEvent(Event):
    """A subagent was asked and replied."""

    event = "delegate"
    subagent: str
    request: str
    reply: str | None = None
    cause: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class AskEvent(Event):
    """The user was asked, or an input was filled in (then with its `name`)."""

    event = "ask"
    question: str
    answer: str | None = None
    name: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class DecideEvent(Event):
    """A judgement was asked for."""

    event = "decide"
    question: str
    answer: bool | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class PauseEvent(Event):
    """A loop waits before its next turn."""

    event = "pause"
    seconds: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class FlowEvent(Event):
    """STOP, PROCEED, SKIP, RESUME or LEAVE; `step` is the step that it names, `reason` the one that STOP gives."""

    event = "flow"
    verb: str
    step: str | None = None
    reason: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class OutcomeEvent(Event):
    """The last event. `cause` is set where a failure stopped the process."""

    event = "outcome"
    value: str
    step: str | None
    reason: str | None
    cause: str | None = None

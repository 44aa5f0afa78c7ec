"""The trace of a run as lines for a terminal: what was done, what was said, which way was taken."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from peerlint.process.logic import THE_AGENT, Unrenderable, render_condition
from peerlint.process.model import Condition, If, Process, Repeat, walk
from peerlint.report.escape import printable
from peerlint.run.events import (
    AskEvent,
    CheckEvent,
    CommandEvent,
    ConditionEvent,
    DecideEvent,
    DelegateEvent,
    Event,
    FileEvent,
    FlowEvent,
    KvEvent,
    MessageEvent,
    MessageKind,
    OutcomeEvent,
    PauseEvent,
    StepEvent,
    Verdict,
)
from peerlint.source.text import Span

_WIDTH = 9
_LONGEST = 72
_VERBS = {"get": "read", "put": "store", "add": "create", "info": "check"}
_SPEAKERS = {
    MessageKind.DISPLAY: "says",
    MessageKind.WARN: "warns",
    MessageKind.ERROR: "error",
    MessageKind.PROVIDE: "advises",
    MessageKind.OUTPUT: "output",
    MessageKind.TOOL: "tool",
}
_STYLES = {"error": "red", "tool": "red", "warns": "yellow"}


class Trace:
    """Turns events into lines. `color` adds colour; it never carries the meaning."""

    def __init__(self, process: Process, *, color: bool = False) -> None:
        self._color = color
        self._arms: Mapping[Span, tuple[Condition, ...]] = {
            node.span: tuple(branch.condition for branch in node.branches)
            if isinstance(node, If)
            else (() if node.until is None else (node.until,))
            for node in walk(process.steps)
            if isinstance(node, (If, Repeat))
        }

    def lines(self, event: Event) -> Iterator[str]:
        """The lines of one event; many events have none."""
        if isinstance(event, StepEvent):
            yield self._styled(f"step {event.step}" + (f"  {printable(event.name)}" if event.name else ""), bold=True)
            return
        if isinstance(event, OutcomeEvent):
            yield self._outcome(event)
            return
        for verb, text in _told(event):
            first, *rest = text.splitlines() or [""]
            yield self._line(verb, first)
            for line in rest:
                yield self._line("", line)
        if isinstance(event, ConditionEvent):
            yield from self._condition(event)

    def _line(self, verb: str, text: str) -> str:
        return f"  {self._styled(verb.ljust(_WIDTH), _STYLES.get(verb))}{printable(text)}".rstrip()

    def _styled(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        if not self._color or (color is None and not bold):
            return text
        import click

        return click.style(text, fg=color, bold=bold)

    def _condition(self, event: ConditionEvent) -> Iterator[str]:
        """Only the way that was taken, and only where it was written."""
        conditions = self._arms.get(event.span, ())
        if event.verdict is not Verdict.TRUE or event.arm >= len(conditions):
            return
        try:
            yield self._line("if", render_condition(conditions[event.arm]))
        except Unrenderable:
            return

    def _outcome(self, event: OutcomeEvent) -> str:
        where = f" at step {event.step}" if event.step else ""
        # The text of a failure was shown where it happened; here stands its cause.
        reason = f" ({event.cause})" if event.cause else f": {printable(event.reason)}" if event.reason else ""
        return self._styled(event.value, "green" if event.value == "completed" else "red", bold=True) + where + reason


def _told(event: Event) -> Iterator[tuple[str, str]]:
    """Verb and text of an event."""
    match event:
        case MessageEvent(kind=kind, text=text):
            yield _SPEAKERS[kind], text
        case CheckEvent():
            yield "check", _joined(f"bucket {event.bucket}" if event.bucket else "NATS server", _check_result(event))
        case KvEvent():
            yield _VERBS.get(event.operation, event.operation), _kv(event)
        case CommandEvent():
            line = " | ".join(shlex.join(argv) for argv in event.pipeline)
            yield "run", _joined(line, event.cause or f"exit {event.exit}")
        case FileEvent(operation=operation, path=path, cause=cause):
            yield operation, _joined(f"file {path}", cause)
        case DelegateEvent(subagent=subagent):
            if subagent == THE_AGENT:
                yield "task", _short(event.request)
            else:
                yield "asks", _joined(f"subagent {subagent}", _short(event.request))
            if event.reply is not None:
                yield "reply", _short(event.reply)
        case AskEvent(question=question, answer=answer):
            yield "asks", _short(question)
            yield "answer", _short(answer or "")
        case DecideEvent(question=question, answer=decided):
            yield "judges", f"{'yes' if decided else 'no'}: {question}"
        case PauseEvent(seconds=seconds):
            yield "waits", f"{seconds:g} s"
        # STOP is not shown: the last line says it.
        case FlowEvent(verb=verb, step=step) if step is not None or verb == "skip":
            yield verb, f"to step {step}" if step else ""
        case _:
            return


def _check_result(event: CheckEvent) -> str:
    if event.cause is not None:
        return event.cause
    return "answers" if event.bucket is None else f"history {event.history}, replicas {event.replicas}"


def _kv(event: KvEvent) -> str:
    place = " ".join(part for part in (event.bucket, event.key) if part)
    if event.operation == "add":
        place = f"bucket {place}"
    if event.cause is not None:
        return _joined(place, event.cause)
    value = None if event.value is None else f"= {_short(event.value)}"
    return _joined(place, value, None if event.revision is None else f"(revision {event.revision})")


def _joined(*parts: str | None) -> str:
    return "  ".join(part for part in parts if part)


def _short(text: str) -> str:
    """A value on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

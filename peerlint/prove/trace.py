"""What is observed of one run of one side: all that a proof compares, and what its repairs look at."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from peerlint.patterns import regex
from peerlint.prove.toolbox import ANSWERED_TOOLS
from peerlint.records import dataclass, field, replace
from peerlint.run.natsargs import bucket_of
from peerlint.run.world import BucketConfig, EffectFailure

GOES_ON, STOPS, NOT_REACHED, TIMES_OUT = "goes on", "stops", "not reached", "takes too long"

#: Operations on NATS that change something.
WRITES = frozenset(
    {"kv put", "kv create", "kv update", "kv del", "kv purge", "bucket add", "bucket delete", "pub", "req"}
)

_COLOUR = regex(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Action:
    """One operation on NATS, or (`operation` is "run") one call of a command that is answered, not run.

    `expected` is the revision that an update wants. `value` of a command is its stdin; `key` its words, and `folder`
    where it was called, nothing for the folder of the project. `ok` says that it has succeeded.
    """

    operation: str
    bucket: str = ""
    key: str = ""
    value: str | None = None
    expected: int | None = None
    ok: bool = True
    result: str = ""
    folder: str = ""

    @property
    def writes(self) -> bool:
        """Whether it counts as an effect. An update without a revision is refused by the tool: nothing is sent."""
        if self.operation == "kv update" and self.expected is None and not self.ok:
            return False
        return self.operation in WRITES or self.operation == "run"

    def shown(self) -> str:
        """One line for people."""
        parts = [self.operation, self.bucket, self.key]
        if self.operation in WRITES and self.value is not None:
            parts.append("= " + (self.value if len(self.value) <= 40 else self.value[:37] + "..."))
        if self.expected is not None:
            parts.append(f"if revision is {self.expected}")
        if self.folder:
            parts.append(f"in {self.folder}")
        if not self.ok:
            parts.append("(fails)")
        return " ".join(part for part in parts if part)


def actions_of(calls: Iterable[Mapping[str, Any]], work: str) -> Iterator[Action]:
    """What was done, from what the daemon of a lab has recorded; calls of tools that change nothing are none.

    `work` is the folder of the project.
    """
    for call in calls:
        if call["operation"]:
            yield Action(
                call["operation"],
                call["bucket"],
                call["key"],
                _made(call["argv"]) if call["operation"] == "bucket add" else call["value"],
                call["expected"] if call["operation"] == "kv update" else None,
                call["code"] == 0,
                call["stdout"] if call["code"] == 0 else call["error"],
            )
        elif call["tool"] not in ANSWERED_TOOLS:
            line = shlex.join([call["tool"], *call["argv"]])
            folder = call["folder"] if call["folder"] != work else ""
            folder = folder.removeprefix(f"{work}/")
            yield Action("run", "", line, call["stdin"] or None, ok=call["code"] == 0, folder=folder)


def _made(argv: Sequence[str]) -> str | None:
    """The configuration that a call of `nats kv add` asks for; None where it is none."""
    try:
        return configuration(bucket_of(["nats", *argv]))
    except EffectFailure:
        return None


def configuration(config: BucketConfig) -> str:
    """The configuration of a bucket as the value of the action that makes it."""
    sizes = f"value {config.max_value_size:g} bucket {config.max_bucket_size:g}"
    kept = f"history {config.history} replicas {config.replicas} ttl {config.ttl:g}"
    return f"{kept} {sizes} {config.storage} {config.description}".strip()


@dataclass(frozen=True, slots=True)
class Trace:
    """One run. `reason` is that of a stop; `actions` hold reads and writes in order; `arms` what was taken, by label.

    `crash` is what bash itself complained about, `failed_filter` says that jq has refused something; `unsupported` is a
    call that the lab cannot answer. `bad_value` says that a rewrite was stopped by a value that it cannot take.
    """

    outcome: str
    reason: str | None = None
    messages: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    state: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    arms: frozenset[str] = frozenset()
    crash: str | None = None
    failed_filter: bool = False
    unsupported: str | None = None
    bad_value: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def effects(self) -> tuple[Action, ...]:
        """The actions that change something."""
        return tuple(action for action in self.actions if action.writes)

    def to_json(self) -> dict[str, Any]:
        """Outcome, messages and effects."""
        outcome = self.outcome if self.reason is None else f"{self.outcome}: {self.reason}"
        return {
            "outcome": outcome,
            "messages": list(self.messages),
            "effects": [action.shown() for action in self.effects],
        }

    def recorded(self) -> dict[str, Any]:
        """All that is compared and that repairs look at, in the form of a certificate; what is empty is left out."""
        form = {
            "outcome": self.outcome,
            "reason": self.reason,
            "messages": list(self.messages),
            "actions": [astuple(action) for action in self.actions],
            "state": {bucket: dict(sorted(entries.items())) for bucket, entries in sorted(self.state.items())},
            "files": dict(sorted(self.files.items())),
            "crash": self.crash,
            "failed_filter": self.failed_filter,
        }
        return {key: value for key, value in form.items() if value}

    @classmethod
    def from_recorded(cls, form: Mapping[str, Any]) -> Trace:
        """From the form of a certificate. Raises KeyError or TypeError where it has another form."""
        return cls(
            form["outcome"],
            form.get("reason"),
            tuple(form.get("messages", ())),
            tuple(Action(*fields) for fields in form.get("actions", ())),
            form.get("state", {}),
            form.get("files", {}),
            crash=form.get("crash"),
            failed_filter=bool(form.get("failed_filter")),
        )


def renamed(trace: Trace, names: Mapping[str, str]) -> Trace:
    """The trace with folders under other names: as a program in the sandbox would have seen them."""
    if not names:
        return trace

    def said(text: str) -> str:
        for name, other in names.items():
            text = text.replace(name, other)
        return text

    def all_said(texts: Mapping[str, str]) -> dict[str, str]:
        return {said(name): said(text) for name, text in texts.items()}

    def done(action: Action) -> Action:
        value = None if action.value is None else said(action.value)
        return replace(
            action, key=said(action.key), value=value, result=said(action.result), folder=said(action.folder)
        )

    return replace(
        trace,
        reason=None if trace.reason is None else said(trace.reason),
        messages=tuple(map(said, trace.messages)),
        actions=tuple(map(done, trace.actions)),
        state={bucket: all_said(entries) for bucket, entries in trace.state.items()},
        files=all_said(trace.files),
        variables=all_said(trace.variables),
    )


def lines_of(text: str) -> tuple[str, ...]:
    """Lines without colour codes, blank lines and trailing blanks."""
    lines = (line.rstrip() for line in _COLOUR.sub("", text).split("\n"))
    return tuple(line for line in lines if line)


def canonical(value: str | None) -> str | None:
    """A value so that equal JSON is equal text; of other text all but its last newlines.

    `echo x | nats kv put` stores a newline that nobody sees: `$(…)` drops it, and so does READ.
    """
    if value is None:
        return None
    try:
        return json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return value.rstrip("\n")

"""One scenario: what both sides of a proof meet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peerlint.prove.shims.faults import AWAY, FAILS, WRITE_AFTER, WRITE_BEFORE, Fault
from peerlint.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the state just before the step: `do` is `put` (without value: delete), `bucket` or `drop`."""

    do: str
    bucket: str
    key: str = ""
    value: str | None = None
    history: int = 1

    @property
    def name(self) -> str:
        """For people."""
        if self.do == "drop":
            return f"bucket {self.bucket} missing"
        if self.do == "bucket":
            return f"bucket {self.bucket} keeps {self.history}"
        return f"key {self.key} missing" if self.value is None else f"key {self.key} is {shorten(self.value)}"


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What a stubbed command answers: to its whole line, to its name, or `*` for all; nothing before call `since`."""

    line: str
    exit: int = 0
    stdout: str = ""
    stderr: str = ""
    since: int = 1

    def orders(self) -> list[dict[str, Any]]:
        """The answers of one call after the other, the last of them for all that follow."""
        return [{"exit": 0}] * (self.since - 1) + [{"exit": self.exit, "stdout": self.stdout, "stderr": self.stderr}]

    def to_json(self) -> dict[str, Any]:
        """The form in a certificate, without what is as usual."""
        rare = {"stderr": "", "since": 1}
        return {name: value for name, value in _flat(self).items() if name not in rare or value != rare[name]}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Arguments, inputs, state, files and faults; `given` names what is not as usual.

    `files` maps paths in the folder of the project, or `~/…`, to texts; a name that ends with `/` is a folder.

    `inputs` are variables that the agent has filled in. `handed_over` are names that the agent fills in with something
    else than the steps before have made of them. `answers` are what the user says to a question, "yes" where nothing is
    said of it. `absent` are tools that are not installed. `outside` names the assumptions that do not hold in it: it is
    run and listed, and does not refute.
    """

    given: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    handed_over: Mapping[str, str] = field(default_factory=dict)
    buckets: tuple[tuple[str, int], ...] = ()
    changes: tuple[Change, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    commands: tuple[CommandAnswer, ...] = ()
    faults: tuple[Fault, ...] = ()
    outside: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    led_by: tuple[CommandAnswer, ...] = ()

    @property
    def name(self) -> str:
        """What is given, in one line."""
        return ", ".join(self.given) or "all as usual"

    def order(self) -> dict[str, Any]:
        """The order that prepares the daemon for it."""
        return {
            "do": "begin",
            "buckets": {name: {"history": history} for name, history in self.buckets},
            "at_live": [_flat(change) for change in self.changes],
            "faults": [_flat(fault) for fault in self.faults],
            "commands": {answer.line: answer.orders() for answer in self.commands},
            "before": {answer.line: answer.orders() for answer in self.led_by},
        }

    def to_json(self) -> dict[str, Any]:
        """The form in a certificate."""
        form = {
            "given": list(self.given),
            "arguments": list(self.arguments),
            "inputs": dict(sorted(self.inputs.items())),
            "handed_over": dict(sorted(self.handed_over.items())),
            "buckets": dict(self.buckets),
            "changes": [_flat(change) for change in self.changes],
            "files": dict(sorted(self.files.items())),
            "absent": sorted(self.absent),
            "commands": [answer.to_json() for answer in self.commands],
            "faults": [_flat(fault) for fault in self.faults],
            "outside": list(self.outside),
        }
        # Most steps ask nothing and are not led to, and their certificates stay as they were.
        rare = {"answers": dict(sorted(self.answers.items())), "led_by": [answer.to_json() for answer in self.led_by]}
        return form | {name: value for name, value in rare.items() if value}

    @classmethod
    def from_json(cls, form: Mapping[str, Any]) -> Scenario:
        """From its form in a certificate."""
        return cls(
            tuple(form["given"]),
            tuple(form["arguments"]),
            dict(form["inputs"]),
            dict(form["handed_over"]),
            tuple(form["buckets"].items()),
            tuple(Change(**change) for change in form["changes"]),
            dict(form["files"]),
            frozenset(form["absent"]),
            tuple(CommandAnswer(**answer) for answer in form["commands"]),
            tuple(Fault(**fault) for fault in form["faults"]),
            tuple(form["outside"]),
            dict(form.get("answers", {})),
            tuple(CommandAnswer(**answer) for answer in form.get("led_by", [])),
        )


def _flat(record: Change | CommandAnswer | Fault) -> dict[str, Any]:
    """The fields of a record that holds nothing but texts and numbers."""
    return {name: getattr(record, name) for name in type(record).__slots__}


def fault_name(fault: Fault) -> str:
    """For people: "server away at kv get b k"."""
    place = " ".join(part for part in (fault.operation, fault.bucket, fault.key) if part)
    nth = "" if fault.nth == 1 else f" (call {fault.nth})"
    match fault.kind:
        case str(kind) if kind == AWAY:
            return f"server away at {place}{nth}"
        case str(kind) if kind == FAILS:
            return f"{place}{nth} denied"
        case str(kind) if kind == WRITE_BEFORE:
            return f"somebody else writes before {place}{nth}"
        case str(kind) if kind == WRITE_AFTER:
            return f"somebody else writes after {place}{nth}"
    return f"{fault.kind} at {place}{nth}"


def shorten(text: str) -> str:
    """A value in one short line."""
    shown = text.replace("\n", "\\n")
    return f'"{shown}"' if len(shown) <= 40 else f'"{shown[:37]}..."'


def place_in_scene(name: str) -> str:
    """Where a file of a scenario stands: below `home` or `work`."""
    return f"home/{name[2:]}" if name.startswith("~/") else f"work/{name}"


def lay_out(files: Mapping[str, str], scene: Path) -> None:
    """Makes the files and folders of a scenario."""
    for name, text in files.items():
        path = scene / place_in_scene(name)
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
            if text.startswith("#!"):
                path.chmod(0o755)

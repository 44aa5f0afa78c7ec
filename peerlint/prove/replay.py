"""A certificate replayed: the rewrite alone, over the scenarios that were recorded, in memory. No bash, no server."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from peerlint.process.certificate import StepRecord
from peerlint.process.model import Process
from peerlint.prove.bench import Observation
from peerlint.prove.compare import differences
from peerlint.prove.lab import HOME, WORK
from peerlint.prove.repairs import repair_of
from peerlint.prove.rewrite import RewriteRunner
from peerlint.prove.scenario import Scenario
from peerlint.prove.scene import given_in
from peerlint.prove.trace import Trace
from peerlint.records import dataclass
from peerlint.run.filters import Filters
from peerlint.run.local import Surroundings
from peerlint.run.memory import Bucket, MemoryWorld
from peerlint.run.world import BucketConfig, EffectFailure


class NotReplayable(Exception):
    """The rewrite does something that only a real machine can answer."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one step: the rows that were run, and the first that is not as it was recorded.

    `unknown` says why the step cannot be replayed.
    """

    number: str
    scenarios: int
    against: Observation | None = None
    unknown: str = ""


class MemoryLab:
    """What the runner of a rewrite needs of a lab, without a process: NATS in memory."""

    def __init__(self) -> None:
        self.filters = Filters()
        self.world = MemoryWorld(Surroundings(filters=self.filters))
        self._changes: list[Mapping[str, Any]] = []

    def close(self) -> None:
        """Ends the child that runs filters, where one was needed."""
        self.filters.close()

    def given(self, scene: Path) -> dict[str, str]:
        """What the sandbox gives to both sides."""
        return given_in(HOME, WORK)

    def names(self, scene: Path) -> dict[str, str]:
        """See `Lab`."""
        return {}

    def order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Does what the daemon of a lab does for `begin`, `live` and `end`."""
        match order["do"]:
            case "begin":
                self.world.buckets.clear()
                for name, bucket in order["buckets"].items():
                    self._make(name, bucket["history"])
                self._changes = list(order["at_live"])
            case "live":
                for change in self._changes:
                    self._change(change)
            case "end":
                return {"state": self._state()}
        return {}

    def run_commands(self) -> NoReturn:
        """Raises NotReplayable: commands need bash."""
        raise NotReplayable("it runs commands, which only a whole proof can do")

    def _make(self, name: str, history: int) -> None:
        self.world.buckets[name] = Bucket(BucketConfig(name, history=history))

    def _change(self, change: Mapping[str, Any]) -> None:
        bucket, key, value = change["bucket"], change["key"], change["value"]
        if change["do"] == "drop":
            self.world.buckets.pop(bucket, None)
        elif change["do"] == "bucket":
            self._make(bucket, change["history"])
        else:
            try:
                if value is None:
                    self.world.kv_delete(bucket, key)
                else:
                    self.world.kv_put(bucket, key, value)
            except EffectFailure:
                return

    def _state(self) -> dict[str, dict[str, str]]:
        return {
            name: {key: entries[-1].value for key, entries in bucket.entries.items() if entries[-1].operation == "PUT"}
            for name, bucket in self.world.buckets.items()
        }


@dataclass(frozen=True, slots=True)
class _Row:
    """What a certificate recorded of one scenario."""

    scenario: Scenario
    original: Trace
    repairs: tuple[str, ...]
    mended: Trace | None

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> _Row:
        """From the form of a certificate. Raises KeyError, TypeError or AttributeError where it has another form."""
        mended = Trace.from_recorded(form["mended"]) if "mended" in form else None
        original = Trace.from_recorded(form["original"])
        return cls(Scenario.from_json(form["scenario"]), original, tuple(form["repairs"]), mended)

    def explains(self, rewrite: Trace, texts: tuple[str, ...], *, reasons: bool) -> bool:
        """Whether what explained the differences then explains them now."""
        if self.mended is not None:
            return not any(differences(self.mended, rewrite, reasons=reasons))
        repair = repair_of(self.scenario, self.original, rewrite, texts, reasons=reasons)
        return repair is not None and self.repairs == (repair.name,)


def replay(record: StepRecord, process: Process) -> Replayed:
    """Runs the rewrite of one step over what its record holds. Raises ValueError where that has another form."""
    try:
        form = json.loads(record.observations)
        rows = [_Row.of(row) for row in form["rows"]]
        texts = tuple(map(str, form.get("texts", ())))
        providers, stubs, reasons = form["providers"], frozenset(form["stubs"]), bool(form["reasons"])
    except (KeyError, TypeError, AttributeError):
        raise ValueError("its observations have another form") from None
    lab = MemoryLab()
    try:
        with tempfile.TemporaryDirectory(prefix="peerlint-replay-") as folder:
            runner = RewriteRunner(lab, process, record.number, providers, lab.world, stubs)
            for row in rows:
                trace = runner.run(row.scenario, Path(folder))
                found = tuple(differences(row.original, trace, reasons=reasons))
                if found and not row.scenario.outside and not row.explains(trace, texts, reasons=reasons):
                    return Replayed(record.number, len(rows), Observation(row.scenario, row.original, trace, found))
    except NotReplayable as reason:
        return Replayed(record.number, len(rows), unknown=str(reason))
    finally:
        lab.close()
    return Replayed(record.number, len(rows))

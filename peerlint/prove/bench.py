"""Both sides of one step, scenario after scenario, on as many labs as there are."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from peerlint.process.model import Process
from peerlint.prove.compare import Difference, differences
from peerlint.prove.lab import Lab
from peerlint.prove.original import Original, OriginalRunner
from peerlint.prove.repairs import repair_of
from peerlint.prove.rewrite import RewriteRunner
from peerlint.prove.scenario import Scenario
from peerlint.prove.trace import TIMES_OUT, Trace
from peerlint.records import dataclass, field

#: Fewer scenarios than this are not worth a second lab.
_WORTH_SHARING = 8
#: How often a scenario that shows a difference is run at most: a machine under load may disturb one run.
_RUNS = 4


class OutOfTime(Exception):
    """The time that a proof may take is over."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One scenario with both traces. `repair` names the repair that explains the differences, where one does."""

    scenario: Scenario
    original: Trace
    rewrite: Trace
    differences: tuple[Difference, ...] = ()
    repair: str | None = None
    stable: bool = True

    @property
    def equal(self) -> bool:
        """Whether both sides behave the same."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Pair:
    """The runners of one lab, and a folder of their own."""

    lab: Lab
    original: OriginalRunner
    rewrite: RewriteRunner
    folder: Path

    def scene(self, side: str) -> Path:
        """The scene of a side."""
        return self.lab.side(self.folder, side)

    @classmethod
    def on(
        cls, lab: Lab, original: Original, process: Process, number: str, providers: Sequence[str], at: Path
    ) -> Pair:
        """Runners for a step whose scenes are made below `at`."""
        for side in ("original", "rewrite", "alone"):
            lab.side(at, side).mkdir(parents=True, exist_ok=True)
        left = OriginalRunner(lab, original, number, providers)
        return cls(lab, left, RewriteRunner(lab, process, number, providers, lab.world, left.stubs), at)

    def observe(self, scenario: Scenario, *, reasons: bool) -> Observation:
        """Runs both sides. What differs, or takes too long, is run again, from the very beginning, until two agree."""
        seen = self._once(scenario, reasons, alone=False)
        if (seen.equal or seen.repair) and seen.original.outcome != TIMES_OUT:
            return seen
        for _ in range(_RUNS - 1):
            again = self._once(scenario, reasons, alone=True)
            same = not differences(seen.original, again.original) and not differences(seen.rewrite, again.rewrite)
            seen = again
            if same:
                return seen
        return Observation(scenario, seen.original, seen.rewrite, seen.differences, seen.repair, stable=False)

    def _once(self, scenario: Scenario, reasons: bool, *, alone: bool) -> Observation:
        if alone:
            original = self.original.run_alone(scenario, self.scene("alone"))
        else:
            original = self.original.run(scenario, self.scene("original"))
        rewrite = self.rewrite.run(scenario, self.scene("rewrite"))
        found = tuple(differences(original, rewrite, reasons=reasons))
        repair = repair_of(scenario, original, rewrite, self.original.texts) if found else None
        return Observation(scenario, original, rewrite, found, repair.name if repair else None)


@dataclass(slots=True)
class Bench:
    """All pairs of a step, and what they have shown so far. The first pair stands for the step.

    Once the clock (`time.monotonic`) shows `until`, a scenario that was not run yet raises OutOfTime instead.
    """

    pairs: list[Pair]
    reasons: bool
    until: float | None = None
    _done: dict[str, Observation] = field(default_factory=dict)

    @property
    def original(self) -> OriginalRunner:
        """The runner of the original on the first lab."""
        return self.pairs[0].original

    @property
    def rewrite(self) -> RewriteRunner:
        """The runner of the rewrite on the first lab."""
        return self.pairs[0].rewrite

    @property
    def alone(self) -> Path:
        """The scene in which the first pair runs what has to begin at the very beginning."""
        return self.pairs[0].scene("alone")

    @property
    def runs(self) -> int:
        """How many scenarios were run."""
        return len(self._done)

    @property
    def observations(self) -> list[Observation]:
        """All that was observed so far."""
        return list(self._done.values())

    def close(self) -> None:
        """Ends what the runners keep open."""
        for pair in self.pairs:
            pair.original.close()

    def observe(self, scenario: Scenario) -> Observation:
        """Runs both sides; a scenario that was run before is not run again."""
        return self.observe_all([scenario])[0]

    def observe_all(self, scenarios: Sequence[Scenario]) -> list[Observation]:
        """Observations in the order of the scenarios, shared out among the labs; those that start alike go together."""
        names = [repr(scenario.to_json()) for scenario in scenarios]
        wanted = {name: s for name, s in zip(names, scenarios, strict=True) if name not in self._done}
        if len(self.pairs) == 1 or len(wanted) < _WORTH_SHARING:
            for name, scenario in wanted.items():
                self._done[name] = self._run(self.pairs[0], scenario)
        else:
            self._share(wanted)
        return [self._done[name] for name in names]

    def _run(self, pair: Pair, scenario: Scenario) -> Observation:
        if self.until is not None and time.monotonic() >= self.until:
            raise OutOfTime
        return pair.observe(scenario, reasons=self.reasons)

    def _share(self, wanted: dict[str, Scenario]) -> None:
        free: queue.Queue[Pair] = queue.Queue()
        for pair in self.pairs:
            free.put(pair)
        ordered = sorted(wanted, key=lambda name: repr(self.original.start_of(wanted[name])))
        size = max(1, len(ordered) // (4 * len(self.pairs)))

        def work(names: Sequence[str]) -> list[tuple[str, Observation]]:
            pair = free.get()
            try:
                return [(name, self._run(pair, wanted[name])) for name in names]
            finally:
                free.put(pair)

        shares = [ordered[at : at + size] for at in range(0, len(ordered), size)]
        with ThreadPoolExecutor(len(self.pairs)) as pool:
            for found in pool.map(work, shares):
                self._done.update(found)

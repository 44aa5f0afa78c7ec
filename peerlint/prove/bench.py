"""Both sides of one step, scenario after scenario, on as many labs as there are."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from peerlint.process.model import Process
from peerlint.prove.compare import Difference, differences
from peerlint.prove.lab import Lab, Turns
from peerlint.prove.original import Original
from peerlint.prove.original_runner import OriginalRunner
from peerlint.prove.repairs import mends_that_explain, repair_of
from peerlint.prove.rewrite import Before, RewriteRunner
from peerlint.prove.scenario import Scenario
from peerlint.prove.trace import NOT_REACHED, TIMES_OUT, Trace
from peerlint.records import dataclass, field, replace

#: Fewer scenarios than this are not worth a second lab.
_WORTH_SHARING = 8
#: How often a scenario that shows a difference is run at most: a machine under load may disturb one run.
_RUNS = 4


class CutOff(Exception):
    """The proof ends here: no time is left, or a scenario refutes and nobody asks for more."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One scenario with both traces. `repairs` names what explains the differences, where anything does.

    `mended` is what the original does without the flaws that these repairs are about, where it was run so.
    """

    scenario: Scenario
    original: Trace
    rewrite: Trace
    differences: tuple[Difference, ...] = ()
    repairs: tuple[str, ...] = ()
    stable: bool = True
    mended: Trace | None = None

    @property
    def equal(self) -> bool:
        """Whether both sides behave the same."""
        return not self.differences

    @property
    def refutes(self) -> bool:
        """Whether the two sides differ within what is assumed, and no repair explains it."""
        return not self.equal and not self.repairs and self.stable and not self.scenario.outside


@dataclass(frozen=True, slots=True)
class Pair:
    """The runners of one lab, the `at`-th of those there are, and a folder of their own.

    `flaws` are those of the original that can be mended, and `mended` the runners without some of them.
    """

    lab: Lab
    at: int
    original: OriginalRunner
    rewrite: RewriteRunner
    folder: Path
    flaws: tuple[str, ...]
    mended: Callable[[tuple[str, ...]], OriginalRunner]

    def scene(self, side: str) -> Path:
        """The scene of a side."""
        return self.lab.side(self.folder, side)

    @classmethod
    def on(
        cls,
        lab: Lab,
        at: int,
        original: Original,
        process: Process,
        number: str,
        providers: Sequence[str],
        folder: Path,
    ) -> Pair:
        """Runners for a step whose scenes are made below `folder`."""
        for side in ("original", "rewrite", "alone"):
            lab.side(folder, side).mkdir(parents=True, exist_ok=True)
        left = OriginalRunner(lab, original, number, providers)
        right = RewriteRunner(lab, process, number, providers, lab.world, left.stubs)
        numbers = [*providers, number]

        @cache
        def mended(names: tuple[str, ...]) -> OriginalRunner:
            return OriginalRunner(lab, original.mended(names), number, providers)

        return cls(lab, at, left, right, folder, original.flaws_of(numbers), mended)

    def observe(self, scenario: Scenario, *, reasons: bool) -> Observation:
        """Runs both sides. What differs, or takes too long, is run again, from the very beginning, until two agree."""
        seen = self._once(scenario, reasons, alone=False)
        if (seen.equal or seen.repairs) and seen.original.outcome != TIMES_OUT:
            return seen
        for _ in range(_RUNS - 1):
            again = self._once(scenario, reasons, alone=True)
            same = not differences(seen.original, again.original) and not differences(seen.rewrite, again.rewrite)
            seen = again
            if same:
                return seen
        return replace(seen, stable=False)

    def _once(self, scenario: Scenario, reasons: bool, *, alone: bool) -> Observation:
        if alone:
            original = self.original.run_alone(scenario, self.scene("alone"))
        else:
            original = self.original.run(scenario, self.scene("original"))
        rewrite = self.rewrite.run(scenario, self.scene("rewrite"))
        if NOT_REACHED in (original.outcome, rewrite.outcome):
            # Where the steps before do not lead to this one, nothing is known of it; their own proofs judge them.
            original = rewrite = Trace(NOT_REACHED)
        found = tuple(differences(original, rewrite, reasons=reasons))
        if not found:
            return Observation(scenario, original, rewrite)

        def does_the_same(names: tuple[str, ...]) -> Trace | None:
            trace = self.mended(names).run_alone(scenario, self.scene("alone"), traced=False)
            return None if any(differences(trace, rewrite, reasons=reasons)) else trace

        repair = repair_of(scenario, original, rewrite, self.original.texts, reasons=reasons)
        repairs, mended = ((repair.name,), None) if repair else mends_that_explain(self.flaws, does_the_same)
        return Observation(scenario, original, rewrite, found, repairs, mended=mended)


@dataclass(slots=True)
class Bench:
    """All pairs of a step, one a lab, and what they have shown so far. The first pair stands for the step.

    Benches of other steps use the same labs at the same time, in `turns`. Once the clock (`time.monotonic`) shows
    `until`, a scenario that was not run yet raises CutOff instead; with `at_first` the first one that refutes does.
    """

    pairs: list[Pair]
    turns: Turns
    reasons: bool
    until: float | None = None
    at_first: bool = False
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

    def run_alone(self, scenario: Scenario) -> Trace:
        """The original once more, from the very beginning, and without telling which lines it takes."""
        with self._turn(only=True) as pair:
            return pair.original.run_alone(scenario, pair.scene("alone"), traced=False)

    def before(self, scenario: Scenario) -> Before:
        """What the steps before the step come to in the rewrite."""
        with self._turn(only=True) as pair:
            return pair.rewrite.before(scenario, pair.scene("rewrite"))

    def run_under_harness(self, scenario: Scenario) -> Trace:
        """The original as its harness runs it: each call in a shell of its own."""
        with self._turn(only=True) as pair:
            return pair.original.run_under_harness(scenario, pair.scene("alone"))

    def observe(self, scenario: Scenario) -> Observation:
        """Runs both sides; a scenario that was run before is not run again."""
        return self.observe_all([scenario])[0]

    def forget(self, scenario: Scenario) -> None:
        """Lets a scenario be run again by who asks for it next."""
        self._done.pop(repr(scenario.to_json()), None)

    def observe_all(self, scenarios: Sequence[Scenario]) -> list[Observation]:
        """Observations in the order of the scenarios, shared out among the labs; those that start alike go together."""
        names = [repr(scenario.to_json()) for scenario in scenarios]
        wanted = {name: s for name, s in zip(names, scenarios, strict=True) if name not in self._done}
        if len(self.pairs) == 1 or len(wanted) < _WORTH_SHARING:
            with self._turn() as pair:
                for name, scenario in wanted.items():
                    self._done[name] = self._run(pair, scenario)
        else:
            self._share(wanted)
        return [self._done[name] for name in names]

    @contextlib.contextmanager
    def _turn(self, *, only: bool = False) -> Iterator[Pair]:
        """The first pair while its lab is ours; another where that is free before, and not `only` the first will do."""
        with self.turns.one(self.pairs[0].at, only=only) as at:
            yield next(pair for pair in self.pairs if pair.at == at)

    def _run(self, pair: Pair, scenario: Scenario) -> Observation:
        if self.until is not None and time.monotonic() >= self.until:
            raise CutOff
        seen = pair.observe(scenario, reasons=self.reasons)
        self.turns.count()
        if self.at_first and seen.refutes:
            self._done[repr(scenario.to_json())] = seen
            raise CutOff
        return seen

    def _share(self, wanted: dict[str, Scenario]) -> None:
        ordered = sorted(wanted, key=lambda name: repr(self.original.start_of(wanted[name])))
        size = max(1, len(ordered) // (4 * len(self.pairs)))

        def work(names: Sequence[str]) -> list[tuple[str, Observation]]:
            with self._turn() as pair:
                return [(name, self._run(pair, wanted[name])) for name in names]

        shares = [ordered[at : at + size] for at in range(0, len(ordered), size)]
        with ThreadPoolExecutor(len(self.pairs)) as pool:
            for found in pool.map(work, shares):
                self._done.update(found)

"""Arms that no scenario has taken yet are looked for: from where a scenario came nearest, one option at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from peerlint.prove.bench import Bench, Observation
from peerlint.prove.dimensions import Dimension
from peerlint.prove.scenario import Scenario
from peerlint.prove.scenarios import Row, all_but_one, neighbours, rows_of, scenario_of
from peerlint.records import dataclass, field

#: Most scenarios that are run to find arms, beside those of the covering set.
MOST = 240
#: So many are run before it is looked again which arms are missed.
_AT_ONCE = 16


def taken_arms(bench: Bench, observations: Iterable[Observation]) -> tuple[frozenset[str], frozenset[str]]:
    """The arms of the original and of the rewrite that these have taken."""
    seen = list(observations)
    original = frozenset[str]().union(*(row.original.arms for row in seen)) & set(bench.original.arms)
    rewrite = frozenset[str]().union(*(row.rewrite.arms for row in seen)) & set(bench.rewrite.arms)
    return original, rewrite


def feasible_arms(
    bench: Bench,
    infeasible: Mapping[str, frozenset[str]],
    original_taken: frozenset[str],
    rewrite_taken: frozenset[str],
) -> tuple[set[str], set[str]]:
    """All arms of both sides but those that were not taken and that no scenario can take."""
    first_lines, unsaid = bench.original.first_lines, frozenset[str]().union(*infeasible.values())
    original = {
        label
        for label in bench.original.arms
        if label in original_taken or (label not in bench.original.dead_arms and first_lines.get(label) not in unsaid)
    }
    return original, set(bench.rewrite.arms) - (infeasible.keys() - rewrite_taken)


@dataclass(slots=True)
class Search:
    """The search in one step. `infeasible` are arms of the rewrite that are not looked for."""

    bench: Bench
    base: Scenario
    infeasible: Mapping[str, frozenset[str]]
    left: int = MOST
    _seen: set[str] = field(default_factory=set)

    def run(self, dimensions: Sequence[Dimension], rows: Sequence[Observation]) -> list[Observation]:
        """The observations, and those that were made to find what they have missed."""
        found = list(rows)
        if not self._missed(found):
            return found
        sizes = [len(dimension.options) for dimension in dimensions]
        self._seen = {row.scenario.name for row in found}
        nearest: list[Row] = []
        self._try(all_but_one(sizes), dimensions, found, nearest)
        # Each row that was the first to take an arm, the latest of them first: it came farthest.
        known: set[str] = set()
        for row in rows_of(dimensions)[: len(rows)]:
            arms = self._arms(self.bench.observe(scenario_of(self.base, dimensions, row)))
            if not arms <= known:
                nearest.append(row)
            known |= arms
        done: set[Row] = set()
        while nearest and self.left > 0 and self._missed(found):
            row = nearest.pop()
            if row not in done:
                done.add(row)
                self._try(neighbours(row, sizes), dimensions, found, nearest)
        return found

    def _try(
        self, rows: Iterable[Row], dimensions: Sequence[Dimension], found: list[Observation], nearest: list[Row]
    ) -> None:
        """Runs rows until nothing is missed; those that take an arm that none has taken before are `nearest`."""
        waiting = [(row, scenario_of(self.base, dimensions, row)) for row in dict.fromkeys(rows)]
        waiting = [(row, scenario) for row, scenario in waiting if scenario.name not in self._seen]
        while waiting and self.left > 0 and self._missed(found):
            now, waiting = waiting[: min(_AT_ONCE, self.left)], waiting[min(_AT_ONCE, self.left) :]
            self.left -= len(now)
            known = self._arms(*found)
            for (row, scenario), seen in zip(now, self.bench.observe_all([s for _, s in now]), strict=True):
                self._seen.add(scenario.name)
                found.append(seen)
                if not self._arms(seen) <= known:
                    nearest.append(row)

    def _missed(self, observations: Sequence[Observation]) -> bool:
        taken = taken_arms(self.bench, observations)
        original, rewrite = feasible_arms(self.bench, self.infeasible, *taken)
        uncalled = self.bench.original.uncalled
        return bool(rewrite - taken[1]) or any(label not in uncalled for label in original - taken[0])

    def _arms(self, *observations: Observation) -> set[str]:
        original, rewrite = taken_arms(self.bench, observations)
        return {f"original {label}" for label in original} | {f"rewrite {label}" for label in rewrite}

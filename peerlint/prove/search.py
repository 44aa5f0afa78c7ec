"""Arms that no scenario has taken yet are looked for: from where a scenario came nearest, one option at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from peerlint.prove.bench import Bench, Observation
from peerlint.prove.dimensions import Dimension
from peerlint.prove.scenario import Scenario
from peerlint.prove.scenarios import Row, all_but_one, neighbours, rows_of, scenario_of
from peerlint.prove.trace import Action
from peerlint.records import dataclass, field

#: Most scenarios that are run to find arms, beside those of the covering set.
MOST = 240
#: Most scenarios that are run around the ways through a step.
MOST_AROUND = 120
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


#: What a step is given in any case, by the beginning of the name of its dimension.
_GIVEN = ("input ", "arguments", "handed over ", "answer ")


def _is_met(dimension: Dimension, actions: Iterable[Action]) -> bool:
    """Whether a run has come to what varies, where its actions tell."""
    kind, _, rest = dimension.name.partition(" ")
    if kind == "command":
        return any(action.operation == "run" and action.key == rest for action in actions)
    if kind == "key":
        return any(f"{action.bucket} {action.key}" == rest for action in actions)
    if kind == "bucket":
        return any(action.bucket == rest for action in actions)
    if kind == "keys":
        return any(action.operation == "kv keys" and f"of {action.bucket}" == rest for action in actions)
    return True


@dataclass(slots=True)
class Search:
    """The search in one step. `infeasible` are arms of the rewrite that are not looked for."""

    bench: Bench
    base: Scenario
    infeasible: Mapping[str, frozenset[str]]
    left: int = MOST
    _seen: set[str] = field(default_factory=set)
    _found_by: list[Row] = field(default_factory=list)

    def run(self, dimensions: Sequence[Dimension], rows: Sequence[Observation]) -> list[Observation]:
        """The observations, and those that were made to find what they have missed."""
        found = list(rows)
        if not self._missed(found):
            return found
        sizes = [len(dimension.options) for dimension in dimensions]
        self._seen = {row.scenario.name for row in found}
        nearest: list[Row] = []
        self._try(all_but_one(sizes), dimensions, found, nearest)
        self._found_by += nearest
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
                known_before = len(nearest)
                self._try(neighbours(row, sizes), dimensions, found, nearest)
                self._found_by += nearest[known_before:]
        return found

    def around(self, dimensions: Sequence[Dimension], rows: Sequence[Observation]) -> list[Observation]:
        """The observations, and those of what comes near to each way through the step.

        From each row that was the first to take an arm one thing is changed: what the step does there is met by all
        that can be there, also by texts that only just differ from what is asked for.
        """
        ways = self._first_of_each_way(dimensions, rows)
        scenarios: dict[str, Scenario] = {}
        for turn in zip_longest(*(self._changes(dimensions, row, seen) for row, seen in ways)):
            for scenario in turn:
                if scenario is not None and scenario.name not in self._seen:
                    scenarios.setdefault(scenario.name, scenario)
        wanted = list(scenarios.values())[:MOST_AROUND]
        return [*rows, *self.bench.observe_all(wanted)]

    def _first_of_each_way(
        self, dimensions: Sequence[Dimension], rows: Sequence[Observation]
    ) -> list[tuple[Row, Observation]]:
        """The rows that were the first to take an arm, each with what was seen."""
        self._seen |= {row.scenario.name for row in rows}
        known: set[str] = set()
        found: list[tuple[Row, Observation]] = []
        of_all = [row for row in self._found_by if len(row) == len(dimensions)]
        for row in [*rows_of(dimensions), *of_all]:
            scenario = scenario_of(self.base, dimensions, row)
            if scenario.name not in self._seen or scenario.outside:
                continue
            seen = self.bench.observe(scenario)
            arms = self._arms(seen)
            if not found or not arms <= known:
                found.append((row, seen))
            known |= arms
        return found

    def _changes(self, dimensions: Sequence[Dimension], row: Row, seen: Observation) -> Iterator[Scenario]:
        """Near options first; then, where the row is not the usual one, all options of what it has met."""
        actions = (*seen.original.actions, *seen.rewrite.actions)
        met = [place for place, dimension in enumerate(dimensions) if _is_met(dimension, actions)]
        for others in zip_longest(*(dimensions[place].near for place in met)):
            for place, option in zip(met, others, strict=True):
                if option is not None:
                    yield scenario_of(self.base, dimensions, row, (place, option))
        if any(row):
            tried = [place for place in met if not dimensions[place].name.startswith(_GIVEN)]
            for others in zip_longest(*(dimensions[place].options for place in tried)):
                for place, option in zip(tried, others, strict=True):
                    if option is not None:
                        yield scenario_of(self.base, dimensions, row, (place, option))

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

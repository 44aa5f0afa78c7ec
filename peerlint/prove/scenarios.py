"""Which scenarios are run: all combinations up to a bound, else a covering set that is checked; then faults."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import TypeAlias

from peerlint.prove.dimensions import Dimension, Option
from peerlint.prove.scenario import Scenario, fault_name
from peerlint.prove.shims.faults import AWAY, FAILS, WRITE_AFTER, WRITE_BEFORE, Fault
from peerlint.prove.trace import Trace
from peerlint.prove.vocabulary import JSON
from peerlint.records import replace

#: Up to so many combinations all are run.
EXHAUSTIVE = 64
#: Most scenarios of one step before faults; more would not end in the time of a person who waits.
MAX_SCENARIOS = 400
#: Seeded rows that are added to a covering set.
RANDOM_ROWS = 8

#: Which option each dimension has, by its number.
Row: TypeAlias = tuple[int, ...]


def combinations(base: Scenario, dimensions: Sequence[Dimension]) -> list[Scenario]:
    """The scenarios over the base: deterministic, the plain ones first."""
    return [scenario_of(base, dimensions, row) for row in rows_of(dimensions)]


def rows_of(dimensions: Sequence[Dimension]) -> list[Row]:
    """The rows that are run: all up to a bound, else a covering set; the plain ones first."""
    sizes = [len(dimension.options) for dimension in dimensions]
    if prod(sizes) <= EXHAUSTIVE:
        rows: Iterable[Row] = itertools.product(*(range(size) for size in sizes))
    else:
        rows = covering(sizes)
    return sorted(dict.fromkeys(rows), key=lambda row: (sum(1 for at in row if at), row))[:MAX_SCENARIOS]


def scenario_of(
    base: Scenario, dimensions: Sequence[Dimension], row: Row, other: tuple[int, Option] | None = None
) -> Scenario:
    """The base with the option of each dimension that the row says; that of one place may be an `other`."""
    scenario = base
    for place, (dimension, at) in enumerate(zip(dimensions, row, strict=True)):
        option = other[1] if other is not None and other[0] == place else dimension.options[at]
        scenario = option.on(scenario)
    return scenario


def all_but_one(sizes: Sequence[int]) -> Iterator[Row]:
    """Rows in which everything deviates in the same way but for one dimension: the last of many files is there."""
    for at in range(1, max(sizes, default=0)):
        for place in range(len(sizes)):
            yield tuple(0 if spot == place else min(at, size - 1) for spot, size in enumerate(sizes))


def neighbours(row: Row, sizes: Sequence[int]) -> Iterator[Row]:
    """The rows that differ from this one in one dimension."""
    for place, size in enumerate(sizes):
        for at in range(size):
            if at != row[place]:
                yield (*row[:place], at, *row[place + 1 :])


def covering(sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """Rows in which each pair of options of two dimensions occurs, each single deviation, and some at random.

    And those in which all dimensions deviate in step: all commands fail, or say the same; all files are missing.

    Raises AssertionError where a pair is missing: the set is checked, not believed.
    """
    rows = [tuple(0 for _ in sizes)]
    for place, size in enumerate(sizes):
        rows += [tuple(at if spot == place else 0 for spot in range(len(sizes))) for at in range(1, size)]
    rows += [tuple(at if at < size else 0 for size in sizes) for at in range(1, max(sizes, default=0))]
    missing = _pairs(sizes) - {pair for row in rows for pair in _pairs_of(row)}
    while missing:
        (left, at), (right, to) = min(missing)
        row: list[int | None] = [None] * len(sizes)
        row[left], row[right] = at, to
        for place, size in enumerate(sizes):
            if row[place] is None:
                row[place] = max(range(size), key=lambda option: (_gain(row, place, option, missing), -option))
        full = tuple(option or 0 for option in row)
        rows.append(full)
        missing -= set(_pairs_of(full))
    generator = random.Random(20260102)
    rows += [tuple(generator.randrange(size) for size in sizes) for _ in range(RANDOM_ROWS)]
    assert _pairs(sizes) <= {pair for row in rows for pair in _pairs_of(row)}
    return rows


_Pair = tuple[tuple[int, int], tuple[int, int]]


def _pairs(sizes: Sequence[int]) -> set[_Pair]:
    return {
        ((left, at), (right, to))
        for left, right in itertools.combinations(range(len(sizes)), 2)
        for at in range(sizes[left])
        for to in range(sizes[right])
    }


def _pairs_of(row: Sequence[int]) -> Iterator[_Pair]:
    for left, right in itertools.combinations(range(len(row)), 2):
        yield (left, row[left]), (right, row[right])


def _gain(row: Sequence[int | None], place: int, option: int, missing: set[_Pair]) -> int:
    gain = 0
    for other, at in enumerate(row):
        if at is not None and other != place:
            pair = ((place, option), (other, at)) if place < other else ((other, at), (place, option))
            gain += pair in missing
    return gain


def fault_scenarios(rows: Sequence[tuple[Scenario, Trace]], value: str, *, reads_json: bool = False) -> list[Scenario]:
    """For each path of operations that was seen, each operation on it fails, and somebody else writes in between.

    `value` is what the other one writes; with `reads_json` also something that is no JSON, which is outside of what
    the proof assumes.
    """
    seen: set[tuple[object, ...]] = set()
    found: list[Scenario] = []
    for scenario, trace in rows:
        path: list[tuple[str, str, str]] = []
        for action in trace.actions:
            if action.operation == "run":
                continue
            place = (action.operation, action.bucket, action.key)
            path.append(place)
            nth = path.count(place)
            for fault in _faults_at(*place, nth, value):
                key = (fault, tuple(path), trace.outcome)
                if key in seen:
                    continue
                seen.add(key)
                found.append(_with_fault(scenario, fault))
                if reads_json and fault.kind == WRITE_AFTER:
                    other = _with_fault(scenario, replace(fault, value="not json"))
                    found.append(replace(other, outside=(*other.outside, JSON)))
    return found


def _with_fault(scenario: Scenario, fault: Fault) -> Scenario:
    return replace(scenario, given=(*scenario.given, fault_name(fault)), faults=(fault,))


def _faults_at(operation: str, bucket: str, key: str, nth: int, value: str) -> Iterator[Fault]:
    yield Fault(AWAY, operation, bucket, key, nth)
    yield Fault(FAILS, operation, bucket, key, nth)
    if operation in ("kv update", "kv create"):
        yield Fault(WRITE_BEFORE, operation, bucket, key, nth, value)
    if operation in ("kv get", "kv put", "kv update", "kv create"):
        yield Fault(WRITE_AFTER, operation, bucket, key, nth, value)

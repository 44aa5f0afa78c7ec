"""Scenario sets cover what they promise, and comparing sees what counts and nothing else."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.prove.compare import differences
from peerlint.prove.dimensions import Dimension, Option
from peerlint.prove.scenario import Change, Scenario
from peerlint.prove.scenarios import combinations, covering
from peerlint.prove.shims.faults import AWAY, Fault, Faults
from peerlint.prove.trace import GOES_ON, STOPS, Action, Trace, lines_of


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=6))
def test_every_pair_of_options_and_every_single_deviation_occurs(sizes: list[int]) -> None:
    rows = covering(sizes)
    for left, right in itertools.combinations(range(len(sizes)), 2):
        seen = {(row[left], row[right]) for row in rows}
        assert seen == set(itertools.product(range(sizes[left]), range(sizes[right])))
    for place, size in enumerate(sizes):
        for option in range(size):
            assert tuple(option if at == place else 0 for at in range(len(sizes))) in rows
            assert tuple(option if option < other else 0 for other in sizes) in rows
    assert covering(sizes) == rows


def test_small_products_are_run_whole_and_plain_ones_come_first() -> None:
    dimensions = [
        Dimension(name, (Option(""), Option(f"{name} missing"), Option(f"{name} odd"))) for name in ("a", "b")
    ]
    names = [scenario.name for scenario in combinations(Scenario(), dimensions)]
    assert len(names) == 9
    assert names[0] == "all as usual"
    assert names[-1] == "a odd, b odd"


def test_a_scenario_survives_its_certificate() -> None:
    scenario = Scenario(
        ("server away",),
        ("--a=b",),
        {"X": "1"},
        {"K": ""},
        (("b", 50),),
        (Change("put", "b", "k", "v"),),
        {"f": "text"},
        frozenset({"gh"}),
        (),
        (Fault(AWAY, "kv get", "b", "k"),),
        ("numbers",),
    )
    assert Scenario.from_json(scenario.to_json()) == scenario


def test_a_fault_strikes_once_and_the_server_stays_away() -> None:
    faults = Faults([Fault(AWAY, "kv get", "b", "k", 2)])
    assert [bool(faults.strike("kv get", "b", "k")) for _ in range(3)] == [False, True, False]
    assert faults.away


def test_json_is_compared_as_json_and_text_as_text() -> None:
    def put(value: str) -> Trace:
        return Trace(GOES_ON, actions=(Action("kv put", "b", "k", value),), state={"b": {"k": value}})

    assert not differences(put('{"a": 1, "b": 2}'), put('{\n  "b": 2,\n  "a": 1\n}'))
    assert differences(put("yes"), put("no"))


def test_reads_do_not_count_but_writes_their_order_and_revisions_do() -> None:
    put, update = Action("kv put", "b", "k", "1"), Action("kv update", "b", "k", "2", 7)
    get = Action("kv get", "b", "k")
    assert not differences(Trace(GOES_ON, actions=(get, get, put)), Trace(GOES_ON, actions=(put, get)))
    assert differences(Trace(GOES_ON, actions=(put, update)), Trace(GOES_ON, actions=(update, put)))
    other = Action("kv update", "b", "k", "2", 8)
    assert differences(Trace(GOES_ON, actions=(update,)), Trace(GOES_ON, actions=(other,)))


def test_the_reason_of_a_stop_counts_where_the_prose_tells_codes_apart() -> None:
    one, other = Trace(STOPS, "busy"), Trace(STOPS, "gone")
    assert not differences(one, other)
    assert differences(one, other, reasons=True)


def test_blank_lines_trailing_blanks_and_colours_are_no_message() -> None:
    assert lines_of("\x1b[31mred\x1b[0m  \n\n  two\n") == ("red", "  two")

"""Arms that the covering set does not take are looked for, and what only some inputs lead to is varied as well."""

from __future__ import annotations

import itertools

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.proof import Verdict
from peerlint.prove.scenarios import all_but_one, neighbours
from tests.prove.test_proof import prove

KINDS = ("package.json", "setup.cfg", "Cargo.toml", "go.mod", "Gemfile", "mix.exs")
CHAIN = "#!/bin/bash\n" + "".join(
    f'{"elif" if at else "if"} [ -f {name} ]; then\n  echo "kind {at}"\n' for at, name in enumerate(KINDS)
)
CHAIN_LOGIC = "\n" + "".join(
    f'{"ELSE IF" if at else "IF"} file "{name}" exists:\n  DISPLAY: "kind {at}"\n' for at, name in enumerate(KINDS)
)


@pytest.mark.parametrize(("wrong", "verdict"), [(False, Verdict.PROVED), (True, Verdict.REFUTED)])
def test_the_last_arm_of_a_long_chain_is_taken(lab: Lab, wrong: bool, verdict: Verdict) -> None:
    logic = CHAIN_LOGIC.replace(f"kind {len(KINDS) - 1}", "kind -1") if wrong else CHAIN_LOGIC
    proof = prove(lab, CHAIN + "fi\n", logic)
    assert proof.verdict is verdict
    assert proof.original_arms == (len(KINDS) + 1, len(KINDS) + 1)


LED_TO = '#!/bin/bash\nif [ "$MODE" = "full" ]; then\n  gh repo sync\nfi\necho "done"\n'
LED_TO_LOGIC = '\nINPUT: MODE\nIF MODE is "full":\n  RUN: `gh repo sync`, ignoring failure\nDISPLAY: "done"\n'


@pytest.mark.parametrize(
    ("logic", "verdict"),
    [(LED_TO_LOGIC, Verdict.PROVED), (LED_TO_LOGIC.replace(", ignoring failure", ""), Verdict.WITH_EXCEPTIONS)],
)
def test_a_command_that_only_an_input_leads_to_fails_in_some_scenario(lab: Lab, logic: str, verdict: Verdict) -> None:
    proof = prove(lab, LED_TO, logic)
    assert proof.verdict is verdict
    assert any("gh repo sync fails" in row.scenario.name for row in proof.scenarios)


def test_rows_in_which_all_but_one_deviate() -> None:
    assert list(all_but_one((2, 3))) == [(0, 1), (1, 0), (0, 2), (1, 0)]
    assert list(all_but_one(())) == []


def test_neighbours_differ_in_one_dimension() -> None:
    near = list(neighbours((0, 1), (2, 3)))
    assert near == [(1, 1), (0, 0), (0, 2)]
    assert all(sum(a != b for a, b in itertools.zip_longest(row, (0, 1))) == 1 for row in near)

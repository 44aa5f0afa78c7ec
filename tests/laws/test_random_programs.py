"""Bash, the lowering in the machine, and the rewritten file in the machine agree on random programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.prove.lab import Lab
from tests.laws.agreement import compare
from tests.laws.programs import Program, program

DISAGREEMENTS = Path(__file__).parents[2] / "fixtures" / "disagreements"
PROGRAMS, CHUNK = 300, 50
#: Programs that may stay as they are: one construct that is not translated leaves a whole program.
LEFT_AT_MOST = 0.5


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, PROGRAMS, CHUNK))
def test_random_programs_agree(host_lab: Lab, tmp_path: Path, first: int) -> None:
    left = 0
    for seed in range(first, first + CHUNK):
        found = compare(host_lab, program(seed), tmp_path)
        left += bool(found.leftover)
        assert not found.disagreements, f"seed {seed}: {found.disagreements}\n{program(seed).script}\n{found.text}"
    assert left <= LEFT_AT_MOST * CHUNK


@pytest.mark.parametrize("case", sorted(path.name for path in DISAGREEMENTS.iterdir() if path.is_dir()))
def test_what_once_disagreed_agrees(host_lab: Lab, tmp_path: Path, case: str) -> None:
    """`left-…` are those that are not translated, since they cannot be translated faithfully."""
    found = compare(host_lab, Program.load(DISAGREEMENTS / case), tmp_path)
    assert not found.disagreements
    assert bool(found.leftover) == case.startswith("left-"), found.leftover


def test_a_seed_gives_the_same_program_again() -> None:
    assert program(7) == program(7)
    assert len({program(seed).script for seed in range(50)}) == 50

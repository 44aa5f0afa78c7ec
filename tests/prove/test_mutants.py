"""A golden pair whose logic is made wrong in one place is not proved: so many places that the score cannot decay."""

from __future__ import annotations

import pytest

from benchmarks.prover_mutants import SURVIVED, Wrong, judged, selection
from peerlint.prove.lab import Lab

#: Pairs that are quick to prove, with each kind of statement.
PAIRS = (
    *("array-that-grows", "bounded-tries", "case-patterns", "choice-in-a-substitution", "constant-array"),
    *("early-exit-in-the-middle", "exit-code-as-value", "folder-change", "function-as-condition", "grep-conditions"),
    *("loop-over-files", "loop-over-lines-of-output", "lost-update", "missing-field", "nested-if"),
    *("read-with-fallback", "temp-file-lines", "text-filters", "tool-fed-a-text", "tries-by-number"),
    *("two-effects-in-a-condition", "unquoted-variable", "unset-on-one-way"),
)
WRONG = selection(PAIRS, each=2)


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{wrong.pair.case}: {wrong.operator}" for wrong in WRONG])
def test_a_mutant_is_not_proved(lab: Lab, wrong: Wrong) -> None:
    assert judged(wrong, lab).verdict not in SURVIVED, "\n".join(wrong.change)


def test_the_selection_has_each_kind_of_mistake() -> None:
    assert len({wrong.operator for wrong in WRONG}) >= 20
    assert 40 <= len(WRONG) <= 60

"""What the original compares its names with is tried, also where the rewrite asks for something else."""

from __future__ import annotations

import pytest

from peerlint.prove.compared import compared_with
from peerlint.prove.lab import Lab
from peerlint.prove.proof import Verdict, prove_process
from tests.prove.test_proof import migrated, reading


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[ "$mode" = "fast" ]', {"MODE": {"fast"}}),
        ("[[ $A == *lit* ]]", {"A": {"lit", "some lit some"}}),
        ("[[ $A =~ ^v[0-9]+$ ]]", {"A": {"v0"}}),
        ('[ "$N" -gt 3 ]', {"N": {"2", "3", "4"}}),
        ('case "$1" in a|b*) ;; esac', {"1": {"a", "b", "b some"}}),
        ('echo "$ARGUMENTS" | grep -q -- "--dry"', {"ARGUMENTS": {"--dry", "some --dry more"}}),
        ('[ "$A" = "$B" ]', {}),
        ('[ "x$A" = "xa" ]', {}),
        ("[[ $A == [ab]* ]]", {}),
    ],
)
def test_texts_that_a_name_is_compared_with(text: str, found: dict[str, set[str]]) -> None:
    assert compared_with([text]) == found


CALL = 'if echo "$ARGUMENTS" | grep -q -- "--dry"; then\n  echo "would ship"\nelse\n  echo "ships"\nfi\n'
LOGIC = (
    '\n  SET: A = "$ARGUMENTS"\n  IF A contains "--dry":\n    DISPLAY: "would ship"\n  ELSE:\n    DISPLAY: "ships"\n'
)


@pytest.mark.parametrize(
    ("asks", "verdict"),
    [
        ('contains "--dry"', Verdict.PROVED),
        ('is "--dry"', Verdict.REFUTED),
        ('starts with "--dry"', Verdict.REFUTED),
        ('ends with "--dry"', Verdict.REFUTED),
    ],
)
def test_a_rewrite_that_asks_for_less_is_refuted(lab: Lab, asks: str, verdict: Verdict) -> None:
    step = f'<step number="1" name="it">\n\nRun this:\n\n```bash\n{CALL}```\n\n</step>'
    (proof,) = prove_process(reading(step), migrated(LOGIC.replace('contains "--dry"', asks)), lab)
    assert proof.verdict is verdict


ASKED = 'read -p "Go on? " GO\nif [ "$GO" = "yes" ]; then\n  gh push\nfi\necho "end"\n'
ASKED_LOGIC = '\n  ASK: "Go on?" AS GO\n  IF GO is "yes":\n    RUN: `gh push`, ignoring failure\n  DISPLAY: "end"\n'


@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [
        ("", "", Verdict.WITH_EXCEPTIONS),
        ('is "yes"', "is not empty", Verdict.REFUTED),
        ("gh push", "gh push --force", Verdict.REFUTED),
        ('is "yes"', 'is not "no"', Verdict.REFUTED),
    ],
)
def test_where_the_user_answers_both_sides_have_the_answer(lab: Lab, right: str, wrong: str, verdict: Verdict) -> None:
    step = f'<step number="1" name="it">\n\nRun this:\n\n```bash\n{ASKED}```\n\n</step>'
    (proof,) = prove_process(reading(step), migrated(ASKED_LOGIC.replace(right, wrong)), lab)
    assert proof.verdict is verdict

"""A step behind others that it needs: what the agent fills in for those reaches it, too, and is varied."""

from __future__ import annotations

import pytest

from peerlint.process.build import Reading
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from tests.prove.test_proof import reading

FIRST_SHELL = 'if [ -z "$TICKET" ]; then\n  echo "which ticket?"\n  exit 1\nfi\nKIND="$TICKET"\n'
FIRST_LOGIC = """
  INPUT: TICKET
  IF TICKET is empty:
    ERROR: "which ticket?"
    STOP execution
  SET: KIND = TICKET
"""
SHELL = 'if [ "$KIND" = "fix" ]; then\n  echo "a hot fix"\nelse\n  echo "kind $KIND"\nfi\n'
LOGIC = """
  IF KIND is "{}":
    DISPLAY: "a hot fix"
  ELSE:
    DISPLAY: "kind [KIND]"
"""


def process(*bodies: str) -> Reading:
    return reading("".join(f'<step number="{n}" name="it">\n\n{body}\n\n</step>\n' for n, body in enumerate(bodies, 1)))


def proof_of_second(lab: Lab, kind: str) -> StepProof:
    original = process(f"```bash\n{FIRST_SHELL}```", f"```bash\n{SHELL}```")
    rewrite = process(f"<first_logic>{FIRST_LOGIC}</first_logic>", f"<second_logic>{LOGIC.format(kind)}</second_logic>")
    [proof] = prove_process(original, rewrite, lab, steps=["2"])
    return proof


def test_a_step_is_reached_behind_one_that_stops_where_nothing_is_filled_in(lab: Lab) -> None:
    proof = proof_of_second(lab, "fix")
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.original_arms == (2, 2)


@pytest.mark.parametrize("kind", ["hot", "fix-1"])
def test_what_only_a_value_filled_in_before_tells_apart_refutes(lab: Lab, kind: str) -> None:
    assert proof_of_second(lab, kind).verdict is Verdict.REFUTED


#: What the first step finds, and the file of which the second then speaks.
WAYS = {
    "a listing": (
        'DIR=$(ls -d epics/[0-9]*-* 2>/dev/null | head -1)\nif [ -z "$DIR" ]; then\n  echo "no epic"\n  exit 1\nfi\n',
        """
  RUN: `ls -d epics/[0-9]*-* | head -1` AS DIR, errors hidden
  IF DIR is empty:
    ERROR: "no epic"
    STOP execution
""",
    ),
    "an answer": (
        'FOUND=$(detect-epic 2>/dev/null)\nif [ -z "$FOUND" ]; then\n  echo "no epic"\n  exit 0\nfi\n'
        'DIR=$(echo "$FOUND" | jq -r \'"\\(.base)/\\(.slug)"\')\n',
        """
  RUN: `detect-epic` AS FOUND, errors hidden, ignoring failure
  IF FOUND is empty:
    DISPLAY: "no epic"
    SET: DIR = ""
    PROCEED to next step
  SET: DIR = FOUND with jq -r '"\\(.base)/\\(.slug)"', or "" if it fails
""",
    ),
}
SPEAKS = 'if grep -q "^done" "$DIR/plan.md"; then\n  echo "$DIR is done"\nfi\n'
SAYS = """
  IF `grep -q "^{}" "[DIR]/plan.md"` succeeds:
    DISPLAY: "[DIR] is done"
"""


@pytest.mark.parametrize(("word", "verdict"), [("done", Verdict.PROVED), ("do", Verdict.REFUTED)])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_is_varied_whose_name_a_step_before_has_found(lab: Lab, way: str, word: str, verdict: Verdict) -> None:
    shell, logic = WAYS[way]
    original = process(f"```bash\n{shell}```", f"```bash\n{SPEAKS}```")
    rewrite = process(f"<it_logic>{logic}</it_logic>", f"<it_logic>{SAYS.format(word)}</it_logic>")
    [proof] = prove_process(original, rewrite, lab, steps=["2"])
    assert (proof.verdict, proof.original_arms[0]) == (verdict, proof.original_arms[1]), proof.reason


@pytest.mark.parametrize(("word", "verdict"), [("done", Verdict.PROVED), ("do", Verdict.REFUTED)])
def test_a_file_is_varied_that_only_an_answer_names(lab: Lab, word: str, verdict: Verdict) -> None:
    shell = "DIR=$(find-epic --json | jq -r '.dir')\n" + SPEAKS
    logic = f"""
  RUN: `find-epic --json` AS FOUND, ignoring failure
  SET: DIR = FOUND with jq -r '.dir', or "" if it fails
{SAYS.format(word)}"""
    [proof] = prove_process(process(f"```bash\n{shell}```"), process(f"<it_logic>{logic}</it_logic>"), lab)
    assert (proof.verdict, proof.original_arms[0]) == (verdict, proof.original_arms[1]), proof.reason

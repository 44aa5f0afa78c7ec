"""The whole process: what each step does alone may still not fit together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from peerlint.process.build import Reading
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.prove.whole import WholeProof, prove_whole
from tests.prove.test_proof import reading

CLAIM = """#!/bin/bash
if ! nats kv create app-state lock "taken" > /dev/null 2>&1; then
  echo "somebody else has the lock"
  exit 1
fi
echo "claimed"
"""
LOOK = """#!/bin/bash
if [ -f done.txt ]; then
  echo "nothing to do"
  exit 3
fi
echo "there is work"
"""
NOTE = """#!/bin/bash
nats kv put app-state note "$(nats kv get app-state lock --raw)" > /dev/null || exit 1
echo "noted"
"""
SCRIPTS = {"claim.sh": CLAIM, "look.sh": LOOK, "note.sh": NOTE}
STEP = '<step number="{0}" name="{1}">\n\n### Step {0}\n\n{2}\n\n</step>'
CALL = "<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: ~/.agent-os/scripts/{}\n</instructions>"
CLAIM_LOGIC = """<claim_logic>
  CREATE: lock in app-state = "taken"
  IF creation fails:
    ERROR: "somebody else has the lock"
    STOP execution
  DISPLAY: "claimed"
</claim_logic>"""
LOOK_LOGIC = """<look_logic>
  IF file "done.txt" exists:
    DISPLAY: "nothing to do"
    STOP execution
  DISPLAY: "there is work"
</look_logic>"""
NOTE_LOGIC = """<note_logic>
  READ: lock from app-state AS LOCK, or "" if it fails
  STORE: note in app-state = LOCK
  DISPLAY: "noted"
</note_logic>"""


def process(*bodies: str) -> Reading:
    steps = [STEP.format(at, f"s{at}", body) for at, body in enumerate(bodies, start=1)]
    return reading("\n\n".join(steps), SCRIPTS)


LEGACY = process(*(CALL.format(name) for name in SCRIPTS))
MIGRATED = process(CLAIM_LOGIC, LOOK_LOGIC, NOTE_LOGIC)


@pytest.fixture(scope="module")
def proofs(lab: Lab) -> list[StepProof]:
    found = prove_process(LEGACY, MIGRATED, lab)
    assert [(proof.verdict, proof.reason) for proof in found] == [(Verdict.PROVED, "")] * 3
    return found


def whole(lab: Lab, rewrite: Reading, proofs: list[StepProof]) -> WholeProof:
    return prove_whole(LEGACY, rewrite, proofs, lab)


def test_each_end_of_each_step_is_met_in_a_run_of_all_steps(lab: Lab, proofs: list[StepProof]) -> None:
    found = whole(lab, MIGRATED, proofs)
    assert (found.verdict, found.reason, found.missed) == (Verdict.PROVED, "", ())
    assert found.to_json()["ends"] == [6, 6]
    assert found.steps == ("1", "2", "3")
    messages = [row.original.messages for row in found.scenarios]
    assert ("claimed", "there is work", "noted") in messages
    assert ("claimed", "nothing to do") in messages


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('    DISPLAY: "nothing to do"\n    STOP execution', '    DISPLAY: "nothing to do"'),
        ('lock in app-state = "taken"', 'lock in app-state = "mine"'),
        ('  DISPLAY: "claimed"', '  DISPLAY: "claimed"\n  PROCEED to step 3'),
        ('DISPLAY: "noted"', 'DISPLAY: "written"'),
    ],
)
def test_a_process_that_does_otherwise_is_refuted(lab: Lab, proofs: list[StepProof], right: str, wrong: str) -> None:
    bodies = [logic.replace(right, wrong) for logic in (CLAIM_LOGIC, LOOK_LOGIC, NOTE_LOGIC)]
    assert bodies != [CLAIM_LOGIC, LOOK_LOGIC, NOTE_LOGIC]
    found = whole(lab, process(*bodies), proofs)
    assert found.verdict is Verdict.REFUTED
    assert found.reason


def test_a_code_that_the_prose_names_leads_on(lab: Lab) -> None:
    told = CALL.format("look.sh") + "\n\nIf it exits with code 3, continue with step 3.\n"
    legacy = process(told, CALL.format("claim.sh"), CALL.format("note.sh"))
    logic = LOOK_LOGIC.replace("STOP execution", "PROCEED to step 3")
    rewrite = process(logic, CLAIM_LOGIC, NOTE_LOGIC)
    proofs = prove_process(legacy, rewrite, lab)
    assert [(proof.verdict, proof.reason) for proof in proofs] == [(Verdict.PROVED, "")] * 3
    found = prove_whole(legacy, rewrite, proofs, lab)
    assert (found.verdict, found.reason) == (Verdict.PROVED, "")
    assert ("nothing to do", "noted") in [row.original.messages for row in found.scenarios]


def test_a_process_with_a_step_that_is_not_proved_is_unknown(lab: Lab, proofs: list[StepProof]) -> None:
    bad = replace(proofs[1], verdict=Verdict.REFUTED)
    assert whole(lab, MIGRATED, [proofs[0], bad]).reason == "step 2 is refuted"
    assert whole(lab, MIGRATED, []).verdict is Verdict.UNKNOWN


def test_an_end_that_no_run_shows_is_never_called_proved(lab: Lab, proofs: list[StepProof]) -> None:
    """A scenario that is said to make a step stop, and in the process does not."""
    usual = next(row for row in proofs[0].scenarios if not row.scenario.given)
    odd = replace(usual, original=replace(usual.original, outcome="goes to step 3"))
    found = whole(lab, MIGRATED, [replace(proofs[0], scenarios=(usual, odd)), *proofs[1:]])
    assert found.verdict is Verdict.UNKNOWN
    assert "step 1 goes to step 3" in found.reason


def test_an_end_that_a_kept_step_may_be_needed_for_speaks_against_nobody(lab: Lab) -> None:
    kept = CALL.format("note.sh")
    legacy = process(kept, CALL.format("claim.sh"), CALL.format("look.sh"))
    rewrite = process(kept, CLAIM_LOGIC, LOOK_LOGIC)
    proofs = prove_process(legacy, rewrite, lab, steps=["2", "3"])
    assert prove_whole(legacy, rewrite, proofs, lab).verdict is Verdict.PROVED
    usual = next(row for row in proofs[1].scenarios if not row.scenario.given)
    odd = replace(usual, original=replace(usual.original, outcome="goes to step 2"))
    found = prove_whole(legacy, rewrite, [proofs[0], replace(proofs[1], scenarios=(usual, odd))], lab)
    assert (found.verdict, found.holds) == (Verdict.UNKNOWN, True)
    assert found.reason.endswith("step 1 still runs shell and took no part")


def test_nothing_excuses_a_process_that_ends_before_a_step(lab: Lab) -> None:
    scripts = {"end.sh": "#!/bin/bash\necho over\nexit 1\n", "note.sh": NOTE}
    over = '<over_logic>\n  ERROR: "over"\n  STOP execution\n</over_logic>'
    bodies = CALL.format("note.sh"), CALL.format("end.sh"), CALL.format("note.sh")
    legacy = reading("\n\n".join(STEP.format(at, f"s{at}", body) for at, body in enumerate(bodies, start=1)), scripts)
    rewrite = process(bodies[0], over, NOTE_LOGIC)
    proofs = prove_process(legacy, rewrite, lab, steps=["2", "3"])
    assert [(proof.verdict, proof.reason) for proof in proofs] == [(Verdict.PROVED, "")] * 2
    found = prove_whole(legacy, rewrite, proofs, lab)
    assert (found.verdict, found.holds) == (Verdict.UNKNOWN, False)
    assert found.reason == "no run of the process comes to step 3"


def test_an_end_that_only_the_answer_of_a_command_brings_is_met(lab: Lab) -> None:
    """A command that says nothing ends the step, and so do answers to the same command with other arguments."""
    fetch = (
        "```bash\nTITLE=$(gh issue view \"$1\" --json title | jq -r '.title')\n"
        'if [ -z "$TITLE" ]; then\n  echo "no such issue"\n  exit 1\nfi\necho "found"\n```'
    )
    fetch_logic = """<fetch_logic>
  SET: ARGUMENT_1 = "$1"
  RUN: `gh issue view "[ARGUMENT_1]" --json title` AS ISSUE, ignoring failure
  SET: TITLE = ISSUE with jq -r '.title', or "" if it fails
  IF TITLE is empty:
    ERROR: "no such issue"
    STOP execution
  DISPLAY: "found"
</fetch_logic>"""
    legacy, rewrite = process(fetch, CALL.format("claim.sh")), process(fetch_logic, CLAIM_LOGIC)
    proofs = prove_process(legacy, rewrite, lab)
    assert [(proof.verdict, proof.reason) for proof in proofs] == [(Verdict.PROVED, "")] * 2
    found = prove_whole(legacy, rewrite, proofs, lab)
    assert (found.verdict, found.reason, found.missed) == (Verdict.PROVED, "", ())


def test_a_flaw_of_a_call_is_mended_in_the_whole_process_too(lab: Lab) -> None:
    shown = '```bash\nfor SPEC in specs/*.md; do\n  gh view "$SPEC"\ndone\necho "shown"\n```'
    logic = (
        '<show_logic>\n  FOR EACH SPEC in files matching "specs/*.md":\n    RUN: `gh view "[SPEC]"`, ignoring failure\n'
        '  DISPLAY: "shown"\n</show_logic>'
    )
    accepted = frozenset({"unmatched-glob"})
    legacy, rewrite = process(shown, CALL.format("claim.sh")), process(logic, CLAIM_LOGIC)
    proofs = prove_process(legacy, rewrite, lab, accepted=accepted)
    assert [(proof.verdict, proof.reason) for proof in proofs] == [(Verdict.PROVED, "")] * 2
    found = prove_whole(legacy, rewrite, proofs, lab, accepted=accepted)
    assert (found.verdict, found.reason, found.repairs) == (Verdict.PROVED, "", ("unmatched-glob",))

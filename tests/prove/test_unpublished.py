"""Programs that a step runs by their path and that are not published with it are answered like other commands."""

from __future__ import annotations

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.prove.unpublished import not_answered, unpublished
from tests.prove.test_proof import migrated, reading

CALL = (
    'if [ -f tools/state.sh ]; then\n  STATE=$(bash tools/state.sh read "$NAME")\n'
    '  if [ "$STATE" = "ready" ]; then\n    ./tools/publish.sh --all || echo "not published"\n  fi\n'
    'else\n  echo "no tools"\nfi\n'
)
LOGIC = """
  INPUT: NAME
  IF file "tools/state.sh" exists:
    RUN: `bash tools/state.sh read "[NAME]"` AS STATE, ignoring failure
    IF STATE is "ready":
      RUN: `./tools/publish.sh --all`
      IF command fails:
        DISPLAY: "not published"
  ELSE:
    DISPLAY: "no tools"
"""


def prove(lab: Lab, call: str, logic: str) -> StepProof:
    step = f'<step number="1" name="it">\n\nRun this:\n\n```bash\n{call}```\n\n</step>'
    (proof,) = prove_process(reading(step), migrated(logic), lab)
    return proof


def test_what_they_are_told_and_what_they_answer_counts(lab: Lab) -> None:
    proof = prove(lab, CALL, LOGIC)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.stubs == {"state.sh", "publish.sh"}
    assert "tools/state.sh is there; it is answered and not run" in proof.assumes


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("state.sh read", "state.sh write"),
        ("tools/publish.sh --all", "tools/publish.sh"),
        ('is "ready"', 'is "done"'),
        ('"no tools"', '"none"'),
    ],
)
def test_another_rewrite_is_refuted(lab: Lab, right: str, wrong: str) -> None:
    assert prove(lab, CALL, LOGIC.replace(right, wrong)).verdict is Verdict.REFUTED


def test_what_a_program_does_may_stand_in_the_logic_where_that_does_not_run_it(lab: Lab) -> None:
    proof = prove(lab, CALL, LOGIC.replace("`./tools/publish.sh --all`", "`gh publish`"))
    assert (proof.verdict, proof.reason) == (Verdict.UNKNOWN, "the script tools/publish.sh is not there")


def test_a_library_that_is_not_there_is_not_answered(lab: Lab) -> None:
    call = 'source tools/library.sh\necho "ready"\n'
    proof = prove(lab, call, '\n  DISPLAY: "ready"\n')
    assert (proof.verdict, proof.reason) == (Verdict.UNKNOWN, "the script tools/library.sh is not there")


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("bash tools/a.sh x", {"tools/a.sh": "a.sh"}),
        ("bash tools/a.sh --key x", {"tools/a.sh": "a.sh"}),
        ("./tools/a.sh", {"tools/a.sh": "a.sh"}),
        ("~/.claude/a.sh", {"~/.claude/a.sh": "a.sh"}),
        ("X=$(./gradlew build)", {"gradlew": "gradlew"}),
        ("bash tools/a.sh; bash other/a.sh", {}),
        ("../tools/a.sh", {}),
        ("/opt/a.sh", {}),
        ('bash "$DIR/a.sh"', {}),
        ("bash -x tools/a.sh", {}),
        ("bash known.sh", {}),
        ('echo "run ./a.sh"', {}),
    ],
)
def test_programs_by_their_path(call: str, found: dict[str, str]) -> None:
    assert unpublished([call], ["known.sh"]) == found


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        ('bash "$DIR/a.sh"', "$DIR/a.sh"),
        (". lib.sh", "lib.sh"),
        ("./known.sh", None),
        ('echo "run ./a.sh"', None),
        ("[ -f a.sh ]", None),
    ],
)
def test_what_nobody_can_answer_for(call: str, missing: str | None) -> None:
    assert not_answered(call, {"known.sh": "known.sh"}, []) == missing

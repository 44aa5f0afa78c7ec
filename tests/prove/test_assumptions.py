"""The edge of a proof: texts that look like options, tools that are missing, updates that are never sent."""

from __future__ import annotations

from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.prove.trace import Action
from tests.prove.test_proof import migrated, prove, reading


def test_a_text_that_echo_takes_for_an_option_is_outside_and_said_so(lab: Lab) -> None:
    proof = prove(lab, '#!/bin/bash\necho "$TITLE"\n', '\n  INPUT: TITLE\n  DISPLAY: "[TITLE]"\n')
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert "no text is taken for an option, as -n is by echo" in proof.assumes
    (row,) = [row for row in proof.scenarios if row.scenario.inputs["TITLE"] == "-n"]
    assert not row.equal


def test_a_missing_tool_does_nothing_on_either_side(lab: Lab) -> None:
    script = (
        "#!/bin/bash\nif ! command -v nats > /dev/null 2>&1; then\n  echo 'no nats'\nfi\n"
        "nats kv put app-state a 1 > /dev/null 2>&1 || echo 'not stored'\n"
    )
    logic = (
        '\n  IF tool nats is not available:\n    WARN: "no nats"\n'
        '  STORE: a in app-state = "1"\n  IF storing fails:\n    WARN: "not stored"\n'
    )
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_an_update_without_a_revision_is_no_effect() -> None:
    assert not Action("kv update", "b", "k", "v", None, ok=False).writes
    assert Action("kv update", "b", "k", "v", 3, ok=False).writes
    assert Action("kv put", "b", "k", "v", None, ok=False).writes


TAG = "#!/bin/bash\nset -e\ngit tag v1\nif ! git push; then\n  echo 'not pushed'\n  exit 2\nfi\n"
TAG_LOGIC = """
  RUN: `git tag v1`
  RUN: `git push`
  IF command fails:
    ERROR: "not pushed"
    STOP execution because "nobody may push"
"""


def proof_of(lab: Lab, call: str, prose: str, script: str, logic: str) -> StepProof:
    """The proof of a step that calls a script in a fence and says something below it."""
    step = f'<step number="1" name="it">\n\n### Step 1\n\n```bash\n{call}\n```\n\n{prose}\n\n</step>'
    (proof,) = prove_process(reading(step, {"it.sh": script}), migrated(logic), lab)
    return proof


def test_a_tool_does_not_end_by_chance_with_a_code_of_the_script(lab: Lab) -> None:
    proof = proof_of(lab, "s/it.sh", "If it exits with code 2, nobody may push.", TAG, TAG_LOGIC)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert any("ends with an exit code" in assumed for assumed in proof.assumes)


def test_that_is_not_assumed_of_a_script_that_hands_a_code_on(lab: Lab) -> None:
    script = TAG.replace("git tag v1\n", "git tag v1 || exit $?\n")
    proof = proof_of(lab, "s/it.sh", "If it exits with code 2, nobody may push.", script, TAG_LOGIC)
    assert proof.verdict is Verdict.REFUTED
    assert "exits with 2" in proof.reason


def test_a_reason_that_the_rewrite_mixes_up_is_refuted_all_the_same(lab: Lab) -> None:
    logic = TAG_LOGIC.replace("nobody may push", "the tag is there")
    proof = proof_of(lab, "s/it.sh", "If it exits with code 2, nobody may push.", TAG, logic)
    assert proof.verdict is Verdict.REFUTED


BRANCH = '#!/bin/bash\nif [ -z "$1" ]; then\n  echo "none"\n  exit 1\nfi\ngit switch "$1"\n'
BRANCH_LOGIC = """
  INPUT: TICKET
  IF TICKET is empty:
    ERROR: "none"
    STOP execution
  RUN: `git switch "[TICKET]"`
"""


def test_a_placeholder_that_is_an_argument_of_a_script_is_one_word(lab: Lab) -> None:
    proof = proof_of(lab, "s/it.sh <ticket>", "", BRANCH, BRANCH_LOGIC)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert any(" " in row.scenario.inputs["TICKET"] for row in proof.scenarios)


def test_a_placeholder_of_another_command_is_what_is_typed(lab: Lab) -> None:
    proof = proof_of(lab, "git switch <ticket>", "", BRANCH, '\n  INPUT: TICKET\n  RUN: `git switch "[TICKET]"`\n')
    assert (proof.verdict, proof.repairs) == (Verdict.WITH_EXCEPTIONS, ("word-splitting",))


def test_a_backslash_before_the_echo_of_sh_is_outside_and_said_so(lab: Lab) -> None:
    logic = '\n  INPUT: TITLE\n  DISPLAY: "[TITLE]"\n'
    proof = prove(lab, '#!/bin/sh\necho "$TITLE"\n', logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert any("backslash" in assumed for assumed in proof.assumes)
    assert not any("backslash" in assumed for assumed in prove(lab, '#!/bin/bash\necho "$TITLE"\n', logic).assumes)


def test_a_failure_of_any_kind_goes_on_where_the_prose_says_so(lab: Lab) -> None:
    script = '#!/bin/bash\nset -e\ngit fetch\necho "fetched"\n'
    logic = '\n  RUN: `git fetch`\n  IF command succeeds:\n    DISPLAY: "fetched"\n'
    assert proof_of(lab, "s/it.sh", "If it exits non-zero, continue.", script, logic).verdict is Verdict.PROVED
    assert proof_of(lab, "s/it.sh", "", script, logic).verdict is Verdict.REFUTED
    stops = '\n  RUN: `git fetch`\n  DISPLAY: "fetched"\n'
    assert proof_of(lab, "s/it.sh", "If it exits non-zero, continue.", script, stops).verdict is Verdict.REFUTED


QUESTION = (
    '#!/bin/bash\nread -r -p "Push? (y/n) " ANSWER\nif [ "$ANSWER" = "y" ]; then\n  git push || exit 1\n'
    "else\n  echo later\nfi\n"
)
QUESTION_LOGIC = """
  ASK: "Push? (y/n)" AS ANSWER
  IF ANSWER {}:
    RUN: `git push`
  ELSE:
    DISPLAY: "later"
"""


def test_the_answers_that_the_logic_tests_are_given(lab: Lab) -> None:
    proof = prove(lab, QUESTION, QUESTION_LOGIC.format('is "y"'))
    assert (proof.verdict, proof.repairs) == (Verdict.PROVED, ())
    assert {row.scenario.answers.get("Push? (y/n)") for row in proof.scenarios} == {None, "", "no", "y", "yes"}
    assert (proof.original_arms, proof.rewrite_arms) == ((4, 4), (2, 2))


def test_an_answer_that_the_rewrite_takes_otherwise_refutes(lab: Lab) -> None:
    proof = prove(lab, QUESTION, QUESTION_LOGIC.format('is not "n"'))
    assert proof.verdict is Verdict.REFUTED
    assert "Push? (y/n)" in proof.reason


def test_tools_that_a_variable_names_may_be_missing(lab: Lab) -> None:
    script = (
        '#!/bin/bash\nfor tool in gh helm; do\n  if ! command -v "$tool" >/dev/null 2>&1; then\n'
        '    echo "no $tool"\n    exit 1\n  fi\ndone\necho "all there"\n'
    )
    logic = (
        '\n  FOR EACH TOOL in "gh", "helm":\n    RUN: `command -v "[TOOL]"`, quietly\n    IF command fails:\n'
        '      ERROR: "no [TOOL]"\n      STOP execution\n  DISPLAY: "all there"\n'
    )
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.original_arms[0] == proof.original_arms[1] > 0
    assert prove(lab, script, logic.replace('      ERROR: "no [TOOL]"\n', "")).verdict is Verdict.REFUTED

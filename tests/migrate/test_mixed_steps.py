"""Steps that state more than their shell: a proof runs only the shell, so it has to say that it cannot tell."""

from __future__ import annotations

import pytest

from peerlint.migrate.fix import plan
from peerlint.process.build import Reading
from peerlint.process.model import Branch, If, IsEmpty, Process, Ref, Shell, ShellForm, Step
from peerlint.prove.lab import Lab
from peerlint.prove.original import Original
from peerlint.prove.proof import Verdict, prove_process, prove_step
from tests.prove.conftest import lab
from tests.prove.test_proof import PATH, reading

__all__ = ["lab"]
SCRIPT = (
    "#!/bin/bash\nif ! nats kv create app-state lock 1 > /dev/null 2>&1; then\n  echo locked\n  exit 1\nfi\necho ok\n"
)
CALL = "<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: ~/.agent-os/scripts/it.sh\n</instructions>"
LOGIC = """
  CREATE: lock in app-state = "1"
  IF creation fails:
    ERROR: "locked"
    STOP execution
  DISPLAY: "ok"
"""
HANDED_OVER = '<instructions>\n  ACTION: Use git-worker subagent\n  REQUEST: "{}"\n  WAIT: for it\n</instructions>\n\n'


def step(body: str) -> Reading:
    return reading(f'<step number="1" name="it">\n\n### Step 1\n\n{body}\n\n</step>', {"it.sh": SCRIPT})


@pytest.mark.parametrize(
    "logic",
    [
        '\n  STORE: a in app-state = "1"\n',
        '\n  DISPLAY: "begin"\n',
        '\n  IF OWNER is "x":\n    STOP execution\n',
    ],
)
def test_logic_beside_a_command_is_neither_proved_nor_migrated(lab: Lab, logic: str) -> None:
    original = step(f"<it_logic>{logic}</it_logic>\n\n{CALL}")
    for rewrite in (LOGIC, logic + LOGIC.lstrip("\n")):
        (proof,) = prove_process(original, step(f"<it_logic>{rewrite}</it_logic>"), lab)
        assert proof.verdict is Verdict.UNKNOWN
        assert proof.reason == f"{PATH}:9: is logic beside a command, and the original can only be run without it"
    planned = plan(original)
    assert planned.provable == frozenset()
    assert planned.manual["1"].startswith("line 9 is logic beside a command")


def test_a_command_below_a_condition_is_not_taken_for_one_that_never_runs(lab: Lab) -> None:
    call = Shell("nats kv put app-state a 1\n", ShellForm.FENCE)
    nested = Step("1", "it", statements=(If((Branch(IsEmpty(Ref("OWNER")), (call,)),)),))
    nothing = Process("it", (Step("1", "it"),))
    proof = prove_step(Original([nested], {}), nothing, "1", lab)
    assert (proof.verdict, "among logic" in proof.reason) == (Verdict.UNKNOWN, True)


def test_what_a_step_hands_over_has_to_stay(lab: Lab) -> None:
    original = step(HANDED_OVER.format("do it") + CALL)
    verdicts = {}
    for name, kept in (("same", HANDED_OVER.format("do it")), ("other", HANDED_OVER.format("do more")), ("none", "")):
        (proof,) = prove_process(original, step(f"{kept}<it_logic>{LOGIC}</it_logic>"), lab)
        verdicts[name] = proof.verdict
        assert "delegates" in proof.reason or proof.verdict is Verdict.PROVED
    assert verdicts == {"same": Verdict.PROVED, "other": Verdict.UNKNOWN, "none": Verdict.UNKNOWN}


@pytest.mark.parametrize("meaning", ["continue with the next step", "continue", "skip this step"])
def test_a_code_that_the_prose_names_is_no_logic_beside_the_command(lab: Lab, meaning: str) -> None:
    original = step(f"{CALL}\n\nIf the script exits with code 1, {meaning}.")
    assert original.process.steps[0].statements[1:], "the sentence was not read"
    rewrite = LOGIC.replace("STOP execution", "PROCEED to next step")
    (proof,) = prove_process(original, step(f"<it_logic>{rewrite}</it_logic>"), lab)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")

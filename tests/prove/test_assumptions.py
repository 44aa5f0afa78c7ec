"""The edge of a proof: texts that look like options, tools that are missing, updates that are never sent."""

from __future__ import annotations

from peerlint.prove.lab import Lab
from peerlint.prove.proof import Verdict
from peerlint.prove.trace import Action
from tests.prove.test_proof import prove


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

"""Right rewrites are proved; each deliberately wrong one is refuted, with a counterexample that a person can read."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from peerlint.process.build import Reading, build
from peerlint.process.certificate import Certificate, Misfit, problems
from peerlint.prove.arms import Arms
from peerlint.prove.bench import Bench
from peerlint.prove.certify import certify
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.prove.show import side_by_side, table
from peerlint.prove.trace import GOES_ON, STOPS, TIMES_OUT, Trace
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

PATH = ".agent-os/instructions/core/process.md"

CLAIM = """#!/bin/bash
# Take the lock, note the owner, count the claims.
if ! nats kv ls > /dev/null 2>&1; then
  echo "server is away"
  exit 1
fi
COUNT=$(nats kv get app-state claims --raw 2>/dev/null || echo "0")
if [ "$COUNT" = "9" ]; then
  echo "enough claims"
  exit 1
fi
if ! nats kv create app-state lock "taken" > /dev/null 2>&1; then
  echo "somebody else has the lock"
  exit 1
fi
nats kv put app-state owner "me" > /dev/null 2>&1 || exit 1
echo "claimed after $COUNT"
"""

CLAIM_LOGIC = """
  CHECK: NATS server connectivity
  IF server not responding:
    ERROR: "server is away"
    STOP execution
  READ: claims from app-state AS COUNT, or "0" if it fails
  IF COUNT is "9":
    ERROR: "enough claims"
    STOP execution
  CREATE: lock in app-state = "taken"
  IF creation fails:
    ERROR: "somebody else has the lock"
    STOP execution
  STORE: owner in app-state = "me"
  IF storing fails:
    STOP execution
  DISPLAY: "claimed after [COUNT]"
"""

UPDATE = """#!/bin/bash
STATE=$(nats kv get app-state state --raw 2>/dev/null)
if [ $? -ne 0 ]; then
  echo "no state"
  exit 1
fi
REVISION=$(nats kv get app-state state 2>/dev/null | grep -o 'revision: [0-9]*' | awk '{print $2}')
NEW=$(echo "$STATE" | jq '.status = "done"')
if ! nats kv update app-state state "$NEW" "$REVISION" > /dev/null 2>&1; then
  echo "changed by somebody else"
  exit 1
fi
echo "updated"
"""

UPDATE_LOGIC = """
  READ: state from app-state AS STATE, revision AS REVISION
  IF key is not available:
    ERROR: "no state"
    STOP execution
  SET: STATE.status = "done"
  UPDATE: state in app-state = STATE, if revision is still REVISION
  IF update fails:
    ERROR: "changed by somebody else"
    STOP execution
  DISPLAY: "updated"
"""


def reading(body: str, scripts: Mapping[str, str] | None = None) -> Reading:
    text = f"# Process\n\n<process_flow>\n{body}\n</process_flow>\n"
    document = parse(SourceText(PATH, text))

    def resolve(reference: str) -> SourceText | None:
        name = reference.rpartition("/")[2]
        found = (scripts or {}).get(name)
        return None if found is None else SourceText(f".agent-os/scripts/{name}", found)

    return build(document, kind_of(PATH, document), resolve)


def legacy(script: str) -> Reading:
    step = (
        '<step number="1" name="it">\n\n### Step 1\n\n<instructions>\n  ACTION: Use Bash tool to do it\n'
        "  SCRIPT: ~/.agent-os/scripts/it.sh\n</instructions>\n\n</step>"
    )
    return reading(step, {"it.sh": script})


def migrated(logic: str) -> Reading:
    return reading(f'<step number="1" name="it">\n\n### Step 1\n\n<it_logic>{logic}</it_logic>\n\n</step>')


def prove(lab: Lab, script: str, logic: str) -> StepProof:
    (proof,) = prove_process(legacy(script), migrated(logic), lab)
    return proof


def test_a_bucket_that_is_only_looked_at_is_there_in_some_scenarios(lab: Lab) -> None:
    script = (
        "#!/bin/bash\nif ! nats kv info deploys > /dev/null 2>&1; then\n"
        '  echo "no bucket"\n  exit 1\nfi\necho "ready"\n'
    )
    logic = """
  CHECK: bucket deploys
  IF bucket is not available:
    ERROR: "no bucket"
    STOP execution
  DISPLAY: "ready"
"""
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert prove(lab, script, logic.replace('"ready"', '"steady"')).verdict is Verdict.REFUTED


def test_what_bash_knows_of_a_call_is_no_input(lab: Lab) -> None:
    script = '#!/bin/bash\nsay() {\n  echo "${FUNCNAME[0]} in $(basename "$(dirname "${BASH_SOURCE[0]}")")"\n}\nsay\n'
    proof = prove(lab, script, '\n  DISPLAY: "say in scripts"\n')
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_what_the_shell_of_posix_complains_about_is_no_message_of_the_script(lab: Lab) -> None:
    script = (
        "#!/bin/sh\nPORT=$(cat port.txt)\n"
        'if [ "$PORT" -lt 1024 ]; then\n  echo "port $PORT is low"\n  exit 1\nfi\necho "port $PORT"\n'
    )
    logic = """
  RUN: `cat port.txt` AS PORT, ignoring failure
  IF PORT is less than 1024:
    ERROR: "port [PORT] is low"
    STOP execution
  DISPLAY: "port [PORT]"
"""
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_a_stored_value_with_blanks_shows_what_a_shell_takes_apart(lab: Lab) -> None:
    script = (
        "#!/bin/bash\nX=$(nats kv get app-state owner --raw) || exit 1\nnats kv put app-state mark v-$X || exit 1\n"
    )
    logic = """READ: owner from app-state AS X
IF key is not available:
  STOP execution
STORE: mark in app-state = "v-[X]"
IF storing fails:
  STOP execution"""
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.repairs) == (Verdict.WITH_EXCEPTIONS, ("word-splitting",))
    quoted = script.replace("v-$X", '"v-$X"')
    assert prove(lab, quoted, logic).verdict is Verdict.PROVED


def test_a_faithful_rewrite_is_proved_with_every_arm_taken(lab: Lab) -> None:
    proof = prove(lab, CLAIM, CLAIM_LOGIC)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.repairs == ()
    assert proof.original_arms[0] == proof.original_arms[1] > 0
    assert proof.rewrite_arms[0] == proof.rewrite_arms[1] > 0
    names = {observation.scenario.name for observation in proof.scenarios}
    assert "server away at kv ls" in names


def test_branches_of_a_script_for_sh_count(lab: Lab) -> None:
    script = '#!/bin/sh\nif [ -z "$WORD" ]; then\n  echo none\nfi\n'
    proof = prove(lab, script, '\n  INPUT: WORD\n  IF WORD is empty:\n    DISPLAY: "none"\n')
    assert (proof.verdict, proof.original_arms) == (Verdict.PROVED, (2, 2))


def test_one_read_instead_of_two_is_the_repair_lost_update(lab: Lab) -> None:
    proof = prove(lab, UPDATE, UPDATE_LOGIC)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.repairs == ("lost-update",)


WRONG = {
    "stop dropped": (CLAIM, 'ERROR: "enough claims"\n    STOP execution', 'ERROR: "enough claims"'),
    "stop turned": (
        CLAIM,
        'ERROR: "server is away"\n    STOP execution',
        'ERROR: "server is away"\n    PROCEED to next step',
    ),
    "message changed": (CLAIM, '"enough claims"', '"enough claims!"'),
    "other bucket": (CLAIM, "STORE: owner in app-state", "STORE: owner in other-state"),
    "other key": (CLAIM, "STORE: owner in", "STORE: owners in"),
    "other value": (CLAIM, '= "me"', '= "you"'),
    "condition negated": (CLAIM, 'COUNT is "9"', 'COUNT is not "9"'),
    "create became store": (
        CLAIM,
        'CREATE: lock in app-state = "taken"\n  IF creation fails:',
        'STORE: lock in app-state = "taken"\n  IF storing fails:',
    ),
    "effect added": (CLAIM, '  DISPLAY: "claimed', '  STORE: extra in app-state = "1"\n  DISPLAY: "claimed'),
    "strict instead of lenient": (UPDATE, "IF key is not available:", "IF key does not exist:"),
    "revision dropped": (
        UPDATE,
        "UPDATE: state in app-state = STATE, if revision is still REVISION\n  IF update fails:",
        "STORE: state in app-state = STATE\n  IF storing fails:",
    ),
    "order of effects": (
        CLAIM,
        '  CREATE: lock in app-state = "taken"\n  IF creation fails:\n    ERROR: "somebody else has the lock"\n'
        '    STOP execution\n  STORE: owner in app-state = "me"\n  IF storing fails:\n    STOP execution\n',
        '  STORE: owner in app-state = "me"\n  IF storing fails:\n    STOP execution\n'
        '  CREATE: lock in app-state = "taken"\n  IF creation fails:\n    ERROR: "somebody else has the lock"\n'
        "    STOP execution\n",
    ),
    "branches swapped": (
        CLAIM,
        'IF COUNT is "9":\n    ERROR: "enough claims"\n    STOP execution\n',
        'IF COUNT is "9":\n    NOTE: goes on\n  ELSE:\n    ERROR: "enough claims"\n    STOP execution\n',
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rewrite_is_refuted_by_a_counterexample_that_can_be_read(lab: Lab, name: str) -> None:
    script, right, wrong = WRONG[name]
    logic = CLAIM_LOGIC if script is CLAIM else UPDATE_LOGIC
    assert right in logic
    proof = prove(lab, script, logic.replace(right, wrong))
    assert proof.verdict is Verdict.REFUTED
    against = proof.counterexample
    assert against is not None
    assert len(against.scenario.given) <= 2
    shown = side_by_side(against)
    assert shown[0] == f"given   {against.scenario.name}"
    assert any(line.startswith("original") and line.endswith("rewrite") for line in shown)
    assert str(against.differences[0]) in proof.reason


def test_shell_that_is_still_there_or_a_script_that_is_not_is_unknown(lab: Lab) -> None:
    original = legacy(CLAIM)
    (still,) = prove_process(original, original, lab)
    assert (still.verdict, still.reason) == (Verdict.UNKNOWN, "it still runs shell")
    gone = build(original.document, original.kind, lambda reference: None)
    (proof,) = prove_process(gone, migrated(CLAIM_LOGIC), lab)
    assert proof.verdict is Verdict.UNKNOWN
    assert "it.sh" in proof.reason


def test_the_home_is_given_and_not_varied(lab: Lab) -> None:
    (proof,) = prove_process(
        legacy('echo "see $HOME/notes"\n'), migrated('\n  INPUT: HOME\n  DISPLAY: "see [HOME]/notes"\n'), lab
    )
    assert (proof.verdict, len(proof.scenarios)) == (Verdict.PROVED, 1)


def _second_runs(monkeypatch: pytest.MonkeyPatch, *traces: Trace) -> None:
    """What the original shows when it is run once more, one after the other."""
    shown = iter(traces)
    monkeypatch.setattr(Bench, "run_alone", lambda bench, scenario: next(shown))


def test_an_original_that_differs_from_itself_is_unknown_and_the_reason_says_how(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    _second_runs(monkeypatch, *[Trace(GOES_ON, messages=("another",))] * 2, Trace(GOES_ON, messages=("one",)))
    (proof,) = prove_process(legacy("echo one\n"), migrated('\n  DISPLAY: "one"\n'), lab)
    assert (proof.verdict, proof.reason) == (
        Verdict.UNKNOWN,
        'not deterministic: two runs of the original differ: message, "one" and then "another"',
    )


def test_a_second_run_that_takes_too_long_under_load_is_run_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    _second_runs(monkeypatch, Trace(TIMES_OUT), *[Trace(GOES_ON, messages=("one",))] * 2)
    steps = legacy("echo one\n"), migrated('\n  DISPLAY: "one"\n')
    (proof,) = prove_process(*steps, lab)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    # So does one in which a tool gave up waiting.
    _second_runs(monkeypatch, Trace(STOPS), *[Trace(GOES_ON, messages=("one",))] * 2)
    assert prove_process(*steps, lab)[0].verdict is Verdict.PROVED
    _second_runs(monkeypatch, *[Trace(TIMES_OUT)] * 3)
    (slow,) = prove_process(*steps, lab)
    assert (slow.verdict, slow.reason) == (
        Verdict.UNKNOWN,
        "not deterministic: two runs of the original differ: outcome, goes on and then takes too long",
    )


def test_a_tool_that_is_only_asked_for_is_there_unless_a_scenario_says_that_it_is_not(lab: Lab) -> None:
    script = "command -v ast-grep >/dev/null 2>&1 || echo missing\n"
    logic = '\n  IF tool ast-grep is not available:\n    DISPLAY: "missing"\n'
    (proof,) = prove_process(legacy(script), migrated(logic), lab)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_a_variable_in_small_letters_is_the_name_in_capitals(lab: Lab) -> None:
    (proof,) = prove_process(
        legacy('echo "at $config_file"\n'), migrated('\n  INPUT: CONFIG_FILE\n  DISPLAY: "at [CONFIG_FILE]"\n'), lab
    )
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_arms_in_an_assignment_over_several_rows_are_seen(lab: Lab) -> None:
    script = 'RUNS=$(gh run list \\\n  --json id \\\n  2>/dev/null || echo none)\necho "runs $RUNS"\n'
    logic = '\n  RUN: `gh run list --json id` AS RUNS, errors hidden, or "none" if it fails\n  DISPLAY: "runs [RUNS]"\n'
    (proof,) = prove_process(legacy(script), migrated(logic), lab, accepted=frozenset({"appended-fallback"}))
    assert (proof.verdict, proof.reason, proof.original_arms) == (Verdict.PROVED, "", (2, 2))
    (wrong,) = prove_process(legacy(script), migrated(logic.replace('"none"', '""')), lab)
    assert wrong.verdict is Verdict.REFUTED


def test_what_only_five_answers_alike_lead_to_is_tried(lab: Lab) -> None:
    script = (
        'for PLACE in /a /b /c /d /e; do\n  CODE=$(curl -s "example.com$PLACE")\n  if [ "$CODE" != "200" ]; then\n'
        '    BAD=true\n  fi\ndone\nif [ "$BAD" = "true" ]; then\n  echo "bad"\nfi\n'
    )
    logic = (
        '\n  FOR EACH PLACE in "/a", "/b", "/c", "/d", "/e":\n'
        '    RUN: `curl -s "example.com[PLACE]"` AS CODE, ignoring failure\n'
        '    IF CODE is not "200":\n      SET: BAD = "true"\n  IF BAD is "true":\n    DISPLAY: "bad"\n'
    )
    (proof,) = prove_process(legacy(script), migrated(logic), lab)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_a_function_that_nobody_calls_is_named_as_the_reason(lab: Lab) -> None:
    script = 'check() {\n  if [ -n "$1" ]; then\n    echo "there"\n  fi\n}\n'
    logic = '\n  DISPLAY: "loaded"\n'
    (proof,) = prove_process(legacy(f"{script}echo loaded\n"), migrated(logic), lab)
    assert (proof.verdict, proof.reason) == (
        Verdict.UNKNOWN,
        "check is never called: what stands inside is not compared",
    )
    (called,) = prove_process(legacy(f"{script}check\necho loaded\n"), migrated(logic), lab)
    assert "never called" not in called.reason


def test_a_proof_whose_time_is_over_is_unknown_and_leaves_the_lab_as_it_was(lab: Lab) -> None:
    steps = legacy("echo done\n"), migrated('\n  DISPLAY: "done"\n')
    (late,) = prove_process(*steps, lab, seconds=0)
    assert (late.verdict, late.reason) == (
        Verdict.UNKNOWN,
        "not decided within 0 s, in which 0 scenarios were run",
    )
    (proof,) = prove_process(*steps, lab, seconds=600)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


def test_what_was_seen_before_the_time_is_over_may_refute(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.chain([0.0] * 3, itertools.repeat(math.inf))
    monkeypatch.setattr("peerlint.prove.bench.time", SimpleNamespace(monotonic=clock.__next__))
    script = 'case "$MODE" in\n  fast) echo quick ;;\n  *) echo slow ;;\nesac\n'
    logic = '\n  INPUT: MODE\n  IF MODE is "fast":\n    DISPLAY: "fast"\n  ELSE:\n    DISPLAY: "slow"\n'
    (proof,) = prove_process(legacy(script), migrated(logic), lab, seconds=60)
    assert proof.verdict is Verdict.REFUTED
    assert 0 < proof.runs <= 3


def test_what_is_not_understood_is_named_with_its_line(lab: Lab) -> None:
    proof = prove(lab, CLAIM, "\n  READ: claims AS X from app-state\n")
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.reason.startswith(f"{PATH}:9: not understood: ")


def test_a_script_that_rolls_dice_is_unknown(lab: Lab) -> None:
    proof = prove(lab, "#!/bin/bash\necho $RANDOM\n", '\n  DISPLAY: "4"\n')
    assert proof.verdict is Verdict.UNKNOWN
    assert "RANDOM" in proof.reason


def test_a_branch_that_no_scenario_reaches_is_never_called_proved(lab: Lab) -> None:
    script = '#!/bin/bash\nif [ "$(cat /etc/no-such-file 2>/dev/null)" = "x" ]; then\n  echo never\nfi\necho done\n'
    proof = prove(lab, script, '\n  DISPLAY: "done"\n')
    assert proof.verdict is Verdict.UNKNOWN
    told = '`[ "$(cat /etc/no-such-file 2>/dev/null)" = "x" ]` holds'
    assert proof.reason == f"no scenario takes an arm of the original: ~/.agent-os/scripts/it.sh:2, where {told}"


def test_an_arm_of_the_original_is_shown_by_what_it_asks_for() -> None:
    text = (
        'if [ -n "$NAME" ]; then\n  echo "a"\nfi\n[ -f x ] && echo "b"\ngrep -q y x || echo "c"\n'
        'case "$MODE" in\n  fast|slow) echo "d" ;;\nesac\nfor FILE in *.md; do\n  echo "$FILE"\ndone\n'
    )
    arms = Arms({"call1": text})
    assert [arms.explained(label) for label in arms.labels] == [
        'call1:1, where `[ -n "$NAME" ]` holds',
        'call1:1, where `[ -n "$NAME" ]` fails',
        "call1:4 &&, where `[ -f x ]` succeeds",
        "call1:4 &&, where `[ -f x ]` fails",
        "call1:5 ||, where `grep -q y x` fails",
        "call1:5 ||, where `grep -q y x` succeeds",
        'call1:6, where `"$MODE"` is `fast|slow`',
        "call1:9, where the loop over FILE has something to go through",
    ]


def test_an_arm_of_the_rewrite_that_is_not_taken_is_named_with_its_line(lab: Lab) -> None:
    never = CLAIM_LOGIC.replace("  DISPLAY:", '  IF COUNT is "7" and COUNT is "8":\n    NOTE: nothing\n  DISPLAY:', 1)
    proof = prove(lab, CLAIM, never)
    assert proof.verdict is Verdict.UNKNOWN
    row = next(at for at, line in enumerate(migrated(never).document.source.text.split("\n"), 1) if '"8"' in line)
    told = f'no scenario takes an arm of the rewrite: {PATH}:{row}: IF COUNT is "7" AND COUNT is "8"'
    assert proof.reason == told


def test_the_certificate_fits_until_the_logic_changes(lab: Lab) -> None:
    original, rewrite = legacy(CLAIM), migrated(CLAIM_LOGIC)
    proofs = prove_process(original, rewrite, lab)
    text = certify(original, rewrite, proofs, lab)
    assert text == certify(original, rewrite, prove_process(original, rewrite, lab), lab)
    assert problems(text, {step.number: step for step in rewrite.process.steps}) == []
    assert set(Certificate.parse(text).steps[0].originals) == {PATH, ".agent-os/scripts/it.sh"}
    changed = migrated(CLAIM_LOGIC.replace("enough claims", "too many claims"))
    (stale,) = problems(text, {step.number: step for step in changed.process.steps})
    assert (stale.kind, stale.message) == (Misfit.STEP_CHANGED, "step 1 has changed since it was proved")
    forged = text.replace('"proved"', '"proved-with-exceptions"')
    (wrong,) = problems(forged, {step.number: step for step in rewrite.process.steps})
    assert wrong.message == "its digest is wrong"
    assert [problem.message for problem in problems("[]", {})] == ["it is no certificate"]


def test_the_json_form_has_both_sides_of_every_scenario(lab: Lab) -> None:
    form = json.loads(json.dumps(prove(lab, CLAIM, CLAIM_LOGIC).to_json()))
    assert form["verdict"] == "proved"
    assert all({"name", "given", "equal", "original", "rewrite"} <= row.keys() for row in form["scenarios"])
    assert form["arms"]["original"][0] == form["arms"]["original"][1]


def test_one_line_a_step_says_verdict_scenarios_and_branches(lab: Lab) -> None:
    (line,) = table([prove(lab, UPDATE, UPDATE_LOGIC)])
    assert line.startswith("step 1 it  proved")
    assert line.endswith("repair: lost-update")

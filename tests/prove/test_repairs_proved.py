"""Repairs and the harness in whole proofs: real bash, the real interpreter."""

from __future__ import annotations

import pytest

from peerlint.process.certificate import Certificate
from peerlint.prove.certify import certify
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.prove.replay import replay
from peerlint.prove.show import table
from peerlint.records import replace
from tests.prove.test_proof import legacy, migrated, reading

LOST = """<step number="1" name="it">

### Step 1

Run with the Bash tool:

```bash
PHASE="plan"
```

Then run:

```bash
echo "phase: $PHASE"
```

</step>"""


def prove(lab: Lab, script: str, logic: str, *accepted: str) -> StepProof:
    (proof,) = prove_process(legacy(script), migrated(logic), lab, accepted=frozenset(accepted))
    return proof


def test_a_variable_that_is_lost_between_calls_is_evidence_and_never_refutes(lab: Lab) -> None:
    logic = '\n  SET: PHASE = "plan"\n  DISPLAY: "phase: [PHASE]"\n'
    (proof,) = prove_process(reading(LOST), migrated(logic), lab)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.under_harness
    assert 'intended "phase: plan", under its harness "phase:"' in proof.under_harness[0]
    assert "lost-variable" in table([proof])[0]
    assert proof.to_json()["under_harness"] == list(proof.under_harness)


def test_what_the_harness_does_is_not_what_the_rewrite_has_to_do(lab: Lab) -> None:
    (proof,) = prove_process(reading(LOST), migrated('\n  DISPLAY: "phase:"\n'), lab)
    assert proof.verdict is Verdict.REFUTED


def test_one_call_has_no_shell_to_lose(lab: Lab) -> None:
    proof = prove(lab, 'PHASE="plan"\necho "phase: $PHASE"\n', '\n  DISPLAY: "phase: plan"\n')
    assert (proof.verdict, proof.under_harness) == (Verdict.PROVED, ())


UNGUARDED = (
    "#!/bin/bash\nnats kv put app-state a 1 > /dev/null 2>&1\nnats kv put app-state b 2 > /dev/null 2>&1\nexit 0\n"
)
GUARDED = '\n  STORE: a in app-state = "1"\n  STORE: b in app-state = "2"\n'


def test_a_repair_that_nobody_accepts_is_an_exception(lab: Lab) -> None:
    proof = prove(lab, UNGUARDED, GUARDED)
    assert (proof.verdict, proof.reason) == (Verdict.WITH_EXCEPTIONS, "not accepted: unguarded-failure")
    assert prove(lab, UNGUARDED, GUARDED, "unguarded-failure").verdict is Verdict.PROVED


def test_a_repair_accepts_nothing_beside_itself(lab: Lab) -> None:
    other = GUARDED.replace("STORE: b", "STORE: c")
    assert prove(lab, UNGUARDED, other, "unguarded-failure").verdict is Verdict.REFUTED


def test_text_that_is_pasted_into_json(lab: Lab) -> None:
    script = '#!/bin/bash\nnats kv put app-state a "{\\"title\\": \\"$TITLE\\"}" > /dev/null || exit 1\n'
    logic = (
        "\n  INPUT: TITLE\n  SET: DOC = <doc> as JSON\n  STORE: a in app-state = DOC\n</it_logic>\n\n<doc>\n"
        '{"title": "[TITLE]"}\n</doc>\n\n<it_logic>\n  NOTE: that is all\n'
    )
    proof = prove(lab, script, logic, "interpolated-json")
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert proof.repairs == ("interpolated-json",)
    (record,) = Certificate.parse(certify(legacy(script), migrated(logic), [proof], lab)).steps
    replayed = replay(record, migrated(logic).process)
    assert (replayed.against, replayed.unknown, replayed.scenarios) == (None, "", len(proof.scenarios))


def test_a_value_that_a_shell_takes_apart(lab: Lab) -> None:
    script = "#!/bin/bash\necho merging $BRANCH\n"
    logic = '\n  INPUT: BRANCH\n  DISPLAY: "merging [BRANCH]"\n'
    proof = prove(lab, script, logic, "word-splitting")
    assert (proof.verdict, proof.reason, proof.repairs) == (Verdict.PROVED, "", ("word-splitting",))
    assert prove(lab, script.replace("$BRANCH", '"$BRANCH"'), logic).repairs == ()
    (record,) = Certificate.parse(certify(legacy(script), migrated(logic), [proof], lab)).steps
    replayed = replay(record, migrated(logic).process)
    assert (replayed.against, replayed.unknown) == (None, "")


def test_a_certificate_of_another_form_is_said_in_words(lab: Lab) -> None:
    script, logic = "#!/bin/bash\necho merging $BRANCH\n", '\n  INPUT: BRANCH\n  DISPLAY: "merging [BRANCH]"\n'
    proof = prove(lab, script, logic, "word-splitting")
    (record,) = Certificate.parse(certify(legacy(script), migrated(logic), [proof], lab)).steps
    older = replace(record, observations=record.observations.replace('"repairs":', '"repair":'))
    with pytest.raises(ValueError, match="its observations have another form"):
        replay(older, migrated(logic).process)


#: name -> (script, logic, what makes it wrong: old and new).
TAKEN_APART = {
    "another command is answered": (
        'git push origin e/$BRANCH\necho "pushed"\n',
        '\n  INPUT: BRANCH\n  RUN: `git push origin "e/[BRANCH]"`, ignoring failure\n  DISPLAY: "pushed"\n',
        ("e/[BRANCH]", "f/[BRANCH]"),
    ),
    "a test that fails for it": (
        'if [ -f specs/$BRANCH/plan.md ]; then\n  echo "planned"\n  exit 1\nfi\necho "go on"\n',
        '\n  INPUT: BRANCH\n  IF file "specs/[BRANCH]/plan.md" exists:\n    ERROR: "planned"\n    STOP execution\n'
        '  DISPLAY: "go on"\n',
        ('"planned"', '"is planned"'),
    ),
    "output of a command": (
        "git tag v-$(git describe)\n",
        '\n  RUN: `git describe` AS DESCRIBED, ignoring failure\n  RUN: `git tag "v-[DESCRIBED]"`\n',
        ("v-[DESCRIBED]", "[DESCRIBED]"),
    ),
}


@pytest.mark.parametrize("name", TAKEN_APART)
def test_what_quotes_explain_and_what_they_do_not(lab: Lab, name: str) -> None:
    script, logic, (old, new) = TAKEN_APART[name]
    proof = prove(lab, f"#!/bin/bash\n{script}", logic, "word-splitting")
    assert (proof.verdict, proof.reason, proof.repairs) == (Verdict.PROVED, "", ("word-splitting",))
    wrong = logic.replace(old, new)
    assert wrong != logic
    assert prove(lab, f"#!/bin/bash\n{script}", wrong, "word-splitting").verdict is Verdict.REFUTED


#: name -> (script, logic, what makes it wrong: old and new).
PATTERNS = {
    "what a command prints for the pattern": (
        'for F in specs/*.md; do\n  X=$(gh view "$F")\n  echo "found: $X"\ndone\necho "end"\n',
        '\n  FOR EACH F in files matching "specs/*.md":\n    RUN: `gh view "[F]"` AS X, ignoring failure\n'
        '    DISPLAY: "found: [X]"\n  DISPLAY: "end"\n',
        ('"end"', '"the end"'),
    ),
    "the pattern fails at the end": (
        'for PLAN in "$DIR"/*-plan.md; do\n  gh check "$PLAN"\ndone\n',
        '\n  INPUT: DIR\n  SET: OK = "yes"\n'
        '  FOR EACH PLAN in files matching "[DIR]/*-plan.md":\n    SET: OK = "yes"\n'
        '    RUN: `gh check "[PLAN]"`\n    IF command fails:\n      SET: OK = "no"\n'
        '  IF OK is "no":\n    STOP execution\n',
        ("gh check", "gh checks"),
    ),
    "what the loop sets is used behind it": (
        'for F in specs/*.md; do\n  S=$(gh view "$F")\ndone\nif [ "$S" = open ]; then gh merge "$S"; fi\n',
        '\n  SET: S = ""\n  FOR EACH F in files matching "specs/*.md":\n'
        '    RUN: `gh view "[F]"` AS S, ignoring failure\n'
        '  IF S is "open":\n    RUN: `gh merge "[S]"`\n',
        ("gh merge", "gh close"),
    ),
    "a folder in a name": (
        'for D in "$DIR/sprints/"*/; do\n'
        '  echo "$(basename "$D"): $(yq eval .status "$D/memory.yaml" || echo none)"\ndone\n',
        '\n  INPUT: DIR\n  FOR EACH D in files matching "[DIR]/sprints/*/":\n'
        '    RUN: `basename "[D]"` AS NAME, ignoring failure\n'
        '    RUN: `yq eval .status "[D]/memory.yaml"` AS STATUS, or "none" if it fails\n'
        '    DISPLAY: "[NAME]: [STATUS]"\n',
        ("[NAME]: ", "[D]: "),
    ),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_loop_over_a_pattern_that_no_file_matches(lab: Lab, name: str) -> None:
    script, logic, (old, new) = PATTERNS[name]
    accepted = ("unmatched-glob", "appended-fallback")
    proof = prove(lab, f"#!/bin/bash\n{script}", logic, *accepted)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert "unmatched-glob" in proof.repairs
    wrong = logic.replace(old, new)
    assert wrong != logic
    assert prove(lab, f"#!/bin/bash\n{script}", wrong, *accepted).verdict is Verdict.REFUTED


def test_two_flaws_in_one_scenario_are_both_named(lab: Lab) -> None:
    script = '#!/bin/bash\nfor F in "$DIR"/*.md; do\n  git add $F\ndone\necho "done with" $DIR\n'
    logic = (
        '\n  INPUT: DIR\n  FOR EACH F in files matching "[DIR]/*.md":\n    RUN: `git add "[F]"`, ignoring failure\n'
        '  DISPLAY: "done with [DIR]"\n'
    )
    proof = prove(lab, script, logic, "unmatched-glob", "word-splitting")
    assert (proof.verdict, proof.repairs) == (Verdict.PROVED, ("unmatched-glob", "word-splitting"))
    assert any(len(row.repairs) == 2 for row in proof.scenarios)


def test_a_list_that_a_loop_goes_through_is_meant_to_be_taken_apart(lab: Lab) -> None:
    script = '#!/bin/bash\nfor NAME in $NAMES; do\n  echo "at $NAME"\ndone\n'
    logic = '\n  INPUT: NAMES\n  DISPLAY: "at [NAMES]"\n'
    assert prove(lab, script, logic, "word-splitting").verdict is Verdict.REFUTED


#: name -> (script, logic).
CHOICES = {
    "a text": (
        'N=$(gh issue list || echo none)\necho "is $N"\n',
        '\n  RUN: `gh issue list` AS N, or "none" if it fails\n  DISPLAY: "is [N]"\n',
    ),
    "another command": (
        'N=$(gh issue view 4 || gh pr view 4)\ngit tag "$N"\n',
        "\n  RUN: `gh issue view 4` AS N\n  IF command fails:\n    RUN: `gh pr view 4` AS N, ignoring failure\n"
        '  RUN: `git tag "[N]"`\n',
    ),
    "a test of it": (
        'if [ "$(gh pr view 4 || echo none)" = none ]; then\n  echo "no request"\nelse\n  git push\nfi\n',
        '\n  RUN: `gh pr view 4` AS REQUEST, or "none" if it fails\n'
        '  IF REQUEST is "none":\n    DISPLAY: "no request"\n'
        "  ELSE:\n    RUN: `git push`\n",
    ),
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_command_may_print_something_and_fail(lab: Lab, name: str) -> None:
    script, logic = CHOICES[name]
    proof = prove(lab, f"#!/bin/bash\n{script}", logic, "appended-fallback")
    assert (proof.verdict, proof.reason, proof.repairs) == (Verdict.PROVED, "", ("appended-fallback",))
    assert any("says something and fails" in row.scenario.name for row in proof.scenarios)
    wrong = logic.replace("none", "nothing").replace("pr view", "issue view")
    assert prove(lab, f"#!/bin/bash\n{script}", wrong, "appended-fallback").verdict is Verdict.REFUTED

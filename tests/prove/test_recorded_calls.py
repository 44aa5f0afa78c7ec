"""Calls of commands that are answered are recorded by who answers them, on both sides: whoever has started them."""

from __future__ import annotations

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.proof import Verdict
from tests.prove.test_proof import prove

LABELS = """#!/bin/bash
printf 'one\\ntwo\\n' | xargs -n 1 gh label create
echo "labels made"
"""
LABELS_LOGIC = """
  RUN: `printf 'one\\ntwo\\n' | xargs -n 1 gh label create`, ignoring failure
  DISPLAY: "labels made"
"""


def test_what_xargs_starts_is_an_effect_of_both_sides(lab: Lab) -> None:
    proof = prove(lab, LABELS, LABELS_LOGIC)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    usual = proof.scenarios[0].rewrite.effects
    assert [action.key for action in usual] == ["gh label create one", "gh label create two"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("gh label create", "gh label delete"), ("-n 1", "-n 2"), ("one", "ones"), (" | xargs -n 1 gh label create", "")],
)
def test_what_xargs_starts_otherwise_is_refuted(lab: Lab, right: str, wrong: str) -> None:
    assert prove(lab, LABELS, LABELS_LOGIC.replace(right, wrong)).verdict is Verdict.REFUTED


def test_what_find_starts_is_an_effect_of_both_sides(lab: Lab) -> None:
    script = "#!/bin/bash\nfind notes -name '*.md' -exec gh gist create {} ';' || exit 1\necho done\n"
    logic = "\n  RUN: `find notes -name '*.md' -exec gh gist create '{}' ';'`\n  DISPLAY: \"done\"\n"
    proof = prove(lab, script, logic)
    assert proof.verdict is Verdict.PROVED, proof.reason
    assert any(action.key == "gh gist create notes/one.md" for row in proof.scenarios for action in row.rewrite.effects)
    assert prove(lab, script, logic.replace("gist create", "gist edit")).verdict is Verdict.REFUTED


def test_a_command_that_fails_is_marked_on_both_sides(lab: Lab) -> None:
    proof = prove(lab, "#!/bin/bash\ngh auth status || exit 1\n", "\n  RUN: `gh auth status`\n")
    assert proof.verdict is Verdict.PROVED
    failing = next(row for row in proof.scenarios if row.scenario.name == "gh auth status fails")
    assert [action.ok for row in (failing.original, failing.rewrite) for action in row.effects] == [False, False]


FOLDER = '#!/bin/bash\nif [ "$PART" = "api" ]; then\n  cd api || exit 1\n  npm test\nelse\n  echo "no api"\nfi\n'
FOLDER_LOGIC = """
  INPUT: PART
  IF PART is "api":
    IN FOLDER "api":
      RUN: `npm test`
  ELSE:
    DISPLAY: "no api"
"""


def test_where_a_command_is_called_counts(lab: Lab) -> None:
    assert prove(lab, FOLDER, FOLDER_LOGIC).verdict is Verdict.PROVED
    elsewhere = prove(lab, FOLDER, FOLDER_LOGIC.replace('FOLDER "api"', 'FOLDER "app"'))
    assert elsewhere.verdict is Verdict.REFUTED
    assert "effect: original run npm test in api, rewrite run npm test in app" in elsewhere.reason

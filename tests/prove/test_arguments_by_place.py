"""What the caller of a process says (`$1`, `$ARGUMENTS`) is part of the scenarios."""

from __future__ import annotations

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.prove.typed import places_filled, with_arguments
from tests.prove.test_proof import migrated, reading

SCRIPT = """#!/bin/bash
if [ -z "$1" ]; then
  echo "which version?"
  exit 1
fi
case "$1" in
  v*) echo "tag $1" ;;
  *) echo "no tag: $1" ;;
esac
"""
LOGIC = """
  SET: VERSION = "$1"
  IF VERSION is empty:
    ERROR: "which version?"
    STOP execution
  IF VERSION starts with "v":
    DISPLAY: "tag [VERSION]"
  ELSE:
    DISPLAY: "no tag: [VERSION]"
"""
TWO = '#!/bin/bash\nif [ "$2" = "--dry-run" ]; then\n  echo "would ship $1"\nelse\n  echo "ships $1"\nfi\n'
TWO_LOGIC = """
  SET: NAME = "$1"
  SET: HOW = "$2"
  IF HOW is "--dry-run":
    DISPLAY: "would ship [NAME]"
  ELSE:
    DISPLAY: "ships [NAME]"
"""


def prove(lab: Lab, script: str, call: str, logic: str) -> StepProof:
    step = f'<step number="1" name="it">\n\n```bash\n~/.agent-os/scripts/it.sh {call}\n```\n\n</step>'
    (proof,) = prove_process(reading(step, {"it.sh": script}), migrated(logic), lab)
    return proof


@pytest.mark.parametrize(
    ("script", "call", "logic"),
    [
        (SCRIPT, '"$1"', LOGIC),
        (SCRIPT, '"${1}"', LOGIC),
        (SCRIPT, '"$ARGUMENTS"', LOGIC.replace('"$1"', '"$ARGUMENTS"')),
        (TWO, '"$1" "$2"', TWO_LOGIC),
    ],
)
def test_a_rewrite_that_does_the_same_with_each_is_proved(lab: Lab, script: str, call: str, logic: str) -> None:
    proof = prove(lab, script, call, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


@pytest.mark.parametrize(
    ("call", "right", "wrong"),
    [
        ('"$1"', 'starts with "v"', 'starts with "x"'),
        ('"$1"', '"$1"', '"$2"'),
        ('"$1"', "is empty", 'is "-"'),
    ],
)
def test_another_rewrite_is_refuted(lab: Lab, call: str, right: str, wrong: str) -> None:
    assert prove(lab, SCRIPT, call, LOGIC.replace(right, wrong)).verdict is Verdict.REFUTED


def test_all_that_was_typed_is_not_its_first_word(lab: Lab) -> None:
    proof = prove(lab, SCRIPT, '"$ARGUMENTS"', LOGIC)
    assert proof.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("call", "filled"),
    [
        ('echo "about $ARGUMENTS."', 'echo "about two  \\"quoted\\" \\$words."'),
        ('see "$ARGUMENTS"', 'see "two  \\"quoted\\" \\$words"'),
        ("see $ARGUMENTS/x", "see 'two  \"quoted\" $words'/x"),
        ("cat <<E\n$ARGUMENTS\nE", 'cat <<E\ntwo  "quoted" \\$words\nE'),
        ('cat <<< "$ARGUMENTS"', 'cat <<< "two  \\"quoted\\" \\$words"'),
    ],
)
def test_arguments_are_words_outside_of_quotes_and_text_between_them(call: str, filled: str) -> None:
    assert with_arguments(call, ['two  "quoted" $words']) == filled


def test_arguments_in_a_longer_text_are_shown_as_they_were_typed(lab: Lab) -> None:
    step = '<step number="1" name="it">\n\n```bash\n[ -f x/$ARGUMENTS ] || echo "no $ARGUMENTS"\n```\n\n</step>'
    logic = """
  SET: NAME = "$ARGUMENTS"
  IF file "x/[NAME]" does not exist:
    DISPLAY: "no [NAME]"
"""
    (proof,) = prove_process(reading(step), migrated(logic), lab)
    assert proof.verdict is Verdict.PROVED
    (proof,) = prove_process(reading(step), migrated(logic.replace("no [NAME]", "no '[NAME]'")), lab)
    assert proof.verdict is Verdict.REFUTED


def test_an_argument_that_was_not_typed_is_empty_and_does_not_end_a_call_under_nounset(lab: Lab) -> None:
    step = (
        '<step number="1" name="it">\n\n```bash\nset -euo pipefail\nVERSION="$1"\n'
        'if [ -z "$VERSION" ]; then\n  echo "which?"\n  exit 1\nfi\necho "tag $VERSION"\n```\n\n</step>'
    )
    logic = """
  SET: VERSION = "$1"
  IF VERSION is empty:
    ERROR: "which?"
    STOP execution
  DISPLAY: "tag [VERSION]"
"""
    (proof,) = prove_process(reading(step), migrated(logic), lab)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    (proof,) = prove_process(reading(step), migrated(logic.replace("is empty", 'is "-"')), lab)
    assert proof.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("call", "arguments", "filled"),
    [
        ("set -eu\ngit tag $1 ${2}", ["a"], ["a", ""]),
        ("set -o nounset\ngit tag $1", [], [""]),
        ("git tag $1", [], []),
        ("set -u\n[ $# -gt 0 ] && git tag $1", [], []),
        ("set -u\ngit tag $1", ["a", "b"], ["a", "b"]),
    ],
)
def test_what_is_not_typed_is_empty_only_where_that_can_be_told(
    call: str, arguments: list[str], filled: list[str]
) -> None:
    assert places_filled(call, arguments) == filled

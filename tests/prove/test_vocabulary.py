"""What scenarios are chosen by: what a step asks of its names, also of those that they are copied from."""

from __future__ import annotations

from peerlint.process.logic import parse_logic
from peerlint.process.model import Step
from peerlint.prove.vocabulary import Vocabulary, values_for


def of(*texts: str) -> Vocabulary:
    return Vocabulary([Step(str(at), statements=parse_logic(text).statements) for at, text in enumerate(texts)])


def test_a_name_that_comes_from_two_places_is_asked_for_in_both() -> None:
    asked = """
    READ: cycle from state AS CYCLE
    SET: PHASE = CYCLE with jq -r '.status'
    IF PHASE is "complete":
      STOP execution
    """
    elsewhere = "SET: PHASE = OTHER with jq -r '.phase'\n"
    for texts in ((asked, elsewhere), (elsewhere, asked)):
        vocabulary = of(*texts)
        assert '{"status": "complete"}' in values_for(vocabulary.of("CYCLE"), {})
        assert '{"phase": "complete"}' in values_for(vocabulary.of("OTHER"), {})


def test_what_is_copied_is_json_where_the_copy_is() -> None:
    vocabulary = of("SET: STATE = FOUND\nSET: PHASE = STATE with jq -r '.status'\n")
    assert vocabulary.of("STATE").is_json
    assert vocabulary.of("FOUND").is_json


def test_names_that_are_copied_in_a_circle_end() -> None:
    vocabulary = of('SET: A = B\nSET: B = A\nIF A is "x":\n  STOP execution\n')
    assert "x" in values_for(vocabulary.of("B"), {})

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


def test_what_is_asked_of_a_file_is_asked_of_what_was_written_into_it() -> None:
    vocabulary = of(
        """
        RUN: `npm audit --json` AS AUDIT, ignoring failure
        WRITE: file "audit.json" = AUDIT
        READ: file "audit.json" AS FILE_TEXT
        SET: TOTAL = FILE_TEXT with jq '.metadata.total'
        IF TOTAL is greater than 7:
          STOP execution
        """
    )
    found = values_for(vocabulary.of("AUDIT"), {})
    # As a number and as a text: jq tells them apart.
    assert {'{"metadata": {"total": 8}}', '{"metadata": {"total": "8"}}'} <= set(found)


def test_what_is_asked_of_a_sum_is_asked_of_what_it_is_made_of() -> None:
    vocabulary = of("SET: USED = WEB + APP\nSET: LEFT = LIMIT - USED\nIF LEFT is less than 40:\n  STOP execution\n")
    assert all({"39", "40", "41"} <= set(values_for(vocabulary.of(name), {})) for name in ("LIMIT", "WEB", "APP"))


def test_what_is_asked_of_a_text_is_asked_of_the_names_in_it() -> None:
    vocabulary = of(
        """
        SET: FOLDER = "specs/[NUMBER]-[SLUG]"
        IF FOLDER does not pass `grep -q '^specs/[0-9][0-9]-new'`:
          STOP execution
        """
    )
    assert "00" in values_for(vocabulary.of("NUMBER"), {})
    assert "new" in values_for(vocabulary.of("SLUG"), {})


def test_of_what_the_length_is_asked_there_are_texts_as_long_as_that() -> None:
    vocabulary = of("IF length of NAME is greater than 20:\n  STOP execution\n")
    assert {"x" * 19, "x" * 20, "x" * 21} <= set(values_for(vocabulary.of("NAME"), {}))

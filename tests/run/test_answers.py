"""The answers file: who answers what, and a broken one is a line that says where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.run.answers import Answers, read_answers
from peerlint.run.world import Completed

WHOLE = """
subagents:
  planner: {replies: [first, second]}
  reviewer: {ok: true, findings: [1, "two"]}
decide:
  "the plan   is good": yes
  "it is safe": {replies: [true, false]}
ask: {"Continue? (yes/no)": "yes"}
inputs: {OWNER: me, COUNT: 08, EMPTY: ""}
commands:
  gh auth status: {exit: 1, stderr: "not logged in"}
  "echo 'a b' | wc -l": "1"
"""


def test_each_part() -> None:
    answers = read_answers(WHOLE, "a.yaml")
    assert [answers.subagent("planner") for _ in range(3)] == ["first", "second", None]
    assert answers.subagent("reviewer") == '{\n  "ok": true,\n  "findings": [\n    1,\n    "two"\n  ]\n}'
    assert [answers.decide("the plan is good") for _ in range(2)] == [True, True]
    assert [answers.decide("it is safe") for _ in range(3)] == [True, False, None]
    assert answers.ask("Continue? (yes/no)") == "yes"
    assert (answers.fill_in("COUNT"), answers.fill_in("EMPTY"), answers.fill_in("NONE")) == ("08", "", None)
    assert answers.command([["gh", "auth", "status"]]) == Completed(1, "", "not logged in")
    assert answers.command([["echo", "a b"], ["wc", "-l"]]) == Completed(0, "1")
    assert answers.command([["gh"]]) is None


def test_an_empty_file_answers_nothing() -> None:
    assert read_answers("", "a.yaml") == Answers()
    assert read_answers("inputs:\n", "a.yaml") == Answers()


@pytest.mark.parametrize(
    ("text", "row", "what"),
    [
        ("inputs:\n  A: [1\n", 3, "no YAML"),
        ("input: {A: 1}\n", 1, "did you mean inputs?"),
        ("\n- a\n", 2, "must be a mapping"),
        ("decide:\n  x: maybe\n", 2, "true or false"),
        ("inputs: {A: &x 1, B: *x}\n", 1, "no aliases"),
        ("inputs:\n  A: 1\n  A: 2\n", 3, "twice"),
        ("commands:\n  a: {exit: 1, out: x}\n", 2, "exit, stdout, stderr"),
        ("commands:\n  a: {exit: 999}\n", 2, "0 to 255"),
        ('commands:\n  "a \'b": 1\n', 2, "no command line"),
        ("subagents:\n  a: {replies: x}\n", 2, "must be a list"),
        ("inputs: !!python/object:os.system {a: 1}\n", 1, ""),
    ],
)
def test_what_is_wrong_and_where(text: str, row: int, what: str) -> None:
    try:
        read_answers(text, "a.yaml")
    except InputError as error:
        assert error.row == row
        assert what in str(error)
    else:
        assert "python" in text  # a tag makes nothing: it is just a mapping


@given(st.text("abc:{}[]&*!-\n \"'|>#", max_size=40))
def test_any_text_is_read_or_refused_with_one_line(text: str) -> None:
    try:
        read_answers(text, "a.yaml")
    except InputError as error:
        assert "\n" not in str(error)

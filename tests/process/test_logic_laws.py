"""Laws of the logic language over generated IR and over any text."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from peerlint.process.logic import parse_logic, render_logic, rendered_blocks
from peerlint.process.model import Statement
from tests.strategies import logics

_MODEST = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

_LINE_PIECES = st.sampled_from(
    ["IF ", "ELSE:", "ELSE IF ", ":", "\n", "  ", "    ", "READ: ", "a from b AS C", "STOP execution", "KEY", " is ",
     '"x"', "(", ")", "NOT (", " AND ", " OR ", "`ls", "`", "'", "<x>", "[A.", "]", "FOR EACH ", "REPEAT up to ",
     "9" * 30, "\r", "\t", "DISPLAY: ", "length of ", "\x00", "é", ", or ", " with jq "]
)  # fmt: skip
_PEOPLE = st.sampled_from(
    ["RETRY", ": ", " up to 3 times", ", 5 seconds apart", "WHILE ", "REPEAT until ", "FOR each task:",
     "SWITCH on KIND:",
     "CASE \"a\":", "DEFAULT:", "TRY:", "UNLESS ", "RETURN", "PROCEED", "CONTINUE", "\n", "\n", "\n  ", "\n    ",
     "IF it fails:", "IF found:", "IF yes:", "IF A is empty:", "ELSE:", "RUN: `ls`", "READ: a.b from c AS A",
     "STORE: a in b = 1", "ASK: \"Shall it? (C)\"", "VERIFY: x", "EVALUATE: y", "ACTION: do it", "ON_FAILURE:",
     "TIMEOUT: 5 seconds", "WAIT: for a.b in c-d to equal done", "MAX_TRIES: 3", "SET has_plan = true", "has_plan",
     "<loop_logic>", "</loop_logic>", "<exit_conditions>", "</exit_conditions>", "- ", "max_iterations: 3",
     "<check if=\"has_plan\">", "</check>", "IF \"a\":", "STOP: \"no\"", "SKIP this step", "BREAK"]
)  # fmt: skip
_any_text = st.lists(st.one_of(_LINE_PIECES, st.text(max_size=3)), max_size=25).map("".join)


@_MODEST
@given(logics())
def test_what_is_rendered_reads_back_the_same(statements: tuple[Statement, ...]) -> None:
    reading = parse_logic(render_logic(statements), blocks=rendered_blocks(statements))
    assert reading.problems == ()
    assert reading.statements == statements


@_MODEST
@given(logics())
def test_rendering_does_not_depend_on_where_the_text_stands(statements: tuple[Statement, ...]) -> None:
    indented = {
        name: "\n" + "\n".join(f"    {line}" if line else line for line in content.split("\n")) + "\n  "
        for name, content in rendered_blocks(statements).items()
    }
    reading = parse_logic("\n" + render_logic(statements, indent=3) + "\n", offset=40, blocks=indented)
    assert reading.statements == statements


@_MODEST
@example("<loop_logic>- IF it fails:\n- RETRY")
@given(st.lists(_PEOPLE, max_size=25).map("".join))
def test_what_people_write_is_read_whatever_it_is_and_rendered_to_a_fixed_point(text: str) -> None:
    first = parse_logic(text, closed=False)
    rendered = render_logic(first.statements)
    assert render_logic(parse_logic(rendered, closed=False).statements) == rendered


@_MODEST
@given(_any_text, st.booleans())
def test_reading_is_total_and_rendering_of_what_was_read_is_a_fixed_point(text: str, closed: bool) -> None:
    first = parse_logic(text, closed=closed, blocks={"x": "ls"})
    rendered = render_logic(first.statements)
    second = parse_logic(rendered, closed=closed, blocks={"x": "ls"})
    assert render_logic(second.statements) == rendered


@_MODEST
@given(_any_text, st.integers(0, 1000))
def test_spans_lie_in_the_text_and_shift_with_it(text: str, offset: int) -> None:
    here, there = parse_logic(text), parse_logic(text, offset=offset)
    for near, far in zip(here.problems, there.problems, strict=True):
        assert 0 <= near.span.start <= near.span.end <= len(text)
        assert near.span.shifted(offset) == far.span
    for statement in here.statements:
        assert text[statement.span.start : statement.span.end].strip()


def test_deep_nests_end_in_a_problem() -> None:
    nested = "\n".join("  " * depth + "IF A is empty:" for depth in range(3000))
    assert any(problem.code == "too-deep" for problem in parse_logic(nested).problems)
    brackets = "IF " + "(" * 5000 + "A is empty" + ")" * 5000 + ":\n  STOP execution"
    assert [problem.message for problem in parse_logic(brackets).problems if "too deeply" in problem.message]

"""Logic as people write it: the three dialects, anaphora, and what is never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.held_out import HELD_OUT, HELD_OUT_SECOND, read_labelled
from peerlint.process.logic import BindingKind, parse_logic, render_condition, render_logic
from peerlint.process.model import Decide, Delegate, If, Opaque, Repeat, walk
from peerlint.run.answers import Answers, Replies
from peerlint.run.events import MessageEvent
from peerlint.run.local import Surroundings
from peerlint.run.machine import COMPLETED
from peerlint.run.memory import MemoryWorld
from peerlint.run.people import People
from peerlint.run.world import BucketConfig, Completed
from tests.run.build import kinds, run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "logic"
WRITTEN = sorted(FIXTURES.glob("*.written"))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_what_people_write_has_one_canonical_form(path: Path) -> None:
    reading = parse_logic(path.read_text(encoding="utf-8"), closed=False)
    canonical = path.with_suffix(".canonical").read_text(encoding="utf-8")
    assert render_logic(reading.statements) + "\n" == canonical
    assert render_logic(parse_logic(canonical, closed=False).statements) + "\n" == canonical


def test_a_misspelt_condition_in_a_closed_block_is_an_error_with_the_nearest_form() -> None:
    reading = parse_logic("IF STATE does not exits:\n  STOP execution")
    assert [(problem.code, problem.nearest) for problem in reading.problems] == [
        ("unknown-condition", "STATE is not empty")
    ]
    assert isinstance(reading.statements[0], Opaque)
    assert not any(isinstance(node, Decide) for node in walk(reading.statements))


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("CREATE: bucket visits", "CREATE: bucket name, as in <block>"),
        ('EROR "x"', 'ERROR: "text"'),
        ("STORE in NATS KV: x.y", "STORE: key in bucket = NAME"),
        ("READ: a frm b AS X", "READ: key from bucket AS NAME"),
        ("STOP excution", "STOP execution"),
        ("DISPLAY: hello", 'DISPLAY: "text"'),
        ("IF key does not exits:\n  STOP execution", "key does not exist"),
        ("IF exit code si 3:\n  STOP execution", "exit code is 2"),
    ],
)
def test_the_nearest_form_is_shown(line: str, nearest: str) -> None:
    assert parse_logic(line).problems[0].nearest == nearest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("STORE: a in b = 1\nIF update fails:\n  STOP execution", "misplaced-outcome"),
        ("READ: a from b AS X\nNOTE: between\nIF key exists:\n  STOP execution", "misplaced-outcome"),
        ("IF key exists:\n  STOP execution", "misplaced-outcome"),
        ("IF A is empty AND B is empty OR C is empty:\n  STOP execution", "mixed-connectives"),
        ("SET: A = B + 1 - 2", "mixed-operators"),
        ("RUN: <nowhere>", "unknown-block"),
        ("RUN: `rm $HOME`", "bad-command"),
        ("RUN: `a && b`", "bad-command"),
        ("IF A is empty:", "empty-body"),
        ("ELSE:\n  STOP execution", "no-if"),
        ("STOP execution\n  STOP execution", "indentation"),
    ],
)
def test_the_rules_are_enforced_in_closed_blocks(text: str, code: str) -> None:
    assert parse_logic(text).problems[0].code == code


def test_what_nothing_binds_is_marked_as_unbound_judgement_elsewhere() -> None:
    text = "IF the moon is full:\n  STOP"
    binding = parse_logic(text, closed=False).bindings[0]
    assert (binding.kind, binding.text, binding.predicate) == (
        BindingKind.UNBOUND,
        "the moon is full",
        Decide("the moon is full"),
    )
    assert text[binding.span.start : binding.span.end] == "the moon is full"


def test_bash_among_directives_is_opaque_and_never_judgement() -> None:
    statements = parse_logic('IF [ -z "$X" ]; then\n  echo no\nfi', closed=False).statements
    assert all(isinstance(statement, Opaque) for statement in statements)


def test_an_outcome_without_its_effect_is_not_bound_to_something_else() -> None:
    reading = parse_logic('DISPLAY: "x"\nIF server not responding:\n  STOP', closed=False)
    assert reading.bindings[0].kind is BindingKind.UNBOUND


@pytest.mark.parametrize(("folder", "share"), [(HELD_OUT, 0.95), (HELD_OUT_SECOND, 0.92)])
def test_held_out_lines_are_read_as_they_are_meant_and_never_claim_too_much(folder: Path, share: float) -> None:
    lines = list(read_labelled(folder))
    right = sum(line.found == line.expected for line in lines)
    assert right / len(lines) >= share
    claimed = [line.place for line in lines if line.found == "language" != line.expected]
    assert claimed == []


@pytest.mark.parametrize(
    ("declared", "condition", "meaning"),
    [
        ("SET: has_plan = true", "has_plan", 'HAS_PLAN is "true"'),
        ("SET: answer = yes/no", "answer", 'ANSWER is "yes"'),
        ("SET: phase = plan", "phase is plan", 'PHASE is "plan"'),
        ("SET: phase = plan", "phase !== plan", 'PHASE is not "plan"'),
        ("SET: phase = plan", "phase is review", None),
        ("SET: has_plan = maybe", "has_plan", None),
        ("NOTE: nothing", "has_plan", None),
    ],
)
def test_a_variable_is_bound_only_to_what_the_file_sets_it_to(
    declared: str, condition: str, meaning: str | None
) -> None:
    binding = parse_logic(f"{declared}\nIF {condition}:\n  STOP", closed=False).bindings[0]
    if meaning is None:
        assert binding.kind is BindingKind.UNBOUND
    else:
        assert binding.predicate is not None
        assert (binding.kind, render_condition(binding.predicate)) == (BindingKind.PREDICATE, meaning)


def test_a_case_that_two_variables_could_mean_is_not_bound() -> None:
    text = 'SET: old = "plan"\nSET: new = "plan"\nFOR plan:\n  STOP'
    binding = parse_logic(text, closed=False).bindings[0]
    assert (binding.kind, binding.why) == (BindingKind.UNBOUND, "ambiguous: OLD or NEW")


def test_work_in_prose_is_tried_until_the_agent_says_that_it_has_succeeded() -> None:
    (loop,) = parse_logic("RETRY: failed git commands up to 3 times", closed=False).statements
    assert isinstance(loop, Repeat)
    assert (loop.times, len(loop.body)) == (3, 1)
    assert isinstance(loop.until, Decide)


@pytest.mark.parametrize(
    ("working_after", "completed", "tries"), [(0, True, 1), (1, True, 2), (2, True, 3), (3, False, 3)]
)
@pytest.mark.parametrize("text", ["RETRY up to 3 times:\n  RUN: `push`", "RUN: `push`\nRETRY: up to 2 times"])
def test_an_effect_is_tried_until_it_succeeds_and_no_more(
    text: str, working_after: int, completed: bool, tries: int
) -> None:
    replies = Replies((Completed(1, ""),) * working_after + (Completed(0, ""),), in_turn=True)
    world = MemoryWorld(Surroundings(people=People(Answers(commands={"push": replies}))))
    result = run(*parse_logic(text, closed=False).statements, world=world)
    assert (result.outcome == COMPLETED, kinds(result.events).count("command")) == (completed, tries)


def test_what_continue_leaves_out_of_a_round_stands_in_the_else() -> None:
    text = (
        'FOR EACH A in "x", "y", "z":\n  IF A is "x":\n    DISPLAY: "not x"\n    CONTINUE\n'
        '  IF A is "z":\n    CONTINUE\n  DISPLAY: "[A]"\n  DISPLAY: "done"\n'
    )
    statements = parse_logic(text, closed=False).statements
    canonical = render_logic(statements)
    assert 'ELSE IF A is "z":\n    NOTE: CONTINUE\n  ELSE:\n' in canonical
    assert render_logic(parse_logic(canonical).statements) == canonical
    events = run(*statements, world=MemoryWorld(Surroundings())).events
    assert [event.text for event in events if isinstance(event, MessageEvent)] == ["not x", "y", "done"]


TRIED = """\
TRY:
  RUN: `a`
  DISPLAY: "a is done"
  CREATE: k in b = "1"
  RUN: `c`
{}
  ERROR: "not all of it"
DISPLAY: "after"
"""


@pytest.mark.parametrize("handler", ["IF fails:", "ON_FAILURE:"])
@pytest.mark.parametrize(
    ("failing", "said"),
    [
        ("", ["a is done", "after"]),
        ("a", ["not all of it", "after"]),
        ("b", ["a is done", "not all of it", "after"]),
        ("c", ["a is done", "not all of it", "after"]),
    ],
)
def test_the_first_effect_that_fails_ends_a_try(handler: str, failing: str, said: list[str]) -> None:
    answers = {name: Replies((Completed(int(name == failing), ""),), in_turn=False) for name in "ac"}
    world = MemoryWorld(Surroundings(people=People(Answers(commands=answers))))
    if failing != "b":
        world.bucket_add(BucketConfig("b"))
    reading = parse_logic(TRIED.format(handler), closed=False)
    result = run(*reading.statements, world=world)
    assert result.outcome == COMPLETED
    assert [event.text for event in result.events if isinstance(event, MessageEvent)] == said
    assert render_logic(parse_logic(render_logic(reading.statements), closed=False).statements) == render_logic(
        reading.statements
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("RETURN", "does RETURN end the step or the process?"),
        ("RETURN ORDER_ID", "does RETURN end the step or the process?"),
        ("RETURN to the main workflow", "does RETURN end the step or the process?"),
        ("RETRY: 3 times", "no effect stands directly above"),
        ("RETRY up to 3 times:\n  RUN: `a`\n  RUN: `b`", "more than one effect"),
        ("RETRY until it works:\n  RUN: `a`", "without a bound"),
        ("WHILE A is empty:\n  RUN: `a`", "without a bound"),
        ("FOR each open task:\n  RUN: `a`", "a loop over what no list names"),
        ("For every file:\n  IF A is empty:\n    STOP", "a loop over what no list names"),
        ('TRY:\n  RUN: `a`\n  RUN: `b`\nDISPLAY: "x"', "TRY around more than one effect"),
        ("TRY:\n  RUN: `a`\n  RUN: `b`, ignoring failure\nIF fails:\n  STOP", "could mean any of them"),
        ("TRY:\n  RUN: `a`\n  SET: N = A + 1\n  RUN: `b`\nIF fails:\n  STOP", "could mean any of them"),
        ('FOR EACH A in "x":\n  IF A is "x":\n    CONTINUE\n  ELSE:\n    RUN: `b`\n  RUN: `a`', "CONTINUE in a loop"),
        ('FOR EACH A in "x":\n  DISPLAY: "x"\n  CONTINUE\n  RUN: `a`', "CONTINUE in a loop"),
        ("SWITCH A:\n  RUN: `a`", "SWITCH holds something else"),
        (
            "<loop_logic>\n<exit_conditions>\n- A is empty\n</exit_conditions>\n</loop_logic>",
            "without a bound",
        ),
    ],
)
def test_flow_that_the_language_cannot_say_is_opaque_with_the_reason(text: str, reason: str) -> None:
    opaque = [node for node in walk(parse_logic(text, closed=False).statements) if isinstance(node, Opaque)]
    assert len(opaque) == 1
    assert reason in opaque[0].reason


def test_a_loop_that_only_the_agent_can_go_through_is_its_work_as_a_whole() -> None:
    text = "FOR each open task:\n  ACTION: Write the tests\n  ACTION: Make them pass"
    (work,) = parse_logic(text, closed=False).statements
    assert isinstance(work, Delegate)
    assert work.request is not None
    assert work.request.literal == text


def test_retry_in_a_closed_block_is_an_error() -> None:
    problem = parse_logic("RETRY up to 3 times:\n  RUN: `npm ci`").problems[0]
    assert problem.nearest == "REPEAT up to 3 times:"


@pytest.mark.parametrize(
    "text",
    [
        "NOTE: x\nIF key exists:\n  STOP execution",
        "READ: a frm b AS X",
        "IF A is empty:",
        "IF A is empty:\n  STOP execution\nELSE:",
        "IF A is empty:\n    STOP execution\n  STOP execution",
        "REPEAT up to 3 times:",
        "REPEAT up to 3 times, until key exists:\n  STOP execution",
    ],
)
def test_a_line_with_a_problem_has_no_meaning(text: str) -> None:
    reading = parse_logic(text)
    problem = reading.problems[0]
    opaque = [node for node in walk(reading.statements) if isinstance(node, Opaque)]
    assert opaque[0].reason.startswith(problem.message)
    assert problem.nearest is None or problem.nearest in opaque[0].reason


@pytest.mark.parametrize(
    ("command", "rendered"),
    [
        ("'--description=State of PEER cycles'", '--description="State of PEER cycles"'),
        ("'a b'", '"a b"'),
        ("'$x y'", "'$x y'"),
        ("'--x=\\[NAME] !'", "--x='\\[NAME] !'"),
        ('--x="[NAME] of [OTHER]"', '--x="[NAME] of [OTHER]"'),
        ("'[NAME]'", "'[NAME]'"),
        ('"it\'s"', '"it\'s"'),
    ],
)
def test_only_what_needs_quotes_is_quoted(command: str, rendered: str) -> None:
    statements = parse_logic(f"RUN: `printf {command}`").statements
    assert render_logic(statements) == f"RUN: `printf {rendered}`"
    assert parse_logic(render_logic(statements)).statements == statements


def test_a_parenthesis_in_quotes_ends_no_parentheses() -> None:
    reading = parse_logic("IF length of (PLAN with jq '): ') is greater than 1:\n  STOP execution\n")
    assert reading.problems == ()
    # Where a quote is an apostrophe, the parentheses are those of the text.
    reading = parse_logic("IF the plan (don't ask: it's long) is done: STOP\n", closed=False)
    assert isinstance(reading.statements[0], If) and len(reading.statements[0].branches[0].body) == 1


def test_a_colon_behind_an_escaped_quote_does_not_end_a_condition() -> None:
    text = 'IF NAME is "\\": ":\n  STOP execution\n'
    reading = parse_logic(text)
    assert reading.problems == ()
    assert render_logic(reading.statements) == text.rstrip("\n")

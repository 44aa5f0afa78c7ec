"""Logic as people write it: the three dialects, anaphora, and what is never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.process.logic import BindingKind, parse_logic, render_logic
from peerlint.process.model import Decide, Opaque, walk

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

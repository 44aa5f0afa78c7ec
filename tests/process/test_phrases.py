"""The phrasebook: what it binds, and that nothing can be bound twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.errors import InputError
from peerlint.process.logic import BindingKind, parse_logic, render_condition, user_phrasebook
from peerlint.process.phrases import Ambiguous, Bound, Ending, Phrase, Phrasebook, Source, variable_name
from tests.generate_phrasebook import generated

BOOK = Phrasebook.default()
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("server is not responding", "server not responding"),
        ('INSTRUCTION_NAME == "create-spec"', 'INSTRUCTION_NAME is "create-spec"'),
        ("mode === 'cli'", 'MODE is "cli"'),
        ("completed_count <= 2", "COMPLETED_COUNT is at most 2"),
        ("MODE NOT IN [fast, slow]", 'MODE is none of "fast", "slow"'),
        ("`--auto` flag present", "--auto provided"),
        ("SPEC_NAME not provided", "SPEC_NAME is empty"),
        (".agent-os/product/mission.md does not exist", 'file ".agent-os/product/mission.md" does not exist'),
    ],
)
def test_phrases_mean_conditions_of_the_language(text: str, condition: str) -> None:
    bound = BOOK.bind(text)
    assert isinstance(bound, Bound)
    assert bound.condition == condition


def test_every_phrase_means_a_condition_that_parses() -> None:
    fillings = {"name": "A_B", "word": "A_B", "flag": "--x", "value": '"v"', "text": '"t"', "number": "3",
                "list": "[a, b]", "path": "a.md", "folder": "a/", "place": "a/b", "tool": "git"}  # fmt: skip
    for phrase in BOOK.predicates:
        text = phrase.phrase.format(**fillings)
        bound = BOOK.bind(text)
        assert isinstance(bound, Bound), (text, bound)
        problems = parse_logic(f"IF {bound.condition}:\n  STOP execution").problems
        assert {problem.code for problem in problems} <= {"misplaced-outcome"}, (text, problems)


def test_a_bound_phrase_cannot_be_bound_again() -> None:
    assert user_phrasebook({"server is not responding": "server not responding"}).bind("server is not responding")
    with pytest.raises(InputError, match="already means"):
        user_phrasebook({"Server is  not_responding": "bucket exists"})
    with pytest.raises(InputError, match="already says"):
        user_phrasebook({"not found": "A is empty"})
    first = user_phrasebook({"the cycle has ended": 'STATUS is "done"'})
    with pytest.raises(InputError, match="already means"):
        user_phrasebook({"the cycle has ended": 'STATUS is "over"'}, book=first)


def test_an_added_phrase_binds_no_text_that_meant_something_already() -> None:
    book = user_phrasebook({"{word} fails": "A is empty", "has_plan": "B is empty"})
    assert book.bind("it fails") is None
    reading = parse_logic("READ: a.b from c AS D\nIF it fails:\n  STOP execution", phrasebook=book)
    assert reading.bindings[0].kind is BindingKind.OUTCOME
    own = parse_logic('SET: HAS_PLAN = "true"\nIF has_plan:\n  STOP execution', phrasebook=book)
    assert own.bindings[0].why == "this file sets HAS_PLAN to true"


def test_users_add_phrases() -> None:
    book = user_phrasebook({"the cycle has ended": 'STATUS is "done"'}, "phrases.yaml", rows={"the cycle has ended": 3})
    reading = parse_logic("IF the cycle has ended:\n  STOP execution", phrasebook=book)
    assert reading.problems == ()
    assert reading.bindings[0].why == 'phrase "the cycle has ended" of phrases.yaml:3'
    assert [phrase.means for phrase in reading.bindings[0].phrases] == ['STATUS is "done"']


def test_an_ambiguous_phrase_is_not_bound() -> None:
    book = user_phrasebook({"{name} is ready": "{name} is not empty"})
    book = book.extended((Phrase("{word} is ready", '{word} is "ready"'),))
    assert isinstance(book.bind("SPEC_NAME is ready"), Ambiguous)
    assert parse_logic("IF SPEC_NAME is ready:\n  STOP execution", phrasebook=book).problems


def test_words_without_a_subject_and_without_an_answer() -> None:
    assert BOOK.ending("not found") is Ending.NOT_FOUND
    assert BOOK.source("user_confirms_yes") is Source.USER
    assert BOOK.source("spec_requires_api_changes") is Source.JUDGEMENT


def test_names_of_variables() -> None:
    assert [variable_name(name) for name in ("has_spec", "{x_y}", "executionMethod", "[A]", "if")] == [
        "HAS_SPEC", "X_Y", "EXECUTION_METHOD", "A", "IF_VALUE",
    ]  # fmt: skip


def test_the_compiled_phrasebook_is_up_to_date() -> None:
    for path, text in generated(ROOT):
        assert path.read_text(encoding="utf-8") == text


def test_phrases_of_a_repository_bind_what_nothing_bound() -> None:
    book = user_phrasebook({"the tree is clean": "`git diff --quiet` succeeds", "{name} is fresh": '{name} is "new"'})
    for text, condition in [
        ("the tree is clean", "`git diff --quiet` succeeds"),
        ("build_state is fresh", 'BUILD_STATE is "new"'),
    ]:
        binding = parse_logic(f"IF {text}:\n  STOP execution", phrasebook=book).bindings[0]
        assert binding.predicate is not None
        assert (binding.kind, render_condition(binding.predicate)) == (BindingKind.PREDICATE, condition)


@pytest.mark.parametrize(
    ("phrase", "means", "message"),
    [
        ("SPEC_NAME provided", 'SPEC_NAME is "x"', 'already means "SPEC_NAME is not empty"'),
        ("server is not responding", "tool nats is not available", 'already means "server not responding"'),
        ("approved", "--approved provided", "already says how the directive above ended"),
        ("spec requires a database", 'DATABASE is "yes"', "already is left to judgement"),
        ("user is an admin", 'ROLE is "admin"', "already is answered by the user"),
        ("key does not exist", "A is empty", "is a condition of the language itself"),
        ("all is well", "A does not exits", "which is no condition"),
        ("{thing} is ripe", "A is empty", "has the unknown slot {thing}"),
        ("all is ripe", "{name} is empty", "has no slot {name}"),
        ("all is ripe", 3, "means no text"),
        ("{name} {text}", "{name} is {text}", "has two slots side by side"),
        ("{word}", '{word} is "x"', "has no word of its own"),
        ("{word} like {word}", '{word} is "x"', "has a slot twice"),
    ],
)
def test_a_phrase_that_cannot_be_taken_is_refused_in_one_line(phrase: str, means: object, message: str) -> None:
    with pytest.raises(InputError) as raised:
        user_phrasebook({phrase: means}, ".peerlint.yaml")
    line = str(raised.value)
    assert line.startswith(f'.peerlint.yaml: the phrase "{phrase}" ')
    assert message in line
    assert "\n" not in line

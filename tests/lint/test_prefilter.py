"""What keeps rules from running on files that they have nothing to say of changes no finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from peerlint.lint.engine import UNUSED_SUPPRESSION
from peerlint.lint.rules import all_rules, texts_of
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings, project_of
from tests.lint.recall import cases
from tests.lint.test_fixtures import ERR, FIXTURES, OK, read

PATH = ".agent-os/instructions/core/x.md"
#: A project that defines a subagent, so that others are unknown.
WITH_AGENT = Project({".claude/agents/reviewer.md": ""})
#: Forms that the examples of the rules do not have, each with the rule that it is for.
WRITTEN_OTHERWISE = (
    (
        "PL309",
        '<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <error>No spec</error>\n'
        "    <stop/>\n  </check>\n</validation>\n\n</step>\n",
    ),
    (
        "PL406",
        '<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <display>No spec</display>\n'
        "  </check>\n</validation>\n\n</step>\n",
    ),
    (
        "PL705",
        '<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app-state AS CYCLE\n'
        "  STORE: last in app-state = CYCLE\n</a_logic>\n\n</step>\n",
    ),
    ("PL401", "## Step 1: Read\n\nRead the plan.\n\n## Step 2: Work\n\nGO TO Step 9\n"),
    (
        "PL601",
        '<step number="1" name="a" agent="nobody">\n\nLook.\n\n</step>\n',
    ),
    ("PL401", '<step number="1">\n\nLook.\n\n</step>\n<step number="2">\n\nPROCEED TO STEP 9\n\n</step>\n'),
    (
        "PL702",
        '<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app.state AS CYCLE\n</a_logic>\n\n</step>\n',
    ),
    (
        "PL801",
        '<step number="1" name="a">\n\n<validation>\n  <check if="the plan feels right">\n    <stop/>\n'
        "  </check>\n</validation>\n\n</step>\n",
    ),
)


@cache
def _texts() -> tuple[tuple[SourceText, Project], ...]:
    return tuple(_all_texts())


def _all_texts() -> Iterator[tuple[SourceText, Project]]:
    for rule_id in all_rules():
        for example in (*texts_of(rule_id).invalid, *texts_of(rule_id).valid):
            yield SourceText(example.path, example.text), project_of(example)
    for path in (*OK, *ERR):
        yield read(path, FIXTURES / ("ok" if path in OK else "err")), Project()
    for case in cases(range(1)):
        yield SourceText(case.path, case.text), Project(case.files)
    for _, text in WRITTEN_OTHERWISE:
        yield SourceText(PATH, text), WITH_AGENT


@pytest.mark.parametrize("only_calls", [False, True], ids=["all", "calls"])
def test_a_rule_that_is_not_run_would_have_found_nothing(only_calls: bool) -> None:
    rules = [rule for rule in all_rules().values() if rule.only_calls is only_calls and rule.id != UNUSED_SUPPRESSION]
    always = [replace(rule, needs=(), only_calls=False) for rule in rules]
    lost = []
    for source, project in _texts():
        found = findings(source, rules, project)
        lost += [(d.code, source.text) for d in findings(source, always, project) if d not in found]
    assert lost == []


@pytest.mark.parametrize(("rule", "text"), WRITTEN_OTHERWISE, ids=[rule for rule, _ in WRITTEN_OTHERWISE])
def test_a_rule_speaks_of_forms_that_its_examples_do_not_have(rule: str, text: str) -> None:
    found = findings(SourceText(PATH, text), [all_rules()[rule]], WITH_AGENT)

    assert [d.code for d in found] == [rule]

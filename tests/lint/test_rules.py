"""Each rule on its own examples, which are written in its rule file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from peerlint.lint.rules import Example, Rule, all_rules, texts_of
from peerlint.source.text import SourceText
from tests.lint.laws import applied, check_laws, findings, project_of


def _examples() -> Iterator[Any]:
    for rule in all_rules().values():
        texts = texts_of(rule.id)
        for example in (*texts.valid, *texts.invalid):
            yield pytest.param(rule, example, id=f"{rule.id}-{example.title.replace(' ', '_')}")


def _rows(rule: Rule, example: Example) -> list[int]:
    source = SourceText(example.path, example.text)
    # PL001 asks what the other rules found.
    rules = list(all_rules().values()) if rule.id == "PL001" else [rule]
    return [
        source.lines.position(d.span.start).row
        for d in findings(source, rules, project_of(example))
        if d.code == rule.id
    ]


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_a_rule_speaks_on_the_lines_that_its_example_names(rule: Rule, example: Example) -> None:
    assert _rows(rule, example) == list(example.lines)


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_the_laws_hold_on_examples(rule: Rule, example: Example) -> None:
    check_laws(SourceText(example.path, example.text), project_of(example))


@pytest.mark.parametrize(("rule", "example"), list(_examples()))
def test_examples_with_windows_line_ends_give_the_same_rows(rule: Rule, example: Example) -> None:
    windows = replace(example, text=example.text.replace("\n", "\r\n"))

    assert _rows(rule, windows) == list(example.lines)


@pytest.mark.parametrize(("rule", "example"), [case for case in _examples() if case.values[1].fixed is not None])
def test_fixes_make_the_text_that_the_example_shows(rule: Rule, example: Example) -> None:
    fixed = applied(SourceText(example.path, example.text), [rule], project_of(example))

    assert fixed.text == example.fixed


@pytest.mark.parametrize("rule", list(all_rules().values()), ids=lambda rule: rule.id)
def test_a_rule_is_fixable_exactly_where_an_example_is_fixed(rule: Rule) -> None:
    assert rule.fixable == any(example.fixed is not None for example in texts_of(rule.id).invalid)


@pytest.mark.parametrize("rule", list(all_rules().values()), ids=lambda rule: rule.id)
def test_each_rule_has_examples_of_both_kinds(rule: Rule) -> None:
    texts = texts_of(rule.id)

    assert texts.valid
    assert texts.invalid


@pytest.mark.parametrize("example", texts_of("PL305").invalid, ids=lambda example: example.title)
def test_an_error_that_ends_nothing_is_no_open_branch_too(example: Example) -> None:
    source = SourceText(example.path, example.text)
    rules = all_rules()

    codes = [d.code for d in findings(source, list(rules.values()), project_of(example))]

    assert "PL305" in codes
    assert "PL406" not in codes


def test_where_nobody_else_speaks_an_error_is_an_open_branch() -> None:
    example = texts_of("PL305").invalid[0]

    found = findings(SourceText(example.path, example.text), [all_rules()["PL406"]])

    assert [d.code for d in found] == ["PL406"]

"""What keeps rules that look only at calls from running changes no finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from peerlint.lint.rules import Example, Rule, all_rules, texts_of
from peerlint.source.text import SourceText
from tests.lint.laws import findings, project_of


def _examples() -> Iterator[Example]:
    for rule_id in all_rules():
        yield from (*texts_of(rule_id).invalid, *texts_of(rule_id).valid)


@pytest.mark.parametrize("rule", [r for r in all_rules().values() if r.only_calls], ids=lambda rule: rule.id)
def test_a_rule_that_is_not_run_would_have_found_nothing(rule: Rule) -> None:
    always = replace(rule, needs=(), only_calls=False)
    for example in _examples():
        source = SourceText(example.path, example.text)
        assert findings(source, [rule], project_of(example)) == findings(source, [always], project_of(example))

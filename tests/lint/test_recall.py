"""Anti-patterns planted into clean files are found, by each rule and in all."""

from __future__ import annotations

import pytest

from peerlint.source.text import SourceText
from tests.lint import recall_authors as authors
from tests.lint.laws import Project, findings
from tests.lint.recall import CLEAN, PLANTS, PYTHON_PLANTS, cases, measured, table

SEEDS = range(3)
#: What has to be found of all plants, and of those of one rule.
AIM, AIM_OF_A_RULE = 0.98, 0.9


def test_what_is_planted_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    counts, missed = measured(SEEDS)

    with capsys.disabled():
        print(f"\n{table(counts)}")
    found, total = (sum(pair[i] for pair in counts.values()) for i in (0, 1))
    shown = sorted({f"{case.rule} {case.how}" for case in missed})
    assert found >= AIM * total, shown
    assert all(hit >= AIM_OF_A_RULE * of for hit, of in counts.values()), shown


def test_the_files_are_clean_before_something_is_planted() -> None:
    from peerlint.lint.rules import all_rules

    planted = {plant.rule for plant in (*PLANTS, *PYTHON_PLANTS)}
    rules = [all_rules()[rule] for rule in sorted(planted)]

    assert findings(SourceText(".agent-os/instructions/core/x.md", CLEAN.read_text()), rules, Project()) == []


def test_plants_differ_from_seed_to_seed() -> None:
    first, second = (list(cases(range(seed, seed + 1))) for seed in (0, 1))

    assert len(first) == len(second)
    assert sum(a.text == b.text for a, b in zip(first, second, strict=True)) < len(first) / 10


def test_what_ten_authors_write_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    by_rule, by_author, missed = authors.measured()

    with capsys.disabled():
        print(f"\n{table(by_rule)}")
    found, total = (sum(pair[i] for pair in by_rule.values()) for i in (0, 1))
    shown = sorted({f"{case.manner.rule} {case.author}" for case in missed})
    assert found >= AIM * total, shown
    assert all(hit >= AIM_OF_A_RULE * of for hit, of in (*by_rule.values(), *by_author.values())), shown


@pytest.mark.parametrize("author", authors.LAYOUTS)
def test_the_files_of_the_authors_are_clean_before(author: str) -> None:
    from peerlint.lint.rules import all_rules

    rules = [all_rules()[rule] for rule in sorted({manner.rule for manner in (*authors.MANNERS, *authors.LATER)})]
    path, text = authors.LAYOUTS[author]("Read it once more.")

    assert findings(SourceText(path, text), rules, Project()) == []

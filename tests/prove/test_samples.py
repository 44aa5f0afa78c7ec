"""Texts made for a pattern are matched by it, also in the eyes of grep."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.prove.samples import found_by_grep, sample

PATTERNS = ["^(WARN|ERROR)", "^v[0-9]+$", "[^a]b", "a{2,3}|c", r"^[A-Z]{3}-[[:digit:]]+ \.md$", "x?y*z", "[]a]b", "."]


@pytest.mark.skipif(shutil.which("grep") is None, reason="there is no grep")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_grep_finds_the_sample(pattern: str) -> None:
    text = sample(pattern)
    assert text is not None
    assert subprocess.run(["grep", "-qE", pattern], input=text + "\n", text=True, check=False).returncode == 0


@pytest.mark.skipif(shutil.which("grep") is None, reason="there is no grep")
@pytest.mark.parametrize("pattern", ["**Given**", "^*a", r"a\(*b\|*c\)", r"[0-9]\{3\}-(x)", "a+b*"])
def test_grep_finds_the_sample_of_a_basic_expression(pattern: str) -> None:
    text = found_by_grep(["grep", pattern])
    assert text is not None
    assert subprocess.run(["grep", "-q", pattern], input=text + "\n", text=True, check=False).returncode == 0


@settings(max_examples=200, deadline=None)
@given(st.text("ab|()[]^$*+?{}12,.\\-", max_size=12))
def test_any_text_has_a_sample_or_none_and_nothing_is_raised(pattern: str) -> None:
    assert isinstance(sample(pattern), str | None)


def test_what_is_no_pattern_has_no_sample() -> None:
    assert sample("(a") is None

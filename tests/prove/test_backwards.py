"""Filters backwards: what is made of a value comes out of the real filters as that value again."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from peerlint.prove.backwards import source_of

#: A pipeline, and the value that shall come out of it.
CASES = [
    ("grep -A2 'staging:' | grep 'status:' | awk '{print $2}'", "approved"),
    ("grep '^name:' | sed 's/^name: *//'", "plan"),
    ("grep 'github:' | grep -oE '[0-9]+$'", "12"),
    ("grep 'github:' | cut -d: -f2 | tr -d ' '", "x"),
    ("cut -d '=' -f 2", "value"),
    ("awk -F: '{print $3}'", "third"),
    ("awk '/Version/ {print $2}'", "1.2"),
    ("awk '{print $NF}'", "last"),
    ("grep -c 'image:'", "3"),
    ("grep -c 'api/\\|backend'", "2"),
    ("grep -c '^T[0-9]\\{3\\}'", "1"),
    ("sort -u | wc -l | tr -d ' '", "1"),
    ("wc -l", "5"),
    ("grep -v draft | head -1", "final"),
    ("sed -n 's/^Version: *\\(.*\\)$/\\1/p'", "2.0"),
    ("sed -E 's/^v([0-9.]+)$/\\1/'", "2.0"),
    ("sed 's/.*: //'", "open"),
    ("grep -F 'a.b[1]' | cut -d ' ' -f2", "x"),
]


@pytest.mark.parametrize(("pipeline", "value"), CASES)
def test_the_filters_make_the_value_of_it(pipeline: str, value: str) -> None:
    text = source_of([shlex.split(part) for part in pipeline.split(" | ")], value)
    assert text is not None
    done = subprocess.run(["bash", "-c", pipeline], input=text + "\n", text=True, capture_output=True, check=False)
    assert done.stdout.strip() == value


@pytest.mark.parametrize(
    "pipeline", ["awk '{print $1 > \"f\"}'", "grep '('  -E", "wc -c", "python3 x.py", "grep -c a | wc -c"]
)
def test_what_is_not_known_has_no_source(pipeline: str) -> None:
    assert source_of([shlex.split(part) for part in pipeline.split(" | ")], "4") is None

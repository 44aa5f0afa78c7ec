"""jq and regular expressions of a file: as the tools do it, out of reach of the host."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peerlint.run import ere, jsontext
from peerlint.run.filters import Filters
from peerlint.run.world import Cause, EffectFailure


@pytest.fixture(scope="module")
def filters() -> Iterator[Filters]:
    made = Filters()
    yield made
    made.close()


def failure(filters: Filters, program: str, text: str = "null", flags: str = "") -> EffectFailure:
    with pytest.raises(EffectFailure) as raised:
        filters.jq(program, text, flags, {})
    assert raised.value.cause is Cause.FILTER
    return raised.value


@pytest.mark.parametrize(
    ("program", "text", "flags", "output"),
    [
        (
            ".",
            '{"b":1,"a":[1,2],"e":[],"o":{}}',
            "",
            '{\n  "b": 1,\n  "a": [\n    1,\n    2\n  ],\n  "e": [],\n  "o": {}\n}',
        ),
        (".", '{"b":1,"a":[1,2]}', "-c", '{"b":1,"a":[1,2]}'),
        (".", '{"b":1,"a":"ü"}', "-cS", '{"a":"ü","b":1}'),
        (".[]", '["a\\nb", "\\u0001", 1]', "-r", "a\nb\n\x01\n1"),
        (".[]", '["a", null]', "", '"a"\nnull'),
        (".", "1 2", "-s", "[\n  1,\n  2\n]"),
        ("1 + 1", "", "-n", "2"),
        (".a # the field", '{"a": true}', "-e", "true"),
        (".x.env", '{"x": {"env": 5}}', "", "5"),
        ('"env \\(1)"', "null", "-r", "env 1"),
        ("$NAME", "null", "-r", 'a"b'),
        (".", "", "", ""),
        ("def f: 2; f", "null", "", "2"),
    ],
)
def test_output_is_that_of_the_tool(filters: Filters, program: str, text: str, flags: str, output: str) -> None:
    assert filters.jq(program, text, flags, {"NAME": 'a"b'}) == output


@pytest.mark.parametrize("program", ["env", "$ENV.HOME", "[inputs]", "input_filename", 'import "a" as a; .', "halt"])
def test_what_reaches_out_is_refused(filters: Filters, program: str) -> None:
    assert "is not available here" in failure(filters, program).message


def test_the_child_sees_no_environment(filters: Filters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    assert "s3cret" not in filters.jq('"\\(env)"', "null", "-r", {})


def test_exit_codes_and_what_was_printed_before(filters: Filters) -> None:
    assert failure(filters, ".a[").code == 3
    assert failure(filters, ".", "{").code == 2
    broken = failure(filters, '1, error("no")')
    assert (broken.code, broken.output, broken.message) == (5, "1", "jq: error: no")
    assert failure(filters, ".a", '{"a": false}', "-e").code == 1
    assert failure(filters, "empty", "null", "-e").code == 4


def test_a_program_cannot_leave_its_parentheses(filters: Filters) -> None:
    assert failure(filters, ".a) | (.b").code == 3


def test_a_program_that_never_ends_is_killed_and_the_next_one_runs() -> None:
    hasty = Filters(time_limit=0.5)
    started = time.monotonic()
    assert "limits" in failure(hasty, "[repeat(1)] | length").message
    with pytest.raises(EffectFailure):
        hasty.matches("(a*)*(a*)*(a*)*b", "a" * 40)
    assert time.monotonic() - started < 5
    assert hasty.jq(".", "1", "", {}) == "1"
    hasty.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4, alphabet='abü"\n'), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.skipif(shutil.which("jq") is None, reason="the jq tool is not here")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values, st.sampled_from(["", "-c", "-r", "-S"]))
def test_printed_as_the_real_tool_prints(filters: Filters, value: object, flags: str) -> None:
    import json

    text = json.dumps(value)
    argv = ["jq", *([flags] if flags else []), "."]
    real = subprocess.run(argv, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    assert filters.jq(".", text, flags, {}) == real.rstrip("\n")


@given(json_values)
def test_json_text_survives_reading_and_printing(value: object) -> None:
    import json

    text = json.dumps(value)
    assert json.loads(jsontext.dump(jsontext.parse(text))) == value
    assert json.loads(jsontext.dump(jsontext.parse(text), compact=True)) == value


PATTERN_PIECES = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "[[:digit:]]",
    "[]a]",
    "[a\\]",
    "(a|b)",
    "a*",
    "b+",
    "a?",
    "a{2}",
    "^",
    "$",
    "\\.",
    "{",
    "\\b",
    "1",
]


@pytest.mark.skipif(shutil.which("grep") is None, reason="grep is not here")
@pytest.mark.parametrize("pattern", ["[--a]", "[^--]", "[+--]", "[a-]", "[---]", "[+-]", "[a-c-]", "[^---a]", "[+--a]"])
@pytest.mark.filterwarnings("error")
def test_dashes_in_brackets_mean_what_they_mean_to_grep(pattern: str) -> None:
    characters = "a-+],.b/0"
    command = ["grep", "-E", "-e", pattern]
    done = subprocess.run(
        command, input="\n".join(characters), text=True, capture_output=True, env={**os.environ, "LC_ALL": "C"}
    )
    matched = [] if done.returncode == 2 else done.stdout.split()
    try:
        assert [each for each in characters if re.search(ere.to_python(pattern), each)] == matched
    except ValueError:
        assert done.returncode == 2


@pytest.mark.skipif(shutil.which("grep") is None, reason="grep is not here")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(PATTERN_PIECES), min_size=1, max_size=4),
    st.lists(st.text("ab1.]\\{", max_size=4), max_size=2),
)
def test_patterns_match_as_grep_does(filters: Filters, pieces: list[str], lines: list[str]) -> None:
    pattern, text = "".join(pieces), "\n".join(lines)
    done = subprocess.run(["grep", "-E", "-q", "-e", pattern], input=text + "\n", text=True, stderr=subprocess.DEVNULL)
    if done.returncode <= 1:
        assert filters.matches(pattern, text) is (done.returncode == 0), pattern


@given(st.text("a[]()*+?{}|^$\\:123,-b", max_size=12))
def test_any_text_is_a_pattern_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        re.compile(ere.to_python(text))

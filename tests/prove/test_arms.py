"""Which arms a run of bash has taken, told from the lines that bash shows: those, and no others in the same row."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from peerlint.prove.arms import Arms

#: A script, what it is given as A, and the arms that are taken.
CASES = {
    "a test that fails before an assignment": ('[ -z "$A" ] && A=none\n', "x", {"call1:1 && arm 2"}),
    "a test that holds before an assignment": ('[ -z "$A" ] && A=none\n', "", {"call1:1 && arm 1"}),
    "two assignments in a row": (
        '[ -z "$A" ] && B=one || B=two\n',
        "x",
        {"call1:1 &&1 arm 2", "call1:1 ||2 arm 1"},
    ),
    "two assignments of what is only known later": (
        '[ -z "$A" ] && B="one $A" || B="two $A"\n',
        "x",
        {"call1:1 &&1 arm 2", "call1:1 ||2 arm 1"},
    ),
    "an assignment that adds": ('[ -n "$A" ] && B+=more\n', "x", {"call1:1 && arm 1"}),
    "an array that grows": ('[ -n "$A" ] && B+=("$A")\n', "x", {"call1:1 && arm 1"}),
    "two lines of one command": (
        'test -z "$A" && echo "none: $A" || echo "some: $A"\n',
        "x",
        {"call1:1 &&1 arm 2", "call1:1 ||2 arm 1"},
    ),
    "two lines of one command that end differently": (
        'test -z "$A" && echo "$A: none" || echo "$A: some" of it\n',
        "x: none",
        {"call1:1 &&1 arm 2", "call1:1 ||2 arm 1"},
    ),
    "one end that is the end of another": (
        'test -z "$A" && echo "$A yes" || echo "$A or yes"\n',
        "x",
        {"call1:1 &&1 arm 2", "call1:1 ||2 arm 1"},
    ),
    "a text of two lines in an arm": ('if test -n "$A"; then\n  echo "a:\n$A"\nfi\n', "x", {"call1:1 arm 1"}),
    "a text of two lines behind another word": (
        'if test -n "$A"; then\n  printf "%s" "a:\n$A"\nfi\n',
        "x",
        {"call1:1 arm 1"},
    ),
    "a text of two lines behind a file": (
        '[ -n "$A" ] &&\n  echo >&2 "a:\n$A" ||\n  git \\\n    tag "b\nc"\n',
        "x",
        {"call1:1 &&1 arm 1", "call1:1 ||2 arm 2"},
    ),
    "two lines in a variable of the environment": (
        'if [ -n "$A" ]; then\n  export B="a\nb"\nelse\n  echo no\nfi\n',
        "x",
        {"call1:1 arm 1"},
    ),
    "code in a here-document": (
        'cat <<E\n\nis $(if [ -n "$A" ]; then\n  echo "$A"\nelse\n  echo none; fi)\nor $([ -z "$A" ] && echo no)\nE\n',
        "x",
        {"call1:3 arm 1", "call1:7 && arm 2"},
    ),
    "code in two here-documents": (
        'cat <<E && cat \\\n  <<F\n$([ -n "$A" ] && echo one)\nE\n\n$([ -z "$A" ] && echo two)\nF\n',
        "x",
        {"call1:1 && arm 1", "call1:3 && arm 1", "call1:6 && arm 2"},
    ),
    "a condition of two lines": ('if [ "$A" = "b\nc" ]; then\n  B=1\nelse\n  B=2\nfi\n', "x", {"call1:1 arm 2"}),
    "an arm with an assignment": ('if [ -z "$A" ]; then B=1; else B=2; fi\n', "x", {"call1:1 arm 2"}),
}


def taken(script: str, given: str, folder: Path) -> frozenset[str]:
    (folder / "call1.sh").write_text(script)
    done = subprocess.run(
        ["bash", "-c", "PS4=$'+\\x1e${BASH_SOURCE}\\x1f${LINENO}\\x1e '; set -x; . ./call1.sh"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "A": given},
        cwd=folder,
        check=False,
    )
    return Arms({"call1": script}).taken(done.stderr, "")


@pytest.mark.parametrize("name", CASES)
def test_the_arms_that_a_run_takes(name: str, tmp_path: Path) -> None:
    script, given, expected = CASES[name]
    assert taken(script, given, tmp_path) == expected

"""Plain lines of a `.gitignore` say what the library says of them, and what real git does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from peerlint.source.project.plain_ignore import plain_rules

_SEGMENTS = ["a", "b", "ab", "*.a", "a*", "*", "?", "[ab]", "a.b", ".a", "a?", "*a*", "..", "A", "a-b", "[ab]*", "**"]
_NAMES = ["a", "b", "ab", "x.a", ".a", "a.b", "aa", "a-b", "A", "xaX", "c"]


def _lines() -> st.SearchStrategy[str]:
    body = st.lists(st.sampled_from(_SEGMENTS), min_size=1, max_size=3).map("/".join)
    return st.builds(
        lambda before, body, behind: before + body + behind,
        st.sampled_from(["", "", "", "/", "**/", "!", "#", " "]),
        body,
        st.sampled_from(["", "", "/", "/*", " "]),
    )


_PATHS = st.builds(
    lambda names, behind: "/".join(names) + behind,
    st.lists(st.sampled_from(_NAMES), min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
)


@given(st.lists(_lines(), min_size=1, max_size=3), st.lists(_PATHS, min_size=1, max_size=8))
def test_a_verdict_is_that_of_the_library(lines: list[str], paths: list[str]) -> None:
    rules = plain_rules(lines)
    if rules is not None:
        spec = GitIgnoreSpec.from_lines(lines)
        assert [rules(path) for path in paths] == [spec.check_file(path).include for path in paths]


_COMMON = "# made\n\nnode_modules/\n*.log\n.env\n.env.*\n/dist\n*.py[cod]\nbuild/out\n**/tmp\nlogs/*\n.idea/\n"


def test_a_verdict_is_that_of_git(tmp_path: Path) -> None:
    rules = plain_rules(_COMMON.splitlines())
    assert rules is not None
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text(_COMMON, encoding="utf-8")
    files = ["a.log", "x/a.log", ".env", ".env.test", "env", "dist", "x/dist", "m.pyc", "m.py", "build/out", "out"]
    files += ["node_modules", "x/tmp/y", "tmp.md", "logs/x", "x/logs/x"]
    asked = ["git", "-C", str(tmp_path), "check-ignore", "--no-index", *files]
    ignored = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    assert [file for file in files if rules(file)] == ignored
    assert rules("node_modules/") is True
    assert rules("x/.idea/") is True


@pytest.mark.parametrize(
    "line", ["!keep", "a b", "a\\*", "[!a]", "[a-z]", "a/**", "a**", "x/../y", "//a", "[ab", "é", "/"]
)
def test_any_other_line_is_left_to_the_library(line: str) -> None:
    assert plain_rules(["node_modules/", line]) is None

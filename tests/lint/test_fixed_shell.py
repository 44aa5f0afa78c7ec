"""What shell prints before and after the fix of a finding, under real bash."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from peerlint.lint.diagnostics import Applicability
from peerlint.lint.rules import all_rules
from peerlint.source.text import SourceText
from tests.lint.laws import findings

PATH = ".agent-os/instructions/core/a.md"
STEP = '<step number="1" name="a">\n\n```bash\n{}\n```\n\n</step>\n'


def printed(code: str, folder: Path) -> tuple[str, int]:
    """Output and exit code of a piece of shell in a folder."""
    done = subprocess.run(["bash", "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=20)
    return done.stdout, done.returncode


def fixed(code: str, rule: str) -> tuple[str, Applicability]:
    """The shell after the fix of the only finding of a rule, and what the fix needs."""
    source = SourceText(PATH, STEP.format(code))
    (finding,) = findings(source, [all_rules()[rule]])
    assert finding.fix is not None
    after = source.edited(finding.fix.edits).text
    return after.split("```bash\n")[1].split("\n```")[0], finding.fix.applicability


@pytest.mark.parametrize("content", [None, "", "todo\ndone\n"], ids=["missing", "no match", "one match"])
@pytest.mark.parametrize(
    "count",
    [
        "N=$(grep -c todo notes.md 2>/dev/null || echo 0)",
        "set -e; N=$(grep -c todo notes.md 2>/dev/null || echo 0)",
        'N="$(grep -ci TODO notes.md 2>/dev/null || echo 0)"',
        "N=$(cat notes.md 2>/dev/null | grep -c todo || echo 0)",
        "f() { local N=$(grep -c todo notes.md 2>/dev/null || echo 0); M=$N; }; f; N=$M",
        'TEXT=$(cat notes.md 2>/dev/null); N=$(grep -c todo <<< "$TEXT" || echo 0)',
    ],
)
def test_a_count_keeps_its_number_and_loses_the_second_one(tmp_path: Path, count: str, content: str | None) -> None:
    if content is not None:
        (tmp_path / "notes.md").write_text(content)
    code, applicability = fixed(count, "PL306")

    before, _ = printed(f"{count}\nprintf '%s\\n' \"$N\"", tmp_path)
    after, status = printed(f"{code}\nprintf '%s\\n' \"$N\"", tmp_path)
    assert applicability is Applicability.SAFE
    assert (after, status) == (before.splitlines()[0] + "\n", 0)


def test_a_count_that_is_no_assignment_of_its_own_needs_unsafe_fixes() -> None:
    code, applicability = fixed('test -d src && N=$(grep -c todo notes.md || echo 0) && echo "$N"', "PL306")

    assert applicability is Applicability.UNSAFE
    assert code == 'test -d src && N=$(grep -c todo notes.md || true) && echo "$N"'


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize(
    "line",
    [
        'test -f plan.md && echo "EXISTS" || echo "MISSING"',
        "[ ! -f plan.md ] && echo none || echo 'a  plan' >&1",
        "! grep -q done plan.md 2>/dev/null && echo open || echo closed",
        "ls | grep -q plan && echo yes || echo no",
        "test -f plan.md && printf 'there: %s\\n' \"$HOME\" || printf 'gone\\n' >&2",
        '[ -f plan.md ] && { echo yes; echo "go on"; } || { printf "no\\n"; }',
        "test -d . && test -f plan.md && echo yes || echo no",
        "test -f todo.md || test -f plan.md && echo yes || { echo no; }",
    ],
)
def test_a_test_that_speaks_says_the_same_as_a_condition(tmp_path: Path, line: str, there: bool) -> None:
    if there:
        (tmp_path / "plan.md").write_text("done\n")
    code, applicability = fixed(line, "PL308")

    assert applicability is Applicability.SAFE
    assert code.startswith("if ")
    assert printed(code, tmp_path) == printed(line, tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "test -f plan.md && printf '%d\\n' \"$N\" || echo missing",
        'test -f plan.md && printf "$FORM" || echo missing',
        "test -f plan.md && { echo yes\n} || { echo no; }",
    ],
)
def test_a_test_whose_message_may_fail_or_spans_lines_is_found_and_left_to_a_person(line: str) -> None:
    (finding,) = findings(SourceText(PATH, STEP.format(line)), [all_rules()["PL308"]])

    assert finding.fix is None


@pytest.mark.parametrize(
    "line",
    [
        "test -f plan.md && echo yes > answer || echo no > answer",
        "test -f plan.md && printf -v ANSWER yes || printf -v ANSWER no",
        "test -f plan.md && { echo yes; make; } || { echo no; }",
        "test -f plan.md && { echo yes; } || { echo no; exit 1; }",
        "test -f plan.md && echo yes",
        "make || echo no && echo done",
        "make && echo built && echo tested || echo failed",
    ],
)
def test_what_does_more_than_speak_is_no_test_that_speaks(line: str) -> None:
    assert not findings(SourceText(PATH, STEP.format(line)), [all_rules()["PL308"]])

"""`--add-ignore`: comments where they belong, nothing else touched, and then nothing is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.test_check import CALLS_A_SCRIPT, INSTRUCTION, run, write

WORDS = r"<!-- peerlint: ignore(?:-file)?\[[^\]]*\] [^>]*-->"
COMMENT = re.compile(rf"(?:(?<=\n)|(?<=\ufeff)|\A)[ \t]*{WORDS}\r?\n| {WORDS}")

PIECES = [
    CALLS_A_SCRIPT,
    CALLS_A_SCRIPT.replace("Run", "  - Run"),
    '<step number="2" name="table">\n\n| a | b |\n|---|---|\n| Run `./scripts/a.sh` | now |\n\n</step>\n',
    '<step number="3" name="fence">\n\n```bash\nif ./scripts/a.sh; then echo ok; fi\n```\n\n</step>\n',
    '<step number="4" name="logic">\n\n<a_logic>\n  ACTION: Use Bash to run ./scripts/b.sh\n</a_logic>\n\n</step>\n',
    "Some text\nRun `./scripts/c.sh` then\nand more text.\n\n",
    "Execute the checks of the\n`./scripts/d.sh` script (all of them),\nand look at the rest.\n\n",
    "Execute the validator to check this:\n!~/.agent-os/scripts/v.sh check\n\n",
    "Then run the script:\n```bash\n./scripts/e.sh\n```\n\n",
    "# Heading\n\nDo it. 😀\n\n",
    '<step number="5" name="half">\n\nIF [ -z "$VERSION" ]; then\n  ERROR: "none"\nfi\nPROCEED to step 9\n\n</step>\n',
]


def test_a_comment_with_the_reason_stands_above_the_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(project, CALLS_A_SCRIPT)

    assert run(".", "--add-ignore", "--reason", "installed by hand") == 0
    assert capsys.readouterr().out == "Accepted 1 finding with comments.\n"
    assert path.read_text() == CALLS_A_SCRIPT.replace("Run", "<!-- peerlint: ignore[PL101] installed by hand -->\nRun")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=4),
    front_matter=st.sampled_from(["", "---\ndescription: x\n---\n"]),
    end_of_line=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_only_comments_are_added_and_nothing_is_found_after_it(
    project: Path, pieces: list[str], front_matter: str, end_of_line: str, mark: str
) -> None:
    text = mark + (front_matter + "".join(pieces)).replace("\n", end_of_line)
    path = project / INSTRUCTION
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())

    assert run(".", "--add-ignore") == 0
    once = path.read_bytes()
    assert COMMENT.sub("", once.decode()) == text
    assert run(".") == 0
    assert run(".", "--add-ignore") == 0
    assert path.read_bytes() == once


def test_in_a_paragraph_the_comment_stands_at_the_end_of_the_line(project: Path) -> None:
    path = write(project, PIECES[5])

    run(".", "--add-ignore")
    assert "Run `./scripts/c.sh` then <!-- peerlint: ignore[PL101] accepted as it is -->\n" in path.read_text()


@pytest.mark.parametrize("reason", ["a --> b", "two\nlines", " "])
def test_a_reason_that_no_comment_can_hold_is_refused(project: Path, reason: str) -> None:
    path = write(project, CALLS_A_SCRIPT)

    assert run(".", "--add-ignore", "--reason", reason) == 2
    assert path.read_text() == CALLS_A_SCRIPT


def test_an_unused_comment_is_left_to_a_person(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "<!-- peerlint: ignore[PL101] why -->\nDo the work.\n"
    path = write(project, text)

    assert run(".", "--add-ignore") == 1
    assert "PL001" in capsys.readouterr().err
    assert path.read_text() == text


@pytest.mark.parametrize("others", [["--fix"], ["--watch"], ["-"], ["--write-baseline", "--baseline", "x"]])
def test_it_goes_alone(project: Path, others: list[str]) -> None:
    write(project, CALLS_A_SCRIPT)

    assert run("--add-ignore", *others) == 2


def test_what_no_comment_can_accept_is_said_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unused = "<!-- peerlint: ignore[PL201] not needed -->\nDo it.\n\n"
    write(project, unused * 2 + CALLS_A_SCRIPT, ".claude/commands/x.md")

    assert run(".", "--add-ignore") == 1
    assert capsys.readouterr().err == "No comment can accept PL001 (2 times) in .claude/commands/x.md.\n"

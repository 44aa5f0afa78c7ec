"""`--jobs` finds what one process finds, says it in the same order, and starts nothing but copies of peerlint."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest

from peerlint.cli.checker import Checker, FileCheck
from peerlint.cli.checking import Request, check
from peerlint.lint import engine
from peerlint.source.text import SourceText
from tests.cli.test_cache import FILE, FILES, OTHER, PLAIN, SCRIPT, change, write_project
from tests.command_line import peerlint
from tests.test_trust import audited

pytestmark = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="this system copies no processes"
)


@pytest.fixture
def there(project: Path) -> Path:
    """A project with files enough for several copies, of which one cannot be read."""
    shutil.rmtree(project)
    write_project(project)
    os.chdir(project)
    for number in range(20):
        change(f".claude/commands/more-{number:02}.md", FILES[OTHER] + f"\nMore: {number}\n")()
        change(f".claude/commands/plain-{number:02}.md", FILES[PLAIN])()
    change(".claude/commands/more-07.md", "a\0b")()
    return project


@pytest.mark.parametrize("number", ["0", "2", "3", "500"])
def test_the_same_is_said_in_the_same_order(there: Path, number: str) -> None:
    alone = peerlint("--no-cache", ".", cwd=there)
    assert alone.code == 2
    assert "more-07.md: is a binary file" in alone.complaint

    assert peerlint("--no-cache", "--jobs", number, ".", cwd=there) == alone


@pytest.mark.parametrize("form", ["sarif", "json", "html", "junit"])
def test_each_report_is_the_same(there: Path, form: str) -> None:
    options = ("--no-cache", "--preview", "--profile", "proved", "--output-format", form)
    assert peerlint(*options, "--jobs", "2", ".", cwd=there) == peerlint(*options, ".", cwd=there)


def test_what_copies_find_is_kept(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = peerlint("--jobs", "2", ".", cwd=there)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("it was linted again")

    monkeypatch.setattr(engine, "lint", fail)
    assert check(Request.of(["."])) == 2
    assert peerlint(".", cwd=there) == alone


def test_a_key_is_renamed_in_all_files_or_in_none(there: Path) -> None:
    # Whether a fix is offered hangs on what else the run checks, and each copy checks but a part of it.
    change(".claude/commands/more-15.md", FILES[FILE])()
    change("lib/put.sh", "nats kv put peer-state cycle:current 1\n")()
    options = ("--no-cache", "--select", "PL701", "--output-format", "json")
    for paths in ([".claude/commands"], ["."]):
        assert peerlint(*options, "--jobs", "2", *paths, cwd=there) == peerlint(*options, *paths, cwd=there)


def test_config_that_is_wrong_ends_the_run(there: Path) -> None:
    # Of the phrases only who reads a file hears that they are gone.
    change("docs/.peerlint.yaml", "phrases: [gone.yaml]\n")()
    change("docs/readme.md", FILES[FILE])()
    alone = peerlint("--no-cache", ".", cwd=there)
    assert alone.code == 2 and "gone.yaml" in alone.complaint
    assert peerlint("--no-cache", "--jobs", "2", ".", cwd=there) == alone


def test_a_rule_that_fails_is_reported_once(
    there: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr(engine, "_detector", lambda rule: fail)
    said = []
    for number in (1, 2):
        assert check(Request((Path(),), no_cache=True, jobs=number)) == 3
        said.append(capfd.readouterr())
    assert said[0] == said[1]
    assert "PL101" in said[0].err and "by chance" in said[0].err


def test_a_copy_that_is_killed_is_done_without(
    there: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = peerlint("--no-cache", ".", cwd=there)
    parent, check_file = os.getpid(), Checker.check

    def killed(checker: Checker, path: Path, source: SourceText) -> FileCheck:
        if path.name == "more-03.md" and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return check_file(checker, path, source)

    monkeypatch.setattr(Checker, "check", killed)
    assert check(Request((Path(),), no_cache=True, jobs=2)) == expected.code
    said = capfd.readouterr()
    assert (said.out, said.err) == (expected.out, expected.err)


def test_only_copies_are_started(there: Path, tmp_path: Path) -> None:
    _, events = audited("--jobs", "2", ".", cwd=there, report=tmp_path / "with")
    assert {event.split()[0] for event in events} == {"os.fork"}
    _, events = audited(".", cwd=there, report=tmp_path / "without")
    assert events == []


def test_a_number_that_is_none_is_one_line(there: Path) -> None:
    assert "--jobs" in peerlint("--jobs", "-1", SCRIPT, cwd=there).complaint


def test_a_system_that_copies_nothing_is_told(
    there: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    expected = peerlint("--no-cache", ".", cwd=there)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert check(Request((Path(),), no_cache=True, jobs=2)) == expected.code
    said = capfd.readouterr()
    assert said.out == expected.out
    assert said.err.splitlines() == [
        "peerlint: this system copies no processes, so --jobs is 1 here",
        expected.complaint,
    ]

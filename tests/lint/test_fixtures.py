"""Files that must be silent (`fixtures/ok`), and files with the findings that stand beside them (`fixtures/err`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.lint.diagnostics import FileFindings
from peerlint.lint.engine import default_rules, lint
from peerlint.lint.rules import LintSettings
from peerlint.report.concise import headline
from peerlint.source.text import SourceText
from tests.lint.laws import Project, check_laws

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
OK = sorted((FIXTURES / "ok").rglob("*.md"))
ERR = sorted((FIXTURES / "err").rglob("*.md"))


def read(path: Path, root: Path) -> SourceText:
    """A fixture, called by its path in its project."""
    return SourceText.decode(path.relative_to(root).as_posix(), path.read_bytes())


def concise(source: SourceText) -> list[str]:
    """The findings of the default profile, one line each."""
    diagnostics = lint(Project().read(source), LintSettings(default_rules()))
    file = FileFindings(source, tuple(diagnostics))
    return [headline(file.source, diagnostic) for diagnostic in file.diagnostics]


@pytest.mark.parametrize("path", OK, ids=lambda path: path.stem)
def test_good_files_are_silent(path: Path) -> None:
    assert concise(read(path, FIXTURES / "ok")) == []


@pytest.mark.parametrize("path", ERR, ids=lambda path: path.stem)
def test_bad_files_have_exactly_the_findings_beside_them(path: Path) -> None:
    assert concise(read(path, FIXTURES / "err")) == path.with_suffix(".out").read_text().splitlines()


@pytest.mark.parametrize("path", [*OK, *ERR], ids=lambda path: path.stem)
def test_the_laws_hold_on_fixtures(path: Path) -> None:
    root = FIXTURES / ("ok" if path in OK else "err")
    check_laws(read(path, root))


def test_there_are_fixtures() -> None:
    assert OK
    assert ERR

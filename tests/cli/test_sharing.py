"""Many files are shared among copies of the process: the same comes out, whatever becomes of a copy."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from peerlint.cli import sharing
from peerlint.cli.checker import Checker, Options
from peerlint.cli.common import Workspace
from peerlint.errors import InputError
from peerlint.lint import engine
from peerlint.lint.rules import Rule

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="work is shared on Linux only")
STEP = '<step number="1" name="a">\n\n```bash\n./scripts/{name}.sh\nX=1\n```\n\n```bash\necho $X\n```\n\n</step>\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / ".claude/commands"
    folder.mkdir(parents=True)
    for number in range(150):
        text = STEP.replace("{name}", f"s{number}") if number % 3 else "# Nothing\n\nRun the tests.\n"
        (folder / f"c{number:03}.md").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(params=[1, 2, 4], ids="{} processors".format)
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    count: int = request.param
    monkeypatch.setattr(sharing, "processors", lambda: count)
    return count


def checked(project: Path) -> tuple[Checker, list[tuple[str, str, int]]]:
    checker = Checker(Workspace(), Options())
    files = checker.files([project])
    inputs = [(path, checker.workspace.project(path).read(path)) for path in files]
    found = checker.all_findings(inputs)
    assert [path for path, _ in found] == files
    assert all(file.source is source for (_, file), (_, source) in zip(found, inputs, strict=True))
    return checker, [(path.name, d.code, d.span.start) for path, file in found for d in file.diagnostics]


def one_by_one(project: Path) -> tuple[Checker, list[tuple[str, str, int]]]:
    checker = Checker(Workspace(), Options())
    found = [
        (path, checker.findings(path, checker.workspace.project(path).read(path))) for path in checker.files([project])
    ]
    return checker, [(path.name, d.code, d.span.start) for path, file in found for d in file.diagnostics]


def test_the_same_is_found_in_the_same_order(project: Path, processors: int) -> None:
    checker, found = checked(project)
    alone, expected = one_by_one(project)
    assert found == expected
    assert len({name for name, _, _ in found}) == 100
    assert list(checker.rules) == list(alone.rules)


def test_the_work_is_really_done_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "processors", lambda: 3)
    started = os.getpid()

    def work(number: int) -> tuple[int, int]:
        if os.getpid() == started:
            signal.sigtimedwait([], 0.05)  # leaves the others time, however busy the machine is
        return os.getpid(), number * number

    results = sharing.shared(range(40), work)
    assert [result[1] for result in results if result] == [number * number for number in range(40)]
    assert {result[0] for result in results if result} - {started}


def test_nothing_is_lost_where_a_copy_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "processors", lambda: 2)
    started = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != started:
            os.kill(os.getpid(), signal.SIGKILL)
        signal.sigtimedwait([], 0.01)
        return number

    results = sharing.shared(range(40), work)
    assert len(results) == 40
    assert all(result in (number, None) for number, result in enumerate(results))
    assert results.count(None) == 1
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_rule_that_fails_is_named_once(project: Path, processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    detector = engine._detector

    def failing(rule: Rule) -> object:
        if rule.id == "PL201":
            raise ZeroDivisionError
        return detector(rule)

    monkeypatch.setattr(engine, "_detector", failing)
    checker, found = checked(project)
    assert len(checker.crashes) == 100
    assert {crash.rule.id for crash in checker.crashes} == {"PL201"}
    assert {code for _, code, _ in found} == {"PL101"}


def test_what_the_caller_must_mend_is_raised(project: Path, processors: int) -> None:
    folder = project / ".claude/commands/deep"
    folder.mkdir()
    (folder / "x.md").write_text("# x\n", encoding="utf-8")
    (folder / ".peerlint.yaml").write_text("phrases: [none.yaml]\n", encoding="utf-8")
    with pytest.raises(InputError):
        checked(project)

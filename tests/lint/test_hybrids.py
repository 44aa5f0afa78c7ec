"""The fix of PL107: the words hold exactly when the shell test would, and blocks that hold more stay as they are."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from peerlint.lint.diagnostics import Applicability, Diagnostic
from peerlint.lint.rules import all_rules
from peerlint.run.files import FolderFiles
from peerlint.run.local import Surroundings
from peerlint.run.machine import Machine
from peerlint.run.memory import MemoryWorld
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings
from tests.run.build import messages

PATH = ".agent-os/instructions/core/a.md"
STEP = '<step number="1" name="a">\n\n<a_logic>\n{}</a_logic>\n\n</step>\n'
BRANCHES = '  IF {}; then\n    DISPLAY: "yes"\n  ELSE\n    DISPLAY: "no"\n  fi\n'


def found(block: str) -> tuple[SourceText, list[Diagnostic]]:
    """A step with a block of logic, and what PL107 says of it."""
    source = SourceText(PATH, STEP.format(block))
    return source, findings(source, [all_rules()["PL107"]])


def fixed(block: str) -> str:
    """The block after the fix."""
    source, (first, *_) = found(block)
    assert first.fix is not None
    assert first.fix.applicability is Applicability.SAFE
    return source.edited(first.fix.edits).text.split("<a_logic>\n")[1].split("</a_logic>")[0]


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ('[ -z "$X" ]', "X is empty"),
        ('[ -n "$X" ]', "X is not empty"),
        ('[ "$X" = "" ]', "X is empty"),
        ('[ "$X" = "done" ]', 'X is "done"'),
        ('[[ "$X" == "$Y" ]]', "X is Y"),
        ("[[ $X != draft ]]", 'X is not "draft"'),
        ('[ "$X" -eq 3 ]', "X is 3"),
        ('[ "$X" -ge 3 ]', "X is at least 3"),
        ('! [ "$X" -gt 3 ]', "NOT (X is greater than 3)"),
        ('[ "$X" -lt "$Y" ]', "X is less than Y"),
        ('[ -f "notes/$X.md" ]', 'file "notes/[X].md" exists'),
        ("[ ! -d notes ]", 'folder "notes" does not exist'),
        ('[ -s "notes/a.md" ]', 'file "notes/a.md" is not empty'),
        ('[ -z "$X" ] && [ "$Y" = 3 ]', 'X is empty AND Y is "3"'),
        ('[ -z "$X" ] || [ -z "$Y" ] || [ "$X" = a ]', 'X is empty OR Y is empty OR X is "a"'),
    ],
)
@pytest.mark.parametrize("given", [{}, {"X": "3", "Y": "3"}, {"X": "done", "Y": "4"}, {"X": "a", "Y": ""}])
def test_the_words_hold_when_the_test_does(tmp_path: Path, test: str, words: str, given: Mapping[str, str]) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("a\n")
    block = fixed(BRANCHES.format(test))
    assert block == f'  IF {words}:\n    DISPLAY: "yes"\n  ELSE:\n    DISPLAY: "no"\n'

    reading = Project().read(SourceText(PATH, STEP.format(block)))
    world = MemoryWorld(Surroundings(files=FolderFiles(tmp_path)))
    result = Machine(world, reading.process, inputs=given).run()
    script = f"if {test}; then echo yes; else echo no; fi"
    shell = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=given, capture_output=True, text=True, check=False, timeout=20
    )
    assert messages(result) == shell.stdout.split()


def test_a_whole_block_is_mended_at_once() -> None:
    block = (
        "  READ: cycle.current from state AS CYCLE\n"
        '  IF [ -z "$CYCLE" ]; then\n    ERROR: "No cycle in ${MODE}"\n    STOP execution\n'
        '  ELIF [ "$MODE" = "fast" ]; then\n    WARN: "fast"\n  fi\n'
        '  IF --spec provided:\n    IF [ -n "$MODE" ]:\n      DISPLAY: "spec"\n'
    )

    assert fixed(block) == (
        "  READ: cycle.current from state AS CYCLE\n"
        '  IF CYCLE is empty:\n    ERROR: "No cycle in [MODE]"\n    STOP execution\n'
        '  ELSE IF MODE is "fast":\n    WARN: "fast"\n'
        '  IF --spec provided:\n    IF MODE is not empty:\n      DISPLAY: "spec"\n'
    )


def test_line_ends_of_windows_stay() -> None:
    block = BRANCHES.format('[ -z "$X" ]').replace("\n", "\r\n")

    assert fixed(block) == '  IF X is empty:\r\n    DISPLAY: "yes"\r\n  ELSE:\r\n    DISPLAY: "no"\r\n'


@pytest.mark.parametrize(
    "block",
    [
        '  IF [ -z "$X" ]; then\n    echo "a command"\n  fi\n',
        '  IF [ -z "$spec" ]; then\n    STOP execution\n  fi\n',
        '  IF [[ "$X" == feat* ]]; then\n    STOP execution\n  fi\n',
        '  IF [ -z "$(git status --short)" ]; then\n    STOP execution\n  fi\n',
        '  IF [ -z "$X" ] && [ -z "$Y" ] || [ -z "$Z" ]; then\n    STOP execution\n  fi\n',
        '  IF [ "$X" -nt "$Y" ]; then\n    STOP execution\n  fi\n',
        '  IF [ -z "$X" ]; then\n    do what seems best\n  fi\n',
    ],
    ids=["command", "small name", "pattern", "substitution", "mixed", "no words", "prose"],
)
def test_what_has_no_words_of_its_own_is_left(block: str) -> None:
    _, diagnostics = found(block)

    assert diagnostics
    assert [diagnostic.fix for diagnostic in diagnostics] == [None] * len(diagnostics)

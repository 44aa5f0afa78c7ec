"""What the pages tell a newcomer to type gives what they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.test_check import run, write

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(?P<language>\w+)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("page", "shown"), [("custom-rules.md", 2), ("running.md", 3)])
def test_a_page_does_what_it_says(page: str, shown: int, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if page == "custom-rules.md":
        pytest.importorskip("re2")
    commands = 0
    for block in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        if block["file"]:
            write(project, block["text"], block["file"])
        elif block["language"] == "console":
            command, _, output = block["text"].partition("\n")
            run(*command.removeprefix("$ peerlint ").split())
            captured = capsys.readouterr()
            assert captured.out + captured.err == output
            commands += 1
    assert commands == shown

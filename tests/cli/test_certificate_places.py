"""A certificate is the same wherever its author stood, and fits wherever it is looked at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from peerlint.run.sandbox import sandbox_problem
from tests.command_line import peerlint

STALE = "PL902"
EXECUTE = "sandbox" if sandbox_problem() is None else "host"
FILE = ".claude/commands/greet.md"
SCRIPT = """#!/bin/bash
if ! nats kv create locks greet mine > /dev/null 2>&1; then
  echo "somebody greets already"
  exit 1
fi
echo "hello"
"""
TEXT = """---
description: Greet somebody
---

# Greet

## Step 1: Greet

```bash
./scripts/greet.sh
```

## Step 2: Say goodbye

Say goodbye.
"""
#: Where somebody stands (relative to the project), and how they name the file from there.
PLACES = {"root": (".", FILE), "folder": (".claude/commands", "greet.md"), "absolute": ("/", "{root}/" + FILE)}


def git(project: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", *identity, *words], cwd=project, check=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_text(TEXT)
    (root / "scripts").mkdir()
    (root / "scripts/greet.sh").write_text(SCRIPT)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "before")
    return root


def from_place(project: Path, place: str, *words: str) -> tuple[int, str]:
    folder, name = PLACES[place]
    done = peerlint(*words, name.format(root=project), cwd=project / folder if folder != "/" else project.parent)
    assert "Traceback" not in done.err
    return done.code, done.out + done.err


def test_a_certificate_does_not_depend_on_where_one_stands(project: Path) -> None:
    certificates = {}
    certificate = project / (FILE + ".proof.json")
    for place in PLACES:
        code, said = from_place(project, place, "--fix", "--execute", EXECUTE)
        assert certificate.exists(), (code, said)
        certificates[place] = certificate.read_bytes()
        for other in PLACES:
            assert from_place(project, other, "prove", "--check")[0] == 0
            code, said = from_place(project, other, "check", "--select", STALE)
            assert code == 0, said
        certificate.unlink()
        git(project, "checkout", "-q", "--", FILE)
    assert certificates["root"] == certificates["folder"] == certificates["absolute"]
    assert b'"file": ".claude/commands/greet.md"' in certificates["root"]


def test_what_was_fixed_in_a_folder_is_proved_and_found_stale_elsewhere(project: Path) -> None:
    assert "proved" in from_place(project, "folder", "--fix", "--execute", EXECUTE)[1]
    for place in PLACES:
        code, said = from_place(project, place, "prove", "--execute", EXECUTE)
        assert code == 0, said
    (project / "scripts/greet.sh").write_text(SCRIPT + "echo more\n")
    for place in PLACES:
        code, said = from_place(project, place, "prove", "--check")
        assert (code, "scripts/greet.sh has changed" in said) == (1, True)
        assert "scripts/greet.sh has changed" in from_place(project, place, "check", "--select", STALE)[1]
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "after")
    assert from_place(project, "absolute", "prove", "--execute", EXECUTE)[0] == 0

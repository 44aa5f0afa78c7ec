"""The fix of PL701: a key is renamed in all files that are checked, or in none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_check import run, write

FOLDER = ".agent-os/instructions/core"
STEP = """<step number="1" name="read">

<read_command>
  nats kv info state
  nats kv get state "{}" --raw
</read_command>

</step>
"""


def invalid_keys(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """What PL701 says, as JSON."""
    capsys.readouterr()
    run(*arguments, "--select", "PL701", "--output-format", "json")
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def fix(*paths: str) -> None:
    run(*paths, "--select", "PL701", "--fix", "--unsafe-fixes", "--allow-dirty", "--execute", "never")


@pytest.fixture
def two(project: Path) -> tuple[Path, Path]:
    """Two files that name keys which begin alike."""
    first = write(project, STEP.format("cycle:current"), f"{FOLDER}/a.md")
    second = write(project, STEP.format("cycle:[N]:status") + "\nRead `cycle:current` first.\n", f"{FOLDER}/b.md")
    return first, second


def test_all_files_of_a_run_are_renamed_together(two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert [d["fix"]["applicability"] for d in invalid_keys(capsys, ".")] == ["unsafe", "unsafe"]

    fix(".")

    assert [path.read_text().count(":") for path in two] == [0, 0]
    assert 'get state "cycle.[N].status"' in two[1].read_text()
    assert invalid_keys(capsys, ".") == []


def test_a_file_that_is_not_checked_is_named_and_nothing_is_renamed(
    two: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = two[0].read_text()
    (found,) = invalid_keys(capsys, f"{FOLDER}/a.md")

    assert found["fix"]["applicability"] == "manual"
    assert f"line 5 of {FOLDER}/b.md, line 10 of {FOLDER}/b.md" in found["fix"]["message"]
    assert [(r["filename"], r["location"]["row"]) for r in found["related"]] == [
        (f"{FOLDER}/b.md", 5),
        (f"{FOLDER}/b.md", 10),
    ]
    fix(f"{FOLDER}/a.md")
    assert two[0].read_text() == before


@pytest.mark.parametrize(
    ("name", "text", "counts"),
    [
        ("scripts/put.sh", 'P=cycle:\nnats kv put state "$P$N" cycle:current\n', True),
        ("answers.yaml", "first: cycle:current\n", True),
        ("scripts/label.sh", "gh issue list --label cycle:planning\n", False),
        ("notes/cycle.csv", "cycle:current\n", False),
    ],
)
def test_other_files_count_where_they_speak_of_the_key(
    two: tuple[Path, Path], project: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, counts: bool
) -> None:
    write(project, text, name)

    found = invalid_keys(capsys, ".")

    assert {d["fix"]["applicability"] for d in found} == {"manual" if counts else "unsafe"}
    assert all((name in {r["filename"] for r in d["related"]}) is counts for d in found)


SHELL = """#!/bin/bash
# The key cycle:current counts the cycles.
STATE_KEY="cycle:current"
N=$(nats kv get state "$STATE_KEY" --raw)
nats kv put state "cycle:$N:status" done
gh issue edit 7 --add-label cycle:done
"""
SHELL_WITH_DOTS = """#!/bin/bash
# The key cycle.current counts the cycles.
STATE_KEY="cycle.current"
N=$(nats kv get state "$STATE_KEY" --raw)
nats kv put state "cycle.$N.status" done
gh issue edit 7 --add-label cycle:done
"""
PYTHON = """import subprocess

KEY = 'cycle:current'  # the key of the cycle, not cycle:current's neighbour
subprocess.run(["nats", "kv", "get", "state", KEY, "--raw"])
subprocess.run(["nats", "kv", "get", "state", "cycle:last", "--raw"])
"""


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [("put.sh", SHELL, SHELL_WITH_DOTS), ("get.py", PYTHON, PYTHON.replace("cycle:", "cycle."))],
)
def test_scripts_below_the_paths_are_renamed_with_the_files(
    two: tuple[Path, Path], project: Path, capsys: pytest.CaptureFixture[str], name: str, before: str, after: str
) -> None:
    script = write(project, before, f"scripts/{name}")
    script.chmod(0o755)

    fix(".")

    assert [path.read_text().count(":") for path in two] == [0, 0]
    assert script.read_text() == after
    assert script.stat().st_mode & 0o777 == 0o755
    assert f"Changed with them: scripts/{name}" in capsys.readouterr().out
    assert invalid_keys(capsys, ".") == []


@pytest.mark.parametrize("paths", [(FOLDER,), (f"{FOLDER}/a.md", f"{FOLDER}/b.md")])
def test_a_script_outside_of_the_paths_is_a_persons_to_mend(
    two: tuple[Path, Path], project: Path, capsys: pytest.CaptureFixture[str], paths: tuple[str, ...]
) -> None:
    script = write(project, SHELL, "scripts/put.sh")

    found = invalid_keys(capsys, *paths)

    assert {d["fix"]["applicability"] for d in found} == {"manual"}
    assert "line 2 of scripts/put.sh, line 3 of scripts/put.sh" in found[0]["fix"]["message"]
    fix(*paths)
    assert script.read_text() == SHELL
    assert "cycle:current" in two[0].read_text()


def test_a_script_that_is_named_is_renamed_too(two: tuple[Path, Path], project: Path) -> None:
    script = write(project, SHELL, "scripts/put.sh")

    fix(*(str(path.relative_to(project)) for path in (*two, script)))

    assert script.read_text() == SHELL_WITH_DOTS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.sh", 'PREFIX="cycle:"\nnats kv get state "${PREFIX}current" # cycle:current\n'),
        ("a.sh", 'nats kv get state "cycle:current"\nKIND="${KEY%%:*}"\n'),
        ("a.sh", 'nats kv get state "cycle:current"\nIFS=: read -r A B <<< "$KEY"\n'),
        ("a.sh", 'nats kv get state "cycle:current"\ngh issue edit 7 --add-label cycle:current\n'),
        ("a.py", 'key = f"cycle:{n}"\n'),
        ("a.py", 'put("cycle:current")\nkind = key.split(":")[0]\n'),
        ("a.py", '"""The key cycle:current."""\n'),
        ("a.py", 'put("cycle:current"\n'),
    ],
)
def test_a_key_that_is_not_plainly_spelt_in_a_script_keeps_all_from_being_renamed(
    two: tuple[Path, Path], project: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    script = write(project, text, f"scripts/{name}")
    before = [path.read_text() for path in two]

    assert {d["fix"]["applicability"] for d in invalid_keys(capsys, ".")} == {"manual"}
    fix(".")
    assert [path.read_text() for path in two] == before
    assert script.read_text() == text


def test_a_key_that_only_a_called_script_spells_is_renamed_there(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '<step number="1" name="a">\n\n```bash\nscripts/put.sh && date\n```\n\n</step>\n'
    file = write(project, text, f"{FOLDER}/a.md")
    script = write(project, SHELL, "scripts/put.sh")

    assert {d["fix"]["applicability"] for d in invalid_keys(capsys, ".")} == {"unsafe"}
    fix(".")

    assert (file.read_text(), script.read_text()) == (text, SHELL_WITH_DOTS)
    assert invalid_keys(capsys, ".") == []


def test_a_patch_shows_the_scripts_that_change_too(
    two: tuple[Path, Path], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = write(project, SHELL, "scripts/put.sh")
    capsys.readouterr()
    run(".", "--select", "PL701", "--diff", "--unsafe-fixes")
    patch = capsys.readouterr().out
    subprocess.run(["git", "apply", "-"], cwd=project, input=patch, text=True, check=True)

    assert script.read_text() == SHELL_WITH_DOTS
    assert [path.read_text().count(":") for path in two] == [0, 0]


def test_a_file_that_holds_the_key_in_a_variable_keeps_the_others_from_being_renamed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, STEP.format("cycle:current"), f"{FOLDER}/a.md")
    shell = '```bash\nKEY=cycle:current\nnats kv get state "$KEY" --raw\n```\n'
    write(project, f'<step number="1" name="b">\n\n{shell}\n</step>\n', f"{FOLDER}/b.md")

    assert [d["fix"]["applicability"] for d in invalid_keys(capsys, ".")] == ["manual", "manual"]


def test_a_script_with_uncommitted_changes_keeps_all_from_being_renamed(
    two: tuple[Path, Path], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = write(project, SHELL, "scripts/put.sh")
    commit_all(project)
    script.write_text(SHELL + "exit 0\n")
    before = [path.read_text() for path in (*two, script)]
    words = (".", "--select", "PL701", "--fix", "--unsafe-fixes", "--execute", "never")
    capsys.readouterr()
    run(*words)

    assert [path.read_text() for path in (*two, script)] == before
    told = "PL701 is not fixed: scripts/put.sh has to change with it, and has uncommitted changes"
    assert told in capsys.readouterr().out
    run(*words, "--allow-dirty")
    assert script.read_text() == SHELL_WITH_DOTS + "exit 0\n"


def commit_all(project: Path) -> None:
    (project / ".git").rmdir()
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "before"]):
        subprocess.run(["git", *arguments], cwd=project, check=True)


def test_a_file_that_cannot_be_written_keeps_all_from_being_renamed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last of three has uncommitted changes: a key that has two names is worse than one that NATS refuses."""
    texts = {name: STEP.format(f"cycle:{name}") + "\nThen `cycle:a`, `cycle:b`, `cycle:c`.\n" for name in "abc"}
    files = [write(project, text, f"{FOLDER}/{name}.md") for name, text in texts.items()]
    commit_all(project)
    files[2].write_text(files[2].read_text() + "\nMore.\n")
    before = [path.read_bytes() for path in files]
    words = (".", "--select", "PL701", "--fix", "--unsafe-fixes", "--execute", "never")
    capsys.readouterr()
    run(*words)
    said = capsys.readouterr().out
    assert [path.read_bytes() for path in files] == before
    for name in "ab":
        told = (
            f"{FOLDER}/{name}.md: PL701 is not fixed: {FOLDER}/c.md has to change with it, and has uncommitted changes"
        )
        assert told in said
    run(*words, "--allow-dirty")
    assert [path.read_bytes() == old for path, old in zip(files, before, strict=True)] == [False] * 3

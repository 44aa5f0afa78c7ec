"""`check --fix` on the command line: what it starts, and what it says where it cannot prove."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from peerlint.cli import main
from peerlint.cli.fixing import tell_what_stays
from peerlint.lint.diagnostics import Confidence, Diagnostic, Severity
from peerlint.migrate.fix import diff, preview
from peerlint.process.build import Reading
from peerlint.run.sandbox import sandbox_problem
from peerlint.source.text import SourceText, Span
from tests.command_line import clean_environment, peerlint
from tests.migrate.test_fix import read_text, shell_found, steps

LEGACY = Path(__file__).parents[2] / "fixtures" / "projects" / "peer-legacy"
CLEAN = (
    '# Notes\n\n<process_flow>\n<step number="1" name="say">\n\n### Step 1\n\nSay hello.\n</step>\n</process_flow>\n'
)
NO_SERVER = {"PEERLINT_NATS_SERVER": "/nowhere/nats-server"}


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    project = tmp_path / "legacy"
    shutil.copytree(LEGACY, project)
    return project


def test_clean_files_start_no_server(tmp_path: Path) -> None:
    file = tmp_path / ".agent-os/instructions/core/clean.md"
    file.parent.mkdir(parents=True)
    file.write_text(CLEAN)
    done = peerlint("--fix", "--allow-dirty", "--execute", "host", ".", cwd=tmp_path, env=NO_SERVER)
    assert (done.code, done.err) == (0, "")
    assert file.read_text() == CLEAN


def test_what_cannot_be_run_is_said_once_and_nothing_is_migrated(legacy: Path) -> None:
    before = {path: path.read_bytes() for path in legacy.rglob("*.md")}
    done = peerlint("--fix", "--allow-dirty", "--execute", "host", ".", cwd=legacy, env=NO_SERVER)
    assert done.code == 2
    assert "/nowhere/nats-server" in done.complaint
    assert "not written" in done.out
    assert {path: path.read_bytes() for path in legacy.rglob("*.md")} == before


def test_a_proof_names_the_scripts_that_it_runs(legacy: Path) -> None:
    file = ".agent-os/instructions/core/peer.md"
    done = peerlint("--fix", "--allow-dirty", "--step", "1", "--execute", "host", file, cwd=legacy)
    assert done.err.splitlines()[0] == "peerlint: runs .agent-os/scripts/peer/check-nats-health.sh (host)"
    assert done.err.count("peerlint: runs ") == 1
    assert "proved" in done.out


def test_a_proof_that_takes_its_time_says_that_it_goes_on(legacy: Path) -> None:
    impatient = "from peerlint.cli import heartbeat, main; heartbeat.SECONDS = 0.05; main()"
    done = subprocess.run(
        [sys.executable, "-c", impatient, "--fix", "--allow-dirty", "--step", "2", "--execute", "host", "."],
        cwd=legacy,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
    )
    said = re.findall(r"^peerlint: still proving, (\d+) scenarios so far$", done.stderr, re.MULTILINE)
    assert int(said[-1]) > 0, done.stderr
    assert [int(number) for number in said] == sorted(map(int, said))
    assert "proved" in done.stdout


def test_what_could_not_be_proved_is_not_offered_again(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    file = tmp_path / ".claude/commands/x.md"
    file.parent.mkdir(parents=True)
    # A line by its number: the prover knows no text of notes.md that would show what it does.
    text = "## Step 1: a\n\n```bash\n{}\n```\n\n## Step 2: b\n\nGo on.\n"
    file.write_text(
        text.format('DIR=$(ls -d "release "*)\n[ -d "$DIR" ] || exit 1\nsed -n 7p notes.md | grep x || exit 2')
    )
    done = peerlint("--fix", "--allow-dirty", "--execute", "host", "--output-format", "json", ".", cwd=tmp_path)
    assert "not written" in done.err, "standard output is the report"
    (finding,) = json.loads(done.out)
    assert finding["fix"]["applicability"] == "manual"
    assert finding["fix"]["message"].startswith("Cannot be migrated: the proof says ")
    # Where nothing was tried, it is offered still.
    done = peerlint("--fix", "--allow-dirty", "--output-format", "json", ".", cwd=tmp_path, env={"CI": "true"})
    (finding,) = json.loads(done.out)
    assert finding["fix"]["applicability"] == "provable"


def test_a_patch_says_why_a_step_that_could_be_migrated_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def dislikes_logic(reading: Reading) -> Sequence[Diagnostic]:
        at = reading.document.source.text.find("DISPLAY")
        place = Span(max(at, 0), at + 1)
        new = Diagnostic("PL305", "x", Severity.ERROR, Confidence.HIGH, "m", "x.md", place, step="1")
        return [*shell_found(reading), *([new] if at >= 0 else [])]

    source = SourceText("x.md", steps("one"))
    report = preview(((tmp_path / "x.md", source),), root=tmp_path, read_text=read_text, check=dislikes_logic)
    tell_what_stays(report)
    assert not diff(report)
    assert capsys.readouterr().err.startswith("peerlint: x.md: step 1 step_1 stays: would bring PL305: ")


@pytest.mark.parametrize(
    ("folder", "named"),
    [
        (".", "notes/run.md"),
        ("notes", "run.md"),
        ("other", "../notes/run.md"),
        (".", "{root}/notes/run.md"),
        ("other", "{root}/notes/run.md"),
    ],
)
def test_a_patch_applies_wherever_it_was_made(tmp_path: Path, folder: str, named: str) -> None:
    root = tmp_path / "a project"
    for name in ("notes", "other", ".claude"):
        (root / name).mkdir(parents=True)
    file = root / "notes" / "run.md"
    file.write_text(
        "---\ndescription: x\n---\n\nCount $ARGUMENTS:\n\n```bash\nN=$(grep -c x y.md || echo 0)\necho $N\n```\n"
    )
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    done = peerlint("--diff", "--unsafe-fixes", named.format(root=root), cwd=root / folder)
    assert done.out.startswith("--- a/"), done
    told = re.search(r"git -C '?(.*?)'? apply", done.err)
    where = Path(told[1]) if told else root / folder
    applied = subprocess.run(["git", "-C", str(where), "apply", "-"], input=done.out, text=True, capture_output=True)
    assert (applied.returncode, applied.stderr) == (0, "")
    assert "echo 0" not in file.read_text()
    assert (told is None) == (folder != "other")


def test_a_run_that_was_killed_between_two_files_is_completed_by_the_next(tmp_path: Path) -> None:
    """As after SIGKILL: one file of a rename has its new key, and is not committed yet."""
    commands = tmp_path / ".claude" / "commands"
    commands.mkdir(parents=True)
    for name in ("one", "two"):
        (commands / f"{name}.md").write_text(
            f"# {name}\n\nWith $ARGUMENTS:\n\n```bash\nnats kv get b cycle:1 --raw\n```\n"
        )
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    first = commands / "one.md"
    first.write_text(first.read_text().replace("cycle:1", "cycle.1"))
    done = peerlint("--fix", "--unsafe-fixes", "--select", "PL701", "--execute", "never", ".", cwd=tmp_path)
    assert done.code == 0, done
    assert [(commands / f"{name}.md").read_text().count("cycle.1") for name in ("one", "two")] == [1, 1]


def test_whoever_interrupts_a_fix_learns_what_stands_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '# Go\n\n1. Run:\n\n```bash\nCOUNT=$(grep -c TODO a.txt || echo 0)\necho "$COUNT"\n```\n'
    folder = tmp_path / ".claude/commands"
    folder.mkdir(parents=True)
    for name in ("one.md", "two.md"):
        (folder / name).write_text(text)
    real = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if target.name == "two.md":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["--fix", "--allow-dirty", "--execute", "never", "."])
    assert ended.value.code == 130
    assert "|| true" in (folder / "one.md").read_text()
    assert (folder / "two.md").read_text() == text
    told = capsys.readouterr().err
    assert "interrupted; written and kept: .claude/commands/one.md" in told
    assert "Undo with: mv .claude/commands/one.md.orig .claude/commands/one.md" in told


LATIN = "1. Look:\n\n```bash\n[ -f a ] || exit 1\n```\n\n2. Say it to André.\n".encode("latin-1")


def test_a_patch_has_the_bytes_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".claude" / "commands" / "look.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(LATIN)
    patch = subprocess.run(
        [sys.executable, "-m", "peerlint", "--diff", "."],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        check=True,
    ).stdout
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, check=True)
    assert file.read_bytes().endswith(b"\n2. Say it to Andr\xe9.\n")
    assert b"```" not in file.read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo terminals")
def test_a_patch_on_a_terminal_cannot_act_on_it(tmp_path: Path) -> None:
    import pty

    file = tmp_path / ".claude" / "commands" / "look.md"
    file.parent.mkdir(parents=True)
    file.write_text("1. Look:\n\n```bash\n[ -f a ] || exit 1\n```\n\n2. Say it \x1b[2J.\n")
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-m", "peerlint", "--diff", "."]
    subprocess.run(arguments, cwd=tmp_path, env=clean_environment(), stdout=theirs, check=True)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux says so that the other end is closed.
        pass
    os.close(ours)
    assert b"\n 2. Say it \\x1b[2J.\r\n" in shown
    assert b"+<look_logic>\r\n" in shown


@pytest.mark.parametrize("text", ["1. Look.\n\n2. Run `scripts/missing.sh` and tell the user.\n", "# Nothing\n\nGo.\n"])
def test_a_patch_of_nothing_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".claude" / "commands" / "look.md"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    done = peerlint("--diff", ".", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert done.complaint.splitlines()[-1] == (
        "peerlint: --fix would change nothing; without --diff you see what is found, and why it stays"
    )


def test_a_patch_where_there_are_no_files_says_that(tmp_path: Path) -> None:
    done = peerlint("--diff", ".", cwd=tmp_path)
    assert (done.code, done.out, done.complaint) == (0, "", "peerlint: no instruction files found here")


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_step_that_no_file_has_is_an_error(tmp_path: Path, option: str) -> None:
    folder = tmp_path / ".claude/commands"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("## Step 1: A\n\nGo.\n\n## Step 2: B\n\nGo.\n")
    done = peerlint(option, "--step", "9", ".", cwd=tmp_path)
    assert (done.code, done.complaint) == (
        2,
        "peerlint: .claude/commands/a.md: has no step 9; its steps are 1, 2",
    )
    (folder / "b.md").write_text("## Step 3: A\n\nGo.\n\n## Step 4: B\n\nGo.\n")
    done = peerlint(option, "--step", "9", ".", cwd=tmp_path)
    assert (done.code, done.complaint) == (2, "peerlint: none of the files has a step 9; see peerlint explain")
    done = peerlint(option, "--step", "3", ".", cwd=tmp_path)
    assert done.code == 0
    assert done.err.splitlines()[0] == "peerlint: step 3 runs no shell: nothing to migrate"


def test_a_step_without_a_fix_is_an_error(tmp_path: Path) -> None:
    done = peerlint("--step", "1", ".", cwd=tmp_path)
    assert (done.code, done.complaint) == (2, "peerlint: --step belongs to --fix or --diff")


CHOICE = """# Release

1. Find the version:

```bash
VERSION=$(git describe --tags 2>/dev/null || echo "v0.0.0")
if [ "$VERSION" = "v0.0.0" ]; then
  echo "no tag yet"
  exit 1
fi
git push origin "$VERSION"
```

2. Tell the user which version went out.
"""


@pytest.mark.skipif(sandbox_problem() is not None, reason=f"needs the sandbox: {sandbox_problem()}")
def test_a_repair_is_accepted_for_one_run(tmp_path: Path) -> None:
    file = tmp_path / ".claude/commands/release.md"
    file.parent.mkdir(parents=True)
    file.write_text(CHOICE)
    done = peerlint("--fix", "--allow-dirty", ".", cwd=tmp_path)
    assert "not accepted: appended-fallback; not written" in done.out
    assert "--accept-repair NAME counts one as proved" in done.out
    assert file.read_text() == CHOICE
    done = peerlint("--fix", "--allow-dirty", "--accept-repair", "appended-fallback", ".", cwd=tmp_path)
    assert "RUN: `git describe --tags` AS VERSION" in file.read_text(), done.out


@pytest.mark.parametrize("command", [["--fix"], ["prove", "x.md"]])
def test_a_repair_that_there_is_not_is_an_error_that_suggests_the_nearest(tmp_path: Path, command: list[str]) -> None:
    done = peerlint(*command, "--accept-repair", "word-spliting", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.complaint == 'peerlint: there is no repair "word-spliting"; did you mean "word-splitting"?'

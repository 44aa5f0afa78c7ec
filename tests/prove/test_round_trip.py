"""What `--fix` writes, `prove` reads: one form of certificate, and the original is found again with and without git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove.test_prove_command import EXECUTE, FILE, STEP
from tests.test_trust import audited

SCRIPT = """#!/bin/bash
if ! nats kv ls > /dev/null 2>&1; then
  echo "server is away"
  exit 1
fi
if ! nats kv put app-state phase "planning" > /dev/null 2>&1; then
  echo "nothing was stored"
  exit 1
fi
echo "ready"
"""
WITH_JQ = """#!/bin/bash
STATE=$(nats kv get app-state peer --raw 2>/dev/null) || STATE=""
PHASE=$(echo "$STATE" | jq -r '.phase // empty')
if [ -z "$PHASE" ]; then
  echo "no phase"
  exit 1
fi
echo "phase $PHASE"
"""
OTHER = SCRIPT.replace("planning", "working").replace("ready", "at work")
SCRIPTS = Path(".agent-os/scripts")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / SCRIPTS).mkdir(parents=True)
    (tmp_path / FILE).parent.mkdir(parents=True)
    first = STEP.format(_step("it.sh"))
    second = f'<step number="2" name="other">\n\n### Step 2\n\n{_step("other.sh")}\n\n</step>\n\n</process_flow>'
    (tmp_path / FILE).write_text(first.replace("</process_flow>", second))
    (tmp_path / SCRIPTS / "it.sh").write_text(SCRIPT)
    (tmp_path / SCRIPTS / "other.sh").write_text(OTHER)
    return tmp_path


def _step(script: str) -> str:
    return f"<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: ~/.agent-os/scripts/{script}\n</instructions>"


def peerlint(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("CI", "PRE_COMMIT")}
    return subprocess.run(
        [sys.executable, "-m", "peerlint", *arguments],
        cwd=project,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def commit(project: Path) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "state"]):
        subprocess.run(["git", *words], cwd=project, check=True)


def test_a_certificate_of_fix_fits_until_a_byte_of_the_logic_changes(project: Path) -> None:
    assert "proved" in peerlint(project, "--fix", "--execute", EXECUTE, FILE).stdout
    done = peerlint(project, "prove", "--check", FILE, CI="true")
    assert (done.returncode, done.stdout) == (0, f"{FILE}: the certificate fits\n")
    migrated = (project / FILE).read_text()
    (project / FILE).write_text(migrated.replace('"ready"', '"readz"'))
    done = peerlint(project, "prove", "--check", FILE)
    assert (done.returncode, done.stdout) == (1, f"{FILE}: certificate: step 1 has changed since it was proved\n")
    (project / FILE).write_text(migrated)
    certificate = project / f"{FILE}.proof.json"
    certificate.write_text(certificate.read_text().replace('"proved"', '"Proved"', 1))
    done = peerlint(project, "prove", "--check", FILE)
    assert (done.returncode, done.stdout) == (1, f"{FILE}: certificate: its digest is wrong\n")


def test_without_git_the_original_is_the_copy_that_the_fix_kept(project: Path) -> None:
    peerlint(project, "--fix", "--execute", EXECUTE, FILE)
    done = peerlint(project, "prove", "--execute", EXECUTE, FILE)
    assert (done.returncode, len(done.stdout.splitlines()) >= 2) == (0, True), done.stderr
    (project / f"{FILE}.orig").write_text("something else")
    done = peerlint(project, "prove", "--execute", EXECUTE, FILE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no original" in done.stderr


def test_with_git_the_original_is_the_blob_that_the_certificate_names(project: Path) -> None:
    commit(project)
    peerlint(project, "--fix", "--execute", EXECUTE, FILE)
    for script in (project / SCRIPTS).iterdir():
        script.unlink()
    commit(project)
    done = peerlint(project, "prove", "--execute", EXECUTE, FILE)
    assert done.returncode == 0, done.stderr


def test_a_script_that_is_not_there_as_it_was_proved_is_said(project: Path) -> None:
    peerlint(project, "--fix", "--execute", EXECUTE, FILE)
    (project / SCRIPTS / "it.sh").write_text(OTHER)
    done = peerlint(project, "prove", "--execute", EXECUTE, FILE)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert ".agent-os/scripts/it.sh is not there as it was proved" in done.stderr


def test_step_after_step_keeps_what_is_proved_and_says_how_to_undo_it_without_git(project: Path) -> None:
    before = (project / FILE).read_text()
    peerlint(project, "--fix", "--execute", EXECUTE, "--step", "1", FILE)
    between = (project / FILE).read_text()
    done = peerlint(project, "--fix", "--execute", EXECUTE, "--step", "2", FILE)
    assert set(json.loads((project / f"{FILE}.proof.json").read_text())["steps"]) == {"1", "2"}
    assert peerlint(project, "prove", "--check", FILE).returncode == 0
    proved = peerlint(project, "prove", "--execute", EXECUTE, FILE)
    assert proved.returncode == 0, proved.stderr
    assert f"which git does not have, in {FILE}.orig" in done.stdout
    undo = next(line.removeprefix("Undo with: ") for line in done.stdout.splitlines() if line.startswith("Undo with: "))
    assert "git" not in undo
    subprocess.run(["sh", "-c", undo], cwd=project, check=True)
    assert (project / FILE).read_text() == between != before
    assert peerlint(project, "prove", "--check", FILE).returncode == 0


def test_a_replay_runs_the_rewrite_over_what_was_recorded_without_the_original(project: Path) -> None:
    peerlint(project, "--fix", "--execute", EXECUTE, FILE)
    for script in (project / SCRIPTS).iterdir():
        script.unlink()
    (project / f"{FILE}.orig").unlink()
    done = peerlint(project, "prove", "--replay", FILE, CI="true", PATH="/nowhere")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[1:6] for line in done.stdout.splitlines()] == [
        ["step", "1", "as", "recorded", done.stdout.split()[5]],
        ["step", "2", "as", "recorded", done.stdout.split()[5]],
    ]
    (project / FILE).write_text((project / FILE).read_text().replace('"at work"', '"at rest"'))
    done = peerlint(project, "prove", "--replay", FILE)
    assert done.returncode == 1
    assert 'message: original "at work", rewrite "at rest"' in done.stdout


def test_a_replay_starts_nothing_but_the_child_that_jq_needs(project: Path) -> None:
    (project / SCRIPTS / "other.sh").write_text(WITH_JQ)
    peerlint(project, "--fix", "--execute", EXECUTE, FILE)
    events = {}
    for step in ("1", "2"):
        arguments = ("prove", "--replay", FILE, "--step", step)
        done, events[step] = audited(*arguments, cwd=project, report=project / f"events-{step}")
        assert (done.code, done.err) == (0, "")
    assert events["1"] == []
    (started,) = events["2"]
    assert started.startswith(f"subprocess.Popen ({sys.executable!r}, [{sys.executable!r}, '-I', '-S', ")
    assert "filter_child.py" in started
    assert started.endswith(", {})"), "it has no environment"


def test_verbose_shows_each_scenario_with_its_verdict(project: Path) -> None:
    peerlint(project, "--fix", "--execute", EXECUTE, FILE)
    done = peerlint(project, "prove", "--execute", EXECUTE, "--step", "1", "-v", FILE)
    assert "    equal      all as usual" in done.stdout.splitlines()
    assert "    equal      nats not installed" in done.stdout.splitlines() or "server away at kv ls" in done.stdout

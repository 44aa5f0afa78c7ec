"""Reading a stranger's repository is safe: no process, no socket, nothing read from outside, nothing loosened."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import Finished, clean_environment, peerlint

ROOT = Path(__file__).parent.parent
LEGACY_PROJECT = ROOT / "fixtures" / "projects" / "peer-legacy"
INSTRUCTION = ".agent-os/instructions/core/peer.md"

#: Runs a command line under an audit hook that writes down every process and every socket. The list goes to a file that
#: is opened before, since a hook must not depend on what the program does with its streams.
AUDITED = """
import sys, os

report = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
PROCESSES = ("subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system", "os.startfile", "pty.")
WATCHED = (*PROCESSES, "socket.")
HARMLESS = ("socket.gethostname",)

def watch(event, arguments):
    if event.startswith(WATCHED) and event not in HARMLESS:
        os.write(report, f"{event} {arguments!r}\\n".encode("utf-8", "backslashreplace"))

sys.addaudithook(watch)
if sys.argv[2] == "--control":
    exec(sys.argv[3])
else:
    from peerlint.cli import main
    main(sys.argv[2:])
"""


def audited(*arguments: str, cwd: Path, report: Path) -> tuple[Finished, list[str]]:
    """Runs the command line in a child and returns what it started or opened: audit events with their arguments."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, str(report), *arguments],
        cwd=cwd,
        env=clean_environment({"PYTHONPATH": str(ROOT)}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return Finished(done.returncode, done.stdout, done.stderr), report.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    shutil.copytree(LEGACY_PROJECT, project)
    return project


@pytest.mark.parametrize(
    "deed",
    [
        "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
        "import os; os.system('true')",
        "import os; pid = os.fork() or os._exit(0); os.waitpid(pid, 0)",
        "import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
        "import socket; socket.socket().close()",
    ],
)
def test_the_audit_sees_processes_and_sockets(deed: str, tmp_path: Path) -> None:
    _, events = audited("--control", deed, cwd=tmp_path, report=tmp_path / "events")
    assert events


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "."],
        ["check", "--output-format", "json", "."],
        ["check", "--diff", "."],
        ["check", "--fix", "--allow-dirty", "--execute", "never", "."],
        ["check", "--no-cache", "--statistics", INSTRUCTION],
        ["explain", INSTRUCTION],
        ["explain", INSTRUCTION, "--step", "2"],
        ["graph", INSTRUCTION],
        ["rule", "PL101"],
        ["prove", INSTRUCTION, "--check"],
    ],
    ids=" ".join,
)
def test_reading_starts_no_process_and_opens_no_socket(arguments: list[str], legacy: Path, tmp_path: Path) -> None:
    done, events = audited(*arguments, cwd=legacy, report=tmp_path / "events")
    assert events == []
    assert done.code in (0, 1, 2), done.err


def test_ci_runs_no_script_unless_told_so(legacy: Path) -> None:
    tell_tale = legacy / "executed"
    script = legacy / ".agent-os/scripts/peer/check-nats-health.sh"
    script.write_text(f"#!/bin/bash\ntouch '{tell_tale}'\necho hello\n", encoding="utf-8")
    for switch in ("CI", "PRE_COMMIT"):
        peerlint("check", "--fix", "--allow-dirty", ".", cwd=legacy, env={switch: "1"})
        assert not tell_tale.exists()


# --- hostile repositories --------------------------------------------------------------------------------------------


def test_git_hooks_of_the_repository_are_not_run(legacy: Path) -> None:
    tell_tale = legacy / "executed"
    spy = legacy / "spy.sh"
    spy.write_text(f"#!/bin/sh\ntouch '{tell_tale}'\n", encoding="utf-8")
    spy.chmod(0o755)
    for setting in (
        ["init", "--quiet"],
        ["config", "core.fsmonitor", str(spy)],
        ["config", "core.hooksPath", str(legacy)],
    ):
        subprocess.run(["git", *setting], cwd=legacy, check=True)
    for arguments in (["check", "."], ["check", "--diff", "."], ["check", "--fix", "--execute", "never", "."]):
        peerlint(*arguments, cwd=legacy)
        assert not tell_tale.exists(), arguments


def test_a_link_out_of_the_project_is_not_read(legacy: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("---\nname: [\n---\n<process_flow>\n<step number='1'>\nTOP-SECRET-WORD\n", encoding="utf-8")
    (legacy / ".agent-os/instructions/core/link.md").symlink_to(secret)
    for arguments in (["check", "."], ["check", "--diff", "."], ["check", ".agent-os/instructions/core/link.md"]):
        done = peerlint(*arguments, cwd=legacy)
        assert "TOP-SECRET-WORD" not in done.out + done.err
    assert secret.read_text(encoding="utf-8").endswith("TOP-SECRET-WORD\n")


def test_a_script_outside_the_project_is_not_read(legacy: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.sh").write_text("echo TOP-SECRET-WORD\nexit 1\n", encoding="utf-8")
    (legacy / "AGENTS.md").write_text("# Setup\n\n```bash\nbash ../outside.sh\n```\n", encoding="utf-8")
    instruction = legacy / INSTRUCTION
    text = instruction.read_text(encoding="utf-8")
    instruction.write_text(
        text.replace("~/.agent-os/scripts/peer/check-nats-health.sh", "../outside.sh"), encoding="utf-8"
    )
    for arguments in (["check", "."], ["check", "--diff", "."], ["explain", INSTRUCTION]):
        done = peerlint(*arguments, cwd=legacy)
        assert "TOP-SECRET-WORD" not in done.out + done.err


def test_a_named_pipe_does_not_hold_up_the_check(legacy: Path) -> None:
    os.mkfifo(legacy / ".agent-os/instructions/core/pipe.md")
    os.mkfifo(legacy / ".peerlint-pipe.yaml")
    assert peerlint("check", ".", cwd=legacy, seconds=20).code == 1


@pytest.mark.parametrize(
    "setting",
    [
        "execute: host",
        "execute: sandbox",
        "allow: [rm]",
        "nats: nats://example.org:4222",
        "store: /tmp/elsewhere",
        "answers: answers.yaml",
        "script-root: /",
        "output-file: /tmp/elsewhere.json",
        "cache-dir: /tmp/elsewhere",
    ],
)
def test_the_repository_cannot_loosen_what_is_allowed(setting: str, legacy: Path) -> None:
    (legacy / ".peerlint.yaml").write_text(setting + "\n", encoding="utf-8")
    done = peerlint("check", ".", cwd=legacy)
    assert done.code == 2
    assert setting.partition(":")[0] in done.complaint


def test_control_characters_of_a_file_do_not_reach_the_terminal(legacy: Path) -> None:
    instruction = legacy / INSTRUCTION
    text = instruction.read_text(encoding="utf-8")
    hostile = text.replace("check-nats-health.sh", "check-\x1b[2J\u202enats-health.sh").replace(
        'name="bucket_setup"', 'name="bucket\x1b]0;owned\x07_setup"'
    )
    instruction.write_text(hostile, encoding="utf-8")
    for output_format in ("text", "concise", "github"):
        done = peerlint("check", "--output-format", output_format, ".", cwd=legacy)
        assert done.code == 1
        assert not set("\x1b\x07\u202e") & set(done.out + done.err)


def test_a_file_cannot_speak_to_the_ci(legacy: Path) -> None:
    instruction = legacy / INSTRUCTION
    text = instruction.read_text(encoding="utf-8")
    hostile = text.replace('name="bucket_setup"', 'name="x%0A::set-output name=a::b"').replace(
        "Use Bash tool to run the bucket setup script:", "::error file=x::Use Bash tool to run the script:"
    )
    instruction.write_text(hostile, encoding="utf-8")
    done = peerlint("check", "--output-format", "github", ".", cwd=legacy)
    assert all(
        line.startswith(("::error ", "::warning ", "::notice ")) for line in done.out.splitlines() if "::" in line
    )
    assert not [line for line in done.out.splitlines() if line.startswith("::error file=x::")]
    assert "::set-output" not in [line[:12] for line in done.out.splitlines()]


def test_an_answers_file_is_not_found_by_itself(legacy: Path) -> None:
    done = peerlint("run", INSTRUCTION, "--", "--instruction=create-spec", cwd=legacy, seconds=60)
    assert done.code in (1, 2)
    assert "Cut it into tasks" not in done.out + done.err

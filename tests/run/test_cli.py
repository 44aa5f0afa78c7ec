"""`peerlint run` from the outside: what it prints, its exit codes, and that nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from peerlint.run.nats import NatsWorld
from peerlint.run.server import EmbeddedServer
from peerlint.run.world import BucketConfig
from tests.command_line import heeds

CYCLE = """# Peer

<step number="1" name="bucket">

<bucket_logic>
  CHECK: bucket state
  IF bucket is not available:
    DISPLAY: "creating state"
    CREATE: bucket state, as in <bucket_create_command>
</bucket_logic>

<bucket_create_command>
  nats kv add state --history=5
</bucket_create_command>

</step>

<step number="2" name="cycle">

<cycle_logic>
  READ: cycle.current from state AS CURRENT, or "0" if it fails
  SET: NEXT = CURRENT + 1
  STORE: cycle.current in state = NEXT
  IF --stop provided:
    ERROR: "told to stop"
    STOP execution because "of the flag"
  DISPLAY: "cycle [NEXT]"
</cycle_logic>

</step>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    instructions = tmp_path / ".agent-os" / "instructions"
    instructions.mkdir(parents=True)
    (instructions / "peer.md").write_text(CYCLE)
    return tmp_path


def logic(folder: Path, lines: str) -> str:
    """An instruction file with one step of these lines; its name."""
    body = "\n".join("  " + line for line in lines.splitlines())
    text = f'# Peer\n\n<step number="1" name="only">\n\n<only_logic>\n{body}\n</only_logic>\n\n</step>\n'
    (folder / ".agent-os" / "instructions" / "one.md").write_text(text)
    return ".agent-os/instructions/one.md"


def peerlint(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "peerlint", "run", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


PEER = ".agent-os/instructions/peer.md"


def test_a_trace_that_says_each_thing_once(folder: Path) -> None:
    done = peerlint(folder, PEER)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "step 1  bucket",
        "  check    bucket state  bucket not found",
        "  if       bucket is not available",
        "  says     creating state",
        "  create   bucket state  = history=5 replicas=1",
        "step 2  cycle",
        "  read     state cycle.current  key not found",
        "  store    state cycle.current  = 1  (revision 1)",
        "  says     cycle 1",
        "completed at step 2",
    ]


def test_a_store_carries_state_from_run_to_run(folder: Path) -> None:
    assert "cycle 1" in peerlint(folder, PEER, "--store", "kept").stdout
    assert "cycle 2" in peerlint(folder, PEER, "--store", "kept").stdout


def test_a_stop_is_exit_code_1_with_its_reason(folder: Path) -> None:
    done = peerlint(folder, PEER, "--", "--stop")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-2:] == ["  error    told to stop", "stopped at step 2: of the flag"]


def test_events_as_json_and_in_the_trace_file(folder: Path) -> None:
    done = peerlint(folder, PEER, "--output-format", "json", "--trace", "trace.jsonl")
    events: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (folder / "trace.jsonl").read_text() == done.stdout
    assert events[0] == {"event": "step", "step": "1", "name": "bucket", "span": events[0]["span"]}
    assert {"event": "message", "kind": "DISPLAY", "text": "cycle 1"}.items() <= events[-2].items()
    assert events[-1] == {"event": "outcome", "value": "completed", "step": "2"}


def test_a_users_server_is_named_before_the_first_write(folder: Path, nats_server: EmbeddedServer) -> None:
    url = nats_server.urls[0].replace("nats://", f"nats://{nats_server.token}@")
    done = peerlint(folder, PEER, "--nats", url)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == f"peerlint: on {nats_server.urls[0]}, which is not ours:"
    assert "  store        state cycle.current\n" in done.stderr
    assert nats_server.token not in done.stderr + done.stdout
    world = NatsWorld(nats_server.target)
    assert world.bucket_info("state") == BucketConfig("state", history=5)
    world.close()


def test_nats_away_stops_with_1(folder: Path) -> None:
    done = peerlint(folder, PEER, "--nats", "nats://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "stopped at step 1 (server away)"


def test_a_dry_run_starts_nothing(folder: Path) -> None:
    done = peerlint(folder, PEER, "--dry-run", PEERLINT_NATS_SERVER="/nowhere")
    assert done.returncode == 0
    assert "  store        state cycle.current" in done.stdout.splitlines()


@pytest.mark.parametrize(
    "line", ['grep -q "^## [V]" CHANGES.md', "node -p \"require('./package.json').version\" | head -n 1", "make test"]
)
def test_a_dry_run_shows_a_command_as_it_is_written(folder: Path, line: str) -> None:
    done = peerlint(folder, logic(folder, f"SET: V = 1\nRUN: `{line}`"), "--dry-run")
    assert done.returncode == 0
    assert f"  run          {line}" in done.stdout.splitlines()


def test_a_dry_run_tells_work_of_the_agent_from_that_of_a_subagent(folder: Path) -> None:
    text = 'TASK: "Mend the tests"\nACTION: Use writer subagent\nREQUEST: "Write it down"'
    done = peerlint(folder, logic(folder, text), "--dry-run")
    lines = [line.split(None, 1) for line in done.stdout.splitlines() if line.startswith("  ")]
    assert lines == [["task", "Mend the tests"], ["ask", "subagent writer"]]


def test_a_dry_run_shows_what_could_not_be_run(folder: Path) -> None:
    done = peerlint(folder, logic(folder, 'READ: plan from app-state AS PLAN\n  DISPLAY: "[PLAN]"'), "--dry-run")
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("  unclear"))
    assert "READ: plan from app-state AS PLAN" in line
    assert "opens no block" in line


def test_a_path_below_the_home_folder_needs_no_input(folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "note").write_text("found\n")
    done = peerlint(folder, logic(folder, "RUN: `cat ~/note`"), "--allow", "cat", HOME=str(folder / "home"))
    assert "  output   found" in done.stdout.splitlines(), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("lines", "arguments", "place", "what", "todo"),
    [
        ("RUN: `rm -rf x`", [], ":6:", 'the command "rm" is not allowed', "--allow rm"),
        ('INPUT: OWNER, "who"\nSTOP execution', [], ":6:", "nobody answers the input OWNER", "inputs"),
        ('READ: file "/etc/passwd" AS X', [], ":6:", "outside the working directory", "--allow-files"),
        ("STOP execution", ["--answers", "none.yaml"], "none.yaml", "cannot be read", "check --answers"),
        ("STOP execution", ["--answers", "bad.yaml"], "bad.yaml:1:", "no part of an answers file", "did you mean"),
        ("STOP execution", ["--nats", "http://x"], "", "is no server", "embedded, cluster"),
        ("STOP execution", ["--nats", "env", "--store", "x"], "", "--store", "leave out"),
        ("STOP execution", ["--allow-files", "none"], "none", "is no folder", "--allow-files"),
        ("STOP execution", ["--trace", "no/such/folder"], "no/such/folder", "cannot be written", "--trace"),
    ],
)
def test_what_needs_the_caller_is_one_line_and_exit_code_2(
    folder: Path, lines: str, arguments: list[str], place: str, what: str, todo: str
) -> None:
    (folder / "bad.yaml").write_text("input: {}\n")
    done = peerlint(folder, logic(folder, lines), *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("peerlint: ")
    assert all(part in line for part in (place, what, todo)), line


@pytest.mark.parametrize(("name", "what"), [("none.md", "no such file"), (".", "is a folder")])
def test_files_that_are_none(folder: Path, name: str, what: str) -> None:
    done = peerlint(folder, name)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert what in done.stderr


def test_allowed_and_answered_commands(folder: Path) -> None:
    (folder / "answers.yaml").write_text('commands: {"gh auth status": {exit: 1, stderr: "no"}}\n')
    lines = 'RUN: `echo hello`\nRUN: `gh auth status` \nIF command fails:\n  WARN: "not logged in"'
    done = peerlint(folder, logic(folder, lines), "--allow", "echo", "--answers", "answers.yaml")
    assert done.returncode == 0, done.stderr
    assert "may run echo: /" in done.stderr
    assert [line for line in done.stdout.splitlines() if line.split()[0] in ("output", "warns")] == [
        "  output   hello",
        "  warns    not logged in",
    ]


def test_whether_a_tool_is_there_needs_no_leave(folder: Path) -> None:
    lines = (
        'FOR EACH TOOL in "sh", "nats", "nowhere-tool":\n  RUN: `command -v "[TOOL]"`, quietly\n'
        '  IF command fails:\n    WARN: "no [TOOL]"'
    )
    done = peerlint(folder, logic(folder, lines))
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.split()[0] == "warns"] == ["  warns    no nowhere-tool"]


def test_escape_sequences_of_a_file_do_not_reach_the_terminal(folder: Path) -> None:
    done = peerlint(folder, logic(folder, 'DISPLAY: "a\x1b]0;title\x07b"'))
    assert "\x1b" not in done.stdout


def test_no_server_to_be_found_is_one_line(folder: Path) -> None:
    done = peerlint(folder, PEER, PEERLINT_NATS_SERVER="/nowhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "PEERLINT_NATS_SERVER" in done.stderr


def test_ctrl_c_ends_with_130_and_leaves_no_server(folder: Path) -> None:
    lines = 'CHECK: NATS server connectivity\nREPEAT up to 100 times, 1 second apart:\n  DISPLAY: "waiting"'
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "peerlint", "run", logic(folder, lines)],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
        preexec_fn=heeds(signal.SIGINT),
    ) as process:
        assert process.stdout is not None
        while "waiting" not in process.stdout.readline():
            assert process.poll() is None
        assert list(folder.glob("peerlint-nats-*"))
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    deadline = time.monotonic() + 5
    while list(folder.glob("peerlint-nats-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list(folder.glob("peerlint-nats-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_run_ends_its_commands_too(folder: Path, number: signal.Signals) -> None:
    (folder / "wait.sh").write_text("echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 60\n")
    with subprocess.Popen(
        [sys.executable, "-m", "peerlint", "run", "--allow", "sh", logic(folder, "RUN: `sh wait.sh`")],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        preexec_fn=heeds(number),
    ) as process:
        while not (folder / "pid").exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        assert process.wait(10) == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)


def test_a_question_that_is_asked_more_often_than_it_is_answered_says_so(folder: Path) -> None:
    (folder / "answers.yaml").write_text('ask: {"Go?": {replies: [no, no]}}\n')
    file = logic(folder, 'REPEAT up to 3 times:\n  ASK: "Go?" AS ANSWER')
    done = peerlint(folder, file, "--answers", "answers.yaml")
    assert done.returncode == 2
    assert 'all replies to the question "Go?" are used up; add one in the answers file: ask: {"Go?"' in done.stderr


def test_an_argument_of_the_process_that_is_taken_for_an_option_is_told_where_it_belongs(folder: Path) -> None:
    done = peerlint(folder, PEER, "--spec=login")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.endswith("; arguments of the process stand behind --; see peerlint run --help\n")

"""The legacy project is what it claims to be: whole, honest bash that works with the real tools."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.command_line import peerlint
from tests.real_tools import real_nats

PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "peer-legacy"
SCRIPTS = PROJECT / ".agent-os" / "scripts" / "peer"
INSTRUCTION = (PROJECT / ".agent-os/instructions/core/peer.md").read_text(encoding="utf-8")
VALID_KEY = re.compile(r"[-/_=.a-zA-Z0-9]+")


def test_every_called_script_is_there_and_every_script_is_called() -> None:
    called = set(re.findall(r"~/\.agent-os/scripts/peer/([\w-]+\.sh)", INSTRUCTION))
    assert called == {path.name for path in SCRIPTS.iterdir()}


def test_steps_are_numbered_from_one() -> None:
    numbers = [int(number) for number in re.findall(r'^<step number="(\d+)"', INSTRUCTION, re.MULTILINE)]
    assert len(numbers) >= 9
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_subagent_is_there_and_answered() -> None:
    named = set(re.findall(r'subagent="([\w-]+)"', INSTRUCTION))
    answers = YAML(typ="safe").load((PROJECT / "answers.yaml").read_text(encoding="utf-8"))
    assert named == {path.stem for path in (PROJECT / ".claude/agents").iterdir()}
    assert named == set(answers["subagents"])


def test_nats_accepts_the_keys_of_the_process() -> None:
    keys = re.findall(r"nats kv \w+ agent-os-peer-state ([\w.:-]+)", INSTRUCTION)
    assert keys
    assert all(VALID_KEY.fullmatch(key) for key in keys)


@pytest.mark.parametrize("script", sorted(SCRIPTS.iterdir()), ids=lambda path: path.name)
def test_scripts_are_small_and_parse(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert 25 <= len(text.splitlines()) <= 80
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True, capture_output=True)


def test_check_finds_its_anti_patterns() -> None:
    done = peerlint("check", "--output-format", "json", ".", cwd=PROJECT)
    found = {finding["code"] for finding in json.loads(done.out)}
    assert done.code == 1
    assert found >= {"PL101", "PL102", "PL106", "PL201", "PL203", "PL301", "PL302", "PL305", "PL401", "PL501", "PL701"}


# --- with the real tools ---------------------------------------------------------------------------------------------


@dataclass
class Shell:
    """Runs the project's scripts as they are; only `/tmp/peer_…` is redirected into the test's own folder."""

    folder: Path
    environment: dict[str, str]

    def run(self, script: str, *arguments: str) -> tuple[int, str]:
        """Exit code and output of one script."""
        done = subprocess.run(
            ["bash", str(self.folder / script), *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
        )
        return done.returncode, done.stdout

    def handed_over(self, name: str) -> dict[str, str]:
        """The NAME=value lines that a script has left for later ones."""
        lines = (self.folder / f"peer_{name}.txt").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    nats = real_nats()
    server_program = shutil.which(
        "nats-server", path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    )
    if nats is None or server_program is None or shutil.which("jq") is None:
        pytest.skip("needs the real nats (or Go to build it), jq and nats-server")
    for script in SCRIPTS.iterdir():
        text = script.read_text(encoding="utf-8").replace("/tmp/peer_", f"{tmp_path}/peer_")
        (tmp_path / script.name).write_text(text, encoding="utf-8")
    port = free_port()
    server = subprocess.Popen(
        [server_program, "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(tmp_path / "store")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        environment = {
            "PATH": f"{nats.parent}{os.pathsep}{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(tmp_path),
            "NATS_URL": f"nats://127.0.0.1:{port}",
            "LC_ALL": "C.UTF-8",
        }
        yield Shell(tmp_path, environment)
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.real_nats
def test_a_cycle_runs_from_start_to_end_with_the_real_tools(shell: Shell) -> None:
    assert shell.run("check-nats-health.sh")[0] == 0
    assert shell.run("setup-kv-bucket.sh") == (
        0,
        "📦 Creating agent-os-peer-state...\n✅ agent-os-peer-state is ready\n",
    )
    assert shell.run("setup-kv-bucket.sh") == (0, "✅ agent-os-peer-state is ready\n")
    assert shell.run("parse-arguments.sh", "--instruction=create-spec", "--spec=login")[0] == 0
    assert shell.run("determine-context.sh")[0] == 0
    assert shell.handed_over("context") == {"SPEC_AWARE": "true", "KEY_PREFIX": "peer.spec.login"}
    assert shell.run("initialize-cycle.sh") == (0, "🚀 Started cycle 1 for create-spec\n")
    key = shell.handed_over("cycle")["CYCLE_KEY"]
    assert shell.run("update-state.sh", key, '.status = "reviewed" | .phases.plan = "done"')[0] == 0
    code, state = shell.run("read-state.sh", key)
    assert code == 0
    assert json.loads(state)["phases"] == {"plan": "done"}
    assert shell.run("finalize-cycle.sh") == (0, "🏁 Cycle 1 is complete\n")


@pytest.mark.real_nats
def test_an_interrupted_cycle_is_continued_and_a_complete_one_is_not(shell: Shell) -> None:
    shell.run("setup-kv-bucket.sh")
    for arguments in (["--instruction=analyze"], ["--continue"]):
        shell.run("parse-arguments.sh", *arguments)
        shell.run("determine-context.sh")
        code, said = shell.run("initialize-cycle.sh")
        assert code == 0
    assert said == "🔄 Continuing cycle 1 (planning)\n"
    assert shell.run("finalize-cycle.sh")[0] == 0
    code, said = shell.run("initialize-cycle.sh")
    assert code == 1
    assert said.startswith("❌ Cycle 1 is complete")


@pytest.mark.real_nats
def test_each_script_says_what_is_wrong(shell: Shell) -> None:
    unreachable = Shell(shell.folder, {**shell.environment, "NATS_URL": f"nats://127.0.0.1:{free_port()}"})
    complaints = {
        "❌ NATS server is not available": unreachable.run("check-nats-health.sh"),
        "📦 Creating agent-os-peer-state...\n❌ Could not create": unreachable.run("setup-kv-bucket.sh"),
        "❌ Neither --instruction nor --continue": shell.run("parse-arguments.sh"),
        "❌ --instruction and --continue exclude": shell.run("parse-arguments.sh", "--continue", "--instruction=a"),
        "❌ Unknown argument: --verbose": shell.run("parse-arguments.sh", "--verbose"),
        "❌ The context is not known yet": shell.run("initialize-cycle.sh"),
        "❌ No key given": shell.run("read-state.sh"),
        "❌ Failed to read peer.nothing": shell.run("read-state.sh", "peer.nothing"),
        "❌ A key and a jq filter are needed": shell.run("update-state.sh", "peer.nothing"),
    }
    for wanted, (code, said) in complaints.items():
        assert code == 1
        assert wanted in said


# --- migrated --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("git") is None, reason="git applies the patch")
def test_the_migrated_process_runs_and_is_continued_where_it_stopped(tmp_path: Path) -> None:
    project, instruction = tmp_path / "project", ".agent-os/instructions/core/peer.md"
    shutil.copytree(PROJECT, project)
    patch = peerlint("check", "--diff", instruction, cwd=project).out
    subprocess.run(["git", "apply", "-"], cwd=project, input=patch, encoding="utf-8", check=True)
    answers = YAML(typ="safe").load((project / "answers.yaml").read_text(encoding="utf-8"))
    del answers["subagents"]["peer-review"]
    (project / "fewer.json").write_text(json.dumps(answers), encoding="utf-8")

    first = ("run", instruction, "--store", tmp_path / "store", "--answers", "fewer.json")
    stopped = peerlint(*first, "--", "--instruction=create-spec", "--spec=login", cwd=project)
    assert stopped.code == 2
    assert 'subagent "peer-review"' in stopped.complaint

    second = ("run", instruction, "--store", tmp_path / "store", "--answers", "answers.yaml")
    continued = peerlint(*second, "--", "--continue", "--spec=login", cwd=project)
    assert continued.code == 0, continued.err
    assert "🔄 Continuing cycle 1 (expressing)" in continued.out
    assert "🏁 Cycle 1 is complete" in continued.out

"""The sandbox holds, the limits bite, and nothing runs where nobody asked for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from peerlint.errors import InputError
from peerlint.run.sandbox import (
    ExecutionMode,
    HostRunner,
    Job,
    Limits,
    Runner,
    execution_mode,
    make_root,
    make_runner,
    sandbox_problem,
    self_test,
)

needs_sandbox = pytest.mark.skipif(sandbox_problem() is not None, reason=sandbox_problem() or "")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    yield make_runner(ExecutionMode.SANDBOX, tmp_path_factory.mktemp("lab"))


SHORT = Limits(seconds=5)


def output_of(runner: Runner, folder: Path, code: str, limits: Limits = SHORT) -> tuple[int | None, str]:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    (folder / "program").write_text(code)
    seen = "/work" if runner.mode is ExecutionMode.SANDBOX else str(work)
    environment = {"PATH": "/bin:/usr/bin", "GIVEN": "yes"}
    job = Job(folder / "program", seen, folder / "stream", {"/work": work}, {}, environment, limits)
    ended = runner.run(job)
    return ended.code, (folder / "stream").read_text()


@pytest.mark.parametrize(
    ("requested", "environ", "mode"),
    [
        (None, {}, ExecutionMode.SANDBOX),
        (None, {"CI": "true"}, ExecutionMode.NEVER),
        (None, {"CI": "false"}, ExecutionMode.SANDBOX),
        (None, {"PRE_COMMIT": "1"}, ExecutionMode.NEVER),
        ("host", {"CI": "true"}, ExecutionMode.HOST),
        ("never", {}, ExecutionMode.NEVER),
    ],
)
def test_nothing_runs_in_ci_unless_told(requested: str | None, environ: dict[str, str], mode: ExecutionMode) -> None:
    assert execution_mode(requested, environ) is mode


def test_never_refuses_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--execute"):
        make_runner(ExecutionMode.NEVER, tmp_path)


def test_the_self_test_notices_that_the_host_is_no_sandbox() -> None:
    assert self_test(HostRunner()) == "a program in it can write outside"


@needs_sandbox
def test_output_is_one_stream_in_order(runner: Runner, tmp_path: Path) -> None:
    code, said = output_of(runner, tmp_path, "echo a; echo b >&2; echo c | cat; exit 4")
    assert (code, said) == (4, "a\nb\nc\n")


@needs_sandbox
def test_only_the_given_environment_is_seen(runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "s3cret")
    _, said = output_of(runner, tmp_path, 'echo "$GIVEN"; set; cat /proc/self/environ')
    assert said.startswith("yes\n")
    assert "s3cret" not in said


@needs_sandbox
def test_what_is_written_in_the_folder_of_the_job_stays(runner: Runner, tmp_path: Path) -> None:
    output_of(runner, tmp_path, "echo kept >file; echo gone >/tmp/file")
    assert (tmp_path / "work" / "file").read_text() == "kept\n"
    assert not Path("/tmp/file").exists()


@needs_sandbox
def test_the_home_of_the_user_is_not_there(runner: Runner, tmp_path: Path) -> None:
    code, _ = output_of(runner, tmp_path, f"ls {Path.home()} {Path(__file__).parent}")
    assert code == 2


@needs_sandbox
@pytest.mark.parametrize(
    "code",
    ["while :; do :; done", "sleep 60", "sleep 60 & wait"],
    ids=["busy", "asleep", "in the background"],
)
def test_what_takes_too_long_is_killed(runner: Runner, tmp_path: Path, code: str) -> None:
    assert output_of(runner, tmp_path, code, Limits(seconds=0.3))[0] is None


@needs_sandbox
def test_output_is_bounded(runner: Runner, tmp_path: Path) -> None:
    output_of(runner, tmp_path, "while echo 0123456789012345678901234567890; do :; done", Limits(3, output_mib=1))
    assert (tmp_path / "stream").stat().st_size <= 1 << 20


@needs_sandbox
def test_memory_is_bounded(runner: Runner, tmp_path: Path) -> None:
    _, said = output_of(
        runner, tmp_path, "x=x; for i in {1..40}; do x=$x$x; done; echo survived", Limits(5, memory_mib=64)
    )
    assert "survived" not in said


@needs_sandbox
@pytest.mark.skipif(os.geteuid() == 0, reason="the kernel does not count the processes of root")
def test_processes_are_bounded(runner: Runner, tmp_path: Path) -> None:
    _, said = output_of(runner, tmp_path, "for i in {1..50}; do sleep 1 & done; wait", Limits(3, processes=10))
    assert "fork" in said


@needs_sandbox
def test_too_many_processes_are_ended_also_where_root_has_started_them(runner: Runner, tmp_path: Path) -> None:
    started = time.monotonic()
    code, said = output_of(
        runner, tmp_path, "for i in {1..60}; do sleep 30 & done; echo all; wait", Limits(20, processes=20)
    )
    # The kernel refuses them to most users, and nothing to root.
    assert code is None and (time.monotonic() - started < 10 or "all" not in said)


def test_the_host_runner_runs_in_the_folder_of_the_job(tmp_path: Path) -> None:
    code, said = output_of(HostRunner(), tmp_path, "pwd; echo $GIVEN; exit 3")
    assert (code, said) == (3, f"{tmp_path / 'work'}\nyes\n")


@pytest.mark.skipif(shutil.which("ldd") is None, reason="there is no ldd to compare with")
def test_a_root_has_the_libraries_that_ldd_names(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make_root(root, ["bash", "grep", "awk"])
    named = subprocess.run(
        ["ldd", *filter(None, map(shutil.which, ("bash", "grep", "awk")))], capture_output=True, text=True, check=False
    ).stdout
    wanted = {word for line in named.splitlines() for word in line.split() if line[:1].isspace() and word[0] == "/"}
    assert wanted
    assert all((root / path.lstrip("/")).is_file() for path in wanted)

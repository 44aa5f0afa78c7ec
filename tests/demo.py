"""`make demo`: the main job on a copy of the legacy project, step by step: check, fix, prove, run.

The scripts that it runs are our own, so it proves on the host where there is no sandbox, and says so. The last line is
`N of M steps proved`; the exit code is 0 when every stage did what it should.
"""

from __future__ import annotations

import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peerlint.run.sandbox import sandbox_problem

LEGACY_PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "peer-legacy"
INSTRUCTION = ".agent-os/instructions/core/peer.md"
#: Lines of a stage's output that are shown; of the rest the last ones, since a command says there what came out.
SHOWN_LINES, LAST_LINES = 36, 4
#: After so many seconds the demo gives up.
STAGE_SECONDS = 600
#: A step in the table of --fix that was proved and written.
PROVED = re.compile(r"  step \S+ +\S+ +proved +\d+ scenarios?")


@dataclass(frozen=True)
class Stage:
    """One command line of the demo; `expected` are the exit codes that mean it did its job."""

    title: str
    arguments: tuple[str, ...]
    expected: tuple[int, ...]


class StageFailed(Exception):
    """A command of the demo ended otherwise than it should."""


def stages(execution: str, original: Path) -> list[Stage]:
    """The stages in order; `original` is the instruction file of an untouched copy."""
    proof = ("prove", INSTRUCTION, "--against", str(original), "--step", "2", "--execute", execution)
    run = ("run", INSTRUCTION, "--answers", "answers.yaml", "--", "--instruction=create-spec", "--spec=login")
    return [
        Stage("find what runs on scripts", ("check", "--output-format", "concise", "."), (1,)),
        Stage(
            "migrate; each step is proved before it is written",
            ("check", "--fix", "--execute", execution, "--statistics", "."),
            (0, 1),
        ),
        Stage("prove a step again, as a reviewer would: from the text, against the original", proof, (0,)),
        Stage("run the migrated process on a NATS server of its own", run, (0,)),
    ]


@contextmanager
def copies() -> Iterator[tuple[Path, Path]]:
    """Two copies of the legacy project, one to work on and one to compare with; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="peerlint-demo-") as folder:
        work, untouched = Path(folder) / "project", Path(folder) / "original"
        for copy in (work, untouched):
            shutil.copytree(LEGACY_PROJECT, copy)
        yield work, untouched


def start(arguments: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """Starts the real command line in `folder` without a terminal, and as outside CI: a person typed `make demo`."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PRE_COMMIT")}
    environment |= {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "COLUMNS": "120"}
    return subprocess.Popen(
        [sys.executable, "-m", "peerlint", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def lines_as_they_come(process: subprocess.Popen[str]) -> Iterator[str]:
    """The lines of a process. Raises StageFailed after STAGE_SECONDS."""
    arrived: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            arrived.put(line.rstrip("\n"))
        arrived.put(None)

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + STAGE_SECONDS
    while True:
        try:
            line = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise StageFailed(f"it takes more than {STAGE_SECONDS} seconds") from None
        if line is None:
            return
        yield line


def perform(stage: Stage, folder: Path) -> list[str]:
    """Runs one stage, shows it as it goes, and returns its lines; raises StageFailed on an unexpected exit code."""
    print(f"$ peerlint {' '.join(map(shown, stage.arguments))}", flush=True)
    begin = time.monotonic()
    said: list[str] = []
    held_back: deque[str] = deque(maxlen=LAST_LINES)
    process = start(stage.arguments, folder)
    try:
        for line in lines_as_they_come(process):
            said.append(line)
            if len(said) <= SHOWN_LINES:
                print(f"  {line}".rstrip(), flush=True)
            else:
                held_back.append(line)
        code = process.wait(STAGE_SECONDS)
    finally:
        process.kill()
    hidden = len(said) - SHOWN_LINES - len(held_back)
    if hidden > 0:
        print(f"  … {hidden} more lines …")
    for line in held_back:
        print(f"  {line}".rstrip())
    print(f"  ({time.monotonic() - begin:.1f} s, exit code {code})\n", flush=True)
    if code not in stage.expected:
        raise StageFailed(f"exit code {code} instead of {stage.expected[0]}")
    return said


def shown(argument: str) -> str:
    """An argument as the reader should see it: without the temporary folder."""
    return argument if not Path(argument).is_absolute() else f"../original/{INSTRUCTION}"


def steps_on_shell(folder: Path) -> int:
    """How many steps of the instruction file below `folder` tell the agent to run shell."""
    explained = json.loads(start(("explain", INSTRUCTION, "--output-format", "json"), folder).communicate()[0])
    return sum(any(said["kind"].startswith("shell") for said in step["statements"]) for step in explained["steps"])


def steps_proved(said: Sequence[str]) -> int:
    """How many steps of the instruction file are proved, by the table of `--fix`: its rows stand below each file."""
    found, file = 0, ""
    for line in said:
        if not line.startswith(" "):
            file = line
        elif file == INSTRUCTION and PROVED.search(line):
            found += 1
    return found


def main() -> int:
    """Runs the stages; 0 when all of them did their job."""
    begin = time.monotonic()
    execution = "host" if sandbox_problem() else "sandbox"
    where = "in the sandbox" if execution == "sandbox" else "on this host, since it has no sandbox; they are our own"
    print(f"peerlint demo: a legacy PEER process. Its scripts run {where}.\n", flush=True)
    proved = 0
    with copies() as (work, untouched):
        plan = stages(execution, untouched / INSTRUCTION)
        total = steps_on_shell(untouched)
        for number, stage in enumerate(plan, start=1):
            print(f"[{number}/{len(plan)}] {stage.title}", flush=True)
            try:
                said = perform(stage, work)
            except StageFailed as failure:
                print(f"the demo has failed in stage {number}: {failure}")
                return 1
            if "--fix" in stage.arguments:
                proved = steps_proved(said)
    print(f"{time.monotonic() - begin:.0f} seconds in all")
    print(f"{proved} of {total} steps proved")
    return 0 if proved else 1


if __name__ == "__main__":
    sys.exit(main())

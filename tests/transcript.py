"""The transcript in README.md: a real session on a copy of the legacy project; `python -m tests.transcript` renews it.

Every line of a `console` fence that begins with `$ ` is typed into bash; what stands below is what came out. The
commands share one copy of the project, in order. Times differ from run to run and are compared as `0.00 s`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.command_line import clean_environment

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
LEGACY_PROJECT = ROOT / "fixtures" / "projects" / "peer-legacy"

FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = re.compile(r" *\b\d+\.\d+ s\b")


def commands(session: str) -> list[str]:
    """The command lines of a session, without the prompt."""
    return [line[2:] for line in session.splitlines() if line.startswith("$ ")]


def run_session(session: str, folder: Path) -> str:
    """The session as it comes out when its commands are typed in `folder`."""
    shown = []
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands(session):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=clean_environment({"PATH": path, "COLUMNS": "120"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
        )
        body = "\n".join(line.rstrip() for line in done.stdout.rstrip("\n").split("\n"))
        shown.append(f"$ {command}\n{body}\n")
    return "\n".join(shown)


def written_anew(text: str) -> str:
    """`text` with each session replaced by what comes out now."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(LEGACY_PROJECT, project)
        return FENCE.sub(lambda match: f"```console\n{run_session(match[1], project)}```", text)


def comparable(text: str) -> str:
    """`text` with what may differ from run to run made equal."""
    return SECONDS.sub(" 0.00 s", text)


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text(encoding="utf-8")), encoding="utf-8")

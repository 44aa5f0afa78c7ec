"""The real `nats` tool for tests that hold something against it: from PATH, else built with Go into the environment."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NATSCLI = "github.com/nats-io/natscli/nats@v0.4.0"
BUILD_SECONDS = 300


@functools.cache
def real_nats() -> Path | None:
    """The tool, None where it is neither installed nor can be built here."""
    found = shutil.which("nats")
    if found is not None:
        return Path(found)
    built = Path(sys.prefix) / "tools" / "nats"
    return built if built.exists() or _build(built) else None


def _build(target: Path) -> bool:
    """Builds the tool beside `target` and moves it there in one go, since several test processes may come by."""
    if shutil.which("go") is None:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        try:
            done = subprocess.run(
                ["go", "install", NATSCLI],
                env={**os.environ, "GOBIN": folder},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=BUILD_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return False
        if done.returncode != 0:
            return False
        Path(folder, "nats").replace(target)
    return True

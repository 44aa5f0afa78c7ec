"""How fast linting is: one file beside bare Python, and a folder beside rumdl, a Markdown linter in Rust.

python -m benchmarks.lint_speed FOLDER

FOLDER holds instruction files. rumdl is installed from its registry into a virtual environment that is removed again.
Both tools run cold, without a cache, with their defaults, several times in turn; the medians are compared.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

#: What is promised: one file takes at most this many times as long as bare Python, a folder this many as rumdl.
MOST_OF_PYTHON, MOST_OF_RUMDL = 5.0, 3.0
ONE_FILE = '<step number="1" name="health">\n\nRun `~/.agent-os/scripts/check.sh` first.\n\n</step>\n'


def seconds(command: list[str], cwd: Path) -> float:
    """Wall time of a command; what it finds does not matter."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return time.perf_counter() - start


def side_by_side(commands: dict[str, list[str]], cwd: Path, rounds: int) -> dict[str, float]:
    """The median of each command, run in turn, so that what else the machine does falls on all."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(seconds(command, cwd))
    return {name: statistics.median(found) for name, found in times.items()}


def install(package: str, folder: Path) -> Path:
    """The folder of programs of a virtual environment that holds the package."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", package], check=True)
    return programs


def one_file(folder: Path) -> float:
    """How many times as long as bare Python one file takes."""
    instruction = folder / ".agent-os/instructions/core/peer.md"
    instruction.parent.mkdir(parents=True)
    instruction.write_text(ONE_FILE, encoding="utf-8")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "peerlint FILE": [sys.executable, "-m", "peerlint", str(instruction)],
    }
    return _table(side_by_side(commands, folder, rounds=15), MOST_OF_PYTHON)


def corpus(folder: Path, scratch: Path) -> float:
    """How many times as long as rumdl a folder takes."""
    rumdl = install("rumdl", scratch / "rumdl") / "rumdl"
    print(subprocess.run([rumdl, "--version"], capture_output=True, text=True, check=True).stdout.strip())
    commands = {
        "rumdl check --no-cache FOLDER": [str(rumdl), "check", "--no-cache", str(folder)],
        "peerlint FOLDER": [sys.executable, "-m", "peerlint", "--output-format", "concise", str(folder)],
    }
    return _table(side_by_side(commands, scratch, rounds=3), MOST_OF_RUMDL)


def _table(medians: dict[str, float], most: float) -> float:
    first, second = medians.values()
    for name, median in medians.items():
        print(f"  {name:<32} {median * 1000:>9.0f} ms")
    print(f"  {second / first:.1f} times as long; promised: at most {most:.0f}\n")
    return second / first


def main() -> int:
    """Print both comparisons; 1 where a promise is broken."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) == 2 else None
    if folder is None or not folder.is_dir():
        print(__doc__)
        return 2
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as scratch:
        kept = [one_file(Path(scratch)) <= MOST_OF_PYTHON, corpus(folder, Path(scratch)) <= MOST_OF_RUMDL]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

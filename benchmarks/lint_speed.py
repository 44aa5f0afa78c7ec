"""How fast linting is: one file beside bare Python, and a folder beside rumdl, a Markdown linter in Rust.

python -m benchmarks.lint_speed FOLDER

FOLDER holds instruction files. rumdl is installed from its registry into a virtual environment that is removed again.
Both tools run cold, without a cache, with their defaults, several times in turn; the medians are compared. For one file
five are timed, from one that is clean to one that has every kind of finding and migrations to plan, and random files
of FOLDER; their lowest processor times are compared, with what Python has compiled of peerlint left in its cache, as
after a few runs.
"""

from __future__ import annotations

import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

#: What is promised: one file takes at most this many times as long as bare Python, a folder this many as rumdl.
MOST_OF_PYTHON, MOST_OF_RUMDL = 5.0, 3.0
CLEAN_FILE = "# Build\n\nRun the tests with `make test`, then read the report.\n"
#: As nearly each project has one.
IGNORE_FILE = "node_modules/\n*.log\n.env\n/dist\n"
CONFIG_FILE = "profile: coordination\nignore: [PL308]\nseverity:\n  PL101: warning\n"
FINDING_FILE = '<step number="1" name="health">\n\nRun `~/.agent-os/scripts/check.sh` first.\n\n</step>\n'
BARE = "python -c pass"
LEGACY = Path(__file__).parent.parent / "fixtures/projects/peer-legacy"


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


def one_file(folder: Path) -> bool:
    """Whether each of the files takes at most the promised times of bare Python; prints the lowest processor times."""
    legacy = folder / "legacy"
    shutil.copytree(LEGACY, legacy)
    files = {
        "a command that is clean": _written(folder / "clean/.claude/commands/build.md", CLEAN_FILE),
        "the same in a project with config": _written(folder / "config/.claude/commands/build.md", CLEAN_FILE),
        "a step that calls a script": _written(folder / "finding/.agent-os/instructions/core/peer.md", FINDING_FILE),
        "a subagent of peer-legacy": legacy / ".claude/agents/peer-express.md",
        "261 lines of peer-legacy": legacy / ".agent-os/instructions/core/peer.md",
    }
    _written(folder / "finding/.gitignore", IGNORE_FILE)
    _written(folder / "config/.peerlint.yaml", CONFIG_FILE)
    least = least_seconds(files, folder, rounds=15)
    bare = least[BARE]
    for name, time_taken in least.items():
        print(f"  {name:<32} {time_taken * 1000:>9.0f} ms {time_taken / bare:>6.1f} times as long")
    print(f"  promised: at most {MOST_OF_PYTHON:.0f}\n")
    return max(least.values()) <= MOST_OF_PYTHON * bare


def random_files(files: list[Path], scratch: Path, number: int = 60) -> bool:
    """Whether the median of random files, each alone, takes at most the promised times of bare Python."""
    chosen = {str(path): path for path in random.Random(1).sample(files, min(number, len(files)))}
    least = least_seconds(chosen, scratch, rounds=5)
    bare = least.pop(BARE)
    ratios = sorted(seconds / bare for seconds in least.values())
    median, kept = statistics.median(ratios), sum(ratio <= MOST_OF_PYTHON for ratio in ratios) / len(ratios)
    print(f"  {len(ratios)} random files, each alone: median {median:.1f} times as long,", end=" ")
    print(f"9 of 10 at most {ratios[int(len(ratios) * 0.9)]:.1f}; {kept:.0%} keep {MOST_OF_PYTHON:.0f}\n")
    return median <= MOST_OF_PYTHON


def least_seconds(files: dict[str, Path], cwd: Path, rounds: int) -> dict[str, float]:
    """The lowest processor time of bare Python and of a check of each file, in turn."""
    commands = {BARE: [sys.executable, "-c", "pass"]}
    commands |= {name: [sys.executable, "-m", "peerlint", str(path)] for name, path in files.items()}
    # The first round compiles what no earlier run has left compiled, and does not count.
    found = [{name: _processor_seconds(command, cwd) for name, command in commands.items()} for _ in range(rounds + 1)]
    return {name: min(times[name] for times in found[1:]) for name in commands}


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _processor_seconds(command: list[str], cwd: Path) -> float:
    """Time on a processor, which says the same however many others use the machine."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


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
    """Print the comparisons; 1 where a promise is broken."""
    folder = Path(sys.argv[1]).resolve() if len(sys.argv) == 2 else None
    if folder is None or not folder.is_dir():
        print(__doc__)
        return 2
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as scratch:
        kept = [one_file(Path(scratch))]
        kept.append(random_files(sorted(path for path in folder.rglob("*.md") if path.is_file()), Path(scratch)))
        kept.append(corpus(folder, Path(scratch)) <= MOST_OF_RUMDL)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

"""How fast linting is: one file beside bare Python, and a folder beside rumdl, a Markdown linter in Rust.

python -m benchmarks.lint_speed FOLDER

FOLDER holds instruction files. rumdl is installed from its registry into a virtual environment that is removed again.
Both tools run cold, and again with what a run has kept in its cache; the medians are compared. For one file five are
timed, from one that is clean to one that has every kind of finding and migrations to plan, and random files of FOLDER;
their lowest processor times are compared. What Python has compiled of peerlint stays, as after a few runs.
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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: What is promised: one file takes at most this many times as long as bare Python, a folder this many as rumdl.
MOST_OF_PYTHON, MOST_OF_RUMDL = 5.0, 3.0
CLEAN_FILE = "# Build\n\nRun the tests with `make test`, then read the report.\n"
#: As nearly each project has one.
IGNORE_FILE = "node_modules/\n*.log\n.env\n/dist\n"
CONFIG_FILE = "profile: coordination\nignore: [PL308]\nseverity:\n  PL101: warning\n"
FINDING_FILE = '<step number="1" name="health">\n\nRun `~/.agent-os/scripts/check.sh` first.\n\n</step>\n'
#: Where both tools keep what they have found, in the folder that they run in.
CACHE = "cache"
BARE = "python -c pass"
LEGACY = Path(__file__).parent.parent / "fixtures/projects/peer-legacy"


@dataclass(frozen=True)
class Times:
    """Seconds of one command: with an empty cache, and with what the run before has left there."""

    cold: float
    again: float


def seconds(command: list[str], cwd: Path) -> float:
    """Wall time of a command; what it finds does not matter."""
    start = time.perf_counter()
    done = _run(command, cwd)
    if done not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done}")
    return time.perf_counter() - start


def _processor_seconds(command: list[str], cwd: Path) -> float:
    """Time on a processor, which says the same however many others use the machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(command, cwd)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _run(command: list[str], cwd: Path) -> int:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["XDG_CACHE_HOME"] = str(cwd / CACHE)
    quiet = subprocess.DEVNULL
    return subprocess.run(command, cwd=cwd, env=environment, stdout=quiet, stderr=quiet, check=False).returncode


def in_turn(
    commands: dict[str, list[str]], cwd: Path, rounds: int, measure: Callable[[list[str], Path], float]
) -> dict[str, list[Times]]:
    """What each command takes in each round, run in turn, so that what else the machine does falls on all."""
    times: dict[str, list[Times]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            shutil.rmtree(cwd / CACHE, ignore_errors=True)
            times[name].append(Times(measure(command, cwd), measure(command, cwd)))
    return times


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
    bare = least[BARE].cold
    for name, times in least.items():
        cold, again = (
            f"{taken * 1000:>7.0f} ms {taken / bare:>5.1f} times as long" for taken in (times.cold, times.again)
        )
        print(f"  {name:<36} {cold}; again {again}")
    print(f"  promised: at most {MOST_OF_PYTHON:.0f}\n")
    return max(times.again for times in least.values()) <= MOST_OF_PYTHON * bare


def random_files(files: list[Path], scratch: Path, number: int = 60) -> bool:
    """Whether each of some random files takes at most the promised times of bare Python."""
    chosen = {str(path): path for path in random.Random(1).sample(files, min(number, len(files)))}
    least = least_seconds(chosen, scratch, rounds=5)
    bare = least.pop(BARE).cold
    for name, taken in (("cold", [t.cold for t in least.values()]), ("again", [t.again for t in least.values()])):
        ratios = sorted(seconds / bare for seconds in taken)
        kept = sum(ratio <= MOST_OF_PYTHON for ratio in ratios) / len(ratios)
        print(
            f"  {len(ratios)} random files, each alone, {name}: median {statistics.median(ratios):.1f} times as long,",
            end=" ",
        )
        print(f"9 of 10 at most {ratios[int(len(ratios) * 0.9)]:.1f}, at most {ratios[-1]:.1f}; {kept:.0%} keep 5")
    return ratios[-1] <= MOST_OF_PYTHON


def least_seconds(files: dict[str, Path], cwd: Path, rounds: int) -> dict[str, Times]:
    """The lowest processor times of bare Python and of a check of each file."""
    commands = {BARE: [sys.executable, "-c", "pass"]}
    commands |= {name: [sys.executable, "-m", "peerlint", str(path)] for name, path in files.items()}
    # The first round compiles what no earlier run has left compiled, and does not count.
    found = in_turn(commands, cwd, rounds + 1, _processor_seconds)
    return {
        name: Times(min(each.cold for each in times[1:]), min(each.again for each in times[1:]))
        for name, times in found.items()
    }


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def corpus(folder: Path, scratch: Path) -> bool:
    """Whether a folder takes at most the promised times of rumdl, cold, on as many processors each."""
    rumdl = str(install("rumdl", scratch / "rumdl") / "rumdl")
    print("\n" + subprocess.run([rumdl, "--version"], capture_output=True, text=True, check=True).stdout.strip())
    theirs, ours = [rumdl, "check", str(folder)], [sys.executable, "-m", "peerlint", "--output-format", "concise"]
    ours.append(str(folder))
    pairs = {
        # peerlint takes one processor by itself, rumdl all that there are.
        "cold, without options": ([*theirs, "--no-cache"], [*ours, "--no-cache"]),
        "cold, on all processors": ([*theirs, "--no-cache"], [*ours, "--no-cache", "--jobs", "0"]),
        "cold, on one processor": (["env", "RAYON_NUM_THREADS=1", *theirs, "--no-cache"], [*ours, "--no-cache"]),
        "again": ([*theirs, "--cache-dir", str(scratch / CACHE)], [*ours, "--jobs", "0"]),
    }
    commands = {f"{how}, {tool}": line for how, pair in pairs.items() for tool, line in zip(_TOOLS, pair, strict=True)}
    times = in_turn(commands, scratch, 5, seconds)
    ratios = {}
    for how in pairs:
        rounds = (times[f"{how}, {tool}"] for tool in _TOOLS)
        first, second = (statistics.median(t.again if how == "again" else t.cold for t in each) for each in rounds)
        ratios[how] = second / first
        print(f"  {how:<24} rumdl {first:>5.2f} s, peerlint {second:>5.2f} s, {ratios[how]:.1f} times as long")
    print(f"  promised: at most {MOST_OF_RUMDL:.0f}, cold\n")
    return max(ratios["cold, on all processors"], ratios["cold, on one processor"]) <= MOST_OF_RUMDL


_TOOLS = ("rumdl", "peerlint")


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
        kept.append(corpus(folder, Path(scratch)))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

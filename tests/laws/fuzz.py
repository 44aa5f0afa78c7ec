"""The long run: `python -m tests.laws.fuzz [--count N] [--first SEED] [--save FOLDER]`.

Prints the seeds of programs on which bash and the logic disagree, the smallest last, and why others were not
translated; saves each disagreement as a fixture where a folder is given. Ends with 1 where there was one.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from peerlint.prove.lab import Lab
from peerlint.run.sandbox import ExecutionMode
from tests.laws.agreement import compare
from tests.laws.programs import program


def main() -> int:
    parser = argparse.ArgumentParser(description="compare bash with its logic on random programs")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1_000)
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    started = time.monotonic()
    left: Counter[str] = Counter()
    repairs: Counter[str] = Counter()
    found: list[tuple[int, int]] = []
    seeds = range(options.first, options.first + options.count)
    print(f"seeds {seeds.start} to {seeds.stop - 1}", flush=True)
    with Lab(ExecutionMode.HOST) as lab, tempfile.TemporaryDirectory(prefix="peerlint-law-") as folder:
        for done, seed in enumerate(seeds):
            if done and done % 500 == 0:
                print(f"{done} programs in {time.monotonic() - started:.0f} s", flush=True)
            made = program(seed)
            result = compare(lab, made, Path(folder))
            if result.leftover:
                left[re.sub(r"\$\{#?\w+", "${X", result.leftover)] += 1
            if result.repair:
                repairs[result.repair] += 1
            if result.disagreements:
                found.append((len(made.script), seed))
                print(f"seed {seed}: {result.disagreements[0]!r}", flush=True)
                if options.save:
                    made.save(options.save / f"seed-{seed}")
    for reason, count in left.most_common(20):
        print(f"{count:6} left: {reason}")
    for name, count in repairs.most_common():
        print(f"{count:6} repaired: {name}")
    seconds = time.monotonic() - started
    print(f"{options.count} programs, {sum(left.values())} left, {len(found)} disagree, {seconds:.0f} s")
    for _, seed in sorted(found, reverse=True)[-1:]:
        made = program(seed)
        print(f"\nthe smallest, seed {seed}, meets {made.inputs} {made.keys}:\n\n{made.script}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

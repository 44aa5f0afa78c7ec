"""Draw findings to judge by hand: at random, of each rule, and of as many files as there are.

    peerlint check --preview --profile proved --output-format jsonl --exit-zero FOLDER \\
        | python -m benchmarks.sample_findings --seed 7 --per-rule 20

prints one finding a line. The same findings and the same seed give the same draw.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable

Row = tuple[str, str, int, int, str]


def rows(lines: Iterable[str]) -> list[Row]:
    """Code, file, line, column and message of each finding, in an order that does not depend on the run."""
    found = [json.loads(line) for line in lines if line.strip()]
    return sorted(
        (f["code"], f["filename"], f["location"]["row"], f["location"]["column"], f["message"]) for f in found
    )


def draw(findings: list[Row], seed: int, per_rule: int) -> list[Row]:
    """At most `per_rule` findings of each rule; a file gives its second one only when each file has given its first."""
    chosen: list[Row] = []
    for code in sorted({row[0] for row in findings}):
        chance = random.Random(f"{seed} {code}")
        of_rule = [row for row in findings if row[0] == code]
        chance.shuffle(of_rule)
        given: dict[str, int] = defaultdict(int)
        ranked: list[tuple[int, int, Row]] = []
        for place, row in enumerate(of_rule):
            ranked.append((given[row[1]], place, row))
            given[row[1]] += 1
        chosen += sorted(row for _, _, row in sorted(ranked)[:per_rule])
    return chosen


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--per-rule", type=int, default=20)
    given = parser.parse_args()
    for code, file, row, column, message in draw(rows(sys.stdin), given.seed, given.per_rule):
        print(f"{code} {file}:{row}:{column} {message}")

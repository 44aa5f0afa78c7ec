"""How logic that nobody tuned the reader for is read: `python -m benchmarks.held_out [FOLDER]`.

Each line of a text carries what it should become (`fixtures/logic/README.md`). Prints the share of lines that became
it, and every line that did not; without a folder, for both sets.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peerlint.process.logic import line_shares, parse_logic

HELD_OUT = Path(__file__).parents[1] / "fixtures" / "logic" / "held_out"
HELD_OUT_SECOND = HELD_OUT.with_name("held_out_second")


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line with what it should become, and what it became."""

    place: str
    text: str
    expected: str
    found: str


def labelled_texts(path: Path) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """The texts of a file with the row where each begins: its lines, each with its label."""
    lines: list[tuple[str, str]] = []
    for row, line in enumerate((*path.read_text(encoding="utf-8").splitlines(), ""), 1):
        label, _, text = line.partition("| ")
        if text:
            lines.append((label.strip(), text))
        elif lines:
            yield row - len(lines), lines
            lines = []


def read_labelled(folder: Path) -> Iterator[LabelledLine]:
    """Every line that has a label, read."""
    for path in sorted(folder.glob("*.txt")):
        for row, lines in labelled_texts(path):
            text = "\n".join(line for _, line in lines)
            shares = line_shares(text, parse_logic(text, closed=False))
            for index, ((label, line), (_, share)) in enumerate(zip(lines, shares, strict=True)):
                if label != "-":
                    yield LabelledLine(f"{path.name}:{row + index}", line, label, share.value if share else "none")


def main(folder: Path) -> None:
    lines = list(read_labelled(folder))
    wrong = [line for line in lines if line.found != line.expected]
    for line in wrong:
        print(f"{line.place}: {line.text.strip()}\n    {line.found}, not {line.expected}")
    expected, found = Counter(line.expected for line in lines), Counter(line.found for line in lines)
    right = Counter(line.expected for line in lines if line.found == line.expected)
    for label in sorted(expected | found):
        print(f"{label:10} expected {expected[label]:4}, found {found[label]:4}, right {right[label]:4}")
    print(f"as expected: {len(lines) - len(wrong)} of {len(lines)} ({1 - len(wrong) / max(len(lines), 1):.1%})")


if __name__ == "__main__":
    for place in [Path(sys.argv[1])] if len(sys.argv) > 1 else [HELD_OUT, HELD_OUT_SECOND]:
        main(place)

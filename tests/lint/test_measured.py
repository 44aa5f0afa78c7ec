"""The made-up projects of `fixtures/measured`: found is what their labels say, no more and no less.

`python -m tests.lint.test_measured` prints precision and recall.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from peerlint.lint.engine import default_rules, lint
from peerlint.lint.rules import LintSettings
from peerlint.process.build import build
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.project import Project
from peerlint.source.text import SourceText

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "measured"
#: Aims for what is made up here; real files are in docs/precision.md.
AIM_RECALL, AIM_PRECISION = 0.9, 0.95


@dataclass(frozen=True, order=True)
class Finding:
    """A rule at a line of a file of the folder; `row` is 0 where a label names no line of the file."""

    path: str
    row: int
    code: str


def labels() -> dict[str, Counter[Finding]]:
    """What is labelled as to be found ("", or "miss" where the tool is known not to) and as found wrongly ("wrong")."""
    found: dict[str, Counter[Finding]] = {"": Counter(), "miss": Counter(), "wrong": Counter()}
    for line in (FOLDER / "labels.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        first, _, rest = line.partition(" ")
        mark = first if first in ("miss", "wrong") else ""
        code, path, piece = (rest if mark else line).split(" ", 2)
        rows = (FOLDER / path).read_text(encoding="utf-8").splitlines()
        row = next((number for number, text in enumerate(rows, 1) if piece in text), 0)
        found[mark][Finding(path, row, code)] += 1
    return found


def findings() -> Counter[Finding]:
    """What the rules find in all projects, at most once a line and rule."""
    found: Counter[Finding] = Counter()
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        project = Project(folder)
        for file in project.files([folder]):
            name = project.relative(file)
            source = SourceText.decode(name, file.read_bytes())
            document = parse(source)

            def resolve(reference: str, file: Path = file, project: Project = project) -> SourceText | None:
                path = project.resolve(reference, file)
                return SourceText(project.relative(path), path.read_text(encoding="utf-8")) if path else None

            reading = build(document, kind_of(name, document), resolve)
            rows = {
                (d.code, source.lines.position(d.span.start).row)
                for d in lint(reading, LintSettings(default_rules()), project.facts)
            }
            found.update(Finding(f"{folder.name}/{name}", row, code) for code, row in rows)
    return found


def test_the_labels_name_lines_of_the_files() -> None:
    assert [finding for kind in labels().values() for finding in kind if finding.row == 0] == []


def test_found_is_what_is_labelled() -> None:
    wanted = labels()

    found = findings()

    assert sorted(found - wanted[""] - wanted["wrong"]) == [], "found, and not labelled"
    assert sorted((wanted[""] + wanted["wrong"]) - found) == [], "labelled, and not found"
    assert sorted(wanted["miss"] & found) == [], "labelled as missed, and found by now"


def test_most_is_found_and_little_besides() -> None:
    right, missed, wrong = (kind.total() for kind in labels().values())

    assert right >= AIM_RECALL * (right + missed)
    assert right >= AIM_PRECISION * (right + wrong)


if __name__ == "__main__":
    right, missed, wrong = labels().values()
    codes = sorted({finding.code for kind in (right, missed, wrong) for finding in kind})
    for code in codes:
        hits, absent, false = (sum(n for f, n in kind.items() if f.code == code) for kind in (right, missed, wrong))
        print(f"{code}: {hits} found of {hits + absent}, {false} wrong")
    print(f"recall {right.total()} of {right.total() + missed.total()}, wrong {wrong.total()}")

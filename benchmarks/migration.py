"""How much of the shell in a folder of instruction files is lowered: `python -m benchmarks.migration FOLDER`.

FOLDER holds one project a sub-folder. Counted are the calls of the Bash tool in procedure role that bear flow: that
branch, loop, exit, test a status or take the output of a command. Each call is lowered on its own, so that one hard
call does not hide its neighbours; whole steps are counted below. With `--show REASON` the first sources that were left
for a reason that contains REASON are printed, with `--passed` what was lowered.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peerlint.migrate.lower import Leftover, StepLowering, lower_process
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    AndOr,
    Assignment,
    Case,
    For,
    IfCommand,
    Loop,
    Parameter,
    Simple,
    Substitution,
    walk,
)
from peerlint.process.build import Reading, Resolve, ShellCall, build
from peerlint.process.logic import parse_logic, render_logic, rendered_blocks
from peerlint.process.model import Process, Shell, Step
from peerlint.process.roles import Role
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.project import Project
from peerlint.source.text import SourceText

#: Reasons that name things of one script, as one reason.
_OF_ONE_SCRIPT = (
    (re.compile(r"^\$\w+ without quotes"), "a variable without quotes"),
    (re.compile(r"^file names that match .*"), "file names that match a pattern, as arguments"),
    (re.compile(r"^this cannot be read as bash: .*"), "this cannot be read as bash"),
    (
        re.compile(r"^/\S+ is read, but no earlier step that can be migrated writes it$"),
        "a temp file that no earlier step that can be migrated writes",
    ),
    (re.compile(r"^the array \w+, "), "an array whose elements are not set in the call"),
    (re.compile(r"^a temp file that \S+ needs as a file$"), "a temp file that a tool needs as a file"),
    (re.compile(r"^.* is not in the project$"), "a script that is not in the project"),
    (re.compile(r"^arithmetic that is not translated: .*"), "arithmetic that is not translated"),
    (re.compile(r"^\$\d+: the arguments"), "positional: the arguments"),
    (re.compile(r"^\(\(.*\)\)$"), "((…))"),
    (re.compile(r"^the function \w+, which nothing calls"), "a function that nothing calls"),
    (re.compile(r'^the comment "'), "a comment that is a choice among the commands"),
    (re.compile(r"^source of "), "source of a library"),
    (re.compile(r"that reads a file as its input"), "a command that reads a file as its input"),
    (re.compile(r"^\$\{.*\} is not translated$"), "${…} is not translated"),
)


@dataclass(frozen=True)
class Measured:
    """One call that bears flow."""

    path: str
    call: ShellCall
    lowering: StepLowering


def readings(folder: Path) -> Iterator[Reading]:
    """Each Markdown file below the projects of `folder`."""
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        project = Project.at(place)
        for path in sorted(place.rglob("*.md")):
            if not path.is_file():
                continue
            source = SourceText.decode(path.relative_to(folder).as_posix(), path.read_bytes())
            document = parse(source)
            kind = kind_of(path.relative_to(place).as_posix(), document)
            if kind.linted:
                yield build(document, kind, _resolve(project, path))


def _resolve(project: Project, path: Path) -> Resolve:
    def resolve(reference: str) -> SourceText | None:
        found = project.resolve(reference, path)
        return None if found is None else project.read(found)

    return resolve


def bears_flow(shell: Shell) -> bool:
    """Whether the code decides, repeats, ends, or keeps the output of a command."""
    nodes = list(walk(parse_bash(shell.code).commands))
    return any(
        isinstance(node, (IfCommand, Case, For, Loop, AndOr))
        or (isinstance(node, Simple) and node.name in ("exit", "return"))
        or (isinstance(node, Parameter) and node.name == "?")
        or (isinstance(node, Assignment) and any(isinstance(part, Substitution) for part in walk(node)))
        for node in nodes
    )


def steps(every: list[Reading]) -> Counter[str]:
    """Steps with a call that bears flow, lowered together with all other steps of their file."""
    counts: Counter[str] = Counter()
    for reading in every:
        lowered = lower_process(reading.process, reading.resolve)
        for step in reading.steps:
            if any(call.role is Role.PROCEDURE and bears_flow(call.statement) for call in step.shell):
                result = lowered.get(step.number)
                counts["left" if result is None or result.leftover else "lowered"] += 1
    return counts


def cases(every: list[Reading]) -> Iterator[Measured]:
    """Each call in procedure role that bears flow, lowered on its own."""
    for reading in every:
        for step in reading.steps:
            for call in step.shell:
                if call.role is Role.PROCEDURE and bears_flow(call.statement):
                    alone = Process("measured", (Step("1", statements=(call.statement,)),))
                    yield Measured(
                        reading.document.source.path,
                        call,
                        lower_process(alone, reading.resolve).get("1", StepLowering()),
                    )


def reads_back(lowering: StepLowering) -> bool:
    """Whether the text that is written for the logic is read as the same logic again."""
    reading = parse_logic(render_logic(lowering.statements), blocks=rendered_blocks(lowering.statements))
    return not reading.problems and reading.statements == lowering.statements


def reason_of(leftover: Leftover) -> str:
    """The reason without what differs from script to script."""
    for pattern, name in _OF_ONE_SCRIPT:
        if pattern.match(leftover.reason):
            return name
    return leftover.reason


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", metavar="REASON")
    parser.add_argument("--passed", action="store_true")
    options = parser.parse_args()
    every = list(readings(options.folder))
    found = list(cases(every))
    left = Counter(reason_of(case.lowering.leftover) for case in found if case.lowering.leftover)
    repairs = Counter(repair.name for case in found for repair in case.lowering.repairs)
    lowered = len(found) - left.total()
    if options.show:
        for case in found:
            leftover = case.lowering.leftover
            if leftover and options.show in leftover.reason:
                print(f"--- {case.path}: {leftover}\n    {leftover.source}")
        return
    if options.passed:
        for case in found:
            if not case.lowering.leftover:
                print(f"=== {case.path}\n{case.call.statement.code}\n--->\n{render_logic(case.lowering.statements)}")
                for name, text in rendered_blocks(case.lowering.statements).items():
                    print(f"<{name}>\n{text}\n</{name}>")
        return
    print(f"{len(found)} calls bear flow; lowered {lowered} ({lowered / max(len(found), 1):.1%}), left {left.total()}:")
    for reason, count in left.most_common():
        print(f"{count:>6} {reason}")
    again = sum(reads_back(case.lowering) for case in found if not case.lowering.leftover)
    print(f"read back from their text as the same logic: {again} of {lowered}")
    whole = steps(every)
    print(f"steps with such calls, in their files: {whole.total()}, lowered {whole['lowered']}")
    print("repairs:", ", ".join(f"{name} {count}" for name, count in repairs.most_common()) or "none")


if __name__ == "__main__":
    main()

"""What a fix shows: the table of steps, the diff for `git apply`, and how to undo it."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from peerlint.migrate.fix.model import FileResult, FixReport, StepOutcome, Verdict


def table(report: FixReport, *, by_file: bool = False) -> list[str]:
    """One line for each step that had something to migrate, in aligned columns, then what was refused.

    Each line begins with the name of the file. `by_file`, the lines of each file stand below what messages call it,
    since several files may have one name.
    """
    lines = []
    if by_file:
        for file in report.files:
            rows = [("", *_row(step)) for step in file.steps]
            lines += [file.before.path, *_aligned(rows)] if rows else []
    else:
        lines += _aligned([(_name(file), *_row(step)) for file in report.files for step in file.steps])
    lines += [f"{file.before.path}: {file.refused}" for file in report.files if file.refused]
    lines += [f"{file.before.path}: {told}" for file in report.files for told in file.held_back]
    return lines


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _name(file: FileResult) -> str:
    return file.before.path.rpartition("/")[2]


def _row(step: StepOutcome) -> tuple[str, str, str]:
    name = f"step {step.number}" + (f" {step.name}" if step.name else "")
    return (name, step.verdict.value, _details(step))


def _details(step: StepOutcome) -> str:
    proof = step.proof
    if step.written and proof is not None:
        repairs = f"   repair: {', '.join(proof.repairs)}" if proof.repairs else ""
        scenarios = f"{proof.scenarios} scenario{'' if proof.scenarios == 1 else 's'}"
        branches = f"{proof.arms_taken}/{proof.arms_total} branches"
        return f"{scenarios:<15}{branches:<16}{proof.seconds:.2f} s{repairs}"
    told = step.reason or (proof.reason if proof else "")
    if step.verdict in (Verdict.PLANNED, Verdict.MANUAL):
        return told
    return f"{told}; not written" if told else "not written"


def diff(report: FixReport, base: Path | None = None) -> str:
    """The changes of all files as one patch that `git apply` takes, with paths below `base`, else as they are named."""
    return "".join(file_diff(file, base) for file in report.files if file.changed)


def file_diff(file: FileResult, base: Path | None = None) -> str:
    """The changes of one file as a patch; lines end at LF only, so that a CR stays part of its line."""
    old, new = _lines(file.before.text), _lines(file.after.text)
    path = file.before.path if base is None else Path(os.path.relpath(file.path.absolute(), base)).as_posix()
    names = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    patch = difflib.unified_diff(old, new, *names)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in patch)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _quoted(path: str) -> str:
    """The path as git writes it in a patch: quoted in the manner of C where a plain reader would stumble."""
    if path.isascii() and path.isprintable() and not set(path) & {'"', "\\"}:
        return path + "\t" if " " in path else path
    escapes = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    inner = "".join(
        escapes.get(char) or (char if char.isascii() and char.isprintable() else _octal(char)) for char in path
    )
    return f'"{inner}"'


def _octal(char: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def undo_line(restorable: Iterable[Sequence[str]], kept: Sequence[tuple[str, str]], made: Sequence[str]) -> str:
    """One command line that takes a fix back.

    `restorable` are files that git has as they were, by their repository, `kept` pairs of file and copy of its old
    text, `made` new files.
    """
    parts = [_restored(files) for files in restorable]
    parts += [f"mv {shlex.quote(copy)} {shlex.quote(path)}" for path, copy in kept]
    if made:
        parts.append("rm " + shlex.join(made))
    return " && ".join(parts)


def _restored(files: Sequence[str]) -> str:
    """The command that gives files of one repository back, wherever it is typed: git has to be started in that."""
    folder = os.path.commonpath([os.path.dirname(file) for file in files])  # noqa: PTH120 (in letters, as typed)
    names = [file.removeprefix(f"{folder}/" if folder else "") for file in files]
    place = f"-C {shlex.quote(folder)} " if folder else ""
    return f"git {place}restore -- {shlex.join(names)}"

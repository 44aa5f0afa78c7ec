"""Where in the file shell of a step stands, for what is said of it."""

from __future__ import annotations

from peerlint.lint.shell import ShellView
from peerlint.migrate.lower import StepLowering
from peerlint.migrate.lower.result import Leftover
from peerlint.process.build import Reading
from peerlint.process.model import Shell
from peerlint.process.roles import Role
from peerlint.source.text import LineIndex, Position, Span


def told(reading: Reading, number: str, leftover: Leftover) -> str:
    """Why a step stays, with the line of the file, or of the script by its name, that is the cause."""
    if leftover.path or not leftover.source:
        return str(leftover)
    row = _row(reading, number, leftover.call, leftover.row)
    return leftover.told(f"line {row}") if row else str(leftover)


def place_of(reading: Reading, number: str, lowering: StepLowering, span: Span) -> str | None:
    """The line of the file, or the script and its line, that a span of what was shell speaks of; else None."""
    found = lowering.place(span)
    if found is None:
        return None
    source, inner = found
    row = source.lines.position(inner.start).row
    if source.path:
        return f"{source.path}:{row}"
    call = next(at for at, (_, text) in enumerate(lowering.sources) if text is source)
    return f"line {_row(reading, number, call, row) or row}"


def _row(reading: Reading, number: str, call: int, row: int) -> int | None:
    """The row of the file for a row of the call of a step with the number `call`; None where it has none."""
    step = next((step for step in reading.steps if step.number == number), None)
    shells = [node for node in step.step.statements if isinstance(node, Shell)] if step is not None else []
    if call >= len(shells):
        return None
    source, shell = reading.document.source, shells[call]
    view = ShellView(shell.code, Role.PROCEDURE, step, None, shell.span, source)
    start = LineIndex(shell.code).offset(Position(row, 1))
    return source.lines.position(view.span(Span(start, start)).start).row

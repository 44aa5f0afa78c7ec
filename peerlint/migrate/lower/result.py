"""What lowering a process gives, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.migrate.lower.advice import advice_for
from peerlint.process.model import Parameter, Statement
from peerlint.records import dataclass
from peerlint.source.text import NOWHERE, SourceText, Span


@dataclass(frozen=True, slots=True)
class Leftover:
    """Why a step stays as it is: the reason, and the line of the script (or of the shell in the step) that causes it.

    `row` counts from 1 in the text of `path`; for shell that stands in the instruction file `path` is "" and the row
    counts in that shell, which is the call of the step with the number `call`, from 0.
    """

    reason: str
    path: str
    row: int
    source: str
    call: int = 0

    def told(self, place: str) -> str:
        """The reason with its place, and what the author can do."""
        advice = advice_for(self.reason)
        return f"{self.reason} ({place}){'; ' if advice else ''}{advice}"

    def __str__(self) -> str:
        place = f"{self.path.rsplit('/', 1)[-1]}:{self.row}" if self.path else f"line {self.row} of its shell"
        return self.told(place)


@dataclass(frozen=True, slots=True)
class RepairUse:
    """A difference to the script that was made on purpose; `name` is one of the closed list in docs/repairs.md."""

    name: str
    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class StepLowering:
    """The logic of one step, or why it has none.

    `passes` holds the statements after each pass, for `explain`; `promoted` maps each temp file that became variables
    to their names; `scripts` are the references whose code is in the statements now. `seams` says where each call
    begins that has to keep its place: at which statement, and which shell call of the step it is.

    `sources` are the texts of its shell and of the scripts in it, as if they stood one behind another: spans of
    statements and of repairs count from the beginning of the first, and `place` says where they are.
    """

    statements: tuple[Statement, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    leftover: Leftover | None = None
    passes: tuple[tuple[str, tuple[Statement, ...]], ...] = ()
    repairs: tuple[RepairUse, ...] = ()
    promoted: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scripts: tuple[str, ...] = ()
    seams: tuple[tuple[int, int], ...] = ()
    sources: tuple[tuple[int, SourceText], ...] = ()

    def place(self, span: Span) -> tuple[SourceText, Span] | None:
        """The text that a span of what was shell speaks of, and the span in it; None for what was made, not read."""
        return place_in(self.sources, span)


def place_in(sources: Sequence[tuple[int, SourceText]], span: Span) -> tuple[SourceText, Span] | None:
    """See `StepLowering.place`."""
    for start, source in reversed(sources):
        if start <= span.start and span != NOWHERE:
            return source, Span(span.start - start, span.end - start)
    return None

"""What stands behind effects and SET in the IR, and durations; apart, since whatever reads steps needs it."""

from __future__ import annotations

from enum import Enum

from peerlint.records import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.model.values import Value


class TimeUnit(Enum):
    """Units of waiting times, by milliseconds."""

    MILLISECOND = 1
    SECOND = 1000
    MINUTE = 60_000
    HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Duration:
    """`30 seconds`."""

    amount: int
    unit: TimeUnit

    @property
    def seconds(self) -> float:
        """The duration in seconds."""
        return self.amount * self.unit.value / 1000


@dataclass(frozen=True, slots=True)
class Clauses:
    """What stands behind an effect or a SET; see docs/logic.md for which directive takes which.

    `exit_code` and `error` are names that are bound. A failing effect that nothing looks at stops the process, but for
    `if_fails` (the value instead) and `ignoring_failure` (keeps the output).
    """

    exit_code: str | None = None
    errors_included: bool = False
    errors_hidden: bool = False
    error: str | None = None
    output_hidden: bool = False
    quietly: bool = False
    within: Duration | None = None
    if_fails: Value | None = None
    if_empty: Value | None = None
    ignoring_failure: bool = False


NO_CLAUSES = Clauses()

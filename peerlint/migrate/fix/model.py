"""What `fix` takes and gives back; types only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path

from peerlint.lint.diagnostics import Diagnostic
from peerlint.migrate.fix.needs import Needs
from peerlint.migrate.lower import StepLowering
from peerlint.migrate.rewrite import Migration
from peerlint.process.build import Reading
from peerlint.records import dataclass, field
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    # `typing` takes long to load.
    Protocol = object

#: Reads a text as the file that it names: parsed, built, with its scripts resolved.
ReadText = Callable[[SourceText], Reading]
#: The findings of a reading, as `check` shows them.
Check = Callable[[Reading], Sequence[Diagnostic]]
#: The path and the text of the script that messages call so, if it lies within what the user asked to fix.
FindScript = Callable[[str], tuple[Path, SourceText] | None]
#: Called with one short line before something that takes time.
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class CheckedText:
    """A text as it was read, with its findings."""

    reading: Reading
    findings: Sequence[Diagnostic]

    @property
    def source(self) -> SourceText:
        """The text itself."""
        return self.reading.document.source


def no_script(label: str) -> None:
    """No script may be changed."""


@dataclass(frozen=True, slots=True)
class FixSettings:
    """What the caller of `--fix` and `--diff` asked for.

    `step` limits the fix to one step; its simple fixes too. `max_passes` bounds how often simple fixes are applied
    again to what the ones before made.
    """

    unsafe_fixes: bool = False
    allow_dirty: bool = False
    step: str | None = None
    max_passes: int = 10


class Verdict(Enum):
    """How the migration of a step ended; only the first two are ever written."""

    PROVED = "proved"
    PROVED_WITH_EXCEPTIONS = "proved-with-exceptions"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What the proof of one step says; `reason` is one line: the counterexample, or why it is unknown."""

    number: str
    verdict: Verdict
    scenarios: int = 0
    arms_taken: int = 0
    arms_total: int = 0
    seconds: float = 0.0
    repairs: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileProof:
    """The verdict of each step that was asked for, and the text of the certificate (None where nothing is proved)."""

    steps: tuple[StepVerdict, ...]
    certificate: str | None = None


class Prove(Protocol):
    """Proves steps of a rewritten file against the file as it was; both are read from text."""

    def __call__(self, original: Reading, rewrite: Reading, steps: Sequence[str], /) -> FileProof:
        """One verdict for each number in `steps`, in that order."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One line of the table: what became of a step. `written` says whether the file holds the migration now."""

    number: str
    name: str | None
    verdict: Verdict
    written: bool = False
    proof: StepVerdict | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FilePlan:
    """What could be migrated in one file, found without starting a process.

    `provable` are the numbers of the steps that `--fix` can migrate if the proof holds: what `check` marks `[p]`.
    `groups` are the steps that share a temp file, by its path: all of them are migrated or none. `needs` are earlier
    steps whose variables a step reads, with one of them. `manual` says of the other steps with shell why they stay.
    """

    reading: Reading
    migration: Migration
    lowerings: Mapping[str, StepLowering]
    provable: frozenset[str]
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    manual: dict[str, str] = field(default_factory=dict)
    needs: Needs = field(default_factory=dict)

    def would_be_halved(self, finding: Diagnostic) -> bool:
        """Whether a fix would write one block of a step as logic that can be migrated as a whole.

        What is logic beside shell cannot be proved any more, so a fix must not be the end of the migration.
        """
        if finding.fix is None or not finding.fix.reveals or finding.step not in self.provable:
            return False
        return any(len(step.shell) > 1 for step in self.reading.steps if step.number == finding.step)


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. `after` is its text now (or what it would be, where nothing was written).

    `copy` holds its old bytes, `certificate_copy` those of its certificate, where git could not give them back;
    `refused` says why nothing was written, `held_back` which simple fixes were not made, since another file that has to
    change with them cannot be written.
    """

    path: Path
    before: SourceText
    after: SourceText
    plan: FilePlan | None = None
    steps: tuple[StepOutcome, ...] = ()
    applied: tuple[Diagnostic, ...] = ()
    certificate: Path | None = None
    certificate_is_new: bool = False
    certificate_copy: Path | None = None
    copy: Path | None = None
    written: bool = False
    refused: str = ""
    held_back: tuple[str, ...] = ()

    @property
    def not_proved(self) -> dict[str, str]:
        """The steps whose rewrite was tried and is not written, by number, with the verdict and the reason."""
        tried = (Verdict.REFUTED, Verdict.UNKNOWN, Verdict.PROVED_WITH_EXCEPTIONS)
        return {
            step.number: f"{step.verdict.value}, {reason}" if reason else step.verdict.value
            for step in self.steps
            if step.verdict in tried and not step.written and not self.refused
            for reason in (step.reason or (step.proof.reason if step.proof else ""),)
        }

    def label(self, beside: Path) -> str:
        """What messages call a file that stands in the folder of this one."""
        folder, slash, _ = self.before.path.rpartition("/")
        return f"{folder}{slash}{beside.name}"

    @property
    def changed(self) -> bool:
        """Whether the text differs from what was there before."""
        return self.before.text != self.after.text


@dataclass(frozen=True, slots=True)
class FixReport:
    """All files of one run.

    `undo` is the command line that takes it back, empty where nothing was written; `orphans` are scripts, relative to
    the project, that nobody calls any more.
    """

    files: tuple[FileResult, ...] = ()
    orphans: tuple[str, ...] = ()
    undo: str = ""

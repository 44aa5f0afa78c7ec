"""What a rule finds: one problem at one place, what to do about it, and how it can be mended."""

from __future__ import annotations

from enum import Enum, IntEnum

from peerlint.records import dataclass, field, fields
from peerlint.source.text import Edit, Position, SourceText, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Severity(IntEnum):
    """How bad it is; ordered, so that `>=` asks for "at least"."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """Name in lower case, as in config and reports."""
        return self.name.lower()


class Confidence(Enum):
    """How sure the rule is that it is right."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Applicability(Enum):
    """What has to happen before a fix may be written.

    SAFE: nothing; PROVABLE: `--fix` proves it first; UNSAFE: `--unsafe-fixes`; MANUAL: a person has to do it.
    """

    SAFE = "safe"
    PROVABLE = "provable"
    UNSAFE = "unsafe"
    MANUAL = "manual"


#: How a fix is marked in one line of text.
APPLICABILITY_MARKS = {Applicability.SAFE: "[*]", Applicability.PROVABLE: "[p]", Applicability.UNSAFE: "[u]"}


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that the finding is about; `path` may be another file, so the place is a row and a column.

    `edit` is what mends it there, where the other file has no findings of its own that would do it.
    """

    path: str
    position: Position
    message: str
    edit: Edit | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend the problem and what they do; a MANUAL fix has no edits and says what could not be done.

    `elsewhere` are places in other files that have to change with it: whoever writes the fix has to reach them too.
    A fix that `reveals` makes text readable that was no language, so that more may be found in its step.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...] = ()
    elsewhere: tuple[Related, ...] = ()
    reveals: bool = False

    @property
    def has_edits(self) -> bool:
        """Whether it changes anything by itself, here or elsewhere."""
        return bool(self.edits) or any(place.edit is not None for place in self.elsewhere)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `span` lies in the text of the file at `path`; `step` is the number of the step it stands in."""

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    path: str
    span: Span
    help: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    step: str | None = None

    @property
    def order(self) -> tuple[str, Span, str, str]:
        """Sort key: by file, place, rule."""
        return (self.path, self.span, self.code, self.message)


@dataclass(frozen=True, slots=True)
class FileFindings:
    """The findings of one file with its text, in the order of the text; what every report is made from."""

    source: SourceText
    diagnostics: tuple[Diagnostic, ...] = field(default=())


#: What findings are made of, in an order that their plain form counts on.
_PARTS = (Diagnostic, Related, Fix, Edit, Span, Position, Severity, Confidence, Applicability)


def as_plain(value: Any) -> Any:
    """Findings as tuples, lists, texts and numbers alone, such as `marshal` writes; `from_plain` makes them again.

    What is none of these is a list: the number of its class, then what it is made of.
    """
    if isinstance(value, tuple):
        return tuple(map(as_plain, value))
    kind = type(value)
    if kind not in _PARTS:
        return value
    content = (value.value,) if isinstance(value, Enum) else (getattr(value, each.name) for each in fields(value))
    return [_PARTS.index(kind), *map(as_plain, content)]


def from_plain(plain: Any) -> Any:
    """The findings of which `as_plain` made this."""
    if isinstance(plain, list):
        return _PARTS[plain[0]](*map(from_plain, plain[1:]))
    return tuple(map(from_plain, plain)) if isinstance(plain, tuple) else plain

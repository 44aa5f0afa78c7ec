"""Conditions of the IR: true, false or failed(cause)."""

from __future__ import annotations

from enum import Enum

from peerlint.records import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from peerlint.process.model.values import Pipeline, Text, Value, Verbatim


@dataclass(frozen=True, slots=True)
class All:
    """`a AND b`: from the left, stops at the first that is not true."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`a OR b`: from the left, stops at the first that is true."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT (a)`, or the negative form of a test (`is not empty`)."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """Missing or ""."""

    value: Value


@dataclass(frozen=True, slots=True)
class IsMissing:
    """Never set, no such field, or null."""

    value: Value


@dataclass(frozen=True, slots=True)
class IsNumber:
    """Text of a decimal integer."""

    value: Value


@dataclass(frozen=True, slots=True)
class IsJson:
    """Valid JSON text."""

    value: Value


@dataclass(frozen=True, slots=True)
class Equals:
    """Same text; with a Number on the right the same number, false where the left is none."""

    left: Value
    right: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`is one of a, b`."""

    value: Value
    options: tuple[Value, ...]


class Order(Enum):
    """Comparison of numbers; false where either side is none."""

    GREATER = "greater than"
    AT_LEAST = "at least"
    LESS = "less than"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Compare:
    """`is greater than 0` and its like."""

    order: Order
    left: Value
    right: Value


class Part(Enum):
    """Where a literal part of a text stands."""

    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"


@dataclass(frozen=True, slots=True)
class HasPart:
    """`X contains "a"`, literal."""

    part: Part
    value: Value
    other: Value


@dataclass(frozen=True, slots=True)
class Matches:
    """POSIX extended regular expression, anywhere in a line."""

    value: Value
    pattern: Verbatim


@dataclass(frozen=True, slots=True)
class Passes:
    """Exit status 0 of the filter fed with the value and a newline."""

    value: Value
    command: Pipeline


class Outcome(Enum):
    """How the effect right above ended. Strict words hold for that cause only, lenient ones for any (rule 7)."""

    SERVER_RESPONDING = "server responding"
    SERVER_NOT_RESPONDING = "server not responding"
    BUCKET_EXISTS = "bucket exists"
    BUCKET_DOES_NOT_EXIST = "bucket does not exist"
    BUCKET_AVAILABLE = "bucket is available"
    BUCKET_NOT_AVAILABLE = "bucket is not available"
    KEY_EXISTS = "key exists"
    KEY_DOES_NOT_EXIST = "key does not exist"
    KEY_AVAILABLE = "key is available"
    KEY_NOT_AVAILABLE = "key is not available"
    KEY_ALREADY_EXISTS = "key already exists"
    REVISION_CHANGED = "revision has changed"
    FILE_AVAILABLE = "file is available"
    FILE_NOT_AVAILABLE = "file is not available"
    CREATION_FAILS = "creation fails"
    CREATION_SUCCEEDS = "creation succeeds"
    UPDATE_FAILS = "update fails"
    UPDATE_SUCCEEDS = "update succeeds"
    STORING_FAILS = "storing fails"
    STORING_SUCCEEDS = "storing succeeds"
    DELETION_FAILS = "deletion fails"
    DELETION_SUCCEEDS = "deletion succeeds"
    LISTING_FAILS = "listing fails"
    LISTING_SUCCEEDS = "listing succeeds"
    WRITING_FAILS = "writing fails"
    WRITING_SUCCEEDS = "writing succeeds"
    TRANSFORMATION_FAILS = "transformation fails"
    TRANSFORMATION_SUCCEEDS = "transformation succeeds"
    COMMAND_FAILS = "command fails"
    COMMAND_SUCCEEDS = "command succeeds"
    ACTION_FAILS = "action fails"
    ACTION_SUCCEEDS = "action succeeds"
    PUBLISHING_FAILS = "publishing fails"
    PUBLISHING_SUCCEEDS = "publishing succeeds"
    REQUEST_FAILS = "request fails"
    REQUEST_SUCCEEDS = "request succeeds"
    WAIT_FAILS = "wait fails"
    WAIT_SUCCEEDS = "wait succeeds"


@dataclass(frozen=True, slots=True)
class OutcomeIs:
    """An outcome word of the effect right above the IF chain."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ExitCodeIs:
    """`exit code is N`, of the command right above."""

    code: int


class PathKind(Enum):
    """What a path is."""

    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class PathExists:
    """`file "p" exists`."""

    kind: PathKind
    path: Text


@dataclass(frozen=True, slots=True)
class PathEmpty:
    """`file "p" is empty`; a path that does not exist is empty (`[ -s ]` is its negation)."""

    kind: PathKind
    path: Text


@dataclass(frozen=True, slots=True)
class FilesExist:
    """`files matching "*.sln" exist`."""

    pattern: Text


@dataclass(frozen=True, slots=True)
class ToolAvailable:
    """`tool gh is available`."""

    name: str


@dataclass(frozen=True, slots=True)
class CommandSucceeds:
    """``` `git diff --quiet` succeeds ```: a probe without effect."""

    command: Pipeline


@dataclass(frozen=True, slots=True)
class Provided:
    """`--flag provided`: stands in the arguments alone, or as `--flag=VALUE` with a value that is not empty."""

    flag: str


@dataclass(frozen=True, slots=True)
class Decide:
    """`you judge that "…"`: agent judgement, answered by an answers file, a person or a subagent; never guessed."""

    question: str


@dataclass(frozen=True, slots=True)
class UserAnswer:
    """A condition on what the user says (`user approves`), asked as a yes/no question."""

    question: str


Condition: TypeAlias = (
    All
    | AnyOf
    | Not
    | IsEmpty
    | IsMissing
    | IsNumber
    | IsJson
    | Equals
    | OneOf
    | Compare
    | HasPart
    | Matches
    | Passes
    | OutcomeIs
    | ExitCodeIs
    | PathExists
    | PathEmpty
    | FilesExist
    | ToolAvailable
    | CommandSucceeds
    | Provided
    | Decide
    | UserAnswer
)

"""The meaning of an instruction file: one IR for reader, linter, interpreter, prover and migration.

The canonical logic block is the concrete syntax of this IR (`docs/logic.md`): `logic.parse(logic.render(x)) == x`.
Nodes are immutable; spans point into the text that was read and never count for equality.

Values are text. *Missing* (never set, absent or null JSON field) is the one value besides text. JSON exists only
through `JqFilter` and `AsJson`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any, TypeAlias

from peerlint.source.text import NOWHERE, Span

# --- values ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ref:
    """`NAME`, `NAME.field`, `NAME.[OTHER]`: a step of `path` is a field name, or a Ref whose value names the field."""

    name: str
    path: tuple[str | Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text template: literal strings and references in order; no two strings adjacent, none empty.

    With `block` it stands in the tag of that name and is rendered as `<block>`.
    """

    parts: tuple[str | Ref, ...] = ()
    block: str | None = None

    @classmethod
    def of(cls, *parts: str | Ref, block: str | None = None) -> Text:
        """The template in normal form: empty strings dropped, adjacent strings joined."""
        normal: list[str | Ref] = []
        for part in parts:
            if isinstance(part, str):
                if not part:
                    continue
                if normal and isinstance(normal[-1], str):
                    normal[-1] += part
                    continue
            normal.append(part)
        return cls(tuple(normal), block)

    @property
    def literal(self) -> str | None:
        """The text where it holds no reference, else None."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text in which nothing is replaced: a jq program or a regular expression. In jq `$NAME` is the text of NAME."""

    text: str
    block: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal integer."""

    value: int


@dataclass(frozen=True, slots=True)
class Constant:
    """`true`, `false` or `null`."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`a + b + c` with one operator (`+ - * / %`), from the left; division truncates towards zero as in bash.

    An operand that is no decimal integer is a failure; "08" is 8.
    """

    operator: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class JqFilter:
    """`VALUE with jq -FLAGS 'program'`: output of the filter without trailing newlines."""

    value: Value
    program: Verbatim
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Through:
    """``VALUE through `filter` ``: stdout of the pipeline fed with value and newline, without trailing newlines."""

    value: Value
    command: Pipeline


@dataclass(frozen=True, slots=True)
class AsJson:
    """`VALUE as JSON`. Of a Text: a JSON template (`"…[X]…"` escaped, bare `[X]` is JSON); else: its text."""

    value: Value


@dataclass(frozen=True, slots=True)
class AsNumber:
    """`VALUE as number`: a decimal integer, else a failure."""

    value: Value


@dataclass(frozen=True, slots=True)
class FlagValue:
    """`value of --flag`: what stands behind `--flag=` in the arguments (the last one wins), else missing."""

    flag: str


@dataclass(frozen=True, slots=True)
class OtherArgument:
    """`first argument other than --a=, --b`: the first argument of another shape, else missing.

    A flag with `=` at its end takes a value; one without stands alone.
    """

    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurrentTime:
    """`current UTC time as "%Y-…"`: strftime format; without one `%Y-%m-%dT%H:%M:%SZ`."""

    format: str | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """`length of X`: number of characters."""

    value: Value


@dataclass(frozen=True, slots=True)
class FirstCharacters:
    """`first N characters of X`."""

    count: int
    value: Value


@dataclass(frozen=True, slots=True)
class NumberOf:
    """`number of <list>`."""

    listing: Listing


Value: TypeAlias = (
    Ref
    | Text
    | Number
    | Constant
    | Arithmetic
    | JqFilter
    | Through
    | AsJson
    | AsNumber
    | FlagValue
    | OtherArgument
    | CurrentTime
    | Length
    | FirstCharacters
    | NumberOf
)


class Cut(Enum):
    """How a text is cut into a list: non-empty lines, words by white space, or items of a JSON array."""

    LINES = "lines"
    WORDS = "words"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class PartsOf:
    """`lines of X`, `words of X`, `items of X`."""

    cut: Cut
    value: Value


@dataclass(frozen=True, slots=True)
class FilesMatching:
    """`files matching "*.sln"`, sorted; a glob."""

    pattern: Text


@dataclass(frozen=True, slots=True)
class KeysOf:
    """`keys of bucket`, sorted."""

    bucket: Text


@dataclass(frozen=True, slots=True)
class Values:
    """`a, b, c`."""

    values: tuple[Value, ...]


Listing: TypeAlias = PartsOf | FilesMatching | KeysOf | Values


# --- command lines ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Argv:
    """One simple command. Each word is one argument: no splitting, no globbing, no tilde."""

    words: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Simple commands joined by `|`; fails when its last command does."""

    commands: tuple[Argv, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """One or more command lines, run in order until one fails. With `block` they stand in the tag of that name."""

    lines: tuple[Pipeline, ...]
    block: str | None = None


# --- conditions: true, false or failed(cause) ------------------------------------------------------------------------


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


# --- effects ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServerCheck:
    """`CHECK: NATS server connectivity`: the commands of the block, `nats kv ls` without one."""

    command: Commands | None = None


@dataclass(frozen=True, slots=True)
class BucketInfo:
    """`CHECK: bucket b, history AS H, replicas AS R`."""

    bucket: Text
    history: str | None = None
    replicas: str | None = None


@dataclass(frozen=True, slots=True)
class BucketAdd:
    """`CREATE: bucket b, as in <block>`: the one `nats kv add` of the block; same configuration again is no failure."""

    bucket: Text
    command: Commands


@dataclass(frozen=True, slots=True)
class KvGet:
    """`READ: key from bucket AS NAME, revision AS REV`: one get."""

    bucket: Text
    key: Text
    name: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class KvPut:
    """`STORE: key in bucket = value`, unconditional."""

    bucket: Text
    key: Text
    value: Value


@dataclass(frozen=True, slots=True)
class KvCreate:
    """`CREATE: key in bucket = value`; fails where the key exists."""

    bucket: Text
    key: Text
    value: Value


@dataclass(frozen=True, slots=True)
class KvUpdate:
    """`UPDATE: key in bucket = value, if revision is still REV`; 0 means that the key must not exist."""

    bucket: Text
    key: Text
    value: Value
    revision: str


@dataclass(frozen=True, slots=True)
class KvDelete:
    """`DELETE: key from bucket`: a delete marker; a missing key is no failure."""

    bucket: Text
    key: Text


@dataclass(frozen=True, slots=True)
class KvPurge:
    """`PURGE: key from bucket`: removes the history too."""

    bucket: Text
    key: Text


@dataclass(frozen=True, slots=True)
class KvKeys:
    """`LIST: keys of bucket AS NAME`: sorted, one a line."""

    bucket: Text
    name: str


@dataclass(frozen=True, slots=True)
class KvHistory:
    """`LIST: history of KEY in BUCKET AS NAME`: a JSON array of {revision, operation, value}, oldest first."""

    bucket: Text
    key: Text
    name: str


@dataclass(frozen=True, slots=True)
class KvWait:
    """`WAIT: for KEY in BUCKET to equal VALUE, within …`: watches the key; bounded by the clause `within`."""

    bucket: Text
    key: Text
    value: Value


@dataclass(frozen=True, slots=True)
class Publish:
    """`PUBLISH: value to subject`."""

    subject: Text
    value: Value


@dataclass(frozen=True, slots=True)
class Request:
    """`REQUEST: value from subject AS NAME`: NATS request/reply."""

    subject: Text
    value: Value
    name: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """`READ: file "p" AS NAME`: the text without its last newlines."""

    path: Text
    name: str


@dataclass(frozen=True, slots=True)
class FileWrite:
    """`WRITE: file "p" = value`, or `APPEND:`; the value and a newline."""

    path: Text
    value: Value
    append: bool = False


@dataclass(frozen=True, slots=True)
class FileDelete:
    """`DELETE: file "p"`; a missing file is no failure."""

    path: Text


@dataclass(frozen=True, slots=True)
class Run:
    """``RUN: `cmd` with input V AS NAME``, or `ACTION: label, as in <block>` where `label` is set."""

    command: Commands
    label: str | None = None
    input: Value | None = None
    name: str | None = None


Effect: TypeAlias = (
    ServerCheck
    | BucketInfo
    | BucketAdd
    | KvGet
    | KvPut
    | KvCreate
    | KvUpdate
    | KvDelete
    | KvPurge
    | KvKeys
    | KvHistory
    | KvWait
    | Publish
    | Request
    | FileRead
    | FileWrite
    | FileDelete
    | Run
)


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


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Do:
    """One effect on the world."""

    effect: Effect
    clauses: Clauses = NO_CLAUSES
    span: Span = field(default=NOWHERE, compare=False)


class SayKind(Enum):
    """Kinds of messages. Saying never stops."""

    DISPLAY = "DISPLAY"
    WARN = "WARN"
    ERROR = "ERROR"
    PROVIDE = "PROVIDE"


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the user; a block is one message of many lines."""

    kind: SayKind
    text: Text
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Set:
    """`SET: NAME = value`; a target with a path sets that field of the JSON text of NAME."""

    target: Ref
    value: Value
    clauses: Clauses = NO_CLAUSES
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Check:
    """`CHECK: <condition>`: stops the process where the condition does not hold."""

    condition: Condition
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """One arm of an If."""

    condition: Condition
    body: tuple[Statement, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """IF / ELSE IF / ELSE. `otherwise` is None where there is no ELSE."""

    branches: tuple[Branch, ...]
    otherwise: tuple[Statement, ...] | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ForEach:
    """`FOR EACH NAME in <list>:`."""

    name: str
    listing: Listing
    body: tuple[Statement, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """`REPEAT up to N times, P apart, until C:` body, then test, then pause; ends quietly after the last time."""

    times: int
    body: tuple[Statement, ...]
    pause: Duration | None = None
    until: Condition | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InFolder:
    """`IN FOLDER "p":` for the commands and files inside."""

    path: Text
    body: tuple[Statement, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Input:
    """`INPUT: NAME, "question"`: a name that the agent fills in; nothing happens where it is already set."""

    name: str
    question: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Result:
    """`RESULT: NAME`: what the step hands on; a declaration."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A comment that survives."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """`ASK: "question" AS NAME`."""

    text: Text
    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Delegate:
    """Work of a subagent: what is requested, what is waited for, what is verified and what is done with the reply.

    `name` takes the reply. `wait`, `verify` and `process` are prose.
    """

    subagent: str
    request: Text | None = None
    wait: str | None = None
    verify: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    name: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the process."""

    reason: Text | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Proceed:
    """Ends the step; goes on with `step`, or the next one."""

    step: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Skip:
    """Ends the step, which counts as skipped."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Resume:
    """Goes on from a step."""

    step: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Leave:
    """Leaves the innermost loop."""

    span: Span = field(default=NOWHERE, compare=False)


class ShellForm(Enum):
    """How an instruction file states shell."""

    SCRIPT = "SCRIPT: line"
    FENCE = "fence"
    PROSE = "prose"
    BARE = "bare lines"


@dataclass(frozen=True, slots=True)
class Shell:
    """Shell that the agent is told to run, not lowered (yet): one call of its Bash tool.

    `code` is bash with placeholders as written; `scripts` the references in it to script files, as written.
    """

    code: str
    form: ShellForm
    scripts: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Opaque:
    """What a front end did not understand: never guessed; forbids rewrite and proof of what holds it."""

    reason: str
    text: str = ""
    span: Span = field(default=NOWHERE, compare=False)


Statement: TypeAlias = (
    Do
    | Say
    | Set
    | Check
    | If
    | ForEach
    | Repeat
    | InFolder
    | Input
    | Result
    | Note
    | Ask
    | Delegate
    | Stop
    | Proceed
    | Skip
    | Resume
    | Leave
    | Shell
    | Opaque
)


# --- process ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of `<required_parameters>`: `--flag=<name>` takes a value, `--flag` stands alone."""

    flag: str
    takes_value: bool
    required: bool = False
    text: str = ""
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `number` is text ("4b"); `span` covers the whole element or section."""

    number: str
    name: str | None = None
    subagent: str | None = None
    statements: tuple[Statement, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Process:
    """What a file tells an agent to do."""

    name: str
    steps: tuple[Step, ...] = ()
    parameters: tuple[Parameter, ...] = ()


def walk(node: object) -> Iterator[Any]:
    """The node and all IR nodes below it, in the order of the text; iterative, for nests of any depth."""
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, tuple):
            stack.extend(reversed(current))
        elif is_dataclass(current) and not isinstance(current, (Span, type)):
            yield current
            stack.extend(getattr(current, f.name) for f in reversed(fields(current)))

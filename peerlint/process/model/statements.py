"""Statements, steps and processes of the IR."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from peerlint.process.model.clauses import NO_CLAUSES
from peerlint.process.trees import nodes_of
from peerlint.records import dataclass, field
from peerlint.source.text import NOWHERE, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from peerlint.process.model.clauses import Clauses, Duration
    from peerlint.process.model.conditions import Condition
    from peerlint.process.model.effects import Effect
    from peerlint.process.model.values import Listing, Ref, Text, Value


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
    INLINE = "inline command"


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
    return iter(nodes_of(node))

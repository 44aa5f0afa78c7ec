"""What stands in a step, and where it stands in the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from peerlint.records import dataclass
from peerlint.source.document import Document, Node
from peerlint.source.text import SourceText, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.logic import Binding, LogicReading
    from peerlint.process.model import Branch, Delegate, Shell, Step
    from peerlint.process.roles import Role

#: Text of the script that a reference names, as seen from the file; None where there is none to be read.
Resolve = Callable[[str], SourceText | None]
#: The texts of the other files of the project that hold a text and may act on it: code, and what agents follow.
Elsewhere = Callable[[str], Iterable[SourceText]]


@dataclass(frozen=True, eq=False)
class ReferenceBlock:
    """A tag whose content is data or commands for reference: `<nats_health_command>`; `span` is that of the content."""

    name: str
    span: Span
    node: Node
    document: Document

    @cached_property
    def text(self) -> str:
        """The content without common indentation and without the newline at the end."""
        from peerlint.process.logic import block_text

        return block_text(self.document.text(self.span))


@dataclass(frozen=True, slots=True, eq=False)
class LogicContainer:
    """A tag or a run of lines that states logic; `span` covers the text that was parsed, `node` is what holds it."""

    node: Node
    span: Span
    reading: LogicReading


@dataclass(frozen=True, slots=True, eq=False)
class ShellCall:
    """One call of the Bash tool that the step asks for.

    `node` is the leaf that states it and `role` the role of that leaf. `span` is all that states the call and goes
    when the call is replaced: the whole fence, the whole SCRIPT line; the statement's own span is the code.
    """

    statement: Shell
    node: Node
    role: Role
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ExitMeaning:
    """A sentence of the step that says what an exit code means; `branch` is that sentence in the IR."""

    code: int
    branch: Branch

    @property
    def span(self) -> Span:
        """Where the sentence stands."""
        return self.branch.span


@dataclass(frozen=True, slots=True, eq=False)
class StepReading:
    """One step with the places of what it states, each list in the order of the text.

    `node` is the `<step>` element, the section or the numbered line; None where the whole file is the one step.
    `nodes` are the siblings that, with all below them, make up the step.
    """

    step: Step
    node: Node | None
    nodes: tuple[Node, ...]
    prose: tuple[Node, ...]
    logic: tuple[LogicContainer, ...]
    shell: tuple[ShellCall, ...]
    delegations: tuple[Delegate, ...]
    exits: tuple[ExitMeaning, ...]
    blocks: Mapping[str, ReferenceBlock]

    @property
    def number(self) -> str:
        """The number as text, such as "4b"."""
        return self.step.number

    @property
    def name(self) -> str | None:
        """The name, where the step has one."""
        return self.step.name

    @property
    def subagent(self) -> str | None:
        """The subagent that does the step, where one is named."""
        return self.step.subagent

    @property
    def span(self) -> Span:
        """The whole step."""
        return self.step.span

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """What each condition was bound to, over all logic of the step."""
        return tuple(binding for container in self.logic for binding in container.reading.bindings)

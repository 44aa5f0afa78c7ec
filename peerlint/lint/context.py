"""What a rule sees of a file: its reading, the shell in it with facts and places, and the project around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from peerlint.lint.diagnostics import Fix, Related, Severity
from peerlint.lint.rules import Rule
from peerlint.lint.suppress import Suppression, suppressions
from peerlint.process.bash import BashFacts, Script, facts, parse_bash
from peerlint.process.build import SHELL_LANGUAGES, Reading, ShellCall, StepReading
from peerlint.process.harness import Harness
from peerlint.process.roles import Role
from peerlint.source.document import Document, Fence, Node
from peerlint.source.project import ProjectFacts
from peerlint.source.text import LineIndex, SourceText, Span


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a rule found its problem. `values` fill the message and the help of the rule.

    `severity` and `help` replace those of the rule where they are set.
    """

    span: Span
    values: Mapping[str, str] = field(default_factory=dict)
    help: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None


@dataclass(eq=False)
class ShellView:
    """Shell that stands in the file: a call, or a block for reference (`call` is None), with its facts.

    `code` has indentation removed; `span` of a place in the code gives the place in the file.
    """

    code: str
    role: Role
    step: StepReading | None
    call: ShellCall | None
    outer: Span
    source: SourceText

    @cached_property
    def script(self) -> Script:
        """The parsed code."""
        return parse_bash(self.code)

    @cached_property
    def facts(self) -> BashFacts:
        """What the code does."""
        return facts(self.script)

    def span(self, local: Span) -> Span:
        """The place in the file of a place in the code."""
        start = self._offset(local.start)
        return Span(start, max(start, self._offset(local.end, at_end=True)))

    def text(self, local: Span) -> str:
        """The code of a place in it."""
        return self.code[local.start : local.end]

    def _offset(self, offset: int, at_end: bool = False) -> int:
        # The end of a piece belongs to the line of its last character.
        anchor = max(0, offset - 1) if at_end else offset
        position = self._rows.position(anchor)
        base = self._bases[min(position.row, len(self._bases)) - 1]
        return min(base + position.column - 1 + (offset - anchor), self.outer.end)

    @cached_property
    def _rows(self) -> LineIndex:
        return LineIndex(self.code)

    @cached_property
    def _bases(self) -> list[int]:
        """For each line of the code, where it begins in the file: lines are found in order, indentation skipped."""
        bases: list[int] = []
        position = self.outer.start
        text = self.source.text
        for line in self.code.split("\n"):
            wanted = line.rstrip("\r")
            found = text.find(wanted, position, self.outer.end) if wanted.strip() else position
            bases.append(found if found >= 0 else position)
            position = bases[-1] + (len(wanted) if found >= 0 else 0)
            feed = text.find("\n", position, self.outer.end)
            position = feed + 1 if feed >= 0 else position
        return bases


class FileView:
    """One file as all rules see it; what is costly is made once, when the first rule asks.

    `project` is None where nothing is known of it. `running` holds the ids and the names of the rules that are on.
    """

    def __init__(
        self, reading: Reading, harness: Harness, project: ProjectFacts | None, running: frozenset[str] = frozenset()
    ) -> None:
        self.reading = reading
        self.harness = harness
        self.project = project
        self.running = running

    @property
    def document(self) -> Document:
        """The tree of the file."""
        return self.reading.document

    @property
    def source(self) -> SourceText:
        """The text of the file."""
        return self.reading.document.source

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes in the order of the text."""
        return tuple(self.document.walk())

    @cached_property
    def comments(self) -> list[Suppression]:
        """The suppressions of the file; each remembers what it accepted."""
        return suppressions(self.document)

    @cached_property
    def shells(self) -> tuple[ShellView, ...]:
        """All shell of the file in the order of the text: calls first claimed, then fences and reference blocks."""
        views = list(self._calls())
        claimed = [view.outer for view in views]
        for view in self._blocks():
            if not any(span.overlaps(view.outer) for span in claimed):
                claimed.append(view.outer)
                views.append(view)
        return tuple(sorted(views, key=lambda view: view.outer))

    def step_at(self, span: Span) -> StepReading | None:
        """The innermost step that holds the place; None outside of steps, also where the whole file is the one step."""
        holding = [step for step in self.reading.steps if step.node is not None and step.span.contains(span)]
        return min(holding, key=lambda step: len(step.span), default=None)

    def related(self, span: Span, message: str, source: SourceText | None = None) -> Related:
        """A place in this file, or in another text, that a finding speaks of."""
        source = source or self.source
        return Related(source.path, source.lines.position(span.start), message)

    def _calls(self) -> Iterator[ShellView]:
        for step in self.reading.steps:
            for call in step.shell:
                statement = call.statement
                yield ShellView(statement.code, call.role, step, call, statement.span, self.source)

    def _blocks(self) -> Iterator[ShellView]:
        for node in self.nodes:
            if isinstance(node, Fence) and node.language.lower() in SHELL_LANGUAGES | {""}:
                yield self._block(dedented(self.document.text(node.content)), node, node.content)
        for step in self.reading.steps:
            for block in step.blocks.values():
                yield self._block(block.text, block.node, block.span)

    def _block(self, code: str, node: Node, span: Span) -> ShellView:
        return ShellView(code, self.reading.roles.of(node), self.step_at(span), None, span, self.source)


@dataclass(frozen=True, slots=True)
class Context:
    """A file as one rule sees it."""

    file: FileView
    rule: Rule

    @property
    def reading(self) -> Reading:
        """The file as it was understood."""
        return self.file.reading

    @property
    def document(self) -> Document:
        """The tree of the file."""
        return self.file.document

    @property
    def steps(self) -> tuple[StepReading, ...]:
        """The steps of the file."""
        return self.file.reading.steps

    def looks_at(self, role: Role) -> bool:
        """Whether the rule names the role."""
        return role.value in self.rule.roles

    def nodes(self, *kinds: type[Node]) -> Iterator[Node]:
        """The nodes of these kinds whose role the rule looks at."""
        of = self.reading.roles.of
        return (node for node in self.file.nodes if isinstance(node, kinds) and self.looks_at(of(node)))

    def calls(self) -> list[ShellView]:
        """The shell calls whose role the rule looks at."""
        return [view for view in self.file.shells if view.call is not None and self.looks_at(view.role)]

    def shells(self) -> list[ShellView]:
        """All shell whose role the rule looks at, blocks for reference too."""
        return [view for view in self.file.shells if self.looks_at(view.role)]


def dedented(text: str) -> str:
    """The text without the indentation that its lines share; line ends and blank lines stay."""
    lines = text.splitlines(keepends=True)
    margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "".join(line[margin:] if line.strip() else line.lstrip(" \t") for line in lines)


def step_label(step: StepReading | None) -> str:
    """How messages call a step: by its name, else its number, else the file."""
    if step is None or step.node is None:
        return "this file"
    return f'step "{step.name}"' if step.name else f"step {step.number}"


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables of names."""
    return frozenset(text.split())

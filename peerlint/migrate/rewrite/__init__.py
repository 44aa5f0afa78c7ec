"""From lowered logic back to the file: edits by offset that change the shell of a step and nothing else.

A migrated step keeps its heading and prose; its logic stands in a `<…_logic>` tag, reference commands and templates
in tags of their own, and `<instructions>` stays without its SCRIPT lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from peerlint.migrate.rewrite.apart import calls_apart, calls_judged
from peerlint.migrate.rewrite.layout import laid_out, parameter_lines
from peerlint.migrate.rewrite.step import CannotPlace, step_edits
from peerlint.process.build import Reading
from peerlint.process.logic import Unrenderable, render_logic
from peerlint.process.model import Parameter, Statement
from peerlint.records import dataclass, field
from peerlint.source.document import Document, Element
from peerlint.source.text import Edit, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    # `typing` takes long to load.
    Protocol = object

__all__ = ["CannotPlace", "Lowered", "Migration", "StepMigration", "calls_apart", "calls_judged", "migrate"]


class Lowered(Protocol):
    """What the rewrite needs to know of a lowered step."""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements of the step, lowered or as they were."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters that the statements read."""

    @property
    def seams(self) -> tuple[tuple[int, int], ...]:
        """Where calls begin that keep their place: the index of the statement, and the ordinal of the call."""


@dataclass(frozen=True, slots=True)
class StepMigration:
    """One migrated step: its edits, its new statements, and the parameters that it adds to the file."""

    number: str
    statements: tuple[Statement, ...]
    edits: tuple[Edit, ...]
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Migration:
    """The migrated steps of a file by number, and why the others that were lowered could not be written."""

    document: Document
    steps: Mapping[str, StepMigration] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)

    @property
    def original(self) -> str:
        """The text as it was."""
        return self.document.source.text

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits of all migrated steps."""
        return self.edits_of(self.steps)

    def edits_of(self, numbers: Collection[str]) -> tuple[Edit, ...]:
        """The edits of some of the steps together, in the order of the text, with the parameters that these need."""
        chosen = [step for number, step in self.steps.items() if number in numbers]
        edits = [edit for step in chosen for edit in step.edits]
        missing = {parameter.flag: parameter for step in chosen for parameter in step.parameters}
        if missing:
            first = next(step for step in chosen if step.parameters)
            edits = _with_parameters(self.document, edits, first, list(missing.values()))
        return tuple(sorted(edits, key=lambda edit: edit.span))


def migrate(document: Document, reading: Reading, lowerings: Mapping[str, Lowered]) -> Migration:
    """The edits that replace the shell of each lowered step by its logic; steps not in `lowerings` stay as they are."""
    known = {parameter.flag for parameter in reading.process.parameters}
    steps: dict[str, StepMigration] = {}
    left: dict[str, str] = {}
    for step in reading.steps:
        lowered = lowerings.get(step.number)
        if lowered is None or step.number in steps or not step.shell:
            continue
        try:
            edits = step_edits(reading, step, lowered.statements, lowered.seams)
            if step.logic or step.delegations:
                # What stands there already is not written anew, but a certificate holds the text of all.
                render_logic(lowered.statements)
        except (CannotPlace, Unrenderable) as error:
            left[step.number] = str(error)
            continue
        parameters = tuple(p for p in lowered.parameters if p.flag not in known)
        steps[step.number] = StepMigration(step.number, lowered.statements, edits, parameters)
    return Migration(document, steps, left)


def _with_parameters(
    document: Document, edits: Sequence[Edit], first: StepMigration, parameters: Sequence[Parameter]
) -> list[Edit]:
    """The edits with the parameters added: to the file's `<required_parameters>`, else in front of the first logic."""
    home = next((n for n in document.walk() if isinstance(n, Element) and n.name == "required_parameters"), None)
    text = document.source.text
    lines = parameter_lines(parameters, text)
    newline = "\r\n" if "\r\n" in text else "\n"
    if home is not None and home.closing is not None:
        at = home.closing.content.start
        start = document.source.lines.row_span(document.source.lines.position(at).row).start
        indent = text[start:at]
        if indent.strip():
            return [*edits, Edit(Span(at, at), newline + laid_out(lines, "", newline) + newline)]
        return [*edits, Edit(Span(start, start), laid_out(lines, indent, newline) + newline)]
    block = ["<required_parameters>", *lines, "</required_parameters>", "", ""]
    out: list[Edit] = []
    for edit in edits:
        opens = edit in first.edits and "_logic>" in edit.content and block
        if opens:
            content = edit.content
            indent = content[: len(content) - len(content.lstrip(" \t"))]
            edit = Edit(edit.span, laid_out(block, indent, newline) + content)
            block = []
        out.append(edit)
    return out

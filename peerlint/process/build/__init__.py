"""From a document to the process that it states.

`build` opens no file: scripts that a step names are handed in through `resolve`. What decides whether shell in a file
is the agent's to run is its role and its content, never the name of the tag alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from peerlint.process.build.reading import (
    Elsewhere,
    ExitMeaning,
    LogicContainer,
    ReferenceBlock,
    Resolve,
    ShellCall,
    StepReading,
)
from peerlint.process.build.shell import (
    SHELL_LANGUAGES,
    called_across_lines,
    called_in_prose,
    declared_script,
    script_references,
)
from peerlint.process.roles import Roles, roles_of
from peerlint.source.document import Document
from peerlint.source.kinds import FileKind
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.build.blocks import Blocks
    from peerlint.process.build.find import StepPlace
    from peerlint.process.build.step import Language
    from peerlint.process.model import Process
    from peerlint.process.phrases import Phrasebook

__all__ = [
    "SHELL_LANGUAGES",
    "Elsewhere",
    "ExitMeaning",
    "LogicContainer",
    "Reading",
    "ReferenceBlock",
    "Resolve",
    "ShellCall",
    "StepReading",
    "build",
    "called_across_lines",
    "called_in_prose",
    "script_references",
]


def no_scripts(reference: str) -> SourceText | None:
    """Resolves nothing: for callers that only look at the file itself."""
    return None


def no_files(text: str) -> Iterable[SourceText]:
    """Nothing stands elsewhere: for callers that only look at the file itself."""
    return ()


class Reading:
    """A file as it was understood, each part of it when it is first asked for.

    `resolve` finds the scripts that steps name, and those that scripts call in turn; `elsewhere` the other files that
    hold a text.
    """

    def __init__(
        self, document: Document, kind: FileKind, resolve: Resolve, phrasebook: Phrasebook | None, elsewhere: Elsewhere
    ) -> None:
        self.document = document
        self.kind = kind
        self.resolve = resolve
        self.elsewhere = elsewhere
        self._phrasebook = phrasebook

    @cached_property
    def roles(self) -> Roles:
        """What each node is there for."""
        return roles_of(self.document, self.kind)

    @property
    def blocks(self) -> Mapping[str, ReferenceBlock]:
        """The reference blocks of the whole file whose name is used once."""
        return self._blocks.named

    @cached_property
    def _blocks(self) -> Blocks:
        from peerlint.process.build.blocks import Blocks

        return Blocks(self.document)

    @cached_property
    def steps(self) -> tuple[StepReading, ...]:
        """The steps in the order of the text; never empty."""
        # Of most files nobody asks for the steps, and then nothing that reads them need be loaded.
        from peerlint.process.build.find import find_steps, list_around

        steps = self._read(find_steps(self.document))
        if steps[0].node is not None:
            return steps
        return self._read(list_around(self.document, _places_of_work(steps[0]))) or steps

    @cached_property
    def process(self) -> Process:
        """What the steps state."""
        from peerlint.process.build.prose import parameters
        from peerlint.process.model import Process

        name = PurePosixPath(self.document.source.path).stem
        return Process(name, tuple(step.step for step in self.steps), parameters(self.document))

    @cached_property
    def scripts(self) -> Mapping[str, SourceText]:
        """The text of each script that a step names and `resolve` finds, by the reference as written."""
        names = dict.fromkeys(name for step in self.steps for call in step.shell for name in call.statement.scripts)
        found = ((name, self.resolve(name)) for name in names)
        return {name: source for name, source in found if source is not None}

    def step(self, number: str) -> StepReading | None:
        """The first step of that number, which is where PROCEED to it leads; `numbered_alike` are those with more."""
        return next((step for step in self.steps if step.number == number), None)

    @property
    def numbered_alike(self) -> dict[str, tuple[StepReading, ...]]:
        """The steps by number, of numbers that more than one of them has."""
        by_number: dict[str, list[StepReading]] = {}
        for step in self.steps:
            by_number.setdefault(step.number, []).append(step)
        return {number: tuple(steps) for number, steps in by_number.items() if len(steps) > 1}

    def _read(self, places: Iterable[StepPlace]) -> tuple[StepReading, ...]:
        from peerlint.process.build.step import read_step

        return tuple(read_step(place, self.document, self.roles, self._blocks, self._language) for place in places)

    @cached_property
    def _language(self) -> Language:
        from peerlint.process.build.step import Language

        matter = self.document.front_matter
        script = declared_script(self.document.text(matter.content)) if matter is not None else None
        return Language(self.document.source.text, self._phrasebook, script)


def build(
    document: Document,
    kind: FileKind,
    resolve: Resolve = no_scripts,
    phrasebook: Phrasebook | None = None,
    elsewhere: Elsewhere = no_files,
) -> Reading:
    """What the file tells an agent to do; never raises on input. `phrasebook` is that of the house where none is given.

    A sentence that says what an exit code means stands in the IR as a branch `ExitCodeIs(N)` of an `If` right behind
    the `Shell` that it speaks about.
    """
    return Reading(document, kind, resolve, phrasebook, elsewhere)


def _places_of_work(step: StepReading) -> list[int]:
    """Where in a file without marked steps something is called, decided or delegated."""
    spans = (*(c.span for c in step.shell), *(c.span for c in step.logic), *(d.span for d in step.delegations))
    return [span.start for span in spans]

"""From a document to the process that it states.

`build` opens no file: scripts that a step names are handed in through `resolve`. What decides whether shell in a file
is the agent's to run is its role and its content, never the name of the tag alone.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from peerlint.process.build.find import StepPlace, find_steps, list_around
from peerlint.process.build.prose import parameters
from peerlint.process.build.reading import (
    ExitMeaning,
    LogicContainer,
    Reading,
    ReferenceBlock,
    Resolve,
    ShellCall,
    StepReading,
)
from peerlint.process.build.shell import SHELL_LANGUAGES, called_in_prose, declared_script, script_references
from peerlint.process.build.step import Language, read_step, reference_blocks
from peerlint.process.logic import Names
from peerlint.process.model import Process
from peerlint.process.phrases import Phrasebook
from peerlint.process.roles import roles_of
from peerlint.source.document import Document
from peerlint.source.kinds import FileKind
from peerlint.source.text import SourceText

__all__ = [
    "SHELL_LANGUAGES",
    "ExitMeaning",
    "LogicContainer",
    "Reading",
    "ReferenceBlock",
    "Resolve",
    "ShellCall",
    "StepPlace",
    "StepReading",
    "build",
    "called_in_prose",
    "script_references",
]


def no_scripts(reference: str) -> SourceText | None:
    """Resolves nothing: for callers that only look at the file itself."""
    return None


def build(
    document: Document, kind: FileKind, resolve: Resolve = no_scripts, phrasebook: Phrasebook | None = None
) -> Reading:
    """What the file tells an agent to do; never raises on input. `phrasebook` is that of the house where none is given.

    A sentence that says what an exit code means stands in the IR as a branch `ExitCodeIs(N)` of an `If` right behind
    the `Shell` that it speaks about.
    """
    roles = roles_of(document, kind)
    by_name = reference_blocks(document.walk(), document)
    blocks = {name: found[0] for name, found in by_name.items() if len(found) == 1}
    matter = document.front_matter
    script = declared_script(document.text(matter.content)) if matter is not None else None
    language = Language(phrasebook or Phrasebook.default(), Names.declared_in(document.source.text), script)
    places = find_steps(document)
    steps = tuple(read_step(place, document, roles, blocks, language) for place in places)
    if steps[0].node is None:
        listed = list_around(document, _places_of_work(steps[0]))
        steps = tuple(read_step(place, document, roles, blocks, language) for place in listed) or steps
    scripts: dict[str, SourceText] = {}
    for reference in dict.fromkeys(name for step in steps for call in step.shell for name in call.statement.scripts):
        source = resolve(reference)
        if source is not None:
            scripts[reference] = source
    process = Process(
        PurePosixPath(document.source.path).stem, tuple(step.step for step in steps), parameters(document)
    )
    return Reading(document, kind, roles, process, steps, blocks, scripts, resolve)


def _places_of_work(step: StepReading) -> list[int]:
    """Where in a file without marked steps something is called, decided or delegated."""
    spans = (*(c.span for c in step.shell), *(c.span for c in step.logic), *(d.span for d in step.delegations))
    return [span.start for span in spans]

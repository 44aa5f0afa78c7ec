"""Reading one file of a project with the scripts that it names: what every sub-command begins with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from peerlint.errors import InputError
from peerlint.process.build import Reading, build
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.project import SCRIPT_SUFFIXES, Project
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.phrases import Phrasebook
    from peerlint.source.project.asked import AskedProject


def read_file(
    project: Project | AskedProject, path: Path, source: SourceText | None = None, phrasebook: Phrasebook | None = None
) -> Reading:
    """The file as it was understood; `source` is its text where that is not what stands on disk.

    `phrasebook` is the one of the house where none is given.

    Raises InputError when the file cannot be read. A script that cannot be read counts as one that is not there.
    """
    source = project.read(path) if source is None else source

    @cache  # asked of each script by several rules
    def resolve(reference: str) -> SourceText | None:
        found = project.resolve(reference, path)
        if found is None:
            return None
        try:
            script = project.read(found)
        except InputError:
            return None
        return SourceText(project.relative(found), script.text)

    def elsewhere(text: str) -> Iterator[SourceText]:
        for label in dict.fromkeys(use.path for use in project.facts.uses(text)):
            name = project.relative(Path(label).absolute())
            other = project.facts.read(label)
            if label != source.path and _acts(name, other):
                yield SourceText(name, other.text)

    document = parse(source)
    return build(document, kind_of(project.relative(path), document), resolve, phrasebook, elsewhere)


def _acts(name: str, text: SourceText) -> bool:
    """Whether a file is run, or followed by an agent."""
    return name.endswith(SCRIPT_SUFFIXES) or kind_of(name, parse(text)).linted

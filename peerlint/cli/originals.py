"""Where the originals of a migrated file are: in a revision or file that was named, else behind its certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from peerlint.cli.common import Workspace
from peerlint.errors import InputError
from peerlint.process.build import Reading, build
from peerlint.process.certificate import BadRecord, Certificate, blob_id
from peerlint.records import dataclass
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.project.opening import MAX_OWN_BYTES, read_regular
from peerlint.source.project.references import Reference
from peerlint.source.text import SourceText


@dataclass(frozen=True, slots=True)
class FoundOriginal:
    """A file as it was, and the numbers of the steps that were migrated from this text (None: not known)."""

    reading: Reading
    steps: frozenset[str] | None = None


def certificate_of(file: Path) -> Path:
    """Where the certificate of a file stands."""
    return file.with_name(file.name + ".proof.json")


def certificate_text(file: Path) -> str:
    """The text of the certificate of a file, "" where there is none that may be read: a link may lead anywhere."""
    place = certificate_of(file)
    if place.is_symlink() or not place.is_file():
        return ""
    return read_regular(place, str(place), MAX_OWN_BYTES).decode("utf-8", "surrogateescape")


class Originals:
    """Finds the originals of one file: by `--against`, by the blob ids in the certificate, by HEAD, in this order.

    A blob is looked for in git and in the copies `FILE.orig` that a fix keeps where git could not give the text back;
    the id says that it is the very text.
    """

    def __init__(self, workspace: Workspace, file: Path) -> None:
        from peerlint.prove.history import History

        self._workspace = workspace
        self._file = file
        self._project = workspace.project(file)
        self._history = History(self._project.root)

    def find(self, against: str | None) -> list[FoundOriginal]:
        """All originals, at least one. Raises InputError where there is none, or a script is not there as it was."""
        if against is not None:
            return [FoundOriginal(self._named(against))]
        recorded = self._recorded()
        if recorded:
            return recorded
        head = self._history.file_at("HEAD", self._file)
        if head is not None and head != self._project.read(self._file).text:
            return [FoundOriginal(self._at(head, lambda script: self._history.file_at("HEAD", script)))]
        todo = "give it with --against REV or --against FILE"
        raise InputError(
            f"{self._file}: there is no original: it has no certificate, and git has no other text", todo=todo
        )

    def _named(self, against: str) -> Reading:
        if Path(against).is_file():
            text = Path(against).read_text(encoding="utf-8", errors="surrogateescape")
            return self._workspace.reading(SourceText(self._project.relative(self._file), text), self._file)
        found = self._history.file_at(against, self._file)
        if found is None:
            raise InputError(f"{self._file}: {against} is neither a file nor a revision that has it")
        return self._at(found, lambda script: self._history.file_at(against, script))

    def _recorded(self) -> list[FoundOriginal]:
        try:
            records = Certificate.parse(certificate_text(self._file)).steps
        except BadRecord:
            return []
        name = self._project.relative(self._file)
        groups: dict[str, list[int]] = {}
        for at, record in enumerate(records):
            groups.setdefault(record.originals.get(name, ""), []).append(at)
        found = []
        for identity, members in groups.items():
            text = self._text_of(identity, self._file)
            if text is None:
                return []
            blobs = records[members[0]].originals
            reading = self._at(text, lambda script, blobs=blobs: self._script(script, blobs))  # type: ignore[misc]
            found.append(FoundOriginal(reading, frozenset(records[at].number for at in members)))
        return found

    def _script(self, script: Path, blobs: dict[str, str]) -> str | None:
        identity = blobs.get(self._project.relative(script))
        if identity is None:
            return None
        text = self._text_of(identity, script)
        if text is None:
            raise InputError(
                f"{self._file}: {self._project.relative(script)} is not there as it was proved",
                todo="give --against REV or --against FILE",
            )
        return text

    def _text_of(self, identity: str, path: Path) -> str | None:
        """The text with this blob id: as the file is now, in a copy beside it, or in git."""
        for copy in self._copies(path):
            text = self._project.read(copy).text
            if blob_id(text) == identity:
                return text
        return self._history.blob(identity)

    @staticmethod
    def _copies(path: Path) -> Iterator[Path]:
        if path.is_file():
            yield path
        if path.parent.is_dir():
            yield from sorted(copy for copy in path.parent.glob("*.orig*") if copy.name.startswith(f"{path.name}.orig"))

    def _at(self, text: str, script_at: Callable[[Path], str | None]) -> Reading:
        """A text in the place of the file; scripts as `script_at` has them, else as they stand on disk."""
        project, file = self._project, self._file

        def resolve(reference: str) -> SourceText | None:
            place = project.resolve(reference, file)
            candidates = Reference(reference).candidates(project.root, file.absolute(), None)
            for candidate in (*candidates, *([place] if place else [])):
                found = script_at(candidate)
                if found is not None:
                    return SourceText(project.relative(candidate), found)
            return None if place is None else SourceText(project.relative(place), project.read(place).text)

        document = parse(SourceText(project.relative(file), text))
        phrases = self._workspace.config(file).phrasebook
        return build(document, kind_of(project.relative(file), document), resolve, phrases)

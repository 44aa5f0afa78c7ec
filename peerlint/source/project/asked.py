"""What the findings of a file asked of its project, with the answers: for them to hold, these have to be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from peerlint.errors import InputError
from peerlint.source.project import Mention, Project, ProjectFacts
from peerlint.source.text import SourceText

try:
    # The same, without the library of all digests, which takes as long to import as a small file to lint.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    #: What is asked, then what about: by name and in letters, so that it can be kept and asked again.
    Question: TypeAlias = tuple[str, ...]


class AskedProject:
    """A project as rules see it, which notes in `answers` what they ask of it, with a digest of what it said."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.answers: dict[Question, bytes] = {}
        #: Of paths only letters are told.
        self.relative = project.relative
        self.facts = ProjectFacts(
            lambda: self._ask("files"),
            lambda: self._ask("subagents"),
            lambda literal: self._ask("mentions", literal),
            lambda literal: self._ask("uses", literal),
            lambda label: self._ask("text", label),
            lambda label, name: self._ask("beside", label, name),
        )

    def resolve(self, reference: str, from_path: Path) -> Path | None:
        """As `Project.resolve`."""
        found: Path | None = self._ask("script", reference, str(from_path))
        return found

    def read(self, path: Path) -> SourceText:
        """As `Project.read`."""
        found: SourceText | InputError = self._ask("file", str(path))
        if isinstance(found, InputError):
            raise found
        return found

    def _ask(self, name: str, *about: str) -> Any:
        answer = _QUESTIONS[name](self._project, *about)
        self.answers[name, *about] = digest(_parts(answer))
        return answer


def would_answer(project: Project, answers: Mapping[Question, bytes]) -> bool:
    """Whether the project, as it is now, gives the same answers to the same questions."""
    return all(digest(_parts(_QUESTIONS[name](project, *about))) == noted for (name, *about), noted in answers.items())


def _file(project: Project, path: str) -> SourceText | InputError:
    try:
        return project.read(Path(path))
    except InputError as error:
        return error


_QUESTIONS: dict[str, Callable[..., object]] = {
    "script": lambda project, reference, path: project.resolve(reference, Path(path)),
    "file": _file,
    "files": lambda project: project.facts.files,
    "subagents": lambda project: project.facts.subagents,
    "mentions": lambda project, literal: list(project.facts.mentions(literal)),
    "uses": lambda project, literal: list(project.facts.uses(literal)),
    "text": lambda project, label: project.facts.read(label),
    "beside": lambda project, label, name: project.facts.beside(label, name),
}


def _parts(answer: object) -> Iterable[str]:
    """An answer in letters; two that differ differ here, too."""
    if isinstance(answer, frozenset):
        return sorted(answer)
    if isinstance(answer, list):
        return [part for mention in answer for part in _mentioned(mention)]
    return (answer.path, answer.text) if isinstance(answer, SourceText) else (type(answer).__name__, str(answer))


def _mentioned(mention: Mention) -> tuple[str, ...]:
    return (mention.path, str(mention.row), mention.line)


def digest(parts: Iterable[str]) -> bytes:
    """A number of 32 bytes that stands for these texts, one after the other: nobody finds others that have the same."""
    made = blake2b(digest_size=32)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        made.update(b"%d:" % len(content))
        made.update(content)
    return made.digest()

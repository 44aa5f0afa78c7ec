"""What git would ignore, told without a git process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from peerlint.source.project.opening import repository_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

#: Folders that hold no instructions of the project, whether or not git knows them.
SKIPPED_FOLDERS = frozenset(
    {
        ".bzr",
        ".git",
        ".hg",
        ".svn",
        ".mypy_cache",
        ".nox",
        ".ruff_cache",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
    }
)


class IgnoreRules:
    """The `.gitignore` files of a work tree, each for its folder and below; the deepest that speaks decides.

    `read` gives the text of a file, or None where there is none that may be read.
    """

    def __init__(self, root: Path, read: Callable[[Path], str | None]) -> None:
        self._top = repository_of(root) or root
        self._read = read
        #: By folder what speaks of it, itself and those above, the deepest first; with the prefix of names in it.
        self._speaking: dict[Path, tuple[tuple[str, GitIgnoreSpec], ...]] = {}

    def within(self, folder: Path) -> Callable[[str], bool]:
        """Whether something in the folder is ignored by itself, by its name, which ends in `/` where it is a folder.

        What stands below an ignored folder is the caller's to leave out.
        """
        speaking = self._speaking_of(folder)

        def ignored(name: str) -> bool:
            for prefix, spec in speaking:
                verdict = spec.check_file(prefix + name).include
                if verdict is not None:
                    return verdict
            return False

        return ignored

    def _speaking_of(self, folder: Path) -> tuple[tuple[str, GitIgnoreSpec], ...]:
        unknown = []
        place = folder
        while place not in self._speaking:
            unknown.append(place)
            if place == self._top or place == place.parent:
                break
            place = place.parent
        above = self._speaking.get(place, ())
        for below in reversed(unknown):
            spec = self._load(below)
            inherited = tuple((f"{prefix}{below.name}/", each) for prefix, each in above)
            above = self._speaking[below] = inherited if spec is None else (("", spec), *inherited)
        return above

    def _load(self, folder: Path) -> GitIgnoreSpec | None:
        lines: list[str] = []
        if folder == self._top:
            lines += (self._read(folder / ".git" / "info" / "exclude") or "").splitlines()
        lines += (self._read(folder / ".gitignore") or "").splitlines()
        if not any(map(str.strip, lines)):
            return None
        from pathspec import GitIgnoreSpec

        try:
            return GitIgnoreSpec.from_lines(lines)
        except ValueError:
            # One pattern that git itself would pass over must not lose the others.
            return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True

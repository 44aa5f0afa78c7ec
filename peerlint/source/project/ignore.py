"""What git would ignore, told without a git process."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

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
        self._top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        self._read = read
        self._spec = lru_cache(maxsize=None)(self._load)

    def ignored(self, path: Path, *, folder: bool) -> bool:
        """Whether a path is ignored by itself; those below an ignored folder are the caller's to leave out."""
        place = path.parent
        while True:
            spec = self._spec(place)
            if spec is not None:
                name = path.relative_to(place).as_posix() + ("/" if folder else "")
                verdict = spec.check_file(name).include
                if verdict is not None:
                    return verdict
            if place == self._top or place == place.parent:
                return False
            place = place.parent

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

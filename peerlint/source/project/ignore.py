"""What git would ignore, told without a git process."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from peerlint.source.project.opening import repository_of
from peerlint.source.project.plain_ignore import plain_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    #: Whether a path is ignored; None where nothing is said of it.
    _Rules: TypeAlias = Callable[[str], bool | None]

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

    def __init__(self, root: Path, read: Callable[[str], str | None]) -> None:
        self._top = repository_of(root) or root
        self._read = read
        #: By folder what speaks of it, itself and those above, the deepest first; with the prefix of names in it.
        self._speaking: dict[Path, tuple[tuple[str, _Rules], ...]] = {}

    def within(self, folder: Path) -> Callable[[str], bool]:
        """Whether something in the folder is ignored by itself, by its name, which ends in `/` where it is a folder.

        What stands below an ignored folder is the caller's to leave out.
        """
        speaking = self._speaking_of(folder)

        def ignored(name: str) -> bool:
            for prefix, rules in speaking:
                verdict = rules(prefix + name)
                if verdict is not None:
                    return verdict
            return False

        return ignored

    def _speaking_of(self, folder: Path) -> tuple[tuple[str, _Rules], ...]:
        unknown = []
        place = folder
        while place not in self._speaking:
            unknown.append(place)
            if place == self._top or place == place.parent:
                break
            place = place.parent
        above = self._speaking.get(place, ())
        for below in reversed(unknown):
            rules = self._load(below)
            inherited = tuple((f"{prefix}{below.name}/", each) for prefix, each in above)
            above = self._speaking[below] = inherited if rules is None else (("", rules), *inherited)
        return above

    def _load(self, folder: Path) -> _Rules | None:
        # In letters, not as Paths: each folder is asked, and hardly any has one.
        lines: list[str] = []
        if folder == self._top:
            lines += (self._read(f"{folder}/.git/info/exclude") or "").splitlines()
        lines += (self._read(f"{folder}/.gitignore") or "").splitlines()
        if not any(map(str.strip, lines)):
            return None
        return plain_rules(lines) or _all_rules(lines)


#: More `*` in a line than anybody writes, and more `*` or `**`. The library would try each against each, which takes
#: time by their power; a `**` stands for whole folders, of which there are fewer.
_MOST_STARS, _MOST_WILDCARDS = 3, 4


def _all_rules(lines: list[str]) -> _Rules:
    from pathspec import GitIgnoreSpec

    # What is passed over ignores nothing, so at worst a file is looked at that git does not know.
    lines = [line for line in lines if _is_quick(line)]
    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        # One pattern that git itself would pass over must not lose the others.
        spec = GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))
    return lambda path: spec.check_file(path).include


def _is_quick(line: str) -> bool:
    wildcards = re.findall(r"\*+", line)
    return len(wildcards) <= _MOST_WILDCARDS and wildcards.count("*") <= _MOST_STARS


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True

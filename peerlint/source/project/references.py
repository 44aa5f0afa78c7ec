"""What a script reference in an instruction file stands for."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from peerlint.patterns import regex

#: Where people install frameworks: what follows is the project's own.
_HOME = r"(?:~|\$HOME|\$\{HOME\}|/(?:home|Users)/[^/]+|/root|[A-Za-z]:/Users/[^/]+|%USERPROFILE%)"
_INSTALL = regex(rf"{_HOME}/(?P<folder>\.(?:agent-os|claude|cursor|agents))/(?P<rest>.+)")
_ROOT_VARIABLE = regex(
    r"\$(?:\{(?:CLAUDE_PROJECT_DIR|CLAUDE_PLUGIN_ROOT|PROJECT_ROOT|REPO_ROOT)(?::-[^}]*)?\}"
    r"|(?:CLAUDE_PROJECT_DIR|CLAUDE_PLUGIN_ROOT|PROJECT_ROOT|REPO_ROOT)(?![A-Za-z0-9_]))/(?P<rest>.+)"
)
#: A folder that the file leaves open, but whose name says that it is the file's own: `{baseDir}/x`, `<skill-dir>/x`.
_OWN = r"[\w -]*(?:skill|plugin|base|script|project|repo|workspace)[\w -]*"
_OWN_FOLDER = regex(
    rf"(?:\$\{{{_OWN}\}}|\${_OWN}|\{{+{_OWN}\}}+|<{_OWN}>|\[{_OWN}\]|(?-i:[A-Z]+_(?:DIR|ROOT|PATH)))/(?P<rest>.+)",
    re.IGNORECASE,
)
_QUOTES = "\"'`"
#: Variables in which the harness names the folder that the file is of.
FOLDERS_OF_HARNESS = frozenset({"CLAUDE_PLUGIN_ROOT", "CLAUDE_PROJECT_DIR"})


class Reference:
    """A reference as written, taken apart: `rest` is the path; `folder` the install folder, where one was named.

    `home` says that the path is in somebody's home and so means the project's own copy, `anchored` that the path is
    relative to the project's root rather than to the file.
    """

    def __init__(self, written: str) -> None:
        text = written.strip().strip(_QUOTES).strip().replace("\\ ", " ")
        if text.startswith("@"):
            text = text[1:]
        # `"$CLAUDE_PROJECT_DIR"/x.sh` has its quotes in the middle.
        text = re.sub(f"[{_QUOTES}]", "", text)
        self.folder = ""
        self.home = self.anchored = False
        installed = _INSTALL.fullmatch(text)
        rooted = _ROOT_VARIABLE.fullmatch(text)
        if installed:
            self.folder, text, self.home = installed["folder"], installed["rest"], True
        elif rooted:
            text, self.anchored = rooted["rest"], True
        elif own := _OWN_FOLDER.fullmatch(text):
            text = own["rest"]
        self.rest = text

    @property
    def usable(self) -> bool:
        """Whether it names a path at all: no variables, no globs, no URL, no other place in a home."""
        return bool(self.rest) and not re.search(r"[$*?\[\]<>{}|;&\n\r\0]|://", self.rest) and self.rest[0] not in "~-"

    def candidates(self, root: Path, file: Path, script_root: Path | None) -> list[Path]:
        """Places where the script may stand, best first."""
        if self.rest.startswith("/"):
            return [Path(self.rest)]
        found: list[Path] = []
        if script_root is not None:
            found += [script_root / self.rest, script_root / _without_first(self.rest, "scripts")]
        if self.home:
            found += [root / self.folder / self.rest, root / self.rest]
        elif self.anchored:
            found += [root / self.rest, *(folder / self.rest for folder in _up_to(file.parent, root))]
        else:
            found += [folder / self.rest for folder in _up_to(file.parent, root)]
            found += [folder / "scripts" / self.rest for folder in _up_to(file.parent, root)]
        found += [root / "scripts" / _without_first(self.rest, "scripts")]
        return found

    def tail(self) -> tuple[str, ...]:
        """The parts by which the script is looked for anywhere in the project; empty if they tell too little."""
        parts = tuple(part for part in PurePosixPath(self.rest).parts if part != ".")
        return parts if len(parts) > 1 and ".." not in parts and not self.rest.startswith("/") else ()


def _without_first(path: str, folder: str) -> str:
    return path.removeprefix("./").removeprefix(f"{folder}/")


def _up_to(folder: Path, root: Path) -> list[Path]:
    """A folder and those above it up to the root."""
    if not folder.is_relative_to(root):
        return [root]
    folders = [folder, *folder.parents]
    return folders[: folders.index(root) + 1]

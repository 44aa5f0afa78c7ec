"""The project around an instruction file: its root, its files, its facts. The only opener of user files."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from peerlint.errors import NO_SUCH_PATH, InputError
from peerlint.patterns import regex
from peerlint.records import dataclass
from peerlint.source.project.ignore import SKIPPED_FOLDERS, IgnoreRules
from peerlint.source.project.opening import MAX_BYTES, RealFolders, lexical, read_regular, read_text
from peerlint.source.project.references import Reference
from peerlint.source.text import SourceText

__all__ = ["MAX_BYTES", "Mention", "Project", "ProjectFacts", "RealFolders", "root_of"]

#: Files and folders that mark the folder they stand in as a project.
_ROOT_MARKERS = (".git", "pyproject.toml", ".peerlint.yaml")
#: The same, but a home has them too, for its owner's own settings, and is no project for that.
_TOOL_MARKERS = (".agent-os", ".claude", ".cursor")
_INSTRUCTION_SUFFIXES = (".md", ".mdc", ".markdown")
#: Scripts that an agent may be told to run.
SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".py")
#: Files in which a name of the process may stand, beside instruction files.
_TEXT_SUFFIXES = (
    *(*SCRIPT_SUFFIXES, ".js", ".mjs", ".ts", ".go", ".rs", ".rb", ".txt", ".jq"),
    *(".yaml", ".yml", ".json", ".toml", ".env", ".service", "Makefile", "Dockerfile"),
)
_INSTRUCTION_NAMES = frozenset({".cursorrules", ".windsurfrules", ".clinerules"})
_FRONT_MATTER_NAME = regex(r"\A\ufeff?---[ \t]*\r?\n(?:.*\n)*?name[ \t]*:[ \t]*[\"']?([^\s\"'#]+)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A line of a text file of the project: what messages call the file, the row from 1, the line."""

    path: str
    row: int
    line: str


class ProjectFacts:
    """What is known of a project, each part found out once, when a rule first asks: to know all files is to walk it.

    `mentions` gives the lines of its text files, as they are now, that hold a literal: it reads them all, so a rule
    asks it last. `uses` does the same for scripts and instruction files only, of which there are fewer. `read` gives
    the whole of such a file, by what messages call it. `beside` says whether a file of that name stands in the folder
    of another, as messages call that one.
    """

    def __init__(
        self,
        files: Callable[[], frozenset[str]],
        subagents: Callable[[], frozenset[str]],
        mentions: Callable[[str], Iterable[Mention]],
        uses: Callable[[str], Iterable[Mention]],
        read: Callable[[str], SourceText],
        beside: Callable[[str, str], bool],
    ) -> None:
        self._find_files = files
        self._find_subagents = subagents
        self.mentions = mentions
        self.uses = uses
        self.read = read
        self.beside = beside

    @cached_property
    def files(self) -> frozenset[str]:
        """Its files, relative to the root, with `/`."""
        return self._find_files()

    @cached_property
    def subagents(self) -> frozenset[str]:
        """The names of the subagents that it defines."""
        return self._find_subagents()


class Project:
    """A folder with instruction files. Every path given out is absolute and real."""

    def __init__(self, root: Path, script_root: Path | None = None, real_folders: RealFolders | None = None) -> None:
        """Raises InputError when `script_root` is no folder. `real_folders` are those that the caller knows."""
        if script_root is not None and not script_root.is_dir():
            raise InputError("is no folder", path=str(script_root), todo="give --script-root a folder that exists")
        self.root = root.resolve()
        self.script_root = script_root.resolve() if script_root else None
        #: How the real paths of its files begin.
        self._within = tuple(os.path.join(base, "") for base in self._bases())  # noqa: PTH118 (keeps the last `/`)
        #: Folders that `files` could not look into.
        self.unlisted: list[InputError] = []
        self._texts: dict[Path, tuple[tuple[int, int], str]] = {}
        self._real_folders = RealFolders() if real_folders is None else real_folders

    @classmethod
    def at(cls, start: Path, *, script_root: Path | None = None) -> Project:
        """The project that a file or folder belongs to. Raises InputError when `script_root` is no folder."""
        return cls(root_of(start.resolve()), script_root)

    def relative(self, path: Path) -> str:
        """A path relative to the root, with `/`; the path itself where it lies outside."""
        # In letters where that is enough: each file of a run is asked for.
        name, root = os.path.abspath(path), f"{self.root}{os.sep}"  # noqa: PTH100
        if name.startswith(root):
            return name[len(root) :].replace(os.sep, "/")
        place = lexical(path)
        if place.is_relative_to(self.root):
            return place.relative_to(self.root).as_posix()
        real = place.resolve()
        return real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else place.as_posix()

    @staticmethod
    def label(path: Path) -> str:
        """What messages call a file: relative to the working directory where it lies below it."""
        # In letters, not as Paths: every file of a run is called something.
        place, here = os.path.abspath(path), os.getcwd()  # noqa: PTH100, PTH109
        below = here if here.endswith(os.sep) else here + os.sep
        name = "." if place == here else place.removeprefix(below)
        return name.replace(os.sep, "/")

    def files(self, paths: Iterable[Path]) -> list[Path]:
        """The instruction files among and below `paths`, sorted, each once.

        Folders are walked, dot folders too; what .gitignore excludes is left out there, and symbolic links are not
        followed. A file that is named is taken even if it is ignored and whatever its suffix, as other linters do.
        Raises InputError when a path does not exist; folders that cannot be listed are added to `unlisted`.
        """
        found: dict[Path, None] = {}

        def complain(folder: Path, error: OSError) -> None:
            reason = f"the folder cannot be listed: {error.strerror}"
            self.unlisted.append(InputError(reason, path=self.label(folder), todo="allow it, or exclude the folder"))

        for path in paths:
            if path.is_dir():
                top = path.resolve()
                for name in self._walk(top, complain):
                    if _is_instruction(name.rpartition("/")[2]):
                        found.setdefault(top / name)
            elif path.exists():
                found.setdefault(lexical(path))
            else:
                raise InputError(NO_SUCH_PATH, path=self.label(path), todo="check the path")
        return sorted(found, key=lambda path: path.parts)

    def read(self, path: Path) -> SourceText:
        """The text of a file, byte for byte.

        Raises InputError unless its real path lies in the project (or the script root) and it is a regular text file
        of at most 2 MB.
        """
        label = self.label(path)
        return SourceText.decode(label, read_text(self._confined(path, label), label))

    def resolve(self, reference: str, from_path: Path) -> Path | None:
        """The script that a reference in the file `from_path` means, if the project has it.

        `~/.agent-os/X` and `~/.claude/X` mean the project's own `.agent-os/X`, `.claude/X`, `X` or `scripts/X`, or the
        script root: the real home is never looked at. `$CLAUDE_PROJECT_DIR/X` is relative to the root; `./X` and `X`
        to the file's folder or one above it. At last the one file of the project whose path ends with `X` is taken.
        """
        parsed = Reference(reference)
        if not parsed.usable:
            return None
        for candidate in parsed.candidates(self.root, lexical(from_path), self.script_root):
            if (real := self._own_file(candidate)) is not None:
                return real
        tail = parsed.tail()
        if not tail:
            return None
        alike = [name for name in self._by_name.get(tail[-1], ()) if PurePosixPath(name).parts[-len(tail) :] == tail]
        return self._own_file(self.root / alike[0]) if len(alike) == 1 else None

    @cached_property
    def facts(self) -> ProjectFacts:
        """What is known of the project."""
        return ProjectFacts(
            lambda: frozenset(self._walk(self.root)),
            lambda: frozenset(self._subagents(sorted(self.facts.files))),
            self._mentions,
            lambda literal: self._mentions(literal, SCRIPT_SUFFIXES),
            lambda label: SourceText(label, self._text_now(Path(os.path.abspath(label)))),  # noqa: PTH100
            lambda label, name: os.path.lexists(os.path.join(os.path.dirname(label), name)),  # noqa: PTH118, PTH120
        )

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for file in sorted(self.facts.files):
            names.setdefault(file.rpartition("/")[2], []).append(file)
        return names

    def _subagents(self, files: Sequence[str]) -> Iterator[str]:
        """Names of the subagents that the project defines: of the file, and in its front matter."""
        for file in files:
            parts = file.split("/")
            if not file.endswith(".md") or not ("agents" in parts[:-1] or file.endswith(".agent.md")):
                continue
            yield parts[-1].removesuffix(".md").removesuffix(".agent")
            try:
                text = read_regular(self.root / file, file).decode("utf-8", "replace")
            except InputError:
                continue
            head = text[: text.find("\n---", 4) + 1]
            if named := _FRONT_MATTER_NAME.match(head):
                yield named[1]

    def _mentions(self, literal: str, suffixes: tuple[str, ...] = _TEXT_SUFFIXES) -> Iterator[Mention]:
        for name in sorted(self.facts.files):
            if not name.endswith(suffixes) and not _is_instruction(name.rpartition("/")[2]):
                continue
            text = self._text_now(self.root / name)
            if literal in text:
                label = self.label(self.root / name)
                lines = enumerate(text.splitlines(), 1)
                yield from (Mention(label, row, line) for row, line in lines if literal in line)

    def _text_now(self, path: Path) -> str:
        """The text of a file of the project, "" where it has none; read again only where the file has changed."""
        try:
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if self._texts.get(path, (None, ""))[0] != stamp:
                self._texts[path] = (stamp, read_text(path, str(path)).decode("utf-8", "surrogateescape"))
        except (InputError, OSError):
            return ""
        return self._texts[path][1]

    def _bases(self) -> tuple[Path, ...]:
        return (self.root, self.script_root) if self.script_root else (self.root,)

    def _confined(self, path: Path, label: str) -> Path:
        """The real path of a file in the project. Raises InputError."""
        try:
            real = self._real(path)
        except FileNotFoundError:
            raise InputError("no such file", path=label, todo="check the path") from None
        except (OSError, RuntimeError, ValueError):
            raise InputError("cannot be followed to a file", path=label, todo="check its symbolic links") from None
        if not str(real).startswith(self._within):
            todo = "run peerlint in the project that it belongs to"
            raise InputError(f"leads out of the project {self.root.name}/", path=label, todo=todo)
        return real

    def _real(self, path: Path) -> Path:
        """The real path. Files are where their folder is, but for links. Raises OSError, RuntimeError or ValueError."""
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return path.resolve(strict=True)
        return self._real_folders.of(path.parent) / path.name

    def _own_file(self, path: Path) -> Path | None:
        """The real path, if it is a regular file of the project."""
        # Paths are kept from leaving the project as written before the file system is asked about them at all.
        if not any(lexical(path).is_relative_to(base) for base in self._bases()):
            return None
        try:
            real = self._confined(path, str(path))
            return real if real.is_file() else None
        except (InputError, OSError):
            return None

    @cached_property
    def _ignore(self) -> IgnoreRules:
        return IgnoreRules(self.root, _read_if_regular)

    def _walk(self, top: Path, complain: Callable[[Path, OSError], object] | None = None) -> Iterator[str]:
        """Regular files below a folder that git would not ignore, relative to it, with `/`.

        `complain` hears of folders that cannot be listed.
        """
        # In letters, not as Paths: of a project all files are asked for.
        stack = [(top, "")]
        while stack:
            folder, prefix = stack.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                if complain is not None:
                    complain(folder, error)
                continue
            ignored = self._ignore.within(folder)
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_FOLDERS and not ignored(entry.name + "/"):
                        stack.append((folder / entry.name, f"{prefix}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False) and not ignored(entry.name):
                    yield prefix + entry.name


def root_of(place: Path, otherwise: Path | None = None, known: dict[Path, Path | None] | None = None) -> Path:
    """The root of the project that a file or folder belongs to; the paths are real ones.

    It is the nearest folder with .git, pyproject.toml or .peerlint.yaml, or the parent of .agent-os, .claude or
    .cursor; else `otherwise` where that holds it, else the folder itself. `known` keeps the roots of folders, None for
    those in no project, for a caller that asks of many.
    """
    folder = place if place.is_dir() else place.parent
    root = _root_above(folder, {} if known is None else known)
    if root is not None:
        return root
    return otherwise if otherwise is not None and folder.is_relative_to(otherwise) else folder


def _root_above(folder: Path, known: dict[Path, Path | None]) -> Path | None:
    """The nearest root of a project, the folder itself or one above it; None where there is none."""
    below = []
    while folder not in known:
        if _is_marked(folder):
            known[folder] = folder
        elif folder.parent == folder:
            known[folder] = None
        else:
            below.append(folder)
            folder = folder.parent
    known.update(dict.fromkeys(below, known[folder]))
    return known[folder]


def _is_marked(folder: Path) -> bool:
    """Whether what stands in a folder says that it is the root of a project."""
    if _holds_any(folder, _ROOT_MARKERS):
        return True
    return _holds_any(folder, _TOOL_MARKERS) and folder != _home()


def _holds_any(folder: Path, names: Iterable[str]) -> bool:
    # A Path for each question would take most of the time.
    return any(os.path.exists(f"{folder}/{name}") for name in names)  # noqa: PTH110


def _home() -> Path | None:
    """The user's home, which is only compared with, never read."""
    try:
        return Path.home().resolve()
    except RuntimeError:
        return None


def _is_instruction(name: str) -> bool:
    return name.lower().endswith(_INSTRUCTION_SUFFIXES) or name in _INSTRUCTION_NAMES


def _read_if_regular(path: str) -> str | None:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        return read_regular(Path(path), path).decode("utf-8", "surrogateescape")
    except (InputError, OSError, ValueError):
        return None

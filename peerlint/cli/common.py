"""What several sub-commands share: reading instruction files with the scripts they name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from peerlint.config import TOML_NAME, YAML_NAME, Config, ConfigFinder
from peerlint.errors import InputError
from peerlint.source.kinds import FileKind
from peerlint.source.project import Project, RealFolders, root_of
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.build import Reading


def one_file(path: Path) -> Path:
    """The path, if a file may be there. Raises InputError for a folder, and where nothing is."""
    if path.is_dir():
        raise InputError("is a folder", path=str(path), todo="name one instruction file")
    if not path.exists():
        raise InputError("no such file", path=str(path), todo="check the path")
    return path


class Workspace:
    """Projects by folder, and instruction files read with the scripts and the phrases of their own project.

    `config_file` is the config that the command line names; it goes for all files.
    """

    def __init__(self, script_root: Path | None = None, config_file: Path | None = None) -> None:
        #: Folders that the last `files` could not look into.
        self.unlisted: list[InputError] = []
        self._script_root = script_root
        self._config_file = config_file
        self._finders: dict[Path, ConfigFinder] = {}
        self._projects: dict[Path, Project] = {}
        self._by_root: dict[Path, Project] = {}
        #: The folders that were asked for: what is in no project belongs to the folder that it was found in.
        self._tops: list[Path] = []
        self._folders: dict[Path, Path] = {}
        self._configs: dict[Path, Config] = {}
        #: The roots of projects that folders stand in, of those that were looked at, and where folders really are.
        self._roots: dict[Path, Path | None] = {}
        self._real_folders = RealFolders()

    def project(self, path: Path) -> Project:
        """The project that a file belongs to, found once per folder. Raises InputError."""
        folder = self._folder(path)
        if folder not in self._projects:
            top = next((top for top in self._tops if folder.is_relative_to(top)), None)
            root = root_of(self._real_folders.of(folder), top, self._roots)
            if root not in self._by_root:
                self._by_root[root] = Project(root, self._script_root, self._real_folders)
            self._projects[folder] = self._by_root[root]
        return self._projects[folder]

    def _folder(self, path: Path) -> Path:
        """The folder itself, or that of a file."""
        if path not in self._folders:
            self._folders[path] = (path if path.is_dir() else path.parent).absolute()
        return self._folders[path]

    def config(self, path: Path) -> Config:
        """The config of a file, as its files say. Raises InputError."""
        # To follow links is slow, and a folder has one config for all files that really stand in it.
        if path.is_symlink():
            return self._finder(path).config_for(path.resolve())
        folder = self._folder(path)
        if folder not in self._configs:
            self._configs[folder] = self._finder(path).config_for(self._real_folders.of(folder))
        return self._configs[folder]

    def possible_configs(self, files: Sequence[Path]) -> list[Path]:
        """Where config of the files may stand: in their folders, and in those above up to the root of the project."""
        folders: dict[Path, None] = {}
        for file in {file.parent: file for file in files}.values():
            root = self.project(file).root.absolute()
            for folder in file.absolute().parents:
                if folder in folders or not folder.is_relative_to(root):
                    break
                folders[folder] = None
        return [folder / name for folder in folders for name in (YAML_NAME, TOML_NAME)]

    def _finder(self, path: Path) -> ConfigFinder:
        root = self.project(path).root
        if root not in self._finders:
            self._finders[root] = ConfigFinder(root, self._config_file)
        return self._finders[root]

    def files(self, paths: Sequence[Path]) -> list[Path]:
        """The instruction files among and below the paths, sorted, each once. Raises InputError.

        Folders that cannot be listed are added to `unlisted`.
        """
        found: dict[Path, None] = {}
        self.unlisted = []
        self._tops = sorted({path.resolve() for path in paths if path.is_dir()}, key=lambda path: len(path.parts))
        for path in paths:
            project = self.project(path)
            project.unlisted.clear()
            found.update(dict.fromkeys(project.files([path])))
            self.unlisted += project.unlisted
        files = sorted(found, key=lambda path: path.parts)
        self._folders.update((path, path.parent) for path in files)
        return files

    def read(self, path: Path) -> Reading:
        """A file as it is understood. Raises InputError where it cannot be read, or its config is wrong."""
        return self.reading(self.project(path).read(path), path)

    def reading(self, source: SourceText, path: Path) -> Reading:
        """A text as it is understood in the place of the file `path`. Raises InputError for wrong config."""
        from peerlint.cli.reading import read_file

        return read_file(self.project(path), path, source, self.config(path).phrasebook)


def is_linted(reading: Reading) -> bool:
    """Whether an agent acts on the file; a file that is none of the known kinds is silently clean."""
    return reading.kind is not FileKind.NONE

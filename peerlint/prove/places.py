"""Files and folders that a step looks at: derived from both sides, each a dimension.

A file may be there or not, be empty, or hold what it is compared with or searched for; a folder may be there or not,
or hold something; files that a pattern asks for may be none, one or two. What the step itself asks of a file counts;
files outside of its folder and of the home, and those whose names it makes up as it runs, are no dimension.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    DoubleBracket,
    For,
    Glob,
    Literal,
    Parameter,
    Redirection,
    Simple,
    Word,
    walk,
)
from peerlint.process.model import (
    FileRead,
    FilesExist,
    FilesMatching,
    FileWrite,
    InFolder,
    PathEmpty,
    PathExists,
    PathKind,
    Ref,
    Set,
    Step,
    Text,
)
from peerlint.process.model import walk as walk_ir
from peerlint.prove.dimensions import Dimension, Option
from peerlint.prove.samples import sample
from peerlint.prove.scenario import shorten
from peerlint.prove.vocabulary import TYPICAL, Vocabulary, outside, values_for
from peerlint.records import dataclass, field

FILE, FOLDER, PATTERN = "file", "folder", "pattern"
_FILE_TESTS = frozenset({"-f", "-e", "-s", "-r", "-w", "-x"})
#: Tools that read the files that they name; those of which the first operand is no file.
_READERS = frozenset({"cat", "head", "tail", "wc", "source", ".", "sort", "uniq", "cut", "nl", "tac", "rev"})
_READERS_WITH_PROGRAM = frozenset({"grep", "egrep", "fgrep", "sed", "awk", "jq"})
#: Of these every operand is a file; of the others one that looks like it, since some options take the next word.
_FILES_ALONE = frozenset({"cat", "wc", "source", ".", "tac", "rev"})
_LOOKS_LIKE_FILE = re.compile(r"(?:~/)?[\w-]*[./][\w./-]*\w|[A-Z][A-Za-z_]{2,}")
#: Most texts that are tried for one file.
_MOST_CONTENTS = 6


@dataclass(slots=True)
class Place:
    """A path below the folder of the project, or `~/…`; for a pattern the pattern.

    `contents` are texts worth trying; `read` says that it is read or tested, and not only written.
    """

    path: str
    kind: str
    contents: dict[str, None] = field(default_factory=dict)
    read: bool = False


class Places:
    """The places of steps and of the texts of their originals."""

    def __init__(self, steps: Sequence[Step], texts: Iterable[str], without: Iterable[str]) -> None:
        self.found: dict[tuple[str, str], Place] = {}
        self._without = set(without)
        self._vocabulary = Vocabulary(steps)
        self._readers: dict[str, list[str]] = {}
        for step in steps:
            self._look_at_logic(step)
        for text in texts:
            self._look_at_bash(text)

    def dimensions(self) -> list[Dimension]:
        """One dimension a place; folders last, so that a folder that is not there takes its files with it."""
        files = [place for place in self.found.values() if place.kind == FILE]
        patterns = [place for place in self.found.values() if place.kind == PATTERN]
        folders = [place for place in self.found.values() if place.kind == FOLDER]
        made = [_file_dimension(place, self._uses_of(place.path)) for place in files]
        return made + [_pattern_dimension(place.path) for place in patterns] + [_folder_dimension(f) for f in folders]

    def _uses_of(self, path: str) -> list[tuple[str, str]]:
        """What the names hold that take the text of a file, and the assumption that it breaks."""
        return [
            (value, outside(uses, value))
            for name in self._readers.get(path, ())
            for uses in (self._vocabulary.of(name),)
            for value in values_for(uses, {})
        ]

    def _add(self, path: str | None, kind: str, *, read: bool = True) -> Place | None:
        if path is None or not _is_ours(path) or path in self._without:
            return None
        place = self.found.setdefault((path.rstrip("/"), kind), Place(path.rstrip("/"), kind))
        place.read = place.read or read
        return place

    # --- logic -------------------------------------------------------------------------------------------------------

    def _look_at_logic(self, step: Step) -> None:
        constants: dict[str, str | None] = {"HOME": "~"}
        for node in walk_ir(step.statements):
            if isinstance(node, Set) and not node.target.path:
                literal = node.value.literal if isinstance(node.value, Text) else None
                name = node.target.name
                constants[name] = None if name in constants else literal
        self._statements(step.statements, "", constants)

    def _statements(self, nodes: Iterable[Any], folder: str, constants: Mapping[str, str | None]) -> None:
        inner: set[int] = set()
        for node in walk_ir(tuple(nodes)):
            if id(node) in inner:
                continue
            match node:
                case InFolder(path=path, body=body):
                    within = _template(path, constants)
                    self._add(_joined(folder, within), FOLDER)
                    if within is not None:
                        self._statements(body, f"{folder}{within}/", constants)
                    inner |= {id(below) for below in walk_ir(body)}
                case PathExists(kind=kind, path=path) | PathEmpty(kind=kind, path=path):
                    self._add(_joined(folder, _template(path, constants)), FILE if kind is PathKind.FILE else FOLDER)
                case FileRead(path=path, name=name):
                    place = self._add(_joined(folder, _template(path, constants)), FILE)
                    if place is not None:
                        self._readers.setdefault(place.path, []).append(name)
                case FileWrite(path=path):
                    self._add(_joined(folder, _template(path, constants)), FILE, read=False)
                case FilesExist(pattern=pattern) | FilesMatching(pattern=pattern):
                    self._add(_joined(folder, _template(pattern, constants)), PATTERN)

    # --- bash --------------------------------------------------------------------------------------------------------

    def _look_at_bash(self, text: str) -> None:
        nodes = list(walk(parse_bash(text).commands))
        constants: dict[str, str | None] = {"HOME": "~"}
        for node in nodes:
            if isinstance(node, Assignment):
                literal = node.value.literal if node.value is not None else None
                constants[node.name] = None if node.name in constants or node.append else literal
            elif isinstance(node, For):
                constants[node.name] = None
        folder = ""
        for node in nodes:
            match node:
                case DoubleBracket(words=words):
                    self._test(words, folder, constants)
                case Redirection(operator="<", target=target):
                    self._add(_joined(folder, _word(target, constants)), FILE)
                case Redirection(operator=">" | ">>" | "&>" | "&>>", target=target):
                    self._add(_joined(folder, _word(target, constants)), FILE, read=False)
                case For(words=tuple(words)):
                    self._patterns(words, folder, constants)
                case Simple(name="cd" | "pushd", words=words) if len(words) == 2:
                    entered = _joined(folder, _word(words[1], constants))
                    if self._add(entered, FOLDER) is not None:
                        folder = f"{entered}/"
                case Simple():
                    self._simple(node, folder, constants)

    def _simple(self, node: Simple, folder: str, constants: Mapping[str, str | None]) -> None:
        if node.name in ("[", "test"):
            self._test(node.words, folder, constants)
            return
        self._patterns(node.words[1:], folder, constants)
        if node.name not in _READERS | _READERS_WITH_PROGRAM:
            return
        operands = [word for word in node.words[1:] if not (word.literal or "x").startswith("-")]
        program = operands.pop(0) if operands and node.name in _READERS_WITH_PROGRAM else None
        for word in operands:
            path = _word(word, constants)
            if path is None or (node.name not in _FILES_ALONE and not _LOOKS_LIKE_FILE.fullmatch(path)):
                continue
            place = self._add(_joined(folder, path), FILE)
            if place is None or program is None or not node.name or not node.name.endswith("grep"):
                continue
            matching = None if program.literal is None else sample(program.literal)
            if matching:
                place.contents[f"first\n{matching}\nlast\n"] = None

    def _test(self, words: Sequence[Word], folder: str, constants: Mapping[str, str | None]) -> None:
        for operator, operand in itertools.pairwise(words):
            if operator.literal in _FILE_TESTS:
                self._add(_joined(folder, _word(operand, constants)), FILE)
            elif operator.literal == "-d":
                self._add(_joined(folder, _word(operand, constants)), FOLDER)

    def _patterns(self, words: Iterable[Word], folder: str, constants: Mapping[str, str | None]) -> None:
        for word in words:
            if any(isinstance(part, Glob) for part in word.parts):
                self._add(_joined(folder, _word(word, constants)), PATTERN)


# --- paths -----------------------------------------------------------------------------------------------------------


def _is_ours(path: str) -> bool:
    """Whether it lies in the folder of the project, or in the home."""
    inside = path.removeprefix("~/")
    return bool(inside.strip("./")) and not inside.startswith(("/", "~")) and ".." not in inside.split("/")


def _joined(folder: str, path: str | None) -> str | None:
    if path is None or path.startswith(("/", "~")):
        return path
    return folder + path.removeprefix("./")


def _template(text: Text, constants: Mapping[str, str | None]) -> str | None:
    """The text of a template whose names are constants."""
    parts = [
        part if isinstance(part, str) else constants.get(part.name) if isinstance(part, Ref) and not part.path else None
        for part in text.parts
    ]
    return None if None in parts else "".join(part for part in parts if part is not None)


def _word(word: Word, constants: Mapping[str, str | None]) -> str | None:
    """The text of a word whose variables are constants."""
    shown = ""
    for part in word.parts:
        if isinstance(part, Literal | Glob):
            shown += part.text
        elif isinstance(part, Parameter) and not part.operator and constants.get(part.name) is not None:
            shown += constants[part.name] or ""
        else:
            return None
    return shown


# --- dimensions ------------------------------------------------------------------------------------------------------


def _file_dimension(place: Place, values: Sequence[tuple[str, str]]) -> Dimension:
    """A file that is read is there as a rule; one that is only written is not."""
    texts = {f"{TYPICAL}\n": "", **dict.fromkeys(place.contents, "")}
    texts |= {f"{value}\n": broken for value, broken in values}
    there = [
        Option(f"{place.path} is {shorten(text)}", files=((place.path, text),), outside=broken)
        for text, broken in list(texts.items())[:_MOST_CONTENTS]
    ]
    empty = Option(f"{place.path} is empty", files=((place.path, ""),))
    missing = Option(f"{place.path} missing", gone=place.path)
    if place.read:
        usual = Option("", files=there[0].files)
        return Dimension(f"file {place.path}", (usual, missing, empty, *there[1:]))
    folder = place.path.rpartition("/")[0]
    usual = Option("", files=((f"{folder}/", ""),)) if folder and folder != "~" else Option("")
    # What is a folder, or lies in none, cannot be written.
    options = [usual, there[0], Option(f"{place.path} is a folder", files=((f"{place.path}/", ""),))]
    options += [Option(f"{folder} missing", gone=folder)] if usual.files else []
    return Dimension(f"file {place.path}", tuple(options))


def _pattern_dimension(pattern: str) -> Dimension:
    """None, one or two that match; one with a blank in its name where the pattern allows any."""
    folder, _, name = pattern.rpartition("/")
    at = f"{_matching(folder, 'one')}/" if folder else ""
    one, two = (f"{at}{_matching(name, word)}" for word in ("one", "two words"))
    text = f"{TYPICAL}\n"
    options = [Option("", files=((at, ""),) if at else ()), Option(f"{one} is there", files=((one, text),))]
    options.append(Option(f"{one} is a folder", files=((f"{one}/", ""),)))
    if one != two:
        options.append(Option(f"{one} and {two} are there", files=((one, text), (two, text))))
    if at:
        options.append(Option(f"{at} missing", gone=at))
    return Dimension(f"files {pattern}", tuple(options))


def _matching(pattern: str, word: str) -> str:
    """A name that a pattern of the shell matches."""
    name = re.sub(r"\[!?([^]]+)\]", lambda found: found[1][0], pattern.replace("*", word, 1).replace("*", ""))
    return name.replace("?", "x")


def _folder_dimension(place: Place) -> Dimension:
    folder = f"{place.path}/"
    one, two = (f"{folder}{name}" for name in ("one", "two words"))
    text = f"{TYPICAL}\n"
    return Dimension(
        f"folder {place.path}",
        (
            Option("", files=((folder, ""),)),
            Option(f"{folder} missing", gone=folder),
            Option(f"{folder} holds a file", files=((folder, ""), (one, text))),
            Option(f"{folder} holds two files", files=((folder, ""), (one, text), (two, text))),
        ),
    )

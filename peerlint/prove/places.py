"""Files and folders that a step looks at: derived from both sides, each a dimension.

A file may be there or not, be empty, or hold what it is compared with or searched for; a folder may be there or not,
or hold something; files that a pattern asks for may be none, one or two. What the step itself asks of a file counts.
A name in a path stands for what it is known to hold: a constant, the usual value of an input, each word of a loop; else
for what it held in a run where all was as usual. Files outside of the folder and of the home are no dimension.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    DoubleBracket,
    For,
    Glob,
    Literal,
    Parameter,
    Pipe,
    Redirection,
    Simple,
    Substitution,
    Word,
    walk,
)
from peerlint.process.model import (
    Argv,
    CommandSucceeds,
    FilePattern,
    FileRead,
    FilesExist,
    FilesMatching,
    FileWrite,
    ForEach,
    InFolder,
    PathEmpty,
    PathExists,
    PathKind,
    Ref,
    Run,
    Set,
    Step,
    Text,
    Values,
)
from peerlint.process.model import walk as walk_ir
from peerlint.prove.backwards import source_of
from peerlint.prove.dimensions import Dimension, Option
from peerlint.prove.samples import all_found_by_grep, found_by_grep
from peerlint.prove.scenario import shorten
from peerlint.prove.scene import FOLDERS_GIVEN
from peerlint.prove.vocabulary import (
    MOST_NEAR,
    TYPICAL,
    Uses,
    Vocabulary,
    near_to,
    outside,
    sought_too,
    values_for,
    words_of,
)
from peerlint.records import dataclass, field, replace
from peerlint.run.arguments import Arguments

_FOLDERS_GIVEN = {name: (place,) for name, place in FOLDERS_GIVEN.items()}
FILE, FOLDER, PATTERN = "file", "folder", "pattern"
_FILE_TESTS = frozenset({"-f", "-e", "-s", "-r", "-w", "-x"})
#: Tools that read the files that they name; those of which the first operand is no file.
_READERS = frozenset({"cat", "head", "tail", "wc", "source", ".", "sort", "uniq", "cut", "nl", "tac", "rev"})
_READERS_WITH_PROGRAM = frozenset({"grep", "egrep", "fgrep", "sed", "awk", "jq"})
#: Of these every operand is a file; of the others one that looks like it, since some options take the next word.
_FILES_ALONE = frozenset({"cat", "wc", "source", ".", "tac", "rev"})
_LOOKS_LIKE_FILE = re.compile(r"(?:~/)?[\w-]*[./][\w./-]*\w|[A-Z][A-Za-z_]{2,}")
#: Filters that leave one line as it is.
_KEEPS_LINES = frozenset({"head", "tail", "sort", "uniq"})
#: Most texts that are tried for one file.
_MOST_CONTENTS = 8
#: Most paths that one word stands for.
_MOST_PATHS = 16

#: What each name is known to hold; nothing where that cannot be told.
_Known: TypeAlias = Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class Place:
    """A path below the folder of the project, or `~/…`; for a pattern the pattern.

    `contents` are texts worth trying, `near` those that come near to them; `read` says that it is read or tested, and
    not only written.
    """

    path: str
    kind: str
    contents: dict[str, None] = field(default_factory=dict)
    near: dict[str, None] = field(default_factory=dict)
    read: bool = False


_NOTHING: Mapping[str, str] = MappingProxyType({})


class Places:
    """The places of steps and of the texts of their originals. `usual` is what inputs and arguments are as a rule.

    `before` are the steps and the texts that run before them, and tell what names hold; `held` is what names held in a
    run in which all was as usual.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        texts: Iterable[str],
        without: Iterable[str],
        usual: Mapping[str, str] = _NOTHING,
        arguments: Sequence[str] = (),
        *,
        before: tuple[Sequence[Step], Sequence[str]] = ((), ()),
        held: Mapping[str, str] = _NOTHING,
    ) -> None:
        self._arguments = Arguments.of(arguments)
        self._usual = {"HOME": ("~",), "ARGUMENTS": (" ".join(arguments),), **_FOLDERS_GIVEN}
        self._usual |= {str(at): (value,) for at, value in enumerate(arguments, start=1)}
        self._usual |= {name: (value,) for name, value in usual.items()}
        # A variable of a script is in capitals in the logic.
        plain = {name: (value,) for name, value in held.items() if value and "\n" not in value}
        self._turned_up = {name.lower(): value for name, value in plain.items()} | plain
        self.found: dict[tuple[str, str], Place] = {}
        self._without = set(without)
        self._vocabulary = Vocabulary(steps)
        self._readers: dict[str, list[str]] = {}
        #: The patterns that a loop goes through, by its name on either side.
        self._through: dict[str, list[Place]] = {}
        known: _Known = self._usual
        for step in before[0]:
            known = self._names_in_logic(step, known)
        for step in steps:
            known = self._names_in_logic(step, known)
            self._statements(step.statements, "", known)
        known = self._usual
        for text in before[1]:
            known = self._names_in_bash(list(walk(parse_bash(text).commands)), known)
        for text in texts:
            known = self._look_at_bash(text, known)

    def dimensions(self) -> list[Dimension]:
        """One dimension a place; folders last, so that a folder that is not there takes its files with it."""
        of = {kind: [place for place in self.found.values() if place.kind == kind] for kind in (FILE, PATTERN, FOLDER)}
        entered = {place.path for place in of[FOLDER]}
        entered |= {above for place in self.found.values() for above in _above(place.path)}
        asked = {place.path for place in of[FILE] if place.path in entered}
        files = {place.path: self._file_dimension(place) for place in of[FILE] if place.path not in asked}
        patterns = []
        for place in of[PATTERN]:
            # The file that the pattern stands for is one with it: as two, either would take from the other what it has.
            same = files.pop(_one_that_matches(place.path), None)
            patterns.append(_pattern_dimension(place, same))
        made = [*files.values(), *patterns]
        names = dict.fromkeys(asked, ()) | {place.path: tuple(place.contents) for place in of[FOLDER]}
        near = {place.path: tuple(place.near) for place in of[FOLDER]}
        return made + [
            _folder_dimension(path, names[path], path in asked, near.get(path, ()))
            for path in sorted(names, reverse=True)
        ]

    def _uses_of(self, path: str) -> list[tuple[str, str]]:
        """What the names hold that take the text of a file, and the assumption that it breaks."""
        return [
            (value, outside(uses, value))
            for name in self._readers.get(path, ())
            for uses in (self._vocabulary.of(name),)
            for value in values_for(uses, {})
        ]

    def _file_dimension(self, place: Place) -> Dimension:
        """What a file may hold, and what comes near to that."""
        found = _file_dimension(place, self._uses_of(place.path))
        texts = [text.rstrip("\n") for text in place.near]
        uses = Uses(near={*texts}, in_lines=True)
        uses.literals |= {text.rstrip("\n") for text in place.contents if text.count("\n") == 1}
        texts = near_to(uses)
        for name in self._readers.get(place.path, ()):
            texts += near_to(self._vocabulary.of(name))
        known = {text for option in found.options for _, text in option.files}
        near = [
            Option(f"{place.path} is {shorten(text)}", files=((place.path, text),))
            for text in dict.fromkeys(f"{text}\n" for text in texts)
            if text not in known
        ]
        return replace(found, near=tuple(near[:MOST_NEAR])) if place.read else found

    def _add(self, folder: str, paths: Iterable[str], kind: str, *, read: bool = True) -> list[Place]:
        """Notes the paths below a folder; those that are places."""
        found = []
        for path in (_joined(folder, path) for path in paths if kind != FILE or not path.endswith("/")):
            if _is_ours(path) and path not in self._without:
                place = self.found.setdefault((path, kind), Place(path, kind))
                place.read = place.read or read
                found.append(place)
        return found

    def _template(self, text: Text, known: _Known) -> tuple[str, ...]:
        """The texts that a template comes to, by what its names are known to hold."""
        return _combined(
            (self._arguments.fill(part),) if isinstance(part, str) else _held(part, known) for part in text.parts
        )

    # --- logic -------------------------------------------------------------------------------------------------------

    def _names_in_logic(self, step: Step, before: _Known) -> _Known:
        """What each name holds behind the step, as far as that can be told."""
        known = dict(before)
        held: tuple[str, ...]
        seen: set[str] = set()
        for node in walk_ir(step.statements):
            match node:
                case Set(target=Ref(name=name, path=()), value=Text() as value):
                    held = self._template(value, known)
                case Set(target=Ref(name=name, path=())):
                    held = ()
                case ForEach(name=name, listing=Values(values=values)):
                    held = _all_of(self._template(value, known) if isinstance(value, Text) else () for value in values)
                case ForEach(name=name):
                    held = ()
                case _:
                    continue
            known[name] = tuple(dict.fromkeys((*known[name], *held))) if name in seen else held
            seen.add(name)
        return self._as_turned_up(known)

    def _as_turned_up(self, known: Mapping[str, tuple[str, ...]]) -> _Known:
        """With what a run has shown of the names of which nothing else is known."""
        return self._turned_up | {name: held for name, held in known.items() if held or name not in self._turned_up}

    def _statements(self, nodes: Iterable[Any], folder: str, known: _Known) -> None:
        inner: set[int] = set()
        for node in walk_ir(tuple(nodes)):
            if id(node) in inner:
                continue
            match node:
                case InFolder(path=path, body=body):
                    for within in self._add(folder, self._template(path, known), FOLDER):
                        self._statements(body, f"{within.path}/", known)
                    inner |= {id(below) for below in walk_ir(body)}
                case PathExists(kind=kind, path=path) | PathEmpty(kind=kind, path=path):
                    self._add(folder, self._template(path, known), FILE if kind is PathKind.FILE else FOLDER)
                case FileRead(path=path, name=name):
                    for place in self._add(folder, self._template(path, known), FILE):
                        self._readers.setdefault(place.path, []).append(name)
                case FileWrite(path=path):
                    self._add(folder, self._template(path, known), FILE, read=False)
                case ForEach(name=name, listing=FilesMatching(pattern=pattern)):
                    self._through[name] = self._add(folder, self._template(pattern, known), PATTERN)
                case FilesExist(pattern=pattern) | FilesMatching(pattern=pattern) | FilePattern(pattern=pattern):
                    self._add(folder, self._template(pattern, known), PATTERN)
                case Run(command=command, name=name):
                    values = values_for(self._vocabulary.of(name), {}) if name else [""]
                    near = near_to(self._vocabulary.of(name)) if name else []
                    for pipeline in command.lines:
                        self._read_through(pipeline.commands, values, folder, known, near)
                case CommandSucceeds(command=pipeline):
                    self._read_through(pipeline.commands, [""], folder, known)

    def _read_through(
        self, commands: Sequence[Argv], values: Sequence[str], folder: str, known: _Known, near: Sequence[str] = ()
    ) -> None:
        """A pipeline that begins with a file: what the file has to hold so that its output is what matters."""
        filters = [words_of(argv) for argv in commands]
        tool, operand = filters[0][0] or "", commands[0].words[-1]
        if len(filters[0]) < 2 or not isinstance(operand, Text):
            return
        if tool == "ls":
            names = [source_of(filters[1:], value) for value in values] if filters[1:] else []
            for place in self._add(folder, self._template(operand, known), FOLDER):
                found = {name for name in names if name and "/" not in name and "\n" not in name}
                # What begins with a dot is not listed as a rule.
                place.contents |= {f"one{name}" if name.startswith(".") else name: None for name in sorted(found)}
                beside = [*(source_of(filters[1:], value) or "" for value in near), *sought_too(commands)]
                beside += near_to(Uses({*place.contents}))
                # Each a name of a file.
                place.near |= {text: None for text in beside if text and text.isprintable() and "/" not in text}
        if tool not in _READERS | _READERS_WITH_PROGRAM:
            return
        named = operand.literal is None or tool in _FILES_ALONE
        paths = [path for path in self._template(operand, known) if named or _LOOKS_LIKE_FILE.fullmatch(path)]
        part = operand.parts[0] if len(operand.parts) == 1 else None
        each = self._through.get(part.name, []) if isinstance(part, Ref) and not part.path else []
        for place in [*self._add(folder, paths, FILE), *each]:
            for value in values:
                text = source_of([filters[0][:-1], *filters[1:]], value)
                if text:
                    place.contents[f"{text}\n"] = None
            others = [source_of([filters[0][:-1], *filters[1:]], value) for value in near]
            place.near |= {text: None for text in (*others, *sought_too(commands)) if text}

    # --- bash --------------------------------------------------------------------------------------------------------

    def _names_in_bash(self, nodes: Sequence[Any], before: _Known) -> _Known:
        """What each variable holds behind the text: the calls of a step share one shell."""
        known = dict(before)
        held: tuple[str, ...]
        seen: set[str] = set()
        for node in nodes:
            match node:
                case Assignment(name=name, value=Word() as value, append=False):
                    held = _listed(value, known) or _word(value, known)
                case For(name=name, words=tuple(words)):
                    held = _all_of(() if _has_pattern(word) else _word(word, known) for word in words)
                case Assignment(name=name) | For(name=name):
                    held = ()
                case _:
                    continue
            known[name] = tuple(dict.fromkeys((*known[name], *held))) if name in seen else held
            seen.add(name)
        return self._as_turned_up(known)

    def _look_at_bash(self, text: str, before: _Known) -> _Known:
        nodes = list(walk(parse_bash(text).commands))
        known = self._names_in_bash(nodes, before)
        folder = ""
        for node in nodes:
            match node:
                case DoubleBracket(words=words):
                    self._test(words, folder, known)
                case Redirection(operator="<", target=target):
                    self._add(folder, _word(target, known), FILE)
                case Redirection(operator=">" | ">>" | "&>" | "&>>", target=target):
                    self._add(folder, _word(target, known), FILE, read=False)
                case For(name=name, words=tuple(words)):
                    self._through[name] = self._patterns(words, folder, known)
                case Simple(name="cd" | "pushd", words=words) if len(words) == 2:
                    for entered in self._add(folder, _word(words[1], known), FOLDER):
                        folder = f"{entered.path}/"
                case Simple():
                    self._simple(node, folder, known)
        return known

    def _simple(self, node: Simple, folder: str, known: _Known) -> None:
        if node.name in ("[", "test"):
            self._test(node.words, folder, known)
            return
        self._patterns(node.words[1:], folder, known)
        if node.name == "find":
            self._find(node.words[1:], folder, known)
        if node.name == "ls":
            listed = [path for word in node.words[1:] if not _has_pattern(word) for path in _word(word, known)]
            self._add(folder, [path for path in listed if not path.startswith("-")], FOLDER)
        if node.name not in _READERS | _READERS_WITH_PROGRAM:
            return
        operands = [word for word in node.words[1:] if not _is_option(word)]
        program = operands.pop(0) if operands and node.name in _READERS_WITH_PROGRAM else None
        searches = node.name.endswith("grep")
        typed = [_as_typed(word) for word in node.words]
        matching = found_by_grep(typed) if program is not None and searches else None
        for word in operands:
            # The last word of a search is a file, whatever it is called; others may be the word of an option.
            is_file = node.name in _FILES_ALONE or (searches and word is operands[-1] and word.literal is None)
            is_file = is_file or _has_pattern(word)
            paths = [path for path in _word(word, known) if is_file or _LOOKS_LIKE_FILE.fullmatch(path)]
            kind = PATTERN if _has_pattern(word) else FILE
            part = word.parts[0] if len(word.parts) == 1 else None
            each = self._through.get(part.name, []) if isinstance(part, Parameter) and not part.operator else []
            for place in [*self._add(folder, paths, kind), *each]:
                if matching:
                    place.contents[f"first\n{matching}\nlast\n"] = None
                    near_by = near_to(Uses({matching}, in_lines=True, near={*all_found_by_grep(typed)}))
                    place.near |= dict.fromkeys(near_by)

    def _find(self, words: Sequence[Word], folder: str, known: _Known) -> None:
        """`find DIR … -name PATTERN`: what lies right in the folder is found as well."""
        where = itertools.takewhile(lambda word: not (word.literal or "x").startswith(("-", "(", "!")), words)
        names = [name for flag, name in itertools.pairwise(words) if flag.literal in ("-name", "-iname")]
        patterns = [pattern for name in names for pattern in _word(name, known)] or ["*"]
        for word in where:
            self._add(folder, [f"{path}/{name}" for path in _word(word, known) for name in patterns], PATTERN)

    def _test(self, words: Sequence[Word], folder: str, known: _Known) -> None:
        for operator, operand in itertools.pairwise(words):
            if operator.literal in _FILE_TESTS:
                self._add(folder, _word(operand, known), FILE)
            elif operator.literal == "-d":
                self._add(folder, _word(operand, known), FOLDER)

    def _patterns(self, words: Iterable[Word], folder: str, known: _Known) -> list[Place]:
        found: list[Place] = []
        for word in words:
            if _has_pattern(word) and not _is_option(word):
                found += self._add(folder, _word(word, known), PATTERN)
        return found


# --- paths -----------------------------------------------------------------------------------------------------------


def _is_ours(path: str) -> bool:
    """Whether it lies in the folder of the project, or in the home."""
    inside = path.removeprefix("~/")
    return bool(inside.strip("./")) and not inside.startswith(("/", "~")) and ".." not in inside.split("/")


def _joined(folder: str, path: str) -> str:
    whole = path if path.startswith(("/", "~")) else folder + path
    return posixpath.normpath(whole) if whole else ""


def _is_option(word: Word) -> bool:
    return bool(word.parts) and isinstance(word.parts[0], Literal) and word.parts[0].text.startswith("-")


def _as_typed(word: Word) -> str | None:
    """The text of a word with its pattern signs; None where it holds something else."""
    texts = [part.text if isinstance(part, Literal | Glob) else None for part in word.parts]
    return None if None in texts else "".join(text for text in texts if text)


def _has_pattern(word: Word) -> bool:
    return any(isinstance(part, Glob) for part in word.parts)


def _all_of(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """What a name holds that takes all of these in turn; nothing where one of them is not known."""
    each = list(several)
    return tuple(itertools.chain.from_iterable(each)) if all(each) else ()


def _held(part: Any, known: _Known) -> tuple[str, ...]:
    return known.get(part.name, ()) if isinstance(part, Ref) and not part.path else ()


def _word(word: Word, known: _Known) -> tuple[str, ...]:
    """The texts that a word comes to, by what its variables are known to hold."""
    parts: list[tuple[str, ...]] = []
    for part in word.parts:
        if isinstance(part, Literal | Glob):
            parts.append((part.text,))
        elif isinstance(part, Parameter) and part.operator in ("", ":-", "-"):
            default = _word(part.argument, known) if part.argument is not None else ()
            parts.append(known.get(part.name, ()) + default)
        else:
            parts.append(())
    return _combined(parts)


def _listed(word: Word, known: _Known) -> tuple[str, ...]:
    """What `$(ls -d specs/*-* | head -1)` or `$(find specs -name plan.md)` comes to where one path is there."""
    part = word.parts[0] if len(word.parts) == 1 else None
    command = part.commands[0] if isinstance(part, Substitution) and len(part.commands) == 1 else None
    stages = command.commands if isinstance(command, Pipe) else (command,)
    first, *others = stages
    plain = all(isinstance(stage, Simple) and stage.name in _KEEPS_LINES for stage in others)
    if not isinstance(first, Simple) or first.name not in ("ls", "find") or not plain:
        return ()
    operands = [word for word in first.words[1:] if not _is_option(word)]
    if first.name == "find":
        names = [name for flag, name in itertools.pairwise(first.words) if flag.literal in ("-name", "-iname")]
        return (
            _combined([_word(word, known) for word in operands[:1]] + [("/",)] + [_one_of(names[0], known)])
            if names
            else ()
        )
    return _all_of(_one_of(word, known) for word in operands if _has_pattern(word))


def _one_of(word: Word, known: _Known) -> tuple[str, ...]:
    """A path that a pattern matches, as its dimension makes it."""
    return tuple("/".join(_matching(part, "one") for part in path.split("/")) for path in _word(word, known))


def _combined(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Each way of putting the parts together, up to a bound; none where a part is not known."""
    ways = ("".join(way) for way in itertools.product(*parts))
    return tuple(dict.fromkeys(itertools.islice(ways, _MOST_PATHS)))


# --- dimensions ------------------------------------------------------------------------------------------------------


def _file_dimension(place: Place, values: Sequence[tuple[str, str]]) -> Dimension:
    """A file that is read is there as a rule; one that is only written is not."""
    texts = {f"{TYPICAL}\n": "", **dict.fromkeys(place.contents, "")}
    texts |= {f"{value}\n": broken for value, broken in values}
    if len(place.contents) > 1:
        # All that is looked for, in one file.
        texts = dict(itertools.islice(texts.items(), 1)) | {"".join(place.contents): ""} | texts
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


def _one_that_matches(pattern: str) -> str:
    """The file that its dimension makes for a pattern first."""
    return "/".join(_matching(part, "one") for part in pattern.rsplit("/", 1))


def _pattern_dimension(place: Place, one_of_them: Dimension | None = None) -> Dimension:
    """None, one or two that match; one with a blank in its name where the pattern allows any.

    `one_of_them` is what the first that matches may hold, where that is read by its name.
    """
    folder, _, name = place.path.rpartition("/")
    at = f"{_matching(folder, 'one')}/" if folder else ""
    one, two = (f"{at}{_matching(name, word)}" for word in ("one", "two words"))
    text = f"{TYPICAL}\n"
    options = [Option("", files=((at, ""),) if at else ()), Option(f"{one} is there", files=((one, text),))]
    options += [Option(f"{one} is {shorten(text)}", files=((one, text),)) for text in place.contents]
    options += [option for option in one_of_them.options[1:] if option.files] if one_of_them else []
    options.append(Option(f"{one} is a folder", files=((f"{one}/", ""),)))
    if one != two:
        options.append(Option(f"{one} and {two} are there", files=((one, text), (two, text))))
        options.append(Option(f"{two} is there", files=((two, text),)))
    if at:
        options.append(Option(f"{at} missing", gone=at))
    # What the pattern only just does not match.
    rest = name.lstrip("*").lstrip(".")
    others = [f"{one}x", *([f"{at}x{rest}", f"{at}.{rest}"] if rest else [])]
    near = [Option(f"{other} is there", files=((other, text),)) for other in others if other not in (one, two)]
    near = [option for option in near if not _WILD.search(option.files[0][0])]
    near += [Option(f"{one} is {shorten(text)}", files=((one, f"{text}\n"),)) for text in place.near][:MOST_NEAR]
    near += one_of_them.near if one_of_them else ()
    return Dimension(f"files {place.path}", tuple(options), tuple(near))


_WILD = re.compile(r"[*?\[]")


def _matching(pattern: str, word: str) -> str:
    """A name that a pattern of the shell matches."""
    name = re.sub(r"\[!?([^]]+)\]", lambda found: found[1][0], pattern.replace("*", word, 1).replace("*", ""))
    return name.replace("?", "x")


def _above(path: str) -> set[str]:
    """The folders that a path lies in."""
    parts = path.split("/")
    return {"/".join(parts[:at]) for at in range(1, len(parts))}


def _folder_dimension(path: str, names: Sequence[str], may_be_file: bool, near: Sequence[str] = ()) -> Dimension:
    """A folder, which may hold a file of each name; with `may_be_file` it is asked for as a file, too."""

    def holding(name: str) -> Option:
        return Option(f"{folder} holds {name}", files=((folder, ""), (f"{folder}{name}", text)))

    folder = f"{path}/"
    one, two = (f"{folder}{name}" for name in ("one", "two words"))
    text = f"{TYPICAL}\n"
    options = [
        Option("", files=((folder, ""),)),
        Option(f"{folder} missing", gone=folder),
        Option(f"{folder} holds a file", files=((folder, ""), (one, text))),
        Option(f"{folder} holds two files", files=((folder, ""), (one, text), (two, text))),
    ]
    options += [holding(name) for name in names]
    options += [Option(f"{path} is a file", files=((path, text),))] if may_be_file else []
    beside = [holding(name) for name in near if name not in names]
    return Dimension(f"folder {path}", tuple(options), tuple(beside[:MOST_NEAR]))

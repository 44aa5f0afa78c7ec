"""What the translation knows at a place of a script: names, arguments, functions, where output goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import TypedDict, Unpack

from peerlint.process.bash.tree import (
    ArithmeticCommand,
    ArithmeticExpansion,
    Assignment,
    Command,
    For,
    Function,
    Parameter,
    Simple,
    Substitution,
    Word,
    walk,
)
from peerlint.process.model import Note, Ref, Stop, Text
from peerlint.records import dataclass, field, replace
from peerlint.source.text import NOWHERE, SourceText, Span

_RESERVED = frozenset({"AND", "OR", "NOT", "AS", "IF", "ELSE"})

#: Finds the text of a script by its reference as written, or None.
Resolve = Callable[[str], SourceText | None]


class Beyond(Exception):
    """The translation ends here: `reason` for the user, `span` in the text of `source`."""

    def __init__(self, reason: str, span: Span = NOWHERE, source: SourceText | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span
        self.source = source


@dataclass(frozen=True, slots=True)
class ScriptExit(Stop):
    """Leaves the script or function `scope` with `code`: only between translation and the flow pass."""

    code: int = 1
    scope: int = 0


@dataclass(frozen=True, slots=True)
class Seam(Note):
    """Where the statements of the step's `call`-th shell call begin: only while a step is lowered."""

    text: str = ""
    call: int = 0


def ir_name(name: str) -> str:
    """The name in the logic language of a shell variable."""
    upper = re.sub(r"[^A-Z0-9_]", "_", name.upper()).lstrip("_0123456789") or "VALUE"
    return f"{upper}_VALUE" if upper in _RESERVED else upper


_scopes = count(1)


class _Changes(TypedDict, total=False):
    """Fields of a scope that an inner one has of its own."""

    known: dict[str, Text]
    positional: tuple[Text, ...] | None
    errexit: bool
    pipefail: bool
    captured: str | None
    muted: bool
    is_function: bool
    calls: tuple[str, ...]
    in_subshell: bool


@dataclass
class Scope:
    """One script, function body or the shell of a step. Spans of `source` begin at `start`.

    `known` maps variables that are set once and for all to their text; `positional` are the arguments, None where they
    are not known; `arguments_of_process` says that `"$@"` stands for what the user typed; `captured` is the name that
    takes what is printed; `muted` drops what is printed; `loop` is where `continue` leads, where there is a loop;
    `arrays` are written once, `lists` are arrays that became lines of a text;
    `in_subshell` says that the folder is changed for what is inside only.
    """

    source: SourceText
    start: int = 0
    known: dict[str, Text] = field(default_factory=dict)
    positional: tuple[Text, ...] | None = None
    arguments_of_process: bool = False
    functions: dict[str, Function] = field(default_factory=dict)
    errexit: bool = False
    pipefail: bool = False
    captured: str | None = None
    muted: bool = False
    names: dict[str, str] = field(default_factory=dict)
    identity: int = field(default_factory=lambda: next(_scopes))
    is_function: bool = False
    calls: tuple[str, ...] = ()
    folder: str = ""
    reserved: frozenset[str] = frozenset()
    loop: int | None = None
    in_subshell: bool = False
    arrays: dict[str, tuple[Word, ...]] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)

    def name_of(self, variable: str) -> str:
        """The name of a variable; a second one that differs only by case gets a number."""
        if variable not in self.names:
            name = ir_name(variable)
            taken = self.reserved.union(self.names.values())
            number = 2
            candidate = name
            while candidate in taken:
                candidate = f"{name}_{number}"
                number += 1
            self.names[variable] = candidate
        return self.names[variable]

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.source.text[span.start - self.start : span.end - self.start]

    def inner(self, **changes: Unpack[_Changes]) -> Scope:
        """A scope that shares the variables of this one but for `changes`, with exits of its own."""
        return replace(self, identity=next(_scopes), **changes)

    def turn(self) -> Scope:
        """This scope inside a loop."""
        return replace(self, loop=next(_scopes))

    def same(self, **changes: Unpack[_Changes]) -> Scope:
        """This scope with other output."""
        return replace(self, **changes)


def assigned_on_top(commands: Iterable[Command]) -> dict[str, Assignment]:
    """Variables with a plain assignment at the top level, which every run reaches or ends before."""
    top: dict[str, Assignment] = {}
    for command in commands:
        if isinstance(command, Simple):
            declared = command.declared if command.name in ("readonly", "local", "declare", "export") else ()
            for assignment in (*(command.assignments if not command.words else ()), *declared):
                if not assignment.append and assignment.elements is None and assignment.subscript is None:
                    top[assignment.name] = assignment
    return top


def assigned_once(commands: Sequence[Command]) -> dict[str, Assignment]:
    """Variables with just one plain assignment, which stands at the top level and in front of all that reads them."""
    top = assigned_on_top(commands)
    early = _read_before_set(commands, set(top))
    counts: dict[str, int] = {}
    for node in walk(tuple(commands)):
        if isinstance(node, (Assignment, For)):
            counts[node.name] = counts.get(node.name, 0) + 1
        elif isinstance(node, Simple) and node.name in ("read", "mapfile", "readarray", "unset", "printf", "getopts"):
            for word in node.words[1:]:
                if word.literal:
                    counts[word.literal] = counts.get(word.literal, 0) + 2
    return {name: assignment for name, assignment in top.items() if counts.get(name) == 1 and name not in early}


def names_read(node: object) -> set[str]:
    """The variables that commands read, in words and where they calculate."""
    found: set[str] = set()
    for inner in walk(node):
        if isinstance(inner, Parameter):
            found.add(inner.name)
        elif isinstance(inner, ArithmeticExpansion | ArithmeticCommand):
            found.update(re.findall(r"[A-Za-z_]\w*", inner.expression))
    return found


def _read_before_set(commands: Sequence[Command], names: set[str]) -> set[str]:
    """Those of the names whose value from outside is read before they are set, also in a function that is called."""
    functions = {command.name: command for command in commands if isinstance(command, Function)}
    found: set[str] = set()
    unset = set(names)
    for command in commands:
        if isinstance(command, Function):
            continue
        called = [functions[n.name] for n in walk(command) if isinstance(n, Simple) and n.name in functions]
        reads = {name for part in (command, *called) for name in names_read(part)}
        found |= reads & unset
        unset -= assigned_on_top([command]).keys()
    return found


def constant_arrays(commands: Sequence[Command]) -> dict[str, tuple[Word, ...]]:
    """Arrays that are written once, as a whole, without output of commands."""
    found: dict[str, tuple[Word, ...]] = {}
    counts: dict[str, int] = {}
    for node in walk(tuple(commands)):
        if isinstance(node, Assignment):
            counts[node.name] = counts.get(node.name, 0) + 1
            plain = node.elements is not None and not any(isinstance(n, Substitution) for n in walk(node.elements))
            if plain and not node.append and node.elements:
                found[node.name] = node.elements
    return {name: elements for name, elements in found.items() if counts[name] == 1}


@dataclass
class TempFile:
    """A file in the folder for temporary files, as variables.

    Either `fields` (lines `NAME=value`: the field and the name that holds it), or `name` (its whole text), or `bucket`
    (what `nats kv info` printed). `pasted` says whether a line holds a value of which the script knows nothing.
    """

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    bucket: Text | None = None
    pasted: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that took its place."""
        return (*self.fields.values(), *((self.name,) if self.name else ()))

    @property
    def witness(self) -> Ref | None:
        """A name that is set where the file exists."""
        names = self.names
        return Ref(names[0]) if names else None

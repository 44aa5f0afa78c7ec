"""What the translation knows at a place of a script: names, arguments, functions, where output goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import count

from peerlint.process.bash.tree import (
    Function,
    Word,
)
from peerlint.process.model import Note, Ref, Stop, Text
from peerlint.records import dataclass, field
from peerlint.source.text import NOWHERE, SourceText, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    class _Changes(TypedDict, total=False):
        """Fields of a scope that an inner one has of its own."""

        known: dict[str, Text]
        positional: tuple[Text, ...] | None
        errexit: bool
        pipefail: bool
        captured: str | None
        muted: bool
        errors: str | None
        is_function: bool
        calls: tuple[str, ...]
        in_subshell: bool
        own_names: dict[str, str]
        used: frozenset[str]
        blank: frozenset[str]


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


#: In the place of an exit code: any but 0.
ANY_FAILURE = -1


@dataclass(frozen=True, slots=True)
class ScriptExit(Stop):
    """Leaves the script or function `scope` with `code`: only between translation and the flow pass.

    ANY_FAILURE stands for a code that is only known not to be 0.
    """

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


@dataclass
class Scope:
    """One script, function body or the shell of a step. Spans of `source` begin at `start`.

    `known` maps variables that are set once and for all to their text; `positional` are the arguments, None where they
    are not known; `arguments_of_process` says that `"$@"` stands for what the user typed; `captured` is the name that
    takes what is printed; `muted` drops what is printed; `errors` says where error text goes, as in Streams; `loop` is
    where `continue` leads, where there is a loop; `arrays` are written once, `lists` are arrays that became lines of a
    text; `in_subshell` says that the folder is changed for what is inside only; `behind_loops` are variables of loops
    that are read elsewhere, too, and `never_missed` those that loops in a pipeline set and only they read; `used` are
    the variables of all that waits for the end of a function, `own_names` the names of those that it has for itself
    beside them, and `blank` its own that it reads and may not have set; `commands` are the names of all commands of the
    script, and `asks_for_status` says whether it may look at `$?`; `only_read` are variables that it reads and never
    sets, and `environment` the names of those that its callers have from the environment.
    """

    source: SourceText
    start: int = 0
    known: dict[str, Text] = field(default_factory=dict)
    positional: tuple[Text, ...] | None = None
    arguments_of_process: bool = False
    functions: dict[str, Function] = field(default_factory=dict)
    errexit: bool = False
    nounset: bool = False
    pipefail: bool = False
    captured: str | None = None
    muted: bool = False
    errors: str | None = None
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
    behind_loops: frozenset[str] = frozenset()
    never_missed: frozenset[str] = frozenset()
    own_names: dict[str, str] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    commands: frozenset[str | None] = frozenset()
    asks_for_status: bool = True
    only_read: frozenset[str] = frozenset()
    environment: dict[str, str] = field(default_factory=dict)

    def name_of(self, variable: str) -> str:
        """The name of a variable; a second one that differs only by case gets a number."""
        if variable in self.own_names:
            return self.own_names[variable]
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

    def for_called(self, changed: AbstractSet[str]) -> dict[str, str]:
        """The names of variables that a script called here has from the environment as this one has, and leaves."""
        names = self.environment | {variable: self.name_of(variable) for variable in sorted(self.only_read)}
        return {variable: name for variable, name in names.items() if variable not in changed}

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.source.text[span.start - self.start : span.end - self.start]

    def inner(self, **changes: Unpack[_Changes]) -> Scope:
        """A scope that shares the variables of this one but for `changes`, with exits of its own."""
        made = self.same(**changes)
        made.identity = next(_scopes)
        return made

    def turn(self) -> Scope:
        """This scope inside a loop."""
        made = self.same()
        made.loop = next(_scopes)
        return made

    def same(self, **changes: Unpack[_Changes]) -> Scope:
        """This scope with other output."""
        # As `replace` does it, which takes each of the fields through a call.
        made = object.__new__(Scope)
        made.__dict__.update(self.__dict__, **changes)
        return made


@dataclass
class TempFile:
    """A file in the folder for temporary files, as variables.

    Either `fields` (lines `NAME=value`: the field and the name that holds it), or `name` (its whole text), or `bucket`
    (what `nats kv info` printed). `pasted` says whether a line holds a value of which the script knows nothing,
    `is_lines` whether the whole text is there and just one newline behind it.
    """

    path: str
    fields: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    bucket: Text | None = None
    pasted: bool = False
    is_lines: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that took its place."""
        return (*self.fields.values(), *((self.name,) if self.name else ()))

    @property
    def witness(self) -> Ref | None:
        """A name that is set where the file exists."""
        names = self.names
        return Ref(names[0]) if names else None


def not_written(path: Text) -> str:
    """Why what reads a temp file stays of which nothing is known."""
    return f"{path.literal or 'a temp file'} is read, but no earlier step that can be migrated writes it"

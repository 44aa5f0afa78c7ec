"""The typed tree of a bash script.

Nodes are immutable. Spans point into the text that was parsed and never count for equality, so a script and the same
script as bash prints it back are equal trees.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from peerlint.process.trees import moved, nodes_of
from peerlint.records import dataclass, field
from peerlint.source.text import NOWHERE, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias, TypeVar

    _Node = TypeVar("_Node")

# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters that stand for themselves; `quoted` ones are neither split nor matched as a pattern."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`[NAME]`, `{name}` or `<name>` in shell that a person or an agent fills in; `text` as written."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Glob:
    """Unquoted pattern characters: `*`, `?`, `[a-z]`."""

    text: str


@dataclass(frozen=True, slots=True)
class Brace:
    """An unquoted brace expansion, `{a,b}` or `{1..3}`, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name`, `${name}` or `${name<operator>argument}`.

    Operators: those of bash as written (`:-`, `%%`, `//` …), `length` for `${#name}`, `!` for an indirection, `[]` for
    an array element (`argument` is its subscript), `:` for a substring (`argument` is the text behind the colon).
    """

    name: str
    operator: str = ""
    argument: Word | None = None
    replacement: Word | None = None
    quoted: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(commands)` or backquotes."""

    commands: tuple[Command, ...]
    quoted: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ArithmeticExpansion:
    """`$((expression))`, the expression without blanks at its ends."""

    expression: str
    quoted: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ProcessSubstitution:
    """`<(commands)` or `>(commands)`."""

    direction: str
    commands: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


WordPart: TypeAlias = (
    Literal | Placeholder | Glob | Brace | Parameter | Substitution | ArithmeticExpansion | ProcessSubstitution
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its parts in order. An empty quoted word has one empty quoted Literal."""

    parts: tuple[WordPart, ...]
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def literal(self) -> str | None:
        """The text of a word made of literals only, else None."""
        parts = self.parts
        if len(parts) == 1:
            return parts[0].text if type(parts[0]) is Literal else None
        texts: list[str] = []
        for part in parts:
            if type(part) is not Literal:
                return None
            texts.append(part.text)
        return "".join(texts)

    @property
    def bare(self) -> str | None:
        """The text where nothing in the word is quoted, as keywords and operators need it, else None."""
        if any(getattr(part, "quoted", False) for part in self.parts):
            return None
        return self.literal

    @property
    def is_quoted(self) -> bool:
        """Whether no part of the word can be split or expanded to file names."""
        return all(getattr(part, "quoted", False) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`, `name+=value`; `elements` for `name=(…)`; `subscript` for `name[x]=…`."""

    name: str
    value: Word | None
    append: bool = False
    elements: tuple[Word, ...] | None = None
    subscript: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Redirection:
    """`2>file`, `<file`, `>&1`, here-documents (`<<`, the target is the body) and here-strings (`<<<`).

    `descriptor` is None where it is not written; `&>` and `&>>` stand for both streams.
    """

    operator: str
    target: Word
    descriptor: int | None = None
    span: Span = field(default=NOWHERE, compare=False)


# --- commands --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words and redirections; `local`, `export`, `declare`, `readonly` are words too.

    The arguments of these four that assign stand in `declared`.
    """

    assignments: tuple[Assignment, ...] = ()
    words: tuple[Word, ...] = ()
    declared: tuple[Assignment, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def name(self) -> str | None:
        """The command word, where it is literal."""
        return self.words[0].literal if self.words else None


@dataclass(frozen=True, slots=True)
class Pipe:
    """`a | b`; `errors_too` holds for the positions that were joined by `|&`."""

    commands: tuple[Command, ...]
    errors_too: tuple[bool, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AndOr:
    """`first && b || c`, evaluated from the left: `rest` holds pairs of operator and command."""

    first: Command
    rest: tuple[tuple[str, Command], ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Negated:
    """`! command`."""

    command: Command
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Background:
    """`command &`."""

    command: Command
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arm:
    """Condition and body of `if`/`elif`."""

    condition: tuple[Command, ...]
    body: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IfCommand:
    """`if … elif … else … fi`."""

    arms: tuple[Arm, ...]
    otherwise: tuple[Command, ...] | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`; `words` is None where `in` is missing (`"$@"`)."""

    name: str
    words: tuple[Word, ...] | None
    body: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CountingFor:
    """`for ((a; b; c))`, the header as written."""

    header: str
    body: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Loop:
    """`while` or (`until` true) `until`."""

    until: bool
    condition: tuple[Command, ...]
    body: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CaseArm:
    """`a|b) body ;;`; `end` is `;;`, `;&` or `;;&`."""

    patterns: tuple[Word, ...]
    body: tuple[Command, ...]
    end: str = ";;"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """`case subject in … esac`."""

    subject: Word
    arms: tuple[CaseArm, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """`name() command`."""

    name: str
    body: Command
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Subshell:
    """`( commands )`."""

    body: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """`{ commands; }`."""

    body: tuple[Command, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DoubleBracket:
    """`[[ … ]]`: its words; operators are bare words."""

    words: tuple[Word, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ArithmeticCommand:
    """`(( expression ))`."""

    expression: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Redirected:
    """Redirections of a compound command."""

    command: Command
    redirections: tuple[Redirection, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Text that is no bash, or bash beyond what is read."""

    reason: str
    span: Span = field(default=NOWHERE, compare=False)


Command: TypeAlias = (
    Simple
    | Pipe
    | AndOr
    | Negated
    | Background
    | IfCommand
    | For
    | CountingFor
    | Loop
    | Case
    | Function
    | Subshell
    | Group
    | DoubleBracket
    | ArithmeticCommand
    | Redirected
    | Unreadable
)


class Commands(tuple[Command, ...]):
    """The commands of a whole text, which remember all nodes below them: many ask for these, one after the other."""

    @cached_property
    def nodes(self) -> Sequence[Any]:
        """All nodes in the order of the text."""
        return nodes_of(tuple(self))

    @cached_property
    def by_kind(self) -> dict[type, list[Any]]:
        """The same by their class."""
        found: dict[type, list[Any]] = defaultdict(list)
        for node in self.nodes:
            found[type(node)].append(node)
        return found

    @cached_property
    def assignments(self) -> dict[str, tuple[Assignment, ...]]:
        """All assignments in the order of the text, by the variable."""
        found: dict[str, tuple[Assignment, ...]] = {}
        for node in of_kind(self, Assignment):
            found[node.name] = (*found.get(node.name, ()), node)
        return found


@dataclass(frozen=True, slots=True)
class Script:
    """A parsed text."""

    text: str = field(compare=False)
    commands: Commands

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """All that was not read, in order."""
        return tuple(of_kind(self.commands, Unreadable))


def remembering(commands: Sequence[Command]) -> Commands:
    """The commands as ones that remember their nodes."""
    return commands if isinstance(commands, Commands) else Commands(commands)


def shifted(node: _Node, by: int) -> _Node:
    """The node (or nodes) with all spans moved, for a text that stands behind others."""
    behind: _Node = moved(node, by) if by else node
    return behind


def walk(node: object, *, leaving_out: Collection[int] = ()) -> Iterator[Any]:
    """The node and all nodes below it in the order of the text; iterative. `leaving_out` are ids of nodes."""
    return iter(node.nodes if type(node) is Commands and not leaving_out else nodes_of(node, leaving_out))


def of_kind(node: object, kind: type[_Node]) -> list[_Node]:
    """All nodes of just this class, in the order of the text."""
    if type(node) is Commands:
        return node.by_kind.get(kind, [])
    return [each for each in nodes_of(node) if type(each) is kind]


def matcher_of(patterns: Sequence[Word]) -> re.Pattern[str] | None:
    """What matches one of the patterns, as `case` and `${NAME#…}` do; None where they have other signs than `*`."""
    alternatives = []
    for word in patterns:
        pieces = []
        for part in word.parts:
            if isinstance(part, Literal):
                pieces.append(re.escape(part.text))
            elif isinstance(part, Glob) and part.text == "*":
                pieces.append(".*")
            else:
                return None
        alternatives.append("".join(pieces))
    return re.compile("|".join(alternatives), re.DOTALL)

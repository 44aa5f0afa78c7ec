"""Values, lists and command lines of the IR."""

from __future__ import annotations

from enum import Enum

from peerlint.records import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Ref:
    """`NAME`, `NAME.field`, `NAME.[OTHER]`: a step of `path` is a field name, or a Ref whose value names the field."""

    name: str
    path: tuple[str | Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text template: literal strings and references in order; no two strings adjacent, none empty.

    With `block` it stands in the tag of that name and is rendered as `<block>`.
    """

    parts: tuple[str | Ref, ...] = ()
    block: str | None = None

    @classmethod
    def of(cls, *parts: str | Ref, block: str | None = None) -> Text:
        """The template in normal form: empty strings dropped, adjacent strings joined."""
        normal: list[str | Ref] = []
        adjacent: list[str] = []
        for part in parts:
            if isinstance(part, str):
                adjacent.append(part)
                continue
            if literal := "".join(adjacent):
                normal.append(literal)
            adjacent = []
            normal.append(part)
        if literal := "".join(adjacent):
            normal.append(literal)
        return cls(tuple(normal), block)

    @property
    def literal(self) -> str | None:
        """The text where it holds no reference, else None."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text in which nothing is replaced: a jq program or a regular expression. In jq `$NAME` is the text of NAME."""

    text: str
    block: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal integer."""

    value: int


@dataclass(frozen=True, slots=True)
class Constant:
    """`true`, `false` or `null`."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`a + b + c` with one operator (`+ - * / %`), from the left; division truncates towards zero as in bash.

    An operand that is no decimal integer is a failure; "08" is 8.
    """

    operator: str
    operands: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class JqFilter:
    """`VALUE with jq -FLAGS 'program'`: output of the filter without trailing newlines."""

    value: Value
    program: Verbatim
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Through:
    """``VALUE through `filter` ``: stdout of the pipeline fed with value and newline, without trailing newlines."""

    value: Value
    command: Pipeline


@dataclass(frozen=True, slots=True)
class AsJson:
    """`VALUE as JSON`. Of a Text: a JSON template (`"…[X]…"` escaped, bare `[X]` is JSON); else: its text."""

    value: Value


@dataclass(frozen=True, slots=True)
class AsNumber:
    """`VALUE as number`: a decimal integer, else a failure."""

    value: Value


@dataclass(frozen=True, slots=True)
class FlagValue:
    """`value of --flag`: what stands behind `--flag=` in the arguments (the last one wins), else missing."""

    flag: str


@dataclass(frozen=True, slots=True)
class OtherArgument:
    """`first argument other than --a=, --b`: the first argument of another shape, else missing.

    A flag with `=` at its end takes a value; one without stands alone.
    """

    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurrentTime:
    """`current UTC time as "%Y-…"`: strftime format; without one `%Y-%m-%dT%H:%M:%SZ`."""

    format: str | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """`length of X`: number of characters."""

    value: Value


@dataclass(frozen=True, slots=True)
class FirstCharacters:
    """`first N characters of X`."""

    count: int
    value: Value


@dataclass(frozen=True, slots=True)
class NumberOf:
    """`number of <list>`."""

    listing: Listing


Value: TypeAlias = (
    Ref
    | Text
    | Number
    | Constant
    | Arithmetic
    | JqFilter
    | Through
    | AsJson
    | AsNumber
    | FlagValue
    | OtherArgument
    | CurrentTime
    | Length
    | FirstCharacters
    | NumberOf
)


class Cut(Enum):
    """How a text is cut into a list: non-empty lines, words by white space, or items of a JSON array."""

    LINES = "lines"
    WORDS = "words"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class PartsOf:
    """`lines of X`, `words of X`, `items of X`."""

    cut: Cut
    value: Value


@dataclass(frozen=True, slots=True)
class FilesMatching:
    """`files matching "*.sln"`, sorted; a glob."""

    pattern: Text


@dataclass(frozen=True, slots=True)
class KeysOf:
    """`keys of bucket`, sorted."""

    bucket: Text


@dataclass(frozen=True, slots=True)
class Values:
    """`a, b, c`."""

    values: tuple[Value, ...]


Listing: TypeAlias = PartsOf | FilesMatching | KeysOf | Values


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A word of a command with `*`, `?` or `[…]` outside of quotes: the paths that match, sorted, else the word itself.

    In the literal parts every such character is a wildcard; what a reference holds is taken as it is.
    """

    pattern: Text


@dataclass(frozen=True, slots=True)
class Argv:
    """One simple command. Each word is one argument, a FilePattern one for each path: no splitting, no tilde."""

    words: tuple[Text | FilePattern, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Simple commands joined by `|`; fails when its last command does."""

    commands: tuple[Argv, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """One or more command lines, run in order until one fails. With `block` they stand in the tag of that name."""

    lines: tuple[Pipeline, ...]
    block: str | None = None

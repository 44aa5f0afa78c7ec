"""Names that may hold several lines, as far as the script makes them: bash has the whole text, a filter each line.

What comes from outside (an input, a key that the script does not write, what a tool answers) is taken for one line.
A line break of the script's own is followed through copies, texts, files, keys, filters and loops.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from peerlint.patterns import regex
from peerlint.process.commands import PURE_TOOLS
from peerlint.process.model import (
    Argv,
    AsJson,
    Cut,
    Do,
    Effect,
    FilePattern,
    FileRead,
    FileWrite,
    FirstCharacters,
    ForEach,
    JqFilter,
    KvCreate,
    KvGet,
    KvKeys,
    KvPut,
    KvUpdate,
    Listing,
    PartsOf,
    Pipeline,
    Ref,
    Repeat,
    Run,
    Set,
    Statement,
    Text,
    Through,
    Value,
    Values,
    walk,
)
from peerlint.records import dataclass
from peerlint.source.text import Span


@dataclass(frozen=True, slots=True)
class OneLine:
    """What a translation takes for granted: that a value is one line. `reason` is why it ends where it is not."""

    value: Value
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Lines:
    """Names whose text may have several lines, and names of JSON that may have such a text `inside`, in a field."""

    names: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()

    def broken(self, taken: Collection[OneLine]) -> OneLine | None:
        """The first of what was taken for granted that need not hold."""
        return next((one for one in taken if self.in_text(one.value)), None)

    def in_text(self, value: Value) -> bool:
        """Whether the text of a value may have several lines."""
        match value:
            case Ref(name, path):
                return name in (self.inside if path else self.names)
            case Text(parts):
                return any("\n" in part if isinstance(part, str) else self.in_text(part) for part in parts)
            case JqFilter(given, program):
                one_line = _PRINTS_ONE_LINE.match(program.text)
                return not one_line or self.in_field(given) or self._in_program(program.text)
            case Through(given, pipeline):
                return self._printed(pipeline.commands, several=self.in_text(given))
            case AsJson(given) | FirstCharacters(_, given):
                return self.in_text(given)
            case _:
                return False

    def in_field(self, value: Value) -> bool:
        """Whether a value may be JSON in which a text has several lines."""
        match value:
            case Ref(name, _):
                return name in self.inside
            case Text(parts):
                return any(
                    "\\n" in part if isinstance(part, str) else self.in_text(part) or self.in_field(part)
                    for part in parts
                )
            case JqFilter(given, program):
                return "\\n" in program.text or self.in_field(given) or self._in_program(program.text)
            case Through(given, _) | AsJson(given) | FirstCharacters(_, given):
                return self.in_field(given)
            case _:
                return False

    def _in_program(self, program: str) -> bool:
        """Whether a jq program is handed a text of several lines."""
        return any(name in self.names or name in self.inside for name in _NAME_IN_JQ.findall(program))

    def _printed(self, commands: Sequence[Argv], *, several: bool) -> bool:
        """Whether a pipeline that reads a text (of several lines) may print several."""
        for argv in commands:
            words = [word.pattern if isinstance(word, FilePattern) else word for word in argv.words]
            handed = any(self.in_text(word) for word in words)
            several = handed or _filtered([word.literal or "" for word in words], several=several)
        return several


def lines_of(statements: Sequence[Statement], before: Lines) -> Lines:
    """The names of a step that may hold several lines, and those of the steps `before` it."""
    nodes = tuple(walk(tuple(statements)))
    found = before
    while (more := _Bindings(nodes, found).all()) != found:
        found = more
    return found


class _Bindings:
    """What the nodes of a step bind, by what is `known` of the names that they read."""

    def __init__(self, nodes: Sequence[object], known: Lines) -> None:
        self._nodes = nodes
        self._known = known
        self._effects: list[Effect] = [node.effect for node in nodes if isinstance(node, Do)]
        loops = tuple(node.body for node in nodes if isinstance(node, ForEach | Repeat))
        self._repeated = {id(node.effect) for node in walk(loops) if isinstance(node, Do)}

    def all(self) -> Lines:
        names, inside = set(self._known.names), set(self._known.inside)
        for name, value in self._bound():
            if self._known.in_text(value):
                names.add(name)
            if self._known.in_field(value):
                inside.add(name)
        return Lines(frozenset(names), frozenset(inside))

    def _bound(self) -> Iterator[tuple[str, Value]]:
        """Each name with a value that it may take."""
        for node in self._nodes:
            if isinstance(node, Set):
                yield node.target.name, node.value
                if node.target.path:
                    # What has a field set is written as jq lays it out.
                    yield node.target.name, _SEVERAL
            elif isinstance(node, ForEach):
                yield from ((node.name, value) for value in _items(node.listing))
            elif isinstance(node, Do) and isinstance(name := getattr(node.effect, "name", None), str):
                yield from ((name, value) for value in self._given(node.effect))
            if isinstance(node, Set | Do):
                name = node.target.name if isinstance(node, Set) else getattr(node.effect, "name", None)
                defaults = (node.clauses.if_fails, node.clauses.if_empty)
                yield from ((name, value) for value in defaults if name is not None and value is not None)

    def _given(self, effect: Effect) -> Iterator[Value]:
        """What an effect gives its name."""
        match effect:
            case KvGet(bucket, key, _):
                stored = [other for other in self._before(effect) if isinstance(other, KvPut | KvCreate | KvUpdate)]
                yield from (o.value for o in stored if _may_be(o.bucket, bucket) and _may_be(o.key, key))
            case FileRead(path, _):
                yield from self._written_to((path,), effect)
            case KvKeys():
                yield _SEVERAL
            case Run():
                yield from self._printed_by(effect)

    def _printed_by(self, effect: Run) -> Iterator[Value]:
        """What a command prints: as it comes from outside, but for what the script itself hands to it."""
        *before, last = effect.command.lines
        words = [word for argv in last.commands for word in argv.words if isinstance(word, Text)]
        read = [*self._written_to(words, effect), *([effect.input] if effect.input is not None else ())]
        first = last.commands[0].words[0]
        if not (isinstance(first, Text) and first.literal in PURE_TOOLS):
            read += words
            last = Pipeline(last.commands[1:])
        if before or first in _LISTERS:
            read.append(_SEVERAL)
        yield from (Through(value, last) for value in read)

    def _written_to(self, paths: Collection[Text], reader: Effect) -> Iterator[Value]:
        """What the step itself writes, before an effect that reads them, to files that may be one of these."""
        for effect in self._before(reader):
            if isinstance(effect, FileWrite) and any(_may_be(_file(effect.path), _file(path)) for path in paths):
                yield _SEVERAL if effect.append else effect.value

    def _before(self, effect: Effect) -> list[Effect]:
        """The effects that may have come before one: in a loop those that stand behind it, too."""
        if id(effect) in self._repeated:
            return self._effects
        return self._effects[: next(at for at, other in enumerate(self._effects) if other is effect)]


#: Any text of several lines.
_SEVERAL = Text.of("\n")
#: Programs that print a list as a rule.
_LISTERS = frozenset(Text.of(tool) for tool in ("find", "ls", "seq"))
#: jq programs of one output that is no object and no array: a field, its default, its length.
_PRINTS_ONE_LINE = regex(
    r'\s*(?:\.[\w.]+|\$\w+)\s*(?://\s*(?:"[^"\\]*"|[\w-]+)\s*)?(?:\|\s*(?:tostring|tonumber|length)\s*)?$|(?:\[.*\]|[^,\[]*)\|\s*length\s*$'
)
_NAME_IN_JQ = regex(r"\$([A-Z][A-Z0-9_]*)")
#: Filters that print no more lines than they read.
_KEEP_LINES = frozenset({"cut", "egrep", "fgrep", "grep", "head", "nl", "rev", "sort", "tail", "uniq"})
_FIRST_LINE = regex(r"-(?:n ?)?1$|--lines=1$")
_PLAIN_SED = regex(r"(?:-[nrE]+ )*(?:\d+|\$)?(?:s(.)(?:(?!\1).)*\1(?:(?!\1).)*\1[gIp\d]*|d)$|(?:-[rE]+ )*/[^/]*/d$")
_ONE_OF_SED = regex(r"-n (?:\d+|\$)p$")
_ONE_OF_AWK = regex(r"(?:-F ?\S+ )?(?:NR ?== ?\d+|END) ?\{ ?print[^;]*\}$")
_PLAIN_AWK = regex(r"(?:-F ?\S+ )?[^{}]*\{ ?print[^;{}]*\}$")


def _filtered(words: Sequence[str], *, several: bool) -> bool:
    """Whether a filter may print several lines, where it reads one or `several`."""
    tool, given = words[0], " ".join(words[1:])
    breaks = "\\n" in given or "\n" in given
    match tool:
        case "wc":
            return False
        case "head" | "tail" if _FIRST_LINE.match(given):
            return False
        case "grep" | "egrep" | "fgrep" if any(_has_letter(word, "c") for word in words[1:]):
            return False
        case "grep" | "egrep" | "fgrep" if any(_has_letter(word, "o") for word in words[1:]):
            return True
        case "tr":
            *flags, last = words[1:] or [""]
            joins = breaks and (flags == ["-d"] or ("\\n" not in last and "\n" not in last))
            return False if joins else several or breaks
        case "sed":
            plain = all(_PLAIN_SED.match(command) for command in given.split("; "))
            return not _ONE_OF_SED.match(given) and (several or breaks or not plain)
        case "awk":
            return not _ONE_OF_AWK.match(given) and (several or breaks or not _PLAIN_AWK.match(given))
        case _:
            return several or tool not in _KEEP_LINES


def _has_letter(word: str, letter: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and letter in word


def _items(listing: Listing) -> Iterator[Value]:
    """What a loop variable takes."""
    match listing:
        case Values(values):
            yield from values
        case PartsOf(Cut.ITEMS, Ref(name, path)):
            yield Ref(name, path or ("item",))
        case PartsOf(Cut.ITEMS, value):
            yield value


def _may_be(one: Text, other: Text) -> bool:
    """Whether two texts may be the same."""
    return one == other or one.literal is None or other.literal is None


def _file(path: Text) -> Text:
    """The name of a file: work in a folder names it otherwise than work outside of it."""
    return path if path.literal is None else Text.of(path.literal.rsplit("/", 1)[-1])

"""What the original makes of the texts that it meets, as logic: scenarios are chosen by it, and nothing rests on it.

Read are the ways of a text through filters: from a command, a key, a file or a variable to a name or a test. What
else a script does, and in which order, is left out; its tests of names are read in `compared`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    AndOr,
    Assignment,
    DoubleBracket,
    For,
    Glob,
    Literal,
    Loop,
    Negated,
    Parameter,
    Pipe,
    Redirected,
    Simple,
    Substitution,
    Word,
    walk,
)
from peerlint.process.model import (
    Argv,
    Branch,
    Commands,
    Cut,
    Do,
    Equals,
    FilePattern,
    FileRead,
    ForEach,
    HasPart,
    If,
    JqFilter,
    KvGet,
    KvPut,
    Matches,
    Part,
    PartsOf,
    Passes,
    Pipeline,
    Ref,
    Run,
    Set,
    Statement,
    Step,
    Text,
    Through,
    Value,
    Verbatim,
)

_FILTERS = frozenset(
    {
        *("grep", "egrep", "fgrep", "sed", "awk", "cut", "tr", "head", "tail", "wc", "sort", "uniq", "jq", "cat"),
        *("xargs", "tee", "rev", "tac", "nl", "fold", "paste", "basename"),
    }
)
#: What writes to a key: the bucket is there as a rule.
_WRITES = frozenset({"put", "create", "update", "del", "delete", "rm", "purge"})
_PRINTS = frozenset({"echo", "printf"})
#: A name that no script has: what stands between two filters, and what is not known.
_BETWEEN, _UNKNOWN = "FILTERED", "UNKNOWN"
_JQ_FLAGS = re.compile(r"-[a-zA-Z]+")


def asked_by(texts: Iterable[str]) -> Step:
    """A step that asks of each text what these bash texts ask of it."""
    reader = _Reader()
    for text in texts:
        reader.read(parse_bash(text).commands)
    return Step("original", statements=tuple(reader.found))


#: Operators of a parameter that take a part of the text away, or look for one.
_PARTS = {
    **dict.fromkeys(("%", "%%"), Part.ENDS),
    **dict.fromkeys(("#", "##"), Part.STARTS),
    **dict.fromkeys(("/", "//"), Part.CONTAINS),
}


class _Reader:
    def __init__(self) -> None:
        self.found: list[Statement] = []
        self._names = 0
        #: The name that holds what was written into a file, by the file as it is written.
        self._written: dict[str, str] = {}

    def read(self, commands: Sequence[Any]) -> None:
        """Notes each way of a text, in the order of the script."""
        inside: set[int] = set()
        for node in walk(tuple(commands)):
            if id(node) in inside:
                continue
            match node:
                case Parameter(name=name, operator=operator, argument=Word() as part) if operator in _PARTS:
                    self._part_asked(name.upper(), _PARTS[operator], part)
                case DoubleBracket(words=words):
                    self._matched(words)
                case Assignment(name=name, value=Word() as value):
                    self._assigned(name.upper(), value, inside)
                case For(name=name, words=tuple(words)):
                    for word in words:
                        for command in _substituted(word):
                            inside |= {id(below) for below in walk(command)}
                            self._way(command, _Loop(name.upper(), Cut.WORDS))
                case Pipe(commands=stages) if isinstance(_bare(stages[-1]), Loop):
                    inside |= {id(stage) for stage in stages[:-1]}
                    self._way(_piped(stages[:-1]), _Loop("LINE", Cut.LINES))
                case Pipe() | Simple():
                    inside |= {id(below) for below in walk(node) if isinstance(below, Simple | Pipe)}
                    self._written_or_tested(node)
                    for word in _words(node):
                        for command in _substituted(word):
                            self._way(command, self._new())

    def _matched(self, words: Sequence[Word]) -> None:
        for left, operator, right in zip(words, words[1:], words[2:], strict=False):
            name = _variable(left)
            if name and operator.literal == "=~" and all(isinstance(part, Literal | Glob) for part in right.parts):
                pattern = Verbatim("".join(part.text for part in right.parts if isinstance(part, Literal | Glob)))
                self.found.append(If((Branch(Matches(Ref(name), pattern), ()),)))

    def _part_asked(self, name: str, part: Part, pattern: Word) -> None:
        """`${NAME%.md}`: what stands there may stand in the text."""
        literal = "".join(each.text for each in pattern.parts if isinstance(each, Literal))
        if literal:
            is_whole = all(isinstance(each, Literal) for each in pattern.parts)
            asked = HasPart(part if is_whole else Part.CONTAINS, Ref(name), Text.of(literal))
            self.found.append(If((Branch(asked, ()),)))

    def _assigned(self, name: str, value: Word, inside: set[int]) -> None:
        only = value.parts[0] if len(value.parts) == 1 else None
        if isinstance(only, Parameter) and not only.operator:
            self.found.append(Set(Ref(name), Ref(only.name.upper())))
        for command in _substituted(value):
            inside |= {id(below) for below in walk(command)}
            self._way(command, name)

    def _written_or_tested(self, node: Any) -> None:
        """A command whose output goes into a file, or is not taken at all; then its status may be asked for."""
        last = node.commands[-1] if isinstance(node, Pipe) else node
        files = [
            _as_written(redirection.target)
            for redirection in getattr(_bare(last), "redirections", ())
            if redirection.operator in (">", ">>") and redirection.descriptor in (None, 1)
        ]
        target = next((file for file in files if file and not file.startswith("/dev/")), None)
        name = self._new() if target else None
        self._way(node, name)
        if target and name:
            self._written[target] = name

    def _new(self) -> str:
        self._names += 1
        return f"{_BETWEEN}{self._names}"

    # --- one way -----------------------------------------------------------------------------------------------------

    def _way(self, command: Any, end: str | _Loop | None) -> None:
        """From where the text comes to the name that takes it, the loop that goes through it, or its test (None)."""
        if isinstance(command, AndOr | Negated):
            for part in _parts(command):
                self._way(part, end)
            return
        stages = [_bare(stage) for stage in (command.commands if isinstance(command, Pipe) else (command,))]
        if not stages or not all(isinstance(stage, Simple) and stage.words for stage in stages):
            return
        filters = len(stages)
        while filters > 1 and stages[filters - 1].name in _FILTERS:
            filters -= 1
        source, rest = self._source(stages[:filters], stages[filters:])
        if source is None:
            return
        name = end.name if isinstance(end, _Loop) else end
        taken = self._new() if isinstance(end, _Loop) else name
        last = self._filtered(source, rest, taken)
        if isinstance(end, _Loop):
            self.found.append(ForEach(end.name, PartsOf(end.cut, last), ()))

    def _source(self, stages: Sequence[Simple], filters: list[Simple]) -> tuple[Ref | None, list[Simple]]:
        """The name that holds what comes out of the first stages, and the filters behind them."""
        first = stages[-1]
        name = self._new()
        given = next((r.target for r in first.redirections if r.operator == "<<<"), None)
        printed = first.words[1:] if first.name in _PRINTS else (given,) if given is not None else ()
        held = [_variable(word) for word in printed if word is not None]
        if len(stages) == 1 and any(held):
            own = [first] if given is not None and first.name in _FILTERS else []
            return Ref(next(each for each in held if each)), [*own, *filters]
        if len(stages) == 1 and first.name in _PRINTS:
            return None, filters
        if first.name == "jq":
            self._numbers(first.words)
        words = [_text(word) for word in first.words]
        literals = [word.literal if isinstance(word, Text) else None for word in words]
        if literals[:2] == ["nats", "kv"] and literals[2:3] and literals[2] in _WRITES and len(words) > 4:
            bucket, key = (word if isinstance(word, Text) else word.pattern for word in words[3:5])
            self.found.append(Do(KvPut(bucket, key, Text())))
            return None, filters
        if literals[:3] == ["nats", "kv", "get"] and len(words) > 4:
            operands = [
                word for word in words[3:] if not (isinstance(word, Text) and (word.literal or "").startswith("-"))
            ]
            if "--raw" not in literals or len(operands) < 2:
                return None, filters
            bucket, key = (operand if isinstance(operand, Text) else operand.pattern for operand in operands[:2])
            self.found.append(Do(KvGet(bucket, key, name)))
            return Ref(name), filters
        file = _as_written(first.words[-1])
        if len(stages) == 1 and first.name in _FILTERS and file in self._written:
            own = [] if first.name == "cat" else [Simple(words=first.words[:-1])]
            return Ref(self._written[file]), [*own, *filters]
        if len(stages) == 1 and first.name == "cat" and len(words) == 2 and isinstance(words[1], Text):
            self.found.append(Do(FileRead(words[1], name)))
            return Ref(name), filters
        pipeline = Pipeline(tuple(Argv(tuple(_text(word) for word in stage.words)) for stage in stages))
        self.found.append(Do(Run(Commands((pipeline,)), name=name)))
        return Ref(name), filters

    def _filtered(self, source: Ref, filters: Sequence[Simple], name: str | None) -> Ref:
        """Notes that a text goes through filters; the name that it has behind them."""
        groups: list[list[Simple]] = []
        for stage in filters:
            if stage.name != "jq" and groups and groups[-1][0].name != "jq":
                groups[-1].append(stage)
            else:
                groups.append([stage])
        for at, group in enumerate(groups):
            is_last = at == len(groups) - 1
            pipeline = Pipeline(tuple(Argv(tuple(_text(word) for word in stage.words)) for stage in group))
            if is_last and name is None and group[0].name != "jq":
                self.found.append(If((Branch(Passes(source, pipeline), ()),)))
                return source
            target = Ref(name if is_last and name else self._new())
            value: Value = Through(source, pipeline)
            if group[0].name == "jq":
                program = _program(group[0].words[1:])
                if program is None:
                    return target
                self._numbers(group[0].words)
                value = JqFilter(source, Verbatim(program))
            self.found.append(Set(target, value))
            source = target
        if not groups and name is not None and name != source.name:
            self.found.append(Set(Ref(name), source))
            return Ref(name)
        return source

    def _numbers(self, words: Sequence[Word]) -> None:
        """`--argjson n "$COUNT"`, `--arg n "$COUNT"` before a `tonumber`: what a number is there."""
        converts = any("tonumber" in (word.literal or "") for word in words)
        for option, value in zip(words, words[2:], strict=False):
            name = _variable(value)
            if name and (option.literal == "--argjson" or (option.literal == "--arg" and converts)):
                self.found.append(If((Branch(Equals(Ref(name), Text.of("5")), ()),)))


class _Loop:
    """A loop that goes through a text: its variable, and how the text is cut."""

    def __init__(self, name: str, cut: Cut) -> None:
        self.name, self.cut = name, cut


# --- pieces of bash --------------------------------------------------------------------------------------------------


def _parts(command: AndOr | Negated) -> Iterator[Any]:
    """The commands of a list, each of which may be the one whose output is taken."""
    if isinstance(command, Negated):
        yield _bare(command.command)
    else:
        yield from (_bare(part) for part in (command.first, *(part for _, part in command.rest)))


def _bare(command: Any) -> Any:
    while isinstance(command, Redirected):
        command = command.command
    return command


def _piped(stages: Sequence[Any]) -> Any:
    return stages[0] if len(stages) == 1 else Pipe(tuple(stages))


def _words(node: Any) -> Iterator[Word]:
    for stage in node.commands if isinstance(node, Pipe) else (node,):
        yield from getattr(_bare(stage), "words", ())


def _substituted(word: Word) -> Iterator[Any]:
    """The commands whose output stands in a word."""
    for part in word.parts:
        if isinstance(part, Substitution):
            yield from part.commands


def _variable(word: Word) -> str | None:
    """The variable that a word is."""
    parts = [part for part in word.parts if not (isinstance(part, Literal) and not part.text)]
    only = parts[0] if len(parts) == 1 else None
    return only.name.upper() if isinstance(only, Parameter) and not only.operator else None


def _text(word: Word) -> Text | FilePattern:
    parts: list[str | Ref] = []
    for part in word.parts:
        if isinstance(part, Literal | Glob):
            parts.append(part.text)
        else:
            name = part.name.upper() if isinstance(part, Parameter) and not part.operator else _UNKNOWN
            parts.append(Ref(name))
    text = Text.of(*parts)
    return FilePattern(text) if any(isinstance(part, Glob) for part in word.parts) else text


def _as_written(word: Word) -> str:
    """A word by which a file is named, so that the same file has the same one."""
    return "".join(part.text if isinstance(part, Literal) else f"${getattr(part, 'name', '')}" for part in word.parts)


def _program(words: Sequence[Word]) -> str | None:
    """The program of a call of jq that reads standard input, with the names in it; None where it is not known."""
    rest = [_with_names(word) for word in words]
    while rest:
        word = rest.pop(0)
        if word in ("--arg", "--argjson"):
            del rest[:2]
        elif word is None or not _JQ_FLAGS.fullmatch(word):
            return word if not rest else None
    return None


def _with_names(word: Word) -> str | None:
    """A word as a program: what is pasted into it as names that it is given (`.phases[$PHASE]`)."""
    text = ""
    for part in word.parts:
        if isinstance(part, Literal | Glob):
            text += part.text
        elif isinstance(part, Parameter) and not part.operator:
            field = text.endswith(".")
            text = f"{text[:-1]}[${part.name.upper()}]" if field else f"{text}${part.name.upper()}"
        else:
            return None
    return text

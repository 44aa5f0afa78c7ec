"""Which arms of a bash text were taken, from what bash itself tells while it runs (`set -x` with source and line)."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    Case,
    CountingFor,
    DoubleBracket,
    For,
    Function,
    IfCommand,
    Literal,
    Loop,
    Pipe,
    Redirection,
    Simple,
    Substitution,
    Word,
    walk,
)
from peerlint.prove.dead_code import DeadArm, dead_arms
from peerlint.prove.fixed_arguments import fixed_arguments, fixed_texts
from peerlint.prove.own_folder import sure_moves
from peerlint.records import dataclass
from peerlint.source.text import LineIndex

_LINE = regex(r"^\++\x1e([^\x1f]*)\x1f(\d+)\x1e ((\S*).*)", re.MULTILINE)
#: Rows of a trace, by how many there are of a row and a word, and of a row and a whole line.
_Counts = Counter[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Sign:
    """How a trace shows that a command ran: the row, and the word that the line begins with ("" for any).

    Where others in the row begin alike: the whole `line` without quotes, how the line `begins`, how it `ends` and the
    longer ends that are not it, or the lines that are not it.
    """

    row: int
    word: str
    line: str = ""
    begins: str = ""
    ends: str | None = None
    longer_ends: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def count(self, words: _Counts, lines: _Counts) -> int:
        """How often the trace shows it."""
        if self.line:
            return lines[self.row, self.line]
        if self.begins:
            return sum(n for (row, line), n in lines.items() if row == self.row and line.startswith(self.begins))
        if self.ends is not None:
            return sum(n for (row, line), n in lines.items() if row == self.row and self._is_end_of(line))
        return words[self.row, self.word] - sum(lines[self.row, other] for other in self.others)

    def _is_end_of(self, line: str) -> bool:
        """Whether a line is of this command and has its end, and none of the longer ones."""
        ended = line.endswith(self.ends or "") and not line.endswith(self.longer_ends)
        return ended and _shown_word(line.partition(" ")[0]) == self.word


@dataclass(frozen=True, slots=True)
class _Fork:
    """A place where ways part: the sign that it was come by, the sign of each way; the rest went past all of them.

    `start` is where its command begins, `place` that in a chain of `&&` and `||`, else 0. `says` is the first literal
    line that each way echoes, "" where there is none. `asks` says when each way is gone, the rest last.
    """

    label: str
    start: int
    place: int
    entry: _Sign | None
    ways: tuple[_Sign | None, ...]
    open_end: bool
    says: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


class Arms:
    """The arms of the texts of a step: file name -> text."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._forks: dict[str, list[_Fork]] = {}
        self.dead: frozenset[str] = frozenset()
        calls: list[tuple[list[_Fork], Sequence[Any]]] = []
        every: list[tuple[list[_Fork], Sequence[Any]]] = []
        scripts: list[tuple[str, list[_Fork], Sequence[Any]]] = []
        parsed_texts: dict[str, tuple[str, Sequence[Any]]] = {}
        for name, text in sources.items():
            if text.startswith("#!") and "bash" not in text.partition("\n")[0]:
                parsed_texts[name] = (text, ())
                continue
            is_call = name.startswith("call") and "/" not in name
            commands: Sequence[Any] = parse_bash(text, placeholders=is_call).commands
            forks = list(_forks(text, name, commands))
            parsed_texts[name] = (text, commands)
            self._forks[f"{name}.sh" if is_call else Path(name).name] = forks
            every.append((forks, commands))
            if is_call:
                calls.append((forks, commands))
            else:
                scripts.append((name, forks, commands))
        for name, forks, commands in scripts:
            naming = {text: parsed for other, (text, parsed) in parsed_texts.items() if other != name}
            self._bury([(forks, commands)], fixed_texts(name, commands, naming), fixed_arguments(name, naming))
        self._bury(calls)
        self.uncalled: dict[str, str] = _uncalled(every)

    def _bury(
        self,
        texts: Sequence[tuple[list[_Fork], Sequence[Any]]],
        fixed: Mapping[int, str] | None = None,
        arguments: tuple[str, ...] | None = None,
    ) -> None:
        """Notes the arms that are never taken in texts that share a shell; see `dead_arms`."""
        # Of a call it is not known where `$0` stands.
        sure = sure_moves(texts[0][1]) if fixed is not None else frozenset()
        dead = dead_arms([commands for _, commands in texts], fixed, arguments, sure)
        self.dead |= {
            label
            for at, (forks, _) in enumerate(texts)
            for fork in forks
            for arm, label in enumerate(_labels(fork), start=1)
            if DeadArm(at, fork.start, fork.place, arm) in dead
        }

    @property
    def labels(self) -> list[str]:
        """All arms, in the order of the texts."""
        return [label for forks in self._forks.values() for fork in forks for label in _labels(fork)]

    def explained(self, label: str) -> str:
        """An arm as a person finds it: where it is, and when it is taken."""
        for forks in self._forks.values():
            for fork in forks:
                asks = dict(zip(_labels(fork), fork.asks, strict=False)).get(label)
                if asks:
                    return f"{fork.label}, where {asks}"
        return label

    def first_lines(self) -> dict[str, str]:
        """What each arm echoes first, by label, for those arms that echo a literal line."""
        return {
            label: line
            for forks in self._forks.values()
            for fork in forks
            for label, line in zip(_labels(fork), fork.says, strict=False)
            if line
        }

    def taken(self, traced: str, home: str) -> frozenset[str]:
        """Labels of the arms that a trace shows."""
        counts: dict[str, tuple[_Counts, _Counts]] = {}
        for source, row, line, word in _LINE.findall(traced):
            words, lines = counts.setdefault(source.rpartition("/")[2], (Counter(), Counter()))
            words[int(row), ""] += 1
            words[int(row), _shown_word(word)] += 1
            lines[int(row), _bare(line)] += 1
        taken: set[str] = set()
        for file, forks in self._forks.items():
            seen = counts.get(file, (Counter(), Counter()))
            for fork in forks:
                ways = [way.count(*seen) if way else 0 for way in fork.ways]
                labels = _labels(fork)
                taken |= {label for label, count in zip(labels, ways, strict=False) if count > 0}
                if fork.open_end and fork.entry and fork.entry.count(*seen) > sum(ways):
                    taken.add(labels[-1])
        return frozenset(taken)


#: What a line begins with that shows an assignment.
_SETS = regex(r"\w+\+?=")


def _shown_word(word: str) -> str:
    """The word by which a traced line is known."""
    sets = _SETS.match(word)
    return sets[0] if sets else _command(word.strip("'"))


def _bare(line: str) -> str:
    """A traced line without the quotes that bash adds."""
    return re.sub(r"['\"\\]", "", line)


def _command(word: str) -> str:
    """The name of a command without its folder, which bash shows expanded."""
    return word.rpartition("/")[2]


def _labels(fork: _Fork) -> list[str]:
    count = len(fork.ways) + (1 if fork.open_end else 0)
    return [f"{fork.label} arm {at}" for at in range(1, count + 1)]


def _uncalled(texts: Sequence[tuple[list[_Fork], Sequence[Any]]]) -> dict[str, str]:
    """The function that no word of the texts names, by the labels of the arms in it."""
    every = [(forks, node) for forks, commands in texts for node in walk(tuple(commands))]
    named = {node.literal for _, node in every if isinstance(node, Word)}
    return {
        label: node.name
        for forks, node in every
        if isinstance(node, Function) and node.name not in named
        for fork in forks
        if node.span.start <= fork.start < node.span.end
        for label in _labels(fork)
    }


def _forks(text: str, name: str, commands: Sequence[Any]) -> Iterator[_Fork]:
    lines = LineIndex(text)
    nodes = list(walk(tuple(commands)))
    moved = _moved(nodes, lines)

    def row_of(node: Any) -> int:
        return moved.get(id(node)) or lines.position(node.span.start).row

    alike: dict[tuple[int, str], list[Simple]] = {}
    for node in nodes:
        if isinstance(node, Simple):
            alike.setdefault((row_of(node), _word(node)), []).append(node)

    def sign(commands: Sequence[Any]) -> _Sign | None:
        for node in walk(tuple(commands)):
            row = row_of(node) if hasattr(node, "span") else 0
            match node:
                case DoubleBracket():
                    return _Sign(row, "[[")
                case ArithmeticCommand():
                    return _Sign(row, "((")
                case Simple():
                    return _told_apart(node, row, alike.get((row, _word(node)), []))
        return None

    for node in nodes:
        if not isinstance(node, IfCommand | AndOr | Case | For | CountingFor | Loop):
            continue
        label = f"{name}:{lines.position(node.span.start).row}"
        match node:
            case IfCommand():
                bodies = [arm.body for arm in node.arms] + ([] if node.otherwise is None else [node.otherwise])
                ways = [sign(body) for body in bodies]
                yield _Fork(
                    label,
                    node.span.start,
                    0,
                    sign(node.arms[0].condition),
                    tuple(ways),
                    node.otherwise is None,
                    tuple(map(_first_line, bodies)),
                    _when(node, text),
                )
            case Case():
                ways = [sign(arm.body) for arm in node.arms if arm.body]
                yield _Fork(label, node.span.start, 0, None, tuple(ways), False, asks=_when(node, text))
            case For() | CountingFor() | Loop():
                yield _Fork(label, node.span.start, 0, None, (sign(node.body),), False, asks=_when(node, text))
            case AndOr():
                yield from _and_or(node, label, sign, text)


#: Most characters of a condition that are shown.
_SHOWN = 60


def _when(node: IfCommand | Case | For | CountingFor | Loop, text: str) -> tuple[str, ...]:
    """When each way of a fork is gone."""
    match node:
        case IfCommand(arms=arms):
            conditions = [_quoted(text, arm.condition[0].span.start, arm.condition[-1].span.end) for arm in arms]
            none = f"{conditions[0]} fails" if len(arms) == 1 else f"{conditions[0]} and all behind it fail"
            return (*(f"{condition} holds" for condition in conditions), none)
        case Case(subject=subject, arms=cases):
            asked = _quoted(text, subject.span.start, subject.span.end)
            return tuple(
                f"{asked} is {_quoted(text, arm.patterns[0].span.start, arm.patterns[-1].span.end)}"
                for arm in cases
                if arm.body
            )
        case For(name=name):
            return (f"the loop over {name} has something to go through",)
    return ("the loop makes a turn",)


def _quoted(text: str, start: int, end: int) -> str:
    shown = " ".join(text[start:end].split())
    return f"`{shown}`" if len(shown) <= _SHOWN else f"`{shown[:_SHOWN]}...`"


def _moved(nodes: Sequence[Any], lines: LineIndex) -> dict[int, int]:
    """The row that a trace tells, by the id of the node, where it is not that in which the node begins.

    Bash notes the row when it has read the second part of a command: that in which a text of several lines ends, where
    it is that part. So an assignment alone is told in its last row, and so is a substitution that comes to one line
    when bash puts it on one. Code in a here-document counts its rows from that of the command that it is given to.
    """
    moved: dict[int, int] = {}
    for node in nodes:
        if not isinstance(node, Simple):
            continue
        every: list[Any] = [*node.assignments, *node.words, *node.declared, *node.redirections]
        parts = sorted(every, key=lambda part: int(part.span.start))[:2]
        if not parts:
            continue
        second = parts[-1]
        end = second.span.start if isinstance(second, Redirection) else second.span.end
        first, last = (lines.position(at).row for at in (node.span.start, end))
        is_here = isinstance(second, Redirection) and second.operator == "<<"
        inside = [node] if is_here else [node, *walk((second,))]
        if first != last and all(_is_one_line(part) for part in inside if isinstance(part, Substitution)):
            moved |= {id(part): last for part in inside}
    for node in nodes:
        if isinstance(node, Simple):
            told = moved.get(id(node)) or lines.position(node.span.start).row
            moved |= _in_here_documents(node, told, moved, lines)
    return moved


def _in_here_documents(command: Simple, told: int, moved: Mapping[int, int], lines: LineIndex) -> dict[int, int]:
    """The rows that a trace tells of what stands in the here-documents of a command, by the id of the node."""
    found: dict[int, int] = {}
    for redirection in command.redirections:
        for part in redirection.target.parts if redirection.operator == "<<" else ():
            if isinstance(part, Substitution):
                first = lines.position(part.span.start).row
                for node in walk((part,)):
                    if span := getattr(node, "span", None):
                        found[id(node)] = (moved.get(id(node)) or lines.position(span.start).row) - first + told
    return found


def _is_one_line(substitution: Substitution) -> bool:
    return len(substitution.commands) == 1 and isinstance(substitution.commands[0], Simple | Pipe | AndOr)


def _told_apart(node: Simple, row: int, alike: Sequence[Simple]) -> _Sign:
    """The sign of a command beside others of its name in the same row: by its words, or by theirs."""
    own = _line(node)
    others = [_line(other) for other in alike if other is not node]
    word = _word(node)
    if not others:
        return _Sign(row, word)
    if own and own not in others:
        return _Sign(row, word, own)
    begins = _beginning(node)
    theirs = [_beginning(other) for other in alike if other is not node]
    if not any(other.startswith(begins) or begins.startswith(other) for other in theirs):
        return _Sign(row, word, begins=begins)
    ends = _ending(node)
    theirs = [_ending(other) for other in alike if other is not node]
    if ends not in theirs:
        return _Sign(row, word, ends=ends, longer_ends=tuple(other for other in theirs if other.endswith(ends)))
    return _Sign(row, word, others=tuple(sorted({*others} - {""})))


def _word(node: Simple) -> str:
    """How the line begins that a trace shows of a command: with its name, or with what it sets."""
    if node.name or not node.assignments:
        return _command(node.name or "")
    # Each assignment of a command is a line of its own.
    first = node.assignments[0]
    return "" if first.subscript is not None else f"{first.name}{'+' if first.append else ''}="


def _line(node: Simple) -> str:
    """The line that a trace shows of a command whose words are all literal; "" where they are not."""
    words = [word.literal for word in node.words] if node.words else [_set_to(node)]
    if None in words or any("\n" in word for word in words if word):
        return ""
    return _bare(" ".join(word for word in words if word is not None))


def _set_to(node: Simple) -> str | None:
    """`NAME=value` where the value is literal."""
    value = node.assignments[0].value if node.assignments and _word(node) else None
    return None if value is None or value.literal is None else _word(node) + value.literal


def _beginning(node: Simple) -> str:
    """The literal beginning of that line, up to the first expansion."""
    if not node.words:
        value = node.assignments[0].value if node.assignments else None
        return _bare(_word(node) + ("" if value is None else _literal_beginning(value)[0]))
    texts = []
    for word in node.words:
        text, whole = _literal_beginning(word)
        texts.append(text)
        if not whole:
            break
    else:
        texts.append("")
    return _bare(" ".join(texts)).partition("\n")[0]


def _ending(node: Simple) -> str:
    """The literal end of the line, behind the last expansion; "" where that goes over lines."""
    texts: list[str] = []
    for word in reversed(node.words):
        parts = [part.text if isinstance(part, Literal) else None for part in reversed(word.parts)]
        literal = list(itertools.takewhile(lambda text: text is not None, parts))
        texts = [*(text for text in reversed(literal) if text), *texts]
        if len(literal) < len(parts):
            break
        texts.insert(0, " ")
    ending = _bare("".join(texts))
    return "" if "\n" in ending else ending


def _literal_beginning(word: Word) -> tuple[str, bool]:
    """The literal parts at the beginning of a word, and whether these are all."""
    texts = [part.text if isinstance(part, Literal) else None for part in word.parts]
    found = [text for text in itertools.takewhile(lambda text: text is not None, texts) if text]
    return "".join(found), None not in texts


def _first_line(body: Sequence[Any]) -> str:
    """The literal line of the first echo."""
    for node in walk(tuple(body)):
        if isinstance(node, Simple) and node.name == "echo":
            text = node.words[1].literal if len(node.words) == 2 else None
            return text.rstrip() if text else ""
    return ""


def _and_or(node: AndOr, label: str, sign: Any, text: str) -> Iterator[_Fork]:
    left = sign([node.first])
    for at, (operator, command) in enumerate(node.rest, start=1):
        named = f"{label} {operator}{at if len(node.rest) > 1 else ''}"
        right = sign([command])
        if left is not None and right is not None and left != right:
            before = _quoted(text.replace("\\\n", "  "), node.span.start, command.span.start)[1:-1].rstrip(" &|")
            ends = ("succeeds", "fails") if operator == "&&" else ("fails", "succeeds")
            asks = tuple(f"`{before}` {end}" for end in ends)
            yield _Fork(named, node.span.start, at, left, (right,), True, asks=asks)

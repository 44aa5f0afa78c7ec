"""Comments of shell that stands in an instruction file: its author has written them for whoever does the step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from peerlint.migrate.lower.result import place_in
from peerlint.migrate.lower.scope import Seam
from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Word, of_kind
from peerlint.process.model import (
    ExitCodeIs,
    ForEach,
    If,
    InFolder,
    Leave,
    Note,
    OutcomeIs,
    Proceed,
    Repeat,
    Resume,
    Skip,
    Statement,
    Stop,
)
from peerlint.process.model import walk as model_walk
from peerlint.records import dataclass, replace
from peerlint.source.text import NOWHERE, SourceText, Span

_COMMENT = regex(r"[ \t]*#+(?![!#])[ \t]*(.*?)[ \t]*")
#: `# ---- Fetch ----`
_HEADING = regex(r"[-=*~#_]{2,}[ \t]*(.*?\w.*?)[ \t]*[-=*~#_]{2,}")
#: What says nothing to a reader: rules, words to tools, and the kind of a message in a hybrid.
_NO_WORDS = regex(r"[\W_]*|shellcheck .*|WARN|PROVIDE")


#: A line that ends a body of shell.
_ENDS_BODY = regex(r"[ \t]*(?:fi|done|esac|else|elif|;;|\}|\))(?![\w=])")
#: What such a body begins with, and the line that ends it and all that it belongs to.
_BEGINS_BODY = regex(r"(?:if|for|while|until|case)\b|\{")
_ENDS_COMPOUND = regex(r"[ \t]*(?:(?:fi|done|esac)\b|\})")
#: A comment behind code, with a blank on both sides of its sign.
_BEHIND = regex(r"(?<=[ \t])#+[ \t]+(?P<words>\S.*?)[ \t]*$")
#: A line so long has been broken, so that the next goes on.
_BROKEN = 72
#: Comments that offer another way, and those that tie a command to a condition: bash runs it all the same.
_OTHER_WAY = regex(
    r"(?:or|alternatively|else|otherwise)\b|alternative\W*$|(?:option|model|method|variant|way) \w\b", re.IGNORECASE
)
_CONDITION = regex(r"(?:if|unless|for \S+ projects?)\b(?! (?:this|it|that|so|not?)\b)", re.IGNORECASE)
#: Code that asks for what the comment above it says.
_ASKS = regex(r"[ \t]*(?:if|elif|case|for|while|until|test|\[\[?|command|which|type|hash)[ \t]")


def without_being_asked(source: SourceText) -> tuple[str, Span] | None:
    """The first comment for whose command the agent has to choose or to judge, while bash runs it in any case.

    "Or via CLI:", "If tests pass": a reader takes one of the ways, and logic that runs them all is not what is meant.
    """
    lines = source.text.split("\n")
    for remark in _remarks(source.text):
        code = lines[remark.code - 1] if remark.code else ""
        above = lines[remark.row - 1 : remark.code - 1]
        for words in _sentences(_last_paragraph(above)) if above else remark.words:
            if code and (_OTHER_WAY.match(words) or (_CONDITION.match(words) and not _ASKS.match(code))):
                said = words if len(words) <= _BROKEN else f"{words[:_BROKEN].rsplit(' ', 1)[0]} …"
                return said, source.lines.row_span(remark.row)
    return None


def _last_paragraph(lines: Sequence[str]) -> list[str]:
    """What the comment lines right above code say: those further up may speak of commands in the comment."""
    paragraph: list[str] = []
    for line in reversed(lines):
        if not line.strip() and paragraph:
            break
        if line.strip() and (match := _COMMENT.fullmatch(line)):
            paragraph.insert(0, match[1])
    return paragraph


def with_notes(statements: Sequence[Statement], sources: Sequence[tuple[int, SourceText]]) -> tuple[Statement, ...]:
    """The statements with a NOTE for each comment: above what it stands above or behind, or at the end of its body.

    A comment that stands above nothing of the logic is left out; so is one between an effect and what is asked of it.
    """
    notes = _Notes(sources)
    return notes.body(statements) if notes else tuple(statements)


@dataclass(frozen=True, slots=True)
class _Remark:
    """What a comment says; `row` is its own, `code` that of the code it speaks of, 0 at the end of the text."""

    words: tuple[str, ...]
    row: int
    code: int


class _Notes:
    """Hands each comment of the texts to one statement."""

    def __init__(self, sources: Sequence[tuple[int, SourceText]]) -> None:
        self._sources = sources
        self._lines = {start: source.text.split("\n") for start, source in sources}
        self._above: dict[tuple[int, int], list[_Remark]] = {}
        self._last: dict[int, list[_Remark]] = {}
        for start, source in sources:
            for remark in () if source.path else _remarks(source.text):
                self._above.setdefault((start, remark.code), []).append(remark)
                if not remark.code or _ENDS_BODY.match(self._lines[start][remark.code - 1]):
                    self._last.setdefault(start, []).append(remark)

    def __bool__(self) -> bool:
        """Whether there are comments."""
        return bool(self._above)

    def body(self, statements: Sequence[Statement]) -> tuple[Statement, ...]:
        """The statements of one body with their notes."""
        made: list[Statement] = []
        last: Statement | None = None
        for at, statement in enumerate(statements):
            place = self._place(statement)
            if last is not None and (isinstance(statement, Seam) or (place and place[0] != self._start(last))):
                made += self._left_below(last)
                last = None
            if place is not None and not (made and looks_above(statement)):
                for row in self._rows(statement, statements[at + 1 :]):
                    made += _notes(self._above.pop((place[0], row), ()))
            made.append(self._with_notes_inside(statement))
            last = last if place is None else statement
        return (*made, *(() if last is None else self._left_below(last)))

    def _with_notes_inside(self, statement: Statement) -> Statement:
        if isinstance(statement, If):
            branches = tuple(replace(branch, body=self.body(branch.body)) for branch in statement.branches)
            otherwise = None if statement.otherwise is None else self.body(statement.otherwise)
            return replace(statement, branches=branches, otherwise=otherwise)
        if isinstance(statement, (ForEach, Repeat, InFolder)):
            return replace(statement, body=self.body(statement.body))
        return statement

    def _place(self, statement: Statement) -> tuple[int, int] | None:
        """The text that a statement comes from, and the row where it begins."""
        found = place_in(self._sources, statement.span)
        if found is None:
            return None
        return statement.span.start - found[1].start, found[0].text.count("\n", 0, found[1].start) + 1

    def _rows(self, statement: Statement, later: Sequence[Statement]) -> list[int]:
        """The row of a statement, and before it that of the command around it, which needs what the statement gives."""
        around = [one for one in later if one.span != NOWHERE and one.span.contains(statement.span)]
        return sorted({place[1] for one in (statement, *around) if (place := self._place(one))})

    def _start(self, statement: Statement) -> int:
        place = self._place(statement)
        assert place is not None
        return place[0]

    def _left_below(self, last: Statement) -> list[Note]:
        """The comments below the last statement of a body, where no other body ends between."""
        start = self._start(last)
        if isinstance(last, (Stop, Proceed, Skip, Resume, Leave)) or not self._last.get(start):
            return []
        lines = self._lines[start]
        row = self._last_row(last, start)
        found = [
            remark
            for remark in self._last[start]
            if remark.row > row and not any(map(_ENDS_BODY.match, lines[row : remark.row - 1]))
        ]
        for remark in found:
            self._last[start].remove(remark)
        return _notes(found)

    def _last_row(self, statement: Statement, start: int) -> int:
        """The row where a statement of the text at `start` ends, with the line that closes it."""
        text = "\n".join(self._lines[start])
        inside = [node for node in model_walk(statement) if isinstance(node, Statement)]
        spans = [Span(node.span.start - start, node.span.end - start) for node in inside if self._is_of(node, start)]
        end = max(span.end for span in spans)
        row = text.count("\n", 0, max(end - 1, 0)) + 1
        open_ends = [
            node
            for node in inside
            if self._is_of(node, start)
            and _BEGINS_BODY.match(text, node.span.start - start)
            and any(isinstance(one, Statement) and one.span.end - start == end for one in model_walk(node))
        ]
        below = [(at, line) for at, line in enumerate(self._lines[start], start=1) if at > row and line.strip()]
        for at, line in below[: len(open_ends)]:
            if not _ENDS_COMPOUND.match(line):
                break
            row = at
        return row

    def _is_of(self, statement: Statement, start: int) -> bool:
        place = self._place(statement)
        return place is not None and place[0] == start


def _notes(remarks: Iterable[_Remark]) -> list[Note]:
    return [Note(words) for remark in remarks for words in remark.words]


def looks_above(statement: Statement) -> bool:
    """Whether it asks how the effect right above it has come out."""
    conditions = [branch.condition for branch in statement.branches] if isinstance(statement, If) else []
    return any(isinstance(node, (OutcomeIs, ExitCodeIs)) for one in conditions for node in model_walk(one))


def _remarks(text: str) -> Iterator[_Remark]:
    """The comments of a text: lines of their own with the row of the code below them, and what stands behind code."""
    if "#" not in text:
        return
    inside = [word.span for word in of_kind(parse_bash(text).commands, Word)]

    def is_code(at: int) -> bool:
        return any(span.start <= at < span.end for span in inside)

    lines: list[str] = []
    first = start = 0
    for row, line in enumerate(text.split("\n"), start=1):
        match = _COMMENT.fullmatch(line)
        if match and not is_code(start):
            first = first or row
            lines.append(match[1])
        elif line.strip():
            if lines:
                yield _Remark(_sentences(lines), first, row)
                lines, first = [], 0
            behind = next((found for found in _BEHIND.finditer(line) if not is_code(start + found.start())), None)
            if behind is not None:
                yield _Remark(_sentences([behind["words"]]), row, row)
        elif lines:
            lines.append("")
        start += len(line) + 1
    if lines:
        yield _Remark(_sentences(lines), first, 0)


def _sentences(lines: Iterable[str]) -> tuple[str, ...]:
    """What comment lines say, with those that go on in the next line joined."""
    said: list[str] = []
    before = ""
    for line in lines:
        heading = _HEADING.fullmatch(line)
        words = heading[1] if heading else line
        if _NO_WORDS.fullmatch(words):
            before = ""
            continue
        if not heading and _goes_on(before, words):
            said[-1] += f" {words}"
        else:
            said.append(words)
        before = "" if heading else words
    return tuple(said)


def _goes_on(before: str, words: str) -> bool:
    """Whether a sentence of the line before goes on in these words."""
    if not before or before[-1] in ".!?":
        return False
    begins_small = words[0].islower() or words[0] in "(,;"
    return begins_small or (len(before) >= _BROKEN and before[-1] not in ":;" and words[0].isalnum())

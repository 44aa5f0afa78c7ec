"""PL3 in the logic language: an ERROR that does not say how it goes on, or what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, as_written
from peerlint.patterns import regex
from peerlint.process.build import LogicContainer
from peerlint.process.model import (
    Ask,
    Delegate,
    ForEach,
    If,
    InFolder,
    Proceed,
    Repeat,
    Resume,
    Say,
    SayKind,
    Skip,
    Statement,
    Stop,
)
from peerlint.process.model import walk as walk_logic
from peerlint.records import dataclass
from peerlint.source.text import Span

#: Words that say what happens after an ERROR, in any form that people write.
_GOES_ON = regex(
    r"\b(?:stop|halt|abort|exit|block|wait|retry|return|ask|prompt|proceed|continue|skip|escalate|resume|fix|restart"
    r"|terminate|end|quit|request|await|goto|fallback|fall back|rollback|loop|repeat|confirm)\b",
    re.IGNORECASE,
)


_ERROR_START = regex(r"^(?:[-*]\s+)?ERROR\b:?\s*([\"“'])")
_QUOTES = "\"”'"
_ERROR_TAG = regex(r"<error\b[^<>]*>\s*\Z")
_LONGEST_TAG = 200
_CONDITION_LINE = regex(r"^(?:[-*]\s+)?(?:IF|ELSE|ELIF|ELSE IF|WHEN|UNLESS|ON|OTHERWISE)\b")
_MESSAGE_LINE = regex(r"^(?:[-*]\s+)?(?:ERROR|WARN|DISPLAY|PROVIDE|SUGGEST|LOG|NOTE)\b")
_STOP_LINE = regex(r"^(?:[-*]\s+)?(?:STOP|HALT|ABORT|EXIT)\b")


def error_without_stop(context: Context) -> Iterator[Found]:
    """An ERROR in a branch whose block says nothing about how it goes on.

    Told from lines and their indentation, so that conditions which nobody can bind are looked into too.
    """
    for _, container in context.logic():
        lines = _logic_lines(context, container.span)
        for index, line in enumerate(lines):
            error = _error_of(line.text)
            if error is None or _goes_on(lines, index) or _GOES_ON.search(error[1]):
                continue
            if _GOES_ON_IN_MESSAGE.search(error[0]) is None:
                yield Found(Span(line.start, line.start + len(line.text)), {"message": error[0]})
    yield from _error_tags_without_stop(context)


def _error_of(line: str) -> tuple[str, str] | None:
    """The message of a line that states an ERROR, and what stands behind its last quote.

    Cut by hand: an expression tries each length of the message against all that follows, and messages may be long.
    """
    start = _ERROR_START.match(line)
    if start is None:
        return None
    text = line[start.end() :]
    last = max(text.rfind(quote) for quote in _QUOTES)
    closes = last >= 0 and text[last] == start[1]
    return text[: last if closes else last + 1], text[last + 1 :]


def _error_tags_without_stop(context: Context) -> Iterator[Found]:
    """The same where conditions and errors are written as tags: `<check if="…"><error>…</error></check>`."""
    for branch, say, stops in _error_branches(context):
        place = context.file.first_line(say.span)
        before = context.file.source.text[max(0, place.start - _LONGEST_TAG) : place.start]
        is_tag = _ERROR_TAG.search(before) is not None
        goes_on = any(isinstance(node, (Ask, Delegate, Proceed, Skip, Resume)) for node in walk_logic(branch))
        if is_tag and not stops and not goes_on and _GOES_ON_IN_MESSAGE.search(as_written(say.text)) is None:
            yield Found(place, {"message": as_written(say.text)})


@dataclass(frozen=True, slots=True)
class _LogicLine:
    """A line that is not blank: where its text begins in the file, its indentation, its text without it."""

    start: int
    indent: int
    text: str


def _logic_lines(context: Context, span: Span) -> list[_LogicLine]:
    found = []
    offset = span.start
    for raw in context.document.text(span).splitlines(keepends=True):
        text = raw.strip()
        if text:
            indent = len(raw) - len(raw.lstrip())
            found.append(_LogicLine(offset + indent, len(raw[:indent].expandtabs(4)), text))
        offset += len(raw)
    return found


def _goes_on(lines: list[_LogicLine], error: int) -> bool:
    """Whether the block of an ERROR says how it goes on, or what follows its IF does; true outside of branches."""
    depth = lines[error].indent
    head = next((i for i in range(error - 1, -1, -1) if lines[i].indent < depth), None)
    if head is None or not _CONDITION_LINE.match(lines[head].text):
        return True
    end = next((i for i in range(error + 1, len(lines)) if lines[i].indent < depth), len(lines))
    block = [line.text for line in lines[head + 1 : end] if not _MESSAGE_LINE.match(line.text)]
    if any(_GOES_ON.search(text) for text in block):
        return True
    chain = lines[head].indent
    behind = next(
        (i for i in range(end, len(lines)) if lines[i].indent <= chain and not lines[i].text.startswith("EL")), None
    )
    return behind is not None and _STOP_LINE.match(lines[behind].text) is not None


def error_without_recovery(context: Context) -> Iterator[Found]:
    """An ERROR that stops and gives no advice; an ERROR that does not stop is PL305."""
    for branch, say, stops in _error_branches(context):
        advice = any(isinstance(n, Say) and n.kind is not SayKind.ERROR for n in walk_logic(branch))
        asks = any(isinstance(n, (Ask, Delegate)) for n in walk_logic(branch))
        if stops and not advice and not asks:
            yield Found(context.file.first_line(say.span), {"message": as_written(say.text)})


def _error_branches(context: Context) -> Iterator[tuple[tuple[Statement, ...], Say, bool]]:
    """Blocks of conditions with an ERROR of their own: the block with what follows it, the ERROR, whether it stops."""
    for _, container in context.logic():
        for block, after in _conditional_blocks(_with_tags(context, container)):
            says = [s for s in block if isinstance(s, Say) and s.kind is SayKind.ERROR]
            if says:
                whole = (*block, *after)
                yield whole, says[0], any(isinstance(n, Stop) for n in walk_logic(whole))


def _with_tags(context: Context, container: LogicContainer) -> tuple[Statement, ...]:
    """The statements of a block; errors in tags are read too where only lines of logic may stand."""
    text = context.document.text(container.span)
    if not container.reading.problems or "<error>" not in text:
        return container.reading.statements
    from peerlint.process.logic import parse_logic

    return parse_logic(text, offset=container.span.start, closed=False).statements


def _conditional_blocks(
    statements: tuple[Statement, ...], after: tuple[Statement, ...] = ()
) -> Iterator[tuple[tuple[Statement, ...], tuple[Statement, ...]]]:
    """Each block of an IF with the statements that run behind the IF."""
    stack = [(statements, after)]
    while stack:
        current, outer = stack.pop()
        for index, statement in enumerate(current):
            behind = (*current[index + 1 :], *outer)
            if isinstance(statement, If):
                bodies = [branch.body for branch in statement.branches] + [statement.otherwise or ()]
                for body in bodies:
                    yield body, behind[:1] if behind and isinstance(behind[0], Stop) else ()
                    stack.append((body, behind))
            elif isinstance(statement, (ForEach, Repeat, InFolder)):
                stack.append((statement.body, behind))


_GOES_ON_IN_MESSAGE = regex(r"\b(?:stopping|aborting|exiting|halting|retrying|skipping)\b", re.IGNORECASE)


DETECTORS = (error_without_stop, error_without_recovery)

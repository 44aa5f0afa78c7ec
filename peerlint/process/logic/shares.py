"""What became of each line of a logic text: a statement of the language, or prose that only looks like one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from peerlint.patterns import regex
from peerlint.process.logic.directives import THE_AGENT
from peerlint.process.logic.free_flow import goes_on
from peerlint.process.logic.reading import Binding, BindingKind, LogicReading
from peerlint.process.model import Check, Decide, Delegate, Note, Opaque, Statement, walk
from peerlint.source.text import Span


class LineShare(Enum):
    """What a line of logic says to the machine."""

    LANGUAGE = "language"  # a statement or a bound condition: the machine knows what to do
    TASK = "task"  # prose that the agent is given as work
    JUDGED = "judged"  # a condition that only a reader can judge, and is known as such
    UNBOUND = "unbound"  # a condition that nothing binds
    NOTE = "note"  # a remark
    OPAQUE = "opaque"  # not understood


_LINE = regex(r"[^\r\n]+")


def line_shares(text: str, reading: LogicReading, offset: int = 0) -> Iterator[tuple[Span, LineShare | None]]:
    """Each line of a text that is not blank (its span without indentation), with what became of it.

    `reading` is that of the text, read at `offset`. None where no statement stands on the line or covers it.
    """
    nodes = sorted(
        (node for node in walk(reading.statements) if isinstance(node, Statement)), key=lambda node: node.span.start
    )
    bindings = sorted(reading.bindings, key=lambda binding: binding.span.start)
    around: list[Statement] = []
    at_node = at_binding = 0
    for line in _LINE.finditer(text):
        stripped = line.group().strip()
        if not stripped:
            continue
        start = offset + line.start() + line.group().index(stripped[0])
        span = Span(start, start + len(stripped))
        first, at_node = at_node, _next(nodes, at_node, span.end)
        begun = nodes[first:at_node]
        known, at_binding = at_binding, _next(bindings, at_binding, span.end)
        while around and around[-1].span.end < span.end:
            around.pop()
        yield span, _share(begun or around[-1:], bool(begun), bindings[known:at_binding])
        around += begun


def _next(spanned: Sequence[Statement | Binding], at: int, end: int) -> int:
    """The first, from `at` on, that begins at `end` or later."""
    while at < len(spanned) and spanned[at].span.start < end:
        at += 1
    return at


def _share(nodes: list[Statement], begin_here: bool, bindings: list[Binding]) -> LineShare | None:
    """What a line says: by the statements that begin on it, else by the innermost one around it."""
    if begin_here and any(isinstance(node, Opaque) for node in nodes):
        return LineShare.OPAQUE
    kinds = {binding.kind for binding in bindings}
    if BindingKind.UNBOUND in kinds:
        return LineShare.UNBOUND
    if BindingKind.DECIDE in kinds:
        return LineShare.JUDGED
    return min((_share_of(node) for node in nodes), key=_ORDER.index, default=None)


def _share_of(node: Statement) -> LineShare:
    match node:
        case Opaque():
            return LineShare.OPAQUE
        case Note(text) if not goes_on(text):
            return LineShare.NOTE
        case Delegate(subagent=subagent) if subagent == THE_AGENT:
            return LineShare.TASK
        case Check(condition=Decide()):
            return LineShare.JUDGED
    return LineShare.LANGUAGE


#: Of several statements on a line, the one that says least to the machine counts.
_ORDER = (
    LineShare.OPAQUE, LineShare.UNBOUND, LineShare.TASK, LineShare.JUDGED, LineShare.NOTE, LineShare.LANGUAGE,
)  # fmt: skip

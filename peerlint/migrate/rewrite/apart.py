"""Which shell calls of a step have to keep their own place, since the text between them says what to do."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from peerlint.migrate.rewrite.wording import without_announcement
from peerlint.patterns import regex
from peerlint.process.build import Reading, ShellCall, StepReading
from peerlint.process.model import ShellForm
from peerlint.source.document import Fence, Heading, Line, Node, Section, Tag
from peerlint.source.text import Span

#: A paragraph that begins with a condition.
_CONDITION = regex(r"\s*(?:[>*_-]+\s*)?(?:if|when|otherwise|unless)\b", re.IGNORECASE)


def calls_apart(reading: Reading) -> frozenset[Span]:
    """The spans of the shell statements that stand apart from the call before them in their step.

    Logic of calls that stand together becomes one block; what the author says between two calls ("Then compare:", "For
    Makefile projects:", a heading, an item, a tag) keeps its place, and the logic stays behind it. Only a line that
    does nothing but announce the shell below it says nothing.
    """
    return frozenset(
        call.statement.span
        for step in reading.steps
        for before, call in zip(step.shell, step.shell[1:], strict=False)
        if _has_a_place(step, before) and _has_a_place(step, call) and _says_something(step, before, call)
    )


def calls_judged(reading: Reading) -> frozenset[Span]:
    """The spans of the shell statements right below which the prose makes a condition ("If it is missing, …")."""
    text = reading.document.source.text
    return frozenset(
        call.statement.span
        for step in reading.steps
        for call in step.shell
        if call.statement.form is ShellForm.FENCE and _CONDITION.match(text, call.span.end)
    )


def _has_a_place(step: StepReading, call: ShellCall) -> bool:
    """Whether the logic of a call can stand where the call stands."""
    parent = call.node.parent
    stands_free = parent is None or parent is step.node or isinstance(parent, Section)
    return call.statement.form in (ShellForm.FENCE, ShellForm.BARE) or (
        call.statement.form is ShellForm.PROSE and stands_free
    )


def _says_something(step: StepReading, before: ShellCall, call: ShellCall) -> bool:
    between = Span(before.span.end, call.span.start)
    if before.statement.form is ShellForm.PROSE and "." in _said_after(before):
        return True
    # The tag around bare shell goes with it; a fence leaves its tag behind.
    tags_go = before.statement.form is not ShellForm.FENCE and call.statement.form is not ShellForm.FENCE
    found = [node for node in _leaves(step.nodes, between) if between.contains(node.span)]
    return any(_says(node) for node in found if not (tags_go and isinstance(node, Tag)))


def _said_after(call: ShellCall) -> str:
    """What the line of a call says behind the sentence that calls."""
    assert isinstance(call.node, Line)
    return call.node.text.partition(call.statement.code)[2].lstrip("`").lstrip().removeprefix(".")


def _leaves(siblings: Sequence[Node], place: Span) -> list[Node]:
    """What has no children among nodes that reach into a place, and below them."""
    found: list[Node] = []
    stack = [siblings]
    while stack:
        nodes = stack.pop()
        # Siblings stand in the order of the text, and a step may have as many as it has lines.
        for at in range(bisect_right(nodes, place.start, key=lambda node: node.span.end), len(nodes)):
            node = nodes[at]
            if node.span.start >= place.end:
                break
            if node.children:
                stack.append(node.children)
            else:
                found.append(node)
    return found


def _says(node: Node) -> bool:
    if isinstance(node, Line):
        return bool(without_announcement(node.text).strip())
    return isinstance(node, (Heading, Fence, Tag))

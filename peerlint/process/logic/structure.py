"""The tree of lines to statements: chains, loops, bodies, delegations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress

from peerlint.patterns import regex
from peerlint.process.logic.clauses import read_duration
from peerlint.process.logic.conditions import read_condition
from peerlint.process.logic.cursor import Cursor, Mismatch, shortened
from peerlint.process.logic.directives import (
    DIRECTIVE_WORD,
    THE_AGENT,
    read_delegation_line,
    read_directive,
)
from peerlint.process.logic.forms import nearest_condition, nearest_directive
from peerlint.process.logic.lines import LineNode
from peerlint.process.logic.names import Names
from peerlint.process.logic.natural import Surroundings, Understood, understand
from peerlint.process.logic.normal import written_before
from peerlint.process.logic.people import certain_rewrites
from peerlint.process.logic.placement import misplaced_outcome
from peerlint.process.logic.reading import Binding, BindingKind, LogicProblem
from peerlint.process.logic.render import NOTHING
from peerlint.process.logic.texts import read_string
from peerlint.process.logic.values import read_listing
from peerlint.process.model import (
    Branch,
    Condition,
    Decide,
    Delegate,
    ExitCodeIs,
    ForEach,
    If,
    InFolder,
    Opaque,
    OutcomeIs,
    Repeat,
    Statement,
    UserAnswer,
    walk,
)
from peerlint.process.phrases import Phrasebook
from peerlint.records import replace
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

#: Bodies inside each other; deeper ones are refused, so that no input exhausts a stack.
MAX_DEPTH = 40

_IF = regex(r"IF[ \t]+(.*?)[ \t]*:")
_ELSE_IF = regex(r"ELSE[ \t]+IF[ \t]+(.*?)[ \t]*:")
_ELSE = regex(r"ELSE[ \t]*:")
_LOOP_WORD = regex(r"FOR EACH|REPEAT|IN FOLDER")

#: A condition with nothing above it.
_NOWHERE = Surroundings()


class StructureReader:
    """Reads one tree of lines in a closed world: what is no form of the language is a problem.

    `problems` and `bindings` grow in the order of the text.
    """

    def __init__(self, blocks: Mapping[str, str], book: Phrasebook, names: Names) -> None:
        self._blocks = blocks
        self._book = book
        self._names = names
        self._depth = 0
        self.problems: list[LogicProblem] = []
        self.bindings: list[Binding] = []

    # --- bodies ------------------------------------------------------------------------------------------------------

    def statements(self, nodes: list[LineNode]) -> tuple[Statement, ...]:
        """The statements of sibling lines."""
        if len(nodes) == 1 and nodes[0].text == NOTHING and not nodes[0].children:
            return ()
        statements: list[Statement] = []
        at = 0
        while at < len(nodes):
            used, read = self._statement(nodes, at, self._above(statements))
            if self._is_uneven(nodes[at], nodes[0]):
                message = "this line is not indented as the lines it belongs to"
                read = [self._opaque(nodes[at], "indentation", message)]
            statements += read
            at += used
        return tuple(statements)

    def _above(self, statements: list[Statement]) -> Statement | None:
        """The statement that the next line stands directly below of."""
        return statements[-1] if statements else None

    def _is_uneven(self, node: LineNode, first: LineNode) -> bool:
        return node.indent != first.indent

    def _statement(self, nodes: list[LineNode], at: int, above: Statement | None) -> tuple[int, list[Statement]]:
        """What the line at `at` begins, and how many of the siblings it takes."""
        node = nodes[at]
        if _IF.fullmatch(node.text):
            used, chain = self._if(nodes, at, above)
            return used, [chain]
        if _ELSE_IF.fullmatch(node.text) or _ELSE.fullmatch(node.text):
            return 1, [self._opaque(node, "no-if", "there is no IF above this line")]
        try:
            statement = self._line(node)
        except Mismatch as mismatch:
            return self._other(nodes, at, above, mismatch)
        if isinstance(statement, ForEach | Repeat | InFolder | Opaque):
            return 1, [statement]
        if node.children:
            return 1, [self._opaque(node, "indentation", "the lines below are indented, but this line opens no block")]
        if isinstance(statement, Delegate) and statement.subagent != THE_AGENT:
            used, delegate = self._delegation(nodes, at, statement)
            return used, [delegate]
        return 1, [statement]

    def _line(self, node: LineNode) -> Statement:
        """The statement that the line begins, canonical or meant for certain. Raises Mismatch."""
        try:
            return self._canonical(node)
        except Mismatch as mismatch:
            for text in certain_rewrites(node.text):
                with suppress(Mismatch):
                    return self._canonical(replace(node, text=text))
            raise mismatch

    def _canonical(self, node: LineNode) -> Statement:
        if _LOOP_WORD.match(node.text):
            return self._loop(node)
        return read_directive(Cursor(node.text, blocks=self._blocks), Span(node.start, node.end))

    def _other(
        self, nodes: list[LineNode], at: int, above: Statement | None, mismatch: Mismatch
    ) -> tuple[int, list[Statement]]:
        """What a line is that is no form of the language."""
        return 1, [self._unread(nodes[at], mismatch)]

    def _unread(self, node: LineNode, mismatch: Mismatch) -> Statement:
        return self._opaque(node, mismatch.code, mismatch.message, nearest_directive(node.text))

    def _body(self, node: LineNode) -> tuple[Statement, ...]:
        """The statements below a line. Raises Mismatch where there are none."""
        if not node.children:
            raise Mismatch("an indented block expected below this line", len(node.text), "empty-body")
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                return (self._opaque(node.children[0], "too-deep", "nested too deeply"),)
            return self.statements(node.children)
        finally:
            self._depth -= 1

    # --- IF ----------------------------------------------------------------------------------------------------------

    def _if(self, nodes: list[LineNode], at: int, above: Statement | None) -> tuple[int, Statement]:
        start = at
        known = len(self.problems)
        around = self._around(nodes, at, above)
        branches: list[Branch | None] = []
        otherwise: tuple[Statement, ...] | None = None
        whole = True
        pattern = _IF
        while at < len(nodes) and (found := pattern.fullmatch(nodes[at].text)) is not None:
            branches.append(self._branch(nodes[at], found, around))
            pattern = _ELSE_IF
            at += 1
        if at < len(nodes) and _ELSE.fullmatch(nodes[at].text):
            otherwise = self._arm(nodes[at])
            whole = otherwise is not None
            at += 1
        span = tree_span(nodes[start], nodes[at - 1])
        understood = tuple(branch for branch in branches if branch is not None)
        if len(understood) < len(branches) or not whole:
            # Which arm is taken is unknown, so the chain is; its conditions must not turn into judgement.
            text = "\n".join(dedented(node) for node in nodes[start:at])
            return at - start, Opaque(self._reason(known), text, span)
        return at - start, If(understood, otherwise, span)

    def _reason(self, known: int) -> str:
        """Why a chain is not understood: the first problem behind the `known` ones."""
        return _with_nearest(self.problems[known]) if known < len(self.problems) else "condition not understood"

    def _around(self, nodes: list[LineNode], at: int, above: Statement | None) -> Surroundings:
        """What the conditions of the chain at `at` may refer to."""
        return Surroundings(above, _first_word(nodes[at - 1].text) if at else "", names=self._names)

    def _branch(self, node: LineNode, found: re.Match[str], around: Surroundings) -> Branch | None:
        condition = self.condition(found[1], span_in(node, found[1]), around)
        body = self._arm(node)
        return None if condition is None or body is None else Branch(condition, body, tree_span(node, node))

    def _arm(self, node: LineNode) -> tuple[Statement, ...] | None:
        """The body of an arm, or None (and a problem) where nothing stands below its line."""
        try:
            return self._body(node)
        except Mismatch as mismatch:
            span = Span(node.start, node.end)
            self.problems.append(LogicProblem(mismatch.code, mismatch.message, span, NOTHING))
            return None

    def condition(self, text: str, span: Span, around: Surroundings = _NOWHERE) -> Condition | None:
        """The condition of a text, or None (and a problem) where nothing says what it means."""
        try:
            condition = self._canonical_condition(text)
        except Mismatch as mismatch:
            return self._natural_condition(text, span, around, mismatch)
        wrong = misplaced_outcome(condition, around.above, around.directive)
        if wrong is not None:
            return self._misplaced(text, span, wrong, around)
        self.bindings.append(bound(condition, text, span))
        return condition

    def _canonical_condition(self, text: str) -> Condition:
        cursor = Cursor(text, blocks=self._blocks)
        condition = read_condition(cursor)
        cursor.expect_end()
        return condition

    def _misplaced(self, text: str, span: Span, wrong: str, around: Surroundings) -> Condition | None:
        self.problems.append(LogicProblem("misplaced-outcome", wrong, span))
        self.bindings.append(Binding(span, text, None, BindingKind.UNBOUND, wrong))
        return None

    def _natural_condition(self, text: str, span: Span, around: Surroundings, mismatch: Mismatch) -> Condition | None:
        """A condition that is no form of the language: bound by the phrasebook, never taken for judgement."""
        understood = understand(text, around, self._book)
        if isinstance(understood, Understood) and understood.kind in {BindingKind.PREDICATE, BindingKind.OUTCOME}:
            self.bindings.append(understood.binding(text, span))
            return understood.condition
        at = Span(min(span.start + mismatch.at, span.end), span.end)
        code = "unknown-condition" if mismatch.code == "unknown-form" else mismatch.code
        message = f'"{shortened(text)}" is no condition of the language: {mismatch.message}'
        self.problems.append(LogicProblem(code, message, at, nearest_condition(text)))
        why = understood if isinstance(understood, str) else "judgement must be marked: you judge that"
        self.bindings.append(Binding(span, text, None, BindingKind.UNBOUND, why))
        return None

    # --- loops -------------------------------------------------------------------------------------------------------

    def _loop(self, node: LineNode) -> Statement:
        if not node.text.endswith(":"):
            raise Mismatch('":" expected at the end of the line', len(node.text))
        cursor = Cursor(node.text[:-1], blocks=self._blocks)
        span = tree_span(node, node)
        if cursor.take("FOR EACH "):
            name = cursor.name()
            cursor.expect(" in ")
            listing = read_listing(cursor)
            cursor.expect_end()
            return ForEach(name, listing, self._body(node), span)
        if cursor.take("IN FOLDER "):
            path = read_string(cursor)
            cursor.expect_end()
            return InFolder(path, self._body(node), span)
        return self._repeat(cursor, node, span)

    def _repeat(self, cursor: Cursor, node: LineNode, span: Span) -> Statement:
        cursor.expect("REPEAT up to ")
        times = cursor.integer()
        cursor.expect(" times")
        pause = None
        before = cursor.at
        if cursor.take(", ") and not cursor.sees("until "):
            pause = read_duration(cursor)
            cursor.expect(" apart")
        else:
            cursor.at = before
        until_text: str | None = None
        if cursor.take(", until "):
            until_text = cursor.rest
        else:
            cursor.expect_end()
        body = self._body(node)
        if until_text is None:
            return Repeat(times, body, pause, None, span)
        known = len(self.problems)
        until = self.condition(until_text, span_in(node, until_text))
        if until is None:
            return Opaque(self._reason(known), dedented(node), span)
        return Repeat(times, body, pause, until, span)

    # --- delegations -------------------------------------------------------------------------------------------------

    def _delegation(self, nodes: list[LineNode], at: int, delegate: Delegate) -> tuple[int, Delegate]:
        used = 1
        while at + used < len(nodes):
            node = nodes[at + used]
            further = None if node.children or self._is_effect(node) else self._delegation_line(node, delegate)
            if further is None:
                break
            delegate = further
            used += 1
        return used, replace(delegate, span=tree_span(nodes[at], nodes[at + used - 1]))

    def _delegation_line(self, node: LineNode, delegate: Delegate) -> Delegate | None:
        try:
            return read_delegation_line(Cursor(node.text, blocks=self._blocks), delegate)
        except Mismatch:
            return None

    def _is_effect(self, node: LineNode) -> bool:
        """Whether the line is a whole statement of its own (`REQUEST: … from …`, `WAIT: for … to equal …`)."""
        return self._attempt(lambda: read_directive(Cursor(node.text, blocks=self._blocks), Span(0, 0))) is not None

    @staticmethod
    def _attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Mismatch:
            return None

    # --- problems ----------------------------------------------------------------------------------------------------

    def _opaque(self, node: LineNode, code: str, message: str, nearest: str | None = None) -> Statement:
        """A line with a problem: no statement that could be run, rewritten or proved."""
        problem = LogicProblem(code, message, Span(node.start, node.end), nearest)
        self.problems.append(problem)
        return Opaque(_with_nearest(problem), dedented(node), tree_span(node, node))


def _with_nearest(problem: LogicProblem) -> str:
    return problem.message + (f" (nearest form: {problem.nearest})" if problem.nearest else "")


def bound(condition: Condition, text: str, span: Span) -> Binding:
    """The binding of a condition that is written in the language itself."""
    nodes = list(walk(condition))
    if any(isinstance(node, Decide) for node in nodes):
        return Binding(span, text, condition, BindingKind.DECIDE, "marked as judgement")
    if any(isinstance(node, UserAnswer) for node in nodes):
        return Binding(span, text, condition, BindingKind.ASK, "asks the user")
    if any(isinstance(node, OutcomeIs | ExitCodeIs) for node in nodes):
        return Binding(span, text, condition, BindingKind.OUTCOME, "names how the directive above ended")
    return Binding(span, text, condition, BindingKind.PREDICATE, "a form of the language")


def dedented(node: LineNode) -> str:
    """The lines of a tree, indented by two blanks a level."""
    lines: list[str] = []
    stack: list[tuple[int, LineNode, LineNode | None]] = [(0, node, None)]
    while stack:
        level, current, following = stack.pop()
        lines.append("  " * level + written_before(current, following))
        below = zip(current.children, [*current.children[1:], None], strict=True) if current.children else ()
        stack.extend(reversed([(level + 1, child, after) for child, after in below]))
    return "\n".join(lines)


def tree_span(first: LineNode, last: LineNode) -> Span:
    """From the start of a line to the end of what stands below another."""
    return Span(first.start, last.last.end)


def span_in(node: LineNode, text: str) -> Span:
    """Where a part of the line stands in the line as written."""
    at = max(node.source.find(text), 0)
    start = min(node.start + at, node.end)
    return Span(start, min(start + len(text), node.end))


def _first_word(line: str) -> str:
    found = DIRECTIVE_WORD.match(line)
    return found[1] if found else line.split(" ", 1)[0]

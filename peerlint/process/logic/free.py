"""Reading where people write freely: prose is work for the agent, a question, or a note; never an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

from peerlint.patterns import regex
from peerlint.process.logic.cursor import Cursor, Mismatch
from peerlint.process.logic.directives import read_delegation_line
from peerlint.process.logic.effect_lines import asked_in_head, checked_effect, effect_lines
from peerlint.process.logic.free_flow import FlowReader, has_logic, task
from peerlint.process.logic.lines import LineNode
from peerlint.process.logic.names import Names
from peerlint.process.logic.natural import Surroundings, Understood, understand
from peerlint.process.logic.people import (
    blocked_until,
    case_label,
    checked,
    context_input,
    directive_word,
    free_rewrites,
    is_failure_arm,
    is_note,
    is_shell,
    quoted_text,
    timeout,
    used_subagent,
)
from peerlint.process.logic.reading import Binding, BindingKind
from peerlint.process.logic.structure import dedented, tree_span
from peerlint.process.logic.texts import template_of_string
from peerlint.process.model import (
    Branch,
    Check,
    Condition,
    Decide,
    Delegate,
    Do,
    Equals,
    If,
    Input,
    Note,
    Opaque,
    Ref,
    Run,
    Shell,
    Statement,
    Text,
)
from peerlint.process.phrases import Phrasebook
from peerlint.records import replace
from peerlint.source.text import Span

#: A head that says nothing of its own about the lines below.
_ONLY_HOLDS = regex(r"DO:?|(?:BEFORE|AFTER|DURING)\s.*|(?:STEPS|LOGIC|ACTIONS|PROCEDURE):?")


class FreeReader(FlowReader):
    """Reads one tree of lines as people write them. `calls` are the lines that state shell, by where they begin."""

    def __init__(self, blocks: Mapping[str, str], book: Phrasebook, names: Names, calls: Mapping[int, Shell]) -> None:
        super().__init__(blocks, book, names)
        self._calls = calls

    def _is_uneven(self, node: LineNode, first: LineNode) -> bool:
        """People indent as they like."""
        return False

    # --- conditions --------------------------------------------------------------------------------------------------

    def _around(self, nodes: list[LineNode], at: int, above: Statement | None) -> Surroundings:
        around = replace(super()._around(nodes, at, above), subject=self._subject)
        self._subject = None
        return around

    def _misplaced(self, text: str, span: Span, wrong: str, around: Surroundings) -> Condition | None:
        return self._understood(text, span, around)

    def _natural_condition(self, text: str, span: Span, around: Surroundings, mismatch: Mismatch) -> Condition | None:
        if is_shell(text):
            return super()._natural_condition(text, span, around, mismatch)
        return self._understood(text, span, around)

    # --- lines -------------------------------------------------------------------------------------------------------

    def _other(
        self, nodes: list[LineNode], at: int, above: Statement | None, mismatch: Mismatch
    ) -> tuple[int, list[Statement]]:
        node = nodes[at]
        span = tree_span(node, node)
        if (flow := self._flow(nodes, at, above)) is not None:
            return 1, flow
        if not node.children and (rewritten := self._rewritten(node)) is not None:
            return 1, rewritten
        if (label := case_label(node.text)) is not None and node.children:
            return 1, [self._case(node, label, span)]
        if (used := used_subagent(node.text)) is not None and not node.children:
            return self._use(nodes, at, *used)
        if is_failure_arm(node.text) and node.children:
            return 1, [self._failure_arm(node, self._around(nodes, at, above), span)]
        if is_shell(node.text):
            return 1, [self._opaque(node, "shell", "shell among directives")]
        if has_logic(node) or (node.children and _ONLY_HOLDS.fullmatch(node.text)):
            return 1, [Note(node.text, Span(node.start, node.end)), *self._body(node)]
        return 1, [self._prose(nodes, at, span)]

    def _rewritten(self, node: LineNode) -> list[Statement] | None:
        span = Span(node.start, node.end)
        if (lines := effect_lines(node.text, self._names.values.keys())) is not None:
            with suppress(Mismatch):
                return [self._canonical(replace(node, text=line)) for line in lines]
        for text in free_rewrites(node.text):
            with suppress(Mismatch):
                return [self._canonical(replace(node, text=text))]
        context = context_input(node.text)
        return None if context is None else [Input(*context, span)]

    def _case(self, node: LineNode, label: str, span: Span) -> Statement:
        """A case of a choice: bound where just one variable of the file is ever set to its label."""
        holders = self._names.holders_of(label)
        at = Span(node.start, node.end)
        if len(holders) == 1:
            condition: Condition = Equals(Ref(holders[0]), Text.of(label))
            why = f"only {holders[0]} is ever set to {label}"
            self.bindings.append(Binding(at, label, condition, BindingKind.PREDICATE, why))
        else:
            among = " or ".join(holders)
            why = f"ambiguous: {among}" if holders else f"nothing in this file is set to {label}"
            condition = self._unbound(label, at, why)
        return If((Branch(condition, self._body(node), span),), None, span)

    def _prose(self, nodes: list[LineNode], at: int, span: Span) -> Statement:
        node = nodes[at]
        text = dedented(node)
        if not node.children and (awaited := blocked_until(node.text)) is not None:
            return self._question(nodes, at, awaited, must_hold=True)
        if not node.children and (question := checked(node.text)) is not None:
            return self._question(nodes, at, *question)
        if directive_word(node.text) is None or is_note(node.text):
            return Note(text, span)
        return task(text, span)

    def _question(self, nodes: list[LineNode], at: int, text: str, must_hold: bool) -> Statement:
        """`VERIFY: …` must hold, unless an IF below asks how it went; `EVALUATE: …` is work then."""
        node = nodes[at]
        span = Span(node.start, node.end)
        if (effect := self._asked_effect(node, text)) is not None:
            return effect
        understood = understand(_ASKED.sub("", text), Surroundings(names=self._names), self._book)
        subject = understood.condition if isinstance(understood, Understood) else Decide(text)
        if at + 1 < len(nodes) and nodes[at + 1].text.startswith("IF "):
            self._subject = subject
            return Note(node.text, span)
        if not must_hold:
            return task(node.text, span)
        if isinstance(understood, Understood):
            self.bindings.append(understood.binding(text, span))
        else:
            self._unbound(text, span, understood)
        return Check(subject, span)

    def _asked_effect(self, node: LineNode, text: str) -> Statement | None:
        """A question about the server or a bucket: an effect that the IF below asks about."""
        line = checked_effect(text)
        if line is None:
            return None
        with suppress(Mismatch):
            return self._canonical(replace(node, text=line))
        return None

    def _failure_arm(self, node: LineNode, around: Surroundings, span: Span) -> Statement:
        condition = self.condition("fails", Span(node.start, node.end), around)
        body = self._body(node)
        if condition is None:
            return Opaque("condition not understood", dedented(node), span)
        return If((Branch(condition, body, span),), None, span)

    # --- delegations -------------------------------------------------------------------------------------------------

    def _use(self, nodes: list[LineNode], at: int, name: str, work: str | None) -> tuple[int, list[Statement]]:
        used, delegate = self._delegation(nodes, at, Delegate(name))
        if work is not None and delegate.request is None:
            delegate = replace(delegate, request=template_of_string(quoted_text(work)[1:-1]))
        elif work is not None:
            delegate = replace(delegate, process=(work, *delegate.process))
        return used, [delegate]

    def _delegation_line(self, node: LineNode, delegate: Delegate) -> Delegate | None:
        further = super()._delegation_line(node, delegate)
        word, colon, text = node.text.partition(":")
        if further is None and word in {"REQUEST", "PROMPT", "TASK"} and colon and text.strip():
            quoted = Cursor(f"REQUEST: {quoted_text(text.strip().strip(chr(34)))}")
            with suppress(Mismatch):
                return read_delegation_line(quoted, delegate)
        return further

    # --- bodies ------------------------------------------------------------------------------------------------------

    def _statement(self, nodes: list[LineNode], at: int, above: Statement | None) -> tuple[int, list[Statement]]:
        subject = self._subject
        if (asked := asked_in_head(nodes[at].text)) is not None:
            return self._asked_in_head(nodes, at, *asked)
        used, statements = super()._statement(nodes, at, above)
        if (call := self._calls.get(nodes[at].start)) is not None and not nodes[at].children:
            return 1, [self._called(nodes[at], call, statements)]
        if not (statements and isinstance(statements[-1], If) and _asks_again(nodes, at + used)):
            self._subject = None if self._subject is subject else self._subject
        elif subject is not None:
            # A second IF right below asks about the same.
            self._subject = subject
        return used, statements

    def _called(self, node: LineNode, call: Shell, statements: list[Statement]) -> Statement:
        """Shell where the agent comes along in any case; a directive that runs a command is that directive."""
        if len(statements) == 1 and isinstance(statements[0], Do) and isinstance(statements[0].effect, Run):
            return statements[0]
        if self._depth:
            return self._cannot(node, "shell below a condition or in a loop: RUN with the command in backticks")
        return call

    def _asked_in_head(self, nodes: list[LineNode], at: int, effect: str, head: str) -> tuple[int, list[Statement]]:
        """An IF that names a bucket or key which no directive above asks for: the question, then the IF."""
        question = self._canonical(replace(nodes[at], text=effect))
        used, chain = super()._statement([replace(nodes[at], text=head), *nodes[at + 1 :]], 0, question)
        return used, [question, *chain]

    def statements(self, nodes: list[LineNode]) -> tuple[Statement, ...]:
        """The statements of sibling lines; a TIMEOUT line belongs to the directive above it."""
        return super().statements(_with_timeouts(nodes))


_ASKED = regex(r"(?:(?:that|whether|if)\s+)(?=\S)", re.IGNORECASE)


def _asks_again(nodes: list[LineNode], at: int) -> bool:
    return at < len(nodes) and nodes[at].text.startswith("IF ")


def _with_timeouts(nodes: list[LineNode]) -> list[LineNode]:
    merged: list[LineNode] = []
    for node in nodes:
        clause = timeout(node.text)
        if clause is not None and merged and merged[-1].text.startswith("WAIT") and ", within" not in merged[-1].text:
            merged[-1] = replace(merged[-1], text=merged[-1].text + clause, end=node.end)
        else:
            merged.append(node)
    return merged

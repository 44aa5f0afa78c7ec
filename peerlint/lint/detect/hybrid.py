"""The fix of PL107: conditions of the logic that are shell tests, in the words of the language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context
from peerlint.lint.diagnostics import Applicability, Fix
from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import AndOr, Command, DoubleBracket, Literal, Negated, Parameter, Simple, Word
from peerlint.process.build import StepReading
from peerlint.process.logic import Unrenderable, parse_logic, render_condition
from peerlint.process.model import (
    All,
    AnyOf,
    Compare,
    Condition,
    Equals,
    IsEmpty,
    Not,
    Number,
    Opaque,
    Order,
    PathEmpty,
    PathExists,
    PathKind,
    Ref,
    Text,
    Value,
    walk,
)
from peerlint.records import dataclass
from peerlint.source.document import Node
from peerlint.source.text import Edit, Span, apply_edits

_HEAD = regex(r"^(?P<word>IF|ELSE IF|ELIF)\s+(?P<test>!?\s*\[.*?)\s*(?P<then>;\s*then\b)?\s*:?$")
#: The same with what is to be done in the same line, also as an item of a list.
_INLINE = regex(
    r"^(?:[-*+] |\d+[.)] )?(?P<word>IF|ELSE IF|ELIF)\s+(?P<test>!?\s*\[.*?\]\]?)\s*"
    r"(?:;\s*then\b)?\s*:\s+(?P<rest>\S.*)$"
)
_ELSE = regex(r"^(?:ELSE|else)\s*:?$")
_END = regex(r"^(?:fi|FI|ENDIF|END IF)$")
_SAID = regex(r"^(?:DISPLAY|WARN|ERROR|PROVIDE|ASK)\s*:")
_VARIABLE = regex(r"\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))")
_NAME = regex(r"[A-Z][A-Z0-9_]*")
_ORDERS = {"-gt": Order.GREATER, "-ge": Order.AT_LEAST, "-lt": Order.LESS, "-le": Order.AT_MOST}
_PATHS = {"-f": PathKind.FILE, "-d": PathKind.FOLDER}


def in_words(context: Context, node: Node) -> Fix | None:
    """The tests of the whole block in words, and `then` and `fi` gone; None where a person has to decide.

    Only where each line of the block is logic then. Nothing but the agent reads such a block, so it is safe.
    """
    step = context.file.step_at(node.span)
    inline = _INLINE.match(context.document.text(node.span).strip())
    if inline is not None:
        return _in_one_line(context, node, inline)
    span = _block(context, step, node) if step is not None else None
    if step is None or span is None:
        return None
    text = context.document.text(span)
    edits = _edits(text)
    if edits is None:
        return None
    after = parse_logic(apply_edits(text, edits), blocks={name: found.text for name, found in step.blocks.items()})
    if after.problems or any(isinstance(statement, Opaque) for statement in walk(after.statements)):
        return None
    placed = tuple(Edit(Span(e.span.start + span.start, e.span.end + span.start), e.content) for e in edits)
    return Fix(Applicability.SAFE, "Write the tests of this block in words", placed, reveals=True)


def _in_one_line(context: Context, node: Node, found: re.Match[str]) -> Fix | None:
    """`IF [ -f go.mod ]: use go`: only the test is half shell, and what is to be done stays as it is."""
    condition = None if "$" in found["rest"] else _rendered(found["test"])
    if condition is None:
        return None
    text = context.document.text(node.span)
    start = node.span.start + len(text) - len(text.lstrip()) + found.start("word")
    end = node.span.start + len(text) - len(text.lstrip()) + found.start("rest")
    word = "IF" if found["word"] == "IF" else "ELSE IF"
    edit = Edit(Span(start, end), f"{word} {condition}: ")
    return Fix(Applicability.SAFE, "Write the test of this line in words", (edit,))


def _block(context: Context, step: StepReading, node: Node) -> Span | None:
    """The lines that belong together: logic, or what was read as shell, with the `fi` right behind it."""
    holding = [container.span for container in step.logic] + [call.span for call in step.shell]
    block = min((span for span in holding if span.contains(node.span)), key=len, default=None)
    if block is None:
        return None
    lines = context.document.source.lines
    end = block.end
    while end < len(context.document.source.text):
        row = lines.row_span(lines.position(end).row)
        if row.start < end or not _END.match(context.document.text(row).strip()):
            break
        end = row.end
    return Span(lines.row_span(lines.position(block.start).row).start, end)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a block: its place with the line end, the place of its words, and these."""

    whole: Span
    words: Span
    text: str


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for raw in text.splitlines(keepends=True):
        words = raw.strip()
        at = start + len(raw) - len(raw.lstrip())
        yield _Line(Span(start, start + len(raw)), Span(at, at + len(words)), words)
        start += len(raw)


def _edits(text: str) -> list[Edit] | None:
    """What makes a block logic; None where a test has no words of its own, or a `$` would be left."""
    edits: list[Edit] = []
    for line in _lines(text):
        head = _HEAD.match(line.text)
        if head is not None:
            condition = _rendered(head["test"])
            if condition is None:
                return None
            edits.append(Edit(line.words, f"{'IF' if head['word'] == 'IF' else 'ELSE IF'} {condition}:"))
        elif _ELSE.match(line.text):
            edits.append(Edit(line.words, "ELSE:"))
        elif _END.match(line.text):
            edits.append(Edit(line.whole, ""))
        elif "$" in line.text:
            said = _VARIABLE.sub(lambda name: f"[{name[1] or name[2]}]", line.text)
            if "$" in said or not _SAID.match(line.text):
                return None
            edits.append(Edit(line.words, said))
    return [edit for edit in edits if edit.content != text[edit.span.start : edit.span.end]]


def _rendered(test: str) -> str | None:
    commands = parse_bash(test).commands
    condition = _condition(commands[0]) if len(commands) == 1 else None
    try:
        return render_condition(condition) if condition is not None else None
    except Unrenderable:
        return None


def _condition(command: Command) -> Condition | None:
    """A test as a condition that holds exactly when it does."""
    if isinstance(command, Negated):
        inner = _condition(command.command)
        return Not(inner) if inner is not None else None
    if isinstance(command, AndOr):
        operators = {operator for operator, _ in command.rest}
        parts = [_condition(part) for part in (command.first, *(part for _, part in command.rest))]
        known = tuple(part for part in parts if part is not None)
        if len(operators) != 1 or len(known) != len(parts):
            return None
        return All(known) if operators == {"&&"} else AnyOf(known)
    if isinstance(command, DoubleBracket):
        return _test(command.words, double=True)
    if isinstance(command, Simple) and command.name == "[" and command.words[-1].literal == "]":
        return _test(command.words[1:-1], double=False)
    return None


def _test(words: tuple[Word, ...], *, double: bool) -> Condition | None:
    if len(words) > 1 and words[0].literal == "!":
        inner = _test(words[1:], double=double)
        return Not(inner) if inner is not None else None
    if len(words) == 2:
        return _unary(words[0].literal, _value(words[1]))
    if len(words) != 3:
        return None
    operator, left, right = words[1].literal, _value(words[0]), _value(words[2])
    # Behind `==` in `[[ … ]]` stands a pattern, unless it is quoted.
    is_pattern = double and operator in ("=", "==", "!=") and not words[2].is_quoted and words[2].literal is None
    if left is None or right is None or is_pattern:
        return None
    if operator in ("=", "==", "!="):
        same: Condition = IsEmpty(left) if right == Text() else Equals(left, right)
        return Not(same) if operator == "!=" else same
    if operator in ("-eq", "-ne", *_ORDERS):
        numbers = _number(left), _number(right)
        if operator in _ORDERS:
            return Compare(_ORDERS[operator], *numbers)
        return Not(Equals(*numbers)) if operator == "-ne" else Equals(*numbers)
    return None


def _unary(operator: str | None, value: Value | None) -> Condition | None:
    if value is None:
        return None
    if operator in ("-z", "-n") and isinstance(value, Ref):
        return IsEmpty(value) if operator == "-z" else Not(IsEmpty(value))
    path = Text((value,)) if isinstance(value, Ref) else value
    if not isinstance(path, Text):
        return None
    if operator in _PATHS:
        return PathExists(_PATHS[operator], path)
    return Not(PathEmpty(PathKind.FILE, path)) if operator == "-s" else None


def _value(word: Word) -> Value | None:
    """A word that is one name in capitals, or a text without any."""
    if word.literal is not None:
        return Text((word.literal,) if word.literal else ())
    if len(word.parts) != 1 or not isinstance(word.parts[0], Parameter):
        return _with_names(word)
    only = word.parts[0]
    return Ref(only.name) if not only.operator and _NAME.fullmatch(only.name) else None


def _with_names(word: Word) -> Value | None:
    parts: list[str | Ref] = []
    for part in word.parts:
        if isinstance(part, Parameter) and not part.operator and _NAME.fullmatch(part.name):
            parts.append(Ref(part.name))
        elif isinstance(part, Literal):
            parts.append(part.text)
        else:
            return None
    return Text(tuple(parts))


def _number(value: Value) -> Value:
    """A decimal literal as a number; a name stays one."""
    literal = value.literal if isinstance(value, Text) else None
    return Number(int(literal)) if literal is not None and re.fullmatch(r"-?\d+", literal) else value

"""Argument loops: `for arg in "$@"; do case "$arg" in --flag=*) … esac; done`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.values import Out
from peerlint.process.bash.tree import (
    Assignment,
    Case,
    CaseArm,
    Command,
    For,
    Glob,
    Literal,
    Parameter,
    Simple,
    Word,
    matcher_of,
    walk,
)
from peerlint.process.model import (
    Branch,
    FlagValue,
    If,
    IsMissing,
    Not,
    OtherArgument,
    Provided,
    Ref,
    Set,
    Statement,
    Text,
)
from peerlint.process.trees import with_parts
from peerlint.records import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    # `typing` takes long to load.
    Protocol = object


class _Translator(Protocol):
    """What the loop needs of the translation."""

    def statements(self, commands: tuple[Command, ...], scope: Scope, *, tail: bool) -> list[Statement]:
        """The commands as statements."""

    def text(self, word: Word | None, scope: Scope, out: Out, *, splits: bool = False) -> Text:
        """A word as text."""


def lower_argument_loop(translate: _Translator, command: For, scope: Scope, out: Out) -> bool:
    """Append what an argument loop does; False where the loop is none. Raises Beyond."""
    if not over_arguments(command):
        return False
    if not scope.arguments_of_process:
        raise Beyond("an argument loop over arguments that are not those of the process", command.span, scope.source)
    body = command.body
    if len(body) != 1 or not isinstance(body[0], Case) or not _is_parameter(body[0].subject, command.name):
        raise Beyond("an argument loop that does more than choose by flag", command.span, scope.source)
    flags: list[str] = []
    others: CaseArm | None = None
    for arm in body[0].arms:
        if len(arm.patterns) != 1:
            raise Beyond("an argument with two spellings", arm.span, scope.source)
        flag = _flag(arm.patterns[0])
        if flag is None:
            raise Beyond("an argument that is no flag", arm.span, scope.source)
        if flag == "*":
            others = arm
            continue
        flags.append(flag)
    refusal = _refusal(translate, others, flags, command, scope)
    # An argument that is refused ends the script before anything else is said, wherever it stands.
    out.extend(refusal)
    for arm in body[0].arms:
        flag = _flag(arm.patterns[0])
        if flag and flag != "*":
            _take(translate, arm, flag, command.name, scope, out)
    return True


def over_arguments(command: For) -> bool:
    """Whether a loop goes through the arguments of its script or function."""
    if command.words is None:
        return True
    part = command.words[0].parts[0] if len(command.words) == 1 and len(command.words[0].parts) == 1 else None
    return isinstance(part, Parameter) and part.name in ("@", "*")


def arms_chosen(command: For, arguments: Sequence[Text]) -> list[tuple[Text, CaseArm | None]] | None:
    """The arm that each argument chooses, where the loop only chooses by arguments that are known; else None."""
    body = command.body
    if len(body) != 1 or not isinstance(body[0], Case) or not _is_parameter(body[0].subject, command.name):
        return None
    leaves = (node.name for node in walk(body) if isinstance(node, Simple))
    if any(argument.literal is None for argument in arguments) or _LEAVE_THE_TURN & set(leaves):
        return None
    arms = [(matcher_of(arm.patterns), arm) for arm in body[0].arms]
    if any(patterns is None or arm.end != ";;" for patterns, arm in arms):
        return None
    chosen = []
    for argument in arguments:
        text = argument.literal or ""
        chosen.append((argument, next((arm for patterns, arm in arms if patterns and patterns.fullmatch(text)), None)))
    return chosen


def with_argument(node: Any, name: str, text: str) -> Any:
    """Commands, where assignments have what a known argument makes of `$name` and `${name#*=}`."""
    if not isinstance(node, Assignment):
        return with_parts(node, lambda part: with_argument(part, name, text))
    if node.value is None:
        return node
    parts = tuple(_told(part, text) if getattr(part, "name", None) == name else part for part in node.value.parts)
    return replace(node, value=replace(node.value, parts=parts))


def _told(part: Any, text: str) -> Any:
    """The literal that a parameter comes to where it holds the text; the parameter itself where that is not told."""
    if not isinstance(part, Parameter) or part.operator not in ("", "#", "##", "%", "%%"):
        return part
    pattern = None if part.argument is None else matcher_of((part.argument,))
    if part.operator and pattern is None:
        return part
    return Literal(text if pattern is None else _cut(text, part.operator, pattern), quoted=True)


def _cut(text: str, operator: str, pattern: re.Pattern[str]) -> str:
    """The text without the shortest part at one end that the pattern matches, or the longest (`##`, `%%`)."""
    ends = range(len(text) + 1) if operator in ("#", "%%") else range(len(text), -1, -1)
    if operator.startswith("#"):
        return next((text[at:] for at in ends if pattern.fullmatch(text[:at])), text)
    return next((text[:at] for at in ends if pattern.fullmatch(text[at:])), text)


_LEAVE_THE_TURN = frozenset({"break", "continue", "shift"})


def _is_parameter(word: Word, name: str) -> bool:
    return (
        len(word.parts) == 1
        and isinstance(part := word.parts[0], Parameter)
        and part.name == name
        and not part.operator
    )


def _flag(pattern: Word) -> str | None:
    """`--flag=` for a pattern that takes a value, `--flag`, `*`, or None."""
    parts = pattern.parts
    if len(parts) == 1 and isinstance(parts[0], Glob) and parts[0].text == "*":
        return "*"
    if len(parts) == 2 and isinstance(parts[0], Literal) and isinstance(parts[1], Glob) and parts[1].text == "*":
        return parts[0].text if re.fullmatch(r"--[a-z][a-z0-9-]*=", parts[0].text) else None
    literal = pattern.literal
    return literal if literal and re.fullmatch(r"--[a-z][a-z0-9-]*", literal) else None


def _refusal(
    translate: _Translator, arm: CaseArm | None, flags: list[str], command: For, scope: Scope
) -> list[Statement]:
    """What is done with an argument that no flag takes."""
    if arm is None or not arm.body or all(isinstance(c, Simple) and c.name in (":", "true") for c in arm.body):
        return []
    body = translate.statements(arm.body, scope, tail=False)
    last = arm.body[-1]
    if not isinstance(last, Simple) or last.name != "exit":
        raise Beyond("arguments that no flag takes are used", arm.span, scope.source)
    name = scope.name_of(command.name)
    taken: list[Statement] = [Set(Ref(name), OtherArgument(tuple(flags)), span=arm.span)]
    return [*taken, If((Branch(Not(IsMissing(Ref(name))), tuple(body), arm.span),), None, arm.span)]


def _take(translate: _Translator, arm: CaseArm, flag: str, variable: str, scope: Scope, out: Out) -> None:
    """What one flag sets."""
    assignment = _only_assignment(arm.body)
    if assignment is None:
        raise Beyond(f"{flag} does more than set a variable", arm.span, scope.source)
    name = scope.name_of(assignment.name)
    before = _value_before(out, name)
    if not flag.endswith("="):
        scratch: Out = []
        value = translate.text(assignment.value, scope, scratch)
        if scratch or value.literal is None:
            raise Beyond(f"{flag} sets a computed value", arm.span, scope.source)
        otherwise: tuple[Statement, ...] | None = None
        if before is not None:
            out.remove(before)
            otherwise = (before,)
        given = Branch(Provided(flag), (Set(Ref(name), value, span=arm.span),), arm.span)
        out.append(If((given,), otherwise, arm.span))
        return
    if not _is_value_of(assignment.value, variable, flag):
        raise Beyond(f"{flag} sets something else than its value", arm.span, scope.source)
    if before is not None and before.value != Text():
        default = If((Branch(IsMissing(Ref(name)), (before,), arm.span),), None, arm.span)
        out.remove(before)
        out.extend([Set(Ref(name), FlagValue(flag[:-1]), span=arm.span), default])
        return
    if before is not None:
        out.remove(before)
    out.append(Set(Ref(name), FlagValue(flag[:-1]), span=arm.span))


def _only_assignment(body: tuple[Command, ...]) -> Assignment | None:
    commands = [c for c in body if not (isinstance(c, Simple) and c.name in (":", "shift"))]
    if len(commands) != 1 or not isinstance(commands[0], Simple) or commands[0].words:
        return None
    return commands[0].assignments[0] if len(commands[0].assignments) == 1 else None


def _is_value_of(word: Word | None, variable: str, flag: str) -> bool:
    """`${arg#*=}`, `${arg#--flag=}`."""
    part = word.parts[0] if word is not None and len(word.parts) == 1 else None
    if not isinstance(part, Parameter) or part.name != variable or part.operator != "#" or part.argument is None:
        return False
    pattern = "".join(getattr(p, "text", "?") for p in part.argument.parts)
    return pattern in ("*=", flag)


def _value_before(out: Out, name: str) -> Set | None:
    for statement in reversed(out):
        if isinstance(statement, Set) and statement.target == Ref(name):
            return statement
    return None

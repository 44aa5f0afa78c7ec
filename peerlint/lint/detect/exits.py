"""Which commands of a call end it with an error: `exit 1`, `exit "$rc"` where something has failed, and `die "…"`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    Case,
    Command,
    DoubleBracket,
    Function,
    Group,
    IfCommand,
    Negated,
    Parameter,
    Redirected,
    Script,
    Simple,
    Word,
    walk,
)
from peerlint.records import dataclass
from peerlint.source.text import Span

#: What people call a function that complains and ends the call; its code is often an argument.
_ENDS_BY_NAME = regex(r"(?:die|fail|fatal|abort|bail|panic|croak|err|error)(?:_?(?:exit|out|with|and_exit))?$")
_IS_NOT_ZERO = frozenset({"-ne", "!=", "-gt"})
_IS_ZERO = frozenset({"-eq", "=", "==", "-lt"})
_ARITHMETIC_ZERO = regex(r"(==|!=|>)\s*0\s*$")


@dataclass(frozen=True, slots=True)
class FailingExit:
    """A command that ends its call with an error; `by_function` where that is the call of a function which does."""

    span: Span
    by_function: bool = False


def failing_exits(script: Script) -> list[FailingExit]:
    """The commands that end the call with an error, in the order of the text; a function counts where it is called."""
    functions = [node for node in walk(script.commands) if isinstance(node, Function)]
    bodies = [id(function.body) for function in functions]
    found = [FailingExit(span) for span in _exits(script.commands, bodies)]
    for function in functions:
        if _ends_with_an_error(function):
            found += [
                FailingExit(command.span, by_function=True)
                for command in walk(script.commands)
                if isinstance(command, Simple) and command.name == function.name
                if not function.span.contains(command.span)
            ]
    return sorted(set(found), key=lambda leave: (leave.span.start, leave.span.end))


def _ends_with_an_error(function: Function) -> bool:
    if any(True for _ in _exits((function.body,), ())):
        return True
    if not _ENDS_BY_NAME.match(function.name):
        return False
    return any(isinstance(node, Simple) and node.name == "exit" and not _is_success(node) for node in walk(function))


def _is_success(leave: Simple) -> bool:
    return len(leave.words) > 1 and leave.words[1].literal == "0"


def _exits(commands: Sequence[Command], leaving_out: Collection[int]) -> Iterator[Span]:
    """Each `exit` with an error: by its number, or with a status, where the call comes to it after a failure."""
    nodes = list(walk(commands, leaving_out=leaving_out))
    after_failure = {id(leave): first for node in nodes for first, leave in _only_after_failure(node)}
    for node in nodes:
        if isinstance(node, Simple) and node.name == "exit":
            code = node.words[1] if len(node.words) > 1 else None
            is_first = after_failure.get(id(node))
            if _is_number(code) or (is_first is not None and _keeps_the_status(code, is_first=is_first)):
                yield node.span


def _is_number(code: Word | None) -> bool:
    """Whether a code is a number that is not 0, or one unless an argument says something else (`${2:-1}`)."""
    if code is None:
        return False
    literal = code.literal
    if literal is None and len(code.parts) == 1 and isinstance(part := code.parts[0], Parameter):
        literal = part.argument.literal if part.argument is not None and part.operator in (":-", "-") else None
    return literal is not None and literal.isdigit() and int(literal) != 0


def _keeps_the_status(code: Word | None, *, is_first: bool) -> bool:
    """Whether an exit behind a failure hands its status on: in a name, or right behind it as `$?` or unsaid."""
    if code is None:
        return is_first
    parameters = [part for part in code.parts if isinstance(part, Parameter)]
    if len(parameters) != 1 or len(code.parts) != 1 or parameters[0].operator:
        return False
    return is_first if parameters[0].name == "?" else parameters[0].name[0].isalpha() or parameters[0].name[0] == "_"


def _only_after_failure(node: Command) -> Iterator[tuple[bool, Simple]]:
    """The exits right below a command to which only a failure leads, each with whether it stands first there."""
    match node:
        case AndOr():
            before: Command = node.first
            for operator, command in node.rest:
                if operator == "||":
                    # A test that fails says nothing of a status that it does not compare.
                    says_nothing = _is_test(before) and not _says_zero(before)
                    yield from (
                        pair for pair in _exits_of((command,)) if not (says_nothing and _hands_on_a_name(pair[1]))
                    )
                elif _says_not_zero(before):
                    yield from ((False, leave) for _, leave in _exits_of((command,)))
                before = command
        case IfCommand():
            for arm in node.arms:
                if arm.condition and (isinstance(arm.condition[-1], Negated) or _says_not_zero(arm.condition[-1])):
                    # Behind `!` the status is that of the negation, which is 0.
                    yield from ((False, leave) for _, leave in _exits_of(arm.body))
            last = node.arms[-1].condition[-1] if node.arms and node.arms[-1].condition else None
            if node.otherwise is not None and last is not None and not isinstance(last, Negated):
                is_test = _is_test(last)
                if not is_test or _says_zero(last):
                    yield from ((first and not is_test, leave) for first, leave in _exits_of(node.otherwise))
        case Case():
            if any(isinstance(part, Parameter) for part in node.subject.parts) and _tells_zero_apart(node):
                for case in node.arms:
                    if "0" not in (pattern.literal for pattern in case.patterns):
                        yield from ((False, leave) for _, leave in _exits_of(case.body))
        case _:
            return


def _exits_of(commands: Sequence[Command]) -> Iterator[tuple[bool, Simple]]:
    """The exits of a list and of the groups in it, each with whether it is the first command."""
    for index, command in enumerate(commands):
        current = command.command if isinstance(command, Redirected) else command
        if isinstance(current, Simple) and current.name == "exit":
            yield index == 0, current
        elif isinstance(current, Group):
            yield from ((first and index == 0, leave) for first, leave in _exits_of(current.body))


def _hands_on_a_name(leave: Simple) -> bool:
    parts = leave.words[1].parts if len(leave.words) > 1 else ()
    return any(isinstance(part, Parameter) and part.name != "?" for part in parts)


def _tells_zero_apart(node: Case) -> bool:
    return any(pattern.literal == "0" for arm in node.arms for pattern in arm.patterns)


def _is_test(command: Command) -> bool:
    is_call = isinstance(command, Simple) and command.name in ("[", "test")
    return is_call or isinstance(command, (DoubleBracket, ArithmeticCommand))


def _says_not_zero(command: Command) -> bool:
    return _compared_with_zero(command, _IS_NOT_ZERO, ("!=", ">", None))


def _says_zero(command: Command) -> bool:
    return _compared_with_zero(command, _IS_ZERO, ("==",))


def _compared_with_zero(command: Command, operators: Collection[str], signs: Collection[str | None]) -> bool:
    """Whether a command tests a name or `$?` against 0 with one of the operators."""
    if isinstance(command, ArithmeticCommand):
        found = _ARITHMETIC_ZERO.search(command.expression)
        is_name = re.fullmatch(r"\s*\$?[A-Za-z_]\w*\s*", command.expression) is not None
        return found[1] in signs if found else (None in signs and is_name)
    if not _is_test(command) or not isinstance(command, (Simple, DoubleBracket)):
        return False
    words = command.words
    at = next((index for index, word in enumerate(words) if word.literal in operators), None)
    if at is None or not 0 < at < len(words) - 1:
        return False
    has_name = any(isinstance(part, Parameter) for part in words[at - 1].parts)
    return has_name and words[at + 1].literal == "0"

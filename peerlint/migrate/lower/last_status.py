"""The status of a loop at the end of a script: that of the last command of its last turn, kept under a name.

The body is changed as a tree of bash, so that what it says is translated like all else: each way through it ends with
`NAME=0`, `NAME=1` or `NAME=$?`. `break` and `continue` succeed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.process.bash.tree import (
    AndOr,
    Arm,
    Assignment,
    Case,
    Command,
    For,
    Function,
    Glob,
    Group,
    IfCommand,
    Literal,
    Loop,
    Negated,
    Parameter,
    Redirected,
    Simple,
    Subshell,
    Substitution,
    Word,
)
from peerlint.process.trees import with_parts
from peerlint.records import replace
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Commands that succeed, or whose failure nobody can cause from outside; and those that end more than themselves.
SUCCEED = frozenset(
    {"echo", "printf", "true", ":", "break", "continue", "exit", "return", "export", "local", "declare", "readonly"}
)
_ENDS = frozenset({"exit", "return"})
_NEXT = frozenset({"break", "continue"})
#: Commands whose status is asked for by a condition of their own, not by an exit code.
_TESTS = frozenset({"[", "test", "jq", "nats", "command", "type", "which", "hash", "grep", "egrep", "fgrep", "cat"})


def with_status(body: Sequence[Command], name: str) -> tuple[Command, ...]:
    """The body of a loop with what keeps the status of each turn under a name."""
    *before, last = body
    changed = [_turns(command, name) for command in before]
    return (*changed, *_kept(last, name))


def never_fails(command: Command | None) -> bool:
    """Whether a simple command succeeds, as far as its words tell."""
    if not isinstance(command, Simple):
        return False
    if command.name == "sleep" and len(command.words) == 2 and not command.redirections:
        return re.fullmatch(r"\d+[smhd]?", command.words[1].literal or "") is not None
    return command.name in SUCCEED


def _kept(command: Command, name: str) -> tuple[Command, ...]:
    """The last command of a way, and what keeps its status."""
    span = command.span
    match command:
        case Simple() if command.name in _NEXT:
            return (_set(name, "0", span), command)
        case Simple() if command.name in _ENDS:
            return (command,)
        case Simple() if never_fails(command):
            return (command, _set(name, "0", span))
        case Group(body):
            return with_status(body, name)
        case For() | Loop():
            return (_set(name, "0", span), replace(command, body=with_status(command.body, name)))
        case Redirected(For() | Loop() as loop, _):
            return (_set(name, "0", span), replace(command, command=replace(loop, body=with_status(loop.body, name))))
        case IfCommand(arms, otherwise):
            made = tuple(replace(arm, body=with_status(arm.body, name)) for arm in arms)
            rest = with_status(otherwise, name) if otherwise else (_set(name, "0", span),)
            return (replace(command, arms=made, otherwise=rest),)
        case Case(_, arms):
            cases = tuple(
                replace(a, body=with_status(a.body, name) if a.body else (_set(name, "0", span),)) for a in arms
            )
            always = any(_is_star(pattern) for arm in arms for pattern in arm.patterns)
            chosen = replace(command, arms=cases)
            return (chosen,) if always and all(arm.body for arm in arms) else (_set(name, "0", span), chosen)
        case AndOr():
            return (_and_or(command, name),)
        case Simple() if command.words and command.name not in _TESTS and not command.redirections:
            status = Word((Parameter("?"),), span)
            return (command, Simple((Assignment(name, status, span=span),), span=span))
        case _:
            return (_asked(command, (_set(name, "0", span),), (_set(name, "1", span),)),)


def _is_star(pattern: Word) -> bool:
    return len(pattern.parts) == 1 and isinstance(pattern.parts[0], Glob) and pattern.parts[0].text == "*"


def _and_or(command: AndOr, name: str) -> Command:
    *before, (operator, last) = command.rest
    succeeds, fails = _set(name, "0", command.span), _set(name, "1", command.span)
    if operator == "||" and before and before[-1][0] == "&&" and never_fails(before[-1][1]):
        # `A && echo ok || B`: B runs just where A fails.
        head = AndOr(command.first, tuple(before[:-1]), command.span) if before[:-1] else command.first
        return _asked(head, _kept(before[-1][1], name), _kept(last, name))
    head = AndOr(command.first, tuple(before), command.span) if before else command.first
    if operator == "&&":
        return _asked(head, _kept(last, name), (fails,))
    return _asked(Negated(head, command.span), _kept(last, name), (succeeds,))


def _asked(condition: Command, then: tuple[Command, ...], otherwise: tuple[Command, ...]) -> Command:
    return IfCommand((Arm((condition,), then, condition.span),), otherwise, condition.span)


def _set(name: str, value: str, span: Span) -> Command:
    return Simple((Assignment(name, Word((Literal(value),), span), span=span),), span=span)


def _turns(node: Any, name: str) -> Any:
    """The command with `NAME=0` in front of each `break` and `continue` of this loop."""
    if isinstance(node, Simple) and node.name in _NEXT:
        return Group((_set(name, "0", node.span), node), node.span)
    if isinstance(node, (For, Loop, Function, Subshell, Substitution)):
        return node
    return with_parts(node, lambda part: _turns(part, name))

"""What a script does, as far as rules ask: variables, exits, temp files, calls, NATS commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    AndOr,
    Assignment,
    Command,
    For,
    Function,
    Group,
    IfCommand,
    Negated,
    Parameter,
    Placeholder,
    Redirected,
    Redirection,
    Script,
    Simple,
    Subshell,
    Unreadable,
    Word,
    of_kind,
    walk,
)
from peerlint.records import dataclass
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TEMP = regex(r"^(?:/tmp/|/var/tmp/|\$\{?TMPDIR)")
_SCRIPT = regex(r"[\w.~/${}-]+\.(?:sh|bash|py)$")
_COMPLAINT = regex(r"error|fail|❌|cannot|could not|unable|invalid|missing|not found|not available", re.IGNORECASE)
_SHELLS = frozenset({"bash", "sh", "source", ".", "python", "python3", "exec"})
_KV_WITH_KEY = frozenset({"get", "put", "create", "update", "del", "rm", "purge", "history", "watch", "revert"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A name and where it stands."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Exit:
    """`exit` or `return`; `code` is None where it is none or not literal."""

    code: int | None
    is_return: bool
    span: Span


@dataclass(frozen=True, slots=True)
class StatusRead:
    """A `$?`, and the command whose status it reads (None where that is not known, as at the beginning of a script).

    Below `then`, `elif` and `else` that is the last command of the test before.
    """

    span: Span
    of: Command | None


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file that is written, appended to, read or removed; `path` as written."""

    path: str
    how: str
    span: Span

    @property
    def is_temporary(self) -> bool:
        """Whether it lies in the folder for temporary files."""
        return bool(_TEMP.match(self.path))


@dataclass(frozen=True, slots=True)
class KvUse:
    """A `nats kv` command: its verb, bucket and key as written, where they are there."""

    verb: str
    bucket: str | None
    key: str | None
    span: Span
    key_span: Span | None = None


class BashFacts:
    """What a script does, each kind of fact found when it is first asked for, in the order of the text.

    `files` and `exits` are given where more is known of them than the commands say. Never raises.
    """

    def __init__(
        self, script: Script, files: tuple[FileUse, ...] | None = None, exits: tuple[Exit, ...] | None = None
    ) -> None:
        self._script = script
        self._nodes = script.commands.nodes
        if files is not None:
            self.files = files
        if exits is not None:
            self.exits = exits

    @property
    def _simple(self) -> Sequence[Simple]:
        return of_kind(self._script.commands, Simple)

    @cached_property
    def variables_set(self) -> tuple[Mention, ...]:
        """The variables that get values."""
        return tuple(_set(self._nodes))

    @cached_property
    def variables_read(self) -> tuple[Mention, ...]:
        """The variables that are read; not what the shell itself sets, as `$?` and `$1`."""
        return tuple(
            Mention(node.name, node.span)
            for node in of_kind(self._script.commands, Parameter)
            if re.match(r"[A-Za-z_]", node.name)
        )

    @cached_property
    def exits(self) -> tuple[Exit, ...]:
        """Each `exit` and `return`."""
        return tuple(_exit(command) for command in self._simple if command.name in ("exit", "return"))

    @cached_property
    def status_reads(self) -> tuple[StatusRead, ...]:
        """Each `$?`."""
        return tuple(_status_reads(self._script.commands))

    @cached_property
    def files(self) -> tuple[FileUse, ...]:
        """How files are used."""
        return tuple(_files(self._script, self._nodes))

    @cached_property
    def functions_defined(self) -> tuple[Mention, ...]:
        """The functions that are defined."""
        return tuple(Mention(node.name, node.span) for node in of_kind(self._script.commands, Function))

    @cached_property
    def functions_called(self) -> tuple[Mention, ...]:
        """The calls of these functions."""
        names = {function.name for function in self.functions_defined}
        return tuple(Mention(command.name, command.span) for command in self._simple if command.name in names)

    @cached_property
    def scripts_called(self) -> tuple[Mention, ...]:
        """The scripts that are called."""
        return tuple(_scripts(self._script, self._simple))

    @cached_property
    def nats(self) -> tuple[Simple, ...]:
        """The `nats` commands."""
        return tuple(command for command in self._simple if command.name == "nats")

    @cached_property
    def kv(self) -> tuple[KvUse, ...]:
        """The `nats kv` commands."""
        return tuple(_kv(self._script, self._simple))

    @cached_property
    def silent_error_arms(self) -> tuple[Span, ...]:
        """Arms of tests that complain and go on."""
        return tuple(_silent_arms(of_kind(self._script.commands, IfCommand)))

    @cached_property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """What could not be read."""
        return self._script.unreadable


def written(script: Script, word: Word) -> str:
    """A word as written, without the quotes around it."""
    literal = word.literal
    if literal is not None:
        return literal
    text = script.text[word.span.start : word.span.end]
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def facts(script: Script) -> BashFacts:
    """The facts of a script; never raises."""
    return BashFacts(script)


def _set(nodes: Sequence[Any]) -> Iterator[Mention]:
    for node in nodes:
        kind = type(node)
        if kind is Assignment or kind is For or (kind is Parameter and node.operator in (":=", "=")):
            yield Mention(node.name, node.span)
        elif kind is Simple and node.name == "read":
            for word in node.words[1:]:
                if word.literal and not word.literal.startswith("-"):
                    yield Mention(word.literal, word.span)


def _exit(command: Simple) -> Exit:
    argument = command.words[1].literal if len(command.words) > 1 else None
    code = int(argument) if argument is not None and argument.isdigit() else None
    return Exit(code, command.name == "return", command.span)


def _status_reads(commands: tuple[Command, ...]) -> Iterator[StatusRead]:
    """Each `$?` with the command before it in its own list, or with the test that led to the list."""
    if not any(read.name == "?" for read in of_kind(commands, Parameter)):
        return
    lists: list[tuple[Command | None, tuple[Command, ...]]] = [(None, commands)]
    while lists:
        before, current = lists.pop()
        for command in current:
            inner = list(_lists_of(command))
            lists.extend(inner)
            # Each of these is looked at by itself.
            for node in walk(command, leaving_out={id(below) for _, body in inner for below in body}):
                if isinstance(node, Parameter) and node.name == "?":
                    yield StatusRead(node.span, before)
            before = command


def _lists_of(command: Command) -> Iterator[tuple[Command | None, tuple[Command, ...]]]:
    """The lists below a command in which `$?` speaks of a command of that list; before each what runs last before it.

    The first test of an `if` is none of them: it reads the status of what stands before the `if`.
    """
    if isinstance(command, IfCommand):
        tested: Command | None = None
        for arm in command.arms:
            if arm is not command.arms[0]:
                yield tested, arm.condition
            tested = arm.condition[-1] if arm.condition else None
            yield tested, arm.body
        if command.otherwise is not None:
            yield tested, command.otherwise
    elif isinstance(command, Function):
        yield None, (command.body,)
    elif isinstance(command, (Group, Subshell)):
        yield None, command.body
    elif isinstance(command, (Redirected, Negated)):
        yield from _lists_of(command.command)
    elif isinstance(command, AndOr):
        yield from (found for _, part in command.rest for found in _lists_of(part))
        yield from _lists_of(command.first)
    else:
        yield from ((None, body) for body in (getattr(command, "body", None),) if isinstance(body, tuple))


def _files(script: Script, nodes: Sequence[Any]) -> Iterator[FileUse]:
    for node in nodes:
        kind = type(node)
        if kind is Redirection and node.operator not in ("<<", "<<<", ">&", "<&"):
            path = written(script, node.target)
            if path != "/dev/null":
                how = {"<": "read", ">>": "append", "&>>": "append"}.get(node.operator, "write")
                yield FileUse(path, how, node.span)
        elif kind is Simple and node.name in ("cat", "source", ".", "grep", "jq", "awk", "sed", "rm", "head"):
            for word in node.words[1:]:
                path = written(script, word)
                if _TEMP.match(path) or (node.name in ("cat", "rm", "source", ".") and not path.startswith("-")):
                    yield FileUse(path, "remove" if node.name == "rm" else "read", word.span)


def _scripts(script: Script, simple: Sequence[Simple]) -> Iterator[Mention]:
    for command in simple:
        words = (word for word in command.words if not written(script, word).startswith("-"))
        first = next(words, None)
        if first is not None and first.literal in _SHELLS:
            first = next(words, None)
        if first is not None and _SCRIPT.match(name := written(script, first)):
            yield Mention(name, first.span)


def _kv(script: Script, simple: Sequence[Simple]) -> Iterator[KvUse]:
    for command in simple:
        if command.name != "nats" or len(command.words) < 3 or command.words[1].literal not in ("kv", "KV"):
            continue
        rest = [word for word in command.words[2:] if not (word.literal or "").startswith("-")]
        if not rest:
            continue
        verb = written(script, rest[0])
        bucket = written(script, rest[1]) if len(rest) > 1 else None
        has_key = verb in _KV_WITH_KEY and len(rest) > 2
        key = rest[2] if has_key else None
        yield KvUse(verb, bucket, written(script, key) if key else None, command.span, key.span if key else None)


def _silent_arms(choices: Sequence[IfCommand]) -> Iterator[Span]:
    """Arms that only print a complaint and let the script go on."""
    for choice in choices:
        bodies = [arm.body for arm in choice.arms] + ([choice.otherwise] if choice.otherwise else [])
        for body in bodies:
            echoes = [c for c in body if isinstance(c, Simple) and c.name in ("echo", "printf")]
            if body and len(echoes) == len(body) and any(_complains(echo) for echo in echoes):
                yield Span(body[0].span.start, body[-1].span.end)


def _complains(echo: Simple) -> bool:
    return any(
        isinstance(text := getattr(node, "text", None), str) and _COMPLAINT.search(text)
        for node in walk(echo.words[1:])
        if not isinstance(node, Placeholder)
    )

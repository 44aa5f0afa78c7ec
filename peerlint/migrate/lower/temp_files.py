"""Temp files as names: what a script writes to one, as a whole or in lines `NAME=value`, is kept by name instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from peerlint.migrate.lower.captures import Captures
from peerlint.migrate.lower.conditions import Test
from peerlint.migrate.lower.scope import Beyond, Scope, TempFile, ir_name
from peerlint.migrate.lower.step import Step
from peerlint.migrate.lower.streams import Streams
from peerlint.migrate.lower.values import Out, simplest
from peerlint.migrate.lower.variables import names_changed, names_read
from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    Assignment,
    Command,
    CountingFor,
    For,
    Function,
    Loop,
    Simple,
    Substitution,
    Word,
    of_kind,
    walk,
)
from peerlint.process.model import BucketInfo, Do, Ref, Set, Text, Value
from peerlint.source.text import Span

_TEMP = regex(r"^(?:/tmp/|/var/tmp/)")


class TempFiles(Captures):
    """Keeps what stands in temp files under names."""

    def __init__(self, files: dict[str, TempFile]) -> None:
        self.files = files
        self.step = Step()

    def is_temporary(self, path: Text) -> bool:
        """See Conditions."""
        return bool(path.parts and isinstance(path.parts[0], str) and _TEMP.match(path.parts[0]))

    def temp_file(self, path: Text) -> TempFile | None:
        """See Conditions."""
        key = self._key(path)
        self.step.touched.add(key)
        return self.files.get(key)

    def _key(self, path: Text) -> str:
        if path.literal is None:
            raise Beyond("a temp file whose name is computed")
        return path.literal

    def write_temp(self, path: Text, text: Text, scope: Scope, out: Out, span: Span, *, append: bool) -> None:
        """`> /tmp/x`: names instead of the file."""
        key = self._key(path)
        self.step.touched.add(key)
        old = self.files.get(key)
        file = (old if append else None) or TempFile(key)
        fields = _fields_of(text)
        if fields is None and not append:
            value = simplest(text)
            file = TempFile(
                key, name=self._name_in_file(ir_name(_stem(key)), value, old.name if old else None, scope, span)
            )
            out.append(Set(Ref(file.name or ""), value, span=span))
        elif fields is not None and file.name is None and file.bucket is None:
            for name, content in fields:
                value = simplest(content)
                target = self._name_in_file(ir_name(name), value, old.fields.get(name) if old else None, scope, span)
                self.one_line(content, span, "a line of a temp file with a value of several lines")
                file.fields[name] = target
                named = [part for part in content.parts if isinstance(part, Ref)]
                file.pasted |= any(part.name not in self.step.numeric for part in named)
                if value != Ref(target):
                    out.append(Set(Ref(target), value, span=span))
        else:
            raise Beyond("a temp file that is written in two ways", span, scope.source)
        self.files[key] = file
        self.step.written.setdefault(key, set()).update(file.names)

    def _name_in_file(self, name: str, value: Value, old: str | None, scope: Scope, span: Span) -> str:
        """The name for what a temp file holds, which is that of a variable only where both have the same text for good.

        Raises Beyond where earlier lines have taken a name that is that of another variable here.
        """
        paths = {scope.name_of(variable) for variable, text in scope.known.items() if self.is_temporary(text)}
        here = {variable: offset for variable, offset in self.step.steady_from.items() if variable not in paths}
        same = value == Ref(name) and here.get(name, 0) <= span.start
        wanted = name if same or name not in here else f"{name}_IN_FILE"
        if old is not None and old != wanted and old in here:
            raise Beyond(
                f"{old} is a variable here, and a temp file keeps something else by that name", span, scope.source
            )
        self.step.names.add(old or wanted)
        return old or wanted

    def nats_to_file(self, command: Simple, where: Streams, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """`nats … > file`."""
        path = self.text(where.file, scope, out)
        if not self.is_temporary(path):
            raise Beyond("the output of nats in a file", command.span, scope.source)
        key = self._key(path)
        self.step.touched.add(key)
        old = self.files.get(key)
        name = self._name_in_file(ir_name(_stem(key)), Text(), old.name if old else None, scope, command.span)
        before = len(out)
        test = self.nats(command, scope, out, ignored=ignored, name=name)
        made = out[before]
        effect = made.effect if isinstance(made, Do) else None
        if isinstance(effect, BucketInfo):
            self.files[key] = TempFile(key, bucket=effect.bucket)
        else:
            self.files[key] = TempFile(key, name=name)
            self.step.written.setdefault(key, set()).add(name)
        return test


def is_mktemp(word: Word) -> bool:
    """Whether a word is the name of a new temp file: `$(mktemp)`."""
    part = word.parts[0] if len(word.parts) == 1 else None
    return (
        isinstance(part, Substitution)
        and len(part.commands) == 1
        and isinstance(part.commands[0], Simple)
        and part.commands[0].name == "mktemp"
        and "-d" not in [w.literal for w in part.commands[0].words]
    )


#: What is done again, or later than it stands.
_AGAIN = frozenset({For, Loop, Function, CountingFor})
#: No place: the variable may be set anywhere.
_ANYWHERE = 10**9


def steady_from(commands: Sequence[Command]) -> dict[str, int]:
    """For each variable of a script the offset behind which nothing sets it any more."""
    sourced = any(node.name in ("source", ".") for node in of_kind(commands, Simple))
    every, plain = Counter(names_changed(commands)), Counter[str]()
    # What is only read may be what a file of assignments gives that is sourced.
    found = {} if sourced else dict.fromkeys(names_read(commands), 0)
    for node in of_kind(commands, Assignment):
        plain[node.name] += 1
        found[node.name] = max(found.get(node.name, 0), node.span.end)
    again = (node for node in walk(commands) if type(node) in _AGAIN)
    repeated = {name for node in again for name in names_changed(node)}
    return found | {name: _ANYWHERE for name in every if every[name] != plain[name] or name in repeated}


def _stem(path: str) -> str:
    """The name of a file without its folder and its ending."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _fields_of(text: Text) -> list[tuple[str, Text]] | None:
    """Lines `NAME=value` as pairs, or None where the text is anything else."""
    lines: list[list[str | Ref]] = [[]]
    for part in text.parts:
        if isinstance(part, Ref):
            lines[-1].append(part)
            continue
        first, *more = part.split("\n")
        lines[-1].append(first)
        lines.extend([[piece] for piece in more])
    found: list[tuple[str, Text]] = []
    for line in lines:
        content = Text.of(*line)
        if not content.parts:
            continue
        start = content.parts[0]
        match = re.match(r"(?:export )?([A-Za-z_]\w*)=", start) if isinstance(start, str) else None
        if match is None or not isinstance(start, str):
            return None
        rest = Text.of(start[match.end() :], *content.parts[1:])
        found.append((match[1], _unquoted(rest)))
    return found or None


def _unquoted(text: Text) -> Text:
    """The value of a line that is sourced later: without the quotes around it."""
    parts = list(text.parts)
    if len(parts) > 1 and parts[0] == parts[-1] == '"':
        return Text.of(*parts[1:-1])
    return text

"""Shell as rules see it: that of the file itself, and that of the scripts which the file calls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from peerlint.lint.diagnostics import Fix, Related, Severity
from peerlint.patterns import regex
from peerlint.process.build import Reading, ShellCall, StepReading, script_references
from peerlint.process.roles import Role
from peerlint.records import dataclass, field
from peerlint.source.text import LineIndex, SourceText, Span

# The reader of bash is imported where there is shell: many files have none.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.bash import BashFacts, Script

#: Scripts that scripts call are followed as deep as this.
_MAX_DEPTH = 5
#: Scripts of one file that are looked into, so that a file which names hundreds stays quick to check.
_MAX_SCRIPTS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One place where a rule found its problem. `values` fill the message and the help of the rule.

    `severity` and `help` replace those of the rule where they are set. `behind` is the place in a called script that
    the problem really is at; `span` is that of the call then.
    """

    span: Span
    values: Mapping[str, str] = field(default_factory=dict)
    help: str | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    behind: Related | None = None


@dataclass(eq=False)
class ShellView:
    """Shell that stands in the file: a call, or a block for reference (`call` is None), with its facts.

    `code` has indentation removed; `span` of a place in the code gives the place in the file.
    """

    code: str
    role: Role
    step: StepReading | None
    call: ShellCall | None
    outer: Span
    source: SourceText

    def may_hold(self, literals: Iterable[str]) -> bool:
        """Whether the shell may hold all of the literals, told without parsing it."""
        return holds(self.code, literals)

    @cached_property
    def script(self) -> Script:
        """The parsed code."""
        from peerlint.process.bash import parse_bash

        return parse_bash(self.code)

    @cached_property
    def facts(self) -> BashFacts:
        """What the code does."""
        from peerlint.process.bash import facts

        return facts(self.script)

    @cached_property
    def constants(self) -> dict[str, str]:
        """Names that the code sets once, to a literal text."""
        from peerlint.process.bash.tree import Assignment, For, Simple, walk

        nodes = list(walk(self.script.commands))
        times = Counter(node.name for node in nodes if isinstance(node, (Assignment, For)))
        times.update(w.literal or "" for n in nodes if isinstance(n, Simple) and n.name == "read" for w in n.words)
        return {
            node.name: node.value.literal
            for node in nodes
            if isinstance(node, Assignment) and node.value is not None and times[node.name] == 1
            if node.value.literal is not None
        }

    def resolved(self, text: str) -> str:
        """The text with what its variables stand for, where the code itself says so."""
        return _VARIABLE.sub(lambda name: self.constants.get(name[1] or name[2], name[0]), text)

    def span(self, local: Span) -> Span:
        """The place in the file of a place in the code."""
        start = self._offset(local.start)
        return Span(start, max(start, self._offset(local.end, at_end=True)))

    def text(self, local: Span) -> str:
        """The code of a place in it."""
        return self.code[local.start : local.end]

    def found(
        self,
        local: Span,
        values: Mapping[str, str] | None = None,
        *,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> Found:
        """A problem at a place in the code."""
        return Found(self.span(local), values or {}, related=related, fix=fix)

    def related(self, local: Span, message: str) -> Related:
        """A place in the code that a finding speaks of."""
        return Related(self.source.path, self.source.lines.position(self.span(local).start), message)

    def where(self, local: Span) -> str:
        """How messages call a place in the code."""
        return f"line {self.related(local, '').position.row}"

    def _offset(self, offset: int, at_end: bool = False) -> int:
        # The end of a piece belongs to the line of its last character.
        anchor = max(0, offset - 1) if at_end else offset
        position = self._rows.position(anchor)
        base = self._bases[min(position.row, len(self._bases)) - 1]
        return min(base + position.column - 1 + (offset - anchor), self.outer.end)

    @cached_property
    def _rows(self) -> LineIndex:
        return LineIndex(self.code)

    @cached_property
    def _bases(self) -> list[int]:
        """For each line of the code, where it begins in the file: lines are found in order, indentation skipped."""
        bases: list[int] = []
        position = self.outer.start
        text = self.source.text
        for line in self.code.split("\n"):
            wanted = line.rstrip("\r")
            found = text.find(wanted, position, self.outer.end) if wanted.strip() else position
            bases.append(found if found >= 0 else position)
            position = bases[-1] + (len(wanted) if found >= 0 else 0)
            feed = text.find("\n", position, self.outer.end)
            position = feed + 1 if feed >= 0 else position
        return bases


_VARIABLE = regex(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(eq=False)
class ScriptView(ShellView):
    """What a called script does. `source` is the script; every place in it is, for the file, that of its call."""

    anchor: Span

    @property
    def name(self) -> str:
        """The script's file name."""
        return PurePosixPath(self.source.path).name

    @cached_property
    def script(self) -> Script:
        """The commands of the script; of a Python script those that it runs."""
        return self._understood[0]

    @cached_property
    def facts(self) -> BashFacts:
        """What the script does."""
        return self._understood[1]

    def may_hold(self, literals: Iterable[str]) -> bool:
        """See ShellView; of a Python script that is not told, since its commands stand there in other words."""
        return self.source.path.endswith(".py") or super().may_hold(literals)

    @property
    def text_of_commands(self) -> str:
        """The script as shell; of a Python script the commands that it runs, one a line."""
        if not self.source.path.endswith(".py"):
            return self.code
        from peerlint.process.bash.tree import Simple, walk

        commands = (node for node in walk(self.script.commands) if isinstance(node, Simple))
        # What is not known of a command is mostly `sys.executable`.
        lines = (" ".join(word.literal or "" for word in command.words) for command in commands)
        return "\n".join(re.sub(r"^\{\w+\}", "python3", line) for line in lines)

    @cached_property
    def _understood(self) -> tuple[Script, BashFacts]:
        if self.source.path.endswith(".py"):
            from peerlint.process.python import read_python

            return read_python(self.code)
        from peerlint.process.bash import facts, parse_bash

        script = parse_bash(self.code, placeholders=False)
        return script, facts(script)

    def span(self, local: Span) -> Span:
        """The place of the call."""
        return self.anchor

    def found(
        self,
        local: Span,
        values: Mapping[str, str] | None = None,
        *,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> Found:
        """A problem in the script. Only a fix without edits is kept: the text of another file is not this one's."""
        kept = fix if fix is not None and not fix.edits else None
        return Found(self.anchor, values or {}, related=related, fix=kept, behind=self.related(local, "it is here"))

    def related(self, local: Span, message: str) -> Related:
        """A place in the script."""
        return Related(self.source.path, self.source.lines.position(local.start), message)

    def where(self, local: Span) -> str:
        """The script and the line."""
        return f"line {self.source.lines.position(local.start).row} of {self.name}"


def holds(text: str, literals: Iterable[str]) -> bool:
    """Whether a text holds all of the literals."""
    return all(literal in text for literal in literals)


def scripts_behind(reading: Reading, views: tuple[ShellView, ...]) -> dict[ShellView, tuple[ScriptView, ...]]:
    """The scripts that calls of a file run, those called by scripts too; each script once, at its first call."""
    seen: set[str] = set()
    return {view: tuple(_behind(reading, view, seen)) for view in views if view.call is not None}


def _behind(reading: Reading, view: ShellView, seen: set[str]) -> Iterator[ScriptView]:
    assert view.call is not None
    for reference in view.call.statement.scripts:
        pending = [(reading.scripts.get(reference) or reading.resolve(reference), 0)]
        anchor = place_of(reference, view)
        while pending:
            source, depth = pending.pop()
            if source is None or source.path in seen or len(seen) >= _MAX_SCRIPTS:
                continue
            if not source.path.endswith((".sh", ".bash", ".zsh", ".py")):
                continue
            seen.add(source.path)
            script = ScriptView(source.text, view.role, view.step, view.call, Span(0, len(source.text)), source, anchor)
            yield script
            if depth < _MAX_DEPTH:
                pending.extend((found, depth + 1) for found in reversed(list(_called_by(reading, script))))


#: How a script says where it stands, as a command and as the variable that is mostly made of it.
_OWN_PLACE = regex(
    r"\$\(\s*dirname\s+(?:--\s+)?[\"']?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?[\"']?\s*\)|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}"
)
_BESIDE = regex(r"(?:\$\{?(?:SCRIPTS?_?(?:DIR|ROOT|PATH)|script_?dir|HERE|here|DIR|dir)\}?[\"']?/|\./)")


def _called_by(reading: Reading, script: ScriptView) -> Iterator[SourceText | None]:
    """The scripts that a script calls; what it names relative to itself is looked for beside it first."""
    text = _OWN_PLACE.sub("$SCRIPT_DIR", script.text_of_commands)
    folder = PurePosixPath(script.source.path).parent.name
    for reference in script_references(text):
        beside = _BESIDE.match(reference)
        own = reading.resolve(f"{folder}/{reference[beside.end() :]}") if beside and folder else None
        yield own or reading.resolve(reference)


def place_of(script: str, view: ShellView) -> Span:
    """The words of the script's path; for a SCRIPT line its whole code, which is the same with its arguments."""
    at = view.code.find(script)
    return view.span(Span(at, at + len(script))) if at >= 0 else view.outer

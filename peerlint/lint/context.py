"""What a rule sees of a file: its reading, the shell in it with facts and places, and the project around it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from peerlint.lint.diagnostics import Related
from peerlint.lint.rules import Rule
from peerlint.lint.shell import Found, ScriptView, ShellView, holds, place_of, scripts_behind
from peerlint.lint.suppress import Suppression, Suppressions, suppressions
from peerlint.patterns import regex
from peerlint.process import model
from peerlint.process.build import (
    SHELL_LANGUAGES,
    LogicContainer,
    Reading,
    ReferenceBlock,
    ShellCall,
    StepReading,
    called_across_lines,
    called_in_prose,
    script_references,
)
from peerlint.process.build.hints import (
    INLINE_CALL,
    may_name_script,
    may_order,
    may_stand_bare,
    may_state_logic,
    possible_shell,
    separate_calls,
)
from peerlint.process.harness import Harness
from peerlint.process.roles import Role
from peerlint.records import dataclass
from peerlint.source.document import SHORTEST_MARK, Document, Element, Fence, Line, Node, Paragraph, Section
from peerlint.source.kinds import FileKind
from peerlint.source.project import ProjectFacts
from peerlint.source.text import Places, SourceText, Span

__all__ = [
    "Context",
    "FileView",
    "Found",
    "ScriptView",
    "ShellView",
    "as_written",
    "dedented",
    "place_of",
    "shortened",
    "shown_command",
    "step_label",
    "words",
]


#: A command of this form stands alone or behind a label; `!` in other code is none.
_INLINE = regex(r"(?:^|(?<=[\s:]))!`(?P<code>[^`\n]+)`(?!`)")
#: A fence in a fence of as many marks, and how much further it may be indented for its end to close the outer one.
_FENCE_INSIDE = regex(r"(?m)^(?P<indentation>[ \t]*)(?:```|~~~)\w")
_FURTHEST = 3


class _Holding(dict[str, bool]):
    """Which literals a text holds, each looked for when it is first asked for: many rules ask for the same."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, literal: str) -> bool:
        found = self[literal] = literal in self._text
        return found


class FileView:
    """One file as all rules see it; what is costly is made once, when the first rule asks.

    `project` is None where nothing is known of it. `running` holds the ids and the names of the rules that are on.
    `before` is the file at the revision that it is compared with, None where it is compared with none.
    """

    def __init__(
        self,
        reading: Reading,
        harness: Harness,
        project: ProjectFacts | None,
        running: frozenset[str] = frozenset(),
        before: Reading | None = None,
    ) -> None:
        self.reading = reading
        self.before = before
        self.harness = harness
        self.project = project
        self.running = running

    @property
    def document(self) -> Document:
        """The tree of the file."""
        return self.reading.document

    @property
    def source(self) -> SourceText:
        """The text of the file."""
        return self.reading.document.source

    @property
    def nodes(self) -> list[Node]:
        """All nodes in the order of the text."""
        return self.document.nodes

    def nodes_within(self, span: Span) -> list[Node]:
        """The nodes that stand in a place as a whole, in the order of the text."""
        first, behind = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return [node for node in self.nodes[first:behind] if span.contains(node.span)]

    @cached_property
    def _starts(self) -> list[int]:
        return [node.span.start for node in self.nodes]

    @cached_property
    def possible_shell(self) -> str:
        """The parts of the text that may be shell calls, told without reading it; empty where there is none."""
        return possible_shell(self.source.text)

    @cached_property
    def separate_calls(self) -> tuple[str, ...] | None:
        """The shell calls that the file may make, each by itself and in order; None where they cannot be told apart."""
        return separate_calls(self.source.text)

    @cached_property
    def text_holds(self) -> Mapping[str, bool]:
        """Whether the text holds a literal."""
        return _Holding(self.source.text)

    @cached_property
    def shell_holds(self) -> Mapping[str, bool]:
        """Whether a literal stands in what may be shell calls."""
        return _Holding(self.possible_shell)

    @cached_property
    def may_call_scripts(self) -> bool:
        """Whether the file may call a script, told without reading it."""
        return may_name_script(self.source.text, self.possible_shell)

    @cached_property
    def may_hold_bare_shell(self) -> bool:
        """Whether the file may hold shell that stands in no fence, told without reading it."""
        return may_stand_bare(self.source.text)

    @cached_property
    def may_state_logic(self) -> bool:
        """Whether the file may state logic, told without reading it."""
        return may_state_logic(self.source.text, self.possible_shell)

    @property
    def behind_calls(self) -> tuple[str, ...]:
        """The texts of the scripts that the file calls; where it can call none, it is not read for that."""
        return self.texts[1:] if self.may_call_scripts else ()

    def may_run(self, literals: Sequence[str]) -> bool:
        """Whether a call, or a script behind one, may hold all of the literals, told without reading the file."""
        return holds(self.possible_shell, literals) or self._may_stand_behind(literals)

    def may_name(self, literal: str) -> bool:
        """Whether the file, or a script that it calls, may hold the literal in its shell."""
        return self.text_holds[literal] or self._may_stand_behind((literal,))

    def may_be_in_two_calls(self, *literals: str) -> bool:
        """Whether each of two calls may hold one of the literals, told without reading the file."""
        calls = self.separate_calls
        if calls is None or self.may_call_scripts:
            return True
        return sum(any(literal in call for literal in literals) for call in calls) > 1

    def _may_stand_behind(self, literals: Sequence[str]) -> bool:
        if not self.may_call_scripts:
            return False
        return any(script.may_hold(literals) for scripts in self.scripts.values() for script in scripts)

    @cached_property
    def comments(self) -> list[Suppression]:
        """The suppressions of the file; each remembers what it accepted."""
        return suppressions(self.document)

    @cached_property
    def accepting(self) -> Suppressions:
        """The same, by the rows that they speak for."""
        return Suppressions(self.comments)

    @cached_property
    def may_order(self) -> bool:
        """Whether anything in the file is an order to the agent: else its steps state neither calls nor logic."""
        if not may_order(self.source.text, self.source.path, self.reading.kind):
            return False
        return self.reading.roles.include(Role.PROCEDURE, Role.REFERENCE)

    @cached_property
    def calls(self) -> tuple[ShellView, ...]:
        """The shell calls of the file in the order of the text."""
        of_agent = (*self._calls_in_steps(), *self._outside_of_steps()) if self.may_order else ()
        return tuple(sorted((*of_agent, *self._inline()), key=lambda view: view.outer))

    @cached_property
    def shells(self) -> tuple[ShellView, ...]:
        """All shell of the file in the order of the text: calls first claimed, then fences and reference blocks."""
        views = list(self.calls)
        claimed = Places(view.outer for view in views)
        for block in self._blocks():
            place = block.content if isinstance(block, Fence) else block.span
            if not claimed.overlap(place):
                claimed.add(place)
                views.append(self._block(block, place))
        return tuple(sorted(views, key=lambda view: view.outer))

    @cached_property
    def scripts(self) -> dict[ShellView, tuple[ScriptView, ...]]:
        """The scripts behind each call, each script once in the file, at its first call."""
        return scripts_behind(self.reading, self.calls)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts that rules look into: that of the file and those of the scripts that it calls."""
        behind = (
            (script.code for scripts in self.scripts.values() for script in scripts) if self.may_call_scripts else ()
        )
        return (self.source.text, *behind)

    @property
    def certificate_name(self) -> str:
        """The name that the certificate beside the file has, or would have."""
        return f"{self.source.path.rpartition('/')[2]}.proof.json"

    @cached_property
    def certificate(self) -> SourceText | None:
        """The certificate beside the file, where there is one."""
        name = self.certificate_name
        # To look for it as for a script would be slow, and would take one that belongs to a file of that name
        # elsewhere.
        if self.project is not None and not self.project.beside(self.source.path, name):
            return None
        found = self.reading.resolve(name)
        return found if found is not None and found.path.rpartition("/")[2] == name else None

    def step_at(self, span: Span) -> StepReading | None:
        """The innermost step that holds the place; None outside of steps, also where the whole file is the one step."""
        holding = [step for step in self.reading.steps if step.node is not None and step.span.contains(span)]
        return min(holding, key=lambda step: len(step.span), default=None)

    @property
    def only_step(self) -> str | None:
        """The number of the one step that the whole file is; None where steps are marked in it."""
        first = self.reading.steps[0] if len(self.reading.steps) == 1 else None
        return first.number if first is not None and first.node is None else None

    def first_line(self, span: Span) -> Span:
        """The first line of a place, without indentation and line end."""
        text = self.document.text(span)
        start = span.start + len(text) - len(text.lstrip())
        return Span(start, max(start, start + len(text.strip().split("\n", 1)[0].rstrip())))

    def related(self, span: Span, message: str, source: SourceText | None = None) -> Related:
        """A place in this file, or in another text, that a finding speaks of."""
        source = source or self.source
        return Related(source.path, source.lines.position(span.start), message)

    def _calls_in_steps(self) -> Iterator[ShellView]:
        # Where steps are nested, both state the call; it is one call, of the inner step.
        innermost: dict[Span, tuple[StepReading, ShellCall]] = {}
        for step in sorted(self.reading.steps, key=lambda step: -len(step.span)):
            for call in step.shell:
                innermost[call.statement.span] = (step, call)
        for span, (step, call) in sorted(innermost.items(), key=lambda item: item[0]):
            yield ShellView(call.statement.code, call.role, step, call, span, self.source)

    def _outside_of_steps(self) -> Iterator[ShellView]:
        """Calls that stand before, between or behind numbered steps: the agent makes them all the same."""
        steps = sorted(step.span for step in self.reading.steps if step.node is not None)
        if not steps:
            return
        of = self.reading.roles.of
        behind, end = 0, 0
        for before, node, follower in zip((None, *self.nodes), self.nodes, (*self.nodes[1:], None), strict=False):
            # Nodes and steps come in the order of the text; `end` is that of all steps that began before the node.
            while behind < len(steps) and steps[behind].start <= node.span.start:
                end = max(end, steps[behind].end)
                behind += 1
            if isinstance(node, Fence) and self._may_end_too_early(node):
                # The outer fence ended too early: what looks like the file's own text may be that of a template.
                return
            if node.span.start < end or of(node) is not Role.PROCEDURE:
                continue
            if isinstance(node, Fence) and node.language.lower() in SHELL_LANGUAGES:
                code, form, place = dedented(self.document.text(node.content)), model.ShellForm.FENCE, node.content
            elif (
                isinstance(node, Line) and not isinstance(follower, Fence) and (said := _said(before, node)) is not None
            ):
                # A line right above a fence speaks of what stands in it.
                at = self.source.text.find(said, node.span.start, node.span.end)
                code, form = said, model.ShellForm.PROSE
                place = Span(at, at + len(said)) if at >= 0 else node.content
            else:
                continue
            statement = model.Shell(code, form, script_references(code), place)
            yield ShellView(code, of(node), None, ShellCall(statement, node, of(node), node.span), place, self.source)

    def _may_end_too_early(self, fence: Fence) -> bool:
        """Whether what closes the fence may have been meant for one inside of it."""
        content = self.document.text(fence.content)
        if len(fence.marker) != SHORTEST_MARK or ("```" not in content and "~~~" not in content):
            return False
        inside = _FENCE_INSIDE.finditer(content)
        return any(len(inner["indentation"].expandtabs(4)) <= fence.indent + _FURTHEST for inner in inside)

    def _inline(self) -> Iterator[ShellView]:
        """What the harness runs and puts the output of in its place before the agent reads the file: !`command`."""
        if self.reading.kind not in (FileKind.COMMAND, FileKind.SKILL) or INLINE_CALL not in self.source.text:
            return
        for node in self.nodes:
            text = self.document.text(node.span) if isinstance(node, Line) else ""
            for match in _INLINE.finditer(text) if INLINE_CALL in text else ():
                span = Span(node.span.start + match.start("code"), node.span.start + match.end("code"))
                statement = model.Shell(match["code"], model.ShellForm.INLINE, script_references(match["code"]), span)
                call = ShellCall(statement, node, self.reading.roles.of(node), span)
                yield ShellView(match["code"], call.role, self.step_at(span), call, span, self.source)

    def _blocks(self) -> Iterator[Fence | ReferenceBlock]:
        """What may hold shell for reference, each once, though several steps may name it."""
        for node in self.document.nodes_of(Fence):
            if node.language.lower() in SHELL_LANGUAGES | {""}:
                yield node
        yield from dict.fromkeys(block for step in self.reading.steps for block in step.blocks.values())

    def _block(self, block: Fence | ReferenceBlock, place: Span) -> ShellView:
        node = block if isinstance(block, Fence) else block.node
        code = dedented(self.document.text(place)) if isinstance(block, Fence) else block.text
        return ShellView(code, self.reading.roles.of(node), self.step_at(place), None, place, self.source)


def _said(before: Node | None, node: Line) -> str | None:
    """The command that a line tells to run, by itself or with the line right before it, where its sentence begins."""
    text = node.text.strip()
    said = called_in_prose(text)
    if said is None and isinstance(before, Line) and isinstance(node, Paragraph) and before.span.end == node.span.start:
        return called_across_lines(before.text, text)
    return said


@dataclass(frozen=True, slots=True)
class Context:
    """A file as one rule sees it."""

    file: FileView
    rule: Rule

    @property
    def reading(self) -> Reading:
        """The file as it was understood."""
        return self.file.reading

    @property
    def document(self) -> Document:
        """The tree of the file."""
        return self.file.document

    @property
    def steps(self) -> tuple[StepReading, ...]:
        """The steps of the file."""
        return self.file.reading.steps

    def logic(self) -> Iterator[tuple[StepReading, LogicContainer]]:
        """The logic of the steps, each with its step. A file that cannot state any is not read for it."""
        if self.file.may_state_logic and self.file.may_order:
            yield from ((step, container) for step in self.steps for container in step.logic)

    def looks_at(self, role: Role) -> bool:
        """Whether the rule names the role."""
        return role.value in self.rule.roles

    def nodes(self, *kinds: type[Node]) -> Iterator[Node]:
        """The nodes of these kinds whose role the rule looks at."""
        of = self.reading.roles.of
        return (node for node in self.file.nodes if isinstance(node, kinds) and self.looks_at(of(node)))

    def calls(self, *literals: str, inline: bool = False) -> list[ShellView]:
        """The shell calls whose role the rule looks at; with `inline` also what the harness runs before.

        With `literals` only those that hold all of them: a file that has no such shell is not read.
        """
        if not self.file.may_run(literals):
            return []
        return [
            view
            for view in self.file.calls
            if view.call is not None
            and (inline or view.call.statement.form is not model.ShellForm.INLINE)
            and self.looks_at(view.role)
            and view.may_hold(literals)
        ]

    def executed(self, *literals: str) -> Iterator[ShellView]:
        """What is run: each call whose role the rule looks at, and behind it the scripts that it calls.

        With `literals` only what holds all of them: a file that runs nothing of the kind is not read.
        """
        for view in self.calls() if self.file.may_run(literals) else ():
            yield from (shell for shell in (view, *self.file.scripts[view]) if shell.may_hold(literals))

    def all_shell(self, literal: str = "") -> Iterator[ShellView]:
        """All shell whose role the rule looks at, blocks for reference and called scripts too.

        With a literal only shell that holds it: where neither the file nor a script has it, the file is not read.
        """
        for view in self.shells() if self.file.may_name(literal) else ():
            yield from (shell for shell in (view, *self.file.scripts.get(view, ())) if shell.may_hold((literal,)))

    def shells(self) -> list[ShellView]:
        """All shell whose role the rule looks at, blocks for reference too."""
        return [view for view in self.file.shells if self.looks_at(view.role)]


def dedented(text: str) -> str:
    """The text without the indentation that its lines share; line ends and blank lines stay."""
    lines = text.splitlines(keepends=True)
    margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "".join(line[margin:] if line.strip() else line.lstrip(" \t") for line in lines)


#: What messages quote of a command at most.
LONGEST_COMMAND = 50


def shortened(text: str, limit: int = LONGEST_COMMAND) -> str:
    """A text as messages quote it: of one that is longer than the limit the beginning."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shown_command(view: ShellView, span: Span) -> str:
    """A place of a call's code in one line, as messages quote it."""
    return shortened(" ".join(view.text(span).split()))


def as_written(text: model.Text) -> str:
    """A text of the logic language with its names in brackets."""
    return "".join(part if isinstance(part, str) else f"[{part.name}]" for part in text.parts)


def step_label(step: StepReading | None) -> str:
    """How messages call a step: by the name that it has in the file, else its number, else the file.

    A heading is quoted as it stands there; the name that the reading makes of it stands nowhere.
    """
    if step is None or step.node is None:
        return "this file"
    if isinstance(step.node, Element):
        return f'step "{step.name}"' if step.name else f"step {step.number}"
    title = _NUMBERED.sub("", step.node.title.strip("*_ ")) if isinstance(step.node, Section) else ""
    return f'step {step.number} "{title}"' if 0 < len(title) <= _LONGEST_TITLE else f"step {step.number}"


#: The number of a heading, and a title that is too long to be quoted.
_NUMBERED = regex(r"^(?:[A-Za-z]+\s+)?[\d.]+[a-z]?\s*(?:[.):–—-]+\s*)*")
_LONGEST_TITLE = 60


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables of names."""
    return frozenset(text.split())

"""Reading one step: a walk that collects logic, shell, delegations and prose in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import dropwhile, takewhile
from types import MappingProxyType

from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Unreadable
from peerlint.process.bash.tree import walk as bash_walk
from peerlint.process.build.blocks import DOCUMENTATION_TAG, Blocks, BlockTexts
from peerlint.process.build.exit_codes import exit_meanings
from peerlint.process.build.find import StepPlace, is_step
from peerlint.process.build.hints import LOGIC_TAGS, LOGIC_WORDS
from peerlint.process.build.prose import delegations
from peerlint.process.build.reading import ExitMeaning, LogicContainer, ShellCall, StepReading
from peerlint.process.build.shell import (
    SCRIPT_PLACEHOLDER,
    SHELL_LANGUAGES,
    called_across_lines,
    called_by_line,
    called_in_prose,
    hybrid_as_shell,
    is_shell_line,
    script_references,
)
from peerlint.process.model import Branch, Delegate, If, Shell, ShellForm, Statement, Step
from peerlint.process.roles import Role, Roles
from peerlint.source.document import (
    Blank,
    Comment,
    ConditionLine,
    Directive,
    Document,
    Element,
    Fence,
    Line,
    ListItem,
    Node,
    Paragraph,
    Section,
)
from peerlint.source.text import Places, Span

# The language is loaded where a file has logic, or tags that logic may name: many files are nothing but prose.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.logic import LogicReading, Names
    from peerlint.process.phrases import Phrasebook

#: Where people say how long a loop goes on; lines in prose, not a closed block.
_LOOP_CONDITIONS = frozenset({"continue_conditions", "exit_conditions"})
#: The head of a condition in a sentence: `If the tree is clean:`, or `**If the tree is clean:**`.
_PROSE_IF = regex(
    r"\W*(?:If|When|Whenever|Unless)\s(?!(?:you are |you're )?(?:invoked|called|triggered|asked)\W)[^:]{1,120}:\**$"
)
#: What it ends in.
_ENDS_OF_HEADS = frozenset(":*")
#: Lines that are logic where one of them says so and no other is among them.
_OF_LOGIC = frozenset({Directive, ListItem})
_SILENT = frozenset(
    {Role.EXAMPLE, Role.COUNTER_EXAMPLE, Role.TEMPLATE, Role.DELIVERABLE, Role.DOCUMENTATION, Role.TEACHING}
)


#: A line that begins or ends a code span of several lines; only the first one may say a language.
_BACKTICKS_ALONE = regex(r"^[ \t]*``[ \t]*(?P<language>[\w+-]*)[ \t]*$", re.MULTILINE)


@lru_cache(maxsize=1)  # asked of each line of a text that looks like shell
def _code_spans(text: str) -> Places:
    """Code spans of several lines, between two lines with two backticks: a fence in what shall be written.

    Shell in them is not bare, and only a part of it would be found, since a comment in it counts as a heading.
    """
    found = Places()
    opening = None
    for mark in _BACKTICKS_ALONE.finditer(text) if "``" in text else ():
        if opening is None:
            opening = mark.start()
        elif not mark["language"]:
            found.add(Span(opening, mark.end()))
            opening = None
    return found


class Language:
    """What lines in a text may mean; `script` is what `{SCRIPT}` stands for."""

    def __init__(self, text: str, phrasebook: Phrasebook | None, script: str | None = None) -> None:
        self._text = text
        self._phrasebook = phrasebook
        self.script = script

    @cached_property
    def phrasebook(self) -> Phrasebook:
        """The phrases, those of the house where none are given."""
        from peerlint.process.phrases import Phrasebook

        return self._phrasebook or Phrasebook.default()

    @cached_property
    def names(self) -> Names:
        """The variables that the text sets; they are looked for only where there is logic."""
        from peerlint.process.logic import Names

        return Names.declared_in(self._text)


def read_step(
    place: StepPlace,
    document: Document,
    roles: Roles,
    blocks: Blocks,
    language: Language,
) -> StepReading:
    """The step at `place`; `blocks` are the reference blocks of the file."""
    return _StepReader(place, document, roles, blocks, language).read()


class _StepReader:
    """Collects what stands in one step; every list is filled in the order of the text."""

    def __init__(
        self,
        place: StepPlace,
        document: Document,
        roles: Roles,
        blocks: Blocks,
        language: Language,
    ) -> None:
        self.language = language
        self.place = place
        self.document = document
        self.roles = roles
        self.elements = list(self._elements())
        self.blocks = blocks.within(self.elements)
        self.statements: list[tuple[int, tuple[Statement, ...]]] = []
        self.prose: list[Node] = []
        self.logic: list[LogicContainer] = []
        self.shell: list[ShellCall] = []
        self.delegations: list[Delegate] = []
        self.exits: list[ExitMeaning] = []

    def read(self) -> StepReading:
        self._read_children(list(self.place.nodes))
        self._attach_exits()
        ordered = tuple(
            statement for _, group in sorted(self.statements, key=lambda pair: pair[0]) for statement in group
        )
        step = Step(self.place.number, self.place.name, self.place.subagent, ordered, self.place.span)
        return StepReading(
            step,
            self.place.node,
            tuple(self.place.nodes),
            tuple(self.prose),
            tuple(self.logic),
            tuple(self.shell),
            tuple(self.delegations),
            tuple(self.exits),
            self.blocks,
        )

    def _attach_exits(self) -> None:
        """Put what exit codes mean right behind the call that they speak about: the one before, else the next one."""
        chains: dict[int, list[Branch]] = {}
        for meaning in self.exits:
            before = [call for call in self.shell if call.span.start < meaning.span.start]
            call = before[-1] if before else next(iter(self.shell), None)
            if call is not None:
                chains.setdefault(call.statement.span.end, []).append(meaning.branch)
        if not chains:
            return
        from peerlint.process.model import ExitCodeIs

        for end, branches in chains.items():
            # A code that has a meaning of its own is meant there, wherever "non-zero" stands.
            branches.sort(key=lambda branch: not isinstance(branch.condition, ExitCodeIs))
            self.statements.append((end, (If(tuple(branches), None, branches[0].span),)))

    def _elements(self) -> Iterable[Element]:
        """All elements of the step but those of steps inside it."""
        # Only what holds others can hold an element.
        stack = [node for node in reversed(self.place.nodes) if node.children]
        while stack:
            node = stack.pop()
            if isinstance(node, Element):
                if is_step(node):
                    continue
                yield node
            stack += [child for child in reversed(node.children) if child.children]

    def _read_children(self, roots: list[Node]) -> None:
        """Read sibling lists in the order of the text, without recursion, so that a tag may lie at any depth."""
        stack = [(roots, 0)]
        while stack:
            siblings, index = stack.pop()
            while index < len(siblings):
                node = siblings[index]
                index += 1
                if isinstance(node, Section) or (
                    isinstance(node, Element) and not is_step(node) and not self._read_element(node)
                ):
                    stack += [(siblings, index), (node.children, 0)]
                    break
                if isinstance(node, Fence):
                    self._read_fence(node)
                elif isinstance(node, Line):
                    # A comment is nothing to the agent: it stands among lines without parting them.
                    run = [node, *takewhile(lambda n: isinstance(n, (Line, Blank, Comment)), siblings[index:])]
                    index += len(run) - 1
                    self._read_lines(run, node.parent, siblings[index] if index < len(siblings) else None)

    # --- elements and fences ---------------------------------------------------------------------------------------

    def _read_element(self, node: Element) -> bool:
        """Read an element as a whole; False where its children have to be read one by one."""
        role = self.roles.of(node)
        if node.name.endswith("_logic") or node.name in LOGIC_TAGS:
            if role not in _SILENT:
                closed = node.name.endswith("_logic") and not _states_loop(node)
                self._read_logic(node, node.content if closed else node.span, closed=closed)
            return True
        if role is Role.PROCEDURE and node.name in SHELL_LANGUAGES:
            return self._read_shell_tag(node)
        return role is Role.REFERENCE or role in _SILENT

    def _read_shell_tag(self, node: Element) -> bool:
        """Read a tag such as `<bash>` as one call; False where it holds more than shell."""
        code = _dedented(_plain_lines(self.document.text(node.content))).strip()
        if not any(is_shell_line(line.strip()) for line in code.splitlines()):
            return False
        script = parse_bash(code)
        if any(isinstance(part, Unreadable) for part in bash_walk(script.commands)):
            return False
        self._add_shell(code, ShellForm.BARE, node, _trimmed(node.content, self.document), node.span)
        return True

    def _read_logic(self, node: Element, span: Span, *, closed: bool) -> None:
        lines = self.document.text(span).splitlines()
        shell = hybrid_as_shell(lines) or ("\n".join(lines) if _all_shell(lines) else None)
        if shell is not None:
            self._add_shell(_dedented(shell).strip(), ShellForm.BARE, node, _trimmed(span, self.document), span)
            return
        self._add_logic(node, span, closed=closed)

    def _add_logic(
        self, node: Node, span: Span, *, closed: bool, calls: Mapping[int, Shell] = MappingProxyType({})
    ) -> None:
        from peerlint.process.logic import parse_logic

        reading: LogicReading = parse_logic(
            self.document.text(span),
            offset=span.start,
            blocks=BlockTexts(self.blocks, self.document),
            closed=closed,
            phrasebook=self.language.phrasebook,
            names=self.language.names,
            calls=calls,
        )
        self.logic.append(LogicContainer(node, span, reading))
        self.statements.append((span.start, reading.statements))
        self.delegations.extend(s for s in reading.statements if isinstance(s, Delegate))

    def _read_fence(self, node: Fence) -> None:
        if node.language.lower() not in SHELL_LANGUAGES or self.roles.of(node) is not Role.PROCEDURE:
            return
        code = _without_prompts(_plain_lines(self.document.code(node)))
        if any(line.strip() and not line.lstrip().startswith("#") for line in code.splitlines()):
            self._add_shell(code, ShellForm.FENCE, node, node.content, node.span)

    def _add_shell(self, code: str, form: ShellForm, node: Node, span: Span, whole: Span) -> None:
        self.statements.append((span.start, (self._call(code, form, node, span, whole),)))

    def _call(self, code: str, form: ShellForm, node: Node, span: Span, whole: Span) -> Shell:
        """A call of the shell, which is not among the statements yet."""
        statement = Shell(code, form, script_references(code), span)
        self.shell.append(ShellCall(statement, node, self.roles.of(node), whole))
        return statement

    # --- lines -----------------------------------------------------------------------------------------------------

    def _read_lines(self, run: list[Node], parent: Node | None, follower: Node | None) -> None:
        """Read neighbouring lines: shell calls, delegations, sentences about exit codes, logic, else prose."""
        run = list(dropwhile(self._forbids_alone, run))
        lines = [node for node in run if isinstance(node, Line)]
        if not lines:
            return
        if self.roles.of(lines[0]) in _SILENT:
            if self.roles.of(lines[0]) is Role.DOCUMENTATION:
                # Among sentences that only describe, one may still tell to run a script.
                told = [node for node in lines if self.roles.of(node) is Role.PROCEDURE]
                _, calls = self._read_calls(told, follower if told[-1:] == lines[-1:] else None)
                self._state(calls)
            return
        whole = Span(run[0].span.start, lines[-1].span.end)
        # What mixes logic with shell has a condition, and most runs have none.
        hybrid = self._hybrid(run) if "IF" in self.document.text(whole) else None
        if hybrid is not None:
            self._add_shell(_dedented(hybrid).strip(), ShellForm.BARE, lines[0], whole, whole)
            return
        in_documentation = isinstance(parent, Element) and bool(DOCUMENTATION_TAG.match(parent.name))
        delegated = delegations(lines, self.document, self.place.subagent)
        for delegate in delegated:
            self.delegations.append(delegate)
            self.statements.append((delegate.span.start, (delegate,)))
        rest, calls = self._read_calls(lines, follower)
        kinds = {type(line) for line in rest}
        asks = ConditionLine in kinds or self._asks_before(lines, calls)
        if delegated or in_documentation:
            states_logic = in_documentation and not delegated and not self._has_logic_tag() and asks
        else:
            # Outside any logic tag: a condition, or nothing but directives.
            states_logic = asks or (kinds <= _OF_LOGIC and any(map(_is_logic_line, rest)))
        if states_logic:
            self._add_logic_run(rest, calls)
        else:
            self.prose.extend(rest)
            self._state(calls)

    def _hybrid(self, run: list[Node]) -> str | None:
        """Bash that means what lines say that mix logic with shell."""
        written = ("" if isinstance(node, Comment) else self.document.text(node.span).rstrip("\r\n") for node in run)
        return hybrid_as_shell(list(written))

    def _forbids_alone(self, node: Node) -> bool:
        """Whether a line forbids something, and says nothing of those below it: `Never edit it by hand.`"""
        if isinstance(node, (Blank, Comment)):
            return True
        is_head = isinstance(node, Line) and node.text.rstrip("* ").endswith(":")
        return self.roles.of(node) is Role.COUNTER_EXAMPLE and not is_head

    def _state(self, calls: Mapping[int, Shell]) -> None:
        """Put calls among the statements, each in its place."""
        self.statements.extend((call.span.start, (call,)) for call in calls.values())

    def _asks_before(self, lines: list[Line], calls: Mapping[int, Shell]) -> bool:
        """Whether a call stands below an `If …:` of prose: deeper than it, or in the list right below it."""
        for at, head in enumerate(lines if calls else ()):
            if _is_prose_if(head):
                indent = self._start(head) - head.span.start
                for line in lines[at + 1 :]:
                    start = self._start(line)
                    if not isinstance(line, ListItem) and start - line.span.start <= indent:
                        break
                    if start in calls:
                        return True
        return False

    def _start(self, line: Line) -> int:
        """Where the text of a line begins, its marker included."""
        text = self.document.text(line.span)
        return line.span.start + len(text) - len(text.lstrip())

    def _has_logic_tag(self) -> bool:
        return any(element.name.endswith("_logic") for element in self.elements)

    def _add_logic_run(self, lines: list[Line], calls: Mapping[int, Shell]) -> None:
        start = next((i for i, line in enumerate(lines) if _opens_logic(line)), 0)
        # What the first condition asks about stands right above it.
        while start and isinstance(lines[start - 1], Directive):
            start -= 1
        self.prose.extend(lines[:start])
        run = lines[start:]
        span = Span(run[0].span.start, run[-1].span.end) if run else Span(0, 0)
        inside = {at: call for at, call in calls.items() if span.start <= at < span.end}
        self._state({at: call for at, call in calls.items() if at not in inside})
        if run:
            self._add_logic(run[0], span, closed=False, calls=inside)

    def _read_calls(self, lines: list[Line], follower: Node | None) -> tuple[list[Line], dict[int, Shell]]:
        """Take the lines that state shell: the rest, and the calls by where their lines begin."""
        rest: list[Line] = []
        calls: dict[int, Shell] = {}
        bare: list[Line] = []
        told: list[Line] = []
        for index, node in enumerate(lines):
            text = node.text.strip()
            is_bare = is_shell_line(text) or (bare and self._ends_group(bare, text))
            is_bare = is_bare and not _code_spans(self.document.source.text).overlap(node.span)
            if is_bare and self.roles.of(node) is Role.PROCEDURE and not isinstance(node, ListItem):
                bare.append(node)
                continue
            self._flush_bare(bare)
            told.append(node)
            line_code = called_by_line(text)
            if line_code is not None:
                place = self._span_of(line_code, node)
                calls[self._start(node)] = self._call(line_code, ShellForm.SCRIPT, node, place, node.span)
                continue
            last = index == len(lines) - 1
            if not (last and isinstance(follower, Fence)):
                said = self._said(lines[index - 1] if index else None, node)
                if said is not None:
                    place = self._span_of(said, node)
                    calls[self._start(node)] = self._call(said, ShellForm.PROSE, node, place, node.span)
            rest.append(node)
        self._flush_bare(bare)
        self.exits.extend(ExitMeaning(code, branch) for code, branch in exit_meanings(self._sentences(told)))
        return rest, calls

    def _said(self, before: Line | None, node: Line) -> str | None:
        """What a line tells to run, by itself or with the line before, where its sentence begins there."""
        if self.roles.of(node) is not Role.PROCEDURE:
            return None
        text, script = node.text.strip(), self.language.script
        said = called_in_prose(text, script)
        if said is None and before is not None and self._goes_on(before, node):
            return called_across_lines(before.text, text, script)
        return said

    def _sentences(self, lines: list[Line]) -> Iterable[tuple[str, int, bool]]:
        """The lines as text with its place, and whether it is an item; what goes on in the next line is one text."""
        at = 0
        while at < len(lines):
            first = last = lines[at]
            at += 1
            while at < len(lines) and self._goes_on(last, lines[at]):
                last = lines[at]
                at += 1
            text = first.text
            if last is not first:
                # As long as before, so that places stay.
                text = self.document.source.text[first.begin : last.end].replace("\r", " ").replace("\n", " ")
            yield text, first.begin, isinstance(first, ListItem)

    def _goes_on(self, line: Line, following: Line) -> bool:
        if not (isinstance(line, (Paragraph, ListItem)) and isinstance(following, Paragraph)):
            return False
        between = self.document.source.text[line.end : following.begin]
        return between == "\n" or (between.count("\n") == 1 and not between.strip())

    def _ends_group(self, bare: list[Line], text: str) -> bool:
        """Whether a line is the `}` of a group that bare lines have opened."""
        return text == "}" and any(line.text.rstrip().endswith("{") for line in bare)

    def _flush_bare(self, bare: list[Line]) -> None:
        if bare:
            whole = Span(bare[0].span.start, bare[-1].span.end)
            code = _dedented(self.document.text(whole)).strip()
            self._add_shell(code, ShellForm.BARE, bare[0], _trimmed(whole, self.document), whole)
            bare.clear()

    def _span_of(self, code: str, node: Line) -> Span:
        for written in (code, SCRIPT_PLACEHOLDER):
            at = self.document.source.text.find(written, node.span.start, node.span.end)
            if at >= 0:
                return Span(at, at + len(written))
        return node.content


def _states_loop(node: Element) -> bool:
    return any(isinstance(child, Element) and child.name in _LOOP_CONDITIONS for child in node.children)


def _opens_logic(line: Line) -> bool:
    return isinstance(line, ConditionLine) or _is_logic_line(line) or _is_prose_if(line)


def _is_prose_if(line: Line) -> bool:
    # The last character tells of most lines what the pattern would say.
    return line.text[-1:] in _ENDS_OF_HEADS and _PROSE_IF.match(line.text) is not None


def _is_logic_line(node: Node) -> bool:
    return isinstance(node, Directive) and node.word in LOGIC_WORDS


def _all_shell(lines: list[str]) -> bool:
    texts = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return bool(texts) and all(is_shell_line(text) for text in texts)


def _trimmed(span: Span, document: Document) -> Span:
    text = document.text(span)
    start = span.start + len(text) - len(text.lstrip())
    return Span(start, max(start, span.start + len(text.rstrip())))


def _plain_lines(code: str) -> str:
    """The code with its line ends as LF and none at the end."""
    return code.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


def _without_prompts(code: str) -> str:
    """A console transcript without its `$ ` prompts; other code as it is."""
    lines = code.split("\n")
    if lines and all(line.startswith("$ ") or not line.strip() for line in lines):
        return "\n".join(line[2:] for line in lines)
    return code


def _dedented(text: str) -> str:
    import textwrap

    return textwrap.dedent(text)

"""Edits that turn the shell of one step into logic, and touch nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from peerlint.migrate.rewrite import wording
from peerlint.migrate.rewrite.layout import (
    block_lines,
    laid_out,
    logic_lines,
    logic_tag,
    with_free_blocks,
)
from peerlint.patterns import latin_set, regex
from peerlint.process.build import Reading, ShellCall, StepReading
from peerlint.process.build.find import FOLLOW_LOGIC
from peerlint.process.model import Delegate, ExitCodeIs, If, OutcomeIs, Shell, ShellForm, Statement, walk
from peerlint.records import dataclass
from peerlint.source.document import (
    Blank,
    Directive,
    Document,
    Element,
    Fence,
    Line,
    ListItem,
    Node,
    Paragraph,
    Section,
    Tag,
)
from peerlint.source.text import Edit, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard


@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between two parts of a step that are kept: the calls there, and what they become."""

    calls: tuple[ShellCall, ...]
    statements: tuple[Statement, ...]


#: `step_1_verify`, `phase-2-build`: a tag that is numbered by hand.
_NUMBERED_TAG = regex(rf"(?:step|phase|task)[_-]?\d+[_-](?={latin_set('a-z')})", re.IGNORECASE)


class CannotPlace(ValueError):
    """The lowered statements cannot be laid over the step's text; the message says why, for the user."""


def segments(
    step: StepReading, statements: Sequence[Statement], seams: Sequence[tuple[int, int]] = ()
) -> list[Segment]:
    """Cut a lowered step at its kept parts, which are its delegations and its logic that lowering left as it was.

    `seams` cut it too, before calls that keep their place. Raises CannotPlace where a kept part is missing or out of
    order.
    """
    cuts: list[tuple[int, tuple[Statement, ...], int | None]] = [
        *((offset, part, None) for offset, part in _kept_parts(step)),
        *((step.shell[call].span.start, (), at) for at, call in seams if not _asks_for_an_outcome(statements, at)),
    ]
    calls = list(step.shell)
    found: list[Segment] = []
    done = 0
    for offset, part, seam in sorted(cuts, key=lambda cut: cut[0]):
        at = _find(part, statements, done) if seam is None else max(seam, done)
        own = tuple(call for call in calls if call.span.start < offset)
        calls = calls[len(own) :]
        found.append(Segment(own, tuple(statements[done:at])))
        done = at + len(part)
    found.append(Segment(tuple(calls), tuple(statements[done:])))
    for segment in found:
        if segment.statements and not segment.calls:
            raise CannotPlace("a part of the logic belongs to no call in the text")
    return found


def _kept_parts(step: StepReading) -> list[tuple[int, tuple[Statement, ...]]]:
    """The delegations and the logic of a step, each with its place."""
    inside = {id(d) for container in step.logic for d in container.reading.statements if isinstance(d, Delegate)}
    kept: list[tuple[int, tuple[Statement, ...]]] = [
        (d.span.start, (d,)) for d in step.delegations if id(d) not in inside
    ]
    return kept + [(c.span.start, c.reading.statements) for c in step.logic if c.reading.statements]


def _find(part: tuple[Statement, ...], statements: Sequence[Statement], start: int) -> int:
    """Where the part stands among the statements. Raises CannotPlace."""
    for at in range(start, len(statements) - len(part) + 1):
        if tuple(statements[at : at + len(part)]) == part:
            return at
    raise CannotPlace("the logic that stands in the step already would change")


def _asks_for_an_outcome(statements: Sequence[Statement], at: int) -> bool:
    """Whether a chain begins there that looks at the effect right above it: the two are one."""
    chain = statements[at] if at < len(statements) else None
    if not isinstance(chain, If):
        return False
    asked = (node for branch in chain.branches for node in walk(branch.condition))
    return any(isinstance(node, OutcomeIs | ExitCodeIs) for node in asked)


def step_edits(
    reading: Reading, step: StepReading, statements: Sequence[Statement], seams: Sequence[tuple[int, int]] = ()
) -> tuple[Edit, ...]:
    """The edits that replace all shell of the step by the statements; `seams` are those of the lowering.

    Raises CannotPlace where that cannot be done without touching anything else.
    """
    return _StepRewriter(reading, step, statements, seams).edits()


class _StepRewriter:
    def __init__(
        self,
        reading: Reading,
        step: StepReading,
        statements: Sequence[Statement],
        seams: Sequence[tuple[int, int]],
    ) -> None:
        self.seams = seams
        self.reading = reading
        self.document: Document = reading.document
        self.text = self.document.source.text
        self.step = step
        present = {name: block.text for name, block in step.blocks.items()}
        if any(isinstance(statement, Shell) for statement in statements):
            raise CannotPlace("shell is left")
        self.statements = with_free_blocks(statements, present)
        self.present = present
        self.newline = "\r\n" if "\r\n" in self.text[step.span.start : step.span.end] else "\n"
        self.taken = {node.name for node in _below(step) if isinstance(node, Element)}
        self.found: list[Edit] = []
        self.removed: list[Span] = []

    def edits(self) -> tuple[Edit, ...]:
        for segment in segments(self.step, self.statements, self.seams):
            if segment.calls:
                self._place(segment)
        self._remove_sentences(_joined(exit_.span for exit_ in self.step.exits))
        self._reword()
        return tuple(sorted(self.found, key=lambda edit: edit.span))

    # --- where the logic goes ----------------------------------------------------------------------------------------

    def _place(self, segment: Segment) -> None:
        site = next((call for call in segment.calls if self._replaceable(call)), None)
        line = segment.calls[0] if site is None and self._stands_alone(segment.calls[0]) else None
        if line is not None:
            if self._gone(line.node.span):
                raise CannotPlace("a sentence calls shell that has to stand apart")
            self._replace_line(line, segment)
        for call in segment.calls:
            if (call is site and segment.statements) or self._gone(call.node.span):
                continue
            if call.statement.form is ShellForm.PROSE:
                self._remove_call(call)
            else:
                self._remove_lines(self._holder(call) or call.span)
        if line is not None:
            return
        if not segment.statements:
            return
        if site is None:
            self._insert(segment)
        elif _is_logic(site.node):
            self._fill_element(site.node, segment.statements)
        else:
            own = next((call.node.name for call in segment.calls if _is_logic(call.node)), None)
            self._replace(site, segment.statements, own)

    def _stands_alone(self, call: ShellCall) -> bool:
        """Whether a call is a line of the step itself, in no element such as `<instructions>`."""
        return isinstance(call.node, Line) and _outermost(call.node, self.step.span) is call.node

    def _replaceable(self, call: ShellCall) -> bool:
        """Fences and bare lines outside `<instructions>` are replaced where they stand."""
        if call.statement.form not in (ShellForm.FENCE, ShellForm.BARE):
            return False
        return not _inside_instructions(call.node, self.step.span)

    def _replace(self, site: ShellCall, statements: Sequence[Statement], own: str | None) -> None:
        """Replace a call, with the tag around it; `own` is the tag of logic that another call goes from."""
        self._replace_lines(self._holder(site) or site.span, self._block_lines(statements, own))

    def _holder(self, call: ShellCall) -> Span | None:
        """The tag that holds nothing but this shell (`<read_operation>`), which goes with it."""
        node = call.node if isinstance(call.node, Element) else call.node.parent
        if not isinstance(node, Element) or call.statement.form is not ShellForm.BARE or node is self.step.node:
            return None
        inner = [child for child in node.children if not isinstance(child, (Tag, Blank))]
        alone = node is call.node or all(call.span.contains(child.span) for child in inner)
        return node.span if alone and self.step.span.contains(node.span) else None

    def _fill_element(self, node: Element, statements: Sequence[Statement]) -> None:
        """Replace a `<…_logic>` tag that held shell by one that holds logic; reference blocks go behind it."""
        lines = [*logic_lines(statements, node.name), *block_lines(statements, self.present)]
        self._replace_lines(node.span, lines)

    def _replace_lines(self, span: Span, lines: Sequence[str]) -> None:
        start, end = self._line_start(span.start), self._line_end(span.end)
        if self.text[start : span.start].strip() or self.text[span.end : end].strip():
            raise CannotPlace("the shell shares a line with other text")
        content = laid_out(lines, self._indent(start), self.newline)
        if self.text[start:end].endswith(("\n", "\r")):
            content += self.newline
        self.found.append(Edit(Span(start, end), content))
        self.removed.append(Span(start, end))

    def _indent(self, line_start: int) -> str:
        match = re.compile(r"[ \t]*").match(self.text, line_start)
        return match[0] if match else ""

    def _insert(self, segment: Segment) -> None:
        """Put the logic in front of the element that holds the first call."""
        holder = _outermost(segment.calls[0].node, self.step.span)
        at = self._line_start(holder.span.start)
        content = laid_out(
            self._block_lines(segment.statements, at=segment.calls[0].span), self._indent(at), self.newline
        )
        self.found.append(Edit(Span(at, at), content + self.newline * 2))

    def _replace_line(self, call: ShellCall, segment: Segment) -> None:
        """Replace a paragraph that calls shell by what else it says, and the logic below it."""
        text = self._paragraph(call.node)
        start, end = self._line_start(text.start), self._line_end(text.end)
        kept = self._without_calls(text, segment.calls)
        head = self.text[start : text.start]
        if isinstance(call.node, ListItem) and not kept.strip(" *") and segment.statements:
            # An item keeps its place in the list.
            kept = FOLLOW_LOGIC
        elif segment.statements and wording.looks_back(kept):
            kept = f"{FOLLOW_LOGIC} {kept}"
        indent = " " * len(head.expandtabs(4)) if isinstance(call.node, ListItem) else self._indent(start)
        parts = [head + kept] if kept.strip(" -*") else []
        if segment.statements:
            parts += [""] if parts else []
            parts.append(
                laid_out(self._block_lines(segment.statements, at=segment.calls[0].span), indent, self.newline)
            )
            # Below a tag Markdown reads on as HTML up to the next blank line.
            follower = self.text[end : self._line_end(end + 1)] if end < len(self.text) else ""
            parts += [""] if follower.strip() and not follower.lstrip().startswith("<") else []
        content = "".join(part + self.newline for part in parts)
        self.found.append(Edit(Span(start, end), content))
        self.removed.append(Span(start, end))

    def _block_lines(
        self, statements: Sequence[Statement], own: str | None = None, at: Span | None = None
    ) -> list[str]:
        name = self.step.name or (self._name_around(at) if at is not None else None) or self._script_name()
        tag = own or logic_tag(name, self.taken)
        self.taken.add(tag)
        lines = [*logic_lines(statements, tag), *block_lines(statements, self.present)]
        self.present = {**self.present, **dict.fromkeys(_opened(lines), "")}
        return lines

    def _name_around(self, place: Span) -> str | None:
        """The name of the innermost tag around a place that says what is done: `<step name="x">`, `<step_1_x>`."""
        around = [
            node for node in self.reading.document.nodes if isinstance(node, Element) and node.span.contains(place)
        ]
        for element in sorted(around, key=lambda node: len(node.span)):
            given, numbered = element.attributes.get("name"), _NUMBERED_TAG.match(element.name)
            if given is not None and given.value:
                return given.value
            if numbered:
                return element.name[numbered.end() :]
        return None

    def _script_name(self) -> str | None:
        """The name of the script that a step without a name runs, as a name for its logic."""
        scripts = [script for call in self.step.shell for script in call.statement.scripts]
        return re.sub(r"\.\w+$", "", scripts[0].rpartition("/")[2]) if scripts else None

    # --- what goes, and what is said in other words ------------------------------------------------------------------

    def _remove_lines(self, span: Span) -> None:
        """Remove whole lines, and one blank line behind them where one stands before them too."""
        start, end = self._line_start(span.start), self._line_end(span.end)
        # Lines that go one after the other are one gap.
        gone = [edit.span for edit in self.found if not edit.content]
        before = next((other.start for other in gone if other.end == start), start)
        behind = next((other.end for other in gone if other.start == end), end)
        self.found.append(Edit(Span(start, end), ""))
        self.removed.append(Span(start, end))
        follower = self._line_end(behind + 1) if behind < len(self.text) else behind
        if self._blank_before(before) and behind < follower and not self.text[behind:follower].strip():
            self.found.append(Edit(Span(behind, follower), ""))
            self.removed.append(Span(behind, follower))

    def _remove_call(self, call: ShellCall) -> None:
        """Take the sentence that tells to run the shell out of its paragraph."""
        text = self._paragraph(call.node)
        if self._gone(text):
            return
        rest = self._without_calls(text, self.step.shell)
        if rest.strip(" -*"):
            self.found.append(Edit(text, rest))
            self.removed.append(Span(call.node.span.start, text.end))
        else:
            self._remove_lines(Span(call.node.span.start, text.end))

    def _paragraph(self, node: Node) -> Span:
        """What a line says, with the lines in which it goes on; of a directive its payload."""
        assert isinstance(node, Line)
        if isinstance(node, Directive):
            return Span(node.payload.start, node.payload.start + len(self._payload(node)))
        siblings = node.parent.children if node.parent else self.document.roots
        last = node
        for other in siblings[siblings.index(node) + 1 :]:
            if not isinstance(other, Paragraph) or self._line_start(other.span.start) != self._line_end(last.span.end):
                break
            last = other
        return Span(node.content.start, last.content.end)

    def _payload(self, node: Directive) -> str:
        return self.text[node.payload.start : node.payload.end].rstrip()

    def _without_calls(self, text: Span, calls: Sequence[ShellCall]) -> str:
        """A paragraph without what tells to run the calls in it. Raises CannotPlace where it says that and more."""
        own = [call for call in calls if text.overlaps(call.node.span)]
        if any(call.statement.form is ShellForm.SCRIPT for call in own):
            return ""
        written = self.text[text.start : text.end]
        exits = [exit_.span for exit_ in self.step.exits if text.contains(exit_.span)]
        gone = [Span(span.start - text.start, span.end - text.start) for span in exits]
        # In one line, so that a sentence may go over the end of one; as long as before, so that places stay.
        flat = written.replace("\r", " ").replace("\n", " ")
        tool = wording.sentence_of_bash_tool(flat)
        if tool is not None and len(own) == 1:
            if "\n" in written[tool.start : tool.end].strip():
                raise CannotPlace("the sentence that calls the shell goes over several lines")
            return wording.introduction(wording.without(written, gone))
        for call in own:
            sentence = wording.sentence_of_call(flat, call.statement.code)
            instrument = wording.instrument_of_call(flat, call.statement.code) if sentence is None else None
            if instrument is not None and len(own) == 1 and not gone:
                return written[: instrument.start] + written[instrument.end :]
            if sentence is None:
                raise CannotPlace("the sentence that calls the shell says more than to run it")
            gone.append(sentence)
        return wording.without(written, gone)

    def _remove_sentences(self, sentences: Sequence[Span]) -> None:
        """Take what the prose says of exit codes out of its lines."""
        by_line: dict[Span, list[Span]] = {}
        for span in sentences:
            lines = Span(self._line_start(span.start), self._line_end(span.end))
            by_line.setdefault(lines, []).append(span)
        for lines, spans in by_line.items():
            text = self.text[lines.start : lines.end].rstrip("\r\n")
            kept = wording.without_conditions(
                text, [Span(span.start - lines.start, span.end - lines.start) for span in spans]
            )
            if not kept.strip(" \t-*."):
                self._remove_lines(Span(spans[0].start, spans[-1].end))
            elif not any(self._gone(span) for span in spans):
                self.found.append(Edit(Span(lines.start, lines.start + len(text)), kept.rstrip()))
                self.removed += spans

    def _reword(self) -> None:
        still_used = " ".join(edit.content for edit in self.found)
        for node in _below(self.step):
            if isinstance(node, Line) and not self._gone(node.span):
                if isinstance(node, Directive) or _inside_instructions(node, self.step.span):
                    self._reword_directive(node, still_used)
                elif not _in_fence_or_logic(node):
                    self._reword_prose(node, still_used)
        for node in _below(self.step):
            if isinstance(node, Element) and re.fullmatch(r"instructions?", node.name):
                self._remove_if_empty(node)

    def _reword_directive(self, node: Line, still_used: str) -> None:
        if isinstance(node, Directive):
            span = node.payload
            text = self.text[span.start : span.end].rstrip()
            if not text:
                return
            new = wording.action(text) if node.word == "ACTION" else text
        else:
            span, text = node.content, self.text[node.content.start : node.content.end].rstrip()
            new = text
        new = wording.without_temp_files(new, still_used)
        if new != text:
            self.found.append(Edit(Span(span.start, span.start + len(text)), new))

    def _reword_prose(self, node: Line, still_used: str) -> None:
        text = self.text[node.content.start : node.content.end]
        new = wording.introduction(text.rstrip())
        follower = self._fence_below(node)
        if follower is not None and any(follower.span.overlaps(edit.span) for edit in self.found):
            new = wording.without_announcement(new)
            if text.strip() and not new and isinstance(node, ListItem):
                # An item keeps its place in the list.
                new = FOLLOW_LOGIC
        if follower is not None and self._removed_for_good(follower):
            new = wording.without_lead_in(new)
        if new == text.rstrip():
            return
        if new.strip():
            self.found.append(Edit(Span(node.content.start, node.content.start + len(text.rstrip())), new))
        else:
            self._remove_lines(node.span)

    def _fence_below(self, node: Node) -> Fence | None:
        """The fence that is the next thing below a line."""
        siblings = node.parent.children if node.parent else self.document.roots
        later = siblings[siblings.index(node) + 1 :]
        follower = next((other for other in later if not isinstance(other, Blank)), None)
        return follower if isinstance(follower, Fence) else None

    def _removed_for_good(self, fence: Fence) -> bool:
        """Whether a fence goes without a replacement."""
        return any(not edit.content and edit.span.overlaps(fence.span) for edit in self.found)

    def _remove_if_empty(self, node: Element) -> None:
        inner = [child for child in node.children if not isinstance(child, (Tag, Blank))]
        if inner and all(any(gone.contains(child.span) for gone in self.removed) for child in inner):
            self.found = [edit for edit in self.found if not (node.span.contains(edit.span) and not edit.content)]
            self._remove_lines(node.span)

    def _gone(self, span: Span) -> bool:
        return any(gone.overlaps(span) for gone in self.removed)

    # --- lines -------------------------------------------------------------------------------------------------------

    def _line_start(self, offset: int) -> int:
        lines = self.document.source.lines
        return lines.row_span(lines.position(offset).row).start

    def _line_end(self, offset: int) -> int:
        """The end of the line that holds the character before `offset`, with its line end."""
        lines = self.document.source.lines
        return lines.row_span(lines.position(max(0, offset - 1)).row).end

    def _blank_before(self, start: int) -> bool:
        return start == 0 or not self.text[self._line_start(start - 1) : start].strip()


def _is_logic(node: Node) -> TypeGuard[Element]:
    return isinstance(node, Element) and node.name.endswith("_logic")


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that follow each other without a gap as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            span = Span(found.pop().start, span.end)
        found.append(span)
    return found


def _opened(lines: Collection[str]) -> list[str]:
    return [match[1] for line in lines if (match := re.match(r"^<([a-z][a-z0-9_]*)>$", line))]


def _below(step: StepReading) -> list[Node]:
    stack = list(reversed(step.nodes))
    found: list[Node] = []
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(reversed(node.children))
    return found


def _inside_instructions(node: Node | None, step: Span) -> bool:
    """Whether a node of the step lies in `<instructions>` that only document it; with headings they are the step."""
    while node is not None and step.contains(node.span):
        if isinstance(node, Element) and re.fullmatch(r"instructions?", node.name):
            return not any(isinstance(child, Section) for child in node.children)
        node = node.parent
    return False


def _in_fence_or_logic(node: Node | None) -> bool:
    while node is not None:
        if isinstance(node, Fence) or (isinstance(node, Element) and node.name.endswith("_logic")):
            return True
        node = node.parent
    return False


def _outermost(node: Node, step: Span) -> Node:
    """The element around `node` that stands directly in the step or one of its sections; else `node` itself."""
    found = node
    current = node.parent
    while current is not None and step.contains(current.span):
        if isinstance(current, Element) and current.name not in ("step", "process_flow"):
            found = current
        current = current.parent
    return found

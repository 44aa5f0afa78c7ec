"""Roles: what each node of a document is there for.

A role is handed down: the kind of the file gives the first, headings and tags change it for what stands below them,
and a fence or line may say of itself that it is something else. Inside an example everything is an example.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from peerlint.patterns import regex
from peerlint.process.roles.fences import FenceReader
from peerlint.process.roles.orders import is_run_of_script, orders_steps
from peerlint.process.roles.signs import (
    STRONG_HEADING_ROLES,
    Role,
    heading_sign,
    is_step_heading,
    line_sign,
    orders_to_run,
    tag_sign,
    teaches_shell,
)
from peerlint.records import dataclass, replace
from peerlint.source.document import (
    Blank,
    Comment,
    Directive,
    Document,
    Element,
    Fence,
    FrontMatter,
    Line,
    Node,
    Section,
)
from peerlint.source.kinds import FileKind

__all__ = ["Assigned", "Role", "Roles", "roles_of"]

#: Roles that hold for all that stands inside, whatever it is called.
_STICKY = frozenset({Role.EXAMPLE, Role.COUNTER_EXAMPLE, Role.TEMPLATE, Role.DELIVERABLE, Role.TEACHING})
_SHOWN = frozenset({Role.EXAMPLE, Role.COUNTER_EXAMPLE})
_PROCEDURAL_KINDS = frozenset({FileKind.INSTRUCTION, FileKind.COMMAND, FileKind.SUBAGENT})
_OPEN_KINDS = frozenset({FileKind.SKILL, FileKind.CURSOR_RULE, FileKind.MEMORY})
#: What the words in these tags are is told by the tag: `<error>Wrong status</error>` shows nothing wrong.
_QUOTING_TAGS = frozenset({"error", "warn", "warning", "message", "display", "ask", "confirmation"})
_SUPPORT_FOLDER = regex(
    r"/(?:references?|resources|docs|examples?|templates?|assets)/(?!.*/?(?:commands|agents|workflows|instructions)/)"
)
#: Pages of a skill that keep an older text of it.
_KEPT_PAGE = regex(
    r"/(?:references?|resources|docs)/(?:.*/)?(?:legacy|old|deprecated|obsolete|archived?|previous)[-_](?:docs?|documentation|"
    r"reference|version|skill|instructions|guide)\.md$",
    re.IGNORECASE,
)
_FRONT_MATTER_TITLE = regex(r"^(?:name|title)\s*:\s*(.+)$", re.MULTILINE)
_COMMANDS = regex(r"\bcommands?\W*$", re.IGNORECASE)
_AS_IN = regex(r"(?:\bas in|\bsee|\bper|\busing|^RUN:)\s+<([a-z][a-z0-9_]*)>")
_BLOCK_VALUE = regex(r"(?:^(?:ERROR|WARN|PROVIDE|DISPLAY|ASK):\s*|=\s*|\bjq\s+)<([a-z][a-z0-9_]*)>")


@dataclass(frozen=True, slots=True)
class Assigned:
    """A role and the reason for it, as `explain` shows it."""

    role: Role
    reason: str


@dataclass(frozen=True, slots=True)
class _Context(Assigned):
    """What a container hands down. `firm` procedure stands in a step; else it is only the kind of file that says so.

    In one that `quotes` stands what is said to the user, whose words say nothing of the text.
    """

    firm: bool = False
    lists_commands: bool = False
    quotes: bool = False


class Roles:
    """The roles of a document's nodes."""

    def __init__(self, assigned: Mapping[Node, Assigned]) -> None:
        self._assigned = assigned

    def of(self, node: Node) -> Role:
        """The role of a node of the document."""
        return self._assigned[node].role

    def include(self, *roles: Role) -> bool:
        """Whether a node of the document has one of the roles."""
        return any(assigned.role in roles for assigned in self._assigned.values())

    def reason(self, node: Node) -> str:
        """Why the node has its role, as part of a sentence: `heading "Examples"`."""
        return self._assigned[node].reason


def roles_of(document: Document, kind: FileKind) -> Roles:
    """The roles of all nodes of a document. Linear, never raises."""
    return Roles(_Assigner(document, kind).run())


class _Assigner:
    def __init__(self, document: Document, kind: FileKind) -> None:
        self.document = document
        self.assigned: dict[Node, Assigned] = {}
        self.base = _base(document, kind)
        self.fences = FenceReader(document)
        # Such files are as often pages to look things up in as procedures; a sentence that says to run a script tells.
        is_page_of_skill = kind is FileKind.SKILL and not document.source.path.lower().endswith("skill.md")
        self.may_tell = kind in _OPEN_KINDS and not is_page_of_skill

    def run(self) -> dict[Node, Assigned]:
        stack: list[tuple[list[Node], _Context]] = [(self.document.roots, self.base)]
        while stack:
            siblings, context = stack.pop()
            # Most of them have what is handed down; only some say something else of themselves.
            self.assigned.update(dict.fromkeys(siblings, context))
            lines_tell, is_open = context.role not in _STICKY, self._leaves_open(context)
            for at, node in enumerate(siblings):
                own: Assigned | None
                if isinstance(node, Line):
                    own = self._line(node, context, is_open=is_open) if lines_tell else None
                elif isinstance(node, Blank):
                    continue
                elif isinstance(node, (Section, Element)):
                    own = self._section(node, context) if isinstance(node, Section) else self._element(node, context)
                    stack.append((node.children, own))
                else:
                    own = self._block(node, siblings, at, context)
                if own is not None:
                    self.assigned[node] = own
        return self.assigned

    def _section(self, node: Section, context: _Context) -> _Context:
        sign = heading_sign(node.title)
        if sign is None and self._leaves_open(context) and any(map(_orders_steps, node.children)):
            return _Context(Role.PROCEDURE, "a line below the heading orders to follow steps", firm=True)
        if sign is None or context.role in _STICKY:
            return context
        reason = f'heading "{node.title}"'
        if is_step_heading(node.title):
            # Steps below "Installation" tell people how to install.
            return context if self._handed_down(context) else _Context(Role.PROCEDURE, reason, firm=True)
        if context.role is Role.PROCEDURE and context.firm and sign.role not in STRONG_HEADING_ROLES:
            return context
        if node.level == 1 and sign.role is not Role.COUNTER_EXAMPLE:
            # The title of a file names its subject: "Commit Message Format", "Integration Checker".
            return context
        if sign.role is Role.PROCEDURE:
            return context if self._handed_down(context) else _Context(Role.PROCEDURE, reason, firm=True)
        return _Context(sign.role, reason, lists_commands=_COMMANDS.search(node.title) is not None)

    def _handed_down(self, context: _Context) -> bool:
        """Whether a heading or tag further out has made the context documentation, not just the kind of file."""
        return context.role in (Role.DOCUMENTATION, Role.REFERENCE) and context is not self.base

    @cached_property
    def named(self) -> dict[str, Role]:
        """Elements that statements name."""
        return _named_blocks(self.document)

    def _element(self, node: Element, context: _Context) -> _Context:
        if context.role in _STICKY:
            return context
        named = self.named.get(node.name)
        if named is not None:
            return _Context(named, f"a statement names <{node.name}>")
        sign = tag_sign(node.name)
        if sign is None:
            return replace(context, quotes=True) if node.name in _QUOTING_TAGS else context
        if sign.role is Role.PROCEDURE:
            return _Context(Role.PROCEDURE, f"<{node.name}>", firm=True)
        if sign.role is Role.DOCUMENTATION and context.firm:
            return context
        return _Context(sign.role, f"<{node.name}>")

    def _block(self, node: Node, siblings: list[Node], at: int, context: _Context) -> Assigned | None:
        """What is told by the kind of a node, or what a fence is by itself or by what stands above it."""
        if isinstance(node, (FrontMatter, Comment)):
            return Assigned(Role.DOCUMENTATION, "front matter" if isinstance(node, FrontMatter) else "comment")
        if not isinstance(node, Fence):
            return None
        may_be_told = self._leaves_open(context)
        listed = self._lists_commands(context)
        sign = self.fences.read(node, siblings, at, context.role, may_be_told=may_be_told, may_be_ordered=listed)
        return Assigned(sign.role, sign.words) if sign and _may_become(context.role, sign.role) else None

    def _line(self, node: Line, context: _Context, *, is_open: bool) -> Assigned | None:
        """What a line is that says it of itself; `is_open` is what `_leaves_open` says of its surroundings."""
        text = node.text
        if is_open and is_run_of_script(text):
            return Assigned(Role.PROCEDURE, "the line tells to run a script")
        if isinstance(node, Directive):
            return None
        if context.lists_commands and self._lists_commands(context) and orders_to_run(text):
            return Assigned(Role.PROCEDURE, "the line orders to run what stands below it")
        if context.quotes:
            return None
        if text[:1] == "|":
            return Assigned(Role.DOCUMENTATION, "table")
        sign = line_sign(text)
        return None if sign is None else Assigned(sign.role, f'"{sign.words}" begins the line')

    def _leaves_open(self, context: _Context) -> bool:
        """Whether nothing but the kind of file says what the text is there for, and that says it of no other."""
        return self.may_tell and context is self.base

    def _lists_commands(self, context: _Context) -> bool:
        """Whether a heading lists commands, in a file that tells the agent what to do."""
        return self.base.role is Role.PROCEDURE and context.role is Role.DOCUMENTATION and context.lists_commands


def _orders_steps(node: Node) -> bool:
    return isinstance(node, Line) and "steps" in node.text and orders_steps(node.text)


def _may_become(context: Role, own: Role) -> bool:
    """Whether a fence may be something else than what surrounds it: among examples, only good and bad differ."""
    return context not in _STICKY or (context in _SHOWN and own in _SHOWN)


def _base(document: Document, kind: FileKind) -> _Context:
    """What the file as a whole hands down."""
    title = _title(document)
    if title is not None:
        return _Context(Role.TEACHING, f'the file is about shell scripting ("{title}")')
    if kind is FileKind.SKILL and _KEPT_PAGE.search(document.source.path):
        return _Context(Role.TEACHING, "its name says that it keeps what was written before")
    if kind in _PROCEDURAL_KINDS and not _SUPPORT_FOLDER.search("/" + document.source.path):
        return _Context(Role.PROCEDURE, f"kind of file: {kind.value.replace('_', ' ')}")
    return _Context(Role.DOCUMENTATION, f"kind of file: {kind.value.replace('_', ' ')}")


def _title(document: Document) -> str | None:
    """The title of a file that teaches shell scripting."""
    titles: list[str] = []
    if document.front_matter is not None:
        titles += _FRONT_MATTER_TITLE.findall(document.text(document.front_matter.content))
    titles += [node.title for node in document.roots if isinstance(node, Section) and node.level == 1][:1]
    return next((title.strip() for title in titles if teaches_shell(title)), None)


def _named_blocks(document: Document) -> dict[str, Role]:
    """Elements that statements name, with the role that this gives them: `as in <x>` against `ERROR: <x>`."""
    named: dict[str, Role] = {}
    for line in _directives(document):
        for name in _BLOCK_VALUE.findall(line.text):
            named.setdefault(name, Role.TEMPLATE)
        for name in _AS_IN.findall(line.text):
            named[name] = Role.REFERENCE
    return named


def _directives(document: Document) -> Iterable[Directive]:
    return (node for node in document.nodes_of(Directive) if "<" in node.text)

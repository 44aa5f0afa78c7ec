"""A file as an lxml tree for rules written as XPath: read-only, sanitised, never the source of an edit.

Elements: `element`, `section`, `heading`, `fence`, `directive`, `condition`, `item`, `paragraph`, `comment`,
`front-matter`. Attributes: `role`, `step` (number), `row`, and by kind `name`, `level`, `title`, `language`, `word`,
`payload`; those of a tag as `attr-NAME`. The text of a leaf is its text in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from string import Formatter
from typing import TYPE_CHECKING, Protocol

from peerlint.errors import InputError
from peerlint.lint.context import Context, FileView, Found
from peerlint.patterns import NOT_XML, regex
from peerlint.source.document import (
    Comment,
    ConditionLine,
    Directive,
    Element,
    Fence,
    FrontMatter,
    Heading,
    Line,
    ListItem,
    Node,
    Section,
)
from peerlint.source.text import Span

if TYPE_CHECKING:
    from lxml import etree


class Match(Protocol):
    """What is used of a match of RE2."""

    def span(self) -> tuple[int, int]:
        """Begin and end of the match."""
        ...

    def end(self) -> int:
        """End of the match."""
        ...


class Pattern(Protocol):
    """What is used of a compiled RE2 pattern, which has no types of its own."""

    def finditer(self, text: str, /) -> Iterator[Match]:
        """The matches from left to right."""
        ...


#: Longest XPath that a rule may have.
MAX_SELECT_LENGTH = 400
#: Text of a node that a rule sees at most.
MAX_TEXT = 4000
#: Matches of a pattern in one node at most.
MAX_MATCHES = 50
#: What one rule finds in a file at most.
MAX_FINDINGS = 1000
#: Longest message or help that a rule may have: it is said once for each finding.
MAX_TEMPLATE = 1000
#: What a compiled pattern may take.
MAX_PATTERN_BYTES = 1 << 20
#: Nodes deeper than this stand in the tree as if they were this deep: XPath takes time by the depth.
MAX_DEPTH = 24
#: Nodes after these are not in the tree: where there are so many, the file was made to make XPath slow. Of two descents
#: libxml2 unites what it finds in time that grows with the square of the nodes: with 5,000 it is half a second.
MAX_NODES = 5_000

_NAMES: tuple[tuple[type[Node], str], ...] = (
    (FrontMatter, "front-matter"),
    (Section, "section"),
    (Heading, "heading"),
    (Element, "element"),
    (Fence, "fence"),
    (Directive, "directive"),
    (ConditionLine, "condition"),
    (ListItem, "item"),
    (Comment, "comment"),
    (Line, "paragraph"),
)
NODE_NAMES = tuple(name for _, name in _NAMES)
#: Attribute by which the node of an element is found again.
_NUMBER = "node"
_LITERAL = regex(r"\"[^\"]*\"|'[^']*'")
_DESCENT = regex(r"//|\bdescendant(?:-or-self)?::")
#: What looks back, up or sideways: from every node, it takes time by the square of their number.
_ELSEWHERE = regex(r"\.\.|\b(?:parent|ancestor|ancestor-or-self|following|preceding|namespace)(?:-sibling)?::|\|")
_FUNCTIONS = {"contains", "starts-with", "not", "count", "position", "last", "string", "string-length"}
_FUNCTIONS |= {"normalize-space", "text", "node", "and", "or"}


def selected(context: Context) -> Iterator[Found]:
    """The nodes that the rule's XPath selects and whose role it looks at, at most MAX_FINDINGS."""
    return islice(_selected(context), MAX_FINDINGS)


def _selected(context: Context) -> Iterator[Found]:
    from lxml import etree

    assert context.rule.select is not None
    tree, nodes = _tree(context.file)
    result = tree.xpath(context.rule.select)
    for item in result if isinstance(result, list) else []:
        number = item.get(_NUMBER) if isinstance(item, etree._Element) else None
        node = nodes[int(number)] if number is not None else None
        if node is None or not context.looks_at(context.reading.roles.of(node)):
            continue
        spans = [_first_line(context, node)]
        if context.rule.pattern is not None:
            spans = _matches(compiled_pattern(context.rule.pattern), context, node)
        for span in spans:
            yield Found(span, {"text": _shown(context, span)})


def check_pattern(pattern: str, path: str) -> None:
    """Refuses a pattern that is no RE2, in which none can take longer than its text is long. Raises InputError."""
    if len(pattern) > MAX_SELECT_LENGTH:
        raise InputError(f'"pattern" is longer than {MAX_SELECT_LENGTH} characters', path=path)
    try:
        compiled_pattern(pattern)
    except ModuleNotFoundError:
        raise InputError('"pattern" needs RE2', path=path, todo='install "peerlint[rules]"') from None
    except ValueError as error:
        raise InputError(f'"pattern" is no RE2: {error}', path=path) from None


def check_template(template: str, path: str) -> None:
    """Refuses a message that asks for more than {text}, or for more of it than is there. Raises InputError."""
    if len(template) > MAX_TEMPLATE:
        raise InputError(f"a message is longer than {MAX_TEMPLATE} characters", path=path)
    try:
        asked = [parts[1:] for parts in Formatter().parse(template) if parts[1] is not None]
    except ValueError:
        asked = [("", "", None)]
    if any(each != ("text", "", None) for each in asked):
        raise InputError("a message of your own rule may hold {text}, nothing else in { }", path=path)


@cache
def compiled_pattern(pattern: str) -> Pattern:
    """The pattern. Raises ValueError where it is none, ModuleNotFoundError without RE2."""
    import re2

    options = re2.Options()
    options.max_mem = MAX_PATTERN_BYTES
    options.log_errors = False
    try:
        # As in editors, ^ and $ are the ends of lines.
        compiled: Pattern = re2.compile(f"(?m){pattern}", options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    return compiled


def _matches(pattern: Pattern, context: Context, node: Node) -> list[Span]:
    """Where the pattern matches in the text of a node, at most MAX_MATCHES times; empty matches are none."""
    text = _clean(_beginning(context.file, node)).replace("\r\n", "\n\n")
    # Where the text was cut there is no end of a line.
    cut = MAX_TEXT if len(node.span) > MAX_TEXT else -1
    matches = (match for match in pattern.finditer(text) if match.end() != cut)
    found = (Span(*match.span()).shifted(node.span.start) for match in islice(matches, MAX_MATCHES))
    return [span for span in found if len(span)]


def check_select(select: str, path: str) -> None:
    """Refuses an XPath that is none, or that may take longer than the file is long. Raises InputError.

    What is left are steps to children, descent at most twice and not inside [ ], comparison with a text or a number,
    and functions whose result is no longer than what they are given.
    """
    from lxml import etree

    if len(select) > MAX_SELECT_LENGTH:
        raise InputError(f'"select" is longer than {MAX_SELECT_LENGTH} characters', path=path)
    try:
        etree.XPath(select)
    except etree.XPathError as error:
        raise InputError(f'"select" is no XPath: {error}', path=path) from None
    plain = _LITERAL.sub('""', select)
    if any(_DESCENT.search(predicate) for predicate in _predicates(plain)):
        raise InputError('"select" looks over the whole file inside [ ]', path=path, todo="use child steps there")
    if len(_DESCENT.findall(plain)) > 2:
        raise InputError('"select" looks over the whole file too often', path=path, todo="write // at most twice")
    if found := _ELSEWHERE.search(plain):
        raise InputError(f'"select" uses {found[0]}, which rules may not', path=path, todo="look from above, by [ ]")
    unknown = set(re.findall(r"([\w:-]+)\s*\(", plain)) - _FUNCTIONS
    if unknown:
        raise InputError(f'"select" uses {min(unknown)}(), which rules may not', path=path)
    for name in _node_names(plain):
        if name not in (*NODE_NAMES, "file"):
            todo = f"a tag is element[@name='{name}']; nodes are {', '.join(NODE_NAMES)}"
            raise InputError(f'"select" names "{name}", which is no kind of node', path=path, todo=todo)
    for comparison in re.finditer(r"([\w.-]*\"?)\s*(?:!=|<=|>=|=|<|>)\s*(\"|[\w.-]*)", plain):
        if not any(side.endswith('"') or re.fullmatch(r"\d+(?:\.\d*)?", side) for side in comparison.groups()):
            raise InputError('"select" compares nodes with nodes', path=path, todo="compare with a text or a number")


def _node_names(plain: str) -> Iterator[str]:
    """The names of nodes in an expression: not those of attributes, functions, axes and words of XPath itself."""
    for match in re.finditer(r"(?<![@\w.:-])(?:[a-z-]+::)?([A-Za-z_][\w.-]*)(?!\s*\(|::|[\w.-])", plain):
        if match[1] not in ("and", "or", "div", "mod") and not match[0].startswith("attribute::"):
            yield match[1]


def _predicates(plain: str) -> Iterator[str]:
    """What stands inside of brackets, nested ones with the one around them."""
    depth, start = 0, 0
    for index, character in enumerate(plain):
        if character == "[":
            start = index + 1 if depth == 0 else start
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                yield plain[start:index]


@lru_cache(maxsize=1)
def _tree(view: FileView) -> tuple[etree._Element, list[Node]]:
    """The tree, and the nodes by the number that each element has; made without recursion."""
    from lxml import etree

    root = etree.Element("file", kind=view.reading.kind.value)
    nodes: list[Node] = []
    stack = [(node, root, 0) for node in reversed(view.document.roots)]
    while stack and len(nodes) < MAX_NODES:
        node, parent, depth = stack.pop()
        name = next((name for kind, name in _NAMES if isinstance(node, kind)), None)
        if name is None:
            continue
        item = etree.SubElement(parent, name, {**_attributes(view, node), _NUMBER: str(len(nodes))})
        if not node.children:
            item.text = _clean(_beginning(view, node).strip())
        nodes.append(node)
        below = item if depth < MAX_DEPTH else parent
        stack.extend((child, below, min(depth + 1, MAX_DEPTH)) for child in reversed(node.children))
    return root, nodes


def _attributes(view: FileView, node: Node) -> dict[str, str]:
    step = view.step_at(node.span)
    found = {
        "role": view.reading.roles.of(node).value,
        "row": str(view.source.lines.position(node.span.start).row),
        "step": step.number if step is not None else "",
    }
    for name in ("name", "level", "title", "language", "word"):
        value = getattr(node, name, None)
        if value not in (None, ""):
            found[name] = str(value)
    if isinstance(node, (Directive, ConditionLine)):
        found["payload"] = view.document.text(node.payload).strip()[:MAX_TEXT]
    if isinstance(node, Element):
        for attribute in node.attributes.values():
            if re.fullmatch(r"[A-Za-z_][\w.-]*", attribute.name):
                found[f"attr-{attribute.name}"] = attribute.value[:MAX_TEXT]
    return {name: _clean(value) for name, value in found.items()}


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)


def _beginning(view: FileView, node: Node) -> str:
    """As much of the text of a node as rules see; a file may have a node in a node as often as it has lines."""
    start = node.span.start
    return view.document.text(Span(start, min(node.span.end, start + MAX_TEXT)))


def _first_line(context: Context, node: Node) -> Span:
    text = _beginning(context.file, node)
    start = node.span.start + len(text) - len(text.lstrip())
    return Span(start, max(start, start + len(text.strip().split("\n", 1)[0].rstrip())))


def _shown(context: Context, span: Span) -> str:
    text = " ".join(context.document.text(Span(span.start, min(span.end, span.start + MAX_TEXT))).split())
    return text if len(text) <= 60 else text[:59] + "…"

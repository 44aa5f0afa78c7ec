"""A file as an lxml tree for rules written as XPath: read-only, sanitised, never the source of an edit.

Elements: `element`, `section`, `heading`, `fence`, `directive`, `condition`, `item`, `paragraph`, `comment`,
`front-matter`. Attributes: `role`, `step` (number), `row`, and by kind `name`, `level`, `title`, `language`, `word`,
`payload`; those of a tag as `attr-NAME`. The text of a leaf is its text in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peerlint.errors import InputError
from peerlint.lint.context import Context, FileView, Found
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

#: Longest XPath that a rule may have.
MAX_SELECT_LENGTH = 400
#: Text of a node that a rule sees at most.
MAX_TEXT = 4000

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
#: Attribute by which the node of an element is found again.
_NUMBER = "node"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AXES_OVER_ALL = re.compile(r"//|\b(?:descendant|following|preceding|ancestor)(?:-or-self|-sibling)?::")


def selected(context: Context) -> Iterator[Found]:
    """The nodes that the rule's XPath selects and whose role it looks at."""
    from lxml import etree

    assert context.rule.select is not None
    tree, nodes = _tree(context.file)
    result = tree.xpath(context.rule.select)
    for item in result if isinstance(result, list) else []:
        number = item.get(_NUMBER) if isinstance(item, etree._Element) else None
        node = nodes[int(number)] if number is not None else None
        if node is not None and context.looks_at(context.reading.roles.of(node)):
            yield Found(_first_line(context, node), {"text": _shown(context, node)})


def check_select(select: str, path: str) -> None:
    """Refuses an XPath that is none, or that may take longer than the file is long. Raises InputError.

    Axes over the whole file inside a predicate, and functions that build long texts, are what makes XPath explode.
    """
    from lxml import etree

    if len(select) > MAX_SELECT_LENGTH:
        raise InputError(f'"select" is longer than {MAX_SELECT_LENGTH} characters', path=path)
    try:
        etree.XPath(select)
    except etree.XPathError as error:
        raise InputError(f'"select" is no XPath: {error}', path=path) from None
    if any(_AXES_OVER_ALL.search(predicate) for predicate in _predicates(select)):
        raise InputError('"select" looks over the whole file inside [ ]', path=path, todo="use child steps there")
    if len(_AXES_OVER_ALL.findall(select)) > 3 or "|" in select:
        raise InputError('"select" looks over the whole file too often', path=path, todo="write two rules")
    if re.search(r"\b(?:document|id|translate|concat|re:)\s*\(", select):
        raise InputError('"select" uses a function that rules may not use', path=path)


def _predicates(select: str) -> Iterator[str]:
    """What stands inside of brackets, strings left out."""
    plain = re.sub(r"\"[^\"]*\"|'[^']*'", "", select)
    depth, start = 0, 0
    for index, character in enumerate(plain):
        if character == "[":
            start = index + 1 if depth == 0 else start
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                yield plain[start:index]


def _tree(view: FileView) -> tuple[etree._Element, list[Node]]:
    """The tree, and the nodes by the number that each element has; made without recursion."""
    from lxml import etree

    root = etree.Element("file", kind=view.reading.kind.value)
    nodes: list[Node] = []
    stack: list[tuple[Node, etree._Element]] = [(node, root) for node in reversed(view.document.roots)]
    while stack:
        node, parent = stack.pop()
        name = next((name for kind, name in _NAMES if isinstance(node, kind)), None)
        if name is None:
            continue
        item = etree.SubElement(parent, name, {**_attributes(view, node), _NUMBER: str(len(nodes))})
        if not node.children:
            item.text = _clean(view.document.text(node.span).strip()[:MAX_TEXT])
        nodes.append(node)
        stack.extend((child, item) for child in reversed(node.children))
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
    return _NOT_XML.sub("\ufffd", text)


def _first_line(context: Context, node: Node) -> Span:
    text = context.document.text(node.span)
    start = node.span.start + len(text) - len(text.lstrip())
    return Span(start, max(start, start + len(text.strip().split("\n", 1)[0].rstrip())))


def _shown(context: Context, node: Node) -> str:
    text = " ".join(context.document.text(_first_line(context, node)).split())
    return text if len(text) <= 60 else text[:59] + "…"

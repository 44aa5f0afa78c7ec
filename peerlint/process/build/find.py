"""Finding the steps of a file: `<step>` elements, else "Step N" sections, else the file as one step.

A file without either whose work stands in one numbered list has the items of that list as its steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count, islice, takewhile

from peerlint.patterns import DASHES, latin_set, regex
from peerlint.records import dataclass
from peerlint.source.document import Document, Element, Line, Node, Section
from peerlint.source.text import Span

_STEP_TITLE = regex(
    rf"^(?:\W*)(?:(?:process\s+)?step|phase|stage)\s+(?P<number>\d+(?:\.\d+)?{latin_set('a-z')}?)\b\s*"
    rf"(?:[:.)-]|{DASHES})*\s*(?P<name>.*)$",
    re.IGNORECASE,
    needs=("step", "phase", "stage"),
)
#: Attributes of a `<step>`.
_NUMBERS = ("number", "n")
_NAMES = ("name", "title", "goal")
#: How far up a step without a number looks for one that it is a part of: bounded, since tags may nest without end.
_LOOK_UP = 16
_NUMBERED_TITLE = regex(r"^(?P<number>\d+(?:\.\d+)?[a-z]?)[.):]\s+(?P<name>\S.*)$")
#: What an item says whose work is all in logic; it names no step.
FOLLOW_LOGIC = "Follow the logic below."
#: The marker of a numbered list, and what names an item: its bold beginning, or all of a short line up to a colon.
_NUMBER = regex(r"^\d{1,3}[.)]$")
_BOLD_LEAD = regex(r"^(?:\*\*|__)(?P<name>[^*_]{2,60})(?:\*\*|__)")
_SHORT_LEAD = regex(r"^(?P<name>[A-Za-z][^`.:;,$<\[{]{1,38})[:.]?$")


@dataclass(frozen=True, slots=True, eq=False)
class StepPlace:
    """Where a step stands: `nodes` and what is below them. `node` is what states it; None for the whole file."""

    number: str
    name: str | None
    subagent: str | None
    node: Node | None
    nodes: Sequence[Node]
    span: Span


def find_steps(document: Document) -> list[StepPlace]:
    """The steps in the order of the text; never empty."""
    places = list(_of_elements(list(_step_elements(document))))
    places = places or _of_sections(document, _STEP_TITLE) or _of_sections(document, _NUMBERED_TITLE)
    return places or [StepPlace("1", None, None, None, document.roots, Span(0, len(document.source.text)))]


def list_around(document: Document, offsets: Sequence[int]) -> list[StepPlace]:
    """The items of the one numbered list that holds all of the offsets, as steps; empty where there is none.

    The list counts from 1 without a gap and has at least two items, all at the same column.
    """
    for siblings in (document.roots, *(node.children for node in document.nodes if node.children)):
        for items in _numbered_lists(siblings) if offsets and _cover(siblings, offsets) else ():
            if len(items) > 1 and _cover([node for item in items for node in item], offsets):
                return [_of_item(item) for item in items]
    return []


def _cover(nodes: Sequence[Node], offsets: Sequence[int]) -> bool:
    return nodes[0].span.start <= min(offsets) and max(offsets) < nodes[-1].span.end


def _numbered_lists(siblings: Sequence[Node]) -> Iterator[list[list[Node]]]:
    """The lists among siblings that count from 1, each as its items; an item is its line and what stands below it."""
    lists: list[list[list[Node]]] = []
    indent = 0
    is_open = False
    for node in siblings:
        number = int(node.marker.rstrip(".)")) if isinstance(node, Line) and _NUMBER.match(node.marker) else None
        if number == 1 and (not is_open or _indent_of(node) <= indent):
            lists.append([[node]])
            indent, is_open = _indent_of(node), True
        elif not is_open:
            continue
        elif number == len(lists[-1]) + 1 and _indent_of(node) == indent:
            lists[-1].append([node])
        elif isinstance(node, Section):
            is_open = False
        else:
            lists[-1][-1].append(node)
    for found in lists:
        found[-1] = _item_alone(found[-1])
        yield found


def _item_alone(nodes: list[Node]) -> list[Node]:
    """The last item of a list without what follows the list: a line that stands no deeper than the item's own."""
    first, *rest = nodes
    own = takewhile(lambda node: not isinstance(node, Line) or node.indent > _indent_of(first), rest)
    return [first, *own]


def _indent_of(node: Node) -> int:
    return node.indent if isinstance(node, Line) else 0


def _of_item(nodes: list[Node]) -> StepPlace:
    line = nodes[0]
    assert isinstance(line, Line)
    title = None if line.text == FOLLOW_LOGIC else _BOLD_LEAD.match(line.text) or _SHORT_LEAD.match(line.text)
    span = Span(line.span.start, nodes[-1].span.end)
    return StepPlace(line.marker.rstrip(".)"), _slug(title[1]) if title else None, None, line, nodes, span)


def is_step(node: Node) -> bool:
    """Whether the node is a `<step>` element with a number, or with a name where no other is around it."""
    if not isinstance(node, Element) or node.name != "step":
        return False
    if any(name in node.attributes for name in _NUMBERS):
        return True
    return _value(node, *_NAMES) is not None and not any(
        isinstance(above, Element) and above.name == "step" for above in islice(_ancestors(node), _LOOK_UP)
    )


def _ancestors(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _step_elements(document: Document) -> Iterator[Element]:
    return (node for node in document.nodes_of(Element) if is_step(node))


def _of_elements(nodes: Sequence[Element]) -> Iterator[StepPlace]:
    """A step without a number counts on from the one before it, with a letter where that number is another's."""
    taken = {_value(node, *_NUMBERS) for node in nodes}
    last = "0"
    for node in nodes:
        number = _value(node, *_NUMBERS)
        if number is None:
            after = str(int(last) + 1) if last.isdigit() else f"{last}a"
            number = after if after not in taken else next(n for n in _with_letters(last) if n not in taken)
            taken.add(number)
        last = number
        yield StepPlace(
            number, _value(node, *_NAMES), _value(node, "subagent", "agent"), node, node.children, node.span
        )


def _with_letters(number: str) -> Iterator[str]:
    for length in count(1):
        yield from (number + "z" * (length - 1) + letter for letter in "abcdefghijklmnopqrstuvwxyz")


def _value(node: Element, *names: str) -> str | None:
    """The first of some attributes that says something."""
    values = (node.attributes[name].value.strip() for name in names if name in node.attributes)
    return next((value for value in values if value), None)


def _of_sections(document: Document, title: re.Pattern[str]) -> list[StepPlace]:
    """Sections whose headings are numbered alike; at least two, since one numbered heading makes no procedure."""
    places = []
    for node in document.nodes_of(Section):
        match = title.match(node.title.strip("*_ "))
        if match:
            name = _slug(match["name"])
            places.append(StepPlace(match["number"].lower(), name, None, node, node.children, node.span))
    return places if len(places) > 1 or (places and title is _STEP_TITLE) else []


def _slug(title: str) -> str | None:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or None

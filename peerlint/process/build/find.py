"""Finding the steps of a file: `<step>` elements, else "Step N" sections, else the file as one step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from peerlint.source.document import Document, Element, Node, Section
from peerlint.source.text import Span

_STEP_TITLE = re.compile(
    r"^(?:\W*)(?:(?:process\s+)?step|phase|stage)\s+(?P<number>\d+(?:\.\d+)?[a-z]?)\b\s*[:.)–—-]*\s*(?P<name>.*)$",
    re.IGNORECASE,
)
_NUMBERED_TITLE = re.compile(r"^(?P<number>\d+(?:\.\d+)?[a-z]?)[.):]\s+(?P<name>\S.*)$")


@dataclass(frozen=True, slots=True, eq=False)
class StepPlace:
    """Where a step stands; `node` is None where the whole file is the step."""

    number: str
    name: str | None
    subagent: str | None
    node: Node | None
    span: Span


def find_steps(document: Document) -> list[StepPlace]:
    """The steps in the order of the text; never empty."""
    places = [_of_element(node, index) for index, node in enumerate(_step_elements(document), 1)]
    places = places or _of_sections(document, _STEP_TITLE) or _of_sections(document, _NUMBERED_TITLE)
    return places or [StepPlace("1", None, None, None, Span(0, len(document.source.text)))]


def is_step(node: Node) -> bool:
    """Whether the node is a `<step>` element with a number or a name of its own."""
    return isinstance(node, Element) and node.name == "step" and any(a in node.attributes for a in ("number", "n"))


def _step_elements(document: Document) -> Iterator[Element]:
    return (node for node in document.walk() if isinstance(node, Element) and is_step(node))


def _of_element(node: Element, index: int) -> StepPlace:
    def value(*names: str) -> str | None:
        for name in names:
            if name in node.attributes and node.attributes[name].value.strip():
                return node.attributes[name].value.strip()
        return None

    return StepPlace(
        value("number", "n") or str(index), value("name", "title", "goal"), value("subagent", "agent"), node, node.span
    )


def _of_sections(document: Document, title: re.Pattern[str]) -> list[StepPlace]:
    """Sections whose headings are numbered alike; at least two, since one numbered heading makes no procedure."""
    places = []
    for node in document.walk():
        match = title.match(node.title.strip("*_ ")) if isinstance(node, Section) else None
        if match:
            places.append(StepPlace(match["number"].lower(), _slug(match["name"]), None, node, node.span))
    return places if len(places) > 1 or (places and title is _STEP_TITLE) else []


def _slug(title: str) -> str | None:
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or None

"""The blocks of a file that its steps may name as `<x>`: found once, their texts taken out when somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from peerlint.patterns import regex
from peerlint.process.build.find import is_step
from peerlint.process.build.reading import ReferenceBlock
from peerlint.source.document import Document, Element, Node

#: Tags that say how a step is to be done.
DOCUMENTATION_TAG = regex(r"^(?:instructions?|step_instructions)$")


class Blocks:
    """The elements of a file that can be named: all but those that hold steps or logic of their own."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def named(self) -> Mapping[str, ReferenceBlock]:
        """Those whose name is used once in the file."""
        found: dict[str, list[ReferenceBlock]] = {}
        for block in self._of.values():
            found.setdefault(block.name, []).append(block)
        return {name: alike[0] for name, alike in found.items() if len(alike) == 1}

    def within(self, nodes: Iterable[Node]) -> Mapping[str, ReferenceBlock]:
        """What a step with these nodes can name: the first of each name in it, else those of the file."""
        own: dict[str, ReferenceBlock] = {}
        for node in nodes:
            if (block := self._of.get(node)) is not None:
                own.setdefault(block.name, block)
        return {**self.named, **own}

    @cached_property
    def _of(self) -> dict[Node, ReferenceBlock]:
        """Each of them by its element, in the order of the text."""
        holding = _around_steps(self._document)
        return {
            node: ReferenceBlock(node.name, node.content, node, self._document)
            for node in self._document.nodes_of(Element)
            if node.closing is not None and node not in holding and _is_nameable(node.name)
        }


class BlockTexts(Mapping[str, str]):
    """What stands between the tags of blocks, by name."""

    def __init__(self, blocks: Mapping[str, ReferenceBlock], document: Document) -> None:
        self._blocks = blocks
        self._document = document

    def __getitem__(self, name: str) -> str:
        return self._document.text(self._blocks[name].span)

    def __iter__(self) -> Iterator[str]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)


def _is_nameable(name: str) -> bool:
    if name == "step" or name.endswith("_logic") or DOCUMENTATION_TAG.match(name):
        return False
    return re.match(r"^[a-z][a-z0-9_]*$", name) is not None


def _around_steps(document: Document) -> set[Node]:
    """The nodes that a step stands in. Each is visited once, however deep the steps lie in one another."""
    found: set[Node] = set()
    for node in document.nodes_of(Element):
        around = node.parent if is_step(node) else None
        while around is not None and around not in found:
            found.add(around)
            around = around.parent
    return found

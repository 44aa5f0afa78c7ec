"""How deep a piece of IR nests: the interpreter recurses, so there is a bound."""

from __future__ import annotations

from enum import Enum

from peerlint.records import fields, is_dataclass
from peerlint.source.text import Span

#: Deepest nest of IR nodes that is run; each takes a few frames of Python's stack.
MAX_DEPTH = 150


def depth_of(node: object) -> int:
    """Number of IR nodes on the longest way down; iterative."""
    deepest = 0
    stack: list[tuple[object, int]] = [(node, 0)]
    while stack:
        current, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(current, tuple):
            stack.extend((item, depth) for item in current)
        elif is_dataclass(current) and not isinstance(current, (Span, Enum, type)):
            stack.extend((getattr(current, item.name), depth + 1) for item in fields(current))
    return deepest

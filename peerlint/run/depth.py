"""How deep a piece of IR nests: the interpreter recurses, so there is a bound."""

from __future__ import annotations

from enum import Enum

from peerlint.records import fields, is_dataclass
from peerlint.source.text import Span

#: Deepest nest of IR nodes that is run; each takes a few frames of Python's stack.
MAX_DEPTH = 150


#: Depths of the last nodes that were asked for, with the node itself: a proof runs the same few steps again and again.
_KNOWN: dict[int, tuple[object, int]] = {}
_MOST_KNOWN = 256


def depth_of(node: object) -> int:
    """Number of IR nodes on the longest way down."""
    known = _KNOWN.get(id(node))
    if known is not None and known[0] is node:
        return known[1]
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    depth = _measured(node)
    _KNOWN[id(node)] = node, depth
    return depth


def _measured(node: object) -> int:
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

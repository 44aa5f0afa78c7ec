"""Ways through trees of records: shell and logic are both trees of immutable nodes and tuples of them.

Planning a migration goes through the same small trees thousands of times, so these functions are written to be fast.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from peerlint.records import fields, is_dataclass
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Types of fields in which no node stands, as they are annotated.
_PLAIN_TYPES = frozenset({"str", "bool", "int", "str | None", "int | None", "Span", "tuple[bool, ...]"})
#: The fields of each class met that may hold nodes, last first; None where it is no class of nodes. Asking each node
#: anew takes long, and so does looking at texts and numbers.
_below: dict[type, tuple[str, ...] | None] = {}
#: All fields of each class met.
_all: dict[type, tuple[str, ...] | None] = {}
#: All fields of each class met with whether spans may stand in them, () for one of tuples; None where in none of them.
_places: dict[type, tuple[tuple[str, bool], ...] | None] = {}
#: In the first two: the class is one of tuples.
_TUPLE = ("",)
#: The trees met last, by their ids, each with its nodes: one pass after the other goes through the same tree.
_walked: dict[int, tuple[object, list[Any]]] = {}
_MOST_WALKED = 1024


def nodes_of(node: object, leaving_out: Collection[int] = ()) -> Sequence[Any]:
    """The node and all nodes below it in the order of the text; iterative, for nests of any depth.

    `leaving_out` are ids of nodes that are left out with all below them.
    """
    if leaving_out:
        return _nodes_of(node, leaving_out)
    # Kept with the node, so that no other one gets its id.
    known = _walked.get(id(node))
    if known is None:
        if len(_walked) >= _MOST_WALKED:
            _walked.clear()
        known = _walked[id(node)] = node, _nodes_of_each(node) if type(node) is tuple else _nodes_of(node, ())
    return known[1]


def _nodes_of_each(items: tuple[object, ...]) -> list[Any]:
    """The nodes of a list, of which most have been met in the list that the pass before has made."""
    found: list[Any] = []
    for item in items:
        found += nodes_of(item)
    return found


def _nodes_of(node: object, leaving_out: Collection[int]) -> list[Any]:
    found: list[Any] = []
    left: list[Any] = [node]
    while left:
        current = left.pop()
        kind = type(current)
        names = _below[kind] if kind in _below else _fields_below(kind)
        if names is _TUPLE:
            left += current[::-1]
        elif names is not None and not (leaving_out and id(current) in leaving_out):
            found.append(current)
            for name in names:
                # Most fields are empty; no node is false.
                if below := getattr(current, name):
                    left.append(below)
    return found


def with_parts(value: Any, change: Callable[[Any], Any]) -> Any:
    """A node with what `change` makes of each field, a tuple with what it makes of each item; else the value itself."""
    kind = type(value)
    names = _all[kind] if kind in _all else _all_fields(kind)
    if names is None:
        return value
    if names is _TUPLE:
        return tuple([change(each) for each in value])
    return kind(*[change(getattr(value, name)) for name in names])


def moved(value: Any, by: int) -> Any:
    """A node with its spans and those of all below it moved, but for NOWHERE; what holds no span is the same object."""
    kind = type(value)
    places = _places[kind] if kind in _places else _fields_with_places(kind)
    if places is None:
        return _moved_span(value, by) if kind is Span else value
    if not places:
        return tuple([moved(each, by) for each in value])
    parts = []
    for name, has_places in places:
        part = getattr(value, name)
        if has_places:
            # A span of no characters is false, too.
            part = _moved_span(part, by) if type(part) is Span else part and moved(part, by)
        parts.append(part)
    return kind(*parts)


def _moved_span(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by) if span.end else span


def _fields_with_places(kind: type) -> tuple[tuple[str, bool], ...] | None:
    places: tuple[tuple[str, bool], ...] | None = None
    if issubclass(kind, tuple):
        places = ()
    elif is_dataclass(kind) and not issubclass(kind, Span | type):
        places = tuple((each.name, each.type == "Span" or each.type not in _PLAIN_TYPES) for each in fields(kind))
        places = places if any(has_places for _, has_places in places) else None
    _places[kind] = places
    return places


def _all_fields(kind: type) -> tuple[str, ...] | None:
    names: tuple[str, ...] | None = _TUPLE if issubclass(kind, tuple) else None
    if is_dataclass(kind) and not issubclass(kind, Span | type):
        names = tuple(each.name for each in fields(kind))
    _all[kind] = names
    return names


def _fields_below(kind: type) -> tuple[str, ...] | None:
    names: tuple[str, ...] | None = None
    if issubclass(kind, tuple):
        names = _TUPLE
    elif is_dataclass(kind) and not issubclass(kind, Span | type):
        names = tuple(each.name for each in reversed(fields(kind)) if each.type not in _PLAIN_TYPES)
    _below[kind] = names
    return names

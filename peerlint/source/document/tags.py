"""What a tag looks like, and what only looks like one."""

from __future__ import annotations

import re

from peerlint.patterns import regex
from peerlint.records import dataclass, field
from peerlint.source.document.nodes import Attribute
from peerlint.source.text import Span

#: HTML elements without content or whose end tag may be left out. Others use some of the names, such as `<input>`, for
#: elements of their own, so a closing tag counts where there is one.
OPTIONAL_END = regex(
    "area|base|body|br|col|colgroup|dd|dt|embed|head|hr|html|img|input|li|link|meta|option|p|source|tbody|td|tfoot|th"
    "|thead|tr|track|wbr",
    re.IGNORECASE,
)
#: How many lines one opening tag may span.
MAX_TAG_LINES = 24

_OPENING = regex(r"<([^\W\d][\w.-]*(?::[\w-][\w.-]*)?)(?=[\s/>])")
_CLOSING = regex(r"</([^\W\d][\w.-]*(?::[\w-][\w.-]*)?)[ \t]*>")
_ATTRIBUTE = regex(r"""\s+([^\W\d][\w.:-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?(?=[\s/>])""")
_END = regex(r"\s*(/?)>")
_BACKTICKS = regex(r"`+")


@dataclass(slots=True, eq=False)
class TagToken:
    """A tag where one may stand, before it is known whether its partner exists.

    `weak` says that the text makes sense without the tag (`<name> is the feature`), so that without a partner it is
    text. `partner` is set on both once they are matched; `stray` marks a closing tag that never had one.
    """

    start: int
    end: int
    name: str
    closing: bool = False
    void: bool = False
    weak: bool = False
    attributes: dict[str, Attribute] = field(default_factory=dict)
    partner: TagToken | None = None
    stray: bool = False


def match_opening(text: str, start: int, limit: int) -> TagToken | None:
    """The opening or void tag that begins at `start` and ends before `limit`."""
    head = _OPENING.match(text, start, limit)
    if head is None:
        return None
    attributes: dict[str, Attribute] = {}
    position = head.end()
    while (found := _ATTRIBUTE.match(text, position, limit)) is not None:
        group = found.lastindex if found.lastindex and found.lastindex > 1 else None
        span = Span(*found.span(group)) if group else Span(found.end(), found.end())
        attributes.setdefault(found[1], Attribute(found[1], found[group] if group else "", span))
        position = found.end()
    end = _END.match(text, position, limit)
    if end is None:
        return None
    return TagToken(start, end.end(), head[1], void=bool(end[1]), attributes=attributes)


def match_closing(text: str, start: int, limit: int) -> TagToken | None:
    """The closing tag that begins at `start`."""
    found = _CLOSING.match(text, start, limit)
    return TagToken(start, found.end(), found[1], closing=True) if found else None


def code_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Ranges of inline code in a line: a run of backticks up to the next run of the same length."""
    starts: list[int] = []
    lengths: list[int] = []
    for found in _BACKTICKS.finditer(text, start, end):
        starts.append(found.start())
        lengths.append(found.end() - found.start())
    if len(starts) < 2:
        return []
    # For each run the next one of its length, found from the end.
    closing = [-1] * len(starts)
    next_of_length: dict[int, int] = {}
    for number in range(len(starts) - 1, -1, -1):
        closing[number] = next_of_length.get(lengths[number], -1)
        next_of_length[lengths[number]] = number
    ranges = []
    number = 0
    while number < len(starts):
        if closing[number] >= 0:
            ranges.append((starts[number], starts[closing[number]] + lengths[number]))
            number = closing[number]
        number += 1
    return ranges

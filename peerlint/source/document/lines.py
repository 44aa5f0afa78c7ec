"""What one line of text is: heading, condition, directive, list item or paragraph."""

from __future__ import annotations

from peerlint.patterns import regex
from peerlint.source.document.nodes import ConditionLine, Directive, Line, ListItem, Paragraph
from peerlint.source.text import Span

#: What a word in capitals begins with, and what stands behind that.
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_GOES_ON = _CAPITALS | frozenset("0123456789_")
_CONDITION = regex(r"(ELSE[ \t]+IF|ELSEIF|ELIF|IF)(?=[ \t(\[:])|(ELSE)(?=[ \t]*:|[ \t]*$)")
_DIRECTIVE = regex(r"([A-Z][A-Z0-9_]+(?:[ -][A-Z0-9_]+){0,4}):(?=\s|$)")
#: Words that begin a statement without a colon (`STOP execution`, `PROCEED to step 3`, `SET A = b`).
_BARE = regex(
    r"(ABORT|ASK|BLOCK|CHECK|CONTINUE|CREATE|DELETE|DISPLAY|EXECUTE|EXIT|FIND|FOR|GOTO|HALT|IN FOLDER|LEAVE|LOAD|LOOP"
    r"|PAUSE|PROCEED|READ|REPEAT|RESTART|RESUME|RETRY|RETURN|SET|SKIP|STOP|STORE|TRY|UPDATE|USE|VALIDATE|WAIT|WARN"
    r"|WHILE)(?=[ \t]|$)"
)
_HEADING = regex(r"(#{1,6})(?:[ \t]+|$)")
#: Where a condition ends: quoted text and code may hold colons.
_QUOTED = regex(r'"[^"]*"|`[^`]*`|:(?=\s|$)|["`]|[^":`]+|:')


def heading(text: str, start: int, end: int) -> tuple[int, str] | None:
    """Level and title of a `## Title` that begins at `start`."""
    found = _HEADING.match(text, start, end)
    if found is None:
        return None
    title = text[found.end() : end].rstrip(" \t")
    if title.endswith("#"):
        bare = title.rstrip("#")
        title = bare.rstrip(" \t") if not bare or bare[-1] in " \t" else title
    return len(found[1]), title


def underline_level(text: str) -> int:
    """The level of heading that a line makes of the one above it: 1 for `===`, 2 for `---`, else 0."""
    if not text or text.strip(text[0]):
        return 0
    return {"=": 1, "-": 2}.get(text[0], 0)


def line_node(text: str, span: Span, start: int, end: int, indent: int, marker: str) -> Line:
    """The leaf for the text at `start:end` (trimmed here) that stands in `span`."""
    while end > start and text[end - 1] in " \t":
        end -= 1
    words = text[start:end]
    # Conditions and directives begin with a word in capitals, and most lines do not: patterns need not look at those.
    if end - start > 1 and text[start] in _CAPITALS and text[start + 1] in _GOES_ON:
        condition = _CONDITION.match(text, start, end)
        if condition is not None:
            word = "ELSE" if condition[2] else "IF" if condition[1] == "IF" else "ELSE IF"
            payload = _condition_payload(text, condition.end(), end)
            return ConditionLine(span, [], None, words, indent, start, marker, word, payload)
        directive = _DIRECTIVE.match(text, start, end) or _BARE.match(text, start, end)
        if directive is not None:
            payload = _trimmed(text, directive.end(), end)
            return Directive(span, [], None, words, indent, start, marker, directive[1], payload)
    kind = ListItem if marker else Paragraph
    return kind(span, [], None, words, indent, start, marker)


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in " \t":
        start += 1
    return Span(start, end)


def _condition_payload(text: str, start: int, end: int) -> Span:
    """The condition: up to the first colon, outside quotes and code, that ends a word."""
    stop = end
    for part in _QUOTED.finditer(text, start, end):
        if part[0] == ":" and (part.end() == end or text[part.end()] in " \t"):
            stop = part.start()
            break
    payload = _trimmed(text, start, stop)
    while stop > payload.start and text[stop - 1] in " \t":
        stop -= 1
    return Span(payload.start, stop)

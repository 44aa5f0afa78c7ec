"""What sentences of a step say: delegations, parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.patterns import latin_set, regex
from peerlint.process import model
from peerlint.source.document import Directive, Document, Element, Node
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.model import Delegate, Parameter, Text

_USE = (
    r"\b(?:use|launch|invoke|delegate\s+to|ask|spawn|call)\s+(?:the\s+)?[`\"@]?"
    rf"(?P<name>{latin_set('a-z')}{latin_set('a-z0-9-')}*)"
)
_USE_SUBAGENT = regex(rf"{_USE}[`\"]?\s+(?:sub-?agent|agent)\b", re.IGNORECASE)
#: The same behind SUBAGENT, which says already what is used.
_USE_IT = regex(_USE, re.IGNORECASE)
_PARAMETER = regex(
    r"(?<![\w-])(?P<flag>--[a-z][a-z0-9-]*)"
    r"(?P<value>[= ]\s*(?:<[^<>\n]+>|\[[^\]\n]+\]|\{[^}\n]+\}|\"[^\"\n]*\"|[A-Z_]{2,}))?"
)


def delegations(lines: Sequence[Node], document: Document, subagent: str | None) -> list[Delegate]:
    """The delegations among the lines of a block: `ACTION: Use X subagent` with REQUEST, WAIT, VERIFY and PROCESS.

    `subagent` is the one that the step names; it takes the requests that name none.
    """
    found: list[_Open] = []
    for index, node in enumerate(lines):
        if not isinstance(node, Directive):
            continue
        payload = document.text(node.payload).strip()
        subagent_used = _used(node.word, payload)
        if subagent_used is not None:
            found.append(_Open(subagent_used, node.span))
        elif node.word == "REQUEST":
            if not found or found[-1].request is not None:
                if subagent is None:
                    continue
                found.append(_Open(subagent, node.span))
            found[-1].request = _quoted(payload, lines[index + 1 :], document)
            found[-1].end = max(found[-1].end, node.span.end)
        elif found:
            found[-1].take(node, payload)
    return [open_.closed() for open_ in found if open_.request is not None or open_.wait or open_.process]


def _used(word: str, payload: str) -> str | None:
    """The subagent that a directive gives work to."""
    named = _USE_SUBAGENT.search(payload) if word in {"ACTION", "USE", "DELEGATE", "SUBAGENT"} else None
    if named is None and word == "SUBAGENT":
        named = _USE_IT.match(payload)
        return named["name"] if named is not None else payload.strip('`"@')
    return named["name"] if named is not None else None


class _Open:
    """A delegation whose lines are being read."""

    def __init__(self, subagent: str, span: Span) -> None:
        self.subagent = subagent
        self.start, self.end = span.start, span.end
        self.request: Text | None = None
        self.wait: str | None = None
        self.verify: list[str] = []
        self.process: list[str] = []

    def take(self, node: Directive, payload: str) -> None:
        if node.word == "WAIT":
            self.wait = payload
        elif node.word in {"VERIFY", "VALIDATION", "VALIDATE"}:
            self.verify.append(payload)
        elif node.word in {"PROCESS", "STORE", "OUTPUT"}:
            self.process.append(payload)
        else:
            return
        self.end = max(self.end, node.span.end)

    def closed(self) -> Delegate:
        return model.Delegate(
            self.subagent,
            self.request,
            self.wait,
            tuple(self.verify),
            tuple(self.process),
            None,
            Span(self.start, self.end),
        )


_NAME = regex(r"\[([A-Z][A-Z0-9_]*)\]")


def _quoted(payload: str, following: Sequence[Node], document: Document) -> Text:
    """The text of a REQUEST, which may run over several lines up to its closing quote."""
    if (payload.startswith('"') and not payload.endswith('"')) or payload == '"':
        parts = [payload]
        for node in following:
            line = document.text(node.span).strip()
            parts.append(line)
            if line.endswith('"'):
                break
        payload = "\n".join(parts)
    if len(payload) > 1 and payload[0] == payload[-1] == '"':
        payload = payload[1:-1].replace('\\"', '"')
    return template(payload)


def template(text: str) -> Text:
    """A text in which `[NAME]` is a reference."""
    pieces = _NAME.split(text)
    return model.Text.of(*(model.Ref(piece) if index % 2 else piece for index, piece in enumerate(pieces)))


def parameters(document: Document) -> tuple[Parameter, ...]:
    """The parameters that `<required_parameters>` and its like describe, in their order, each once."""
    found: dict[str, Parameter] = {}
    for node in document.nodes_of(Element):
        if not re.match(r"^(?:\w+_)?(?:parameters|arguments|flags)$", node.name):
            continue
        for match in _PARAMETER.finditer(document.text(node.content)):
            start = node.content.start + match.start()
            line = document.source.text[start:].split("\n", 1)[0].rstrip("\r")
            takes_value = match["value"] is not None
            known = found.get(match["flag"])
            if known is None or (takes_value and not known.takes_value):
                required = "optional" not in line.lower() and bool(re.search(r"\brequired\b", line, re.IGNORECASE))
                text = line[match.end() - match.start() :].lstrip(" :`-–—").strip()
                span = Span(start, start + len(match[0]))
                found[match["flag"]] = model.Parameter(match["flag"], takes_value, required, text, span)
    return tuple(found.values())

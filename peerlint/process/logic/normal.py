"""Brings lines as people write them into the shape of the canonical ones: markers off, arms on lines of their own."""

from __future__ import annotations

import re

from peerlint.patterns import regex
from peerlint.process.logic.lines import LineNode
from peerlint.records import replace

_MARKER = regex(r"(?:[-*+•]|\d+[.)])[ \t]+(?=\*{0,2}(?:IF|If|When|Whenever|Unless|ELSE|[A-Z]{2,}[A-Z_ ]*:|[A-Z]{3,} ))")
_ITEM = regex(r"(?:[-*+•]|\d+[.)])[ \t]+")
_OPENS_ARM = regex(r"IF[ \t]|ELSE")
_BOLD_START = regex(r"\*\*(.+?)\*\*")
_HEAD = regex(r"(?P<word>IF|ELSE[ \t]*IF|ELIF|ELSE|OTHERWISE)(?![A-Za-z0-9_])[ \t]*(?P<rest>.*)", re.DOTALL)
_LOWER_HEAD = regex(r"(?:If|When|WHEN|Whenever)[ \t]+(?P<rest>[^:]{1,120}:.*)")
#: In parentheses quotes are looked for first, since they may hold parentheses; where that is none, an apostrophe stood.
_MASKED = regex(
    r"\"(?:[^\"\\]|\\.){0,400}\"|\"[^\"]*\"|'[^']*'|`[^`]*`"
    r"|\((?:[^()\"'`]|\"(?:[^\"\\]|\\.){0,400}\"|'[^']{0,400}'|`[^`]{0,400}`){0,400}\)|\([^()]*\)|\{[^{}]*\}"
)
_INLINE = regex(r":(?=\s|$)|[ \t]+THEN(?![A-Za-z])[: \t]*|[ \t]*(?:→|->|=>)[ \t]*")


def normalise(nodes: list[LineNode], *, closed: bool) -> list[LineNode]:
    """The tree in canonical shape; iterative, since a tree may be as deep as its text is long."""
    roots = _normal_siblings(nodes, closed=closed)
    stack = list(roots)
    while stack:
        node = stack.pop()
        node.children = _normal_siblings(node.children, closed=closed)
        stack.extend(node.children)
    return roots


def _normal_siblings(nodes: list[LineNode], *, closed: bool) -> list[LineNode]:
    if closed:
        return [_normal(node, closed=True) for node in nodes]
    normal: list[LineNode] = []
    open_head: LineNode | None = None
    for node in nodes:
        if open_head is not None and _ITEM.match(node.text):
            open_head.children.append(node)
            continue
        made = _normal(node, closed=False)
        # A list at the same indentation belongs to the head right above it.
        open_head = made if made.text.endswith(":") and not made.children and _OPENS_ARM.match(made.text) else None
        if open_head is not None and _ITEM.match(node.text):
            open_head = None
        normal.append(made)
    return normal


def written_before(node: LineNode, following: LineNode | None) -> str:
    """The text of a line as it has to be written to be read the same again with what follows.

    A head with nothing below it has been an item of the list that goes on behind it, which would become its own.
    """
    opens = node.text.endswith(":") and not node.children and _OPENS_ARM.match(node.text)
    return f"- {node.text}" if opens and following is not None and _ITEM.match(following.text) else node.text


def _normal(node: LineNode, *, closed: bool) -> LineNode:
    text = _MARKER.sub("", node.text, count=1) if _MARKER.match(node.text) else node.text
    if not closed:
        bold = _BOLD_START.match(text)
        text = text if bold is None else bold[1] + text[bold.end() :]
        lower = _LOWER_HEAD.fullmatch(text)
        if lower is not None and (node.children or lower["rest"].endswith(":")):
            text = f"IF {lower['rest']}"
    head = _HEAD.fullmatch(text)
    if head is None:
        return replace(node, text=text)
    word = {"IF": "IF", "ELSE": "ELSE", "OTHERWISE": "ELSE"}.get(head["word"], "ELSE IF")
    condition, action = _halves(head["rest"], bare=word == "ELSE")
    children = node.children
    if action:
        children = [LineNode(action, node.start, node.end, node.indent + 1, [], node.source), *children]
    elif word != "ELSE" and not head["rest"].endswith(":") and not children:
        # Neither a colon nor anything below: nothing tells the condition from prose.
        return replace(node, text=text)
    return replace(node, text=f"{word} {condition}:" if word != "ELSE" else "ELSE:", children=children)


def _halves(rest: str, *, bare: bool) -> tuple[str, str]:
    """The condition and the action behind it."""
    masked = _MASKED.sub(lambda found: "\0" * len(found.group()), rest)
    found = _INLINE.search(masked)
    if found is None:
        return ("", rest.strip()) if bare else (rest.strip(), "")
    return rest[: found.start()].strip(), rest[found.end() :].strip()

"""Logic in tags (attribute style, field checks) and texts of several lines, as trees of lines."""

from __future__ import annotations

import re

from peerlint.patterns import regex
from peerlint.process.logic.lines import LineNode, line_tree
from peerlint.process.phrases import variable_name

_TAGS = (
    "action", "ask", "check", "confirmation", "continue_conditions", "critical", "display", "else", "error",
    "exit_conditions", "goto", "loop_logic", "message", "note", "on_failure", "on_success", "output", "stop",
    "user_choice", "warn", "warning",
)  # fmt: skip
_TAG = regex(rf"<(?P<close>/?)(?P<name>{'|'.join(_TAGS)})(?P<attributes>(?:\s+[a-z_]+=\"[^\"]*\")*)\s*(?P<void>/?)>")
#: A tag that only holds lines: it says nothing of its own.
_HOLDER = regex(rf"^[ \t]*</?(?!(?:{'|'.join(_TAGS)})\b)[a-z][a-z0-9_-]*(?:\s[^<>\r\n]*)?>[ \t]*$", re.MULTILINE)
_ATTRIBUTE = regex(r"([a-z_]+)=\"([^\"]*)\"")
_SAYS = {
    "display": "DISPLAY", "error": "ERROR", "message": "DISPLAY", "output": "DISPLAY", "warn": "WARN",
    "warning": "WARN",
}  # fmt: skip
_LOOP_CONDITIONS = {"continue_conditions": "CONTINUE WHILE", "exit_conditions": "EXIT WHEN"}
#: The line that `<loop_logic>` stands for; nobody writes it.
LOOP_LOGIC = "LOOP LOGIC:"
_BULLET = regex(r"(?:[-*+•]|\d+[.)])[ \t]+")
_QUOTED_LINE = regex(r"[\"“].*[\"”]")
_DIRECTIVE = regex(r"[A-Z][A-Z_]{2,}(?::|\s|$)|IF ")
#: Deeper tags are read as if they stood at this depth, so that no input exhausts a stack.
_DEEPEST = 30
_TAG_COLUMNS = 1000


def free_tree(text: str, offset: int = 0) -> list[LineNode]:
    """The tree of a text in which tags may stand for lines."""
    text = _HOLDER.sub(lambda found: " " * len(found.group()), text)
    if _TAG.search(text) is None:
        return line_tree(text, offset, joined=True)
    return _TagReader(text, offset).read()


class _TagReader:
    """Turns tags into lines: `<check if="C">` opens `IF C:`, and what it holds stands deeper."""

    def __init__(self, text: str, offset: int) -> None:
        self._text = text
        self._offset = offset
        self._open: list[tuple[str, dict[str, str], bool]] = []
        self._lines: list[LineNode] = []
        self._from_tags: set[int] = set()

    def read(self) -> list[LineNode]:
        at = 0
        for tag in _TAG.finditer(self._text):
            self._content(at, tag.start())
            at = tag.end()
            self._tag(tag)
        self._content(at, len(self._text))
        return self._tree()

    def _depth(self) -> int:
        return min(sum(opens for _, _, opens in self._open), _DEEPEST)

    def _tag(self, tag: re.Match[str]) -> None:
        name = tag["name"]
        if tag["close"]:
            while self._open and any(each[0] == name for each in self._open):
                if self._open.pop()[0] == name:
                    break
            return
        import html

        attributes = {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(tag["attributes"])}
        header = self._header(name, attributes)
        if header is not None:
            self._line(header, tag.start(), tag.end(), 0)
            self._from_tags.add(id(self._lines[-1]))
        if not tag["void"] and name != "stop":
            self._open.append((name, attributes, header is not None and header.endswith(":")))

    def _header(self, name: str, attributes: dict[str, str]) -> str | None:
        """The line that a tag stands for by itself."""
        condition = attributes.get("if")
        if name in {"check", "action"} and condition:
            return f"IF {condition}:"
        if name == "goto":
            step = attributes.get("step", "")
            return f"PROCEED to step {step}" if step else None
        if name == "loop_logic":
            return LOOP_LOGIC
        if name == "stop":
            return "STOP execution"
        if name == "else":
            return "ELSE:"
        if name in {"on_failure", "on_success"}:
            field = next((each for tag, each, _ in reversed(self._open) if tag == "check"), {})
            return _field_check(field, positive=name == "on_success")
        return None

    def _content(self, start: int, end: int) -> None:
        """The text between two tags: lines in Agent OS style, or the text of the tag around it."""
        text = self._text[start:end]
        if not text.strip():
            return
        inner = self._open[-1][0] if self._open else ""
        lead = len(text) - len(text.lstrip())
        stripped = text.strip()
        if inner == "goto":
            return
        if inner in _SAYS:
            self._line(f"{_SAYS[inner]}: {_quoted(stripped)}", start + lead, start + lead + len(stripped), 0)
        elif inner in {"ask", "confirmation"}:
            self._line(f"ASK: {_quoted(stripped)} AS ANSWER", start + lead, start + lead + len(stripped), 0)
        elif inner == "action" and not any(_DIRECTIVE.match(line.strip()) for line in stripped.splitlines()):
            prose = "ACTION: " + " ".join(stripped.split())
            self._line(prose, start + lead, start + lead + len(stripped), 1)
        else:
            for root in line_tree(text, start, joined=True):
                self._copy(root, inner)

    def _copy(self, root: LineNode, inner: str) -> None:
        stack = [root]
        while stack:
            node = stack.pop()
            text = node.text
            if inner in _LOOP_CONDITIONS:
                text = f"{_LOOP_CONDITIONS[inner]}: {_BULLET.sub('', text, count=1)}"
            elif inner == "user_choice" and _QUOTED_LINE.fullmatch(text):
                text = f"ASK: {_quoted(text)} AS ANSWER"
            elif inner in {"action", "check", "critical", "note"} and not _DIRECTIVE.match(text):
                text = {"action": "ACTION", "check": "CHECK"}.get(inner, "NOTE") + f": {text}"
            self._line(text, node.start, node.end, 1 + node.indent)
            stack.extend(reversed(node.children))

    def _line(self, text: str, start: int, end: int, indent: int) -> None:
        columns = self._depth() * _TAG_COLUMNS + min(indent, _TAG_COLUMNS - 1)
        source = self._text[start:end]
        self._lines.append(LineNode(text, self._offset + start, self._offset + end, columns, [], source))

    def _tree(self) -> list[LineNode]:
        roots: list[LineNode] = []
        stack: list[LineNode] = []
        for node in self._lines:
            while stack and not self._holds(stack[-1], node):
                stack.pop()
            (stack[-1].children if stack else roots).append(node)
            stack.append(node)
        return roots

    def _holds(self, above: LineNode, node: LineNode) -> bool:
        """Whether a line stands below another: by its tag, or by indentation under a line that opens a block."""
        if above.indent // _TAG_COLUMNS < node.indent // _TAG_COLUMNS:
            return True
        opens = above.text.endswith(":") or above.text.startswith("RETRY")
        opens = opens and id(above) not in self._from_tags
        return opens and above.indent < node.indent


def _field_check(attributes: dict[str, str], *, positive: bool) -> str | None:
    """`<check field="f" in_values="a,b">` as the condition of its arm."""
    name = attributes.get("field")
    if name is None:
        return None
    field = variable_name(re.sub(r"\W+", "_", name).strip("_") or "FIELD")
    if "in_values" in attributes:
        values = ", ".join(_quoted(value.strip()) for value in re.split(r"[,|]", attributes["in_values"].strip("[] ")))
        return f"IF {field} is {'one' if positive else 'none'} of {values}:"
    for key, holds in (("equals", True), ("not_equals", False)):
        if key in attributes:
            return f"IF {field} is {'' if holds == positive else 'not '}{_quoted(attributes[key])}:"
    return f"IF {field} is {'not ' if positive else ''}empty:"


def _quoted(text: str) -> str:
    lines = "\n".join(line.strip() for line in text.strip().strip("\"'").splitlines())
    return '"' + lines.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

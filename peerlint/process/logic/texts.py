"""Text with references: quoted strings, bare words and blocks, read and rendered.

Reading and rendering of one form stand side by side, since each must undo the other.
"""

from __future__ import annotations

import re

from peerlint.patterns import regex
from peerlint.process.logic.cursor import (
    BLOCK,
    FIELD,
    NAME,
    RESERVED_WORDS,
    WORD_CHARACTERS,
    Cursor,
    Mismatch,
    read_ref,
)
from peerlint.process.model import Ref, Text, Verbatim

STRING = regex(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
QUOTED_VERBATIM = regex(r"'(?:[^']|'')*'")
_UNESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "[": "["}
_ESCAPED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPE_NEEDED = regex(r'[\n\t\r"\\]')
#: A bracket that would open a reference.
_LOOKS_LIKE_REFERENCE = regex(r"\[(?=[A-Z][A-Z0-9_]*[.\]])")
_BACKSLASHES_AND_REFERENCE = regex(r"(\\*)\[(?=[A-Z][A-Z0-9_]*[.\]])")
_INTEGER_ONLY = regex(r"-?[0-9]+")
_LINE_END = regex(r"\r\n?|\n")


class Unrenderable(ValueError):
    """IR that the language has no form for; the message says what."""


# --- references ------------------------------------------------------------------------------------------------------


def reference_at(text: str, at: int) -> tuple[Ref, int] | None:
    """The reference `[NAME…]` that opens at `at`, and where it ends."""
    cursor = Cursor(text, at + 1)
    try:
        ref = read_ref(cursor)
    except Mismatch:
        return None
    return (ref, cursor.at + 1) if text.startswith("]", cursor.at) else None


def render_ref(ref: Ref) -> str:
    """`NAME.field.[OTHER]`. Raises Unrenderable for a name or field that the language cannot write."""
    if NAME.fullmatch(ref.name) is None:
        raise Unrenderable(f"{ref.name!r} is no name of the language")
    steps = [ref.name]
    for step in ref.path:
        if isinstance(step, Ref):
            steps.append(f"[{render_ref(step)}]")
        elif FIELD.fullmatch(step):
            steps.append(step)
        else:
            raise Unrenderable(f"{step!r} is no field name of the language")
    return ".".join(steps)


# --- strings ---------------------------------------------------------------------------------------------------------


def read_string(cursor: Cursor) -> Text:
    """`"text"` with references. Raises Mismatch."""
    found = cursor.match(STRING)
    if found is None:
        raise cursor.mismatch('a "text" in double quotes expected')
    return template_of_string(found.group()[1:-1])


def template_of_string(inner: str) -> Text:
    """The template in the inside of a quoted string; an unknown escape is the two characters it is written with."""
    parts: list[str | Ref] = []
    literal: list[str] = []
    at = 0
    while at < len(inner):
        character = inner[at]
        if character == "\\" and at + 1 < len(inner) and inner[at + 1] in _UNESCAPED:
            literal.append(_UNESCAPED[inner[at + 1]])
            at += 2
            continue
        found = reference_at(inner, at) if character == "[" else None
        if found is None:
            literal.append(character)
            at += 1
            continue
        parts += ["".join(literal), found[0]]
        literal.clear()
        at = found[1]
    return Text.of(*parts, "".join(literal))


def render_string(text: Text) -> str:
    """The template as a quoted string."""
    rendered = []
    for part in text.parts:
        if isinstance(part, Ref):
            rendered.append(f"[{render_ref(part)}]")
        else:
            escaped = _ESCAPE_NEEDED.sub(lambda found: _ESCAPED[found.group()], part)
            rendered.append(_LOOKS_LIKE_REFERENCE.sub(r"\\[", escaped))
    return f'"{"".join(rendered)}"'


def read_literal(cursor: Cursor) -> str:
    """A quoted string without references. Raises Mismatch."""
    at = cursor.at
    literal = read_string(cursor).literal
    if literal is None:
        raise Mismatch("no [NAME] may stand in this text", at)
    return literal


# --- verbatim --------------------------------------------------------------------------------------------------------


def read_verbatim(cursor: Cursor) -> Verbatim:
    """`'verbatim'` (a quote in it is doubled) or `<block>`. Raises Mismatch."""
    if cursor.sees("<"):
        name, content = read_block(cursor)
        return Verbatim(block_text(content), name)
    found = cursor.match(QUOTED_VERBATIM)
    if found is None:
        raise cursor.mismatch("a 'text' in single quotes expected")
    return Verbatim(found.group()[1:-1].replace("''", "'"))


def render_verbatim(verbatim: Verbatim) -> str:
    """The text in single quotes, or the name of its block. Raises Unrenderable for more than one line."""
    if verbatim.block is not None:
        return f"<{verbatim.block}>"
    if _LINE_END.search(verbatim.text):
        raise Unrenderable("a verbatim text of several lines needs a block")
    return "'" + verbatim.text.replace("'", "''") + "'"


# --- keys and buckets ------------------------------------------------------------------------------------------------


def read_word(cursor: Cursor) -> Text:
    """A key or bucket: bare, with `[NAME]` in it, or quoted. Raises Mismatch."""
    if cursor.sees('"'):
        return read_string(cursor)
    start = cursor.at
    parts: list[str | Ref] = []
    while True:
        chunk = cursor.match(WORD_CHARACTERS)
        if chunk is not None:
            parts.append(chunk.group())
            continue
        found = reference_at(cursor.text, cursor.at) if cursor.sees("[") else None
        if found is None:
            break
        parts.append(found[0])
        cursor.at = found[1]
    word = Text.of(*parts)
    if word.literal is not None and not _is_bare_word(word.literal):
        at, cursor.at = cursor.at, start
        raise Mismatch("a key or bucket expected; in quotes if it is a word of the language", at if parts else start)
    return word


def render_word(word: Text) -> str:
    """The key or bucket, quoted only where it must be."""
    literal = word.literal
    bare = (
        _is_bare_word(literal)
        if literal is not None
        else all(isinstance(part, Ref) or WORD_CHARACTERS.fullmatch(part) for part in word.parts)
    )
    if not bare:
        return render_string(word)
    return "".join(f"[{render_ref(part)}]" if isinstance(part, Ref) else part for part in word.parts)


def _is_bare_word(literal: str) -> bool:
    return (
        WORD_CHARACTERS.fullmatch(literal) is not None
        and not literal.startswith("=")
        and NAME.fullmatch(literal) is None
        and _INTEGER_ONLY.fullmatch(literal) is None
        and literal not in RESERVED_WORDS
    )


# --- blocks ----------------------------------------------------------------------------------------------------------


def read_block(cursor: Cursor) -> tuple[str, str]:
    """`<name>` and what stands between its tags. Raises Mismatch where there is no such tag."""
    at = cursor.at
    found = cursor.match(BLOCK)
    if found is None:
        raise cursor.mismatch("a <block> expected")
    name = found.group(1)
    content = cursor.blocks.get(name)
    if content is None:
        raise Mismatch(f"no <{name}> in this step", at, "unknown-block")
    return name, content


_FENCE = regex(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})[^`\n]*")


def block_text(content: str) -> str:
    """The text of a block: common indentation and outer blank lines removed, a single fence around it too."""
    lines = _LINE_END.sub("\n", content).split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ""
    fence = _FENCE.fullmatch(lines[0])
    if fence is not None and len(lines) > 1 and _closes(lines, fence["mark"]):
        return "\n".join(_without_indent(line, len(fence["indent"])) for line in lines[1:-1])
    width = _common_indent(lines)
    return "\n".join(_without_indent(line, width) for line in lines)


def _closes(lines: list[str], mark: str) -> bool:
    """Whether the fence that opens the first line is closed by the last one and no other."""
    closing = re.compile(rf"[ \t]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*")
    return closing.fullmatch(lines[-1]) is not None and not any(closing.fullmatch(line) for line in lines[1:-1])


def _common_indent(lines: list[str]) -> int:
    return min(len(line) - len(line.lstrip(" \t")) for line in lines if line.strip())


def _without_indent(line: str, width: int) -> str:
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(width, blank) :]


#: Lines that Markdown, or the search for logic, would take for structure.
_LOOKS_LIKE_STRUCTURE = regex(r"[ \t]*(?:#|[-*+>|] ?|\d+[.)] |</?[A-Za-z!]|`{3}|~{3}|={3}|[A-Z][A-Z _]*\b.*:|$)")


def fenced_where_needed(text: str, language: str = "", *, plain: bool = False) -> str:
    """The content of a block that reads back as `text`; with `plain`, only unsafe white space calls for a fence."""
    needed = block_text(text) != text if plain else block_text(text) != text or _has_structure(text)
    if not needed:
        return text
    mark = "```"
    while mark in text:
        mark += "`"
    return f"{mark}{language}\n{text}\n{mark}" if text else f"{mark}{language}\n{mark}"


def _has_structure(text: str) -> bool:
    return any(_LOOKS_LIKE_STRUCTURE.match(line) for line in text.split("\n"))


def template_of_block(content: str, name: str) -> Text:
    """The template in a block: `[NAME]` is a reference, `\\[NAME]` is not, any other backslash is itself."""
    text = block_text(content)
    parts: list[str | Ref] = []
    at = 0
    for found in _BACKSLASHES_AND_REFERENCE.finditer(text):
        if found.start() < at:
            continue
        slashes = len(found.group(1))
        reference = reference_at(text, found.end() - 1) if slashes % 2 == 0 else None
        parts += [text[at : found.start()], "\\" * (slashes // 2)]
        if reference is None:
            parts.append("[")
            at = found.end()
        else:
            parts.append(reference[0])
            at = reference[1]
    return Text.of(*parts, text[at:], block=name)


def render_block_template(text: Text) -> str:
    """The text of a block for this template."""
    rendered = []
    for index, part in enumerate(text.parts):
        if isinstance(part, Ref):
            rendered.append(f"[{render_ref(part)}]")
            continue
        escaped = _BACKSLASHES_AND_REFERENCE.sub(lambda found: found.group(1) * 2 + "\\[", part)
        if index + 1 < len(text.parts):
            escaped += "\\" * (len(part) - len(part.rstrip("\\")))
        rendered.append(escaped)
    return "".join(rendered)


def read_text(cursor: Cursor) -> Text:
    """`"text"` or `<block>`. Raises Mismatch."""
    if cursor.sees("<"):
        name, content = read_block(cursor)
        return template_of_block(content, name)
    return read_string(cursor)


def render_text(text: Text) -> str:
    """The template as a string, or the name of its block."""
    return render_string(text) if text.block is None else f"<{text.block}>"

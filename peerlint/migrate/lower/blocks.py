"""Texts in tags of their own: which ones stand there, and how the tags are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from peerlint.migrate.lower.names import renamed
from peerlint.migrate.lower.tidy import rewritten
from peerlint.patterns import regex
from peerlint.process.model import (
    AsJson,
    Do,
    FileWrite,
    KvCreate,
    KvPut,
    KvUpdate,
    Publish,
    Request,
    Say,
    Set,
    Statement,
    Text,
    Value,
    Verbatim,
    walk,
)
from peerlint.records import replace

Body = tuple[Statement, ...]

#: A text of so many lines is read more easily as it will stand there than in one line with `\n`.
_MANY_LINES = 3
#: Messages of fewer lines are one message a line.
MANY_SHOWN = 5
#: Characters that a tag cannot show, or that the line ends of a file could change.
_UNSEEN = regex(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
#: Tags that mean something to readers of instruction files.
_TAKEN_TAGS = frozenset(
    {"step", "instructions", "output", "example", "template", "process", "workflow", "check", "action"}
)
_MADE_UP_BLOCK = regex(r"(?:json_template|jq_filter|text)(?:_\d+)?$")
#: Effects with a text that is kept or sent.
_TAKES_TEXT = (FileWrite, KvPut, KvCreate, KvUpdate, Publish, Request)
_WORD = regex(r"[A-Za-z][\w-]*")


def with_long_texts_apart(statements: Body, new_block: Callable[[str], str]) -> Body:
    """Texts of many lines that are shown, kept, sent or written get a tag of their own, named by `new_block`."""

    def apart(value: Value) -> Value:
        if isinstance(value, AsJson):
            inner = apart(value.value)
            return value if inner is value.value else replace(value, value=inner)
        if not isinstance(value, Text) or value.block is not None or not is_long(value):
            return value
        return Text(value.parts, new_block("text"))

    def changed(statement: Statement) -> Statement:
        if isinstance(statement, Set):
            value = apart(statement.value)
            return statement if value is statement.value else replace(statement, value=value)
        if isinstance(statement, Say):
            text = apart(statement.text)
            return replace(statement, text=text) if isinstance(text, Text) else statement
        if isinstance(statement, Do) and isinstance(statement.effect, _TAKES_TEXT):
            value = apart(statement.effect.value)
            if value is not statement.effect.value:
                return replace(statement, effect=replace(statement.effect, value=value))
        return statement

    return rewritten(statements, lambda body: tuple(map(changed, body)))


def is_long(text: Text, many: int = _MANY_LINES) -> bool:
    """Whether a text is read more easily in a tag of its own."""
    literals = "".join(part for part in text.parts if isinstance(part, str))
    return literals.strip("\n").count("\n") + 1 >= many and _UNSEEN.search(literals) is None


def with_named_blocks(statements: Body) -> Body:
    """JSON templates and long texts in tags that are called as the name, the file or the key that takes them."""
    used = {block for node in walk(statements) if isinstance(block := getattr(node, "block", None), str)}
    if not used:
        return statements
    renames: dict[str, str] = {}
    for base, value in _taken(statements):
        for inner in walk(value):
            block = getattr(inner, "block", None)
            if not isinstance(block, str) or not _MADE_UP_BLOCK.match(block) or block in renames:
                continue
            name = base + ("_filter" if isinstance(inner, Verbatim) else "")
            name = f"{name}_text" if name in _TAKEN_TAGS else name
            number, candidate = 2, name
            while candidate in used - {block} or candidate in renames.values():
                candidate, number = f"{name}_{number}", number + 1
            renames[block] = candidate
    return renamed(statements, {}, renames)


def _taken(statements: Body) -> Iterator[tuple[str, Value]]:
    """Each value that is kept, and what its tag would be called."""
    for node in walk(statements):
        if isinstance(node, Set) and not node.target.path:
            yield node.target.name.lower(), node.value
        elif isinstance(node, Say):
            yield "message", node.text
        elif isinstance(node, FileWrite) and (stem := _last_word(node.path, "/", ".")):
            yield f"{stem}_text", node.value
        elif isinstance(node, (KvPut, KvCreate, KvUpdate)) and (stem := _last_word(node.key, ".", "")):
            yield f"{stem}_value", node.value
        elif isinstance(node, (Publish, Request)) and (stem := _last_word(node.subject, ".", "")):
            yield f"{stem}_message", node.value


def _last_word(text: Text, separator: str, ending: str) -> str:
    """What stands behind the last separator, without an ending, as the name of a tag; "" where that makes none."""
    last = text.parts[-1] if text.parts else ""
    if not isinstance(last, str):
        return ""
    word = last.rpartition(separator)[2]
    if ending:
        word = word.lstrip(ending).partition(ending)[0]
    return re.sub(r"\W", "_", word).lower() if _WORD.fullmatch(word) else ""

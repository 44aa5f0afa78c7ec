"""Clauses behind a directive: which there are, which directive takes which, reading and rendering."""

from __future__ import annotations

from peerlint.patterns import regex
from peerlint.process.logic.cursor import Cursor
from peerlint.process.logic.values import read_value
from peerlint.process.model import (
    BucketAdd,
    BucketInfo,
    Clauses,
    Duration,
    FileDelete,
    FileRead,
    FileWrite,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    KvWait,
    Publish,
    Request,
    Run,
    ServerCheck,
    Set,
    TimeUnit,
)
from peerlint.records import fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Stands behind the value of WRITE and APPEND.
NOTHING_IF_EMPTY = ", or nothing if empty"
#: The clauses of a directive without a value to fall back to.
_EFFECT = frozenset({"error", "ignoring_failure"})
#: The clauses of a directive that binds a name.
_BINDING = _EFFECT | {"if_fails", "if_empty"}

#: Which clauses (fields of `Clauses`) stand behind which effect or statement.
ALLOWED_CLAUSES: dict[type, frozenset[str]] = {
    BucketAdd: _EFFECT,
    BucketInfo: _EFFECT,
    FileDelete: _EFFECT,
    FileRead: _BINDING,
    FileWrite: _EFFECT,
    KvCreate: _EFFECT,
    KvDelete: _EFFECT,
    KvGet: _BINDING,
    KvHistory: _BINDING,
    KvKeys: _BINDING,
    KvPurge: _EFFECT,
    KvPut: _EFFECT,
    KvUpdate: _EFFECT,
    KvWait: _EFFECT | {"within"},
    Publish: _EFFECT,
    Request: _BINDING | {"within"},
    Run: frozenset(field.name for field in fields(Clauses)),
    ServerCheck: _EFFECT,
    Set: _BINDING | {"exit_code"},
}

_UNIT = regex(r"(millisecond|second|minute|hour)s?(?![A-Za-z0-9_])")
_FLAGS = {
    "errors_included": ", errors included",
    "errors_hidden": ", errors hidden",
    "output_hidden": ", output hidden",
    "quietly": ", quietly",
    "ignoring_failure": ", ignoring failure",
}
#: How each clause is called in a message.
CLAUSE_WORDS = {
    "exit_code": "exit code AS",
    "error": "error AS",
    "within": "within",
    "if_fails": "or … if it fails",
    "if_empty": "or … if empty",
} | {name: words.removeprefix(", ") for name, words in _FLAGS.items()}


def read_duration(cursor: Cursor) -> Duration:
    """`30 seconds`. Raises Mismatch."""
    amount = cursor.integer()
    cursor.take(" ")
    unit = cursor.match(_UNIT)
    if unit is None:
        raise cursor.mismatch("a unit expected: milliseconds, seconds, minutes or hours")
    return Duration(amount, TimeUnit[unit[1].upper()])


def render_duration(duration: Duration) -> str:
    """`1 second`, `30 seconds`."""
    return f"{duration.amount} {duration.unit.name.lower()}{'' if duration.amount == 1 else 's'}"


def read_clauses(cursor: Cursor, owner: type) -> Clauses:
    """The clauses up to the end of the line. Raises Mismatch for one that `owner` does not take, or twice."""
    found: dict[str, Any] = {}
    while not cursor.done:
        at = cursor.at
        name, value = _clause(cursor)
        if name in found:
            cursor.at = at
            raise cursor.mismatch(f'"{CLAUSE_WORDS[name]}" stands here twice')
        if name not in ALLOWED_CLAUSES[owner]:
            cursor.at = at
            raise cursor.mismatch(f'"{CLAUSE_WORDS[name]}" does not go with this directive')
        found[name] = value
    return Clauses(**found)


def _clause(cursor: Cursor) -> tuple[str, Any]:
    for name, words in _FLAGS.items():
        if cursor.take(words):
            return name, True
    if cursor.take(", exit code AS "):
        return "exit_code", cursor.name()
    if cursor.take(", error AS "):
        return "error", cursor.name()
    if cursor.take(", within "):
        return "within", read_duration(cursor)
    if cursor.take(", or "):
        value = read_value(cursor)
        if cursor.take(" if it fails"):
            return "if_fails", value
        cursor.expect(" if empty")
        return "if_empty", value
    cursor.expect_end()
    raise cursor.mismatch("a clause expected")


def flag_words(clauses: Clauses, name: str) -> str:
    """The words of a clause without a value, or nothing where it is not set."""
    return _FLAGS[name] if getattr(clauses, name) else ""

"""The phrases of a user's repository: each means a condition of the language, and nothing that is bound yet."""

from __future__ import annotations

import re
from collections.abc import Mapping

from peerlint.errors import InputError
from peerlint.patterns import regex
from peerlint.process.logic.conditions import read_condition
from peerlint.process.logic.cursor import Cursor, Mismatch
from peerlint.process.logic.forms import nearest_condition
from peerlint.process.phrases import SLOTS, Bound, Phrase, Phrasebook, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: A stranger's phrases are tried on every condition, so there are not any number of them, of any length.
MAX_PHRASES = 200
MAX_LENGTH = 200

_SLOT = regex(r"\{([^{}]*)\}")
_SLOTS_TOGETHER = regex(r"\}[\s_]*\{")
_SAMPLES = {
    "name": "A_NAME", "word": "WORD", "flag": "--flag", "value": '"v"', "text": '"t"', "number": "3",
    "list": "[a, b]", "path": "a.md", "folder": "a/", "place": "a/b", "tool": "git",
}  # fmt: skip
_WHO = {Source.USER: "is answered by the user", Source.JUDGEMENT: "is left to judgement"}


def user_phrasebook(
    phrases: Mapping[Any, object],
    path: str | None = None,
    *,
    rows: Mapping[str, int] | None = None,
    book: Phrasebook | None = None,
) -> Phrasebook:
    """A phrasebook (that of the house) with more phrases, from phrase (with slots such as `{name}`) to condition.

    `path` is the file that holds them and `rows` the line of each, for messages. Raises InputError for a phrase that
    means something already, has an unknown slot, may match anything, or means no condition of the language, and for
    more than `MAX_PHRASES`.
    """
    book = book or Phrasebook.default()
    for phrase, means in phrases.items():
        row = (rows or {}).get(phrase)
        try:
            if not isinstance(phrase, str):
                raise InputError(f"the phrase {phrase!r} is no text", todo="put it in quotes")
            book = book.extended((_checked(phrase, means, book, _origin(path, row)),))
        except InputError as error:
            raise InputError(error.what, todo=error.todo, path=path, row=row) from None
    return book


def _checked(phrase: str, means: object, book: Phrasebook, origin: str) -> Phrase:
    if not isinstance(means, str):
        raise _refused(phrase, "means no text", "write the condition as text, in quotes")
    if len(book.added) >= MAX_PHRASES:
        raise _refused(phrase, "is one too many", f"at most {MAX_PHRASES} phrases can be added")
    if max(len(phrase), len(means)) > MAX_LENGTH:
        raise InputError(f'the phrase "{phrase[:40]}..." is too long', todo=f"at most {MAX_LENGTH} characters")
    _check_slots(phrase, means)
    added = Phrase(phrase, means, origin)
    filled = Phrasebook((added,)).bind(_sample(phrase))
    condition = filled.condition if isinstance(filled, Bound) else means
    _check_condition(phrase, condition)
    _check_free(phrase, condition, book)
    return added


def _origin(path: str | None, row: int | None) -> str:
    return (path or "a user") + ("" if row is None else f":{row}")


def _check_slots(phrase: str, means: str) -> None:
    slots = _SLOT.findall(phrase)
    unknown = next((slot for slot in slots if slot not in SLOTS), None)
    if unknown is not None:
        raise _refused(phrase, f"has the unknown slot {{{unknown}}}", "the slots are " + ", ".join(SLOTS))
    unfilled = next((slot for slot in _SLOT.findall(means) if slot not in slots), None)
    if unfilled is not None:
        raise _refused(phrase, f"has no slot {{{unfilled}}}, which its meaning has", "use the same slots in both")
    if len(slots) > len(set(slots)):
        raise _refused(phrase, "has a slot twice", "one of each kind")
    if _SLOTS_TOGETHER.search(phrase):
        raise _refused(phrase, "has two slots side by side", "put words between them")
    if not re.search(r"[^\W_]", _SLOT.sub("", phrase)):
        raise _refused(phrase, "has no word of its own", "it would match almost anything")


def _check_condition(phrase: str, means: str) -> None:
    cursor = Cursor(means)
    try:
        read_condition(cursor)
        cursor.expect_end()
    except Mismatch as mismatch:
        nearest = nearest_condition(means)
        todo = f'the nearest form is "{nearest}"' if nearest else "see docs/logic.md, Conditions"
        raise _refused(phrase, f'means "{means}", which is no condition: {mismatch.message}', todo) from None


def _check_free(phrase: str, condition: str, book: Phrasebook) -> None:
    """A text that means something already, by any phrase of the book, keeps its meaning."""
    sample = _sample(phrase)
    bound = book.bind(sample)
    ending, source = book.ending(sample), book.source(sample)
    if isinstance(bound, Bound) and bound.condition != condition:
        known = f'already means "{bound.condition}"'
    elif ending is not None:
        known = f'already says how the directive above ended ("{ending.value}")'
    elif source is not None:
        known = f"already {_WHO[source]}"
    elif _is_condition(sample):
        known = "is a condition of the language itself"
    else:
        return
    raise _refused(phrase, known, "a bound phrase cannot be bound again")


def _is_condition(text: str) -> bool:
    cursor = Cursor(text)
    try:
        read_condition(cursor)
        cursor.expect_end()
    except Mismatch:
        return False
    return True


def _sample(text: str) -> str:
    return _SLOT.sub(lambda slot: _SAMPLES.get(slot[1], slot[0]), text)


def _refused(phrase: str, what: str, todo: str) -> InputError:
    return InputError(f'the phrase "{phrase}" {what}', todo=todo)

"""The phrases of a user's repository: each means a condition of the language, and nothing that is bound yet."""

from __future__ import annotations

import re
from collections.abc import Mapping

from peerlint.errors import InputError
from peerlint.process.logic.conditions import read_condition
from peerlint.process.logic.cursor import Cursor, Mismatch
from peerlint.process.logic.forms import nearest_condition
from peerlint.process.phrases import SLOTS, Bound, Phrase, Phrasebook, Source

_SLOT = re.compile(r"\{([^{}]*)\}")
_SAMPLES = {
    "name": "A_NAME", "word": "WORD", "flag": "--flag", "value": '"v"', "text": '"t"', "number": "3",
    "list": "[a, b]", "path": "a.md", "folder": "a/", "place": "a/b", "tool": "git",
}  # fmt: skip
_WHO = {Source.USER: "is answered by the user", Source.JUDGEMENT: "is left to judgement"}


def user_phrasebook(phrases: Mapping[str, object], path: str | None = None) -> Phrasebook:
    """The phrasebook of the house with more phrases, from phrase (with slots such as `{name}`) to condition.

    `path` is the config file that holds them, for messages. Raises InputError for a phrase that is bound already, has
    an unknown slot, or means no condition of the language.
    """
    house = Phrasebook.default()
    checked: dict[str, str] = {}
    for phrase, means in phrases.items():
        if not isinstance(means, str):
            raise _refused(phrase, "means no text", "write the condition as text", path)
        _check_slots(phrase, means, path)
        filled = Phrasebook((Phrase(phrase, means),)).bind(_sample(phrase))
        condition = filled.condition if isinstance(filled, Bound) else means
        _check_condition(phrase, condition, path)
        _check_free(phrase, condition, house, path)
        checked[phrase] = means
    try:
        return house.extended(checked)
    except InputError as error:
        raise InputError(error.what, todo=error.todo, path=path) from None


def _check_slots(phrase: str, means: str, path: str | None) -> None:
    slots = _SLOT.findall(phrase)
    unknown = next((slot for slot in slots if slot not in SLOTS), None)
    if unknown is not None:
        raise _refused(phrase, f"has the unknown slot {{{unknown}}}", "the slots are " + ", ".join(SLOTS), path)
    unfilled = next((slot for slot in _SLOT.findall(means) if slot not in slots), None)
    if unfilled is not None:
        raise _refused(phrase, f"has no slot {{{unfilled}}}, which its meaning has", "use the same slots in both", path)


def _check_condition(phrase: str, means: str, path: str | None) -> None:
    cursor = Cursor(means)
    try:
        read_condition(cursor)
        cursor.expect_end()
    except Mismatch as mismatch:
        nearest = nearest_condition(means)
        todo = f'the nearest form is "{nearest}"' if nearest else "see docs/logic.md, Conditions"
        raise _refused(phrase, f'means "{means}", which is no condition: {mismatch.message}', todo, path) from None


def _check_free(phrase: str, condition: str, house: Phrasebook, path: str | None) -> None:
    """A text that means something already, by any phrase of the house, keeps its meaning."""
    sample = _sample(phrase)
    bound = house.bind(sample)
    ending, source = house.ending(sample), house.source(sample)
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
    raise _refused(phrase, known, "a bound phrase cannot be bound again", path)


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


def _refused(phrase: str, what: str, todo: str, path: str | None) -> InputError:
    return InputError(f'the phrase "{phrase}" {what}', todo=todo, path=path)

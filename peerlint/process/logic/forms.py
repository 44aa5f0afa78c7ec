"""The forms of the language as people see them in a message, and the nearest one to a line."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import inf

from peerlint.patterns import regex
from peerlint.process.logic.conditions import OUTCOME_WORDS

DIRECTIVE_FORMS = (
    "NOTE: text",
    'INPUT: NAME, "question"',
    "RESULT: NAME",
    'DISPLAY: "text"',
    'WARN: "text"',
    'ERROR: "text"',
    'PROVIDE: "text"',
    'ASK: "question" AS NAME',
    'TASK: "text"',
    'SET: NAME = "value"',
    "SET: NAME = NAME",
    "READ: key from bucket AS NAME",
    "READ: key from bucket AS NAME, revision AS NAME",
    'READ: file "path" AS NAME',
    "STORE: key in bucket = NAME",
    "CREATE: key in bucket = NAME",
    "CREATE: bucket name, as in <block>",
    "UPDATE: key in bucket = NAME, if revision is still NAME",
    "DELETE: key from bucket",
    'DELETE: file "path"',
    "PURGE: key from bucket",
    'WRITE: file "path" = NAME',
    'APPEND: file "path" = NAME',
    "LIST: keys of bucket AS NAME",
    "LIST: history of key in bucket AS NAME",
    "CHECK: NATS server connectivity",
    "CHECK: NATS server connectivity, as in <block>",
    "CHECK: bucket name",
    "CHECK: bucket name, history AS NAME",
    "CHECK: NAME is not empty",
    'WAIT: for key in bucket to equal "value", within 30 seconds',
    "PUBLISH: NAME to subject",
    "REQUEST: NAME from subject AS NAME",
    "RUN: `command`",
    "RUN: `command` AS NAME",
    "RUN: <block>",
    "ACTION: text, as in <block>",
    "ACTION: Use name subagent",
    "STOP execution",
    'STOP execution because "reason"',
    "PROCEED to next step",
    "PROCEED to step 2",
    "SKIP this step",
    "RESUME from step 2",
    "LEAVE the loop",
    "DO NOTHING",
    "IF condition:",
    "ELSE IF condition:",
    "ELSE:",
    "FOR EACH NAME in lines of NAME:",
    "REPEAT up to 3 times:",
    "REPEAT up to 3 times, 10 seconds apart, until condition:",
    'IN FOLDER "path":',
)

CONDITION_FORMS = (
    "NAME is empty",
    "NAME is not empty",
    "NAME is missing",
    "NAME is not missing",
    "NAME is a number",
    "NAME is not a number",
    "NAME is valid JSON",
    'NAME is "text"',
    'NAME is not "text"',
    "NAME is 2",
    'NAME is one of "text", "text"',
    'NAME is none of "text", "text"',
    "NAME is greater than 2",
    "NAME is at least 2",
    "NAME is less than 2",
    "NAME is at most 2",
    'NAME contains "text"',
    'NAME does not contain "text"',
    'NAME starts with "text"',
    'NAME ends with "text"',
    "NAME matches 'text'",
    "NAME does not match 'text'",
    "NAME passes `command`",
    'file "text" exists',
    'file "text" does not exist',
    'file "text" is not empty',
    'folder "text" exists',
    'folder "text" does not exist',
    'files matching "text" exist',
    "tool name is available",
    "tool name is not available",
    "`command` succeeds",
    "`command` fails",
    "--flag provided",
    "--flag not provided",
    "neither --flag nor --flag provided",
    "both --flag and --flag provided",
    "exit code is 2",
    'you judge that "text"',
    'the user confirms "text"',
    *OUTCOME_WORDS,
)

_MASKS = (
    (regex(r'"(?:[^"\\]|\\.)*"?'), '"text"'),
    (regex(r"'[^']*'?"), "'text'"),
    (regex(r"`[^`]*`?"), "`command`"),
    (regex(r"<[a-z][a-z0-9_]*>"), "<block>"),
    (regex(r"--[a-z][a-z0-9-]*"), "--flag"),
)
_NAME_IN_LINE = regex(r"(?<![A-Za-z0-9_])\[?[A-Z][A-Z0-9_]*\]?(?![A-Za-z0-9_:])(?!\s(?:IF|EACH|FOLDER))")
_LONGEST = 160
#: A form further away than this share of its length is no help.
_FAR = 0.6


def nearest_directive(line: str) -> str | None:
    """The form of a statement that is nearest to the line: one that begins with its word, where there is one."""
    slip = misspelt_word(line)
    word = slip[1] if slip else line.split(maxsplit=1)[0] if line else ""
    same = _FORMS_BY_WORD.get(word.rstrip(":"), ())
    same = tuple(form for form in same if form.split()[1:2] == line.split()[1:2]) or same
    return _nearest(line, same or DIRECTIVE_FORMS, far=not same)


def nearest_condition(condition: str) -> str | None:
    """The form of a condition that is nearest, with the reader's own value where there is just one."""
    masked = _masked(condition)
    nearest = _nearest(condition, CONDITION_FORMS)
    if nearest is None or masked.count("NAME") != 1 or nearest.count("NAME") != 1:
        return nearest
    found = _NAME_IN_LINE.search(condition)
    return nearest if found is None else nearest.replace("NAME", found.group().strip("[]"))


def _by_word(forms: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for form in forms:
        word = form.split()[0].rstrip(":")
        found[word] = (*found.get(word, ()), form)
    return found


#: The directives by the word that they begin with.
_FORMS_BY_WORD = _by_word(DIRECTIVE_FORMS)
_FIRST_WORD = regex(r"[A-Z]{4,}(?![a-z_])")


def misspelt_word(line: str) -> tuple[str, str] | None:
    """The word in capitals that begins a line, and the one of the language that it is nearly, but not quite."""
    found = _FIRST_WORD.match(line)
    if found is None or found.group() in _FORMS_BY_WORD:
        return None
    word = found.group()
    slips = 2 if len(word) > 7 else 1
    near = (known for known in _FORMS_BY_WORD if sorted(word) == sorted(known) or edit_distance(word, known) <= slips)
    known = next((known for known in sorted(near) if len(known) > 3), None)
    return None if known is None else (word, known)


@lru_cache(maxsize=4096)
def _nearest(line: str, forms: tuple[str, ...], *, far: bool = True) -> str | None:
    """The form with the least edits; `far` says whether one that is too far away is none."""
    if len(line) > _LONGEST:
        return None
    masked = _masked(line)
    letters = Counter(masked)
    # What differs in more letters than the nearest form in all is no nearer: most forms need not be compared.
    apart = sorted((_letters_apart(letters, other), form, target) for form, target, other in _targets(forms))
    bound = _FAR * max(len(masked), *map(len, forms)) if far else inf
    found: list[tuple[int, str]] = []
    for least, form, target in apart:
        if least > bound:
            break
        found.append((edit_distance(masked, target), form))
        bound = min(bound, found[-1][0])
    if not found:
        return None
    distance, form = min(found)
    return form if not far or distance <= _FAR * max(len(masked), len(form)) else None


def _letters_apart(left: Counter[str], right: Counter[str]) -> int:
    """How many edits there are at least between texts of these letters."""
    return max((left - right).total(), (right - left).total())


@lru_cache(maxsize=64)
def _targets(forms: tuple[str, ...]) -> tuple[tuple[str, str, Counter[str]], ...]:
    return tuple((form, masked, Counter(masked)) for form, masked in ((form, _masked(form)) for form in forms))


def _masked(line: str) -> str:
    """The line with its values replaced by their kind, so that only the words count."""
    for pattern, mask in _MASKS:
        line = pattern.sub(mask, line)
    words = line.split(":", 1)
    words[-1] = _NAME_IN_LINE.sub("NAME", words[-1])
    return ":".join(words)


def edit_distance(left: str, right: str) -> int:
    """How many characters must be added, removed or replaced."""
    row = list(range(len(right) + 1))
    for index, character in enumerate(left, 1):
        diagonal, row[0] = row[0], index
        for column, other in enumerate(right, 1):
            cost = diagonal + (character != other)
            diagonal = row[column]
            row[column] = min(cost, diagonal + 1, row[column - 1] + 1)
    return row[-1]

"""Whether two traces show the same behaviour, and where they differ."""

from __future__ import annotations

from itertools import zip_longest

from peerlint.prove.trace import Action, Trace, canonical
from peerlint.records import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs, and how each side has it."""

    aspect: str
    original: str
    rewrite: str

    def __str__(self) -> str:
        return f"{self.aspect}: original {self.original}, rewrite {self.rewrite}"


def differences(original: Trace, rewrite: Trace, *, reasons: bool = False) -> list[Difference]:
    """All differences, the most telling first; empty where the behaviour is the same.

    `reasons` says that the prose of the step tells exit codes apart, so the reason of a stop counts.
    """
    found: list[Difference] = []
    if original.outcome != rewrite.outcome:
        found.append(Difference("outcome", original.outcome, rewrite.outcome))
    elif reasons and original.reason != rewrite.reason:
        found.append(Difference("reason", original.reason or "none", rewrite.reason or "none"))
    for left, right in zip_longest(original.effects, rewrite.effects):
        if left is None or right is None or not _same(left, right):
            found.append(Difference("effect", _shown(left), _shown(right)))
            break
    for said, says in zip_longest(original.messages, rewrite.messages):
        if said != says:
            found.append(Difference("message", _quoted(said), _quoted(says)))
            break
    found += _mapping("state of bucket", _flat(original), _flat(rewrite))
    found += _mapping("file", dict(original.files), dict(rewrite.files))
    return found


def _same(left: Action, right: Action) -> bool:
    return _compared(left) == _compared(right)


def _compared(action: Action) -> tuple[object, ...]:
    place = (action.operation, action.bucket, action.key, action.folder)
    return (*place, canonical(action.value), action.expected, action.ok)


def _flat(trace: Trace) -> dict[str, str]:
    flat: dict[str, str] = {}
    for bucket, entries in trace.state.items():
        flat[bucket] = "exists"
        flat |= {f"{bucket} {key}": canonical(value) or "" for key, value in entries.items()}
    return flat


def _mapping(aspect: str, left: dict[str, str], right: dict[str, str]) -> list[Difference]:
    return [
        Difference(f"{aspect} {name}", _quoted(left.get(name)), _quoted(right.get(name)))
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ][:1]


def _shown(action: Action | None) -> str:
    return "nothing" if action is None else action.shown()


def _quoted(text: str | None) -> str:
    return "nothing" if text is None else f'"{text}"'

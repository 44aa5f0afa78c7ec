"""Faults that are injected into logical operations, the same on both sides of a proof."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

#: From the operation on, no call reaches the server.
AWAY = "server away"
#: This one operation is refused: a denied user, or a slow server, are the same to who waits.
FAILS = "fails"
#: Somebody else writes `value` to the key, just before the operation.
WRITE_BEFORE = "written before"
#: Somebody else writes `value` to the key, just after the operation.
WRITE_AFTER = "written after"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the `nth` (from 1) time that an operation on a bucket and key is asked for."""

    kind: str
    operation: str
    bucket: str = ""
    key: str = ""
    nth: int = 1
    value: str = ""

    @classmethod
    def from_dict(cls, form: dict[str, Any]) -> Fault:
        """From its JSON form."""
        return cls(**form)


class Faults:
    """The faults of a scenario, and how often each operation was asked for."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self.away = False

    def strike(self, operation: str, bucket: str, key: str) -> list[Fault]:
        """Counts the operation and gives the faults that strike it; sets `away` where the server is gone from here."""
        place = (operation, bucket, key)
        self._seen[place] += 1
        struck = [
            fault
            for fault in self._faults
            if (fault.operation, fault.bucket, fault.key) == place and fault.nth == self._seen[place]
        ]
        self.away = self.away or any(fault.kind == AWAY for fault in struck)
        return struck

"""A file that keeps values from one run to the next: found by a text, checked as they are read, written whole.

Its loss or damage costs time and changes no result: what cannot be read as it was written counts as not kept.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Of a checksum, and of the length of the index.
_NUMBER_BYTES = 4


class KeptFile:
    """What earlier runs have kept: a mark, the length of the index, the index, and the entries.

    An entry holds a text, a number that tells apart what is kept of one text, and the value. A run needs few of them
    and reads no others: the index has the place and the length of each. A file with another mark holds nothing.
    """

    def __init__(self, place: Path | None, mark: bytes | None) -> None:
        self._file: int | None = None
        self._index: dict[int, tuple[int, int]] = {}
        if place is None or mark is None:
            return
        try:
            # It stays open: a run reads on in the file that it began with when another has put a new one in its place.
            self._file = os.open(place, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except (OSError, ValueError):
            return
        head = self._bytes(0, len(mark) + _NUMBER_BYTES)
        if head.startswith(mark):
            length = int.from_bytes(head[len(mark) :], "big")
            self._start = len(head) + length
            self._index = _checked(self._bytes(len(head), length)) or {}

    def get(self, text: str, number: int = 0) -> Any:
        """The value that is kept for the text; None where there is none, or it is damaged."""
        if not self._index:
            return None
        start, length = self._index.get(_place_in_index(text, number), (0, 0))
        entry = _checked(self._bytes(self._start + start, length)) if length else None
        return entry[2] if entry is not None and entry[:2] == (text, number) else None

    def entries(self) -> dict[int, bytes]:
        """All entries as they are written."""
        return {at: self._bytes(self._start + start, length) for at, (start, length) in self._index.items()}

    def close(self) -> None:
        """From here on nothing is found in it."""
        self._index = {}
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _bytes(self, start: int, length: int) -> bytes:
        if self._file is None:
            return b""
        try:
            if hasattr(os, "pread"):
                # Processes that were forked share where they stand in the file.
                return os.pread(self._file, length, start)
            os.lseek(self._file, start, os.SEEK_SET)
            return os.read(self._file, length)
        except OSError:
            return b""


def keep(place: Path, mark: bytes, new: Mapping[tuple[str, int], Any], *, at_most: int) -> None:
    """Put values, each under its text and number, beside those that are kept already, for `KeptFile` to find.

    The values are such as `marshal` writes. Beyond `at_most` bytes the older ones are dropped. A file that cannot be
    written is left alone.
    """
    added = {_place_in_index(*key): _checkable((*key, value)) for key, value in new.items()}
    # Read anew, since another run may have written meanwhile.
    file = KeptFile(place, mark)
    both = {**file.entries(), **added}
    file.close()
    _write(place, _as_file(mark, both if sum(map(len, both.values())) <= at_most else added))


def _place_in_index(text: str, number: int) -> int:
    """By this the index finds an entry; two may have the same, and then one of them is not kept."""
    import zlib

    return zlib.crc32(text.encode("utf-8", "surrogatepass"), number & 0xFFFFFFFF)


def _checkable(value: Any) -> bytes:
    """The value in the form of `marshal`, behind a checksum."""
    import marshal
    import zlib

    content = marshal.dumps(value)
    return zlib.crc32(content).to_bytes(_NUMBER_BYTES, "big") + content


def _checked(written: bytes) -> Any:
    """The value again; None where it is damaged, which must neither crash Python nor make another value."""
    import marshal
    import zlib

    content = written[_NUMBER_BYTES:]
    if not content or zlib.crc32(content).to_bytes(_NUMBER_BYTES, "big") != written[:_NUMBER_BYTES]:
        return None
    return marshal.loads(content)


def _as_file(mark: bytes, entries: dict[int, bytes]) -> bytes:
    index, start = {}, 0
    for at, entry in entries.items():
        index[at] = start, len(entry)
        start += len(entry)
    written = _checkable(index)
    return b"".join((mark, len(written).to_bytes(_NUMBER_BYTES, "big"), written, *entries.values()))


def _write(place: Path, written: bytes) -> None:
    """All or nothing: a run that reads meanwhile sees the old file or the new one."""
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(written)
        unfinished.replace(place)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()

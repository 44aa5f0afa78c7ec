"""One run on all processors: work on many files is shared among copies of this process.

A copy is a fork: it begins with all that was loaded and read before, runs the same code on its share, brings back what
it found, and starts no program. Only Linux is known to be safe for that; elsewhere, on one processor, and where no copy
can be made, the run does all of it itself.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Copies at most: a machine may show more processors than a container may use.
MAX_COPIES = 7
#: The queue is filled before anyone reads from it, so it has to fit into a pipe of the smallest usual size.
_NUMBER_BYTES = 4
_MAX_NUMBERS = 65_536 // _NUMBER_BYTES


def processors() -> int:
    """How many processors this process may use; 1 where it must not be copied."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def shared(items: Sequence[Item], work: Callable[[Item], Result]) -> list[Result | None]:
    """What `work` makes of each item, in their order; None where that failed, in whatever way.

    The caller does those again, so that what goes wrong goes wrong here, with its own error. Results are pickled.
    """
    results: list[Result | None] = [None] * len(items)
    copies = min(processors() - 1, MAX_COPIES, len(items) - 1)
    if copies < 1 or len(items) > _MAX_NUMBERS:
        return results
    # Whoever has time takes the next number, so that slow items do not keep one of them while others wait.
    queue, fill = os.pipe()
    os.write(fill, b"".join(number.to_bytes(_NUMBER_BYTES, "little") for number in range(len(items))))
    os.close(fill)

    def take() -> list[tuple[int, Result]]:
        done = []
        while taken := os.read(queue, _NUMBER_BYTES):
            number = int.from_bytes(taken, "little")
            try:
                done.append((number, work(items[number])))
            except Exception:  # it is done again by the caller, who may say what is wrong
                continue
        return done

    helpers: list[_Copy[Result]] = []
    with suppress(OSError):  # where no further process or pipe is to be had, those that there are do it
        helpers.extend(_Copy(take) for _ in range(copies))
    try:
        found = take()
        for helper in helpers:
            found += helper.brought()
    finally:
        os.close(queue)
        for helper in helpers:
            helper.end()
    for number, result in found:
        results[number] = result
    return results


class _Copy(Generic[Result]):
    """A copy of this process that does its share of the work and ends. Raises OSError where none can be made."""

    def __init__(self, take: Callable[[], list[tuple[int, Result]]]) -> None:
        self._result, bring = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._result)
            os.close(bring)
            raise
        if self._pid == 0:
            # Whatever happens, the copy must not go on as if it were the run itself.
            try:
                with os.fdopen(bring, "wb") as file:
                    pickle.dump(take(), file, pickle.HIGHEST_PROTOCOL)
            finally:
                os._exit(0)
        os.close(bring)

    def brought(self) -> list[tuple[int, Result]]:
        """What it has found, once it has ended; nothing where it did not come to its end."""
        with os.fdopen(self._result, "rb", closefd=False) as file:
            data = file.read()
        try:
            found: list[tuple[int, Result]] = pickle.loads(data)  # of this very program
        except (EOFError, pickle.UnpicklingError):
            return []
        return found

    def end(self) -> None:
        """Ends it where it has not ended."""
        os.close(self._result)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

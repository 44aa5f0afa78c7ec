"""An end from outside, as a time limit or a closed terminal sends it, takes what was started with it as Ctrl-C does."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


class Ended(KeyboardInterrupt):
    """The signal with this number has ended the run."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextlib.contextmanager
def heeds_signals() -> Iterator[None]:
    """Meanwhile SIGTERM and SIGHUP raise Ended, unless whoever started us has them ignored (nohup)."""
    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    heeded = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in heeded:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise Ended(number)

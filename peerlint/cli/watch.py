"""`peerlint check --watch`: look again whenever an instruction file or its config has changed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import click

#: Seconds between two looks at least.
INTERVAL = 0.5
#: How many times as long as the look before: one at thousands of files takes a while.
REST = 9

#: For each file: when it was written, and its size.
_State = dict[Path, tuple[int, int]]


def watch(files: Callable[[], Sequence[Path]], check: Callable[[], object]) -> NoReturn:
    """Checks once, and again after each change among the files, until it is interrupted."""
    before: _State | None = None
    while True:
        began = time.process_time()
        now = _state(files())
        took = time.process_time() - began
        if now != before:
            if before is not None and sys.stdout.isatty():
                click.clear()
            check()
            sys.stdout.flush()
            before = now
        time.sleep(max(INTERVAL, REST * took))


def _state(paths: Sequence[Path]) -> _State:
    state: _State = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        state[path] = (status.st_mtime_ns, status.st_size)
    return state

"""Checking files in several copies of this process (`--jobs`); without that option nothing of this is loaded.

A copy has all that is known when it is made, and runs nothing but peerlint: no program is started.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from pathlib import Path

from peerlint import compiled
from peerlint.cli.checker import Checker, FileCheck
from peerlint.cli.streams import complain
from peerlint.errors import InputError
from peerlint.lint.diagnostics import FileFindings
from peerlint.records import dataclass
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from peerlint.cli.known import Checked

#: Files that a copy takes at a time: some take a hundred times as long as others.
_AT_A_TIME = 24


@dataclass(frozen=True)
class _Answer:
    """What a copy has found in a file, and what of it is for the cache."""

    source: SourceText
    found: FileCheck
    new: dict[tuple[str, int], Any]


def checked_in_copies(files: Sequence[Path], checker: Checker, jobs: int) -> list[Checked]:
    """The files with what is found in them, in their order, as one process would find it; 0 jobs: one a processor.

    Files of which a copy cannot say anything, since they cannot be read, a rule fails or the copy is gone, are
    looked at here: so there is one place that complains.
    """
    number = min(jobs or _processors(), len(files))
    if "fork" not in multiprocessing.get_all_start_methods():
        complain("peerlint: this system copies no processes, so --jobs is 1 here")
        number = 1
    if number == 1:
        answers: Iterator[_Answer | None] = iter([None] * len(files))
        return _put_together(files, answers, checker)
    # What stands in the memory that copies share is not to be written to by looking for cycles.
    gc.freeze()
    pool = ProcessPoolExecutor(number, multiprocessing.get_context("fork"), initializer=_begin, initargs=(checker,))
    try:
        return _put_together(files, _while_they_live(pool.map(_look, files, chunksize=_AT_A_TIME)), checker)
    finally:
        pool.shutdown(cancel_futures=True)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _while_they_live(answers: Iterator[_Answer | None]) -> Iterator[_Answer | None]:
    try:
        yield from answers
    except BrokenProcessPool:
        while True:
            yield None


def _put_together(files: Sequence[Path], answers: Iterator[_Answer | None], checker: Checker) -> list[Checked]:
    checked: list[Checked] = []
    for path, answer in zip(files, answers, strict=False):
        if answer is not None:
            if answer.found.is_linted:
                checker.note_rules(path)
            if checker.cache is not None:
                checker.cache.new.update(answer.new)
            checked.append((path, FileFindings(answer.source, answer.found.diagnostics)))
            continue
        try:
            source = checker.workspace.project(path).read(path)
        except InputError as error:
            checker.unreadable.append(error)
        else:
            checked.append((path, checker.findings(path, source)))
    return checked


#: In a copy, what it checks with.
_own: Checker | None = None


def _begin(checker: Checker) -> None:
    global _own
    _own = checker
    # Ctrl-C is heard by the process that was copied, which ends its copies.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Finalize(None, compiled.keep, exitpriority=0)


def _look(path: Path) -> _Answer | None:
    checker = _own
    assert checker is not None
    failed = len(checker.crashes)
    try:
        source = checker.workspace.project(path).read(path)
        found = checker.check(path, source)
    except InputError:
        return None
    if len(checker.crashes) > failed:
        return None
    new: dict[tuple[str, int], Any] = {}
    if checker.cache is not None:
        new, checker.cache.new = checker.cache.new, {}
    return _Answer(source, found, new)

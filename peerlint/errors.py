"""Errors that are the caller's to mend. Anything else that escapes is a bug in peerlint (exit code 3)."""

from __future__ import annotations

#: What is said of a path that is not there.
NO_SUCH_PATH = "no such file or folder"

#: What is said of an error at most: it may quote a file, and a value there may be as long as the file.
_LONGEST = 500


class InputError(Exception):
    """Bad input, usage or config: one line for the user and exit code 2.

    `what` says what is wrong, `todo` what to do about it; `path` and `row` (from 1) say where.
    """

    def __init__(self, what: str, *, todo: str = "", path: str | None = None, row: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.path = path
        self.row = row

    def __str__(self) -> str:
        place = "" if self.path is None else f"{self.path}: " if self.row is None else f"{self.path}:{self.row}: "
        what = self.what if len(self.what) <= _LONGEST else f"{self.what[: _LONGEST - 1]}…"
        return f"{place}{what}" + (f"; {self.todo}" if self.todo else "")

"""What goes to standard output and standard error."""

from __future__ import annotations

import errno
import os
import sys

from peerlint.report.escape import printable

#: What is wrong with the disk or the device, and not with what is written to it.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def open_closed() -> None:
    """Puts the null device where standard output or error is closed, so that no file takes its number."""
    if sys.stdin is None:
        os.open(os.devnull, os.O_RDONLY)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Open until the interpreter ends.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


def reason_of(error: OSError) -> str:
    """What the system says of a failure, as a part of a sentence."""
    text = error.strerror or type(error).__name__
    return text[:1].lower() + text[1:]


def put(text: str, errors: str = "replace") -> None:
    """Writes to standard output, as UTF-8 whatever the locale says; `errors` is for bytes that were none."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode("utf-8", errors))
    buffer.flush()


def put_patch(text: str) -> None:
    """Writes a patch, byte for byte as the files have it; a terminal is shown what would act on it as escapes."""
    if sys.stdout.isatty():
        put(
            "".join(
                f"{printable(line.rstrip())}\n" if line.strip() else line for line in text.splitlines(keepends=True)
            )
        )
    else:
        put(text, errors="surrogateescape")


def complain(line: str) -> None:
    """Writes a line to standard error; what it quotes of a file neither ends it nor acts on a terminal."""
    sys.stderr.write(f"{printable(line)}\n")
    sys.stderr.flush()


def silence_stdout() -> None:
    """The reader of standard output has gone; keeps the interpreter from complaining about it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wants_color(output_file: object = None) -> bool:
    """Colour only on a terminal that has not refused it (`NO_COLOR`, `TERM=dumb`)."""
    if output_file is not None or os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

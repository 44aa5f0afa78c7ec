"""The tools that a program of a lab finds: real ones, and those that the daemon answers."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from peerlint.prove import shims
from peerlint.run.sandbox import PURE_TOOLS, ExecutionMode

#: Shells: what comes out of their stderr is the script's own words.
_SHELLS = {"bash", "sh"}
#: Tools with an answer of their own in the daemon.
ANSWERED_TOOLS = ("nats", "jq", "date", "mktemp", "uuidgen", "hostname", "peerlint-live")

#: Pure tools of which a proof has its own, since time is not compared.
_OWN = frozenset({"sleep", "timeout"})
_SHIMS = Path(shims.__file__).parent


class Toolbox:
    """Two folders with the same names in them, made below `folder`; a program gets one of the two as its PATH.

    In `hushed` what a pure tool complains about is kept out of the merged stream, which costs a shell for each call. In
    `plain` it is not, so that whoever uses it has to look for `complains`, and to run what does once more, hushed.
    """

    def __init__(self, folder: Path, mode: ExecutionMode) -> None:
        self.hushed = folder / "tools"
        self.plain = folder / "plain"
        self.real = folder / "real"
        self._hidden = folder / "hidden"
        self._complaint = _complaint_of(PURE_TOOLS)
        self._fill("/bin" if mode is ExecutionMode.SANDBOX else None)

    def _fill(self, inside: str | None) -> None:
        """Makes the folders; `inside` is where a program finds the real tools, where it is not where they are here."""
        self.real.mkdir()
        for folder in (self.hushed, self.plain):
            folder.mkdir()
            (self._hidden / folder.name).mkdir(parents=True)
            for name in ("call", "pure", *_OWN):
                shutil.copy(_SHIMS / name, folder / f"peerlint-{name}")
                (folder / f"peerlint-{name}").chmod(0o755)
            for tool in ANSWERED_TOOLS:
                (folder / tool).symlink_to("peerlint-call")
        for tool in PURE_TOOLS:
            path = shutil.which(tool)
            if path is None:
                continue
            (self.real / tool).symlink_to(path)
            real = path if inside is None else f"{inside}/{tool}"
            self._link(tool, f"peerlint-{tool}" if tool in _OWN else real)

    def _link(self, tool: str, real: str) -> None:
        (self.plain / tool).symlink_to(real)
        (self.hushed / tool).symlink_to(real if tool in _SHELLS or tool in _OWN else "peerlint-pure")

    @contextlib.contextmanager
    def holding(self, stubs: frozenset[str], absent: frozenset[str]) -> Iterator[None]:
        """While it lasts, `stubs` are there as tools that record and answer, and `absent` are not there at all."""
        folders = (self.hushed, self.plain)
        made = [folder / name for folder in folders for name in stubs - absent if not (folder / name).is_symlink()]
        gone = [folder / name for folder in folders for name in absent if (folder / name).is_symlink()]
        for path in made:
            path.symlink_to("peerlint-call")
        for path in gone:
            path.rename(self._hidden / path.parent.name / path.name)
        try:
            yield
        finally:
            for path in made:
                path.unlink()
            for path in gone:
                (self._hidden / path.parent.name / path.name).rename(path)

    def complains(self, said: str) -> bool:
        """Whether a line may be one in which a pure tool complains; too often at times, since that only costs time."""
        return self._complaint.search(said) is not None


def _complaint_of(tools: tuple[str, ...]) -> re.Pattern[str]:
    """How complaints begin: with the name of the tool, or of the program that it really is, or with how it is used."""
    real = {Path(path).resolve().name for tool in tools if (path := shutil.which(tool))}
    names = "|".join(map(re.escape, sorted({*tools, *real} - _SHELLS - {"bash", "dash"})))
    return re.compile(rf"^\s*(?:(?:\S*/)?(?:{names})(?::|\s+v?\d)|usage:\s+(?:\S*/)?(?:{names})\s)", re.I | re.M)

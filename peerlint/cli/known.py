"""Findings that are known already: those of a baseline file, and those that an older revision had."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from peerlint.cli.checker import Checker
from peerlint.cli.originals import certificate_of
from peerlint.errors import InputError
from peerlint.lint.diagnostics import FileFindings
from peerlint.lint.fingerprint import fingerprint
from peerlint.records import replace
from peerlint.source.project.opening import MAX_OWN_BYTES, read_regular
from peerlint.source.text import SourceText

_VERSION = 1

#: Rules that hold a certificate against its file.
_ABOUT_CERTIFICATES = frozenset({"PL902", "PL903"})
#: A linted file: where it is, and what was found.
Checked = tuple[Path, FileFindings]


class Baseline:
    """Known findings by fingerprint. A finding stays known while its line moves, until the text of the line changes.

    The file is JSON, sorted, one finding a line, with paths relative to its folder: it can be reviewed and merged.
    """

    def __init__(self, path: Path, known: dict[str, list[str]]) -> None:
        self._path = path
        self._known = known

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """The baseline of a file. Raises InputError where it is none."""
        if not os.path.lexists(path):
            raise InputError("no such baseline", path=str(path), todo="make it with --write-baseline")
        text = read_regular(path, str(path), MAX_OWN_BYTES)
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise _no_baseline(path) from None
        if not isinstance(data, dict) or data.get("peerlint-baseline") != _VERSION:
            raise _no_baseline(path)
        known: dict[str, list[str]] = {}
        entries = data.get("findings", [])
        for entry in entries if isinstance(entries, list) else [None]:
            if not isinstance(entry, dict) or not all(isinstance(entry.get(k), str) for k in ("path", "fingerprint")):
                raise _no_baseline(path)
            known.setdefault(entry["path"], []).append(entry["fingerprint"])
        return cls(path, known)

    def without_known(self, checked: Sequence[Checked]) -> tuple[list[Checked], int]:
        """The findings that are new, and how many known ones of these files are there no more."""
        new, gone = [], 0
        for path, file in checked:
            name = _name(path, self._path)
            known = set(self._known.get(name, ()))
            marks = _fingerprints(file, name)
            new.append((path, _without(file, known, marks)))
            gone += len(known - set(marks))
        return new, gone


def write_baseline(path: Path, checked: Iterable[Checked]) -> int:
    """Writes what was found as the new baseline, atomically, and returns the number of findings.

    Raises InputError where the file is there and is no baseline, or cannot be written.
    """
    from peerlint.migrate.fix.files import write_new

    if path.exists():
        Baseline.read(path)
    entries = [
        {"path": name, "code": diagnostic.code, "fingerprint": mark}
        for name, file in sorted(((_name(place, path), file) for place, file in checked), key=lambda item: item[0])
        for diagnostic, mark in zip(file.diagnostics, _fingerprints(file, name), strict=True)
    ]
    lines = ",\n".join(f"    {json.dumps(entry)}" for entry in entries)
    text = f'{{\n  "peerlint-baseline": {_VERSION},\n  "findings": [\n{lines}\n  ]\n}}\n'
    write_new(path, text.encode())
    return len(entries)


def since(checked: Sequence[Checked], revision: str, checker: Checker) -> list[Checked]:
    """The findings that the same file did not have at a revision, whichever lines have moved. Raises InputError.

    Git is asked for the old bytes of files that have findings, and of their certificates, nothing else. The old text
    does not fit the new certificate, which says nothing of the new text: what certificates are about is known only
    where neither has changed.
    """
    then = checker.revision(revision)
    new = []
    for path, file in checked:
        now = file.source.encode()
        before = then.content(path, now) if file.diagnostics else None
        if before is not None:
            is_same = before == now
            about = [each for each in file.diagnostics if each.code in _ABOUT_CERTIFICATES]
            if about and is_same and then.content(certificate_of(path)) == _bytes(certificate_of(path)):
                about = []
            old = file if is_same else checker.findings(path, SourceText.decode(file.source.path, before))
            left = _without(file, set(_fingerprints(old, "")), _fingerprints(file, ""))
            kept = {id(each) for each in (*about, *left.diagnostics)}
            file = replace(file, diagnostics=tuple(each for each in file.diagnostics if id(each) in kept))
        new.append((path, file))
    return new


def _bytes(path: Path) -> bytes | None:
    try:
        return read_regular(path, str(path), MAX_OWN_BYTES)
    except InputError:
        return None


def _without(file: FileFindings, known: set[str], marks: Sequence[str]) -> FileFindings:
    left = (diagnostic for diagnostic, mark in zip(file.diagnostics, marks, strict=True) if mark not in known)
    return replace(file, diagnostics=tuple(left))


def _fingerprints(file: FileFindings, name: str) -> list[str]:
    seen: dict[str, int] = {}
    return [fingerprint(file.source, diagnostic, seen, name) for diagnostic in file.diagnostics]


def _name(path: Path, baseline: Path) -> str:
    """What the baseline calls a file."""
    folder = baseline.resolve().parent
    return Path(os.path.relpath(path.resolve(), folder)).as_posix()


def _no_baseline(path: Path) -> InputError:
    return InputError("is no baseline of peerlint", path=str(path), todo="make one with --write-baseline")

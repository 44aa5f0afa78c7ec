"""Files that have to change together: all of them are written, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence, Set
from functools import partial
from pathlib import Path

from peerlint.errors import InputError
from peerlint.migrate.fix.engine import (
    Settled,
    Toolbox,
    certificate_path,
    preview_file,
    settle_file,
    settle_script,
    write_file,
)
from peerlint.migrate.fix.files import put_back, room_for
from peerlint.migrate.fix.model import FileResult
from peerlint.records import replace
from peerlint.source.text import Edit, EditConflict, SourceText


def fix_all(
    files: Sequence[tuple[Path, SourceText]], tools: Toolbox, results: dict[str, FileResult]
) -> tuple[FileResult, ...]:
    """Fix files in place. Each is written as soon as it is settled, but for those that change with others.

    `results` takes what became of each file, by what messages call it, as soon as that is known.
    """
    waiting: dict[str, Settled] = {}
    proved: set[str] = set()
    for path, source in files:
        settled = settle_file(path, source, tools)
        proved |= settled.rests_on
        if settled.linked:
            waiting[source.path] = settled
        else:
            results[source.path] = write_file(settled, tools)
    waiting = _complete(waiting, proved, tools)
    for group in _groups(waiting):
        results |= _write_together({label: waiting[label] for label in group}, tools)
    labels = [source.path for _, source in files]
    return tuple(results[label] for label in dict.fromkeys([*labels, *results]))


def _complete(waiting: dict[str, Settled], proved: Set[str], tools: Toolbox) -> dict[str, Settled]:
    """The same files without fixes of which another file does not get its part.

    A script that a proof of this run has been made with stays as it was: the next run may change it.
    """
    settled = dict(waiting)
    without: dict[str, frozenset[str]] = {}
    while True:
        broken = {
            label: frozenset(
                code
                for code, others in one.linked.items()
                if not _all_have(code, others - one.in_scripts.keys(), settled)
                or others & one.in_scripts.keys() & proved
            )
            for label, one in settled.items()
        }
        if not any(broken.values()):
            return settled
        for label, codes in broken.items():
            if codes:
                without[label] = without.get(label, frozenset()) | codes
                result = settled[label].result
                settled[label] = settle_file(result.path, result.before, tools, without[label])


def _all_have(code: str, others: frozenset[str], settled: dict[str, Settled]) -> bool:
    return all(label in settled and code in settled[label].linked for label in others)


def _groups(waiting: dict[str, Settled]) -> list[tuple[str, ...]]:
    """The files by those that they change with, in their order."""
    groups: list[set[str]] = []
    for label, settled in waiting.items():
        own = {label}.union(*settled.linked.values())
        touched = [group for group in groups if group & own]
        groups = [group for group in groups if not group & own] + [own.union(*touched)]
    return [tuple(label for label in waiting if label in group) for group in groups]


def _write_together(group: dict[str, Settled], tools: Toolbox) -> dict[str, FileResult]:
    """Write the files of a group and the scripts that change with them."""
    scripts = _scripts(group.values(), tools)
    for label, script in scripts.items():
        if script is None:
            return _refused(group, label, "cannot be changed as it is now")
    return _write_group(group | {label: script for label, script in scripts.items() if script is not None}, tools)


def _scripts(files: Iterable[Settled], tools: Toolbox) -> dict[str, Settled | None]:
    """The scripts that change with some files, by what messages call them; None where one cannot be changed."""
    edits: dict[str, frozenset[Edit]] = {}
    for settled in files:
        for label, wanted in settled.in_scripts.items():
            edits[label] = edits.get(label, frozenset()) | wanted
    scripts: dict[str, Settled | None] = {}
    for label in sorted(edits):
        found = tools.script(label)
        try:
            scripts[label] = settle_script(*found, edits[label]) if found else None
        except EditConflict:
            scripts[label] = None
    return scripts


def preview_all(files: Sequence[tuple[Path, SourceText]], tools: Toolbox) -> tuple[FileResult, ...]:
    """The files as a fix would leave them if every proof held, and the scripts that would change with them."""
    settled = [preview_file(path, source, tools) for path, source in files]
    scripts = _scripts(settled, tools)
    others = (script.result for script in scripts.values() if script is not None)
    return tuple(one.result for one in settled if one.result.before.path not in scripts) + tuple(others)


def _write_group(group: dict[str, Settled], tools: Toolbox) -> dict[str, FileResult]:
    """Write the files of a group; where one cannot be written, those before it are put back as they were.

    Room for all of them, and for what stands there now, is taken before the first one is written.
    """
    results: dict[str, FileResult] = {}
    undo: list[Callable[[], None]] = []
    label = ""
    with contextlib.ExitStack() as kept:
        rooms: dict[str, Callable[[], None]] = {}
        try:
            for label, settled in group.items():
                kept.enter_context(_room(settled, settled.result.before, tools))
                rooms[label] = kept.enter_context(_room(settled, settled.result.after, tools))
            for label, settled in group.items():
                back = _way_back(settled)
                rooms[label]()
                results[label] = write_file(settled, tools)
                if results[label].refused:
                    kept.close()
                    _take_back(undo)
                    return _refused(group, label, results[label].refused)
                undo.append(partial(back, results[label]))
        except InputError as error:
            return _refused(group, label, error.what)
        except BaseException:
            kept.close()
            _take_back(undo)
            raise
    return results


def _room(settled: Settled, text: SourceText, tools: Toolbox) -> contextlib.AbstractContextManager[Callable[[], None]]:
    return room_for(settled.result.path, len(text.encode()), tools.root)


def _way_back(settled: Settled) -> Callable[[FileResult], None]:
    """What puts a file, its certificate and their copies back as they are now."""
    path, before = settled.result.path, settled.result.before.encode()
    certificate = certificate_path(path)
    certified = certificate.read_bytes() if certificate.is_file() else None

    def back(result: FileResult) -> None:
        if path.read_bytes() != result.after.encode():
            # Somebody else has written it since.
            return
        put_back(path, before)
        if result.certificate is not None:
            put_back(certificate, certified)
        for copy in (result.copy, result.certificate_copy):
            if copy is not None:
                copy.unlink(missing_ok=True)

    return back


def _take_back(undo: Sequence[Callable[[], None]]) -> None:
    for back in reversed(undo):
        with contextlib.suppress(OSError, InputError):
            back()


def _refused(group: dict[str, Settled], failed: str, why: str) -> dict[str, FileResult]:
    """The results of a group of which one file could not be written."""
    told = f"not written, since {failed} has to change with it, which {why}"
    return {
        label: replace(
            settled.result, after=settled.result.before, applied=(), refused=why if label == failed else told
        )
        for label, settled in group.items()
    }

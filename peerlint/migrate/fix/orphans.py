"""Scripts that nobody calls any more once their logic stands in the instruction file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peerlint.migrate.fix.mentions import names_script
from peerlint.migrate.fix.model import FileResult
from peerlint.source.text import SourceText


def orphans(results: Sequence[FileResult], texts: Iterable[SourceText]) -> tuple[str, ...]:
    """Paths of the migrated scripts that no text names, but for themselves and other scripts of the list.

    `texts` are the texts of the project as they are now. A mention of the file name anywhere counts as use: whoever
    deletes a script must be able to rely on the list.
    """
    candidates = _migrated_scripts(results)
    known = list(texts)
    alive = {
        path
        for path in candidates
        if any(names_script(text.text, path) for text in known if text.path not in candidates)
    }
    while True:
        called = {
            path
            for path in candidates - alive
            if any(names_script(text.text, path) for text in known if text.path in alive)
        }
        if not called:
            return tuple(sorted(candidates - alive))
        alive |= called


def _migrated_scripts(results: Sequence[FileResult]) -> set[str]:
    found: set[str] = set()
    for result in results:
        if not result.written or result.plan is None:
            continue
        for step in result.steps:
            lowering = result.plan.lowerings.get(step.number) if step.written else None
            for reference in lowering.scripts if lowering else ():
                script = result.plan.reading.resolve(reference)
                if script is not None:
                    found.add(script.path)
    return found

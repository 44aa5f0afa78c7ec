"""Mending files: simple fixes as they are, migrations of steps only after their proof.

The command line calls:

- `plan(reading, step=None, wanted=…)`: what could be migrated, of the steps that `asked.steps_found` names; starts no
  process and writes nothing. `check` marks the findings of the steps in `provable` with `[p]`.
- `preview(...)`: the texts as `fix` would make them if every proof held; `diff(report)` shows them for `git apply`.
- `fix(...)`: writes certificate and file of what is proved; `table(report)` are the lines for the terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path

from peerlint.migrate.fix.model import (
    Check,
    FilePlan,
    FileProof,
    FileResult,
    FindScript,
    FixReport,
    FixSettings,
    Progress,
    Prove,
    ReadText,
    StepOutcome,
    StepVerdict,
    Verdict,
    no_script,
)
from peerlint.migrate.fix.plan import plan
from peerlint.source.text import SourceText

# `check` only plans: what writes and shows is loaded by those who ask for it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.migrate.fix.engine import certificate_path
    from peerlint.migrate.fix.present import diff, file_diff, table

__all__ = [
    "Check",
    "FilePlan",
    "FileProof",
    "FileResult",
    "FixReport",
    "FixSettings",
    "Progress",
    "Prove",
    "ReadText",
    "StepOutcome",
    "StepVerdict",
    "Verdict",
    "certificate_path",
    "diff",
    "file_diff",
    "fix",
    "plan",
    "preview",
    "table",
]


def silent(line: str) -> None:
    """A progress that shows nothing."""


def no_texts() -> Iterable[SourceText]:
    """No texts of a project: then no script is said to be unused."""
    return ()


def fix(
    files: Sequence[tuple[Path, SourceText]],
    *,
    root: Path,
    read_text: ReadText,
    check: Check,
    prove: Prove | None,
    settings: FixSettings = FixSettings(),  # noqa: B008 - frozen
    progress: Progress = silent,
    script: FindScript = no_script,
    project_texts: Callable[[], Iterable[SourceText]] = no_texts,
    interrupted: Callable[[FixReport], None] = lambda report: None,
) -> FixReport:
    """Fix files in place; each file is written whole or not at all, and so are files that have to change together.

    `root` is the folder that nothing is written out of. Without `prove` only simple fixes are made. `script` finds
    scripts that may change with a file; the report has those that did behind the files. `project_texts` gives the texts
    of the project after the fix, to find scripts that nobody calls any more. `interrupted` is told what
    was done before a KeyboardInterrupt, which goes on; what is written then stays.
    """
    from peerlint.migrate.fix.engine import Toolbox, hindrances
    from peerlint.migrate.fix.orphans import orphans
    from peerlint.migrate.fix.together import fix_all

    tools = Toolbox(
        root, read_text, check, prove, settings, progress, hindrances(files, settings, root, script), script
    )
    done: dict[str, FileResult] = {}
    try:
        results = fix_all(files, tools, done)
    except KeyboardInterrupt:
        interrupted(FixReport(tuple(done.values()), (), _undo([result for result in done.values() if result.written])))
        raise
    written = [result for result in results if result.written]
    unused = orphans(results, project_texts()) if any(step.written for r in written for step in r.steps) else ()
    return FixReport(results, unused, _undo(written))


def preview(
    files: Sequence[tuple[Path, SourceText]],
    *,
    root: Path,
    read_text: ReadText,
    check: Check,
    settings: FixSettings = FixSettings(),  # noqa: B008 - frozen
    script: FindScript = no_script,
) -> FixReport:
    """What `fix` would do if every proof held; starts no process and writes nothing."""
    from peerlint.migrate.fix.engine import Toolbox
    from peerlint.migrate.fix.together import preview_all

    return FixReport(preview_all(files, Toolbox(root, read_text, check, None, settings, silent, script=script)))


def _undo(written: Sequence[FileResult]) -> str:
    """How to take the fix back, with paths as the user wrote them."""
    from peerlint.migrate.fix.present import undo_line
    from peerlint.source.project.opening import repository_of

    certified = [(r, r.label(r.certificate)) for r in written if r.certificate]
    copies = [(r.before.path, r.label(r.copy)) for r in written if r.copy]
    copies += [(path, r.label(r.certificate_copy)) for r, path in certified if r.certificate_copy]
    committed = [(r, r.before.path) for r in written if r.copy is None]
    committed += [(r, path) for r, path in certified if not r.certificate_is_new and r.certificate_copy is None]
    by_repository: dict[tuple[Path | None, bool], list[str]] = {}
    for r, path in committed:
        # Files below the working directory are named from there, others from the root.
        where = repository_of(r.path.resolve().parent), Path(path).is_absolute()
        by_repository.setdefault(where, []).append(path)
    return undo_line(by_repository.values(), copies, [path for r, path in certified if r.certificate_is_new])


def __getattr__(name: str) -> object:
    for part in ("engine", "present") if name in __all__ else ():
        module = import_module(f"{__name__}.{part}")
        if hasattr(module, name):
            return globals().setdefault(name, getattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Mending files: simple fixes as they are, migrations of steps only after their proof.

The command line calls three functions:

- `plan(reading, step=None) -> FilePlan`: what could be migrated; starts no process, writes nothing. `check` marks the
  findings of `plan.provable` steps with `[p]`, `--diff` shows `preview(...)`.
- `preview(files, read_text=…, check=…, settings=…) -> FixReport`: the texts as `--fix` would make them if every proof
  held; nothing is proved or written. `diff(report)` renders it for `git apply`.
- `fix(files, project_root=…, read_text=…, check=…, prove=…, settings=…, progress=…) -> FixReport`: writes the
  certificate and the file of every step that is proved. `table(report)` renders the lines for the terminal.
"""

from __future__ import annotations

from peerlint.migrate.fix.model import (
    Check,
    FilePlan,
    FileProof,
    FileResult,
    FixReport,
    FixSettings,
    Progress,
    Prove,
    ReadText,
    StepOutcome,
    StepVerdict,
    Verdict,
)

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
]

"""PL9: certificates that no longer speak of the file, or that say it was refuted. Hashes only; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

import peerlint
from peerlint.lint.context import Context, Found
from peerlint.lint.diagnostics import Severity
from peerlint.process.certificate import BadRecord, Certificate, StepRecord, logic_hash
from peerlint.source.text import SourceText, Span


def stale_proof(context: Context) -> Iterator[Found]:
    """Steps that changed since they were proved, and certificates that cannot be believed."""
    source = _certificate(context)
    if source is None:
        return
    try:
        certificate = Certificate.parse(source.text)
    except BadRecord as wrong:
        yield Found(_head(context, None), {"problem": f"{PurePosixPath(source.path).name} proves nothing: {wrong}"})
        return
    steps = {step.number: step.step for step in context.steps}
    stale = False
    for record in certificate.steps:
        if record.number not in steps:
            stale = True
            yield Found(_head(context, None), {"problem": f"step {record.number} was proved and is not here any more"})
        elif logic_hash(steps[record.number]) != record.logic:
            stale = True
            yield Found(_head(context, record), {"problem": f"step {record.number} has changed since it was proved"})
    if not stale and certificate.version != peerlint.__version__:
        problem = f"this file was proved by peerlint {certificate.version}, this is {peerlint.__version__}"
        yield Found(_head(context, None), {"problem": problem}, severity=Severity.NOTE)


def refuted_migration(context: Context) -> Iterator[Found]:
    """Steps of which the certificate says that they do not behave as their original did."""
    source = _certificate(context)
    if source is None:
        return
    try:
        records = Certificate.parse(source.text).steps
    except BadRecord:
        return
    steps = {step.number: step.step for step in context.steps}
    for record in records:
        is_current = record.number in steps and logic_hash(steps[record.number]) == record.logic
        if is_current and record.verdict == "refuted":
            yield Found(_head(context, record), {"step": record.number})


def _certificate(context: Context) -> SourceText | None:
    """The certificate beside the file, where there is one."""
    name = PurePosixPath(context.file.source.path).name + ".proof.json"
    project = context.file.project
    if project is not None and name not in _file_names(project.files):
        return None
    found = context.reading.resolve(name)
    return found if found is not None and PurePosixPath(found.path).name == name else None


@lru_cache(maxsize=8)
def _file_names(files: frozenset[str]) -> frozenset[str]:
    return frozenset(file.rpartition("/")[2] for file in files)


def _head(context: Context, record: StepRecord | None) -> Span:
    """The first line of a step, else of the file."""
    step = context.reading.step(record.number) if record is not None else None
    start = step.span.start if step is not None else 0
    line = context.document.source.text[start:].split("\n", 1)[0].rstrip()
    return Span(start, start + len(line))


DETECTORS = (stale_proof, refuted_migration)

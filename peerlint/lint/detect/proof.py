"""PL9: certificates that no longer speak of the file, or that say it was refuted. Hashes only; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import peerlint
from peerlint.lint.context import Context, Found, step_label
from peerlint.lint.diagnostics import Severity
from peerlint.process.build import Reading, StepReading
from peerlint.process.roles import Role
from peerlint.source.text import Span

# What reads a certificate is imported where there is one: mostly there is none.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.certificate import Problem


def stale_proof(context: Context) -> Iterator[Found]:
    """Steps and scripts that changed since they were proved, and certificates that cannot be believed."""
    for problem in _problems(context):
        from peerlint.process.certificate import Misfit

        message = problem.message
        if problem.kind is Misfit.NO_CERTIFICATE:
            message = f"{context.file.certificate_name} proves nothing: {message}"
        if problem.kind is not Misfit.NOT_HELD:
            severity = Severity.NOTE if problem.kind is Misfit.OTHER_VERSION else None
            yield Found(_head(context, problem.number), {"problem": message}, severity=severity)


def refuted_migration(context: Context) -> Iterator[Found]:
    """Steps of which the certificate says that they do not behave as their original did."""
    for problem in _problems(context):
        from peerlint.process.certificate import Misfit

        if problem.kind is Misfit.NOT_HELD and problem.number is not None:
            yield Found(_head(context, problem.number), {"step": problem.number})


def unproved_migration(context: Context) -> Iterator[Found]:
    """Steps that called a script at an older revision, do no longer, and have no certificate that holds."""
    before = context.file.before
    if before is None:
        return
    proved = proved_steps(context)
    for old in before.steps:
        called, now = _called_scripts(old), _same_step(context, before, old)
        if now is not None and called and not _called_scripts(now) and now.number not in proved:
            values = {"step": step_label(now), "script": PurePosixPath(min(called)).name}
            yield Found(_head(context, now.number), values)


def proved_steps(context: Context) -> frozenset[str]:
    """The numbers of the steps whose logic a certificate beside the file has proved as it stands."""
    source = context.file.certificate
    if source is None:
        return frozenset()
    from peerlint.process.certificate import still_true

    steps = {step.number: step.step for step in context.steps}
    return frozenset(record.number for record in still_true(source.text, steps, ()))


def _same_step(context: Context, before: Reading, old: StepReading) -> StepReading | None:
    """The step as it is now; None where it is gone.

    It is that of the same name, as numbers move; without a name that of the same number; where it was given another
    name, the most similar one of those that are new between the neighbours which it had.
    """
    steps = context.reading.steps
    if old.node is None or steps[0].node is None:
        calls = any(_called_scripts(step) for step in steps)
        return None if calls else next((step for step in steps if step.logic), steps[0])
    if old.name is None:
        return context.reading.step(old.number)
    same = next((step for step in steps if step.name == old.name), None)
    return same or max(_renamed(steps, before.steps, old), key=lambda step: _likeness(old, step), default=None)


def _renamed(steps: Sequence[StepReading], before: Sequence[StepReading], old: StepReading) -> Sequence[StepReading]:
    """The steps with a new name that stand where `old` stood: between the nearest ones that are there as before."""
    names = {step.name: at for at, step in enumerate(steps)}
    old_names = {step.name for step in before}
    at = before.index(old)
    first = next((names[step.name] + 1 for step in reversed(before[:at]) if step.name in names), 0)
    last = next((names[step.name] for step in before[at + 1 :] if step.name in names), len(steps))
    return [step for step in steps[first:last] if step.name not in old_names]


def _likeness(old: StepReading, new: StepReading) -> tuple[int, bool, bool]:
    """How much of the name is the same; then whether there is logic where a script was, and the same number."""
    words = set((old.name or "").split("_")) & set((new.name or "").split("_"))
    return len(words), bool(new.logic), old.number == new.number


def _called_scripts(step: StepReading) -> set[str]:
    return {script for call in step.shell if call.role is Role.PROCEDURE for script in call.statement.scripts}


def _problems(context: Context) -> list[Problem]:
    """What does not fit in the certificate beside the file, where there is one."""
    source = context.file.certificate
    if source is None:
        return []
    from peerlint.process.certificate import blob_id, problems

    def blob_now(path: str) -> str | None:
        # The certificate names scripts by their path in the project, not as the file does.
        script = context.reading.resolve(path if path.startswith("/") else f"$CLAUDE_PROJECT_DIR/{path}")
        return None if script is None else blob_id(script.text)

    steps = {step.number: step.step for step in context.steps}
    return problems(source.text, steps, blob_now, peerlint.__version__)


def _head(context: Context, number: str | None) -> Span:
    """The first line of a step, else of the file."""
    step = context.reading.step(number) if number is not None else None
    start = step.span.start if step is not None else 0
    if step is not None and step.node is None and step.logic:
        # The whole file is the step: where its logic stands says more than its first line.
        start = step.logic[0].node.span.start
    line = context.document.source.text[start:].split("\n", 1)[0].rstrip()
    return Span(start, start + len(line))


DETECTORS = (unproved_migration, stale_proof, refuted_migration)

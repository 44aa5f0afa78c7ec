"""`check --fix` and `check --diff`: between the command line and `migrate.fix`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from peerlint.cli.ending import heeds_signals
from peerlint.cli.originals import certificate_text
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Diagnostic
from peerlint.migrate.fix import (
    FileProof,
    FixReport,
    FixSettings,
    Prove,
    StepVerdict,
    Verdict,
    diff,
    fix,
    preview,
    table,
)
from peerlint.process.build import Reading
from peerlint.records import dataclass
from peerlint.report.escape import printable
from peerlint.run.sandbox import ExecutionMode, execution_mode
from peerlint.source.text import SourceText

if TYPE_CHECKING:
    from peerlint.cli.checker import Checker
    from peerlint.prove.proof import StepProof
    from peerlint.prove.whole import WholeProof


@dataclass(frozen=True)
class FixOptions:
    """The command line of check, as far as fixes go."""

    unsafe_fixes: bool = False
    allow_dirty: bool = False
    step: str | None = None
    execute: str | None = None
    #: Repairs that count as proved, beside those that the user's config names.
    accepted: frozenset[str] = frozenset()
    #: Whether standard output is a report for programs, so that what became of the steps goes to standard error.
    for_programs: bool = False

    @property
    def settings(self) -> FixSettings:
        """The same as `migrate.fix` takes it."""
        return FixSettings(unsafe_fixes=self.unsafe_fixes, allow_dirty=self.allow_dirty, step=self.step)

    def require_step(self, inputs: Sequence[tuple[Path, SourceText]], checker: Checker) -> None:
        """Raises InputError where a step is asked for that none of the files has; says so where it has no shell."""
        if self.step is None or not inputs:
            return
        readings = [checker.workspace.reading(source, path) for path, source in inputs]
        named = [step for reading in readings for step in reading.steps if step.number == self.step]
        if named:
            if not any(step.shell for step in named):
                click.echo(printable(f"peerlint: step {self.step} runs no shell: nothing to migrate"), err=True)
            return
        if len(readings) > 1:
            raise InputError(f"none of the files has a step {self.step}", todo="see peerlint explain")
        known = ", ".join(step.number for step in readings[0].steps)
        path = readings[0].document.source.path
        raise InputError(f"has no step {self.step}", path=path, todo=f"its steps are {known}")


def show_patch(inputs: Sequence[tuple[Path, SourceText]], checker: Checker, options: FixOptions) -> str:
    """What --fix would write if every proof held, as a patch; starts no process."""
    reports = []
    for root, files in _by_project(inputs, checker):
        tools = _Files(files, checker)
        report = preview(
            files,
            root=root,
            read_text=tools.read,
            check=tools.check,
            settings=options.settings,
            script=checker.script,
        )
        reports.append((root, report))
        tell_what_stays(report)
    changed = [(root, file.path.absolute()) for root, report in reports for file in report.files if file.changed]
    base = _base_of([path for _, path in changed], [root for root, _ in changed])
    if base != Path.cwd():
        click.echo(printable(f"peerlint: apply the patch with: git -C {shlex.quote(str(base))} apply"), err=True)
    return "".join(diff(report, base) for _, report in reports)


def _base_of(files: Sequence[Path], roots: Sequence[Path]) -> Path:
    """The folder in which a patch is applied: here, else the project of the files, else the folder of their projects.

    `git apply` leaves out what lies above the folder where it is started.
    """
    here = Path.cwd()
    if all(Path(os.path.normpath(file)).is_relative_to(here) for file in files):
        return here
    return Path(os.path.commonpath([root.absolute() for root in roots]))


def tell_what_stays(report: FixReport) -> None:
    """Steps that could be migrated as far as they go, and whose rewrite would not do in their file: why."""
    for file in report.files:
        for step in file.steps:
            if step.verdict is Verdict.UNKNOWN and step.reason:
                name = f"step {step.number}" + (f" {step.name}" if step.name else "")
                click.echo(printable(f"peerlint: {file.before.path}: {name} stays: {step.reason}"), err=True)


def fix_files(inputs: Sequence[tuple[Path, SourceText]], checker: Checker, options: FixOptions) -> bool:
    """Writes what is safe and what is proved, and says so; whether anything was written."""
    written = False
    for root, files in _by_project(inputs, checker):
        tools = _Files(files, checker)
        configured = checker.config(root).execute
        mode = execution_mode(options.execute or configured, os.environ)
        with heeds_signals(), _Prover(mode, tools, checker, options.accepted) as prover:
            report = fix(
                files,
                root=root,
                read_text=tools.read,
                check=tools.check,
                prove=None if mode is ExecutionMode.NEVER else prover,
                settings=options.settings,
                script=checker.script,
                project_texts=partial(_texts, checker, root),
                interrupted=_tell_interrupted,
            )
        _show(report, err=options.for_programs, by_file=len(inputs) > 1)
        if prover.cannot_run is not None:
            raise prover.cannot_run
        if mode is not ExecutionMode.NEVER:
            checker.not_proved.update({result.path: result.not_proved for result in report.files if result.not_proved})
        written = written or any(result.written for result in report.files)
    return written


class _Files:
    """The files of one project, read and checked as the command line does; texts are told apart by their path."""

    def __init__(self, files: Sequence[tuple[Path, SourceText]], checker: Checker) -> None:
        self._paths = {source.path: path for path, source in files}
        self._checker = checker

    def path(self, reading: Reading) -> Path:
        """Where the file of a reading stands."""
        return self._paths[reading.document.source.path]

    def read(self, source: SourceText) -> Reading:
        """A text in the place of the file that it is, or will be."""
        return self._checker.workspace.reading(source, self._paths[source.path])

    def check(self, reading: Reading) -> list[Diagnostic]:
        """The findings of a reading under the config of its file."""
        return self._checker.diagnostics(reading, self._paths[reading.document.source.path])


def _by_project(
    inputs: Sequence[tuple[Path, SourceText]], checker: Checker
) -> Iterator[tuple[Path, list[tuple[Path, SourceText]]]]:
    """The files by the root of their project, in their order."""
    groups: dict[Path, list[tuple[Path, SourceText]]] = {}
    for path, source in inputs:
        groups.setdefault(checker.workspace.project(path).root, []).append((path, source))
    yield from groups.items()


class _Prover:
    """The prover of one run. Its lab is opened at the first proof: where nothing has to be proved, nothing starts.

    `cannot_run` is why nothing can be executed here. Then nothing is proved, but simple fixes are made and shown.
    """

    def __init__(self, mode: ExecutionMode, tools: _Files, checker: Checker, accepted: frozenset[str]) -> None:
        self.cannot_run: InputError | None = None
        self._mode = mode
        self._tools = tools
        self._checker = checker
        self._accepted = accepted
        self._stack = ExitStack()
        self._opened: Prove | None = None
        self._named: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, original: Reading, rewrite: Reading, steps: Sequence[str], /) -> FileProof:
        """One verdict for each number in `steps`, and the certificate where all of them are proved."""
        if self._opened is None and self.cannot_run is None:
            try:
                self._opened = self._open()
            except InputError as error:
                self.cannot_run = error
        if self._opened is None:
            reason = self.cannot_run.what if self.cannot_run else ""
            return FileProof(tuple(StepVerdict(number, Verdict.UNKNOWN, reason=reason) for number in steps))
        self._name(original, steps)
        return self._opened(original, rewrite, steps)

    def _open(self) -> Prove:
        from peerlint.cli.heartbeat import heartbeat
        from peerlint.migrate.fix.proving import LabProver
        from peerlint.prove.certify import certify
        from peerlint.prove.lab import WORKERS, Lab

        lab = self._stack.enter_context(Lab(self._mode, workers=WORKERS))
        tools, checker = self._tools, self._checker

        def certificate(original: Reading, rewrite: Reading, proofs: Sequence[StepProof], whole: WholeProof) -> str:
            path = tools.path(rewrite)
            name, before = checker.workspace.project(path).relative(path), certificate_text(path)
            return certify(original, rewrite, proofs, lab, file=name, process=whole.to_json(), before=before)

        accepted = checker.config(Path.cwd()).accepted_repairs | self._accepted
        prover = LabProver(lab, certificate, accepted, _tell, _tell_whole)

        def prove(original: Reading, rewrite: Reading, steps: Sequence[str], /) -> FileProof:
            with heartbeat(lab):
                return prover(original, rewrite, steps)

        return prove

    def _name(self, original: Reading, steps: Sequence[str]) -> None:
        """Says before the first proof of a file which of its scripts will run."""
        path = original.document.source.path
        if path not in self._named:
            self._named.add(path)
            name_scripts(original, steps, self._mode)


def name_scripts(original: Reading, steps: Sequence[str], mode: ExecutionMode) -> None:
    """Says which scripts the proofs of some steps of a text will run."""
    from peerlint.prove.original import Original

    paths = {original.scripts[reference].path for reference in Original.read(original).scripts_run(steps)}
    scripts = ", ".join(sorted(printable(path) for path in paths))
    runs = scripts or f"shell of the steps of {printable(original.document.source.path)}"
    click.echo(f"peerlint: runs {runs} ({mode.value})", err=True)


def _tell(proof: StepProof) -> None:
    """A proof takes time, so each step is told when it is done."""
    name = f" {proof.name}" if proof.name else ""
    found = f"{proof.verdict.value}, {_scenarios(len(proof.scenarios))}, {proof.seconds:.1f} s"
    click.echo(f"peerlint: step {printable(proof.number + name)}: {found}", err=True)


def _tell_whole(whole: WholeProof) -> None:
    """What came of running all steps in one go."""
    found = f"{whole.verdict.value}, {_scenarios(len(whole.scenarios))}"
    reason = f", {whole.reason}" if whole.reason else ""
    click.echo(f"peerlint: the whole process: {printable(found + reason)}", err=True)


def _scenarios(number: int) -> str:
    return f"{number} scenario{'' if number == 1 else 's'}"


def _texts(checker: Checker, root: Path) -> Iterator[SourceText]:
    """The texts of a project as they are now; what cannot be read names no script."""
    project = checker.workspace.project(root)
    for path in project.files([root]):
        try:
            yield project.read(path)
        except InputError:
            continue


def _tell_interrupted(report: FixReport) -> None:
    """A fix of many files takes minutes: whoever stops it learns what stands on disk."""
    written = [printable(result.before.path) for result in report.files if result.written]
    if written:
        click.echo(f"\npeerlint: interrupted; written and kept: {', '.join(written)}", err=True)
        click.echo(f"Undo with: {printable(report.undo)}", err=True)


def _show(report: FixReport, *, err: bool, by_file: bool) -> None:
    for line in table(report, by_file=by_file):
        click.echo(printable(line), err=err)
    applied = sum(len(result.applied) for result in report.files if result.written)
    if applied:
        click.echo(f"Applied {applied} simple fix{'' if applied == 1 else 'es'}.", err=err)
    scripts = [result.before.path for result in report.files if result.written and result.plan is None]
    if scripts:
        click.echo(f"Changed with them: {', '.join(map(printable, scripts))}", err=err)
    if report.orphans:
        click.echo(f"Nobody calls these scripts any more: {', '.join(map(printable, report.orphans))}", err=err)
    copies = [result.label(copy) for result in report.files for copy in (result.copy, result.certificate_copy) if copy]
    if copies:
        click.echo(f"Kept the text before, which git does not have, in {', '.join(map(printable, copies))}", err=err)
    if report.undo:
        click.echo(f"Undo with: {printable(report.undo)}", err=err)

"""`peerlint prove`: run originals and rewrites side by side, or check certificates by their hashes alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import click

from peerlint.cli.common import Workspace
from peerlint.errors import InputError
from peerlint.process.build import Reading, build
from peerlint.process.certificate import original_blobs, problems
from peerlint.process.model import Shell, walk
from peerlint.report.escape import printable
from peerlint.run.sandbox import ExecutionMode, execution_mode
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.project.references import Reference
from peerlint.source.text import SourceText

EXIT_PROVED, EXIT_NOT_PROVED = 0, 1


@click.command(short_help="Prove that a migrated file behaves as its original did.")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--against", metavar="REV|FILE", help="The original: a git revision, or a file.")
@click.option("--step", help="This step only.")
@click.option("--check", "only_check", is_flag=True, help="Compare the hashes of the certificate; runs nothing.")
@click.option("--execute", type=click.Choice(["sandbox", "host"]), help="Where scripts of the original may run.")
@click.option("--script-root", type=click.Path(file_okay=False, path_type=Path), help="What ~/.agent-os stands for.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    path: Path,
    against: str | None,
    step: str | None,
    only_check: bool,
    execute: str | None,
    script_root: Path | None,
    output_format: str,
) -> int:
    """Prove a migrated FILE, or all certified files below a folder.

    Exit codes: 0 all proved, 1 something is refuted or unknown, 2 no original or no way to execute.
    """
    workspace = Workspace(script_root)
    files = [path] if path.is_file() else [file for file in workspace.files([path]) if certificate_of(file).exists()]
    if not files:
        raise InputError(f"{path}: no file with a certificate", todo="give the migrated file and --against REV")
    if only_check:
        return max(_check(workspace, file, output_format) for file in files)
    originals = {file: _original(workspace, file, against) for file in files}
    return _prove(workspace, originals, step, execution_mode(execute, os.environ), output_format)


def certificate_of(file: Path) -> Path:
    """Where the certificate of a file stands."""
    return file.with_name(file.name + ".proof.json")


def _check(workspace: Workspace, file: Path, output_format: str) -> int:
    certificate = certificate_of(file)
    reading = workspace.read(file)
    if certificate.exists():
        text = certificate.read_text(encoding="utf-8", errors="surrogateescape")
        wrong = problems(text, {step.number: step for step in reading.process.steps})
    else:
        wrong = ["there is none"]
    name = reading.document.source.path
    if output_format == "json":
        click.echo(json.dumps({"file": name, "verdict": "stale" if wrong else "fits", "problems": wrong}))
    else:
        lines = [f"{name}: certificate: {problem}" for problem in wrong] or [f"{name}: the certificate fits"]
        click.echo("\n".join(printable(line) for line in lines))
    return EXIT_NOT_PROVED if wrong else EXIT_PROVED


# --- the original ----------------------------------------------------------------------------------------------------


def _original(workspace: Workspace, file: Path, against: str | None) -> Reading:
    """The file before its migration, with its scripts as they were. Raises InputError where there is none."""
    from peerlint.prove.history import History

    project = workspace.project(file)
    history = History(project.root)
    if against is not None and Path(against).is_file():
        text = Path(against).read_text(encoding="utf-8", errors="surrogateescape")
        return workspace.reading(SourceText(project.relative(file), text), file)
    if against is not None:
        found = history.file_at(against, file)
        if found is None:
            raise InputError(f"{file}: {against} is neither a file nor a revision that has it")
        return _at(workspace, file, found, lambda script: history.file_at(against, script))
    certificate = certificate_of(file)
    text = certificate.read_text(encoding="utf-8", errors="replace") if certificate.exists() else ""
    blobs = original_blobs(text)
    before = history.blob(blobs.get(project.relative(file), ""))
    if before is not None:

        def recorded(script: Path) -> str | None:
            return history.blob(blobs.get(project.relative(script), ""))

        return _at(workspace, file, before, recorded)
    head = history.file_at("HEAD", file)
    if head is not None and head != project.read(file).text:
        return _at(workspace, file, head, lambda script: history.file_at("HEAD", script))
    raise InputError(f"{file}: unknown: no original", todo="give --against REV or --against FILE")


def _at(workspace: Workspace, file: Path, text: str, script_at: Callable[[Path], str | None]) -> Reading:
    """A text in the place of the file; scripts as `script_at` has them, else as they stand on disk."""
    project = workspace.project(file)

    def resolve(reference: str) -> SourceText | None:
        for candidate in Reference(reference).candidates(project.root, file.absolute(), None):
            found = script_at(candidate)
            if found is not None:
                return SourceText(project.relative(candidate), found)
        place = project.resolve(reference, file)
        return None if place is None else project.read(place)

    document = parse(SourceText(project.relative(file), text))
    return build(document, kind_of(project.relative(file), document), resolve)


# --- proving ---------------------------------------------------------------------------------------------------------


def _prove(
    workspace: Workspace, originals: dict[Path, Reading], step: str | None, mode: ExecutionMode, output_format: str
) -> int:
    from peerlint.prove.lab import Lab
    from peerlint.prove.proof import Verdict, prove_process
    from peerlint.prove.show import side_by_side, table

    every = []
    with Lab(mode) as lab:
        for file, original in originals.items():
            rewrite = workspace.read(file)
            steps = _migrated(original, rewrite, step)
            if not steps:
                raise InputError(f"{file}: no step of the original runs shell that the file does not run any more")
            proofs = prove_process(original, rewrite, lab, steps=steps)
            every += proofs
            name = rewrite.document.source.path
            if output_format == "json":
                click.echo(json.dumps(_form(name, certificate_of(file), [proof.to_json() for proof in proofs])))
                continue
            click.echo("\n".join(printable(f"{name}  {line}") for line in table(proofs)))
            for proof in proofs:
                if proof.verdict is Verdict.REFUTED and proof.counterexample is not None:
                    shown = [f"step {proof.number}", *side_by_side(proof.counterexample)]
                    click.echo("\n" + "\n".join(f"  {printable(line)}" for line in shown))
    return EXIT_PROVED if all(proof.verdict is Verdict.PROVED for proof in every) else EXIT_NOT_PROVED


def _migrated(original: Reading, rewrite: Reading, step: str | None) -> list[str]:
    """Steps whose original runs shell and whose rewrite does not; the one that was asked for in any case."""
    still = {s.number for s in rewrite.process.steps if any(isinstance(node, Shell) for node in walk(s.statements))}
    shell = [s.number for s in original.process.steps if any(isinstance(node, Shell) for node in walk(s.statements))]
    if step is not None:
        if step not in shell:
            raise InputError(f"the original has no step {step} that runs shell")
        return [step]
    return [number for number in shell if number not in still]


_ORDER = ("refuted", "unknown", "proved-with-exceptions", "proved")


def _form(name: str, certificate: Path, steps: list[dict[str, object]]) -> dict[str, object]:
    """The line of `--output-format json` for one file."""
    verdicts = {str(step["verdict"]) for step in steps}
    worst = next(verdict for verdict in _ORDER if verdict in verdicts)
    counted = sum(len(found) for step in steps if isinstance(found := step["scenarios"], list))
    return {
        "file": name,
        "verdict": worst,
        "process": {"verdict": worst, "scenarios": counted},
        "steps": steps,
        "certificate": certificate.name if certificate.exists() else None,
    }

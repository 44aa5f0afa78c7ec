"""`peerlint prove`: run originals and rewrites side by side, or check certificates by their hashes alone."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path

import click

import peerlint
from peerlint.cli.common import Workspace
from peerlint.cli.ending import heeds_signals
from peerlint.cli.originals import FoundOriginal, Originals, certificate_of, certificate_text
from peerlint.cli.words import ACCEPT_HELP, repairs
from peerlint.errors import NO_SUCH_PATH, InputError
from peerlint.process.build import Reading
from peerlint.process.certificate import Certificate, Misfit, blob_id, problems
from peerlint.process.model import Shell, walk
from peerlint.report.escape import printable
from peerlint.run.sandbox import ExecutionMode, execution_mode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.prove.lab import Lab
    from peerlint.prove.proof import StepProof
    from peerlint.prove.whole import WholeProof

EXIT_PROVED, EXIT_NOT_PROVED = 0, 1


@click.command(short_help="Prove that a migrated file behaves as its original did.")
@click.argument("path", type=click.Path(path_type=Path, readable=False))
@click.option("--against", metavar="REV|FILE", help="The original: a git revision, or a file.")
@click.option("--step", help="This step only.")
@click.option("--check", "only_check", is_flag=True, help="Compare the hashes of the certificate; runs nothing.")
@click.option("--replay", "replayed", is_flag=True, help="Run the rewrite again over what the certificate recorded.")
@click.option("--write", is_flag=True, help="Write the certificate anew where the steps are proved.")
@click.option("--verbose", "-v", is_flag=True, help="Show each scenario with its verdict.")
@click.option("--execute", type=click.Choice(["sandbox", "host"]), help="Where scripts of the original may run.")
@click.option("--accept-repair", "accepted", multiple=True, callback=repairs, metavar="NAMES", help=ACCEPT_HELP)
@click.option("--script-root", type=click.Path(file_okay=False, path_type=Path), help="What ~/.agent-os stands for.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    path: Path,
    against: str | None,
    step: str | None,
    only_check: bool,
    replayed: bool,
    write: bool,
    verbose: bool,
    execute: str | None,
    accepted: tuple[str, ...],
    script_root: Path | None,
    output_format: str,
) -> int:
    """Prove a migrated FILE, or all certified files below a folder.

    Exit codes: 0 all proved, 1 a step or the process is refuted or unknown, 2 no original or no way to execute.
    """
    if write and (only_check or replayed):
        raise InputError(f"--write cannot go with {'--check' if only_check else '--replay'}")
    if not path.exists():
        raise InputError(NO_SUCH_PATH, path=str(path), todo="check the path")
    workspace = Workspace(script_root)
    files = [path] if path.is_file() else [file for file in workspace.files([path]) if certificate_of(file).exists()]
    for error in workspace.unlisted:
        raise error
    if not files:
        raise InputError(f"{path}: no file with a certificate", todo="give the migrated file and --against REV")
    if only_check:
        return max(_check(workspace, file, output_format) for file in files)
    if replayed:
        return max(_replay(workspace, file, step, output_format) for file in files)
    originals = {file: Originals(workspace, file).find(against) for file in files}
    mode = execution_mode(execute, os.environ)
    return _prove(workspace, originals, step, mode, frozenset(accepted), output_format, verbose, write)


def _check(workspace: Workspace, file: Path, output_format: str) -> int:
    reading = workspace.read(file)
    text, name = certificate_text(file), reading.document.source.path
    steps = {step.number: step for step in reading.process.steps}
    found = problems(text, steps, partial(_blob_now, workspace, file), peerlint.__version__) if text else []
    wrong = [each.message for each in found if each.kind is not Misfit.OTHER_VERSION] if text else ["there is none"]
    older = "".join(f" ({each.message})" for each in found if each.kind is Misfit.OTHER_VERSION)
    if output_format == "json":
        click.echo(json.dumps({"file": name, "verdict": "stale" if wrong else "fits", "problems": wrong}))
    else:
        lines = [f"{name}: certificate: {problem}" for problem in wrong] or [f"{name}: the certificate fits{older}"]
        click.echo("\n".join(printable(line) for line in lines))
    return EXIT_NOT_PROVED if wrong else EXIT_PROVED


def _blob_now(workspace: Workspace, file: Path, script: str) -> str | None:
    """The git blob id of a script as it is now, by its path in the project; None where the project has none."""
    project = workspace.project(file)
    try:
        return blob_id(project.read(project.root / script).text)
    except InputError:
        return None


# --- the rewrite alone ------------------------------------------------------------------------------------------------


def _replay(workspace: Workspace, file: Path, step: str | None, output_format: str) -> int:
    from peerlint.prove.replay import replay
    from peerlint.prove.show import side_by_side

    rewrite = workspace.read(file)
    name, there = rewrite.document.source.path, [found.number for found in rewrite.process.steps]
    if not certificate_of(file).exists():
        raise InputError("has no certificate", path=name, todo="run peerlint prove with --against REV")
    try:
        records = [
            record for record in Certificate.parse(certificate_text(file)).steps if step in (None, record.number)
        ]
        missing = [record.number for record in records if record.number not in there]
        if missing or not records:
            raise InputError(f"{name}: step {missing[0] if missing else step} is not both in the file and certified")
        records.sort(key=lambda record: there.index(record.number))
        results = [replay(record, rewrite.process) for record in records]
    except ValueError as error:
        raise InputError(f"{name}: certificate: {error}", todo="run peerlint prove with --against REV") from None
    forms = []
    for result in results:
        verdict = "refuted" if result.against else "unknown" if result.unknown else "as recorded"
        why = str(result.against.differences[0]) if result.against else result.unknown
        forms.append({"number": result.number, "verdict": verdict, "scenarios": result.scenarios, "reason": why})
        if output_format == "text":
            told = f"{name}  step {result.number}  {verdict}  {result.scenarios} scenarios"
            click.echo(printable(f"{told}  {why}".rstrip()))
            if result.against:
                click.echo("\n".join(f"  {printable(line)}" for line in side_by_side(result.against)))
    if output_format == "json":
        click.echo(json.dumps({"file": name, "replay": forms}))
    good = all(form["verdict"] == "as recorded" for form in forms)
    return EXIT_PROVED if good else EXIT_NOT_PROVED


# --- proving ---------------------------------------------------------------------------------------------------------


def _prove(
    workspace: Workspace,
    originals: dict[Path, list[FoundOriginal]],
    step: str | None,
    mode: ExecutionMode,
    accepted: frozenset[str],
    output_format: str,
    verbose: bool,
    write: bool,
) -> int:
    from peerlint.cli.fixing import name_scripts
    from peerlint.cli.heartbeat import heartbeat
    from peerlint.config import user_config
    from peerlint.prove.lab import WORKERS, Lab
    from peerlint.prove.proof import Verdict, prove_process
    from peerlint.prove.show import details, line, process_line, width
    from peerlint.prove.whole import WholeProof, prove_whole

    every: list[StepProof] = []
    wholes: list[WholeProof] = []
    accepted |= user_config().accepted_repairs
    with heeds_signals(), Lab(mode, workers=WORKERS) as lab:
        for file, found in originals.items():
            rewrite = workspace.read(file)
            name, wide = rewrite.document.source.path, width(rewrite.process.steps)

            def show(proof: StepProof, name: str = name, wide: int = wide) -> None:
                """A step is shown as soon as it is done."""
                lines = [f"{name}  {line(proof, wide)}", *details(proof, every_row=verbose)]
                click.echo("\n".join(map(printable, lines)))

            proofs: list[StepProof] = []
            by_original: list[tuple[Reading, list[StepProof]]] = []
            quiet = output_format == "json"
            shares = _shares(file, found, rewrite, step)
            for original, steps in shares:
                told = _silent if quiet else show
                if mode is not ExecutionMode.NEVER:
                    name_scripts(original, steps, mode)
                with heartbeat(lab):
                    mine = prove_process(original, rewrite, lab, steps=steps, accepted=accepted, done=told)
                by_original.append((original, mine))
                proofs += mine
            every += proofs
            if step is not None:
                whole = WholeProof(Verdict.UNKNOWN, f"only step {step} was proved", excused=True)
            elif len(shares) > 1:
                whole = WholeProof(Verdict.UNKNOWN, "its steps were migrated from different texts", excused=True)
            else:
                whole = prove_whole(shares[0][0], rewrite, proofs, lab, accepted=accepted)
            wholes.append(whole)
            # As --fix: where no run shows the whole process, the proofs of its steps stand.
            steps_proved = all(proof.verdict is Verdict.PROVED for proof in proofs)
            written = write and steps_proved and whole.verdict is not Verdict.REFUTED
            if written:
                _write(workspace, file, rewrite, by_original, whole, lab)
            if quiet:
                steps_form = [proof.to_json() for proof in proofs]
                click.echo(json.dumps(_form(name, certificate_of(file), whole, steps_form)))
            elif len(proofs) > 1:
                click.echo("\n".join(printable(f"{name}  {shown}") for shown in process_line(whole, wide)))
            if written and not quiet:
                click.echo(printable(f"Wrote {certificate_of(Path(name))}."))
    all_proved = all(proof.verdict is Verdict.PROVED for proof in every) and all(whole.holds for whole in wholes)
    return EXIT_PROVED if all_proved else EXIT_NOT_PROVED


def _write(
    workspace: Workspace,
    file: Path,
    rewrite: Reading,
    by_original: list[tuple[Reading, list[StepProof]]],
    whole: WholeProof,
    lab: Lab,
) -> None:
    """Writes the certificate of a file anew; what it says of steps that were not proved now, and is true, is kept."""
    from peerlint.migrate.fix.files import write_certificate
    from peerlint.prove.certify import certify

    project, text = workspace.project(file), certificate_text(file)
    for original, proofs in by_original:
        name = project.relative(file)
        text = certify(original, rewrite, proofs, lab, file=name, process=whole.to_json(), before=text)
    write_certificate(certificate_of(file), text.encode(), project.root)


def _silent(proof: object) -> None:
    """Shows nothing of a step: the JSON of the whole file comes at its end."""


def _shares(
    file: Path, found: list[FoundOriginal], rewrite: Reading, step: str | None
) -> list[tuple[Reading, list[str]]]:
    """Which steps are proved against which original: those that run shell there, and no longer in the file.

    A step is proved against the text that it was migrated from; what no certificate knows, against the text in which
    most of the steps run shell.
    """
    shell = {id(one): _running_shell(one.reading) for one in found}
    main = max(found, key=lambda one: len(shell[id(one)]))
    still = set(_running_shell(rewrite))
    elsewhere = frozenset[str]().union(*(one.steps or frozenset() for one in found if one is not main))
    shares = []
    for one in found:
        mine = [n for n in shell[id(one)] if (n not in elsewhere if one is main else n in (one.steps or ()))]
        wanted = [n for n in mine if (n not in still if step is None else n == step)]
        if wanted:
            shares.append((one.reading, wanted))
    if not shares and step is not None:
        raise InputError(f"{file}: the original has no step {step} that runs shell")
    if not shares:
        raise InputError(f"{file}: no step of the original runs shell that the file does not run any more")
    return shares


def _running_shell(reading: Reading) -> list[str]:
    return [s.number for s in reading.process.steps if any(isinstance(node, Shell) for node in walk(s.statements))]


_ORDER = ("refuted", "unknown", "proved-with-exceptions", "proved")


def _form(name: str, certificate: Path, whole: WholeProof, steps: list[dict[str, object]]) -> dict[str, object]:
    """The line of `--output-format json` for one file."""
    verdicts = {str(step["verdict"]) for step in steps}
    if not whole.holds:
        verdicts.add(whole.verdict.value)
    worst = next(verdict for verdict in _ORDER if verdict in verdicts)
    return {
        "file": name,
        "verdict": worst,
        "process": whole.to_json(),
        "steps": steps,
        "certificate": certificate.name if certificate.exists() else None,
    }

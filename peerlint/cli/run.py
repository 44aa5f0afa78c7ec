"""`peerlint run FILE`: carries out a process on a real NATS server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from peerlint.cli.common import Workspace, one_file
from peerlint.cli.ending import heeds_signals
from peerlint.cli.streams import reason_of, wants_color
from peerlint.errors import InputError
from peerlint.process.build import Reading
from peerlint.report.escape import printable
from peerlint.report.trace import Trace
from peerlint.run.answers import Answers, read_answers
from peerlint.run.commands import HostCommands
from peerlint.run.conditions import FOR_THE_CALLER
from peerlint.run.events import Event
from peerlint.run.files import FolderFiles
from peerlint.run.local import Surroundings
from peerlint.run.machine import COMPLETED, Machine, RunResult
from peerlint.run.people import People
from peerlint.run.plan import obstacles, operations

EXIT_COMPLETED, EXIT_STOPPED, EXIT_CALLER = 0, 1, 2
EMBEDDED, CLUSTER = "embedded", "cluster"


class Prompt:
    """Questions to the person at the terminal, on stderr so that stdout stays the trace."""

    def ask(self, question: str) -> str:
        """Reply to a question; may be empty."""
        return str(click.prompt(printable(question), default="", show_default=False, err=True))

    def confirm(self, question: str) -> bool:
        """Yes or no."""
        return click.confirm(printable(question), err=True)


@click.command("run", short_help="Carry out a process on a real NATS server.")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS…]")
@click.option(
    "--nats",
    "server",
    default=EMBEDDED,
    show_default=True,
    metavar="WHERE",
    help="embedded, cluster (three nodes), a URL, context[:NAME] of the nats tool, or env (NATS_URL and friends).",
)
@click.option("--store", type=click.Path(path_type=Path), metavar="DIR", help="Keep the state of the embedded server.")
@click.option(
    "--answers", "answers_file", type=click.Path(path_type=Path), metavar="F", help="Who answers what (YAML)."
)
@click.option("--allow", multiple=True, metavar="CMDS", help="Commands that may run on this machine, with commas.")
@click.option("--allow-files", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="One more folder.")
@click.option("--dry-run", is_flag=True, help="Show what the process would do; execute nothing.")
@click.option("--trace", "trace_file", type=click.Path(path_type=Path), metavar="F", help="Write each event as JSON.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--script-root", metavar="DIR", type=click.Path(path_type=Path), help="Folder of ~/.agent-os scripts.")
def command(
    file: Path,
    arguments: tuple[str, ...],
    server: str,
    store: Path | None,
    answers_file: Path | None,
    allow: tuple[str, ...],
    allow_files: tuple[Path, ...],
    dry_run: bool,
    trace_file: Path | None,
    output_format: str,
    script_root: Path | None,
) -> int:
    """Carry out the process in FILE, step by step, on a NATS server of its own unless told otherwise.

    Exit codes: 0 completed, 1 stopped, 2 cannot start or needs an answer or a permission.
    """
    reading = _read(file, script_root)
    if store is not None and server not in (EMBEDDED, CLUSTER):
        raise InputError("--store keeps the state of the embedded server only", todo="leave out --store or --nats")
    if dry_run:
        _show_plan(reading, output_format)
        return EXIT_COMPLETED
    answers = _answers(answers_file)
    allowed = [name.strip() for names in allow for name in names.split(",") if name.strip()]
    commands = HostCommands(allowed)
    if _complain_of_obstacles(reading, commands, answers):
        return EXIT_CALLER
    _announce(reading, server, commands, allowed)
    surroundings = Surroundings(
        files=FolderFiles(Path.cwd(), _folders(allow_files)),
        commands=commands,
        people=People(answers, terminal=Prompt() if sys.stdin.isatty() and sys.stderr.isatty() else None),
    )
    with heeds_signals(), _listener(reading, output_format, trace_file) as hear:
        result = _run(reading, surroundings, server, store, arguments, hear)
    return _exit_code(reading, result)


def _read(file: Path, script_root: Path | None) -> Reading:
    reading = Workspace(script_root).read(one_file(file))
    if not any(step.statements for step in reading.process.steps):
        raise InputError("has no step that says what to do", path=str(file), todo="see peerlint explain")
    return reading


def _answers(path: Path | None) -> Answers:
    if path is None:
        return Answers()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError("is no UTF-8", path=str(path), todo="check --answers") from None
    except OSError as error:
        raise InputError(f"cannot be read: {reason_of(error)}", path=str(path), todo="check --answers") from None
    return read_answers(text, str(path))


def _folders(paths: Sequence[Path]) -> Sequence[Path]:
    for path in paths:
        if not path.is_dir():
            raise InputError("is no folder", path=str(path), todo="check --allow-files")
    return paths


def _complain_of_obstacles(reading: Reading, commands: HostCommands, answers: Answers) -> bool:
    """Whether something keeps the process from starting; each is one line on stderr."""
    answered = {key.split(" ")[0] for key in answers.commands}

    def is_answered(pipeline: Sequence[Sequence[str]]) -> bool:
        return answers.answers_command(pipeline) or (len(pipeline[0]) == 1 and pipeline[0][0] in answered)

    found = obstacles(reading.process, commands.allows, is_answered)
    source = reading.document.source
    for obstacle in found:
        row = source.lines.position(obstacle.span.start).row
        error = InputError(obstacle.what, todo=obstacle.todo, path=source.path, row=row)
        click.echo(f"peerlint: {printable(str(error))}", err=True)
    return bool(found)


def _announce(reading: Reading, server: str, commands: HostCommands, allowed: Sequence[str]) -> None:
    """What is touched outside of the run's own folder and server, before anything is."""
    for name in allowed:
        click.echo(f"peerlint: may run {printable(name)}: {commands.path_of(name) or 'not found'}", err=True)
    if server in (EMBEDDED, CLUSTER):
        return
    from peerlint.run.targets import target_of

    click.echo(f"peerlint: on {target_of(server, os.environ, _home()).shown}, which is not ours:", err=True)
    for operation in dict.fromkeys((each.verb, each.subject) for each in operations(reading.process)):
        click.echo(_planned(*operation), err=True)


def _home() -> Path:
    """The home of the user as the `nats` tool sees it: of the account, not of HOME."""
    try:
        import pwd
    except ImportError:
        return Path.home()
    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def _show_plan(reading: Reading, output_format: str) -> None:
    source = reading.document.source
    steps: Mapping[str, str | None] = {step.number: step.name for step in reading.process.steps}
    last: str | None = None
    for operation in operations(reading.process):
        row = source.lines.position(operation.span.start).row
        if output_format == "json":
            form = {"event": "plan", "step": operation.step, "verb": operation.verb, "subject": operation.subject}
            click.echo(json.dumps({**form, "row": row}, ensure_ascii=False))
            continue
        if operation.step != last:
            click.echo(f"step {operation.step}  {printable(steps[operation.step] or '')}".rstrip())
            last = operation.step
        click.echo(_planned(operation.verb, operation.subject))


def _planned(verb: str, subject: str) -> str:
    return f"  {verb:<12} {printable(subject)}"


@contextmanager
def _listener(reading: Reading, output_format: str, trace_file: Path | None) -> Iterator[Callable[[Event], None]]:
    """What each event is told to: stdout, and the trace file where one is wanted."""
    trace = Trace(reading.process, color=wants_color())
    with ExitStack() as stack:
        copy = None
        if trace_file is not None:
            try:
                copy = stack.enter_context(trace_file.open("w", encoding="utf-8"))
            except OSError as error:
                raise InputError(
                    f"cannot be written: {reason_of(error)}", path=str(trace_file), todo="check --trace"
                ) from None

        def hear(event: Event) -> None:
            line = json.dumps(event.to_dict())
            if copy is not None:
                copy.write(line + "\n")
            if output_format == "json":
                click.echo(line)
            else:
                for shown in trace.lines(event):
                    click.echo(shown)

        yield hear


def _run(
    reading: Reading,
    surroundings: Surroundings,
    server: str,
    store: Path | None,
    arguments: Sequence[str],
    hear: Callable[[Event], None],
) -> RunResult:
    """Runs it; whatever was started ends on every way out."""
    from peerlint.run.nats import NatsWorld
    from peerlint.run.server import CLUSTER_NODES, EmbeddedServer
    from peerlint.run.targets import Target, target_of

    with ExitStack() as stack:

        def target() -> Target:
            if server not in (EMBEDDED, CLUSTER):
                return target_of(server, os.environ, _home())
            nodes = CLUSTER_NODES if server == CLUSTER else 1
            return stack.enter_context(EmbeddedServer(store, nodes)).target

        world = NatsWorld(target, surroundings)
        # Closed before the server ends, which was started later: a connection must not see its server go.
        try:
            return Machine(world, reading.process, arguments, on_event=hear).run()
        finally:
            world.close()


def _exit_code(reading: Reading, result: RunResult) -> int:
    if result.outcome == COMPLETED:
        return EXIT_COMPLETED
    if result.failure is None or result.failure.cause not in FOR_THE_CALLER:
        return EXIT_STOPPED
    source = reading.document.source
    spans = [span for event in result.events if (span := getattr(event, "span", None)) is not None]
    row = source.lines.position(spans[-1].start).row if spans else None
    click.echo(f"peerlint: {printable(str(InputError(result.failure.message, path=source.path, row=row)))}", err=True)
    return EXIT_CALLER

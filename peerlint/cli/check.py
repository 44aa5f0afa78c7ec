"""`peerlint check`: find problems, show or write fixes. Without --fix it starts no process and writes nothing."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from peerlint.cli.checker import Checker, Options
from peerlint.cli.common import Workspace, wants_color
from peerlint.errors import InputError
from peerlint.lint.diagnostics import FileFindings, Severity
from peerlint.lint.rules import Profile
from peerlint.process.harness import Harness
from peerlint.records import dataclass
from peerlint.report import FORMATS, ReportSettings, render
from peerlint.report.escape import printable
from peerlint.source.text import SourceText

if TYPE_CHECKING:
    from peerlint.cli.known import Checked

_STDIN = "-"


def _codes(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for item in value for code in item.split(",") if code.strip())


_PROFILES = {profile.word: profile for profile in Profile}
_HARNESSES = {harness.value: harness for harness in Harness}
_SEVERITIES = {severity.word: severity for severity in Severity}


@click.command(short_help="Find problems, show or write fixes (the default command).")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--fix", "do_fix", is_flag=True, help="Write what is safe, and migrations that are proved.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix: write fixes that may change the meaning, too.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would write, as a patch; write nothing.")
@click.option("--step", help="With --fix or --diff: this step only.")
@click.option("--allow-dirty", is_flag=True, help="With --fix: write files with uncommitted changes, too.")
@click.option(
    "--execute", type=click.Choice(["never", "sandbox", "host"]), help="Where --fix may run scripts to prove."
)
@click.option("--select", multiple=True, callback=_codes, metavar="CODES", help="Only these rules.")
@click.option("--ignore", multiple=True, callback=_codes, metavar="CODES", help="Not these rules.")
@click.option("--extend-select", multiple=True, callback=_codes, metavar="CODES", help="These rules, too.")
@click.option("--profile", type=click.Choice(list(_PROFILES)), help="Set of rules (default: coordination).")
@click.option("--preview", is_flag=True, help="Rules that are not precise enough yet, too.")
@click.option("--harness", type=click.Choice(list(_HARNESSES)), help="What survives between two shell calls.")
@click.option("--script-root", type=click.Path(path_type=Path), help="Where scripts of an installed framework are.")
@click.option(
    "--output-format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    envvar="PEERLINT_OUTPUT_FORMAT",
    help="How findings are shown; PEERLINT_OUTPUT_FORMAT sets another default.",
)
@click.option("--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report there.")
@click.option("--fail-on", type=click.Choice(list(_SEVERITIES)), help="Least severity for exit code 1 [warning].")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="This config file for all files.")
@click.option("--baseline", type=click.Path(path_type=Path, dir_okay=False), help="Findings in this file are known.")
@click.option("--write-baseline", is_flag=True, help="Write what is found into the file of --baseline.")
@click.option("--since", metavar="REV", help="Only what a file did not have at this git revision.")
@click.option("--add-ignore", "do_ignore", is_flag=True, help="Write comments that accept what is found.")
@click.option("--reason", help="With --add-ignore: why it is accepted.")
@click.option("--watch", "do_watch", is_flag=True, help="Look again whenever a file has changed, until Ctrl-C.")
@click.option("--exit-zero", is_flag=True, help="Exit code 0 whatever was found.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit code 1 where --fix has written something.")
@click.option("--stdin-filename", help="Path of the text on stdin, for `-`.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    do_fix: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    step: str | None,
    allow_dirty: bool,
    execute: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    profile: str | None,
    preview: bool,
    harness: str | None,
    script_root: Path | None,
    output_format: str,
    output_file: Path | None,
    fail_on: str | None,
    statistics: bool,
    config_file: Path | None,
    baseline: Path | None,
    write_baseline: bool,
    since: str | None,
    do_ignore: bool,
    reason: str | None,
    do_watch: bool,
    exit_zero: bool,
    exit_non_zero_on_fix: bool,
    stdin_filename: str | None,
) -> int:
    """Find problems in instruction files.

    PATHS are files and folders (default: the current folder), or - for stdin. Exit code 0: clean, 1: a finding of
    --fail-on level, 2: wrong usage, config or input, 3: a bug in peerlint.
    """
    options = Options(
        select=select or None,
        ignore=ignore,
        extend_select=extend_select,
        profile=_PROFILES[profile] if profile else None,
        harness=_HARNESSES[harness] if harness else None,
        preview=preview,
        fail_on=_SEVERITIES[fail_on] if fail_on else None,
        since=since,
    )
    output = Output(output_format, output_file, statistics, exit_zero)
    uses_stdin = _STDIN in map(str, paths)
    writes = [name for name, on in _WRITING.items() if ctx.params[name]]
    if len(writes) > 1 or (writes and (uses_stdin or do_watch)):
        raise InputError(_contradiction(writes, "stdin" if uses_stdin else "--watch" if do_watch else ""))
    if write_baseline and baseline is None:
        raise InputError("--write-baseline needs to know the file", todo="name it with --baseline FILE")
    if reason is not None and not do_ignore:
        raise InputError("--reason belongs to --add-ignore")

    def started() -> Checker:
        checker = Checker(Workspace(script_root, config_file), options)
        _ = checker.config(Path.cwd()).enabled_rules  # an unknown name is an error also where there is no file
        return checker

    if do_watch:
        return _watch(paths or (Path(),), started, Known(baseline, since), output)
    checker = started()
    inputs = [_from_stdin(paths, stdin_filename, checker)] if uses_stdin else _inputs(paths or (Path(),), checker)
    written = False
    if do_fix or show_diff:
        from peerlint.cli.fixing import FixOptions, fix_files, show_patch

        fix = FixOptions(unsafe_fixes, allow_dirty, step, execute)
        if show_diff:
            click.echo(show_patch(inputs, checker, fix), nl=False)
            return _end(checker, 0)
        written = fix_files(inputs, checker, fix)
        inputs = _inputs([path for path, _ in inputs], checker)
    checked = [(path, checker.findings(path, source)) for path, source in inputs]
    if write_baseline:
        from peerlint.cli.known import write_baseline as write

        assert baseline is not None
        number = write(baseline, checked)
        click.echo(f"Wrote {number} known finding{'' if number == 1 else 's'} to {printable(str(baseline))}.")
        return _end(checker, 0)
    checked = Known(baseline, since).leave_out(checked, checker)
    if do_ignore:
        from peerlint.cli.ignoring import DEFAULT_REASON, add_ignores

        return _end(checker, 1 if add_ignores(checked, checker, reason or DEFAULT_REASON) else 0)
    code = output.put(checked, checker)
    return _end(checker, 1 if written and exit_non_zero_on_fix else code)


#: Options that write into files, by the name of their parameter; each goes alone.
_WRITING = {"do_fix": "--fix", "write_baseline": "--write-baseline", "do_ignore": "--add-ignore"}


def _contradiction(writes: Sequence[str], other: str) -> str:
    names = [_WRITING[name] for name in writes] + ([other] if other else [])
    return f"{names[0]} cannot go with {names[1]}"


@dataclass(frozen=True)
class Known:
    """What is known already and not shown: of a baseline file, of an older revision."""

    baseline: Path | None
    since: str | None

    def leave_out(self, checked: list[Checked], checker: Checker) -> list[Checked]:
        """The findings that are new. Raises InputError for a baseline or a revision that there is not."""
        if self.baseline is None and self.since is None:
            return checked
        from peerlint.cli.known import Baseline, since

        if self.since is not None:
            checked = since(checked, self.since, checker)
        if self.baseline is not None:
            checked, gone = Baseline.read(self.baseline).without_known(checked)
            if gone and self.since is None:
                click.echo(
                    f"peerlint: {gone} known finding{' is' if gone == 1 else 's are'} gone; "
                    f"--write-baseline takes {'it' if gone == 1 else 'them'} out",
                    err=True,
                )
        return checked


@dataclass(frozen=True)
class Output:
    """Where the report goes and what it says."""

    output_format: str
    output_file: Path | None
    statistics: bool
    exit_zero: bool

    def put(self, checked: Sequence[Checked], checker: Checker) -> int:
        """Writes the report; exit code 1 where a finding has the level at which its config fails."""
        findings = [file for _, file in checked]
        settings = ReportSettings(color=wants_color(self.output_file), rules=tuple(checker.rules.values()))
        self._write(_statistics(findings) if self.statistics else render(self.output_format, findings, settings))
        failing = any(d.severity >= checker.config(path).fail_on for path, file in checked for d in file.diagnostics)
        return 1 if failing and not self.exit_zero else 0

    def _write(self, report: str) -> None:
        if self.output_file is None:
            click.echo(report.encode("utf-8", "replace"), nl=False)
            return
        try:
            self.output_file.write_text(report, encoding="utf-8", errors="replace")
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", path=os.fspath(self.output_file)) from None


def _inputs(paths: Sequence[Path], checker: Checker) -> list[tuple[Path, SourceText]]:
    """The files with their texts. One that cannot be read is complained of, and the others go on."""
    inputs = []
    for path in checker.files(paths):
        try:
            inputs.append((path, checker.workspace.project(path).read(path)))
        except InputError as error:
            checker.unreadable.append(error)
    return inputs


def _watch(paths: Sequence[Path], started: Callable[[], Checker], known: Known, output: Output) -> NoReturn:
    from peerlint.cli.watch import watch

    def check() -> None:
        try:
            checker = started()
            checked = [(path, checker.findings(path, source)) for path, source in _inputs(paths, checker)]
            output.put(known.leave_out(checked, checker), checker)
            _end(checker, 0)
        except InputError as error:
            click.echo(f"peerlint: {error}", err=True)

    watch(lambda: Workspace().files(paths), check)


def _end(checker: Checker, code: int) -> int:
    """The exit code, after complaints about rules that failed and files that could not be read."""
    for error in checker.unreadable:
        click.echo(f"peerlint: {error}", err=True)
    for crash in checker.crashes:
        click.echo(f"peerlint: this is a bug in peerlint, please report it: {crash}", err=True)
    return 3 if checker.crashes else 2 if checker.unreadable else code


def _from_stdin(paths: Sequence[Path], name: str | None, checker: Checker) -> tuple[Path, SourceText]:
    if len(paths) > 1:
        raise InputError("- stands for the only input", todo="give files or -")
    path = Path(name) if name else Path("stdin.md")
    label = checker.workspace.project(path).label(path)
    return path, SourceText.decode(label, sys.stdin.buffer.read())


def _statistics(findings: Sequence[FileFindings]) -> str:
    """How often each rule spoke, the commonest first."""
    counts = Counter((d.code, d.name) for file in findings for d in file.diagnostics)
    width = max((len(str(count)) for count in counts.values()), default=1)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{count:>{width}}  {code}  {name}\n" for (code, name), count in rows)

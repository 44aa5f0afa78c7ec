"""`peerlint check`: find problems, show or write fixes. Without --fix it starts no process and writes nothing."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from peerlint.cli.common import Workspace, is_linted, wants_color
from peerlint.config import Config, ConfigFinder, enabled_rules
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Applicability, Diagnostic, FileFindings, Fix, Severity
from peerlint.lint.engine import RuleCrash, lint
from peerlint.lint.rules import Profile, Rule
from peerlint.process.build import Reading
from peerlint.process.harness import Harness
from peerlint.report import FORMATS, ReportSettings, render
from peerlint.source.text import SourceText

#: Rules whose findings go away when their step is migrated.
_MIGRATED_AWAY = frozenset({"PL101", "PL102", "PL106", "PL107"})
_STDIN = "-"


@dataclass(frozen=True)
class Options:
    """The command line of check, as far as it changes what is found."""

    select: tuple[str, ...] | None
    ignore: tuple[str, ...]
    extend_select: tuple[str, ...]
    profile: Profile | None
    harness: Harness | None
    preview: bool
    fail_on: Severity | None

    def over(self, config: Config) -> Config:
        """The config of a file with what the command line says instead."""
        return replace(
            config,
            select=self.select if self.select is not None else config.select,
            ignore=(*config.ignore, *self.ignore),
            extend_select=(*config.extend_select, *self.extend_select),
            profile=self.profile if self.profile is not None else config.profile,
            harness=self.harness if self.harness is not None else config.harness,
            preview=self.preview or config.preview,
            fail_on=self.fail_on if self.fail_on is not None else config.fail_on,
        )


class Checker:
    """Lints files, each under its own config, and remembers which rules were on and which failed."""

    def __init__(self, workspace: Workspace, options: Options, config_file: Path | None) -> None:
        self.workspace = workspace
        self.crashes: list[RuleCrash] = []
        self.rules: dict[str, Rule] = {}
        self.fail_on: list[Severity] = []
        self._options = options
        self._config_file = config_file
        self._finders: dict[Path, ConfigFinder] = {}

    def config(self, path: Path) -> Config:
        """The config of a file, with the command line over it. Raises InputError."""
        root = self.workspace.project(path).root
        if root not in self._finders:
            self._finders[root] = ConfigFinder(root, self._config_file)
        return self._options.over(self._finders[root].config_for(path.resolve()))

    def files(self, paths: Sequence[Path]) -> list[Path]:
        """The files to lint: those that config excludes are left out, but for those that are named. InputError."""
        named = {path.absolute() for path in paths if path.is_file()}
        return [path for path in self.workspace.files(paths) if path.absolute() in named or not self._is_excluded(path)]

    def diagnostics(self, reading: Reading, path: Path) -> list[Diagnostic]:
        """The findings of a reading under the config of `path`. Raises InputError for wrong config."""
        if not is_linted(reading):
            return []
        config = self.config(path)
        settings = config.lint_settings(_relative(path, config))
        self.rules.update({rule.id: rule for rule in settings.rules})
        self.fail_on.append(config.fail_on)
        return lint(reading, settings, self.workspace.project(path).facts, crashes=self.crashes)

    def _is_excluded(self, path: Path) -> bool:
        config = self.config(path)
        return config.excludes(_relative(path, config))


def _relative(path: Path, config: Config) -> str:
    """A path relative to the folder of its config, for globs; the path itself where it lies elsewhere."""
    place = path.resolve()
    base = config.path.parent if config.path is not None else Path.cwd()
    return place.relative_to(base).as_posix() if place.is_relative_to(base) else place.as_posix()


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
@click.option("--output-format", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--output-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report there.")
@click.option("--fail-on", type=click.Choice(list(_SEVERITIES)), help="Least severity for exit code 1 [warning].")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="This config file for all files.")
@click.option("--exit-zero", is_flag=True, help="Exit code 0 whatever was found.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit code 1 where --fix has written something.")
@click.option("--stdin-filename", help="Path of the text on stdin, for `-`.")
def command(
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
    )
    checker = Checker(Workspace(script_root), options, config_file)
    enabled_rules(checker.config(Path.cwd()))  # names that do not exist are an error also where there is no file
    if _STDIN in map(str, paths):
        if do_fix:
            raise InputError("--fix writes files, stdin is none", todo="use --diff")
        inputs = [_from_stdin(paths, stdin_filename, checker)]
    else:
        files = checker.files(paths or (Path(),))
        inputs = [(path, checker.workspace.project(path).read(path)) for path in files]
    written = False
    if do_fix or show_diff:
        from peerlint.cli.fixing import FixOptions, fix_files, show_patch

        fix_options = FixOptions(unsafe_fixes, allow_dirty, step, execute)
        if show_diff:
            click.echo(show_patch(inputs, checker, fix_options), nl=False)
            return 0
        written = fix_files(inputs, checker, fix_options)
        inputs = [(path, checker.workspace.project(path).read(path)) for path, _ in inputs]
    findings = [_findings(checker, source, path) for path, source in inputs]
    report = _statistics(findings) if statistics else _report(output_format, output_file, findings, checker)
    _put(report, output_file)
    return _exit_code(findings, checker, exit_zero, written and exit_non_zero_on_fix)


def _from_stdin(paths: Sequence[Path], name: str | None, checker: Checker) -> tuple[Path, SourceText]:
    if len(paths) > 1:
        raise InputError("- stands for the only input", todo="give files or -")
    path = Path(name) if name else Path("stdin.md")
    label = checker.workspace.project(path).label(path)
    return path, SourceText.decode(label, sys.stdin.buffer.read())


def _findings(checker: Checker, source: SourceText, path: Path) -> FileFindings:
    reading = checker.workspace.reading(source, path)
    diagnostics = checker.diagnostics(reading, path)
    return FileFindings(source, tuple(with_migrations(reading, diagnostics)))


def with_migrations(reading: Reading, diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings, those that a migration takes away with the fix that it is, or with the reason why there is none."""
    if not any(diagnostic.code in _MIGRATED_AWAY and diagnostic.step for diagnostic in diagnostics):
        return list(diagnostics)
    from peerlint.migrate.fix import plan

    planned = plan(reading)
    return [
        replace(d, fix=_migration(planned.provable, planned.manual, d.step), help=_help(d, planned.provable))
        if d.code in _MIGRATED_AWAY and d.step is not None and d.fix is None
        else d
        for d in diagnostics
    ]


def _migration(provable: frozenset[str], manual: dict[str, str], step: str) -> Fix | None:
    if step in provable:
        return Fix(Applicability.PROVABLE, "Migrate the step into logic; proved before it is written")
    if step in manual:
        return Fix(Applicability.MANUAL, manual[step])
    return None


def _help(diagnostic: Diagnostic, provable: frozenset[str]) -> str:
    if diagnostic.step in provable:
        return "; ".join(part for part in (diagnostic.help.rstrip("."), "peerlint --fix can migrate it") if part)
    return diagnostic.help


def _report(output_format: str, output_file: Path | None, findings: list[FileFindings], checker: Checker) -> str:
    settings = ReportSettings(color=wants_color(output_file), rules=tuple(checker.rules.values()))
    return render(output_format, findings, settings)


def _statistics(findings: Sequence[FileFindings]) -> str:
    """How often each rule spoke, the commonest first."""
    counts = Counter((d.code, d.name) for file in findings for d in file.diagnostics)
    width = max((len(str(count)) for count in counts.values()), default=1)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{count:>{width}}  {code}  {name}\n" for (code, name), count in rows)


def _put(report: str, output_file: Path | None) -> None:
    if output_file is None:
        click.echo(report.encode("utf-8", "replace"), nl=False)
        return
    try:
        output_file.write_text(report, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path=os.fspath(output_file)) from None


def _exit_code(findings: Sequence[FileFindings], checker: Checker, exit_zero: bool, has_fixed: bool) -> int:
    for crash in checker.crashes:
        click.echo(f"peerlint: this is a bug in peerlint, please report it: {crash}", err=True)
    if checker.crashes:
        return 3
    least = min(checker.fail_on, default=Severity.WARNING)
    failing = any(d.severity >= least for file in findings for d in file.diagnostics)
    return 1 if (failing and not exit_zero) or has_fixed else 0

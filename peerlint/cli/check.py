"""`peerlint check`: its options, as click reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from peerlint.cli.checker import Options
from peerlint.cli.checking import Request, check
from peerlint.cli.words import ACCEPT_HELP, repairs, words
from peerlint.lint.diagnostics import Severity
from peerlint.lint.rules import Profile
from peerlint.process.harness import Harness
from peerlint.report import FORMATS

_PROFILES = {profile.word: profile for profile in Profile}
_HARNESSES = {harness.value: harness for harness in Harness}
_SEVERITIES = {severity.word: severity for severity in Severity}


class _Place(click.Path):
    """A path as it was given: an empty one is a slip, as of a variable that nobody has set, and not this folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; fails for an empty one."""
        if value == "":
            self.fail("a path is empty", param, ctx)
        return super().convert(value, param, ctx)


@click.command(short_help="Find problems, show or write fixes (the default command).")
@click.argument("paths", nargs=-1, type=_Place(path_type=Path, allow_dash=True, readable=False))
@click.option("--fix", "do_fix", is_flag=True, help="Write what is safe, and migrations that are proved.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix: write fixes that may change the meaning, too.")
@click.option("--diff", "show_diff", is_flag=True, help="Show what --fix would write, as a patch; write nothing.")
@click.option("--step", help="With --fix or --diff: this step only.")
@click.option("--allow-dirty", is_flag=True, help="With --fix: write files with uncommitted changes, too.")
@click.option(
    "--execute", type=click.Choice(["never", "sandbox", "host"]), help="Where --fix may run scripts to prove."
)
@click.option("--accept-repair", "accepted", multiple=True, callback=repairs, metavar="NAMES", help=ACCEPT_HELP)
@click.option("--select", multiple=True, callback=words, metavar="CODES", help="Only these rules.")
@click.option("--ignore", multiple=True, callback=words, metavar="CODES", help="Not these rules.")
@click.option("--extend-select", multiple=True, callback=words, metavar="CODES", help="These rules, too.")
@click.option("--profile", type=click.Choice(list(_PROFILES)), help="Set of rules (default: coordination).")
@click.option("--preview", is_flag=True, help="Rules that are not precise enough yet, too.")
@click.option("--harness", type=click.Choice(list(_HARNESSES)), help="What survives between two shell calls.")
@click.option("--script-root", type=click.Path(path_type=Path), help="Where scripts of an installed framework are.")
@click.option(
    "--output-format",
    type=click.Choice(list(FORMATS)),
    default=Request.output_format,
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
@click.option("--no-cache", is_flag=True, help="Look at each file anew, and keep nothing of what is found.")
@click.option(
    "--jobs",
    type=click.IntRange(min=0),
    default=Request.jobs,
    metavar="N",
    help="Check files in N copies of this process side by side; 0: one for each processor. [1: start no process]",
)
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
    accepted: tuple[str, ...],
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
    no_cache: bool,
    jobs: int,
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
    return check(
        Request(
            paths=paths,
            options=options,
            do_fix=do_fix,
            unsafe_fixes=unsafe_fixes,
            show_diff=show_diff,
            step=step,
            allow_dirty=allow_dirty,
            execute=execute,
            accepted=frozenset(accepted),
            script_root=script_root,
            output_format=output_format,
            output_file=output_file,
            statistics=statistics,
            config_file=config_file,
            baseline=baseline,
            write_baseline=write_baseline,
            since=since,
            do_ignore=do_ignore,
            reason=reason,
            do_watch=do_watch,
            exit_zero=exit_zero,
            exit_non_zero_on_fix=exit_non_zero_on_fix,
            stdin_filename=stdin_filename,
            no_cache=no_cache,
            jobs=jobs,
        )
    )

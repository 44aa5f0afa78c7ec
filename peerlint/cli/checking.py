"""What `peerlint check` does. Without --fix it starts no process, and writes what `compiled` and `cache` keep, no more.

It is apart from its options, so that a call that has none need not load what reads them.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from peerlint.cli.cache import Cache
from peerlint.cli.checker import Checker, Options
from peerlint.cli.common import Workspace
from peerlint.cli.streams import complain, put, put_patch, reason_of, wants_color
from peerlint.config import user_cache_folder
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Applicability, FileFindings
from peerlint.records import dataclass
from peerlint.report import ReportSettings, render
from peerlint.report.escape import printable
from peerlint.source.project.opening import read_stream
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from peerlint.cli.known import Checked
    from peerlint.lint.engine import RuleCrash

_STDIN = "-"


@dataclass(frozen=True)
class Request:
    """The command line of check; each option has its default here."""

    paths: tuple[Path, ...] = ()
    options: Options = Options()
    do_fix: bool = False
    unsafe_fixes: bool = False
    show_diff: bool = False
    step: str | None = None
    allow_dirty: bool = False
    execute: str | None = None
    accepted: frozenset[str] = frozenset()
    script_root: Path | None = None
    output_format: str = "text"
    output_file: Path | None = None
    statistics: bool = False
    config_file: Path | None = None
    baseline: Path | None = None
    write_baseline: bool = False
    since: str | None = None
    do_ignore: bool = False
    reason: str | None = None
    do_watch: bool = False
    exit_zero: bool = False
    exit_non_zero_on_fix: bool = False
    stdin_filename: str | None = None
    no_cache: bool = False
    jobs: int = 1

    @classmethod
    def of(cls, paths: Iterable[str]) -> Request:
        """The request of a command line that is nothing but paths."""
        return cls(tuple(map(Path, paths)))

    @property
    def uses_stdin(self) -> bool:
        """Whether a text is read from standard input."""
        return _STDIN in map(str, self.paths)

    @property
    def uses_cache(self) -> bool:
        """Whether findings are kept and taken again: of files as they stand, and not where they change meanwhile."""
        changes = self.do_fix or self.do_ignore or self.do_watch or self.show_diff
        return not (changes or self.no_cache or self.uses_stdin or self.options.since is not None)

    def validate(self) -> None:
        """Raises InputError for options that cannot go together."""
        writes = [name for attribute, name in _WRITING.items() if getattr(self, attribute)]
        if len(writes) > 1 or (writes and (self.uses_stdin or self.do_watch)):
            others = ["stdin"] if self.uses_stdin else ["--watch"] if self.do_watch else []
            first, second = [*writes, *others][:2]
            raise InputError(f"{first} cannot go with {second}")
        if self.write_baseline and self.baseline is None:
            raise InputError("--write-baseline needs to know the file", todo="name it with --baseline FILE")
        if self.statistics and self.output_format not in _COUNTED:
            raise InputError(
                f"--statistics has no format {self.output_format}", todo=f"give one of {', '.join(sorted(_COUNTED))}"
            )
        if self.step is not None and not (self.do_fix or self.show_diff):
            raise InputError("--step belongs to --fix or --diff")
        if self.reason is not None and not self.do_ignore:
            raise InputError("--reason belongs to --add-ignore")


#: Formats in which findings are counted: a table, an array, a line for each rule.
_COUNTED = frozenset({"text", "concise", "json", "jsonl"})
#: Options that write into files, by their field; each goes alone.
_WRITING = {"do_fix": "--fix", "write_baseline": "--write-baseline", "do_ignore": "--add-ignore"}


def check(request: Request) -> int:
    """Does what is asked for and returns the exit code. Raises InputError."""
    request.validate()
    paths = request.paths or (Path(),)
    known = Known(request.baseline, request.since)
    output = Output(request.output_format, request.output_file, request.statistics, request.exit_zero)

    def started() -> Checker:
        checker = Checker(Workspace(request.script_root, request.config_file), request.options)
        config = checker.config(Path.cwd())
        _ = config.enabled_rules  # an unknown name is an error also where there is no file
        if request.uses_cache:
            checker.cache = Cache(Path.cwd(), user_cache_folder(config))
        return checker

    if request.do_watch:
        return _watch(paths, started, known, output, request.jobs)
    checker = started()
    stdin = _from_stdin(paths, request.stdin_filename, checker) if request.uses_stdin else None
    files = checker.files(paths) if stdin is None else []
    written = False
    if request.do_fix or request.show_diff:
        from peerlint.cli.fixing import FixOptions, fix_files, show_patch

        fix = FixOptions(
            request.unsafe_fixes,
            request.allow_dirty,
            request.step,
            request.execute,
            request.accepted,
            for_programs=not output.is_for_people,
        )
        inputs = _texts(files, checker) if stdin is None else [stdin]
        fix.require_step(inputs, checker)
        if request.show_diff:
            patch = show_patch(inputs, checker, fix)
            put_patch(patch)
            if not inputs:
                complain("peerlint: no instruction files found here")
            elif not patch:
                complain("peerlint: --fix would change nothing; without --diff you see what is found, and why it stays")
            return _end(checker, 0)
        written = fix_files(inputs, checker, fix)
        files = checker.files([path for path, _ in inputs])
    checked = _checked(files, checker, request.jobs) if stdin is None else [(stdin[0], checker.findings(*stdin))]
    if request.write_baseline and request.baseline is not None:
        return _write_baseline(request.baseline, checked, checker)
    found = _number(checked)
    checked = known.leave_out(checked, checker)
    if request.do_ignore:
        from peerlint.cli.ignoring import DEFAULT_REASON, add_ignores

        return _end(checker, 1 if add_ignores(checked, checker, request.reason or DEFAULT_REASON) else 0)
    code = output.put(checked, checker, found - _number(checked))
    return _end(checker, 1 if written and request.exit_non_zero_on_fix else code)


def _number(checked: Sequence[Checked]) -> int:
    return sum(len(file.diagnostics) for _, file in checked)


def _write_baseline(path: Path, checked: Sequence[Checked], checker: Checker) -> int:
    from peerlint.cli.known import write_baseline

    number = write_baseline(path, checked)
    put(f"Wrote {number} known finding{'' if number == 1 else 's'} to {printable(str(path))}.\n")
    return _end(checker, 0)


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
                complain(
                    f"peerlint: {gone} known finding{' is' if gone == 1 else 's are'} gone; "
                    f"--write-baseline takes {'it' if gone == 1 else 'them'} out"
                )
        return checked


@dataclass(frozen=True)
class Output:
    """Where the report goes and what it says."""

    output_format: str
    output_file: Path | None
    statistics: bool
    exit_zero: bool

    @property
    def is_for_people(self) -> bool:
        """Whether what goes to standard output is read by people."""
        return self.output_file is not None or self.output_format in ("text", "concise")

    def put(self, checked: Sequence[Checked], checker: Checker, known: int) -> int:
        """Writes the report; exit code 1 where a finding has the level at which its config fails."""
        findings = [file for _, file in checked]
        settings = ReportSettings(color=wants_color(self.output_file), rules=tuple(checker.rules.values()), known=known)
        self._write(
            _statistics(findings, self.output_format)
            if self.statistics
            else render(self.output_format, findings, settings)
        )
        failing = any(d.severity >= checker.config(path).fail_on for path, file in checked for d in file.diagnostics)
        return 1 if failing and not self.exit_zero else 0

    def _write(self, report: str) -> None:
        if self.output_file is None:
            put(report)
            return
        path, content = self.output_file, report.encode("utf-8", "replace")
        if path.is_symlink() or (path.exists() and not path.is_file()) or not os.access(path.parent, os.W_OK):
            try:
                path.write_bytes(content)
            except OSError as error:
                raise InputError(f"cannot be written: {reason_of(error)}", path=os.fspath(path)) from None
            return
        from peerlint.migrate.fix.files import write_new

        write_new(path, content)


def _texts(files: Sequence[Path], checker: Checker) -> list[tuple[Path, SourceText]]:
    """The files with their texts. One that cannot be read is complained of, and the others go on."""
    inputs = []
    for path in files:
        try:
            inputs.append((path, checker.workspace.project(path).read(path)))
        except InputError as error:
            checker.unreadable.append(error)
    return inputs


def _checked(files: Sequence[Path], checker: Checker, jobs: int) -> list[Checked]:
    """The files with what is found in them; those that cannot be read are complained of."""
    # To look for cycles among all that is found in a folder takes a twentieth of the time, and there are hardly any.
    gc.set_threshold(500_000, 20, 50)
    if jobs != 1 and len(files) > 1:
        from peerlint.cli.jobs import checked_in_copies

        return checked_in_copies(files, checker, jobs)
    return [(path, checker.findings(path, source)) for path, source in _texts(files, checker)]


def _watch(paths: Sequence[Path], started: Callable[[], Checker], known: Known, output: Output, jobs: int) -> NoReturn:
    from peerlint.cli.watch import watch

    def check() -> None:
        try:
            checker = started()
            checked = _checked(checker.files(paths), checker, jobs)
            new = known.leave_out(checked, checker)
            output.put(new, checker, _number(checked) - _number(new))
            _end(checker, 0)
        except InputError as error:
            complain(f"peerlint: {error}")

    def watched() -> list[Path]:
        workspace = Workspace()
        files = workspace.files(paths)
        return [*files, *workspace.possible_configs(files)]

    watch(watched, check)


def _end(checker: Checker, code: int) -> int:
    """The exit code, after complaints about rules that failed and files that could not be read."""
    if checker.cache is not None:
        checker.cache.keep()
    for error in checker.unreadable:
        complain(f"peerlint: {error}")
    # A bug in a rule shows in many files; one of them is enough to report it.
    causes: dict[tuple[str, str], list[RuleCrash]] = {}
    for crash in checker.crashes:
        causes.setdefault((crash.rule.id, f"{type(crash.cause).__name__}: {crash.cause}"), []).append(crash)
    for first, *others in causes.values():
        more = f" (and on {len(others)} more files)" if others else ""
        complain(f"peerlint: this is a bug in peerlint, please report it: {first}{more}")
    return 3 if checker.crashes else 2 if checker.unreadable else code


def _from_stdin(paths: Sequence[Path], name: str | None, checker: Checker) -> tuple[Path, SourceText]:
    if len(paths) > 1:
        raise InputError("- stands for the only input", todo="give files or -")
    if sys.stdin is None:
        raise InputError("standard input is closed", path="-", todo="give a file, or a text on standard input")
    path = Path(name) if name else Path("stdin.md")
    label = checker.workspace.project(path).label(path)
    return path, SourceText.decode(label, read_stream(sys.stdin.buffer, label))


def _statistics(findings: Sequence[FileFindings], output_format: str) -> str:
    """How often each rule spoke, the commonest first; as data, also how many of them `--fix` may mend."""
    counts = Counter((d.code, d.name) for file in findings for d in file.diagnostics)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if output_format not in ("json", "jsonl"):
        width = max((len(str(count)) for count in counts.values()), default=1)
        return "".join(f"{count:>{width}}  {code}  {name}\n" for (code, name), count in rows)
    import json

    ready = (Applicability.SAFE, Applicability.PROVABLE)
    fixable = Counter(d.code for file in findings for d in file.diagnostics if d.fix and d.fix.applicability in ready)
    data = [{"code": code, "name": name, "count": count, "fixable": fixable[code]} for (code, name), count in rows]
    if output_format == "json":
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in data)

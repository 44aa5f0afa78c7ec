"""Files linted under their config: what check, --fix and --watch share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from types import MappingProxyType

from peerlint.cli.common import Workspace, is_linted
from peerlint.config import Config
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Applicability, Diagnostic, FileFindings, Fix, Related, Severity
from peerlint.lint.rules import LintSettings, Profile, Rule
from peerlint.process.harness import Harness
from peerlint.records import dataclass, replace
from peerlint.source.project import Project, ProjectFacts
from peerlint.source.text import SourceText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.cli.cache import Cache
    from peerlint.lint.engine import RuleCrash
    from peerlint.migrate.fix import FilePlan
    from peerlint.process.build import Reading
    from peerlint.prove.history import Revision
    from peerlint.source.project.asked import AskedProject

#: Rules that ask what a file was at an older revision.
_OF_REVISIONS = frozenset({"PL901"})
#: Places that the message of a fix names at most.
_SHOWN = 5


@dataclass(frozen=True)
class FileCheck:
    """What was found in a file.

    `is_linted` says whether an agent acts on it at all; `holds_alone`, that no rule failed and that it does not hang on
    what else this run checks.
    """

    diagnostics: tuple[Diagnostic, ...]
    is_linted: bool = True
    holds_alone: bool = True


@dataclass(frozen=True)
class Options:
    """The command line of check, as far as it changes what is found."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    profile: Profile | None = None
    harness: Harness | None = None
    preview: bool = False
    fail_on: Severity | None = None
    since: str | None = None

    def over(self, config: Config) -> Config:
        """The config of a file with what the command line says instead."""
        return replace(
            config,
            select=self.select if self.select is not None else config.select,
            extend_select=(*config.extend_select, *self.extend_select),
            asked=(*(self.select or ()), *self.extend_select),
            refused=self.ignore,
            profile=self.profile if self.profile is not None else config.profile,
            harness=self.harness if self.harness is not None else config.harness,
            preview=self.preview or config.preview,
            fail_on=self.fail_on if self.fail_on is not None else config.fail_on,
        )


class Checker:
    """Lints files, each under its own config, and remembers which rules were on, which failed, and what was no text."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        self.workspace = workspace
        #: What earlier runs have found; None where each file is to be looked at anew.
        self.cache: Cache | None = None
        self.crashes: list[RuleCrash] = []
        self.rules: dict[str, Rule] = {}
        #: Whose rules were last added to them.
        self._noted: LintSettings | None = None
        self.unreadable: list[InputError] = []
        #: The files that this run checks.
        self._inputs: frozenset[Path] = frozenset()
        #: What was asked for: the scripts below it may change with the files.
        self._asked: list[Path] = []
        #: The rows that fixes change, by file, with the text that this was found for.
        self._mended: dict[str, tuple[str, frozenset[int]]] = {}
        #: The steps that this run could not prove, with the reason, by the path of their file.
        self.not_proved: dict[Path, dict[str, str]] = {}
        self._options = options
        self._revision: Revision | None = None
        self._configs: dict[Path, Config] = {}
        self._with_options: dict[Config, Config] = {}

    def config(self, path: Path) -> Config:
        """The config of a file, with the command line over it. Raises InputError."""
        if path not in self._configs:
            found = self.workspace.config(path)
            if found not in self._with_options:
                self._with_options[found] = self._options.over(found)
            self._configs[path] = self._with_options[found]
        return self._configs[path]

    def files(self, paths: Sequence[Path]) -> list[Path]:
        """The files to lint: those that config excludes are left out, but for those that are named. InputError."""
        named = {path.absolute() for path in paths if path.is_file()}
        self._asked += [path.absolute() for path in paths]
        there = self.workspace.files(paths)
        self.unreadable += self.workspace.unlisted
        found = [path for path in there if path.absolute() in named or not self.is_excluded(path)]
        self._inputs = frozenset(found)
        return found

    def script(self, label: str) -> tuple[Path, SourceText] | None:
        """The script that messages call so, if it lies within what was asked for and can be read. Raises InputError."""
        path = Path.cwd() / label
        if not self._is_asked_for(path):
            return None
        try:
            return path, self.workspace.project(path).read(path)
        except InputError:
            return None

    def _is_asked_for(self, path: Path) -> bool:
        named = any(path == asked for asked in self._asked)
        return named or (any(path.is_relative_to(asked) for asked in self._asked) and not self.is_excluded(path))

    def findings(self, path: Path, source: SourceText) -> FileFindings:
        """What is wrong in a text in the place of a file, with the fixes there are. Raises InputError."""
        return FileFindings(source, self.check(path, source).diagnostics)

    def check(self, path: Path, source: SourceText) -> FileCheck:
        """The findings, of this run or kept by the cache, with what else is to be known of them. Raises InputError."""
        project, cache = self.workspace.project(path), self.cache
        state = cache.state(project, path, source.text, self.config(path)) if cache is not None else None
        if cache is None or state is None:
            return self._find(path, source, project)
        found = cache.get(source.path, state, project)
        if found is None:
            from peerlint.source.project.asked import AskedProject

            asked = AskedProject(project)
            found = self._find(path, source, asked)
            if found.holds_alone:
                cache.add(source.path, state, asked.answers, found)
        elif found.is_linted:
            self.note_rules(path)
        return found

    def _find(self, path: Path, source: SourceText, project: Project | AskedProject) -> FileCheck:
        # What reads and lints is loaded where it is needed: a file that the cache knows asks for neither.
        from peerlint.cli.reading import read_file

        reading = read_file(project, path, source, self.config(path).phrasebook)
        if not is_linted(reading):
            return FileCheck((), is_linted=False)
        failed, settings = len(self.crashes), self.note_rules(path)
        found = self._lint(reading, path, settings, project.facts)
        holds_alone = failed == len(self.crashes) and not any(d.fix is not None and d.fix.elsewhere for d in found)
        within_reach = [self._within_reach(diagnostic, settings) for diagnostic in found]
        migrated = with_migrations(reading, within_reach, self.not_proved.get(path, {}))
        return FileCheck(tuple(migrated), holds_alone=holds_alone)

    def diagnostics(self, reading: Reading, path: Path) -> list[Diagnostic]:
        """The findings of a reading under the config of `path`. Raises InputError for wrong config."""
        if not is_linted(reading):
            return []
        settings = self.note_rules(path)
        found = self._lint(reading, path, settings, self.workspace.project(path).facts)
        return [self._within_reach(diagnostic, settings) for diagnostic in found]

    def _lint(self, reading: Reading, path: Path, settings: LintSettings, facts: ProjectFacts) -> list[Diagnostic]:
        from peerlint.lint.engine import lint

        return lint(reading, settings, facts, before=self._before(reading, path, settings.rules), crashes=self.crashes)

    def note_rules(self, path: Path) -> LintSettings:
        """What is looked for in a file, and reports name. Raises InputError for wrong config."""
        config = self.config(path)
        settings = config.lint_settings(_relative(path, config) if config.per_file_ignores else "")
        if settings is not self._noted:
            self._noted = settings
            self.rules.update({rule.id: rule for rule in settings.rules})
        return settings

    def revision(self, name: str) -> Revision:
        """The files of this run at a git revision."""
        if self._revision is None:
            from peerlint.prove.history import Revision

            self._revision = Revision(name, self._inputs)
        return self._revision

    def _before(self, reading: Reading, path: Path, rules: Sequence[Rule]) -> Reading | None:
        """The file at the revision of `--since`, with scripts as they are now; None where it was the same or absent.

        None as well where no rule asks for it.
        """
        if self._options.since is None or not any(rule.id in _OF_REVISIONS for rule in rules):
            return None
        source = reading.document.source
        now = source.encode()
        data = self.revision(self._options.since).content(path, now)
        if data is None or data == now:
            return None
        return self.workspace.reading(SourceText.decode(source.path, data), path)

    def _within_reach(self, diagnostic: Diagnostic, settings: LintSettings) -> Diagnostic:
        """The finding; its fix is for a person where other files have to change with it that this run does not mend."""
        fix = diagnostic.fix
        if fix is None or fix.applicability is Applicability.MANUAL or not fix.elsewhere:
            return diagnostic
        rule = tuple(rule for rule in settings.rules if rule.id == diagnostic.code)
        mended = {path: self._mended_rows(path, rule) for path in {place.path for place in fix.elsewhere}}
        left = tuple(place for place in fix.elsewhere if not self._changes(place, mended[place.path]))
        if not left:
            return diagnostic
        shown = [f"line {place.position.row} of {place.path}" for place in left[:_SHOWN]]
        more = f" and {len(left) - _SHOWN} more places" if len(left) > _SHOWN else ""
        message = f"{fix.message}, and the same in {', '.join(dict.fromkeys(shown))}{more}"
        return replace(
            diagnostic, fix=Fix(Applicability.MANUAL, message, elsewhere=tuple(replace(p, edit=None) for p in left))
        )

    def _changes(self, place: Related, mended: Set[int]) -> bool:
        """Whether a place elsewhere changes with this run, by its edit or by the fixes of its own file."""
        return self._is_asked_for(Path.cwd() / place.path) if place.edit is not None else place.position.row in mended

    def _mended_rows(self, label: str, rules: tuple[Rule, ...]) -> frozenset[int]:
        """The rows of a file, as it is now, that fixes of these rules change; none where it is not checked."""
        from peerlint.lint.engine import lint

        path = Path.cwd() / label
        if path not in self._inputs:
            return frozenset()
        project = self.workspace.project(path)
        try:
            source = project.read(path)
        except InputError:
            return frozenset()
        text, rows = self._mended.get(label, (None, frozenset()))
        if text != source.text:
            found = lint(self.workspace.reading(source, path), LintSettings(rules), project.facts, crashes=self.crashes)
            fixes = (d.fix for d in found if d.fix and all(map(self._is_within_run, d.fix.elsewhere)))
            rows = frozenset(source.lines.position(edit.span.start).row for fix in fixes for edit in fix.edits)
            self._mended[label] = (source.text, rows)
        return rows

    def _is_within_run(self, place: Related) -> bool:
        path = Path.cwd() / place.path
        return path in self._inputs if place.edit is None else self._is_asked_for(path)

    def is_excluded(self, path: Path) -> bool:
        """Whether the config of a file keeps it from being linted. Raises InputError."""
        config = self.config(path)
        return bool(config.exclude) and config.excludes(_relative(path, config))


def _relative(path: Path, config: Config) -> str:
    """A path relative to the folder of its config, for globs; the path itself where it lies elsewhere."""
    place = path.resolve()
    base = config.path.parent if config.path is not None else Path.cwd()
    return place.relative_to(base).as_posix() if place.is_relative_to(base) else place.as_posix()


def with_migrations(
    reading: Reading, diagnostics: Sequence[Diagnostic], not_proved: Mapping[str, str] = MappingProxyType({})
) -> list[Diagnostic]:
    """The findings, those that a migration takes away with the fix that it is, or with the reason why there is none.

    `not_proved` are steps whose migration has just been tried in vain: nobody should be told to try it again.
    """
    if not diagnostics:
        return []
    from peerlint.migrate.asked import steps_found

    wanted = steps_found(diagnostics)
    if not wanted:
        return list(diagnostics)
    from peerlint.migrate.fix import plan

    planned = plan(reading, wanted=wanted)
    if not_proved:
        manual = {number: f"the proof says {reason}{_way_out(reason)}" for number, reason in not_proved.items()}
        planned = replace(planned, provable=planned.provable - manual.keys(), manual={**planned.manual, **manual})
    return [
        replace(d, fix=_migration(d, planned), help=_help(d, planned.provable)) if steps_found((d,)) else d
        for d in diagnostics
    ]


def _way_out(reason: str) -> str:
    """What a person can do where a proof has found nothing but known differences."""
    return "; --accept-repair NAME counts one as proved" if reason.startswith("proved-with-exceptions") else ""


def _migration(diagnostic: Diagnostic, planned: FilePlan) -> Fix | None:
    """The fix of a finding that a migration takes away; a simple one of its own stays where `--fix` may write it."""
    own = diagnostic.fix
    is_ready = own is not None and own.applicability is Applicability.SAFE and diagnostic.severity > Severity.NOTE
    if diagnostic.step in planned.provable and (not is_ready or planned.would_be_halved(diagnostic)):
        return Fix(Applicability.PROVABLE, "Migrate the step into logic; proved before it is written")
    if own is None and diagnostic.step in planned.manual:
        return Fix(Applicability.MANUAL, f"Cannot be migrated: {planned.manual[diagnostic.step]}")
    return own


def _help(diagnostic: Diagnostic, provable: frozenset[str]) -> str:
    if diagnostic.step in provable:
        return "; ".join(part for part in (diagnostic.help.rstrip("."), "peerlint --fix can migrate it") if part)
    return diagnostic.help

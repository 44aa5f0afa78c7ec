"""The fix of one file: plan, rewrite in memory, read again from text, prove, keep what is proved, check, write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from pathlib import Path

from peerlint.errors import InputError
from peerlint.lint.diagnostics import Applicability, Diagnostic, Severity
from peerlint.migrate.asked import steps_found
from peerlint.migrate.fix.files import keep_copy, obstacle, write_pair
from peerlint.migrate.fix.git import Committed, committed
from peerlint.migrate.fix.model import (
    Check,
    CheckedText,
    FilePlan,
    FileProof,
    FileResult,
    FindScript,
    FixSettings,
    Progress,
    Prove,
    ReadText,
    StepOutcome,
    StepVerdict,
    Verdict,
    no_script,
)
from peerlint.migrate.fix.plan import plan, without_broken_groups
from peerlint.migrate.fix.simple import mend, new_findings, new_problems
from peerlint.process.build import Reading
from peerlint.records import dataclass, field, replace
from peerlint.source.text import Edit, SourceText

_MAY_BE_WRITTEN = frozenset({Verdict.PROVED})


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What the fix of a file is done with; `prove` is None where nothing may be executed."""

    root: Path
    read_text: ReadText
    check: Check
    prove: Prove | None
    settings: FixSettings
    progress: Progress
    #: Why the file that messages call so cannot be written; "" where it can.
    hindrance: Callable[[str], str] = lambda label: ""
    #: The script that messages call so, if it is among what may be fixed.
    script: FindScript = no_script

    def look_at(self, source: SourceText) -> CheckedText:
        """A text read and checked."""
        reading = self.read_text(source)
        return CheckedText(reading, self.check(reading))


@dataclass(slots=True)
class _Attempt:
    """A text on its way: which steps are still to be migrated in it, and what is known of the others."""

    plan: FilePlan
    kept: frozenset[str]
    reasons: dict[str, str]
    proofs: dict[str, StepVerdict]
    after: CheckedText
    applied: tuple[Diagnostic, ...] = ()
    proof: FileProof | None = None
    held_back: dict[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset()


def hindrances(
    files: Sequence[tuple[Path, SourceText]], settings: FixSettings, root: Path, script: FindScript
) -> Callable[[str], str]:
    """Says of each file, by what messages call it, why it would be refused whatever changes in it; "" where it is not.

    A file is looked at once, before the first one is written.
    """
    by_label = {source.path: (path, source) for path, source in files}

    @cache
    def why(label: str) -> str:
        found = by_label.get(label) or script(label)
        if found is None:
            return "is not among the files to fix"
        path, source = found
        standing = committed(path, source.encode())
        if standing in (Committed.DIRTY, Committed.UNTRACKED) and not settings.allow_dirty:
            return f"{standing.value}"
        error = obstacle(path, root)
        return error.what.removesuffix("; not written") if error else ""

    return why


@dataclass(frozen=True, slots=True)
class Settled:
    """A file before it is written: what became of it so far, and what of it git has."""

    result: FileResult
    attempt: _Attempt | None = None
    standing: Committed = Committed.CLEAN

    @property
    def linked(self) -> dict[str, frozenset[str]]:
        """The fixes that need changes in other files, by their rule, with what messages call these files."""
        found: dict[str, frozenset[str]] = {}
        for finding in self.result.applied:
            if finding.fix is not None and finding.fix.elsewhere:
                others = {place.path for place in finding.fix.elsewhere}
                found[finding.code] = found.get(finding.code, frozenset()) | others
        return found

    @property
    def in_scripts(self) -> dict[str, frozenset[Edit]]:
        """The edits of scripts that its fixes need, by what messages call these; such a script changes by no other."""
        found: dict[str, frozenset[Edit]] = {}
        fixes = (finding.fix for finding in self.result.applied if finding.fix is not None)
        for place in (place for fix in fixes for place in fix.elsewhere):
            if place.edit is not None:
                found[place.path] = found.get(place.path, frozenset()) | {place.edit}
        return found

    @property
    def rests_on(self) -> frozenset[str]:
        """The scripts that the proof of what is migrated may have run."""
        if self.attempt is None or not self.attempt.kept:
            return frozenset()
        return frozenset(script.path for script in self.attempt.plan.reading.scripts.values())


def settle_file(path: Path, source: SourceText, tools: Toolbox, without: frozenset[str] = frozenset()) -> Settled:
    """What a fix makes of one file, which is not written yet. Fixes of rules in `without` that need others stay away.

    Raises nothing on bad files: `refused` says what is the matter.
    """
    before = tools.look_at(source)
    if not _has_work(before, tools):
        # Most files of a folder are so, and git takes longer to be asked about them than they take to be checked.
        return Settled(FileResult(path, source, source))
    standing = committed(path, source.encode())
    error = obstacle(path, tools.root)
    why = _told(error) if error else ""
    if standing in (Committed.DIRTY, Committed.UNTRACKED) and not tools.settings.allow_dirty:
        why = f"{standing.value}; not written (commit it first, or use --allow-dirty)"
    if why:
        # A proof takes its time, and nobody would get anything for it.
        planned = (
            _previewed(path, before, tools, _NOT_PROVED)
            if tools.prove
            else _unwritten(path, source, _settle(before, tools))
        )
        return Settled(replace(planned, after=source, applied=(), refused=why if planned.changed else ""))
    attempt = _settle(before, tools, without)
    return Settled(_unwritten(path, source, attempt), attempt, standing)


def _has_work(text: CheckedText, tools: Toolbox) -> bool:
    """Whether anything may be fixed; a step that is named is migrated without a finding, too."""
    return bool(text.findings) or tools.settings.step is not None


def write_file(settled: Settled, tools: Toolbox) -> FileResult:
    """Write a file that was settled, if it has changed."""
    result, attempt = settled.result, settled.attempt
    path, source = result.path, result.before
    if not result.changed:
        return result
    proof = attempt.proof if attempt is not None else None
    certificate = certificate_path(path) if proof and proof.certificate else None
    is_new = certificate is not None and not certificate.exists()
    copy = certificate_copy = None
    try:
        copy = None if settled.standing is Committed.CLEAN else keep_copy(path, source.encode(), tools.root)
        if certificate is not None and not is_new:
            certificate_copy = _copy_unless_committed(certificate, tools.root)
        write_pair(
            path,
            result.after.encode(),
            source.encode(),
            (certificate, (proof.certificate or "").encode()) if certificate and proof else None,
            tools.root,
        )
    except InputError as error:
        for needless in (copy, certificate_copy):
            if needless is not None:
                needless.unlink(missing_ok=True)
        return replace(result, after=source, applied=(), refused=_told(error))
    return replace(
        result,
        steps=_outcomes(attempt, written=True) if attempt is not None else (),
        certificate=certificate,
        certificate_is_new=is_new,
        certificate_copy=certificate_copy,
        written=True,
        copy=copy,
    )


def settle_script(path: Path, source: SourceText, edits: Collection[Edit]) -> Settled:
    """A script with the edits that fixes of other files need in it. Raises EditConflict."""
    return Settled(FileResult(path, source, source.edited(edits)), None, committed(path, source.encode()))


def _told(error: InputError) -> str:
    return error.what + (f"; {error.todo}" if error.todo else "")


def _unwritten(path: Path, source: SourceText, attempt: _Attempt) -> FileResult:
    steps, held_back = _outcomes(attempt, written=False), tuple(attempt.held_back.values())
    after = attempt.after.source
    return FileResult(path, source, after, attempt.plan, steps, attempt.applied, held_back=held_back)


def _copy_unless_committed(path: Path, root: Path) -> Path | None:
    """A copy of a file that git could not give back; None where it could, or where there is no such regular file."""
    if path.is_symlink() or not path.is_file():
        return None
    content = path.read_bytes()
    return None if committed(path, content) is Committed.CLEAN else keep_copy(path, content, root)


def preview_file(path: Path, source: SourceText, tools: Toolbox) -> Settled:
    """The file as a fix would leave it if every proof held; nothing is proved or written."""
    before = tools.look_at(source)
    return Settled(_previewed(path, before, tools) if _has_work(before, tools) else FileResult(path, source, source))


_TO_BE_PROVED = "will be proved before it is written"
_NOT_PROVED = "not proved, since its file is not written"


def _previewed(path: Path, before: CheckedText, tools: Toolbox, told: str = _TO_BE_PROVED) -> FileResult:
    attempt = _settle(before, replace(tools, prove=_believe))
    return FileResult(path, before.source, attempt.after.source, attempt.plan, _planned(attempt, told), attempt.applied)


def certificate_path(path: Path) -> Path:
    """Where the certificate of a file stands: `peer.md` has `peer.md.proof.json`."""
    return path.with_name(path.name + ".proof.json")


def _believe(original: Reading, rewrite: Reading, steps: Sequence[str]) -> FileProof:
    return FileProof(tuple(StepVerdict(number, Verdict.PROVED) for number in steps))


def _settle(before: CheckedText, tools: Toolbox, without: frozenset[str] = frozenset()) -> _Attempt:
    """The text with all that may be changed in it.

    What a proof or a check refuses is left out and the rest is made and proved again, since a proof holds for one text
    only; each round has fewer steps than the one before.
    """
    planned = plan(before.reading, tools.settings.step, wanted=steps_found(before.findings))
    attempt = _Attempt(planned, planned.provable, {}, {}, before, without=without)
    if tools.prove is None:
        _drop(attempt, attempt.kept, dict.fromkeys(attempt.kept, "nothing may be executed here, so nothing is proved"))
    while True:
        migrated = _migrated(before, attempt, tools)
        attempt.after, attempt.applied = migrated, ()
        refused = _broken(attempt, before, tools) or _unproved(attempt, before.reading, tools)
        if refused:
            _drop(attempt, refused, refused)
            continue
        mended = mend(
            migrated,
            tools.look_at,
            lambda finding: _may_fix(finding, attempt, tools),
            tools.settings.unsafe_fixes,
            tools.settings.max_passes,
        )
        attempt.after, attempt.applied = mended.text, mended.applied
        if not attempt.kept or mended.text.source == migrated.source:
            return attempt
        refused = _unproved(attempt, before.reading, tools)
        if not refused:
            return attempt
        _drop(attempt, refused, refused)


def _migrated(before: CheckedText, attempt: _Attempt, tools: Toolbox) -> CheckedText:
    """The text with the steps that are kept as logic, as it is read again."""
    if not attempt.kept:
        return before
    return tools.look_at(before.source.edited(attempt.plan.migration.edits_of(attempt.kept)))


def _may_fix(finding: Diagnostic, attempt: _Attempt, tools: Toolbox) -> bool:
    """Whether a simple fix may touch the step: a migrated one is done, and one that could be is not made prettier.

    What has to change in other files with it is changed in all of them, or in none.
    """
    if finding.step in attempt.kept or tools.settings.step not in (None, finding.step):
        return False
    if _held_back(finding, attempt, tools) or attempt.plan.would_be_halved(finding):
        return False
    return finding.severity is not Severity.NOTE or finding.step not in attempt.plan.provable


def _held_back(finding: Diagnostic, attempt: _Attempt, tools: Toolbox) -> bool:
    if finding.fix is None or not finding.fix.has_edits:
        return False
    if finding.fix.applicability is Applicability.UNSAFE and not tools.settings.unsafe_fixes:
        return False
    for label in dict.fromkeys(place.path for place in finding.fix.elsewhere):
        why = tools.hindrance(label) or ("does not" if finding.code in attempt.without else "")
        if why:
            attempt.held_back[finding.code] = f"{finding.code} is not fixed: {label} has to change with it, and {why}"
            return True
    return False


def _broken(attempt: _Attempt, before: CheckedText, tools: Toolbox) -> dict[str, str]:
    """Steps to leave out since the rewritten text reads worse than the one before, with the reason."""
    if not attempt.kept:
        return {}
    after = attempt.after
    problems = new_problems(before.reading, after.reading)
    if problems:
        return dict.fromkeys(attempt.kept, f"the rewritten file would not read well: {problems[0]}")
    if [step.number for step in after.reading.steps] != [step.number for step in before.reading.steps]:
        return dict.fromkeys(attempt.kept, "the rewritten file would have other steps")
    lines = set(before.source.text.splitlines())
    found = new_findings(before.findings, after.findings)
    fresh = [finding for finding in found if not _was_hidden(finding, attempt, lines)]
    if fresh:
        blamed = {finding.step for finding in fresh} & attempt.kept
        reason = {number: next(f for f in fresh if f.step == number) for number in blamed if number is not None}
        if reason:
            return {number: f"would bring {finding.code}: {finding.message}" for number, finding in reason.items()}
        return dict.fromkeys(attempt.kept, f"would bring {fresh[0].code}: {fresh[0].message}")
    again = plan(after.reading, tools.settings.step).provable & attempt.kept
    return dict.fromkeys(again, "a second run would change it again")


#: Rules that speak of shell in the text, once for all that has one cause, and of what it reads once somebody sets it.
_ABOUT_SHELL = frozenset({"PL101", "PL102", "PL106", "PL107", "PL201"})


def _was_hidden(finding: Diagnostic, attempt: _Attempt, lines: Collection[str]) -> bool:
    """Whether a finding is about shell that stood there before, and that another finding has spoken for."""
    source = attempt.after.source
    index = source.lines
    line = source.slice(index.row_span(index.position(finding.span.start).row)).rstrip("\r\n")
    return finding.code in _ABOUT_SHELL and finding.step not in attempt.kept and line in lines


def _unproved(attempt: _Attempt, before: Reading, tools: Toolbox) -> dict[str, str]:
    """Steps whose rewrite, as read from the text, is not proved, with the reason."""
    if not attempt.kept or tools.prove is None:
        return {}
    numbers = [step.number for step in before.steps if step.number in attempt.kept]
    tools.progress(f"proving {before.document.source.path}: step {', '.join(numbers)}")
    attempt.proof = tools.prove(before, attempt.after.reading, numbers)
    verdicts = {verdict.number: verdict for verdict in attempt.proof.steps}
    refused = {}
    for number in numbers:
        verdict = verdicts.get(number, StepVerdict(number, Verdict.UNKNOWN, reason="the prover said nothing"))
        attempt.proofs[number] = verdict
        allowed = verdict.verdict in _MAY_BE_WRITTEN or (
            verdict.verdict is Verdict.PROVED_WITH_EXCEPTIONS and tools.settings.unsafe_fixes
        )
        if not allowed:
            refused[number] = verdict.reason
    return refused


def _drop(attempt: _Attempt, numbers: Collection[str], reasons: dict[str, str]) -> None:
    """Leave steps out, and with them those that share a temp file with one of them."""
    kept, more = without_broken_groups(attempt.kept - frozenset(numbers), attempt.plan.groups, attempt.plan.needs)
    attempt.reasons.update({number: reasons.get(number, "") for number in numbers})
    attempt.reasons.update({number: reason for number, reason in more.items() if number not in attempt.reasons})
    attempt.kept = frozenset(kept)
    if not kept:
        attempt.proof = None


def _outcomes(attempt: _Attempt, *, written: bool) -> tuple[StepOutcome, ...]:
    """One outcome for each step that had something to migrate, in the order of the file."""
    found = []
    for step in attempt.plan.reading.steps:
        number, proof = step.number, attempt.proofs.get(step.number)
        if number in attempt.plan.manual:
            found.append(StepOutcome(number, step.name, Verdict.MANUAL, reason=attempt.plan.manual[number]))
        elif number in attempt.plan.provable:
            verdict = proof.verdict if proof else Verdict.UNKNOWN
            is_written = written and number in attempt.kept
            found.append(StepOutcome(number, step.name, verdict, is_written, proof, attempt.reasons.get(number, "")))
    return tuple(found)


def _planned(attempt: _Attempt, told: str) -> tuple[StepOutcome, ...]:
    outcomes = _outcomes(attempt, written=False)
    return tuple(
        replace(step, verdict=Verdict.PLANNED, proof=None, reason=step.reason or told)
        if step.verdict is Verdict.PROVED
        else step
        for step in outcomes
    )

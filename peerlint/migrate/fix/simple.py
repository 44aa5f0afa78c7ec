"""Fixes of findings that need no proof: applied together where they do not touch, again until nothing is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from peerlint.lint.diagnostics import Applicability, Diagnostic, Severity
from peerlint.migrate.fix.model import CheckedText
from peerlint.process.build import Reading
from peerlint.records import dataclass
from peerlint.source.text import Edit, SourceText


@dataclass(frozen=True, slots=True)
class Mended:
    """A text after simple fixes, with the findings that they mended."""

    text: CheckedText
    applied: tuple[Diagnostic, ...]


def mend(
    text: CheckedText,
    look_at: Callable[[SourceText], CheckedText],
    may_fix: Callable[[Diagnostic], bool],
    unsafe: bool,
    max_passes: int,
) -> Mended:
    """Apply the fixes of findings for which `may_fix` holds.

    A fix that brings a new finding, or breaks the structure of the text, is left out and not tried again. One that
    changes nothing but other files counts once: the finding is there until these are written.
    """
    applied: list[Diagnostic] = []
    done: set[tuple[str, str]] = set()
    for _ in range(max_passes):
        chosen = _without_overlap(
            [f for f in text.findings if may_fix(f) and _allowed(f, unsafe) and (f.code, f.message) not in done]
        )
        if not chosen:
            break
        after = look_at(text.source.edited(_edits(chosen)))
        if not _worse(text, after, chosen):
            text, applied = after, applied + chosen
            done |= {(f.code, f.message) for f in chosen if f.fix and not f.fix.edits}
            continue
        for finding in chosen:
            one = look_at(text.source.edited(_edits([finding])))
            if _worse(text, one, [finding]):
                done.add((finding.code, finding.message))
            else:
                text, applied = one, [*applied, finding]
                if finding.fix and not finding.fix.edits:
                    done.add((finding.code, finding.message))
                break
    return Mended(text, tuple(applied))


def new_findings(before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Findings of at least a warning that `after` has more of than `before`, counted by rule."""
    left = Counter(finding.code for finding in before)
    new = []
    for finding in after:
        if left[finding.code] > 0:
            left[finding.code] -= 1
        elif finding.severity >= Severity.WARNING:
            new.append(finding)
    return new


def new_problems(before: Reading, after: Reading) -> list[str]:
    """What is wrong in the structure or the logic of a text that was not wrong before."""
    left = Counter(_problems(before))
    return [problem for problem, count in Counter(_problems(after)).items() if count > left[problem]]


def _problems(reading: Reading) -> list[str]:
    structure = [problem.code for problem in reading.document.problems]
    logic = [p.message for step in reading.steps for container in step.logic for p in container.reading.problems]
    return structure + logic


def _worse(before: CheckedText, after: CheckedText, applied: Sequence[Diagnostic]) -> bool:
    """Whether a text reads worse, or has findings that the fixes which made it did not just reveal."""
    revealed = {finding.step for finding in applied if finding.fix and finding.fix.reveals}
    fresh = [f for f in new_findings(before.findings, after.findings) if f.step not in revealed]
    return bool(new_problems(before.reading, after.reading) or fresh)


def _allowed(finding: Diagnostic, unsafe: bool) -> bool:
    if finding.fix is None or not finding.fix.has_edits:
        return False
    applicability = finding.fix.applicability
    return applicability is Applicability.SAFE or (unsafe and applicability is Applicability.UNSAFE)


def _edits(findings: Sequence[Diagnostic]) -> list[Edit]:
    """The edits of the findings, each once: two findings may ask for the same edit."""
    return list(dict.fromkeys(edit for finding in findings if finding.fix for edit in finding.fix.edits))


def _without_overlap(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings in order, without those whose edits touch the edits of one before."""
    taken: list[Edit] = []
    chosen = []
    for finding in findings:
        edits = finding.fix.edits if finding.fix else ()
        new = [edit for edit in edits if edit not in taken]
        if any(_touch(edit, other) for edit in new for other in taken):
            continue
        taken += new
        chosen.append(finding)
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end

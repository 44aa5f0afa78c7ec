"""What could be migrated in a file; found without starting a process."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from peerlint.migrate.fix.mentions import still_named, used_elsewhere
from peerlint.migrate.fix.model import FilePlan
from peerlint.migrate.fix.needs import Needs, needs_of
from peerlint.migrate.fix.places import told
from peerlint.migrate.lower import StepLowering, lower_process
from peerlint.migrate.rewrite import Migration, calls_apart, calls_judged, migrate
from peerlint.process.beside import AMONG_LOGIC, Beside, left_out
from peerlint.process.build import Reading, StepReading
from peerlint.process.model import Opaque, walk
from peerlint.source.text import Edit


def plan(reading: Reading, step: str | None = None, *, wanted: Collection[str] | None = None) -> FilePlan:
    """The steps whose shell can be replaced by logic, and why the others stay.

    Of `wanted` steps (all, where there is no such choice), of those that share a temp file with them and of those whose
    variables they read. With `step`, only that one; it stays where another step would have to change with it.
    """
    if step is None and wanted is not None and not wanted:
        return FilePlan(reading, Migration(reading.document), {}, frozenset())
    lowered = lower_process(
        reading.process,
        reading.resolve,
        apart=calls_apart(reading),
        judged=calls_judged(reading),
        wanted=wanted if step is None else None,
    )
    lowerings = {number: step for number, step in lowered.items() if _has_shell(reading, number)}
    groups, needs = _groups(lowerings), needs_of(reading, lowerings)
    if step is None and wanted is not None:
        reached = _with_others(wanted, groups, needs)
        lowerings = {number: lowering for number, lowering in lowerings.items() if number in reached}
    manual = {number: told(reading, number, low.leftover) for number, low in lowerings.items() if low.leftover}
    migration = migrate(reading.document, reading, {n: low for n, low in lowerings.items() if low.leftover is None})
    manual.update(migration.left)
    manual.update(_not_run_alone(reading))
    # A line without a meaning is the cause where it stands beside shell, so its reason wins.
    manual.update(_not_understood(reading, lowerings))
    manual.update({number: reason for number, reason in _numbered_alike(reading).items() if number in lowerings})
    if step is None and wanted is not None:
        manual = {number: reason for number, reason in manual.items() if number in reached}
    chosen = {number for number in migration.steps if number not in manual and step in {None, number}}
    chosen, reasons = without_broken_groups(chosen, groups, needs)
    reasons |= _still_used(reading, migration, chosen, groups, needs, _scripts_in(reading, lowerings))
    chosen -= reasons.keys()
    manual.update({number: reason for number, reason in reasons.items() if step is None or number == step})
    if step is not None:
        manual = {number: reason for number, reason in manual.items() if number == step}
    return FilePlan(reading, migration, lowerings, frozenset(chosen), groups, manual, needs)


def without_broken_groups(
    numbers: Collection[str], groups: Mapping[str, frozenset[str]], needs: Needs
) -> tuple[set[str], dict[str, str]]:
    """The steps whose groups are complete and that have what they need, and why the others drop out.

    A group is the set of steps that share a temp file which becomes variables: all of them are migrated, or none.
    """
    kept = set(numbers)
    reasons: dict[str, str] = {}
    changed = True
    while changed:
        changed = False
        for path, group in groups.items():
            missing = group - kept
            if not missing or not group & kept:
                continue
            others = ", ".join(sorted(missing, key=_by_number))
            for number in group & kept:
                reasons[number] = f"shares {path} with step {others}, which stays"
            kept -= group
            changed = True
        for number, earlier in needs.items():
            missing = frozenset(earlier) - kept
            if number not in kept or not missing:
                continue
            first = min(missing, key=_by_number)
            reasons[number] = f"reads {earlier[first]} of step {first}, which stays"
            kept.discard(number)
            changed = True
    return kept, reasons


def _still_used(
    reading: Reading,
    migration: Migration,
    chosen: Collection[str],
    groups: Mapping[str, frozenset[str]],
    needs: Needs,
    scripts: Collection[str],
) -> dict[str, str]:
    """Steps that stay since something else goes on to use their temp file, and what; others go with them."""
    kept = set(chosen)
    reasons: dict[str, str] = {}
    while True:
        edits = migration.edits_of(kept)
        paths = (path for path, group in groups.items() if group & kept)
        found = next(((path, use) for path in paths if (use := _use_of(path, reading, edits, scripts))), None)
        if found is None:
            return reasons
        path, use = found
        gone = groups[path] & kept
        reasons |= dict.fromkeys(gone, use)
        kept, more = without_broken_groups(kept - gone, groups, needs)
        reasons = more | reasons


def _use_of(path: str, reading: Reading, edits: Sequence[Edit], scripts: Collection[str]) -> str | None:
    """What would use a temp file with the edits made, in the file or elsewhere in the project."""
    row = still_named(reading, edits, path)
    if row is not None:
        return f"line {row} names {path}, which nothing would write any more; say there which value is meant"
    elsewhere = used_elsewhere(reading, path, scripts)
    if elsewhere is not None:
        return f"{elsewhere[0]} (line {elsewhere[1]}) uses {path}, which nothing would write any more"
    return None


def _scripts_in(reading: Reading, lowerings: Mapping[str, StepLowering]) -> frozenset[str]:
    """The paths of the scripts that the file calls, and of those whose code is in its logic now."""
    named = {*reading.scripts, *(reference for lowering in lowerings.values() for reference in lowering.scripts)}
    return frozenset(script.path for name in named if (script := reading.resolve(name)) is not None)


def _with_others(wanted: Collection[str], groups: Mapping[str, frozenset[str]], needs: Needs) -> frozenset[str]:
    """The steps, and those that have to change with them."""
    reached = frozenset(wanted)
    while True:
        more = reached.union(*(group for group in groups.values() if group & reached))
        more = more.union(*(needs[number] for number in more if number in needs))
        if more == reached:
            return reached
        reached = more


def _groups(lowerings: Mapping[str, StepLowering]) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for number, lowering in lowerings.items():
        for path, _ in lowering.promoted:
            groups.setdefault(path, set()).add(number)
    return {path: frozenset(group) for path, group in groups.items()}


def _not_understood(reading: Reading, numbers: Collection[str]) -> dict[str, str]:
    """Steps whose logic holds a line without a meaning, and which: nobody could say what a rewrite must keep."""
    found: dict[str, str] = {}
    for step in reading.process.steps:
        opaque = next((node for node in walk(step.statements) if isinstance(node, Opaque)), None)
        if opaque is not None and step.number in numbers:
            row = reading.document.source.lines.position(opaque.span.start).row
            found.setdefault(step.number, f"line {row} is not understood: {opaque.reason}")
    return found


def _not_run_alone(reading: Reading) -> dict[str, str]:
    """Steps that state more than their shell, which is all that a proof can run of them."""
    found: dict[str, str] = {}
    for step in reading.steps:
        beside = left_out(step.step) or _run_by_directive(step)
        if beside is not None:
            row = reading.document.source.lines.position(beside.span.start).row
            found[step.number] = f"line {row} {beside.reason}"
    return found


def _run_by_directive(step: StepReading) -> Beside | None:
    """Shell that a directive of the language runs: it has its meaning there already."""
    stated = {id(statement) for statement in step.step.statements}
    call = next((call for call in step.shell if id(call.statement) not in stated), None)
    return None if call is None else Beside(call.span, AMONG_LOGIC)


def _numbered_alike(reading: Reading) -> dict[str, str]:
    """Numbers that more than one step has, and where: nobody could say which of them a proof speaks of."""
    lines = reading.document.source.lines
    reasons: dict[str, str] = {}
    for number, steps in reading.numbered_alike.items():
        rows = " and ".join(str(lines.position(step.span.start).row) for step in steps)
        reasons[number] = f"{len(steps)} steps have the number {number} (lines {rows}): give each its own"
    return reasons


def _has_shell(reading: Reading, number: str) -> bool:
    return any(step.shell for step in reading.steps if step.number == number)


def _by_number(number: str) -> tuple[int, str]:
    digits = "".join(char for char in number.split(".")[0] if char.isdigit())
    return (int(digits or 0), number)

"""Runs the rules over one file: prefilter, detection, suppressions, order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from peerlint.lint.context import Context, FileView, Found, shortened
from peerlint.lint.diagnostics import Diagnostic, Related
from peerlint.lint.rules import LintSettings, Profile, Rule, all_rules
from peerlint.process.build import Reading
from peerlint.records import replace
from peerlint.source.project import ProjectFacts


class RuleCrash(Exception):
    """A rule failed on a file: a bug in that rule, not in the file. `cause` is what it raised."""

    def __init__(self, rule: Rule, path: str, cause: Exception) -> None:
        super().__init__(f"rule {rule.id} {rule.name} failed on {path}: {type(cause).__name__}: {cause}")
        self.rule = rule
        self.path = path
        self.cause = cause


def default_rules(profile: Profile = Profile.COORDINATION, *, preview: bool = False) -> tuple[Rule, ...]:
    """The built-in rules of a profile; those in preview only when asked for."""
    return tuple(rule for rule in all_rules().values() if rule.profile <= profile and (preview or not rule.preview))


def lint(
    reading: Reading,
    settings: LintSettings,
    facts: ProjectFacts | None = None,
    *,
    before: Reading | None = None,
    crashes: list[RuleCrash] | None = None,
) -> list[Diagnostic]:
    """The findings of a file, in the order of the text, without those that a comment accepts.

    `before` is the file at an older revision, for rules that ask what became of it.
    A rule that fails is added to `crashes` and the others go on; without `crashes` the first RuleCrash is raised.
    """
    view = FileView(reading, settings.harness, facts, settings.running, before)
    found: list[Diagnostic] = []
    for rule in settings.in_order:
        if not _may_find(rule, view):
            continue
        try:
            found.extend(d for d in _diagnostics(Context(view, rule), settings) if not _accepted(d, view))
        except Exception as cause:
            crash = RuleCrash(rule, view.source.path, cause)
            if crashes is None:
                raise crash from cause
            crashes.append(crash)
    return sorted(_once(found), key=lambda diagnostic: diagnostic.order)


def _may_find(rule: Rule, view: FileView) -> bool:
    """Whether there is what the rule looks at, told without reading the file wherever that can be told."""
    if rule.only_calls and not view.possible_shell:
        return False
    holds = view.shell_holds if rule.only_calls else view.text_holds
    # A loop, since a generator takes longer than what it asks here, of each file and each rule.
    for literal in rule.needs:
        if holds[literal]:
            return True
    if rule.needs_of_logic and view.may_state_logic:
        for literal in rule.needs_of_logic:
            if view.text_holds[literal]:
                return True
    if not rule.needs:
        return not rule.needs_of_logic
    return any(literal in script for script in view.behind_calls for literal in rule.needs)


def _accepted(diagnostic: Diagnostic, view: FileView) -> bool:
    if not view.comments:
        return False
    return view.accepting.accept(diagnostic, view.source.lines.position(diagnostic.span.start).row)


def _diagnostics(context: Context, settings: LintSettings) -> Iterator[Diagnostic]:
    said_behind = set()
    for found in _detector(context.rule)(context):
        diagnostic = _diagnostic(context, found, settings)
        if found.behind is not None:
            # The same cause at several lines of a script is one finding of its call.
            cause = (diagnostic.span, diagnostic.message, found.behind.path)
            if cause in said_behind:
                continue
            said_behind.add(cause)
            diagnostic = _behind_call(diagnostic, found.behind)
        yield diagnostic


def _behind_call(diagnostic: Diagnostic, place: Related) -> Diagnostic:
    """The finding with the script and the line that it is about."""
    name = PurePosixPath(place.path).name
    message = f"{diagnostic.message} (line {place.position.row} of {name})"
    return replace(diagnostic, message=message, related=(place, *diagnostic.related))


def _detector(rule: Rule) -> Callable[[Context], Iterable[Found]]:
    if rule.detect is not None:
        from peerlint.lint.detect import detector

        return detector(rule)
    from peerlint.lint.view import selected

    return selected


def _diagnostic(context: Context, found: Found, settings: LintSettings) -> Diagnostic:
    rule, view = context.rule, context.file
    step = view.step_at(found.span)
    default = rule.severity if step is not None or rule.elsewhere is None else rule.elsewhere
    severity = settings.severities.get(rule.id, found.severity or default)
    help_text = rule.help if found.help is None else found.help
    return Diagnostic(
        code=rule.id,
        name=rule.name,
        severity=severity,
        confidence=rule.confidence,
        message=_filled(rule.message, found.values),
        path=view.source.path,
        span=found.span,
        help=_filled(help_text, found.values) if found.help is None else help_text,
        related=found.related,
        fix=found.fix,
        step=step.number if step is not None else view.only_step,
    )


def _filled(template: str, values: Mapping[str, str]) -> str:
    """The message in one line: what a file put into it may hold line ends, and be as long as the file."""
    return " ".join(
        template.format_map({name: shortened(value, _LONGEST_VALUE) for name, value in values.items()}).split()
    )


#: What a message quotes of a file at most.
_LONGEST_VALUE = 300


def _once(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Each finding once: the same rule does not say the same of the same place twice."""
    seen = set()
    for diagnostic in diagnostics:
        key = (diagnostic.code, diagnostic.span, diagnostic.message)
        if key not in seen:
            seen.add(key)
            yield diagnostic

"""The laws that hold for every rule on every text; the examples of the rules and fuzzing both go through here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from peerlint.lint.diagnostics import Applicability, Diagnostic
from peerlint.lint.engine import lint
from peerlint.lint.rules import Example, LintSettings, Rule, all_rules
from peerlint.process.build import Reading, build
from peerlint.process.harness import Harness
from peerlint.source.document import FrontMatter, parse
from peerlint.source.kinds import kind_of
from peerlint.source.project import Mention, ProjectFacts
from peerlint.source.text import Edit, EditConflict, SourceText, Span

#: How often fixes are applied to what the ones before made, at most.
MAX_ROUNDS = 10


@dataclass(frozen=True)
class Project:
    """A project in memory: its files, which scripts its references name, the linted file at an older revision."""

    files: dict[str, str] = field(default_factory=dict)
    before: str | None = None

    def read(self, source: SourceText) -> Reading:
        """A text of the project as it is understood; references are resolved by their last two parts."""
        document = parse(source)
        return build(document, kind_of(source.path, document), self._resolve)

    def facts(self, path: str) -> ProjectFacts:
        """What is known of the project when `path` is linted."""
        names = frozenset({*self.files, path})
        agents = frozenset(PurePosixPath(name).stem for name in names if "/agents/" in name)
        return ProjectFacts(
            lambda: names,
            lambda: agents,
            self._mentions,
            self._mentions,
            lambda label: SourceText(label, self.files[label]),
            lambda label, name: str(PurePosixPath(label).with_name(name)) in names,
        )

    def _mentions(self, literal: str) -> Iterator[Mention]:
        for name, text in self.files.items():
            lines = enumerate(text.splitlines(), 1)
            yield from (Mention(name, row, line) for row, line in lines if literal in line)

    def _resolve(self, reference: str) -> SourceText | None:
        tail = "/".join(reference.split("/")[-2:])
        found = next((name for name in self.files if name.endswith(tail)), None)
        return SourceText(found, self.files[found]) if found is not None else None


def project_of(example: Example) -> Project:
    """The project that an example describes."""
    return Project(dict(example.files), example.before)


def findings(source: SourceText, rules: Sequence[Rule], project: Project | None = None) -> list[Diagnostic]:
    """The findings of the rules under the strictest harness; a rule that crashes raises RuleCrash."""
    project = project or Project()
    settings = LintSettings(tuple(rules), {}, Harness.CLAUDE_CODE)
    before = None if project.before is None else project.read(SourceText(source.path, project.before))
    return lint(project.read(source), settings, project.facts(source.path), before=before)


def check_laws(source: SourceText, project: Project | None = None) -> list[Diagnostic]:
    """All findings of all rules on a text, after checking that they obey the laws.

    - A rule that fails is named, and the others go on as if it were not there.
    - A finding points into the text, at a place whose role the rule names, and says what is wrong and what to do.
    - One cause is one finding, of one rule and of rules that speak of the same.
    - A fix has edits or is for a person, and its rule says that it fixes.
    - Fixes converge. What they make has no new finding and no new problem of structure.
    """
    rules = list(all_rules().values())
    found = findings(source, rules, project)
    reading = (project or Project()).read(source)
    for diagnostic in found:
        check_finding(source, diagnostic)
        check_role(reading, diagnostic)
    check_said_once(found)
    check_fixes(source, rules, found, project)
    return found


def check_finding(source: SourceText, diagnostic: Diagnostic) -> None:
    """The finding points into its text, says something in one line, and a fix of it has edits or is a person's."""
    rule = all_rules()[diagnostic.code]
    assert diagnostic.span.end <= len(source.text), f"{rule.id} points behind the text"
    assert diagnostic.message.strip(), f"{rule.id} says nothing"
    assert "\n" not in diagnostic.message + diagnostic.help, f"{rule.id} says it in several lines"
    assert diagnostic.help.strip() or rule.id in _HELP_IN_PAGE, f"{rule.id} does not say what to do"
    assert not _UNFILLED.search(_MESSAGE_TEXT.sub("", diagnostic.message)), f"{rule.id} has a gap in its message"
    for related in diagnostic.related:
        assert related.message.strip(), f"{rule.id} does not say what is at the other place"
        inside = related.path != source.path or related.position.row <= source.lines.rows
        assert inside, f"{rule.id} names another place behind the text"
    if diagnostic.fix is not None and diagnostic.fix.applicability is not Applicability.PROVABLE:
        is_manual = diagnostic.fix.applicability is Applicability.MANUAL
        assert diagnostic.fix.has_edits != is_manual, f"{rule.id} has edits for a person, or a fix without any"
        assert all(edit.span.end <= len(source.text) for edit in diagnostic.fix.edits), f"{rule.id} edits nothing"
        assert rule.fixable or is_manual, f"{rule.id} fixes but does not say so"


#: Rules of which the message says it all, and the page what to do.
_HELP_IN_PAGE = frozenset({"PL101"})
_UNFILLED = re.compile(r"\{[a-z_]+\}")
#: What a message quotes of a file, which may hold anything.
_MESSAGE_TEXT = re.compile(r"\".*\"|:.*$")


def check_role(reading: Reading, diagnostic: Diagnostic) -> None:
    """The place has a role that the rule names. Front matter has none: it declares, and is told nobody to do."""
    holding = (node for node in reading.document.leaves() if node.span.end > diagnostic.span.start)
    node = next(holding, None)
    if node is None or isinstance(node, FrontMatter) or not node.span.contains(Span(*[diagnostic.span.start] * 2)):
        return
    role = reading.roles.of(node).value
    assert role in all_rules()[diagnostic.code].roles, f"{diagnostic.code} speaks of what is {role}"


#: Pairs of rules that would say the same of one place.
_SAME_CAUSE = (("PL101", "PL104"), ("PL101", "PL106"), ("PL102", "PL107"), ("PL305", "PL309"), ("PL902", "PL903"))


def check_said_once(found: Sequence[Diagnostic]) -> None:
    """No rule speaks twice of one place, and of two rules for one cause only one does."""
    said = Counter((diagnostic.code, diagnostic.span) for diagnostic in found)
    twice = [code for (code, _), times in said.items() if times > 1]
    assert not twice, f"{twice} speak twice of one place"
    for one, other in _SAME_CAUSE:
        both = {d.span for d in found if d.code == one} & {d.span for d in found if d.code == other}
        assert not both, f"{one} and {other} speak of one place"


def check_fixes(
    source: SourceText, rules: Sequence[Rule], found: Sequence[Diagnostic], project: Project | None
) -> None:
    """Fixes converge, and what they make has no new finding and no new problem of structure.

    In a step with a fix that reveals more may be found: what was no language before can be read now.
    """
    before = Counter(d.code for d in found)
    problems = len(parse(source).problems)
    fixed = applied(source, rules, project)
    after = findings(fixed, rules, project)
    assert len(parse(fixed).problems) <= problems, "a fix broke the structure"
    revealed = {d.step for d in found if d.fix is not None and d.fix.reveals}
    fresh = Counter(d.code for d in after if d.step not in revealed) - before
    assert not fresh, f"a fix made a new finding: {fresh}"


def applied(source: SourceText, rules: Sequence[Rule], project: Project | None = None) -> SourceText:
    """The text after all fixes with edits, unsafe ones too; fails when they do not converge."""
    for _ in range(MAX_ROUNDS):
        edits = _compatible(findings(source, rules, project))
        if not edits:
            return source
        source = source.edited(edits)
    raise AssertionError("fixes do not converge")


def _compatible(found: Sequence[Diagnostic]) -> list[Edit]:
    """The edits of as many fixes as go together, each edit once."""
    chosen: list[Edit] = []
    for diagnostic in found:
        edits = diagnostic.fix.edits if diagnostic.fix is not None else ()
        new = [edit for edit in edits if edit not in chosen]
        try:
            SourceText("x", " " * (1 + max((edit.span.end for edit in [*chosen, *new]), default=0))).edited(
                [*chosen, *new]
            )
        except EditConflict:
            continue
        chosen.extend(new)
    return chosen

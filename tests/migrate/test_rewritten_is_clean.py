"""What a migration writes is what the rules ask for: they find nothing in it that they did not find in the original."""

from __future__ import annotations

from pathlib import Path

import pytest

import peerlint
from peerlint.lint.engine import default_rules, lint
from peerlint.lint.rules import LintSettings, Profile
from peerlint.migrate.fix.plan import plan
from peerlint.process.build import script_references
from peerlint.process.certificate import Certificate, StepRecord, logic_hash
from peerlint.source.text import SourceText, apply_edits
from tests.lint.laws import Project

FIXTURES = Path(__file__).parents[2] / "fixtures"
PATH = ".agent-os/instructions/core/a.md"
SCRIPT = ".agent-os/scripts/check.sh"
FILE = """\
<step number="1" name="build_check">

```bash
~/.agent-os/scripts/check.sh{arguments}
```

</step>

<step number="2" name="report">

Write the report.

</step>
"""
CASES = sorted(
    folder
    for family in ("migrate", "disagreements")
    for folder in (FIXTURES / family).iterdir()
    if (folder / "script.sh").exists()
)


def rewritten(script: str) -> tuple[SourceText, str]:
    """A file that calls the script, and its text where the call is migrated (the same where it stays)."""
    arguments = " $ARGUMENTS" if '"$@"' in script or "$1" in script else ""
    source = SourceText(PATH, FILE.replace("{arguments}", arguments))
    planned = plan(Project({SCRIPT: script}).read(source))
    return source, apply_edits(source.text, planned.migration.edits_of(planned.provable))


def codes(text: str, profile: Profile, files: dict[str, str]) -> set[str]:
    """The rules of a profile that find something in the file."""
    reading = Project(files).read(SourceText(PATH, text))
    return {found.code for found in lint(reading, LintSettings(default_rules(profile)))}


def certificate(text: str) -> str:
    """A certificate that says of the first step that it is proved as it stands in the text."""
    step = Project().read(SourceText(PATH, text)).steps[0].step
    record = StepRecord("1", "proved", logic_hash(step), {}, (), (), {}, "[]")
    return Certificate(PATH, (record,), {}, {}, peerlint.__version__).render()


@pytest.mark.parametrize("profile", [Profile.COORDINATION, Profile.PROVED], ids=lambda profile: profile.name.lower())
def test_a_rewrite_has_no_problem_that_its_original_did_not_have(profile: Profile) -> None:
    new = {folder.name: found for folder in CASES if (found := new_codes((folder / "script.sh").read_text(), profile))}
    assert not new


def new_codes(script: str, profile: Profile) -> set[str]:
    """The rules of a profile that find something only in the rewrite of a script; none where it is left."""
    before, after = rewritten(script)
    if after == before.text:
        return set()
    original = codes(before.text, profile, {SCRIPT: script})
    # The call is gone; a script that the script called may stay. That an ERROR gives no advice (a note) shows only in
    # words of the language: the script had none either.
    allowed = original - {"PL101"} | {"PL309"} | ({"PL101"} if script_references(script) else set())
    return codes(after, profile, {PATH + ".proof.json": certificate(after)}) - allowed


def test_most_of_them_are_rewritten() -> None:
    cases = [case for case in CASES if not case.name.startswith("left-")]
    changed = [before.text != after for before, after in (rewritten((c / "script.sh").read_text()) for c in cases)]
    assert sum(changed) > 0.8 * len(changed)


def test_without_its_proof_the_other_case_of_an_if_is_open() -> None:
    _, after = rewritten('if grep -q "TODO" notes.md; then\n  echo "there is work left"\nfi\n')

    assert "PL406" in codes(after, Profile.PROVED, {})
    assert "PL406" not in codes(after, Profile.PROVED, {PATH + ".proof.json": certificate(after)})

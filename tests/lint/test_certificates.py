"""PL901 to PL903: what a certificate beside a file says about it, by hashes alone."""

from __future__ import annotations

import pytest

import peerlint
from peerlint.lint.diagnostics import Severity
from peerlint.lint.rules import all_rules
from peerlint.process.build import build
from peerlint.process.certificate import Certificate, Misfit, StepRecord, blob_id, logic_hash, problems
from peerlint.process.logic import user_phrasebook
from peerlint.process.model import Step
from peerlint.source.document import parse
from peerlint.source.kinds import FileKind
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings

PATH = ".agent-os/instructions/core/a.md"
STEP = '<step number="1" name="a">\n\n<a_logic>\n  {}\n</a_logic>\n\n</step>\n'
TEXT = "# A\n\n" + STEP.format("STOP execution")
RULES = [all_rules()["PL902"], all_rules()["PL903"]]


def said(text: str, verdict: str = "proved", version: str = peerlint.__version__, number: str = "1") -> list[str]:
    """Code and row of what is found in a text beside a certificate for TEXT."""
    logic = logic_hash(Project().read(SourceText(PATH, TEXT)).steps[0].step)
    record = StepRecord(number, verdict, logic, {}, (), (), {}, "[]")
    certificate = Certificate("a.md", (record,), {}, {}, version).render()
    source = SourceText(PATH, text)
    found = findings(source, RULES, Project({PATH + ".proof.json": certificate}))
    return [f"{d.code} {source.lines.position(d.span.start).row} {Severity(d.severity).word}" for d in found]


@pytest.mark.parametrize(
    ("text", "verdict", "version", "number", "expected"),
    [
        (TEXT, "proved", peerlint.__version__, "1", []),
        (TEXT.replace("# A", "# Another title"), "proved", peerlint.__version__, "1", []),
        (
            TEXT.replace("STOP execution", "PROCEED to next step"),
            "proved",
            peerlint.__version__,
            "1",
            ["PL902 3 error"],
        ),
        (TEXT, "proved", peerlint.__version__, "7", ["PL902 1 error"]),
        (TEXT, "proved", "0.0.1", "1", ["PL902 1 note"]),
        (TEXT, "refuted", peerlint.__version__, "1", ["PL903 3 error"]),
        (
            TEXT.replace("STOP execution", "PROCEED to next step"),
            "refuted",
            peerlint.__version__,
            "1",
            ["PL902 3 error"],
        ),
    ],
)
def test_a_certificate_is_held_against_the_file(
    text: str, verdict: str, version: str, number: str, expected: list[str]
) -> None:
    assert said(text, verdict, version, number) == expected


SCRIPT = ".agent-os/scripts/check.sh"


def certificate(verdict: str = "proved", script: str = "exit 0\n") -> str:
    """A certificate for TEXT, proved against a script with this text."""
    logic = logic_hash(Project().read(SourceText(PATH, TEXT)).steps[0].step)
    originals = {PATH: blob_id("what it was"), SCRIPT: blob_id(script)}
    record = StepRecord("1", verdict, logic, originals, (), (), {}, "[]")
    return Certificate(PATH, (record,), {}, {}, peerlint.__version__).render()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, []),
        ({SCRIPT: "exit 0\n"}, []),
        ({SCRIPT: "exit 1\n"}, [".agent-os/scripts/check.sh has changed since step 1 was proved against it"]),
    ],
    ids=["gone", "the same", "changed"],
)
def test_a_script_that_has_changed_makes_the_proof_stale(files: dict[str, str], expected: list[str]) -> None:
    project = Project({PATH + ".proof.json": certificate(), **files})

    assert [d.message for d in findings(SourceText(PATH, TEXT), RULES, project)] == expected


def test_the_certificate_of_a_file_of_the_same_name_elsewhere_is_none_of_this_one() -> None:
    project = Project({".agent-os/instructions/old/a.md.proof.json": certificate("refuted")})

    assert findings(SourceText(PATH, TEXT), RULES, project) == []


def test_a_phrase_that_means_something_else_makes_the_proof_stale() -> None:
    text = '<step number="1" name="a">\n\n<lock_check>\n  IF the lock is held:\n    STOP\n</lock_check>\n\n</step>\n'

    def step(means: str) -> Step:
        book = user_phrasebook({"the lock is held": means})
        return build(parse(SourceText(PATH, text)), FileKind.INSTRUCTION, phrasebook=book).steps[0].step

    record = StepRecord("1", "proved", logic_hash(step('LOCK is "held"')), {}, (), (), {}, "[]")
    text_of_certificate = Certificate(PATH, (record,), {}, {}, "").render()
    assert problems(text_of_certificate, {"1": step('LOCK is "held"')}) == []
    assert [p.kind for p in problems(text_of_certificate, {"1": step("LOCK is not empty")})] == [Misfit.STEP_CHANGED]


CALLS = '# A\n\n<step number="1" name="a">\n\nSCRIPT: ~/.agent-os/scripts/check.sh\n\n</step>\n'


@pytest.mark.parametrize(
    ("now", "files", "expected"),
    [
        (TEXT, {}, ['step "a" ran check.sh before, does no longer, and has no certificate that holds']),
        (TEXT, {PATH + ".proof.json": certificate()}, []),
        (TEXT, {PATH + ".proof.json": certificate("refuted")}, ["1"]),
        (TEXT.replace("STOP", "SKIP"), {PATH + ".proof.json": certificate()}, ["1"]),
        (TEXT.replace('number="1"', 'number="2"'), {PATH + ".proof.json": certificate()}, ["1"]),
        (
            TEXT.replace('name="a"', 'name="b"'),
            {},
            ['step "b" ran check.sh before, does no longer, and has no certificate that holds'],
        ),
        (
            "# A\n\nNothing is left.\n",
            {},
            ["this file ran check.sh before, does no longer, and has no certificate that holds"],
        ),
        (CALLS, {}, []),
    ],
    ids=[
        "no certificate",
        "proved",
        "refuted",
        "changed after the proof",
        "renumbered",
        "renamed",
        "no steps",
        "as it was",
    ],
)
def test_a_step_that_lost_its_script_needs_a_certificate_that_holds(
    now: str, files: dict[str, str], expected: list[str]
) -> None:
    found = findings(SourceText(PATH, now), [all_rules()["PL901"]], Project(files, CALLS))

    assert len(found) == len(expected)
    assert expected in ([], ["1"]) or [d.message for d in found] == expected


def test_without_an_older_revision_nothing_is_said_of_migrations() -> None:
    assert findings(SourceText(PATH, TEXT), [all_rules()["PL901"]]) == []

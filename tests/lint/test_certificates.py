"""PL902 and PL903: what a certificate beside a file says about it, by hashes alone."""

from __future__ import annotations

import pytest

import peerlint
from peerlint.lint.diagnostics import Severity
from peerlint.lint.rules import all_rules
from peerlint.process.certificate import Certificate, StepRecord, logic_hash
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

"""Phrases of a repository: the example of docs/logic.md, followed by every command that reads conditions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from peerlint.process.certificate import BadRecord, Certificate, StepRecord
from peerlint.process.logic.phrasebook import MAX_PHRASES
from tests.cli.test_check import run, write

PAGE = Path(__file__).parents[2] / "docs/logic.md"
EXAMPLE = dict(re.findall(r"^```yaml (\S+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
FILE = ".agent-os/instructions/release.md"
LOGIC = """<process_flow>
<step number="1" name="release">
<release_logic>
  SET: REVIEW = "approved"
  IF review was approved:
    DISPLAY: "approved"
  ELSE:
    STOP execution
</release_logic>
</step>
</process_flow>
"""


@pytest.fixture
def example(project: Path) -> Path:
    for name, text in EXAMPLE.items():
        write(project, text, name)
    write(project, LOGIC, FILE)
    return project


def test_the_page_has_config_and_phrases() -> None:
    assert sorted(EXAMPLE) == [".peerlint.yaml", "docs/phrases.yaml"]


def test_check_reads_the_phrase(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", FILE, "--select", "PL801") == 0, capsys.readouterr().out
    (example / ".peerlint.yaml").unlink()
    assert run("check", FILE, "--select", "PL801") == 1
    assert "review was approved" in capsys.readouterr().out


def test_explain_names_the_phrase_and_its_line(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("explain", FILE)
    assert 'phrase "{word} was approved" of docs/phrases.yaml:2' in capsys.readouterr().out
    run("explain", FILE, "--output-format", "json")
    step = json.loads(capsys.readouterr().out)["steps"][0]
    (binding,) = [each["binding"] for each in step["statements"] if each["binding"]]
    assert (binding["kind"], binding["predicate"]) == ("predicate", 'REVIEW is one of "yes", "approved"')


def test_run_and_graph_read_the_phrase(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", FILE) == 0
    assert "approved" in capsys.readouterr().out
    assert run("graph", FILE) == 0


@pytest.mark.parametrize("command", [("check", FILE), ("explain", FILE), ("run", FILE), ("graph", FILE)])
@pytest.mark.parametrize(
    ("phrases", "complaint"),
    [
        ('\n"bucket not found": "A is empty"\n', 'docs/phrases.yaml:2: the phrase "bucket not found" already means'),
        ('"all is ripe": "A does not exits"\n', 'docs/phrases.yaml:1: the phrase "all is ripe" means'),
        ('"all is ripe": [1]\n', "docs/phrases.yaml:1: "),
        ('"a b": &x "A is empty"\n"c d": *x\n', "docs/phrases.yaml: YAML aliases are not allowed"),
        ('? [a]\n: "A is empty"\n', "docs/phrases.yaml"),
        ("- a\n", "docs/phrases.yaml: must be a mapping"),
    ],
)
def test_wrong_phrases_are_one_clear_line(
    example: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], phrases: str, complaint: str
) -> None:
    write(example, phrases, "docs/phrases.yaml")
    assert run(*command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert complaint in line


def test_phrases_stay_in_the_project_and_are_not_too_many(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(f'"tree {n} is ripe": "A is {n}"\n' for n in range(MAX_PHRASES + 1))
    write(example, many, "docs/phrases.yaml")
    assert run("check", FILE) == 2
    assert f"docs/phrases.yaml:{MAX_PHRASES + 1}: " in capsys.readouterr().err
    write(example, "phrases: [../phrases.yaml]\n", ".peerlint.yaml")
    assert run("check", FILE) == 2
    assert '"phrases" leads out of the project' in capsys.readouterr().err
    write(example, "phrases: [docs/gone.yaml]\n", ".peerlint.yaml")
    assert run("check", FILE) == 2
    assert "docs/gone.yaml: no such file" in capsys.readouterr().err


def test_a_certificate_has_the_phrases_in_its_digest() -> None:
    used = {"{word} was approved": '{word} is "yes"'}
    record = StepRecord("1", "proved", "hash", {"f": "id"}, (), (), {"rewrite": (1, 1)}, "{}", used)
    certificate = Certificate("f", (record,), {}, {}, "0")
    text = certificate.render()
    assert Certificate.parse(text).steps == (record,)
    with pytest.raises(BadRecord, match="its digest is wrong"):
        Certificate.parse(text.replace('is \\"yes\\"', 'is \\"no\\"'))

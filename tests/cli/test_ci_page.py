"""What docs/ci.md lets CI run does run in a clone of a project with a pull request, and writes the reports it names."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from ruamel.yaml import YAML

from tests.command_line import Finished, clean_environment, peerlint
from tests.prove.test_prove_command import EXECUTE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```yaml file=(?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = {block["file"]: YAML(typ="safe").load(block["text"]) for block in BLOCK.finditer(PAGE)}
LEGACY = ROOT / "fixtures/projects/peer-legacy"
ADDED = """
<step number="5" name="report">

Run `~/.agent-os/scripts/peer/read-state.sh` first.

</step>
"""
CHANGED = ".agent-os/instructions/core/peer-status.md"
MIGRATED = ".agent-os/instructions/core/peer.md"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the legacy project whose branch adds one finding to what the base has."""
    origin = tmp_path / "origin"
    shutil.copytree(LEGACY, origin)
    _git(origin, "init", "--quiet", "--initial-branch", "main")
    _commit(origin)
    _git(tmp_path, "clone", "--quiet", str(origin), "clone")
    text = tmp_path / "clone" / CHANGED
    text.write_text(text.read_text(encoding="utf-8") + ADDED, encoding="utf-8")
    _commit(tmp_path / "clone")
    return tmp_path / "clone"


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, env=clean_environment(), check=True)


def _commit(folder: Path) -> None:
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "--message", "state")


def commands(file: str) -> list[str]:
    """What a file of CI runs, without setting up the machine."""
    jobs = FILES[file].get("jobs", FILES[file]).values()
    lines = [step.get("run", "") for job in jobs for step in job.get("steps", [])]
    lines += [line for job in jobs for line in job.get("script", [])]
    return [line for line in lines if line.startswith("peerlint ")]


def ran(line: str, clone: Path) -> Finished:
    """A line of the page as a shell of CI runs it."""
    words = line.replace('"origin/$GITHUB_BASE_REF"', "origin/main").split()
    assert not any(set(word) & set("$\"'`&|;") for word in words), f"the test does not read shell: {line}"
    return peerlint(*words[1:], cwd=clone, env={"CI": "true", "GITHUB_ACTIONS": "true"})


def test_the_gate_shows_what_a_pull_request_adds(clone: Path) -> None:
    check, certificates = commands(".github/workflows/peerlint.yml")
    done = ran(check, clone)
    assert done.code == 1
    annotations = [line for line in done.out.splitlines() if line.startswith("::")]
    assert annotations
    assert all(f"file={CHANGED}," in line for line in annotations), "and nothing that the base has"
    assert ran(certificates, clone).complaint.startswith("peerlint: .: no file with a certificate")


def test_the_reports_are_written(clone: Path) -> None:
    (report,) = commands(".github/workflows/peerlint-report.yml")
    assert ran(report, clone).code == 0
    assert json.loads((clone / "peerlint.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    quality, tests = commands(".gitlab-ci.yml")
    assert ran(quality, clone).code == 0
    assert ran(tests, clone).code == 1
    assert json.loads((clone / "peerlint.json").read_text(encoding="utf-8"))
    assert etree.parse(clone / "peerlint.xml").xpath("//failure")
    artifacts = FILES[".gitlab-ci.yml"]["peerlint"]["artifacts"]["reports"]
    assert sorted(artifacts.values()) == ["peerlint.json", "peerlint.xml"]


def test_a_migration_is_held_against_its_certificate_and_proved_again(clone: Path) -> None:
    (again,) = commands(".github/workflows/peerlint-prove.yml")
    certificates = commands(".github/workflows/peerlint.yml")[1]
    words = ("check", "--fix", "--step", "2", "--exit-zero", "--execute", EXECUTE)
    assert "proved" in peerlint(*words, MIGRATED, cwd=clone).out
    _commit(clone)
    assert ran(certificates, clone).code == 0
    assert ran(again.replace("sandbox", EXECUTE), clone).code == 0


def test_each_release_that_the_page_installs_is_the_current_one() -> None:
    from peerlint import __version__

    assert set(re.findall(r"peerlint@v([\d.]+)", PAGE)) == {__version__}

"""`peerlint prove` as people call it: exit codes, one line for what cannot be done, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from peerlint.run.sandbox import sandbox_problem
from tests.prove.test_proof import CLAIM, CLAIM_LOGIC

EXECUTE = "sandbox" if sandbox_problem() is None else "host"
FILE = ".agent-os/instructions/core/process.md"
STEP = '# Process\n\n<process_flow>\n\n<step number="1" name="it">\n\n### Step 1\n\n{}\n\n</step>\n\n</process_flow>\n'
LEGACY = STEP.format(
    "<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: ~/.agent-os/scripts/it.sh\n</instructions>"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".agent-os" / "scripts").mkdir(parents=True)
    (tmp_path / ".agent-os" / "scripts" / "it.sh").write_text(CLAIM)
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(STEP.format(f"<it_logic>{CLAIM_LOGIC}</it_logic>"))
    (tmp_path / "before.md").write_text(LEGACY)
    return tmp_path


def prove(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    clean = {name: value for name, value in os.environ.items() if name not in ("CI", "PRE_COMMIT")}
    return subprocess.run(
        [sys.executable, "-m", "peerlint", "prove", FILE, *arguments],
        cwd=project,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_proved_file_is_one_line_a_step_and_exit_0(project: Path) -> None:
    done = prove(project, "--against", "before.md", "--execute", EXECUTE)
    assert done.returncode == 0
    assert done.stderr.startswith("peerlint: runs ") and done.stderr.endswith(f"({EXECUTE})\n")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout.startswith(f"{FILE}  step 1 it  proved")
    assert len(done.stdout.splitlines()) == 1


def test_a_refuted_file_shows_both_sides_and_exits_1(project: Path) -> None:
    text = (project / FILE).read_text()
    (project / FILE).write_text(text.replace("enough claims", "too many"))
    done = prove(project, "--against", "before.md", "--execute", EXECUTE)
    assert done.returncode == 1
    assert 'message: original "enough claims", rewrite "too many"' in done.stdout
    done = prove(project, "--against", "before.md", "--execute", EXECUTE, "--output-format", "json")
    form = json.loads(done.stdout)
    assert (form["file"], form["verdict"], form["steps"][0]["number"]) == (FILE, "refuted", "1")


def test_the_original_is_found_in_git(project: Path) -> None:
    now = (project / FILE).read_text()
    (project / FILE).write_text(LEGACY)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "before"]):
        subprocess.run(["git", *words], cwd=project, check=True)
    (project / FILE).write_text(now)
    (project / ".agent-os" / "scripts" / "it.sh").unlink()
    assert prove(project, "--execute", EXECUTE).returncode == 0
    assert prove(project, "--execute", EXECUTE, "--against", "HEAD").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {}, "there is no original: it has no certificate, and git has no other text; give it with --against"),
        (["--against", "nowhere"], {}, "nowhere"),
        (["--against", "before.md"], {"CI": "true"}, "--execute"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(
    project: Path, arguments: list[str], environment: dict[str, str], words: str
) -> None:
    done = prove(project, *arguments, **environment)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert words in done.stderr


def test_check_without_a_certificate_is_stale(project: Path) -> None:
    done = prove(project, "--check", CI="true")
    assert (done.returncode, done.stdout) == (1, f"{FILE}: certificate: there is none\n")


def test_a_step_that_was_edited_gets_its_certificate_anew_where_it_is_proved(project: Path) -> None:
    file, certificate = project / FILE, project / (FILE + ".proof.json")
    write = ("--against", "before.md", "--execute", EXECUTE, "--write")
    done = prove(project, *write)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, f"Wrote {FILE}.proof.json.")
    assert prove(project, "--check").returncode == 0
    file.write_text(file.read_text().replace("<it_logic>\n", '<it_logic>\n  SET: UNUSED = "x"\n'))
    assert "step 1 has changed since it was proved" in prove(project, "--check").stdout
    before = certificate.read_bytes()
    assert prove(project, *write[:-1]).returncode == 0
    assert certificate.read_bytes() == before
    assert prove(project, *write, "--output-format", "json").returncode == 0
    assert prove(project, "--check").returncode == 0
    before = certificate.read_bytes()
    file.write_text(file.read_text().replace("enough claims", "too many"))
    done = prove(project, *write)
    assert (done.returncode, "Wrote" in done.stdout, certificate.read_bytes()) == (1, False, before)


def test_a_certificate_is_not_written_without_a_proof(project: Path) -> None:
    for only in ("--check", "--replay"):
        done = prove(project, only, "--write")
        assert (done.returncode, done.stderr) == (2, f"peerlint: --write cannot go with {only}\n")


def test_a_process_that_is_unknown_is_not_called_proved(project: Path) -> None:
    """The first step always stops, so that no run of all steps shows what the second one does."""
    scripts = project / ".agent-os" / "scripts"
    (scripts / "end.sh").write_text("#!/bin/bash\necho over\nexit 1\n")
    (scripts / "mark.sh").write_text("#!/bin/bash\nnats kv put app-state mark 1 > /dev/null || exit 1\n")
    call = "<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: ~/.agent-os/scripts/{}\n</instructions>"
    over = '<over_logic>\n  ERROR: "over"\n  STOP execution\n</over_logic>'
    mark = '<mark_logic>\n  STORE: mark in app-state = "1"\n  IF storing fails:\n    STOP execution\n</mark_logic>'
    write_steps(project / "before.md", call.format("end.sh"), call.format("mark.sh"))
    write_steps(project / FILE, over, mark)
    done = prove(project, "--against", "before.md", "--execute", EXECUTE)
    assert "process" in done.stdout.splitlines()[-1]
    assert "no run of the process comes to step 2" in done.stdout
    assert done.returncode == 1
    done = prove(project, "--against", "before.md", "--execute", EXECUTE, "--output-format", "json")
    form = json.loads(done.stdout)
    assert (done.returncode, form["verdict"]) == (1, "unknown")
    assert [step["verdict"] for step in form["steps"]] == ["proved", "proved"]
    alone = prove(project, "--against", "before.md", "--execute", EXECUTE, "--step", "2")
    assert (alone.returncode, len(alone.stdout.splitlines())) == (0, 1)


def test_a_replay_shows_the_steps_in_the_order_of_the_file(project: Path) -> None:
    (project / ".agent-os/scripts/mark.sh").write_text("#!/bin/bash\necho one\n")
    call = "<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: ~/.agent-os/scripts/mark.sh\n</instructions>"
    prose = ["Think."] * 7
    write_steps(project / "before.md", "Think.", call, *prose, call)
    logic = '<mark_logic>\n  DISPLAY: "one"\n</mark_logic>'
    write_steps(project / FILE, "Think.", logic, *prose, logic)
    assert prove(project, "--against", "before.md", "--execute", EXECUTE, "--write").returncode == 0
    lines = prove(project, "--replay").stdout.splitlines()
    assert [line.split("  ")[1] for line in lines] == ["step 2", "step 10"]


def write_steps(path: Path, *bodies: str) -> None:
    steps = (f'<step number="{at}" name="s{at}">\n\n{body}\n\n</step>\n' for at, body in enumerate(bodies, start=1))
    path.write_text("# Process\n\n<process_flow>\n\n" + "\n".join(steps) + "\n</process_flow>\n")

"""`peerlint check` through its command line: exit codes, options, config, suppressions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from peerlint.cli import main
from peerlint.cli.common import Workspace

CALLS_A_SCRIPT = """<step number="1" name="health">

Run `~/.agent-os/scripts/check.sh` first.

</step>
"""
INSTRUCTION = ".agent-os/instructions/core/peer.md"


def write(project: Path, text: str, name: str = INSTRUCTION) -> Path:
    """A file of the project."""
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def run(*arguments: str) -> int:
    """The exit code of a command line."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_what_is_in_no_project_belongs_to_the_folder_that_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "kit"
    write(folder, CALLS_A_SCRIPT, "workflows/health.md")
    write(folder, "exit 1\n", "scripts/check.sh")
    write(folder, "Inside a project of its own.\n", "other/CLAUDE.md")
    (folder / "other" / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    assert run("check", "kit") == 1
    assert "PL101" in capsys.readouterr().out
    workspace = Workspace()
    workspace.files([Path("kit")])
    assert workspace.project(folder / "workflows" / "health.md").root == folder.resolve()
    assert workspace.project(folder / "other" / "CLAUDE.md").root == (folder / "other").resolve()


def test_a_clean_project_exits_0_with_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "Do the work.\n")

    assert run(".") == 0
    assert capsys.readouterr().out == "No problems in 1 file.\n"


def test_a_finding_exits_1_and_shows_line_caret_and_summary(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, CALLS_A_SCRIPT)

    assert run("check", ".") == 1
    out = capsys.readouterr().out
    assert f'{INSTRUCTION}:3:6: PL101 step "health" runs check.sh, its logic is not in this file' in out
    assert "3 | Run `~/.agent-os/scripts/check.sh` first.\n  |      ^^^^" in out
    assert out.endswith("Found 1 problem in 1 of 1 file (1 error).\n")


def test_a_bug_in_a_rule_is_said_once_though_it_shows_in_many_files(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from peerlint.lint.detect import location

    def fail(*_asked: object) -> bool:
        raise RuntimeError("no luck")

    monkeypatch.setattr(location, "_is_shown_below", fail)
    for name in ("a", "b", "c"):
        write(project, CALLS_A_SCRIPT, f".agent-os/instructions/core/{name}.md")

    assert run("check", ".") == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "PL101" in line
    assert "core/a.md" in line
    assert line.endswith("no luck (and on 2 more files)")


def test_what_is_no_command_is_a_path(project: Path) -> None:
    write(project, CALLS_A_SCRIPT)

    assert run(INSTRUCTION) == run("check", INSTRUCTION) == 1


def test_a_missing_path_is_one_line_on_stderr_and_exit_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("nowhere.md") == 2

    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "nowhere.md" in err


@pytest.mark.parametrize(
    ("selector", "hint"), [("PL999", "PL"), ("external-scrpt", "external-script"), ("pl101", "PL101")]
)
def test_an_unknown_rule_names_the_nearest(
    project: Path, capsys: pytest.CaptureFixture[str], selector: str, hint: str
) -> None:
    assert run(".", "--select", selector) == 2
    assert hint in capsys.readouterr().err


@pytest.mark.parametrize("selector", ["PL101", "PL1", "external-script"])
def test_rules_are_ignored_by_code_family_and_name(project: Path, selector: str) -> None:
    write(project, CALLS_A_SCRIPT)

    assert run(".", "--ignore", selector) == 0


def test_the_profile_of_bugs_says_nothing_of_scripts(project: Path) -> None:
    write(project, CALLS_A_SCRIPT)

    assert run(".", "--profile", "bugs") == 0


def test_fail_on_and_exit_zero_decide_the_exit_code(project: Path) -> None:
    write(project, "Run `./scripts/release.sh` and then write what it says to the user.\n")

    assert run(".") == 1  # a warning outside of a step
    assert run(".", "--fail-on", "error") == 0
    assert run(".", "--exit-zero") == 0


def test_json_has_the_documented_shape(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, CALLS_A_SCRIPT)

    run(".", "--output-format", "json")
    (finding,) = json.loads(capsys.readouterr().out)
    assert set(finding) == {
        *("code", "name", "severity", "confidence", "message", "filename"),
        *("location", "end_location", "url", "related", "fix"),
    }
    assert finding["filename"] == INSTRUCTION
    assert finding["location"] == {"row": 3, "column": 6}


def test_stdin_is_linted_under_the_name_it_is_given(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = tmp_path / "text"
    text.write_text(CALLS_A_SCRIPT)
    with text.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run("-", "--stdin-filename", INSTRUCTION, "--output-format", "concise") == 1
    assert capsys.readouterr().out.startswith(f"{INSTRUCTION}:3:6: PL101 ")


def test_statistics_count_by_rule(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, CALLS_A_SCRIPT)

    run(".", "--statistics")
    assert capsys.readouterr().out == "1  PL101  external-script\n"


def test_statistics_come_as_data(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, CALLS_A_SCRIPT)
    row = {"code": "PL101", "name": "external-script", "count": 1, "fixable": 0}

    assert run(".", "--statistics", "--output-format", "json", "--exit-zero") == 0
    assert json.loads(capsys.readouterr().out) == [row]
    assert run(".", "--statistics", "--output-format", "jsonl") == 1
    assert json.loads(capsys.readouterr().out) == row
    assert run(".", "--statistics", "--output-format", "json", "--ignore", "ALL") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(".", "--statistics", "--output-format", "sarif") == 2
    assert "--statistics has no format sarif" in capsys.readouterr().err


def test_the_report_goes_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, CALLS_A_SCRIPT)

    assert run(".", "--output-format", "sarif", "--output-file", "report.sarif") == 1
    assert capsys.readouterr().out == ""
    assert json.loads((project / "report.sarif").read_text())["version"] == "2.1.0"


def test_a_suppression_with_a_reason_hides_its_line_only(project: Path) -> None:
    comment = "<!-- peerlint: ignore[PL101] installed by hand -->\n"
    write(project, CALLS_A_SCRIPT.replace("Run", comment + "Run", 1))

    assert run(".") == 0


def test_an_unused_suppression_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "<!-- peerlint: ignore[PL101] why -->\nDo the work.\n")

    assert run(".") == 1
    assert "PL001" in capsys.readouterr().out


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_ignore_file_hides_all_of_a_rule(project: Path, mark: str) -> None:
    write(project, f"{mark}<!-- peerlint: ignore-file[external-script] generated -->\n" + CALLS_A_SCRIPT)

    assert run(".") == 0


def test_a_file_that_is_no_instruction_is_clean(project: Path) -> None:
    write(project, "Run `./scripts/release.sh` now.\n", "README.md")

    assert run("README.md") == 0


def test_check_writes_nothing_and_starts_no_process(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, CALLS_A_SCRIPT)
    before = sorted(path for path in project.rglob("*"))

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "fork", refuse)
    monkeypatch.setattr(os, "posix_spawn", refuse)

    assert run(".") == 1
    assert sorted(path for path in project.rglob("*")) == before


class TestConfig:
    """Config files: nearest wins, unknown keys, what a repository may say."""

    def test_pyproject_and_yaml_are_read(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, '[tool.peerlint]\nignore = ["PL101"]\n', "pyproject.toml")

        assert run(".") == 0

    def test_the_nearest_config_wins(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, '[tool.peerlint]\nignore = ["PL101"]\n', "pyproject.toml")
        write(project, "ignore: []\n", ".agent-os/.peerlint.yaml")

        assert run(".") == 1

    def test_extend_takes_what_it_does_not_say_itself(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, "ignore: [PL101]\n", "base.yaml")
        write(project, "extend: base.yaml\nfail-on: error\n", ".peerlint.yaml")

        assert run(".") == 0

    def test_severity_and_per_file_ignores(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, "severity: {external-script: note}\n", ".peerlint.yaml")
        assert run(".") == 0
        write(project, 'per-file-ignores: {"**/core/*.md": [PL1]}\n', ".peerlint.yaml")
        assert run(".") == 0

    def test_exclude_leaves_out_what_is_found_but_not_what_is_named(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, "exclude: ['.agent-os/instructions']\n", ".peerlint.yaml")

        assert run(".") == 0
        assert run(INSTRUCTION) == 1

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("ignroe: [PL101]", "ignore"),
            ("profile: bug", "bugs"),
            ("execute: host", "may not be set by a repository"),
            ("allow: [gh]", "may not be set by a repository"),
            ("required-version: '>=99'", "needs peerlint"),
            ("extend: gone.yaml", "gone.yaml"),
            ("a: [", "no valid YAML"),
            ("a: &x 1\nb: *x", "aliases"),
        ],
    )
    def test_wrong_config_is_one_line_and_exit_2(
        self, project: Path, capsys: pytest.CaptureFixture[str], text: str, hint: str
    ) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, text + "\n", ".peerlint.yaml")

        assert run(".") == 2
        err = capsys.readouterr().err
        assert hint in err
        assert err.count("\n") == 1

    def test_a_repository_may_forbid_execution(self, project: Path) -> None:
        write(project, "Do the work.\n")
        write(project, "execute: never\n", ".peerlint.yaml")

        assert run(".") == 0

    def test_own_rules_are_found_by_xpath(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, "Always say please.\n")
        write(project, "rules: [my-rules]\n", ".peerlint.yaml")
        rule = """
            id: MY001
            name: politeness
            severity: warning
            confidence: high
            profile: coordination
            since: 0.1.0
            roles: [procedure]
            select: //paragraph[contains(., "please")]
            message: "no need to be polite: {text}"
            summary: Politeness.
            why: It takes room.
            examples: {valid: [], invalid: []}
        """
        write(project, rule, "my-rules/MY001.yaml")

        assert run(".", "--output-format", "concise") == 1
        assert ":1:1: MY001 no need to be polite: Always say please." in capsys.readouterr().out


def test_linting_imports_nothing_that_it_does_not_need(project: Path) -> None:
    path = write(project, CALLS_A_SCRIPT)
    command = [sys.executable, "-X", "importtime", "-m", "peerlint", "check", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert done.returncode == 1
    assert not imported & {"nats", "pygls", "lsprotocol", "libcst", "rich", "pydantic", "lxml", "ruamel"}


def test_a_clean_file_loads_neither_the_options_nor_the_languages(project: Path) -> None:
    """What is imported here is paid for by everybody who checks one small file."""
    path = write(project, "# Build\n\nBuild it, then tell what came of it.\n", ".claude/commands/build.md")
    command = [sys.executable, "-X", "importtime", "-m", "peerlint", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0, done.stderr
    assert "peerlint.lint.engine" in imported
    assert not imported & {"click", "typing", "dataclasses", "inspect", "pathspec", "platformdirs", "tomllib", "json"}
    assert not imported & {
        "peerlint.process.logic",
        "peerlint.process.bash",
        "peerlint.process.phrases",
        "peerlint.migrate",
    }


def test_steps_without_jumps_and_scripts_that_nobody_calls_load_no_language(project: Path) -> None:
    text = "# Plan\n\n## Step 1: Look\n\nLook at `scripts/a.sh`.\n\n## Step 2: Plan\n\nPlan each step.\n"
    path = write(project, text, ".claude/commands/plan.md")
    command = [sys.executable, "-X", "importtime", "-m", "peerlint", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0, done.stderr
    assert not imported & {"peerlint.process.bash.tree", "peerlint.process.logic"}


def test_a_finding_that_only_a_person_can_mend_loads_no_migration(project: Path) -> None:
    path = write(project, CALLS_A_SCRIPT)
    (project / ".gitignore").write_text("node_modules/\n*.log\n/dist\n", encoding="utf-8")
    command = [sys.executable, "-X", "importtime", "-m", "peerlint", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "PL101" in done.stdout
    assert not imported & {"pathspec", "typing", "dataclasses", "inspect", "json"}
    assert not imported & {"peerlint.migrate.fix", "peerlint.migrate.lower", "peerlint.migrate.rewrite"}


@pytest.mark.parametrize("arguments", [["{}"], ["check", "{}"], ["{}", "{}"], ["missing.md"], ["check", "check"]])
def test_a_call_of_nothing_but_paths_does_what_click_would_make_of_it(project: Path, arguments: list[str]) -> None:
    """Such a call is not read by click; with a variable that stands for an option it is."""
    path = write(project, CALLS_A_SCRIPT)
    command = [sys.executable, "-m", "peerlint", *(argument.format(path) for argument in arguments)]
    plain, read = (
        subprocess.run(command, capture_output=True, text=True, check=False, cwd=project, env={**os.environ, **more})
        for more in ({}, {"PEERLINT_OUTPUT_FORMAT": "text"})
    )
    assert (plain.returncode, plain.stdout, plain.stderr) == (read.returncode, read.stdout, read.stderr)

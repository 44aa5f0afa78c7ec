"""Findings that are known: baseline files and older revisions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_check import CALLS_A_SCRIPT, INSTRUCTION, run, write

ANOTHER = CALLS_A_SCRIPT.replace("check.sh", "other.sh").replace('"1"', '"2"')


class TestBaseline:
    """`--baseline FILE`, with `--write-baseline`."""

    def test_what_was_found_before_is_known(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, CALLS_A_SCRIPT)

        assert run(".", "--baseline", "known.json", "--write-baseline") == 0
        assert capsys.readouterr().out == "Wrote 1 known finding to known.json.\n"
        assert run(".", "--baseline", "known.json") == 0
        assert capsys.readouterr().out == "No problems in 1 file. 1 known problem is not shown.\n"

    def test_a_finding_stays_known_while_its_line_moves(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        run(".", "--baseline", "known.json", "--write-baseline")
        write(project, "A new first line.\n\n" + CALLS_A_SCRIPT.replace("Run", "  Run"))

        assert run(".", "--baseline", "known.json") == 0

    def test_a_new_finding_is_shown(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, CALLS_A_SCRIPT)
        run(".", "--baseline", "known.json", "--write-baseline")
        write(project, CALLS_A_SCRIPT + ANOTHER)
        capsys.readouterr()

        assert run(".", "--baseline", "known.json", "--output-format", "concise") == 1
        out = capsys.readouterr().out
        assert "other.sh" in out
        assert "check.sh" not in out
        assert out.endswith(" 1 known problem is not shown.\n")

    def test_a_second_finding_of_the_same_line_is_new(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        run(".", "--baseline", "known.json", "--write-baseline")
        write(project, CALLS_A_SCRIPT + CALLS_A_SCRIPT.replace('"1"', '"2"'))

        assert run(".", "--baseline", "known.json") == 1

    def test_what_is_gone_is_said_and_the_run_is_clean(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, CALLS_A_SCRIPT)
        run(".", "--baseline", "known.json", "--write-baseline")
        write(project, "Do the work.\n")

        assert run(".", "--baseline", "known.json") == 0
        assert "1 known finding is gone" in capsys.readouterr().err

    def test_the_working_directory_does_not_matter(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(project, CALLS_A_SCRIPT)
        run(".", "--baseline", "known.json", "--write-baseline")
        monkeypatch.chdir(project / ".agent-os")

        assert run(".", "--baseline", "../known.json") == 0

    def test_the_same_findings_make_the_same_file(self, project: Path) -> None:
        write(project, CALLS_A_SCRIPT)
        run(".", "--baseline", "known.json", "--write-baseline")
        first = Path("known.json").read_bytes()
        run(".", "--baseline", "known.json", "--write-baseline")

        assert Path("known.json").read_bytes() == first
        assert json.loads(first)["findings"][0]["path"] == INSTRUCTION

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"peerlint-baseline": 1, "findings": [1]}', "[" * 100_000])
    def test_what_is_no_baseline_is_neither_read_nor_overwritten(
        self, project: Path, capsys: pytest.CaptureFixture[str], text: str
    ) -> None:
        write(project, CALLS_A_SCRIPT)
        write(project, text, "mine.json")

        assert run(".", "--baseline", "mine.json") == 2
        assert run(".", "--baseline", "mine.json", "--write-baseline") == 2
        assert Path("mine.json").read_text() == text
        assert "is no baseline" in capsys.readouterr().err

    def test_a_baseline_that_is_missing_says_how_to_make_it(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(".", "--baseline", "known.json") == 2
        assert "--write-baseline" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
class TestSince:
    """`--since REV`."""

    @pytest.fixture
    def repository(self, project: Path) -> Path:
        """The project as a repository with one commit."""
        (project / ".git").rmdir()
        write(project, CALLS_A_SCRIPT)
        self.git(project, "init", "--quiet", "--initial-branch=main")
        self.commit(project)
        return project

    def git(self, project: Path, *arguments: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)

    def commit(self, project: Path) -> None:
        self.git(project, "add", "--all")
        self.git(project, "commit", "--quiet", "--message=x")

    def test_a_renamed_file_is_known_and_a_new_one_is_not(self, repository: Path) -> None:
        old = repository / INSTRUCTION
        text = old.read_text()
        old.rename(old.with_name("another.md"))
        assert run(".", "--since", "HEAD") == 0

        old.with_name("new.md").write_text("# Other\n\n" + ANOTHER.replace("Run", "Now run"))
        assert run(".", "--since", "HEAD") == 1

        old.with_name("new.md").unlink()
        old.write_text(text)
        assert run(".", "--since", "HEAD") == 1

    def test_a_migration_is_found_behind_a_new_name_of_its_file(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        old = repository / INSTRUCTION
        text = old.read_text()
        call = next(line for line in text.splitlines() if "check.sh" in line)
        old.unlink()
        old.with_name("another.md").write_text(text.replace(call, "Say hello."))

        arguments = ["--since", "HEAD", "--profile", "proved", "--select", "PL901", "--output-format", "concise"]
        assert run(".", *arguments) == 1
        assert "PL901" in capsys.readouterr().out

    def test_what_was_there_is_not_shown(self, repository: Path) -> None:
        assert run(".", "--since", "HEAD") == 0

    def test_git_is_asked_at_once_about_all_files_that_are_as_they_were(
        self, repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(10):
            write(repository, CALLS_A_SCRIPT, f".agent-os/instructions/core/with blank, äöü {number}.md")
        self.commit(repository)
        tools = tmp_path_factory.mktemp("tools")
        log, git = tools / "log", tools / "git"
        git.write_text(f"#!/bin/sh\necho x >> '{log}'\nexec '{shutil.which('git')}' \"$@\"\n")
        git.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
        assert run(".", "--since", "HEAD", "--profile", "proved", "--select", "PL101,PL901") == 0
        assert log.read_text().split() == ["x", "x"]

    def test_a_script_call_that_is_gone_needs_a_certificate(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(
            repository, CALLS_A_SCRIPT.replace("Run `~/.agent-os/scripts/check.sh` first.", "Check the server first.")
        )

        assert run(".", "--since", "HEAD") == 0
        assert run(".", "--since", "HEAD", "--profile", "proved", "--output-format", "concise") == 1
        assert 'PL901 step "health" ran check.sh before' in capsys.readouterr().out
        assert run(".", "--profile", "proved") == 0

    def test_a_certificate_that_does_not_fit_is_new_where_file_or_certificate_have_changed(
        self, repository: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def shown() -> list[str]:
            run(".", "--since", "main", "--select", "PL902", "--output-format", "concise")
            return [line.split()[1] for line in capsys.readouterr().out.splitlines() if " PL902 " in line]

        certificate = repository / f"{INSTRUCTION}.proof.json"
        certificate.write_text("{}")
        assert shown() == ["PL902"], "it is new itself"
        git = ("git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "certificate"], check=True)
        assert shown() == [], "nothing has changed since"
        certificate.write_text("[]")
        assert shown() == ["PL902"]
        certificate.write_text("{}")
        write(repository, CALLS_A_SCRIPT + "\nOnly a little.\n")
        assert shown() == ["PL902"], "the old text does not fit it, either, which excuses nothing"

    def test_only_what_is_new_in_a_file_is_shown(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(repository, "Hello.\n\n" + CALLS_A_SCRIPT + ANOTHER)

        assert run(".", "--since", "main", "--output-format", "concise") == 1
        out = capsys.readouterr().out
        assert "other.sh" in out
        assert "check.sh" not in out

    def test_a_new_file_is_shown_as_a_whole(self, repository: Path) -> None:
        write(repository, ANOTHER, ".agent-os/instructions/core/new.md")

        assert run(".", "--since", "HEAD") == 1

    @pytest.mark.parametrize("revision", ["nothing", "--output=x", "HEAD:file", "a b"])
    def test_an_unknown_revision_is_one_line_and_exit_2(
        self, repository: Path, capsys: pytest.CaptureFixture[str], revision: str
    ) -> None:
        assert run(".", f"--since={revision}") == 2
        assert "revision" in capsys.readouterr().err

    def test_nothing_that_the_repository_configures_is_run(self, repository: Path) -> None:
        trap = repository / "trap.sh"
        trap.write_text(f"#!/bin/sh\ntouch {repository / 'ran'}\n")
        trap.chmod(0o755)
        for key in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand"):
            self.git(repository, "config", key, str(trap))
        write(repository, CALLS_A_SCRIPT + ANOTHER)

        assert run(".", "--since", "HEAD") == 1
        assert not (repository / "ran").exists()


def test_without_a_repository_since_is_one_line_and_exit_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".git").rmdir()
    write(project, CALLS_A_SCRIPT)

    assert run(".", "--since", "HEAD") == 2
    assert capsys.readouterr().err.count("\n") == 1

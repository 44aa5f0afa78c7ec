"""A fix under bad conditions: never half a file, never somebody else's file, one clear line of what is the matter."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from peerlint.lint.diagnostics import Applicability, Confidence, Diagnostic, Fix, Related, Severity
from peerlint.migrate.fix import FileProof, FixReport, FixSettings, table
from peerlint.migrate.fix.git import Committed, committed
from peerlint.process.build import Reading
from peerlint.source.text import Edit, SourceText, Span
from tests.migrate.test_fix import Prover, git, run, steps, write

DIRTY = FixSettings(allow_dirty=True)


def untouched(project: Path, report: FixReport, source: SourceText, *names: str) -> str:
    """Checks that the file is as it was and nothing lies about; why it was refused."""
    (result,) = report.files
    assert not result.written
    assert not result.changed
    assert (project / "peer.md").read_bytes() == source.encode()
    assert sorted(path.name for path in project.iterdir() if path.name != ".git") == sorted(["peer.md", *names])
    return result.refused


def test_uncommitted_changes_are_refused(project: Path) -> None:
    git(project, "init")
    file = write(project, steps("one"))
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    file = write(project, steps("two"))
    prover = Prover()
    refused = untouched(project, run(project, file, prove=prover), file[1])
    assert "uncommitted changes" in refused and "--allow-dirty" in refused
    assert not prover.asked, "what is refused anyway is not proved first"
    assert table(run(project, file, prove=Prover())) == [
        "peer.md  step 1 step_1  planned  not proved, since its file is not written",
        "p/peer.md: has uncommitted changes; not written (commit it first, or use --allow-dirty)",
    ]
    assert run(project, file, prove=Prover(), settings=DIRTY).files[0].written


def test_a_file_that_git_does_not_know_is_refused(project: Path) -> None:
    git(project, "init")
    file = write(project, steps("one"))
    assert "not committed" in untouched(project, run(project, file, prove=Prover()), file[1])


def test_a_committed_file_is_written(project: Path) -> None:
    git(project, "init")
    file = write(project, steps("one"))
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    (result,) = run(project, file, prove=Prover()).files
    assert result.written and result.copy is None


def test_without_git_the_old_text_is_kept_beside_the_file(project: Path) -> None:
    file = write(project, steps("one"))
    (result,) = run(project, file, prove=Prover()).files
    assert result.written
    assert (project / "peer.md.orig").read_bytes() == file[1].encode()


def test_git_runs_nothing_of_the_repository(project: Path) -> None:
    git(project, "init")
    file = write(project, steps("one"))
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    trap = project.parent / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {project.parent}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        git(project, "config", key, str(trap))
    (project / ".gitattributes").write_text("*.md filter=trap diff=trap\n")
    for key in ("filter.trap.smudge", "filter.trap.clean", "diff.trap.textconv"):
        git(project, "config", key, str(trap))
    assert committed(file[0], file[1].encode()) is Committed.CLEAN
    assert not (project.parent / "sprung").exists()


def test_a_file_that_changes_meanwhile_is_refused(project: Path) -> None:
    file = write(project, steps("one"))
    newer = steps("newer").encode()

    class Meddler(Prover):
        def __call__(self, original: Reading, rewrite: Reading, numbers: Sequence[str]) -> FileProof:
            file[0].write_bytes(newer)
            return super().__call__(original, rewrite, numbers)

    (result,) = run(project, file, prove=Meddler()).files
    assert not result.written
    assert "changed while it was being fixed" in result.refused
    assert file[0].read_bytes() == newer
    assert not (project / "peer.md.proof.json").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write read-only files")
def test_a_read_only_file_is_refused(project: Path) -> None:
    file = write(project, steps("one"))
    file[0].chmod(0o444)
    assert "read-only" in untouched(project, run(project, file, prove=Prover()), file[1])


def test_a_read_only_folder_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(project, steps("one"))

    def denied(**options: object) -> tuple[int, str]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", denied)
    assert "permission denied" in untouched(project, run(project, file, prove=Prover()), file[1])


def test_a_link_out_of_the_project_is_refused(project: Path) -> None:
    outside = project.parent / "outside.md"
    outside.write_text(steps("one"))
    (project / "peer.md").symlink_to(outside)
    source = SourceText.decode("p/peer.md", outside.read_bytes())
    refused = untouched(project, run(project, (project / "peer.md", source), prove=Prover()), source)
    assert "link out of the project" in refused
    assert outside.read_bytes() == source.encode()


def test_a_folder_that_leads_out_of_the_project_is_refused(project: Path) -> None:
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "peer.md").write_text(steps("one"))
    (project / "docs").symlink_to(outside)
    path = project / "docs" / "peer.md"
    source = SourceText.decode("p/docs/peer.md", path.read_bytes())
    (result,) = run(project, (path, source), prove=Prover()).files
    assert "outside the project" in result.refused
    assert [file.name for file in outside.iterdir()] == ["peer.md"]


def test_a_certificate_that_is_a_link_is_not_followed(project: Path) -> None:
    file = write(project, steps("one"))
    victim = project.parent / "victim"
    victim.write_text("mine")
    (project / "peer.md.proof.json").symlink_to(victim)
    (result,) = run(project, file, prove=Prover()).files
    assert not result.written and "link" in result.refused
    assert victim.read_text() == "mine"
    assert file[0].read_bytes() == file[1].encode()


@pytest.mark.parametrize("failing", ["peer.md", "peer.md.proof.json"])
@pytest.mark.parametrize("certificate", [None, "old\n"])
def test_a_full_disk_leaves_file_and_certificate_as_they_were(
    project: Path, monkeypatch: pytest.MonkeyPatch, failing: str, certificate: str | None
) -> None:
    git(project, "init")
    file = write(project, steps("one"))
    proof = project / "peer.md.proof.json"
    if certificate:
        proof.write_text(certificate)
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    real = os.fsync

    def full(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        if name.startswith(f".{failing}.") and not name.startswith(f".{failing}.proof"):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    report = run(project, file, prove=Prover())
    names = ["peer.md.proof.json"] if certificate else []
    assert "no space left on device" in untouched(project, report, file[1], *names)
    if certificate:
        assert proof.read_text() == certificate


def test_an_interruption_between_two_files_leaves_the_first_whole_and_the_second_as_it_was(project: Path) -> None:
    first, second = write(project, steps("one")), write(project, steps("two"), "second.md")

    class Interrupted(Prover):
        def __call__(self, original: Reading, rewrite: Reading, numbers: Sequence[str]) -> FileProof:
            if 'DISPLAY: "two"' in rewrite.document.source.text:
                raise KeyboardInterrupt
            return super().__call__(original, rewrite, numbers)

    with pytest.raises(KeyboardInterrupt):
        run(project, first, second, prove=Interrupted())
    assert 'DISPLAY: "one"' in first[0].read_text()
    assert (project / "peer.md.proof.json").exists()
    assert second[0].read_bytes() == second[1].encode()
    assert not list(project.glob(".*.tmp"))


def test_an_interruption_between_certificate_and_file_leaves_no_half_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(project, steps("one"))
    real = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if target.name == "peer.md":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(project, file, prove=Prover())
    assert file[0].read_bytes() == file[1].encode()
    assert not list(project.glob(".*.tmp"))


def test_no_copy_is_left_of_a_file_that_could_not_be_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(project, steps("one"))
    real = Path.replace

    def denied(self: Path, target: Path) -> Path:
        if target.name == "peer.md":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", denied)
    assert "permission denied" in untouched(project, run(project, file, prove=Prover()), file[1])


def test_a_real_full_disk(project: Path) -> None:
    """A file system of a few pages, where this machine lets us mount one."""
    small = project / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        path = small / "peer.md"
        path.write_text(steps("one"))
        (small / "filler").write_bytes(b"x" * 8192)
        source = SourceText.decode("p/small/peer.md", path.read_bytes())
        (result,) = run(project, (path, source), prove=Prover(), settings=DIRTY).files
        assert not result.written and "no space left" in result.refused
        assert path.read_bytes() == source.encode()
    finally:
        subprocess.run(["umount", str(small)], check=True)


class Renames:
    """A check whose fix renames a key in all files that name it, as that of PL701 does."""

    def __init__(self, *names: str, deaf: str = "") -> None:
        self.labels = [f"p/{name}" for name in names]
        self.deaf = deaf

    def __call__(self, reading: Reading) -> Sequence[Diagnostic]:
        path, at = reading.document.source.path, reading.document.source.text.find("a:b")
        if at < 0 or path == self.deaf:
            return []
        place = reading.document.source.lines.position(at)
        others = tuple(Related(label, place, "here, too") for label in self.labels if label != path)
        fix = Fix(Applicability.SAFE, "Use dots", (Edit(Span(at, at + 3), "a.b"),), others)
        severity, confidence = Severity.WARNING, Confidence.HIGH
        return [Diagnostic("PL701", "x", severity, confidence, "m", path, Span(at, at + 3), fix=fix)]


@pytest.fixture
def three(project: Path) -> list[tuple[Path, SourceText]]:
    """Three committed files that name one key."""
    git(project, "init")
    files = [write(project, f"{name}: a:b\n", f"{name}.md") for name in ("one", "two", "three")]
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    return files


NAMES = ("one.md", "two.md", "three.md")


def texts(project: Path) -> list[str]:
    assert sorted(path.name for path in project.iterdir() if path.name != ".git") == sorted(NAMES)
    return [(project / name).read_text() for name in NAMES]


AS_THEY_WERE = ["one: a:b\n", "two: a:b\n", "three: a:b\n"]


def test_files_that_change_together_are_all_written(project: Path, three: list[tuple[Path, SourceText]]) -> None:
    report = run(project, *three, prove=None, check=Renames(*NAMES))
    assert [result.written for result in report.files] == [True] * 3
    assert texts(project) == ["one: a.b\n", "two: a.b\n", "three: a.b\n"]


@pytest.mark.parametrize("failing", NAMES)
def test_a_late_failure_puts_back_all_files_that_change_together(
    project: Path, monkeypatch: pytest.MonkeyPatch, three: list[tuple[Path, SourceText]], failing: str
) -> None:
    real = Path.replace

    def denied(self: Path, target: Path) -> Path:
        if target.name == failing:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", denied)
    report = run(project, *three, prove=None, check=Renames(*NAMES))
    monkeypatch.undo()
    assert texts(project) == AS_THEY_WERE
    assert not any(result.written or result.changed or result.applied for result in report.files)
    refused = {result.path.name: result.refused for result in report.files}
    assert "permission denied" in refused.pop(failing)
    assert all(f"since p/{failing} has to change with it" in why for why in refused.values())
    assert report.undo == ""


@pytest.mark.parametrize("failing", NAMES)
def test_an_interruption_puts_back_all_files_that_change_together(
    project: Path, monkeypatch: pytest.MonkeyPatch, three: list[tuple[Path, SourceText]], failing: str
) -> None:
    real = Path.replace
    struck: list[str] = []

    def interrupted(self: Path, target: Path) -> Path:
        if target.name == failing and not struck:
            struck.append(failing)
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(project, *three, prove=None, check=Renames(*NAMES))
    assert texts(project) == AS_THEY_WERE


def test_nothing_changes_where_one_file_has_no_fix_for_its_part(
    project: Path, three: list[tuple[Path, SourceText]]
) -> None:
    report = run(project, *three, prove=None, check=Renames(*NAMES, deaf="p/two.md"))
    assert texts(project) == AS_THEY_WERE
    held = [told for result in report.files for told in result.held_back]
    assert held and all("has to change with it, and does not" in told for told in held)


def test_a_full_disk_leaves_all_files_that_change_together(project: Path) -> None:
    """Room for one of them, not for all."""
    small = project / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        files = []
        for name in NAMES:
            (small / name).write_text("a:b\n" + "x" * 15_000)
            files.append((small / name, SourceText.decode(f"p/{name}", (small / name).read_bytes())))
        (small / "filler").write_bytes(b"x" * 20_000)
        report = run(project, *files, prove=None, check=Renames(*NAMES), settings=DIRTY)
        assert not any(result.written for result in report.files)
        assert any("no space left" in result.refused for result in report.files)
        assert [(small / name).read_text()[:3] for name in NAMES] == ["a:b"] * 3
        assert len(list(small.iterdir())) == 4
    finally:
        subprocess.run(["umount", str(small)], check=True)

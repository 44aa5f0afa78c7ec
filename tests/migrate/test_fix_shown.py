"""What --fix shows of its work: the table of steps, the patch, the way back, the scripts that are left over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from peerlint.migrate.fix import FileResult, FixReport, FixSettings, Verdict, diff, fix, preview, table
from peerlint.process.build import Reading, build
from peerlint.source.document import parse
from peerlint.source.kinds import FileKind
from peerlint.source.text import SourceText
from tests.migrate.test_fix import STEP, Prover, git, read_text, run, shell_found, steps, verdicts, write


def test_the_table_is_aligned_and_says_why_a_step_stays(project: Path) -> None:
    file = write(project, steps("one", "two") + STEP.format(3, "$(eval x)"))
    lines = table(run(project, file, prove=Prover(step2=Verdict.REFUTED)))
    assert lines[0] == "peer.md  step 1 step_1  proved   6 scenarios    9/9 branches    0.21 s"
    assert lines[1] == "peer.md  step 2 step_2  refuted  reason 2; not written"
    assert lines[2].startswith("peer.md  step 3 step_3  manual   ")


def test_a_table_of_several_files_stands_below_their_names(project: Path) -> None:
    (project / "a").mkdir()
    texts = {"a/peer.md": steps("one", "two"), "clean.md": "# Nothing\n", "peer.md": steps("three")}
    files = [write(project, text, name) for name, text in texts.items()]
    lines = table(run(project, *files, prove=Prover(step2=Verdict.REFUTED)), by_file=True)
    assert lines == [
        "p/a/peer.md",
        "  step 1 step_1  proved   6 scenarios    9/9 branches    0.21 s",
        "  step 2 step_2  refuted  reason 2; not written",
        "p/peer.md",
        "  step 1 step_1  proved  6 scenarios    9/9 branches    0.21 s",
    ]


def test_preview_writes_nothing_and_asks_nobody(project: Path) -> None:
    file = write(project, steps("one"))
    report = preview([file], root=project, read_text=read_text, check=shell_found)
    assert file[0].read_text() == file[1].text
    assert 'DISPLAY: "one"' in report.files[0].after.text
    assert verdicts(report) == [("1", Verdict.PLANNED, False)]


@pytest.mark.parametrize("name", ["peer.md", "with blank.md", "umlaut-ä.md", 'quote".md'])
@pytest.mark.parametrize(
    "pair",
    [
        ("a\nb\nc\n", "a\nx\nc\n"),
        ("a\r\nb\r\n", "a\r\nx\r\n"),
        ("a\nb", "a\nx"),
        ("a\n", "a"),
        ("a\x0cb\u2028c\n", "a\x0cx\u2028c\n"),
    ],
)
def test_the_diff_applies_with_git(project: Path, name: str, pair: tuple[str, str]) -> None:
    before, after = (SourceText(name, text) for text in pair)
    (project / name).write_bytes(before.encode())
    patch = diff(FixReport((FileResult(project / name, before, after),)))
    git(project, "init")
    done = subprocess.run(["git", "-C", str(project), "apply"], input=patch.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr
    assert (project / name).read_bytes() == after.encode()


def test_the_way_back_is_told_and_works(project: Path) -> None:
    git(project, "init")
    file = write(project, steps("one"))
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    loose = write(project, steps("two"), "loose.md")
    report = run(project, file, loose, prove=Prover(), settings=FixSettings(allow_dirty=True))
    assert all(result.written for result in report.files)
    subprocess.run(report.undo, shell=True, check=True, cwd=project.parent, capture_output=True)
    assert file[0].read_text() == file[1].text
    assert loose[0].read_text() == loose[1].text
    assert sorted(path.name for path in project.iterdir()) == [".git", "loose.md", "peer.md"]


def test_the_way_back_of_many_folders_is_one_command(project: Path) -> None:
    git(project, "init")
    (project / "a").mkdir()
    (project / "b c").mkdir()
    files = [write(project, steps("one"), name) for name in ("a/x.md", "b c/x.md", "top.md")]
    git(project, "add", ".")
    git(project, "commit", "-m", "x")
    report = run(project, *files, prove=Prover())
    assert report.undo.count("git") == 1
    subprocess.run(report.undo, shell=True, check=True, cwd=project.parent, capture_output=True)
    assert [path.read_text() for path, _ in files] == [source.text for _, source in files]


def test_the_way_back_goes_into_each_repository(project: Path) -> None:
    files = []
    for place in (project, project / "inner"):
        place.mkdir(exist_ok=True)
        git(place, "init")
        (place / ".gitignore").write_text("inner\n")
        files.append(write(project, steps("one"), f"{place.relative_to(project)}/x.md"))
        git(place, "add", ".")
        git(place, "commit", "-m", "x")
    report = run(project, *files, prove=Prover())
    assert all(result.written for result in report.files)
    subprocess.run(report.undo, shell=True, check=True, cwd=project.parent, capture_output=True)
    assert [path.read_text() for path, _ in files] == [source.text for _, source in files]


def test_scripts_that_nobody_calls_any_more_are_listed(project: Path) -> None:
    scripts = {name: SourceText(f"scripts/{name}", 'echo "hello"\n') for name in ("a.sh", "b.sh")}

    def read(source: SourceText) -> Reading:
        return build(parse(source), FileKind.INSTRUCTION, lambda ref: scripts.get(ref.rsplit("/", 1)[-1]))

    text = "".join(
        f'<step number="{n}" name="s{n}">\n```bash\nscripts/{s}\n```\n</step>\n' for n, s in enumerate(scripts, 1)
    )
    file = write(project, text)
    others = [*scripts.values(), SourceText("README.md", "b.sh is used elsewhere")]
    report = fix([file], root=project, read_text=read, check=shell_found, prove=Prover(), project_texts=lambda: others)
    assert report.files[0].written
    assert report.orphans == ("scripts/a.sh",)

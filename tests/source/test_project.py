"""The project: its root, what is found in it, what may be read, what references mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from peerlint.errors import InputError
from peerlint.source.project import MAX_BYTES, Project, RealFolders


def put(root: Path, *names: str, text: str = "x\n") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_where_folders_really_are(tmp_path: Path) -> None:
    put(tmp_path, "real/a/b/x.md")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real/a/up").symlink_to(tmp_path / "real")
    folders = RealFolders()

    for name in ("real/a/b", "link/a/b", "link/a/up/a/b", "link/../real/a", "link", "missing/c", ".", "link/a/up/.."):
        assert folders.of(tmp_path / name) == (tmp_path / name).resolve(), name
    assert folders.of(Path("a/b")) == Path("a/b").resolve()


def found(project: Project, *paths: Path) -> list[str]:
    return [project.relative(path) for path in project.files(paths or [project.root])]


@pytest.mark.parametrize("marker", [".git/", "pyproject.toml", ".peerlint.yaml", ".agent-os/", ".claude/", ".cursor/"])
def test_the_root_is_the_nearest_folder_with_a_marker(tmp_path: Path, marker: str) -> None:
    put(
        tmp_path,
        "outer/pyproject.toml",
        "outer/house/deep/down/x.md",
        f"outer/house/{marker}{'keep' if marker[-1] == '/' else ''}",
    )
    assert Project.at(tmp_path / "outer/house/deep/down/x.md").root == tmp_path / "outer/house"


def test_the_root_of_a_command_is_the_parent_of_its_tool_folder(tmp_path: Path) -> None:
    put(tmp_path, "house/.claude/commands/x.md")
    assert Project.at(tmp_path / "house/.claude/commands/x.md").root == tmp_path / "house"


def test_a_home_is_no_project_for_having_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    put(tmp_path, ".claude/settings.json", "notes/x.md")
    assert Project.at(tmp_path / "notes/x.md").root == tmp_path / "notes"


def test_discovery_walks_dot_folders_and_honours_gitignore(tmp_path: Path) -> None:
    put(
        tmp_path,
        ".git/HEAD",
        "a.md",
        ".claude/commands/b.md",
        ".cursor/rules/c.mdc",
        ".cursorrules",
        "d.py",
        "node_modules/e.md",
    )
    put(tmp_path, "out/f.md", "out/keep.md", "sub/g.md", "sub/h.md", "build/i.md", "build/j.md", ".git/info.md")
    put(tmp_path, ".gitignore", text="out/*\n!out/keep.md\nbuild/\n!build/j.md\n")
    put(tmp_path, "sub/.gitignore", text="/g.md\n")
    assert found(Project.at(tmp_path)) == [
        ".claude/commands/b.md", ".cursor/rules/c.mdc", ".cursorrules", "a.md", "out/keep.md", "sub/h.md",
    ]  # fmt: skip


def test_a_pattern_that_git_refuses_does_not_lose_the_others(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.md")
    put(tmp_path, ".gitignore", text="!\na.md\n")
    assert found(Project.at(tmp_path)) == ["b.md"]


def test_the_gitignore_of_the_repository_holds_in_a_project_below_it(tmp_path: Path) -> None:
    put(tmp_path, ".git/HEAD", "part/pyproject.toml", "part/a.md", "part/gen/b.md")
    put(tmp_path, ".gitignore", text="gen/\n")
    assert found(Project.at(tmp_path / "part")) == ["a.md"]


def test_a_file_that_is_named_is_taken_even_if_it_is_ignored(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.txt")
    put(tmp_path, ".gitignore", text="a.md\n")
    assert found(Project.at(tmp_path), tmp_path / "b.txt", tmp_path / "a.md", tmp_path) == ["a.md", "b.txt"]


def test_a_path_that_does_not_exist_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        Project.at(tmp_path).files([tmp_path / "x.md"])


def test_links_are_not_followed_while_walking(tmp_path: Path) -> None:
    put(tmp_path, "outside/a.md", "house/b.md")
    (tmp_path / "house/in").symlink_to(tmp_path / "outside")
    (tmp_path / "house/c.md").symlink_to(tmp_path / "outside/a.md")
    (tmp_path / "house/loop").symlink_to(tmp_path / "house")
    assert found(Project(tmp_path / "house")) == ["b.md"]


def test_reading_keeps_every_byte_and_names_the_file_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbfa\r\n\xff\n")
    source = Project.at(tmp_path).read(Path("a.md"))
    assert source.path == "a.md"
    assert source.encode() == b"\xef\xbb\xbfa\r\n\xff\n"


def refused(project: Project, path: Path) -> str:
    with pytest.raises(InputError) as caught:
        project.read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_small_regular_text_file_of_the_project_is_not_read(tmp_path: Path) -> None:
    house = tmp_path / "house"
    put(tmp_path, "secret.md", "house/a.md", "house/folder/b.md")
    os.mkfifo(house / "pipe.md")
    (house / "link.md").symlink_to(tmp_path / "secret.md")
    (house / "inner.md").symlink_to(house / "a.md")
    (house / "self.md").symlink_to(house / "self.md")
    (house / "null.md").symlink_to("/dev/zero")
    (house / "big.md").write_bytes(b"x" * (MAX_BYTES + 1))
    (house / "full.md").write_bytes(b"x" * MAX_BYTES)
    (house / "image.md").write_bytes(b"GIF\0")
    project = Project(house)
    assert "is not a regular file" in refused(project, house / "pipe.md")
    assert "leads out of the project" in refused(project, house / "link.md")
    assert "leads out of the project" in refused(project, house / "null.md")
    assert "leads out of the project" in refused(project, house / "../secret.md")
    assert "symbolic links" in refused(project, house / "self.md")
    assert "larger than 2 MB" in refused(project, house / "big.md")
    assert "binary" in refused(project, house / "image.md")
    assert "is a folder" in refused(project, house / "folder")
    assert "no such file" in refused(project, house / "nothing.md")
    assert project.read(house / "inner.md").text == "x\n"
    assert len(project.read(house / "full.md").text) == MAX_BYTES


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("~/.agent-os/scripts/peer/check.sh", ".agent-os/scripts/peer/check.sh"),
        ("$HOME/.agent-os/scripts/peer/check.sh", ".agent-os/scripts/peer/check.sh"),
        ("/home/somebody/.agent-os/scripts/peer/check.sh", ".agent-os/scripts/peer/check.sh"),
        ("@.agent-os/scripts/peer/check.sh", ".agent-os/scripts/peer/check.sh"),
        ("`~/.claude/hooks/guard.py`", ".claude/hooks/guard.py"),
        ('"$CLAUDE_PROJECT_DIR"/.claude/hooks/guard.py', ".claude/hooks/guard.py"),
        ("${CLAUDE_PROJECT_DIR}/tools/build.sh", "tools/build.sh"),
        ("./near.sh", ".agent-os/instructions/core/near.sh"),
        ("../shared.sh", ".agent-os/instructions/shared.sh"),
        ("tools/build.sh", "tools/build.sh"),
        ("~/.agent-os/scripts/only-here.sh", "scripts/only-here.sh"),
        ("~/.agent-os/helpers/deep.sh", "vendor/pack/helpers/deep.sh"),
        ("only-here.sh", "scripts/only-here.sh"),
        ("~/.agent-os/twice/same.sh", None),
        ("~/.agent-os/scripts/absent.sh", None),
        ("~/Documents/x.sh", None),
        ("/etc/passwd", None),
        ("../../../../outside.sh", None),
        ("scripts/*.sh", None),
        ("$SCRIPT", None),
        ("https://example.com/x.sh", None),
        ("tools", None),
        ("", None),
    ],
)
def test_references(tmp_path: Path, reference: str, target: str | None) -> None:
    put(tmp_path, "outside.sh")
    house = tmp_path / "house"
    put(
        house,
        ".git/HEAD",
        ".agent-os/scripts/peer/check.sh",
        ".claude/hooks/guard.py",
        "tools/build.sh",
        "scripts/only-here.sh",
    )
    put(house, ".agent-os/instructions/core/near.sh", ".agent-os/instructions/shared.sh", "vendor/pack/helpers/deep.sh")
    put(house, "a/twice/same.sh", "b/twice/same.sh")
    project = Project.at(house)
    resolved = project.resolve(reference, house / ".agent-os/instructions/core/peer.md")
    assert (resolved and project.relative(resolved)) == target


def test_the_script_root_comes_first_and_may_lie_outside(tmp_path: Path) -> None:
    put(tmp_path, "installed/scripts/x.sh", "house/.agent-os/scripts/x.sh", "house/p.md", "installed/flat.sh")
    project = Project.at(tmp_path / "house", script_root=tmp_path / "installed")
    assert project.resolve("~/.agent-os/scripts/x.sh", tmp_path / "house/p.md") == tmp_path / "installed/scripts/x.sh"
    assert project.resolve("~/.agent-os/scripts/flat.sh", tmp_path / "house/p.md") == tmp_path / "installed/flat.sh"
    assert project.read(tmp_path / "installed/scripts/x.sh").text == "x\n"
    with pytest.raises(InputError, match="is no folder"):
        Project.at(tmp_path, script_root=tmp_path / "nothing")


def test_the_real_home_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    put(tmp_path, "home/.agent-os/scripts/x.sh", "house/.git/HEAD", "house/p.md")
    assert Project.at(tmp_path / "house").resolve("~/.agent-os/scripts/x.sh", tmp_path / "house/p.md") is None


def test_a_script_that_is_a_link_out_of_the_project_is_not_resolved(tmp_path: Path) -> None:
    put(tmp_path, "outside.sh", "house/p.md")
    (tmp_path / "house/x.sh").symlink_to(tmp_path / "outside.sh")
    assert Project(tmp_path / "house").resolve("./x.sh", tmp_path / "house/p.md") is None


def test_facts(tmp_path: Path) -> None:
    put(tmp_path, "scripts/x.sh", ".claude/agents/file-name.md")
    put(tmp_path, ".agent-os/agents/other.md", text='---\ndescription: d\nname: "real-name"\n---\nname: not-this\n')
    put(tmp_path, "team/planner.agent.md", text="name: not-front-matter\n")
    facts = Project.at(tmp_path).facts
    assert facts.subagents == {"file-name", "other", "real-name", "planner"}
    assert facts.files >= {"scripts/x.sh", ".claude/agents/file-name.md"}


def test_whether_a_file_stands_beside_another_is_told_without_a_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a/build.md", "a/build.md.proof.json", "b/build.md")
    project = Project.at(tmp_path)

    def walked(folder: object) -> NoReturn:
        raise AssertionError(f"{folder} is walked")

    monkeypatch.setattr(os, "scandir", walked)
    found = {
        folder: project.facts.beside(str(tmp_path / folder / "build.md"), "build.md.proof.json") for folder in "ab"
    }
    assert found == {"a": True, "b": False}

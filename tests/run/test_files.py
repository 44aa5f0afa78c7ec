"""Files of a run stay within their folders, and memory behaves as a folder does."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peerlint.run.files import Files, FolderFiles, MemoryFiles
from peerlint.run.world import Cause, EffectFailure


def cause_of(call: Callable[[], object]) -> Cause:
    with pytest.raises(EffectFailure) as raised:
        call()
    return raised.value.cause


def test_outside_is_denied_however_it_is_spelled(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("s")
    (root / "link").symlink_to(outside)
    (root / "file-link").symlink_to(outside / "secret")
    files = FolderFiles(root)
    for path in ("../outside/secret", str(outside / "secret"), "link/secret", "file-link", "link/new"):
        assert cause_of(lambda path=path: files.read(path)) is Cause.FILE_DENIED  # type: ignore[misc]  # bound now
        assert cause_of(lambda path=path: files.write(path, "x", False)) is Cause.FILE_DENIED  # type: ignore[misc]
        assert cause_of(lambda path=path: files.exists(path, False)) is Cause.FILE_DENIED  # type: ignore[misc]
    for pattern in ("../outside/*", "link/*", f"{outside}/*"):
        assert cause_of(lambda pattern=pattern: files.matching(pattern)) is Cause.FILE_DENIED  # type: ignore[misc]
    assert FolderFiles(root, [outside]).read("link/secret") == "s"
    assert (outside / "secret").read_text() == "s"


@pytest.mark.parametrize("in_memory", [True, False])
def test_no_file_has_a_name_that_ends_like_that_of_a_folder(in_memory: bool, tmp_path: Path) -> None:
    files: Files = MemoryFiles() if in_memory else FolderFiles(tmp_path)
    files.write("plan", "text\n", False)
    assert files.exists("plan", False)
    assert not files.exists("plan/", False)
    assert files.empty("plan/", False)
    assert cause_of(lambda: files.read("plan/")) is Cause.FILE_MISSING
    assert cause_of(lambda: files.write("plan/", "x", False)) is Cause.FILE_MISSING
    assert cause_of(lambda: files.write("new/", "x", False)) is Cause.FILE_MISSING


def test_deleting_takes_the_link_and_only_inside(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("s")
    (root / "target").write_text("t")
    (root / "link").symlink_to(outside / "kept")
    (outside / "link-in").symlink_to(root / "target")
    files = FolderFiles(root)
    files.delete("link")
    assert not (root / "link").is_symlink()
    assert cause_of(lambda: files.delete("../outside/link-in")) is Cause.FILE_DENIED
    assert cause_of(lambda: files.delete("../outside/kept")) is Cause.FILE_DENIED
    assert (outside / "link-in").is_symlink()
    assert (outside / "kept").exists()


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    files = FolderFiles(tmp_path)
    assert cause_of(lambda: files.read("fifo")) is Cause.FILE_MISSING
    assert cause_of(lambda: files.write("fifo", "x", True)) is Cause.FILE_MISSING
    assert cause_of(lambda: files.read(".")) is Cause.FILE_MISSING
    assert cause_of(lambda: files.read("")) is Cause.FILE_MISSING
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert cause_of(lambda: files.read("loop")) in (Cause.FILE_MISSING, Cause.FILE_DENIED)


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\x00b")
    files = FolderFiles(tmp_path)
    files.write("b", files.read("a"), False)
    assert (tmp_path / "b").read_bytes() == b"\xff\x00b"


paths = st.sampled_from(["a", "b.md", ".hidden", "d/a", "d/x.md", "no/a", "d", "./a", "d/../a"])
calls = st.one_of(
    st.tuples(st.just("write"), paths, st.text("ab\n", max_size=4), st.booleans()),
    st.tuples(st.sampled_from(["read", "delete"]), paths),
    st.tuples(st.sampled_from(["exists", "empty"]), paths, st.booleans()),
    st.tuples(
        st.just("matching"),
        st.sampled_from(["*", "*.md", "d/*", ".*", "*/*.md", "[ab]*", "?", "x*", "./*", "d/../*", "*/", "d/*/", "*/a"]),
    ),
    st.tuples(st.just("enter"), st.sampled_from(["d", ".", "no"])),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, max_size=12))
def test_memory_behaves_as_a_folder(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]]) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "d").mkdir()
    worlds: list[Files] = [FolderFiles(root), MemoryFiles(folders=["d"])]
    for name, *arguments in steps:
        seen: list[object] = []
        for files in worlds:
            try:
                seen.append(getattr(files, str(name))(*arguments))
            except EffectFailure as failure:
                seen.append(failure.cause)
        assert seen[0] == seen[1], (name, arguments)


TREE = (".h", "a", "a b", "a1.md", "b-2.md", "x[1]", "x*", "ä.md", "d/a.md", "d/B.md", "d/.h.md", "d/e/z", "d 2/a.md")
pieces = st.sampled_from(
    [
        "*",
        "?",
        "[0-9]",
        "[!a]",
        "[^a]",
        "[a-c]",
        "[]x]",
        "[[]",
        "**",
        "a",
        "d",
        "x",
        ".",
        ".md",
        "/",
        " ",
        "-",
        "ä",
        "]",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(pieces, min_size=1, max_size=5).map("".join), min_size=1, max_size=5))
def test_patterns_match_as_in_bash(tmp_path_factory: pytest.TempPathFactory, patterns: list[str]) -> None:
    inside = [pattern for pattern in patterns if not {"", ".."} & set(pattern.rstrip("/").split("/"))]
    root = tmp_path_factory.mktemp("root")
    for path in TREE:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    words = " ".join(pattern.replace(" ", "\\ ") for pattern in inside)
    script = f"for word in {words}; do printf '%s\\n' \"$word\"; done"
    done = subprocess.run(
        ["bash", "-c", script], cwd=root, env={"LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=True
    )
    for files in (FolderFiles(root), MemoryFiles(dict.fromkeys(TREE, ""))):
        found = [path for pattern in inside for path in files.matching(pattern) or [pattern]]
        assert found == done.stdout.splitlines()

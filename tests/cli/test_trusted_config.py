"""What a repository's config may say: it tightens, it never loosens."""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.config import USER_KEYS
from tests.cli.test_check import CALLS_A_SCRIPT, run, write

VALUES = {
    "allow": "[gh]",
    "execute": "host",
    "nats": "nats://example.org",
    "store": "/tmp/x",
    "answers": "answers.yaml",
    "script-root": "/",
    "cache-dir": "/tmp/x",
    "output-file": "/tmp/x",
    "accept-repairs": "[scraped-output]",
}


def test_every_key_of_the_user_is_tried_here() -> None:
    assert set(VALUES) == USER_KEYS


@pytest.mark.parametrize("key", sorted(VALUES))
@pytest.mark.parametrize("name", [".peerlint.yaml", "base.yaml"])
def test_a_repository_may_not_set_it(project: Path, capsys: pytest.CaptureFixture[str], key: str, name: str) -> None:
    write(project, CALLS_A_SCRIPT)
    write(project, "extend: base.yaml\n", ".peerlint.yaml")
    write(project, f"{key}: {VALUES[key]}\n", name)

    assert run(".") == 2
    assert f'"{key}" may not be set by a repository' in capsys.readouterr().err


@pytest.mark.parametrize("key", sorted(VALUES))
def test_the_user_may_set_it(project: Path, tmp_path: Path, key: str) -> None:
    write(project, "Do the work.\n")
    own = tmp_path / "own.yaml"
    own.write_text(f"{key}: {VALUES[key]}\n")

    assert run(".", "--config", str(own)) == 0


@pytest.mark.parametrize(("key", "value"), [("extend", "../outside.yaml"), ("rules", "[../outside]")])
def test_a_repository_names_only_what_is_its_own(
    project: Path, capsys: pytest.CaptureFixture[str], key: str, value: str
) -> None:
    write(project, "ignore: [PL101]\n", "../outside.yaml")
    write(project, CALLS_A_SCRIPT)
    write(project, f"{key}: {value}\n", ".peerlint.yaml")

    assert run(".") == 2
    assert "leads out of the project" in capsys.readouterr().err


@pytest.mark.parametrize("own", [None, "extend: ../../.peerlint.yaml\n"])
def test_a_part_of_a_monorepo_has_the_config_of_the_whole(project: Path, own: str | None) -> None:
    (project / ".git").mkdir(exist_ok=True)
    write(project, "ignore: [PL101]\n", ".peerlint.yaml")
    write(project, "Run `./x/y.sh`.\n", "apps/web/.cursor/rules/w.mdc")
    if own is not None:
        write(project, own, "apps/web/.peerlint.yaml")

    assert run("apps/web") == 0
    (project / ".peerlint.yaml").write_text("fail-on: note\n")
    assert run("apps/web") == 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ignore: [PL999]", '"ignore"'),
        ("select: [external-scrpt]", '"select"'),
        ("extend-select: [PLX]", '"extend-select"'),
        ("severity: {external-scrip: note}", '"severity"'),
        ("per-file-ignores: {'*.md': [PL998]}", '"per-file-ignores" of "*.md"'),
    ],
)
def test_a_rule_that_is_not_there_is_named_with_file_and_key(
    project: Path, capsys: pytest.CaptureFixture[str], text: str, key: str
) -> None:
    write(project, CALLS_A_SCRIPT)
    write(project, text + "\n", ".peerlint.yaml")

    assert run(".") == 2
    err = capsys.readouterr().err
    assert ".peerlint.yaml" in err
    assert f"{key}: there is no rule" in err


def test_what_is_wrong_with_a_rule_of_the_project_stands_in_its_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, CALLS_A_SCRIPT)
    write(project, "id: TEAM1\nname: a\n", "own/TEAM1.yaml")
    write(project, "rules: [own]\nper-file-ignores: {'*.md': [PL101]}\n", ".peerlint.yaml")

    assert run(".") == 2
    err = capsys.readouterr().err
    assert "own/TEAM1.yaml: " in err
    assert "per-file-ignores" not in err


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "a: " * 5000, "x" * 300_000, "- a\n"])
def test_hostile_config_is_one_line(project: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    write(project, CALLS_A_SCRIPT)
    write(project, text, ".peerlint.yaml")

    assert run(".") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_each_file_fails_by_its_own_config(project: Path) -> None:
    outside_of_steps = "Run `./scripts/release.sh` and then write what it says to the user.\n"
    write(project, outside_of_steps, ".agent-os/instructions/a/one.md")
    write(project, "fail-on: error\n", ".agent-os/instructions/a/.peerlint.yaml")
    write(project, "Do the work.\n", ".agent-os/instructions/b/two.md")

    assert run(".") == 0


def test_a_file_that_is_no_text_does_not_stop_the_others(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, CALLS_A_SCRIPT)
    (project / ".agent-os/instructions/core/blob.md").write_bytes(b"\0\1")

    assert run(".", "--output-format", "concise") == 2
    shown = capsys.readouterr()
    assert "PL101" in shown.out
    assert "blob.md" in shown.err

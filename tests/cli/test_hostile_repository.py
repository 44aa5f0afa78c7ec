"""What a pull request may bring beside instruction files: config, rules, ignored files, baselines, certificates.

None of it may hold the check up, fill the memory, lead out of the project or end in anything but one line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from pathlib import Path

import pytest

from peerlint.source.project.ignore import IgnoreRules
from tests.cli.test_check import CALLS_A_SCRIPT, INSTRUCTION, run, write
from tests.cli.test_custom_rules import POLITE, rule
from tests.command_line import peerlint

SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"required-version: '>={'1' * 5000}'",
        f"preview: {'1' * 5000}",
        "required-version: 2024-13-45",
        "preview: !!int abc",
        "preview: !!int ''",
        "preview: !!float abc",
        "preview: !!bool abc",
        "preview: 0x_",
        "preview: 2001-12-14t21:59:43.10-99:99",
    ],
)
def test_a_value_that_yaml_cannot_make_is_one_line(project: Path, text: str) -> None:
    write(project, text + "\n", ".peerlint.yaml")
    done = peerlint("check", ".", cwd=project)
    assert done.code == 2
    assert ".peerlint.yaml" in done.complaint
    assert len(done.complaint) < 800


def test_plain_config_has_the_bound_of_all_yaml(project: Path) -> None:
    write(project, "exclude:\n" + "".join(f"  - folder{n}\n" for n in range(20_000)), ".peerlint.yaml")
    done = peerlint("check", ".", cwd=project)
    assert done.code == 2
    assert done.complaint.endswith(".peerlint.yaml: larger than 200000 bytes")


def test_what_a_complaint_quotes_is_escaped(project: Path) -> None:
    write(project, '"a\\n::error::b\\e[2J\\u202e##[stop-commands]c": 1\n', ".peerlint.yaml")
    done = peerlint("check", ".", cwd=project)
    assert done.code == 2
    assert ".peerlint.yaml" in done.complaint
    assert not set("\x1b\u202e") & set(done.err)
    assert "##[" not in done.err


@pytest.mark.parametrize("value", ["!!bool abc", "!!int abc", "!!float abc"])
def test_front_matter_with_a_value_that_yaml_cannot_make_is_a_finding(project: Path, value: str) -> None:
    name = write(project, f"---\ndescription: {value}\n---\n\nDo it.\n")
    done = peerlint("check", "--output-format", "concise", name, cwd=project)
    assert "PL504" in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    "text",
    [
        f"preview = {'1' * 5000}",
        f'required-version = ">={"1" * 5000}"',
        f"a{'.a' * 100_000} = 1",
        "a" + ' . "a"' * 100_000 + " = 1",
        f"[a{'.a' * 100_000}]",
        f"a = {{ b{'.b' * 100_000} = 1 }}",
    ],
)
def test_toml_that_its_reader_cannot_take_is_one_line(project: Path, text: str) -> None:
    write(project, f"[tool.peerlint]\n{text}\n", "pyproject.toml")
    done = peerlint("check", ".", cwd=project, seconds=20)
    assert done.code == 2
    assert "pyproject.toml" in done.complaint
    assert len(done.complaint) < 800


@pytest.mark.parametrize(
    ("link", "text", "config"),
    [
        (".peerlint.yaml", f"{SECRET}: 1\n", None),
        ("pyproject.toml", f"[tool.peerlint]\n{SECRET} = 1\n", None),
        ("rules/MY001.yaml", f"{SECRET}: 1\n", "rules: [rules]\n"),
        ("phrases.yaml", f"{SECRET}: 1\n", "phrases: [phrases.yaml]\n"),
    ],
)
def test_a_link_out_of_the_project_is_not_read_as_config(
    project: Path, tmp_path: Path, link: str, text: str, config: str | None
) -> None:
    write(project, CALLS_A_SCRIPT)
    (tmp_path / "outside").write_text(text)
    if config is not None:
        write(project, config, ".peerlint.yaml")
    (project / link).parent.mkdir(exist_ok=True)
    (project / link).symlink_to(tmp_path / "outside")

    done = peerlint("check", ".", cwd=project)
    assert done.code == 2
    assert "leads out of the project" in done.complaint
    assert SECRET not in done.complaint


def test_config_may_be_a_link_within_the_project(project: Path) -> None:
    write(project, CALLS_A_SCRIPT)
    write(project, "ignore: [PL101]\n", "config/peerlint.yaml")
    (project / ".peerlint.yaml").symlink_to("config/peerlint.yaml")

    assert run(".") == 0


def test_a_certificate_that_is_a_link_is_none(project: Path, tmp_path: Path) -> None:
    name = write(project, CALLS_A_SCRIPT)
    (tmp_path / "outside").write_text(json.dumps({"schema": SECRET}))
    name.with_name(name.name + ".proof.json").symlink_to(tmp_path / "outside")

    for arguments in (["check", "."], ["prove", "--check", INSTRUCTION], ["prove", "--replay", INSTRUCTION]):
        done = peerlint(*arguments, cwd=project)
        assert done.code in (1, 2)
        assert SECRET not in done.out + done.err


def test_a_certificate_is_not_unpacked_beyond_all_bounds(project: Path) -> None:
    data = b"[" + b" " * (60 << 20) + b"]"
    record = {
        "verdict": "proved",
        "logic": "",
        "originals": {},
        "repairs": [],
        "assumes": [],
        "arms": {},
        "observed": hashlib.sha256(data).hexdigest(),
        "observations": base64.b64encode(zlib.compress(data, 9)).decode(),
    }
    form = {"schema": "peerlint-proof/2", "file": INSTRUCTION, "model": {"peerlint": "0.1.0"}, "process": {}}
    form |= {"environment": {}, "digest": "", "steps": {str(number): record for number in range(20)}}
    name = write(project, CALLS_A_SCRIPT)
    write(project, json.dumps(form), INSTRUCTION + ".proof.json")

    done = peerlint("prove", "--check", name, cwd=project, seconds=20)
    assert done.code == 1
    assert "its observations are cut off" in done.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_a_baseline_that_is_no_file(project: Path, kind: str) -> None:
    write(project, CALLS_A_SCRIPT)
    if kind == "pipe":
        os.mkfifo(project / "known.json")
    elif kind == "device":
        (project / "known.json").symlink_to("/dev/zero")
    else:
        (project / "known.json").mkdir()
    done = peerlint("check", "--baseline", "known.json", ".", cwd=project, seconds=20)
    assert done.code == 2
    assert "known.json" in done.err


@pytest.mark.parametrize("findings", ["1", "null", '"x"', '{"a": 1}'])
def test_findings_of_a_baseline_that_are_no_list(project: Path, findings: str) -> None:
    write(project, f'{{"peerlint-baseline": 1, "findings": {findings}}}', "known.json")
    done = peerlint("check", "--baseline", "known.json", ".", cwd=project)
    assert done.code == 2
    assert "is no baseline" in done.complaint


@pytest.mark.parametrize(
    "line",
    ["*a*a*a*a*a*a*a*a*a*b", "[!x]*a*a*a*a*a*a*a*a*a*b", "!*a*a*a*a*b", "!*a*a*a*b", "**/a/**/a/**/a/**/a/**/b"],
)
def test_a_gitignore_made_to_be_slow(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library has a faster reader where RE2 is installed, which is not the case for most people."""
    monkeypatch.setattr("pathspec.gitignore.GitIgnoreSpec.from_lines", _with_the_plain_reader())
    ignored = IgnoreRules(tmp_path, lambda path: line if path.endswith("/.gitignore") else None).within(tmp_path)
    assert not ignored("a" * 240)
    assert not ignored("a/" * 100)


def test_a_gitignore_of_many_folders_is_heard(tmp_path: Path) -> None:
    lines = "**/build/**/*.md\n!keep.md\n"
    ignored = IgnoreRules(tmp_path, lambda path: lines if path.endswith("/.gitignore") else None).within(tmp_path)
    assert ignored("a/build/b/c.md")
    assert not ignored("a/built/b/c.md")


def _with_the_plain_reader() -> object:
    from pathspec import GitIgnoreSpec

    original = GitIgnoreSpec.from_lines
    return lambda lines: original(lines, backend="simple")


RE2 = pytest.importorskip("re2")


@pytest.mark.parametrize(
    "more",
    [
        "help: '{text:>99999999999}'",
        "help: '{text.__class__}'",
        "help: '{text!r}'",
        "help: '{text:{text}}'",
        "help: '{text'",
        f"help: '{'x' * 5000}'",
        "needs: [404]",
        "needs: [null]",
    ],
)
def test_a_rule_that_could_fill_the_memory_or_break_is_refused(project: Path, more: str) -> None:
    write(project, "Please do it.\n")
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule(POLITE, more), "my/MY001.yaml")

    done = peerlint("check", ".", cwd=project)
    assert done.code == 2
    assert "MY001.yaml" in done.complaint


def test_more_rules_than_a_folder_may_hold_are_not_even_read(project: Path) -> None:
    write(project, "rules: [my]\n", ".peerlint.yaml")
    for number in range(101):
        write(project, "no rule\n", f"my/{number}.yaml")
    done = peerlint("check", ".", cwd=project)
    assert "holds more than 100 rules" in done.complaint


@pytest.mark.parametrize("select", ["//*[*/@attr-x1=*/@attr-y]", "//*[@a1=@b2]", "//*[* != a9]", "//*[*/@x.1 = .]"])
def test_nodes_are_not_compared_with_nodes_whatever_their_names(project: Path, select: str) -> None:
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule(select), "my/MY001.yaml")
    assert peerlint("check", ".", cwd=project).code == 2


@pytest.mark.parametrize("select", ["//*[@level=2]", "//*[2.5 < @level]", "//*[@role = 'a' and 'b'=@role]"])
def test_nodes_are_compared_with_texts_and_numbers(project: Path, select: str) -> None:
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule(select), "my/MY001.yaml")
    assert peerlint("check", ".", cwd=project).code == 0


_DEEP = "".join(f"<a{n}>\n" for n in range(24)) + "text\n" + "".join(f"</a{n}>\n" for n in range(23, -1, -1))


@pytest.mark.parametrize(
    ("text", "select", "more"),
    [
        (_DEEP * 800, "(//*)//*[last()][last()]", ""),
        ("".join(f"<a{n}>\n" for n in range(19_000)) + "word " * 200_000 + "\n", "//*", "pattern: 'never'"),
        ("a " * 900_000 + "\n", "//*", "pattern: '.'"),
        ("- a b c d e f g\n" * 20_000, "//*", "pattern: '.'"),
    ],
    ids=["descent in descent", "nodes in nodes", "one line", "many lines"],
)
def test_a_rule_takes_no_longer_than_its_file_is_long(project: Path, text: str, select: str, more: str) -> None:
    name = write(project, text)
    write(project, "rules: [my]\n", ".peerlint.yaml")
    for number in range(1, 9):
        one = rule(select, more).replace("MY001", f"MY00{number}").replace("politeness", f"rule-a{number}")
        write(project, one, f"my/MY00{number}.yaml")
    done = peerlint("check", "--select", "MY", "--output-format", "concise", name, cwd=project, seconds=40)
    assert done.code in (0, 1)
    assert len(done.out.splitlines()) <= 8 * 1000 + 1

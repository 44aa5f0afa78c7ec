"""Rules of your own: the tutorial is followed literally, and nothing in them can run away."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.cli.test_check import INSTRUCTION, run, write

RULE = """
id: MY001
name: politeness
severity: warning
confidence: high
profile: coordination
since: 0.1.0
roles: [procedure]
select: {select}
{more}
message: "no need to be polite: {{text}}"
summary: Politeness.
why: It takes room.
examples:
  valid: [{{title: plain, text: "Do it.\\n"}}]
  invalid: [{{title: polite, lines: [1], text: "Please do it.\\n"}}]
"""
POLITE = "//paragraph[contains(., 'Please')]"


def rule(select: str = POLITE, more: str = "") -> str:
    return RULE.format(select=json.dumps(select), more=more)


class TestTestRules:
    """`peerlint test-rules DIR`."""

    def test_a_rule_that_does_what_it_says(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, rule(), "my/MY001.yaml")

        assert run("test-rules", "my") == 0
        assert capsys.readouterr().out == "MY001  politeness  2 examples\n"

    def test_a_folder_without_rules_is_no_success(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, "notes\n", "my/README.md")

        assert run("test-rules", "my") == 2
        assert capsys.readouterr().err == "peerlint: my: holds no rule files; put NAME.yaml into it\n"

    @pytest.mark.parametrize(
        ("select", "said"),
        [
            (
                "//fense",
                '"select" names "fense", which is no kind of node; a tag is element[@name=\'fense\']; nodes are',
            ),
            ("//step/paragraph", "a tag is element[@name='step']"),
            ("//fence[paragraf]", 'names "paragraf"'),
        ],
    )
    def test_a_node_that_there_is_not(
        self, project: Path, capsys: pytest.CaptureFixture[str], select: str, said: str
    ) -> None:
        write(project, rule(select), "my/MY001.yaml")

        assert run("test-rules", "my") == 2
        assert said in capsys.readouterr().err

    @pytest.mark.parametrize(
        "select",
        [
            "//*[self::fence or self::paragraph]",
            "//element[@name='step' and not(@attr-name)]",
            "//section[@level=2]/paragraph[1]",
            "//paragraph[contains(., 'fense') and position() < 3]",
            "child::section/descendant::paragraph",
            "//paragraph[string-length(normalize-space(.)) > 5]",
        ],
    )
    def test_expressions_that_are_in_order(self, project: Path, select: str) -> None:
        write(project, rule(select), "my/MY001.yaml")

        assert run("test-rules", "my") in (0, 1)

    def test_a_name_that_is_taken(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, rule().replace("politeness", "external-script"), "my/MY001.yaml")

        assert run("test-rules", "my") == 2
        assert 'the name "external-script" is that of PL101' in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("select", "words"),
        [
            ("//paragraph", ["Noisy"]),
            ("//paragraph[contains(., 'Kindly')]", ["Missing"]),
            ("//heading", ["Missing"]),
        ],
    )
    def test_noisy_and_missing(
        self, project: Path, capsys: pytest.CaptureFixture[str], select: str, words: list[str]
    ) -> None:
        write(project, rule(select), "my/MY001.yaml")

        assert run("test-rules", "my") == 1
        assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == words

    def test_wrong_lines(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        write(project, rule().replace("lines: [1]", "lines: [7]"), "my/MY001.yaml")

        assert run("test-rules", "my") == 1
        assert 'Wrong   "polite" is invalid on line 7, the rule speaks on line 1' in capsys.readouterr().out

    def test_a_rule_without_examples_is_untested(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = rule()
        write(project, text[: text.index("examples:")] + "examples: {valid: [], invalid: []}\n", "my/MY001.yaml")

        assert run("test-rules", "my") == 1
        assert capsys.readouterr().out.count("Wrong") == 2


@pytest.mark.parametrize(
    ("select", "more"),
    [
        ("//a[//b]", ""),
        ("//a//b//c", ""),
        ("document('/etc/passwd')", ""),
        ("//a[", ""),
        ("//x[concat(., .)]", ""),
        ("//*[count(../*) > 3]", ""),
        ("//*[parent::x]", ""),
        ("//*/preceding::x", ""),
        ("//*[following-sibling::x]", ""),
        ("//*[* = */*]", ""),
        ("//a | //b", ""),
        ("//*[re:test(., 'x')]", ""),
        (POLITE, r"pattern: '(a)\1'"),
        (POLITE, "pattern: '('"),
        (POLITE, "pattern: '((a{1000}){1000}){1000}'"),
        (POLITE, f"pattern: '{'a' * 1000}'"),
        (POLITE, "detect: unused_suppression"),
        (POLITE, "help: '{nobody}'"),
        (POLITE, "help: '{0.__class__}'"),
    ],
)
def test_what_could_run_away_or_do_harm_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], select: str, more: str
) -> None:
    write(project, "Do it.\n")
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule(select, more), "my/MY001.yaml")

    assert run(".") == 2
    err = capsys.readouterr().err
    assert "MY001.yaml" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("taken", ["PL101", "PL999"])
def test_ids_of_built_in_rules_are_taken(project: Path, taken: str) -> None:
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule().replace("MY001", taken), "my/rule.yaml")

    assert run(".") == 2


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*b", ".*.*.*.*x", "(?:a?){50}a{50}"])
def test_no_pattern_takes_long(project: Path, pattern: str) -> None:
    pytest.importorskip("re2")
    write(project, "a" * 4000 + "!\n")
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule("//paragraph", f"pattern: '{pattern}'"), "my/MY001.yaml")

    started = time.monotonic()
    run(".", "--select", "MY")
    assert time.monotonic() - started < 5


@pytest.mark.slow
@pytest.mark.parametrize("select", ["//element//element", "//*[contains(., 'zzz')]", "//*[*[*[*]]]"])
def test_no_xpath_takes_long_on_a_file_made_for_it(project: Path, select: str) -> None:
    write(project, "<a>\n" * 40_000)
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule(select), "my/MY001.yaml")

    started = time.monotonic()
    run(".", "--select", "MY")
    assert time.monotonic() - started < 30


def test_a_pattern_finds_each_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("re2")
    write(project, "😀 Please, please do it.\r\n")
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule("//paragraph", "pattern: '(?i)please'"), "my/MY001.yaml")

    assert run(".", "--output-format", "concise") == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines[:2]] == [f"{INSTRUCTION}:1:3:", f"{INSTRUCTION}:1:11:"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_pattern_knows_the_ends_of_lines(project: Path, capsys: pytest.CaptureFixture[str], line_end: str) -> None:
    pytest.importorskip("re2")
    text = line_end.join(["Now please", "please wait", "and " + "x" * 5000, "", "y" * 5000, ""])
    (project / INSTRUCTION).parent.mkdir(parents=True, exist_ok=True)
    (project / INSTRUCTION).write_bytes(text.encode())
    write(project, "rules: [my]\n", ".peerlint.yaml")
    write(project, rule("//paragraph", "pattern: '(^please|please$|y+$)'"), "my/MY001.yaml")

    run(".", "--select", "MY", "--output-format", "concise")

    found = [line for line in capsys.readouterr().out.splitlines() if "MY001" in line]
    assert [line.split(" ")[0] for line in found] == [f"{INSTRUCTION}:1:5:", f"{INSTRUCTION}:2:1:"]

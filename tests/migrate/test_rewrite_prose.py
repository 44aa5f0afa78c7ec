"""Sentences that call shell, announce it or tell its exit codes go with it; the prose around them stays as it was."""

from __future__ import annotations

import textwrap

import pytest

from tests.migrate.rewriting import lowered, migrated, read, rewritten


@pytest.mark.parametrize("line", ["Use the Bash tool to run:", "Then run the following commands:", "Execute this:"])
def test_a_line_that_only_announces_shell_goes_with_it(line: str) -> None:
    before = f"## Step 1: Check\n\nThe lock must be free.\n\n{line}\n\n```bash\n./a.sh\n```\n"
    text = rewritten(before, {"1": lowered('DISPLAY: "x"')})
    assert "The lock must be free.\n\n<check_logic>" in text


def test_the_sentence_about_an_exit_code_goes_with_the_call_on_its_line() -> None:
    before = "## Step 2: Check\n\nRun `a.sh`. If it exits with code 3, the tree is dirty. Look out.\n"
    text = rewritten(before, {"2": lowered('STOP execution because "the tree is dirty"')})
    assert "## Step 2: Check\n\nLook out.\n\n<check_logic>" in text


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("Run `scripts/a.sh`.", ""),
        ("Be quick. Run `scripts/a.sh`. Look at it.", "Be quick. Look at it.\n"),
        ("Use the Bash tool to run `scripts/a.sh`.", ""),
        ("Be quick. Run `scripts/a.sh` to keep the newest dumps. Look at it.", "Be quick. Keep the newest dumps. Look"),
        ("Make it with `scripts/a.sh x` before you go.", "Make it before you go.\n\n<a_logic>"),
        ("**Tidy**: run `scripts/a.sh x` to keep\nthe newest dumps.", "**Tidy**: Keep\nthe newest dumps.\n\n<a_logic>"),
    ],
)
def test_a_sentence_that_tells_to_run_shell_goes(sentence: str, kept: str) -> None:
    before = f'<step number="1" name="a">\n\n### A\n\n{sentence}\n\n</step>\n'
    text = rewritten(before, {"1": lowered('DISPLAY: "x"')})
    assert 'DISPLAY: "x"' in text and "a.sh" not in text
    assert kept in text
    assert not read(text).steps[0].shell


def test_a_sentence_that_says_more_than_to_run_shell_forbids_the_rewrite() -> None:
    before = '<step number="1" name="a">\nRun `scripts/a.sh` on each file that has changed.\n</step>\n'
    assert list(migrated(before, {"1": lowered('DISPLAY: "x"')}).left) == ["1"]


def test_a_sentence_about_an_exit_code_leaves_the_prose() -> None:
    before = textwrap.dedent(
        """\
        <step number="1" name="import">
        ```bash
        ./import.sh
        ```

        If it exits with code 4, the import is already running.

        Be patient.
        </step>
        """
    )
    text = rewritten(before, {"1": lowered('STOP execution because "the import is already running"')})
    assert "exits with code" not in text
    assert "Be patient." in text


def test_sentences_about_exit_codes_below_each_other_leave_one_gap() -> None:
    before = (
        "## Step 1: Import\n\n```bash\n./import.sh\n```\n\n"
        "If it exits with 2, stop.\nIf it exits with 3, stop: it runs already.\n"
        "\n## Step 2: Wait\n\nBe patient.\n"
    )
    text = rewritten(before, {"1": lowered("STOP execution")})
    assert "exits with" not in text
    assert "</import_logic>\n\n## Step 2: Wait\n" in text


def test_a_sentence_with_two_codes_leaves_the_prose_as_a_whole() -> None:
    before = "## Step 1: Import\n\n```bash\n./a.sh\n```\n\nIt exits 2 if it runs, 3 if it is off.\n\nBe patient.\n"
    text = rewritten(before, {"1": lowered("STOP execution")})
    assert text.endswith("</import_logic>\n\nBe patient.\n")


def test_a_list_of_exit_codes_leaves_the_prose_with_the_line_above_it() -> None:
    before = textwrap.dedent(
        """\
        <step number="1" name="import">
        ```bash
        ./import.sh
        ```

        Exit codes:

        - `3`: the tree is dirty
        - `4`: the import is already running

        Be patient.
        </step>
        """
    )
    text = rewritten(before, {"1": lowered('STOP execution because "the import is already running"')})
    assert "Exit codes" not in text
    assert "`3`" not in text
    assert "`4`" not in text
    assert "Be patient." in text


def test_an_item_that_only_called_shell_keeps_its_place_in_the_list() -> None:
    before = "1. Read the plan.\n2. Run `s/a.sh`.\n3. Say what you did.\n"
    lowering = lowered('DISPLAY: "x"')
    text = rewritten(before, {"2": lowering})
    logic = '   <a_logic>\n     DISPLAY: "x"\n   </a_logic>\n'
    assert text == f"1. Read the plan.\n2. Follow the logic below.\n\n{logic}\n3. Say what you did.\n"
    reading = read(text)
    assert [step.number for step in reading.steps] == ["1", "2", "3"]
    assert reading.steps[1].step.statements == lowering.statements


@pytest.mark.parametrize("head", ["", "1. ", "- "])
def test_a_condition_on_the_call_that_has_gone_has_something_to_look_back_to(head: str) -> None:
    before = f"## Step 1: Rotate\n\n{head}Run `s/a.sh`. If it fails, mend the list.\n"
    text = rewritten(before, {"1": lowered('DISPLAY: "x"')})
    assert f"\n{head}Follow the logic below. If it fails, mend the list.\n\n" in text


def test_logic_stands_below_the_whole_paragraph_that_called_its_shell() -> None:
    before = "## Step 1: Rotate\n\nFirst, run `s/a.sh`. It says what it\nhas done. Look at that.\n\nThen wait.\n"
    text = rewritten(before, {"1": lowered('DISPLAY: "x"')})
    assert text.startswith("## Step 1: Rotate\n\nIt says what it\nhas done. Look at that.\n\n<rotate_logic>\n")
    assert text.endswith("</rotate_logic>\n\nThen wait.\n")


def test_a_sentence_over_two_lines_goes_as_a_whole() -> None:
    before = (
        "- **Check**: run `s/a.sh`. If it exits with code 3,\n  the tree is dirty. Look\n  out.\n"
        "- Wait.\n\n## Step 2: Go\n\nGo.\n"
    )
    text = rewritten("## Step 1: Check\n\n" + before, {"1": lowered('STOP execution because "the tree is dirty"')})
    assert text.startswith("## Step 1: Check\n\n- **Check**: Look\n  out.\n\n  <check_logic>\n")
    assert "\n  </check_logic>\n\n- Wait.\n" in text


@pytest.mark.parametrize("indent", ["", "   "])
def test_an_item_that_only_announced_shell_keeps_its_place_in_the_list(indent: str) -> None:
    fence = f"{indent}```bash\n{indent}./a.sh\n{indent}```\n"
    before = f"1. Run this:\n\n{fence}\n2. Say what you did.\n"
    text = rewritten(before, {"1": lowered('DISPLAY: "x"')})
    assert text.startswith(f"1. Follow the logic below.\n\n{indent}<")
    assert text.endswith("\n2. Say what you did.\n")
    assert [step.number for step in read(text).steps] == ["1", "2"]


def test_a_sentence_that_goes_on_in_the_next_line_says_more_than_to_run_shell() -> None:
    before = "## Step 1: A\n\nRun `s/a.sh`\nand show what it says.\n"
    left = migrated(before, {"1": lowered('DISPLAY: "x"')}).left
    assert left == {"1": "the sentence that calls the shell says more than to run it"}


def test_a_line_that_announces_a_script_by_its_name_goes() -> None:
    before = "## Step 1: Publish\n\nBe careful.\n\nRun the publish script:\n\n```bash\n./a.sh\n```\n"
    assert "Be careful.\n\n<publish_logic>" in rewritten(before, {"1": lowered('DISPLAY: "x"')})


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("Only one at a time: if it exits with code 3, somebody else is at it.", "Only one at a time.\n"),
        (
            "Only one at a time; if it exits with code 3, somebody else is at it. Be patient.",
            "at a time. Be patient.\n",
        ),
        ("Be quick. If it exits with code 3, somebody else is at it. Look at it.", "Be quick. Look at it.\n"),
        ("If it exits with code 3, somebody else is at it. Look at it.", "\nLook at it.\n"),
        ("- If it exits with code 3, somebody else is at it.\n- Look at it.", "</a_logic>\n\n- Look at it.\n"),
    ],
)
def test_prose_around_a_sentence_about_an_exit_code_stays_prose(sentence: str, kept: str) -> None:
    before = f'<step number="1" name="a">\n\n```bash\nscripts/a.sh\n```\n\n{sentence}\n\n</step>\n'
    text = rewritten(before, {"1": lowered('DISPLAY: "x"')})
    assert kept in text, text
    assert "code 3" not in text

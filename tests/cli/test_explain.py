"""`peerlint explain`: how each line was understood, for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import peerlint

TEXT = """\
<step number="1" name="nats_check">

<validation_logic>
  CHECK: NATS server connectivity
  IF server not responding:
    ERROR: "NATS is away"
    STOP execution
  ELSE:
    PROCEED to next step
</validation_logic>

</step>

<step number="2" name="greeting">

```bash
echo "hello"
```

</step>
"""


def test_each_statement_is_shown_with_what_it_was_bound_to(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, cwd=tmp_path)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == ".agent-os/instructions/peer.md: instruction, 2 steps"
    assert " 4  CHECK: NATS server connectivity" in lines
    assert any("server not responding" in line and "how the effect above ended" in line for line in lines)
    assert any(line.strip().startswith("= shell in a fence, the agent is told to run it") for line in lines)


def test_json_names_span_kind_text_and_binding(file: Path, tmp_path: Path) -> None:
    found = json.loads(peerlint("explain", file, "--output-format", "json", cwd=tmp_path).out)
    assert (found["kind"], [step["number"] for step in found["steps"]]) == ("instruction", ["1", "2"])
    condition = next(s for s in found["steps"][0]["statements"] if s["kind"] == "if")
    assert condition["text"] == "IF server not responding:"
    assert condition["binding"]["kind"] == "outcome"
    assert condition["span"]["location"] == {"row": 5, "column": 3}
    assert condition["opaque"] is None


def test_a_step_is_shown_with_its_logic_after_the_passes(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, "--step", "2", cwd=tmp_path)
    assert 'DISPLAY: "hello"' in done.out
    assert "peerlint --fix can migrate it" in done.out


def test_a_step_that_stays_shows_the_contract_of_its_script(file: Path, tmp_path: Path) -> None:
    script = tmp_path / ".agent-os" / "scripts" / "lock.sh"
    script.parent.mkdir()
    script.write_text('eval "$1"\necho "no lock"\nexit 4\n')
    file.write_text(TEXT.replace('echo "hello"', ".agent-os/scripts/lock.sh x"))
    lines = peerlint("explain", file, "--step", "2", cwd=tmp_path).out.splitlines()
    at = lines.index("contract of .agent-os/scripts/lock.sh (3 lines):")
    assert lines[at + 1 :] == ["  takes: argument 1", '  ends with 4 at line 3: "no lock"']
    found = json.loads(peerlint("explain", file, "--step", "2", "--output-format", "json", cwd=tmp_path).out)
    assert found["steps"][0]["contracts"] == ["\n".join(lines[at:])]


def test_an_unknown_step_is_one_clear_line(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, "--step", "9", cwd=tmp_path)
    assert done.code == 2
    assert "has no step 9" in done.complaint and "1, 2" in done.complaint


def test_text_of_the_file_cannot_move_the_cursor(file: Path, tmp_path: Path) -> None:
    file.write_text(TEXT.replace("hello", "\x1b[2Jhello\u202e"), encoding="utf-8")
    out = peerlint("explain", file, cwd=tmp_path).out
    assert "\x1b" not in out and "\u202e" not in out


def test_steps_of_one_number_are_all_shown_and_none_is_migrated(file: Path, tmp_path: Path) -> None:
    step = '<step number="1" name="{name}">\n\n```bash\necho "{name}"\n```\n\n</step>\n'
    file.write_text(step.format(name="first") + step.format(name="second"), encoding="utf-8")
    shown = peerlint("explain", file, "--step", "1", cwd=tmp_path).out
    assert "2 steps have the number 1, at lines 1 and 8: PROCEED to step 1 goes to the first" in shown
    assert shown.count("stays as it is: 2 steps have the number 1 (lines 1 and 8): give each its own") == 2
    assert "after pass" not in shown


def test_code_that_is_not_run_is_shown_with_its_role_and_the_reason(file: Path, tmp_path: Path) -> None:
    code = "**Bad:**\n```bash\nrm -rf /\n```\n\n<note_template>\n  hi\n</note_template>"
    file.write_text(f'<step number="1" name="x">\n\n{code}\n</step>\n', encoding="utf-8")
    lines = peerlint("explain", file, cwd=tmp_path).out.splitlines()
    assert lines[lines.index(" 4  ```bash") + 1].strip() == '= shows what not to do ("**Bad:**" stands above)'
    assert lines[lines.index(" 8  <note_template>") + 1].strip().startswith("= output to be written, not run")
    (found,) = json.loads(peerlint("explain", file, "--output-format", "json", cwd=tmp_path).out)["steps"]
    assert [(node["role"], node["span"]["location"]["row"]) for node in found["not_run"]] == [
        ("counter_example", 4),
        ("template", 8),
    ]


def test_what_is_not_understood_has_its_place_its_reason_and_its_conditions(file: Path, tmp_path: Path) -> None:
    loop = "<loop_logic>\n<exit_conditions>\n- OPEN is empty\n</exit_conditions>\n</loop_logic>\n"
    file.write_text(f'<step number="1" name="x">\n{loop}</step>\n', encoding="utf-8")
    lines = peerlint("explain", file, cwd=tmp_path).out.splitlines()
    at = lines.index("2  <loop_logic>")
    assert lines[at + 1].strip().startswith("= not understood: a loop without a bound")
    assert lines[at + 2].strip() == "= line 4, OPEN is empty: tested as it stands"


def test_a_condition_is_shown_once_though_its_line_stands_for_more_than_one_statement(
    file: Path, tmp_path: Path
) -> None:
    logic = 'IF A is empty:\n  STOP\nWHILE OPEN > 0, at most 5 times:\n  DISPLAY: "x"\n'
    file.write_text(f'<step number="1" name="x">\n{logic}</step>\n', encoding="utf-8")
    out = peerlint("explain", file, cwd=tmp_path).out
    assert out.count("tested: OPEN is greater than 0") == 1
    assert "= reads as REPEAT up to 5 times, until NOT (OPEN is greater than 0):" in out


def test_a_step_whose_logic_runs_the_script_is_not_migrated(file: Path, tmp_path: Path) -> None:
    logic = 'IF --fast provided:\n  RUN: `./x.sh`\nDISPLAY: "end"\n'
    file.write_text(f'<step number="1" name="x">\n<flow>\n{logic}</flow>\n</step>\n', encoding="utf-8")
    out = peerlint("explain", file, "--step", "1", cwd=tmp_path).out
    assert out.count("./x.sh") == 1
    assert "stays as it is: line 4 runs its command among logic" in out


def test_code_in_an_item_of_a_list_is_shown_too(tmp_path: Path) -> None:
    rule = tmp_path / ".cursor/rules/x.mdc"
    rule.parent.mkdir(parents=True)
    rule.write_text("# X\n\n1. Run `tools/a.sh` now.\n2. Look at this:\n\n```bash\nnpm test && echo ok\n```\n")
    lines = peerlint("explain", str(rule), cwd=tmp_path).out.splitlines()
    at = lines.index(" 6  ```bash") if " 6  ```bash" in lines else lines.index("6  ```bash")
    assert lines[at + 1].strip() == "= documentation, not run (kind of file: cursor rule)"


def test_the_lines_of_a_try_are_shown_once_and_in_their_order(tmp_path: Path) -> None:
    logic = "TRY:\n  RUN: `npm test`\n  READ: key lock from bucket state AS LOCK\n  STORE: report in state = LOCK\n"
    after = 'IF fails:\n  ERROR: "no build"\n  STOP execution\nWHILE LEFT > 0, at most 5 times:\n  RUN: `./next.sh`\n'
    path = ".agent-os/instructions/try.md"
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(f'<step number="1" name="it">\n\n<logic>\n{logic}{after}</logic>\n\n</step>\n')
    found = json.loads(peerlint("explain", path, "--output-format", "json", cwd=tmp_path).out)
    rows = [each["span"]["location"]["row"] for each in found["steps"][0]["statements"]]
    assert rows == list(range(4, 13))


def test_why_a_step_stays_names_the_line_of_the_file_or_of_the_script(file: Path, tmp_path: Path) -> None:
    """Also of the second of two calls, and of one that is indented."""
    calls = '```bash\nls\n```\n\n- Then:\n\n  ```bash\n  X=1\n  eval "$X"\n  ```\n'
    file.write_text(f'<step number="1" name="x">\n\n{calls}\n</step>\n', encoding="utf-8")
    said = peerlint("explain", file, "--step", "1", cwd=tmp_path).out
    assert "stays as it is: eval, which runs text as code (line 11); keep it as a script, and call that" in said

    script = tmp_path / ".agent-os/scripts/x.sh"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text('X=1\neval "$X"\n', encoding="utf-8")
    file.write_text('<step number="1" name="x">\n\nSCRIPT: ~/.agent-os/scripts/x.sh\n\n</step>\n', encoding="utf-8")
    said = peerlint("explain", file, "--step", "1", cwd=tmp_path).out
    assert "stays as it is: eval, which runs text as code (x.sh:2); keep it as a script, and call that" in said


def test_the_path_of_a_script_is_said_where_it_is_not_what_the_call_says(file: Path, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/a.sh").write_text("echo a\n", encoding="utf-8")
    (tmp_path / ".agent-os/scripts").mkdir()
    (tmp_path / ".agent-os/scripts/b.sh").write_text("echo b\n", encoding="utf-8")
    calls = ("./scripts/a.sh", "~/.agent-os/scripts/b.sh", "scripts/gone.sh")
    blocks = "\n".join(f"```bash\n{call}\n```\n" for call in calls)
    file.write_text(f'<step number="1" name="x">\n\n{blocks}\n</step>\n', encoding="utf-8")
    done = peerlint("explain", file, cwd=tmp_path)
    assert [line.strip() for line in done.out.splitlines() if "= calls" in line] == [
        "= calls ./scripts/a.sh",
        "= calls ~/.agent-os/scripts/b.sh: .agent-os/scripts/b.sh",
        "= calls scripts/gone.sh: not in this project",
    ]


def test_shell_outside_of_the_steps_is_shown_behind_them(file: Path, tmp_path: Path) -> None:
    text = (
        "- Branch: !`git branch --show-current`\n\nFirst run `./scripts/a.sh`.\n\n## Step 1: Go\n\n"
        "```bash\nmake\n```\n\n## Reference\n\n```bash\nmake help\n```\n"
    )
    path = tmp_path / ".claude/commands/x.md"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    lines = peerlint("explain", path, cwd=tmp_path).out.splitlines()
    assert lines[lines.index("outside of the steps: checked, and never run or migrated") :] == [
        "outside of the steps: checked, and never run or migrated",
        " 1  git branch --show-current",
        "      = inline command, the agent reads its output in its place",
        " 3  ./scripts/a.sh",
        "      = shell in a sentence, the agent is told to run it",
        "      = calls ./scripts/a.sh: not in this project",
    ]
    found = json.loads(peerlint("explain", path, "--output-format", "json", cwd=tmp_path).out)["outside"]
    assert [statement["text"] for statement in found] == ["git branch --show-current", "./scripts/a.sh"]
    assert "outside" not in peerlint("explain", path, "--step", "1", cwd=tmp_path).out

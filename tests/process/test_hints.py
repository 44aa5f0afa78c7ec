"""What is told of shell without reading a file is never less than what is read."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerlint.lint.context import FileView
from peerlint.lint.rules import Rule, all_rules, texts_of
from peerlint.process.build import build
from peerlint.process.build.hints import MAX_FENCE_LINES, fences_close, may_order, possible_shell
from peerlint.process.harness import DEFAULT_HARNESS
from peerlint.process.roles import Role, roles_of
from peerlint.source.document import parse
from peerlint.source.kinds import FileKind, kind_of
from peerlint.source.text import SourceText

PATH = ".agent-os/instructions/core/peer.md"

_INDENTS = ["", " ", "   ", "    ", "\t", "- ", "1. ", "  - "]
_MARKS = ["```", "````", "~~~", "~~~~", "``` ", "```bash", "```sh", "~~~ Console", "```{.bash}", "```python", "````md"]
_LINES = [
    'echo "done"',
    "exit 1",
    'if [ -z "$X" ]; then',
    "fi",
    "fi ; true",
    "done",
    "X=1",
    "FOO_BAR=$(date)",
    "cat a.txt | grep -c b > /tmp/x",
    "for x in a b; do",
    "[ -f x ] && exit 2",
    "nats kv get b k",
    'IF [ -z "$X" ]; then',
    "ELSE IF test -f x:",
    "ELIF ! command -v jq; then",
    "ELSE:",
    'DISPLAY: "hello"',
    "STOP",
    "SCRIPT: scripts/a.sh --now",
    "BASH: ls",
    "STORE USING: ~/.agent-os/scripts/a.sh",
    "Run `scripts/a.sh` first.",
    "Before you go on, use `./ci/a.sh` to check it.",
    "IMPORTANT: you MUST run bin/a.sh",
    "Kick off `./a/b.sh`.",
    "python3 scripts/a.py --x",
    ".agent-os/scripts/a.sh --all",
    "- Never do that.",
    "Then call ~/.agent-os/scripts/a.py --x.",
    "1. Execute `./b.ts`.",
    "Use the Bash tool: `echo $X`",
    "Use the BASH\u00a0Tool — always: `echo $X`",
    "Run `{SCRIPT}` once.",
    "Context: !`git status`",
    "Commands -> call: `a` and `scripts/a.sh`",
    "Look at `scripts/a.sh`, which is used with care.",
    "IF `scripts/a.sh` fails:",
    "RUN: `scripts/a.sh`",
    "1. Look",
    "2. Go",
    "./a.sh && ./b.sh",
    "$ ./a.sh",
    "$   FOO=1 bash -e scripts/a.py \\",
    "Plain words, nothing else.",
    "<note>",
    "</note>",
    "<check_logic>",
    "</check_logic>",
    '<step number="1" name="a">',
    "</step>",
    "<a href='x'",
    "title='y'>",
    "<name",
    "<!-- remark",
    "<!-- a remark -->",
    "Text <!-- of",
    "-->",
    "# Steps",
    "## Step 1: go",
    "---",
    "scripts:",
    "  sh: scripts/setup.sh",
    "IF the tree is dirty:",
    "ELSE:",
    "If the tree is clean:",
    "CHECK: the tree",
    "STOP execution",
    'WARN: "a"',
    '<check if="A is empty">',
    "</check>",
    "",
]


#: What makes a procedure of a text that is none by its kind, and what is nearly the same.
_ORDERS = [
    "# Release process",
    "## Release process",
    "  ### Step 2 - Look ###",
    "### Your job: look",
    "Build steps",
    "===",
    " -- ",
    "## Workflow C#",
    "Follow these steps in order:",
    "When you release, follow the steps below.",
    "**Note**: perform the steps exactly",
    "<steps>",
    "</steps>",
    "<git_commands>",
    "</git_commands>",
    "<plan>",
    "</plan>",
    "ERROR: as in <plan>",
    "Run ./tools/A.SH now",
    "use `a/b.py` to look",
    "Then run the bundled script:",
    "Run",
    "what stands here:**",
    "./tools/a.sh.bak",
    "python3 -u a/b.py x",
    "Create a/b.sh:",
    "<!-- why -->",
]


def _texts() -> st.SearchStrategy[str]:
    """Texts that hold what is read as shell, in and out of fences, with tags around it and behind odd line ends."""
    return _texts_of(_MARKS + _LINES * 2)


@st.composite
def _texts_of(draw: st.DrawFn, lines: list[str]) -> str:
    pieces = draw(
        st.lists(
            st.tuples(
                st.sampled_from(_INDENTS),
                st.lists(st.sampled_from(lines), min_size=1, max_size=2),
                st.sampled_from(["\n"] * 12 + ["\r\n", "\r", "\x0b", "\x85", "\u2028", "\n\n"]),
            ),
            min_size=1,
            max_size=14,
        )
    )
    begin = draw(st.sampled_from(["", "", "", "\ufeff", '<step number="1" name="a">\n', "---\nname: x\n---\n"]))
    return begin + "".join(indent + "".join(parts) + end for indent, parts, end in pieces)


def _check(text: str, path: str = PATH) -> None:
    source = SourceText(path, text)
    document = parse(source)
    told = possible_shell(text)
    view = FileView(build(document, kind_of(path, document)), DEFAULT_HARNESS, None)
    logic = [container for step in view.reading.steps for container in step.logic]
    assert view.may_state_logic or not logic, logic
    for call in [shell for shell in view.shells if shell.call is not None]:
        assert told, call.code
        assert view.may_call_scripts or not (call.call and call.call.statement.scripts), call.code
        if told != text:
            missed = [line for line in call.code.split("\n") if line.strip() not in told]
            assert not missed, missed


@settings(deadline=None)
@given(_texts())
@example('<step number="1" name="a">\n  ```bash\n  a\n      ```\n  b\n  ```\n</step>\n')
@example("- ```sh\n  a\n     ```\nb\n```\n")
@example("\ufeffexit 1\n")
@example("\ufeff- exit 1\r\n")
@example("\ufeff```sh\na\n    ```\nb\n```\n")
@example('Run the <name\nof="x"> thing scripts/a.sh\n')
@example("<x>fi</x>")
@example("<x >fi</x>")
@example("<x a='b'  >fi</x>")
@example("\ufeffIF a:\n  STOP execution\n")
@example("If the tree is clean:\n  SCRIPT: a.sh\n")
@example("<x>IF a:</x>\n")
@example("- 1. Run `scripts/a.sh`.\n")
@example("````md\n```sh\na\n```\n````\n<!-- x -->\n```sh\nb\n```\n")
@example("<!--\n```\n-->\nRun `scripts/a.sh`.\n<!--\n```\n-->\n")
def test_no_call_and_no_logic_is_missed(text: str) -> None:
    _check(text)


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.id)
def test_no_call_of_an_example_is_missed(rule: Rule) -> None:
    for shown in (*texts_of(rule.id).valid, *texts_of(rule.id).invalid):
        _check(shown.text, shown.path)


def _check_orders(text: str, path: str) -> None:
    document = parse(SourceText(path, text))
    kind = kind_of(path, document)
    if not may_order(text, path, kind):
        assert not roles_of(document, kind).include(Role.PROCEDURE, Role.REFERENCE)


_PATHS = ["skills/a/SKILL.md", "skills/a/guide.md", "CLAUDE.md", "a.mdc", "docs/commands/a.md", PATH]


@settings(deadline=None, max_examples=300)
@given(_texts_of(_MARKS + _LINES + _ORDERS * 4), st.sampled_from(_PATHS))
@example("x\n\n## Steps\n", "skills/a/SKILL.md")
@example("- x\n\nBuild steps\n---\n", "CLAUDE.md")
@example("- x\r\n\r\nBuild steps\r\n---\r\n", "CLAUDE.md")
@example("<plan>\nx\n</plan>\n\nERROR: as in <plan>\n", "a.mdc")
@example("Run\nwhat stands here:\n\n```bash\n# now\nFOO=1\n./a/b.sh\n```\n", "CLAUDE.md")
@example("Then run the script:\n<!-- why\nso -->\n```bash\n./a/b.sh\n```\n", "CLAUDE.md")
@example("<x>Run ./tools/a.sh now</x>\n", "CLAUDE.md")
@example("<!-- a\nb --> Run ./tools/a.sh now\n", "CLAUDE.md")
@example("<x\nid='b'>Run ./tools/a.sh now\n</x>\n", "CLAUDE.md")
@example("Run ./tools/A.SH now", "CLAUDE.md")
@example("# Release\n\n- Follow these steps in order:\n", "CLAUDE.md")
@example("# Step 1: go\n", "skills/a/guide.md")
@example("x\r## Steps\r", "CLAUDE.md")
def test_no_order_is_missed(text: str, path: str) -> None:
    _check_orders(text, path)


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.id)
def test_no_order_of_an_example_is_missed(rule: Rule) -> None:
    for shown in (*texts_of(rule.id).valid, *texts_of(rule.id).invalid):
        for path in _PATHS:
            _check_orders(shown.text, path)


def test_a_page_to_look_things_up_in_orders_nothing() -> None:
    text = "# Release process\n\n## Usage\n\n`./a.sh` makes it.\n\n```bash\n./a.sh\n```\n\nSee <plan>.\n"
    assert not may_order(text, "skills/a/SKILL.md", FileKind.SKILL)
    assert may_order(f"{text}\n## Release process\n", "skills/a/SKILL.md", FileKind.SKILL)
    assert may_order(text, "commands/a.md", FileKind.COMMAND)


def test_prose_and_code_of_other_languages_are_told_apart() -> None:
    assert not possible_shell("# Title\n\nSome words, a `name` and more.\n\n```python\nx = run('a')\n```\n")


def test_a_line_that_only_speaks_of_a_script_is_not_told() -> None:
    assert not possible_shell("The report is made using `scripts/report.py`: see there.\n")
    assert possible_shell("Run `scripts/report.py`.\n")


def test_what_is_told_in_a_fence_of_another_language_is_not_told() -> None:
    assert not possible_shell("```markdown\nRun `scripts/report.py`.\n```\n")


def test_only_what_stands_in_fences_of_shell_is_told() -> None:
    text = "Words of prose.\n\n```bash\ngit status\n```\n\nMore words, of git rebase.\n"
    assert possible_shell(text) == "\ngit status\n"


def test_a_fence_that_nothing_closes_goes_to_the_end() -> None:
    assert possible_shell("```sh\na\n```` x\nb\n") == "\na\n```` x\nb\n"


def test_what_stands_in_a_fence_in_another_one_is_not_told() -> None:
    text = "```markdown\n```bash\na\n```\n\nWords.\n\n```bash\nb\n```\n"
    assert possible_shell(text) == "\nb\n"
    assert not fences_close(text)


def test_behind_a_fence_that_is_left_open_all_of_shell_is_told() -> None:
    text = "```sh\na\n```\n\n    ~~~\n    ```sh\nb\n"
    assert possible_shell(text) == "\na\n\nb\n"


def test_all_of_a_text_with_very_many_fences_that_nothing_closes_is_told() -> None:
    text = "```sh\na\n```\n" + "```sh\nb\n    ```\n" * MAX_FENCE_LINES
    told = possible_shell(text)
    assert told.startswith("\na\n")
    assert told.endswith(text.partition("\n```\n")[2])


@settings(deadline=None)
@given(_texts())
@example("---\nx: ```\n---\n```sh\n```\n")
@example("```a```\n```sh\n```\n")
@example("<!--\n```\n-->\n```\n")
@example("````\n```\n````\n```\n")
@example("<!-->\n```\n-->\n```\n")
def test_fences_that_are_told_to_close_have_no_problem(text: str) -> None:
    if fences_close(text):
        problems = {problem.code for problem in parse(SourceText(PATH, text)).problems}
        assert not problems & {"unclosed-fence", "nested-fence"}


def test_plain_fences_are_told_to_close() -> None:
    assert fences_close("---\nname: x\n---\n- ```sh\n  a\n  ```\n\n~~~\nb\n~~~\nsome ```code``` in a line\n")
    assert fences_close("<!-- a remark -->\n````md\n```sh\n<!-- a\n```\n<T,\n````\n")
    assert not fences_close("```sh\na\n")
    assert not fences_close("<!-- a\n```sh\na\n```\n-->\n")

"""What keeps rules from running on files that they have nothing to say of changes no finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerlint.lint.context import FileView, ScriptView, ShellView
from peerlint.lint.detect import json_text, jumps, state, structure, waiting
from peerlint.lint.rules import UNUSED_SUPPRESSION, all_rules, texts_of
from peerlint.source.document import Document
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings, project_of
from tests.lint.recall import cases
from tests.lint.test_fixtures import ERR, FIXTURES, OK, read

PATH = ".agent-os/instructions/core/x.md"
#: A project that defines a subagent, so that others are unknown.
WITH_AGENT = Project({".claude/agents/reviewer.md": ""})
#: Forms that the examples of the rules do not have, each with the rule that it is for.
WRITTEN_OTHERWISE = (
    (
        "PL201",
        '<step number="1" name="a">\n\n```bash\n: ${CYCLE:=1}\n```\n\nThen:\n\n```bash\necho $CYCLE\n```\n\n</step>\n',
    ),
    (
        "PL309",
        '<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <error>No spec</error>\n'
        "    <stop/>\n  </check>\n</validation>\n\n</step>\n",
    ),
    (
        "PL406",
        '<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <display>No spec</display>\n'
        "  </check>\n</validation>\n\n</step>\n",
    ),
    (
        "PL705",
        '<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app-state AS CYCLE\n'
        "  STORE: last in app-state = CYCLE\n</a_logic>\n\n</step>\n",
    ),
    ("PL602", "<plan>@.claude/agents/nobody.md</plan>\n\nSee @.claude/agents/reviewer.md.\n"),
    ("PL602", "- @../.claude/agents/nobody.md"),
    ("PL401", "## Step 1: Read\n\nRead the plan.\n\n## Step 2: Work\n\nGO TO Step 9\n"),
    (
        "PL601",
        '<step number="1" name="a" agent="nobody">\n\nLook.\n\n</step>\n',
    ),
    ("PL401", '<step number="1">\n\nLook.\n\n</step>\n<step number="2">\n\nPROCEED TO STEP 9\n\n</step>\n'),
    (
        "PL702",
        '<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app.state AS CYCLE\n</a_logic>\n\n</step>\n',
    ),
    (
        "PL801",
        '<step number="1" name="a">\n\n<validation>\n  <check if="the plan feels right">\n    <stop/>\n'
        "  </check>\n</validation>\n\n</step>\n",
    ),
)


@cache
def _texts() -> tuple[tuple[SourceText, Project], ...]:
    return tuple(_all_texts())


def _all_texts() -> Iterator[tuple[SourceText, Project]]:
    for rule_id in all_rules():
        for shown in (*texts_of(rule_id).invalid, *texts_of(rule_id).valid):
            yield SourceText(shown.path, shown.text), project_of(shown)
    for path in (*OK, *ERR):
        yield read(path, FIXTURES / ("ok" if path in OK else "err")), Project()
    for case in cases(range(1)):
        yield SourceText(case.path, case.text), Project(case.files)
    for _, text in WRITTEN_OTHERWISE:
        yield SourceText(PATH, text), WITH_AGENT


@pytest.mark.parametrize("only_calls", [False, True], ids=["all", "calls"])
def test_a_rule_that_is_not_run_would_have_found_nothing(only_calls: bool) -> None:
    rules = [rule for rule in all_rules().values() if rule.only_calls is only_calls and rule.id != UNUSED_SUPPRESSION]
    always = [replace(rule, needs=(), needs_of_logic=(), only_calls=False) for rule in rules]
    lost = []
    for source, project in _texts():
        found = findings(source, rules, project)
        lost += [(d.code, source.text) for d in findings(source, always, project) if d not in found]
    assert lost == []


@pytest.mark.parametrize(("rule", "text"), WRITTEN_OTHERWISE, ids=[rule for rule, _ in WRITTEN_OTHERWISE])
def test_a_rule_speaks_of_forms_that_its_examples_do_not_have(rule: str, text: str) -> None:
    found = findings(SourceText(PATH, text), [all_rules()[rule]], WITH_AGENT)

    assert [d.code for d in found] == [rule]


def test_shell_without_what_a_rule_looks_for_holds_no_finding() -> None:
    rules = list(all_rules().values())
    found = [findings(source, rules, project) for source, project in _texts()]

    with pytest.MonkeyPatch.context() as patch:
        for kind in (FileView, ShellView, ScriptView):
            for name in {"may_run", "may_name", "may_hold"} & vars(kind).keys():
                patch.setattr(kind, name, lambda _shell, _literals: True)
        found_by_reading = [findings(source, rules, project) for source, project in _texts()]

    assert found == found_by_reading


def test_a_file_in_which_nothing_is_an_order_states_neither_calls_nor_logic() -> None:
    rules = list(all_rules().values())
    texts = [*_texts(), *((replace(source, path="docs/x/SKILL.md"), project) for source, project in _texts())]
    found = [findings(source, rules, project) for source, project in texts]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileView, "may_order", True)
        found_by_reading = [findings(source, rules, project) for source, project in texts]

    assert found == found_by_reading


_TAGS = (
    "<a>",
    "</a>",
    "<b x='y'>",
    "</b>",
    "<br>",
    "<c/>",
    "<a",
    "x='y'>",
    "<!-- c -->",
    "<!--",
    "-->",
    "`<a>`",
    "<1>",
)
_AROUND_TAGS = (*("a", "say", "- ", "1. ", "> ", "# "), "\n", "\n", "\n\n", "\r\n", "\r", "\ufeff", " ", "\t", "```\n")


@settings(deadline=None, max_examples=600)
@given(st.lists(st.sampled_from(_TAGS + _AROUND_TAGS), max_size=12).map("".join))
@example("- <a>\n")
@example("say </a>\n")
@example("say <!-- c --> <a>\n")
def test_a_text_without_tags_of_its_own_has_none_without_a_partner(text: str) -> None:
    source = SourceText(".claude/commands/a.md", text)
    rules = [all_rules()["PL501"]]

    found = findings(source, rules, Project())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, "_may_have_instruction_tag", lambda _text: True)
        patch.setattr(Document, "has_lone_tags", True)
        found_by_reading = findings(source, rules, Project())

    assert found == found_by_reading


_OF_JUMPS = (
    *("GO", "GOTO", "PROCEED", "**SKIP", "Resume", "RETURN", "to", "TO", "at", "with", "the", "a", "(STEP", "unGO"),
    *("step 9", "Step 9", "STEP 9a", "Step\u00a09", "tep 9", "step", "steps 9", "9", "<goto step='9'/>"),
)
_GAPS = (" ", " ", " ", "\t", "\u00a0", "", "\n", " " * 90)


@settings(deadline=None, max_examples=600)
@given(st.lists(st.tuples(st.sampled_from(_OF_JUMPS), st.sampled_from(_GAPS)), max_size=6))
@example([("tep 9", " ")])
@example([("GO", " " * 90), ("to", " "), ("step 9", "")])
@example([("GO", " "), ("to", " " * 90), ("step 9", "")])
def test_a_text_without_jumps_is_not_read_for_them(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + gap for piece, gap in pieces)
    source = SourceText(".claude/commands/a.md", f"{text}\n\n## Step 1: a\n\nLook.\n\n## Step 2: b\n\n{text}\n")
    rules = [all_rules()["PL401"]]

    found = findings(source, rules, Project())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jumps, "_may_jump", lambda _text, _end: True)
        found_by_reading = findings(source, rules, Project())

    assert found == found_by_reading


#: Pieces of shell, of which some together are what a rule looks for that passes over most shell unread.
_OF_VARIABLES = (
    *("A=1", "B+=2", "C[0]=3", "export D=1", "for E in a b; do", "done", "read F", "read -r G H"),
    *(": ${I:=1}", "echo $I", "echo $A $B $C $D", 'echo "${E}" $F', "echo ${#G} $H", "NAME=$A", "echo ${NAME}"),
)
_OF_KEYS = (
    *("git commit", "git commit -m x", "git rebase -i HEAD~2", "git add -p", "git  add --patch", "git log", "vim x"),
    *("read -p 'go? ' X", "read -rp 'go? ' X", "read X", "less x", "more", "X=1 nano x", "topic", "moreover", "sudo"),
    *("cat <<EOF", "EOF", "then", "if true; then", "fi", "#", "'", '"', "\\"),
    *(
        "while read X; do",
        "while IFS= read -r X",
        "X=while read Y",
        "until read -p a X; do",
        "done",
        "git commit --amend",
        "git add . -p",
    ),
)
_OF_FUNCTIONS = (
    *("f() {", "f () (", "function f {", "function g() {", "g()", "{ echo; }", "}", "f", "g x", "[[ -n $f ]]", "echo"),
    *("h(){ :; }", "h", "if true; then :; fi", "source .venv/bin/activate", "conda activate x", "pytest", "#", "\\"),
)
_OF_JSON = (
    *(
        "echo '{\"a\": \"'$A'\"}'",
        'echo "{\\"a\\": \\"$A\\"}"',
        'echo [\\"$A\\"]',
        'echo "[[1, \\"$A\\"]]"',
        'echo "$A"',
    ),
    *(
        'printf \'{"a": "%s"}\' "$A"',
        'nats kv put b k "[\\"$A\\"]"',
        "nats kv put b k",
        "cat <<EOF",
        '["$A"]',
        '{"a": "$A"}',
    ),
    *("EOF", '[ "$A" = b ]', "A=$(cat x)", "\\", "printf '[\"%s\"]' `x`", "A=`date`", "$A", "'", '"'),
)
_JOINTS = ("\n", "\n", "\n", " ", "; ", " && ", " | ", "\t", "$(", ")", "(", "`", "=")


@pytest.mark.parametrize(
    ("rule", "module", "guard", "pieces"),
    [
        ("PL201", state, "_may_share_variables", _OF_VARIABLES),
        ("PL202", state, "_may_define", _OF_FUNCTIONS),
        ("PL206", json_text, "_may_put_together", _OF_JSON),
        ("PL403", waiting, "_may_wait_for_keys", _OF_KEYS),
    ],
    ids=["PL201", "PL202", "PL206", "PL403"],
)
@settings(deadline=None, max_examples=600)
@given(data=st.data())
def test_shell_that_is_passed_over_unread_holds_no_finding(
    data: st.DataObject, rule: str, module: ModuleType, guard: str, pieces: tuple[str, ...]
) -> None:
    block = st.lists(st.tuples(st.sampled_from(pieces), st.sampled_from(_JOINTS)), min_size=1, max_size=3)
    blocks = ["".join(word + joint for word, joint in pairs) for pairs in data.draw(st.lists(block, max_size=3))]
    fences = "\n\n".join(f"Then:\n\n```bash\n{code}\n```" for code in blocks)
    source = SourceText(".claude/commands/a.md", f'<step number="1" name="a">\n\n{fences}\n\n</step>\n')
    rules = [all_rules()[rule]]

    found = findings(source, rules, Project())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, guard, lambda _asked: True)
        found_by_reading = findings(source, rules, Project())

    assert found == found_by_reading

"""The bash front end: what it reads, where it points, and that it never falls over."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.process.bash import facts, parse_bash
from peerlint.process.bash.tree import (
    AndOr,
    Case,
    For,
    IfCommand,
    Parameter,
    Pipe,
    Placeholder,
    Redirection,
    Simple,
    Substitution,
    Unreadable,
    walk,
)

SCRIPT = """\
#!/bin/bash
set -euo pipefail
BUCKET="agent-os-peer-state"
if ! nats kv info "$BUCKET" > /tmp/info.txt 2>&1; then
  echo "no bucket ${BUCKET%-state}" >&2
  exit 3
elif [ -z "${1:-}" ] || [[ $X =~ ^(a|b)+$ && "$Y" == b* ]]; then
  cat <<EOF > "$OUT"
{"a": "$X", "n": $((N + 1)), "t": "$(date -u +%s)"}
EOF
else
  :
fi
for arg in "$@"; do
  case "$arg" in
    --x=*|"-y") X="${arg#*=}" ;;
    *) usage; exit 1 ;;
  esac
done
a | b && { c; } || d &
f() { local v="$1"; return 1; }
"""


def test_reads_every_construct_of_a_script() -> None:
    script = parse_bash(SCRIPT, placeholders=False)
    assert script.unreadable == ()
    kinds = [type(command).__name__ for command in script.commands]
    assert kinds == ["Simple", "Simple", "IfCommand", "For", "Background", "Function"]
    choice, loop = script.commands[2:4]
    assert isinstance(choice, IfCommand) and len(choice.arms) == 2 and choice.otherwise is not None
    here = choice.arms[1].body[0]
    assert isinstance(here, Simple) and [r.operator for r in here.redirections] == ["<<", ">"]
    assert isinstance(loop, For) and isinstance(loop.body[0], Case)
    assert isinstance(loop.body[0].arms[0].patterns, tuple) and len(loop.body[0].arms[0].patterns) == 2


def test_spans_point_at_what_is_named() -> None:
    script = parse_bash(SCRIPT, placeholders=False)
    texts = {SCRIPT[node.span.start : node.span.end] for node in walk(script.commands) if isinstance(node, Parameter)}
    assert {"${BUCKET%-state}", "${1:-}", "$X", "${arg#*=}", "$@", "$1"} <= texts


def test_a_pipe_binds_closer_than_and_or() -> None:
    (command,) = parse_bash("a | b || c").commands
    assert isinstance(command, AndOr) and isinstance(command.first, Pipe)


@pytest.mark.parametrize(
    "text",
    [
        "cat <<A; cat <<B\na\nA\n  b\nB\ncat <<C\nc\nC\n",
        "cat <<A && cat \\\n  <<B\na\nA\n  b\nB\ncat <<C\nc\nC\n",
        "cat <<A <<B\na\nA\n  b\nB\ncat <<C\nc\nC\n",
    ],
)
def test_here_documents_of_one_line_come_one_after_the_other(text: str) -> None:
    found = [node for node in walk(parse_bash(text).commands) if isinstance(node, Redirection)]
    assert [node.target.literal for node in found] == ["a\n", "  b\n", "c\n"]


def test_here_documents_keep_the_rest_of_their_line() -> None:
    (command,) = parse_bash("X=$(cat <<'E' | jq .\n$raw\nE\n)\n").commands
    assert isinstance(command, Simple)
    value = command.assignments[0].value
    assert value is not None and isinstance(value.parts[0], Substitution)
    assert isinstance(value.parts[0].commands[0], Pipe)


def test_placeholders_are_masked_and_keep_offsets() -> None:
    text = 'nats kv get state [SPEC_NAME].meta --key={key} <name> "x.<y>" \'a {b}\'\necho "[ERROR] no"'
    script = parse_bash(text)
    found = [node.text for node in walk(script.commands) if isinstance(node, Placeholder)]
    assert found == ["[SPEC_NAME]", "{key}", "<name>", "<y>"]
    second = script.commands[1]
    assert text[second.span.start : second.span.end] == 'echo "[ERROR] no"'


@pytest.mark.parametrize(
    "text", ['curl -s -w "%{http_code}" x', "git rev-parse @{upstream} HEAD^{commit} @{u}", "rpm --qf %{version}"]
)
def test_formats_of_tools_and_names_of_git_are_no_placeholders(text: str) -> None:
    assert not [node for node in walk(parse_bash(text).commands) if isinstance(node, Placeholder)]


@pytest.mark.parametrize(
    "text",
    ["if a; then b", "echo 'x", "case x in", "a )", "cat <<E\nx", "select x in a; do b; done", "for (( ;; do", "fi"],
)
def test_what_is_no_bash_is_unreadable_with_a_reason(text: str) -> None:
    problems = parse_bash(text).unreadable
    assert problems and all(problem.reason for problem in problems)


def test_a_problem_ends_with_its_line() -> None:
    commands = parse_bash("a )\necho b\n").commands
    assert isinstance(commands[0], Unreadable) and isinstance(commands[1], Simple)


@pytest.mark.parametrize(
    "inner", ["date", "ls | head -1", 'echo "a b"', "a; b\nc", "echo $(date)", "cat <<E\nx\nE\n", ""]
)
def test_backquotes_are_read_as_a_substitution(inner: str) -> None:
    old = parse_bash(f'X=`{inner}` && echo "`{inner}`"').commands
    new = parse_bash(f'X=$({inner}) && echo "$({inner})"').commands

    assert old == new
    assert not any(isinstance(node, Unreadable) for node in walk(old))


def test_backquotes_that_are_not_closed_end_with_their_command() -> None:
    commands = parse_bash("a `b $(\necho `date`\n").commands
    assert isinstance(commands[0], Unreadable)


@pytest.mark.parametrize("opener", ["$(", "; ( ", "; { ", "; if a; then ", "; ! ", "${x:-", '"$('])
def test_deep_nests_neither_crash_nor_hang(opener: str) -> None:
    assert parse_bash("echo " + opener * 10_000).unreadable


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abX1 \n\t;&|<>(){}[]$\"'`\\#!*?=-/%:,.{}éif then fi do done\ue000", max_size=120))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    script = parse_bash(text)
    for node in walk(script.commands):
        span = getattr(node, "span", None)
        assert span is None or span.end <= len(text)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_script_as_bash_prints_it_back_is_the_same_tree() -> None:
    body = SCRIPT.split("\n", 2)[2].replace("<<EOF", "<<EOF").replace("a | b && { c; } || d &\n", "")
    wrapped = f"whole () {{\n{body}}}\ndeclare -f whole\n"
    printed = subprocess.run(["bash", "-c", wrapped], capture_output=True, text=True, check=True).stdout
    original = parse_bash(wrapped, placeholders=False).commands[0]
    again = parse_bash(printed, placeholders=False)
    assert again.unreadable == ()
    assert _calls(again.commands[0]) == _calls(original)


def _calls(node: object) -> list[str | None]:
    return [inner.name for inner in walk(node) if isinstance(inner, Simple)]


def test_facts_for_rules() -> None:
    found = facts(
        parse_bash(
            SCRIPT
            + "nats kv put state cycle:current 5\nfoo\nif [ $? -ne 0 ]; then echo 'Error: no'; fi\nf a\n. lib/x.sh\n"
        )
    )
    assert {m.name for m in found.variables_set} == {"BUCKET", "X", "arg", "v"}
    assert [e.code for e in found.exits] == [3, 1, 1]
    assert [(f.path, f.how) for f in found.files if f.is_temporary] == [("/tmp/info.txt", "write")]
    assert [m.name for m in found.functions_called] == ["f"]
    assert [m.name for m in found.scripts_called] == ["lib/x.sh"]
    assert [(k.verb, k.bucket, k.key) for k in found.kv] == [
        ("info", "$BUCKET", None),
        ("put", "state", "cycle:current"),
    ]
    (status,) = found.status_reads
    assert isinstance(status.of, Simple) and status.of.name == "foo"
    assert len(found.silent_error_arms) == 1

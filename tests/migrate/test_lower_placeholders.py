"""What is filled in and what is text: `<name>` in a message, `[LABEL]` in front of one, names that the script sets."""

import pytest

from peerlint.migrate.lower.advice import advice_for
from peerlint.process.logic import render_logic
from tests.migrate.test_lower import lower


def logic(call: str) -> str:
    result = lower(call)["1"]
    assert result.leftover is None, result.leftover
    return render_logic(result.statements)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ('if [ -z "$1" ]; then echo "usage: deploy <service>"; exit 1; fi\n', 'ERROR: "usage: deploy <service>"'),
        ('[ -d x ] || { echo "try: git checkout <branch>" >&2; exit 1; }\n', 'ERROR: "try: git checkout <branch>"'),
        ('printf "%s\\n" "log in with <user>@<host>"\n', 'DISPLAY: "log in with <user>@<host>"'),
        ('echo "[BACKUP] starting"\n', 'DISPLAY: "\\[BACKUP] starting"'),
        ("cat <<EOF\nUsage: deploy <service>\nEOF\n", 'DISPLAY: "Usage: deploy <service>"'),
    ],
)
def test_what_only_a_message_says_is_text(call: str, line: str) -> None:
    text = logic(call)
    assert line in text
    assert "INPUT: " not in text.replace("ARGUMENT_1", "")


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ('git checkout <branch> || echo "no branch <branch>"\n', 'DISPLAY: "no branch [BRANCH]"'),
        ('gh pr create --title "<title>"\n', 'RUN: `gh pr create --title "[TITLE]"`'),
        ('echo "<notes>" > notes.md\n', 'WRITE: file "notes.md" = NOTES'),
        ('nats kv put b k "$(cat <<EOF\nvalue: <value>\nEOF\n)"\n', "[VALUE]"),
        ('TITLE="<title>"\necho "$TITLE"\n', "INPUT: TITLE"),
        ('echo "Analyzing issue #{issue}..."\n', 'DISPLAY: "Analyzing issue #[ISSUE]..."'),
    ],
)
def test_what_a_command_needs_is_filled_in(call: str, line: str) -> None:
    assert line in logic(call)


@pytest.mark.parametrize(
    "call",
    [
        'service="$ARGUMENTS"\ndocker build -t <service> .\n',
        'for FILE in a b; do git add "{file}"; done\n',
        'TITLE="<title>"\nTITLE="$TITLE (draft)"\ngh pr create --title "<title>"\n',
    ],
)
def test_a_placeholder_that_is_called_like_a_variable_of_the_script_is_left(call: str) -> None:
    leftover = lower(call)["1"].leftover
    assert leftover is not None and "may be" in leftover.reason


def test_a_variable_of_a_called_script_does_not_take_the_name_of_a_placeholder() -> None:
    script = 'TICKET=$(git describe)\necho "$1 $TICKET"\n'
    result = lower("start.sh <ticket>\n", scripts={"start.sh": script})["1"]
    text = render_logic(result.statements)
    assert "INPUT: TICKET\n" in text
    assert "AS TICKET_2" in text and 'DISPLAY: "[TICKET] [TICKET_2]"' in text


@pytest.mark.parametrize("call", ["make.sh NAME", "make.sh --name=NAME", "bash make.sh draft SPEC_NAME"])
def test_a_word_in_capitals_behind_a_script_may_stand_for_what_is_filled_in(call: str) -> None:
    script = '[ -n "$1" ] || exit 1\necho "making $1 and $2"\n'
    leftover = lower(call, scripts={"make.sh": script})["1"].leftover
    assert leftover is not None
    word = call.split()[-1].split("=")[-1]
    assert leftover.reason == f"{word} may be that word, or stand for what is filled in"
    assert advice_for(leftover.reason) == 'write "NAME" in quotes for the word, and <name> for what is filled in'


@pytest.mark.parametrize(
    ("call", "script"),
    [
        ('make.sh "NAME"', 'echo "making $1"\n'),
        ("make.sh PROD", 'if [ "$1" = "PROD" ]; then\n  echo live\nfi\necho "$1"\n'),
        ("make.sh PROD", 'case "$1" in\n  PROD | STAGE) echo "$1" ;;\n  *) exit 1 ;;\nesac\n'),
        ("make.sh X", 'echo "making $1"\n'),
        ("make.sh <name>", 'echo "making $1"\n'),
    ],
)
def test_a_word_in_capitals_is_that_word_where_this_is_said(call: str, script: str) -> None:
    assert lower(call, scripts={"make.sh": script})["1"].leftover is None

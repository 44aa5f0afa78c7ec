"""What is filled in and what is text: `<name>` in a message, `[LABEL]` in front of one, names that the script sets."""

import pytest

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

"""A rewrite that asks nearly the same of a text as the original is refuted, wherever the text comes from."""

from __future__ import annotations

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.proof import Verdict
from tests.prove.test_proof import prove

#: name -> (script, right logic, what makes it wrong: old and new).
CASES: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "lines of a command are counted": (
        'N=$(gh issue list --state open | grep -c bug)\necho "bugs: $N"\n',
        '\n  RUN: `gh issue list --state open | grep -c bug` AS N, ignoring failure\n  DISPLAY: "bugs: [N]"\n',
        [("-c bug`", '-c "bug."`'), ("-c bug`", "-ci bug`"), ("-c bug`", "-cx bug`"), ("-c bug`", "-c bugs`")],
    ),
    "a line of a command is looked for": (
        'if gh pr view 4 | grep -q "state: OPEN"; then\n  echo "open"\nelse\n  echo "not open"\nfi\n',
        '\n  IF `gh pr view 4 | grep -q "state: OPEN"` succeeds:\n    DISPLAY: "open"\n  ELSE:\n'
        '    DISPLAY: "not open"\n',
        [
            ("state: OPEN", "state: OPE"),
            ("state: OPEN", "state:OPEN"),
            ("state: OPEN", "^state: OPEN"),
            ("-q ", "-qi "),
        ],
    ),
    "a field of a key is shown": (
        "PHASE=$(nats kv get app-state report --raw | jq -r '.phase')\necho \"phase $PHASE\"\n",
        '\n  READ: report from app-state AS REPORT, or "" if it fails\n'
        '  SET: PHASE = REPORT with jq -r \'.phase\', or "" if it fails\n  DISPLAY: "phase [PHASE]"\n',
        [
            ("SET: PHASE = REPORT with", "SET: PHASE = PHASE with"),
            ("'.phase'", "'.phases'"),
            ('  READ: report from app-state AS REPORT, or "" if it fails\n', ""),
        ],
    ),
    "a field that may be false": (
        "MERGED=$(gh pr view --json merged | jq -r '.merged // empty')\necho \"merged $MERGED\"\n",
        "\n  RUN: `gh pr view --json merged` AS PR, ignoring failure\n"
        '  SET: MERGED = PR with jq -r \'.merged // empty\', or "" if it fails\n  DISPLAY: "merged [MERGED]"\n',
        [("PR with jq -r '.merged // empty'", "PR.merged")],
    ),
    "a word of a file is shown": (
        'if [ -f notes.txt ]; then\n  OWNER=$(cat notes.txt | grep "^owner:" | cut -d: -f2)\n  echo "by $OWNER"\nfi\n',
        '\n  IF file "notes.txt" exists:\n'
        '    RUN: `cat notes.txt | grep "^owner:" | cut -d: -f2` AS OWNER, errors hidden, ignoring failure\n'
        '    DISPLAY: "by [OWNER]"\n',
        [("^owner:", "owner:"), ("^owner:", "^owners:"), ("-f2", "-f1"), (' | grep "^owner:"', "")],
    ),
    "one of several words is asked for": (
        'case "$LEVEL" in\n  warn|error) echo "bad" ;;\n  *) echo "good" ;;\nesac\n',
        '\n  INPUT: LEVEL\n  IF LEVEL is one of "warn", "error":\n    DISPLAY: "bad"\n  ELSE:\n    DISPLAY: "good"\n',
        [('is one of "warn", "error"', 'is "warn"'), ('is one of "warn", "error"', "matches 'warn|error'")],
    ),
    "a pattern with alternatives": (
        'if [[ "$NAME" =~ ^(feat|fix)-[0-9]+$ ]]; then\n  echo "good"\nfi\n',
        "\n  INPUT: NAME\n  IF NAME matches '^(feat|fix)-[0-9]+$':\n    DISPLAY: \"good\"\n",
        [("feat|fix", "feat"), ("[0-9]+", "[0-9]"), ("[0-9]+", "[0-8]+"), ("+$'", "+'"), ("'^", "'")],
    ),
    "a part of a name": (
        'echo "${FILE%.md}"\n',
        "\n  INPUT: FILE\n  SET: NAME = FILE through `sed '$s/\\.md$//'`\n  DISPLAY: \"[NAME]\"\n",
        [("[NAME]", "[FILE]"), ("\\.md$//", "\\.md//"), ("\\.md", ".md")],
    ),
    "the first line": (
        'FIRST=$(echo "$LOG" | head -1)\necho "first: $FIRST"\n',
        '\n  INPUT: LOG\n  SET: FIRST = LOG through `head -1`\n  DISPLAY: "first: [FIRST]"\n',
        [("LOG through `head -1`", "LOG"), ("head -1", "tail -1"), ("head -1", "head -2")],
    ),
    "filters with a fallback behind them": (
        'FIRST=$(echo "$LOG" | grep panic | head -1 || echo "none")\necho "first: $FIRST"\n',
        '\n  INPUT: LOG\n  SET: FIRST = LOG through `grep panic | head -1`\n  DISPLAY: "first: [FIRST]"\n',
        [("head -1", "head -2"), ("head -1", "tail -1"), ("panic ", "panics ")],
    ),
    "what a bucket is made with": (
        "nats kv add app-state --history=50 > /dev/null || exit 1\n",
        "\n  CREATE: bucket app-state, as in <make>\n</it_logic>\n\n"
        "<make>\nnats kv add app-state --history=50\n</make>\n\n<it_logic>\n  NOTE: that is all\n",
        [("--history=50", "--history=5"), (" --history=50", "")],
    ),
    "what is asked for again": (
        'N=0\nwhile [ $N -lt 3 ]; do\n  STATE=$(gh run view 4)\n  if [ "$STATE" = "done" ]; then\n    echo "ended"\n'
        "    break\n  fi\n  N=$((N + 1))\n  sleep 2\ndone\n",
        "\n  REPEAT up to 3 times, 2 seconds apart:\n    RUN: `gh run view 4` AS STATE, ignoring failure\n"
        '    IF STATE is "done":\n      DISPLAY: "ended"\n      LEAVE the loop\n',
        [
            (
                '    RUN: `gh run view 4` AS STATE, ignoring failure\n    IF STATE is "done":\n      DISPLAY: "ended"\n'
                "      LEAVE the loop\n",
                '    IF STATE is "done":\n      DISPLAY: "ended"\n      LEAVE the loop\n'
                "    RUN: `gh run view 4` AS STATE, ignoring failure\n",
            )
        ],
    ),
    "the length of a list": (
        "STATE=$(nats kv get app-state orders --raw) || exit 1\n"
        'if [ "$(echo "$STATE" | jq \'(.orders|length)==0\')" = "true" ]; then\n  echo "none"\nfi\n',
        "\n  READ: orders from app-state AS STATE\n"
        "  SET: NONE = STATE with jq '(.orders|length)==0', or \"\" if it fails\n"
        '  IF NONE is "true":\n    DISPLAY: "none"\n',
        [("==0", "==1"), ("==0", "<2"), ("==0", ">=0")],
    ),
    "a number in a filter": (
        'BODY=$(jq -n --argjson n "$COUNT" \'{count: $n}\') || exit 1\nnats kv put app-state report "$BODY"\n',
        "\n  INPUT: COUNT\n  SET: BODY = <body> as JSON\n  STORE: report in app-state = BODY\n</it_logic>\n\n<body>\n"
        '{"count": [COUNT]}\n</body>\n\n<it_logic>\n  NOTE: that is all\n',
        [('"count"', '"counts"'), ("report in", "reports in")],
    ),
    "a folder that only one value leads to": (
        'if [ "$PART" = "api" ]; then\n  cd api || exit 1\n  echo "in api"\nfi\n',
        '\n  INPUT: PART\n  IF PART is "api":\n    IN FOLDER "api":\n      DISPLAY: "in api"\n',
        [('FOLDER "api"', 'FOLDER "app"'), ('    IN FOLDER "api":\n      DISPLAY', "    DISPLAY")],
    ),
    "what is written to stderr, where it is taken": (
        'OUT=$(npm audit 2>&1)\necho "audit: $OUT"\n',
        '\n  RUN: `npm audit` AS OUT, errors included, ignoring failure\n  DISPLAY: "audit: [OUT]"\n',
        [(", errors included", "")],
    ),
}
WRONG = [(name, at) for name, (_, _, changes) in CASES.items() for at in range(len(changes))]


@pytest.mark.parametrize("name", CASES)
def test_what_asks_the_same_is_proved(lab: Lab, name: str) -> None:
    script, logic, _ = CASES[name]
    proof = prove(lab, script, logic)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")


@pytest.mark.parametrize(("name", "at"), WRONG)
def test_what_asks_nearly_the_same_is_refuted(lab: Lab, name: str, at: int) -> None:
    script, logic, changes = CASES[name]
    old, new = changes[at]
    assert old in logic
    assert prove(lab, script, logic.replace(old, new, 1)).verdict is Verdict.REFUTED

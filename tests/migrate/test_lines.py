"""Which names may hold several lines, as far as the script makes them."""

from __future__ import annotations

import pytest

from tests.laws.agreement import lowered
from tests.laws.programs import Program

_NOTES = "NOTES='v1.2\nplan'\n"
_CUT = 'echo "> ${X%.*}"\n'

_SEVERAL = {
    "a copy": 'X="$NOTES"',
    "a text around it": 'X="v $NOTES"',
    "more of a text": 'X=v\nX+="$NOTES"',
    "echo": 'X=$(echo "x$NOTES")',
    "printf": "X=$(printf '%s' \"$NOTES\")",
    "a default": 'X="${MODE:-$NOTES}"',
    "a fallback": 'X=$(nats kv get state owner --raw 2>/dev/null || echo "$NOTES")',
    "an arm": 'X=v\nif [ -n "$MODE" ]; then\n  X="$NOTES"\nfi',
    "the beginning": 'X="${NOTES:0:6}"',
    "a filter that keeps lines": 'X=$(echo "$NOTES" | sort)',
    "a filter that breaks lines": "X=$(echo 'a b' | tr ' ' '\\n')",
    "grep -o": "X=$(echo 'a1 b2' | grep -o '[0-9]')",
    "a tool that reads it": 'X=$(echo "$NOTES" | fmt-it)',
    "a tool that is handed it": 'X=$(fmt-it "$NOTES")',
    "a list of files": "X=$(find . -name '*.md')",
    "a document of jq": "X=$(jq -n '{status: \"new\"}')",
    "a document that jq changes": "X=$(echo '{\"a\": 1}' | jq '.a = 2')",
    "the items of a document": 'X=$(echo \'{"a": ["x", "y"]}\' | jq -r \'.a[]\')',
    "a line break in JSON": 'DOC=\'{"a": "v1.2\\nplan"}\'\nX=$(echo "$DOC" | jq -r \'.a\')',
    "a function": 'give() {\n  echo "$NOTES"\n}\nX=$(give)',
    "a file of two lines": "printf 'v1.2\\nplan\\n' > a.txt\nX=$(cat a.txt)",
    "a key of the turn before": (
        'X=v\nfor N in 1 2; do\n  echo "${X%.*}"\n  X=$(nats kv get state "$MODE" --raw 2>/dev/null || true)\n'
        '  nats kv put state "app.$MODE" "$NOTES" > /dev/null\ndone'
    ),
    "another turn of a loop": 'X=v\nfor N in 1 2; do\n  echo "${X%.*}"\n  X="$NOTES"\ndone',
}
_ONE = {
    "an input": 'X="$MODE"',
    "a key that is read before one is written that may be the same": (
        'X=$(nats kv get state "$MODE" --raw 2>/dev/null || true)\nnats kv put state "app.$MODE" "$NOTES" > /dev/null'
    ),
    "a file that is read before it is written": 'X=$(cat a.txt)\necho "$NOTES" > a.txt',
    "a key that nothing here writes": "X=$(nats kv get state owner --raw 2>/dev/null || true)",
    "a key beside the one that is written": (
        'nats kv put state report "$NOTES" > /dev/null\nX=$(nats kv get state owner --raw 2>/dev/null || true)'
    ),
    "a file beside the one that is written": 'echo "$NOTES" > b.txt\nX=$(cat a.txt)',
    "the first line": 'X=$(echo "$NOTES" | head -1)',
    "the last line": 'X=$(echo "$NOTES" | tail -n 1)',
    "lines joined": "X=$(echo \"$NOTES\" | tr '\\n' ' ')",
    "a number of lines": 'X=$(echo "$NOTES" | wc -l)',
    "a number of matches": 'X=$(echo "$NOTES" | grep -c v)',
    "a field of a line": "X=$(echo \"$MODE\" | awk -F: '{print $2}')",
    "sed in a line": "X=$(echo \"$MODE\" | sed -E 's/a+/b/g')",
    "a field of a document": "DOC=$(jq -n '{status: \"new\"}')\nX=$(echo \"$DOC\" | jq -r '.status')",
    "how many items": "X=$(echo '{\"a\": [1, 2]}' | jq '.a | length')",
    "what a tool answers": "X=$(git branch --show-current)",
    "a line of a loop": 'X=v\nfor X in plan review; do\n  echo "$X"\ndone',
}


def _reason(script: str) -> str:
    leftover = lowered(Program(script)).leftover
    return "" if leftover is None else leftover.reason


@pytest.mark.parametrize("how", _SEVERAL)
def test_a_line_break_of_the_script_is_followed(how: str) -> None:
    assert _reason(f"{_NOTES}{_SEVERAL[how]}\n{_CUT}") == "${X%…} of a text of several lines"


@pytest.mark.parametrize("how", _ONE)
def test_what_is_one_line_is_cut(how: str) -> None:
    assert _reason(f"{_NOTES}{_ONE[how]}\n{_CUT}") == ""

"""Arms of bash that cannot be taken are recognised; what is nearly such an arm is not."""

from __future__ import annotations

import pytest

from peerlint.process.bash import parse_bash
from peerlint.prove.dead_code import dead_arms
from peerlint.prove.fixed_arguments import fixed_arguments, fixed_texts
from peerlint.prove.own_folder import sure_moves

GUARD = 'if [ -z "$KEY" ]; then\n  echo none\n  exit 1\nfi\n'
STATUS = "if [ $? -ne 0 ]; then\n  echo bad\nfi\n"

CASES = {
    "echo cannot fail": ("echo a || echo b\n", 1),
    "echo into a file can": ("echo a > /nowhere/b || echo b\n", 0),
    "an own echo can": ("echo() { false; }\necho a || printf b\n", 0),
    "a number that is none fails": ('printf "%d" "$A" || echo b\n', 0),
    "the status of echo": (f"nats kv put b k v\necho done\n{STATUS}", 1),
    "the status of a tool": (f"echo done\nnats kv put b k v\n{STATUS}", 0),
    "success of what cannot fail": ("echo a\nif [ $? -eq 0 ]; then\n  echo good\nelse\n  echo bad\nfi\n", 1),
    "a filter cannot fail": ('X=$(echo "$A" | grep b | head -1 || echo none)\n', 1),
    "a filter of a file can": ("X=$(head -1 b || echo none)\nX=$(echo | head -1 b || echo none)\n", 0),
    "a pipe under pipefail can": ('set -o pipefail\nX=$(echo "$A" | grep b | head -1 || echo none)\n', 0),
    "constants": ('if [ "a" = "b" ]; then\n  echo same\nfi\n', 1),
    "a variable is none": ('if [ "a" = "$B" ]; then\n  echo same\nfi\n', 0),
    "true": ("if true; then\n  echo a\nelse\n  echo b\nfi\n", 1),
    "a key that no server takes": ('nats kv get b "cycle:current" || echo b\n', 1),
    "the status of an assignment": (f'X=$(nats kv get b "cycle:$N" --raw)\n{STATUS}', 1),
    "a key that is taken": ('nats kv get b "cycle.current" || echo b\n', 0),
    "a key in a variable": ('nats kv get b "$K" || echo b\n', 0),
    "asked twice": (f"{GUARD}nats kv put b k v\n{GUARD}", 1),
    "asked twice, in other words": (f'{GUARD}[ -n "$KEY" ] || exit 1\n', 1),
    "asked twice, set in between": (f"{GUARD}KEY=$(cat a)\n{GUARD}", 0),
    "asked twice, read in between": (f"{GUARD}read -r KEY\n{GUARD}", 0),
    "asked twice, set by a function": (f"clear() {{ KEY=; }}\n{GUARD}clear\n{GUARD}", 0),
    "asked twice, the first goes on": (f'if [ -z "$KEY" ]; then\n  echo none\nfi\n{GUARD}', 0),
    "asked twice, the first in a subshell": (f"( {GUARD} )\n{GUARD}", 0),
    "asked twice, unquoted": (f"[ -n $KEY ] || exit 1\n{GUARD}", 0),
    "asked twice of the world": (
        "nats kv ls || exit 1\nnats kv ls || exit 1\n[ -f a ] || exit 1\n[ -f a ] || exit 1\n",
        0,
    ),
    "an answer of a terminal": ('read -p "Go? " GO\n[ "$GO" = yes ] && echo on\n', 1),
    "an answer of a terminal, in one arm": ('if true; then\n  read -rp "Go? " GO\nfi\n[ -n "$GO" ] && echo on\n', 2),
    "an answer that has no name": ('read -p "Go? " -n 1 -r\ncase "$REPLY" in y) echo on ;; *) echo off ;; esac\n', 1),
    "an answer with a default": ('read -p "Go? " GO\nGO=${GO:-yes}\n[ "$GO" = yes ] && echo on\n', 0),
    "an answer that falls through": ('read -p "Go? " GO\ncase $GO in n) ;& y) echo on ;; esac\n', 0),
    "a name that was there before": ('[ "$GO" = yes ] && echo on\nread -p "Go? " GO\n[ "$GO" = yes ] && echo on\n', 0),
    "a line of a file": ('read -r GO < answers\n[ "$GO" = yes ] && echo on\n', 0),
    "a line of a pipeline": ('gh auth | while read -r GO; do\n  [ "$GO" = yes ] && echo on\ndone\n', 0),
    "a line that is handed to a group": ('{\n  read -r GO\n  [ "$GO" = yes ] && echo on\n} < answers\n', 0),
    "substitution and fields cannot fail": (
        "X=$(gh log | sed 's/a: //' | awk '{print $2}' 2>/dev/null || echo b)\n",
        1,
    ),
    "a file of sed can": ("X=$(gh log | sed 's/a: //' notes || echo b)\n", 0),
    "sed that ends with a code can": ("X=$(gh log | sed '/a/q5' || echo b)\n", 0),
    "awk that ends with a code can": ("X=$(gh log | awk '{print; exit 1}' || echo b)\n", 0),
    "all arms in a dead arm": ("if false; then\n  nats kv ls && echo a\nfi\n", 3),
}


@pytest.mark.parametrize("name", CASES)
def test_arms_that_are_never_taken(name: str) -> None:
    script, expected = CASES[name]
    assert len(dead_arms([parse_bash(script).commands])) == expected


def test_what_one_call_has_asked_the_next_need_not() -> None:
    first, again = parse_bash(GUARD).commands, parse_bash(GUARD).commands
    assert {arm.text for arm in dead_arms([first, again])} == {1}


def test_a_call_that_leaves_well_does_not_end_the_next() -> None:
    first = parse_bash(GUARD.replace("exit 1", "exit 0")).commands
    assert not dead_arms([first, parse_bash(GUARD).commands])


MODES = """#!/bin/bash
set -euo pipefail
MODE="$1"
NAME="${2:-nobody}"
if [ "$MODE" = "take" ]; then
  echo taken
elif [ "$MODE" = "give" ]; then
  case "$2" in
    back) echo back ;;
    *) echo away ;;
  esac
else
  echo usage
fi
[ $# -lt 3 ] || echo many
"""


@pytest.mark.parametrize(
    ("call", "dead"),
    [
        ("modes.sh take", 6),
        ("bash modes.sh give back", 4),
        ("modes.sh give", 4),
        ('modes.sh "$HOW"', 1),
        ("modes.sh $ARGUMENTS", 0),
        ("modes.sh take\nmodes.sh give", 2),
        ("modes.sh take\ncat modes.sh", 0),
        ("echo $(modes.sh take)", 6),
    ],
)
def test_arms_that_the_literal_arguments_of_each_call_do_not_take(call: str, dead: int) -> None:
    script, calls = parse_bash(MODES, placeholders=False).commands, parse_bash(call).commands
    assert len(dead_arms([script], fixed_texts("modes.sh", script, {call: calls}))) == dead


@pytest.mark.parametrize(
    "line",
    ["shift", "set -- give", 'MODE="$3"', "read MODE", '. "$LIBRARY"', '"$TOOL" x', ": ${MODE:=give}", "MODE+=x"],
)
def test_arguments_that_may_change_are_not_fixed(line: str) -> None:
    text = MODES.replace("if [", f"{line}\nif [", 1)
    script, calls = parse_bash(text, placeholders=False).commands, parse_bash("modes.sh take").commands
    labels = {arm.start for arm in dead_arms([script], fixed_texts("modes.sh", script, {"modes.sh take": calls}))}
    assert text.index("if [") not in labels


def test_the_arguments_of_a_function_are_its_own() -> None:
    text = 'say() {\n  [ "$1" = take ] && echo taken\n}\nsay give\n'
    script, calls = parse_bash(text, placeholders=False).commands, parse_bash("modes.sh take").commands
    assert not dead_arms([script], fixed_texts("modes.sh", script, {"modes.sh take": calls}))


FLAGS = """#!/bin/bash
set -e
SEED=false
for arg in "$@"; do
  case $arg in
    --seed) SEED=true ;;
    --name=*) NAME="${arg#*=}" ;;
    *) echo "Unknown option: $arg"; exit 1 ;;
  esac
done
docker compose up -d db
if [ "$SEED" = true ]; then
  npm run seed
else
  echo "$NAME is not seeded"
fi
"""


def dead_of_flags(text: str, call: str) -> list[str]:
    """The first word of each command with arms that are never taken, behind a call of the script."""
    script, calls = parse_bash(text, placeholders=False).commands, parse_bash(call).commands
    arguments = fixed_arguments("db.sh", {call: calls})
    return sorted(f"{text[arm.start :].split()[0]} {arm.arm}" for arm in dead_arms([script], None, arguments))


@pytest.mark.parametrize(
    ("call", "dead"),
    [
        ("db.sh --seed", ["case 2", "case 3", "if 2"]),
        ("db.sh", ["case 1", "case 2", "case 3", "if 1"]),
        ("db.sh --name=web --seed", ["case 3", "if 2"]),
        ("db.sh --name=web\ndb.sh --name=web", ["case 1", "case 3", "if 1"]),
        # What stops the script there is not followed.
        ("db.sh --other", []),
        ("db.sh --seed\ndb.sh", []),
        ('db.sh "$HOW"', []),
        ("db.sh --seed\ncat db.sh", []),
    ],
)
def test_known_arguments_choose_the_arms_of_a_loop_over_them(call: str, dead: list[str]) -> None:
    assert dead_of_flags(FLAGS, call) == dead


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("docker", "SEED=$(docker ps -q)\ndocker"),
        ("docker", "read SEED\ndocker"),
        ("docker", "change\ndocker"),
        ("SEED=true", "SEED=$HOW"),
        ("SEED=true", "SEED+=true"),
        ("SEED=false", "declare -u SEED"),
    ],
)
def test_what_flags_have_set_may_change_behind_them(old: str, new: str) -> None:
    text = FLAGS.replace(old, new, 1).replace("set -e\n", "set -e\nchange() { SEED=maybe; }\n" * (new[:6] == "change"))
    assert "if 2" not in dead_of_flags(text, "db.sh --seed")


@pytest.mark.parametrize("line", ["shift", "set -- --other", ". ./more.sh", 'eval "$MORE"'])
def test_arguments_that_are_changed_are_not_followed(line: str) -> None:
    assert not dead_of_flags(FLAGS.replace("SEED=false", line, 1), "db.sh --seed")


RESET = """reset_app() {
  local seed=false
  for arg; do
    case "$arg" in
      --seed) seed=true ;;
      *) name=$arg ;;
    esac
  done
  if [ "$seed" = true ]; then make seed; fi
}
"""


@pytest.mark.parametrize(
    ("calls", "dead"),
    [
        ("reset_app --seed", 2),
        ("reset_app web", 2),
        ("reset_app web; reset_app web", 2),
        ("reset_app web; reset_app --seed", 0),
        ("reset_app $HOW", 0),
        ("reset_app --seed; trap reset_app EXIT", 0),
        ("seed() { seed=true; }; reset_app web", 1),
        ("reset_app() { echo; }; reset_app web", 0),
    ],
)
def test_a_function_that_is_always_called_alike_chooses_by_that(calls: str, dead: int) -> None:
    assert len(dead_arms([parse_bash(RESET + calls).commands])) == dead


OWN = 'DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\n'


@pytest.mark.parametrize(
    ("script", "dead"),
    [
        (OWN, 1),
        ('cd "$(dirname "$0")/.." || exit 1\n', 1),
        (OWN + 'cd "$DIR/.." || exit 1\ncd "$DIR" || exit 1\n', 3),
        (OWN + 'ROOT="$(cd "$DIR/.." && pwd)"\ncd "$ROOT" || exit 1\n', 3),
        (OWN + 'go() {\n  cd "$DIR" || exit 1\n}\ngo\n', 2),
        # Near misses: another folder, a name that is set again, what is relative behind a move, a folder that pwd has
        # not told.
        ('cd "$(dirname "$1")" || exit 1\n', 0),
        ('cd "$(dirname "$0")/data" || exit 1\n', 0),
        (OWN + 'cd "$DIR/data" || exit 1\n', 1),
        (OWN + 'DIR=data\ncd "$DIR" || exit 1\n', 1),
        (OWN + 'for DIR in a b; do\n  cd "$DIR" || exit 1\ndone\n', 1),
        ('cd /tmp\ncd "$(dirname "$0")" || exit 1\n', 0),
        ('go() {\n  cd /tmp\n}\ngo\ncd "$(dirname "$0")" || exit 1\n', 0),
        ('DIR=$(dirname "$0")\ncd "$DIR" || exit 1\n', 0),
    ],
)
def test_a_script_can_go_to_its_own_folder(script: str, dead: int) -> None:
    commands = parse_bash(script, placeholders=False).commands
    assert len(dead_arms([commands], sure=sure_moves(commands))) == dead


@pytest.mark.parametrize(
    ("call", "dead"),
    [
        ('make.sh "$ARGUMENTS"', 1),
        ('make.sh "$NAME"', 1),
        ("make.sh $ARGUMENTS", 0),
        ('make.sh "$@"', 0),
        ('make.sh "${NAMES[@]}"', 0),
        ('make.sh "$NAME" "$OTHER"', 1),
        ('make.sh "$NAME"\nmake.sh', 0),
    ],
)
def test_the_number_of_arguments_in_quotes_is_known(call: str, dead: int) -> None:
    script = parse_bash('[ $# -eq 1 ] || exit 2\nmkdir "$1"\n', placeholders=False).commands
    texts = fixed_texts("make.sh", script, {call: parse_bash(call).commands})
    assert len(dead_arms([script], texts)) == dead


@pytest.mark.parametrize(
    ("call", "dead"),
    [
        ("${CLAUDE_PLUGIN_ROOT}/modes.sh take", 6),
        ('bash "$CLAUDE_PLUGIN_ROOT"/modes.sh take', 6),
        ("${CLAUDE_PLUGIN_ROOT}/modes.sh $ARGUMENTS", 0),
        ("${CLAUDE_PLUGIN_ROOT}/modes.sh take\n$OTHER/modes.sh give", 0),
    ],
)
def test_arguments_are_known_of_scripts_in_a_folder_of_the_harness_too(call: str, dead: int) -> None:
    script, calls = parse_bash(MODES, placeholders=False).commands, parse_bash(call).commands
    texts = fixed_texts("${CLAUDE_PLUGIN_ROOT}/modes.sh", script, {call: calls})
    assert len(dead_arms([script], texts)) == dead

"""Lowering: golden pairs of script and logic, and the rules that no single pair shows."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.migrate.lower import StepLowering, lower_process
from peerlint.migrate.lower.advice import advice_for
from peerlint.process.build.shell import hybrid_as_shell
from peerlint.process.logic import parse_logic, render_logic, rendered_blocks
from peerlint.process.model import (
    Branch,
    Delegate,
    ExitCodeIs,
    If,
    Input,
    Opaque,
    Proceed,
    Process,
    Shell,
    ShellForm,
    Statement,
    Step,
    Stop,
    Text,
    walk,
)
from peerlint.source.text import SourceText

CASES = Path(__file__).parents[2] / "fixtures" / "migrate"


def lower(
    *calls: str, scripts: dict[str, str] | None = None, wanted: set[str] | None = None
) -> dict[str, StepLowering]:
    """One step per call."""
    steps = tuple(Step(str(n), statements=(Shell(code, ShellForm.FENCE),)) for n, code in enumerate(calls, 1))

    def resolve(reference: str) -> SourceText | None:
        text = (scripts or {}).get(reference)
        return None if text is None else SourceText(reference, text)

    return lower_process(Process("test", steps), resolve, wanted=wanted)


def lowered_text(script: str) -> str:
    """What stands in logic.txt: the call of a script, rendered, with its blocks; or the reason why it is left."""
    call = "check.sh $ARGUMENTS" if '"$@"' in script else "check.sh"
    as_script = not any(sign in script for sign in ("[SPEC_NAME]",))
    result = lower(call, scripts={"check.sh": script})["1"] if as_script else lower(script)["1"]
    if result.leftover is not None:
        return f"left: {result.leftover}\n"
    blocks = [f"\n<{name}>\n{text}\n</{name}>\n" for name, text in rendered_blocks(result.statements).items()]
    repairs = [f"\nrepair: {repair.name}\n" for repair in result.repairs]
    return render_logic(result.statements).rstrip("\n") + "\n" + "".join(blocks) + "".join(repairs)


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if (path / "script.sh").exists()))
def test_golden_pairs(case: str) -> None:
    folder = CASES / case
    assert lowered_text((folder / "script.sh").read_text()) == (folder / "logic.txt").read_text()


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if not path.name.startswith("left-")))
def test_what_is_rendered_reads_back_as_the_same_logic(case: str) -> None:
    result = lower("check.sh $ARGUMENTS", scripts={"check.sh": (CASES / case / "script.sh").read_text()})["1"]
    if result.leftover is not None:
        pytest.skip(f"needs its arguments: {result.leftover}")
    reading = parse_logic(render_logic(result.statements), blocks=rendered_blocks(result.statements))
    assert not reading.problems
    assert reading.statements == result.statements


def test_a_temp_file_becomes_names_of_later_steps() -> None:
    first, second = lower(
        'echo "current_phase=$PHASE" > /tmp/cycle.txt\n',
        "P=$(grep '^current_phase=' /tmp/cycle.txt | cut -d= -f2)\necho \"$P\"\n",
    ).values()
    assert first.promoted == (("/tmp/cycle.txt", ("CURRENT_PHASE",)),)
    assert "SET: P = CURRENT_PHASE" in render_logic(second.statements)


def test_a_temp_file_that_a_step_keeps_is_kept_by_all() -> None:
    results = lower('echo "A=1" > /tmp/x.txt\n', "eval $(cat /tmp/x.txt)\n", "source /tmp/x.txt\necho hi\n")
    assert all(result.leftover is not None for result in results.values())
    assert "step 2" in str(results["1"].leftover)


def test_steps_behind_the_wanted_ones_count_where_a_temp_file_may_tie_them_to_one() -> None:
    def results(*calls: str, wanted: set[str] | None = None) -> dict[str, tuple[tuple[Statement, ...], str]]:
        found = lower(*calls, wanted=wanted)
        return {number: (result.statements, str(result.leftover)) for number, result in found.items()}

    alone = ("OWNER=$(git config user.name)\n", 'echo "by $OWNER"\n', "eval $(cat /tmp/x.txt)\n")
    before = {number: result for number, result in results(*alone).items() if number != "3"}
    assert results(*alone, wanted={"2"}) == before
    tied = ('echo "A=1" > /tmp/x.txt\n', "echo hi\n", "eval $(cat /tmp/x.txt)\n")
    assert results(*tied, wanted={"1"})["1"] == results(*tied)["1"]
    assert "step 3" in results(*tied)["1"][1]


def test_variables_of_a_called_script_do_not_leak() -> None:
    result = lower(
        'STATE=mine\nif [ -n "$X" ]; then STATE=other; fi\nother.sh\necho "$STATE"\n',
        scripts={"other.sh": 'STATE=$(nats kv get b k --raw)\necho "$STATE"\n'},
    )["1"]
    text = render_logic(result.statements)
    assert "AS STATE_2" in text and text.rstrip().endswith('DISPLAY: "[STATE]"')


def test_a_variable_of_an_earlier_step_is_named_as_lost() -> None:
    first, second = lower("OWNER=$(git config user.name)\n", 'echo "by $OWNER"\n').values()
    assert first.repairs == ()
    assert [repair.name for repair in second.repairs] == ["lost-variable"]
    assert "step 1" in second.repairs[0].reason


def test_what_the_agent_fills_in_is_asked_for_in_each_step_and_is_never_lost() -> None:
    read = 'cat "specs/$TICKET/notes.md"\n'
    set_here = "TICKET=$(git config ticket.current)\n"
    texts = []
    for step in lower(read, read, set_here, read).values():
        texts.append(render_logic(step.statements))
        repairs = [repair.reason for repair in step.repairs]
    assert ["INPUT: TICKET" in text for text in texts] == [True, True, False, False]
    assert repairs == ["TICKET is set in step 3, whose shell has ended"]


def test_a_name_that_a_step_may_set_is_still_asked_for() -> None:
    """Where it does not set it, the agent has filled it in."""
    may_set = '[ -f pinned ] && TICKET=pinned\ncat "specs/$TICKET/notes.md"\n'
    _, second = lower('cat "specs/$TICKET/notes.md"\n', may_set).values()
    assert render_logic(second.statements).startswith("INPUT: TICKET\n")
    assert 'TICKET = ""' not in render_logic(second.statements)


def test_a_text_that_a_later_step_reads_keeps_its_name() -> None:
    """In its own step it may stand for itself; the later one has nothing but the name."""
    first = 'DOC="docs/stack.md"\n[ -f "$DOC" ] || echo "no $DOC"\n'
    one, two = lower(first, 'cat "$DOC"\n').values()
    assert 'SET: DOC = "docs/stack.md"' in render_logic(one.statements)
    assert render_logic(two.statements) == 'RUN: `cat "[DOC]"`'
    assert [repair.name for repair in two.repairs] == ["lost-variable"]


@pytest.mark.parametrize("later", ['echo "done"\n', 'DOC="docs/other.md"\ncat "$DOC"\n'])
def test_a_text_that_no_later_step_takes_from_there_stands_for_itself(later: str) -> None:
    one, _ = lower('DOC="docs/stack.md"\ncat "$DOC"\n', later).values()
    assert render_logic(one.statements) == "RUN: `cat docs/stack.md`"


def test_a_name_that_a_temp_file_hands_on_is_not_lost() -> None:
    _, second = lower('echo "OWNER=$WHO" > /tmp/o.txt\n', 'source /tmp/o.txt\necho "by $OWNER"\n').values()
    assert [repair.name for repair in second.repairs] == ["sourced-value"]


def test_a_script_that_is_not_there_is_run_beside_other_commands_and_kept_when_alone() -> None:
    beside = lower('STATE=$(bash gone.sh --get)\necho "$STATE"\n')["1"]
    assert "RUN: `bash gone.sh --get` AS STATE" in render_logic(beside.statements)
    alone = lower("bash gone.sh\n")["1"]
    assert alone.leftover is not None and "not in the project" in alone.leftover.reason


def test_a_script_that_is_not_there_may_use_the_temp_files_of_the_step() -> None:
    result = lower('echo "A=1" > /tmp/x.txt\nbash gone.sh\nsource /tmp/x.txt\necho "$A"\n')["1"]
    assert result.leftover is not None and "may use /tmp/x.txt" in result.leftover.reason


def test_arguments_that_the_harness_fills_in_cannot_be_set() -> None:
    code = 'ARGUMENTS=$(echo "$ARGUMENTS" | tr a-z A-Z)\necho "with $ARGUMENTS"\n'
    in_file = lower(code)["1"]
    assert in_file.leftover is not None and "ARGUMENTS is set" in in_file.leftover.reason
    in_script = lower("it.sh\n", scripts={"it.sh": code})["1"]
    assert in_script.leftover is None


def test_a_folder_that_later_steps_would_be_in_is_left() -> None:
    first, second = lower("cd api && npm test\n", "npm run build\n").values()
    assert first.leftover is not None and "cd" in first.leftover.reason
    assert second.leftover is None


def test_all_arguments_between_quotes_are_one_argument() -> None:
    script = {"tag.sh": 'VERSION="$1"\necho "tags $VERSION"\n'}
    quoted, bare = (
        render_logic(lower(f"tag.sh {a}", scripts=script)["1"].statements) for a in ('"$ARGUMENTS"', "$ARGUMENTS")
    )
    assert 'SET: VERSION = "$ARGUMENTS"' in quoted
    assert 'SET: VERSION = "$1"' in bare


def test_arguments_that_the_harness_fills_in_stay_verbatim() -> None:
    text = render_logic(lower('gh pr view "$1"\necho "all: $ARGUMENTS"\n')["1"].statements)
    assert 'SET: ARGUMENT_1 = "$1"' in text and 'SET: ARGUMENTS = "$ARGUMENTS"' in text


@pytest.mark.parametrize(
    ("script", "begins"),
    [
        # The name that the code gives it is its name.
        ('VERSION="$1"\necho "ships $VERSION"\n', 'SET: VERSION = "$1"\nDISPLAY: "ships [VERSION]"'),
        # Another value came first, or comes on some way: two names.
        ('echo "$VERSION"\nVERSION="$1"\necho "$VERSION"\n', 'SET: ARGUMENT_1 = "$1"'),
        ('VERSION="$1"\nif [ -f x ]; then\n  VERSION=2\nfi\necho "$VERSION $1"\n', 'SET: ARGUMENT_1 = "$1"'),
    ],
)
def test_an_argument_has_the_name_that_the_code_gives_it(script: str, begins: str) -> None:
    text = render_logic(lower(script)["1"].statements)
    assert begins in text
    assert ("ARGUMENT_1" in text) == ("ARGUMENT_1" in begins)


@pytest.mark.parametrize(
    ("script", "repairs"),
    [
        ("N=$(grep -c x f || echo 0)\n", ["count-fallback"]),
        ("N=$(grep x f || echo 0)\n", []),
        ("N=$(git describe || echo v0)\n", ["appended-fallback"]),
        ('N=$(git describe || echo "")\n', []),
        ("for f in *.md; do\n  cat $f.x | wc -l\ndone\necho\n", ["unmatched-glob", "word-splitting"]),
        ('for f in *.md; do\n  [ -e "$f" ] || continue\n  wc "$f"\ndone\necho\n', []),
        ("for f in a b; do\n  npm run $f\ndone\necho\n", []),
        ("cd x\nmake\n", ["unguarded-failure"]),
        ("cd x || exit 1\nmake\n", []),
        ("set -e\ncd x\nmake\n", []),
    ],
)
def test_repairs_are_named_and_near_misses_are_not(script: str, repairs: list[str]) -> None:
    result = lower(script)["1"]
    assert result.leftover is None, result.leftover
    assert sorted(repair.name for repair in result.repairs) == repairs


def test_a_repair_says_in_which_text_it_is_made() -> None:
    shells = tuple(
        Shell(code, ShellForm.FENCE) for code in ("echo one\n", "echo two\na.sh\nN=$(grep -c y f || echo 0)\n")
    )
    scripts = {"a.sh": "# counts\nN=$(grep -c x f || echo 0)\n"}
    result = lower_process(Process("p", (Step("1", statements=shells),)), lambda name: SourceText(name, scripts[name]))[
        "1"
    ]
    found = [place for repair in result.repairs if (place := result.place(repair.span))]
    assert [(source.path, source.lines.position(span.start).row) for source, span in found] == [("a.sh", 2), ("", 3)]
    assert [source.slice(span) for source, span in found] == ["grep -c x f || echo 0", "grep -c y f || echo 0"]


def test_a_message_of_a_hybrid_keeps_its_kind() -> None:
    lines = ['  IF [ "$(cat a.txt)" = "x" ]; then', '    WARN: "It is x"', '    PROVIDE: "Change it"', "  ELSE"]
    code = hybrid_as_shell([*lines, '    DISPLAY: "fine"', "  fi"])
    assert code is not None
    shown = render_logic(lower(code)["1"].statements)
    assert [line.strip() for line in shown.splitlines()[2:]] == [
        'WARN: "It is x"',
        'PROVIDE: "Change it"',
        "ELSE:",
        'DISPLAY: "fine"',
    ]


def test_exit_codes_that_the_prose_names_become_reasons() -> None:
    meaning = If((Branch(ExitCodeIs(4), (Stop(Text.of("the import is already running")),)),))
    shell = Shell("import.sh", ShellForm.SCRIPT, ("import.sh",))
    script = "if [ -f lock ]; then\n  echo locked\n  exit 4\nfi\n[ -f data ] || exit 1\n"
    result = lower_process(
        Process("p", (Step("1", statements=(shell, meaning)),)), lambda reference: SourceText(reference, script)
    )["1"]
    stops = [node for node in walk(result.statements) if isinstance(node, Stop)]
    assert [stop.reason for stop in stops] == [Text.of("the import is already running"), None]


def test_a_status_that_is_handed_on_may_be_one_that_the_prose_names() -> None:
    meaning = If((Branch(ExitCodeIs(4), (Stop(Text.of("the import is already running")),)),))
    shell = Shell("import.sh", ShellForm.SCRIPT, ("import.sh",))
    script = 'psql -f data.sql\nRC=$?\necho "done"\nexit $RC\n'
    result = lower_process(
        Process("p", (Step("1", statements=(shell, meaning)),)), lambda reference: SourceText(reference, script)
    )["1"]
    assert result.leftover is not None
    assert result.leftover.reason == "an exit code that is not literal, and may be one of those that the prose names"


def test_an_exit_0_never_skips_a_delegation_that_follows() -> None:
    shell = Shell('if [ -z "$X" ]; then echo none; exit 0; fi\necho some\n', ShellForm.FENCE)
    result = lower_process(Process("p", (Step("1", statements=(shell, Delegate("writer"))),)), lambda _: None)["1"]
    assert isinstance(result.statements[-1], Delegate)
    assert not any(isinstance(node, Proceed) for node in walk(result.statements))


def test_a_leftover_names_file_and_row() -> None:
    leftover = lower("a.sh", scripts={"a.sh": "echo hi\neval x\n"})["1"].leftover
    assert leftover is not None
    assert (leftover.path, leftover.row, leftover.source, leftover.reason) == (
        "a.sh",
        2,
        "eval x",
        "eval, which runs text as code",
    )


def test_passes_end_with_the_statements() -> None:
    result = lower('echo "a"\nexit 1\n')["1"]
    assert result.passes[0][0] == "typed effects"
    assert result.passes[-1][1] == result.statements


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "X=$(nats kv get b k --raw)",
                "if [ $? -ne 0 ]; then",
                "else",
                "fi",
                'echo "$X"',
                "exit 1",
                "exit 0",
                "Y=${X:-a}",
                "case $X in a) ;; esac",
                "f() {",
                "}",
                "f",
                "X=$(f)",
                "for i in a b; do",
                "done",
                "nats kv put b k v || exit 2",
                "set -e",
                "grep a /tmp/x | cut -d= -f2",
                "echo A=1 > /tmp/x",
                "cat <<E\n$X\nE",
            ]
        ),
        max_size=12,
    )
)
def test_any_script_is_lowered_or_left_and_never_half(lines: list[str]) -> None:
    result = lower("\n".join(lines))["1"]
    statements: tuple[Statement, ...] = result.statements
    assert bool(statements) is (result.leftover is None)
    assert not any(isinstance(node, (Shell, Opaque)) for node in walk(statements))
    if statements:
        render_logic(statements)


COMMENTED = """#!/bin/bash
# ---- Fetch ----
# Never over a metered line:
# ask first.
git fetch --quiet

# Say what is new
# - News of today
# - News of this week

# Under its own heading, in the words of those who have written it down, and
# Never in others.
if [ -n "$NEWS" ]; then
  # shellcheck disable=SC2086
  # Only the news
  echo "$NEWS"  # at the end of a line
  # then ask for more
fi
cat <<EOF
# Report
all of it
EOF
git pull
# What came of it
if [ $? -ne 0 ]; then
  echo "no pull"
fi
# Tell the user:
# - what is new
# - ${#NEWS} signs
"""


def test_comments_of_shell_in_the_file_become_notes() -> None:
    lines = render_logic(lower(COMMENTED)["1"].statements).splitlines()
    assert [line.strip() for line in lines if "NOTE" in line] == [
        "NOTE: Fetch",
        "NOTE: Never over a metered line: ask first.",
        "NOTE: Say what is new",
        "NOTE: - News of today",
        "NOTE: - News of this week",
        "NOTE: Under its own heading, in the words of those who have written it down, and Never in others.",
        "NOTE: Only the news",
        "NOTE: at the end of a line",
        "NOTE: then ask for more",
        "NOTE: Tell the user:",
        "NOTE: - what is new",
        "NOTE: - ${#NEWS} signs",
    ]
    assert lines.index("  NOTE: then ask for more") == lines.index('  DISPLAY: "[NEWS]"') + 1
    assert lines[-1] == "NOTE: - ${#NEWS} signs"
    assert lines.index("RUN: `git fetch --quiet`, ignoring failure") == lines.index("NOTE: Say what is new") - 1
    assert any(line.startswith("  NOTE: Only") for line in lines)


def test_comments_of_a_script_stay_in_the_script() -> None:
    assert "NOTE" not in render_logic(lower("check.sh", scripts={"check.sh": COMMENTED})["1"].statements)


def test_a_function_in_the_file_that_nothing_calls_is_kept() -> None:
    helper = 'say() {\n  echo "it: $1"\n}\n'
    left = lower(helper)["1"].leftover
    assert left is not None and left.row == 1
    assert left.reason == "the function say, which nothing calls: it is there for the agent to use"
    assert lower(f"{helper}say done\n")["1"].leftover is None
    assert lower("check.sh", scripts={"check.sh": f"{helper}echo end\n"})["1"].leftover is None


def test_json_that_is_only_a_string_is_no_template() -> None:
    text = lowered_text('X=$(jq -rn --arg a "$B" \'$a\')\necho "$X"\n')
    assert "as JSON" not in text and "with jq -rn" in text


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        (".a.$KEY", ".a[$KEY]"),
        (".$KEY | length", ".[$KEY] | length"),
        ('.a = \\"$KEY\\"', ".a = $KEY"),
        ('.a = \\"by $KEY!\\"', '.a = "by \\($KEY)!"'),
        (".items[$KEY]", ".items[($KEY | fromjson)]"),
        (".n = $KEY", ".n = ($KEY | fromjson)"),
    ],
)
def test_a_variable_that_is_pasted_into_a_filter_is_handed_over(program: str, wanted: str) -> None:
    lowering = lower(f'X=$(echo "$S" | jq "{program}")\necho "$X"\n')["1"]
    assert f"with jq '{wanted}'" in render_logic(lowering.statements)
    assert [repair.name for repair in lowering.repairs] == ["interpolated-json"]


@pytest.mark.parametrize("program", ['".a_$KEY"', '".a.${KEY}_b"', '".$KEY_$S"', ".a.$KEY", '"$PROGRAM"', '".a$KEY"'])
def test_a_variable_that_is_a_part_of_a_name_is_left(program: str) -> None:
    left = lower(f'X=$(echo "$S" | jq {program})\necho "$X"\n')["1"].leftover
    assert left is not None and left.reason == "a jq program with a shell variable inside"


def test_an_exit_code_that_is_shown_is_no_word_that_could_be_split() -> None:
    result = lower('git push; echo "rc=$?"\n')["1"]
    assert 'DISPLAY: "rc=[EXIT_CODE]"' in render_logic(result.statements)
    assert result.repairs == ()


def test_a_key_that_jq_refuses_is_left_to_jq() -> None:
    # Without quotes jq takes letters of ASCII only: the script fails there, and so has the logic to.
    store = "X=$(jq -n '{%s: 1}')\nnats kv put state doc \"$X\"\n"
    assert '"cle": 1' in lowered_text(store % "cle")
    assert "jq -n '{clé: 1}'" in lowered_text(store % "clé")


def test_the_reason_of_a_temp_file_that_no_step_writes_says_so() -> None:
    leftover = lower("VERSION=$(cat /tmp/version)\n")["1"].leftover
    assert leftover is not None
    assert leftover.reason == "/tmp/version is read, but no earlier step that can be migrated writes it"


@pytest.mark.parametrize(
    ("script", "advice"),
    [
        ('echo "usage: $0 NAME"\n', "write what the reader should see"),
        ('[[ $V =~ ^([0-9]+) ]]\necho "${BASH_REMATCH[1]}"\n', "take the part of the text with sed -E or cut"),
        ('echo "${BASH_SOURCE[0]}"\n', "write what the reader should see"),
        ("nats stream ls\n", "leave it to the agent in words, in a step of its own"),
        ("X=$(nats pub a b)\n", "ask for its exit code with if, or hide its output"),
        ('X=$(nats req a b || true)\necho "$X"\n', "keep the reply: REPLY=$(nats request --raw SUBJECT TEXT)"),
        ("LC_ALL=C sort plan.md > sorted.md\n", "write env NAME=value in front of it, or hand it over as an argument"),
    ],
)
def test_what_helps_against_a_reason(script: str, advice: str) -> None:
    leftover = lower("check.sh", scripts={"check.sh": script})["1"].leftover
    assert leftover is not None
    assert advice_for(leftover.reason) == advice


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        ('echo "to $STAGE"\nnpm run "${STAGE:-dev}" "$TAG"\n', ['DISPLAY: "to prod"', 'RUN: `npm run prod "[TAG]"`']),
        ('STAGE="${STAGE}-eu"\necho "to $STAGE"\n', None),
    ],
)
def test_a_variable_that_a_script_is_given_for_its_call(script: str, lines: list[str] | None) -> None:
    result = lower('TAG=$(git describe)\nSTAGE=prod TAG="$TAG" deploy.sh', scripts={"deploy.sh": script})["1"]
    if lines is None:
        assert result.leftover is not None
        assert result.leftover.reason == "a variable that is set for one command, and set again by what that calls"
    else:
        assert result.leftover is None, result.leftover
        assert render_logic(result.statements).splitlines()[1:] == lines


def test_a_variable_of_the_environment_has_one_name_in_a_call_and_the_script_that_it_calls() -> None:
    scripts = {"a.sh": "./b.sh\n", "b.sh": '[ -n "$TAG" ] || exit 1\necho "deploys $TAG"\n'}
    result = lower('echo "release $TAG"\n./a.sh\n', scripts={f"./{name}": text for name, text in scripts.items()})["1"]
    assert [node.name for node in result.statements if isinstance(node, Input)] == ["TAG"]
    assert "TAG_2" not in render_logic(result.statements)


@pytest.mark.parametrize(
    ("call", "script"),
    [
        # Not exported: the script has what the environment has.
        ('TAG=v1\necho "release $TAG"\n./a.sh\n', 'echo "deploys $TAG"\n'),
        ('for TAG in v1 v2; do\n  ./a.sh\ndone\necho "$TAG"\n', 'echo "deploys $TAG"\n'),
        ('echo "release $TAG"\n./a.sh\necho "behind $TAG"\n', 'TAG="${TAG}-x"\necho "deploys $TAG"\n'),
        ('echo "release $TAG"\n./a.sh\n', 'f() { local TAG=x; echo "$TAG"; }\nf\necho "deploys $TAG"\n'),
        ('echo "in $PWD"\n(cd sub && ../a.sh)\n', 'echo "deploys in $PWD"\n'),
    ],
)
def test_a_variable_that_one_of_the_two_sets_has_two_names(call: str, script: str) -> None:
    result = lower(call, scripts={"./a.sh": script, "../a.sh": script})["1"]
    variable = "PWD" if "PWD" in call else "TAG"
    assert f"[{variable}_2]" in render_logic(result.statements)


def test_a_variable_that_an_earlier_step_sets_is_not_that_of_the_environment() -> None:
    steps = ('TAG=$(git describe)\necho "$TAG"\n', 'echo "release $TAG"\n./a.sh\n')
    result = lower(*steps, scripts={"./a.sh": 'echo "deploys $TAG"\n'})["2"]
    assert 'DISPLAY: "deploys [TAG_2]"' in render_logic(result.statements)

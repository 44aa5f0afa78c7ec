"""What findings say, where the words have to fit the case."""

from __future__ import annotations

import time

import pytest

from peerlint.lint.rules import all_rules
from peerlint.source.text import SourceText
from tests.lint.laws import findings


def said(code: str, text: str, path: str = ".claude/commands/x.md") -> list[tuple[int, int, str]]:
    source = SourceText(path, text)
    found = findings(source, [all_rules()[code]])
    places = [(source.lines.position(each.span.start), each.message) for each in found]
    return [(place.row, place.column, message) for place, message in places]


def test_a_stray_tag_names_the_line_that_took_its_partner() -> None:
    text = "# X\n\n<meta_data>\n  <compares>this with that</meta_data>\n</meta_data>\n\nDo it.\n"
    assert [(row, message) for row, _, message in said("PL501", text)] == [
        (5, "</meta_data> closes nothing: line 4 has closed it already")
    ]


def test_a_stray_tag_that_never_had_a_partner_says_only_that() -> None:
    assert [message for _, _, message in said("PL501", "# X\n\n</flow>\n\nDo it.\n")] == ["</flow> closes nothing"]


def test_a_step_out_of_order_is_not_said_to_be_missing() -> None:
    step = '<step number="{0}" name="n{0}">\nDo it.\n</step>\n'
    swapped = "<flow>\n" + "".join(step.format(number) for number in (1, 4, 2, 3)) + "</flow>\n"
    gap = "<flow>\n" + "".join(step.format(number) for number in (1, 4)) + "</flow>\n"
    assert [m for _, _, m in said("PL502", swapped)] == [
        "step 4 stands right behind step 1, before the steps between them"
    ]
    assert [m for _, _, m in said("PL502", gap)] == ["step 4 follows step 1, 2 are missing between"]


def test_a_colon_in_front_matter_is_shown_at_its_place() -> None:
    text = "---\ndescription: Use it when: a version 🚀 is: released\n---\n\nDo it.\n"
    assert said("PL504", text) == [(2, 25, 'the front matter is no valid YAML: a value with ": " in it needs quotes')]


def test_a_condition_ends_where_the_order_begins() -> None:
    text = "# X\n\n## Step 1: Set up\n\nIF the plan is convincing, guide the user through it:\n  Show it.\n"
    assert [m for _, _, m in said("PL801", text)] == ['whether "the plan is convincing" holds cannot be tested']


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("IF there are still drafts then show this message to the user:", "there are still drafts"),
        ('IF "NONE":', "NONE"),
        ("IF nobody is sure what to do then:", "nobody is sure what to do then"),
    ],
)
def test_a_condition_is_named_without_what_is_done_and_without_its_quotes(line: str, condition: str) -> None:
    text = f"# X\n\n## Step 1: Set up\n\n{line}\n  Show it.\n"
    assert [m for _, _, m in said("PL801", text)] == [f'whether "{condition}" holds cannot be tested']


def test_an_exit_names_what_comes_next_in_its_own_step() -> None:
    call = "```bash\nif [ ! -f plan.md ]; then\n  echo none\n  exit 1\nfi\n```\n"
    after = "```bash\nmake\n```\n"
    text = f"# X\n\n## Step 1: Build\n\n{call}{{}}\n## Step 2: Ship\n\nShip it.\n"
    ends = "exit 1 ends this call only: nothing tells the agent not to go on with {}"
    assert [m for _, _, m in said("PL301", text.format(""))] == [ends.format('step 2 "Ship"')]
    assert [m for _, _, m in said("PL301", text.format("\n" + after))] == [ends.format("what line 13 runs")]


def test_a_family_in_a_comment_is_no_rule() -> None:
    text = "# X\n\n<!-- peerlint: ignore[PL1] all of them -->\nRun `./scripts/a.sh` now.\n"
    assert [m for _, _, m in said("PL001", text)] == [
        'this comment names "PL1", which is no rule, but of several: name each, as PL101'
    ]


@pytest.mark.parametrize(
    ("shell", "ending"),
    [
        ("make || exit $?", "exit $?"),
        ("make || exit", "exit"),
        ('make || { rc=$?; echo "no"; exit $rc; }', "exit $rc"),
        ('make || { echo "no"; exit $?; }', None),
        ('make\nrc=$?\nif [[ "$rc" != 0 ]]; then\n  exit "$rc"\nfi', 'exit "$rc"'),
        ("(( rc != 0 )) && exit $rc", "exit $rc"),
        ("((rc)) && exit $rc", "exit $rc"),
        ("[ $? -ne 0 ] && exit $?", None),
        ("if make; then\n  echo made\nelse\n  exit $?\nfi", "exit $?"),
        ("if [ $rc -eq 0 ]; then echo made; else exit $rc; fi", "exit $rc"),
        ("if ! make; then exit $?; fi", None),
        ('[ "$n" -gt 0 ] || exit $n', None),
        ("[ $rc -eq 0 ] || exit $rc", "exit $rc"),
        ("case $rc in\n  0) echo made ;;\n  *) exit $rc ;;\nesac", "exit $rc"),
        ("make\nexit $?", None),
        ('die() { echo "$1" >&2; exit 1; }\nmake', None),
        ('fail() { echo "$1"; exit "${2:-1}"; }\nmake || fail "not made" 3', 'fail "not made" 3'),
        ('die() { echo "$2" >&2; exit $1; }\nmake || die 3 no', "die 3 no"),
        ("pass() { echo ok; }\nmake && pass || exit 2", "exit 2"),
        ("done_with() { exit 0; }\nmake && done_with", None),
        ("usage() { echo use; exit $1; }\nmake || usage 0", None),
    ],
)
def test_an_exit_counts_where_it_hands_on_a_failure(shell: str, ending: str | None) -> None:
    text = f"# X\n\n## Step 1: Build\n\n```bash\n{shell}\n```\n\n## Step 2: Ship\n\nShip it.\n"
    ends = ' ends this call only: nothing tells the agent not to go on with step 2 "Ship"'
    assert [m for _, _, m in said("PL301", text)] == ([] if ending is None else [ending + ends])


@pytest.mark.parametrize("path", ["AGENTS.md", ".cursor/rules/release.mdc", ".claude/skills/release/SKILL.md"])
@pytest.mark.parametrize(
    ("order", "is_order"),
    [
        ("Follow these steps in order.", True),
        ("**Follow these steps:**", True),
        ("When you release a version, you must follow the steps below:", True),
        ("These steps are for people.", False),
        ("Users follow the steps of the installer.", False),
    ],
)
def test_what_a_sentence_orders_to_follow_is_a_procedure(path: str, order: str, is_order: bool) -> None:
    steps = "1. Read it:\n\n   ```bash\n   V=1\n   ```\n\n2. Tag it:\n\n   ```bash\n   git tag $V\n   ```\n"
    found = said("PL201", f"# Project\n\nAbout it.\n\n## Releasing\n\n{order}\n\n{steps}", path)
    assert [row for row, _, _ in found] == ([18] if is_order else [])


ERROR = """# X

<step number="1" name="a">

### Step 1: A

<a_logic>
  IF X is empty:
    ERROR: {}
  DISPLAY: "x"
</a_logic>

</step>
"""


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('"no plan"', "no plan"),
        ("'no plan'", "no plan"),
        ("\"no 'plan' here\"", "no 'plan' here"),
        ("\"it's gone", "it'"),
        ('"no plan" (see above)', "no plan"),
        ("“no plan”", "no plan”"),
        ('"no plan" and stop', None),
    ],
)
def test_the_message_of_an_error_that_does_not_stop_ends_at_its_last_quote(written: str, message: str | None) -> None:
    named = [] if message is None else [message]
    assert [m.partition('"')[2].rpartition('"')[0] for _, _, m in said("PL305", ERROR.format(written))] == named


def test_a_long_message_takes_no_longer_than_its_length() -> None:
    def seconds(size: int) -> float:
        text = ERROR.format(f'"{"word " * size}"')
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            assert len(said("PL305", text)) == 1
            best = min(best, time.process_time() - start)
        return best

    assert seconds(10_000) <= 30 * seconds(1_000) + 0.05

"""Lowered logic laid over the text of a step: what the file looks like afterwards, and what stays as it was."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.migrate.lower import lower_process
from peerlint.migrate.rewrite import calls_apart, calls_judged, migrate
from peerlint.process.model import Parameter, Shell, walk
from peerlint.source.text import SourceText
from tests.migrate.rewriting import PATH, Lowering, lowered, migrated, read, rewritten

HEALTH_LOGIC = """\
CHECK: NATS server connectivity, as in <nats_health_command>
IF server not responding:
  ERROR: "NATS server is not available"
  PROVIDE: "Start it with: nats-server -js"
  STOP execution
ELSE:
  PROCEED to next step
"""
HEALTH_BLOCKS = {"nats_health_command": "nats kv ls --timeout=5s"}

BEFORE = """\
<step number="1" name="nats_availability_check">

### Step 1: NATS

<instructions>
  ACTION: Use Bash tool to check NATS server availability
  SCRIPT: ~/.agent-os/scripts/peer/check-nats-health.sh
  ERROR_HANDLING: Stop execution if NATS not available
</instructions>

</step>
"""
AFTER = """\
<step number="1" name="nats_availability_check">

### Step 1: NATS

<validation_logic>
  CHECK: NATS server connectivity, as in <nats_health_command>
  IF server not responding:
    ERROR: "NATS server is not available"
    PROVIDE: "Start it with: nats-server -js"
    STOP execution
  ELSE:
    PROCEED to next step
</validation_logic>

<nats_health_command>
  nats kv ls --timeout=5s
</nats_health_command>

<instructions>
  ACTION: Verify NATS server availability
  ERROR_HANDLING: Stop execution if NATS not available
</instructions>

</step>
"""


def test_a_script_line_becomes_logic_in_front_of_the_instructions() -> None:
    assert rewritten(BEFORE, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS)}) == AFTER


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_and_byte_order_mark_are_kept(newline: str, prefix: str) -> None:
    before, after = (prefix + text.replace("\n", newline) for text in (BEFORE, AFTER))
    assert rewritten(before, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS)}) == after


def test_indentation_of_the_step_is_kept() -> None:
    before, after = (textwrap.indent(text, "\t") for text in (BEFORE, AFTER))
    assert rewritten(before, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS)}) == after


def test_what_is_read_from_the_rewrite_is_what_was_lowered() -> None:
    lowering = lowered(HEALTH_LOGIC, HEALTH_BLOCKS)
    (step,) = read(rewritten(BEFORE, {"1": lowering})).steps
    assert step.step.statements == lowering.statements
    assert not step.shell


def test_a_fence_is_replaced_where_it_stands_and_its_announcement_goes() -> None:
    before = textwrap.dedent(
        """\
        <step number="2" name="bucket_setup">

        ### Step 2: KV Bucket Setup

        Use Bash tool to run the bucket setup script:

        ```bash
        ~/.agent-os/scripts/peer/setup-kv-bucket.sh
        ```

        <instructions>
          ACTION: Make sure that the state bucket exists
        </instructions>

        </step>
        """
    )
    after = textwrap.dedent(
        """\
        <step number="2" name="bucket_setup">

        ### Step 2: KV Bucket Setup

        <bucket_setup_logic>
          DISPLAY: "bucket is ready"
        </bucket_setup_logic>

        <instructions>
          ACTION: Make sure that the state bucket exists
        </instructions>

        </step>
        """
    )
    assert rewritten(before, {"2": lowered('DISPLAY: "bucket is ready"')}) == after


def test_several_fences_become_one_block_and_sentences_that_lead_nowhere_go() -> None:
    before = textwrap.dedent(
        """\
        <step number="3" name="checkpoint">
        The cycle must still be at work. Use Bash tool to read who is:

        ```bash
        A=$(cat /tmp/a)
        ```

        Then compare:

        ```bash
        echo "$A"
        ```

        Go on after that.
        </step>
        """
    )
    after = textwrap.dedent(
        """\
        <step number="3" name="checkpoint">
        The cycle must still be at work. Read who is.

        <checkpoint_logic>
          DISPLAY: "done"
        </checkpoint_logic>

        Go on after that.
        </step>
        """
    )
    assert rewritten(before, {"3": lowered('DISPLAY: "done"')}) == after


def test_a_fence_in_a_numbered_item_becomes_logic_at_the_same_depth() -> None:
    before = "1. Read the plan.\n\n2. **Check**\n\n   ```bash\n   ./a.sh\n   ```\n\n3. Say what you did.\n"
    lowering = lowered('DISPLAY: "x"')
    text = rewritten(before, {"2": lowering})
    logic = '   <check_logic>\n     DISPLAY: "x"\n   </check_logic>\n'
    assert text == f"1. Read the plan.\n\n2. **Check**\n\n{logic}\n3. Say what you did.\n"
    assert read(text).steps[1].step.statements == lowering.statements


APART = """\
## Step 3: Ship

Say what will be shipped.

```bash
./first.sh
```

If the user asked for a tag:

```bash
./second.sh
```

Look at the log. Then look again:

```bash
./third.sh
```

Then compare:

```bash
./fourth.sh
```
"""


def test_logic_of_a_call_stays_behind_the_sentence_that_it_belongs_to() -> None:
    reading = read(APART)
    assert [APART[span.start : span.end].strip() for span in sorted(calls_apart(reading))] == [
        "./second.sh",
        "./third.sh",
        "./fourth.sh",
    ]
    logic = lowered('DISPLAY: "1"\nDISPLAY: "2"\nDISPLAY: "3"\nDISPLAY: "4"')
    text = rewritten(APART, {"3": Lowering(logic.statements, seams=((1, 1), (2, 2), (3, 3)))})
    assert re.sub(r"\n+", "\n", text) == textwrap.dedent(
        """\
        ## Step 3: Ship
        Say what will be shipped.
        <ship_logic>
          DISPLAY: "1"
        </ship_logic>
        If the user asked for a tag:
        <ship_2_logic>
          DISPLAY: "2"
        </ship_2_logic>
        Look at the log. Then look again:
        <ship_3_logic>
          DISPLAY: "3"
        </ship_3_logic>
        Then compare:
        <ship_4_logic>
          DISPLAY: "4"
        </ship_4_logic>
        """
    )
    assert read(text).steps[0].step.statements == logic.statements


@pytest.mark.parametrize(
    "between",
    ["**For Makefile projects**:", "**App deployments**:", "2. Commit it:", "</a>\n\n<b>", "Get the hash:", "### Then"],
)
def test_what_the_author_says_between_two_calls_keeps_its_place(between: str) -> None:
    opened, closed = ("<a>\n", "\n</b>") if between.startswith("<") else ("", "")
    text = f"## Step 1: Ship\n\n{opened}```bash\n./a.sh\n```\n\n{between}\n\n```bash\n./b.sh\n```{closed}\n"
    assert [text[span.start : span.end].strip() for span in calls_apart(read(text))] == ["./b.sh"]


@pytest.mark.parametrize(
    ("prose", "judged"),
    [
        ("If the plan is missing:", True),
        ("**If not found**, ask the user.", True),
        ("- When it is there, read it.", True),
        ("Read the plan.", False),
        ("## Iffy", False),
    ],
)
def test_the_prose_below_a_call_says_what_follows_from_its_outcome(prose: str, judged: bool) -> None:
    text = f"## Step 1: Check\n\n```bash\ntest -f plan.md\n```\n\n{prose}\n"
    reading = read(text)
    assert bool(calls_judged(reading)) is judged
    left = lower_process(reading.process, reading.resolve, judged=calls_judged(reading))["1"].leftover
    reason = "a test at the end of a call, of which the prose below says what follows"
    assert (left.reason if left else None) == (reason if judged else None)


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_calls_with_an_announcement_between_them_become_one_block_without_a_hole(gap: str) -> None:
    before = (
        "## Step 1: Ship\n\nFirst:\n\n```bash\n./a.sh\n```\n\n"
        f"Then run this:{gap}```bash\n./b.sh\n```\n\nSay what you did.\n"
    )
    assert not calls_apart(read(before))
    text = rewritten(before, {"1": lowered('DISPLAY: "1"\nDISPLAY: "2"')})
    assert text.endswith('  DISPLAY: "2"\n</ship_logic>\n\nSay what you did.\n')


def test_an_outcome_stays_with_its_effect_wherever_the_call_stood() -> None:
    logic = lowered("RUN: `a`\nIF command fails:\n  STOP execution")
    text = rewritten(APART, {"3": Lowering(logic.statements, seams=((1, 1),))})
    assert text.count("_logic>") == 2
    assert read(text).steps[0].step.statements == logic.statements


def test_logic_stands_on_its_side_of_a_delegation_which_stays() -> None:
    before = textwrap.dedent(
        """\
        <step number="4" subagent="writer" name="write">

        ```bash
        ./before.sh
        ```

        <instructions>
          ACTION: Use writer subagent
          REQUEST: "Write it"
          WAIT: For the text
        </instructions>

        ```bash
        ./after.sh
        ```

        </step>
        """
    )
    (delegate,) = read(before).steps[0].delegations
    first, last = lowered('DISPLAY: "before"').statements, lowered('DISPLAY: "after"').statements
    text = rewritten(before, {"4": Lowering((*first, delegate, *last))})
    assert text.index('DISPLAY: "before"') < text.index("REQUEST:") < text.index('DISPLAY: "after"')
    assert read(text).steps[0].step.statements == (*first, delegate, *last)


def test_a_step_is_left_where_its_own_logic_would_have_to_change() -> None:
    before = textwrap.dedent(
        """\
        <step number="4" name="x">
        <x_logic>
          DISPLAY: "there already"
        </x_logic>

        ```bash
        ./after.sh
        ```
        </step>
        """
    )
    migration = migrated(before, {"4": lowered('DISPLAY: "else"')})
    assert migration.edits == ()
    assert list(migration.left) == ["4"]


def test_a_tag_of_shell_becomes_the_same_tag_of_logic() -> None:
    before = '<step number="1" name="a">\n<x_logic>\n  X=$(cat /tmp/x)\n  echo "$X"\n</x_logic>\n</step>\n'
    after = '<step number="1" name="a">\n<x_logic>\n  DISPLAY: "x"\n</x_logic>\n</step>\n'
    assert rewritten(before, {"1": lowered('DISPLAY: "x"')}) == after


def test_a_block_name_that_is_taken_is_not_taken_twice() -> None:
    before = BEFORE.replace("</step>", "<nats_health_command>\n  nats account info\n</nats_health_command>\n\n</step>")
    text = rewritten(before, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS)})
    assert "as in <nats_health_2_command>" in text
    assert text.count("<nats_health_command>\n  nats account info") == 1


def test_missing_parameters_are_added_to_those_that_are_described() -> None:
    described = "<required_parameters>\n  --continue: go on\n</required_parameters>\n\n"
    parameters = (Parameter("--continue", False), Parameter("--spec", True))
    text = rewritten(described + BEFORE, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS, *parameters)})
    assert "  --continue: go on\n  --spec=<value>\n</required_parameters>" in text


def test_parameters_stand_in_front_of_the_logic_where_none_are_described() -> None:
    text = rewritten(BEFORE, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS, Parameter("--spec", True))})
    block = "<required_parameters>\n  --spec=<value>\n</required_parameters>\n\n<validation_logic>\n"
    assert block in text
    assert [p.flag for p in read(text).process.parameters] == ["--spec"]


def test_a_temp_file_that_is_gone_is_no_longer_mentioned() -> None:
    before = BEFORE.replace("  ERROR_HANDLING", "  OUTPUT: SPEC_AWARE in /tmp/peer_context.txt\n  ERROR_HANDLING")
    text = rewritten(before, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS)})
    assert "  OUTPUT: SPEC_AWARE\n" in text


def test_steps_without_a_lowering_stay_byte_for_byte() -> None:
    two = BEFORE + "\n" + BEFORE.replace('number="1"', 'number="2"')
    text = rewritten(two, {"1": lowered(HEALTH_LOGIC, HEALTH_BLOCKS)})
    assert text == AFTER + "\n" + BEFORE.replace('number="1"', 'number="2"')


_PROSE = st.text(alphabet=st.sampled_from("ab \té😀-.*#>"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(_PROSE, _PROSE, st.sampled_from(["\n", "\r\n"]))
def test_everything_but_the_shell_is_kept(before: str, after: str, newline: str) -> None:
    fence = "```bash\n./x.sh\n```\n"
    text = f'<step number="1" name="a">\n\n{before}\n\n{fence}\n{after}\n\n</step>\n'.replace("\n", newline)
    reading = read(text)
    if len(reading.steps[0].shell) != 1:
        return
    migration = migrate(reading.document, reading, {"1": lowered('DISPLAY: "x"')})
    result = SourceText(PATH, text).edited(migration.edits).text
    block = '<a_logic>\n  DISPLAY: "x"\n</a_logic>\n'.replace("\n", newline)
    assert result == text.replace(fence.replace("\n", newline), block)
    assert not [node for node in walk(read(result).process) if isinstance(node, Shell)]


def test_sentences_with_work_between_them_have_logic_of_their_own() -> None:
    before = "## Step 1: Rotate\n\nRun `s/a.sh`. Then tell the user.\n\n- Run `s/b.sh`.\n- Run `s/c.sh`.\n"
    reading = read(before)
    assert [before[span.start : span.end] for span in calls_apart(reading)] == ["s/b.sh"]
    logic = lowered('DISPLAY: "1"\nDISPLAY: "2"')
    text = rewritten(before, {"1": Lowering(logic.statements, seams=((1, 1),))})
    assert "Then tell the user.\n\n<rotate_logic>" in text
    assert "\n- Follow the logic below.\n\n  <rotate_2_logic>\n" in text
    assert "c.sh" not in text and "- \n" not in text
    assert read(text).steps[0].step.statements == logic.statements


def test_a_tag_that_says_that_it_holds_shell_becomes_a_tag_of_logic() -> None:
    before = '<step number="1" name="read">\n\nLook.\n\n<bash>\nX=$(cat /tmp/x)\necho "$X"\n</bash>\n\n</step>\n'
    after = '<step number="1" name="read">\n\nLook.\n\n<read_logic>\n  DISPLAY: "x"\n</read_logic>\n\n</step>\n'
    assert rewritten(before, {"1": lowered('DISPLAY: "x"')}) == after


def test_tags_that_held_nothing_but_shell_go_with_it() -> None:
    before = (
        '<step number="1" name="a">\n\n<read_operation>\n  X=$(cat x)\n  echo "$X"\n</read_operation>\n\n'
        '<check_logic>\n  IF [ -z "$X" ]; then\n    STOP execution\n  fi\n</check_logic>\n\n</step>\n'
    )
    after = '<step number="1" name="a">\n\n<check_logic>\n  DISPLAY: "x"\n</check_logic>\n\n</step>\n'
    assert rewritten(before, {"1": lowered('DISPLAY: "x"')}) == after


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("read_the_holder_of_the_slot", "read_holder_slot_logic"),
        ("make_sure_that_it_is", "make_sure_that_logic"),
        ("set_up_the_bucket", "set_up_the_bucket_logic"),
    ],
)
def test_a_step_whose_name_is_a_sentence_gives_its_logic_a_short_one(name: str, tag: str) -> None:
    before = f'<step number="1" name="{name}">\n\n```bash\nscripts/a.sh\n```\n\n</step>\n'
    assert f"<{tag}>" in rewritten(before, {"1": lowered('DISPLAY: "x"')})

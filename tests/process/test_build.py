"""Steps, shell calls, delegations and parameters as they are found in files."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.process.build import Reading, build, script_references
from peerlint.process.logic import BindingKind
from peerlint.process.model import (
    Delegate,
    Do,
    If,
    IsEmpty,
    Opaque,
    Ref,
    Repeat,
    Set,
    Shell,
    ShellForm,
    Text,
    walk,
)
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

PATH = ".agent-os/instructions/core/peer.md"


def read(text: str, path: str = PATH) -> Reading:
    document = parse(SourceText(path, textwrap.dedent(text)))
    return build(document, kind_of(path, document))


def shells(reading: Reading) -> list[tuple[str, str, ShellForm]]:
    return [(step.number, c.statement.code, c.statement.form) for step in reading.steps for c in step.shell]


def test_a_script_line_is_the_call_and_its_action_is_not() -> None:
    reading = read(
        """\
        <step number="1" name="nats_availability_check">

        ### Step 1: NATS

        <instructions>
          ACTION: Use Bash tool to check NATS server availability
          SCRIPT: ~/.agent-os/scripts/peer/check-nats-health.sh
          ERROR_HANDLING: Stop execution if NATS not available
        </instructions>

        </step>
        """
    )
    assert shells(reading) == [("1", "~/.agent-os/scripts/peer/check-nats-health.sh", ShellForm.SCRIPT)]
    (call,) = reading.steps[0].shell
    assert reading.document.text(call.statement.span) == "~/.agent-os/scripts/peer/check-nats-health.sh"
    assert call.statement.scripts == ("~/.agent-os/scripts/peer/check-nats-health.sh",)
    assert reading.steps[0].name == "nats_availability_check"


def test_prose_that_announces_a_fence_is_one_call() -> None:
    reading = read(
        """\
        <step number="5" name="cycle_initialization">
          Use Bash tool to initialize PEER cycle:

          ```bash
          ~/.agent-os/scripts/peer/initialize-cycle.sh
          ```
        </step>
        """
    )
    assert shells(reading) == [("5", "~/.agent-os/scripts/peer/initialize-cycle.sh", ShellForm.FENCE)]


def test_prose_alone_that_tells_to_run_a_script_is_a_call() -> None:
    reading = read(
        """\
        <step number="1" name="a">
        Use the Bash tool to run `scripts/setup.sh --fast` before anything else.
        </step>
        """
    )
    assert shells(reading) == [("1", "scripts/setup.sh --fast", ShellForm.PROSE)]


def test_a_script_that_is_only_mentioned_is_no_call() -> None:
    reading = read(
        """\
        <step number="1" name="a">
        The file `scripts/setup.sh` holds the settings, as Node.js projects have them.
        </step>
        """
    )
    assert shells(reading) == []


def test_a_directive_that_stores_with_a_script_calls_it() -> None:
    reading = read(
        """\
        <step number="9" name="plan_recording">
        <instructions>
          ACTION: Record that the plan is made
          STORE using: ~/.agent-os/scripts/peer/update-state.sh "[CYCLE_KEY]" '.status = "executing"'
        </instructions>
        </step>
        """
    )
    code = '~/.agent-os/scripts/peer/update-state.sh "[CYCLE_KEY]" \'.status = "executing"\''
    assert shells(reading) == [("9", code, ShellForm.SCRIPT)]


def test_bare_shell_lines_in_a_tag_are_one_call() -> None:
    reading = read(
        """\
        <step number="1" name="a">
        <read_operation>
          STATE=$(nats kv get app-state "$KEY" --raw)
          if [ $? -ne 0 ]; then
            echo "no state"
            exit 1
          fi
        </read_operation>
        </step>
        """
    )
    ((_, code, form),) = shells(reading)
    assert form is ShellForm.BARE
    assert code.splitlines()[0] == 'STATE=$(nats kv get app-state "$KEY" --raw)'
    assert code.splitlines()[-1] == "fi"


def test_calls_of_a_step_stand_in_the_order_of_the_text_however_deep_they_lie() -> None:
    reading = read(
        '<step number="1" name="a">\n<read_operation>\nSTATE=$(nats kv get b k --raw)\n'
        "if [ $? -ne 0 ]; then exit 1; fi\n</read_operation>\n<validation_logic>\n"
        'IF [ -z "$STATE" ]; then\n  STOP execution\nfi\n'
        "</validation_logic>\n<extra>\n```bash\nmake\n```\n</extra>\n</step>\n"
    )
    assert [code.split()[0] for _, code, _ in shells(reading)] == ["STATE=$(nats", "if", "make"]


def test_a_hybrid_is_read_as_the_shell_that_it_means() -> None:
    reading = read(
        """\
        <step number="1" name="a">
        <input_logic>
          IF [ -z "$SPEC" ]; then
            ERROR: "no spec"
            STOP execution
          ELSE:
            DISPLAY: "spec is there"
            WARN: "it is old"
            PROVIDE: "Renew it."
          fi
        </input_logic>
        </step>
        """
    )
    ((_, code, _),) = shells(reading)
    assert code.splitlines() == [
        'if [ -z "$SPEC" ]; then',
        '  echo "no spec" >&2',
        "  exit 1",
        "else",
        '  echo "spec is there"',
        '  echo "it is old"  # WARN',
        '  echo "Renew it."  # PROVIDE',
        "fi",
    ]


def test_logic_is_read_with_the_block_that_it_names_and_documentation_is_not_logic() -> None:
    reading = read(
        """\
        <step number="1" name="nats_availability_check">
        <validation_logic>
          CHECK: NATS server connectivity, as in <nats_health_command>
          IF server not responding:
            ERROR: "NATS server is not available"
            STOP execution
          ELSE:
            PROCEED to next step
        </validation_logic>

        <nats_health_command>
          nats kv ls --timeout=5s
        </nats_health_command>

        <instructions>
          ACTION: Verify NATS server availability
          VALIDATION: Ensure KV operations are accessible
        </instructions>
        </step>
        """
    )
    (step,) = reading.steps
    assert step.shell == ()
    assert not [s for s in step.step.statements if isinstance(s, Opaque)]
    assert len(step.step.statements) == 2
    assert step.blocks["nats_health_command"].text == "nats kv ls --timeout=5s"
    assert step.logic[0].reading.problems == ()


def test_a_delegation_takes_request_wait_and_process_from_the_instructions() -> None:
    reading = read(
        """\
        <step number="7" subagent="peer-planner" name="planning_phase">
        <instructions>
          ACTION: Use peer-planner subagent
          REQUEST: "Plan execution for [INSTRUCTION_NAME]"
          WAIT: For planning completion
          PROCESS: Store plan in context
        </instructions>
        </step>
        """
    )
    (delegate,) = reading.steps[0].step.statements
    assert isinstance(delegate, Delegate)
    assert delegate.subagent == "peer-planner"
    assert delegate.request is not None and delegate.request.parts[0] == "Plan execution for "
    assert delegate.wait == "For planning completion"
    assert delegate.process == ("Store plan in context",)


@pytest.mark.parametrize(
    "line",
    [
        "SUBAGENT: test-runner",
        "SUBAGENT: `test-runner`",
        "SUBAGENT: Use test-runner",
        "SUBAGENT: Use the test-runner for this step",
        "SUBAGENT: use @test-runner to run what has changed",
        "SUBAGENT: Use the test-runner subagent for this step",
        "USE: Launch the test-runner agent",
    ],
)
def test_a_subagent_is_named_in_many_ways(line: str) -> None:
    reading = read(
        f"""\
        <step number="7" name="t">
        <instructions>
          {line}
          REQUEST: "Run them"
        </instructions>
        </step>
        """
    )
    (delegate,) = reading.steps[0].step.statements
    assert isinstance(delegate, Delegate)
    assert delegate.subagent == "test-runner"


def test_a_request_may_run_over_several_lines() -> None:
    reading = read(
        """\
        <step number="7" subagent="writer" name="w">
        <instructions>
          ACTION: Use writer subagent
          REQUEST: "Write it up:
                    - short
                    - plain"
          WAIT: For the text
        </instructions>
        </step>
        """
    )
    (delegate,) = reading.steps[0].step.statements
    assert isinstance(delegate, Delegate)
    assert delegate.request == Text.of("Write it up:\n- short\n- plain")


def test_sections_are_steps_where_there_are_no_step_elements() -> None:
    reading = read(
        """\
        # Deploy

        ## Step 1: Build

        ```bash
        ./build.sh
        ```

        ## Step 2: Ship it

        Nothing to run.
        """,
        ".claude/commands/deploy.md",
    )
    assert [(step.number, step.name) for step in reading.steps] == [("1", "build"), ("2", "ship_it")]
    assert shells(reading) == [("1", "./build.sh", ShellForm.FENCE)]


def test_a_command_without_steps_is_one_step() -> None:
    reading = read("Run it:\n\n```bash\n./x.sh\n```\n", ".claude/commands/x.md")
    assert [step.number for step in reading.steps] == ["1"]
    assert reading.steps[0].node is None
    assert shells(reading) == [("1", "./x.sh", ShellForm.FENCE)]


NUMBERED = """\
# Deploying

1. Say so:

   ```text
   nothing to run here
   ```

## Workflow

1. **Pick the environment**: `staging` if none was given.

2. **Run the preflight**

   ```bash
   ./preflight.sh
   ```

3. Write the manifest:

```bash
./manifest.sh
```

   1. Look at it.
   2. Sign it.

4. Go back to step 2 where somebody has deployed meanwhile, which the manifest says.

That is all.
"""


def test_the_items_of_the_one_list_with_work_are_steps() -> None:
    reading = read(NUMBERED, ".claude/skills/deploy/SKILL.md")
    named = [("1", "pick_the_environment"), ("2", "run_the_preflight"), ("3", "write_the_manifest"), ("4", None)]
    assert [(step.number, step.name) for step in reading.steps] == named
    assert shells(reading) == [("2", "./preflight.sh", ShellForm.FENCE), ("3", "./manifest.sh", ShellForm.FENCE)]
    assert "That is all" not in reading.document.text(reading.steps[-1].span)


def test_work_outside_of_the_list_keeps_the_file_one_step() -> None:
    reading = read(NUMBERED + "\n```bash\n./after.sh\n```\n", ".claude/skills/deploy/SKILL.md")
    assert [step.number for step in reading.steps] == ["1"]
    assert len(shells(reading)) == 3


def test_required_parameters() -> None:
    reading = read(
        """\
        <required_parameters>
          --instruction=<name>: what to run (required)
          --continue  go on with the last cycle
        </required_parameters>

        <step number="1" name="a">
        Look at it.
        </step>
        """
    )
    assert [(p.flag, p.takes_value, p.required) for p in reading.process.parameters] == [
        ("--instruction", True, True),
        ("--continue", False, False),
    ]


def test_scripts_are_resolved_once_each() -> None:
    asked: list[str] = []

    def resolve(reference: str) -> SourceText | None:
        asked.append(reference)
        return SourceText(reference, "exit 0\n") if reference == "./a.sh" else None

    text = '<step number="1" name="a">\n```bash\n./a.sh\n./b.sh\n./a.sh\n```\n</step>\n'
    document = parse(SourceText(PATH, text))
    reading = build(document, kind_of(PATH, document), resolve)
    assert reading.scripts is reading.scripts
    assert asked == ["./a.sh", "./b.sh"]
    assert set(reading.scripts) == {"./a.sh"}


def test_only_words_at_the_place_of_a_command_are_called() -> None:
    assert script_references("chmod +x x.sh && bash -e lib/y.sh --z w.sh | A=1 python3 z.py") == ("lib/y.sh", "z.py")
    assert script_references("# ./a.sh\ncat b.sh; timeout 5 ./c.sh") == ("./c.sh",)
    assert script_references("OUT=$(./d.sh); if ./e.sh; then ! ./f.sh; fi") == ("./d.sh", "./e.sh", "./f.sh")


_PIECES = st.sampled_from(
    [
        '<step number="1" name="x">\n',
        "</step>\n",
        "<instructions>\n",
        "</instructions>\n",
        "<x_logic>\n",
        "</x_logic>\n",
        "```bash\n./a.sh\n```\n",
        "```\n",
        "  SCRIPT: ~/a/b.sh\n",
        'IF [ -z "$X" ]; then\n',
        "ELSE:\n",
        "fi\n",
        "X=$(date)\r\n",
        'REQUEST: "a\n',
        "ACTION: Use x subagent\n",
        "If it exits with code 3, stop.\n",
        "\n",
        "\x00\ufeff\u2028",
        "## Step 2: y\n",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=20), max_size=25))
def test_any_text_is_read_and_every_call_lies_in_its_step(pieces: list[str]) -> None:
    text = "".join(pieces)
    document = parse(SourceText(PATH, text))
    reading = build(document, kind_of(PATH, document))
    assert reading.steps
    for step in reading.steps:
        for call in step.shell:
            assert step.span.contains(call.span)
            assert call.span.contains(call.statement.span)


def test_what_the_first_condition_asks_about_belongs_to_the_logic() -> None:
    reading = read('<step number="1">\n<flow>\nDo it well.\nRUN: `git push`\nIF it fails:\n  STOP\n</flow>\n</step>\n')
    (binding,) = reading.steps[0].bindings
    assert (binding.kind, binding.why) == (BindingKind.OUTCOME, "the directive above: RUN")


def test_the_loop_of_a_tag_is_one_statement() -> None:
    conditions = "<max_iterations>3</max_iterations>\n<exit_conditions>\n- A is empty\n</exit_conditions>"
    reading = read(f'<step number="1">\n<loop_logic>\n{conditions}\n</loop_logic>\nIF A is empty:\n  STOP\n</step>\n')
    first = reading.steps[0].step.statements[0]
    assert isinstance(first, Repeat)
    assert (first.times, first.until) == (3, IsEmpty(Ref("A")))


def test_steps_of_one_number_are_told() -> None:
    reading = read('<step number="1">\na\n</step>\n<step number="2">\nb\n</step>\n<step number="1">\nc\n</step>\n')
    assert {number: len(steps) for number, steps in reading.numbered_alike.items()} == {"1": 2}


@pytest.mark.parametrize(
    "head", ["IF --fast provided:\n  ", "If the user wants it:\n- ", "  - **When it is late:**\n    1. "]
)
def test_shell_below_a_condition_is_not_taken_for_shell_that_always_runs(head: str) -> None:
    step = read(f'<step number="1">\n\n{head}Run `./x.sh`\n\n</step>\n').steps[0]
    assert [call.statement.code for call in step.shell] == ["./x.sh"]
    assert not any(isinstance(node, Shell) for node in walk(step.step.statements))
    (opaque,) = (node for node in walk(step.step.statements) if isinstance(node, Opaque))
    assert "below a condition" in opaque.reason


def test_a_call_among_logic_stands_in_its_place_and_a_directive_is_what_it_says() -> None:
    logic = "  SET: A = 1\n  SCRIPT: ./x.sh\n  RUN: `./y.sh`\n  IF it fails:\n    STOP\n"
    step = read(f'<step number="1">\n<flow>\n{logic}</flow>\n</step>\n').steps[0]
    assert [type(statement) for statement in step.step.statements] == [Set, Shell, Do, If]
    assert [call.statement.code for call in step.shell] == ["./x.sh", "./y.sh"]
    assert step.bindings[0].kind is BindingKind.OUTCOME


GROUP = 'nats kv get b k --raw > /tmp/x 2>/dev/null || {\n  echo "none"\n  exit 0\n}\necho "$(cat /tmp/x)"\n'


@pytest.mark.parametrize(("before", "after"), [("<bash>\n", "</bash>\n"), ("<get>\n", "</get>\n")])
def test_a_group_of_bare_lines_is_one_call(before: str, after: str) -> None:
    reading = read(f'<step number="1" name="a">\n\n{before}{GROUP}{after}\n</step>\n')
    assert shells(reading) == [("1", GROUP.strip(), ShellForm.BARE)]


@pytest.mark.parametrize("marks", [("`` bash", "``"), ("``bash", "``")])
def test_a_code_span_of_several_lines_is_no_bare_shell(marks: tuple[str, str]) -> None:
    """A comment in it counts as a heading, so that only a part of it would be found."""
    code = 'file="notes.md"\n\nif [ ! -f "$file" ]; then\n  exit 1\nfi\n\n# Go on\n\necho "$file"\n'
    opens, closes = marks

    assert shells(read(f"# A\n\n## Step 1: Look\n\n{opens}\n{code}{closes}\n")) == []
    (found, *_) = shells(read(f"# A\n\n## Step 1: Look\n\n`` is a mark\n{code}\n"))
    assert found[2] is ShellForm.BARE


def test_a_tag_of_shell_is_read_as_a_whole() -> None:
    code = 'cat > /tmp/x <<END\nIF it is text:\nEND\nfor x in 1 2; do\n  ls "$x"\ndone\n'
    assert shells(read(f'<step number="1" name="a">\n<bash>\n{code}</bash>\n</step>\n')) == [
        ("1", code.strip(), ShellForm.BARE)
    ]


def test_a_tag_with_more_than_shell_is_read_line_by_line() -> None:
    reading = read('<step number="1" name="a">\n<bash>\nRun it now (it takes long:\nexit 1\n</bash>\n</step>\n')
    assert shells(reading) == [("1", "exit 1", ShellForm.BARE)]


def test_a_step_with_a_name_and_no_number_is_a_step_and_counts_on() -> None:
    reading = read(
        """
        <step number="1" name="a">
        <step name="part">
        </step>
        </step>
        <step name="b">
        ```bash
        ./x.sh
        ```
        </step>
        <step number="3" name="c">
        </step>
        <step name="d">
        </step>
        <step number="4" name="e">
        </step>
        <step>
        </step>
        """
    )
    steps = [(step.number, step.name) for step in reading.steps]
    assert steps == [("1", "a"), ("2", "b"), ("3", "c"), ("3a", "d"), ("4", "e")]
    assert [len(list(step.shell)) for step in reading.steps] == [0, 1, 0, 0, 0]

"""What people read about the rules. Made from rules/*.yaml by `make generate`; do not edit."""

# ruff: noqa: E501
from peerlint.lint.rules import Example, RuleTexts

TEXTS: dict[str, RuleTexts] = {
    "PL001": RuleTexts(
        summary="A comment suppresses a finding that is not there.",
        why="A comment that suppresses nothing will hide the next real finding on its line, which nobody then has looked at.",
        limits="A code of a rule that is off is not reported, since the rule may be on elsewhere.",
        valid=(
            Example(
                title="The comment is needed",
                text='<step number="1" name="health">\n\n<!-- peerlint: ignore[PL101] the script is installed by hand -->\nRun `~/.agent-os/scripts/peer/check-nats-health.sh`.\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Nothing stands below the comment",
                text='<step number="1" name="health">\n\n<!-- peerlint: ignore[PL101] the script is installed by hand -->\nAsk the user how to go on.\n\n</step>\n',
                lines=(3,),
            ),
        ),
    ),
    "PL101": RuleTexts(
        summary="A procedure calls a script; the logic is in the script.",
        why="What the script decides, what state it writes and how it fails cannot be seen from the file: not by the person who reviews the process, and not by the agent that runs it. Logic that stands in the step can be read, checked and proved.",
        fix="`peerlint --fix` lowers the script into logic and writes it only where it has proved that both behave the same.",
        limits="A script named in a listing, an installation guide or an example is not a call. The names of frameworks that look like files (Node.js) are no scripts.",
        valid=(
            Example(
                title="The logic stands in the step",
                text='<step number="1" name="nats_availability_check">\n\n<validation_logic>\n  CHECK: NATS server connectivity\n  IF server not responding:\n    ERROR: "Cannot connect to NATS server"\n    STOP execution\n</validation_logic>\n\n</step>\n',
            ),
            Example(
                title="A listing of files",
                text='<step number="1" name="overview">\n\nThe framework consists of:\n\n```\nscripts/\n  setup.sh\n  check.py\n```\n\n</step>\n',
            ),
            Example(
                title="Frameworks and globs",
                text='<step number="1" name="overview">\n\nCreate the pages with Next.js and look at all `*.js` files.\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A SCRIPT line",
                text='<step number="1" name="nats_availability_check">\n\n<instructions>\n  ACTION: Use Bash tool to check NATS server availability\n  SCRIPT: ~/.agent-os/scripts/peer/check-nats-health.sh\n  ERROR_HANDLING: Stop execution if NATS not available\n</instructions>\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="A fence behind a sentence that says to run it",
                text='<step number="1" name="nats_availability_check">\n  Use Bash tool to run the health check:\n\n  ```bash\n  ~/.agent-os/scripts/peer/check-nats-health.sh\n  ```\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="A sentence with the script in it",
                text='<step number="2" name="cycle">\n\nRun `~/.agent-os/scripts/peer/initialize-cycle.sh --continue` and keep what it prints.\n\n</step>\n',
                lines=(3,),
            ),
        ),
    ),
    "PL102": RuleTexts(
        summary="Shell lines stand bare in a step.",
        why="Shell between sentences is neither logic nor a command: an agent cannot tell whether it is to run the line, to run all of the lines in one call, or to understand them; and their state is lost between two calls.",
        valid=(
            Example(
                title="JSON with a comment",
                text='<step number="1" name="config">\n\n<settings>\n  {\n    "history": 50, // revisions\n    "key": "$NAME"\n  }\n</settings>\n\n</step>\n',
            ),
            Example(
                title="Logic with a placeholder",
                text='<step number="1" name="config">\n\n<config_logic>\n  IF SPEC is empty:\n    ERROR: "No spec"\n    STOP execution\n</config_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="State is read in bare lines",
                text='<step number="3" name="read_state">\n\n<read_operation>\n  STATE=$(nats kv get agent-os-peer-state peer.current --raw)\n  if [ $? -ne 0 ]; then\n    echo "Failed to read state"\n    exit 1\n  fi\n</read_operation>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL106": RuleTexts(
        summary='The action of a step is "use the Bash tool".',
        why="A step that names a tool instead of its purpose leaves open when it has succeeded. The agent runs something and has to guess from its output how to go on.",
        limits="Sentences about the tool itself (time limits, what persists, hooks, when not to use it) are no actions. In a step whose script calls PL101 names, nothing is added.",
        valid=(
            Example(
                title="A note about the tool",
                text='<step number="1" name="build">\n\nWhen using the Bash tool, set a timeout of 10 minutes.\n\n</step>\n',
            ),
            Example(
                title="PL101 speaks of this step",
                text='<step number="1" name="check">\n\n<instructions>\n  ACTION: Use Bash tool to check NATS server availability\n  SCRIPT: ~/.agent-os/scripts/peer/check-nats-health.sh\n</instructions>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="The tool is the action",
                text='<step number="1" name="check">\n\n<instructions>\n  ACTION: Use Bash tool to check NATS server availability\n</instructions>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL201": RuleTexts(
        summary="A variable is set in one Bash call and used in another.",
        why="Between two calls of the Bash tool variables are lost (the working folder stays). The second call sees an empty value and goes on with it: keys become shorter, tests take the wrong arm.",
        limits="Speaks under `--harness claude-code` only. A variable that the call sets itself, or reads with a default, is fine.",
        valid=(
            Example(
                title="Set and used in one call",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\necho "$CYCLE"\n```\n\n</step>\n',
            ),
            Example(
                title="Read again in the second call",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\necho "$CYCLE"\n```\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\necho "next: $CYCLE"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Set in one call, used in the next",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\n```\n\n```bash\nnats kv put agent-os-peer-state peer.last "$CYCLE"\n```\n\n</step>\n',
                lines=(8,),
            ),
        ),
    ),
    "PL203": RuleTexts(
        summary="A temp file of a fixed name carries state from one call to another.",
        why="A fixed name in the folder for temporary files is shared by all processes of the machine. Two runs at the same time read each other's state, and a run after a failed one reads what is left of it.",
        valid=(
            Example(
                title="mktemp within one call",
                text='<step number="1" name="report">\n\n```bash\nFILE=$(mktemp)\ndate > "$FILE"\ncat "$FILE"\n```\n\n</step>\n',
            ),
            Example(
                title="A fixed name within one call",
                text='<step number="1" name="report">\n\n```bash\ndate > /tmp/report.txt\ncat /tmp/report.txt\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Written in one call, read in the next",
                text='<step number="1" name="report">\n\n```bash\ndate > /tmp/peer-state.txt\n```\n\n```bash\ncat /tmp/peer-state.txt\n```\n\n</step>\n',
                lines=(8,),
            ),
        ),
    ),
    "PL301": RuleTexts(
        summary="A call exits with an error, and nothing says what that means for the steps behind it.",
        why="An exit code ends one tool call. Whether the agent goes on with the next step is up to the agent, unless the text says that it must stop.",
        limits="Any sentence of the step, or at the head of the next one, that speaks of failure is taken as that word.",
        valid=(
            Example(
                title="The step says what a failure means",
                text='<step number="1" name="check">\n\n```bash\ntest -f plan.md || exit 1\n```\n\nIf it fails, ask the user for a plan.\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
            ),
            Example(
                title="The last step",
                text='<step number="1" name="work">\n\nDo the work.\n\n</step>\n<step number="2" name="check">\n\n```bash\ntest -f plan.md || exit 1\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Nothing says that step 2 is not done",
                text='<step number="1" name="check">\n\n```bash\ntest -f plan.md || exit 1\n```\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL302": RuleTexts(
        summary="`$?` is read after something else has set it.",
        why="`$?` is the status of the last command. After an echo it is 0, behind a pipe it is that of the last part, and at the beginning of a call it is 0, since each call has a shell of its own. The test then always takes the same arm.",
        valid=(
            Example(
                title="Right below the command",
                text='<step number="1" name="check">\n\n```bash\nnats kv ls --timeout=5s\nif [ $? -ne 0 ]; then echo "no server"; fi\n```\n\n</step>\n',
            ),
            Example(
                title='Behind "||"',
                text='<step number="1" name="check">\n\n```bash\nnats kv ls || echo "status $?"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="After an echo",
                text='<step number="1" name="check">\n\n```bash\nnats kv ls --timeout=5s\necho "checked"\nif [ $? -ne 0 ]; then echo "no server"; fi\n```\n\n</step>\n',
                lines=(6,),
            ),
            Example(
                title="At the beginning of a call",
                text='<step number="1" name="check">\n\n```bash\nnpm test\n```\n\n```bash\nif [ $? -ne 0 ]; then echo "tests fail"; fi\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="Behind a pipe",
                text='<step number="1" name="check">\n\n```bash\nnpm test | tee test.log\nif [ $? -ne 0 ]; then echo "tests fail"; fi\n```\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL305": RuleTexts(
        summary="A branch says ERROR and not how it goes on.",
        why="ERROR only speaks. Without STOP, ASK, WAIT or PROCEED one agent stops, another goes on with what it does not have.",
        limits="Any word for stopping, asking, waiting or going on in the branch, also in prose, is taken as the way out.",
        valid=(
            Example(
                title="STOP in the branch",
                text='<step number="1" name="check">\n\n<check_logic>\n  IF SPEC is empty:\n    ERROR: "No spec"\n    PROVIDE: "Name one with --spec"\n    STOP execution\n</check_logic>\n\n</step>\n',
            ),
            Example(
                title="A way out in words",
                text='<step number="1" name="check">\n\n<check>\n  IF no spec found:\n    ERROR: "No spec"\n    ASK user for the spec\n</check>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="ERROR and nothing else",
                text='<step number="5" name="cycle">\n\n<cycle_logic>\n  IF --continue provided:\n    READ: cycle.current from agent-os-peer-state AS CYCLE\n    DISPLAY: "cycle [CYCLE]"\n  ELSE:\n    ERROR: "No incomplete cycle to continue"\n</cycle_logic>\n\n</step>\n',
                lines=(8,),
            ),
        ),
    ),
    "PL401": RuleTexts(
        summary="A jump to a step that does not exist.",
        why="An agent that is told to go to a step that is not there guesses which one was meant.",
        limits="A line that names another file speaks of that file. Sub-steps in headings count as steps.",
        valid=(
            Example(
                title="The next step and a step that exists",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    PROCEED to next step\n  ELSE:\n    PROCEED to step 2\n</a_logic>\n\n</step>\n<step number="2" name="b">\n\nDo the work.\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A step that does not exist",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    PROCEED to step 7\n  ELSE:\n    PROCEED to next step\n</a_logic>\n\n</step>\n<step number="2" name="b">\n\nDo the work.\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL501": RuleTexts(
        summary="A tag has no partner.",
        why="Where a tag ends decides what belongs to a step. An agent and every tool that reads the file may see it differently.",
        limits="Tags that are named in running text are text. HTML tags that need no end have none.",
        valid=(
            Example(
                title="Balanced, with a flag and a tag in prose",
                text='<step number="1" name="a">\n\nTake `--instruction=<name>` from the arguments and fill the `<summary>` of the report.<br>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(title="A step without its end", text='<step number="1" name="a">\n\nDo the work.\n', lines=(1,)),
            Example(title="An end without a beginning", text="Do the work.\n\n</step>\n", lines=(3,)),
        ),
    ),
    "PL701": RuleTexts(
        summary="A KV key that NATS refuses.",
        why="Every client checks the key before it talks to the server, so the command fails each time. Where nobody looks at its status, the state is just never written.",
        fix="Writes dots for colons in all keys of the file that begin alike. Unsafe: other files, and keys that a lenient client has stored, are not changed.",
        limits="A placeholder in a key stands for a valid piece.",
        valid=(
            Example(
                title="Dots, and placeholders",
                text='<step number="1" name="a">\n\n<a_command>\n  nats kv put agent-os-peer-state "cycle.current" "5"\n  nats kv put agent-os-peer-state "cycle.[CYCLE_NUMBER].status" "planning"\n  nats kv put agent-os-peer-state "cycle.${N}.status" "planning"\n</a_command>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Colons in a reference block",
                text='<step number="1" name="a">\n\n<cycle_data_example>\n  nats kv put agent-os-peer-state "cycle:current" "5"\n  nats kv put agent-os-peer-state "cycle:5:status" "planning"\n</cycle_data_example>\n\n</step>\n',
                lines=(
                    4,
                    5,
                ),
                fixed='<step number="1" name="a">\n\n<cycle_data_example>\n  nats kv put agent-os-peer-state "cycle.current" "5"\n  nats kv put agent-os-peer-state "cycle.5.status" "planning"\n</cycle_data_example>\n\n</step>\n',
            ),
        ),
    ),
}

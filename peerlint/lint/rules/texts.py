"""What people read about the rules. Made from rules/*.yaml by `make generate`; do not edit."""

from peerlint.lint.rules import Example, RuleTexts

TEXTS: dict[str, RuleTexts] = {
    "PL001": RuleTexts(
        summary="A comment suppresses a finding that is not there, or nothing at all.",
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
            Example(
                title="A slip in the name of the rule",
                text='<step number="1" name="health">\n\n<!-- peerlint: ignore[lost-varable] set by the harness -->\nAsk the user how to go on.\n\n</step>\n',
                lines=(3,),
            ),
            Example(
                title="Without brackets it accepts everything",
                text='<step number="1" name="health">\n\n<!-- peerlint: ignore PL101 the script is installed by hand -->\nRun `~/.agent-os/scripts/peer/check-nats-health.sh`.\n\n</step>\n',
                lines=(3,),
            ),
            Example(
                title="Words that mean nothing",
                text='<step number="1" name="health">\n\n<!-- peerlint: disable[PL101] installed by hand -->\n\n<!-- peerlint: ignore[] installed by hand -->\n\n<!-- peerlint: ignore-next-line[PL101] installed by hand -->\n\nAsk the user how to go on.\n\n</step>\n',
                lines=(
                    3,
                    5,
                    7,
                ),
            ),
        ),
    ),
    "PL101": RuleTexts(
        summary="A procedure calls a script; the logic is in the script.",
        why="What the script decides, what state it writes and how it fails cannot be seen from the file: not by the person who reviews the process, and not by the agent that runs it. Logic that stands in the step can be read, checked and proved.",
        fix="`peerlint --fix` lowers the script into logic and writes it only where it has proved that both behave the same.",
        limits="A script named in a listing, an installation guide or an example is not a call. The names of frameworks that look like files (Node.js) are no scripts. A script that is not bash, or is not in the project, cannot be translated: the finding says so, and a migration of its step for another reason keeps the call, as RUN, and the finding.",
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
                title="A person is to run it, and a tool of a framework",
                text='<step number="1" name="setup">\n\nAsk the user to run `./scripts/setup.sh` themselves.\n\n```bash\npython manage.py migrate\n```\n\n</step>\n',
            ),
            Example(
                title="Frameworks and globs",
                text='<step number="1" name="overview">\n\nCreate the pages with Next.js and look at all `*.js` files.\n\n</step>\n',
            ),
            Example(
                title="A program that is tested, built or read is not run as a script of the process",
                text='<step number="1" name="tests">\n\n```bash\npython -m pytest tests/test_api.py\nnode --check dist/index.js\nbash -n scripts/a.sh\nnpx eslint src/index.js\ncat scripts/release.sh\nbun test src/index.test.ts\n```\n\n</step>\n',
            ),
            Example(
                title="Named as an example, and in a list of files",
                text="## Step 1: Ask\n\nAsk for the command to run (e.g., `npm test` or `./build.sh`).\n\n```bash\nfind app -name route.ts | sed 's|/route.ts||'\ngit notes add -m \"Files changed:\n- tests/test_user.py\n\"\n```\n",
            ),
            Example(
                title="A script that the file tells to make, and a path that only stands for one",
                text="## Step 1: Verify\n\nFor each finding append its command to `quality/verify.sh`.\n\n```bash\nbash quality/verify.sh\necho '{}' | /path/to/hook.sh\n```\n\n## User setup instructions\n\nRename the file, then:\n\n```bash\npython scripts/split.py\n```\n",
            ),
            Example(
                title="What scripts there are, and whom they are for, in a rule and a memory file",
                text="# Agents\n\n- `bin/test.sh` runs the tests in a container.\n- `bin/lint.sh` is called by the build server.\n- Do not run `bin/deploy.sh` yourself.\n- People build with `./build.sh`, see the README.\n- Use `bin/compare.py` as a model for new tools.\n\n## Commands\n\n```bash\n./bin/serve.sh\n```\n\nThe team likes to run things by hand. This is the\nway to start it:\n\n```bash\n./bin/start.sh\n```\n\n## ✅ Good process documentation\n\n```bash\n./bin/document.sh\n```\n",
                path="AGENTS.md",
            ),
            Example(
                title="A script that the file shows",
                text="## Check the server\n\n```python\n# scripts/health_check.py\nimport sys\n\nsys.exit(0)\n```\n\n## Daily work\n\n```bash\npython scripts/health_check.py\n```\n",
                path=".claude/commands/setup.md",
            ),
            Example(
                title="The program itself, and a condition whose work is the user's",
                text="## Step 1: Look for leaks\n\n```bash\nnode --inspect app.js\n```\n\n## Step 2: Set it up\n\nIF it is not configured:\n  a. Ask the user to run `python3 tools/setup.py` in a terminal of their own\n",
                path=".claude/commands/perf.md",
            ),
            Example(
                title="Asked for its usage only, and named by a sentence that tells to run something else",
                text="## Step 1: Capture\n\nRun the tests of the whole project.\nThe `bin/collect.sh` of the team is called by the build server. When a change is merged, it is\n`bin/report.sh` that says so.\n\nRun `node scripts/capture.mjs --help` for the exact options.\n",
                path=".claude/commands/capture.md",
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
            Example(
                title="A sentence with the script in it, and one after it that speaks of the user",
                text="## Step 2: Check the tree\n\nRun `scripts/check-tree.sh`. If it exits with code 3, the tree is dirty: stop and tell the user.\n",
                lines=(3,),
            ),
            Example(
                title="Scripts behind launchers, and in the folder of a skill",
                text='## Step 1: Collect\n\n```bash\nSTATE=$(node ~/.claude/flow/bin/state.cjs load)\nuv run --with httpx scripts/collect.py\nbash "${CLAUDE_PLUGIN_ROOT}"/scripts/check.sh\ntimeout 30s python3 <skill-dir>/scripts/report.py\npwsh -File scripts/publish.ps1\n```\n',
                lines=(
                    4,
                    5,
                    6,
                    7,
                    8,
                ),
            ),
            Example(
                title="The script that the front matter declares",
                text="---\ndescription: Plans a feature\nscripts:\n  sh: scripts/bash/setup-plan.sh --json\n  ps: scripts/powershell/setup-plan.ps1 -Json\n---\n## Steps\n\n1. **Setup**: Run `{SCRIPT}` from the root and read FEATURE from what it prints.\n2. Fill in the plan.\n",
                lines=(9,),
                path=".claude/commands/plan.md",
            ),
            Example(
                title="Logic that hands its decision to a script",
                text='## Step 1: Release\n\n<release_logic>\n  RUN: `python3 scripts/release.py --tag "[TAG]"`\n  IF command fails:\n    ERROR: "Not released"\n    PROVIDE: "Look at the log of the build."\n    STOP execution\n</release_logic>\n',
                lines=(4,),
            ),
            Example(
                title="A Cursor rule with the forms that such rules have",
                text="---\nglobs: db/**\n---\n# Schema\n\n- Never edit a dump by hand.\n- Run `./bin/new-dump.sh NAME` and look at its exit code.\n- When you add a table, first run ./bin/check-dump.sh and go on only if it prints OK.\n- To compare two dumps, use `tools/compare.py OLD NEW`; exit code 3 means that they differ.\n\nCheck it with the script of the team:\n\n```bash\n./bin/team-check.sh\n```\n",
                lines=(
                    7,
                    8,
                    9,
                    14,
                ),
                path=".cursor/rules/schema.mdc",
            ),
            Example(
                title="A memory file that orders to run a script",
                text="# Agents\n\nIMPORTANT: you MUST run `bin/check.sh` before you finish.\n\nThe agent runs `./bin/release.sh`, then tags what it has built.\n",
                lines=(
                    3,
                    5,
                ),
                path="AGENTS.md",
            ),
            Example(
                title="Orders of a memory file that go over two lines, or stand below the right way of two",
                text="# Agents\n\nBefore you open a pull request or merge one, or close one, run the\nchecks of the team:\n\n```bash\nbin/check-pull.sh --all\n```\n\n## Changes\n\n### ✅ Correct workflow\n\n1. Edit the source, then install it:\n   ```bash\n   ./install-local.sh --force\n   ```\n\n### ❌ Wrong workflow\n\n```bash\n./edit-installed.sh\n```\n",
                lines=(
                    7,
                    16,
                ),
                path="AGENTS.md",
            ),
            Example(
                title="A sentence that goes over two lines",
                text="## Steps\n\n1. Read the pull request.\n2. The tree has to be clean. Before merging it, closing it, or asking for changes, run\n   `bin/check-pull.sh --all` and read what it prints.\n",
                lines=(5,),
                path=".claude/commands/pull.md",
            ),
            Example(
                title="A line that is nothing but a name with what a script prints",
                text='<step number="1" name="load">\n\nGet the state only:\n- `STATE=$(node bin/state.cjs load)`\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="A call that stands bare in a tag",
                text='<step number="1" name="collect">\n  <collect_call>\n    .agent-os/scripts/collect.sh --all\n  </collect_call>\n</step>\n',
                lines=(3,),
            ),
            Example(
                title="Asked for its usage, and then run",
                text="## Step 1: Capture\n\n```bash\nnode scripts/capture.mjs --help\nnode scripts/capture.mjs --all\n```\n",
                lines=(4,),
                path=".claude/commands/capture.md",
            ),
            Example(
                title="A sentence and the fence below it make one call",
                text='<step number="1" name="a">\n\nRun `.agent-os/scripts/check.sh` before anything else.\n\nIt looks at all plans:\n\n```bash\n.agent-os/scripts/check.sh --strict\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="A sentence and a fence that calls another script make two",
                text='<step number="1" name="a">\n\nRun `./scripts/check.sh` before anything else.\n\nThen build it:\n\n```bash\n.agent-os/scripts/build.sh --strict\n```\n\n</step>\n',
                lines=(
                    3,
                    8,
                ),
            ),
        ),
    ),
    "PL102": RuleTexts(
        summary="Shell lines stand bare in a step.",
        why="Shell between sentences is neither logic nor a command: an agent cannot tell whether it is to run the line, to run all of the lines in one call, or to understand them; and their state is lost between two calls.",
        fix="`peerlint --fix` turns the lines into logic, wherever in the step they stand: `STATE=$(nats kv get …)` with its test becomes READ and an outcome condition. Proved before it is written; where a line cannot be translated, the finding says which.",
        limits="Names for paths (`DIR=.planning/debug`) are no logic. The `fi` of a condition that PL107 speaks of is not said again.",
        valid=(
            Example(
                title="The fi of a condition that PL107 finds",
                text='<step number="1" name="a">\n\n<instructions>\n  ACTION: Check the cycle\n  IF [ -z "$CYCLE" ]; then\n    ERROR: "No cycle"\n    STOP execution\n  fi\n</instructions>\n\n</step>\n',
            ),
            Example(
                title="JSON with a comment",
                text='<step number="1" name="config">\n\n<settings>\n  {\n    "history": 50, // revisions\n    "key": "$NAME"\n  }\n</settings>\n\n</step>\n',
            ),
            Example(
                title="Logic with a placeholder",
                text='<step number="1" name="config">\n\n<config_logic>\n  IF SPEC is empty:\n    ERROR: "No spec"\n    STOP execution\n</config_logic>\n\n</step>\n',
            ),
            Example(
                title="A name for a path",
                text='<step number="1" name="a">\n\n<paths>\nDEBUG_DIR=.planning/debug\n</paths>\n\n</step>\n',
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
    "PL103": RuleTexts(
        summary="A called script does not exist.",
        why="The call fails each time, and the agent improvises what the script would have done.",
        limits="Speaks only of folders of the framework (.agent-os, .claude, .cursor) that the project has. A script that the file tells the agent to create will exist.",
        valid=(
            Example(
                title="The script is there",
                text='<step number="1" name="check">\n\nRun `.agent-os/scripts/peer/check.sh` and report what it says.\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/peer/check.sh",
                        "exit 0\n",
                    ),
                ),
            ),
            Example(
                title="The framework is installed elsewhere",
                text='<step number="1" name="check">\n\nRun `~/.claude/scripts/other/check.sh` and report what it says.\n\n</step>\n',
            ),
            Example(
                title="A script that may be missing",
                text='<step number="1" name="a">\n\n```bash\nif [ -f .agent-os/scripts/extra.sh ]; then\n  source .agent-os/scripts/extra.sh\nfi\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/other.sh",
                        "date\n",
                    ),
                ),
            ),
        ),
        invalid=(
            Example(
                title="The folder is there, the script is not",
                text='<step number="1" name="check">\n\nRun `.agent-os/scripts/peer/chekc.sh` and report what it says.\n\n</step>\n',
                lines=(3,),
                files=(
                    (
                        ".agent-os/scripts/peer/check.sh",
                        "exit 0\n",
                    ),
                ),
            ),
        ),
    ),
    "PL104": RuleTexts(
        summary="A file that is one script call.",
        why="The file adds an agent to a program that needs none, and hides its logic.",
        limits="Where PL101 is on, it has said this already.",
        valid=(
            Example(
                title="A file with more than the call",
                text="Ask the user which environment the release is for, and whether the migrations of the database have been tried on a\ncopy of it. Look at the list of changes since the last release, write a summary of it for the team, and ask the\nuser to read it. Then run `./scripts/release.sh` and report its result.\n",
            ),
        ),
        invalid=(Example(title="Nothing but the call", text="Run `./scripts/release.sh` and report.\n", lines=(1,)),),
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
            Example(
                title="The step says what it makes, and only by the way with what",
                text="## Step 3: Merge\n\nMerge to main using Bash tool:\n\n```bash\ngit merge --no-ff feature\n```\n",
            ),
        ),
        invalid=(
            Example(
                title="The tool is the action",
                text='<step number="1" name="check">\n\n<instructions>\n  ACTION: Use Bash tool to check NATS server availability\n</instructions>\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="In bold",
                text="## Step 3: Create the memory\n\n**ACTION REQUIRED**: Use the Bash tool to initialize memory.yaml.\n",
                lines=(3,),
            ),
        ),
    ),
    "PL107": RuleTexts(
        summary="A condition of the logic is a shell test.",
        why='`IF [ -z "$X" ]; then … ELSE: … fi` is neither language. No shell runs it, and a reader has to translate it.',
        fix="Writes the tests of the block in words and takes `then` and `fi` away, where every line of the block is logic then. No shell runs such a block, so nothing has to be proved. A block that holds commands too is migrated as shell, and proved before it is written.",
        limits="A placeholder in brackets (`IF [SPEC] is empty`) is no shell test. Patterns, substitutions and names in small letters have no words of their own; a person has to choose them. The mended block is logic that other rules can read, so they may find something in it.",
        valid=(
            Example(
                title="A test in words, a placeholder in brackets",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF [SPEC] is empty:\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A test in brackets with then and fi",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF [ -z "$CURRENT_CYCLE" ]; then\n    ERROR: "No cycle"\n    STOP execution\n  fi\n</a_logic>\n\n</step>\n',
                lines=(4,),
                fixed='<step number="1" name="a">\n\n<a_logic>\n  IF CURRENT_CYCLE is empty:\n    ERROR: "No cycle"\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="In items of a list, with what is to be done in the same line",
                text='<step number="1" name="a">\n\n- IF [ -f go.mod ]: use go\n- IF [[ -n "$SPEC" ]]; then: read it first\n\n</step>\n',
                lines=(
                    3,
                    4,
                ),
                fixed='<step number="1" name="a">\n\n- IF file "go.mod" exists: use go\n- IF SPEC is not empty: read it first\n\n</step>\n',
            ),
            Example(
                title="Between lines of logic, with a second arm",
                text='<step number="1" name="a">\n\n<a_logic>\n  READ: cycle.current from agent-os-peer-state AS CYCLE\n  IF [ -z "$CYCLE" ] || [ "$MODE" = "new" ]; then\n    DISPLAY: "first cycle"\n    PROCEED to next step\n  ELIF [ "$CYCLE" -gt 3 ]; then\n    ERROR: "$CYCLE cycles are enough"\n    STOP execution\n  fi\n</a_logic>\n\n</step>\n',
                lines=(
                    5,
                    8,
                ),
                fixed='<step number="1" name="a">\n\n<a_logic>\n  READ: cycle.current from agent-os-peer-state AS CYCLE\n  IF CYCLE is empty OR MODE is "new":\n    DISPLAY: "first cycle"\n    PROCEED to next step\n  ELSE IF CYCLE is greater than 3:\n    ERROR: "[CYCLE] cycles are enough"\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="A block with commands is migrated as shell",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF [ "$MODE" = "continue" ]; then\n    nats kv put agent-os-peer-state peer.mode "$MODE"\n  fi\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL108": RuleTexts(
        summary="A step calls a script by a path in one person's home.",
        why="The step works on one machine only.",
        valid=(
            Example(
                title="Relative to the home of whoever runs it",
                text='<step number="1" name="a">\n\nRun `~/.agent-os/scripts/a.sh` first.\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="One person's home",
                text='<step number="1" name="a">\n\nRun `/Users/kim/work/scripts/a.sh` first.\n\n</step>\n',
                lines=(3,),
            ),
        ),
    ),
    "PL201": RuleTexts(
        summary="A variable is set in one Bash call and used in another.",
        why="Between two calls of the Bash tool variables are lost (the working folder stays). The second call sees an empty value and goes on with it: keys become shorter, tests take the wrong arm.",
        limits="Speaks under `--harness claude-code` only. A variable that the call sets itself, or reads with a default, is fine, and so is one that a script of the project sets which the call sources. A script that is not known may set any. Of what only a script sets the rule speaks where the file does nothing with the name but read it in its calls, and not where a call has read it before: then the agent fills it in. A name of the logic counts where a statement sets it, and not where the user is asked for it.",
        valid=(
            Example(
                title="Set and used in one call",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\necho "$CYCLE"\n```\n\n</step>\n',
            ),
            Example(
                title="Read again in the second call",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\necho "$CYCLE"\n```\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\necho "next: $CYCLE"\n```\n\n</step>\n',
            ),
            Example(
                title="A sourced script sets it again",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=1\n```\n\n```bash\nsource .agent-os/scripts/env.sh\necho "$CYCLE"\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/env.sh",
                        "source .agent-os/scripts/more.sh\n",
                    ),
                    (
                        ".agent-os/scripts/more.sh",
                        "export CYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\n",
                    ),
                ),
            ),
            Example(
                title="A script outside of the project may set anything",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=1\n```\n\n```bash\n. "$HOME/.profile"\necho "$CYCLE"\n```\n\n</step>\n',
            ),
            Example(
                title="A script that sets a name which the file gives a value, or speaks of",
                text='<step number="1" name="cycle">\n\n```bash\n.agent-os/scripts/check.sh\n```\n\nTake BRANCH from its output.\n\n```bash\nCYCLE=1\ngit checkout "$BRANCH"\necho "$CYCLE" "$EDITOR" "$NATS_URL" "$TARGET"\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/check.sh",
                        'BRANCH=$(git branch --show-current)\nCYCLE=2\nNATS_URL=nats://localhost:4222\nTARGET=${TARGET:-main}\necho "$BRANCH"\n',
                    ),
                ),
            ),
            Example(
                title="A script sets a name of its own that the agent has filled in already",
                text='<step number="1" name="check">\n\n```bash\n.agent-os/scripts/check.sh "$STAGE"\n```\n\n</step>\n<step number="2" name="deploy">\n\n```bash\nmake deploy STAGE="$STAGE"\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/check.sh",
                        'STAGE=$1\n[ -d "deploy/$STAGE" ]\n',
                    ),
                ),
            ),
            Example(
                title="A script that the call sources sets it",
                text='<step number="1" name="cycle">\n\n```bash\n.agent-os/scripts/check.sh\n```\n\n```bash\n. .agent-os/scripts/check.sh\ngit checkout "$BRANCH"\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/check.sh",
                        "BRANCH=$(git branch --show-current)\n",
                    ),
                ),
            ),
            Example(
                title="A name of the logic that the agent fills in, that the user is asked for, or that the call sets itself",
                text='<step number="1" name="branch">\n\n<branch_logic>\n  INPUT: TARGET, "Which branch?"\n  RUN: `git branch --show-current` AS BRANCH\n  SET: COUNT = 1\n</branch_logic>\n\n</step>\n<step number="2" name="push">\n\n```bash\nCOUNT=2\ngit push origin "[BRANCH]:$TARGET" "$COUNT"\n```\n\n</step>\n',
            ),
            Example(
                title="A slash command, which the agent types",
                text='<step number="1" name="a">\n\n```bash\nTOPIC="caching"\necho "$TOPIC"\n```\n\n```bash\n/create-prompt "Research $TOPIC"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Only a script that was called sets it",
                text='<step number="1" name="cycle">\n\n```bash\n.agent-os/scripts/check.sh\n```\n\n```bash\ngit checkout "$BRANCH"\n```\n\n</step>\n',
                lines=(8,),
                files=(
                    (
                        ".agent-os/scripts/check.sh",
                        'BRANCH=$(git branch --show-current)\ntest -n "$BRANCH"\n',
                    ),
                ),
            ),
            Example(
                title="The logic sets it, and a shell reads it",
                text='<step number="1" name="branch">\n\n<branch_logic>\n  RUN: `git branch --show-current` AS BRANCH\n</branch_logic>\n\n</step>\n<step number="2" name="push">\n\nPush it:\n\n```bash\ngit fetch\ngit push origin "$BRANCH"\n```\n\n</step>\n',
                lines=(14,),
            ),
            Example(
                title="A sourced script sets something else",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=1\n```\n\n```bash\nsource .agent-os/scripts/env.sh\necho "$CYCLE"\n```\n\n</step>\n',
                lines=(9,),
                files=(
                    (
                        ".agent-os/scripts/env.sh",
                        "export MODE=fast\n",
                    ),
                ),
            ),
            Example(
                title="Set in one call, used in the next",
                text='<step number="1" name="cycle">\n\n```bash\nCYCLE=$(nats kv get agent-os-peer-state peer.cycle --raw)\n```\n\n```bash\nnats kv put agent-os-peer-state peer.last "$CYCLE"\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="Read and looped over, without a sign of equality",
                text='Look for the version:\n\n```bash\nread -r MAJOR MINOR < VERSION.txt\nfor f in docs/*.md; do cat $f; done\n```\n\n```bash\necho "$MAJOR" > major.txt\ngit add $f\n```\n',
                lines=(
                    9,
                    10,
                ),
                path=".claude/commands/a.md",
            ),
        ),
    ),
    "PL202": RuleTexts(
        summary="A function is defined, or an environment activated, in one Bash call and used in another.",
        why='Between two calls of the Bash tool functions are lost, so the second call ends with "command not found".',
        limits="Speaks under `--harness claude-code` only.",
        valid=(
            Example(
                title="In one call",
                text='<step number="1" name="a">\n\n```bash\nnote() { echo "note: $1"; }\nnote "begin"\n```\n\n</step>\n',
            ),
            Example(
                title="Activated in the call that needs it",
                text='<step number="1" name="a">\n\n```bash\npython3 -m venv .venv\nsource .venv/bin/activate\n```\n\n```bash\nsource .venv/bin/activate\npytest\n```\n\n</step>\n',
            ),
            Example(
                title="Chapters beside each other are read each by itself",
                text="## Development\n\n```bash\npython3 -m venv .venv\nsource .venv/bin/activate\n```\n\n## Testing\n\n```bash\npytest\n```\n",
                path=".claude/commands/a.md",
            ),
        ),
        invalid=(
            Example(
                title="An environment of another call",
                text='<step number="1" name="a">\n\n```bash\nsource .venv/bin/activate\n```\n\n```bash\npytest\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="Used in the next call",
                text='<step number="1" name="a">\n\n```bash\nnote() { echo "note: $1"; }\n```\n\n```bash\nnote "begin"\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="A chapter inside the one that activates",
                text="## Development\n\n```bash\nsource .venv/bin/activate\n```\n\n### Run the tests\n\n```bash\npytest\n```\n",
                lines=(10,),
                path=".claude/commands/a.md",
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
            Example(
                title="A script that keeps its temp file to itself",
                text='<step number="1" name="report">\n\nRun `~/.agent-os/scripts/report.sh` and then `~/.agent-os/scripts/other.sh`.\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/other.sh",
                        "[ -f /tmp/report.txt ] && rm /tmp/report.txt\n",
                    ),
                    (
                        ".agent-os/scripts/report.sh",
                        'FILE=/tmp/report.txt\ndate > "$FILE"\ncat "$FILE"\nrm -f "$FILE"\n',
                    ),
                ),
            ),
            Example(
                title="Written again before it is read",
                text='<step number="1" name="a">\n\n```bash\ngit log > /tmp/log.txt\n```\n\n```bash\ngit shortlog > /tmp/log.txt\ncat /tmp/log.txt\n```\n\n</step>\n',
            ),
            Example(
                title="Written again by the option of a command",
                text='<step number="1" name="a">\n\n```bash\ndate > /tmp/page.html\n```\n\n```bash\ncurl -fsSo /tmp/page.html https://example.org\nwc -c /tmp/page.html\n```\n\n</step>\n',
            ),
            Example(
                title="An option that names no file",
                text='<step number="1" name="a">\n\n```bash\ngrep -o /tmp/list.txt notes.md\n```\n\n```bash\ncat /tmp/list.txt\n```\n\n</step>\n',
            ),
            Example(
                title="Written again in shell that is broken",
                text="## Step 1: Read\n\n```bash\ngit log > /tmp/log.txt\n```\n\n## Step 2: Add\n\n```bash\nif true; then\n  git log -1 > /tmp/log.txt\n  cat >> /tmp/log.txt << 'END'\n  END\n  cat /tmp/log.txt\nfi\n```\n",
            ),
        ),
        invalid=(
            Example(
                title="Between two scripts",
                text='<step number="1" name="report">\n\nRun `~/.agent-os/scripts/write.sh` first.\n\nThen run `~/.agent-os/scripts/read.sh`.\n\n</step>\n',
                lines=(5,),
                files=(
                    (
                        ".agent-os/scripts/read.sh",
                        'STATE="/tmp/peer-state.txt"\nN=$(grep \'^N=\' "$STATE" | cut -d= -f2)\n',
                    ),
                    (
                        ".agent-os/scripts/write.sh",
                        'OUT="/tmp/peer-state.txt"\necho "N=1" > "$OUT"\n',
                    ),
                ),
            ),
            Example(
                title="Between a Python script and a fence",
                text='<step number="1" name="report">\n\n```bash\npython3 ~/.agent-os/scripts/write.py\n```\n\n```bash\ncat /tmp/peer-state.json\n```\n\n</step>\n',
                lines=(8,),
                files=(
                    (
                        ".agent-os/scripts/write.py",
                        'from pathlib import Path\n\nSTATE = Path("/tmp/peer-state.json")\nSTATE.write_text("{}")\n',
                    ),
                ),
            ),
            Example(
                title="Written in one call, read in the next",
                text='<step number="1" name="report">\n\n```bash\ndate > /tmp/peer-state.txt\n```\n\n```bash\ncat /tmp/peer-state.txt\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="Written by the option of a command",
                text='<step number="1" name="report">\n\n```bash\ncurl -sS -o /tmp/health.json https://example.org/health\nnpx jest --json --outputFile=/tmp/tests.json\n```\n\n```bash\necho "what came out:"\njq .status /tmp/health.json\njq .numFailedTests /tmp/tests.json\n```\n\n</step>\n',
                lines=(
                    10,
                    11,
                ),
            ),
        ),
    ),
    "PL204": RuleTexts(
        summary="A fixed temp file in work that is done in parallel.",
        why="The agents overwrite each other's file, and one of the results is lost.",
        valid=(
            Example(
                title="One agent",
                text='<step number="1" name="a">\n\n```bash\ndate > /tmp/started.txt\n```\n\n</step>\n',
            ),
            Example(
                title="Tasks that are called parallel in a report",
                text='<step number="1" name="a">\n\nWrite the report.\n\n```bash\necho "Parallel tasks: 3" > /tmp/report.txt\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Several agents",
                text='<step number="1" name="a">\n\nStart three agents in parallel. Each of them runs:\n\n```bash\nnpm test > /tmp/result.txt\n```\n\n</step>\n',
                lines=(6,),
            ),
        ),
    ),
    "PL205": RuleTexts(
        summary="A KV value is read, changed and written back without a check of its revision.",
        why="Between get and put another process can write the key. The put overwrites it and nobody is told. NATS KV has an update that fails when the revision has changed.",
        limits="A put of a literal value overwrites on purpose and is not reported.",
        valid=(
            Example(
                title="An update with the revision",
                text='<step number="1" name="a">\n\n```bash\nSTATE=$(nats kv get app-state cycle --raw)\nnats kv update app-state cycle "$STATE" "$REVISION"\n```\n\n</step>\n',
            ),
            Example(
                title="Another key, and a literal",
                text='<step number="1" name="a">\n\n```bash\nSTATE=$(nats kv get app-state cycle --raw)\nnats kv put app-state copy "$STATE"\nnats kv put app-state cycle "done"\n```\n\n</step>\n',
            ),
            Example(
                title="A counter that is made anew, and a bucket of another name",
                text='<step number="1" name="a">\n\n```bash\nOLD=$(nats kv get app-state cycle --raw)\nNEXT="planning"\nnats kv put app-state cycle "$NEXT"\nnats kv put other-state cycle "$OLD"\n```\n\n</step>\n',
            ),
            Example(
                title="In logic, what the caller gave",
                text='<step number="1" name="a">\n\n<a_logic>\n  SET: VERSION = "$1"\n  READ: last from releases AS LAST, or "" if it fails\n  IF LAST is "[VERSION]":\n    STOP execution\n  STORE: last in releases = VERSION\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="In logic, through another name",
                text='<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app-state AS STATE\n  SET: NEXT = STATE + 1\n  STORE: cycle in app-state = NEXT\n</a_logic>\n\n</step>\n',
                lines=(6,),
            ),
            Example(
                title="In logic",
                text='<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app-state AS STATE\n  STORE: cycle in app-state = STATE\n</a_logic>\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="Value and revision from two reads",
                text='<step number="1" name="a">\n\n```bash\nSTATE=$(nats kv get app-state cycle --raw)\nREVISION=$(nats kv get app-state cycle | grep -o \'revision: [0-9]*\' | cut -d\' \' -f2)\nNEW=$(echo "$STATE" | jq \'.n += 1\')\nnats kv update app-state cycle "$NEW" "$REVISION"\n```\n\n</step>\n',
                lines=(7,),
            ),
            Example(
                title="Behind a call",
                text='<step number="1" name="a">\n\nRun `~/.agent-os/scripts/next.sh` now.\n\n</step>\n',
                lines=(3,),
                files=(
                    (
                        ".agent-os/scripts/next.sh",
                        'KEY="cycle.current"\nN=$(nats kv get app-state "$KEY" --raw)\nnats kv put app-state cycle.current "$((N + 1))"\n',
                    ),
                ),
            ),
            Example(
                title="In a Python script",
                text='<step number="1" name="a">\n\nRun `~/.agent-os/scripts/next.py` now.\n\n</step>\n',
                lines=(3,),
                files=(
                    (
                        ".agent-os/scripts/next.py",
                        'import subprocess\n\nvalue = subprocess.check_output(["nats", "kv", "get", "app-state", "cycle", "--raw"])\nsubprocess.run(["nats", "kv", "put", "app-state", "cycle", value], check=True)\n',
                    ),
                ),
            ),
            Example(
                title="Read, changed, put back",
                text='<step number="1" name="a">\n\n```bash\nSTATE=$(nats kv get app-state cycle --raw)\nNEW=$(echo "$STATE" | jq \'.n += 1\')\nnats kv put app-state cycle "$NEW"\n```\n\n</step>\n',
                lines=(6,),
            ),
            Example(
                title="In arithmetic, with a revision from a second read",
                text='<step number="1" name="a">\n\n```bash\nN=$(nats kv get app-state n --raw)\nREV=$(nats kv get app-state n | sed -n \'s/.*revision: //p\')\nnats kv update app-state n "$((N + 1))" "$REV"\n```\n\n</step>\n',
                lines=(6,),
            ),
            Example(
                title="In logic, with the value in words",
                text='<step number="1" name="a">\n\n<count_logic>\n  READ: count from reviews AS COUNT\n  STORE: count in reviews = [COUNT] plus one\n</count_logic>\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="In backquotes",
                text='<step number="1" name="a">\n\n```bash\nN=`nats kv get app-state cycle --raw`\nnats kv put app-state cycle $((N+1))\n```\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL206": RuleTexts(
        summary="JSON is made by pasting variables into text.",
        why="A value with a quote, a backslash or a newline makes invalid JSON, or JSON that says something else.",
        limits="Variables outside of JSON strings (numbers) are not reported.",
        valid=(
            Example(
                title="jq, and a quoted here-document",
                text='<step number="1" name="a">\n\n```bash\njq -n --arg name "$NAME" \'{name: $name}\'\ncat <<\'END\'\n{"name": "$NAME"}\nEND\n```\n\n</step>\n',
            ),
            Example(
                title="A date",
                text='<step number="1" name="a">\n\n```bash\nNOW=$(date +%s)\nFLAG="./.approved"\ncat > state.json <<EOF\n{"at": "$NOW", "flag": "$FLAG"}\nEOF\n```\n\n</step>\n',
            ),
            Example(
                title="Formats without a value in quotes",
                text='<step number="1" name="a">\n\n```bash\nprintf \'{"count": %d}\\n\' "$COUNT" > n.json\nprintf \'{"name": "%s"}\\n\' "fixed" > m.json\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A variable in a JSON string",
                text='<step number="1" name="a">\n\n```bash\ncat > state.json <<END\n{"name": "$NAME"}\nEND\n```\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="As a value for NATS",
                text='<step number="1" name="a">\n\n```bash\nnats kv put people p.1 "{\\"name\\": \\"$NAME\\"}"\nnats kv put people p.2 "$NAME"\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The format of printf",
                text='<step number="1" name="a">\n\n```bash\nNAME=$(git config user.name)\nprintf \'{"name": "%s"}\\n\' "$NAME" > n.json\n```\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL207": RuleTexts(
        summary="An id is made from the time in two calls.",
        why="The second call makes another id, so what belongs together has two names.",
        valid=(
            Example(
                title="Made once",
                text='<step number="1" name="a">\n\n```bash\nRUN_ID=$(date +%Y%m%d-%H%M%S)\necho "$RUN_ID"\n```\n\n</step>\n',
            ),
            Example(
                title="Time stamps",
                text='<step number="1" name="a">\n\n```bash\nNOW=$(date +%s)\n```\n\n```bash\nNOW=$(date +%s)\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Made in two calls",
                text='<step number="1" name="a">\n\n```bash\nRUN_ID=$(date +%Y%m%d-%H%M%S)\n```\n\n```bash\nRUN_ID=$(date +%Y%m%d-%H%M%S)\n```\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="Seconds as an id",
                text='<step number="1" name="a">\n\n```bash\nRUN_ID=$(date +%s)\n```\n\n```bash\nRUN_ID=$(date +%s)\n```\n\n</step>\n',
                lines=(8,),
            ),
        ),
    ),
    "PL208": RuleTexts(
        summary="`ls -t | head -1` finds the state.",
        why="Any other file that is touched in between becomes the state.",
        valid=(
            Example(
                title="A list for the reader",
                text='<step number="1" name="a">\n\n```bash\nls -t specs | head -20\n```\n\n</step>\n',
            ),
            Example(
                title="The oldest",
                text='<step number="1" name="a">\n\n```bash\nls -tr logs/*.log | head -1\nls -t logs/*.log | tail -1\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="The newest one is taken",
                text='<step number="1" name="a">\n\n```bash\nSPEC=$(ls -t specs | head -1)\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The last in reverse",
                text='<step number="1" name="a">\n\n```bash\nLOG=$(ls -rt logs/*.log | tail -n 1)\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The harness takes it before the agent reads the file",
                text='Active spec: !`ls -td specs/*/ 2>/dev/null | head -1 || echo "none"`\n',
                lines=(1,),
                path=".claude/commands/plan.md",
            ),
        ),
    ),
    "PL301": RuleTexts(
        summary="A call exits with an error, and nothing says what that means for the steps or calls behind it.",
        why="An exit code ends one tool call. Whether the agent goes on with the next step is up to the agent, unless the text says that it must stop.",
        limits='`exit "$rc"`, `exit $?` and a bare `exit` count where only a failure leads to them: behind `||`, behind a test of a status against 0, in the ELSE of a command. A function that ends with an error (`die`) counts where it is called. Any sentence of the step, or at the head of the next one, that speaks of failure is taken as that word; so is what the call itself prints, where it says not to proceed or continue.',
        valid=(
            Example(
                title="The step says what a failure means",
                text='<step number="1" name="check">\n\n```bash\ntest -f plan.md || exit 1\n```\n\nIf it fails, ask the user for a plan.\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
            ),
            Example(
                title="The last step",
                text='<step number="1" name="work">\n\nDo the work.\n\n</step>\n<step number="2" name="check">\n\n```bash\ntest -f plan.md || exit 1\n```\n\n</step>\n',
            ),
            Example(
                title="STOP in a block that is half shell",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF [ -z "$SPEC" ]; then\n    ERROR: "No spec"\n    STOP execution\n  ELSE\n    DISPLAY: "spec [SPEC]"\n  fi\n</a_logic>\n\n</step>\n\n<step number="2" name="b">\n\nWrite the report.\n\n</step>\n',
            ),
            Example(
                title="What the call prints forbids to go on",
                text='<step number="1" name="migrate">\n\n```bash\nif ! make migrate; then\n  echo "Migration failed, do not proceed with the release"\n  exit 1\nfi\n```\n\n</step>\n<step number="2" name="release">\n\nRelease the version.\n\n</step>\n',
            ),
            Example(
                title="Without steps, where the text names what blocks",
                text="# Release\n\n```bash\n[ -f CHANGES.md ] || exit 1\n```\n\n**Blocking conditions:**\n\n- No list of changes\n\n```bash\ngit push origin main\n```\n",
                path=".claude/commands/release.md",
            ),
            Example(
                title="A status that is handed on at the end, and a function that nobody calls",
                text='<step number="1" name="check">\n\n```bash\ndie() { echo "$1" >&2; exit 1; }\nmake test\nrc=$?\necho "tested: $rc"\nexit "$rc"\n```\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
            ),
            Example(
                title="What the function prints forbids to go on",
                text='<step number="1" name="check">\n\n```bash\ndie() { echo "$1" >&2; exit 1; }\ntest -f plan.md || die "No plan: cannot continue"\n```\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
            ),
            Example(
                title="The last call of a file without steps",
                text="# Release\n\n```bash\ngit push origin main\n```\n\n```bash\ngit tag v1 || exit 1\n```\n",
                path=".claude/commands/release.md",
            ),
        ),
        invalid=(
            Example(
                title="Nothing says that step 2 is not done",
                text='<step number="1" name="check">\n\n```bash\ntest -f plan.md || exit 1\n```\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="What the next step makes if it is missing is another thing",
                text="## Step 1: Check\n\n```bash\nif ! test -f plan.md; then\n  exit 1\nfi\n```\n\n## Step 2: Make the folder (if missing)\n\n```bash\nmkdir -p build\n```\n",
                lines=(5,),
            ),
            Example(
                title="The status of a failure is handed on",
                text='<step number="1" name="check">\n\n```bash\nmake check || rc=$?\nif [ "${rc:-0}" -ne 0 ]; then\n  echo "The check ended with $rc"\n  exit "$rc"\nfi\n```\n\n</step>\n<step number="2" name="work">\n\n```bash\nmake\n```\n\n</step>\n',
                lines=(7,),
            ),
            Example(
                title="A function that complains and ends the call",
                text='<step number="1" name="check">\n\n```bash\ndie() { echo "error: $*" >&2; exit 1; }\ntest -f plan.md || die "no plan"\n```\n\n</step>\n<step number="2" name="work">\n\nDo the work.\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="Only the first of two exits says so",
                text='<step number="1" name="migrate">\n\n```bash\nif [ ! -f plan.md ]; then\n  echo "No plan: cannot continue"\n  exit 2\nfi\nmake migrate || exit 1\n```\n\n</step>\n<step number="2" name="release">\n\nRelease the version.\n\n</step>\n',
                lines=(8,),
            ),
            Example(
                title="Without steps, the next call is run all the same",
                text="# Release\n\nLook for the list of changes:\n\n```bash\n[ -f CHANGES.md ] || exit 1\n```\n\nSend it:\n\n```bash\ngit push origin main\n```\n",
                lines=(6,),
                path=".claude/commands/release.md",
            ),
        ),
    ),
    "PL302": RuleTexts(
        summary="`$?` is read after something else has set it.",
        why="`$?` is the status of the last command. After an echo it is 0, behind a pipe it is that of the last part, in `elif` and in the arms of an `if` it is that of the test, and at the beginning of a call it is 0, since each call has a shell of its own. The test then always takes the same arm.",
        valid=(
            Example(
                title="Right below the command",
                text='<step number="1" name="check">\n\n```bash\nnats kv ls --timeout=5s\nif [ $? -ne 0 ]; then echo "no server"; fi\n```\n\n</step>\n',
            ),
            Example(
                title='Behind "||"',
                text='<step number="1" name="check">\n\n```bash\nnats kv ls || echo "status $?"\n```\n\n</step>\n',
            ),
            Example(
                title="In the arms of the command itself",
                text='<step number="1" name="check">\n\n```bash\nif npm test; then\n  echo "tests pass"\nelif [ $? -eq 2 ]; then\n  echo "no tests"\nelse\n  echo "tests fail"\nfi\nif npm run lint; then echo "clean"; else echo "lint says $?"; fi\n```\n\n</step>\n',
            ),
            Example(
                title="A status that is kept",
                text='<step number="1" name="check">\n\n```bash\nnpm test\nSTATUS=$?\nif [ "$STATUS" -eq 2 ]; then echo "no tests"; elif [ "$STATUS" -ne 0 ]; then exit "$STATUS"; fi\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="After a test of it",
                text='<step number="1" name="check">\n\n```bash\nnpm test\nif [ $? -eq 2 ]; then\n  echo "no tests"\nelif [ $? -ne 0 ]; then\n  exit $?\nfi\n```\n\n</step>\n',
                lines=(
                    7,
                    8,
                ),
            ),
            Example(
                title='Behind a "!"',
                text='<step number="1" name="check">\n\n```bash\nif ! npm test; then\n  echo "failed with $?"\nfi\n```\n\n</step>\n',
                lines=(5,),
            ),
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
    "PL303": RuleTexts(
        summary='`command || echo "error"`: the failure is printed and the call succeeds.',
        why="The status of the call is that of the echo. Whoever looks at the status goes on as if all were well.",
        limits="Messages without a word for failure, values in $( ), and what stands under a heading of diagnosis are not reported; nor is a call with a sentence right below it that says what happens then.",
        valid=(
            Example(
                title="With an exit, and a message that is none of failure",
                text='<step number="1" name="a">\n\n```bash\nnpm test || { echo "tests failed"; exit 1; }\ngit diff --quiet || echo "there are changes"\n```\n\n</step>\n',
            ),
            Example(
                title="One item of a loop",
                text='<step number="1" name="a">\n\n```bash\nfor i in 1 2 3; do\n  npm test || echo "Failed on run $i"\ndone\n```\n\n</step>\n',
            ),
            Example(
                title="The sentence below says what happens then",
                text='<step number="1" name="a">\n\n```bash\ntest -f analysis.md || echo "❌ No analysis found"\n```\nIf no analysis exists, stop here.\n\n</step>\n',
            ),
            Example(
                title="Words that one wants to know",
                text='---\nname: doctor\ndescription: Mends builds\n---\n\n## Diagnostic commands\n\nRun these in order:\n\n```bash\nnvidia-smi || echo "no card"\npython3 -c "import torch" || echo "import failed"\n```\n',
                path=".claude/agents/doctor.md",
            ),
            Example(
                title="A group that does something",
                text='<step number="1" name="a">\n\n```bash\nnpm test || { echo "tests failed"; git stash; }\n```\n\n</step>\n',
            ),
            Example(
                title="Both ways are said",
                text='<step number="1" name="a">\n\n```bash\nnpm test && echo "tests pass" || echo "tests failed"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Nothing but an echo",
                text='<step number="1" name="a">\n\n```bash\nnpm test || echo "ERROR: tests failed"\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The sentence below speaks of something else",
                text='<step number="1" name="a">\n\n```bash\ntest -f epic.md || echo "❌ Epic not found"\n```\nIf no tasks exist: "❌ No tasks. Run /decompose first."\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="A group of words",
                text='<step number="1" name="a">\n\n```bash\nnpm test || { echo "tests failed"; }\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="Behind a list of commands",
                text='<step number="1" name="a">\n\n```bash\nnpm ci && npm test || echo "FAILED"\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The same words for many commands are one cause",
                text='<step number="1" name="a">\n\n```bash\nif [ -f package.json ]; then\n  npm test || echo "Tests failed"\nelif [ -f Makefile ]; then\n  make test || echo "Tests failed"\nfi\n```\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL304": RuleTexts(
        summary="The failure of a command becomes a value that decides.",
        why="A dead server and an empty answer look alike, so the process goes on as if there were nothing.",
        limits="Only commands that talk to a server are looked at; filters without a match are no failures.",
        valid=(
            Example(
                title="A filter without a match",
                text='<step number="1" name="a">\n\n```bash\nCOUNT=$(grep -c todo notes.md 2>/dev/null || true)\nif [ "$COUNT" = 0 ]; then echo "none"; fi\n```\n\n</step>\n',
            ),
            Example(
                title="The test stands above",
                text='<step number="1" name="a">\n\n```bash\nif [ -z "$URL" ]; then\n  URL=$(gh pr view --json url -q .url 2>/dev/null || echo "")\nfi\necho "$URL"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A dead server looks like an empty state",
                text='<step number="1" name="a">\n\n```bash\nSTATE=$(nats kv get app-state cycle --raw 2>/dev/null || echo "")\nif [ -z "$STATE" ]; then echo "first cycle"; fi\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The test comes again in a loop",
                text='<step number="1" name="a">\n\n```bash\nfor i in 1 2 3; do\n  if [ "$STATE" = done ]; then break; fi\n  STATE=$(gh run view --json status -q .status 2>/dev/null || echo "")\ndone\n```\n\n</step>\n',
                lines=(6,),
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
            Example(
                title="Tags that say how it goes on",
                text='<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <error>No spec</error>\n    <stop/>\n  </check>\n</validation>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="The same in tags",
                text='<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <error>No spec</error>\n  </check>\n</validation>\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="The same in tags of several lines",
                text='<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <error>\n      Wrong spec\n    </error>\n  </check>\n</validation>\n\n</step>\n',
                lines=(6,),
            ),
            Example(
                title="In tags within a block of logic",
                text='<step number="1" name="a">\n\n<validation_logic>\n  <check if="SPEC is empty">\n    <error>No spec</error>\n  </check>\n</validation_logic>\n\n</step>\n<step number="2" name="b">\n\n<field_logic>\n  <check field="status" in_values="open, done">\n    <on_failure>\n      <error>Unknown status</error>\n    </on_failure>\n  </check>\n  <check if="PLAN is empty">\n    <error>No plan</error>\n    <stop/>\n  </check>\n</field_logic>\n\n</step>\n',
                lines=(
                    5,
                    15,
                ),
            ),
            Example(
                title="ERROR and nothing else",
                text='<step number="5" name="cycle">\n\n<cycle_logic>\n  IF --continue provided:\n    READ: cycle.current from agent-os-peer-state AS CYCLE\n    DISPLAY: "cycle [CYCLE]"\n  ELSE:\n    ERROR: "No incomplete cycle to continue"\n</cycle_logic>\n\n</step>\n',
                lines=(8,),
            ),
        ),
    ),
    "PL306": RuleTexts(
        summary="`$(grep -c … || echo 0)` gives two lines.",
        why="grep -c prints 0 and fails when nothing matches, so the fallback prints another 0. A comparison with the value is an error in the shell then, and the test takes the wrong arm.",
        fix="Writes `true` for the fallback. Safe where grep is fed by a pipe or a here-string: it prints a number each time. Of a file that is missing it prints none; behind an assignment that stands alone the fix adds `X=${X:-0}` and is safe, in all other places it is unsafe, since nothing comes out where the fallback had given 0.",
        limits="`rg -c` prints nothing where nothing matches, so its fallback is right. In a script that is called a person has to mend it.",
        valid=(
            Example(
                title="true as the fallback, and grep without -c",
                text='<step number="1" name="a">\n\n```bash\nN=$(grep -c todo notes.md || true)\nF=$(grep todo notes.md || echo 0)\n```\n\n</step>\n',
            ),
            Example(
                title="A tool that prints nothing for none",
                text='<step number="1" name="a">\n\n```bash\nN=$(rg -c todo notes.md || echo 0)\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Behind a pipe",
                text='<step number="1" name="a">\n\n```bash\nN=$(git status --short | grep -c md || echo 0)\n```\n\n</step>\n',
                lines=(4,),
                fixed='<step number="1" name="a">\n\n```bash\nN=$(git status --short | grep -c md || true)\n```\n\n</step>\n',
            ),
            Example(
                title="A file that may be missing keeps its 0",
                text='<step number="1" name="a">\n\n```bash\nOPEN=$(grep -c "\\[ \\]" tasks.md 2>/dev/null || echo 0)\necho "$OPEN open"\n```\n\n</step>\n',
                lines=(4,),
                fixed='<step number="1" name="a">\n\n```bash\nOPEN=$(grep -c "\\[ \\]" tasks.md 2>/dev/null || true); OPEN=${OPEN:-0}\necho "$OPEN open"\n```\n\n</step>\n',
            ),
            Example(
                title="No room for a default in a list",
                text='<step number="1" name="a">\n\n```bash\ntest -d src && echo "$(grep -c todo src/main.c || echo 0) open"\n```\n\n</step>\n',
                lines=(4,),
                fixed='<step number="1" name="a">\n\n```bash\ntest -d src && echo "$(grep -c todo src/main.c || true) open"\n```\n\n</step>\n',
            ),
            Example(
                title="With printf",
                text='<step number="1" name="a">\n\n```bash\nCOUNT=$(cat notes.md | grep -c todo || printf 0)\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="What an inline command prints is a value in the text",
                text='Open notes: !`grep -c todo notes.md 2>/dev/null || echo "0"`\n',
                lines=(1,),
                path=".claude/commands/notes.md",
            ),
        ),
    ),
    "PL307": RuleTexts(
        summary="`… | while read …; do … exit …; done` does not exit.",
        why="Each part of a pipe is a process of its own. The exit ends that process, and the script goes on behind the loop.",
        valid=(
            Example(
                title="Fed by a redirection",
                text='<step number="1" name="a">\n\n```bash\nwhile read -r f; do\n  test -f "$f" || exit 1\ndone < files.txt\n```\n\nIf it fails, stop.\n\n</step>\n',
            ),
            Example(
                title="A subshell whose status is asked for",
                text='<step number="1" name="a">\n\n```bash\n( cd build && make || exit 1 ) || exit 1\nif ! ( test -d dist || exit 1 ); then date; fi\n( test -f plan.md || exit 1 )\n[ $? -eq 0 ] && date\n( cd dist && ls || exit 2 )\n```\n\n</step>\n',
            ),
            Example(
                title="The first failure ends it all",
                text='<step number="1" name="a">\n\n```bash\nset -e\n( cd build && make || exit 1 )\ngit status\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Behind a pipe",
                text='<step number="1" name="a">\n\n```bash\ncat files.txt | while read -r f; do\n  test -f "$f" || exit 1\ndone\n```\n\n</step>\n',
                lines=(5,),
            ),
            Example(
                title="In parentheses",
                text='<step number="1" name="a">\n\n```bash\n( cd build && make || exit 1 )\ngit status\n```\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL308": RuleTexts(
        summary="`test && echo yes || echo no`: a test that speaks to the agent.",
        why='What the agent does on "yes" and on "no" stands elsewhere, or nowhere.',
        fix='Where the step can become logic, the migration does it: `IF file "plan.md" exists:` with both arms, proved before it is written. Where the step stays shell, and the list is a line of its own, an `if` with both arms; it does the same.',
        limits="A list that gives a value, to a variable or a line of output, is no answer. Arms that do more than speak are a decision, and no answer. In a loop, a function or over several lines, and where printf may fail, it has no fix of its own.",
        valid=(
            Example(
                title="A command behind a test",
                text='<step number="1" name="a">\n\n```bash\ntest -f plan.md && cat plan.md\n```\n\n</step>\n',
            ),
            Example(
                title="Arms that do something",
                text='<step number="1" name="a">\n\n```bash\ntest -f plan.md && { echo "planned"; make; } || { echo "not planned"; exit 1; }\ntest -f plan.md && echo yes > answer.txt || echo no > answer.txt\n```\n\n</step>\n',
            ),
            Example(
                title="A value of the shell",
                text='<step number="1" name="a">\n\n```bash\nMODE=$([ -n "$CI" ] && echo ci || echo local)\nmake "MODE=$MODE"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Two words",
                text='<step number="1" name="a">\n\n```bash\ntest -f plan.md && echo "EXISTS" || echo "MISSING"\n```\n\n</step>\n',
                lines=(4,),
                fixed='<step number="1" name="a">\n\n```bash\nif test -f plan.md; then echo "EXISTS"; else echo "MISSING"; fi\n```\n\n</step>\n',
            ),
            Example(
                title="With printf, behind two tests, and in braces",
                text='<step number="1" name="a">\n\n```bash\ntest -d specs && test -f plan.md && printf \'plan: %s\\n\' there || printf \'no plan\\n\'\ngit diff --quiet && { echo clean; } || { echo dirty; echo "commit first"; }\n! [ -f lock ] && echo free || echo locked\n```\n\n</step>\n',
                lines=(
                    4,
                    5,
                    6,
                ),
                fixed='<step number="1" name="a">\n\n```bash\nif test -d specs && test -f plan.md; then printf \'plan: %s\\n\' there; else printf \'no plan\\n\'; fi\nif git diff --quiet; then echo clean; else echo dirty; echo "commit first"; fi\nif ! [ -f lock ]; then echo free; else echo locked; fi\n```\n\n</step>\n',
            ),
            Example(
                title="A part of a larger list is left to a person",
                text='<step number="1" name="a">\n\n```bash\nfor F in a b; do test -f "$F" && echo yes || echo no; done\n```\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL309": RuleTexts(
        summary="A branch says ERROR and STOP, and not what to do.",
        why="The user is told that it failed and has to find out how to go on.",
        limits="An ERROR that does not stop is PL305.",
        valid=(
            Example(
                title="With advice",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    ERROR: "No spec"\n    PROVIDE: "Name one with --spec"\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Without",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    ERROR: "No spec"\n    STOP execution\n</a_logic>\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL401": RuleTexts(
        summary="A jump to a step that does not exist.",
        why="An agent that is told to go to a step that is not there guesses which one was meant.",
        limits="A line that names another file speaks of that file. Sub-steps in headings count as steps. In sentences (`go back to step 7.`) a jump counts where the sentence or clause ends behind it, and numbers of items are those of steps too.",
        valid=(
            Example(
                title="The next step and a step that exists",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    PROCEED to next step\n  ELSE:\n    PROCEED to step 2\n</a_logic>\n\n</step>\n<step number="2" name="b">\n\nDo the work.\n\n</step>\n',
            ),
            Example(
                title="Jumps in sentences, to parts of this file and to steps of others",
                text="## Step 1: Look\n\n1. List the files.\n2. Read them.\n3. If one is empty, go back to step 2.\n4. If the plan is signed, skip ahead to step 1a.\n\n**Step 1a:** Ask who signed it, then return to step 9 of the review skill. They may continue from step 8 there.\n\n## Step 2: Go\n\nSetup: in the wizard of the vendor, continue with step 5 in the left pane. Never go to step 6 (in their manual).\n",
            ),
        ),
        invalid=(
            Example(
                title="Jumps in sentences",
                text="## Step 1: Look\n\nIf there is no plan, jump straight to step 7.\n\n## Step 2: Go\n\nWhen the tests fail, go back to Step 5; otherwise continue with step 3.\n\n## Step 3: End\n\nSay goodbye.\n",
                lines=(
                    3,
                    7,
                ),
            ),
            Example(
                title="A step that does not exist",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    PROCEED to step 7\n  ELSE:\n    PROCEED to next step\n</a_logic>\n\n</step>\n<step number="2" name="b">\n\nDo the work.\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL402": RuleTexts(
        summary="A loop that sleeps has no bound.",
        why="The call hangs until the harness ends it, and the agent learns nothing about why.",
        valid=(
            Example(
                title="With a bound",
                text='<step number="1" name="a">\n\n```bash\nfor i in 1 2 3; do nats kv ls && break; sleep 1; done\ntimeout 60 bash -c \'until nats kv ls; do sleep 1; done\'\n```\n\n</step>\n',
            ),
            Example(
                title="Until a process ends, as wait does",
                text='<step number="1" name="a">\n\n```bash\nmake & PID=$!\nwhile kill -0 "$PID"; do sleep 1; done\n```\n\n</step>\n',
            ),
            Example(
                title="A script that counts its rounds, and one that is left running",
                text='<step number="1" name="a">\n\n```bash\n~/.agent-os/scripts/wait.sh\nnohup ~/.agent-os/scripts/watch.sh &\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/wait.sh",
                        "for i in $(seq 1 30); do nats kv ls && exit 0; sleep 1; done\nexit 1\n",
                    ),
                    (
                        ".agent-os/scripts/watch.sh",
                        "while true; do date; sleep 60; done\n",
                    ),
                ),
            ),
        ),
        invalid=(
            Example(
                title="Without",
                text='<step number="1" name="a">\n\n```bash\nuntil nats kv ls; do sleep 1; done\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="In a script, said at its call",
                text='<step number="1" name="a">\n\n```bash\n~/.agent-os/scripts/wait.sh\n```\n\n</step>\n',
                lines=(4,),
                files=(
                    (
                        ".agent-os/scripts/wait.sh",
                        "until nats kv ls; do\n  sleep 1\ndone\n",
                    ),
                ),
            ),
        ),
    ),
    "PL403": RuleTexts(
        summary="A command that waits for a person at the keyboard.",
        why="The call hangs, or reads the end of its input and goes on with an empty answer.",
        limits="Commands that are fed by a pipe, or whose editor is replaced, are not reported. In a called shell script they are, at its call, but not where the call gives the answers (`yes |`, `--yes`) or the script asks first whether there is a terminal; a pager in a script, and `input()` in Python, are not seen.",
        valid=(
            Example(
                title="Fed, or without questions",
                text='<step number="1" name="a">\n\n```bash\nGIT_SEQUENCE_EDITOR=true git rebase -i HEAD~2\n```\n\n```bash\nwhile read -r line; do echo "$line"; done < notes.md\ngit add notes.md\n```\n\n</step>\n',
            ),
            Example(
                title="A commit with its message",
                text='### 1. Commit\n\n```bash\ngit commit -am "Add notes"\ngit commit --amend --no-edit\ngit commit -F message.txt\ngit commit "$FLAGS"\ngit commit [message flags]\n```\n\n### 2. Push\n\nPush it.\n',
            ),
            Example(
                title="Lines that come from somewhere",
                text='<step number="1" name="a">\n\n```bash\nread VERSION < VERSION.txt\ngit log --oneline | while read HASH REST; do echo "$HASH"; done\nread -t 5 ANSWER\necho a | { read FIRST; echo "$FIRST"; }\n```\n\n</step>\n',
            ),
            Example(
                title="A script that is given its answers, and one that asks only at a terminal",
                text='<step number="1" name="a">\n\n```bash\nyes | ~/.agent-os/scripts/release.sh\n~/.agent-os/scripts/tidy.sh\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/release.sh",
                        'read -p "Go on? " ANSWER\n',
                    ),
                    (
                        ".agent-os/scripts/tidy.sh",
                        'if [ -t 0 ]; then\n  read -p "Go on? " ANSWER\nfi\n',
                    ),
                ),
            ),
            Example(
                title="A page of a skill that keeps an older text of it",
                text='# Releases\n\n## Step 1: Look\n\n```bash\nread -p "Go on? " ANSWER\n```\n\n## Step 2: Push\n\nPush it.\n',
                path=".claude/skills/release/references/legacy-documentation.md",
            ),
        ),
        invalid=(
            Example(
                title="A question, and an editor",
                text='<step number="1" name="a">\n\n```bash\nread -p "Go on? " ANSWER\ngit rebase -i HEAD~2\n```\n\n</step>\n',
                lines=(
                    4,
                    5,
                ),
            ),
            Example(
                title="A commit without a message opens an editor",
                text="### 1. Commit\n\n```bash\ngit add -A && git commit\ngit commit --amend\n```\n\n### 2. Push\n\nPush it.\n",
                lines=(
                    4,
                    5,
                ),
            ),
            Example(
                title="A plain read, and a choice of hunks",
                text='<step number="1" name="a">\n\n```bash\necho "Which version?"\nread VERSION\ngit checkout -p main\n```\n\n</step>\n',
                lines=(
                    5,
                    6,
                ),
            ),
            Example(
                title="A question in a script, said at its call",
                text='<step number="1" name="a">\n\n```bash\n~/.agent-os/scripts/release.sh\n```\n\n</step>\n',
                lines=(4,),
                files=(
                    (
                        ".agent-os/scripts/release.sh",
                        'read -p "Which version? " VERSION\ngit tag "$VERSION"\n',
                    ),
                ),
            ),
        ),
    ),
    "PL404": RuleTexts(
        summary="A process that nobody waits for, or a kill by name.",
        why="What is left running holds ports and files of the next run; a kill by name ends what belongs to others.",
        limits="A process that is started under nohup, or whose id is kept, counts as left running on purpose.",
        valid=(
            Example(
                title="Kept and ended by its id",
                text='<step number="1" name="a">\n\n```bash\nnats-server -js &\nSERVER=$!\nkill "$SERVER"\n```\n\n</step>\n',
            ),
            Example(
                title="Ended by its parent",
                text='<step number="1" name="a">\n\n```bash\npkill -P "$SERVER"\npkill -F server.pid\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Left running, ended by name",
                text='<step number="1" name="a">\n\n```bash\nnats-server -js &\n```\n\n```bash\npkill nats-server\n```\n\n</step>\n',
                lines=(
                    4,
                    8,
                ),
            ),
        ),
    ),
    "PL405": RuleTexts(
        summary="Logic behind a STOP or PROCEED of the same block.",
        why="One agent reads it as still to be done, another does not.",
        valid=(
            Example(
                title="In an arm of its own",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    STOP execution\n  DISPLAY: "going on"\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="Skipped, and told where to go on",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    SKIP this step\n    PROCEED to step 2\n</a_logic>\n\n</step>\n<step number="2" name="b">\nDo it.\n</step>\n',
            ),
            Example(
                title="A comment behind it",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF BRANCH is empty:\n    STOP execution\n  PROCEED to step 2\n  <!-- the next step looks at the branch -->\n</a_logic>\n\n</step>\n<step number="2" name="b">\n\nLook at the branch.\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="In the same block",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    STOP execution\n    PROVIDE: "Name one with --spec"\n</a_logic>\n\n</step>\n',
                lines=(6,),
            ),
        ),
    ),
    "PL406": RuleTexts(
        summary="An IF whose other arm is left to the reader.",
        why="Whether the other case was thought of cannot be seen. One agent goes on with the next step, another one stops to ask.",
        limits="Where something stands behind the IF, both arms go on with it, and nothing is reported. Of a branch that says ERROR only PL305 speaks, where it is on. Of a step that a certificate has proved nothing is said: its other case is the one that the original had.",
        valid=(
            Example(
                title="With a word that ends the branch",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="A branch that asks or goes on",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF the name is missing:\n    ASK the user for a name\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="In a list, which goes on with its next item",
                text="## Step 1: Read\n\n1. IF the user named a folder: keep its name\n2. IF there are pictures: look at each\n",
            ),
            Example(
                title="Both arms go on with what stands below",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF HISTORY is missing:\n    SET: HISTORY = "50"\n  IF BUCKET is not empty:\n    IF HISTORY is not "50":\n      WARN: "it keeps [HISTORY] revisions"\n  ELSE:\n    SET: BUCKET = "app-state"\n  PROCEED to next step\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="In tags",
                text='<step number="1" name="a">\n\n<validation>\n  <check if="SPEC is empty">\n    <display>No spec</display>\n  </check>\n</validation>\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="Without",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    DISPLAY: "no spec"\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="At the end of an arm that is the end",
                text='<step number="1" name="a">\n\n<a_logic>\n  SET: HISTORY = "5"\n  IF BUCKET is empty:\n    SET: BUCKET = "app-state"\n  ELSE:\n    IF HISTORY is not "50":\n      WARN: "it keeps [HISTORY] revisions"\n</a_logic>\n\n</step>\n',
                lines=(8,),
            ),
        ),
    ),
    "PL407": RuleTexts(
        summary="ELSE without IF, IF without a body.",
        why="What belongs to which condition is a guess.",
        valid=(
            Example(
                title="Both arms",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    STOP execution\n  ELSE:\n    PROCEED to next step\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="No body",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n  DISPLAY: "no spec"\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="ELSE at the top",
                text='<step number="1" name="a">\n\n<a_logic>\n  ELSE:\n    DISPLAY: "no spec"\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL408": RuleTexts(
        summary="What cannot be undone is done without a check.",
        why="A wrong path or a wrong branch is noticed afterwards.",
        valid=(
            Example(
                title="Asked before",
                text='<step number="1" name="a">\n\nAsk the user to confirm.\n\n```bash\ngit reset --hard origin/main\n```\n\n</step>\n',
            ),
            Example(
                title="What the step made itself",
                text='<step number="1" name="a">\n\nPut the drafts into `.drafts/one`.\n\n```bash\nrm -rf .drafts/one\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Not asked",
                text='<step number="1" name="a">\n\nBegin with a clean folder:\n\n```bash\ngit reset --hard origin/main\n```\n\n</step>\n',
                lines=(6,),
            ),
        ),
    ),
    "PL409": RuleTexts(
        summary="`$ARGUMENTS` stands bare in shell.",
        why="The harness pastes the arguments into the text before the shell reads it. A semicolon in them is a new command.",
        fix="Puts it in quotes. Unsafe: several arguments become one, and a quote in them still ends the string.",
        valid=(
            Example(
                title="In prose, and in quotes",
                text='<step number="1" name="a">\n\nThe arguments are $ARGUMENTS.\n\n```bash\ngh issue view "$ARGUMENTS"\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Bare in a command",
                text='<step number="1" name="a">\n\n```bash\ngh issue view $ARGUMENTS\n```\n\n</step>\n',
                lines=(4,),
                fixed='<step number="1" name="a">\n\n```bash\ngh issue view "$ARGUMENTS"\n```\n\n</step>\n',
            ),
            Example(
                title="In a loop, in a redirection, in an inline command, and outside of the numbered steps",
                text='Before: !`git log $ARGUMENTS`\n\n## Check\n\n```bash\nfor file in tasks/$ARGUMENTS/*.md; do\n  cat "$file" >> out/$ARGUMENTS.md\ndone\n```\n\n### 1. Read\n\nRead them.\n\n### 2. Report\n\nReport.\n',
                lines=(
                    1,
                    6,
                    7,
                ),
                fixed='Before: !`git log "$ARGUMENTS"`\n\n## Check\n\n```bash\nfor file in tasks/"$ARGUMENTS"/*.md; do\n  cat "$file" >> out/"$ARGUMENTS".md\ndone\n```\n\n### 1. Read\n\nRead them.\n\n### 2. Report\n\nReport.\n',
                path=".claude/commands/sync.md",
            ),
            Example(
                title="In a value",
                text='<step number="1" name="a">\n\n```bash\nVERSION=$ARGUMENTS\nNAMES=(a $ARGUMENTS)\n```\n\n</step>\n',
                lines=(
                    4,
                    5,
                ),
            ),
        ),
    ),
    "PL410": RuleTexts(
        summary="A value from outside is run as shell, by eval or in arithmetic.",
        why="In arithmetic bash evaluates the text of a variable, and runs what stands in `a[$(command)]`; eval runs all of it. Whoever can write the value can run commands.",
        limits="Values count as from outside where the same call reads them from NATS KV, curl or gh.",
        valid=(
            Example(
                title="A literal", text='<step number="1" name="a">\n\n```bash\neval "set -- a b"\n```\n\n</step>\n'
            ),
            Example(
                title="Tested before, or a number by what makes it",
                text='<step number="1" name="a">\n\n```bash\nN=$(nats kv get app-state cycle --raw)\n[[ "$N" =~ ^[0-9]+$ ]] || exit 1\nM=$(curl -s https://example.com | wc -l)\necho $((N + M))\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Arithmetic on what is stored",
                text='<step number="1" name="a">\n\n```bash\nN=$(nats kv get app-state cycle --raw)\nNEXT=$((N + 1))\nM=$(nats kv get app-state count --raw)\nif [[ $M -gt 3 ]]; then echo many; fi\n```\n\n</step>\n',
                lines=(
                    5,
                    7,
                ),
            ),
            Example(
                title="A variable",
                text='<step number="1" name="a">\n\n```bash\neval "$COMMAND"\n```\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="The text of a file",
                text='<step number="1" name="a">\n\n```bash\neval "$(cat next-command.txt)"\n```\n\n</step>\n',
                lines=(4,),
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
    "PL502": RuleTexts(
        summary="A step number is missing or used twice in one flow.",
        why="A jump to the number is ambiguous, or a step was lost in an edit.",
        limits="Sub-steps (1.2, 4b) are fine. A flow may begin at any number, and each procedure of a file is counted by itself.",
        valid=(
            Example(
                title="Sub-steps, and a second procedure",
                text='<process_flow>\n<step number="3" name="a">\nDo it.\n</step>\n<step number="4" name="b">\nDo it.\n</step>\n<step number="4b" name="c">\nDo it.\n</step>\n<step number="5" name="d">\nDo it.\n</step>\n</process_flow>\n<process_flow>\n<step number="1" name="a">\nDo it.\n</step>\n</process_flow>\n',
            ),
            Example(
                title="A step that a fence has swallowed",
                text='<flow>\n<step number="1" name="a">\n\nOne.\n\n```markdown\n```bash\ndate\n```\n\n```\n</step>\n\n<step number="2" name="b">\n\n```\n</step>\n\n<step number="3" name="c">\n\nThree.\n\n</step>\n</flow>\n',
            ),
        ),
        invalid=(
            Example(
                title="A gap and a duplicate",
                text='<process_flow>\n<step number="1" name="a">\nDo it.\n</step>\n<step number="3" name="b">\nDo it.\n</step>\n<step number="3" name="c">\nDo it.\n</step>\n</process_flow>\n',
                lines=(
                    5,
                    8,
                ),
            ),
            Example(
                title="Out of order",
                text='<process_flow>\n<step number="1" name="a">\nDo it.\n</step>\n<step number="3" name="c">\nDo it.\n</step>\n<step number="2" name="b">\nDo it.\n</step>\n</process_flow>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL503": RuleTexts(
        summary="Heading and tag of a step have different numbers.",
        why="A jump to the number may go to either.",
        valid=(Example(title="The same number", text='<step number="2" name="a">\n\n### Step 2: Work\n\n</step>\n'),),
        invalid=(
            Example(
                title="Another number", text='<step number="2" name="a">\n\n### Step 3: Work\n\n</step>\n', lines=(3,)
            ),
        ),
    ),
    "PL504": RuleTexts(
        summary="The front matter cannot be read.",
        why="The harness then takes the file without its name, description and tools, or not at all.",
        limits="What `argument-hint` and `globs` hold is taken as plain text, as the harnesses do.",
        valid=(
            Example(
                title="A hint in brackets is no list",
                text="---\ndescription: Release a version\nargument-hint: [version] [target]\n---\n\nDo it.\n",
                path=".claude/commands/a.md",
            ),
        ),
        invalid=(
            Example(
                title="A colon in a description",
                text="---\ndescription: Use this command when: a version is released\n---\n\nDo it.\n",
                lines=(2,),
                path=".claude/commands/a.md",
            ),
        ),
    ),
    "PL505": RuleTexts(
        summary="Two steps of a flow have one name.",
        why="Results, reports and jumps by name are ambiguous.",
        valid=(
            Example(
                title="Names of their own",
                text='<step number="1" name="plan">\nDo it.\n</step>\n<step number="2" name="work">\nDo it.\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="One name",
                text='<step number="1" name="plan">\nDo it.\n</step>\n<step number="2" name="plan">\nDo it.\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL506": RuleTexts(
        summary="A fence is never closed, or another one closes it too early.",
        why="Where a fence ends decides what is code. Behind a fence that ends elsewhere than the author meant, steps are read as code and code as steps, by every Markdown tool and by an agent that follows it.",
        limits="Only the first place of a file: what follows from it is not said. Which closing mark was meant is for a person to say.",
        valid=(
            Example(
                title="A fence that holds fences has one mark more",
                text="# Report\n\n````markdown\nRun:\n\n```bash\nmake\n```\n````\n",
            ),
            Example(
                title="Another mark, and an info string in the text of a program",
                text='# Report\n\n~~~markdown\n```bash\nmake\n```\n~~~\n\n```python\nMARK = "```bash"\n```\n',
            ),
            Example(
                title="A longer fence whose text names marks",
                text='# Report\n\n````python\nMARK = """\n```json\n""" + answer + "```"\n````\n',
            ),
            Example(
                title="A fence of the same length, indented by four columns or more, closes nothing",
                text="# Report\n\n```\nRun:\n\n    ```bash\n    make\n    ```\n\nThen go on.\n```\n\nSend it.\n",
            ),
        ),
        invalid=(
            Example(
                title="A template that holds a fence of its own length",
                text="# Report\n\n```markdown\nRun:\n\n```bash\nmake\n```\n\nThen go on.\n```\n",
                lines=(6,),
            ),
            Example(
                title="The end of an inner fence has one mark too many and ends the outer one",
                text="# Report\n\n````markdown\nRun:\n\n```bash\nmake\n````\n\nThen go on.\n",
                lines=(6,),
            ),
            Example(
                title="A fence without an end",
                text='<step number="1" name="a">\n\nWrite the report:\n\n```markdown\n# Report\n\n</step>\n',
                lines=(5,),
            ),
        ),
    ),
    "PL601": RuleTexts(
        summary="A step names a subagent that does not exist.",
        why="The step is done by whoever reads it, without the instructions of the subagent.",
        limits="Speaks only in projects that define subagents. The agents of a plugin, and those that a harness has since this version, are not known to it.",
        valid=(
            Example(
                title="A subagent of the project",
                text='<step number="1" subagent="planner" name="plan">\nDo it.\n</step>\n',
                files=(
                    (
                        ".claude/agents/planner.md",
                        "---\nname: planner\ndescription: Plans\n---\n",
                    ),
                ),
            ),
            Example(
                title="Agents of the harness, of a plugin, and in an example",
                text='## Step 1: Plan\n\nTask(subagent_type="general-purpose", prompt="Look around")\nTask(subagent_type="acme:reviewer", prompt="Review")\nTask(subagent_type="team-planner", prompt="Plan")\n\n### Example\n\nTask(subagent_type="my-agent", prompt="Do it")\n',
                files=(
                    (
                        ".claude/agents/planner.md",
                        "---\nname: planner\ndescription: Plans\n---\n",
                    ),
                ),
            ),
        ),
        invalid=(
            Example(
                title="Another name",
                text='<step number="1" subagent="planer" name="plan">\nDo it.\n</step>\n',
                lines=(1,),
                files=(
                    (
                        ".claude/agents/planner.md",
                        "---\nname: planner\ndescription: Plans\n---\n",
                    ),
                ),
            ),
            Example(
                title="In a call of the Task tool",
                text='## Step 1: Plan\n\n```\nTask(\n  description="Plan",\n  subagent_type="plan-phase-agent",\n  prompt="Plan the work"\n)\n```\n',
                lines=(6,),
                files=(
                    (
                        ".claude/agents/planner.md",
                        "---\nname: planner\ndescription: Plans\n---\n",
                    ),
                ),
            ),
            Example(
                title="Named in a sentence",
                text='<step number="1" name="plan">\n\nUse the `plan-writer` subagent to write the plan.\n\n</step>\n',
                lines=(3,),
                files=(
                    (
                        ".claude/agents/planner.md",
                        "---\nname: planner\ndescription: Plans\n---\n",
                    ),
                ),
            ),
        ),
    ),
    "PL602": RuleTexts(
        summary="`@path` names a file that the project does not have.",
        why="The agent loads what an @path names. A file that is not there gives nothing, and the process goes on without its rules.",
        limits="Speaks only of folders in which the project has other files, and not of lines that speak of making the file.",
        valid=(
            Example(
                title="A file that exists, and one that will",
                text='<step number="1" name="a">\n\nRead @docs/rules.md first. Then write your notes to @docs/notes.md.\n\n</step>\n',
                files=(
                    (
                        "docs/rules.md",
                        "rules\n",
                    ),
                ),
            ),
            Example(
                title="A package, a mail address, and a folder of which nothing is known",
                text='<step number="1" name="a">\n\nInstall @acme/tool/readme.md, ask me@work/x.md, and read @.product/mission.md.\n\n</step>\n',
                files=(
                    (
                        "docs/rules.md",
                        "rules\n",
                    ),
                ),
            ),
            Example(
                title="A file that is made",
                text='<step number="1" name="a">\n\nWrite what you found into @docs/findings.md.\n\nThe list in @docs/index.md is generated by the build.\n\n</step>\n',
                files=(
                    (
                        "docs/rules.md",
                        "rules\n",
                    ),
                ),
            ),
        ),
        invalid=(
            Example(
                title="A file that was renamed",
                text='<step number="1" name="a">\n\nFollow @docs/rule.md in each step.\n\n</step>\n',
                lines=(3,),
                files=(
                    (
                        "docs/rules.md",
                        "rules\n",
                    ),
                ),
            ),
            Example(
                title="In a line that speaks of writing",
                text='<step number="1" name="a">\n\nKeep to @docs/stile.md in all that you write.\n\n</step>\n',
                lines=(3,),
                files=(
                    (
                        "docs/style.md",
                        "style\n",
                    ),
                ),
            ),
        ),
    ),
    "PL603": RuleTexts(
        summary="An agent must run commands and has no shell.",
        why="The agent cannot do what it is told and improvises.",
        valid=(
            Example(
                title="Bash is there, with a limit",
                text='---\ndescription: Look at the state\nallowed-tools: Read, Bash(git status:*)\n---\n\n<step number="1" name="look">\n\nRun these commands:\n\n```bash\ngit status\n```\n\n</step>\n',
                path=".claude/commands/a.md",
            ),
        ),
        invalid=(
            Example(
                title="Bash is missing",
                text='---\nname: a\ndescription: Looks at the state\ntools: Read, Grep\n---\n\n<step number="1" name="look">\n\nRun these commands:\n\n```bash\ngit status\n```\n\n</step>\n',
                lines=(4,),
                path=".claude/agents/a.md",
            ),
        ),
    ),
    "PL604": RuleTexts(
        summary="A `[NAME]` in a command or a condition that the file never explains.",
        why="The agent has to fill the placeholder in, and each run may fill in something else.",
        limits="A name counts as explained where the file uses its words anywhere outside of brackets.",
        valid=(
            Example(
                title="Explained in a sentence, and set by logic",
                text='<step number="1" name="a">\n\nAsk for the spec name. The branch is that of the task.\n\n```bash\ngit checkout [SPEC_NAME]\n```\n\n</step>\n',
            ),
            Example(
                title="Text of a report",
                text='<step number="1" name="a">\n\nWrite the report:\n\n```markdown\nOwner: [OWNER_NAME]\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Named nowhere else",
                text='<step number="1" name="a">\n\n```bash\ngit checkout [RELEASE_BRANCH]\n```\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL701": RuleTexts(
        summary="A KV key that NATS refuses.",
        why="Every client checks the key before it talks to the server, so the command fails each time. Where nobody looks at its status, the state is just never written.",
        fix="Writes dots for colons in all keys that begin alike, in each instruction file, shell script and Python script below the PATHS: all of them change, or none. Unsafe, since what is stored already keeps its old key. Where one of the keys stands outside of the PATHS, in a file of another kind, or in a script that puts it together or takes it apart at its colons, it is for a person to do: the related places are all lines of the project that name one.",
        limits="A placeholder in a key stands for a valid piece. A key that is put together from several variables is not seen.",
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
    "PL702": RuleTexts(
        summary="A bucket name or configuration that NATS refuses.",
        why="The command fails each time.",
        valid=(
            Example(
                title="Within the limits",
                text='<step number="1" name="a">\n\n<bucket_create_command>\n  nats kv add agent-os-peer-state --history=64 --replicas 3\n  nats kv get "[BUCKET]" key\n  nats kv add jobs --replicas=0\n</bucket_create_command>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A dot in the name, too much history",
                text='<step number="1" name="a">\n\n<bucket_create_command>\n  nats kv add agent.state --history=10\n  nats kv add agent-state --history=100\n</bucket_create_command>\n\n</step>\n',
                lines=(
                    4,
                    5,
                ),
            ),
        ),
    ),
    "PL703": RuleTexts(
        summary="A sub-command or flag that the `nats` tool does not have.",
        why="The command fails each time.",
        limits="Told from version 0.4.0 of the tool; an older or newer one may differ.",
        valid=(
            Example(
                title="Commands and flags of the tool",
                text='<step number="1" name="a">\n\n<a_command>\n  nats kv ls --timeout=5s\n  nats kv get app-state cycle --raw\n  nats kv del app-state cycle --force\n  nats kv edit app-state --no-mirror --tags a --seed key.nk\n  nats kv watch app-state --no-deletes --updates\n</a_command>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A command and a flag that it does not have",
                text='<step number="1" name="a">\n\n<a_command>\n  nats kv remove app-state cycle\n  nats kv ls app-state --prefix cycle\n  nats kv info app-state --json\n</a_command>\n\n</step>\n',
                lines=(
                    4,
                    5,
                    6,
                ),
            ),
        ),
    ),
    "PL704": RuleTexts(
        summary="Output for people is parsed into a decision.",
        why="Labels and columns of the tool change with its version; a filter that finds nothing looks like an empty state.",
        valid=(
            Example(
                title="JSON",
                text='<step number="1" name="a">\n\n```bash\nnats stream info KV_app-state --json | jq .config.max_msgs_per_subject\nnats kv get app-state cycle --raw | cut -d. -f1\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A table",
                text='<step number="1" name="a">\n\n```bash\nREPLICAS=$(nats kv info app-state | grep Replicas: | awk \'{print $2}\')\n```\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL705": RuleTexts(
        summary="A KV bucket is used, and nothing before it creates or checks it.",
        why='On a machine where the bucket is missing every command fails with "bucket not found", and what reads state takes that for no state.',
        limits="Silent in files that refer to another instruction file, which may create the bucket, or say in words that it is created.",
        valid=(
            Example(
                title="Made before",
                text='<step number="1" name="a">\n\n```bash\nnats kv add app-state --history=5\nnats kv put app-state cycle 1\n```\n\n</step>\n',
            ),
            Example(
                title="Looked at as the stream that it is",
                text='<step number="1" name="a">\n\n```bash\nnats stream info KV_app-state --json | jq .config.num_replicas\nnats kv put app-state cycle 1\n```\n\n</step>\n',
            ),
            Example(
                title="Checked in a script",
                text='<step number="1" name="a">\n\n```bash\n~/.agent-os/scripts/setup.sh\nnats kv put app-state cycle 1\n```\n\n</step>\n',
                files=(
                    (
                        ".agent-os/scripts/setup.sh",
                        'BUCKET=app-state\nnats kv info "$BUCKET" || nats kv add "$BUCKET"\n',
                    ),
                ),
            ),
            Example(
                title="Made by another instruction",
                text='<step number="1" name="a">\n\nFirst follow @.agent-os/instructions/core/setup.md.\n\n```bash\nnats kv put app-state cycle 1\n```\n\n</step>\n',
            ),
            Example(
                title="Looked at by a command in a sentence",
                text='<step number="1" name="a">\n\nLook with `nats kv info app-state` whether it is there.\n\n```bash\nnats kv put app-state cycle 1\n```\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Used, never made",
                text='<step number="1" name="a">\n\n```bash\nnats kv put app-state cycle 1\nnats kv get app-state cycle --raw\n```\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL706": RuleTexts(
        summary="A bucket with more than one replica.",
        why="On the single server of a developer the bucket cannot be made.",
        valid=(
            Example(
                title="One replica",
                text='<step number="1" name="a">\n\n<bucket_create_command>\n  nats kv add app-state --replicas=1\n</bucket_create_command>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Three replicas",
                text='<step number="1" name="a">\n\n<bucket_create_command>\n  nats kv add app-state --replicas=3\n</bucket_create_command>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL801": RuleTexts(
        summary="A condition that is neither a test, nor a question, nor marked as judgement.",
        why="Two agents will answer it differently, and nobody knows that they had to.",
        valid=(
            Example(
                title="A test, and judgement that is marked",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF SPEC is empty:\n    STOP execution\n  IF you judge that "the plan is complete":\n    PROCEED to next step\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="A command to run",
                text='<step number="1" name="a">\n\n<specs_checks>\n  <check>find .agent-os/specs/ -type d</check>\n</specs_checks>\n\n</step>\n',
            ),
            Example(
                title="What the file itself is called for is no condition",
                text="---\nname: reviewer\ndescription: Reviews changes\ntools: Bash, Read\n---\nYou review changes.\n\nWhen invoked:\n1. Run `git diff` to see what has changed\n2. Run `python manage.py check`, and `bash tools/style.sh`\n",
                path=".claude/agents/reviewer.md",
            ),
            Example(
                title="A thing to look at",
                text='<step number="1" name="a">\n\n<recent_specs>\n  <check>most recent activity</check>\n</recent_specs>\n\n</step>\n',
            ),
            Example(
                title="A file to read",
                text='<step number="1" name="a">\n\n<actions>\n  1. CHECK @.agent-os/product/roadmap.md\n  2. FIND the next item\n</actions>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Neither",
                text='<step number="1" name="a">\n\n<a_logic>\n  IF the plan looks good enough:\n    PROCEED to next step\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL802": RuleTexts(
        summary="A condition speaks of an effect that does not stand right above it.",
        why='Which line "fails" or "found" means is a guess, and another one after the next edit.',
        valid=(
            Example(
                title="Right below its effect",
                text='<step number="1" name="a">\n\n<a_logic>\n  CREATE: lock in app-state = "x"\n  IF key already exists:\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Another effect in between",
                text='<step number="1" name="a">\n\n<a_logic>\n  CREATE: lock in app-state = "x"\n  READ: cycle from app-state AS CYCLE\n  IF key already exists:\n    STOP execution\n</a_logic>\n\n</step>\n',
                lines=(6,),
            ),
        ),
    ),
    "PL803": RuleTexts(
        summary="A line in a logic block looks like a directive that the language does not have, is a misspelt one, or has lines indented below it that belong to nothing.",
        why="A misspelt CHECK checks nothing. Each reader gives such a line a meaning of its own; peerlint run and prove cannot give it any.",
        limits="Only words with a colon, and words that are a slip away from one of the language: what else stands in capitals may be meant for the agent.",
        valid=(
            Example(
                title="Directives of the language",
                text='<step number="1" name="a">\n\n<a_logic>\n  CHECK: NATS server connectivity\n  IF server not responding:\n    ERROR: "Cannot connect"\n    STOP execution\n</a_logic>\n\n</step>\n',
            ),
            Example(
                title="A template to be written",
                text='<step number="1" name="a">\n\n<output_template>\n  OVERVIEW: what it is about\n</output_template>\n\n</step>\n',
            ),
            Example(
                title="Words for the agent, which is not the machine's business",
                text='<step number="1" name="a">\n\n<a_logic>\n  FIND the cycle that is not complete\n  CREATE new cycle with:\n    - a number of its own\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="A word of its own",
                text='<step number="1" name="a">\n\n<a_logic>\n  FROBNICATE: the cache\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
            Example(
                title="Misspelt words of the language",
                text='<step number="1" name="a">\n\n<a_logic>\n  CHEKC: NATS server connectivity\n  PROCEDE to step 3\n  ERORR: "the server is away"\n</a_logic>\n\n</step>\n',
                lines=(
                    4,
                    5,
                    6,
                ),
            ),
            Example(
                title="A line below one that opens no block",
                text='<step number="1" name="a">\n\n<a_logic>\n  READ: cycle from app-state AS CYCLE\n      DISPLAY: "cycle [CYCLE]"\n</a_logic>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL804": RuleTexts(
        summary="A request to a subagent without an end.",
        why="The next step begins with what is not there yet.",
        valid=(
            Example(
                title="Waited for and looked at",
                text='<step number="1" subagent="planner" name="plan">\n\n<instructions>\n  ACTION: Use planner subagent\n  REQUEST: "Plan the work"\n  WAIT: For the plan\n  PROCESS: Keep the plan\n</instructions>\n\n</step>\n',
            ),
            Example(
                title="What the agent does itself",
                text='<step number="1" name="a">\n\n<if_file_exists>\n  <action>append_to_file</action>\n</if_file_exists>\n\n</step>\n',
            ),
            Example(
                title="A request to the user, which is not in quotes",
                text='<step number="1" subagent="planner" name="decide">\n\n<instructions>\n  SUBAGENT: Use the planner subagent for this step\n  ACTION: Look for decisions\n  REQUEST: User approval before updating\n</instructions>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="Nothing but the request",
                text='<step number="1" subagent="planner" name="plan">\n\n<instructions>\n  ACTION: Use planner subagent\n  REQUEST: "Plan the work"\n</instructions>\n\n</step>\n',
                lines=(4,),
            ),
        ),
    ),
    "PL805": RuleTexts(
        summary="A delegated step follows a delegated step, and nobody looks at what the first one made.",
        why="A subagent can fail, stop early or make something else. Without a checkpoint the next one builds on it.",
        valid=(
            Example(
                title="A result that is verified",
                text='<step number="1" subagent="planner" name="plan">\n\nWrite the plan. Verify that it has a goal.\n\n</step>\n\n<step number="2" subagent="builder" name="build">\n\nBuild it.\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="From one to the next",
                text='<step number="1" subagent="planner" name="plan">\n\nWrite the plan.\n\n</step>\n\n<step number="2" subagent="builder" name="build">\n\nBuild what the plan says.\n\n</step>\n',
                lines=(7,),
            ),
        ),
    ),
    "PL901": RuleTexts(
        summary="A step does no longer run its script, and nobody has proved that it still does the same.",
        why="Whoever reviews the change sees that a script call is gone and logic is there. Whether both behave alike cannot be seen; a certificate says so, and can be checked.",
        limits="Speaks with `--since REV` only: it holds the file against that revision. A certificate is a claim: a gate on pull requests runs `peerlint prove` again. Steps are told apart by their names, without names by their numbers; a renamed step is the most similar one between the neighbours that it had. A step that is gone, and one that still runs another script, are not reported.",
        valid=(
            Example(
                title="The step ran no script before",
                text='<step number="1" name="a">\n\n<a_logic>\n  STOP execution\n</a_logic>\n\n</step>\n',
                before='<step number="1" name="a">\n\nStop.\n\n</step>\n',
            ),
            Example(
                title="It still runs its script",
                text='<step number="1" name="a">\n\nSCRIPT: ~/.agent-os/scripts/check.sh --strict\n\n</step>\n',
                before='<step number="1" name="a">\n\nSCRIPT: ~/.agent-os/scripts/check.sh\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="The script call has become logic, and no certificate is there",
                text='<step number="1" name="new">\n\nSay hello.\n\n</step>\n\n<step number="2" name="health">\n\n<health_logic>\n  CHECK: NATS server connectivity\n  IF server not responding:\n    ERROR: "NATS is away"\n    STOP execution\n</health_logic>\n\n</step>\n',
                lines=(7,),
                before='<step number="1" name="health">\n\nSCRIPT: ~/.agent-os/scripts/check-nats-health.sh\n\n</step>\n',
            ),
            Example(
                title="The step got another name, and one stands in front of it",
                text='## Step 1: Greet\n\nSay hello.\n\n## Step 2: Check the spec\n\n<check_logic>\n  IF file spec.md does not exist:\n    ERROR: "no spec"\n    STOP execution\n</check_logic>\n\n## Step 3: Tag\n\nTag it.\n',
                lines=(5,),
                path=".claude/commands/release.md",
                before="## Step 1: Check\n\nRun `scripts/check-spec.sh` and stop if it fails.\n\n## Step 2: Tag\n\nTag it.\n",
            ),
            Example(
                title="A file without steps",
                text='---\ndescription: Checks the spec\n---\nLook at it.\n\n<check_logic>\n  IF file spec.md does not exist:\n    ERROR: "no spec"\n    STOP execution\n</check_logic>\n',
                lines=(6,),
                path=".claude/commands/spec.md",
                before="---\ndescription: Checks the spec\n---\nLook at it.\n\nRun `scripts/check-spec.sh` and stop if it fails.\n",
            ),
        ),
    ),
    "PL902": RuleTexts(
        summary="A certificate stands beside the file and no longer speaks of it.",
        why="A certificate holds for the logic that was proved. After a change nobody knows whether the step still behaves as its original did.",
        limits="Compares hashes. What the certificate claims is not run again: `peerlint prove` does that, and `peerlint prove --write` writes the certificate anew. Where only the version of peerlint is another one, it is a note.",
        valid=(
            Example(
                title="No certificate",
                text='<step number="1" name="a">\n\n<a_logic>\n  STOP execution\n</a_logic>\n\n</step>\n',
            ),
        ),
        invalid=(
            Example(
                title="What is no certificate proves nothing",
                text='<step number="1" name="a">\n\n<a_logic>\n  STOP execution\n</a_logic>\n\n</step>\n',
                lines=(1,),
                files=(
                    (
                        ".agent-os/instructions/core/example.md.proof.json",
                        "{}\n",
                    ),
                ),
            ),
        ),
    ),
    "PL903": RuleTexts(
        summary="A step stands in the file though its proof refuted it.",
        why="A refutation is a scenario in which the step does something else than its original did. Until it is mended the process behaves differently for its users.",
        limits="Reads the certificate beside the file, and says nothing once the logic of the step has changed (PL902 does).",
        valid=(
            Example(
                title="A step that is proved",
                text='<step number="1" name="a">\n\n<a_logic>\n  STOP execution\n</a_logic>\n\n</step>\n',
                files=(
                    (
                        ".agent-os/instructions/core/example.md.proof.json",
                        '{\n "digest": "544e48a2bc64a99f88dbf58ac4ba77a7ea69ec182cea0f9e190aa34172ee925d",\n "environment": {},\n "file": "example.md",\n "model": {\n  "peerlint": "0.1.0"\n },\n "process": {},\n "schema": "peerlint-proof/2",\n "steps": {\n  "1": {\n   "arms": {\n    "rewrite": [\n     1,\n     1\n    ]\n   },\n   "assumes": [],\n   "logic": "720c989606880438c60daf792012763c64114f1e38d86cfd9db83e127c523acf",\n   "observations": "eNqLjgUAARUAuQ==",\n   "observed": "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",\n   "originals": {\n    "example.md": "0000000000000000000000000000000000000000"\n   },\n   "repairs": [],\n   "verdict": "proved"\n  }\n }\n}\n',
                    ),
                ),
            ),
        ),
        invalid=(
            Example(
                title="A step that is refuted",
                text='<step number="1" name="a">\n\n<a_logic>\n  STOP execution\n</a_logic>\n\n</step>\n',
                lines=(1,),
                files=(
                    (
                        ".agent-os/instructions/core/example.md.proof.json",
                        '{\n "digest": "f463a5f17f8222c20a6b720420934ab9cc09899408759c54c5476ae4592cd226",\n "environment": {},\n "file": "example.md",\n "model": {\n  "peerlint": "0.1.0"\n },\n "process": {},\n "schema": "peerlint-proof/2",\n "steps": {\n  "1": {\n   "arms": {\n    "rewrite": [\n     1,\n     1\n    ]\n   },\n   "assumes": [],\n   "logic": "720c989606880438c60daf792012763c64114f1e38d86cfd9db83e127c523acf",\n   "observations": "eNqLjgUAARUAuQ==",\n   "observed": "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",\n   "originals": {\n    "example.md": "0000000000000000000000000000000000000000"\n   },\n   "repairs": [],\n   "verdict": "refuted"\n  }\n }\n}\n',
                    ),
                ),
            ),
        ),
    ),
}

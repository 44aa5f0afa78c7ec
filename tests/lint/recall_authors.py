"""Recall once more: the same anti-patterns as ten authors would write them, each in a layout of their own.

`python -m tests.lint.recall_authors` prints the table by rule and by author. Other words, other commands and other ways
to lay out a file than in the examples of the rules and in `recall.py`; written before the tool saw them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from peerlint.lint.rules import all_rules
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings
from tests.lint.recall import table

BEGIN, END = "<!-- planted -->", "<!-- end -->"
Layout = Callable[[str], tuple[str, str]]


def _matter(name: str, more: str = "") -> str:
    return f"---\nname: {name}\ndescription: Takes care of releases\n{more}---\n\n"


def _indented(text: str, by: str) -> str:
    return "\n".join(by + line if line else line for line in text.split("\n"))


def _cursor_rule(body: str) -> tuple[str, str]:
    text = (
        "---\ndescription: Releases\nglobs: CHANGES.md\nalwaysApply: false\n---\n\n# Releases\n\n## Workflow\n\n"
        f"1. Look at the branch.\n2. Get it ready:\n\n{_indented(body, '   ')}\n\n3. Push it:\n\n"
        "   ```sh\n   git push origin main\n   ```\n"
    )
    return ".cursor/rules/release.mdc", text


def _bold_steps(body: str) -> tuple[str, str]:
    text = (
        "---\ndescription: Make a release\nargument-hint: [version]\n---\n\nYou make a release.\n\n"
        f"**Step 1 — Look.** Read the list of changes.\n\n**Step 2 — Make.** Get it ready.\n\n{body}\n\n"
        "**Step 3 — Push.**\n\n```bash\ngit push origin main\n```\n"
    )
    return ".claude/commands/release.md", text


def _phases(body: str) -> tuple[str, str]:
    text = (
        "# Release\n\n## Phase 1: Preparation\n\nRead the list of changes.\n\n## Phase 2: Make it\n\n"
        f"{body}\n\n## Phase 3: Publish\n\n~~~bash\ngit push origin main\n~~~\n"
    )
    return ".claude/commands/team/release.md", text.replace("```bash", "~~~bash").replace("```", "~~~")


def _invoked(body: str) -> tuple[str, str]:
    text = (
        f"{_matter('releaser', 'tools: Read, Bash, Grep' + chr(10))}You are an experienced release manager.\n\n"
        f"When invoked:\n1. Read the list of changes\n2. Make the release\n\n{_indented(body, '   ')}\n\n"
        "3. Push what was made\n\n   ```bash\n   git push origin main\n   ```\n"
    )
    return ".claude/agents/releaser.md", text


def _windows(body: str) -> tuple[str, str]:
    text = (
        "---\ndescription: Release\nversion: 1.0\n---\n\n# Release\n\n<process_flow>\n\n"
        '<step number="1" name="look">\n\n### Step 1: Look\n\nRead the list of changes.\n\n</step>\n\n'
        f'<step number="2" name="make">\n\n### Step 2: Make\n\n{body}\n\n</step>\n\n'
        '<step number="3" name="publish">\n\n### Step 3: Publish\n\n```bash\ngit push origin main\n```\n\n</step>\n\n'
        "</process_flow>\n"
    )
    return ".agent-os/instructions/core/release.md", text.replace("\n", "\r\n")


def _skill(body: str) -> tuple[str, str]:
    text = (
        f"{_matter('release')}# Release\n\nReleases.\n\n## Workflow\n\n### 1. Look\n\nRead the list of changes.\n\n"
        f"### 2. Make\n\n{body}\n\n### 3. Publish\n\n```bash\ngit push origin main\n```\n"
    )
    return ".claude/skills/release/SKILL.md", text


def _emoji(body: str) -> tuple[str, str]:
    text = (
        "# 🚀 Release\n\n## 🔍 Step 1: Look\n\nRead the list of changes 📋.\n\n## 🔨 Step 2: Make\n\n"
        f"> ⚠️ Take your time.\n\n{body}\n\n## 📦 Step 3: Publish\n\n```bash\ngit push origin main\n```\n"
    )
    return ".claude/commands/ship.md", text


def _tags(body: str) -> tuple[str, str]:
    text = (
        f'{_matter("shipper")}<role>You ship.</role>\n\n<workflow>\n\n<step name="look" number="1">\n'
        f'Read the list of changes.\n</step>\n\n<step name="make" number="2">\n{body}\n</step>\n\n'
        '<step name="publish" number="3">\n```bash\ngit push origin main\n```\n</step>\n\n</workflow>\n'
    )
    return ".claude/agents/shipper.md", text


def _german(body: str) -> tuple[str, str]:
    text = (
        "# Veröffentlichen\n\n## Step 1: Ansehen\n\nLies die Liste der Änderungen.\n\n## Step 2: Bauen\n\n"
        f"Führe das hier aus:\n\n{body}\n\n## Step 3: Hochladen\n\n```bash\ngit push origin main\n```\n"
    )
    return ".claude/commands/veroeffentlichen.md", text


def _numbered(body: str) -> tuple[str, str]:
    text = (
        "---\ndescription: Make a release\n---\n\n# Release\n\n## 1. Look\n\nRead the list of changes.\n\n"
        f"## 2. Make\n\n{body}\n\nTake a note of what it says.\n\n## 3. Publish\n\n"
        "```bash\ngit push origin main\n```\n"
    )
    return ".claude/commands/numbered.md", text


LAYOUTS: dict[str, Layout] = {
    "cursor rule": _cursor_rule,
    "bold steps": _bold_steps,
    "phases": _phases,
    "when invoked": _invoked,
    "windows": _windows,
    "skill": _skill,
    "emoji": _emoji,
    "tags": _tags,
    "german": _german,
    "numbered": _numbered,
}
#: Layouts in which blocks of the logic language are written at all.
LOGIC_LAYOUTS = frozenset({"phases", "windows", "emoji", "tags", "numbered"})


@dataclass(frozen=True)
class Manner:
    """One anti-pattern in somebody's manner: `shell` in one fence or in two (`---` between), or `text` as it is."""

    rule: str
    shell: str = ""
    text: str = ""
    logic: str = ""
    files: dict[str, str] = field(default_factory=dict)
    only: frozenset[str] = frozenset(LAYOUTS)

    def body(self) -> str:
        """The planted part as Markdown."""
        if self.shell:
            return "\n\nAfter that:\n\n".join(f"```bash\n{code}\n```" for code in self.shell.split("\n---\n"))
        return f"<make_logic>\n{_indented(self.logic, '  ')}\n</make_logic>" if self.logic else self.text


MANNERS = (
    Manner("PL101", "sh ./tools/prepare.sh"),
    Manner("PL101", '.claude/hooks/guard.sh "$(git branch --show-current)"'),
    Manner("PL101", "poetry run python tools/collect.py --out notes.json"),
    Manner("PL101", "npx tsx scripts/bump.ts minor"),
    Manner("PL101", "cd packages/core && ./build.sh --release"),
    Manner("PL101", "if ! bash scripts/verify.sh; then echo 'not good'; fi"),
    Manner("PL101", "VERSION=$(./bin/next-version.sh) && export VERSION"),
    Manner("PL101", text="Now call `./prepare.sh minor`; it prints the id of the release."),
    Manner("PL101", text="Run the helper `scripts/collect.py --all` and wait for it."),
    Manner("PL101", text="Then execute: `bash ci/prepare.sh`."),
    Manner("PL201", 'export TARGET="$(git describe --tags)"\n---\ngit push origin "$TARGET"'),
    Manner("PL201", "read -r MAJOR MINOR < <(tr . ' ' < VERSION)\n---\necho \"$MAJOR\" > major.txt"),
    Manner("PL201", 'DAY="$(date +%F)"\nmkdir -p "reports/$DAY"\n---\ncp notes.md "reports/${DAY}/notes.md"'),
    Manner("PL201", "for f in docs/*.md; do LAST=$f; done\n---\ngit add -- $LAST"),
    Manner("PL202", "function say_it {\n  echo hello\n}\n---\nsay_it"),
    Manner("PL202", "python3 -m venv .venv && . .venv/bin/activate\n---\npip install -r requirements.txt"),
    Manner("PL203", "curl -s https://example.org/v > /tmp/version.json\n---\njq -r .name /tmp/version.json"),
    Manner("PL203", "make all > /tmp/build.log 2>&1\n---\ngrep -c warning /tmp/build.log"),
    Manner("PL203", "cp notes.md /tmp/notes-draft.md\n---\ncat /tmp/notes-draft.md >> CHANGES.md"),
    Manner("PL205", "N=`nats kv get builds last --raw`\nnats kv put builds last $((N+1))"),
    Manner(
        "PL205",
        "CUR=$(nats kv get builds n --raw)\nNEW=$((CUR + 1))\ndate\nnats kv put builds n $NEW",
    ),
    Manner("PL206", 'T=$(git log -1)\necho "{\\"title\\": \\"$T\\"}" > note.json'),
    Manner("PL206", 'WHO=$(git config user.name)\nnats kv put builds owner "{\\"who\\": \\"${WHO}\\"}"'),
    Manner("PL207", "ID=$(date +%s)\nmkdir runs/$ID\n---\nID=$(date +%s)\ncat runs/$ID/log.txt"),
    Manner("PL208", 'LOG=$(ls -1t logs/*.log | head -n 1)\ncat "$LOG"'),
    Manner("PL208", "LATEST=$(ls -t reports | head -n1)"),
    Manner("PL301", "[ -d dist ] || exit 2"),
    Manner("PL301", 'command -v jq >/dev/null || { echo "no jq" >&2; exit 1; }'),
    Manner("PL301", 'case "$(git branch --show-current)" in\n  main) ;;\n  *) exit 3 ;;\nesac'),
    Manner("PL302", "npm test 2>&1 | tee out.txt\nRC=$?\n[ $RC -eq 0 ] && echo fine"),
    Manner("PL302", 'npm run build\necho "build is done"\nif [ "$?" != "0" ]; then git stash; fi'),
    Manner("PL303", 'cargo build || printf "build failed\\n"'),
    Manner("PL303", 'terraform validate || echo "❌ not valid"'),
    Manner("PL303", 'git pull --rebase || { echo "Could not pull"; }'),
    Manner(
        "PL304",
        'PR=$(gh pr view --json url 2> /dev/null || echo none)\nif [[ "$PR" == none ]]; then date; fi',
    ),
    Manner("PL304", 'UP=$(curl -sf localhost:8080/health 2>/dev/null || true)\n[ -n "$UP" ] && date'),
    Manner("PL306", "LEFT=$(grep -cE '^- \\[ \\]' tasks.md || echo 0)"),
    Manner("PL306", "LEFT=$(cat tasks.md | grep -c todo || printf 0)"),
    Manner("PL307", "find . -name '*.md' | while read -r f; do grep -q TODO \"$f\" && exit 1; done"),
    Manner("PL307", 'git diff --name-only | while IFS= read -r f\ndo\n  test -s "$f" || exit 2\ndone'),
    Manner("PL308", "[ -d dist ] && echo yes || echo no"),
    Manner("PL308", 'command -v jq >/dev/null 2>&1 && echo "jq: ok" || echo "jq: missing"'),
    Manner("PL401", logic="IF RESULT is empty:\n  PROCEED to step 47", only=LOGIC_LAYOUTS),
    Manner("PL401", logic='IF RESULT is "again":\n  RESUME from step 31\nPROCEED to next step', only=LOGIC_LAYOUTS),
    Manner("PL402", "while true; do\n  gh run list --limit 1\n  sleep 30\ndone"),
    Manner("PL402", "until [ -f build/done ]; do sleep 1; done"),
    Manner("PL402", 'while [ "$(gh run view 5 --json status -q .status)" != completed ]; do sleep 20; done'),
    Manner("PL403", "git commit --amend"),
    Manner("PL403", 'read -rp "Which version? " V'),
    Manner("PL403", "git rebase --interactive main"),
    Manner("PL403", "nano CHANGES.md"),
    Manner("PL403", "git add -i"),
    Manner("PL404", "npm run dev &"),
    Manner("PL404", "killall node"),
    Manner("PL405", logic='PROCEED to next step\nSET: VERSION = "1.0"', only=LOGIC_LAYOUTS),
    Manner("PL407", logic='ELSE:\n  DISPLAY: "nothing to do"', only=LOGIC_LAYOUTS),
    Manner("PL409", "git checkout -b release/$ARGUMENTS"),
    Manner("PL409", "grep -rn $ARGUMENTS src | head"),
    Manner("PL409", "cd $ARGUMENTS && make"),
    Manner("PL410", "N=$(nats kv get builds last --raw)\nif [[ $N -gt 3 ]]; then git gc; fi"),
    Manner("PL410", 'eval "$(cat next-command.txt)"'),
    Manner(
        "PL305",
        logic='IF VERSION is missing:\n  ERROR: "No version"\nELSE:\n  PROCEED to next step',
        only=LOGIC_LAYOUTS,
    ),
    Manner("PL305", text='- IF no version is known:\n  - ERROR: "No version"', only=LOGIC_LAYOUTS),
    Manner("PL501", text="<notes_of_release>\n\nWrite them."),
    Manner("PL501", text="Write them.\n\n</notes_of_release>"),
    Manner("PL506", text="```markdown\n# Notes\n\n```bash\ngit log\n```\n\nMore notes.\n```"),
    Manner("PL602", text="Keep to @docs/stile.md in all you write.", files={"docs/style.md": "style\n"}),
    Manner(
        "PL601",
        text="Use the `release-editor` subagent to write the notes.",
        files={".claude/agents/release-writer.md": "---\nname: release-writer\ndescription: Writes\n---\n"},
    ),
    Manner("PL701", "nats kv put builds 'last build' 7"),
    Manner("PL701", "nats kv get builds .last --raw"),
    Manner("PL701", 'KEY="build:last"\nnats kv create builds "$KEY" 1'),
    Manner("PL702", "nats kv add builds --history 0"),
    Manner("PL702", 'nats kv add "my builds"'),
    Manner("PL702", "nats kv add builds --replicas 9"),
    Manner("PL703", "nats kv delete builds last"),
    Manner("PL703", "nats kv list-keys builds"),
    Manner("PL704", "COPIES=$(nats kv info builds | grep Replicas | awk '{print $2}')"),
    Manner("PL704", 'nats stream info BUILDS | grep -q "Messages: 0" && echo empty'),
    Manner("PL705", "nats kv put builds last 7"),
    Manner("PL706", "nats kv add builds --history=5 --replicas 3"),
    Manner("PL803", logic='DIPSLAY: "ready"', only=LOGIC_LAYOUTS),
    Manner("PL802", logic='DISPLAY: "ready"\nIF key does not exist:\n  STOP execution', only=LOGIC_LAYOUTS),
)

#: Written when all of the above was found, and again before the tool saw them.
LATER = (
    Manner("PL101", "./gradlew check\n./scripts/after-check.sh"),
    Manner("PL101", "env STAGE=prod bash ops/deploy.sh"),
    Manner("PL101", "sudo -E ./install/setup.sh --yes"),
    Manner("PL101", "time node tools/report.mjs > report.md"),
    Manner("PL101", 'for s in a b; do ./bin/sync.sh "$s"; done'),
    Manner("PL101", "source scripts/env.sh && make"),
    Manner("PL101", "RESULT=`./bin/count.sh`"),
    Manner("PL101", "ruby script/changelog.rb --since v1"),
    Manner("PL101", text="- Run **`scripts/lint.sh`** before anything else."),
    Manner("PL101", text="Start by executing `python3 tools/gather.py`."),
    Manner("PL101", text="You must run ./scripts/freeze.sh before you go on."),
    Manner("PL101", text="Please execute `scripts/freeze.sh --all` and show the output."),
    Manner("PL201", 'BRANCH=release/$(date +%Y)\n---\ngit push -u origin "$BRANCH"'),
    Manner("PL201", 'COUNT=$(git rev-list --count HEAD)\necho $COUNT\n---\nif [ "$COUNT" -gt 10 ]; then git gc; fi'),
    Manner("PL201", 'FILES=(a b c)\n---\nfor f in "${FILES[@]}"; do cat $f; done'),
    Manner("PL201", "printf -v NAME '%s' x\nWHO=me\n---\ncat <<EOF\n$WHO\nEOF"),
    Manner("PL202", "log () { printf '%s\\n' \"$*\"; }\nlog begin\n---\nlog end"),
    Manner("PL202", "source ~/venvs/x/bin/activate\n---\nuvicorn app:app"),
    Manner("PL203", "F=/tmp/plan-state.json\necho '{}' > $F\n---\njq . /tmp/plan-state.json"),
    Manner("PL203", "date >> /tmp/times.txt\n---\nwhile read -r t; do echo $t; done < /tmp/times.txt"),
    Manner("PL205", 'V=$(nats kv get --raw cfg n)\nnats kv put cfg n "$V,x"'),
    Manner("PL205", "nats kv get cfg list --raw > l.txt\necho x >> l.txt\nnats kv put cfg list < l.txt"),
    Manner("PL206", 'NAME=$(whoami)\nprintf \'{"name": "%s"}\' "$NAME" > n.json'),
    Manner("PL206", 'WHO=$(whoami)\ncat <<JSON > n.json\n{"who": "$WHO"}\nJSON'),
    Manner("PL208", "NEWEST=$(ls -tr out/*.txt | tail -1)"),
    Manner("PL208", 'cat "$(ls -td runs/*/ | head -1)/log"'),
    Manner("PL301", 'if [ -z "$(git status --porcelain)" ]; then\n  echo nothing\n  exit 1\nfi'),
    Manner("PL301", "grep -q done state.txt || (echo no; exit 1)"),
    Manner("PL301", "[[ -f a ]] || { echo 'a is missing' 1>&2 && exit 4; }"),
    Manner("PL302", "make -j4 | grep -v warning | tail -5\nif [[ $? != 0 ]]; then date; fi"),
    Manner("PL302", "make\nprintf done\nSTATUS=$?\n[ $STATUS = 0 ] && date"),
    Manner("PL303", "go vet ./... || echo 'vet failed' >&2"),
    Manner("PL303", 'npm ci && npm test || echo "FAILED"'),
    Manner(
        "PL304", "ID=$(docker ps -q -f name=db 2>/dev/null || echo '')\nif [ -z \"$ID\" ]; then docker start db; fi"
    ),
    Manner("PL306", "N=$(grep --count x a.md || echo 0)"),
    Manner("PL306", 'N=$(grep -c x a.md || true || echo 0)\nM=$(grep -c y b.md 2> /dev/null || echo "0")'),
    Manner("PL307", "( cd build && make || exit 1 )\ngit status"),
    Manner("PL307", "ls | xargs -n1 echo | while read x; do if [ ! -f $x ]; then exit 3; fi; done"),
    Manner("PL308", "git diff --quiet && echo clean || echo dirty"),
    Manner("PL402", "until curl -fs localhost:1/h >/dev/null; do sleep 1; done"),
    Manner("PL402", "while :; do sleep 60; git fetch; done"),
    Manner("PL403", "git commit"),
    Manner("PL403", "less CHANGES.md"),
    Manner("PL403", "select v in a b; do break; done\nread V"),
    Manner("PL403", "git checkout -p main"),
    Manner("PL409", "V=$ARGUMENTS"),
    Manner("PL409", "make release VERSION=$ARGUMENTS"),
    Manner("PL409", "echo version: $ARGUMENTS > v.txt"),
    Manner("PL701", "nats kv put cfg a//b 1\nnats kv put cfg 'a b' 1"),
    Manner("PL701", "nats kv del cfg 'x>y' -f"),
    Manner("PL702", "nats kv add a.b --ttl 1h"),
    Manner("PL703", "nats kv show cfg"),
    Manner("PL703", "nats kv put cfg a 1 --force"),
    Manner("PL704", "N=$(nats kv ls cfg | wc -l)\nnats kv info cfg | awk '/History/ {print $3}'"),
    Manner("PL305", logic='IF PLAN is empty:\n  WARN: "hm"\n  ERROR: "No plan"', only=LOGIC_LAYOUTS),
    Manner("PL401", text="If it is wrong:\n\nPROCEED to step 52", only=LOGIC_LAYOUTS),
    Manner("PL405", logic='IF A is empty:\n  STOP execution\n  PROVIDE: "x"', only=LOGIC_LAYOUTS),
    Manner("PL407", logic='IF A is empty:\nDISPLAY: "x"', only=LOGIC_LAYOUTS),
    Manner("PL803", logic='ERRROR: "x"', only=LOGIC_LAYOUTS),
)


@dataclass(frozen=True)
class Case:
    """One manner in one author's file."""

    manner: Manner
    author: str

    def is_found(self) -> bool:
        """Whether the rule speaks in the planted part; of front matter and of the whole file it may speak elsewhere."""
        path, text = LAYOUTS[self.author](f"{BEGIN}\n\n{self.manner.body()}\n\n{END}")
        source = SourceText(path, text)
        rule = all_rules()[self.manner.rule]
        found = findings(source, [rule], Project(self.manner.files))
        begin, end = text.index(BEGIN), text.index(END)
        return any(begin <= each.span.start <= end for each in found)


def cases() -> Iterator[Case]:
    """Each manner in each layout that it may stand in."""
    for manner in (*MANNERS, *LATER):
        for author in LAYOUTS:
            if author in manner.only:
                yield Case(manner, author)


def measured() -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]], list[Case]]:
    """How many were found of how many, by rule and by author, and those that were missed."""
    by_rule: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    by_author: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    missed = []
    for case in cases():
        found = case.is_found()
        for counts, key in ((by_rule, case.manner.rule), (by_author, case.author)):
            counts[key][0] += found
            counts[key][1] += 1
        if not found:
            missed.append(case)
    rules = {rule: (found, total) for rule, (found, total) in sorted(by_rule.items())}
    return rules, {author: (found, total) for author, (found, total) in by_author.items()}, missed


if __name__ == "__main__":
    rules, authors, absent = measured()
    print(table(rules))
    for name, (hit, of) in authors.items():
        print(f"{name:16} {hit:4} of {of:4}")
    for case in absent:
        print(f"missed: {case.manner.rule} {case.author}: {case.manner.body()[:90]!r}")

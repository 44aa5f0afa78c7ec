"""What ten authors write and nobody should be told of: traps in all layouts, and behind the call of a script."""

from __future__ import annotations

import pytest

from peerlint.lint.rules import all_rules
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings
from tests.lint.recall_authors import LAYOUTS

RULES = [rule for rule in all_rules().values() if not rule.preview]
FILES = {
    "docs/style.md": "Style.\n",
    "README.md": "Read me.\n",
    ".claude/agents/test-runner.md": "---\nname: test-runner\ndescription: Runs tests\n---\n",
}
#: Shell that is in order in a procedure.
SHELL = (
    "npm test\nnpm run build",
    'git add -A && git commit -m "Release" && git push',
    "git log --oneline -5 | cat\ngit diff --stat",
    "chmod +x scripts/run.sh\ncat scripts/run.sh\nls -l scripts/*.sh",
    "shellcheck scripts/run.sh\nbash -n scripts/run.sh\npython -m py_compile tools/a.py",
    'COUNT=$(grep -c todo a.md)\necho "$COUNT"',
    'COUNT=$(grep -c todo a.md || true)\necho "${COUNT:-0}"',
    "N=$(ls | wc -l || echo 0)",
    'set -e\nmake\necho "exit code: $?"',
    "make; RC=$?\nif [ $RC -ne 0 ]; then echo bad; fi",
    'make || RC=$?\necho "${RC:-0}"',
    "set -o pipefail\nmake | tee out.txt\nif [ $? -ne 0 ]; then echo bad; fi",
    "for i in $(seq 1 10); do curl -fs localhost && break; sleep 2; done",
    "timeout 60 bash -c 'until curl -fs localhost; do sleep 1; done'",
    'while read -r f; do wc -l "$f"; done < files.txt',
    'while IFS=, read -r a b; do echo "$a"; done <<< "$LIST"',
    'read -r FIRST < VERSION\necho "$FIRST"',
    "git rebase --continue\nGIT_EDITOR=true git commit --amend\ngit commit --amend --no-edit",
    "npm run dev &\nPID=$!\nsleep 3\nkill $PID",
    "gh issue view \"$ARGUMENTS\" --json title\necho '$ARGUMENTS'",
    "rg --files | head -3\nfind . -name '*.sh' | head",
    'TMP=$(mktemp)\ndate > "$TMP"\ncat "$TMP"\nrm "$TMP"',
    "date > /tmp/one.txt\ncat /tmp/one.txt",
    "jq -n --arg t \"$TITLE\" '{title: $t}' > n.json",
    'cat <<\'EOF\' > a.json\n{"a": "$B"}\nEOF',
    "echo '{\"a\": 1}' > a.json",
    "printf '%s\\n' \"$LINES\" > a.txt\nprintf '{\"n\": %d}\\n' 3",
    "ls -t | head -5\nls -la | head -1",
    "nats kv add builds --history=10 --replicas=1\nnats kv put builds last 7\nnats kv get builds last --raw",
    "nats kv add builds\nnats kv create builds lock me || echo 'someone else has it'",
    "nats kv add b\nnats kv get b a-b_c/d=e --raw",
    "test -d dist || mkdir dist\n[ -f .env ] || cp .env.example .env",
    "command -v jq >/dev/null || apt-get install -y jq",
    "git diff --quiet || git commit -am wip",
    "if ! npm test; then\n  echo 'tests fail, see above'\nfi",
    "(cd packages/core && npm test)",
    "(cd a && make) && (cd b && make)",
    "( set -e; cd a; make )\necho done",
    "X=5\necho $((X + 1))\n[[ $X -gt 3 ]] && echo many",
    'eval "$(ssh-agent -s)"\neval "$(direnv export bash)"',
    "rm -rf node_modules dist\nrm -f /tmp/x.$$",
    "pip install -r requirements.txt && pytest -q",
    "python manage.py migrate\npython -m http.server 8000\nnode -e 'console.log(1)'",
    "docker run --rm -v $PWD:/w img sh /w/run.sh",
    "kubectl get pods | grep -v Running || true",
    "gh pr checks 5 --watch\ngh run watch 7",
    "curl -fsSL https://example.org/x.json | jq .name",
    "source .venv/bin/activate\npython -m pytest",
    "x() { echo hi; }\nx",
    "awk '{ print $1 }' a.txt | sort | uniq -c\nsed -i 's/a/b/' a.md",
    '[ -n "$CI" ] && exit 0\ndate',
    "trap 'rm -f x' EXIT\ndate",
    "git stash push -m x\ngit checkout main\ngit restore --staged a.md\ngit reset HEAD a.md",
    "echo \"Error budget is fine\"\ngrep -n error log.txt || echo 'none in the log'",
    "nats kv add builds\nnats kv ls builds\nnats kv history builds a.b.c\nnats kv watch builds",
)
#: Text that speaks of scripts and shell and asks for none, or logic that is in order.
TEXT = (
    "The file `scripts/run.sh` holds what CI runs. Do not call it yourself.",
    "Read `scripts/run.sh` to see what happens.",
    "Never run `scripts/run.sh` by hand.",
    "Create `scripts/run.sh` with this content.",
    "CI runs `./scripts/run.sh` after each push.",
    "If the tests fail, stop and tell the user. Otherwise go on.",
    "Use the `general-purpose` subagent to look into it.",
    "See @docs/style.md and @README.md.",
    "| script | what |\n|---|---|\n| `scripts/a.sh` | starts it |",
    "Node.js, Next.js and Vue.js are in use; look into `src/app.js` and `lib/*.py`.",
    "Example:\n\n```bash\n./scripts/x.sh --flag\nexit 1\n```",
    "**Wrong:**\n\n```bash\ncat $ARGUMENTS || echo failed\n```",
    "The output looks like:\n\n```\n./scripts/x.sh: done\nexit 1\n```",
    "Write this into `deploy.sh`:\n\n```bash\n#!/bin/bash\nread -p 'sure? ' x\nexit 1\n```",
    "Ask the user to run `git rebase -i main` in their terminal.",
    "```yaml\nrun: ./scripts/x.sh $ARGUMENTS\n```",
    "```python\nimport os\nos.system('exit 1')\n```",
    "Wait for the user to answer.\n\nThen PROCEED to the next step.",
    "<notes>\nSome notes.\n</notes>\n\n<br>\n\nUse `<b>` for bold and <kbd>Enter</kbd>.",
    "- [ ] Run the tests\n- [x] Write the notes",
    "<make_logic>\n  CHECK: NATS server connectivity\n  IF server not responding:\n"
    '    ERROR: "No server"\n    PROVIDE: "Start it"\n    STOP execution\n  PROCEED to next step\n</make_logic>',
    'ACTION: Use test-runner subagent\nREQUEST: "Run the tests"\nWAIT: For the report',
)
#: Scripts that are in order behind a call.
SCRIPTS = (
    '#!/usr/bin/env bash\nset -euo pipefail\nusage() { echo "usage" >&2; exit 2; }\n[ $# -gt 0 ] || usage\nmake "$1"',
    'die() { echo "error: $*" >&2; exit 1; }\ncommand -v jq >/dev/null || die "no jq"',
    "if [ -t 0 ]; then read -p 'sure? ' a; fi",
    "while [ $# -gt 0 ]; do case $1 in -h) exit 0;; esac; shift; done",
    'TMP=$(mktemp -d)\ncleanup() { rm -rf "$TMP"; }\ntrap cleanup EXIT',
    'for f in *.md; do grep -q x "$f" || { echo "failed: $f"; FAIL=1; }; done\nexit ${FAIL:-0}',
)


def spoken(path: str, text: str, files: dict[str, str]) -> list[str]:
    found = findings(SourceText(path, text), RULES, Project({**FILES, **files}))
    return [f"{each.code} {each.message}" for each in found]


@pytest.mark.parametrize("author", LAYOUTS)
def test_what_is_in_order_is_not_spoken_of(author: str) -> None:
    for body in (*(f"```bash\n{code}\n```" for code in SHELL), *TEXT):
        path, text = LAYOUTS[author](body)
        assert spoken(path, text, {}) == [], body


@pytest.mark.parametrize("author", ["windows", "numbered", "cursor rule"])
def test_scripts_that_are_in_order_are_only_called(author: str) -> None:
    path, text = LAYOUTS[author]("Run `./scripts/x.sh` first.")
    for code in (*SHELL, *SCRIPTS):
        assert {said.split()[0] for said in spoken(path, text, {"scripts/x.sh": f"{code}\n"})} == {"PL101"}, code

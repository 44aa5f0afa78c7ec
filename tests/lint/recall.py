"""Recall: anti-patterns planted into clean files, and how many of them are found.

`python -m tests.lint.recall [SEEDS]` prints the table by rule. A plant is shell or logic with one known problem. It is
put into files of three dialects (Agent OS steps, a command with "Step N" headings, a subagent with numbered sections),
as a fence, as bare lines in a tag, and into a script that the file calls, with names made at random.
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from peerlint.lint.rules import all_rules
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings

CLEAN = Path(__file__).resolve().parents[2] / "fixtures" / "ok" / ".agent-os" / "instructions" / "release.md"
SCRIPT = ".agent-os/scripts/planted.sh"
PYTHON = ".agent-os/scripts/planted.py"
FENCE, BARE, BEHIND, LOGIC, TAGS, LINE, TWO, HEAD = "fence", "bare", "behind", "logic", "tags", "line", "two", "head"


@dataclass(frozen=True)
class Plant:
    """One anti-pattern: its rule, its code with `{names}` to fill in, and the forms in which it is planted.

    `two` is code for two calls, divided by a line with `---`; the second one is found.
    """

    rule: str
    code: str
    forms: tuple[str, ...] = (FENCE, BEHIND)


PLANTS = (
    Plant("PL101", "~/.agent-os/scripts/{name}.sh --{flag}", (FENCE,)),
    Plant("PL101", "bash scripts/{name}.sh {word}", (FENCE, BARE)),
    Plant("PL101", "python3 .agent-os/scripts/{name}.py", (FENCE, BARE)),
    Plant("PL101", "SCRIPT: ~/.agent-os/scripts/{name}.sh", (LINE,)),
    Plant("PL101", "STATE=$(node ~/.claude/flow/bin/{name}.cjs {word})", (FENCE,)),
    Plant("PL101", "uv run --with {word} scripts/{name}.py", (FENCE,)),
    Plant("PL101", 'bash "${{CLAUDE_PLUGIN_ROOT}}"/scripts/{name}.sh', (FENCE, BARE)),
    Plant("PL101", "Run `~/.agent-os/scripts/{name}.sh {word}` and keep what it prints.", (LINE,)),
    Plant("PL101", "Execute the script `./scripts/{name}.sh`.", (LINE,)),
    Plant("PL102", '{VAR}=$(nats kv get {word} {name} --raw)\nif [ -z "${VAR}" ]; then\n  echo "none"\nfi', (BARE,)),
    Plant("PL107", 'IF [ -z "${VAR}" ]; then\n  DISPLAY: "none"\nfi', (LOGIC,)),
    Plant("PL201", '{VAR}=$(git rev-parse HEAD)\n---\necho "${VAR}"', (TWO,)),
    Plant("PL201", "{VAR}={word}\ndate\n---\ngit checkout ${{{VAR}}}", (TWO,)),
    Plant("PL202", '{name}() {{ echo "$1"; }}\n---\n{name} {word}', (TWO,)),
    Plant("PL203", "git log > /tmp/{name}.txt\n---\ncat /tmp/{name}.txt", (TWO,)),
    Plant("PL203", "date | tee /tmp/{name}\n---\nX=$(cat /tmp/{name})", (TWO,)),
    Plant(
        "PL205",
        '{VAR}=$(nats kv get {word} {name} --raw)\nnats kv put {word} {name} "$(({VAR} + 1))"',
        (FENCE, BARE, BEHIND),
    ),
    Plant(
        "PL205",
        "{VAR}=$(nats kv get {word} {name} --raw)\nREV=$(nats kv get {word} {name} | tail -1)\n"
        'nats kv update {word} {name} "$(({VAR} + 1))" "$REV"',
    ),
    Plant("PL206", '{VAR}=$1\ncat > {name}.json <<EOF\n{{"{word}": "${VAR}"}}\nEOF'),
    Plant("PL208", "{VAR}=$(ls -t {word}/ | head -1)", (FENCE,)),
    Plant("PL301", 'if ! make {word}; then\n  echo "no"\n  exit 1\nfi', (FENCE,)),
    Plant("PL302", 'make {word}\necho "{name}"\nif [ $? -ne 0 ]; then echo no; fi'),
    Plant("PL302", "make {word} | tee {name}.log\nif [ $? -ne 0 ]; then echo no; fi"),
    Plant("PL303", 'make {word} || echo "Error: {name} failed"'),
    Plant(
        "PL304",
        '{VAR}=$(nats kv get {word} {name} --raw 2>/dev/null || echo "")\nif [ -z "${VAR}" ]; then date; fi',
        (FENCE,),
    ),
    Plant("PL206", 'nats kv put {word} {name} "{{\\"{word}\\": \\"${VAR}\\"}}"', (FENCE,)),
    Plant("PL306", "{VAR}=$(grep -c {word} {name}.md || echo 0)", (FENCE, BARE, BEHIND)),
    Plant("PL306", '{VAR}=$(git status --short | grep -ic {word} || echo "0")'),
    Plant("PL307", "cat {name}.txt | while read -r x; do\n  [ -f $x ] || exit 1\ndone"),
    Plant("PL308", "test -f {name}.md && echo FOUND || echo MISSING", (FENCE,)),
    Plant("PL401", "PROCEED to step 47", (LOGIC, LINE)),
    Plant("PL401", '<goto step="47"/>', (LINE,)),
    Plant("PL402", "while ! test -f {name}.done; do\n  sleep 5\ndone", (FENCE, BARE, BEHIND)),
    Plant("PL402", "until curl -s localhost/{word}; do sleep 2; done", (FENCE, BARE, BEHIND)),
    Plant("PL403", 'read -p "{word}? " {VAR}', (FENCE, BEHIND)),
    Plant("PL403", "git rebase -i HEAD~3", (FENCE, BEHIND)),
    Plant("PL403", "vim {name}.md", (FENCE, BEHIND)),
    Plant("PL403", "git add {word} && git commit", (FENCE, BEHIND)),
    Plant("PL404", "pkill -f {name}", (FENCE, BEHIND)),
    Plant("PL407", 'ELSE:\n  DISPLAY: "never seen"', (LOGIC,)),
    Plant("PL803", 'PROIVDE: "the {word}"', (LOGIC,)),
    Plant("PL802", 'DISPLAY: "{word}"\nIF key does not exist:\n  STOP execution', (LOGIC,)),
    Plant("PL801", "IF the {word} look convincing:\n  PROCEED to next step", (LOGIC,)),
    Plant("PL506", "```markdown\n# {word}\n\n```bash\ndate\n```\n\nmore\n```", (LINE,)),
    Plant("PL405", 'STOP execution\nDISPLAY: "never seen"', (LOGIC,)),
    Plant("PL409", "gh issue view $ARGUMENTS", (FENCE,)),
    Plant("PL409", 'for x in {word}/$ARGUMENTS/*.md; do\n  cat "$x"\ndone', (FENCE,)),
    Plant("PL409", "date > {word}/$ARGUMENTS.txt", (FENCE,)),
    Plant("PL410", "{VAR}=$(nats kv get {word} {name} --raw)\necho $(({VAR} + 1))"),
    Plant("PL305", 'IF {VAR} is empty:\n  ERROR: "No {word}"', (LOGIC,)),
    Plant("PL305", 'IF the {word} is missing:\n  ERROR: "No {word}"\n  PROVIDE: "Make one"', (LOGIC,)),
    Plant("PL501", "<{word}_notes>\nSome notes.", (LINE,)),
    Plant("PL603", "tools: Read, Write, Grep", (HEAD,)),
    Plant("PL701", 'nats kv put {word} "{name}:current" 5', (FENCE, BARE, BEHIND)),
    Plant("PL701", "nats kv get {word} {name}..x --raw"),
    Plant("PL701", "READ: {name}:current from {word} AS {VAR}", (LOGIC,)),
    Plant("PL701", 'CREATE: "{name}:lock" in {word} = "5"', (LOGIC,)),
    Plant("PL205", "READ: {name} from {word} AS {VAR}\nSTORE: {name} in {word} = {VAR}", (LOGIC,)),
    Plant("PL305", '<check if="{VAR} is empty">\n  <error>No {word}</error>\n</check>', (TAGS,)),
    Plant(
        "PL305",
        '<check field="{VAR}" in_values="a,b">\n  <on_failure><error>No {word}</error></on_failure>\n</check>',
        (TAGS,),
    ),
    Plant("PL401", '<check if="{VAR} is empty">\n  <goto step="47"/>\n</check>', (TAGS,)),
    Plant("PL702", "nats kv add {word} --history=100"),
    Plant("PL702", "nats kv add {word}.{name}"),
    Plant("PL703", "nats kv remove-all {word}"),
    Plant("PL703", "nats kv ls {word} --prefix={name}"),
    Plant("PL704", "nats kv info {word} | grep Replicas:"),
    Plant("PL706", "nats kv add {word} --replicas=3", (FENCE, BARE, BEHIND)),
)

#: The same in Python, for what a script does to NATS.
PYTHON_PLANTS = (
    Plant("PL701", 'import subprocess\nsubprocess.run(["nats", "kv", "put", "{word}", "{name}:current", "5"])'),
    Plant("PL701", 'async def f(js):\n    kv = await js.key_value("{word}")\n    await kv.get("{name}:current")'),
    Plant("PL702", 'import subprocess\nsubprocess.run(["nats", "kv", "add", "{word}", "--history=100"], check=True)'),
    Plant("PL703", 'import os\nos.system("nats kv remove-all {word}")'),
    Plant(
        "PL205",
        'import subprocess\nx = subprocess.check_output(["nats", "kv", "get", "{word}", "{name}", "--raw"])\n'
        'subprocess.run(["nats", "kv", "put", "{word}", "{name}", x])',
    ),
)


@dataclass(frozen=True)
class Case:
    """A clean file with one plant, and the rows on which its rule should speak."""

    rule: str
    how: str
    path: str
    text: str
    files: dict[str, str]

    def is_found(self) -> bool:
        """Whether the rule speaks in the planted part."""
        begin = self.text[: self.text.index(BEGIN)].count("\n") + 1
        end = self.text[: self.text.index(END)].count("\n") + 1
        source = SourceText(self.path, self.text)
        rows = [
            source.lines.position(d.span.start).row
            for d in findings(source, [all_rules()[self.rule]], Project(self.files))
        ]
        return any(begin <= row <= end for row in rows) or (self.how.startswith(HEAD) and bool(rows))


BEGIN, END = "<!-- planted -->", "<!-- end -->"
DIALECTS = ("agent-os", "command", "subagent")


def cases(seeds: range) -> Iterator[Case]:
    """Each plant in each of its forms and dialects, once per seed."""
    for seed in seeds:
        for plant in PLANTS:
            for form in plant.forms:
                # An instruction of Agent OS has no list of tools.
                for dialect in DIALECTS if form != HEAD else DIALECTS[1:]:
                    yield _case(plant, form, dialect, random.Random(f"{seed}{plant.code}{form}{dialect}"))
        for plant in PYTHON_PLANTS:
            for dialect in DIALECTS:
                yield _case(plant, PYTHON, dialect, random.Random(f"{seed}{plant.code}{dialect}"))


def _case(plant: Plant, form: str, dialect: str, chance: random.Random) -> Case:
    letters = "bcdfghklmnprstvz"
    name = "".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(3))
    word = "".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(2)) + "s"
    code = plant.code
    for wanted, value in (("name", name), ("word", word), ("VAR", name.upper()), ("flag", word)):
        code = code.replace("{" + wanted + "}", value)
    code = code.replace("{{", "{").replace("}}", "}")
    files: dict[str, str] = {}
    head = ""
    if form == HEAD:
        head, code, body = code, "date", _fenced("git status --short")
    elif form == FENCE:
        body = _fenced(code, indent=chance.choice(["", "", "  "]))
    elif form == TWO:
        first, second = code.split("\n---\n")
        body = f"{_fenced(first)}\n\nThen:\n\n{_fenced(second)}"
    elif form == BARE:
        body = "<read_operation>\n" + _indented(code) + "\n</read_operation>"
    elif form == LOGIC:
        body = f"<{word}_logic>\n" + _indented(code) + f"\n</{word}_logic>"
    elif form == TAGS:
        body = "<validation>\n" + _indented(code) + "\n</validation>"
    elif form in (BEHIND, PYTHON):
        path = SCRIPT if form == BEHIND else PYTHON
        files[path] = code + "\n"
        body = chance.choice(
            [_fenced(f"~/{path}"), f"Run `~/{path}` first.", f"<instructions>\n  SCRIPT: ~/{path}\n</instructions>"]
        )
    else:
        body = code
    # The steps of the clean file say what a failure means, so an exit in them would be no anti-pattern.
    clean_file = chance.random() < 0.5 and plant.rule != "PL301" and not head
    text, path = _file(dialect, f"{BEGIN}\n\n{body}\n\n{END}", head, word, chance if clean_file else None)
    return Case(plant.rule, f"{Path(form).suffix or form} {dialect}", path, text, files)


def _file(dialect: str, planted: str, head: str, word: str, clean_file: random.Random | None) -> tuple[str, str]:
    """A clean file with the planted text in one of its steps, and the path of such a file.

    `clean_file` chooses the step of the clean fixture; without it the file is a small one with three steps.
    """
    matter = f"---\nname: {word}\ndescription: Handles {word}\n{head}{chr(10) if head else ''}---\n\n"
    steps = ["Look at the branch.", planted, "Write the notes of the release."]
    if dialect == "agent-os" and clean_file is not None:
        clean = CLEAN.read_text()
        places = [found.start() for found in re.finditer(r"</step>", clean)][:-1]
        at = clean_file.choice(places)
        return clean[:at] + planted + "\n\n" + clean[at:], ".agent-os/instructions/core/x.md"
    if dialect == "agent-os":
        body = "".join(
            f'<step number="{n}" name="part_{n}">\n\n{step}\n\n</step>\n\n' for n, step in enumerate(steps, 1)
        )
        return f"{matter}# Release\n\n{body}", ".agent-os/instructions/core/x.md"
    if dialect == "command":
        body = "".join(f"## Step {n}: Part {n}\n\n{step}\n\n" for n, step in enumerate(steps, 1))
        return f"{matter}# Release\n\n{body}", ".claude/commands/x.md"
    body = "".join(f"### {n}. Part {n}\n\n{step}\n\n" for n, step in enumerate(steps, 1))
    return f"{matter}You handle {word}.\n\n## Workflow\n\n{body}", ".claude/agents/x.md"


def _fenced(code: str, indent: str = "") -> str:
    return "\n".join(indent + line for line in f"```bash\n{code}\n```".split("\n"))


def _indented(code: str) -> str:
    return "\n".join("  " + line for line in code.split("\n"))


def measured(seeds: range) -> tuple[dict[str, tuple[int, int]], list[Case]]:
    """For each rule how many plants were found of how many, and the cases that were missed."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    missed = []
    for case in cases(seeds):
        found = case.is_found()
        counts[case.rule][0] += found
        counts[case.rule][1] += 1
        if not found:
            missed.append(case)
    return {rule: (found, total) for rule, (found, total) in sorted(counts.items())}, missed


def table(counts: dict[str, tuple[int, int]]) -> str:
    """The counts by rule and in all, one line each."""
    found, total = (sum(pair[i] for pair in counts.values()) for i in (0, 1))
    rows = [f"{rule} {all_rules()[rule].name:24} {hit:5} of {of:5}" for rule, (hit, of) in counts.items()]
    return "\n".join([*rows, f"{'all rules':30} {found:5} of {total:5} ({found / total:.1%})"])


if __name__ == "__main__":
    result, absent = measured(range(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
    print(table(result))
    for missing in {(case.rule, case.how): case for case in absent}.values():
        print(f"missed: {missing.rule} as {missing.how}")

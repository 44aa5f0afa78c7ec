"""Rules see through a call: what a called script does counts for the step that calls it."""

from __future__ import annotations

import pytest

from peerlint.lint.diagnostics import Diagnostic
from peerlint.lint.engine import default_rules, lint
from peerlint.lint.rules import LintSettings, Profile
from peerlint.process.harness import Harness
from peerlint.source.text import SourceText
from tests.lint.laws import Project, check_laws

PATH = ".agent-os/instructions/core/a.md"
SCRIPTS = ".agent-os/scripts/"
CALL = '<step number="1" name="a">\n\n```bash\n~/.agent-os/scripts/{name}\n```\n\n</step>\n'
NEXT = '\n<step number="2" name="b">\n\nWrite the report.\n\n</step>\n'


def behind(
    name: str,
    script: str,
    text: str = CALL + NEXT,
    profile: Profile = Profile.COORDINATION,
    *,
    preview: bool = False,
    **others: str,
) -> list[Diagnostic]:
    """The findings of a file that calls the script, without PL101 and PL705; `others` are scripts, `_sh` for `.sh`."""
    files = {SCRIPTS + name: script} | {SCRIPTS + n.replace("_sh", ".sh"): code for n, code in others.items()}
    source = SourceText(PATH, text.replace("{name}", name))
    project = Project(files)
    check_laws(source, project)
    found = lint(project.read(source), LintSettings(default_rules(profile, preview=preview), {}, Harness.CLAUDE_CODE))
    return [d for d in found if d.code not in ("PL101", "PL705")]


@pytest.mark.parametrize(
    ("code", "script", "row"),
    [
        ("PL206", 'X=$1\necho "{\\"name\\": \\"$X\\"}"\n', 2),
        ("PL302", "make\necho done\nif [ $? -ne 0 ]; then echo no; fi\n", 3),
        ("PL303", 'make || echo "Error: make failed"\n', 1),
        ("PL306", "N=$(grep -c todo notes.md || echo 0)\n", 1),
        ("PL307", "cat list | while read -r x; do\n  exit 1\ndone\n", 2),
        ("PL402", "until nats kv ls; do\n  sleep 1\ndone\n", 1),
        ("PL403", 'echo "Which version?"\nread -p "> " VERSION\n', 2),
        ("PL403", "git add -A\ngit commit\n", 2),
        ("PL403", 'confirm() {\n  read -p "Go on? " ANSWER\n}\nconfirm\n', 2),
        ("PL403", 'case "${1:-}" in\n  "") vim notes.md ;;\nesac\n', 2),
        ("PL701", 'KEY="cycle:current"\nnats kv get state "$KEY" --raw\n', 2),
        ("PL702", "nats kv add state --history=100\n", 1),
        ("PL703", "nats kv drop state key\n", 1),
        ("PL704", "H=$(nats kv info state | grep History)\n", 1),
    ],
)
def test_what_is_wrong_in_a_script_is_said_at_its_call(code: str, script: str, row: int) -> None:
    (found,) = behind("a.sh", script)

    assert found.code == code
    assert found.path == PATH
    assert found.message.endswith(f"(line {row} of a.sh)")
    assert (found.related[0].path, found.related[0].position.row) == (SCRIPTS + "a.sh", row)


@pytest.mark.parametrize(
    "script",
    [
        "nats-server -js &\n",
        "date\n(cd web && npm start) &\n",
        "pkill -f nats-server\n",
        "killall -9 nats-server\n",
    ],
)
def test_what_a_script_leaves_running_or_ends_by_name_is_said_at_its_call(script: str) -> None:
    (found,) = behind("a.sh", script, preview=True)

    assert found.code == "PL404"
    assert found.message.endswith(f"(line {script.count(chr(10))} of a.sh)")


@pytest.mark.parametrize(
    "script",
    [
        "for i in 1 2 3; do nats kv ls && break; sleep 1; done\n",
        "timeout 60 bash -c 'until nats kv ls; do sleep 1; done'\n",
        "make &\nPID=$!\nwhile kill -0 $PID; do sleep 1; done\n",
        "make &\nmake docs &\nwait\n",
        "make &\nPID=$!\nwhile ps $PID; do sleep 1; done\n",
        "pkill -P $$\n",
        "git log | less\n",
        'while read -r line; do echo "$line"; done < notes.md\n',
        "if [ -t 0 ]; then\n  read -p 'Go on? ' ANSWER\nfi\n",
        "confirm() {\n  read -p 'Go on? ' ANSWER\n}\nmake\n",
        'case "$1" in\n  build) make ;;\n  edit) vim notes.md ;;\nesac\n',
        "MODE=${1:-build}\ncase $MODE in\n  build) make ;;\n  edit) vim notes.md ;;\n  *) exit 0 ;;\nesac\n",
        "git commit -m 'Build'\ngit commit \"$@\"\n",
        "echo 'read -p waits, and so does vim'\n",
    ],
)
def test_what_a_script_does_in_an_orderly_way_is_no_finding_of_its_call(script: str) -> None:
    text = CALL.replace("{name}", "{name} build") + NEXT

    assert behind("a.sh", script, text, preview=True) == []


@pytest.mark.parametrize("words", ["", " edit", ' "edit"', " --fast edit", " $MODE"])
def test_an_arm_counts_where_the_call_may_choose_it(words: str) -> None:
    script = 'case "${1:-edit}" in\n  build) make ;;\n  --fast|edit) vim notes.md ;;\nesac\n'

    (found,) = behind("a.sh", script, CALL.replace("{name}", "{name}" + words) + NEXT)

    assert (found.code, found.related[0].position.row) == ("PL403", 3)


@pytest.mark.parametrize("call", ["yes | {}", "echo y | {}", "{} --yes", "{} -y", "{} < answers.txt", "{} <<< y"])
def test_a_script_whose_call_gives_the_answers_waits_for_nobody(call: str) -> None:
    text = CALL.replace("~/.agent-os/scripts/{name}", call.format("~/.agent-os/scripts/{name}")) + NEXT

    assert behind("a.sh", 'read -p "Go on? " ANSWER\n', text) == []


def test_a_loop_of_a_script_that_is_left_running_holds_nobody_up() -> None:
    watch = "while true; do\n  date\n  sleep 60\ndone\n"
    text = CALL.replace("{name}", "{name} > watch.log 2>&1 &") + NEXT

    assert [d.code for d in behind("a.sh", watch, text)] == []
    assert [d.code for d in behind("a.sh", "~/.agent-os/scripts/b.sh &\n", b_sh=watch)] == []
    assert [d.code for d in behind("a.sh", "~/.agent-os/scripts/b.sh 2>&1 && date\n", b_sh=watch)] == ["PL402"]


@pytest.mark.parametrize(
    ("code", "script"),
    [
        ("PL701", 'import subprocess\nsubprocess.run(["nats", "kv", "put", "state", "cycle:current", "5"])\n'),
        ("PL701", "async def f(js):\n    kv = await js.key_value('state')\n    await kv.put(f'cycle:{n}', b'5')\n"),
        ("PL701", 'import os\nos.system("nats kv get state cycle:current --raw")\n'),
        ("PL702", 'import subprocess as s\ns.run(["nats", "kv", "add", "state", "--history=100"])\n'),
        ("PL703", 'import subprocess\nsubprocess.check_call(("nats", "kv", "drop", "state"))\n'),
    ],
)
def test_python_scripts_are_seen_through_too(code: str, script: str) -> None:
    (found,) = behind("a.py", script)

    assert found.code == code
    assert found.related[0].path == SCRIPTS + "a.py"


def test_scripts_that_scripts_call_are_seen() -> None:
    (found,) = behind("a.sh", "bash ~/.agent-os/scripts/b.sh\n", b_sh="nats kv get state cycle:current\n")

    assert (found.code, found.related[0].path) == ("PL701", SCRIPTS + "b.sh")


def test_scripts_that_call_each_other_end() -> None:
    loop = "~/.agent-os/scripts/{}\n"

    assert behind("a.sh", loop.format("b.sh"), b_sh=loop.format("a.sh")) == []


def test_one_cause_is_one_finding_though_it_stands_at_two_lines_and_is_called_twice() -> None:
    script = "nats kv get state cycle:current --raw\nnats kv history state cycle:current\n"
    twice = CALL + CALL.replace('"1"', '"2"').replace('"a"', '"b"')

    assert [d.code for d in behind("a.sh", script, twice)] == ["PL701"]


def test_exit_codes_of_a_script_are_told_by_one_rule() -> None:
    script = "make || exit 3\n"

    assert behind("a.sh", script) == []
    assert [d.code for d in behind("a.sh", script, profile=Profile.BUGS)] == ["PL301"]


def test_what_two_calls_of_one_line_share_is_no_hand_over_between_calls() -> None:
    text = CALL.replace("{name}", "a.sh && ~/.agent-os/scripts/b.sh")

    assert behind("a.sh", "date > /tmp/x.txt\n", text, b_sh="cat /tmp/x.txt\n") == []


@pytest.mark.parametrize("script", ["def (\n", "", "\x00", "(" * 5000, "x = 1\n"])
def test_what_is_no_python_says_nothing(script: str) -> None:
    assert behind("a.py", script) == []


def test_a_key_behind_a_call_is_a_persons_to_mend_in_all_places() -> None:
    text = CALL + NEXT.replace("Write the report.", "```bash\nnats kv put state cycle:current 5\n```")
    script = "nats kv get state cycle:current --raw\n"

    messages = [d.fix.message for d in behind("a.sh", script, text) if d.fix is not None and d.code == "PL701"]

    assert messages == ['Use dots, "cycle.current", in every place: line 12, line 1 of .agent-os/scripts/a.sh'] * 2

"""Bad input: one clear line that says what is wrong and what to do, the right exit code, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import Finished, clean_environment, peerlint

PROCESS = """\
---
description: Greet
---

<process_flow>

<step number="1" name="greeting">

### Step 1: Greeting

<greeting_logic>
  STORE: peer.greeting in app-state = "Hello"
  DISPLAY: "Hello"
</greeting_logic>

</step>

</process_flow>
"""

EFFECT = '  STORE: peer.greeting in app-state = "Hello"\n'

LEGACY = """\
---
description: Check
---

<process_flow>

<step number="1" name="nats_check">

### Step 1: NATS

```bash
if ! nats kv ls > /dev/null 2>&1; then
  echo "NATS is away"
  exit 1
fi
echo "NATS is there"
```

</step>

</process_flow>
"""

SHELL = LEGACY[LEGACY.index("```bash") : LEGACY.index("</step>")]
LOGIC = """\
<validation_logic>
  CHECK: NATS server connectivity
  IF server not responding:
    ERROR: "NATS is away"
    STOP execution
  DISPLAY: "NATS is there"
</validation_logic>

"""
MIGRATED = LEGACY.replace(SHELL, LOGIC)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own: the marker keeps discovery from climbing out of the temporary folder."""
    root = tmp_path / "project"
    (root / ".agent-os/instructions").mkdir(parents=True)
    return root


def write(project: Path, text: str | bytes, name: str = "greet.md") -> str:
    """Writes an instruction file; returns its path relative to the project."""
    relative = f".agent-os/instructions/{name}"
    content = text if isinstance(text, bytes) else text.encode()
    (project / relative).write_bytes(content)
    return relative


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "explain", "run", "prove"])
def test_missing_file(command: str, project: Path) -> None:
    done = peerlint(command, "nowhere.md", cwd=project)
    assert done.code == 2
    assert "nowhere.md" in done.complaint


def test_folder_without_instruction_files(project: Path) -> None:
    (project / "notes").mkdir()
    (project / "notes/todo.txt").write_text("nothing to see\n", encoding="utf-8")
    done = peerlint("check", "notes", cwd=project)
    assert done.code == 0
    assert done.out == "No instruction files found here; nothing was checked.\n"


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02PNG\xff\xfe\x00", b"\xff\xfe\x00\xd8" * 30], ids=["bytes", "no-utf-8"]
)
def test_binary_file(content: bytes, project: Path) -> None:
    name = write(project, content, "blob.md")
    done = peerlint("check", name, cwd=project)
    assert done.code == 2
    assert "blob.md" in done.complaint


def test_file_that_is_too_large(project: Path) -> None:
    name = write(project, "x" * (2 * 1024 * 1024 + 1), "large.md")
    done = peerlint("check", name, cwd=project)
    assert done.code == 2
    assert "large.md" in done.complaint


@pytest.mark.parametrize("content", ["\0" * 9, "x" * (2 * 1024 * 1024 + 1)], ids=["binary", "too large"])
def test_input_that_is_refused_as_a_file_is(content: str, project: Path) -> None:
    done = peerlint("check", "-", "--stdin-filename", ".claude/commands/x.md", cwd=project, stdin=content)
    assert done.code == 2
    assert "x.md" in done.complaint


@pytest.mark.parametrize("arguments", [("check",), ("check", "-", "--stdin-filename"), ("explain",)])
@pytest.mark.parametrize("name", ["a" * 5000 + ".md", "a/" * 5000 + "x.md"], ids=["name", "path"])
def test_a_name_that_no_file_can_have(arguments: tuple[str, ...], name: str, project: Path) -> None:
    done = peerlint(*arguments, name, cwd=project, stdin="# A\n")
    assert done.code == 2
    assert "too long" in done.complaint


def test_an_empty_name_is_no_folder(project: Path) -> None:
    done = peerlint("check", "", cwd=project)
    assert done.code == 2
    assert "empty" in done.complaint


#: Texts that one reader or one rule could take long for, by the square of their length.
HOSTILE = {
    "comments that nobody closes": "x " + "<!-- " * 300_000 + "\n",
    "one comment behind many that nobody closes": "x " + "<!-- " * 300_000 + "\n\n-->\n",
    "comments that accept nothing": "<!-- peerlint: ignore[PL101] none -->\n" * 30_000 + "\nRun it.\n",
    "tags that nobody closes": "\n".join(f"<a{n}>" for n in range(10_000)) + "\n",
    "tags in a line that do not end": "<a" * 200_000 + "\n",
    "blanks in a line": "IF" + " " * 1_000_000 + "x:\n",
    "keys with a colon": "".join(f"```bash\nnats kv put b a:{n} 1\n```\n\n" for n in range(1500)),
    "a condition of a thousand words": "<a_logic>\nIF " + "A is empty AND " * 5000 + ":\n  STOP\n</a_logic>\n",
    "fences": "```bash\nfoo\n```\n\n" * 40_000,
    "fences before tags that do not end in their line": "```\n```\n" * 40_000 + "\n" + "<a\n" * 60_000,
    "bare lines that set a variable": "A=1\n| \n" * 30_000,
    "headings with bare lines": "A=1\n# Step 1\n" * 4_000,
    "code spans that nobody closes": "``py\nA=1\n" * 30_000,
    "calls that read what the one before has set": "".join(
        f"```bash\nA{n}=$(date)\necho $A{n - 1}\n```\n\n" for n in range(3000)
    ),
    "here-documents that nobody closes": "```bash\n" + "".join(f"cat <<E{n}\n" for n in range(16_000)) + "```\n",
    "files that the next call reads": "".join(
        f"```bash\necho a > /tmp/f{n}.txt\n```\n\n```bash\ncat /tmp/f{n}.txt\n```\n\n" for n in range(800)
    ),
    "tests in tests": "<a_logic>\nIF " + "(" * 5000 + "A is empty" + ")" * 5000 + ":\n  STOP\n</a_logic>\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_text_made_to_be_slow(text: str, project: Path) -> None:
    name = write(project, f'<step number="1" name="a">\n\n{text}\n</step>\n')
    arguments = ("check", "--preview", "--profile", "proved", "--output-format", "concise", name)
    done = peerlint(*arguments, cwd=project, seconds=60)
    assert done.code in (0, 1)
    assert done.err == ""
    assert max(map(len, done.out.splitlines())) < 500


@pytest.mark.parametrize(
    "value",
    ["[" * 10_000, "a: " * 10_000, "&a [*a]", "{" * 5000, f"[{'b: {c: d}, ' * 100_000}]"],
    ids=["lists", "keys", "self", "maps", "many maps"],
)
def test_front_matter_made_to_break_its_reader(value: str, project: Path) -> None:
    name = write(project, f"---\ndescription: {value}\n---\n\nDo it.\n")
    done = peerlint("check", "--output-format", "concise", name, cwd=project, seconds=60)
    assert done.code in (0, 1)
    assert done.err == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe(project: Path) -> None:
    os.mkfifo(project / "pipe.md")
    done = peerlint("check", "pipe.md", cwd=project, seconds=20)
    assert done.code == 2
    assert "pipe.md" in done.complaint


def test_link_out_of_the_project(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text(PROCESS, encoding="utf-8")
    (project / ".agent-os/instructions/link.md").symlink_to(tmp_path / "outside.md")
    done = peerlint("check", ".agent-os/instructions/link.md", cwd=project)
    assert done.code == 2
    assert "link.md" in done.complaint


def test_link_in_a_circle(project: Path) -> None:
    (project / "loop.md").symlink_to(project / "loop.md")
    done = peerlint("check", "loop.md", cwd=project)
    assert done.code == 2
    assert "loop.md" in done.complaint


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads every file")
def test_file_that_may_not_be_read(project: Path) -> None:
    name = write(project, PROCESS)
    (project / name).chmod(0)
    done = peerlint("check", name, cwd=project)
    assert done.code == 2
    assert "greet.md" in done.complaint


def test_broken_front_matter_is_a_finding(project: Path) -> None:
    name = write(project, PROCESS.replace("description: Greet", "description: [Greet\nname: }"))
    done = peerlint("check", "--output-format", "concise", name, cwd=project)
    assert done.code == 1
    assert "PL504" in done.out
    assert "Traceback" not in done.err


def test_unbalanced_tags_are_a_finding(project: Path) -> None:
    name = write(project, PROCESS.replace("</step>", ""))
    done = peerlint("check", "--output-format", "concise", name, cwd=project)
    assert done.code == 1
    assert "PL501" in done.out


# --- what is asked for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["check", "--select", "PL1O1", "."], "PL101"),
        (["check", "--output-format", "jsno", "."], "jsno"),
        (["check", "--profile", "everything", "."], "everything"),
        (["check", "--no-such-option", "."], "--no-such-option"),
        (["check", "--config", "nowhere.yaml", "."], "nowhere.yaml"),
        (["rule", "PL999"], "PL999"),
        (["explain"], "FILE"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_wrong_usage(arguments: list[str], named: str, project: Path) -> None:
    write(project, PROCESS)
    done = peerlint(*arguments, cwd=project)
    assert done.code == 2
    assert named in done.complaint


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ("selct: [PL101]\n", "select"),
        ("profile: everything\n", "everything"),
        ("select: PL101: x\n", ".peerlint.yaml"),
        ("- one\n- two\n", ".peerlint.yaml"),
        ("required-version: '>=999'\n", "999"),
        ("5: 3\n", '"5"'),
        ("? [a]\n: b\n", ".peerlint.yaml"),
        ("severity:\n  PL101: [a]\n", "severity.PL101"),
        ("severity:\n  5: error\n", '"5"'),
        ("profile: {a: b}\n", "profile"),
        ("per-file-ignores:\n  5: [5]\n", "per-file-ignores"),
        ("extend: 5\n", "extend"),
        ('extend: "\\0"\n', "extend"),
        ('rules: ["\\ud800"]\n', "rules"),
        ("a: &a [x, x]\nb: [*a, *a]\n", "aliases"),
        ("a: " + "[" * 5000 + "\n", "deeper"),
        ("profile: !!python/object/apply:os.system [ls]\n", ".peerlint.yaml:1"),
    ],
)
def test_broken_config(config: str, named: str, project: Path) -> None:
    write(project, PROCESS)
    (project / ".peerlint.yaml").write_text(config, encoding="utf-8")
    done = peerlint("check", ".", cwd=project)
    assert done.code == 2
    assert named in done.complaint


# --- what is run -----------------------------------------------------------------------------------------------------


def test_nats_away(project: Path) -> None:
    name = write(project, PROCESS)
    done = peerlint("run", name, "--nats", "nats://127.0.0.1:9", cwd=project, seconds=30)
    assert done.code == 1
    assert "127.0.0.1:9" in done.out + done.err
    assert "Traceback" not in done.out + done.err


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ("subagents: [\n", "answers.yaml"),
        ("- one\n", "answers.yaml"),
        ("subagnets: {peer-planner: ok}\n", "subagents"),
        ("inputs: 3\n", "inputs"),
        ("a: &a [1]\nb: *a\n", "answers.yaml"),
    ],
)
def test_broken_answers_file(answers: str, named: str, project: Path) -> None:
    name = write(project, PROCESS)
    (project / "answers.yaml").write_text(answers, encoding="utf-8")
    done = peerlint("run", name, "--answers", "answers.yaml", cwd=project)
    assert done.code == 2
    assert named in done.complaint


def test_missing_answers_file(project: Path) -> None:
    name = write(project, PROCESS)
    done = peerlint("run", name, "--answers", "nowhere.yaml", cwd=project)
    assert done.code == 2
    assert "nowhere.yaml" in done.complaint


def test_answer_that_nobody_gives(project: Path) -> None:
    name = write(project, PROCESS.replace(EFFECT, '  ASK: "Go on?" AS ANSWER\n'))
    done = peerlint("run", name, cwd=project)
    assert done.code == 2
    assert "Go on?" in done.out + done.err


def without(tools: tuple[str, ...], folder: Path) -> dict[str, str]:
    """A PATH on which `tools` cannot be found and everything else can."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for tool in Path(place).glob("*") if Path(place).is_dir() else ():
            link = folder / tool.name
            if tool.name not in tools and not link.exists() and not link.is_symlink():
                link.symlink_to(tool)
    return {"PATH": str(folder)}


def test_no_bash(project: Path, tmp_path: Path) -> None:
    name = write(project, LEGACY)
    shutil.copytree(project, tmp_path / "before")
    write(project, MIGRATED)
    path = without(("bash", "bwrap"), tmp_path / "bin")
    done = peerlint("prove", name, "--against", tmp_path / "before" / name, "--execute", "host", cwd=project, env=path)
    assert done.code == 2
    assert "bash" in done.complaint


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
def test_no_sandbox(project: Path, tmp_path: Path) -> None:
    name = write(project, LEGACY)
    shutil.copytree(project, tmp_path / "before")
    bubblewrap = shutil.which("bwrap")
    hide = [] if bubblewrap is None else [bubblewrap, "--dev-bind", "/", "/", "--ro-bind", "/dev/null", bubblewrap]
    if hide and subprocess.run([*hide, "true"], check=False).returncode != 0:
        pytest.skip("user namespaces are not allowed here, so bubblewrap cannot be hidden by itself")
    write(project, MIGRATED)
    original = str(tmp_path / "before" / name)
    done = subprocess.run(
        [*hide, sys.executable, "-m", "peerlint", "prove", name, "--against", original, "--execute", "sandbox"],
        cwd=project,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    complaint = Finished(done.returncode, done.stdout, done.stderr).complaint
    assert done.returncode == 2
    assert "bubblewrap" in complaint
    assert "--execute host" in complaint


def test_no_original(project: Path) -> None:
    name = write(project, MIGRATED)
    done = peerlint("prove", name, cwd=project)
    assert done.code == 2
    assert "original" in done.complaint


def test_config_that_is_no_file_is_not_passed_over(project: Path) -> None:
    write(project, PROCESS)
    (project / ".peerlint.yaml").mkdir()
    done = peerlint(".", cwd=project)
    assert (done.code, done.complaint.count("\n")) == (2, 0)
    assert ".peerlint.yaml: is no config that can be read; make it a file, or remove it" in done.complaint
    (project / ".peerlint.yaml").rmdir()
    (project / ".peerlint.yaml").symlink_to("nowhere.yaml")
    assert peerlint(".", cwd=project).code == 2


def test_config_under_another_name_is_not_passed_over(project: Path) -> None:
    write(project, PROCESS)
    (project / ".peerlint.yml").write_text("select: [PL1]\n")
    done = peerlint(".", cwd=project)
    assert done.code == 2
    assert ".peerlint.yml: is no config that can be read; call it .peerlint.yaml" in done.complaint
    (project / ".peerlint.yml").unlink()
    (project / "pyproject.toml").write_text("[tool]\npeerlint = 3\n")
    done = peerlint(".", cwd=project)
    assert (done.code, '"tool.peerlint" must be a table' in done.complaint) == (2, True)


@pytest.mark.skipif(sys.platform != "linux", reason="a path that is too long is another one elsewhere")
@pytest.mark.parametrize("command", [("check",), ("prove", "--check")])
def test_a_folder_that_cannot_be_listed_is_named(project: Path, command: tuple[str, ...]) -> None:
    write(project, PROCESS)
    opened = os.open(project, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=opened)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = below
    os.close(opened)
    done = peerlint(*command, ".", cwd=project)
    assert done.code == 2
    assert "the folder cannot be listed: File name too long" in done.complaint
    shutil.rmtree(project / ("d" * 200))


@pytest.mark.parametrize("arguments", [("graph",), ("explain",), ("run", "--dry-run")])
def test_a_folder_where_a_file_is_wanted(project: Path, arguments: tuple[str, ...]) -> None:
    done = peerlint(*arguments, ".agent-os", cwd=project)
    assert (done.code, done.complaint) == (2, "peerlint: .agent-os: is a folder; name one instruction file")


@pytest.mark.parametrize("arguments", [("check",), ("explain",), ("graph",), ("run",), ("prove",)])
def test_a_path_that_is_not_there(project: Path, arguments: tuple[str, ...]) -> None:
    done = peerlint(*arguments, "gone.md", cwd=project)
    assert done.code == 2
    assert done.complaint.startswith("peerlint: gone.md: no such file")
    assert done.complaint.endswith("; check the path")


@pytest.mark.parametrize("arguments", [("check",), ("check", "--diff"), ("explain",), ("graph",), ("run",), ("prove",)])
def test_a_file_that_may_not_be_read(project: Path, arguments: tuple[str, ...]) -> None:
    path = project / ".agent-os/instructions/x.md"
    path.write_text(PROCESS, encoding="utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    done = peerlint(*arguments, ".agent-os/instructions/x.md", cwd=project)
    assert done.code == 2
    assert done.complaint == "peerlint: .agent-os/instructions/x.md: may not be read; check the permissions"


def test_a_file_in_utf_16(project: Path) -> None:
    path = project / ".agent-os/instructions/x.md"
    path.write_bytes(PROCESS.encode("utf-16"))
    done = peerlint(".agent-os/instructions/x.md", cwd=project)
    assert done.code == 2
    assert done.complaint == "peerlint: .agent-os/instructions/x.md: is UTF-16; save it as UTF-8"


def test_two_anchors_of_one_name_are_no_complaint(project: Path) -> None:
    path = project / ".agent-os/instructions/x.md"
    path.write_text("---\nname: &a [x, 'y']\nother: &a [z]\nlast: *a\n---\n\n# X\n", encoding="utf-8")
    done = peerlint(".agent-os/instructions/x.md", cwd=project)
    assert (done.code, done.err) == (0, "")


def test_answers_a_store_and_a_certificate_that_are_not_there_are_said_in_words(project: Path) -> None:
    file = ".agent-os/instructions/x.md"
    (project / file).write_text(PROCESS, encoding="utf-8")
    (project / "taken").write_text("", encoding="utf-8")
    for arguments, said in (
        (
            ("run", "--answers", "gone.yaml", file),
            "gone.yaml: cannot be read: no such file or directory; check --answers",
        ),
        (("run", "--answers", ".", file), ".: cannot be read: is a directory; check --answers"),
        (("run", "--store", "taken", file), "--store taken: is no folder; give a folder that can be written"),
        (("prove", "--replay", file), f"{file}: has no certificate; run peerlint prove with --against REV"),
    ):
        done = peerlint(*arguments, cwd=project)
        assert done.code == 2
        assert done.err.splitlines()[-1] == f"peerlint: {said}"


@pytest.mark.parametrize(
    ("word", "todo"),
    [
        ("expalin", 'check the path, or did you mean "peerlint explain"?'),
        ("chek", 'check the path, or did you mean "peerlint check"?'),
        ("rules", 'check the path, or did you mean "peerlint rule"?'),
        ("lint", "check the path"),
        ("docs", "check the path"),
        ("./chek", "check the path"),
    ],
)
def test_a_first_word_that_is_no_path_may_be_a_misspelt_command(tmp_path: Path, word: str, todo: str) -> None:
    done = peerlint(word, ".", cwd=tmp_path)
    assert (done.code, done.complaint) == (2, f"peerlint: {word.removeprefix('./')}: no such file or folder; {todo}")


def test_a_later_path_is_not_taken_for_a_command(tmp_path: Path) -> None:
    done = peerlint(".", "chek", cwd=tmp_path)
    assert (done.code, done.complaint) == (2, "peerlint: chek: no such file or folder; check the path")

"""However a step calls a script: the call is seen, the script is found in the project, and what it does is said there.

With real files, since where a reference leads depends on folders and links.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from peerlint.lint.diagnostics import Diagnostic
from peerlint.lint.engine import LintSettings, default_rules, lint
from peerlint.process.build import build
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.project import Project
from peerlint.source.text import SourceText

SKILL = ".claude/skills/release/SKILL.md"
BAD_KEY = "nats kv get state cycle:current --raw\n"
BAD_KEY_PYTHON = 'import subprocess\nsubprocess.run(["nats", "kv", "put", "state", "cycle:current", "5"])\n'
TEXT = """---
name: release
description: Makes a release
---

## Step 1: Check

```bash
{form}
```

## Step 2: Report

Write the notes.
"""


def project(root: Path, files: dict[str, str]) -> Project:
    """A project with these files."""
    for name, text in {".git/HEAD": "x", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Project.at(root)


def found_in(project: Project, name: str, text: str) -> list[Diagnostic]:
    """The findings of a file of the project."""
    file = project.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    document = parse(SourceText(name, text))

    def resolve(reference: str) -> SourceText | None:
        path = project.resolve(reference, file)
        return SourceText(project.relative(path), path.read_text()) if path is not None else None

    return lint(build(document, kind_of(name, document), resolve), LintSettings(default_rules()), project.facts)


@pytest.mark.parametrize(
    "form",
    [
        "scripts/x.sh",
        "./scripts/x.sh now",
        "bash -e scripts/x.sh",
        "sh -c 'scripts/x.sh now'",
        "source scripts/x.sh",
        ". scripts/x.sh",
        "cd scripts && ./x.sh",
        "OUT=$(bash scripts/x.sh)",
        "timeout 30s bash scripts/x.sh",
        "if ! nohup bash scripts/x.sh; then echo late; fi",
        "${CLAUDE_PLUGIN_ROOT}/scripts/x.sh",
        'bash "${CLAUDE_PLUGIN_ROOT}"/scripts/x.sh',
        "${CLAUDE_SKILL_DIR}/scripts/x.sh",
        "{baseDir}/scripts/x.sh",
        "<skill-dir>/scripts/x.sh",
        "SKILL_DIR/scripts/x.sh",
        'D=scripts; bash "$SCRIPT_DIR/x.sh"',
        "~/.claude/skills/release/scripts/x.sh",
        "python3 -u scripts/y.py",
        "uv run scripts/y.py",
        "uv run --with httpx scripts/y.py",
        "poetry run python scripts/y.py",
        "echo '{}' | python3 scripts/y.py",
    ],
)
def test_what_a_script_does_is_said_at_its_call(tmp_path: Path, form: str) -> None:
    folder = ".claude/skills/release/scripts"
    here = project(tmp_path, {f"{folder}/x.sh": BAD_KEY, f"{folder}/y.py": BAD_KEY_PYTHON})

    codes = {d.code: d for d in found_in(here, SKILL, TEXT.replace("{form}", form))}

    assert {"PL101", "PL701"} <= set(codes)
    assert codes["PL701"].related[0].path.startswith(f"{folder}/")


@pytest.mark.parametrize(
    "form",
    ["cat scripts/x.sh", "chmod +x scripts/x.sh", "python -m pytest scripts/y.py", "git add scripts/x.sh", "# x.sh"],
)
def test_a_script_that_is_not_run_is_not_looked_into(tmp_path: Path, form: str) -> None:
    folder = ".claude/skills/release/scripts"
    here = project(tmp_path, {f"{folder}/x.sh": BAD_KEY, f"{folder}/y.py": BAD_KEY_PYTHON})

    assert found_in(here, SKILL, TEXT.replace("{form}", form)) == []


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("a.sh", 'source "$(dirname "$0")/inner/b.sh"\n'),
        ("a.sh", 'SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\n. "$SCRIPT_DIR/inner/b.sh"\n'),
        ("a.sh", '. "${BASH_SOURCE%/*}/inner/b.sh"\n'),
        ("a.py", 'import subprocess, sys\nsubprocess.run(["bash", "scripts/inner/b.sh"], check=True)\n'),
        ("a.py", 'import subprocess, sys\nsubprocess.run([sys.executable, "scripts/inner/c.py"])\n'),
    ],
)
def test_scripts_beside_a_script_are_found(tmp_path: Path, name: str, script: str) -> None:
    folder = ".claude/skills/release/scripts"
    inner = {f"{folder}/inner/b.sh": BAD_KEY, f"{folder}/inner/c.py": BAD_KEY_PYTHON}
    here = project(tmp_path, {f"{folder}/{name}": script, **inner})

    found = found_in(here, SKILL, TEXT.replace("{form}", f"scripts/{name}"))

    assert [d.related[0].path for d in found if d.code == "PL701"] == [
        f"{folder}/inner/{'c.py' if 'c.py' in script else 'b.sh'}"
    ]


@pytest.mark.parametrize("form", ["scripts/x.sh", "../../../../outside/x.sh", "{outside}/x.sh", "~/outside/x.sh"])
def test_scripts_outside_the_project_are_never_read(tmp_path: Path, form: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.sh").write_text(BAD_KEY)
    here = project(tmp_path / "repo", {"README.md": ""})
    folder = here.root / ".claude" / "skills" / "release" / "scripts"
    folder.mkdir(parents=True)
    (folder / "x.sh").symlink_to(outside / "x.sh")

    codes = {d.code for d in found_in(here, SKILL, TEXT.replace("{form}", form.replace("{outside}", str(outside))))}

    assert codes == {"PL101"}


NEUTRAL = (
    "---\nname: pages\ndescription: Publishes pages\n---\n\n# Pages\n\nPublishes pages.\n\n## Converting\n\n{text}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "Run the conversion script:\n\n```bash\n# first the slides\npython3 SKILL_DIR/scripts/convert.py IN OUT\n```",
        "If the deck has notes, use the bundled script:\n\n```sh\nscripts/notes.sh deck.pptx\n```",
        "1. Ask for the deck.\n2. Then run:\n\n   ```bash\n   bash scripts/convert.sh deck.pptx\n   ```",
        "Run: `bash scripts/convert.sh deck.pptx`",
        "Install the requirements first.\n\n1. Run `scripts/inspect.py <deck>` for a report.\n2. Read it.",
        "**Convert:** run `python scripts/convert.py deck.pptx`",
        "3. **Convert**: run `uv run scripts/convert.py deck.pptx` and read the JSON.",
    ],
)
def test_a_skill_that_tells_to_run_its_script_calls_it(tmp_path: Path, text: str) -> None:
    found = found_in(project(tmp_path, {}), SKILL, NEUTRAL.replace("{text}", text))

    assert [d.code for d in found] == ["PL101"]


@pytest.mark.parametrize(
    "text",
    [
        "The converter takes these options:\n\n```bash\npython3 scripts/convert.py --width 800\n```",
        "Run the tests:\n\n```bash\nnpm test -- src/a.test.ts\n```",
        "Run it in the browser:\n\n```ts\nimport { run } from './scripts/run.ts'\n```",
        "Never run `bash scripts/convert.sh` by hand.",
        "### Usage\n\nRun the conversion script:\n\n```bash\npython3 scripts/convert.py IN OUT\n```",
        "### Examples\n\nRun `scripts/convert.sh deck.pptx`.",
    ],
)
def test_a_skill_that_describes_its_script_does_not_call_it(tmp_path: Path, text: str) -> None:
    assert found_in(project(tmp_path, {}), SKILL, NEUTRAL.replace("{text}", text)) == []


COMMAND = "---\ndescription: Status\n---\n\n## Context\n\n- State: !`{form}`\n\n## Task\n\nReport it.\n"


def test_what_the_harness_runs_before_the_agent_reads_is_a_call(tmp_path: Path) -> None:
    here = project(tmp_path, {".claude/scripts/x.sh": BAD_KEY})

    found = found_in(here, ".claude/commands/status.md", COMMAND.replace("{form}", "~/.claude/scripts/x.sh $ARGUMENTS"))

    assert {d.code for d in found} == {"PL101", "PL409", "PL701", "PL705"}


@pytest.mark.parametrize("text", ["Use `!`, or `x!`.", "Type `! bash scripts/x.sh`.", "- Branch: !`git branch`"])
def test_other_code_with_an_exclamation_mark_is_none(tmp_path: Path, text: str) -> None:
    assert found_in(project(tmp_path, {}), ".claude/commands/status.md", f"## Task\n\n{text}\n") == []


def test_calls_outside_of_numbered_steps_are_calls_too(tmp_path: Path) -> None:
    text = (
        "## Quick check\n\n```bash\ntest -f $ARGUMENTS/a.md\nROOT=$(git rev-parse HEAD)\n```\n\n"
        "Then run `bash scripts/a.sh`.\n\n### 1. Build\n\nBuild it.\n\n### 2. Tag\n\n```bash\ngit tag $ROOT\n```\n\n"
        "## Otherwise\n\n```bash\npython3 scripts/b.py\n```\n"
    )

    found = found_in(project(tmp_path, {}), ".claude/commands/ship.md", text)

    assert [(d.code, text[d.span.start : d.span.end]) for d in found] == [
        ("PL409", "$ARGUMENTS"),
        ("PL101", "scripts/a.sh"),
        ("PL201", "$ROOT"),
        ("PL101", "scripts/b.py"),
    ]


def test_what_a_call_outside_of_steps_does_is_seen(tmp_path: Path) -> None:
    text = "Run `bash tools/a.sh`.\n\n### 1. Build\n\nBuild it.\n\n### 2. Tag\n\nTag it.\n"

    found = {d.code: d for d in found_in(project(tmp_path, {"tools/a.sh": BAD_KEY}), ".claude/commands/a.md", text)}

    assert set(found) == {"PL101", "PL701", "PL705"}
    assert found["PL101"].fix is not None
    assert found["PL101"].fix.message.startswith("Only calls in steps")


def test_a_fence_that_is_long_enough_hides_nothing_behind_it(tmp_path: Path) -> None:
    template = "````markdown\n## Use\n\n```bash\nmake\n```\n````\n\n## Then\n\n```bash\npython3 scripts/b.py\n```\n"
    text = f"### 1. Build\n\nBuild it.\n\n### 2. Tag\n\nTag it.\n\n## The page\n\n{template}"

    found = found_in(project(tmp_path, {}), ".claude/commands/ship.md", text)

    assert [text[d.span.start : d.span.end] for d in found if d.code == "PL101"] == ["scripts/b.py"]


def test_text_behind_a_fence_that_ended_too_early_is_no_call(tmp_path: Path) -> None:
    template = "```markdown\n## Use\n\n```bash\nmake\n```\n\n## Develop\n\n```bash\npython3 scripts/b.py\n```\n"
    text = f"### 1. Build\n\nBuild it.\n\n### 2. Tag\n\nTag it.\n\n## The page\n\n{template}"

    assert [d for d in found_in(project(tmp_path, {}), ".claude/commands/ship.md", text) if d.code == "PL101"] == []

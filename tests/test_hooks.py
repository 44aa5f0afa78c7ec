"""The pre-commit hooks: valid for the real pre-commit, and what they do on a repository that uses them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
SCRIPTS = Path(sys.executable).parent
PRE_COMMIT = SCRIPTS / "pre-commit"

LEGACY_STEP = """\
---
description: Check
---

<process_flow>

<step number="1" name="nats_check">

### Step 1: NATS

```bash
./.agent-os/scripts/health.sh
```

</step>

</process_flow>
"""

HEALTH_SCRIPT = """\
#!/bin/bash
touch executed
if ! nats kv ls > /dev/null 2>&1; then
  echo "NATS is away"
  exit 1
fi
"""

CLEAN_STEP = """\
---
description: Greet
---

<process_flow>

<step number="1" name="greeting">

### Step 1: Greeting

<greeting_logic>
  DISPLAY: "Hello"
</greeting_logic>

</step>

</process_flow>
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    run = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout


def user_repository(folder: Path, files: dict[str, str]) -> Path:
    """A git repository that uses both hooks, with `files` staged; `language: system`, so that nothing is downloaded."""
    yaml = YAML(typ="safe")
    hooks = [{**hook, "language": "system"} for hook in yaml.load(MANIFEST.read_text(encoding="utf-8"))]
    git(folder, "init", "--quiet")
    with (folder / ".pre-commit-config.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump({"repos": [{"repo": "local", "hooks": hooks}]}, stream)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    return folder


def run_hook(folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "PRE_COMMIT_HOME": str(folder / ".git" / "pre-commit"),
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(
        [str(PRE_COMMIT), "run", hook, "--color=never", "--verbose"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_pre_commit_accepts_the_manifest() -> None:
    subprocess.run([str(PRE_COMMIT), "validate-manifest", str(MANIFEST)], check=True, timeout=60)


def test_pre_commit_accepts_our_own_config() -> None:
    config = ROOT / ".pre-commit-config.yaml"
    subprocess.run([str(PRE_COMMIT), "validate-config", str(config)], check=True, timeout=60)


@pytest.mark.parametrize(
    "name",
    [
        "AGENTS.md",
        "rules/style.mdc",
        ".claude/commands/peer.md",
        "docs/a b.md",
        "b.markdown",
        ".cursorrules",
        "a/.clinerules",
    ],
)
def test_the_hooks_see_every_kind_of_instruction_file(name: str) -> None:
    for hook in YAML(typ="safe").load(MANIFEST.read_text(encoding="utf-8")):
        assert re.search(hook["files"], name)


def test_a_commit_of_a_clean_file_passes(tmp_path: Path) -> None:
    repository = user_repository(tmp_path, {".agent-os/instructions/greet.md": CLEAN_STEP, "README.md": "# Hello\n"})
    done = run_hook(repository, "peerlint")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_commit_of_script_orchestration_fails_and_executes_nothing(tmp_path: Path) -> None:
    files = {".agent-os/instructions/check.md": LEGACY_STEP, ".agent-os/scripts/health.sh": HEALTH_SCRIPT}
    repository = user_repository(tmp_path, files)
    done = run_hook(repository, "peerlint")
    assert done.returncode == 1
    assert "PL101" in done.stdout
    assert not (repository / "executed").exists()


def test_the_fix_hook_leaves_alone_what_needs_a_proof(tmp_path: Path) -> None:
    files = {".agent-os/instructions/check.md": LEGACY_STEP, ".agent-os/scripts/health.sh": HEALTH_SCRIPT}
    repository = user_repository(tmp_path, files)
    done = run_hook(repository, "peerlint-fix")
    assert done.returncode == 1
    assert (repository / ".agent-os/instructions/check.md").read_text(encoding="utf-8") == LEGACY_STEP
    assert not (repository / "executed").exists()

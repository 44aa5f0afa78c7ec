"""The kind of a file, from its path, its front matter and its content."""

from __future__ import annotations

import pytest

from peerlint.source.document import parse
from peerlint.source.kinds import FileKind, kind_of
from peerlint.source.text import SourceText


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".agent-os/instructions/core/peer.md", FileKind.INSTRUCTION),
        ("instructions/core/peer.md", FileKind.INSTRUCTION),
        (".claude/commands/pm/start.md", FileKind.COMMAND),
        (".claude/commands/workflows/start.md", FileKind.COMMAND),
        (".claude/agents/reviewer.md", FileKind.SUBAGENT),
        ("plugins/x/agents/reviewer.md", FileKind.SUBAGENT),
        (".claude/skills/pdf/SKILL.md", FileKind.SKILL),
        (".claude/skills/pdf/prompts/ask.md", FileKind.SKILL),
        (".agents/skills/pdf/notes.md", FileKind.SKILL),
        (".cursor/rules/style.mdc", FileKind.CURSOR_RULE),
        (".claude/rules/style.md", FileKind.CURSOR_RULE),
        (".github/instructions/go.instructions.md", FileKind.CURSOR_RULE),
        (".github/prompts/fix.prompt.md", FileKind.COMMAND),
        ("CLAUDE.md", FileKind.MEMORY),
        ("deep/AGENTS.md", FileKind.MEMORY),
        (".github/copilot-instructions.md", FileKind.MEMORY),
        (".claude/commands/README.md", FileKind.NONE),
        ("README.md", FileKind.NONE),
        ("docs/guide.md", FileKind.NONE),
    ],
)
def test_by_path(path: str, kind: FileKind) -> None:
    assert kind_of(path, parse(SourceText(path, "# Text\n"))) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<step number='1'>\n</step>\n", FileKind.INSTRUCTION),
        ("<check_logic>\nSTOP execution\n</check_logic>\n", FileKind.INSTRUCTION),
        ("## Step 1: Go\nACTION: go\n", FileKind.INSTRUCTION),
        ("---\nglobs: '*.py'\n---\n", FileKind.CURSOR_RULE),
        ("---\nallowed-tools: Bash\n---\n", FileKind.COMMAND),
        ("Mend $ARGUMENTS\n", FileKind.COMMAND),
        ("---\nname: x\ndescription: d\ntools: Read\n---\n", FileKind.SUBAGENT),
        ("---\nname: x\ndescription: d\n---\n", FileKind.SKILL),
        ("## Step 1: Install\n```bash\npip install x\n```\n", FileKind.NONE),
        ("---\ntitle: x\n---\ntext\n", FileKind.NONE),
    ],
)
def test_by_content(text: str, kind: FileKind) -> None:
    assert kind_of("notes/x.md", parse(SourceText("notes/x.md", text))) is kind
    assert kind.linted == (kind is not FileKind.NONE)

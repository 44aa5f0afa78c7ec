"""Roles, against nodes labelled by hand in fixtures/roles/."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from peerlint.process.roles import Role, roles_of
from peerlint.source.document import Document, Fence, parse
from peerlint.source.kinds import FileKind, kind_of
from peerlint.source.text import SourceText

LABELLED = sorted((Path(__file__).parents[2] / "fixtures" / "roles").rglob("*.txt"))
AIM = 0.95


@dataclass(frozen=True)
class Labelled:
    """A node with the role that it should have and the one it was given."""

    file: str
    row: int
    text: str
    wanted: Role
    given: Role
    reason: str


def read_labelled(path: Path) -> list[Labelled]:
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    name = first.removeprefix("path: ")
    margins = [line.partition("|") for line in lines]
    document = parse(SourceText(name, "".join(text.removeprefix(" ") + "\n" for _, _, text in margins)))
    roles = roles_of(document, kind_of(name, document))
    starting = {document.source.lines.position(node.span.start).row: node for node in document.leaves()}
    if document.front_matter is not None:
        starting[2] = document.front_matter
    return [
        Labelled(path.name, row, text, Role(label.strip()), roles.of(starting[row]), roles.reason(starting[row]))
        for row, (label, _, text) in enumerate(margins, 1)
        if label.strip()
    ]


def test_precision_and_recall_of_each_role(capsys: pytest.CaptureFixture[str]) -> None:
    nodes = [node for path in LABELLED for node in read_labelled(path)]
    assert len(nodes) >= 250
    wanted, given = Counter(node.wanted for node in nodes), Counter(node.given for node in nodes)
    right = Counter(node.wanted for node in nodes if node.wanted is node.given)
    with capsys.disabled():
        print(f"\n{'role':<16}{'nodes':>6}{'precision':>11}{'recall':>8}")
        for role in Role:
            print(
                f"{role.value:<16}{wanted[role]:>6}{right[role] / max(given[role], 1):>11.2f}"
                f"{right[role] / max(wanted[role], 1):>8.2f}"
            )
    mistakes = [node for node in nodes if node.wanted is not node.given]
    for role in Role:
        assert wanted[role] >= 8, role
        assert right[role] >= AIM * given[role], mistakes
        assert right[role] >= AIM * wanted[role], mistakes


def test_commands_that_are_ordered_below_a_list_of_them_are_to_be_run() -> None:
    text = "## Diagnostic Commands\n\n{label}\n\n```bash\nmake 2>&1 | head\n```\n"
    for label, role in (("Run these in order:", Role.PROCEDURE), ("They may help:", Role.DOCUMENTATION)):
        _, roles = read(text.format(label=label), FileKind.SUBAGENT, ".claude/agents/x.md")
        assert roles[-1] is role
    _, roles = read(text.format(label="Run these in order:"), FileKind.MEMORY, "CLAUDE.md")
    assert roles[-1] is Role.DOCUMENTATION


def read(
    text: str, kind: FileKind = FileKind.COMMAND, path: str = ".claude/commands/x.md"
) -> tuple[Document, list[Role]]:
    document = parse(SourceText(path, text))
    roles = roles_of(document, kind)
    return document, [roles.of(node) for node in document.leaves()]


def test_every_node_has_a_role_and_a_reason() -> None:
    document = parse(
        SourceText("x.md", "---\na: b\n---\n# T\n<step>\n- x\n```\ny\n```\n</step>\n<!-- c -->\n\nIF a:\n")
    )
    roles = roles_of(document, FileKind.NONE)
    for node in document.walk():
        assert roles.of(node) in Role
        assert roles.reason(node)


#: Headings with each of the words that a role is told by, at the beginning and behind other words and signs.
HEADINGS = {
    Role.COUNTER_EXAMPLE: (
        *("Anti-patterns", "Common mistakes", "Our mistakes", "Pitfalls", "What not to do", "Rationalizations"),
        *("The red flags", "Code (bad)", "Bad", "Don't", "Do not", "NEVER", "Wrong", "Incorrect", "❌Code", "🚫 Code"),
    ),
    Role.EXAMPLE: ("An example", "Samples", "A/demo", "Walkthrough", "Use cases", "**Good**", "Correct:", "✅ Code"),
    Role.TEMPLATE: (
        *("Template", "The output", "Report format", "Response style", "Commit format", "Message format", "Schema"),
        *("File structure", "Summary format", "Display format", "Comment style", "Deliverables", "Format"),
        *("Folder structure", "Directory structure", "Document structure", "Expected result", "Success message"),
    ),
    Role.DOCUMENTATION: (
        *("Usage", "Installing", "Setup", "Quick start", "Getting started", "The prerequisites", "Requirements"),
        *(
            "Troubleshooting",
            "Config",
            "References",
            "Resources",
            "Overview",
            "FAQ",
            "Commands",
            "Options",
            "Arguments",
        ),
        *("Parameters", "Flags", "Integration", "See also", "Support", "Background", "Architecture", "Best practices"),
        *("Tips", "Notes", "About", "Introduction", "Concepts", "Philosophy", "Principles", "Features", "Benefits"),
        *("When to use", "How it works", "Related", "Environment variables", "Changelog", "Migration guide"),
        *("Legacy context", "Patterns", "Cheat sheet", "Tools", "Glossary", "User instructions", "Limitations"),
        *("Known issues", "Dependencies", "Installation on a server", "Recovery", "Rollback", "🚀Setup", "\u017fetup"),
    ),
    Role.PROCEDURE: (
        *("Process", "The workflow", "Procedure", "Instructions", "Execution order", "Protocol", "Steps", "What to do"),
        *("Your task", "How to proceed", "Implementation steps", "Pre-flight", "Postflight", "Checklist", "Main loop"),
        *("Step 3", "Phase 1: Look", "(Stage #2)"),
    ),
}


@pytest.mark.parametrize(("role", "title"), [(role, title) for role, titles in HEADINGS.items() for title in titles])
def test_each_word_of_a_heading_that_tells_a_role_tells_it(role: Role, title: str) -> None:
    kind = FileKind.NONE if role is Role.PROCEDURE else FileKind.COMMAND
    _, roles = read(f"## {title}\nwords\n", kind)
    assert roles == [role, role]


@pytest.mark.parametrize(
    ("between", "first"),
    [("", Role.COUNTER_EXAMPLE), ("\n<!-- c -->\n\n", Role.COUNTER_EXAMPLE), ("## More\n", Role.PROCEDURE)],
)
def test_what_stands_above_a_fence_says_nothing_of_the_next_one(between: str, first: Role) -> None:
    document, _ = read(f"## Step 1\nWrong:\n{between}```bash\nx\n```\n```bash\ny\n```\n")
    roles = roles_of(document, FileKind.COMMAND)
    assert [roles.of(fence) for fence in document.nodes_of(Fence)] == [first, Role.PROCEDURE]


def test_a_step_below_installation_is_documentation() -> None:
    _, roles = read("## Installation\n### Step 1: get it\n```bash\npip install x\n```\n")
    assert roles[-1] is Role.DOCUMENTATION


@pytest.mark.parametrize("words", ["Wrong status", "Never seen", "Example: x", "\n  Bad name\n"])
def test_words_that_a_tag_says_to_the_user_say_nothing_of_the_text(words: str) -> None:
    _, roles = read(f'## Step 2: Check\n<check if="it fails">\n<error>{words}</error>\n</check>\n')
    assert set(roles) == {Role.PROCEDURE}


def test_words_outside_of_such_a_tag_still_tell() -> None:
    _, roles = read("## Step 2: Check\n<check>\nWrong: do it twice\n</check>\n")
    assert Role.COUNTER_EXAMPLE in roles


def test_a_step_that_mentions_examples_is_a_step() -> None:
    _, roles = read("## Step 2: Show the examples\n```bash\n./show.sh\n```\n")
    assert roles[-1] is Role.PROCEDURE


def test_a_block_takes_its_role_from_the_statement_that_names_it() -> None:
    statements = "CHECK: NATS server connectivity, as in <ask_it>\nERROR: <say_it>\n"
    text = statements + "<ask_it>\n  x\n</ask_it>\n<say_it>\n  y\n</say_it>\n"
    document = parse(SourceText("x.md", text))
    roles = roles_of(document, FileKind.INSTRUCTION)
    by_text = {document.text(node.span).strip(): roles.of(node) for node in document.leaves()}
    assert by_text["x"] is Role.REFERENCE
    assert by_text["y"] is Role.TEMPLATE


def test_roles_of_ten_thousand_nested_elements() -> None:
    depth = 10_000
    document = parse(
        SourceText(
            "x.md",
            "".join(f"<a{n}>\n" for n in range(depth)) + "x\n" + "".join(f"</a{n}>\n" for n in reversed(range(depth))),
        )
    )
    roles = roles_of(document, FileKind.COMMAND)
    assert all(roles.of(node) is Role.PROCEDURE for node in document.walk())

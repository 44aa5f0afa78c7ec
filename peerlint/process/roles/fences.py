"""The role of a fence: its language, its first line, and the lines right above it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from peerlint.patterns import regex
from peerlint.process.roles.orders import last_sentence, tells_to_run_script
from peerlint.process.roles.signs import (
    Role,
    Sign,
    asks_for_file,
    asks_for_output,
    asks_to_run,
    code_sign,
    is_file_name,
    label_sign,
    names_own_script,
    orders_to_run,
    without_lead,
)
from peerlint.source.document import Blank, Comment, Document, Fence, FrontMatter, Heading, Line, Node, Paragraph

SHELL = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "shell-session", "shellsession", "powershell", "ps1", "fish"}
)
#: Languages of text that is written out rather than run.
_TEXT = frozenset(
    {"markdown", "md", "mdx", "text", "txt", "json", "jsonc", "yaml", "yml", "toml", "xml", "html", "csv", "ini"}
)
#: A call of a harness tool, which some write as code.
_TOOL_CALL = regex(r"(?:await\s+)?(?:Task|Skill|SlashCommand|AskUserQuestion|TodoWrite|Read|Bash|Agent)\s*\(")
_WRITES_FILE = regex(r"(?:cat|tee)\s.*>|(?:mkdir|touch|cp|mv|chmod)\s")
#: How many lines above a fence may say what it is.
_LABEL_LINES = 3
_LONGEST_LABEL = 120


class FenceReader:
    """Reads fences, each with what stands above it."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def read(
        self,
        fence: Fence,
        siblings: Sequence[Node],
        at: int,
        context: Role,
        *,
        may_be_told: bool = False,
        may_be_ordered: bool = False,
    ) -> Sign | None:
        """What the fence is, the one `at` among its siblings, if anything says that it is not what surrounds it.

        `may_be_told` says that the surroundings leave open whether the agent is to do what stands there,
        `may_be_ordered` that they list commands in a file that is a procedure else.
        """
        above, heading = _above(siblings, at)
        labels = [line.text[-_LONGEST_LABEL:] for line in above[:_LABEL_LINES]]
        label = labels[0] if labels else ""
        first = next((line for line in self._first_lines(fence) if line.strip()), "")[:_LONGEST_LABEL]
        return (
            _by_code(fence, first)
            or _by_labels(labels)
            or self._made(fence, first, label, heading)
            or _by_language(fence, first, label, context)
            or (self._told(fence, label, above) if may_be_told and above else None)
            or (self._ordered(fence, label) if may_be_ordered and above else None)
        )

    def _ordered(self, fence: Fence, label: str) -> Sign | None:
        """Commands that the agent is told to run, below a heading that only lists commands."""
        if fence.language not in SHELL or not orders_to_run(label):
            return None
        return Sign(Role.PROCEDURE, f'"{_shown(label)}" stands above')

    def _told(self, fence: Fence, label: str, above: Sequence[Line]) -> Sign | None:
        """A script that the agent is told to run, where nothing else says what the text is there for.

        The sentence that tells it may have begun in the line above the last one.
        """
        if fence.language not in SHELL:
            return None
        code = self.document.source.text[fence.content.start : min(fence.content.end, fence.content.start + 400)]
        sentence = last_sentence(_paragraph(above))
        if tells_to_run_script(label, code) or (sentence != label and tells_to_run_script(sentence, code)):
            return Sign(Role.PROCEDURE, f'"{_shown(label)}" stands above')
        return None

    def _first_lines(self, fence: Fence) -> list[str]:
        text = self.document.source.text
        end = min(fence.content.end, fence.content.start + 400)
        return text[fence.content.start : end].splitlines()[:3]

    def _made(self, fence: Fence, first: str, label: str, heading: str) -> Sign | None:
        """A script or file that the agent shall make."""
        shebang = first.lstrip().startswith("#!")
        if fence.language in SHELL or not fence.language:
            if shebang and not asks_to_run(label):
                return Sign(Role.DELIVERABLE, "the code is a whole script, with its first line #!")
            if fence.language and names_own_script(first.strip()):
                return Sign(Role.DELIVERABLE, "the code begins with the name of its file")
            if fence.language and is_file_name(label) and not _WRITES_FILE.match(first.strip()):
                return Sign(Role.DELIVERABLE, f'"{_shown(label)}" stands above')
            return None
        if fence.language in ("markdown", "md", "text", "txt"):
            return None
        if asks_for_file(label) or is_file_name(without_lead(label)) or is_file_name(heading):
            return Sign(Role.DELIVERABLE, f'"{_shown(label or heading)}" stands above')
        return Sign(Role.DELIVERABLE, "the code is a whole script, with its first line #!") if shebang else None


def _above(siblings: Sequence[Node], at: int) -> tuple[list[Line], str]:
    """The lines between a node and what says nothing of it any more, the nearest first, and the heading above them."""
    lines: list[Line] = []
    for index in range(at - 1, -1, -1):
        node = siblings[index]
        if isinstance(node, Line):
            lines.append(node)
        elif not isinstance(node, (Blank, FrontMatter, Comment)):
            return lines, node.title[:_LONGEST_LABEL] if isinstance(node, Heading) else ""
    return lines, ""


def _paragraph(above: Sequence[Line]) -> str:
    """The end of the paragraph, which may go over several lines, that the nearest line ends."""
    parts = [above[0].text]
    for line, before in pairwise(above):
        if not isinstance(line, Paragraph) or before.span.end != line.span.start:
            break
        parts.append(before.text)
    parts[-1] = parts[-1][-_LONGEST_LABEL:]
    return " ".join(reversed(parts))[-2 * _LONGEST_LABEL :]


def _by_code(fence: Fence, first: str) -> Sign | None:
    # Without a language it may well be output to show: "❌ not found".
    sign = code_sign(first) if fence.language else None
    return Sign(sign.role, f'the code begins with "{sign.words}"') if sign else None


def _by_labels(labels: list[str]) -> Sign | None:
    """The nearest line decides; one further up only if it is a label: short, and ending in a colon or in bold."""
    for distance, text in enumerate(labels):
        if distance and not (len(text) < 60 and (text.rstrip("* ").endswith(":") or text.endswith("**"))):
            return None
        if sign := label_sign(text):
            return Sign(sign.role, f'"{_shown(text)}" stands above')
    return None


def _by_language(fence: Fence, first: str, label: str, context: Role) -> Sign | None:
    """Code that is no shell is seldom run; in a procedure, text is written out and a program is shown."""
    if fence.language in SHELL or context is not Role.PROCEDURE:
        return None
    if _TOOL_CALL.match(first.strip()):
        return Sign(Role.PROCEDURE, "the code calls a tool of the agent")
    if not fence.language:
        if asks_for_output(label):
            return Sign(Role.TEMPLATE, f'"{_shown(label)}" stands above')
        return None
    if fence.language in _TEXT:
        return Sign(Role.TEMPLATE, f"text in a fence of {fence.language}")
    if asks_to_run(label):
        return None
    return Sign(Role.EXAMPLE, f"code in {fence.language}")


def _shown(text: str) -> str:
    return text if len(text) <= 48 else text[:45] + "..."

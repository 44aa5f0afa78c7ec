"""The role of a fence: its language, its first line, and the lines right above it."""

from __future__ import annotations

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
from peerlint.source.document import Document, Fence, Line, Paragraph

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
    """Reads fences in the order of the text; it is told the lines in between."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.lines: list[str] = []
        #: What the last line ends of a paragraph that goes over several, and where that line ends.
        self.paragraph, self.end = "", -1
        self.heading = ""

    def begin(self, heading: str = "") -> None:
        """What stood above says nothing any more; `heading` is the one that a new section begins with."""
        self.lines.clear()
        self.paragraph, self.end = "", -1
        self.heading = heading[:_LONGEST_LABEL]

    def pass_line(self, line: Line) -> None:
        """A line that stands above the next fence."""
        self.lines.append(line.text[-_LONGEST_LABEL:])
        goes_on = isinstance(line, Paragraph) and self.end == line.span.start
        self.paragraph = f"{self.paragraph} {line.text}"[-2 * _LONGEST_LABEL :] if goes_on else self.lines[-1]
        self.end = line.span.end

    def read(
        self, fence: Fence, context: Role, *, may_be_told: bool = False, may_be_ordered: bool = False
    ) -> Sign | None:
        """What the fence is, if anything says that it is not what its surroundings are. Takes the lines above it.

        `may_be_told` says that the surroundings leave open whether the agent is to do what stands there,
        `may_be_ordered` that they list commands in a file that is a procedure else.
        """
        lines, heading, paragraph = self.lines[-_LABEL_LINES:], self.heading, self.paragraph
        self.begin()
        first = next((line for line in self._first_lines(fence) if line.strip()), "")[:_LONGEST_LABEL]
        return (
            _by_code(fence, first)
            or _by_labels(lines)
            or self._made(fence, first, lines[-1] if lines else "", heading)
            or _by_language(fence, first, lines[-1] if lines else "", context)
            or (self._told(fence, lines[-1], paragraph) if may_be_told and lines else None)
            or (self._ordered(fence, lines[-1]) if may_be_ordered and lines else None)
        )

    def _ordered(self, fence: Fence, label: str) -> Sign | None:
        """Commands that the agent is told to run, below a heading that only lists commands."""
        if fence.language not in SHELL or not orders_to_run(label):
            return None
        return Sign(Role.PROCEDURE, f'"{_shown(label)}" stands above')

    def _told(self, fence: Fence, label: str, paragraph: str) -> Sign | None:
        """A script that the agent is told to run, where nothing else says what the text is there for.

        The sentence that tells it may have begun in the line above the last one.
        """
        if fence.language not in SHELL:
            return None
        code = self.document.source.text[fence.content.start : min(fence.content.end, fence.content.start + 400)]
        sentence = last_sentence(paragraph)
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


def _by_code(fence: Fence, first: str) -> Sign | None:
    # Without a language it may well be output to show: "❌ not found".
    sign = code_sign(first) if fence.language else None
    return Sign(sign.role, f'the code begins with "{sign.words}"') if sign else None


def _by_labels(lines: list[str]) -> Sign | None:
    """The nearest line decides; one further up only if it is a label: short, and ending in a colon or in bold."""
    for distance, text in enumerate(reversed(lines)):
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

"""What an instruction file is for, which decides whether it is linted."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from peerlint.patterns import ends, folded, regex
from peerlint.source.document import ConditionLine, Directive, Document, Element, Section


class FileKind(Enum):
    """Kinds of files. A file that is `NONE` is silently clean."""

    INSTRUCTION = "instruction"
    COMMAND = "command"
    SUBAGENT = "subagent"
    SKILL = "skill"
    CURSOR_RULE = "cursor_rule"
    MEMORY = "memory"
    NONE = "none"

    @property
    def linted(self) -> bool:
        """Whether an agent acts on such a file."""
        return self is not FileKind.NONE


#: Names of files that an agent loads into each session.
_MEMORY_NAME = regex(r"(?:CLAUDE(?:\.local)?|AGENTS|GEMINI|copilot-instructions)\.md|\.(?:cursor|windsurf|cline)rules")
#: Files for people that stand among those for agents.
_FOR_PEOPLE = regex(
    r"(?:README|CHANGELOG|CONTRIBUTING|LICENSE|SECURITY|CODE_OF_CONDUCT|INSTALL|HISTORY|NOTICE)(?:[._-][\w-]+)?\.md"
)
#: Endings that say what a file is, whatever its folder.
_ENDINGS = (
    (".mdc", FileKind.CURSOR_RULE),
    (".instructions.md", FileKind.CURSOR_RULE),
    (".agent.md", FileKind.SUBAGENT),
    (".chatmode.md", FileKind.SUBAGENT),
    (".prompt.md", FileKind.COMMAND),
)
#: Folders that say what the files below them are; the outermost decides: `skills/x/prompts/` is part of a skill.
_FOLDERS = {
    "instructions": FileKind.INSTRUCTION,
    "workflows": FileKind.INSTRUCTION,
    "commands": FileKind.COMMAND,
    "prompts": FileKind.COMMAND,
    "agents": FileKind.SUBAGENT,
    "subagents": FileKind.SUBAGENT,
    "skills": FileKind.SKILL,
    "rules": FileKind.CURSOR_RULE,
    "steering": FileKind.MEMORY,
}
#: Folders that hold the configuration of a tool.
_TOOL_FOLDER = regex(r"\.(?:agent-os|claude|cursor|windsurf|roo|cline|clinerules|kiro|agents|opencode|github)")
_RULE_KEYS = regex(r"^(?:globs|alwaysApply|applyTo)\s*:", re.MULTILINE)
_COMMAND_KEYS = regex(r"^(?:argument-hint|allowed-tools|disable-model-invocation)\s*:", re.MULTILINE)
_SUBAGENT_KEYS = regex(r"^(?:tools|model|color)\s*:", re.MULTILINE)
_NAME_KEY = regex(r"^name\s*:", re.MULTILINE)
_DESCRIPTION_KEY = regex(r"^description\s*:", re.MULTILINE)
#: Elements that only instructions for agents have.
_PROCESS_ELEMENTS = frozenset({"step", "process_flow", "process_steps", "workflow_steps", "pre_flight_check"})

_STEP_TITLE = regex(r"(?:step|phase)\s*\d", re.IGNORECASE)


_MAY_BE_ELEMENT = regex(rf"<(?:{'|'.join(sorted(_PROCESS_ELEMENTS))})")
_NUMBER = regex(r"\s*\d")


def kind_of(path: str, document: Document) -> FileKind:
    """The kind of a file, told from its name, its folders, its front matter and its elements, in this order.

    `path` has `/` between its parts and should be relative to the project, since folders above it tell nothing.
    """
    folder, _, name = path.rpartition("/")
    if _MEMORY_NAME.fullmatch(name):
        return FileKind.MEMORY
    lower = name.lower()
    if lower == "skill.md":
        return FileKind.SKILL
    for ending, kind in _ENDINGS:
        if lower.endswith(ending):
            return kind
    if _FOR_PEOPLE.fullmatch(name):
        return FileKind.NONE
    return _kind_by_folder(folder) or _kind_by_content(document)


@lru_cache(maxsize=256)  # many files stand in one folder
def _kind_by_folder(path: str) -> FileKind | None:
    folders = path.split("/")
    tool = max((number for number, name in enumerate(folders) if _TOOL_FOLDER.fullmatch(name)), default=None)
    # What stands above a tool's folder is somebody's choice of names.
    for folder in folders if tool is None else folders[tool + 1 :]:
        kind = _FOLDERS.get(folder.lower())
        if kind is not None:
            return kind
    return None


def _kind_by_content(document: Document) -> FileKind:
    matter = document.front_matter
    if matter is not None:
        keys = document.text(matter.content)
        if _RULE_KEYS.search(keys):
            return FileKind.CURSOR_RULE
        if _COMMAND_KEYS.search(keys):
            return FileKind.COMMAND
        if _NAME_KEY.search(keys) and _DESCRIPTION_KEY.search(keys):
            return FileKind.SUBAGENT if _SUBAGENT_KEYS.search(keys) else FileKind.SKILL
    text = document.source.text
    if not _may_be_instruction(text):
        # Without reading it: there is neither such an element nor such a heading.
        return FileKind.COMMAND if "$ARGUMENTS" in text else FileKind.NONE
    if any(node.name in _PROCESS_ELEMENTS or node.name.endswith("_logic") for node in document.nodes_of(Element)):
        return FileKind.INSTRUCTION
    has_directives = bool(document.nodes_of(Directive)) or bool(document.nodes_of(ConditionLine))
    if has_directives and any(_STEP_TITLE.match(node.title) for node in document.nodes_of(Section)):
        return FileKind.INSTRUCTION
    return FileKind.COMMAND if "$ARGUMENTS" in text else FileKind.NONE


def _may_be_instruction(text: str) -> bool:
    """Whether a text may have an element of a process, or a heading that numbers a step."""
    if "_logic" in text or _MAY_BE_ELEMENT.search(text):
        return True
    plain = folded(text)
    return any(_NUMBER.match(plain, end) for word in ("step", "phase") for end in ends(plain, word))

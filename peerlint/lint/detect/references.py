"""PL6: what a file refers to: subagents, files, tools, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, step_label, words
from peerlint.patterns import latin_set, regex
from peerlint.source.document import Fence, Line
from peerlint.source.kinds import FileKind
from peerlint.source.text import Span

_BUILT_IN_AGENTS = frozenset({"general-purpose", "explore", "plan", "statusline-setup", "output-style-setup"})


def unknown_subagent(context: Context) -> Iterator[Found]:
    """Steps and calls of the Task tool whose subagent the project does not define, in projects that define any."""
    # Which subagents there are is asked last: it takes a walk through the project.
    named = sorted(_named_subagents(context), key=lambda named: named[1]) if context.file.project is not None else []
    known = context.file.project.subagents if context.file.project is not None and named else None
    if not known:
        return
    said: set[str] = set()
    for name, span in named:
        if name in said or name.lower() in _BUILT_IN_AGENTS or not re.fullmatch(r"[a-z0-9-]+", name):
            continue
        # A plugin's agent has the plugin in front of its name.
        if name in known or any(name.endswith(f"-{agent}") for agent in known):
            continue
        said.add(name)
        yield Found(span, {"name": name, "step": step_label(context.file.step_at(span))})


_SUBAGENT_TYPE = regex(r"\bsubagent_type[\"']?\s*[:=]\s*[\"'](?P<name>[\w:-]+)[\"']")


def _named_subagents(context: Context) -> Iterator[tuple[str, Span]]:
    """The subagents that steps have as attribute, and those that calls of the Task tool name."""
    text = context.document.source.text
    for step in context.steps:
        if step.subagent:
            at = text.find(step.subagent, step.span.start, step.span.end)
            yield step.subagent, Span(at, at + len(step.subagent)) if at >= 0 else step.span
    for node in context.nodes(Line, Fence):
        for match in _SUBAGENT_TYPE.finditer(text, node.span.start, node.span.end):
            yield match["name"], Span(match.start("name"), match.end("name"))
    for node in context.nodes(Line):
        for match in _TOLD_TO_USE.finditer(text, node.span.start, node.span.end):
            yield match["name"], Span(match.start("name"), match.end("name"))


#: A name in marks, so that "use the right subagent" names none.
_TOLD_TO_USE = regex(
    r"\b(?:use|launch|invoke|delegate\s+to|ask|spawn|call|start|run)\s+(?:the\s+)?(?P<mark>[`\"*]{1,2})@?"
    rf"(?P<name>{latin_set('a-z')}{latin_set('a-z0-9-')}*)(?P=mark)\s+sub-?agent\b",
    re.IGNORECASE,
)


def missing_tool(context: Context) -> Iterator[Found]:
    """A subagent or command that has to run shell and whose list of tools has no Bash."""
    front_matter = context.document.front_matter
    if not context.file.possible_shell:
        return
    if front_matter is None or context.reading.kind not in (FileKind.SUBAGENT, FileKind.COMMAND, FileKind.SKILL):
        return
    listed = _tools(context, front_matter.content)
    if listed is None:
        return
    span, tools = listed
    if any(re.match(r"^(?:Bash\b|\*$|All\b|all\b)", tool) for tool in tools):
        return
    # Other harnesses have other names for their shell, so the list has to be one of Claude Code.
    if not any(re.sub(r"\(.*", "", tool) in _CLAUDE_TOOLS for tool in tools):
        return
    calls = [view for view in context.calls() if view.step is not None]
    if calls:
        row = context.document.source.lines.position(calls[0].outer.start).row
        related = (context.file.related(calls[0].outer, "this has to be run"),)
        yield Found(span, {"row": str(row), "tools": ", ".join(tools)}, related=related)


_CLAUDE_TOOLS = words("Read Write Edit MultiEdit Grep Glob LS Task TodoWrite WebFetch WebSearch NotebookEdit")
_TOOLS_LINE = regex(r"^(?:tools|allowed-tools):[ \t]*(?P<value>[^\n]*)(?P<items>(?:\n[ \t]*-[ \t]+[^\n]+)*)", re.M)


def _tools(context: Context, content: Span) -> tuple[Span, list[str]] | None:
    """The place of the list of tools and its entries; None where there is none."""
    match = _TOOLS_LINE.search(context.document.text(content))
    if match is None:
        return None
    value = match["value"].strip().strip("[]")
    tools = [item.strip().strip("\"'") for item in re.split(r",(?![^(]*\))", value) if item.strip()]
    tools += [
        item.strip().removeprefix("-").strip().strip("\"'") for item in match["items"].splitlines() if item.strip()
    ]
    start = content.start + match.start()
    return Span(start, start + len(match[0].rstrip())), tools


#: It begins with the @, and looks behind it from there, so that the search can leap from one to the next.
_AT_PATH = regex(r"@(?<![\w`@/.]@)((?:\.{1,2}/)?(?:\.?[A-Za-z][\w.-]*/)+[\w.-]+\.(?:md|mdc))\b(?![/\w])")
_MAKES = r"(?:creat|writ|generat|produc|output|sav|add|updat)\w*"
#: In front of the path an order to make it, behind it that it is made; anywhere, that it may be missing.
_MADE_BEFORE = regex(rf"\b{_MAKES}\b", re.I)
_MADE_BEHIND = regex(rf"\A\W*(?:(?:is|are|gets?|will\s+be|has\s+been|was|that|which|to\s+be)\s+)+{_MAKES}", re.I)
_MAY_BE_MISSING = regex(r"\bif (?:it |they )?(?:exist|present|available)|\boptional", re.I)


def missing_reference(context: Context) -> Iterator[Found]:
    """`@path` of a Markdown file that the project does not have, in a folder of which the project has files."""
    project = context.file.project
    if project is None:
        return
    # Most paths are there, and then the file need not be read.
    missing = {path for path in set(_AT_PATH.findall(context.file.source.text)) if _is_missing(path, project.files)}
    for node in context.nodes(Line) if missing else ():
        assert isinstance(node, Line)
        for match in _AT_PATH.finditer(node.text):
            if match[1] not in missing or _will_exist(node.text, match):
                continue
            at = context.document.source.text.find(match[0], node.span.start, node.span.end)
            yield Found(Span(at, at + len(match[0])) if at >= 0 else node.span, {"path": _from_project(match[1])})


def _is_missing(path: str, known: frozenset[str]) -> bool:
    """Whether the project has files in the folder of a path, and none at the path."""
    file = f"/{_from_project(path)}"
    folder = file[: file.rindex("/") + 1]
    return any(folder in f"/{other}" for other in known) and not any(f"/{other}".endswith(file) for other in known)


def _from_project(path: str) -> str:
    return re.sub(r"^(?:\.{1,2}/)+", "", path)


def _will_exist(line: str, path: re.Match[str]) -> bool:
    """Whether the line says that the file is made, or may be missing."""
    made = _MADE_BEFORE.search(line, 0, path.start()) or _MADE_BEHIND.search(line[path.end() :])
    return made is not None or _MAY_BE_MISSING.search(line) is not None


_PLACEHOLDER = regex(r"(?<![\w\\$\]])\[([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\](?![(\[\w])")


def undefined_placeholder(context: Context) -> Iterator[Found]:
    """`[NAME]` in a command or a condition of a step, where the file says nowhere else what NAME is."""
    text = context.file.source.text
    reported: set[str] = set()
    for span, code in _acted_on(context):
        for match in _PLACEHOLDER.finditer(code):
            name = match[1]
            words_of_it = r"[\s_-]+".join(name.split("_"))
            spoken = rf"(?<!\[)(?<!\w){words_of_it}(?!\w)(?!\])"
            if re.search(spoken, text, re.IGNORECASE) or re.search(rf"<{words_of_it}>|{{{words_of_it}}}", text, re.I):
                continue
            at = text.find(match[0], span.start, span.end)
            if at >= 0 and name not in reported:
                reported.add(name)
                yield Found(Span(at, at + len(match[0])), {"name": name})


def _acted_on(context: Context) -> Iterator[tuple[Span, str]]:
    """Code and conditions that an agent has to act on."""
    for view in context.calls():
        if view.step is not None and view.step.node is not None:
            yield view.outer, view.code
    for step in context.steps:
        for binding in step.bindings:
            yield binding.span, context.document.text(binding.span)


DETECTORS = (unknown_subagent, missing_tool, missing_reference, undefined_placeholder)

"""PL6: what a file refers to: subagents, files, tools, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, step_label, words
from peerlint.source.kinds import FileKind
from peerlint.source.text import Span

_BUILT_IN_AGENTS = frozenset({"general-purpose", "explore", "plan", "statusline-setup", "output-style-setup"})


def unknown_subagent(context: Context) -> Iterator[Found]:
    """Steps whose subagent the project does not define, in projects that define subagents at all."""
    known = context.file.project.subagents if context.file.project is not None else None
    if not known:
        return
    for step in context.steps:
        name = step.subagent
        if not name or name.lower() in _BUILT_IN_AGENTS or ":" in name or not re.fullmatch(r"[a-z0-9-]+", name):
            continue
        if name not in known:
            at = context.document.source.text.find(name, step.span.start, step.span.end)
            span = Span(at, at + len(name)) if at >= 0 else step.span
            yield Found(span, {"name": name, "step": step_label(step)})


def missing_tool(context: Context) -> Iterator[Found]:
    """A subagent or command that has to run shell and whose list of tools has no Bash."""
    front_matter = context.document.front_matter
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
_TOOLS_LINE = re.compile(r"^(?:tools|allowed-tools):[ \t]*(?P<value>[^\n]*)(?P<items>(?:\n[ \t]*-[ \t]+[^\n]+)*)", re.M)


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


DETECTORS = (unknown_subagent, missing_tool)

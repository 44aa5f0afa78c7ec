"""PL1: where logic stands. Scripts that steps call, shell without a fence, tools as actions, shell inside logic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from pathlib import PurePosixPath

from peerlint.lint.context import Context, Found, ShellView, place_of, shortened, step_label
from peerlint.lint.diagnostics import Applicability, Fix
from peerlint.patterns import ends, folded, regex
from peerlint.process import model
from peerlint.process.build import script_references
from peerlint.process.build.hints import names_bash_tool
from peerlint.source.document import ConditionLine, Directive, Line, Node
from peerlint.source.text import SourceText, Span

#: State that a script may write, by `nats kv` verb.
_WRITING_VERBS = frozenset({"put", "create", "update", "del", "rm", "purge", "add"})


def external_script(context: Context) -> Iterator[Found]:
    """Calls of scripts: one finding per script of a call, with what the script does where it can be read."""
    if not context.file.may_call_scripts:
        return
    calls = context.calls(inline=True)
    for view, below in zip_longest(calls, calls[1:]):
        assert view.call is not None
        if _is_told_to_people(context, view) or _is_shown_below(view, below):
            continue
        for script in view.call.statement.scripts:
            name = PurePosixPath(script).name
            if _is_no_script_of_process(script) or _is_made_here(context, name) or _asks_for_help(view, script):
                continue
            # Calls outside of steps, and those of the harness, are not among those that the reading has resolved.
            known = context.reading.scripts.get(script)
            source = known or context.reading.resolve(script)
            yield Found(
                place_of(script, view),
                {"step": step_label(view.step), "script": name},
                help=_what_it_does(source) if source else "",
                fix=_OUTSIDE_OF_STEPS if source and not known else _why_it_stays(script, source),
            )
    yield from _scripts_of_logic(context)


def _is_shown_below(view: ShellView, below: ShellView | None) -> bool:
    """Whether a sentence only speaks of the call that the fence right below it makes."""
    assert view.call is not None
    if below is None or below.call is None or view.call.statement.form is not model.ShellForm.PROSE:
        return False
    names = {PurePosixPath(script).name for script in view.call.statement.scripts}
    is_near = 0 <= below.outer.start - view.outer.end <= _NEAR
    is_fence = below.call.statement.form is model.ShellForm.FENCE and below.step is view.step
    return is_near and is_fence and names <= {PurePosixPath(script).name for script in below.call.statement.scripts}


#: What a message quotes of a line at most.
_LONGEST_LINE = 60
#: How far a fence may stand below the sentence that introduces it.
_NEAR = 400


def _scripts_of_logic(context: Context) -> Iterator[Found]:
    """Scripts that a line of logic runs: what they decide is as far from the file as behind a fence."""
    text = context.document.source.text
    holders = {container.span: step for step, container in context.logic()}
    for span, step in holders.items():
        for command in _COMMAND.finditer(text, span.start, span.end):
            for script in script_references(command[1]):
                line = text[text.rfind("\n", 0, command.start()) + 1 : command.start()]
                if not _is_no_script_of_process(script) and not _TOLD_TO_PEOPLE.search(line):
                    start = text.index(script, command.start())
                    place = Span(start, start + len(script))
                    yield Found(place, {"step": step_label(step), "script": PurePosixPath(script).name})


#: A command in a line of logic.
_COMMAND = regex(r"`([^`\n]+)`")


def _why_it_stays(script: str, source: SourceText | None) -> Fix | None:
    """Why no migration can take the script into the file; None where one can try."""
    name = PurePosixPath(script).name
    if source is None:
        return Fix(Applicability.MANUAL, f"{name} is not among the files of this project, so nothing can be translated")
    if not _is_bash(source):
        return Fix(Applicability.MANUAL, f"{name} is no bash script, and only bash is translated")
    return None


_OUTSIDE_OF_STEPS = Fix(Applicability.MANUAL, "Only calls in steps are translated; state here what the script decides")


def _is_bash(source: SourceText) -> bool:
    return source.path.endswith((".sh", ".bash"))


#: Behind the name of a script.
_FOR_HELP = regex(r"[\"']?\s+(?:--help|-h|--version)\s*(?:$|[|;&#])", re.MULTILINE)


def _asks_for_help(view: ShellView, script: str) -> bool:
    """Whether the script is run for nothing but its usage, each time that it is run here."""
    return all(_FOR_HELP.match(view.code, end) for end in ends(view.code, script))


def _is_made_here(context: Context, name: str) -> bool:
    """Whether the file tells the agent to make the script, or shows all of it: then it says what is in it."""
    text = context.document.source.text
    if name in _shown_names(text):
        return True
    return f"{folded(name)}`" in _folded_text(text) and folded(name) in _made_names(text)


#: Asked for each script that a file calls, as the next is.
_folded_text = lru_cache(maxsize=1)(folded)


@lru_cache(maxsize=1)
def _shown_names(text: str) -> frozenset[str]:
    return frozenset(shown["name"] for shown in _SHOWN.finditer(text))


@lru_cache(maxsize=1)
def _made_names(text: str) -> frozenset[str]:
    return frozenset(made["name"] for made in _MADE.finditer(_folded_text(text)))


#: The mark of a fence and the line that it ends, and a first line `#!`.
_FENCE_OPENS = r"^[ \t]*(?:```+|~~~+)[^\n`]*\n(?:[ \t]*#![^\n]*\n)?[ \t]*"
#: A comment with the name of a file and no more, as the first line of a fence that shows it.
_SHOWN = regex(rf"{_FENCE_OPENS}(?:#|//)[ \t]*(?:[\w.@~-]+/)*(?P<name>[^\r\n/]+?)[ \t]*\r?$", re.MULTILINE)
#: A word that tells to make a file, in a folded text, with the name that follows it.
_MADE = regex(
    r"(?:c(?<!\wc)reate|w(?<!\ww)rite|g(?<!\wg)enerate|a(?<!\wa)ppend|s(?<!\ws)caffold)\b"
    r"(?=[^\n:;|$`\"]{0,60}`(?:[\w./~-]*/)?(?P<name>[^`\n/]+)`)"
)
#: Command lines of frameworks that happen to be files: they hold no logic of the process.
_TOOLS_OF_FRAMEWORKS = frozenset({"manage.py", "setup.py", "gulpfile.js"})
#: What is started by these names, in no folder, is the program that the work is about.
_APPLICATIONS = frozenset({"app.js", "index.js", "main.js", "server.js", "app.py", "main.py", "server.py"})


def _is_no_script_of_process(script: str) -> bool:
    """Whether what is run is a tool of a framework, the user's own program, or a name in a sample."""
    is_tool = PurePosixPath(script).name in _TOOLS_OF_FRAMEWORKS
    return is_tool or script.removeprefix("./") in _APPLICATIONS or script.startswith("/path/to/")


_TOLD_TO_PEOPLE = regex(r"\b(?:ask|have|tell|let|instruct)\s+(?:the\s+)?(?:user|human|them|developer)s?\b", re.I)


def _is_told_to_people(context: Context, view: ShellView) -> bool:
    """Whether the sentence says, before it names the script, that a person is to run it."""
    if view.call is None or view.call.statement.form is not model.ShellForm.PROSE:
        return False
    sentence = context.document.text(view.call.span)
    first = min((at for script in view.call.statement.scripts if (at := sentence.find(script)) >= 0), default=0)
    return bool(_TOLD_TO_PEOPLE.search(sentence, 0, first))


def _what_it_does(source: SourceText) -> str:
    """What stands behind the call, in one line: how it decides and what it writes."""
    if not _is_bash(source):
        return f"the logic is in {source.path}"
    from peerlint.process.bash import facts, parse_bash

    known = facts(parse_bash(source.text, placeholders=False))
    exits = sum(1 for leave in known.exits if not leave.is_return)
    writes = sum(1 for use in known.kv if use.verb in _WRITING_VERBS)
    files = len({use.path for use in known.files if use.how in ("write", "append") and use.is_temporary})
    parts = [
        f"the script decides by exit code ({_count(exits, 'exit')})" if exits else "the script has no exit of its own"
    ]
    parts.append(f"writes NATS state ({_count(writes, 'command')})" if writes else "writes no state")
    if files:
        parts.append(f"hands values on in {_count(files, 'temp file')}")
    return ", ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def bare_shell(context: Context) -> Iterator[Found]:
    """Shell lines that stand in a step without a fence; a hybrid of both languages is PL107."""
    if not context.file.may_hold_bare_shell:
        return
    for view in context.calls():
        assert view.call is not None
        if view.call.statement.form is not model.ShellForm.BARE or view.call.statement.scripts:
            continue
        if _hybrid_heads(context, view.call.span) or all(_NAMES_A_PATH.match(x) for x in view.code.splitlines()):
            continue
        first = view.code.split("\n", 1)[0]
        lines = sum(1 for line in view.code.splitlines() if line.strip())
        yield Found(
            view.span(Span(0, len(first.rstrip()))),
            {
                "step": step_label(view.step),
                "line": shortened(first.strip(), _LONGEST_LINE),
                "count": _count(lines, "line"),
            },
        )


#: `DIR=.planning/debug`: a name for a path is no logic. And a `fi` alone is the rest of a hybrid.
_NAMES_A_PATH = regex(r"^\s*(?:[A-Za-z_]\w*=[\w./~-]*\s*|fi\s*)?$")


def missing_script(context: Context) -> Iterator[Found]:
    """Called scripts that the project does not have, in folders of which the files are known."""
    if not context.file.may_call_scripts:
        return
    if context.file.project is None:
        return
    for view in context.calls():
        assert view.call is not None
        for script in view.call.statement.scripts:
            path = re.sub(r"^(?:~|\$\{?HOME\}?|\.)/", "", script)
            folder = path.split("/", 1)[0]
            if folder not in _FRAMEWORK_FOLDERS or script in context.reading.scripts:
                continue
            if "$" in path or re.search(r"[\[{<*]", path):
                continue
            name = PurePosixPath(path).name
            known = context.file.project.files
            folders, tails = _folders_and_tails(known)
            # A framework that is installed elsewhere has no folder here, and then nothing is known about it.
            has_folder = str(PurePosixPath(path).parent) in folders
            if (
                has_folder
                and path not in known
                and "/".join(path.split("/")[-2:]) not in tails
                and not _is_created(context, name)
                and not re.search(rf"(?:-[efrsx]|\btest -\w)\s+\"?{re.escape(script)}", view.code)
            ):
                yield Found(place_of(script, view), {"step": step_label(view.step), "script": path})


@lru_cache(maxsize=1)  # asked for each script that the files of a project call
def _folders_and_tails(files: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The folders that hold one of the files, at any depth, and the last two names of those in such a folder."""
    folders: set[str] = set()
    for file in files:
        folder = file.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    parts = (file.rsplit("/", 2) for file in files)
    return frozenset(folders), frozenset("/".join(names[1:]) for names in parts if len(names) > 2)


def _is_created(context: Context, name: str) -> bool:
    """Whether the file tells to make a script of that name."""
    lines = (node.text for node in context.file.nodes if isinstance(node, Line) and name in node.text)
    return any(_CREATES.search(line) for line in lines)


_FRAMEWORK_FOLDERS = frozenset({".agent-os", ".claude", ".cursor"})
_CREATES = regex(r"\b(?:create|write|generate|add|save)\b", re.IGNORECASE)


def thin_wrapper(context: Context) -> Iterator[Found]:
    """Files that are one script call; where PL101 speaks of that call there is nothing to add."""
    if "PL101" in context.file.running:
        return
    calls = [view for view in context.calls() if view.call and view.call.statement.scripts]
    words = sum(len(node.text.split()) for node in context.file.nodes if isinstance(node, Line))
    if len(calls) == 1 and words < 40:
        assert calls[0].call is not None
        script = calls[0].call.statement.scripts[0]
        yield Found(place_of(script, calls[0]), {"script": PurePosixPath(script).name})


_BASH_TOOL = regex(r"\b(?:use|using|invoke|via)\s+(?:the\s+|your\s+)?[`*]*bash[`*]*\s+tool\b", re.IGNORECASE)
_ABOUT_THE_TOOL = regex(
    r"\btimeout\b|\bpersist|\bhook|\bdo not\b|\bdon't\b|\bnever\b|\bavoid\b|\binstead of\b|\brather than\b|\bif you\b"
    r"|\bwhen\b|\bonly\b|\bnot\b|\bwithout\b|\bparallel\b|\bbackground\b",
    re.IGNORECASE,
)


#: `**ACTION REQUIRED**: …` is an action, too.
_ACTION_LABEL = regex(r"[*_\s]*ACTION\b[A-Z *_]*:")


def bash_tool_step(context: Context) -> Iterator[Found]:
    """The Bash tool as the action of a step; silent in a step whose script calls PL101 names."""
    text = context.file.source.text
    if not names_bash_tool(text) or not _BASH_TOOL.search(text):
        return
    for node in context.nodes(Line):
        assert isinstance(node, Line)
        match = _BASH_TOOL.search(node.text)
        if match is None or _ABOUT_THE_TOOL.search(node.text):
            continue
        step = context.file.step_at(node.span)
        is_action = (isinstance(node, Directive) and node.word == "ACTION") or _ACTION_LABEL.match(node.text)
        if step is None or not (is_action or match.start() < 3):
            continue
        if any(call.statement.scripts for call in step.shell):
            continue
        start = context.document.source.text.find(match[0], node.span.start, node.span.end)
        yield Found(Span(start, start + len(match[0])), {"step": step_label(step)})


_HYBRID = regex(r"^(?:IF|ELSE IF|ELIF)\s+!?\s*(?P<test>\[\[?\s.*?\s\]\]?)(?P<rest>.*?)\s*(?P<then>;\s*then\b)?\s*:?$")


def shell_logic_hybrid(context: Context) -> Iterator[Found]:
    """Conditions of the logic language that are shell tests, also with `then` and `fi`."""
    for node in context.nodes(ConditionLine, Line):
        if _is_hybrid(node):
            assert isinstance(node, Line)
            end = node.span.start + len(context.document.text(node.span).rstrip())
            start = end - len(node.text.rstrip())
            place = Span(max(node.span.start, start), end)
            from peerlint.lint.detect.hybrid import in_words

            yield Found(place, {"line": shortened(node.text.strip(), _LONGEST_LINE)}, fix=in_words(context, node))


def _is_hybrid(node: Node) -> bool:
    return isinstance(node, Line) and _HYBRID.match(node.text.strip()) is not None


def _hybrid_heads(context: Context, span: Span) -> bool:
    return any(_is_hybrid(node) for node in context.file.nodes_within(span))


_HOME = regex(r"^(?:/home/[\w.-]+|/Users/[\w.-]+|/root)/")


def home_path(context: Context) -> Iterator[Found]:
    """Script paths below somebody's own home folder."""
    if not context.file.may_call_scripts:
        return
    for view in context.calls():
        assert view.call is not None
        for script in view.call.statement.scripts:
            if _HOME.match(script):
                yield Found(place_of(script, view), {"script": script})


DETECTORS = (
    external_script,
    bare_shell,
    missing_script,
    thin_wrapper,
    bash_tool_step,
    shell_logic_hybrid,
    home_path,
)

"""PL2: state that does not survive, or that two writers overwrite."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, ShellView, step_label, words
from peerlint.process.bash.facts import FileUse, KvUse, Mention
from peerlint.process.bash.tree import Assignment, Parameter, Redirection, Simple, Substitution, walk
from peerlint.process.model import ShellForm
from peerlint.source.text import Span

#: Variables that the shell or the harness gives to every call.
_AMBIENT = words(
    """
    HOME PATH PWD OLDPWD USER LOGNAME SHELL TMPDIR LANG LC_ALL TERM HOSTNAME RANDOM SECONDS LINENO
    UID EUID PPID ARGUMENTS IFS OPTARG OPTIND REPLY EDITOR PAGER FUNCNAME BASH_SOURCE BASH_VERSION
    PIPESTATUS COLUMNS LINES CLAUDE_PROJECT_DIR CLAUDE_PLUGIN_ROOT CI GITHUB_TOKEN GH_TOKEN
    """
)


def lost_variable(context: Context) -> Iterator[Found]:
    """Variables that one call sets and a later call reads, where each call has its own shell."""
    if context.file.harness.keeps_variables:
        return
    made: dict[str, tuple[int, Mention]] = {}
    calls = [view for view in context.calls() if _is_a_call(view)]
    for index, view in enumerate(calls):
        own = {mention.name: mention.span.start for mention in reversed(view.facts.variables_set)}
        seen: set[str] = set()
        for use in view.facts.variables_read:
            if use.name in seen or use.name in _AMBIENT or use.name in own or use.name not in made:
                continue
            if _is_defaulted(view, use):
                continue
            seen.add(use.name)
            origin, mention = made[use.name]
            place = calls[origin].span(mention.span)
            row = context.file.source.lines.position(place.start).row
            yield Found(
                view.span(use.span),
                {"name": use.name, "row": str(row)},
                related=(context.file.related(place, f"{use.name} is set here, in a call of its own"),),
            )
        for mention in view.facts.variables_set:
            made[mention.name] = (index, mention)


def _is_a_call(view: ShellView) -> bool:
    """Whether the code is a call by itself; a command in a sentence may be anything."""
    return view.call is not None and view.call.statement.form in (ShellForm.FENCE, ShellForm.SCRIPT)


def _is_defaulted(view: ShellView, use: Mention) -> bool:
    """`${X:-…}` reads a variable that may be missing."""
    return any(
        isinstance(node, Parameter) and node.span == use.span and node.operator in (":-", "-", ":=", "=", "+", ":+")
        for node in walk(view.script.commands)
    )


def lost_definition(context: Context) -> Iterator[Found]:
    """Functions that one call defines and a later call uses, where each call has its own shell."""
    if context.file.harness.keeps_variables:
        return
    made: dict[str, Span] = {}
    for view in context.calls():
        if not _is_a_call(view):
            continue
        own = {mention.name for mention in view.facts.functions_defined}
        for command in walk(view.script.commands):
            if isinstance(command, Simple) and command.name in made and command.name not in own:
                row = context.file.source.lines.position(made[command.name].start).row
                yield Found(
                    view.span(command.words[0].span),
                    {"name": command.name, "row": str(row)},
                    related=(context.file.related(made[command.name], f"{command.name} is defined here"),),
                )
        made.update({mention.name: view.span(mention.span) for mention in view.facts.functions_defined})


def shared_temp_file(context: Context) -> Iterator[Found]:
    """Temp files of a fixed name that one call writes and a later call reads."""
    written: dict[str, tuple[ShellView, FileUse]] = {}
    reported: set[str] = set()
    for view in context.calls():
        for use in _temp_uses(view, "read"):
            if use.path in written and written[use.path][0] is not view and use.path not in reported:
                reported.add(use.path)
                writer, write = written[use.path]
                place = writer.span(write.span)
                row = context.file.source.lines.position(place.start).row
                yield Found(
                    view.span(use.span),
                    {"path": use.path, "row": str(row)},
                    related=(context.file.related(place, f"{use.path} is written here"),),
                )
        for use in (*_temp_uses(view, "write"), *_temp_uses(view, "append")):
            written.setdefault(use.path, (view, use))


def _temp_uses(view: ShellView, how: str) -> list[FileUse]:
    return [
        use for use in view.facts.files if use.how == how and use.is_temporary and not re.search(r"[$*\[{<`]", use.path)
    ]


def unguarded_update(context: Context) -> Iterator[Found]:
    """A KV value that is read, changed and put back without its revision, or with one from a second read."""
    read: dict[tuple[str | None, str | None], Span] = {}
    for view in context.calls():
        for use in view.facts.kv:
            key = (use.bucket, use.key)
            if use.key is None:
                continue
            if use.verb == "get":
                read.setdefault(key, view.span(use.span))
            elif use.verb == "put" and key in read and _puts_what_was_read(context, view, use):
                row = context.file.source.lines.position(read[key].start).row
                yield Found(
                    view.span(use.span),
                    {"key": use.key, "row": str(row), "step": step_label(view.step)},
                    related=(context.file.related(read[key], "the value is read here"),),
                )


def _puts_what_was_read(context: Context, view: ShellView, use: KvUse) -> bool:
    """Whether the value that is put holds a variable: a literal overwrites whatever was there on purpose."""
    return "$" in view.text(use.span).replace(use.key or "", "", 1)


_JSON_START = re.compile(r"""^\s*[{\[]\s*\\?["{\[]""")


def interpolated_json(context: Context) -> Iterator[Found]:
    """JSON that is put together from text and variables: a quote in a value breaks it."""
    for view in context.calls():
        for node in walk(view.script.commands):
            if isinstance(node, Redirection) and node.operator in ("<<", "<<-"):
                body = view.text(node.target.span)
                places = [p for p in walk(node.target) if isinstance(p, (Parameter, Substitution))]
            elif isinstance(node, Simple) and node.name in ("echo", "printf") and len(node.words) > 1:
                word = node.words[1]
                body = view.text(word.span).strip("\"'")
                places = [p for p in walk(word) if isinstance(p, (Parameter, Substitution))]
            else:
                continue
            if places and _JSON_START.match(body) and _is_inside_string(body, view, places):
                yield Found(view.span(places[0].span), {"step": step_label(view.step)})


def _is_inside_string(body: str, view: ShellView, places: list[Parameter | Substitution]) -> bool:
    """Whether a variable stands between the quotes of a JSON string; bare ones are numbers or whole JSON values."""
    return any(re.search(r'\\?"[^"]*' + re.escape(view.text(place.span)) + r'[^"]*\\?"', body) for place in places)


_DATE_ID = re.compile(r"\bdate\s+[\"']?\+[\"']?%[\w%-]*")


def reminted_id(context: Context) -> Iterator[Found]:
    """The same variable made from the date in two calls: the second one is another id."""
    minted: dict[str, Span] = {}
    for view in context.calls():
        for node in walk(view.script.commands):
            if not isinstance(node, Assignment) or node.value is None:
                continue
            if not _DATE_ID.search(view.text(node.span)) or "%S" not in view.text(node.span):
                continue
            place = view.span(node.span)
            if node.name in minted and not view.outer.contains(minted[node.name]):
                row = context.file.source.lines.position(minted[node.name].start).row
                related = (context.file.related(minted[node.name], "it is made here first"),)
                yield Found(place, {"name": node.name, "row": str(row)}, related=related)
            minted.setdefault(node.name, place)


_NEWEST = re.compile(r"\bls\s+-\w*t\w*\b[^|;&\n]*\|\s*head\s+(?:-n\s*)?-?1\b")


def newest_file(context: Context) -> Iterator[Found]:
    """`ls -t | head -1`: the newest file as the state of the process."""
    for view in context.calls():
        for match in _NEWEST.finditer(view.code):
            yield Found(view.span(Span(match.start(), match.end())))


_PARALLEL = re.compile(
    r"\bin parallel\b|\bparallel (?:agents|subagents|tasks|workers)\b|\bconcurrently\b", re.IGNORECASE
)


def parallel_temp_file(context: Context) -> Iterator[Found]:
    """A fixed temp file in a step that several agents do at the same time."""
    for view in context.calls():
        step = view.step
        if step is None or step.node is None or not _PARALLEL.search(context.document.text(step.span)):
            continue
        for use in (*_temp_uses(view, "write"), *_temp_uses(view, "append")):
            yield Found(view.span(use.span), {"path": use.path, "step": step_label(step)})


DETECTORS = (
    lost_variable,
    lost_definition,
    shared_temp_file,
    parallel_temp_file,
    unguarded_update,
    interpolated_json,
    reminted_id,
    newest_file,
)

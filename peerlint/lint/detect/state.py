"""PL2: state that does not survive, or that two writers overwrite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from peerlint.lint.context import Context, Found, ScriptView, ShellView, as_written, step_label, words
from peerlint.lint.detect import logic_names
from peerlint.patterns import latin_set, regex
from peerlint.process import model
from peerlint.process.bash import facts, parse_bash
from peerlint.process.bash.facts import FileUse, KvUse, Mention, written
from peerlint.process.bash.tree import (
    ArithmeticExpansion,
    Assignment,
    Parameter,
    Redirection,
    Simple,
    Substitution,
    Unreadable,
    Word,
    walk,
)
from peerlint.source.document import Node, Section
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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
    if context.file.harness.keeps_variables or not _may_share_variables(context):
        return
    made: dict[str, tuple[ShellView, Mention]] = {}
    of_logic = list(logic_names.names_set(context))
    # Names that a call reads before anything has set them: the agent fills them in, there and behind it.
    filled_in: set[str] = set()
    for view in (view for view in context.calls() if _is_a_call(view)):
        stated = {name: place for name, place in of_logic if place.end <= view.outer.start}
        own = {mention.name for mention in view.facts.variables_set}
        filled_in |= {use.name for use in view.facts.variables_read} - own - made.keys()
        sourced = _sourced(context, view)
        seen: set[str] = set()
        for use in view.facts.variables_read:
            if use.name in seen or use.name in _AMBIENT or use.name in own:
                continue
            if use.name not in made and use.name not in stated:
                continue
            if _is_defaulted(view, use) or sourced is None or use.name in sourced or _is_for_agent(view, use):
                continue
            seen.add(use.name)
            if use.name not in made:
                yield _set_by_logic(context, view, use, stated[use.name])
                continue
            maker, mention = made[use.name]
            is_script = isinstance(maker, ScriptView)
            if is_script and not _is_only_read(context, use.name):
                continue
            where = "in a script, which has a shell of its own" if is_script else "in a call of its own"
            related = (maker.related(mention.span, f"{use.name} is set here, {where}"),)
            values = {"name": use.name, "origin": "another call", "where": maker.where(mention.span)}
            yield view.found(use.span, values, related=related)
        for script in context.file.scripts[view]:
            for mention in _own_variables(script):
                if mention.name not in filled_in:
                    made.setdefault(mention.name, (script, mention))
        for mention in view.facts.variables_set:
            made[mention.name] = (view, mention)


def _set_by_logic(context: Context, view: ShellView, use: Mention, place: Span) -> Found:
    values = {
        "name": use.name,
        "origin": "the logic",
        "where": f"line {context.file.source.lines.position(place.start).row}",
    }
    related = (context.file.related(place, f"{use.name} is set here, as a name of the logic"),)
    return view.found(use.span, values, related=related)


def _may_share_variables(context: Context) -> bool:
    """Whether the shell of the file may set a variable and read it in a later call, told without reading the file."""
    shell = context.file.possible_shell
    # Where calls cannot be told apart, what one of them sets may be read by any of them.
    calls = context.file.separate_calls or (shell, shell)
    last_read = {name: number for number, call in enumerate(calls) for name in _READ.findall(call)}
    read = last_read.keys() - _AMBIENT
    if not read or context.file.may_call_scripts:
        return bool(read)
    if logic_names.may_set(context, read):
        return True
    return any(
        _may_set(call, {name for name in read if last_read[name] > number}) for number, call in enumerate(calls[:-1])
    )


def _may_set(shell: str, names: set[str]) -> bool:
    if any(f"{name}{sign}" in shell for name in names for sign in _SETTING):
        return True
    return any(not names.isdisjoint(_NAME.findall(words[0])) for words in _SET_BY_WORD.finditer(shell))


_READ = regex(r"\$\{?[!#]?([A-Za-z_]\w*)")
#: What stands behind a name that is set, and what takes such names as words, up to the end of the command.
_SETTING = ("=", "+=", ":=", "[")
_SET_BY_WORD = regex(r"(?:for|read)\b(?:\\\n|[^\n;|&])*")
_NAME = regex(r"[A-Za-z_]\w*")


def _is_for_agent(view: ShellView, use: Mention) -> bool:
    """Whether a name stands in a slash command, which the agent types: no shell puts a value there."""
    start = view.code.rfind("\n", 0, use.span.start) + 1
    return _SLASH_COMMAND.match(view.code, start) is not None


_SLASH_COMMAND = regex(r"\s*/[a-z][\w:-]*(?:\s|$)")
#: Names that people set for themselves, too, in the environment of their shell.
_OF_THE_USER = regex(
    r"^(?:NODE|NPM|NATS|AWS|GITHUB|GH|CLAUDE|DOCKER|KUBE|PYTHON|VIRTUAL|XDG|SSH|GIT|CI|PEERLINT)(?:_|$)"
    r"|(?:^|_)(?:URL|URI|TOKEN|KEY|HOME|PATH|DIR|ROOT|HOST|PORT|ENV|SECRET|PASSWORD|USER|NAME)$"
)


def _own_variables(script: ScriptView) -> Iterator[Mention]:
    """Variables that a shell script gives values of its own; those with a default may come from the environment."""
    if script.name.endswith(".py"):
        return
    taken = {node.name for node in walk(script.script.commands) if isinstance(node, Parameter) and node.operator}
    for mention in script.facts.variables_set:
        if len(mention.name) > 1 and mention.name not in taken and not _OF_THE_USER.search(mention.name):
            yield mention


def _is_only_read(context: Context, name: str) -> bool:
    """Whether the file does nothing with a name but read it in its calls: no text and no logic may fill it in."""
    read = sum(use.name == name for view in context.calls() for use in view.facts.variables_read)
    return len(re.findall(rf"\b{re.escape(name)}\b", context.file.source.text)) == read


def _sourced(context: Context, view: ShellView) -> frozenset[str] | None:
    """The variables that scripts set which the call reads into its shell; None where one of them is not known."""
    names: set[str] = set()
    pending = [view.script]
    seen: set[str] = set()
    while pending:
        for command in walk(pending.pop().commands):
            if not isinstance(command, Simple) or command.name not in ("source", ".", "eval") or len(command.words) < 2:
                continue
            reference = command.words[1].literal if command.name != "eval" else None
            script = context.reading.resolve(reference) if reference is not None else None
            if script is None:
                return None
            if script.path not in seen:
                seen.add(script.path)
                inner = parse_bash(script.text, placeholders=False)
                names.update(mention.name for mention in facts(inner).variables_set)
                pending.append(inner)
    return frozenset(names)


def _is_a_call(view: ShellView) -> bool:
    """Whether the code is a call by itself; a command in a sentence may be anything."""
    return view.call is not None and view.call.statement.form in (model.ShellForm.FENCE, model.ShellForm.SCRIPT)


def _is_defaulted(view: ShellView, use: Mention) -> bool:
    """`${X:-…}` reads a variable that may be missing."""
    return any(
        isinstance(node, Parameter) and node.span == use.span and node.operator in (":-", "-", ":=", "=", "+", ":+")
        for node in walk(view.script.commands)
    )


def lost_definition(context: Context) -> Iterator[Found]:
    """Functions that one call defines, or an environment that it activates, and that a later call uses."""
    if context.file.harness.keeps_variables or not _may_define(context):
        return
    made: dict[str, tuple[ShellView, Span]] = {}
    activated: tuple[ShellView, Span] | None = None
    for view in context.calls():
        if not _is_a_call(view):
            continue
        own = {mention.name for mention in view.facts.functions_defined}
        if (place := _activation(view)) is not None:
            activated = (view, place)
        commands = [node for node in walk(view.script.commands) if isinstance(node, Simple)]
        for command in commands:
            if command.name in made and command.name not in own:
                yield _lost(view, command, made[command.name], f"{command.name} was defined")
        needing = next((command for command in commands if command.name in _OF_ENVIRONMENT), None)
        if needing is not None and activated is not None and place is None and _holds_in(activated[0], view):
            yield _lost(view, needing, activated, "its environment was activated")
        made.update({mention.name: (view, mention.span) for mention in view.facts.functions_defined})


def _may_define(context: Context) -> bool:
    """Whether a call may define a function that is called behind it, or activate an environment that is needed there.

    Told without reading the file.
    """
    shell, calls = context.file.possible_shell, context.file.separate_calls
    if calls is None:
        names = _may_be_defined(shell)
        return "activate" in shell or len(names) > _MOST_NAMES or any(shell.count(name) > 1 for name in names)
    asked, behind, shell = 0, 0, "".join(calls)
    for call in calls:
        behind += len(call)
        names = _may_be_defined(call) | (_OF_ENVIRONMENT if "activate" in call else set())
        asked += len(names)
        if asked > _MOST_NAMES or any(shell.find(name, behind) >= 0 for name in names):
            return True
    return False


def _may_be_defined(shell: str) -> set[str]:
    """The names that may be those of functions that the shell defines."""
    heads = [shell[max(0, found.start() - _LONGEST_NAME) : found.start()] for found in _BODY.finditer(shell)]
    names = {_NAME_AT_END.split(head.rstrip())[-1] for head in heads}
    return names | {found[1] for found in _FUNCTION.finditer(shell)}


#: What stands behind the name of a function; its body is any command that consists of others. Both patterns begin with
#: a literal, for which a text is searched fast.
_BODY = regex(r"\(\s*\)\s*(?:[{(#]|\[\[|[a-z])")
_FUNCTION = regex(r"""function\s+([^\s(){}<>;&|$"'`]+)""")
_NAME_AT_END = regex(r"""[\s(){}<>;&|$"'`]""")
#: Names are no longer, and so many are looked for one by one; it keeps that linear.
_LONGEST_NAME, _MOST_NAMES = 200, 40


def _holds_in(maker: ShellView, view: ShellView) -> bool:
    """Whether what one call activates is meant for the other: in its step, and not below a heading beside it.

    "Development" and "Testing" beside each other are chapters of a page, each read by itself.
    """
    if maker.step is not view.step or maker.call is None or view.call is None:
        return False
    of_maker, sections = _sections(maker.call.node), _sections(view.call.node)
    return not of_maker or of_maker[0] in sections


def _sections(node: Node) -> list[Node]:
    """The sections around a node, the nearest first."""
    around: list[Node] = []
    above = node.parent
    while above is not None:
        if isinstance(above, Section):
            around.append(above)
        above = above.parent
    return around


def _lost(view: ShellView, command: Simple, origin: tuple[ShellView, Span], what: str) -> Found:
    maker, place = origin
    values = {"name": command.name or "", "what": what, "where": maker.where(place)}
    return view.found(command.words[0].span, values, related=(maker.related(place, f"{what} here"),))


def _activation(view: ShellView) -> Span | None:
    """Where a call makes a virtual environment the current one."""
    match = _ACTIVATES.search(view.code)
    return Span(match.start(), match.end()) if match else None


_ACTIVATES = regex(r"(?:\bsource|(?:^|[;&]\s*)\.)\s+\S*\bactivate\b|\b(?:conda|mamba) activate\b", re.MULTILINE)
#: What a virtual environment is activated for.
_OF_ENVIRONMENT = frozenset({"python", "python3", "pip", "pip3", "pytest", "mypy", "ruff", "uvicorn", "flask"})


def shared_temp_file(context: Context) -> Iterator[Found]:
    """Temp files of a fixed name that one call writes and a later call reads, in scripts too."""
    if not context.file.may_be_in_two_calls("/tmp/", "TMPDIR"):
        return
    writers: dict[str, tuple[ShellView, FileUse]] = {}
    reported: set[str] = set()
    for view in context.executed():
        uses = _temp_uses(view)
        for use in uses:
            if use.how != "read" or use.path in reported or use.path not in writers:
                continue
            if _may_be_written_before(view, use, uses):
                continue
            writer, write = writers[use.path]
            # What a script writes and reads itself, or two scripts of one command line, is one call.
            if writer.call is not view.call:
                reported.add(use.path)
                related = (writer.related(write.span, f"{use.path} is written here"),)
                values = {"path": use.path, "where": writer.where(write.span)}
                yield view.found(use.span, values, related=related)
        for use in uses:
            if use.how in ("write", "append"):
                writers.setdefault(use.path, (view, use))


def _may_be_written_before(view: ShellView, use: FileUse, uses: list[FileUse]) -> bool:
    """Whether the same call writes the file anew before it reads it, also in shell that cannot be read."""
    if any(own.path == use.path and own.how == "write" and own.span < use.span for own in uses):
        return True
    unread = (node for node in walk(view.script.commands) if isinstance(node, Unreadable))
    return any(node.span < use.span and use.path in view.text(node.span) for node in unread)


#: Commands that change or remove the files they name, and those that only mention them.
_CHANGING = {"rm": "remove", "touch": "mention", "mkdir": "mention", "tee": "write", "chmod": "mention"}
_MENTIONING = frozenset({"echo", "printf", "[", "test", "ls", "export", "local", "readonly", "declare"})


#: Commands whose `-o` is a switch, and what an option is called whose word is a file that the command makes.
_SEARCHING = frozenset({"grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack"})
_OUTPUT = regex(rf"-{latin_set('a-z')}*o|--out(?:put)?(?:-?(?:file|path|document))?", re.IGNORECASE)


def _is_output(option: str | None) -> bool:
    return option is not None and _OUTPUT.fullmatch(option) is not None


def _temp_uses(view: ShellView) -> list[FileUse]:
    """How the code uses temp files of a fixed name, also under a name that it gives them."""
    uses = [use for use in view.facts.files if isinstance(view, ScriptView) and view.name.endswith(".py")]
    for node in walk(view.script.commands):
        if isinstance(node, Redirection) and node.operator not in ("<<", "<<-", "<<<", ">&", "<&"):
            how = {"<": "read", ">>": "append", "&>>": "append"}.get(node.operator, "write")
            uses.append(FileUse(view.resolved(written(view.script, node.target)), how, node.span))
        elif isinstance(node, Simple) and node.name is not None and node.name not in _MENTIONING:
            operands = [w for w in node.words[1:] if not (w.literal or "").startswith("-")]
            outputs = [] if node.name in _SEARCHING else [w for o, w in pairwise(node.words) if _is_output(o.literal)]
            for word in node.words[1:]:
                option, _, file = (word.literal or "").partition("=")
                if file and _is_output(option):
                    uses.append(FileUse(file, "write", word.span))
            for word in operands:
                how = "write" if word in outputs else _CHANGING.get(node.name, "read")
                if node.name in ("cp", "mv") and word is operands[-1]:
                    how = "write"
                uses.append(FileUse(view.resolved(written(view.script, word)), how, word.span))
    return [use for use in uses if use.is_temporary and re.fullmatch(r"[\w./-]+", _TMPDIR.sub("/tmp", use.path))]


_TMPDIR = regex(r"\$\{?TMPDIR(?::-/tmp)?\}?")


def unguarded_update(context: Context) -> Iterator[Found]:
    """A KV value that is read, changed and put back without its revision, or with one from a second read."""
    read: dict[tuple[str | None, str | None], tuple[ShellView, KvUse]] = {}
    for view in context.executed():
        for use in view.facts.kv:
            if use.key is None:
                continue
            key = (view.resolved(use.bucket or ""), view.resolved(use.key))
            if use.verb == "get":
                # A variable with the name of the key means the same key in this code only.
                read.setdefault(key if "$" not in key[1] else (str(id(view)), key[1]), (view, use))
                continue
            origin = read.get(key) or read.get((str(id(view)), key[1]))
            if origin is None:
                continue
            reader, get = origin
            related = (reader.related(get.span, "the value is read here"),)
            values = {"key": key[1], "where": reader.where(get.span), "step": step_label(view.step)}
            if use.verb == "put" and _puts_what_was_read(view, use):
                problem = "put back without its revision"
                yield view.found(use.span, {**values, "problem": problem}, related=related)
            elif use.verb == "update" and _reads_the_revision_again(view, use):
                problem = "updated with a revision from a second read"
                yield view.found(use.span, {**values, "problem": problem}, related=related)
    yield from _unguarded_in_logic(context)


def _unguarded_in_logic(context: Context) -> Iterator[Found]:
    """STORE of a value under a key that the logic has read, where the value may come from that read."""
    read: dict[tuple[str, str], Span] = {}
    nodes = [node for _, container in context.logic() for node in model.walk(container.reading.statements)]
    made_of = _made_of(nodes)
    for node in nodes:
        effect = getattr(node, "effect", None)
        # A value in words is no form of the language, but plain to a reader.
        words = _STORE_LINE.match(node.text) if isinstance(node, model.Opaque) else None
        if words is not None:
            place = words["bucket"], words["key"]
        elif isinstance(effect, (model.KvGet, model.KvPut)):
            place = as_written(effect.bucket), as_written(effect.key)
        else:
            continue
        if isinstance(effect, model.KvGet):
            read[place] = node.span
        elif place in read and (
            words is not None or (isinstance(effect, model.KvPut) and _may_be_read(effect, made_of))
        ):
            origin = read[place]
            row = context.file.source.lines.position(origin.start).row
            values = {"key": place[1], "where": f"line {row}", "problem": "put back without its revision"}
            related = (context.file.related(origin, "the value is read here"),)
            yield Found(context.file.first_line(node.span), values, related=related)


_STORE_LINE = regex(r"STORE:[ \t]*\"?(?P<key>[\w./\[\]-]+)\"?[ \t]+in[ \t]+(?P<bucket>[\w-]+)[ \t]*=.*\[[A-Z]")


#: In the place of a name: what the world answers.
_FROM_OUTSIDE = ""


def _made_of(nodes: Iterable[Any]) -> dict[str, set[str]]:
    """For each name that the logic binds, the names that its value is made of, wherever it is set."""
    made: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, model.Set):
            made.setdefault(node.target.name, set()).update(_names_read((node.value, node.clauses)))
        elif isinstance(node, (model.Ask, model.Input)):
            made.setdefault(node.name, set())
        elif isinstance(name := getattr(getattr(node, "effect", None), "name", None), str):
            made.setdefault(name, set()).add(_FROM_OUTSIDE)
    return made


def _names_read(value: object) -> set[str]:
    return {node.name for node in model.walk(value) if isinstance(node, model.Ref)}


def _may_be_read(effect: model.KvPut, made_of: dict[str, set[str]]) -> bool:
    """Whether the value may come from what was read: a literal, or what the user said, overwrites on purpose."""
    seen: set[str] = set()
    pending = _names_read(effect.value)
    while pending:
        seen |= pending
        if _FROM_OUTSIDE in pending or not pending <= made_of.keys():
            return True
        pending = set().union(*(made_of[name] for name in pending)) - seen
    return False


def _puts_what_was_read(view: ShellView, use: KvUse) -> bool:
    """Whether the value that is put may come from the one that was read.

    A literal overwrites whatever was there on purpose, and so does a variable that the code sets to something else.
    """
    words = _operands(view, use.span)
    value = words[3] if len(words) > 3 else None
    if value is None:
        # Without a value the command takes its standard input.
        return not isinstance(view, ScriptView) or not view.name.endswith(".py")
    if value.literal is not None:
        return re.fullmatch(r"\{\w+\}", value.literal) is not None
    names = [node.name for node in walk(value) if isinstance(node, Parameter)]
    if any(isinstance(node, Substitution) for node in walk(value)) or not names:
        return True
    closures = [_closure(view, name) for name in names]
    return any(not closure or _TAKES_INPUT.search(closure) for closure in closures)


_TAKES_INPUT = regex(r"\bkv\s+get\b|\bcat\b|<|\bjq\b(?!\s+-\w*n)")


def _reads_the_revision_again(view: ShellView, use: KvUse) -> bool:
    """Whether value and revision of an update come from two different reads: in between the value may have changed."""
    words = _operands(view, use.span)
    if len(words) < 5:
        return False
    value, revision = (_gets(view, word) for word in words[3:5])
    return bool(value) and bool(revision) and not value & revision


def _operands(view: ShellView, span: Span) -> list[Word]:
    """Verb, bucket, key, value, revision of a `nats kv` command, as far as they are there."""
    command = next(c for c in view.facts.nats if c.span == span)
    return [word for word in command.words[2:] if not (word.literal or "").startswith("-")]


def _gets(view: ShellView, word: Word) -> set[Span]:
    """The reads of KV that a value comes from, directly or through variables."""
    pending: list[object] = [word]
    seen: set[str] = set()
    found: set[Span] = set()
    reads = [use.span for use in view.facts.kv if use.verb == "get"]
    while pending:
        node = pending.pop()
        for inner in walk(node):
            if isinstance(inner, Simple) and inner.span in reads:
                found.add(inner.span)
            for name in _names_in(inner) - seen:
                seen.add(name)
                pending.extend(_assignments(view, name))
    return found


def _names_in(node: object) -> set[str]:
    """The variables that a piece of shell reads, in arithmetic too."""
    if isinstance(node, ArithmeticExpansion):
        return set(re.findall(r"[A-Za-z_]\w*", node.expression))
    return {node.name} if isinstance(node, Parameter) else set()


def _assignments(view: ShellView, name: str) -> tuple[Assignment, ...]:
    return view.script.commands.assignments.get(name, ())


def _closure(view: ShellView, name: str) -> str:
    """The code of all assignments that a variable's value comes from; empty where the code never sets it."""
    pending, seen, pieces = [name], {name}, list[str]()
    while pending:
        for assignment in _assignments(view, pending.pop()):
            pieces.append(view.text(assignment.span))
            for inner in re.findall(r"[A-Za-z_]\w*", pieces[-1]):
                if inner not in seen:
                    seen.add(inner)
                    pending.append(inner)
    return "\n".join(pieces)


_DATE_ID = regex(r"\bdate\s+[\"']?\+[\"']?%[\w%-]*")


def _is_id(name: str, code: str) -> bool:
    """Whether an assignment makes an id from the time: to the second, or by its name from the seconds since 1970."""
    if not _DATE_ID.search(code):
        return False
    return "%S" in code or ("%s" in code and _NAME_OF_ID.search(name) is not None)


_NAME_OF_ID = regex(rf"(?:^|_)ID(?:_|$)|{latin_set('a-z')}Id$", re.IGNORECASE)


def reminted_id(context: Context) -> Iterator[Found]:
    """The same variable made from the date in two calls: the second one is another id."""
    if not context.file.may_be_in_two_calls("%S", "%s"):
        return
    minted: dict[str, Span] = {}
    for view in context.calls():
        for node in walk(view.script.commands):
            if not isinstance(node, Assignment) or node.value is None:
                continue
            if not _is_id(node.name, view.text(node.span)):
                continue
            place = view.span(node.span)
            if node.name in minted and not view.outer.contains(minted[node.name]):
                row = context.file.source.lines.position(minted[node.name].start).row
                related = (context.file.related(minted[node.name], "it is made here first"),)
                yield Found(place, {"name": node.name, "row": str(row)}, related=related)
            minted.setdefault(node.name, place)


#: Sorted by time the first is the newest, in reverse the last one. It begins with letters, which are searched for fast.
_NEWEST = regex(
    r"ls(?<=\bls)\s+(?=-\w*t)(?:(?!-\w*r)-\w+\b[^|;&\n]*\|\s*head|(?=-\w*r)-\w+\b[^|;&\n]*\|\s*tail)\s+(?:-n\s*)?-?1\b"
)


def newest_file(context: Context) -> Iterator[Found]:
    """`ls -t | head -1`: the newest file as the state of the process."""
    if not _NEWEST.search(context.file.possible_shell):
        return
    for view in context.calls("ls", "|", inline=True):
        for match in _NEWEST.finditer(view.code):
            yield Found(view.span(Span(match.start(), match.end())))


_PARALLEL = regex(
    r"\b(?:sub-?agents|agents|workers|tasks)\b[^.\n]{0,60}\bin parallel\b|\bparallel (?:sub-?agents|agents|workers)\b"
    r"|\bin parallel\b[^.\n]{0,60}\b(?:sub-?agents|agents|workers)\b",
    re.IGNORECASE,
)


def parallel_temp_file(context: Context) -> Iterator[Found]:
    """A fixed temp file in a step that several agents do at the same time."""
    for view in context.executed():
        step = view.step
        if step is None or step.node is None:
            continue
        if not any(_PARALLEL.search(context.document.text(node.span)) for node in step.prose):
            continue
        for use in _temp_uses(view):
            if use.how in ("write", "append"):
                yield view.found(use.span, {"path": use.path, "step": step_label(step)})


DETECTORS = (
    lost_variable,
    lost_definition,
    shared_temp_file,
    parallel_temp_file,
    unguarded_update,
    reminted_id,
    newest_file,
)

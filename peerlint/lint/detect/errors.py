"""PL3: failures that nobody sees, and exits that end less than they seem to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from peerlint.lint.context import Context, Found, ScriptView, ShellView, shown_command, step_label
from peerlint.lint.detect.exits import FailingExit, failing_exits
from peerlint.lint.diagnostics import Applicability, Fix
from peerlint.patterns import regex
from peerlint.process import model
from peerlint.process.bash.facts import StatusRead
from peerlint.process.bash.tree import (
    AndOr,
    Assignment,
    Background,
    Command,
    DoubleBracket,
    For,
    Group,
    IfCommand,
    Loop,
    Negated,
    Parameter,
    Pipe,
    Redirection,
    Simple,
    Subshell,
    Substitution,
    walk,
)
from peerlint.records import dataclass
from peerlint.source.document import Section
from peerlint.source.text import Edit, Span

_COMPLAINT = regex(
    r"\berror\b|\bfail(?:ed|ure|s)?\b|❌|✗|\bcannot\b|\bcould not\b|\bunable to\b|\binvalid\b", re.IGNORECASE
)
_FAILURE_EXPLAINED = regex(
    r"\b(?:if|when|unless|on|upon|in case)\b[^.\n]{0,60}\b(?:fail|error|exit|non-?zero|not available|missing|abort)"
    r"|\bERROR_HANDLING\b|\bexit code|\bnon-?zero\b|\bSTOP\b|\bABORT\b|\bHALT\b"
    r"|\b(?:stop|abort|halt)\b[^.\n]{0,30}\b(?:if|when|on|here|execution)\b|\bblock(?:ers?|ing)\b"
    r"|\b(?:cannot|can'?t|must not|do not|don'?t|only) (?:proceed|continue)\b|\bfailure (?:behaviou?r|handling)\b"
    r"|\b(?:once|only after|after) [^.\n]{0,60}\b(?:is live|is done|succeed\w*|passes|passed|completes?|is ready)\b",
    re.IGNORECASE,
)
#: When the next step is done at all, as its heading says: `Step 2: Create the folder (if missing)`.
_MAKES_WHAT_IS_MISSING = regex(r"\(if\b[^()\n]{0,30}\bmissing\)", re.IGNORECASE)
#: Words in what a call prints that an agent cannot take for anything else.
_FORBIDS_TO_GO_ON = regex(
    r"\b(?:echo|printf)\b[^\n]*\b(?:do not|don'?t|must not|cannot|can'?t|can not|not safe to|unable to)"
    r"\s+(?:proceed|continue|go on|carry on)\b",
    re.IGNORECASE,
)


def exit_as_flow(context: Context) -> Iterator[Found]:
    """`exit N` in a call with steps or calls behind it, where no sentence says what a failure means."""
    # Where PL101 speaks of a call, its help says what the script decides by its exit code.
    has_script_rule = "PL101" in context.file.running
    calls = context.calls()
    for view in calls if has_script_rule else context.executed():
        if view.call is None or view.step is None or view.step.exits:
            continue
        if view.call.statement.form is model.ShellForm.PROSE:
            continue
        following = _what_follows(context, view, calls)
        if following is None:
            continue
        failing = [leave for leave in failing_exits(view.script) if not _printed_says_so(view, leave)]
        if failing and not following.explained() and not _is_hybrid(view, failing[0].span):
            label, shown = step_label(view.step), shown_command(view, failing[0].span)
            yield view.found(failing[0].span, {"exit": shown, "step": label, "next": following.label})


@dataclass(frozen=True, slots=True)
class _Following:
    """What comes behind a call, as messages name it, and whether the text says what a failure of the call means."""

    label: str
    explained: Callable[[], bool]


#: Pages of a skill that are read chapter by chapter, as they are needed.
_LOOKED_UP = regex(r"(?:^|/)(?:references?|resources|docs|examples?)/")


def _what_follows(context: Context, view: ShellView, calls: list[ShellView]) -> _Following | None:
    """The next step, or in a file without steps the next call of the chapter; None where nothing follows."""
    assert view.step is not None and view.call is not None
    if view.step.node is not None:
        index = context.steps.index(view.step)
        inside = _next_in_step(context, view, calls)
        if index + 1 < len(context.steps):
            label = step_label(context.steps[index + 1]) if inside is None else _line_label(context, inside)
            return _Following(label, lambda: _says_what_failure_means(context, view, index))
        if inside is None:
            return None
        return _Following(_line_label(context, inside), lambda: _is_explained_around(context, view, inside))
    if _LOOKED_UP.search(context.document.source.path):
        return None
    after = next((other for other in calls if other.outer.start >= view.call.span.end and other.call), None)
    if after is None or after.call is None or view.call.statement.form is not model.ShellForm.FENCE:
        return None
    return _Following(_line_label(context, after), lambda: _is_explained_around(context, view, after))


def _next_in_step(context: Context, view: ShellView, calls: list[ShellView]) -> ShellView | None:
    """The call that is made next in the same step; None where what stands there is for another case."""
    assert view.call is not None
    end = view.call.span.end
    after = next((other for other in calls if other.step is view.step and other.outer.start >= end), None)
    is_other_case = after is None or _OTHER_CASE.search(context.document.source.text, end, after.outer.start)
    return None if is_other_case else after


#: How what stands between two calls says that the second one is for another case.
_OTHER_CASE = regex(r"(?im)^[^\w\n]*(?:for|if|when|in case|on|option|or|else|otherwise|alternatively)\b|^#")


def _line_label(context: Context, view: ShellView) -> str:
    return f"what line {context.document.source.lines.position(view.outer.start).row} runs"


def _is_explained_around(context: Context, view: ShellView, after: ShellView) -> bool:
    """Whether the prose between the headings around a call, and up to the next call, speaks of failure."""
    assert view.call is not None and after.call is not None
    text = context.document.source.text
    above = text[max(0, view.call.span.start - _LONGEST_PARAGRAPH) : view.call.span.start]
    between = text[view.call.span.end : after.call.span.start]
    return bool(_FAILURE_EXPLAINED.search(above) or _FAILURE_EXPLAINED.search(between))


def _printed_says_so(view: ShellView, leave: FailingExit) -> bool:
    """Whether the call prints, between the exit before and this one, that the work is not to go on."""
    if leave.by_function:
        return _FORBIDS_TO_GO_ON.search(f"echo {view.text(leave.span)}") is not None
    start = max((other.span.end for other in view.facts.exits if other.span.end <= leave.span.start), default=0)
    return _FORBIDS_TO_GO_ON.search(view.code, start, leave.span.start) is not None


def _is_hybrid(view: ShellView, leave: Span) -> bool:
    """Whether the exit stands in the file as a word of the logic: STOP in a block that is half shell (PL107)."""
    index = view.source.lines
    line = view.source.slice(index.row_span(index.position(view.span(leave).start).row))
    return not isinstance(view, ScriptView) and line.lstrip().startswith(("STOP", "HALT"))


def _says_what_failure_means(context: Context, view: ShellView, index: int) -> bool:
    """Whether the prose of the step, outside of its shell, or the head of the next one speaks of failure."""
    step = context.steps[index]
    text = context.document.text(step.span)
    inner = [Span(c.span.start - step.span.start, c.span.end - step.span.start) for c in step.shell]
    for span in sorted(inner, reverse=True):
        text = text[: span.start] + text[span.end :]
    following = context.steps[index + 1].span
    head = _MAKES_WHAT_IS_MISSING.sub("", context.document.text(following)[:600].split("```", 1)[0])
    return bool(_FAILURE_EXPLAINED.search(text) or _FAILURE_EXPLAINED.search(head))


#: Commands at the end of a pipe that succeed whatever comes in.
_PASSING_ENDS = frozenset({"tee", "cat", "head", "tail", "sed", "awk", "sort", "tr", "cut", "wc", "uniq"})


def lost_status(context: Context) -> Iterator[Found]:
    """`$?` that is not the status of the command that was meant."""
    for view in context.executed():
        for read in view.facts.status_reads:
            reason = _why_lost(view, read)
            if reason is not None:
                yield view.found(read.span, {"reason": reason})


def _why_lost(view: ShellView, read: StatusRead) -> str | None:
    if _reads_its_own_list(view, read.span):
        return None
    if read.of is None:
        first = view.script.commands[0] if view.script.commands else None
        condition = first.arms[0].condition if isinstance(first, IfCommand) and first.arms else (first,)
        begins = any(command is not None and command.span.contains(read.span) for command in condition)
        is_call = view.call is not None and view.call.statement.form in (model.ShellForm.FENCE, model.ShellForm.SCRIPT)
        return "nothing runs before it in this call" if begins and is_call else None
    if isinstance(read.of, Simple) and read.of.name in ("echo", "printf"):
        return f"it is the status of {read.of.name}"
    if isinstance(read.of, Negated):
        return "it is the status of !, which keeps nothing of that of the command"
    if _tests_status(read.of):
        return "it is the status of the test before it"
    if isinstance(read.of, Pipe) and isinstance(last := read.of.commands[-1], Simple) and last.name in _PASSING_ENDS:
        return None if "pipefail" in view.code else f"it is the status of {last.name}, the end of the pipe"
    return None


def _tests_status(command: Command) -> bool:
    """Whether a command is a test of `$?`; of other tests somebody may want the status."""
    is_test = isinstance(command, DoubleBracket) or (isinstance(command, Simple) and command.name in ("[", "test"))
    return is_test and any(isinstance(node, Parameter) and node.name == "?" for node in walk(command))


def _reads_its_own_list(view: ShellView, span: Span) -> bool:
    """Whether the `$?` stands behind `||` or `&&`, or inside `$(…)`: then it speaks of what is beside it."""
    for node in walk(view.script.commands):
        if isinstance(node, AndOr) and any(command.span.contains(span) for _, command in node.rest):
            return True
        if isinstance(node, Substitution) and node.span.contains(span):
            return True
    return False


def swallowed_failure(context: Context) -> Iterator[Found]:
    """`command || echo "error"`: the call says that it failed, and succeeds. The same words in a call are one cause."""
    for view in context.executed("||"):
        handled = _explained(context, view) or _is_diagnosis(context, view)
        by_words: dict[str, list[tuple[Span, Span]]] = {}
        for node in walk(view.script.commands):
            if not isinstance(node, AndOr) or handled:
                continue
            operator, last = node.rest[-1]
            if operator != "||" or not _complains(view, last) or _says_success(node):
                continue
            # In a loop one item fails, is named, and the next one is looked at.
            if not _is_inside_value(view, node) and not _is_in_loop(view, node.span):
                failing = Span(node.span.start, node.rest[-2][1].span.end) if len(node.rest) > 1 else node.first.span
                by_words.setdefault(view.text(last.span), []).append((last.span, failing))
        for (place, failing), *others in by_words.values():
            more = f" (so do {len(others)} more in this call)" if others else ""
            related = tuple(
                view.related(other, f"and when {shown_command(view, command)} fails") for other, command in others
            )
            yield view.found(place, {"command": shown_command(view, failing), "more": more}, related=related)


def _says_success(node: AndOr) -> bool:
    """`command && echo ok || echo bad` speaks both ways, which is what PL308 is about."""
    return any(operator == "&&" and _said(part) for operator, part in node.rest)


def _explained(context: Context, view: ShellView) -> bool:
    step = view.step
    if step is not None and step.node is not None and step.exits:
        return True
    if view.call is None:
        return False
    # The paragraph right below the call: "If there is none, stop."
    below = context.document.source.text[view.call.span.end : view.call.span.end + _LONGEST_PARAGRAPH]
    return _SAYS_WHAT_THEN.match(below) is not None


_LONGEST_PARAGRAPH = 600
_SAYS_WHAT_THEN = regex(
    r"[ \t]*(?:\r?\n[ \t]*){0,3}[-*_ \t]*(?:if|when|in case|on (?:failure|error))\b(?=[^\n.]*"
    r"\b(?:no|not|none|missing|fails?|failed|failure|error\w*|absent|invalid|exists?|without|false|empty|❌)\b)"
    r"[^\n]*\b(?:stop|abort|halt|exit|end|ask|do not|don't|skip|continue|proceed)\b",
    re.IGNORECASE,
)


def _is_diagnosis(context: Context, view: ShellView) -> bool:
    """Whether the call stands under a heading of diagnosis: there the words are what one wants to know."""
    node = view.call.node if view.call is not None else None
    while node is not None and not isinstance(node, Section):
        node = node.parent
    return isinstance(node, Section) and _DIAGNOSIS.search(node.title) is not None


_DIAGNOSIS = regex(r"\bdiagnos(?:e|es|ing|is|tics?)\b", re.IGNORECASE)


def _complains(view: ShellView, command: Command) -> bool:
    if isinstance(command, Group):
        # `{ echo "failed"; }` says no more than the echo; with another command in it, something is done.
        spoken = all(isinstance(part, Simple) and part.name in ("echo", "printf") for part in command.body)
        return spoken and any(_complains(view, part) for part in command.body)
    if not isinstance(command, Simple) or command.name not in ("echo", "printf") or len(command.words) < 2:
        return False
    return bool(_COMPLAINT.search(view.text(Span(command.words[1].span.start, command.words[-1].span.end))))


def _is_inside_value(view: ShellView, command: AndOr) -> bool:
    """Whether the output of the list is taken: then the echo gives a value, it does not report."""
    return any(
        isinstance(node, Substitution) and node.span.contains(command.span) for node in walk(view.script.commands)
    )


def _is_in_loop(view: ShellView, span: Span) -> bool:
    loops = (node for node in walk(view.script.commands) if isinstance(node, (For, Loop)))
    return any(loop.span.contains(span) for loop in loops)


def masked_failure(context: Context) -> Iterator[Found]:
    """A value from `command 2>/dev/null || echo default` that a test then looks at."""
    for view in context.calls("||"):
        tests = [test for node in walk(view.script.commands) for test in _tested_names(node)]
        for node in walk(view.script.commands):
            if not isinstance(node, Assignment) or node.value is None:
                continue
            # A test above looks at what was there before, but in a loop, where it comes again.
            if not any(
                name == node.name and (at > node.span.start or _share_loop(view, at, node.span)) for name, at in tests
            ):
                continue
            for part in walk(node.value):
                if isinstance(part, AndOr) and part.rest[-1][0] == "||" and _is_hidden(part):
                    yield Found(
                        view.span(node.span), {"name": node.name, "command": shown_command(view, part.first.span)}
                    )


def _tested_names(node: object) -> Iterator[tuple[str, int]]:
    """The names that a test looks at, and where it stands."""
    if isinstance(node, DoubleBracket) or (isinstance(node, Simple) and node.name in ("[", "test")):
        yield from ((part.name, node.span.start) for part in walk(node.words) if isinstance(part, Parameter))


def _share_loop(view: ShellView, test: int, assignment: Span) -> bool:
    loops = (node for node in walk(view.script.commands) if isinstance(node, (For, Loop)))
    return any(loop.span.contains(assignment) and loop.span.start <= test < loop.span.end for loop in loops)


def _is_hidden(command: AndOr) -> bool:
    """Whether errors are hidden, of a command that speaks with the world (a filter without a match is no failure)."""
    hidden = any(isinstance(n, Redirection) and n.descriptor == 2 for n in walk(command.first))
    names = [node.name for node in walk(command.first) if isinstance(node, Simple)]
    return hidden and any(name in ("nats", "curl", "gh", "kubectl", "docker", "psql", "redis-cli") for name in names)


def count_fallback(context: Context) -> Iterator[Found]:
    """`$(grep -c … || echo 0)`: grep prints 0 itself when nothing matches, so the value is two lines."""
    inline = (view for view in context.calls("grep", "||", inline=True) if _is_inline(view))
    for view in (*context.executed("grep", "||"), *inline):
        for node in walk(view.script.commands):
            if isinstance(node, Substitution) and (counting := _count_with_fallback(node.commands)) is not None:
                yield view.found(node.span, fix=_own_zero(view, node, counting))
        # What an inline command prints is a value as well: it stands in the text.
        if _is_inline(view) and (counting := _count_with_fallback(view.script.commands)) is not None:
            yield view.found(view.script.commands[0].span, fix=_own_zero(view, None, counting))


def _is_inline(view: ShellView) -> bool:
    return view.call is not None and view.call.statement.form is model.ShellForm.INLINE


@dataclass(frozen=True, slots=True)
class _Counting:
    """A `grep -c` with a fallback: whether it prints a number whatever happens, and the command of the fallback."""

    always_prints: bool
    fallback: Simple


def _count_with_fallback(commands: Sequence[Command]) -> _Counting | None:
    only = commands[0] if len(commands) == 1 else None
    if not isinstance(only, AndOr) or len(only.rest) != 1:
        return None
    operator, fallback = only.rest[0]
    counting = only.first.commands[-1] if isinstance(only.first, Pipe) else only.first
    if operator != "||" or not isinstance(counting, Simple) or not _is_grep_count(counting):
        return None
    if not isinstance(fallback, Simple) or fallback.name not in ("echo", "printf"):
        return None
    if _argument(fallback) not in ("0", r"0\n"):
        return None
    is_fed = isinstance(only.first, Pipe) or any(r.operator in ("<<", "<<-", "<<<") for r in counting.redirections)
    return _Counting(is_fed and not _names_files(counting), fallback)


def _own_zero(view: ShellView, node: Substitution | None, counting: _Counting) -> Fix:
    """The count without the second 0.

    Fed by a pipe grep always prints a number. Of a file that is not there it prints none, so the default has to stay:
    behind an assignment that stands alone; elsewhere there is no room for it, and the fix is unsafe.
    """
    edit = Edit(view.span(counting.fallback.span), "true")
    if counting.always_prints:
        return Fix(Applicability.SAFE, "Let grep print its own 0", (edit,))
    target = None if node is None else _set_alone(view, node)
    if target is None:
        return Fix(
            Applicability.UNSAFE, "Let grep print its own 0; a file that is missing gives no number then", (edit,)
        )
    name, statement = target
    behind = view.span(statement).end
    default = Edit(Span(behind, behind), f"; {name}=${{{name}:-0}}")
    return Fix(Applicability.SAFE, "Let grep print its own 0, and keep 0 for a file that is missing", (edit, default))


def _set_alone(view: ShellView, node: Substitution) -> tuple[str, Span] | None:
    """Name and place of the assignment, where a command is nothing but `NAME=$(…)` and no part of a list or a pipe."""
    joined: set[int] = set()
    for command in walk(view.script.commands):
        if isinstance(command, AndOr):
            joined.update(map(id, (command.first, *(part for _, part in command.rest))))
        elif isinstance(command, Pipe):
            joined.update(map(id, command.commands))
        elif isinstance(command, (Negated, Background)):
            joined.add(id(command.command))
        elif isinstance(command, Simple) and id(command) not in joined and command.span.contains(node.span):
            made = command.declared if command.name in ("local", "export", "declare") else command.assignments
            plain = not command.redirections and len(command.words) == (1 if command.declared else 0)
            if plain and len(made) == 1 and not made[0].append and made[0].subscript is None:
                value = made[0].value
                if value is not None and value.parts == (node,):
                    return made[0].name, command.span
    return None


def _is_grep_count(command: Simple) -> bool:
    """Whether it counts lines and prints 0 for none; `rg -c` prints nothing then."""
    if command.name not in ("grep", "egrep", "fgrep"):
        return False
    return any(option == "--count" or re.fullmatch(r"-[a-zA-Z]*c[a-zA-Z]*", option) for option in _options(command))


def _names_files(command: Simple) -> bool:
    """Whether a grep has more operands than its pattern, or may have."""
    options = _options(command)
    if any(
        re.match(r"-[a-zA-Z]*[rRABCefm]|--(?!count|quiet|ignore-case|invert|extended|fixed|word)", o) for o in options
    ):
        return True
    return len(command.words) - 1 - len(options) > 1


def _options(command: Simple) -> list[str]:
    return [word.literal or "" for word in command.words[1:] if (word.literal or "").startswith("-")]


def _argument(command: Simple) -> str | None:
    return command.words[1].literal if len(command.words) == 2 else None


def exit_in_subshell(context: Context) -> Iterator[Found]:
    """`… | while read …; do … exit …; done`: the loop is a shell of its own, exit ends only the loop; so is `( … )`."""
    for view in context.executed("exit"):
        for subshell in _passed_over(view):
            for leave in walk(subshell.body):
                if isinstance(leave, Simple) and leave.name == "exit" and _argument(leave) != "0":
                    yield view.found(leave.span, {"exit": view.text(leave.span)})
        for node in walk(view.script.commands):
            if not isinstance(node, Pipe):
                continue
            for part in node.commands[1:]:
                loop = part if isinstance(part, Loop) else None
                for leave in walk(loop.body) if loop is not None else ():
                    if isinstance(leave, Simple) and leave.name == "exit":
                        yield view.found(leave.span, {"exit": view.text(leave.span)})


def _passed_over(view: ShellView) -> Iterator[Subshell]:
    """Subshells whose status nobody asks for: a command behind them is run whatever it was."""
    if _STOPS_ON_FAILURE.search(view.code):
        return
    for commands in _lists(view):
        for command, following in pairwise(commands):
            if isinstance(command, Subshell) and "$?" not in view.text(following.span):
                yield command


_STOPS_ON_FAILURE = regex(r"\bset\s+-\w*e|\berrexit\b|\btrap\b")


def _lists(view: ShellView) -> Iterator[tuple[Command, ...]]:
    """The commands that stand one behind the other: of the code, and of each body in it."""
    yield view.script.commands
    for node in walk(view.script.commands):
        for name in ("body", "otherwise"):
            commands = getattr(node, name, None)
            if isinstance(commands, tuple):
                yield commands


def status_protocol(context: Context) -> Iterator[Found]:
    """`test && echo yes || echo no`: the answer is a word that the agent has to interpret."""
    for view in context.calls("&&", "||"):
        for node in walk(view.script.commands):
            # What a variable or a line of output takes is a value of the shell, not an answer to the agent.
            if isinstance(node, AndOr) and _speaks_both_ways(node) and not _is_inside_value(view, node):
                yield Found(view.span(node.span), fix=_as_branches(view, node))


#: The operators in front of the two answers.
_THEN_ELSE = ["&&", "||"]


def _speaks_both_ways(node: AndOr) -> bool:
    """Whether a list ends in two answers, and has none in front of them."""
    *tests, yes, no = [node.first, *(command for _, command in node.rest)]
    is_split = [operator for operator, _ in node.rest[-2:]] == _THEN_ELSE
    return is_split and bool(_said(yes) and _said(no)) and not any(map(_said, tests))


def _said(command: Command) -> tuple[Simple, ...]:
    """The messages that a command is, alone or in braces; none where it does something else, or writes to a file."""
    parts = command.body if isinstance(command, Group) else (command,)
    said = tuple(part for part in parts if isinstance(part, Simple) and part.name in ("echo", "printf"))
    if len(said) < len(parts) or any(_is_kept(message) for message in said):
        return ()
    return said


def _is_kept(message: Simple) -> bool:
    """Whether what is printed goes to a file or into a name instead of to the agent."""
    to_file = any(part.operator != ">&" for part in message.redirections)
    return to_file or any(word.literal == "-v" for word in message.words[1:2])


def _as_branches(view: ShellView, node: AndOr) -> Fix | None:
    """The list as an `if` with both arms, where it stands in one line by itself; it differs only if a message fails."""
    place = view.span(node.span)
    written = view.source.text[place.start : place.end]
    if node not in view.script.commands or "\n" in written or written != view.text(node.span):
        return None
    *tests, yes, no = [node.first, *(command for _, command in node.rest)]
    if not all(map(_always_succeeds, (*_said(yes), *_said(no)))):
        return None
    test = view.text(Span(node.span.start, tests[-1].span.end)).rstrip()
    text = f"if {test}; then {_body(view, yes)}; else {_body(view, no)}; fi"
    return Fix(Applicability.SAFE, "State the test as a condition with both arms", (Edit(place, text),))


def _always_succeeds(message: Simple) -> bool:
    """Whether the status of a message is certain: printf fails for what it cannot take for a number."""
    form = message.words[1].literal if message.name == "printf" and len(message.words) > 1 else ""
    return form is not None and not re.search(r"%(?![sbq%])|^-", form)


def _body(view: ShellView, command: Command) -> str:
    said = _said(command)
    return view.text(Span(said[0].span.start, said[-1].span.end))


DETECTORS = (
    exit_as_flow,
    lost_status,
    swallowed_failure,
    masked_failure,
    count_fallback,
    exit_in_subshell,
    status_protocol,
)

"""PL4: what a call waits for, and what it leaves running. What a called script does counts for its call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, ScriptView, ShellView, shown_command
from peerlint.patterns import ends, regex
from peerlint.process.bash.tree import (
    Assignment,
    Background,
    Case,
    For,
    Function,
    Group,
    Loop,
    Parameter,
    Pipe,
    Simple,
    Subshell,
    Substitution,
    walk,
)
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BOUND = regex(
    r"\btimeout\b|\bbreak\b|\(\(|\$\(\(|\blet\b|-(?:lt|le|gt|ge)\b|\bSECONDS\b|\bseq\b|\bkill\s+-0\b|\bps\s+(?:-p|[\"$])"
)


def unbounded_wait(context: Context) -> Iterator[Found]:
    """Loops that sleep until something happens, and for ever if it does not."""
    for view in context.executed():
        if _is_left_running(context, view):
            continue
        for node in _run_by(context, view):
            if not isinstance(node, Loop) or _BOUND.search(view.text(node.span)):
                continue
            if any(isinstance(n, Simple) and n.name == "sleep" for n in walk((node.body, node.condition))):
                head = view.text(node.span).split("\n", 1)[0]
                yield view.found(Span(node.span.start, node.span.start + len(head.rstrip())))


#: Where the output is no terminal these print as `cat` does; a script may count on it, a person at a file does not.
_PAGERS = frozenset({"less", "more"})
_EDITORS = frozenset({"vim", "vi", "nano", "emacs", "top", "htop", "pico"}) | _PAGERS
_PATCH = ("-p", "--patch")
_INTERACTIVE_GIT = {
    "rebase": ("-i", "--interactive"),
    "add": (*_PATCH, "-i", "--interactive"),
    **dict.fromkeys(("checkout", "commit", "reset", "restore", "stash"), _PATCH),
}
#: Flags with which `git commit` opens no editor; a word that is not literal may be one.
_HAS_MESSAGE = regex(
    r"$|-\w*[mFCc]|--(?:message|file|no-edit|reuse-message|fixup|dry-run|porcelain|template|help)\b|\W*\.\.\.|[\[<{]"
)


def interactive_command(context: Context) -> Iterator[Found]:
    """Commands that wait for keys: an agent's shell has nobody at the keyboard."""
    if not any(_may_wait_for_keys(shell) for shell in _shell_of(context)):
        return
    for view in context.executed():
        if _is_fed(view):
            continue
        inner = _with_input_of_its_own(view)
        for node in _run_by(context, view):
            if not isinstance(node, Simple):
                continue
            if isinstance(view, ScriptView) and node.name in _PAGERS:
                continue
            what = _interaction(node) or ("read" if id(node) not in inner and _reads_keys(node) else None)
            if what is not None:
                yield view.found(node.span, {"command": what})


def _may_wait_for_keys(shell: str) -> bool:
    """Whether there may be such a command in the shell, told without reading it: in most there is none."""
    if _MAY_EDIT.search(shell):
        return True
    for name in _WAITING:
        at = shell.find(name)
        while at >= 0:
            before = shell[max(0, at - _LONGEST_BEFORE) : at].rstrip(" \t")
            may_begin = not before or not (before[-1].isalnum() or before[-1] in "_.,:/-")
            is_fed = name == "read" and _BEFORE_FED_READ.search(before) and not _PROMPTS.match(shell, at)
            if not is_fed and (may_begin or _BEFORE_COMMAND.search(before)):
                return True
            at = shell.find(name, at + 1)
    return False


#: The commands that are such by their name, and what git must be told for it.
_WAITING = (*_EDITORS, "read")
#: What may stand between a command and its flag; no command is longer.
_REST = r"(?:[^\n\\]|\\[\s\S]){0,1000}?"
_MAY_EDIT = regex(
    rf"git\W+(?:(?:{'|'.join(_INTERACTIVE_GIT)})\b{_REST}[\s\"'](?:-p|-i|--patch|--interactive)\b"
    r"|commit\b(?!(?:[^\n;&|\"'#\\]|\\[\s\S]){0,1000}\s-\w*[mFCc]))"
)
#: What a `read` stands behind that gets its lines from a pipe or a loop, and how one begins that asks all the same.
_BEFORE_FED_READ = regex(r"(?:(?<![^\s;&|()`])(?:while|until)|(?<!\|)\|)(?:\s+IFS=\S*)?$")
_PROMPTS = regex(rf"read\b{_REST}[\s\"']-\w*p")
#: What a command may stand behind, beside what divides commands: keywords and assignments.
_LONGEST_BEFORE = 80
_BEFORE_COMMAND = regex(r"(?:\b(?:then|do|else|if|while|until|time)|\w=\S*)$")


def _with_input_of_its_own(view: ShellView) -> set[int]:
    """What stands where input may come from a pipe, a loop or a caller."""
    holders = (Pipe, Loop, For, Function, Group, Subshell, Substitution)
    return {id(part) for node in walk(view.script.commands) if isinstance(node, holders) for part in walk(node)}


def _reads_keys(command: Simple) -> bool:
    """`read ANSWER` without anything that gives it a line, or an end to the wait."""
    words = [word.literal or "" for word in command.words]
    waits = not any(re.fullmatch(r"-\w*[tu]\w*", word) for word in words[1:])
    return words[:1] == ["read"] and waits and not command.redirections


def _is_fed(view: ShellView) -> bool:
    """Whether the code gives answers or replaces the editor; of a script also whether its call does, or it looks first.

    A script that asks whether there is a terminal, or is told to ask nothing, asks where somebody can answer.
    """
    if _GIVES_ANSWERS.search(view.code):
        return True
    if not isinstance(view, ScriptView):
        return "<<" in view.code
    call = view.call.statement.code if view.call is not None else ""
    return bool(_LOOKS_FOR_A_TERMINAL.search(view.code) or _ANSWERED_CALL.search(call))


_GIVES_ANSWERS = regex(r"\byes\s*\||GIT_SEQUENCE_EDITOR|GIT_EDITOR|\bexpect\b")
_LOOKS_FOR_A_TERMINAL = regex(r"\[\s+(?:!\s+)?-t\s|\btest\s+(?:!\s+)?-t\s|\btty\s+-s\b|\bisatty\b|NON_?INTERACTIVE")
_ANSWERED_CALL = regex(
    r"\||<|(?:^|\s)(?:-[yf]|--(?:yes|force|batch|no-input|no-?interacti(?:ve|on)|non-interactive|quiet|assume-yes))\b"
)


def _interaction(command: Simple) -> str | None:
    words = [word.literal or "" for word in command.words]
    name = words[0] if words else ""
    if name == "read" and any(re.fullmatch(r"-\w*p\w*", word) for word in words[1:]):
        return "read -p"
    if name == "git" and words[1:2] == ["commit"] and not any(_HAS_MESSAGE.match(word) for word in words[2:]):
        return "git commit without a message"
    if name in _EDITORS and not any(
        word in ("--batch", "-es", "-Es", "-b", "--version", "-V", "--help") for word in words
    ):
        return name
    if name == "git" and len(words) > 2 and any(flag in words[2:] for flag in _INTERACTIVE_GIT.get(words[1], ())):
        return f"git {words[1]} {next(flag for flag in words[2:] if flag in _INTERACTIVE_GIT[words[1]])}"
    return None


def untracked_process(context: Context) -> Iterator[Found]:
    """Processes that are started in the background and never waited for, and kills by name."""
    for view in context.executed():
        kept = _KEPT.search(view.code) is not None
        for node in _run_by(context, view):
            if isinstance(node, Background) and not kept:
                what = "is started in the background and never looked at again"
                yield view.found(node.span, {"command": shown_command(view, node.span), "what": what})
            elif isinstance(node, Simple) and node.name in ("pkill", "killall") and not _chooses_by_more(node):
                what = "ends every process of that name, also those of others"
                yield view.found(node.span, {"command": shown_command(view, node.span), "what": what})


#: Behind the name of what is started.
_IN_BACKGROUND = regex(r"[^\n;|&]*(?:>&\d[^\n;|&]*)*&(?![&>\d])")
_KEPT = regex(r"\bwait\b|\$!|\bdisown\b|\bnohup\b|\bsetsid\b|\bjobs\b|\bkill\b")
#: Flags of pkill that choose by parent, group, session or a file with the id, or that ask and end nothing.
_MORE_THAN_A_NAME = regex(r"-[PgsF0]|--(?:parent|pgroup|session|pidfile)\b")


def _chooses_by_more(command: Simple) -> bool:
    return command.name == "pkill" and any(_MORE_THAN_A_NAME.match(word.literal or "") for word in command.words[1:])


def _run_by(context: Context, view: ShellView) -> Iterator[Any]:
    """The nodes of what a call runs.

    Of a script that is all but the functions which nothing names, and the arms for other arguments than the call has.
    """
    skipped: set[int] = set()
    for node in walk(view.script.commands):
        if id(node) in skipped:
            continue
        if isinstance(view, ScriptView):
            skipped.update(id(inner) for part in _not_run(context, view, node) for inner in walk(part))
        if id(node) not in skipped:
            yield node


def _not_run(context: Context, view: ScriptView, node: object) -> Iterator[object]:
    if isinstance(node, Function):
        name = rf"(?<![\w-]){re.escape(node.name)}(?![\w-])"
        if sum(len(re.findall(name, shell)) for shell in _shell_of(context)) < 2:
            yield node
    elif isinstance(node, Case) and (words := _words_of_call(view)) is not None:
        subject = next((part for part in node.subject.parts if isinstance(part, Parameter)), None)
        if subject is None or subject.name not in _names_of_argument(view) or (subject.operator and not words):
            return
        for arm in node.arms:
            patterns = {pattern.literal for pattern in arm.patterns}
            if None not in patterns and patterns.isdisjoint(words or {""}):
                yield arm


def _shell_of(context: Context) -> tuple[str, ...]:
    return (context.file.possible_shell, *context.file.behind_calls)


def _names_of_argument(view: ScriptView) -> set[str]:
    """`1`, and the variables that the script makes of it."""
    assigned = (node for node in walk(view.script.commands) if isinstance(node, Assignment) and node.value is not None)
    return {"1"} | {
        node.name
        for node in assigned
        if node.value is not None and any(isinstance(p, Parameter) and p.name == "1" for p in node.value.parts)
    }


def _words_of_call(view: ScriptView) -> frozenset[str] | None:
    """The words that the call gives to the script; None where they are not known, as where a script calls it."""
    call = view.call.statement.code if view.call is not None else ""
    _, name, behind = call.partition(view.name)
    behind = re.split(r"[\n;|&>)]", behind, maxsplit=1)[0]
    is_known = name and not re.search(r"[$`\[{<*\\]", behind)
    return frozenset(re.sub(r"[\"']", "", behind).split()) if is_known else None


def _is_left_running(context: Context, view: ShellView) -> bool:
    """Whether a script is started in the background: nobody waits for it then (of that speaks PL404)."""
    if not isinstance(view, ScriptView):
        return False
    return any(_IN_BACKGROUND.match(shell, end) for shell in _shell_of(context) for end in ends(shell, view.name))


DETECTORS = (unbounded_wait, interactive_command, untracked_process)

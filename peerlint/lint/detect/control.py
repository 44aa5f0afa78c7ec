"""PL4: where logic leads, what the user types into shell, and what a call destroys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.lint.context import Context, Found, ShellView, shortened, step_label
from peerlint.lint.detect.proof import proved_steps
from peerlint.lint.diagnostics import Applicability, Fix
from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    ArithmeticCommand,
    ArithmeticExpansion,
    Assignment,
    Command,
    DoubleBracket,
    For,
    Parameter,
    Redirection,
    Simple,
    Word,
    walk,
)
from peerlint.process.model import (
    Ask,
    Delegate,
    ForEach,
    If,
    InFolder,
    Proceed,
    Repeat,
    Resume,
    Say,
    SayKind,
    Skip,
    Statement,
    Stop,
)
from peerlint.process.model import walk as walk_logic
from peerlint.source.document import Element
from peerlint.source.text import Edit, Span

_FLOWS = (Stop, Proceed, Skip, Resume)


def unreachable_logic(context: Context) -> Iterator[Found]:
    """Statements behind a STOP, PROCEED, SKIP or RESUME in the same block."""
    for _, container in context.logic():
        for whole in _blocks(container.reading.statements):
            # A comment is for readers; whether it is reached is no question.
            block = [node for node in whole if not context.document.text(node.span).lstrip().startswith("<!--")]
            for index, statement in enumerate(block[:-1]):
                if _ends_block(context, statement, block[index + 1]):
                    word = type(statement).__name__.upper()
                    yield Found(context.file.first_line(block[index + 1].span), {"word": word})
                    break


_PLAIN_FLOW = regex(r"^\W*(?:STOP|PROCEED|SKIP|RESUME|HALT)\b(?:[ \w.:,`\"'-]*)$")


def _ends_block(context: Context, statement: Statement, following: Statement) -> bool:
    """Whether nothing behind the statement is done. A list of rules that begins with STOP is no block of statements.

    "SKIP this step" with "PROCEED to step 6" below it is one thought in two lines.
    """
    if not isinstance(statement, _FLOWS) or (isinstance(statement, Skip) and isinstance(following, (Proceed, Resume))):
        return False
    line = context.document.text(statement.span).strip().split("\n", 1)[0]
    return bool(_PLAIN_FLOW.match(line)) and not re.match(r"^(?:[-*+]|\d+[.)])\s", line) and " - " not in line


def _blocks(statements: tuple[Statement, ...]) -> Iterator[tuple[Statement, ...]]:
    stack = [statements]
    while stack:
        block = stack.pop()
        yield block
        for statement in block:
            if isinstance(statement, If):
                stack.extend(branch.body for branch in statement.branches)
                stack.append(statement.otherwise or ())
            elif isinstance(statement, (ForEach, Repeat, InFolder)):
                stack.append(statement.body)


#: How people say in a branch how it goes on.
_GOES_ON = regex(r"\b(?:ask|continue|return|stop|proceed|wait|skip|abort|exit|retry|go to|approval)|AskUser", re.I)


def open_branch(context: Context) -> Iterator[Found]:
    """IF without ELSE, at the end of its block, that does not say how it goes on.

    In a step that is proved the other case is the one that its original had.
    """
    flows = (*_FLOWS, Ask, Delegate)
    has_error_rule = "PL305" in context.file.running
    proved: frozenset[str] | None = None
    for step, container in context.logic():
        # In a list of sentences it goes on with the next one.
        if not isinstance(container.node, Element):
            continue
        for node in _open_ends(container.reading.statements):
            last = node.branches[-1]
            # Of an ERROR that ends nothing PL305 speaks.
            if has_error_rule and any(isinstance(s, Say) and s.kind is SayKind.ERROR for s in last.body):
                continue
            says = _GOES_ON.search(context.document.text(last.span))
            if says or any(isinstance(inner, flows) for inner in walk_logic(last.body)):
                continue
            proved = proved_steps(context) if proved is None else proved
            if step.number not in proved:
                yield Found(context.file.first_line(last.span))


def _open_ends(statements: tuple[Statement, ...]) -> Iterator[If]:
    """The IFs without ELSE behind which nothing stands: else both arms go on with what stands there, as all see.

    Behind the body of a loop comes the next round.
    """
    stack = [statements]
    while stack:
        block = stack.pop()
        last = block[-1] if block else None
        if isinstance(last, If):
            if last.otherwise is None:
                yield last
            stack += [branch.body for branch in last.branches] + [last.otherwise or ()]
        elif isinstance(last, InFolder):
            stack.append(last.body)


def malformed_branch(context: Context) -> Iterator[Found]:
    """ELSE without IF, IF without a body: what the reader of the logic could not put together."""
    for _, container in context.logic():
        # Elsewhere people write IF in sentences, whose body is the rest of the sentence.
        if not (isinstance(container.node, Element) and container.node.name.endswith("_logic")):
            continue
        for problem in container.reading.problems:
            if problem.code in ("no-if", "empty-body"):
                yield Found(context.file.first_line(problem.span), {"problem": problem.message})


def unquoted_arguments(context: Context) -> Iterator[Found]:
    """`$ARGUMENTS` bare in shell: what the user types becomes shell code."""
    for view in context.calls("ARGUMENTS", inline=True):
        for word in _split_words(view):
            for part in word.parts:
                if isinstance(part, Parameter) and part.name == "ARGUMENTS" and not part.quoted:
                    yield _unquoted(view, word, part)


def _split_words(view: ShellView) -> Iterator[Word]:
    """Words that stand as code: of commands, targets of redirections, what a loop goes over, values of variables."""
    for node in walk(view.script.commands):
        if isinstance(node, (Simple, For)):
            yield from node.words or ()
        elif isinstance(node, Assignment):
            # The text is put in before the shell reads it, so a blank ends the value and begins a command.
            yield from (node.value,) if node.value is not None else node.elements or ()
        elif isinstance(node, Redirection) and not node.operator.startswith("<<"):
            yield node.target


def _unquoted(view: ShellView, word: Word, part: Parameter) -> Found:
    written = view.text(part.span)
    fix = Fix(Applicability.UNSAFE, "Quote it", (Edit(view.span(part.span), f'"{written}"'),))
    return Found(view.span(part.span), {"command": " ".join(view.text(word.span).split())}, fix=fix)


_DESTRUCTIVE = regex(
    r"^(?:rm\s+-\w*[rR]\w*f|rm\s+-\w*f\w*[rR]|git\s+push\s+(?:\S+\s+)*(?:--force\b(?!-with)|-f\b)|git\s+reset\s+--hard"
    r"|git\s+clean\s+-\w*f|docker\s+system\s+prune|nats\s+(?:kv|stream)\s+(?:del|rm|purge)\b)"
)
_OWN_TEMP = regex(r"/tmp/|\$\{?TMP|\$\(mktemp|\$\{?TEMP|node_modules|\bdist\b|\bbuild\b|__pycache__|\.cache|coverage")


def unguarded_destruction(context: Context) -> Iterator[Found]:
    """What cannot be undone, in a step that neither checks nor asks before."""
    for view in context.calls():
        step = view.step
        if step is None or step.node is None:
            continue
        before = context.document.text(Span(step.span.start, view.outer.start))
        if re.search(r"\b(?:ask|confirm|approv|CHECK|verify|IF|if)\b", before):
            continue
        for node in walk(view.script.commands):
            text = view.text(node.span) if isinstance(node, Simple) else ""
            if _DESTRUCTIVE.match(text) and not _OWN_TEMP.search(text) and not _is_made_here(text, before):
                command = shortened(text)
                yield Found(view.span(node.span), {"step": step_label(step), "command": " ".join(command.split())})


def _is_made_here(command: str, before: str) -> bool:
    """Whether the step speaks of the same folder before: what it made it may remove."""
    path = re.match(r"rm\s+-\w+\s+[\"']?(?P<path>[\w./-]{4,})", command)
    return path is not None and path["path"] in before


def evaluated_value(context: Context) -> Iterator[Found]:
    """Arithmetic or eval on a value from outside: bash runs what stands in `a[$(command)]`."""
    for view in context.executed():
        outside = _values_from_outside(view)
        reported: set[str] = set()
        for node in walk(view.script.commands):
            if (
                isinstance(node, Simple)
                and node.name == "eval"
                and _takes_text(view, node)
                and not _is_setup(view, node)
            ):
                yield view.found(node.span, {"what": "eval"})
            for name, span in _arithmetic_names(node):
                if name in outside and name not in reported:
                    reported.add(name)
                    yield view.found(span, {"what": f"arithmetic with {name}"})


#: Commands whose output others may have written, and what makes a number of it.
_OUTSIDE = regex(r"\bnats\s+kv\s+get\b|\bcurl\b|\bgh\s+(?:api|issue|pr)\b")
_MAKES_A_NUMBER = regex(r"\bwc\b|grep\s+-\w*c|\blength\b|tonumber|\bdate\b|--count|\btr\s+-cd\b|\[0-9\]|\\d")
_SHELL_SETUP = regex(r"\b(?:ssh-agent|brew|direnv|pyenv|rbenv|nvm|fnm|conda|mise|opam|dircolors)\b")


def _takes_text(view: ShellView, command: Simple) -> bool:
    """Whether what is evaluated is a value, or the text of a file or of an answer."""
    return _has_parameter(command) or _READS_TEXT.search(view.text(command.span)) is not None


_READS_TEXT = regex(r"(?:\$\(|`)\s*(?:cat|head|tail|curl|wget|nats|gh|jq|yq)\b")


def _is_setup(view: ShellView, command: Simple) -> bool:
    """`eval "$(tool env)"` is how such tools set up a shell."""
    return _SHELL_SETUP.search(view.text(command.span)) is not None


def _values_from_outside(view: ShellView) -> set[str]:
    """Variables that hold what somebody else wrote, and that no test looks at before."""
    names = set()
    for node in walk(view.script.commands):
        if isinstance(node, Assignment) and node.value is not None:
            code = view.text(node.span)
            checked = re.search(rf"\$\{{?{re.escape(node.name)}\}}?\"?\s*=~|case\s+\"?\$\{{?{node.name}\b", view.code)
            if _OUTSIDE.search(code) and not _MAKES_A_NUMBER.search(code) and not checked:
                names.add(node.name)
    return names


def _arithmetic_names(node: object) -> Iterator[tuple[str, Span]]:
    """Variables that bash evaluates as arithmetic at this node."""
    if isinstance(node, (ArithmeticExpansion, ArithmeticCommand)):
        yield from ((name, node.span) for name in re.findall(r"[A-Za-z_]\w*", node.expression))
    elif isinstance(node, DoubleBracket):
        for index, word in enumerate(node.words):
            if word.literal in ("-eq", "-ne", "-lt", "-le", "-gt", "-ge"):
                beside = node.words[max(0, index - 1) : index + 2]
                yield from ((part.name, part.span) for part in walk(beside) if isinstance(part, Parameter))


def _has_parameter(command: Command) -> bool:
    return any(isinstance(node, Parameter) for node in walk(command))


DETECTORS = (
    unreachable_logic,
    open_branch,
    malformed_branch,
    unquoted_arguments,
    unguarded_destruction,
    evaluated_value,
)

"""Where the output of a command goes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.process.bash.tree import Literal, Redirection, Simple, Word
from peerlint.records import dataclass, replace

_NULL = "/dev/null"


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one command: None is the terminal (or what captures), "null" nowhere, "out" the other stream.

    `file` and `append` say where standard output goes when it goes to a file; `stdin` is the file that is read, `here`
    the text of a here-document or here-string; "with out" are errors that go to the file of standard output.
    """

    out: str | None = None
    err: str | None = None
    file: Word | None = None
    append: bool = False
    stdin: Word | None = None
    here: Word | None = None
    here_is_line: bool = False

    @property
    def out_hidden(self) -> bool:
        """Whether standard output is thrown away."""
        return self.out == "null"

    @property
    def err_hidden(self) -> bool:
        """Whether standard error is thrown away, or lands in a file."""
        return self.err in ("null", "file") or (self.err == "out" and self.out == "null")

    @property
    def err_included(self) -> bool:
        """Whether standard error joins what is captured."""
        return self.err == "with out" or (self.err == "out" and self.out is None)


def streams(redirections: Sequence[Redirection], scope: Scope) -> Streams:
    """The streams after all redirections, from the left as bash does them. Raises Beyond."""
    places: dict[int, str | None] = {1: None, 2: None}
    file: Word | None = None
    append = False
    stdin: Word | None = None
    here: Word | None = None
    here_is_line = False
    for redirection in redirections:
        operator, target = redirection.operator, redirection.target
        if operator in ("<<", "<<<"):
            here, here_is_line = target, operator == "<<<"
        elif operator == "<":
            stdin = target
        elif operator == ">&" and target.literal in ("1", "2"):
            _join(places, redirection.descriptor or 1, int(target.literal or 1))
        elif operator in (">", ">>", ">|", "&>", "&>>"):
            numbers = (1, 2) if operator.startswith("&") else (redirection.descriptor or 1,)
            if any(number not in places for number in numbers):
                raise Beyond("a file descriptor of its own", redirection.span, scope.source)
            if target.literal == _NULL:
                places.update(dict.fromkeys(numbers, "null"))
            elif 1 in numbers:
                places.update({1: "file"} if len(numbers) == 1 else {1: "file", 2: "with out"})
                file, append = target, ">>" in operator
            elif target.literal is not None and not target.literal.startswith(("/tmp/", "/var/tmp/")):
                raise Beyond("error text that goes to a file", redirection.span, scope.source)
            else:
                places[2] = "file"
        else:
            raise Beyond(f"the redirection {operator}", redirection.span, scope.source)
    return Streams(places[1], places[2], file, append, stdin, here, here_is_line)


#: Filters that say of a file what they say of standard input.
_TAKE_A_FILE = frozenset({"cat", "cut", "egrep", "fgrep", "grep", "head", "nl", "rev", "sed", "sort", "tail", "uniq"})


def with_operand(command: Simple, scope: Scope) -> Simple:
    """`sort < file` as `sort file`. Raises Beyond where a tool that reads a file this way may not take its name."""
    read = [redirection for redirection in command.redirections if redirection.operator == "<"]
    if not read:
        return command
    if command.name not in _TAKE_A_FILE or len(read) > 1:
        raise Beyond(f"{command.name or 'a command'} that reads a file as its input (<)", command.span, scope.source)
    kept = tuple(redirection for redirection in command.redirections if redirection.operator != "<")
    return replace(command, words=(*command.words, read[0].target), redirections=kept)


def with_operands(command: Simple, scope: Scope) -> tuple[Simple, ...]:
    """A command that reads a file (<) as one, or two, that name it: `wc -l < f` does not print the name of its file."""
    read = [redirection for redirection in command.redirections if redirection.operator == "<"]
    counts = command.name == "wc" and len(read) == 1 and len(command.words) == 2
    if not counts or command.words[1].literal not in ("-l", "-w", "-c", "-m"):
        return (with_operand(command, scope),)
    kept = tuple(redirection for redirection in command.redirections if redirection.operator != "<")
    first = tuple(redirection for redirection in kept if redirection.descriptor == 2)
    words = tuple(Word((Literal(text, text != "awk"),), command.span) for text in ("awk", "{print $1}"))
    return (
        replace(command, words=(*command.words, read[0].target), redirections=first),
        replace(command, words=words, redirections=kept),
    )


def of_pipeline(stages: Sequence[Simple], scope: Scope) -> Streams:
    """The streams of a pipeline as a whole: those of its last stage, and whether errors are hidden.

    Raises Beyond where a stage reads or writes something of its own, or where the errors of some stages are hidden and
    those of others are not.
    """
    whole = streams(stages[-1].redirections, scope)
    errors: set[tuple[bool, bool]] = set()
    for stage in stages:
        own = streams(stage.redirections, scope)
        last = stage is stages[-1]
        if own.stdin is not None or own.here is not None:
            raise Beyond("standard input of its own inside a pipeline", stage.span, scope.source)
        if not last and (own.file is not None or own.out is not None or own.err == "out"):
            raise Beyond("output that leaves a pipeline, or errors that go into it", stage.span, scope.source)
        hides = stage is stages[0] and own.err is not None  # it may read files
        if hides or stage.name not in _WITHOUT_ERRORS:
            errors.add((own.err_hidden, own.err_included))
    if len(errors) > 1:
        raise Beyond("errors that some commands of a pipeline hide and others do not", stages[0].span, scope.source)
    hidden, included = errors.pop() if errors else (False, False)
    return replace(whole, err="null" if hidden else "out" if included else None)


def mixes_errors_in(stages: Sequence[Simple], scope: Scope) -> bool:
    """`cmd 2>&1 | head -5`: errors go into filters to which it is all the same how their input ends."""
    first = streams(stages[0].redirections, scope)
    mixed = first.err == "out" and first.out is None and first.file is None and not scope.pipefail
    return mixed and all(_takes_from_the_beginning(stage) for stage in stages[1:])


def _takes_from_the_beginning(stage: Simple) -> bool:
    """`head -5`, `grep -i error`: a line that has nothing behind it may be there or not."""
    if stage.redirections or None in (words := [word.literal for word in stage.words[1:]]):
        return False
    flags = [word for word in words if word and word.startswith("-")]
    if stage.name == "head":
        return len(words) == len(flags) == 1 and re.fullmatch(r"-n?\d+", flags[0]) is not None
    return (
        stage.name in ("grep", "egrep", "fgrep") and len(words) == len(flags) + 1 and set(flags) <= {"-i", "-E", "-F"}
    )


#: Filters that have nothing to complain about when they read standard input.
_WITHOUT_ERRORS = frozenset(
    {"grep", "egrep", "fgrep", "head", "tail", "sort", "uniq", "wc", "cut", "tr", "sed", "awk", "rev", "nl", "column"}
)


def _join(places: dict[int, str | None], number: int, other: int) -> None:
    """`N>&M`: N goes where M goes now."""
    goal = places[other]
    if number == 2 and goal == "file":
        # Not "out": `2>&1 > file` shows the errors.
        goal = "with out"
    places[number] = goal if goal is not None else ("out" if other == 1 else "err") if number != other else None
    if number == 1 and goal is None:
        # Messages of both streams are compared merged, so standard output on standard error is just shown.
        places[1] = "err"

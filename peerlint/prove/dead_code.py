"""Arms of bash that no scenario can take, each for a reason that is checked on its tree; the list is closed.

- The condition is a test of constants, or of the status of a command that always ends the same way: `echo` cannot
  fail, and neither can a filter of standard input; `nats kv` with a key that no server takes cannot succeed.
- A script goes to the folder in which it stands, or to one above it.
- The condition is about a variable that only a `read` from the terminal sets: there is none, so it is empty.
- Each call gives a script the same arguments, and a loop over these takes other arms, or has set what is asked.
- The same test of variables has ended the flow before, where it held, and nothing has set the variables since.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    ArithmeticExpansion,
    Assignment,
    Case,
    CountingFor,
    DoubleBracket,
    For,
    Function,
    Group,
    IfCommand,
    Literal,
    Loop,
    Negated,
    Parameter,
    Pipe,
    Redirected,
    Simple,
    Subshell,
    Substitution,
    Word,
    walk,
)
from peerlint.prove.fixed_arguments import text_of
from peerlint.prove.known_flags import flags_of_functions, known_flags
from peerlint.records import dataclass, field

_NEVER_FAIL = frozenset({"echo", "true", ":"})
_FILTERS = frozenset({"head", "tail", "tr", "cut", "wc", "sort", "uniq", "cat", "rev", "tac", "nl", "sed", "awk"})
#: Programs of sed and awk that read their input to its end and do nothing that can fail.
_SUBSTITUTION = re.compile(r"s([/|#,@!:])(?:\\.|(?!\1).)*\1(?:\\.|(?!\1).)*\1[gpI0-9]*", re.DOTALL)
_PRINTING = re.compile(r"(?:/(?:\\.|[^/])*/\s*)?\{\s*print(?:\s+[$\w, \"'-]*)?;?\s*\}")
_BAD_KEY = re.compile(r"[^-/_=.a-zA-Z0-9]")
_WITH_KEY = frozenset({"get", "put", "create", "update", "del", "purge"})
#: Commands that set variables by their names, or run what nobody sees.
_SETTERS = frozenset(
    {"read", "eval", "source", ".", "unset", "mapfile", "readarray", "let", "printf", "getopts", "shift"}
)
_ENDERS = frozenset({"exit", "return", "break", "continue"})


@dataclass(frozen=True, slots=True)
class DeadArm:
    """An arm: the number of its text, where its command starts, the place in a chain of `&&` and `||`, which arm.

    Places and arms count from 1; a place is 0 where there is no chain.
    """

    text: int
    start: int
    place: int
    arm: int


def dead_arms(
    texts: Sequence[Sequence[Any]],
    fixed: Mapping[int, str] | None = None,
    arguments: tuple[str, ...] | None = None,
    sure: frozenset[int] = frozenset(),
) -> frozenset[DeadArm]:
    """The arms that are never taken in the commands of texts that run one after the other in one shell.

    `fixed` are the texts of parameters that are the same in every scenario, by their identity; `arguments` those of a
    script, where each call gives it the same; `sure` are commands that cannot fail, by their identity.
    """
    nodes = [node for commands in texts for node in walk(tuple(commands))]
    functions = [node for node in nodes if isinstance(node, Function)]
    flags = flags_of_functions(nodes, _sets)
    if arguments is not None and len(texts) == 1:
        flags = flags.with_those_of(known_flags(texts[0], arguments, _sets, functions))
    look = _Look(
        pipefail=any(
            isinstance(node, Simple) and any("pipefail" in (word.literal or "") for word in node.words)
            for node in nodes
        ),
        functions=frozenset(function.name for function in functions),
        set_by_functions=frozenset[str]().union(*(_sets(function) for function in functions)),
        never_given=_never_given(texts),
        fixed={**(fixed or {}), **flags.texts},
        taken=flags.taken,
        sure=sure,
    )
    false: set[str] = set()
    for at, commands in enumerate(texts):
        look.text = at
        false = look.body(tuple(commands), false)
        if any(isinstance(node, Simple) and _leaves_well(node) for node in walk(tuple(commands))):
            # The next text goes on, whatever has ended this one.
            false = set()
    return frozenset(look.dead)


def _never_given(texts: Sequence[Sequence[Any]]) -> frozenset[str]:
    """Variables that nothing sets but a `read` from the terminal, which an agent's shell does not have."""
    nodes = [node for commands in texts for node in walk(tuple(commands))]
    # What stands in a pipeline, in a loop, or in what a file is handed to may read from there.
    elsewhere = {
        id(inner) for node in nodes if isinstance(node, Pipe | Redirected | Loop | Function) for inner in walk((node,))
    }
    asked: set[str] = set()
    others: set[str] = set()
    for node in nodes:
        if isinstance(node, Parameter) and node.name not in asked:
            # It may have come from outside before it is asked for.
            others.add(node.name)
        names = _names_read(node) if isinstance(node, Simple) and node.name == "read" else None
        if names is not None and id(node) not in elsewhere and not node.redirections:
            asked |= names
        elif isinstance(node, Assignment | For | CountingFor | ArithmeticCommand | Simple | Parameter):
            # Below a command stand the assignments of others, which come by themselves.
            others |= _sets(node) if not isinstance(node, For | CountingFor) else {getattr(node, "name", "*")}
    return frozenset() if "*" in others else frozenset(asked - others)


def _names_read(command: Simple) -> set[str] | None:
    """The names of `read -p "…" NAME`; None where they are not known."""
    names: set[str] = set()
    words = [word.literal for word in command.words[1:]]
    at = 0
    while at < len(words):
        word = words[at]
        if word is not None and re.fullmatch(r"-r*[pntd]", word):
            at += 1
        elif word is None or (word.startswith("-") and not re.fullmatch(r"-[rs]+", word)):
            return None
        elif not word.startswith("-"):
            names.add(word)
        at += 1
    return names or {"REPLY"}


def _may_be(pattern: Word, text: str) -> bool:
    """Whether a pattern of `case` may match a text."""
    return pattern.literal in (None, text)


def _leaves_well(command: Simple) -> bool:
    return command.name in ("exit", "return") and (len(command.words) != 2 or command.words[1].literal in (None, "0"))


@dataclass(slots=True)
class _Look:
    """One look through all texts."""

    pipefail: bool
    functions: frozenset[str]
    set_by_functions: frozenset[str]
    never_given: frozenset[str]
    fixed: Mapping[int, str] = field(default_factory=dict)
    taken: Mapping[int, frozenset[int]] = field(default_factory=dict)
    sure: frozenset[int] = frozenset()
    text: int = 0
    dead: set[DeadArm] = field(default_factory=set)

    def body(self, commands: Sequence[Any], false: set[str]) -> set[str]:
        """Looks through a list; `false` are tests that do not hold at its beginning. What does not at its end."""
        previous: Any = None
        for command in commands:
            status = None if previous is None else self._status(previous)
            ended = self._command(command, status, false)
            changed = _sets(command)
            everything = bool(changed & {"*"})
            false = {test for test in false | ended if not everything and not changed & _variables(test)}
            previous = command
        return false

    def _command(self, command: Any, status: bool | None, false: set[str]) -> set[str]:
        """Looks at one command behind one with this status; the tests that are false where it goes on."""
        inner = {test for test in false if not _sets(command) & (_variables(test) | {"*"})}
        match command:
            case IfCommand():
                return self._if(command, status, false)
            case AndOr():
                return self._and_or(command, status, false)
            case For() | CountingFor() | Loop() | Group() | Subshell():
                self.body(command.body, inner)
            case Simple():
                for node in walk(command):
                    if isinstance(node, Substitution):
                        self.body(node.commands, inner)
            case Pipe(commands=commands):
                for one in commands:
                    self._command(one, None, inner)
            case Redirected(command=wrapped):
                return self._command(wrapped, status, false)
            case Function(body=body):
                self._command(body, None, set())
            case Case():
                self._case(command, inner)
        return set()

    def _case(self, command: Case, false: set[str]) -> None:
        subject = self._text(command.subject) if all(arm.end == ";;" for arm in command.arms) else None
        arms = [arm for arm in command.arms if arm.body]
        taken = self.taken.get(id(command), range(1, len(arms) + 1))
        chosen = False
        for at, arm in enumerate(arms, start=1):
            fits = subject is None or any(_may_be(pattern, subject) for pattern in arm.patterns)
            if chosen or not fits or at not in taken:
                self._bury(command, 0, at, arm.body)
            else:
                self.body(arm.body, false)
                chosen = subject is not None and any(pattern.literal == subject for pattern in arm.patterns)

    def _if(self, command: IfCommand, status: bool | None, false: set[str]) -> set[str]:
        decided, ended = False, True
        behind: set[str] = set()
        for at, arm in enumerate(command.arms, start=1):
            holds = self._holds(arm.condition, status if at == 1 else None, false)
            if decided or holds is False:
                self._bury(command, 0, at, arm.body)
                continue
            self.body(arm.body, {test for test in false if not _sets(command) & _variables(test)})
            decided = holds is True
            ended = ended and _ends(arm.body)
            test = _test_of(arm.condition)
            if ended and test and not _variables(test) & self.set_by_functions:
                behind.add(test)
        if decided:
            self._bury(command, 0, len(command.arms) + 1, command.otherwise or ())
        elif command.otherwise is not None:
            self.body(command.otherwise, {test for test in false if not _sets(command) & _variables(test)})
        return behind

    def _and_or(self, node: AndOr, status: bool | None, false: set[str]) -> set[str]:
        left = self._holds((node.first,), status, false)
        behind: set[str] = set()
        for at, (operator, command) in enumerate(node.rest, start=1):
            runs = left if operator == "&&" else _not(left)
            if runs is not None:
                self._bury(node, at, 2 if runs else 1, () if runs else (command,))
            self._command(command, None, false)
            right = self._status(command)
            left = _and(left, right) if operator == "&&" else _not(_and(_not(left), _not(right)))
            if len(node.rest) == 1 and _ends((command,)):
                test = _test_of((node.first,))
                wanted = test if operator == "&&" else _contrary(test)
                if wanted and not _variables(wanted) & self.set_by_functions:
                    behind.add(wanted)
        return behind

    def _bury(self, node: Any, place: int, arm: int, body: Sequence[Any]) -> None:
        """An arm that is never taken, and all arms in it."""
        self.dead.add(DeadArm(self.text, node.span.start, place, arm))
        for inner in walk(tuple(body)):
            match inner:
                case IfCommand(arms=arms) | Case(arms=arms):
                    found = {(0, at) for at in range(1, len(arms) + 2)}
                case AndOr(rest=rest):
                    found = {(at, which) for at in range(1, len(rest) + 1) for which in (1, 2)}
                case For() | CountingFor() | Loop():
                    found = {(0, 1)}
                case _:
                    continue
            self.dead |= {DeadArm(self.text, inner.span.start, at, which) for at, which in found}

    # --- how commands end --------------------------------------------------------------------------------------------

    def _holds(self, condition: Sequence[Any], status: bool | None, false: set[str]) -> bool | None:
        """Whether a condition succeeds in every scenario; `status` is how the command before it ended."""
        if len(condition) != 1:
            return self._status(condition[-1]) if condition else None
        test = _test_of(condition)
        if test in false:
            return False
        if test and _contrary(test) in false:
            return True
        command = condition[0]
        if isinstance(command, Negated):
            return _not(self._holds((command.command,), status, false))
        words = _test_words(command)
        if words is None:
            return self._status(command)
        shown = None if status is None else "0" if status else "1"
        texts = [shown if _is_status(word) else self._text(word) for word in words]
        # A failure has some code other than 0, so only a comparison with 0 tells.
        asks = any(_is_status(word) for word in words)
        return None if asks and status is False and "0" not in texts else _evaluate(texts)

    def _text(self, word: Word) -> str | None:
        """The text of a word where it is the same in every scenario."""
        part = word.parts[0] if len(word.parts) == 1 else None
        if isinstance(part, Parameter) and part.operator == "" and part.name in self.never_given:
            return ""
        return text_of(word, self.fixed)

    def _status(self, command: Any) -> bool | None:
        """Whether a command succeeds (True) or fails (False) in every scenario."""
        match command:
            case Simple():
                return self._simple_status(command)
            case Negated(command=inner):
                return _not(self._status(inner))
            case Pipe(commands=commands) if not self.pipefail:
                last = commands[-1]
                return True if isinstance(last, Simple) and _is_filter(last) else self._status(last)
            case AndOr(first=first, rest=rest):
                left = self._status(first)
                for operator, following in rest:
                    right = self._status(following)
                    left = _and(left, right) if operator == "&&" else _not(_and(_not(left), _not(right)))
                return left
        return None

    def _simple_status(self, command: Simple) -> bool | None:
        if any(not _goes_nowhere(redirection) for redirection in command.redirections):
            return None
        if not command.words:
            inner = [p for a in command.assignments if a.value for p in a.value.parts if isinstance(p, Substitution)]
            if len(inner) == 1 and inner[0].commands:
                return self._status(inner[0].commands[-1])
            nested = [n for a in command.assignments for n in walk(a) if isinstance(n, Substitution | Parameter)]
            return None if nested else True
        if command.name in self.functions:
            return None
        if id(command) in self.sure or command.name in _NEVER_FAIL or (command.name == "printf" and _prints(command)):
            return True
        if command.name == "false" or _has_bad_key(command):
            return False
        return None


def _is_filter(command: Simple) -> bool:
    """A filter of standard input: with options alone, so no file can be missing."""
    if command.name not in _FILTERS or not all(map(_goes_nowhere, command.redirections)):
        return False
    words = [word.literal for word in command.words[1:]]
    if command.name == "tr":
        return None not in words
    if command.name == "sed":
        return all(isinstance(word, str) for word in words) and _only_substitutes(words)
    if command.name == "awk":
        return all(isinstance(word, str) for word in words) and _only_prints(words)
    takes_next = False
    for word in words:
        if word is None or not (word.startswith("-") or takes_next):
            return False
        takes_next = word in ("-n", "-c", "-d", "-f", "-k", "-t")
    return True


def _only_substitutes(words: Sequence[str | None]) -> bool:
    programs = [word for word in words if word not in ("-n", "-E", "-r", "-nE", "-e")]
    return len(programs) == 1 and bool(programs[0] and _SUBSTITUTION.fullmatch(programs[0]))


def _only_prints(words: Sequence[str | None]) -> bool:
    programs = [word for word in words if word and not re.fullmatch(r"-F.+", word)]
    return len(programs) == 1 and bool(_PRINTING.fullmatch(programs[0]))


def _prints(command: Simple) -> bool:
    """A printf whose format is literal and asks for texts only: a number that is none makes it fail."""
    form = command.words[1].literal if len(command.words) > 1 else None
    return form is not None and not form.startswith("-") and set(re.findall(r"%(.)", form)) <= {"s", "%"}


def _has_bad_key(command: Simple) -> bool:
    """`nats kv VERB BUCKET KEY` with a key in which a literal character is none that a server takes."""
    words = command.words
    if command.name != "nats" or len(words) < 5 or words[1].literal != "kv" or words[2].literal not in _WITH_KEY:
        return False
    bucket, key = words[3].literal, words[4]
    if not bucket or bucket.startswith("-") or (key.literal or "").startswith("-"):
        return False
    return any(isinstance(part, Literal) and _BAD_KEY.search(part.text) for part in key.parts)


def _goes_nowhere(redirection: Any) -> bool:
    """Whether a redirection cannot fail: to the null device, or to another stream."""
    return redirection.target.literal == "/dev/null" or redirection.operator in (">&", "<<", "<<<", "<&")


# --- tests -----------------------------------------------------------------------------------------------------------


def _test_words(command: Any) -> list[Word] | None:
    """What stands in `[ … ]`, `test …` or `[[ … ]]`."""
    if isinstance(command, DoubleBracket):
        return list(command.words)
    if isinstance(command, Simple) and not command.redirections and command.name in ("[", "test"):
        return list(command.words[1:-1] if command.name == "[" else command.words[1:])
    return None


def _is_status(word: Word) -> bool:
    return len(word.parts) == 1 and isinstance(word.parts[0], Parameter) and word.parts[0].name == "?"


def _evaluate(texts: Sequence[str | None]) -> bool | None:
    """A test of constants."""
    match texts:
        case ["-z", str(text)]:
            return not text
        case ["-n", str(text)]:
            return bool(text)
        case [str(left), "=" | "==", str(right)]:
            return left == right
        case [str(left), "!=", str(right)]:
            return left != right
        case [str(left), "-eq", str(right)] if left.isdecimal() and right.isdecimal():
            return int(left) == int(right)
        case [str(left), "-ne", str(right)] if left.isdecimal() and right.isdecimal():
            return int(left) != int(right)
        case [str(left), "-lt" | "-gt" | "-le" | "-ge" as order, str(right)] if left.isdecimal() and right.isdecimal():
            one, other = int(left), int(right)
            return {"-lt": one < other, "-gt": one > other, "-le": one <= other, "-ge": one >= other}[order]
    return None


def _test_of(condition: Sequence[Any]) -> str:
    """A test of variables and literals alone, in one form for all ways to write it; "" where it is none."""
    if len(condition) != 1:
        return ""
    command = condition[0]
    if isinstance(command, Negated):
        return _contrary(_test_of((command.command,)))
    words = _test_words(command)
    quoted = not isinstance(command, DoubleBracket)
    shown = [] if words is None else [_form(word, quoted=quoted) for word in words]
    match shown:
        case [str(operator), str(name)] if operator in ("'-z", "'-n") and name.startswith("$"):
            return f"{operator[1:]} {name}"
        case [str(left), "'=" | "'==", str(right)]:
            return f"= {left} {right}"
        case [str(left), "'!=", str(right)]:
            return f"!= {left} {right}"
    return ""


def _form(word: Word, *, quoted: bool) -> str | None:
    """A plain variable as `$NAME`, a literal behind a quote; None for all else. `quoted`: it has to be."""
    if word.literal is not None:
        return f"'{word.literal}"
    part = word.parts[0] if len(word.parts) == 1 else None
    if isinstance(part, Parameter) and part.operator == "" and part.quoted >= quoted:
        return f"${part.name}" if re.fullmatch(r"[A-Za-z_]\w*", part.name) else None
    return None


_CONTRARY = {"-z": "-n", "-n": "-z", "=": "!=", "!=": "="}


def _contrary(test: str) -> str:
    operator, blank, rest = test.partition(" ")
    return f"{_CONTRARY[operator]}{blank}{rest}" if test else ""


def _variables(test: str) -> set[str]:
    return set(re.findall(r"\$(\w+)", test))


def _sets(node: Any) -> set[str]:
    """Variables that a command sets; `*` where that cannot be told."""
    found: set[str] = set()
    for inner in walk((node,)):
        match inner:
            case Assignment(name=name) | For(name=name) | Parameter(name=name, operator="=" | ":="):
                found.add(name)
            case CountingFor() | ArithmeticCommand():
                found.add("*")
            case ArithmeticExpansion(expression=expression) if re.search(r"=|\+\+|--", expression):
                found.add("*")
            case Simple(words=words, name=name) if words and (name is None or name in _SETTERS):
                if name != "printf" or not _prints(inner):
                    found.add("*")
    return found


def _ends(body: Iterable[Any]) -> bool:
    """Whether the flow never comes to the end of a list: it says so itself, as its last command."""
    commands = list(body)
    last = commands[-1] if commands else None
    if isinstance(last, Group):
        return _ends(last.body)
    return isinstance(last, Simple) and last.name in _ENDERS and not last.redirections


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _and(left: bool | None, right: bool | None) -> bool | None:
    return False if left is False or right is False else None if left is None or right is None else True

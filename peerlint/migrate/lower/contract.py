"""What a script that stays asks for and does: the contract for the author who writes logic in its place.

Read from the text of the script, shell or Python; nothing is run. It says what is there to be seen, not all that may
happen: a command word that is put together while the script runs, or a library that it reads, is not followed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from peerlint.migrate.lower.result import StepLowering
from peerlint.migrate.lower.scope import Resolve
from peerlint.patterns import regex
from peerlint.process.bash import BashFacts, facts, parse_bash
from peerlint.process.bash.facts import written
from peerlint.process.bash.tree import (
    Assignment,
    Case,
    Command,
    DoubleBracket,
    Function,
    Group,
    Parameter,
    Script,
    Simple,
    Word,
    walk,
)
from peerlint.process.commands import Nature, understand
from peerlint.process.model import Shell, Step
from peerlint.process.python import read_python
from peerlint.records import dataclass
from peerlint.source.text import SourceText

#: What belongs to the shell or the terminal, and is asked of nobody.
_OWN_NAMES = frozenset(
    {"HOME", "PATH", "PWD", "OLDPWD", "USER", "SHELL", "TMPDIR", "LANG", "IFS", "RANDOM", "SECONDS", "LINENO", "REPLY",
     "BASH_SOURCE", "FUNCNAME", "PIPESTATUS", "BASH_REMATCH", "OPTARG", "OPTIND", "EUID", "UID", "HOSTNAME", "COLUMNS"}
)  # fmt: skip
#: Commands that act on the shell itself, or do nothing outside of it.
_BUILTINS = frozenset(
    {"cd", "pushd", "popd", "export", "local", "declare", "typeset", "readonly", "unset", "set", "shopt",
     "shift", "let", "getopts", "trap", "exit", "return", "break", "continue", "read", "eval", "exec",
     "source", ".", "wait", "sleep", "command", "type", "hash", "which", ":", "mapfile", "readarray", "umask",
     "alias", "ls", "find", "mkdir", "touch", "rm"}
)  # fmt: skip
_READING = frozenset({"get", "ls", "keys", "history", "info", "status", "watch"})
_FILE_TESTS = frozenset({"-f", "-d", "-e", "-s", "-r", "-x"})
_NAME = regex(r"\$\{?([A-Za-z_]\w*)\}?")
_DEFAULT = regex(r"\$\{\w+:-([\w./-]+)\}")
_FLAG = regex(r"--?[A-Za-z][\w-]*")
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class End:
    """A place where the script ends: its exit code (None where it is no literal), the message before it, the row."""

    code: int | None
    message: str
    row: int


@dataclass(frozen=True, slots=True)
class Contract:
    """What a script asks for and does, each list in the order of its text and without repetitions.

    `arguments` are flags and positions, `inputs` variables that it reads and never sets, `needs` what has to be there,
    `changes` what it writes, `runs` other programs, `asks` questions to the user.
    """

    path: str
    rows: int
    arguments: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    ends: tuple[End, ...] = ()

    def lines(self) -> Iterator[str]:
        """The contract for a person; what is empty is left out."""
        yield f"contract of {self.path} ({self.rows} line{'' if self.rows == 1 else 's'}):"
        parts = (
            ("takes", self.arguments),
            ("reads from outside", self.inputs),
            ("needs", self.needs),
            ("changes", self.changes),
            ("runs", self.runs),
            ("asks", tuple(f'"{question}"' for question in self.asks)),
        )
        for label, found in parts:
            if found:
                yield f"  {label}: {_listed(found)}"
        for end in self.ends:
            code = "a code that is not literal" if end.code is None else str(end.code)
            yield f"  ends with {code} at line {end.row}" + (f': "{end.message}"' if end.message else "")


def contracts_of(step: Step, lowering: StepLowering, resolve: Resolve) -> tuple[Contract, ...]:
    """The contracts of the scripts that a step names and that the project has.

    All of a step that stays; of one that is lowered those of programs in Python, which it goes on to call.
    """
    references = dict.fromkeys(name for node in step.statements if isinstance(node, Shell) for name in node.scripts)
    found = (resolve(name) for name in references if name.endswith(".py") or lowering.leftover is not None)
    return tuple(contract_of(source) for source in found if source is not None)


def contract_of(source: SourceText) -> Contract:
    """The contract of a script, Python where its name ends in `.py`. Never raises."""
    python = source.path.endswith(".py")
    script, found = read_python(source.text) if python else _shell(source.text)
    more = _Python(source.text) if python else _Shell(script, found)
    known = _constants(script)
    return Contract(
        source.path,
        source.lines.rows - source.text.endswith("\n"),
        _once(more.arguments(), known),
        _once(more.inputs(), known),
        _once([*more.needs(), *_needs(found)], known),
        _once(_changes([found, *_handlers(script)]), known),
        _once(_runs(script, found), known),
        _once(more.asks(), known),
        tuple(
            End(code, " ".join(message.split()), source.lines.position(at).row)
            for code, message, at in more.ends(found)
        ),
    )


def _shell(text: str) -> tuple[Script, BashFacts]:
    script = parse_bash(text, placeholders=False)
    return script, facts(script)


def _once(found: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Each once, on one line, with the texts of names that have just one."""

    def text(match: re.Match[str]) -> str:
        return known.get(match[1], match[0])

    return tuple(dict.fromkeys(" ".join(_NAME.sub(text, part).split()) for part in found if part.strip()))


def _constants(script: Script) -> dict[str, str]:
    """Names that are set once, to a text or to a default for what comes from outside."""
    found: dict[str, list[str]] = {}
    for node in walk(script.commands):
        if isinstance(node, Assignment):
            text = written(script, node.value) if node.value is not None and not node.append else ""
            default = _DEFAULT.fullmatch(text)
            found.setdefault(node.name, []).append(default[1] if default else text)
    return {name: texts[0] for name, texts in found.items() if len(texts) == 1 and re.fullmatch(r"[\w./-]+", texts[0])}


def _listed(found: Sequence[str]) -> str:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more


# --- what shell and Python have in common -----------------------------------------------------------------------------


def _needs(found: BashFacts) -> Iterator[str]:
    for use in found.kv:
        if use.verb in _READING and use.bucket:
            yield f"key {use.key} of {use.bucket}" if use.key else f"bucket {use.bucket}"
    made: set[str] = set()
    for file in found.files:
        if file.how in ("write", "append"):
            made.add(file.path)
        elif file.path.startswith("<("):
            # What a command prints, and no file.
            continue
        elif file.how == "read" and file.path not in made and not file.is_temporary and re.search(r"\w", file.path):
            yield f"file {file.path}"


def _handlers(script: Script) -> Iterator[BashFacts]:
    """What is done where the script ends: `trap 'nats kv del …' EXIT`."""
    for node in walk(script.commands):
        if isinstance(node, Simple) and node.name == "trap" and len(node.words) > 2:
            yield facts(parse_bash(written(script, node.words[1]), placeholders=False))


def _changes(found: Iterable[BashFacts]) -> Iterator[str]:
    verbs: dict[str, dict[str, None]] = {}
    every = list(found)
    for use in (use for one in every for use in one.kv):
        if use.verb not in _READING and use.bucket:
            place = f"key {use.key} of {use.bucket}" if use.key else f"bucket {use.bucket}"
            verbs.setdefault(place, {})[use.verb] = None
    for file in every[0].files:
        if file.how != "read" and not file.is_temporary and not file.path.startswith(">("):
            verbs.setdefault(f"file {file.path}", {})[file.how] = None
    yield from (f"{place} ({', '.join(how)})" for place, how in verbs.items())


def _runs(script: Script, found: BashFacts) -> Iterator[str]:
    own = {function.name for function in found.functions_defined}
    for command in walk(script.commands):
        name = command.name if isinstance(command, Simple) else None
        if not name or name in own | _BUILTINS or understand([name]).nature is not Nature.STUBBED:
            continue
        words = [written(script, word) for word in command.words[1:3]]
        kept = [word for word in words if re.fullmatch(r"[a-z][\w./-]*", word)]
        yield " ".join([name, *(kept if len(kept) == len(words) else kept[:1] if words and words[0] in kept else [])])


# --- shell ------------------------------------------------------------------------------------------------------------


class _Shell:
    """What only shell has."""

    def __init__(self, script: Script, found: BashFacts) -> None:
        self._script, self._found = script, found
        self._nodes = list(walk(script.commands))

    def arguments(self) -> Iterator[str]:
        """Flags that a `case` tells apart, and numbered arguments outside of functions."""
        for node in self._nodes:
            if isinstance(node, Case):
                for arm in node.arms:
                    for pattern in arm.patterns:
                        yield from self._flag(pattern, arm.body)
            elif isinstance(node, Simple) and node.name == "getopts" and len(node.words) > 1:
                for flag in re.findall(r"([A-Za-z])(:?)", node.words[1].literal or ""):
                    yield f"-{flag[0]}" + (" <value>" if flag[1] else "")
        inside = {id(n) for f in self._nodes if isinstance(f, Function) for n in walk(f)}
        if not any(isinstance(node, Simple) and node.name == "shift" for node in self._nodes):
            positions = [n.name for n in self._nodes if isinstance(n, Parameter) and id(n) not in inside]
            yield from (f"argument {name}" for name in positions if re.fullmatch(r"[1-9]", name))

    def _flag(self, pattern: Word, body: tuple[Command, ...]) -> Iterator[str]:
        text = written(self._script, pattern)
        flag = _FLAG.match(text)
        if text in ("-h", "--help"):
            return
        if flag and text[flag.end() :] == "=*":
            yield f"{flag.group()}=<value>"
        elif flag and flag.end() == len(text):
            takes = any(isinstance(node, Parameter) and node.name == "2" for node in walk(body))
            yield f"{text} <value>" if takes else text

    def inputs(self) -> Iterator[str]:
        """Variables that are read and never set."""
        names = {mention.name for mention in self._found.variables_set} | _OWN_NAMES
        yield from (mention.name for mention in self._found.variables_read if mention.name not in names)

    def needs(self) -> Iterator[str]:
        """Tools and files that are looked for."""
        for node in self._nodes:
            words = [written(self._script, word) for word in getattr(node, "words", None) or ()]
            if isinstance(node, Simple) and node.name in ("command", "type", "which", "hash") and len(words) > 1:
                yield f"tool {words[-1]}"
            elif isinstance(node, DoubleBracket) or (isinstance(node, Simple) and node.name in ("[", "test")):
                tests = [(test, path) for test, path in pairwise(words) if test in _FILE_TESTS]
                yield from (f"{'folder' if test == '-d' else 'file'} {path}" for test, path in tests)

    def asks(self) -> Iterator[str]:
        """Questions of `read -p`."""
        for node in self._nodes:
            if isinstance(node, Simple) and node.name == "read":
                words = [written(self._script, word) for word in node.words]
                yield from (after for flag, after in pairwise(words) if re.fullmatch(r"-\w*p", flag))

    def ends(self, found: BashFacts) -> Iterator[tuple[int | None, str, int]]:
        """Each `exit`, with the first message of its list; for a function that only complains and exits, its calls."""
        exits = {end.span: end.code for end in found.exits if not end.is_return}
        last = {f.name: f.body.body[-1] for f in self._nodes if isinstance(f, Function) and isinstance(f.body, Group)}
        dying = {name: exits.pop(command.span) for name, command in last.items() if command.span in exits}
        calls = [n for n in self._nodes if isinstance(n, Simple) and n.name in dying and len(n.words) > 1]
        lists = [self._script.commands, *(v for n in self._nodes for v in _bodies(n))]
        seen: dict[int, tuple[int | None, str, int]] = {}
        for commands in lists:
            message = ""
            for command in commands:
                if not isinstance(command, Simple):
                    continue
                if command.name in ("echo", "printf") and len(command.words) > 1:
                    words = [written(self._script, word) for word in command.words[1:]]
                    message = message or " ".join(word for word in words if not re.fullmatch(r"-[neE]+", word))
                elif command.span in exits:
                    seen[command.span.start] = (exits[command.span], message, command.span.start)
        for span, code in exits.items():
            seen.setdefault(span.start, (code, "", span.start))
        for call in calls:
            words = [written(self._script, word) for word in call.words[1:]]
            own = dying[call.name or ""]
            code = own if own is not None else int(words[1]) if len(words) > 1 and words[1].isdigit() else 1
            seen[call.span.start] = (code, words[0], call.span.start)
        yield from (seen[start] for start in sorted(seen))


def _bodies(node: object) -> Iterator[tuple[Command, ...]]:
    """The lists of commands directly in a node."""
    for name in ("body", "otherwise"):
        value = getattr(node, name, None)
        if isinstance(value, tuple) and value and not isinstance(node, Assignment):
            yield value


# --- Python -----------------------------------------------------------------------------------------------------------


class _Python:
    """What only Python has."""

    def __init__(self, text: str) -> None:
        try:
            self._nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self._nodes = []

    def _calls(self, *names: str) -> Iterator[ast.Call]:
        calls = [node for node in self._nodes if isinstance(node, ast.Call) and _name(node.func) in names]
        return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))

    def arguments(self) -> Iterator[str]:
        """Those of argparse, click and typer options, and positions of `sys.argv`."""
        for call in self._calls("add_argument", "option", "argument"):
            names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if not names:
                continue
            long = next((name for name in names if name.startswith("--")), names[0])
            action = next((k.value for k in call.keywords if k.arg in ("action", "is_flag")), None)
            needed = any(k.arg == "required" and getattr(k.value, "value", False) is True for k in call.keywords)
            shown = long if action is not None or not long.startswith("-") else f"{long} <value>"
            yield f"{shown} (required)" if needed else shown
        for node in self._nodes:
            if isinstance(node, ast.Subscript) and _name(node.value) == "argv" and isinstance(node.slice, ast.Constant):
                yield f"argument {node.slice.value!r}"

    def inputs(self) -> Iterator[str]:
        """Variables of the environment."""
        found: list[tuple[int, str]] = []
        for node in self._nodes:
            key: ast.expr | None = None
            if isinstance(node, ast.Call) and node.args:
                of_environ = isinstance(node.func, ast.Attribute) and _name(node.func.value) == "environ"
                key = node.args[0] if of_environ or _name(node.func) == "getenv" else None
            elif isinstance(node, ast.Subscript) and _name(node.value) == "environ":
                key = node.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append((key.lineno, key.value))
        yield from (name for _, name in sorted(found))

    def needs(self) -> Iterator[str]:
        """Nothing but what shell and Python have in common."""
        return iter(())

    def asks(self) -> Iterator[str]:
        """Questions of `input`."""
        for call in self._calls("input", "prompt", "confirm"):
            if call.args and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)

    def ends(self, found: BashFacts) -> Iterator[tuple[int | None, str, int]]:
        """Each exit, with its own text or that of the print in front of it."""
        messages = self._messages()
        yield from ((end.code, messages.get(at, ""), end.span.start) for at, end in enumerate(found.exits))

    def _messages(self) -> dict[int, str]:
        """The message of each exit, by its place among the exits."""
        order = {id(call): at for at, call in enumerate(self._calls("exit", "_exit", "SystemExit"))}
        messages: dict[int, str] = {}
        for node in self._nodes:
            for _, body in ast.iter_fields(node):
                last = ""
                for statement in body if isinstance(body, list) else ():
                    for inner in ast.walk(statement) if isinstance(statement, (ast.Expr, ast.Raise)) else ():
                        text = _first_text(inner) if isinstance(inner, ast.Call) else ""
                        if isinstance(inner, ast.Call) and _name(inner.func) in ("print", "echo", "error"):
                            last = last or text
                        elif id(inner) in order:
                            messages[order[id(inner)]] = text or last
        return messages


def _first_text(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{…}" for p in first.values)
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

"""The variables of a script: what reads them, what changes them, and which hold one text for ever."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    ArithmeticCommand,
    ArithmeticExpansion,
    Assignment,
    Case,
    Command,
    CountingFor,
    For,
    Function,
    IfCommand,
    Literal,
    Loop,
    Parameter,
    Pipe,
    Simple,
    Substitution,
    Word,
    of_kind,
    walk,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Builtins whose words name what they change.
_FILL = frozenset({"read", "mapfile", "readarray", "unset", "getopts"})
#: Builtins that make a variable of the function in which they stand.
_LOCAL = frozenset({"local", "declare", "typeset"})
_CHANGED_IN = regex(r"(?:\+\+|--)\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))")


def names_changed(node: object) -> Iterator[str]:
    """The variables that commands set, once for each place that does."""
    for inner in walk(node):
        changed = _CHANGED.get(type(inner))
        if changed is not None:
            yield from changed(inner)


def _changed_by_builtin(command: Simple) -> Iterable[str]:
    name = command.name
    if name == "let":
        texts = ("".join(part.text for part in word.parts if isinstance(part, Literal)) for word in command.words[1:])
        return (changed for text in texts for changed in _changed_in(text))
    if name in _FILL or (name == "printf" and _second(command) == "-v"):
        return (word.literal.partition("[")[0] for word in command.words[1:] if word.literal)
    return ()


def _changed_in(expression: str) -> Iterator[str]:
    return (before or behind for before, behind in _CHANGED_IN.findall(expression))


#: For each class of nodes that may set variables those that a node of it sets.
_CHANGED: dict[type, Callable[[Any], Iterable[str]]] = {
    Assignment: lambda node: (node.name,),
    For: lambda node: (node.name,),
    Parameter: lambda node: (node.name,) if node.operator in (":=", "=") else (),
    ArithmeticExpansion: lambda node: _changed_in(node.expression),
    ArithmeticCommand: lambda node: _changed_in(node.expression),
    CountingFor: lambda node: _changed_in(node.header),
    Simple: _changed_by_builtin,
}


def _second(command: Simple) -> str | None:
    return command.words[1].literal if len(command.words) > 1 else None


def names_declared(body: object) -> set[str]:
    """The variables that the body of a function has for itself."""
    found: set[str] = set()
    for node in of_kind(body, Simple):
        if node.name in _LOCAL and _second(node) != "-g":
            found |= {assignment.name for assignment in node.declared}
            found |= {word.literal for word in node.words[1:] if word.literal and word.literal.isidentifier()}
    return found


#: What a shell or the harness sets by itself, for each script anew.
_OF_EACH_SHELL = regex(r"ARGUMENTS|PWD|OLDPWD|IFS|REPLY|OPT(?:ARG|IND|ERR)|SHLVL|FUNCNAME|PIPESTATUS|BASH\w*|_")


def names_only_read(commands: object) -> frozenset[str]:
    """The variables that commands read and never set: what has them from the environment hands them on to its calls."""
    read = {name for name in names_read(commands) if name.isidentifier() and not _OF_EACH_SHELL.fullmatch(name)}
    return frozenset(read - set(names_changed(commands)) - names_declared(commands))


def names_read_without_default(body: object) -> set[str]:
    """The variables that are read in a way which `set -u` refuses where they are not set."""
    return {node.name for node in of_kind(body, Parameter) if node.operator not in _DEFAULTS}


#: Operators by which a variable that is not set is no error.
_DEFAULTS = frozenset({":-", "-", ":=", "=", ":+", "+"})


def names_from_outside(functions: Iterable[Function]) -> set[str]:
    """The variables that functions read or change, and that are not their own."""
    bodies = [function.body for function in functions]
    return {name for body in bodies for name in {*names_read(body), *names_changed(body)} - names_declared(body)}


def is_local_throughout(body: Sequence[Command], variable: str) -> bool:
    """Whether a function makes the variable its own before anything in it uses that name."""
    for command in body:
        is_declaration = isinstance(command, Simple) and command.name in _LOCAL
        if is_declaration and variable in names_declared(command):
            return variable not in names_read(command)
        if variable in names_read(command) or variable in names_changed(command):
            return False
    return True


def names_assigned(node: object) -> set[str]:
    """The variables that commands set, but for those that just go through a list."""
    return set(names_changed(node)) - {inner.name for inner in of_kind(node, For)}


def names_handed_out(functions: Iterable[Function]) -> set[str]:
    """The variables that functions change for those who call them."""
    return {name for each in functions for name in names_assigned(each.body) - names_declared(each.body)}


def names_behind_loops(commands: Sequence[Command]) -> frozenset[str]:
    """The variables of loops that are read elsewhere than in a loop that gives them a value."""
    loops: dict[str, list[int]] = {}
    for turns in of_kind(commands, For):
        loops.setdefault(turns.name, []).append(id(turns))
    for loop in of_kind(commands, Loop):
        for name in names_changed(loop.condition):
            loops.setdefault(name, []).append(id(loop))
    return frozenset(name for name, own in loops.items() if name in names_read(commands, leaving_out=own))


def names_of_loops_in_pipelines(commands: Sequence[Command]) -> frozenset[str]:
    """The variables that loops at the end of a pipeline set, where nobody ever reads what the loop loses when it ends.

    Each such loop sets them before it reads them, and nothing else reads them.
    """
    loops: dict[str, list[int]] = {}
    for pipe in of_kind(commands, Pipe):
        loop = pipe.commands[-1]
        if isinstance(loop, Loop):
            names = set(names_changed(loop.body))
            for name in names - read_before_set(loop.body, names):
                loops.setdefault(name, []).append(id(loop))
    return frozenset(name for name, own in loops.items() if name not in names_read(commands, leaving_out=own))


def outside_of_functions(commands: Sequence[Command]) -> Sequence[Command]:
    """The commands that are no definitions."""
    outside = tuple(command for command in commands if not isinstance(command, Function))
    return outside if len(outside) < len(commands) else commands


def assigned_on_top(commands: Iterable[Command]) -> dict[str, Assignment]:
    """Variables with a plain assignment at the top level, which every run reaches or ends before."""
    top: dict[str, Assignment] = {}
    for command in commands:
        if isinstance(command, Simple):
            declared = command.declared if command.name in ("readonly", "local", "declare", "export") else ()
            for assignment in (*(command.assignments if not command.words else ()), *declared):
                if not assignment.append and assignment.elements is None and assignment.subscript is None:
                    top[assignment.name] = assignment
    return top


def assigned_on_every_way(commands: Iterable[Command]) -> set[str]:
    """Variables with a plain assignment at the top level, or in each arm of a choice there of which one is taken."""
    found: set[str] = set()
    for command in commands:
        bodies: list[Sequence[Command]] = []
        if isinstance(command, IfCommand) and command.otherwise is not None:
            bodies = [*(arm.body for arm in command.arms), command.otherwise]
        elif isinstance(command, Case) and command.arms and all(arm.end == ";;" for arm in command.arms):
            takes_the_rest = [[getattr(p, "text", "") for p in word.parts] for word in command.arms[-1].patterns]
            bodies = [arm.body for arm in command.arms] if ["*"] in takes_the_rest else []
        found |= set(assigned_on_top([command]))
        found |= set.intersection(*(assigned_on_every_way(body) for body in bodies)) if bodies else set()
    return found


def assigned_once(commands: Sequence[Command]) -> dict[str, Assignment]:
    """Variables with just one plain assignment, which stands at the top level and in front of all that reads them."""
    top = assigned_on_top(commands)
    early = read_before_set(commands, set(top))
    counts = Counter(names_changed(commands))
    return {name: assignment for name, assignment in top.items() if counts[name] == 1 and name not in early}


def names_read(node: object, *, leaving_out: Collection[int] = ()) -> set[str]:
    """The variables that commands read, in words and where they calculate; `leaving_out` are ids of nodes."""
    found: set[str] = set()
    for inner in walk(node, leaving_out=leaving_out):
        kind = type(inner)
        if kind is Parameter:
            found.add(inner.name)
        elif kind is ArithmeticExpansion or kind is ArithmeticCommand:
            found.update(re.findall(r"[A-Za-z_]\w*", inner.expression))
    return found


def read_before_set(commands: Sequence[Command], names: set[str]) -> set[str]:
    """Those of the names whose value from outside is read before they are set, also in a function that is called."""
    functions = {command.name: command for command in commands if isinstance(command, Function)}
    found: set[str] = set()
    unset = set(names)
    for command in outside_of_functions(commands):
        reads = {name for part in (command, *functions_called(command, functions)) for name in names_read(part)}
        found |= reads & unset
        unset -= assigned_on_top([command]).keys()
    return found


def functions_called(command: object, functions: Mapping[str, Function]) -> tuple[Function, ...]:
    """The functions that a command calls, and those that they call."""
    found: dict[str, Function] = {}
    parts = [command] if functions else []
    while parts:
        names = {node.name for node in of_kind(parts.pop(), Simple)}
        new = [functions[name] for name in functions if name in names and name not in found]
        found |= {function.name: function for function in new}
        parts += new
    return tuple(found.values())


def constant_arrays(commands: Sequence[Command]) -> dict[str, tuple[Word, ...]]:
    """Arrays that are written once, as a whole, without output of commands."""
    found: dict[str, tuple[Word, ...]] = {}
    counts: dict[str, int] = {}
    for node in of_kind(commands, Assignment):
        counts[node.name] = counts.get(node.name, 0) + 1
        if node.elements and not node.append and not of_kind(node.elements, Substitution):
            found[node.name] = node.elements
    return {name: elements for name, elements in found.items() if counts[name] == 1}

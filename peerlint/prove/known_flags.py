"""A loop over the arguments of a script, worked out for arguments that every call gives alike.

`for arg in "$@"; do case $arg in --seed) SEED=true ;; …` chooses the same arms in every scenario then, and what these
set is known behind the loop. Only loops of that form are looked into, and only if the chosen arms do no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from peerlint.process.bash.tree import (
    ArithmeticExpansion,
    Case,
    CaseArm,
    For,
    Function,
    Group,
    Parameter,
    ProcessSubstitution,
    Simple,
    Substitution,
    Word,
    matcher_of,
    walk,
)
from peerlint.prove.fixed_arguments import changes_parameters, the_same_literals
from peerlint.records import dataclass, field

#: The variables that a command sets; `*` where that cannot be told.
SetsOf = Callable[[Any], set[str]]


@dataclass(frozen=True, slots=True)
class KnownFlags:
    """What is found: by the identity of each `case` of such a loop the numbers of its arms that are taken (from 1, as
    its arms with a body are counted), and texts of parameters behind the loop, by their identity.
    """

    taken: dict[int, frozenset[int]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def with_those_of(self, other: KnownFlags) -> KnownFlags:
        """Both together."""
        return KnownFlags({**self.taken, **other.taken}, {**self.texts, **other.texts})


def known_flags(
    script: Sequence[Any], arguments: tuple[str, ...], sets_of: SetsOf, functions: Sequence[Function]
) -> KnownFlags:
    """Goes through the commands of a script, or of a function, that is called with `arguments`.

    `functions` are all that it may call.
    """
    found = KnownFlags()
    held: dict[str, str] = {}
    in_functions = {name for function in functions for name in sets_of(function)}
    if "*" in in_functions or changes_parameters(script) or any(map(_gives_attributes, walk(tuple(script)))):
        return found
    for at, command in enumerate(script):
        if isinstance(command, Function):
            continue
        chosen = _chosen(command, arguments)
        if chosen is not None:
            case = command.body[0]
            numbers = {id(arm): number for number, arm in enumerate((a for a in case.arms if a.body), start=1)}
            found.taken[id(case)] = frozenset(numbers[id(arm)] for arm in chosen if id(arm) in numbers)
            changed: list[Any] = [one for arm in chosen for one in arm.body]
        else:
            changed = [command]
        for one in changed:
            _follow(one, held, sets_of)
        if chosen is not None:
            held.pop(command.name, None)
            behind = script[at + 1 :]
            kept = held.keys() - in_functions - {name for later in behind for name in sets_of(later)}
            found.texts.update(_texts(behind, {name: held[name] for name in kept}, sets_of))
    return found


def flags_of_functions(nodes: Sequence[Any], sets_of: SetsOf) -> KnownFlags:
    """The same for each function among the nodes that is always called with the same literal arguments."""
    found = KnownFlags()
    functions = [node for node in nodes if isinstance(node, Function)]
    for function in functions:
        arguments = _arguments_of(function, nodes)
        if arguments is None or not isinstance(function.body, Group):
            continue
        others = [other for other in functions if other is not function]
        known = known_flags(function.body.body, arguments, sets_of, others)
        found = found.with_those_of(known)
    return found


def _arguments_of(function: Function, nodes: Sequence[Any]) -> tuple[str, ...] | None:
    """The arguments of a function where all that names it is calls with the same literal ones."""
    calls = [node for node in nodes if isinstance(node, Simple) and node.name == function.name]
    named = sum(isinstance(node, Word) and function.name in (node.literal or "") for node in nodes)
    twins = sum(isinstance(node, Function) and node.name == function.name for node in nodes)
    given = {tuple(word.literal for word in call.words[1:]) for call in calls}
    return the_same_literals(given) if named == len(calls) and twins == 1 else None


def _gives_attributes(node: Any) -> bool:
    """Whether a variable may change what it is set to: `declare -u NAME`."""
    return isinstance(node, Simple) and node.name in ("declare", "typeset", "readonly")


def _follow(command: Any, held: dict[str, str], sets_of: SetsOf) -> None:
    """What is known of variables behind a command."""
    is_local = isinstance(command, Simple) and command.name == "local" and len(command.words) == 1
    plain = isinstance(command, Simple) and not command.words and not command.redirections
    names = sets_of(command)
    for name in [*held] if "*" in names else names:
        held.pop(name, None)
    for assignment in command.declared if is_local else command.assignments if plain else ():
        text = None if assignment.value is None else assignment.value.literal
        if text is not None and not assignment.append and assignment.subscript is None and not assignment.elements:
            held[assignment.name] = text


def _texts(commands: Sequence[Any], held: Mapping[str, str], sets_of: SetsOf) -> Iterator[tuple[int, str]]:
    if any("*" in sets_of(command) for command in commands):
        return
    for node in walk(tuple(commands)):
        if isinstance(node, Parameter) and node.name in held and node.operator in ("", ":-", "-"):
            yield id(node), held[node.name]


def _chosen(command: Any, arguments: tuple[str, ...]) -> list[CaseArm] | None:
    """The arms that a loop over the arguments takes, one after the other; None where it is not such a loop."""
    case = command.body[0] if isinstance(command, For) and len(command.body) == 1 else None
    if not isinstance(command, For) or not isinstance(case, Case):
        return None
    if not _over_arguments(command) or not _is(case.subject, command.name):
        return None
    patterns = [matcher_of(arm.patterns) for arm in case.arms]
    chosen = []
    for argument in arguments:
        for pattern, arm in zip(patterns, case.arms, strict=True):
            if pattern is None:
                return None
            if pattern.fullmatch(argument):
                chosen.append(arm)
                break
    return chosen if all(map(_only_sets, chosen)) else None


def _over_arguments(command: For) -> bool:
    """Whether it goes through `"$@"`, which takes each argument as it is."""
    if command.words is None:
        return True
    parts = command.words[0].parts if len(command.words) == 1 else ()
    return len(parts) == 1 and isinstance(parts[0], Parameter) and parts[0] == Parameter("@", quoted=True)


def _is(word: Any, name: str) -> bool:
    part = word.parts[0] if len(word.parts) == 1 else None
    return isinstance(part, Parameter) and part.name == name and part.operator == ""


def _only_sets(arm: CaseArm) -> bool:
    """Whether an arm goes on with the next argument behind it, and has done no more than to set variables."""
    nodes = list(walk(arm.body))
    simple = all(isinstance(node, Simple) and not node.words and not node.redirections for node in arm.body)
    runs = any(isinstance(node, Substitution | ProcessSubstitution | ArithmeticExpansion) for node in nodes)
    return arm.end == ";;" and simple and not runs

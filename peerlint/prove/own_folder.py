"""The `cd` of a script that cannot fail: to the folder in which the script stands, or to one above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    AndOr,
    Assignment,
    For,
    Function,
    Parameter,
    Simple,
    Subshell,
    Substitution,
    Word,
    walk,
)

_MOVERS = frozenset({"cd", "pushd", "popd"})
_ABOVE = regex(r"(?:/\.\.)*/?")


def sure_moves(script: Sequence[Any]) -> frozenset[int]:
    """The identities of these commands. `script` is run by its path, and nobody takes its folder away meanwhile.

    A path that is made from `$0` may be relative, so it holds as long as nothing has moved; what `pwd` has said of such
    a folder holds wherever the script is, if nothing sets the name again.
    """
    nodes = list(walk(tuple(script)))
    elsewhere = {
        id(inner) for node in nodes if isinstance(node, Substitution | Subshell | Function) for inner in walk((node,))
    }
    functions = [node for node in nodes if isinstance(node, Function)]
    in_functions = {id(inner) for node in functions for inner in walk((node,))}
    # A function that calls another one may move, too.
    movers = _MOVERS.union(node.name for node in functions)
    moved = False
    times = Counter(node.name for node in nodes if isinstance(node, Assignment | For))
    known: set[str] = set()
    sure: set[int] = set()
    for node in nodes:
        if isinstance(node, Simple) and node.name == "cd":
            if _leads_up(node, known, anywhere=moved or id(node) in in_functions):
                sure.add(id(node))
            moved = moved or id(node) not in elsewhere
        elif isinstance(node, Simple) and node.name in movers:
            moved = moved or id(node) not in elsewhere
        elif isinstance(node, Assignment) and times[node.name] == 1 and id(node) not in elsewhere:
            asked = _folder_asked_for(node.value)
            if asked is not None and _leads_up(asked, known, anywhere=moved):
                known.add(node.name)
    return frozenset(sure)


def _folder_asked_for(word: Word | None) -> Simple | None:
    """The `cd` of `$(cd … && pwd)`."""
    part = word.parts[0] if word is not None and len(word.parts) == 1 else None
    both = part.commands[0] if isinstance(part, Substitution) and len(part.commands) == 1 else None
    if not isinstance(both, AndOr) or not isinstance(both.first, Simple) or len(both.rest) != 1:
        return None
    operator, last = both.rest[0]
    says = operator == "&&" and isinstance(last, Simple) and last.name == "pwd"
    return both.first if says and both.first.name == "cd" else None


def _leads_up(move: Simple, known: set[str], *, anywhere: bool) -> bool:
    """Whether a `cd` goes to the folder of the script or above; `anywhere`: a relative path means nothing."""
    words = [word for word in move.words[1:] if word.literal != "--"]
    if len(words) != 1 or not words[0].parts:
        return False
    first, *rest = words[0].parts
    above = Word(tuple(rest), words[0].span).literal if rest else ""
    if above is None or not _ABOVE.fullmatch(above):
        return False
    if isinstance(first, Parameter):
        return first.name in known and not first.operator
    return not anywhere and isinstance(first, Substitution) and _is_folder_of_script(first)


def _is_folder_of_script(part: Substitution) -> bool:
    """`$(dirname "$0")`, `$(dirname "${BASH_SOURCE[0]}")`."""
    command = part.commands[0] if len(part.commands) == 1 else None
    if not isinstance(command, Simple) or command.name != "dirname" or command.redirections:
        return False
    words = [word for word in command.words[1:] if word.literal != "--"]
    only = words[0].parts[0] if len(words) == 1 and len(words[0].parts) == 1 else None
    if not isinstance(only, Parameter):
        return False
    of_array = only.operator == "[]" and only.argument is not None and only.argument.literal == "0"
    return (only.name == "0" and not only.operator) or (only.name == "BASH_SOURCE" and (of_array or not only.operator))

"""What the assignments of a script say about a name: one word, the name of a tool, words on purpose."""

from __future__ import annotations

import re

from peerlint.migrate.lower.effects import OF_THE_SHELL
from peerlint.migrate.lower.outputs import prints_a_number, prints_one
from peerlint.migrate.lower.scope import Scope
from peerlint.patterns import regex
from peerlint.process.bash.tree import ArithmeticExpansion, Assignment, For, Parameter, Substitution
from peerlint.process.bash.tree import walk as walk_tree
from peerlint.process.commands import Nature, understand

_TOOL = regex(r"[a-z][\w.+-]*")
_ONE_WORD = regex(r"[\w./:=@%+,-]+")


def gives_one_word(node: Assignment | For) -> bool:
    """Whether a name takes nothing but text that bash would not split."""
    if isinstance(node, For):
        return bool(node.words) and all(_ONE_WORD.fullmatch(word.literal or "") for word in node.words or ())
    parts = node.value.parts if node.value is not None else ()
    if node.append or node.elements is not None or len(parts) != 1:
        return False
    literal = node.value.literal if node.value is not None else None
    if isinstance(parts[0], Substitution):
        return prints_a_number(parts[0].commands)
    if isinstance(parts[0], Parameter):
        return parts[0].name in ("?", "#") and not parts[0].operator
    return isinstance(parts[0], ArithmeticExpansion) or bool(_ONE_WORD.fullmatch(literal or ""))


def gives_a_status(node: Assignment | For) -> bool:
    """Whether a name takes an exit code: `$?`, or a number that is one."""
    parts = node.value.parts if isinstance(node, Assignment) and node.value is not None else ()
    if not parts or not isinstance(node, Assignment) or node.append:
        return False
    taken = len(parts) == 1 and isinstance(parts[0], Parameter) and parts[0].name == "?"
    literal = (node.value.literal if node.value is not None else None) or ""
    return taken or (literal.isdecimal() and int(literal) < 256)


def gives_a_truth(node: Assignment | For) -> bool:
    """Whether a name takes `true` or `false`, which are run as commands: `OK=true; $OK || exit 1`."""
    literal = node.value.literal if isinstance(node, Assignment) and node.value is not None else None
    return literal in ("true", "false") and isinstance(node, Assignment) and not node.append


def names_a_tool(node: Assignment | For, scope: Scope) -> bool:
    """Whether a name takes the name of a program that is run as it is, and of nothing that the shell does itself."""
    literal = node.value.literal if isinstance(node, Assignment) and node.value is not None else None
    if literal is None or not _TOOL.fullmatch(literal) or literal in OF_THE_SHELL or literal in scope.functions:
        return False
    return understand([literal]).nature is Nature.STUBBED


def gives_words(node: Assignment | For) -> bool:
    """Whether a name may take several words, none, or an option: what an unquoted variable is often meant for."""
    if isinstance(node, For):
        return False
    literal = node.value.literal if node.value is not None else ""
    if literal is not None and (not literal or literal.startswith("-") or re.search(r"\s", literal)):
        return True
    parts = [part for part in walk_tree(node.value) if isinstance(part, Substitution)]
    return node.append or any(not prints_one(part.commands) for part in parts)

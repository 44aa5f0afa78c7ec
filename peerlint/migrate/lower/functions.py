"""The functions of a script, where each name means one thing wherever it is called."""

from __future__ import annotations

from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.variables import functions_called
from peerlint.process.bash.tree import Commands, Function, of_kind


def gather_functions(scope: Scope, commands: Commands) -> None:
    """Put the functions of a script into its scope.

    Raises Beyond where it matters when bash comes to a definition: it stands inside of something else, changes what a
    name means, or comes behind a call. The same function may be defined again, as in every fence that uses it.
    """
    on_top = {id(command) for command in commands if isinstance(command, Function)}
    for node in of_kind(commands, Function):
        if id(node) not in on_top:
            reason = f"the function {node.name}, which is defined inside of something else"
            raise Beyond(reason, node.span, scope.source)
        if scope.functions.setdefault(node.name, node) != node:
            raise Beyond(f"the function {node.name}, which is defined in two ways", node.span, scope.source)
    defined: set[str] = set()
    for command in commands:
        if isinstance(command, Function):
            defined.add(command.name)
            continue
        for function in functions_called(command, scope.functions):
            if function.name not in defined:
                reason = f"a call of the function {function.name}, which is defined behind it"
                raise Beyond(reason, command.span, scope.source)

"""Names that the logic of a file sets, which no shell knows as variables."""

from __future__ import annotations

from peerlint.process import model
from peerlint.source.text import NOWHERE, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from peerlint.lint.context import Context

#: What stands before a name in the logic where a statement sets it.
_SETTING = ("AS ", "SET: ")


def may_set(context: Context, names: Iterable[str]) -> bool:
    """Whether the logic of the file may set one of the names, told without reading it."""
    text = context.file.source.text
    return context.file.may_state_logic and any(f"{sign}{name}" in text for name in names for sign in _SETTING)


def names_set(context: Context) -> Iterator[tuple[str, Span]]:
    """The names that statements of the steps set, each with the place; not what the user is asked for."""
    if not (context.file.may_state_logic and context.file.may_order):
        return
    for step in context.reading.process.steps:
        for node in model.walk(step.statements):
            if isinstance(node, model.Set) and not node.target.path and node.span != NOWHERE:
                yield node.target.name, node.span
            elif isinstance(node, model.Do) and isinstance(name := getattr(node.effect, "name", None), str):
                yield name, node.span

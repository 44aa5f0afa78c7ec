"""Arrays that are lists of lines: built element by element, gone through, counted, and used for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from peerlint.process.bash.tree import Assignment, Command, For, Literal, Parameter, Simple, Word, of_kind, walk


def line_arrays(commands: Sequence[Command]) -> frozenset[str]:
    """Arrays whose elements are certainly lines of their own, and that are only gone through or counted as a whole."""
    built: set[str] = set()
    other: set[str] = set()
    looped: set[int] = set()
    variables = {node.name for node in of_kind(commands, For)}
    for node in walk(commands):
        kind = type(node)
        if kind is Assignment:
            lines = node.elements is not None and all(_is_line(word, variables) for word in node.elements)
            (built if lines and node.subscript is None else other).add(node.name)
        elif kind is For:
            looped |= {id(part) for part in _whole(node.words or ())}
        elif kind is Parameter and id(node) not in looped and not is_count(node):
            other.add(node.name)
        elif kind is Simple and node.name in ("unset", "read", "mapfile", "readarray"):
            other |= {word.literal.partition("[")[0] for word in node.words[1:] if word.literal}
    return frozenset(built - other)


def is_count(part: Parameter) -> bool:
    """`${#NAME[@]}`."""
    return part.operator == "length" and part.argument is not None and part.argument.literal in ("@", "*")


def _whole(words: tuple[Word, ...]) -> Iterator[Parameter]:
    """`"${NAME[@]}"` as all that a loop goes through."""
    part = words[0].parts[0] if len(words) == 1 and len(words[0].parts) == 1 else None
    if not isinstance(part, Parameter) or part.operator != "[]" or not part.quoted or part.argument is None:
        return
    if part.argument.literal == "@":
        yield part


def _is_line(word: Word, variables: set[str]) -> bool:
    """Whether an element is surely one line and not empty: it has text of its own, or is a loop variable."""
    if not all(isinstance(part, (Literal, Parameter)) for part in word.parts):
        return False
    literal = "".join(part.text for part in word.parts if isinstance(part, Literal))
    whole = len(word.parts) == 1 and isinstance(part := word.parts[0], Parameter) and part.name in variables
    quoted = all(part.quoted for part in word.parts if isinstance(part, Parameter))
    return "\n" not in literal and quoted and (bool(literal.strip()) or whole)

"""Text of logic tags and reference blocks in the indentation and with the line ends of the file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from peerlint.patterns import regex
from peerlint.process.logic import block_text, render_logic, rendered_blocks
from peerlint.process.model import Commands, Parameter, Statement, Text, Verbatim
from peerlint.records import fields, is_dataclass, replace
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_VALIDATION = regex(r"availab|health|valid|verif|prerequisite|preflight|pre_flight")
#: Names of so many words are sentences; so many of their words make a name.
_MANY_WORDS, _FEW_WORDS = 4, 3
_SAYS_LITTLE = frozenset(
    {
        "a", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "has", "if", "in", "into", "is", "it",
        "its", "make", "of", "on", "or", "sure", "that", "the", "their", "them", "then", "there", "this", "to", "was",
        "whether", "will", "with", "you", "your",
    }
)  # fmt: skip
_SUFFIX = regex(r"_(?:logic|step|phase)$")


def logic_tag(step_name: str | None, taken: Collection[str]) -> str:
    """A tag for the logic of a step: `validation_logic` for checks, else by the step's name; not one of `taken`."""
    slug = re.sub(r"[^a-z0-9]+", "_", (step_name or "").lower()).strip("_")
    slug = _in_few_words(_SUFFIX.sub("", re.sub(r"^[0-9_]+", "", slug)))
    tag = "validation_logic" if _VALIDATION.search(slug) else f"{slug or 'step'}_logic"
    return _free(tag, taken)


def _in_few_words(slug: str) -> str:
    """A name that is a whole sentence ("read_the_holder_of_the_slot") by the first words that say something."""
    words = slug.split("_")
    if len(words) <= _MANY_WORDS:
        return slug
    telling = [word for word in words if word not in _SAYS_LITTLE] or words
    return "_".join(telling[:_FEW_WORDS])


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    stem, _, last = name.rpartition("_")
    return next(free for n in range(2, len(taken) + 3) if (free := f"{stem}_{n}_{last}") not in taken)


def with_free_blocks(statements: Sequence[Statement], present: Mapping[str, str]) -> tuple[Statement, ...]:
    """The statements with those blocks renamed whose names stand in `present` with another text."""
    texts = rendered_blocks(tuple(statements))
    taken = {*present, *texts}
    renamed: dict[str, str] = {}
    for name, text in texts.items():
        if name in present and present[name] != block_text(text):
            renamed[name] = _free(name, taken)
            taken.add(renamed[name])
    return tuple(_renamed(statement, renamed) for statement in statements) if renamed else tuple(statements)


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, tuple):
        return tuple(_renamed(item, names) for item in node)
    if not is_dataclass(node) or isinstance(node, (Span, type)):
        return node
    changes = {f.name: _renamed(getattr(node, f.name), names) for f in fields(node)}
    if isinstance(node, (Text, Verbatim, Commands)) and node.block is not None and node.block in names:
        changes["block"] = names[node.block]
    return replace(node, **changes)


def logic_lines(statements: Sequence[Statement], tag: str) -> list[str]:
    """The tag with the logic in it, line by line, without outer indentation."""
    body = render_logic(tuple(statements)).rstrip("\n").split("\n")
    return [f"<{tag}>", *(f"  {line}" if line else "" for line in body), f"</{tag}>"]


def block_lines(statements: Sequence[Statement], present: Mapping[str, str]) -> list[str]:
    """The tags of the blocks that the statements name and that are not `present` yet, a blank line before each."""
    lines: list[str] = []
    for name, text in rendered_blocks(tuple(statements)).items():
        if name not in present:
            lines += ["", f"<{name}>", *(f"  {line}" if line else "" for line in text.split("\n")), f"</{name}>"]
    return lines


def parameter_lines(parameters: Sequence[Parameter], text: str) -> list[str]:
    """One line for each parameter as `<required_parameters>` has them, indented by two.

    What stands for the value is taken from `text`, which may speak of `--instruction=<name>` somewhere.
    """
    lines = []
    for parameter in parameters:
        named = re.search(rf"(?<![\w-]){re.escape(parameter.flag)}=(<[a-z][\w -]*>)", text)
        value = f"={named[1] if named else '<value>'}" if parameter.takes_value else ""
        lines.append(f"  {parameter.flag}{value}" + (f": {parameter.text}" if parameter.text else ""))
    return lines


def laid_out(lines: Sequence[str], indent: str, newline: str) -> str:
    """The lines with outer indentation, joined by the line end of the file; no line end behind the last."""
    return newline.join(f"{indent}{line}" if line else "" for line in lines)

"""The logic language: its canonical text to the IR and back. `docs/logic.md` is its authority."""

from __future__ import annotations

from collections.abc import Mapping

from peerlint.process.logic.clauses import ALLOWED_CLAUSES
from peerlint.process.logic.directives import THE_AGENT
from peerlint.process.logic.forms import misspelt_word
from peerlint.process.logic.free import FreeReader
from peerlint.process.logic.free_flow import goes_on
from peerlint.process.logic.lines import line_tree
from peerlint.process.logic.names import Names
from peerlint.process.logic.normal import normalise
from peerlint.process.logic.people import checked
from peerlint.process.logic.phrasebook import user_phrasebook
from peerlint.process.logic.placement import OUTCOMES, has_exit_code, outcomes_of
from peerlint.process.logic.reading import Binding, BindingKind, LogicProblem, LogicReading
from peerlint.process.logic.render import render_logic, rendered_blocks
from peerlint.process.logic.render_values import render_condition, render_value
from peerlint.process.logic.shares import LineShare, line_shares
from peerlint.process.logic.structure import StructureReader
from peerlint.process.logic.tags import free_tree
from peerlint.process.logic.texts import Unrenderable, block_text
from peerlint.process.model import Shell
from peerlint.process.phrases import Phrasebook

_NO_BLOCKS: Mapping[str, str] = {}
_NO_CALLS: Mapping[int, Shell] = {}


def parse_logic(
    text: str,
    *,
    offset: int = 0,
    blocks: Mapping[str, str] = _NO_BLOCKS,
    closed: bool = True,
    phrasebook: Phrasebook | None = None,
    names: Names | None = None,
    calls: Mapping[int, Shell] = _NO_CALLS,
) -> LogicReading:
    """Read logic text; never raises.

    `offset` is where the text begins in its file and is added to every span. `blocks` maps the tags that the text may
    name to what stands between them, as written. In a `closed` block a line that is no form of the language gives a
    problem and an Opaque statement; in an open one it is read as people write, and what nobody can read is Opaque,
    without a problem. `phrasebook` is the one of the house where none is given; `names` are the variables that the file
    sets, those of the text where none are given. `calls` are lines of an open block that state shell, by where they
    begin: each is that statement, but for a directive that runs a command.
    """
    book = phrasebook or Phrasebook.default()
    names = Names.declared_in(text) if names is None else names
    reader = StructureReader(blocks, book, names) if closed else FreeReader(blocks, book, names, calls)
    nodes = line_tree(text, offset) if closed else free_tree(text, offset)
    statements = reader.statements(normalise(nodes, closed=closed))
    return LogicReading(statements, tuple(reader.problems) if closed else (), tuple(reader.bindings))


__all__ = [
    "ALLOWED_CLAUSES",
    "OUTCOMES",
    "THE_AGENT",
    "Binding",
    "BindingKind",
    "LineShare",
    "LogicProblem",
    "LogicReading",
    "Names",
    "Unrenderable",
    "block_text",
    "checked",
    "goes_on",
    "has_exit_code",
    "line_shares",
    "misspelt_word",
    "outcomes_of",
    "parse_logic",
    "render_condition",
    "render_logic",
    "render_value",
    "rendered_blocks",
    "user_phrasebook",
]

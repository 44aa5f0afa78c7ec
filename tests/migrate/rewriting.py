"""Logic by hand, laid over the text of a step as a lowering would be."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from peerlint.migrate.rewrite import Migration, migrate
from peerlint.process.build import Reading, build
from peerlint.process.logic import parse_logic
from peerlint.process.model import Parameter, Statement
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

PATH = ".agent-os/instructions/core/peer.md"


@dataclass(frozen=True)
class Lowering:
    statements: tuple[Statement, ...]
    parameters: tuple[Parameter, ...] = ()
    seams: tuple[tuple[int, int], ...] = ()


def read(text: str) -> Reading:
    document = parse(SourceText(PATH, text))
    return build(document, kind_of(PATH, document))


def lowered(logic: str, blocks: dict[str, str] | None = None, *parameters: Parameter) -> Lowering:
    reading = parse_logic(textwrap.dedent(logic), blocks=blocks or {})
    assert not reading.problems, reading.problems
    return Lowering(reading.statements, parameters)


def migrated(text: str, lowerings: dict[str, Lowering]) -> Migration:
    reading = read(text)
    return migrate(reading.document, reading, lowerings)


def rewritten(text: str, lowerings: dict[str, Lowering]) -> str:
    migration = migrated(text, lowerings)
    assert not migration.left, migration.left
    return SourceText(PATH, text).edited(migration.edits).text

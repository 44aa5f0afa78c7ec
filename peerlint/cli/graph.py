"""`peerlint graph`: the steps of a file and the ways between them, as Mermaid or DOT."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from peerlint.cli.common import Workspace, one_file
from peerlint.process.build import Reading
from peerlint.process.model import Proceed, Resume, Stop, walk
from peerlint.records import dataclass
from peerlint.report.escape import printable

_DONE, _STOPPED = "completed", "stopped"


@dataclass(frozen=True)
class Edge:
    """A way from a step to another one, or to an end. `label` is empty where the step simply ends."""

    start: str
    end: str
    label: str = ""


@click.command(short_help="Draw the steps of a file and the ways between them.")
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option("--output-format", type=click.Choice(["mermaid", "dot"]), default="mermaid", show_default=True)
def command(file: Path, output_format: str) -> int:
    """Draw the steps of FILE and the ways between them."""
    reading = Workspace().read(one_file(file))
    draw = _mermaid if output_format == "mermaid" else _dot
    click.echo("\n".join(draw(reading)))
    return 0


def edges(reading: Reading) -> list[Edge]:
    """The ways between the steps, in the order of the text, each once; a step that says nothing leads to the next."""
    numbers = [step.number for step in reading.process.steps]
    found: dict[Edge, None] = {}
    for number, following, step in zip(numbers, [*numbers[1:], _DONE], reading.process.steps, strict=True):
        found[Edge(number, following)] = None
        for statement in walk(step):
            if isinstance(statement, Stop):
                found[Edge(number, _STOPPED, "STOP")] = None
            elif isinstance(statement, (Proceed, Resume)) and statement.step in numbers:
                found[Edge(number, statement.step, "goes to")] = None
    return list(found)


def _labels(reading: Reading) -> dict[str, str]:
    labels = {
        step.number: f"{step.number} {printable(step.name)}" if step.name else step.number
        for step in reading.process.steps
    }
    return {number: printable(label) for number, label in labels.items()}


def _mermaid(reading: Reading) -> Iterator[str]:
    labels, names = _labels(reading), _names(reading)
    yield "flowchart TD"
    for number, label in labels.items():
        yield f'  {names[number]}["{_entities(label)}"]'
    ways = edges(reading)
    for end in (_DONE, _STOPPED):
        if any(edge.end == end for edge in ways):
            yield f"  {end}([{end}])"
    for edge in ways:
        arrow = f"-- {edge.label} -->" if edge.label else "-->"
        yield f"  {names[edge.start]} {arrow} {names.get(edge.end, edge.end)}"


def _dot(reading: Reading) -> Iterator[str]:
    labels, names = _labels(reading), _names(reading)
    yield "digraph process {"
    yield "  node [shape=box];"
    for number, label in labels.items():
        quoted = label.replace("\\", "\\\\").replace('"', '\\"')
        yield f'  {names[number]} [label="{quoted}"];'
    for edge in edges(reading):
        label = f' [label="{edge.label}"]' if edge.label else ""
        yield f"  {names[edge.start]} -> {names.get(edge.end, edge.end)}{label};"
    yield "}"


def _names(reading: Reading) -> dict[str, str]:
    """Names for nodes that no text of a file is part of."""
    return {step.number: f"step{index}" for index, step in enumerate(reading.process.steps, 1)}


def _entities(text: str) -> str:
    """A Mermaid label: whatever has a meaning there as a character code."""
    return "".join(c if c.isalnum() or c in " _-.,:" else f"#{ord(c)};" for c in text)

"""Every example of docs/logic.md reads as a closed block and does what its result says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from peerlint.process.logic import parse_logic, render_logic, rendered_blocks
from peerlint.process.logic.directives import DIRECTIVE_WORDS
from peerlint.process.model import Process, Step
from peerlint.run.answers import read_answers
from peerlint.run.commands import HostCommands
from peerlint.run.events import MessageEvent
from peerlint.run.files import MemoryFiles
from peerlint.run.kv import Fault, Faults
from peerlint.run.local import Surroundings
from peerlint.run.machine import Machine
from peerlint.run.memory import MemoryWorld
from peerlint.run.people import People
from peerlint.run.world import BucketConfig, Cause, EffectFailure

PAGE = Path(__file__).parents[2] / "docs" / "logic.md"
_FENCE = re.compile(r"^```(logic|block [a-z_]+|given|result)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_OURS = ("buckets", "files", "arguments", "fault", "set")


@dataclass
class Example:
    row: int
    logic: str
    blocks: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    result: list[str] = field(default_factory=list)


def _examples() -> list[Example]:
    page = PAGE.read_text(encoding="utf-8")
    examples: list[Example] = []
    for found in _FENCE.finditer(page):
        kind, content = found.groups()
        if kind == "logic":
            examples.append(Example(page.count("\n", 0, found.start()) + 1, content))
        elif kind == "given":
            examples[-1].given = YAML(typ="safe", pure=True).load(content)
        elif kind == "result":
            examples[-1].result = content.split("\n")
        else:
            examples[-1].blocks[kind.removeprefix("block ")] = content
    return examples


EXAMPLES = _examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line-{example.row}")
def test_an_example_is_canonical(example: Example) -> None:
    reading = parse_logic(example.logic, blocks=example.blocks)
    assert reading.problems == ()
    assert render_logic(reading.statements) == example.logic
    assert set(rendered_blocks(reading.statements)) == set(example.blocks)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line-{example.row}")
def test_an_example_does_what_its_result_says(example: Example) -> None:
    statements = parse_logic(example.logic, blocks=example.blocks).statements
    world = _world(example.given)
    machine = Machine(
        world,
        Process("example", (Step("1", statements=statements),)),
        example.given.get("arguments", ()),
        example.given.get("set", {}),
    )
    try:
        run = machine.run()
        assert run.failure is None
        messages = [f"{e.kind.value} {_line(e.text)}" for e in run.events if isinstance(e, MessageEvent)]
        state = [_state(world, line) for line in example.result if _leftover(line)]
    finally:
        world.close()
    assert [*messages, *state, _end(run.outcome, run.reason)] == example.result


def _world(given: dict[str, Any]) -> MemoryWorld:
    answers = read_answers(json.dumps({key: value for key, value in given.items() if key not in _OURS}), "given")
    faults = Faults.of([Fault(Cause.SERVER_AWAY)] if given.get("fault") == "server away" else [])
    world = MemoryWorld(
        Surroundings(
            files=MemoryFiles(given.get("files", {})),
            commands=HostCommands({"printf", "false"}),
            people=People(answers, {}),
            faults=faults,
        )
    )
    for bucket, keys in given.get("buckets", {}).items():
        world.bucket_add(BucketConfig(bucket))
        for key, value in keys.items():
            world.kv_put(bucket, key, value)
    return world


def _leftover(line: str) -> bool:
    return line.startswith(("key ", "file ", "published "))


def _state(world: MemoryWorld, line: str) -> str:
    """The line, with what the world really holds at its place."""
    kind, place = line.split(" = ")[0].split(" ", 1)
    if kind == "published":
        return f"{kind} {place} = {dict(world.published).get(place)}"
    try:
        held = world.file_read(place) if kind == "file" else world.kv_get(*place.split("/", 1)).value
    except EffectFailure as failure:
        return f"{kind} {place}: {failure}"
    return f"{kind} {place} = {_line(held)}"


def _line(text: str) -> str:
    return text.replace("\n", "\\n")


def _end(outcome: str, reason: str | None) -> str:
    return f"{outcome} because {reason}" if reason else outcome


def test_every_directive_has_an_example() -> None:
    shown = {line.strip().partition(":")[0] for example in EXAMPLES for line in example.logic.split("\n")}
    assert shown >= DIRECTIVE_WORDS


def test_every_example_has_a_result() -> None:
    assert [example.row for example in EXAMPLES if not example.result] == []

"""How the work of reading steps grows with the text, counted in calls: time would depend on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from peerlint.lint.context import FileView
from peerlint.process.build import build
from peerlint.process.harness import DEFAULT_HARNESS
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

PATH = ".agent-os/instructions/core/peer.md"
#: Four times the text may take this many times the calls: a little more than four, for lists that are sorted.
MOST_GROWTH = 5.0


def nested_tags(depth: int) -> str:
    opening, closing = _tags(depth)
    return f'<step number="1" name="a">\n{opening}text\n{closing}</step>\n'


def nested_tags_with_logic(depth: int) -> str:
    opening, closing = _tags(depth)
    logic = '<a_logic>\n  IF COUNT is "1":\n    DISPLAY <t1>\n</a_logic>\n'
    return f'<step number="1" name="a">\n{opening}text\n{closing}{logic}</step>\n'


def steps_in_nested_tags(depth: int) -> str:
    opening = "".join(f'<t{n}>\n<step number="{n}" name="a">\ntext\n</step>\n' for n in range(depth))
    return opening + _tags(depth)[1]


def blocks_side_by_side(width: int) -> str:
    blocks = "".join(f"<t{n}>\ntext\n</t{n}>\n" for n in range(width))
    return f'<step number="1" name="a">\n{blocks}</step>\n'


def _tags(depth: int) -> tuple[str, str]:
    return "".join(f"<t{n}>\n" for n in range(depth)), "".join(f"</t{n}>\n" for n in reversed(range(depth)))


def calls_of(work: Callable[[], object]) -> int:
    """How many functions the work calls, generators that go on included."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def read_steps(text: str) -> Callable[[], object]:
    document = parse(SourceText(PATH, text))
    return lambda: build(document, kind_of(PATH, document)).steps


@pytest.mark.parametrize("shape", [nested_tags, nested_tags_with_logic, steps_in_nested_tags, blocks_side_by_side])
def test_reading_steps_takes_work_in_proportion_to_the_text(shape: Callable[[int], str]) -> None:
    # What is loaded and compiled at first use is no part of the work.
    read_steps(shape(10))()

    small, large = calls_of(read_steps(shape(100))), calls_of(read_steps(shape(400)))

    assert large <= MOST_GROWTH * small


def test_the_shell_of_nested_blocks_is_taken_from_the_text_once() -> None:
    def shells(depth: int) -> Callable[[], object]:
        document = parse(SourceText(PATH, nested_tags(depth)))
        reading = build(document, kind_of(PATH, document))
        return lambda: FileView(reading, DEFAULT_HARNESS, None).shells

    shells(10)()

    assert calls_of(shells(400)) <= MOST_GROWTH * calls_of(shells(100))


def test_each_block_has_the_text_between_its_own_tags() -> None:
    document = parse(SourceText(PATH, nested_tags(3)))
    (step,) = build(document, kind_of(PATH, document)).steps

    assert [block.text for block in step.blocks.values()] == [
        "<t1>\n<t2>\ntext\n</t2>\n</t1>",
        "<t2>\ntext\n</t2>",
        "text",
    ]

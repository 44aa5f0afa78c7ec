"""Random bash programs within the subset that lowering reads, each with what it meets: inputs and keys.

A program is well defined: it sets a name before it reads it (but for its inputs), calculates with decimal numbers only,
asks jq for JSON only, and never depends on what bash itself complains about. Whatever bash does with such a program,
its logic has to do as well. A seed gives the same program for ever, as long as this folder stays as it is; a program
that was once a disagreement is kept as text in `fixtures/disagreements`.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from peerlint.process.bash.masking import mask
from tests.laws.programs.pieces import BUCKET, FIELDS, TEMPORARY, VALUES, WORDS, quoted
from tests.laws.programs.writer import Writer

__all__ = ["BUCKET", "TEMPORARY", "Program", "program", "quoted"]


@dataclass(frozen=True, slots=True)
class Program:
    """`script`, what its inputs hold, and the keys of the one bucket that are there before it starts."""

    script: str
    inputs: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    in_fence: bool = False

    def save(self, folder: Path) -> None:
        """Writes it as a fixture."""
        folder.mkdir(parents=True, exist_ok=True)
        meets = {"inputs": self.inputs, "keys": self.keys, "in_fence": self.in_fence}
        (folder / "script.sh").write_text(self.script)
        (folder / "meets.json").write_text(json.dumps(meets, indent=2, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Program:
        """A fixture that was saved."""
        return cls((folder / "script.sh").read_text(), **json.loads((folder / "meets.json").read_text()))


def program(seed: int) -> Program:
    """The program of a seed."""
    chance = random.Random(seed)
    writer = Writer(chance)
    inputs = {name: chance.choice(VALUES) for name in ("TITLE", "MODE")[: chance.randrange(3)]}
    numbers = {"LIMIT": str(chance.randrange(12))} if chance.random() < 0.3 else {}
    keys = {
        "report": json.dumps({name: chance.choice(WORDS) for name in FIELDS if chance.random() < 0.7}),
        "phase.plan": chance.choice(("pending", "done", "two words")),
        "owner": chance.choice(WORDS),
        "count": str(chance.randrange(20)),
    }
    keys = {key: value for key, value in keys.items() if chance.random() < 0.6}
    script = writer.script(list(inputs), list(numbers))
    # In a fence [X], {x} and <x> are for the agent to fill in.
    in_fence = chance.random() < 0.5 and not mask(script)[1]
    return Program(script, inputs | numbers, keys, in_fence)

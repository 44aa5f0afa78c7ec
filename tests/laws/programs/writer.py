"""Whole random programs."""

from __future__ import annotations

from collections.abc import Callable

from tests.laws.programs.fields import Fields

_DEPTH = 3


class Writer(Fields):
    """Writes a program."""

    def script(self, texts: list[str], numbers: list[str]) -> str:
        """A program whose inputs are texts and numbers."""
        chance = self.chance
        self.texts += texts
        self.numbers += numbers
        if chance.random() < 0.5:
            self.line("#!/bin/bash")
        if chance.random() < 0.3:
            flags = ("set -e", "set -e", "set -eo pipefail", "set -o pipefail")
            # An input that the program also sets is given by nobody.
            self.line(chance.choice(flags if texts or numbers else (*flags, "set -euo pipefail")))
        if chance.random() < 0.3:
            self.function()
        for _ in range(chance.randrange(2, 7)):
            self.statement()
        for name in sorted(self.uncalled):
            # What stands in a fence and is not called is there for somebody else to call.
            self.line(f"{name} {self.value()}")
        for name in self.texts[:3]:
            if chance.random() < 0.3:
                self.line(f'echo "{name.lower()}: ${name}"')
        if chance.random() < 0.6:
            self.line('echo "end"')
        return "\n".join(self.lines) + "\n"

    def statement(self) -> None:
        simple: list[tuple[int, Callable[[], None]]] = [
            (16, self.say),
            (10, self.assign),
            (7, self.calculate),
            (9, self.read_key),
            (7, self.write_key),
            (5, self.checked_change),
            (4, self.update),
            (4, self.document),
            (3, self.here_document),
            (3, self.temp_file),
            (3, self.short_circuit),
            (3, self.file),
            (2, self.demand),
            (3, self.array),
            (4, self.count),
            (4, self.counted),
            (2, self.kept_status),
            (3, self.guard),
            (1, self.clean_up),
            (3, self.lines_in_a_text),
            (4, self.more_of_a_text),
            (3, self.read_and_ask),
            (1, self.keys_of_bucket),
            (3, self.either),
            (2, self.json_string),
            (2, self.known_words),
            (2, self.inside_a_folder),
            (2, self.field_of_a_file),
        ]
        deep: list[tuple[int, Callable[[], None]]] = [
            (12, self.choose),
            (5, self.cases),
            (4, self.loop),
            (2, self.tries),
            (2, self.lines_of_text),
            (2, self.folder),
            (4, self.loop_over_texts),
            (2, self.piped_lines),
            (2, self.group),
            (2, self.loop_over_arguments),
            (1, self.folder_or_stop),
            (3, self.fields_of_lines),
            (2, self.without_errors),
        ]
        if not self.depth and not self.in_function:
            simple.append((1, self.flags))
            if self.chance.random() < 0.3:
                deep.append((8, self.function))
        if self.in_loop:
            kinds_in_loops = (self.next_turn, self.last_turn)
            simple += [(2, kind) for kind in kinds_in_loops]
        kinds = simple + (deep if self.depth < _DEPTH else [])
        if self.functions and not self.in_function:
            kinds.append((6, self.call))
        if self.depth and self.chance.random() < 0.3:
            kinds.append((12, self.leave))
        weights = [weight for weight, _ in kinds]
        self.chance.choices([kind for _, kind in kinds], weights)[0]()

    def body(self) -> None:
        with self.arm():
            for _ in range(self.chance.randrange(1, 4)):
                self.statement()

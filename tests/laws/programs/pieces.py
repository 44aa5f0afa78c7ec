"""What random programs are made of: lines, names, words."""

from __future__ import annotations

import os
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

#: How temporary files of programs begin: others write programs at the same time, which run in the same /tmp.
TEMPORARY = f"/tmp/peerlint-law-{os.getpid()}-"
BUCKET = "state"
KEYS = ("report", "phase.plan", "owner", "count")
WORDS = ("plan", "done", "two words", "a-b", "v1.2", "x=y", "Ready?", "50%", "[INFO]", "it's", "é", "a/b/c.txt")
VALUES = ("plan", "done", "two words", "", "a/b/c.txt", "v1.2.3", "x=y=z", "7", "[X]", 'say "hi"', "a\\b", "  padded ")
FIELDS = ("status", "owner", "next")


def quoted(text: str) -> str:
    """A word in double quotes that means just this text."""
    for sign in ("\\", '"', "$", "`"):
        text = text.replace(sign, "\\" + sign)
    return f'"{text}"'


class Pieces(ABC):
    """The program so far, and which names it has set."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.lines: list[str] = []
        self.depth = 0
        self.in_function = False
        self.in_loop = False
        self.texts: list[str] = []
        self.numbers: list[str] = []
        self.documents: list[str] = []
        self.functions: list[str] = []
        self.uncalled: set[str] = set()
        self.counters: list[str] = []
        self.files = 0
        self.names = 0

    @abstractmethod
    def statement(self) -> None:
        """Write any statement."""

    @abstractmethod
    def body(self) -> None:
        """Write some statements, one level deeper."""

    def line(self, text: str) -> None:
        self.lines.append("  " * self.depth + text)

    def verbatim(self, *lines: str) -> None:
        self.lines.extend(lines)

    @contextmanager
    def arm(self) -> Iterator[None]:
        """One level deeper; names that are set in it are not known behind it."""
        known = (list(self.texts), list(self.numbers), list(self.documents), list(self.counters))
        self.depth += 1
        yield
        self.depth -= 1
        self.texts, self.numbers, self.documents, self.counters = known

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The body of a loop."""
        outside, self.in_loop = self.in_loop, True
        with self.arm():
            yield
        self.in_loop = outside

    def chosen(self, *forms: str) -> None:
        """Write one of the lines."""
        self.line(self.chance.choice(forms))

    def taken(self, stem: str, *forms: str) -> str:
        """Write a new name that takes one of the values."""
        name = self.name(stem)
        self.line(f"{name}={self.chance.choice(forms)}")
        return name

    def name(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def any_name(self) -> str | None:
        names = [*self.texts, *self.numbers]
        return self.chance.choice(names) if names else None

    def value(self) -> str:
        """A word that gives a text: literal, a name, both."""
        name, word = self.any_name(), self.chance.choice(WORDS)
        if name is None or self.chance.random() < 0.3:
            return quoted(word)
        forms = [f'"${name}"', f'"${{{name}}}"', f'"{name.lower()} is ${name}."', f'"${{{name}:-nothing}}"']
        if name in self.texts:
            forms += [f'"${{{name}%.*}}"', f'"${{{name}#*/}}"', f'"${{{name}//a/b}}"', f'"${{{name}##*/}}"']
            forms += [f'"${{#{name}}}"', f'"${{{name}/a/b}}"', f'"${{{name}:0:3}}"', f'"${{{name}%% *}}"']
            forms += [f'"${{{name}#v}}"', f'"{name}: ${name}, ${{{name}//./-}}"']
        return self.chance.choice(forms[:4] if self.chance.random() < 0.7 else forms)

    def stored(self) -> str:
        """A value to store, which is never empty and no option."""
        name = self.any_name()
        if name is None or self.chance.random() < 0.4:
            return quoted(self.chance.choice(WORDS))
        return f'"v ${name}"'

    def key(self) -> str:
        return self.chance.choice(KEYS)

    def number(self) -> str:
        if self.numbers and self.chance.random() < 0.7:
            return f'"${self.chance.choice(self.numbers)}"'
        return str(self.chance.randrange(10))

    def quiet(self) -> str:
        return self.chance.choice((" > /dev/null 2>&1", " >/dev/null", " 2>/dev/null", "", " &>/dev/null"))

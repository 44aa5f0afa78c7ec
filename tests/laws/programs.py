"""Random bash programs within the subset that lowering reads, each with what it meets: inputs and keys.

A program is well defined: it sets a name before it reads it (but for its inputs), calculates with decimal numbers only,
asks jq for JSON only, and never depends on what bash itself complains about. Whatever bash does with such a program,
its logic has to do as well. A seed gives the same program for ever, as long as this file stays as it is; a program that
was once a disagreement is kept as text in `fixtures/disagreements`.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from peerlint.process.bash.masking import mask

#: How temporary files of programs begin: others write programs at the same time, which run in the same /tmp.
TEMPORARY = f"/tmp/peerlint-law-{os.getpid()}-"
BUCKET = "state"
KEYS = ("report", "phase.plan", "owner", "count")
_WORDS = ("plan", "done", "two words", "a-b", "v1.2", "x=y", "Ready?", "50%", "[INFO]", "it's", "é", "a/b/c.txt")
_VALUES = ("plan", "done", "two words", "", "a/b/c.txt", "v1.2.3", "x=y=z", "7", "[X]", 'say "hi"', "a\\b", "  padded ")
_FIELDS = ("status", "owner", "next")
_DEPTH = 3


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
    return _Writer(random.Random(seed)).program()


def quoted(text: str) -> str:
    """A word in double quotes that means just this text."""
    for sign in ("\\", '"', "$", "`"):
        text = text.replace(sign, "\\" + sign)
    return f'"{text}"'


class _Writer:
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
        self.files = 0
        self.names = 0

    def program(self) -> Program:
        chance = self.chance
        inputs = {name: chance.choice(_VALUES) for name in ("TITLE", "MODE")[: chance.randrange(3)]}
        self.texts += inputs
        if chance.random() < 0.3:
            inputs["LIMIT"] = str(chance.randrange(12))
            self.numbers.append("LIMIT")
        keys = {
            "report": json.dumps({name: chance.choice(_WORDS) for name in _FIELDS if chance.random() < 0.7}),
            "phase.plan": chance.choice(("pending", "done", "two words")),
            "owner": chance.choice(_WORDS),
            "count": str(chance.randrange(20)),
        }
        keys = {key: value for key, value in keys.items() if chance.random() < 0.6}
        if chance.random() < 0.5:
            self.line("#!/bin/bash")
        if chance.random() < 0.25:
            self.line("set -e")
        if chance.random() < 0.3:
            self.function()
        for _ in range(chance.randrange(2, 7)):
            self.statement()
        if chance.random() < 0.6:
            self.line('echo "end"')
        script = "\n".join(self.lines) + "\n"
        # In a fence [X], {x} and <x> are for the agent to fill in.
        in_fence = chance.random() < 0.5 and not mask(script)[1]
        return Program(script, inputs, keys, in_fence)

    # --- pieces ------------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self.lines.append("  " * self.depth + text)

    def verbatim(self, *lines: str) -> None:
        self.lines.extend(lines)

    @contextmanager
    def arm(self) -> Iterator[None]:
        """One level deeper; names that are set in it are not known behind it."""
        known = (list(self.texts), list(self.numbers), list(self.documents))
        self.depth += 1
        yield
        self.depth -= 1
        self.texts, self.numbers, self.documents = known

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The body of a loop."""
        outside, self.in_loop = self.in_loop, True
        with self.arm():
            yield
        self.in_loop = outside

    def name(self, stem: str) -> str:
        self.names += 1
        return f"{stem}{self.names}"

    def any_name(self) -> str | None:
        names = [*self.texts, *self.numbers]
        return self.chance.choice(names) if names else None

    def value(self) -> str:
        """A word that gives a text: literal, a name, both."""
        name, word = self.any_name(), self.chance.choice(_WORDS)
        if name is None or self.chance.random() < 0.3:
            return quoted(word)
        forms = [f'"${name}"', f'"${{{name}}}"', f'"{name.lower()} is ${name}."', f'"${{{name}:-nothing}}"']
        if name in self.texts:
            forms += [f'"${{{name}%.*}}"', f'"${{{name}#*/}}"', f'"${{{name}//a/b}}"', f'"${{{name}##*/}}"']
            forms += [f'"${{{name}^^}}"', f'"${{#{name}}}"']
        return self.chance.choice(forms[:4] if self.chance.random() < 0.7 else forms)

    def stored(self) -> str:
        """A value to store, which is never empty and no option."""
        name = self.any_name()
        if name is None or self.chance.random() < 0.4:
            return quoted(self.chance.choice(_WORDS))
        return f'"v ${name}"'

    def key(self) -> str:
        return self.chance.choice(KEYS)

    def number(self) -> str:
        if self.numbers and self.chance.random() < 0.7:
            return f'"${self.chance.choice(self.numbers)}"'
        return str(self.chance.randrange(10))

    def quiet(self) -> str:
        return self.chance.choice((" > /dev/null 2>&1", " >/dev/null", " 2>/dev/null", "", " &>/dev/null"))

    # --- conditions --------------------------------------------------------------------------------------------------

    def condition(self) -> str:
        roll = self.chance.random()
        if roll < 0.12:
            return f"{self.test()} {self.chance.choice(('&&', '||'))} {self.test()}"
        if roll < 0.22:
            return f"! {self.test()}"
        if roll < 0.34:
            return f"{self.chance.choice(('', '! '))}{self.change()}{self.quiet()}"
        return self.test()

    def test(self) -> str:
        chance = self.chance
        name = self.any_name()
        forms: list[str] = [f"[ {self.number()} {chance.choice(('-eq', '-ne', '-gt', '-ge', '-lt', '-le'))} 5 ]"]
        if name is not None:
            word = quoted(chance.choice(_WORDS))
            prefix = chance.choice(("do", "a", "v1"))
            forms += [
                f'[ "${name}" = {word} ]',
                f'[ "${name}" != {word} ]',
                f'[ -z "${name}" ]',
                f'[ -n "${name}" ]',
                f'[[ "${name}" == {word} ]]',
                f"[[ -z ${name} ]]",
                f"[[ ${name} == {prefix}* ]]",
                f"[[ ${name} == *{prefix}* ]]",
                f"[[ ${name} =~ ^[a-z]+$ ]]",
                f'[[ -n "${name}" && ${name} != {word} ]]',
                f'echo "${name}" | grep -q {prefix}',
                f"echo \"${name}\" | grep -qE '^[0-9]+$'",
                f'test "${name}" = {word}',
                f'[ "${name}" = {word} -o -z "${name}" ]',
            ]
        if self.numbers:
            forms.append(f"(( {chance.choice(self.numbers)} > {chance.randrange(9)} ))")
        return chance.choice(forms)

    # --- statements --------------------------------------------------------------------------------------------------

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
        ]
        deep: list[tuple[int, Callable[[], None]]] = [
            (12, self.choose),
            (5, self.cases),
            (4, self.loop),
            (2, self.tries),
            (2, self.lines_of_text),
            (2, self.folder),
        ]
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

    def say(self) -> None:
        word = self.value()
        if word.startswith('"$'):
            word = '"> ' + word[1:]
        form = self.chance.choice(("echo {}", "echo {}", "printf '%s\\n' {}", "echo {} >&2", "printf 'it: %s\\n' {}"))
        self.line(form.format(word))

    def assign(self) -> None:
        chance = self.chance
        name = chance.choice(self.texts) if self.texts and chance.random() < 0.3 else self.name("TEXT")
        value = self.value()
        inner = value[1:-1]
        filters = ("tr a-z A-Z", "cut -d= -f2", "sed 's/a/b/g'", "head -n 1", "grep -v zzz", "awk '{print $1}'")
        form = chance.choice(("plain", "plain", "echo", "filter", "local"))
        if form == "plain":
            self.line(f"{name}={value}")
        elif form == "echo":
            self.line(f'{name}=$(echo "x{inner}")')
        elif form == "filter":
            self.line(f'{name}=$(echo "x{inner}" | {chance.choice(filters)})')
        elif self.in_function:
            self.line(f"local {name}={value}")
        else:
            self.line(f"{name}=$(printf '%s' {value})")
        if name not in self.texts:
            self.texts.append(name)

    def calculate(self) -> None:
        name = self.name("N")
        operator = self.chance.choice(("+", "-", "*"))
        left = self.number().strip('"')
        self.line(f"{name}=$(({left} {operator} {self.chance.randrange(1, 5)}))")
        self.numbers.append(name)

    def read_key(self) -> None:
        chance, name, key = self.chance, self.name("VALUE"), self.key()
        get = f"nats kv get {BUCKET} {key} --raw 2>/dev/null"
        form = chance.randrange(6)
        if form == 0:
            self.line(f"{name}=$({get})")
        elif form == 1:
            self.line(f"{name}=$({get} || echo {quoted(chance.choice(_WORDS))})")
        elif form == 2:
            self.line(f"{name}=$({get}) || {name}=none")
        elif form == 3:
            self.line(f"if ! {name}=$({get}); then")
            with self.arm():
                self.line(f'echo "no {key}"')
                self.line(chance.choice((f"{name}=", "exit 1", f"{name}=other")))
            self.line("fi")
        elif form == 4:
            self.line(f"{name}=$({get})")
            self.line("if [ $? -ne 0 ]; then")
            self.body()
            self.line("fi")
        else:
            self.line(f"{name}=$({get} || true)")
            self.line(f'if [ -z "${name}" ]; then')
            self.body()
            if chance.random() < 0.4:
                self.line("else")
                self.body()
            self.line("fi")
        self.texts.append(name)

    def change(self) -> str:
        """One command that writes."""
        key = self.key()
        return self.chance.choice(
            (
                f"nats kv put {BUCKET} {key} {self.stored()}",
                f"nats kv put {BUCKET} {key} {self.stored()}",
                f"nats kv create {BUCKET} {key} {self.stored()}",
                f"nats kv del {BUCKET} {key} --force",
                f"echo {self.stored()} | nats kv put {BUCKET} {key}",
            )
        )

    def write_key(self) -> None:
        tail = self.chance.choice(("", "", " || true", ' || echo "not written"', ' || { echo "failed"; exit 3; }'))
        self.line(f"{self.change()}{self.quiet()}{tail}")

    def checked_change(self) -> None:
        self.line(f"{self.change()}{self.quiet()}")
        sign = self.chance.choice(("-ne", "-eq"))
        self.line(f"if [ $? {sign} 0 ]; then")
        self.body()
        if self.chance.random() < 0.5:
            self.line("else")
            self.body()
        self.line("fi")

    def update(self) -> None:
        key, revision = self.key(), self.name("REV")
        picks = ("grep -o 'revision: [0-9]*' | awk '{print $2}'", "sed -n 's/.*revision: \\([0-9]*\\).*/\\1/p'")
        self.line(f"if {revision}=$(nats kv get {BUCKET} {key} --raw 2>/dev/null); then")
        with self.arm():
            self.line(f"{revision}=$(nats kv get {BUCKET} {key} 2>/dev/null | {self.chance.choice(picks)})")
            command = f'nats kv update {BUCKET} {key} {self.stored()} "${revision}"{self.quiet()}'
            if self.chance.random() < 0.5:
                self.line(f"if ! {command}; then")
                self.body()
                self.line("fi")
            else:
                self.line(f'{command} || echo "changed by somebody else"')
        self.line("fi")

    def document(self) -> None:
        chance = self.chance
        if not self.documents or chance.random() < 0.4:
            name, made = self.name("DOC"), chance.randrange(3)
            if made == 0:
                self.line(f"{name}=$(jq -n --arg status {self.value()} '{{status: $status, owner: \"me\"}}')")
            elif made == 1:
                self.line(f'{name}=\'{{"status": "new", "next": 3}}\'')
            else:
                self.line(f"{name}=$(echo '{{\"owner\": \"x\"}}' | jq --argjson n {self.number()} '.next = $n')")
            self.documents.append(name)
            return
        name, part = chance.choice(self.documents), chance.choice(_FIELDS)
        form = chance.randrange(5)
        if form == 0:
            made_name = self.name("PART")
            self.line(f'{made_name}=$(echo "${name}" | jq -r \'.{part} // "none"\')')
            self.texts.append(made_name)
        elif form == 1:
            made_name = self.name("PART")
            self.line(f"{made_name}=$(echo \"${name}\" | jq -r '.{part} // empty')")
            self.texts.append(made_name)
        elif form == 2:
            self.line(f"{name}=$(echo \"${name}\" | jq --arg v {self.value()} '.{part} = $v')")
        elif form == 3:
            self.line(f'nats kv put {BUCKET} report "${name}"{self.quiet()}')
        else:
            self.line(f"if echo \"${name}\" | jq -e '.{part}' > /dev/null; then")
            self.body()
            self.line("fi")

    def here_document(self) -> None:
        words = [self.value()[1:-1].replace('\\"', '"') for _ in range(self.chance.randrange(1, 4))]
        lines = [f"- {word}" for word in words]
        if self.chance.random() < 0.5:
            self.line("cat <<EOF")
            self.verbatim(*lines, "EOF")
        else:
            name = self.name("TEXT")
            self.line(f"{name}=$(cat <<EOF")
            self.verbatim(*lines, "EOF", ")")
            self.texts.append(name)

    def temp_file(self) -> None:
        self.files += 1
        path, name = f"{TEMPORARY}{self.files}.txt", self.name("FROM")
        if self.chance.random() < 0.5:
            self.line(f"echo {self.stored()} > {path}")
            self.line(f"{name}=$(cat {path})")
        else:
            self.line(f'echo "MARK={self.stored()[1:-1]}" > {path}')
            self.line(f'echo "OTHER=1" >> {path}')
            self.line(f"{name}=$(grep '^MARK=' {path} | cut -d= -f2-)")
        if self.chance.random() < 0.5:
            self.line(f"rm -f {path}")
        self.texts.append(name)

    def short_circuit(self) -> None:
        with self.arm():
            says = [f'echo "{word}"' for word in ("yes", "no")]
        form = self.chance.randrange(5)
        if form == 0:
            self.line(f"{self.test()} && {says[0]}")
        elif form == 1:
            self.line(f"{self.test()} || {says[1]}")
        elif form == 2:
            self.line(f"{self.test()} && {says[0]} || {says[1]}")
        elif form == 3:
            self.line(f"{self.change()}{self.quiet()} && {says[0]} || {says[1]}")
        else:
            self.line(f"{self.test()} || {{ {says[1]}; exit 2; }}")

    # --- what holds others -------------------------------------------------------------------------------------------

    def choose(self) -> None:
        self.line(f"if {self.condition()}; then")
        self.body()
        for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
            self.line(f"elif {self.condition()}; then")
            self.body()
        if self.chance.random() < 0.5:
            self.line("else")
            self.body()
        self.line("fi")

    def cases(self) -> None:
        name = self.any_name()
        if name is None:
            return self.say()
        self.line(f'case "${name}" in')
        self.depth += 1
        for pattern in self.chance.sample(("plan", "done|new", "a*", "*b*", "[0-9]*", '"two words"'), 2):
            self.line(f"{pattern})")
            self.body()
            self.line("  ;;")
        if self.chance.random() < 0.6:
            self.line("*)")
            self.body()
            self.line("  ;;")
        self.depth -= 1
        self.line("esac")
        return None

    def loop(self) -> None:
        name = self.name("ITEM")
        words = self.chance.sample(("plan", "execute", "review", "a-b", "x.y"), self.chance.randrange(1, 4))
        form = self.chance.randrange(5)
        listed = {0: f"$(seq {self.chance.randrange(1, 4)})", 1: "1 2 3"}.get(form, " ".join(words))
        self.line(f"for {name} in {listed}; do")
        with self.turn():
            (self.numbers if form in (0, 1) else self.texts).append(name)
            for _ in range(self.chance.randrange(1, 3)):
                self.statement()
            if self.chance.random() < 0.3:
                self.line(f'nats kv put {BUCKET} "item.${name}" {self.stored()}{self.quiet()}')
        self.line("done")

    def next_turn(self) -> None:
        self.line(self.chance.choice((f"{self.test()} && continue", f"{self.test()} || continue")))

    def last_turn(self) -> None:
        self.line(f"if {self.test()}; then")
        with self.arm():
            self.line('echo "enough"')
            self.line("break")
        self.line("fi")

    def tries(self) -> None:
        """Tries with a bound, whose number is used or not."""
        name = self.name("TRY")
        self.line(f"{name}=0")
        condition = self.chance.choice((f"[ ${name} -lt 3 ]", f"[ ${name} -le 2 ]", f"[[ ${name} -lt 3 ]]"))
        self.line(f"while {condition}; do")
        outside, self.in_loop = self.in_loop, False
        with self.arm():
            if self.chance.random() < 0.4:
                self.numbers.append(name)
            self.statement()
            if self.chance.random() < 0.5:
                self.last_turn()
            self.line(self.chance.choice((f"{name}=$(({name} + 1))", f"(({name}++)) || true")))
            if self.chance.random() < 0.3:
                self.line("sleep 1")
        self.in_loop = outside
        self.line("done")

    def lines_of_text(self) -> None:
        """The lines of a text that are not empty."""
        name, text = self.name("LINE"), self.value()
        self.line(f"while IFS= read -r {name}; do")
        with self.turn():
            self.line(f'[ -z "${name}" ] && continue')
            self.texts.append(name)
            for _ in range(self.chance.randrange(1, 3)):
                self.statement()
        self.line(f"done <<< {text}")

    def array(self) -> None:
        """Written once, or built line by line; gone through, counted."""
        chance = self.chance
        name, item = self.name("LIST"), self.name("ITEM")
        if chance.random() < 0.5:
            self.line(f"{name}=({' '.join(quoted(word) for word in chance.sample(_WORDS, chance.randrange(1, 4)))})")
        else:
            self.line(f"{name}=()")
            for _ in range(chance.randrange(1, 3)):
                self.line(f"{name}+=({self.stored()})")
        if chance.random() < 0.5:
            self.line(f'echo "has ${{#{name}[@]}}"')
        self.line(f'for {item} in "${{{name}[@]}}"; do')
        with self.turn():
            self.line(f'echo "item: ${item}"')
            if chance.random() < 0.3:
                self.line(f'nats kv put {BUCKET} owner "${item}"{self.quiet()}')
        self.line("done")

    def file(self) -> None:
        """A file of the project: written, added to, asked for, read, deleted."""
        chance = self.chance
        path = chance.choice(("notes.txt", "plan.md", '"two words.txt"'))
        form = chance.randrange(6)
        if form == 0:
            self.line(f"echo {self.stored()} > {path}")
        elif form == 1:
            self.line(f"echo {self.stored()} >> {path}")
        elif form == 2:
            self.line(f"if [ {chance.choice(('-f', '! -f', '-s', '-e'))} {path} ]; then")
            self.body()
            self.line("fi")
        elif form == 3:
            name = self.name("TEXT")
            self.line(f"{name}=$(cat {path} 2>/dev/null{chance.choice(('', ' || echo none', ' || true'))})")
            self.texts.append(name)
        elif form == 4:
            self.line(f"rm -f {path}")
        else:
            self.line(
                f"grep -q {chance.choice(('plan', 'v1', 'zzz'))} {path} 2>/dev/null && echo found || echo missing"
            )

    def folder(self) -> None:
        """Work in a folder, in a shell of its own."""
        self.line("mkdir -p out")
        self.line(f"( cd out && echo {self.stored()} > made.txt )")

    def demand(self) -> None:
        """A name that must not be empty, or takes a default; the beginning of a text."""
        chance = self.chance
        name = chance.choice(self.texts) if self.texts else None
        if name is None:
            return self.say()
        form = chance.randrange(3)
        if form == 0:
            self.line(f': "${{{name}:?needs a value}}"')
        elif form == 1:
            self.line(f': "${{{name}:=a default}}"')
        else:
            made = self.name("TEXT")
            self.line(f'{made}="${{{name}:0:{chance.randrange(1, 5)}}}"')
            self.texts.append(made)
        return None

    def function(self) -> None:
        name = self.name("helper")
        self.line(f"{name}() {{")
        self.in_function = True
        outside, self.in_loop = self.in_loop, False
        with self.arm():
            self.line('local first="$1"')
            self.texts = ["first"]
            self.numbers, self.documents = [], []
            for _ in range(self.chance.randrange(1, 3)):
                self.statement()
            if self.chance.random() < 0.4:
                self.line(f"return {self.chance.choice((0, 1, 2))}")
        self.in_function, self.in_loop = False, outside
        self.line("}")
        self.functions.append(name)

    def call(self) -> None:
        line = f"{self.chance.choice(self.functions)} {self.value()}"
        form = self.chance.randrange(4)
        if form == 0:
            self.line(f"if {line}; then")
            self.body()
            self.line("fi")
        elif form == 1:
            name = self.name("GIVEN")
            self.line(f"{name}=$({line})")
            self.texts.append(name)
        else:
            self.line(line + self.chance.choice(("", " || echo 'helper failed'")))

    def leave(self) -> None:
        code = self.chance.choice((0, 0, 1, 2))
        self.line(f"return {code}" if self.in_function else f"exit {code}")

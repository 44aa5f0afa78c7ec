"""Statements of random programs that hold others: choices, loops, functions."""

from __future__ import annotations

from tests.laws.programs.pieces import BUCKET, WORDS, quoted
from tests.laws.programs.texts import Texts

CASES = (
    *("plan", "done|new", "a*", "*b*", "[0-9]*", '"two words"', '""', "?", "[!a-z]*", "v?.*", "*.*|*/*", "p*n|d*"),
    *("'[X]'", "*' '*", 'plan|"two words"|7'),
)


class Compound(Texts):
    """Writes compound statements."""

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
        for pattern in self.chance.sample(CASES, self.chance.randrange(1, 4)):
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
        form = self.chance.randrange(7)
        last = self.chance.choice((1, 3, 14))
        counts = {0: f"$(seq {last})", 1: "1 2 3", 2: f"{{{self.chance.randrange(2)}..{last}}}"}
        self.line(f"for {name} in {counts.get(form, ' '.join(words))}; do")
        with self.turn():
            (self.numbers if form in counts else self.texts).append(name)
            for _ in range(self.chance.randrange(1, 3)):
                self.statement()
            if self.chance.random() < 0.3:
                self.line(f'nats kv put {BUCKET} "item.${name}" {self.stored()}{self.quiet()}')
        self.line("done")
        if form in counts and self.chance.random() < 0.3:
            self.numbers.append(name)

    def loop_over_arguments(self) -> None:
        """A function that goes through what it is given."""
        if self.depth or self.in_function or self.in_loop:
            return self.say()
        name, item = self.name("each"), self.name("ITEM")
        self.line(f"{name}() {{")
        self.depth += 1
        self.line(self.chance.choice((f'for {item} in "$@"; do', f"for {item}; do")))
        with self.turn():
            if self.chance.random() < 0.5:
                arms = (f'pl*) echo "a plan: ${item}" ;;', "done|new) echo known ;;", f'*) echo "other: ${item}" ;;')
                self.line(f'case "${item}" in {" ".join(self.chance.sample(arms, 2))} esac')
            else:
                self.line(f'echo "given ${item}"')
            if self.chance.random() < 0.5:
                self.line(f'nats kv put {BUCKET} owner "v ${item}"{self.quiet()}')
        self.line("done")
        self.depth -= 1
        self.line("}")
        values = (self.chance.choice((self.value(), "plan", "done")) for _ in range(self.chance.randrange(4)))
        given = " ".join(values)
        self.line(f"{name} {given}".rstrip() + self.chance.choice(("", "", " || echo 'helper failed'")))
        return None

    def folder_or_stop(self) -> None:
        """Work in a folder that may not be there."""
        if self.depth or self.in_function or self.in_loop:
            return self.say()
        place = self.chance.choice((".", "gone", self.value(), f'"gone/{self.chance.choice(WORDS)}"'))
        self.line(f"cd {place}{self.chance.choice(('', ' 2>/dev/null'))} || {{ echo 'not there'; exit 3; }}")
        return None

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
            self.line(f"{name}=({' '.join(quoted(word) for word in chance.sample(WORDS, chance.randrange(1, 4)))})")
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

    def function(self) -> None:
        """A function with names of its own, which may be those of others, and which may set names of others."""
        chance = self.chance
        name = self.name("helper")
        outside = (self.texts, self.numbers, self.documents, self.counters, self.in_loop)
        others = [text for text in outside[0] if text != "first"]
        self.line(f"{name}() {{")
        self.in_function, self.in_loop = True, False
        self.depth += 1
        self.line('local first="$1"')
        self.texts, self.numbers, self.documents = ["first", *others[:2]], [], []
        self.counters = list(outside[3]) if chance.random() < 0.5 else []
        own = self.own_name(others) if chance.random() < 0.4 else None
        for _ in range(chance.randrange(1, 3)):
            self.statement()
        if own is None and others and chance.random() < 0.3:
            self.line(f"{others[0]}={self.value()}")
        if self.functions and chance.random() < 0.3:
            self.call()
        if chance.random() < 0.4:
            self.chosen("return 0", "return 1", "return 2", f"{self.test()} && return 1; return 0", self.test())
        self.depth -= 1
        self.in_function = False
        self.texts, self.numbers, self.documents, self.counters, self.in_loop = outside
        self.line("}")
        self.functions.append(name)
        self.uncalled.add(name)

    def own_name(self, others: list[str]) -> str:
        """A name that is local to a function, often one that there is outside, too."""
        name = self.chance.choice(others) if others and self.chance.random() < 0.7 else self.name("OWN")
        self.chosen(
            f"local {name}={self.value()}",
            f'local {name}=$(echo "$first" | tr a-z A-Z)',
            f"local {name}",
            f'local {name}; {name}=$(echo "x$first")',
        )
        if name not in self.texts:
            self.texts.append(name)
        return name

    def call(self) -> None:
        called = self.chance.choice(self.functions)
        self.uncalled.discard(called)
        line = f"{called} {self.value()}"
        form = self.chance.randrange(8)
        if form in (0, 1):
            self.line(f"if {self.chance.choice(('', '! '))}{line}; then")
            self.body()
            if self.chance.random() < 0.4:
                self.line("else")
                self.body()
            self.line("fi")
        elif form == 2:
            self.texts.append(self.taken("GIVEN", f"$({line})", f"$({line} || true)", f"$({line} || echo none)"))
        else:
            ends = ("return 3", "return 0") if self.in_function else ("exit 3",)
            tails = ("", "", " || echo 'helper failed'", " && echo fine", " && echo fine || echo not", " || true")
            self.line(line + self.chance.choice((*tails, *(f" || {end}" for end in ends))))

    def loop_over_texts(self) -> None:
        """A loop over what names hold, and over words of a text."""
        item, text = self.name("ITEM"), self.value()
        listed = self.chance.choice((f"{text} plan {self.value()}", f"$(echo {text})", "plan 'two words' \"x y\""))
        self.line(f"for {item} in {listed}; do")
        with self.turn():
            self.texts.append(item)
            form = self.chance.randrange(4)
            if form == 0:
                self.line(f'case "${item}" in plan) continue ;; x*) break ;; esac')
            elif form == 1:
                self.line(f'nats kv put {BUCKET} owner "v ${item}"{self.quiet()} || exit 1')
            elif self.counters and form == 2:
                self.line(f"(({self.chance.choice(self.counters)}++)) || true")
            self.statement()
        self.line("done")

    def piped_lines(self) -> None:
        """The lines of a text, in a shell of their own."""
        item, way = self.name("LINE"), self.chance.choice(("sort", "tr a b", "head -n 1"))
        self.line(f"echo {self.value()} | {way} | while IFS= read -r {item}; do")
        with self.turn():
            self.line(f'[ -z "${item}" ] && continue')
            if self.chance.random() < 0.4:
                own = self.taken("OWN", f'$(echo "${item}" | rev)', f'"x ${item}"')
                self.line(f'echo "own ${own}"')
            self.line(f'echo "line ${item}"')
            if self.chance.random() < 0.4:
                self.line(f'nats kv put {BUCKET} owner "v ${item}"{self.quiet()}')
        self.line("done")

    def group(self) -> None:
        """Commands that stand together."""
        form = self.chance.randrange(3)
        if form == 0:
            self.line("{")
            self.depth += 1
            self.statement()
            self.statement()
            self.depth -= 1
            self.line("}" + self.chance.choice(("", " 2>/dev/null")))
        elif form == 1:
            self.line(f"( echo {self.value()}; {self.change()}{self.quiet()} )")
        else:
            self.line(f"if {{ {self.test()}; }}; then")
            self.body()
            self.line("fi")

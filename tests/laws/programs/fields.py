"""Statements of random programs that take texts apart and hand parts of them on."""

from __future__ import annotations

from tests.laws.programs.compound import Compound
from tests.laws.programs.pieces import BUCKET, TEMPORARY, WORDS, quoted


class Fields(Compound):
    """Writes loops that read several names, choices of two commands, JSON strings, known words."""

    def fields_of_lines(self) -> None:
        """Names that take the fields of each line."""
        chance = self.chance
        sign = chance.choice((":", ",", "|", "=", "/"))
        names = [self.name("FIELD") for _ in range(chance.choice((2, 2, 3)))]
        inner = self.value()[1:-1]
        lines = [
            sign.join(chance.sample(("plan", "a b", "", inner, "x.y", "done"), chance.randrange(1, 5)))
            for _ in range(chance.randrange(1, 4))
        ]
        rest = chance.choice(("", "", f' || [ -n "${names[0]}" ]'))
        self.line(f"while IFS='{sign}' read -r {' '.join(names)}{rest}; do")
        guarded = chance.random() < 0.7
        with self.turn():
            if guarded:
                self.line(chance.choice((f'[ -n "${names[0]}" ] || continue', f'[ -z "${names[0]}" ] && continue')))
            self.line(f'echo "{" then ".join(f"${name}" for name in names)}"')
            self.texts += names
            self.statement()
        form = chance.randrange(3)
        if form == 0 or self.depth:
            first, *others = lines
            self.line(f'done <<< "{first}{"" if others else chr(34)}')
            self.verbatim(*(line + (chr(34) if at == len(others) else "") for at, line in enumerate(others, 1)))
        else:
            self.line("done << EOF")
            self.verbatim(*(line if form == 1 else f"{line}{sign}end" for line in lines), "EOF")

    def either(self) -> None:
        """What one command prints, or else another one."""
        chance = self.chance
        one, other = self.key(), self.key()
        get = f"nats kv get {BUCKET} {{}} --raw 2>/dev/null"
        last = chance.choice((get.format(other), f"echo {self.value()} | rev", f"echo {self.value()} | grep zzz"))
        first = chance.choice(
            (get.format(one), f"echo {self.value()} | grep zzz", f"echo {self.value()} | grep -o 'pl.*'")
        )
        tail = chance.choice(("", "", " || echo none"))
        name = self.name("EITHER")
        if chance.random() < 0.3:
            self.line(f"if {name}=$({first} || {last}); then")
            self.body()
            self.line("else")
            self.line("  echo neither")
            self.line("fi")
        else:
            self.line(f"{name}=$({first} || {last}{tail})")
        self.texts.append(name)

    def json_string(self) -> None:
        """A text as a JSON string."""
        value = self.value()
        name = self.taken(
            "STRING",
            f"$(printf '%s' {value} | jq -Rs .)",
            f"$(echo {value} | jq -Rs .)",
            f"$(echo {value} | jq -R .)",
            f"$(jq -Rs . <<< {value})",
        )
        self.line(f'echo "as JSON: ${name}"')

    def known_words(self) -> None:
        """A text that is known, and stands without quotes."""
        if self.depth:
            return self.say()
        name = self.name("WORDS")
        self.line(f"{name}={quoted(self.chance.choice(('a b', 'plan', '', ' x  y ', '-n a', 'v1.2 done')))}")
        self.chosen(
            f"echo it: ${name}",
            f'[ $(echo ${name} | wc -w) -gt 1 ] && echo "several words"',
            f"ls -d . ${name} > /dev/null 2>&1 || true",
        )
        return None

    def inside_a_folder(self) -> None:
        """What is done in a folder that may not be there, in a shell of its own."""
        folder = self.chance.choice((".", "gone", self.value()))
        name = self.taken(
            "INSIDE",
            f"$(cd {folder} 2>/dev/null && echo {self.value()})",
            f"$(cd {folder} 2>/dev/null && echo {self.value()} | rev)",
        )
        self.texts.append(name)

    def field_of_a_file(self) -> None:
        """A line of a temp file for a name that may change behind it."""
        if not self.texts:
            return self.say()
        name, old = self.chance.choice(self.texts), self.name("OLD")
        self.files += 1
        path = f"{TEMPORARY}{self.files}.env"
        self.line(f'echo "{name}={self.chance.choice((f"${name}", "kept", f"x ${name}"))}" > {path}')
        if self.chance.random() < 0.6:
            self.line(f"{name}={self.value()}")
        self.line(f"{old}=$(grep '^{name}=' {path} | cut -d= -f2-)")
        self.line(f'echo "was ${old}, is ${name}"')
        return None

    def without_errors(self) -> None:
        """A choice or a loop whose error text goes nowhere."""
        if self.chance.random() < 0.5:
            self.line(f"if {self.condition()}; then")
            self.body()
            self.line("fi 2>/dev/null")
            return
        name = self.name("ITEM")
        self.line(f"for {name} in plan {quoted(self.chance.choice(WORDS))}; do")
        with self.turn():
            self.texts.append(name)
            self.statement()
        self.line("done 2>/dev/null")

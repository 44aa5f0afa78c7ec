"""Statements of random programs that hold few others: output, names, keys."""

from __future__ import annotations

from tests.laws.programs.conditions import Conditions
from tests.laws.programs.pieces import BUCKET, TEMPORARY, WORDS, quoted

FILTERS = (
    *("tr a-z A-Z", "cut -d= -f2", "sed 's/a/b/g'", "head -n 1", "grep -v zzz", "awk '{print $1}'", "tr -d '/'"),
    *("tail -n 1", "sort -u", "cut -c1-3", "cut -d. -f1 | tr -d v", "sed -n 's/^x\\(.*\\)/\\1/p'", "grep -o '[a-z]*'"),
    *(
        "grep -o '[0-9]' | head -n 1",
        "tr ' ' '\\n'",
        "tr ' ' '\\n' | sort | uniq",
        "sed 's/ .*//'",
        "awk -F/ '{print $2}'",
    ),
    *(
        "sed -E 's/([a-z])([a-z])/\\2\\1/'",
        "awk '{print NF}'",
        "rev",
        "grep zzz",
        "tr '[:lower:]' '[:upper:]' | cut -c2-",
    ),
)


class Simple(Conditions):
    """Writes simple statements."""

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
        filters = FILTERS
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
        left, right = self.number().strip('"'), self.chance.randrange(1, 5)
        operator = self.chance.choice(("+", "-", "*", "/", "%"))
        other = self.number().strip('"')
        forms = [f"{left} {operator} {right}", f"{left} {operator} {right}", f"({left} + {other}) * {right}"]
        forms += [f"{left} - {other} - {right}", f"{left}+{right}*{other}", f"({left} - 7) {operator} {right}"]
        self.line(f"{name}=$(({self.chance.choice(forms)}))")
        self.numbers.append(name)

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

    def read_key(self) -> None:
        chance, name, key = self.chance, self.name("VALUE"), self.key()
        get = f"nats kv get {BUCKET} {key} --raw 2>/dev/null"
        form = chance.randrange(6)
        if form == 0:
            self.line(f"{name}=$({get})")
        elif form == 1:
            self.line(f"{name}=$({get} || echo {quoted(chance.choice(WORDS))})")
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

    def leave(self) -> None:
        code = self.chance.choice((0, 0, 1, 2))
        self.line(f"return {code}" if self.in_function else f"exit {code}")

    def count(self) -> None:
        """A number that is counted."""
        chance = self.chance
        if not self.counters or chance.random() < 0.3:
            self.counters.append(self.taken("COUNT", "0", "0", "3"))
            self.numbers.append(self.counters[-1])
            return
        name = chance.choice(self.counters)
        step = chance.choice((f"(({name}++))", f"(({name} += 2))", f"((++{name}))", f"(({name}--))"))
        form = chance.randrange(5)
        if form == 0:
            self.line(f"if {step}; then")
            self.body()
            self.line("fi")
        elif form == 1:
            self.line(f"{name}=$(({name} + 1))")
        elif form == 2:
            self.line(step)
        else:
            self.line(f"{step} || true")

    def counted(self) -> None:
        """How many lines, words or matches a text has."""
        word = self.value()
        tail = self.chance.choice(("", "", " || true"))
        counts = ("grep -c a", "grep -c zzz", "wc -l", "wc -w", "grep -o a | wc -l", "tr ' ' '\\n' | grep -c .")
        self.numbers.append(self.taken("MANY", f"$(echo {word} | {self.chance.choice(counts)}{tail})"))

    def kept_status(self) -> None:
        """A status that is asked for later."""
        code = self.name("RC")
        self.line(f"{self.change()}{self.quiet()}")
        self.line(f"{code}=$?")
        self.line(f"if [ ${code} -ne 0 ]; then")
        self.body()
        self.line("fi")

    def guard(self) -> None:
        """The script ends where something does not hold."""
        self.chosen(
            f'{self.test()} || {{ echo "stops"; exit 1; }}',
            f'{self.test()} && {{ echo "stops"; exit 0; }}',
            f'{self.change()}{self.quiet()} || {{ echo "cannot"; exit 1; }}',
            f"{self.test()} && {self.test()} && echo both",
            f"{self.test()} || {self.test()} || echo neither",
            f"{{ {self.test()} || {self.test()}; }} && echo one",
        )

    def flags(self) -> None:
        """Flags of the shell that change in between."""
        self.chosen("set -e", "set +e", "set -o pipefail", "set +o pipefail", "set -eo pipefail")

    def clean_up(self) -> None:
        self.line(f"trap 'rm -f {TEMPORARY}x.txt' EXIT")

    def lines_in_a_text(self) -> None:
        """A text of several lines."""
        one, two = quoted(self.chance.choice(WORDS))[1:-1], self.value()[1:-1]
        form = self.chance.randrange(3)
        name = self.name("TEXT")
        if form == 0:
            self.line(f'{name}="{one}')
            self.verbatim(f'{two}"')
        elif form == 1:
            self.line(f'{name}=$(printf \'%s\\n%s\\n\' "{one}" "{two}")')
        else:
            self.line(f"{name}=$'plan\\ndone'")
        self.texts.append(name)

    def more_of_a_text(self) -> None:
        """Other ways to give a name a text."""
        if not self.texts:
            return self.assign()
        name, other = self.chance.choice(self.texts), self.name("TEXT")
        self.chosen(
            f'{name}+=" more"; {other}="${name}"',
            f'{other}="" {name}="x ${name}"',
            f"export {other}={self.value()}",
            f"declare {other}={self.value()}",
            f"{other}='single $X \"q\"'",
            f"{other}=${name}",
            f'{other}="${{NOWHERE:-${name}}}"',
            f'{other}=$([ -n "${name}" ] && echo yes || echo no)',
            f"{other}=$(if {self.test()}; then echo {self.value()}; else echo other; fi)",
        )
        self.texts.append(other)
        return None

    def read_and_ask(self) -> None:
        """A key that has to be there and to hold something."""
        name = self.name("VALUE")
        asks = self.chance.choice((f'[ -n "${name}" ]', f'[ "${name}" != plan ]', f"[[ ${name} == *o* ]]"))
        self.line(f"if {name}=$(nats kv get {BUCKET} {self.key()} --raw 2>/dev/null) && {asks}; then")
        with self.arm():
            self.texts.append(name)
            self.statement()
        if self.chance.random() < 0.5:
            self.line("else")
            self.body()
        self.line("fi")

    def keys_of_bucket(self) -> None:
        name = self.name("KEY")
        self.line(f"for {name} in $(nats kv ls {BUCKET} 2>/dev/null | grep -v ' ' | sort); do")
        with self.turn():
            self.texts.append(name)
            self.line(f'echo "key: ${name}"')
        self.line("done")

"""Statements of random programs about texts that are more than a word: documents, files, filters."""

from __future__ import annotations

from tests.laws.programs.pieces import BUCKET, FIELDS, TEMPORARY
from tests.laws.programs.simple import Simple


class Texts(Simple):
    """Writes statements about JSON, here-documents and files."""

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
        name, part = chance.choice(self.documents), chance.choice(FIELDS)
        form = chance.randrange(9)
        if form > 4:
            self.more_of_a_document(name, part)
        elif form == 0:
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
        elif form == 4:
            self.line(f"if echo \"${name}\" | jq -e '.{part}' > /dev/null; then")
            self.body()
            self.line("fi")

    def here_document(self) -> None:
        words = [self.value()[1:-1].replace('\\"', '"') for _ in range(self.chance.randrange(1, 4))]
        lines = [f"- {word}" for word in words]
        form = self.chance.randrange(8)
        if form < 3:
            self.line("cat <<EOF")
            self.verbatim(*lines, "EOF")
        elif form == 3:
            self.line("cat <<'EOF'")
            self.verbatim(*lines, "a `b` \\n $(c)", "EOF")
        elif form == 4:
            self.line("cat <<-EOF")
            self.verbatim(*(f"\t{line}" for line in lines), "\tEOF")
        elif form == 5:
            self.line("cat > notes.txt <<EOF")
            self.verbatim(*lines, "EOF")
        elif form == 6:
            self.line("cat <<EOF | tr a-z A-Z")
            self.verbatim(*lines, "sum $((1 + 2)) $(echo sub)", "EOF")
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

    def file(self) -> None:
        """A file of the project: written, added to, asked for, read, deleted."""
        chance = self.chance
        path = chance.choice(("notes.txt", "plan.md", '"two words.txt"'))
        form = chance.randrange(10)
        if form > 5:
            self.more_of_a_file(path)
        elif form == 0:
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

    def more_of_a_document(self, name: str, part: str) -> None:
        """Other questions to a document, and other ways to change it."""
        chance = self.chance
        form = chance.randrange(6)
        given = f'echo "${name}" | jq'
        if form == 0:
            self.line(f"{name}=$({given} -c '. + {{{part}: \"x\", more: [1, 2]}}')")
        elif form == 1:
            self.numbers.append(self.taken("MANY", f"$({given} 'length')", f"$({given} -r 'keys | length')"))
        elif form == 2:
            self.texts.append(self.taken("PART", f"$({given} -r --arg k {part} '.[$k] // \"none\"')"))
        elif form == 3:
            item = self.name("ITEM")
            self.line(f"for {item} in $({given} -r 'keys[]'); do")
            with self.turn():
                self.texts.append(item)
                self.statement()
            self.line("done")
        elif form == 4:
            self.line(f"{given} -r 'keys[]' | while IFS= read -r FIELD; do")
            self.line('  [ -z "$FIELD" ] && continue')
            self.line('  echo "field $FIELD"')
            self.line("done")
        else:
            self.chosen(f"{given} .", f"{given} -r .{part}", f'jq -c . <<< "${name}"', f"{given} -r '.{part}, .owner'")

    def more_of_a_file(self, path: str) -> None:
        """Other questions to a file, and other ways to write it."""
        word = self.value()
        form = self.chance.randrange(6)
        if form == 0:
            self.line(f"{{ echo {self.stored()}; echo {word}; }} > {path}")
        elif form == 1:
            self.texts.append(
                self.taken(
                    "TEXT",
                    f"$(head -n 1 {path} 2>/dev/null || true)",
                    f"$(sort < {path} 2>/dev/null || echo none)",
                    f"$(grep -c v {path} 2>/dev/null || true)",
                    f"$(cat {path} 2>/dev/null | tail -n 1)",
                    f"$(sed -n 1p {path} 2>/dev/null || true)",
                )
            )
        elif form == 2:
            self.line(f"[ -s {path} ] && cat {path}")
        elif form == 3:
            self.line(f"cp {path} copy.txt 2>/dev/null && echo copied || echo kept")
        elif form == 4:
            self.line(f"echo {word} | tr a-z A-Z > {path}")
        else:
            self.line(f"printf '%s: %s\\n' \"it\" {word} >> {path}")

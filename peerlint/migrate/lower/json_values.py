"""What `jq` gives, as values: filters, JSON that is built, and texts as JSON strings."""

from __future__ import annotations

import re

from peerlint.migrate.lower.effects import Effects
from peerlint.migrate.lower.jq import JqCall, bound, json_template, read_jq, without_splices
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.streams import Streams
from peerlint.migrate.lower.values import Out
from peerlint.process.bash.tree import Simple
from peerlint.process.model import AsJson, Clauses, Constant, Do, FileRead, JqFilter, Ref, Set, Text, Value, Verbatim

#: What jq is fed with where its file cannot be read: it fails, too.
NO_JSON = Text.of("no such file")


class JsonValues(Effects):
    """Translates command lines of `jq`."""

    def jq(self, command: Simple, scope: Scope, out: Out, where: Streams, value: Value | None) -> Value:
        """What `jq` prints for its file, its here-document or the value that it is fed. Raises Beyond."""
        call = read_jq(command.words[1:])
        if call is None or call.program is None:
            flags = "".join(word.literal or "" for word in command.words[1:] if (word.literal or "").startswith("-"))
            what = (
                "jq -R of a file, whose last newlines READ leaves out"
                if "R" in flags
                else "jq with flags that have no form"
            )
            raise Beyond(what, command.span, scope.source)
        program = self.literal(call.program, scope)
        if program is None:
            found = without_splices(call)
            if found is None:
                raise Beyond("a jq program with a shell variable inside", command.span, scope.source)
            call, program = found
            reason = "a value that is pasted into a jq program can break it; the logic hands it over as a value"
            self.repair("interpolated-json", command.span, reason)
        if re.search(r"\$ENV|\benv\b|\binput\b|\$__", program):
            raise Beyond("a jq program that looks beyond its input", command.span, scope.source)
        if "n" in call.flags:
            return self._built(call, program, scope, out, command)
        value = self._jq_input(call, command, scope, out, where, value)
        return JqFilter(value, self._verbatim(self._bound(call, program, scope, out, command)), call.flags)

    def _jq_input(
        self, call: JqCall, command: Simple, scope: Scope, out: Out, where: Streams, value: Value | None
    ) -> Value:
        operand = call.files[0] if len(call.files) == 1 else where.stdin
        if operand is not None and value is None:
            path = self.text(operand, scope, out)
            if self.is_temporary(path):
                file = self.temp_file(path)
                if file is None or file.name is None:
                    raise Beyond(
                        "a temp file that no earlier step that can be migrated writes", command.span, scope.source
                    )
                return Ref(file.name)
            name = self.fresh("FILE_TEXT")
            out.append(Do(FileRead(path, name), Clauses(if_fails=NO_JSON), command.span))
            return Ref(name)
        if where.here is not None and value is None:
            return self.value(where.here, scope, out)
        if value is None or call.files:
            raise Beyond("jq without an input that is understood", command.span, scope.source)
        return value

    def _built(self, call: JqCall, program: str, scope: Scope, out: Out, command: Simple) -> Value:
        strings = {name: self.text(word, scope, out) for name, word in call.strings}
        values = {name: self.text(word, scope, out) for name, word in call.values}
        template = json_template(program, strings, values, compact="c" in call.flags)
        if template is not None:
            return AsJson(Text(template.parts, self.block("json_template")))
        return JqFilter(Constant(None), self._verbatim(self._bound(call, program, scope, out, command)), call.flags)

    def _bound(self, call: JqCall, program: str, scope: Scope, out: Out, command: Simple) -> str:
        """The program with the names of the process for the variables of `--arg` and `--argjson`."""
        names: dict[str, str] = {}
        for name, word in (*call.strings, *call.values):
            text = self.text(word, scope, out)
            part = text.parts[0] if len(text.parts) == 1 else None
            if isinstance(part, Ref) and not part.path:
                target = part.name
            else:
                target = self.fresh(name.upper())
                out.append(Set(Ref(target), text))
            names[name] = f"${target}" if (name, word) in call.strings else f"(${target} | fromjson)"
        return bound(program, names)

    def _verbatim(self, program: str) -> Verbatim:
        if "'" in program or "\n" in program.strip():
            return Verbatim(program.strip("\n"), self.block("jq_filter"))
        return Verbatim(program)

"""Simple commands: assignments, output, builtins, and everything else that is one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.blocks import MANY_SHOWN, is_long
from peerlint.migrate.lower.calls import Calls
from peerlint.migrate.lower.conditions import Test, negated
from peerlint.migrate.lower.effects import SHELL_STATE, run_clauses
from peerlint.migrate.lower.made_up import output_name, status_name
from peerlint.migrate.lower.messages import (
    captured_text,
    has_no_colour,
    kind_beside,
    printed_text,
    says,
    without_empty_ends,
)
from peerlint.migrate.lower.outputs import always_prints, prints_nothing, without_newline
from peerlint.migrate.lower.reading import pipeline_of, programs_for, what_is_read
from peerlint.migrate.lower.scope import ANY_FAILURE, Beyond, Scope, ScriptExit
from peerlint.migrate.lower.status import CODE
from peerlint.migrate.lower.streams import Streams, streams, with_operand
from peerlint.migrate.lower.values import Out, simplest
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    Literal,
    Parameter,
    Placeholder,
    Simple,
    Substitution,
    Word,
    WordPart,
    walk,
)
from peerlint.process.commands import PURE_TOOLS
from peerlint.process.model import (
    Argv,
    Arithmetic,
    Ask,
    Branch,
    Commands,
    Do,
    Equals,
    FileWrite,
    If,
    IsEmpty,
    IsJson,
    Leave,
    Not,
    Number,
    OutcomeIs,
    Pipeline,
    Ref,
    Run,
    Say,
    Set,
    Text,
    Through,
    ToolAvailable,
    Value,
)
from peerlint.records import replace
from peerlint.source.text import Span

_LOOKUPS = {("command", "-v"), ("type", ""), ("type", "-P"), ("type", "-p"), ("hash", ""), ("which", "")}

#: Words of `set` behind which stands the name of an option.
_OPTION_BY_NAME = frozenset({"-o", "+o", "-eo", "-uo", "-euo", "-ueo"})

#: What nats says when it writes would become a part of the text.
CAPTURED_CHATTER = "the output of nats inside a function whose output is captured"


class SimpleCommands(Calls):
    """Translates simple commands."""

    def simple(self, command: Simple, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """Append a simple command; the test of its success where it can fail and somebody asks. Raises Beyond."""
        command = self.with_known_words(command, scope)
        where = streams(command.redirections, scope)
        tool = command.name or (self.literal(command.words[0], scope) if command.words else None)
        if where.file is not None and tool in (None, ":", "true") and len(command.words) < 2:
            return self._empty_file(where, scope, out, command.span, ignored=ignored)
        if not command.words:
            return self._assignments(command.assignments, scope, out, ignored=ignored)
        if (truth := self._truth_in(command, scope)) is not None:
            return truth
        if tool == "read" and where.here is not None and where.here_is_line:
            self._read_text(command, where, scope, out)
            return None
        if command.assignments and not self.is_call(command, scope):
            command = self.under_env(command, scope)
            tool = command.name
        if tool in ("local", "export", "declare", "readonly", "typeset"):
            return self._declare(command, scope, out)
        if self.is_call(command, scope):
            result = self.inline_call(command, self.redirected(scope, where), out, ignored=ignored, name=None)
            return None if isinstance(result, bool) and result is False else result
        if tool in ("[", "test"):
            words = command.words[1:-1] if tool == "[" else command.words[1:]
            return self.bracket(words, scope, command.span, out)
        handler = {
            "echo": self._say,
            "printf": self._say,
            "cat": self._cat_command,
            "exit": self._exit,
            "return": self._exit,
            "set": self._set_flags,
            "trap": self._trap,
            "rm": self._remove,
            "source": self._source,
            ".": self._source,
            "break": self._break,
            "continue": self._continue,
            "read": self._read,
            "jq": self._jq_probe,
        }.get(tool or "")
        if handler is not None:
            done, test = handler(command, where, scope, out, ignored)
            if done:
                return test
        if tool in (":", "true"):
            for word in command.words[1:]:
                # `: "${NAME:?text}"` does nothing but what its words do.
                self.text(word, scope, out)
            return None
        if tool == "false":
            return False
        if tool == "nats":
            return self._nats_statement(command, where, scope, out, ignored=ignored)
        literals = tuple((word.literal or "") for word in command.words)
        is_lookup = (literals[0], literals[1] if len(literals) == 3 else "") in _LOOKUPS
        # All but `hash` show where the tool is, which may be what they are for.
        if is_lookup and (where.out_hidden or tool == "hash") and (name := self.literal(command.words[-1], scope)):
            return ToolAvailable(name)
        if tool in SHELL_STATE:
            raise Beyond(SHELL_STATE[tool], command.span, scope.source)
        return self._other(command, where, scope, out, ignored=ignored)

    def _other(self, command: Simple, where: Streams, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        if self.step.only_a_call and (program := self.python_script(command, scope)) is not None:
            raise Beyond(f"{program} is a program in Python, which is not translated", command.span, scope.source)
        stdin = self.here_text(where, scope, out) if where.here is not None else None
        plain = replace(with_operand(command, scope), redirections=())
        if where.file is not None or (scope.captured and not where.out_hidden and not prints_nothing(command)):
            name = self.fresh(output_name((plain,)))
            test = self.run((plain,), scope, out, where, ignored=ignored, name=name, stdin=stdin)
            return self.hand_on(name, test, where, scope, out, command.span)
        if command.name in PURE_TOOLS and stdin is None and run_clauses(where, scope, captured=False) is None:
            raise Beyond(f"{command.name} as a statement", command.span, scope.source)
        return self.run((plain,), scope, out, where, ignored=ignored, stdin=stdin)

    def _nats_statement(self, command: Simple, where: Streams, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        stdin: Value | None = None
        if where.here is not None:
            stdin = self.value(where.here, scope, out)
        elif where.stdin is not None:
            path = self.text(where.stdin, scope, out)
            file = self.temp_file(path) if self.is_temporary(path) else None
            if file is None or file.name is None:
                raise Beyond("nats with its input from a file", command.span, scope.source)
            stdin = Ref(file.name)
        if where.file is not None:
            return self.nats_to_file(command, where, scope, out, ignored=ignored)
        if scope.captured and not where.out_hidden:
            raise Beyond(CAPTURED_CHATTER, command.span, scope.source)
        hidden = where.out_hidden or scope.muted
        return self.nats(command, scope, out, ignored=ignored, stdin=stdin, hidden=hidden)

    def _assignments(
        self, assignments: tuple[Assignment, ...], scope: Scope, out: Out, *, ignored: bool
    ) -> Test | None:
        test: Test | None = None
        for assignment in assignments:
            test = self._assignment(assignment, scope, out, ignored=ignored)
        return test

    def _assignment(self, assignment: Assignment, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        if assignment.elements is not None and assignment.name in scope.arrays:
            return None
        if assignment.elements is not None and assignment.name in scope.lists:
            self._list(assignment, assignment.elements, scope, out)
            return None
        if assignment.elements is not None or assignment.subscript is not None:
            raise Beyond("an array", assignment.span, scope.source)
        if assignment.name == "ARGUMENTS" and scope.arguments_of_process:
            # The harness puts its text in place of each `$ARGUMENTS` before bash sees the call.
            raise Beyond("ARGUMENTS is set, which the harness has filled in before", assignment.span, scope.source)
        if assignment.name in scope.known and not assignment.append and not self._is_handed_on(assignment, scope):
            return None
        name = scope.name_of(assignment.name)
        word = assignment.value
        if word is not None and len(word.parts) == 1 and isinstance(part := word.parts[0], Substitution):
            if assignment.append:
                raise Beyond("+= with the output of a command", assignment.span, scope.source)
            return self.assign(name, part.commands, scope, out, ignored=ignored)
        if word is not None and not assignment.append and self._default_from_output(name, word, scope, out, ignored):
            return None
        test: Test | None = None
        if word is not None and not ignored:
            word, test = self._output_in_a_text(word, scope, out)
        value = self.value(word, scope, out)
        if assignment.append:
            value = Text.of(Ref(name), *self.as_text(value, name, out).parts)
        elif out and isinstance(last := out[-1], Set) and value == Ref(name) == last.target:
            # `X="${X:-default}"` has just set the name to itself or its default.
            return None
        if isinstance(value, Arithmetic):
            self.step.numeric.add(name)
        out.append(Set(Ref(name), value, span=assignment.span))
        return test

    def _is_handed_on(self, assignment: Assignment, scope: Scope) -> bool:
        """Whether a later step reads what is known here by its text."""
        is_own = scope.arguments_of_process and not scope.is_function and assignment.name in self.step.handed_on
        return is_own and not any(isinstance(node, Substitution) for node in walk(assignment))

    def _default_from_output(self, name: str, word: Word, scope: Scope, out: Out, ignored: bool) -> bool:
        """`X=${Y:-$(cmd)}`: the command runs only where Y is empty. False where the word is no such one."""
        part = word.parts[0] if len(word.parts) == 1 else None
        if not isinstance(part, Parameter) or part.operator != ":-" or part.argument is None:
            return False
        inner = part.argument.parts[0] if len(part.argument.parts) == 1 else None
        given = self.parameter(replace(part, operator="", argument=None), scope, out)
        if not isinstance(inner, Substitution) or not isinstance(given, Ref):
            return False
        body: Out = []
        test = self.assign(name, inner.commands, scope, body, ignored=ignored)
        if test is not None:
            if not (scope.errexit or self.at_end):
                raise Beyond("the status of a default that is the output of a command", part.span, scope.source)
            self.end_where_it_fails(test, scope, body, part.span)
        otherwise = (Set(Ref(name), given, span=part.span),) if given != Ref(name) else None
        out.append(If((Branch(IsEmpty(given), tuple(body), part.span),), otherwise, part.span))
        return True

    def _output_in_a_text(self, word: Word, scope: Scope, out: Out) -> tuple[Word, Test | None]:
        """`X="v$(cmd)"`, whose status is that of the last command in it: the word with names for all output."""
        parts = list(word.parts)
        outputs = [at for at, part in enumerate(parts) if isinstance(part, Substitution)]
        test: Test | None = None
        for at, part in enumerate(parts):
            if isinstance(part, Substitution):
                name = self.fresh(output_name(part.commands))
                test = self.assign(name, part.commands, scope, out, ignored=at != outputs[-1])
                parts[at] = Placeholder(f"[{name}]", part.quoted)
            elif any(isinstance(node, Substitution) for node in walk(part)):
                raise Beyond("the status of output inside another expansion", word.span, scope.source)
        if test is not None and scope.errexit:
            self.end_where_it_fails(test, scope, out, word.span)
            return replace(word, parts=tuple(parts)), None
        return replace(word, parts=tuple(parts)), self.kept(test, out)

    def _list(self, assignment: Assignment, elements: tuple[Word, ...], scope: Scope, out: Out) -> None:
        """An array as lines of a text."""
        name = scope.name_of(assignment.name)
        parts: list[str | Ref] = [Ref(name)] if assignment.append else []
        for element in elements:
            text = self.text(element, scope, out)
            self.one_line(text, element.span, "an array with an element of several lines")
            parts += ["\n"] if parts else []
            parts += text.parts
        out.append(Set(Ref(name), Text.of(*parts), span=assignment.span))

    def _declare(self, command: Simple, scope: Scope, out: Out) -> Test | None:
        if any(
            (word.literal or "").startswith("-") and word.literal not in ("-r", "-x", "-g", "-i")
            for word in command.words[1:]
        ):
            raise Beyond("an array", command.span, scope.source)
        for word in command.words[1:]:
            if scope.is_function and word.literal in scope.blank and command.name != "export":
                out.append(Set(Ref(scope.name_of(word.literal or "")), Text(), span=command.span))
        for assignment in command.declared:
            # The status of the substitution is lost: that of `local` counts.
            self._assignment(assignment, scope, out, ignored=True)
        return None

    # --- output ---

    def show(self, text: Text, scope: Scope, out: Out, span: Span) -> None:
        """Print a text: a message, or what the caller captures."""
        if scope.muted:
            return
        if scope.captured:
            out.append(Set(Ref(scope.captured), captured_text(text, span, scope), span=span))
            return
        out.extend(says(text, Say(kind_beside(scope, span), text, span)))

    def _say(self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool) -> tuple[bool, Test | None]:
        to_screen = where.file is None and not where.out_hidden
        text = printed_text(self, command, scope, out, line=to_screen and not scope.captured)
        if where.file is not None:
            if without_newline(command) and not self.is_temporary(self.text(where.file, scope, out)):
                raise Beyond("a file that does not end with a newline", command.span, scope.source)
            test = self.write_file(where, text, scope, out, command.span, ignored=ignored)
            self._note_lines(where, scope, whole=not without_newline(command))
            return True, test
        self._print(text, where, scope, out, command.span)
        return True, None

    def _note_lines(self, where: Streams, scope: Scope, *, whole: bool) -> None:
        """Note of a temp file that it has been written with one newline behind its text."""
        file = self.files.get(self.text(where.file, scope, []).literal or "")
        if file is not None and file.name is not None:
            file.is_lines = whole

    def _print(self, text: Text, where: Streams, scope: Scope, out: Out, span: Span) -> None:
        """Print a text where a command has its output go."""
        if not where.out_hidden:
            self.show(text, self.on_errors(scope) if where.out == "err" else scope, out, span)

    def _cat_command(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        if where.here is not None and where.file is not None and len(command.words) == 1:
            # A file keeps blank lines at its end, which no message and no variable has.
            here = self.here_text(where, scope, out)
            value: Value | None = self.in_block(here) if isinstance(here, Text) else here
        else:
            value = self.printed(command, scope, out, where)
        if value is None:
            return False, None
        text = self.as_text(value, "text", out)
        if where.file is not None:
            test = self.write_file(where, text, scope, out, command.span, ignored=ignored)
            self._note_lines(where, scope, whole=where.here is not None and bool(text.parts))
            return True, test
        shown = not where.out_hidden and where.out != "err" and not scope.muted and not scope.captured
        if where.here is not None and shown and is_long(text, MANY_SHOWN) and has_no_colour(text):
            out.append(Say(kind_beside(scope, command.span), without_empty_ends(text), command.span))
        else:
            self._print(text, where, scope, out, command.span)
        return True, None

    def _jq_probe(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        name = self.fresh("OUTPUT")
        plain = replace(
            command, redirections=tuple(r for r in command.redirections if r.operator in ("<", "<<", "<<<"))
        )
        program = [self.literal(word, scope) for word in command.words[1:2]]
        if program == ["empty"] and where.here is not None:
            return True, IsJson(self.value(where.here, scope, out))
        test = self.assign(name, (plain,), scope, out, ignored=ignored)
        return True, self.hand_on(name, test, where, scope, out, command.span)

    def hand_on(self, name: str, test: Test | None, where: Streams, scope: Scope, out: Out, span: Span) -> Test | None:
        """Show or write what a command has printed into `name`; the test of its success, as it holds behind that."""
        if where.out == "err":
            scope = self.on_errors(scope)
        if where.file is None and (where.out_hidden or scope.muted):
            return test
        test = self.kept(test, out)
        if where.file is not None:
            self._write_output(where, name, scope, out, span)
        else:
            self.show(Text.of(Ref(name)), scope, out, span)
        return test

    def _write_output(self, where: Streams, name: str, scope: Scope, out: Out, span: Span) -> None:
        """The output of a command into a file. WRITE ends with a newline, which nothing at all does not have."""
        made: Out = []
        self.write_file(where, Text.of(Ref(name)), scope, made, span, ignored=False)
        last = out[-1] if out else None
        value = last.value if isinstance(last, Set) and last.target == Ref(name) else None
        if isinstance(value, Through):
            # A file keeps an empty last line, which what goes through a filter in the logic has not.
            self.one_line(value.value, span, "a text of several lines through a filter into a file")
            if always_prints(value.command):
                out.extend(made)
                return
        for statement in made:
            if isinstance(statement, Do) and isinstance(statement.effect, FileWrite):
                statement = replace(statement, effect=replace(statement.effect, nothing_if_empty=True))
                if not scope.errexit:
                    reason = "where the file cannot be written the script goes on without the command; the logic stops"
                    self.repair("unguarded-failure", span, reason)
            out.append(statement)

    def _empty_file(self, where: Streams, scope: Scope, out: Out, span: Span, *, ignored: bool) -> Test | None:
        """`> file`: the file is there and holds nothing; with `>>` what it holds stays."""
        path = self.text(where.file, scope, out)
        if self.is_temporary(path):
            self.write_temp(path, Text(), scope, out, span, append=where.append)
            return None
        words = ("truncate", "-s", "+0" if where.append else "0")
        argv = Argv((*(Text.of(word) for word in words), path))
        return self.act(Run(Commands((Pipeline((argv,)),))), out, span, ignored=ignored)

    def kept(self, test: Test | None, out: Out) -> Test | None:
        """The test of the last statement, as it holds behind statements that follow."""
        last = out[-1] if out else None
        if not isinstance(test, OutcomeIs) or not isinstance(last, (Do, Set)):
            return test
        # Outcome words speak of the line directly above them.
        status = self.fresh(
            status_name(last.target.name if isinstance(last, Set) else getattr(last.effect, "name", None))
        )
        out[-1] = replace(last, clauses=replace(last.clauses, exit_code=status, ignoring_failure=True))
        return Equals(Ref(status), Number(0))

    def end_where_it_fails(self, test: Test, scope: Scope, out: Out, span: Span) -> None:
        """Append the end of the script where the command that the test asks for fails."""
        leave = ScriptExit(span=span, code=1, scope=scope.identity)
        failed = negated(test)
        if isinstance(failed, bool):
            out.extend([leave] if failed else [])
        else:
            out.append(If((Branch(failed, (leave,), span),), None, span))

    def write_file(
        self, where: Streams, text: Text, scope: Scope, out: Out, span: Span, *, ignored: bool
    ) -> Test | None:
        """Text and a newline into a file; a temp file becomes names."""
        path = self.text(where.file, scope, out)
        if self.is_temporary(path):
            self.write_temp(path, text, scope, out, span, append=where.append)
            return None
        return self.act(FileWrite(path, simplest(text), where.append), out, span, ignored=ignored)

    # --- small builtins ---

    def _exit(self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool) -> tuple[bool, Test | None]:
        code = self.literal(command.words[1], scope) if len(command.words) > 1 else "0"
        if len(command.words) == 1 and command.name == "return":
            code = "0"
        left = self.script_of(scope) if scope.is_function and command.name == "exit" else scope.identity
        if code is not None and code.isdigit():
            out.append(ScriptExit(span=command.span, code=int(code), scope=left))
            return True, None
        status = self._status_in(command.words[1], scope)
        if status is None:
            raise Beyond("an exit code that is not literal", command.span, scope.source)
        failed = ScriptExit(span=command.span, code=ANY_FAILURE, scope=left)
        succeeded = ScriptExit(span=command.span, code=0, scope=left)
        out.append(If((Branch(Not(Equals(status, Number(0))), (failed,), command.span),), (succeeded,), command.span))
        return True, None

    def _status_in(self, word: Word, scope: Scope) -> Ref | None:
        """The name in `exit $RC` that holds an exit code and nothing else."""
        part = word.parts[0] if len(word.parts) == 1 else None
        if not isinstance(part, Parameter) or part.operator:
            return None
        name = scope.name_of(part.name)
        own = part.name == CODE and CODE not in scope.used
        return Ref(name) if own or name in self.step.statuses else None

    def _set_flags(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        for index, word in enumerate(command.words[1:], 1):
            flag = word.literal or ""
            if not (re.fullmatch(r"[-+][A-Za-z]+", flag) or command.words[index - 1].literal in _OPTION_BY_NAME):
                raise Beyond("set gives the script other arguments", command.span, scope.source)
            on = flag.startswith("-")
            name = (
                command.words[index + 1].literal if flag[1:].endswith("o") and index + 1 < len(command.words) else None
            )
            letters = set(flag[1:]) if flag[:1] in "+-" and flag else set()
            if "e" in letters or name == "errexit":
                scope.errexit = on
            if "u" in letters or name == "nounset":
                scope.nounset = on
            if name == "pipefail":
                scope.pipefail = on
            if letters & {"x", "v", "f", "n"}:
                raise Beyond(f"set {flag}", command.span, scope.source)
        return True, None

    def _trap(self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool) -> tuple[bool, Test | None]:
        signals = {word.literal for word in command.words[2:]}
        if signals <= {"EXIT", "INT", "TERM", "HUP"} and self._removes_temp_files(command.words[1:2], scope):
            # They are variables now.
            return True, None
        raise Beyond("a trap that does more than remove temp files", command.span, scope.source)

    def _removes_temp_files(self, action: Sequence[Word], scope: Scope) -> bool:
        """Whether all that a trap does is to remove temp files."""
        text = "".join(_as_written(part) for word in action for part in word.parts)
        commands = parse_bash(text, placeholders=False).commands
        if len(commands) != 1 or not isinstance(commands[0], Simple) or commands[0].name != "rm":
            return False
        words = [word for word in commands[0].words[1:] if not (word.bare or "").startswith("-")]
        paths = [self._stable(word, scope) for word in words]
        return bool(paths) and all(path is not None and self.is_temporary(path) for path in paths)

    def _remove(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        paths = [self.text(word, scope, out) for word in command.words[1:] if not (word.bare or "").startswith("-")]
        if paths and all(self.is_temporary(path) for path in paths):
            return True, None
        return False, None

    def _source(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        path = self.text(command.words[1], scope, out) if len(command.words) == 2 else Text()
        file = self.temp_file(path) if self.is_temporary(path) else None
        if file is None or not file.fields:
            name = scope.slice(command.words[1].span) if len(command.words) > 1 else "a file"
            raise Beyond(f"source of {name}, whose functions and variables are not known", command.span, scope.source)
        if file.pasted:
            reason = "source reads a value again as shell code; the logic takes it as it is"
            self.repair("sourced-value", command.span, reason)
        for field, name in file.fields.items():
            self.set_from(scope.name_of(field), name, out, command.span)
        return True, None

    def set_from(self, name: str, other: str, out: Out, span: Span) -> None:
        """`name` takes the text of another name."""
        if name != other:
            out.append(Set(Ref(name), Ref(other), span=span))

    def _break(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        if len(command.words) > 1:
            raise Beyond("break out of more than one loop", command.span, scope.source)
        out.append(Leave(command.span))
        return True, None

    def _continue(
        self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool
    ) -> tuple[bool, Test | None]:
        if len(command.words) > 1 or scope.loop is None:
            place = "of an outer loop" if scope.loop is not None else "outside of a loop, where it does nothing"
            raise Beyond(f"continue {place}", command.span, scope.source)
        out.append(ScriptExit(span=command.span, code=0, scope=scope.loop))
        return True, None

    def _read(self, command: Simple, where: Streams, scope: Scope, out: Out, ignored: bool) -> tuple[bool, Test | None]:
        """`read -p "question" NAME`: a question to the user, for which the shell of an agent has no terminal."""
        words = [word for word in command.words[1:] if word.literal != "-r"]
        if words and words[0].literal == "-rp":
            words[0] = Word((Literal("-p"),), words[0].span)
        name = words[2].literal if len(words) == 3 and words[0].literal == "-p" else None
        if name is None or command.redirections:
            raise Beyond(SHELL_STATE["read"], command.span, scope.source)
        question = self.text(words[1], scope, out)
        parts = question.parts
        if parts and isinstance(parts[-1], str):
            question = Text.of(*parts[:-1], parts[-1].rstrip())
        self.repair("question-as-read", command.span, "an agent's shell has no terminal; the logic asks the user")
        out.append(Ask(question, scope.name_of(name), command.span))
        return True, None

    def _truth_in(self, command: Simple, scope: Scope) -> Test | None:
        """`$OK` as a command, where OK holds `true` or `false`."""
        part = command.words[0].parts[0] if len(command.words) == 1 and len(command.words[0].parts) == 1 else None
        if not isinstance(part, Parameter) or part.operator or command.assignments or command.redirections:
            return None
        name = scope.name_of(part.name)
        known = part.name in scope.known or name not in self.step.truths
        return None if known else Equals(Ref(name), Text.of("true"))

    def _read_text(self, command: Simple, where: Streams, scope: Scope, out: Out) -> None:
        """`IFS=. read -r ONE OTHER <<< "$TEXT"`: the fields of the first line, which is always there. Raises Beyond."""
        read = what_is_read(replace(command, redirections=()))
        if read is None or len(command.redirections) != 1:
            raise Beyond("a read that cuts a text at blanks, or without -r", command.span, scope.source)
        text = self.value(where.here, scope, out)
        first_line = Through(text, pipeline_of(("head", "-n", "1")))
        if read.takes_whole_lines:
            out.append(Set(Ref(scope.name_of(read.names[0])), first_line, span=command.span))
            return
        line = Ref(self.fresh("LINE"))
        out.append(Set(line, first_line, span=command.span))
        for name, program in programs_for(read, None):
            if name != "_":
                out.append(Set(Ref(scope.name_of(name)), Through(line, pipeline_of(program)), span=command.span))

    def elements_of(self, part: object, scope: Scope) -> tuple[Word, ...] | None:
        """The elements of `"${NAME[@]}"` where the array is written once, with all its elements."""
        if not isinstance(part, Parameter) or part.operator != "[]" or not part.quoted:
            return None
        every = part.argument is not None and part.argument.literal == "@"
        return scope.arrays.get(part.name) if every else None


def _as_written(part: WordPart) -> str:
    """A part of the text of a command that is a word; what is more than text and variables reads as no command."""
    if isinstance(part, Literal):
        return part.text
    return f"${{{part.name}}}" if isinstance(part, Parameter) and not part.operator else ";"

"""`NAME=$(commands)`: what a name takes."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence

from peerlint.migrate.lower import scrape
from peerlint.migrate.lower.conditions import Test
from peerlint.migrate.lower.jq import json_string, writes_json_string
from peerlint.migrate.lower.json_values import NO_JSON, JsonValues
from peerlint.migrate.lower.made_up import output_name
from peerlint.migrate.lower.messages import captured_text, printed_text, without_last_newlines
from peerlint.migrate.lower.outputs import (
    BY_LINE,
    FALLBACKS,
    GREPS,
    ends_well,
    fails_in_silence,
    filters_anything,
    finds_nothing,
    has_flag,
    never_fails,
    prints,
    refuse_exits,
    refuse_hidden_failures,
    without_newline,
)
from peerlint.migrate.lower.scope import Beyond, Scope, not_written
from peerlint.migrate.lower.streams import Streams, mixes_errors_in, of_pipeline, streams, with_operand, with_operands
from peerlint.migrate.lower.values import Out, simplest
from peerlint.migrate.lower.variables import functions_called, names_assigned, names_handed_out
from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    AndOr,
    Command,
    Function,
    Group,
    Literal,
    Pipe,
    Redirected,
    Simple,
    Subshell,
    Word,
    walk,
)
from peerlint.process.commands import PURE_TOOLS, KvVerb, understand
from peerlint.process.model import (
    Argv,
    Clauses,
    CurrentTime,
    Do,
    FileRead,
    JqFilter,
    KvGet,
    Outcome,
    OutcomeIs,
    Pipeline,
    Ref,
    Set,
    Statement,
    Text,
    Through,
    Value,
)
from peerlint.process.model import walk as walk_model
from peerlint.records import replace
from peerlint.source.text import Span

_TIME = regex(r"^\+(.*)$", re.DOTALL)


class Captures(JsonValues):
    """Translates what is inside `$(…)`, and pipelines that end in a value."""

    @abstractmethod
    def inline_call(
        self, command: Simple, scope: Scope, out: Out, *, ignored: bool, name: str | None
    ) -> Test | bool | None:
        """A call of a function or a script; False (not None) where the command is neither."""

    @abstractmethod
    def redirected(self, scope: Scope, where: Streams) -> Scope:
        """The scope of something whose output goes elsewhere."""

    @abstractmethod
    def is_call(self, command: Simple, scope: Scope) -> bool:
        """Whether the command calls a function or a script."""

    @abstractmethod
    def statements(self, commands: Sequence[Command], scope: Scope, *, tail: bool) -> list[Statement]:
        """The commands as statements."""

    # --- names ---

    def capture(self, name: str, commands: tuple[Command, ...], scope: Scope, out: Out) -> None:
        """See Values."""
        self.assign(name, commands, scope, out, ignored=True)

    def assign(self, name: str, commands: tuple[Command, ...], scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """Bind `name` to the output; the test of the last command's success where it can fail and is asked for."""
        if not commands:
            raise Beyond("a substitution without a command", Span(0, 0), scope.source)
        if len(commands) > 1:
            return self._assign_list(name, commands, scope, out, ignored=ignored)
        command = commands[0]
        if isinstance(command, Redirected):
            where = streams(command.redirections, scope)
            if where.out is not None or where.stdin is not None or where.here is not None:
                raise Beyond("a redirection of a compound command", command.span, scope.source)
            command, scope = command.command, self.redirected(scope, where)
        if isinstance(command, (Group, Subshell)) and len(command.body) == 1:
            command = command.body[0]
        if isinstance(command, AndOr):
            return self._with_fallback(name, command, scope, out, ignored=ignored)
        if isinstance(command, Simple):
            return self._assign_simple(name, command, scope, out, ignored=ignored)
        if isinstance(command, Pipe):
            return self._assign_pipe(name, command, scope, out, ignored=ignored)
        return self._assign_list(name, (command,), scope, out, ignored=ignored)

    def _assign_list(
        self, name: str, commands: tuple[Command, ...], scope: Scope, out: Out, *, ignored: bool
    ) -> Test | None:
        """Commands that print one value on each way through them, such as `$(A && echo yes || echo no)`."""
        span = Span(commands[0].span.start, commands[-1].span.end)
        handed_out = names_handed_out(functions_called(commands, scope.functions))
        changed = names_assigned(commands) | (handed_out & scope.used)
        first = commands[0].first if isinstance(commands[0], AndOr) else commands[0]
        for node in walk(commands):
            own = isinstance(node, Function) or (isinstance(node, Simple) and node.name in _OWN_SHELL)
            if changed or (own and not (node is first and isinstance(first, Simple) and first.name == "cd")):
                raise Beyond("a substitution that changes its own shell", span, scope.source)
        if not ignored and not ends_well(commands[-1]):
            raise Beyond("the status of several commands in a substitution", span, scope.source)
        inner = scope.same(captured=name, errexit=False, in_subshell=True)
        body = self.statements(commands, inner, tail=False)
        refuse_exits(body, span, scope)
        out.extend(self.printed_once(name, body, span, scope))
        return None

    def printed_once(self, name: str, body: list[Statement], span: Span, scope: Scope) -> list[Statement]:
        """Statements that bind `name` to what is printed: "" where a way through them prints nothing.

        Raises Beyond where one prints twice, since a name would keep the last text only.
        """
        least, most = prints(body, name)
        if most > 1:
            raise Beyond("several texts printed into one variable", span, scope.source)
        return [Set(Ref(name), Text(), span=span), *body] if not least else body

    def _with_fallback(self, name: str, command: AndOr, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """`cmd || echo value`, `cmd || true`."""
        operators = [operator for operator, _ in command.rest]
        fallback = command.rest[-1][1]
        if operators != ["||"] or not isinstance(fallback, Simple) or fallback.name not in FALLBACKS:
            return self._assign_list(name, (command,), scope, out, ignored=ignored)
        if fallback.name in ("true", ":"):
            self.assign(name, (command.first,), scope, out, ignored=True)
            return None
        if isinstance(command.first, Simple) and self.is_call(command.first, scope):
            return self._assign_list(name, (command,), scope, out, ignored=ignored)
        default = without_last_newlines(printed_text(self, fallback, scope, out))
        if never_fails(command.first) and not scope.pipefail:
            # The status of a pipeline is that of its last command: the fallback is never used.
            self.assign(name, (command.first,), scope, out, ignored=True)
            return None
        before = len(out)
        test = self.assign(name, (command.first,), scope, out, ignored=False)
        if test is None or len(out) == before:
            return None
        last = out[-1]
        if not isinstance(last, (Do, Set)):
            raise Beyond("a fallback for a call", command.span, scope.source)
        if not (isinstance(last, Do) and isinstance(last.effect, (KvGet, FileRead))):
            self._name_fallback(command, default)
        out[-1] = replace(last, clauses=replace(last.clauses, if_fails=default))
        return None

    def _name_fallback(self, command: AndOr, default: Text) -> None:
        """Bash adds the fallback to what a command printed before it failed; the logic takes it instead."""
        last = command.first.commands[-1] if isinstance(command.first, Pipe) else command.first
        if not default.parts or (isinstance(last, Simple) and finds_nothing(last)):
            return
        counts = isinstance(last, Simple) and last.name in GREPS and has_flag(last, "c")
        name = "count-fallback" if counts else "appended-fallback"
        what = "what failed has printed 0 already" if counts else "what failed may have printed something already"
        self.repair(name, command.span, f"{what}; the fallback takes its place")

    def _assign_simple(self, name: str, command: Simple, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        command = self.with_known_words(command, scope)
        where = streams(command.redirections, scope)
        tool = command.name
        if tool == "nats":
            argv = [self.literal(word, scope) for word in command.words]
            kv = understand(argv).kv
            if kv is not None and kv.verb is KvVerb.GET and not kv.raw:
                raise Beyond("nats kv get without --raw prints more than the value", command.span, scope.source)
            if kv is not None and kv.verb not in (KvVerb.GET, KvVerb.KEYS):
                raise Beyond(f"the output of nats kv {kv.verb.value}", command.span, scope.source)
            if where.err_included:
                raise Beyond("error text mixed into a value", command.span, scope.source)
            return self.nats(command, scope, out, ignored=ignored, name=name)
        if self.is_call(command, scope):
            if where.out is not None:
                raise Beyond("the output of a call that goes elsewhere", command.span, scope.source)
            before = len(out)
            result = self.inline_call(command, self.redirected(scope, where), out, ignored=ignored, name=name)
            if where.err_included and any(isinstance(node, Do) for node in walk_model(tuple(out[before:]))):
                raise Beyond("error text mixed into a value", command.span, scope.source)
            return None if result is False else result
        value = self.printed(command, scope, out, where)
        if value is not None:
            if isinstance(value, Text):
                value = captured_text(value, command.span, scope)
            if never_fails(command) and not isinstance(value, JqFilter):
                ignored = True
            return self._set(name, value, out, command.span, ignored=ignored)
        if where.stdin is not None and ignored and len(named := with_operands(command, scope)) > 1:
            return self._assign_pipe(name, Pipe(named, (False,), command.span), scope, out, ignored=ignored)
        return self.run((with_operand(command, scope),), scope, out, where, ignored=ignored, name=name)

    def _set(self, name: str, value: Value, out: Out, span: Span, *, ignored: bool) -> Test | None:
        fails = isinstance(value, (JqFilter, Through)) or not self.surely_json(value)
        fails = fails and not (isinstance(value, Through) and filters_anything(value.command))
        if fails and ignored and out and isinstance(out[-1], Do) and out[-1].clauses == Clauses(if_fails=NO_JSON):
            # Where nobody looks, nothing comes out of nothing.
            out[-1] = replace(out[-1], clauses=Clauses(if_fails=Text()))
        silent = Clauses(if_fails=Text()) if fails_in_silence(value) else Clauses(ignoring_failure=True)
        clauses = silent if fails and ignored else Clauses()
        out.append(Set(Ref(name), value, clauses, span))
        return OutcomeIs(Outcome.TRANSFORMATION_SUCCEEDS) if fails and not ignored else None

    @abstractmethod
    def surely_json(self, value: Value) -> bool:
        """Whether a JSON template cannot fail: each bare reference in it is known to be a number."""

    # --- values without effect ---

    def printed(self, command: Simple, scope: Scope, out: Out, where: Streams) -> Value | None:
        """What a command prints, as a value; None where it is no such command."""
        tool = command.name
        if tool in ("echo", "printf"):
            return simplest(printed_text(self, command, scope, out))
        if tool == "date":
            return self._date(command, scope)
        if tool == "cat":
            return self._cat(command, scope, out, where)
        if tool == "jq" and where.here is not None and writes_json_string(command.words) is not None:
            fed = replace(command, words=(Word((Literal("cat"),), command.span),))
            stages = (fed, replace(command, redirections=()))
            return self._json_string_of(stages, scope, out, where)
        if tool == "jq":
            return self.jq(command, scope, out, where, None)
        if tool in PURE_TOOLS and where.here is not None:
            argv = Argv(self.words(command.words, scope, out))
            return Through(self.here_text(where, scope, out), Pipeline((argv,)))
        if tool in ("grep", "head", "tail", "cut", "awk", "sed", "wc", "sort") and len(command.words) > 1:
            return self._filter_of_file(command, scope, out, where)
        return None

    def _filter_of_file(self, command: Simple, scope: Scope, out: Out, where: Streams) -> Value | None:
        """A filter of a promoted temp file."""
        last = where.stdin or command.words[-1]
        path = self.text(last, scope, out)
        if not self.is_temporary(path):
            return None
        words = command.words if where.stdin is not None else command.words[:-1]
        return self.filtered_file(path, [words], scope, out, command.span)

    def filtered_file(self, path: Text, filters: list[tuple[Word, ...]], scope: Scope, out: Out, span: Span) -> Value:
        """What filters take out of a promoted temp file. Raises Beyond."""
        file = self.temp_file(path)
        if file is None:
            raise Beyond(not_written(path), span, scope.source)
        argvs = [[self.literal(word, scope) or "" for word in words] for words in filters]
        if file.bucket is not None:
            return self.scraped_info(file.bucket, argvs, scope, span)
        if file.fields:
            name = _field_of(argvs)
            if name is None:
                raise Beyond(f"{path.literal} is read in a way that is not understood", span, scope.source)
            return Ref(file.fields[name]) if name in file.fields else Text()
        assert file.name is not None
        if not file.is_lines and any(_counts_newlines(words) for words in filters):
            raise Beyond(f"wc of {path.literal}, which may end without a newline", span, scope.source)
        return self._through(Ref(file.name), filters, scope, out)

    def scraped_info(self, bucket: Text, argvs: list[list[str]], scope: Scope, span: Span) -> Value:
        """What filters take out of the output of `nats kv info`."""
        found = scrape.scraped_from_info(bucket.literal or "B", argvs)
        if found == "history":
            return self.history_of(bucket)
        if found == "" and scrape.seeks_the_history(argvs):
            self.repair("scraped-output", span, "nats kv info never prints this label; the logic asks for the history")
            return self.history_of(bucket)
        if found == "":
            raise Beyond("a label that nats kv info never prints", span, scope.source)
        raise Beyond("text of nats kv info that is not understood", span, scope.source)

    @abstractmethod
    def history_of(self, bucket: Text) -> Value:
        """The name that takes the history of a bucket that was asked for above."""

    def in_block(self, text: Text) -> Text:
        """JSON stands in a tag of its own, where its quotes need no escapes."""
        start = text.parts[0] if text.parts else ""
        json_like = isinstance(start, str) and start.lstrip()[:1] in ("{", "[")
        return Text(text.parts, self.block("json_template")) if json_like else text

    def _date(self, command: Simple, scope: Scope) -> Value | None:
        words = [self.literal(word, scope) for word in command.words[1:]]
        utc = {"-u", "--utc"} & {word for word in words if word}
        rest = [word for word in words if word not in ("-u", "--utc")]
        form = rest[0] if len(rest) == 1 else None
        if not utc or form is None or not form.startswith("+") or re.search(r"\n|%[-^_#0]|%[Ns]", form):
            # The local time, or a layout of GNU date: the tool is asked.
            return None
        text = form[1:]
        return CurrentTime(None if text == "%Y-%m-%dT%H:%M:%SZ" else text)

    def here_text(self, where: Streams, scope: Scope, out: Out) -> Value:
        """A here-document or here-string as input, to which the machine adds a newline."""
        text = self.text(where.here, scope, out)
        last = text.parts[-1] if text.parts else ""
        if where.here_is_line or not isinstance(last, str):
            return simplest(text)
        return simplest(Text.of(*text.parts[:-1], last.removesuffix("\n")))

    def _cat(self, command: Simple, scope: Scope, out: Out, where: Streams) -> Value | None:
        if where.here is not None and len(command.words) == 1:
            text = self.text(where.here, scope, out)
            return simplest(self.in_block(without_last_newlines(text)))
        operand = command.words[1] if len(command.words) == 2 else where.stdin if len(command.words) == 1 else None
        if operand is None:
            return None
        path = self.text(operand, scope, out)
        if self.is_temporary(path):
            file = self.temp_file(path)
            if file is None:
                raise Beyond(not_written(path), command.span, scope.source)
            if file.name is None:
                raise Beyond("a temp file whose whole text is not one value", command.span, scope.source)
            return Ref(file.name)
        return None

    # --- pipelines ---

    def _assign_pipe(self, name: str, command: Pipe, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        stages = self.stages(command, scope)
        if not ignored:
            refuse_hidden_failures(stages, scope)
        fed = self.fed(stages, scope, out)
        if fed is not None:
            last, where = replace(stages[-1], redirections=()), streams(stages[-1].redirections, scope)
            return self.run((last,), scope, out, where, ignored=ignored, name=name, stdin=fed)
        value = self.piped(stages, scope, out, name)
        if value is None:
            where = of_pipeline(stages, scope)
            plain = tuple(replace(stage, redirections=()) for stage in stages)
            sure = never_fails(command)
            test = self.run(plain, scope, out, where, ignored=ignored and not sure, name=name)
            return None if sure else test
        return self._set(name, value, out, command.span, ignored=ignored)

    def fed(self, stages: tuple[Simple, ...], scope: Scope, out: Out) -> Value | None:
        """What a tool at the end of a pipeline reads, where that is a value; else None. Raises Beyond."""
        first, last = stages[0], stages[-1]
        if last.name in PURE_TOOLS or last.name in ("jq", "nats") or self.is_call(last, scope):
            return None
        value = self.piped(stages[:-1], scope, out, self.fresh("INPUT_TEXT"))
        if value is not None and without_newline(first):
            raise Beyond("a tool that sees whether its input ends in a newline", first.span, scope.source)
        return value

    def is_just_run(self, stages: tuple[Simple, ...], scope: Scope) -> bool:
        """Whether a pipeline is a RUN as it stands: nothing in it has a typed effect or a value of its own."""
        if any(stage.name in ("nats", "jq") or self.is_call(stage, scope) for stage in stages):
            return False
        scratch: Out = []
        first = stages[0]
        where = streams(first.redirections, scope)
        if mixes_errors_in(stages, scope):
            return False
        if where.here is not None or where.stdin is not None or self._file_of(first, scope, scratch, where) is not None:
            return False
        return self.printed(first, scope, scratch, where) is None and not scratch

    def stages(self, command: Pipe, scope: Scope) -> tuple[Simple, ...]:
        """The stages, all simple commands. Raises Beyond."""
        for stage in command.commands:
            if not isinstance(stage, Simple):
                raise Beyond("a compound command in a pipeline", stage.span, scope.source)
        if any(command.errors_too):
            raise Beyond("|&", command.span, scope.source)
        first, *others = (
            self.with_known_words(stage, scope) for stage in command.commands if isinstance(stage, Simple)
        )
        stdin = streams(first.redirections, scope).stdin
        if stdin is None or first.name in ("jq", "nats") or self.is_temporary(self.text(stdin, scope, [])):
            return (first, *others)
        return (*with_operands(first, scope), *others)

    def piped(self, stages: tuple[Simple, ...], scope: Scope, out: Out, name: str) -> Value | None:
        """The output of a pipeline as a value; None where its first command is just run."""
        first, filters = stages[0], stages[1:]
        where = streams(first.redirections, scope)
        if first.name == "nats":
            return self._piped_nats(first, filters, scope, out, name, where)
        if self.is_call(first, scope):
            raise Beyond("a call in a pipeline", first.span, scope.source)
        text = self._json_string_of(stages, scope, out, where)
        if text is not None:
            return text
        file = self._file_of(first, scope, out, where)
        if file is not None:
            path, own = file
            words = [*own, *(stage.words for stage in filters)]
            return self.filtered_file(path, words, scope, out, first.span)
        value = self.printed(first, scope, out, where)
        if value is None and mixes_errors_in(stages, scope):
            source = self.fresh(output_name(stages[:1]))
            self.run((replace(first, redirections=()),), scope, out, where, ignored=True, name=source)
            return self._through(Ref(source), [stage.words for stage in filters], scope, out)
        if value is None:
            return self._run_then_jq(stages, scope, out)
        if without_newline(first) and not all(stage.name in BY_LINE for stage in filters):
            raise Beyond("a filter that sees whether its input ends in a newline", first.span, scope.source)
        return self._through(value, [stage.words for stage in filters], scope, out)

    def _json_string_of(self, stages: tuple[Simple, ...], scope: Scope, out: Out, where: Streams) -> Value | None:
        """`echo "$X" | jq -Rs .`: a text, with the newline behind it, as a JSON string; None for all else."""
        slurps = writes_json_string(stages[-1].words) if len(stages) == 2 else None
        first = stages[0]
        if slurps is None:
            return None
        newline = slurps and not without_newline(first)
        if first.name in ("echo", "printf"):
            value: Value | None = self.printed(first, scope, out, where)
        elif first.name == "cat" and where.here is not None and len(first.words) == 1:
            value = self.here_text(where, scope, out)
        else:
            operand = where.stdin or (first.words[1] if first.name == "cat" and len(first.words) == 2 else None)
            path = self.text(operand, scope, out)
            file = self.temp_file(path) if operand is not None and self.is_temporary(path) else None
            value = Ref(file.name) if file is not None and file.name and file.is_lines else None
        if value is None:
            raise Beyond(
                f"jq {stages[-1].words[1].literal} of a text that may end in newlines", first.span, scope.source
            )
        if not slurps:
            self.one_line(value, first.span, "jq -R of a text of several lines")
        text = self.as_text(value, "text", out)
        return json_string(text, self.block("json_template"), newline=newline)

    def _run_then_jq(self, stages: tuple[Simple, ...], scope: Scope, out: Out) -> Value | None:
        """`cmd | filter | jq …`: what the commands before print, then jq as a filter of that text."""
        at = next((index for index, stage in enumerate(stages) if stage.name == "jq"), None)
        if at is None:
            return None
        source = self.fresh(output_name(stages[:1]))
        plain = tuple(replace(stage, redirections=()) for stage in stages[:at])
        self.run(plain, scope, out, of_pipeline(stages[:at], scope), ignored=True, name=source)
        return self._through(Ref(source), [stage.words for stage in stages[at:]], scope, out)

    def _file_of(
        self, first: Simple, scope: Scope, out: Out, where: Streams
    ) -> tuple[Text, list[tuple[Word, ...]]] | None:
        """The temp file that the first stage reads, and the filter that it is itself."""
        operand = where.stdin or (first.words[-1] if len(first.words) > 1 else None)
        if operand is None or first.name not in ("cat", "grep", "head", "tail", "cut", "awk", "sed", "egrep"):
            return None
        path = self.text(operand, scope, out)
        if not self.is_temporary(path):
            return None
        words = first.words if where.stdin is not None else first.words[:-1]
        return path, [] if first.name == "cat" else [words]

    def _piped_nats(
        self, first: Simple, filters: tuple[Simple, ...], scope: Scope, out: Out, name: str, where: Streams
    ) -> Value:
        argv = [self.literal(word, scope) for word in first.words]
        kv = understand(argv).kv
        literal = [[self.literal(word, scope) or "" for word in stage.words] for stage in filters]
        if kv is not None and kv.verb is KvVerb.GET and not kv.raw and len(kv.operands) == 2:
            if scrape.scraped_from_get(literal) != "revision":
                raise Beyond("text of nats kv get that is not understood", first.span, scope.source)
            bucket, key = (self.text(first.words[index], scope, out) for index in kv.operands)
            out.append(Do(KvGet(bucket, key, self.fresh("VALUE"), name), Clauses(if_fails=Text()), first.span))
            return Ref(name)
        if kv is not None and kv.verb is KvVerb.INFO and len(kv.operands) == 1:
            bucket = self.text(first.words[kv.operands[0]], scope, out)
            self.nats(first, scope, out, ignored=True)
            return self.scraped_info(bucket, literal, scope, first.span)
        source = self.fresh(f"{name}_SOURCE")
        self.nats(first, scope, out, ignored=True, name=source)
        return self._through(Ref(source), [stage.words for stage in filters], scope, out)

    def _through(self, value: Value, filters: list[tuple[Word, ...]], scope: Scope, out: Out) -> Value:
        for words in filters:
            tool = words[0].literal
            if tool == "jq":
                command = Simple((), words, (), (), words[0].span)
                value = self.jq(command, scope, out, Streams(), value)
            elif tool in PURE_TOOLS:
                argv = Argv(self.words(words, scope, out))
                if isinstance(value, Through):
                    value = Through(value.value, Pipeline((*value.command.commands, argv)))
                else:
                    value = Through(value, Pipeline((argv,)))
            else:
                command = Simple((), words, (), (), words[0].span)
                name = self.fresh(output_name((command,)))
                self.run((command,), scope, out, Streams(), ignored=True, name=name, stdin=value)
                value = Ref(name)
        return value


#: Builtins that act on the shell they run in, which for a substitution is one of its own.
_OWN_SHELL = frozenset({"exit", "return", "break", "continue", "cd", "export", "local", "declare", "set", "trap"})


def _counts_newlines(words: Sequence[Word]) -> bool:
    """Whether what a filter says depends on a newline at the end of its input."""
    return words[0].literal == "wc" and [word.literal for word in words[1:]] != ["-w"]


def _field_of(argvs: list[list[str]]) -> str | None:
    """The field that filters take out of lines `NAME=value`, tried out on samples; None where they do not."""
    match = next((m for argv in argvs for word in argv if (m := re.search(r"\^?([A-Za-z_]\w*)=", word))), None)
    if match is None:
        return None
    name = match[1]
    samples = (f"OTHER=1\n{name}=some value\nX_{name}_X=3\n", f"{name}=/a-b.c/7\nlast=2\n")
    wanted = ["some value", "/a-b.c/7"]
    return name if [scrape.evaluate(argvs, sample) for sample in samples] == wanted else None

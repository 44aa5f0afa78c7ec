"""Commands of bash as statements of the IR."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from peerlint.migrate.lower.conditions import Test, joined, negated
from peerlint.migrate.lower.folders import Folders, changes_folder, refuse_folder_change
from peerlint.migrate.lower.made_up import output_name
from peerlint.migrate.lower.messages import printed_text
from peerlint.migrate.lower.outputs import (
    FALLBACKS,
    finds_nothing,
    never_fails,
    prints_nothing,
    refuse_exits,
    refuse_hidden_failures,
)
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.simple import CAPTURED_CHATTER
from peerlint.migrate.lower.status import bind_status, kept_status, status_in_group, status_taken
from peerlint.migrate.lower.streams import Streams, of_pipeline, streams
from peerlint.migrate.lower.tidy import look_without_arms
from peerlint.migrate.lower.values import Out
from peerlint.migrate.lower.variables import functions_called, names_assigned, names_handed_out
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    Arm,
    Assignment,
    Case,
    Command,
    DoubleBracket,
    For,
    Function,
    Group,
    IfCommand,
    Literal,
    Loop,
    Negated,
    Pipe,
    Redirected,
    Simple,
    Subshell,
    Substitution,
    Unreadable,
    Word,
    of_kind,
)
from peerlint.process.bash.tree import walk as walk_tree
from peerlint.process.model import Argv as ArgumentList
from peerlint.process.model import (
    Branch,
    Equals,
    HasPart,
    If,
    IsJson,
    Matches,
    Not,
    Number,
    Part,
    Passes,
    Pipeline,
    Ref,
    Set,
    Statement,
    Text,
    Value,
    Verbatim,
)
from peerlint.records import replace
from peerlint.source.text import Span

#: How large an arm may be that stands twice because a condition needs two effects.
_SMALL_ARM = 4


class _NeedsNesting(Exception):
    """A later part of `&&` or `||` has an effect of its own."""


class Statements(Folders):
    """The whole translation of commands."""

    def statements(self, commands: Sequence[Command], scope: Scope, *, tail: bool) -> list[Statement]:
        """The commands in order; with `tail` the status of the last one is that of the script. Raises Beyond."""
        out: Out = []
        commands = tuple(commands)
        if scope.asks_for_status:
            commands = bind_status(commands, errexit=scope.errexit)
        for index, command in enumerate(commands):
            last = tail and index == len(commands) - 1
            try:
                if changes_folder(command):
                    self.in_folder(command, commands[index + 1 :], scope, out, tail=tail)
                    break
                refuse_folder_change(command, scope, followed=index < len(commands) - 1)
                variable = kept_status(command)
                if variable is not None:
                    self.keep_status(variable, command, scope, out)
                    continue
                taken = status_taken(command)
                if taken is not None:
                    self.take_status(*taken, scope, out)
                    continue
                handled = status_in_group(command) if not last else None
                if handled is not None:
                    self.handle_failure(*handled, scope, out)
                    continue
                self.statement(command, scope, out, tail=last)
            except Beyond as problem:
                # The innermost place that is known is the one to show.
                if problem.source is None:
                    raise Beyond(problem.reason, command.span, scope.source) from None
                raise
        return out

    def statement(self, command: Command, scope: Scope, out: Out, *, tail: bool) -> None:
        """Append one command."""
        command = self._from_either(command, scope)
        if isinstance(command, (IfCommand, AndOr, Case, For, Loop, Redirected, Function)):
            _refuse_flags(command, scope)
        match command:
            case IfCommand():
                self._if(command, scope, out, tail=tail)
            case AndOr():
                self._and_or(command, scope, out, tail=tail)
            case Negated():
                self._by_status(command, scope, out, tail=tail)
            case Group(body):
                out.extend(self.statements(body, scope, tail=tail))
            case Case():
                self._case(command, scope, out, tail=tail)
            case For():
                self.for_loop(command, scope, out, tail=tail)
            case Loop():
                self.while_loop(command, scope, out, tail=tail)
            case Function():
                pass
            case Redirected(Loop() as loop, redirections):
                self.while_loop(loop, scope, out, redirections, tail=tail)
            case Redirected(Group(body), redirections):
                self._redirected_group(body, streams(redirections, scope), scope, out, tail=tail)
            case Redirected((For() | IfCommand() | Case()) as inner, redirections):
                self._redirected(inner, streams(redirections, scope), scope, out, tail=tail)
            case Subshell(body):
                self._subshell(command, body, scope, out, tail=tail)
            case Unreadable(reason):
                raise Beyond(f"this cannot be read as bash: {reason}", command.span, scope.source)
            case Simple() | Pipe() | DoubleBracket() | ArithmeticCommand():
                self._by_status(command, scope, out, tail=tail)
            case _:
                raise Beyond(_words_of(command), command.span, scope.source)

    def _from_either(self, command: Command, scope: Scope) -> Command:
        """`X=$(a || b)` as `X=$(a) || X=$(b)`: X takes what b prints, and not what a printed before it failed."""
        sets = isinstance(command, Simple) and not command.words and len(command.assignments) == 1
        assignment = command.assignments[0] if isinstance(command, Simple) and sets else None
        if assignment is None or assignment.value is None or assignment.append:
            return command
        parts = assignment.value.parts
        inner = parts[0].commands if len(parts) == 1 and isinstance(parts[0], Substitution) else ()
        either = inner[0] if len(inner) == 1 else None
        if not isinstance(either, AndOr) or not self._are_tools(either, scope):
            return command
        fallback = isinstance(last := either.rest[-1][1], Simple) and last.name in FALLBACKS
        if len(either.rest) == 1 and fallback:
            return command
        ways = [either.first, *(part for _, part in either.rest)]
        if fallback:
            ways[-2:] = [AndOr(ways[-2], either.rest[-1:], either.span)]
        if not all(isinstance(last := _last_stage(way), Simple) and finds_nothing(last) for way in ways[:-1]):
            reason = "what failed may have printed something already; what the next command prints takes its place"
            self.repair("appended-fallback", either.span, reason)
        first, *others = (_setting(assignment, way) for way in ways)
        return AndOr(first, tuple(("||", each) for each in others), command.span)

    def _are_tools(self, either: AndOr, scope: Scope) -> bool:
        """Whether all that stands between `||` is a command or a pipeline that is run, and no call."""
        ways = [either.first, *(part for _, part in either.rest)]
        stages = [stage for way in ways for stage in (way.commands if isinstance(way, Pipe) else (way,))]
        plain = all(isinstance(each, Simple) and each.words and not self.is_call(each, scope) for each in stages)
        return plain and all(operator == "||" for operator, _ in either.rest)

    def _by_status(self, command: Command, scope: Scope, out: Out, *, tail: bool) -> None:
        """A command whose failure ends the script (at its end, under `set -e`) or nothing."""
        matters = tail or (scope.errexit and not isinstance(command, Negated))
        self.at_end = tail and isinstance(command, Simple)
        test = self.attempt(command, scope, out, ignored=not matters)
        self.at_end = False
        if matters and test is not None:
            self.end_where_it_fails(test, scope, out, command.span)

    def _subshell(self, command: Command, body: tuple[Command, ...], scope: Scope, out: Out, *, tail: bool) -> None:
        """`( … )`: as if it stood there, where it changes nothing but the folder."""
        changed = names_assigned(body) | names_handed_out(functions_called(body, scope.functions))
        ends = any(isinstance(node, Simple) and node.name in _ENDS_A_SHELL for node in walk_tree(body))
        if changed or ends:
            raise Beyond("a subshell with variables or an exit of its own", command.span, scope.source)
        made = self.statements(body, scope.same(in_subshell=True), tail=tail)
        if any(isinstance(node, Simple) and node.name in scope.functions for node in walk_tree(body)):
            refuse_exits(made, command.span, scope)
        out.extend(made)

    # --- tests ---

    def test(self, commands: Sequence[Command], scope: Scope, out: Out) -> Test:
        """The status of a list as a condition; what must run before is appended. `set -e` does not hold in it."""
        scope = scope.same(errexit=False)
        *before, last = bind_status(tuple(commands))
        for command in before:
            self.statement(command, scope, out, tail=False)
        return self.condition(last, scope, out)

    def condition(self, command: Command, scope: Scope, out: Out) -> Test:
        """The status of one command as a condition."""
        scope = scope.same(errexit=False)
        command = self._from_either(command, scope)
        match command:
            case Negated(inner):
                return negated(self.condition(inner, scope, out))
            case AndOr(first, rest):
                operators = {operator for operator, _ in rest}
                if len(operators) > 1:
                    raise Beyond("&& and || in one condition", command.span, scope.source)
                tests = [self.condition(first, scope, out)]
                for _, part in rest:
                    more: Out = []
                    tests.append(self.condition(part, scope, more))
                    if more:
                        raise _NeedsNesting
                whole = joined(tests, every=operators == {"&&"})
                if isinstance(whole, bool) and not isinstance(tests[0], bool):
                    # What comes of the effect is known without it.
                    look_without_arms(tests[0], out)
                return whole
            case Group(body) if len(body) == 1:
                return self.condition(body[0], scope, out)
            case Redirected(inner, redirections):
                return self.condition(inner, self.redirected(scope, streams(redirections, scope)), out)
            case _:
                test = self.attempt(command, scope, out, ignored=False)
                return True if test is None else test

    def attempt(self, command: Command, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """Append a command; the test of its success where it can fail and somebody asks."""
        match command:
            case Simple():
                return self.simple(command, scope, out, ignored=ignored)
            case DoubleBracket():
                return self.double_bracket(command, scope, out)
            case ArithmeticCommand(expression):
                return self._arithmetic_test(expression, scope, out, command.span)
            case Pipe():
                return self._pipe(command, scope, out, ignored=ignored)
            case Negated() | AndOr():
                return self.condition(command, scope, out)
            case _:
                raise Beyond(f"{_words_of(command)} as a condition", command.span, scope.source)

    def _arithmetic_test(self, expression: str, scope: Scope, out: Out, span: Span) -> Test | None:
        match = re.fullmatch(r"(.+?)\s*(==|!=|>=|<=|>|<)\s*(.+)", expression)
        if match:
            operator = {"==": "-eq", "!=": "-ne", ">": "-gt", ">=": "-ge", "<": "-lt", "<=": "-le"}[match[2]]
            left, right = (self.arithmetic(side, scope, span) for side in (match[1], match[3]))
            return self.compared(operator, left, right)
        step = re.fullmatch(r"(\w+)(\+\+|--)|(?:\+\+|--)(\w+)|(\w+)\s*([-+])=\s*(\w+)", expression)
        if step:
            name = step[1] or step[3] or step[4]
            sign = step[5] or ("+" if "++" in expression else "-")
            value = self.arithmetic(f"{name} {sign} {step[6] or 1}", scope, span)
            changed = Ref(scope.name_of(name))
            out.append(Set(changed, value, span=span))
            # It fails where its value is 0, which for `N++` is that of N before.
            return Not(Equals(changed, Number((1 if sign == "+" else -1) if step[1] else 0)))
        raise Beyond(f"(({expression})) is not translated", span, scope.source)

    def _pipe(self, command: Pipe, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """A pipeline whose status or output counts, not its value."""
        loop = command.commands[-1]
        if isinstance(loop, Loop):
            return self.piped_loop(command, loop, scope, out, ignored=ignored)
        stages = self.stages(command, scope)
        if not ignored:
            refuse_hidden_failures(stages, scope)
        where = streams(stages[-1].redirections, scope)
        probe = self._probe(stages, scope, out, where)
        if probe is not None:
            return probe
        if stages[-1].name == "nats":
            if where.file is not None:
                raise Beyond("the output of nats in a file", command.span, scope.source)
            if scope.captured and not where.out_hidden:
                raise Beyond(CAPTURED_CHATTER, command.span, scope.source)
            scratch = f"{scope.name_of('value')}"
            value = self.piped(stages[:-1], scope, out, self.fresh(scratch))
            if value is None:
                raise Beyond("a pipeline into nats", command.span, scope.source)
            return self.nats(stages[-1], scope, out, ignored=ignored, stdin=value)
        if (
            where.file is None
            and (not scope.captured or prints_nothing(stages[-1]))
            and self.is_just_run(stages, scope)
        ):
            plain = tuple(replace(stage, redirections=()) for stage in stages)
            # What cannot fail needs no word on its failure.
            test = self.run(plain, scope, out, of_pipeline(stages, scope), ignored=ignored and not never_fails(command))
            return None if ignored else test
        fed = self.fed(stages, scope, out) if where.file is None and not scope.captured else None
        if fed is not None:
            last = replace(stages[-1], redirections=())
            return self.run((last,), scope, out, where, ignored=ignored, stdin=fed)
        name = self.fresh(output_name((command,)))
        test = self.assign(name, (replace(command, commands=_quiet_tail(stages)),), scope, out, ignored=ignored)
        return self.hand_on(name, test, where, scope, out, command.span)

    def _probe(self, stages: tuple[Simple, ...], scope: Scope, out: Out, where: Streams) -> Test | None:
        """`echo "$X" | grep -q …`, `echo "$X" | jq empty`: a test of a value."""
        first, last = stages[0], stages[-1]
        if first.name not in ("echo", "printf") or len(stages) != 2:
            return None
        words = last.words[1:]
        literal = [self.literal(word, scope) for word in words]
        value = self.printed(first, scope, out, Streams())
        if value is None:
            return None
        if (
            last.name == "jq"
            and (where.out_hidden or literal[-1:] == ["empty"])
            and literal
            in (
                ["empty"],
                ["."],
                ["-e", "."],
                ["-e", "empty"],
            )
        ):
            return (
                IsJson(value)
                if literal != ["-e", "."]
                else Passes(value, Pipeline((ArgumentList((Text.of("jq"), Text.of("-e"), Text.of("."))),)))
            )
        quiet = where.out_hidden or any(word and re.fullmatch(r"-[a-zA-Z]*q[a-zA-Z]*", word) for word in literal)
        if last.name in ("grep", "egrep", "fgrep") and quiet:
            return self._grep(literal, last, value, scope, out)
        return None

    def _grep(self, literal: list[str | None], command: Simple, value: Value, scope: Scope, out: Out) -> Test:
        words = [word for word in literal if word is not None]
        flags = "".join(word[1:] for word in words if re.fullmatch(r"-[a-zA-Z]+", word))
        patterns = [word for word in words if not word.startswith("-")] if None not in literal else []
        if command.name == "egrep":
            flags += "E"
        if len(patterns) == 1 and patterns[0] and not set(flags) - set("qEF"):
            pattern = patterns[0]
            if "F" in flags or not re.search(r"[.\[\]*^$\\+?(){}|]", pattern):
                return HasPart(Part.CONTAINS, value, Text.of(pattern))
            if "E" in flags and "'" not in pattern:
                return Matches(value, Verbatim(pattern))
        return Passes(value, Pipeline((ArgumentList(self.arguments(command.words, scope, out)),)))

    # --- compound commands ---

    def _if(self, command: IfCommand, scope: Scope, out: Out, *, tail: bool) -> None:
        first, *rest = command.arms
        others: Callable[[], list[Statement]]
        if rest:
            below = IfCommand(tuple(rest), command.otherwise, rest[0].span)

            def others() -> list[Statement]:
                return self.statements((below,), scope, tail=tail)
        else:

            def others() -> list[Statement]:
                return self.statements(command.otherwise or (), scope, tail=tail)

        def body() -> list[Statement]:
            return self.statements(first.body, scope, tail=tail)

        if self.call_as_condition(first.condition, body, others, scope.same(errexit=False), out):
            return
        before = len(out)
        try:
            test = self.test(first.condition, scope, out)
        except _NeedsNesting:
            del out[before:]
            self._nested(command, scope, out, tail=tail)
            return
        self.choose(test, body, others, out, first.span)

    def _nested(self, command: IfCommand, scope: Scope, out: Out, *, tail: bool) -> None:
        """`if A && B` where both have effects: two conditions, the other arm twice where it is small."""
        first, *rest = command.arms
        condition = self._from_either(first.condition[-1], scope)
        negative = isinstance(condition, Negated)
        inner = condition.command if isinstance(condition, Negated) else condition
        if isinstance(inner, Group) and len(inner.body) == 1:
            inner = inner.body[0]
        if not isinstance(inner, AndOr) or len(first.condition) > 1:
            raise Beyond("several effects in one condition", first.span, scope.source)
        other: tuple[Command, ...] = (
            (IfCommand(tuple(rest), command.otherwise, rest[0].span),) if rest else command.otherwise or ()
        )
        yes, no = (other, first.body) if negative else (first.body, other)
        operator, last = inner.rest[-1]
        head: Command = AndOr(inner.first, inner.rest[:-1], inner.span) if len(inner.rest) > 1 else inner.first
        twice = no if operator == "&&" else yes
        if len(twice) > _SMALL_ARM:
            raise Beyond("several effects in one condition", first.span, scope.source)
        deeper = IfCommand((Arm((last,), yes, first.span),), no, first.span)
        if operator == "&&":
            outer = IfCommand((Arm((head,), (deeper,), first.span),), no, first.span)
        else:
            outer = IfCommand((Arm((head,), yes, first.span),), (deeper,), first.span)
        self._if(outer, scope, out, tail=tail)

    def choose(
        self,
        test: Test,
        body: Callable[[], list[Statement]],
        others: Callable[[], list[Statement]],
        out: Out,
        span: Span,
    ) -> None:
        """Append an IF; arms that cannot be taken are left out."""
        if isinstance(test, bool):
            out.extend(body() if test else others())
            return
        then, other = tuple(body()), tuple(others())
        if not then and not other:
            look_without_arms(test, out)
            return
        if not then:
            turned = negated(test)
            assert not isinstance(turned, bool)
            test, then, other = turned, other, ()
        out.append(If((Branch(test, then, span),), other or None, span))

    def _and_or(self, command: AndOr, scope: Scope, out: Out, *, tail: bool) -> None:
        *before, (operator, last) = command.rest
        head: Command = AndOr(command.first, tuple(before), command.span) if before else command.first
        if operator == "||" and before and before[-1][0] == "&&" and _cannot_fail(before[-1][1]):
            # `A && echo ok || B`: B runs just where A fails.
            first: Command = AndOr(command.first, tuple(before[:-1]), command.span) if before[:-1] else command.first
            self._if(
                IfCommand((Arm((first,), (before[-1][1],), command.span),), (last,), command.span),
                scope,
                out,
                tail=tail,
            )
            return
        if operator == "||":
            if isinstance(last, Simple) and last.name in ("true", ":"):
                self.statement(head, scope.same(errexit=False), out, tail=False)
                return
            self._if(
                IfCommand((Arm((Negated(head, head.span),), (last,), command.span),), None, command.span),
                scope,
                out,
                tail=tail,
            )
            return
        otherwise: tuple[Command, ...] | None = (_failure(command.span),) if tail else None
        self._if(IfCommand((Arm((head,), (last,), command.span),), otherwise, command.span), scope, out, tail=tail)

    def _case(self, command: Case, scope: Scope, out: Out, *, tail: bool) -> None:
        tests = self.case_tests(command, scope, out)

        def arm(index: int) -> list[Statement]:
            if index == len(tests):
                return []
            made: list[Statement] = []
            test, chosen = tests[index]
            self.choose(
                test,
                lambda: self.statements(chosen.body, scope, tail=tail),
                lambda: arm(index + 1),
                made,
                chosen.span,
            )
            return made

        out.extend(arm(0))

    def _redirected(self, inner: Command, where: Streams, scope: Scope, out: Out, *, tail: bool) -> None:
        """`for … done 2>/dev/null`, `if … fi >&2`: what all that stands inside shows goes elsewhere."""
        if where.file is not None or where.stdin is not None or where.here is not None:
            raise Beyond("a loop or condition whose input or output is a file", inner.span, scope.source)
        self.statement(inner, self.redirected(scope, where), out, tail=tail)

    def _redirected_group(
        self, body: tuple[Command, ...], where: Streams, scope: Scope, out: Out, *, tail: bool
    ) -> None:
        if where.file is None:
            out.extend(self.statements(body, self.redirected(scope, where), tail=tail))
            return
        lines: list[str | Ref] = []
        for command in body:
            if not isinstance(command, Simple) or command.name not in ("echo", "printf") or command.redirections:
                raise Beyond("several commands that write one file", command.span, scope.source)
            if lines:
                lines.append("\n")
            lines.extend(printed_text(self, command, scope, out, line=True).parts)
        span = Span(body[0].span.start, body[-1].span.end)
        self.write_file(where, Text.of(*lines), scope, out, span, ignored=True)


def _setting(assignment: Assignment, command: Command) -> Simple:
    """`name=$(command)`."""
    word = Word((Substitution((command,), True, command.span),), command.span)
    return Simple((replace(assignment, value=word),), (), (), (), command.span)


def _last_stage(command: Command) -> Command:
    return command.commands[-1] if isinstance(command, Pipe) else command


_ENDS_A_SHELL = frozenset({"exit", "return", "break", "continue", "export", "local", "declare", "trap", "set"})


def _refuse_flags(command: Command, scope: Scope) -> None:
    """Raises Beyond where a flag of the shell is set on some of the ways through a command only."""
    for node in of_kind(command, Simple) if "set" in scope.commands else ():
        if node.name == "set":
            raise Beyond("set on some ways through a script only", node.span, scope.source)


def _failure(span: Span) -> Simple:
    """A command that just fails: what `A && B` gives where A is false."""
    return Simple((), (Word((Literal("false"),), span),), (), (), span)


def _cannot_fail(command: Command) -> bool:
    return isinstance(command, Simple) and command.name in ("echo", "printf", "true", ":")


def _quiet_tail(stages: tuple[Simple, ...]) -> tuple[Command, ...]:
    last = stages[-1]
    kept = tuple(r for r in last.redirections if r.descriptor == 2)
    return (*stages[:-1], replace(last, redirections=kept))


def _words_of(command: Command) -> str:
    return {
        "Background": "a background job",
        "CountingFor": "a counting loop",
        "Subshell": "a subshell",
        "Redirected": "a redirection of a compound command",
    }.get(type(command).__name__, "a compound command")

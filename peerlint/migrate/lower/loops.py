"""Loops: over words, lists, files and lines, and bounded tries."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.arguments import arms_chosen, lower_argument_loop, over_arguments, with_argument
from peerlint.migrate.lower.conditions import Test
from peerlint.migrate.lower.flow import settle
from peerlint.migrate.lower.last_status import never_fails, with_status
from peerlint.migrate.lower.made_up import list_name
from peerlint.migrate.lower.names import last_binding
from peerlint.migrate.lower.reading import (
    EMPTY_LINES,
    LOST_WITH_THE_LOOP,
    OF_A_FILE,
    Reading,
    feeding,
    has_no_empty_line,
    pipeline_of,
    prints_paths,
    programs_for,
    reading_of,
    refuse_part_lines,
    skips_empty,
    stages_of,
    why_not_read,
    without_empty_lines,
)
from peerlint.migrate.lower.scope import Beyond, Scope, not_written
from peerlint.migrate.lower.simple import SimpleCommands
from peerlint.migrate.lower.streams import Streams, streams
from peerlint.migrate.lower.values import Out, simplest
from peerlint.migrate.lower.variables import functions_called, names_assigned, names_handed_out, names_read
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    ArithmeticExpansion,
    Assignment,
    Brace,
    Case,
    CaseArm,
    Command,
    DoubleBracket,
    For,
    Glob,
    Group,
    IfCommand,
    Loop,
    Negated,
    Parameter,
    Pipe,
    Redirected,
    Redirection,
    Simple,
    Subshell,
    Substitution,
    Word,
    walk,
)
from peerlint.process.model import (
    Arithmetic,
    Clauses,
    Cut,
    Do,
    Duration,
    Equals,
    FileRead,
    FilesMatching,
    ForEach,
    If,
    KeysOf,
    KvKeys,
    Listing,
    Number,
    PartsOf,
    Ref,
    Repeat,
    Set,
    Statement,
    Text,
    Through,
    TimeUnit,
    Value,
    Values,
)
from peerlint.records import replace
from peerlint.source.text import Span

_UNITS = {"": TimeUnit.SECOND, "s": TimeUnit.SECOND, "m": TimeUnit.MINUTE, "h": TimeUnit.HOUR}
#: More tries than this are no retry.
_MOST_TRIES = 1000
#: More numbers than this are no list that anybody wants to read.
_MOST_LISTED = 12


class Loops(SimpleCommands):
    """Translates loops."""

    def for_loop(self, command: For, scope: Scope, out: Out, *, tail: bool) -> None:
        """`for name in …`. Raises Beyond."""
        if over_arguments(command) and scope.positional is not None:
            self._over_known(command, scope.positional, scope, out, tail=tail)
            return
        if lower_argument_loop(self, command, scope, out):
            return
        if command.words is None:
            raise Beyond("a loop over all arguments", command.span, scope.source)
        times = _times(command)
        if not command.words:
            return
        if times is not None and command.name not in scope.behind_loops:
            turn, status = self._keeping_status(command.body, scope, out, command.span, tail=tail)
            body, pause = _without_pause(turn)
            out.append(Repeat(times, self._body_of_loop(body, scope), pause, None, command.span))
            self._end_with(status, scope, out, command.span)
            return
        numbers = _numbers(command)
        if numbers is not None and len(numbers) > _MOST_LISTED:
            self._counted(command, numbers, scope, out, tail=tail)
            return
        listing = self._listing(command, command.words, scope, out)
        self._each(scope.name_of(command.name), listing, command.body, scope, out, command.span, tail=tail)

    def _over_known(self, command: For, arguments: Sequence[Text], scope: Scope, out: Out, *, tail: bool) -> None:
        """`for x in "$@"` in a function or script whose call says what its arguments are. Raises Beyond."""
        if command.words is not None and not getattr(command.words[0].parts[0], "quoted", False):
            raise Beyond("a loop over $@ without quotes, which splits the arguments", command.span, scope.source)
        if arguments:
            chosen = arms_chosen(command, arguments)
            if chosen is not None:
                self._known_arms(command, chosen, scope, out, tail=tail)
                return
            listing = Values(tuple(arguments))
            self._each(scope.name_of(command.name), listing, command.body, scope, out, command.span, tail=tail)

    def _known_arms(
        self, command: For, chosen: Sequence[tuple[Text, CaseArm | None]], scope: Scope, out: Out, *, tail: bool
    ) -> None:
        """What the arms do that known arguments choose, one after the other."""
        name = Ref(scope.name_of(command.name))
        for at, (argument, arm) in enumerate(chosen, 1):
            body = with_argument(arm.body, command.name, argument.literal or "") if arm is not None else ()
            if command.name in names_read(body) or (at == len(chosen) and command.name in scope.behind_loops):
                out.append(Set(name, argument, span=command.span))
            out.extend(self.statements(body, scope, tail=tail and at == len(chosen)))

    def _counted(self, command: For, numbers: range, scope: Scope, out: Out, *, tail: bool) -> None:
        """`for i in {1..100}`: a count that grows in each try, since nobody wants to read so many numbers."""
        if command.name in names_assigned(command.body):
            raise Beyond("a loop over numbers that changes its own number", command.span, scope.source)
        name = Ref(scope.name_of(command.name))
        self.step.numeric.add(name.name)
        body, status = self._keeping_status(command.body, scope, out, command.span, tail=tail)
        out.append(Set(name, Text.of(str(numbers[0] - 1)), span=command.span))
        turn = (Set(name, Arithmetic("+", (name, Number(1))), span=command.span), *self._body_of_loop(body, scope))
        out.append(Repeat(len(numbers), turn, None, None, command.span))
        self._end_with(status, scope, out, command.span)

    def _each(
        self, name: str, listing: Listing, body: Sequence[Command], scope: Scope, out: Out, span: Span, *, tail: bool
    ) -> None:
        if not body:
            raise Beyond("a loop that does nothing", span, scope.source)
        body, status = self._keeping_status(body, scope, out, span, tail=tail)
        out.append(ForEach(name, listing, self._body_of_loop(body, scope), span))
        self._end_with(status, scope, out, span)

    def _keeping_status(
        self, body: Sequence[Command], scope: Scope, out: Out, span: Span, *, tail: bool
    ) -> tuple[tuple[Command, ...], str | None]:
        """The body, and the name that takes its status where a loop at the end may give that to the script."""
        if tail and self._ends_in_a_call(body, scope):
            raise Beyond("a loop at the end, whose last call decides the exit status", span, scope.source)
        if not tail or not _may_fail(body[-1:], errexit=scope.errexit):
            return tuple(body), None
        name = self.fresh("LAST_STATUS")
        scope.names[name] = name
        self.step.numeric.add(name)
        out.append(Set(Ref(name), Text.of("0"), span=span))
        return with_status(body, name), name

    def _end_with(self, status: str | None, scope: Scope, out: Out, span: Span) -> None:
        """Behind a loop: the script ends where the status of its last turn is a failure."""
        if status is not None:
            self.end_where_it_fails(Equals(Ref(status), Number(0)), scope, out, span)

    def _ends_in_a_call(self, body: Sequence[Command], scope: Scope) -> bool:
        """Whether the last command of a body may be a call that ends with a code of its own."""
        last = body[-1] if body else None
        match last:
            case Simple():
                return self.is_call(last, scope)
            case Redirected(inner, _) | Negated(inner):
                return self._ends_in_a_call((inner,), scope)
            case AndOr(first, rest):
                return any(self._ends_in_a_call((part,), scope) for part in (first, *(part for _, part in rest)))
            case IfCommand(arms, otherwise):
                bodies = [*(arm.body for arm in arms), otherwise or ()]
                return any(self._ends_in_a_call(inner, scope) for inner in bodies)
            case Case():
                return any(self._ends_in_a_call(arm.body, scope) for arm in last.arms)
            case Group(inner_body) | Subshell(inner_body):
                return self._ends_in_a_call(inner_body, scope)
            case _:
                return False

    def _body_of_loop(self, body: Sequence[Command], scope: Scope) -> tuple[Statement, ...]:
        """The statements of a body, in which `continue` has become structure."""
        turn = scope.turn()
        return settle(self.statements(body, turn, tail=False), turn.loop or 0, lambda leave: ())

    def _listing(self, command: For, words: tuple[Word, ...], scope: Scope, out: Out) -> Listing:
        if len(words) == 1:
            word = words[0]
            if any(isinstance(part, Glob) for part in word.parts):
                return self._files(command, word, scope, out)
            numbers = _numbers(command)
            if numbers is not None:
                return Values(tuple(Text.of(str(number)) for number in numbers))
            part = word.parts[0] if len(word.parts) == 1 else None
            if isinstance(part, Substitution) and not part.quoted:
                return self._words_of_output(part, list_name(scope.name_of(command.name)), scope, out)
            if isinstance(part, Parameter) and not part.quoted and not part.operator:
                return PartsOf(Cut.WORDS, self.parameter(part, scope, out))
            if isinstance(part, Parameter) and part.operator == "[]" and part.name in scope.lists:
                return PartsOf(Cut.LINES, Ref(scope.name_of(part.name)))
            elements = self.elements_of(part, scope)
            if elements is not None:
                words = elements
        return Values(tuple(simplest(self.text(word, scope, out, splits=True)) for word in words))

    def _words_of_output(self, part: Substitution, name: str, scope: Scope, out: Out) -> Listing:
        name = self.fresh(name)
        before = len(out)
        self.capture(name, part.commands, scope, out)
        last = out[-1]
        alone = len(out) == before + 1 and isinstance(last, Do) and isinstance(last.effect, KvKeys)
        if alone and isinstance(last, Do) and isinstance(last.effect, KvKeys) and last.clauses.if_fails is None:
            out.pop()
            return KeysOf(last.effect.bucket)
        return PartsOf(Cut.WORDS, Ref(name))

    def _files(self, command: For, word: Word, scope: Scope, out: Out) -> Listing:
        """`for f in *.md`: bash runs the body once with the pattern itself where no file matches."""
        pattern = self.file_pattern(word, scope, out)
        if command.name in scope.behind_loops:
            raise Beyond("the variable of a loop over files, behind it", word.span, scope.source)
        if self.is_temporary(pattern):
            raise Beyond("a loop over temp files", word.span, scope.source)
        if not _asks_whether_there(command):
            reason = "where no file matches the script runs once with the pattern; the logic does not run"
            self.repair("unmatched-glob", word.span, reason)
        return FilesMatching(pattern)

    # --- loops with a condition ---

    def while_loop(
        self, command: Loop, scope: Scope, out: Out, redirections: tuple[Redirection, ...] = (), *, tail: bool
    ) -> None:
        """Bounded tries, and `while read` over lines of which none is empty. Raises Beyond for all others."""
        feed = feeding(redirections)
        read = reading_of(command, tidy=feed is not None and prints_paths(stages_of(feed)))
        if read is not None:
            self._lines(command, read, scope, out, redirections, tail=tail)
        elif redirections or not self._tries(command, scope, out, tail=tail):
            raise Beyond(why_not_read(command), command.span, scope.source)

    def _lines(
        self, command: Loop, read: Reading, scope: Scope, out: Out, redirections: tuple[Redirection, ...], *, tail: bool
    ) -> None:
        """`while IFS= read -r name; do … done <<< "$X"`; FOR EACH leaves empty lines out, so must the body."""
        where = streams(redirections, scope)
        if where.file is not None or where.out_hidden or (where.here is None and where.stdin is None):
            raise Beyond("a loop that reads its lines from elsewhere", command.span, scope.source)
        behind = scope.behind_loops.intersection(read.names)
        if behind and _leaves(command.body):
            raise Beyond("the variable of a loop that is left, behind it", command.span, scope.source)
        skips = skips_empty(command.body, read)
        feed = feeding(redirections)
        if feed is not None:
            lines, text = self._lines_fed(feed, read, scope, out, skips=skips), None
        else:
            lines, text = self._lines_read(command, read, where, scope, out, skips=skips, matters=tail or scope.errexit)
        scope = self.redirected(scope, replace(where, stdin=None, here=None))
        body = command.body[skips and read.takes_whole_lines :]
        self._each_line(read, PartsOf(Cut.LINES, lines), text, body, scope, out, command.span, tail=tail)
        for name in sorted(behind):
            # The loop ends since the last `read` finds nothing.
            out.append(Set(Ref(scope.name_of(name)), Text(), span=command.span))

    def _lines_fed(self, feed: Command, read: Reading, scope: Scope, out: Out, *, skips: bool) -> Value:
        """What a command prints for a loop, whose status nobody sees. Raises Beyond."""
        stages = stages_of(feed)
        refuse_part_lines(stages, read, scope)
        if not without_empty_lines(stages) and not skips:
            raise Beyond(EMPTY_LINES, feed.span, scope.source)
        source = self.fresh(list_name(scope.name_of(read.names[0])))
        self.assign(source, (feed,), scope, out, ignored=True)
        return Ref(source)

    def _lines_read(
        self, command: Loop, read: Reading, where: Streams, scope: Scope, out: Out, *, skips: bool, matters: bool
    ) -> tuple[Value, Text | None]:
        """The text that a loop reads, and as far as it is known what that is. Raises Beyond."""
        if where.here is not None:
            value = self.value(where.here, scope, out) if where.here_is_line else self.here_text(where, scope, out)
            text = value if isinstance(value, Text) else None
        else:
            path = self.text(where.stdin, scope, out)
            file = self.temp_file(path) if self.is_temporary(path) else None
            if file is not None and file.name is not None and file.is_lines:
                value, text = Ref(file.name), _text_of(file.name, out)
            elif self.is_temporary(path):
                no_text = f"{path.literal or 'a temp file'} is no text as a whole"
                raise Beyond(not_written(path) if file is None else no_text, command.span, scope.source)
            elif not read.takes_the_rest or not skips or matters:
                raise Beyond(OF_A_FILE, command.span, scope.source)
            else:
                value, text = Ref(self.fresh(list_name(scope.name_of(read.names[0])))), None
                out.append(Do(FileRead(path, value.name), Clauses(if_fails=Text()), command.span))
        if not skips and not has_no_empty_line(text):
            raise Beyond(EMPTY_LINES, command.span, scope.source)
        for part in text.parts if text is not None and not skips else ():
            if isinstance(part, Ref):
                self.one_line(part, command.span, EMPTY_LINES)
        return value, text

    def _each_line(
        self,
        read: Reading,
        listing: PartsOf,
        text: Text | None,
        body: Sequence[Command],
        scope: Scope,
        out: Out,
        span: Span,
        *,
        tail: bool,
    ) -> None:
        """FOR EACH line; where `read` has several names the line is cut up for them first."""
        if read.takes_whole_lines:
            self._each(scope.name_of(read.names[0]), listing, body, scope, out, span, tail=tail)
            return
        # It is cut up before anything else runs, so one name serves all such loops, also one within another.
        self.step.line_name = self.step.line_name or self.fresh("LINE")
        line = Ref(self.step.line_name)
        turn, status = self._keeping_status(body, scope, out, span, tail=tail)
        fields = [(name, program) for name, program in programs_for(read, text) if name != "_"]
        cut = tuple(
            Set(Ref(scope.name_of(name)), Through(line, pipeline_of(program)), span=span) for name, program in fields
        )
        out.append(ForEach(line.name, listing, (*cut, *self._body_of_loop(turn, scope)), span))
        self._end_with(status, scope, out, span)

    def piped_loop(self, command: Pipe, loop: Loop, scope: Scope, out: Out, *, ignored: bool) -> Test | None:
        """`… | while read -r name`: the body runs in a shell of its own, whose variables nobody may need."""
        read = reading_of(loop, tidy=prints_paths(command.commands[:-1]))
        if read is None:
            raise Beyond(why_not_read(loop), loop.span, scope.source)
        handed_out = names_handed_out(functions_called(loop.body, scope.functions))
        changes = (names_assigned(loop.body) - scope.never_missed) | handed_out
        ends = [n for n in walk(loop.body) if isinstance(n, Simple) and n.name in ("exit", "return", "break", "cd")]
        if changes or ends or scope.behind_loops.intersection(read.names):
            raise Beyond(LOST_WITH_THE_LOOP, loop.span, scope.source)
        before = command.commands[:-1]
        skips = skips_empty(loop.body, read)
        feed = before[0] if len(before) == 1 else replace(command, commands=before, errors_too=command.errors_too[:-1])
        listing = PartsOf(Cut.LINES, self._lines_fed(feed, read, scope, out, skips=skips))
        body = loop.body[skips and read.takes_whole_lines :]
        self._each_line(read, listing, None, body, scope, out, loop.span, tail=not ignored)
        return None

    def _tries(self, command: Loop, scope: Scope, out: Out, *, tail: bool) -> bool:
        """`while [ $N -lt 5 ]` with N counted up once a turn: REPEAT up to 5 times."""
        bound = _bound(command)
        if bound is None:
            return False
        variable, operator, limit_word = bound
        name = scope.name_of(variable)
        limit = self.literal(limit_word, scope)
        start = _start(out, name)
        steps = [body for body in command.body if _counts_up(body, variable)]
        changes = sum(1 for node in walk(command.body) if _changes(node, variable))
        turns_cut_short = any(isinstance(n, Simple) and n.name == "continue" for n in walk(command.body))
        if limit is None or not limit.isdigit() or start is None or len(steps) != 1 or changes != 1 or turns_cut_short:
            return False
        times = int(limit) - start + (operator == "-le")
        if not 0 < times <= _MOST_TRIES:
            return False
        body, pause = _without_pause(command.body)
        status: str | None = None
        # Where the turn ends with it, the counting decides the status, and is not left out where it may fail.
        counts_last = tail and command.body[-1] is steps[0]
        may_fail = counts_last and _may_fail((steps[0],), errexit=scope.errexit)
        if not may_fail and self._only_counts(command, steps[0], variable, scope):
            # The number of the try is asked by nobody but the loop itself.
            body = tuple(part for part in body if part is not steps[0])
            out[:] = [s for s in out if not (isinstance(s, Set) and s.target == Ref(name))]
        if pause is None:
            body, status = self._keeping_status(
                body, scope, out, command.span, tail=tail and (may_fail or not counts_last)
            )
        out.append(Repeat(times, self._body_of_loop(body, scope), pause, None, command.span))
        self._end_with(status, scope, out, command.span)
        return True

    @staticmethod
    def _only_counts(command: Loop, step: Command, variable: str, scope: Scope) -> bool:
        """Whether the script names the variable where it starts, is tested and is counted up, and nowhere else."""

        def mentions(text: str) -> int:
            return len(re.findall(rf"\b{variable}\b", text))

        tested = sum(mentions(scope.slice(part.span)) for part in command.condition)
        return mentions(scope.source.text) == 1 + tested + mentions(scope.slice(step.span))


def _text_of(name: str, out: Out) -> Text | None:
    """The text that a name has been given above, as far as it is known."""
    last = last_binding(name, out)
    value = last.value if isinstance(last, Set) and last.target == Ref(name) else None
    return value if isinstance(value, Text) else None


def _leaves(body: Sequence[Command]) -> bool:
    """Whether a body may leave its loop in between."""
    return any(isinstance(node, Simple) and node.name == "break" for node in walk(tuple(body)))


def _asks_whether_there(command: For) -> bool:
    """Whether the body does nothing for a name that is no file: a guard at its beginning, or all of it in one IF."""
    first = command.body[0] if command.body else None
    if isinstance(first, AndOr) and len(first.rest) == 1:
        operator, then = first.rest[0]
        skips = isinstance(then, Simple) and then.name == "continue"
        return operator == "||" and skips and _is_file_test(first.first, command.name)
    if isinstance(first, IfCommand) and len(command.body) == 1 and len(first.arms) == 1 and first.otherwise is None:
        condition = first.arms[0].condition
        return len(condition) == 1 and _is_file_test(condition[0], command.name)
    return False


def _is_file_test(command: Command, variable: str) -> bool:
    words = command.words if isinstance(command, (Simple, DoubleBracket)) else ()
    if isinstance(command, Simple):
        words = words[1:-1] if command.name == "[" else ()
    return len(words) == 2 and words[0].literal in ("-e", "-f", "-d", "-s") and _is_variable(words[1], variable)


def _is_variable(word: Word, variable: str) -> bool:
    part = word.parts[0] if len(word.parts) == 1 else None
    return isinstance(part, Parameter) and part.name == variable and not part.operator


def _times(command: For) -> int | None:
    """How often `for i in {1..20}`, `1 2 3` or `$(seq 20)` runs, where the body never asks for the number."""
    numbers = _numbers(command)
    literal = [word.literal or "" for word in command.words or ()]
    if literal[:2] == ["1", "2"] and literal == [str(number) for number in range(1, len(literal) + 1)]:
        numbers = range(1, len(literal) + 1)
    asked = command.name in names_read(command.body)
    return len(numbers) if numbers and not asked else None


def _numbers(command: For) -> range | None:
    """The numbers of `for i in {1..20}` or `$(seq 20)`; None for other words, and for more than anybody would try."""
    part = (
        command.words[0].parts[0] if command.words and len(command.words) == len(command.words[0].parts) == 1 else None
    )
    numbers: range | None = None
    # Bash pads numbers that begin with a zero, and counts down where the first is the larger one.
    if isinstance(part, Brace) and (match := re.fullmatch(r"\{(0|[1-9]\d*)\.\.(0|[1-9]\d*)\}", part.text)):
        numbers = range(int(match[1]), int(match[2]) + 1)
    elif isinstance(part, Substitution) and not part.quoted:
        numbers = _sequence(part)
    return numbers if numbers and len(numbers) <= _MOST_TRIES else None


def _sequence(part: Substitution) -> range | None:
    """`$(seq 3)`, `$(seq 2 5)`."""
    command = part.commands[0] if len(part.commands) == 1 else None
    if not isinstance(command, Simple) or command.name != "seq" or command.redirections:
        return None
    numbers = [word.literal or "" for word in command.words[1:]]
    if not 1 <= len(numbers) <= 2 or not all(number.isdigit() for number in numbers):
        return None
    first, last = (1, int(numbers[0])) if len(numbers) == 1 else (int(numbers[0]), int(numbers[1]))
    return range(first, last + 1) if 0 <= last - first < _MOST_TRIES else None


def _bound(command: Loop) -> tuple[str, str, Word] | None:
    """Variable, operator and limit of `while [ $N -lt 5 ]`, `while (( N < 5 ))`."""
    test = command.condition[0] if len(command.condition) == 1 and not command.until else None
    if isinstance(test, Simple) and test.name == "[":
        words = test.words[1:-1]
    elif isinstance(test, DoubleBracket):
        words = test.words
    else:
        return None
    if len(words) != 3 or words[1].literal not in ("-lt", "-le"):
        return None
    part = words[0].parts[0] if len(words[0].parts) == 1 else None
    if not isinstance(part, Parameter) or part.operator:
        return None
    return part.name, words[1].literal or "", words[2]


def _start(out: Out, name: str) -> int | None:
    """The number that a name has when the loop begins, where that is certain."""
    for statement in reversed(out):
        if isinstance(statement, Set) and statement.target == Ref(name):
            literal = statement.value.literal if isinstance(statement.value, Text) else None
            return int(literal) if literal is not None and literal.isdigit() else None
        if isinstance(statement, (If, ForEach, Repeat)):
            return None
    return None


def _counts_up(command: Command, variable: str) -> bool:
    """`N=$((N + 1))`, `((N++))`."""
    plus_one = re.compile(rf"\$?{{?{variable}}}?\s*\+\s*1|{variable}\s*\+\+|\+\+\s*{variable}|{variable}\s*\+=\s*1")
    if isinstance(command, AndOr) and len(command.rest) == 1 and command.rest[0][0] == "||":
        # `((N++)) || true`: counting up from 0 is a failure for the shell.
        otherwise = command.rest[0][1]
        command = command.first if isinstance(otherwise, Simple) and otherwise.name in ("true", ":") else otherwise
    if isinstance(command, ArithmeticCommand):
        return bool(plus_one.fullmatch(command.expression.strip()))
    if not isinstance(command, Simple) or command.words or len(command.assignments) != 1:
        return False
    assignment = command.assignments[0]
    part = assignment.value.parts[0] if assignment.value is not None and len(assignment.value.parts) == 1 else None
    counts = isinstance(part, ArithmeticExpansion) and bool(plus_one.fullmatch(part.expression.strip()))
    return assignment.name == variable and counts and not assignment.append


def _changes(node: object, variable: str) -> bool:
    if isinstance(node, (Assignment, For)):
        return node.name == variable
    if isinstance(node, ArithmeticCommand):
        return re.search(rf"\b{variable}\b", node.expression) is not None
    return (
        isinstance(node, Simple)
        and node.name in ("read", "unset", "printf")
        and any(word.literal == variable for word in node.words)
    )


def _without_pause(body: tuple[Command, ...]) -> tuple[tuple[Command, ...], Duration | None]:
    """The body without a `sleep` at its end, and its length; the last turn waits for nothing."""
    last = body[-1] if body else None
    if not isinstance(last, Simple) or last.name != "sleep" or len(last.words) != 2:
        return body, None
    match = re.fullmatch(r"(\d+)([smh]?)", last.words[1].literal or "")
    return (body[:-1], Duration(int(match[1]), _UNITS[match[2]])) if match else (body, None)


def _may_fail(body: Sequence[Command], *, errexit: bool) -> bool:
    """Whether a body may go on behind its last command with a status other than 0. Calls are left to others."""
    last = body[-1] if body else None
    match last:
        case AndOr(first, rest):
            # `set -e` passes over all that fails in front of the last operator.
            failed = _may_fail((first,), errexit=False)
            for at, (operator, part) in enumerate(rest, 1):
                now = _may_fail((part,), errexit=errexit and at == len(rest))
                failed = (failed or now) if operator == "&&" else (failed and now)
            return failed
        case IfCommand(arms, otherwise):
            bodies = [*(arm.body for arm in arms), otherwise or ()]
            return any(_may_fail(inner, errexit=errexit) for inner in bodies)
        case Case():
            return any(_may_fail(arm.body, errexit=errexit) for arm in last.arms)
        case For() | Loop() | Group() | Subshell():
            return _may_fail(last.body, errexit=errexit)
        case Redirected(inner, _):
            return _may_fail((inner,), errexit=errexit)
        case Simple() if never_fails(last):
            return False
        case Simple() if not last.words:
            return not errexit and any(isinstance(node, Substitution) for node in walk(last))
        case Simple() | Pipe() | DoubleBracket() | ArithmeticCommand():
            return not errexit
        case _:
            return last is not None

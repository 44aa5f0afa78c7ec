"""The command grammar of bash, read by recursive descent.

Written by hand instead of taken from a general parser because a silent misreading is the worst that can happen to a
tool that proves things: what this grammar does not know becomes `Unreadable`, never something else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from peerlint.patterns import regex
from peerlint.process.bash.masking import mask
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticCommand,
    Arm,
    Assignment,
    Background,
    Case,
    CaseArm,
    Command,
    Commands,
    CountingFor,
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
    Redirection,
    Script,
    Simple,
    Subshell,
    Unreadable,
    Word,
)
from peerlint.process.bash.words import METACHARACTERS, Unread, WordReader, closing_parentheses
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.bash.here_documents import HereDocuments

_RESERVED_ENDS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
_DECLARING = frozenset({"local", "export", "declare", "readonly", "typeset"})
_ASSIGNMENT = regex(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[([^\]\s]*)\])?(\+?)=")
_FUNCTION = regex(r"([A-Za-z_][\w.:-]*)[ \t]*\([ \t]*\)")
_FUNCTION_WORD = regex(r"function[ \t]+([A-Za-z_][\w.:-]*)[ \t]*(?:\([ \t]*\))?")
_REDIRECTION = regex(r"(\d*)(&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<|>)")
_NAME = regex(r"[A-Za-z_]\w*")
#: Blanks and a comment, and what such text begins with.
_BLANKS = regex(r"(?:[ \t\r]+|\\\n|#[^\n]*)++")
_BEGINS_BLANKS = frozenset(" \t\r\\#")
_WORD_AHEAD = regex(r"[^\s;&|<>()]+")


class Parser(WordReader):
    """Reads commands; see `parse_bash`."""

    def __init__(self, text: str, placeholders: dict[str, str]) -> None:
        super().__init__(text, placeholders)
        #: None before the first one.
        self._here_documents: HereDocuments | None = None

    def of_text(self, text: str) -> WordReader:
        """See WordReader."""
        return Parser(text, self._placeholders)

    # --- script ---

    def script(self) -> tuple[Command, ...]:
        """All commands; what cannot be read becomes Unreadable up to the end of its line."""
        commands: list[Command] = []
        while True:
            start = self.position
            try:
                self._blank_lines()
                if self.at_end:
                    return tuple(commands)
                start = self.position
                command = self._and_or()
                commands.append(self._terminated(command, start))
            except Unread as problem:
                self.depth = 0
                if self._here_documents is not None:
                    self._here_documents.forget()
                end = self.text.find("\n", max(problem.at, start))
                end = len(self.text) if end < 0 else end
                commands.append(Unreadable(problem.reason, Span(start, end)))
                self.position = end

    def _terminated(self, command: Command, start: int) -> Command:
        """Consume what ends a command."""
        self._blanks()
        if self.peek("&") and not self.peek("&&"):
            self.position += 1
            return Background(command, Span(start, self.position))
        if self.peek(";") and not self.peek(";;"):
            self.position += 1
        elif not self.at_end and not self.peek("\n"):
            raise Unread(f"an unexpected {self.text[self.position]!r}", self.position)
        return command

    def commands_until(self, closer: str) -> tuple[Command, ...]:
        """See WordReader."""
        return self._commands(closers=(closer,))

    def _commands(self, words: tuple[str, ...] = (), closers: tuple[str, ...] = ()) -> tuple[Command, ...]:
        """Commands up to one of the reserved words (not consumed) or closers (consumed)."""
        commands: list[Command] = []
        while True:
            self._blank_lines()
            for closer in closers:
                if self.peek(closer):
                    self.position += len(closer)
                    return tuple(commands)
            if words and self._ahead() in words:
                return tuple(commands)
            if self.at_end:
                raise Unread(f"{' or '.join(map(repr, words or closers))} is missing", max(0, self.position - 1))
            if ";;" in words and self.peek(";"):
                return tuple(commands)
            start = self.position
            command = self._and_or()
            self._blanks()
            if self.peek("&") and not self.peek("&&"):
                self.position += 1
                command = Background(command, Span(start, self.position))
            elif self.peek(";") and not self.peek(";;") and not self.peek(";&"):
                self.position += 1
            elif not (
                self.at_end
                or self.peek("\n")
                or any(self.peek(closer) for closer in closers)
                or (";;" in words and self.peek(";"))
            ):
                raise Unread(f"an unexpected {self.text[self.position]!r}", self.position)
            commands.append(command)

    def _ahead(self) -> str:
        """The bare word that starts here, without reading it."""
        match = _WORD_AHEAD.match(self.text, self.position)
        return match.group() if match else ""

    # --- blanks, line ends ---

    def _blanks(self) -> None:
        if self.text[self.position : self.position + 1] in _BEGINS_BLANKS:
            match = _BLANKS.match(self.text, self.position)
            self.position = match.end() if match else self.position

    def _blank_lines(self) -> None:
        while True:
            self._blanks()
            if not self.peek("\n"):
                return
            self.position += 1
            if self._here_documents is not None:
                self._here_documents.read_bodies(self)

    # --- lists and pipelines ---

    def _and_or(self) -> Command:
        start = self.position
        first = self._pipeline()
        rest: list[tuple[str, Command]] = []
        while True:
            self._blanks()
            operator = self.text[self.position : self.position + 2]
            if operator not in ("&&", "||"):
                break
            self.position += 2
            self._blank_lines()
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest), Span(start, self.position)) if rest else first

    def _pipeline(self) -> Command:
        self._blanks()
        start = self.position
        if self._ahead() == "!":
            self.position += 1
            self.deeper()
            command = self._pipeline()
            self.depth -= 1
            return Negated(command, Span(start, self.position))
        commands = [self._command()]
        errors: list[bool] = []
        while True:
            end = self.position
            self._blanks()
            if not self.peek("|") or self.peek("||"):
                self.position = max(end, self.position)
                break
            self.position += 1
            errors.append(self.peek("&"))
            self.position += errors[-1]
            self._blank_lines()
            commands.append(self._command())
        if len(commands) == 1:
            return commands[0]
        return Pipe(tuple(commands), tuple(errors), Span(start, self._end(commands[-1])))

    @staticmethod
    def _end(command: Command) -> int:
        return command.span.end

    # --- commands ---

    def _command(self) -> Command:
        self._blanks()
        start = self.position
        ahead = self._ahead()
        compound = self._compound(ahead, start)
        if compound is None:
            return self._simple()
        if isinstance(compound, Function):
            return compound
        redirections = self._redirections()
        if redirections:
            return Redirected(compound, redirections, Span(start, self.position))
        return compound

    def _compound(self, ahead: str, start: int) -> Command | None:
        """The compound command that starts here, else None."""
        if ahead in _RESERVED_ENDS:
            raise Unread(f"an unexpected {ahead!r}", start)
        reader = _READERS.get(ahead)
        if reader is None and self.peek("(("):
            reader = Parser._arithmetic_command
        elif reader is None and self.peek("("):
            reader = Parser._subshell
        elif reader is None and _FUNCTION.match(self.text, self.position):
            reader = Parser._function
        if reader is None:
            return None
        self.deeper()
        command = reader(self, start)
        self.depth -= 1
        return command

    def _beyond(self, start: int) -> Command:
        raise Unread(f"{self._ahead()} is not read", start)

    def _body_until(self, words: tuple[str, ...]) -> tuple[Command, ...]:
        """The commands of a body, of which bash wants at least one."""
        start = self.position
        body = self._commands(words=words)
        if not body:
            raise Unread("a body without a command", start)
        return body

    def _expect(self, word: str) -> None:
        self._blank_lines()
        if self._ahead() != word:
            raise Unread(f"{word!r} is missing", self.position)
        self.position += len(word)

    def _if(self, start: int) -> Command:
        arms: list[Arm] = []
        otherwise: tuple[Command, ...] | None = None
        keyword = "if"
        while keyword in ("if", "elif"):
            arm_start = self.position
            self.position += len(keyword)
            condition = self._commands(words=("then",))
            self._expect("then")
            body = self._body_until(("elif", "else", "fi"))
            arms.append(Arm(condition, body, Span(arm_start, self.position)))
            keyword = self._ahead()
        if keyword == "else":
            self.position += 4
            otherwise = self._body_until(("fi",))
        self._expect("fi")
        return IfCommand(tuple(arms), otherwise, Span(start, self.position))

    def _for(self, start: int) -> Command:
        self.position += 3
        self._blanks()
        if self.peek("(("):
            end = self.text.find("))", self.position)
            if end < 0:
                raise Unread("a loop header is not closed", start)
            header = self.text[self.position + 2 : end].strip()
            self.position = end + 2
            return CountingFor(header, self._do_body(), Span(start, self.position))
        match = _NAME.match(self.text, self.position)
        if not match:
            raise Unread("a loop without a name", self.position)
        self.position = match.end()
        self._blank_lines()
        words: tuple[Word, ...] | None = None
        if self._ahead() == "in":
            self.position += 2
            collected: list[Word] = []
            while True:
                self._blanks()
                word = self.word()
                if word is None:
                    break
                collected.append(word)
            words = tuple(collected)
        return For(match.group(), words, self._do_body(), Span(start, self.position))

    def _do_body(self) -> tuple[Command, ...]:
        self._blanks()
        if self.peek(";") and not self.peek(";;"):
            self.position += 1
        self._expect("do")
        body = self._body_until(("done",))
        self._expect("done")
        return body

    def _loop(self, start: int) -> Command:
        until = self._ahead() == "until"
        self.position += 5
        condition = self._commands(words=("do",))
        return Loop(until, condition, self._do_body(), Span(start, self.position))

    def _case(self, start: int) -> Command:
        self.position += 4
        self._blanks()
        subject = self.word()
        if subject is None:
            raise Unread("a case without a subject", self.position)
        self._expect("in")
        arms: list[CaseArm] = []
        while True:
            self._blank_lines()
            if self._ahead() == "esac":
                break
            arms.append(self._case_arm())
        self._expect("esac")
        return Case(subject, tuple(arms), Span(start, self.position))

    def _case_arm(self) -> CaseArm:
        start = self.position
        if self.peek("("):
            self.position += 1
        patterns: list[Word] = []
        while True:
            self._blanks()
            pattern = self.word()
            if pattern is None:
                raise Unread("a case pattern that is not understood", self.position)
            patterns.append(pattern)
            self._blanks()
            if self.peek("|"):
                self.position += 1
                continue
            if not self.peek(")"):
                raise Unread("')' of a case pattern is missing", self.position)
            self.position += 1
            break
        body = self._commands(words=(";;", "esac"))
        end = ";;"
        for sign in (";;&", ";;", ";&"):
            if self.peek(sign):
                end = sign
                self.position += len(sign)
                break
        return CaseArm(tuple(patterns), body, end, Span(start, self.position))

    def _group(self, start: int) -> Command:
        self.position += 1
        body = self._commands(words=("}",))
        self._expect("}")
        return Group(body, Span(start, self.position))

    def _subshell(self, start: int) -> Command:
        self.position += 1
        return Subshell(self._commands(closers=(")",)), Span(start, self.position))

    def _arithmetic_command(self, start: int) -> Command:
        end = closing_parentheses(self.text, start + 2)
        if end is None:
            return self._subshell(start)
        self.position = end + 2
        return ArithmeticCommand(self.text[start + 2 : end].strip(), Span(start, self.position))

    def _double_bracket(self, start: int) -> Command:
        self.position += 2
        words: list[Word] = []
        stops = METACHARACTERS
        while True:
            self._blank_lines()
            if self.at_end:
                raise Unread("']]' is missing", start)
            at = self.position
            if self._ahead() == "]]":
                self.position += 2
                return DoubleBracket(tuple(words), Span(start, self.position))
            sign = next((s for s in ("&&", "||", "(", ")", "<", ">") if self.peek(s)), None)
            after_match = bool(words) and words[-1].bare == "=~"
            if sign and not (after_match and sign == "("):
                self.position += len(sign)
                words.append(Word((Literal(sign),), Span(at, self.position)))
                continue
            pattern = after_match or (bool(words) and words[-1].bare in ("==", "=", "!="))
            word = self.word(frozenset(" \t\n") if after_match else stops, pattern=pattern)
            if word is None:
                raise Unread(f"an unexpected {self.text[at]!r} in a test", at)
            words.append(word)

    def _function(self, start: int) -> Command:
        match = _FUNCTION.match(self.text, self.position) or _FUNCTION_WORD.match(self.text, self.position)
        if not match:
            raise Unread("a function without a name", start)
        self.position = match.end()
        self._blank_lines()
        body_start = self.position
        body = self._compound(self._ahead(), body_start)
        if body is None or isinstance(body, Function):
            raise Unread("a function without a body", body_start)
        redirections = self._redirections()
        if redirections:
            body = Redirected(body, redirections, Span(body_start, self.position))
        return Function(match.group(1), body, Span(start, self.position))

    # --- simple commands ---

    def _simple(self) -> Command:
        start = self.position
        assignments: list[Assignment] = []
        words: list[Word] = []
        declared: list[Assignment] = []
        redirections: list[tuple[Redirection, list[Word] | None]] = []
        end = start
        may_assign = True
        while True:
            self._blanks()
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
                end = self.position
                continue
            assignment = self._assignment() if may_assign else None
            if assignment is not None:
                (declared if words else assignments).append(assignment)
                end = self.position
                continue
            word = self.word()
            if word is None:
                break
            words.append(word)
            if len(words) == 1:
                may_assign = word.bare in _DECLARING
            end = self.position
        if end == start:
            raise Unread(f"an unexpected {self.text[start : start + 1]!r}", start)
        filled = self._with_bodies(redirections)
        return Simple(tuple(assignments), tuple(words), tuple(declared), filled, Span(start, end))

    def _assignment(self) -> Assignment | None:
        match = _ASSIGNMENT.match(self.text, self.position)
        if not match:
            return None
        start = self.position
        self.position = match.end()
        name, subscript, plus = match.group(1), match.group(2), bool(match.group(3))
        if self.peek("("):
            self.position += 1
            elements: list[Word] = []
            while True:
                self._blank_lines()
                if self.peek(")"):
                    self.position += 1
                    break
                word = self.word()
                if word is None:
                    raise Unread("an array that is not understood", self.position)
                elements.append(word)
            return Assignment(name, None, plus, tuple(elements), subscript, Span(start, self.position))
        return Assignment(name, self.word(), plus, None, subscript, Span(start, self.position))

    # --- redirections ---

    def _redirections(self) -> tuple[Redirection, ...]:
        found: list[tuple[Redirection, list[Word] | None]] = []
        while True:
            before = self.position
            self._blanks()
            redirection = self._redirection()
            if redirection is None:
                self.position = before
                break
            found.append(redirection)
        return self._with_bodies(found)

    def _redirection(self) -> tuple[Redirection, list[Word] | None] | None:
        match = _REDIRECTION.match(self.text, self.position)
        if not match or self.text.startswith("(", match.end()):
            return None
        start = self.position
        descriptor = int(match.group(1)) if match.group(1) else None
        operator = match.group(2)
        self.position = match.end()
        self._blanks()
        target = self.word()
        if target is None:
            raise Unread("a redirection without a target", start)
        if operator not in ("<<", "<<-"):
            return Redirection(operator, target, descriptor, Span(start, self.position)), None
        if self._here_documents is None:
            from peerlint.process.bash.here_documents import HereDocuments

            self._here_documents = HereDocuments()
        body = self._here_documents.announce(target, start, strip_tabs=operator == "<<-")
        return Redirection("<<", target, descriptor, Span(start, self.position)), body

    def _with_bodies(self, redirections: list[tuple[Redirection, list[Word] | None]]) -> tuple[Redirection, ...]:
        """The redirections of a command that is read, with what its here-documents say."""
        if self._here_documents is not None and any(body is not None for _, body in redirections):
            self._here_documents.fill(redirections, self)
        return tuple(redirection for redirection, _ in redirections)


#: What reads a compound command, by the word with which it begins.
_READERS: dict[str, Callable[[Parser, int], Command]] = {
    "if": Parser._if,
    "for": Parser._for,
    "select": Parser._beyond,
    "while": Parser._loop,
    "until": Parser._loop,
    "case": Parser._case,
    "{": Parser._group,
    "[[": Parser._double_bracket,
    "function": Parser._function,
    "coproc": Parser._beyond,
}


@lru_cache(maxsize=256)  # rules, the migration and the prover ask for the same few scripts; trees do not change
def parse_bash(text: str, *, placeholders: bool = True) -> Script:
    """The tree of a script; never raises. Spans are offsets into `text`.

    `placeholders` says whether `[NAME]`, `{name}`, `<name>` are placeholders (shell in an instruction file) or bash (a
    script file).
    """
    masked, meanings = mask(text) if placeholders else (text, {})
    return Script(text, Commands(Parser(masked, meanings).script()))

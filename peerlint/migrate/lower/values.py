"""Words of bash as texts and values of the IR."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet

from peerlint.migrate.lower.arithmetic import read_arithmetic
from peerlint.migrate.lower.arrays import is_count
from peerlint.migrate.lower.made_up import number_name, output_name
from peerlint.migrate.lower.outputs import prints_one
from peerlint.migrate.lower.scope import Beyond, Scope, ScriptExit, ir_name
from peerlint.migrate.lower.script_folders import is_own_folder
from peerlint.patterns import regex
from peerlint.process.bash.tree import (
    ArithmeticExpansion,
    Brace,
    Command,
    Glob,
    Literal,
    Parameter,
    Placeholder,
    Simple,
    Substitution,
    Word,
    WordPart,
)
from peerlint.process.model import (
    Argv,
    Branch,
    Clauses,
    Cut,
    FirstCharacters,
    If,
    IsEmpty,
    Length,
    Number,
    NumberOf,
    PartsOf,
    Pipeline,
    Ref,
    Say,
    SayKind,
    Set,
    Statement,
    Text,
    Through,
    Value,
    walk,
)
from peerlint.records import replace
from peerlint.source.text import Span

#: What a translation appends to: the statements that must run before the value that it returns is used.
Out = list[Statement]

SPLIT_OUTPUT = "the output of a command without quotes is split into words"
#: Words and blanks that bash only splits.
_PLAIN_WORDS = regex(r"[\w./:=@%+, -]*")
#: `$40` as it stands in a text, with what follows of the amount.
_AMOUNT = regex(r"\$[1-9](?P<rest>\d[\d.,]*)")
#: Names of what is given to a command in several words.
_OF_SEVERAL = regex(r"(?:^|_)(?:\w*LIST|FILES|ARGS|FLAGS|OPTS|OPTIONS|PATHS|DIRS|NAMES|IDS)$")
#: Variables that bash itself sets.
_UNSTEADY = frozenset({"RANDOM", "SRANDOM", "SECONDS", "BASHPID", "PPID", "LINENO", "EPOCHSECONDS", "EPOCHREALTIME"})
_UNSTABLE = {
    "$": "$$ is another number on every run",
    "!": "$! belongs to a background job",
    "-": "the shell's own options",
    "_": "$_ is the shell's own",
}


def simplest(text: Text) -> Value:
    """A text that is nothing but one reference, as that reference."""
    return text.parts[0] if len(text.parts) == 1 and isinstance(text.parts[0], Ref) and text.block is None else text


class Values(ABC):
    """Translates words. What a substitution holds is translated by the subclass."""

    @abstractmethod
    def capture(self, name: str, commands: tuple[Command, ...], scope: Scope, out: Out) -> None:
        """Append what sets `name` to the output of the commands; a failure gives "". Raises Beyond."""

    @abstractmethod
    def fresh(self, name: str) -> str:
        """A name like this one that nothing else in the step has."""

    @abstractmethod
    def repair(self, name: str, span: Span, reason: str) -> None:
        """Note a difference to the script that is made on purpose."""

    @abstractmethod
    def script_of(self, scope: Scope) -> int:
        """The script in which a function runs, which an exit ends."""

    @abstractmethod
    def argument(self, number: int) -> Ref:
        """The name of an argument that the harness fills in."""

    @property
    @abstractmethod
    def one_word(self) -> AbstractSet[str]:
        """Names whose value has neither blanks nor pattern characters and is not empty."""

    @property
    @abstractmethod
    def split_on_purpose(self) -> AbstractSet[str]:
        """Names whose value the script itself builds from several words, from nothing, or from output."""

    @abstractmethod
    def one_line(self, value: Value, span: Span, reason: str) -> None:
        """Note that the value is taken for one line, else the translation ends for this reason."""

    # --- texts ---

    def text(self, word: Word | None, scope: Scope, out: Out, *, splits: bool = False) -> Text:
        """The word as a template. `splits` says that bash would split unquoted parts: then they must be harmless."""
        if word is None:
            return Text()
        parts: list[str | Ref] = []
        alone = len(word.parts) == 1
        for index, part in enumerate(word.parts):
            if isinstance(part, Literal):
                begins_at_home = index == 0 and not part.quoted and part.text.startswith("~")
                parts += self._in_home(part.text, scope, word.span).parts if begins_at_home else (part.text,)
            else:
                parts.extend(self._parts(part, scope, out, word.span, splits, alone).parts)
        return Text.of(*parts)

    @staticmethod
    def _in_home(text: str, scope: Scope, span: Span) -> Text:
        """`~/path`: the shell puts the home folder there."""
        if not text.startswith("~/"):
            raise Beyond("the home folder of another user" if len(text) > 1 else "~ alone", span, scope.source)
        return Text.of(Ref("HOME"), text[1:])

    def literal(self, word: Word | None, scope: Scope) -> str | None:
        """The text of a word that is known without running anything, else None."""
        if word is None:
            return ""
        if any(isinstance(part, (Substitution, ArithmeticExpansion)) for part in word.parts):
            return None
        scratch: Out = []
        try:
            text = self.text(word, scope, scratch)
        except Beyond:
            return None
        return None if scratch else text.literal

    def _parts(self, part: WordPart, scope: Scope, out: Out, span: Span, splits: bool, alone: bool) -> Text:
        match part:
            case Placeholder(text, _):
                return Text.of(Ref(ir_name(text[1:-1])))
            case Parameter():
                value = self.parameter(part, scope, out)
                harmless = isinstance(value, (Number, Length)) or part.name in "?#"
                if splits and not part.quoted and not harmless and not self.is_one_word(value):
                    self._unquoted(part, value, scope, alone)
                return self.as_text(value, part.name + ("_COUNT" if is_count(part) else _hint(part)), out)
            case Substitution() if scope.calls and is_own_folder(Word((part,))):
                return Text.of(scope.folder or ".")
            case Substitution(commands, quoted):
                name = self.fresh(output_name(commands))
                self.capture(name, commands, scope, out)
                if splits and not quoted and name not in ("NOW", "TODAY"):
                    if not alone or prints_one(commands):
                        self.repair("word-splitting", part.span, "output without quotes; the logic never splits it")
                        return Text.of(Ref(name))
                    raise Beyond(SPLIT_OUTPUT, part.span, scope.source)
                return Text.of(Ref(name))
            case ArithmeticExpansion(expression):
                number = self.arithmetic(expression, scope, part.span)
                return self.as_text(number, number_name(number), out)
            case Glob(text):
                if splits:
                    raise Beyond(f"file names that match {text!r} as arguments", span, scope.source)
                return Text.of(text)
            case Brace(text):
                if splits:
                    raise Beyond(f"{text} is expanded by the shell", span, scope.source)
                return Text.of(text)
            case _:
                raise Beyond("process substitution", span, scope.source)

    @staticmethod
    def with_known_words(command: Simple, scope: Scope) -> Simple:
        """The command with the words that `$NAME` without quotes is split into, where its text is known."""
        if not scope.known or "IFS" in scope.used:
            return command
        words: list[Word] = []
        for word in command.words:
            part = word.parts[0] if len(word.parts) == 1 else None
            plain = isinstance(part, Parameter) and not part.quoted and not part.operator
            text = scope.known.get(part.name) if isinstance(part, Parameter) and plain else None
            if text is not None and text.literal is not None and _PLAIN_WORDS.fullmatch(text.literal):
                words += (Word((Literal(piece),), word.span) for piece in text.literal.split())
            else:
                words.append(word)
        runs = bool(words) and "=" not in (words[0].literal or "")
        return replace(command, words=tuple(words)) if runs and tuple(words) != command.words else command

    def _unquoted(self, part: Parameter, value: Value, scope: Scope, alone: bool) -> None:
        """A variable that bash splits into words: taken whole, by name, where nobody can have wanted the splitting.

        A word of its own whose value the script builds (an option or nothing, a list) is split on purpose, and so is
        one that is called like a list.
        """
        by_name = isinstance(value, Ref) and _OF_SEVERAL.search(value.name)
        on_purpose = not isinstance(value, Ref) or value.path or by_name or value.name in self.split_on_purpose
        if alone and on_purpose:
            raise Beyond(f"${part.name} without quotes is split into words", part.span, scope.source)
        self.repair("word-splitting", part.span, f"${part.name} stands without quotes; the logic never splits a value")

    def is_one_word(self, value: Value) -> bool:
        """Whether bash would leave this text alone although it is not quoted."""
        if isinstance(value, Ref):
            return not value.path and value.name in self.one_word
        return (
            isinstance(value, Text)
            and value.literal is not None
            and re.fullmatch(r"[\w./:=@%+,-]+", value.literal) is not None
        )

    def as_text(self, value: Value, hint: str, out: Out) -> Text:
        """A value inside a text: references stand for themselves, anything else gets a name first."""
        match value:
            case Text():
                return replace(value, block=None)
            case Ref():
                return Text.of(value)
            case Number(number):
                return Text.of(str(number))
            case _:
                name = self.fresh(ir_name(hint))
                out.append(Set(Ref(name), value))
                return Text.of(Ref(name))

    # --- values ---

    def value(self, word: Word | None, scope: Scope, out: Out) -> Value:
        """The word as a value, where bash does not split it (an assignment, a quoted argument)."""
        if word is not None and len(word.parts) == 1:
            part = word.parts[0]
            if isinstance(part, Parameter):
                return self.parameter(part, scope, out)
            if isinstance(part, ArithmeticExpansion):
                return self.arithmetic(part.expression, scope, part.span)
        text = self.text(word, scope, out)
        return simplest(text)

    def arithmetic(self, expression: str, scope: Scope, span: Span) -> Value:
        """An arithmetic expression. Raises Beyond."""

        def variable(name: str) -> Value:
            if name.isdigit():
                return self.positional(int(name), scope, span)
            self._refuse_unsteady(name, scope, span)
            known = scope.known.get(name)
            if known is not None and known.literal is not None and re.fullmatch(r"-?\d+", known.literal):
                if re.match(r"-?0\d", known.literal):
                    raise Beyond("a number with a leading zero, which is octal to bash", span, scope.source)
                return Number(int(known.literal))
            return Ref(scope.name_of(name))

        value = read_arithmetic(expression, variable)
        if value is None:
            raise Beyond(f"arithmetic that is not translated: {expression}", span, scope.source)
        return value

    def positional(self, number: int, scope: Scope, span: Span) -> Value:
        """`$1` and so on."""
        if number == 0:
            raise Beyond("$0, the name of the script", span, scope.source)
        if scope.positional is None and scope.arguments_of_process and number < 10:
            return self.argument(number)
        if scope.positional is None:
            raise Beyond(f"${number}: the arguments of this call are not known", span, scope.source)
        return simplest(scope.positional[number - 1]) if number <= len(scope.positional) else Text()

    @staticmethod
    def _refuse_amount(part: Parameter, scope: Scope) -> None:
        """`$40/month` is argument 4 with a 0 behind it to bash, and an amount of money to its author."""
        found = _AMOUNT.match(scope.source.text, part.span.start - scope.start)
        if found:
            reason = f"{found[0]} is ${part.name} with {found['rest']} behind it to bash"
            raise Beyond(reason, part.span, scope.source)

    @staticmethod
    def _refuse_unsteady(name: str, scope: Scope, span: Span) -> None:
        if name in _UNSTEADY:
            raise Beyond(f"${name} differs on every run", span, scope.source)

    def parameter(self, part: Parameter, scope: Scope, out: Out) -> Value:
        """`$NAME`, `${NAME…}`. Raises Beyond."""
        if part.name in _UNSTABLE:
            raise Beyond(_UNSTABLE[part.name], part.span, scope.source)
        self._refuse_unsteady(part.name, scope, part.span)
        if part.name in ("@", "*"):
            return simplest(self._all_arguments(part, scope))
        if part.name == "?":
            raise Beyond("an exit status that is used as a value", part.span, scope.source)
        if part.name == "#":
            if scope.positional is None:
                raise Beyond("the number of arguments is not known", part.span, scope.source)
            return Number(len(scope.positional))
        if is_count(part):
            return self._count(part, scope)
        base = self._plain(part, scope)
        if not part.operator:
            return base
        return self._operator(part, base, scope, out)

    @staticmethod
    def _all_arguments(part: Parameter, scope: Scope) -> Text:
        """`"$*"`: the arguments of a known call with a blank between them, as long as IFS is what it begins with."""
        if part.name == "@" or not part.quoted or part.operator or scope.positional is None or "IFS" in scope.used:
            raise Beyond("all arguments at once", part.span, scope.source)
        parts: list[str | Ref] = []
        for at, argument in enumerate(scope.positional):
            parts += (" ", *argument.parts) if at else argument.parts
        return Text.of(*parts)

    def _count(self, part: Parameter, scope: Scope) -> Value:
        """`${#NAME[@]}`."""
        if part.name in scope.arrays:
            return Number(len(scope.arrays[part.name]))
        if part.name not in scope.lists:
            raise Beyond("an array", part.span, scope.source)
        return NumberOf(PartsOf(Cut.LINES, Ref(scope.name_of(part.name))))

    def _plain(self, part: Parameter, scope: Scope) -> Value:
        if part.name.isdigit():
            self._refuse_amount(part, scope)
            return self.positional(int(part.name), scope, part.span)
        known = scope.known.get(part.name)
        return simplest(known) if known is not None else Ref(scope.name_of(part.name))

    def _operator(self, part: Parameter, base: Value, scope: Scope, out: Out) -> Value:
        operator = part.operator
        if operator == "length":
            if isinstance(base, Text) and base.literal is not None:
                return Number(len(base.literal))
            return Length(base)
        if operator in (":-", "-"):
            if isinstance(base, Text) and base.literal is not None:
                return base if base.literal else self.value(part.argument, scope, out)
            if operator == "-":
                raise Beyond("${x-…} tells unset from empty", part.span, scope.source)
            return self._with_default(base, part, scope, out)
        if operator == ":?":
            refused: Out = []
            text = self.text(part.argument, scope, refused) if part.argument is not None else Text()
            # Bash puts its own name, the line and the variable before it.
            message = text if text.parts else Text.of(f"{part.name}: parameter null or not set")
            if scope.errors != "null":
                refused.append(Say(SayKind.ERROR, message, part.span))
            refused.append(ScriptExit(span=part.span, code=1, scope=self.script_of(scope)))
            out.append(If((Branch(IsEmpty(base), tuple(refused), part.span),), None, part.span))
            return base
        if operator == ":=" and isinstance(base, Ref):
            return self._set_default(base, part, scope, out)
        if operator == ":" and (match := re.fullmatch(r"0:(\d+)", self.literal(part.argument, scope) or "")):
            return FirstCharacters(int(match[1]), base)
        program = self._cut(part) if operator in _CUTS else None
        if program is not None:
            if operator != "//":
                self.one_line(base, part.span, f"${{{part.name}{operator}…}} of a text of several lines")
            return Through(base, Pipeline((Argv((Text.of("sed"), Text.of(program))),)))
        if operator == "[]":
            raise Beyond(f"the array {part.name}, whose elements are not set here", part.span, scope.source)
        raise Beyond(f"${{{part.name}{operator}…}} is not translated", part.span, scope.source)

    def _set_default(self, base: Ref, part: Parameter, scope: Scope, out: Out) -> Value:
        """`${X:=…}`: X takes the default where it is empty."""
        body: Out = []
        default = self.value(part.argument, scope, body)
        body.append(Set(base, default, span=part.span))
        out.append(If((Branch(IsEmpty(base), tuple(body), part.span),), None, part.span))
        return base

    @staticmethod
    def _cut(part: Parameter) -> str | None:
        """The sed program for `${x%y}`, `${x#y}`, `${x//a/b}` with patterns that are known, else None."""
        if part.argument is None or (part.replacement is not None and part.replacement.literal is None):
            return None
        greedy = part.operator in ("%%", "##")
        pieces: list[str] = []
        for piece in part.argument.parts:
            if isinstance(piece, Literal):
                pieces.append(re.sub(r"([.^$*\[\]\\/])", r"\\\1", piece.text))
            elif isinstance(piece, Glob) and piece.text == "*" and part.operator not in ("/", "//"):
                pieces.append("*")
            else:
                return None
        pattern = "".join(pieces)
        new = re.sub(r"([&/\\])", r"\\\1", part.replacement.literal or "") if part.replacement is not None else ""
        if "\n" in pattern + new or "*" in pattern.replace("\\*", "")[1:-1]:
            return None
        program = _sed_program(part.operator, pattern, new, greedy=greedy)
        return None if program is None else _without_escaped_slashes(program)

    def _with_default(self, base: Value, part: Parameter, scope: Scope, out: Out) -> Value:
        # A name of its own: `${x:-…}` does not change x.
        name = self.fresh(ir_name(f"{'ARGUMENT_' if part.name.isdigit() else ''}{part.name}_OR_DEFAULT"))
        needed: Out = []
        inner = part.argument.parts[0] if part.argument is not None and len(part.argument.parts) == 1 else None
        if isinstance(inner, Substitution):
            self.capture(name, inner.commands, scope, needed)
        else:
            default = self.value(part.argument, scope, needed)
            if default == Text() and not needed:
                return base
            if not any(_runs_something(statement) for statement in needed):
                out.extend((*needed, Set(Ref(name), base, Clauses(if_empty=default), part.span)))
                return Ref(name)
            needed.append(Set(Ref(name), default, span=part.span))
        # What the default runs is run only where it is needed.
        given = (Set(Ref(name), base, span=part.span),)
        out.append(If((Branch(IsEmpty(base), tuple(needed), part.span),), given, part.span))
        return Ref(name)


def _runs_something(statement: Statement) -> bool:
    """Whether a statement does more than to give a name a text that is known."""
    return not isinstance(statement, Set) or any(isinstance(node, Pipeline) for node in walk(statement.value))


#: What is put behind the name of a variable for a value that is made of it.
_HINTS = {
    "length": "_LENGTH",
    "%": "_PART",
    "%%": "_PART",
    "#": "_PART",
    "##": "_PART",
    "/": "_CHANGED",
    "//": "_CHANGED",
    ":": "_PART",
}
#: The same where the pattern says what is left.
_HINTS_OF_CUTS = {("##", "*/"): "_NAME", ("%", "/*"): "_FOLDER", ("%", ".*"): "_STEM", ("##", "*."): "_SUFFIX"}


def _hint(part: Parameter) -> str:
    pieces = part.argument.parts if part.argument is not None else ()
    pattern = "".join(piece.text for piece in pieces if isinstance(piece, (Literal, Glob)))
    return _HINTS_OF_CUTS.get((part.operator, pattern), _HINTS.get(part.operator, ""))


#: What stands for slashes where `|` is the delimiter.
_SLASHES = {"\\/": "/", "/": "|"}
#: Operators that cut or replace a part of a text.
_CUTS = frozenset({"%", "%%", "#", "##", "/", "//"})


def _sed_program(operator: str, pattern: str, new: str, *, greedy: bool) -> str | None:
    """The program for an operator; `*` at one end of the pattern takes the shortest or (`greedy`) longest part."""
    if operator in ("/", "//"):
        return f"s/{pattern}/{new}/{'g' if operator == '//' else ''}"
    star_first, star_last = pattern.startswith("*"), pattern.endswith("*") and not pattern.endswith("\\*")
    if not star_first and not star_last:
        return f"1s/^{pattern}//" if operator.startswith("#") else f"$s/{pattern}$//"
    core = pattern.strip("*")
    if len(core.removeprefix("\\")) != 1 or (star_first and star_last):
        return None
    others = f"[^{core.removeprefix(chr(92))}]*"
    if operator.startswith("#") and star_first:
        return f"s/.*{core}//" if greedy else f"1s/^{others}{core}//"
    if operator.startswith("%") and star_last:
        return f"s/{core}.*//" if greedy else f"$s/{core}{others}$//"
    return None


def _without_escaped_slashes(program: str) -> str:
    """`s|.*/||` for `s/.*\\///`."""
    if "\\/" not in program or "|" in program:
        return program
    return re.sub(r"\[\^.\]|\\/|/", lambda found: _SLASHES.get(found[0], found[0]), program)

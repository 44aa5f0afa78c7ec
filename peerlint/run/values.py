"""Values of the IR against the names of a run: text, or None for what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from peerlint.patterns import regex
from peerlint.process.logic.command_lines import HOME_FOLDER
from peerlint.process.model import (
    Argv,
    Arithmetic,
    AsJson,
    AsNumber,
    Constant,
    CurrentTime,
    Cut,
    FilesMatching,
    FirstCharacters,
    FlagValue,
    JqFilter,
    KeysOf,
    Length,
    Listing,
    Number,
    NumberOf,
    OtherArgument,
    PartsOf,
    Pipeline,
    Ref,
    Text,
    Through,
    Value,
    Values,
    Verbatim,
)
from peerlint.run import jsontext
from peerlint.run.arguments import Arguments
from peerlint.run.events import CommandEvent, Event, KvEvent
from peerlint.run.files import as_is
from peerlint.run.world import Cause, Completed, EffectFailure, World

_INTEGER = regex(r"-?[0-9]+")
_WORD_BREAK = regex(r"[ \t\n]+")
_JQ_NAME = regex(r"\$([A-Z][A-Z0-9_]*)(?![A-Za-z0-9_])")
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_DEFAULT_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Missing(Enum):
    """What a missing name is where text is made: nothing, or a failure (keys, commands, stored values)."""

    EMPTY = "empty"
    FAILS = "fails"


def bad_value(message: str) -> EffectFailure:
    """The failure of a value that cannot be what is wanted of it."""
    return EffectFailure(Cause.BAD_VALUE, message)


def to_integer(text: str | None) -> int | None:
    """The decimal integer of 64 bits that the text is (08 is 8), else None."""
    if text is None or len(text) > 30 or not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if _SMALLEST <= number <= _LARGEST else None


def without_last_newlines(text: str) -> str:
    """What `$(…)` makes of an output."""
    return text.rstrip("\n")


def show(text: str | None) -> str:
    """A value in a sentence for the user, cut where it is long."""
    if text is None:
        return "nothing (it was never set)"
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}..."'


class Evaluator:
    """Evaluates values; everything that they ask of the world is told to `emit`."""

    def __init__(
        self,
        world: World,
        arguments: Arguments,
        variables: dict[str, str],
        emit: Callable[[Event], None],
    ) -> None:
        self.world = world
        self.arguments = arguments
        self.variables = variables
        self._emit = emit

    # --- values -----------------------------------------------------------------------------------------------------

    def value(self, value: Value, missing: Missing = Missing.EMPTY) -> str | None:
        """The text of a value, None where it is missing. Raises EffectFailure.

        `missing` says what a missing name does inside a text; a value that is missing as a whole is always None.
        """
        match value:
            case Text():
                return self.text(value, missing)
            case Ref():
                return self.ref(value)
            case Number(value=number):
                return str(number)
            case Constant(value=constant):
                return None if constant is None else str(constant).lower()
            case AsJson(value=inner):
                return self.json_template(inner, missing) if isinstance(inner, Text) else self.value(inner, missing)
            case FlagValue(flag=flag):
                return self.arguments.value_of(flag)
            case OtherArgument(flags=flags):
                return self.arguments.first_other(flags)
            case CurrentTime(format=form):
                return self.world.current_time(_DEFAULT_TIME if form is None else form)
            case Length(value=inner):
                return str(len(self.value(inner) or ""))
            case FirstCharacters(count=count, value=inner):
                return (self.value(inner) or "")[: max(count, 0)]
            case NumberOf(listing=listing):
                return str(len(self.items(listing)))
            case JqFilter():
                return self._jq(value)
            case Through(value=inner, command=command):
                return self._through(inner, command)
            case Arithmetic():
                return self._arithmetic(value)
            case AsNumber(value=inner):
                return str(self._integer(inner, "as number"))

    def required(self, value: Value, what: str) -> str:
        """The text of a value that must not be missing; `what` names its use in the message."""
        text = self.value(value, Missing.FAILS)
        if text is None:
            raise bad_value(f"{what} is missing: {_name_of(value)} was never set")
        return text

    def ref(self, ref: Ref) -> str | None:
        """The value of a name or of a field of its JSON text; total."""
        text = self.variables.get(ref.name)
        if text is None and ref == HOME_FOLDER:
            # `~/` in a command needs no INPUT.
            text = self.variables[ref.name] = self.world.fill_in(ref.name, None)
        if text is None or not ref.path:
            return text
        try:
            node = jsontext.parse(text)
        except ValueError:
            return None
        for step in self.path(ref):
            if step is None:
                return None
            node = jsontext.field(node, step)
        return jsontext.as_text(node)

    def path(self, ref: Ref) -> list[str | None]:
        """The field names of a path; None where a name in it is missing."""
        return [step if isinstance(step, str) else self.ref(step) for step in ref.path]

    def text(self, text: Text, missing: Missing = Missing.EMPTY) -> str:
        """A text template with its names replaced. Raises EffectFailure where `missing` says so."""
        literal = text.literal
        if literal is not None:
            return self.arguments.fill(literal)
        return "".join(
            self.arguments.fill(part) if isinstance(part, str) else self._part(part, missing) for part in text.parts
        )

    def _part(self, ref: Ref, missing: Missing) -> str:
        found = self.ref(ref)
        if found is None and missing is Missing.FAILS:
            raise bad_value(f"{_name_of(ref)} was never set")
        return found or ""

    def json_template(self, text: Text, missing: Missing = Missing.EMPTY) -> str:
        """A JSON template: names between quotes are escaped, bare ones must be JSON. Raises EffectFailure."""
        pieces: list[str] = []
        quoted = False
        for part in text.parts:
            if isinstance(part, str):
                filled = self.arguments.fill(part)
                quoted = _ends_in_string(filled, quoted)
                pieces.append(filled)
            elif quoted:
                pieces.append(jsontext.escape(self._part(part, missing)))
            else:
                pieces.append(self._bare_json(part))
        result = "".join(pieces)
        try:
            jsontext.parse(result)
        except ValueError as error:
            raise bad_value(f"the template gives no JSON: {error}") from None
        return result

    def _bare_json(self, ref: Ref) -> str:
        found = self.ref(ref)
        if found is None or not jsontext.is_json(found):
            raise bad_value(f"{_name_of(ref)} stands bare in a JSON template, but it is {show(found)}")
        return found

    def _arithmetic(self, value: Arithmetic) -> str:
        total = self._integer(value.operands[0], "in a calculation")
        for operand in value.operands[1:]:
            total = _calculate(value.operator, total, self._integer(operand, "in a calculation"))
            if not _SMALLEST <= total <= _LARGEST:
                raise bad_value("the result is larger than 64 bits")
        return str(total)

    def _integer(self, value: Value, place: str) -> int:
        text = self.value(value)
        number = to_integer(text)
        if number is None:
            raise bad_value(f"{_name_of(value)} {place} is no whole number but {show(text)}")
        return number

    def _jq(self, value: JqFilter) -> str:
        program = value.program.text
        names = {name: self.variables.get(name, "") for name in _JQ_NAME.findall(program) if name != "ENV"}
        return without_last_newlines(self.world.jq(program, self.value(value.value) or "", value.flags, names))

    def _through(self, value: Value, command: Pipeline) -> str:
        done = self.run(self.pipeline(command), (self.value(value) or "") + "\n")
        output = without_last_newlines(done.stdout)
        if done.code != 0:
            raise EffectFailure(Cause.EXIT, _exit_text(command, done), done.code, output)
        return output

    # --- lists ------------------------------------------------------------------------------------------------------

    def items(self, listing: Listing) -> list[str | None]:
        """The items of a list. Raises EffectFailure."""
        match listing:
            case PartsOf(cut=cut, value=value):
                return self._cut(cut, self.value(value) or "")
            case FilesMatching(pattern=pattern):
                return list(self.files_matching(pattern))
            case KeysOf(bucket=bucket):
                return list(self.keys(self.text(bucket, Missing.FAILS)))
            case Values(values=values):
                return [self.value(value) for value in values]

    def keys(self, bucket: str) -> list[str]:
        """The keys of a bucket, told as an event."""
        try:
            found = self.world.kv_keys(bucket)
        except EffectFailure as failure:
            self._emit(KvEvent("keys", bucket, cause=failure.cause.value))
            raise
        self._emit(KvEvent("keys", bucket))
        return found

    def _cut(self, cut: Cut, text: str) -> list[str | None]:
        if cut is Cut.LINES:
            return [line for line in text.split("\n") if line]
        if cut is Cut.WORDS:
            return [word for word in _WORD_BREAK.split(text) if word]
        if not text.strip():
            return []
        try:
            value = jsontext.parse(text)
        except ValueError:
            value = None
        if not isinstance(value, list):
            raise bad_value(f"items are wanted of {show(text)}, which is no JSON list")
        return [
            jsontext.dump(item, compact=True) if isinstance(item, (dict, list)) else jsontext.as_text(item)
            for item in value
        ]

    # --- commands ---------------------------------------------------------------------------------------------------

    def pipeline(self, pipeline: Pipeline) -> list[list[str]]:
        """The argument lists of a pipeline. Raises EffectFailure where a name in it was never set."""
        return [self.argv(command) for command in pipeline.commands]

    def argv(self, command: Argv) -> list[str]:
        """The words of a command, one argument each; a pattern gives one for each path that matches, else itself."""
        found: list[str] = []
        for word in command.words:
            if isinstance(word, Text):
                found.append(self.text(word, Missing.FAILS))
            else:
                paths = self.files_matching(word.pattern, Missing.FAILS)
                found += paths or [self.text(word.pattern, Missing.FAILS)]
        return found

    def files_matching(self, pattern: Text, missing: Missing = Missing.EMPTY) -> list[str]:
        """The paths that match; what a reference holds is taken as it is, as if it stood in quotes."""
        parts = (
            self.arguments.fill(part) if isinstance(part, str) else as_is(self._part(part, missing))
            for part in pattern.parts
        )
        return self.world.files_matching("".join(parts))

    def run(self, pipeline: Sequence[Sequence[str]], stdin: str, seconds: float | None = None) -> Completed:
        """Runs a pipeline and tells it as an event; a non-zero exit is no failure here."""
        shown = tuple(tuple(argv) for argv in pipeline)
        try:
            done = self.world.run(pipeline, stdin, seconds)
        except EffectFailure as failure:
            self._emit(CommandEvent(shown, stdin, cause=failure.cause.value))
            raise
        self._emit(CommandEvent(shown, stdin, done.code, done.stdout, done.stderr))
        return done

    def pattern(self, pattern: Verbatim, value: Value) -> bool:
        """Whether a regular expression matches in a line of the value."""
        return self.world.matches(pattern.text, self.value(value) or "")


def _calculate(operator: str, left: int, right: int) -> int:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        raise bad_value("division by zero")
    # Towards zero, as in bash; Python rounds down.
    quotient = abs(left) // abs(right)
    if (left < 0) != (right < 0):
        quotient = -quotient
    return quotient if operator == "/" else left - quotient * right


def _ends_in_string(text: str, quoted: bool) -> bool:
    """Whether the end of a piece of JSON text lies between quotes, when its start did (or not)."""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
    return quoted


def _exit_text(command: Pipeline, done: Completed) -> str:
    words = command.commands[-1].words
    name = words[0].literal if words and isinstance(words[0], Text) else None
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"{name or 'the command'} ended with exit status {done.code}"


def _name_of(value: object) -> str:
    """What a message calls a value."""
    if isinstance(value, Ref):
        steps = (f".[{_name_of(step)}]" if isinstance(step, Ref) else f".{step}" for step in value.path)
        return value.name + "".join(steps)
    if isinstance(value, FlagValue):
        return f"value of {value.flag}"
    return "a value"

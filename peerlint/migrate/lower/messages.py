"""What scripts say: the text of echo and printf, and which kind of message a line is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.tidy import rewritten
from peerlint.migrate.lower.values import Out, Values, simplest
from peerlint.patterns import regex
from peerlint.process.bash.tree import Parameter, Simple, Word, WordPart
from peerlint.process.model import (
    Ref,
    Say,
    SayKind,
    Statement,
    Stop,
    Text,
    Value,
)
from peerlint.records import replace
from peerlint.source.text import Span

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "a": "\a", "e": "\x1b", "r": "\r", "0": "\0", "b": "\b"}
_FORMAT = regex(r"%(?:[sd%])|\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)")
_WARNING = regex(r"^\s*(?:⚠|\[?warn(?:ing)?\b)", re.IGNORECASE)
#: As hybrids of shell and logic get it where they are read.
_KIND_COMMENT = regex(r"[ \t]+# (WARN|PROVIDE)[ \t]*(?=\n|\Z)")
_COLOUR = regex(r"(?:\x1b|\\033|\\e|\\x1b)\[[0-9;]*m", re.IGNORECASE)


def printed_text(translate: Values, command: Simple, scope: Scope, out: Out, *, line: bool = False) -> Text:
    """What `echo` or `printf` prints, without its last newline. With `line` it must have one. Raises Beyond."""
    words = list(command.words[1:])
    if command.name == "printf":
        text = _printf(translate, words, scope, out, command)
        ends = bool(text.parts) and isinstance(text.parts[-1], str) and text.parts[-1].endswith("\n")
        if ends:
            return Text.of(*text.parts[:-1], str(text.parts[-1])[:-1])
        if line and text.parts:
            raise Beyond("part of a line is printed", command.span, scope.source)
        return text
    escapes = False
    while words and (flags := words[0].bare or "") and re.fullmatch(r"-[neE]+", flags):
        if "n" in flags and line:
            raise Beyond("part of a line is printed", command.span, scope.source)
        escapes = escapes or "e" in flags
        words.pop(0)
    parts: list[str | Ref] = []
    for index, word in enumerate(word for word in words if not _is_no_word(word, scope)):
        if index:
            parts.append(" ")
        parts.extend(translate.text(_with_arguments_as_text(word), scope, out, splits=True).parts)
    if escapes:
        parts = [_unescaped(part) if isinstance(part, str) else part for part in parts]
    return Text.of(*parts)


def _is_no_word(word: Word, scope: Scope) -> bool:
    """Whether bash makes no word of it, since it is `"$@"` and there are no arguments."""
    return scope.positional == () and len(word.parts) == 1 and word != _with_arguments_as_text(word)


def _with_arguments_as_text(word: Word) -> Word:
    """The word with `"$*"` for `"$@"`: of the words that this is, echo makes the same text."""
    return replace(word, parts=tuple(map(_as_text, word.parts)))


def _as_text(part: WordPart) -> WordPart:
    return replace(part, name="*") if isinstance(part, Parameter) and part.name == "@" and part.quoted else part


def _printf(translate: Values, words: list[Word], scope: Scope, out: Out, command: Simple) -> Text:
    if not words:
        return Text()
    form = translate.literal(words[0], scope)
    if form is None:
        text = translate.text(words[0], scope, out)
        if len(words) == 1 and not any(isinstance(p, str) and re.search(r"[%\\]", p) for p in text.parts):
            return text
        raise Beyond("a printf format with a variable inside", command.span, scope.source)
    arguments = words[1:]
    fields = [match for match in _FORMAT.finditer(form) if match.group() in ("%s", "%d")]
    if re.search(r"%(?![sd%])", form.replace("%%", "")):
        raise Beyond("a printf layout", command.span, scope.source)
    if len(arguments) > max(1, len(fields)) or (arguments and not fields):
        raise Beyond("a printf format that is used more than once", command.span, scope.source)
    parts: list[str | Ref] = []
    position = 0
    taken = 0
    for match in _FORMAT.finditer(form):
        parts.append(form[position : match.start()])
        position = match.end()
        if match.group() == "%%":
            parts.append("%")
        elif match.group().startswith("\\"):
            parts.append(_escape(match))
        elif taken < len(arguments):
            if match.group() == "%d" and re.match(r"-?0\d", translate.literal(arguments[taken], scope) or ""):
                raise Beyond("a number with a leading zero, which is octal to bash", command.span, scope.source)
            parts.extend(translate.text(arguments[taken], scope, out, splits=True).parts)
            taken += 1
    parts.append(form[position:])
    return Text.of(*parts)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(0[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", _escape, text, flags=re.DOTALL)


def _escape(match: re.Match[str]) -> str:
    """The character of `\\033`, `\\x1b`, `\\n`."""
    sign = match[1]
    if len(sign) > 1:
        return chr(int(sign[1:], 16)) if sign[0] == "x" else chr(int(sign, 8))
    return _ESCAPES.get(sign, match[0])


def says(text: Text, statement: Say) -> list[Statement]:
    """One message a line; lines without text and colour codes are dropped, as comparison drops them."""
    lines: list[list[str | Ref]] = [[]]
    for part in text.parts:
        if isinstance(part, Ref):
            lines[-1].append(part)
            continue
        first, *more = _COLOUR.sub("", part).split("\n")
        lines[-1].append(first)
        lines.extend([[piece] for piece in more])
    made: list[Statement] = []
    for line in lines:
        shown = Text.of(*line)
        if shown.literal is None or shown.literal.strip():
            made.append(replace(statement, text=shown))
    return made


def has_no_colour(text: Text) -> bool:
    """Whether a text has no codes of colours, which are dropped line by line."""
    return not any(isinstance(part, str) and _COLOUR.search(part) for part in text.parts)


def without_empty_ends(text: Text) -> Text:
    """A text of several lines without empty lines before and behind it."""
    parts = list(text.parts)
    if isinstance(parts[0], str):
        parts[0] = re.sub(r"\A(?:[ \t]*\n)+", "", parts[0])
    if isinstance(parts[-1], str):
        parts[-1] = re.sub(r"(?:\n[ \t]*)+\Z", "", parts[-1])
    return Text.of(*parts)


def kind_beside(scope: Scope, span: Span) -> SayKind:
    """The kind of message that a comment behind the command names, DISPLAY where there is none."""
    found = _KIND_COMMENT.match(scope.source.text, span.end - scope.start)
    return SayKind[found[1]] if found else SayKind.DISPLAY


# --- kinds -----------------------------------------------------------------------------------------------------------


def with_kinds(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Kinds of messages by place: in statements that end in STOP the first is ERROR, the others PROVIDE.

    What has a kind already keeps it.
    """
    return rewritten(statements, _kinds_in)


def _kinds_in(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    failing = bool(statements and isinstance(statements[-1], Stop))
    done: list[Statement] = []
    complained = warned = False
    for statement in statements:
        if isinstance(statement, Say):
            is_open = statement.kind is SayKind.DISPLAY
            kind = _kind(statement.text, failing, complained, warned) if is_open else statement.kind
            complained = complained or kind is SayKind.ERROR
            warned = kind is SayKind.WARN or (warned and kind is SayKind.PROVIDE)
            statement = statement if kind is statement.kind else replace(statement, kind=kind)
        else:
            warned = False
        done.append(statement)
    return tuple(done)


def _kind(text: Text, failing: bool, complained: bool, warned: bool) -> SayKind:
    start = text.parts[0] if text.parts and isinstance(text.parts[0], str) else ""
    if failing:
        return SayKind.PROVIDE if complained else SayKind.ERROR
    if _WARNING.match(start):
        return SayKind.WARN
    return SayKind.PROVIDE if warned and start.startswith(" ") else SayKind.DISPLAY


def captured_text(text: Text, span: Span, scope: Scope) -> Value:
    """What `$(…)` gives of a printed text.

    Raises Beyond where the last line may hold nothing: the newline before it would be cut, too.
    """
    literals = [at for at, part in enumerate(text.parts) if isinstance(part, str)]
    at = literals[-1] if literals and text.block is None else None
    last = "" if at is None else text.parts[at]
    if isinstance(last, str) and last.endswith("\n") and at != len(text.parts) - 1:
        raise Beyond("a text of several lines whose last may be empty", span, scope.source)
    return simplest(without_last_newlines(text))


def without_last_newlines(text: Text) -> Text:
    """The text as `$(…)` gives it. What stands in a tag of its own ends with none."""
    if text.block is not None:
        return text
    parts = list(text.parts)
    while parts and isinstance(parts[-1], str):
        stripped = parts[-1].rstrip("\n")
        if stripped:
            parts[-1] = stripped
            break
        parts.pop()
    return Text.of(*parts)

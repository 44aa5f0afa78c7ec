"""Command lines: POSIX quoting, `[NAME]` replaced but in single quotes, file patterns, pipelines; no more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.patterns import regex
from peerlint.process.logic.cursor import Cursor, Mismatch
from peerlint.process.logic.texts import (
    Unrenderable,
    block_text,
    read_block,
    reference_at,
    render_ref,
)
from peerlint.process.model import Argv, Commands, FilePattern, Pipeline, Ref, Text

_INLINE = regex(r"(`+)(?!`)(?P<inner>.+?)(?<!`)\1(?!`)")
_BLANKS = " \t"
_PLAIN = regex(r"[A-Za-z0-9_@%+:,./^=-]+")
_ASSIGNMENT = regex(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
#: What stands for several characters, or one of some, in the name of a file.
_WILDCARD = regex(r"\*|\?|\[[!^]?(?:\][\w.,@%+=*?-]*|[\w.,@%+=*?-]+|\[)\]", re.ASCII)
_SIGN = regex(r"[*?\[]")
#: `--key=`, `KEY=` or `-F` in front of a value.
_OPTION = regex(r"[A-Za-z0-9_.-]+=|-[A-Za-z](?=[^A-Za-z-]|$)")
#: What double quotes do not keep, a `!` in a terminal and what would read as a reference; and what they keep escaped.
_NOT_IN_DOUBLE_QUOTES = regex(r"!+|\[[A-Z][A-Z0-9_]*(?:\]|\.[^\s'\]]*\]?)")
_ESCAPED_IN_DOUBLE_QUOTES = regex(r'["\\$`]')
#: What `~/` at the beginning of a word stands for.
HOME_FOLDER = Ref("HOME")
#: Words that begin shell syntax where a command is expected.
_SHELL_WORDS = frozenset(
    {
        "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "select",
        "then", "time", "until", "while", "{", "}",
    }
)  # fmt: skip
_FORBIDDEN = {
    "$": "no $ may stand in a command; write [NAME]",
    "`": "no command substitution may stand in a command",
    ";": "one command a line; no ;",
    "&": "no & may stand in a command",
    "<": "no redirection may stand in a command; use 'with input'",
    ">": "no redirection may stand in a command; use AS NAME or 'output hidden'",
    "(": "no subshell may stand in a command",
    ")": "no subshell may stand in a command",
    "[": "a pattern such as [0-9] is not closed; put what is no pattern in single quotes",
    "{": "braces would be expanded by the shell; put them in single quotes",
    "}": "braces would be expanded by the shell; put them in single quotes",
}


# --- reading ---------------------------------------------------------------------------------------------------------


def read_pipeline(cursor: Cursor) -> Pipeline:
    """A pipeline in backticks (more of them where it holds one itself). Raises Mismatch."""
    start = cursor.at
    found = cursor.match(_INLINE)
    if found is None:
        raise cursor.mismatch("a `command` in backticks expected")
    inner = found["inner"]
    base = start + found.start("inner") - found.start()
    if inner.startswith(" ") and inner.endswith(" ") and len(found[1]) > 1:
        inner, base = inner[1:-1], base + 1
    lines = _pipelines(inner, base)
    if len(lines) != 1:
        raise Mismatch("one command expected", base)
    return lines[0]


def read_commands(cursor: Cursor) -> Commands:
    """A command in backticks, or the block that holds command lines. Raises Mismatch."""
    if not cursor.sees("<"):
        return Commands((read_pipeline(cursor),))
    at = cursor.at
    name, content = read_block(cursor)
    try:
        lines = _pipelines(block_text(content), 0)
    except Mismatch as mismatch:
        raise Mismatch(f"<{name}>: {mismatch.message}", at, "bad-command") from None
    if not lines:
        raise Mismatch(f"<{name}> holds no command", at, "bad-command")
    return Commands(lines, name)


def _pipelines(text: str, base: int) -> tuple[Pipeline, ...]:
    """The command lines of a text; `base` is where it begins in its line, for messages."""
    reader = _ShellReader(text, base)
    return tuple(reader.read())


class _Wildcard(str):
    """A part of a word that stands for several texts."""

    __slots__ = ()


class _ShellReader:
    """Reads simple commands and pipelines, character by character."""

    def __init__(self, text: str, base: int) -> None:
        self._text = text
        self._base = base
        self._at = 0
        self._words: list[Text | FilePattern] = []
        self._commands: list[Argv] = []

    def read(self) -> list[Pipeline]:
        lines: list[Pipeline] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character in _BLANKS or self._text.startswith("\\\n", self._at):
                self._at += 1 if character in _BLANKS else 2
            elif character == "\n":
                self._end_line(lines)
                self._at += 1
            elif character == "#":
                self._skip_comment()
            elif character == "|":
                self._end_command()
                self._at += 1
            else:
                self._words.append(self._word())
        self._end_line(lines)
        return lines

    def _fail(self, message: str) -> Mismatch:
        return Mismatch(message, self._base + min(self._at, len(self._text)), "bad-command")

    def _skip_comment(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _end_command(self) -> None:
        if not self._words:
            raise self._fail("a command is missing before |" if self._at < len(self._text) else "a command is missing")
        self._commands.append(Argv(tuple(self._words)))
        self._words.clear()

    def _end_line(self, lines: list[Pipeline]) -> None:
        if not self._words and not self._commands:
            return
        self._end_command()
        lines.append(Pipeline(tuple(self._commands)))
        self._commands.clear()

    def _word(self) -> Text | FilePattern:
        start = self._at
        quoted = False
        parts: list[str | Ref] = []
        while self._at < len(self._text) and self._text[self._at] not in " \t\n|":
            character = self._text[self._at]
            if self._text.startswith("\\\n", self._at):
                break
            if character == "'":
                parts.append(self._single_quoted())
                quoted = True
            elif character == '"':
                parts += self._double_quoted()
                quoted = True
            elif character == "\\":
                parts.append(self._text[self._at + 1 : self._at + 2] or "\\")
                quoted = True
                self._at += 2
            else:
                parts.append(self._bare(character, first=self._at == start))
        word = Text.of(*(part if isinstance(part, Ref) else str(part) for part in parts))
        if any(isinstance(part, _Wildcard) for part in parts):
            return self._pattern(word, parts, start)
        self._refuse_syntax(word, start, quoted=quoted)
        return word

    def _pattern(self, word: Text, parts: list[str | Ref], start: int) -> FilePattern:
        """The word as a file pattern. Raises Mismatch where it could mean something else."""
        problem = ""
        if not self._words:
            problem = "a file pattern may not be the name of a command"
        elif any(isinstance(part, str) and not isinstance(part, _Wildcard) and _SIGN.search(part) for part in parts):
            problem = "a word may not hold *, ? or [ both in quotes and outside of them"
        if problem:
            self._at = start
            raise self._fail(problem)
        return FilePattern(word)

    def _bare(self, character: str, *, first: bool) -> str | Ref:
        found = reference_at(self._text, self._at) if character == "[" else None
        if found is not None:
            self._at = found[1]
            return found[0]
        # `[` as a command of its own is the test command, no pattern.
        alone = character == "[" and first and self._text[self._at + 1 : self._at + 2] in {"", " ", "\t", "\n", "|"}
        wildcard = None if alone else _WILDCARD.match(self._text, self._at)
        if wildcard is not None:
            self._at = wildcard.end()
            return _Wildcard(wildcard.group())
        if character in _FORBIDDEN and not alone:
            raise self._fail(_FORBIDDEN[character])
        if character == "~" and first:
            if self._text[self._at + 1 : self._at + 2] != "/":
                raise self._fail("~ would be expanded by the shell; write the path out, or ~/ for the home folder")
            self._at += 1
            return HOME_FOLDER
        self._at += 1
        return character

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise self._fail("a single quote is not closed")
        inner = self._text[self._at + 1 : end]
        self._at = end + 1
        return inner

    def _double_quoted(self) -> list[str | Ref]:
        parts: list[str | Ref] = []
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == '"':
                self._at += 1
                return parts
            if character == "\\" and self._text[self._at + 1 : self._at + 2] in {'"', "\\", "$", "`"}:
                parts.append(self._text[self._at + 1])
                self._at += 2
                continue
            if character in "$`":
                raise self._fail(_FORBIDDEN[character])
            found = reference_at(self._text, self._at) if character == "[" else None
            if found is None:
                parts.append(character)
                self._at += 1
            else:
                parts.append(found[0])
                self._at = found[1]
        raise self._fail("a double quote is not closed")

    def _refuse_syntax(self, word: Text, start: int, *, quoted: bool) -> None:
        """Raises Mismatch where a first word would be shell syntax."""
        first = word.parts[0] if word.parts else ""
        if self._words or quoted or not isinstance(first, str):
            return
        if _ASSIGNMENT.match(first):
            self._at = start
            raise self._fail("no assignment may stand before a command; use env NAME=value")
        if word.literal in _SHELL_WORDS:
            self._at = start
            raise self._fail(f"{word.literal} is shell syntax, not a command")


# --- rendering -------------------------------------------------------------------------------------------------------


def render_pipeline(pipeline: Pipeline) -> str:
    """The pipeline in backticks. Raises Unrenderable where it takes more than one line."""
    line = pipeline_line(pipeline)
    if "\n" in line or "\r" in line:
        raise Unrenderable("a command of several lines needs a block")
    if "`" not in line:
        return f"`{line}`"
    longest = max(len(run) for run in re.findall("`+", line))
    mark = "`" * (longest + 1)
    return f"{mark} {line} {mark}"


def render_commands(commands: Commands) -> str:
    """The command in backticks, or the name of its block. Raises Unrenderable."""
    if commands.block is not None:
        return f"<{commands.block}>"
    if len(commands.lines) != 1:
        raise Unrenderable("several commands need a block")
    return render_pipeline(commands.lines[0])


def pipeline_line(pipeline: Pipeline) -> str:
    """The pipeline as a person would type it, references in quotes."""
    return " | ".join(
        " ".join(_render_word(word, first=index == 0) for index, word in enumerate(command.words))
        for command in pipeline.commands
    )


def _render_word(word: Text | FilePattern, *, first: bool) -> str:
    if isinstance(word, FilePattern):
        if first:
            raise Unrenderable("a file pattern cannot be the name of a command")
        parts = word.pattern.parts
        if not any(isinstance(part, str) and _WILDCARD.search(part) for part in parts):
            raise Unrenderable("a file pattern without a wildcard")
        return "".join(f'"[{render_ref(part)}]"' if isinstance(part, Ref) else _wild(part) for part in parts)
    literal = word.literal
    if literal is not None:
        syntax = first and (_ASSIGNMENT.match(literal) is not None or literal in _SHELL_WORDS)
        if (_PLAIN.fullmatch(literal) or literal == "[") and not syntax:
            return literal
    head, parts = ("", word.parts) if first else _option_and_value(word.parts)
    if begins_at_home(word):
        inside = _without_slash(word.parts[1:])
        plain = all(isinstance(part, str) and _PLAIN.fullmatch(part) for part in inside)
        return "~/" + ("".join(map(str, inside)) if plain else _quoted_parts(inside))
    return head + _quoted_parts(parts)


def begins_at_home(word: Text | FilePattern) -> bool:
    """Whether a word is a path below the home folder, which is written `~/…`."""
    if isinstance(word, FilePattern) or len(word.parts) < 2:
        return False
    home, path = word.parts[:2]
    return home == HOME_FOLDER and isinstance(path, str) and path.startswith("/")


def _without_slash(parts: tuple[str | Ref, ...]) -> tuple[str | Ref, ...]:
    first = parts[0]
    assert isinstance(first, str)
    return (first[1:], *parts[1:]) if first != "/" else parts[1:]


def _wild(literal: str) -> str:
    """Literal text of a file pattern: what is between the wildcards in quotes where it needs them."""
    done: list[str] = []
    at = 0
    for found in (*_WILDCARD.finditer(literal), None):
        plain = literal[at : found.start() if found else None]
        if _SIGN.search(plain) or (found and reference_at(literal, found.start())):
            raise Unrenderable(f"{literal!r} is no file pattern of the language")
        if plain:
            done.append(plain if _PLAIN.fullmatch(plain) else _quoted(plain))
        if found:
            done.append(found.group())
            at = found.end()
    return "".join(done)


def _option_and_value(parts: tuple[str | Ref, ...]) -> tuple[str, tuple[str | Ref, ...]]:
    """`--key=` or `-F` and what stands behind it, which alone takes the quotes."""
    option = _OPTION.match(parts[0]) if parts and isinstance(parts[0], str) else None
    if option is None:
        return "", parts
    rest = option.string[option.end() :]
    value = (rest, *parts[1:]) if rest else parts[1:]
    return (option.group(), value) if value else ("", parts)


def _quoted_parts(parts: tuple[str | Ref, ...]) -> str:
    """In double quotes but for what these do not keep, or quotes for each part: whichever takes fewer characters."""
    apart = "".join(f'"[{render_ref(part)}]"' if isinstance(part, Ref) else _quoted(part) for part in parts)
    together = "".join(_in_double_quotes(parts)) or '""'
    return together if not parts or len(together) <= len(apart) else apart


def _in_double_quotes(parts: tuple[str | Ref, ...]) -> Iterator[str]:
    """The parts in double quotes, and what does not fit there in single quotes between them."""
    inside = ""
    for part in parts:
        if isinstance(part, Ref):
            inside += f"[{render_ref(part)}]"
            continue
        at = 0
        while found := _NOT_IN_DOUBLE_QUOTES.search(part, at):
            inside += _escaped(part[at : found.start()])
            yield f'"{inside}"' if inside else ""
            inside, at = "", found.end() if "'" in part[found.end() :] else len(part)
            yield f"'{part[found.start() : at]}'"
        inside += _escaped(part[at:])
    yield f'"{inside}"' if inside else ""


def _escaped(literal: str) -> str:
    return _ESCAPED_IN_DOUBLE_QUOTES.sub(r"\\\g<0>", literal)


def _fits_double_quotes(literal: str) -> bool:
    return not (_NOT_IN_DOUBLE_QUOTES.search(literal) or _ESCAPED_IN_DOUBLE_QUOTES.search(literal))


def _quoted(literal: str) -> str:
    """The text in quotes, as the shell takes it: double ones where nothing in it is special in them."""
    return f'"{literal}"' if _fits_double_quotes(literal) else "'" + literal.replace("'", "'\\''") + "'"

"""Reading words: quotes, expansions, substitutions, here-document bodies."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from peerlint.patterns import regex
from peerlint.process.bash.masking import FIRST_STAND_IN, STAND_INS
from peerlint.process.bash.tree import (
    ArithmeticExpansion,
    Brace,
    Command,
    Glob,
    Literal,
    Parameter,
    Placeholder,
    ProcessSubstitution,
    Substitution,
    Word,
    WordPart,
)
from peerlint.source.text import Span

#: Characters that end a word.
METACHARACTERS = frozenset(" \t\n;&|<>()")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = frozenset("?$!#@*-0123456789")
_BRACE = regex(r"\{(?:[^\s{}'\"$`]*,[^\s{}'\"$`]*|-?\w+\.\.-?\w+(?:\.\.-?\d+)?)\}")
_BRACKET = regex(r"\[(?:!|\^)?\]?(?:\[:\w+:\]|[^\]\s])*\]")
_OPERATOR = regex(r":[-=?+]|[-=?+]|##?|%%?|//|/#|/%|/|:|\^\^?|,,?|@")
#: Characters that stand for themselves wherever a word or a text in double quotes goes on, and end neither.
_PLAIN = regex(r"[A-Za-z0-9_.,:=%+@-]+")
#: A word of nothing else: most are.
_PLAIN_WORD = regex(r"[A-Za-z0-9_./,:=%+@-]++(?=[ \t\n;|)]|\Z)")
_PLAIN_IN_QUOTES = regex(r"[\t\n -!#%-\[\]-_a-~]+")
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "'": "'", '"': '"', "a": "\a", "e": "\x1b", "r": "\r", "0": "\0"}

#: How deep compounds and substitutions may nest: far beyond what people write, within what Python's stack can take.
MAX_DEPTH = 40


class Unread(Exception):
    """The text cannot be read on; `at` is the offset where."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at


class WordReader(ABC):
    """Reads words of `text` from `position`. The command grammar is a subclass, since substitutions hold commands."""

    def __init__(self, text: str, placeholders: dict[str, str]) -> None:
        self.text = text
        self.position = 0
        self.depth = 0
        self._placeholders = placeholders
        self._in_backquotes = False

    @abstractmethod
    def commands_until(self, closer: str) -> tuple[Command, ...]:
        """The commands up to `closer`, which is consumed. Raises Unread."""

    @abstractmethod
    def of_text(self, text: str) -> WordReader:
        """A reader of another text with the same placeholders."""

    # --- characters ---

    def peek(self, text: str) -> bool:
        """Whether the text goes on with this."""
        return self.text.startswith(text, self.position)

    @property
    def at_end(self) -> bool:
        """Whether all is read."""
        return self.position >= len(self.text)

    def deeper(self) -> None:
        """Count one level of nesting. Raises Unread beyond the limit."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unread("nested too deeply", self.position)

    # --- words ---

    def word(self, stops: frozenset[str] = METACHARACTERS, *, pattern: bool = False) -> Word | None:
        """The word that starts here, or None where a stop does. `pattern` keeps parentheses inside (regex, extglob)."""
        start = self.position
        if stops is METACHARACTERS and not pattern and (plain := _PLAIN_WORD.match(self.text, start)):
            self.position = plain.end()
            return Word((Literal(plain[0]),), Span(start, self.position))
        parts: list[WordPart] = []
        parentheses = 0
        while self.position < len(self.text):
            char = self.text[self.position]
            if char in "<>" and self.text.startswith("(", self.position + 1) and char in stops and not pattern:
                parts.append(self._process_substitution(char))
                continue
            if pattern and char in "()":
                if char == ")" and not parentheses:
                    break
                parentheses += 1 if char == "(" else -1
                self._add(parts, Glob(char))
                self.position += 1
                continue
            if char in stops and not (pattern and parentheses and char in "|& "):
                break
            if char == "`" and self._in_backquotes:
                break
            if char == "\\" and self.peek("\\\n"):
                self.position += 2
                continue
            self._part(parts, char)
        if self.position == start:
            return None
        return Word(tuple(parts), Span(start, self.position))

    def _part(self, parts: list[WordPart], char: str) -> None:
        if char == "'":
            parts.append(Literal(self._single_quoted(), quoted=True))
        elif char == '"':
            self.position += 1
            self._double_quoted(parts)
        elif char == "\\":
            self._add(parts, Literal(self.text[self.position + 1 : self.position + 2], quoted=True))
            self.position = min(self.position + 2, len(self.text))
        elif char == "$":
            self._dollar(parts, quoted=False)
        elif char == "`":
            parts.append(self._backquoted(quoted=False))
        elif char in "*?":
            self._add(parts, Glob(char))
            self.position += 1
        elif char == "[" and (match := _BRACKET.match(self.text, self.position)) and match.group() not in ("[]", "[["):
            self._add(parts, Glob(match.group()))
            self.position = match.end()
        elif char == "{" and (match := _BRACE.match(self.text, self.position)):
            parts.append(Brace(match.group()))
            self.position = match.end()
        else:
            self._characters(parts, char, quoted=False)

    def _characters(self, parts: list[WordPart], char: str, *, quoted: bool) -> None:
        if FIRST_STAND_IN <= ord(char) < FIRST_STAND_IN + STAND_INS and char in self._placeholders:
            meaning = self._placeholders[char]
            parts.append(Placeholder(meaning, quoted))
            self.position += len(meaning)
            return
        plain = (_PLAIN_IN_QUOTES if quoted else _PLAIN).match(self.text, self.position)
        text = plain[0] if plain else char
        self._add(parts, Literal(text, quoted))
        self.position += len(text)

    @staticmethod
    def _add(parts: list[WordPart], part: Literal | Glob) -> None:
        """Append, joined with an equal neighbour."""
        last = parts[-1] if parts else None
        if isinstance(part, Literal) and isinstance(last, Literal) and last.quoted == part.quoted:
            parts[-1] = Literal(last.text + part.text, part.quoted)
        elif isinstance(part, Glob) and isinstance(last, Glob):
            parts[-1] = Glob(last.text + part.text)
        else:
            parts.append(part)

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.position + 1)
        if end < 0:
            raise Unread("a single quote is not closed", self.position)
        content = self.text[self.position + 1 : end]
        self.position = end + 1
        return content

    def _double_quoted(self, parts: list[WordPart], closer: str = '"') -> None:
        """Up to the closing quote; with closer "" up to the end (a here-document)."""
        opened = self.position
        before = len(parts)
        start_new = True
        while True:
            if self.at_end:
                if closer:
                    raise Unread("a double quote is not closed", max(0, opened - 1))
                return
            char = self.text[self.position]
            if closer and char == closer:
                break
            if start_new:
                parts.append(Literal("", quoted=True))
                start_new = False
            if char == "\\":
                following = self.text[self.position + 1 : self.position + 2]
                if following == "\n":
                    self.position += 2
                elif following and following in '$`\\"' and not (following == '"' and not closer):
                    self._add(parts, Literal(following, quoted=True))
                    self.position += 2
                else:
                    self._add(parts, Literal(char, quoted=True))
                    self.position += 1
            elif char == "$":
                self._dollar(parts, quoted=True)
            elif char == "`":
                parts.append(self._backquoted(quoted=True))
            else:
                self._characters(parts, char, quoted=True)
        self.position += 1
        kept = [part for part in parts[before:] if part != Literal("", quoted=True)]
        parts[before:] = kept or [Literal("", quoted=True)]

    # --- expansions ---

    def _dollar(self, parts: list[WordPart], *, quoted: bool) -> None:
        start = self.position
        following = self.text[start + 1 : start + 2]
        if self.peek("$(("):
            arithmetic = self._arithmetic(quoted)
            if arithmetic is not None:
                parts.append(arithmetic)
                return
        if following == "(":
            self.position += 2
            parts.append(Substitution(self._nested(")"), quoted, Span(start, self.position)))
        elif following == "{":
            parts.append(self._braced(quoted))
        elif match := _NAME.match(self.text, start + 1):
            self.position = match.end()
            parts.append(Parameter(match.group(), quoted=quoted, span=Span(start, self.position)))
        elif following and following in _SPECIAL:
            self.position += 2
            parts.append(Parameter(following, quoted=quoted, span=Span(start, self.position)))
        elif following == "'" and not quoted:
            parts.append(Literal(self._ansi_quoted(), quoted=True))
        elif following == '"' and not quoted:
            self.position += 2
            self._double_quoted(parts)
        else:
            self._add(parts, Literal("$", quoted))
            self.position += 1

    def _nested(self, closer: str) -> tuple[Command, ...]:
        self.deeper()
        commands = self.commands_until(closer)
        self.depth -= 1
        return commands

    def _arithmetic(self, quoted: bool) -> ArithmeticExpansion | None:
        """`$((…))`, or None where the parentheses turn out to be a subshell in a substitution."""
        start = self.position
        end = closing_parentheses(self.text, start + 3)
        if end is None:
            return None
        self.position = end + 2
        return ArithmeticExpansion(self.text[start + 3 : end].strip(), quoted, Span(start, self.position))

    def _backquoted(self, *, quoted: bool) -> Substitution:
        start = self.position
        end = start + 1
        while end < len(self.text) and self.text[end] != "`":
            if self.text[end] == "\\":
                raise Unread("an escape inside backquotes", end)
            end += 1
        if end >= len(self.text):
            raise Unread("a backquote is not closed", start)
        self.position = start + 1
        # There are no backquotes in backquotes but escaped ones, so the next one ends them wherever it stands.
        self._in_backquotes = True
        try:
            commands = self._nested("`")
        finally:
            self._in_backquotes = False
        return Substitution(commands, quoted, Span(start, self.position))

    def _ansi_quoted(self) -> str:
        """`$'…'`."""
        start = self.position
        self.position += 2
        text: list[str] = []
        while not self.at_end:
            char = self.text[self.position]
            self.position += 1
            if char == "'":
                return "".join(text)
            if char == "\\":
                following = self.text[self.position : self.position + 1]
                code = re.compile(r"x[0-9a-fA-F]{1,2}|[0-7]{1,3}|u[0-9a-fA-F]{1,4}").match(self.text, self.position)
                if code:
                    digits = code.group()
                    text.append(chr(int(digits.lstrip("xu"), 8 if digits[0] not in "xu" else 16)))
                    self.position = code.end()
                else:
                    text.append(_ESCAPES.get(following, "\\" + following))
                    self.position += 1
            else:
                text.append(char)
        raise Unread("a quote is not closed", start)

    def _process_substitution(self, direction: str) -> ProcessSubstitution:
        start = self.position
        self.position += 2
        return ProcessSubstitution(direction, self._nested(")"), Span(start, self.position))

    def _braced(self, quoted: bool) -> Parameter:
        """`${…}`."""
        start = self.position
        self.position += 2
        prefix = ""
        if self.peek("#") and not self.peek("#}"):
            prefix = "length"
            self.position += 1
        elif self.peek("!"):
            prefix = "!"
            self.position += 1
        match = _NAME.match(self.text, self.position)
        if match:
            name = match.group()
        else:
            special = re.compile(r"[?$!#@*-]|\d+").match(self.text, self.position)
            if not special:
                raise Unread("an expansion that is not understood", start)
            name = special.group()
            match = special
        self.position = match.end()
        operator, argument, replacement = prefix, None, None
        if self.peek("["):
            end = self.text.find("]", self.position)
            if end < 0:
                raise Unread("a subscript is not closed", self.position)
            argument = Word((Literal(self.text[self.position + 1 : end]),))
            self.position = end + 1
            operator = operator or "[]"
            if not self.peek("}"):
                self._argument("}")
                operator = "[] and more"
        elif not self.peek("}"):
            operation = _OPERATOR.match(self.text, self.position)
            if not operation:
                raise Unread("an expansion that is not understood", start)
            operator = prefix + operation.group()
            self.position = operation.end()
            if operation.group() in ("/", "//", "/#", "/%"):
                argument = self._argument("/}")
                if self.peek("/"):
                    self.position += 1
                    replacement = self._argument("}")
            else:
                argument = self._argument("}")
        if not self.peek("}"):
            raise Unread("an expansion is not closed", start)
        self.position += 1
        return Parameter(name, operator, argument, replacement, quoted, Span(start, self.position))

    def _argument(self, stops: str) -> Word:
        """The word behind an operator, up to one of the stops."""
        start = self.position
        self.deeper()
        word = self.word(frozenset(stops))
        self.depth -= 1
        return word or Word((), Span(start, start))

    def body(self, start: int, end: int) -> Word:
        """The body of an unquoted here-document as a word."""
        inner = self.of_text(self.text[:end])
        inner.position = start
        inner.depth = self.depth
        parts: list[WordPart] = []
        inner._double_quoted(parts, closer="")
        kept = tuple(part for part in parts if part != Literal("", quoted=True))
        return Word(kept or (Literal("", quoted=True),), Span(start, end))


def closing_parentheses(text: str, start: int) -> int | None:
    """Offset of the `))` that closes an arithmetic expression that begins at `start`, else None."""
    depth = 0
    for offset in range(start, len(text)):
        char = text[offset]
        if char == "(":
            depth += 1
        elif char == ")":
            if not depth:
                return offset if text.startswith("))", offset) else None
            depth -= 1
        elif char in "\n`;":
            return None
    return None

"""The YAML that nearly all front matter is, told without a parser: reading it with one takes longer than all rules."""

from __future__ import annotations

from peerlint.patterns import regex
from peerlint.safe_yaml import NO_TEXTS

#: What YAML takes for more than a character: line ends, controls, tabs, and what no file may hold.
_SPECIAL = regex("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NAME = r"[A-Za-z][\w-]{0,200}"
_KEY = regex(rf"(?P<mark>[\"']?)(?P<key>{_NAME})(?P=mark):(?: +(?P<value>\S(?:.*\S)?))? *$")
#: Numbers and versions, and days that each month has.
_NUMBER = r"(?:0|[1-9]\d{0,8})(?:\.\d{1,8})*|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
#: A text as it stands, that is no number, date or other value by what it begins with.
#: It gives nothing back, so that it takes each sign once; the blanks before a comment are its last ones.
_WORDS = r"[A-Za-z(<\u00a1-\U0010ffff][^:#]*+(?:(?<=\S):(?=\S)[^:#]*+|(?<=\S)#[^:#]*+)*+(?:(?<= )#.*)?"
_COMMENT = r"(?: +#.*)?"
_PLAIN = regex(rf"{_WORDS}|{_NUMBER}{_COMMENT}")
#: With the escapes that YAML and JSON share.
_IN_QUOTES = r"\"(?:[^\"\\]|\\[\"\\/nt])*\""
_QUOTED = regex(rf"(?:{_IN_QUOTES}|'(?:[^']|'')*'){_COMMENT}")
#: It gives no blank back to what stands behind it: with many items there would be too many ways to divide blanks.
_FLOW_ITEM = rf"(?:(?:[A-Za-z<]|--[a-z])(?:[\w ./()*|<>-]|:(?=[\w*./-]))*+|{_IN_QUOTES}|'[^']*')"
_FLOW = regex(rf"\[ *(?:{_FLOW_ITEM}(?: *, *{_FLOW_ITEM})*(?: *,)?)? *\]")
_FLOW_PAIR = regex(rf"\{{ *\"{_NAME}\": +{_IN_QUOTES} *\}}")
_BLOCK = regex(r"[|>][+-]?")
#: Stands among keys for a word that is none.
_NO_TEXT = ""
#: Deeper nests, and lists over more lines, are left to the parser.
_DEEPEST, _MOST_LINES = 12, 200


def is_plain_mapping(text: str) -> bool:
    """Whether a text certainly is a YAML mapping of different keys to texts, and to lists and mappings of such."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    # Nearly all are printable, which is told at once.
    if not "".join(lines).isprintable() and _SPECIAL.search("\n".join(lines)):
        return False
    try:
        return _Lines(lines).behind_mapping(0, 0) == len(lines)
    except _NotPlainError:
        return False


class _NotPlainError(Exception):
    """Only a parser can tell what stands there."""


class _Lines:
    """The lines of a text. A method takes the number of one, and gives that of the first behind what stands there.

    Each raises _NotPlainError where that may be wrong.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.depth = 0

    def behind_mapping(self, number: int, column: int) -> int:
        """Behind the keys at a column and what stands below each."""
        self.depth += 1
        keys: set[str] = set()
        while (number := self._next(number)) < len(self.lines) and self._column(number) >= column:
            found = _KEY.match(self.lines[number], column) if self._column(number) == column else None
            # Two words that are no texts may be one key.
            key = found["key"] if found is not None and found["key"].lower() not in NO_TEXTS else _NO_TEXT
            if found is None or key in keys or self.depth > _DEEPEST:
                raise _NotPlainError
            keys.add(key)
            value = found["value"]
            if value is None:
                number = self._behind_value(number + 1, column)
            elif _BLOCK.fullmatch(value):
                number = self._behind_block(number + 1, column)
            else:
                number = self._behind_line(number, value)
        self.depth -= 1
        return number

    def _behind_value(self, number: int, column: int) -> int:
        """Behind what stands below a key without a value in its line."""
        number = self._next(number)
        own = self._column(number) if number < len(self.lines) else -1
        if own >= column and self.lines[number].startswith("- ", own):
            return self._behind_list(number, own)
        if own <= column:
            return number
        if self.lines[number].startswith("[", own):
            return self._behind_line(number, self.lines[number].strip(" "))
        return self.behind_mapping(number, own)

    def _behind_list(self, number: int, column: int) -> int:
        """Behind the items at a column, each a text or a mapping that begins behind the dash."""
        while number < len(self.lines) and self._column(number) == column:
            line = self.lines[number]
            if not line.startswith("- ", column):
                break
            item = line[column + 1 :].strip(" ")
            if _KEY.match(item):
                # Behind the dash the mapping stands as if it had lines of its own.
                start = len(line) - len(line[column + 1 :].lstrip(" "))
                self.lines[number] = " " * start + line[start:]
                number = self.behind_mapping(number, start)
            else:
                number = self._behind_line(number, item)
            number = self._next(number)
        if number < len(self.lines) and self._column(number) > column:
            raise _NotPlainError
        return number

    def _behind_line(self, number: int, value: str) -> int:
        """Behind a value that begins in the line; only lists go on in others."""
        end = number + 1
        if value.startswith("[") and not value.endswith("]"):
            while end < min(len(self.lines), number + _MOST_LINES) and not self.lines[end - 1].rstrip(" ").endswith(
                "]"
            ):
                # At the beginning of a line some signs end the text.
                if not self._column(end) and self.lines[end] not in ("", "]"):
                    raise _NotPlainError
                end += 1
            value = " ".join([value, *(line.strip(" ") for line in self.lines[number + 1 : end])])
        if not _is_value(value):
            raise _NotPlainError
        return end

    def _behind_block(self, number: int, column: int) -> int:
        """Behind a block of text, all of it at least as deep as its first line."""
        indent = 0
        while number < len(self.lines):
            line = self.lines[number]
            own = self._column(number)
            if line:
                # Blanks alone may count as text.
                if own == len(line):
                    raise _NotPlainError
                indent = indent or own
                if own <= column or own < indent:
                    break
            number += 1
        return number

    def _next(self, number: int) -> int:
        """The next line that is neither blank nor a comment."""
        while number < len(self.lines) and self.lines[number].lstrip(" ")[:1] in ("", "#"):
            number += 1
        return number

    def _column(self, number: int) -> int:
        line = self.lines[number]
        return len(line) - len(line.lstrip(" "))


def _is_value(value: str) -> bool:
    return any(form.fullmatch(value) for form in (_PLAIN, _QUOTED, _FLOW, _FLOW_PAIR))

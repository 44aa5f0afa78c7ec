"""The YAML that nearly all front matter is, told without a parser: reading it with one takes longer than all rules."""

from __future__ import annotations

from peerlint.patterns import regex
from peerlint.safe_yaml import NO_TEXTS

#: What YAML takes for more than a character: line ends, controls, tabs, and what no file may hold.
_SPECIAL = regex("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_KEY = regex(r"(?P<key>[A-Za-z][\w-]*):(?: +(?P<value>\S.*?))? *$")
#: Numbers and versions, and days that each month has.
_NUMBER = r"(?:0|[1-9]\d{0,8})(?:\.\d{1,8})*|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
#: A text as it stands, that is no number, date or other value by what it begins with.
_WORDS = r"[A-Za-z(<\u00a1-\U0010ffff](?:[^:#]*?[^\s:#])?(?:(?<=\S):(?=\S)[^:#]*?|(?<=\S)#[^:#]*?)*"
_COMMENT = r"(?: +#.*)?"
_PLAIN = regex(rf"(?:[A-Za-z][\w./()-]*|{_NUMBER}|{_WORDS}){_COMMENT}")
#: With the escapes that YAML and JSON share.
_IN_QUOTES = r"\"(?:[^\"\\]|\\[\"\\/nt])*\""
_QUOTED = regex(rf"(?:{_IN_QUOTES}|'(?:[^']|'')*'){_COMMENT}")
_FLOW_ITEM = rf"(?:(?:[A-Za-z<]|--[a-z])(?:[\w ./()*|<>-]|:(?=[\w*./-]))*|{_IN_QUOTES}|'[^']*')"
_FLOW = regex(rf"\[ *(?:{_FLOW_ITEM}(?: *, *{_FLOW_ITEM})*)? *\]")
_BLOCK = regex(r"[|>][+-]?")
_ITEM = regex(r"(?P<indent> *)- +(?P<value>\S.*?) *$")


def is_plain_mapping(text: str) -> bool:
    """Whether a text certainly is a YAML mapping of different keys to texts, and to lists and mappings of texts."""
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    # Nearly all are printable, which is told at once.
    if not "".join(lines).isprintable() and _SPECIAL.search("\n".join(lines)):
        return False
    keys: set[str] = set()
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.strip() or line.startswith("#"):
            continue
        found = _KEY.match(line)
        if found is None or found["key"] in keys or found["key"].lower() in NO_TEXTS:
            return False
        keys.add(found["key"])
        value = found["value"]
        if value is None:
            number = max(_behind_list(lines, number), _behind_mapping(lines, number))
        elif _BLOCK.fullmatch(value):
            number = _behind_block(lines, number)
        elif not _is_value(value):
            return False
    return True


def _is_text(value: str) -> bool:
    return (_PLAIN.fullmatch(value) or _QUOTED.fullmatch(value)) is not None


def _is_value(value: str) -> bool:
    return _is_text(value) or _FLOW.fullmatch(value) is not None


def _behind_list(lines: list[str], number: int) -> int:
    """The line behind the items of a list of texts, all at one column; the given one where there is no list."""
    indent = None
    while number < len(lines):
        item = _ITEM.match(lines[number])
        if item is None or not _is_text(item["value"]) or indent not in (None, item["indent"]):
            break
        indent = item["indent"]
        number += 1
    return number


def _behind_mapping(lines: list[str], number: int) -> int:
    """The line behind a mapping to texts that is indented; the given one where there is none."""
    indent = 0
    keys: set[str] = set()
    while number < len(lines):
        line = lines[number].lstrip(" ")
        own = len(lines[number]) - len(line)
        found = _KEY.match(line) if own else None
        if found is None or not found["value"] or not _is_value(found["value"]) or own != (indent or own):
            break
        if found["key"] in keys or found["key"].lower() in NO_TEXTS:
            break
        keys.add(found["key"])
        indent = own
        number += 1
    return number


def _behind_block(lines: list[str], number: int) -> int:
    """The line behind a block of text, all of it at least as deep as its first line."""
    indent = 0
    while number < len(lines):
        line = lines[number]
        own = len(line) - len(line.lstrip(" "))
        if not line:
            number += 1
            continue
        indent = indent or own
        if not own or own < indent or own == len(line):
            break
        number += 1
    return number

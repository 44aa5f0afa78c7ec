"""YAML of strangers: read without running anything, and without a word of the library's own."""

from __future__ import annotations

from peerlint.patterns import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ruamel.yaml import YAML

#: A text, as it stands or in quotes, in which no sign means anything; a list of them, and a mapping to both, in a line.
_TEXT = r"""(?:[A-Za-z][\w./*-]*|"[^"\\]*"|'[^']*')"""
_LIST = rf"\[ *(?:{_TEXT}(?: *, *{_TEXT})*)? *\]"
_PAIR = rf"{_TEXT}: +(?:{_TEXT}|{_LIST})"
_MAPPING = rf"\{{ *(?:{_PAIR}(?: *, *{_PAIR})*)? *\}}"
_REMARK = r"(?: +#.*)? *"
_ENTRY = regex(rf"(?P<key>{_TEXT}):(?: +(?P<value>{_TEXT}|{_LIST}|{_MAPPING}))?{_REMARK}")
_ITEM = regex(rf"- +(?P<value>{_TEXT}){_REMARK}")
_EACH_TEXT, _EACH_PAIR = regex(_TEXT), regex(_PAIR)
#: Config is short; the bound of the library's own reader is for the others.
_LONGEST_PLAIN = 20_000
_FLAGS = {"true": True, "false": False}
#: Words that some reader of YAML takes for other values than texts.
NO_TEXTS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def safe_yaml() -> YAML:
    """A reader for one text; the library is loaded where the first one is made."""
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    # Two anchors of one name are no error, and the library would write a warning to standard error.
    reader.composer.warn_double_anchors = False
    return reader


def plain_mapping(text: str) -> dict[str, Any] | None:
    """What a plain config says: words, flags and lists of words by their keys, and mappings to these one level deep.

    None where the text is not as plain as that, or wrong: the library has to tell then, which takes longer to load than
    most files take to check.
    """
    if len(text) > _LONGEST_PLAIN:
        return None
    lines = text.replace("\r\n", "\n").split("\n")
    if not "".join(lines).isprintable():
        return None
    try:
        return _mapping([line for line in lines if line.strip(" ") and not line.lstrip(" ").startswith("#")])
    except _NotPlainError:
        return None


class _NotPlainError(Exception):
    """The text says more than is told here."""


def _mapping(lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    number = 0
    while number < len(lines):
        key, value = _entry(lines[number])
        number += 1
        if value is None:
            start = number
            while number < len(lines) and lines[number].startswith((" ", "-")):
                number += 1
            value = _block(lines[start:number])
        _put(found, key, value)
    return found


def _block(lines: list[str]) -> dict[str, Any] | list[Any]:
    """What stands below a key: a list or a mapping, all at one column."""
    shortest = [line.lstrip(" ") for line in lines]
    if len({len(line) - len(short) for line, short in zip(lines, shortest, strict=True)}) != 1:
        raise _NotPlainError
    if items := [item for short in shortest if (item := _ITEM.fullmatch(short))]:
        if len(items) < len(lines):
            raise _NotPlainError
        return [_value(item["value"]) for item in items]
    found: dict[str, Any] = {}
    for short in shortest:
        _put(found, *_entry(short))
    return found


def _entry(line: str) -> tuple[str, Any]:
    """A key and its value, None where that stands below."""
    entry = _ENTRY.fullmatch(line)
    if entry is None or not isinstance(key := _value(entry["key"]), str):
        raise _NotPlainError
    return key, None if entry["value"] is None else _value(entry["value"])


def _put(found: dict[str, Any], key: str, value: Any) -> None:
    if value is None or key in found:
        raise _NotPlainError
    found[key] = value


def _value(written: str) -> Any:
    if written[0] == "[":
        return [_value(each) for each in _EACH_TEXT.findall(written[1:-1])]
    if written[0] == "{":
        found: dict[str, Any] = {}
        for pair in _EACH_PAIR.findall(written[1:-1]):
            _put(found, *_entry(pair))
        return found
    if written[0] in "\"'":
        return written[1:-1]
    if written.lower() in NO_TEXTS:
        if written not in _FLAGS:
            raise _NotPlainError
        return _FLAGS[written]
    return written


def load_yaml(text: str) -> Any:
    """What a YAML text holds. Raises YAMLError, or RecursionError where it is nested too deeply."""
    from ruamel.yaml.error import YAMLError

    try:
        return safe_yaml().load(text)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
        # What looks like a day, a number or a flag is made one by Python, which says in its own way that it is none.
        raise YAMLError("a value looks like a day, a number or a flag and is none; quote it") from None

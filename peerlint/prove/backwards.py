"""Text filters backwards: a text out of which a pipeline makes a value that matters.

Nothing rests on the answer being right: it is tried, and what comes of it is observed on both sides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from peerlint.patterns import regex
from peerlint.prove.samples import extended, found_by_grep, pattern_of_grep, sample
from peerlint.run.ere import to_python

#: Words of a command; None where one is not known.
Words = Sequence[str | None]

#: Filters that leave a single line of plain text as it is.
_LEAVES = frozenset({"head", "tail", "sort", "uniq", "cat", "tee", "xargs", "tr", "fold", "basename"})
#: More lines than this are not made.
_MOST_LINES = 60
_SUBSTITUTES = regex(r"s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1([gpI0-9]*)", re.DOTALL)
_PRINTS_FIELD = regex(r"\s*(?:/((?:\\.|[^/])*)/)?\s*\{\s*print\s+\$(\d+|NF)\s*;?\s*\}\s*")
_FIELD = regex(r"\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def source_of(commands: Sequence[Words], value: str) -> str | None:
    """A text out of which these commands, one behind the other, make the value; None where none is known."""
    text: str | None = value
    for at in reversed(range(len(commands))):
        if text is None or not commands[at]:
            return None
        text = _before(commands[at], text, _hint(commands[:at]))
    return text


def _hint(before: Sequence[Words]) -> str:
    """What a line has to hold so that the nearest `grep` before lets it through."""
    for words in reversed(before):
        if words and (words[0] or "").endswith("grep"):
            return found_by_grep(words) or ""
    return ""


def _before(words: Words, text: str, hint: str) -> str | None:
    tool = words[0] or ""
    if tool.endswith("grep"):
        return _before_grep(words, text)
    if tool == "awk":
        return _before_awk(words, text, hint)
    if tool == "cut":
        return _before_cut(words, text, hint)
    if tool == "sed":
        return _before_sed(words, text)
    if tool == "wc":
        return _lines("line", text) if "-l" in words else None
    if tool == "jq":
        return _before_jq(words, text)
    if tool == "tr" and "-d" in words:
        # One of the signs that go, where it matters least.
        gone = (words[-1] or "").replace("[:space:]", " ").replace("[:blank:]", " ").removeprefix("[")[:1]
        return text + gone if gone.isprintable() and gone not in ("\\", *text) else text
    return text if tool in _LEAVES else None


def _before_grep(words: Words, text: str) -> str | None:
    pattern, found = pattern_of_grep(words), found_by_grep(words)
    if pattern is None or found is None:
        return None
    letters = "".join(word for word in words[1:] if word and re.fullmatch(r"-[a-zA-Z]\w*", word))
    if "c" in letters:
        return _lines(found, text)
    if "v" in letters:
        return text
    if "o" in letters or not text:
        return text or found
    lines = []
    for line in text.split("\n"):
        ways = (line, f"{found} {line}", f"{found}{line}", f"{line} {found}", f"{found}\n{line}")
        lines.append(next((way for way in ways[:4] if _matches(pattern, way)), ways[4]))
    if re.search(r"A\d", letters) and not _matches(pattern, text.split("\n")[0]):
        # Lines behind the one that is found are shown, too.
        return f"{found}\n{text}"
    return "\n".join(lines)


def _matches(pattern: str, line: str) -> bool:
    try:
        return re.search(to_python(pattern), line, re.ASCII) is not None
    except ValueError:
        return False


def _lines(line: str, number: str) -> str | None:
    """As many lines as a number says."""
    count = number.strip()
    return "\n".join([line] * int(count)) if count.isdecimal() and int(count) <= _MOST_LINES else None


def _before_awk(words: Words, text: str, hint: str) -> str | None:
    program = next((word for word in words[1:] if word and "{" in word), None)
    found = _PRINTS_FIELD.fullmatch(program) if program else None
    if found is None:
        return None
    options = [word for word in words[1:] if word and word.startswith("-F")]
    sign = options[0][2:].strip("\"'") if options and options[0] != "-F" else _behind(words, "-F") or " "
    return _line_of_fields(text, found[2], sign, (sample(found[1]) or "") if found[1] else hint)


def _before_cut(words: Words, text: str, hint: str) -> str | None:
    joined = " ".join(word or "" for word in words)
    number = re.search(r"-f\s*(\d+)", joined)
    sign = next((w[2:] for w in words[1:] if w and w.startswith("-d") and w != "-d"), None) or _behind(words, "-d")
    return _line_of_fields(text, number[1], sign or "\t", hint) if number else text


def _behind(words: Words, option: str) -> str | None:
    return next((words[at + 1] for at, word in enumerate(words[:-1]) if word == option), None)


def _line_of_fields(text: str, number: str, sign: str, hint: str) -> str | None:
    """A line whose field of this number is the text; the first one makes it pass the `grep` before."""
    if len(sign) != 1:
        return None
    if number in ("0", "1"):
        return text
    first = hint.rstrip(sign) or "x"
    count = 2 if number == "NF" else int(number)
    fields = first.split(sign)
    if len(fields) >= count or count > 20:
        fields = fields[: count - 1]
    return sign.join([*fields, *["x"] * (count - 1 - len(fields)), text])


def _before_sed(words: Words, text: str) -> str | None:
    programs = [word for word in words[1:] if word and not word.startswith("-")]
    is_extended = any(word in ("-E", "-r", "-nE", "-En", "-rn", "-nr") for word in words)
    for part in reversed(programs[0].split(";") if len(programs) == 1 else []):
        found = _SUBSTITUTES.fullmatch(part.strip())
        if found is None:
            continue
        pattern = found[2] if is_extended else extended(found[2])
        if found[3] == "\\1":
            made = sample(re.sub(r"\((?!\?)(?:[^()\\]|\\.)*\)", "\x01", pattern, count=1))
            text = made.replace("\x01", text) if made is not None and "\x01" in made else text
        elif not found[3]:
            gone = sample(pattern) or ""
            text = text + gone if pattern.endswith("$") else gone + text if pattern.startswith(("^", ".*")) else text
    return text


def _before_jq(words: Words, text: str) -> str | None:
    programs = [word for word in words[1:] if word and not word.startswith("-")]
    found = _FIELD.fullmatch(programs[0]) if len(programs) == 1 else None
    if found is None:
        return None
    made: object = int(text) if re.fullmatch(r"0|[1-9]\d{0,8}", text) and "-r" not in words else text
    for name in reversed(found[0].split(".")[1:]):
        made = {name: made}
    return json.dumps(made, ensure_ascii=False)

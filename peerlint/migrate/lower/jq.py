"""jq command lines: flags, arguments, programs, and JSON templates for programs that only build an object."""

from __future__ import annotations

import re

from peerlint.patterns import regex
from peerlint.process.bash.tree import Literal, Parameter, Word
from peerlint.process.model import AsJson, Ref, Text
from peerlint.records import dataclass, replace

_PLAIN_FLAGS = {"--raw-output": "r", "--compact-output": "c", "--slurp": "s", "--null-input": "n", "--exit-status": "e"}


@dataclass(frozen=True, slots=True)
class JqCall:
    """A jq command line: letters of its flags, `--arg` and `--argjson` bindings, the program and the input file."""

    flags: str
    strings: tuple[tuple[str, Word], ...]
    values: tuple[tuple[str, Word], ...]
    program: Word | None
    files: tuple[Word, ...]


def read_jq(words: tuple[Word, ...]) -> JqCall | None:
    """The parts of a jq command line (without the command word), or None where it has flags beyond these."""
    flags = ""
    strings: list[tuple[str, Word]] = []
    values: list[tuple[str, Word]] = []
    operands: list[Word] = []
    index = 0
    while index < len(words):
        flag = words[index].bare or ""
        if flag in ("--arg", "--argjson"):
            if index + 2 >= len(words) or words[index + 1].literal is None:
                return None
            (strings if flag == "--arg" else values).append((words[index + 1].literal or "", words[index + 2]))
            index += 2
        elif flag in _PLAIN_FLAGS:
            flags += _PLAIN_FLAGS[flag]
        elif re.fullmatch(r"-[rcsnSe]+", flag):
            flags += flag[1:]
        elif flag.startswith("-"):
            return None
        else:
            operands.append(words[index])
        index += 1
    ordered = "".join(letter for letter in "rcsnSe" if letter in flags)
    return JqCall(ordered, tuple(strings), tuple(values), operands[0] if operands else None, tuple(operands[1:]))


def without_splices(call: JqCall) -> tuple[JqCall, str] | None:
    """The call with a binding for each shell variable that is pasted into its program, and that program.

    In a JSON string and as a step of a path it is bound as text, anywhere else as JSON. None where it stands otherwise:
    as a part of a name, in a key, or without quotes.
    """
    program = ""
    strings, values = dict(call.strings), dict(call.values)
    parts = call.program.parts if call.program else ()
    for index, part in enumerate(parts):
        if isinstance(part, Literal):
            program += part.text
            continue
        if not isinstance(part, Parameter) or part.operator or not part.quoted:
            return None
        behind = parts[index + 1] if index + 1 < len(parts) else None
        rest = behind.text if isinstance(behind, Literal) else ""
        word = Word((part,), part.span)
        if breaks_off_in_a_string(program):
            strings[part.name], program = word, f"{program}\\(${part.name})"
        elif re.search(r"[\w?)\]]\.$|(?:^|[\s|(])\.$", program) and not re.match(r"\w", rest):
            steps = program if re.search(r"(?:^|[\s|(])\.$", program) else program[:-1]
            strings[part.name], program = word, f"{steps}[${part.name}]"
        elif re.search(r"[\s\[(=:<>,+*/-]$", program) and re.match(r"[\s\]),;:}|+*/-]|$", rest):
            values[part.name], program = word, f"{program}${part.name}"
        else:
            return None
    # What is all of a string needs none around it.
    program = re.sub(r'(?<!\\)"\\\((\$\w+)\)"', r"\1", program)
    same = {**dict(call.strings), **dict(call.values)}
    if strings.keys() & values.keys() or any({**strings, **values}[name] != word for name, word in same.items()):
        return None
    return replace(call, strings=tuple(strings.items()), values=tuple(values.items())), program


def breaks_off_in_a_string(program: str) -> bool:
    """Whether a program, or JSON, breaks off inside a string."""
    return len(re.findall(r'(?<!\\)"', re.sub(r"\\\\", "", program))) % 2 == 1


def bound(program: str, names: dict[str, str]) -> str:
    """The program with each `$name` replaced."""
    return re.sub(r"\$([A-Za-z_]\w*)", lambda match: names.get(match[1], match[0]), program)


def writes_json_string(words: tuple[Word, ...]) -> bool | None:
    """Whether `jq -R .` takes its input as one text (`-s`); None for all that is not this."""
    literal = [word.literal or "" for word in words]
    flags = [_RAW.get(word, word[1:]) for word in literal[1:-1]]
    if literal[0] != "jq" or literal[-1] != "." or sorted("".join(flags)) not in (["R"], ["R", "s"]):
        return None
    return "s" in "".join(flags)


_RAW = {"--raw-input": "R", "--slurp": "s"}


def json_string(text: Text, block: str, *, newline: bool) -> AsJson:
    """A text as a JSON string, with a newline at its end or without."""
    *parts, last = _quoted(text)
    return AsJson(Text(Text.of(*parts, f"\\n{last}" if newline else str(last)).parts, block))


class _NoTemplate(Exception):
    """The program does more than build a value."""


_TOKEN = regex(r'\s*("(?:[^"\\]|\\.)*"|\$?[A-Za-z_][A-Za-z0-9_]*|-?\d+(?:\.\d+)?|[{}\[\]:,()|])')


def json_template(program: str, strings: dict[str, Text], values: dict[str, Text], *, compact: bool) -> Text | None:
    """The JSON that a program of `jq -n` builds, laid out as jq prints it, with references in their places.

    None where it computes, and where it is no more than a string.
    """
    tokens: list[str] = []
    position = 0
    text = program.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            return None
        tokens.append(match[1])
        position = match.end()
    try:
        parts, rest = _Builder(strings, values, compact).value(tokens, 1)
    except (_NoTemplate, IndexError):
        return None
    return None if rest or str(parts[0])[:1] not in ("{", "[") else Text.of(*parts)


_Parts = list[str | Ref]


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds the template of a program, token by token; `depth` is that of what stands inside."""

    strings: dict[str, Text]
    values: dict[str, Text]
    compact: bool

    def value(self, tokens: list[str], depth: int) -> tuple[_Parts, list[str]]:
        """One value, and the tokens behind it."""
        token, rest = tokens[0], tokens[1:]
        if token == "{":
            return self._many(rest, "}", depth)
        if token == "[":
            return self._many(rest, "]", depth)
        if token == "(":
            inner, rest = self.value(rest, depth)
            if rest[:2] == ["|", "tonumber"]:
                # `($x | tonumber)`: the text of x as a bare JSON value.
                inner, rest = _bare(inner), rest[2:]
            if not rest or rest[0] != ")":
                raise _NoTemplate
            return inner, rest[1:]
        if token.startswith("$"):
            name = token[1:]
            if name in self.strings:
                return _quoted(self.strings[name]), rest
            if name in self.values:
                return list(self.values[name].parts), rest
            raise _NoTemplate
        if token.startswith('"'):
            if "\\(" in token:
                raise _NoTemplate
            return [token], rest
        if token in ("true", "false", "null") or token[0].isdigit() or token[0] == "-":
            return [token], rest
        raise _NoTemplate

    def _many(self, tokens: list[str], closer: str, depth: int) -> tuple[_Parts, list[str]]:
        """The members of an object or the items of an array."""
        opener = "{" if closer == "}" else "["
        if tokens[0] == closer:
            return [opener + closer], tokens[1:]
        parts: _Parts = [opener]
        while True:
            parts.append(self._line(depth))
            if closer == "}":
                member, tokens = self._member(tokens, depth)
            else:
                member, tokens = self.value(tokens, depth + 1)
            parts.extend(member)
            if tokens[0] == closer:
                return [*parts, self._line(depth - 1) + closer], tokens[1:]
            if tokens[0] != ",":
                raise _NoTemplate
            parts.append(",")
            tokens = tokens[1:]

    def _member(self, tokens: list[str], depth: int) -> tuple[_Parts, list[str]]:
        key, tokens = tokens[0], tokens[1:]
        colon = ":" if self.compact else ": "
        if key.startswith("$") and tokens[0] in (",", "}"):
            inner, _ = self.value([key], depth + 1)
            return [f'"{key[1:]}"{colon}', *inner], tokens
        if not re.fullmatch(r'[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\]|\\.)*"', key) or tokens[0] != ":":
            raise _NoTemplate
        inner, tokens = self.value(tokens[1:], depth + 1)
        name = key if key.startswith('"') else f'"{_escaped(key)}"'
        return [f"{name}{colon}", *inner], tokens

    def _line(self, depth: int) -> str:
        return "" if self.compact else "\n" + "  " * depth


def _quoted(text: Text) -> _Parts:
    parts: _Parts = ['"']
    parts.extend(_escaped(part) if isinstance(part, str) else part for part in text.parts)
    return [*parts, '"']


def _escaped(text: str) -> str:
    """A text as it stands between the quotes of JSON."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    import json

    return json.dumps(text, ensure_ascii=False)[1:-1]


def _bare(parts: _Parts) -> _Parts:
    if len(parts) == 3 and parts[0] == parts[2] == '"':
        return [parts[1]]
    raise _NoTemplate

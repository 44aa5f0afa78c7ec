"""A bundled `jq`: the flags that scripts use, on the library that the real tool is made of.

Where the machine has the real tool, that one answers; a filter has no effect, so its answers are remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .nats_tool import Answer

_FLAGS = {
    "raw-output": "r",
    "compact-output": "c",
    "null-input": "n",
    "slurp": "s",
    "sort-keys": "S",
    "exit-status": "e",
    "raw-input": "R",
    "join-output": "j",
    "ascii-output": "a",
    "monochrome-output": "M",
    "color-output": "C",
    "tab": "t",
    "unbuffered": "",
}
#: Long options with operands: how many.
_TAKES = {"arg": 2, "argjson": 2, "slurpfile": 2, "rawfile": 2, "indent": 1, "from-file": 1}

#: A program may not read other files of this machine, nor its environment.
_FORBIDDEN = re.compile(r"(?<![.\w$])(?:import|include|input_filename|env|get_search_list)\b|\$ENV\b")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"')


#: Blanks a level, if nothing else is asked for.
_INDENT = 2


class BadLine(Exception):
    """A command line that jq refuses, with exit status 2."""


@dataclass(slots=True)
class JqCall:
    """A command line of jq that was read. `files` are the paths whose content it needs."""

    program: str | None = None
    flags: set[str] = field(default_factory=set)
    indent: int = _INDENT
    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    program_file: str | None = None
    slurped: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    positional: list[str] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """Paths to read, each once."""
        every = [*([self.program_file] if self.program_file else []), *self.slurped.values(), *self.raw.values()]
        return list(dict.fromkeys([*every, *self.inputs]))

    @property
    def needs_stdin(self) -> bool:
        """Whether the input comes from stdin."""
        return not self.inputs and "n" not in self.flags


def read(words: list[str]) -> JqCall:
    """The command line behind `jq`. Raises BadLine."""
    call = JqCall()
    plain: list[str] = []
    pending = list(words)
    positional = False
    while pending:
        word = pending.pop(0)
        if word == "--":
            plain += pending
            break
        if word in ("--args", "--jsonargs"):
            positional = True
        elif word.startswith("--"):
            _long(call, word[2:], pending)
        elif word.startswith("-") and len(word) > 1:
            _short(call, word[1:], pending)
        elif positional and (plain or call.program_file):
            call.positional.append(word)
        else:
            plain.append(word)
    if call.program_file is None:
        if not plain:
            raise BadLine("jq: error: no filter given")
        call.program = plain.pop(0)
    call.inputs = plain
    return call


def _long(call: JqCall, name: str, pending: list[str]) -> None:
    if name in _FLAGS:
        call.flags.add(_FLAGS[name])
        return
    if name not in _TAKES:
        raise BadLine(f"Unknown arguments: --{name}")
    operands = [pending.pop(0) for _ in range(min(_TAKES[name], len(pending)))]
    if len(operands) < _TAKES[name]:
        raise BadLine(f"jq: --{name} takes {_TAKES[name]} parameters")
    match name:
        case "arg":
            call.texts[operands[0]] = operands[1]
        case "argjson":
            call.values[operands[0]] = operands[1]
        case "slurpfile":
            call.slurped[operands[0]] = operands[1]
        case "rawfile":
            call.raw[operands[0]] = operands[1]
        case "indent":
            call.indent = int(operands[0]) if operands[0].isdecimal() else 2
        case _:
            call.program_file = operands[0]


def _short(call: JqCall, letters: str, pending: list[str]) -> None:
    for letter in letters:
        if letter == "f":
            _long(call, "from-file", pending)
        elif letter in "rcnsSeRjaMC":
            call.flags.add(letter)
        else:
            raise BadLine(f"Unknown arguments: -{letter}")


class JqTool:
    """Answers calls: with the real tool where `binary` is its path, else with the library.

    What the real one has answered is kept in the folder `kept`, too, since others want to know the same and it takes
    long to start (jq 1.6: 17 ms of processor time).
    """

    def __init__(self, binary: str | None, kept: Path) -> None:
        self._binary = binary
        self._kept = kept
        self._known: dict[tuple[object, ...], Answer] = {}

    def answer(self, call: JqCall, stdin: str, files: Mapping[str, str | None]) -> Answer:
        """Output and exit status; `files` holds the content of what the call names, None where it is not there."""
        program = files.get(call.program_file) if call.program_file else call.program
        if program is None:
            return Answer(2, "", f"jq: error: Could not open {call.program_file}: No such file or directory\n")
        if _FORBIDDEN.search(_STRING.sub('""', program)):
            return Answer(2, "", "jq: peerlint does not let a filter read files or the environment\n")
        missing = [path for path in call.inputs if files.get(path) is None]
        text = "".join(files.get(path) or "" for path in call.inputs) if call.inputs else stdin
        contents = {name: files.get(path) for name, path in {**call.slurped, **call.raw}.items()}
        operands = repr((call.indent, call.texts, call.values, call.positional, contents, missing))
        key = (program, tuple(sorted(call.flags)), operands, text)
        if key not in self._known:
            if self._binary:
                answer = self._kept_or(repr(key), lambda: self._real(call, program, text, contents))
            else:
                answer = self._library(call, program, text, contents)
            if missing:
                said = "".join(f"jq: error: Could not open {path}: No such file or directory\n" for path in missing)
                answer = Answer(answer.code or 2, answer.stdout, said + answer.stderr)
            self._known[key] = answer
        return self._known[key]

    def _kept_or(self, question: str, ask: Callable[[], Answer]) -> Answer:
        """The answer that somebody has kept, else a new one."""
        name = hashlib.sha256(question.encode("utf-8", "surrogateescape")).hexdigest()
        path = self._kept / name
        with contextlib.suppress(OSError):
            return Answer(*json.loads(path.read_text()))
        answer = ask()
        # Under another name first: whoever reads it finds all of it.
        with tempfile.NamedTemporaryFile("w", dir=self._kept, prefix="new-", delete=False) as file:
            json.dump([answer.code, answer.stdout, answer.stderr], file)
        Path(file.name).replace(path)
        return answer

    def _real(self, call: JqCall, program: str, text: str, contents: Mapping[str, str | None]) -> Answer:
        assert self._binary is not None
        with tempfile.TemporaryDirectory(prefix="peerlint-jq-") as folder:
            arguments = [f"-{letter}" for letter in sorted(call.flags - {"C", "t", ""})]
            if "t" in call.flags:
                arguments += ["--tab"]
            elif call.indent != _INDENT:
                arguments += ["--indent", str(call.indent)]
            for name, value in call.texts.items():
                arguments += ["--arg", name, value]
            for name, value in call.values.items():
                arguments += ["--argjson", name, value]
            for number, name in enumerate([*call.slurped, *call.raw]):
                file = Path(folder, str(number))
                file.write_text(contents[name] or "", errors="surrogateescape")
                arguments += ["--slurpfile" if name in call.slurped else "--rawfile", name, str(file)]
            ended = subprocess.run(
                [self._binary, *arguments, program, *(["--args", *call.positional] if call.positional else [])],
                input=text.encode("utf-8", "surrogateescape"),
                capture_output=True,
                env={},
                cwd=folder,
                timeout=5,
                check=False,
            )
        said = (stream.decode("utf-8", "surrogateescape") for stream in (ended.stdout, ended.stderr))
        return Answer(ended.returncode, *said)

    def _library(self, call: JqCall, program: str, text: str, contents: Mapping[str, str | None]) -> Answer:
        import jq

        try:
            arguments: dict[str, Any] = dict(call.texts)
            arguments |= {name: json.loads(value) for name, value in call.values.items()}
            arguments |= {name: _all_json(contents[name] or "") for name in call.slurped}
            arguments |= {name: contents[name] or "" for name in call.raw}
        except ValueError as error:
            return Answer(2, "", f"jq: Invalid JSON text passed to --argjson: {error}\n")
        try:
            compiled = jq.compile(program, args=arguments)
        except ValueError as error:
            return Answer(3, "", f"jq: error: {error}\njq: 1 compile error\n")
        out: list[str] = []
        last: Any = _NOTHING
        try:
            for last in _outputs(compiled, call.flags, text):
                out.append(_shown(last, call))
        except ValueError as error:
            parsing = any(word in str(error) for word in ("parse", "Unfinished", "Invalid", "numeric literal"))
            return Answer(2 if parsing else 5, "".join(out), f"jq: error (at <stdin>:0): {error}\n")
        code = 0
        if "e" in call.flags:
            code = 4 if last is _NOTHING else int(last is None or last is False)
        return Answer(code, "".join(out))


_NOTHING = object()


def _outputs(compiled: Any, flags: set[str], text: str) -> Iterator[Any]:
    if "n" in flags:
        yield from compiled.input_value(None)
    elif "R" in flags and "s" in flags:
        yield from compiled.input_value(text)
    elif "R" in flags:
        for line in text.splitlines():
            yield from compiled.input_value(line)
    elif "s" in flags:
        yield from compiled.input_value(_all_json(text))
    elif text.strip():
        yield from compiled.input_text(text)


def _all_json(text: str) -> list[Any]:
    decoder, values, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        values.append(value)
    return values


def _shown(value: Any, call: JqCall) -> str:
    end = "" if "j" in call.flags else "\n"
    if isinstance(value, str) and call.flags & {"r", "j"}:
        return value + end
    compact = "c" in call.flags or call.indent == 0
    indent: int | str | None = None if compact else "\t" if "t" in call.flags else call.indent
    return _dump(value, indent, "S" in call.flags, "a" in call.flags) + end


def _dump(value: Any, indent: int | str | None, sort_keys: bool, ascii_only: bool) -> str:
    return json.dumps(
        _plain(value),
        indent=indent,
        sort_keys=sort_keys,
        ensure_ascii=ascii_only,
        separators=(",", ":") if indent is None else (",", ": "),
    )


def _plain(value: Any) -> Any:
    """Numbers as jq prints them: whole ones without a fraction, none that JSON does not know."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return math.copysign(1.7976931348623157e308, value)
        return int(value) if value.is_integer() and abs(value) < 1e17 else value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value

"""The answers file: what subagents, the user, judgement, inputs and commands answer in a run.

    subagents: {NAME: reply}          decide: {"condition text": true}     ask: {"question": "answer"}
    inputs: {NAME: value}             commands: {"gh auth status": {exit: 0, stdout: "", stderr: ""}}

`{replies: [...]}` in the place of an answer gives one after the other. All scalars are text as written.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from peerlint.errors import InputError
from peerlint.records import dataclass, field
from peerlint.run import jsontext
from peerlint.run.world import Completed
from peerlint.safe_yaml import safe_yaml

#: Largest answers file in characters.
MAX_SIZE = 1_000_000

_SECTIONS = ("subagents", "decide", "ask", "inputs", "commands")
_COMMAND_KEYS = ("exit", "stdout", "stderr")
_YES, _NO = frozenset({"true", "yes", "y"}), frozenset({"false", "no", "n"})

T = TypeVar("T")


@dataclass(slots=True)
class Replies(Generic[T]):
    """One answer for ever, or (`in_turn`) several, each given once."""

    answers: tuple[T, ...]
    in_turn: bool = False
    _given: int = 0

    def next(self) -> T | None:
        """The answer; None when all have been given."""
        if not self.in_turn:
            return self.answers[0]
        if self._given == len(self.answers):
            return None
        self._given += 1
        return self.answers[self._given - 1]


@dataclass(slots=True)
class Answers:
    """Answers by what is asked; each method gives None where there is none (any more)."""

    subagents: dict[str, Replies[str]] = field(default_factory=dict)
    decisions: dict[str, Replies[bool]] = field(default_factory=dict)
    questions: dict[str, Replies[str]] = field(default_factory=dict)
    inputs: dict[str, Replies[str]] = field(default_factory=dict)
    commands: dict[str, Replies[Completed]] = field(default_factory=dict)

    def subagent(self, name: str) -> str | None:
        """Reply of a subagent."""
        return _next(self.subagents, name)

    def decide(self, question: str) -> bool | None:
        """Judgement, by the text of the condition; blanks do not count."""
        return _next(self.decisions, _plain(question))

    def ask(self, question: str) -> str | None:
        """Answer of the user, by the question; blanks do not count."""
        return _next(self.questions, _plain(question))

    def fill_in(self, name: str) -> str | None:
        """Value of an input."""
        return _next(self.inputs, name)

    def command(self, pipeline: Sequence[Sequence[str]]) -> Completed | None:
        """What a command line answers; words are compared, not how they are quoted."""
        return _next(self.commands, command_key(pipeline))

    def are_used_up(self, section: str, key: str) -> bool:
        """Whether there were replies to a question, and each has been given."""
        sections: Mapping[str, Mapping[str, object]] = {
            "ask": self.questions,
            "decide": self.decisions,
            "inputs": self.inputs,
            "subagents": self.subagents,
        }
        return (_plain(key) if section in ("ask", "decide") else key) in sections[section]

    def answers_command(self, pipeline: Sequence[Sequence[str]]) -> bool:
        """Whether there is an answer for that command line (without taking it)."""
        return command_key(pipeline) in self.commands


def command_key(pipeline: Sequence[Sequence[str]]) -> str:
    """One spelling for each command line."""
    return " | ".join(shlex.join(argv) for argv in pipeline)


def _next(answers: dict[str, Replies[T]], key: str) -> T | None:
    replies = answers.get(key)
    return None if replies is None else replies.next()


def _plain(text: str) -> str:
    return " ".join(text.split())


def read_answers(text: str, path: str) -> Answers:
    """The answers of a YAML text. Raises InputError with the line of what is wrong."""
    if len(text) > MAX_SIZE:
        raise InputError(f"the answers file is larger than {MAX_SIZE} characters", path=path)
    reader = _Reader(path)
    root = reader.compose(text)
    answers = Answers()
    if root is None:
        return answers
    for name, section in reader.pairs(root, "the answers file"):
        if name.value not in _SECTIONS:
            near = difflib.get_close_matches(str(name.value), _SECTIONS, 1)
            todo = f"did you mean {near[0]}?" if near else f"known are {', '.join(_SECTIONS)}"
            raise reader.error(name, f'"{name.value}" is no part of an answers file', todo)
        if reader.is_null(section):
            continue
        for key, node in reader.pairs(section, str(name.value)):
            _add(answers, reader, str(name.value), str(key.value), node)
    return answers


def _add(answers: Answers, reader: _Reader, section: str, key: str, node: Any) -> None:
    match section:
        case "subagents":
            answers.subagents[key] = reader.replies(node, reader.text)
        case "decide":
            answers.decisions[_plain(key)] = reader.replies(node, reader.truth)
        case "ask":
            answers.questions[_plain(key)] = reader.replies(node, reader.text)
        case "inputs":
            answers.inputs[key] = reader.replies(node, reader.text)
        case _:
            answers.commands[reader.command_line(key, node)] = reader.replies(node, reader.completed)


class _Reader:
    """YAML nodes with their lines; scalars stay text as written."""

    def __init__(self, path: str) -> None:
        self._path = path

    def error(self, node: Any, what: str, todo: str = "") -> InputError:
        return InputError(what, todo=todo, path=self._path, row=node.start_mark.line + 1)

    def compose(self, text: str) -> Any:
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
        from ruamel.yaml.events import AliasEvent

        try:
            for event in safe_yaml().parse(text):
                if isinstance(event, AliasEvent):
                    raise self.error(event, "an answers file has no aliases", "write the answer out")
            return safe_yaml().compose(text)
        except MarkedYAMLError as error:
            row = error.problem_mark.line + 1 if error.problem_mark else None
            raise InputError(f"no YAML: {error.problem or error}", path=self._path, row=row) from None
        except (YAMLError, RecursionError, ValueError) as error:
            first = (str(error).splitlines() or ["nested too deep"])[0]
            raise InputError(f"no YAML: {first}", path=self._path) from None

    def pairs(self, node: Any, what: str) -> list[tuple[Any, Any]]:
        from ruamel.yaml.nodes import MappingNode, ScalarNode

        if not isinstance(node, MappingNode):
            raise self.error(node, f"{what} must be a mapping (NAME: answer)")
        pairs: list[tuple[Any, Any]] = []
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise self.error(key, "a key must be plain text")
            if key.value in seen:
                raise self.error(key, f'"{key.value}" stands here twice')
            seen.add(key.value)
            pairs.append((key, value))
        return pairs

    def is_null(self, node: Any) -> bool:
        return str(node.tag).endswith(":null")

    def replies(self, node: Any, read: Callable[[Any], T]) -> Replies[T]:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        if isinstance(node, MappingNode) and [key.value for key, _ in node.value] == ["replies"]:
            items = node.value[0][1]
            if not isinstance(items, SequenceNode):
                raise self.error(items, "replies must be a list")
            return Replies(tuple(read(item) for item in items.value), in_turn=True)
        return Replies((read(node),))

    def text(self, node: Any) -> str:
        """A scalar as written; a list or mapping as JSON text."""
        value = self._json(node)
        return jsontext.as_text(value) or ""

    def _json(self, node: Any) -> jsontext.Json:
        from ruamel.yaml.nodes import MappingNode, ScalarNode

        if isinstance(node, ScalarNode):
            if self.is_null(node):
                return None
            tag = str(node.tag)
            if tag.endswith((":int", ":float")) and jsontext.is_json(node.value):
                return jsontext.Literal(node.value)
            if tag.endswith(":bool"):
                return bool(node.value.lower() in _YES | {"on"})
            return str(node.value)
        if isinstance(node, MappingNode):
            return {str(key.value): self._json(value) for key, value in self.pairs(node, "the answer")}
        return [self._json(item) for item in node.value]

    def truth(self, node: Any) -> bool:
        word = str(node.value).lower()
        if word not in _YES | _NO:
            raise self.error(node, "a decision must be true or false")
        return word in _YES

    def command_line(self, key: str, node: Any) -> str:
        try:
            lexer = shlex.shlex(key, posix=True, punctuation_chars="|")
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError as error:
            raise self.error(node, f"no command line: {error}") from None
        pipeline: list[list[str]] = [[]]
        for word in words:
            if word == "|":
                pipeline.append([])
            else:
                pipeline[-1].append(word)
        return command_key(pipeline)

    def completed(self, node: Any) -> Completed:
        from ruamel.yaml.nodes import MappingNode

        if not isinstance(node, MappingNode):
            return Completed(0, self.text(node))
        given = {str(key.value): (key, value) for key, value in self.pairs(node, "the answer of a command")}
        for name, (key, _) in given.items():
            if name not in _COMMAND_KEYS:
                raise self.error(key, f'"{name}" is no part of a command\'s answer', "known are exit, stdout, stderr")
        code = self.text(given["exit"][1]) if "exit" in given else "0"
        if not code.isascii() or not code.isdigit() or int(code) > 255:
            raise self.error(given["exit"][1], "exit must be a number from 0 to 255")
        streams = [self.text(given[name][1]) if name in given else "" for name in ("stdout", "stderr")]
        return Completed(int(code), *streams)

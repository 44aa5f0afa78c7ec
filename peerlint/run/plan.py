"""What a process would do, read from its IR: shown before a run, and what keeps it from starting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from peerlint.process.logic import THE_AGENT
from peerlint.process.logic.command_lines import pipeline_line
from peerlint.process.model import (
    BucketAdd,
    BucketInfo,
    Delegate,
    FileDelete,
    FileRead,
    FileWrite,
    KeysOf,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    KvWait,
    Opaque,
    Pipeline,
    Process,
    Publish,
    Request,
    ServerCheck,
    Shell,
    Step,
    Text,
    walk,
)
from peerlint.records import dataclass
from peerlint.run.local import OWN_TOOLS, is_question
from peerlint.run.shellcode import simple_command
from peerlint.source.text import NOWHERE, Span

_KV_VERBS: dict[type, str] = {
    KvGet: "read",
    KvPut: "store",
    KvCreate: "create",
    KvUpdate: "update",
    KvDelete: "delete",
    KvPurge: "purge",
    KvHistory: "history",
    KvWait: "wait",
}
_FILE_VERBS: dict[type, str] = {FileRead: "read file", FileWrite: "write file", FileDelete: "delete file"}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a process cannot start: where, what, and what to do about it."""

    span: Span
    what: str
    todo: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a step may do: a verb and what it is about."""

    step: str
    verb: str
    subject: str
    span: Span


def shown(text: Text) -> str:
    """A template as it is written."""
    return "".join(part if isinstance(part, str) else f"[{part.name}]" for part in text.parts)


def _with_spans(step: Step) -> Iterator[tuple[object, Span]]:
    """The nodes of a step, each with the span of the statement that holds it."""
    span = step.span
    for node in walk(step.statements):
        own = getattr(node, "span", None)
        if isinstance(own, Span) and own != NOWHERE:
            span = own
        yield node, span


def obstacles(
    process: Process, allows: Callable[[str], bool], answers: Callable[[Sequence[Sequence[str]]], bool]
) -> list[Obstacle]:
    """What keeps the process from starting: shell code, lines without a meaning, commands that may not run.

    `allows` says whether a command of that name may run, `answers` whether the answers file answers a command line.
    A command line with names in it, whose words are not known yet, is let through where its command is answered.
    """
    found: list[Obstacle] = []
    for step in process.steps:
        for node, span in _with_spans(step):
            obstacle = None
            if isinstance(node, Opaque):
                obstacle = Obstacle(span, f"this line has no meaning that could be run: {node.reason}", "reword it")
            elif isinstance(node, Shell):
                obstacle = _shell_obstacle(node, step.number, span, allows, answers)
            elif isinstance(node, Pipeline):
                obstacle = _pipeline_obstacle(node, span, allows, answers)
            if obstacle is not None and obstacle not in found:
                found.append(obstacle)
    return found


def _shell_obstacle(
    shell: Shell,
    step: str,
    span: Span,
    allows: Callable[[str], bool],
    answers: Callable[[Sequence[Sequence[str]]], bool],
) -> Obstacle | None:
    words = simple_command(shell.code)
    # Named, since a step without a finding is migrated only where it is asked for.
    todo = f"peerlint --fix --step {step} migrates it, or says what is in the way"
    if words is None:
        return Obstacle(span, "the step runs shell code", todo)
    if answers([words]) or allows(words[0]):
        return None
    todo += "; or answer it in the answers file under commands"
    return Obstacle(span, f'the step runs "{words[0]}"', todo)


def _pipeline_obstacle(
    pipeline: Pipeline,
    span: Span,
    allows: Callable[[str], bool],
    answers: Callable[[Sequence[Sequence[str]]], bool],
) -> Obstacle | None:
    known: list[list[str]] = []
    for argv in pipeline.commands:
        words = [word.literal if isinstance(word, Text) else None for word in argv.words]
        if any(word is None for word in words[1:]):
            known = []
            break
        known.append([word or "" for word in words])
    if known and answers(known):
        return None
    for argv in pipeline.commands:
        words = [word.literal if isinstance(word, Text) else None for word in argv.words]
        name = words[0] if words else None
        if name is None or is_question(words) or name in OWN_TOOLS or allows(name) or (not known and answers([[name]])):
            continue
        todo = f"allow it with --allow {name}, or answer it in the answers file under commands"
        return Obstacle(span, f'the command "{name}" is not allowed', todo)
    return None


def operations(process: Process) -> Iterator[Operation]:
    """What the steps may do, in the order of the text; nothing is executed to find out."""
    for step in process.steps:
        stated: set[int] = set()  # the command lines of effects that are shown as what they mean
        for node, span in _with_spans(step):
            if isinstance(node, (ServerCheck, BucketAdd)) and node.command is not None:
                stated.update(id(line) for line in node.command.lines)
            if id(node) in stated:
                continue
            for verb, subject in _operation(node):
                yield Operation(step.number, verb, subject, span)


def _operation(node: object) -> Iterator[tuple[str, str]]:
    match node:
        case ServerCheck():
            yield "check", "NATS server"
        case BucketInfo(bucket=bucket):
            yield "check", f"bucket {shown(bucket)}"
        case BucketAdd(bucket=bucket):
            yield "create", f"bucket {shown(bucket)}"
        case KvKeys(bucket=bucket) | KeysOf(bucket=bucket):
            yield "list", f"keys of {shown(bucket)}"
        case KvGet() | KvPut() | KvCreate() | KvUpdate() | KvDelete() | KvPurge() | KvHistory() | KvWait():
            yield _KV_VERBS[type(node)], f"{shown(node.bucket)} {shown(node.key)}"
        case Publish(subject=subject):
            yield "publish", shown(subject)
        case Request(subject=subject):
            yield "request", shown(subject)
        case FileRead(path=path) | FileWrite(path=path) | FileDelete(path=path):
            yield _FILE_VERBS[type(node)], shown(path)
        case Delegate(subagent=subagent, request=request) if subagent == THE_AGENT and request is not None:
            yield "task", _first_line(shown(request))
        case Delegate(subagent=subagent):
            yield "ask subagent", subagent
        case Pipeline():
            yield "run", pipeline_line(node)
        case Shell(code=code):
            yield "shell", _first_line(code)
        case Opaque(text=text, reason=reason):
            yield "unclear", f"{_first_line(text)} ({reason})"
        case _:
            return


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]

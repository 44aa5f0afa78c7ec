"""The canonical text of statements: one form for each, undone by `parse_logic`."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.process.logic.clauses import NOTHING_IF_EMPTY, flag_words, render_duration
from peerlint.process.logic.command_lines import pipeline_line, render_commands
from peerlint.process.logic.directives import THE_AGENT
from peerlint.process.logic.render_values import render_condition, render_listing, render_value
from peerlint.process.logic.texts import (
    Unrenderable,
    fenced_where_needed,
    render_block_template,
    render_ref,
    render_string,
    render_text,
    render_word,
)
from peerlint.process.model import (
    Ask,
    BucketAdd,
    BucketInfo,
    Check,
    Clauses,
    Commands,
    Delegate,
    Do,
    Effect,
    FileDelete,
    FileRead,
    FileWrite,
    ForEach,
    If,
    InFolder,
    Input,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    KvWait,
    Leave,
    Note,
    Opaque,
    Proceed,
    Publish,
    Ref,
    Repeat,
    Request,
    Result,
    Resume,
    Run,
    Say,
    ServerCheck,
    Set,
    Shell,
    Skip,
    Statement,
    Stop,
    Text,
    Verbatim,
    walk,
)

_INDENT = "  "
#: Stands for a body without statements.
NOTHING = "DO NOTHING"


def render_logic(statements: tuple[Statement, ...], indent: int = 0) -> str:
    """The statements as canonical text, `indent` levels deep, without a newline at the end.

    Raises Unrenderable for IR that the language has no form for (a name in small letters, say).
    """
    return "\n".join(f"{_INDENT * indent}{line}" if line else "" for line in _lines(statements))


def rendered_blocks(statements: tuple[Statement, ...]) -> dict[str, str]:
    """The content of every block that the statements name, by tag name, without indentation.

    Raises Unrenderable where two texts share a name.
    """
    blocks: dict[str, str] = {}
    for node in walk(statements):
        name = getattr(node, "block", None)
        if name is None or not isinstance(node, Text | Verbatim | Commands):
            continue
        content = _block_content(node)
        if blocks.setdefault(name, content) != content:
            raise Unrenderable(f"two different texts are called <{name}>")
    return blocks


def _block_content(node: Text | Verbatim | Commands) -> str:
    match node:
        case Text():
            return fenced_where_needed(render_block_template(node))
        case Verbatim():
            return fenced_where_needed(node.text)
        case Commands():
            return fenced_where_needed("\n".join(pipeline_line(line) for line in node.lines), "bash", plain=True)


# --- blocks of statements --------------------------------------------------------------------------------------------


def _lines(statements: tuple[Statement, ...]) -> Iterator[str]:
    """The lines of the statements, iteratively: depth costs no stack of ours."""
    stack: list[tuple[int, Iterator[str | tuple[Statement, ...]]]] = [(0, _flat(statements))]
    while stack:
        depth, items = stack[-1]
        item = next(items, None)
        if item is None:
            stack.pop()
        elif isinstance(item, str):
            yield _INDENT * depth + item if item else ""
        elif item:
            stack.append((depth + 1, _flat(item)))
        else:
            yield _INDENT * (depth + 1) + NOTHING


def _flat(statements: tuple[Statement, ...]) -> Iterator[str | tuple[Statement, ...]]:
    """Lines, and bodies in their place."""
    for statement in statements:
        match statement:
            case If(branches, otherwise):
                for index, branch in enumerate(branches):
                    yield f"{'ELSE IF' if index else 'IF'} {render_condition(branch.condition)}:"
                    yield branch.body
                if otherwise is not None:
                    yield "ELSE:"
                    yield otherwise
            case ForEach(name, listing, body):
                yield f"FOR EACH {_name(name)} in {render_listing(listing)}:"
                yield body
            case Repeat():
                yield _repeat(statement)
                yield statement.body
            case InFolder(path, body):
                yield f"IN FOLDER {render_string(path)}:"
                yield body
            case Delegate():
                yield from _delegation(statement)
            case Note(text):
                yield from (f"NOTE: {line.strip()}".rstrip() for line in text.split("\n"))
            case Opaque(_, text) | Shell(text):
                yield from text.split("\n")
            case _:
                yield _line(statement)


def _repeat(statement: Repeat) -> str:
    pause = "" if statement.pause is None else f", {render_duration(statement.pause)} apart"
    until = "" if statement.until is None else f", until {render_condition(statement.until)}"
    return f"REPEAT up to {statement.times} times{pause}{until}:"


def _delegation(statement: Delegate) -> Iterator[str]:
    name = _as(statement.name)
    short = statement.wait is None and not statement.verify and not statement.process
    if statement.subagent == THE_AGENT and statement.request is not None and short:
        yield f"TASK: {render_text(statement.request)}{name}"
        return
    if statement.request is None:
        yield f"ACTION: Use {statement.subagent} subagent{name}"
    else:
        yield f"ACTION: Use {statement.subagent} subagent"
        yield f"REQUEST: {render_text(statement.request)}{name}"
    if statement.wait is not None:
        yield f"WAIT: {statement.wait}"
    yield from (f"VERIFY: {text}" for text in statement.verify)
    yield from (f"PROCESS: {text}" for text in statement.process)


# --- single lines ----------------------------------------------------------------------------------------------------


def _line(statement: Statement) -> str:
    match statement:
        case Do(effect, clauses):
            return _effect(effect) + _clauses(clauses)
        case Say(kind, text):
            return f"{kind.value}: {render_text(text)}"
        case Set(target, value, clauses):
            return f"SET: {render_ref(target)} = {render_value(value)}{_clauses(clauses)}"
        case Check(condition):
            return f"CHECK: {render_condition(condition)}"
        case Input(name, question):
            return f"INPUT: {_name(name)}" + ("" if question is None else f", {render_string(Text.of(question))}")
        case Result(name):
            return f"RESULT: {_name(name)}"
        case Ask(text, name):
            return f"ASK: {render_text(text)}{_as(name)}"
        case _:
            return _flow(statement)


def _flow(statement: Statement) -> str:
    match statement:
        case Stop(reason):
            return "STOP execution" + ("" if reason is None else f" because {render_string(reason)}")
        case Proceed(step):
            return "PROCEED to next step" if step is None else f"PROCEED to step {step}"
        case Skip():
            return "SKIP this step"
        case Resume(step):
            return f"RESUME from step {step}"
        case Leave():
            return "LEAVE the loop"
        case _:
            raise TypeError(f"no statement: {statement!r}")


def _name(name: str) -> str:
    """The name, where the language can write it."""
    return render_ref(Ref(name))


def _as(name: str | None, words: str = " AS ") -> str:
    return "" if name is None else f"{words}{_name(name)}"


def _effect(effect: Effect) -> str:
    match effect:
        case ServerCheck(command):
            return "CHECK: NATS server connectivity" + (
                "" if command is None else f", as in {render_commands(command)}"
            )
        case BucketInfo(bucket, history, replicas):
            return (
                f"CHECK: bucket {render_word(bucket)}{_as(history, ', history AS ')}{_as(replicas, ', replicas AS ')}"
            )
        case BucketAdd(bucket, command):
            return f"CREATE: bucket {render_word(bucket)}, as in {render_commands(command)}"
        case Publish(subject, value):
            return f"PUBLISH: {render_value(value)} to {render_word(subject)}"
        case Request(subject, value, name):
            return f"REQUEST: {render_value(value)} from {render_word(subject)}{_as(name)}"
        case FileRead(path, name):
            return f"READ: file {render_string(path)}{_as(name)}"
        case FileWrite(path, value, append, nothing):
            word, clause = "APPEND" if append else "WRITE", NOTHING_IF_EMPTY if nothing else ""
            return f"{word}: file {render_string(path)} = {render_value(value)}{clause}"
        case FileDelete(path):
            return f"DELETE: file {render_string(path)}"
        case Run(command, label, given, name):
            what = f"RUN: {render_commands(command)}" if label is None else _action(label, command)
            return what + ("" if given is None else f" with input {render_value(given)}") + _as(name)
        case _:
            return _kv_effect(effect)


def _action(label: str, command: Commands) -> str:
    return f"ACTION: {label}, as in {render_commands(command)}"


def _kv_effect(effect: Effect) -> str:
    match effect:
        case KvGet(bucket, key, name, revision):
            return f"READ: {render_word(key)} from {render_word(bucket)}{_as(name)}{_as(revision, ', revision AS ')}"
        case KvPut(bucket, key, value):
            return f"STORE: {render_word(key)} in {render_word(bucket)} = {render_value(value)}"
        case KvCreate(bucket, key, value):
            return f"CREATE: {render_word(key)} in {render_word(bucket)} = {render_value(value)}"
        case KvUpdate(bucket, key, value, revision):
            place = f"{render_word(key)} in {render_word(bucket)}"
            return f"UPDATE: {place} = {render_value(value)}, if revision is still {_name(revision)}"
        case KvDelete(bucket, key):
            return f"DELETE: {render_word(key)} from {render_word(bucket)}"
        case KvPurge(bucket, key):
            return f"PURGE: {render_word(key)} from {render_word(bucket)}"
        case KvKeys(bucket, name):
            return f"LIST: keys of {render_word(bucket)}{_as(name)}"
        case KvHistory(bucket, key, name):
            return f"LIST: history of {render_word(key)} in {render_word(bucket)}{_as(name)}"
        case KvWait(bucket, key, value):
            return f"WAIT: for {render_word(key)} in {render_word(bucket)} to equal {render_value(value)}"
        case _:
            raise TypeError(f"no effect: {effect!r}")


def _clauses(clauses: Clauses) -> str:
    """All clauses in their order."""
    return "".join(
        (
            _as(clauses.exit_code, ", exit code AS "),
            flag_words(clauses, "errors_included"),
            flag_words(clauses, "errors_hidden"),
            _as(clauses.error, ", error AS "),
            flag_words(clauses, "output_hidden"),
            flag_words(clauses, "quietly"),
            "" if clauses.within is None else f", within {render_duration(clauses.within)}",
            "" if clauses.if_fails is None else f", or {render_value(clauses.if_fails)} if it fails",
            "" if clauses.if_empty is None else f", or {render_value(clauses.if_empty)} if empty",
            flag_words(clauses, "ignoring_failure"),
        )
    )

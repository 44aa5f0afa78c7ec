"""Directives and flow, one line each: reading the canonical form."""

from __future__ import annotations

from collections.abc import Callable

from peerlint.patterns import regex
from peerlint.process.logic.clauses import NOTHING_IF_EMPTY, read_clauses
from peerlint.process.logic.command_lines import read_commands
from peerlint.process.logic.conditions import read_condition
from peerlint.process.logic.cursor import STEP, Cursor, Mismatch
from peerlint.process.logic.texts import read_literal, read_string, read_text, read_word
from peerlint.process.logic.values import read_target, read_value
from peerlint.process.model import (
    Ask,
    BucketAdd,
    BucketInfo,
    Check,
    Commands,
    Delegate,
    Do,
    Effect,
    FileDelete,
    FileRead,
    FileWrite,
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
    Proceed,
    Publish,
    Request,
    Result,
    Resume,
    Run,
    Say,
    SayKind,
    ServerCheck,
    Set,
    Skip,
    Statement,
    Stop,
)
from peerlint.records import replace
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

#: The subagent that stands for the agent itself, which `TASK` gives work to.
THE_AGENT = "agent"

Reader: TypeAlias = Callable[[Cursor, Span], Statement]

DIRECTIVE_WORD = regex(r"([A-Z][A-Z_]*):[ \t]*")
_USE_SUBAGENT = regex(r"Use (?:the )?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*) subagent(?![A-Za-z0-9_-])")
_LABEL = regex(r"(?P<label>\S.*?), as in (?=[<`])")


def read_directive(cursor: Cursor, span: Span) -> Statement:
    """The statement of a line `WORD: payload` or a flow line. Raises Mismatch."""
    word = cursor.match(DIRECTIVE_WORD)
    if word is None:
        return _flow(cursor, span)
    reader = _READERS.get(word[1])
    if reader is None:
        raise Mismatch(f"{word[1]}: is no directive", 0)
    statement = reader(cursor, span)
    cursor.expect_end()
    return statement


# --- flow ------------------------------------------------------------------------------------------------------------


def _flow(cursor: Cursor, span: Span) -> Statement:
    statement: Statement
    if cursor.take("STOP execution"):
        statement = Stop(read_string(cursor) if cursor.take(" because ") else None, span)
    elif cursor.take("PROCEED to next step"):
        statement = Proceed(None, span)
    elif cursor.take("PROCEED to step "):
        statement = Proceed(_step(cursor), span)
    elif cursor.take("SKIP this step"):
        statement = Skip(span)
    elif cursor.take("RESUME from step "):
        statement = Resume(_step(cursor), span)
    elif cursor.take("LEAVE the loop"):
        statement = Leave(span)
    else:
        raise cursor.mismatch("no directive and no flow word")
    cursor.expect_end()
    return statement


def _step(cursor: Cursor) -> str:
    found = cursor.match(STEP)
    if found is None:
        raise cursor.mismatch("the number of a step expected")
    return found.group()


# --- words, names, people --------------------------------------------------------------------------------------------


def _note(cursor: Cursor, span: Span) -> Statement:
    return Note(_prose(cursor), span)


def _prose(cursor: Cursor) -> str:
    """The rest of the line."""
    text = cursor.rest.strip()
    cursor.at = len(cursor.text)
    return text


def _say(kind: SayKind) -> Reader:
    return lambda cursor, span: Say(kind, read_text(cursor), span)


def _input(cursor: Cursor, span: Span) -> Statement:
    name = cursor.name()
    return Input(name, read_literal(cursor) if cursor.take(", ") else None, span)


def _result(cursor: Cursor, span: Span) -> Statement:
    return Result(cursor.name(), span)


def _ask(cursor: Cursor, span: Span) -> Statement:
    text = read_text(cursor)
    cursor.expect(" AS ")
    return Ask(text, cursor.name(), span)


def _task(cursor: Cursor, span: Span) -> Statement:
    request = read_text(cursor)
    return Delegate(THE_AGENT, request, name=_optional_name(cursor), span=span)


def _optional_name(cursor: Cursor) -> str | None:
    return cursor.name() if cursor.take(" AS ") else None


def _set(cursor: Cursor, span: Span) -> Statement:
    target = read_target(cursor)
    cursor.expect(" = ")
    value = read_value(cursor)
    return Set(target, value, read_clauses(cursor, Set), span)


# --- effects ---------------------------------------------------------------------------------------------------------


def _done(cursor: Cursor, effect: Effect, span: Span) -> Statement:
    return Do(effect, read_clauses(cursor, type(effect)), span)


def _named(cursor: Cursor) -> str:
    cursor.expect(" AS ")
    return cursor.name()


def _read(cursor: Cursor, span: Span) -> Statement:
    if cursor.sees('file "'):
        cursor.expect("file ")
        path = read_string(cursor)
        return _done(cursor, FileRead(path, _named(cursor)), span)
    key = read_word(cursor)
    cursor.expect(" from ")
    bucket = read_word(cursor)
    name = _named(cursor)
    revision = cursor.name() if cursor.take(", revision AS ") else None
    return _done(cursor, KvGet(bucket, key, name, revision), span)


def _store(cursor: Cursor, span: Span) -> Statement:
    key = read_word(cursor)
    cursor.expect(" in ")
    bucket = read_word(cursor)
    cursor.expect(" = ")
    return _done(cursor, KvPut(bucket, key, read_value(cursor)), span)


def _create(cursor: Cursor, span: Span) -> Statement:
    if cursor.take("bucket "):
        bucket = read_word(cursor)
        cursor.expect(", as in ")
        return _done(cursor, BucketAdd(bucket, read_commands(cursor)), span)
    key = read_word(cursor)
    cursor.expect(" in ")
    bucket = read_word(cursor)
    cursor.expect(" = ")
    return _done(cursor, KvCreate(bucket, key, read_value(cursor)), span)


def _update(cursor: Cursor, span: Span) -> Statement:
    key = read_word(cursor)
    cursor.expect(" in ")
    bucket = read_word(cursor)
    cursor.expect(" = ")
    value = read_value(cursor)
    cursor.expect(", if revision is still ")
    return _done(cursor, KvUpdate(bucket, key, value, cursor.name()), span)


def _delete(cursor: Cursor, span: Span) -> Statement:
    if cursor.sees('file "'):
        cursor.expect("file ")
        return _done(cursor, FileDelete(read_string(cursor)), span)
    key = read_word(cursor)
    cursor.expect(" from ")
    return _done(cursor, KvDelete(read_word(cursor), key), span)


def _purge(cursor: Cursor, span: Span) -> Statement:
    key = read_word(cursor)
    cursor.expect(" from ")
    return _done(cursor, KvPurge(read_word(cursor), key), span)


def _list(cursor: Cursor, span: Span) -> Statement:
    if cursor.take("keys of "):
        bucket = read_word(cursor)
        return _done(cursor, KvKeys(bucket, _named(cursor)), span)
    cursor.expect("history of ")
    key = read_word(cursor)
    cursor.expect(" in ")
    bucket = read_word(cursor)
    return _done(cursor, KvHistory(bucket, key, _named(cursor)), span)


def _file(*, append: bool) -> Reader:
    def read(cursor: Cursor, span: Span) -> Statement:
        cursor.expect("file ")
        path = read_string(cursor)
        cursor.expect(" = ")
        value = read_value(cursor)
        return _done(cursor, FileWrite(path, value, append, cursor.take(NOTHING_IF_EMPTY)), span)

    return read


def _check(cursor: Cursor, span: Span) -> Statement:
    if cursor.take("NATS server connectivity"):
        command = read_commands(cursor) if cursor.take(", as in ") else None
        return _done(cursor, ServerCheck(command), span)
    if cursor.take("bucket "):
        bucket = read_word(cursor)
        history = cursor.name() if cursor.take(", history AS ") else None
        replicas = cursor.name() if cursor.take(", replicas AS ") else None
        return _done(cursor, BucketInfo(bucket, history, replicas), span)
    return Check(read_condition(cursor), span)


def _wait(cursor: Cursor, span: Span) -> Statement:
    cursor.expect("for ")
    key = read_word(cursor)
    cursor.expect(" in ")
    bucket = read_word(cursor)
    cursor.expect(" to equal ")
    return _done(cursor, KvWait(bucket, key, read_value(cursor)), span)


def _publish(cursor: Cursor, span: Span) -> Statement:
    value = read_value(cursor)
    cursor.expect(" to ")
    return _done(cursor, Publish(read_word(cursor), value), span)


def _request(cursor: Cursor, span: Span) -> Statement:
    value = read_value(cursor)
    cursor.expect(" from ")
    subject = read_word(cursor)
    return _done(cursor, Request(subject, value, _named(cursor)), span)


def _run(cursor: Cursor, span: Span) -> Statement:
    return _run_of(cursor, read_commands(cursor), None, span)


def _run_of(cursor: Cursor, command: Commands, label: str | None, span: Span) -> Statement:
    given = read_value(cursor) if cursor.take(" with input ") else None
    return _done(cursor, Run(command, label, given, _optional_name(cursor)), span)


def _action(cursor: Cursor, span: Span) -> Statement:
    if (use := cursor.match(_USE_SUBAGENT)) is not None:
        return Delegate(use["name"], name=_optional_name(cursor), span=span)
    label = cursor.match(_LABEL)
    if label is None:
        raise cursor.mismatch('", as in <block>" expected; work in prose is a TASK')
    return _run_of(cursor, read_commands(cursor), label["label"], span)


_READERS: dict[str, Reader] = {
    "ACTION": _action,
    "APPEND": _file(append=True),
    "ASK": _ask,
    "CHECK": _check,
    "CREATE": _create,
    "DELETE": _delete,
    "INPUT": _input,
    "LIST": _list,
    "NOTE": _note,
    "PUBLISH": _publish,
    "PURGE": _purge,
    "READ": _read,
    "REQUEST": _request,
    "RESULT": _result,
    "RUN": _run,
    "SET": _set,
    "STORE": _store,
    "TASK": _task,
    "UPDATE": _update,
    "WAIT": _wait,
    "WRITE": _file(append=False),
} | {kind.value: _say(kind) for kind in SayKind}

#: The words that begin a canonical directive.
DIRECTIVE_WORDS = frozenset(_READERS)


# --- lines of a delegation -------------------------------------------------------------------------------------------


def read_delegation_line(cursor: Cursor, delegate: Delegate) -> Delegate | None:
    """The delegation with what this line adds to it, or None where the line is none of it. Raises Mismatch.

    The lines stand in this order: REQUEST, WAIT, VERIFY, PROCESS; the last two any number of times.
    """
    word = cursor.match(DIRECTIVE_WORD)
    if word is None or cursor.done:
        return None
    before_checks = not delegate.verify and not delegate.process
    if word[1] == "REQUEST" and delegate.request is None and delegate.wait is None and before_checks:
        return _requested(cursor, delegate)
    if word[1] == "WAIT" and delegate.wait is None and before_checks:
        return replace(delegate, wait=_prose(cursor))
    if word[1] == "VERIFY" and not delegate.process:
        return replace(delegate, verify=(*delegate.verify, _prose(cursor)))
    if word[1] == "PROCESS":
        return replace(delegate, process=(*delegate.process, _prose(cursor)))
    return None


def _requested(cursor: Cursor, delegate: Delegate) -> Delegate:
    request = read_text(cursor)
    name = _optional_name(cursor) or delegate.name
    cursor.expect_end()
    return replace(delegate, request=request, name=name)

"""What a statement does, in words for a newcomer."""

from __future__ import annotations

from peerlint.process.logic import THE_AGENT, Unrenderable, checked, goes_on, render_logic
from peerlint.process.model import (
    Ask,
    BucketAdd,
    BucketInfo,
    Check,
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
    Repeat,
    Request,
    Result,
    Resume,
    Run,
    Say,
    SayKind,
    ServerCheck,
    Set,
    Shell,
    ShellForm,
    Skip,
    Statement,
    Stop,
)

_EFFECTS: dict[type[Effect], str] = {
    ServerCheck: "asks whether the NATS server responds",
    BucketInfo: "looks at a bucket",
    BucketAdd: "creates a bucket",
    KvGet: "reads a key",
    KvPut: "stores a key",
    KvCreate: "creates a key, if it does not exist",
    KvUpdate: "updates a key, if nobody wrote in between",
    KvDelete: "deletes a key",
    KvPurge: "deletes a key with its history",
    KvKeys: "lists the keys of a bucket",
    KvHistory: "lists what a key held",
    KvWait: "waits until a key has a value",
    Publish: "publishes a message",
    Request: "sends a request and waits for the reply",
    FileRead: "reads a file",
    FileWrite: "writes a file",
    FileDelete: "deletes a file",
    Run: "runs a command",
}
_MESSAGES = {
    SayKind.DISPLAY: "tells the user",
    SayKind.WARN: "warns the user",
    SayKind.ERROR: "tells the user what is wrong; stops nothing by itself",
    SayKind.PROVIDE: "advises the user",
}
_SHELL = {
    ShellForm.SCRIPT: "calls a script",
    ShellForm.FENCE: "shell in a fence",
    ShellForm.PROSE: "shell in a sentence",
    ShellForm.BARE: "shell in bare lines",
    ShellForm.INLINE: "inline command, the agent reads its output in its place",
}
_STATEMENTS: dict[type[Statement], str] = {
    Set: "sets a variable",
    Check: "must hold, else the process stops",
    ForEach: "once for each item",
    If: "a choice",
    InFolder: "what stands below happens in a folder",
    Input: "a value that the agent fills in",
    Result: "what the step hands on",
    Ask: "asks the user",
    Stop: "ends the process",
    Skip: "ends the step, which counts as skipped",
    Leave: "leaves the loop",
}


def in_words(statement: Statement) -> str:
    """What happens at this statement, in one short sentence."""
    match statement:
        case Do(effect=effect):
            return _EFFECTS[type(effect)]
        case Say(kind=kind):
            return _MESSAGES[kind]
        case Delegate(subagent=subagent):
            return "work in prose for the agent" if subagent == THE_AGENT else f"work for the subagent {subagent}"
        case Repeat(times=times):
            return f"again and again, at most {times} times"
        case Proceed(step=step):
            return "goes on with the next step" if step is None else f"goes on with step {step}"
        case Resume(step=step):
            return f"goes on from step {step}"
        case Shell(form=form):
            return _SHELL[form]
        case Note(text):
            return _note_in_words(text)
        case Opaque(reason=reason):
            return f"not understood: {reason}"
    return _STATEMENTS[type(statement)]


def _note_in_words(text: str) -> str:
    if goes_on(text) or text.startswith(("PROCEED ", "CONTINUE ")):
        return "goes on with what stands below"
    if checked(text) is not None:
        return "what the IF below asks about"
    return "a heading; what stands below happens" if text.endswith(":") else "a remark; nothing happens"


def canonical_line(statement: Statement) -> str | None:
    """The statement as the language writes it, where that is one line that says more than the words do."""
    if isinstance(statement, (Note, Opaque, Shell, If)):
        return None
    if isinstance(statement, Delegate) and statement.subagent == THE_AGENT:
        return None
    try:
        rendered = render_logic((statement,))
    except Unrenderable:
        return None
    head, more, _ = rendered.partition("\n")
    return head if not more or isinstance(statement, (ForEach, Repeat, InFolder)) else None

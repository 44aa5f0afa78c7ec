"""Where outcome words may stand: in the IF chain directly below their effect (rule 7)."""

from __future__ import annotations

from peerlint.process.model import (
    BucketAdd,
    BucketInfo,
    Condition,
    Delegate,
    Do,
    ExitCodeIs,
    FileDelete,
    FileRead,
    FileWrite,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    KvWait,
    Outcome,
    OutcomeIs,
    Publish,
    Request,
    Run,
    ServerCheck,
    Set,
    Statement,
    walk,
)

_KEY = frozenset({Outcome.KEY_EXISTS, Outcome.KEY_DOES_NOT_EXIST, Outcome.KEY_AVAILABLE, Outcome.KEY_NOT_AVAILABLE})
_CREATION = frozenset({Outcome.CREATION_FAILS, Outcome.CREATION_SUCCEEDS})
_DELETION = frozenset({Outcome.DELETION_FAILS, Outcome.DELETION_SUCCEEDS})
_LISTING = frozenset({Outcome.LISTING_FAILS, Outcome.LISTING_SUCCEEDS})
_REQUEST = frozenset({Outcome.REQUEST_FAILS, Outcome.REQUEST_SUCCEEDS})

#: The outcome words of each effect (and of the two statements that can fail).
OUTCOMES: dict[type, frozenset[Outcome]] = {
    ServerCheck: frozenset({Outcome.SERVER_RESPONDING, Outcome.SERVER_NOT_RESPONDING}),
    BucketInfo: frozenset(
        {
            Outcome.BUCKET_EXISTS,
            Outcome.BUCKET_DOES_NOT_EXIST,
            Outcome.BUCKET_AVAILABLE,
            Outcome.BUCKET_NOT_AVAILABLE,
        }
    ),
    BucketAdd: _CREATION,
    KvGet: _KEY,
    KvPut: frozenset({Outcome.STORING_FAILS, Outcome.STORING_SUCCEEDS}),
    KvCreate: _CREATION | {Outcome.KEY_ALREADY_EXISTS},
    KvUpdate: frozenset({Outcome.REVISION_CHANGED, Outcome.UPDATE_FAILS, Outcome.UPDATE_SUCCEEDS}),
    KvDelete: _DELETION,
    KvPurge: _DELETION,
    KvKeys: _LISTING,
    KvHistory: _LISTING | _KEY,
    KvWait: frozenset({Outcome.WAIT_FAILS, Outcome.WAIT_SUCCEEDS}),
    Publish: frozenset({Outcome.PUBLISHING_FAILS, Outcome.PUBLISHING_SUCCEEDS}),
    Request: _REQUEST,
    Delegate: _REQUEST,
    FileRead: frozenset({Outcome.FILE_AVAILABLE, Outcome.FILE_NOT_AVAILABLE}),
    FileWrite: frozenset({Outcome.WRITING_FAILS, Outcome.WRITING_SUCCEEDS}),
    FileDelete: _DELETION,
    Set: frozenset({Outcome.TRANSFORMATION_FAILS, Outcome.TRANSFORMATION_SUCCEEDS}),
}
_COMMAND = frozenset({Outcome.COMMAND_FAILS, Outcome.COMMAND_SUCCEEDS})
_ACTION = frozenset({Outcome.ACTION_FAILS, Outcome.ACTION_SUCCEEDS})


def outcomes_of(statement: Statement | None) -> frozenset[Outcome]:
    """The outcome words that may stand in the IF chain directly below this statement."""
    subject = statement.effect if isinstance(statement, Do) else statement
    if isinstance(subject, Run):
        return _COMMAND if subject.label is None else _ACTION
    return OUTCOMES.get(type(subject), frozenset())


def has_exit_code(statement: Statement | None) -> bool:
    """Whether `exit code is N` may stand in the chain directly below this statement."""
    return isinstance(statement, Set) or (isinstance(statement, Do) and isinstance(statement.effect, Run))


def misplaced_outcome(condition: Condition, above: Statement | None, directive: str) -> str | None:
    """What is wrong with the outcome words of a condition below `above`, whose first word is `directive`."""
    allowed = outcomes_of(above)
    for node in walk(condition):
        if isinstance(node, OutcomeIs) and node.outcome not in allowed:
            words = node.outcome.value
        elif isinstance(node, ExitCodeIs) and not has_exit_code(above):
            words = f"exit code is {node.code}"
        else:
            continue
        if above is None:
            return f'"{words}": no directive stands directly above'
        return f'"{words}": the directive above is {directive}'
    return None

"""Short forms for IR in tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from peerlint.process.model import (
    Argv,
    Branch,
    Clauses,
    Commands,
    Condition,
    Do,
    Effect,
    If,
    KvGet,
    Outcome,
    OutcomeIs,
    Pipeline,
    Process,
    Ref,
    Say,
    SayKind,
    Statement,
    Step,
    Stop,
    Text,
)
from peerlint.run.events import Event, MessageEvent
from peerlint.run.machine import Machine, RunResult
from peerlint.run.memory import MemoryWorld
from peerlint.run.world import BucketConfig, World


def text(source: str) -> Text:
    """A template: `[NAME]` is a reference, everything else literal."""
    parts: list[str | Ref] = []
    while source:
        before, opening, rest = source.partition("[")
        name, closing, after = rest.partition("]")
        if opening and closing and name.isupper():
            parts += [before, Ref(name)]
            source = after
        else:
            parts.append(before + opening)
            source = rest
    return Text.of(*parts)


def say(message: str, kind: SayKind = SayKind.DISPLAY) -> Say:
    return Say(kind, text(message))


def do(effect: Effect, **clauses: object) -> Do:
    return Do(effect, Clauses(**clauses))  # type: ignore[arg-type]  # the tests name real clauses


def get(key: str, name: str = "VALUE", revision: str | None = None, bucket: str = "state") -> KvGet:
    return KvGet(text(bucket), text(key), name, revision)


def when(condition: Condition, *body: Statement, otherwise: Sequence[Statement] | None = None) -> If:
    return If((Branch(condition, tuple(body)),), None if otherwise is None else tuple(otherwise))


def outcome(word: Outcome) -> OutcomeIs:
    return OutcomeIs(word)


def pipeline(*commands: Sequence[str]) -> Pipeline:
    return Pipeline(tuple(Argv(tuple(text(word) for word in argv)) for argv in commands))


def commands(*lines: Pipeline) -> Commands:
    return Commands(lines)


STOP = Stop()


def process(*statements: Statement) -> Process:
    return Process("test", (Step("1", statements=statements),))


def memory(values: Mapping[str, str] | None = None, *, history: int = 10) -> MemoryWorld:
    """A world with the bucket `state`."""
    world = MemoryWorld()
    world.bucket_add(BucketConfig("state", history=history))
    for key, value in (values or {}).items():
        world.kv_put("state", key, value)
    return world


def run(
    *statements: Statement,
    world: World | None = None,
    arguments: Sequence[str] = (),
    inputs: Mapping[str, str] | None = None,
) -> RunResult:
    return Machine(world or memory(), process(*statements), arguments, inputs).run()


def messages(result: RunResult) -> list[str]:
    return [event.text for event in result.events if isinstance(event, MessageEvent)]


def kinds(events: Iterable[Event]) -> list[str]:
    return [event.event for event in events]

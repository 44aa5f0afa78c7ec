"""What a repair looks at: one scenario, both traces, the texts of the original; and what several of them ask."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Literal, Simple, Word, walk
from peerlint.prove.scenario import Scenario
from peerlint.prove.trace import STOPS, Action, Trace, canonical, lines_of
from peerlint.records import dataclass
from peerlint.source.text import NOWHERE


@dataclass(frozen=True, slots=True)
class Situation:
    """One scenario, what both sides did in it, and the texts of the original: its calls and scripts.

    `tells_codes` says that the prose of the step tells exit codes apart.
    """

    scenario: Scenario
    original: Trace
    rewrite: Trace
    texts: tuple[str, ...] = ()
    tells_codes: bool = False

    @property
    def given(self) -> Iterator[str]:
        """All values that the step meets: inputs, arguments, keys, what commands print."""
        yield from self.scenario.inputs.values()
        yield from self.scenario.handed_over.values()
        yield from self.scenario.arguments
        if len(self.scenario.arguments) > 1:
            yield " ".join(self.scenario.arguments)
        yield from (change.value for change in self.scenario.changes if change.value is not None)
        yield from (fault.value for fault in self.scenario.faults if fault.value)
        yield from (answer.stdout.rstrip("\n") for answer in self.scenario.commands)
        speak = {answer.line for answer in self.scenario.commands if answer.stdout}
        if any(action.operation == "run" and action.key not in speak for action in self.original.actions):
            yield ""

    def says(self, pattern: str) -> bool:
        """Whether a text of the original matches."""
        return any(re.search(pattern, text, re.MULTILINE) for text in self.texts)


@dataclass(frozen=True, slots=True)
class Repair:
    """`name`, what it is about, whether it is accepted without being named in the config, and the predicate.

    Without a predicate only the original tells, run without the flaw; see `mends`.
    """

    name: str
    about: str
    by_default: bool
    holds: Callable[[Situation], bool] | None


# --- what rewrites do inside of a trigger ----------------------------------------------------------------------------


def stops_on_the_way(original: Trace, rewrite: Trace) -> bool:
    """The rewrite stops, and up to there it has done and said what the original did, and nothing else."""
    done = len(rewrite.effects)
    return (
        rewrite.outcome == STOPS
        and same_effects(original.effects[:done], rewrite.effects)
        and original.messages[: len(rewrite.messages)] == rewrite.messages
    )


def same_effects(left: Sequence[Action], right: Sequence[Action]) -> bool:
    """Whether both lists hold the same effects in the same order."""
    return [effect_of(action) for action in left] == [effect_of(action) for action in right]


def effect_of(action: Action) -> tuple[object, ...]:
    """What counts of an action."""
    return (*place_of(action), action.folder, canonical(action.value), action.expected, action.ok)


def place_of(action: Action) -> tuple[str, str, str]:
    """Where an action takes place."""
    return action.operation, action.bucket, action.key


def printed_by(action: Action, at: Situation) -> Iterator[str]:
    """Lines that the scenario has a command print."""
    for answer in at.scenario.commands:
        if action.operation == "run" and answer.line == action.key:
            yield from lines_of(answer.stdout)


def failed_actions(trace: Trace) -> list[Action]:
    """The actions that have failed, in order."""
    return [action for action in trace.actions if not action.ok]


_T = TypeVar("_T")


def more_than(longer: Sequence[_T], shorter: Sequence[_T]) -> list[_T] | None:
    """What the one has beside the other, which stands in it in order; None where it does not."""
    rest = list(shorter)
    more = [item for item in longer if not (rest and rest[0] == item and [rest.pop(0)])]
    return None if rest else more


def tails(left: Sequence[_T], right: Sequence[_T]) -> list[_T]:
    """What both have behind their common beginning."""
    same = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    return [*left[same:], *right[same:]]


def differ_behind(at: Situation, text: str, start: int, end: int) -> bool:
    """Whether all in which the two differ can only come from what stands in a text behind a place."""
    if not say_the_same(at, text[:start]):
        return False
    behind = [node for node in walk(parse_bash(text).commands) if getattr(node, "span", NOWHERE).start >= end]
    does = [re.compile(pattern, re.DOTALL) for pattern in calls_in(behind)]
    for action in tails(at.original.effects, at.rewrite.effects):
        if action.bucket and not all(word in text[end:] for word in action.operation.split()):
            return False
        if not action.bucket and not any(pattern.fullmatch(bare_call(action)) for pattern in does):
            return False
    return True


def calls_in(nodes: Any) -> Iterator[str]:
    """Patterns of the calls in some commands, as they are recorded."""
    for node in walk(tuple(nodes)):
        words = node.words if isinstance(node, Simple) else ()
        if len(words) > 1 and words[0].literal in ("bash", "sh"):
            words = words[1:]
        if words and words[0].literal:
            name = re.escape(words[0].literal.rpartition("/")[2])
            yield " ".join([name, *(pattern_of(word).replace("'", "").replace('"', "") for word in words[1:])])


def bare_call(action: Action) -> str:
    """The words of a call without quotes; nothing for what is no call."""
    return " ".join(words_of(action.key)).replace("'", "").replace('"', "") if action.operation == "run" else ""


def pattern_of(word: Word) -> str:
    """What a word may come to, as a regular expression."""
    return "".join(re.escape(part.text) if isinstance(part, Literal) else ".*" for part in word.parts)


def say_the_same(at: Situation, text: str) -> bool:
    """Whether no line in which the two differ stands in a text."""
    return all(line not in text for line in tails(at.original.messages, at.rewrite.messages))


def words_of(line: str) -> list[str]:
    """The words of a recorded line."""
    try:
        return shlex.split(line)
    except ValueError:
        return [line]

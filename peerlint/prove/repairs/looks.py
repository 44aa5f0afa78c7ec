"""What the text of the original says of what happened: whether it looks at a failure, and what it pastes where."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    AndOr,
    ArithmeticExpansion,
    Assignment,
    IfCommand,
    Literal,
    Loop,
    Negated,
    Parameter,
    Placeholder,
    Simple,
    Substitution,
    Word,
    walk,
)
from peerlint.prove.repairs.situation import Situation, bare_call, calls_in
from peerlint.prove.shims import nats_line
from peerlint.prove.trace import Action
from peerlint.source.text import Span

#: `[ -z "$NAME" ]`, `${NAME:-none}`.
_ASKS = r"-[zn]\s+\"?\$\{{?{name}\b|\$\{{{name}:?[-?=]"
_STATUS = regex(r"\$(?:\?|\{\?\})")


def nobody_looks_at(action: Action, at: Situation) -> bool:
    """Whether the script names a call that can be this one, and none of its calls that can be is looked at."""
    found = False
    for text in at.texts:
        commands = parse_bash(text).commands
        looked_at = list(_looked_at(commands, text))
        for node in walk(commands):
            if isinstance(node, Simple) and _can_be(node, action):
                found = True
                if any(span.start <= node.span.start and node.span.end <= span.end for span in looked_at):
                    return False
    return found


def guarded_on(row: int, names: frozenset[str], text: str) -> bool:
    """Whether a command of one of these names stands on a row of a text, and the script does something if it fails."""
    commands = parse_bash(text).commands
    looked_at = list(_looked_at(commands, text, skips=False))
    for node in walk(commands):
        if isinstance(node, Simple) and node.name in names and text.count("\n", 0, node.span.start) + 1 == row:
            return any(span.start <= node.span.start and node.span.end <= span.end for span in looked_at)
    return False


def _looked_at(commands: Sequence[Any], text: str, *, skips: bool = True) -> Iterator[Span]:
    """The places of commands at whose status something looks: a condition, `||`, `!`, `$?` right behind.

    With `skips` also `&&`, which only leaves out what stands behind it.
    """
    for node in walk(tuple(commands)):
        match node:
            case IfCommand(arms=arms):
                yield from (inner.span for arm in arms for inner in arm.condition)
            case Loop(condition=condition):
                yield from (inner.span for inner in condition)
            case AndOr(first=first, rest=rest):
                for at, inner in enumerate((first, *(command for _, command in rest[:-1]))):
                    if skips or any(operator == "||" for operator, _ in rest[at:]):
                        yield inner.span
            case Negated(command=command):
                yield command.span
            case Assignment(name=name, value=Word() as value) if re.search(
                rf"-[zn]\s+\"?\$\{{?{name}\b|{name}:?[-?=]", text
            ):
                # What was captured is asked for.
                yield value.span
    yield from _before_status(tuple(commands), text)


def _before_status(commands: tuple[Any, ...], text: str) -> Iterator[Span]:
    """The commands behind which the next one asks for `$?`."""
    bodies = [commands]
    for node in walk(commands):
        bodies += [body for name in ("body", "otherwise") if isinstance(body := getattr(node, name, None), tuple)]
        bodies += [arm.body for arm in getattr(node, "arms", ())]
    for body in bodies:
        for first, second in itertools.pairwise(body):
            if _STATUS.search(text[second.span.start : second.span.end]):
                yield first.span


def _can_be(node: Simple, action: Action) -> bool:
    if action.operation == "run":
        return any(re.fullmatch(pattern, bare_call(action), re.DOTALL) for pattern in calls_in((node,)))
    if node.name != "nats":
        return False
    try:
        read = nats_line.read([_as_pattern(word) for word in node.words[1:]])
    except nats_line.UsageError:
        return False
    place = read.operands.get("bucket", "*"), read.operands.get("key", read.operands.get("subject", "*"))
    return read.operation == action.operation and all(
        fnmatchcase(text, pattern) for text, pattern in zip((action.bucket, action.key), place, strict=True)
    )


def _as_pattern(word: Word) -> str:
    """A word as a pattern of file names: what is not literal may be anything."""
    return "".join(part.text if isinstance(part, Literal) else "*" for part in word.parts)


# --- what is pasted --------------------------------------------------------------------------------------------------

#: Options of jq that take the next word, and the next two.
_ONE_MORE, _TWO_MORE = (
    frozenset({"-f", "--from-file", "--indent", "--tab"}),
    frozenset({"--arg", "--argjson", "--slurpfile", "--rawfile"}),
)


def pasted_into_filters(text: str) -> set[str]:
    """The variables that stand in a jq program."""
    return {
        name
        for node in walk(parse_bash(text).commands)
        if isinstance(node, Simple) and node.name == "jq"
        for word in _program_of(node.words[1:])
        for name in _names_in(word)
    }


def _program_of(words: Sequence[Word]) -> Iterator[Word]:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option = word.literal or ""
        if option.startswith("-"):
            del rest[: 2 if option in _TWO_MORE else 1 if option in _ONE_MORE else 0]
            continue
        yield word
        return


def pasted_into_json(text: str) -> set[str]:
    """The variables that stand in a text that looks like JSON, also in a here-document."""
    found: set[str] = set()
    for word in walk(parse_bash(text).commands):
        if isinstance(word, Word):
            literal = "".join(part.text for part in word.parts if isinstance(part, Literal))
            if '"' in literal and re.search(r"[{\[:]", literal):
                found |= _names_in(word)
    return found


def _names_in(word: Word) -> set[str]:
    """The names of what a word pastes; "" for the output of a command."""
    names = {part.name for part in word.parts if isinstance(part, Parameter)}
    names |= {re.sub(r"\W", "_", part.text.strip("[]{}<>")) for part in word.parts if isinstance(part, Placeholder)}
    return names | ({""} if any(isinstance(part, Substitution | ArithmeticExpansion) for part in word.parts) else set())


#: What is calculated, and in it a name.
_CALCULATES, _NAME = regex(r"\(\((.*?)\)\)|\blet\s+(.*)|\bexpr\s+(.*)"), regex(r"[A-Za-z_]\w*|(?<=\$)\d")


def calculated_with(at: Situation) -> Iterator[str]:
    """The values that the scenario gives to what the original calculates with."""
    sums = ["".join(filter(None, found.groups())) for text in at.texts for found in _CALCULATES.finditer(text)]
    names = {name for expression in sums for name in _NAME.findall(expression)}
    given = {**at.scenario.inputs, **at.scenario.handed_over}
    yield from (value for name, value in given.items() if name in names)
    if any(name.isdigit() for name in names):
        yield from at.scenario.arguments
    # What a command says, what stands in another name; the calls of a step share their names.
    nodes = [node for text in at.texts for node in walk(parse_bash(text).commands)]
    set_by = [node.value for node in nodes if _sets(node, names)]
    if any(isinstance(part, Substitution | Parameter) for word in set_by for part in word.parts):
        yield from at.given
    if any("$(" in expression or "`" in expression for expression in sums):
        yield from at.given


def _sets(node: object, names: set[str]) -> bool:
    return isinstance(node, Assignment) and node.name in names and isinstance(node.value, Word)


def held_by(names: set[str], at: Situation) -> list[str]:
    """What these names hold in the scenario; all that the step meets where a name is not known."""
    held = {**at.rewrite.variables, **at.scenario.inputs, **at.scenario.handed_over}
    values = [held.get(name, held.get(name.upper())) for name in sorted(names)]
    # A loop leaves only its last value, and a function its own: what such a name holds may be any of the values.
    return [value for value in values if value is not None] + ([*at.given] if None in values else [])

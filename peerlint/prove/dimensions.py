"""What can differ from one scenario to the next: derived from the rewrite's IR, the original, and what was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from peerlint.process.model import (
    Arithmetic,
    AsNumber,
    BucketInfo,
    Compare,
    Do,
    Equals,
    FlagValue,
    HasPart,
    JqFilter,
    KvGet,
    Number,
    OneOf,
    OtherArgument,
    Process,
    Provided,
    Ref,
    Set,
    Step,
    Text,
    ToolAvailable,
    Value,
    walk,
)
from peerlint.prove.scenario import Change, CommandAnswer, Scenario, shorten
from peerlint.prove.trace import Trace
from peerlint.records import dataclass, field, replace

#: Values that inputs of every kind have to bear.
ZOO = ("", "two words", 'it\'s "quoted"', "a/b.c-d_e", "$HOME `id` $(id)", "*", "é ✅", "-n", "a\\nb")
_TYPICAL = "sample"
#: What a stored text may hold too: a shell that does not quote it takes it apart.
_BLANKS = 'two  "quoted" words'


@dataclass(frozen=True, slots=True)
class Option:
    """One way in which a dimension can come out: its name for people ("" for as usual), and what it changes."""

    name: str
    arguments: tuple[str, ...] | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    absent: frozenset[str] = frozenset()
    handed_over: tuple[tuple[str, str], ...] = ()
    commands: tuple[CommandAnswer, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    outside: str = ""

    def on(self, scenario: Scenario) -> Scenario:
        """The scenario with this option."""
        return replace(
            scenario,
            given=(*scenario.given, self.name) if self.name else scenario.given,
            arguments=scenario.arguments if self.arguments is None else self.arguments,
            inputs={**scenario.inputs, **dict(self.inputs)},
            handed_over={**scenario.handed_over, **dict(self.handed_over)},
            changes=(*scenario.changes, *self.changes),
            absent=scenario.absent | self.absent,
            commands=(*scenario.commands, *self.commands),
            files={**scenario.files, **dict(self.files)},
            outside=(*scenario.outside, self.outside) if self.outside else scenario.outside,
        )


@dataclass(frozen=True, slots=True)
class Dimension:
    """What varies, and its options; the first is the usual one."""

    name: str
    options: tuple[Option, ...]


# --- what values mean to the step ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Uses:
    """How the value of a name is used: compared with literals, as a number, or as JSON with fields."""

    literals: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    is_number: bool = False
    is_json: bool = False
    fields: dict[tuple[str, ...], set[str]] = field(default_factory=dict)


class Vocabulary:
    """The uses of all names in a step. `SET: A = B with jq -r '.f'` makes A stand for field f of B."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._uses: dict[str, Uses] = {}
        self._stands_for: dict[str, tuple[str, tuple[str, ...]]] = {}
        nodes = [node for step in steps for node in walk(step.statements)]
        for node in nodes:
            self._learn_alias(node)
        for node in nodes:
            self._learn_use(node)

    def of(self, name: str) -> Uses:
        """The uses of a name."""
        return self._uses.setdefault(name, Uses())

    def _learn_alias(self, node: Any) -> None:
        match node:
            case Set(target=Ref(name=name, path=()), value=JqFilter(value=Ref(name=source, path=()), program=program)):
                found = re.fullmatch(r"\s*((?:\.[A-Za-z_]\w*)+)(?:\s*//.*)?\s*", program.text)
                if found:
                    self._stands_for[name] = (source, tuple(found[1].split(".")[1:]))
            case Set(target=Ref(name=name, path=()), value=Ref(name=source, path=path)):
                if all(isinstance(part, str) for part in path):
                    self._stands_for[name] = (source, tuple(str(part) for part in path))

    def _learn_use(self, node: Any) -> None:
        match node:
            case Equals(left=left, right=right):
                self._compared(left, (right,))
                self._compared(right, (left,))
            case OneOf(value=value, options=options):
                self._compared(value, options)
            case HasPart(value=value, other=other):
                self._compared(value, (other,))
            case Compare(left=left, right=right):
                for side, other in ((left, right), (right, left)):
                    self._number(side)
                    if isinstance(other, Number):
                        self._literals(side, {str(other.value + by) for by in (-1, 0, 1)})
            case Arithmetic(operands=operands):
                for operand in operands:
                    self._number(operand)
            case AsNumber(value=value):
                self._number(value)
            case JqFilter(value=Ref() as value, program=program):
                self._json(value, program.text)
            case Set(target=Ref(name=name, path=path)) if path:
                self.of(name).is_json = True
            case Ref(name=name, path=path) if path:
                self._place(node, set())

    def _compared(self, value: Value, others: Iterable[Value]) -> None:
        for other in others:
            if isinstance(other, Text) and other.literal is not None:
                self._literals(value, {other.literal})
            elif isinstance(other, Number):
                self._number(value)
                self._literals(value, {str(other.value)})
            elif isinstance(other, Ref) and isinstance(value, Ref) and not value.path:
                self.of(value.name).others.add(other.name)

    def _literals(self, value: Value, literals: set[str]) -> None:
        if isinstance(value, Ref):
            self._place(value, literals)

    def _number(self, value: Value) -> None:
        if isinstance(value, Ref) and not value.path:
            self.of(value.name).is_number = True

    def _json(self, value: Ref, program: str) -> None:
        uses = self.of(value.name)
        uses.is_json = True
        literals = set(re.findall(r'"((?:\w|[ -])+)"', program))
        for path in re.findall(r"(?<![\w)])((?:\.[A-Za-z_]\w*)+)", program):
            known = uses.fields.setdefault(tuple(path.split(".")[1:]), set())
            if "==" in program:
                known |= literals

    def _place(self, ref: Ref, literals: set[str]) -> None:
        """Notes literals for the name, or for the field that it stands for."""
        path = tuple(part for part in ref.path if isinstance(part, str))
        name = ref.name
        for _ in range(5):
            if name not in self._stands_for:
                break
            self._uses.setdefault(name, Uses()).literals |= literals if not path else set()
            name, inner = self._stands_for[name]
            path = (*inner, *path)
        uses = self.of(name)
        if path:
            uses.is_json = True
            uses.fields.setdefault(path, set()).update(literals)
        else:
            uses.literals |= literals


def values_for(uses: Uses, known: Mapping[str, str]) -> list[str]:
    """Values that a name with these uses can have, the typical one first. `known` holds what other names have."""
    if uses.is_json:
        return _json_values(uses)
    same = [known[name] for name in sorted(uses.others) if known.get(name)]
    if uses.is_number:
        return list(dict.fromkeys([*same, "5", "0", "41", *sorted(uses.literals)]))
    empty = [""] if "" in uses.literals else []
    return list(dict.fromkeys([*sorted(uses.literals - {""}), *same, _TYPICAL, _BLANKS, *empty]))


def outside(uses: Uses, value: str | None) -> str:
    """The assumption that a value breaks, "" where it keeps them all."""
    if value is None:
        return ""
    if re.fullmatch(r"-[neE]+", value):
        return NO_OPTIONS
    if uses.is_number and not re.fullmatch(r"0|[1-9]\d{0,17}", value):
        return NUMBERS
    if uses.is_json and not _is_json(value):
        return JSON
    return ""


#: Assumptions about what values a step is given.
NO_OPTIONS = "no text is taken for an option, as -n is by echo"
NUMBERS, JSON = "operands of arithmetic are decimal or absent", "JSON operands are JSON"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _json_values(uses: Uses) -> list[str]:
    usual: dict[str, Any] = {}
    for path, literals in sorted(uses.fields.items()):
        _put(usual, path, min(literals - {""}, default="usual"))
    variants: list[Any] = [usual]
    for path, literals in sorted(uses.fields.items()):
        for literal in [*sorted(literals), "usual", None]:
            other = json.loads(json.dumps(usual))
            _put(other, path, literal)
            variants.append(other)
    variants += [{**usual, "extra": [1, {"b": None}], "text": 'q"\\n é'}, {}]
    texts = [json.dumps(variant, ensure_ascii=False) for variant in variants]
    return list(dict.fromkeys([*texts, "not json"]))


def _put(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        inner = target.get(part)
        if not isinstance(inner, dict):
            inner = target[part] = {}
        target = inner
    if value is None:
        target.pop(path[-1], None)
    elif not isinstance(target.get(path[-1]), dict):
        target[path[-1]] = value


# --- dimensions ------------------------------------------------------------------------------------------------------


def argument_options(process: Process, steps: Iterable[Step]) -> tuple[Option, ...]:
    """Ways to call the process: each flag alone, empty, with each literal; pairs of flags; one that nobody knows."""
    nodes = [node for step in steps for node in walk(step.statements)]
    takes: dict[str, bool] = {}
    for node in nodes:
        match node:
            case Provided(flag=flag):
                takes.setdefault(flag.removesuffix("="), flag.endswith("="))
            case FlagValue(flag=flag):
                takes[flag.removesuffix("=")] = True
            case OtherArgument(flags=flags):
                takes |= {flag.removesuffix("="): flag.endswith("=") or takes.get(flag, False) for flag in flags}
    if not takes:
        return ()
    for parameter in process.parameters:
        takes.setdefault(parameter.flag, parameter.takes_value)
    vocabulary = Vocabulary(steps)
    vectors: list[tuple[str, ...]] = [()]
    for flag, value in sorted(takes.items()):
        words = [_TYPICAL, *_flag_literals(flag, nodes, vocabulary)] if value else []
        vectors += [(f"{flag}={word}",) for word in dict.fromkeys(words)]
        vectors += [(f"{flag}=",), (f"{flag}=two words",)] if value else [(flag,)]
    singles = [(f"{flag}={_TYPICAL}",) if value else (flag,) for flag, value in sorted(takes.items())]
    pairs = [
        (*left, *right)
        for at, left in enumerate(vectors[1:])
        for right in singles
        if left[0].split("=")[0] != right[0].split("=")[0] and left != right
    ]
    vectors += [
        *pairs,
        ("--unknown",),
        ("unknown",),
        (*singles[0], "--unknown"),
        tuple(word for single in singles for word in single),
    ]
    return tuple(Option("arguments " + " ".join(v) if v else "no argument", v) for v in dict.fromkeys(vectors))


def _flag_literals(flag: str, nodes: list[Any], vocabulary: Vocabulary) -> list[str]:
    names = [
        node.target.name
        for node in nodes
        if isinstance(node, Set) and isinstance(node.value, FlagValue) and node.value.flag.removesuffix("=") == flag
    ]
    return sorted(literal for name in names for literal in vocabulary.of(name).literals if literal)


def input_dimension(name: str, vocabulary: Vocabulary) -> Dimension:
    """What an input may hold: typical, each literal, and the zoo."""
    usual = values_for(vocabulary.of(name), {})
    values = list(dict.fromkeys([_TYPICAL if not vocabulary.of(name).is_number else "5", *usual, *ZOO]))
    uses = vocabulary.of(name)
    options = [Option("", inputs=((name, values[0]),))]
    options += [
        Option(f"{name} is {shorten(value)}", inputs=((name, value),), outside=outside(uses, value))
        for value in values[1:]
    ]
    return Dimension(f"input {name}", tuple(options))


def hand_over_dimension(name: str) -> Dimension:
    """A name that steps before make and the agent fills in: what they made, or nothing."""
    return Dimension(f"handed over {name}", (Option(""), Option(f"{name} is empty", handed_over=((name, ""),))))


def tool_dimensions(steps: Iterable[Step], original_asks: Iterable[str]) -> list[Dimension]:
    """Tools that a side asks for may be missing."""
    asked = {node.name for step in steps for node in walk(step.statements) if isinstance(node, ToolAvailable)}
    return [
        Dimension(f"tool {name}", (Option(""), Option(f"{name} not installed", absent=frozenset({name}))))
        for name in sorted(asked | set(original_asks))
    ]


def command_dimensions(traces: Iterable[Trace]) -> list[Dimension]:
    """Each command that was answered may fail, or say something else."""
    lines = dict.fromkeys(action.key for trace in traces for action in trace.actions if action.operation == "run")
    return [
        Dimension(
            f"command {line}",
            (
                Option(""),
                Option(f"{line} fails", commands=(CommandAnswer(line, 1),)),
                Option(f"{line} says something", commands=(CommandAnswer(line, 0, "something\n"),)),
            ),
        )
        for line in lines
    ]


def state_dimensions(traces: Iterable[tuple[Trace, Trace]], steps: list[Step], has_providers: bool) -> list[Dimension]:
    """Each bucket and key that either side touched, in all the ways that matter to the step."""
    vocabulary = Vocabulary(steps)
    buckets: dict[str, None] = {}
    keys: dict[tuple[str, str], Uses] = {}
    known: dict[str, str] = {}
    for original, rewrite in traces:
        known |= rewrite.variables
        for action in (*original.actions, *rewrite.actions):
            if action.bucket:
                buckets[action.bucket] = None
            place = (action.bucket, action.key)
            if all(place) and action.operation.startswith("kv ") and place not in keys:
                keys[place] = _uses_of_key(action.key, steps, vocabulary)
    looks_at_history = any(isinstance(node, BucketInfo) for step in steps for node in walk(step.statements))
    histories = sorted(_histories(steps)) if looks_at_history else []
    found = []
    for bucket in buckets:
        options = [Option("")]
        options += [Option(f"bucket {bucket} missing", changes=(Change("drop", bucket),))]
        for history in histories:
            change = Change("bucket", bucket, history=history)
            options.append(Option(change.name, changes=(change,)))
        found.append(Dimension(f"bucket {bucket}", tuple(options)))
    for (bucket, key), uses in keys.items():
        values = values_for(uses, known)
        # Without steps before, no key is there to begin with.
        changes = [Change("put", bucket, key, None)] if has_providers else []
        changes += [Change("put", bucket, key, value) for value in values]
        options = [Option(c.name, changes=(c,), outside=outside(uses, c.value)) for c in changes]
        found.append(Dimension(f"key {bucket} {key}", (Option(""), *options)))
    return found


def _uses_of_key(key: str, steps: list[Step], vocabulary: Vocabulary) -> Uses:
    """The uses of the names that a read of this key binds: of the reads whose key says most about it."""
    reads = [
        (_likeness(node.effect.key, key), node.effect.name)
        for step in steps
        for node in walk(step.statements)
        if isinstance(node, Do) and isinstance(node.effect, KvGet)
    ]
    best = max((likeness for likeness, _ in reads), default=-1)
    merged = Uses()
    for name in {name for likeness, name in reads if likeness == best >= 0}:
        uses = vocabulary.of(name)
        merged.literals |= uses.literals
        merged.others |= uses.others
        merged.is_number |= uses.is_number
        merged.is_json |= uses.is_json
        for path, literals in uses.fields.items():
            merged.fields.setdefault(path, set()).update(literals)
    return merged


def _likeness(template: Text, key: str) -> int:
    """How many characters of the key the template states; -1 where it cannot be this key."""
    pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in template.parts)
    if not re.fullmatch(pattern, key, re.DOTALL):
        return -1
    return sum(len(part) for part in template.parts if isinstance(part, str))


def _histories(steps: Iterable[Step]) -> set[int]:
    """Numbers that something is compared with, and one that is none of them: how many revisions a bucket may keep."""
    literals = {
        side.literal
        for step in steps
        for node in walk(step.statements)
        if isinstance(node, Equals)
        for side in (node.left, node.right)
        if isinstance(side, Text) and side.literal
    }
    numbers = {int(text) for text in literals if re.fullmatch(r"[1-9]\d?", text) and int(text) <= 64}
    numbers |= {
        side.value
        for step in steps
        for node in walk(step.statements)
        if isinstance(node, Equals | Compare)
        for side in (node.left, node.right)
        if isinstance(side, Number) and 1 <= side.value <= 64
    }
    return numbers | {7} if numbers else set()

"""What can differ from one scenario to the next: derived from the rewrite's IR, the original, and what was recorded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from peerlint.patterns import regex
from peerlint.process.build.exit_codes import ANY_FAILURE
from peerlint.process.commands import lists_names
from peerlint.process.model import (
    Argv,
    Ask,
    BucketAdd,
    BucketInfo,
    Compare,
    Do,
    Equals,
    ExitCodeIs,
    FlagValue,
    KvGet,
    Number,
    OtherArgument,
    Pipeline,
    Process,
    Provided,
    Ref,
    Run,
    Set,
    Step,
    Text,
    ToolAvailable,
    walk,
)
from peerlint.prove.backwards import source_of
from peerlint.prove.scenario import Change, CommandAnswer, Scenario, shorten
from peerlint.prove.trace import Trace
from peerlint.prove.vocabulary import (
    JSON,
    MOST_NEAR,
    NO_BACKSLASH,
    NO_EMPTY_LINE,
    ONE_LINE,
    OWN_CODES,
    TYPICAL,
    ZOO,
    Uses,
    Vocabulary,
    near_to,
    outside,
    sought,
    sought_too,
    values_for,
    words_of,
)
from peerlint.records import dataclass, replace

_NOTHING: Mapping[str, str] = MappingProxyType({})
#: What the original compares its names with.
Compared: TypeAlias = Mapping[str, Iterable[str]]
_NOT_COMPARED: Compared = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Option:
    """One way in which a dimension can come out: its name for people ("" for as usual), and what it changes."""

    name: str
    arguments: tuple[str, ...] | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    absent: frozenset[str] = frozenset()
    handed_over: tuple[tuple[str, str], ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    commands: tuple[CommandAnswer, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    gone: str = ""
    outside: str = ""

    def on(self, scenario: Scenario) -> Scenario:
        """The scenario with this option."""
        return replace(
            scenario,
            given=(*scenario.given, self.name) if self.name else scenario.given,
            arguments=scenario.arguments if self.arguments is None else self.arguments,
            inputs={**scenario.inputs, **dict(self.inputs)},
            handed_over={**scenario.handed_over, **dict(self.handed_over)},
            answers={**scenario.answers, **dict(self.answers)},
            changes=(*scenario.changes, *self.changes),
            absent=scenario.absent | self.absent,
            commands=(*scenario.commands, *self.commands),
            files=self._files(scenario),
            outside=(*scenario.outside, self.outside) if self.outside else scenario.outside,
        )

    def _files(self, scenario: Scenario) -> dict[str, str]:
        """The files with those of the option, without what is `gone`: a file, or (with `/`) a folder and all in it.

        What is a file of the option is no folder of the scenario, and the other way round.
        """
        files = dict(scenario.files)
        for name, text in self.files:
            bare = name.rstrip("/")
            if name == bare:
                files = _without(files, f"{bare}/")
            for above in (bare[:at] for at, sign in enumerate(f"{bare}/") if sign == "/"):
                files.pop(above, None)
            files[name] = text
        return _without(files, self.gone) if self.gone else files


def _without(files: Mapping[str, str], gone: str) -> dict[str, str]:
    inside = gone if gone.endswith("/") else f"{gone}/"
    return {name: text for name, text in files.items() if name != gone and not name.startswith(inside)}


@dataclass(frozen=True, slots=True)
class Dimension:
    """What varies, and its options; the first is the usual one.

    `near` are options that tell only tests apart that are nearly the same: they are not combined with those of others.
    """

    name: str
    options: tuple[Option, ...]
    near: tuple[Option, ...] = ()


def with_plain_texts(dimensions: Sequence[Dimension]) -> list[Dimension]:
    """The dimensions, with values that hold a backslash outside of what is assumed: the `echo` of sh may read it."""

    def kept(option: Option) -> Option:
        texts = [
            *(option.arguments or ()),
            *(value for _, value in (*option.inputs, *option.handed_over, *option.answers)),
        ]
        texts += [answer.stdout for answer in option.commands]
        texts += [change.value or "" for change in option.changes]
        texts += [text for _, text in option.files]
        odd = not option.outside and any("\\" in text for text in texts)
        return replace(option, outside=NO_BACKSLASH) if odd else option

    return [
        replace(dimension, options=tuple(map(kept, dimension.options)), near=tuple(map(kept, dimension.near)))
        for dimension in dimensions
    ]


# --- dimensions ------------------------------------------------------------------------------------------------------


def argument_options(process: Process, steps: Iterable[Step], compared: Compared = _NOT_COMPARED) -> tuple[Option, ...]:
    """Ways to call the process: each flag alone, empty, with each literal; pairs of flags; one that nobody knows.

    Where the steps know no flags, but arguments by their place (`$1`, `$ARGUMENTS`): none, and each value.
    """
    steps = tuple(steps)
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
        return _positional_options(nodes, Vocabulary(steps), compared)
    for parameter in process.parameters:
        takes.setdefault(parameter.flag, parameter.takes_value)
    vocabulary = Vocabulary(steps)
    vectors: list[tuple[str, ...]] = [()]
    for flag, value in sorted(takes.items()):
        words = [TYPICAL, *_flag_literals(flag, nodes, vocabulary)] if value else []
        vectors += [(f"{flag}={word}",) for word in dict.fromkeys(words)]
        vectors += [(f"{flag}=",), (f"{flag}=two words",)] if value else [(flag,)]
    singles = [(f"{flag}={TYPICAL}",) if value else (flag,) for flag, value in sorted(takes.items())]
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
        ("",),
        (*singles[0], "--unknown"),
        tuple(word for single in singles for word in single),
    ]
    return tuple(map(_called, dict.fromkeys(vectors)))


def _called(vector: tuple[str, ...], breaks: str = "") -> Option:
    name = "arguments " + " ".join(map(shorten, vector)) if vector else "no argument"
    return Option(name, vector, outside=breaks)


def _positional_options(nodes: Iterable[Any], vocabulary: Vocabulary, compared: Compared) -> tuple[Option, ...]:
    """No argument, and all of them with each value that one may have while the others are as usual."""
    names: dict[int, str] = {}
    for node in nodes:
        match node:
            case Set(target=Ref(name=name, path=()), value=Text(parts=(str() as text,))) if _PLACE.fullmatch(text):
                names[1 if text == "$ARGUMENTS" else int(text[1:])] = name
                vocabulary.of(name).literals.update(compared.get(text[1:], ()))
    if not names:
        return ()
    values = {place: [*values_for(vocabulary.of(name), {}), *ZOO] for place, name in names.items()}
    usual = tuple(values[place][0] if place in values else TYPICAL for place in range(1, max(names) + 1))
    # One word more than the steps name: `$ARGUMENTS` has it, `$1` has not.
    plain = (usual, (), *(usual[:end] for end in range(1, len(usual))), (*usual, TYPICAL))
    options = {vector: _called(vector) for vector in plain}
    for place, several in sorted(values.items()):
        for value in several:
            vector = (*usual[: place - 1], value, *usual[place:])
            options.setdefault(vector, _called(vector, outside(vocabulary.of(names[place]), value)))
    return tuple(options.values())


#: The arguments of a call, as the harness fills them in.
_PLACE = regex(r"\$(?:ARGUMENTS|[1-9])")


def _flag_literals(flag: str, nodes: list[Any], vocabulary: Vocabulary) -> list[str]:
    names = [
        node.target.name
        for node in nodes
        if isinstance(node, Set) and isinstance(node.value, FlagValue) and node.value.flag.removesuffix("=") == flag
    ]
    return sorted(literal for name in names for literal in vocabulary.of(name).literals if literal)


def input_dimension(name: str, vocabulary: Vocabulary, in_lines: Collection[str] = ()) -> Dimension:
    """What an input may hold: typical, each literal, and the zoo; near to these also several lines.

    `in_lines` are the names that the original takes line by line. It is assumed that all others hold one line, as what
    is tested by `=~`, or cut by `${NAME%.md}`.
    """
    usual = values_for(vocabulary.of(name), {})
    values = list(dict.fromkeys([TYPICAL if not vocabulary.of(name).is_number else "5", *usual, *ZOO]))
    uses = vocabulary.of(name)
    options = [Option("", inputs=((name, values[0]),))]

    def holding(value: str) -> Option:
        broken = outside(uses, value) or (ONE_LINE if "\n" in value and name.upper() not in in_lines else "")
        return Option(f"{name} is {shorten(value)}", inputs=((name, value),), outside=broken)

    options += [holding(value) for value in values[1:]]
    near = [holding(value) for value in near_to(uses) if value not in values]
    return Dimension(f"input {name}", tuple(options), tuple(near))


def hand_over_dimension(name: str) -> Dimension:
    """A name that steps before make and the agent fills in: what they made, or nothing."""
    return Dimension(f"handed over {name}", (Option(""), Option(f"{name} is empty", handed_over=((name, ""),))))


def answer_dimensions(steps: Iterable[Step]) -> list[Dimension]:
    """What the user may answer: yes, nothing, no, and each literal that it is compared with.

    As a rule only the rewrite gets an answer, since there is no terminal; where the scenario has one, both get it.
    """
    steps = tuple(steps)
    vocabulary = Vocabulary(steps)
    found = []
    for node in (node for step in steps for node in walk(step.statements)):
        if isinstance(node, Ask) and node.text.literal is not None:
            question = node.text.literal
            values = dict.fromkeys(["yes", "", "no", *sorted(vocabulary.of(node.name).literals)])
            options = [Option(f"{question} {shorten(value)}", answers=((question, value),)) for value in values]
            found.append(Dimension(f"answer {question}", (Option(""), *options)))
    return found


def script_dimensions(programs: Iterable[str], texts: Sequence[str]) -> list[Dimension]:
    """A program that is run by its path and is not published may be missing, where the step asks for it."""
    return [
        Dimension(f"script {path}", (Option(""), Option(f"{path} missing", gone=path)))
        for path in programs
        if any(
            re.search(rf"(?:\[\[?|\btest)\s(?:[^\]\n]*\s)?-[efrsx]\s+[\"']?(?:\./)?{re.escape(path)}", text)
            for text in texts
        )
    ]


def tool_dimensions(steps: Iterable[Step], original_asks: Iterable[str]) -> list[Dimension]:
    """Tools that a side asks for may be missing."""
    asked = {node.name for step in steps for node in walk(step.statements) if isinstance(node, ToolAvailable)}
    return [
        Dimension(f"tool {name}", (Option(""), Option(f"{name} not installed", absent=frozenset({name}))))
        for name in sorted(asked | set(original_asks))
    ]


def command_dimensions(
    traces: Iterable[Trace],
    steps: Sequence[Step],
    codes: Iterable[int],
    own: Collection[int] = (),
    held: Mapping[str, str] = _NOTHING,
    compared: Compared = _NOT_COMPARED,
) -> list[Dimension]:
    """Each command that was answered may fail, with each of the codes too, say something that matters, or do both.

    A tool that ends with one of the script's `own` codes would be taken for the script: the prose means that one only.
    `held` is what names hold in the usual scenario.
    """
    lines: dict[str, int] = {}
    for trace in traces:
        for line, calls in Counter(action.key for action in trace.actions if action.operation == "run").items():
            lines[line] = max(calls, lines.get(line, 0))
    vocabulary = Vocabulary(steps, compared)
    asked = _exit_codes(steps, vocabulary)
    known = sorted({*codes, *asked} - {0, 1, ANY_FAILURE})
    borrowed = set(own) - asked
    found = []
    for line, calls in lines.items():
        answers = {f"{line} fails": CommandAnswer(line, 1)}
        answers |= {f"{line} exits with {code}": CommandAnswer(line, code) for code in known}
        options = [
            Option(name, commands=(answer,), outside=OWN_CODES if answer.exit in borrowed else "")
            for name, answer in answers.items()
        ]
        taken_as, near = _uses_of_output(line, steps, vocabulary, held)
        # What is taken for a number may well be none; what is taken for JSON is assumed to be it.
        broken = JSON if any(uses.is_json for uses in taken_as) else ""
        options.append(
            Option(f"{line} says something", commands=(CommandAnswer(line, 0, "something\n"),), outside=broken)
        )
        for uses in taken_as:
            options += [_saying(line, value, uses) for value in values_for(uses, {}) if value and value != TYPICAL]
        complaint = f"{line.split()[0]}: a complaint\n"
        nearly = [
            Option(
                f"{line} says something and fails", commands=(CommandAnswer(line, 1, "something\n"),), outside=broken
            ),
            Option(f"{line} fails and complains", commands=(CommandAnswer(line, 1, "", complaint),)),
            Option(f"{line} complains", commands=(CommandAnswer(line, 0, "", complaint),)),
        ]
        nearly += [_saying(line, value, Uses()) for value in near]
        nearly += [_saying(line, value, uses) for uses in taken_as for value in near_to(uses)]
        if calls > 1:
            # What is asked for again may have changed in between.
            nearly = [*(_not_before(option, calls) for option in options), *nearly]
        known_answers = {answer for option in options for answer in option.commands}
        beside = [option for option in dict.fromkeys(nearly) if option.commands[0] not in known_answers]
        found.append(Dimension(f"command {line}", (Option(""), *dict.fromkeys(options)), tuple(beside[:MOST_NEAR])))
    return found


def _not_before(option: Option, call: int) -> Option:
    """The command answers so from its call of this number on."""
    (answer,) = option.commands
    return replace(option, name=f"{option.name} from call {call} on", commands=(replace(answer, since=call),))


def _saying(line: str, value: str, uses: Uses) -> Option:
    """The command answers with a value that is used so."""
    answer = CommandAnswer(line, 0, f"{value}\n")
    broken = NO_EMPTY_LINE if "\n\n" in value and lists_names(line.split()) else outside(uses, value)
    return Option(f"{line} says {shorten(value)}", commands=(answer,), outside=broken)


def commands_not_covered(
    found: Iterable[Dimension], known: Iterable[Dimension], steps: Sequence[Step]
) -> list[Dimension]:
    """Of the dimensions of commands one for each command of the rewrite of which no line is known."""
    argvs = [
        argv for step in steps for node in walk(step.statements) if isinstance(node, Pipeline) for argv in node.commands
    ]

    def calls(dimension: Dimension) -> set[int]:
        return {at for at, argv in enumerate(argvs) if _is_call(argv, dimension.name.removeprefix("command "))}

    covered = set[int]().union(*(calls(dimension) for dimension in known if dimension.name.startswith("command ")))
    new = []
    for dimension in found:
        its = calls(dimension)
        if its - covered:
            new.append(dimension)
            covered |= its
    return new


def _exit_codes(steps: Sequence[Step], vocabulary: Vocabulary) -> set[int]:
    """Codes that the rewrite asks for: `exit code is N`, and numbers that a name with an exit code is compared with."""
    nodes = [node for step in steps for node in walk(step.statements)]
    codes = {node.code for node in nodes if isinstance(node, ExitCodeIs)}
    names = {node.clauses.exit_code for node in nodes if isinstance(node, Do | Set)} - {None}
    literals = {literal for name in names if name for literal in vocabulary.of(name).literals}
    return codes | {int(text) for text in literals if text.isdecimal() and int(text) < 256}


def _uses_of_output(
    line: str, steps: Sequence[Step], vocabulary: Vocabulary, held: Mapping[str, str] = _NOTHING
) -> tuple[list[Uses], list[str]]:
    """The uses of the names that take the output of this command, and of the filters that it goes through before.

    And outputs that come near to those, since what is behind the filters comes near to what is asked for.
    """
    names = {}
    searched = Uses(in_lines=True)
    near: dict[str | None, None] = {}
    for step in steps:
        for node in walk(step.statements):
            if isinstance(node, Pipeline):
                behind = _behind(node, line)
                searched.literals.update(sought(behind or (), held))
                searched.near.update(sought_too(behind or (), held))
                whole = source_of([words_of(argv, held) for argv in behind or ()], "")
                searched.literals |= {whole} if whole else set()
            if isinstance(node, Do) and isinstance(node.effect, Run) and node.effect.name:
                uses = vocabulary.of(node.effect.name)
                for behind in (_behind(pipeline, line) for pipeline in node.effect.command.lines):
                    if behind:
                        filters = [words_of(argv, held) for argv in behind]
                        found = {source_of(filters, value) for value in values_for(uses, {})}
                        searched.literals |= {text for text in found if text}
                        near |= dict.fromkeys(source_of(filters, value) for value in near_to(uses))
                    if behind == () or (behind and not uses.is_number):
                        names[node.effect.name] = uses
    taken_as = [*names.values(), *([searched] if searched.literals else [])]
    return taken_as, [text for text in near if text]


def _behind(pipeline: Pipeline, line: str) -> tuple[Argv, ...] | None:
    """What stands in a pipeline behind the command of this line; None where that is not in it."""
    at = next((at for at, argv in enumerate(pipeline.commands) if _is_call(argv, line)), None)
    return None if at is None else pipeline.commands[at + 1 :]


def _is_call(argv: Argv, line: str) -> bool:
    """Whether a recorded line can be a call of this command; quotes do not tell, and neither does a path."""
    pattern = r"\s+".join(
        "".join(re.escape(_unquoted(part)) if isinstance(part, str) else ".*" for part in word.parts)
        if isinstance(word, Text)
        else ".*"
        for word in _without_path(argv.words)
    )
    return re.fullmatch(pattern, _unquoted(line), re.DOTALL) is not None


def _without_path(words: Sequence[Any]) -> Sequence[Any]:
    """The words of a command with the bare name of the program that is run by its path, which a shell may run."""
    literals = [word.literal if isinstance(word, Text) else None for word in words[:2]]
    if literals[0] in ("bash", "sh") and len(literals) == 2 and literals[1]:
        words, literals = words[1:], literals[1:]
    first = words[0].parts[-1] if isinstance(words[0], Text) and words[0].parts else None
    if isinstance(first, str) and "/" in first:
        return [Text.of(first.rpartition("/")[2]), *words[1:]]
    return words


def _unquoted(text: str) -> str:
    return re.sub(r"['\"\\]", "", text)


def state_dimensions(
    traces: Iterable[tuple[Trace, Trace]],
    steps: Sequence[Step],
    has_providers: bool,
    compared: Compared = _NOT_COMPARED,
) -> list[Dimension]:
    """Each bucket and key that either side touched, in all the ways that matter to the step."""
    vocabulary = Vocabulary(steps, compared)
    buckets: dict[str, None] = {}
    keys: dict[tuple[str, str], Uses] = {}
    listed: dict[str, None] = {}
    known: dict[str, str] = {}
    for original, rewrite in traces:
        known |= rewrite.variables
        for action in (*original.actions, *rewrite.actions):
            if action.bucket:
                buckets[action.bucket] = None
            if action.operation == "kv keys":
                listed[action.bucket] = None
            place = (action.bucket, action.key)
            if all(place) and action.operation.startswith("kv ") and place not in keys:
                keys[place] = _uses_of_key(action.key, steps, vocabulary)
    looks_at_history = any(isinstance(node, BucketInfo) for step in steps for node in walk(step.statements))
    histories = sorted(_histories(steps, compared)) if looks_at_history else []
    there = dict(buckets_of(steps))
    found = []
    for bucket in buckets:
        options = [Option("")]
        options += [Option(f"bucket {bucket} missing", changes=(Change("drop", bucket),))]
        # What is only looked at is missing as a rule.
        for history in histories or ([] if bucket in there else [1]):
            change = Change("bucket", bucket, history=history)
            options.append(Option(change.name, changes=(change,)))
        found.append(Dimension(f"bucket {bucket}", tuple(options)))
    found += [_keys_dimension(bucket) for bucket in listed]
    for (bucket, key), uses in keys.items():
        values = values_for(uses, known)
        # Without steps before, no key is there to begin with.
        changes = [Change("put", bucket, key, None)] if has_providers else []
        changes += [Change("put", bucket, key, value) for value in values]
        options = [Option(c.name, changes=(c,), outside=outside(uses, c.value)) for c in changes]
        nearly = [Change("put", bucket, key, value) for value in near_to(uses)]
        near = [Option(c.name, changes=(c,), outside=outside(uses, c.value)) for c in nearly]
        found.append(Dimension(f"key {bucket} {key}", (Option(""), *options), tuple(near)))
    return found


def _keys_dimension(bucket: str) -> Dimension:
    """What is in a bucket whose keys are listed: nothing of ours, one key, two."""
    one, two = (Change("put", bucket, key, TYPICAL) for key in ("listed.one", "listed.two"))
    options = (Option(f"{bucket} has a key", changes=(one,)), Option(f"{bucket} has two keys", changes=(one, two)))
    return Dimension(f"keys of {bucket}", (Option(""), *options))


def _uses_of_key(key: str, steps: Sequence[Step], vocabulary: Vocabulary) -> Uses:
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
        merged.add(vocabulary.of(name))
    return merged


def _likeness(template: Text, key: str) -> int:
    """How many characters of the key the template states; -1 where it cannot be this key."""
    pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in template.parts)
    if not re.fullmatch(pattern, key, re.DOTALL):
        return -1
    return sum(len(part) for part in template.parts if isinstance(part, str))


def _histories(steps: Iterable[Step], compared: Compared) -> set[int]:
    """Numbers that something is compared with, and one that is none of them: how many revisions a bucket may keep."""
    tested = {int(text) for texts in compared.values() for text in texts if re.fullmatch(r"[1-9]\d?", text)}
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
    numbers |= {number for number in tested if number <= 64} if numbers else set()
    return numbers | {7} if numbers else set()


def buckets_of(steps: Iterable[Step]) -> tuple[tuple[str, int], ...]:
    """The buckets that steps use as if they were there, each with one revision; what is only looked at is not."""
    names = {
        node.bucket.literal
        for step in steps
        for node in walk(step.statements)
        if not isinstance(node, BucketInfo | BucketAdd) and isinstance(getattr(node, "bucket", None), Text)
    }
    return tuple(sorted((name, 1) for name in names if name))

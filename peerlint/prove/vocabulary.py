"""What the values of a step's names mean to it, and which values are therefore worth trying."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from peerlint.patterns import regex
from peerlint.process.model import (
    Argv,
    Arithmetic,
    AsJson,
    AsNumber,
    Compare,
    Cut,
    Equals,
    FileRead,
    FileWrite,
    ForEach,
    HasPart,
    JqFilter,
    KvCreate,
    KvGet,
    KvPut,
    Length,
    Matches,
    Number,
    OneOf,
    Part,
    PartsOf,
    Passes,
    Ref,
    Set,
    Statement,
    Step,
    Text,
    Through,
    Value,
    walk,
)
from peerlint.prove.backwards import source_of
from peerlint.prove.samples import all_found_by_editor, all_found_by_grep, found_by_grep, samples
from peerlint.records import dataclass, field

#: Values that inputs of every kind have to bear.
ZOO = ("", "two words", 'it\'s "quoted"', "a/b.c-d_e", "$HOME `id` $(id)", "*", "é ✅", "-n", "a\\nb")
TYPICAL = "sample"
#: What a stored text may hold too: a shell that does not quote it takes it apart.
_BLANKS = 'two  "quoted" words'

#: What a text may hold that is taken line by line, or word by word.
_LINES = "one\n\n two  words\nthree"
#: Lines that a shell changes when it reads them without `IFS=` and `-r`.
_ODD_LINES = "  before\nbehind  \nback\\slash"


_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Uses:
    """How the value of a name is used: compared with literals, as a number, or as JSON with fields.

    `near` are texts in which only tests differ that are nearly the same; `lists` are fields that hold a list.
    `in_lines` says that it goes through filters, which take a text line by line.
    """

    literals: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    is_number: bool = False
    is_json: bool = False
    fields: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    near: set[str] = field(default_factory=set)
    lists: set[tuple[str, ...]] = field(default_factory=set)
    in_lines: bool = False

    def add(self, other: Uses) -> None:
        """Takes the uses of another name for its own."""
        self.literals |= other.literals
        self.others |= other.others
        self.near |= other.near
        self.lists |= other.lists
        self.is_number |= other.is_number
        self.is_json |= other.is_json
        self.in_lines |= other.in_lines
        for path, literals in other.fields.items():
            self.fields.setdefault(path, set()).update(literals)


class Vocabulary:
    """The uses of all names in a step. `SET: A = B with jq -r '.f'` makes A stand for field f of B.

    `compared` are texts that the original compares its names with.
    """

    def __init__(self, steps: Iterable[Step], compared: Mapping[str, Iterable[str]] = _NOTHING) -> None:
        self._uses = {name: Uses(set(literals)) for name, literals in compared.items()}
        #: For each name the names that it stands for, and the field of each: an arm may take it from elsewhere.
        self._stands_for: dict[str, dict[tuple[str, tuple[str, ...]], None]] = {}
        #: What was written into each file and each key, where that is what a name holds.
        self._stored: dict[object, dict[str, None]] = {}
        #: The literal texts that each name is set to.
        self._set_to: dict[str, dict[str, None]] = {}
        nodes = [node for step in steps for node in walk(step.statements)]
        for node in nodes:
            self._learn_store(node)
        for node in nodes:
            self._learn_alias(node)
        for node in nodes:
            self._learn_use(node)
        for node in nodes:
            if isinstance(node, JqFilter):
                self._learn_filter(node)
        for node in reversed(nodes):
            self._learn_source(node)

    def of(self, name: str) -> Uses:
        """The uses of a name."""
        return self._uses.setdefault(name, Uses())

    @property
    def in_lines(self) -> frozenset[str]:
        """The names that are taken line by line."""
        return frozenset(name for name, uses in self._uses.items() if uses.in_lines)

    def _learn_store(self, node: Any) -> None:
        match node:
            case FileWrite(path=path, value=value):
                self._store(path, value)
            case KvPut(bucket=bucket, key=key, value=value) | KvCreate(bucket=bucket, key=key, value=value):
                self._store((bucket, key), value)
            case Set(target=Ref(name=name, path=()), value=Text(literal=str(literal))):
                self._set_to.setdefault(name, {})[literal] = None

    def _store(self, place: object, value: Value) -> None:
        held = value.parts[0] if isinstance(value, Text) and len(value.parts) == 1 else value
        if isinstance(held, Ref) and not held.path:
            self._stored.setdefault(place, {})[held.name] = None

    def _learn_alias(self, node: Any) -> None:
        match node:
            case FileRead(path=path, name=name):
                self._taken_from(path, name)
            case KvGet(bucket=bucket, key=key, name=name):
                self._taken_from((bucket, key), name)
            case Set(target=Ref(name=name, path=()), value=JqFilter(value=Ref(name=source, path=()), program=program)):
                found = re.fullmatch(r"\s*((?:\.[A-Za-z_]\w*)+)(?:\s*//.*)?\s*", program.text)
                if found:
                    self._stands_for.setdefault(name, {})[source, tuple(found[1].split(".")[1:])] = None
            case Set(target=Ref(name=name, path=()), value=Ref(name=source, path=path)):
                if all(isinstance(part, str) for part in path):
                    self._stands_for.setdefault(name, {})[source, tuple(str(part) for part in path)] = None

    def _taken_from(self, place: object, name: str) -> None:
        for source in self._stored.get(place, ()):
            self._stands_for.setdefault(name, {})[source, ()] = None

    def _learn_use(self, node: Any) -> None:
        match node:
            case Equals(left=left, right=right):
                self._compared(left, (right,))
                self._compared(right, (left,))
            case OneOf(value=value, options=options):
                self._compared(value, options)
            case HasPart(part=part, value=value, other=Text(literal=str(literal))):
                self._literals(value, {literal, _with_part(part, literal)})
            case HasPart(value=value, other=other):
                self._compared(value, (other,))
            case Matches(value=value, pattern=pattern) if matching := samples(pattern.text):
                self._literals(value, {matching[0]}, {*matching[1:]})
            case Passes(value=value, command=pipeline) | Through(value=value, command=pipeline):
                self._literals(value, set(sought(pipeline.commands)), {*sought_too(pipeline.commands), _LINES})
                if isinstance(value, Ref) and not value.path:
                    self.of(value.name).in_lines = True
                for text in self._texts_of(value):
                    self._sought_in(text, pipeline.commands)
            case ForEach(name=name, listing=PartsOf(cut=Cut.LINES, value=value), body=body):
                self._literals(value, set(_lines_with_fields(name, body)))
            case PartsOf(cut=Cut.ITEMS, value=Ref() as value):
                self._json(value, "")
                self._literals(value, {"[]", '["one", "two words"]'})
            case PartsOf(cut=cut, value=value):
                self._literals(value, {_LINES}, {_ODD_LINES})
                if isinstance(value, Ref) and not value.path and cut is Cut.LINES:
                    self.of(value.name).in_lines = True
            case AsJson(value=Text(parts=parts)):
                for before, piece in zip(("", *parts), parts, strict=False):
                    # What stands bare in JSON is a number as a rule.
                    if isinstance(piece, Ref) and not (isinstance(before, str) and before.endswith('"')):
                        self._literals(piece, {_A_NUMBER})
            case Compare(left=left, right=right):
                for side, other in ((left, right), (right, left)):
                    self._number(side)
                    if isinstance(other, Number):
                        self._literals(side, {str(other.value + by) for by in (-1, 0, 1)})
                        self._as_long_as(side, other.value)
            case Arithmetic(operands=operands):
                for operand in operands:
                    self._number(operand)
            case AsNumber(value=value):
                self._number(value)
            case Set(target=Ref(name=name, path=path)) if path:
                self.of(name).is_json = True
            case Ref(name=name, path=path) if path:
                self._place(node, set())

    def _learn_filter(self, node: JqFilter) -> None:
        """A program, once it is known what the names in it hold: `.phases[$PHASE]` is a field that is called so."""
        for name in _NUMBER_IN_JQ.findall(node.program.text):
            self._literals(Ref(name), {_A_NUMBER})
        if isinstance(node.value, Ref):

            def named(found: re.Match[str]) -> str:
                usual = values_for(self.of(found[1]), {})[0]
                return f".{usual}" if usual.isidentifier() else found[0]

            self._json(node.value, _NAME_AS_FIELD.sub(named, node.program.text))

    def _texts_of(self, value: Value) -> tuple[str, ...]:
        """The literal texts that a value may be."""
        if isinstance(value, Text):
            return () if value.literal is None else (value.literal,)
        return tuple(self._set_to.get(value.name, ())) if isinstance(value, Ref) and not value.path else ()

    def _sought_in(self, text: str, commands: Sequence[Argv]) -> None:
        """A name that is looked for in a known text may be a word of it, the first or the last."""
        words = text.split()
        for argv in commands:
            if words_of(argv)[:1] == ["grep"]:
                for word in argv.words[1:]:
                    if isinstance(word, Text) and len(word.parts) == 1 and isinstance(word.parts[0], Ref):
                        self._literals(word.parts[0], {*words[:1], *words[-1:]})

    def _learn_source(self, node: Any) -> None:
        """`SET: A = B through …`, `SET: A = B + C`: what B has to be so that A is what matters."""
        if not isinstance(node, Set) or node.target.path:
            return
        if isinstance(node.value, Arithmetic):
            # What is asked of a sum is asked of what it is made of, while the rest of it is 0.
            asked = {text for text in self.of(node.target.name).literals if text.isdecimal()}
            for operand in node.value.operands:
                self._literals(operand, asked)
        if isinstance(node.value, Text):
            self._learn_template(node.value, self.of(node.target.name).literals)
        if not isinstance(node.value, Through):
            return
        source, commands = node.value.value, [words_of(argv) for argv in node.value.command.commands]
        if isinstance(source, Ref) and not source.path:
            uses = self.of(node.target.name)
            found, near = ({source_of(commands, v) for v in values} for values in (values_for(uses, {}), near_to(uses)))
            self._literals(source, {text for text in found if text}, {text for text in near if text})

    def _learn_template(self, template: Text, wanted: Iterable[str]) -> None:
        """What the names in a text have to hold so that it is one of those that are wanted."""
        refs = [part for part in template.parts if isinstance(part, Ref)]
        if len(refs) == len(template.parts) == 1 or not refs:
            return
        form = "".join(re.escape(part) if isinstance(part, str) else "(.*?)" for part in template.parts)
        for text in sorted(wanted):
            for ref, held in zip(refs, found.groups() if (found := re.fullmatch(form, text)) else (), strict=False):
                self._literals(ref, {held} - {""})

    def _compared(self, value: Value, others: Iterable[Value]) -> None:
        for other in others:
            if isinstance(other, Text) and other.literal is not None:
                self._literals(value, {other.literal})
            elif isinstance(other, Number):
                self._as_long_as(value, other.value)
                self._number(value)
                self._literals(value, {str(other.value)})
            elif isinstance(other, Ref) and isinstance(value, Ref) and not value.path:
                self.of(value.name).others.add(other.name)

    def _as_long_as(self, value: Value, number: int) -> None:
        """Of what the length is asked, that is a character shorter, as long, or a character longer."""
        if isinstance(value, Length) and 0 <= number <= _LONGEST:
            self._literals(value.value, {"x" * (number + by) for by in (-1, 0, 1) if number + by > 0})

    def _literals(self, value: Value, literals: set[str], near: Iterable[str] = ()) -> None:
        if isinstance(value, Ref):
            self._place(value, literals, near)

    def _number(self, value: Value) -> None:
        if isinstance(value, Ref) and not value.path:
            self.of(value.name).is_number = True

    def _json(self, value: Ref, program: str) -> None:
        literals = set(re.findall(r'"((?:\w|[ -])+)"', program))
        for name, above in self._sources_of(value.name):
            uses = self.of(name)
            uses.is_json = True
            for found in _FIELD.finditer(program):
                path = (*above, *found[1].split(".")[1:])
                known = uses.fields.setdefault(path, set())
                if "==" in program:
                    known |= literals
                if _IS_LIST.match(program, found.end()):
                    uses.lists.add(path)

    def _sources_of(self, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The name and those that it stands for, with the field of each: what comes from a key may be copied on."""
        further: list[tuple[str, tuple[str, ...]]] = [(name, ())]
        seen = {name}
        while further:
            at, path = further.pop()
            yield at, path
            sources = [(source, inner) for source, inner in self._stands_for.get(at, ()) if source not in seen]
            seen.update(source for source, _ in sources)
            further += [(source, (*inner, *path)) for source, inner in sources]

    def _place(self, ref: Ref, literals: set[str], near: Iterable[str] = ()) -> None:
        """Notes literals, and texts near to them, for the name, or for the field that it stands for."""
        own = tuple(part for part in ref.path if isinstance(part, str))
        for name, above in self._sources_of(ref.name):
            path = (*above, *own)
            uses = self.of(name)
            if path:
                uses.is_json = True
                uses.fields.setdefault(path, set()).update(literals)
            else:
                uses.literals |= literals
                uses.near |= set(near)


_A_NUMBER = "5"
#: The longest text that is made up where the length of one is asked for.
_LONGEST = 4096
_NAME_AS_FIELD = regex(r"\.?\[\$([A-Z][A-Z0-9_]*)\]")
#: `$COUNT | fromjson`, `$COUNT | tonumber`.
_NUMBER_IN_JQ = regex(r"\$([A-Z][A-Z0-9_]*)\s*\|\s*(?:fromjson|tonumber)")
_FIELD = regex(r"(?<![\w)])((?:\.[A-Za-z_]\w*)+)")
#: What stands behind a field that holds a list: `.orders[]`, `.orders | length`.
_IS_LIST = regex(
    r"\s*(?:\[|(?:// *\[\] *)?\|\s*(?:length|map|first|last|any|all|join|sort|unique|add|reverse|index|\.\[))"
)


def _with_part(part: Part, literal: str) -> str:
    """A longer text that has the literal as this part."""
    before, behind = part is not Part.STARTS, part is not Part.ENDS
    return "some " * before + literal + " more" * behind


def _lines_with_fields(line: str, body: Sequence[Statement]) -> Iterator[str]:
    """Lines with more fields, fewer, and empty ones, for each sign at which the body of a loop cuts its line."""
    for node in walk(tuple(body)):
        if isinstance(node, Through) and node.value == Ref(line):
            for argv in node.command.commands:
                if (sign := next((w[2:] for w in words_of(argv) if w and re.fullmatch(r"-d\W", w)), None)) is not None:
                    yield f"one{sign}two\n{sign}three\nfour{sign}five{sign}\nsix{sign}seven{sign}eight{sign}"


def sought(commands: Iterable[Argv], known: Mapping[str, str] = _NOTHING) -> Iterator[str]:
    """What the patterns of each `grep` match; a name in one holds what is known, else what an input usually does."""
    for command in commands:
        words = words_of(command, known)
        matching = found_by_grep(words) if words[:1] == ["grep"] else None
        if matching:
            yield matching


def sought_too(commands: Iterable[Argv], known: Mapping[str, str] = _NOTHING) -> Iterator[str]:
    """What else the patterns of each `grep` match, and what those of each `sed` and `awk` do, in longer texts."""
    for command in commands:
        words = words_of(command, known)
        if words[:1] == ["grep"]:
            yield from all_found_by_grep(words)[1:]
        elif words[:1] == ["tr"]:
            signs = [(word or "").strip("[]") for word in words[1:] if word and not word.startswith("-")]
            yield from (f"a{sign}b{sign}c" for sign in signs if sign and ":" not in sign)
        elif words[:1] in (["sed"], ["awk"]):
            for matching in all_found_by_editor(words):
                yield from (matching, f"some{matching}", f"{matching}more", f"some{matching}more{matching}")


def words_of(command: Argv, known: Mapping[str, str] = _NOTHING) -> list[str | None]:
    """The words of a command as they usually are; None for a pattern of file names, and for a word of nothing."""
    return [_usual(word, known) for word in command.words]


def _usual(word: object, known: Mapping[str, str]) -> str | None:
    parts = word.parts if isinstance(word, Text) else ()
    held = [part if isinstance(part, str) else known.get(part.name) or TYPICAL for part in parts]
    return "".join(held) or None


def values_for(uses: Uses, known: Mapping[str, str]) -> list[str]:
    """Values that a name with these uses can have, the typical one first. `known` holds what other names have."""
    if uses.is_json:
        return _json_values(uses)
    same = [known[name] for name in sorted(uses.others) if known.get(name)]
    if uses.is_number:
        return list(dict.fromkeys([*same, "5", "0", "41", *sorted(uses.literals)]))
    empty = [""] if "" in uses.literals else []
    return list(dict.fromkeys([*sorted(uses.literals - {""}), *same, TYPICAL, _BLANKS, *empty]))


def near_to(uses: Uses) -> list[str]:
    """Values beside those of `values_for`: what is compared with a character more or less, several times, in lines."""
    if uses.is_json:
        return [text for text in _json_near(uses) if text not in _json_values(uses)][:MOST_NEAR]
    if uses.is_number:
        return []
    texts = [*sorted(uses.near)]
    for text in sorted(uses.literals - {""}):
        texts += [*_one_off(text), *([f"{text}\n{text}\n{text} too", f"x\n{text}\ny"] if uses.in_lines else [])]
    known = set(values_for(uses, {}))
    return [text for text in dict.fromkeys(texts) if text and text not in known][:MOST_NEAR]


#: Most values that are tried because they are near to another one.
MOST_NEAR = 24


def _one_off(text: str) -> Iterator[str]:
    if "\n" not in text:
        yield from (f"{text}x", f"x{text}", text[:-1], text[1:], text.swapcase(), f"x{text[1:]}")
        # Signs that a pattern may take for any.
        yield from (text[:at] + "x" + text[at + 1 :] for at, sign in enumerate(text) if sign in ".*+?")


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
NO_EMPTY_LINE = "a tool that lists names prints no empty line"
NO_BACKSLASH = "no text holds a backslash, of which the echo of sh may make something else"
OWN_CODES = "no tool ends with an exit code to which the script gives a meaning of its own"
ONE_LINE = "what is given and not taken line by line is one line"
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
        numbers = [int(literal) for literal in sorted(literals) if literal.isdecimal() and literal.isascii()]
        for literal in [*sorted(literals), *numbers, "usual", None]:
            other = json.loads(json.dumps(usual))
            _put(other, path, literal)
            variants.append(other)
    variants += _with_lists(usual, uses)
    variants += [{**usual, "extra": [1, {"b": None}], "text": 'q"\\n é'}, {}]
    texts = [json.dumps(variant, ensure_ascii=False) for variant in variants]
    texts += sorted(literal for literal in uses.literals if _is_json(literal))
    return list(dict.fromkeys([*texts, "not json"]))


def _json_near(uses: Uses) -> Iterator[str]:
    """Each field empty, a number, true, false, or nearly what it is compared with."""
    usual = {path: min(literals - {""}, default="usual") for path, literals in sorted(uses.fields.items())}
    for path in usual:
        nearly = [text + "x" for text in sorted(uses.fields[path] - {""})]
        for value in ("", False, 5, True, *nearly):
            made: dict[str, Any] = {}
            for other, text in usual.items():
                _put(made, other, value if other == path else text)
            yield json.dumps(made, ensure_ascii=False)


def _with_lists(usual: dict[str, Any], uses: Uses) -> Iterator[dict[str, Any]]:
    """Each list empty, with one item, with two that differ; an item has the fields that stand beside the list."""
    for path in sorted(uses.lists):
        first: dict[str, Any] = {}
        for other, literals in sorted(uses.fields.items()):
            if other != path:
                _put(first, other, min(literals - {""}, default="usual"))
        second = json.loads(re.sub(r'": "(?:[^"\\\\]|\\\\.)*"', '": "other"', json.dumps(first)))
        for items in ([], [first or "one"], [first or "one", second or "two words"]):
            changed = json.loads(json.dumps(usual))
            _put(changed, path, items)
            yield changed


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

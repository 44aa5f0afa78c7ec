"""What parameters of a script hold in every scenario, since each call of a step gives it the same literal arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from peerlint.patterns import regex
from peerlint.process.bash.tree import Assignment, For, Function, Parameter, Simple, Word, walk
from peerlint.prove.scene import script_place

_SHELLS = frozenset({"bash", "sh"})
#: What gives parameters and variables other values in ways that are not looked into.
_CHANGES = frozenset({"shift", "eval", "source", ".", "getopts", "read", "mapfile", "readarray", "unset"})
#: A `set` that only turns options on and off.
_OPTIONS = regex(r"(?: [-+][a-zA-Z]*[a-np-zA-Z]| [-+][a-zA-Z]*o [a-z]+)+")


def fixed_texts(name: str, script: Sequence[Any], calls: Mapping[str, Sequence[Any]]) -> dict[int, str]:
    """The texts of parameters in the script, by their identity; `calls` are the texts that may name it, as trees.

    Of `$1` outside of functions, and of variables that one line of the script sets to such a text, behind that line.
    """
    given = list(_arguments(name, calls.values()))
    mentions = sum(text.count(name.rpartition("/")[2]) for text in calls)
    nodes = list(walk(tuple(script)))
    if not given or mentions != len(given) or changes_parameters(script):
        return {}
    positions = _positions(given)
    found = {id(node): positions[node.name] for node in _outside_functions(script) if _is_plain(node, positions)}
    for at, command in enumerate(script):
        for assignment in command.assignments if isinstance(command, Simple) and not command.words else ():
            text = _text(assignment.value, found)
            if text is not None and _is_set_once(assignment, nodes):
                later = walk(tuple(script[at + 1 :]))
                found |= {id(node): text for node in later if _is_plain(node, {assignment.name})}
    return found


def fixed_arguments(name: str, calls: Mapping[str, Sequence[Any]]) -> tuple[str, ...] | None:
    """The arguments of a script, where each of the texts that may name it gives the same literal ones; else None."""
    given = list(_arguments(name, calls.values()))
    if not given or sum(text.count(name.rpartition("/")[2]) for text in calls) != len(given):
        return None
    return the_same_literals({tuple(_literal(word) for word in words) for words in given})


def the_same_literals(given: Set[tuple[str | None, ...]]) -> tuple[str, ...] | None:
    """The arguments of calls that all give the same ones, all of them known; else None."""
    if len(given) != 1:
        return None
    (only,) = given
    known = tuple(text for text in only if text is not None)
    return known if len(known) == len(only) else None


def _arguments(name: str, calls: Any) -> Iterator[tuple[Word, ...]]:
    """What each call of the script hands over."""
    for commands in calls:
        for node in walk(tuple(commands)):
            words = node.words if isinstance(node, Simple) else ()
            if words and words[0].literal in _SHELLS:
                words = words[1:]
            if words and (words[0].literal == name or _is_in_given_folder(words[0], name)):
                yield words[1:]


def _is_in_given_folder(word: Word, name: str) -> bool:
    """Whether a word like `"$CLAUDE_PLUGIN_ROOT"/x.sh` is what a reference calls `${CLAUDE_PLUGIN_ROOT}/x.sh`."""
    first, *rest = word.parts or (None,)
    path = Word(tuple(rest), word.span).literal if rest else None
    if "$" not in name or path is None or not isinstance(first, Parameter) or first.operator:
        return False
    return script_place(f"${{{first.name}}}{path}", Path()) == script_place(name, Path())


def _positions(given: Sequence[tuple[Word, ...]]) -> dict[str, str]:
    """The arguments that are the same literal in all calls, and `#` where all have as many."""
    known = [[_literal(word) for word in words] for words in given]
    open_ended = [texts.index(None) if None in texts else None for texts in known]
    found: dict[str, str] = {}
    for number in range(1, 10):
        texts = {
            texts[number - 1] if number <= len(texts) else ""
            for texts, end in zip(known, open_ended, strict=True)
            if end is None or number <= end
        }
        everywhere = all(end is None or number <= end for end in open_ended)
        only = texts.pop() if len(texts) == 1 else None
        if everywhere and only is not None:
            found[str(number)] = only
    counts = {len(words) if all(map(_is_one_argument, words)) else None for words in given}
    count = counts.pop() if len(counts) == 1 else None
    if count is not None:
        found["#"] = str(count)
    return found


def _literal(word: Word) -> str | None:
    return None if (word.literal or "").startswith("~") else word.literal


def _is_one_argument(word: Word) -> bool:
    """Whether a word is one argument whatever it holds: without quotes it may be none or many."""
    listed = any(isinstance(part, Parameter) and (part.name == "@" or part.operator == "[]") for part in word.parts)
    return not listed and (_literal(word) is not None or word.is_quoted)


def _is_plain(node: Any, names: Any) -> bool:
    return isinstance(node, Parameter) and node.name in names and node.operator in ("", ":-", "-")


def _text(word: Word | None, found: Mapping[int, str]) -> str | None:
    """The text of a word of literals and known parameters."""
    return None if word is None else text_of(word, found)


def text_of(word: Word, found: Mapping[int, str]) -> str | None:
    """The text of a word where it is the same in every scenario, else None."""
    texts: list[str] = []
    for part in word.parts:
        literal = Word((part,), word.span).literal
        if id(part) in found and isinstance(part, Parameter):
            default = part.argument.literal if part.argument is not None else ""
            text = found[id(part)] or (default if part.operator else "")
            if text is None:
                return None
            texts.append(text)
        elif literal is not None:
            texts.append(literal)
        else:
            return None
    return "".join(texts)


def _is_set_once(assignment: Assignment, nodes: Sequence[Any]) -> bool:
    """Whether nothing else sets the variable."""
    others = [node for node in nodes if isinstance(node, Assignment | For) and node.name == assignment.name]
    defaults = [node for node in nodes if isinstance(node, Parameter) and node.operator in ("=", ":=")]
    plain = not assignment.append and assignment.elements is None
    return plain and len(others) == 1 and all(node.name != assignment.name for node in defaults)


def changes_parameters(script: Sequence[Any]) -> bool:
    """Whether a script may give parameters or variables other values in ways that are not looked into."""
    return any(isinstance(node, Simple) and _changes(node) for node in walk(tuple(script)))


def _changes(command: Simple) -> bool:
    """Whether a command may give parameters or variables other values; one that is not known by its name may."""
    if command.name == "set":
        return not _OPTIONS.fullmatch("".join(f" {word.literal or '?'}" for word in command.words[1:]))
    return bool(command.words) and (command.name is None or command.name in _CHANGES)


def _outside_functions(script: Sequence[Any]) -> Iterator[Any]:
    """The nodes of a script but those of its functions."""
    for command in script:
        nodes = list(walk((command,)))
        inside = {id(inner) for node in nodes if isinstance(node, Function) for inner in walk(node)}
        yield from (node for node in nodes if id(node) not in inside)

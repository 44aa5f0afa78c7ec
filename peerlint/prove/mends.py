"""A script without a flaw of its own: what the original would do if it were written as it is meant.

A repair that has a mend need not be told from traces. Where the mended original does all that the rewrite does, in the
same scenario and with the same answers, the flaw is what the two differ by, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    AndOr,
    For,
    Glob,
    Literal,
    Parameter,
    Redirection,
    Simple,
    Substitution,
    Word,
    walk,
)
from peerlint.source.text import Span

#: `$@` and `$*` are lists, and the operator that puts quotes of its own around a value needs none.
_LISTS, _QUOTES_ITSELF = frozenset("@*"), frozenset({":+", "+"})
#: What sets the arguments of a script is given a list, and what runs a text is given code.
_TAKES_LISTS = frozenset({"set", "eval"})


def with_quotes(text: str) -> str:
    """The script with double quotes around each value that bash would split into words or take for a pattern.

    A list that a loop goes through stays one, and so does what `set` makes the arguments of.
    """
    places = {span for word in _words(text) for span in _bare(word) if text[span.start : span.start + 1] in ("$", "`")}
    # Where one value ends and the next begins there are two.
    marks = Counter(at for span in places for at in (span.start, span.end))
    return _with(text, {at: '"' * number for at, number in marks.items()})


def _words(text: str) -> Iterator[Word]:
    """The words of a script that bash splits and nobody means to be a list."""
    for node in walk(parse_bash(text).commands):
        if isinstance(node, Simple) and node.name not in _TAKES_LISTS:
            yield from node.words
        elif isinstance(node, Redirection) and node.operator != "<<":
            yield node.target
        elif isinstance(node, For):
            yield from (word for word in node.words or () if any(isinstance(p, Literal | Glob) for p in word.parts))


def _bare(word: Word) -> Iterator[Span]:
    for part in word.parts:
        if isinstance(part, Substitution | Parameter) and not part.quoted and not _is_list(part):
            yield part.span


def _is_list(part: Substitution | Parameter) -> bool:
    return isinstance(part, Parameter) and (part.name in _LISTS or part.operator in _QUOTES_ITSELF)


def with_guards(text: str) -> str:
    """The script with each loop over a pattern of file names passing over what is no file: the pattern itself."""
    loops = [node for node in walk(parse_bash(text).commands) if isinstance(node, For) and node.body]
    guards = {loop.body[0].span.start: loop.name for loop in loops if _goes_through_files(loop)}
    return _with(text, {at: f'[ -e "${name}" ] || [ -L "${name}" ] || continue; ' for at, name in guards.items()})


def _goes_through_files(loop: For) -> bool:
    words = loop.words or ()
    return len(words) == 1 and any(isinstance(part, Glob) for part in words[0].parts)


def with_whole_choices(text: str) -> str:
    """The script with each `$(a || b)` giving what b prints where a fails, without what a has printed before."""
    marks: dict[int, str] = {}
    for node in walk(parse_bash(text).commands):
        choice = node.commands[0] if isinstance(node, Substitution) and len(node.commands) == 1 else None
        if isinstance(choice, AndOr) and all(operator == "||" for operator, _ in choice.rest):
            for way in (choice.first, *(part for _, part in choice.rest[:-1])):
                marks[way.span.start] = "{ peerlint_said=$("
                marks[way.span.end] = ") && printf '%s\\n' \"$peerlint_said\"; }"
    return _with(text, marks)


def _with(text: str, marks: Mapping[int, str]) -> str:
    """The text with something more at some places."""
    pieces, done = [], 0
    for at in sorted(marks):
        pieces += [text[done:at], marks[at]]
        done = at
    return "".join([*pieces, text[done:]])


#: The mend of each repair that has one, by the name of the repair.
MENDS: Mapping[str, Callable[[str], str]] = {
    "word-splitting": with_quotes,
    "unmatched-glob": with_guards,
    "appended-fallback": with_whole_choices,
}


def mended(text: str, names: Iterable[str]) -> str:
    """The script with these mends."""
    for name in names:
        text = MENDS[name](text)
    return text


def flaws_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The repairs whose mend changes one of the scripts."""
    texts = list(texts)
    return tuple(name for name, mend in MENDS.items() if any(mend(text) != text for text in texts))

"""Repairs of words that the shell makes into others: split at blanks, or taken for patterns of file names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from glob import escape
from itertools import takewhile, zip_longest

from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    For,
    Glob,
    Literal,
    Parameter,
    Pipe,
    Placeholder,
    Redirection,
    Simple,
    Word,
    walk,
)
from peerlint.prove.compare import differences
from peerlint.prove.repairs.situation import (
    EXPANDED,
    Situation,
    bare_call,
    calls_in,
    differ_behind,
    effect_of,
    more_than,
    pattern_of,
    printed_by,
    tails,
    words_of,
)
from peerlint.prove.trace import GOES_ON, STOPS, Action, Trace, lines_of
from peerlint.records import replace

# --- patterns that match nothing -------------------------------------------------------------------------------------


def unmatched_glob(at: Situation) -> bool:
    """Where no file matches, the original takes the pattern itself for a file; the rewrite does nothing.

    All that the rewrite says and does is what the original does too, in order; what that does more is about the
    pattern, or can only come from the body of its loop: a line that an `echo` there shows, or what a command printed
    that was run for the pattern. Where the loop stands at the end, what failed for the pattern may have stopped it.
    """
    loops = [loop for text in at.texts for loop in _loops_over_files(text)]
    if not loops:
        return False
    if at.original.outcome == STOPS and at.rewrite.outcome == GOES_ON and _end_with_it(at):
        return unmatched_glob(replace(at, original=replace(at.original, outcome=GOES_ON))) or not differences(
            replace(at.original, outcome=GOES_ON), at.rewrite
        )
    patterns = [_shown_by(word) for loop in loops for word in loop.words or () if _has_pattern(word)]

    def is_about_it(text: str) -> bool:
        return any(pattern.search(text) for pattern in patterns)

    said = more_than(at.original.messages, at.rewrite.messages)
    done = more_than(at.original.effects, at.rewrite.effects)
    if _is_used_behind(at, is_about_it):
        return True
    if said is None or done is None:
        return False
    if not any(is_about_it(line) for line in (*said, *(f"{a.key} {a.value or ''}" for a in done))):
        return False
    runs = [action for action in done if action.operation == "run"]
    shows = [re.compile(pattern) for loop in loops for pattern in _lines_shown(loop.body)]
    prints = {line for action in runs for line in printed_by(action, at)}
    kept = {line for action in at.rewrite.effects for line in printed_by(action, at)}
    does = [re.compile(pattern) for loop in loops for pattern in calls_in(loop.body)]
    if not all(is_about_it(f"{a.key} {a.value or ''}") or any(p.fullmatch(bare_call(a)) for p in does) for a in done):
        return False
    beside = [line for line in said if not is_about_it(line) and line not in prints - kept]
    beside = [line for line in beside if not any(pattern.fullmatch(line) for pattern in shows)]
    if beside and not _come_out_of_filters(beside, at):
        return False
    without = replace(at.original, actions=at.rewrite.actions, messages=at.rewrite.messages, state=at.rewrite.state)
    return not differences(without, at.rewrite)


def _come_out_of_filters(lines: Sequence[str], at: Situation) -> bool:
    """Whether a loop that no file is for shows what comes out of a pipeline, and these lines stand nowhere else."""
    for text in at.texts:
        for loop in _loops_over_files(text):
            shown = any(isinstance(node, Pipe) for node in loop.body)
            outside = text[: loop.span.start] + text[loop.span.end :]
            if shown and _matches_nothing(loop, at) and not any(line in outside for line in lines):
                return True
    return False


def _is_used_behind(at: Situation, is_about_it: Callable[[str], bool]) -> bool:
    """Whether a loop went through a pattern, and all that differs stands in it, or behind it where its names are used.

    What a command printed for the pattern is in a name then that the rewrite has not set.
    """
    met = [*at.original.messages, *(f"{action.key} {action.value or ''}" for action in at.original.effects)]
    if not any(is_about_it(text) for text in met):
        return False
    for text in at.texts:
        for loop in _loops_over_files(text):
            made = {node.name for node in walk(loop.body) if isinstance(node, Assignment)}
            behind = text[loop.span.end :]
            used = any(re.search(rf"\$\{{?{name}\b", behind) for name in made)
            if used and _matches_nothing(loop, at) and differ_behind(at, text, loop.span.start, loop.span.start):
                return True
    return False


def _matches_nothing(loop: For, at: Situation) -> bool:
    """Whether no file of the scenario matches a pattern that a loop goes through."""
    patterns = [_all_filled(word, at) for word in loop.words or () if _has_pattern(word)]
    return bool(patterns) and not any(pattern is None or _matches_a_file(pattern, at) for pattern in patterns)


def _end_with_it(at: Situation) -> bool:
    """Whether the original ends with a loop over a pattern that no file of the scenario matches."""
    last = parse_bash(at.texts[-1]).commands[-1:] if len(at.texts) == 1 else ()
    if not last or not isinstance(last[0], For):
        return False
    return _matches_nothing(last[0], at)


def _loops_over_files(text: str) -> Iterator[For]:
    for node in walk(parse_bash(text).commands):
        if isinstance(node, For) and any(_has_pattern(word) for word in node.words or ()):
            yield node


def _has_pattern(word: Word) -> bool:
    return any(isinstance(part, Glob) for part in word.parts)


def _shown_by(word: Word) -> re.Pattern[str]:
    """What a pattern looks like once the shell has filled in its variables, and nothing has matched."""
    return re.compile("".join(re.escape(p.text) if isinstance(p, Literal | Glob) else ".*" for p in word.parts))


def _lines_shown(commands: Sequence[object]) -> Iterator[str]:
    """Patterns of the lines that each `echo` in some commands shows, where some of it is literal."""
    for node in walk(tuple(commands)):
        if not isinstance(node, Simple) or node.name not in ("echo", "printf"):
            continue
        for line in "\n".join(pattern_of(word) for word in node.words[1:]).replace("\\n", "\n").split("\n"):
            if re.sub(r"\.\*|\W", "", line):
                yield line.rstrip()


# --- values without quotes -------------------------------------------------------------------------------------------

_WILD = regex(r"[*?\[]")
#: Tools that look at files, and tests; they are run for real on both sides.
_LOOK = frozenset({"[", "test", "ls", "cat", "head", "tail", "wc", "grep", "find", "stat", "sed", "awk", "basename"})


def word_splitting(at: Situation) -> bool:
    """A value without quotes is taken apart at its blanks, drops out, or names files; the rewrite takes it whole."""
    # The harness puts all arguments in the place of `$ARGUMENTS`.
    whole = [" ".join(at.scenario.arguments)] if any("$ARGUMENTS" in text for text in at.texts) else []
    values = (*at.given, *whole, *at.scenario.files, *_held_without_quotes(at))
    apart = [value for value in values if [value] != value.split() or _WILD.search(value)]
    if not apart or not any(_has_words_to_split(text) for text in at.texts):
        return False
    if _looks_at_other_files(at) or _is_answered_otherwise(at, apart):
        return True
    pairs = list(zip_longest(at.original.effects, at.rewrite.effects))
    said = list(zip_longest(_said(at, at.original, at.rewrite), _said(at, at.rewrite, at.original)))
    if any(left is None or right is None or not _taken_whole(left, right, apart) for left, right in pairs):
        return False
    if any(left is None or right is None or not _same_but_for_blanks(left, right, apart) for left, right in said):
        return False
    # What was stored is held above, effect by effect.
    left = replace(at.original, actions=(), messages=(), state={})
    right = replace(at.rewrite, actions=(), messages=(), state={})
    return not differences(left, right)


def _held_without_quotes(at: Situation) -> Iterator[str]:
    """What the variables hold at the end that stand without quotes, as the rewrite has it: what filters print, too."""
    nodes = (node for text in at.texts for node in walk(parse_bash(text).commands))
    for name in {node.name for node in nodes if isinstance(node, Parameter) and not node.quoted}:
        if (held := at.rewrite.variables.get(name.upper())) is not None:
            yield held


def _said(at: Situation, side: Trace, other: Trace) -> list[str]:
    """What one side says, without what a command prints that the other side calls with other words."""
    lines = list(side.messages)
    called = {action.key for action in other.effects}
    for action in side.effects:
        if action.key not in called:
            for line in printed_by(action, at):
                if line in lines:
                    lines.remove(line)
    return lines


def _has_words_to_split(text: str) -> bool:
    """Whether a variable, the output of a command, or a placeholder is a word of a command without quotes."""
    for node in walk(parse_bash(text).commands):
        words = node.words if isinstance(node, Simple) else (node.target,) if isinstance(node, Redirection) else ()
        parts = [part for word in words for part in word.parts if isinstance(part, EXPANDED)]
        if any(not part.quoted for part in parts):
            return True
    return False


def _looks_at_other_files(at: Situation) -> bool:
    """A value is a pattern, and the original tests or reads the files that it matches; what differs stands behind."""
    for text in at.texts:
        for node in walk(parse_bash(text).commands):
            if not isinstance(node, Simple) or node.name not in _LOOK:
                continue
            patterns = [_filled(word, at) for word in node.words[1:]]
            matched = any(_matches_a_file(pattern, at) for pattern in patterns if pattern)
            if matched and differ_behind(at, text, node.span.start, node.span.start):
                return True
    return False


def _is_answered_otherwise(at: Situation, apart: Sequence[str]) -> bool:
    """The scenario answers a command with the value taken apart, or whole; what differs stands behind that command."""
    both = zip(at.original.effects, at.rewrite.effects, strict=False)
    left, right = next(((a, b) for a, b in both if effect_of(a) != effect_of(b)), (None, None))
    if left is None or right is None or left.operation != "run" or left.key == right.key:
        return False
    answered = {answer.line for answer in at.scenario.commands}
    if answered.isdisjoint((left.key, right.key)):
        return False
    if not _taken_whole(replace(left, ok=right.ok, value=right.value), right, apart):
        return False
    for text in at.texts:
        for node in walk(parse_bash(text).commands):
            is_it = isinstance(node, Simple) and any(_is_bare(word) for word in node.words)
            if is_it and any(re.fullmatch(pattern, bare_call(left), re.DOTALL) for pattern in calls_in((node,))):
                return differ_behind(at, text, node.span.start, node.span.start) and _said_behind(at, text, node)
    return False


def _said_behind(at: Situation, text: str, command: Simple) -> bool:
    """Whether each line in which the two differ is shown behind a command, or is what a tool prints."""
    commands = (node for node in walk(parse_bash(text).commands) if isinstance(node, Simple))
    behind = tuple(node for node in commands if node.span.start >= command.span.start)
    shows = [re.compile(pattern) for pattern in _lines_shown(behind)]
    prints = {line for answer in at.scenario.commands for line in lines_of(answer.stdout)}
    lines = tails(at.original.messages, at.rewrite.messages)
    # Traces have no blanks at the ends of lines.
    return all(
        line in prints or any(shown.fullmatch(line + end) for shown in shows for end in ("", " ")) for line in lines
    )


def _is_bare(word: Word) -> bool:
    return any(isinstance(part, EXPANDED) and not part.quoted for part in word.parts)


def _filled(word: Word, at: Situation) -> str:
    """What a shell makes of a word with something unquoted in it, before it looks for files; "" for all others."""
    if not any(isinstance(part, Parameter | Placeholder) and not part.quoted for part in word.parts):
        return ""
    return _all_filled(word, at) or ""


def _all_filled(word: Word, at: Situation) -> str | None:
    """A word with what its variables hold, in quotes no sign of a pattern; None where it holds something else."""
    texts = []
    for part in word.parts:
        if isinstance(part, Glob):
            texts.append(part.text)
        elif isinstance(part, Literal | Parameter | Placeholder):
            text = part.text if isinstance(part, Literal) else _held(part, at)
            texts.append(escape(text) if part.quoted or isinstance(part, Literal) else text)
        else:
            return None
    return "".join(texts)


def _held(part: Parameter | Placeholder, at: Situation) -> str:
    """What a variable or placeholder of the original holds in the scenario."""
    name = re.sub(r"\W", "_", part.text.strip("[]{}<>")) if isinstance(part, Placeholder) else part.name
    if name == "ARGUMENTS":
        return " ".join(at.scenario.arguments)
    held = {**at.rewrite.variables, **at.scenario.inputs}
    return held.get(name, held.get(name.upper(), ""))


def _matches_a_file(pattern: str, at: Situation) -> bool:
    wanted = posixpath.normpath(pattern)
    there = {path for name in at.scenario.files for path in (name.rstrip("/"), *_above(name))}
    return bool(_WILD.search(wanted)) and any(_is_matched(path, wanted) for path in there)


def _is_matched(path: str, pattern: str) -> bool:
    """As a shell matches: a name that begins with a dot only where the pattern has it, too."""
    hidden = any(
        name.startswith(".") and not wanted.startswith(".")
        for name, wanted in zip(path.split("/"), pattern.split("/"), strict=False)
    )
    return fnmatchcase(path, pattern) and not hidden


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _taken_whole(left: Action, right: Action, apart: Sequence[str]) -> bool:
    """Whether the two do the same, once the words of the right that hold such a value are taken apart."""
    if effect_of(left) == effect_of(right):
        return True
    if left.operation != "run":
        value = replace(right, value=left.value)
        same = effect_of(left) == effect_of(value)
        return same and _same_but_for_blanks(left.value or "", right.value or "", apart)
    if (left.operation, left.ok, left.value, left.folder) != (right.operation, right.ok, right.value, right.folder):
        return False
    rest: list[str] | None = words_of(left.key)
    for word in words_of(right.key):
        if rest and rest[0] == word:
            rest = rest[1:]
            continue
        if not any(value in word for value in apart if value) and not (word == "" and "" in apart):
            return False
        rest = _behind_one_of(rest or [], _ways_apart(word, apart))
        if rest is None:
            return False
    return not rest


def _ways_apart(word: str, apart: Sequence[str]) -> Iterator[list[str]]:
    """The words that a shell makes of one that holds such a value: taken apart at all its blanks, or at those of it."""
    yield word.split()
    for value in sorted({value for value in apart if value.strip() and value in word}, key=len, reverse=True):
        before, _, behind = word.partition(value)
        # Quoted text around it keeps its own blanks.
        yield [part for part in re.sub(r"\s+", "\0", value).join((before, behind)).split("\0") if part]


def _behind_one_of(words: list[str], ways: Iterator[list[str]]) -> list[str] | None:
    """The words behind those that one of the ways stands for."""
    for way in ways:
        rest: list[str] | None = words
        for piece in way:
            rest = None if rest is None else _behind(rest, piece)
        if rest is not None:
            return rest
    return None


def _behind(words: list[str], piece: str) -> list[str] | None:
    """The words behind those that the piece stands for: itself, or the files that it matches."""
    if words[:1] == [piece]:
        return words[1:]
    count = len(list(takewhile(lambda word: fnmatchcase(word, piece), words))) if _WILD.search(piece) else 0
    return words[count:] if count else None


def _same_but_for_blanks(left: str, right: str, apart: Sequence[str]) -> bool:
    """Whether two texts differ at most in the blanks of such a value, or in a part of it that a tool did not take."""
    if left == right:
        return True
    if left.split() == right.split() and any(value and value in right for value in apart):
        return True
    return any(_without_a_part(right, left, value) for value in apart if len(value.split()) > 1)


def _without_a_part(whole: str, shorter: str, value: str) -> bool:
    """Whether a text is another without one part, which is a part of the value that holds a blank."""
    size = len(whole) - len(shorter)
    same = next((at for at, (a, b) in enumerate(zip(whole, shorter, strict=False)) if a != b), len(shorter))
    for start in range(max(0, same - size), same + 1):
        part = whole[start : start + size]
        if size > 0 and len(part.split()) > 1 and part in value and whole[:start] + whole[start + size :] == shorter:
            return True
    return False

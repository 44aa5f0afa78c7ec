"""Repairs of words that the shell makes into others: split at blanks, or taken for patterns of file names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from glob import escape

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
    more_than,
    pattern_of,
    printed_by,
)
from peerlint.prove.trace import GOES_ON, STOPS
from peerlint.records import replace

_WILD = regex(r"[*?\[]")

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


def word_splitting(at: Situation) -> bool:
    """A value without quotes is taken apart at its blanks, drops out, or names files; the rewrite takes it whole.

    That nothing else differs is not told from the two traces: with quotes around its values the original does all
    that the rewrite does, and in particular meets the same answers to its commands.
    """
    return at.quoted is not None and not differences(at.quoted, at.rewrite, reasons=at.tells_codes)

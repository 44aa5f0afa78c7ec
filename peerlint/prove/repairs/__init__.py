"""Differences in which the original is wrong and the rewrite is not: a closed list, each a predicate over two traces.

A repair has a trigger, which the trace of the original (some also its text) shows, and says what the rewrite has to do
inside of it. Outside of all triggers equality is demanded. docs/repairs.md has a section for each.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, zip_longest

from peerlint.patterns import regex
from peerlint.prove.compare import differences
from peerlint.prove.own_words import own_words
from peerlint.prove.repairs.looks import (
    calculated_with,
    guarded_on,
    held_by,
    nobody_looks_at,
    pasted_into_filters,
    pasted_into_json,
)
from peerlint.prove.repairs.situation import (
    Repair,
    Situation,
    differ_behind,
    effect_of,
    failed_actions,
    more_than,
    place_of,
    same_effects,
    say_the_same,
    stops_on_the_way,
    words_of,
)
from peerlint.prove.scenario import Scenario
from peerlint.prove.shims.faults import WRITE_AFTER, WRITE_BEFORE, Fault
from peerlint.prove.trace import STOPS, Action, Trace, canonical, lines_of
from peerlint.records import replace

__all__ = ["REPAIRS", "Repair", "Situation", "mends_that_explain", "repair_of"]

# --- accepted by default ---------------------------------------------------------------------------------------------


def _lost_update(at: Situation) -> bool:
    """The original reads a key twice before it updates it; something happens in between.

    Either somebody else writes, and the original overwrites that with its old value, or the second read fails. The
    rewrite, which reads once, must not update over the other's write.
    """
    for update in (action for action in at.original.actions if action.operation == "kv update"):
        if len(_reads_before(at.original, update)) < 2:
            continue
        ours = [action for action in at.rewrite.actions if place_of(action) == place_of(update)]
        if _hits_repeated_read(at.scenario, update):
            return True
        written = any(
            _strikes(fault, update) and fault.kind in (WRITE_BEFORE, WRITE_AFTER) for fault in at.scenario.faults
        )
        # Where the update of the original fails as well, both have seen the other's write, and do the same.
        if written and update.ok and at.rewrite.outcome == STOPS and not any(action.ok for action in ours):
            return True
    return False


def _reads_before(trace: Trace, update: Action) -> list[Action]:
    place = trace.actions.index(update)
    return [
        action
        for action in trace.actions[:place]
        if action.operation == "kv get" and (action.bucket, action.key) == (update.bucket, update.key)
    ]


def _strikes(fault: Fault, update: Action) -> bool:
    return (fault.bucket, fault.key) == (update.bucket, update.key)


def _hits_repeated_read(scenario: Scenario, update: Action) -> bool:
    return any(_strikes(fault, update) and fault.operation == "kv get" and fault.nth > 1 for fault in scenario.faults)


def _count_fallback(at: Situation) -> bool:
    """`grep -c … || echo 0` gives "0" twice where nothing matches, on which `[` or arithmetic stumble."""
    return at.original.crash is not None and "0\n0" in at.original.crash.replace("\\n", "\n") and _as_after_a_crash(at)


def _shell_crash(at: Situation) -> bool:
    """Bash itself reported an error; the rewrite must stop, or do all that the original did and no more.

    Where the report is the script's own text (`${NAME:?text}`), the rewrite has to show it, too. Where the script ends
    there, so does the rewrite.
    """
    if at.original.crash is None or not _as_after_a_crash(at) or _is_looked_at(at.original.crash, at):
        return False
    if at.original.outcome == STOPS and at.rewrite.outcome != STOPS:
        return False
    own = own_words(at.original.crash, at.texts)
    return not own or any(line.endswith(own) for line in at.rewrite.messages)


#: `check.sh: line 3: cd: specs: No such file or directory`.
_NO_FOLDER = regex(r"line (\d+): (?:cd|pushd): ")


def _is_looked_at(crash: str, at: Situation) -> bool:
    """Whether the error is that of a `cd` which the script itself looks at (`cd specs || exit 1`)."""
    found = _NO_FOLDER.search(crash)
    return found is not None and any(guarded_on(int(found[1]), _CHANGES_FOLDER, text) for text in at.texts)


_CHANGES_FOLDER = frozenset({"cd", "pushd"})


def _as_after_a_crash(at: Situation) -> bool:
    return at.rewrite.outcome == STOPS or same_effects(at.original.effects, at.rewrite.effects)


# --- accepted where the user's config names them ---------------------------------------------------------------------


def _arithmetic_on_text(at: Situation) -> bool:
    """Bash takes a word for 0 (or for a variable) when it calculates; the rewrite stops there."""
    if not at.rewrite.bad_value or at.original.crash is not None or not stops_on_the_way(at.original, at.rewrite):
        return False
    return any(not re.fullmatch(r"-?(0|[1-9]\d*)", value) for value in calculated_with(at))


def _unguarded_failure(at: Situation) -> bool:
    """An effect fails, the original looks away and goes on; the rewrite stops right there."""
    failed = failed_actions(at.original)
    if not failed or at.original.outcome == STOPS or not stops_on_the_way(at.original, at.rewrite):
        return False
    last = at.rewrite.actions[-1] if at.rewrite.actions else None
    if last is None or last.ok or not any(place_of(last) == place_of(action) for action in failed):
        return False
    # Prose that tells exit codes apart looks at what ends a script.
    return not at.tells_codes and nobody_looks_at(last, at)


def _file_as_flag(at: Situation) -> bool:
    """The original tests a file that its own redirection has just made, so the test always holds; the rewrite stops."""
    made = {path for text in at.texts for path in re.findall(r">\s*[\"']?([\w./$-]+)", text)}
    tested = {path for text in at.texts for path in re.findall(r"(?:\[|test)\s+-[fes]\s+[\"']?([\w./$-]+)", text)}
    return bool(made & tested) and bool(failed_actions(at.original)) and stops_on_the_way(at.original, at.rewrite)


def _interpolated_json(at: Situation) -> bool:
    """A value with a quote, a backslash or a line break breaks the JSON that it is pasted into; the rewrite escapes."""
    if _breaks_a_filter(at):
        return True
    names = {name for text in at.texts for name in (*pasted_into_json(text), *pasted_into_filters(text))}
    awkward = [value for value in held_by(names, at) if re.search(r"[\"\\\n]", value)] if names else []
    if not awkward:
        return False
    if stops_on_the_way(at.original, at.rewrite):
        return True
    pairs = list(zip_longest(at.original.effects, at.rewrite.effects))
    for left, right in pairs:
        if left is None or right is None or place_of(left) != place_of(right):
            return False
        if effect_of(left) != effect_of(right) and not _mends_json(left, right, awkward):
            return False
    return any(effect_of(left) != effect_of(right) for left, right in pairs if left and right)


def _breaks_a_filter(at: Situation) -> bool:
    """A value that is no plain name or number makes another program of a jq filter, or none.

    What the original reads out of it is then anything, so of effects only the order of places is held.
    """
    names = {name for text in at.texts for name in pasted_into_filters(text)}
    if not names:
        return False
    odd = any(not re.fullmatch(r"[A-Za-z_]\w*|-?(?:0|[1-9]\d*)", value, re.ASCII) for value in held_by(names, at))
    return odd and _go_to_the_same_places(at)


def _go_to_the_same_places(at: Situation) -> bool:
    """Whether the effects of one side are the beginning of those of the other, by operation, bucket and key."""
    left = [place_of(action) for action in at.original.effects]
    right = [place_of(action) for action in at.rewrite.effects]
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]


def _mends_json(left: Action, right: Action, pasted: Sequence[str]) -> bool:
    """Whether the right value is the left one with what was pasted into it escaped."""
    text = left.value or ""
    for value in pasted:
        text = text.replace(value, json.dumps(value, ensure_ascii=False)[1:-1])
    return left.ok == right.ok and _is_json(right.value) and canonical(text) == canonical(right.value)


def _is_json(text: str | None) -> bool:
    try:
        json.loads(text or "")
    except (ValueError, RecursionError):
        return False
    return True


def _broken_filter(at: Situation) -> bool:
    """A jq filter fails, and the original stores the nothing that it printed; the rewrite stops, or stores JSON."""
    if not at.original.failed_filter:
        return False
    for left, right in zip_longest(at.original.effects, at.rewrite.effects):
        if left is None:
            return False
        if right is not None and effect_of(left) == effect_of(right):
            continue
        stored_nothing = left.operation.startswith("kv ") and left.value is not None and not left.value.strip()
        if right is None:
            return stored_nothing and stops_on_the_way(at.original, at.rewrite)
        return stored_nothing and place_of(left) == place_of(right) and _is_json(right.value)
    return False


def _scraped_output(at: Situation) -> bool:
    """The original looks for a label that the tool never prints, so it finds nothing, ever; the rewrite asks right.

    The rewrite may take another arm because of that, so of effects only the order of places is held: one side's are
    the beginning of the other's.
    """
    if _takes_a_message_for_keys(at):
        return True
    printed = [action.result for action in at.original.actions if action.ok]
    labels = [label for text in at.texts for label in _labels_sought(text)]
    never = [label for label in labels if not any(label in result for result in printed)]
    return bool(never and printed) and _go_to_the_same_places(at)


_LABEL = r"(?:e?grep|sed|awk)\s[^|\n]*?['\"/]([A-Z][\w ]+:?)[:'\"/]"


def _labels_sought(text: str) -> Iterator[str]:
    """Labels that are looked for in what `nats` prints: in a pipeline, or in the file that took its output."""
    yield from re.findall(r"nats\s[^|\n]*\|\s*" + _LABEL, text)
    for path in set(re.findall(r"^[^#\n]*\bnats\s[^|>\n]*>\s*[\"']?([\w./$-]+)", text, re.MULTILINE)):
        yield from (found[1] for line in text.splitlines() if path in line for found in re.finditer(_LABEL, line))


_NO_KEYS = "No keys found in bucket"


def _takes_a_message_for_keys(at: Situation) -> bool:
    """The original goes through the words that `nats kv ls` prints for an empty bucket; the rewrite goes through none.

    All that the rewrite says and does is what the original does too, in order; what that does more is about such words.
    """
    empty = any(a.operation == "kv keys" and a.ok and a.result.startswith(_NO_KEYS) for a in at.original.actions)
    if not empty or at.original.outcome != at.rewrite.outcome:
        return False
    words = re.compile("|".join(rf"\b{word}\b" for word in _NO_KEYS.split()))
    said = more_than(at.original.messages, at.rewrite.messages)
    done = more_than([effect_of(a) for a in at.original.effects], [effect_of(a) for a in at.rewrite.effects])
    if said is None or done is None or not (said or done):
        return False
    return all(words.search(line) for line in said) and all(
        words.search(" ".join(str(part) for part in effect)) for effect in done
    )


_VALID_KEY = regex(r"[-/_=.a-zA-Z0-9]+")


def _invalid_key(at: Situation) -> bool:
    """NATS refuses the key of the original; the rewrite has one that is valid, and else does the same."""
    pairs = list(zip_longest(at.original.effects, at.rewrite.effects))
    mended = 0
    for left, right in pairs:
        if left is None or right is None:
            return False
        if effect_of(left) == effect_of(right):
            continue
        refused = not left.ok and not _VALID_KEY.fullmatch(left.key)
        if not refused or not _VALID_KEY.fullmatch(right.key) or not right.ok:
            return False
        if effect_of(replace(left, key=right.key, ok=True)) != effect_of(right):
            return False
        mended += 1
    return mended > 0


_QUESTION = regex(r"\?\s*$|\((?:y/n|yes/no|y/N|Y/n)\)", re.IGNORECASE)


def _question_as_echo(at: Situation) -> bool:
    """The original prints a question that nobody can answer; the rewrite asks it, and else does the same."""
    rest = list(at.rewrite.messages)
    asked = 0
    for line in at.original.messages:
        if rest and rest[0] == line:
            rest.pop(0)
        elif _QUESTION.search(line):
            asked += 1
        else:
            return False
    if not asked or rest:
        return False
    return not differences(replace(at.original, messages=()), replace(at.rewrite, messages=()))


_FALLBACK = re.compile(r"\|\|\s*(?:echo|printf)\s+(?:\"([^\"$`]*)\"|'([^']*)'|([^\s\"'$`;|&)]+))")


def _appended_fallback(at: Situation) -> bool:
    """A command prints something and fails, and the fallback is added to what it printed; the rewrite takes that alone.

    Held is what the value is used for; where a test of it comes out otherwise, that is another difference.
    """
    printed = [answer.stdout.rstrip("\n") for answer in at.scenario.commands if answer.exit and answer.stdout.strip()]
    values = {next(filter(None, found.groups()), "") for text in at.texts for found in _FALLBACK.finditer(text)}
    for before in printed:
        for value in values:
            mended = _without(at.original, f"{before}\n{value}", value)
            if differences(at.original, mended) and not differences(mended, _without(at.rewrite, "", "")):
                return True
    return False


def _without(trace: Trace, text: str, value: str) -> Trace:
    """The trace with another value in the place of a text; words of commands are told apart as a shell does."""

    def mended(old: str) -> str:
        return old.replace(text, value) if text else old

    def action(old: Action) -> Action:
        key = shlex.join(mended(word) for word in words_of(old.key)) if old.operation == "run" else old.key
        return replace(old, key=key, value=None if old.value is None else mended(old.value))

    return replace(
        trace,
        messages=lines_of(mended("\n".join(trace.messages))),
        actions=tuple(action(old) for old in trace.actions),
        state={bucket: {key: mended(old) for key, old in keys.items()} for bucket, keys in trace.state.items()},
        files={name: mended(old) for name, old in trace.files.items()},
    )


#: `read -p "Go on?" NAME`, `read -rp "…" NAME`.
_READ = regex(r"\bread\s+(?:-r\s+)?-r?p\s+(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|\S+)\s+([A-Za-z_]\w*)")


def _question_as_read(at: Situation) -> bool:
    """The original asks a terminal that is not there, and goes on with nothing; the rewrite goes on with an answer.

    Either all is the same but for that text; or the script tests it, and what differs stands behind the question.
    Where the scenario answers both, nothing is explained.
    """
    if at.scenario.answers:
        return False
    for text in at.texts:
        for found in _READ.finditer(text):
            name = found[1]
            answer = at.rewrite.variables.get(name) or at.rewrite.variables.get(name.upper(), "")
            if not answer:
                continue
            silent, spoken = _without(at.original, answer, ""), _without(at.rewrite, answer, "")
            if not differences(silent, spoken):
                return True
            before, behind = text[: found.start()], text[found.end() :]
            tested = re.search(rf"(?:\[|\btest\b|\bcase\b)[^\n\]]*\$\{{?{name}\b", behind)
            if tested and differ_behind(at, text, found.start(), found.end()):
                return True
            if _answered_for_another(at, silent.effects, spoken.effects) and say_the_same(at, before):
                return True
    return False


def _answered_for_another(at: Situation, silent: Sequence[Action], spoken: Sequence[Action]) -> bool:
    """Whether the scenario answers a command line of one side, which on the other has another answer in it.

    `silent` and `spoken` are the effects of both sides without the answer: the same up to there.
    """
    answered = {answer.line for answer in at.scenario.commands}
    for n, (left, right) in enumerate(zip(silent, spoken, strict=False)):
        keys = {at.original.effects[n].key, at.rewrite.effects[n].key}
        # Only one of the two has met the answer, so only that one may have failed.
        if effect_of(replace(left, ok=True)) != effect_of(replace(right, ok=True)):
            return False
        if len(keys) == 2 and keys & answered:
            return True
        if left.ok != right.ok:
            return False
    return False


_SOURCES = regex(r"(?:^|[;&|]|\b(?:then|do|else)\b)\s*(?:source|\.)\s+\S", re.MULTILINE)
#: `echo "OWNER=$OWNER"`, or such a line of a here-document.
_ASSIGNS = regex(r"(?:^|[\s\"'])[A-Za-z_]\w*=[\"'\\]*\$\{?\w", re.MULTILINE)
#: What a shell does not take as it is.
_SHELL_SIGNS = regex(r"[\s\\$`\"'*?~;&|<>()#]|^$")


def _sourced_value(at: Situation) -> bool:
    """A value that was written into a file of assignments is read as shell code; the rewrite takes it as it is.

    The two do the same, and only where the rewrite has such a value may the original have another text.
    """
    special = [value for value in at.given if _SHELL_SIGNS.search(value)]
    if not special or not any(_SOURCES.search(text) and _ASSIGNS.search(text) for text in at.texts):
        return False

    def taken_as_it_is(left: str | None, right: str | None) -> bool:
        return left == right or any(value and value in (right or "") for value in special)

    pairs = list(zip_longest(at.original.effects, at.rewrite.effects))
    said = list(zip_longest(at.original.messages, at.rewrite.messages))
    if any(left is None or right is None for left, right in (*pairs, *said)):
        return False
    if not all(taken_as_it_is(left, right) for left, right in said):
        return False
    for left, right in pairs:
        same = (left.operation, left.bucket, left.expected, left.ok) == (
            right.operation,
            right.bucket,
            right.expected,
            right.ok,
        )
        if not same or not taken_as_it_is(left.key, right.key) or not taken_as_it_is(left.value, right.value):
            return False
    # What was stored is held above, effect by effect.
    left = replace(at.original, actions=(), messages=(), state={})
    right = replace(at.rewrite, actions=(), messages=(), state={})
    return not differences(left, right)


#: The one repair of what ends a script where nobody has meant it to, and so for no reason of its own.
_CRASH = "shell-crash"
REPAIRS = (
    Repair("lost-update", "value and revision come from two reads", True, _lost_update),
    Repair("count-fallback", "a count that fails counts twice", True, _count_fallback),
    Repair(_CRASH, "bash itself reports an error", True, _shell_crash),
    Repair("invalid-key", "NATS refuses the key", False, _invalid_key),
    Repair("interpolated-json", "a value is pasted into JSON as it is", False, _interpolated_json),
    Repair("broken-filter", "what a failed filter did not print is stored", False, _broken_filter),
    Repair("question-as-echo", "a question is printed, and nobody can answer", False, _question_as_echo),
    Repair("unmatched-glob", "a pattern that matches nothing is taken for a file", False, None),
    Repair("file-as-flag", "a file is tested that the test's own command has made", False, _file_as_flag),
    Repair("arithmetic-on-text", "bash calculates with what is no number", False, _arithmetic_on_text),
    Repair("unguarded-failure", "an effect fails and nobody looks", False, _unguarded_failure),
    Repair("appended-fallback", "a fallback is added to what was printed", False, _appended_fallback),
    Repair("word-splitting", "a value without quotes is taken apart", False, None),
    Repair("question-as-read", "a terminal is asked that is not there", False, _question_as_read),
    Repair("sourced-value", "a value is read again as shell code", False, _sourced_value),
    Repair("scraped-output", "a label is looked for that the tool never prints", False, _scraped_output),
)


def repair_of(
    scenario: Scenario, original: Trace, rewrite: Trace, texts: Sequence[str] = (), *, reasons: bool = False
) -> Repair | None:
    """The first repair whose trigger these traces show; `texts` are those of the original's calls and scripts.

    `reasons` says, as for `differences`, that the reason of a stop counts: where both stop, each for another one, only
    an error that bash itself reports explains it.
    """
    at = Situation(scenario, original, rewrite, tuple(texts), reasons)
    misled = reasons and original.outcome == rewrite.outcome == STOPS and original.reason != rewrite.reason
    told = (repair for repair in REPAIRS if repair.holds is not None and repair.holds(at))
    return next((repair for repair in told if not misled or repair.name == _CRASH), None)


def mends_that_explain(
    flaws: Sequence[str], does_the_same: Callable[[tuple[str, ...]], Trace | None]
) -> tuple[tuple[str, ...], Trace | None]:
    """The fewest repairs by whose mends the original comes to do what the rewrite does, and what it does then.

    `flaws` are those that the original has. `does_the_same` runs it without some of them: what it does, None where that
    is not what the rewrite does.
    """
    for number in range(1, len(flaws) + 1):
        for names in combinations(flaws, number):
            trace = does_the_same(names)
            if trace is not None:
                return names, trace
    return (), None

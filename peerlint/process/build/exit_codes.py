"""What sentences and lists say about exit codes.

A wrong meaning makes a wrong migration. So a code means a way on, a stop, or the reason of one only where the words
leave no choice; what else is said of a code is `Opaque`, and its step is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from peerlint.patterns import DASHES, latin_set, may_hold, regex
from peerlint.process import model
from peerlint.records import dataclass, replace
from peerlint.source.text import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from peerlint.process.model import Branch, Statement

_SUBJECT = r"(?:it|this|the\s+(?:script|command|call)|`[^`\n]+`)"
_NON_ZERO = r"(?:an?\s+|any\s+)?non-?zero(?:\s+(?:exit\s+)?(?:code|status))?"
_LABEL = r"(?:exit|return|status)\s+(?:code|status)"
_NUMBER = r"`?(?P<code>\d{1,3})`?(?!\w)"
_CODE = rf"(?:exit\s+)?(?:code|status)\s+{_NUMBER}"
_MEANING = rf"\s*(?P<meaning>[^\s,:=.][^\n]*?)(?=\.?\s*$|\.\s+{latin_set('A-Z`*_')})"
_THEN = r"\s*[,:]\s*(?:then\s+)?"
#: What joins a sentence about a code to the next one.
_JOINT = r"(?:[;,]\s+(?:and\s+)?|\s+and\s+)"
_NEXT_SENTENCE = (
    rf"{_JOINT}(?:(?:the\s+)?(?:{_LABEL}|exit)\s+`?\d{{1,3}}`?\s+means\b|{_LABEL}\s+`?\d{{1,3}}`?\s*(?::|=>?|→)"
    rf"|(?:if|when)\s+{_SUBJECT}\s+(?:exits|ends|returns|fails)\s+with\s+(?:exit\s+)?(?:code|status)\s+`?\d"
    rf"|(?:if|when)\s+(?:the\s+|its\s+)?{_LABEL}\s+(?:is|was)\s+`?\d|on\s+(?:{_LABEL}|exit)\s+`?\d)"
)
#: A meaning behind which a sentence about another code may stand.
_ITS_MEANING = _MEANING.removesuffix(")") + rf"|{_NEXT_SENTENCE})"
#: Stands among exit codes for each that is not 0 and not named.
ANY_FAILURE = -1

_NEEDS = ("exit", "code", "status", "returns", "zero")
_NEEDS_OF_ANY = (*_NEEDS, "fail")

#: What stands in each sentence about a code, or about any that is not 0.
_MAY_NAME_CODE = regex(r"\d|[zZ][eE][rR][oO]")

#: Sentences that say what is to be done, or what it means, at a code.
_DONE = (
    rf"\b(?:if|when)\s+{_SUBJECT}\s+(?:exits|ends|returns|fails)\s+with\s+{_CODE}{_THEN}{_ITS_MEANING}",
    rf"\b(?:if|when)\s+{_SUBJECT}\s+(?:exits\s+(?:with\s+)?|returns\s+){_NUMBER}{_THEN}{_ITS_MEANING}",
    rf"\b(?:if|when)\s+(?:the\s+|its\s+)?{_LABEL}\s+(?:is|was|equals|==?)\s+{_NUMBER}{_THEN}{_ITS_MEANING}",
    rf"\bon\s+(?:exit\s+(?:code\s+|status\s+)?|{_LABEL}\s+){_NUMBER}\s*[,:]?\s*(?:then\s+)?{_ITS_MEANING}",
    rf"\b(?:the\s+)?(?:{_LABEL}|exit)\s+{_NUMBER}\s+means(?:\s+that)?{_ITS_MEANING}",
    rf"(?:^\W*|[.!?]\s+)(?:exit|return)\s+(?:code|status)\s+{_NUMBER}[*_]*\s*(?::|=>?|→|[-–—]+>?(?=\s))[*_]*{_ITS_MEANING}",
)
#: Such a sentence that is joined to one before: "exit code 2: the tree is dirty; exit code 3: there is none".
_JOINED = regex(
    rf"{_JOINT}{_LABEL}\s+{_NUMBER}[*_]*\s*(?::|=>?|→)[*_]*{_ITS_MEANING}", re.IGNORECASE | re.MULTILINE, needs=_NEEDS
)
_JOINED_SENTENCE = regex(_NEXT_SENTENCE, re.IGNORECASE)
_BETWEEN = regex(_JOINT, re.IGNORECASE)
#: The same where any code but 0 is meant.
_DONE_AT_ANY = (
    rf"\b(?:if|when)\s+{_SUBJECT}\s+(?:exits|ends|returns|fails)\s+(?:with\s+)?{_NON_ZERO}{_THEN}{_MEANING}",
    rf"\b(?:if|when)\s+(?:the\s+|its\s+)?{_LABEL}\s+(?:is|was)\s+(?:non-?zero|not\s+(?:0|zero)){_THEN}{_MEANING}",
    rf"\bon\s+{_NON_ZERO}(?:\s+exit)?\s*[,:]?\s*(?:then\s+)?{_MEANING}",
)
#: The same without a word of codes. It is about the call only where it says to go on: that a failure stops is usual,
#: and what an agent does besides is its own affair.
_GOES_ON_AT_ANY = regex(
    rf"\b(?:(?:if|when)\s+{_SUBJECT}\s+(?:fails|exits\s+with\s+an\s+error)|on\s+(?:an?\s+|any\s+)?failure)"
    rf"(?:{_THEN}|\s+then\s+){_MEANING}",
    re.IGNORECASE,
    needs=("fail", "error"),
)
#: Sentences that say when a script ends with a code: the meaning is a fact.
_WHEN = (
    rf"(?:\b(?:it|the\s+(?:script|command))\s+|^\W*)exits\s+(?:with\s+)?(?:(?:exit\s+)?(?:code|status)\s+)?{_NUMBER}"
    rf"\s+(?:if|when)\s{_MEANING}",
)
#: The next code of such a sentence.
_AND_CODE = regex(
    rf"(?:[,;]\s*(?:and\s+)?|\s+and\s+)(?:with\s+)?(?:(?:exit\s+)?(?:code|status)\s+)?{_NUMBER}\s+(?:if|when)\s+",
    re.IGNORECASE,
)
#: Behind such a sentence a bare number is a code, too: "On 2, ask the user."
_BARE_CODE = regex(rf"(?:^|[.;]\s+)(?:on|for|with|at|in\s+case\s+of)\s+{_NUMBER}\s*[,:][^\n]*", re.IGNORECASE)
_SENTENCES = tuple(
    (regex(pattern, re.IGNORECASE | re.MULTILINE, needs=_NEEDS), is_fact)
    for patterns, is_fact in ((_DONE, False), (_DONE_AT_ANY, False), (_WHEN, True))
    for pattern in patterns
)
#: A condition on a code that none of these could read: "if it exits with 2 or 3, …". That it exits with 0 is usual.
_UNREAD = regex(
    rf"\b(?:if|when|on)\b[^.\n]{{0,60}}?\b(?:exits?\s+(?:with\s+)?(?:codes?\s+|status\s+)?|{_LABEL}(?:e?s)?\s+(?:is\s+)?)"
    rf"(?!`?0+`?(?!\s*(?:or|and|to|,|/|-)\s*`?\d)\b){_NUMBER}[^\n]*",
    re.IGNORECASE,
    needs=_NEEDS,
)
_UNREAD_AT_ANY = regex(
    r"\b(?:if|when|on|unless)\b[^.\n]{0,60}?\bnon-?zero\b[^\n]*", re.IGNORECASE, needs=("non-zero", "nonzero")
)
_LIST_HEAD = regex(r"\bexit\s+(?:codes?|status(?:es)?)\b[^:\n]{0,40}:[*_]*\s*$", re.IGNORECASE, needs=("exit",))
_LISTED = regex(
    rf"\s*(?:[-*+]\s+)?(?:exit\s+)?(?:code\s+)?[`*]*(?P<code>\d{{1,3}})[`*]*\s*(?::|=>?|(?:[-→]|{DASHES})>?|means)[*]*{_MEANING}",
    re.IGNORECASE,
)
_LISTS_CODE = regex(r"\s*(?:[-*+]\s+)?(?:exit\s+)?(?:code\s+)?[`*]*(?P<code>\d{1,3})\b")

_GO_ON = regex(
    r"(?:(?:you\s+(?:can|may)\s+)?(?:just\s+|simply\s+)?(?:continue|proceed|go on|move on|go|jump|carry on|ignore it))"
    r"(?:\s+(?:anyway|normally|as (?:usual|normal)))?"
    r"(?:\s+(?:with|to|at|from)\s+(?:the\s+)?"
    rf"(?:(?P<next>next step)|step\s+(?P<step>\d+(?:\.\d+)?{latin_set('a-z')}?)))?\W*",
    re.IGNORECASE,
)
#: A way on with the reason for it, which is no order by itself.
_GO_ON_SINCE = regex(r"(?P<way>[\w ]+?)(?:\s*[:;–—]\s*|,?\s+(?:since|because)\s+)(?P<reason>[^\n]+)", re.IGNORECASE)
_SKIP = regex(r"skip\s+(?:this|the)\s+(?:entire\s+)?step\W*", re.IGNORECASE)
_STOP = regex(r"(?:stop|abort|halt)(?:\s+(?:execution|here|the process|immediately))?\W*", re.IGNORECASE)
_STOP_WITH_WORDS = regex(
    r"(?:stop|abort|halt)\b(?:\s+(?:execution|here|the process))?"
    rf"(?:\s*(?:[:;,]|{DASHES})|\s+(?:because|as|since|and\s+(?:tell|report|inform|say|show|explain|notify|warn))\b)"
    r"(?!.*\b(?:ask|retry|again|continue|then|unless)\b).*",
    re.IGNORECASE,
)
#: A fact, and that it ends there: "there is nothing to do: tell the user and stop".
_FACT_THEN_STOP = regex(
    r"(?P<reason>[^:;–—]+?)\s*(?:[:;–—]|,(?:\s*so)?(?=\s))\s*(?:please\s+)?"
    r"(?:(?:tell|inform|warn)\s+(?:the\s+)?user(?:\s+so)?\s+and\s+)?"
    r"(?:stop|abort|halt)(?:\s+(?:execution|here|the process|immediately))?"
    r"(?:,?\s+and\s+(?:tell|inform|warn)\s+(?:the\s+)?user(?:\s+so)?)?\W*",
    re.IGNORECASE,
)
_BEFORE_REASON = regex(
    r"(?:stop|abort|halt)(?:\s+(?:execution|here|the process))?"
    rf"(?:\s*(?:[:;,]|{DASHES})\s*(?:because\s+)?|\s+because\s+)(?!and\b)(?=\S)",
    re.IGNORECASE,
)
#: A verb that gives an order begins the words: what is to be done then is more than to stop.
_ORDER = regex(
    r"(?:please\s+|you\s+|then\s+|first\s+|simply\s+|just\s+)*(?:abort|add|ask|build|call|cancel|change|check|choose|clean|commit"
    r"|confirm|continue|copy|create|delete|display|do|don'?t|download|edit|ensure|escalate|explain|fall|fetch|find|fix"
    r"|follow|generate|get|give|go|guide|halt|handle|ignore|inform|install|invoke|jump|keep|leave|let|list|log|look|make|mark"
    r"|merge|move|note|notify|offer|open|pause|prompt|print|proceed|provide|pull|push|put|read|rebase|rebuild|record"
    r"|remove|repair|repeat|report|request|re-?run|resolve|restart|restore|resume|retry|return|revert|review|roll"
    r"|run|save|say|select|send|set|should|must|show|skip|spawn|start|stop|suggest|switch|take|tell|treat|try|undo|update"
    r"|use|verify|wait|warn|write)\b",
    re.IGNORECASE,
)
#: The same anywhere in a reason: it is more than a reason then.
_ASKS_FOR_MORE = regex(
    r"\b(?:ask|tell|warn|inform|use|(?:re)?run\s+(?:it|this|the|`)|retry|repeat|try|fix|stop|abort|but|only|unless|until|instead|then|later"
    r"|should|must|first)\b",
    re.IGNORECASE,
)
#: Words with which a code other than 0 may be no failure.
_MAY_BE_WELL = regex(
    r"\bnothing (?:to|changed|new|was)\b|\bno (?:changes?|work|updates?)\b|\bup[- ]to[- ]date\b|\bsucce|\bok(?:ay)?\b"
    r"|\bfine\b|\bpass\b|\bpasses\b|\bpassed\b|\bwarnings?\b|\boptional\b|\bskipped\b"
    r"|\balready (?:done|exists|installed|there|set)\b"
    r"|(?<!not )(?<!n't )(?<!cannot )(?<!never )\b(?:harmless|no problem)\b",
    re.IGNORECASE,
)
#: Words with which more than one code is spoken of.
_OF_OTHER_CODES = regex(r"\bexits?\b|\b\d{1,3}`?\s+(?:if|when|means|for)\b", re.IGNORECASE)
#: Words that may ask for more than to stop.
_OPEN = regex(
    r"\b(?:should|must|ask|retry|otherwise|(?<!body )(?<!one )(?<!thing )else|instead|unless)\b"
    r"|(?<!not )(?<!n't )(?<!cannot )(?<!never )\b(?:continue|proceed|go on|carry on|ignored?)\b",
    re.IGNORECASE,
)
#: A bare number that a command "returns" may be that of HTTP, or a count.
_MOST = 125


def is_order(words: str) -> bool:
    """Whether words begin with a verb that tells somebody to do something."""
    return _ORDER.match(words) is not None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence says of a code; of `ANY_FAILURE` where it speaks of each that is not 0."""

    code: int
    meaning: str
    is_fact: bool
    span: Span


def exit_meanings(lines: Iterable[tuple[str, int, bool]]) -> Iterator[tuple[int, Branch]]:
    """The exit codes that lines of prose name (`ANY_FAILURE` for "non-zero"), each with the branch that it means.

    A line is its text, its offset, and whether it is an item of a list: below "Exit codes:" items explain a code each.
    Lines that go on below each other are one.
    "continue with step 4" leaves the step, "continue" goes on in it, "skip this step" skips; a fact stops with the
    words of the sentence as the reason; of code 0 a fact says nothing. Anything else is `Opaque`.
    """
    head: int | None = None
    in_list = False
    for text, offset, is_item in lines:
        in_list = in_list and is_item
        # Most lines say nothing of codes, and there are many lines.
        if not in_list and not may_hold(text, _NEEDS_OF_ANY):
            continue
        said = _listed(text) if in_list else list(_told(text))
        for code, branch in _branches(said, offset):
            # The line above a list goes with its first item when the meanings have become logic.
            start = branch.span.start if not in_list or head is None else head
            head = None if in_list else head
            yield code, model.Branch(branch.condition, branch.body, Span(start, branch.span.end))
        if _LIST_HEAD.search(text):
            head, in_list = offset, True


def _told(text: str) -> list[_Said]:
    """What the sentences of a line say, in their order."""
    said: list[_Said] = []
    # Many lines speak of code, and few of one with a number.
    may_name_code = _MAY_NAME_CODE.search(text) is not None
    for pattern, is_fact in _SENTENCES if may_name_code else ():
        for match in pattern.finditer(text):
            span = Span(match.start(), match.end())
            if not any(other.span.overlaps(span) for other in said) and _code(match) <= _highest(match):
                said.extend(_facts(match) if is_fact else [_Said(_code(match), _words(match["meaning"]), False, span)])
    for each in said:
        behind = _JOINED.match(text, each.span.end)
        if behind is not None:
            said.append(_Said(_code(behind), _words(behind["meaning"]), False, Span(behind.start(), behind.end())))
    for match in _GOES_ON_AT_ANY.finditer(text):
        span = Span(match.start(), match.end())
        each = _Said(ANY_FAILURE, _words(match["meaning"]), False, span)
        if _SKIP.fullmatch(each.meaning) or _way_on(each.meaning, span) is not None:
            said.append(each)
    if not may_name_code:
        return said
    bare = _BARE_CODE.finditer(text) if said else ()
    for match in (*_UNREAD.finditer(text), *_UNREAD_AT_ANY.finditer(text), *bare):
        span = Span(match.start(), match.end())
        if not any(other.span.overlaps(span) for other in said):
            said.append(_Said(_code(match), "", False, span))
    return _with_joints(sorted(said, key=lambda each: each.span), text)


def _with_joints(said: Sequence[_Said], text: str) -> list[_Said]:
    """Each sentence with what joins it to the next one; where that is none that was read, it is not understood."""
    joined = []
    for each, behind in zip(said, (*said[1:], None), strict=False):
        end = behind.span.start if behind is not None else len(text)
        if _BETWEEN.fullmatch(text, each.span.end, end):
            each = replace(each, span=Span(each.span.start, end))
        elif end > each.span.end and _JOINED_SENTENCE.match(text, each.span.end):
            each = replace(each, meaning="", is_fact=False)
        joined.append(each)
    return joined


def _facts(match: re.Match[str]) -> Iterator[_Said]:
    """The codes of "exits with 1 if A, and with 2 if B", each with its part of the sentence."""
    code, start, meaning_from = _code(match), match.start(), match.start("meaning")
    for more in _AND_CODE.finditer(match.string, meaning_from, match.end()):
        yield _Said(code, _words(match.string[meaning_from : more.start()]), True, Span(start, more.start()))
        code, start, meaning_from = int(more["code"]), more.start(), more.end()
    yield _Said(code, _words(match.string[meaning_from : match.end()]), True, Span(start, match.end()))


def _words(text: str) -> str:
    return " ".join(text.split())


def _code(match: re.Match[str]) -> int:
    return int(match["code"]) if "code" in match.re.groupindex else ANY_FAILURE


def _listed(text: str) -> list[_Said]:
    """What an item of a list of exit codes says."""
    match = _LISTED.match(text)
    if match is not None:
        return [_Said(int(match["code"]), _words(match["meaning"]), False, Span(0, match.end()))]
    unread = _LISTS_CODE.match(text)
    return [_Said(int(unread["code"]), "", False, Span(0, len(text)))] if unread is not None else []


def _highest(match: re.Match[str]) -> int:
    return _MOST if "returns" in match[0].lower() and "code" not in match[0].lower() else 255


def _branches(said: Sequence[_Said], offset: int) -> Iterator[tuple[int, Branch]]:
    for each in said:
        span = Span(offset + each.span.start, offset + each.span.end)
        body = _consequence(each, span)
        if body is not None:
            any_failure = each.code == ANY_FAILURE
            asked = model.OutcomeIs(model.Outcome.COMMAND_FAILS) if any_failure else model.ExitCodeIs(each.code)
            yield each.code, model.Branch(asked, body, span)


def _consequence(said: _Said, span: Span) -> tuple[Statement, ...] | None:
    """What is done at the code; None where it is what is done anyway."""
    meaning = said.meaning
    if not said.is_fact:
        way_on = _way_on(meaning, span)
        if way_on is not None:
            return way_on
        since = _GO_ON_SINCE.fullmatch(meaning)
        way_on = _way_on(since["way"], span) if since is not None else None
        if since is not None and way_on is not None and not _ASKS_FOR_MORE.search(since["reason"]):
            return (model.Note(since["reason"], span), *way_on)
        if _SKIP.fullmatch(meaning):
            return (model.Skip(span),)
        if _STOP.fullmatch(meaning):
            return (model.Stop(None, span),)
        if _STOP_WITH_WORDS.match(meaning) and said.code:
            return (model.Stop(model.Text.of(_BEFORE_REASON.sub("", meaning, count=1)), span),)
        if not meaning or _ORDER.match(meaning):
            return _not_understood(said, span)
        fact = _FACT_THEN_STOP.fullmatch(meaning)
        if fact is not None and said.code and not _ASKS_FOR_MORE.search(fact["reason"]):
            return (model.Stop(model.Text.of(fact["reason"]), span),)
    if said.code == 0:
        return None
    if any(words.search(meaning) for words in (_OPEN, _OF_OTHER_CODES, _MAY_BE_WELL)):
        return _not_understood(said, span)
    return (model.Stop(model.Text.of(meaning), span),)


def _way_on(words: str, span: Span) -> tuple[Statement, ...] | None:
    """What words do that tell to go on; None where they tell something else."""
    go_on = _GO_ON.fullmatch(words)
    if go_on is None or not (go_on["next"] or go_on["step"] or not words.lower().startswith(("go ", "jump"))):
        return None
    return (model.Proceed(go_on["step"], span),) if go_on["step"] or go_on["next"] else ()


def _not_understood(said: _Said, span: Span) -> tuple[Statement, ...]:
    spoken = "a failure" if said.code == ANY_FAILURE else f"exit code {said.code}"
    what = f"what the text says of {spoken}"
    if not said.meaning:
        reason = f"it is not clear {what}"
    elif _OF_OTHER_CODES.search(said.meaning):
        reason = f"{what} speaks of other codes, too"
    elif not is_order(said.meaning) and not _OPEN.search(said.meaning) and _MAY_BE_WELL.search(said.meaning):
        reason = f"{what} may be no failure"
    else:
        reason = f"{what} is more than to stop or to go on"
    return (model.Opaque(reason, said.meaning, span),)

"""Rewording the sentences that speak about the shell which a migration has taken away.

Only whole, well-known turns are touched; every other sentence stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.patterns import regex
from peerlint.source.text import Span

_BASH_TOOL = regex(
    r"(?P<lead>^|[.:]\s+)(?:then\s+)?use\s+(?:the\s+|your\s+)?bash\s+tool\s+to\s+(?P<task>[^.:\n]*(?:\.\w[^.:\n]*)*)(?P<end>[.:]?)",
    re.IGNORECASE,
)
_RUN_SCRIPT = regex(
    r"^(?:run|execute|call|invoke)\s+(?:the\s+)?(?:following\s+)?(?P<what>.*?)\s*(?:script|command)s?$", re.IGNORECASE
)
#: "run the following commands", "execute this": words that only announce the shell below them.
_ANNOUNCES = (
    r"(?:please\s+)?(?:run|execute|do|perform)(?:\s+(?:the\s+following|this|these|as\s+follows|below))?"
    r"(?:\s+the(?:\s+[\w-]+){0,2}(?=\s+(?:scripts?|commands?)\b))?"
    r"(?:\s+(?:bash|shell))?(?:\s+(?:scripts?|commands?|code|snippet|block))?"
)
_ANNOUNCING_TASK = regex(rf"^{_ANNOUNCES}$", re.IGNORECASE)
_ANNOUNCING_LINE = regex(rf"^(?:(?:first|then|now|next),?\s+)?{_ANNOUNCES}\s*:$", re.IGNORECASE)
_CHECK = regex(r"^check\s+(?!whether\b|if\b|that\b|for\b)", re.IGNORECASE)
#: "Use Bash tool to record it and to read it back": without the first "to" the second has to go.
_SECOND_TASK = regex(r"\b(and|or|then) to (?=[a-z])")
_PRONOUN_ONLY = regex(r"^\w+\s+(?:it|this|that|them)$", re.IGNORECASE)
_TEMP_PLACE = regex(r"\s+(?:in|to|into|from|at)\s+`?(?P<path>/tmp/[\w./{}$-]*\w)`?")
_LOOKS_BACK = regex(r"(?:if|when|once|unless|until|should)\s+(?:it|this|that)\b", re.IGNORECASE)
_LEAD_IN = regex(r"(?:(?<=[.!?])\s+|^)[^.!?\n]*:\s*$")


def action(text: str) -> str:
    """The payload of an ACTION without its "Use Bash tool to"; never empty."""
    match = _BASH_TOOL.match(text)
    if not match:
        return text
    return _task(match["task"]) + text[match.start("end") :]


def introduction(text: str) -> str:
    """A line of prose in front of what was a fence, without its "Use Bash tool to"; "" where nothing is left to say.

    A sentence that only announces a script goes; one that says what is done stays as a sentence of its own.
    """
    match = _BASH_TOOL.search(text)
    if not match:
        return text
    before = text[: match.start()] + match["lead"].rstrip()
    task = _SECOND_TASK.sub(r"\1 ", match["task"].strip())
    script = _RUN_SCRIPT.match(task)
    says_nothing = script or _ANNOUNCING_TASK.match(task) or _PRONOUN_ONLY.match(task) or "`" in task
    kept = "" if says_nothing else _capital(task) + "."
    return " ".join(part for part in (before.strip(), kept, text[match.end() :].strip()) if part)


def sentence_of_call(text: str, code: str) -> Span | None:
    """What of a text only tells to run `code`: a sentence, or its beginning up to what that is for ("to …").

    None where the sentence says more than to run it, or the text says it twice.
    """
    call = re.compile(
        rf"(?:^|(?<=[.!?:]\s)|(?<=\*\*\s)|(?<=\*\*[:.]\s))(?:(?:first|then|now|next),?\s+)?"
        rf"(?:run|execute|invoke|call)\s+(?:the\s+)?(?:script\s+)?`?{re.escape(code)}`?"
        rf"(?:\s+(?:first|now|next|then))?\s*(?:[.:!](?=\s|$)|$|\bto\s+(?=[a-z]+\s[^.:;]*(?:[.](?=\s|$)|$)))",
        re.IGNORECASE,
    )
    match = call.search(text)
    return Span(match.start(), match.end()) if match and text.count(code) == 1 else None


def instrument_of_call(text: str, code: str) -> Span | None:
    """`with X`, where X is the call, behind what is made with it: the rest of the sentence can stay. None elsewhere."""
    found = re.compile(rf"(?<=\w)\s+(?:with|using|via)\s+(?:the\s+)?(?:script\s+)?`{re.escape(code)}`", re.IGNORECASE)
    match = found.search(text)
    return Span(match.start(), match.end()) if match and text.count(code) == 1 else None


def sentence_of_bash_tool(text: str) -> Span | None:
    """Where a sentence speaks of the Bash tool, which `introduction` and `action` reword; None where none does."""
    match = _BASH_TOOL.search(text)
    return Span(match.start(), match.end()) if match else None


def without(text: str, spans: Sequence[Span]) -> str:
    """A text without some of its sentences, and without the full stops and the blanks that they leave behind.

    What is left of a sentence begins with a capital.
    """
    kept = text
    for span in sorted(spans, reverse=True):
        before = kept[: span.start].rstrip()
        after = _capital(kept[span.end :].removeprefix(".").lstrip())
        # What followed at the line's end goes on there; a line of its own begins where the sentence began.
        gap = kept[len(before) : span.start] or " "
        kept = before + gap + after if before and after else before + after
    return kept


def without_conditions(text: str, spans: Sequence[Span]) -> str:
    """A text without some of its sentences about exit codes; what stood before one in its sentence ends there.

    "One at a time: if it exits with 3, …." becomes "One at a time."
    """
    kept = text
    for span in sorted(spans, reverse=True):
        before, behind = kept[: span.start].rstrip(), kept[span.end :]
        if before.endswith((":", ",", ";", "–", "—")) and before.strip(" -*"):
            stop = "" if behind.lstrip().startswith((".", "!", "?")) else "."
            kept = before.rstrip(" :,;–—") + stop + behind
        else:
            kept = without(kept, [span])
    return kept


def looks_back(text: str) -> bool:
    """Whether a text begins with a condition on what stood before it: "If it fails, …"."""
    return _LOOKS_BACK.match(text) is not None


def without_lead_in(text: str) -> str:
    """A line without the last sentence where that ends in a colon, since what it announced is gone."""
    return _LEAD_IN.sub("", text)


def without_announcement(text: str) -> str:
    """A line that stands above shell which has gone; "" where it did nothing but announce that ("Run this:")."""
    return "" if _ANNOUNCING_LINE.match(text.strip()) else text


def without_temp_files(text: str, still_used: str) -> str:
    """A line without its mentions of temp files (`in /tmp/x.txt`) that do not occur in `still_used`."""
    return _TEMP_PLACE.sub(lambda match: match[0] if match["path"] in still_used else "", text)


def _task(task: str) -> str:
    task = _SECOND_TASK.sub(r"\1 ", task.strip())
    script = _RUN_SCRIPT.match(task)
    if script and script["what"]:
        return f"Perform the {script['what']}"
    if script or not task:
        return "Follow the logic of this step"
    return _capital(_CHECK.sub("verify ", task))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

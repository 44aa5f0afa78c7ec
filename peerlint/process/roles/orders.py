"""Sentences that order the agent to run a script, in a text that leaves open what it is there for."""

from __future__ import annotations

import re

from peerlint.patterns import latin_set, may_hold, regex

#: What may stand in front of a sentence: a list marker, a label in bold, `IMPORTANT:`.
_OPENING = rf"^\W*(?:\d+[.)]\s*)?(?:\*\*[^*]{{1,60}}\*\*:?\s*)?(?:{latin_set('a-z')}{{4,12}}:\s*)?"
#: When the agent is to do it: `Before you open a pull request, …`.
_OCCASION = (
    r"(?:before|after|when|whenever|once|if|to|for|as soon as)\b(?:[^,:;.`\n]|`[^`\n]{0,80}`|\.(?=\w)"
    r"|,\s+(?:(?:or|and)\s+)?\w+ing\b){2,120},\s+"
)
_WHO = r"(?:(?:you|the\s+agent|agents)\s+(?:(?:must|should|have\s+to|need\s+to|will)\s+)?)?"
_URGED = r"(?:(?:please|let'?s|(?:make|be)\s+sure\s+to|remember\s+to|(?:the\s+)?next\s+(?:step|thing)\s+is\s+to)\s+)?"
_LEAD = _URGED + r"(?:(?:then|now|next|first|finally|always|also|just|simply),?\s+)?"
_SENTENCE = rf"(?:{_OPENING}|[.;]\s+)(?:{_OCCASION})?{_WHO}{_LEAD}"
_RUN = (
    r"(?:(?:re-?)?runs?|executes?|invokes?|calls?|launch|kick\s+off"
    r"|(?:start|begin)\s+by\s+(?:running|calling|executing))\b"
)
_SCRIPT_CALL = (
    rf"(?:{latin_set('A-Z_')}+=\S+\s+)*"
    r"(?:(?:bash|sh|python3?|node|bun|uv run|deno run|npx tsx|pwsh)\s+(?:-\S+\s+)*)?[\"']?"
    r"[\w.${}\[\]<>~-]*/[\w./-]*\w\.(?:sh|bash|py|[cm]?js|[cm]?ts|ps1|rb|pl)\b"
)
#: `Run the check with `x.sh``, `first run ./x.sh`, `Use the `x.sh` script to …`, `To check it, use `x.sh``.
_RUN_SCRIPT = regex(
    rf"{_SENTENCE}(?:{_RUN}[^`]{{0,60}}`{_SCRIPT_CALL}|{_RUN}(?:\s+the)?(?:\s+(?:\w+\s+)?script:?)?\s+{_SCRIPT_CALL})"
    rf"|\bby\s+(?:running|executing|calling|invoking)\s+(?:the\s+)?`{_SCRIPT_CALL}",
    re.IGNORECASE,
)
_USE_SCRIPT = regex(
    rf"{_SENTENCE}use\s+(?:the\s+)?`{_SCRIPT_CALL}[^`\n]*`(?:\s+(?:script|helper|tool))?\s+to\s+(?!see\b|learn\b|understand\b)\w"
    rf"|(?:{_OPENING}|[.;]\s+){_OCCASION}{_WHO}{_LEAD}use\s+(?:the\s+)?`{_SCRIPT_CALL}",
    re.IGNORECASE,
)
#: Of which a line needs one to order a run, or the use of a script.
_RUN_WORDS, _USE_WORDS = ("run", "execut", "invok", "call", "launch", "kick"), ("use",)
#: A clause that tells to run or to use what follows, up to its colon: `Then run the bundled script:`.
_RUN_CLAUSE = regex(
    r"(?:^|[,;:.)]\s+|\bthen\s+|\band\s+)\W*(?:\d+[.)]\s*)?(?:(?:now|next|first|finally|always|also|just|simply),?\s+)?"
    r"(?:(?:run|execute|call|invoke|launch|start|pipe)\b[^?!]*|use\b[^?!]*\bscript\b[^?!]*):\W*$",
    re.IGNORECASE,
)
#: The same by what the script is good for: `Convert with the included script:`, `Use `x.sh` to fix them:`.
_WORK_CLAUSE = regex(
    rf"{_SENTENCE}(?:(?:build|check|collect|convert|create|export|extract|generate|preview|publish|rebuild|render|scan"
    r"|sync|test|update|validate|verify)\b[^?!]*|use\s+(?:the\s+)?`[^?!]*\bto\b[^?!]*):\W*$",
    re.IGNORECASE,
)
_SCRIPT_CODE = regex(rf"(?:\s*(?:#.*)?\n)*\s*{_SCRIPT_CALL}")


#: Where a sentence ends, and another one begins in the same text.
SENTENCE_END = regex(r"[.!?][*_`]*\s+")


def last_sentence(text: str) -> str:
    """The sentence that is still open where a text ends; empty where none is."""
    return SENTENCE_END.split(f"{text} ")[-1].rstrip()


def tells_to_run_script(label: str, code: str) -> bool:
    """Whether a label tells to run the code below it, and the code begins with the call of a script in a folder."""
    tells = _RUN_CLAUSE.search(label) or _WORK_CLAUSE.search(label)
    return tells is not None and _SCRIPT_CODE.match(code) is not None


def is_run_of_script(line: str) -> bool:
    """Whether a sentence of the line tells the agent to run a script in a folder."""
    if "/" not in line:
        return False
    # Asked first, since few lines have these words, and the patterns take long to compile.
    if may_hold(line, _RUN_WORDS) and _RUN_SCRIPT.search(line):
        return True
    return may_hold(line, _USE_WORDS) and _USE_SCRIPT.search(line) is not None


#: `Follow these steps in order:`, `When you release, follow the steps below.`
_FOLLOW_STEPS = regex(
    rf"{_OPENING}(?:{_OCCASION})?{_WHO}{_LEAD}(?:follow|carry\s+out|perform|execute|complete|work\s+through)\s+"
    r"(?:all\s+(?:of\s+)?)?(?:these|the\s+following|the)\s+steps\b"
    r"(?:\s+\**(?:below|exactly|in\s+(?:this\s+|the\s+given\s+)?order|one\s+by\s+one|every\s+time)\**)*\W*$",
    re.IGNORECASE,
)


def orders_steps(text: str) -> bool:
    """Whether a line orders to follow the steps that stand below it."""
    return _FOLLOW_STEPS.match(text) is not None

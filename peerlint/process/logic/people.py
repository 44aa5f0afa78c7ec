"""Directive lines as people write them: each to its canonical line, or to what it says in prose.

What is `certain` holds in closed blocks too; the rest is read only where people write freely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from peerlint.patterns import regex
from peerlint.process.phrases import variable_name

_STEP = r"[Ss]tep\s+(?P<step>\d+[a-z]?(?:\.\d+)?)"
_TAIL = r"(?:\s*\([^()]*\))?[.:]?"
_FLOW: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (regex(f"(?:{pattern}){_TAIL}"), canonical)
    for pattern, canonical in (
        (
            r"(?:STOP|HALT|ABORT|EXIT)(?::?\s+(?:all|the|execution|process|processing|workflow|immediately|here|now))*",
            "STOP execution",
        ),
        (r"BLOCK(?:\s+(?:execution|progression))?|END\s+(?:the\s+)?(?:process|workflow|execution)", "STOP execution"),
        (r"(?:PROCEED|CONTINUE|GO|ADVANCE|MOVE)(?::|\s)\s*to\s+(?:the\s+)?[Nn]ext\s+[Ss]tep", "PROCEED to next step"),
        (
            r"(?:PROCEED|CONTINUE|GO|GOTO|JUMP|SKIP|RETURN|MOVE)(?::|\s)\s*"
            rf"(?:(?:immediately|directly|straight)\s+)?(?:(?:to|TO)\s+)?{_STEP}",
            "PROCEED to step {step}",
        ),
        (r"SKIP(?::|\s|_)\s*(?:this[ _])?(?:entire\s+)?step", "SKIP this step"),
        (r"SKIP(?::|\s)\s*(?:the\s+)?(?:rest|remainder)\s+of\s+(?:this|the)\s+step", "PROCEED to next step"),
        (rf"(?:RESUME|RESTART)(?::|\s)\s*(?:from|at)\s+{_STEP}", "RESUME from step {step}"),
        (r"(?:BREAK|EXIT|LEAVE|END)\s+(?:the\s+)?loop|BREAK", "LEAVE the loop"),
    )
)

_IDENTIFIER = r"(?:\[[A-Z][A-Z0-9_]*\]|\{[a-z][a-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)"
_SET = regex(
    rf"(?:SET(?::\s*|\s+)(?:variable\s+)?(?P<name>{_IDENTIFIER})(?:\s*=\s*|\s+to\s+)"
    rf"|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*)(?P<value>[^=].*)"
)
_PLAIN_VALUE = regex(r"[A-Za-z0-9][A-Za-z0-9 _./,@+-]*")
_SAYS = {
    "DISPLAY": "DISPLAY", "SHOW": "DISPLAY", "OUTPUT": "DISPLAY", "PRINT": "DISPLAY", "INFORM": "DISPLAY",
    "MESSAGE": "DISPLAY", "LOG": "DISPLAY", "WARN": "WARN", "WARNING": "WARN", "ALERT": "WARN", "ERROR": "ERROR",
    "PROVIDE": "PROVIDE", "SUGGEST": "PROVIDE",
}  # fmt: skip
#: Without quotes, what stands behind these says what to tell, not the words of it.
_DESCRIBED = frozenset({"PROVIDE", "SUGGEST", "INFORM", "LOG", "ALERT"})
_SAY = regex(rf"(?P<word>{'|'.join(_SAYS)})(?::|\s)\s*(?:(?:to )?(?:the )?user:?\s*)?(?P<text>\S.*)", re.DOTALL)
_QUOTED = regex(r"\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>[^']*)'|“(?P<curly>[^”]*)”", re.DOTALL)
_ASK = regex(r"(?:ASK|PROMPT|CONFIRM)(?::|\s)\s*(?:(?:the\s+)?user:?\s*)?(?P<text>[\"'“].*)", re.DOTALL)
_WAIT_FOR_USER = regex(
    r"(?:WAIT|PAUSE)(?::|\s)\s*(?P<what>(?:for[ _])?(?:the )?(?:user|input|approval|confirm).*)",
    re.IGNORECASE,
)

_QUOTE = r"[`\"']?"
_BUCKET = rf"(?:the\s+)?(?:NATS\s+)?(?:KV\s+)?(?:bucket:?\s+)?{_QUOTE}(?P<bucket>[A-Za-z0-9_-]+){_QUOTE}"
_KEY_TEXT = r"(?P<key>(?:[A-Za-z0-9_./=:-]|\[[A-Z][A-Z0-9_.]*\]|\{[a-z][a-z0-9_]*\})+)"
_KEY = rf"(?:the\s+)?(?:key:?\s+)?{_QUOTE}{_KEY_TEXT}{_QUOTE}"
_UNIT = r"(?P<unit>s|sec|seconds?|m|min|minutes?)"
_KV_READ = regex(
    rf"(?:READ|GET|LOAD|RETRIEVE|FETCH)(?::|\s)\s*{_KEY}\s+(?:from|in)\s+{_BUCKET}"
    rf"(?:\s+(?:AS|as|into)\s+(?P<name>{_IDENTIFIER}))?"
)
_KV_WRITE = regex(
    rf"(?P<word>STORE|PUT|SAVE|CREATE):\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|{_IDENTIFIER}|-?\d+)\s+"
    rf"(?:in|to|under|at|as)\s+{_KEY}\s+(?:in|of)\s+{_BUCKET}"
)
_KV_WAIT = regex(
    rf"WAIT(?::|\s)\s*(?:for|until)\s+{_KEY}\s+in\s+{_BUCKET}\s+(?:to\s+)?(?:equals?|is|be|become)\s+"
    rf"(?P<value>\"[^\"]*\"|[a-z0-9_-]+)(?:,?\s*\(?(?:timeout|within|for up to|max)[: ]*(?P<amount>\d+)\s*{_UNIT}\)?)?"
)
_LOOP = regex(
    r"(?:FOR(?:\s+EACH)?|LOOP\s+(?:OVER|THROUGH|FOR))\s+(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s+(?:in|IN|of)\s+"
    r"(?P<list>[A-Z][A-Z0-9_.]*):"
)
_RETRY = regex(
    r"(?:REPEAT|LOOP)(?::|\s)\s*(?:up to\s+|maximum\s+|max\s+)?(?P<times>\d+)\s*(?:times|attempts|tries)"
    rf"(?:,?\s+(?:every|waiting|with)?\s*(?P<amount>\d+)\s*{_UNIT}(?:\s+(?:apart|between|delay)[a-z ]*)?)?"
    r"(?:,?\s+until\s+(?P<until>.+?))?:"
)


def certain_rewrites(text: str) -> Iterator[str]:
    """Canonical lines that a line can only mean."""
    for pattern, canonical in _FLOW:
        if (found := pattern.fullmatch(text)) is not None:
            yield canonical.format(**found.groupdict())
    if (found := _SET.fullmatch(text)) is not None:
        yield f"SET: {variable_name(found['name'] or found['bare'])} = {found['value']}"
    if (found := _SAY.fullmatch(text)) is not None and (quoted := _QUOTED.fullmatch(found["text"].strip())) is not None:
        yield f"{_SAYS[found['word']]}: {_string(quoted)}"
    yield from _key_value(text)
    if (found := _LOOP.fullmatch(text)) is not None:
        yield f"FOR EACH {variable_name(found['name'])} in lines of {found['list']}:"
    if (found := _RETRY.fullmatch(text)) is not None:
        pause = f", {_duration(found)} apart" if found["amount"] else ""
        until = f", until {found['until']}" if found["until"] else ""
        yield f"REPEAT up to {found['times']} times{pause}{until}:"


def free_rewrites(text: str) -> Iterator[str]:
    """Canonical lines that a line means where people write freely."""
    if (found := _SET.fullmatch(text)) is not None and _PLAIN_VALUE.fullmatch(found["value"]):
        yield f"SET: {variable_name(found['name'] or found['bare'])} = {quoted_text(found['value'])}"
    if (found := _SAY.fullmatch(text)) is not None and found["word"] not in _DESCRIBED:
        yield f"{_SAYS[found['word']]}: {quoted_text(found['text'])}"
    if (found := _ASK.fullmatch(text)) is not None and (quoted := _QUOTED.match(found["text"])) is not None:
        yield f"ASK: {_string(quoted)} AS ANSWER"
    if (found := _WAIT_FOR_USER.fullmatch(text)) is not None:
        yield f"ASK: {quoted_text('Waiting ' + found['what'].replace('_', ' '))} AS ANSWER"
    if (found := _DEFINITION.fullmatch(text)) is not None:
        yield f"SET: {found['name']} = {found['value']}"
    if _WAIT_FOR_ANSWER.fullmatch(text) is not None:
        yield 'ASK: "Waiting for an answer" AS ANSWER'
    elif (found := _ESCALATE.fullmatch(text)) is not None:
        yield f"ASK: {quoted_text(found['what'])} AS ANSWER"
    elif (found := _STOP_REASON.fullmatch(text)) is not None:
        reason = _QUOTED.fullmatch(found["reason"].strip())
        yield f"STOP execution because {_string(reason) if reason else quoted_text(found['reason'])}"


#: `MAX_RETRIES: 3`, `KEY_PREFIX: "[SPEC].x"`: a name of two words at least, and a value that is no prose.
_DEFINITION = regex(r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+):\s*(?P<value>-?\d+|\"[^\"]*\"|true|false)")
_STOP_REASON = regex(
    r"(?:STOP|HALT|ABORT|EXIT|BLOCK)(?:\s+(?:the\s+)?(?:execution|process|workflow|immediately|here))?"
    r"(?:\s*:\s*|\s+[-–—]\s+|\.\s+|,?\s+with (?:message|reason|status|error)?:?\s*|,?\s+because\s+)"
    r"(?!(?:if|when|until|unless|only|on|progression)\b)(?P<reason>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_WAIT_FOR_ANSWER = regex(
    r"(?:STOP|HALT|PAUSE)(?:\s+execution)?,?\s+and\s+(?:wait|await|ask|request|give)\b.*"
    r"|(?:WAIT|PAUSE)(?::|\s)\s*for (?:an )?answer"
)
_ESCALATE = regex(
    r"(?P<what>ESCALATE:?\s+(?:\S+\s+){0,3}to\s+(?:the\s+)?(?:user|human|person|maintainer)\b.*|ESCALATE:\s*to\s.*)"
)
_BLOCKED_UNTIL = regex(
    r"BLOCK(?::|\s)\s*(?:progression|execution|all subsequent steps)\s+(?P<word>until|unless)\s+(?P<what>\S.*)"
)
_CASE_LABEL = regex(r"(?:FOR|CASE)\s+[`\"']?(?P<label>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)[`\"']?:")


def blocked_until(text: str) -> str | None:
    """What must hold before the process may go on (`BLOCK: progression until X`)."""
    found = _BLOCKED_UNTIL.fullmatch(text)
    return None if found is None else found["what"]


def loop_condition(text: str) -> tuple[bool, str] | None:
    """The condition in a line of `<continue_conditions>` or `<exit_conditions>`, with whether it ends the loop."""
    word, colon, condition = text.partition(": ")
    return (word == "EXIT WHEN", condition) if colon and word in {"CONTINUE WHILE", "EXIT WHEN"} else None


def case_label(text: str) -> str | None:
    """The value that opens a case (`FOR create-spec:`)."""
    found = _CASE_LABEL.fullmatch(text)
    return None if found is None or found["label"] in {"each", "every", "all", "any"} else found["label"]


def _key_value(text: str) -> Iterator[str]:
    if (found := _KV_READ.fullmatch(text)) is not None and re.search(r"[.\[{]", found["key"]):
        name = variable_name(found["name"]) if found["name"] else _name_of_key(found["key"])
        yield f"READ: {_key(found['key'])} from {found['bucket']} AS {name}"
    if (found := _KV_WRITE.fullmatch(text)) is not None:
        value = found["value"]
        word = "CREATE" if found["word"] == "CREATE" else "STORE"
        written = value if value[0] in '"-0123456789' else variable_name(value)
        yield f"{word}: {_key(found['key'])} in {found['bucket']} = {written}"
    if (found := _KV_WAIT.fullmatch(text)) is not None:
        value = found["value"] if found["value"].startswith('"') else f'"{found["value"]}"'
        within = f", within {_duration(found)}" if found["amount"] else ""
        yield f"WAIT: for {_key(found['key'])} in {found['bucket']} to equal {value}{within}"


def _key(key: str) -> str:
    key = re.sub(r"\{([a-z][a-z0-9_]*)\}", lambda found: f"[{found[1].upper()}]", key)
    return f'"{key}"' if ":" in key else key


def _name_of_key(key: str) -> str:
    """The last word of the key as a name."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", key)
    return variable_name(words[-1]) if words else "VALUE"


def _duration(found: re.Match[str]) -> str:
    unit = "minutes" if found["unit"].startswith("m") else "seconds"
    return f"{found['amount']} {unit}"


def _string(quoted: re.Match[str]) -> str:
    """A quoted text as the language quotes it."""
    if quoted["double"] is not None:
        return '"' + quoted["double"].replace("\n", "\\n") + '"'
    return quoted_text(quoted["single"] if quoted["single"] is not None else quoted["curly"])


def quoted_text(text: str) -> str:
    """The text in the quotes of the language; `[NAME]` in it is a reference."""
    return '"' + text.strip().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# --- prose -----------------------------------------------------------------------------------------------------------

_DIRECTIVE = regex(r"(?P<word>[A-Z][A-Z_]+(?:[ _][A-Z]{2,})*)(?::|\s|$)\s*(?P<text>.*)", re.DOTALL)
_NOTES = frozenset(
    {
        "ALWAYS", "CONSTRAINT", "CONTINUE", "CRITICAL", "DEFAULT", "EXAMPLE", "FOCUS", "FORMAT", "IMPORTANT", "LIMIT",
        "MUST", "NEVER", "NOTE", "PROCEED", "PURPOSE", "REFERENCE", "REMEMBER", "RETURN", "WHERE", "WHEN",
    }
)  # fmt: skip
_CHECKS = frozenset({"CHECK", "CONFIRM", "ENSURE", "REQUIRE", "VALIDATE", "VERIFY"})
_QUESTIONS = frozenset({"ASSESS", "DETECT", "DETERMINE", "EVALUATE", "FIND", "IDENTIFY", "SEARCH", "TEST"})
_SHELL = regex(r"\$\(|\$\{|\$\?|;\s*(?:then|do)\b|^(?:fi|done|esac|then|do)\b|^\[\[?\s|&&|\|\||^[A-Za-z_]+=\S|===|<<")
_USE_SUBAGENT = regex(
    r"(?:(?:ACTION|EXECUTE|SUBAGENT|DELEGATE|USE|INVOKE|TASK)(?::|\s)\s*)?"
    r"(?:(?:[Uu]se|[Ii]nvoke|[Dd]elegate to|[Ll]aunch|[Cc]all|USE)\s+)?(?:the\s+)?[`@\"]?"
    r"(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)[`\"]?\s+(?:sub-?)?agent(?:\s+(?P<work>\S.*))?"
)
_CONTEXT = regex(r"(?P<name>[A-Z][A-Z0-9_]+):\s*\{\s*(?P<source>from (?:--)?[a-z][^{}]*)\}")
_ARM = regex(r"ON[_ ](?:FAILURE|ERROR|TIMEOUT|FAIL)|CATCH|EXCEPT")
_TIMEOUT = regex(rf"TIMEOUT:?\s*(?P<amount>\d+)\s*{_UNIT}")


def directive_word(text: str) -> str | None:
    """The word in capitals that begins a line, where there is one."""
    found = _DIRECTIVE.match(text)
    return found["word"] if found else None


def is_note(text: str) -> bool:
    """Whether a line only tells something, as `IMPORTANT: …` does."""
    word = directive_word(text)
    return word is not None and word.split()[0] in _NOTES


def checked(text: str) -> tuple[str, bool] | None:
    """What a line asks (`VERIFY: …`, `EVALUATE: …`), and whether it must hold."""
    found = _DIRECTIVE.fullmatch(text)
    if found is None or not found["text"] or found["word"] not in _CHECKS | _QUESTIONS:
        return None
    only_asked = found["text"].endswith("?") or found["word"] in _QUESTIONS
    return found["text"], not only_asked


def is_shell(text: str) -> bool:
    """Whether a line is bash among directives."""
    return _SHELL.search(text) is not None


def used_subagent(text: str) -> tuple[str, str | None] | None:
    """The subagent that a line calls, and what it shall do."""
    found = _USE_SUBAGENT.fullmatch(text)
    return None if found is None else (found["name"], found["work"])


def context_input(text: str) -> tuple[str, str] | None:
    """Name and source of `NAME: {from arguments}`."""
    found = _CONTEXT.fullmatch(text)
    return None if found is None else (found["name"], found["source"].strip())


def is_failure_arm(text: str) -> bool:
    """Whether a line opens what is done on failure (`ON_FAILURE:`)."""
    return _ARM.fullmatch(text.rstrip(": ")) is not None


def timeout(text: str) -> str | None:
    """The clause that a line `TIMEOUT: 30 seconds` adds to the directive above."""
    found = _TIMEOUT.fullmatch(text)
    return None if found is None else f", within {_duration(found)}"

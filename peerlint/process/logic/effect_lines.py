"""State, files and commands in natural words, each as canonical lines; nothing that would have to be guessed.

A line about the store counts only where it names its bucket. A value in prose becomes a name that the agent fills in.
"""

from __future__ import annotations

import re
from collections.abc import Set

from peerlint.patterns import regex
from peerlint.process.phrases import variable_name

_QUOTE = r"[`\"']?"
_DIRECTIVE = regex(r"(?P<word>[A-Z]+)(?::|\s)\s*(?P<rest>\S.*)")
_STORING = {"STORE": "STORE", "PUT": "STORE", "SAVE": "STORE", "UPDATE": "STORE", "CREATE": "CREATE"}
_READING = frozenset({"READ", "GET", "LOAD", "RETRIEVE", "FETCH"})
_REMOVING = {"DELETE": "DELETE", "REMOVE": "DELETE", "PURGE": "PURGE"}
_BUCKET = regex(
    rf"\s*(?:\b(?:in|to|into|from|of|on)\s+)?(?:the\s+)?(?:NATS\s+)?(?:KV\s+)?(?:bucket:?\s+{_QUOTE}(?P<behind>[A-Za-z0-9_-]+)"
    rf"{_QUOTE}|{_QUOTE}(?P<before>[A-Za-z0-9_-]*-[A-Za-z0-9_-]+){_QUOTE}\s+(?:KV\s+)?bucket)"
)
_KEY_TEXT = r"(?:[A-Za-z0-9_/=:-]|\.(?=[A-Za-z0-9_\[{*])|\[[A-Z][A-Z0-9_.]*\]|\{[a-z][a-z0-9_]*\})+"
_KEY = regex(
    rf"\s*(?:\b(?:under|at|with|as|for|to|in|by)\s+)?(?:the\s+)?\bkey(?:\s+pattern)?:?\s+{_QUOTE}(?P<named>{_KEY_TEXT}){_QUOTE}"
    rf"|\s*\b(?:under|at)\s+{_QUOTE}(?P<placed>{_KEY_TEXT}){_QUOTE}"
    rf"|^{_QUOTE}(?P<first>(?=\S*[.\[{{])(?!\[[A-Z0-9_]+\](?:\s|$)){_KEY_TEXT}){_QUOTE}(?=\s|$)"
)
_IDENTIFIER = r"(?:\[[A-Z][A-Z0-9_]*\]|\{[a-z][a-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)"
_AS = regex(rf"\s*\b(?:AS|as|into)\s+{_QUOTE}(?P<name>{_IDENTIFIER}){_QUOTE}$")
_VALUE = regex(
    r"\s*(?:\bwith\s+value:?|\bto|\bas|\bwith|=|:)\s+(?P<value>\"(?:[^\"\\]|\\.)*\"|\[[A-Z][A-Z0-9_]*\]|-?\d+)$"
)
_LITERAL = regex(r"\"(?:[^\"\\]|\\.)*\"|-?\d+")
_NOUN = regex(r"(?:(?:the|a|an)\s+)?(?P<words>[A-Za-z][A-Za-z_-]*(?:\s+[A-Za-z][A-Za-z_-]*){0,4})")

_PATH = (
    r"@?(?P<path>(?:[A-Za-z0-9_./-]|\[[A-Z][A-Z0-9_]*\])*[A-Za-z0-9_\]-]\.(?:md|mdc|json"
    r"|ya?ml|toml|txt|lock|sh|py|js|ts|csv))"
)
_FILE_READ = regex(
    rf"(?:(?:the\s+)?file:?\s+)?{_QUOTE}{_PATH}{_QUOTE}(?:\s+(?:AS|as|into)\s+(?P<name>{_IDENTIFIER}))?\.?"
)
_FILE_DELETE = regex(rf"(?:the\s+)?file:?\s+{_QUOTE}{_PATH}{_QUOTE}\.?")

_COMMANDING = frozenset({"RUN", "EXECUTE", "COMMAND"})
_INLINE = regex(r"`(?P<code>[^`]+)`")
#: Command lines that no sentence begins with: the tool and its sub-command.
_COMMAND = regex(
    r"(?:git\s+(?:add|branch|checkout|clone|commit|diff|fetch|init|log|merge|pull|push|rebase|remote|rev-parse|show|stash|status"
    r"|switch|tag)|gh\s+(?:api|auth|issue|pr|release|repo|run)|nats\s+(?:kv|server|stream|pub|req|sub)|(?:npm|pnpm|yarn|bun)\s+"
    r"(?:run|test|ci|install|audit|build|publish)|npx\s+\S+|python3?\s+[-./\w]+|pytest|docker\s+(?:build|compose|ps|run)|cargo\s+"
    r"(?:build|check|test)|ruff\s+check|mypy|curl\s+\S+|mkdir\s+-p)(?:\s.*)?"
)  # fmt: skip
_PROSE_WORD = regex(r"\s(?:to|and|then|if|for|the|with|before|after|until|that|command|commands|workflow)(?:\s|$)")


def effect_lines(text: str, declared: Set[str]) -> tuple[str, ...] | None:
    """The canonical lines of a directive in natural words, or None; `declared` are the names that the file sets."""
    found = _DIRECTIVE.fullmatch(text)
    if found is None:
        return None
    word, rest = found["word"], found["rest"].strip()
    if word in _COMMANDING:
        return _command(rest)
    return _stored(word, rest, declared) or _file(word, rest)


_SERVER_ASKED = regex(
    r"(?:that |whether |if )?(?:the )?NATS(?: server)?(?: is)? "
    r"(?:connectivity|connection|running|reachable|available|responding|up|responds)",
    re.IGNORECASE,
)
_BUCKET_ASKED = regex(
    rf"(?:that |whether |if |for )?(?:the )?(?:NATS )?(?:KV )?bucket:? {_QUOTE}(?P<bucket>[A-Za-z0-9_-]+){_QUOTE}"
    r"(?: exists| is available| is there)?"
)


def checked_effect(text: str) -> str | None:
    """The canonical CHECK of what a question about the server or a bucket asks."""
    if _SERVER_ASKED.fullmatch(text):
        return "CHECK: NATS server connectivity"
    found = _BUCKET_ASKED.fullmatch(text)
    return None if found is None else f"CHECK: bucket {found['bucket']}"


_HEAD = regex(
    rf"IF (?:the )?(?:NATS )?(?:KV )?"
    rf"(?:bucket {_QUOTE}(?P<only>[A-Za-z0-9_-]+){_QUOTE}|key {_QUOTE}(?P<key>{_KEY_TEXT}){_QUOTE})"
    r" (?P<verb>exists|does not exist|is available|is not available)"
    rf"(?: in (?:the )?(?:NATS )?(?:KV )?bucket {_QUOTE}(?P<bucket>[A-Za-z0-9_-]+){_QUOTE})?:"
)


def asked_in_head(text: str) -> tuple[str, str] | None:
    """The CHECK or READ that an IF asks for by itself, and the IF that looks at its outcome."""
    found = _HEAD.fullmatch(text)
    if found is None or (found["only"] is None) == (found["bucket"] is None):
        return None
    if found["only"]:
        return f"CHECK: bucket {found['only']}", f"IF bucket {found['verb']}:"
    key = _written_key(found["key"])
    name = variable_name(_last_word(key))
    return f"READ: {key} from {found['bucket']} AS {name}", f"IF key {found['verb']}:"


def command_in(text: str) -> str | None:
    """The command line that a text is, in backticks or by its first words."""
    inline = _INLINE.fullmatch(text)
    if inline is not None and (" " in inline["code"] or _COMMAND.fullmatch(inline["code"])):
        return inline["code"]
    return text if _COMMAND.fullmatch(text) and not _PROSE_WORD.search(text) and "`" not in text else None


def _command(rest: str) -> tuple[str, ...] | None:
    inline = _INLINE.fullmatch(rest)
    code = inline["code"] if inline is not None else command_in(rest)
    return None if code is None else (f"RUN: `{code}`",)


def _file(word: str, rest: str) -> tuple[str, ...] | None:
    if word in _READING and (found := _FILE_READ.fullmatch(rest)) is not None:
        stem = found["path"].rsplit("/", 1)[-1].rsplit(".", 1)[0]
        name = variable_name(found["name"] or _as_name(stem))
        return (f'READ: file "{found["path"]}" AS {name}',)
    if word in _REMOVING and (found := _FILE_DELETE.fullmatch(rest)) is not None:
        return (f'DELETE: file "{found["path"]}"',)
    return None


def _stored(word: str, rest: str, declared: Set[str]) -> tuple[str, ...] | None:
    """A line about a key of a bucket, both of them named."""
    parts = _parts(rest)
    if parts is None:
        return None
    key, bucket, left = parts
    if word in _READING:
        name = _AS.search(left)
        noun = _NOUN.fullmatch(left[: name.start()].strip() if name else left)
        if left and noun is None and not (name and not left[: name.start()].strip()):
            return None
        called = name["name"] if name else noun["words"] if noun else _last_word(key)
        return (f"READ: {key} from {bucket} AS {variable_name(_as_name(called))}",)
    if word in _REMOVING:
        return None if left else (f"{_REMOVING[word]}: {key} from {bucket}",)
    if word not in _STORING:
        return None
    return _store(_STORING[word], key, bucket, left, declared)


def _parts(rest: str) -> tuple[str, str, str] | None:
    """Key, bucket, and what else the line says."""
    bucket = _BUCKET.search(rest)
    if bucket is None:
        return None
    rest = (rest[: bucket.start()] + rest[bucket.end() :]).strip().rstrip(".")
    key = _KEY.search(rest)
    if key is None:
        return None
    left = " ".join((rest[: key.start()] + " " + rest[key.end() :]).split())
    written = key["named"] or key["placed"] or key["first"]
    return _written_key(written), bucket["behind"] or bucket["before"], left


def _store(word: str, key: str, bucket: str, left: str, declared: Set[str]) -> tuple[str, ...] | None:
    value = _VALUE.search(" " + left)
    text = value["value"] if value is not None else left
    # "status to "done"": the noun only says what the key holds.
    if value is None or _NOUN.fullmatch((" " + left)[: value.start()].strip() or "x"):
        if _LITERAL.fullmatch(text):
            return (f"{word}: {key} in {bucket} = {text}",)
        if re.fullmatch(_IDENTIFIER, text) and (text[0] in "[{" or variable_name(text) in declared):
            return (f"{word}: {key} in {bucket} = {variable_name(text)}",)
    noun = _NOUN.fullmatch(left)
    if noun is None:
        return None
    name = variable_name(_as_name(noun["words"]))
    line = f"{word}: {key} in {bucket} = {name}"
    return (line,) if name in declared else (f'INPUT: {name}, "{noun["words"]}"', line)


def _written_key(key: str) -> str:
    key = re.sub(r"\{([a-z][a-z0-9_]*)\}", lambda found: f"[{found[1].upper()}]", key)
    return f'"{key}"' if ":" in key else key


def _last_word(key: str) -> str:
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", key)
    return words[-1] if words else "value"


def _as_name(words: str) -> str:
    return re.sub(r"[\s-]+", "_", words.strip("[]{}"))

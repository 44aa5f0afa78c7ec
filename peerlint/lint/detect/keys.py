"""KV keys as texts spell them: what NATS refuses, keys that begin alike, and where a text or a script names them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from peerlint.lint.context import ScriptView
from peerlint.patterns import regex
from peerlint.process.roles import Role
from peerlint.source.text import NOWHERE, Edit, EditConflict, SourceText, Span

#: What stands for a piece of a key that is filled in later.
PLACEHOLDERS = regex(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+|\[[^\]\n]*\]|\{[^}\n]*\}|<[^>\n]*>")
VERBS_WITH_KEY = frozenset({"get", "put", "create", "update", "del", "rm", "purge", "history", "revert"})
#: What stands for an unknown but valid piece of a key while it is judged.
STAND_IN = "x"
_SPEAKS_OF_KEYS = regex(r"\bnats\b|\bkv\b|\bkey\b|^\s*(?:READ|STORE|CREATE|UPDATE|DELETE|PURGE):", re.IGNORECASE)
#: What is no end of a key, and what is no beginning.
_GOES_ON = regex(r"[\w:\]-]|\.\w")
_BEGINS_BEFORE = regex(r"[\w:.\[-]")
#: Code that takes a text apart at its colons: a key without them would come out whole.
_TAKES_APART = regex(
    r"-[dFt] ?[\"']?:|IFS=\$?[\"']?:|[#%]\*?:|\$\{\w+//?:|\btr [\"']?:|\bs/:|(?:split|partition|replace)\(\s*[\"']:"
)


def key_problem(key: str) -> str | None:
    """Why NATS refuses the key; None where it takes it. Placeholders stand for valid pieces."""
    plain = PLACEHOLDERS.sub(STAND_IN, key)
    bad = next((character for character in plain if not re.match(r"[-/_=.a-zA-Z0-9]", character)), None)
    if not plain:
        return "it is empty"
    if bad is not None:
        return {":": "a colon", " ": "a blank", "*": '"*"', ">": '">"'}.get(bad, f'"{bad}"') + " is not allowed in it"
    if plain.startswith(".") or plain.endswith("."):
        return "a dot at its beginning or end is not allowed"
    return "two dots in a row are not allowed" if ".." in plain else None


def dotted(key: str) -> str:
    """The key with dots for its colons, but for those within placeholders."""
    pieces = re.split(f"({PLACEHOLDERS.pattern})", key)
    return "".join(piece if index % 2 else piece.replace(":", ".") for index, piece in enumerate(pieces))


class KeysAlike:
    """Keys that begin with the same word and a colon. `names` are those that are known to the letter."""

    def __init__(self, prefix: str, names: Set[str]) -> None:
        self.prefix = prefix
        self.names = names
        self._exact = re.compile("|".join(map(_standing_alone, sorted(names)))) if names else None
        self._begins = re.compile(rf"(?<![\w:.\[-]){re.escape(prefix)}[\w$\[{{<]")

    def standing(self, text: str) -> Iterator[Span]:
        """Wherever the text spells one of the names by itself; the longest at each place."""
        lengths = sorted({len(name) for name in self.names}, reverse=True)
        at = text.find(self.prefix)
        while at >= 0:
            ends = (at + length for length in lengths if text[at : at + length] in self.names)
            end = next((end for end in ends if not _GOES_ON.match(text, end)), None)
            if end is not None and not _BEGINS_BEFORE.match(text[max(0, at - 1) : at]):
                yield Span(at, end)
            at = text.find(self.prefix, at + 1)

    def told(self, source: SourceText) -> Iterator[Span]:
        """Where sentences name keys that begin alike: in backticks, or in lines that speak of keys."""
        key = rf"{re.escape(self.prefix)}[\w$\[{{<](?:[\w$\[\]{{}}<>:./=-]*[\w\]}}>])?"
        for match in re.finditer(rf"(?P<tick>`?)(?<![\w:.\[-])(?P<key>{key})(?P<end>`?)", source.text):
            line = source.slice(source.lines.row_span(source.lines.position(match.start()).row))
            if (match["tick"] and match["end"]) or _SPEAKS_OF_KEYS.search(line):
                yield Span(*match.span("key"))

    def in_line(self, line: str) -> int | None:
        """Where a line names one of the keys, or speaks of keys and has one that begins alike; else None."""
        match = self._exact.search(line) if self._exact else None
        if match is None and _SPEAKS_OF_KEYS.search(line):
            match = self._begins.search(line)
        return match.start() if match else None

    def edits_in_script(self, script: SourceText) -> tuple[Edit, ...]:
        """Dots for colons in all places of a shell or Python script that name one of the keys.

        Empty where one of them is no plain text: put together, or in a line of which it is not certain that it is data;
        nor where the script takes a text apart at its colons. The script with these edits is read again, and has to do
        the same with other keys.
        """
        places = self._in_python(script) if script.path.endswith(".py") else self._in_shell(script)
        outermost = sorted(span for span in places if not any(o != span and o.contains(span) for o in places))
        edits = tuple(Edit(span, dotted(script.slice(span))) for span in outermost)
        try:
            after = script.edited(edits)
        except EditConflict:
            return ()
        if _TAKES_APART.search(after.text) or any(self.in_line(line) is not None for line in after.text.splitlines()):
            return ()
        return edits if self._differ_in_keys_only(script, after) else ()

    def _in_shell(self, script: SourceText) -> set[Span]:
        """Keys of commands, texts of the variables that are such keys, and what lines say that speak of keys."""
        from peerlint.process.bash.tree import Assignment, walk

        view = _view(script)
        found = set(self.told(script))
        variables: set[str] = set()
        for use in view.facts.kv:
            if use.key is not None and use.key_span is not None and view.resolved(use.key).startswith(self.prefix):
                found.add(unquoted(script.text, use.key_span))
                variables.update(name[1] or name[2] for name in re.finditer(r"^\$(?:\{(\w+)\}|(\w+))$", use.key))
        for node in walk(view.script.commands):
            if isinstance(node, Assignment) and node.value is not None and node.name in variables:
                found.add(unquoted(script.text, node.value.span))
        return {span for span in found if script.slice(span).startswith(self.prefix)}

    def _in_python(self, script: SourceText) -> set[Span]:
        """Plain literals that are a key as a whole, and comments that speak of keys."""
        from peerlint.process.python import comments, plain_texts

        whole = re.compile(rf"{re.escape(self.prefix)}[\w:./=-]+")
        found = {span for text, span in plain_texts(script.text) if text in self.names or whole.fullmatch(text)}
        remarks = comments(script.text)
        return found | {span for span in self.told(script) if any(remark.contains(span) for remark in remarks)}

    def _differ_in_keys_only(self, before: SourceText, after: SourceText) -> bool:
        """Whether two texts of a script do the same, but for the keys: what is not read counts as a difference."""
        old, new = _view(before), _view(after)
        shapes = [_shape(one) for one in (old, new)]
        uses = [
            [
                (use.verb, use.bucket, view.resolved(use.key or ""))
                for use in view.facts.kv
                if use.verb in VERBS_WITH_KEY
            ]
            for view in (old, new)
        ]
        wanted = [(verb, bucket, self._mended(key)) for verb, bucket, key in uses[0]]
        return shapes[0] == shapes[1] and uses[1] == wanted

    def _mended(self, key: str) -> str:
        return dotted(key) if key.startswith(self.prefix) else key


def unquoted(text: str, span: Span) -> Span:
    """The span of a word without the quotes around it."""
    quoted = len(span) > 1 and text[span.start] in "\"'"
    return Span(span.start + 1, span.end - 1) if quoted else span


def _standing_alone(key: str) -> str:
    return rf"(?<![\w:.\[-]){re.escape(key)}(?![\w:\]-]|\.\w)"


def _view(script: SourceText) -> ScriptView:
    return ScriptView(script.text, Role.PROCEDURE, None, None, Span(0, len(script.text)), script, NOWHERE)


def _shape(view: ScriptView) -> list[str]:
    """The kinds of all nodes of the tree of a script, and the names of its variables."""
    if view.source.path.endswith(".py"):
        from peerlint.process.python import shape

        return shape(view.code)
    from peerlint.process.bash.tree import Parameter, walk

    nodes = walk(view.script.commands)
    return [f"{type(node).__name__} {node.name if isinstance(node, Parameter) else ''}" for node in nodes]

"""What a Python script does, as far as rules ask: commands that it runs, exits, temp files, NATS keys.

Read with `ast`; nothing is imported or run. The commands become simple commands of the shell tree, so that rules judge
them as they judge those of a shell script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from peerlint.process.bash.facts import BashFacts, Exit, FileUse, facts
from peerlint.process.bash.parser import parse_bash
from peerlint.process.bash.tree import Commands, Literal, Script, Simple, Word, walk
from peerlint.source.text import Span

_RUNNERS = frozenset(
    {"run", "call", "check_call", "check_output", "Popen", "system", "popen", "getoutput", "getstatusoutput"}
)
#: Methods of a NATS bucket that take a key, with the verb of the command that does the same.
_KEY_METHODS = {"get": "get", "put": "put", "create": "create", "update": "update", "delete": "del", "purge": "purge"}
_BUCKET_MAKERS = frozenset({"key_value", "create_key_value"})
_PATH_METHODS = {"write_text": "write", "write_bytes": "write", "read_text": "read", "read_bytes": "read"}


def read_python(text: str) -> tuple[Script, BashFacts]:
    """The commands that a Python script runs, and its facts; both are empty for what is no Python. Never raises."""
    try:
        module = ast.parse(text)
        reader = _Reader(text, module)
        script = Script(text, Commands(reader.commands()))
        files, exits = tuple(reader.files()), tuple(reader.exits())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        script = Script(text, Commands())
        return script, facts(script)
    return script, BashFacts(script, files=files, exits=exits)


def plain_texts(text: str) -> Iterator[tuple[str, Span]]:
    """The literals of a Python script that stand as they are between two marks, each with the place between them.

    None for what is no Python.
    """
    module, at = _parsed(text)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            span = at.span(node)
            if text[span.start : span.end] in (f'"{node.value}"', f"'{node.value}'"):
                yield node.value, Span(span.start + 1, span.end - 1)


def comments(text: str) -> list[Span]:
    """The comments of a Python script; none of what is no Python."""
    import io
    import tokenize

    at = _Places(text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return []
    found = (token for token in tokens if token.type == tokenize.COMMENT)
    starts = ((at.row(token.start[0]) + token.start[1], token.string) for token in found)
    return [Span(start, start + len(remark)) for start, remark in starts]


def shape(text: str) -> list[str]:
    """The kinds of all nodes of the tree of a Python script; none of what is no Python."""
    return [type(node).__name__ for node in ast.walk(_parsed(text)[0])]


def _parsed(text: str) -> tuple[ast.Module, _Places]:
    try:
        return ast.parse(text), _Places(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], []), _Places("")


class _Places:
    """Where the nodes of a Python script stand in its text."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def row(self, number: int) -> int:
        """Where a row begins."""
        return self._starts[number - 1]

    def span(self, node: ast.expr) -> Span:
        """Where an expression stands."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column))

    def _offset(self, row: int, byte_column: int) -> int:
        line = self._lines[row - 1] if row <= len(self._lines) else ""
        return self._starts[row - 1] + len(line.encode("utf-8", "replace")[:byte_column].decode("utf-8", "ignore"))


class _Reader:
    """One module: its calls in the order of the text, and the texts that its names stand for."""

    def __init__(self, text: str, module: ast.Module) -> None:
        self._span = _Places(text).span
        nodes = list(ast.walk(module))
        self._calls = sorted(
            (node for node in nodes if isinstance(node, ast.Call)), key=lambda call: (call.lineno, call.col_offset)
        )
        self._constants, self._buckets = _names(nodes)

    def commands(self) -> Iterator[Simple]:
        """What is run by `subprocess` or `os`, and what is asked of a NATS bucket."""
        for call in self._calls:
            name = _name(call.func)
            if name in _RUNNERS and call.args:
                yield from self._run(call.args[0])
            elif isinstance(call.func, ast.Attribute) and name in _KEY_METHODS and call.args:
                receiver = _name(call.func.value)
                if receiver in self._buckets:
                    bucket = self._buckets[receiver]
                    words = [("nats", call), ("kv", call), (_KEY_METHODS[name], call)]
                    bucket_word = (self._text(bucket) if bucket is not None else "{bucket}", call)
                    key = (self._text(call.args[0]), call.args[0])
                    yield self._simple([*words, bucket_word, key], call)

    def _run(self, argument: ast.expr) -> Iterator[Simple]:
        if isinstance(argument, (ast.List, ast.Tuple)):
            yield self._simple([(self._text(item), item) for item in argument.elts], argument)
        elif isinstance(argument, (ast.Constant, ast.JoinedStr)) and (line := self._text(argument)):
            for command in walk(parse_bash(line).commands):
                if isinstance(command, Simple) and command.words:
                    pieces = [line[word.span.start : word.span.end].strip("\"'") for word in command.words]
                    yield self._simple([(piece, argument) for piece in pieces], argument)

    def exits(self) -> Iterator[Exit]:
        """`sys.exit(N)` and `raise SystemExit(N)`; a text or an unknown value counts as a code that is not literal."""
        for call in self._calls:
            if _name(call.func) in ("exit", "_exit", "SystemExit"):
                value = call.args[0] if call.args else None
                code = value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else None
                yield Exit(1 if isinstance(value, ast.Constant) and code is None else code, False, self._span(call))

    def files(self) -> Iterator[FileUse]:
        """Files that are opened, read or written under a name that the script itself gives."""
        for call in self._calls:
            name = _name(call.func)
            if name == "open" and isinstance(call.func, ast.Name) and call.args:
                mode = call.args[1] if len(call.args) > 1 else None
                written = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r"
                how = {"w": "write", "x": "write", "a": "append"}.get(written[:1], "read")
                yield FileUse(self._text(call.args[0]), how, self._span(call))
            elif name in _PATH_METHODS and isinstance(call.func, ast.Attribute):
                yield FileUse(self._text(call.func.value), _PATH_METHODS[name], self._span(call))

    def _simple(self, words: list[tuple[str, ast.expr]], whole: ast.expr) -> Simple:
        made = tuple(Word((Literal(text, quoted=True),), self._span(node)) for text, node in words)
        return Simple(words=made, span=self._span(whole))

    def _text(self, node: ast.expr) -> str:
        """The text of an expression; what is not known of it is a placeholder in braces."""
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join(
                self._text(part.value) if isinstance(part, ast.FormattedValue) else self._text(part)
                for part in node.values
            )
        if isinstance(node, ast.Name):
            return self._constants.get(node.id, f"{{{node.id}}}")
        if isinstance(node, ast.Call) and _name(node.func) == "Path" and len(node.args) == 1:
            return self._text(node.args[0])
        return "{value}"


def _names(nodes: list[ast.AST]) -> tuple[dict[str, str], dict[str, ast.expr | None]]:
    """Names that stand for one text, and names of NATS buckets with the expression of the bucket's own name."""
    texts: dict[str, str | None] = {}
    buckets: dict[str, ast.expr | None] = {}
    for node in nodes:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not (name := _name(node.targets[0])):
            continue
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call) and _name(value.func) == "Path" and len(value.args) == 1:
            texts[name] = _constant(value.args[0]) if name not in texts else None
        elif isinstance(value, ast.Call) and _name(value.func) in _BUCKET_MAKERS:
            named = [keyword.value for keyword in value.keywords if keyword.arg == "bucket"]
            buckets[name] = next(iter([*value.args, *named]), None)
        else:
            texts[name] = _constant(value) if name not in texts else None
    return {name: text for name, text in texts.items() if text is not None}, buckets


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

"""Comments of shell that stands in an instruction file: its author has written them for whoever does the step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from peerlint.migrate.lower.result import place_in
from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Word, walk
from peerlint.process.model import ExitCodeIs, ForEach, If, InFolder, Note, OutcomeIs, Repeat, Statement
from peerlint.process.model import walk as model_walk
from peerlint.records import replace
from peerlint.source.text import SourceText

_COMMENT = regex(r"[ \t]*#+(?![!#])[ \t]*(.*?)[ \t]*")
#: `# ---- Fetch ----`
_HEADING = regex(r"[-=*~#_]{2,}[ \t]*(.*?\w.*?)[ \t]*[-=*~#_]{2,}")
#: What says nothing: rules, and words to tools.
_NO_WORDS = regex(r"[\W_]*|shellcheck .*")


def with_notes(statements: Sequence[Statement], sources: Sequence[tuple[int, SourceText]]) -> tuple[Statement, ...]:
    """The statements with a NOTE above each whose shell has a comment on the lines above it.

    A comment that stands above nothing of the logic is left out; so is one between an effect and what is asked of it.
    """
    comments = {
        (start, row): text for start, source in sources if not source.path for row, text in _comments(source.text)
    }

    def body_of(statements: Sequence[Statement]) -> tuple[Statement, ...]:
        made: list[Statement] = []
        for statement in statements:
            note = None if _looks_above(statement) and made else _take(statement)
            if note is not None:
                made.append(note)
            if isinstance(statement, If):
                branches = tuple(replace(branch, body=body_of(branch.body)) for branch in statement.branches)
                otherwise = None if statement.otherwise is None else body_of(statement.otherwise)
                statement = replace(statement, branches=branches, otherwise=otherwise)
            elif isinstance(statement, (ForEach, Repeat, InFolder)):
                statement = replace(statement, body=body_of(statement.body))
            made.append(statement)
        return tuple(made)

    def _take(statement: Statement) -> Note | None:
        found = place_in(sources, statement.span)
        if found is None:
            return None
        source, span = found
        row = source.text.count("\n", 0, span.start) + 1
        text = comments.pop((statement.span.start - span.start, row), None)
        return None if text is None else Note(text)

    return body_of(statements)


def _looks_above(statement: Statement) -> bool:
    """Whether it asks how the effect right above it has come out."""
    conditions = [branch.condition for branch in statement.branches] if isinstance(statement, If) else []
    return any(isinstance(node, (OutcomeIs, ExitCodeIs)) for one in conditions for node in model_walk(one))


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Each comment that has lines of its own, with the row of the code that it stands above."""
    inside = [node.span for node in walk(parse_bash(text).commands) if isinstance(node, Word)]
    words: list[str] = []
    start = 0
    for row, line in enumerate(text.split("\n"), start=1):
        match = _COMMENT.fullmatch(line)
        if match and not any(span.start <= start < span.end for span in inside):
            if not _NO_WORDS.fullmatch(match[1]):
                heading = _HEADING.fullmatch(match[1])
                words.append(heading[1] if heading else match[1])
        elif line.strip():
            if words:
                yield row, " ".join(words)
            words = []
        start += len(line) + 1

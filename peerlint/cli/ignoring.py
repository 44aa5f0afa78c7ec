"""`peerlint check --add-ignore`: comments that accept what was found, written where they belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from peerlint.cli.checker import Checker
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Diagnostic, FileFindings
from peerlint.lint.rules import UNUSED_SUPPRESSION
from peerlint.lint.suppress import suppression_text
from peerlint.records import dataclass
from peerlint.report.escape import printable
from peerlint.source.document import Comment, Document, Fence, FrontMatter, parse
from peerlint.source.text import Edit, SourceText, Span

DEFAULT_REASON = "accepted as it is"


@dataclass(frozen=True)
class _Place:
    """Where a comment goes: above a row, at the end of a row, or (row 0) for the whole file."""

    row: int
    at_end: bool = False


def add_ignores(checked: Sequence[tuple[Path, FileFindings]], checker: Checker, reason: str) -> int:
    """Writes comments for all findings and says how many; how many findings no comment can accept.

    A file is written atomically, with nothing but comments added, and only where its text, read again, has the
    findings no more and no other ones. Raises InputError for a reason that no comment can hold.
    """
    from peerlint.migrate.fix.files import write_pair

    if "--" in reason or len(reason.splitlines()) > 1 or not reason.strip():
        raise InputError("a reason is one line of text without --", todo="give another --reason")
    added, left = 0, 0
    for path, file in checked:
        wanted = [d for d in file.diagnostics if d.code != UNUSED_SUPPRESSION]
        text = _with_comments(path, file.source, wanted, checker, reason) if wanted else None
        if text is None:
            left += len(file.diagnostics)
            continue
        root = checker.workspace.project(path).root
        write_pair(path.resolve(), text.encode(), file.source.encode(), None, root)
        added += len(wanted)
        left += len(file.diagnostics) - len(wanted)
    click.echo(f"Accepted {_findings(added)} with comments.")
    for path, _ in checked if left else ():
        remaining = [d.code for d in checker.findings(path, checker.workspace.project(path).read(path)).diagnostics]
        if remaining:
            codes = ", ".join(
                code if times == 1 else f"{code} ({times} times)" for code, times in Counter(remaining).items()
            )
            label = checker.workspace.project(path).label(path)
            click.echo(f"No comment can accept {codes} in {printable(label)}.", err=True)
    return left


def _with_comments(
    path: Path, source: SourceText, wanted: Sequence[Diagnostic], checker: Checker, reason: str
) -> SourceText | None:
    """The text with comments that accept the findings; None where that cannot be.

    Comments stand at their line. Where they cannot (the line belongs to something that holds no comments), one for the
    whole file accepts the rule.
    """
    before = checker.findings(path, source).diagnostics
    places = _places(parse(source), wanted)
    for _ in range(2):
        text = _edited(source, places, reason)
        remaining = checker.findings(path, text).diagnostics
        stubborn, has_new_unused = _codes(remaining), _unused(remaining) > _unused(before)
        if not stubborn - {UNUSED_SUPPRESSION} and not has_new_unused:
            return text
        if has_new_unused or not stubborn <= _codes(before):
            # The comments themselves have changed how the file is read: none of them may stay at its line.
            stubborn = _codes(wanted)
        places = {
            place: kept for place, codes in places.items() if (kept := {c: None for c in codes if c not in stubborn})
        }
        places[_Place(0)] = dict.fromkeys(sorted(stubborn & _codes(wanted)))
    return None


def _codes(diagnostics: Iterable[Diagnostic]) -> set[str]:
    return {diagnostic.code for diagnostic in diagnostics}


def _unused(diagnostics: Iterable[Diagnostic]) -> int:
    return sum(diagnostic.code == UNUSED_SUPPRESSION for diagnostic in diagnostics)


def _places(document: Document, wanted: Iterable[Diagnostic]) -> dict[_Place, dict[str, None]]:
    """Where comments go, each with its codes in the order of the findings."""
    position = document.source.lines.position
    blocks = [
        (node.span, isinstance(node, FrontMatter))
        for node in document.walk()
        if isinstance(node, (Fence, FrontMatter, Comment))
    ]
    places: dict[_Place, dict[str, None]] = {}
    for diagnostic in wanted:
        place = _place(document, position(diagnostic.span.start).row)
        for span, is_front_matter in blocks:
            if span.contains(Span(diagnostic.span.start, diagnostic.span.start)) and diagnostic.span.start < span.end:
                place = _Place(0 if is_front_matter else position(span.start).row)
        places.setdefault(place, {})[diagnostic.code] = None
    return places


#: What a word of a sentence may begin with, beside a letter: marks of code and of emphasis, brackets, quotes.
_BEGIN_WORDS = frozenset("`*_([\"'“‘")


def _place(document: Document, row: int) -> _Place:
    """Above the line; at its end where a line above would tear a table or a paragraph apart."""
    if row == 1:
        return _Place(row)
    rows = (document.source.slice(document.source.lines.row_span(r)) for r in (row, row - 1))
    line, above = (text.removeprefix("\ufeff").strip() for text in rows)
    goes_on = above[:1].isalpha() and (line[:1].isalpha() or line[:1] in _BEGIN_WORDS)
    if line.startswith("|") or (goes_on and ":" not in line.partition(" ")[0]):
        return _Place(row, at_end=True)
    return _Place(row)


def _edited(source: SourceText, places: dict[_Place, dict[str, None]], reason: str) -> SourceText:
    end_of_line = "\r\n" if "\r\n" in source.text else "\n"
    edits = []
    for place, codes in places.items():
        if not codes:
            continue
        if place.row == 0:
            text = suppression_text(codes, reason, whole_file=True)
            edits.append(_insertion(_top(source), text + end_of_line))
            continue
        text = suppression_text(codes, reason)
        span = source.lines.row_span(place.row)
        line = source.slice(span)
        if place.at_end:
            edits.append(_insertion(span.start + len(line.rstrip("\r\n")), f" {text}"))
        else:
            start = span.start + (1 if line.startswith("\ufeff") else 0)
            indentation = line.lstrip("\ufeff")[: len(line.lstrip("\ufeff")) - len(line.lstrip("\ufeff \t"))]
            edits.append(_insertion(start, f"{indentation}{text}{end_of_line}"))
    return source.edited(_merged(edits))


def _top(source: SourceText) -> int:
    """Where a comment for the whole file goes: below the front matter, else at the beginning."""
    first = next(iter(parse(source).roots), None)
    if isinstance(first, FrontMatter):
        return first.span.end
    return 1 if source.text.startswith("\ufeff") else 0


def _insertion(offset: int, text: str) -> Edit:
    return Edit(Span(offset, offset), text)


def _merged(edits: Iterable[Edit]) -> list[Edit]:
    """Insertions at one offset as one."""
    merged: dict[Span, str] = {}
    for edit in edits:
        merged[edit.span] = merged.get(edit.span, "") + edit.content
    return [Edit(span, content) for span, content in merged.items()]


def _findings(number: int) -> str:
    return f"{number} finding" + ("" if number == 1 else "s")

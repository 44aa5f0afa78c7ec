"""Here-documents: their bodies stand behind the line of the command, of which the rest is read after them.

Loaded at the first `<<`, which most texts do not have.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from peerlint.process.bash.tree import Literal, Redirection, Word
from peerlint.process.bash.words import Unread, WordReader
from peerlint.records import dataclass
from peerlint.source.text import Span


@dataclass
class _HereDocument:
    """A here-document whose body is still to come."""

    delimiter: str
    literal: bool
    strip_tabs: bool
    slot: list[Word]


class HereDocuments:
    """Those of the line at hand whose bodies are still to come."""

    def __init__(self) -> None:
        self._waiting: list[_HereDocument] = []
        self._bodies_end = 0

    def announce(self, target: Word, start: int, *, strip_tabs: bool) -> list[Word]:
        """Wait for the body of one; the list that is given back will hold it. Raises Unread."""
        delimiter = target.literal
        if delimiter is None:
            raise Unread("a here-document whose end is not literal", start)
        slot: list[Word] = []
        self._waiting.append(_HereDocument(delimiter, target.bare is None, strip_tabs, slot))
        return slot

    def forget(self) -> None:
        """Wait for no body any more."""
        self._waiting.clear()

    def read_bodies(self, reader: WordReader) -> None:
        """Read the bodies that begin here, where the line has just ended. Raises Unread."""
        waiting, self._waiting = self._waiting, []
        begins = reader.position
        for document in waiting:
            start = begins
            closing = _starts_of_lines(reader.text, document.strip_tabs).get(document.delimiter, ())
            at = bisect_left(closing, start)
            if at == len(closing):
                raise Unread(f"the here-document {document.delimiter} is not closed", max(0, start - 1))
            document.slot.append(_body(document, reader, start, closing[at]))
            feed = reader.text.find("\n", closing[at])
            reader.position = len(reader.text) if feed < 0 else feed
            begins = reader.position + 1

    def fill(self, redirections: list[tuple[Redirection, list[Word] | None]], reader: WordReader) -> None:
        """Put the bodies in: they stand behind this line, which may go on with a pipe, `||` or `then`. Raises Unread.

        The text of the reader is blank where they stood.
        """
        end_of_line = _end_of_line(reader)
        if end_of_line < 0:
            raise Unread("a here-document without a body", max(0, len(reader.text) - 1))
        resume, waiting = reader.position, self._waiting
        # A command before in this line may have had its bodies from there already.
        reader.position = max(end_of_line, self._bodies_end) + 1
        self.read_bodies(reader)
        after = self._bodies_end = reader.position
        # The rest of the line is read next; the bodies behind it are cut out of what follows by blanking them.
        reader.text = reader.text[: end_of_line + 1] + " " * (after - end_of_line - 1) + reader.text[after:]
        reader.position = resume
        self._waiting = [document for document in waiting if not document.slot]
        for index, (redirection, slot) in enumerate(redirections):
            if slot:
                filled = Redirection("<<", slot[0], redirection.descriptor, redirection.span)
                redirections[index] = (filled, None)


@lru_cache(maxsize=4)
def _starts_of_lines(text: str, without_tabs: bool) -> dict[str, list[int]]:
    """Where each line of a text starts, by what it says: a text may have as many here-documents as lines."""
    found: dict[str, list[int]] = {}
    start = 0
    while start < len(text):
        feed = text.find("\n", start)
        end = len(text) if feed < 0 else feed
        line = text[start:end].rstrip("\r")
        found.setdefault(line.lstrip("\t") if without_tabs else line, []).append(start)
        start = end + 1
    return found


def _body(document: _HereDocument, reader: WordReader, start: int, end: int) -> Word:
    if document.strip_tabs and re.search(r"^\t", reader.text[start:end], re.MULTILINE):
        # Removing tabs shifts offsets; spans inside such a body are those of the stripped text and not used.
        stripped = re.sub(r"^\t+", "", reader.text[start:end], flags=re.MULTILINE)
        word = reader.of_text(stripped).body(0, len(stripped)) if not document.literal else None
        parts = word.parts if word else (Literal(stripped, quoted=True),)
        return Word(parts, Span(start, end))
    if document.literal:
        return Word((Literal(reader.text[start:end], quoted=True),), Span(start, end))
    return reader.body(start, end)


def _end_of_line(reader: WordReader) -> int:
    """Where the line ends, which a backslash at its end carries on; -1 where it does not."""
    end = reader.text.find("\n", reader.position)
    while end > 0 and reader.text[end - 1] == "\\":
        end = reader.text.find("\n", end + 1)
    return end

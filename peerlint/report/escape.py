"""Text of linted files made harmless for the medium that it is shown in."""

from __future__ import annotations

import re
import unicodedata

from peerlint.patterns import NOT_XML, regex

#: Control characters (but tab), line separators, bidirectional controls, zero-width characters, lone surrogates, tags.
_DANGEROUS = regex(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
#: What runners of CI take for a command: `##[` and `##vso[` anywhere in a line, `::` at its beginning.
_COMMAND = regex(r"#(?=#(?:vso)?\[)|\A\s*:(?=:)")


def printable(text: str) -> str:
    """One line for terminals and logs: what is invisible or moves the cursor is shown as its escape sequence."""
    if "##" in text or "::" in text:
        text = _COMMAND.sub(_as_escape, text)
    return text if text.isprintable() else _DANGEROUS.sub(_as_escape, text)


def encodable(text: str) -> str:
    """The text with lone surrogates (bytes that were no UTF-8) as the replacement character."""
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text


def github_message(text: str) -> str:
    """The message of a GitHub workflow command; its lines stay lines."""
    return "%0A".join(printable(line).replace("%", "%25") for line in text.split("\n"))


def github_property(text: str) -> str:
    """A property of a GitHub workflow command."""
    return github_message(text.replace("\n", " ")).replace(":", "%3A").replace(",", "%2C")


def xml_text(text: str) -> str:
    """Text or attribute value of an XML document."""
    text = NOT_XML.sub(_as_escape, text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def display_width(text: str) -> int:
    """Columns that printable text takes in a terminal."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _as_escape(match: re.Match[str]) -> str:
    before, code = match[0][:-1], ord(match[0][-1])
    return before + (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")

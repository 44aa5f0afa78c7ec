"""Regular expressions that are compiled when they are first used.

A run over one file needs a small part of the patterns that the modules hold, and to compile one takes longer than to
search a page with it. `regex` stands where `re.compile` would at the top of a module; what it compiles is kept for the
next run.
"""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.compiled import expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any


class _Regex:
    """Stands for a pattern until it is compiled; from then on its methods are those of the compiled one."""

    def __init__(self, pattern: str, flags: int, needs: tuple[str, ...]) -> None:
        self.pattern, self.flags, self.needs = pattern, flags, needs

    def match(self, text: str, *given: Any) -> Any:
        return self._compiled().match(text, *given) if self._may_match(text) else None

    def fullmatch(self, text: str, *given: Any) -> Any:
        return self._compiled().fullmatch(text, *given) if self._may_match(text) else None

    def search(self, text: str, *given: Any) -> Any:
        return self._compiled().search(text, *given) if self._may_match(text) else None

    def finditer(self, text: str, *given: Any) -> Iterator[Any]:
        return self._compiled().finditer(text, *given) if self._may_match(text) else iter(())

    def findall(self, *given: Any, **named: Any) -> Any:
        return self._compiled().findall(*given, **named)

    def split(self, *given: Any, **named: Any) -> Any:
        return self._compiled().split(*given, **named)

    def sub(self, *given: Any, **named: Any) -> Any:
        return self._compiled().sub(*given, **named)

    def subn(self, *given: Any, **named: Any) -> Any:
        return self._compiled().subn(*given, **named)

    def _may_match(self, text: str) -> bool:
        """False where the text has none of the literals of which the pattern needs one."""
        return not self.needs or may_hold(text, self.needs)

    def _compiled(self) -> re.Pattern[str]:
        compiled = expression(self.pattern, self.flags)
        for method in (
            compiled.match,
            compiled.fullmatch,
            compiled.search,
            compiled.finditer,
            compiled.findall,
            compiled.split,
            compiled.sub,
            compiled.subn,
        ):
            setattr(self, method.__name__, method)
        return compiled


def latin_set(characters: str) -> str:
    """`[characters]` for patterns in which case does not count, or for characters beyond Latin-1 among others.

    There an s also stands for \u017f and a k for the Kelvin sign. A set of characters from both sides of the end of
    Latin-1 becomes a table of 65,536 bits, which takes longer to make than the rest of the pattern.
    """
    return f"(?a:[{characters}])"


#: The dashes of prose that are no hyphen; in a set with others they would make it a large one.
DASHES = latin_set("\u2013\u2014")


def may_hold(text: str, literals: tuple[str, ...]) -> bool:
    """False where a text certainly has none of the literals, which are `folded`, whatever its case."""
    plain = folded(text)
    # A loop, since a generator takes longer than what it asks here.
    for literal in literals:  # noqa: SIM110
        if literal in plain:
            return True
    return False


def folded(text: str) -> str:
    """The text in lower case: two that a pattern may take for the same without case are the same here."""
    if text.isascii():
        return text.lower()
    # A dotless i and one with a dot above match an i, and neither folds to it alone.
    return text.casefold().replace("ı", "i").replace("i\u0307", "i")


def ends(text: str, part: str) -> Iterator[int]:
    """Where each place of a part in a text ends: a pattern for what follows need not be one for this part only."""
    at = text.find(part)
    while at >= 0:
        yield at + len(part)
        at = text.find(part, at + 1)


def regex(pattern: str, flags: int = 0, *, needs: tuple[str, ...] = ()) -> re.Pattern[str]:
    """A pattern as `re.compile` makes it; a mistake in it shows on first use.

    `needs` are literals in lower case, of which whatever matches holds at least one: a text without them is answered
    without the pattern, which saves compiling a large one for most files.
    """
    return _Regex(pattern, flags, needs)  # type: ignore[return-value]


#: Characters that XML 1.0 cannot hold even as references.
NOT_XML = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

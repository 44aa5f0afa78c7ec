"""Regular expressions that are compiled when they are first used.

A run over one file needs a small part of the patterns that the modules hold, and to compile one takes longer than to
search a page with it. `regex` stands where `re.compile` would at the top of a module.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Regex:
    """Stands for a pattern until it is used; from then on its methods are those of the compiled one."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def match(self, *given: Any, **named: Any) -> Any:
        return self._compiled().match(*given, **named)

    def fullmatch(self, *given: Any, **named: Any) -> Any:
        return self._compiled().fullmatch(*given, **named)

    def search(self, *given: Any, **named: Any) -> Any:
        return self._compiled().search(*given, **named)

    def finditer(self, *given: Any, **named: Any) -> Any:
        return self._compiled().finditer(*given, **named)

    def findall(self, *given: Any, **named: Any) -> Any:
        return self._compiled().findall(*given, **named)

    def split(self, *given: Any, **named: Any) -> Any:
        return self._compiled().split(*given, **named)

    def sub(self, *given: Any, **named: Any) -> Any:
        return self._compiled().sub(*given, **named)

    def subn(self, *given: Any, **named: Any) -> Any:
        return self._compiled().subn(*given, **named)

    def _compiled(self) -> re.Pattern[str]:
        compiled = re.compile(self.pattern, self.flags)
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


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern as `re.compile` makes it; a mistake in it shows on first use."""
    return _Regex(pattern, flags)  # type: ignore[return-value]

"""The arguments of a process, as its conditions and values see them."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.patterns import regex
from peerlint.records import dataclass

_PLACEHOLDER = regex(r"\$ARGUMENTS(?![A-Za-z0-9_])")
_POSITION = regex(r"\$([1-9])")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands behind the name of the command, one text an argument."""

    given: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Sequence[str]) -> Arguments:
        """From any sequence of texts."""
        return cls(tuple(given))

    def provided(self, flag: str) -> bool:
        """Whether the flag stands there alone, or with a value that is not empty."""
        bare = flag.removesuffix("=")
        return bare in self.given or bool(self.value_of(bare))

    def value_of(self, flag: str) -> str | None:
        """What stands behind `--flag=`, the last one; None where there is none."""
        prefix = flag.removesuffix("=") + "="
        found = [argument[len(prefix) :] for argument in self.given if argument.startswith(prefix)]
        return found[-1] if found else None

    def first_other(self, flags: Sequence[str]) -> str | None:
        """The first argument of another shape than the flags (`--a=` takes a value, `--b` stands alone)."""
        for argument in self.given:
            if not any(argument.startswith(flag) if flag.endswith("=") else argument == flag for flag in flags):
                return argument
        return None

    def fill(self, text: str) -> str:
        """The text as the harness hands it over: `$ARGUMENTS` everywhere, `$1` to `$9` where it is the whole text."""
        position = _POSITION.fullmatch(text)
        if position:
            number = int(position[1])
            return self.given[number - 1] if number <= len(self.given) else ""
        return _PLACEHOLDER.sub(lambda _: " ".join(self.given), text) if "$ARGUMENTS" in text else text

"""What survives between two calls of an agent's shell tool."""

from __future__ import annotations

from enum import Enum


class Harness(Enum):
    """The program that runs the agent, as far as its shell tool goes. NONE: nothing is assumed, nothing is said."""

    CLAUDE_CODE = "claude-code"
    PERSISTENT_SHELL = "persistent-shell"
    NONE = "none"

    @property
    def keeps_variables(self) -> bool:
        """Whether variables, functions and exports of one call are there in the next."""
        return self is not Harness.CLAUDE_CODE

    @property
    def keeps_folder(self) -> bool:
        """Whether a `cd` in one call holds in the next."""
        return True


DEFAULT_HARNESS = Harness.CLAUDE_CODE

"""Bash as a typed tree with spans, and facts about it for rules and lowering."""

from peerlint.process.bash.facts import BashFacts, facts
from peerlint.process.bash.parser import parse_bash
from peerlint.process.bash.tree import Script, Unreadable, Word

__all__ = ["BashFacts", "Script", "Unreadable", "Word", "facts", "parse_bash"]

"""What is collected while one step is translated."""

from __future__ import annotations

from peerlint.migrate.lower.lines import OneLine
from peerlint.migrate.lower.result import RepairUse
from peerlint.process.model import Text
from peerlint.records import dataclass, field
from peerlint.source.text import SourceText, Span


@dataclass
class Step:
    """Names, texts and repairs of one step; the calls of all its scripts and functions add to them."""

    blocks: dict[str, int] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    #: Variables that later steps read.
    handed_on: frozenset[str] = frozenset()
    made_up: set[str] = field(default_factory=set)
    numeric: set[str] = field(default_factory=set)
    one_word: set[str] = field(default_factory=set)
    split_on_purpose: set[str] = field(default_factory=set)
    tool_names: set[str] = field(default_factory=set)
    #: Names that hold nothing but `true` or `false`.
    truths: set[str] = field(default_factory=set)
    #: Names that hold nothing but exit codes.
    statuses: set[str] = field(default_factory=set)
    one_line: list[OneLine] = field(default_factory=list)
    repairs: dict[tuple[str, Span], RepairUse] = field(default_factory=dict)
    #: The name of a line of which names take fields.
    line_name: str = ""
    #: Names of variables, with the offset in the step behind which nothing sets them any more.
    steady_from: dict[str, int] = field(default_factory=dict)
    #: Whether a call of the Bash tool is nothing but the call of one script.
    only_a_call: bool = False
    #: Whether commands of later calls would run in the folder to which a script changes.
    more_follows: bool = False
    #: Arguments of the process by number, which the harness fills in.
    positions: set[int] = field(default_factory=set)
    #: References to scripts that are run as any other command, since their text is not in the project.
    unread: list[str] = field(default_factory=list)
    histories: dict[Text, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    #: The texts that spans speak of, one behind another, each with the offset at which it begins.
    sources: list[tuple[int, SourceText]] = field(default_factory=list)
    written: dict[str, set[str]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def add_source(self, source: SourceText) -> int:
        """The offset at which spans of this text begin."""
        for start, known in self.sources:
            if known is source:
                return start
        last = self.sources[-1] if self.sources else None
        start = 0 if last is None else last[0] + len(last[1].text) + 1
        self.sources.append((start, source))
        return start

"""What an agent fills in: names that a step reads and that no shell and no logic has set before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from peerlint.migrate.lower.names import bound_names, names_set
from peerlint.migrate.lower.scope import Beyond, Scope, Seam
from peerlint.patterns import regex
from peerlint.process.bash.tree import CaseArm, Command, DoubleBracket, Simple, Word
from peerlint.process.bash.tree import walk as walk_tree
from peerlint.process.logic.command_lines import HOME_FOLDER, begins_at_home
from peerlint.process.model import Argv, Do, If, Input, IsEmpty, Ref, Set, Statement, Step, Verbatim, walk
from peerlint.records import dataclass, field

#: An argument in capitals, also as the value of an option.
_IN_CAPITALS = regex(r"(?:--?\w[\w-]*=)?(?P<word>[A-Z][A-Z0-9_-]*[A-Z0-9])")


@dataclass(slots=True)
class Before:
    """The names that a step finds when it begins.

    `known` are those that the steps before it set, each with the step whose shell does ("" where it stands in the
    file). `asked_for` are those that a lowered step asks for by an INPUT of its own. A step that reads one of these
    asks again: only the proofs tell which of the others will have their INPUT, and an INPUT leaves what is there.
    """

    known: dict[str, str] = field(default_factory=dict)
    asked_for: set[str] = field(default_factory=set)

    @property
    def taken(self) -> frozenset[str]:
        """All names that mean something already."""
        return frozenset(self.known) | self.asked_for

    def add_lowered(self, step: Step, statements: tuple[Statement, ...]) -> None:
        """Behind a step with shell, which becomes these statements."""
        self.add_stated(tuple(node for node in step.statements if isinstance(node, Input)))
        self.known |= dict.fromkeys(names_set(statements), step.number)
        self.asked_for |= {node.name for node in walk(statements) if isinstance(node, Input)}
        self.asked_for -= _surely_set(statements)

    def add_stated(self, statements: tuple[Statement, ...]) -> None:
        """Behind statements that stand in the file and stay there."""
        self.known |= dict.fromkeys(bound_names(statements), "")


def inputs_of(statements: tuple[Statement, ...], before: Before, given: Mapping[str, str]) -> tuple[Input, ...]:
    """Names that are read and that nothing sets, in the order in which they are read; before them names that are
    set only where nobody has filled them in.

    `given` are filled in by the harness in each step, whatever the steps before it have done.
    """
    known = {name for name in before.known if name not in given}
    bound = {*bound_names(statements), *known}
    again = before.asked_for & _read_before_set(statements) if before.asked_for else frozenset()
    found: dict[str, None] = {}
    for at, statement in enumerate(statements):
        condition = statement.branches[0].condition if isinstance(statement, If) else None
        asked = condition.value if isinstance(condition, IsEmpty) else None
        if isinstance(asked, Ref) and asked.name not in known and asked.name not in bound_names(statements[:at]):
            found[asked.name] = None
    found |= dict.fromkeys(name for name in _names_in(statements) if name not in bound or name in again)
    if _home_only_in_commands(statements):
        found.pop(HOME_FOLDER.name, None)
    return tuple(Input(name) for name in found)


def refuse_capitals(words: Sequence[Word], script: Sequence[Command], scope: Scope) -> None:
    """Raises Beyond where an argument in the file is a word in capitals that the script never asks for (`x.sh NAME`).

    Many write what is filled in like this; as a text it would be wrong on every run, on both sides of a proof.
    """
    for word in words:
        found = _IN_CAPITALS.fullmatch(word.bare or "")
        if found and found["word"] not in _words_asked_for(script):
            raise Beyond(f"{found['word']} may be that word, or stand for what is filled in", word.span, scope.source)


def _words_asked_for(commands: Sequence[Command]) -> set[str]:
    """The texts with which a script compares something."""
    nodes = list(walk_tree(tuple(commands)))
    lists = [node.patterns for node in nodes if isinstance(node, CaseArm)]
    lists += [node.words for node in nodes if isinstance(node, DoubleBracket)]
    lists += [node.words for node in nodes if isinstance(node, Simple) and node.name in ("[", "test")]
    return {word.literal or "" for words in lists for word in words}


def _read_before_set(statements: tuple[Statement, ...]) -> set[str]:
    """Names that may be read before a statement of every run sets them."""
    found: set[str] = set()
    surely: set[str] = set()
    for statement in statements:
        nodes = list(walk(statement))
        targets = Counter(node.target.name for node in nodes if isinstance(node, Set) and not node.target.path)
        read = Counter(node.name for node in nodes if isinstance(node, Ref)) - targets
        found |= read.keys() - surely
        surely |= _surely_set((statement,))
    return found


def _surely_set(statements: tuple[Statement, ...]) -> set[str]:
    """Names that every run through the statements sets."""
    return {name for node in statements if isinstance(node, (Do, Set)) for name in bound_names((node,))}


def with_inputs(given: Sequence[Input | Set], statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements with each input where the block begins that needs it first: a later one may ask for it later."""
    starts = [0, *(at + 1 for at, statement in enumerate(statements) if isinstance(statement, Seam))]
    before: dict[int, list[Statement]] = {}
    first_uses: dict[str, int] = {}
    for at, statement in enumerate(statements):
        for name in _names_in((statement,)):
            first_uses.setdefault(name, at)
    for entry in given:
        first = first_uses.get(entry.name if isinstance(entry, Input) else entry.target.name, 0)
        before.setdefault(max(start for start in starts if start <= first), []).append(entry)
    return tuple(one for at, statement in enumerate(statements) for one in (*before.get(at, ()), statement))


def _names_in(statements: tuple[Statement, ...]) -> Iterator[str]:
    """The names that stand in statements, in their order."""
    for node in walk(statements):
        if isinstance(node, Ref):
            yield node.name
        elif isinstance(node, Verbatim):
            yield from re.findall(r"\$([A-Z][A-Z0-9_]*)", node.text)


def _home_only_in_commands(statements: tuple[Statement, ...]) -> bool:
    """Whether the home folder is only asked for as the `~/` of a command, which nobody has to fill in."""
    nodes = list(walk(statements))
    words = [word for node in nodes if isinstance(node, Argv) for word in node.words]
    return nodes.count(HOME_FOLDER) == sum(begins_at_home(word) for word in words)

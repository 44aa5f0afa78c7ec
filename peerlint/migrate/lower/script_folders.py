"""Words that name a folder of scripts: the one in which a script stands, those of the home and of the harness."""

from __future__ import annotations

from peerlint.process.bash.tree import Parameter, Simple, Substitution, Word, walk
from peerlint.source.project.references import FOLDERS_OF_HARNESS

#: Variables that name a folder in which scripts of the project are.
GIVEN_FOLDERS = FOLDERS_OF_HARNESS | {"HOME"}


def in_given_folder(word: Word) -> str | None:
    """The reference of a word like `"${CLAUDE_PLUGIN_ROOT}"/scripts/x.sh`: a path in the home or a harness folder."""
    first, *rest = word.parts
    if not isinstance(first, Parameter) or first.name not in GIVEN_FOLDERS or first.operator not in ("", "-", ":-"):
        return None
    path = Word(tuple(rest), word.span).literal if rest else None
    return f"${{{first.name}}}{path}" if path and path.startswith("/") else None


def is_own_folder(word: Word | None) -> bool:
    """`$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)` or `$(dirname "$0")`."""
    if word is None or len(word.parts) != 1 or not isinstance(word.parts[0], Substitution):
        return False
    names = {node.name for node in walk(word) if isinstance(node, Parameter)}
    commands = {node.name for node in walk(word) if isinstance(node, Simple)}
    return bool(names & {"BASH_SOURCE", "0"}) and commands <= {"cd", "pwd", "dirname", "realpath", "readlink"}

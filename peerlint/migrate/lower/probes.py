"""Commands that change nothing and show nothing: all that comes of them is whether they succeed."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.patterns import regex
from peerlint.process.commands import Nature, understand
from peerlint.process.model import Argv, FilePattern

_QUIET = regex(r"--quiet|--silent|-[a-zA-Z]*q[a-zA-Z]*")
_GREPS = frozenset({"grep", "egrep", "fgrep"})
_GIT_LOOKS = frozenset(
    {
        "status", "log", "diff", "diff-index", "diff-files", "show", "show-ref", "ls-files", "ls-remote", "ls-tree",
        "describe", "rev-list", "rev-parse", "cat-file", "merge-base",
    }
)  # fmt: skip
#: Words of git that list where nothing but options follows.
_GIT_LISTS = frozenset({"branch", "tag", "remote", "worktree"})
_LISTING = frozenset(
    {"-a", "-r", "-v", "-vv", "-l", "--list", "--all", "--remotes", "--show-current", "--merged", "list"}
)
_WRITES = frozenset({"tee", "sed"})


def is_probe(commands: Sequence[Argv], *, hidden: bool) -> bool:
    """Whether a pipeline does nothing but answer; `hidden` says that its output goes nowhere."""
    every = [_literals(command) for command in commands]
    silent = every[-1][0] in _GREPS and any(_QUIET.fullmatch(word) for word in every[-1][1:])
    return (hidden or silent) and all(map(_only_looks, every))


def _literals(command: Argv) -> list[str]:
    """The words of a command, "" for those that are not known."""
    return ["" if isinstance(word, FilePattern) else word.literal or "" for word in command.words]


def _only_looks(words: list[str]) -> bool:
    if words[0] == "git" and len(words) > 1:
        lists = words[1] in _GIT_LISTS and all(word in _LISTING for word in words[2:])
        return lists or words[1] in _GIT_LOOKS or words[1:3] == ["remote", "get-url"]
    return words[:2] == ["command", "-v"] or (understand(words).nature is Nature.PURE and words[0] not in _WRITES)

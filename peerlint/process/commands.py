"""What a command line means: which commands are pure, which act on state, which are stubbed in a proof.

Arguments that are not known while reading are handed in as None.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from peerlint.patterns import regex
from peerlint.records import dataclass, field

#: Text filters without effect: run for real in a proof, bound by file.
PURE_TOOLS = frozenset(
    {
        "grep",
        "egrep",
        "fgrep",
        "sed",
        "awk",
        "cut",
        "tr",
        "head",
        "tail",
        "wc",
        "sort",
        "uniq",
        "cat",
        "printf",
        "echo",
        "test",
        "[",
        "tee",
        "basename",
        "dirname",
        "seq",
        "true",
        "false",
        "rev",
        "column",
        "paste",
        "nl",
        "fold",
        "comm",
        "diff",
        "expr",
    }
)
#: Commands whose answer is fixed in a proof, since it differs from run to run.
FIXED_STUBS = frozenset({"date", "mktemp", "uuidgen", "hostname", "whoami", "pwd", "id", "uname"})

#: Options that name a file, by tool, which take `-` for standard input.
STDIN_OPTIONS: dict[str, frozenset[str]] = {
    "gh": frozenset({"--body-file", "-F", "--notes-file", "--input"}),
    "git": frozenset({"-F", "--file"}),
    "curl": frozenset({"-d", "--data", "--data-binary", "-T"}),
    "kubectl": frozenset({"-f", "--filename"}),
    "docker": frozenset({"-f", "--file"}),
}

#: Flags of `nats` that take their value as the next word; written with `=` they are one word.
_NATS_VALUE_FLAGS = frozenset(
    {
        "--timeout",
        "--server",
        "-s",
        "--user",
        "--password",
        "--creds",
        "--nkey",
        "--context",
        "--history",
        "--ttl",
        "--replicas",
        "--storage",
        "--description",
        "--max-value-size",
        "--max-bucket-size",
        "--revision",
        "--tags",
        "--placement",
        "--count",
        "--wait",
    }
)


class Nature(Enum):
    """How a proof treats a command."""

    PURE = "pure"
    STATE = "state"
    FIXED = "fixed"
    STUBBED = "stubbed"


class KvVerb(Enum):
    """Sub-commands of `nats kv` with a typed effect, and `ls` in its two meanings."""

    GET = "get"
    PUT = "put"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "del"
    PURGE = "purge"
    KEYS = "keys"
    BUCKETS = "buckets"
    INFO = "info"
    ADD = "add"
    HISTORY = "history"
    WATCH = "watch"
    REMOVE_BUCKET = "rm bucket"


@dataclass(frozen=True, slots=True)
class KvCommand:
    """A `nats kv` command. `operands` are the indexes, in the argument list, of bucket, key, value, revision.

    `flags` holds the flags as written (`--raw`, `--history=50`); a value behind a blank is joined with `=`.
    """

    verb: KvVerb
    operands: tuple[int, ...]
    flags: tuple[str, ...] = ()

    @property
    def raw(self) -> bool:
        """Whether it prints nothing but the value."""
        return "--raw" in self.flags or "-r" in self.flags


@dataclass(frozen=True, slots=True)
class MessageCommand:
    """`nats pub`, or with `asks` `nats request`. `operands` are the indexes of subject and text; `flags` as above."""

    asks: bool
    operands: tuple[int, ...]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandMeaning:
    """What `understand` found; `kv` is set for `nats kv`, `stdin_options` names flags that take a file or `-`."""

    tool: str
    nature: Nature
    kv: KvCommand | None = None
    message: MessageCommand | None = None
    stdin_options: frozenset[str] = field(default_factory=frozenset)


def understand(argv: Sequence[str | None]) -> CommandMeaning:
    """The meaning of an argument list (at least the command word; None where an argument is not literal)."""
    tool = (argv[0] or "").rsplit("/", 1)[-1] if argv else ""
    if tool == "nats":
        return CommandMeaning(tool, Nature.STATE, _kv(argv), _message(argv))
    if tool == "jq":
        return CommandMeaning(tool, Nature.STATE)
    nature = Nature.PURE if tool in PURE_TOOLS else Nature.FIXED if tool in FIXED_STUBS else Nature.STUBBED
    return CommandMeaning(tool, nature, stdin_options=STDIN_OPTIONS.get(tool, frozenset()))


_VERBS = {
    "get": KvVerb.GET,
    "put": KvVerb.PUT,
    "create": KvVerb.CREATE,
    "update": KvVerb.UPDATE,
    "del": KvVerb.DELETE,
    "rm": KvVerb.DELETE,
    "purge": KvVerb.PURGE,
    "info": KvVerb.INFO,
    "status": KvVerb.INFO,
    "add": KvVerb.ADD,
    "new": KvVerb.ADD,
    "history": KvVerb.HISTORY,
    "watch": KvVerb.WATCH,
    "ls": KvVerb.BUCKETS,
    "list": KvVerb.BUCKETS,
    "keys": KvVerb.KEYS,
}


def _nats_words(argv: Sequence[str | None]) -> tuple[list[int], list[str]]:
    """The indexes of the words that are no flags, and the flags."""
    operands: list[int] = []
    flags: list[str] = []
    index = 1
    while index < len(argv):
        word = argv[index]
        if word is not None and word.startswith("-") and word != "-":
            if word in _NATS_VALUE_FLAGS and index + 1 < len(argv):
                flags.append(f"{word}={argv[index + 1]}")
                index += 1
            else:
                flags.append(word)
        else:
            operands.append(index)
        index += 1
    return operands, flags


#: The words for a message, and whether it asks for a reply.
_MESSAGES = {"pub": False, "publish": False, "req": True, "request": True}


def _message(argv: Sequence[str | None]) -> MessageCommand | None:
    """The command that sends a message, or None where it is another nats command."""
    operands, flags = _nats_words(argv)
    asks = _MESSAGES.get(argv[operands[0]] or "") if operands else None
    return None if asks is None else MessageCommand(asks, tuple(operands[1:]), tuple(flags))


def _kv(argv: Sequence[str | None]) -> KvCommand | None:
    """The kv command, or None where it is another nats command or one without a typed effect."""
    operands, flags = _nats_words(argv)
    if len(operands) < 2 or argv[operands[0]] != "kv":
        return None
    verb = _VERBS.get(argv[operands[1]] or "")
    rest = tuple(operands[2:])
    if verb is KvVerb.BUCKETS and rest:
        verb = KvVerb.KEYS
    if verb is KvVerb.DELETE and len(rest) == 1:
        verb = KvVerb.REMOVE_BUCKET
    return KvCommand(verb, rest, tuple(flags)) if verb else None


_LISTS_NAMES = regex(
    r"git (?:branch|ls-files|ls-tree|remote|rev-list)(?: |$)|git worktree list$|git tag(?: -l| --list|$)"
    r"|git log (?:--oneline|-n ?\d+|-\d+| |[\w./]+)+$|git status (?:--porcelain|-s|--short)"
    r"|(?:git diff|gh pr diff).* --name-only"
)


def lists_names(words: Sequence[str | None]) -> bool:
    """Whether a command line prints a name on each line and no empty line: `git ls-files`, `gh pr diff --name-only`."""
    line = " ".join(word or "_" for word in words)
    plain = ("git log" not in line or "--oneline" in line) and "--format" not in line and " -z" not in line
    return _LISTS_NAMES.match(line) is not None and plain

"""Command lines of the `nats` tool: how its words are read, and what it says about those that it cannot read."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Operations that change nothing.
READS = frozenset(
    {"kv ls", "kv get", "kv keys", "kv history", "bucket info", "kv info", "kv watch", "rtt"}
    | {"server check connection", "server check jetstream"}
)


@dataclass(frozen=True, slots=True)
class UsageError(Exception):
    """What the tool writes to stderr when it cannot read its words; its exit status is 1."""

    message: str


@dataclass(frozen=True, slots=True)
class NatsCall:
    """A command line that was read: `("kv", "get")`, its operands by name, its flags without dashes."""

    command: tuple[str, ...]
    operands: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """The name of the logical operation: "kv get", "kv keys" for the keys of a bucket, "kv ls" for the buckets."""
        if self.command == ("kv", "ls") and "bucket" in self.operands:
            return "kv keys"
        if self.command == ("kv", "del") and "key" not in self.operands:
            return "bucket delete"
        named: dict[tuple[str, ...], str] = {("kv", "info"): "bucket info", ("kv", "add"): "bucket add"}
        return named.get(self.command, " ".join(self.command))


_ALIASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("kv", "status"): ("kv", "info"),
    ("kv", "view"): ("kv", "info"),
    ("kv", "rm"): ("kv", "del"),
    ("kv", "delete"): ("kv", "del"),
    ("kv", "list"): ("kv", "ls"),
    ("kv", "new"): ("kv", "add"),
    ("publish",): ("pub",),
    ("request",): ("req",),
}

#: Command -> names of its operands; a `?` marks those that may be missing.
_OPERANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("kv", "add"): ("bucket",),
    ("kv", "put"): ("bucket", "key", "value?"),
    ("kv", "get"): ("bucket", "key"),
    ("kv", "create"): ("bucket", "key", "value?"),
    ("kv", "update"): ("bucket", "key", "value", "revision"),
    ("kv", "del"): ("bucket", "key?"),
    ("kv", "purge"): ("bucket", "key"),
    ("kv", "history"): ("bucket", "key?"),
    ("kv", "info"): ("bucket?",),
    ("kv", "ls"): ("bucket?",),
    ("pub",): ("subject", "body?"),
    ("req",): ("subject", "body?"),
    ("rtt",): (),
    ("server", "check", "connection"): (),
    ("server", "check", "jetstream"): (),
}

_SWITCHES = {"raw", "force", "names", "verbose", "display-value", "compress", "trace", "no-context", "tlsfirst"}
_VALUES = {
    *("history", "ttl", "replicas", "max-value-size", "max-bucket-size", "description", "storage", "revision"),
    *("tags", "cluster", "count", "replies", "reply", "header", "sleep", "wait"),
    *("server", "user", "password", "creds", "nkey", "tlscert", "tlskey", "tlsca", "timeout", "context"),
    *("connection-name", "js-api-prefix", "js-event-prefix", "js-domain", "inbox-prefix", "socks-proxy"),
}
_SHORT = {"f": "force", "n": "names", "v": "verbose", "s": "server", "H": "header"}


def read(words: list[str]) -> NatsCall:
    """The command line behind `nats`. Raises UsageError with the text of the tool."""
    flags, plain = _flags(words)
    command = _command(plain)
    operands: dict[str, str] = {}
    rest = plain[len(_spelled(plain, command)) :]
    for name in _OPERANDS[command]:
        if rest:
            operands[name.rstrip("?")] = rest.pop(0)
        elif not name.endswith("?"):
            raise UsageError(f"error: required argument '{name}' not provided")
    if rest:
        raise UsageError(f"error: unexpected argument '{rest[0]}'")
    return NatsCall(command, operands, flags)


def _flags(words: list[str]) -> tuple[dict[str, str], list[str]]:
    flags: dict[str, str] = {}
    plain: list[str] = []
    pending = list(words)
    while pending:
        word = pending.pop(0)
        if word == "--":
            plain += pending
            break
        if len(word) < 2 or word[0] != "-":
            plain.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("--"):
            if name not in _SHORT:
                raise UsageError(f"error: unknown short flag '{word}'")
            name = _SHORT[name]
        if name in _SWITCHES:
            flags[name] = value or "true"
        elif name.removeprefix("no-") in _SWITCHES:
            flags.pop(name.removeprefix("no-"), None)
        elif name not in _VALUES:
            raise UsageError(f"error: unknown long flag '--{name}'")
        elif equals:
            flags[name] = value
        elif pending:
            flags[name] = pending.pop(0)
        else:
            raise UsageError(f"error: expected argument for flag '--{name}'")
    return flags, plain


def _command(plain: list[str]) -> tuple[str, ...]:
    for size in (3, 2, 1):
        spelled = tuple(plain[:size])
        if len(spelled) == size and (command := _ALIASES.get(spelled, spelled)) in _OPERANDS:
            return command
    groups = {command[0] for command in _OPERANDS if len(command) > 1}
    if not plain or (plain[0] in groups and len(plain) == 1):
        raise UsageError(
            "error: a subcommand from the list below is required, use --help for full help including flags and "
            "arguments"
        )
    unknown = plain[1] if plain[0] in groups else plain[0]
    raise UsageError(
        f'error: expected command but got "{unknown}", use --help for full help including flags and arguments'
    )


def _spelled(plain: list[str], command: tuple[str, ...]) -> list[str]:
    """The words at the start that name the command."""
    return plain[: len(command)]

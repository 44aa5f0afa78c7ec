"""Command lines of the `nats` tool: which bucket `nats kv add` makes, and how options are read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from peerlint.patterns import regex
from peerlint.run.world import BucketConfig, Cause, EffectFailure

#: Options of `nats` that stand alone; every other long option takes a value.
ALONE = frozenset({"--raw", "--force", "--names", "--verbose", "--display-value", "--trace", "--compress", "--help"})
_SHORT = {"-s": "--server", "-f": "--force", "-n": "--names", "-v": "--verbose"}
_DURATION = regex(r"(\d+(?:\.\d+)?)(ms|us|ns|s|m|h|d|w|M|y)")
_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
    "M": 2592000.0,
    "y": 31536000.0,
}
_SIZE = regex(r"(-?\d+)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_POWER = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def bad_command(message: str) -> EffectFailure:
    """The failure of a command line that `nats` would not take."""
    return EffectFailure(Cause.INVALID_BUCKET, f"nats: error: {message}")


def split_options(argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Plain words and options (long name -> value, "" for one that stands alone) of an argument list."""
    words: list[str] = []
    options: dict[str, str] = {}
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        name = _SHORT.get(name, name)
        if word == "--":
            return words + rest, options
        if not name.startswith("--"):
            words.append(word)
        elif equals:
            options[name] = value
        elif name in ALONE or name.startswith("--no-"):
            options[name] = ""
        else:
            options[name] = rest.pop(0) if rest else ""
    return words, options


def bucket_of(argv: Sequence[str], name: str | None = None) -> BucketConfig:
    """The bucket that a `nats kv add` line makes; `name` where the caller knows it. Raises EffectFailure."""
    words, options = split_options(argv)
    if words[:2] != ["nats", "kv"] or len(words) != 4 or words[2] not in ("add", "new"):
        raise bad_command("the block must hold one line: nats kv add BUCKET with its options")
    if name is not None and words[3] != name:
        raise bad_command(f'the block makes the bucket "{words[3]}", not "{name}"')
    return BucketConfig(
        name=words[3],
        history=_whole(options, "--history", 1),
        replicas=_whole(options, "--replicas", 1),
        ttl=duration(options.get("--ttl", "0s") or "0s"),
        max_value_size=size(options.get("--max-value-size", "-1")),
        max_bucket_size=size(options.get("--max-bucket-size", "-1")),
        storage=options.get("--storage", "file").lower(),
        description=options.get("--description", ""),
    )


def _whole(options: dict[str, str], name: str, default: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise bad_command(f'{name.removeprefix("--")}: "{text}" is no number')
    return int(text)


def duration(text: str) -> float:
    """Seconds of a duration such as `90s` or `1h30m`; a bare 0 is none. Raises EffectFailure."""
    if text in ("", "0"):
        return 0.0
    if not re.fullmatch(rf"(?:{_DURATION.pattern})+", text):
        raise bad_command(f'"{text}" is no duration')
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _DURATION.findall(text))


def size(text: str) -> int:
    """Bytes of a size such as `10MB`; -1 is no limit. Raises EffectFailure."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise bad_command(f'"{text}" is no size')
    return int(found[1]) * int(1024 ** _POWER[found[2].upper()])

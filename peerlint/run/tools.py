"""`nats` and `jq` as command lines over a world, for RUN: output and exit status as the real tools have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from peerlint.patterns import regex
from peerlint.run.natsargs import bucket_of, duration, split_options
from peerlint.run.world import Cause, Completed, EffectFailure, World

_JQ_FLAGS = regex(r"-[rcsnSej]+")
_JQ_LONG = {
    "--raw-output": "r",
    "--compact-output": "c",
    "--slurp": "s",
    "--null-input": "n",
    "--sort-keys": "S",
    "--exit-status": "e",
}
_Options = dict[str, str]


def run_tool(world: World, argv: Sequence[str], stdin: str) -> Completed:
    """Runs `nats …` or `jq …`; a failure of the tool is an exit status, not an EffectFailure."""
    try:
        return Completed(0, _jq(world, argv[1:], stdin) if argv[0] == "jq" else _nats(world, argv, stdin))
    except EffectFailure as failure:
        output = failure.output + "\n" if failure.output else ""
        return Completed(failure.code or 1, output, failure.message + "\n")


def _jq(world: World, words: Sequence[str], stdin: str) -> str:
    flags, program = "", None
    arguments: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("--arg",) and len(rest) >= 2:
            arguments[rest[0]], rest = rest[1], rest[2:]
        elif word in _JQ_LONG:
            flags += _JQ_LONG[word]
        elif _JQ_FLAGS.fullmatch(word):
            flags += word[1:]
        elif program is None and not word.startswith("-"):
            program = word
        else:
            raise EffectFailure(Cause.FILTER, f"jq: {word} is not supported here", 2)
    if program is None:
        raise EffectFailure(Cause.FILTER, "jq: no program", 2)
    if program == "empty":
        flags = flags.replace("e", "")
    output = world.jq(program, stdin, "-" + flags if flags else "", arguments)
    return output if not output or "j" in flags else output + "\n"


def _nats(world: World, argv: Sequence[str], stdin: str) -> str:
    words, options = split_options(argv)
    verb = words[1:2]
    if verb in (["pub"], ["publish"]):
        world.publish(_word(words, 2), words[3] if len(words) > 3 else stdin)
        return ""
    if verb in (["req"], ["request"]):
        seconds = duration(options.get("--timeout", "5s")) or 5.0
        return world.request(_word(words, 2), words[3] if len(words) > 3 else stdin, seconds) + "\n"
    if words[1:3] == ["server", "check"]:
        world.server_check()
        return "OK\n"
    action = _KV.get(words[2]) if verb == ["kv"] and len(words) > 2 else None
    if action is None:
        raise EffectFailure(Cause.EXIT, f"error: {' '.join(words)} is not supported here", 1)
    return action(world, words, options, stdin)


def _word(words: Sequence[str], place: int) -> str:
    if place >= len(words):
        raise EffectFailure(Cause.EXIT, "error: a required argument is missing", 1)
    return words[place]


def _value(words: Sequence[str], stdin: str) -> str:
    return words[5] if len(words) > 5 else stdin


def _echo(words: Sequence[str]) -> str:
    """The tool prints the value argument, and just a line end for a value from stdin."""
    return (words[5] if len(words) > 5 else "") + "\n"


def _add(world: World, words: list[str], options: _Options, stdin: str) -> str:
    spelled = [*words, *(f"{name}={value}" for name, value in options.items())]
    config = bucket_of(spelled)
    world.bucket_add(config)
    return f"Information for Key-Value Store Bucket {config.name}\n"


def _info(world: World, words: list[str], options: _Options, stdin: str) -> str:
    config = world.bucket_info(_word(words, 3))
    replicas = "".join("                Replica: current\n" for _ in range(config.replicas - 1))
    return (
        f"Information for Key-Value Store Bucket {config.name}\n\nConfiguration:\n\n"
        f"            Bucket Name: {config.name}\n           History Kept: {config.history}\n"
        f"\nCluster Information:\n\n{replicas}"
    )


def _list(world: World, words: list[str], options: _Options, stdin: str) -> str:
    if len(words) < 4:
        world.server_check()
        return ""
    keys = world.kv_keys(words[3])
    return "".join(f"{key}\n" for key in keys) or "No keys found in bucket\n"


def _get(world: World, words: list[str], options: _Options, stdin: str) -> str:
    entry = world.kv_get(_word(words, 3), _word(words, 4))
    if "--raw" in options:
        return entry.value
    return f"{words[3]} > {words[4]} revision: {entry.revision} created\n\n{entry.value}\n\n"


def _put(world: World, words: list[str], options: _Options, stdin: str) -> str:
    world.kv_put(_word(words, 3), _word(words, 4), _value(words, stdin))
    return _echo(words)


def _create(world: World, words: list[str], options: _Options, stdin: str) -> str:
    world.kv_create(_word(words, 3), _word(words, 4), _value(words, stdin))
    return _echo(words)


def _update(world: World, words: list[str], options: _Options, stdin: str) -> str:
    revision = _word(words, 6)
    if not re.fullmatch(r"[0-9]{1,18}", revision):
        raise EffectFailure(Cause.EXIT, f"error: {revision} is no revision", 1)
    world.kv_update(_word(words, 3), _word(words, 4), words[5], int(revision))
    return _echo(words)


def _delete(world: World, words: list[str], options: _Options, stdin: str) -> str:
    _forced(options)
    world.kv_delete(_word(words, 3), _word(words, 4))
    return ""


def _purge(world: World, words: list[str], options: _Options, stdin: str) -> str:
    _forced(options)
    world.kv_purge(_word(words, 3), _word(words, 4))
    return ""


def _forced(options: _Options) -> None:
    if "--force" not in options:
        raise EffectFailure(Cause.EXIT, "nats: error: cannot ask for confirmation without a terminal", 1)


_KV: dict[str, Callable[[World, list[str], _Options, str], str]] = {
    "add": _add,
    "new": _add,
    "info": _info,
    "status": _info,
    "ls": _list,
    "list": _list,
    "get": _get,
    "put": _put,
    "create": _create,
    "update": _update,
    "del": _delete,
    "rm": _delete,
    "purge": _purge,
}

"""What command lines mean."""

import pytest

from peerlint.process.commands import KvVerb, Nature, understand


@pytest.mark.parametrize(
    ("line", "verb", "operands", "flags"),
    [
        ("nats kv get b k --raw", KvVerb.GET, (3, 4), ("--raw",)),
        ("nats --server x kv put b k v", KvVerb.PUT, (5, 6, 7), ("--server=x",)),
        ("nats kv ls --timeout 5s", KvVerb.BUCKETS, (), ("--timeout=5s",)),
        ("nats kv ls b", KvVerb.KEYS, (3,), ()),
        ("nats kv rm b", KvVerb.REMOVE_BUCKET, (3,), ()),
        ("nats kv rm b k -f", KvVerb.DELETE, (3, 4), ("-f",)),
        ("nats kv add b --history 50", KvVerb.ADD, (3,), ("--history=50",)),
    ],
)
def test_nats_kv(line: str, verb: KvVerb, operands: tuple[int, ...], flags: tuple[str, ...]) -> None:
    kv = understand(line.split()).kv
    assert kv is not None
    assert (kv.verb, kv.operands, kv.flags) == (verb, operands, flags)


def test_values_that_are_not_known_are_operands() -> None:
    kv = understand(["nats", "kv", "get", None, None]).kv
    assert kv is not None and kv.operands == (3, 4)


@pytest.mark.parametrize(
    ("line", "nature"),
    [
        ("grep -q a", Nature.PURE),
        ("/usr/bin/jq .", Nature.STATE),
        ("date -u", Nature.FIXED),
        ("git pull", Nature.STUBBED),
    ],
)
def test_nature(line: str, nature: Nature) -> None:
    assert understand(line.split()).nature is nature


def test_other_nats_commands_have_no_kv_meaning() -> None:
    assert understand(["nats", "stream", "ls"]).kv is None
    assert understand(["nats", "kv", "frobnicate", "b"]).kv is None


def test_options_that_read_standard_input() -> None:
    assert "--body-file" in understand(["gh", "pr", "create"]).stdin_options

"""What the PL7 rules know of NATS, held against the real tool and a real server."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from peerlint.lint.detect.keys import key_problem
from peerlint.lint.detect.nats import MAX_HISTORY, MAX_REPLICAS
from peerlint.lint.rules import all_rules
from peerlint.run.server import EmbeddedServer
from peerlint.source.text import SourceText
from tests.lint.laws import Project, findings
from tests.real_tools import real_nats

Nats = Callable[..., subprocess.CompletedProcess[str]]
STEP = '<step number="1" name="a">\n\n```bash\n{}\n```\n\n</step>\n'
pytestmark = pytest.mark.real_nats


@pytest.fixture(scope="module")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    tool = real_nats()
    if tool is None:
        pytest.skip("needs the real nats (or Go to build it)")
    with EmbeddedServer() as server:
        environment = {
            "PATH": os.environ["PATH"],
            "XDG_CONFIG_HOME": str(tmp_path_factory.mktemp("config")),
            "NATS_URL": server.urls[0],
            "NATS_USER": server.token,
        }

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [tool, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
            )

        yield run


def found(code: str, command: str) -> bool:
    """Whether the rule finds something in a step that runs the command."""
    source = SourceText(".claude/commands/a.md", STEP.format(command))
    return bool(findings(source, [all_rules()[code]], Project()))


def made_up_keys() -> list[str]:
    """Keys of the signs that decide, and some that somebody may think of."""
    chance = random.Random(11)
    signs = [chance.choices("ab.:-_/=*> ", k=chance.randint(1, 6)) for _ in range(60)]
    known = [
        "a:b",
        ".a",
        "a.",
        "a..b",
        "a//b",
        "-a",
        "/",
        "ä",
        "a@b",
        "a%b",
        "a'b",
        "a\\b",
        "a,b",
        "$",
        "a#b",
        "a?b",
        "a|b",
    ]
    return [*known, *map("".join, signs)]


def test_keys_that_the_rule_refuses_are_those_that_nats_refuses(nats: Nats) -> None:
    assert nats("kv", "add", "keys").returncode == 0
    keys = made_up_keys()

    taken = {key for key in keys if nats("kv", "put", "keys", "--", key, "1").returncode == 0}

    assert taken == {key for key in keys if key_problem(key) is None}
    assert 10 < len(taken) < len(set(keys)) - 10


@pytest.mark.parametrize("name", ["jobs", "a_b", "A-1", "0", "a.b", "a b", "ä", "a/b", "a*", "a:b", "x" * 200])
def test_names_of_buckets_that_the_rule_refuses_are_those_that_nats_refuses(nats: Nats, name: str) -> None:
    assert (nats("kv", "add", name).returncode != 0) == found("PL702", f"nats kv add '{name}'")


@pytest.mark.parametrize("flag", ["history", "replicas"])
@pytest.mark.parametrize("value", [-1, 0, 1, MAX_REPLICAS + 1, MAX_HISTORY, MAX_HISTORY + 1])
def test_limits_that_the_rule_knows_are_those_of_nats(nats: Nats, flag: str, value: int) -> None:
    bucket = f"limits-{flag}-{value}".replace("--", "-minus-")

    assert (nats("kv", "add", bucket, f"--{flag}={value}").returncode != 0) == found(
        "PL702", f"nats kv add {bucket} --{flag}={value}"
    )


def test_sub_commands_and_flags_that_the_rule_knows_are_those_of_the_tool(nats: Nats) -> None:
    from peerlint.lint.detect.nats import _GLOBAL_FLAGS, _KV_COMMANDS

    said = nats("kv", "--help")
    assert set(re.findall(r"^  kv (\w+) ", said.stdout + said.stderr, re.MULTILINE)) == set(_KV_COMMANDS)
    for verb, own in _KV_COMMANDS.items():
        page = nats("kv", verb, "--help")
        # A page names a flag with both of its forms as `--[no-]NAME`.
        flags = set(re.findall(r"--(?:\[no-\])?([a-z][a-z-]*)(?=[=\s])", page.stdout + page.stderr))
        assert flags == own | _GLOBAL_FLAGS, verb


@pytest.mark.parametrize("verb", ["new", "rm", "status", "view", "list", "delete", "remove", "show", "keys", "incr"])
def test_other_names_of_sub_commands(nats: Nats, verb: str) -> None:
    said = nats("kv", verb, "--help")

    assert ("expected command" in said.stdout + said.stderr) == found("PL703", f"nats kv {verb} jobs")


def test_tables_have_no_form_for_programs(nats: Nats) -> None:
    assert nats("kv", "add", "tables").returncode == 0

    assert "unknown long flag" in nats("kv", "info", "tables", "--json").stderr
    assert nats("stream", "info", "KV_tables", "--json").stdout.lstrip().startswith("{")


def test_replicas_need_a_cluster(nats: Nats) -> None:
    assert "non-clustered" in nats("kv", "add", "many", "--replicas=3").stderr
    assert found("PL706", "nats kv add many --replicas=3")

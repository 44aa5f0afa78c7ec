"""Which server is meant: as the `nats` tool reads contexts and the environment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from peerlint.errors import InputError
from peerlint.run.targets import Target, target_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".config" / "nats" / "context"
    folder.mkdir(parents=True)
    (folder / "prod.json").write_text(
        json.dumps({"url": "nats://a:1,nats://b:2", "user": "u", "password": "p", "ca": ""})
    )
    (folder / "token.json").write_text(json.dumps({"url": "nats://t:1", "user": "alone", "jetstream_domain": "hub"}))
    (folder / "broken.json").write_text("{")
    (folder.parent / "context.txt").write_text("prod\n")
    return tmp_path


def test_urls(home: Path) -> None:
    assert target_of("localhost:4222,tls://h:1", {}, home).servers == ("nats://localhost:4222", "tls://h:1")


def test_contexts(home: Path) -> None:
    prod = Target(("nats://a:1", "nats://b:2"), user="u", password="p")
    assert target_of("context", {}, home) == target_of("context:prod", {}, home) == prod
    token = target_of("context:token", {}, home)
    assert (token.user, token.token, token.api_prefix) == (None, "alone", "$JS.hub.API")


def test_the_environment_overrides_the_context(home: Path) -> None:
    found = target_of("env", {"NATS_URL": "nats://x:1", "NATS_TIMEOUT": "2s"}, home)
    assert (found.servers, found.user, found.timeout) == (("nats://x:1",), "u", 2.0)
    assert target_of("env", {"NATS_CONTEXT": "token"}, home).servers == ("nats://t:1",)
    assert target_of("env", {"XDG_CONFIG_HOME": str(home / "none")}, home) == Target()


def test_secrets_of_a_url_are_not_shown() -> None:
    assert Target(("nats://user:secret@host:1",)).shown == "nats://host:1"


@pytest.mark.parametrize(
    ("choice", "what"),
    [
        ("context:none", "there is no context"),
        ("context:../prod", "is no name"),
        ("context:broken", "no JSON"),
        ("http://x", "is no server"),
        ("", "is no server"),
    ],
)
def test_what_is_wrong_is_said(home: Path, choice: str, what: str) -> None:
    with pytest.raises(InputError, match=what):
        target_of(choice, {}, home)


def test_a_selected_context_is_only_read(home: Path) -> None:
    with pytest.raises(InputError):
        target_of("env", {"NATS_CONTEXT": "none"}, home)
    assert (home / ".config" / "nats" / "context.txt").read_text() == "prod\n"

"""Which NATS server a run talks to: a URL, a context of the `nats` tool, or the environment, read as that tool does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peerlint.errors import InputError
from peerlint.patterns import regex
from peerlint.records import dataclass, replace
from peerlint.run.natsargs import duration
from peerlint.run.world import EffectFailure

DEFAULT_URL = "nats://127.0.0.1:4222"
DEFAULT_TIMEOUT = 5.0
_CONTEXT = regex(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Target:
    """Servers with the way to log in. `timeout` in seconds for each request; paths of files are as given."""

    servers: tuple[str, ...] = (DEFAULT_URL,)
    user: str | None = None
    password: str | None = None
    token: str | None = None
    credentials: str | None = None
    nkey: str | None = None
    certificate: str | None = None
    key: str | None = None
    authority: str | None = None
    tls_first: bool = False
    inbox_prefix: str | None = None
    api_prefix: str = "$JS.API"
    timeout: float = DEFAULT_TIMEOUT

    @property
    def shown(self) -> str:
        """The servers without what is secret in their URLs."""
        return ",".join(re.sub(r"//[^@/]*@", "//", server) for server in self.servers)


def target_of(choice: str, environment: Mapping[str, str], home: Path) -> Target:
    """The target of `--nats URL`, `--nats context[:NAME]` or `--nats env`. Raises InputError."""
    if choice == "env":
        return from_environment(environment, home)
    if choice == "context" or choice.startswith("context:"):
        return from_context(choice.partition(":")[2] or None, environment, home)
    servers = tuple(part.strip() for part in choice.split(",") if part.strip())
    if not servers or not all(re.fullmatch(r"(?:(?:nats|tls|ws|wss)://)?[^\s/]+/?", part) for part in servers):
        raise InputError(
            f'--nats: "{choice}" is no server',
            todo="use embedded, cluster, env, context[:NAME] or a URL nats://HOST:PORT",
        )
    return Target(tuple(part if "://" in part else f"nats://{part}" for part in servers))


def from_environment(environment: Mapping[str, str], home: Path) -> Target:
    """NATS_URL and its friends; NATS_CONTEXT, else the selected context, is what they override."""
    name = environment.get("NATS_CONTEXT") or _selected(environment, home)
    base = Target() if name is None else from_context(name, environment, home)
    return _with(
        base,
        {
            "url": environment.get("NATS_URL"),
            "user": environment.get("NATS_USER"),
            "password": environment.get("NATS_PASSWORD"),
            "token": environment.get("NATS_TOKEN"),
            "creds": environment.get("NATS_CREDS"),
            "nkey": environment.get("NATS_NKEY"),
            "cert": environment.get("NATS_CERT"),
            "key": environment.get("NATS_KEY"),
            "ca": environment.get("NATS_CA"),
            "timeout": environment.get("NATS_TIMEOUT"),
        },
    )


def from_context(name: str | None, environment: Mapping[str, str], home: Path) -> Target:
    """A context of the `nats` tool, the selected one without a name. Only reads."""
    chosen = name or _selected(environment, home)
    if chosen is None:
        raise InputError("--nats context: no context is selected", todo="name one: --nats context:NAME")
    if not _CONTEXT.fullmatch(chosen):
        raise InputError(f'--nats context: "{chosen}" is no name of a context')
    path = _folder(environment, home) / "context" / f"{chosen}.json"
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise InputError(
            f'--nats context: there is no context "{chosen}"', todo="list them with: nats context ls"
        ) from None
    except ValueError as error:
        raise InputError(f"this context is no JSON: {error}", path=str(path)) from None
    if not isinstance(settings, dict):
        raise InputError("this context is no JSON object", path=str(path))
    return _with(Target(), settings)


def _folder(environment: Mapping[str, str], home: Path) -> Path:
    """Where the `nats` tool keeps its contexts."""
    root = environment.get("XDG_CONFIG_HOME")
    return (Path(root) if root else home / ".config") / "nats"


def _selected(environment: Mapping[str, str], home: Path) -> str | None:
    try:
        return (_folder(environment, home) / "context.txt").read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def _with(target: Target, settings: Mapping[str, Any]) -> Target:
    """The target with what is set (not empty) in the words of a context file."""
    given = {name: str(value) for name, value in settings.items() if value not in (None, "", False)}
    if "url" in given:
        target = replace(target, servers=tuple(part.strip() for part in given["url"].split(",")))
    if "user" in given and "password" not in given and "token" not in given:
        # The tool takes a user without a password as a token.
        given["token"] = given.pop("user")
    if "timeout" in given:
        try:
            target = replace(target, timeout=duration(given["timeout"]) or DEFAULT_TIMEOUT)
        except EffectFailure:
            raise InputError(f'NATS_TIMEOUT: "{given["timeout"]}" is no duration', todo="write it as 5s") from None
    prefix = given.get("jetstream_api_prefix")
    if "jetstream_domain" in given:
        prefix = f"$JS.{given['jetstream_domain']}.API"
    names = {
        "user": "user",
        "password": "password",
        "token": "token",
        "creds": "credentials",
        "nkey": "nkey",
        "cert": "certificate",
        "key": "key",
        "ca": "authority",
        "inbox_prefix": "inbox_prefix",
    }
    values: dict[str, Any] = {field: given[name] for name, field in names.items() if name in given}
    if "tls_first" in given:
        values["tls_first"] = True
    if prefix:
        values["api_prefix"] = prefix
    return replace(target, **values)

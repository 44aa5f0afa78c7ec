"""Config: `[tool.peerlint]` of pyproject.toml, or `.peerlint.yaml`; the one nearest to a file wins.

A repository is not trusted: its config says what is looked for, and may forbid execution. What is executed, connected
to or written outside of the linted files comes from the command line or the user's own config.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import peerlint
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Severity
from peerlint.lint.engine import LintSettings
from peerlint.lint.rules import Profile, Rule, all_rules, nearest_name, rules_named
from peerlint.process.harness import DEFAULT_HARNESS, Harness

YAML_NAME = ".peerlint.yaml"
TOML_NAME = "pyproject.toml"

#: Keys that only the user's own config may set. Of these a repository may say `execute: never`, nothing else.
USER_KEYS = frozenset(
    {"allow", "execute", "nats", "store", "answers", "script-root", "cache-dir", "output-file", "accept-repairs"}
)
_SEVERITIES = {severity.word: severity for severity in Severity}
_PROFILES = {profile.word: profile for profile in Profile}
_HARNESSES = {harness.value: harness for harness in Harness}
_EXECUTE = {word: word for word in ("never", "sandbox", "host")}


@dataclass(frozen=True, slots=True)
class Config:
    """What config files say; a key that none sets has its default here. `path` is the file it was read from."""

    path: Path | None = None
    profile: Profile = Profile.COORDINATION
    harness: Harness = DEFAULT_HARNESS
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    preview: bool = False
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    fail_on: Severity = Severity.WARNING
    rules: tuple[Path, ...] = ()
    execute: str | None = None
    user: Mapping[str, Any] = field(default_factory=dict)

    def lint_settings(self, relative_path: str) -> LintSettings:
        """What is looked for in a file; `relative_path` is relative to the config's folder. Raises InputError."""
        rules = enabled_rules(self)
        ignored = {
            rule.id
            for pattern, selectors in self.per_file_ignores.items()
            if matches_path(relative_path, pattern)
            for selector in selectors
            for rule in rules_named(selector, known_rules(self))
        }
        severities = {
            rule.id: severity
            for selector, severity in self.severity.items()
            for rule in rules_named(selector, known_rules(self))
        }
        return LintSettings(tuple(rule for rule in rules if rule.id not in ignored), severities, self.harness)

    def excludes(self, relative_path: str) -> bool:
        """Whether a file below the config's folder is left out."""
        return any(matches_path(relative_path, pattern) for pattern in self.exclude)


def known_rules(config: Config) -> list[Rule]:
    """The built-in rules and those of the config's rule folders. Raises InputError."""
    known = dict(all_rules())
    for folder in config.rules:
        for rule in _own_rules(folder):
            if rule.id in known:
                raise InputError(f"rule {rule.id} is there already", path=str(folder), todo="give it another id")
            known[rule.id] = rule
    return list(known.values())


@cache
def _own_rules(folder: Path) -> tuple[Rule, ...]:
    from peerlint.lint.rules.load import load_rules
    from peerlint.lint.view import check_select

    if not folder.is_dir():
        raise InputError("is no folder with rule files", path=str(folder))
    rules = []
    for rule_file in load_rules(folder):
        if rule_file.rule.select is None:
            raise InputError('a rule of your own has "select"; "detect" is for built-in rules', path=rule_file.path)
        check_select(rule_file.rule.select, rule_file.path)
        rules.append(rule_file.rule)
    return tuple(rules)


def enabled_rules(config: Config) -> list[Rule]:
    """The rules that are on: of the profile or selected, more selected, less ignored. A named preview rule is on."""
    known = known_rules(config)
    if config.select is None:
        chosen = {r.id for r in known if r.profile <= config.profile and (config.preview or not r.preview)}
    else:
        chosen = _chosen(config.select, known, preview=config.preview)
    chosen |= _chosen(config.extend_select, known, preview=config.preview)
    for selector in config.ignore:
        chosen -= {rule.id for rule in rules_named(selector, known)}
    return [rule for rule in known if rule.id in chosen]


def _chosen(selectors: Iterable[str], known: list[Rule], *, preview: bool) -> set[str]:
    """The rules that are meant; a family does not mean its preview rules, an id or a name does."""
    return {
        rule.id
        for selector in selectors
        for rule in rules_named(selector, known)
        if preview or not rule.preview or selector in (rule.id, rule.name)
    }


def matches_path(path: str, pattern: str) -> bool:
    """Whether a glob means a path: of the whole path, of its file name, or of a folder above it."""
    plain = pattern.removeprefix("./").rstrip("/")
    name = path.rpartition("/")[2]
    return fnmatchcase(path, plain) or fnmatchcase(name, plain) or fnmatchcase(path, f"{plain}/*")


class ConfigFinder:
    """Config by file: the nearest one from the file's folder up to `root`; read once per folder.

    `explicit` is the file that the command line names: it goes for all files.
    """

    def __init__(self, root: Path, explicit: Path | None = None) -> None:
        self._root = root
        self._user = user_config()
        self._explicit = _read(explicit, self._user, trusted=True) if explicit is not None else None
        self._by_folder: dict[Path, Config] = {}

    def config_for(self, path: Path) -> Config:
        """The config of a file or folder. Raises InputError for config that is wrong."""
        if self._explicit is not None:
            return self._explicit
        folder = path if path.is_dir() else path.parent
        if folder not in self._by_folder:
            self._by_folder[folder] = self._find(folder)
        return self._by_folder[folder]

    def _find(self, folder: Path) -> Config:
        for place in (folder, *folder.parents):
            if (place / YAML_NAME).is_file():
                return _read(place / YAML_NAME, self._user, trusted=False)
            if (place / TOML_NAME).is_file() and _toml_table(place / TOML_NAME) is not None:
                return _read(place / TOML_NAME, self._user, trusted=False)
            if place == self._root:
                break
        return self._user


@cache
def user_config() -> Config:
    """The user's own config (`peerlint/config.yaml` in the folder for config of the system); defaults without it."""
    from platformdirs import user_config_path

    path = user_config_path("peerlint") / "config.yaml"
    return _read(path, Config(), trusted=True) if path.is_file() else Config()


def _read(path: Path, base: Config, *, trusted: bool, seen: frozenset[Path] = frozenset()) -> Config:
    """The config of a file on top of `base`. Raises InputError that names file and key."""
    path = path.resolve()
    if path in seen:
        raise InputError('"extend" goes in a circle', path=str(path))
    table = _table(path)
    if "extend" in table:
        extended = path.parent / _text(table.pop("extend"), "extend", path)
        if not extended.is_file():
            raise InputError(f'"extend" names {extended.name}, which is not there', path=str(path))
        base = _read(extended, base, trusted=trusted, seen=seen | {path})
    _check_version(table.pop("required-version", None), path)
    config = replace(base, path=path)
    for key, value in table.items():
        config = _with(config, key, value, path, trusted=trusted)
    return config


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError("no such config file", path=str(path))
    if path.suffix == ".toml":
        table = _toml_table(path)
        if table is None and path.name != TOML_NAME:
            table = _toml(path)
        return dict(table or {})
    from peerlint.lint.rules.load import read_yaml

    return read_yaml(path)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"no valid TOML: {error}", path=str(path)) from None


def _toml_table(path: Path) -> dict[str, Any] | None:
    """The table [tool.peerlint] of a pyproject.toml; None without one."""
    # A pyproject.toml that does not speak of peerlint is none of our business, also where it is broken.
    if path.name == TOML_NAME and "peerlint" not in path.read_text(encoding="utf-8", errors="replace"):
        return None
    tool = _toml(path).get("tool", {})
    table = tool.get("peerlint") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _check_version(wanted: object, path: Path) -> None:
    if wanted is None:
        return
    for part in str(wanted).split(","):
        match = re.fullmatch(r"\s*(>=|<=|==|>|<)?\s*(\d+(?:\.\d+)*)\s*", part)
        if match is None:
            raise InputError(f'"required-version" is no version: {part.strip()}', path=str(path))
        here, there = _version(peerlint.__version__), _version(match[2])
        operator = match[1] or "=="
        holds = {">=": here >= there, "<=": here <= there, "==": here == there, ">": here > there, "<": here < there}
        if not holds[operator]:
            raise InputError(
                f"needs peerlint {str(wanted).strip()}, this is {peerlint.__version__}",
                path=str(path),
                todo="install that version",
            )


def _version(text: str) -> tuple[int, ...]:
    numbers = [int(number) for number in re.findall(r"\d+", text)[:3]]
    return tuple(numbers + [0] * (3 - len(numbers)))


def _with(config: Config, key: str, value: Any, path: Path, *, trusted: bool) -> Config:
    if key in USER_KEYS:
        if key == "execute":
            value = _word(value, key, path, _EXECUTE)
            if trusted or value == "never":
                return replace(config, execute=value)
        if not trusted:
            raise InputError(
                f'"{key}" may not be set by a repository',
                path=str(path),
                todo="use the command line or your own config",
            )
        return replace(config, user={**config.user, key: value})
    setter = _SETTERS.get(key)
    if setter is None:
        known = (*_SETTERS, *USER_KEYS, "extend", "required-version")
        nearest = nearest_name(key, known)
        raise InputError(f'unknown key "{key}"', path=str(path), todo=f'did you mean "{nearest}"?' if nearest else "")
    return setter(config, value, path)


def _text(value: Any, key: str, path: Path) -> str:
    if not isinstance(value, str):
        raise InputError(f'"{key}" must be text', path=str(path))
    return value


def _texts(value: Any, key: str, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f'"{key}" must be a list of texts', path=str(path))
    return tuple(value)


def _flag(value: Any, key: str, path: Path) -> bool:
    if not isinstance(value, bool):
        raise InputError(f'"{key}" must be true or false', path=str(path))
    return value


def _word(value: Any, key: str, path: Path, choices: Mapping[str, Any]) -> Any:
    if value not in choices:
        nearest = nearest_name(str(value), choices)
        hint = f'did you mean "{nearest}"?' if nearest else ""
        raise InputError(f'"{key}" must be one of {", ".join(choices)}, not "{value}"', path=str(path), todo=hint)
    return choices[value]


def _mapping(value: Any, key: str, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f'"{key}" must be a mapping', path=str(path))
    return {str(name): item for name, item in value.items()}


_SETTERS: dict[str, Callable[[Config, Any, Path], Config]] = {
    "profile": lambda c, v, p: replace(c, profile=_word(v, "profile", p, _PROFILES)),
    "harness": lambda c, v, p: replace(c, harness=_word(v, "harness", p, _HARNESSES)),
    "select": lambda c, v, p: replace(c, select=_texts(v, "select", p)),
    "ignore": lambda c, v, p: replace(c, ignore=_texts(v, "ignore", p)),
    "extend-select": lambda c, v, p: replace(c, extend_select=_texts(v, "extend-select", p)),
    "preview": lambda c, v, p: replace(c, preview=_flag(v, "preview", p)),
    "exclude": lambda c, v, p: replace(c, exclude=_texts(v, "exclude", p)),
    "fail-on": lambda c, v, p: replace(c, fail_on=_word(v, "fail-on", p, _SEVERITIES)),
    "rules": lambda c, v, p: replace(c, rules=tuple(p.parent / folder for folder in _texts(v, "rules", p))),
    "severity": lambda c, v, p: replace(
        c, severity={k: _word(s, f"severity.{k}", p, _SEVERITIES) for k, s in _mapping(v, "severity", p).items()}
    ),
    "per-file-ignores": lambda c, v, p: replace(
        c,
        per_file_ignores={
            k: _texts(s, f"per-file-ignores.{k}", p) for k, s in _mapping(v, "per-file-ignores", p).items()
        },
    ),
}

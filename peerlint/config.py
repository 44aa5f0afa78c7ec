"""Config: `[tool.peerlint]` of pyproject.toml, or `.peerlint.yaml`; the one nearest to a file wins.

A repository is not trusted: its config says what is looked for, and may forbid execution. What is executed, connected
to or written outside of the linted files comes from the command line or the user's own config.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, cached_property
from itertools import islice
from pathlib import Path

import peerlint
from peerlint.errors import InputError
from peerlint.lint.diagnostics import Severity
from peerlint.lint.rules import LintSettings, Profile, Rule, all_rules, nearest_name, rules_named
from peerlint.process.harness import DEFAULT_HARNESS, Harness
from peerlint.records import dataclass, field, replace
from peerlint.safe_yaml import plain_mapping
from peerlint.source.project.opening import read_regular, repository_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from peerlint.lint.rules import RuleTexts
    from peerlint.lint.rules.load import RuleFile
    from peerlint.process.phrases import Phrasebook

YAML_NAME = ".peerlint.yaml"
TOML_NAME = "pyproject.toml"
#: What somebody has meant for config and is none, with what to do.
_NO_CONFIG = {YAML_NAME: "make it a file, or remove it", ".peerlint.yml": f"call it {YAML_NAME}"}

#: Keys that only the user's own config may set. Of these a repository may say `execute: never`, nothing else.
USER_KEYS = frozenset(
    {"allow", "execute", "nats", "store", "answers", "script-root", "cache-dir", "output-file", "accept-repairs"}
)
#: A key `a.b.c…` is read in time that grows with the square of its parts.
_LONG_TOML_KEY = r"(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){100}"
#: Each rule takes its time on each file, so a stranger may not add any number of them.
MAX_OWN_RULES = 100
#: How exactly an id or a name means a rule; longer than any beginning of an id.
_EXACT = 1_000
_SEVERITIES = {severity.word: severity for severity in Severity}
_PROFILES = {profile.word: profile for profile in Profile}
_HARNESSES = {harness.value: harness for harness in Harness}
_EXECUTE = {word: word for word in ("never", "sandbox", "host")}


@dataclass(frozen=True, eq=False)
class Config:
    """What config files say; a key that none sets has its default here. `path` is the file it was read from."""

    path: Path | None = None
    profile: Profile = Profile.COORDINATION
    harness: Harness = DEFAULT_HARNESS
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    #: What the command line selects and ignores: it has the last word, the more exact selector before the wider one.
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    preview: bool = False
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    fail_on: Severity = Severity.WARNING
    rules: tuple[Path, ...] = ()
    phrases: tuple[Path, ...] = ()
    execute: str | None = None
    user: Mapping[str, Any] = field(default_factory=dict)

    def texts_of(self, rule_id: str) -> RuleTexts:
        """The texts of a rule, built-in or of the rule folders."""
        from peerlint.lint.rules import texts_of

        own = (found for folder in self.rules for found in _own_rules(folder))
        return next((found.texts for found in own if found.rule.id == rule_id), None) or texts_of(rule_id)

    @property
    def accepted_repairs(self) -> frozenset[str]:
        """Repairs that the user's own config accepts by name, beside those that always are."""
        return frozenset(map(str, self.user.get("accept-repairs", ())))

    @cached_property
    def phrasebook(self) -> Phrasebook | None:
        """The phrases of the house and those of the phrase files; None without such files. Raises InputError."""
        if not self.phrases:
            return None
        return _phrasebook(self.phrases, self.path.parent if self.path else Path())

    @cached_property
    def known_rules(self) -> tuple[Rule, ...]:
        """The built-in rules and those of the rule folders. Raises InputError."""
        if not self.rules:
            return tuple(all_rules().values())
        known = dict(all_rules())
        names = {rule.name: rule.id for rule in known.values()}
        for folder in self.rules:
            for rule_file in _own_rules(folder):
                if rule_file.rule.id in known:
                    raise InputError(f"rule {rule_file.rule.id} is there already", path=rule_file.path)
                if rule_file.rule.name in names:
                    raise _name_taken(rule_file, names[rule_file.rule.name])
                names[rule_file.rule.name] = rule_file.rule.id
                known[rule_file.rule.id] = rule_file.rule
        return tuple(known.values())

    @cached_property
    def enabled_rules(self) -> tuple[Rule, ...]:
        """The rules that are on: of the profile or selected, more selected, less ignored. A named preview rule is on.

        Of a selector and one that ignores the more exact one holds; of equals the one that ignores, but that what the
        command line selects is not ignored by an equal of a config file. Raises InputError for a name that no rule has.
        """
        known = self.known_rules
        if self.select is None:
            chosen = {r.id: 0 for r in known if r.profile <= self.profile and (self.preview or not r.preview)}
        else:
            chosen = self._chosen(self.select)
        for rule_id, exactness in self._chosen(self.extend_select).items():
            chosen[rule_id] = max(exactness, chosen.get(rule_id, 0))
        asked, refused, ignored = (self._exactness(names) for names in (self.asked, self.refused, self.ignore))

        def is_on(rule_id: str) -> bool:
            by_user = asked.get(rule_id, 0)
            if rule_id in refused and by_user <= refused[rule_id]:
                return False
            against = ignored.get(rule_id, 0)
            return not against or chosen[rule_id] > against or by_user >= against

        return tuple(rule for rule in known if rule.id in chosen and is_on(rule.id))

    def lint_settings(self, relative_path: str) -> LintSettings:
        """What is looked for in a file; `relative_path` is relative to the config's folder. Raises InputError."""
        ignored = [ids for pattern, ids in self._ignored_by_pattern if matches_path(relative_path, pattern)]
        if not ignored:
            return self._settings
        left = tuple(rule for rule in self.enabled_rules if not any(rule.id in ids for ids in ignored))
        return replace(self._settings, rules=left)

    @cached_property
    def _settings(self) -> LintSettings:
        severities = {
            rule_id: severity for selector, severity in self.severity.items() for rule_id in self._named([selector])
        }
        return LintSettings(self.enabled_rules, severities, self.harness)

    @cached_property
    def _ignored_by_pattern(self) -> tuple[tuple[str, frozenset[str]], ...]:
        return tuple((pattern, self._named(selectors)) for pattern, selectors in self.per_file_ignores.items())

    def _named(self, selectors: Iterable[str]) -> frozenset[str]:
        return frozenset(rule.id for selector in selectors for rule in rules_named(selector, self.known_rules))

    def _chosen(self, selectors: Iterable[str]) -> dict[str, int]:
        """The rules that are meant, and how exactly; a family does not mean its preview rules, an id or a name does."""
        by_id = {rule.id: rule for rule in self.known_rules}
        meant = self._exactness(selectors)
        return {
            rule_id: exactness
            for rule_id, exactness in meant.items()
            if self.preview or not by_id[rule_id].preview or exactness == _EXACT
        }

    def _exactness(self, selectors: Iterable[str]) -> dict[str, int]:
        """The rules that selectors mean, and how exactly the most exact one means each: `ALL` less than `PL1`."""
        found: dict[str, int] = {}
        for selector in selectors:
            for rule in rules_named(selector, self.known_rules):
                is_exact = selector in (rule.id, rule.name)
                exactness = _EXACT if is_exact else 1 if selector == "ALL" else 1 + len(selector)
                found[rule.id] = max(exactness, found.get(rule.id, 0))
        return found

    def excludes(self, relative_path: str) -> bool:
        """Whether a file below the config's folder is left out."""
        return any(matches_path(relative_path, pattern) for pattern in self.exclude)


def own_rules(folder: Path) -> tuple[RuleFile, ...]:
    """The rules of a folder that users write: XPath and patterns only, so that they run no code. Raises InputError."""
    from peerlint.lint.rules.load import load_rules
    from peerlint.lint.view import check_pattern, check_select, check_template

    if not folder.is_dir():
        raise InputError("is no folder with rule files", path=str(folder))
    if sum(1 for _ in islice(folder.glob("*.yaml"), MAX_OWN_RULES + 1)) > MAX_OWN_RULES:
        raise InputError(f"holds more than {MAX_OWN_RULES} rules", path=str(folder))
    found = tuple(load_rules(folder))
    names = {rule.name: rule.id for rule in all_rules().values()}
    for rule_file in found:
        if rule_file.rule.id.startswith("PL"):
            raise InputError("ids that begin with PL are those of built-in rules", path=rule_file.path)
        if rule_file.rule.name in names:
            raise _name_taken(rule_file, names[rule_file.rule.name])
        names[rule_file.rule.name] = rule_file.rule.id
        if rule_file.rule.select is None:
            raise InputError('a rule of your own has "select"; "detect" is for built-in rules', path=rule_file.path)
        check_select(rule_file.rule.select, rule_file.path)
        if rule_file.rule.pattern is not None:
            check_pattern(rule_file.rule.pattern, rule_file.path)
        for template in (rule_file.rule.message, rule_file.rule.help):
            check_template(template, rule_file.path)
    return found


def _name_taken(rule_file: RuleFile, by: str) -> InputError:
    todo = "give it another: rules are switched by name, too"
    return InputError(f'the name "{rule_file.rule.name}" is that of {by}', path=rule_file.path, todo=todo)


_own_rules = cache(own_rules)


@cache
def _phrasebook(files: tuple[Path, ...], folder: Path) -> Phrasebook:
    """The phrasebook of the house with those of the files, which messages name relative to `folder`."""
    from peerlint.lint.rules.load import read_yaml, yaml_rows
    from peerlint.process.logic import user_phrasebook
    from peerlint.process.phrases import Phrasebook

    book = Phrasebook.default()

    for file in files:
        name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else str(file)
        book = user_phrasebook(read_yaml(file, name), name, rows=yaml_rows(file), book=book)
    return book


def matches_path(path: str, pattern: str) -> bool:
    """Whether a glob means a path: of the whole path, of its file name, or of a folder above it."""
    plain = pattern.removeprefix("./").rstrip("/")
    name = path.rpartition("/")[2]
    return fnmatchcase(path, plain) or fnmatchcase(name, plain) or fnmatchcase(path, f"{plain}/*")


class ConfigFinder:
    """Config by file: the nearest one from the file's folder up to the repository of `root`; read once per folder.

    Without one `root` is the end: a part of a monorepo that is a project of its own has the config of the whole.
    `explicit` is the file that the command line names: it goes for all files.
    """

    def __init__(self, root: Path, explicit: Path | None = None) -> None:
        self._top = repository_of(root) or root
        self._user = user_config()
        self._explicit = _read(explicit, self._user) if explicit is not None else None
        self._by_folder: dict[Path, Config] = {}

    def config_for(self, path: Path) -> Config:
        """The config of a file or folder. Raises InputError for config that is wrong."""
        if self._explicit is not None:
            return self._explicit
        return self._of_folder(path if path.is_dir() else path.parent)

    def _of_folder(self, folder: Path) -> Config:
        if folder not in self._by_folder:
            is_end = folder in (self._top, folder.parent)
            own = self._own(folder)
            self._by_folder[folder] = own or (self._user if is_end else self._of_folder(folder.parent))
        return self._by_folder[folder]

    def _own(self, folder: Path) -> Config | None:
        """The config that stands in a folder itself."""
        # In letters: nearly no folder has any, and each is asked.
        if not any(os.path.lexists(f"{folder}/{name}") for name in (YAML_NAME, TOML_NAME, *_NO_CONFIG)):
            return None
        in_yaml, in_toml = folder / YAML_NAME, folder / TOML_NAME
        for place in (in_yaml, in_toml):
            if place.is_symlink() and not place.resolve().is_relative_to(self._top):
                raise InputError("leads out of the project", path=str(place), todo="make it a file of the project")
        if in_yaml.is_file():
            return _read(in_yaml, self._user, within=self._top)
        for name, todo in _NO_CONFIG.items():
            if os.path.lexists(folder / name):
                raise InputError("is no config that can be read", path=str(folder / name), todo=todo)
        if in_toml.is_file() and _toml_table(in_toml) is not None:
            return _read(in_toml, self._user, within=self._top)
        return None


def user_config_file() -> Path:
    """Where the user's own config stands, if there is any."""
    return _user_folder("config") / "config.yaml"


def user_cache_folder(config: Config) -> Path:
    """Where peerlint keeps what it has found: `cache-dir` of a config that the user trusts, else the system's place.

    Raises InputError for a `cache-dir` that is no absolute path.
    """
    named = config.user.get("cache-dir")
    if named is None:
        return _user_folder("cache")
    folder = Path(os.path.expanduser(str(named)))  # noqa: PTH111 (a home that is not there stays `~`)
    if not folder.is_absolute():
        raise InputError(f'"cache-dir" is no absolute path: {named}', path=str(config.path))
    return folder


def _user_folder(purpose: str) -> Path:
    """The folder of this user for "config" or "cache": where platformdirs says, without its import on Linux."""
    if sys.platform == "linux" and "ANDROID_DATA" not in os.environ:
        for variable, below in ((f"XDG_{purpose.upper()}_HOME", ""), ("HOME", f".{purpose}")):
            place = os.environ.get(variable, "")
            if place.startswith("/"):
                return Path(place, below, "peerlint")
    import platformdirs

    return (
        platformdirs.user_config_path("peerlint") if purpose == "config" else platformdirs.user_cache_path("peerlint")
    )


@cache
def user_config() -> Config:
    """The user's own config (`peerlint/config.yaml` in the folder for config of the system); defaults without it."""
    path = user_config_file()
    # In the home of somebody else there may be one, but none that is this user's.
    return _read(path, Config()) if os.access(path, os.R_OK) and path.is_file() else Config()


def _read(path: Path, base: Config, *, within: Path | None = None, seen: frozenset[Path] = frozenset()) -> Config:
    """The config of a file on top of `base`. Raises InputError that names file and key.

    `within` is the project whose config it is: no trust, and no other file than its own. None: the user's own config.
    """
    path = path.resolve()
    if path in seen:
        raise InputError('"extend" goes in a circle', path=str(path))
    table = _table(path)
    if "extend" in table:
        extended = _own_place(path, _text(table.pop("extend"), "extend", path), "extend", within)
        if not extended.is_file():
            raise InputError(f'"extend" names {extended.name}, which is not there', path=str(path))
        base = _read(extended, base, within=within, seen=seen | {path})
    _check_version(table.pop("required-version", None), path)
    config = replace(base, path=path)
    for key, value in table.items():
        config = _with(config, key, value, path, trusted=within is None)
    if "rules" in table:
        folders = tuple(_own_place(path, str(folder), "rules", within) for folder in table["rules"])
        for file in (file for folder in folders for file in folder.glob("*.yaml") if file.is_symlink()):
            _own_place(path, str(file), "rules", within)
        config = replace(config, rules=folders)
    if "phrases" in table:
        files = tuple(_own_place(path, str(file), "phrases", within) for file in table["phrases"])
        config = replace(config, phrases=tuple(dict.fromkeys((*base.phrases, *files))))
    _check_selectors(config, table, path)
    return config


def _own_place(path: Path, name: str, key: str, within: Path | None) -> Path:
    """What a name in a config file means. Raises InputError where a project names what is not its own."""
    try:
        place = (path.parent / name).resolve()
    except (OSError, ValueError):
        raise InputError(f'"{key}" names what no file can be called', path=str(path)) from None
    if within is not None and not place.is_relative_to(within):
        raise InputError(f'"{key}" leads out of the project: {name}', path=str(path), todo="keep it in the project")
    return place


def _check_selectors(config: Config, table: Mapping[str, Any], path: Path) -> None:
    """Raises InputError where the file speaks of a rule that is not there."""
    for key in ("select", "ignore", "extend-select", "severity"):
        _check_names(config, key, table.get(key, ()), path)
    for pattern, selectors in table.get("per-file-ignores", {}).items():
        _check_names(config, f'per-file-ignores" of "{pattern}', selectors, path)


def _check_names(config: Config, key: str, selectors: Collection[str], path: Path) -> None:
    # Rules of the project's own are read here: what is wrong with one stands in its file, not at this key.
    known = config.known_rules if selectors else ()
    for selector in selectors:
        try:
            rules_named(str(selector), known)
        except InputError as error:
            raise InputError(f'"{key}": {error.what}', path=str(path), todo=error.todo) from None


def _table(path: Path) -> dict[str, Any]:
    if path.suffix == ".toml":
        table = _toml_table(path)
        if table is None and path.name != TOML_NAME:
            table = _toml(path)
        return dict(table or {})
    data = read_regular(path, str(path))
    plain = plain_mapping(data.decode("utf-8", "replace"))
    if plain is not None:
        return plain
    from peerlint.lint.rules.load import yaml_of

    return {str(key): value for key, value in yaml_of(data, str(path)).items()}


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        text = read_regular(path, str(path)).decode()
        if re.search(_LONG_TOML_KEY, text):
            raise InputError("a key has too many parts", path=str(path))
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"no valid TOML: {error}", path=str(path)) from None


def _toml_table(path: Path) -> dict[str, Any] | None:
    """The table [tool.peerlint] of a pyproject.toml; None without one."""
    # A pyproject.toml that does not speak of peerlint is none of our business, also where it is broken.
    if path.name == TOML_NAME and b"peerlint" not in read_regular(path, str(path)):
        return None
    tool = _toml(path).get("tool", {})
    table = tool.get("peerlint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise InputError('"tool.peerlint" must be a table', path=str(path))
    return table


def _check_version(wanted: object, path: Path) -> None:
    if wanted is None:
        return
    for part in str(wanted).split(","):
        match = re.fullmatch(r"\s*(>=|<=|==|>|<)?\s*(\d{1,9}(?:\.\d{1,9})*)\s*", part)
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
        known = list(_texts(value, key, path)) if key == "accept-repairs" else value
        return replace(config, user={**config.user, key: known})
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
        hint = f"write [{value}]" if isinstance(value, str) else ""
        raise InputError(f'"{key}" must be a list of texts', path=str(path), todo=hint)
    return tuple(value)


def _flag(value: Any, key: str, path: Path) -> bool:
    if not isinstance(value, bool):
        raise InputError(f'"{key}" must be true or false', path=str(path))
    return value


def _word(value: Any, key: str, path: Path, choices: Mapping[str, Any]) -> Any:
    if not isinstance(value, str) or value not in choices:
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
    "rules": lambda c, v, p: replace(c, rules=tuple(Path(folder) for folder in _texts(v, "rules", p))),
    "phrases": lambda c, v, p: replace(c, phrases=tuple(Path(file) for file in _texts(v, "phrases", p))),
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

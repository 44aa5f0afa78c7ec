"""Rule files: YAML in, `Rule` and `RuleTexts` out; every mistake is an InputError that says where and what is known.

The schema for editors (`rules/schema.json`) is made from the same table of keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from string import Formatter
from typing import Any

from peerlint.errors import InputError
from peerlint.lint.diagnostics import Confidence, Severity
from peerlint.lint.rules import Example, Profile, Rule, RuleTexts, nearest_name
from peerlint.process.roles import Role
from peerlint.records import dataclass
from peerlint.safe_yaml import load_yaml, safe_yaml
from peerlint.source.project.opening import read_regular

#: A rule file is small; a larger one is a mistake or an attack.
MAX_RULE_FILE_BYTES = 200_000
#: The reader of YAML takes time that grows with the square of the depth.
MAX_YAML_DEPTH = 30

_SEVERITIES = {severity.word: severity for severity in Severity}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}
_PROFILES = {profile.word: profile for profile in Profile}
_ROLES = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a rule file: its type, what it means, whether it must be there."""

    kind: type
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    of_texts: bool = False


KEYS: dict[str, Key] = {
    "id": Key(str, "Two or more capitals and three digits, as PL101.", required=True),
    "name": Key(str, 'Reads after "allow": names the bad pattern, never the remedy.', required=True),
    "severity": Key(str, "How bad a finding is.", required=True, choices=tuple(_SEVERITIES)),
    "elsewhere": Key(str, "How bad it is outside of steps, where that differs.", choices=tuple(_SEVERITIES)),
    "confidence": Key(str, "How sure the rule is.", required=True, choices=tuple(_CONFIDENCES)),
    "profile": Key(str, "The smallest profile that holds the rule.", required=True, choices=tuple(_PROFILES)),
    "since": Key(str, "The version that brought the rule.", required=True),
    "preview": Key(bool, "Not precise enough to be on by default."),
    "fixable": Key(bool, "The rule itself offers a fix for some of its findings."),
    "roles": Key(list, "Roles of the nodes that the rule looks at.", required=True, choices=tuple(_ROLES)),
    "needs": Key(list, "Literals, one of which must occur in the text for the rule to be run.", of_texts=True),
    "needs_of_logic": Key(
        list, "The same of what it looks for in logic: one may occur in a text that may state some.", of_texts=True
    ),
    "only_calls": Key(bool, "It looks at nothing but shell that is called; `needs` must occur in that shell, then."),
    "select": Key(str, "XPath over the view; each node that it selects is a finding."),
    "pattern": Key(str, "RE2 regular expression; with it each match in what `select` gives is a finding."),
    "detect": Key(str, "Name of a function in peerlint.lint.detect (built-in rules only)."),
    "message": Key(str, "What is wrong, in one line; {names} are filled by the finding.", required=True),
    "help": Key(str, "What to do about it, in one line."),
    "summary": Key(str, "One sentence for lists.", required=True),
    "why": Key(str, "Why it is a problem.", required=True),
    "fix": Key(str, "What the fix does and how far it can be trusted."),
    "limits": Key(str, "What the rule does not see, and what it takes for a problem wrongly."),
    "examples": Key(dict, "Files that the rule is tried on: `valid` and `invalid`.", required=True),
}
EXAMPLE_KEYS: dict[str, Key] = {
    "title": Key(str, "What the example shows.", required=True),
    "text": Key(str, "The file.", required=True),
    "lines": Key(list, "Rows of the findings (invalid examples)."),
    "fixed": Key(str, "The file after the rule's fixes."),
    "path": Key(str, "Path of the file in the project."),
    "files": Key(dict, "Other files of the project: path to text."),
    "before": Key(str, "The file at the revision that it is compared with (--since)."),
}


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule with its texts, and the path it was read from."""

    rule: Rule
    texts: RuleTexts
    path: str


def load_rules(folder: Path) -> list[RuleFile]:
    """All rule files of a folder, by id. Raises InputError for the first mistake, also for an id used twice."""
    found: dict[str, RuleFile] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "phrasebook.yaml":
            continue
        rule_file = load_rule(path)
        if rule_file.rule.id in found:
            raise InputError(f"rule {rule_file.rule.id} is also in {found[rule_file.rule.id].path}", path=str(path))
        found[rule_file.rule.id] = rule_file
    return [found[rule_id] for rule_id in sorted(found)]


def load_rule(path: Path) -> RuleFile:
    """One rule file. Raises InputError."""
    return rule_from(read_yaml(path), str(path))


def read_yaml(path: Path, name: str | None = None) -> dict[str, Any]:
    """A YAML mapping without aliases and tags, at most MAX_RULE_FILE_BYTES; in messages the file is called `name`.

    Raises InputError.
    """
    name = name or str(path)
    return yaml_of(read_regular(path, name), name)


def yaml_of(data: bytes, name: str) -> dict[str, Any]:
    """The same of the bytes of a file."""
    if len(data) > MAX_RULE_FILE_BYTES:
        raise InputError(f"larger than {MAX_RULE_FILE_BYTES} bytes", path=name)
    return yaml_mapping(data.decode("utf-8", "replace"), name)


def yaml_rows(path: Path) -> dict[str, int]:
    """The line of each key in a file that `read_yaml` has read."""
    root = safe_yaml().compose(read_regular(path, str(path)).decode("utf-8", "replace"))
    return (
        {}
        if root is None
        else {key.value: key.start_mark.line + 1 for key, _ in root.value if isinstance(key.value, str)}
    )


def in_plain_words(problem: str) -> str:
    """What the reader of YAML complains of, for people who wrote a sentence and not YAML."""
    if problem == "mapping values are not allowed here":
        return 'a value with ": " in it needs quotes'
    # Behind the key it shows both values, as far as it has read them, which is mostly not at all.
    return re.sub(r"^found duplicate key (\"[^\"]*\").*", r"\1 is there twice", problem, flags=re.DOTALL)


def yaml_mapping(text: str, name: str) -> dict[str, Any]:
    """The mapping that a YAML text holds (empty text: empty mapping). Raises InputError."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    try:
        depth = 0
        for event in safe_yaml().parse(text):
            if isinstance(event, AliasEvent):
                raise InputError("YAML aliases are not allowed", path=name)
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MAX_YAML_DEPTH:
                raise InputError(f"YAML nested deeper than {MAX_YAML_DEPTH}", path=name)
        loaded = load_yaml(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = in_plain_words(error.problem or error.context or "")
        raise InputError(f"no valid YAML: {problem}", path=name, row=mark.line + 1 if mark else None) from None
    except YAMLError as error:
        raise InputError(f"no valid YAML: {str(error).splitlines()[0]}", path=name) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InputError("must be a mapping", path=name)
    return loaded


def rule_from(data: Mapping[str, Any], path: str) -> RuleFile:
    """The rule that a mapping describes. Raises InputError that names the key."""
    _check_keys(data, KEYS, path, "rule")
    if not re.fullmatch(r"[A-Z]{2,}[0-9]{3,}", data["id"]):
        raise InputError('"id" must be at least two capitals and three digits, as MY001', path=path)
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", data["name"]):
        raise InputError('"name" must be lower-case words with "-" between them', path=path)
    if "pattern" in data and "select" not in data:
        raise InputError('"pattern" looks into what "select" gives', path=path, todo='add "select"')
    if ("select" in data) == ("detect" in data):
        raise InputError('a rule has exactly one of "select" and "detect"', path=path)
    if data.get("only_calls") and "select" in data:
        raise InputError('"select" looks at the text, not only at calls', path=path, todo='take out "only_calls"')
    if data.get("needs_of_logic") and "select" in data:
        raise InputError('"select" looks at the text, not only at logic', path=path, todo='take out "needs_of_logic"')
    _check_placeholders(data["message"], path)
    examples = data["examples"]
    _check_keys(examples, {"valid": Key(list, "", True), "invalid": Key(list, "", True)}, path, "examples")
    valid = tuple(_example(example, path) for example in examples["valid"])
    invalid = tuple(_example(example, path) for example in examples["invalid"])
    if any(example.lines for example in valid) or not all(example.lines for example in invalid):
        raise InputError('invalid examples have "lines", valid ones have none', path=path)
    rule = Rule(
        id=data["id"],
        name=data["name"],
        severity=_SEVERITIES[data["severity"]],
        confidence=_CONFIDENCES[data["confidence"]],
        profile=_PROFILES[data["profile"]],
        since=data["since"],
        roles=tuple(data["roles"]),
        needs=tuple(data.get("needs", ())),
        needs_of_logic=tuple(data.get("needs_of_logic", ())),
        only_calls=data.get("only_calls", False),
        message=data["message"].strip(),
        help=data.get("help", "").strip(),
        elsewhere=_SEVERITIES[data["elsewhere"]] if "elsewhere" in data else None,
        preview=data.get("preview", False),
        select=data.get("select"),
        pattern=data.get("pattern"),
        detect=data.get("detect"),
        fixable=data.get("fixable", False),
    )
    texts = RuleTexts(
        summary=data["summary"].strip(),
        why=data["why"].strip(),
        fix=data.get("fix", "").strip(),
        limits=data.get("limits", "").strip(),
        valid=valid,
        invalid=invalid,
    )
    return RuleFile(rule, texts, path)


def _check_keys(data: Any, keys: Mapping[str, Key], path: str, where: str) -> None:
    if not isinstance(data, dict):
        raise InputError(f"{where} must be a mapping", path=path)
    for name, value in data.items():
        key = keys.get(name)
        if key is None:
            nearest = nearest_name(str(name), keys)
            raise InputError(
                f'unknown key "{name}" in {where}', todo=f'did you mean "{nearest}"?' if nearest else "", path=path
            )
        if not isinstance(value, key.kind):
            raise InputError(f'"{name}" in {where} must be a {_KIND_NAMES[key.kind]}', path=path)
        if key.of_texts and isinstance(value, list) and not all(isinstance(word, str) for word in value):
            raise InputError(f'"{name}" in {where} must be a list of texts', path=path, todo="quote what is in it")
        for word in value if isinstance(value, list) else [value]:
            if key.choices and word not in key.choices:
                raise InputError(f'"{name}" must be one of {", ".join(key.choices)}, not "{word}"', path=path)
    for name, key in keys.items():
        if key.required and name not in data:
            raise InputError(f'"{name}" is missing in {where}', path=path)


def _check_placeholders(message: str, path: str) -> None:
    try:
        names = [name for _, name, _, _ in Formatter().parse(message) if name is not None]
    except ValueError as error:
        raise InputError(f'"message": {error}', path=path) from None
    for name in names:
        if not re.fullmatch(r"[a-z_]+", name):
            raise InputError(f'"message": a placeholder is a lower-case word, not "{name}"', path=path)


def _example(data: Any, path: str) -> Example:
    _check_keys(data, EXAMPLE_KEYS, path, "example")
    if not all(isinstance(text, str) for pair in data.get("files", {}).items() for text in pair):
        raise InputError('"files" in example must map paths to texts', path=path)
    if not all(type(row) is int and row > 0 for row in data.get("lines", ())):
        raise InputError('"lines" in example must be a list of numbers, the first row is 1', path=path)
    return Example(
        title=data["title"],
        text=data["text"],
        lines=tuple(data.get("lines", ())),
        fixed=data.get("fixed"),
        path=data.get("path", Example.__dataclass_fields__["path"].default),
        files=tuple(sorted(data.get("files", {}).items())),
        before=data.get("before"),
    )


_KIND_NAMES: dict[type, str] = {str: "text", bool: "true or false", list: "list", dict: "mapping"}
_JSON_TYPES: dict[type, str] = {str: "string", bool: "boolean", list: "array", dict: "object"}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file, for completion in editors."""
    schema = _object_schema(KEYS)
    schema["properties"]["examples"] = _object_schema(
        {"valid": Key(list, "The rule is silent.", True), "invalid": Key(list, "The rule speaks on `lines`.", True)}
    )
    for name in ("valid", "invalid"):
        schema["properties"]["examples"]["properties"][name]["items"] = _object_schema(EXAMPLE_KEYS)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "peerlint rule", **schema}


def _object_schema(keys: Mapping[str, Key]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, key in keys.items():
        entry: dict[str, Any] = {"type": _JSON_TYPES[key.kind], "description": key.meaning}
        if key.choices and key.kind is list:
            entry["items"] = {"enum": list(key.choices)}
        elif key.choices:
            entry["enum"] = list(key.choices)
        properties[name] = entry
    required = [name for name, key in keys.items() if key.required]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def as_source(value: object) -> str:
    """Python source that makes the value again, for the generated modules."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, (Example, Rule, RuleTexts)):
        fields = value.__dataclass_fields__.items()
        shown = [f"{name}={as_source(getattr(value, name))}" for name, f in fields if getattr(value, name) != f.default]
        return f"{type(value).__name__}({', '.join(shown)})"
    if isinstance(value, tuple):
        return "(" + "".join(f"{as_source(item)}, " for item in value) + ")"
    return repr(value)

"""Makes what is generated from the rule files: `make generate`; with --check says what is stale and writes nothing."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from peerlint.errors import InputError
from peerlint.lint.rules import FAMILIES, Example
from peerlint.lint.rules.load import RuleFile, as_source, json_schema, load_rules
from peerlint.migrate.asked import MIGRATED_AWAY
from tests.report.shapes import RULES as RULES_AS_JSON

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "rules"
DOCS = ROOT / "docs" / "rules"
MODULES = ROOT / "peerlint" / "lint" / "rules"

_MADE = "Made from rules/*.yaml by `make generate`; do not edit."
_MIGRATED = "`peerlint --fix` can turn the step into logic; that is proved before it is written."
_AS_JSON = "`peerlint rule --all --output-format json` writes them for programs: [its schema](output.schema.json)."
_PROFILE_WORDS = {"bugs": "`bugs` and up", "coordination": "`coordination` (default) and up", "proved": "`proved` only"}


def main(arguments: list[str]) -> int:
    """0 where all is up to date or was written, 1 where --check found something stale, 2 for a broken rule file."""
    try:
        wanted = dict(generated())
    except InputError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 2
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    orphans = [path for path in DOCS.glob("PL*.md") if path not in wanted]
    if "--check" in arguments:
        for path in stale + orphans:
            print(f"{path.relative_to(ROOT)} is stale; run make generate", file=sys.stderr)
        return 1 if stale + orphans else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
        print(f"wrote {path.relative_to(ROOT)}")
    for path in orphans:
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    return 0


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text that it should have."""
    rules = load_rules(RULES)
    yield MODULES / "matchers.py", _formatted(_matchers(rules))
    yield MODULES / "texts.py", _formatted(_texts(rules))
    yield RULES / "schema.json", json.dumps(json_schema(), indent=2) + "\n"
    yield DOCS / "output.schema.json", json.dumps(RULES_AS_JSON, indent=2) + "\n"
    yield DOCS / "README.md", _index(rules)
    for rule_file in rules:
        yield DOCS / f"{rule_file.rule.id}.md", _page(rule_file)
    yield from _phrasebook()


def _phrasebook() -> Iterator[tuple[Path, str]]:
    """The compiled phrasebook, made by the module that owns its form."""
    if importlib.util.find_spec("tests.generate_phrasebook") is None:
        return
    module = importlib.import_module("tests.generate_phrasebook")
    yield from module.generated(ROOT)


def _matchers(rules: list[RuleFile]) -> str:
    return "\n".join(
        [
            f'"""What a run needs of the rules. {_MADE}"""',
            "from peerlint.lint.diagnostics import Confidence, Severity",
            "from peerlint.lint.rules import Profile, Rule",
            f"RULES: tuple[Rule, ...] = {as_source(tuple(rule_file.rule for rule_file in rules))}",
        ]
    )


def _texts(rules: list[RuleFile]) -> str:
    entries = "".join(f"{rule_file.rule.id!r}: {as_source(rule_file.texts)}, " for rule_file in rules)
    return "\n".join(
        [
            f'"""What people read about the rules. {_MADE}"""',
            "from peerlint.lint.rules import Example, RuleTexts",
            f"TEXTS: dict[str, RuleTexts] = {{{entries}}}",
        ]
    )


def _formatted(source: str) -> str:
    """Source as `ruff format` leaves it, imports sorted, so that the gate has nothing to say about it."""
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    name = ["--stdin-filename", str(MODULES / "generated.py"), "-"]
    sorted_source = subprocess.run(
        [*ruff, "check", "--select", "I", "--fix-only", "--quiet", *name],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return subprocess.run(
        [*ruff, "format", *name], input=sorted_source, capture_output=True, text=True, check=True
    ).stdout


def _index(rules: list[RuleFile]) -> str:
    lines = ["# The rules", "", f"<!-- {_MADE} -->", "", _AS_JSON, ""]
    for prefix, family in FAMILIES.items():
        members = [rule_file for rule_file in rules if rule_file.rule.id.startswith(prefix)]
        if not members:
            continue
        lines += [f"## {prefix} {family}", "", "| rule | finds | severity | profile | fix |", "|---|---|---|---|---|"]
        for rule_file in members:
            rule = rule_file.rule
            fix = ", ".join(["yes"] * rule.fixable + ["proved"] * (rule.id in MIGRATED_AWAY))
            profile = "preview" if rule.preview else rule.profile.word
            link = f"[{rule.id}]({rule.id}.md) {rule.name}"
            lines.append(f"| {link} | {rule_file.texts.summary} | {rule.severity.word} | {profile} | {fix} |")
        lines.append("")
    return "\n".join(lines)


def _page(rule_file: RuleFile) -> str:
    rule, texts = rule_file.rule, rule_file.texts
    severity = rule.severity.word + (f" in a step, {rule.elsewhere.word} elsewhere" if rule.elsewhere else "")
    profile = "preview (off by default)" if rule.preview else _PROFILE_WORDS[rule.profile.word]
    lines = [f"# {rule.id} {rule.name}", "", f"<!-- {_MADE} -->", "", texts.summary, ""]
    lines += ["| severity | confidence | profile | since |", "|---|---|---|---|"]
    lines += [f"| {severity} | {rule.confidence.value} | {profile} | {rule.since} |", ""]
    lines += ["## Why", "", texts.why, ""]
    lines += ["## What to do", "", rule.help.replace("{", "`").replace("}", "`"), ""] if rule.help else []
    migrated = _MIGRATED if rule.id in MIGRATED_AWAY and "proved" not in texts.fix else ""
    lines += ["## Fix", "", " ".join(filter(None, (texts.fix, migrated))), ""] if texts.fix or migrated else []
    lines += ["## Limits", "", texts.limits, ""] if texts.limits else []
    lines += ["## Found", ""] + [line for example in texts.invalid for line in _example(example)]
    lines += ["## Not found", ""] + [line for example in texts.valid for line in _example(example)]
    return "\n".join(lines).rstrip() + "\n"


def _example(example: Example) -> list[str]:
    rows = ", ".join(map(str, example.lines))
    where = f" (line{'s' if len(example.lines) > 1 else ''} {rows})" if rows else ""
    shown = [f"{example.title}{where}:", "", "`````markdown", example.text.rstrip("\n"), "`````", ""]
    if example.fixed is not None:
        shown += ["Fixed:", "", "`````markdown", example.fixed.rstrip("\n"), "`````", ""]
    if example.before is not None:
        shown += ["At the older revision:", "", "`````markdown", example.before.rstrip("\n"), "`````", ""]
    return shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

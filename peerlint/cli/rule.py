"""`peerlint rule`: what a rule finds, why, and how it is mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from peerlint.cli.common import Workspace
from peerlint.config import Config
from peerlint.errors import InputError
from peerlint.lint.rules import Example, Rule, RuleTexts, all_rules, rules_named
from peerlint.report import page_of


@click.command(short_help="Explain a rule, or list them all.")
@click.argument("code", required=False)
@click.option("--all", "show_all", is_flag=True, help="Explain all rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(code: str | None, show_all: bool, output_format: str) -> int:
    """Explain the rule CODE (an id or a name); without CODE list all rules, also those of the project's own."""
    if code is not None and show_all:
        raise InputError("give a rule or --all, not both")
    # What peerlint brings can be looked up in a project with a broken config, too.
    built_in = code is not None and any(code in (rule.id, rule.name) for rule in all_rules().values())
    config = Config() if built_in else Workspace().config(Path.cwd())
    rules = rules_named(code, config.known_rules) if code else list(config.known_rules)
    if output_format == "json":
        described = [describe(rule, config.texts_of(rule.id)) for rule in rules]
        click.echo(json.dumps(described[0] if code and len(described) == 1 else described, indent=2))
    elif code is None and not show_all:
        width = max(len(rule.name) for rule in rules)
        for rule in rules:
            click.echo(f"{rule.id}  {rule.name:<{width}}  {config.texts_of(rule.id).summary}")
    else:
        click.echo("\n\n".join(_page(rule, config.texts_of(rule.id)) for rule in rules))
    return 0


def describe(rule: Rule, texts: RuleTexts) -> dict[str, Any]:
    """A rule with its texts as plain data."""
    return {
        "code": rule.id,
        "name": rule.name,
        "family": rule.family,
        "severity": rule.severity.word,
        "severity_elsewhere": (rule.elsewhere or rule.severity).word,
        "confidence": rule.confidence.value,
        "profile": rule.profile.word,
        "preview": rule.preview,
        "fixable": rule.fixable,
        "since": rule.since,
        "roles": list(rule.roles),
        "summary": texts.summary,
        "why": texts.why,
        "help": rule.help,
        "fix": texts.fix,
        "limits": texts.limits,
        "examples": {
            "valid": [_example(example) for example in texts.valid],
            "invalid": [_example(example) for example in texts.invalid],
        },
        "url": page_of(rule.id),
    }


def _example(example: Example) -> dict[str, Any]:
    return {
        "title": example.title,
        "path": example.path,
        "text": example.text,
        "lines": list(example.lines),
        "fixed": example.fixed,
        "files": dict(example.files),
        "before": example.before,
    }


def _page(rule: Rule, texts: RuleTexts) -> str:
    state = "preview, off by default" if rule.preview else f"profile {rule.profile.word}"
    severity = rule.severity.word + (f" (outside of steps: {rule.elsewhere.word})" if rule.elsewhere else "")
    parts = [
        f"{rule.id} {rule.name}\n{severity}, confidence {rule.confidence.value}, {state}, since {rule.since}",
        texts.summary,
        texts.why,
    ]
    parts += [f"Fix: {texts.fix}"] if texts.fix else []
    parts += [f"Limits: {texts.limits}"] if texts.limits else []
    parts += [f"Found: {example.title}\n{_indented(example.text)}" for example in texts.invalid[:1]]
    parts += [f"Not found: {example.title}\n{_indented(example.text)}" for example in texts.valid[:1]]
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())

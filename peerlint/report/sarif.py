"""SARIF 2.1.0, as GitHub code scanning takes it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import peerlint
from peerlint.lint.diagnostics import Confidence, Diagnostic, FileFindings, Fix, Severity
from peerlint.lint.fingerprint import fingerprint
from peerlint.lint.rules import Rule, RuleTexts, all_rules, texts_of
from peerlint.report import ReportSettings
from peerlint.report.escape import encodable
from peerlint.source.text import SourceText, Span

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEM_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
#: Longest rule description that GitHub takes.
MAX_DESCRIPTION = 1024


def render(findings: Sequence[FileFindings], settings: ReportSettings) -> str:
    """The report with all rules that were run; results in the order of path, place and rule."""
    rules = sorted(settings.rules, key=lambda rule: rule.id)
    index = {rule.id: number for number, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    results = [
        _result(file.source, diagnostic, index, seen)
        for file in sorted(findings, key=lambda file: file.source.path)
        for diagnostic in file.diagnostics
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "peerlint",
                        "semanticVersion": peerlint.__version__,
                        "informationUri": "https://github.com/peerlint/peerlint",
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": True}],
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    known = rule.id in all_rules()
    texts = texts_of(rule.id) if known else RuleTexts(rule.message, rule.message)
    parts = [("", texts.why), ("What to do", _plain(rule.help)), ("Fix", texts.fix), ("Limits", texts.limits)]
    told = [(title, text) for title, text in parts if text]
    plain = [f"{title}: {text}" if title else text for title, text in told]
    marked = [f"**{title}.** {text}" if title else text for title, text in told]
    link = [f"[{rule.id} {rule.name}]({rule.url})"] if known else []
    entry: dict[str, Any] = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": texts.summary[:MAX_DESCRIPTION]},
        "fullDescription": {"text": texts.why[:MAX_DESCRIPTION]},
        "help": {"text": "\n\n".join(plain), "markdown": "\n\n".join(marked + link)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": [rule.family],
            "precision": "very-high" if rule.confidence is Confidence.HIGH else rule.confidence.value,
            "problem.severity": _PROBLEM_LEVELS[rule.severity],
        },
    }
    return entry | ({"helpUri": rule.url} if known else {})


def _plain(template: str) -> str:
    """The help of a rule without the braces of what is filled in."""
    return re.sub(r"\{(\w+)\}", r"\1", template)


def _result(source: SourceText, diagnostic: Diagnostic, index: dict[str, int], seen: dict[str, int]) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(source, diagnostic.span, diagnostic.path)}
    if diagnostic.step is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": f"step {diagnostic.step}", "kind": "element"}]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": encodable("\n".join(filter(None, (diagnostic.message, diagnostic.help))))},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint(source, diagnostic, seen)},
    }
    if diagnostic.code in index:
        result["ruleIndex"] = index[diagnostic.code]
    if diagnostic.related:
        result["relatedLocations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(related.path),
                    "region": {"startLine": related.position.row, "startColumn": related.position.column},
                },
                "message": {"text": encodable(related.message)},
            }
            for related in diagnostic.related
        ]
    if diagnostic.fix and diagnostic.fix.edits:
        result["fixes"] = [_fix(source, diagnostic.path, diagnostic.fix)]
    return result


def _fix(source: SourceText, path: str, fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": encodable(edit.content)}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    return {"description": {"text": encodable(fix.message)}, "artifactChanges": [change]}


def _physical(source: SourceText, span: Span, path: str) -> dict[str, Any]:
    return {"artifactLocation": _artifact(path), "region": _region(source, span)}


def _artifact(path: str) -> dict[str, str]:
    """Where a file is: below the folder that is checked, or anywhere by its absolute path."""
    if path.startswith("/"):
        return {"uri": "file://" + quote(encodable(path))}
    return {"uri": quote(encodable(path)), "uriBaseId": "%SRCROOT%"}


def _region(source: SourceText, span: Span) -> dict[str, int]:
    start, end = source.lines.position(span.start), source.lines.position(span.end)
    return {
        "startLine": start.row,
        "startColumn": start.column,
        "endLine": end.row,
        "endColumn": end.column,
    }

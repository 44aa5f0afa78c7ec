"""What each machine-readable format may hold, as JSON Schema: all that we write, and nothing else.

Written by hand after the specifications, since these are larger than what we write and forbid no unknown keys.
"""

from __future__ import annotations

from typing import Any

from peerlint.lint.diagnostics import Confidence, Severity
from peerlint.lint.rules import FAMILIES, Profile
from peerlint.lint.rules.load import EXAMPLE_KEYS, KEYS, Key
from peerlint.process.roles import Role

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
ROW: Schema = {"type": "integer", "minimum": 1}
RULE_ID: Schema = {"type": "string", "pattern": "^[A-Z]{2,}[0-9]{3,}$"}


def closed(required: dict[str, Schema], **optional: Schema) -> Schema:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": required | optional,
        "required": list(required),
        "additionalProperties": False,
    }


def listed(items: Schema, least: int = 0) -> Schema:
    """An array."""
    return {"type": "array", "items": items, "minItems": least}


def objects_in(form: Any) -> list[dict[str, Any]]:
    """All objects of a document, the outer ones first."""
    below = form.values() if isinstance(form, dict) else form if isinstance(form, list) else ()
    return ([form] if isinstance(form, dict) else []) + [each for value in below for each in objects_in(value)]


# --- SARIF 2.1.0, with what GitHub code scanning demands beside the standard ------------------------------------------

_MESSAGE = closed({"text": TEXT})
_URI: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9._~/%:@!$&'()*+,;=-]+$"}
_ARTIFACT: Schema = {
    "oneOf": [
        closed({"uri": _URI | {"not": {"pattern": "^(/|[a-z]+:)"}}, "uriBaseId": {"const": "%SRCROOT%"}}),
        closed({"uri": {"type": "string", "pattern": "^file:///"}}),
    ]
}
_REGION = closed({"startLine": ROW, "startColumn": ROW}, endLine=ROW, endColumn=ROW)
_PHYSICAL = closed({"artifactLocation": _ARTIFACT, "region": _REGION})
_LOGICAL = closed({"fullyQualifiedName": TEXT, "kind": {"const": "element"}})
_LEVEL: Schema = {"enum": ["none", "note", "warning", "error"]}
_SHORT: Schema = closed({"text": TEXT | {"maxLength": 1024}})
_SARIF_RULE = closed(
    {
        "id": RULE_ID,
        "name": TEXT,
        "shortDescription": _SHORT,
        "fullDescription": _SHORT,
        "help": closed({"text": TEXT, "markdown": TEXT}),
        "defaultConfiguration": closed({"level": _LEVEL}),
        "properties": closed(
            {
                "tags": listed(TEXT, 1),
                "precision": {"enum": ["very-high", "high", "medium", "low"]},
                "problem.severity": {"enum": ["error", "warning", "recommendation"]},
            }
        ),
    },
    helpUri={"type": "string", "pattern": "^https://"},
)
_REPLACEMENT = closed({"deletedRegion": _REGION, "insertedContent": closed({"text": {"type": "string"}})})
_SARIF_FIX = closed(
    {
        "description": _MESSAGE,
        "artifactChanges": listed(closed({"artifactLocation": _ARTIFACT, "replacements": listed(_REPLACEMENT, 1)}), 1),
    }
)
_RESULT = closed(
    {
        "ruleId": RULE_ID,
        "level": _LEVEL,
        "message": _MESSAGE,
        "locations": listed(closed({"physicalLocation": _PHYSICAL}, logicalLocations=listed(_LOGICAL, 1)), 1)
        | {"maxItems": 1},
        "partialFingerprints": closed({"primaryLocationLineHash": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}),
    },
    ruleIndex={"type": "integer", "minimum": 0},
    relatedLocations=listed(closed({"physicalLocation": _PHYSICAL, "message": _MESSAGE}), 1),
    fixes=listed(_SARIF_FIX, 1),
)
_DRIVER = closed(
    {
        "name": {"const": "peerlint"},
        "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "informationUri": {"type": "string", "pattern": "^https://"},
        "rules": listed(_SARIF_RULE),
    }
)
SARIF = closed(
    {
        "$schema": {"const": "https://json.schemastore.org/sarif-2.1.0.json"},
        "version": {"const": "2.1.0"},
        "runs": listed(
            closed(
                {
                    "tool": closed({"driver": _DRIVER}),
                    "columnKind": {"const": "unicodeCodePoints"},
                    "invocations": listed(closed({"executionSuccessful": {"type": "boolean"}}), 1),
                    "results": listed(_RESULT),
                }
            ),
            1,
        )
        | {"maxItems": 1},
    }
)

# --- GitLab code quality ----------------------------------------------------------------------------------------------

_GITLAB_PLACE = closed({"line": ROW, "column": ROW})
GITLAB = listed(
    closed(
        {
            "description": TEXT,
            "check_name": RULE_ID,
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": closed(
                {
                    "path": TEXT | {"not": {"pattern": r"^\./"}},
                    "positions": closed({"begin": _GITLAB_PLACE, "end": _GITLAB_PLACE}),
                }
            ),
        }
    )
)

# --- Reviewdog --------------------------------------------------------------------------------------------------------

_RD_PLACE = closed({"line": ROW, "column": ROW})
_RD_RANGE = closed({"start": _RD_PLACE, "end": _RD_PLACE})
_RD_LINK: Schema = {"type": "string", "pattern": "^https://"}
RDJSON = closed(
    {
        "source": closed({"name": {"const": "peerlint"}, "url": _RD_LINK}),
        "diagnostics": listed(
            closed(
                {
                    "message": TEXT,
                    "location": closed({"path": TEXT, "range": _RD_RANGE}),
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": closed({"value": RULE_ID}, url=_RD_LINK),
                },
                suggestions=listed(closed({"range": _RD_RANGE, "text": {"type": "string"}}), 1),
            )
        ),
    }
)

# --- Our own JSON: the shape of ruff, with more keys ------------------------------------------------------------------

_PLACE = closed({"row": ROW, "column": ROW})
_EDIT = closed({"content": {"type": "string"}, "location": _PLACE, "end_location": _PLACE})
_FIX = closed(
    {
        "applicability": {"enum": ["safe", "provable", "unsafe", "manual"]},
        "message": TEXT,
        "edits": listed(_EDIT),
    }
)
JSON = listed(
    closed(
        {
            "code": RULE_ID,
            "name": TEXT,
            "severity": {"enum": ["note", "warning", "error"]},
            "confidence": {"enum": ["low", "medium", "high"]},
            "message": TEXT,
            "filename": TEXT,
            "location": _PLACE,
            "end_location": _PLACE,
            "url": {"oneOf": [{"type": "null"}, {"type": "string", "pattern": "^https://"}]},
            "related": listed(closed({"filename": TEXT, "location": _PLACE, "message": TEXT})),
            "fix": {"oneOf": [{"type": "null"}, _FIX]},
        }
    )
)

SHAPES = {"sarif": SARIF, "gitlab": GITLAB, "rdjson": RDJSON, "json": JSON}

# --- `peerlint rule --output-format json`: published as docs/rules/output.schema.json ---------------------------------


def _meant(by: Key, shape: Schema) -> Schema:
    """A value that means what the key of a rule file means."""
    return shape | {"description": by.meaning}


_ANY_TEXT: Schema = {"type": "string"}
_WORD_OF_SEVERITY: Schema = {"enum": [severity.word for severity in Severity]}
_EXAMPLE = closed(
    {
        "title": _meant(EXAMPLE_KEYS["title"], _ANY_TEXT),
        "path": _meant(EXAMPLE_KEYS["path"], _ANY_TEXT),
        "text": _meant(EXAMPLE_KEYS["text"], _ANY_TEXT),
        "lines": _meant(EXAMPLE_KEYS["lines"], listed(ROW)),
        "fixed": _meant(EXAMPLE_KEYS["fixed"], {"type": ["string", "null"]}),
        "files": _meant(EXAMPLE_KEYS["files"], {"type": "object", "additionalProperties": _ANY_TEXT}),
        "before": _meant(EXAMPLE_KEYS["before"], {"type": ["string", "null"]}),
    }
)
_RULE = closed(
    {
        "code": _meant(KEYS["id"], RULE_ID),
        "name": _meant(KEYS["name"], TEXT),
        "family": {"enum": [*FAMILIES.values(), "your own rules"], "description": "What the rules like it are about."},
        "severity": _meant(KEYS["severity"], _WORD_OF_SEVERITY),
        "severity_elsewhere": _WORD_OF_SEVERITY | {"description": "How bad it is outside of steps."},
        "confidence": _meant(KEYS["confidence"], {"enum": [confidence.value for confidence in Confidence]}),
        "profile": _meant(KEYS["profile"], {"enum": [profile.word for profile in Profile]}),
        "preview": _meant(KEYS["preview"], {"type": "boolean"}),
        "fixable": _meant(KEYS["fixable"], {"type": "boolean"}),
        "since": _meant(KEYS["since"], _ANY_TEXT),
        "roles": _meant(KEYS["roles"], listed({"enum": [role.value for role in Role]})),
        "summary": _meant(KEYS["summary"], _ANY_TEXT),
        "why": _meant(KEYS["why"], _ANY_TEXT),
        "help": _meant(KEYS["help"], _ANY_TEXT),
        "fix": _meant(KEYS["fix"], _ANY_TEXT),
        "limits": _meant(KEYS["limits"], _ANY_TEXT),
        "examples": _meant(KEYS["examples"], closed({"valid": listed(_EXAMPLE), "invalid": listed(_EXAMPLE)})),
        "url": {
            "oneOf": [{"type": "null"}, {"type": "string", "pattern": "^https://"}],
            "description": "The page of the rule; null for a rule of the project's own.",
        },
    }
)
RULES: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "peerlint rule --output-format json",
    "description": "One rule where CODE names one, else a list of rules.",
    "oneOf": [{"$ref": "#/$defs/rule"}, listed({"$ref": "#/$defs/rule"})],
    "$defs": {"rule": _RULE},
}

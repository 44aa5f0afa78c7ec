"""The certificate of a file: what was proved about which texts, with hashes that tell when it is out of date.

It is a claim, not evidence: whoever does not trust it runs the proof again. Nothing here runs anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peerlint.process.logic import render_logic
from peerlint.process.model import Step

SCHEMA = "peerlint-proof/1"


def sha256(text: str) -> str:
    """Hash of a text as it stands in a file."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def blob_id(text: str) -> str:
    """The name that git gives to a file with this text."""
    data = text.encode("utf-8", "surrogateescape")
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def logic_hash(step: Step) -> str:
    """Hash of the canonical logic of a step: prose around it may be reflowed without making a proof stale."""
    return sha256(render_logic(step.statements))


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What a certificate says about one step. `observations` are scenario and what both sides showed."""

    number: str
    verdict: str
    logic: str
    repairs: tuple[str, ...]
    assumes: tuple[str, ...]
    arms: Mapping[str, tuple[int, int]]
    observations: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """The form in the file."""
        return {
            "verdict": self.verdict,
            "logic": self.logic,
            "repairs": list(self.repairs),
            "assumes": list(self.assumes),
            "arms": {side: list(pair) for side, pair in self.arms.items()},
            "observations": list(self.observations),
        }


@dataclass(frozen=True, slots=True)
class Certificate:
    """The record of one file. `originals` maps the file and its scripts, as they were, to git blob ids."""

    file: str
    originals: Mapping[str, str]
    steps: tuple[StepRecord, ...]
    environment: Mapping[str, str]
    version: str

    def render(self) -> str:
        """The text of the file: sorted keys, no times, one newline at the end. The environment is not in the digest."""
        body = {
            "schema": SCHEMA,
            "file": self.file,
            "originals": dict(self.originals),
            "model": {"peerlint": self.version},
            "steps": {record.number: record.to_json() for record in self.steps},
        }
        digest = sha256(json.dumps(body, sort_keys=True, ensure_ascii=False))
        whole = {**body, "digest": digest, "environment": dict(self.environment)}
        return json.dumps(whole, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def problems(text: str, steps: Mapping[str, Step]) -> list[str]:
    """Why a certificate does not fit the steps of its file, one line each; makes hashes only."""
    try:
        form = json.loads(text)
        digest = form.pop("digest")
        form.pop("environment", None)
        recorded: dict[str, Any] = form["steps"]
        wrong = (
            [] if sha256(json.dumps(form, sort_keys=True, ensure_ascii=False)) == digest else ["its digest is wrong"]
        )
        if form["schema"] != SCHEMA:
            return [f"it has the form {form['schema']}, not {SCHEMA}"]
        for number, record in recorded.items():
            if number not in steps:
                wrong.append(f"step {number} is not in the file")
            elif logic_hash(steps[number]) != record["logic"]:
                wrong.append(f"step {number} has changed since it was proved")
            elif record["verdict"] not in ("proved", "proved-with-exceptions"):
                wrong.append(f"step {number} is {record['verdict']}")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["it is no certificate"]
    return wrong


def original_blobs(text: str) -> dict[str, str]:
    """Git blob ids of the originals by path; empty where the text is no certificate."""
    try:
        found = json.loads(text)["originals"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {str(path): str(blob) for path, blob in found.items()} if isinstance(found, dict) else {}

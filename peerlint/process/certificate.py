"""The certificate of a file: what was proved about which texts, with hashes that tell when it is out of date.

It is a claim, not evidence: whoever does not trust it runs the proof again. Nothing here runs anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from peerlint.process.logic import render_logic
from peerlint.process.model import Step
from peerlint.records import dataclass, field

SCHEMA = "peerlint-proof/2"
#: The observations of a file are never larger than this when they are unpacked.
_MOST_OBSERVED = 64 << 20
HELD = frozenset({"proved", "proved-with-exceptions"})


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


class BadRecord(ValueError):
    """A text that is no certificate, or one that does not fit itself; says so in a few words."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What a certificate says about one step.

    `originals` maps the file and the scripts as they were before this step was migrated to git blob ids. `logic` is
    the hash of the logic that was proved. `observations` is the JSON text of what was given and shown, packed in the
    file; its hash counts, not how it is packed. `phrases` are those of the phrasebook that gave conditions of the logic
    their meaning.
    """

    number: str
    verdict: str
    logic: str
    originals: Mapping[str, str]
    repairs: tuple[str, ...]
    assumes: tuple[str, ...]
    arms: Mapping[str, tuple[int, int]]
    observations: str
    phrases: Mapping[str, str] = field(default_factory=dict)

    def claim(self) -> dict[str, Any]:
        """The part of the form that the digest covers."""
        phrases = {"phrases": dict(self.phrases)} if self.phrases else {}
        return {
            **phrases,
            "verdict": self.verdict,
            "logic": self.logic,
            "originals": dict(self.originals),
            "repairs": list(self.repairs),
            "assumes": list(self.assumes),
            "arms": {side: list(pair) for side, pair in self.arms.items()},
            "observed": sha256(self.observations),
        }

    def to_json(self) -> dict[str, Any]:
        """The form in the file."""
        packed = base64.b64encode(zlib.compress(self.observations.encode("ascii"), 9))
        return {**self.claim(), "observations": packed.decode("ascii")}

    @classmethod
    def from_json(cls, number: str, form: Mapping[str, Any], room: int = _MOST_OBSERVED) -> StepRecord:
        """From the form in the file, with `room` for its observations.

        Raises BadRecord, ValueError, KeyError or TypeError where it is another.
        """
        try:
            unpack = zlib.decompressobj()
            data = unpack.decompress(base64.b64decode(form["observations"], validate=True), max(room, 1))
        except (binascii.Error, zlib.error) as error:
            raise BadRecord("its observations cannot be unpacked") from error
        if not unpack.eof:
            raise BadRecord("its observations are cut off")
        record = cls(
            number,
            str(form["verdict"]),
            str(form["logic"]),
            {str(path): str(blob) for path, blob in form["originals"].items()},
            tuple(map(str, form["repairs"])),
            tuple(map(str, form["assumes"])),
            {str(side): (int(taken), int(total)) for side, (taken, total) in form["arms"].items()},
            data.decode("ascii"),
            {str(phrase): str(means) for phrase, means in form.get("phrases", {}).items()},
        )
        if record.claim()["observed"] != form["observed"]:
            raise BadRecord("its observations are not those that were hashed")
        return record


@dataclass(frozen=True, slots=True)
class Certificate:
    """The record of one file. `process` says how the whole process was found, and in how many scenarios."""

    file: str
    steps: tuple[StepRecord, ...]
    process: Mapping[str, Any]
    environment: Mapping[str, str]
    version: str

    @property
    def digest(self) -> str:
        """Hash over all but the environment."""
        body = {
            "schema": SCHEMA,
            "file": self.file,
            "model": {"peerlint": self.version},
            "process": dict(self.process),
            "steps": {record.number: record.claim() for record in self.steps},
        }
        return sha256(json.dumps(body, sort_keys=True, ensure_ascii=False))

    def render(self) -> str:
        """The text of the file: sorted keys, no times, one newline at the end."""
        whole = {
            "schema": SCHEMA,
            "file": self.file,
            "model": {"peerlint": self.version},
            "process": dict(self.process),
            "steps": {record.number: record.to_json() for record in self.steps},
            "digest": self.digest,
            "environment": dict(self.environment),
        }
        return json.dumps(whole, sort_keys=True, ensure_ascii=True, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> Certificate:
        """From the text of a file. Raises BadRecord where it is none, or its digest is wrong."""
        try:
            form = json.loads(text)
            if form["schema"] != SCHEMA:
                raise BadRecord(f"it has the form {form['schema']}, not {SCHEMA}")
            steps: tuple[StepRecord, ...] = ()
            room = _MOST_OBSERVED
            for number, record in form["steps"].items():
                steps += (StepRecord.from_json(number, record, room),)
                room -= len(steps[-1].observations)
            model, process, environment = form["model"], form["process"], form["environment"]
            found = cls(str(form["file"]), steps, process, environment, str(model["peerlint"]))
            fits = found.digest == form["digest"]
        except BadRecord:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadRecord("it is no certificate") from None
        if not fits:
            raise BadRecord("its digest is wrong")
        return found


class Misfit(Enum):
    """Why a certificate does not speak of a file as it is now."""

    NO_CERTIFICATE = "no certificate"
    STEP_GONE = "step gone"
    STEP_CHANGED = "step changed"
    ORIGINAL_CHANGED = "original changed"
    NOT_HELD = "not held"
    OTHER_VERSION = "other version"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not fit, in words; `number` is the step that it is about."""

    kind: Misfit
    message: str
    number: str | None = None


def unknown_blob(path: str) -> str | None:
    """Nothing is known of scripts as they are now."""
    return None


def problems(
    text: str, steps: Mapping[str, Step], blob_now: Callable[[str], str | None] = unknown_blob, version: str = ""
) -> list[Problem]:
    """Why a certificate does not fit the steps of its file; makes hashes only.

    A changed meaning of a phrase changes the logic of its step. `blob_now` gives the git blob id of a script as it is
    now, None where it is gone, as it may be once its logic stands in the file. That peerlint has another `version` than
    the one that proved is told where nothing else is wrong.
    """
    try:
        certificate = Certificate.parse(text)
    except BadRecord as error:
        return [Problem(Misfit.NO_CERTIFICATE, str(error))]
    wrong: list[Problem] = []
    for record in certificate.steps:
        number = record.number
        if number not in steps:
            wrong.append(Problem(Misfit.STEP_GONE, f"step {number} was proved and is not in the file any more"))
        elif logic_hash(steps[number]) != record.logic:
            wrong.append(Problem(Misfit.STEP_CHANGED, f"step {number} has changed since it was proved", number))
        elif record.verdict not in HELD:
            wrong.append(Problem(Misfit.NOT_HELD, f"step {number} is {record.verdict}", number))
        else:
            for path in _changed(record, certificate.file, blob_now):
                message = f"{path} has changed since step {number} was proved against it"
                wrong.append(Problem(Misfit.ORIGINAL_CHANGED, message, number))
    if not wrong and version and certificate.version != version:
        message = f"this file was proved by peerlint {certificate.version}, this is {version}"
        wrong.append(Problem(Misfit.OTHER_VERSION, message))
    return wrong


def _changed(record: StepRecord, file: str, blob_now: Callable[[str], str | None]) -> list[str]:
    """The scripts that are not what they were; the file itself is another one on purpose."""
    return [path for path, blob in record.originals.items() if path != file and blob_now(path) not in (None, blob)]


def still_true(text: str, steps: Mapping[str, Step], without: Sequence[str]) -> tuple[StepRecord, ...]:
    """Records of a certificate that fit the steps of its file as it is now, but for the steps in `without`."""
    try:
        records = Certificate.parse(text).steps
    except BadRecord:
        return ()
    return tuple(
        record
        for record in records
        if record.number not in without
        and record.number in steps
        and record.verdict in HELD
        and logic_hash(steps[record.number]) == record.logic
    )

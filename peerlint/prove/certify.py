"""From proofs to the certificate of a file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import peerlint
from peerlint.process.build import Reading
from peerlint.process.certificate import HELD, Certificate, StepRecord, blob_id, logic_hash, still_true
from peerlint.prove.lab import Lab
from peerlint.prove.original import Original
from peerlint.prove.proof import StepProof


def certify(
    original: Reading,
    rewrite: Reading,
    proofs: Sequence[StepProof],
    lab: Lab,
    *,
    file: str = "",
    process: Mapping[str, Any] | None = None,
    before: str = "",
) -> str:
    """The text of the certificate over the steps that are proved.

    `file` is the path of the file relative to its project, with `/`: what messages call it depends on where somebody
    stands, and the certificate must not. Without it the path of the text is taken. `process` says how the whole
    process was found. `before` is the text of the certificate that the file has now: what it says of other steps, and
    is still true, is kept.
    """
    name = file or rewrite.document.source.path
    originals = {name: blob_id(original.document.source.text)}
    originals |= {script.path: blob_id(script.text) for script in original.scripts.values()}
    legacy = Original.read(original)
    steps = {step.number: step for step in rewrite.process.steps}
    records = [
        StepRecord(
            step.number,
            step.verdict.value,
            logic_hash(steps[step.number]),
            originals,
            step.repairs,
            step.assumes,
            {"original": step.original_arms, "rewrite": step.rewrite_arms},
            json.dumps(observed(step, legacy.sources_of(step.number).values()), sort_keys=True, separators=(",", ":")),
            _phrases(rewrite, step.number),
        )
        for step in proofs
        if step.verdict.value in HELD
    ]
    kept = still_true(before, steps, [record.number for record in records])
    order = list(steps)
    every = sorted((*records, *kept), key=lambda record: order.index(record.number))
    return Certificate(name, tuple(every), process or {}, _environment(lab), peerlint.__version__).render()


def _phrases(rewrite: Reading, number: str) -> dict[str, str]:
    """The phrases that gave conditions of a step their meaning."""
    step = rewrite.step(number)
    used = () if step is None else (phrase for binding in step.bindings for phrase in binding.phrases)
    return {phrase.phrase: phrase.means for phrase in used}


def observed(proof: StepProof, texts: Iterable[str] = ()) -> dict[str, Any]:
    """What has to be known to run the rewrite of a step again and compare it with what the original showed.

    The texts of the original stand in it only where a repair, which looks at them, has explained something.
    """
    repaired = any(row.repairs for row in proof.scenarios)
    return {
        **({"texts": list(texts)} if repaired else {}),
        "providers": list(proof.providers),
        "stubs": sorted(proof.stubs),
        "reasons": proof.reasons,
        "rows": [
            {
                "scenario": row.scenario.to_json(),
                "repairs": list(row.repairs),
                "original": row.original.recorded(),
                **({"mended": row.mended.recorded()} if row.mended else {}),
            }
            for row in proof.scenarios
        ],
    }


def _environment(lab: Lab) -> dict[str, str]:
    """Versions of what was used; not part of the digest."""
    shell = subprocess.run(["bash", "--version"], capture_output=True, text=True, check=False).stdout
    found = {"bash": shell.partition("\n")[0], "execution": lab.mode.value, "nats": "bundled"}
    if lab.jq is None:
        return {**found, "jq": "bundled"}
    version = subprocess.run([lab.jq, "--version"], capture_output=True, text=True, check=False).stdout
    return {**found, "jq": version.strip()}

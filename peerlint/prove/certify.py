"""From proofs to the certificate of a file."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import peerlint
from peerlint.process.build import Reading
from peerlint.process.certificate import Certificate, StepRecord, blob_id, logic_hash
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict

_HELD = frozenset({Verdict.PROVED, Verdict.WITH_EXCEPTIONS})


def certify(original: Reading, rewrite: Reading, proofs: Sequence[StepProof], lab: Lab) -> str:
    """The text of the certificate over the steps that are proved."""
    source = original.document.source
    originals = {source.path: blob_id(source.text)}
    originals |= {script.path: blob_id(script.text) for script in original.scripts.values()}
    steps = {step.number: step for step in rewrite.process.steps}
    records = tuple(
        StepRecord(
            proof.number,
            proof.verdict.value,
            logic_hash(steps[proof.number]),
            proof.repairs,
            proof.assumes,
            {"original": proof.original_arms, "rewrite": proof.rewrite_arms},
            tuple(
                {
                    "scenario": row.scenario.to_json(),
                    "repair": row.repair,
                    "original": row.original.observed(),
                    **({} if row.equal else {"rewrite": row.rewrite.observed()}),
                }
                for row in proof.scenarios
            ),
        )
        for proof in proofs
        if proof.verdict in _HELD
    )
    name = rewrite.document.source.path
    return Certificate(name, originals, records, _environment(lab), peerlint.__version__).render()


def _environment(lab: Lab) -> dict[str, str]:
    """Versions of what was used; not part of the digest."""
    shell = subprocess.run(["bash", "--version"], capture_output=True, text=True, check=False).stdout
    found = {"bash": shell.partition("\n")[0], "execution": lab.mode.value, "nats": "bundled"}
    if lab.jq is None:
        return {**found, "jq": "bundled"}
    version = subprocess.run([lab.jq, "--version"], capture_output=True, text=True, check=False).stdout
    return {**found, "jq": version.strip()}

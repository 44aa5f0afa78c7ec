"""How fast proofs are: scenarios a second for each step of a legacy project, in the sandbox where there is one.

Steps are proved beside each other, so that only the rate of all says how fast the machine is.

python -m benchmarks.proving [FILE] [--workers N]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from peerlint.cli.common import Workspace
from peerlint.migrate.fix import plan
from peerlint.prove.lab import WORKERS, Lab
from peerlint.prove.proof import StepProof, prove_process
from peerlint.run.sandbox import ExecutionMode, sandbox_problem

DEFAULT = Path("fixtures/projects/peer-legacy/.agent-os/instructions/core/peer.md")


def measure(file: Path, workers: int) -> None:
    """Proves all steps of a file that can be migrated, in memory, and prints one line a step."""
    workspace = Workspace()
    original = workspace.read(file)
    planned = plan(original)
    rewrite = workspace.reading(original.document.source.edited(planned.migration.edits_of(planned.provable)), file)
    steps = [step.number for step in original.process.steps if step.number in planned.provable]
    mode = ExecutionMode.SANDBOX if sandbox_problem() is None else ExecutionMode.HOST
    begun = time.monotonic()
    with Lab(mode, workers=workers) as lab:
        proofs = prove_process(original, rewrite, lab, steps=steps, done=_show)
    seconds = time.monotonic() - begun
    runs = sum(proof.runs for proof in proofs)
    print(f"{len(proofs)} steps, {runs} scenarios, {seconds:.1f} s, {runs / seconds:.1f} scenarios a second", end="")
    print(f" ({mode.value}, {workers} workers)")


def _show(proof: StepProof) -> None:
    rate = proof.runs / proof.seconds if proof.seconds else 0.0
    print(
        f"step {proof.number:<4} {proof.verdict.value:<8} {proof.runs:>5} scenarios  {rate:>6.1f} a second", flush=True
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--workers", type=int, default=WORKERS)
    chosen = parser.parse_args()
    measure(chosen.file, chosen.workers)

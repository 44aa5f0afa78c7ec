"""Proofs as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.prove.bench import Observation
from peerlint.prove.proof import StepProof
from peerlint.prove.trace import Trace

_WIDTH = 45


def table(proofs: Sequence[StepProof]) -> list[str]:
    """One aligned line a step."""
    labels = [f"step {proof.number}" + (f" {proof.name}" if proof.name else "") for proof in proofs]
    width = max((len(label) for label in labels), default=0)
    kinds = max((len(proof.verdict.value) for proof in proofs), default=0)
    return [
        f"{label:<{width}}  {proof.verdict.value:<{kinds}}  {_result(proof)}".rstrip()
        for label, proof in zip(labels, proofs, strict=True)
    ]


def _result(proof: StepProof) -> str:
    if not proof.scenarios:
        return proof.reason
    taken = proof.original_arms[0] + proof.rewrite_arms[0]
    total = proof.original_arms[1] + proof.rewrite_arms[1]
    counted = f"{len(proof.scenarios):>4} scenarios  {taken}/{total} branches  {proof.seconds:>6.2f} s"
    if proof.reason:
        return f"{counted}  {proof.reason}"
    repairs = f"  repair: {', '.join(proof.repairs)}" if proof.repairs else ""
    return counted + repairs


def side_by_side(observation: Observation) -> list[str]:
    """What is given, and both traces beside each other."""
    left, right = _lines(observation.original), _lines(observation.rewrite)
    rows = max(len(left), len(right))
    left += [""] * (rows - len(left))
    right += [""] * (rows - len(right))
    scenario = observation.scenario
    given = [f"given   {scenario.name}"]
    if scenario.arguments:
        given.append("        arguments: " + " ".join(scenario.arguments))
    given += [f"        {difference}" for difference in observation.differences]
    return [
        *given,
        f"{'original':<{_WIDTH}}rewrite",
        *(f"{_cut(one):<{_WIDTH}}{_cut(other)}".rstrip() for one, other in zip(left, right, strict=True)),
    ]


def _lines(trace: Trace) -> list[str]:
    outcome = trace.outcome if trace.reason is None else f'{trace.outcome} because "{trace.reason}"'
    crash = [f"bash: {trace.crash}"] if trace.crash else []
    return [
        *(action.shown() for action in trace.actions),
        *(f'message "{message}"' for message in trace.messages),
        *crash,
        outcome,
    ]


def _cut(text: str) -> str:
    return text if len(text) < _WIDTH else text[: _WIDTH - 5] + "..."

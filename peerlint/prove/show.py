"""Proofs as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.process.model import Step
from peerlint.prove.bench import Observation
from peerlint.prove.proof import StepProof, Verdict
from peerlint.prove.trace import Trace
from peerlint.prove.whole import WholeProof

_WIDTH = 45


def table(proofs: Sequence[StepProof]) -> list[str]:
    """One aligned line a step."""
    wide = max((len(_label(proof)) for proof in proofs), default=0)
    return [line(proof, wide) for proof in proofs]


def width(steps: Sequence[Step]) -> int:
    """Columns that the names of steps take."""
    return max((len(_label(step)) for step in steps), default=0)


def line(proof: StepProof, wide: int) -> str:
    """The verdict of a step, its name `wide` columns wide."""
    return f"{_label(proof):<{wide}}  {proof.verdict.value:<8}  {_result(proof)}".rstrip()


def process_line(whole: WholeProof, wide: int) -> list[str]:
    """The verdict of the whole process; below it what refutes it, side by side."""
    counted = f"{len(whole.scenarios):>4} scenarios  {whole.reached}/{whole.reached + len(whole.missed)} ends of steps"
    told = "  ".join(part for part in (counted, whole.reason, _repaired(whole.repairs)) if part)
    against = next((row for row in whole.scenarios if not row.equal and not row.repairs), None)
    shown = [f"  {shown}" for shown in side_by_side(against)] if against and whole.verdict is Verdict.REFUTED else []
    return [f"{'process':<{wide}}  {whole.verdict.value:<8}  {told}".rstrip(), *shown]


def _repaired(repairs: Sequence[str]) -> str:
    return f"repair: {', '.join(repairs)}" if repairs else ""


def details(proof: StepProof, *, every_row: bool) -> list[str]:
    """Below the line of a step: with `every_row` each scenario with its verdict; what refutes it, side by side."""
    rows = [f"    {_row_verdict(row):<9}  {row.scenario.name}" for row in proof.scenarios] if every_row else []
    against = proof.counterexample if proof.verdict is Verdict.REFUTED else None
    if against is not None:
        rows += ["", *(f"  {shown}" for shown in side_by_side(against)), ""]
    return rows


def _row_verdict(row: Observation) -> str:
    if row.equal:
        return "equal"
    if row.repairs:
        return ", ".join(row.repairs)
    return "outside" if row.scenario.outside else "differs"


def _label(step: StepProof | Step) -> str:
    return f"step {step.number}" + (f" {step.name}" if step.name else "")


def _result(proof: StepProof) -> str:
    if not proof.scenarios:
        return proof.reason
    taken = proof.original_arms[0] + proof.rewrite_arms[0]
    total = proof.original_arms[1] + proof.rewrite_arms[1]
    counted = f"{len(proof.scenarios):>4} scenarios  {taken}/{total} branches  {proof.seconds:>6.2f} s"
    lost = "  lost-variable: the original is broken under its harness" if proof.under_harness else ""
    if proof.reason:
        return f"{counted}  {proof.reason}{lost}"
    repairs = f"  repair: {', '.join(proof.repairs)}" if proof.repairs else ""
    return counted + repairs + lost


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

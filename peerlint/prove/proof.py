"""Proving that the rewrite of a step behaves as its original: scenario after scenario, both sides, compared."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from peerlint.process.beside import runs_shell
from peerlint.process.build import Reading
from peerlint.process.model import (
    Process,
    Step,
)
from peerlint.prove.bench import Bench, CutOff, Observation, Pair
from peerlint.prove.compare import Difference, differences
from peerlint.prove.domain import OTHER_TEXT, ROUNDS, Domain
from peerlint.prove.host import NotOnHost
from peerlint.prove.infeasible import never_taken
from peerlint.prove.lab import Lab, LabFailure
from peerlint.prove.original import Original
from peerlint.prove.provable import problem_of, providers_of
from peerlint.prove.repairs import REPAIRS
from peerlint.prove.rewrite import shown_arms
from peerlint.prove.scenario import Scenario
from peerlint.prove.scenarios import combinations, fault_scenarios
from peerlint.prove.search import Search, feasible_arms, taken_arms
from peerlint.prove.trace import NOT_REACHED, TIMES_OUT
from peerlint.records import dataclass, replace
from peerlint.source.text import SourceText, Span

#: How often the usual scenario is tried at most where two runs of it differ.
_ATTEMPTS = 3
#: Scenarios that are also run with each call in a shell of its own: evidence, not proof, so a few are enough.
_HARNESS_RUNS = 4


class Verdict(Enum):
    """What a proof says."""

    PROVED = "proved"
    WITH_EXCEPTIONS = "proved-with-exceptions"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StepProof:
    """What was found about one step. `arms` are (taken, total) of the original and of the rewrite.

    `runs` counts all scenarios that were run, those too that only led to others.
    `providers` are the steps that run before it, `stubs` the commands that are answered, not run; `reasons` says that
    the reason of a stop is compared. `under_harness` says where the original, each call in a shell of its own, does
    something else than was intended: it never refutes.
    """

    number: str
    name: str | None
    verdict: Verdict
    reason: str = ""
    repairs: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()
    scenarios: tuple[Observation, ...] = ()
    original_arms: tuple[int, int] = (0, 0)
    rewrite_arms: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    runs: int = 0
    providers: tuple[str, ...] = ()
    stubs: frozenset[str] = frozenset()
    reasons: bool = False
    under_harness: tuple[str, ...] = ()

    @property
    def counterexample(self) -> Observation | None:
        """The smallest scenario that refutes."""
        found = [o for o in self.scenarios if not o.equal and not o.repairs and not o.scenario.outside]
        return min(found, key=lambda o: (len(o.scenario.given), len(o.scenario.faults)), default=None)

    def to_json(self) -> dict[str, Any]:
        """The form of `prove --output-format json`."""
        return {
            "number": self.number,
            "name": self.name,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "repairs": list(self.repairs),
            "assumes": list(self.assumes),
            "under_harness": list(self.under_harness),
            "scenarios": [
                {
                    "name": observation.scenario.name,
                    "given": list(observation.scenario.given),
                    "equal": observation.equal,
                    "original": observation.original.to_json(),
                    "rewrite": observation.rewrite.to_json(),
                }
                for observation in self.scenarios
            ],
            "arms": {"original": list(self.original_arms), "rewrite": list(self.rewrite_arms)},
        }


def prove_process(
    original: Reading,
    rewrite: Reading,
    lab: Lab,
    *,
    steps: Sequence[str] | None = None,
    accepted: frozenset[str] = frozenset(),
    seconds: float | None = None,
    at_first: bool = False,
    done: Callable[[StepProof], None] = lambda proof: None,
) -> list[StepProof]:
    """The proofs of the steps (all whose original runs shell, by default), each by itself, in the order of the file.

    `accepted` names repairs that are accepted beside those that always are; `done` is told each proof at once. No proof
    begins a scenario when its `seconds` are over, or, with `at_first`, when one has refuted the step.
    """
    scripts = {name: source.text for name, source in original.scripts.items()}
    legacy = Original(original.process.steps, scripts, partial(_place_in, original.document.source))
    where = partial(_place_in, rewrite.document.source)
    numbers = steps or [step.number for step in original.process.steps if runs_shell(step)]
    lab.and_others()

    def prove(at: int, number: str) -> StepProof:
        return prove_step(
            legacy,
            rewrite.process,
            number,
            lab,
            accepted=accepted,
            where=where,
            seconds=seconds,
            at_first=at_first,
            first=at,
        )

    # Side by side, so that no lab waits while a step asks for one scenario; not where a step has only so much time.
    beside = lab.workers if seconds is None else 1
    proofs = []
    with ThreadPoolExecutor(beside, thread_name_prefix="step") as pool:
        try:
            for proof in pool.map(prove, range(len(numbers)), numbers):
                done(proof)
                proofs.append(proof)
        except BaseException:
            with lab.turns.stopped():
                pool.shutdown(cancel_futures=True)
            raise
    return proofs


def _place_in(source: SourceText, span: Span) -> str:
    return f"{source.path}:{source.lines.position(span.start).row}: "


def prove_step(
    original: Original,
    process: Process,
    number: str,
    lab: Lab,
    *,
    accepted: frozenset[str] = frozenset(),
    where: Callable[[Span], str] = lambda span: "",
    seconds: float | None = None,
    at_first: bool = False,
    first: int = 0,
) -> StepProof:
    """Proves one step of `process`, as read from the rewritten text, against its original.

    `where` names the file and the line of a place in that text; `first` counts the lab that it takes where it needs
    only one.
    """
    started = time.monotonic()
    step = next((step for step in process.steps if step.number == number), None)
    name = step.name if step else None
    if step is None or number not in original.steps:
        return StepProof(number, name, Verdict.UNKNOWN, "the step is only on one side")
    providers = providers_of(original, process, number)
    problem = problem_of(original, process, [*providers, number], where)
    if problem is None and not original.steps[number].calls:
        problem = "the original of the step runs no shell"
    if problem is not None:
        return StepProof(number, name, Verdict.UNKNOWN, problem)
    with tempfile.TemporaryDirectory(prefix="scene-", dir=lab.folder) as folder:
        pairs = [
            Pair.on(one, at, original, process, number, providers, Path(folder, str(at)))
            for at, one in enumerate(lab.and_others())
        ]
        pairs = pairs[first % len(pairs) :] + pairs[: first % len(pairs)]
        until = None if seconds is None else started + seconds
        bench = Bench(pairs, lab.turns, bool(original.steps[number].exits), until, at_first)
        try:
            proof = _judge(bench, original, process, step, providers, accepted, where)
            proof = replace(
                proof, providers=tuple(providers), stubs=bench.original.stubs, reasons=bench.reasons, runs=bench.runs
            )
        except NotOnHost as failure:
            proof = StepProof(number, name, Verdict.UNKNOWN, str(failure))
        except LabFailure as failure:
            proof = StepProof(number, name, Verdict.UNKNOWN, f"the lab broke down: {failure}")
        except CutOff:
            proof = _cut_off(bench, StepProof(number, name, Verdict.UNKNOWN), accepted, seconds)
        finally:
            bench.close()
    return replace(proof, seconds=time.monotonic() - started)


def _cut_off(bench: Bench, proof: StepProof, accepted: frozenset[str], seconds: float | None) -> StepProof:
    """The proof when nothing more is run: what was seen may refute, and never proves."""
    proof = replace(proof, scenarios=tuple(bench.observations), runs=bench.runs)
    verdict, reason = _settle(proof, accepted, ())
    if verdict is Verdict.REFUTED:
        return replace(proof, verdict=verdict, reason=reason)
    return replace(proof, reason=f"not decided within {seconds or 0:g} s, in which {bench.runs} scenarios were run")


# --- scenarios -------------------------------------------------------------------------------------------------------


def _judge(
    bench: Bench,
    original: Original,
    process: Process,
    step: Step,
    providers: list[str],
    accepted: frozenset[str],
    where: Callable[[Span], str],
) -> StepProof:
    domain = Domain(bench, original, process, step, providers)
    base = domain.usual()
    if base is None:
        return StepProof(step.number, step.name, Verdict.UNKNOWN, "no arguments were found that lead to this step")
    odd = _not_deterministic(bench, base)
    if odd is not None:
        return StepProof(step.number, step.name, Verdict.UNKNOWN, f"not deterministic: {odd}")
    infeasible = never_taken(step, domain.before)
    dimensions = domain.dimensions(base)
    rows = bench.observe_all(combinations(base, dimensions))
    search = Search(bench, base, infeasible)
    rows = search.run(dimensions, rows)
    for _ in range(ROUNDS):
        more = domain.further(base, rows, dimensions)
        if not more:
            break
        # What only some inputs lead to may fail, too.
        dimensions += more
        rows = search.run(dimensions, [*rows, *bench.observe_all(combinations(base, dimensions))])
    rows = search.around(dimensions, rows)
    plain = [row for row in rows if not row.scenario.outside and row.original.outcome != NOT_REACHED]
    other = domain.other_value()
    struck = fault_scenarios([(row.scenario, row.original) for row in plain], other, reads_json=other != OTHER_TEXT)
    observations = [*rows, *bench.observe_all(struck)]
    proof = _verdict(bench, step, observations, accepted, infeasible, where)
    return replace(proof, under_harness=_under_harness(bench, plain))


def _not_deterministic(bench: Bench, base: Scenario) -> str | None:
    """How the usual scenario differs from itself, the second time from the very beginning.

    A machine under load is as likely a reason, so both are run again: as often as they differ, they have to agree, and
    once more.
    """
    against: list[Difference] = []
    agreed = 0
    for attempt in range(_ATTEMPTS):
        if attempt:
            bench.forget(base)
        found = differences(bench.observe(base).original, bench.run_alone(base))
        against += found[:1]
        agreed += not found
        if agreed > len(against):
            return None
    return f"two runs of the original differ: {against[0].aspect}, {against[0].original} and then {against[0].rewrite}"


def _under_harness(bench: Bench, rows: Sequence[Observation]) -> tuple[str, ...]:
    """Where the original differs from what was intended when each call has a shell of its own, one line a scenario."""
    if not bench.original.hangs_on_one_shell:
        return ()
    found = []
    for row in rows[:_HARNESS_RUNS]:
        trace = bench.run_under_harness(row.scenario)
        for difference in differences(row.original, trace)[:1]:
            shown = f"intended {difference.original}, under its harness {difference.rewrite}"
            found.append(f"{row.scenario.name}: {difference.aspect}: {shown}")
    return tuple(found)


# --- the verdict -----------------------------------------------------------------------------------------------------


def _verdict(
    bench: Bench,
    step: Step,
    observations: list[Observation],
    accepted: frozenset[str],
    infeasible: dict[str, frozenset[str]],
    where: Callable[[Span], str],
) -> StepProof:
    unique = list(dict.fromkeys(observations))
    original_taken, rewrite_taken = taken_arms(bench, unique)
    original_all, rewrite_all = feasible_arms(bench, infeasible, original_taken, rewrite_taken)
    proof = StepProof(
        step.number,
        step.name,
        Verdict.PROVED,
        repairs=tuple(sorted({name for row in unique if not row.scenario.outside for name in row.repairs})),
        assumes=(
            "nonzero-stops",
            *sorted({name for row in unique for name in row.scenario.outside}),
            *(f"{path} is there; it is answered and not run" for path in bench.original.unpublished),
        ),
        scenarios=tuple(unique),
        original_arms=(len(original_taken), len(original_all)),
        rewrite_arms=(len(rewrite_taken), len(rewrite_all)),
    )
    shown = shown_arms(step, where)
    missed = [*_not_taken(bench, original_all - original_taken)]
    if left := [shown[label] for label in bench.rewrite.arms if label in rewrite_all - rewrite_taken]:
        missed.append(_no_scenario("rewrite", left))
    verdict, reason = _settle(proof, accepted, missed)
    return replace(proof, verdict=verdict, reason=reason)


def _not_taken(bench: Bench, labels: Iterable[str]) -> Iterator[str]:
    """Why arms of the original were not taken, where any were not."""
    missed = sorted(labels)
    functions = list(dict.fromkeys(bench.original.uncalled.get(label) for label in missed))
    if None in functions:
        yield _no_scenario("original", [bench.original.explained(label) for label in missed])
    elif functions:
        more = f" and {len(functions) - 1} more functions are" if len(functions) > 1 else " is"
        yield f"{functions[0]}{more} never called: what stands inside is not compared"


def _settle(proof: StepProof, accepted: frozenset[str], missed: Sequence[str]) -> tuple[Verdict, str]:
    """The verdict and its reason; `missed` says which arms no scenario has taken."""
    unsupported = next((row.original.unsupported for row in proof.scenarios if row.original.unsupported), None)
    if unsupported is not None:
        return Verdict.UNKNOWN, f"peerlint cannot answer this call: {unsupported}"
    unstable = next((row for row in proof.scenarios if not row.stable), None)
    if unstable is not None:
        return Verdict.UNKNOWN, f"not deterministic: no two runs of {unstable.scenario.name} show the same"
    against = proof.counterexample
    if against is not None:
        return Verdict.REFUTED, f"{against.scenario.name}: {against.differences[0]}"
    if any(row.original.outcome == TIMES_OUT for row in proof.scenarios):
        return Verdict.UNKNOWN, "the original takes too long"
    if missed:
        return Verdict.UNKNOWN, missed[0]
    others = not_accepted(proof.repairs, accepted)
    if others:
        return Verdict.WITH_EXCEPTIONS, f"not accepted: {', '.join(others)}"
    return Verdict.PROVED, ""


def not_accepted(repairs: Iterable[str], accepted: frozenset[str]) -> list[str]:
    """Those of the repairs that are accepted neither by default nor by name."""
    always = {repair.name for repair in REPAIRS if repair.by_default}
    return sorted(set(repairs) - always - accepted)


def _no_scenario(side: str, arms: Sequence[str]) -> str:
    how_many = "an arm" if len(arms) == 1 else f"{len(arms)} arms"
    return f"no scenario takes {how_many} of the {side}: {'; '.join(arms[:2])}"

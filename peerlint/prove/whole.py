"""The whole process: all steps in order on both sides, at least once for each way in which a step was seen to end.

The original runs as it is intended: the calls of all steps share one shell, a call that ends with another code than 0
stops the process, unless the prose of its step names the code and another way on. Steps that the proofs do not speak
about, since they run no shell or still do, are left out on both sides. A scenario of a step is met where the step
begins; what came before has run as usual.
"""

from __future__ import annotations

import itertools
import queue
import shlex
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from peerlint.process.build import Reading
from peerlint.process.build.exit_codes import ANY_FAILURE
from peerlint.process.model import Proceed, Process, Shell, Step, Stop, walk
from peerlint.prove.bench import Observation
from peerlint.prove.compare import Difference, differences
from peerlint.prove.dimensions import buckets_of
from peerlint.prove.host import NotOnHost
from peerlint.prove.lab import Lab, LabFailure
from peerlint.prove.original import Original
from peerlint.prove.original_runner import OriginalRunner
from peerlint.prove.proof import StepProof, Verdict, not_accepted
from peerlint.prove.repairs import mends_that_explain, repair_of
from peerlint.prove.rewrite import ProcessRunner
from peerlint.prove.scenario import Scenario
from peerlint.prove.trace import GOES_ON, NOT_REACHED, STOPS, TIMES_OUT, Trace, renamed
from peerlint.records import dataclass, replace
from peerlint.run.sandbox import Limits

_LIMITS = Limits(seconds=60)
#: How many scenarios of a step are tried for one of its ends, before it counts as one that the process does not reach.
_TRIES = 3
#: Most runs of the whole process.
MAX_RUNS = 90
#: How often what differs is run at most.
_RUNS = 3
_MARK = "\x1estep "


@dataclass(frozen=True, slots=True)
class End:
    """A step, and how it ends."""

    step: str
    outcome: str

    def __str__(self) -> str:
        return f"step {self.step} {self.outcome}"


@dataclass(frozen=True, slots=True)
class Way:
    """A run of the whole process: what was observed, and how each step that was begun has ended."""

    trace: Trace
    ends: tuple[End, ...]


@dataclass(frozen=True, slots=True)
class WholeProof:
    """What was found about the whole process. `missed` are ends of steps that no run of the process has shown.

    `steps` are those that took part. `excused` says that an unknown process speaks against no step: part of it could
    not take part, since it still runs shell, was not asked for, or was migrated from another text. `only_missing`: all
    that is unknown is an end of a step that runs have begun.
    """

    verdict: Verdict
    reason: str = ""
    steps: tuple[str, ...] = ()
    scenarios: tuple[Observation, ...] = ()
    repairs: tuple[str, ...] = ()
    reached: int = 0
    missed: tuple[End, ...] = ()
    only_missing: bool = False
    excused: bool = False

    @property
    def holds(self) -> bool:
        """Whether nothing stands against calling the process proved, but for what cannot take part in it yet."""
        return self.verdict is Verdict.PROVED or (self.verdict is Verdict.UNKNOWN and self.excused)

    def to_json(self) -> dict[str, Any]:
        """The form in a certificate and in `prove --output-format json`."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "steps": list(self.steps),
            "scenarios": len(self.scenarios),
            "repairs": list(self.repairs),
            "ends": [self.reached, self.reached + len(self.missed)],
        }


def prove_whole(
    original: Reading,
    rewrite: Reading,
    proofs: Sequence[StepProof],
    lab: Lab,
    *,
    accepted: frozenset[str] = frozenset(),
) -> WholeProof:
    """Proves the process whose steps were proved one by one; `proofs` say what each of them may meet."""
    bad = next((proof for proof in proofs if proof.verdict in (Verdict.REFUTED, Verdict.UNKNOWN)), None)
    if bad is not None or not proofs:
        return WholeProof(Verdict.UNKNOWN, f"step {bad.number} is {bad.verdict.value}" if bad else "no step was proved")
    left = _left_out(original, rewrite, {proof.number for proof in proofs})
    if left:
        return WholeProof(Verdict.UNKNOWN, f"step {left[0]} is not among those that were proved")
    if len(proofs) == 1:
        return _of_one(proofs[0])
    order = [step.number for step in rewrite.process.steps]
    proofs = sorted(proofs, key=lambda proof: order.index(proof.number))
    legacy = Original.read(original)
    with tempfile.TemporaryDirectory(prefix="peerlint-whole-") as folder:
        pairs = [
            _Pair(one, legacy, rewrite.process, proofs, Path(folder, str(at)))
            for at, one in enumerate(lab.and_others())
        ]
        try:
            found = _Search(pairs, proofs, rewrite.process, accepted).prove()
            return _excused_by_kept(found, _running_shell(rewrite), order)
        except NotOnHost as failure:
            return WholeProof(Verdict.UNKNOWN, str(failure))
        except LabFailure as failure:
            return WholeProof(Verdict.UNKNOWN, f"the lab broke down: {failure}")


def _excused_by_kept(found: WholeProof, kept: Sequence[str], order: Sequence[str]) -> WholeProof:
    """An end that is missing may need what a step does that still runs shell, and so took no part, before it.

    Not so where the process never comes to the step: what keeps it from that is one that did take part.
    """
    if found.verdict is not Verdict.UNKNOWN or not found.only_missing:
        return found
    first = min((end.step for end in found.missed), key=order.index)
    before = [number for number in kept if order.index(number) < order.index(first)]
    if not before:
        return found
    reason = f"{found.reason}: step {before[-1]} still runs shell and took no part"
    return replace(found, reason=reason, excused=True)


def _left_out(original: Reading, rewrite: Reading, proved: set[str]) -> list[str]:
    """Steps that run shell in the original, no more in the rewrite, and were not proved."""
    still = set(_running_shell(rewrite))
    return [number for number in _running_shell(original) if number not in proved | still]


def _running_shell(reading: Reading) -> list[str]:
    return [step.number for step in reading.process.steps if any(isinstance(n, Shell) for n in walk(step.statements))]


def _of_one(proof: StepProof) -> WholeProof:
    """A process of one step is that step."""
    ends = {row.original.outcome for row in proof.scenarios if not row.scenario.outside}
    return WholeProof(
        proof.verdict, proof.reason, (proof.number,), proof.scenarios, proof.repairs, len(ends - {NOT_REACHED})
    )


# --- one run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A scenario, and the step at which it is met."""

    scenario: Scenario
    at: str


class _Pair:
    """Both sides of the process in one lab."""

    def __init__(
        self, lab: Lab, original: Original, process: Process, proofs: Sequence[StepProof], folder: Path
    ) -> None:
        numbers = [proof.number for proof in proofs]
        self._scenes = lab.side(folder, "original"), lab.side(folder, "rewrite")
        for scene in self._scenes:
            scene.mkdir(parents=True, exist_ok=True)
        self._original = WholeRunner(lab, original, numbers)
        self._flaws = original.flaws_of(numbers)

        @cache
        def mended(names: tuple[str, ...]) -> WholeRunner:
            return WholeRunner(lab, original.mended(names), numbers)

        self._mended = mended
        self._rewrite = ProcessRunner(lab, process, numbers, lab.world, self._original.stubs)

    def observe(self, row: _Row) -> tuple[Observation, Way]:
        """Runs both sides; what differs is run again until two runs agree."""
        seen, way = self._once(row)
        for _ in range(_RUNS - 1):
            if (seen.equal or seen.repairs) and seen.original.outcome != TIMES_OUT:
                return seen, way
            again, way = self._once(row)
            if not differences(seen.original, again.original) and not differences(seen.rewrite, again.rewrite):
                return again, way
            seen = again
        return replace(seen, stable=False), way

    def _once(self, row: _Row) -> tuple[Observation, Way]:
        left = self._original.run_whole(row.scenario, row.at, self._scenes[0])
        trace, begun = self._rewrite.run(row.scenario, row.at, self._scenes[1])
        found = differences(left.trace, trace)
        steps = [end.step for end in left.ends]
        if steps != begun:
            found.insert(0, Difference("steps", ", ".join(steps), ", ".join(begun)))
        if not found:
            return Observation(row.scenario, left.trace, trace), left

        def does_the_same(names: tuple[str, ...]) -> Trace | None:
            way = self._mended(names).run_whole(row.scenario, row.at, self._scenes[0])
            same = [end.step for end in way.ends] == begun and not any(differences(way.trace, trace))
            return way.trace if same else None

        repair = repair_of(row.scenario, left.trace, trace, self._original.texts)
        repairs, mended = ((repair.name,), None) if repair else mends_that_explain(self._flaws, does_the_same)
        return Observation(row.scenario, left.trace, trace, tuple(found), repairs, mended=mended), left


class WholeRunner(OriginalRunner):
    """Runs the steps of an original in order, in one shell."""

    def __init__(self, lab: Lab, original: Original, numbers: Sequence[str]) -> None:
        shells = [(number, call) for number in numbers for call in original.steps[number].calls]
        whole = Step("whole", statements=tuple(Shell(call, original.forms[call]) for _, call in shells))
        super().__init__(lab, original.with_steps([whole]), "whole", [])
        self._numbers = list(numbers)
        self._calls = [number for number, _ in shells]
        self._steps = original
        self._filled_in = {
            number: OriginalRunner(lab, original, number, [n for n in numbers if numbers.index(n) < at])
            for at, number in enumerate(numbers)
        }

    def run_whole(self, scenario: Scenario, at: str, scene: Path) -> Way:
        """One run; the scenario is met where step `at` begins."""
        self._set_scene(scenario, scene)
        code, said, ended = self._bash(self._whole(scenario, at, scene), scenario, scene, {**scenario.inputs})
        begun = [line.removeprefix(_MARK) for line in said.split("\n") if line.startswith(_MARK)]
        work = self._lab.given(scene)["PWD"]
        trace = renamed(self._shown(code, said, "", self._files(scene), ended, work), self._lab.names(scene))
        trace = replace(trace, messages=tuple(line for line in trace.messages if not line.startswith(_MARK)))
        if code is None:
            return Way(replace(trace, outcome=TIMES_OUT), tuple(End(step, TIMES_OUT) for step in begun[-1:]))
        if at not in begun:
            trace = replace(trace, outcome=NOT_REACHED)
        return Way(trace, tuple(self._ends(begun, code)))

    def _ends(self, begun: Sequence[str], code: int) -> Iterable[End]:
        for step, following in itertools.pairwise(begun):
            yield End(step, self.lands(step, following))
        if begun:
            yield End(begun[-1], GOES_ON if code == 0 else STOPS)

    def lands(self, step: str, following: str) -> str:
        """How a step ends that this one follows."""
        place = self._numbers.index(step) + 1
        return GOES_ON if self._numbers[place : place + 1] == [following] else f"goes to step {following}"

    def _whole(self, scenario: Scenario, at: str, scene: Path) -> str:
        """The program: each call in turn; where one leaves the shell, the rest goes on in its exit trap."""
        home = self._inside(scene)
        begins = "".join(
            f"{shlex.quote(number)})\n{self._filled_in[number].hand_over_code(scenario, last=number == at)}:;;\n"
            for number in self._numbers
        )
        jumps = "".join(
            f"{_ended(number, code)}) {self._jump(number, meaning)};;\n"
            for number in self._numbers
            for code, meaning in sorted(self._steps.steps[number].exits.items(), reverse=True)
        )
        return _WHOLE.format(
            files=shlex.join(f"{home}/call{count}.sh" for count in range(1, len(self._calls) + 1)),
            steps=shlex.join(self._calls),
            begins=begins,
            jumps=jumps,
            at=shlex.quote(at),
            mark=_MARK,
        )

    def _jump(self, number: str, meaning: Stop | Proceed) -> str:
        """What the program does at an exit that has a meaning."""
        return f"peerlint_at={self._place_behind(number, meaning)}" if isinstance(meaning, Proceed) else 'exit "$1"'

    def _place_behind(self, number: str, way_on: Proceed) -> int:
        """The number of the call with which the process goes on."""
        order = list(self._steps.steps)
        behind = order.index(number) + 1
        wanted = order[behind:] if way_on.step is None else order[order.index(way_on.step) :]
        return next((self._calls.index(step) for step in wanted if step in self._calls), len(self._calls))


def _ended(number: str, code: int) -> str:
    """The pattern for a step that has ended with a code; for failures that are not named, behind those that are."""
    return f"{shlex.quote(f'{number}:')}[1-9]*" if code == ANY_FAILURE else shlex.quote(f"{number}:{code}")


_WHOLE = r"""peerlint_files=({files}); peerlint_steps=({steps}); peerlint_at=0; peerlint_step=
peerlint_begin() {{
  case $1 in
{begins}  esac
  if [ "$1" = {at} ]; then peerlint-live; fi
  builtin printf '{mark}%s\n' "$1"
}}
peerlint_leave() {{
  case "$peerlint_step:$1" in
{jumps}  *) exit "$1";;
  esac
}}
peerlint_go() {{
  while [ $peerlint_at -lt ${{#peerlint_files[@]}} ]; do
    peerlint_file=${{peerlint_files[$peerlint_at]}}
    if [ "$peerlint_step" != "${{peerlint_steps[$peerlint_at]}}" ]; then
      peerlint_step=${{peerlint_steps[$peerlint_at]}}; peerlint_begin "$peerlint_step"
    fi
    peerlint_at=$((peerlint_at + 1))
    . "$peerlint_file"
    peerlint_code=$?; [ $peerlint_code -eq 0 ] || peerlint_leave $peerlint_code
  done
}}
trap 'peerlint_code=$?; [ $peerlint_code -eq 0 ] || peerlint_leave $peerlint_code; peerlint_go' EXIT
peerlint_go
trap - EXIT
"""


# --- which runs ------------------------------------------------------------------------------------------------------


class _Search:
    """Looks for a run of the process for each end of a step."""

    def __init__(
        self, pairs: Sequence[_Pair], proofs: Sequence[StepProof], process: Process, accepted: frozenset[str]
    ) -> None:
        self._pairs = pairs
        self._proofs = proofs
        self._accepted = accepted
        self._order = [step.number for step in process.steps]
        self._usual = Scenario(buckets=buckets_of(process.steps))
        self._bases: dict[str, Scenario] = {}
        for proof in proofs:
            base = self._bases[proof.number] = _that_goes_on(proof)
            self._usual = replace(
                self._usual,
                inputs={**base.inputs, **self._usual.inputs},
                files={**base.files, **self._usual.files},
                commands=tuple(dict.fromkeys((*self._usual.commands, *base.led_by, *base.commands))),
                buckets=tuple(sorted({**dict(base.buckets), **dict(self._usual.buckets)}.items())),
            )
        #: For the arguments of a run how many steps were begun, and those with which the process comes farthest.
        self._begun: dict[tuple[str, ...], int] = {}
        self._leading_on: tuple[str, ...] = ()
        self._done: list[Observation] = []
        self._reached: set[End] = set()

    def prove(self) -> WholeProof:
        """Runs what is needed, and judges."""
        first = self._proofs[0].number
        given = list(dict.fromkeys(base.arguments for base in self._bases.values()))
        self._run([_Row(self._named(arguments), first) for arguments in given])
        self._leading_on = max(self._begun, key=lambda arguments: self._begun[arguments], default=())
        wanted = self._wanted()
        for at in range(_TRIES):
            rows = [found[at] for end, found in wanted.items() if end not in self._reached and at < len(found)]
            self._run(rows[: MAX_RUNS - len(self._done)])
        return self._judge(tuple(end for end in wanted if end not in self._reached))

    def _named(self, arguments: tuple[str, ...]) -> Scenario:
        given = (f"arguments {' '.join(arguments)}",) if arguments else ()
        return replace(self._usual, arguments=arguments, given=given)

    def _wanted(self) -> dict[End, list[_Row]]:
        """For each end of a step that its proof has seen the smallest scenarios that showed it.

        Behind the others come those with answers to commands that nobody gave: in the process nothing comes of them.
        """
        found: dict[End, list[_Row]] = {}
        for proof in self._proofs:
            rows = [row for row in proof.scenarios if not row.scenario.outside]
            for row in sorted(rows, key=lambda row: (_answers_in_vain(row), len(row.scenario.given))):
                if row.original.outcome not in (NOT_REACHED, TIMES_OUT):
                    kept = found.setdefault(End(proof.number, self._landing(proof.number, row.original.outcome)), [])
                    kept.append(_Row(self._in_process(row.scenario, proof.number), proof.number))
        return found

    def _landing(self, step: str, outcome: str) -> str:
        """How a step ends in the process: a step that is named may be left out here, or be the next one."""
        target = outcome.removeprefix("goes to step ")
        if target == outcome or target not in self._order:
            return outcome
        numbers = [proof.number for proof in self._proofs]
        wanted = self._order[self._order.index(target) :]
        place = numbers.index(step) + 1
        landed = next((number for number in wanted if number in numbers), None)
        following = numbers[place] if place < len(numbers) else None
        return GOES_ON if landed in (None, following) else f"goes to step {landed}"

    def _in_process(self, scenario: Scenario, step: str) -> Scenario:
        """A scenario of a step, for the whole process."""
        base = self._bases[step]
        [proof] = [proof for proof in self._proofs if proof.number == step]
        varied = {name for row in proof.scenarios for name in row.scenario.files}
        files = {name: text for name, text in self._usual.files.items() if name not in varied}
        answered = {answer.line for answer in scenario.commands}
        led = {answer.line for answer in scenario.led_by}
        changed = {name: value for name, value in scenario.inputs.items() if base.inputs.get(name) != value}
        return replace(
            scenario,
            given=(f"at step {step}", *scenario.given),
            # A step that takes no arguments is led to by those that the others take.
            arguments=scenario.arguments if scenario.arguments or base.arguments else self._leading_on,
            inputs={**self._usual.inputs, **changed},
            files=files | dict(scenario.files),
            commands=(*(a for a in self._usual.commands if a.line not in answered), *scenario.commands),
            led_by=(*(a for a in self._usual.commands if a.line not in led), *scenario.led_by),
            buckets=self._usual.buckets,
        )

    def _run(self, rows: Sequence[_Row]) -> None:
        free: queue.Queue[_Pair] = queue.Queue()
        for pair in self._pairs:
            free.put(pair)

        def work(row: _Row) -> tuple[Observation, Way]:
            pair = free.get()
            try:
                return pair.observe(row)
            finally:
                free.put(pair)

        with ThreadPoolExecutor(len(self._pairs)) as pool:
            for seen, way in pool.map(work, rows):
                self._begun[seen.scenario.arguments] = len(way.ends)
                if seen.original.outcome != NOT_REACHED:
                    self._done.append(seen)
                    self._reached |= set(way.ends)

    def _judge(self, missed: tuple[End, ...]) -> WholeProof:
        repairs = tuple(sorted({name for row in self._done for name in row.repairs}))
        proof = WholeProof(
            Verdict.PROVED,
            "",
            tuple(one.number for one in self._proofs),
            tuple(self._done),
            repairs,
            len(self._reached),
            missed,
        )
        against = next((row for row in self._done if not row.equal and not row.repairs), None)
        unstable = next((row for row in self._done if not row.stable), None)
        begun = {end.step for end in self._reached}
        never = [step for step in proof.steps if step not in begun]
        if unstable is not None:
            return replace(proof, verdict=Verdict.UNKNOWN, reason=f"not deterministic: {unstable.scenario.name}")
        if against is not None:
            reason = f"{against.scenario.name}: {against.differences[0]}"
            return replace(proof, verdict=Verdict.REFUTED, reason=reason)
        if any(row.original.outcome == TIMES_OUT for row in self._done):
            return replace(proof, verdict=Verdict.UNKNOWN, reason="the original takes too long")
        begins = bool(missed) and min((end.step for end in missed), key=self._order.index) in begun
        if never:
            reason = f"no run of the process comes to step {never[0]}"
            return replace(proof, verdict=Verdict.UNKNOWN, reason=reason, only_missing=begins)
        if missed:
            reason = f"no run of the process shows that {missed[0]}"
            return replace(proof, verdict=Verdict.UNKNOWN, reason=reason, only_missing=begins)
        others = not_accepted(repairs, self._accepted)
        if others:
            return replace(proof, verdict=Verdict.WITH_EXCEPTIONS, reason=f"not accepted: {', '.join(others)}")
        return proof


def _answers_in_vain(row: Observation) -> bool:
    """Whether a scenario answers commands of which the original has run none."""
    run = {action.key for action in row.original.actions if action.operation == "run"}
    return bool(row.scenario.commands) and run.isdisjoint(answer.line for answer in row.scenario.commands)


def _that_goes_on(proof: StepProof) -> Scenario:
    """The most usual scenario in which the process goes on behind a step, and nothing is broken."""
    rows = [
        row.scenario
        for row in proof.scenarios
        if row.original.outcome == GOES_ON
        and not (row.scenario.outside or row.scenario.faults or row.scenario.changes or row.scenario.absent)
    ]
    usual = [row.scenario for row in proof.scenarios if not row.scenario.given]
    return min([*rows, *usual], key=lambda scenario: (scenario not in rows, len(scenario.given)), default=Scenario())

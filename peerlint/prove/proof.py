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

from peerlint.process.beside import delegated, runs_shell
from peerlint.process.build import Reading
from peerlint.process.model import (
    BucketAdd,
    Do,
    Input,
    KvGet,
    Opaque,
    Pipeline,
    Process,
    Ref,
    ServerCheck,
    Set,
    Shell,
    Step,
    Text,
    walk,
)
from peerlint.prove.bench import Bench, CutOff, Observation, Pair
from peerlint.prove.compare import differences
from peerlint.prove.compared import compared_with
from peerlint.prove.dimensions import (
    Compared,
    Dimension,
    Option,
    answer_dimensions,
    argument_options,
    buckets_of,
    command_dimensions,
    commands_not_covered,
    hand_over_dimension,
    input_dimension,
    script_dimensions,
    state_dimensions,
    tool_dimensions,
    with_plain_texts,
)
from peerlint.prove.host import NotOnHost
from peerlint.prove.infeasible import never_taken
from peerlint.prove.lab import GIVEN, Lab, LabFailure
from peerlint.prove.original import Original
from peerlint.prove.places import Places
from peerlint.prove.repairs import REPAIRS
from peerlint.prove.rewrite import shown_arms
from peerlint.prove.scenario import Scenario
from peerlint.prove.scenarios import combinations, fault_scenarios
from peerlint.prove.search import Search, feasible_arms, taken_arms
from peerlint.prove.shims import nats_line
from peerlint.prove.shims.nats_line import READS
from peerlint.prove.trace import NOT_REACHED, TIMES_OUT
from peerlint.prove.unpublished import stand_in
from peerlint.prove.vocabulary import Vocabulary, words_of
from peerlint.records import dataclass, replace
from peerlint.run.effects import names_of
from peerlint.source.text import SourceText, Span

_ROUNDS = 4
_OTHER_TEXT = "77"
#: How often the usual scenario is tried where it takes too long.
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
        found = [o for o in self.scenarios if not o.equal and o.repair is None and not o.scenario.outside]
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
    providers = _providers(original, process, number)
    problem = _problem(original, process, [*providers, number], where)
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


# --- what has to run before, and what cannot be proved ---------------------------------------------------------------


def _providers(original: Original, process: Process, number: str) -> list[str]:
    """Earlier steps that either side needs: by files and variables of the original, by names of the rewrite."""
    needed = set(original.providers_of(number))
    order = [step.number for step in process.steps]
    by_number = {step.number: step for step in process.steps}
    wanted = [number, *needed]
    while wanted:
        current = wanted.pop()
        reads = _names_read(by_number[current]) - _names_bound(by_number[current], certain=True)
        for earlier in order[: order.index(current)]:
            if earlier not in needed and earlier in original.steps and reads & _names_bound(by_number[earlier]):
                needed.add(earlier)
                wanted.append(earlier)
    return [step for step in order if step in needed and step != number]


def _names_read(step: Step) -> set[str]:

    return {node.name for node in walk(step.statements) if isinstance(node, Ref)}


def _names_bound(step: Step, *, certain: bool = False) -> set[str]:
    """Names that a step binds; with `certain` only those at its top level, before any branch."""

    bound: set[str] = set()
    for node in step.statements if certain else walk(step.statements):
        if isinstance(node, Set) and not node.target.path:
            bound.add(node.target.name)
        elif isinstance(node, Do):
            bound |= set(names_of(node.effect))
    return bound


def _problem(original: Original, process: Process, numbers: Sequence[str], where: Callable[[Span], str]) -> str | None:
    for number in numbers:
        place = "" if number == numbers[-1] else f"step {number}, which it needs: "
        step = next(step for step in process.steps if step.number == number)
        for node in walk(step.statements):
            if isinstance(node, Opaque):
                return f"{place}{where(node.span)}not understood: {node.reason}"
            if isinstance(node, Shell):
                return f"{place}it still runs shell"
            if isinstance(node, Do) and isinstance(node.effect, ServerCheck | BucketAdd):
                for line in _not_taken_by_nats(node.effect):
                    return f"{place}{where(node.span)}nats does not take `{line}` here"
        problem = original.problem_of(number)
        if problem is not None:
            return place + problem
        run = _programs(step)
        gone = next((path for path, name in original.unpublished_of([number]).items() if name not in run), None)
        if gone is not None:
            # What it did may stand in the logic now, and nobody can tell.
            return f"{place}the script {gone} is not there"
        handed = delegated(step)
        if tuple(handed) != original.steps[number].delegated:
            what = where(handed[0].span) if handed else ""
            return f"{place}{what}the rewrite delegates other work than the original, and a proof hands out none"
    return None


def _not_taken_by_nats(effect: ServerCheck | BucketAdd) -> Iterator[str]:
    """Lines of a block that are not run as they stand, since the effect is known, and that `nats` would refuse."""
    wanted = READS if isinstance(effect, ServerCheck) else {"bucket add"}
    for argv in (argv for line in (effect.command.lines if effect.command else ()) for argv in line.commands):
        words = [word or "x" for word in words_of(argv)]
        if words[0] != "nats":
            continue
        try:
            taken = nats_line.read(words[1:]).operation in wanted
        except nats_line.UsageError:
            taken = False
        if not taken:
            yield " ".join(words)


def _programs(step: Step) -> set[str]:
    """The names of programs that a step runs, without their paths, also those that it hands to a shell."""
    argvs = [argv for node in walk(step.statements) if isinstance(node, Pipeline) for argv in node.commands]
    words = [word for argv in argvs for word in argv.words[:2] if isinstance(word, Text) and word.parts]
    return {part.rpartition("/")[2] for word in words if isinstance(part := word.parts[-1], str)}


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
    chosen = [other for other in process.steps if other.number in providers] + [step]
    texts = [text for number in (*providers, step.number) for text in original.code_of(number)]
    compared = compared_with(texts)
    vocabulary = Vocabulary(chosen, compared)
    inputs = {name: input_dimension(name, vocabulary).options[0].inputs[0][1] for name in _inputs(bench, chosen)}
    options = argument_options(process, chosen, compared) or (Option("", ()),)
    programs = bench.original.unpublished
    places = Places(chosen, texts, [*original.scripts, *programs], inputs, options[0].arguments or ())
    files = {path: stand_in(name) for path, name in programs.items()}
    usual = Scenario(inputs=inputs, buckets=buckets_of(process.steps), files=files)
    base = _base(bench, options, usual, places.dimensions())
    if base is None:
        return StepProof(step.number, step.name, Verdict.UNKNOWN, "no arguments were found that lead to this step")
    odd = _not_deterministic(bench, base)
    if odd is not None:
        return StepProof(step.number, step.name, Verdict.UNKNOWN, f"not deterministic: {odd}")
    infeasible = never_taken(step, chosen[:-1])
    dimensions = _dimensions(bench, base, original, process, chosen, compared)
    rows = bench.observe_all(combinations(base, dimensions))
    search = Search(bench, base, infeasible)
    rows = search.run(dimensions, rows)
    held = bench.observe(base).rewrite.variables
    codes, own = original.steps[step.number].exits, original.own_codes(step.number)
    for _ in range(_ROUNDS):
        more = command_dimensions((row.original for row in rows), chosen, codes, own, held, compared)
        more = commands_not_covered(_without_echo_of_sh(more, original, step), dimensions, chosen)
        if not more:
            break
        # What only some inputs lead to may fail, too.
        dimensions += more
        rows = search.run(dimensions, [*rows, *bench.observe_all(combinations(base, dimensions))])
    plain = [row for row in rows if not row.scenario.outside and row.original.outcome != NOT_REACHED]
    other = _other_value(bench, step)
    struck = fault_scenarios([(row.scenario, row.original) for row in plain], other, reads_json=other != _OTHER_TEXT)
    observations = [*rows, *bench.observe_all(struck)]
    proof = _verdict(bench, step, observations, accepted, infeasible, where)
    return replace(proof, under_harness=_under_harness(bench, plain))


def _not_deterministic(bench: Bench, base: Scenario) -> str | None:
    """How the usual scenario differs from itself, the second time from the very beginning.

    Where one of the two took too long, a machine under load is as likely a reason, and both are run again.
    """
    for _ in range(_ATTEMPTS):
        first, again = bench.observe(base).original, bench.run_alone(base)
        found = differences(first, again)
        if not found:
            return None
        if TIMES_OUT not in (first.outcome, again.outcome):
            break
        bench.forget(base)
    return f"two runs of the original differ: {found[0].aspect}, {found[0].original} and then {found[0].rewrite}"


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


def _other_value(bench: Bench, step: Step) -> str:
    """What somebody else writes to a key: JSON where the step reads JSON."""
    vocabulary = Vocabulary([step])
    is_json = any(
        vocabulary.of(node.effect.name).is_json
        for node in walk(step.statements)
        if isinstance(node, Do) and isinstance(node.effect, KvGet)
    )
    return '{"written_by": "somebody else"}' if is_json else _OTHER_TEXT


def _base(bench: Bench, options: Sequence[Option], usual: Scenario, files: Sequence[Dimension]) -> Scenario | None:
    """The usual scenario: all buckets and files there, inputs typical, arguments with which the step is reached."""
    for dimension in files:
        usual = dimension.options[0].on(usual)
    reached = None
    for option in options:
        scenario = replace(usual, arguments=option.arguments or ())
        seen = bench.observe(scenario)
        if seen.original.outcome == NOT_REACHED or seen.rewrite.outcome == NOT_REACHED:
            continue
        reached = reached or scenario
        if seen.original.outcome == "goes on":
            return scenario
    return reached


def _inputs(bench: Bench, chosen: list[Step]) -> list[str]:
    names = {node.name for node in walk(chosen[-1].statements) if isinstance(node, Input)}
    made = {name for other in chosen[:-1] for name in _names_bound(other)}
    own = bench.original.inputs
    in_capitals = {name.upper() for name in own} - own
    return sorted((names - in_capitals | own) - made - GIVEN)


def _dimensions(
    bench: Bench, base: Scenario, original: Original, process: Process, chosen: list[Step], compared: Compared
) -> list[Dimension]:
    """Found by running: what the runs touch becomes a dimension, until nothing new turns up."""
    step, vocabulary = chosen[-1], Vocabulary(chosen, compared)
    fixed: list[Dimension] = []
    arguments = _argument_dimension(bench, base, process, chosen, compared)
    if arguments is not None:
        fixed.append(arguments)
    fixed += tool_dimensions([step], sorted(bench.original.tools_asked_for))
    code = original.code_of(step.number)
    programs = bench.original.unpublished
    fixed += script_dimensions(programs, code)
    fixed += Places([step], code, [*original.scripts, *programs], base.inputs, base.arguments).dimensions()
    plain = partial(_without_echo_of_sh, original=original, step=step)
    fixed = plain([*fixed, *answer_dimensions(chosen)])
    state: list[Dimension] = []
    held = bench.observe(base).rewrite.variables
    codes, own = original.steps[step.number].exits, original.own_codes(step.number)
    for _ in range(_ROUNDS):
        rows = bench.observe_all(combinations(base, [*fixed, *state]))
        found = state_dimensions(((row.original, row.rewrite) for row in rows), chosen, len(chosen) > 1)
        commands = command_dimensions((row.original for row in rows), chosen, codes, own, held, compared)
        if [d.name for d in [*found, *commands]] == [d.name for d in state]:
            break
        state = plain([*found, *commands])
    inputs = [input_dimension(name, vocabulary) for name in _inputs(bench, chosen)]
    made = {name for other in chosen[:-1] for name in _names_bound(other)}
    handed = sorted(made & _names_read(step) & bench.original.placeholders)
    return plain([*fixed, *state, *inputs, *(hand_over_dimension(name) for name in handed)])


def _without_echo_of_sh(dimensions: Sequence[Dimension], original: Original, step: Step) -> list[Dimension]:
    """The dimensions; where sh runs, whose echo reads backslashes, those with one are outside of what is assumed."""
    return with_plain_texts(dimensions) if original.runs_sh(step.number) else list(dimensions)


def _argument_dimension(
    bench: Bench, base: Scenario, process: Process, chosen: list[Step], compared: Compared
) -> Dimension | None:

    usual = Option("", base.arguments)
    options = [option for option in argument_options(process, chosen, compared) if option.arguments != base.arguments]
    if len(chosen) > 1:
        rows = bench.observe_all([replace(base, arguments=option.arguments or ()) for option in options])
        seen = list(zip(options, rows, strict=True))
        options = [option for option, row in seen if row.original.outcome != NOT_REACHED]
        if not argument_options(process, chosen[-1:]):
            # The step does not look at them itself: those that lead to other arms of it are enough.
            options = _that_matter(bench.observe(base), [(o, r) for o, r in seen if o in options])
    return Dimension("arguments", (usual, *options)) if options else None


def _that_matter(usual: Observation, seen: Sequence[tuple[Option, Observation]]) -> list[Option]:
    """The options under which an arm is taken, or an end is reached, that none before has shown; and one more."""
    known = {usual.original.outcome, *usual.original.arms, *usual.rewrite.arms}
    kept: list[Option] = []
    for option, row in seen:
        shown = {row.original.outcome, *row.original.arms, *row.rewrite.arms}
        if not shown <= known or not kept:
            kept.append(option)
        known |= shown
    return kept


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
        repairs=tuple(sorted({row.repair for row in unique if row.repair and not row.scenario.outside})),
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

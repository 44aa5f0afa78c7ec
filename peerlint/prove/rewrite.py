"""The rewrite of a step, run by the reference interpreter over the same scenario as the original."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from peerlint.process.logic import Unrenderable, render_condition
from peerlint.process.model import Check, Condition, If, Input, Process, Repeat, Step, walk
from peerlint.prove.lab import GIVEN, Lab
from peerlint.prove.scenario import Scenario, lay_out
from peerlint.prove.scene import read_files
from peerlint.prove.trace import GOES_ON, NOT_REACHED, STOPS, Action, Trace, actions_of, lines_of, renamed
from peerlint.prove.world import ProofWorld
from peerlint.records import dataclass
from peerlint.run.events import ConditionEvent, Event, FlowEvent, MessageEvent, MessageKind, Verdict
from peerlint.run.machine import STOPPED, Machine, RunResult
from peerlint.run.world import Cause, World
from peerlint.source.text import NOWHERE, Span

if TYPE_CHECKING:
    from peerlint.prove.replay import MemoryLab

#: What tools write to stderr is not compared.
_SHOWN = frozenset(MessageKind) - {MessageKind.TOOL}


@dataclass(frozen=True, slots=True)
class Before:
    """What the steps before a step come to: whether they lead to it, what names hold then, what was called."""

    leads_on: bool
    variables: Mapping[str, str]
    calls: tuple[Action, ...]


class RewriteRunner:
    """Runs one step of a rewritten process in a lab, scenario after scenario.

    `world` is the one whose NATS half counts; the state is prepared by the lab before.
    """

    def __init__(
        self,
        lab: Lab | MemoryLab,
        process: Process,
        number: str,
        providers: Sequence[str],
        world: World,
        stubs: frozenset[str],
    ) -> None:
        self._lab = lab
        self._process = process
        self._number = number
        self._providers = list(providers)
        self._world = world
        self._stubs = stubs
        self.step = next(step for step in process.steps if step.number == number)
        self._asked_before = _asked_before(process, number)

    @property
    def arms(self) -> list[str]:
        """Labels of all arms of the step."""
        return arms_of(self.step)

    def before(self, scenario: Scenario, scene: Path) -> Before:
        """What the steps that run before this one come to."""
        world, variables = self._set_up(scenario, scene)
        result = self._run_providers(world, scenario, variables, [])
        work = self._lab.given(scene)["PWD"]
        calls = tuple(actions_of(self._lab.order({"do": "calls"})["calls"], work))
        self._lab.order({"do": "end"})
        return Before(result.outcome != STOPPED, result.variables, calls)

    def _set_up(self, scenario: Scenario, scene: Path) -> tuple[ProofWorld, dict[str, str]]:
        for folder in ("work", "home", "tmp", "command"):
            _empty(scene / folder)
        lay_out(scenario.files, scene)
        self._lab.order(scenario.order())
        world = ProofWorld(self._world, scenario, scene, self._lab, self._stubs)
        filled_in = _filled_in(self._lab, scenario, scene)
        # All others are filled in where an INPUT asks for them, and are missing where none does.
        return world, {name: text for name, text in filled_in.items() if name in GIVEN or name in self._asked_before}

    def _run_providers(
        self, world: ProofWorld, scenario: Scenario, variables: dict[str, str], events: list[Event]
    ) -> RunResult:
        machine = Machine(world, self._process, scenario.arguments, variables, events.append)
        return machine.run(self._providers)

    def run(self, scenario: Scenario, scene: Path) -> Trace:
        """One run."""
        before: list[Event] = []
        world, variables = self._set_up(scenario, scene)
        if self._providers:
            result = self._run_providers(world, scenario, variables, before)
            if result.outcome == STOPPED:
                return Trace(NOT_REACHED, messages=_messages(before))
            variables = {**result.variables, **scenario.handed_over}
        self._lab.order({"do": "live"})
        world.go_live()
        events: list[Event] = []
        machine = Machine(world, self._process, scenario.arguments, variables, events.append)
        result = machine.run([self._number])
        ended = self._lab.order({"do": "end"})
        trace = Trace(
            *_outcome(result, events),
            _messages(events),
            tuple(world.record.actions),
            ended["state"],
            read_files(scene, set()),
            _taken(events),
            bad_value=result.failure is not None and result.failure.cause is Cause.BAD_VALUE,
            variables=dict(result.variables),
        )
        return renamed(trace, self._lab.names(scene))


class ProcessRunner:
    """Runs steps of a rewritten process one after the other, each where the one before has led."""

    def __init__(self, lab: Lab, process: Process, numbers: Sequence[str], world: World, stubs: frozenset[str]) -> None:
        self._lab = lab
        self._process = process
        self._numbers = list(numbers)
        self._world = world
        self._stubs = stubs

    def run(self, scenario: Scenario, at: str, scene: Path) -> tuple[Trace, list[str]]:
        """One run, and the steps that were begun; the scenario is met where step `at` begins."""
        for folder in ("work", "home", "tmp", "command"):
            _empty(scene / folder)
        lay_out(scenario.files, scene)
        self._lab.order(scenario.order())
        world = ProofWorld(self._world, scenario, scene, self._lab, self._stubs)
        variables = _filled_in(self._lab, scenario, scene)
        events: list[Event] = []
        begun: list[str] = []
        outcome, reason, place = GOES_ON, None, 0
        while outcome == GOES_ON and place < len(self._numbers) and len(begun) < _MOST_STEPS:
            number = self._numbers[place]
            if number == at:
                self._lab.order({"do": "live"})
                world.go_live()
                variables |= scenario.handed_over
            begun.append(number)
            machine = Machine(world, self._process, scenario.arguments, variables, events.append)
            result = machine.run([number])
            variables = dict(result.variables)
            outcome, reason = (STOPS, None) if result.outcome == STOPPED else (GOES_ON, None)
            place = self._behind(place, result)
        ended = self._lab.order({"do": "end"})
        trace = Trace(
            outcome if at in begun else NOT_REACHED,
            reason,
            _messages(events),
            tuple(world.record.actions),
            ended["state"],
            read_files(scene, set()),
            variables=variables,
        )
        return renamed(trace, self._lab.names(scene)), begun

    def _behind(self, place: int, result: RunResult) -> int:
        """Where the process goes on: at the step that was named, or the next of ours behind it."""
        if result.leads_to is None:
            return place + 1
        order = [step.number for step in self._process.steps]
        wanted = order[order.index(result.leads_to) :]
        return next((self._numbers.index(step) for step in wanted if step in self._numbers), len(self._numbers))


#: Most steps of one run; a process that goes back for ever ends here.
_MOST_STEPS = 200


def _asked_before(process: Process, number: str) -> frozenset[str]:
    """The names for which an INPUT of an earlier step asks."""
    earlier = takewhile(lambda step: step.number != number, process.steps)
    return frozenset(node.name for step in earlier for node in walk(step.statements) if isinstance(node, Input))


def _filled_in(lab: Lab | MemoryLab, scenario: Scenario, scene: Path) -> dict[str, str]:
    """What an agent fills in; the logic writes a variable of a script in capitals."""
    capitals = {name.upper(): value for name, value in scenario.inputs.items()}
    return {**lab.given(scene), **capitals, **scenario.inputs}


def _empty(folder: Path) -> None:
    """Leaves an empty folder; mostly it is one already."""
    try:
        if not any(folder.iterdir()):
            return
    except FileNotFoundError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _outcome(result: RunResult, events: Sequence[Event]) -> tuple[str, str | None]:
    if result.outcome == STOPPED:
        return STOPS, None if result.failure is not None else result.reason
    named = [event.step for event in events if isinstance(event, FlowEvent) and event.verb in ("proceed", "resume")]
    target = result.leads_to or (named[-1] if named else None)
    return (GOES_ON if target is None else f"goes to step {target}"), None


def _messages(events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(
        line
        for event in events
        if isinstance(event, MessageEvent) and event.kind in _SHOWN
        for line in lines_of(event.text)
    )


def arms_of(step: Step) -> list[str]:
    """Labels of all arms of a step: by the place of the statement in the file, and the number of the arm."""
    labels: list[str] = []
    for node in walk(step.statements):
        count = 0
        if isinstance(node, If):
            count = len(node.branches) + 1
        elif isinstance(node, Check) or (isinstance(node, Repeat) and node.until is not None):
            count = 2
        labels += [f"{node.span.start} arm {arm}" for arm in range(count)] if count else []
    return labels


def shown_arms(step: Step, where: Callable[[Span], str] = lambda span: "") -> dict[str, str]:
    """Each arm of a step as a person finds it in the file, by label: its place, and what it asks for."""
    shown: dict[str, str] = {}
    for node in walk(step.statements):
        if isinstance(node, If):
            words = ["IF", *["ELSE IF"] * (len(node.branches) - 1)]
            for arm, (word, branch) in enumerate(zip(words, node.branches, strict=True)):
                place = where(branch.span if branch.span != NOWHERE else node.span)
                shown[f"{node.span.start} arm {arm}"] = f"{place}{word} {_asked(branch.condition)}"
            first = _asked(node.branches[0].condition)
            rest = "the ELSE" if node.otherwise is not None else "the way past"
            shown[f"{node.span.start} arm {len(node.branches)}"] = f"{where(node.span)}{rest} of IF {first}"
        elif isinstance(node, Check):
            for arm, how in enumerate(("holds", "does not hold")):
                shown[f"{node.span.start} arm {arm}"] = (
                    f"{where(node.span)}CHECK: {_asked(node.condition)}, where it {how}"
                )
        elif isinstance(node, Repeat) and node.until is not None:
            for arm, how in enumerate(("the end", "another turn")):
                shown[f"{node.span.start} arm {arm}"] = f"{where(node.span)}{how} of REPEAT until {_asked(node.until)}"
    return shown


def _asked(condition: Condition) -> str:
    try:
        return render_condition(condition)
    except Unrenderable:
        return "..."


def _taken(events: Sequence[Event]) -> frozenset[str]:
    return frozenset(
        f"{event.span.start} arm {event.arm}"
        for event in events
        if isinstance(event, ConditionEvent) and event.verdict is Verdict.TRUE
    )

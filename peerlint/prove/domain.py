"""What a step may meet: how all is as a rule, and what varies.

Where other steps come before it, they are led through: what the agent fills in, which files there are and what commands
answer is chosen so that they come to this step, and hand on what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from peerlint.patterns import regex
from peerlint.process.model import Do, Input, KvGet, Process, Step, walk
from peerlint.prove.asks import asked_by
from peerlint.prove.bench import Bench, Observation
from peerlint.prove.compared import compared_with
from peerlint.prove.dimensions import (
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
from peerlint.prove.lab import GIVEN
from peerlint.prove.original import Original
from peerlint.prove.places import Places
from peerlint.prove.provable import names_bound, names_in_loops, names_read
from peerlint.prove.rewrite import Before
from peerlint.prove.scenario import Scenario
from peerlint.prove.scenarios import combinations
from peerlint.prove.trace import GOES_ON, NOT_REACHED, Trace
from peerlint.prove.unpublished import stand_in
from peerlint.prove.vocabulary import Vocabulary
from peerlint.records import replace

ROUNDS = 4
#: Most runs of the steps before a step, to find what leads through them.
_MOST_LEADING = 120
#: What somebody else writes to a key that holds no JSON.
OTHER_TEXT = "77"


class Domain:
    """What one step may meet, behind the steps that it needs."""

    def __init__(
        self, bench: Bench, original: Original, process: Process, step: Step, providers: Sequence[str]
    ) -> None:
        self._bench = bench
        self._original = original
        self._process = process
        self.step = step
        self.before = [other for other in process.steps if other.number in providers]
        self._chosen = [*self.before, step]
        self._texts_before = [text for number in providers for text in original.code_of(number)]
        self._own_texts = list(original.code_of(step.number))
        texts = [*self._texts_before, *self._own_texts]
        self._compared = compared_with(texts)
        # What both sides ask of the texts that they meet.
        self._asked = [*self._chosen, asked_by(texts)]
        self.vocabulary = Vocabulary(self._asked, self._compared)
        self._programs = bench.original.unpublished
        # What a loop goes through is varied with what it lists.
        self._in_loops = names_in_loops(self._chosen)
        self._made = {name for other in self.before for name in names_bound(other)}

    # --- as a rule ---------------------------------------------------------------------------------------------------

    def usual(self) -> Scenario | None:
        """All buckets and files there, inputs typical, arguments with which the step is reached; None if none do."""
        inputs = {name: self._input(name).options[0].inputs[0][1] for name in self._inputs}
        options = argument_options(self._process, self._asked, self._compared) or (Option("", ()),)
        files = {path: stand_in(name) for path, name in self._programs.items()}
        buckets = buckets_of([*self._process.steps, *self._asked[len(self._chosen) :]])
        base = Scenario(inputs=inputs, buckets=buckets, files=files, arguments=options[0].arguments or ())
        reached: Scenario | None = None
        held: Mapping[str, str] = {}
        known: set[str] = set()
        for _ in range(ROUNDS):
            places = [found for found in self._places(base, held).dimensions() if found.name not in known]
            if known and not places:
                break
            known |= {place.name for place in places}
            for place in places:
                base = place.options[0].on(base)
            base = self._led(base)
            reached = self._reached(base, options) or reached
            # What names hold then may lead to further files.
            base = reached or base
            held = self._bench.observe(base).rewrite.variables if reached else self._bench.before(base).variables
        return reached

    def _reached(self, usual: Scenario, options: Iterable[Option]) -> Scenario | None:
        reached = None
        for arguments in dict.fromkeys([usual.arguments, *(option.arguments or () for option in options)]):
            scenario = replace(usual, arguments=arguments)
            seen = self._bench.observe(scenario)
            if seen.original.outcome == NOT_REACHED:
                continue
            reached = reached or scenario
            if seen.original.outcome == GOES_ON:
                return scenario
        return reached

    def _led(self, usual: Scenario) -> Scenario:
        """The scenario, changed so that the steps before this one go on, and hand on what it reads."""
        if not self.before:
            return usual
        wanted = self._made & names_read(self.step)
        found = self._bench.before(usual)
        left = _MOST_LEADING
        while left > 0 and not (found.leads_on and all(found.variables.get(name) for name in wanted)):
            for candidate in self._leading(usual, found):
                left -= 1
                seen = self._bench.before(candidate)
                if _leads(seen, wanted) > _leads(found, wanted):
                    usual, found = candidate, seen
                    break
                if not left:
                    return usual
            else:
                break
        return usual

    def _leading(self, usual: Scenario, found: Before) -> Iterator[Scenario]:
        """Scenarios that differ in one thing that the steps before meet."""
        seen = Trace(GOES_ON, actions=found.calls)
        places = self._places(usual, found.variables, self.before, self._texts_before).dimensions()
        commands = command_dimensions([seen], self._asked, (), (), found.variables, self._compared)
        inputs = [self._input(name) for name in self._inputs]
        for dimension in (*commands, *places, *inputs):
            for option in dimension.options:
                if option.name and not option.outside:
                    changed = option.on(usual)
                    answers = (*usual.led_by, *changed.commands)
                    yield replace(changed, given=usual.given, commands=(), led_by=answers)

    @cached_property
    def _inputs(self) -> list[str]:
        """What is filled in for the step and for those before it, since they hand on what they make of it."""
        found: set[str] = set()
        made: set[str] = set()
        for step, own in zip(self._chosen, self._bench.original.inputs_in_turn, strict=True):
            asked_for = {node.name for node in walk(step.statements) if isinstance(node, Input)}
            in_capitals = {name.upper() for name in own} - own
            found |= (asked_for - in_capitals | own) - made
            made |= names_bound(step)
        return sorted(found - GIVEN)

    def _input(self, name: str) -> Dimension:
        return input_dimension(name, self.vocabulary, Vocabulary(self._asked[len(self._chosen) :]).in_lines)

    def _places(
        self,
        usual: Scenario,
        held: Mapping[str, str],
        steps: Sequence[Step] | None = None,
        texts: Sequence[str] | None = None,
    ) -> Places:
        """Files and folders of the steps and texts: of all, or of some behind the steps before."""
        all_of_them = steps is None or texts is None
        return Places(
            self._asked if steps is None else [*steps, asked_by(texts or ())],
            [*self._texts_before, *self._own_texts] if texts is None else texts,
            [*self._original.scripts, *self._programs],
            usual.inputs,
            usual.arguments,
            before=((), ()) if all_of_them else (self.before, self._texts_before),
            held={name: value for name, value in held.items() if name not in self._in_loops},
        )

    # --- what varies -------------------------------------------------------------------------------------------------

    def dimensions(self, base: Scenario) -> list[Dimension]:
        """Found by running: what the runs touch becomes a dimension, until nothing new turns up."""
        step, held = self.step, self._bench.observe(base).rewrite.variables
        fixed: list[Dimension] = []
        arguments = self._arguments(base)
        if arguments is not None:
            fixed.append(arguments)
        fixed += tool_dimensions([step], sorted(self._bench.original.tools_asked_for))
        fixed += script_dimensions(self._programs, self._own_texts)
        fixed += self._places(base, held, [step], self._own_texts).dimensions()
        fixed = self._plain([*fixed, *answer_dimensions(self._chosen)])
        state: list[Dimension] = []
        further: list[Dimension] = []
        for _ in range(ROUNDS):
            rows = self._bench.observe_all(combinations(base, [*further, *fixed, *state]))
            traces = [(row.original, row.rewrite) for row in rows]
            found = state_dimensions(traces, self._asked, len(self._chosen) > 1, self._compared)
            found += self._commands(base, rows)
            # What only some answers lead to has a name only then. What a pattern has found counts for more.
            places = self._places(base, _turned_up(held, rows), [step], self._own_texts).dimensions()
            places = [place for place in places if place.name not in {known.name for known in fixed}]
            if [d.name for d in (*places, *found)] == [d.name for d in (*further, *state)]:
                break
            further, state = self._plain(places), self._plain(found)
        inputs = [self._input(name) for name in self._inputs]
        handed = sorted(self._made & names_read(step) & self._bench.original.placeholders)
        return self._plain([*further, *fixed, *state, *inputs, *(hand_over_dimension(name) for name in handed)])

    def further(self, base: Scenario, rows: Iterable[Observation], dimensions: Iterable[Dimension]) -> list[Dimension]:
        """Commands to which only some of the rows have led."""
        return commands_not_covered(self._plain(self._commands(base, rows)), dimensions, self._chosen)

    def _commands(self, base: Scenario, rows: Iterable[Observation]) -> list[Dimension]:
        held = self._bench.observe(base).rewrite.variables
        codes, own = self._original.steps[self.step.number].exits, self._original.own_codes(self.step.number)
        return command_dimensions((row.original for row in rows), self._asked, codes, own, held, self._compared)

    def other_value(self) -> str:
        """What somebody else writes to a key: JSON where the step reads JSON."""
        is_json = any(
            self.vocabulary.of(node.effect.name).is_json
            for node in walk(self.step.statements)
            if isinstance(node, Do) and isinstance(node.effect, KvGet)
        )
        return '{"written_by": "somebody else"}' if is_json else OTHER_TEXT

    def _plain(self, dimensions: Sequence[Dimension]) -> list[Dimension]:
        """The dimensions; where sh runs, whose echo reads backslashes, those with one are outside what is assumed."""
        return with_plain_texts(dimensions) if self._original.runs_sh(self.step.number) else list(dimensions)

    def _arguments(self, base: Scenario) -> Dimension | None:
        """The ways to call the process; where other steps come before, those that lead to this one."""
        usual = Option("", base.arguments)
        every = argument_options(self._process, self._asked, self._compared)
        options = [option for option in every if option.arguments != base.arguments]
        if self.before:
            rows = self._bench.observe_all([replace(base, arguments=option.arguments or ()) for option in options])
            seen = list(zip(options, rows, strict=True))
            options = [option for option, row in seen if row.original.outcome != NOT_REACHED]
            if not argument_options(self._process, [self.step]):
                # The step does not look at them itself: those that lead to other arms of it are enough.
                options = _that_matter(self._bench.observe(base), [(o, r) for o, r in seen if o in options])
        return Dimension("arguments", (usual, *options)) if options else None


def _turned_up(usual: Mapping[str, str], rows: Iterable[Observation]) -> dict[str, str]:
    """What names hold as a rule; where that is nothing, what they have held in some row."""
    found = dict(usual)
    for row in rows:
        for name, value in row.rewrite.variables.items():
            if not found.get(name) and _PLAIN.fullmatch(value):
                found[name] = value
    return found


#: What a file may be called, as a rule.
_PLAIN = regex(r"[\w./-]+")


def _leads(before: Before, wanted: Iterable[str]) -> tuple[bool, int, int]:
    """How far steps have led: whether to the end, with how much of what is wanted, and of all."""
    handed = sum(bool(before.variables.get(name)) for name in wanted)
    return before.leads_on, handed, sum(map(bool, before.variables.values()))


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

"""The reference interpreter: what the IR means.

`Machine(world, process).run()` carries out a process step by step. A failing effect that nothing looks at shows its
error text and stops the process. Three ways look at it: an outcome word in the IF chain right below, `or VALUE if it
fails`, and `ignoring failure`. Failures that ask for something from the caller (an answer, a permission) are never
looked at: they end the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from peerlint.process.model import (
    Arithmetic,
    AsJson,
    Ask,
    AsNumber,
    Check,
    Clauses,
    Condition,
    Constant,
    Delegate,
    Do,
    ForEach,
    If,
    InFolder,
    Input,
    JqFilter,
    Leave,
    Length,
    Note,
    Number,
    NumberOf,
    Opaque,
    Proceed,
    Process,
    Ref,
    Repeat,
    Result,
    Resume,
    Say,
    Set,
    Shell,
    Skip,
    Statement,
    Step,
    Stop,
    Value,
)
from peerlint.records import dataclass, field, replace
from peerlint.run import jsontext
from peerlint.run.arguments import Arguments
from peerlint.run.conditions import FOR_THE_CALLER, Conditions, EffectOutcome, looks_at, outcome_words
from peerlint.run.depth import MAX_DEPTH, depth_of
from peerlint.run.effects import Bindings, Effects, names_of
from peerlint.run.events import (
    AskEvent,
    ConditionEvent,
    DelegateEvent,
    Event,
    FlowEvent,
    MessageEvent,
    MessageKind,
    OutcomeEvent,
    PauseEvent,
    SetEvent,
    StepEvent,
    Verdict,
)
from peerlint.run.shellcode import as_effect
from peerlint.run.values import Evaluator, Missing, bad_value
from peerlint.run.world import Cause, EffectFailure, World
from peerlint.source.text import Span

COMPLETED, STOPPED = "completed", "stopped"

#: A process that jumps back by PROCEED or RESUME ends after so many steps.
MAX_STEPS = 1000


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended.

    `outcome` is `completed` or `stopped`; `step` the number of the last step; `reason` what STOP says, or the error
    text of `failure`; `leads_to` the step that was named next but is not among those that were to run.
    """

    outcome: str
    step: str | None
    reason: str | None
    failure: EffectFailure | None
    variables: Mapping[str, str]
    events: Sequence[Event]
    leads_to: str | None = None


@dataclass(frozen=True, slots=True)
class _EndLoop:
    """LEAVE the loop."""


@dataclass(frozen=True, slots=True)
class _EndStep:
    """The step is over; goes on with `target`, or the next one."""

    target: str | None = None


@dataclass(frozen=True, slots=True)
class _EndProcess:
    """The process is over."""

    reason: str | None = None
    failure: EffectFailure | None = None


_Jump = _EndLoop | _EndStep | _EndProcess
_FALL_THROUGH: tuple[Condition, ...] = ()


@dataclass(slots=True)
class _Recorder:
    """Collects the events, and hands each on at once with the span of the statement that runs."""

    listener: Callable[[Event], None] | None
    events: list[Event] = field(default_factory=list)
    span: Span | None = None

    def __call__(self, event: Event) -> None:
        if self.span is not None and getattr(event, "span", self.span) is None:
            event = replace(event, span=self.span)  # type: ignore[call-arg]  # every event with a span field takes it
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)


class Machine:
    """Runs one process once.

    `arguments` are those of the process, `inputs` names that are set before it begins, `on_event` is called with
    each event as it happens.
    """

    def __init__(
        self,
        world: World,
        process: Process,
        arguments: Sequence[str] = (),
        inputs: Mapping[str, str] | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._process = process
        self._emit = _Recorder(on_event)
        self._variables = dict(inputs or {})
        self._values = Evaluator(world, Arguments.of(arguments), self._variables, self._emit)
        self._conditions = Conditions(self._values, self._emit)
        self._effects = Effects(self._values, self._emit)
        self._world = world
        self._last: EffectOutcome | None = None  # how the last statement of the block that has just ended came out

    # --- steps ------------------------------------------------------------------------------------------------------

    def run(self, steps: Sequence[str] | None = None) -> RunResult:
        """Runs the steps with these numbers in the order of the file, all of them by default."""
        chosen = [step for step in self._process.steps if steps is None or step.number in steps]
        end = _EndProcess()
        leads_to: str | None = None
        last: Step | None = None
        place, count, stopped = 0, 0, False
        while place < len(chosen):
            last = chosen[place]
            count += 1
            jump = self._step(last) if count <= MAX_STEPS else _too_many_steps()
            if isinstance(jump, _EndProcess):
                end, stopped = jump, True
                break
            target = jump.target if isinstance(jump, _EndStep) else None
            following = place + 1 if target is None else _place_of(target, chosen, place)
            if following is None:
                if any(step.number == target for step in self._process.steps):
                    leads_to = target
                else:
                    end, stopped = self._unhandled(bad_value(f"there is no step {target}")), True
                break
            place = following
        return self._finish(STOPPED if stopped else COMPLETED, last, end, leads_to)

    def _finish(self, outcome: str, last: Step | None, end: _EndProcess, leads_to: str | None) -> RunResult:
        number = last.number if last else None
        cause = end.failure.cause.value if end.failure else None
        self._emit.span = None
        self._emit(OutcomeEvent(outcome, number, end.reason, cause))
        return RunResult(outcome, number, end.reason, end.failure, self._variables, self._emit.events, leads_to)

    def _step(self, step: Step) -> _Jump | None:
        self._emit.span = None
        self._emit(StepEvent(step.number, step.name, step.span))
        if depth_of(step.statements) > MAX_DEPTH:
            return self._unhandled(bad_value(f"step {step.number} nests deeper than {MAX_DEPTH} levels"))
        return self._block(step.statements)

    def _unhandled(self, failure: EffectFailure) -> _EndProcess:
        self._emit(MessageEvent(MessageKind.TOOL, failure.message))
        return _EndProcess(failure.message, failure)

    # --- statements -------------------------------------------------------------------------------------------------

    def _block(self, statements: Sequence[Statement], until: Condition | None = None) -> _Jump | None:
        """Runs statements in order. The last effect may be looked at by `until`, the condition of a REPEAT."""
        above: EffectOutcome | None = None
        for place, statement in enumerate(statements):
            if isinstance(statement, (Note, Result)):
                continue
            span = self._emit.span = statement.span
            if isinstance(statement, Shell):
                statement = as_effect(statement) or statement
            try:
                if isinstance(statement, (Do, Set)):
                    above = self._effect(statement, _chain_below(statements, place, until))
                    jump = None
                else:
                    jump = self._statement(statement, above)
                    above = None
            except EffectFailure as failure:
                self._emit.span = span
                jump = self._unhandled(failure)
            if jump is not None:
                return jump
        self._last = above
        return None

    def _statement(self, statement: Statement, above: EffectOutcome | None) -> _Jump | None:
        match statement:
            case If():
                return self._if(statement, above)
            case ForEach():
                return self._for_each(statement)
            case Repeat():
                return self._repeat(statement)
            case InFolder():
                return self._in_folder(statement)
            case Stop() | Proceed() | Skip() | Resume() | Leave():
                return self._flow(statement)
            case Check(condition=condition):
                return self._check(condition)
            case Shell() | Opaque():
                raise _not_runnable(statement)
            case _:
                self._plain(statement)
                return None

    def _plain(self, statement: Statement) -> None:
        """Statements that change no flow."""
        match statement:
            case Say(kind=kind, text=text):
                self._emit(MessageEvent(MessageKind(kind.value), self._values.text(text)))
            case Input(name=name, question=question):
                if name not in self._variables:
                    answer = self._world.fill_in(name, question)
                    self._emit(AskEvent(question or name, answer, name))
                    self._bind({name: answer})
            case Ask(text=text, name=name):
                question_text = self._values.text(text)
                answer = self._world.ask(question_text)
                self._emit(AskEvent(question_text, answer))
                self._bind({name: answer})
            case Delegate():
                self._delegate(statement)
            case _:
                raise AssertionError(f"no such statement: {statement!r}")

    def _delegate(self, statement: Delegate) -> None:
        request = "" if statement.request is None else self._values.text(statement.request)
        try:
            reply = self._world.delegate(statement.subagent, request)
        except EffectFailure as failure:
            self._emit(DelegateEvent(statement.subagent, request, cause=failure.cause.value))
            raise
        self._emit(DelegateEvent(statement.subagent, request, reply))
        if statement.name is not None:
            self._bind({statement.name: reply})

    # --- flow -------------------------------------------------------------------------------------------------------

    def _flow(self, statement: Stop | Proceed | Skip | Resume | Leave) -> _Jump:
        match statement:
            case Stop(reason=reason):
                text = None if reason is None else self._values.text(reason)
                self._emit(FlowEvent("stop", reason=text))
                return _EndProcess(text)
            case Proceed(step=step):
                self._emit(FlowEvent("proceed", step))
                return _EndStep(step)
            case Resume(step=step):
                self._emit(FlowEvent("resume", step))
                return _EndStep(step)
            case Skip():
                self._emit(FlowEvent("skip"))
                return _EndStep()
            case Leave():
                self._emit(FlowEvent("leave"))
                return _EndLoop()

    def _holds(self, condition: Condition, arm: int, above: EffectOutcome | None = None) -> bool:
        """Tries an arm of the statement that runs, and tells it."""
        span = self._emit.span
        assert span is not None
        try:
            verdict = self._conditions.holds(condition, above)
        except EffectFailure as failure:
            self._emit(ConditionEvent(span, arm, Verdict.FAILED, failure.cause.value))
            raise
        self._emit(ConditionEvent(span, arm, Verdict.TRUE if verdict else Verdict.FALSE))
        return verdict

    def _if(self, statement: If, above: EffectOutcome | None) -> _Jump | None:
        for arm, branch in enumerate(statement.branches):
            if self._holds(branch.condition, arm, above):
                return self._block(branch.body)
        self._emit(ConditionEvent(statement.span, len(statement.branches), Verdict.TRUE))
        return None if statement.otherwise is None else self._block(statement.otherwise)

    def _check(self, condition: Condition) -> _Jump | None:
        if self._holds(condition, 0):
            return None
        span = self._emit.span
        assert span is not None
        self._emit(ConditionEvent(span, 1, Verdict.TRUE))
        return _EndProcess("the condition of a CHECK does not hold")

    def _for_each(self, statement: ForEach) -> _Jump | None:
        for item in self._values.items(statement.listing):
            self._emit.span = statement.span
            self._bind({statement.name: item})
            jump = self._block(statement.body)
            if isinstance(jump, _EndLoop):
                return None
            if jump is not None:
                return jump
        return None

    def _repeat(self, statement: Repeat) -> _Jump | None:
        for turn in range(statement.times):
            jump = self._block(statement.body, statement.until)
            if isinstance(jump, _EndLoop):
                return None
            if jump is not None:
                return jump
            self._emit.span = statement.span
            if statement.until is not None:
                if self._holds(statement.until, 0, self._last):
                    return None
                self._emit(ConditionEvent(statement.span, 1, Verdict.TRUE))
            if statement.pause is not None and turn + 1 < statement.times:
                self._emit(PauseEvent(statement.pause.seconds))
                self._world.pause(statement.pause.seconds)
        return None

    def _in_folder(self, statement: InFolder) -> _Jump | None:
        self._world.enter_folder(self._values.text(statement.path, Missing.FAILS))
        try:
            return self._block(statement.body)
        finally:
            self._world.leave_folder()

    # --- effects and SET --------------------------------------------------------------------------------------------

    def _effect(self, statement: Do | Set, chain: tuple[Condition, ...]) -> EffectOutcome:
        """Does it, applies the clauses, and gives the outcome to the chain below. Raises what nothing looks at."""
        clauses = statement.clauses
        names = names_of(statement.effect) if isinstance(statement, Do) else [statement.target.name]
        try:
            bindings = (
                self._effects.perform(statement.effect, clauses) if isinstance(statement, Do) else self._set(statement)
            )
            failure = None
        except EffectFailure as error:
            failure = error
            if failure.cause in FOR_THE_CALLER:
                raise
            bindings = self._after_failure(statement, names, failure)
        if clauses.if_empty is not None and names and not bindings.get(names[0]):
            bindings[names[0]] = self._values.value(clauses.if_empty)
        if clauses.exit_code is not None:
            bindings[clauses.exit_code] = str(failure.code if failure else 0)
        if clauses.error is not None and (failure or clauses.error not in bindings):
            bindings[clauses.error] = failure.message if failure else ""
        self._bind(bindings)
        looked_at = clauses.if_fails is not None or clauses.ignoring_failure
        if failure is not None and not looked_at and not looks_at(outcome_words(chain), failure):
            raise failure
        return EffectOutcome(failure)

    def _after_failure(self, statement: Do | Set, names: Sequence[str], failure: EffectFailure) -> Bindings:
        """What the names of a failed effect become: the value instead, the output so far, or missing."""
        clauses = statement.clauses
        if not names:
            return {}
        bindings: Bindings = dict.fromkeys(names)
        if clauses.if_fails is not None:
            bindings[names[0]] = self._values.value(clauses.if_fails)
        elif isinstance(statement, Set):
            if statement.target.path:
                return {}
            bindings[names[0]] = failure.output
        elif clauses.ignoring_failure or failure.output:
            bindings = dict.fromkeys(names, "")
            bindings[names[0]] = failure.output
        return bindings

    def _bind(self, bindings: Bindings) -> None:
        for name, value in bindings.items():
            if value is None:
                self._variables.pop(name, None)
            else:
                self._variables[name] = value
            self._emit(SetEvent(name, value))

    def _set(self, statement: Set) -> Bindings:
        target = statement.target
        if not target.path:
            return {target.name: self._values.value(statement.value)}
        return {target.name: self._with_field(target, self._json_value(statement.value, statement.clauses))}

    def _with_field(self, target: Ref, new: jsontext.Json) -> str:
        text = self._variables.get(target.name, "")
        path = self._values.path(target)
        if any(step is None for step in path):
            raise bad_value(f"a name in the path of {target.name} was never set")
        try:
            old = jsontext.parse(text) if text.strip() else None
            return jsontext.dump(jsontext.with_field(old, [step for step in path if step is not None], new))
        except ValueError as error:
            raise bad_value(f"{target.name} cannot take the field: {error}") from None

    def _json_value(self, value: Value, clauses: Clauses) -> jsontext.Json:
        """The value of a JSON field: quoted is a string, bare is JSON, a name is the text of it."""
        text = self._values.value(value)
        if clauses.if_empty is not None and not text:
            value = clauses.if_empty
            text = self._values.value(value)
        match value:
            case Constant(value=constant):
                return constant
            case Number() | AsNumber() | Arithmetic() | Length() | NumberOf():
                return jsontext.Literal(str(int(text or "0")))
            case AsJson():
                return _parsed(text)
            case JqFilter(flags=flags) if not {"r", "j"} & set(flags):
                return _parsed(text)
            case _:
                return text or ""


def _parsed(text: str | None) -> jsontext.Json:
    try:
        return jsontext.parse(text or "")
    except ValueError as error:
        raise bad_value(f"the value of the field is no JSON: {error}") from None


def _chain_below(statements: Sequence[Statement], place: int, until: Condition | None) -> tuple[Condition, ...]:
    """The conditions of the IF chain right below a statement; NOTE and RESULT do not count."""
    for statement in statements[place + 1 :]:
        if isinstance(statement, (Note, Result)):
            continue
        return tuple(branch.condition for branch in statement.branches) if isinstance(statement, If) else _FALL_THROUGH
    return _FALL_THROUGH if until is None else (until,)


def _place_of(number: str, steps: Sequence[Step], here: int) -> int | None:
    """Where the step of that number stands: behind `here` first, since numbers may come twice."""
    places = [place for place, step in enumerate(steps) if step.number == number]
    return next((place for place in places if place > here), places[0] if places else None)


def _too_many_steps() -> _EndProcess:
    failure = EffectFailure(Cause.TIMEOUT, f"the process went through {MAX_STEPS} steps and still jumps back")
    return _EndProcess(failure.message, failure)


def _not_runnable(statement: Shell | Opaque) -> EffectFailure:
    if isinstance(statement, Shell):
        return EffectFailure(
            Cause.NOT_ALLOWED, "shell code is not run; peerlint --fix migrates it, or says what is in the way"
        )
    return EffectFailure(Cause.NOT_ALLOWED, f"this line has no meaning that could be run: {statement.reason}")

"""What the IR means, statement by statement."""

from __future__ import annotations

import pytest

from peerlint.process.model import (
    All,
    AnyOf,
    Arithmetic,
    AsJson,
    AsNumber,
    Branch,
    BucketAdd,
    BucketInfo,
    Check,
    Clauses,
    Compare,
    Condition,
    Constant,
    Cut,
    Decide,
    Delegate,
    Duration,
    Equals,
    FileRead,
    FileWrite,
    FlagValue,
    ForEach,
    HasPart,
    If,
    InFolder,
    Input,
    IsEmpty,
    IsJson,
    IsMissing,
    IsNumber,
    JqFilter,
    KvCreate,
    KvKeys,
    KvPut,
    KvUpdate,
    Leave,
    Length,
    Matches,
    Not,
    Note,
    Number,
    NumberOf,
    OneOf,
    Opaque,
    Order,
    OtherArgument,
    Outcome,
    Part,
    PartsOf,
    PathExists,
    PathKind,
    Proceed,
    Process,
    Provided,
    Ref,
    Repeat,
    Result,
    Resume,
    Run,
    ServerCheck,
    Set,
    Skip,
    Statement,
    Step,
    Stop,
    Text,
    TimeUnit,
    Value,
    Values,
    Verbatim,
)
from peerlint.run.answers import Answers, Replies
from peerlint.run.events import ConditionEvent, KvEvent, PauseEvent, Verdict
from peerlint.run.kv import Fault, Faults
from peerlint.run.local import Surroundings
from peerlint.run.machine import Machine
from peerlint.run.memory import MemoryWorld
from peerlint.run.people import People
from peerlint.run.world import BucketConfig, Cause, Completed
from peerlint.source.text import Span
from tests.run.build import STOP, commands, do, get, memory, messages, outcome, pipeline, process, run, say, text, when

LENIENT = outcome(Outcome.KEY_NOT_AVAILABLE)
STRICT = outcome(Outcome.KEY_DOES_NOT_EXIST)


def value_of(value: Value, **names: str) -> str | None:
    """What a value becomes when it is SET."""
    result = run(Set(Ref("RESULT"), value), inputs=names)
    assert result.outcome == "completed", result.reason
    return result.variables.get("RESULT")


def failure_of(value: Value, **names: str) -> str:
    result = run(Set(Ref("RESULT"), value), inputs=names)
    assert result.failure is not None
    return result.failure.message


def holds(condition: Condition, arguments: tuple[str, ...] = (), **names: str) -> bool:
    result = run(when(condition, say("yes"), otherwise=[say("no")]), inputs=names, arguments=arguments)
    assert result.failure is None, result.reason
    return messages(result) == ["yes"]


class TestFailure:
    def test_one_that_nothing_looks_at_shows_its_text_and_stops(self) -> None:
        result = run(do(get("absent")), say("not reached"))
        assert (result.outcome, messages(result)) == ("stopped", ["nats: error: nats: key not found"])
        assert result.failure is not None
        assert result.failure.cause is Cause.KEY_MISSING

    def test_an_outcome_right_below_handles_it_and_hides_the_text(self) -> None:
        result = run(do(get("absent")), when(LENIENT, say("none"), otherwise=[say("some")]))
        assert (result.outcome, messages(result)) == ("completed", ["none"])

    def test_a_note_between_does_not_part_them(self) -> None:
        result = run(do(get("absent")), Note("why"), when(LENIENT, say("none")))
        assert messages(result) == ["none"]

    def test_a_statement_between_parts_them(self) -> None:
        result = run(do(get("absent")), say("between"), when(LENIENT, say("none")))
        assert result.outcome == "stopped"

    def test_a_chain_without_outcome_words_does_not_look(self) -> None:
        result = run(do(get("absent")), when(IsEmpty(Ref("VALUE")), say("none")))
        assert result.outcome == "stopped"

    def test_or_value_if_it_fails(self) -> None:
        result = run(do(get("absent"), if_fails=text("0")), say("[VALUE]"))
        assert messages(result) == ["0"]

    def test_ignoring_failure_goes_on_with_the_output(self) -> None:
        world = MemoryWorld(
            Surroundings(people=People(Answers(commands={"audit": Replies((Completed(1, "3 found\n"),))})))
        )
        statement = do(Run(commands(pipeline(["audit"])), name="OUT"), ignoring_failure=True)
        assert messages(run(statement, say("got [OUT]"), world=world)) == ["got 3 found"]

    def test_error_as_takes_the_text_and_does_not_handle(self) -> None:
        result = run(do(get("absent"), error="WHY"), when(LENIENT, say("[WHY]")))
        assert messages(result) == ["nats: error: nats: key not found"]
        assert run(do(get("absent"), error="WHY")).outcome == "stopped"

    def test_exit_code_as(self) -> None:
        world = MemoryWorld(Surroundings(people=People(Answers(commands={"tool": Replies((Completed(4, ""),))}))))
        statement = do(Run(commands(pipeline(["tool"]))), exit_code="CODE", ignoring_failure=True)
        assert messages(run(statement, say("[CODE]"), world=world)) == ["4"]

    @pytest.mark.parametrize(
        ("cause", "word", "shown"),
        [
            (Cause.KEY_MISSING, STRICT, ["none"]),
            (Cause.SERVER_AWAY, STRICT, ["nats: error: nats: no servers available for connection"]),
            (Cause.SERVER_AWAY, LENIENT, ["none"]),
            (Cause.BUCKET_MISSING, outcome(Outcome.KEY_EXISTS), ["nats: error: nats: bucket not found"]),
            (Cause.KEY_MISSING, outcome(Outcome.KEY_EXISTS), ["some"]),
            (Cause.SERVER_AWAY, outcome(Outcome.KEY_AVAILABLE), ["some"]),
        ],
    )
    def test_strict_words_look_at_their_cause_only(self, cause: Cause, word: Condition, shown: list[str]) -> None:
        world = memory({"key": "value"})
        world.surroundings.faults = Faults.of([Fault(cause, "get")])
        assert messages(run(do(get("key")), when(word, say("none"), otherwise=[say("some")]), world=world)) == shown

    def test_a_mixed_chain_is_total(self) -> None:
        world = memory({"key": "value"})
        world.surroundings.faults = Faults.of([Fault(Cause.DENIED, "get")])
        chain = If((Branch(STRICT, (say("absent"),)), Branch(LENIENT, (say("failed"),))), (say("there"),))
        assert messages(run(do(get("key")), chain, world=world)) == ["failed"]
        assert messages(run(do(get("other")), chain, world=memory())) == ["absent"]
        assert messages(run(do(get("key")), chain, world=memory({"key": "1"}))) == ["there"]

    def test_an_outcome_word_with_nothing_above_is_a_failure(self) -> None:
        assert run(say("x"), when(LENIENT, say("none"))).outcome == "stopped"

    def test_a_stale_value_never_survives_a_failed_read(self) -> None:
        read = when(LENIENT, say("now [VALUE]"))
        assert messages(run(do(get("absent")), read, inputs={"VALUE": "old"})) == ["now "]

    def test_what_the_caller_must_give_is_never_looked_at(self) -> None:
        statement = do(Run(commands(pipeline(["rm"]))), ignoring_failure=True)
        result = run(statement, when(outcome(Outcome.COMMAND_FAILS), say("handled")))
        assert result.failure is not None
        assert result.failure.cause is Cause.NOT_ALLOWED

    def test_a_condition_that_fails_stops_with_its_cause(self) -> None:
        result = run(when(Equals(Arithmetic("+", (Ref("X"), Number(1))), Number(2)), say("yes")), inputs={"X": "a"})
        assert result.outcome == "stopped"
        verdicts = [event.verdict for event in result.events if isinstance(event, ConditionEvent)]
        assert verdicts == [Verdict.FAILED]


class TestFlow:
    def test_stop_ends_the_process_with_its_reason(self) -> None:
        result = run(Stop(text("no [X]")), say("never"), inputs={"X": "way"})
        assert (result.outcome, result.reason, messages(result)) == ("stopped", "no way", [])

    def test_proceed_in_the_last_step_completes(self) -> None:
        assert run(Proceed(), say("never")).outcome == "completed"

    def steps(self, **bodies: tuple[Statement, ...]) -> Process:
        return Process("p", tuple(Step(name[1:], statements=body) for name, body in bodies.items()))

    def test_proceed_to_a_step_skip_and_resume(self) -> None:
        walk = self.steps(
            s1=(say("1"), Proceed("3")),
            s2=(say("2"), Skip(), say("never")),
            s3=(say("3"), when(IsEmpty(Ref("ROUND")), Set(Ref("ROUND"), text("x")), Resume("2"))),
        )
        result = Machine(memory(), walk).run()
        assert messages(result) == ["1", "3", "2", "3"]

    def test_chosen_steps_only_and_where_they_lead(self) -> None:
        walk = self.steps(s1=(say("1"),), s2=(say("2"), Proceed("4")), s3=(say("3"),), s4=(say("4"),))
        result = Machine(memory(), walk).run(["1", "2"])
        assert (messages(result), result.leads_to, result.outcome) == (["1", "2"], "4", "completed")

    def test_a_step_that_is_not_there_stops(self) -> None:
        assert run(Proceed("9")).outcome == "stopped"

    def test_a_circle_of_steps_ends(self) -> None:
        result = run(Proceed("1"))
        assert (result.outcome, result.failure and result.failure.cause) == ("stopped", Cause.TIMEOUT)

    def test_for_each_leave_and_what_remains(self) -> None:
        body = (when(Equals(Ref("F"), text("b")), Leave()), say("[F]"))
        result = run(ForEach("F", PartsOf(Cut.WORDS, text("a b c")), body), say("last [F]"))
        assert messages(result) == ["a", "last b"]

    def test_repeat_tests_after_the_body_and_pauses_between(self) -> None:
        slept: list[float] = []
        world = MemoryWorld(Surroundings(sleep=slept.append))
        loop = Repeat(
            5,
            (Set(Ref("N"), Arithmetic("+", (Ref("N"), Number(1)))),),
            Duration(2, TimeUnit.SECOND),
            Compare(Order.AT_LEAST, Ref("N"), Number(3)),
        )
        result = run(loop, say("[N]"), world=world, inputs={"N": "0"})
        assert (messages(result), slept) == (["3"], [2.0, 2.0])
        assert [event.seconds for event in result.events if isinstance(event, PauseEvent)] == [2.0, 2.0]

    def test_repeat_ends_quietly_after_the_last_time(self) -> None:
        assert messages(run(Repeat(2, (say("x"),), until=IsEmpty(text("no"))), say("on"))) == ["x", "x", "on"]

    def test_until_looks_at_the_last_effect_of_the_body(self) -> None:
        world = memory({"key": "1"})
        world.surroundings.faults = Faults.of([Fault(Cause.SERVER_AWAY, "get", nth=1)])
        loop = Repeat(3, (do(get("key")),), until=outcome(Outcome.KEY_AVAILABLE))
        assert messages(run(loop, say("[VALUE]"), world=world)) == ["1"]

    def test_a_check_that_does_not_hold_stops(self) -> None:
        assert run(Check(IsEmpty(text("x"))), say("never")).outcome == "stopped"
        assert run(Check(IsEmpty(text("")))).outcome == "completed"

    def test_arms_are_told_with_the_span_of_their_if(self) -> None:
        span = Span(5, 9)
        chain = If((Branch(IsEmpty(text("x")), ()), Branch(IsEmpty(text("")), ())), span=span)
        events = [event for event in run(chain, If((), span=Span(9, 9))).events if isinstance(event, ConditionEvent)]
        assert [(event.span, event.arm, event.verdict.value) for event in events] == [
            (span, 0, "false"),
            (span, 1, "true"),
            (Span(9, 9), 0, "true"),
        ]

    def test_nests_beyond_the_bound_are_refused_and_not_a_crash(self) -> None:
        body: Statement = say("deep")
        for _ in range(5000):
            body = when(IsEmpty(text("")), body)
        result = run(body)
        assert "nests deeper" in (result.reason or "")

    def test_opaque_is_not_run(self) -> None:
        result = run(Opaque("eval"))
        assert result.failure is not None
        assert result.failure.cause is Cause.NOT_ALLOWED

    def test_result_and_note_show_nothing(self) -> None:
        assert messages(run(Note("n"), Result("X"))) == []


class TestValues:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (text("a [X] b"), "a 08 b"),
            (text("[NONE]."), "."),
            (Ref("NONE"), None),
            (Number(7), "7"),
            (Constant(True), "true"),
            (Constant(None), None),
            (Arithmetic("+", (Ref("X"), Number(1))), "9"),
            (Arithmetic("-", (Number(1), Number(2), Number(3))), "-4"),
            (Arithmetic("/", (Number(-7), Number(2))), "-3"),
            (Arithmetic("%", (Number(-7), Number(2))), "-1"),
            (AsNumber(Ref("X")), "8"),
            (Length(text("äöü")), "3"),
            (NumberOf(PartsOf(Cut.LINES, text("a\n\nb\n"))), "2"),
            (NumberOf(PartsOf(Cut.ITEMS, text(""))), "0"),
            (NumberOf(Values((text("a"), text("b")))), "2"),
            (JqFilter(text('{"a": [1, {"b": 2}]}'), Verbatim(".a")), '[\n  1,\n  {\n    "b": 2\n  }\n]'),
            (JqFilter(text('{"a": "x\\ny\\n"}'), Verbatim(".a"), "-r"), "x\ny"),
            (JqFilter(text('{"p": {"a-b": 1}}'), Verbatim(".p[$NAME]")), "null"),
        ],
    )
    def test_text(self, value: Value, expected: str | None) -> None:
        assert value_of(value, X="08") == expected

    @pytest.mark.parametrize("operand", ["", "abc", "1 2", "0x10", "1.5", "٣", "99999999999999999999"])
    def test_arithmetic_takes_whole_numbers_only(self, operand: str) -> None:
        assert "no whole number" in failure_of(Arithmetic("+", (Ref("X"), Number(1))), X=operand)

    def test_arithmetic_fails_where_bash_does_or_wraps(self) -> None:
        assert failure_of(Arithmetic("/", (Number(1), Number(0)))) == "division by zero"
        assert "64 bits" in failure_of(Arithmetic("+", (Number(2**63 - 1), Number(1))))

    def test_fields_are_total(self) -> None:
        names = {"META": '{"a": {"n-1": "x"}, "b": null, "l": [10, 1.50], "t": true}', "K": "n-1", "J": "no json"}
        assert value_of(Ref("META", ("a", Ref("K"))), **names) == "x"
        assert value_of(Ref("META", ("b",)), **names) is None
        assert value_of(Ref("META", ("b", "c", "d")), **names) is None
        assert value_of(Ref("META", ("t",)), **names) == "true"
        assert value_of(Ref("META", ("l",)), **names) == "[\n  10,\n  1.50\n]"
        assert value_of(Ref("META", ("a", Ref("UNSET"))), **names) is None
        assert value_of(Ref("J", ("a",)), **names) is None

    def test_a_json_template_escapes_between_quotes_and_checks_what_stands_bare(self) -> None:
        template = AsJson(Text.of('{"n": ', Ref("N"), ', "t": "', Ref("T"), '"}'))
        assert value_of(template, N="1", T='a"b\n') == '{"n": 1, "t": "a\\"b\\n"}'
        assert "stands bare" in failure_of(template, N="x y", T="")
        assert "was never set" in failure_of(template, T="") or "nothing" in failure_of(template, T="")
        assert "no JSON" in failure_of(AsJson(text("{")))

    def test_the_harness_replaces_its_placeholders(self) -> None:
        result = run(Set(Ref("ALL"), text("$ARGUMENTS")), Set(Ref("SECOND"), text("$2")), arguments=("a", "b c"))
        assert result.variables == {"ALL": "a b c", "SECOND": "b c"}

    def test_arguments(self) -> None:
        arguments = ("--spec=one", "--spec=two", "--continue", "name")
        result = run(
            Set(Ref("A"), FlagValue("--spec")),
            Set(Ref("B"), OtherArgument(("--spec=", "--continue"))),
            Set(Ref("C"), FlagValue("--none")),
            arguments=arguments,
        )
        assert result.variables == {"A": "two", "B": "name"}

    def test_missing_names_stop_in_keys_commands_and_stored_values(self) -> None:
        for statement in (
            do(get("x.[UNSET]")),
            do(Run(commands(pipeline(["echo", "[UNSET]"])))),
            do(KvPut(text("state"), text("k"), Ref("UNSET"))),
            do(KvPut(text("state"), text("k"), text("a[UNSET]"))),
        ):
            result = run(statement)
            assert result.failure is not None
            assert result.failure.cause is Cause.BAD_VALUE
            assert "UNSET was never set" in result.failure.message


class TestSetField:
    def test_keeps_the_order_and_the_numbers_of_the_text(self) -> None:
        start = '{"b": 1.10, "a": {"x": 1}}'
        result = run(
            Set(Ref("M", ("a", "y")), text("str [N]")),
            Set(Ref("M", ("n",)), AsNumber(Ref("N"))),
            Set(Ref("M", ("t",)), Constant(True)),
            Set(Ref("M", ("s",)), Ref("N")),
            Set(Ref("M", ("j",)), AsJson(text("[1]"))),
            inputs={"M": start, "N": "007"},
        )
        assert result.variables["M"].replace("\n", "").replace("  ", "") == (
            '{"b": 1.10,"a": {"x": 1,"y": "str 007"},"n": 7,"t": true,"s": "007","j": [1]}'
        )

    def test_grows_from_nothing_and_from_null(self) -> None:
        result = run(Set(Ref("M", ("c", Ref("N"), "s")), text("done")), inputs={"N": "3"})
        assert result.variables["M"] == '{\n  "c": {\n    "3": {\n      "s": "done"\n    }\n  }\n}'

    def test_fails_on_what_is_no_object_and_can_be_handled(self) -> None:
        field = Set(Ref("M", ("a",)), text("x"))
        assert run(field, inputs={"M": "no json"}).outcome == "stopped"
        handled = run(field, when(outcome(Outcome.TRANSFORMATION_FAILS), say("bad [M]")), inputs={"M": "no json"})
        assert messages(handled) == ["bad no json"]


class TestConditions:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (IsEmpty(Ref("NONE")), True),
            (IsEmpty(Ref("EMPTY")), True),
            (IsMissing(Ref("EMPTY")), False),
            (IsMissing(Ref("NONE")), True),
            (IsNumber(Ref("X")), True),
            (IsNumber(text("1.0")), False),
            (IsJson(text('{"a":1}')), True),
            (IsJson(text("")), False),
            (IsJson(text("NaN")), False),
            (Equals(Ref("X"), Number(50)), True),
            (Equals(Ref("X"), text("50")), False),
            (Equals(text("x"), Number(0)), False),
            (Equals(Ref("NONE"), Constant(None)), True),
            (OneOf(text("b"), (text("a"), text("b"))), True),
            (Compare(Order.GREATER, Ref("X"), Number(49)), True),
            (Compare(Order.AT_MOST, text("z"), Number(49)), False),
            (Not(Compare(Order.AT_MOST, text("z"), Number(49))), True),
            (HasPart(Part.CONTAINS, text("a*c"), text("*")), True),
            (HasPart(Part.STARTS, text("abc"), text("ab")), True),
            (HasPart(Part.ENDS, text("abc"), text("ab")), False),
            (Matches(text("x\nv12"), Verbatim("^v[[:digit:]]+$")), True),
            (Matches(text("xv12"), Verbatim("^v[0-9]+$")), False),
            (All((IsEmpty(Ref("NONE")), IsEmpty(Ref("X")))), False),
            (AnyOf((IsEmpty(Ref("NONE")), Decide("never asked"))), True),
            (Provided("--spec"), True),
            (Provided("--bare"), True),
            (Provided("--hollow"), False),
            (PathExists(PathKind.FILE, text("nothing.md")), False),
        ],
    )
    def test_verdicts(self, condition: Condition, expected: bool) -> None:
        assert holds(condition, ("--spec=x", "--bare", "--hollow="), X="050", EMPTY="") is expected


class TestWorldOfTheMachine:
    def test_optimistic_locking(self) -> None:
        world = memory({"k": '{"s": "a"}'})
        update = do(KvUpdate(text("state"), text("k"), Ref("S"), "REV"))
        conflict = when(outcome(Outcome.REVISION_CHANGED), say("changed"), otherwise=[say("stored")])
        steps = (do(get("k", "S", "REV")), Set(Ref("S", ("s",)), text("b")), update, conflict)
        assert messages(run(*steps, world=world)) == ["stored"]
        put_between = do(KvPut(text("state"), text("k"), text("other")))
        assert messages(run(*steps[:2], put_between, *steps[2:], world=memory({"k": "{}"}))) == ["changed"]

    def test_events_of_state_effects_carry_revisions(self) -> None:
        result = run(do(KvCreate(text("state"), text("k"), text("v"))), do(get("k", "V", "R")))
        shown = [event.to_dict() for event in result.events if isinstance(event, KvEvent)]
        base = {"bucket": "state", "key": "k", "value": "v", "revision": 1, "span": [0, 0], "event": "kv"}
        assert shown == [{**base, "operation": "create"}, {**base, "operation": "get"}]

    def test_create_of_an_existing_key(self) -> None:
        create = do(KvCreate(text("state"), text("k"), text("v")))
        result = run(create, when(outcome(Outcome.KEY_ALREADY_EXISTS), say("there")), world=memory({"k": "1"}))
        assert messages(result) == ["there"]

    def test_bucket_check_and_create_as_in_a_block(self) -> None:
        world = MemoryWorld()
        add = BucketAdd(text("b"), commands(pipeline(["nats", "kv", "add", "b", "--history=50"])))
        check = BucketInfo(text("b"), "HAVE", "COPIES")
        result = run(
            do(check),
            when(outcome(Outcome.BUCKET_NOT_AVAILABLE), do(add), do(check), say("[HAVE] [COPIES]")),
            world=world,
        )
        assert messages(result) == ["50 1"]
        assert world.buckets["b"].config == BucketConfig("b", history=50)

    def test_server_check(self) -> None:
        world = memory()
        world.surroundings.faults = Faults.of([Fault(Cause.SERVER_AWAY, "server")])
        block = commands(pipeline(["nats", "kv", "ls", "--timeout=5s"]))
        statements = (do(ServerCheck(block)), when(outcome(Outcome.SERVER_NOT_RESPONDING), say("away"), STOP))
        assert messages(run(*statements, world=world)) == ["away"]

    def test_keys_are_sorted_one_a_line(self) -> None:
        assert run(do(KvKeys(text("state"), "K")), world=memory({"b": "", "a": ""})).variables["K"] == "a\nb"

    def test_trailing_newlines_are_lost(self) -> None:
        assert run(do(get("k", "V")), world=memory({"k": "a\n\n"})).variables["V"] == "a"

    def test_files_and_folders(self) -> None:
        result = run(
            do(FileWrite(text("f"), text("one"))),
            do(FileWrite(text("f"), text("two"), append=True)),
            do(FileRead(text("f"), "F")),
            when(PathExists(PathKind.FILE, text("f")), say("[F]")),
        )
        assert messages(result) == ["one\ntwo"]
        assert run(InFolder(text("nowhere"), (say("in"),))).outcome == "stopped"

    def test_commands_are_shown_unless_captured_or_hidden(self) -> None:
        answer = Completed(0, "out\n", "err\n")
        world = MemoryWorld(Surroundings(people=People(Answers(commands={"tool a": Replies((answer,))}))))
        tool = commands(pipeline(["tool", "a"]))
        assert messages(run(do(Run(tool)), world=world)) == ["out", "err"]
        assert messages(run(do(Run(tool), output_hidden=True), world=world)) == ["err"]
        assert messages(run(do(Run(tool), quietly=True), world=world)) == []
        assert run(do(Run(tool, name="X"), errors_included=True), world=world).variables["X"] == "out\nerr"

    def test_people_and_subagents(self) -> None:
        answers = Answers(
            subagents={"planner": Replies(("plan A", "plan B"), in_turn=True)},
            decisions={"it is fine": Replies((False,))},
            inputs={"OWNER": Replies(("me",))},
        )
        world = MemoryWorld(Surroundings(people=People(answers, environment={})))
        ask_planner = Delegate("planner", text("plan for [OWNER]"), name="PLAN")
        judged = when(Decide("it is fine"), say("fine"), otherwise=[say("not fine")])
        result = run(Input("OWNER"), ask_planner, ask_planner, say("[PLAN]"), judged, world=world)
        assert messages(result) == ["plan B", "not fine"]
        unanswered = run(Input("OTHER"), world=world)
        assert unanswered.failure is not None
        assert unanswered.failure.cause is Cause.UNANSWERED

    def test_an_input_that_is_set_is_not_asked_for(self) -> None:
        assert messages(run(Input("A"), say("[A]"), inputs={"A": "1"})) == ["1"]


def test_clauses_of_set() -> None:
    flag = FlagValue("--name")
    assert run(Set(Ref("N"), flag, Clauses(if_empty=text("anon")))).variables["N"] == "anon"
    broken = JqFilter(text("{"), Verbatim("."))
    assert run(Set(Ref("N"), broken, Clauses(if_fails=text("{}")))).variables["N"] == "{}"
    assert run(Set(Ref("N"), broken)).outcome == "stopped"


def test_runs_do_not_share_names() -> None:
    walk = process(Set(Ref("A"), text("x")))
    inputs: dict[str, str] = {}
    Machine(memory(), walk, inputs=inputs).run()
    assert inputs == {}


def test_listener_hears_each_event_at_once() -> None:
    heard: list[str] = []
    result = Machine(memory(), process(say("a")), on_event=lambda event: heard.append(event.event)).run()
    assert heard == [event.event for event in result.events] == ["step", "message", "outcome"]

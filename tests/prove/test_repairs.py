"""Each repair: what it accepts, and near misses that it must not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from peerlint.prove.mends import MENDS
from peerlint.prove.repairs import REPAIRS, Situation, mends_that_explain, repair_of
from peerlint.prove.scenario import CommandAnswer, Scenario
from peerlint.prove.shims.faults import AWAY, WRITE_AFTER, WRITE_BEFORE, Fault
from peerlint.prove.trace import GOES_ON, STOPS, Action, Trace


def trace(*actions: Action, outcome: str = GOES_ON, says: tuple[str, ...] = (), crash: str | None = None) -> Trace:
    state = {"b": {a.key: a.value or "" for a in actions if a.ok and a.writes and a.operation != "run"}}
    return Trace(outcome, None, says, actions, state, crash=crash)


def no_filter(*actions: Action) -> Trace:
    """What is done where jq has refused something."""
    return replace(trace(*actions), failed_filter=True)


def no_number(*actions: Action) -> Trace:
    """A rewrite that stops at what is no number."""
    return replace(trace(*actions, outcome=STOPS), bad_value=True)


def put(key: str = "k", value: str = "v", *, ok: bool = True) -> Action:
    return Action("kv put", "b", key, value, None, ok)


def get(key: str = "k", *, ok: bool = True, result: str = "1\nv") -> Action:
    return Action("kv get", "b", key, ok=ok, result=result)


def update(value: str, expected: int, *, ok: bool = True) -> Action:
    return Action("kv update", "b", "k", value, expected, ok)


def ran(line: str) -> Action:
    return Action("run", "", line)


def met(**inputs: str) -> Scenario:
    return Scenario(inputs=inputs)


OTHER_WRITES = Scenario(faults=(Fault(WRITE_AFTER, "kv get", "b", "k", 1, "other"),))

#: name -> (what holds, near misses).
CASES: dict[str, tuple[Situation, list[Situation]]] = {}


def case(name: str, positive: Situation, *near: Situation) -> None:
    beside = sum(1 for other in CASES if other.partition(" ")[0] == name)
    CASES[f"{name} {beside + 1}" if beside else name] = (positive, list(near))


_twice = trace(get(), get(), update("mine", 2))
case(
    "lost-update",
    Situation(OTHER_WRITES, _twice, trace(get(), update("mine", 1, ok=False), outcome=STOPS)),
    Situation(Scenario(), _twice, trace(get(), update("mine", 1, ok=False), outcome=STOPS)),
    Situation(OTHER_WRITES, trace(get(), update("mine", 1)), trace(get(), outcome=STOPS)),
    Situation(OTHER_WRITES, _twice, trace(get(), put("k", "mine"))),
    Situation(OTHER_WRITES, _twice, trace(get(), update("mine", 2))),
    # The update fails on both sides: nothing is lost, and what is said of it counts.
    Situation(
        Scenario(faults=(Fault(WRITE_BEFORE, "kv update", "b", "k", 1, "other"),)),
        trace(get(), get(), update("mine", 1, ok=False), outcome=STOPS, says=("changed",)),
        trace(get(), update("mine", 1, ok=False), outcome=STOPS),
    ),
    Situation(
        Scenario(faults=(Fault(AWAY, "kv update", "b", "k", 1),)),
        trace(get(), get(), update("mine", 1, ok=False), outcome=STOPS, says=("changed",)),
        trace(get(), update("mine", 1, ok=False), outcome=STOPS),
    ),
)
_zeros = "call1.sh: line 2: [: 0\n0: integer expression expected"
case(
    "count-fallback",
    Situation(Scenario(), trace(put(), crash=_zeros), trace(put(), says=("none",))),
    Situation(Scenario(), trace(put(), crash=_zeros), trace(put("other"), says=("none",))),
    Situation(Scenario(), trace(put(), crash="call1.sh: line 2: [: a: integer expression expected"), trace(put())),
)
case(
    "shell-crash",
    Situation(Scenario(), trace(crash="call1.sh: line 1: oops"), trace(outcome=STOPS)),
    Situation(Scenario(), trace(), trace(outcome=STOPS)),
    Situation(Scenario(), trace(crash="call1.sh: line 1: oops"), trace(put())),
)
_refusal = ('VERSION="${1:?which version}"\n',)
_refused = trace(outcome=STOPS, crash="call1.sh: line 1: 1: which version", says=("which version",))
case(
    "shell-crash",
    Situation(Scenario(), _refused, trace(outcome=STOPS, says=("1: which version",)), _refusal),
    # Where it ends the script, the rewrite does not go on.
    Situation(Scenario(), _refused, trace(says=("1: which version",)), _refusal),
    Situation(Scenario(), _refused, trace(outcome=STOPS, says=("which versions",)), _refusal),
    # The script has a message of its own here, and the rewrite has lost it.
    Situation(Scenario(), _refused, trace(outcome=STOPS), _refusal),
    Situation(Scenario(), _refused, trace(outcome=STOPS, says=("which branch",)), _refusal),
)
_goes = ("cd specs || { echo none; exit 1; }\n",)
_nowhere = trace(outcome=STOPS, says=("none",), crash="it.sh: line 1: cd: specs: No such file or directory")
case(
    "shell-crash",
    Situation(Scenario(), replace(_nowhere, outcome=GOES_ON), trace(outcome=STOPS), ("cd specs\necho none\n",)),
    # The script looks at it, and says something of its own.
    Situation(Scenario(), _nowhere, trace(outcome=STOPS, says=("nothing",)), _goes),
)
case(
    "invalid-key",
    Situation(Scenario(), trace(put("a:b", ok=False), put("c")), trace(put("a.b"), put("c"))),
    Situation(Scenario(), trace(put("a.b", ok=False), put("c")), trace(put("a-b"), put("c"))),
    Situation(Scenario(), trace(put("a:b", ok=False), put("c")), trace(put("a.b", "other"), put("c"))),
    Situation(Scenario(), trace(put("a:b", ok=False), put("c")), trace(put("a.b"))),
)
_spliced = ('nats kv put b k "{\\"title\\": \\"$TITLE\\"}"',)
_broken, _whole = '{"title": "a "b""}', '{"title": "a \\"b\\""}'
case(
    "interpolated-json",
    Situation(met(TITLE='a "b"'), trace(put("k", _broken)), trace(put("k", _whole)), _spliced),
    Situation(met(TITLE="plain"), trace(put("k", _broken)), trace(put("k", _whole)), _spliced),
    Situation(met(TITLE='a "b"'), trace(put("k", _broken)), trace(put("other", _whole)), _spliced),
    Situation(met(TITLE='a "b"'), trace(put("k", '{"title": "x"}')), trace(put("k", _whole)), _spliced),
    Situation(met(TITLE='a "b"'), trace(put("k", _broken)), trace(put("k", _whole)), ("nats kv put b k x",)),
)
_filter = ('NEW=$(echo "$OLD" | jq \'.a[\')\nnats kv put b k "$NEW"',)
case(
    "broken-filter",
    Situation(Scenario(), no_filter(put("k", "")), trace(outcome=STOPS), _filter),
    Situation(Scenario(), no_filter(put("k", "{}")), trace(outcome=STOPS), _filter),
    Situation(Scenario(), no_filter(put("k", "")), trace(put("k", "no json")), _filter),
    # jq prints nothing, and has not failed (`.phase // empty`).
    Situation(Scenario(), trace(put("k", "")), trace(outcome=STOPS), _filter),
)
case(
    "question-as-echo",
    Situation(Scenario(), trace(put(), says=("Go on? (y/n)", "done")), trace(put(), says=("done",))),
    Situation(Scenario(), trace(put(), says=("Go on", "done")), trace(put(), says=("done",))),
    Situation(Scenario(), trace(put(), says=("Go on? (y/n)", "done")), trace(says=("done",))),
    Situation(Scenario(), trace(put(), says=("Go on? (y/n)", "done")), trace(put(), says=("done", "more"))),
)
_flag = ("nats kv get b k --raw > state.json\nif [ -f state.json ]; then echo there; fi",)
case(
    "file-as-flag",
    Situation(Scenario(), trace(get(ok=False), says=("there",)), trace(get(ok=False), outcome=STOPS), _flag),
    Situation(Scenario(), trace(get(), says=("there",)), trace(get(), outcome=STOPS), _flag),
    Situation(Scenario(), trace(get(ok=False), says=("there",)), trace(get(ok=False), put(), outcome=STOPS), _flag),
)
_sums = ("N=$((COUNT + 1))\necho $N",)
case(
    "arithmetic-on-text",
    Situation(met(COUNT="many"), trace(get(), says=("1",)), no_number(get()), _sums),
    Situation(met(COUNT="4"), trace(get(), says=("1",)), no_number(get()), _sums),
    Situation(met(COUNT="many"), trace(get(), says=("1",)), trace(get(), says=("2",)), _sums),
    Situation(met(COUNT="many"), trace(get(), says=("1",)), no_number(get()), ("echo",)),
    # It stops for another reason.
    Situation(met(COUNT="many"), trace(get(), says=("1",)), trace(get(), outcome=STOPS), _sums),
)
_puts = ('nats kv put b k "v"\nnats kv put b next v\n',)
_next = trace(put(ok=False), put("next"))
case(
    "unguarded-failure",
    Situation(Scenario(), _next, trace(put(ok=False), outcome=STOPS), _puts),
    Situation(Scenario(), trace(put(), put("next")), trace(put(), outcome=STOPS), _puts),
    Situation(Scenario(), _next, trace(outcome=STOPS), _puts),
    Situation(Scenario(), _next, trace(put(ok=False), put("other"), outcome=STOPS), _puts),
    Situation(Scenario(), trace(put(ok=False), outcome=STOPS), trace(put(ok=False), outcome=STOPS, says=("x",)), _puts),
    # Something looks at the failure: a condition, `||`, `$?`, a test of what was captured, the prose.
    *(
        Situation(Scenario(), _next, trace(put(ok=False), outcome=STOPS), (f"{looks}\nnats kv put b next v\n",))
        for looks in (
            "if nats kv put b k v; then echo stored; fi",
            "nats kv put b k v || echo lost",
            "nats kv put b k v\nif [ $? -ne 0 ]; then echo lost; fi",
            '! nats kv put b "$KEY" v',
            'OUT=$(nats kv put b k v)\nif [ -z "$OUT" ]; then echo lost; fi',
        )
    ),
    Situation(Scenario(), _next, trace(put(ok=False), outcome=STOPS), _puts, tells_codes=True),
    # The script names no such call.
    Situation(Scenario(), _next, trace(put(ok=False), outcome=STOPS), ("nats kv put b other v\n",)),
)
_info = Action("bucket info", "b", result="Information for Key-Value Store Bucket b\n  History Kept: 5\n")
_scrape = ("H=$(nats kv info b | grep 'History:' | awk '{print $2}')",)
case(
    "scraped-output",
    Situation(Scenario(), trace(_info, says=("wrong history",)), trace(_info, says=("ok",)), _scrape),
    Situation(Scenario(), trace(_info), trace(_info, says=("ok",)), (_scrape[0].replace("History:", "History Kept:"),)),
    Situation(Scenario(), trace(_info, put("a")), trace(_info, put("c")), _scrape),
)


_question = ('echo "start"\nread -r -p "Which branch? " BRANCH\ngit switch "$BRANCH"\necho "on $BRANCH"',)
_unanswered = trace(ran("git switch ''"), says=("start", "on"))


def answered(answer: str, *actions: Action, says: tuple[str, ...] = ("start",), outcome: str = GOES_ON) -> Trace:
    return replace(trace(*actions, says=says, outcome=outcome), variables={"BRANCH": answer})


_switched = answered("yes", ran("git switch yes"), says=("start", "on yes"))
case(
    "question-as-read",
    Situation(Scenario(), _unanswered, _switched, _question),
    Situation(Scenario(), _unanswered, answered("", ran("git switch yes"), says=("start", "on yes")), _question),
    Situation(Scenario(), _unanswered, answered("yes", ran("git switch no"), says=("start", "on yes")), _question),
    Situation(Scenario(), _unanswered, answered("yes", ran("git switch yes"), says=("other", "on yes")), _question),
    Situation(Scenario(), _unanswered, answered("yes", ran("git switch yes"), ran("git push")), _question),
    Situation(Scenario(), _unanswered, _switched, (_question[0].replace("read -r -p", "echo"),)),
)
_env = ('echo "OWNER=$OWNER" > /tmp/e\nsource /tmp/e\necho "by $OWNER"\ngit tag "$OWNER"',)
_read_again = trace(ran("git tag anb"), says=("by anb",))
_as_it_is = trace(ran("git tag 'a\\nb'"), says=("by a\\nb",))
_odd = met(OWNER="a\\nb")
case(
    "sourced-value",
    Situation(_odd, _read_again, _as_it_is, _env),
    Situation(met(OWNER="plain"), _read_again, _as_it_is, _env),
    Situation(_odd, _read_again, _as_it_is, (_env[0].replace("source", "cat"),)),
    Situation(_odd, _read_again, _as_it_is, (_env[0].replace("OWNER=$OWNER", "OWNER=me"),)),
    Situation(_odd, _read_again, trace(ran("git tag other"), says=("by a\\nb",)), _env),
    Situation(_odd, _read_again, replace(_as_it_is, outcome=STOPS), _env),
    Situation(_odd, _read_again, trace(*_as_it_is.actions, put(), says=("by a\\nb",)), _env),
)


_counts = ("COUNT=$(git log)\nN=$((COUNT + 1))\necho $N",)
_silent = trace(ran("git log"), says=("1",))
case(
    "arithmetic-on-text",
    Situation(Scenario(), _silent, no_number(ran("git log")), _counts),
    Situation(Scenario(commands=(CommandAnswer("git log", 0, "4\n"),)), _silent, no_number(ran("git log")), _counts),
    # What it calculates with is none of what it is given.
    Situation(Scenario(), _silent, no_number(ran("git log")), ("git log\nfor N in 1 2; do echo $((3 - N)); done",)),
)
case(
    "arithmetic-on-text",
    # Of two calls, which share their names.
    Situation(Scenario(), _silent, no_number(ran("git log")), ("COUNT=$(git log)", "N=$((COUNT + 1))\necho $N")),
    Situation(Scenario(), _silent, no_number(ran("git log")), ("OTHER=$(git log)", "N=$((COUNT + 1))\necho $N")),
)
_fallback = ('N=$(gh issue list || echo none)\ngit tag "$N"\necho "$N"',)
_failing = Scenario(commands=(CommandAnswer("gh issue list", 1, "partly\n"),))
_added = trace(ran("gh issue list"), ran("git tag 'partly\nnone'"), says=("partly", "none"))
case(
    "appended-fallback",
    Situation(_failing, _added, trace(ran("gh issue list"), ran("git tag none"), says=("none",)), _fallback),
    Situation(Scenario(), _added, trace(ran("gh issue list"), ran("git tag none"), says=("none",)), _fallback),
    Situation(_failing, _added, trace(ran("gh issue list"), ran("git tag other"), says=("other",)), _fallback),
    Situation(_failing, _added, trace(ran("gh issue list"), says=("none",)), _fallback),
    Situation(_failing, _added, trace(ran("gh issue list"), ran("git tag none"), says=("none",)), ("N=$(gh)",)),
)


def name_of(situation: Situation) -> str | None:
    found = repair_of(
        situation.scenario, situation.original, situation.rewrite, situation.texts, reasons=situation.tells_codes
    )
    return found.name if found else None


def test_each_repair_has_a_case_or_a_mend() -> None:
    told = {name.partition(" ")[0] for name in CASES}
    assert told == {repair.name for repair in REPAIRS if repair.holds is not None}
    assert told | MENDS.keys() == {repair.name for repair in REPAIRS}


@pytest.mark.parametrize("name", CASES)
def test_the_repair_explains_its_difference(name: str) -> None:
    assert name_of(CASES[name][0]) == name.partition(" ")[0]


NEAR = [(name, at) for name, (_, misses) in CASES.items() for at in range(len(misses))]


@pytest.mark.parametrize(("name", "at"), NEAR)
def test_a_near_miss_is_not_explained(name: str, at: int) -> None:
    assert name_of(CASES[name][1][at]) != name.partition(" ")[0]


_QUESTION_TESTED = (
    'echo "start"\nread -p "Go on? (y/n): " GO\nif [ "$GO" != yes ]; then\n  echo "aborted"\n  exit 1\nfi\ngit push',
)
_ABORTED = trace(says=("start", "aborted"), outcome=STOPS)


def pushed(*says: str, run: str = "git push") -> Trace:
    return replace(trace(ran(run), says=says), variables={"GO": "yes"})


def test_where_the_answer_is_tested_only_what_stands_behind_the_question_may_differ() -> None:
    assert name_of(Situation(Scenario(), _ABORTED, pushed("start"), _QUESTION_TESTED)) == "question-as-read"
    assert name_of(Situation(Scenario(), _ABORTED, pushed(), _QUESTION_TESTED)) is None
    assert name_of(Situation(Scenario(), _ABORTED, pushed("start", run="rm -r x"), _QUESTION_TESTED)) is None
    untested = (_QUESTION_TESTED[0].replace("$GO", "$OTHER"),)
    assert name_of(Situation(Scenario(), _ABORTED, pushed("start"), untested)) is None


def test_a_command_with_the_answer_in_it_is_another_command() -> None:
    fails = Scenario(commands=(CommandAnswer("git switch ''", 1),))
    stopped = replace(_unanswered, outcome=STOPS, messages=("start",))
    assert name_of(Situation(fails, stopped, _switched, _question)) == "question-as-read"
    assert name_of(Situation(Scenario(), stopped, _switched, _question)) is None
    other = answered("yes", ran("git clean yes"), says=("start",))
    assert name_of(Situation(fails, stopped, other, _question)) is None
    assert name_of(Situation(fails, stopped, replace(_switched, messages=()), _question)) is None


_PASTED = ('P=$(echo "$S" | jq -r ".phases.$PHASE.status")\necho "is $P"\nnats kv put b k "$P"',)


def test_a_value_that_is_pasted_into_a_filter_may_make_another_program_of_it() -> None:
    broken, whole = trace(put("k", ""), says=("is",)), trace(put("k", "done"), says=("is done",))
    assert name_of(Situation(met(PHASE="a-b"), broken, whole, _PASTED)) == "interpolated-json"
    assert name_of(Situation(met(PHASE="plan"), broken, whole, _PASTED)) is None
    # What is odd is not what is pasted.
    assert name_of(Situation(met(PHASE="plan", OTHER="a-b"), broken, whole, _PASTED)) is None
    assert name_of(Situation(met(PHASE="a-b"), broken, trace(put("other", "done")), _PASTED)) is None
    handed_over = (_PASTED[0].replace('".phases.$PHASE.status"', "--arg p \"$PHASE\" '.phases[$p].status'"),)
    assert name_of(Situation(met(PHASE="a-b"), broken, whole, handed_over)) is None


_NO_KEYS = Action("kv keys", "b", result="No keys found in bucket\n")
_KEYS = ("for key in $(nats kv ls b); do echo key $key; done; echo end",)
_WORDS = ("key No", "key keys", "key found", "key in", "key bucket", "end")


def test_the_message_for_an_empty_bucket_is_no_list_of_keys() -> None:
    listed = trace(_NO_KEYS, says=_WORDS)
    assert name_of(Situation(Scenario(), listed, trace(_NO_KEYS, says=("end",)), _KEYS)) == "scraped-output"
    assert name_of(Situation(Scenario(), listed, trace(_NO_KEYS, says=("end", "more")), _KEYS)) is None
    assert name_of(Situation(Scenario(), listed, trace(_NO_KEYS), _KEYS)) is None
    full = trace(replace(_NO_KEYS, result="a\n"), says=_WORDS)
    assert name_of(Situation(Scenario(), full, trace(_NO_KEYS, says=("end",)), _KEYS)) is None


def test_a_label_may_be_sought_in_the_file_that_took_the_output() -> None:
    text = ("nats kv info b > /tmp/i\nH=$(grep 'Max History:' /tmp/i | awk '{print $3}')",)
    found = Situation(Scenario(), trace(_info, says=("wrong history",)), trace(_info, says=("ok",)), text)
    assert name_of(found) == "scraped-output"
    other = (text[0].replace("' /tmp/i", "' notes.txt"),)
    assert name_of(replace(found, texts=other)) is None


def test_only_these_are_accepted_without_being_named() -> None:
    assert {r.name for r in REPAIRS if r.by_default} == {"lost-update", "count-fallback", "shell-crash"}


def test_a_repair_never_hides_another_write(name: str = "shell-crash") -> None:
    positive, _ = CASES[name]
    more = replace(positive.rewrite, outcome=GOES_ON, actions=(put("elsewhere"),))
    assert name_of(replace(positive, rewrite=more)) is None


def test_no_more_flaws_are_named_than_have_to_be_mended() -> None:
    def does_the_same(names: tuple[str, ...]) -> Trace | None:
        return trace() if {"one", "three"} <= {*names} else None

    assert mends_that_explain(("one", "two", "three"), does_the_same) == (("one", "three"), trace())
    assert mends_that_explain(("one", "two"), does_the_same) == ((), None)
    assert mends_that_explain((), does_the_same) == ((), None)

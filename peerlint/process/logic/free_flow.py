"""Flow as people write it: tries, loops, choices. What the language cannot say is Opaque, with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping

from peerlint.patterns import regex
from peerlint.process.logic.clauses import ALLOWED_CLAUSES
from peerlint.process.logic.directives import THE_AGENT
from peerlint.process.logic.lines import LineNode
from peerlint.process.logic.names import Names
from peerlint.process.logic.natural import Surroundings, understand
from peerlint.process.logic.people import is_note, loop_condition, quoted_text
from peerlint.process.logic.placement import outcomes_of
from peerlint.process.logic.reading import Binding, BindingKind
from peerlint.process.logic.structure import StructureReader, dedented, span_in, tree_span
from peerlint.process.logic.tags import LOOP_LOGIC
from peerlint.process.logic.texts import template_of_string
from peerlint.process.model import (
    All,
    AnyOf,
    Ask,
    Branch,
    Check,
    Condition,
    Decide,
    Delegate,
    Do,
    Duration,
    Equals,
    ExitCodeIs,
    ForEach,
    If,
    Input,
    IsEmpty,
    Not,
    Note,
    Number,
    Opaque,
    OutcomeIs,
    Ref,
    Repeat,
    Run,
    Say,
    Set,
    Statement,
    Text,
    TimeUnit,
    walk,
)
from peerlint.process.phrases import Ending, Phrasebook, variable_name
from peerlint.records import replace
from peerlint.source.text import Span

_CONTINUE = "CONTINUE in a loop: put what it leaves out into an ELSE"
_NO_BOUND = "a loop without a bound: say how often at most, as in REPEAT up to 10 times, until …"
_ALSO_RETRY = "RETRY around more than one effect: which of them is tried again? Give each its own RETRY"

_TIMES = regex(
    r"[\s,(]*(?:up to|at most|(?:a )?maximum(?: of)?|max\.?|no more than|for)?\s*(?P<times>\d{1,9})\s*"
    r"(?:times|time|attempts?|tries|retries|rounds|iterations|cycles)\b\)?",
    re.IGNORECASE,
)
_PAUSE = regex(
    r"[\s,(]*(?:every|waiting|with|after|wait)?\s*(?P<amount>\d{1,9})\s*(?P<unit>seconds?|sec|s|minutes?|min|m)\b"
    r"(?:\s+(?:apart|between(?: tries| attempts)?|delay|pause))?\)?",
    re.IGNORECASE,
)
_UNTIL = regex(r"[\s,]*\b(?:until|till)\s+(?P<condition>.+)", re.IGNORECASE)
_RETRY = regex(r"RETRY(?::|\s|$)\s*(?P<rest>.*)", re.DOTALL)
_LOOP = regex(r"(?P<word>WHILE|While|UNTIL|Until|REPEAT|Repeat|LOOP|Loop)(?::|\s)\s*(?P<rest>.*?):?")
_OVER_SOMETHING = regex(
    r"(?:FOR|For|LOOP|Loop)(?::|\s)\s*(?:EACH|each|EVERY|every|ALL|all|OVER|over|THROUGH|through)\b.*"
)
_MAX_ROUNDS = regex(r"(?:max|maximum|most)[_ ](?:iterations|rounds|cycles|times|attempts)\s*[:=>]\s*(\d{1,9})", re.I)
_SWITCH = regex(r"(?:SWITCH|Switch|DEPENDING|Depending)(?:\s+(?:on|ON))?[:\s]\s*(?P<subject>[^:]+?)\s*:")
_CASE = regex(r"(?:(?:CASE|FOR|WHEN|IF)\s+)?(?P<label>\"[^\"]+\"|'[^']+'|`[^`]+`|[A-Za-z0-9][A-Za-z0-9_-]*)\s*:")
_DEFAULT = regex(r"(?:DEFAULT|Default|OTHERWISE|Otherwise|ELSE)\s*:")
_UNLESS = regex(r"(?:UNLESS|Unless)\s+(?P<condition>.+?):")
_TRY = regex(r"TRY:?")
_RETURN = regex(
    r"RETURN(?::|\s)?\s*"
    r"(?:immediately|here|now|early|(?:back )?to (?:the )?(?:caller|calling \S+|main .*|parent .*)"
    r"|\[?[A-Z][A-Z0-9_]+\]?)?[.:]?"
)
_GOES_ON = regex(r"(?:PROCEED|CONTINUE)(?:\s+(?:immediately|as normal|normally))?[.:]?")
#: No line of flow is longer; what is, is prose.
_LONGEST = 400
_VARIABLE = regex(r"\[?[A-Za-z][A-Za-z0-9_]*\]?")


def goes_on(text: str) -> bool:
    """Whether a line only says that what stands below comes next (`PROCEED`)."""
    return _GOES_ON.fullmatch(text) is not None


class FlowReader(StructureReader):
    """Reads conditions and flow as people write them."""

    def __init__(self, blocks: Mapping[str, str], book: Phrasebook, names: Names) -> None:
        super().__init__(blocks, book, names)
        self._subject: Condition | None = None
        self._loops = 0

    # --- conditions --------------------------------------------------------------------------------------------------

    def _understood(self, text: str, span: Span, around: Surroundings) -> Condition:
        understood = understand(text, around, self._book)
        if isinstance(understood, str):
            return self._unbound(text, span, understood)
        self.bindings.append(understood.binding(text, span))
        return understood.condition

    def _unbound(self, text: str, span: Span, why: str) -> Condition:
        """What nothing binds is judgement here, and the binding says that nobody marked it so."""
        condition = Decide(text)
        self.bindings.append(Binding(span, text, condition, BindingKind.UNBOUND, why))
        return condition

    def _above(self, statements: list[Statement]) -> Statement | None:
        """One question may have several IFs below it, as long as none of them asks anew or sets its answer."""
        for statement in reversed(statements):
            if isinstance(statement, Ask):
                return statement if not _binds(statements[statements.index(statement) + 1 :], statement.name) else None
            if not isinstance(statement, If):
                break
        return super()._above(statements)

    def _asked(self, node: LineNode, text: str) -> Condition:
        """A condition in a line that is no IF, with nothing above that it could mean."""
        return self._understood(text, span_in(node, text), Surroundings(names=self._names))

    # --- what the line begins ----------------------------------------------------------------------------------------

    def _flow(self, nodes: list[LineNode], at: int, above: Statement | None) -> list[Statement] | None:
        """The statements of a line that says where it goes on, or None where it says nothing of that."""
        node = nodes[at]
        span = tree_span(node, node)
        text = node.text
        if node.text == LOOP_LOGIC:
            return [self._loop_logic(node, span)]
        if len(text) > _LONGEST:
            return None
        if (retry := _RETRY.fullmatch(text)) is not None:
            follower = nodes[at + 1] if at + 1 < len(nodes) else None
            return self._retry(node, retry["rest"].rstrip(": "), above, follower)
        if not node.children:
            return self._way(node, span)
        if (switch := _SWITCH.fullmatch(text)) is not None:
            return [self._switch(node, switch["subject"], span)]
        if (unless := _UNLESS.fullmatch(text)) is not None:
            condition = Not(self._asked(node, unless["condition"]))
            return [If((Branch(condition, self._body(node), span),), None, span)]
        if _TRY.fullmatch(text):
            return self._try(node, nodes[at + 1] if at + 1 < len(nodes) else None)
        if _OVER_SOMETHING.fullmatch(text) and self._acts(node):
            return [self._cannot(node, "a loop over what no list names: FOR EACH NAME in lines of LIST")]
        if (loop := _LOOP.fullmatch(text)) is not None:
            return self._conditional_loop(node, loop["word"].upper(), loop["rest"], span)
        return None

    def _acts(self, node: LineNode) -> bool:
        """Whether anything below a line is more than work in prose for the agent."""
        stack = list(node.children)
        while stack:
            child = stack.pop()
            if _LOGIC_BELOW.match(child.text) or (
                not child.children and not is_note(child.text) and self._is_effect(child)
            ):
                return True
            stack.extend(child.children)
        return False

    def _cannot(self, node: LineNode, reason: str) -> Statement:
        """What says where to go on, but nothing that the language can say."""
        return Opaque(reason, dedented(node), tree_span(node, node))

    def _way(self, node: LineNode, span: Span) -> list[Statement] | None:
        if _RETURN.fullmatch(node.text):
            return [
                self._cannot(
                    node, "does RETURN end the step or the process? Write PROCEED to next step, or STOP execution"
                )
            ]
        if goes_on(node.text):
            if self._loops and node.text.startswith("CONTINUE"):
                return [self._cannot(node, _CONTINUE)]
            return [Note(node.text, span)]
        return None

    # --- choices -----------------------------------------------------------------------------------------------------

    def _switch(self, node: LineNode, subject: str, span: Span) -> Statement:
        branches: list[Branch] = []
        otherwise: tuple[Statement, ...] | None = None
        for child in node.children:
            case, default = _CASE.fullmatch(child.text), _DEFAULT.fullmatch(child.text)
            if not child.children or (case is None and default is None) or otherwise is not None:
                return self._cannot(node, "SWITCH holds something else than cases, and a DEFAULT at its end")
            if default is not None:
                otherwise = self._body(child)
            elif case is not None:
                condition = self._case_of(subject, case["label"].strip("\"'`"), child)
                branches.append(Branch(condition, self._body(child), tree_span(child, child)))
        if not branches:
            return self._cannot(node, "SWITCH without a case")
        return If(tuple(branches), otherwise, span)

    def _case_of(self, subject: str, label: str, child: LineNode) -> Condition:
        at = Span(child.start, child.end)
        if _VARIABLE.fullmatch(subject) is None:
            return self._unbound(f"{subject}: {label}", at, f"{subject} is no variable")
        condition = Equals(Ref(variable_name(subject)), Text.of(label))
        self.bindings.append(Binding(at, label, condition, BindingKind.PREDICATE, f"a case of {subject}"))
        return condition

    def _try(self, node: LineNode, follower: LineNode | None) -> list[Statement]:
        """TRY: the first effect that fails leaves out what stands below it, and the IF below the TRY looks at it."""
        body = self._body(node)
        note = Note(node.text, Span(node.start, node.end))
        if sum(isinstance(statement, Do) for statement in body) <= 1:
            return [note, *body]
        if follower is None or not self._looks_at_failure(follower):
            return [self._cannot(node, "TRY around more than one effect: IF fails below it says what a failure means")]
        succeeded: list[Condition] = []
        tried = self._one_by_one(body, succeeded)
        if tried is None:
            return [self._cannot(node, "TRY around more than effects and messages: IF fails could mean any of them")]
        self._subject = succeeded[0] if len(succeeded) == 1 else All(tuple(succeeded))
        return [note, *tried]

    def _one_by_one(self, body: tuple[Statement, ...], succeeded: list[Condition]) -> tuple[Statement, ...] | None:
        """The statements, each effect with all behind it below the condition that it has succeeded.

        `succeeded` takes these conditions, which all hold where nothing has failed. None where it cannot be said.
        """
        done: tuple[Statement, ...] = ()
        for statement in reversed(body):
            if isinstance(statement, Do):
                effect, condition = self._watched(statement)
                if condition is None:
                    return None
                if condition not in succeeded:
                    succeeded.insert(0, condition)
                if done:
                    span = Span(done[0].span.start, body[-1].span.end)
                    done = (If((Branch(condition, done, span),), None, span),)
                done = (effect, *done)
            elif isinstance(statement, Note | Say) or (isinstance(statement, Set) and _cannot_fail(statement)):
                done = (statement, *done)
            else:
                return None
        return done

    # --- loops -------------------------------------------------------------------------------------------------------

    def _loop(self, node: LineNode) -> Statement:
        self._loops += 1
        try:
            loop = super()._loop(node)
        finally:
            self._loops -= 1
        return replace(loop, body=_without_continue(loop.body)) if isinstance(loop, ForEach | Repeat) else loop

    def _rounds(self, node: LineNode) -> tuple[Statement, ...]:
        self._loops += 1
        try:
            return _without_continue(self._body(node))
        finally:
            self._loops -= 1

    def _conditional_loop(self, node: LineNode, word: str, rest: str, span: Span) -> list[Statement] | None:
        """`WHILE X, at most 5 times:`, `REPEAT until X (max 5 rounds):`; prose without a bound is work."""
        times, pause, rest = _counted(rest)
        if times is None and not self._acts(node):
            return None
        until = _UNTIL.search(rest)
        text = until["condition"] if until is not None else rest.strip(" ,")
        stays = word == "WHILE" or (until is None and re.match(r"while\b", text, re.IGNORECASE) is not None)
        text = re.sub(r"(?i)^(?:while)\s+", "", text)
        condition = self._asked(node, text) if text else None
        if times is None:
            return [self._cannot(node, _NO_BOUND)]
        body = self._rounds(node)
        if condition is None or not stays:
            return [Repeat(times, body, pause, condition, span)]
        loop = Repeat(times, body, pause, Not(condition), span)
        return [If((Branch(condition, (loop,), span),), None, span)]

    def _loop_logic(self, node: LineNode, span: Span) -> Statement:
        """`<loop_logic>`: the loop ends where an exit condition holds, or one to continue does not."""
        ends: list[Condition] = []
        times: int | None = None
        body: list[LineNode] = []
        for child in node.children:
            condition = None if child.children else loop_condition(child.text)
            if condition is not None:
                met = self._asked(child, condition[1])
                ends.append(met if condition[0] else Not(met))
            elif (bound := _MAX_ROUNDS.search(child.text)) is not None and not child.children:
                times = int(bound[1])
            else:
                body.append(child)
        if times is None:
            return self._cannot(node, _NO_BOUND.partition(",")[0] + ", as in max_iterations: 10")
        work = (task("Do the next round of this step", span),)
        rounds = self._rounds(replace(node, children=body)) if body else work
        until = ends[0] if len(ends) == 1 else AnyOf(tuple(ends)) if ends else None
        return Repeat(times, rounds, None, until, span)

    # --- tries -------------------------------------------------------------------------------------------------------

    def _retry(
        self, node: LineNode, rest: str, above: Statement | None, follower: LineNode | None
    ) -> list[Statement] | None:
        """RETRY: what stands below it, or the effect above, is tried again until it succeeds."""
        span = tree_span(node, node)
        times, pause, rest = _counted(rest)
        if times is None:
            return [self._cannot(node, _NO_BOUND)] if self._acts(node) else None
        if node.children and (until := _UNTIL.search(rest)) is not None:
            condition = self._asked(node, until["condition"])
            return [Repeat(times, self._rounds(node), pause, condition, span)]
        if node.children:
            return self._tried(node, self._rounds(node), times, pause, follower)
        if work := rest.strip(" ,:"):
            return [self._tried_work(node, work, (task(work, span),), times, pause)]
        if isinstance(above, Do) and self._can_fail(above):
            fails = next(outcome for outcome in outcomes_of(above) if outcome.name.endswith(("FAILS", "NOT_AVAILABLE")))
            self.bindings.append(
                Binding(span, node.text, OutcomeIs(fails), BindingKind.OUTCOME, "RETRY of the effect above")
            )
            again = self._tried(node, (replace(above, span=span),), times, pause, None)
            return [If((Branch(OutcomeIs(fails), tuple(again), span),), None, span)]
        if isinstance(above, Delegate) and above.subagent == THE_AGENT:
            return None
        return [self._cannot(node, "RETRY: no effect stands directly above that could be tried again")]

    @staticmethod
    def _can_fail(statement: Do) -> bool:
        return any(outcome.name.endswith(("FAILS", "NOT_AVAILABLE")) for outcome in outcomes_of(statement))

    def _tried_work(
        self, node: LineNode, work: str, body: tuple[Statement, ...], times: int, pause: Duration | None
    ) -> Statement:
        """Work in prose: whether it has succeeded, only the agent can tell."""
        question = Decide(f"this has succeeded: {work}")
        why = "RETRY ends when the work has succeeded, which only the agent can tell"
        self.bindings.append(Binding(Span(node.start, node.end), work, question, BindingKind.DECIDE, why))
        return Repeat(times, body, pause, question, tree_span(node, node))

    def _tried(
        self, node: LineNode, body: tuple[Statement, ...], times: int, pause: Duration | None, follower: LineNode | None
    ) -> list[Statement]:
        """The one effect of the body, until it succeeds; when no try has, the process stops, or the IF below looks."""
        if body and all(isinstance(each, (Note, Delegate)) for each in body):
            work = " ".join(child.text for child in node.children)
            return [self._tried_work(node, work, body, times, pause)]
        effects = [each for each in body if isinstance(each, Do)]
        if len(effects) != 1 or not all(isinstance(each, (Do, Note, Say, Set)) for each in body):
            return [self._cannot(node, _ALSO_RETRY)]
        effect, succeeded = self._watched(effects[0])
        if succeeded is None:
            return [self._cannot(node, "RETRY of what cannot be looked at: it handles its own failure")]
        span = tree_span(node, node)
        rounds = tuple(effect if each is effects[0] else each for each in body)
        loop = Repeat(times, rounds, pause, succeeded, span)
        if follower is not None and self._looks_at_failure(follower):
            self._subject = succeeded
            return [loop]
        return [loop, Check(succeeded, span)]

    def _watched(self, effect: Do) -> tuple[Do, Condition | None]:
        """The effect with a name for how it ended, and the condition that it has succeeded."""
        clauses = effect.clauses
        if clauses.ignoring_failure or clauses.if_fails is not None:
            return effect, None
        if isinstance(effect.effect, Run):
            name = clauses.exit_code or self._free_name("TRY_EXIT_CODE")
            watched = replace(clauses, exit_code=name, ignoring_failure=True)
            return replace(effect, clauses=watched), Equals(Ref(name), Number(0))
        if "error" not in ALLOWED_CLAUSES[type(effect.effect)]:
            return effect, None
        name = clauses.error or self._free_name("TRY_ERROR")
        return replace(effect, clauses=replace(clauses, error=name, ignoring_failure=True)), IsEmpty(Ref(name))

    def _free_name(self, name: str) -> str:
        taken = self._names.values
        return next(each for each in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if each not in taken)

    def _looks_at_failure(self, follower: LineNode) -> bool:
        """Whether an IF asks how the tries have ended."""
        if follower.children and follower.text == "ON_FAILURE:":
            return True
        found = re.fullmatch(r"IF\s+(.+?)\s*:", follower.text)
        return found is not None and self._book.ending(found[1]) in {Ending.FAILS, Ending.SUCCEEDS}


_LOGIC_BELOW = regex(
    r"(?:IF|ELSE|ELSE IF|FOR EACH|REPEAT|IN FOLDER|STOP|HALT|PROCEED|SKIP|ERROR|DISPLAY|WARN|PROVIDE|SET|ASK|CHECK"
    r"|VERIFY)(?![A-Za-z])"
)


def has_logic(node: LineNode) -> bool:
    """Whether logic stands below a line of prose."""
    stack = list(node.children)
    while stack:
        child = stack.pop()
        if _LOGIC_BELOW.match(child.text):
            return True
        stack.extend(child.children)
    return False


def _binds(statements: list[Statement], name: str) -> bool:
    return any(
        (isinstance(node, (Ask, Delegate, Input)) and node.name == name)
        or (isinstance(node, Set) and node.target.name == name)
        for node in walk(tuple(statements))
    )


def _without_continue(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The body of a loop with what `IF X: … CONTINUE` leaves out in the ELSE of that IF, where it has no ELSE yet."""
    for at, statement in enumerate(body):
        if not isinstance(statement, If) or len(statement.branches) > 1 or statement.otherwise is not None:
            continue
        (branch,) = statement.branches
        if not (branch.body and isinstance(branch.body[-1], Opaque) and branch.body[-1].reason == _CONTINUE):
            continue
        # An arm without a statement has no form: a remark says why nothing is done there.
        kept = branch.body[:-1] or (Note(branch.body[-1].text, branch.body[-1].span),)
        rest = _without_continue(body[at + 1 :])
        if rest and _asks_for_outcome(rest[0]):
            # What it asks about would no longer stand right above it.
            return body
        branches: tuple[Branch, ...] = (replace(branch, body=kept),)
        otherwise: tuple[Statement, ...] | None = rest or None
        if len(rest) == 1 and isinstance(rest[0], If):
            branches, otherwise = (*branches, *rest[0].branches), rest[0].otherwise
        return (*body[:at], If(branches, otherwise, statement.span))
    return body


def _asks_for_outcome(statement: Statement) -> bool:
    if not isinstance(statement, If):
        return False
    asked = (node for branch in statement.branches for node in walk(branch.condition))
    return any(isinstance(node, OutcomeIs | ExitCodeIs) for node in asked)


def _cannot_fail(statement: Set) -> bool:
    return not statement.target.path and isinstance(statement.value, Text | Number | Ref)


def task(text: str, span: Span) -> Delegate:
    """Work in prose for the agent itself."""
    return Delegate(THE_AGENT, template_of_string(quoted_text(text)[1:-1]), span=span)


def _counted(rest: str) -> tuple[int | None, Duration | None, str]:
    """How often at most, the pause between, and the rest of what a line says."""
    times, pause = _TIMES.search(rest), None
    if times is None:
        return None, None, rest
    rest = rest[: times.start()] + " " + rest[times.end() :]
    found = _PAUSE.search(rest)
    if found is not None:
        unit = TimeUnit.MINUTE if found["unit"].lower().startswith("m") else TimeUnit.SECOND
        pause = Duration(int(found["amount"]), unit)
        rest = rest[: found.start()] + " " + rest[found.end() :]
    return int(times["times"]), pause, rest.strip()

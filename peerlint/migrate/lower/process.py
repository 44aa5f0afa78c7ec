"""A process, lowered step by step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from peerlint.migrate.lower.blocks import with_long_texts_apart, with_named_blocks
from peerlint.migrate.lower.comments import with_notes, without_being_asked
from peerlint.migrate.lower.constants import without_what_cannot_be
from peerlint.migrate.lower.empties import with_empty_values
from peerlint.migrate.lower.flow import settle
from peerlint.migrate.lower.inputs import Before, inputs_of, with_inputs
from peerlint.migrate.lower.lines import Lines, lines_of
from peerlint.migrate.lower.messages import with_kinds
from peerlint.migrate.lower.names import (
    arguments_by_name,
    bound_names,
    join_copies,
    without_needless_numbers,
    without_unread,
)
from peerlint.migrate.lower.outputs import GREPS, prints_nothing
from peerlint.migrate.lower.result import Leftover, RepairUse, StepLowering, place_in
from peerlint.migrate.lower.scope import ANY_FAILURE, Beyond, Resolve, Scope, ScriptExit, Seam, TempFile, ir_name
from peerlint.migrate.lower.statements import Statements
from peerlint.migrate.lower.step import Step as Collected
from peerlint.migrate.lower.sums import join_sums
from peerlint.migrate.lower.tidy import join_reads, tidied, with_histories, with_status_on_top
from peerlint.migrate.lower.unset import with_empty_texts
from peerlint.migrate.lower.variables import names_changed, names_read, read_before_set
from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    Command,
    DoubleBracket,
    Function,
    Pipe,
    Placeholder,
    Simple,
    Word,
    shifted,
)
from peerlint.process.bash.tree import walk as bash_walk
from peerlint.process.model import (
    Do,
    ExitCodeIs,
    FlagValue,
    If,
    Outcome,
    OutcomeIs,
    Parameter,
    Proceed,
    Process,
    Provided,
    Ref,
    Set,
    Shell,
    ShellForm,
    Statement,
    Step,
    Stop,
    Text,
    walk,
)
from peerlint.source.text import NOWHERE, SourceText, Span


def lower_process(
    process: Process,
    resolve: Resolve,
    *,
    apart: Collection[Span] = frozenset(),
    judged: Collection[Span] = frozenset(),
    wanted: Collection[str] | None = None,
) -> dict[str, StepLowering]:
    """The logic of every step that holds shell, by step number; a step without shell is not in the result.

    Nor are those behind the last `wanted` one, where no temp file may tie them to one before.

    `resolve` finds a script by its reference as written. A step that cannot be lowered has a Leftover; so have the
    steps that share a temp file with it, since names can only stand for a file when all who use it know them. Calls
    whose span is in `apart` are not joined with the call before them; what is to be done about the outcome of those in
    `judged` stands in the prose. Never raises.
    """
    refused: dict[str, Leftover] = {}
    asked = [at for at, step in enumerate(process.steps) if wanted is None or step.number in wanted]
    while True:
        lowered = _attempt(process, resolve, refused, apart, judged, last=max(asked, default=-1))
        files = _files_of_leftovers(process, resolve, lowered)
        more = {
            number: _shared(number, path, files[path])
            for number, step in lowered.items()
            if step.leftover is None
            for path, _ in step.promoted
            if path in files
        }
        if not more:
            return lowered
        refused |= more


def _shared(number: str, path: str, other: str) -> Leftover:
    return Leftover(f"{path} is also used by step {other}, which stays as it is", "", 1, path)


def _attempt(
    process: Process,
    resolve: Resolve,
    refused: dict[str, Leftover],
    apart: Collection[Span],
    judged: Collection[Span],
    *,
    last: int,
) -> dict[str, StepLowering]:
    files: dict[str, TempFile] = {}
    before = Before()
    several = Lines()
    lowered: dict[str, StepLowering] = {}
    read_behind = _read_behind(process.steps)
    acting = [at for at, step in enumerate(process.steps) if any(isinstance(n, (Shell, Do)) for n in step.statements)]
    for at, step in enumerate(process.steps):
        if at > last and not any(one.promoted for one in lowered.values()):
            break
        shells = [node for node in step.statements if isinstance(node, Shell)]
        if shells and step.number not in lowered:
            if step.number in refused:
                lowered[step.number] = StepLowering(leftover=refused[step.number])
            else:
                kept = dict(files)
                collected = Collected(handed_on=read_behind[at])
                result = _lower_step(
                    step, resolve, files, before, several, apart, judged, collected, more_follows=acting[-1] > at
                )
                if result.leftover is not None:
                    files.clear()
                    files.update(kept)
                lowered[step.number] = result
                before.add_lowered(step, result.statements)
                several = lines_of(result.statements, several)
        else:
            before.add_stated(step.statements)
            several = lines_of(step.statements, several)
    return lowered


def _read_behind(steps: Sequence[Step]) -> list[frozenset[str]]:
    """For each step the variables whose values the shell of later steps reads."""
    found: list[frozenset[str]] = []
    later: frozenset[str] = frozenset()
    for step in reversed(steps):
        found.insert(0, later)
        shells = [node for node in step.statements if isinstance(node, Shell)]
        commands = tuple(command for shell in shells for command in parse_bash(shell.code).commands)
        later |= read_before_set(commands, names_read(commands))
        later |= {node.name for node in walk(step.statements) if isinstance(node, Ref)}
    return found


def _lower_step(
    step: Step,
    resolve: Resolve,
    files: dict[str, TempFile],
    before: Before,
    several: Lines,
    apart: Collection[Span],
    judged: Collection[Span],
    collected: Collected,
    *,
    more_follows: bool,
) -> StepLowering:
    translator = Statements(resolve, files)
    translator.step = collected
    shells = [node for node in step.statements if isinstance(node, Shell)]
    source = SourceText("", "\n".join(shell.code.rstrip("\n") for shell in shells) + "\n")
    scope = Scope(source, arguments_of_process=True)
    out: list[Statement] = []
    texts = [SourceText("", shell.code) for shell in shells]
    try:
        starts = [translator.step.add_source(text) for text in texts]
        offset_commands = [
            shifted(parse_bash(text.text).commands, start) for text, start in zip(texts, starts, strict=True)
        ]
        _refuse_uncalled(offset_commands, texts)
        _refuse_ambiguous(offset_commands, texts)
        _refuse_choices(texts, starts)
        translator.prepare(scope, tuple(command for commands in offset_commands for command in commands))
        # The shell has these from no environment, so that nothing that it calls does.
        elsewhere = {*before.known, *bound_names(step.statements)}
        scope.only_read = frozenset(name for name in scope.only_read if ir_name(name) not in elsewhere)
        position = 0
        consumed: set[int] = set()
        for index, statement in enumerate(step.statements):
            if index in consumed:
                continue
            if not isinstance(statement, Shell):
                out.append(statement)
                continue
            scope.source, scope.start = texts[position], starts[position]
            commands = offset_commands[position]
            position += 1
            if not commands:
                continue
            inner = scope.inner()
            translator.step.more_follows = more_follows or index + 1 < len(step.statements)
            translator.step.only_a_call = (
                len(commands) == 1 and isinstance(commands[0], Simple) and bool(commands[0].words)
            )
            following = step.statements[index + 1] if index + 1 < len(step.statements) else None
            meanings = _meanings(following)
            if meanings is None and statement.form is not ShellForm.SCRIPT:
                _refuse_answer(commands[-1], scope.source, judged=statement.span in judged)
            body = translator.statements(commands, inner, tail=True)
            if meanings is not None:
                consumed.add(index + 1)
            last = index + 1 + (meanings is not None) == len(step.statements)
            if statement.span in apart and out:
                out.append(Seam(call=position - 1))
            out.extend(_settled(body, inner, meanings or {}, last=last))
        broken = lines_of(out, several).broken(translator.step.one_line) if translator.step.one_line else None
        if broken is not None:
            raise Beyond(broken.reason, broken.span)
        return _finished(tuple(out), translator, before)
    except Beyond as problem:
        leftover = _leftover(problem, scope.source, translator.step.sources, texts)
        return StepLowering(leftover=leftover, scripts=tuple(translator.step.scripts))
    except RecursionError:
        return StepLowering(leftover=Leftover("nested too deeply", "", 1, ""))


def _refuse_uncalled(calls: Sequence[Sequence[Command]], texts: Sequence[SourceText]) -> None:
    """Raises Beyond where shell that stands in the file defines a function which nothing there calls.

    It is there for a reader to use. In a script it would be dead code.
    """
    nodes = [node for commands in calls for node in bash_walk(commands)]
    used = {word.literal for node in nodes if isinstance(node, Simple) for word in node.words}
    for commands, text in zip(calls, texts, strict=True):
        for command in commands:
            if isinstance(command, Function) and command.name not in used:
                reason = f"the function {command.name}, which nothing calls: it is there for the agent to use"
                raise Beyond(reason, command.span, text)


def _refuse_ambiguous(calls: Sequence[Sequence[Command]], texts: Sequence[SourceText]) -> None:
    """Raises Beyond where a placeholder is called like a variable that the shell sets to something else.

    Both would have one name in the logic, and nobody can tell whether the agent fills in the value of the variable.
    """
    commands = tuple(command for each in calls for command in each)
    changes = Counter(names_changed(commands))
    changes.subtract(node.name for node in bash_walk(commands) if isinstance(node, Assignment) and _is_filled_in(node))
    variables = {ir_name(name): name for name in changes if changes[name]}
    for each, text in zip(calls, texts, strict=True):
        for word in (node for node in bash_walk(tuple(each)) if isinstance(node, Word)):
            for part in word.parts:
                if isinstance(part, Placeholder) and (name := variables.get(ir_name(part.text[1:-1]))):
                    raise Beyond(f"{part.text} may be the variable {name}, or be filled in", word.span, text)


def _refuse_choices(texts: Sequence[SourceText], starts: Sequence[int]) -> None:
    """Raises Beyond where a comment of the file says that only some of the commands are meant."""
    for text, start in zip(texts, starts, strict=True):
        if (found := without_being_asked(text)) is not None:
            words, span = found
            raise Beyond(
                f'the comment "{words}" is a choice, and bash runs what stands there all the same',
                span.shifted(start),
                text,
            )


#: Commands whose exit code is their whole answer.
_ANSWERS = frozenset({"test", "[", "[[", "command", "which", "type"})


def _refuse_answer(last: Command, text: SourceText, *, judged: bool) -> None:
    """Raises Beyond where a call of the file ends with a question whose "no" is for a reader, and no failure.

    A grep that shows what it finds, or a test about which the prose below says what to do (`judged`).
    """
    asks = last.commands[-1] if isinstance(last, Pipe) else last
    name = asks.name if isinstance(asks, Simple) else "[[" if isinstance(asks, DoubleBracket) else None
    if name in GREPS and isinstance(asks, Simple) and not prints_nothing(asks):
        raise Beyond(f"{name} at the end of a call: finding nothing is an answer, and would stop the logic", last.span)
    if judged and (name in _ANSWERS or name in GREPS):
        raise Beyond("a test at the end of a call, of which the prose below says what follows", last.span, text)


def _is_filled_in(assignment: Assignment) -> bool:
    """`NAME="<name>"`: the variable is what the placeholder stands for."""
    parts = assignment.value.parts if assignment.value is not None and not assignment.append else ()
    only = parts[0] if len(parts) == 1 else None
    return isinstance(only, Placeholder) and ir_name(only.text[1:-1]) == ir_name(assignment.name)


#: What the prose says about exit codes: what is done at each, and at ANY_FAILURE for all but 0 that are not named.
_Meanings = dict[int, tuple[Statement, ...]]


def _meanings(statement: Statement | None) -> _Meanings | None:
    """The chain behind a call that tells its exit codes apart; None where the statement is none."""
    if not isinstance(statement, If):
        return None
    found: _Meanings = {}
    for branch in statement.branches:
        match branch.condition:
            case ExitCodeIs(code):
                found.setdefault(code, branch.body)
            case OutcomeIs(Outcome.COMMAND_FAILS):
                found.setdefault(ANY_FAILURE, branch.body)
            case OutcomeIs(Outcome.COMMAND_SUCCEEDS):
                found.setdefault(0, branch.body)
            case _:
                return None
    if statement.otherwise is not None:
        found.setdefault(ANY_FAILURE, statement.otherwise)
    return found


def _settled(body: list[Statement], scope: Scope, meanings: _Meanings, *, last: bool) -> tuple[Statement, ...]:
    """One call of the Bash tool: an exit other than 0 stops the process unless the prose says what it means.

    Exit 0 ends the step where nothing follows.
    """

    def ends(leave: ScriptExit) -> tuple[Statement, ...]:
        if leave.code == ANY_FAILURE and any(code > 0 for code in meanings):
            raise Beyond("an exit code that is not literal, and may be one of those that the prose names", leave.span)
        named = meanings.get(leave.code)
        if named is None and leave.code:
            named = meanings.get(ANY_FAILURE)
        if named is not None:
            return named
        if leave.code:
            return (Stop(span=leave.span),)
        return (Proceed(span=leave.span),) if last else ()

    if 0 in meanings:
        body = [*body, ScriptExit(code=0, scope=scope.identity)]
    # Exits of a script that is the last command of the call have become exits of the call.
    return settle(body, scope.identity, ends)


def _lost_variables(
    statements: tuple[Statement, ...], known: Mapping[str, str], handed_on: Iterable[str]
) -> tuple[RepairUse, ...]:
    """Names that an earlier step set in a shell that has ended since; the names of a process live on."""
    read = {node.name: node for node in walk(statements) if isinstance(node, Ref)}
    own = {*bound_names(statements), *handed_on}
    lost = [name for name in read if known.get(name) and name not in own]
    return tuple(
        RepairUse("lost-variable", NOWHERE, f"{name} is set in step {known[name]}, whose shell has ended")
        for name in lost
    )


def _finished(statements: tuple[Statement, ...], translator: Statements, before: Before) -> StepLowering:
    passes: list[tuple[str, tuple[Statement, ...]]] = [("typed effects", statements)]
    statements = with_histories(statements, translator.step.histories)
    statements, joined = join_reads(statements)
    repairs = (*joined, *translator.step.repairs.values())
    passes.append(("reads joined", statements))
    statements = tidied(statements, times=3)
    passes.append(("nothing that says nothing", statements))
    possible = without_what_cannot_be(statements, {ir_name(name) for name in translator.step.handed_on})
    if possible != statements:
        statements = tidied(possible, times=2)
        passes.append(("nothing that cannot be", statements))
    promised = {name for file in translator.files.values() for name in file.names}
    statements = join_copies(statements, translator.step.made_up - promised)
    statements = join_sums(statements, translator.step.made_up - promised)
    statements = without_unread(statements, translator.step.made_up - promised)
    statements = without_needless_numbers(statements, translator.step.made_up - promised, before.taken)
    kept = {name for name in translator.step.made_up if name.startswith("LAST_STATUS")}
    statements = with_long_texts_apart(with_status_on_top(statements, kept), translator.block)
    statements = tidied(with_named_blocks(statements))
    passes.append(("names", statements))
    statements = with_empty_values(with_kinds(statements))
    passes.append(("kinds of messages", statements))
    arguments = {"ARGUMENTS": "$ARGUMENTS"} | {f"ARGUMENT_{n}": f"${n}" for n in sorted(translator.step.positions)}
    statements, arguments = arguments_by_name(statements, arguments)
    # The harness fills in an argument where it stands: whether an earlier step is migrated too, nobody knows here.
    inputs = inputs_of(statements, before, arguments)
    given = tuple(
        Set(Ref(entry.name), Text.of(arguments[entry.name])) if entry.name in arguments else entry for entry in inputs
    )
    statements = with_empty_texts(with_inputs(given, statements), before.known)
    if inputs:
        passes.append(("inputs", statements))
    noted = with_notes(statements, translator.step.sources)
    if noted != statements:
        statements = noted
        passes.append(("comments", statements))
    statements, seams = _without_seams(statements)
    if not statements:
        statements = (Proceed(),)
    handed_on = {name for file in translator.files.values() for name in file.names}
    repairs = (*repairs, *_lost_variables(statements, before.known, handed_on))
    promoted = tuple(
        (path, file.names)
        for path in sorted(translator.step.touched)
        if (file := translator.files.get(path)) is not None
    )
    _refuse_shared_names(statements, translator)
    if promoted and translator.step.unread:
        raise Beyond(f"{translator.step.unread[0]} is not in the project, and may use {promoted[0][0]}")
    return StepLowering(
        statements,
        _parameters(statements),
        None,
        tuple((name, _without_seams(after)[0]) for name, after in passes),
        repairs,
        promoted,
        tuple(translator.step.scripts),
        seams=seams,
        sources=tuple(translator.step.sources),
    )


def _without_seams(statements: tuple[Statement, ...]) -> tuple[tuple[Statement, ...], tuple[tuple[int, int], ...]]:
    """The statements, and where among them calls begin that keep their place, with the ordinal of the call."""
    kept: list[Statement] = []
    seams: list[tuple[int, int]] = []
    for statement in statements:
        if isinstance(statement, Seam):
            seams.append((len(kept), statement.call))
        else:
            kept.append(statement)
    return tuple(kept), tuple(seams)


def _refuse_shared_names(statements: tuple[Statement, ...], translator: Statements) -> None:
    """A name that stands for a line of a temp file must not be set by a step that leaves the file alone."""
    bound = set(bound_names(statements))
    for path, file in translator.files.items():
        taken = bound.intersection(file.names) - translator.step.written.get(path, set())
        if taken:
            raise Beyond(f"{min(taken)} is set here, and stands in {path} for something else")


def _parameters(statements: tuple[Statement, ...]) -> tuple[Parameter, ...]:
    """The flags that the statements ask for."""
    found: dict[str, Parameter] = {}
    for node in walk(statements):
        if isinstance(node, FlagValue):
            found[node.flag] = Parameter(node.flag, takes_value=True)
        elif isinstance(node, Provided):
            found.setdefault(node.flag, Parameter(node.flag, takes_value=False))
    return tuple(found.values())


def _leftover(
    problem: Beyond, fallback: SourceText, sources: Sequence[tuple[int, SourceText]], calls: Sequence[SourceText]
) -> Leftover:
    source, span = place_in(sources, problem.span) or (problem.source or fallback, problem.span)
    row = source.lines.position(span.start).row
    line = source.slice(source.lines.row_span(row)).strip()
    call = next((at for at, text in enumerate(calls) if text is source), 0)
    return Leftover(problem.reason, source.path, row, line, call)


_TEMP_PATH = regex(r"/(?:var/)?tmp/[\w./-]+")


def _files_of_leftovers(process: Process, resolve: Resolve, lowered: dict[str, StepLowering]) -> dict[str, str]:
    """Temp files that a step uses which stays as it is, with the number of that step."""
    found: dict[str, str] = {}
    for step in process.steps:
        result = lowered.get(step.number)
        if result is None or result.leftover is None:
            continue
        texts: list[str] = []
        for node in step.statements:
            if isinstance(node, Shell):
                texts.append(node.code)
                texts.extend(source.text for reference in node.scripts if (source := resolve(reference)) is not None)
        for text in texts:
            for path in _TEMP_PATH.findall(re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)):
                found.setdefault(path, step.number)
    return found

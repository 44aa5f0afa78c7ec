"""Calls of functions and scripts, put in place of the call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from peerlint.migrate.lower.arrays import line_arrays
from peerlint.migrate.lower.assigned import gives_a_status, gives_a_truth, gives_one_word, gives_words, names_a_tool
from peerlint.migrate.lower.conditions import Test
from peerlint.migrate.lower.flow import settle
from peerlint.migrate.lower.functions import gather_functions
from peerlint.migrate.lower.inputs import refuse_capitals
from peerlint.migrate.lower.jq import breaks_off_in_a_string
from peerlint.migrate.lower.lines import OneLine
from peerlint.migrate.lower.result import RepairUse
from peerlint.migrate.lower.scope import (
    Beyond,
    Resolve,
    Scope,
    ScriptExit,
    TempFile,
    ir_name,
)
from peerlint.migrate.lower.script_folders import GIVEN_FOLDERS, in_given_folder, is_own_folder
from peerlint.migrate.lower.streams import Streams, streams
from peerlint.migrate.lower.temp_files import TempFiles, is_mktemp, steady_from
from peerlint.migrate.lower.values import Out, simplest
from peerlint.migrate.lower.variables import (
    assigned_on_every_way,
    assigned_once,
    constant_arrays,
    functions_called,
    is_local_throughout,
    names_behind_loops,
    names_changed,
    names_declared,
    names_from_outside,
    names_handed_out,
    names_of_loops_in_pipelines,
    names_only_read,
    names_read,
    names_read_without_default,
    outside_of_functions,
    read_before_set,
)
from peerlint.patterns import regex
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import (
    Assignment,
    Command,
    For,
    Function,
    Group,
    Negated,
    Parameter,
    Placeholder,
    Simple,
    Substitution,
    Word,
    of_kind,
    remembering,
    shifted,
)
from peerlint.process.bash.tree import walk as walk_tree
from peerlint.process.model import (
    AsJson,
    Ref,
    Set,
    Statement,
    Text,
    Value,
    walk,
)
from peerlint.source.text import NOWHERE, Span

_SCRIPT = regex(r"\.(?:sh|bash)$")
_SHELLS = frozenset({"bash", "sh"})
#: Words that stand in front of a program in Python.
_PYTHONS = frozenset({"python", "python3", "uv", "poetry", "pipenv", "run", "env"})
#: How deep calls may nest; a script that calls itself has no end that is known.
_MAX_CALLS = 8
#: How many statements a condition that is a call may repeat.
_REPEATED = 12


class Calls(TempFiles):
    """Knows scripts and the names of the step."""

    def __init__(self, resolve: Resolve, files: dict[str, TempFile]) -> None:
        super().__init__(files)
        self._resolve = resolve
        self._script_of: dict[int, int] = {}
        #: Whether the command at hand is the last one of its script, so that its exit is that of the script.
        self.at_end = False

    # --- names and blocks ---

    def fresh(self, name: str) -> str:
        """See Values."""
        candidate, number = name, 2
        while candidate in self.step.names:
            candidate, number = f"{name}_{number}", number + 1
        self.step.names.add(candidate)
        self.step.made_up.add(candidate)
        return candidate

    def repair(self, name: str, span: Span, reason: str) -> None:
        """See Values."""
        self.step.repairs[name, span] = RepairUse(name, span, reason)

    def argument(self, number: int) -> Ref:
        """See Values."""
        self.step.positions.add(number)
        return Ref(f"ARGUMENT_{number}")

    @property
    def one_word(self) -> AbstractSet[str]:
        """See Values."""
        return self.step.one_word

    @property
    def split_on_purpose(self) -> AbstractSet[str]:
        """See Values."""
        return self.step.split_on_purpose

    @property
    def tool_names(self) -> AbstractSet[str]:
        """See Effects."""
        return self.step.tool_names

    def one_line(self, value: Value, span: Span, reason: str) -> None:
        """See Values."""
        self.step.one_line.append(OneLine(value, reason, span))

    def block(self, name: str) -> str:
        """See Effects."""
        number = self.step.blocks[name] = self.step.blocks.get(name, 0) + 1
        return name if number == 1 else f"{name}_{number}"

    def surely_json(self, value: Value) -> bool:
        """See Captures."""
        if not isinstance(value, AsJson) or not isinstance(value.value, Text):
            return True
        before = ""
        for part in value.value.parts:
            if isinstance(part, str):
                before += part
            elif part.name not in self.step.numeric and not breaks_off_in_a_string(before):
                return False
        return True

    def history_of(self, bucket: Text) -> Ref:
        """See Captures; the pass that joins reads puts the name into the CHECK."""
        return Ref(self.step.histories.setdefault(bucket, self.fresh("HISTORY")))

    # --- calls ---

    def script_of(self, scope: Scope) -> int:
        """See Values."""
        return self._script_of.get(scope.identity, scope.identity)

    def redirected(self, scope: Scope, where: Streams) -> Scope:
        """The scope of something whose output goes elsewhere."""
        if where.file is not None:
            raise Beyond("the output of a call in a file", where.file.span, scope.source)
        if where.err == "with out" or (where.out is not None and where.err == "out" and not where.out_hidden):
            raise Beyond("error text that goes elsewhere", NOWHERE, scope.source)
        errors = "null" if where.err_hidden else "out" if where.err == "out" else scope.errors
        shown = self.on_errors(scope) if where.out == "err" else scope
        if where.out_hidden:
            return scope.same(muted=True, captured=None, errors=errors)
        return shown.same(errors=errors)

    @staticmethod
    def on_errors(scope: Scope) -> Scope:
        """The scope of what is printed as error text."""
        if scope.errors == "out":
            return scope
        return scope.same(captured=None, muted=scope.errors == "null")

    def is_call(self, command: Simple, scope: Scope) -> bool:
        """See Captures."""
        return bool(command.words) and (command.name in scope.functions or self._reference(command, scope) is not None)

    def _reference(self, command: Simple, scope: Scope) -> tuple[str, tuple[Word, ...]] | None:
        """The script that a command calls, as written, and its arguments."""
        words = command.words
        first = self._command_word(words[0], scope) if words else None
        if first is None:
            return None
        if first.rsplit("/", 1)[-1] in _SHELLS and len(words) > 1:
            words = words[1:]
            first = self._command_word(words[0], scope)
        if first is None or not _SCRIPT.search(first):
            return None
        if self._resolve(first) is None and not self.step.only_a_call and not scope.calls:
            # Beside other commands it is one of them, as a program in another language would be.
            self.step.unread.append(first)
            return None
        return first, words[1:]

    def python_script(self, command: Simple, scope: Scope) -> str | None:
        """The program in Python that a command runs, where its text is in the project."""
        words = [self._command_word(word, scope) or "" for word in command.words]
        while len(words) > 1 and (words[0].rsplit("/", 1)[-1] in _PYTHONS or words[0].startswith("-")):
            words = words[1:]
        return words[0] if words and words[0].endswith(".py") and self._resolve(words[0]) is not None else None

    def _command_word(self, word: Word, scope: Scope) -> str | None:
        """The word as written where it is literal (references keep their `~`), or its known text."""
        return word.literal or self.literal(word, scope) or in_given_folder(word)

    def inline_call(
        self, command: Simple, scope: Scope, out: Out, *, ignored: bool, name: str | None
    ) -> Test | bool | None:
        """See Captures."""
        at_end, self.at_end = self.at_end and not ignored, False
        body, inner = self._body(command, scope, out, name)
        matters = not ignored

        def ends(leave: ScriptExit) -> tuple[Statement, ...]:
            if not at_end and (leave.code == 0 or not matters):
                return ()
            return (ScriptExit(span=leave.span, code=leave.code, scope=scope.identity),)

        settled = list(settle(body, inner.identity, ends))
        out.extend(settled if name is None else self.printed_once(name, settled, command.span, scope))
        return None

    def call_as_condition(
        self,
        condition: Sequence[Command],
        body: Callable[[], list[Statement]],
        others: Callable[[], list[Statement]],
        scope: Scope,
        out: Out,
    ) -> bool:
        """`if call; then`: the arms stand where the call ends. False where the condition is no call."""
        if len(condition) != 1:
            return False
        command = condition[0]
        negative = isinstance(command, Negated)
        if isinstance(command, Negated):
            command = command.command
        if not isinstance(command, Simple):
            return False
        name: str | None = None
        if not command.words and len(command.assignments) == 1:
            value = command.assignments[0].value
            part = value.parts[0] if value is not None and len(value.parts) == 1 else None
            if not isinstance(part, Substitution) or len(part.commands) != 1:
                return False
            name = scope.name_of(command.assignments[0].name)
            inner_command = part.commands[0]
            if not isinstance(inner_command, Simple):
                return False
            command = inner_command
        if not self.is_call(command, scope):
            return False
        statements, inner = self._body(command, self.redirected(scope, _where(command, scope)), out, name)
        if name is not None:
            statements = self.printed_once(name, statements, command.span, scope)
        arms = {True: tuple(body()), False: tuple(others())}
        if negative:
            arms = {True: arms[False], False: arms[True]}
        whole = [*statements, ScriptExit(code=0, scope=inner.identity)]
        exits = [node for node in walk(tuple(whole)) if isinstance(node, ScriptExit) and node.scope == inner.identity]
        for good in (True, False):
            uses = sum(1 for leave in exits if (leave.code == 0) is good)
            if uses > 1 and (uses - 1) * sum(1 for _ in walk(arms[good])) > _REPEATED * 4:
                raise Beyond("a call with several ends as a condition", command.span, scope.source)
        out.extend(settle(whole, inner.identity, lambda leave: arms[leave.code == 0]))
        return True

    def _body(self, command: Simple, scope: Scope, out: Out, name: str | None) -> tuple[list[Statement], Scope]:
        """The statements of what is called, and their scope."""
        if len(scope.calls) >= _MAX_CALLS:
            raise Beyond("calls that are nested too deeply", command.span, scope.source)
        if command.name in scope.functions:
            return self._function_body(command, scope.functions[command.name or ""], scope, out, name)
        reference = self._reference(command, scope)
        assert reference is not None
        path, words = reference
        found = self._resolve(path)
        if found is None:
            raise Beyond(f"{path} is not in the project", command.span, scope.source)
        if found.path in scope.calls:
            raise Beyond(f"{path} calls itself", command.span, scope.source)
        all_of_process = _is_arguments(words) and (scope.arguments_of_process or not scope.calls)
        positional = None if all_of_process else self.arguments(words, scope, out)
        if path not in self.step.scripts:
            self.step.scripts.append(path)
        start = self.step.add_source(found)
        commands = shifted(parse_bash(found.text, placeholders=False).commands, start)
        if not scope.calls:
            refuse_capitals(words, commands, scope)
        # What the harness gives to all of them means the same in each, and so does what none of them sets.
        set_there = set(names_changed(commands))
        changed = set_there | names_declared(commands)
        given = GIVEN_FOLDERS - changed
        environment = scope.for_called(changed)
        inner = Scope(
            found,
            start=start,
            positional=positional,
            arguments_of_process=all_of_process,
            captured=name or scope.captured,
            muted=scope.muted and name is None,
            errors=scope.errors,
            calls=(*scope.calls, found.path),
            folder=found.path.rsplit("/", 1)[0] if "/" in found.path else "",
            names=dict(environment),
            reserved=scope.reserved.union(scope.names.values(), _names_in(positional or ())) - given,
            environment=environment,
        )
        given_for_it = {assignment.name: assignment for assignment in command.assignments}
        appended = any(assignment.append for assignment in command.assignments)
        if appended or given_for_it.keys() & set_there:
            reason = "a variable that is set for one command, and set again by what that calls"
            raise Beyond(reason, command.span, scope.source)
        self.prepare(inner, commands)
        for name, assignment in given_for_it.items():
            inner.known[name] = self.text(assignment.value, scope, out)
        return self.statements(commands, inner, tail=True), inner

    def _function_body(
        self, command: Simple, function: Function, scope: Scope, out: Out, name: str | None
    ) -> tuple[list[Statement], Scope]:
        if command.assignments:
            raise Beyond("a variable that is set for the call of a function", command.span, scope.source)
        if command.name in scope.calls:
            raise Beyond(f"{command.name} calls itself", command.span, scope.source)
        if not isinstance(function.body, Group):
            raise Beyond("a function whose body is no group", function.span, scope.source)
        body = function.body.body
        own = names_declared(body)
        called = functions_called(command, scope.functions)
        handed_out = names_handed_out(called)
        others = [other for other in scope.functions.values() if other not in called]
        if name is not None and handed_out & (scope.used | names_from_outside(others)):
            raise Beyond("a function that sets variables in a shell of its own", command.span, scope.source)
        given = self.arguments(command.words[1:], scope, out)
        blank = frozenset(read_before_set(body, own))
        if refused := scope.nounset and sorted(blank & names_read_without_default(body)):
            reason = f"{refused[0]} may be read before it is set, which set -u refuses"
            raise Beyond(reason, function.span, scope.source)
        inner = scope.inner(
            positional=self._kept(given, {ir_name(variable) for variable in handed_out}, out),
            known={variable: text for variable, text in scope.known.items() if variable not in own},
            used=scope.used | names_read(body) | set(names_changed(body)),
            blank=blank,
            captured=name or scope.captured,
            muted=scope.muted and name is None,
            # The shell of a substitution does not inherit `set -e`.
            errexit=scope.errexit and name is None,
            is_function=True,
            calls=(*scope.calls, command.name or ""),
        )
        # In `$(…)` an exit ends the shell of the substitution, which is all that the function runs in.
        self._script_of[inner.identity] = inner.identity if name is not None else self.script_of(scope)
        self._learn(inner, body, own - names_handed_out(scope.functions.values()))
        # What another function takes from outside is not what this one has for itself under that name.
        used = scope.used | names_from_outside(scope.functions.values())
        inner.own_names = scope.own_names | self._beside(own & used - inner.known.keys(), inner, function)
        return self.statements(body, inner, tail=True), inner

    def _kept(self, arguments: Sequence[Text], changed: AbstractSet[str], out: Out) -> tuple[Text, ...]:
        """Arguments as the call finds them: a copy of those that hold a name which the function changes."""
        kept = []
        for text in arguments:
            first = next((part.name for part in text.parts if isinstance(part, Ref) and part.name in changed), None)
            if first is not None:
                copy = Ref(self.fresh(f"OLD_{first}"))
                out.append(Set(copy, simplest(text)))
                text = Text.of(copy)
            kept.append(text)
        return tuple(kept)

    def _beside(self, variables: AbstractSet[str], scope: Scope, function: Function) -> dict[str, str]:
        """Names for variables of a function that have a namesake outside. Raises Beyond where it uses both."""
        made: dict[str, str] = {}
        for variable in sorted(variables):
            assert isinstance(function.body, Group)
            if not is_local_throughout(function.body.body, variable):
                raise Beyond("a local variable beside uses of its namesake", function.span, scope.source)
            name = ir_name(variable)
            made[variable] = self.fresh(name)
            for kind in (self.step.one_word, self.step.split_on_purpose):
                kind.update({made[variable]} if name in kind else ())
        return made

    # --- what a script says about itself ---

    def prepare(self, scope: Scope, commands: Sequence[Command]) -> None:
        """Gather the functions and the constants of a script. Raises Beyond for a function whose place matters."""
        commands = remembering(commands)
        read = names_read(commands)
        scope.commands = frozenset(command.name for command in of_kind(commands, Simple))
        scope.asks_for_status = "?" in scope.source.text
        gather_functions(scope, commands)
        assigned: dict[str, list[Assignment | For]] = {}
        for name in read:
            # Of two names that differ by case only the one in capitals is already a name of the process.
            if name.isidentifier() and ir_name(name) == name:
                scope.name_of(name)
        for node in walk_tree(commands):
            if type(node) is Assignment or type(node) is For:
                name = scope.name_of(node.name)
                self.step.names.add(name)
                assigned.setdefault(name, []).append(node)
        # What is only read comes from outside, and must not be taken for something made up either.
        self.step.names.update(ir_name(name) for name in read if name.isidentifier())
        for variable, offset in steady_from(commands).items():
            name = scope.name_of(variable) if variable in scope.names else ir_name(variable)
            self.step.steady_from[name] = max(offset, self.step.steady_from.get(name, 0))
        at_top = {scope.name_of(name) for name in assigned_on_every_way(commands)}
        for name, nodes in assigned.items():
            if all(gives_one_word(node) for node in nodes) and (name in at_top or isinstance(nodes[0], For)):
                self.step.one_word.add(name)
                if all(names_a_tool(node, scope) for node in nodes):
                    self.step.tool_names.add(name)
                if all(gives_a_truth(node) for node in nodes):
                    self.step.truths.add(name)
                if all(gives_a_status(node) for node in nodes):
                    self.step.statuses.add(name)
            elif any(gives_words(node) for node in nodes):
                self.step.split_on_purpose.add(name)
        scope.arrays.update(constant_arrays(commands))
        scope.lists.update(line_arrays(commands) - scope.arrays.keys())
        scope.only_read = names_only_read(commands)
        scope.behind_loops = names_behind_loops(commands)
        scope.never_missed = names_of_loops_in_pipelines(commands) - self.step.handed_on
        outside = outside_of_functions(commands)
        scope.used = frozenset(read if outside is commands else names_read(outside)).union(names_changed(outside))
        self._learn(scope, commands, scope.used)

    def _learn(self, scope: Scope, commands: Sequence[Command], variables: AbstractSet[str]) -> None:
        """Gather the texts of those of the variables that are set once and for all."""
        for name, assignment in assigned_once(commands).items():
            if name not in variables:
                continue
            word = assignment.value
            if is_own_folder(word):
                scope.known[name] = Text.of(scope.folder or ".")
                continue
            if word is not None and is_mktemp(word):
                scope.known[name] = Text.of(f"/tmp/{name.lower()}.{scope.identity}")
                continue
            if word is not None and any(isinstance(p, Placeholder) for p in word.parts):
                continue
            text = self._stable(word, scope)
            # All that was typed is known to readers by the name that the script gives it.
            if text is not None and text != Text.of(Ref("ARGUMENTS")):
                scope.known[name] = text

    def _stable(self, word: Word | None, scope: Scope) -> Text | None:
        """The text of a word that does not change while the script runs: literals, arguments, other such names."""
        if word is None:
            return Text()
        for part in word.parts:
            if isinstance(part, Substitution):
                return None
            name = getattr(part, "name", None)
            if name is not None and name not in scope.known and not (name.isdigit() and scope.positional is not None):
                return None
        scratch: Out = []
        try:
            text = self.text(word, scope, scratch)
        except Beyond:
            return None
        return None if scratch else text


def _where(command: Simple, scope: Scope) -> Streams:
    return streams(command.redirections, scope)


def _is_arguments(words: Sequence[Word]) -> bool:
    """Whether a call hands on all arguments of the process: `$ARGUMENTS`, `"$@"`.

    `"$ARGUMENTS"` is one argument: the harness puts all that was typed between the quotes.
    """
    part = words[0].parts[0] if len(words) == 1 and len(words[0].parts) == 1 else None
    return isinstance(part, Parameter) and (part.name in ("@", "*") or (part.name == "ARGUMENTS" and not part.quoted))


def _names_in(arguments: Sequence[Text]) -> set[str]:
    return {node.name for node in walk(tuple(arguments)) if isinstance(node, Ref)}

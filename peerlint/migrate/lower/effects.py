"""Command lines as typed effects."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Set as AbstractSet

from peerlint.migrate.lower.conditions import Conditions, Test
from peerlint.migrate.lower.made_up import argument_name
from peerlint.migrate.lower.outputs import has_here_text
from peerlint.migrate.lower.probes import is_probe
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.migrate.lower.streams import Streams
from peerlint.migrate.lower.values import SPLIT_OUTPUT, Out, simplest
from peerlint.process.bash.tree import (
    ArithmeticExpansion,
    Assignment,
    Glob,
    Literal,
    Parameter,
    Simple,
    Substitution,
    Word,
)
from peerlint.process.commands import PURE_TOOLS, KvCommand, KvVerb, MessageCommand, Nature, understand
from peerlint.process.model import (
    NO_CLAUSES,
    Argv,
    BucketAdd,
    BucketInfo,
    Clauses,
    Commands,
    CommandSucceeds,
    Do,
    Effect,
    FileDelete,
    FilePattern,
    FileRead,
    FileWrite,
    KvCreate,
    KvDelete,
    KvGet,
    KvHistory,
    KvKeys,
    KvPurge,
    KvPut,
    KvUpdate,
    Outcome,
    OutcomeIs,
    Pipeline,
    Publish,
    Ref,
    Request,
    Run,
    ServerCheck,
    Set,
    Text,
    Value,
)
from peerlint.records import replace
from peerlint.source.text import Span

#: The lenient outcome word for the success of each effect.
SUCCESS: dict[type, Outcome] = {
    ServerCheck: Outcome.SERVER_RESPONDING,
    BucketInfo: Outcome.BUCKET_AVAILABLE,
    BucketAdd: Outcome.CREATION_SUCCEEDS,
    KvGet: Outcome.KEY_AVAILABLE,
    KvPut: Outcome.STORING_SUCCEEDS,
    KvCreate: Outcome.CREATION_SUCCEEDS,
    KvUpdate: Outcome.UPDATE_SUCCEEDS,
    KvDelete: Outcome.DELETION_SUCCEEDS,
    KvPurge: Outcome.DELETION_SUCCEEDS,
    KvKeys: Outcome.LISTING_SUCCEEDS,
    KvHistory: Outcome.LISTING_SUCCEEDS,
    Publish: Outcome.PUBLISHING_SUCCEEDS,
    Request: Outcome.REQUEST_SUCCEEDS,
    FileRead: Outcome.FILE_AVAILABLE,
    FileWrite: Outcome.WRITING_SUCCEEDS,
    FileDelete: Outcome.DELETION_SUCCEEDS,
    Run: Outcome.COMMAND_SUCCEEDS,
}
_BINDING = (KvGet, KvKeys, KvHistory, Request, FileRead)
_OPERANDS = {
    KvVerb.GET: 2,
    KvVerb.PUT: 3,
    KvVerb.CREATE: 3,
    KvVerb.UPDATE: 4,
    KvVerb.DELETE: 2,
    KvVerb.PURGE: 2,
    KvVerb.KEYS: 1,
    KvVerb.INFO: 1,
    KvVerb.ADD: 1,
    KvVerb.BUCKETS: 0,
    KvVerb.HISTORY: 2,
}
MOVES_ALL = "cd changes the folder of all that follows"
#: Builtins that change the shell itself.
SHELL_STATE = {
    "eval": "eval, which runs text as code",
    "shift": "shift, which takes the arguments one after another",
    "getopts": "getopts, which takes the arguments one after another",
    "cd": MOVES_ALL,
    "pushd": "pushd changes the folder of all that follows",
    "umask": "umask changes all that follows",
    "exec": "exec, which puts a command in the place of the shell",
    "wait": "wait for a background job",
    "kill": "kill",
    "read": "read waits for a line, and the shell of an agent has no terminal",
    "shopt": "shopt, which changes how the shell works",
    "alias": "alias, which gives a command another meaning",
    "mapfile": "an array of lines (mapfile)",
    "readarray": "an array of lines (readarray)",
    "unset": "unset, behind which a name is missing",
    "flock": "flock, a lock on a file",
    "let": "let, arithmetic as a command",
    "popd": "pushd changes the folder of all that follows",
    **{
        builtin: f"{builtin}, which acts on the shell itself"
        for builtin in ("bg", "builtin", "dirs", "disown", "enable", "fg", "jobs", "unalias")
    },
}


#: What the shell does itself.
OF_THE_SHELL = frozenset(
    {*SHELL_STATE, "break", "command", "continue", "declare", "exit", "export", "false", "hash"}
) | {*("local", "readonly", "return", "set", "source", "test", "time", "trap", "true", "type", "typeset")}

#: Why a command whose name is not known stays.
_OF_NO_NAME = "a command whose name is in a variable, of which it is not known what it holds"


class Effects(Conditions):
    """Translates simple commands that act on the world."""

    @property
    @abstractmethod
    def tool_names(self) -> AbstractSet[str]:
        """Names whose value is always that of a program."""

    @abstractmethod
    def block(self, name: str) -> str:
        """A tag name like this one that is free in the step."""

    def act(self, effect: Effect, out: Out, span: Span, *, ignored: bool, clauses: Clauses = NO_CLAUSES) -> Test | None:
        """Append the effect; the test of its success, or None where nobody asks (`ignored`)."""
        if ignored:
            if isinstance(effect, _BINDING):
                clauses = replace(clauses, if_fails=Text())
            else:
                clauses = replace(clauses, ignoring_failure=True)
        out.append(Do(effect, clauses, span))
        return None if ignored else OutcomeIs(SUCCESS[type(effect)])

    def arguments(self, words: tuple[Word, ...], scope: Scope, out: Out) -> tuple[Text, ...]:
        """The words as an argument list. Raises Beyond for file patterns too."""
        return tuple(self.text(word, scope, out, splits=True) for word in words)

    def words(self, words: tuple[Word, ...], scope: Scope, out: Out) -> tuple[Text | FilePattern, ...]:
        """The words of a command that is run as it stands."""
        made: list[Text | FilePattern] = []
        if words and words[0].literal in PURE_TOOLS:
            self._refuse_lost_operands(words[1:], scope)
        for word, before in zip(words, (None, *words), strict=False):
            written = _here_document(word)
            if any(isinstance(part, Glob) for part in word.parts):
                made.append(FilePattern(self.file_pattern(word, scope, out)))
            elif written is not None:
                name = self.fresh(argument_name((before.literal if before is not None else None) or ""))
                self.capture(name, written.commands, scope, out)
                made.append(Text.of(Ref(name)))
            else:
                made.append(self.text(word, scope, out, splits=True))
        return tuple(made)

    @staticmethod
    def _refuse_lost_operands(words: tuple[Word, ...], scope: Scope) -> None:
        """Raises Beyond where nothing in the place of an operand makes a filter do something else than with `""`."""
        for word in words:
            part = word.parts[0] if len(word.parts) == 1 else None
            if isinstance(part, Substitution) and not part.quoted:
                raise Beyond(SPLIT_OUTPUT, part.span, scope.source)

    def file_pattern(self, word: Word, scope: Scope, out: Out) -> Text:
        """A word with wildcards. Raises Beyond where it has the same characters in quotes, too."""
        parts: list[str | Ref] = []
        for part in word.parts:
            if isinstance(part, Glob):
                parts.append(part.text)
                continue
            text = self.text(Word((part,), word.span), scope, out, splits=True)
            if any(isinstance(piece, str) and re.search(r"[*?\[]", piece) for piece in text.parts):
                raise Beyond("a file name with a literal * ? or [", word.span, scope.source)
            parts.extend(text.parts)
        return Text.of(*parts)

    # --- nats ---

    def nats(
        self,
        command: Simple,
        scope: Scope,
        out: Out,
        *,
        ignored: bool,
        name: str | None = None,
        stdin: Value | None = None,
        hidden: bool = False,
    ) -> Test | None:
        """A `nats` command line; `name` takes what it prints, where that is asked for. Raises Beyond."""
        argv = self.arguments(command.words, scope, out)
        meaning = understand([text.literal for text in argv])
        kv = meaning.kv
        if meaning.message is not None:
            sent, why = self._message_effect(meaning.message, argv, name, ignored=ignored, hidden=hidden)
            if sent is None:
                raise Beyond(why, command.span, scope.source)
            return self.act(sent, out, command.span, ignored=ignored)
        if kv is None:
            literal = [text.literal for text in argv[1:3]]
            raise Beyond(
                f"nats {' '.join(word or '…' for word in literal)} has no typed effect", command.span, scope.source
            )
        effect = self._kv_effect(kv, command, argv, name, stdin)
        if effect is None:
            raise Beyond(f"nats kv {kv.verb.value} in this form", command.span, scope.source)
        return self.act(effect, out, command.span, ignored=ignored)

    def _message_effect(
        self, message: MessageCommand, argv: tuple[Text, ...], name: str | None, *, ignored: bool, hidden: bool
    ) -> tuple[Publish | Request | None, str]:
        """What sends a message, or None and why it stays; `name` takes the reply, `hidden`: nobody sees it."""
        tool = "nats request" if message.asks else "nats pub"
        operands = [argv[index] for index in message.operands]
        flags = [flag for flag in message.flags if not (message.asks and flag == "--raw")]
        if flags:
            return None, f"{tool} with {flags[0].partition('=')[0]}"
        if len(operands) == 1:
            # The tool reads its input only where its output is a terminal, which that of an agent is not.
            return None, f"{tool} without a text behind the subject, which sends an empty message outside of a terminal"
        if len(operands) != 2:
            return None, f"{tool} in this form"
        if any(isinstance(part, str) and "{{" in part for text in operands for part in text.parts):
            return None, f"{tool} of a text with {{{{…}}}}, which the tool fills in"
        if not message.asks:
            if name is not None:
                return None, "the output of nats pub, which prints only the time and the size"
            return Publish(operands[0], simplest(operands[1])), ""
        if not ignored:
            return None, "nats request whose exit code counts, which is 0 too when nobody answers"
        if name is None and not hidden:
            return None, "nats request whose reply is only shown"
        if name is not None and "--raw" not in message.flags:
            return None, "nats request without --raw, which may print more than the reply"
        return Request(operands[0], simplest(operands[1]), name or self.fresh("REPLY")), ""

    def _kv_effect(
        self, kv: KvCommand, command: Simple, argv: tuple[Text, ...], name: str | None, stdin: Value | None
    ) -> Effect | None:
        operands = [argv[index] for index in kv.operands]
        wanted = _OPERANDS.get(kv.verb)
        if stdin is not None and kv.verb in (KvVerb.PUT, KvVerb.CREATE) and len(operands) == 2:
            operands.append(Text())
        elif stdin is not None and kv.verb is not KvVerb.UPDATE:
            return None
        if wanted is None or len(operands) != wanted:
            return None
        value = stdin if stdin is not None else simplest(operands[2]) if wanted > 2 else Text()
        match kv.verb:
            case KvVerb.GET:
                if any(flag.startswith("--revision") for flag in kv.flags) or (name is not None and not kv.raw):
                    return None
                return KvGet(operands[0], operands[1], name or self.fresh("VALUE"))
            case KvVerb.PUT:
                return KvPut(operands[0], operands[1], value)
            case KvVerb.CREATE:
                return KvCreate(operands[0], operands[1], value)
            case KvVerb.UPDATE:
                revision = operands[3].parts
                if len(revision) != 1 or not isinstance(revision[0], Ref) or revision[0].path:
                    return None
                return KvUpdate(operands[0], operands[1], value, revision[0].name)
            case KvVerb.DELETE | KvVerb.PURGE:
                if not {"--force", "-f"} & set(kv.flags):
                    return None
                return (KvDelete if kv.verb is KvVerb.DELETE else KvPurge)(operands[0], operands[1])
            case KvVerb.KEYS:
                if name is not None:
                    reason = "nats kv ls prints a sentence where there is no key; the logic takes no key"
                    self.repair("scraped-output", command.span, reason)
                return KvKeys(operands[0], name or self.fresh("KEYS"))
            case KvVerb.INFO:
                return BucketInfo(operands[0])
            case KvVerb.ADD:
                line = Pipeline((Argv(argv),))
                return BucketAdd(operands[0], Commands((line,), self.block("bucket_create_command")))
            case KvVerb.BUCKETS if name is None:
                line = Pipeline((Argv(argv),))
                return ServerCheck(Commands((line,), self.block("nats_health_command")))
            case _:
                return None

    # --- everything else ---

    def _on_one_line(self, word: Text | FilePattern, option: str, out: Out) -> Text | FilePattern:
        """An argument of several lines gets a name, that of its option, since a command stands on one line."""
        if isinstance(word, FilePattern) or not any(isinstance(part, str) and "\n" in part for part in word.parts):
            return word
        name = self.fresh(argument_name(option))
        out.append(Set(Ref(name), Text(word.parts, self.block("text"))))
        return Text.of(Ref(name))

    def names_a_tool(self, word: Word, scope: Scope) -> bool:
        """Whether a command word that is not literal is the name of a program: `$NAME` of which only such are set."""
        part = word.parts[0] if len(word.parts) == 1 else None
        if isinstance(part, Parameter) and not part.operator and part.name not in scope.known:
            return scope.name_of(part.name) in self.tool_names
        return bool(self.literal(word, scope))

    @staticmethod
    def under_env(command: Simple, scope: Scope) -> Simple:
        """`NAME=value tool` as `env NAME=value tool`, which is the same for a program. Raises Beyond."""
        if not command.assignments:
            return command
        words = [_given_to_env(assignment) for assignment in command.assignments]
        tool = command.name
        of_shell = tool in SHELL_STATE or tool in OF_THE_SHELL or tool in scope.functions
        if tool is None or of_shell or understand([tool]).nature is not Nature.STUBBED or None in words:
            raise Beyond("a variable that is set for one command", command.span, scope.source)
        given = tuple(word for word in words if word is not None)
        return replace(command, assignments=(), words=(Word((Literal("env"),), command.span), *given, *command.words))

    def run(
        self,
        commands: tuple[Simple, ...],
        scope: Scope,
        out: Out,
        where: Streams,
        *,
        ignored: bool,
        name: str | None = None,
        stdin: Value | None = None,
    ) -> Test | None:
        """Any other command, as it stands. Raises Beyond."""
        argvs = []
        for command in commands:
            command = self.under_env(command, scope)
            tool = command.name
            if tool is None and not self.names_a_tool(command.words[0], scope):
                raise Beyond(_OF_NO_NAME, command.span, scope.source)
            if tool in SHELL_STATE:
                raise Beyond(SHELL_STATE[tool], command.span, scope.source)
            if _reads_as_prose([word.literal or "" for word in command.words]):
                raise Beyond("a line of prose among commands", command.span, scope.source)
            argv = self.words(command.words, scope, out)
            if any(self.is_temporary(word if isinstance(word, Text) else word.pattern) for word in argv):
                raise Beyond(f"a temp file that {tool} needs as a file", command.span, scope.source)
            if tool in ("nats", "jq"):
                raise Beyond(f"{tool} inside a pipeline in this form", command.span, scope.source)
            options = ["", *(word.literal or "" if isinstance(word, Text) else "" for word in argv)]
            on_one_line = (self._on_one_line(word, option, out) for word, option in zip(argv, options, strict=False))
            argvs.append(Argv(tuple(on_one_line)))
        if understand([commands[0].name]).nature is Nature.FIXED and commands[0].name in (
            "mktemp",
            "hostname",
            "uuidgen",
        ):
            raise Beyond(f"{commands[0].name} gives another answer on every run", commands[0].span, scope.source)
        pipeline = Pipeline(tuple(argvs))
        asked = not ignored and name is None and stdin is None and where.file is None
        if asked and is_probe(argvs, hidden=where.out_hidden or scope.muted):
            return CommandSucceeds(pipeline)
        effect = Run(Commands((pipeline,)), input=stdin, name=name)
        span = Span(commands[0].span.start, commands[-1].span.end)
        return self.act(
            effect, out, span, ignored=ignored, clauses=run_clauses(where, scope, captured=name is not None)
        )


def _given_to_env(assignment: Assignment) -> Word | None:
    """`NAME=value` as an argument: what stands in an assignment is neither split nor a pattern."""
    parts = assignment.value.parts if assignment.value is not None else ()
    begins = parts[0].text if parts and isinstance(parts[0], Literal) else ""
    plain = all(isinstance(part, Literal | Parameter | Substitution | ArithmeticExpansion) for part in parts)
    if assignment.append or assignment.elements is not None or assignment.subscript or begins[:1] == "~" or not plain:
        return None
    quoted = (replace(part, quoted=True) if isinstance(part, Parameter | Substitution) else part for part in parts)
    return Word((Literal(f"{assignment.name}="), *quoted), assignment.span)


def _here_document(word: Word) -> Substitution | None:
    """`"$(cat <<EOF … EOF)"`, a text that is written in place."""
    part = word.parts[0] if len(word.parts) == 1 else None
    if not isinstance(part, Substitution) or not part.quoted or len(part.commands) != 1:
        return None
    command = part.commands[0]
    if not isinstance(command, Simple) or command.name != "cat" or len(command.words) != 1:
        return None
    return part if has_here_text(command) else None


def _reads_as_prose(words: list[str]) -> bool:
    """Whether words are a sentence and no command: `Run: git status`, `❌ BLOCKED: …`, `Resolve it first`."""
    first = words[0]
    if (first.endswith(":") and len(first) > 1) or re.search(r"[^\x00-\x7f]", first):
        return True
    begins = re.fullmatch(r"[A-Z][a-z]+", first) is not None
    return begins and (
        (len(words) > 1 and words[1].endswith(":"))
        or (len(words) > 2 and all(re.fullmatch(r"[A-Za-z]+[.,;:!?]?", word) for word in words))
    )


def run_clauses(where: Streams, scope: Scope, *, captured: bool) -> Clauses:
    """The clauses of a RUN for the streams of its command."""
    hidden = where.out_hidden or scope.muted
    no_errors = where.err_hidden or (where.err is None and scope.errors == "null")
    if captured:
        return Clauses(errors_included=where.err_included, errors_hidden=no_errors)
    if hidden and no_errors:
        return Clauses(quietly=True)
    return Clauses(output_hidden=hidden, errors_hidden=no_errors)

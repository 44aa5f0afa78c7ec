"""The original of a step: its calls, the scripts behind them, and what is known of them before any is run."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from peerlint.patterns import regex
from peerlint.process.bash import BashFacts, facts, parse_bash
from peerlint.process.bash.tree import Assignment, For, Function, Parameter, Simple
from peerlint.process.bash.tree import walk as bash_walk
from peerlint.process.beside import Beside, delegated, exits_of, left_out
from peerlint.process.build import Reading
from peerlint.process.model import Delegate, Proceed, Shell, Step, Stop
from peerlint.prove.mends import flaws_of, mended
from peerlint.prove.placeholders import fill_placeholders, placeholders_of
from peerlint.prove.toolbox import ANSWERED_TOOLS
from peerlint.prove.unpublished import not_answered, unpublished
from peerlint.records import dataclass
from peerlint.run.sandbox import PURE_TOOLS
from peerlint.source.project.references import FOLDERS_OF_HARNESS
from peerlint.source.text import Span

#: What bash does itself.
SHELL_WORDS = frozenset(
    {
        *("alias", "bg", "bind", "break", "builtin", "caller", "cd", "command", "compgen", "complete"),
        *("continue", "declare", "dirs", "disown", "echo", "enable", "eval", "exec", "exit", "export"),
        *("false", "fc", "fg", "getopts", "hash", "help", "history", "jobs", "kill", "let"),
        *("local", "logout", "mapfile", "popd", "printf", "pushd", "pwd", "read", "readarray", "readonly"),
        *("return", "set", "shift", "shopt", "source", "suspend", "test", "time", "times", "trap"),
        *("true", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait", "[", "."),
        *(":",),
    }
)
#: The first line of a script that asks for the shell of POSIX.
_SH = regex(r"\A#!\s*\S*/(?:env\s+)?(?:sh|dash)\b.*")
_TEMP = regex(r"/tmp/[\w./-]*\w")
_READ_OUT = regex(r"^\s*(\w+)=\$\([^)]*/tmp/[^)]*\)", re.MULTILINE)
#: Variables that a step may read without being given them.
_ENVIRONMENT = FOLDERS_OF_HARNESS | {
    *("HOME", "PATH", "PWD", "USER", "TMPDIR", "IFS", "OLDPWD", "SHELL", "LANG", "UID", "EUID"),
    # What bash knows of its call and of the command before, and no longer tells where the environment has the name.
    *("BASH_SOURCE", "BASH_LINENO", "BASH_COMMAND", "BASH_SUBSHELL", "BASH_REMATCH", "BASH_VERSION", "FUNCNAME"),
    *("LINENO", "PIPESTATUS", "OPTARG", "OPTIND", "OPTERR"),
}
_NOT_DETERMINISTIC = frozenset({"RANDOM", "SECONDS", "SRANDOM", "EPOCHSECONDS", "EPOCHREALTIME", "BASHPID", "PPID"})


@dataclass(frozen=True, slots=True)
class OriginalStep:
    """The calls of a step in order, and what its prose says about exit codes: the reason of a stop, or the way on.

    `beside` is something else that the step states, and that a run of its calls leaves out.
    """

    number: str
    name: str | None
    calls: tuple[str, ...]
    exits: Mapping[int, Stop | Proceed]
    beside: Beside | None = None
    delegated: tuple[Delegate, ...] = ()

    @classmethod
    def of(cls, step: Step) -> OriginalStep:
        """The original that a legacy step states."""
        calls = tuple(statement.code for statement in step.statements if isinstance(statement, Shell))
        return cls(step.number, step.name, calls, exits_of(step), left_out(step), tuple(delegated(step)))


class Original:
    """All steps of a legacy process with their scripts: reference as written -> text.

    `where` names the file and the line of a place in its text.
    """

    def __init__(
        self, steps: Sequence[Step], scripts: Mapping[str, str], where: Callable[[Span], str] = lambda span: ""
    ) -> None:
        self._where = where
        self.scripts = dict(scripts)
        self._mends: tuple[str, ...] = ()
        self._take(steps)

    def _take(self, steps: Sequence[Step]) -> None:
        self.steps = {step.number: OriginalStep.of(step) for step in steps}
        self.forms = {s.code: s.form for step in steps for s in step.statements if isinstance(s, Shell)}
        self._facts: dict[str, BashFacts] = {}

    @classmethod
    def read(cls, reading: Reading) -> Original:
        """The original that a text states."""
        return cls(reading.process.steps, {name: source.text for name, source in reading.scripts.items()})

    def scripts_run(self, numbers: Iterable[str]) -> list[str]:
        """The references of all scripts that a proof of these steps may run: with those of the steps that they need."""
        known = [number for number in numbers if number in self.steps]
        steps = dict.fromkeys(other for number in known for other in (number, *self.providers_of(number)))
        texts = [call for number in steps for call in self.steps[number].calls]
        found: dict[str, None] = {}
        while texts:
            text = texts.pop()
            for name, script in self.scripts.items():
                if name not in found and name in text:
                    found[name] = None
                    texts.append(script)
        return list(found)

    def own_codes(self, number: str) -> frozenset[int]:
        """Exit codes that the prose of a step tells apart and that its scripts give, each by an `exit` of its own.

        Where a script hands the code of a tool on, or asks for it, none is its own.
        """
        texts = [self.scripts[name] for name in self.scripts_run([number])]
        every = [*self.facts_of(number), *(facts(parse_bash(text)) for text in texts)]
        if any(known.status_reads or any(end.code is None for end in known.exits) for known in every):
            return frozenset()
        given = {end.code for known in every for end in known.exits if not end.is_return}
        return frozenset(code for code in self.steps[number].exits if code in given)

    def runs_sh(self, number: str) -> bool:
        """Whether a script of the step asks for `sh`, which does not tell which lines it takes."""
        return any(_SH.match(text) for text in self.sources_of(number).values())

    def under_bash(self) -> Original:
        """The same with all scripts that ask for `sh` run by bash."""
        return self._with_scripts(lambda text: _SH.sub("#!/bin/bash", text))

    def mended(self, names: Sequence[str]) -> Original:
        """The same without these flaws; see `mends`."""
        twin = self._with_scripts(lambda text: mended(text, names))
        twin._mends = tuple(names)
        return twin

    def with_steps(self, steps: Sequence[Step]) -> Original:
        """Other steps with the same scripts, and without the flaws that this one is without."""
        twin = copy.copy(self)
        twin._take(steps)
        return twin

    def _with_scripts(self, change: Callable[[str], str]) -> Original:
        twin = copy.copy(self)
        twin.scripts = {name: change(text) for name, text in self.scripts.items()}
        twin._facts = {}
        return twin

    def flaws_of(self, numbers: Iterable[str]) -> tuple[str, ...]:
        """The repairs that have a mend which changes a text of these steps."""
        return flaws_of(self.as_run(text) if is_call else text for text, is_call in self.texts_run(numbers).items())

    def as_run(self, call: str) -> str:
        """The code of a call with variables for its placeholders; `$ARGUMENTS` is left to who knows the arguments."""
        return mended(fill_placeholders(call, self.scripts), self._mends)

    def facts_of(self, number: str) -> list[BashFacts]:
        """Facts about the calls of a step and about the scripts that they name."""
        step = self.steps[number]
        texts = [(call, True) for call in step.calls]
        texts += [(text, False) for name, text in self.scripts.items() if any(name in call for call in step.calls)]
        found = []
        for text, placeholders in texts:
            if text not in self._facts:
                self._facts[text] = facts(parse_bash(text, placeholders=placeholders))
            found.append(self._facts[text])
        return found

    def sources_of(self, number: str) -> dict[str, str]:
        """The texts of a step whose arms count: its calls as `call1` …, its scripts by reference."""
        step = self.steps[number]
        calls = {f"call{at}": call for at, call in enumerate(step.calls, start=1)}
        return calls | {name: text for name, text in self.scripts.items() if any(name in call for call in step.calls)}

    def texts_run(self, numbers: Iterable[str]) -> dict[str, bool]:
        """All texts that may run in these steps, scripts that scripts call too; whether each is a call."""
        calls = [call for number in numbers for call in self.steps[number].calls]
        found = dict.fromkeys(calls, True)
        wanted = list(calls)
        while wanted:
            text = wanted.pop()
            for name, script in self.scripts.items():
                if script not in found and name.rpartition("/")[2] in text:
                    found[script] = False
                    wanted.append(script)
        return found

    def code_of(self, number: str) -> tuple[str, ...]:
        """The same texts as they are run: with variables for the placeholders of the calls."""
        calls = len(self.steps[number].calls)
        return tuple(
            fill_placeholders(text, self.scripts) if at < calls else text
            for at, text in enumerate(self.sources_of(number).values())
        )

    def inputs_of(self, number: str) -> set[str]:
        """Variables and placeholders that the step reads and never sets, without those of the shell itself."""
        every = self.facts_of(number)
        own = every[: len(self.steps[number].calls)]
        set_anywhere = {mention.name for known in own for mention in known.variables_set}
        read = {mention.name for known in own for mention in known.variables_read}
        for known in every[len(own) :]:
            read |= {m.name for m in known.variables_read} - {m.name for m in known.variables_set}
        placeholders = {found.variable for call in self.steps[number].calls for found in placeholders_of(call)}
        return {
            name for name in (read - set_anywhere) | placeholders if name not in _ENVIRONMENT and name != "ARGUMENTS"
        }

    def inputs_in_turn(self, numbers: Iterable[str]) -> list[set[str]]:
        """For each of these steps, which run one after the other, what it reads and none before it has set."""
        made: set[str] = set()
        found = []
        for number in numbers:
            found.append(self.inputs_of(number) - made)
            made |= {mention.name for known in self.facts_of(number) for mention in known.variables_set}
        return found

    def temp_files_of(self, number: str, *, written: bool = False) -> set[str]:
        """Paths of temporary files that the step names; with `written` those that it writes or appends to."""
        texts = self.sources_of(number).values()
        if not written:
            return {path for text in texts for path in _TEMP.findall(text)}
        found: set[str] = set()
        for text, known in zip(texts, self.facts_of(number), strict=True):
            named = dict(re.findall(r"^\s*(\w+)=[\"']?(/tmp/[\w./-]*\w)", text, re.MULTILINE))
            for use in known.files:
                path = named.get(use.path.strip("${}\"'"), use.path)
                if use.how not in ("read", "remove") and _TEMP.match(path):
                    found.add(path)
        return found

    def providers_of(self, number: str) -> list[str]:
        """Earlier steps that make what this one needs: its temporary files, its variables; theirs before them."""
        order = list(self.steps)
        needed: set[str] = set()
        wanted = [number]
        while wanted:
            current = wanted.pop()
            for earlier in order[: order.index(current)]:
                if earlier not in needed and self._provides(earlier, current):
                    needed.add(earlier)
                    wanted.append(earlier)
        return [step for step in order if step in needed]

    def _provides(self, earlier: str, later: str) -> bool:
        if not self.steps[earlier].calls:
            return False
        shares_file = self.temp_files_of(earlier, written=True) & self.temp_files_of(later)
        return bool(shares_file or self._made_by(earlier) & self.inputs_of(later))

    def _made_by(self, number: str) -> set[str]:
        """Variables that the calls of a step set, and do not just read out of a temporary file."""
        calls = self.steps[number].calls
        made = {mention.name for known in self.facts_of(number)[: len(calls)] for mention in known.variables_set}
        return made - {name for call in calls for name in _READ_OUT.findall(call)}

    def stubs_of(self, numbers: Sequence[str]) -> frozenset[str]:
        """Commands that are neither bash's own, nor pure, nor functions: recorded and answered."""
        names: set[str] = set()
        for number in numbers:
            texts = self.sources_of(number)
            every = self.facts_of(number)
            functions = {mention.name for known in every for mention in known.functions_defined}
            for name, text in texts.items():
                script = parse_bash(text, placeholders=name.startswith("call"))
                names |= command_names(script) - functions
            names |= _named_by_variables(texts.values()) - functions
        known = SHELL_WORDS | set(PURE_TOOLS) | set(ANSWERED_TOOLS)
        names |= set(self.unpublished_of(numbers).values())
        return frozenset(name for name in names - known if re.fullmatch(r"[A-Za-z][\w.+-]*", name))

    def unpublished_of(self, numbers: Sequence[str]) -> dict[str, str]:
        """Paths of programs that the calls of steps run and that are not there, with the tools that answer for them."""
        return unpublished((call for number in numbers for call in self.steps[number].calls), self.scripts)

    def problem_of(self, number: str) -> str | None:
        """Why the step cannot be run as a proof needs it; None where it can."""
        step = self.steps[number]
        if step.beside is not None:
            return f"{self._where(step.beside.span)}{step.beside.reason}"
        for known in self.facts_of(number):
            odd = {mention.name for mention in known.variables_read} & _NOT_DETERMINISTIC
            if odd:
                return f"not deterministic: it reads ${min(odd)}"
        answered = self.unpublished_of([number])
        for call in step.calls:
            missing = not_answered(call, answered, self.scripts)
            if missing is not None:
                return f"the script {missing} is not there"
        return None


#: `command -v gh`, `command -v "$tool"`: a tool that is asked for, by its name or by a variable.
_ASKED_FOR = regex(r"(?<![\w-])(?:command -v|which|type)\s+(?:([a-z](?:[\w.+-]*\w)?)|[\"']?\$\{?\w)")


def tools_asked_for(text: str) -> set[str]:
    """The tools that a script asks for; where a variable names them, the words of its loops and of its own calls."""
    found = [match[1] for match in _ASKED_FOR.finditer(text)]
    names = {name for name in found if name}
    if None in found:
        nodes = list(bash_walk(parse_bash(text).commands))
        functions = {node.name for node in nodes if isinstance(node, Function)}
        lists = [node.words or () for node in nodes if isinstance(node, For)]
        lists += [node.words[1:] for node in nodes if isinstance(node, Simple) and node.name in functions]
        words = {word.literal or "" for words in lists for word in words}
        names |= {word for word in words if re.fullmatch(r"[a-z][\w.+-]*", word)}
    return names


def command_names(script: Any) -> set[str]:
    """Literal names of all simple commands, and of those that they start."""
    commands = [node for node in bash_walk(script.commands) if isinstance(node, Simple) and node.name]
    return {name for node in commands for name in (node.name, *_started_by(node)) if name}


def _named_by_variables(texts: Iterable[str]) -> set[str]:
    """The commands that `$NAME args` may run, where texts give NAME a literal text."""
    nodes = [node for text in texts for node in bash_walk(parse_bash(text).commands)]
    first = [
        node.words[0].parts[0] for node in nodes if isinstance(node, Simple) and node.words and node.words[0].parts
    ]
    variables = {part.name for part in first if isinstance(part, Parameter)}
    values = (
        node.value.literal for node in nodes if isinstance(node, Assignment) and node.name in variables and node.value
    )
    return {words[0] for value in values if value and (words := value.split())}


#: Commands that run another one, and their options that take the next word.
_STARTERS = {
    "xargs": frozenset({"-n", "-I", "-P", "-L", "-d", "-s", "-E", "-a"}),
    "env": frozenset({"-u"}),
    "timeout": frozenset({"-k", "-s"}),
    "command": frozenset[str](),
    "exec": frozenset[str](),
}


def _started_by(node: Simple) -> Iterator[str]:
    """The names of the commands that a command runs by itself."""
    words = [word.literal or "" for word in node.words]
    if node.name == "find":
        yield from (name for option, name in pairwise(words) if option in ("-exec", "-execdir", "-ok", "-okdir"))
        return
    if node.name not in _STARTERS:
        return
    at = 1
    while at < len(words) and (words[at].startswith("-") or (node.name == "env" and "=" in words[at])):
        at += 2 if words[at] in _STARTERS[node.name] else 1
    # The first operand of timeout is how long.
    at += node.name == "timeout"
    if at < len(words):
        started = Simple(words=node.words[at:])
        yield words[at]
        yield from _started_by(started)

"""`while read`: which names take what of which lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from peerlint.migrate.lower.outputs import GREPS, has_flag, without_newline
from peerlint.migrate.lower.scope import Beyond, Scope
from peerlint.process.bash.tree import (
    AndOr,
    Command,
    DoubleBracket,
    Loop,
    Parameter,
    Pipe,
    ProcessSubstitution,
    Redirection,
    Simple,
    walk,
)
from peerlint.process.commands import lists_names
from peerlint.process.model import Argv, Pipeline, Text
from peerlint.records import dataclass

EMPTY_LINES = "a loop that also runs for empty lines, which FOR EACH leaves out"
OF_A_FILE = "a loop that reads a file: FOR EACH leaves empty lines out, and takes a last line without a newline, too"
LOST_WITH_THE_LOOP = "a loop in a pipeline, whose variables are lost when it ends, and read behind it"
#: Commands whose output has no empty lines, and those that only have the lines of their input.
_WITHOUT_EMPTY_LINES = frozenset({"find", "ls", "nats"})
_HAND_LINES_ON = frozenset({"sort", "uniq", "head", "tail", "grep"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What `while read` does: the names that take the fields of each line, and the sign between fields, "" for none.

    `takes_the_rest` says that it also runs for a last line without a newline (`|| [ -n "$name" ]`).
    """

    names: tuple[str, ...]
    separator: str = ""
    takes_the_rest: bool = False

    @property
    def takes_whole_lines(self) -> bool:
        """Whether one name takes each line as it is."""
        return not self.separator


def reading_of(command: Loop, *, tidy: bool = False) -> Reading | None:
    """`while IFS= read -r name`, `while IFS=: read -r one other`; `tidy` lines need neither `IFS=` nor `-r`."""
    if command.until or len(command.condition) != 1:
        return None
    read, rest = command.condition[0], False
    if isinstance(read, AndOr) and len(read.rest) == 1 and read.rest[0][0] == "||":
        asked, read = read.rest[0][1], read.first
        named = read.words[-1].literal if isinstance(read, Simple) and read.words else None
        rest = _tests(asked, "-n") is not None and _tests(asked, "-n") in _names_of(read)
        if not rest or named is None:
            return None
    return what_is_read(read, rest=rest, tidy=tidy)


def what_is_read(read: Command, *, rest: bool = False, tidy: bool = False) -> Reading | None:
    """What one `IFS=: read -r one other` does."""
    names = _names_of(read)
    if not isinstance(read, Simple) or not names:
        return None
    flags = [word.literal for word in read.words[1 : -len(names)]]
    if tidy and len(names) == 1 and not read.assignments and flags in ([], ["-r"]):
        return Reading(names, "", rest)
    given = [a.value.literal if a.value is not None else "" for a in read.assignments if a.name == "IFS"]
    if flags != ["-r"] or len(given) != len(read.assignments) or len(given) != 1:
        return None
    if given == [""] and len(names) == 1:
        return Reading(names, "", rest)
    # A blank between fields, and several signs, are counted otherwise.
    sign = given[0] if given[0] is not None and re.fullmatch(r"[.:,;|=@#%/+-]", given[0]) else None
    return Reading(names, sign, rest) if sign and len(names) > 1 and len({*names}) == len(names) else None


def _names_of(read: Command) -> tuple[str, ...]:
    """The names behind `read` and its flags."""
    if not isinstance(read, Simple) or read.name != "read" or read.redirections:
        return ()
    words = [word.literal or "" for word in read.words[1:]]
    names = [word for word in words if not word.startswith("-")]
    plain = all(name.isidentifier() for name in names) and words[len(words) - len(names) :] == names
    return tuple(names) if plain else ()


def _tests(command: Command, flag: str) -> str | None:
    """The variable of which `[ -n "$name" ]` or `[[ -z $name ]]` asks; None for any other command."""
    if isinstance(command, Simple) and command.name == "[" and not command.redirections:
        words = command.words[1:-1]
    else:
        words = command.words if isinstance(command, DoubleBracket) else ()
    part = words[1].parts[0] if len(words) == 2 and len(words[1].parts) == 1 else None
    asks = len(words) == 2 and words[0].literal == flag and isinstance(part, Parameter) and not part.operator
    return part.name if asks and isinstance(part, Parameter) else None


def programs_for(read: Reading, text: Text | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name with the filter that takes its field out of a line, of which `text` is known to be made."""
    sign = read.separator
    for number, name in enumerate(read.names[:-1], 1):
        yield name, ("cut", *(("-s",) if number > 1 else ()), f"-d{sign}", f"-f{number}")
    count, last = len(read.names) - 1, read.names[-1]
    if text is not None and not _may_end_in(sign, text):
        yield last, ("cut", "-s", f"-d{sign}", f"-f{count + 1}-")
        return
    # The rest of the line; a sign behind the last field is none of it.
    shown = f"\\{sign}" if sign in "|+." else sign
    fields = f"[^{sign}]*{shown}?" if count == 1 else f"([^{sign}]*{shown}?){{{count}}}"
    slash = "/" if sign not in "/" else ","
    yield last, ("sed", "-E", f"s{slash}^{fields}{slash}{slash}; s{slash}^([^{sign}]*){shown}${slash}\\1{slash}")


def pipeline_of(program: Sequence[str]) -> Pipeline:
    """A filter of known words."""
    return Pipeline((Argv(tuple(Text.of(word) for word in program)),))


def _may_end_in(sign: str, text: Text) -> bool:
    """Whether a line of a text may end in a sign."""
    lines = "".join(part if isinstance(part, str) else sign for part in text.parts).split("\n")
    return any(line.endswith(sign) for line in lines)


def has_no_empty_line(text: Text | None) -> bool:
    """Whether a text is known to have something in each of its lines."""
    lines = "".join(part if isinstance(part, str) else "" for part in text.parts).split("\n") if text else [""]
    return all(lines)


def skips_empty(body: Sequence[Command], read: Reading) -> bool:
    """Whether a body begins with `[ -z "$name" ] && continue` or `[ -n "$name" ] || continue`."""
    first = body[0] if body else None
    if not isinstance(first, AndOr) or len(first.rest) != 1:
        return False
    operator, then = first.rest[0]
    asked = _tests(first.first, {"&&": "-z", "||": "-n"}[operator])
    return asked in read.names and isinstance(then, Simple) and then.name == "continue"


def without_empty_lines(stages: Sequence[Command]) -> bool:
    """Whether no line that a pipeline prints is empty."""
    for stage in reversed(stages):
        if not isinstance(stage, Simple):
            return False
        if stage.name in _WITHOUT_EMPTY_LINES or lists_names([word.literal for word in stage.words]):
            return True
        if stage.name in GREPS and (has_flag(stage, "n") or has_flag(stage, "H")):
            # Each line begins with its number, or with the name of its file.
            return True
        if stage.name not in _HAND_LINES_ON:
            return False
    return False


def stages_of(command: Command) -> tuple[Command, ...]:
    """The commands of a pipeline; a command alone is one of one."""
    return command.commands if isinstance(command, Pipe) else (command,)


def feeding(redirections: Sequence[Redirection]) -> Command | None:
    """The command whose output a loop reads: `while read …; do …; done < <(command)`; None for all else."""
    read = [redirection.target.parts for redirection in redirections if redirection.operator == "<"]
    part = read[-1][0] if read and len(read[-1]) == 1 else None
    feeds = isinstance(part, ProcessSubstitution) and part.direction == "<" and len(part.commands) == 1
    return part.commands[0] if feeds and isinstance(part, ProcessSubstitution) else None


def refuse_part_lines(stages: Sequence[Command], read: Reading, scope: Scope) -> None:
    """Raises Beyond where the last line has no newline: `read` leaves it out."""
    last = stages[-1]
    part = isinstance(last, Simple) and last.name in ("echo", "printf") and without_newline(last)
    if part and not read.takes_the_rest:
        raise Beyond(
            "a loop over a text whose last line has no newline, for which it does not run", last.span, scope.source
        )


def prints_paths(stages: Sequence[Command]) -> bool:
    """Whether the lines are paths or names, which `read` takes as they are without `IFS=` and `-r` too."""
    names = [stage.name if isinstance(stage, Simple) else None for stage in stages]
    while names[1:] and names[-1] in ("sort", "head", "tail"):
        names.pop()
    return names[-1] in ("find", "ls", "nats")


def why_not_read(command: Loop) -> str:
    """Why a loop with a condition has no form."""
    read = command.condition[0] if len(command.condition) == 1 else None
    read = read.first if isinstance(read, AndOr) else read
    if any(isinstance(node, Parameter) and node.name == "#" and not node.operator for node in walk(command.condition)):
        return "a loop that takes the arguments one after another with shift"
    if not isinstance(read, Simple) or read.name != "read":
        return "a loop without a known end"
    if len(_names_of(read)) > 1:
        return "a loop that reads several names from each line without -r, or not with one sign between them"
    flags = [word.literal or "" for word in read.words[1:-1]]
    option = next((flag for flag in flags if flag.startswith("-") and flag != "-r"), None)
    if option is not None:
        return f"a loop whose read has the option {option}"
    if any(assignment.name == "IFS" for assignment in read.assignments):
        missing, cuts = "-r", "backslashes"
    else:
        missing, cuts = ("IFS=", "blanks") if flags else ("IFS= and -r", "blanks and backslashes")
    return f"a loop whose read, without {missing}, cuts {cuts} off its lines"

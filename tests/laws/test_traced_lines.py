"""What bash shows that it runs lies in a span of the IR: no command with an effect is lost on the way to it.

Checked on the first pass of programs in fences and of scripts that are put in place of their calls.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Command, Pipe, Simple
from peerlint.process.bash.tree import walk as walk_bash
from peerlint.process.model import walk
from peerlint.source.text import Edit, Span, apply_edits
from tests.laws.agreement import SCRIPT, lowered
from tests.laws.programs import TEMPORARY, Program, program

PROGRAMS = 300
#: Commands that do or show something; tests, assignments of constants and the like may leave no statement.
_WITH_EFFECT = frozenset({"nats", "echo", "printf", "exit", "cat", "jq"})
_TRACED = re.compile(r"^(\++)\x1e(\d+)\x1e (\S+)", re.MULTILINE)
#: What only makes a text: in `$(…)`, which bash shows with one more `+` and often in another line, it is a value.
_SPEAKERS = frozenset({"echo", "printf"})
#: The harness of this test stands in line 1 of a text of its own, so programs begin further down.
_ABOVE = 3


def traced(script: str, inputs: dict[str, str], folder: Path) -> set[int]:
    """Rows at which bash ran a command with an effect; `nats` fails half of the time."""
    nats = folder / "nats"
    nats.write_text("#!/bin/sh\n[ $(($$ % 2)) = 0 ] && { echo '{}'; exit 0; }\nexit 1\n")
    nats.chmod(0o755)
    (folder / "it.sh").write_text("\n" * _ABOVE + with_questions_marked(script))
    done = subprocess.run(
        ["bash", "-c", "PS4=$(printf '+\\036$LINENO\\036 '); set -x; . ./it.sh"],
        capture_output=True,
        errors="replace",
        env={"PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin", **inputs},
        cwd=folder,
    )
    for left in Path("/tmp").glob(f"{Path(TEMPORARY).name}*"):
        left.unlink()
    rows = {
        int(row) - _ABOVE
        for level, row, word in _TRACED.findall(done.stderr)
        if word in _WITH_EFFECT and not (len(level) > 1 and word in _SPEAKERS)
    }
    lines = script.splitlines()
    # Bash places a captured here-document at its last line, and may place a captured command behind the end; they have
    # no effect but to be the value of a name.
    return {row for row in rows if row <= len(lines) and lines[row - 1].strip() != ")"}


def with_questions_marked(script: str) -> str:
    """The script with `builtin echo` where a text is only asked (`echo "$X" | grep -q y`): that alone does nothing.

    Such a question to a text that is known leaves nothing where its answer changes nothing. Bash shows it under the
    word `builtin` then, and all else that its line holds as it is.
    """
    pipes = (node for node in walk_bash(parse_bash(script).commands) if isinstance(node, Pipe))
    asked = (pipe.commands[0] for pipe in pipes if _is_quiet_grep(pipe.commands[-1]))
    texts = (command for command in asked if isinstance(command, Simple) and command.name in ("echo", "printf"))
    starts = {command.words[0].span.start for command in texts}
    return apply_edits(script, [Edit(Span(start, start), "builtin ") for start in sorted(starts)])


def _is_quiet_grep(command: Command) -> bool:
    options = command.words[1].literal or "" if isinstance(command, Simple) and len(command.words) > 1 else ""
    return isinstance(command, Simple) and command.name == "grep" and options.startswith("-") and "q" in options


def spanned(made: Program) -> set[int] | None:
    """Rows that lie in a span of the first pass; None where the program is not lowered."""
    lowering = lowered(made)
    if lowering.leftover is not None:
        return None
    wanted = "" if made.in_fence else SCRIPT
    rows: set[int] = set()
    for node in walk(lowering.passes[0][1]):
        found = lowering.place(node.span) if hasattr(node, "span") else None
        if found is None or found[0].path != wanted or not len(found[1]):
            continue
        lines, span = found[0].lines, found[1]
        rows.update(range(lines.position(span.start).row, lines.position(span.end - 1).row + 1))
    return rows


def test_of_a_line_with_a_question_only_the_question_itself_counts_as_nothing() -> None:
    line = 'echo "$X" | tr a b | grep -qi y && echo both || printf no | cat\n'

    assert with_questions_marked(line) == "builtin " + line
    assert with_questions_marked(f"if ! {line[:36]}; then cat x | grep y; fi\n").count("builtin") == 1


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_every_command_with_an_effect_lies_in_a_span(tmp_path: Path) -> None:
    lost: list[str] = []
    looked_at = 0
    for seed in range(PROGRAMS):
        made = program(seed)
        rows = spanned(made)
        if rows is None:
            continue
        looked_at += 1
        missing = traced(made.script, made.inputs, tmp_path) - rows
        lost += [f"seed {seed}, line {row}: {made.script.splitlines()[row - 1].strip()}" for row in sorted(missing)]
    assert looked_at > PROGRAMS / 3
    assert lost == []

"""Lowering does not hang on how a script is laid out: what bash prints back of it means the same."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.laws.agreement import lowered
from tests.laws.programs import Program, program

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCRIPTS = sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("*.sh"))
PROGRAMS = 300
_SEPARATOR = "#### next ####"
#: The `:` is for scripts that are just comments.
_FUNCTION = "peerlint_body() {\n%s\n:\n}"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def printed_back(scripts: Sequence[str]) -> list[str | None]:
    """Each script as bash prints it: without comments, in bash's own layout; None where bash does not read it."""
    code = "".join(
        f"unset -f peerlint_body\neval {_quoted(_FUNCTION % text)} 2>/dev/null\n"
        f"declare -f peerlint_body\nprintf '%s\\n' '{_SEPARATOR}'\n"
        for text in scripts
    )
    done = subprocess.run(["bash", "--norc", "-s"], input=code, capture_output=True, text=True, check=True)
    return [_body(part) for part in done.stdout.split(_SEPARATOR + "\n")[: len(scripts)]]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _body(printed: str) -> str | None:
    """The body of the printed function, without the `:` at its end."""
    lines = printed.splitlines()
    if not lines:
        return None
    # Lines of here-documents are printed as they are, all others four blanks in.
    return "\n".join(line.removeprefix("    ") for line in lines[2:-2]) + "\n"


def same_meaning(script: str, printed: str) -> bool:
    """Whether both are lowered to the same statements, or both left for the same reason."""
    ours = lowered(Program(script))
    bashs = lowered(Program(printed))
    if ours.leftover is not None or bashs.leftover is not None:
        return str(_reason(ours.leftover)) == str(_reason(bashs.leftover))
    return ours.statements == bashs.statements


def _reason(leftover: object) -> str:
    return getattr(leftover, "reason", "none")


def test_every_script_of_the_fixtures_means_what_bash_prints_back() -> None:
    texts = [(FIXTURES / name).read_text() for name in SCRIPTS]
    wrong = [
        name
        for name, text, printed in zip(SCRIPTS, texts, printed_back(texts), strict=True)
        if printed is not None and not same_meaning(text, printed)
    ]
    assert wrong == []


def test_random_programs_mean_what_bash_prints_back() -> None:
    programs = [program(seed) for seed in range(PROGRAMS)]
    printed = printed_back([one.script for one in programs])
    assert None not in printed
    wrong = [
        seed
        for seed, (one, text) in enumerate(zip(programs, printed, strict=True))
        if text is not None and not same_meaning(one.script, text)
    ]
    assert wrong == []


def test_another_meaning_is_noticed() -> None:
    script = program(3).script
    assert same_meaning(script, script)
    assert not same_meaning('echo "a"\n', 'echo "b"\n')
    assert replace(program(3), script="") != program(3)

"""How much Python the shell in a folder of instruction files runs: `python -m benchmarks.python_calls FOLDER`.

FOLDER holds one project a sub-folder. Counted are steps with a call of the Bash tool in procedure role that runs
Python: a script by name, a program in the command line (`-c`) or in a here-document. Of the programs whose text is
there the constructs are counted, each once a program.
"""

from __future__ import annotations

import argparse
import ast
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.migration import readings
from peerlint.process.bash import parse_bash
from peerlint.process.bash.tree import Redirection, Simple, walk
from peerlint.process.build import Reading, ShellCall
from peerlint.process.roles import Role

_RUNNERS = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch", "rye"})
#: What lowering has a form for, and what it would need one for.
_CONSTRUCTS: tuple[tuple[str, tuple[type[ast.AST], ...]], ...] = (
    ("if", (ast.If, ast.IfExp)),
    ("for over a collection", (ast.For, ast.AsyncFor)),
    ("comprehension", (ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)),
    ("while", (ast.While,)),
    ("function", (ast.FunctionDef, ast.AsyncFunctionDef)),
    ("class", (ast.ClassDef,)),
    ("try", (ast.Try,)),
    ("with", (ast.With, ast.AsyncWith)),
    ("subscript or slice", (ast.Subscript,)),
    ("f-string", (ast.JoinedStr,)),
    ("lambda", (ast.Lambda,)),
    ("arithmetic", (ast.BinOp,)),
)


def programs(call: ShellCall) -> Iterator[tuple[str, str | None]]:
    """Each run of Python: by which form, and the text of the program where it stands in the call."""
    for node in walk(parse_bash(call.statement.code).commands):
        if not isinstance(node, Simple) or not node.words:
            continue
        words = [word.literal or "" for word in node.words]
        if words[0] in _RUNNERS and words[1:2] == ["run"]:
            words = words[2:]
        if not words or not (words[0].rsplit("/", 1)[-1].startswith("python") or words[0].endswith(".py")):
            continue
        here = [part.target for part in node.redirections if isinstance(part, Redirection) and part.operator == "<<"]
        script = next((word for word in words if word.endswith(".py")), None)
        if "-c" in words[:-1]:
            yield "a program with -c", words[words.index("-c") + 1] or None
        elif script is not None:
            yield "a script by name", None
        elif here:
            yield "a program in a here-document", here[0].literal
        elif "-m" in words:
            yield "a module with -m", None
        else:
            yield "another form", None


def constructs(text: str) -> Iterator[str]:
    """What a program uses; nothing for what is no Python."""
    try:
        nodes = list(ast.walk(ast.parse(textwrap.dedent(text))))
    except SyntaxError:
        yield "no Python that can be read (placeholders)"
        return
    for name, types in _CONSTRUCTS:
        if any(isinstance(node, types) for node in nodes):
            yield name
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name.split('.')[0]}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield f"import {node.module.split('.')[0]}"
    if not any(name for name, types in _CONSTRUCTS if any(isinstance(node, types) for node in nodes)):
        yield "straight calls only"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="print the programs")
    options = parser.parse_args()
    forms: Counter[str] = Counter()
    used: Counter[str] = Counter()
    lengths: list[int] = []
    steps = with_python = there = called = 0
    for reading in readings(options.folder):
        found = list(_calls(reading))
        for step_calls in found:
            runs = [run for call in step_calls for run in programs(call)]
            steps += 1
            with_python += bool(runs)
            forms.update(form for form, _ in runs)
            for _, text in runs:
                if text:
                    lengths.append(len(text.strip().splitlines()))
                    used.update(set(constructs(text)))
                    if options.show:
                        print(f"--- {reading.document.source.path}\n{text}")
        names = {name for step in found for call in step for name in call.statement.scripts if name.endswith(".py")}
        called += len(names)
        there += sum(1 for name in names if reading.resolve(name) is not None)
    print(f"{steps} steps with shell in procedure role, {with_python} run Python")
    for form, count in forms.most_common():
        print(f"{count:>6} {form}")
    print(f"scripts named: {called}, of which their project has {there}")
    if lengths:
        lengths.sort()
        print(f"{len(lengths)} programs with their text, of {lengths[0]} to {lengths[-1]} lines, ", end="")
        print(f"half of them at most {lengths[len(lengths) // 2]}; they use:")
    for name, count in used.most_common():
        print(f"{count:>6} {name}")


def _calls(reading: Reading) -> Iterator[list[ShellCall]]:
    """The calls in procedure role of each step that has some."""
    for step in reading.steps:
        calls = [call for call in step.shell if call.role is Role.PROCEDURE]
        if calls:
            yield calls


if __name__ == "__main__":
    main()

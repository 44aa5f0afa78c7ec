"""Three ways to run a bash program, and whether they agree.

Bash in the lab; its lowering in the reference interpreter; the rewritten instruction file, read again from its text, in
the reference interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from peerlint.migrate.lower import StepLowering, lower_process
from peerlint.migrate.rewrite import migrate
from peerlint.process.build import Reading, build
from peerlint.process.model import Input, Step, walk
from peerlint.prove.compare import differences
from peerlint.prove.lab import Lab
from peerlint.prove.original import Original
from peerlint.prove.original_runner import OriginalRunner
from peerlint.prove.repairs import repair_of
from peerlint.prove.rewrite import RewriteRunner
from peerlint.prove.scenario import Change, Scenario
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText, apply_edits
from tests.laws.programs import BUCKET, Program

PATH = ".agent-os/instructions/core/process.md"
SCRIPT = "~/.agent-os/scripts/it.sh"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How it came out. `leftover` is why it was not translated; `disagreements` say what differs, in which way.

    `text` is the migrated file.
    """

    leftover: str = ""
    repair: str = ""
    disagreements: tuple[str, ...] = ()
    text: str = ""


def legacy(program: Program) -> Reading:
    """A file with one step that runs the program: as a script, or in a fence."""
    if program.in_fence:
        # A fence that is longer than any in the program.
        task = f"Run this with the Bash tool:\n\n````bash\n{program.script}````"
        return read(_file(task), {})
    task = f"<instructions>\n  ACTION: Use Bash tool to do it\n  SCRIPT: {SCRIPT}\n</instructions>"
    return read(_file(task), {SCRIPT: program.script})


def _file(task: str) -> str:
    step = f'<step number="1" name="it">\n\n### Step 1\n\n{task}\n\n</step>'
    return f"# Process\n\n<process_flow>\n\n{step}\n\n</process_flow>\n"


def read(text: str, scripts: Mapping[str, str]) -> Reading:
    """The file, understood."""
    document = parse(SourceText(PATH, text))
    return build(document, kind_of(PATH, document), _resolver(scripts))


def _resolver(scripts: Mapping[str, str]) -> Callable[[str], SourceText | None]:
    def resolve(reference: str) -> SourceText | None:
        found = scripts.get(reference)
        return None if found is None else SourceText(reference, found)

    return resolve


def lowered(program: Program) -> StepLowering:
    """The lowering of its step."""
    return lower_process(legacy(program).process, _resolver({SCRIPT: program.script}))["1"]


def compare(lab: Lab, program: Program, folder: Path) -> Comparison:
    """Runs the program in the three ways; `folder` is for what they leave behind."""
    reading = legacy(program)
    lowering = lower_process(reading.process, _resolver({SCRIPT: program.script}))["1"]
    if lowering.leftover is not None:
        return Comparison(leftover=lowering.leftover.reason)
    migration = migrate(reading.document, reading, {"1": lowering})
    if migration.left:
        return Comparison(leftover=migration.left["1"])
    text = apply_edits(reading.document.source.text, migration.edits)
    original = Original(reading.process.steps, {name: source.text for name, source in reading.scripts.items()})
    runner = OriginalRunner(lab, original, "1", [])
    # A name that the program sets somewhere is its own: nobody fills it in.
    filled_in = runner.inputs_in_turn[-1] | {node.name for node in walk(lowering.statements) if isinstance(node, Input)}
    scenario = Scenario(
        inputs={name: value for name, value in program.inputs.items() if name in filled_in},
        buckets=((BUCKET, 1),),
        changes=tuple(Change("put", BUCKET, key, value) for key, value in program.keys.items()),
    )
    expected = runner.run(scenario, _scene(folder, "original"))
    again = read(text, {}).process
    ways = {"read again": again}
    if next((step for step in again.steps if step.number == "1"), None) != Step(
        "1", "it", statements=lowering.statements
    ):
        ways["lowered"] = replace(reading.process, steps=(Step("1", "it", statements=lowering.statements),))
    found: list[str] = []
    repair = ""
    for way, process in ways.items():
        trace = RewriteRunner(lab, process, "1", [], lab.world, runner.stubs).run(scenario, _scene(folder, "rewrite"))
        differs = differences(expected, trace)
        if not differs:
            continue
        accepted = repair_of(scenario, expected, trace)
        if accepted is not None and accepted.by_default:
            repair = accepted.name
        else:
            found += [f"{way}: {difference}" for difference in differs]
    return Comparison(repair=repair, disagreements=tuple(found), text=text)


def _scene(folder: Path, name: str) -> Path:
    (folder / name).mkdir(exist_ok=True)
    return folder / name

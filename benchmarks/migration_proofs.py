"""How much of what is lowered is proved: `python -m benchmarks.migration_proofs FOLDER --results FILE`.

FOLDER is as for `benchmarks.migration`. Each call that it counts as lowered becomes the one step of a made-up file, is
migrated in it and proved against it. What is in FOLDER is a stranger's: it runs in the sandbox or not at all.

A proof begins no scenario after `--seconds`. FILE gets one JSON object a line as soon as a proof is done, and what
stands in it is not proved again, so an interrupted run goes on where it was; `--redo TEXT` proves those again whose
result contains TEXT. `--sample N` takes N calls at random (`--seed`), `--show TEXT` prints code, logic and result of
what contains TEXT.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.migration import cases, readings
from peerlint.migrate.fix import plan
from peerlint.process.build import Reading, Resolve, ShellCall, build
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, prove_process
from peerlint.prove.show import side_by_side
from peerlint.run.sandbox import ExecutionMode, sandbox_problem
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

_PATH = ".agent-os/instructions/core/measured.md"
_SECONDS = 60
#: What differs from case to case in a reason, and what is said instead.
_OF_ONE_CASE = (
    (
        re.compile(r"^no scenario takes .* of the (original|rewrite): .*", re.DOTALL),
        r"no scenario takes an arm of the \1",
    ),
    (re.compile(r"^.* never called: .*"), "functions that the call defines and nobody calls"),
    (re.compile(r"^not decided within .*"), "not decided in the time given"),
    (re.compile(r"^(peerlint cannot answer this call): (\S+ ?\S*).*", re.DOTALL), r"\1: \2 …"),
    (re.compile(r"^not deterministic: no two runs .*", re.DOTALL), "no two runs show the same"),
    (re.compile(r"^the script .* is not there$"), "a script that is not there"),
    (re.compile(r"^.*?: (outcome|reason|effect|message|state of bucket|file)\b.*", re.DOTALL), r"differs: \1"),
)


@dataclass(frozen=True)
class Case:
    """One call that was lowered; `name` tells it from all others, whatever its place."""

    path: str
    call: ShellCall
    resolve: Resolve

    @property
    def name(self) -> str:
        """A hash of where it stands and what it says."""
        return hashlib.sha256(f"{self.path}\0{self.call.statement.code}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Result:
    """What came of one case, as a line of the file of results."""

    name: str
    path: str
    verdict: str
    reason: str = ""
    repairs: tuple[str, ...] = ()
    scenarios: int = 0
    seconds: float = 0.0
    code: str = ""
    logic: str = ""
    shown: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The reason without what differs from case to case."""
        for pattern, said in _OF_ONE_CASE:
            if pattern.match(self.reason):
                return pattern.sub(said, self.reason)
        return self.reason.splitlines()[0] if self.reason else ""

    @property
    def text(self) -> str:
        """What `--redo` and `--show` look in."""
        return "\n".join([self.name, self.path, self.verdict, self.reason, self.group, *self.repairs])


def lowered(folder: Path) -> list[Case]:
    """All calls below the folder that bear flow and are lowered on their own, each once."""
    found: dict[str, Case] = {}
    for reading in readings(folder):
        for measured in cases([reading]):
            if measured.lowering.leftover is None:
                case = Case(measured.path, measured.call, reading.resolve)
                found[case.name] = case
    return list(found.values())


def document_of(case: Case) -> str:
    """A file whose one step is the call."""
    code = case.call.statement.code.strip("\n")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", code)), 3)
    return (
        '# Measured\n\n<process_flow>\n<step number="1" name="measured">\n\n### Step 1\n\n'
        f"Run this:\n\n{fence}bash\n{code}\n{fence}\n\n</step>\n</process_flow>\n"
    )


def measure(case: Case, lab: Lab, seconds: int) -> Result:
    """Migrates and proves one case."""
    begun = time.monotonic()
    known = partial(Result, case.name, case.path, code=case.call.statement.code)

    def read(text: str) -> Reading:
        document = parse(SourceText(_PATH, text))
        return build(document, kind_of(_PATH, document), case.resolve)

    original = read(document_of(case))
    planned = plan(original)
    if "1" not in planned.provable:
        return known(verdict="not migrated", reason=planned.manual.get("1", "no step was found"))
    rewrite = read(original.document.source.edited(planned.migration.edits_of({"1"})).text)
    logic = rewrite.document.source.text.partition("### Step 1")[2].partition("</step>")[0].strip()
    [proof] = prove_process(original, rewrite, lab, steps=["1"], seconds=seconds)
    return known(
        verdict=proof.verdict.value,
        reason=proof.reason,
        repairs=proof.repairs,
        scenarios=len(proof.scenarios),
        seconds=round(time.monotonic() - begun, 2),
        logic=logic,
        shown=_counterexample(proof),
    )


def _counterexample(proof: StepProof) -> tuple[str, ...]:
    against = proof.counterexample
    return tuple(side_by_side(against)) if against else ()


def prove_all(wanted: list[Case], seconds: int, done: Callable[[Result], None]) -> None:
    """Proves the cases one after the other. A lab in which a case broke peerlint is not used again."""
    waiting = list(reversed(wanted))
    while waiting:
        with Lab(ExecutionMode.SANDBOX) as lab:
            while waiting:
                case = waiting.pop()
                try:
                    result = measure(case, lab, seconds)
                except Exception as error:  # One case that breaks peerlint must not end the run; it is in the table.
                    result = Result(case.name, case.path, "crash", f"{type(error).__name__}: {error}")
                done(result)
                if result.verdict == "crash":
                    break


def known_results(file: Path) -> dict[str, Result]:
    """The results in a file by name, the last one of each."""
    found: dict[str, Result] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        form = json.loads(line)
        form["repairs"], form["shown"] = tuple(form["repairs"]), tuple(form["shown"])
        found[form["name"]] = Result(**form)
    return found


def table(results: list[Result]) -> list[str]:
    """Verdicts with their share, then the reasons and repairs of each."""
    verdicts = Counter(result.verdict for result in results)
    total = max(1, len(results))
    lines = [f"{len(results)} lowered calls:"]
    for verdict, count in verdicts.most_common():
        mine = [result for result in results if result.verdict == verdict]
        lines.append(f"{count:>6} {verdict} ({count / total:.1%})")
        reasons = Counter(result.group for result in mine if result.group)
        lines += [f"{number:>12} {reason}" for reason, number in reasons.most_common()]
        repairs = Counter(name for result in mine for name in result.repairs)
        if repairs:
            lines.append("             repairs: " + ", ".join(f"{name} {n}" for name, n in repairs.most_common()))
    seconds, scenarios = sum(r.seconds for r in results), sum(r.scenarios for r in results)
    lines.append(f"{scenarios} scenarios, {seconds:.0f} s")
    return lines


def _print_case(result: Result) -> None:
    print(f"=== {result.name} {result.path}\n{result.code.strip()}\n---\n{result.logic}\n---")
    print(f"{result.verdict}: {result.reason} ({', '.join(result.repairs)})")
    print("\n".join(result.shown))


def main() -> None:
    """Prove what is not proved yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=_SECONDS)
    parser.add_argument("--redo", metavar="TEXT")
    parser.add_argument("--show", metavar="TEXT")
    options = parser.parse_args()
    known = known_results(options.results)
    if options.show:
        for result in known.values():
            if options.show in result.text:
                _print_case(result)
        return
    problem = sandbox_problem()
    if problem is not None:
        parser.error(f"what is in the folder runs in the sandbox only: {problem}")
    every = lowered(options.folder)
    if options.sample:
        every = random.Random(options.seed).sample(every, min(options.sample, len(every)))
    stale = {name for name, result in known.items() if options.redo and options.redo in result.text}
    with options.results.open("a", encoding="utf-8") as out:

        def done(result: Result) -> None:
            known[result.name] = result
            out.write(json.dumps(asdict(result)) + "\n")
            out.flush()

        prove_all([case for case in every if case.name not in known.keys() - stale], options.seconds, done)
    print("\n".join(table([known[case.name] for case in every])))


if __name__ == "__main__":
    main()

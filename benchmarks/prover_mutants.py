"""How many wrong rewrites the prover lets through: `python -m benchmarks.prover_mutants [--sample N] [--seed N]`.

The golden pairs of lowering that are proved (`fixtures/migrate`) are the right ones. Each place of their logic is
changed in turn (`benchmarks.mutants`), and the wrong logic, written out and read again, is proved against the same
script. What is `proved` has survived: either it does the same for another reason, or the prover has a hole. A proof
ends with the first scenario that refutes it.

`--results FILE` gets one JSON object a line, and what stands in it is not proved again, but for what was not refuted
where `--again` is given. `--case NAME` and `--operator TEXT` take only some.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.mutants import mutants_of
from peerlint.migrate.lower import lower_process
from peerlint.process.build import Reading, build
from peerlint.process.logic import Unrenderable, render_logic, rendered_blocks
from peerlint.process.model import Opaque, Statement, walk
from peerlint.prove.lab import Lab
from peerlint.prove.proof import prove_process
from peerlint.run.sandbox import ExecutionMode, sandbox_problem
from peerlint.source.document import parse
from peerlint.source.kinds import kind_of
from peerlint.source.text import SourceText

CASES = Path(__file__).parents[1] / "fixtures" / "migrate"
_PATH = ".agent-os/instructions/core/golden.md"
_SECONDS = 60
#: Verdicts that let a wrong rewrite through.
SURVIVED = ("proved", "proved-with-exceptions")


@dataclass(frozen=True)
class Pair:
    """A script, its logic, and the repairs that the logic makes."""

    case: str
    original: Reading
    statements: tuple[Statement, ...]
    repairs: frozenset[str]


@dataclass(frozen=True)
class Wrong:
    """A mutant that is a text of its own: the pair that it comes from, the operator, the text read again."""

    pair: Pair
    operator: str
    logic: str
    rewrite: Reading

    @property
    def name(self) -> str:
        """A hash that tells it from all others."""
        return hashlib.sha256(f"{self.pair.case}\0{self.logic}".encode()).hexdigest()[:12]

    @property
    def change(self) -> tuple[str, ...]:
        """The lines that differ from the right logic."""
        right = text_of(self.pair.statements).splitlines()
        lines = difflib.unified_diff(right, self.logic.splitlines(), lineterm="", n=0)
        return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))


@dataclass(frozen=True)
class Result:
    """What became of one mutant, as a line of the file of results."""

    name: str
    case: str
    operator: str
    change: tuple[str, ...]
    verdict: str
    reason: str = ""
    repairs: tuple[str, ...] = ()
    seconds: float = 0.0


def pairs(names: Sequence[str] = ()) -> Iterator[Pair]:
    """The golden pairs that lower, in the order of their names."""
    for folder in sorted(CASES.iterdir()):
        if folder.name.startswith("left-") or (names and folder.name not in names):
            continue
        script = (folder / "script.sh").read_text()
        call = "~/.agent-os/scripts/it.sh" + (" $ARGUMENTS" if '"$@"' in script else "")
        original = reading(f"<instructions>\n  SCRIPT: {call}\n</instructions>\n", script)
        lowered = lower_process(original.process, original.resolve)["1"]
        if lowered.leftover is None:
            repairs = frozenset(repair.name for repair in lowered.repairs)
            yield Pair(folder.name, original, lowered.statements, repairs)


def reading(step: str, script: str = "") -> Reading:
    """A file of one step, with the script that it may call."""
    text = (
        f'# Golden\n\n<process_flow>\n<step number="1" name="it">\n\n### Step 1\n\n{step}\n</step>\n</process_flow>\n'
    )
    document = parse(SourceText(_PATH, text))
    found = SourceText(".agent-os/scripts/it.sh", script)
    return build(document, kind_of(_PATH, document), lambda reference: found if script else None)


def text_of(statements: tuple[Statement, ...]) -> str:
    """Logic with its blocks, as it stands in the step of such a file."""
    blocks = "".join(f"\n<{name}>\n{text}\n</{name}>\n" for name, text in rendered_blocks(statements).items())
    return f"<it_logic>\n{render_logic(statements)}</it_logic>\n{blocks}"


def wrong_ones(pair: Pair) -> Iterator[Wrong]:
    """The mutants of a pair that can be written, are read again, and are another logic then; each text once."""
    right = reading(text_of(pair.statements)).process.steps[0].statements
    seen: set[str] = set()
    for mutant in mutants_of(pair.statements):
        try:
            text = text_of(mutant.statements)
        except Unrenderable:
            continue
        rewrite = reading(text)
        statements = rewrite.process.steps[0].statements
        is_read = not any(isinstance(node, Opaque) for node in walk(statements))
        if is_read and statements != right and text not in seen:
            seen.add(text)
            yield Wrong(pair, mutant.operator, text, rewrite)


def selection(names: Sequence[str], each: int, seed: int = 1) -> list[Wrong]:
    """So many mutants of each operator, drawn from these pairs; the same ones as long as the pairs are the same."""
    by_operator: dict[str, list[Wrong]] = {}
    for pair in pairs(names):
        for wrong in wrong_ones(pair):
            by_operator.setdefault(wrong.operator, []).append(wrong)
    drawn = random.Random(seed)
    return [
        wrong
        for _, wrongs in sorted(by_operator.items())
        for wrong in drawn.sample(sorted(wrongs, key=lambda wrong: wrong.name), min(each, len(wrongs)))
    ]


def judged(wrong: Wrong, lab: Lab, seconds: float = _SECONDS) -> Result:
    """The verdict on one mutant."""
    begun = time.monotonic()
    [proof] = prove_process(
        wrong.pair.original, wrong.rewrite, lab, accepted=wrong.pair.repairs, seconds=seconds, at_first=True
    )
    return Result(
        wrong.name,
        wrong.pair.case,
        wrong.operator,
        wrong.change,
        proof.verdict.value,
        proof.reason,
        proof.repairs,
        round(time.monotonic() - begun, 2),
    )


def known_results(file: Path | None) -> dict[str, Result]:
    """The results in a file, by name."""
    lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.exists() else ()
    forms = (json.loads(line) for line in lines)
    found = [Result(**{**form, "change": tuple(form["change"]), "repairs": tuple(form["repairs"])}) for form in forms]
    return {result.name: result for result in found}


def table(results: Sequence[Result]) -> list[str]:
    """One line an operator: how many mutants were refuted, are unknown, and have survived; then all."""
    lines = [f"{'operator':<32}{'mutants':>8}{'refuted':>8}{'unknown':>8}{'survived':>9}"]
    by_operator: dict[str, Counter[str]] = {}
    for result in results:
        verdict = "survived" if result.verdict in SURVIVED else result.verdict
        by_operator.setdefault(result.operator, Counter())[verdict] += 1
    rows = [*sorted(by_operator.items()), ("all", sum(by_operator.values(), Counter()))]
    for operator, count in rows:
        numbers = (count.total(), count["refuted"], count["unknown"], count["survived"])
        lines.append(
            f"{operator:<32}" + "".join(f"{number:>{w}}" for number, w in zip(numbers, (8, 8, 8, 9), strict=True))
        )
    return lines


def survivors(results: Sequence[Result]) -> Iterator[str]:
    """Each mutant that was proved, with what was changed."""
    for result in results:
        if result.verdict in SURVIVED:
            repairs = f" ({', '.join(result.repairs)})" if result.repairs else ""
            yield f"\n{result.name} {result.case}: {result.operator}, {result.verdict}{repairs}"
            yield from (f"    {line}" for line in result.change)


def main() -> None:
    """Prove what is not proved yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--operator", default="")
    parser.add_argument("--seconds", type=float, default=_SECONDS)
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    wanted = [wrong for pair in pairs(options.case) for wrong in wrong_ones(pair) if options.operator in wrong.operator]
    print(f"{len(wanted)} mutants, seed {options.seed}", flush=True)
    if options.sample:
        wanted = random.Random(options.seed).sample(wanted, min(options.sample, len(wanted)))
    known = known_results(options.results)
    if options.again:
        known = {name: result for name, result in known.items() if result.verdict == "refuted"}
    mode = ExecutionMode.SANDBOX if sandbox_problem() is None else ExecutionMode.HOST
    with Lab(mode) as lab:
        for wrong in wanted:
            if wrong.name not in known:
                known[wrong.name] = judged(wrong, lab, options.seconds)
                if options.results:
                    with options.results.open("a", encoding="utf-8") as out:
                        out.write(json.dumps(asdict(known[wrong.name])) + "\n")
    results = sorted((known[wrong.name] for wrong in wanted), key=lambda result: (result.operator, result.case))
    print("\n".join([*table(results), *survivors(results)]))


if __name__ == "__main__":
    main()

"""What has to run before a step is proved, and why a step cannot be proved at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from peerlint.process.beside import delegated
from peerlint.process.model import (
    BucketAdd,
    Do,
    ForEach,
    Opaque,
    Pipeline,
    Process,
    Ref,
    Repeat,
    ServerCheck,
    Set,
    Shell,
    Step,
    Text,
    walk,
)
from peerlint.prove.original import Original
from peerlint.prove.shims import nats_line
from peerlint.prove.shims.nats_line import READS
from peerlint.prove.vocabulary import words_of
from peerlint.run.effects import names_of
from peerlint.source.text import Span


def providers_of(original: Original, process: Process, number: str) -> list[str]:
    """Earlier steps that either side needs: by files and variables of the original, by names of the rewrite."""
    needed = set(original.providers_of(number))
    order = [step.number for step in process.steps]
    by_number = {step.number: step for step in process.steps}
    wanted = [number, *needed]
    while wanted:
        current = wanted.pop()
        reads = names_read(by_number[current]) - names_bound(by_number[current], certain=True)
        for earlier in order[: order.index(current)]:
            if earlier not in needed and earlier in original.steps and reads & names_bound(by_number[earlier]):
                needed.add(earlier)
                wanted.append(earlier)
    return [step for step in order if step in needed and step != number]


def names_read(step: Step) -> set[str]:
    """Names that a step reads."""
    return {node.name for node in walk(step.statements) if isinstance(node, Ref)}


def names_bound(step: Step, *, certain: bool = False) -> set[str]:
    """Names that a step binds; with `certain` only those at its top level, before any branch."""
    return _bound_by(step.statements if certain else walk(step.statements))


def names_in_loops(steps: Iterable[Step]) -> set[str]:
    """Names that loops of the steps go through, or bind in a turn."""
    loops = [node for step in steps for node in walk(step.statements) if isinstance(node, ForEach | Repeat)]
    return _bound_by(walk(tuple(loops))) | {loop.name for loop in loops if isinstance(loop, ForEach)}


def _bound_by(nodes: Iterable[object]) -> set[str]:
    bound: set[str] = set()
    for node in nodes:
        if isinstance(node, Set) and not node.target.path:
            bound.add(node.target.name)
        elif isinstance(node, Do):
            bound |= set(names_of(node.effect))
    return bound


def problem_of(
    original: Original, process: Process, numbers: Sequence[str], where: Callable[[Span], str]
) -> str | None:
    """Why the last of these steps, which needs the others, cannot be proved; None where it can."""
    for number in numbers:
        place = "" if number == numbers[-1] else f"step {number}, which it needs: "
        step = next(step for step in process.steps if step.number == number)
        for node in walk(step.statements):
            if isinstance(node, Opaque):
                return f"{place}{where(node.span)}not understood: {node.reason}"
            if isinstance(node, Shell):
                return f"{place}it still runs shell"
            if isinstance(node, Do) and isinstance(node.effect, ServerCheck | BucketAdd):
                for line in _not_taken_by_nats(node.effect):
                    return f"{place}{where(node.span)}nats does not take `{line}` here"
        problem = original.problem_of(number)
        if problem is not None:
            return place + problem
        run = _programs(step)
        gone = next((path for path, name in original.unpublished_of([number]).items() if name not in run), None)
        if gone is not None:
            # What it did may stand in the logic now, and nobody can tell.
            return f"{place}the script {gone} is not there"
        handed = delegated(step)
        if tuple(handed) != original.steps[number].delegated:
            what = where(handed[0].span) if handed else ""
            return f"{place}{what}the rewrite delegates other work than the original, and a proof hands out none"
    return None


def _not_taken_by_nats(effect: ServerCheck | BucketAdd) -> Iterator[str]:
    """Lines of a block that are not run as they stand, since the effect is known, and that `nats` would refuse."""
    wanted = READS if isinstance(effect, ServerCheck) else {"bucket add"}
    for argv in (argv for line in (effect.command.lines if effect.command else ()) for argv in line.commands):
        words = [word or "x" for word in words_of(argv)]
        if words[0] != "nats":
            continue
        try:
            taken = nats_line.read(words[1:]).operation in wanted
        except nats_line.UsageError:
            taken = False
        if not taken:
            yield " ".join(words)


def _programs(step: Step) -> set[str]:
    """The names of programs that a step runs, without their paths, also those that it hands to a shell."""
    argvs = [argv for node in walk(step.statements) if isinstance(node, Pipeline) for argv in node.commands]
    words = [word for argv in argvs for word in argv.words[:2] if isinstance(word, Text) and word.parts]
    return {part.rpartition("/")[2] for word in words if isinstance(part := word.parts[-1], str)}

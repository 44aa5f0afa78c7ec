"""The prover that a fix uses: real bash and the interpreter side by side in a lab. Imported only where one is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from peerlint.migrate.fix.model import FileProof, StepVerdict, Verdict
from peerlint.process.build import Reading
from peerlint.process.certificate import logic_hash
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, prove_process

#: Text of the certificate for the proofs of a file: original, rewrite, proofs.
Certify = Callable[[Reading, Reading, Sequence[StepProof]], str]


class LabProver:
    """Proves the steps of one file after the other in a lab that the caller has opened.

    `accepted` names repairs that the user's config accepts beside the usual ones. `done` is told each proof at once.
    """

    def __init__(
        self,
        lab: Lab,
        certify: Certify,
        accepted: frozenset[str] = frozenset(),
        done: Callable[[StepProof], None] = lambda proof: None,
    ) -> None:
        self._lab = lab
        self._certify = certify
        self._accepted = accepted
        self._done = done
        self._known: dict[tuple[str, str], tuple[tuple[str, ...], StepProof]] = {}

    def __call__(self, original: Reading, rewrite: Reading, steps: Sequence[str], /) -> FileProof:
        """One verdict for each number in `steps`, and the certificate where all of them are proved."""
        proofs = [self._proof(original, rewrite, number) for number in steps]
        verdicts = tuple(_verdict(proof) for proof in proofs)
        fit = {Verdict.PROVED, Verdict.PROVED_WITH_EXCEPTIONS}
        certifiable = bool(proofs) and all(verdict.verdict in fit for verdict in verdicts)
        return FileProof(verdicts, self._certify(original, rewrite, proofs) if certifiable else None)

    def _proof(self, original: Reading, rewrite: Reading, number: str) -> StepProof:
        """The proof of a step; the one from before where the logic of all the steps that took part is the same."""
        place = (original.document.source.path, number)
        if place in self._known:
            logic, known = self._known[place]
            if logic == _logic(rewrite, known):
                return known
        [proof] = prove_process(original, rewrite, self._lab, steps=[number], accepted=self._accepted, done=self._done)
        self._known[place] = (_logic(rewrite, proof), proof)
        return proof


def _logic(rewrite: Reading, proof: StepProof) -> tuple[str, ...]:
    """Hashes of the logic of a step and of those that ran before it."""
    took_part = {proof.number, *proof.providers}
    return tuple(logic_hash(step) for step in rewrite.process.steps if step.number in took_part)


def _verdict(proof: StepProof) -> StepVerdict:
    taken, total = (a + b for a, b in zip(proof.original_arms, proof.rewrite_arms, strict=True))
    return StepVerdict(
        proof.number,
        Verdict(proof.verdict.value),
        len(proof.scenarios),
        taken,
        total,
        proof.seconds,
        proof.repairs,
        proof.reason,
    )

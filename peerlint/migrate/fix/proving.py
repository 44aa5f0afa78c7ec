"""The prover that a fix uses: real bash and the interpreter side by side in a lab. Imported only where one is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from peerlint.migrate.fix.model import FileProof, StepVerdict, Verdict
from peerlint.process.build import Reading
from peerlint.process.certificate import logic_hash
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, prove_process
from peerlint.prove.proof import Verdict as ProofVerdict
from peerlint.prove.whole import WholeProof, prove_whole
from peerlint.records import replace

#: Text of the certificate for the proofs of a file: original, rewrite, proofs of the steps, and of the whole process.
Certify = Callable[[Reading, Reading, Sequence[StepProof], WholeProof], str]


class LabProver:
    """Proves the steps of a file, side by side, in a lab that the caller has opened.

    `accepted` names repairs that the user's config accepts beside the usual ones. `done` is told each proof at once,
    `told` that of the process.
    """

    def __init__(
        self,
        lab: Lab,
        certify: Certify,
        accepted: frozenset[str] = frozenset(),
        done: Callable[[StepProof], None] = lambda proof: None,
        told: Callable[[WholeProof], None] = lambda whole: None,
    ) -> None:
        self._lab = lab
        self._certify = certify
        self._accepted = accepted
        self._done = done
        self._told = told
        self._wholes: dict[tuple[str, ...], WholeProof] = {}
        self._known: dict[tuple[str, str], tuple[tuple[str, ...], StepProof]] = {}

    def __call__(self, original: Reading, rewrite: Reading, steps: Sequence[str], /) -> FileProof:
        """One verdict for each number in `steps`, and the certificate where all of them are proved."""
        proofs = self._proofs(original, rewrite, steps)
        verdicts = tuple(_verdict(proof) for proof in proofs)
        fit = {Verdict.PROVED, Verdict.PROVED_WITH_EXCEPTIONS}
        certifiable = bool(proofs) and all(verdict.verdict in fit for verdict in verdicts)
        if not certifiable:
            return FileProof(verdicts, None)
        whole = self._whole(original, rewrite, proofs)
        if whole.verdict is ProofVerdict.REFUTED:
            # Each step is right by itself, and together they are not: nobody can say which one to leave.
            reason = f"the whole process is refuted: {whole.reason}"
            return FileProof(tuple(replace(one, verdict=Verdict.REFUTED, reason=reason) for one in verdicts), None)
        return FileProof(verdicts, self._certify(original, rewrite, proofs, whole))

    def _whole(self, original: Reading, rewrite: Reading, proofs: Sequence[StepProof]) -> WholeProof:
        """The proof of the process; the one from before where the logic of all steps is the same."""
        place = (original.document.source.path, *(hashed for proof in proofs for hashed in _logic(rewrite, proof)))
        if place not in self._wholes:
            self._wholes[place] = prove_whole(original, rewrite, proofs, self._lab, accepted=self._accepted)
            if len(proofs) > 1:
                self._told(self._wholes[place])
        return self._wholes[place]

    def _proofs(self, original: Reading, rewrite: Reading, steps: Sequence[str]) -> list[StepProof]:
        """The proof of each step; the one from before where the logic of all the steps that took part is the same."""
        path = original.document.source.path
        changed = [number for number in steps if not self._is_known(rewrite, (path, number))]
        if changed:
            proofs = prove_process(
                original, rewrite, self._lab, steps=changed, accepted=self._accepted, done=self._done
            )
            self._known |= {(path, proof.number): (_logic(rewrite, proof), proof) for proof in proofs}
        return [self._known[path, number][1] for number in steps]

    def _is_known(self, rewrite: Reading, place: tuple[str, str]) -> bool:
        if place not in self._known:
            return False
        logic, proof = self._known[place]
        return logic == _logic(rewrite, proof)


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

"""Steps that are proved beside each other share the labs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from peerlint.prove.lab import Lab, LabFailure, Turns
from peerlint.prove.proof import StepProof, Verdict, prove_process
from tests.prove.test_proof import reading


@pytest.fixture(scope="module")
def two(lab: Lab) -> Iterator[Lab]:
    with Lab(lab.mode, workers=2) as opened:
        yield opened


def steps(count: int, line: str) -> str:
    return "\n".join(
        f'<step number="{at}" name="it">\n\n{line.replace("NUMBER", str(at))}\n\n</step>' for at in range(1, count + 1)
    )


ORIGINAL = reading(steps(5, 'ACTION: Use Bash tool to run\n```bash\ncase "$WORD" in\n  NUMBER) echo hit ;;\nesac\n```'))
REWRITE = reading(
    steps(
        5, '<it_logic>\n  INPUT: WORD\n  IF WORD is "NUMBER":\n    DISPLAY: "hit"\n  PROCEED to next step\n</it_logic>'
    )
)


def test_proofs_come_in_the_order_of_the_file_and_say_what_one_lab_says(two: Lab, lab: Lab) -> None:
    told: list[str] = []
    beside = prove_process(ORIGINAL, REWRITE, two, done=lambda proof: told.append(proof.number))
    alone = prove_process(ORIGINAL, REWRITE, lab)
    assert told == [proof.number for proof in beside] == ["1", "2", "3", "4", "5"]
    assert {proof.verdict for proof in beside} == {Verdict.PROVED}
    assert [proof.to_json() for proof in beside] == [proof.to_json() for proof in alone]


def test_who_is_interrupted_gets_the_labs_back(two: Lab) -> None:
    def interrupted(proof: StepProof) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prove_process(ORIGINAL, REWRITE, two, done=interrupted)
    assert [proof.verdict for proof in prove_process(ORIGINAL, REWRITE, two)] == [Verdict.PROVED] * 5


def test_a_lab_is_one_threads_at_a_time_and_another_does_as_well() -> None:
    turns, seen = Turns(2), list[int]()
    with turns.one(0) as first, turns.one(0) as second:
        assert (first, second) == (0, 1)

        def wait(at: int) -> None:
            with turns.one(at, only=True) as mine:
                seen.append(mine)

        threads = [threading.Thread(target=wait, args=(1,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.05)
        assert seen == []
    for thread in threads:
        thread.join()
    assert seen == [1, 1, 1]


def test_who_waits_for_a_lab_is_told_that_all_is_over() -> None:
    turns, said = Turns(1), list[str]()

    def wait() -> None:
        try:
            with turns.one(0):
                said.append("began")
        except LabFailure as failure:
            said.append(str(failure))

    with turns.one(0):
        thread = threading.Thread(target=wait)
        thread.start()
        with turns.stopped():
            thread.join(5)
    assert said == ["the proof was stopped"]
    with turns.one(0):
        pass

"""The transcript in README.md is real; renew it with `python -m tests.transcript`."""

from __future__ import annotations

import pytest

from peerlint.run.sandbox import sandbox_problem
from tests.transcript import README, comparable, written_anew


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.skipif(sandbox_problem() is not None, reason=f"the transcript proves in the sandbox: {sandbox_problem()}")
def test_the_transcript_is_real() -> None:
    text = README.read_text(encoding="utf-8")
    assert comparable(written_anew(text)) == comparable(text)

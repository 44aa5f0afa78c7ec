"""One lab for all proofs of these tests: in the sandbox where there is one, else on the host (the scripts are ours)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peerlint.prove.lab import Lab
from peerlint.run.sandbox import ExecutionMode, sandbox_problem


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    mode = ExecutionMode.SANDBOX if sandbox_problem() is None else ExecutionMode.HOST
    with Lab(mode) as opened:
        yield opened

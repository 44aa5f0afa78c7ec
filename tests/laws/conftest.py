"""One lab for all programs, on the host: they are our own, and touch nothing but their scene."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from peerlint.prove.lab import Lab
from peerlint.run.sandbox import ExecutionMode


@pytest.fixture(scope="session")
def host_lab() -> Iterator[Lab]:
    with Lab(ExecutionMode.HOST) as opened:
        yield opened

"""What the tests of `--fix` share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder, called `p` in what is shown."""
    (tmp_path / "p").mkdir()
    return tmp_path / "p"

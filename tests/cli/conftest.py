"""An empty project to run the command line in."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that is the working directory; the user has no config of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config-home"))
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An instruction file in an empty folder, with the `TEXT` of the test's module."""
    path = tmp_path / ".agent-os" / "instructions" / "peer.md"
    path.parent.mkdir(parents=True)
    path.write_text(request.module.TEXT, encoding="utf-8")
    return path

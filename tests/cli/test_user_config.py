"""Where the user's own config stands: told without platformdirs where that can be, and never otherwise than by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformdirs import user_config_path

from peerlint.config import user_config_file
from tests.command_line import peerlint


@pytest.mark.parametrize("config_home", [None, "", "relative", "/etc/xdg-home"])
@pytest.mark.parametrize("home", ["/home/somebody", "/root/"])
def test_it_is_where_platformdirs_says(monkeypatch: pytest.MonkeyPatch, config_home: str | None, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    if config_home is None:
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CONFIG_HOME", config_home)
    assert user_config_file() == user_config_path("peerlint") / "config.yaml"


@pytest.mark.parametrize("value", ["5", "null", "true", "lost-update", "{a: b}"])
def test_what_it_accepts_is_a_list_of_names(tmp_path: Path, value: str) -> None:
    (tmp_path / "peerlint").mkdir()
    (tmp_path / "peerlint/config.yaml").write_text(f"accept-repairs: {value}\n")
    done = peerlint("check", ".", cwd=tmp_path, env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert done.code == 2
    assert "accept-repairs" in done.complaint

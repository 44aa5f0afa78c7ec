"""`peerlint rule`, and the command line itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import peerlint
from peerlint.cli import COMMANDS
from peerlint.cli.commands import group
from peerlint.lint.rules import all_rules
from tests.cli.test_check import run
from tests.report.shapes import objects_in

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "rules" / "output.schema.json").read_text()
)


def test_a_rule_is_explained_by_code_and_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rule", "PL101") == 0
    by_code = capsys.readouterr().out
    assert run("rule", "external-script") == 0

    assert capsys.readouterr().out == by_code
    assert by_code.startswith("PL101 external-script\n")


def test_all_rules_come_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rule", "--all", "--output-format", "json") == 0

    described = json.loads(capsys.readouterr().out)
    assert [rule["code"] for rule in described] == list(all_rules())
    assert all(rule["examples"]["invalid"] for rule in described)
    jsonschema.validate(described, SCHEMA)


def test_the_published_schema_of_rules_refuses_what_is_missing_or_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rule", "PL103", "--output-format", "json") == 0
    rule = json.loads(capsys.readouterr().out)
    fits = jsonschema.validators.validator_for(SCHEMA)(SCHEMA).is_valid
    assert fits(rule)

    of_paths = [example["files"] for examples in rule["examples"].values() for example in examples]
    assert any(of_paths)
    for place in objects_in(rule):
        kept = dict(place)
        place["unknown"] = 1
        assert not fits(rule), kept
        del place["unknown"]
        for key in kept if place not in of_paths else ():
            del place[key]
            assert not fits(rule), key
            place[key] = kept[key]


def test_an_unknown_rule_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rule", "extrenal-script") == 2
    assert "external-script" in capsys.readouterr().err


def test_of_names_that_are_as_like_the_one_that_begins_like_it_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rule", "PL10l") == 2
    assert 'did you mean "PL101"?' in capsys.readouterr().err


def test_a_rule_of_the_project_is_explained_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".peerlint.yaml").write_text("rules: [own]\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "MY001.yaml").write_text(
        "id: MY001\nname: sudo\nseverity: error\nconfidence: high\nprofile: coordination\nsince: 0.1.0\n"
        "roles: [procedure]\nneeds: [sudo]\nselect: //paragraph\nmessage: no sudo\nsummary: A procedure uses sudo.\n"
        "why: An agent must not.\n"
        "examples: {valid: [{title: a, text: no}], invalid: [{title: b, lines: [1], text: sudo}]}\n"
    )
    monkeypatch.chdir(tmp_path)

    assert run("rule", "sudo") == 0
    assert "A procedure uses sudo." in capsys.readouterr().out
    assert run("rule", "sudo", "--output-format", "json") == 0
    own = json.loads(capsys.readouterr().out)
    assert own["url"] is None, "it has no page"
    jsonschema.validate(own, SCHEMA)
    assert run("rule") == 0
    out = capsys.readouterr().out
    assert "MY001" in out
    assert "PL101" in out

    (tmp_path / ".peerlint.yaml").write_text("rules: [nowhere\n")
    assert run("rule", "PL101") == 0
    assert run("rule") == 2


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"peerlint {peerlint.__version__}\n"


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("check", "rule"))


def test_an_unknown_option_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--no-such-option") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_bug_is_a_report_to_paste_and_exit_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr(group, "invoke", broken)

    assert run("rule") == 3
    err = capsys.readouterr().err
    assert "bug in peerlint" in err
    assert "RuntimeError: it broke" in err
    assert "Traceback" not in err


def test_control_c_exits_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(group, "invoke", interrupted)

    assert run("rule") == 130


def test_every_listed_command_can_be_imported() -> None:
    context = group.make_context("peerlint", ["rule"])

    assert set(group.list_commands(context)) <= set(COMMANDS)
    assert all(group.get_command(context, name) is not None for name in group.list_commands(context))

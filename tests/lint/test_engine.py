"""The engine: crashes, roles, suppressions, rule files that are wrong, and the laws on text made at random."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.lint import detect
from peerlint.lint.engine import RuleCrash, default_rules, lint
from peerlint.lint.rules import LintSettings, Profile, all_rules, rules_named
from peerlint.lint.rules.load import json_schema, load_rules, rule_from, yaml_mapping
from peerlint.process.harness import Harness
from peerlint.source.text import SourceText
from tests.generate import main as generate
from tests.lint.laws import Project, check_laws

PATH = ".agent-os/instructions/core/a.md"
CALL = '<step number="1" name="a">\n\nRun `~/.agent-os/scripts/a.sh` first.\n\n</step>\n'
TWO_CALLS = '<step number="1" name="a">\n\n```bash\nX=$(date)\n```\n\n```bash\necho "$X"\n```\n\n</step>\n'


def codes(text: str, harness: Harness = Harness.CLAUDE_CODE) -> list[str]:
    """The rules that speak on a text."""
    reading = Project().read(SourceText(PATH, text))
    return [d.code for d in lint(reading, LintSettings(default_rules(), {}, harness))]


def test_a_crash_names_the_rule_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(context: object) -> list[object]:
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(detect.DETECTORS, "lost_variable", broken)
    reading = Project().read(SourceText(PATH, CALL + TWO_CALLS.replace('"1"', '"2"').replace('"a"', '"b"')))
    crashes: list[RuleCrash] = []

    found = lint(reading, LintSettings(default_rules()), crashes=crashes)

    assert [crash.rule.id for crash in crashes] == ["PL201"]
    assert "PL201 lost-variable failed on" in str(crashes[0])
    assert [d.code for d in found] == ["PL101"]


def test_variables_are_lost_only_where_the_harness_loses_them() -> None:
    assert codes(TWO_CALLS, Harness.CLAUDE_CODE) == ["PL201"]
    assert codes(TWO_CALLS, Harness.PERSISTENT_SHELL) == []


def test_each_profile_holds_the_one_before() -> None:
    bugs, coordination, proved = ({r.id for r in default_rules(profile)} for profile in Profile)

    assert bugs < coordination < proved
    assert "PL101" in coordination - bugs
    assert "PL801" in proved - coordination


def test_preview_rules_are_off_until_asked_for() -> None:
    preview = {rule.id for rule in all_rules().values() if rule.preview}

    assert preview
    assert not preview & {rule.id for rule in default_rules(Profile.PROVED)}
    assert preview <= {rule.id for rule in default_rules(Profile.PROVED, preview=True)}


@pytest.mark.parametrize(
    "wrapper",
    [
        "## Bad example\n\n{}\n",
        "<example>\n{}\n</example>\n",
        "````markdown\n{}\n````\n",
    ],
)
def test_nothing_is_said_of_examples(wrapper: str) -> None:
    inner = "```bash\n~/.agent-os/scripts/a.sh\nexit 1\n```"

    assert "PL101" not in codes(wrapper.format(inner))


def test_what_a_script_does_stands_in_the_help_line() -> None:
    script = 'nats kv put state cycle "$1" || exit 2\n'
    project = Project({".agent-os/scripts/a.sh": script})
    reading = project.read(SourceText(PATH, CALL))

    (finding,) = lint(reading, LintSettings((all_rules()["PL101"],)))
    assert finding.help == "the script decides by exit code (1 exit), writes NATS state (1 command)"


def test_generated_files_are_up_to_date() -> None:
    assert generate(["--check"]) == 0


RULE = """
id: MY001
name: some-pattern
severity: note
confidence: low
profile: bugs
since: 0.1.0
roles: [procedure]
select: //fence
message: found
summary: s
why: w
examples:
  valid: [{title: a, text: b}]
  invalid: [{title: a, text: b, lines: [1]}]
"""


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("severity: note", "severity: bad", "one of note, warning, error"),
        ("summary: s", "sumary: s", 'did you mean "summary"?'),
        ("summary: s", "", '"summary" is missing'),
        ("select: //fence", "", "exactly one of"),
        ("message: found", 'message: "{x.__class__}"', "lower-case word"),
        ("name: some-pattern", "name: Some Pattern", "lower-case words"),
        ("id: MY001", "id: MY\u0660\u0660\u0661", "two capitals and three digits"),
        ("lines: [1]", "lines: [first]", "list of numbers"),
        ("lines: [1]", "path: a.md", 'have "lines"'),
        ("roles: [procedure]", "roles: [process]", "one of procedure"),
    ],
)
def test_a_wrong_rule_file_says_what_is_wrong(old: str, new: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        rule_from(yaml_mapping(RULE.replace(old, new), "my.yaml"), "my.yaml")

    assert hint in str(refused.value)


def test_the_schema_takes_every_rule_file() -> None:
    import jsonschema

    folder = Path(__file__).resolve().parents[2] / "rules"
    for path in folder.glob("PL*.yaml"):
        jsonschema.validate(yaml_mapping(path.read_text(), path.name), json_schema())
    assert len(load_rules(folder)) == len(all_rules())


def test_a_selector_means_an_id_a_family_or_a_name() -> None:
    rules = all_rules().values()

    assert [rule.id for rule in rules_named("PL101", rules)] == ["PL101"]
    assert [rule.id for rule in rules_named("external-script", rules)] == ["PL101"]
    assert {rule.id[:3] for rule in rules_named("PL7", rules)} == {"PL7"}


PIECES = st.sampled_from(
    [
        '<step number="1" name="a">\n', '<step number="2" name="b">\n', "</step>\n", "<a_logic>\n", "</a_logic>\n",
        "```bash\n", "```\n", "  IF SPEC is empty:\n", '    ERROR: "no"\n', "    STOP execution\n", "  ELSE:\n",
        "X=$(grep -c a b || echo 0)\n", 'echo "$X"\n', "exit 1\n", "if [ $? -ne 0 ]; then\n", "fi\n", "\n",
        'nats kv put b "cycle:current" "$X"\n', "nats kv get b cycle:current --raw\n", "gh issue view $ARGUMENTS\n",
        "Run `~/.agent-os/scripts/a.sh` now.\n", "PROCEED to step 9\n", "cat /tmp/x > /tmp/y\n", "\t- 😀 {x}\r\n",
        "<!-- peerlint: ignore[PL101] r -->\n", "npm test || echo 'error'\n", "IF [ -z $X ]; then\n", "\x1b\u202e%s\n",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(PIECES, max_size=25))
@example(pieces=["<a_logic>\n", "  IF SPEC is empty:\n", "PROCEED to step 9\n", "  IF SPEC is empty:\n"])
@example(pieces=["<a_logic>\n", "  IF SPEC is empty:\n", "<!-- peerlint: ignore[PL101] r -->\n"])
def test_the_laws_hold_on_any_mixture(pieces: list[str]) -> None:
    check_laws(SourceText(PATH, "".join(pieces)))

"""Each law can fail: rules that are broken on purpose, one for each clause of `tests.lint.laws`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from peerlint.lint import detect
from peerlint.lint.context import Context, Found
from peerlint.lint.diagnostics import Applicability, Fix, Related
from peerlint.lint.engine import RuleCrash
from peerlint.source.text import Edit, Position, SourceText, Span
from tests.lint.laws import check_laws

#: "AAA" stands in a step, "BBB" in an example that nobody is told to follow.
TEXT = (
    '<step number="1" name="a">\n\nRead AAA first.\n\n<example>\nRead BBB first.\n</example>\n\n'
    "```bash\nls\n```\n\n</step>\n"
)
SOURCE = SourceText(".agent-os/instructions/core/a.md", TEXT)
AAA, BBB = (Span(TEXT.index(word), TEXT.index(word) + 3) for word in ("AAA", "BBB"))
SAFE = Applicability.SAFE


def edit(content: str, span: Span = AAA) -> tuple[Edit, ...]:
    return (Edit(span, content),)


def once(*found: Found) -> Callable[[Context], Iterable[Found]]:
    """A detector that finds these as long as AAA is there."""
    return lambda context: found if "AAA" in context.document.source.text else ()


def always(*found: Found) -> Callable[[Context], Iterable[Found]]:
    """A detector that finds these in each text."""
    return lambda context: found


#: The detectors of PL306 (which fixes) and of PL305 (which does not), both for what is a procedure.
COUNT, ERROR = "count_fallback", "error_without_stop"
VALUES = {"message": "x"}
BROKEN: dict[str, tuple[str, Callable[[Context], Iterable[Found]], str]] = {
    "behind the text": (COUNT, always(Found(Span(0, 10_000))), "points behind the text"),
    "role": (COUNT, always(Found(BBB)), "speaks of what is example"),
    "twice": (ERROR, always(Found(AAA, {"message": "x"}), Found(AAA, {"message": "y"})), "speak twice of one place"),
    "no advice": (COUNT, always(Found(AAA, help=" ")), "does not say what to do"),
    "other place": (
        COUNT,
        always(Found(AAA, related=(Related(SOURCE.path, Position(99, 1), "here"),))),
        "another place behind the text",
    ),
    "other place unsaid": (
        COUNT,
        always(Found(AAA, related=(Related("b.md", Position(1, 1), ""),))),
        "what is at the other place",
    ),
    "edits for a person": (
        COUNT,
        always(Found(AAA, fix=Fix(Applicability.MANUAL, "m", edit("x")))),
        "edits for a person, or a fix without any",
    ),
    "no edits": (COUNT, always(Found(AAA, fix=Fix(SAFE, "m"))), "edits for a person, or a fix without any"),
    "edits nothing": (COUNT, always(Found(AAA, fix=Fix(SAFE, "m", edit("x", Span(9999, 9999))))), "edits nothing"),
    "fix unsaid": (ERROR, once(Found(AAA, VALUES, fix=Fix(SAFE, "m", edit("x")))), "does not say so"),
    "never ends": (COUNT, always(Found(AAA, fix=Fix(SAFE, "m", edit("xAAA")))), "do not converge"),
    "breaks tags": (COUNT, once(Found(AAA, fix=Fix(SAFE, "m", edit("x\n\n</step>\n")))), "broke the structure"),
    "new finding": (
        COUNT,
        once(Found(AAA, fix=Fix(SAFE, "m", edit("x\n\n```bash\nX=1\n```\n\n```bash\necho $X\n```\n")))),
        "made a new finding",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_breaks_its_law(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    detector, broken, complaint = BROKEN[name]
    monkeypatch.setitem(detect.DETECTORS, detector, broken)

    with pytest.raises(AssertionError, match=complaint):
        check_laws(_needed(detector))


@pytest.mark.parametrize(
    ("one", "other"),
    [("external_script", "bash_tool_step"), ("bare_shell", "shell_logic_hybrid"), (ERROR, "error_without_recovery")],
)
def test_two_rules_for_one_cause_break_the_law(monkeypatch: pytest.MonkeyPatch, one: str, other: str) -> None:
    values = dict.fromkeys(("message", "step", "script", "line", "count"), "x")
    for name in (one, other):
        monkeypatch.setitem(detect.DETECTORS, name, always(Found(AAA, values, help="do it")))

    with pytest.raises(AssertionError, match="speak of one place"):
        check_laws(_needed(one, other))


def test_a_rule_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(context: Context) -> Iterable[Found]:
        raise KeyError("x")

    monkeypatch.setitem(detect.DETECTORS, COUNT, fails)

    with pytest.raises(RuleCrash, match="PL306 count-fallback failed on"):
        check_laws(_needed(COUNT))


def test_a_rule_that_obeys_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    good = once(Found(AAA, fix=Fix(SAFE, "m", edit("x")), related=(Related("b.md", Position(1, 1), "here"),)))
    monkeypatch.setitem(detect.DETECTORS, COUNT, good)

    assert [finding.code for finding in check_laws(_needed(COUNT))] == ["PL306"]


def _needed(*detectors: str) -> SourceText:
    """The text with what the rules of these detectors need to be run at all."""
    from peerlint.lint.rules import all_rules

    rules = [rule for rule in all_rules().values() if rule.detect in detectors]
    needs = [literals[0] for rule in rules for literals in (rule.needs, rule.needs_of_logic) if literals]
    # A text with the name of such a tag may state logic.
    return SourceText(SOURCE.path, TEXT.replace("ls", f"ls '{' '.join(needs)} a_logic'"))

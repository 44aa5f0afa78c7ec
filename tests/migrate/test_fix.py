"""What --fix does with a file: which steps it keeps, what it refuses, what it shows."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from peerlint.lint.diagnostics import Applicability, Confidence, Diagnostic, Fix, Severity
from peerlint.lint.engine import default_rules, lint
from peerlint.lint.rules import LintSettings
from peerlint.migrate.fix import (
    FileProof,
    FixReport,
    FixSettings,
    StepVerdict,
    Verdict,
    fix,
    plan,
)
from peerlint.process.build import Reading, build
from peerlint.source.document import parse
from peerlint.source.kinds import FileKind
from peerlint.source.text import Edit, SourceText, Span

STEP = '<step number="{0}" name="step_{0}">\n\n### Step {0}\n\n```bash\necho "{1}"\n```\n\n</step>\n\n'
SHARES = (
    '<step number="1" name="write">\n```bash\necho "MODE=fast" > /tmp/peer_mode.txt\n```\n</step>\n\n'
    '<step number="2" name="read">\n```bash\nMODE=$(grep \'^MODE=\' /tmp/peer_mode.txt | cut -d= -f2)\n'
    'echo "mode is $MODE"\n```\n</step>\n'
)


def steps(*messages: str) -> str:
    return "# P\n\n" + "".join(STEP.format(number, message) for number, message in enumerate(messages, 1))


def read_text(source: SourceText) -> Reading:
    return build(parse(source), FileKind.INSTRUCTION)


def no_findings(reading: Reading) -> Sequence[Diagnostic]:
    return ()


def shell_found(reading: Reading) -> Sequence[Diagnostic]:
    """A finding for each step that states shell, and none where there is only logic."""
    return [
        Diagnostic("PL101", "x", Severity.ERROR, Confidence.HIGH, "m", "p/peer.md", call.span, step=step.number)
        for step in reading.steps
        for call in step.shell
    ]


class Prover:
    """Says what the test wants of each step, and remembers what it was asked."""

    def __init__(self, **verdicts: Verdict) -> None:
        self.verdicts = {name.removeprefix("step"): verdict for name, verdict in verdicts.items()}
        self.asked: list[tuple[str, list[str]]] = []

    def __call__(self, original: Reading, rewrite: Reading, numbers: Sequence[str]) -> FileProof:
        self.asked.append((rewrite.document.source.text, list(numbers)))
        found = tuple(
            StepVerdict(n, self.verdicts.get(n, Verdict.PROVED), 6, 9, 9, 0.21, (), f"reason {n}") for n in numbers
        )
        return FileProof(found, '{"proved": ' + ",".join(numbers) + "}\n")


def write(project: Path, text: str, name: str = "peer.md") -> tuple[Path, SourceText]:
    path = project / name
    path.write_bytes(text.encode())
    return path, SourceText.decode(f"p/{name}", path.read_bytes())


def run(
    project: Path,
    *files: tuple[Path, SourceText],
    prove: Prover | None = None,
    check: Callable[[Reading], Sequence[Diagnostic]] = shell_found,
    settings: FixSettings = FixSettings(),  # noqa: B008 - frozen
    texts: Sequence[SourceText] = (),
) -> FixReport:
    return fix(
        files,
        root=project,
        read_text=read_text,
        check=check,
        prove=prove,
        settings=settings,
        project_texts=lambda: texts,
    )


def verdicts(report: FixReport) -> list[tuple[str, Verdict, bool]]:
    return [(step.number, step.verdict, step.written) for file in report.files for step in file.steps]


def git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, "-C", str(project), *arguments], check=True, capture_output=True)


# --- what is written --------------------------------------------------------------------------------------------------


def test_proved_steps_are_written_with_their_certificate(project: Path) -> None:
    file = write(project, steps("one", "two"))
    report = run(project, file, prove=Prover())
    assert verdicts(report) == [("1", Verdict.PROVED, True), ("2", Verdict.PROVED, True)]
    text = file[0].read_text()
    assert "```bash" not in text and 'DISPLAY: "one"' in text and 'DISPLAY: "two"' in text
    assert (project / "peer.md.proof.json").read_text() == '{"proved": 1,2}\n'


def test_a_refuted_step_stays_and_the_rest_is_proved_again_as_it_is_written(project: Path) -> None:
    file = write(project, steps("one", "two"))
    prover = Prover(step1=Verdict.REFUTED)
    report = run(project, file, prove=prover)
    assert verdicts(report) == [("1", Verdict.REFUTED, False), ("2", Verdict.PROVED, True)]
    text = file[0].read_text()
    assert 'echo "one"' in text and 'DISPLAY: "two"' in text
    assert prover.asked[-1] == (text, ["2"])
    assert (project / "peer.md.proof.json").read_text() == '{"proved": 2}\n'


@pytest.mark.parametrize("verdict", [Verdict.REFUTED, Verdict.UNKNOWN])
def test_nothing_is_written_where_nothing_is_proved(project: Path, verdict: Verdict) -> None:
    file = write(project, steps("one"))
    report = run(project, file, prove=Prover(step1=verdict))
    assert file[0].read_text() == file[1].text
    assert not report.files[0].written
    assert sorted(path.name for path in project.iterdir()) == ["peer.md"]


def test_exceptions_need_unsafe_fixes(project: Path) -> None:
    file = write(project, steps("one"))
    prover = Prover(step1=Verdict.PROVED_WITH_EXCEPTIONS)
    assert not run(project, file, prove=prover).files[0].written
    assert run(project, file, prove=prover, settings=FixSettings(unsafe_fixes=True)).files[0].written


def test_steps_that_share_a_temp_file_change_together_or_not_at_all(project: Path) -> None:
    file = write(project, SHARES)
    assert plan(read_text(file[1])).provable == {"1", "2"}
    report = run(project, file, prove=Prover(step2=Verdict.REFUTED))
    assert file[0].read_text() == SHARES
    first = report.files[0].steps[0]
    assert not first.written
    assert "/tmp/peer_mode.txt" in first.reason


def test_one_step_alone_does_not_break_what_it_shares(project: Path) -> None:
    file = write(project, SHARES)
    report = run(project, file, prove=Prover(), settings=FixSettings(step="1"))
    assert not report.files[0].changed
    assert "/tmp/peer_mode.txt" in report.files[0].steps[0].reason


def test_step_limits_the_fix(project: Path) -> None:
    file = write(project, steps("one", "two"))
    run(project, file, prove=Prover(), settings=FixSettings(step="2"))
    assert 'echo "one"' in file[0].read_text()
    assert 'DISPLAY: "two"' in file[0].read_text()


def test_a_second_run_changes_nothing(project: Path) -> None:
    file = write(project, steps("one"))
    run(project, file, prove=Prover())
    after = file[0].read_bytes()
    again = run(project, (file[0], SourceText.decode("p/peer.md", after)), prove=Prover())
    assert not again.files[0].changed
    assert file[0].read_bytes() == after


def test_a_migration_that_brings_a_finding_is_backed_out(project: Path) -> None:
    def dislikes_two(reading: Reading) -> Sequence[Diagnostic]:
        at = reading.document.source.text.find('DISPLAY: "two"')
        return [*shell_found(reading), *([_finding(Span(at, at + 1), step="2")] if at >= 0 else [])]

    file = write(project, steps("one", "two"))
    report = run(project, file, prove=Prover(), check=dislikes_two)
    assert 'DISPLAY: "one"' in file[0].read_text()
    assert 'echo "two"' in file[0].read_text()
    assert "PL305" in report.files[0].steps[1].reason


def test_a_step_without_a_finding_is_left_as_it_is(project: Path) -> None:
    def only_two(reading: Reading) -> Sequence[Diagnostic]:
        return [finding for finding in shell_found(reading) if finding.step == "2"]

    file = write(project, steps("one", "two"))
    report = run(project, file, prove=Prover(), check=only_two)
    assert 'echo "one"' in file[0].read_text()
    assert 'DISPLAY: "two"' in file[0].read_text()
    assert [step.number for step in report.files[0].steps] == ["2"]


def test_a_step_without_a_finding_is_migrated_when_it_is_named(project: Path) -> None:
    file = write(project, steps("one"))
    run(project, file, prove=Prover(), check=no_findings, settings=FixSettings(step="1"))
    assert 'DISPLAY: "one"' in file[0].read_text()


def test_without_a_prover_no_logic_is_written(project: Path) -> None:
    file = write(project, steps("one"))
    report = run(project, file, prove=None)
    assert verdicts(report) == [("1", Verdict.UNKNOWN, False)]
    assert file[0].read_text() == file[1].text


def test_line_ends_mode_and_odd_bytes_are_kept(project: Path) -> None:
    path = project / "peer.md"
    path.write_bytes(b"\xef\xbb\xbf" + steps("one").replace("\n", "\r\n").encode() + b"\xff odd\r\n")
    path.chmod(0o640)
    run(project, (path, SourceText.decode("p/peer.md", path.read_bytes())), prove=Prover())
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# P\r\n") and data.endswith(b"\xff odd\r\n")
    assert b'DISPLAY: "one"\r\n' in data and data.count(b"\n") == data.count(b"\r\n")
    assert path.stat().st_mode & 0o777 == 0o640


# --- simple fixes -----------------------------------------------------------------------------------------------------


def _finding(
    span: Span, *edits: Edit, safety: Applicability = Applicability.SAFE, step: str | None = None
) -> Diagnostic:
    fix_ = Fix(safety, "mend", edits) if edits else None
    return Diagnostic("PL305", "x", Severity.ERROR, Confidence.HIGH, "m", "p/peer.md", span, fix=fix_, step=step)


def colons(safety: Applicability) -> Callable[[Reading], Sequence[Diagnostic]]:
    def check(reading: Reading) -> Sequence[Diagnostic]:
        text = reading.document.source.text
        spans = [Span(i, i + 1) for i, char in enumerate(text) if char == ":"]
        return [_finding(span, Edit(span, "."), safety=safety) for span in spans]

    return check


def test_safe_fixes_are_written_without_a_proof(project: Path) -> None:
    file = write(project, "a:b:c\n")
    report = run(project, file, check=colons(Applicability.SAFE))
    assert file[0].read_text() == "a.b.c\n"
    assert len(report.files[0].applied) == 2


def test_unsafe_fixes_only_when_asked_for(project: Path) -> None:
    file = write(project, "a:b\n")
    run(project, file, check=colons(Applicability.UNSAFE))
    assert file[0].read_text() == "a:b\n"
    run(project, file, check=colons(Applicability.UNSAFE), settings=FixSettings(unsafe_fixes=True))
    assert file[0].read_text() == "a.b\n"


def test_a_fix_that_brings_a_finding_is_left_out(project: Path) -> None:
    def check(reading: Reading) -> Sequence[Diagnostic]:
        text = reading.document.source.text
        span = Span(0, 1)
        return [_finding(span, Edit(span, "bb"))] if text[0] == "a" else [_finding(span), _finding(span)]

    file = write(project, "a\n")
    assert not run(project, file, check=check).files[0].written
    assert file[0].read_text() == "a\n"


def test_git_is_asked_of_no_file_without_findings(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = project / "asked"
    (project / "git").write_text(f"#!/bin/sh\necho x >> '{asked}'\n")
    (project / "git").chmod(0o755)
    (project / ".git").mkdir()
    monkeypatch.setenv("PATH", f"{project}:/usr/bin:/bin")
    run(project, write(project, steps("one")), check=no_findings, prove=Prover())
    assert not asked.exists()
    run(project, write(project, steps("one")), prove=Prover())
    assert asked.exists()


SAID = "test -f plan.md && echo yes || echo no"


def said_found(reading: Reading) -> Sequence[Diagnostic]:
    """A note with a safe fix of its own for each line of shell that answers in words."""
    source = reading.document.source
    at = source.text.find(SAID)
    if at < 0:
        return ()
    span = Span(at, at + len(SAID))
    own = Fix(Applicability.SAFE, "branches", (Edit(span, "if test -f plan.md; then echo yes; else echo no; fi"),))
    step = next(step.number for step in reading.steps if step.span.contains(span))
    return [
        Diagnostic("PL308", "x", Severity.NOTE, Confidence.HIGH, "m", source.path, span, fix=own, step=step),
    ]


def hybrid_found(reading: Reading) -> Sequence[Diagnostic]:
    """What the rule for hybrids finds, and something about each call behind it."""
    hybrids = [finding for finding in lint(reading, LintSettings(default_rules())) if finding.code == "PL107"]
    return [
        *hybrids,
        *(finding for finding in shell_found(reading) if "npm" in reading.document.source.slice(finding.span)),
    ]


@pytest.mark.parametrize("prove", [None, Prover(step1=Verdict.UNKNOWN)], ids=["no prover", "unknown"])
def test_shell_that_could_become_logic_is_not_made_prettier(project: Path, prove: Prover | None) -> None:
    file = write(project, steps("x").replace('echo "x"', SAID))

    report = run(project, file, prove=prove, check=said_found)

    assert not report.files[0].written


def test_shell_that_stays_gets_the_fix_of_the_finding(project: Path) -> None:
    file = write(project, steps("x").replace('echo "x"', f"eval x\n{SAID}"))

    report = run(project, file, check=said_found)

    assert "if test -f plan.md; then echo yes; else echo no; fi" in report.files[0].after.text


HYBRID = (
    '<step number="1" name="cycle">\n<cycle_logic>\n  IF [ -z "$CYCLE" ]; then\n    DISPLAY: "first cycle"\n  fi\n'
    "</cycle_logic>\n{}</step>\n"
)
SHELL_BESIDE = "```bash\nnpm test || exit 1\n```\n"


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.PROVED])
def test_a_fix_writes_no_logic_beside_shell_that_could_become_logic_with_it(project: Path, verdict: Verdict) -> None:
    """Logic beside a command cannot be proved: the step could never be migrated any more."""
    file = write(project, HYBRID.format(SHELL_BESIDE))
    report = run(project, file, prove=Prover(step1=verdict), check=hybrid_found)
    assert [step.verdict for step in report.files[0].steps] == [verdict]
    stays = verdict is Verdict.UNKNOWN
    assert [shell in file[0].read_text() for shell in ("[ -z", "npm test ||")] == [stays, stays]


@pytest.mark.parametrize("shell", ["", SHELL_BESIDE.replace("npm", "eval npm")], ids=["alone", "beside what stays"])
def test_half_shell_that_no_migration_waits_for_is_written_in_words(project: Path, shell: str) -> None:
    file = write(project, HYBRID.format(shell))
    run(project, file, prove=Prover(step1=Verdict.UNKNOWN), check=hybrid_found)
    assert "IF CYCLE is empty:" in file[0].read_text()


SETS_AND_READS = (
    '<step number="1" name="find">\n```bash\n{0}BRANCH=$(git branch --show-current)\n```\n</step>\n\n'
    '<step number="2" name="push">\n```bash\ngit push origin "$BRANCH"\n```\n</step>\n'
)


def found_in_two(reading: Reading) -> Sequence[Diagnostic]:
    return [finding for finding in shell_found(reading) if finding.step == "2"]


def test_a_step_that_reads_a_variable_is_migrated_with_the_step_that_sets_it(project: Path) -> None:
    file = write(project, SETS_AND_READS.format(""))
    run(project, file, prove=Prover(), check=found_in_two)
    text = file[0].read_text()
    assert "AS BRANCH" in text and 'RUN: `git push origin "[BRANCH]"`' in text


def test_the_step_that_sets_a_variable_does_not_wait_for_the_one_that_reads_it(project: Path) -> None:
    file = write(project, SETS_AND_READS.format(""))
    report = run(project, file, prove=Prover(step2=Verdict.REFUTED))
    assert [step.written for step in report.files[0].steps] == [True, False]


def test_a_step_stays_where_the_step_stays_whose_variable_it_reads(project: Path) -> None:
    file = write(project, SETS_AND_READS.format(""))
    report = run(project, file, prove=Prover(step1=Verdict.REFUTED))
    assert not report.files[0].changed
    assert report.files[0].steps[1].reason == "reads BRANCH of step 1, which stays"


def test_what_reads_a_variable_of_shell_that_stays_is_not_promised(project: Path) -> None:
    planned = plan(read_text(write(project, SETS_AND_READS.format("eval x; "))[1]))
    assert planned.provable == frozenset()
    assert planned.manual["2"] == "reads BRANCH of step 1, which stays"


LISTED = (
    "## Step 1: Collect\n\n```bash\ngit ls-files > /tmp/list.txt\nif [ ! -s /tmp/list.txt ]; then\n"
    '  echo "Nothing"\n  exit 1\nfi\n```\n\n## Step 2: Read\n\n{}\n'
)


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("Read `/tmp/list.txt` and tell the user what stands there.", 13),
        ("```text\nsort /tmp/list.txt\n```", 14),
        ("Ask a subagent to look at /tmp/list.txt.", 13),
    ],
)
def test_a_temp_file_that_the_prose_names_stays(project: Path, words: str, row: int) -> None:
    """Nobody would write it any more, and whoever follows the sentence would find nothing."""
    file = write(project, LISTED.format(words))
    report = run(project, file, prove=Prover())
    (step,) = report.files[0].steps
    assert not report.files[0].changed
    assert step.reason == (
        f"line {row} names /tmp/list.txt, which nothing would write any more; say there which value is meant"
    )


@pytest.mark.parametrize(
    "words",
    ["Tell the user what stands in the list.", "Read /tmp/list.txt.old.", "<!-- once in /tmp/list.txt -->\n\nGo on."],
)
def test_a_temp_file_that_nothing_else_names_becomes_a_name(project: Path, words: str) -> None:
    file = write(project, LISTED.format(words))
    report = run(project, file, prove=Prover())
    assert [step.written for step in report.files[0].steps] == [True]
    assert "AS LIST" in file[0].read_text()


def test_prose_that_names_the_temp_file_of_two_steps_keeps_both(project: Path) -> None:
    file = write(project, SHARES + "\nThe mode stands in `/tmp/peer_mode.txt`.\n")
    planned = plan(read_text(file[1]))
    assert planned.provable == frozenset()
    assert set(planned.manual) == {"1", "2"}
    assert planned.manual["2"].startswith("line 14 names /tmp/peer_mode.txt, which nothing would write any more")


def test_each_step_has_the_argument_that_it_reads(project: Path) -> None:
    """Only one of two steps is migrated here: it has to know the argument by itself."""
    text = SETS_AND_READS.format("").replace("$(git branch --show-current)", '"$ARGUMENTS"')
    text = text.replace('origin "$BRANCH"', 'origin "$ARGUMENTS"')
    file = write(project, text)
    run(project, file, prove=Prover(), check=found_in_two)
    assert 'BRANCH="$ARGUMENTS"' in file[0].read_text()
    assert 'SET: ARGUMENTS = "$ARGUMENTS"' in file[0].read_text()


READS_TWICE = (
    '<step number="1" name="show">\n```bash\ncat "specs/$TICKET/notes.md"\n```\n</step>\n\n'
    '<step number="2" name="close">\n```bash\nif [ ! -f "specs/$TICKET/done" ]; then exit 1; fi\n```\n</step>\n'
)


@pytest.mark.parametrize(
    ("verdicts", "settings", "check"),
    [
        ({}, FixSettings(), found_in_two),
        ({"step1": Verdict.REFUTED}, FixSettings(), shell_found),
        ({}, FixSettings(step="2"), shell_found),
        ({}, FixSettings(), shell_found),
    ],
)
def test_each_step_asks_for_what_the_agent_fills_in(
    project: Path, verdicts: dict[str, Verdict], settings: FixSettings, check: Callable[[Reading], Sequence[Diagnostic]]
) -> None:
    """Whether an earlier step that reads the name is migrated, too, is not known before its proof."""
    file = write(project, READS_TWICE)
    run(project, file, prove=Prover(**verdicts), settings=settings, check=check)
    second = file[0].read_text().partition('<step number="2"')[2]
    assert "INPUT: TICKET" in second


def test_what_the_file_asks_for_in_an_earlier_step_is_not_asked_for_again(project: Path) -> None:
    asks = '<step number="0" name="ask">\n<ask_logic>\n  INPUT: TICKET\n</ask_logic>\n</step>\n\n'
    file = write(project, asks + READS_TWICE)
    run(project, file, prove=Prover())
    assert file[0].read_text().count("INPUT: TICKET") == 1


def test_shell_that_another_finding_spoke_for_is_not_brought_by_the_fix(project: Path) -> None:
    def once(reading: Reading) -> Sequence[Diagnostic]:
        found = shell_found(reading)
        return found[:1] if found and found[0].step == "1" else found

    file = write(project, steps("one", "two", "three"))
    report = run(project, file, prove=Prover(), check=once)
    assert [step.written for step in report.files[0].steps] == [True]
    assert 'echo "two"' in file[0].read_text()


def test_a_variable_that_shell_which_stays_reads_is_not_brought_by_the_fix(project: Path) -> None:
    """Once the logic sets the name, it is plain that the shell below does not have it: it had not before, either."""
    text = steps("one").replace('echo "one"', "BRANCH=$(git branch --show-current)")
    text += '## Then\n\n```bash\ngit push origin "$BRANCH"\n```\n'

    def check(reading: Reading) -> Sequence[Diagnostic]:
        source = reading.document.source.text
        found = list(shell_found(reading))
        place = source.find('git push origin "$BRANCH"')
        if "AS BRANCH" in source:
            span = Span(place, place + 5)
            found.append(Diagnostic("PL201", "x", Severity.ERROR, Confidence.HIGH, "lost", "p/peer.md", span))
        return found

    file = write(project, text)
    report = run(project, file, prove=Prover(), check=check)
    assert [step.written for step in report.files[0].steps] == [True]

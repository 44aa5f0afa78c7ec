"""Golden pairs of lowering, proved: the script under real bash and the logic, as read from text, under the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.prover_mutants import reading, text_of
from peerlint.migrate.lower import lower_process
from peerlint.prove.lab import Lab
from peerlint.prove.proof import StepProof, Verdict, prove_process
from peerlint.run.sandbox import ExecutionMode, sandbox_problem

CASES = Path(__file__).parents[2] / "fixtures" / "migrate"
#: Each construct once, those that are quick to prove.
PROVED = (
    "all-arguments-in-a-message",
    "and-or-chain",
    "argument-loop",
    "argument-that-the-function-sets",
    "array-that-grows",
    "bounded-tries",
    "bucket-history-scraped",
    "captured-empty-lines",
    "case-patterns",
    "choice-in-a-substitution",
    "condition-without-arms",
    "constant-array",
    "count-as-argument",
    "counting-fallback",
    "cut-parts",
    "dead-fallback",
    "default-from-a-later-name",
    "default-from-output",
    "default-that-is-kept",
    "default-values",
    "delete",
    "early-exit-in-the-middle",
    "errexit",
    "errors-into-the-first-lines",
    "exit-code-as-value",
    "flag-that-a-loop-changes",
    "flags-on-both-ways",
    "filter-that-cannot-fail",
    "filter-with-a-variable",
    "flags-that-are-known",
    "folder-change",
    "folder-change-in-a-substitution",
    "folder-change-in-the-last-arm",
    "folder-change-or-stop",
    "folder-change-or-stop-with-name",
    "folder-change-unguarded",
    "folder-change-with-another-way",
    "function-as-condition",
    "function-defined-again",
    "function-that-prints",
    "function-with-argument",
    "grep-conditions",
    "guarded-comparison",
    "health-check",
    "here-document-as-argument",
    "here-document-into-a-file",
    "here-document-json",
    "here-document-message",
    "here-document-of-many-lines",
    "here-document-that-ends-blank",
    "home-folder",
    "jq-false-is-empty",
    "jq-field",
    "jq-object-shown",
    "jq-of-a-file",
    "known-words",
    "lines-of-a-file-counted",
    "local-date",
    "loop-at-the-end",
    "loop-at-the-end-with-break",
    "loop-fed-by-a-command",
    "loop-in-a-pipeline-with-names",
    "loop-of-output-at-the-end",
    "loop-of-tries-asked-behind",
    "loop-of-tries-at-the-end",
    "loop-over-few-numbers",
    "loop-over-files",
    "loop-over-folders",
    "loop-over-found-paths",
    "loop-over-known-arguments",
    "loop-over-lines-of-output",
    "loop-over-listed-names",
    "loop-over-many-numbers",
    "loop-over-numbers-that-count",
    "local-beside-a-reader",
    "loop-without-error-text",
    "lost-update",
    "missing-field",
    "mktemp",
    "name-in-both-cases",
    "name-that-a-loop-sets",
    "names-from-a-list",
    "names-from-found-lines",
    "names-from-lines",
    "names-from-lines-of-a-file",
    "nested-if",
    "no-errexit",
    "output-behind-a-file",
    "output-into-a-file",
    "output-shown-and-asked",
    "parts-of-paths",
    "pattern-as-argument",
    "pattern-in-a-folder",
    "pipeline-as-condition",
    "placeholders",
    "printf-and-colours",
    "probes",
    "quotes-in-an-argument",
    "read-or-stop",
    "read-then-empty-test",
    "read-of-a-text",
    "read-with-fallback",
    "refused-in-silence",
    "refused-where-empty",
    "retry-at-the-end",
    "publish",
    "publish-of-many-lines",
    "publish-to-a-name",
    "request",
    "revision-alone",
    "search-in-files-of-folders",
    "status-variable",
    "steps-in-a-row",
    "subshell-in-a-folder",
    "temp-file-beside-a-variable",
    "temp-file-text",
    "test-at-the-end",
    "text-as-json-string",
    "status-at-once",
    "status-handed-on",
    "status-in-a-group",
    "status-in-a-group-read-behind",
    "status-taken",
    "sum-again",
    "text-filters",
    "tool-available",
    "tool-by-argument",
    "tool-fed-a-text",
    "tool-in-a-variable",
    "tool-shown",
    "tools-by-name",
    "tries-by-number",
    "tries-in-words",
    "two-effects-in-a-condition",
    "truth-in-a-variable",
    "unset-on-one-way",
    "variable-for-one-command",
    "word-in-a-list",
)
#: Proved once the config accepts the repairs that lowering names.
REPAIRED = (
    "branch-as-argument",
    "either-of-commands-asked",
    "either-of-two-commands",
    "fallback-of-a-tool",
    "jq-pasted",
    "loop-over-files-unguarded",
    "loop-fed-by-keys",
    "loop-over-keys",
    "number-at-the-end-of-a-line",
    "question",
    "temp-file-lines",
    "unquoted-variable",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """The sandbox where there is one, else the host: the scripts are our own."""
    with Lab(ExecutionMode.SANDBOX if sandbox_problem() is None else ExecutionMode.HOST) as opened:
        yield opened


def prove(case: str, lab: Lab, *, accepted: bool) -> tuple[StepProof, set[str]]:
    """The proof of a pair, and the names of the repairs that lowering has made."""
    script = (CASES / case / "script.sh").read_text()
    call = "~/.agent-os/scripts/it.sh" + (" $ARGUMENTS" if '"$@"' in script else "")
    original = reading(f"<instructions>\n  SCRIPT: {call}\n</instructions>\n", script)
    lowered = lower_process(original.process, original.resolve)["1"]
    rewrite = reading(text_of(lowered.statements))
    named = {repair.name for repair in lowered.repairs}
    (proof,) = prove_process(original, rewrite, lab, accepted=frozenset(named if accepted else ()))
    return proof, named


@pytest.mark.parametrize("case", PROVED)
def test_golden_pairs_are_proved(case: str, lab: Lab) -> None:
    proof, named = prove(case, lab, accepted=False)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    # Bash itself complains there, and that is how the proof names it.
    complains = "unguarded-failure" in named or ":?" in (CASES / case / "script.sh").read_text()
    assert set(proof.repairs) <= named | ({"shell-crash"} if complains else set())


@pytest.mark.parametrize("case", REPAIRED)
def test_golden_pairs_with_a_repair_are_proved_where_it_is_accepted(case: str, lab: Lab) -> None:
    proof, named = prove(case, lab, accepted=True)
    assert (proof.verdict, proof.reason) == (Verdict.PROVED, "")
    assert named and named <= set(proof.repairs) <= named | {"shell-crash"}


def test_a_repair_that_is_not_accepted_is_an_exception(lab: Lab) -> None:
    proof, _ = prove("question", lab, accepted=False)
    assert (proof.verdict, proof.reason) == (Verdict.WITH_EXCEPTIONS, "not accepted: question-as-read")

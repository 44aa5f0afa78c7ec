"""What sentences and lists say of exit codes, as the step of a file has it."""

from __future__ import annotations

import pytest

from peerlint.process.beside import exits_of, left_out
from peerlint.process.build.exit_codes import ANY_FAILURE
from peerlint.process.model import (
    ExitCodeIs,
    If,
    Opaque,
    Outcome,
    OutcomeIs,
    Proceed,
    Shell,
    Stop,
    Text,
)
from tests.process.test_build import read


def test_a_sentence_about_an_exit_code_stands_behind_its_call() -> None:
    reading = read(
        """\
        <step number="1" name="import">
        Run the import. If it exits with code 4, the import is already running. If it exits with code 5, continue.

        ```bash
        scripts/import.sh
        ```

        If it exits with code 6, continue with step 3.
        </step>
        """
    )
    shell, chain = reading.steps[0].step.statements
    assert isinstance(shell, Shell)
    assert isinstance(chain, If)
    assert [(branch.condition, branch.body) for branch in chain.branches] == [
        (ExitCodeIs(4), (Stop(Text.of("the import is already running")),)),
        (ExitCodeIs(5), ()),
        (ExitCodeIs(6), (Proceed("3"),)),
    ]


def exits_told(*lines: str) -> list[tuple[int, str]]:
    """The exit codes that lines behind a call explain, each with what is done, in a word or in the words of a stop."""
    text = "\n".join(lines)
    reading = read(f'<step number="1" name="a">\n```bash\n./a.sh\n```\n\n{text}\n</step>\n')
    told = []
    for meaning in reading.steps[0].exits:
        condition, body = meaning.branch.condition, meaning.branch.body
        if meaning.code == ANY_FAILURE:
            assert condition == OutcomeIs(Outcome.COMMAND_FAILS)
        else:
            assert isinstance(condition, ExitCodeIs) and condition.code == meaning.code
        last = body[-1] if body else None
        reason = last.reason.literal if isinstance(last, Stop) and last.reason is not None else None
        step = last.step if isinstance(last, Proceed) else None
        told.append((meaning.code, reason or step or type(last).__name__))
    return told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("If the script exits with 3, the tree is dirty.", (3, "the tree is dirty")),
        ("If it returns 2, the plan is missing.", (2, "the plan is missing")),
        ("If the exit code is 4, continue with step 3.", (4, "3")),
        ("When its exit status is 4: skip this step.", (4, "Skip")),
        ("On exit code 2 stop.", (2, "Stop")),
        ("On exit code 2 stop and tell the user.", (2, "stop and tell the user")),
        ("On exit code 2 stop and tell the user, then try again.", (2, "Opaque")),
        ("On exit 2, continue.", (2, "NoneType")),
        ("Exit code 3 means that the tree is dirty. Look out.", (3, "the tree is dirty")),
        ("Exit `3` means the tree is dirty", (3, "the tree is dirty")),
        ("It exits 3 if the tree is dirty.", (3, "the tree is dirty")),
        ("Exits with code 3 when the tree is dirty.", (3, "the tree is dirty")),
        ("Exit code 3: the tree is dirty", (3, "the tree is dirty")),
        ("Run it. Exit code 3 - the tree is dirty; do not continue.", (3, "the tree is dirty; do not continue")),
        ("Exit code 3: the tree is dirty; warn the user and continue.", (3, "Opaque")),
        ("If it exits with 3, the tree is dirty, so tell the user and continue.", (3, "Opaque")),
        ("If it exits non-zero, continue.", (ANY_FAILURE, "NoneType")),
        ("If the script exits with a non-zero code: continue with step 3.", (ANY_FAILURE, "3")),
        ("When the exit code is not 0, skip this step.", (ANY_FAILURE, "Skip")),
        ("On a non-zero exit, stop and tell the user.", (ANY_FAILURE, "stop and tell the user")),
        ("On any non-zero exit code the tree is dirty.", (ANY_FAILURE, "the tree is dirty")),
        ("If it exits non-zero, continue: an old dump more does no harm.", (ANY_FAILURE, "Note")),
        ("If it exits non-zero, continue, since the next run mends it.", (ANY_FAILURE, "Note")),
        ("If it exits non-zero, continue: ask the user first.", (ANY_FAILURE, "Opaque")),
        ("If it exits non-zero, continue with a plain branch.", (ANY_FAILURE, "Opaque")),
        ("If the script exits non-zero, fix what it says and run it again.", (ANY_FAILURE, "Opaque")),
        ("Read the log if the command returns a non-zero status.", (ANY_FAILURE, "Opaque")),
        ("If it exits with code 2, the tree is\n  dirty. `git stash` may help.", (2, "the tree is dirty")),
        ("Wait. If it exits\nwith code 2, the tree is dirty.", (2, "the tree is dirty")),
        ("On exit code 2 ask the user which plan to take.", (2, "Opaque")),
        ("If it exits with code 2, run the import again.", (2, "Opaque")),
        ("If it exits with code 2, continue only where the user agrees.", (2, "Opaque")),
        ("If it exits with code 2, stop the server and try again.", (2, "Opaque")),
        ("Exit code 2 means there is nothing to do.", (2, "Opaque")),
        ("If it exits with 2 or 3, continue.", (2, "Opaque")),
        ("Ask the user if it exits with code 2.", (2, "Opaque")),
        ("If it exits with 0 or 2, continue.", (0, "Opaque")),
        ("Exit code 2: the tree is dirty.", (2, "the tree is dirty")),
        ("**Exit code 3** – continue", (3, "NoneType")),
        ("If `a.sh` exits with a non-zero status: skip this step.", (ANY_FAILURE, "Skip")),
        ("If the script fails then continue with step 4.", (ANY_FAILURE, "4")),
        ("On any failure, proceed anyway.", (ANY_FAILURE, "NoneType")),
        ("If it exits non-zero, stop.", (ANY_FAILURE, "Stop")),
        ("If it exits with code 4, there is nothing to ship: tell the user and stop.", (4, "there is nothing to ship")),
        ("If it exits with code 2, the tree is dirty: stop and tell the user.", (2, "the tree is dirty")),
        ("If it exits with code 2, the tree is dirty, so abort, and inform the user so.", (2, "the tree is dirty")),
        ("Exit code 4: the tree is dirty, so stop here.", (4, "the tree is dirty")),
        ("Exit code 4: ask the user, then stop.", (4, "Opaque")),
        ("Exit code 4: the lock is held, first retry: then stop.", (4, "Opaque")),
        ("If it exits with code 3, somebody else is deploying.", (3, "somebody else is deploying")),
        ("If it exits with code 3, the tree is dirty, or else there is none.", (3, "Opaque")),
    ],
)
def test_sentences_about_exit_codes(line: str, told: tuple[int, str]) -> None:
    assert exits_told(line) == [told]


@pytest.mark.parametrize(
    "line",
    [
        "If it exits with code 0, all is well.",
        "If it fails, ask the user which plan to take.",
        "On failure, continue to watch the log.",
        "Exit code 0 means success.",
        "If the service returns 404, the page is gone.",
        "If it returns 200, the page is there.",
        "If it returns 2 results, take the first.",
        "When the script exits, wait 30 seconds.",
        "Exit the loop after 3 tries.",
        "It exits.",
        "You are done when the command exits `0` and prints a line.",
        "It is done if it exits with code 0.",
        "Return non-zero where it fails.",
        "Exit code 0: all is well.",
        "The exit code 2 of the other tool does not matter here.",
    ],
)
def test_sentences_that_say_nothing_of_a_failure(line: str) -> None:
    assert exits_told(line) == []


def test_a_sentence_with_two_codes() -> None:
    both = [(2, "the tree is dirty"), (3, "there is none")]
    assert exits_told("It exits 2 if the tree is dirty, 3 if there is none.") == both
    assert exits_told("It exits with 2 when the tree is dirty, and with code 3 when there is none.") == both
    assert exits_told("It exits with 2 when the tree is dirty and with 3 if there\nis none. Look.") == both
    asked = exits_told("It exits 2 if the tree is dirty, 3 if there is none. On 2, ask the user.")
    assert asked == [*both, (2, "Opaque")]
    assert exits_told("On 2, ask the user.") == []
    assert exits_told("It exits 0 if all is well, 3 if there is none.") == both[1:]
    assert exits_told("It exits with 2 if it runs, and must not be run again when it exits with 3.")[0] == (2, "Opaque")


@pytest.mark.parametrize(
    "line",
    [
        "Exit code 2 means the tree is dirty; exit code 3 means that there is none.",
        "Exit code 2 means the tree is dirty, and exit code 3 means there is none",
        "Exit code 2 means the tree is dirty and exit code 3 means there is none. Look.",
        "Exit 2 means that the tree is dirty, exit 3 means there is none.",
        "Exit code 2: the tree is dirty; exit code 3: there is none.",
        "If it exits with code 2, the tree is dirty; if it exits with code 3, there is none.",
        "On exit code 2, the tree is dirty; on exit code 3, there is none.",
        "If the exit code is 2, the tree is dirty, and if the exit code is 3, there is none.",
        "It exits 2 if the tree is dirty; 3 if there is none.",
    ],
)
def test_two_codes_between_semicolons(line: str) -> None:
    assert exits_told(line) == [(2, "the tree is dirty"), (3, "there is none")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "Exit code 2 means the tree is dirty; exit code 3 means ask the user.",
            [(2, "the tree is dirty"), (3, "Opaque")],
        ),
        ("Exit code 2 means the tree is dirty; 3 means there is none.", [(2, "Opaque")]),
        ("Exit code 2 means the tree is dirty; exit code 3 means .", [(2, "Opaque")]),
        ("Exit code 2 means the tree is dirty; exit code 0 means all is well.", [(2, "the tree is dirty")]),
        ("Exit code 2 means the tree is dirty; exit with 2, too.", [(2, "Opaque")]),
    ],
)
def test_what_stands_behind_a_semicolon_is_not_lost(line: str, told: list[tuple[int, str]]) -> None:
    assert exits_told(line) == told


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("On exit code 2 ask the user.", "what the text says of exit code 2 is more than to stop or to go on"),
        ("Exit code 2 means there is nothing to do.", "what the text says of exit code 2 may be no failure"),
        ("Exit code 2 means A; 3 means B.", "what the text says of exit code 2 speaks of other codes, too"),
        ("If it exits with 2 or 3, stop.", "it is not clear what the text says of exit code 2"),
    ],
)
def test_the_reason_for_what_is_not_understood(line: str, reason: str) -> None:
    reading = read(f'<step number="1" name="a">\n```bash\n./a.sh\n```\n\n{line}\n</step>\n')
    (meaning,) = reading.steps[0].exits
    (opaque,) = meaning.branch.body
    assert isinstance(opaque, Opaque)
    assert opaque.reason == reason


def test_a_named_code_comes_before_a_failure_of_any_kind() -> None:
    lines = "If it exits non-zero, stop.\nIf it exits with code 3, continue.\n"
    reading = read(f'<step number="1" name="a">\n```bash\n./a.sh\n```\n\n{lines}</step>\n')
    chain = reading.steps[0].step.statements[1]
    assert isinstance(chain, If)
    conditions = [branch.condition for branch in chain.branches]
    assert conditions == [ExitCodeIs(3), OutcomeIs(Outcome.COMMAND_FAILS)]
    meanings = exits_of(reading.steps[0].step)
    assert isinstance(meanings[3], Proceed) and isinstance(meanings[ANY_FAILURE], Stop)


def test_a_list_of_exit_codes() -> None:
    items = ("- 0: all is well", "- `2`: the plan is missing", "- **3** - continue with step 2", "- 4 or 5: try again")
    assert exits_told("Exit codes:", "", *items) == [(2, "the plan is missing"), (3, "2"), (4, "Opaque")]
    assert exits_told("Look at:", *items) == []
    assert exits_told("Exit codes:", "Look at them.", *items) == []


def test_a_code_that_asks_for_more_is_left_to_a_person() -> None:
    text = '<step number="1" name="a">\n```bash\n./a.sh\n```\n\nOn exit code 2 ask the user.\n</step>\n'
    beside = left_out(read(text).steps[0].step)
    assert beside is not None
    assert "exit code 2" in beside.reason

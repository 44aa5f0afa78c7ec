"""What lives on between two scenarios."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from peerlint.prove.lab import Lab
from peerlint.prove.original import Original
from peerlint.prove.original_runner import OriginalRunner
from peerlint.prove.proof import Verdict, prove_process
from peerlint.prove.scenario import Scenario
from peerlint.prove.trace import GOES_ON
from peerlint.run.sandbox import ExecutionMode
from tests.prove.test_proof import legacy, migrated, reading


def test_what_a_thread_has_begun_outlives_it(lab: Lab, tmp_path: Path) -> None:
    """A sandbox dies with the thread that started it: seen as a scenario that takes too long, now and then."""
    if lab.mode is not ExecutionMode.SANDBOX:
        pytest.skip("only the sandbox keeps a session")
    reading = legacy('#!/bin/bash\necho "$WORD"\n')
    scripts = {name: source.text for name, source in reading.scripts.items()}
    runner = OriginalRunner(lab, Original(reading.process.steps, scripts), "1", [])
    try:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(runner.run, Scenario(inputs={"WORD": "one"}), tmp_path).result()
        second = runner.run(Scenario(inputs={"WORD": "two"}), tmp_path)
    finally:
        runner.close()
    assert [(trace.outcome, trace.messages) for trace in (first, second)] == [(GOES_ON, ("one",)), (GOES_ON, ("two",))]


def test_on_the_host_a_run_does_not_find_the_files_of_the_one_before(tmp_path: Path) -> None:
    with tempfile.NamedTemporaryFile(prefix="peerlint-", dir="/tmp") as other:
        name = f"{other.name}.txt"
    reading = legacy(f'#!/bin/bash\n[ -f {name} ] && echo "old"\necho "new" > {name}\n')
    scripts = {place: source.text for place, source in reading.scripts.items()}
    with Lab(ExecutionMode.HOST) as host:
        runner = OriginalRunner(host, Original(reading.process.steps, scripts), "1", [])
        try:
            traces = [runner.run(Scenario(), tmp_path) for _ in range(2)]
        finally:
            Path(name).unlink(missing_ok=True)
    assert [trace.messages for trace in traces] == [(), ()]


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        ("cat nowhere", ()),
        ("grep -q x nowhere || echo 'not there'", ("not there",)),
        ("sort --no-such-option", ()),
        ('ls nowhere; echo "ls: I say so"', ("ls: I say so",)),
        ('awk \'BEGIN { print "own words" > "/dev/stderr" }\'', ("own words",)),
        ("echo word | tee /dev/stderr | cat >/dev/null", ("word",)),
        ("cat nowhere 2>&1 | sed 's/.*: //'", ("No such file or directory",)),
    ],
)
def test_what_tools_complain_about_is_left_out_and_what_a_script_says_is_not(
    lab: Lab, tmp_path: Path, line: str, messages: tuple[str, ...]
) -> None:
    """The same in a session, where tools are run without a shell around them, and from the very beginning."""
    reading = legacy(f"#!/bin/bash\n{line}\ntrue\n")
    scripts = {name: source.text for name, source in reading.scripts.items()}
    runner = OriginalRunner(lab, Original(reading.process.steps, scripts), "1", [])
    try:
        traces = [runner.run(Scenario(), tmp_path), runner.run_alone(Scenario(), tmp_path)]
    finally:
        runner.close()
    assert [trace.messages for trace in traces] == [messages, messages]


def test_an_expression_that_is_none_ends_the_line_and_not_the_call(lab: Lab) -> None:
    call = "N=$(printf '0\\n0')\nR=$((N - 1))\necho \"goes on\"\n"
    step = f'<step number="1" name="it">\n\nRun this:\n\n```bash\n{call}```\n\n</step>'
    logic = '\n  SET: N = "0\\n0"\n  SET: R = N - 1\n  DISPLAY: "goes on"\n'
    (proof,) = prove_process(reading(step), migrated(logic), lab)
    assert (proof.verdict, proof.repairs) == (Verdict.PROVED, ("shell-crash",))
    assert proof.scenarios[0].original.outcome == GOES_ON
    assert proof.scenarios[0].original.messages[-1] == "goes on"


def test_a_trace_that_the_script_has_put_a_link_or_a_pipe_for_is_not_read(lab: Lab, tmp_path: Path) -> None:
    """The file is the script's to write; what it leads to is neither waited for nor taken for the trace."""
    if lab.mode is not ExecutionMode.SANDBOX:
        pytest.skip("on the host there is no other home")
    reading = legacy('#!/bin/bash\nln -sf /dev/zero "$HOME/trace.log"\necho "done"\n')
    scripts = {name: source.text for name, source in reading.scripts.items()}
    runner = OriginalRunner(lab, Original(reading.process.steps, scripts), "1", [])
    try:
        assert runner.run_alone(Scenario(), tmp_path).messages == ("done",)
    finally:
        runner.close()


@pytest.mark.parametrize(
    ("made", "shown"),
    [("mkdir -p out/new", "out/new/"), ("ln -s plan.md latest", "latest -> plan.md"), ("mkdir ~/notes", "~/notes/")],
    ids=["folder", "link", "home"],
)
@pytest.mark.parametrize("mode", [ExecutionMode.SANDBOX, ExecutionMode.HOST])
def test_folders_and_links_are_left_like_files(
    lab: Lab, made: str, shown: str, mode: ExecutionMode, tmp_path: Path
) -> None:
    if mode is not lab.mode and mode is ExecutionMode.SANDBOX:
        pytest.skip("there is no sandbox here")
    reading = legacy(f"#!/bin/bash\n{made}\n")
    scripts = {place: source.text for place, source in reading.scripts.items()}
    with Lab(mode) as own:
        runner = OriginalRunner(own, Original(reading.process.steps, scripts), "1", [])
        try:
            trace = runner.run(Scenario(), tmp_path)
        finally:
            runner.close()
    assert trace.files == {shown: ""}


def test_a_rewrite_that_makes_no_folder_is_refuted(lab: Lab) -> None:
    made, not_made = (
        prove_process(legacy("#!/bin/bash\nmkdir -p out\necho made\n"), migrated(f'{line}\n  PROVIDE: "made"\n'), lab)[
            0
        ]
        for line in ("  RUN: `mkdir -p out`", "")
    )
    assert made.verdict is Verdict.PROVED
    assert not_made.verdict is Verdict.REFUTED

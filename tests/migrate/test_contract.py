"""The contract of a script that stays: what it asks for and does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.migrate.lower import lower_process
from peerlint.migrate.lower.contract import contract_of, contracts_of
from peerlint.process.model import Process, Shell, ShellForm, Step
from peerlint.source.text import SourceText

CASES = Path(__file__).parents[2] / "fixtures" / "contracts"


@pytest.mark.parametrize("name", ["import.sh", "check_plan.py"])
def test_a_contract_says_what_a_script_asks_for_and_does(name: str) -> None:
    """A script of the usual size, and a program in Python, each with the contract that its author would write."""
    contract = contract_of(SourceText(name, (CASES / name).read_text()))
    assert "\n".join(contract.lines()) + "\n" == (CASES / f"{name}.txt").read_text()


def test_what_is_not_there_has_no_line() -> None:
    assert list(contract_of(SourceText("a.sh", "echo hi\n")).lines()) == ["contract of a.sh (1 line):"]


@given(st.text(max_size=80), st.sampled_from(["a.sh", "a.py"]))
def test_any_text_has_a_contract(text: str, name: str) -> None:
    assert all("\n" not in line for line in contract_of(SourceText(name, text)).lines())


def contracts(code: str, scripts: dict[str, str]) -> tuple[str | None, list[str]]:
    """Why a step with this shell stays, and of which scripts it has contracts."""
    references = tuple(name for name in scripts if name in code)
    shell = Shell(code, ShellForm.FENCE, references)

    def resolve(reference: str) -> SourceText | None:
        return SourceText(reference, scripts[reference]) if reference in scripts else None

    step = Step("1", statements=(shell,))
    result = lower_process(Process("p", (step,)), resolve)["1"]
    leftover = result.leftover.reason if result.leftover else None
    return leftover, [contract.path for contract in contracts_of(step, result, resolve)]


def test_a_step_that_stays_has_the_contracts_of_its_scripts() -> None:
    left, found = contracts("a.sh\n", {"a.sh": 'eval "$1"\n'})
    assert (left, found) == ("eval, which runs text as code", ["a.sh"])


def test_a_step_that_stays_for_the_temp_file_of_another_has_them_too() -> None:
    calls = Shell("a.sh\n", ShellForm.FENCE, ("a.sh",)), Shell("eval $(cat /tmp/x.txt)\n", ShellForm.FENCE)
    steps = tuple(Step(str(number), statements=(call,)) for number, call in enumerate(calls, 1))

    def resolve(reference: str) -> SourceText:
        return SourceText(reference, 'echo "A=1" > /tmp/x.txt\n')

    lowered = lower_process(Process("p", steps), resolve)
    assert "step 2" in str(lowered["1"].leftover)
    assert [contract.path for contract in contracts_of(steps[0], lowered["1"], resolve)] == ["a.sh"]


def test_a_script_whose_code_is_in_the_logic_has_none() -> None:
    assert contracts("a.sh\n", {"a.sh": "echo hi\n"}) == (None, [])


def test_a_call_of_a_program_in_python_stays_where_it_is_all_and_has_its_contract_anyway() -> None:
    python = {"x.py": "print(1)\n"}
    left, found = contracts("uv run python3 x.py --a\n", python)
    assert left == "x.py is a program in Python, which is not translated" and found == ["x.py"]
    assert contracts("python3 x.py || echo bad\n", python) == (None, ["x.py"])

"""Arms that cannot be taken are recognised; what is nearly such an arm is not."""

from __future__ import annotations

import pytest

from peerlint.prove.infeasible import never_taken
from tests.prove.test_proof import migrated

READ = "READ: {} from app-state AS STATE\n"
GUARD = "IF KEY is empty:\n  STOP execution\n"


def dead(logic: str) -> int:
    """How many arms are never taken."""
    process = migrated(f"\n{logic}").process
    return len(never_taken(process.steps[0], []))


CASES = {
    "constant": ('SET: A = "x"\nIF A is "y":\n  DISPLAY: "no"\n', 1),
    "constant, always": ('SET: A = "x"\nIF A is "x":\n  DISPLAY: "yes"\nELSE:\n  DISPLAY: "no"\n', 1),
    "set elsewhere too": ('SET: A = "x"\nINPUT: B\nIF B is empty:\n  SET: A = "y"\nIF A is "y":\n  DISPLAY: "no"\n', 0),
    "not set on each way": ('INPUT: B\nIF B is empty:\n  SET: A = "y"\nIF A is "x":\n  DISPLAY: "no"\n', 0),
    "text with a literal part": ('INPUT: B\nSET: A = "x-[B]"\nIF A is empty:\n  STOP execution\n', 1),
    "text without one": ('INPUT: B\nSET: A = "[B]"\nIF A is empty:\n  STOP execution\n', 0),
    "unknown text is not another": ('INPUT: B\nSET: A = "[B]"\nIF A is "y":\n  STOP execution\n', 0),
    "a line is not empty": ("INPUT: B\nFOR EACH A in lines of B:\n  IF A is empty:\n    STOP execution\n", 1),
    "an item can be": ("INPUT: B\nFOR EACH A in items of B:\n  IF A is empty:\n    STOP execution\n", 0),
    "asked twice": (f"INPUT: KEY\n{GUARD}STORE: a in app-state = KEY\n{GUARD}", 1),
    "asked twice, set in between": (f'INPUT: KEY\nINPUT: B\n{GUARD}SET: KEY = "[B]"\n{GUARD}', 0),
    "asked twice, the first goes on": (f'INPUT: KEY\nIF KEY is empty:\n  DISPLAY: "none"\n{GUARD}', 0),
    "asked in an arm only": (
        f"INPUT: KEY\nINPUT: B\nIF B is empty:\n  IF KEY is empty:\n    STOP execution\n{GUARD}",
        0,
    ),
    "asked twice, the world may change": (
        'IF file "a" exists:\n  STOP execution\nRUN: `make`\nIF file "a" exists:\n  STOP execution\n',
        0,
    ),
    "unreachable default": (
        'INPUT: A\nIF A is "x":\n  DISPLAY: "x"\nELSE IF A is not "x":\n  DISPLAY: "y"\nELSE:\n  DISPLAY: "z"\n',
        1,
    ),
    "reachable default": (
        'INPUT: A\nIF A is "x":\n  DISPLAY: "x"\nELSE IF A is not "y":\n  DISPLAY: "y"\nELSE:\n  DISPLAY: "z"\n',
        0,
    ),
    "judged twice": (
        'IF you judge that "it is good":\n  STOP execution\nIF you judge that "it is good":\n  STOP execution\n',
        0,
    ),
    "invalid key": (
        READ.format('"cycle:current"') + 'IF key is not available:\n  STOP execution\nELSE:\n  DISPLAY: "there"\n',
        1,
    ),
    "valid key": (
        f'{READ.format("cycle.current")}IF key is not available:\n  STOP execution\nELSE:\n  DISPLAY: "there"\n',
        0,
    ),
    "key with a name in it": (
        f"INPUT: A\n{READ.format('[A].current')}IF key is not available:\n  STOP execution\n",
        0,
    ),
    "all arms in a dead arm": (
        'SET: A = "x"\nINPUT: B\nIF A is "y":\n  IF B is "1":\n    DISPLAY: "one"\n  ELSE:\n    DISPLAY: "two"\n',
        3,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_arms_that_are_never_taken(name: str) -> None:
    logic, expected = CASES[name]
    assert dead(logic) == expected

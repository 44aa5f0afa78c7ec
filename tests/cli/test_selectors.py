"""Which rules are on where selectors contradict each other, and what is said to one that means nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_check import run, write

STEP = """\
## Step 1: Look

```bash
npm test || echo "tests failed"
[ -f plan.md ] || exit 1
```

## Step 2: Go

Go on.
"""


def codes(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    return [line.split()[1] for line in lines if ".md:" in line]


@pytest.mark.parametrize(
    ("config", "arguments", "found"),
    [
        ("select: [PL3]", [], ["PL303", "PL301"]),
        ("select: [PL3]\nignore: [PL301]", [], ["PL303"]),
        ("select: [PL301]\nignore: [PL3]", [], ["PL301"]),
        ("select: [PL301]\nignore: [exit-as-flow]", [], []),
        ("extend-select: [PL303]\nignore: [ALL]", [], ["PL303"]),
        ("ignore: [PL3]", [], []),
        ("ignore: [PL3]", ["--select", "PL301"], ["PL301"]),
        ("ignore: [PL301]", ["--select", "exit-as-flow"], ["PL301"]),
        ("ignore: [PL301]", ["--select", "PL3"], ["PL303"]),
        ("ignore: [PL301]", ["--select", "ALL"], ["PL303"]),
        ("select: [PL301, PL303]", ["--ignore", "PL30"], []),
        ("", ["--select", "PL301", "--ignore", "PL3"], ["PL301"]),
        ("", ["--select", "PL3", "--ignore", "PL301"], ["PL303"]),
        ("", ["--select", "PL301", "--ignore", "PL301"], []),
        ("ignore: [PL301]", ["--extend-select", "PL301", "--ignore", "PL303"], ["PL301"]),
        ("per-file-ignores: {'*.md': [PL301]}", ["--select", "PL301"], []),
    ],
)
def test_the_more_exact_selector_holds(
    project: Path, capsys: pytest.CaptureFixture[str], config: str, arguments: list[str], found: list[str]
) -> None:
    write(project, STEP, ".claude/commands/a.md")
    write(project, f"{config}\n", ".peerlint.yaml")

    run(".", "--output-format", "concise", *arguments)
    assert codes(capsys) == found


@pytest.mark.parametrize(
    ("written", "meant"), [("all", "ALL"), ("pl301", "PL301"), ("Exit-As-Flow", "exit-as-flow"), ("PL3O1", "PL301")]
)
def test_a_slip_in_capitals_names_what_was_meant(
    project: Path, capsys: pytest.CaptureFixture[str], written: str, meant: str
) -> None:
    write(project, STEP, ".claude/commands/a.md")

    assert run(".", "--select", written) == 2
    assert capsys.readouterr().err == f'peerlint: there is no rule "{written}"; did you mean "{meant}"?\n'


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("select: PL3", '"select" must be a list of texts; write [PL3]'),
        ("select: [PL1]\nselect: [PL2]", 'no valid YAML: "select" is there twice'),
        ("profile: a: b", 'no valid YAML: a value with ": " in it needs quotes'),
    ],
)
def test_config_that_is_nearly_right(project: Path, capsys: pytest.CaptureFixture[str], config: str, said: str) -> None:
    write(project, STEP, ".claude/commands/a.md")
    write(project, f"{config}\n", ".peerlint.yaml")

    assert run(".") == 2
    assert said in capsys.readouterr().err

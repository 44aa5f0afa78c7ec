"""A fence of which the agent takes a part: a comment says so, and logic that runs all of it is not what is meant."""

import pytest

from peerlint.migrate.lower import Leftover, lower_process
from peerlint.process.logic import render_logic
from peerlint.process.model import Process, Shell, ShellForm, Step
from peerlint.source.text import SourceText


def lower(call: str) -> Leftover | str:
    """Why a call of the file is left, or the logic that it becomes."""
    process = Process("test", (Step("1", statements=(Shell(call, ShellForm.FENCE),)),))
    lowering = lower_process(process, lambda reference: None)["1"]
    return lowering.leftover or render_logic(lowering.statements)


@pytest.mark.parametrize(
    ("call", "words", "row"),
    [
        ("# Deploy\nvercel --yes\n\n# Or via git push\ngit push origin main\n", "Or via git push", 4),
        ("git revert HEAD\n# OR revert last commit\ngit reset --hard HEAD~1\n", "OR revert last commit", 2),
        ("npm test  # or pytest, cargo test, etc.\n", "or pytest, cargo test, etc.", 1),
        ("# Model 1: push\ngit push origin main\n# Model 2: workflow\ngh workflow run d.yml\n", "Model 1: push", 1),
        ("# If tests pass\n./mark.sh passing\n# If tests fail\n./mark.sh failing\n", "If tests pass", 1),
        ('npm ls x\n# If found:\nnpm install x@latest && echo "done"\n', "If found:", 2),
        ("# For Rust projects:\ncargo build\n", "For Rust projects:", 1),
        ("git merge x\nif [ -f y ]; then\n  # Otherwise\n  git merge --abort\nfi\n", "Otherwise", 3),
    ],
)
def test_commands_of_which_a_comment_chooses_are_left(call: str, words: str, row: int) -> None:
    left = lower(call)
    assert isinstance(left, Leftover)
    assert (left.reason, left.row) == (
        f'the comment "{words}" is a choice, and bash runs what stands there all the same',
        row,
    )
    assert "give each way a fence of its own" in str(left)


@pytest.mark.parametrize(
    "call",
    [
        "# If the branch is not there, make it\nif ! git rev-parse x > /dev/null 2>&1; then\n  git branch x\nfi\n",
        '# If there is a plan\n[ -f plan.md ] && echo "plan"\n',
        "# If this prints a path, it is a submodule\ngit rev-parse --show-superproject-working-tree\n",
        "git tag v1\n# Or by hand: git tag -s v1\n",
        "npm run migrate\n\n# Or with another tool:\n# knex migrate\n\n# Say so\necho done\n",
        "# Order matters\ngit tag v1\n",
        "# For each release\nfor r in 1 2; do git tag $r; done\n",
        'git tag v1\necho "a # or b"\n',
    ],
)
def test_comments_that_choose_nothing_stay_as_notes(call: str) -> None:
    assert isinstance(lower(call), str)


def test_what_a_called_script_says_to_its_own_reader_is_no_choice() -> None:
    script = "git tag v1\n# or\ngit tag v2\n"
    process = Process("test", (Step("1", statements=(Shell("./a.sh", ShellForm.FENCE, scripts=("./a.sh",)),)),))
    assert lower_process(process, lambda reference: SourceText(reference, script))["1"].leftover is None


@pytest.mark.parametrize("call", ["grep -n TODO plan.md\n", "ls x\ngit ls-remote | grep v1\n"])
def test_a_grep_that_shows_at_the_end_what_it_has_found_is_left(call: str) -> None:
    left = lower(call)
    assert isinstance(left, Leftover)
    assert str(left).startswith("grep at the end of a call: finding nothing is an answer, and would stop the logic")
    assert "|| true" in str(left)
    assert isinstance(lower(call.rstrip() + " || true\n"), str)
    assert isinstance(lower(call + "echo done\n"), str)

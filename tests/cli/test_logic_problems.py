"""A line of logic that is no form of the language: nothing runs it, and nothing rewrites the step around it."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import peerlint

TEXT = """\
<step number="1" name="greeting">

<greeting_logic>
  READ: a from b AS X
  NOTE: between
  IF key exists:
    STOP execution
  STOP excution
</greeting_logic>

```bash
echo "hello"
```

</step>
"""


def test_it_is_not_run_and_each_line_is_named_with_the_nearest_form(file: Path, tmp_path: Path) -> None:
    done = peerlint("run", file, cwd=tmp_path)
    assert done.code == 2
    misplaced, misspelt, *_ = done.err.splitlines()
    assert (
        'peer.md:6: this line has no meaning that could be run: "key exists": the directive above is NOTE' in misplaced
    )
    assert "peer.md:8: " in misspelt
    assert "(nearest form: STOP execution)" in misspelt


def test_the_step_is_not_migrated(file: Path, tmp_path: Path) -> None:
    done = peerlint("explain", file, "--step", "1", cwd=tmp_path)
    assert 'stays as it is: line 6 is not understood: "key exists": the directive above is NOTE' in done.out
    assert "can migrate it" not in done.out
    peerlint(file, "--fix", "--unsafe-fixes", "--allow-dirty", "--execute", "never", cwd=tmp_path)
    assert file.read_text(encoding="utf-8") == TEXT


def test_explain_counts_what_the_lines_say(file: Path, tmp_path: Path) -> None:
    lines = peerlint("explain", file, cwd=tmp_path).out.splitlines()
    assert lines[1] == "5 lines of logic: meaning of their own 1, remarks 1, not understood 3"
